/* SPDX-License-Identifier: Apache-2.0 */
#include "base/mutex.h"

#include <errno.h>
#include <time.h>

#ifdef ALDB_DEBUG

#include <assert.h>
#include <stdint.h>

/* Locks this thread holds, in the order taken. */
#define HELD_MAX 64
static _Thread_local const struct aldb_mutex *held[HELD_MAX];
static _Thread_local int nheld;

/* Before a blocking lock. A trylock cannot deadlock and is exempt. */
static void check_order(const struct aldb_mutex *m)
{
    for (int i = 0; i < nheld; i++) {
        assert(held[i] != m && "mutex taken twice by one thread");
        bool rises = held[i]->rank < m->rank;
        bool descriptors = held[i]->rank == ALDB_LOCK_DESC && m->rank == ALDB_LOCK_DESC &&
                           (uintptr_t)held[i] < (uintptr_t)m;
        assert((rises || descriptors) && "mutex rank must rise");
    }
}

static void note_taken(const struct aldb_mutex *m)
{
    assert(nheld < HELD_MAX && "too many locks held");
    held[nheld++] = m;
}

static void note_released(const struct aldb_mutex *m)
{
    int i = nheld - 1;
    while (i >= 0 && held[i] != m) {
        i--;
    }
    assert(i >= 0 && "mutex released by a thread that does not hold it");
    for (nheld--; i < nheld; i++) {
        held[i] = held[i + 1];
    }
}

static void note_cleared(const struct aldb_mutex *m)
{
    for (int i = 0; i < nheld; i++) {
        assert(held[i] != m && "mutex destroyed while held");
    }
}

#else

static void check_order(const struct aldb_mutex *m)
{
    (void)m;
}
static void note_taken(const struct aldb_mutex *m)
{
    (void)m;
}
static void note_released(const struct aldb_mutex *m)
{
    (void)m;
}
static void note_cleared(const struct aldb_mutex *m)
{
    (void)m;
}

#endif

void aldb_mutex_init(struct aldb_mutex *m, enum aldb_lock_rank rank)
{
    (void)pthread_mutex_init(&m->m, NULL); /* with default attributes it only fills the structure in */
    m->rank = rank;
}

void aldb_mutex_clear(struct aldb_mutex *m)
{
    note_cleared(m);
    (void)pthread_mutex_destroy(&m->m);
}

void aldb_mutex_lock(struct aldb_mutex *m)
{
    check_order(m);
    (void)pthread_mutex_lock(&m->m);
    note_taken(m);
}

void aldb_mutex_unlock(struct aldb_mutex *m)
{
    note_released(m);
    (void)pthread_mutex_unlock(&m->m);
}

bool aldb_mutex_trylock(struct aldb_mutex *m)
{
    if (pthread_mutex_trylock(&m->m) != 0) {
        return false;
    }
    note_taken(m);
    return true;
}

void aldb_cond_init(pthread_cond_t *c)
{
    pthread_condattr_t attributes;
    (void)pthread_condattr_init(&attributes); /* all three only fill structures in */
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_cond_init(c, &attributes);
    (void)pthread_condattr_destroy(&attributes);
}

bool aldb_cond_wait(pthread_cond_t *c, pthread_mutex_t *m, struct aldb_deadline until)
{
    if (aldb_deadline_is_none(until)) {
        (void)pthread_cond_wait(c, m);
        return true;
    }
    struct timespec at = {.tv_sec = (time_t)(until.at / 1000), .tv_nsec = (long)(until.at % 1000) * 1000000};
    return pthread_cond_timedwait(c, m, &at) != ETIMEDOUT;
}
