/* SPDX-License-Identifier: Apache-2.0 */
#include "connector/renewer.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/thread.h"
#include "connector/cache.h"
#include "google/room.h"
#include "log/log.h"

/* A thread of this process before any fork(): those of its children have higher numbers. */
#define FIRST_GENERATION 1

#define CALL_MS 60000 /* one renewal, its token included */

enum state { IDLE, RUNNING, STOPPING };

/* Under google/'s lock, but for what is atomic: the exit handler takes no lock, because it may interrupt whoever holds it. */
static struct {
    size_t users;
    _Atomic int state;
    pthread_t thread;
    _Atomic bool stop, leaving; /* leaving: the process exits, and nothing is started any more */
    int stop_fd, wake_fd;
    bool ready, failed;
} renewer;

static void write_to(int fd)
{
    const uint64_t one = 1;
    (void)!write(fd, &one, sizeof one); /* a counter that is full is readable too */
}

/* Of those who want to end the thread one does, and joins it. */
static bool claim_end(void)
{
    int running = RUNNING;
    if (!atomic_compare_exchange_strong(&renewer.state, &running, STOPPING)) {
        return false;
    }
    atomic_store(&renewer.stop, true);
    write_to(renewer.stop_fd);
    return true;
}

static void *work(void *ctx)
{
    struct aldb_stop stop = {.flag = &renewer.stop, .fd = renewer.stop_fd};
    (void)ctx;
    while (!atomic_load(&renewer.stop)) {
        struct aldb_call call = {.deadline = aldb_deadline_in_ms(CALL_MS), .stop = &stop};
        int64_t ms = aldb_cache_renew(&call);
        struct pollfd p[2] = {{.fd = renewer.stop_fd, .events = POLLIN}, {.fd = renewer.wake_fd, .events = POLLIN}};
        uint64_t count;
        if (poll(p, 2, (int)ms) > 0 && p[1].revents) {
            (void)!read(renewer.wake_fd, &count, sizeof count);
        }
    }
    return NULL;
}

/* At exit: nothing here may wait for a lock, or for long. */
static void on_exit_of_process(void)
{
    atomic_store(&renewer.leaving, true);
    if (aldb_google_generation() != FIRST_GENERATION || !claim_end()) {
        return;
    }
    struct timespec until;
    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += ALDB_RENEWER_EXIT_MS / 1000;
    (void)pthread_timedjoin_np(renewer.thread, NULL, &until);
}

/* Once a process, after OpenSSL and libcurl are initialised, so that what they registered runs later. */
static bool prepare(void)
{
    if (!renewer.ready && !renewer.failed) {
        renewer.stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        renewer.wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        renewer.ready = renewer.stop_fd >= 0 && renewer.wake_fd >= 0 && atexit(on_exit_of_process) == 0;
        renewer.failed = !renewer.ready;
    }
    return renewer.ready;
}

static bool start(void)
{
    uint64_t count;
    atomic_store(&renewer.stop, false);
    (void)!read(renewer.stop_fd, &count, sizeof count);
    bool started = aldb_thread_start(ALDB_RENEWER_THREAD, work, NULL, &renewer.thread);
    if (started) {
        atomic_store(&renewer.state, RUNNING);
    }
    return started;
}

void aldb_renewer_enter(void)
{
    bool started = true;
    if (!aldb_google_init()) {
        return;
    }
    aldb_google_lock();
    while (atomic_load(&renewer.state) == STOPPING && !atomic_load(&renewer.leaving) && aldb_google_generation() == FIRST_GENERATION) {
        aldb_google_wait(aldb_deadline_none(), false);
    }
    renewer.users++;
    if (aldb_google_generation() == FIRST_GENERATION && !atomic_load(&renewer.leaving)) {
        if (atomic_load(&renewer.state) == IDLE) {
            started = prepare() && start();
        } else {
            write_to(renewer.wake_fd);
        }
    }
    aldb_google_unlock();
    if (!started) {
        ALDB_LOG(ALDB_LOG_WARNING, ALDB_LOG_CONNECTOR, "no thread can be had for RefreshStrategy=BACKGROUND: certificates are renewed when a connection needs them");
    }
}

void aldb_renewer_leave(void)
{
    aldb_google_lock();
    bool last = --renewer.users == 0 && aldb_google_generation() == FIRST_GENERATION && claim_end();
    aldb_google_unlock();
    if (last) {
        (void)pthread_join(renewer.thread, NULL);
        aldb_google_lock();
        atomic_store(&renewer.state, IDLE);
        aldb_google_wake();
        aldb_google_unlock();
    }
}
