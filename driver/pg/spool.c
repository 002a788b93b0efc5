/* SPDX-License-Identifier: Apache-2.0 */
/* Unread rows in an unlinked temporary file: per row its length in bytes, per cell int32 length (-1 = NULL) and bytes. */
#include "pg/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHUNK ((size_t)256 << 10)

void spool_init(struct spool *sp)
{
    *sp = (struct spool){.fd = -1};
    aldb_buf_init(&sp->out, ALDB_MAX_VALUE + CHUNK);
    aldb_buf_init(&sp->in, ALDB_MAX_VALUE + CHUNK);
}

void spool_clear(struct spool *sp)
{
    if (sp->fd >= 0) {
        (void)close(sp->fd);
    }
    aldb_buf_clear(&sp->out);
    aldb_buf_clear(&sp->in);
    spool_init(sp);
}

bool spool_empty(const struct spool *sp)
{
    return sp->written == sp->read;
}

static int open_temporary(void)
{
    const char *dir = getenv("TMPDIR");
    if (dir == NULL || dir[0] != '/') {
        dir = "/tmp";
    }
    int fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0) {
        char name[4096];
        struct aldb_buf path;
        aldb_buf_init(&path, sizeof name - 1);
        aldb_buf_addf(&path, "%s/alloydb-odbc-XXXXXX", dir);
        if (aldb_buf_ok(&path)) {
            memcpy(name, path.data, path.len + 1);
            fd = mkostemp(name, O_CLOEXEC);
            if (fd >= 0) {
                (void)unlink(name);
            }
        }
        aldb_buf_clear(&path);
    }
    return fd;
}

static bool write_out(struct spool *sp, uint64_t at)
{
    size_t done = 0;
    if (sp->fd < 0) {
        sp->fd = open_temporary();
        if (sp->fd < 0) {
            return false;
        }
    }
    while (done < sp->out.len) {
        ssize_t n = pwrite(sp->fd, sp->out.data + done, sp->out.len - done, (off_t)(at + done));
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return false;
        }
        done += (size_t)n;
    }
    aldb_buf_reset(&sp->out);
    return true;
}

bool spool_add(struct spool *sp, PGresult *res, int row)
{
    int n = PQnfields(res);
    uint64_t total = 0;
    for (int i = 0; i < n; i++) {
        total += sizeof(int32_t) + (size_t)PQgetlength(res, row, i);
    }
    size_t before = sp->out.len;
    aldb_buf_add(&sp->out, &total, sizeof total);
    for (int i = 0; i < n; i++) {
        int32_t len = PQgetisnull(res, row, i) ? -1 : PQgetlength(res, row, i);
        aldb_buf_add(&sp->out, &len, sizeof len);
        if (len > 0) {
            aldb_buf_add(&sp->out, PQgetvalue(res, row, i), (size_t)len);
        }
    }
    if (!aldb_buf_ok(&sp->out)) {
        return false;
    }
    sp->written += sp->out.len - before;
    return sp->out.len < CHUNK || write_out(sp, sp->written - sp->out.len);
}

/* At least `need` bytes of read-ahead at in_at. */
static bool read_ahead(struct spool *sp, size_t need)
{
    size_t have = sp->in.len - sp->in_at;
    if (have >= need) {
        return true;
    }
    if (sp->out.len > 0 && !write_out(sp, sp->written - sp->out.len)) {
        return false;
    }
    if (have > 0) {
        memmove(sp->in.data, sp->in.data + sp->in_at, have);
    }
    sp->in.len = have;
    sp->in_at = 0;
    size_t want = (need > CHUNK ? need : CHUNK) - have;
    char *room = aldb_buf_reserve(&sp->in, want);
    if (room == NULL) {
        return false;
    }
    uint64_t at = sp->read + have;
    size_t got = 0;
    while (have + got < need) {
        ssize_t n = pread(sp->fd, room + got, want - got, (off_t)at);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return false;
        }
        got += (size_t)n;
        at += (uint64_t)n;
    }
    aldb_buf_commit(&sp->in, got);
    return true;
}

enum aldb_rc spool_take(struct spool *sp, struct aldb_buf *row, struct aldb_diag *diag)
{
    uint64_t total = 0;
    aldb_buf_reset(row);
    if (read_ahead(sp, sizeof total)) {
        memcpy(&total, sp->in.data + sp->in_at, sizeof total);
        if (read_ahead(sp, sizeof total + (size_t)total)) {
            aldb_buf_add(row, sp->in.data + sp->in_at + sizeof total, (size_t)total);
            sp->in_at += sizeof total + (size_t)total;
            sp->read += sizeof total + total;
            if (spool_empty(sp)) {
                spool_clear(sp);
            }
            if (aldb_buf_ok(row)) {
                return ALDB_OK;
            }
        }
    }
    return aldb_diag_post(diag, ALDB_ST_HY000, "Rows kept in a temporary file could not be read back (out of memory, or the file was damaged)");
}
