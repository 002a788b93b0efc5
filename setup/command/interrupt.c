/* SPDX-License-Identifier: Apache-2.0 */
#include "setup/command/interrupt.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include <sqlext.h>

#include "base/thread.h"
#include "setup/command/args.h"
#include "setup/command/progress.h"
#include "setup/command/terminal.h"

#define TICK_MS 200 /* between two looks at the progress, and two tries to cancel */
#define TRIES 25
#define OF_SHELLS 128

static struct {
    pthread_mutex_t lock; /* of what follows */
    SQLHSTMT stmt;
    const char *remove;
    bool begun;
    pthread_t thread;
    sigset_t signals, before;
    int fd;
    atomic_int came;
    atomic_bool ends;
} self = {.lock = PTHREAD_MUTEX_INITIALIZER, .fd = -1};

static void cancel(void)
{
    (void)pthread_mutex_lock(&self.lock);
    if (self.stmt != SQL_NULL_HSTMT) {
        (void)SQLCancel(self.stmt);
    }
    (void)pthread_mutex_unlock(&self.lock);
}

/* The program ends here, by the signal. */
static void give_up(int signal_number)
{
    sigset_t one;
    (void)pthread_mutex_lock(&self.lock);
    if (self.remove != NULL) {
        (void)unlink(self.remove);
    }
    (void)pthread_mutex_unlock(&self.lock);
    aldb_progress_hide();
    (void)signal(signal_number, SIG_DFL);
    (void)sigemptyset(&one);
    (void)sigaddset(&one, signal_number);
    (void)pthread_sigmask(SIG_UNBLOCK, &one, NULL);
    (void)raise(signal_number);
}

/*
 * Cancelling is tried several times: a first try does nothing where it comes between two calls, before the second of which the main thread has not looked here.
 */
static void *wait_for_signals(void *context)
{
    const struct timespec tick = {.tv_nsec = TICK_MS * 1000000L};
    const uint64_t one = 1;
    int tries = 0;
    (void)context;
    for (;;) {
        int n = sigtimedwait(&self.signals, NULL, &tick);
        if (atomic_load(&self.ends)) {
            return NULL;
        }
        if (n > 0 && atomic_load(&self.came) != 0) {
            give_up(n);
        } else if (n > 0) {
            atomic_store(&self.came, n);
            (void)!write(self.fd, &one, sizeof one);
        } else if (n < 0 && errno == EAGAIN) {
            aldb_progress_draw();
        }
        if (atomic_load(&self.came) != 0 && tries < TRIES) {
            cancel();
            tries++;
        }
    }
}

bool aldb_interrupt_begin(void)
{
    static const int ends[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction now;
    (void)sigemptyset(&self.signals);
    for (size_t i = 0; i < ALDB_COUNT(ends); i++) {
        if (sigaction(ends[i], NULL, &now) == 0 && now.sa_handler != SIG_IGN) {
            (void)sigaddset(&self.signals, ends[i]);
        }
    }
    (void)sigaddset(&self.signals, SIGUSR1); /* which aldb_interrupt_end() sends */
    self.fd = eventfd(0, EFD_CLOEXEC);
    (void)pthread_sigmask(SIG_BLOCK, &self.signals, &self.before);
    self.begun = self.fd >= 0 && aldb_thread_start("aldb-signals", wait_for_signals, NULL, &self.thread);
    if (!self.begun) {
        (void)pthread_sigmask(SIG_SETMASK, &self.before, NULL);
        (void)aldb_failed("There is no thread to be had: %s", strerror(errno));
    }
    return self.begun;
}

void aldb_interrupt_end(void)
{
    if (!self.begun) {
        return;
    }
    atomic_store(&self.ends, true);
    (void)pthread_kill(self.thread, SIGUSR1);
    (void)pthread_join(self.thread, NULL);
    (void)close(self.fd);
    self.fd = -1;
    self.begun = false;
    (void)pthread_sigmask(SIG_SETMASK, &self.before, NULL);
}

void aldb_interrupt_watch(SQLHSTMT stmt)
{
    (void)pthread_mutex_lock(&self.lock);
    self.stmt = stmt;
    (void)pthread_mutex_unlock(&self.lock);
}

void aldb_interrupt_remove(const char *path)
{
    (void)pthread_mutex_lock(&self.lock);
    self.remove = path;
    (void)pthread_mutex_unlock(&self.lock);
}

int aldb_interrupted(void)
{
    return atomic_load_explicit(&self.came, memory_order_relaxed);
}

int aldb_interrupt_fd(void)
{
    return self.fd;
}

int aldb_interrupt_status(int status)
{
    int came = aldb_interrupted();
    if (status == ALDB_EXIT_GOOD || came == 0) {
        return status;
    }
    (void)aldb_failed("Cancelled");
    return OF_SHELLS + came;
}
