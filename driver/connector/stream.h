/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A connected byte stream that never blocks: what a dial gives, and all that those above see of TLS. One thread at a time.
 */
#ifndef ALDB_CONNECTOR_STREAM_H
#define ALDB_CONNECTOR_STREAM_H

#include <stddef.h>
#include <sys/types.h>

/* What read and write return besides a count of bytes, which is at least 1. */
#define ALDB_STREAM_AGAIN 0   /* would block: poll the descriptor for *events, then call again (a write with the same bytes, or more of them) */
#define ALDB_STREAM_FAILED -1 /* for good: error() */
#define ALDB_STREAM_END -2    /* the other side has closed; nothing more will be read. Of read only */

struct aldb_stream;

struct aldb_stream_type {
    int (*fd)(const struct aldb_stream *s);
    /* size > 0. *events (POLLIN or POLLOUT) is set with AGAIN: reading may have to wait until it can write, and the other way round. */
    ssize_t (*read)(struct aldb_stream *s, void *data, size_t size, short *events);
    ssize_t (*write)(struct aldb_stream *s, const void *data, size_t size, short *events);
    size_t (*pending)(const struct aldb_stream *s);     /* bytes that can be read although the descriptor shows none: look before polling */
    const char *(*error)(const struct aldb_stream *s);  /* one sentence without its end, "" as long as nothing failed; borrowed from the stream */
    void (*close)(struct aldb_stream *s, int within_ms); /* says farewell, waits for no more than that, and frees */
    void (*abandon)(struct aldb_stream *s);             /* frees without a byte on the wire: in the child after fork() */
};

struct aldb_stream {
    const struct aldb_stream_type *type;
};

#endif
