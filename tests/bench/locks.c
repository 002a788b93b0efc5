/* SPDX-License-Identifier: Apache-2.0 */
/*
 * To be preloaded (LD_PRELOAD) into a program of threads.h: counts how often mutexes and read-write locks are taken while its threads work, that is between its barrier's first opening and its second.
 * At the end of the program two numbers go to the file that BENCH_LOCKS names: how often such were taken that only one thread took, and how often such that several did.
 */
#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

enum { LOCKS = 1 << 16 };

static struct {
    _Atomic(void *) lock;
    _Atomic(void *) taker; /* the one thread, or `many` */
    _Atomic long times;
} locks[LOCKS];
static char many;
static _Thread_local char self;
static atomic_int openings; /* of the barrier */

static void count(void *lock)
{
    if (atomic_load(&openings) != 1) {
        return;
    }
    size_t at = ((size_t)lock >> 3) % LOCKS;
    for (size_t i = 0; i < LOCKS; i++, at = (at + 1) % LOCKS) {
        void *none = NULL;
        if (atomic_load(&locks[at].lock) == lock || atomic_compare_exchange_strong(&locks[at].lock, &none, lock) || none == lock) {
            void *nobody = NULL;
            if (!atomic_compare_exchange_strong(&locks[at].taker, &nobody, &self) && nobody != &self) {
                atomic_store(&locks[at].taker, &many);
            }
            atomic_fetch_add(&locks[at].times, 1);
            return;
        }
    }
    fprintf(stderr, "more than %d locks\n", LOCKS);
    abort();
}

/* The library's own function. */
#define NEXT(function)                                                                             \
    __extension__({                                                                                \
        static __typeof__(function) *next;                                                         \
        if (next == NULL) {                                                                        \
            *(void **)&next = dlsym(RTLD_NEXT, #function);                                         \
        }                                                                                          \
        next;                                                                                      \
    })

int pthread_mutex_lock(pthread_mutex_t *mutex)
{
    count(mutex);
    return NEXT(pthread_mutex_lock)(mutex);
}

int pthread_mutex_trylock(pthread_mutex_t *mutex)
{
    count(mutex);
    return NEXT(pthread_mutex_trylock)(mutex);
}

int pthread_rwlock_rdlock(pthread_rwlock_t *lock)
{
    count(lock);
    return NEXT(pthread_rwlock_rdlock)(lock);
}

int pthread_rwlock_wrlock(pthread_rwlock_t *lock)
{
    count(lock);
    return NEXT(pthread_rwlock_wrlock)(lock);
}

/* The thread that comes last opens it: until it has come, the others wait. */
int pthread_barrier_wait(pthread_barrier_t *barrier)
{
    static atomic_uint waiting;
    static unsigned parties;
    if (parties == 0) {
        parties = (unsigned)strtoul(getenv("BENCH_THREADS"), NULL, 10) + 1;
    }
    if (atomic_fetch_add(&waiting, 1) % parties == parties - 1) {
        atomic_fetch_add(&openings, 1);
    }
    return NEXT(pthread_barrier_wait)(barrier);
}

__attribute__((destructor)) static void tell(void)
{
    long own = 0;
    long shared = 0;
    const char *path = getenv("BENCH_LOCKS");
    for (size_t i = 0; i < LOCKS; i++) {
        *(atomic_load(&locks[i].taker) == &many ? &shared : &own) += atomic_load(&locks[i].times);
    }
    FILE *file = path ? fopen(path, "w") : NULL;
    if (file != NULL) {
        fprintf(file, "%ld %ld\n", own, shared);
        fclose(file);
    }
}
