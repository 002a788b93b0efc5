/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The driver's own threads. Few: a name looked up, a cancel request sent, the two calls of the Admin API, renewal in the background, asynchronous calls. None of them
 * takes signals, which are the application's, and each has a name that debuggers and `ps -L` show.
 */
#ifndef ALDB_BASE_THREAD_H
#define ALDB_BASE_THREAD_H

#include <pthread.h>
#include <stdbool.h>

/*
 * Runs `work(context)` on a new thread with every signal blocked. `name`: a constant of at most 15 bytes. With `joined` the caller joins the thread that
 * it gets there; with NULL the thread is detached. False where no thread, or no memory for it, can be had: nothing runs then.
 */
bool aldb_thread_start(const char *name, void *(*work)(void *), void *context, pthread_t *joined);

#endif
