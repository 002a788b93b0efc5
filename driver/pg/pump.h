/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Moves bytes between libpq and a stream: libpq talks to one end of a local socket, the pump holds the other. Knows no libpq, no TLS and no session.
 *
 * Two directions, each with a buffer of PUMP_BUFFER bytes and independent of the other, so that neither can block the other however much both send. Nothing
 * here waits but pump_close(). One thread at a time. The rule for whoever waits: pump_fill(), poll(), pump_ready(), pump_move(), as long as it takes; whoever
 * knows that libpq has just written, or that the stream is likely to have more, calls pump_retry() first, which often saves the poll.
 *
 * During start-up the pump looks for BackendKeyData (https://www.postgresql.org/docs/current/protocol-message-formats.html) as it passes, and at nothing after.
 */
#ifndef ALDB_PG_PUMP_H
#define ALDB_PG_PUMP_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "connector/stream.h"

#define PUMP_BUFFER ((size_t)64 << 10)
#define PUMP_PIECE ((size_t)32 << 10) /* when so much waits in a buffer it is written before more is read. A power of two: the kernel then needs no more than one block for it */
#define PUMP_CLOSE_MS 250 /* for pump_close */
#define PUMP_KEY_MAX 256 /* of protocol 3.2; 4 in 3.0 */

struct pump;

/* What a CancelRequest needs. */
struct pump_key {
    bool known;
    unsigned char pid[4]; /* as it was sent, big-endian */
    unsigned char key[PUMP_KEY_MAX];
    size_t key_len;
};

/* What pump_move has done; bits. */
enum {
    PUMP_TO_LIBPQ = 1,   /* libpq has something to read, or the end of it */
    PUMP_TO_STREAM = 2,  /* libpq may write again */
    PUMP_WHOLE_PIECE = 4 /* with PUMP_TO_LIBPQ: PUMP_PIECE bytes at once */
};

/* `fd`: a connected socket, made non-blocking here. The pump owns both from now on; NULL: out of memory, and neither is owned. */
struct pump *pump_new(int fd, struct aldb_stream *stream);

/* What to poll for: fds[0] is the socket, fds[1] the stream; fd -1 where nothing is awaited. False: do not wait, something can be moved as it is. */
bool pump_fill(const struct pump *p, struct pollfd fds[2]);
/* What poll() has found, also when that is nothing. */
void pump_ready(struct pump *p, const struct pollfd fds[2]);
/* Moves what can be moved, until libpq has something to read: that it reads it is the caller's next thing to do, while it is still in the cache. */
int pump_move(struct pump *p);
/* The same, whatever was found before of these sides: PUMP_TO_STREAM, what libpq may have written; PUMP_TO_LIBPQ, what may have come for it. */
int pump_retry(struct pump *p, int sides);

/* Why the stream failed, one sentence without its end; "" as long as it has not. Borrowed. */
const char *pump_error(const struct pump *p);
const struct pump_key *pump_key(const struct pump *p);

/* libpq has closed its end: what it said last still goes out, then the stream is closed, each within `ms`. NULL is allowed. */
void pump_close(struct pump *p, int ms);
/* In the child after fork(): frees without a byte to either side. NULL is allowed. */
void pump_abandon(struct pump *p);

#endif
