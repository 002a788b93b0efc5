/* SPDX-License-Identifier: Apache-2.0 */
/* Unread rows in an unlinked temporary file: per row its length in bytes, per cell int32 length (-1 = NULL) and bytes. */
#include "pg/internal.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

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

/* What is not written yet goes behind what is. False, with errno in sp->full: it stays in memory. */
static bool write_out(struct spool *sp)
{
    uint64_t at = sp->written - sp->out.len;
    sp->fd = sp->fd < 0 ? aldb_file_temporary() : sp->fd;
    if (sp->fd < 0 || !aldb_file_write_all(sp->fd, sp->out.data, sp->out.len, (int64_t)at)) {
        sp->full = errno ? errno : EIO;
        return false;
    }
    aldb_buf_reset(&sp->out);
    return true;
}

/* Once a write has failed no more should come (result_has_room); what is on its way already stays in memory. */
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
    if (sp->out.len >= CHUNK && !sp->full) {
        (void)write_out(sp);
    }
    return true;
}

/* Bytes from the file behind those read ahead. ALDB_ERR: damaged. */
static enum aldb_rc from_file(struct spool *sp, size_t want, uint64_t at)
{
    char *room = aldb_buf_reserve(&sp->in, want);
    ssize_t n;
    if (room == NULL) {
        return ALDB_NO_DATA;
    }
    do {
        n = pread(sp->fd, room, want, (off_t)at);
    } while (n < 0 && errno == EINTR);
    if (n <= 0) {
        errno = n == 0 ? EIO : errno;
        return ALDB_ERR;
    }
    aldb_buf_commit(&sp->in, (size_t)n);
    return ALDB_OK;
}

/* Those that never went to the file. */
static enum aldb_rc from_memory(struct spool *sp, size_t want)
{
    size_t n = want < sp->out.len ? want : sp->out.len;
    if (n == 0) {
        errno = EIO;
        return ALDB_ERR;
    }
    aldb_buf_add(&sp->in, sp->out.data, n);
    if (!aldb_buf_ok(&sp->in)) {
        return ALDB_NO_DATA;
    }
    memmove(sp->out.data, sp->out.data + n, sp->out.len - n);
    sp->out.len -= n;
    return ALDB_OK;
}

/* At least `need` bytes of read-ahead at in_at. ALDB_NO_DATA: out of memory; ALDB_ERR: the file is damaged. */
static enum aldb_rc read_ahead(struct spool *sp, size_t need)
{
    size_t have = sp->in.len - sp->in_at;
    if (have >= need) {
        return ALDB_OK;
    }
    if (have > 0 && sp->in_at > 0) {
        memmove(sp->in.data, sp->in.data + sp->in_at, have);
    }
    sp->in.len = have;
    sp->in_at = 0;
    while (sp->in.len < need) {
        size_t want = (need > CHUNK ? need : CHUNK) - sp->in.len;
        uint64_t at = sp->read + sp->in.len, filed = sp->written - sp->out.len;
        enum aldb_rc rc = at < filed ? from_file(sp, want < filed - at ? want : (size_t)(filed - at), at) : from_memory(sp, want);
        if (rc != ALDB_OK) {
            return rc;
        }
    }
    return ALDB_OK;
}

enum aldb_rc spool_take(struct spool *sp, struct aldb_buf *row, struct aldb_diag *diag)
{
    uint64_t total = 0;
    aldb_buf_reset(row);
    enum aldb_rc rc = read_ahead(sp, sizeof total);
    if (rc == ALDB_OK) {
        memcpy(&total, sp->in.data + sp->in_at, sizeof total);
        rc = read_ahead(sp, sizeof total + (size_t)total);
    }
    if (rc == ALDB_OK) {
        aldb_buf_add(row, sp->in.data + sp->in_at + sizeof total, (size_t)total);
        rc = aldb_buf_ok(row) ? ALDB_OK : ALDB_NO_DATA;
    }
    if (rc == ALDB_NO_DATA) {
        sp->in.failed = false; /* nothing is lost: the row can be asked for again */
        return aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    }
    if (rc == ALDB_ERR) {
        char why[128];
        return aldb_diag_post(diag, ALDB_ST_HY000, "Rows kept in a temporary file could not be read back: %s", strerror_r(errno, why, sizeof why));
    }
    sp->in_at += sizeof total + (size_t)total;
    sp->read += sizeof total + total;
    if (spool_empty(sp)) {
        spool_clear(sp);
    }
    return ALDB_OK;
}
