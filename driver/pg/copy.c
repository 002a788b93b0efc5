/* SPDX-License-Identifier: Apache-2.0 */
/*
 * COPY with the application's data.
 *
 * TO STDOUT is a result like any other: it travels in a batch, and its rows go to the queue and the spool. libpq's documentation has no COPY in pipeline
 * mode, since libpq ends one FROM STDIN with a Sync that it does not count; the other direction ends by itself, and all that is to be sent has been sent
 * before its first row comes.
 *
 * FROM STDIN runs outside of pipeline mode, as a simple query alone: [BEGIN] · [SAVEPOINT] · Parse · Sync, then the query, its data and its end, then
 * [RELEASE] · Sync. An extended query would have its Sync behind it already, which counts or does not count depending on when the server fails.
 */
#include "pg/internal.h"

#include "base/alloc.h"
#include "log/log.h"
#include "types/oid.h"

/* https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-COPY */

#define ROWS_AT_ONCE 32
#define BYTES_AT_ONCE ((size_t)64 << 10) /* a row may be larger */
#define PIECE ((size_t)64 << 10)         /* libpq's output buffer grows to hold one; it is empty again before the next */
#define LOOK_EVERY ((size_t)16 << 10)

/* ------------------------------------------------------------------ beginning */

static bool describe(struct aldb_session *s, struct aldb_result *r, bool binary)
{
    static const char name[] = "copy";
    char *place;
    r->columns = columns_new(1, sizeof name, &place);
    r->cells = aldb_alloc_array(1, sizeof *r->cells);
    if (r->columns == NULL || r->cells == NULL) {
        session_die(s, "out of memory while reading a result");
        return false;
    }
    r->columns[0] = (struct aldb_column){.name = memcpy(place, name, sizeof name), .oid = binary ? ALDB_OID_BYTEA : ALDB_OID_TEXT, .typmod = -1, .binary = binary};
    r->ncolumns = 1;
    result_take_locale(r);
    r->has_rows = true;
    return true;
}

/* Whichever way it goes it is ended at once. */
static void refuse(struct aldb_session *s, struct aldb_result *r, bool in)
{
    if (!in) {
        s->copying = true;
        slot_cancel_async(s->slot);
    } else if (r->savepoint || PQputCopyEnd(s->conn, "nobody has data for it") < 0) {
        /* The server takes the RELEASE that follows for a breach of protocol, and libpq then counts one Sync too many. */
        session_die(s, "COPY FROM STDIN has begun where it cannot be served");
    }
    r->copy_refused = true;
    r->failed = true;
}

void copy_on(struct aldb_session *s, struct aldb_result *r, PGresult *res)
{
    ExecStatusType status = PQresultStatus(res);
    bool binary = PQbinaryTuples(res) != 0;
    PQclear(res);
    bool first = !r->copy_begun;
    r->copy_begun = true;
    if (first && status == PGRES_COPY_IN && r->copy == ALDB_COPY_IN) {
        r->copy_waits = true;
    } else if (first && status == PGRES_COPY_OUT && r->copy == ALDB_COPY_OUT) {
        s->copying = describe(s, r, binary);
    } else {
        refuse(s, r, status == PGRES_COPY_IN);
    }
}

bool copy_is_cut(const struct aldb_result *r)
{
    return (r->copy_begun || r->copy == ALDB_COPY_IN) && !r->failed && r->tag[0] == '\0';
}

bool copy_waits(const struct aldb_session *s)
{
    return s->wire && s->wire->copy_waits;
}

enum aldb_rc copy_post_busy(struct aldb_diag *diag)
{
    return aldb_diag_post(diag, ALDB_ST_HY000, "COPY FROM STDIN of another statement waits for its data on this connection; "
                          "end it with SQLParamData, give it up with SQLCancel, or use another connection");
}

/* ------------------------------------------------------------------ rows */

static PGresult *rows_new(const struct aldb_session *s, const struct aldb_result *r)
{
    PGresult *rows = PQmakeEmptyPGresult(s->conn, PGRES_SINGLE_TUPLE);
    PGresAttDesc column = {.name = (char *)(uintptr_t)r->columns[0].name, .format = r->columns[0].binary, .typid = r->columns[0].oid, .atttypmod = -1};
    if (rows && !PQsetResultAttrs(rows, 1, &column)) {
        PQclear(rows);
        rows = NULL;
    }
    return rows;
}

/* Every row of a text format ends with a newline, which is none of its data. */
static bool add_row(const struct aldb_session *s, const struct aldb_result *r, PGresult **rows, char *data, int len)
{
    if (!r->columns[0].binary && len > 0 && data[len - 1] == '\n') {
        len--;
    }
    if (*rows == NULL) {
        *rows = rows_new(s, r);
    }
    return *rows && PQsetvalue(*rows, PQntuples(*rows), 0, data, len);
}

bool copy_take(struct aldb_session *s)
{
    struct aldb_result *r = s->wire;
    bool keep = r && r->exec && !r->discard && !r->copy_refused;
    bool ok = true;
    PGresult *rows = NULL;
    char *data;
    size_t bytes = 0;
    int n = 0, taken = 0;
    while (ok && taken < ROWS_AT_ONCE && bytes < BYTES_AT_ONCE && (n = PQgetCopyData(s->conn, &data, 1)) > 0) {
        ok = !keep || add_row(s, r, &rows, data, n);
        PQfreemem(data);
        bytes += (size_t)n;
        taken++;
    }
    if (rows) {
        result_arrived(r, rows);
    }
    if (!ok || n < -1) {
        session_die(s, ok ? PQerrorMessage(s->conn) : "out of memory while reading a result");
        return false;
    }
    s->copying = n >= 0;
    return taken > 0 || n < 0;
}

/* ------------------------------------------------------------------ FROM STDIN */

static enum aldb_rc release(struct aldb_session *s, const struct aldb_wait *wait, struct aldb_diag *diag)
{
    struct unit u = {0};
    bool ok = wire_ready(s, NULL) && wire_housekeeping(s, HK_RELEASE, unit_on, &u) && wire_sync(s, unit_on, &u);
    enum aldb_rc rc = ok ? unit_finish(s, &u, wait, diag) : session_post_dead(s, diag);
    rc = unit_post(s, &u, rc, ALDB_AT_STATEMENT, diag);
    unit_clear(&u);
    return rc;
}

/*
 * What comes before the query. It is parsed there too, because Parse refuses a text of several statements, which a simple query would run. After an error
 * nobody is on the wire.
 */
static enum aldb_rc lay_ground(struct aldb_session *s, struct aldb_exec *e, const char *text, struct wrap w, const struct aldb_wait *wait,
                               struct aldb_diag *diag)
{
    struct unit u = {0};
    bool ok = wire_ready(s, e);
    ok = ok && (!w.begin || wire_housekeeping(s, HK_BEGIN, unit_on, &u));
    ok = ok && (!w.savepoint || wire_housekeeping(s, HK_SAVE, unit_on, &u));
    if (ok && !PQsendPrepare(s->conn, "", text, 0, NULL)) {
        session_die(s, PQerrorMessage(s->conn));
        ok = false;
    }
    ok = ok && wire_expect(s, OP_PARSE, false, HK_COUNT, unit_on, &u) && wire_sync(s, unit_on, &u);
    enum aldb_rc rc = ok ? unit_finish(s, &u, wait, diag) : session_post_dead(s, diag);
    rc = unit_post(s, &u, rc, ALDB_AT_STATEMENT, diag);
    if (rc == ALDB_ERR) {
        wire_nobody(s);
    }
    if (u.error && !atomic_load(&s->dead)) {
        s->unhealed.pending = true;
        s->unhealed.savepoint = w.savepoint;
        s->unhealed.began = w.begin;
        (void)!txn_heal(s, diag);
    }
    unit_clear(&u);
    return rc;
}

/* It is not sent after all. */
static enum aldb_rc retreat(struct aldb_session *s, struct wrap w, enum aldb_state st, const char *why, const struct aldb_wait *wait, struct aldb_diag *diag)
{
    enum aldb_rc rc = w.savepoint ? release(s, wait, diag) : ALDB_OK;
    wire_nobody(s);
    return rc == ALDB_ERR ? rc : aldb_diag_post(diag, st, why ? "%s" : NULL, why);
}

static bool send_query(struct aldb_session *s, const char *text, struct aldb_result *r)
{
    s->wire = r;
    if (!PQexitPipelineMode(s->conn) || !PQsendQuery(s->conn, text)) {
        session_die(s, PQerrorMessage(s->conn));
        return false;
    }
    return wire_expect(s, OP_SIMPLE, false, 0, result_on, r);
}

static bool begun(void *ctx)
{
    const struct aldb_result *r = ctx;
    return r->copy_waits || r->wire_done;
}

/* Its deadline is over, or SQLCancel has been called: ends it, and tells which. */
static enum aldb_rc stop(struct aldb_session *s, struct aldb_exec *e, struct aldb_deadline grace, struct aldb_diag *diag)
{
    struct aldb_result *r = e->result;
    copy_fail(s);
    if (exec_wait(s, r, exec_ended, grace, e, SIZE_MAX, true) == ALDB_ERR && !r->error) {
        return exec_post_no_answer(s, r, diag);
    }
    return exec_post_failure(s, e, diag);
}

void copy_fail(struct aldb_session *s)
{
    s->wire->copy_waits = false;
    s->said = true;
    slot_cancel_async(s->slot); /* it may not be reading: a trigger may have rows before this for hours */
    if (PQputCopyEnd(s->conn, "the application gave it up") < 0) {
        session_die(s, PQerrorMessage(s->conn));
        return;
    }
    (void)wire_look(s);
}

/* Behind a transaction pooler a connection's read-only mode is in its BEGIN alone, and here is none. */
static bool forbidden(const struct aldb_session *s, struct wrap w)
{
    return s->pooled && s->read_only && !w.begin && aldb_session_txn(s) == ALDB_TXN_IDLE;
}

enum aldb_rc copy_begin_held(struct aldb_exec *e, struct aldb_session *s, const struct aldb_exec_request *req, const struct aldb_wait *wait,
                             struct aldb_diag *diag)
{
    enum aldb_rc rc;
    char *text = aldb_strndup(req->sql.ptr, req->sql.len);
    if (text == NULL) {
        return aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    }
    ALDB_TRY(wire_acquire(s, e, wait, diag));
    ALDB_TRY(session_know_pooler(s, wait, diag));
    struct wrap w = exec_wrap(s, req, false, false, false);
    if (forbidden(s, w)) {
        rc = aldb_diag_post(diag, ALDB_ST_25000, "COPY FROM STDIN cannot run in a read-only transaction");
        goto out;
    }
    SESSION_LOG(ALDB_LOG_DEBUG, s, "COPY FROM STDIN");
    ALDB_TRY(lay_ground(s, e, text, w, wait, diag));
    if (!wire_ready(s, e) || s->nops > 0) { /* it has something of its own to send: nothing that comes of what has just been read */
        session_die(s, "COPY cannot begin: the session has changed meanwhile");
        rc = session_post_dead(s, diag);
        goto out;
    }
    struct aldb_result *r = result_new(s, e);
    if (r == NULL) {
        rc = retreat(s, w, ALDB_ST_HY001, NULL, wait, diag);
        goto out;
    }
    e->result = r;
    if (atomic_load(&e->cancel_requested)) {
        rc = retreat(s, w, ALDB_ST_HY008, "Cancelled before COPY had begun", wait, diag);
        goto out;
    }
    r->copy = ALDB_COPY_IN;
    r->savepoint = w.savepoint;
    r->began = w.begin;
    r->writes = true;
    r->link_timeout = wait->link;
    if (!send_query(s, text, r)) {
        rc = session_post_dead(s, diag);
    } else if (exec_wait(s, r, begun, wait->deadline, e, SIZE_MAX, true) == ALDB_ERR && !r->error) {
        rc = exec_post_no_answer(s, r, diag);
    } else if (r->failed) {
        rc = exec_post_failure(s, e, diag);
    } else if (!r->copy_waits) {
        exec_show(e);
        rc = ALDB_OK; /* a statement that wanted no data after all */
    } else if (r->timed_out || atomic_load(&e->cancel_requested)) {
        rc = stop(s, e, aldb_deadline_in_ms(GRACE_MS), diag);
    } else {
        rc = ALDB_NEED_DATA;
    }
out:
    aldb_free(text);
    return rc;
}

/* Is all of it on its way, or nothing to be waited for any more? */
static bool flushed(void *ctx)
{
    struct aldb_session *s = ctx;
    return PQflush(s->conn) <= 0 || !copy_waits(s) || atomic_load(&s->wire->exec->cancel_requested);
}

/*
 * Sends what libpq holds, and looks what the server has to say: that it is gone is not noticed by sending, and of TLS, once sending has failed, nothing
 * more can be read.
 */
static enum aldb_rc push(struct aldb_session *s, struct aldb_exec *e, const struct aldb_wait *wait, struct aldb_diag *diag)
{
    struct aldb_result *r = e->result;
    r->copy_unseen = 0;
    enum wake w = wire_look(s);
    if (w == WAKE_DONE) {
        w = wire_until(s, flushed, s, wait->deadline, e, SIZE_MAX, true);
    }
    if (w == WAKE_DEADLINE) {
        r->timed_out = true;
        r->link_timeout = wait->link;
        return stop(s, e, aldb_deadline_in_ms(grace_of(wait->link)), diag);
    }
    if (atomic_load(&s->dead)) {
        return r->error ? exec_post_failure(s, e, diag) : session_post_dead(s, diag);
    }
    return atomic_load(&e->cancel_requested) ? stop(s, e, aldb_deadline_none(), diag) : ALDB_OK;
}

static enum aldb_rc put_held(struct aldb_session *s, struct aldb_exec *e, struct aldb_slice data, const struct aldb_wait *wait, struct aldb_diag *diag)
{
    struct aldb_result *r = e->result;
    enum aldb_rc rc = atomic_load(&e->cancel_requested) ? stop(s, e, aldb_deadline_none(), diag) : ALDB_OK;
    while (aldb_done(rc) && data.len > 0) {
        size_t n = data.len < PIECE ? data.len : PIECE;
        rc = r->copy_unseen + n > LOOK_EVERY ? push(s, e, wait, diag) : ALDB_OK;
        if (rc == ALDB_OK && PQputCopyData(s->conn, data.ptr, (int)n) <= 0) {
            wire_lost(s); /* with no memory left, too */
            return r->error ? exec_post_failure(s, e, diag) : session_post_dead(s, diag);
        }
        data = aldb_slice(data.ptr + n, data.len - n);
        r->copy_unseen += n;
        s->said = true;
    }
    return rc;
}

static enum aldb_rc end_held(struct aldb_session *s, struct aldb_exec *e, const struct aldb_wait *wait, struct aldb_diag *diag)
{
    struct aldb_result *r = e->result;
    if (atomic_load(&e->cancel_requested)) {
        return stop(s, e, aldb_deadline_none(), diag);
    }
    r->copy_waits = false;
    r->link_timeout = wait->link;
    s->said = true;
    if (PQputCopyEnd(s->conn, NULL) < 0) {
        session_die(s, PQerrorMessage(s->conn));
        return session_post_dead(s, diag);
    }
    if (exec_wait(s, r, exec_ended, wait->deadline, e, SIZE_MAX, true) == ALDB_ERR && !r->error) {
        return exec_post_no_answer(s, r, diag);
    }
    if (r->failed) {
        return exec_post_failure(s, e, diag);
    }
    exec_show(e);
    return r->savepoint ? release(s, wait, diag) : ALDB_OK;
}

/* `data` NULL: the end. */
static enum aldb_rc go_on(struct aldb_exec *e, const struct aldb_slice *data, const struct aldb_wait *wait, struct aldb_diag *diag)
{
    struct aldb_session *s = atomic_load(&e->session);
    struct aldb_result *r = e->result;
    if (s == NULL || r == NULL || r->s == NULL) {
        return aldb_diag_post(diag, ALDB_ST_08S01, "The connection of this COPY is closed");
    }
    atomic_store(&e->waiting, true);
    enum aldb_rc rc = session_enter(s, e, wait, diag);
    if (rc != ALDB_ERR && !(copy_waits(s) && s->wire == r)) {
        rc = aldb_diag_post(diag, ALDB_ST_HY010, "COPY is over");
        session_leave(s);
    } else if (rc != ALDB_ERR) {
        rc = data ? put_held(s, e, *data, wait, diag) : end_held(s, e, wait, diag);
        rc = session_notices(s, rc, diag);
        session_leave(s);
    }
    atomic_store(&e->waiting, false);
    return rc;
}

enum aldb_rc aldb_copy_put(struct aldb_exec *e, struct aldb_slice data, const struct aldb_wait *wait, struct aldb_diag *diag)
{
    return go_on(e, &data, wait, diag);
}

enum aldb_rc aldb_copy_end(struct aldb_exec *e, const struct aldb_wait *wait, struct aldb_diag *diag)
{
    return go_on(e, NULL, wait, diag);
}
