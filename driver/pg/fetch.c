/* SPDX-License-Identifier: Apache-2.0 */
/* What follows the sending of a statement: waiting for it, its rows, its failure, its end. */
#include "pg/internal.h"

#include <string.h>
#include <unistd.h>

/* ------------------------------------------------------------------ waiting for the first row or the end */

bool exec_started(void *ctx)
{
    const struct aldb_result *r = ctx;
    return r->wire_done || r->q_count > 0 || !spool_empty(&r->spool);
}

bool exec_ended(void *ctx)
{
    return ((const struct aldb_result *)ctx)->wire_done;
}

enum aldb_rc exec_post_failure(struct aldb_session *s, struct aldb_exec *e, struct aldb_diag *diag)
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
        (void)aldb_diag_post(diag, ALDB_ST_HYC00, "The server began COPY with the application's data for a statement that is no such COPY");
    } else if (r->error) {
        (void)post_result_error(s, r->error, &ctx, diag);
    } else if (s && atomic_load(&s->dead)) {
        (void)session_post_dead(s, diag);
    } else {
        (void)aldb_diag_post(diag, ALDB_ST_HY000, "The statement was not run: an earlier step of its batch failed");
    }
    r->error_posted = true;
    if (s && !atomic_load(&s->dead)) {
        (void)!txn_heal(s, diag);
    }
    return ALDB_ERR;
}

enum aldb_rc exec_wait(struct aldb_session *s, struct aldb_result *r, bool (*done)(void *), struct aldb_deadline deadline,
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
            deadline = aldb_deadline_in_ms(grace_of(r->link_timeout));
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

enum aldb_rc exec_post_no_answer(struct aldb_session *s, const struct aldb_result *r, struct aldb_diag *diag)
{
    if (!r->timed_out) {
        return session_post_dead(s, diag);
    }
    return aldb_diag_post(diag, r->link_timeout ? ALDB_ST_HYT01 : ALDB_ST_HYT00,
                          "The server did not answer in time, nor did it answer a cancel request; the connection was given up");
}

void exec_show(struct aldb_exec *e)
{
    struct aldb_result *r = e->result;
    e->has_rows = r->has_rows;
    e->ncolumns = r->has_rows ? r->ncolumns : 0;
    e->columns = r->columns;
    e->locale = r->locale;
    e->cells = r->cells;
    e->complete = r->wire_done;
    e->affected = r->affected;
    if (r->cut_at_limit || (r->max_rows > 0 && strncmp(r->tag, "SELECT", 6) == 0 && e->affected > (int64_t)r->max_rows)) {
        e->affected = (int64_t)r->max_rows; /* the rows that there are to fetch */
    }
    memcpy(e->tag, r->tag, sizeof e->tag);
}

static void drop(struct aldb_exec *e)
{
    result_free(e->result);
    e->result = NULL;
    atomic_store(&e->session, NULL);
    e->has_rows = false;
    e->ncolumns = 0;
    e->columns = NULL;
    e->locale = (struct aldb_locale){0};
    e->cells = NULL;
}

void exec_give_up(struct aldb_exec *e)
{
    struct aldb_result *r = e->result;
    if (r && !r->wire_done && r->s && r->s->wire == r) {
        struct aldb_session *s = r->s;
        r->exec = NULL; /* freed when its Sync is read */
        e->result = NULL;
        if (s->owner == aldb_process()) {
            wire_nobody(s); /* `e` may be gone before that */
            if (copy_waits(s)) {
                copy_fail(s);
            }
        }
    }
    drop(e);
}

/* ------------------------------------------------------------------ rows */

static enum aldb_rc at_end(struct aldb_session *s, struct aldb_exec *e, struct aldb_diag *diag)
{
    struct aldb_result *r = e->result;
    exec_show(e);
    if (r->failed && !r->error_posted) {
        return exec_post_failure(s, e, diag);
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
        if (exec_wait(s, r, exec_started, wait->deadline, e, READ_ON, false) == ALDB_ERR && !r->error) {
            r->error_posted = true;
            return exec_post_no_answer(s, r, diag);
        }
        /* More of what has arrived, so that the next rows need no lock. */
        if (r->q_count > 0 && r->q_count < BATCH_ROWS) {
            (void)wire_pump(s, READ_ON, false);
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

/* By this thread or another one, which may be at it now: rows that it has thrown away must not pass for the end of rows. */
static bool closed_by_rollback(struct aldb_session *s, struct aldb_result *r)
{
    return atomic_load(&r->cut) || r->epoch != atomic_load(&s->rollback_epoch);
}

bool aldb_exec_closed(const struct aldb_exec *e)
{
    struct aldb_result *r = e->result;
    struct aldb_session *s = atomic_load(&e->session);
    return r && s && r->s && closed_by_rollback(s, r);
}

enum aldb_rc aldb_exec_post_closed(struct aldb_diag *diag)
{
    return aldb_diag_post(diag, ALDB_ST_24000, "The cursor was closed by the rollback of its transaction");
}

/* Holds the session unless that would take a wait. */
static bool enter_at_once(struct aldb_session *s)
{
    (void)pthread_mutex_lock(&s->mu);
    bool free = !s->held && s->owner == aldb_process() && !atomic_load(&s->dead);
    s->held |= free;
    (void)pthread_mutex_unlock(&s->mu);
    return free;
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
    bool detached = atomic_load(&r->detached); /* before the next question: a rollback says so before it detaches */
    if (closed_by_rollback(s, r)) {
        return aldb_exec_post_closed(diag);
    }
    if (r->max_rows > 0 && r->delivered >= r->max_rows) {
        if (detached) {
            exec_show(e);
        }
        return ALDB_NO_DATA;
    }
    /* What the reader has taken over already, and what nobody else can touch any more, needs no session. */
    bool mine = r->batch_at < r->batch_n || (r->current && r->current_row + 1 < PQntuples(r->current));
    if (mine || detached) {
        enum aldb_rc rc = result_take(r, diag);
        if (rc != ALDB_NO_DATA) {
            return count_row(r, rc);
        }
        if (detached && r->lost && r->error_posted) {
            return session_post_dead(s, diag);
        }
        if (detached && (!r->failed || r->error_posted)) {
            exec_show(e);
            return ALDB_NO_DATA;
        }
    }
    enum aldb_rc rc;
    if (detached) {
        /*
         * Failed behind its rows: the error belongs to this fetch, even when the session has since been lost. Whoever is at work in the session has healed the
         * transaction before he sent anything.
         */
        bool held = enter_at_once(s);
        rc = exec_post_failure(held || atomic_load(&s->dead) ? s : NULL, e, diag);
        if (held) {
            session_leave(s);
        }
        return rc;
    }
    atomic_store(&e->waiting, true);
    ALDB_TRY(session_enter(s, e, wait, diag));
    rc = closed_by_rollback(s, r) ? aldb_exec_post_closed(diag) : exec_next_held(e, wait, diag);
    rc = session_notices(s, rc, diag);
    session_leave(s);
    if (rc == ALDB_INFO) {
        r->delivered++;
    }
out:
    atomic_store(&e->waiting, false);
    return count_row(r, rc);
}

/* ------------------------------------------------------------------ what is at hand */

/* Rows that the reader has taken over and not looked at, up to `most`. */
static uint64_t in_hand(const struct aldb_result *r, uint64_t most)
{
    uint64_t n = r->current ? (uint64_t)(PQntuples(r->current) - r->current_row - 1) : 0;
    for (size_t i = r->batch_at; n < most && i < r->batch_n; i++) {
        n += (uint64_t)PQntuples(r->batch[i]);
    }
    return n;
}

/* Those that the limit lets through. */
static uint64_t wanted(const struct aldb_result *r, uint64_t rows)
{
    uint64_t left = r->max_rows == 0 ? UINT64_MAX : r->max_rows > r->delivered ? r->max_rows - r->delivered : 0;
    return rows < left ? rows : left;
}

bool aldb_exec_at_hand(struct aldb_exec *e, uint64_t rows)
{
    struct aldb_result *r = e->result;
    struct aldb_session *s = atomic_load(&e->session);
    if (r == NULL || s == NULL || r->s == NULL || atomic_load(&s->dead) || atomic_load(&r->detached) || closed_by_rollback(s, r)) {
        return true; /* there is an answer, of whatever kind */
    }
    uint64_t want = wanted(r, rows);
    if (in_hand(r, want) >= want || s->owner != aldb_process()) {
        return true;
    }
    if (!enter_at_once(s)) {
        return false;
    }
    result_top_up(r);
    if (in_hand(r, want) < want && !r->wire_done) {
        (void)wire_take(s, READ_ON);
        result_top_up(r);
    }
    bool there = in_hand(r, want) >= want || r->wire_done;
    session_leave(s);
    return there;
}

enum aldb_rc aldb_exec_await(struct aldb_exec *e, const struct aldb_wait *wait, struct aldb_diag *diag)
{
    struct aldb_result *r = e->result;
    struct aldb_session *s = atomic_load(&e->session);
    if (r == NULL || s == NULL || r->s == NULL || atomic_load(&r->detached) || closed_by_rollback(s, r)) {
        return ALDB_OK;
    }
    uint64_t want = wanted(r, 1);
    if (in_hand(r, want) >= want) {
        return ALDB_OK;
    }
    struct aldb_diag unheard; /* whoever asks for the row finds out for himself */
    enum aldb_rc rc = ALDB_OK;
    aldb_diag_init(&unheard);
    atomic_store(&e->waiting, true);
    if (session_enter(s, e, wait, &unheard) == ALDB_OK) {
        r->link_timeout = wait->link;
        if (!r->wire_done && exec_wait(s, r, exec_started, wait->deadline, e, READ_ON, false) == ALDB_ERR && !r->error) {
            r->error_posted = true;
            rc = exec_post_no_answer(s, r, diag);
        }
        result_top_up(r);
        if (r->wire_done && r->failed) {
            (void)!txn_heal(s, &unheard); /* so that telling of it takes no round trip */
        }
        rc = session_notices(s, rc, diag);
        session_leave(s);
    }
    atomic_store(&e->waiting, false);
    aldb_diag_clear(&unheard);
    return rc;
}

enum aldb_rc aldb_exec_spool(struct aldb_exec *e, const struct aldb_wait *wait, struct aldb_diag *diag)
{
    struct aldb_result *r = e->result;
    struct aldb_session *s = atomic_load(&e->session);
    if (r == NULL || s == NULL || (atomic_load(&r->detached) && (!r->failed || r->error_posted))) {
        return ALDB_OK;
    }
    atomic_store(&e->waiting, true);
    enum aldb_rc rc = session_enter(s, e, wait, diag);
    if (rc == ALDB_ERR) {
        goto out;
    }
    r->link_timeout = wait->link;
    /* A cancel that its deadline has sent already has its own time to be heard. */
    struct aldb_deadline deadline = r->timed_out ? aldb_deadline_in_ms(grace_of(r->link_timeout)) : wait->deadline;
    if (!r->wire_done && exec_wait(s, r, exec_ended, deadline, e, SIZE_MAX, true) == ALDB_ERR && !r->error) {
        r->error_posted = true;
        rc = exec_post_no_answer(s, r, diag);
    } else if (!r->wire_done) {
        rc = wire_post_full(s, true, diag);
        (void)!exec_close_held(e, true, wait, diag);
    } else {
        rc = at_end(s, e, diag) == ALDB_ERR ? ALDB_ERR : ALDB_OK;
    }
    rc = session_notices(s, rc, diag);
    session_leave(s);
out:
    atomic_store(&e->waiting, false);
    return rc;
}

/* ------------------------------------------------------------------ closing */

/* What a statement that was writing met behind the last row fetched: its work is undone, and nobody else would say so. */
static enum aldb_rc post_unheard(struct aldb_session *s, struct aldb_result *r, struct aldb_diag *diag)
{
    struct aldb_server_context ctx = {.moment = ALDB_AT_STATEMENT};
    if (!r->failed || r->error_posted || !r->writes) {
        return ALDB_OK;
    }
    r->error_posted = true;
    if (r->error) {
        return post_result_error(s, r->error, &ctx, diag);
    }
    return r->lost ? session_post_dead(s, diag) : ALDB_OK;
}

/* Reads what a cancelled stream still had on its way, however slow the link: only silence gives the session up. */
static void read_out(struct aldb_session *s, struct aldb_result *r)
{
    int64_t start = aldb_now_ms();
    enum wake w;
    do {
        w = wire_until(s, exec_ended, r, wire_patience(s, start), NULL, SIZE_MAX, true);
    } while (w == WAKE_DEADLINE && !aldb_deadline_over(wire_patience(s, start)));
    if (w == WAKE_DEADLINE) {
        session_die(s, "the server did not answer a cancel request");
    }
}

bool exec_may_cut(const struct aldb_session *s, const struct aldb_result *r)
{
    bool in_txn = PQtransactionStatus(s->conn) != PQTRANS_IDLE && (r->began || aldb_session_txn(s) == ALDB_TXN_OPEN);
    return !r->writes && s->options.close_mode != ALDB_CLOSE_DRAIN && (!in_txn || r->savepoint);
}

/* Reads the stream on the wire to its Sync. True if we cancelled it. */
static bool cut_short(struct aldb_session *s, struct aldb_exec *e, bool rolling_back, const struct aldb_wait *wait)
{
    struct aldb_result *r = e->result;
    result_discard_queued(r);
    r->discard = true;
    (void)wire_until(s, exec_ended, r, aldb_deadline_in_ms(s->close_patience_ms), NULL, SIZE_MAX, true);
    bool may_cancel = rolling_back || r->copy == ALDB_COPY_IN || exec_may_cut(s, r);
    if (!r->wire_done && may_cancel) {
        slot_cancel_async(s->slot);
        r->timed_out = true; /* cancelled by ourselves, not by the application */
        read_out(s, r);
    } else if (!r->wire_done) {
        r->link_timeout = wait && wait->link;
        (void)!exec_wait(s, r, exec_ended, wait ? wait->deadline : aldb_deadline_none(), e, SIZE_MAX, true);
    }
    bool cancelled = may_cancel && strcmp(result_state(r->error), "57014") == 0;
    s->close_patience_ms = cancelled ? s->close_patience_ms / 2 : s->close_budget_ms;
    return cancelled;
}

enum aldb_rc exec_close_held(struct aldb_exec *e, bool rolling_back, const struct aldb_wait *wait, struct aldb_diag *diag)
{
    struct aldb_result *r = e->result;
    struct aldb_session *s = r->s;
    if (r->copy_waits && !atomic_load(&s->dead)) {
        r->error_posted = true; /* that it was given up is no news */
        copy_fail(s);
    }
    atomic_store(&r->cut, atomic_load(&r->cut) || rolling_back);
    bool by_us = !r->wire_done && s->wire == r && !atomic_load(&s->dead) && cut_short(s, e, rolling_back, wait);
    enum aldb_rc rc = by_us || rolling_back ? ALDB_OK : post_unheard(s, r, diag);
    if (!rolling_back && !atomic_load(&s->dead) && txn_heal(s, diag) == ALDB_ERR) {
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
    if (s && s->owner == aldb_process() && atomic_load(&s->dead)) {
        rc = post_unheard(s, r, diag);
    } else if (s && s->owner == aldb_process()) {
        enum aldb_rc told = ALDB_OK;
        if (atomic_load(&r->detached) && aldb_session_busy(s)) {
            told = post_unheard(s, r, diag);
            if (session_leave_behind(s, r)) { /* what there is to heal whoever holds the session heals before it sends more */
                e->result = NULL;
                drop(e);
                return told;
            }
        }
        ALDB_TRY(session_enter(s, NULL, wait, diag));
        rc = exec_close_held(e, false, wait, diag);
        rc = session_notices(s, rc, diag);
        drop(e);
        session_leave(s);
        return told == ALDB_ERR ? told : rc;
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
        drop(e);
        return;
    }
    /* Another process's session, or a lost one: nobody else touches it. */
    struct aldb_diag unheard;
    aldb_diag_init(&unheard);
    bool held = session_enter(s, NULL, NULL, &unheard) == ALDB_OK;
    aldb_diag_clear(&unheard);
    exec_give_up(e);
    if (held) {
        session_leave(s);
    }
}

