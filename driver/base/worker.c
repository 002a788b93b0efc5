/* SPDX-License-Identifier: Apache-2.0 */
#include "base/worker.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/list.h"
#include "base/thread.h"

#define PARKED_MAX 16      /* more than these end at once when their work is done */
#define PARKED_MS 30000    /* how long one waits for more work */
#define LOOK_NS 1000000    /* how often the exit looks whether they have gone */

struct aldb_worker {
    struct aldb_worker *next, **prev; /* of all, under the lock */
    struct aldb_worker *parked;       /* of those without work, under the lock */
    int call_fd;                      /* readable: there is work */
    int stop_fd;                      /* readable: stop */
    _Atomic bool stop;
    void (*work)(void *ctx);
    void *ctx;
};

static struct {
    pthread_mutex_t lock;
    struct aldb_worker *all, *parked;
    size_t nparked;
    bool prepared;
    _Atomic bool leaving; /* the process exits: nothing is begun any more */
    _Atomic size_t live;
} workers = {.lock = PTHREAD_MUTEX_INITIALIZER};

static struct aldb_worker *volatile lost; /* a forked child's memory of its parent's: never used */

static _Thread_local struct aldb_worker *self;

static void tell(int fd)
{
    const uint64_t one = 1;
    (void)!write(fd, &one, sizeof one);
}

static void hush(int fd)
{
    uint64_t count;
    (void)!read(fd, &count, sizeof count);
}

/* ------------------------------------------------------------------ the process */

/* Waits for none of its own locks for long: whoever holds one may be the thread that this interrupts. */
static void on_exit_of_process(void)
{
    const struct timespec look = {.tv_nsec = LOOK_NS};
    atomic_store(&workers.leaving, true);
    for (int i = 0; i < ALDB_WORKER_EXIT_MS && atomic_load(&workers.live) > 0; i++) {
        if (pthread_mutex_trylock(&workers.lock) == 0) { /* again and again: a piece of work may have been about to begin */
            for (struct aldb_worker *w = workers.all; w; w = w->next) {
                aldb_worker_stop(w);
            }
            (void)pthread_mutex_unlock(&workers.lock);
        }
        (void)nanosleep(&look, NULL);
    }
}

static void before_fork(void)
{
    (void)pthread_mutex_lock(&workers.lock);
}

static void after_fork_parent(void)
{
    (void)pthread_mutex_unlock(&workers.lock);
}

/* The descriptors are the parent's too: a child that told them anything would tell the parent. */
static void after_fork_child(void)
{
    for (struct aldb_worker *w = workers.all; w; w = w->next) {
        (void)close(w->call_fd);
        (void)close(w->stop_fd);
    }
    lost = workers.all;
    workers.all = workers.parked = NULL;
    workers.nparked = 0;
    atomic_store(&workers.live, 0);
    (void)pthread_mutex_unlock(&workers.lock);
}

/* Lock held. */
static bool prepare(void)
{
    if (!workers.prepared) {
        workers.prepared = pthread_atfork(before_fork, after_fork_parent, after_fork_child) == 0 && atexit(on_exit_of_process) == 0;
    }
    return workers.prepared;
}

/* ------------------------------------------------------------------ one worker */

/* Lock held. */
static void park(struct aldb_worker *w)
{
    w->parked = workers.parked;
    workers.parked = w;
    workers.nparked++;
}

/* Lock held. False: it has been given work in the meantime. */
static bool unpark(struct aldb_worker *w)
{
    for (struct aldb_worker **at = &workers.parked; *at; at = &(*at)->parked) {
        if (*at == w) {
            *at = w->parked;
            workers.nparked--;
            return true;
        }
    }
    return false;
}

/* After its work: is there more for it? */
static bool next_work(struct aldb_worker *w)
{
    (void)pthread_mutex_lock(&workers.lock);
    bool parks = workers.nparked < PARKED_MAX && !atomic_load(&workers.leaving) && !atomic_load(&w->stop);
    if (parks) {
        park(w);
    }
    (void)pthread_mutex_unlock(&workers.lock);
    if (!parks) {
        return false;
    }
    struct pollfd fds[2] = {{.fd = w->call_fd, .events = POLLIN}, {.fd = w->stop_fd, .events = POLLIN}};
    if (poll(fds, 2, PARKED_MS) <= 0 || !fds[0].revents) {
        (void)pthread_mutex_lock(&workers.lock);
        bool idle = unpark(w);
        (void)pthread_mutex_unlock(&workers.lock);
        if (idle) {
            return false;
        }
        /* It was called at this very moment. */
    }
    hush(w->call_fd);
    return true;
}

/* No longer among the live; its thread touches nothing of the driver's after that. */
static void dismiss(struct aldb_worker *w)
{
    (void)pthread_mutex_lock(&workers.lock);
    ALDB_LIST_REMOVE(w);
    (void)pthread_mutex_unlock(&workers.lock);
    (void)close(w->call_fd);
    (void)close(w->stop_fd);
    aldb_free(w);
}

static void *live(void *arg)
{
    struct aldb_worker *w = arg;
    self = w;
    do {
        w->work(w->ctx);
    } while (next_work(w));
    self = NULL;
    dismiss(w);
    atomic_fetch_sub(&workers.live, 1);
    return NULL;
}

/* Lock held. */
static struct aldb_worker *hire(void (*work)(void *ctx), void *ctx)
{
    struct aldb_worker *w = aldb_alloc(sizeof *w);
    if (w == NULL) {
        return NULL;
    }
    *w = (struct aldb_worker){.work = work, .ctx = ctx};
    w->call_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    w->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    ALDB_LIST_ADD(&workers.all, w);
    atomic_fetch_add(&workers.live, 1);
    if (w->call_fd >= 0 && w->stop_fd >= 0 && aldb_thread_start(ALDB_WORKER_THREAD, live, w, NULL)) {
        return w;
    }
    atomic_fetch_sub(&workers.live, 1);
    ALDB_LIST_REMOVE(w);
    if (w->call_fd >= 0) {
        (void)close(w->call_fd);
    }
    if (w->stop_fd >= 0) {
        (void)close(w->stop_fd);
    }
    aldb_free(w);
    return NULL;
}

/* ------------------------------------------------------------------ for others */

bool aldb_worker_run(void (*work)(void *ctx), void *ctx, struct aldb_worker **out)
{
    struct aldb_worker *w = NULL;
    (void)pthread_mutex_lock(&workers.lock);
    if (prepare() && !atomic_load(&workers.leaving)) {
        w = workers.parked;
        if (w) {
            (void)unpark(w);
            w->work = work;
            w->ctx = ctx;
            *out = w; /* before it can end */
            tell(w->call_fd);
        } else {
            w = hire(work, ctx);
            *out = w;
        }
    }
    (void)pthread_mutex_unlock(&workers.lock);
    return w != NULL;
}

void aldb_worker_stop(struct aldb_worker *w)
{
    if (!atomic_exchange(&w->stop, true)) {
        tell(w->stop_fd);
    }
}

bool aldb_worker_stopped(void)
{
    return self && atomic_load(&self->stop);
}

const _Atomic bool *aldb_worker_stop_flag(void)
{
    return self ? &self->stop : NULL;
}

int aldb_worker_stop_fd(void)
{
    return self ? self->stop_fd : -1;
}
