/* SPDX-License-Identifier: Apache-2.0 */
#include "base/thread.h"

#include <signal.h>

#include "base/alloc.h"

struct start {
    const char *name;
    void *(*work)(void *);
    void *context;
};

/* The name is set from inside: from outside the thread may be gone already. */
static void *begin(void *arg)
{
    struct start start = *(struct start *)arg;
    aldb_free(arg);
    (void)pthread_setname_np(pthread_self(), start.name);
    return start.work(start.context);
}

bool aldb_thread_start(const char *name, void *(*work)(void *), void *context, pthread_t *joined)
{
    pthread_t thread;
    pthread_attr_t attributes;
    sigset_t all, old;
    struct start *start = aldb_alloc(sizeof *start);
    if (start == NULL || pthread_attr_init(&attributes) != 0) {
        aldb_free(start);
        return false;
    }
    *start = (struct start){name, work, context};
    (void)pthread_attr_setdetachstate(&attributes, joined ? PTHREAD_CREATE_JOINABLE : PTHREAD_CREATE_DETACHED);
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &old);
    bool started = pthread_create(&thread, &attributes, begin, start) == 0;
    (void)pthread_sigmask(SIG_SETMASK, &old, NULL);
    (void)pthread_attr_destroy(&attributes);
    if (!started) {
        aldb_free(start);
    } else if (joined) {
        *joined = thread;
    }
    return started;
}
