/* SPDX-License-Identifier: Apache-2.0 */
#include "connector/tcp.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/rc.h"
#include "connector/ready.h"

#define ADDRESSES_MAX 16 /* of a name that are tried */

/* A connection without them is a connection still. */
static void set_options(int fd, const struct aldb_tcp_options *o)
{
    const struct {
        int level, name;
        bool wanted;
        unsigned value;
    } options[] = {
        {IPPROTO_TCP, TCP_NODELAY, true, 1},
        {SOL_SOCKET, SO_KEEPALIVE, o->keepalive, 1},
        {IPPROTO_TCP, TCP_KEEPIDLE, o->keepalive, o->idle_s ? o->idle_s : ALDB_TCP_KEEPALIVE_S},
        {IPPROTO_TCP, TCP_KEEPINTVL, o->keepalive, o->interval_s ? o->interval_s : ALDB_TCP_KEEPALIVE_S},
        {IPPROTO_TCP, TCP_KEEPCNT, o->keepalive && o->count, o->count},
        {IPPROTO_TCP, TCP_USER_TIMEOUT, o->user_timeout_ms > 0, o->user_timeout_ms},
    };
    for (size_t i = 0; i < ALDB_COUNT(options); i++) {
        if (options[i].wanted) {
            (void)setsockopt(fd, options[i].level, options[i].name, &options[i].value, sizeof options[i].value);
        }
    }
}

static int fail(struct aldb_tcp_failure *f, enum aldb_tcp_kind kind, const char *why)
{
    f->kind = kind;
    (void)snprintf(f->why, sizeof f->why, "%s", why);
    return -1;
}

static int fail_errno(struct aldb_tcp_failure *f, int error)
{
    char text[128];
    return fail(f, error == ENOMEM || error == ENOBUFS ? ALDB_TCP_MEMORY : ALDB_TCP_UNREACHED, strerror_r(error, text, sizeof text));
}

static int finish(int fd, struct aldb_deadline until, const struct aldb_call *call, struct aldb_tcp_failure *f)
{
    int error = 0;
    socklen_t len = sizeof error;
    switch (aldb_ready_wait(fd, POLLOUT, until, call)) {
    case ALDB_READY:
        if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0) {
            error = errno;
        }
        return error ? fail_errno(f, error) : fd;
    case ALDB_READY_STOPPED:
        return fail(f, ALDB_TCP_STOPPED, "the call was cancelled");
    case ALDB_READY_TIMEOUT:
        return fail(f, ALDB_TCP_TIMEOUT, "there was no answer within the time allowed");
    case ALDB_READY_LATE:
        return fail(f, ALDB_TCP_UNREACHED, "there is no answer");
    default:
        return fail_errno(f, errno);
    }
}

static int connect_to(const struct aldb_address *a, const struct aldb_tcp_options *options, struct aldb_deadline until, const struct aldb_call *call, struct aldb_tcp_failure *f)
{
    int fd = socket(a->at.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return fail_errno(f, errno);
    }
    set_options(fd, options);
    int rc = fd;
    if (connect(fd, (const struct sockaddr *)&a->at, a->len) != 0) {
        rc = errno == EINPROGRESS || errno == EINTR ? finish(fd, until, call, f) : fail_errno(f, errno);
    }
    if (rc < 0) {
        (void)close(fd);
    }
    return rc;
}

/* How long one of `count` addresses may take of what is left. */
static struct aldb_deadline share(struct aldb_deadline until, const struct aldb_call *call, size_t count)
{
    int64_t left = aldb_deadline_sooner(until, call->deadline).at - aldb_now_ms();
    return aldb_deadline_in_ms(left / (int64_t)count);
}

int aldb_tcp_connect(const char *host, uint16_t port, const struct aldb_tcp_options *options, int64_t step_ms, const struct aldb_call *call,
                     struct aldb_tcp_failure *f)
{
    struct aldb_addresses found;
    struct aldb_deadline until = aldb_deadline_in_ms(step_ms);
    const char *why = "";
    *f = (struct aldb_tcp_failure){.kind = ALDB_TCP_UNREACHED};
    switch (aldb_lookup(host, port, aldb_deadline_sooner(call->deadline, until), call->stop ? call->stop->flag : NULL, &found, &why)) {
    case ALDB_LOOKUP_FOUND:
        break;
    case ALDB_LOOKUP_FAILED:
        (void)snprintf(f->why, sizeof f->why, "the name cannot be resolved: %.100s", why);
        return -1;
    case ALDB_LOOKUP_LATE:
        return fail(f, aldb_deadline_over(call->deadline) ? ALDB_TCP_TIMEOUT : ALDB_TCP_UNREACHED, "the name was not resolved within the time allowed");
    case ALDB_LOOKUP_STOPPED:
        return fail(f, ALDB_TCP_STOPPED, "the call was cancelled");
    default:
        return fail(f, ALDB_TCP_MEMORY, "out of memory");
    }
    int fd = -1;
    size_t count = found.count < ADDRESSES_MAX ? found.count : ADDRESSES_MAX;
    for (size_t i = 0; i < count && fd < 0 && f->kind == ALDB_TCP_UNREACHED; i++) {
        bool last = i + 1 == count;
        fd = connect_to(&found.at[i], options, last ? until : share(until, call, count - i), call, f);
        (void)snprintf(f->where, sizeof f->where, "%s", strcmp(found.at[i].text, host) == 0 ? "" : found.at[i].text);
    }
    aldb_addresses_clear(&found);
    return fd;
}

void aldb_tcp_close(int fd)
{
    (void)close(fd);
}
