/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the whole room shares: one lock, the libraries below, and what fork() does to both.
 *
 * The lock is a leaf: it covers pointers and counters and is never held across I/O, a callback or a log line. One for all credentials is enough,
 * and is what makes fork() simple: no thread of the parent is inside it when the child begins.
 */
#ifndef ALDB_GOOGLE_ROOM_H
#define ALDB_GOOGLE_ROOM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/rc.h"
#include "base/trail.h"

/*
 * Initialises OpenSSL and libcurl once a process, any thread, without their exit handlers (a process may exit while other threads are inside them).
 * Neither is ever torn down: the driver's library is linked nodelete. False: libcurl refused.
 */
bool aldb_google_init(void) ALDB_MUSTCHECK;

void aldb_google_lock(void);
void aldb_google_unlock(void);
/* Under the lock: lets go of it until aldb_google_wake(), `until` or, with `look`, a tenth of a second. May return for no reason. */
void aldb_google_wait(struct aldb_deadline until, bool look);
void aldb_google_wake(void); /* everybody who waits; under the lock */

/*
 * Another number in every forked child. What was noted with another one than today's (a refresh under way, an open connection) belongs to threads
 * and streams of the parent: it is neither waited for nor used.
 */
uint64_t aldb_google_generation(void);

/* Whoever may cut a call short: SQLCancel, the end of the process. */
struct aldb_stop {
    const _Atomic bool *flag; /* true: stop */
    int fd;                   /* becomes readable with it, so that nobody waits for the next look; -1: none. Never read */
};

/* How long one call of the application may take: through every step below it. */
struct aldb_call {
    struct aldb_deadline deadline;
    const struct aldb_stop *stop; /* NULL: cannot be stopped */
    struct aldb_trail *trail;     /* where its steps are noted; NULL: nowhere */
};
bool aldb_call_stopped(const struct aldb_call *c);
/* Sleeps, but no longer than the call may. False when it was stopped or its deadline is over. */
bool aldb_call_sleep(const struct aldb_call *c, int64_t ms) ALDB_MUSTCHECK;

/* Seconds since 1970 by this machine's clock, which may be wrong. */
int64_t aldb_google_epoch(void);

#endif
