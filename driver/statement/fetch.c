/* SPDX-License-Identifier: Apache-2.0 */
/* Rowsets: binding columns, fetching into them, moving within a rowset. */
#include "statement/internal.h"

#include <limits.h>
#include <string.h>

#include "base/alloc.h"

/* ------------------------------------------------------------------ binding */

enum aldb_rc aldb_stmt_bind_col(struct aldb_stmt *stmt, SQLUSMALLINT column, SQLSMALLINT c_type, SQLPOINTER value,
                                SQLLEN buflen, SQLLEN *ind)
{
    struct aldb_diag *diag = &stmt->h.diag;
    struct aldb_desc *ard = stmt->ard;
    if (column == 0) {
        return aldb_diag_post(diag, ALDB_ST_HYC00, "Bookmarks are not supported: column 0 cannot be bound");
    }
    if (column > SHRT_MAX) {
        return aldb_diag_post(diag, ALDB_ST_07009, "Column number %u is out of range (1 to %d)", column, SHRT_MAX);
    }
    if (buflen < 0) {
        return aldb_diag_post(diag, ALDB_ST_HY090, "Column %u: BufferLength %lld is negative", column, (long long)buflen);
    }
    c_type = aldb_type_from_v2(c_type);
    if (c_type != SQL_C_DEFAULT && !aldb_c_type_valid(c_type)) {
        return aldb_diag_post(diag, ALDB_ST_HY003, "Column %u: %d is not a C type", column, c_type);
    }
    SQLSMALLINT n = (SQLSMALLINT)column;
    if (value == NULL && ind == NULL) {
        /* Unbinding: the highest bound column goes, and COUNT with it. */
        struct aldb_desc_rec *r = aldb_desc_rec(ard, n);
        if (r == NULL) {
            return ALDB_OK;
        }
        r->data_ptr = NULL;
        r->indicator_ptr = r->octet_length_ptr = NULL;
        r->bound = false;
        ard->version++;
        if (n == ard->count) {
            aldb_desc_lower(ard);
        }
        return ALDB_OK;
    }
    if (aldb_desc_extend(ard, n, diag) == ALDB_ERR) {
        return ALDB_ERR;
    }
    struct aldb_desc_rec *r = aldb_desc_rec(ard, n);
    (void)aldb_desc_rec_set_type(ard, r, c_type);
    r->octet_length = buflen;
    r->octet_length_ptr = ind;
    r->indicator_ptr = ind;
    r->numeric_set = false;
    r->data_ptr = value;
    r->bound = value != NULL;
    ard->version++;
    return ALDB_OK;
}

/* How the cells of result column `n` (1-based) come: the execution's own description, or the driver's shape. */
static struct aldb_get_spec wire_of(struct aldb_stmt *stmt, const struct aldb_outcome *o, SQLUSMALLINT n)
{
    struct aldb_get_spec spec = {
        .max_length = stmt->max_length,
        .locale = &stmt->locale,
        .options = &stmt->dbc->types,
        .typmod = -1,
    };
    if (!o->is_local && o->map == NULL && n <= o->exec.ncolumns) {
        spec.oid = o->exec.columns[n - 1].oid;
        spec.typmod = o->exec.columns[n - 1].typmod;
        spec.binary = o->exec.columns[n - 1].binary;
    } else if (o->shape) {
        spec.oid = o->shape->columns[n - 1].oid;
        spec.typmod = o->shape->columns[n - 1].typmod;
    }
    return spec;
}

/* Resolves the conversion of a result column to a C type as the ARD record `r` (NULL: plain) describes it. */
static enum aldb_state resolve(struct aldb_stmt *stmt, SQLUSMALLINT column, SQLSMALLINT c_type, const struct aldb_desc_rec *r,
                               struct aldb_get *out)
{
    struct aldb_get_spec spec = wire_of(stmt, aldb_stmt_outcome(stmt), column);
    spec.c_type = c_type;
    /* Without a descriptor record, or with one that leaves the type to the column: all the digits that the C structures hold. */
    spec.precision = c_type == SQL_C_NUMERIC ? 38 : 6;
    spec.interval_precision = 10;
    if (r && r->concise_type != SQL_C_DEFAULT) {
        spec.precision = r->precision;
        spec.scale = r->scale;
        spec.interval_precision = r->datetime_interval_precision;
    }
    return aldb_get_resolve(out, &spec);
}

enum aldb_rc aldb_fetch_rebind(struct aldb_stmt *stmt)
{
    struct aldb_desc *ard = stmt->ard;
    if (stmt->bound_ard == ard && stmt->bound_ard_version == ard->version && stmt->bound_ird_version == stmt->ird.version &&
        stmt->bound_max_length == stmt->max_length) {
        return ALDB_OK;
    }
    SQLSMALLINT count = ard->count;
    struct aldb_bound *bound = aldb_realloc_array(stmt->bound, count ? (size_t)count : 1, sizeof *bound);
    if (bound == NULL) {
        return aldb_diag_post(&stmt->h.diag, ALDB_ST_HY001, NULL);
    }
    stmt->bound = bound;
    stmt->nbound = 0;
    stmt->bound_ard = NULL;
    for (int n = 1; n <= count; n++) { /* COUNT may be the largest SQLSMALLINT */
        const struct aldb_desc_rec *r = aldb_desc_rec(ard, (SQLSMALLINT)n);
        if (r->data_ptr == NULL && r->indicator_ptr == NULL && r->octet_length_ptr == NULL) {
            continue;
        }
        if (n > stmt->ird.count) {
            stmt->nbound = 0;
            return aldb_diag_post(&stmt->h.diag, ALDB_ST_07009, "Column %d is bound, but the result set has %d columns", n,
                                  stmt->ird.count);
        }
        struct aldb_bound *b = &bound[stmt->nbound++];
        *b = (struct aldb_bound){
            .column = (SQLUSMALLINT)n,
            .data = r->data_ptr,
            .length = r->octet_length_ptr,
            .indicator = r->indicator_ptr,
            .buflen = r->octet_length,
        };
        b->refuse = resolve(stmt, (SQLUSMALLINT)n, r->concise_type, r, &b->get);
        SQLLEN fixed = b->refuse == ALDB_ST_NONE ? aldb_c_type_size(b->get.c_type) : 0;
        b->element = fixed ? fixed : r->octet_length;
    }
    stmt->bound_ard = ard;
    stmt->bound_ard_version = ard->version;
    stmt->bound_ird_version = stmt->ird.version;
    stmt->bound_max_length = stmt->max_length;
    return ALDB_OK;
}

/* ------------------------------------------------------------------ one row */

enum aldb_state aldb_store_null(SQLLEN *indicator)
{
    if (indicator == NULL) {
        return ALDB_ST_22002;
    }
    SQLLEN null = SQL_NULL_DATA;
    memcpy(indicator, &null, sizeof null);
    return ALDB_ST_NONE;
}

void aldb_store_length(SQLLEN *length, SQLLEN *indicator, SQLLEN value)
{
    if (indicator && indicator != length) {
        SQLLEN zero = 0;
        memcpy(indicator, &zero, sizeof zero);
    }
    if (length) {
        memcpy(length, &value, sizeof value);
    }
}

/* Where the bound elements of one row lie. */
struct row_place {
    SQLLEN offset;
    SQLULEN row_size; /* 0: column-wise */
    SQLULEN row;
};

static enum aldb_rc refuse_column(struct aldb_stmt *stmt, const struct row_place *at, const struct aldb_bound *b, enum aldb_state st)
{
    struct aldb_diag *d = &stmt->h.diag;
    aldb_diag_at(d, (int64_t)at->row + 1, b->column);
    const struct aldb_desc_rec *r = aldb_desc_rec(&stmt->ird, (SQLSMALLINT)b->column);
    SQLSMALLINT c_type = aldb_desc_rec(stmt->ard, (SQLSMALLINT)b->column)->concise_type;
    enum aldb_rc rc = aldb_conversion_post(d, st, "column", b->column, r->type_name, c_type == SQL_C_DEFAULT ? b->get.c_type : c_type);
    aldb_diag_at(d, ALDB_ROW_NONE, ALDB_COL_NONE);
    return rc;
}

/* Converts one row into the bound buffers. ALDB_INFO: something was cut; ALDB_ERR: at least one column failed. */
static enum aldb_rc deliver_row(struct aldb_stmt *stmt, const struct aldb_cell *cells, const struct row_place *at)
{
    enum aldb_rc worst = ALDB_OK;
    for (size_t i = 0; i < stmt->nbound; i++) {
        const struct aldb_bound *b = &stmt->bound[i];
        const struct aldb_cell *cell = &cells[b->column - 1];
        SQLLEN *ind = aldb_stride(b->indicator, at->row_size, at->offset, at->row, (SQLLEN)sizeof(SQLLEN));
        enum aldb_state st = b->refuse;
        if (st == ALDB_ST_NONE) {
            if (cell->data == NULL) {
                st = aldb_store_null(ind);
            } else {
                SQLLEN *len = aldb_stride(b->length, at->row_size, at->offset, at->row, (SQLLEN)sizeof(SQLLEN));
                void *target = aldb_stride(b->data, at->row_size, at->offset, at->row, b->element);
                SQLLEN full = 0;
                st = aldb_get_cell(&b->get, cell, target, b->buflen, &full, NULL);
                if (st == ALDB_ST_NONE || aldb_state_is_warning(st)) {
                    aldb_store_length(len, ind, full);
                }
            }
        }
        if (st != ALDB_ST_NONE) {
            enum aldb_rc rc = refuse_column(stmt, at, b, st);
            worst = rc == ALDB_ERR ? ALDB_ERR : worst == ALDB_ERR ? ALDB_ERR : ALDB_INFO;
        }
    }
    return worst;
}

/* Next row of the current outcome: *cells is valid until the next call. Errors go to `diag`. */
static enum aldb_rc next_row(const struct aldb_stmt *stmt, struct aldb_outcome *o, const struct aldb_wait *wait, struct aldb_diag *diag,
                             const struct aldb_cell **cells)
{
    if (!o->is_local) {
        enum aldb_rc rc = aldb_exec_next(&o->exec, wait, diag);
        *cells = o->exec.cells;
        if (o->map && aldb_done(rc)) {
            aldb_buf_reset(&o->local);
            *cells = o->local_cells;
            if (!o->map(&stmt->dbc->types, o->exec.cells, o->local_cells, &o->local)) {
                return aldb_diag_post(diag, ALDB_ST_HY001, NULL);
            }
        }
        return rc;
    }
    if (o->nlocal == 0) {
        return ALDB_NO_DATA;
    }
    o->nlocal--;
    for (uint16_t i = 0; i < o->shape->ncolumns; i++) {
        int32_t len;
        memcpy(&len, o->local.data + o->at, sizeof len);
        o->at += sizeof len;
        o->local_cells[i] = (struct aldb_cell){len < 0 ? NULL : o->local.data + o->at, len < 0 ? 0 : (size_t)len};
        o->at += len < 0 ? 0 : (size_t)len;
    }
    *cells = o->local_cells;
    return ALDB_OK;
}

/* ------------------------------------------------------------------ one rowset */

struct rowset {
    SQLULEN rows;          /* wanted */
    SQLULEN *fetched;      /* may be NULL */
    SQLUSMALLINT *status;  /* may be NULL */
    bool extended;
    bool keep;             /* rows are kept for SQLGetData on a block */
    bool deliver;          /* SQL_RETRIEVE_ON */
    SQLULEN got, errors, infos;
    bool notices;          /* the server said something that concerns no row */
};

static SQLUSMALLINT status_of(enum aldb_rc rc)
{
    return rc == ALDB_ERR ? SQL_ROW_ERROR : rc == ALDB_INFO ? SQL_ROW_SUCCESS_WITH_INFO : SQL_ROW_SUCCESS;
}

/* Only an error waits for the next fetch; what the server said along with a row or the end belongs to this one. */
static void take_notices(struct aldb_stmt *stmt, struct rowset *rs)
{
    aldb_diag_move(&stmt->h.diag, &stmt->pending);
    rs->notices = stmt->h.diag.count > 0;
}

/* Fills rows until the rowset is full, the rows end or the statement fails. The latter is remembered when rows were delivered before it. */
static enum aldb_rc fill(struct aldb_stmt *stmt, struct aldb_outcome *o, struct rowset *rs, const struct aldb_wait *wait)
{
    struct row_place at = {
        .offset = stmt->ard->bind_offset_ptr ? *stmt->ard->bind_offset_ptr : 0,
        .row_size = (SQLULEN)stmt->ard->bind_type,
    };
    for (at.row = 0; at.row < rs->rows; at.row++) {
        const struct aldb_cell *cells;
        enum aldb_rc rc = next_row(stmt, o, wait, at.row ? &stmt->pending : &stmt->h.diag, &cells);
        if (rc == ALDB_ERR) {
            stmt->has_pending = at.row > 0;
            return at.row ? ALDB_OK : ALDB_ERR;
        }
        if (rc != ALDB_OK) {
            take_notices(stmt, rs);
        }
        if (rc == ALDB_NO_DATA) {
            stmt->after_end = true;
            return ALDB_OK;
        }
        if (rs->keep && !aldb_cellrows_add(&stmt->kept, cells, (uint16_t)stmt->ird.count)) {
            return aldb_diag_post(&stmt->h.diag, ALDB_ST_HY001, NULL);
        }
        rc = rs->deliver ? deliver_row(stmt, cells, &at) : ALDB_OK;
        rs->got++;
        rs->errors += rc == ALDB_ERR;
        rs->infos += rc == ALDB_INFO;
        if (rs->status) {
            rs->status[at.row] = status_of(rc);
        }
    }
    return ALDB_OK;
}

static enum aldb_rc result_of(struct aldb_stmt *stmt, const struct rowset *rs)
{
    if (rs->extended && rs->errors > 0) {
        return aldb_diag_post(&stmt->h.diag, ALDB_ST_01S01, NULL);
    }
    if (rs->errors > 0 && rs->errors == rs->got) {
        return ALDB_ERR;
    }
    return rs->errors > 0 || rs->infos > 0 || rs->notices ? ALDB_INFO : ALDB_OK;
}

static enum aldb_rc fetch_next(struct aldb_stmt *stmt, struct aldb_outcome *o, struct rowset *rs)
{
    struct aldb_wait wait = aldb_dbc_wait(stmt->dbc);
    int64_t first = stmt->row_number + (int64_t)stmt->rowset_rows;
    bool pending = stmt->has_pending;
    stmt->has_pending = false;
    if (rs->fetched) {
        *rs->fetched = 0;
    }
    if (pending) {
        aldb_diag_move(&stmt->h.diag, &stmt->pending);
        aldb_stmt_reset_position(stmt);
        stmt->after_end = true;
        return ALDB_ERR;
    }
    if (aldb_fetch_rebind(stmt) == ALDB_ERR) {
        return ALDB_ERR; /* nothing has moved */
    }
    bool ended = stmt->after_end;
    aldb_stmt_reset_position(stmt);
    stmt->after_end = ended;
    rs->keep = rs->rows > 1; /* SQLGetData reads bound columns, too */
    rs->deliver = stmt->retrieve_data == SQL_RD_ON;

    enum aldb_rc rc = ALDB_OK;
    if (!ended) {
        aldb_stmt_running(stmt, &o->exec);
        rc = fill(stmt, o, rs, &wait);
        aldb_stmt_idle(stmt);
    }
    for (SQLULEN i = rs->got; rs->status && i < rs->rows; i++) {
        rs->status[i] = SQL_ROW_NOROW;
    }
    if (rs->fetched) {
        *rs->fetched = rs->got;
    }
    stmt->rowset_rows = rs->got;
    stmt->row_number = rs->got ? (first > 0 ? first : 1) : 0;
    if (rc == ALDB_ERR) {
        return rc;
    }
    return rs->got == 0 ? ALDB_NO_DATA : result_of(stmt, rs);
}

static bool is_orientation(int n)
{
    return (n >= SQL_FETCH_NEXT && n <= SQL_FETCH_RELATIVE) || n == SQL_FETCH_BOOKMARK;
}

enum aldb_rc aldb_stmt_fetch(struct aldb_stmt *stmt, const struct aldb_fetch_request *req)
{
    struct aldb_diag *diag = &stmt->h.diag;
    struct aldb_outcome *o = aldb_stmt_outcome(stmt);
    if (!is_orientation(req->orientation)) {
        return aldb_diag_post(diag, ALDB_ST_HY106, "FetchOrientation %d does not exist", req->orientation);
    }
    if (o == NULL || !o->has_rows || stmt->dbc == NULL) {
        return aldb_diag_post(diag, ALDB_ST_24000, "There is no result set to fetch from");
    }
    if (req->orientation != SQL_FETCH_NEXT) {
        return aldb_diag_post(diag, ALDB_ST_HY106, "The cursor is forward-only: only SQL_FETCH_NEXT is possible");
    }
    struct rowset rs = {
        .rows = req->rows ? req->rows : stmt->ard->array_size,
        .fetched = req->extended ? req->fetched : stmt->ird.rows_processed_ptr,
        .status = req->extended ? req->status : stmt->ird.array_status_ptr,
        .extended = req->extended,
    };
    return fetch_next(stmt, o, &rs);
}

enum aldb_rc aldb_stmt_set_pos(struct aldb_stmt *stmt, SQLSETPOSIROW row, SQLUSMALLINT operation, SQLUSMALLINT lock)
{
    struct aldb_diag *diag = &stmt->h.diag;
    if (operation > SQL_ADD || lock > SQL_LCK_UNLOCK) {
        return aldb_diag_post(diag, ALDB_ST_HY092, "Operation %u or lock type %u is not one of SQLSetPos", operation, lock);
    }
    if (stmt->state != ALDB_STMT_CURSOR || stmt->rowset_rows == 0) {
        return aldb_diag_post(diag, ALDB_ST_24000, "The cursor is not positioned on a rowset");
    }
    if (operation == SQL_REFRESH) {
        return aldb_diag_post(diag, ALDB_ST_HYC00, "SQL_REFRESH is not supported: the cursor is forward-only");
    }
    if (operation != SQL_POSITION) {
        return aldb_diag_post(diag, ALDB_ST_HY092, "The cursor is read-only: rows can be changed by SQL statements only");
    }
    if (row == 0) {
        return aldb_diag_post(diag, ALDB_ST_HY109, "SQL_POSITION needs the number of one row of the rowset, not 0");
    }
    if (lock != SQL_LOCK_NO_CHANGE) {
        return aldb_diag_post(diag, ALDB_ST_HYC00, "Only SQL_LOCK_NO_CHANGE is supported");
    }
    if (row > stmt->rowset_rows) {
        return aldb_diag_post(diag, ALDB_ST_HY107, "Row %llu is outside the rowset, which has %llu rows", (unsigned long long)row,
                              (unsigned long long)stmt->rowset_rows);
    }
    stmt->rowset_pos = row - 1;
    stmt->get_column = 0;
    aldb_chunk_reset(&stmt->chunk);
    return ALDB_OK;
}

/* ------------------------------------------------------------------ SQLGetData */

enum aldb_rc aldb_get_resolve_column(struct aldb_stmt *stmt, SQLUSMALLINT column, SQLSMALLINT c_type, const struct aldb_desc_rec *r,
                                     struct aldb_get *out)
{
    enum aldb_state st = resolve(stmt, column, c_type, r, out);
    if (st == ALDB_ST_NONE) {
        return ALDB_OK;
    }
    const struct aldb_desc_rec *ird = aldb_desc_rec(&stmt->ird, (SQLSMALLINT)column);
    return aldb_conversion_post(&stmt->h.diag, st, "column", column, ird ? ird->type_name : NULL, c_type);
}
