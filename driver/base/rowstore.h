/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows of cells that can be read again in any order: what a scrollable cursor has taken off the wire. Rows are only ever added. The first of them are kept in
 * memory, up to a limit, and those behind it in an unlinked temporary file; an index of every 64th row is all that grows with the number of rows.
 */
#ifndef ALDB_BASE_ROWSTORE_H
#define ALDB_BASE_ROWSTORE_H

#include <stdint.h>

#include "base/buf.h"
#include "base/cell.h"
#include "base/rc.h"

struct aldb_rowstore {
    uint64_t count;          /* rows */
    uint64_t memory, limit;  /* bytes: what may be kept in memory; what may be kept at all, 0 = what the disk has */
    uint16_t ncells;
    /* Bytes [0, head.len) are in `head`, [head.len, filed) in the file, [filed, end) in `out`. */
    struct aldb_buf head, out;
    uint64_t filed, end;
    int fd;                  /* -1 = no file yet */
    uint64_t *index;         /* where every 64th row begins */
    size_t nindex, index_cap;
    struct aldb_buf window;  /* what was read of the file last: bytes from `window_at` on */
    uint64_t window_at;
    struct aldb_cell *cells; /* of the row that was read last */
    bool shown;              /* they still point at it */
    uint64_t next, next_at;  /* the number of the row behind it, 0 = none was read, and where it begins */
};

void aldb_rowstore_init(struct aldb_rowstore *r, uint16_t ncells, uint64_t memory, uint64_t limit);
void aldb_rowstore_clear(struct aldb_rowstore *r);

/* Is there room for another row? 0, or why not, as errno says: ENOSPC, EFBIG (the limit) ...: nothing is lost, and it may be asked again. */
int aldb_rowstore_full(struct aldb_rowstore *r);
/* Adds a copy of a row (cells of at most 2 GB). False: out of memory, nothing has changed. What cannot be written to the file waits in memory. */
bool aldb_rowstore_add(struct aldb_rowstore *r, const struct aldb_cell *cells) ALDB_MUSTCHECK;
/* Row `i`, which exists: *cells is valid until the next call of any kind. 0; ENOMEM; or what reading the file gave, as errno says. */
int aldb_rowstore_get(struct aldb_rowstore *r, uint64_t i, const struct aldb_cell **cells) ALDB_MUSTCHECK;

#endif
