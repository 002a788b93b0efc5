/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Execution: parts of the text times sets of parameters, each giving one outcome (a row count or a result set).
 *
 * One part and one set is the plain case. One part without result set and many sets goes to the session as an array. Everything else runs one after
 * another inside a group (one transaction, or one savepoint), so that the text takes effect whole or not at all.
 */
#include "statement/edit.h"

static enum aldb_rc run_shaped(struct aldb_stmt *stmt, struct aldb_session *s, const struct aldb_wait *wait)
{
    bool array = stmt->sql.nparams > 0 && stmt->apd->array_size > 1;
    if (array && aldb_copy_check_sets(stmt) == ALDB_ERR) {
        return ALDB_ERR;
    }
    if (stmt->sql.nparts == 1 && !array) {
        if (aldb_outcomes_begin(stmt, 1) == ALDB_ERR) {
            return ALDB_ERR;
        }
        bool ignored = stmt->sql.nparams > 0 && aldb_params_ignored(stmt, 0);
        enum aldb_rc rc = ignored ? ALDB_OK : aldb_run_part(stmt, s, 0, 0, stmt->acts_for != NULL, wait);
        if (stmt->sql.nparams > 0) {
            aldb_sets_mark(stmt, 0, ignored ? SQL_PARAM_UNUSED : aldb_sets_status(rc));
            aldb_sets_processed(stmt, ignored ? 0 : 1);
        }
        return rc;
    }
    if (stmt->sql.nparts == 1 && stmt->sql.parts[0].cls == ALDB_SQL_CALL && array) {
        return aldb_sets_run_each(stmt, s, wait); /* a procedure may commit: no unit around it */
    }
    if (stmt->sql.nparts == 1 && aldb_sql_plannable(stmt->sql.parts[0].cls)) {
        struct aldb_plan *plan;
        if (aldb_stmt_plan(stmt, 0, NULL, wait, &plan) == ALDB_ERR) {
            aldb_sets_mark_all(stmt, SQL_PARAM_UNUSED);
            aldb_sets_processed(stmt, 0);
            return ALDB_ERR;
        }
        bool rows = plan->undescribed ? stmt->sql.parts[0].rows : plan->ncolumns > 0;
        return rows ? aldb_sets_run_results(stmt, s, wait) : aldb_sets_run(stmt, s, plan, wait);
    }
    return aldb_sets_run_unit(stmt, s, wait);
}

enum aldb_rc aldb_stmt_run(struct aldb_stmt *stmt)
{
    struct aldb_session *s = aldb_stmt_session(stmt);
    if (s == NULL) {
        aldb_stmt_rest(stmt);
        return ALDB_ERR;
    }
    struct aldb_wait wait = aldb_stmt_wait(stmt);
    stmt->run_epoch = aldb_stmt_cancels(stmt);
    enum aldb_rc rc = aldb_edit_settle(stmt, &wait);
    if (rc != ALDB_ERR) {
        aldb_edit_downgrade(stmt);
        rc = stmt->cursor_of.len > 0 ? aldb_positioned_run(stmt, &wait) : run_shaped(stmt, s, &wait);
    }
    aldb_params_done(stmt);
    if (rc == ALDB_NEED_DATA) {
        return aldb_copy_wait(stmt);
    }
    if (rc == ALDB_ERR) {
        aldb_stmt_discard_quietly(stmt);
        return rc;
    }
    if (stmt->noutcomes == 0) {
        /* Every set was ignored. */
        aldb_stmt_drop_results(stmt);
        stmt->state = ALDB_STMT_EXECUTED;
        stmt->row_count = 0;
        return rc;
    }
    size_t first = aldb_stmt_next_outcome(stmt, 0);
    stmt->outcome = first < stmt->noutcomes ? first : 0;
    if (aldb_outcome_show(stmt) == ALDB_ERR) {
        return ALDB_ERR;
    }
    const struct aldb_outcome *o = stmt->outcomes[stmt->outcome];
    if (stmt->nstreamed > 0 && !o->has_rows && !aldb_stmt_results_left(stmt)) {
        return aldb_streamed_begin(stmt);
    }
    bool nothing_touched = stmt->noutcomes == 1 && o->ncounts <= 1 && !o->has_rows && aldb_sql_counts_rows(o->cls) && o->affected == 0;
    /* Notices do not change that; sets that failed do. */
    if (nothing_touched && !aldb_diag_has_error(&stmt->h.diag) && aldb_stmt_version(stmt) != SQL_OV_ODBC2) {
        return ALDB_NO_DATA;
    }
    enum aldb_rc less = o->has_rows ? aldb_edit_tell_downgrade(stmt) : ALDB_OK;
    return rc == ALDB_OK ? less : rc;
}

/* Data-at-execution first, then the run. */
static enum aldb_rc start(struct aldb_stmt *stmt)
{
    aldb_outcome_expect(stmt);
    if (stmt->sql.nparams > 0) {
        if (aldb_params_check_bound(stmt) == ALDB_ERR) {
            return ALDB_ERR;
        }
        enum aldb_rc rc = aldb_dae_begin(stmt);
        if (rc == ALDB_NEED_DATA) {
            stmt->state = ALDB_STMT_NEED_DATA;
        }
        if (rc != ALDB_OK) {
            return rc;
        }
    }
    return aldb_stmt_run(stmt);
}

enum aldb_rc aldb_stmt_execute(struct aldb_stmt *stmt)
{
    if (!stmt->has_sql || !stmt->prepared) {
        return aldb_diag_post(&stmt->h.diag, ALDB_ST_HY010, "SQLExecute needs a statement prepared by SQLPrepare");
    }
    if (aldb_stmt_discard(stmt) == ALDB_ERR || aldb_stmt_read_again(stmt) == ALDB_ERR) {
        return ALDB_ERR;
    }
    return start(stmt);
}

enum aldb_rc aldb_stmt_exec_direct(struct aldb_stmt *stmt, struct aldb_slice text)
{
    if (aldb_stmt_set_text(stmt, text) == ALDB_ERR) {
        aldb_outcome_expect(stmt);
        return ALDB_ERR;
    }
    return start(stmt);
}
