/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/be.h"

#define FIRST_CAPACITY 64

void aldb_buf_init(struct aldb_buf *b, size_t max)
{
    *b = (struct aldb_buf){.max = max < PTRDIFF_MAX ? max : PTRDIFF_MAX - 1};
}

void aldb_buf_clear(struct aldb_buf *b)
{
    aldb_free(b->data);
    *b = (struct aldb_buf){.max = b->max};
}

void aldb_buf_reset(struct aldb_buf *b)
{
    b->len = 0;
    b->failed = false;
    if (b->data) {
        b->data[0] = '\0';
    }
}

void aldb_buf_recycle(struct aldb_buf *b)
{
    if (b->cap > ALDB_KEEP_MAX) {
        aldb_buf_clear(b);
    } else {
        aldb_buf_reset(b);
    }
}

void aldb_buf_wipe(struct aldb_buf *b)
{
    aldb_wipe(b->data, b->cap);
    aldb_buf_clear(b);
}

bool aldb_buf_ok(const struct aldb_buf *b)
{
    return !b->failed;
}

char *aldb_buf_reserve(struct aldb_buf *b, size_t extra)
{
    if (b->failed) {
        return NULL;
    }
    if (extra > b->max - b->len) {
        b->failed = true;
        return NULL;
    }
    size_t need = b->len + extra + 1; /* the NUL; cannot overflow, max is below PTRDIFF_MAX */
    if (need > b->cap) {
        size_t cap = b->cap ? b->cap : FIRST_CAPACITY;
        while (cap < need) {
            cap *= 2;
        }
        if (cap > b->max + 1) {
            cap = b->max + 1;
        }
        char *grown = aldb_realloc_array(b->data, cap, 1);
        if (grown == NULL) {
            b->failed = true;
            return NULL;
        }
        b->data = grown;
        b->cap = cap;
        b->data[b->len] = '\0';
    }
    return b->data + b->len;
}

void aldb_buf_commit(struct aldb_buf *b, size_t extra)
{
    if (b->failed || b->data == NULL) {
        return;
    }
    if (extra >= b->cap - b->len) { /* more than was reserved: a mistake of the caller, never a corrupt buffer */
        b->failed = true;
        return;
    }
    b->len += extra;
    b->data[b->len] = '\0';
}

void aldb_buf_add(struct aldb_buf *b, const void *data, size_t len)
{
    char *to = aldb_buf_reserve(b, len);
    if (to) {
        if (len > 0) {
            memcpy(to, data, len);
        }
        aldb_buf_commit(b, len);
    }
}

void aldb_buf_add_str(struct aldb_buf *b, const char *s)
{
    if (s) {
        aldb_buf_add(b, s, strlen(s));
    }
}

void aldb_buf_add_slice(struct aldb_buf *b, struct aldb_slice s)
{
    aldb_buf_add(b, s.ptr, s.len);
}

void aldb_buf_add_char(struct aldb_buf *b, char c)
{
    aldb_buf_add(b, &c, 1);
}

void aldb_buf_addf(struct aldb_buf *b, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    aldb_buf_vaddf(b, fmt, ap);
    va_end(ap);
}

void aldb_buf_vaddf(struct aldb_buf *b, const char *fmt, va_list ap)
{
    char *to = aldb_buf_reserve(b, 0);
    if (to == NULL) {
        return;
    }
    size_t room = b->cap - b->len;
    va_list again;
    va_copy(again, ap);
    int wrote = vsnprintf(to, room, fmt, ap);
    if (wrote >= 0 && (size_t)wrote >= room) {
        to[0] = '\0'; /* should the buffer be at its maximum, it keeps only what it had */
        to = aldb_buf_reserve(b, (size_t)wrote);
        if (to) {
            wrote = vsnprintf(to, (size_t)wrote + 1, fmt, again);
        }
    }
    va_end(again);
    if (wrote < 0) {
        b->failed = true;
    } else if (to) {
        aldb_buf_commit(b, (size_t)wrote);
    }
}

void aldb_buf_add_be16(struct aldb_buf *b, uint16_t v)
{
    char raw[sizeof v];
    aldb_store_be16(raw, v);
    aldb_buf_add(b, raw, sizeof raw);
}

void aldb_buf_add_be32(struct aldb_buf *b, uint32_t v)
{
    char raw[sizeof v];
    aldb_store_be32(raw, v);
    aldb_buf_add(b, raw, sizeof raw);
}

void aldb_buf_add_be64(struct aldb_buf *b, uint64_t v)
{
    char raw[sizeof v];
    aldb_store_be64(raw, v);
    aldb_buf_add(b, raw, sizeof raw);
}

const char *aldb_buf_cstr(const struct aldb_buf *b)
{
    return b->data ? b->data : "";
}

char *aldb_buf_take(struct aldb_buf *b)
{
    char *text = NULL;
    if (aldb_buf_reserve(b, 0)) {
        text = b->data;
        b->data = NULL;
    }
    aldb_buf_clear(b);
    return text;
}

struct aldb_slice aldb_buf_slice(const struct aldb_buf *b)
{
    return aldb_slice(aldb_buf_cstr(b), b->len);
}
