/* SPDX-License-Identifier: Apache-2.0 */
#include "google/run.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"

#define LOOK_MS 100
#define REAP_MS 10

struct pipes {
    int out[2], err[2];
};

static bool open_pipes(struct pipes *p)
{
    *p = (struct pipes){{-1, -1}, {-1, -1}};
    return pipe2(p->out, O_CLOEXEC) == 0 && pipe2(p->err, O_CLOEXEC) == 0 && fcntl(p->out[0], F_SETFL, O_NONBLOCK) == 0 &&
           fcntl(p->err[0], F_SETFL, O_NONBLOCK) == 0;
}

static void close_one(int *fd)
{
    if (*fd >= 0) {
        (void)close(*fd);
        *fd = -1;
    }
}

static int spawn(char *const argv[], char *const env[], const struct pipes *p, pid_t *pid)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t none, defaults;
    int error = posix_spawn_file_actions_init(&files);
    if (error) {
        return error;
    }
    error = posix_spawnattr_init(&attributes);
    if (error == 0) {
        (void)sigemptyset(&none);
        (void)sigemptyset(&defaults);
        (void)sigaddset(&defaults, SIGPIPE);
        (void)sigaddset(&defaults, SIGCHLD);
        (void)posix_spawnattr_setsigmask(&attributes, &none);
        (void)posix_spawnattr_setsigdefault(&attributes, &defaults);
        (void)posix_spawnattr_setpgroup(&attributes, 0);
        (void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
        if ((error = posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0)) == 0 &&
            (error = posix_spawn_file_actions_adddup2(&files, p->out[1], 1)) == 0 &&
            (error = posix_spawn_file_actions_adddup2(&files, p->err[1], 2)) == 0) {
#if defined(__GLIBC__) && (__GLIBC__ > 2 || __GLIBC_MINOR__ >= 34)
            error = posix_spawn_file_actions_addclosefrom_np(&files, 3); /* the application's descriptors are none of its business */
#endif
        }
        error = error ? error : posix_spawnp(pid, argv[0], &files, &attributes, argv, env);
        (void)posix_spawnattr_destroy(&attributes);
    }
    (void)posix_spawn_file_actions_destroy(&files);
    return error;
}

/* What is there now. Closes *fd at the end. `cut`: what is beyond the buffer's maximum is thrown away. */
static enum aldb_run drain(int *fd, struct aldb_buf *b, bool cut)
{
    for (;;) {
        char chunk[4096];
        ssize_t n = read(*fd, chunk, sizeof chunk);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0 && errno == EAGAIN) {
            return ALDB_RUN_ENDED;
        }
        if (n <= 0) {
            close_one(fd);
            return ALDB_RUN_ENDED;
        }
        size_t room = b->max - b->len;
        if ((size_t)n > room && !cut) {
            return ALDB_RUN_TOO_MUCH;
        }
        aldb_buf_add(b, chunk, (size_t)n < room ? (size_t)n : room);
        aldb_wipe(chunk, (size_t)n);
        if (!aldb_buf_ok(b)) {
            return ALDB_RUN_MEMORY;
        }
    }
}

static enum aldb_run wait_output(struct pipes *p, struct aldb_deadline until, const struct aldb_call *call, struct aldb_run_result *r)
{
    while (p->out[0] >= 0 || p->err[0] >= 0) {
        if (aldb_call_stopped(call)) {
            return ALDB_RUN_STOPPED;
        }
        if (aldb_deadline_over(until)) {
            return ALDB_RUN_TIMEOUT;
        }
        struct pollfd fds[] = {{.fd = p->out[0], .events = POLLIN}, {.fd = p->err[0], .events = POLLIN}, {.fd = call->stop ? call->stop->fd : -1, .events = POLLIN}};
        int ms = aldb_deadline_poll_ms(until);
        if (call->stop && call->stop->fd < 0 && (ms < 0 || ms > LOOK_MS)) {
            ms = LOOK_MS;
        }
        if (poll(fds, 3, ms) < 0 && errno != EINTR) {
            return ALDB_RUN_MEMORY;
        }
        if (fds[2].revents) {
            return ALDB_RUN_STOPPED;
        }
        enum aldb_run rc = p->out[0] >= 0 ? drain(&p->out[0], &r->out, false) : ALDB_RUN_ENDED;
        if (rc == ALDB_RUN_ENDED && p->err[0] >= 0) {
            rc = drain(&p->err[0], &r->err, true);
        }
        if (rc != ALDB_RUN_ENDED) {
            return rc;
        }
    }
    return ALDB_RUN_ENDED;
}

/* True when the program is gone. An application that ignores SIGCHLD, or waits for any child, takes its status away: then it is not known. */
static bool reap(pid_t pid, bool block, int *status)
{
    int raw;
    pid_t got;
    do {
        got = waitpid(pid, &raw, block ? 0 : WNOHANG);
    } while (got < 0 && errno == EINTR);
    if (got == pid) {
        *status = WIFEXITED(raw) ? WEXITSTATUS(raw) : 128 + WTERMSIG(raw);
    }
    return got != 0;
}

void aldb_run(char *const argv[], char *const env[], int64_t timeout_ms, const struct aldb_call *call, struct aldb_run_result *r)
{
    struct pipes p;
    pid_t pid = -1;
    struct aldb_deadline until = aldb_deadline_sooner(call->deadline, aldb_deadline_in_ms(timeout_ms));
    r->status = 0;
    r->error = open_pipes(&p) ? 0 : errno;
    if (r->error == 0) {
        r->error = spawn(argv, env, &p, &pid);
    }
    close_one(&p.out[1]);
    close_one(&p.err[1]);
    if (r->error) {
        r->outcome = ALDB_RUN_NOT_STARTED;
    } else {
        r->outcome = wait_output(&p, until, call, r);
        bool gone = false;
        while (r->outcome == ALDB_RUN_ENDED && !(gone = reap(pid, false, &r->status))) {
            struct aldb_call rest = {.deadline = until, .stop = call->stop};
            if (!aldb_call_sleep(&rest, REAP_MS)) {
                r->outcome = aldb_call_stopped(call) ? ALDB_RUN_STOPPED : ALDB_RUN_TIMEOUT;
            }
        }
        if (!gone) {
            (void)kill(-pid, SIGKILL);
            (void)reap(pid, true, &r->status);
        }
    }
    close_one(&p.out[0]);
    close_one(&p.err[0]);
}
