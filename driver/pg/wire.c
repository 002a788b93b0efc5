/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The batch builder and the one wait loop. Every message that the driver sends goes through here, and every result comes back to the
 * operation that asked for it.
 */
#include "pg/internal.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "log/log.h"

#define STOPPED "the call was cut short: the process exits, or SQLCancelHandle was called while it connected"
#define CANCEL_AGAIN_MS 500 /* when a cancel that nothing came of is sent once more */
#define WIDEN_TIMES 3 /* from 16 kB on: more than PUMP_PIECE then fits in */

/* ------------------------------------------------------------------ operations */

static struct aldb_op *op_head(struct aldb_session *s)
{
    return &s->ops[s->ops_head];
}

bool wire_expect(struct aldb_session *s, enum op_kind kind, bool rows, int tag, op_handler on, void *ctx)
{
    if (s->nops == s->ops_cap) {
        size_t cap = s->ops_cap ? s->ops_cap * 2 : 64;
        struct aldb_op *ops = aldb_alloc_array(cap, sizeof *ops);
        if (ops == NULL) {
            session_die(s, "out of memory while sending");
            return false;
        }
        for (size_t i = 0; i < s->nops; i++) {
            ops[i] = s->ops[(s->ops_head + i) % s->ops_cap];
        }
        aldb_free(s->ops);
        s->ops = ops;
        s->ops_cap = cap;
        s->ops_head = 0;
    }
    s->ops[(s->ops_head + s->nops) % s->ops_cap] = (struct aldb_op){kind, rows, tag, on, ctx};
    s->nops++;
    s->said = true;
    /* Nothing is awaited before it: single-row mode must be asked for before anything is parsed. */
    if (s->nops == 1 && rows) {
        (void)PQsetSingleRowMode(s->conn);
    }
    return true;
}

/*
 * The head operation is over. Single-row mode for the next one must be set right here: after the NULL (or the Sync) of this one and before libpq
 * parses anything. Should libpq refuse, the result arrives collected, which result_on handles too.
 */
static void op_advance(struct aldb_session *s)
{
    s->ops_head = (s->ops_head + 1) % s->ops_cap;
    s->nops--;
    if (s->nops > 0 && op_head(s)->rows) {
        (void)PQsetSingleRowMode(s->conn);
    }
}

static bool sent(struct aldb_session *s, int ok)
{
    if (!ok) {
        session_die(s, PQerrorMessage(s->conn));
    }
    return ok != 0;
}

/* ------------------------------------------------------------------ senders */

bool wire_ready(struct aldb_session *s, struct aldb_exec *e)
{
    if (!slot_settle(s->slot)) {
        session_die(s, "a cancel request is still on its way to the server, and what is sent now might be hit by it");
        return false;
    }
    (void)pthread_mutex_lock(&s->mu);
    s->wire_exec = e;
    (void)pthread_mutex_unlock(&s->mu);
    if (!session_ask_pooler(s)) {
        return false;
    }
    if (s->wrong_encoding) {
        s->wrong_encoding = false;
        return wire_text(s, "SET client_encoding TO 'UTF8'", NULL, NULL) && wire_sync(s, NULL, NULL);
    }
    return !s->dead;
}

void wire_nobody(struct aldb_session *s)
{
    (void)pthread_mutex_lock(&s->mu);
    s->wire_exec = NULL;
    (void)pthread_mutex_unlock(&s->mu);
}

static const char *const hk_text[HK_COUNT] = {
    [HK_BEGIN] = "BEGIN",
    [HK_COMMIT] = "COMMIT",
    [HK_ROLLBACK] = "ROLLBACK",
    [HK_SAVE] = "SAVEPOINT _aldb_statement",
    [HK_RELEASE] = "RELEASE SAVEPOINT _aldb_statement",
    [HK_BACK] = "ROLLBACK TO SAVEPOINT _aldb_statement",
    [HK_GROUP_SAVE] = "SAVEPOINT _aldb_group",
    [HK_GROUP_RELEASE] = "RELEASE SAVEPOINT _aldb_group",
    [HK_GROUP_BACK] = "ROLLBACK TO SAVEPOINT _aldb_group",
    [HK_SET_SAVE] = "SAVEPOINT _aldb_set",
    [HK_SET_RELEASE] = "RELEASE SAVEPOINT _aldb_set",
    [HK_SET_BACK] = "ROLLBACK TO SAVEPOINT _aldb_set",
};

static void hk_parsed(struct aldb_session *s, void *ctx, const struct aldb_op *op, PGresult *res)
{
    (void)ctx;
    if (res) {
        s->hk[op->tag] = PQresultStatus(res) == PGRES_COMMAND_OK ? HK_READY : HK_UNKNOWN;
    }
    PQclear(res);
}

/* Behind a transaction pooler nothing outlives the transaction: plain text, and the session's settings ride on BEGIN. */
static bool hk_pooled(struct aldb_session *s, enum housekeeping hk, op_handler on, void *ctx)
{
    char text[96];
    const char *isolation = isolation_words(s->isolation);
    if (hk != HK_BEGIN) {
        return wire_text(s, hk_text[hk], on, ctx);
    }
    (void)snprintf(text, sizeof text, "BEGIN%s%s%s", isolation ? " ISOLATION LEVEL " : "", isolation ? isolation : "",
                   s->read_only ? " READ ONLY" : "");
    return wire_text(s, text, on, ctx);
}

/* Where the names are lost, COMMIT and ROLLBACK must not fail for it; and what is rare need not be held by the server. */
static bool is_prepared(const struct aldb_session *s, enum housekeeping hk)
{
    return !s->pooled && !s->pooler_asked && hk != HK_COMMIT && hk != HK_ROLLBACK && hk != HK_GROUP_SAVE && hk != HK_GROUP_RELEASE && hk != HK_GROUP_BACK;
}

static void hk_name(const struct aldb_session *s, enum housekeeping hk, char name[48])
{
    (void)snprintf(name, 48, "%sh%llu", s->prefix, (unsigned long long)s->hk_number[hk]);
}

bool wire_prepare_housekeeping(struct aldb_session *s, enum housekeeping hk)
{
    char name[48];
    if (!is_prepared(s, hk) || s->hk[hk] != HK_UNKNOWN) {
        return true;
    }
    s->hk_number[hk] = ++s->next_name;
    hk_name(s, hk, name);
    if (!sent(s, PQsendPrepare(s->conn, name, hk_text[hk], 0, NULL)) || !wire_expect(s, OP_PARSE, false, (int)hk, hk_parsed, NULL)) {
        return false;
    }
    s->hk[hk] = HK_SENT;
    return true;
}

bool wire_housekeeping(struct aldb_session *s, enum housekeeping hk, op_handler on, void *ctx)
{
    char name[48];
    if (s->pooled) {
        return hk_pooled(s, hk, on, ctx);
    }
    if (!is_prepared(s, hk)) {
        return wire_text(s, hk_text[hk], on, ctx);
    }
    if (!wire_prepare_housekeeping(s, hk)) {
        return false;
    }
    hk_name(s, hk, name);
    return sent(s, PQsendQueryPrepared(s->conn, name, 0, NULL, NULL, NULL, 0)) && wire_expect(s, OP_HOUSEKEEPING, false, (int)hk, on, ctx);
}

bool wire_housekeeping_text(struct aldb_session *s, enum housekeeping hk, op_handler on, void *ctx)
{
    return wire_text(s, hk_text[hk], on, ctx);
}

bool wire_text(struct aldb_session *s, const char *sql, op_handler on, void *ctx)
{
    return sent(s, PQsendQueryParams(s->conn, sql, 0, NULL, NULL, NULL, NULL, 0)) && wire_expect(s, OP_HOUSEKEEPING, false, 0, on, ctx);
}

bool wire_sync(struct aldb_session *s, op_handler on, void *ctx)
{
    return sent(s, PQpipelineSync(s->conn)) && wire_expect(s, OP_SYNC, false, 0, on, ctx);
}

/* ------------------------------------------------------------------ reading */

static void synced(struct aldb_session *s)
{
    switch (PQtransactionStatus(s->conn)) {
    case PQTRANS_IDLE:
        atomic_store(&s->txn, ALDB_TXN_IDLE);
        s->ddl_in_txn = false;
        break;
    case PQTRANS_INTRANS:
        atomic_store(&s->txn, ALDB_TXN_OPEN);
        break;
    case PQTRANS_INERROR:
        atomic_store(&s->txn, ALDB_TXN_FAILED);
        break;
    default:
        /* More batches are in the pipeline: the status is that of the last Sync once it is read. */
        break;
    }
    session_refresh(s);
    notify_keep(s);
}

/* A result that nobody asked for in detail: errors of housekeeping show in what follows. */
static void deliver(struct aldb_session *s, const struct aldb_op *op, PGresult *res)
{
    if (op->on) {
        op->on(s, op->ctx, op, res);
    } else {
        PQclear(res);
    }
}

static bool fatal(const PGresult *res)
{
    const char *severity = PQresultErrorField(res, PG_DIAG_SEVERITY_NONLOCALIZED);
    return severity && (strcmp(severity, "FATAL") == 0 || strcmp(severity, "PANIC") == 0);
}

/* Its ReadyForQuery has been read. */
static bool simple_over(struct aldb_session *s, const struct aldb_op *op)
{
    op_advance(s);
    if (!PQenterPipelineMode(s->conn)) {
        session_die(s, PQerrorMessage(s->conn));
        return false;
    }
    synced(s);
    deliver(s, op, NULL);
    return true;
}

/* One result. False when there is none without waiting. */
static bool pump_one(struct aldb_session *s)
{
    if (s->copying) {
        return copy_take(s);
    }
    if (PQisBusy(s->conn) || copy_waits(s)) {
        notify_keep(s); /* here nothing more is parsed by asking for them */
        return false;
    }
    PGresult *res = PQgetResult(s->conn);
    struct aldb_op op = *op_head(s);
    if (res == NULL) {
        if (PQstatus(s->conn) == CONNECTION_BAD) {
            session_die(s, PQerrorMessage(s->conn));
            return false;
        }
        if (op.kind == OP_SYNC) {
            /* Once after an error between the last command and the Sync; more would mean that libpq and we are out of step. */
            if (++s->stray_nulls > 2) {
                session_die(s, "results and requests are out of step");
                return false;
            }
            return true;
        }
        if (op.kind == OP_SIMPLE) {
            return simple_over(s, &op);
        }
        deliver(s, &op, NULL);
        op_advance(s);
        return true;
    }
    s->stray_nulls = 0;
    ExecStatusType status = PQresultStatus(res);
    if (status == PGRES_PIPELINE_SYNC && op.kind == OP_SYNC) {
        op_advance(s);
        synced(s);
        deliver(s, &op, res);
        return true;
    }
    if (status == PGRES_FATAL_ERROR && fatal(res)) {
        /* The server says why before it closes the connection; the next read finds it closed. */
        aldb_buf_reset(&s->why_dead);
        const char *text = PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY);
        aldb_buf_addf(&s->why_dead, "%s", text ? text : "the server ended the session");
    }
    if (op.kind == OP_SYNC) {
        /* An error between the last command and the Sync: it belongs to the batch. */
        deliver(s, &op, res);
        return true;
    }
    deliver(s, &op, res);
    return !s->dead;
}

enum wake wire_pump(struct aldb_session *s, size_t budget, bool spool)
{
    while (s->nops > 0) {
        if (s->dead) {
            return WAKE_DEAD;
        }
        if (s->wire && !result_has_room(s->wire, budget, spool)) {
            return WAKE_PAUSED;
        }
        if (!pump_one(s)) {
            return s->dead ? WAKE_DEAD : WAKE_DONE;
        }
    }
    return s->dead ? WAKE_DEAD : WAKE_DONE;
}

static bool cancelled(struct aldb_session *s, struct aldb_exec *e)
{
    if (e == NULL || !atomic_load(&e->cancel_requested)) {
        return false;
    }
    (void)pthread_mutex_lock(&s->mu);
    bool mine = s->wire_exec == e;
    (void)pthread_mutex_unlock(&s->mu);
    return !mine;
}

/*
 * Moves what libpq has written, or else what has come for it (what has just been asked is not answered yet), as far as that goes without waiting. What has
 * been done, as pump_move tells; after PUMP_TO_LIBPQ nobody need ask poll(). *unsent as PQflush leaves it.
 */
static int move_through_pump(struct aldb_session *s, int *unsent)
{
    if (!s->said) {
        return pump_retry(s->pump, PUMP_TO_LIBPQ);
    }
    int moved = pump_retry(s->pump, PUMP_TO_STREAM);
    int all = moved;
    while (*unsent > 0 && (moved & PUMP_TO_STREAM)) {
        *unsent = PQflush(s->conn);
        moved = pump_retry(s->pump, PUMP_TO_STREAM);
        all |= moved;
    }
    s->said = *unsent > 0; /* the rest of it goes whenever libpq finds room */
    return all;
}

/* poll() for libpq's socket, for SQLCancel and for the pump, and what the pump can do then. *came: PUMP_TO_LIBPQ, libpq has something to read, and more. */
static bool wait_for_input(struct aldb_session *s, int unsent, struct aldb_deadline deadline, int *came)
{
    struct pollfd fds[5] = {
        {.fd = PQsocket(s->conn), .events = (short)(POLLIN | (unsent ? POLLOUT : 0))},
        {.fd = s->wake_fd, .events = POLLIN},
        {.fd = aldb_worker_stop_fd(), .events = POLLIN},
        {.fd = -1}, {.fd = -1},
    };
    bool wait = s->pump == NULL || pump_fill(s->pump, fds + 3);
    int n = poll(fds, s->pump ? 5 : 3, wait ? aldb_deadline_poll_ms(deadline) : 0);
    if (n < 0) {
        return errno == EINTR;
    }
    if (fds[1].revents & POLLIN) {
        uint64_t count;
        (void)!read(s->wake_fd, &count, sizeof count);
    }
    *came = fds[0].revents & (POLLIN | POLLERR | POLLHUP) ? PUMP_TO_LIBPQ : 0;
    if (s->pump) {
        pump_ready(s->pump, fds + 3);
        *came |= pump_move(s->pump);
    }
    return true;
}

/*
 * libpq reads into a buffer of 16 kB. It doubles it when it is to read more with less than 8 kB left, and keeps it: for a stream of whole pieces this is done
 * on purpose, so that a piece is read at once.
 */
static bool take_input(struct aldb_session *s, int came)
{
    if (!PQconsumeInput(s->conn)) {
        return false;
    }
    if (!(came & PUMP_WHOLE_PIECE) || s->widened == WIDEN_TIMES) {
        return true;
    }
    s->widened++;
    return PQconsumeInput(s->conn);
}

/*
 * libpq reads as much of a TLS record as it has room for, and poll() sees nothing of the rest: what servers from PostgreSQL 17 on send may be records of
 * 16 kB. Of GSSAPI's packets, which are no longer, it does not say: each time something came it is asked twice.
 */
static bool libpq_holds_input(struct aldb_session *s)
{
    return connect_holds_input(s->conn) || (s->look_again && PQgssEncInUse(s->conn));
}

void wire_lost(struct aldb_session *s)
{
    /* What was read before the loss is still parsed; the text is kept now. */
    if (!s->why_dead.len) {
        aldb_buf_addf(&s->why_dead, "%s", PQerrorMessage(s->conn));
    }
    if (copy_waits(s)) {
        s->wire->copy_waits = false;
        (void)PQputCopyEnd(s->conn, "lost"); /* nobody hears it, but libpq parses errors again */
    }
    while (s->nops > 0 && !s->dead && pump_one(s)) {
    }
    session_die(s, NULL);
}

/* Waits for the socket or a cancel. */
static enum wake wire_poll(struct aldb_session *s, struct aldb_deadline deadline, struct aldb_exec *e)
{
    int unsent = PQflush(s->conn);
    if (aldb_worker_stopped()) {
        session_die(s, STOPPED);
        return WAKE_DEAD;
    }
    if (unsent < 0 || PQsocket(s->conn) < 0) {
        session_die(s, PQerrorMessage(s->conn));
        return WAKE_DEAD;
    }
    int came = s->pump ? move_through_pump(s, &unsent) : libpq_holds_input(s) ? PUMP_TO_LIBPQ : 0;
    if (copy_waits(s) && unsent == 0) {
        deadline = aldb_deadline_in_ms(0); /* room was what was waited for: the server has nothing to say before it has all the data */
    }
    if (!(came & PUMP_TO_LIBPQ) && !wait_for_input(s, unsent, deadline, &came)) {
        session_die(s, "poll failed");
        return WAKE_DEAD;
    }
    if (cancelled(s, e)) {
        return WAKE_CANCEL;
    }
    if (!(came & PUMP_TO_LIBPQ)) {
        return WAKE_DONE;
    }
    s->heard_at = aldb_now_ms();
    s->look_again = !s->look_again;
    if (!take_input(s, came)) {
        wire_lost(s);
        return WAKE_DEAD;
    }
    return WAKE_DONE;
}

enum wake wire_take(struct aldb_session *s, size_t budget)
{
    enum wake w = wire_pump(s, budget, false);
    if (w == WAKE_DONE && s->nops > 0) {
        w = wire_poll(s, aldb_deadline_in_ms(0), NULL);
    }
    return w == WAKE_DONE ? wire_pump(s, budget, false) : w;
}

enum wake wire_look(struct aldb_session *s)
{
    return wire_poll(s, aldb_deadline_in_ms(0), NULL);
}

enum wake wire_idle(struct aldb_session *s, bool (*done)(void *ctx), void *ctx, struct aldb_deadline deadline)
{
    for (;;) {
        (void)PQisBusy(s->conn); /* parses */
        notify_keep(s);
        if (done(ctx)) {
            return WAKE_DONE;
        }
        if (s->dead) {
            return WAKE_DEAD;
        }
        bool last = aldb_deadline_over(deadline);
        if (wire_poll(s, deadline, NULL) == WAKE_DEAD) {
            return WAKE_DEAD;
        }
        if (last) {
            (void)PQisBusy(s->conn);
            notify_keep(s);
            return done(ctx) ? WAKE_DONE : WAKE_DEADLINE;
        }
    }
}

/* Is whoever owns the wire cancelled? */
static bool owner_cancelled(struct aldb_session *s)
{
    (void)pthread_mutex_lock(&s->mu);
    bool is = s->wire_exec && atomic_load(&s->wire_exec->cancel_requested);
    (void)pthread_mutex_unlock(&s->mu);
    return is;
}

struct aldb_deadline wire_patience(const struct aldb_session *s, int64_t since)
{
    int64_t last = s->heard_at > since ? s->heard_at : since;
    return aldb_deadline_sooner((struct aldb_deadline){last + GRACE_MS}, (struct aldb_deadline){since + GRACE_TOTAL_MS});
}

enum wake wire_until(struct aldb_session *s, bool (*done)(void *ctx), void *ctx, struct aldb_deadline deadline, struct aldb_exec *e,
                     size_t budget, bool spool)
{
    int64_t cancelled_since = 0;
    struct aldb_deadline again = aldb_deadline_none();
    for (;;) {
        enum wake w = wire_pump(s, budget, spool);
        if (done(ctx)) {
            return WAKE_DONE;
        }
        if (w == WAKE_DEAD || w == WAKE_PAUSED) {
            return w;
        }
        if (s->nops == 0) {
            return WAKE_DONE;
        }
        /* Not only when nothing comes: a server that never stops sending must not outrun the deadline. */
        if (!aldb_deadline_is_none(deadline) && aldb_deadline_over(deadline)) {
            return WAKE_DEADLINE;
        }
        struct aldb_deadline patience = aldb_deadline_none();
        if (owner_cancelled(s)) {
            if (cancelled_since == 0) {
                cancelled_since = aldb_now_ms();
                again = aldb_deadline_in_ms(CANCEL_AGAIN_MS);
            } else if (aldb_deadline_over(again)) {
                slot_cancel_async(s->slot); /* a request that came between two messages has met nothing that it could end */
                again = aldb_deadline_in_ms(CANCEL_AGAIN_MS);
            }
            patience = wire_patience(s, cancelled_since); /* nothing else might bound the wait for it */
        }
        if (aldb_deadline_over(patience)) {
            session_die(s, "the server did not answer a cancel request");
            return WAKE_DEAD;
        }
        w = wire_poll(s, aldb_deadline_sooner(deadline, aldb_deadline_sooner(patience, again)), e);
        if (w == WAKE_DEADLINE) {
            /* What came with the last breath still counts. */
            enum wake last = wire_pump(s, budget, spool);
            return done(ctx) ? WAKE_DONE : last == WAKE_DONE ? w : last;
        }
        if (w != WAKE_DONE) {
            return w;
        }
    }
}

/* ------------------------------------------------------------------ whose turn it is */

static bool wire_free(void *ctx)
{
    return ((struct aldb_session *)ctx)->nops == 0;
}

enum aldb_rc wire_post_full(struct aldb_session *s, bool own, struct aldb_diag *diag)
{
    const char *what = own ? "Of several statements or sets each result is kept until all have run, and its rows"
                           : "Another statement's result is still being read on this connection, and its unread rows";
    const char *remedy = own ? "run them one by one" : "fetch or close it first";
    int full = s->wire ? s->wire->spool.full : 0;
    char why[128];
    return full ? aldb_diag_post(diag, ALDB_ST_HY000, "%s cannot be kept in a temporary file: %s; %s, or let TMPDIR name a directory with room", what,
                                 strerror_r(full, why, sizeof why), remedy)
                : aldb_diag_post(diag, ALDB_ST_HY000, "%s exceed MaxSpoolSize; %s, or raise MaxSpoolSize", what, remedy);
}

enum aldb_rc wire_acquire(struct aldb_session *s, struct aldb_exec *e, const struct aldb_wait *wait, struct aldb_diag *diag)
{
    struct aldb_deadline deadline = wait ? wait->deadline : aldb_deadline_none();
    if (copy_waits(s)) {
        return copy_post_busy(diag);
    }
    if (s->nops > 0) {
        SESSION_LOG(ALDB_LOG_DEBUG, s, "what is still unread is taken off the connection first");
    }
    while (s->nops > 0) {
        switch (wire_until(s, wire_free, s, deadline, e, SIZE_MAX, true)) {
        case WAKE_DONE:
            break;
        case WAKE_PAUSED:
            return wire_post_full(s, false, diag);
        case WAKE_DEADLINE:
            return aldb_diag_post(diag, late_state(wait), "Timed out while taking another statement's rows off the connection; nothing was sent");
        case WAKE_CANCEL:
            return aldb_diag_post(diag, ALDB_ST_HY008, "Cancelled while waiting for its turn; nothing was sent");
        case WAKE_DEAD:
            return session_post_dead(s, diag);
        }
    }
    /* An error met on the way is told by the stream that it belongs to; its harm to the transaction is undone before anything else is sent. */
    return s->dead ? session_post_dead(s, diag) : txn_heal(s, diag);
}
