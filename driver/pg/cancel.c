/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CancelRequests. A cancel that arrives late would hit whatever runs then, so nothing is sent while one is under way: the server
 * closes the cancel connection when it has delivered the signal, and only then does PQcancel return.
 */
#include "pg/internal.h"

#include <errno.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"

struct cancel_slot *slot_new(PGconn *conn)
{
    struct cancel_slot *slot = aldb_alloc(sizeof *slot);
    if (slot == NULL) {
        return NULL;
    }
    slot->cancel = PQgetCancel(conn);
    if (slot->cancel == NULL) {
        aldb_free(slot);
        return NULL;
    }
    atomic_init(&slot->refs, 1);
    (void)pthread_mutex_init(&slot->mu, NULL);
    pthread_condattr_t attr;
    (void)pthread_condattr_init(&attr);
    (void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&slot->changed, &attr);
    (void)pthread_condattr_destroy(&attr);
    return slot;
}

void slot_release(struct cancel_slot *slot)
{
    if (slot && atomic_fetch_sub(&slot->refs, 1) == 1) {
        PQfreeCancel(slot->cancel);
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

static void slot_end(struct cancel_slot *slot)
{
    (void)pthread_mutex_lock(&slot->mu);
    slot->in_flight = false;
    (void)pthread_cond_broadcast(&slot->changed);
    (void)pthread_mutex_unlock(&slot->mu);
}

static void slot_cancel(struct cancel_slot *slot)
{
    char text[256];
    /* A failure shows by the statement going on: the caller's deadline deals with that. */
    (void)PQcancel(slot->cancel, text, sizeof text);
    slot_end(slot);
}

static void *cancel_thread(void *arg)
{
    slot_cancel(arg);
    slot_release(arg);
    return NULL;
}

/*
 * PQcancel connects and waits without a deadline, so it never runs on a thread that has one. Where no thread can be made it runs here: late is better
 * than not at all. `slot_begin` has been called.
 */
static void launch(struct cancel_slot *slot)
{
    atomic_fetch_add(&slot->refs, 1);
    pthread_t thread;
    pthread_attr_t attr;
    sigset_t all;
    sigset_t old;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &old);
    (void)pthread_attr_init(&attr);
    (void)pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    int failed = pthread_create(&thread, &attr, cancel_thread, slot);
    (void)pthread_attr_destroy(&attr);
    (void)pthread_sigmask(SIG_SETMASK, &old, NULL);
    if (failed) {
        cancel_thread(slot);
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
    struct timespec until;
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += GRACE_MS / 1000;
    (void)pthread_mutex_lock(&slot->mu);
    int rc = 0;
    while (slot->in_flight && rc != ETIMEDOUT) {
        rc = pthread_cond_timedwait(&slot->changed, &slot->mu, &until);
    }
    bool settled = !slot->in_flight;
    (void)pthread_mutex_unlock(&slot->mu);
    return settled;
}

bool aldb_exec_cancel(struct aldb_exec *e)
{
    struct aldb_session *s = atomic_load(&e->session);
    if (s == NULL || s->owner != getpid()) {
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
