/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows of cells kept one behind the other in one block of memory that is used again for the next rows: what a block cursor holds so that any row of
 * its rowset can be read once more. As large as the application makes its rowset.
 */
#ifndef ALDB_BASE_CELLROWS_H
#define ALDB_BASE_CELLROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/cell.h"
#include "base/rc.h"

#define ALDB_MAX_CELLROWS ((size_t)1 << 46) /* more than any machine has: the application's rowset is the limit */

struct aldb_cellrows {
    struct aldb_buf bytes;   /* packed rows (cell.h), one behind the other */
    size_t *at;              /* where each row begins */
    size_t count, cap;
    struct aldb_cell *cells; /* the row that aldb_cellrows_get showed last */
    size_t ncells;
    size_t shown;            /* its number + 1; 0 = none */
};

void aldb_cellrows_init(struct aldb_cellrows *r);
void aldb_cellrows_reset(struct aldb_cellrows *r); /* no rows; memory is kept, unless it is very much */
void aldb_cellrows_clear(struct aldb_cellrows *r);
/* Copies a row; all rows between two resets have the same number of cells, none longer than 2 GB. False: out of memory. */
bool aldb_cellrows_add(struct aldb_cellrows *r, const struct aldb_cell *cells, uint16_t ncells) ALDB_MUSTCHECK;
/* Cells of row `i`, valid until the next call of any kind; NULL: no such row. */
const struct aldb_cell *aldb_cellrows_get(struct aldb_cellrows *r, size_t i);

#endif
