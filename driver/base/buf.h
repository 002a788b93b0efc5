/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Growing byte buffer with a declared maximum: no buffer in the driver grows without a ceiling.
 *
 * Appending is sticky: after the first failure (out of memory, or past the maximum) `failed` stays set, further
 * appends do nothing, and the caller checks once at the end with aldb_buf_ok(). data always has one NUL after len
 * once anything was appended, so text buffers can be read as C strings.
 */
#ifndef ALDB_BASE_BUF_H
#define ALDB_BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/rc.h"
#include "base/str.h"

/* Declared ceilings, in bytes. */
#define ALDB_MAX_MESSAGE (1u << 20)        /* one diagnostic text */
#define ALDB_MAX_SQL (256u << 20)          /* statement text, translated */
#define ALDB_MAX_CONNSTR (1u << 20)        /* connection string, in or out */
#define ALDB_MAX_VALUE 0x3fffffffu         /* one value: PostgreSQL's own limit of 1 GB */
#define ALDB_KEEP_MAX ((size_t)8 << 20)  /* kept by a buffer that is used again and again */
#define ALDB_MAX_NAME (64u << 10)          /* identifiers, catalog arguments */

struct aldb_buf {
    char *data;
    size_t len;
    size_t cap;
    size_t max;
    bool failed;
};

/* No allocation. `max` is the largest len this buffer may ever have. */
void aldb_buf_init(struct aldb_buf *b, size_t max);
void aldb_buf_clear(struct aldb_buf *b);   /* frees the memory; reusable afterwards with the same max */
void aldb_buf_reset(struct aldb_buf *b);   /* len = 0, failed = false, memory kept */
void aldb_buf_recycle(struct aldb_buf *b); /* the same, but memory above ALDB_KEEP_MAX is freed: one long value does not stay for ever */
void aldb_buf_wipe(struct aldb_buf *b);    /* zeroes the whole capacity, then clear: for secrets (reserve first: growing leaves copies) */
bool aldb_buf_ok(const struct aldb_buf *b) ALDB_MUSTCHECK;

/* Room for `extra` more bytes behind len; returns where they go, NULL on failure. len is not changed. */
char *aldb_buf_reserve(struct aldb_buf *b, size_t extra) ALDB_MUSTCHECK;
/* Adds `extra` bytes just written into reserved room. */
void aldb_buf_commit(struct aldb_buf *b, size_t extra);

void aldb_buf_add(struct aldb_buf *b, const void *data, size_t len);
void aldb_buf_add_str(struct aldb_buf *b, const char *s);
void aldb_buf_add_slice(struct aldb_buf *b, struct aldb_slice s);
void aldb_buf_add_char(struct aldb_buf *b, char c);
void aldb_buf_addf(struct aldb_buf *b, const char *fmt, ...) ALDB_PRINTF(2, 3);
void aldb_buf_vaddf(struct aldb_buf *b, const char *fmt, va_list ap) ALDB_PRINTF(2, 0);
void aldb_buf_add_be16(struct aldb_buf *b, uint16_t v);
void aldb_buf_add_be32(struct aldb_buf *b, uint32_t v);
void aldb_buf_add_be64(struct aldb_buf *b, uint64_t v);

/* "" for an empty buffer, never NULL; NUL-terminated; owned by the buffer. */
const char *aldb_buf_cstr(const struct aldb_buf *b);
/* Hands the memory over (aldb_free it); NUL-terminated; NULL if failed or out of memory; the buffer is empty after. */
char *aldb_buf_take(struct aldb_buf *b) ALDB_MUSTCHECK;
struct aldb_slice aldb_buf_slice(const struct aldb_buf *b);

#endif
