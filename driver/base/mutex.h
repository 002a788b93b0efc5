/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mutex with a rank. Debug builds assert that a thread takes locks in rising rank only
 * (env < dbc < stmt < desc < session < leaf) and releases what it holds; release builds cost a plain pthread mutex.
 * Two locks of the same rank may not be held together, except DESC (in address order).
 */
#ifndef ALDB_BASE_MUTEX_H
#define ALDB_BASE_MUTEX_H

#include <pthread.h>
#include <stdbool.h>

#include "base/clock.h"
#include "base/rc.h"

enum aldb_lock_rank {
    ALDB_LOCK_ENV = 1,
    ALDB_LOCK_DBC,
    ALDB_LOCK_STMT,
    ALDB_LOCK_DESC,
    ALDB_LOCK_SESSION, /* the only one held across I/O, besides the statement that waits for it */
    ALDB_LOCK_LEAF,    /* nothing may be taken inside */
};

struct aldb_mutex {
    pthread_mutex_t m;
    enum aldb_lock_rank rank;
};

void aldb_mutex_init(struct aldb_mutex *m, enum aldb_lock_rank rank);
void aldb_mutex_clear(struct aldb_mutex *m);
void aldb_mutex_lock(struct aldb_mutex *m);
void aldb_mutex_unlock(struct aldb_mutex *m);
bool aldb_mutex_trylock(struct aldb_mutex *m) ALDB_MUSTCHECK;

/* A condition whose waits end by CLOCK_MONOTONIC, as the driver's deadlines do. Signalled and destroyed by pthread's own calls. */
void aldb_cond_init(pthread_cond_t *c);
/* With `m` held, which it lets go of meanwhile. May return for no reason. False: the deadline is over. */
bool aldb_cond_wait(pthread_cond_t *c, pthread_mutex_t *m, struct aldb_deadline until);

#endif
