/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sets of parameters, and several parts: what is more than one execution.
 *
 * A part without result set goes to the session as an array. Everything else runs one after another inside a group (one transaction, or one savepoint), so
 * that the text takes effect whole or not at all.
 */
#include "statement/internal.h"

#include <string.h>

#include "base/alloc.h"

void aldb_sets_mark(struct aldb_stmt *stmt, uint64_t set, SQLUSMALLINT status)
{
    if (stmt->ipd.array_status_ptr) {
        stmt->ipd.array_status_ptr[set] = status;
    }
}

SQLUSMALLINT aldb_sets_status(enum aldb_rc rc)
{
    return rc == ALDB_ERR ? SQL_PARAM_ERROR : rc == ALDB_INFO ? SQL_PARAM_SUCCESS_WITH_INFO : SQL_PARAM_SUCCESS;
}

void aldb_sets_mark_all(struct aldb_stmt *stmt, SQLUSMALLINT status)
{
    for (uint64_t set = 0; set < stmt->apd->array_size; set++) {
        aldb_sets_mark(stmt, set, status);
    }
}

void aldb_sets_processed(struct aldb_stmt *stmt, uint64_t count)
{
    if (stmt->ipd.rows_processed_ptr) {
        *stmt->ipd.rows_processed_ptr = count;
    }
}

/* What a call with sets tells. Where the application has given no array for their statuses, as pyodbc, one that failed makes it fail: nobody would see it otherwise. */
static enum aldb_rc told(const struct aldb_stmt *stmt, bool ended, uint64_t failed, bool info)
{
    bool unseen = failed > 0 && stmt->ipd.array_status_ptr == NULL;
    return ended || unseen ? ALDB_ERR : failed > 0 || info ? ALDB_INFO : ALDB_OK;
}

/* ------------------------------------------------------------------ arrays of parameters without result sets */

struct array_run {
    struct aldb_stmt *stmt;
    size_t part;
    struct aldb_plan *plan;
    uint64_t failed, done;
    uint64_t last; /* number of the last set that was run or refused */
    struct aldb_outcome *o; /* of all sets */
};

static enum aldb_rc array_encode(void *ctx, uint64_t set, struct aldb_params *out)
{
    struct array_run *run = ctx;
    if (aldb_params_ignored(run->stmt, set)) {
        return ALDB_NO_DATA;
    }
    struct aldb_misfit misfit;
    enum aldb_rc rc = aldb_params_encode(run->stmt, run->part, run->plan, set, out, &misfit);
    if (rc == ALDB_ERR) {
        if (misfit.param >= 0) {
            rc = aldb_params_refuse(run->stmt, run->part, set, &misfit);
        }
        run->failed++;
        run->done++;
        run->last = set + 1;
        aldb_sets_mark(run->stmt, set, SQL_PARAM_ERROR);
    }
    return rc;
}

static void array_done(void *ctx, uint64_t set, enum aldb_set_status status, int64_t affected)
{
    static const SQLUSMALLINT codes[] = {
        [ALDB_SET_UNUSED] = SQL_PARAM_UNUSED,
        [ALDB_SET_OK] = SQL_PARAM_SUCCESS,
        [ALDB_SET_INFO] = SQL_PARAM_SUCCESS_WITH_INFO,
        [ALDB_SET_ERROR] = SQL_PARAM_ERROR,
    };
    struct array_run *run = ctx;
    aldb_sets_mark(run->stmt, set, codes[status]);
    if (status == ALDB_SET_UNUSED) {
        return;
    }
    run->done++;
    run->last = set + 1 > run->last ? set + 1 : run->last;
    if (status == ALDB_SET_ERROR) {
        run->failed++;
    } else if (affected > 0) {
        run->o->affected += affected;
    }
    if (run->o->counts && status != ALDB_SET_ERROR) {
        run->o->counts[run->o->ncounts++] = affected;
    }
}

/*
 * Widest need first: a value somewhere in the array may not fit the type that the server inferred, and one plan serves all sets.
 * Encoding everything twice is cheap beside sending it; only integer targets with wider declared types ask for it.
 */
static enum aldb_rc array_plan(struct aldb_stmt *stmt, size_t part, const struct aldb_wait *wait, struct aldb_plan **plan)
{
    if (aldb_params_resolve(stmt, part, *plan) == ALDB_ERR) {
        return ALDB_ERR;
    }
    if (!aldb_params_risky(stmt, part, *plan)) {
        return ALDB_OK;
    }
    struct aldb_diag *diag = &stmt->h.diag;
    struct aldb_forced forced = {0};
    for (uint64_t set = 0; set < stmt->apd->array_size; set++) {
        struct aldb_params ignore;
        if (aldb_params_ignored(stmt, set)) {
            continue;
        }
        /* A set that cannot be encoded at all is reported when its turn comes. */
        struct aldb_diag kept = aldb_diag_aside(diag);
        (void)!aldb_run_encode(stmt, part, set, wait, &forced, plan, &ignore);
        aldb_diag_back(diag, &kept);
    }
    aldb_forced_clear(&forced);
    return aldb_params_resolve(stmt, part, *plan);
}

/* All of it through the pipeline, together or each set by itself: see aldb_exec_sets. */
static enum aldb_rc run_pipeline(struct array_run *run, struct aldb_session *s, bool together, bool *stale, const struct aldb_wait *wait)
{
    struct aldb_stmt *stmt = run->stmt;
    struct aldb_outcome *o = run->o;
    struct aldb_set_source source = {
        .ctx = run, .count = stmt->apd->array_size, .together = together, .encode = array_encode, .done = array_done};
    struct aldb_exec_request req = aldb_run_request(stmt, 0);
    req.plan = run->plan;
    run->failed = run->done = run->last = 0;
    o->affected = 0;
    o->ncounts = 0;
    aldb_sets_mark_all(stmt, SQL_PARAM_UNUSED);
    aldb_stmt_running(stmt, &o->exec);
    enum aldb_rc rc = aldb_exec_sets(&o->exec, s, &req, &source, stale, wait, &stmt->h.diag);
    aldb_stmt_idle(stmt);
    aldb_exec_abandon(&o->exec);
    return rc;
}

/*
 * The three ways, the fastest first: one statement for all (bulk.c), all sets together, each by itself. What one way has undone, because some set failed, the next
 * one does again and can tell more of it.
 */
static enum aldb_rc run_ways(struct array_run *run, struct aldb_session *s, bool *stale, const struct aldb_wait *wait)
{
    struct aldb_diag *diag = &run->stmt->h.diag;
    int mode = run->stmt->dbc->options.BatchMode;
    bool each = mode == ALDB_BATCH_PIPELINE || mode == ALDB_BATCH_OFF;
    enum aldb_rc rc = each ? ALDB_NO_DATA : aldb_bulk_run(run->stmt, s, run->plan, run->o, wait);
    if (rc != ALDB_NO_DATA) {
        return rc;
    }
    struct aldb_diag kept = aldb_diag_aside(diag);
    rc = run_pipeline(run, s, !each, stale, wait);
    if (rc == ALDB_NO_DATA) {
        aldb_diag_clear(diag);
        rc = aldb_stmt_check_cancel(run->stmt) == ALDB_ERR ? ALDB_ERR : run_pipeline(run, s, false, stale, wait);
    }
    aldb_diag_back_with(diag, &kept);
    aldb_sets_processed(run->stmt, run->last);
    bool none = run->done > 0 && run->failed == run->done;
    return told(run->stmt, rc == ALDB_ERR || none, run->failed, rc == ALDB_INFO);
}

/* Where the application wants the count of each set there is room for them before anything runs. HY001. */
static enum aldb_rc make_counts(struct aldb_stmt *stmt, struct aldb_outcome *o)
{
    if (stmt->dbc->options.ArrayRowCounts != ALDB_COUNTS_EACH) {
        return ALDB_OK;
    }
    o->counts = aldb_alloc_array(stmt->apd->array_size, sizeof *o->counts);
    return o->counts ? ALDB_OK : aldb_diag_post(&stmt->h.diag, ALDB_ST_HY001, NULL);
}

static enum aldb_rc run_array(struct aldb_stmt *stmt, struct aldb_session *s, struct aldb_plan *plan, bool *stale, const struct aldb_wait *wait)
{
    *stale = false;
    if (array_plan(stmt, 0, wait, &plan) == ALDB_ERR) {
        return ALDB_ERR;
    }
    aldb_sets_mark_all(stmt, SQL_PARAM_UNUSED);
    struct aldb_outcome *o = aldb_outcomes_begin(stmt, 1) == ALDB_ERR ? NULL : aldb_outcome_add(stmt, stmt->sql.parts[0].cls);
    if (o == NULL) {
        return ALDB_ERR;
    }
    struct array_run run = {.stmt = stmt, .plan = plan, .o = o};
    enum aldb_rc rc = make_counts(stmt, o);
    rc = rc == ALDB_OK ? run_ways(&run, s, stale, wait) : rc;
    if (rc == ALDB_ERR) {
        aldb_stmt_drop_outcome(stmt);
    } else if (o->ncounts > 0) {
        o->affected = o->counts[0];
    }
    return rc;
}

/* The plan of a part that an execution has found void goes; the next one comes from the server. */
static void forget_plan(struct aldb_stmt *stmt, struct aldb_session *s, size_t part)
{
    aldb_plan_forget(s, stmt->plans[part]);
    aldb_plan_release(stmt->plans[part]);
    stmt->plans[part] = NULL;
}

enum aldb_rc aldb_sets_run(struct aldb_stmt *stmt, struct aldb_session *s, struct aldb_plan *plan, const struct aldb_wait *wait)
{
    bool stale;
    enum aldb_rc rc = run_array(stmt, s, plan, &stale, wait);
    if (!stale) {
        return rc;
    }
    aldb_stmt_drop_results(stmt);
    forget_plan(stmt, s, 0);
    if (aldb_stmt_plan(stmt, 0, NULL, wait, &plan) == ALDB_ERR) {
        return ALDB_ERR;
    }
    rc = run_array(stmt, s, plan, &stale, wait);
    return stale ? aldb_diag_post(&stmt->h.diag, ALDB_ST_HY000, "What the statement speaks of was altered again and again while it began; execute it again")
                 : rc;
}

/* ------------------------------------------------------------------ several executions */

static bool may_group(const struct aldb_stmt *stmt)
{
    for (size_t i = 0; i < stmt->sql.nparts; i++) {
        switch (stmt->sql.parts[i].cls) {
        case ALDB_SQL_TXN_BEGIN:
        case ALDB_SQL_TXN_COMMIT:
        case ALDB_SQL_TXN_ROLLBACK:
        case ALDB_SQL_SAVEPOINT:
        case ALDB_SQL_SAVEPOINT_END:
        case ALDB_SQL_SET_TXN:
        case ALDB_SQL_NO_BLOCK:
        case ALDB_SQL_CALL:
            return false;
        default:
            break;
        }
    }
    return true;
}

/* One after another as a unit: on failure nothing of it has happened. Markers give every set its status. */
static enum aldb_rc run_unit(struct aldb_stmt *stmt, struct aldb_session *s, const struct aldb_wait *wait)
{
    bool group = may_group(stmt);
    bool info = false;
    enum aldb_rc rc = ALDB_OK;
    bool marked = stmt->sql.nparams > 0;
    uint64_t sets = marked ? stmt->apd->array_size : 1;
    uint64_t processed = 0;

    if (aldb_outcomes_begin(stmt, sets * stmt->sql.nparts) == ALDB_ERR) {
        return ALDB_ERR;
    }
    if (group && aldb_group_begin(s, wait, &stmt->h.diag) == ALDB_ERR) {
        return ALDB_ERR;
    }
    if (marked) {
        aldb_sets_mark_all(stmt, SQL_PARAM_UNUSED);
    }
    for (uint64_t set = 0; set < sets && rc != ALDB_ERR; set++) {
        if (marked && aldb_params_ignored(stmt, set)) {
            continue;
        }
        processed = set + 1;
        for (size_t part = 0; part < stmt->sql.nparts && rc != ALDB_ERR; part++) {
            rc = aldb_run_part(stmt, s, part, set, group, wait);
            info |= rc == ALDB_INFO;
        }
        if (marked && rc == ALDB_ERR && group) {
            aldb_sets_mark_all(stmt, SQL_PARAM_UNUSED); /* undone, or not reached */
        }
        if (marked) {
            aldb_sets_mark(stmt, set, rc == ALDB_ERR ? SQL_PARAM_ERROR : SQL_PARAM_SUCCESS);
        }
    }
    if (marked) {
        aldb_sets_processed(stmt, processed);
    }
    bool ran = rc != ALDB_ERR;
    /* Undoing has a time of its own: that of the statement may be over. */
    if (group && aldb_group_end(s, ran, ran ? wait : NULL, &stmt->h.diag) == ALDB_ERR) {
        rc = ALDB_ERR;
        if (marked && ran) {
            aldb_sets_mark_all(stmt, SQL_PARAM_ERROR);
        }
    }
    return rc == ALDB_ERR ? ALDB_ERR : info ? ALDB_INFO : ALDB_OK;
}

bool aldb_sets_failures_end_nothing(struct aldb_stmt *stmt, struct aldb_session *s)
{
    return aldb_session_autocommit(s) || stmt->dbc->options.ErrorRollback == ALDB_ROLLBACK_STATEMENT;
}

/* Does the plan of a part name other parameter types than before, asked for anew? */
static bool has_changed(struct aldb_stmt *stmt, struct aldb_session *s, size_t part, const struct aldb_wait *wait)
{
    struct aldb_plan *old = stmt->plans[part] ? aldb_plan_ref(stmt->plans[part]) : NULL;
    struct aldb_plan *fresh = NULL;
    if (old == NULL) {
        return false;
    }
    forget_plan(stmt, s, part);
    bool changed = aldb_stmt_plan(stmt, part, old->forced, wait, &fresh) != ALDB_ERR && !aldb_plan_same_params(fresh, old);
    aldb_plan_release(old);
    return changed;
}

bool aldb_sets_replan(struct aldb_stmt *stmt, struct aldb_session *s, const struct aldb_wait *wait)
{
    int32_t native = aldb_diag_first_native(&stmt->h.diag);
    bool lost = native == aldb_pgstate_native("26000");
    bool changed = lost || native == aldb_pgstate_native("0A000");
    if (!aldb_sets_failures_end_nothing(stmt, s) || !aldb_plan_doubtful(native)) {
        return false;
    }
    struct aldb_diag kept = aldb_diag_aside(&stmt->h.diag);
    if (lost) {
        aldb_plan_forget(s, NULL);
    }
    for (size_t part = 0; part < stmt->sql.nparts; part++) {
        changed |= has_changed(stmt, s, part, wait);
    }
    aldb_diag_back(&stmt->h.diag, &kept);
    return changed;
}

enum aldb_rc aldb_sets_run_unit(struct aldb_stmt *stmt, struct aldb_session *s, const struct aldb_wait *wait)
{
    enum aldb_rc rc = run_unit(stmt, s, wait);
    /* Undone as a whole, it can be run again as a whole. */
    if (rc != ALDB_ERR || !may_group(stmt) || !aldb_sets_replan(stmt, s, wait)) {
        return rc;
    }
    aldb_diag_clear(&stmt->h.diag);
    aldb_stmt_drop_results(stmt);
    return run_unit(stmt, s, wait);
}

/* ------------------------------------------------------------------ arrays of parameters with result sets */

bool aldb_sets_fault_of_values(struct aldb_stmt *stmt)
{
    static const char *const states[] = {"22", "23", "44", "07006", "HY009", "HY090"};
    const struct aldb_diag_record *r = aldb_diag_get(&stmt->h.diag, 1);
    for (size_t i = 0; r && i < ALDB_COUNT(states); i++) {
        if (strncmp(r->state, states[i], strlen(states[i])) == 0) {
            return true;
        }
    }
    return r && r->native == aldb_pgstate_native("P0001"); /* RAISE EXCEPTION, as in a trigger */
}

bool aldb_sets_end_of_call(struct aldb_stmt *stmt)
{
    static const char *const states[] = {"HY008", "HYT00", "HYT01", "08S01", "08003", "08007"};
    for (size_t n = 1; n <= stmt->h.diag.count; n++) {
        const struct aldb_diag_record *r = aldb_diag_get(&stmt->h.diag, n);
        for (size_t i = 0; i < ALDB_COUNT(states); i++) {
            if (strcmp(r->state, states[i]) == 0) {
                return true;
            }
        }
    }
    return false;
}

/* What sets before `end` have done is undone with their transaction. */
static void unmark(struct aldb_stmt *stmt, uint64_t end)
{
    const SQLUSMALLINT *status = stmt->ipd.array_status_ptr;
    for (uint64_t set = 0; status && set < end; set++) {
        if (status[set] != SQL_PARAM_ERROR) {
            aldb_sets_mark(stmt, set, SQL_PARAM_UNUSED);
        }
    }
}

/* Each set by itself; the failed ones leave no result. */
enum aldb_rc aldb_sets_run_each(struct aldb_stmt *stmt, struct aldb_session *s, const struct aldb_wait *wait)
{
    uint64_t sets = stmt->apd->array_size;
    uint64_t processed = 0;
    uint64_t ran = 0;
    uint64_t failed = 0;
    bool info = false;
    bool go_on = true;
    bool ended = false; /* by what concerns the call and no set: cancelled, timed out, the link or the transaction lost */

    if (aldb_outcomes_begin(stmt, sets) == ALDB_ERR) {
        return ALDB_ERR;
    }
    aldb_sets_mark_all(stmt, SQL_PARAM_UNUSED);
    for (uint64_t set = 0; set < sets && go_on; set++) {
        if (aldb_params_ignored(stmt, set)) {
            continue;
        }
        processed = set + 1;
        ran++;
        /* Judged by what this set says, not by what others said before. */
        struct aldb_diag before = aldb_diag_aside(&stmt->h.diag);
        enum aldb_rc rc = aldb_run_part(stmt, s, 0, set, true, wait);
        info |= rc == ALDB_INFO;
        failed += rc == ALDB_ERR;
        bool lost = rc == ALDB_ERR && !aldb_session_autocommit(s) && aldb_session_txn(s) == ALDB_TXN_IDLE;
        if (lost) {
            unmark(stmt, set);
        }
        go_on = rc != ALDB_ERR || (aldb_sets_failures_end_nothing(stmt, s) && aldb_sets_fault_of_values(stmt));
        ended = !go_on && (lost || aldb_sets_end_of_call(stmt));
        aldb_diag_back_with(&stmt->h.diag, &before);
        aldb_sets_mark(stmt, set, aldb_sets_status(rc));
    }
    aldb_sets_processed(stmt, processed);
    return told(stmt, ended || (ran > 0 && failed == ran), failed, info);
}

/*
 * All sets as a unit first: one transaction is cheaper than many. When a set's values make it fail, the unit is undone and each set runs by itself, so
 * that a failure is its own, as it is where there are no result sets.
 */
enum aldb_rc aldb_sets_run_results(struct aldb_stmt *stmt, struct aldb_session *s, const struct aldb_wait *wait)
{
    enum aldb_rc rc = aldb_sets_run_unit(stmt, s, wait);
    if (rc != ALDB_ERR || !aldb_sets_failures_end_nothing(stmt, s) || !aldb_sets_fault_of_values(stmt)) {
        return rc;
    }
    aldb_diag_clear(&stmt->h.diag);
    aldb_stmt_drop_results(stmt);
    return aldb_sets_run_each(stmt, s, wait);
}
