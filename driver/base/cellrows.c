/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cellrows.h"

#include <string.h>

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
    size_t size = ncells * sizeof(int32_t);
    for (uint16_t i = 0; i < ncells; i++) {
        size += cells[i].len;
    }
    char *lengths = aldb_buf_reserve(&r->bytes, size);
    if (lengths == NULL) {
        return false;
    }
    char *to = lengths + ncells * sizeof(int32_t);
    for (uint16_t i = 0; i < ncells; i++) {
        int32_t length = cells[i].data ? (int32_t)cells[i].len : -1;
        memcpy(lengths + i * sizeof length, &length, sizeof length);
        if (length > 0) {
            memcpy(to, cells[i].data, cells[i].len);
            to += cells[i].len;
        }
    }
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
    const char *lengths = r->bytes.data + r->at[i];
    const char *from = lengths + r->ncells * sizeof(int32_t);
    for (size_t k = 0; k < r->ncells; k++) {
        int32_t length;
        memcpy(&length, lengths + k * sizeof length, sizeof length);
        r->cells[k] = (struct aldb_cell){length < 0 ? NULL : from, length < 0 ? 0 : (size_t)length};
        from += length < 0 ? 0 : length;
    }
    r->shown = i + 1;
    return r->cells;
}
