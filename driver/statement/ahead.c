/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What asynchronous calls need to know ahead.
 *
 * unixODBC takes SQL_NO_DATA or SQL_ERROR from a SQLFetch that was SQL_STILL_EXECUTING before for no end of it: from then on it refuses to close the cursor, or to
 * free the statement. An asynchronous fetch therefore ends when it is known what the next one will say: while that is waited for this one's rows
 * are there already, so that it ends well, and the end of the rows, or their failure, is told at once by the next one. Execution ends with the first row or the end
 * at hand, which is where this begins.
 */
#include "statement/internal.h"

#include "statement/scroll.h"

/* Rows that the next rowset wants from the server; of a scrollable cursor those that it does not hold yet. */
static uint64_t rows_to_come(const struct aldb_stmt *stmt, const struct aldb_outcome *o, uint64_t rows)
{
    if (o->scroll == NULL) {
        return rows;
    }
    uint64_t before = stmt->row_number > 0 ? (uint64_t)stmt->row_number - 1 + (uint64_t)stmt->rowset_rows : 0;
    uint64_t held = o->scroll->rows.count;
    return before + rows > held ? before + rows - held : 0;
}

/* Does a rowset ask the server how rows that it shows again are by now? */
static bool reads_again(const struct aldb_stmt *stmt, const struct aldb_outcome *o)
{
    return o->scroll && stmt->edit && stmt->cursor_type == SQL_CURSOR_KEYSET_DRIVEN;
}

/*
 * Does it read large objects into bound buffers? One may be gone, which is an error of this fetch itself and known only then: unixODBC, which must not hear of it
 * behind SQL_STILL_EXECUTING, waits for them.
 */
static bool reads_objects(struct aldb_stmt *stmt)
{
    for (SQLSMALLINT i = 1; stmt->dbc->env->resumes && i <= stmt->ird.count; i++) {
        const struct aldb_desc_rec *r = aldb_desc_rec(stmt->ard, i);
        if (r && r->data_ptr && aldb_large_is(stmt, (SQLUSMALLINT)i, r->concise_type)) {
            return true;
        }
    }
    return false;
}

bool aldb_stmt_get_data_at_hand(struct aldb_stmt *stmt, SQLUSMALLINT column, SQLSMALLINT c_type)
{
    const struct aldb_desc_rec *r = c_type == SQL_ARD_TYPE ? aldb_desc_rec(stmt->ard, (SQLSMALLINT)column) : NULL;
    return !aldb_large_is(stmt, column, r ? r->concise_type : c_type);
}

bool aldb_stmt_fetch_at_hand(struct aldb_stmt *stmt, const struct aldb_fetch_request *req, bool ahead)
{
    struct aldb_outcome *o = aldb_stmt_outcome(stmt);
    uint64_t rows = req->rows ? req->rows : stmt->ard->array_size;
    if (o == NULL || !o->has_rows || stmt->has_pending) {
        return true;
    }
    if (reads_again(stmt, o) || reads_objects(stmt)) {
        return false;
    }
    if (o->is_local || (o->scroll == NULL && stmt->after_end)) {
        return true;
    }
    bool onwards = o->scroll == NULL || (req->orientation == SQL_FETCH_NEXT && !stmt->after_end);
    return aldb_exec_at_hand(&o->exec, onwards ? rows_to_come(stmt, o, rows) + ahead : UINT32_MAX);
}

enum aldb_rc aldb_stmt_look_ahead(struct aldb_stmt *stmt, enum aldb_rc rc)
{
    struct aldb_outcome *o = aldb_stmt_outcome(stmt);
    if (o == NULL || o->is_local || stmt->has_pending || (o->scroll == NULL && stmt->after_end)) {
        return rc;
    }
    struct aldb_wait wait = aldb_dbc_wait(stmt->dbc);
    aldb_stmt_running(stmt, &o->exec);
    enum aldb_rc ahead = aldb_exec_await(&o->exec, &wait, &stmt->pending);
    aldb_stmt_idle(stmt);
    stmt->has_pending = ahead == ALDB_ERR;
    if (ahead == ALDB_INFO) { /* the server said something meanwhile */
        aldb_diag_move(&stmt->h.diag, &stmt->pending);
        rc = rc == ALDB_ERR ? rc : ALDB_INFO;
    }
    return rc;
}

void aldb_stmt_describe_ahead(struct aldb_stmt *stmt)
{
    struct aldb_diag kept = aldb_diag_aside(&stmt->h.diag);
    if (aldb_stmt_describe_result(stmt) != ALDB_ERR && aldb_stmt_column_details(stmt) != ALDB_ERR && stmt->sql.nparams > 0) {
        (void)!aldb_stmt_describe_params(stmt);
    }
    aldb_diag_back(&stmt->h.diag, &kept);
}
