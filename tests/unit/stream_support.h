/* SPDX-License-Identifier: Apache-2.0 */
/* A stream over a plain socket, which obeys more narrowly than it must, or misbehaves as told. */
#ifndef ALDB_TESTS_STREAM_SUPPORT_H
#define ALDB_TESTS_STREAM_SUPPORT_H

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "connector/stream.h"

struct st_stream {
    struct aldb_stream base;
    int fd;
    size_t piece;          /* bytes a call at most; 0: any */
    bool stutters;         /* every other call would block */
    bool stalls;           /* after each 100 kB a few writes would block, another number each time */
    size_t run, stalled;   /* bytes since, and how many writes are still to */
    unsigned times;
    unsigned calls;
    bool write_fails, read_fails;
    const char *error;
    char held[4096];       /* read from the socket already, as TLS has it: the socket shows nothing */
    size_t held_at, held_len;
    bool hold;
};

static _Atomic int st_closed, st_abandoned; /* how many */

static inline struct st_stream *st_of(const struct aldb_stream *s)
{
    return (struct st_stream *)(uintptr_t)s;
}

static inline int st_fd(const struct aldb_stream *s)
{
    return st_of(s)->fd;
}

static inline ssize_t st_fail(struct st_stream *t, const char *why)
{
    t->error = t->error ? t->error : why;
    return ALDB_STREAM_FAILED;
}

static inline ssize_t st_read(struct aldb_stream *s, void *data, size_t size, short *events)
{
    struct st_stream *t = st_of(s);
    if (t->read_fails) {
        return st_fail(t, "the test's stream cannot be read");
    }
    if (t->stutters && t->calls++ % 2 == 0) {
        *events = POLLIN | POLLOUT;
        return ALDB_STREAM_AGAIN;
    }
    size = t->piece && size > t->piece ? t->piece : size;
    if (t->hold && t->held_at == t->held_len) {
        ssize_t n = recv(t->fd, t->held, sizeof t->held, MSG_DONTWAIT);
        t->held_at = 0;
        t->held_len = n > 0 ? (size_t)n : 0;
    }
    if (t->held_at < t->held_len) {
        size = size < t->held_len - t->held_at ? size : t->held_len - t->held_at;
        memcpy(data, t->held + t->held_at, size);
        t->held_at += size;
        return (ssize_t)size;
    }
    ssize_t n = recv(t->fd, data, size, MSG_DONTWAIT);
    if (n > 0) {
        return n;
    }
    if (n == 0) {
        return ALDB_STREAM_END;
    }
    if (errno == EAGAIN || errno == EINTR) {
        *events = POLLIN;
        return ALDB_STREAM_AGAIN;
    }
    return st_fail(t, "the test's stream broke while it was read");
}

static inline ssize_t st_write(struct aldb_stream *s, const void *data, size_t size, short *events)
{
    struct st_stream *t = st_of(s);
    if (t->write_fails) {
        return st_fail(t, "the test's stream cannot be written");
    }
    if (t->stutters && t->calls++ % 3 == 0) {
        *events = POLLOUT;
        return ALDB_STREAM_AGAIN;
    }
    if (t->stalls && t->run >= 100000) {
        t->run = 0;
        t->stalled = ++t->times % 50;
    }
    if (t->stalled > 0) {
        t->stalled--;
        *events = POLLOUT;
        return ALDB_STREAM_AGAIN;
    }
    ssize_t n = send(t->fd, data, t->piece && size > t->piece ? t->piece : size, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n > 0) {
        t->run += (size_t)n;
        return n;
    }
    if (errno == EAGAIN || errno == EINTR) {
        *events = POLLOUT;
        return ALDB_STREAM_AGAIN;
    }
    return st_fail(t, "the test's stream broke while it was written");
}

static inline size_t st_pending(const struct aldb_stream *s)
{
    return st_of(s)->held_len - st_of(s)->held_at;
}

static inline const char *st_error(const struct aldb_stream *s)
{
    return st_of(s)->error ? st_of(s)->error : "";
}

static inline void st_free(struct aldb_stream *s)
{
    (void)close(st_of(s)->fd);
    free(s);
}

static inline void st_close(struct aldb_stream *s, int ms)
{
    (void)ms;
    st_closed++;
    st_free(s);
}

static inline void st_abandon(struct aldb_stream *s)
{
    st_abandoned++;
    st_free(s);
}

/* Owns the connected socket. */
static inline struct st_stream *st_new(int fd)
{
    static const struct aldb_stream_type type = {st_fd, st_read, st_write, st_pending, st_error, st_close, st_abandon};
    struct st_stream *t = calloc(1, sizeof *t);
    t->base.type = &type;
    t->fd = fd;
    return t;
}

#endif
