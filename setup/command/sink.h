/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where rows are written to: stdout, or a file. Failures are kept, and told once, when it is closed. A reader who left (EPIPE) is no failure: there is nobody
 * to write for any more.
 */
#ifndef ALDB_COMMAND_SINK_H
#define ALDB_COMMAND_SINK_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/rc.h"
#include "base/str.h"

#define ALDB_SINK_SIZE ((size_t)64 << 10)

struct aldb_sink {
    char *data;       /* what is not written yet, ALDB_SINK_SIZE bytes; owned */
    size_t used;
    uint64_t written; /* bytes, those in `data` not counted */
    double flushed;   /* when (aldb_clock_ms()) */
    int fd, error;    /* errno */
    bool stdout_too;  /* the descriptor stays open */
    char *path, *beside; /* owned; `beside` is what is being written, to be renamed to `path` */
};

/*
 * `path` NULL or "-": stdout. `whole`: a file is written beside the old one, and takes its place when it is closed well; a device or pipe is written as it is.
 * Without `whole` the file is emptied first. False: said why.
 */
bool aldb_sink_open(struct aldb_sink *s, const char *path, bool whole);
/* Ends it; with `good` false a file that was to be whole is thrown away. False: what was written did not arrive, and that has been said. */
bool aldb_sink_close(struct aldb_sink *s, bool good);

/* Writes what waits. */
void aldb_sink_flush(struct aldb_sink *s);
/* Does so when it has waited for a while, for those who look on. */
void aldb_sink_show(struct aldb_sink *s);

/* Is it worth going on? */
static inline bool aldb_sink_ok(const struct aldb_sink *s)
{
    return s->error == 0;
}
static inline uint64_t aldb_sink_bytes(const struct aldb_sink *s)
{
    return s->written + s->used;
}

void aldb_sink_add_slowly(struct aldb_sink *s, const char *data, size_t length);
ALDB_INLINE void aldb_sink_add(struct aldb_sink *s, const char *data, size_t length)
{
    if (length > ALDB_SINK_SIZE - s->used) {
        aldb_sink_add_slowly(s, data, length);
    } else {
        memcpy(s->data + s->used, data, length);
        s->used += length;
    }
}
static inline void aldb_sink_add_char(struct aldb_sink *s, char c)
{
    aldb_sink_add(s, &c, 1);
}
static inline void aldb_sink_add_str(struct aldb_sink *s, const char *text)
{
    aldb_sink_add(s, text, strlen(text));
}
void aldb_sink_add_spaces(struct aldb_sink *s, size_t count);

#endif
