/* SPDX-License-Identifier: Apache-2.0 */
#include "base/utf.h"

#include <string.h>

#define HIGH_BITS UINT64_C(0x8080808080808080)
#define REPLACEMENT 0xfffdu

static bool eight_ascii(const unsigned char *p)
{
    uint64_t word;
    memcpy(&word, p, sizeof word);
    return (word & HIGH_BITS) == 0;
}

/* Bytes of the well-formed sequence at p (Unicode, table 3-7), 0 if there is none within `left` > 0 bytes. */
static size_t decode(const unsigned char *p, size_t left, uint32_t *cp)
{
    unsigned char lead = p[0];
    if (lead < 0x80) {
        *cp = lead;
        return 1;
    }
    size_t n = lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
    if (n == 0 || n > left) {
        return 0;
    }
    /* The second byte carries all further limits: overlong forms, surrogates, values over U+10FFFF. */
    unsigned char low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    unsigned char high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    if (p[1] < low || p[1] > high) {
        return 0;
    }
    uint32_t v = (uint32_t)(lead & (0x7f >> n)) << 6 | (p[1] & 0x3f);
    for (size_t i = 2; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80) {
            return 0;
        }
        v = v << 6 | (p[i] & 0x3f);
    }
    *cp = v;
    return n;
}

bool aldb_utf8_valid(const char *s, size_t len)
{
    const unsigned char *p = (const unsigned char *)s;
    while (len > 0) {
        size_t n = 8;
        if (len < 8 || !eight_ascii(p)) {
            uint32_t cp;
            n = decode(p, len, &cp);
            if (n == 0) {
                return false;
            }
        }
        p += n;
        len -= n;
    }
    return true;
}

size_t aldb_utf8_to_utf16_units(const char *s, size_t len)
{
    const unsigned char *p = (const unsigned char *)s;
    size_t units = 0;
    while (len > 0) {
        size_t n = 8;
        if (len >= 8 && eight_ascii(p)) {
            units += 8;
        } else {
            uint32_t cp = 0;
            n = decode(p, len, &cp);
            units += cp > 0xffff ? 2 : 1;
            n = n ? n : 1;
        }
        p += n;
        len -= n;
    }
    return units;
}

size_t aldb_utf8_chars(const char *s, size_t len)
{
    const unsigned char *p = (const unsigned char *)s;
    size_t chars = 0;
    while (len > 0) {
        size_t n = 8;
        if (len >= 8 && eight_ascii(p)) {
            chars += 8;
        } else {
            uint32_t cp;
            n = decode(p, len, &cp);
            n = n ? n : 1;
            chars++;
        }
        p += n;
        len -= n;
    }
    return chars;
}

static void store_unit(unsigned char *dst, size_t at, uint32_t unit)
{
    uint16_t u = (uint16_t)unit;
    memcpy(dst + at * sizeof u, &u, sizeof u);
}

static uint32_t load_unit(const unsigned char *src, size_t at)
{
    uint16_t u;
    memcpy(&u, src + at * sizeof u, sizeof u);
    return u;
}

size_t aldb_utf8_to_utf16(void *dst, size_t max_units, const char *src, size_t len, size_t *used, bool *bad)
{
    const unsigned char *p = (const unsigned char *)src;
    unsigned char *to = dst;
    size_t at = 0;
    size_t units = 0;
    if (bad) {
        *bad = false;
    }
    while (at < len && units < max_units) {
        if (len - at >= 8 && max_units - units >= 8 && eight_ascii(p + at)) {
            uint16_t wide[8];
            for (int i = 0; i < 8; i++) {
                wide[i] = p[at + (size_t)i];
            }
            memcpy(to + units * sizeof wide[0], wide, sizeof wide);
            at += 8;
            units += 8;
            continue;
        }
        uint32_t cp = 0;
        size_t n = decode(p + at, len - at, &cp);
        if (n == 0) {
            if (bad) {
                *bad = true;
                break;
            }
            n = 1;
            cp = REPLACEMENT;
        }
        if (cp < 0x10000) {
            store_unit(to, units++, cp);
        } else if (max_units - units < 2) {
            break;
        } else {
            store_unit(to, units++, 0xd7c0 + (cp >> 10));
            store_unit(to, units++, 0xdc00 + (cp & 0x3ff));
        }
        at += n;
    }
    *used = at;
    return units;
}

/* The character at unit `at` (units taken in *n), or UINT32_MAX for a lone surrogate. */
static uint32_t decode16(const unsigned char *src, size_t at, size_t units, size_t *n)
{
    uint32_t u = load_unit(src, at);
    *n = 1;
    if ((u & 0xf800) != 0xd800) {
        return u;
    }
    if (u >= 0xdc00 || at + 1 >= units) {
        return UINT32_MAX;
    }
    uint32_t low = load_unit(src, at + 1);
    if ((low & 0xfc00) != 0xdc00) {
        return UINT32_MAX;
    }
    *n = 2;
    return 0x10000 + ((u & 0x3ff) << 10 | (low & 0x3ff));
}

static size_t encoded_len(uint32_t cp)
{
    return cp < 0x80 ? 1 : cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;
}

static size_t encode(char *to, uint32_t cp)
{
    size_t n = encoded_len(cp);
    if (n == 1) {
        to[0] = (char)cp;
        return 1;
    }
    for (size_t i = n - 1; i > 0; i--) {
        to[i] = (char)(0x80 | (cp & 0x3f));
        cp >>= 6;
    }
    to[0] = (char)((0xf00u >> n & 0xffu) | cp);
    return n;
}

bool aldb_utf16_to_utf8(struct aldb_buf *out, const void *src, size_t units)
{
    size_t bytes = 0;
    size_t n;
    for (size_t at = 0; at < units; at += n) {
        uint32_t cp = decode16(src, at, units, &n);
        if (cp == UINT32_MAX) {
            return false;
        }
        bytes += encoded_len(cp);
    }
    char *to = aldb_buf_reserve(out, bytes);
    if (to == NULL) {
        return false;
    }
    for (size_t at = 0; at < units; at += n) {
        to += encode(to, decode16(src, at, units, &n));
    }
    aldb_buf_commit(out, bytes);
    return true;
}

size_t aldb_utf16_len(const void *src)
{
    size_t n = 0;
    while (load_unit(src, n) != 0) {
        n++;
    }
    return n;
}

size_t aldb_utf8_floor(const char *s, size_t len, size_t max)
{
    if (max >= len) {
        return len;
    }
    size_t n = max;
    while (n > 0 && max - n < 3 && ((unsigned char)s[n] & 0xc0) == 0x80) {
        n--;
    }
    return n;
}
