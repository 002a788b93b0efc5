/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cellrows.h"

#include "base/alloc.h"

void aldb_cellrows_init(struct aldb_cellrows *r)
{
    *r = (struct aldb_cellrows){.count = 0};
    aldb_buf_init(&r->bytes, ALDB_MAX_CELLROWS);
}

void aldb_cellrows_reset(struct aldb_cellrows *r)
{
    aldb_buf_recycle(&r->bytes);
    r->count = 0;
    r->shown = 0;
}

void aldb_cellrows_clear(struct aldb_cellrows *r)
{
    aldb_buf_clear(&r->bytes);
    aldb_free(r->at);
    aldb_free(r->cells);
    aldb_cellrows_init(r);
}

static bool make_room(struct aldb_cellrows *r, uint16_t ncells)
{
    if (r->count == r->cap) {
        size_t cap = r->cap ? r->cap * 2 : 64;
        size_t *at = aldb_realloc_array(r->at, cap, sizeof *at);
        if (at == NULL) {
            return false;
        }
        r->at = at;
        r->cap = cap;
    }
    if (r->count == 0 && ncells != r->ncells) {
        struct aldb_cell *cells = aldb_realloc_array(r->cells, ncells ? ncells : 1, sizeof *cells);
        if (cells == NULL) {
            return false;
        }
        r->cells = cells;
        r->ncells = ncells;
    }
    return true;
}

bool aldb_cellrows_add(struct aldb_cellrows *r, const struct aldb_cell *cells, uint16_t ncells)
{
    if (!make_room(r, ncells)) {
        return false;
    }
    size_t size = aldb_cells_size(cells, ncells);
    char *to = aldb_buf_reserve(&r->bytes, size);
    if (to == NULL) {
        return false;
    }
    aldb_cells_pack(to, cells, ncells);
    r->at[r->count++] = r->bytes.len;
    aldb_buf_commit(&r->bytes, size);
    return true;
}

const struct aldb_cell *aldb_cellrows_get(struct aldb_cellrows *r, size_t i)
{
    if (i >= r->count) {
        return NULL;
    }
    if (r->shown == i + 1) {
        return r->cells;
    }
    aldb_cells_unpack(r->bytes.data + r->at[i], r->cells, r->ncells);
    r->shown = i + 1;
    return r->cells;
}
