/* SPDX-License-Identifier: Apache-2.0 */
#include "google/room.h"

#include <curl/curl.h>
#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "base/mutex.h"

#define LOOK_MS 100 /* how often a flag without a descriptor is looked at */

static struct aldb_mutex lock = {.m = PTHREAD_MUTEX_INITIALIZER, .rank = ALDB_LOCK_LEAF};
static pthread_cond_t changed;
static _Atomic uint64_t generation = 1;
static bool ready;
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* Not aldb_mutex_lock: other leaves have such handlers too, and fork() holds them all at once. */
static void before_fork(void)
{
    (void)pthread_mutex_lock(&lock.m);
}

static void after_fork_parent(void)
{
    (void)pthread_mutex_unlock(&lock.m);
}

static void after_fork_child(void)
{
    (void)pthread_mutex_unlock(&lock.m);
    aldb_cond_init(&changed); /* it still counts waiters of the parent */
    (void)atomic_fetch_add(&generation, 1);
}

static void init(void)
{
    aldb_cond_init(&changed);
    (void)pthread_atfork(before_fork, after_fork_parent, after_fork_child);
    (void)OPENSSL_init_ssl(OPENSSL_INIT_NO_ATEXIT, NULL); /* where the application was first, its choice stands */
    ready = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
}

bool aldb_google_init(void)
{
    (void)pthread_once(&once, init);
    return ready;
}

void aldb_google_lock(void)
{
    aldb_mutex_lock(&lock);
}

void aldb_google_unlock(void)
{
    aldb_mutex_unlock(&lock);
}

void aldb_google_wait(struct aldb_deadline until, bool look)
{
    (void)aldb_cond_wait(&changed, &lock.m, look ? aldb_deadline_sooner(until, aldb_deadline_in_ms(LOOK_MS)) : until);
}

void aldb_google_wake(void)
{
    (void)pthread_cond_broadcast(&changed);
}

uint64_t aldb_google_generation(void)
{
    return atomic_load(&generation);
}

bool aldb_call_stopped(const struct aldb_call *c)
{
    return c->stop && atomic_load(c->stop->flag);
}

bool aldb_call_sleep(const struct aldb_call *c, int64_t ms)
{
    struct aldb_deadline until = aldb_deadline_sooner(c->deadline, aldb_deadline_in_ms(ms));
    while (!aldb_call_stopped(c) && !aldb_deadline_over(until)) {
        struct pollfd stop = {.fd = c->stop ? c->stop->fd : -1, .events = POLLIN};
        int left = aldb_deadline_poll_ms(until);
        if (c->stop && stop.fd < 0 && left > LOOK_MS) {
            left = LOOK_MS;
        }
        int n = poll(&stop, 1, left);
        if ((n > 0 || (n < 0 && errno != EINTR)) && !aldb_call_stopped(c)) {
            return false; /* the descriptor speaks for the flag, which may be a moment late; without poll() nobody could wait */
        }
    }
    return !aldb_call_stopped(c) && !aldb_deadline_over(c->deadline);
}

int64_t aldb_google_epoch(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_REALTIME, &t);
    return t.tv_sec;
}
