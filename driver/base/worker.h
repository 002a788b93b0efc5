/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Threads that run one piece of work after the other, for calls that an application polls for. A piece of work takes a thread that is parked, or a new one;
 * a thread that has had nothing to do for a while ends. Signals are blocked in them (base/thread.h).
 *
 * The process's exit tells them to stop, and waits ALDB_WORKER_EXIT_MS for them at most; it takes no lock that it could wait for, since exit() may have
 * been called by a signal handler. A forked child has none of its parent's: what they were doing is nobody's there, and the next piece of work has a new thread.
 */
#ifndef ALDB_BASE_WORKER_H
#define ALDB_BASE_WORKER_H

#include <stdbool.h>

#include "base/rc.h"

#define ALDB_WORKER_EXIT_MS 2000
#define ALDB_WORKER_THREAD "aldb-worker" /* their name */

struct aldb_worker;

/* Runs work(ctx) on one of them. False: no thread, or no memory for one: nothing runs. *out is whom to stop, for as long as the work has not ended. */
bool aldb_worker_run(void (*work)(void *ctx), void *ctx, struct aldb_worker **out) ALDB_MUSTCHECK;

/* Cuts short what the worker waits for, and all that it will wait for until the work ends. The caller knows that the work has not ended. */
void aldb_worker_stop(struct aldb_worker *w);

/* On a worker: has it been told to stop? Never on any other thread. */
bool aldb_worker_stopped(void);
/* That as a flag, for who looks at one; NULL on any other thread. */
const _Atomic bool *aldb_worker_stop_flag(void);
/* Readable as soon as the calling thread, a worker, is told to stop: to be polled beside what is waited for. Never read. -1 on any other thread. */
int aldb_worker_stop_fd(void);

#endif
