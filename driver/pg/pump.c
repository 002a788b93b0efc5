/* SPDX-License-Identifier: Apache-2.0 */
#include "pg/pump.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/be.h"
#include "base/clock.h"

/* One direction. */
struct way {
    unsigned char *data;  /* PUMP_BUFFER */
    size_t at, len;       /* what is on its way: data[at .. at + len) */
    bool ended;           /* nothing more comes in */
    bool shut;            /* nothing more goes out, and that is final */
    short in_waits, out_waits; /* poll events without which reading, writing need not be tried; 0: try */
};

/* The messages of the start-up, one after the other, in pieces of any size. */
struct sniffer {
    bool done;
    unsigned char type;
    unsigned char head[5]; /* type and length */
    size_t head_len;
    uint32_t body_len, body_at; /* of the message that is passing */
};

struct pump {
    int fd;
    struct aldb_stream *stream;
    struct way up, down; /* from libpq, to libpq */
    bool failed;         /* the stream refused to write: what can still be read from it is its last word */
    struct sniffer sniffer;
    struct pump_key key;
    unsigned char memory[2][PUMP_BUFFER];
};

/* ------------------------------------------------------------------ BackendKeyData */

static void sniff_head(struct pump *p)
{
    struct sniffer *n = &p->sniffer;
    uint32_t len = aldb_load_be32(n->head + 1);
    n->head_len = 0;
    n->body_at = 0;
    n->body_len = len - 4;
    /* ReadyForQuery ends the start-up; a length that cannot be ends what we understand of it. */
    n->done = len < 4 || n->head[0] == 'Z' || (n->head[0] == 'K' && (n->body_len <= 4 || n->body_len > 4 + PUMP_KEY_MAX));
}

static void sniff_body(struct pump *p, const unsigned char *data, size_t len)
{
    struct sniffer *n = &p->sniffer;
    for (size_t i = 0; n->head[0] == 'K' && i < len; i++) {
        size_t at = n->body_at + i;
        *(at < 4 ? &p->key.pid[at] : &p->key.key[at - 4]) = data[i];
    }
    n->body_at += (uint32_t)len;
    if (n->head[0] == 'K' && n->body_at == n->body_len) {
        p->key.key_len = n->body_len - 4;
        p->key.known = true;
        n->done = true;
    }
}

static void sniff(struct pump *p, const unsigned char *data, size_t len)
{
    struct sniffer *n = &p->sniffer;
    while (len > 0 && !n->done) {
        size_t take = 1;
        if (n->body_at < n->body_len) {
            take = n->body_len - n->body_at < len ? n->body_len - n->body_at : len;
            sniff_body(p, data, take);
        } else {
            n->head[n->head_len++] = *data;
            if (n->head_len == sizeof n->head) {
                sniff_head(p);
            }
        }
        data += take;
        len -= take;
    }
}

/* ------------------------------------------------------------------ reading and writing */

static bool wants_in(const struct way *w)
{
    return !w->ended && w->len < PUMP_PIECE;
}

static bool wants_out(const struct way *w)
{
    return !w->shut && w->len > 0;
}

/* Room behind what is on its way; a little room is not worth a read of its own while much of the buffer lies in front. */
static size_t room(struct way *w)
{
    if (w->len == 0) {
        w->at = 0;
    } else if (w->at > 0 && PUMP_BUFFER - w->at - w->len < PUMP_BUFFER / 4) {
        memmove(w->data, w->data + w->at, w->len);
        w->at = 0;
    }
    return PUMP_BUFFER - w->at - w->len;
}

static void end(struct way *w)
{
    w->ended = true;
}

/* What is on its way has nowhere to go; what still comes in is thrown away with it. */
static void shut(struct way *w)
{
    w->shut = true;
    w->len = 0;
}

static bool from_libpq(struct pump *p)
{
    struct way *w = &p->up;
    size_t size = room(w);
    ssize_t n;
    do {
        n = recv(p->fd, w->data + w->at + w->len, size, 0);
    } while (n < 0 && errno == EINTR);
    if (n > 0) {
        w->len += w->shut ? 0 : (size_t)n;
        w->in_waits = (size_t)n < size ? POLLIN : 0; /* that was all */
        return true;
    }
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
        w->in_waits = POLLIN;
        return false;
    }
    end(w);
    return false;
}

static bool to_stream(struct pump *p)
{
    struct way *w = &p->up;
    short events = POLLOUT;
    ssize_t n = p->stream->type->write(p->stream, w->data + w->at, w->len, &events);
    if (n > 0) {
        w->at += (size_t)n;
        w->len -= (size_t)n;
        return true;
    }
    if (n == ALDB_STREAM_AGAIN) {
        w->out_waits = events;
        return false;
    }
    p->failed = true;
    p->down.in_waits = 0;
    shut(w);
    return true;
}

static bool from_stream(struct pump *p)
{
    struct way *w = &p->down;
    short events = POLLIN;
    size_t size = room(w);
    ssize_t n = p->stream->type->read(p->stream, w->data + w->at + w->len, size, &events);
    if (n > 0) {
        sniff(p, w->data + w->at + w->len, (size_t)n);
        w->len += w->shut ? 0 : (size_t)n;
        return true;
    }
    if (n == ALDB_STREAM_AGAIN && !p->failed) {
        w->in_waits = events;
        return false;
    }
    end(w);
    return true;
}

/* What that has done. */
static int to_libpq(struct pump *p)
{
    struct way *w = &p->down;
    ssize_t n;
    do {
        n = send(p->fd, w->data + w->at, w->len < PUMP_PIECE ? w->len : PUMP_PIECE, MSG_NOSIGNAL);
    } while (n < 0 && errno == EINTR);
    if (n > 0) {
        w->at += (size_t)n;
        w->len -= (size_t)n;
        return n == (ssize_t)PUMP_PIECE ? PUMP_TO_LIBPQ | PUMP_WHOLE_PIECE : PUMP_TO_LIBPQ;
    }
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
        w->out_waits = POLLOUT;
        return 0;
    }
    shut(w);
    return 0;
}

/* libpq learns of the stream's end when it has read what came before it. */
static bool tell_end(struct pump *p)
{
    if (!p->down.ended || p->down.len > 0 || p->down.shut) {
        return false;
    }
    (void)shutdown(p->fd, SHUT_WR);
    p->down.shut = true;
    return true;
}

int pump_move(struct pump *p)
{
    int done = 0;
    for (bool moved = true; moved && !(done & PUMP_TO_LIBPQ);) {
        moved = false;
        if (wants_in(&p->up) && p->up.in_waits == 0 && from_libpq(p)) {
            moved = true;
            done |= PUMP_TO_STREAM;
        }
        if (wants_out(&p->up) && p->up.out_waits == 0 && to_stream(p)) {
            moved = true;
        }
        if (wants_in(&p->down) && p->down.in_waits == 0 && from_stream(p)) {
            moved = true;
        } else if (wants_out(&p->down) && p->down.out_waits == 0) {
            done |= to_libpq(p);
        }
        if (tell_end(p)) {
            done |= PUMP_TO_LIBPQ;
        }
    }
    return done;
}

int pump_retry(struct pump *p, int sides)
{
    if (sides & PUMP_TO_STREAM) {
        p->up.in_waits = p->up.out_waits = 0;
    }
    if (sides & PUMP_TO_LIBPQ) {
        p->down.in_waits = p->down.out_waits = 0;
    }
    return pump_move(p);
}

/* ------------------------------------------------------------------ waiting */

bool pump_fill(const struct pump *p, struct pollfd fds[2])
{
    const struct {
        bool wants;
        short waits;
        int side;
    } all[] = {
        {wants_in(&p->up), p->up.in_waits, 0},
        {wants_out(&p->down), p->down.out_waits, 0},
        {wants_out(&p->up), p->up.out_waits, 1},
        {wants_in(&p->down), p->down.in_waits, 1},
    };
    bool wait = true;
    fds[0] = (struct pollfd){.fd = p->fd};
    fds[1] = (struct pollfd){.fd = p->stream->type->fd(p->stream)};
    for (size_t i = 0; i < ALDB_COUNT(all); i++) {
        if (all[i].wants) {
            fds[all[i].side].events = (short)(fds[all[i].side].events | all[i].waits);
            wait = wait && all[i].waits != 0;
        }
    }
    wait = wait && (!wants_in(&p->down) || p->stream->type->pending(p->stream) == 0);
    for (int i = 0; i < 2; i++) {
        fds[i].fd = fds[i].events ? fds[i].fd : -1; /* else poll would tell of a hang-up again and again */
    }
    return wait;
}

static void look(short *waits, const struct pollfd *fd)
{
    if (fd->fd >= 0 && (fd->revents & (*waits | POLLERR | POLLHUP | POLLNVAL))) {
        *waits = 0;
    }
}

void pump_ready(struct pump *p, const struct pollfd fds[2])
{
    look(&p->up.in_waits, &fds[0]);
    look(&p->down.out_waits, &fds[0]);
    look(&p->up.out_waits, &fds[1]);
    look(&p->down.in_waits, &fds[1]);
    if (p->stream->type->pending(p->stream) > 0) {
        p->down.in_waits = 0;
    }
}

/* ------------------------------------------------------------------ life */

struct pump *pump_new(int fd, struct aldb_stream *stream)
{
    struct pump *p = aldb_alloc(sizeof *p);
    if (p == NULL) {
        return NULL;
    }
    p->fd = fd;
    p->stream = stream;
    p->up.data = p->memory[0];
    p->down.data = p->memory[1];
    (void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    return p;
}

const char *pump_error(const struct pump *p)
{
    return p->stream->type->error(p->stream);
}

const struct pump_key *pump_key(const struct pump *p)
{
    return &p->key;
}

void pump_close(struct pump *p, int ms)
{
    if (p == NULL) {
        return;
    }
    struct aldb_deadline deadline = aldb_deadline_in_ms(ms);
    end(&p->down);
    shut(&p->down);
    (void)pump_retry(p, PUMP_TO_STREAM | PUMP_TO_LIBPQ);
    while (!(p->up.ended && p->up.len == 0) && !p->up.shut && !aldb_deadline_over(deadline)) {
        struct pollfd fds[2];
        int n = poll(fds, 2, pump_fill(p, fds) ? aldb_deadline_poll_ms(deadline) : 0);
        if (n >= 0) {
            pump_ready(p, fds);
        }
        (void)pump_move(p);
    }
    p->stream->type->close(p->stream, ms);
    (void)close(p->fd);
    aldb_free(p);
}

void pump_abandon(struct pump *p)
{
    if (p) {
        p->stream->type->abandon(p->stream);
        (void)close(p->fd);
        aldb_free(p);
    }
}
