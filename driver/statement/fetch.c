/* SPDX-License-Identifier: Apache-2.0 */
/* Rowsets: binding columns, fetching into them, moving within a rowset. */
#include "statement/edit.h"
#include "statement/position.h"

#include <limits.h>
#include <string.h>

#include "base/alloc.h"
#include "base/be.h"
#include "types/oid.h"

/* ------------------------------------------------------------------ binding */

enum aldb_rc aldb_stmt_bind_col(struct aldb_stmt *stmt, SQLUSMALLINT column, SQLSMALLINT c_type, SQLPOINTER value,
                                SQLLEN buflen, SQLLEN *ind)
{
    struct aldb_diag *diag = &stmt->h.diag;
    struct aldb_desc *ard = stmt->ard;
    if (column > SHRT_MAX) {
        return aldb_diag_post(diag, ALDB_ST_07009, "Column number %u is out of range (0 to %d)", column, SHRT_MAX);
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
static struct aldb_get_spec wire_of(struct aldb_stmt *stmt, const struct aldb_outcome *o, SQLUSMALLINT n, SQLSMALLINT c_type)
{
    struct aldb_get_spec spec = {
        .max_length = stmt->max_length,
        .locale = &stmt->locale,
        .options = &stmt->dbc->types,
        .typmod = -1,
    };
    if (n == 0) { /* a bookmark: the number of its row, as bytes or as an integer */
        spec.max_length = 0;
        spec.oid = c_type == SQL_C_BOOKMARK ? ALDB_OID_INT8 : ALDB_OID_BYTEA;
        spec.binary = true;
    } else if (!o->is_local && o->map == NULL && n <= o->exec.ncolumns) {
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
    struct aldb_get_spec spec = wire_of(stmt, aldb_stmt_outcome(stmt), column, c_type);
    if (column == 0 && c_type != SQL_C_DEFAULT && c_type != SQL_C_VARBOOKMARK && c_type != SQL_C_BOOKMARK) {
        return ALDB_ST_07006;
    }
    if (aldb_large_is(stmt, column, c_type)) {
        spec.oid = ALDB_OID_BYTEA;
        spec.binary = true;
    }
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
    struct aldb_bound *bound = aldb_realloc_array(stmt->bound, (size_t)count + 1, sizeof *bound);
    if (bound == NULL) {
        return aldb_diag_post(&stmt->h.diag, ALDB_ST_HY001, NULL);
    }
    stmt->bound = bound;
    stmt->nbound = 0;
    stmt->bound_ard = NULL;
    for (int n = 0; n <= count; n++) { /* COUNT may be the largest SQLSMALLINT */
        const struct aldb_desc_rec *r = aldb_desc_rec(ard, (SQLSMALLINT)n);
        if (r == NULL || (r->data_ptr == NULL && r->indicator_ptr == NULL && r->octet_length_ptr == NULL)) {
            continue;
        }
        if (n == 0 && stmt->use_bookmarks == SQL_UB_OFF) {
            stmt->nbound = 0;
            return aldb_diag_post(&stmt->h.diag, ALDB_ST_07009, "Column 0, the bookmark, is bound, but SQL_ATTR_USE_BOOKMARKS is SQL_UB_OFF");
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
        b->large = aldb_large_is(stmt, (SQLUSMALLINT)n, r->concise_type);
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
    if (b->column == 0 && st == ALDB_ST_01004) {
        st = ALDB_ST_22001; /* part of a bookmark is none */
    }
    enum aldb_rc rc = aldb_conversion_post(d, st, "column", b->column, b->column ? r->type_name : "bookmark", c_type == SQL_C_DEFAULT ? b->get.c_type : c_type);
    aldb_diag_at(d, ALDB_ROW_NONE, ALDB_COL_NONE);
    return rc;
}

const struct aldb_cell *aldb_fetch_bookmark(struct aldb_stmt *stmt, int64_t row, SQLSMALLINT c_type)
{
    uint64_t number = (uint64_t)row;
    if (c_type == SQL_C_BOOKMARK) { /* as an int8 of the wire */
        aldb_store_be64(stmt->bookmark, number);
    } else {
        memcpy(stmt->bookmark, &number, sizeof number);
    }
    stmt->bookmark_cell = (struct aldb_cell){stmt->bookmark, sizeof number};
    return &stmt->bookmark_cell;
}

/* ALDB_ERR: told. */
static enum aldb_rc deliver_large(struct aldb_stmt *stmt, const struct row_place *at, const struct aldb_bound *b, const struct aldb_cell *cell, void *target,
                                  SQLLEN *full, enum aldb_state *st)
{
    struct aldb_diag *d = &stmt->h.diag;
    aldb_diag_at(d, (int64_t)at->row + 1, b->column);
    enum aldb_rc rc = aldb_large_bound(stmt, &b->get, cell, target, b->buflen, full, st);
    aldb_diag_at(d, ALDB_ROW_NONE, ALDB_COL_NONE);
    return rc;
}

/* Converts row `row` of the result into the bound buffers. ALDB_INFO: something was cut; ALDB_ERR: at least one column failed. */
static enum aldb_rc deliver_row(struct aldb_stmt *stmt, const struct aldb_cell *cells, int64_t row, const struct row_place *at)
{
    enum aldb_rc worst = ALDB_OK;
    for (size_t i = 0; i < stmt->nbound; i++) {
        const struct aldb_bound *b = &stmt->bound[i];
        const struct aldb_cell *cell = b->column ? &cells[b->column - 1] : aldb_fetch_bookmark(stmt, row, b->get.c_type);
        SQLLEN *ind = aldb_stride(b->indicator, at->row_size, at->offset, at->row, (SQLLEN)sizeof(SQLLEN));
        enum aldb_state st = b->refuse;
        if (st == ALDB_ST_NONE) {
            if (cell->data == NULL) {
                st = aldb_store_null(ind);
            } else {
                SQLLEN *len = aldb_stride(b->length, at->row_size, at->offset, at->row, (SQLLEN)sizeof(SQLLEN));
                void *target = aldb_stride(b->data, at->row_size, at->offset, at->row, b->element);
                SQLLEN full = 0;
                if (!b->large) {
                    st = aldb_get_cell(&b->get, cell, target, b->buflen, &full, NULL);
                } else if (deliver_large(stmt, at, b, cell, target, &full, &st) == ALDB_ERR) {
                    worst = ALDB_ERR;
                    continue;
                }
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

enum aldb_rc aldb_fetch_next_row(const struct aldb_stmt *stmt, struct aldb_outcome *o, const struct aldb_wait *wait, struct aldb_diag *diag,
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
    int64_t first;         /* number of its first row, if there is such a row */
    SQLULEN *fetched;      /* may be NULL */
    SQLUSMALLINT *status;  /* may be NULL */
    bool extended;
    bool nothing;          /* the cursor moves before the first row or behind the last: no row is looked for */
    bool after;            /* and when no row is found it stands behind the last */
    bool keep;             /* rows are kept for SQLGetData on a block */
    bool deliver;          /* SQL_RETRIEVE_ON */
    SQLULEN got, errors, infos;
    bool notices;          /* something is to be said that concerns no row */
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

static struct row_place place_in(const struct aldb_stmt *stmt)
{
    return (struct row_place){
        .offset = stmt->ard->bind_offset_ptr ? *stmt->ard->bind_offset_ptr : 0,
        .row_size = (SQLULEN)stmt->ard->bind_type,
    };
}

/* Rows that a keyset-driven cursor shows again are as they are now. */
static enum aldb_rc bring_up_to_date(struct aldb_stmt *stmt, struct aldb_outcome *o, const struct rowset *rs)
{
    uint64_t first = (uint64_t)rs->first;
    bool keyset = o->scroll && stmt->edit && stmt->cursor_type == SQL_CURSOR_KEYSET_DRIVEN;
    uint64_t shown = keyset ? o->scroll->rows.count : 0;
    if (first > shown) {
        return ALDB_OK;
    }
    uint64_t count = shown - first + 1 < rs->rows ? shown - first + 1 : rs->rows;
    enum aldb_rc rc = aldb_edit_read_rows_again(stmt, o, rs->first, count);
    aldb_stmt_running(stmt, &o->exec);
    return rc;
}

/* Fills rows until the rowset is full, the rows end or the statement fails. The latter is remembered when rows were delivered before it. */
static enum aldb_rc fill(struct aldb_stmt *stmt, struct aldb_outcome *o, struct rowset *rs, const struct aldb_wait *wait)
{
    struct row_place at = place_in(stmt);
    if (bring_up_to_date(stmt, o, rs) == ALDB_ERR) {
        return ALDB_ERR;
    }
    for (at.row = 0; at.row < rs->rows; at.row++) {
        const struct aldb_cell *cells;
        int64_t number = rs->first + (int64_t)at.row;
        struct aldb_diag *diag = at.row ? &stmt->pending : &stmt->h.diag;
        enum aldb_rc rc = o->scroll ? aldb_scroll_row(stmt, o, (uint64_t)number - 1, wait, diag, &cells) : aldb_fetch_next_row(stmt, o, wait, diag, &cells);
        if (rc == ALDB_ERR) {
            stmt->has_pending = at.row > 0;
            return at.row ? ALDB_OK : ALDB_ERR;
        }
        if (rc != ALDB_OK) {
            take_notices(stmt, rs);
        }
        if (rc == ALDB_NO_DATA) {
            rs->after = true;
            return ALDB_OK;
        }
        if (rs->keep && !aldb_cellrows_add(&stmt->kept, cells, (uint16_t)stmt->ird.count)) {
            return aldb_diag_post(&stmt->h.diag, ALDB_ST_HY001, NULL);
        }
        bool deleted = o->scroll && aldb_scroll_deleted(o->scroll, (uint64_t)number - 1);
        rc = rs->deliver && !deleted ? deliver_row(stmt, cells, number, &at) : ALDB_OK;
        rs->got++;
        rs->errors += rc == ALDB_ERR;
        rs->infos += rc == ALDB_INFO;
        if (rs->status) {
            rs->status[at.row] = deleted ? SQL_ROW_DELETED : status_of(rc);
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

/* ------------------------------------------------------------------ which rowset */

/* The row that SQL_FETCH_BOOKMARK starts from. HY111 where the application's bookmark is none. */
static enum aldb_rc read_bookmark(struct aldb_stmt *stmt, struct aldb_outcome *o, const struct aldb_fetch_request *req, const struct aldb_wait *wait,
                                  int64_t *row)
{
    uint64_t number = 0;
    struct aldb_diag *diag = &stmt->h.diag;
    if (stmt->use_bookmarks == SQL_UB_OFF) {
        return aldb_diag_post(diag, ALDB_ST_HY106, "SQL_FETCH_BOOKMARK needs SQL_ATTR_USE_BOOKMARKS, set before the statement is prepared");
    }
    if (req->extended) {
        number = (uint64_t)req->offset; /* ODBC 2: the offset is the bookmark */
    } else if (stmt->fetch_bookmark_ptr == NULL) {
        return aldb_diag_post(diag, ALDB_ST_HY111, "SQL_ATTR_FETCH_BOOKMARK_PTR points to no bookmark");
    } else {
        memcpy(&number, stmt->fetch_bookmark_ptr, sizeof number);
    }
    const struct aldb_cell *cells;
    enum aldb_rc rc = number < 1 || number > INT64_MAX ? ALDB_NO_DATA : aldb_scroll_row(stmt, o, number - 1, wait, diag, &cells);
    if (rc == ALDB_NO_DATA) {
        return aldb_diag_post(diag, ALDB_ST_HY111, "The bookmark is not one of this result set");
    }
    *row = (int64_t)number;
    return rc == ALDB_ERR ? ALDB_ERR : ALDB_OK;
}

/* Where a scrollable cursor goes. */
static enum aldb_rc move(struct aldb_stmt *stmt, struct aldb_outcome *o, const struct aldb_fetch_request *req, struct rowset *rs, const struct aldb_wait *wait)
{
    struct aldb_position at = {.first = stmt->row_number, .rows = (int64_t)stmt->rowset_rows, .after = stmt->after_end};
    SQLLEN offset = req->orientation == SQL_FETCH_BOOKMARK && req->extended ? 0 : req->offset;
    int64_t size = rs->rows > INT32_MAX ? INT32_MAX : (int64_t)rs->rows;
    int64_t bookmark = 0;
    uint64_t last = 0;
    if (req->orientation == SQL_FETCH_BOOKMARK && read_bookmark(stmt, o, req, wait, &bookmark) == ALDB_ERR) {
        return ALDB_ERR;
    }
    if (aldb_position_needs_last(req->orientation, offset, &at)) {
        enum aldb_rc rc = aldb_scroll_count(stmt, o, wait, &stmt->h.diag, &last);
        if (rc == ALDB_ERR) {
            return rc;
        }
        rs->notices = rc == ALDB_INFO;
    }
    struct aldb_move to = aldb_position_move(req->orientation, offset, &at, size, (int64_t)last, bookmark);
    rs->first = to.first;
    rs->nothing = to.place != ALDB_PLACE_ROW;
    rs->after = to.place == ALDB_PLACE_AFTER;
    if (to.cut) {
        (void)aldb_diag_post(&stmt->h.diag, ALDB_ST_01S06, "The rowset asked for begins before the first row; it is the first rowset");
        rs->notices = true;
    }
    return ALDB_OK;
}

static enum aldb_rc fetch_rowset(struct aldb_stmt *stmt, struct aldb_outcome *o, const struct aldb_fetch_request *req, struct rowset *rs)
{
    struct aldb_wait wait = aldb_dbc_wait(stmt->dbc);
    enum aldb_rc rc = ALDB_OK;
    rs->first = stmt->row_number > 0 ? stmt->row_number + (int64_t)stmt->rowset_rows : 1;
    rs->nothing = rs->after = stmt->after_end;
    if (o->scroll) {
        aldb_stmt_running(stmt, &o->exec);
        rc = move(stmt, o, req, rs, &wait);
        aldb_stmt_idle(stmt);
    }
    if (rc == ALDB_ERR) {
        return rc; /* nothing has moved */
    }
    aldb_stmt_reset_position(stmt);
    rs->keep = o->scroll == NULL && rs->rows > 1; /* SQLGetData reads bound columns, too */
    rs->deliver = stmt->retrieve_data == SQL_RD_ON;
    if (!rs->nothing) {
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
    stmt->row_number = rs->got ? rs->first : 0;
    stmt->after_end = rs->after && (o->scroll == NULL || rs->got == 0);
    if (rc == ALDB_ERR) {
        return rc;
    }
    return rs->got == 0 ? ALDB_NO_DATA : result_of(stmt, rs);
}

/* The error that waited behind rows already delivered. A forward-only cursor has nothing behind it. */
static enum aldb_rc tell_pending(struct aldb_stmt *stmt, const struct aldb_outcome *o)
{
    aldb_diag_move(&stmt->h.diag, &stmt->pending);
    stmt->has_pending = false;
    if (o->scroll == NULL) {
        aldb_stmt_reset_position(stmt);
        stmt->after_end = true;
    }
    return ALDB_ERR;
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
    if (req->orientation != SQL_FETCH_NEXT && (o->scroll == NULL || stmt->cursor_type == SQL_CURSOR_FORWARD_ONLY)) {
        return aldb_diag_post(diag, ALDB_ST_HY106, "The cursor is forward-only: only SQL_FETCH_NEXT is possible. Set SQL_ATTR_CURSOR_TYPE to SQL_CURSOR_STATIC "
                                                   "before the statement is prepared");
    }
    struct rowset rs = {
        .rows = req->rows ? req->rows : stmt->ard->array_size,
        .fetched = req->extended ? req->fetched : stmt->ird.rows_processed_ptr,
        .status = req->extended ? req->status : stmt->ird.array_status_ptr,
        .extended = req->extended,
    };
    if (rs.fetched) {
        *rs.fetched = 0;
    }
    if (stmt->has_pending) {
        return tell_pending(stmt, o);
    }
    if (aldb_fetch_rebind(stmt) == ALDB_ERR) {
        return ALDB_ERR; /* nothing has moved */
    }
    return fetch_rowset(stmt, o, req, &rs);
}

enum aldb_rc aldb_fetch_again(struct aldb_stmt *stmt, struct aldb_outcome *o, int64_t number, SQLULEN index, const struct aldb_wait *wait)
{
    struct row_place at = place_in(stmt);
    const struct aldb_cell *cells;
    at.row = index;
    enum aldb_rc rc = aldb_scroll_row(stmt, o, (uint64_t)number - 1, wait, &stmt->h.diag, &cells);
    return aldb_done(rc) ? deliver_row(stmt, cells, number, &at) : ALDB_ERR;
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
