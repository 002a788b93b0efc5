/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Arrays of parameters, pipelined.
 *
 * Together, as is tried first: one execute behind the other, a Sync for many, and behind a failure all is undone. Where one set's failure is then to be its own,
 * the sets stand between savepoints: [ROLLBACK TO · execute · RELEASE · SAVEPOINT · Sync] for each. After a success the savepoint has been moved behind it, so
 * that ROLLBACK TO undoes nothing; after a failure it still stands before it. Thus nothing depends on an answer and the pipeline never waits. In autocommit the
 * whole array is one transaction, and outcomes are told after its COMMIT.
 */
#include "pg/internal.h"

#include <string.h>

#include "base/alloc.h"

#define CANCEL_AGAIN_MS 20
/* Without savepoints: sets for one Sync, behind which the server sends what it has to say of them. */
#define SYNC_EVERY 500

struct set_state {
    uint8_t status; /* enum aldb_set_status */
    bool ran;
    bool told; /* by the source, or nothing to tell */
    int64_t affected;
};

struct sets_run {
    struct aldb_session *s;
    struct aldb_exec *e;
    const struct aldb_set_source *source;
    struct aldb_diag *diag;
    struct set_state *states;
    size_t *bytes; /* of each set's request */
    size_t in_flight, sent_bytes;
    uint64_t current;  /* set whose answers come next */
    uint64_t reported;
    bool savepoints;   /* each set between savepoints */
    bool together;     /* none has effect unless all have */
    bool failed;       /* some set has, at the server */
    bool saved;        /* a savepoint stands before the first set */
    unsigned unsynced; /* sets sent since the last Sync */
    unsigned syncs;    /* that are not answered yet */
    bool wrapped;      /* our BEGIN … COMMIT around all */
    bool stopped;      /* a failure ended it: the rest is unused */
    bool timed_out, link_timeout;
    bool ending;       /* cancelled or timed out: what is in flight is being ended */
    bool end_told;     /* and that is posted: once, not for every set that it ended */
    bool (*done)(void *run); /* what take_answers waits for */
    bool informed;     /* notices were posted */
    struct unit edge;  /* prologue and epilogue */
    const struct aldb_plan *plan;
    bool began;        /* the prologue began the application's transaction */
    bool outdated;     /* the text's parameters are of other types by now */
};

/* What the server remarked so far is about the set whose answers come now. */
static bool take_notices(struct sets_run *run)
{
    struct aldb_diag *notices = &run->s->notices;
    bool any = notices->count > 0;
    for (size_t i = 0; i < notices->count; i++) {
        notices->records[i].row = (int64_t)run->current + 1;
    }
    aldb_diag_move(run->diag, notices);
    run->informed |= any;
    return any;
}

/* The set whose answers came has had its last. */
static void next_set(struct sets_run *run)
{
    run->states[run->current].ran = true;
    run->sent_bytes -= run->bytes[run->current];
    run->in_flight--;
    run->current++;
    while (run->current < run->source->count && run->states[run->current].ran) {
        run->current++; /* ignored, or refused before it was sent */
    }
}

/* Sets are answered in order, so that the handler needs only `current`. */
static void set_on(struct aldb_session *s, void *ctx, const struct aldb_op *op, PGresult *res)
{
    (void)s;
    struct sets_run *run = ctx;
    if (res == NULL) {
        if (op->kind == OP_EXEC && !run->savepoints) {
            next_set(run);
        }
        return;
    }
    struct set_state *st = &run->states[run->in_flight > 0 ? run->current : 0]; /* 0: a Sync behind the last set */
    switch (PQresultStatus(res)) {
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
        if (op->kind == OP_EXEC) {
            struct aldb_slice n = aldb_slice_of(PQcmdTuples(res));
            st->affected = n.len && aldb_parse_i64(n, &st->affected) ? st->affected : 0;
            if (st->status == ALDB_SET_UNUSED) {
                st->status = take_notices(run) ? ALDB_SET_INFO : ALDB_SET_OK;
            }
        }
        break;
    case PGRES_FATAL_ERROR:
        if (st->status != ALDB_SET_ERROR) {
            struct aldb_server_context sc = {
                .moment = ALDB_AT_STATEMENT,
                .own_timeout = run->timed_out,
                .link_timeout = run->link_timeout,
                .own_cancel = !run->timed_out && atomic_load(&run->e->cancel_requested),
            };
            /* After a failure that ended the transaction the server refuses the rest (25P02): those were not run. */
            if (run->stopped && strcmp(result_state(res), "25P02") == 0) {
                st->status = ALDB_SET_UNUSED;
                break;
            }
            bool ended = (sc.own_timeout || sc.own_cancel) && strcmp(result_state(res), "57014") == 0;
            if (!ended || !run->end_told) {
                aldb_diag_at(run->diag, (int64_t)run->current + 1, ALDB_COL_NONE);
                (void)post_result_error(run->s, res, &sc, run->diag);
                aldb_diag_at(run->diag, ALDB_ROW_NONE, ALDB_COL_NONE);
            }
            run->end_told |= ended;
            (void)take_notices(run);
            st->status = ALDB_SET_ERROR;
            st->affected = -1;
            run->failed = true;
            run->stopped |= !run->savepoints || atomic_load(&run->e->cancel_requested) || run->timed_out;
        }
        break;
    case PGRES_PIPELINE_SYNC:
        run->syncs--;
        if (run->savepoints) {
            next_set(run);
        }
        break;
    default:
        break;
    }
    PQclear(res);
}

static bool drained(void *ctx)
{
    const struct sets_run *run = ctx;
    return run->in_flight == 0 && run->syncs == 0;
}

static bool half_empty(void *ctx)
{
    const struct sets_run *run = ctx;
    return run->sent_bytes < IN_FLIGHT_MAX / 2 || run->in_flight == 0;
}

/* ------------------------------------------------------------------ sending one set */

static bool send_sync(struct sets_run *run)
{
    run->unsynced = 0;
    run->syncs++;
    return wire_sync(run->s, set_on, run);
}

static bool send_set(struct sets_run *run, const struct aldb_params *p)
{
    struct aldb_session *s = run->s;
    bool ok = !run->savepoints || wire_housekeeping(s, HK_SET_BACK, set_on, run);
    if (!ok) {
        return false;
    }
    const struct aldb_plan *plan = run->plan;
    int sent;
    trace_params(s, plan, p);
    if (s->pooled) {
        /* Housekeeping is text here, which takes the unnamed statement's place. */
        sent = PQsendQueryParams(s->conn, plan->sql, (int)p->count, (const Oid *)plan->param_oids, p->values, p->lengths, p->formats, 0);
    } else {
        sent = PQsendQueryPrepared(s->conn, "", (int)p->count, p->values, p->lengths, p->formats, 0);
    }
    if (!sent) {
        session_die(s, PQerrorMessage(s->conn));
        return false;
    }
    ok = wire_expect(s, OP_EXEC, false, 0, set_on, run);
    if (run->savepoints) {
        ok = ok && wire_housekeeping(s, HK_SET_RELEASE, set_on, run) && wire_housekeeping(s, HK_SET_SAVE, set_on, run);
    }
    bool due = run->savepoints || ++run->unsynced == SYNC_EVERY || run->sent_bytes > IN_FLIGHT_MAX;
    return ok && (!due || send_sync(run));
}

static size_t request_size(const struct aldb_params *p)
{
    size_t n = 256;
    for (uint32_t i = 0; i < p->count; i++) {
        n += 8 + (p->values[i] ? (size_t)p->lengths[i] : 0);
    }
    return n;
}

static bool to_be_ended(const struct sets_run *run)
{
    return run->timed_out || atomic_load(&run->e->cancel_requested);
}

static bool done_or_interrupted(void *ctx)
{
    struct sets_run *run = ctx;
    return run->done(run) || (!run->ending && to_be_ended(run));
}

/*
 * Reads answers until `done`. A cancel ends one statement, and may come between two: to end the array it is repeated until all that are in
 * flight have answered. ALDB_ERR: the session is lost.
 */
static enum aldb_rc take_answers(struct sets_run *run, bool (*done)(void *), const struct aldb_wait *wait)
{
    struct aldb_deadline deadline = wait->deadline, patience = aldb_deadline_none();
    run->done = done;
    for (;;) {
        uint64_t before = run->current;
        enum wake w = wire_until(run->s, done_or_interrupted, run, deadline, NULL, SIZE_MAX, true);
        if (w == WAKE_DEAD) {
            return session_post_dead(run->s, run->diag);
        }
        if (done(run)) {
            return ALDB_OK;
        }
        run->timed_out |= w == WAKE_DEADLINE && !run->ending;
        if (!run->ending || run->current > before) {
            patience = aldb_deadline_in_ms(grace_of(run->link_timeout && run->timed_out));
        }
        run->ending = run->stopped = true;
        if (aldb_deadline_over(patience)) {
            session_die(run->s, "the server did not answer a cancel request");
            return session_post_dead(run->s, run->diag);
        }
        slot_cancel_async(run->s->slot);
        deadline = aldb_deadline_in_ms(CANCEL_AGAIN_MS);
    }
}

static enum aldb_rc send_all(struct sets_run *run, const struct aldb_wait *wait)
{
    for (uint64_t i = 0; i < run->source->count && !run->stopped && !to_be_ended(run); i++) {
        struct aldb_params p;
        enum aldb_rc rc = run->source->encode(run->source->ctx, i, &p);
        if (rc != ALDB_OK && rc != ALDB_INFO) {
            run->states[i].ran = true;
            run->states[i].told = true;
            if (run->in_flight == 0) {
                run->current = i + 1;
            }
            continue;
        }
        if (run->in_flight == 0) {
            run->current = i;
        }
        run->bytes[i] = request_size(&p);
        run->sent_bytes += run->bytes[i];
        run->in_flight++;
        if (!send_set(run, &p)) {
            return session_post_dead(run->s, run->diag);
        }
        if (run->sent_bytes > IN_FLIGHT_MAX && take_answers(run, half_empty, wait) == ALDB_ERR) {
            return ALDB_ERR;
        }
    }
    if (run->unsynced > 0 && !send_sync(run)) {
        return session_post_dead(run->s, run->diag);
    }
    return take_answers(run, drained, wait);
}

/* ------------------------------------------------------------------ before and after */

/* Housekeeping around the sets, up to no Sync. */
static bool send_edge(struct sets_run *run, enum housekeeping first, enum housekeeping second)
{
    struct aldb_session *s = run->s;
    unit_clear(&run->edge);
    bool ok = wire_ready(s, run->e);
    if (run->saved) {
        /* Ahead of the sets: were a first use skipped after an error, all that are in the pipeline already would miss it. */
        ok = ok && wire_prepare_housekeeping(s, HK_SET_SAVE) && wire_prepare_housekeeping(s, HK_SET_BACK) &&
             wire_prepare_housekeeping(s, HK_SET_RELEASE);
    }
    ok = ok && (first == HK_COUNT || wire_housekeeping(s, first, unit_on, &run->edge));
    return ok && (second == HK_COUNT || wire_housekeeping(s, second, unit_on, &run->edge));
}

static enum aldb_rc edge(struct sets_run *run, enum housekeeping first, enum housekeeping second, const struct aldb_wait *wait)
{
    bool ok = send_edge(run, first, second) && wire_sync(run->s, unit_on, &run->edge);
    return ok ? unit_finish(run->s, &run->edge, wait, run->diag) : session_post_dead(run->s, run->diag);
}

static void parsed_on(struct aldb_session *s, void *ctx, const struct aldb_op *op, PGresult *res)
{
    struct sets_run *run = ctx;
    if (res && op->kind == OP_DESCRIBE && PQresultStatus(res) == PGRES_COMMAND_OK) {
        for (uint32_t i = 0; i < run->plan->nparams; i++) {
            run->outdated |= PQparamtype(res, (int)i) != run->plan->param_oids[i];
        }
    }
    unit_on(s, &run->edge, op, res);
}

/*
 * The text is parsed anew in the transaction that the sets run in. This shows whether the plan still holds, and the locks that it takes keep the plan from
 * losing its hold until the last set. The sets then run the unnamed statement: nothing else is sent between them that would take its place.
 */
static bool send_parse(struct sets_run *run)
{
    struct aldb_session *s = run->s;
    const struct aldb_plan *p = run->plan;
    if (s->pooled) {
        return true;
    }
    if (!PQsendPrepare(s->conn, "", p->sql, (int)p->nparams, (const Oid *)p->given)) {
        session_die(s, PQerrorMessage(s->conn));
        return false;
    }
    if (!wire_expect(s, OP_PARSE, false, HK_COUNT, parsed_on, run) || p->undescribed) {
        return !atomic_load(&s->dead);
    }
    if (!PQsendDescribePrepared(s->conn, "")) {
        session_die(s, PQerrorMessage(s->conn));
        return false;
    }
    return wire_expect(s, OP_DESCRIBE, false, 0, parsed_on, run);
}

/* Nothing has run yet: back to where we were. */
static enum aldb_rc unbegin(struct sets_run *run)
{
    if (plan_name_lost(run->s, NULL, run->edge.error)) {
        plans_forget(run->s, true);
    }
    if (aldb_session_txn(run->s) == ALDB_TXN_IDLE) {
        return ALDB_OK; /* not even begun */
    }
    if (run->wrapped || run->began) {
        return edge(run, HK_ROLLBACK, HK_COUNT, NULL);
    }
    return run->saved ? edge(run, HK_SET_BACK, HK_SET_RELEASE, NULL) : txn_restore(run->s, false, false, run->diag);
}

/* Begins, and parses. *stale: the plan does not hold any more. */
static enum aldb_rc begin(struct sets_run *run, const struct aldb_wait *wait, bool *stale)
{
    struct aldb_session *s = run->s;
    enum aldb_txn txn = aldb_session_txn(s);
    bool autocommit = atomic_load(&s->autocommit);
    bool fresh = txn == ALDB_TXN_IDLE && s->group == GROUP_NONE;
    run->wrapped = fresh && autocommit;
    run->began = fresh && !autocommit;
    run->savepoints = run->wrapped || (s->options.error_rollback == ALDB_ROLLBACK_STATEMENT && s->group == GROUP_NONE);
    run->together = run->source->together && run->savepoints;
    run->savepoints = run->savepoints && !run->together;
    run->saved = run->savepoints || (run->together && !run->wrapped);
    bool ok = send_edge(run, fresh ? HK_BEGIN : HK_COUNT, run->saved ? HK_SET_SAVE : HK_COUNT);
    ok = ok && send_parse(run) && wire_sync(s, parsed_on, run);
    enum aldb_rc rc = ok ? unit_finish(s, &run->edge, wait, run->diag) : session_post_dead(s, run->diag);
    if (rc != ALDB_OK || (run->edge.error == NULL && !run->outdated)) {
        return rc;
    }
    /* A statement that could be parsed before: what it speaks of has changed. Where the failure has ended the transaction it is the last word. */
    bool cancelled = atomic_load(&run->e->cancel_requested);
    *stale = !cancelled && (run->edge.error == NULL || run->savepoints || run->together || run->began);
    if (run->edge.error && !*stale) {
        struct aldb_server_context ctx = {.moment = ALDB_AT_STATEMENT, .own_cancel = cancelled};
        (void)post_result_error(run->s, run->edge.error, &ctx, run->diag);
    }
    (void)!unbegin(run);
    return ALDB_ERR;
}

/* What sets have done is undone. */
static void undone(struct sets_run *run, enum aldb_set_status status)
{
    for (uint64_t i = 0; i < run->source->count; i++) {
        struct set_state *st = &run->states[i];
        if (st->status == ALDB_SET_OK || st->status == ALDB_SET_INFO) {
            st->status = (uint8_t)status;
            st->affected = -1;
        }
    }
}

/* After a failure without savepoints: ErrorRollback=TRANSACTION takes the application's transaction away, and the sets before the failure with it. */
static enum aldb_rc restore(struct sets_run *run)
{
    enum aldb_rc rc = txn_restore(run->s, false, false, run->diag);
    if (rc != ALDB_ERR && aldb_session_txn(run->s) == ALDB_TXN_IDLE) {
        undone(run, ALDB_SET_UNUSED);
    }
    return rc;
}

/* Cancelled or timed out: the call fails as a whole. What ran in the application's own transaction stays and is told; our own is undone. */
static enum aldb_rc give_up(struct sets_run *run)
{
    enum aldb_rc rc = ALDB_OK;
    if (run->wrapped) {
        rc = edge(run, HK_ROLLBACK, HK_COUNT, NULL);
        undone(run, ALDB_SET_UNUSED);
    } else if (run->saved) {
        rc = edge(run, HK_SET_BACK, HK_SET_RELEASE, NULL);
        if (run->together) {
            undone(run, ALDB_SET_UNUSED);
        }
    } else {
        rc = restore(run);
    }
    if (!aldb_diag_has_error(run->diag)) {
        rc = aldb_diag_post(run->diag, !run->timed_out ? ALDB_ST_HY008 : run->link_timeout ? ALDB_ST_HYT01 : ALDB_ST_HYT00, NULL);
    }
    return rc;
}

/* A failed COMMIT takes every set with it. */
static enum aldb_rc finish(struct sets_run *run, const struct aldb_wait *wait)
{
    enum aldb_rc rc = ALDB_OK;
    if (run->timed_out || atomic_load(&run->e->cancel_requested)) {
        return give_up(run) == ALDB_ERR ? ALDB_ERR : ALDB_OK;
    }
    if (run->together && run->failed) { /* each set is to have its own word: all of it again */
        rc = run->wrapped ? edge(run, HK_ROLLBACK, HK_COUNT, NULL) : edge(run, HK_SET_BACK, HK_SET_RELEASE, NULL);
        return rc == ALDB_ERR ? rc : ALDB_NO_DATA;
    }
    if (run->wrapped) {
        rc = edge(run, run->saved ? HK_SET_BACK : HK_COUNT, HK_COMMIT, wait);
    } else if (run->saved) {
        rc = edge(run, run->together ? HK_COUNT : HK_SET_BACK, HK_SET_RELEASE, wait);
    } else if (run->stopped) {
        rc = restore(run);
    }
    if (rc == ALDB_OK && run->edge.error) {
        struct aldb_server_context ctx = {.moment = run->wrapped ? ALDB_AT_COMMIT : ALDB_AT_STATEMENT};
        (void)post_result_error(run->s, run->edge.error, &ctx, run->diag);
        undone(run, ALDB_SET_ERROR);
    } else if (rc == ALDB_ERR && run->wrapped) {
        (void)aldb_diag_post(run->diag, ALDB_ST_08007, "The connection was lost before the array was committed; whether it took effect is unknown");
    }
    return rc;
}

static void report(struct sets_run *run)
{
    for (uint64_t i = 0; i < run->source->count; i++) {
        const struct set_state *st = &run->states[i];
        if (!st->told) {
            run->source->done(run->source->ctx, i, (enum aldb_set_status)st->status, st->affected);
        }
    }
}

enum aldb_rc aldb_exec_sets(struct aldb_exec *e, struct aldb_session *s, const struct aldb_exec_request *req, const struct aldb_set_source *sets,
                            bool *stale, const struct aldb_wait *wait, struct aldb_diag *diag)
{
    struct sets_run run = {.s = s, .e = e, .source = sets, .diag = diag, .link_timeout = wait->link, .plan = req->plan};
    *stale = false;
    atomic_store(&e->cancel_requested, false);
    atomic_store(&e->session, s);
    atomic_store(&e->waiting, true);
    enum aldb_rc rc = session_enter(s, e, wait, diag);
    if (rc == ALDB_ERR) {
        atomic_store(&e->waiting, false);
        atomic_store(&e->session, NULL);
        return rc;
    }
    run.states = aldb_alloc_array((size_t)sets->count, sizeof *run.states);
    run.bytes = aldb_alloc_array((size_t)sets->count, sizeof *run.bytes);
    if (run.states == NULL || run.bytes == NULL) {
        rc = aldb_diag_post(diag, ALDB_ST_HY001, NULL);
        goto out;
    }
    ALDB_TRY(wire_acquire(s, e, wait, diag));
    ALDB_TRY(begin(&run, wait, stale));
    if (!wire_ready(s, e)) {
        rc = session_post_dead(s, diag);
        goto out;
    }
    rc = send_all(&run, wait);
    if (rc != ALDB_ERR) {
        rc = finish(&run, wait);
        if (rc == ALDB_NO_DATA) {
            rc = session_notices(s, rc, diag);
            goto out;
        }
        report(&run);
        rc = session_notices(s, rc == ALDB_OK && run.informed ? ALDB_INFO : rc, diag);
        if (run.timed_out || atomic_load(&e->cancel_requested)) {
            rc = ALDB_ERR;
        }
    }
out:
    wire_nobody(s);
    unit_clear(&run.edge);
    aldb_free(run.states);
    aldb_free(run.bytes);
    atomic_store(&e->waiting, false);
    atomic_store(&e->session, NULL);
    session_leave(s);
    return rc;
}
