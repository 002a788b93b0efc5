/* SPDX-License-Identifier: Apache-2.0 */
/* A row is packed (base/cell.h). It lies whole in memory, or whole in the file. */
#include "base/rowstore.h"

#include <errno.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"

#define EVERY 64u
#define CHUNK ((size_t)256 << 10)

void aldb_rowstore_init(struct aldb_rowstore *r, uint16_t ncells, uint64_t memory, uint64_t limit)
{
    *r = (struct aldb_rowstore){.ncells = ncells, .memory = memory, .limit = limit, .fd = -1};
    aldb_buf_init(&r->head, SIZE_MAX / 2);
    aldb_buf_init(&r->out, SIZE_MAX / 2); /* one row has no other limit than the wire's */
    aldb_buf_init(&r->window, SIZE_MAX / 2);
}

void aldb_rowstore_clear(struct aldb_rowstore *r)
{
    if (r->fd >= 0) {
        (void)close(r->fd);
    }
    aldb_buf_clear(&r->head);
    aldb_buf_clear(&r->out);
    aldb_buf_clear(&r->window);
    aldb_free(r->index);
    aldb_free(r->cells);
    aldb_rowstore_init(r, r->ncells, r->memory, r->limit);
}

/* ------------------------------------------------------------------ adding */

/* 0, or errno: the rest stays in `out`, which begins where the file ends. */
static int write_out(struct aldb_rowstore *r)
{
    r->fd = r->fd < 0 ? aldb_file_temporary() : r->fd;
    if (r->fd < 0) {
        return errno;
    }
    if (!aldb_file_write_all(r->fd, r->out.data, r->out.len, (int64_t)(r->filed - r->head.len))) {
        return errno; /* what was written of it is written again: rows are read whole from one place */
    }
    r->filed += r->out.len;
    aldb_buf_recycle(&r->out);
    return 0;
}

int aldb_rowstore_full(struct aldb_rowstore *r)
{
    if (r->limit > 0 && r->end >= r->limit) {
        return EFBIG;
    }
    return r->out.len >= CHUNK ? write_out(r) : 0;
}

static bool index_room(struct aldb_rowstore *r)
{
    if (r->nindex == r->index_cap) {
        size_t cap = r->index_cap ? r->index_cap * 2 : 16;
        uint64_t *index = aldb_realloc_array(r->index, cap, sizeof *index);
        if (index == NULL) {
            return false;
        }
        r->index = index;
        r->index_cap = cap;
    }
    return true;
}

bool aldb_rowstore_add(struct aldb_rowstore *r, const struct aldb_cell *cells)
{
    size_t size = aldb_cells_size(cells, r->ncells);
    bool in_memory = r->filed == r->head.len && r->out.len == 0 && r->head.len + size <= r->memory;
    struct aldb_buf *to = in_memory ? &r->head : &r->out;
    char *row = index_room(r) ? aldb_buf_reserve(to, size) : NULL;
    if (row == NULL) {
        to->failed = false;
        return false;
    }
    aldb_cells_pack(row, cells, r->ncells);
    if (r->count++ % EVERY == 0) {
        r->index[r->nindex++] = r->end;
    }
    aldb_buf_commit(to, size);
    r->end += size;
    r->filed += in_memory ? size : 0;
    r->shown = false; /* memory may have moved */
    return true;
}

/* ------------------------------------------------------------------ reading */

/* Makes `size` bytes from `at` on readable at *where. 0, or errno. */
static int bytes_at(struct aldb_rowstore *r, uint64_t at, size_t size, const char **where)
{
    if (at < r->head.len) {
        *where = r->head.data + at;
        return 0;
    }
    if (at >= r->filed) {
        *where = r->out.data + (at - r->filed);
        return 0;
    }
    if (at < r->window_at || at + size > r->window_at + r->window.len) {
        uint64_t left = r->filed - at;
        size_t want = size > CHUNK ? size : left < CHUNK ? (size_t)left : CHUNK;
        aldb_buf_recycle(&r->window);
        r->window_at = at;
        char *room = aldb_buf_reserve(&r->window, want);
        if (room == NULL) {
            return ENOMEM;
        }
        for (size_t got = 0; got < want;) {
            ssize_t n = pread(r->fd, room + got, want - got, (off_t)(at - r->head.len + got));
            if (n < 0 && errno == EINTR) {
                continue;
            }
            if (n <= 0) {
                return n < 0 ? errno : EIO;
            }
            got += (size_t)n;
        }
        aldb_buf_commit(&r->window, want);
    }
    *where = r->window.data + (at - r->window_at);
    return 0;
}

/* The whole row that begins at `at`. */
static int row_at(struct aldb_rowstore *r, uint64_t at, const char **row, size_t *size)
{
    int error = bytes_at(r, at, r->ncells * sizeof(int32_t), row);
    if (error) {
        return error;
    }
    *size = aldb_cells_packed_size(*row, r->ncells);
    return bytes_at(r, at, *size, row);
}

int aldb_rowstore_get(struct aldb_rowstore *r, uint64_t i, const struct aldb_cell **cells)
{
    if (r->cells == NULL && (r->cells = aldb_alloc_array(r->ncells ? r->ncells : 1, sizeof *r->cells)) == NULL) {
        return ENOMEM;
    }
    *cells = r->cells;
    if (r->shown && r->next == i + 1) {
        return 0;
    }
    bool follows = r->next == i && i > 0;
    uint64_t row = follows ? i : i - i % EVERY;
    uint64_t at = follows ? r->next_at : r->index[i / EVERY];
    const char *from = NULL;
    size_t size;
    r->shown = false;
    for (;; row++, at += size) {
        int error = row_at(r, at, &from, &size);
        if (error) {
            return error;
        }
        if (row == i) {
            break;
        }
    }
    aldb_cells_unpack(from, r->cells, r->ncells);
    r->shown = true;
    r->next = i + 1;
    r->next_at = at + size;
    return 0;
}
