/* SPDX-License-Identifier: Apache-2.0 */
/* One execution: [BEGIN] · [SAVEPOINT] · statement · [RELEASE] · Sync, its rows, its end. */
#include "pg/internal.h"

#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "log/log.h"

void aldb_exec_init(struct aldb_exec *e)
{
    *e = (struct aldb_exec){.affected = -1};
}

/* ------------------------------------------------------------------ sending */

struct wrap exec_wrap(const struct aldb_session *s, const struct aldb_exec_request *req, bool own, bool rows, bool bare)
{
    struct wrap w = {.guard = req->guard};
    enum aldb_txn txn = aldb_session_txn(s);
    bool autocommit = atomic_load(&((struct aldb_session *)s)->autocommit);
    w.begin = !own && !req->transaction_control && !req->no_block && txn == ALDB_TXN_IDLE && !autocommit && s->group == GROUP_NONE;
    if (own) {
        w.savepoint = txn == ALDB_TXN_OPEN;
        return w;
    }
    if (bare || s->group != GROUP_NONE || s->options.error_rollback != ALDB_ROLLBACK_STATEMENT) {
        return w;
    }
    /*
     * The first statement of a transaction needs no savepoint: when it fails the transaction is ended and begun again. A read does, because closing it
     * early cancels it, and a transaction begun again would have another snapshot.
     */
    w.savepoint = txn == ALDB_TXN_OPEN || (w.begin && rows && !req->writes);
    if (s->pooled && w.guard == ALDB_GUARD_PARSE) {
        w.savepoint = false; /* the text of RELEASE would take the parsed statement's place */
    }
    return w;
}

static bool send_parse(struct aldb_session *s, const char *name, const char *text, struct aldb_result *r)
{
    if (!PQsendPrepare(s->conn, name, text, 0, NULL)) {
        session_die(s, PQerrorMessage(s->conn));
        return false;
    }
    return wire_expect(s, OP_PARSE, false, HK_COUNT, result_on, r);
}

static bool send_statement(struct aldb_session *s, const struct aldb_exec_request *req, const char *text, bool described, int format,
                           struct aldb_result *r)
{
    const struct aldb_params *p = &req->params;
    int ok;
    trace_params(s, req->plan, p);
    if (req->plan && req->plan->unparsed && !send_parse(s, req->plan->server_name, text, r)) {
        return false;
    }
    if (req->plan && req->plan->server_name[0] && !s->pooled) {
        r->plan = req->plan->unparsed ? NULL : aldb_plan_ref(req->plan);
        ok = PQsendQueryPrepared(s->conn, req->plan->server_name, (int)p->count, p->values, p->lengths, p->formats, format);
    } else if (described && !s->pooled) {
        ok = PQsendQueryPrepared(s->conn, "", (int)p->count, p->values, p->lengths, p->formats, format);
    } else {
        const Oid *types = req->plan ? (const Oid *)req->plan->param_oids : NULL;
        ok = PQsendQueryParams(s->conn, text, (int)p->count, types, p->values, p->lengths, p->formats, format);
    }
    if (!ok) {
        session_die(s, PQerrorMessage(s->conn));
        return false;
    }
    return wire_expect(s, OP_EXEC, true, 0, result_on, r);
}

static bool send_batch(struct aldb_session *s, const struct aldb_exec_request *req, const char *text, bool described, int format,
                       struct wrap w, struct aldb_result *r)
{
    bool ok = wire_ready(s, r->exec);
    s->wire = r;
    r->savepoint = w.savepoint;
    r->began = w.begin;
    r->writes = req->writes;
    r->control = req->transaction_control;
    r->copy = req->copy;
    r->max_rows = req->max_rows;
    if (s->pooled && s->read_only && !w.begin && !req->transaction_control && !req->no_block && aldb_session_txn(s) == ALDB_TXN_IDLE) {
        /* No session keeps it, and no BEGIN carries it: it holds to the Sync. */
        ok = ok && wire_text(s, "SELECT pg_catalog.set_config('transaction_read_only', 'on', true)", result_on, r);
    }
    ok = ok && (!w.begin || wire_housekeeping(s, HK_BEGIN, result_on, r));
    ok = ok && (!w.savepoint || wire_housekeeping(s, HK_SAVE, result_on, r));
    if (w.savepoint && w.guard == ALDB_GUARD_PARSE) {
        ok = ok && send_parse(s, "", text, r) && wire_housekeeping(s, HK_RELEASE, result_on, r);
        described = true;
    }
    ok = ok && send_statement(s, req, text, described, format, r);
    if (w.savepoint && w.guard == ALDB_GUARD_AROUND) {
        ok = ok && (w.text_release ? wire_housekeeping_text(s, HK_RELEASE, result_on, r) : wire_housekeeping(s, HK_RELEASE, result_on, r));
    }
    return ok && wire_sync(s, result_on, r);
}

/* ------------------------------------------------------------------ running */

struct attempt {
    struct aldb_exec_request req; /* a copy: recovery changes plan and parameters */
    const char *text;             /* NUL-terminated */
    bool described;               /* the unnamed statement was parsed just before */
    bool again;                   /* because names were lost */
    bool bare;                    /* without savepoint: it refuses to run behind one */
    int format;
    bool rows;
};

/* Sends and waits. ALDB_OK: started or exec_ended, maybe failed (r->failed); ALDB_ERR: nothing was sent, or memory ran out. */
static enum aldb_rc attempt(struct aldb_exec *e, struct aldb_session *s, const struct attempt *a, bool own, const struct aldb_wait *wait,
                            struct aldb_diag *diag)
{
    struct wrap w = exec_wrap(s, &a->req, own, a->rows, a->bare);
    w.text_release = a->req.invalidates_plans || a->again;
    if (atomic_load(&e->cancel_requested)) { /* the server has had nothing to cancel, or is through with it */
        return aldb_diag_post(diag, ALDB_ST_HY008, "Cancelled before it was sent to run");
    }
    struct aldb_result *r = result_new(s, e);
    if (r == NULL) {
        return aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    }
    e->result = r;
    if (!send_batch(s, &a->req, a->text, a->described, a->format, w, r)) {
        return session_post_dead(s, diag);
    }
    bool spool = s->options.fetch_mode == ALDB_FETCH_BUFFER;
    r->link_timeout = wait->link;
    if (exec_wait(s, r, spool ? exec_ended : exec_started, wait->deadline, e, READ_AHEAD, spool) == ALDB_ERR && !r->error) {
        return exec_post_no_answer(s, r, diag);
    }
    return ALDB_OK;
}

/* Has this session met the text as a one-shot? */
static bool seen_before(struct aldb_session *s, struct aldb_slice sql)
{
    uint64_t h = aldb_hash(sql);
    uint64_t *last = &s->seen[h % ALDB_COUNT(s->seen)];
    bool again = *last == h;
    *last = h;
    return s->options.server_prepare && again;
}

/*
 * The driver's own texts that come again (a catalog function for one table after another) are given a name, in the same round trip: the server need not read
 * them any more, nor, for the most part, plan them, which takes several times as long as running them.
 */
static enum aldb_rc name_own(struct aldb_session *s, struct attempt *a, struct aldb_plan **plan, struct aldb_diag *diag)
{
    bool again = seen_before(s, a->req.sql);
    if (a->req.sql.len > PLAN_TEXT_MAX || s->pooled || s->pooler_unknown) {
        return ALDB_OK;
    }
    enum aldb_rc rc = plan_own(s, a->req.sql, a->req.params.count, again, plan, diag);
    a->req.plan = rc == ALDB_OK ? *plan : NULL;
    return rc == ALDB_ERR ? rc : ALDB_OK;
}

/* Once its first execution is over, or has not begun (r is NULL): does the server know the name? */
static void settle_own(struct aldb_session *s, struct aldb_plan *plan, const struct aldb_result *r)
{
    if (plan == NULL || !plan->unparsed) {
        return;
    }
    plan->unparsed = r == NULL || !r->parsed;
    if (plan->unparsed) {
        plan->server_name[0] = '\0';
        plan_forget(s, plan);
    }
}

/*
 * Prepares a one-shot: a text seen before becomes a named plan; a new one that may return rows is parsed and described under the empty name, where that costs
 * little. Elsewhere it is executed at once, and its rows come as text.
 */
static enum aldb_rc describe_one_shot(struct aldb_session *s, struct aldb_exec *e, struct attempt *a, const struct aldb_wait *wait, struct aldb_plan **plan,
                                      struct aldb_diag *diag)
{
    struct aldb_plan_request ask = {.sql = a->req.sql, .exec = e};
    bool again = seen_before(s, a->req.sql);
    bool at_once = !again && plan_is_dear(s);
    if (at_once && (*plan = plan_known(s, &ask)) == NULL) {
        return ALDB_OK;
    }
    if (!at_once && plan_get_held(s, &ask, again, wait, plan, diag) == ALDB_ERR) {
        return ALDB_ERR;
    }
    a->format = plan_binary(s, *plan) ? 1 : 0;
    a->rows = (*plan)->ncolumns > 0;
    if ((*plan)->server_name[0]) {
        a->req.plan = *plan;
    } else {
        /* A description from the cache is no statement under the empty name. */
        a->described = s->options.server_prepare;
    }
    return ALDB_OK;
}

static void after(struct aldb_session *s, const struct aldb_exec_request *req, const struct aldb_result *r)
{
    if (req->rolls_back) {
        atomic_fetch_add(&s->rollback_epoch, 1);
    }
    if (!req->invalidates_plans) {
        return;
    }
    s->ddl_in_txn = aldb_session_txn(s) != ALDB_TXN_IDLE;
    bool forgot_names = strncmp(r->tag, "DISCARD", 7) == 0 || strncmp(r->tag, "DEALLOCATE", 10) == 0;
    plans_forget(s, forgot_names);
}

/* pg_export_snapshot() runs in a transaction, but in no subtransaction. */
static bool refuses_savepoint(const struct aldb_result *r)
{
    const char *routine = r->error ? PQresultErrorField(r->error, PG_DIAG_SOURCE_FUNCTION) : NULL;
    return r->savepoint && strcmp(result_state(r->error), "25001") == 0 && routine && strcmp(routine, "ExportSnapshot") == 0;
}

/* May a failed attempt be made again, and would that harm nothing? */
static bool may_recover(struct aldb_session *s, struct aldb_exec *e, const struct attempt *a)
{
    const struct aldb_result *r = e->result;
    bool harmless = r->savepoint || r->began || (aldb_session_txn(s) == ALDB_TXN_IDLE && !r->timed_out);
    return harmless && r->failed && r->wire_done && !r->has_rows && !atomic_load(&s->dead) && !atomic_load(&e->cancel_requested) &&
           (refuses_savepoint(r) || plan_may_be_stale(s, a->req.plan, a->described, a->req.params.count, r->error));
}

/*
 * Runs once more: without a savepoint where that was the cause, and else planned anew, when something has changed that may have been; or the failure stands.
 * *held: the plan kept alive meanwhile.
 */
static enum aldb_rc recover(struct aldb_exec *e, struct aldb_session *s, struct attempt *a, bool own, const struct aldb_wait *wait,
                            struct aldb_plan **held, struct aldb_diag *diag)
{
    struct aldb_result *r = e->result;
    struct aldb_plan *fresh = NULL;
    bool lost_names = plan_name_lost(s, a->req.plan, r->error);
    bool retry = true;
    if (lost_names) {
        plans_forget(s, true);
    }
    s->unhealed.pending = false;
    if (aldb_session_txn(s) == ALDB_TXN_FAILED && txn_undo(s, !r->savepoint, diag) == ALDB_ERR) {
        return ALDB_ERR;
    }
    a->bare = refuses_savepoint(r);
    SESSION_LOG(ALDB_LOG_DEBUG, s, "tried again %s after %s", a->bare ? "without a savepoint" : "with a new plan", PQresultErrorField(r->error, PG_DIAG_SQLSTATE));
    if (a->bare) {
        fresh = a->req.plan ? aldb_plan_ref(a->req.plan) : NULL;
    } else if (a->req.plan) {
        enum aldb_rc renewed = plan_renew(s, a->req.plan, r->error, wait, &fresh, diag);
        if (renewed == ALDB_ERR && lost_names) {
            return ALDB_ERR;
        }
        retry = renewed == ALDB_OK;
        if (retry && a->req.replanned) {
            retry = a->req.replanned(a->req.replanned_ctx, fresh, &a->req.params) == ALDB_OK;
        }
    }
    if (!retry) {
        aldb_plan_release(fresh);
        return ALDB_OK;
    }
    aldb_plan_release(*held);
    *held = fresh;
    a->req.plan = fresh;
    a->format = fresh && !own && !a->req.at_once && plan_binary(s, fresh) ? 1 : 0; /* text suits whatever columns a one-shot has by now */
    a->described = false; /* the empty name has been used since */
    a->again = lost_names;
    result_free(e->result);
    e->result = NULL;
    enum aldb_rc rc = attempt(e, s, a, own, wait, diag);
    settle_own(s, fresh, e->result);
    if (lost_names && !(fresh && fresh->own)) {
        plans_forget(s, true); /* the statement itself may be what loses them */
    }
    return rc;
}

/* Text, format and whether rows may come, for a plan or for a one-shot (described first if it may return rows). *copy, *held: to be let go at the end. */
static enum aldb_rc make_ready(struct aldb_session *s, struct aldb_exec *e, struct attempt *a, bool own, const struct aldb_wait *wait, char **copy,
                               struct aldb_plan **held, struct aldb_diag *diag)
{
    const struct aldb_exec_request *req = &a->req;
    a->rows = !req->rowless && (!req->utility || req->copy == ALDB_COPY_OUT);
    if (req->plan) {
        a->text = req->plan->sql;
        a->format = !own && plan_binary(s, req->plan) ? 1 : 0;
        a->rows = req->plan->undescribed ? a->rows : req->plan->ncolumns > 0;
        return ALDB_OK;
    }
    a->text = *copy = aldb_strndup(req->sql.ptr, req->sql.len);
    if (*copy == NULL) {
        return aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    }
    if (own || req->at_once) {
        return name_own(s, a, held, diag);
    }
    return a->rows && !req->utility && req->params.count == 0 ? describe_one_shot(s, e, a, wait, held, diag) : ALDB_OK;
}

enum aldb_rc exec_run_held(struct aldb_exec *e, struct aldb_session *s, const struct aldb_exec_request *req, bool own, const struct aldb_wait *wait,
                           struct aldb_diag *diag)
{
    struct attempt a = {.req = *req};
    struct aldb_plan *held = NULL;
    char *copy = NULL;
    enum aldb_rc rc;

    if (req->rolls_back && s->wire && s->wire->exec && !copy_waits(s)) {
        ALDB_TRY(exec_close_held(s->wire->exec, true, wait, diag));
    }
    ALDB_TRY(wire_acquire(s, e, wait, diag));
    ALDB_TRY(make_ready(s, e, &a, own, wait, &copy, &held, diag));
    SESSION_LOG(ALDB_LOG_DEBUG, s, "execute %s%s, results as %s", a.req.plan && a.req.plan->server_name[0] ? "plan " : "without a plan",
                a.req.plan ? a.req.plan->server_name : "", a.format ? "binary" : "text");
    rc = attempt(e, s, &a, own, wait, diag);
    settle_own(s, held, e->result);
    ALDB_TRY(rc);
    if (may_recover(s, e, &a)) {
        ALDB_TRY(recover(e, s, &a, own, wait, &held, diag));
    }
    struct aldb_result *r = e->result;
    /* Read whole, a result that fails has no rows worth having: the execution itself has failed. */
    bool nothing = s->options.fetch_mode == ALDB_FETCH_BUFFER || (r->q_count == 0 && spool_empty(&r->spool));
    if (r->failed && !r->error_posted && r->wire_done && nothing) {
        rc = exec_post_failure(s, e, diag);
        goto out;
    }
    if (r->wire_done) {
        /* What the statement itself has changed, by a function that it calls, it has changed before its rows were written. */
        result_take_locale(r);
        after(s, req, r);
    }
    exec_show(e);
    rc = ALDB_OK;
    if (req->transaction_control && !req->rolls_back && strcmp(r->tag, "ROLLBACK") == 0) {
        plans_forget(s, false);
        rc = aldb_diag_post(diag, ALDB_ST_25S03, "The transaction had failed, so COMMIT rolled it back: none of its changes were stored");
    }
out:
    aldb_plan_release(held);
    aldb_free(copy);
    return rc;
}

enum aldb_rc aldb_exec_run(struct aldb_exec *e, struct aldb_session *s, const struct aldb_exec_request *req, const struct aldb_wait *wait,
                           struct aldb_diag *diag)
{
    atomic_store(&e->cancel_requested, false);
    atomic_store(&e->session, s);
    atomic_store(&e->waiting, true);
    enum aldb_rc rc = session_enter(s, e, wait, diag);
    if (rc == ALDB_ERR) {
        atomic_store(&e->waiting, false);
        atomic_store(&e->session, NULL);
        return rc;
    }
    rc = req->copy == ALDB_COPY_IN ? copy_begin_held(e, s, req, wait, diag) : exec_run_held(e, s, req, false, wait, diag);
    rc = session_notices(s, rc, diag);
    atomic_store(&e->waiting, false);
    if (rc == ALDB_ERR) {
        exec_give_up(e);
    }
    session_leave(s);
    return rc;
}

/* ------------------------------------------------------------------ the driver's own look-ups */

enum aldb_rc aldb_session_query(struct aldb_session *s, struct aldb_slice sql, const struct aldb_params *params,
                                void (*row)(void *ctx, const struct aldb_cell *cells, uint16_t ncells), void *ctx, const struct aldb_wait *wait,
                                struct aldb_diag *diag)
{
    struct aldb_exec e;
    aldb_exec_init(&e);
    enum aldb_rc rc = session_enter(s, NULL, wait, diag);
    if (rc == ALDB_ERR) {
        return rc;
    }
    if (aldb_session_txn(s) == ALDB_TXN_FAILED) {
        session_leave(s);
        return ALDB_NO_DATA;
    }
    atomic_store(&e.session, s);
    struct aldb_exec_request req = {.sql = sql};
    if (params) {
        req.params = *params;
    }
    struct aldb_diag notices;
    aldb_diag_init(&notices);
    rc = exec_run_held(&e, s, &req, true, wait, diag);
    while (aldb_done(rc)) {
        rc = exec_next_held(&e, wait, diag);
        if (aldb_done(rc)) {
            row(ctx, e.cells, e.ncolumns);
        }
    }
    (void)session_notices(s, ALDB_OK, &notices); /* of no interest to the application */
    aldb_diag_clear(&notices);
    exec_give_up(&e);
    session_leave(s);
    return rc == ALDB_NO_DATA ? ALDB_OK : rc;
}
