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

/* How this statement is wrapped, by autocommit, transaction and mode. */
struct wrap {
    bool begin, savepoint;
    bool text_release; /* the statement may make the server forget the prepared RELEASE */
};

static struct wrap wrap_of(const struct aldb_session *s, const struct aldb_exec_request *req, bool own, bool rows)
{
    struct wrap w = {0};
    enum aldb_txn txn = aldb_session_txn(s);
    bool statement_level = s->options.error_rollback == ALDB_ROLLBACK_STATEMENT;
    if (own) {
        w.savepoint = txn == ALDB_TXN_OPEN;
        return w;
    }
    if (req->transaction_control) {
        return w;
    }
    if (req->no_block) {
        /* It is refused in a transaction, which need not be lost over that. */
        w.savepoint = txn == ALDB_TXN_OPEN && statement_level && s->group == GROUP_NONE;
        return w;
    }
    w.begin = txn == ALDB_TXN_IDLE && !atomic_load(&((struct aldb_session *)s)->autocommit) && s->group == GROUP_NONE;
    if (req->unwrapped || s->group != GROUP_NONE || !statement_level) {
        return w;
    }
    /*
     * The first statement of a transaction needs no savepoint: when it fails the transaction is ended and begun again. A read does, because closing it
     * early cancels it, and a transaction begun again would have another snapshot.
     */
    w.savepoint = txn == ALDB_TXN_OPEN || (w.begin && rows && !req->writes);
    return w;
}

static bool send_statement(struct aldb_session *s, const struct aldb_exec_request *req, const char *text, bool described, int format,
                           struct aldb_result *r)
{
    const struct aldb_params *p = &req->params;
    int ok;
    if (req->plan && req->plan->server_name[0] && !s->pooled) {
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
    r->max_rows = req->max_rows;
    ok = ok && (!w.begin || wire_housekeeping(s, HK_BEGIN, result_on, r));
    ok = ok && (!w.savepoint || wire_housekeeping(s, HK_SAVE, result_on, r));
    ok = ok && send_statement(s, req, text, described, format, r);
    if (w.savepoint) {
        ok = ok && (w.text_release ? wire_housekeeping_text(s, HK_RELEASE, result_on, r) : wire_housekeeping(s, HK_RELEASE, result_on, r));
    }
    return ok && wire_sync(s, result_on, r);
}

/* ------------------------------------------------------------------ waiting for the first row or the end */

static bool started(void *ctx)
{
    const struct aldb_result *r = ctx;
    return r->wire_done || r->q_count > 0 || !spool_empty(&r->spool);
}

static bool ended(void *ctx)
{
    return ((const struct aldb_result *)ctx)->wire_done;
}

/* Posts what the failed statement said, then makes the transaction usable again. */
static enum aldb_rc post_failure(struct aldb_session *s, struct aldb_exec *e, struct aldb_diag *diag)
{
    struct aldb_result *r = e->result;
    /* COMMIT as text meets what SQLEndTran meets: a deferred constraint takes the transaction with it. */
    bool commit = r->control && strncmp(result_state(r->error), "23", 2) == 0;
    struct aldb_server_context ctx = {
        .moment = commit ? ALDB_AT_COMMIT : ALDB_AT_STATEMENT,
        .own_timeout = r->timed_out,
        .link_timeout = r->link_timeout,
        .own_cancel = !r->timed_out && atomic_load(&e->cancel_requested),
    };
    if (r->copy_refused) {
        (void)aldb_diag_post(diag, ALDB_ST_HYC00, "COPY cannot be run through ODBC statements");
    } else if (r->error) {
        (void)post_result_error(r->error, &ctx, diag);
    } else if (s && atomic_load(&s->dead)) {
        (void)session_post_dead(s, diag);
    } else {
        (void)aldb_diag_post(diag, ALDB_ST_HY000, "The statement was not run: an earlier step of its batch failed");
    }
    r->error_posted = true;
    if (s && !atomic_load(&s->dead)) {
        (void)!wire_heal(s, diag);
    }
    return ALDB_ERR;
}

/*
 * Waits until done(r). The deadline's end cancels the statement and waits a grace period for the server to say so. ALDB_ERR only when the session is
 * lost without the statement having an error of its own.
 */
static enum aldb_rc wait_result(struct aldb_session *s, struct aldb_result *r, bool (*done)(void *), struct aldb_deadline deadline,
                                struct aldb_exec *e, size_t budget, bool spool)
{
    for (;;) {
        switch (wire_until(s, done, r, deadline, e, budget, spool)) {
        case WAKE_DEADLINE:
            if (r->timed_out) {
                session_die(s, "the server did not answer a cancel request");
                return ALDB_ERR;
            }
            r->timed_out = true;
            deadline = aldb_deadline_in_ms(GRACE_MS);
            slot_cancel_async(s->slot);
            break;
        case WAKE_DEAD:
            return ALDB_ERR;
        case WAKE_CANCEL:
            break; /* on the wire: the CancelRequest is on its way, its effect is awaited */
        default:
            return ALDB_OK;
        }
    }
}

/* The session is lost: because nothing came any more, or because it ended. */
static enum aldb_rc post_no_answer(struct aldb_session *s, const struct aldb_result *r, struct aldb_diag *diag)
{
    if (!r->timed_out) {
        return session_post_dead(s, diag);
    }
    return aldb_diag_post(diag, r->link_timeout ? ALDB_ST_HYT01 : ALDB_ST_HYT00,
                          "The server did not answer in time, nor did it answer a cancel request; the connection was given up");
}

static void show(struct aldb_exec *e)
{
    struct aldb_result *r = e->result;
    e->has_rows = r->has_rows;
    e->ncolumns = r->has_rows ? r->ncolumns : 0;
    e->columns = r->columns;
    e->cells = r->cells;
    e->complete = r->wire_done;
    e->affected = r->affected;
    memcpy(e->tag, r->tag, sizeof e->tag);
}

static void drop_result(struct aldb_exec *e)
{
    result_free(e->result);
    e->result = NULL;
    atomic_store(&e->session, NULL);
    e->has_rows = false;
    e->ncolumns = 0;
    e->columns = NULL;
    e->cells = NULL;
}

/* ------------------------------------------------------------------ stale plans */

static bool is(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

/* May the failure come from a description that no longer holds? */
static bool stale(const struct aldb_exec_request *req, const struct aldb_result *r)
{
    const char *state = result_state(r->error);
    if (is(state, "26000")) {
        return true;
    }
    if (req->plan == NULL) {
        return false;
    }
    if (is(state, "0A000")) {
        const char *routine = PQresultErrorField(r->error, PG_DIAG_SOURCE_FUNCTION);
        return routine && is(routine, "RevalidateCachedQuery");
    }
    return req->params.count > 0 && (is(state, "22P02") || is(state, "22003") || is(state, "42804") || is(state, "42883") || is(state, "22P03"));
}

static bool same_types(const struct aldb_plan *a, const struct aldb_plan *b)
{
    return a->nparams == b->nparams && memcmp(a->param_oids, b->param_oids, a->nparams * sizeof *a->param_oids) == 0;
}

/* A new plan of the same text; ALDB_NO_DATA when nothing has changed, so that the failure stands. */
static enum aldb_rc replan(struct aldb_session *s, struct aldb_exec_request *req, const struct aldb_wait *wait, struct aldb_plan **fresh)
{
    struct aldb_diag unheard;
    aldb_diag_init(&unheard);
    struct aldb_plan *old = req->plan;
    struct aldb_plan_request ask = {
        .sql = aldb_slice(old->sql, old->sql_len), .nparams = old->nparams, .declared = old->asked, .force = old->forced};
    plan_forget(s, old);
    enum aldb_rc rc = plan_get_held(s, &ask, true, wait, fresh, &unheard);
    aldb_diag_clear(&unheard);
    return rc;
}

/* ------------------------------------------------------------------ running */

struct attempt {
    struct aldb_exec_request req; /* a copy: recovery changes plan and parameters */
    const char *text;             /* NUL-terminated */
    bool described;               /* the unnamed statement was parsed just before */
    bool again;                   /* because names were lost */
    int format;
    bool rows;
};

/* Sends and waits. ALDB_OK: started or ended, maybe failed (r->failed); ALDB_ERR: nothing was sent, or memory ran out. */
static enum aldb_rc attempt(struct aldb_exec *e, struct aldb_session *s, const struct attempt *a, bool own, const struct aldb_wait *wait,
                            struct aldb_diag *diag)
{
    struct wrap w = wrap_of(s, &a->req, own, a->rows);
    w.text_release = a->req.invalidates_plans || a->again;
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
    if (wait_result(s, r, spool ? ended : started, wait->deadline, e, READ_AHEAD, spool) == ALDB_ERR && !r->error) {
        return post_no_answer(s, r, diag);
    }
    return ALDB_OK;
}

/* Prepares a one-shot: a text seen before becomes a named plan; a new one that may return rows is parsed and described under the empty name. */
static enum aldb_rc describe_one_shot(struct aldb_session *s, struct aldb_exec *e, struct attempt *a, const struct aldb_wait *wait, struct aldb_plan **plan,
                                      struct aldb_diag *diag)
{
    struct aldb_plan_request ask = {.sql = a->req.sql, .exec = e};
    uint64_t h = 1469598103934665603u;
    for (size_t i = 0; i < a->req.sql.len; i++) {
        h = (h ^ (unsigned char)a->req.sql.ptr[i]) * 1099511628211u;
    }
    bool again = s->options.server_prepare && s->seen[h % ALDB_COUNT(s->seen)] == h;
    s->seen[h % ALDB_COUNT(s->seen)] = h;
    if (plan_get_held(s, &ask, again, wait, plan, diag) == ALDB_ERR) {
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

/* May a failed attempt be made again, and would that harm nothing? */
static bool may_recover(struct aldb_session *s, struct aldb_exec *e, const struct attempt *a)
{
    const struct aldb_result *r = e->result;
    bool harmless = r->savepoint || r->began || (aldb_session_txn(s) == ALDB_TXN_IDLE && !r->timed_out);
    return harmless && r->failed && r->wire_done && !r->has_rows && !atomic_load(&s->dead) && stale(&a->req, r) &&
           !atomic_load(&e->cancel_requested);
}

/* Plans anew and runs once more, when something has changed that may have been the cause; else the failure stands. *held: the plan kept alive meanwhile. */
static enum aldb_rc recover(struct aldb_exec *e, struct aldb_session *s, struct attempt *a, bool own, const struct aldb_wait *wait,
                            struct aldb_plan **held, struct aldb_diag *diag)
{
    struct aldb_result *r = e->result;
    struct aldb_plan *fresh = NULL;
    bool lost_names = is(result_state(r->error), "26000");
    bool retry = true;
    if (lost_names) {
        plans_forget(s, true);
    }
    s->unhealed.pending = false;
    if (aldb_session_txn(s) == ALDB_TXN_FAILED && wire_undo(s, !r->savepoint, diag) == ALDB_ERR) {
        return ALDB_ERR;
    }
    if (a->req.plan) {
        retry = replan(s, &a->req, wait, &fresh) == ALDB_OK;
        retry = retry && (lost_names || is(result_state(r->error), "0A000") || !same_types(fresh, a->req.plan));
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
    if (fresh) {
        a->req.plan = fresh;
        a->format = !own && plan_binary(s, fresh) ? 1 : 0;
    }
    a->described = false; /* the empty name has been used since */
    a->again = lost_names;
    result_free(e->result);
    e->result = NULL;
    enum aldb_rc rc = attempt(e, s, a, own, wait, diag);
    if (lost_names) {
        plans_forget(s, true); /* the statement itself may be what loses them */
    }
    return rc;
}

/* Text, format and whether rows may come, for a plan or for a one-shot (described first if it may return rows). *copy, *held: to be let go at the end. */
static enum aldb_rc make_ready(struct aldb_session *s, struct aldb_exec *e, struct attempt *a, bool own, const struct aldb_wait *wait, char **copy,
                               struct aldb_plan **held, struct aldb_diag *diag)
{
    const struct aldb_exec_request *req = &a->req;
    a->rows = !req->rowless && !req->utility;
    if (req->plan) {
        a->text = req->plan->sql;
        a->format = !own && plan_binary(s, req->plan) ? 1 : 0;
        a->rows = req->plan->ncolumns > 0;
        return ALDB_OK;
    }
    a->text = *copy = aldb_strndup(req->sql.ptr, req->sql.len);
    if (*copy == NULL) {
        return aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    }
    return !own && a->rows && req->params.count == 0 ? describe_one_shot(s, e, a, wait, held, diag) : ALDB_OK;
}

enum aldb_rc exec_run_held(struct aldb_exec *e, struct aldb_session *s, const struct aldb_exec_request *req, bool own, const struct aldb_wait *wait,
                           struct aldb_diag *diag)
{
    struct attempt a = {.req = *req};
    struct aldb_plan *held = NULL;
    char *copy = NULL;
    enum aldb_rc rc;

    if (req->rolls_back && s->wire && s->wire->exec) {
        ALDB_TRY(exec_close_held(s->wire->exec, true, diag));
    }
    ALDB_TRY(wire_acquire(s, e, wait, diag));
    ALDB_TRY(make_ready(s, e, &a, own, wait, &copy, &held, diag));
    ALDB_LOG(ALDB_LOG_DEBUG, ALDB_LOG_SESSION, "execute%s%s", a.req.plan ? " plan " : " one-shot", a.req.plan ? a.req.plan->server_name : "");
    ALDB_TRY(attempt(e, s, &a, own, wait, diag));
    if (may_recover(s, e, &a)) {
        ALDB_TRY(recover(e, s, &a, own, wait, &held, diag));
    }
    struct aldb_result *r = e->result;
    /* Read whole, a result that fails has no rows worth having: the execution itself has failed. */
    bool nothing = s->options.fetch_mode == ALDB_FETCH_BUFFER || (r->q_count == 0 && spool_empty(&r->spool));
    if (r->failed && r->wire_done && nothing) {
        rc = post_failure(s, e, diag);
        goto out;
    }
    show(e);
    if (r->wire_done) {
        after(s, req, r);
    }
    rc = ALDB_OK;
    if (req->transaction_control && !req->rolls_back && is(r->tag, "ROLLBACK")) {
        plans_forget(s, false);
        rc = aldb_diag_post(diag, ALDB_ST_25S03, "The transaction had failed, so COMMIT rolled it back: none of its changes were stored");
    }
out:
    aldb_plan_release(held);
    aldb_free(copy);
    return rc;
}

/* Leaves no half-open result behind a failed run. */
static void give_up(struct aldb_exec *e)
{
    struct aldb_result *r = e->result;
    if (r && !r->wire_done && r->s && r->s->wire == r) {
        r->exec = NULL; /* freed when its Sync is read */
        e->result = NULL;
    }
    drop_result(e);
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
    rc = exec_run_held(e, s, req, false, wait, diag);
    rc = session_notices(s, rc, diag);
    atomic_store(&e->waiting, false);
    if (rc == ALDB_ERR) {
        give_up(e);
    }
    session_leave(s);
    return rc;
}

/* ------------------------------------------------------------------ rows */

static enum aldb_rc at_end(struct aldb_session *s, struct aldb_exec *e, struct aldb_diag *diag)
{
    struct aldb_result *r = e->result;
    show(e);
    if (r->failed && !r->error_posted) {
        return post_failure(s, e, diag);
    }
    return ALDB_NO_DATA;
}

enum aldb_rc exec_next_held(struct aldb_exec *e, const struct aldb_wait *wait, struct aldb_diag *diag)
{
    struct aldb_result *r = e->result;
    struct aldb_session *s = r->s;
    for (;;) {
        enum aldb_rc rc = result_take(r, diag);
        if (rc != ALDB_NO_DATA) {
            return rc;
        }
        if (r->wire_done) {
            return at_end(s, e, diag);
        }
        r->link_timeout = wait->link;
        if (wait_result(s, r, started, wait->deadline, e, READ_AHEAD, false) == ALDB_ERR && !r->error) {
            r->error_posted = true;
            return post_no_answer(s, r, diag);
        }
        /* More of what has arrived, so that the next rows need no lock. */
        if (r->q_count > 0 && r->q_count < BATCH_ROWS) {
            (void)wire_pump(s, READ_AHEAD, false);
        }
    }
}

static enum aldb_rc count_row(struct aldb_result *r, enum aldb_rc rc)
{
    if (rc == ALDB_OK) {
        r->delivered++;
    }
    return rc;
}

enum aldb_rc aldb_exec_next(struct aldb_exec *e, const struct aldb_wait *wait, struct aldb_diag *diag)
{
    struct aldb_result *r = e->result;
    struct aldb_session *s = atomic_load(&e->session);
    if (r == NULL) {
        return aldb_diag_post(diag, ALDB_ST_24000, "No result is open");
    }
    if (s == NULL || r->s == NULL) {
        return aldb_diag_post(diag, ALDB_ST_08S01, "The connection of this result is closed");
    }
    if (r->epoch != atomic_load(&s->rollback_epoch)) {
        return aldb_diag_post(diag, ALDB_ST_24000, "The cursor was closed by the rollback of its transaction");
    }
    if (r->max_rows > 0 && r->delivered >= r->max_rows) {
        return ALDB_NO_DATA;
    }
    /* What the reader has taken over already, and what nobody else can touch any more, needs no session. */
    bool mine = r->batch_at < r->batch_n || (r->current && r->current_row + 1 < PQntuples(r->current));
    bool detached = atomic_load(&r->detached);
    if (mine || detached) {
        enum aldb_rc rc = result_take(r, diag);
        if (rc != ALDB_NO_DATA) {
            return count_row(r, rc);
        }
        if (detached && r->lost && r->error_posted) {
            return session_post_dead(s, diag);
        }
        if (detached && (!r->failed || r->error_posted)) {
            show(e);
            return ALDB_NO_DATA;
        }
    }
    enum aldb_rc rc;
    if (detached) {
        /* Failed behind its rows: the error belongs to this fetch, even when the session has since been lost. */
        struct aldb_diag unheard;
        aldb_diag_init(&unheard);
        bool held = session_enter(s, e, wait, &unheard) == ALDB_OK;
        aldb_diag_clear(&unheard);
        rc = post_failure(held || atomic_load(&s->dead) ? s : NULL, e, diag);
        if (held) {
            session_leave(s);
        }
        return rc;
    }
    atomic_store(&e->waiting, true);
    ALDB_TRY(session_enter(s, e, wait, diag));
    rc = exec_next_held(e, wait, diag);
    rc = session_notices(s, rc, diag);
    session_leave(s);
    if (rc == ALDB_INFO) {
        r->delivered++;
    }
out:
    atomic_store(&e->waiting, false);
    return count_row(r, rc);
}

enum aldb_rc aldb_exec_spool(struct aldb_exec *e, const struct aldb_wait *wait, struct aldb_diag *diag)
{
    struct aldb_result *r = e->result;
    struct aldb_session *s = atomic_load(&e->session);
    if (r == NULL || s == NULL || atomic_load(&r->detached)) {
        return ALDB_OK;
    }
    enum aldb_rc rc = session_enter(s, e, wait, diag);
    if (rc == ALDB_OK) {
        if (s->wire == r) {
            rc = wire_acquire(s, NULL, wait, diag);
        }
        e->complete = r->wire_done;
        session_leave(s);
    }
    return rc;
}

/* ------------------------------------------------------------------ closing */

#define CLOSE_BUDGET_MS 50

/* What a statement that was writing met behind the last row fetched: its work is undone, and nobody else would say so. */
static enum aldb_rc post_unheard(struct aldb_session *s, struct aldb_result *r, struct aldb_diag *diag)
{
    struct aldb_server_context ctx = {.moment = ALDB_AT_STATEMENT};
    if (!r->failed || r->error_posted || !r->writes) {
        return ALDB_OK;
    }
    r->error_posted = true;
    if (r->error) {
        return post_result_error(r->error, &ctx, diag);
    }
    return r->lost ? session_post_dead(s, diag) : ALDB_OK;
}

/* Reads what a cancelled stream still had on its way, however slow the link: only silence gives the session up. */
static void read_out(struct aldb_session *s, struct aldb_result *r)
{
    struct aldb_deadline total = aldb_deadline_in_ms(GRACE_TOTAL_MS);
    uint64_t heard;
    enum wake w;
    do {
        heard = s->heard;
        w = wire_until(s, ended, r, aldb_deadline_sooner(aldb_deadline_in_ms(GRACE_MS), total), NULL, SIZE_MAX, true);
    } while (w == WAKE_DEADLINE && s->heard != heard && !aldb_deadline_over(total));
    if (w == WAKE_DEADLINE) {
        session_die(s, "the server did not answer a cancel request");
    }
}

/* Reads the stream on the wire to its Sync. True if we cancelled it. */
static bool cut_short(struct aldb_session *s, struct aldb_exec *e, bool rolling_back)
{
    struct aldb_result *r = e->result;
    result_discard_rows(r);
    r->discard = true;
    /* What is nearly there is read to its end: a cancel would come too late and cost more. */
    (void)wire_until(s, ended, r, aldb_deadline_in_ms(CLOSE_BUDGET_MS), NULL, SIZE_MAX, true);
    bool in_txn = PQtransactionStatus(s->conn) != PQTRANS_IDLE && (r->began || aldb_session_txn(s) == ALDB_TXN_OPEN);
    bool may_cancel = rolling_back || (!r->writes && s->options.close_mode != ALDB_CLOSE_DRAIN && (!in_txn || r->savepoint));
    if (!r->wire_done && may_cancel) {
        slot_cancel_async(s->slot);
        r->timed_out = true; /* cancelled by ourselves, not by the application */
        read_out(s, r);
    } else if (!r->wire_done) {
        (void)wait_result(s, r, ended, aldb_deadline_none(), e, SIZE_MAX, true);
    }
    return may_cancel && is(result_state(r->error), "57014");
}

enum aldb_rc exec_close_held(struct aldb_exec *e, bool rolling_back, struct aldb_diag *diag)
{
    struct aldb_result *r = e->result;
    struct aldb_session *s = r->s;
    bool by_us = !r->wire_done && s->wire == r && !atomic_load(&s->dead) && cut_short(s, e, rolling_back);
    enum aldb_rc rc = by_us || rolling_back ? ALDB_OK : post_unheard(s, r, diag);
    if (!rolling_back && !atomic_load(&s->dead) && wire_heal(s, diag) == ALDB_ERR) {
        rc = ALDB_ERR;
    }
    return rc;
}

enum aldb_rc aldb_exec_close(struct aldb_exec *e, const struct aldb_wait *wait, struct aldb_diag *diag)
{
    struct aldb_result *r = e->result;
    struct aldb_session *s = atomic_load(&e->session);
    enum aldb_rc rc = ALDB_OK;
    if (r == NULL) {
        return ALDB_OK;
    }
    if (s && s->owner == getpid() && atomic_load(&s->dead)) {
        rc = post_unheard(s, r, diag);
    } else if (s && s->owner == getpid()) {
        ALDB_TRY(session_enter(s, NULL, wait, diag));
        rc = exec_close_held(e, false, diag);
        rc = session_notices(s, rc, diag);
        drop_result(e);
        session_leave(s);
        return rc;
    }
out:
    aldb_exec_abandon(e);
    return rc;
}

void aldb_exec_abandon(struct aldb_exec *e)
{
    struct aldb_session *s = atomic_load(&e->session);
    if (e->result == NULL) {
        atomic_store(&e->session, NULL);
        return;
    }
    if (s == NULL) {
        drop_result(e);
        return;
    }
    /* Another process's session, or a lost one: nobody else touches it. */
    struct aldb_diag unheard;
    aldb_diag_init(&unheard);
    bool held = session_enter(s, NULL, NULL, &unheard) == ALDB_OK;
    aldb_diag_clear(&unheard);
    give_up(e);
    if (held) {
        session_leave(s);
    }
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
    give_up(&e);
    session_leave(s);
    return rc == ALDB_NO_DATA ? ALDB_OK : rc;
}
