/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one thread of RefreshStrategy=BACKGROUND, which renews the held entries of the cache (cache.h). It runs while somebody wants it, with all signals
 * blocked, and is joined by the last who leaves, or by the process's exit, which cuts its I/O short and waits ALDB_RENEWER_EXIT_MS at most. There is none in a
 * child after fork(), nor where no thread can be had: then BACKGROUND is as LAZY. The driver's library is never unloaded (nodelete), so that dlclose()
 * means nothing to it.
 */
#ifndef ALDB_CONNECTOR_RENEWER_H
#define ALDB_CONNECTOR_RENEWER_H

#define ALDB_RENEWER_EXIT_MS 2000
#define ALDB_RENEWER_THREAD "aldb-renewer" /* its name */

/* One more wants it, and something may have become due. */
void aldb_renewer_enter(void);
/* One less; the last waits for the thread, whose I/O is cut short. */
void aldb_renewer_leave(void);

#endif
