/* SPDX-License-Identifier: Apache-2.0 */
/* SQLSetPos and SQLBulkOperations: choosing a row of the rowset, reading rows again, and changing them one after another by what is bound. */
#include "statement/edit.h"

#include <string.h>

static void mark(struct aldb_stmt *stmt, SQLULEN index, SQLUSMALLINT status)
{
    if (stmt->ird.array_status_ptr) {
        stmt->ird.array_status_ptr[index] = status;
    }
}

static SQLUSMALLINT status_of(enum aldb_edit_kind kind, enum aldb_rc rc)
{
    static const SQLUSMALLINT done[] = {
        [ALDB_EDIT_UPDATE] = SQL_ROW_UPDATED, [ALDB_EDIT_DELETE] = SQL_ROW_DELETED, [ALDB_EDIT_INSERT] = SQL_ROW_ADDED, [ALDB_EDIT_READ] = SQL_ROW_SUCCESS};
    return rc == ALDB_ERR ? SQL_ROW_ERROR : rc == ALDB_INFO ? SQL_ROW_SUCCESS_WITH_INFO : done[kind];
}

/* ------------------------------------------------------------------ bookmarks in the buffers */

static const struct aldb_bound *bookmark_column(const struct aldb_stmt *stmt)
{
    return stmt->nbound > 0 && stmt->bound[0].column == 0 ? &stmt->bound[0] : NULL;
}

static void *bookmark_place(const struct aldb_stmt *stmt, SQLULEN index)
{
    const struct aldb_bound *b = bookmark_column(stmt);
    SQLLEN offset = stmt->ard->bind_offset_ptr ? *stmt->ard->bind_offset_ptr : 0;
    return b ? aldb_stride(b->data, (SQLULEN)stmt->ard->bind_type, offset, index, b->element) : NULL;
}

/* The indicator says SQL_NULL_DATA: whatever the buffer still holds is no bookmark. */
static bool bookmark_is_null(const struct aldb_stmt *stmt, SQLULEN index)
{
    const struct aldb_bound *b = bookmark_column(stmt);
    SQLLEN offset = stmt->ard->bind_offset_ptr ? *stmt->ard->bind_offset_ptr : 0;
    const SQLLEN *said = b ? aldb_stride(b->indicator, (SQLULEN)stmt->ard->bind_type, offset, index, (SQLLEN)sizeof(SQLLEN)) : NULL;
    return said && aldb_length_at(said) == SQL_NULL_DATA;
}

/* The row whose bookmark row `index` of the buffers has. HY111. */
static enum aldb_rc read_bookmark(struct aldb_stmt *stmt, struct aldb_outcome *o, SQLULEN index, int64_t *row)
{
    struct aldb_wait wait = aldb_dbc_wait(stmt->dbc);
    const struct aldb_cell *cells;
    uint64_t number = 0;
    const void *place = bookmark_place(stmt, index);
    if (place && !bookmark_is_null(stmt, index)) {
        memcpy(&number, place, sizeof number);
    }
    enum aldb_rc rc = number < 1 || number > INT64_MAX ? ALDB_NO_DATA : aldb_scroll_row(stmt, o, number - 1, &wait, &stmt->h.diag, &cells);
    if (rc == ALDB_NO_DATA) {
        return aldb_diag_post(&stmt->h.diag, ALDB_ST_HY111, "The bookmark in column 0 is not one of this result set");
    }
    *row = (int64_t)number;
    return rc == ALDB_ERR ? ALDB_ERR : ALDB_OK;
}

/* The new row's bookmark to where the application wants it; its number is known when the rows before it are. */
static enum aldb_rc write_bookmark(struct aldb_stmt *stmt, struct aldb_outcome *o, SQLULEN index)
{
    struct aldb_wait wait = aldb_dbc_wait(stmt->dbc);
    const struct aldb_bound *b = bookmark_column(stmt);
    uint64_t count;
    if (b == NULL || b->data == NULL || b->refuse != ALDB_ST_NONE) {
        return ALDB_OK;
    }
    if (aldb_scroll_count(stmt, o, &wait, &stmt->h.diag, &count) == ALDB_ERR) {
        return ALDB_ERR;
    }
    SQLLEN offset = stmt->ard->bind_offset_ptr ? *stmt->ard->bind_offset_ptr : 0;
    SQLLEN *length = aldb_stride(b->length, (SQLULEN)stmt->ard->bind_type, offset, index, (SQLLEN)sizeof(SQLLEN));
    memcpy(bookmark_place(stmt, index), &count, sizeof count);
    aldb_store_length(length, length, (SQLLEN)sizeof count);
    return ALDB_OK;
}

/* ------------------------------------------------------------------ one row */

/* Into the buffers once more. */
static enum aldb_rc refresh_row(struct aldb_stmt *stmt, struct aldb_outcome *o, int64_t number, SQLULEN index)
{
    struct aldb_wait wait = aldb_dbc_wait(stmt->dbc);
    enum aldb_rc rc = aldb_edit_read_again(stmt, o, number, index);
    if (rc == ALDB_ERR) {
        mark(stmt, index, SQL_ROW_ERROR);
        return rc;
    }
    if (aldb_scroll_deleted(o->scroll, (uint64_t)number - 1)) {
        mark(stmt, index, SQL_ROW_DELETED);
        return ALDB_OK;
    }
    enum aldb_rc got = aldb_fetch_again(stmt, o, number, index, &wait);
    rc = got == ALDB_OK ? rc : got;
    mark(stmt, index, status_of(ALDB_EDIT_READ, rc));
    return rc;
}

static enum aldb_rc post_gone(struct aldb_stmt *stmt, enum aldb_edit_kind kind, SQLULEN index)
{
    aldb_diag_at(&stmt->h.diag, (int64_t)index + 1, ALDB_COL_NONE);
    enum aldb_rc rc = aldb_diag_post(&stmt->h.diag, ALDB_ST_01001, "Row %llu was not %s: it has been changed or deleted since it was fetched. "
                                     "SQLSetPos with SQL_REFRESH reads it again", (unsigned long long)index + 1, kind == ALDB_EDIT_DELETE ? "deleted" : "updated");
    aldb_diag_at(&stmt->h.diag, ALDB_ROW_NONE, ALDB_COL_NONE);
    (void)rc;
    return ALDB_ERR;
}

/* ------------------------------------------------------------------ many rows */

static void row_over(struct aldb_stmt *stmt, struct aldb_outcome *o, enum aldb_rc rc)
{
    struct aldb_edit_run *run = &stmt->edit->run;
    if (rc == ALDB_NO_DATA) {
        rc = post_gone(stmt, run->kind, run->index);
    } else if (rc != ALDB_ERR) {
        run->affected++;
        if (run->kind == ALDB_EDIT_INSERT && write_bookmark(stmt, o, run->index) == ALDB_ERR) {
            rc = ALDB_INFO; /* it is stored all the same */
        }
    }
    mark(stmt, run->index, status_of(run->kind, rc));
    run->done++;
    run->failed += rc == ALDB_ERR;
    run->info |= rc == ALDB_INFO;
    run->index++;
}

static bool left_out(const struct aldb_stmt *stmt, const struct aldb_edit_run *run)
{
    return run->all && stmt->ard->array_status_ptr && stmt->ard->array_status_ptr[run->index] == SQL_ROW_IGNORE;
}

/* Which row of the result row `index` of the buffers is. HY109: it is deleted. */
static enum aldb_rc find_row(struct aldb_stmt *stmt, struct aldb_outcome *o, struct aldb_edit_run *run)
{
    if (run->kind == ALDB_EDIT_INSERT) {
        return ALDB_OK;
    }
    run->row = stmt->row_number + (int64_t)run->index;
    if (run->bookmarks && read_bookmark(stmt, o, run->index, &run->row) == ALDB_ERR) {
        return ALDB_ERR;
    }
    if (aldb_scroll_deleted(o->scroll, (uint64_t)run->row - 1)) {
        return aldb_diag_post(&stmt->h.diag, ALDB_ST_HY109, "Row %llu is deleted", (unsigned long long)run->index + 1);
    }
    return ALDB_OK;
}

static enum aldb_rc run_over(struct aldb_stmt *stmt)
{
    struct aldb_edit_run *run = &stmt->edit->run;
    stmt->state = ALDB_STMT_CURSOR;
    stmt->h.diag.row_count = run->affected;
    stmt->row_count = run->affected;
    if (run->failed > 0 && run->failed == run->done) {
        return ALDB_ERR;
    }
    if (run->failed > 0) {
        return aldb_diag_post(&stmt->h.diag, ALDB_ST_01S01, NULL);
    }
    return run->info ? ALDB_INFO : ALDB_OK;
}

/* Goes on until all rows are done, or one waits for data. */
static enum aldb_rc run_rows(struct aldb_stmt *stmt, struct aldb_outcome *o)
{
    struct aldb_edit_run *run = &stmt->edit->run;
    while (run->index < run->end) {
        if (left_out(stmt, run)) {
            run->index++;
            continue;
        }
        aldb_diag_at(&stmt->h.diag, (int64_t)run->index + 1, ALDB_COL_NONE);
        enum aldb_rc rc = find_row(stmt, o, run);
        if (rc != ALDB_ERR) {
            rc = aldb_edit_row(stmt, o, run->kind, run->row, run->index);
        }
        aldb_diag_at(&stmt->h.diag, ALDB_ROW_NONE, ALDB_COL_NONE);
        if (rc == ALDB_NEED_DATA) {
            run->waiting = true;
            stmt->state = ALDB_STMT_NEED_DATA;
            return rc;
        }
        row_over(stmt, o, rc);
    }
    return run_over(stmt);
}

static enum aldb_rc begin(struct aldb_stmt *stmt, struct aldb_outcome *o, struct aldb_edit_run run)
{
    if (aldb_edit_check(stmt, o) == ALDB_ERR || aldb_fetch_rebind(stmt) == ALDB_ERR) {
        return ALDB_ERR;
    }
    stmt->run_epoch = aldb_stmt_cancels(stmt);
    stmt->edit->run = run;
    return run_rows(stmt, o);
}

/* ------------------------------------------------------------------ data at execution */

bool aldb_stmt_edit_waits(const struct aldb_stmt *stmt)
{
    return stmt->edit && stmt->edit->run.waiting;
}

void aldb_stmt_edit_give_up(struct aldb_stmt *stmt)
{
    struct aldb_stmt *inner = aldb_edit_inner(stmt->edit, stmt->edit->run.kind);
    stmt->edit->run.waiting = false;
    aldb_stmt_rest(inner);
    stmt->state = ALDB_STMT_CURSOR;
}

enum aldb_rc aldb_stmt_edit_param_data(struct aldb_stmt *stmt, SQLPOINTER *token)
{
    struct aldb_edit_run *run = &stmt->edit->run;
    struct aldb_outcome *o = aldb_stmt_outcome(stmt);
    struct aldb_stmt *inner = aldb_edit_inner(stmt->edit, run->kind);
    aldb_diag_reset(&inner->h.diag);
    enum aldb_rc rc = aldb_stmt_param_data(inner, token);
    if (rc == ALDB_NEED_DATA) {
        return rc;
    }
    run->waiting = false;
    row_over(stmt, o, aldb_edit_row_done(stmt, o, run->kind, run->row, run->index, rc));
    rc = run_rows(stmt, o);
    return rc == ALDB_NEED_DATA ? aldb_stmt_param_data(inner, token) : rc; /* the next row's first value */
}

enum aldb_rc aldb_stmt_edit_put_data(struct aldb_stmt *stmt, SQLPOINTER data, SQLLEN len)
{
    struct aldb_stmt *inner = aldb_edit_inner(stmt->edit, stmt->edit->run.kind);
    aldb_diag_reset(&inner->h.diag);
    enum aldb_rc rc = aldb_stmt_put_data(inner, data, len);
    aldb_diag_move(&stmt->h.diag, &inner->h.diag);
    if (rc == ALDB_ERR) {
        mark(stmt, stmt->edit->run.index, SQL_ROW_ERROR);
        aldb_stmt_edit_give_up(stmt);
    }
    return rc;
}

/* ------------------------------------------------------------------ SQLSetPos */

static enum aldb_rc refresh(struct aldb_stmt *stmt, struct aldb_outcome *o, SQLSETPOSIROW row)
{
    SQLULEN from = row ? row - 1 : 0, to = row ? row : stmt->rowset_rows;
    SQLULEN done = 0, failed = 0;
    bool info = false;
    if (o->scroll == NULL) {
        return aldb_diag_post(&stmt->h.diag, ALDB_ST_HYC00, "SQL_REFRESH is not supported: the cursor is forward-only");
    }
    if (aldb_fetch_rebind(stmt) == ALDB_ERR) {
        return ALDB_ERR;
    }
    for (SQLULEN i = from; i < to; i++) {
        if (row == 0 && stmt->ard->array_status_ptr && stmt->ard->array_status_ptr[i] == SQL_ROW_IGNORE) {
            continue;
        }
        enum aldb_rc rc = refresh_row(stmt, o, stmt->row_number + (int64_t)i, i);
        done++;
        failed += rc == ALDB_ERR;
        info |= rc != ALDB_OK;
    }
    if (failed > 0 && failed == done) {
        return ALDB_ERR;
    }
    return info ? ALDB_INFO : ALDB_OK;
}

static enum aldb_rc position(struct aldb_stmt *stmt, const struct aldb_outcome *o, SQLSETPOSIROW row)
{
    if (row == 0) {
        return aldb_diag_post(&stmt->h.diag, ALDB_ST_HY109, "SQL_POSITION needs the number of one row of the rowset, not 0");
    }
    if (o->scroll && aldb_scroll_deleted(o->scroll, (uint64_t)stmt->row_number + row - 2)) {
        return aldb_diag_post(&stmt->h.diag, ALDB_ST_HY109, "Row %llu is deleted", (unsigned long long)row);
    }
    return ALDB_OK;
}

enum aldb_rc aldb_stmt_set_pos(struct aldb_stmt *stmt, SQLSETPOSIROW row, SQLUSMALLINT operation, SQLUSMALLINT lock)
{
    struct aldb_diag *diag = &stmt->h.diag;
    struct aldb_outcome *o = aldb_stmt_outcome(stmt);
    if (operation > SQL_ADD || lock > SQL_LCK_UNLOCK) {
        return aldb_diag_post(diag, ALDB_ST_HY092, "Operation %u or lock type %u is not one of SQLSetPos", operation, lock);
    }
    if (stmt->state != ALDB_STMT_CURSOR || o == NULL || (stmt->rowset_rows == 0 && operation != SQL_ADD)) {
        return aldb_diag_post(diag, ALDB_ST_24000, "The cursor is not positioned on a rowset");
    }
    if (lock != SQL_LOCK_NO_CHANGE) {
        return aldb_diag_post(diag, ALDB_ST_HYC00, "Only SQL_LOCK_NO_CHANGE is supported: SELECT … FOR UPDATE locks rows");
    }
    SQLULEN rows = operation == SQL_ADD ? stmt->ard->array_size : stmt->rowset_rows;
    if (row > rows) {
        return aldb_diag_post(diag, ALDB_ST_HY107, "Row %llu is outside the rowset, which has %llu rows", (unsigned long long)row, (unsigned long long)rows);
    }
    enum aldb_rc rc;
    if (operation == SQL_POSITION) {
        rc = position(stmt, o, row);
    } else if (operation == SQL_REFRESH) {
        rc = refresh(stmt, o, row);
    } else {
        static const enum aldb_edit_kind kinds[] = {[SQL_UPDATE] = ALDB_EDIT_UPDATE, [SQL_DELETE] = ALDB_EDIT_DELETE, [SQL_ADD] = ALDB_EDIT_INSERT};
        rc = begin(stmt, o, (struct aldb_edit_run){.kind = kinds[operation], .all = row == 0, .index = row ? row - 1 : 0, .end = row ? row : rows});
    }
    if (row > 0 && operation != SQL_ADD && rc != ALDB_ERR) { /* the cursor goes there */
        stmt->rowset_pos = row - 1;
        stmt->get_column = ALDB_NO_COLUMN;
        aldb_chunk_reset(&stmt->chunk);
    }
    return rc;
}

/* ------------------------------------------------------------------ SQLBulkOperations */

static enum aldb_rc fetch_by_bookmark(struct aldb_stmt *stmt, struct aldb_outcome *o)
{
    SQLULEN rows = stmt->ard->array_size, failed = 0;
    bool info = false;
    for (SQLULEN i = 0; i < rows; i++) {
        int64_t number = 0;
        aldb_diag_at(&stmt->h.diag, (int64_t)i + 1, ALDB_COL_NONE);
        enum aldb_rc rc = read_bookmark(stmt, o, i, &number);
        aldb_diag_at(&stmt->h.diag, ALDB_ROW_NONE, ALDB_COL_NONE);
        if (rc == ALDB_ERR) {
            mark(stmt, i, SQL_ROW_ERROR);
        } else {
            rc = refresh_row(stmt, o, number, i);
        }
        failed += rc == ALDB_ERR;
        info |= rc != ALDB_OK;
    }
    if (stmt->ird.rows_processed_ptr) {
        *stmt->ird.rows_processed_ptr = rows - failed;
    }
    return failed == rows ? ALDB_ERR : info ? ALDB_INFO : ALDB_OK;
}

enum aldb_rc aldb_stmt_bulk_operations(struct aldb_stmt *stmt, SQLSMALLINT operation)
{
    static const enum aldb_edit_kind kinds[] = {[SQL_ADD] = ALDB_EDIT_INSERT, [SQL_UPDATE_BY_BOOKMARK] = ALDB_EDIT_UPDATE, [SQL_DELETE_BY_BOOKMARK] = ALDB_EDIT_DELETE};
    struct aldb_diag *diag = &stmt->h.diag;
    struct aldb_outcome *o = aldb_stmt_outcome(stmt);
    if (operation < SQL_ADD || operation > SQL_FETCH_BY_BOOKMARK) {
        return aldb_diag_post(diag, ALDB_ST_HY092, "Operation %d is not one of SQLBulkOperations", operation);
    }
    if (stmt->state != ALDB_STMT_CURSOR || o == NULL || !o->has_rows) {
        return aldb_diag_post(diag, ALDB_ST_24000, "There is no result set whose rows could be changed");
    }
    if (operation != SQL_ADD && (stmt->use_bookmarks == SQL_UB_OFF || o->scroll == NULL)) {
        return aldb_diag_post(diag, ALDB_ST_HY092, "Operations by bookmark need a scrollable cursor with SQL_ATTR_USE_BOOKMARKS");
    }
    if (aldb_fetch_rebind(stmt) == ALDB_ERR) {
        return ALDB_ERR;
    }
    if (operation != SQL_ADD && (bookmark_column(stmt) == NULL || bookmark_column(stmt)->data == NULL)) {
        return aldb_diag_post(diag, ALDB_ST_HY092, "Operations by bookmark take the bookmarks from column 0, which is not bound");
    }
    if (operation == SQL_FETCH_BY_BOOKMARK) {
        return fetch_by_bookmark(stmt, o);
    }
    return begin(stmt, o, (struct aldb_edit_run){.kind = kinds[operation], .bookmarks = operation != SQL_ADD, .end = stmt->ard->array_size});
}
