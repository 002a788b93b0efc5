/* SPDX-License-Identifier: Apache-2.0 */
/* Big-endian loads and stores, and a cursor that cannot read past its end (PostgreSQL's wire is big-endian). */
#ifndef ALDB_BASE_BE_H
#define ALDB_BASE_BE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline uint16_t aldb_load_be16(const void *p)
{
    uint16_t v;
    memcpy(&v, p, sizeof v);
    return __builtin_bswap16(v);
}
static inline uint32_t aldb_load_be32(const void *p)
{
    uint32_t v;
    memcpy(&v, p, sizeof v);
    return __builtin_bswap32(v);
}
static inline uint64_t aldb_load_be64(const void *p)
{
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return __builtin_bswap64(v);
}
static inline void aldb_store_be16(void *p, uint16_t v)
{
    v = __builtin_bswap16(v);
    memcpy(p, &v, sizeof v);
}
static inline void aldb_store_be32(void *p, uint32_t v)
{
    v = __builtin_bswap32(v);
    memcpy(p, &v, sizeof v);
}
static inline void aldb_store_be64(void *p, uint64_t v)
{
    v = __builtin_bswap64(v);
    memcpy(p, &v, sizeof v);
}
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "big-endian hosts need their own loads");

/* Reading past the end sets `bad` and yields zeros; check `bad` once after the last read. */
struct aldb_cursor {
    const unsigned char *p;
    size_t left;
    bool bad;
};

static inline struct aldb_cursor aldb_cursor(const void *data, size_t len)
{
    return (struct aldb_cursor){data, len, false};
}
static inline const unsigned char *aldb_cursor_take(struct aldb_cursor *c, size_t n)
{
    if (c->left < n) {
        c->bad = true;
        c->left = 0;
        return NULL;
    }
    const unsigned char *at = c->p;
    c->p += n;
    c->left -= n;
    return at;
}
static inline uint16_t aldb_cursor_be16(struct aldb_cursor *c)
{
    const unsigned char *p = aldb_cursor_take(c, 2);
    return p ? aldb_load_be16(p) : 0;
}
static inline uint32_t aldb_cursor_be32(struct aldb_cursor *c)
{
    const unsigned char *p = aldb_cursor_take(c, 4);
    return p ? aldb_load_be32(p) : 0;
}
static inline uint64_t aldb_cursor_be64(struct aldb_cursor *c)
{
    const unsigned char *p = aldb_cursor_take(c, 8);
    return p ? aldb_load_be64(p) : 0;
}

#endif
