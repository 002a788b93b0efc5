/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of a call before it runs, and its running. */
#include "statement/call.h"

#include "base/alloc.h"

/* ------------------------------------------------------------------ directions */

static SQLSMALLINT direction(const struct aldb_stmt *stmt, uint32_t marker)
{
    const struct aldb_desc_rec *d = marker == ALDB_SQL_NO_MARKER ? NULL : aldb_desc_rec((struct aldb_desc *)&stmt->ipd, (SQLSMALLINT)(marker + 1));
    return d ? d->parameter_type : SQL_PARAM_INPUT;
}

bool aldb_call_is_streamed(const struct aldb_stmt *stmt, uint32_t marker)
{
    SQLSMALLINT io = direction(stmt, marker);
    return io == SQL_PARAM_OUTPUT_STREAM || io == SQL_PARAM_INPUT_OUTPUT_STREAM;
}

bool aldb_call_is_pure_output(const struct aldb_stmt *stmt, uint32_t marker)
{
    SQLSMALLINT io = direction(stmt, marker);
    return io == SQL_PARAM_OUTPUT || io == SQL_PARAM_OUTPUT_STREAM;
}

bool aldb_call_is_output(const struct aldb_stmt *stmt, uint32_t marker)
{
    return direction(stmt, marker) == SQL_PARAM_INPUT_OUTPUT || aldb_call_is_pure_output(stmt, marker) || aldb_call_is_streamed(stmt, marker);
}

/* ------------------------------------------------------------------ what is known of a part */

static void calls_free(struct aldb_call_part *calls, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        aldb_names_clear(&calls[i]);
        aldb_sql_routine_clear(&calls[i].routine);
        aldb_free(calls[i].defaults);
        aldb_free(calls[i].columns);
        aldb_plan_release(calls[i].columns_of);
    }
    aldb_free(calls);
}

struct aldb_call_part *aldb_call_of(struct aldb_stmt *stmt, size_t part, bool *no_memory)
{
    const struct aldb_sql_part *p = &stmt->sql.parts[part];
    *no_memory = false;
    if (p->cls != ALDB_SQL_CALL) {
        return NULL;
    }
    if (stmt->calls == NULL) {
        stmt->calls = aldb_alloc_array(stmt->sql.nparts, sizeof *stmt->calls);
        stmt->calls_free = calls_free;
    }
    struct aldb_call_part *c = stmt->calls ? &stmt->calls[part] : NULL;
    enum aldb_rc rc = c == NULL ? ALDB_ERR : c->read ? ALDB_OK : aldb_sql_read_call(&stmt->sql, part, &c->routine);
    if (rc == ALDB_ERR) {
        *no_memory = true;
        (void)aldb_diag_post(&stmt->h.diag, ALDB_ST_HY001, NULL);
        return NULL;
    }
    if (!c->read) {
        c->read = true;
        c->is_call = rc == ALDB_OK;
        c->form = p->call == ALDB_CALL_NONE ? ALDB_FORM_PROCEDURE : ALDB_FORM_FUNCTION;
    }
    return c->is_call ? c : NULL;
}

bool aldb_call_leaves_out(struct aldb_stmt *stmt, size_t part, uint32_t marker)
{
    const struct aldb_call_part *c = stmt->calls && stmt->calls[part].is_call ? &stmt->calls[part] : NULL;
    for (size_t i = 0; c && i < c->routine.nargs; i++) {
        if (c->routine.args[i].marker == marker) {
            return c->routine.args[i].left_out;
        }
    }
    return false;
}

/* ------------------------------------------------------------------ parameters left to their defaults */

static bool asks_for_default(const struct aldb_stmt *stmt, uint32_t marker, uint64_t set)
{
    struct aldb_param_at at;
    if (marker == ALDB_SQL_NO_MARKER || aldb_call_is_pure_output(stmt, marker)) {
        return false;
    }
    aldb_params_at(stmt, marker, set, &at);
    return (at.length && aldb_length_at(at.length) == SQL_DEFAULT_PARAM) || aldb_dae_is_default(stmt, marker, set);
}

/* PostgreSQL takes a default where an argument is not given: behind the last one, or among those given by name. */
static enum aldb_rc check_defaults(struct aldb_stmt *stmt, const struct aldb_call_part *c)
{
    const struct aldb_sql_routine *r = &c->routine;
    const struct aldb_sql_arg *hole = NULL;
    for (size_t i = 0; c->defaults && i < r->nargs; i++) {
        bool named = aldb_names_has(c, i);
        hole = hole == NULL && !named && c->defaults[i] ? &r->args[i] : hole;
        if (hole && !named && !c->defaults[i]) {
            return aldb_diag_post(&stmt->h.diag, ALDB_ST_07S01,
                                  "Parameter %u asks for a default (SQL_DEFAULT_PARAM), but an argument behind it does not: only the last arguments of a call "
                                  "can be left to their defaults; name those behind it, as in {call f(?, c => ?)}, or by SQL_DESC_NAME", hole->marker + 1);
        }
    }
    return ALDB_OK;
}

/* Reads the indicators of a set: to be called when the statement is executed, and not before. */
static enum aldb_rc take_defaults(struct aldb_stmt *stmt, struct aldb_call_part *c, uint64_t set)
{
    for (size_t i = 0; i < c->routine.nargs; i++) {
        bool wanted = asks_for_default(stmt, c->routine.args[i].marker, set);
        if (wanted && c->defaults == NULL) {
            c->defaults = aldb_alloc_array(c->routine.nargs, sizeof *c->defaults);
            if (c->defaults == NULL) {
                return aldb_diag_post(&stmt->h.diag, ALDB_ST_HY001, NULL);
            }
        }
        if (c->defaults && c->defaults[i] != wanted) {
            c->defaults[i] = wanted;
            c->settled = false;
        }
    }
    return check_defaults(stmt, c);
}

/* ------------------------------------------------------------------ running */

bool aldb_call_hides_result(struct aldb_stmt *stmt, size_t part, const struct aldb_column *columns, uint16_t ncolumns)
{
    const struct aldb_sql_part *p = &stmt->sql.parts[part];
    const struct aldb_call_part *c = stmt->calls ? &stmt->calls[part] : NULL;
    if (c == NULL || !c->is_call) {
        return false;
    }
    bool nothing = p->call != ALDB_CALL_NONE && ncolumns == 1 && columns[0].oid == ALDB_OID_VOID;
    return nothing || p->call == ALDB_CALL_RETURN || aldb_outputs_wanted(stmt, part) || aldb_refcursor_named(stmt, columns, ncolumns);
}

/* The next row of a call's result. ALDB_NO_DATA: there is none. */
static enum aldb_rc next_row(struct aldb_stmt *stmt, struct aldb_outcome *o, const struct aldb_wait *wait)
{
    if (!o->has_rows || o->exec.ncolumns == 0) {
        return ALDB_NO_DATA;
    }
    aldb_stmt_running(stmt, &o->exec);
    enum aldb_rc rc = aldb_exec_next(&o->exec, wait, &stmt->h.diag);
    aldb_stmt_idle(stmt);
    return rc;
}

/* All rows: the first to the parameters, the cursors that they name to *names. */
static enum aldb_rc take_rows(struct aldb_stmt *stmt, struct aldb_outcome *o, size_t part, struct aldb_buf *names, const struct aldb_wait *wait)
{
    bool cursors = aldb_refcursor_named(stmt, o->exec.columns, o->exec.ncolumns);
    bool first = true;
    bool info = false;
    for (;;) {
        enum aldb_rc rc = next_row(stmt, o, wait);
        if (rc == ALDB_ERR) {
            return rc;
        }
        info |= rc == ALDB_INFO;
        bool row = rc != ALDB_NO_DATA;
        if (first) {
            rc = aldb_outputs_deliver(stmt, o, part, row);
            info |= rc == ALDB_INFO;
        } else if (row && !cursors) {
            rc = aldb_diag_post(&stmt->h.diag, ALDB_ST_01000, "The function returned more than one row: the parameters have the values of the first, "
                                "and the others are dropped; {call …} without output parameters has them as a result set");
            return rc;
        }
        if (rc == ALDB_ERR) {
            return rc;
        }
        if (row && cursors) {
            aldb_refcursor_collect(o, names);
        }
        /* Values that are told in parts are read from where the result stands. */
        if (!row || (first && aldb_outputs_streamed(stmt, part))) {
            return info ? ALDB_INFO : ALDB_OK;
        }
        first = false;
    }
}

/* What is no result set for the application goes where it belongs. */
static enum aldb_rc dispose(struct aldb_stmt *stmt, struct aldb_session *s, struct aldb_outcome *o, size_t part, const struct aldb_wait *wait)
{
    bool array = stmt->sql.nparams > 0 && stmt->apd->array_size > 1;
    struct aldb_buf names;
    enum aldb_rc rc = ALDB_OK;
    bool info = false;
    /* The plan may have been made anew while it ran: what the outputs are is to be seen anew, too. */
    if (stmt->plans[part] && stmt->calls[part].columns_of != stmt->plans[part] && aldb_outputs_map(stmt, part, stmt->plans[part], wait) == ALDB_ERR) {
        return ALDB_ERR;
    }
    if (!aldb_call_hides_result(stmt, part, o->exec.columns, o->exec.ncolumns)) {
        o->silent = array && !o->has_rows;
        return ALDB_OK;
    }
    aldb_buf_init(&names, ALDB_MAX_VALUE);
    bool void_only = stmt->sql.parts[part].call != ALDB_CALL_RETURN && o->exec.ncolumns == 1 && o->exec.columns[0].oid == ALDB_OID_VOID;
    if (!void_only || aldb_outputs_wanted(stmt, part)) {
        ALDB_TRY(take_rows(stmt, o, part, &names, wait));
        info |= rc == ALDB_INFO;
    }
    o->has_rows = false;
    o->affected = -1;
    o->silent = array || names.len > 0;
    if (stmt->nstreamed == 0 || stmt->streamed[stmt->nstreamed - 1].outcome != o) {
        ALDB_TRY(aldb_exec_close(&o->exec, wait, &stmt->h.diag));
        info |= rc == ALDB_INFO;
    }
    if (names.len > 0 || names.failed) {
        ALDB_TRY(aldb_refcursor_fetch(stmt, s, &names, o->set, wait));
        info |= rc == ALDB_INFO;
    }
    rc = info ? ALDB_INFO : ALDB_OK;
out:
    aldb_buf_clear(&names);
    return rc;
}

/* Back to what the statement had before. */
static void forget_outcomes(struct aldb_stmt *stmt, size_t noutcomes, size_t nstreamed)
{
    while (stmt->noutcomes > noutcomes) {
        aldb_stmt_drop_outcome(stmt);
    }
    stmt->nstreamed = nstreamed;
}

/* `cursors`: in a transaction or under a savepoint of its own, for cursors live no longer than a transaction. */
static enum aldb_rc run_once(struct aldb_stmt *stmt, struct aldb_session *s, size_t part, uint64_t set, bool whole, bool cursors, const struct aldb_wait *wait)
{
    size_t noutcomes = stmt->noutcomes;
    size_t nstreamed = stmt->nstreamed;
    if (cursors && aldb_group_begin(s, wait, &stmt->h.diag) == ALDB_ERR) {
        return ALDB_ERR;
    }
    enum aldb_rc rc = aldb_run_one(stmt, s, part, set, whole || cursors || aldb_outputs_streamed(stmt, part), wait);
    if (rc != ALDB_ERR) {
        bool one_of_many = stmt->sql.nparams > 0 && stmt->apd->array_size > 1;
        aldb_diag_at(&stmt->h.diag, one_of_many ? (int64_t)set + 1 : ALDB_ROW_NONE, ALDB_COL_NONE);
        enum aldb_rc got = dispose(stmt, s, stmt->outcomes[noutcomes], part, wait);
        aldb_diag_at(&stmt->h.diag, ALDB_ROW_NONE, ALDB_COL_NONE);
        rc = got == ALDB_OK ? rc : got;
    }
    bool ran = rc != ALDB_ERR;
    /* Undoing has a time of its own: that of the statement may be over. */
    if (cursors && aldb_group_end(s, ran, ran ? wait : NULL, &stmt->h.diag) == ALDB_ERR) {
        rc = ALDB_ERR;
    }
    if (rc == ALDB_ERR) {
        forget_outcomes(stmt, noutcomes, nstreamed);
    }
    return rc;
}

/* A procedure that ends transactions can do so where the transaction is its own only; the server says no more than that it cannot. */
static void explain_failure(struct aldb_stmt *stmt, struct aldb_session *s, bool cursors)
{
    if (aldb_diag_first_native(&stmt->h.diag) != aldb_pgstate_native("2D000")) {
        return;
    }
    if (!aldb_session_autocommit(s)) {
        aldb_diag_hint(&stmt->h.diag, 1, "The procedure ends transactions by itself: call it with SQL_ATTR_AUTOCOMMIT on");
    } else if (cursors) {
        aldb_diag_hint(&stmt->h.diag, 1, "The procedure ends transactions by itself, and gives back cursors, which FetchRefcursors reads in the same transaction: "
                       "call it with FetchRefcursors off");
    }
}

enum aldb_rc aldb_call_run(struct aldb_stmt *stmt, struct aldb_session *s, size_t part, uint64_t set, bool whole, const struct aldb_wait *wait)
{
    bool no_memory;
    bool cursors = false;
    struct aldb_call_part *c = aldb_call_of(stmt, part, &no_memory);
    if (c == NULL) {
        return no_memory ? ALDB_ERR : aldb_run_one(stmt, s, part, set, whole, wait);
    }
    if (aldb_names_take(stmt, part, c) == ALDB_ERR || take_defaults(stmt, c, set) == ALDB_ERR) {
        return ALDB_ERR;
    }
    if (aldb_run_is_planned(stmt, part)) {
        struct aldb_plan *plan;
        if (aldb_stmt_plan(stmt, part, NULL, wait, &plan) == ALDB_ERR || aldb_outputs_map(stmt, part, plan, wait) == ALDB_ERR) {
            return ALDB_ERR;
        }
        cursors = aldb_refcursor_named(stmt, plan->columns, plan->ncolumns);
    }
    enum aldb_rc rc = run_once(stmt, s, part, set, whole, cursors, wait);
    if (rc == ALDB_ERR && cursors && aldb_sets_replan(stmt, s, wait)) {
        aldb_diag_clear(&stmt->h.diag);
        rc = run_once(stmt, s, part, set, whole, true, wait);
    }
    if (rc == ALDB_ERR) {
        aldb_call_doubt(stmt, s, part);
        explain_failure(stmt, s, cursors);
    }
    return rc;
}
