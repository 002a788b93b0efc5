/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CancelRequests. A cancel that arrives late would hit whatever runs then, so nothing is sent while one is under way: the server
 * closes the cancel connection when it has delivered the signal, and only then is a request over.
 */
#include "pg/internal.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/be.h"
#include "base/thread.h"
#include "log/log.h"

#define CANCEL_MS (GRACE_MS - 1000) /* whoever waits for it should see its end */

/* ------------------------------------------------------------------ as libpq asks */

#ifdef LIBPQ_HAS_ASYNC_CANCEL

/* libpq 17 connects for it as for the session itself: encrypted where that is, and verified; and whoever asks keeps the time. */
static PGcancelConn *libpq_cancel_new(PGconn *conn)
{
    return PQcancelCreate(conn);
}

static void libpq_cancel_free(PGcancelConn *cancel)
{
    PQcancelFinish(cancel);
}

/* False: given up when it may have been sent already. */
static bool libpq_cancel_send(PGcancelConn *cancel)
{
    bool certain = true;
    struct aldb_deadline deadline = aldb_deadline_in_ms(CANCEL_MS);
    PostgresPollingStatusType next = PQcancelStart(cancel) ? PQcancelPoll(cancel) : PGRES_POLLING_FAILED;
    while (next == PGRES_POLLING_READING || next == PGRES_POLLING_WRITING) {
        struct pollfd fd = {.fd = PQcancelSocket(cancel), .events = next == PGRES_POLLING_READING ? POLLIN : POLLOUT};
        (void)poll(&fd, 1, aldb_deadline_poll_ms(deadline));
        if (aldb_deadline_over(deadline)) {
            certain = PQcancelStatus(cancel) != CONNECTION_AWAITING_RESPONSE;
            break;
        }
        next = PQcancelPoll(cancel);
    }
    if (next != PGRES_POLLING_OK) {
        ALDB_LOG(ALDB_LOG_WARNING, ALDB_LOG_SESSION, "a cancel request may not have arrived: %s", PQcancelErrorMessage(cancel));
    }
    PQcancelReset(cancel);
    return certain;
}

#else

static PGcancel *libpq_cancel_new(PGconn *conn)
{
    return PQgetCancel(conn);
}

static void libpq_cancel_free(PGcancel *cancel)
{
    PQfreeCancel(cancel);
}

/* Unencrypted, and without a deadline. */
static bool libpq_cancel_send(PGcancel *cancel)
{
    char why[256] = "";
    if (!PQcancel(cancel, why, sizeof why)) {
        ALDB_LOG(ALDB_LOG_WARNING, ALDB_LOG_SESSION, "a cancel request may not have arrived: %s", why);
    }
    return true;
}

#endif

/* ------------------------------------------------------------------ one request at a time */

/* With a dialer the server is asked through a stream of its own, for libpq knows no more of it than the local socket. */
struct cancel_slot *slot_new(PGconn *conn, const struct aldb_session_dialer *dialer, const struct pump *pump)
{
    struct cancel_slot *slot = aldb_alloc(sizeof *slot);
    if (slot == NULL) {
        return NULL;
    }
    if (dialer) {
        slot->dialer = *dialer;
        slot->key = *pump_key(pump);
        dialer->hold(dialer->ctx);
    } else if ((slot->cancel = libpq_cancel_new(conn)) == NULL) {
        aldb_free(slot);
        return NULL;
    }
    atomic_init(&slot->refs, 1);
    (void)pthread_mutex_init(&slot->mu, NULL);
    aldb_cond_init(&slot->changed);
    return slot;
}

void slot_release(struct cancel_slot *slot)
{
    if (slot && atomic_fetch_sub(&slot->refs, 1) == 1) {
        if (slot->dialer.dial) {
            slot->dialer.release(slot->dialer.ctx);
        }
        libpq_cancel_free(slot->cancel);
        (void)pthread_cond_destroy(&slot->changed);
        (void)pthread_mutex_destroy(&slot->mu);
        aldb_free(slot);
    }
}

/* False: one is under way already, and does. */
static bool slot_begin(struct cancel_slot *slot)
{
    (void)pthread_mutex_lock(&slot->mu);
    bool first = !slot->in_flight;
    slot->in_flight = true;
    (void)pthread_mutex_unlock(&slot->mu);
    return first;
}

static void slot_end(struct cancel_slot *slot, bool certain)
{
    (void)pthread_mutex_lock(&slot->mu);
    slot->in_flight = false;
    slot->astray |= !certain;
    (void)pthread_cond_broadcast(&slot->changed);
    (void)pthread_mutex_unlock(&slot->mu);
}

static bool stream_wait(struct aldb_stream *stream, short events, struct aldb_deadline deadline)
{
    struct pollfd fd = {.fd = stream->type->fd(stream), .events = events};
    int n;
    do {
        n = poll(&fd, 1, aldb_deadline_poll_ms(deadline));
    } while (n < 0 && errno == EINTR);
    return n > 0 && !aldb_deadline_over(deadline);
}

/*
 * Sends the packet and waits until the server closes the stream, which it does when the signal is delivered. A session that is closed meanwhile does not
 * end it: the server would go on with the statement. False: the deadline was over before that, with some of the packet on its way.
 */
static bool exchange(struct aldb_stream *stream, const void *packet, size_t len, struct aldb_deadline deadline)
{
    size_t sent = 0;
    ssize_t n;
    char answer[64]; /* there is none */
    for (;;) {
        short events = sent < len ? POLLOUT : POLLIN;
        n = sent < len ? stream->type->write(stream, (const char *)packet + sent, len - sent, &events)
                               : stream->type->read(stream, answer, sizeof answer, &events);
        if (n < 0 || (n == ALDB_STREAM_AGAIN && !stream_wait(stream, events, deadline))) {
            break;
        }
        sent += sent < len ? (size_t)n : 0;
    }
    if (stream->type->error(stream)[0]) {
        ALDB_LOG(ALDB_LOG_WARNING, ALDB_LOG_SESSION, "a cancel request may not have arrived: %s", stream->type->error(stream));
    }
    return sent == 0 || n != ALDB_STREAM_AGAIN;
}

/* https://www.postgresql.org/docs/current/protocol-message-formats.html: CancelRequest */
#define CANCEL_CODE 80877102

static bool cancel_through_stream(struct cancel_slot *slot)
{
    bool certain = true;
    unsigned char packet[12 + PUMP_KEY_MAX];
    struct aldb_deadline deadline = aldb_deadline_in_ms(CANCEL_MS);
    struct aldb_stream *stream;
    struct aldb_diag why;
    size_t len = 12 + slot->key.key_len;
    if (!slot->key.known) {
        ALDB_LOG(ALDB_LOG_WARNING, ALDB_LOG_SESSION, "the server gave no key to cancel with");
        return true;
    }
    aldb_store_be32(packet, (uint32_t)len);
    aldb_store_be32(packet + 4, CANCEL_CODE);
    memcpy(packet + 8, slot->key.pid, 4);
    memcpy(packet + 12, slot->key.key, slot->key.key_len);
    aldb_diag_init(&why);
    if (slot->dialer.dial(slot->dialer.ctx, deadline, &stream, &why) == ALDB_ERR) {
        ALDB_LOG(ALDB_LOG_WARNING, ALDB_LOG_SESSION, "a cancel request could not be sent: %s", aldb_diag_first_message(&why));
    } else {
        certain = exchange(stream, packet, len, deadline);
        stream->type->close(stream, PUMP_CLOSE_MS);
    }
    aldb_diag_clear(&why);
    aldb_wipe(packet, sizeof packet);
    return certain;
}

static void slot_cancel(struct cancel_slot *slot)
{
    /* A failure shows by the statement going on: the caller's deadline deals with that. */
    ALDB_LOG(ALDB_LOG_INFO, ALDB_LOG_SESSION, "a cancel request is sent");
    slot_end(slot, slot->dialer.dial ? cancel_through_stream(slot) : libpq_cancel_send(slot->cancel));
}

static void *cancel_thread(void *arg)
{
    slot_cancel(arg);
    slot_release(arg);
    return NULL;
}

/*
 * A request takes a connection of its own, and time, so none runs on a thread that has a deadline. Where no thread can be made it runs here: late is better
 * than not at all. `slot_begin` has been called.
 */
static void launch(struct cancel_slot *slot)
{
    atomic_fetch_add(&slot->refs, 1);
    if (!aldb_thread_start("aldb-cancel", cancel_thread, slot, NULL)) {
        (void)cancel_thread(slot);
    }
}

void slot_cancel_async(struct cancel_slot *slot)
{
    if (slot_begin(slot)) {
        launch(slot);
    }
}

bool slot_settle(struct cancel_slot *slot)
{
    struct aldb_deadline until = aldb_deadline_in_ms(GRACE_MS);
    (void)pthread_mutex_lock(&slot->mu);
    while (slot->in_flight && aldb_cond_wait(&slot->changed, &slot->mu, until)) {
    }
    bool settled = !slot->in_flight && !slot->astray;
    (void)pthread_mutex_unlock(&slot->mu);
    return settled;
}

bool aldb_exec_cancel(struct aldb_exec *e)
{
    struct aldb_session *s = atomic_load(&e->session);
    if (s == NULL || s->owner != aldb_process()) {
        return false;
    }
    struct cancel_slot *slot = NULL;
    (void)pthread_mutex_lock(&s->mu);
    bool waiting = atomic_load(&e->waiting);
    bool on_wire = s->wire_exec == e;
    /* Counted as under way before `mu` is let go, so that no statement can be sent in between. */
    if (on_wire && slot_begin(s->slot)) {
        slot = s->slot;
        atomic_fetch_add(&slot->refs, 1);
    }
    if (on_wire || waiting) {
        uint64_t one = 1;
        atomic_store(&e->cancel_requested, true);
        (void)!write(s->wake_fd, &one, sizeof one);
    }
    (void)pthread_cond_broadcast(&s->freed);
    (void)pthread_mutex_unlock(&s->mu);
    if (slot) {
        launch(slot);
        slot_release(slot);
    }
    return on_wire || waiting;
}
