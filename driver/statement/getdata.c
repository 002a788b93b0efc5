/* SPDX-License-Identifier: Apache-2.0 */
/* SQLGetData: any column, any order, in parts, from any row of the rowset. */
#include "statement/scroll.h"

#include "base/alloc.h"

/* The cells of the current row. NULL without a diagnostic: not positioned on one. HY109: it is deleted. */
static const struct aldb_cell *current_cells(struct aldb_stmt *stmt, struct aldb_outcome *o)
{
    const struct aldb_cell *cells = NULL;
    if (stmt->rowset_pos >= stmt->rowset_rows) {
        return NULL;
    }
    if (o->scroll) {
        struct aldb_wait wait = aldb_dbc_wait(stmt->dbc);
        uint64_t row = (uint64_t)stmt->row_number - 1 + stmt->rowset_pos;
        if (aldb_scroll_deleted(o->scroll, row)) {
            (void)aldb_diag_post(&stmt->h.diag, ALDB_ST_HY109, "Row %llu is deleted", (unsigned long long)stmt->rowset_pos + 1);
            return NULL;
        }
        return aldb_scroll_row(stmt, o, row, &wait, &stmt->h.diag, &cells) == ALDB_OK ? cells : NULL;
    }
    if (stmt->kept.count > 0) {
        return aldb_cellrows_get(&stmt->kept, stmt->rowset_pos);
    }
    return o->is_local || o->map ? o->local_cells : o->exec.cells;
}

/* One conversion a column is remembered: applications ask for the same type row after row. NULL: another one is. */
static struct aldb_get *known_getter(struct aldb_stmt *stmt, SQLUSMALLINT column, SQLSMALLINT c_type)
{
    if (column >= stmt->ngets || stmt->gets_ird_version != stmt->ird.version) {
        return NULL;
    }
    struct aldb_get *g = &stmt->gets[column];
    return g->c_type == c_type && g->max_length == stmt->max_length && c_type != SQL_C_NUMERIC ? g : NULL;
}

/* Room for what is remembered of this result's columns and of the bookmark. HY001. */
static enum aldb_rc make_getters(struct aldb_stmt *stmt)
{
    size_t n = (size_t)stmt->ird.count + 1;
    if (stmt->ngets >= n && stmt->gets_ird_version == stmt->ird.version) {
        return ALDB_OK;
    }
    struct aldb_get *gets = aldb_realloc_array(stmt->gets, n, sizeof *gets);
    if (gets == NULL) {
        return aldb_diag_post(&stmt->h.diag, ALDB_ST_HY001, NULL);
    }
    for (size_t i = 0; i < n; i++) {
        gets[i] = (struct aldb_get){.c_type = 0};
    }
    stmt->gets = gets;
    stmt->ngets = n;
    stmt->gets_ird_version = stmt->ird.version;
    return ALDB_OK;
}

static enum aldb_rc getter(struct aldb_stmt *stmt, SQLUSMALLINT column, SQLSMALLINT c_type, struct aldb_get **out)
{
    const struct aldb_desc_rec *ard = NULL;
    if (make_getters(stmt) == ALDB_ERR) {
        return ALDB_ERR;
    }
    if (c_type == SQL_ARD_TYPE) {
        ard = aldb_desc_rec(stmt->ard, (SQLSMALLINT)column);
        if (ard == NULL) {
            return aldb_diag_post(&stmt->h.diag, ALDB_ST_07009, "SQL_ARD_TYPE: the application row descriptor has no record %u", column);
        }
        c_type = ard->concise_type;
    }
    struct aldb_get *g = &stmt->gets[column];
    enum aldb_rc rc = aldb_get_resolve_column(stmt, column, c_type, ard, g);
    if (rc == ALDB_ERR) {
        g->c_type = 0;
        return rc;
    }
    *out = g;
    return ALDB_OK;
}

enum aldb_rc aldb_stmt_get_data(struct aldb_stmt *stmt, SQLUSMALLINT column, SQLSMALLINT c_type, SQLPOINTER value, SQLLEN buflen, SQLLEN *ind)
{
    struct aldb_diag *diag = &stmt->h.diag;
    struct aldb_outcome *o = aldb_stmt_outcome(stmt);
    if (o == NULL || !o->has_rows || stmt->dbc == NULL) {
        return aldb_diag_post(diag, ALDB_ST_24000, "There is no result set");
    }
    const struct aldb_cell *cells = current_cells(stmt, o);
    if (cells == NULL) {
        return aldb_diag_has_error(diag) ? ALDB_ERR : aldb_diag_post(diag, ALDB_ST_24000, "The cursor is not positioned on a row");
    }
    if (column == 0 && stmt->use_bookmarks == SQL_UB_OFF) {
        return aldb_diag_post(diag, ALDB_ST_07009, "Column 0 is the bookmark, and SQL_ATTR_USE_BOOKMARKS is SQL_UB_OFF");
    }
    if (column > stmt->ird.count) {
        return aldb_diag_post(diag, ALDB_ST_07009, "There is no column %u: the result set has %d columns", column, stmt->ird.count);
    }
    if (value == NULL) {
        return aldb_diag_post(diag, ALDB_ST_HY009, "SQLGetData needs a buffer; ask for the length alone with a BufferLength of 0");
    }
    if (buflen < 0) {
        return aldb_diag_post(diag, ALDB_ST_HY090, "BufferLength %lld is negative", (long long)buflen);
    }
    c_type = aldb_type_from_v2(c_type);
    struct aldb_get *g = known_getter(stmt, column, c_type);
    if (g == NULL && c_type != SQL_C_DEFAULT && c_type != SQL_ARD_TYPE && !aldb_c_type_valid(c_type)) {
        return aldb_diag_post(diag, ALDB_ST_HY003, "%d is not a C type", c_type);
    }
    bool again = stmt->get_column == column && stmt->get_row == stmt->rowset_pos && stmt->get_c_type == c_type;
    if (!again) {
        stmt->get_column = column;
        stmt->get_row = stmt->rowset_pos;
        stmt->get_c_type = c_type;
        aldb_chunk_reset(&stmt->chunk);
    } else if (stmt->chunk.done) {
        return ALDB_NO_DATA;
    }
    enum aldb_state st;
    SQLLEN full = 0;
    aldb_diag_at(diag, (int64_t)stmt->rowset_pos + 1, column);
    if (g == NULL && getter(stmt, column, c_type, &g) == ALDB_ERR) {
        stmt->get_column = ALDB_NO_COLUMN;
        return ALDB_ERR;
    }
    const struct aldb_cell *cell = column ? &cells[column - 1] : aldb_fetch_bookmark(stmt, stmt->row_number + (int64_t)stmt->rowset_pos, c_type);
    if (cell->data == NULL) {
        st = aldb_store_null(ind);
        stmt->chunk.done = true;
    } else {
        if (!aldb_large_is(stmt, column, g->c_type)) {
            st = aldb_get_cell(g, cell, value, buflen, &full, &stmt->chunk);
        } else if (aldb_large_get(stmt, g, cell, value, buflen, &full, &st) == ALDB_ERR) {
            aldb_diag_at(diag, ALDB_ROW_NONE, ALDB_COL_NONE);
            stmt->get_column = ALDB_NO_COLUMN;
            return ALDB_ERR;
        }
        if (st == ALDB_ST_NONE || aldb_state_is_warning(st)) {
            aldb_store_length(ind, ind, full);
        }
    }
    if (st != ALDB_ST_NONE && !aldb_state_is_warning(st)) {
        stmt->get_column = ALDB_NO_COLUMN; /* what failed may be tried again with another type or buffer */
    }
    enum aldb_rc rc = ALDB_OK;
    if (st != ALDB_ST_NONE) {
        const struct aldb_desc_rec *ird = aldb_desc_rec(&stmt->ird, (SQLSMALLINT)column);
        rc = aldb_conversion_post(diag, st, "column", column, column ? ird->type_name : "bookmark", g->c_type);
    }
    aldb_diag_at(diag, ALDB_ROW_NONE, ALDB_COL_NONE);
    return rc;
}
