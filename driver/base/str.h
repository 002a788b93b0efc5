/* SPDX-License-Identifier: Apache-2.0 */
/* Borrowed strings (slices) and locale-free text helpers. All lengths are bytes. */
#ifndef ALDB_BASE_STR_H
#define ALDB_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/rc.h"

/* ptr == NULL means "not given", which differs from the empty string. Not NUL-terminated. */
struct aldb_slice {
    const char *ptr;
    size_t len;
};

static inline struct aldb_slice aldb_slice(const char *ptr, size_t len)
{
    return (struct aldb_slice){ptr, len};
}

/* NULL gives a NULL slice. */
static inline struct aldb_slice aldb_slice_of(const char *s)
{
    return (struct aldb_slice){s, s ? strlen(s) : 0};
}

/* ASCII only; bytes >= 0x80 are never letters, digits or blanks here. */
char aldb_lower(char c);
bool aldb_is_space(char c); /* space \t \n \r \f \v */
bool aldb_is_digit(char c);
bool aldb_is_alpha(char c);

bool aldb_slice_eq(struct aldb_slice a, struct aldb_slice b);
bool aldb_slice_eq_nocase(struct aldb_slice a, struct aldb_slice b); /* ASCII case folding */
bool aldb_slice_is(struct aldb_slice a, const char *word);           /* == word, ASCII case folding */
struct aldb_slice aldb_slice_trim(struct aldb_slice s);              /* blanks off both ends */

/*
 * Whole slice must be an optionally signed decimal number (blanks around allowed). False on anything else or
 * overflow; *out untouched then.
 */
bool aldb_parse_i64(struct aldb_slice s, int64_t *out) ALDB_MUSTCHECK;
bool aldb_parse_u64(struct aldb_slice s, uint64_t *out) ALDB_MUSTCHECK;
/* yes/no/true/false/on/off/1/0, ASCII case-insensitive. */
bool aldb_parse_bool(struct aldb_slice s, bool *out) ALDB_MUSTCHECK;

/* Two decimal digits of v, 0 to 99. */
extern const char aldb_2digits[];
static inline void aldb_put_2digits(char *buf, unsigned v)
{
    memcpy(buf, aldb_2digits + 2 * (size_t)v, 2);
}

/* Decimal text of v, no terminator; buf has room for 20 (u64) or 21 (i64) bytes. Returns the length. */
size_t aldb_format_u64(char *buf, uint64_t v);
size_t aldb_format_i64(char *buf, int64_t v);

/*
 * double <-> text in the C locale whatever the process locale is (uselocale-free). parse: whole slice (blanks around allowed), decimal syntax
 * only (no hexadecimal), correctly rounded at any length, accepts NaN, Infinity, inf in any case; false if not a number; overflow gives
 * +-HUGE_VAL and true, underflow 0.
 * format: shortest text that reads back to the same value, the same text that PostgreSQL's float8out and float4out give with their default
 * extra_float_digits: "0.1", "100", "1e+15", "1e-05", "-0", "NaN", "Infinity", "-Infinity"; an exponent below 1e-4 and from 1e15 (float: 1e6) on.
 * buf has room for 32 bytes, not terminated; returns the length.
 */
bool aldb_parse_double(struct aldb_slice s, double *out) ALDB_MUSTCHECK;
size_t aldb_format_double(char *buf, double v);
size_t aldb_format_float(char *buf, float v);

/* How many letters must be changed, put in, left out or swapped with their neighbour to make b of a (each at most 64 bytes; longer ones count as 64). */
unsigned aldb_edit_distance(struct aldb_slice a, struct aldb_slice b);

/* Bounded copy with NUL; returns false (and still terminates) when cut. size > 0. */
bool aldb_copy(char *dst, size_t size, struct aldb_slice src);

#endif
