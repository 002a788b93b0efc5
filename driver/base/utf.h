/* SPDX-License-Identifier: Apache-2.0 */
/*
 * UTF-8 and UTF-16 (native byte order, 2-byte units as unixODBC's SQLWCHAR), strict: overlong forms, surrogate code
 * points in UTF-8, values over U+10FFFF and lone surrogates in UTF-16 are errors, never replaced silently.
 * UTF-16 pointers may be unaligned (row-wise binding); they are passed as void *.
 */
#ifndef ALDB_BASE_UTF_H
#define ALDB_BASE_UTF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/rc.h"

/* Whole input valid UTF-8? */
bool aldb_utf8_valid(const char *s, size_t len);

/* Number of UTF-16 units that `len` bytes of UTF-8 become. Input need not be checked: an invalid byte counts 1. */
size_t aldb_utf8_to_utf16_units(const char *s, size_t len);
/* Number of characters (code points); invalid bytes count 1. */
size_t aldb_utf8_chars(const char *s, size_t len);

/*
 * Converts as many whole characters as fit in `max_units`. Returns units written; *used = bytes consumed. Never splits
 * a surrogate pair. Stops at an invalid sequence and sets *bad (may be NULL: then invalid bytes become U+FFFD).
 */
size_t aldb_utf8_to_utf16(void *dst, size_t max_units, const char *src, size_t len, size_t *used, bool *bad);

/*
 * Appends the UTF-8 form of `units` UTF-16 units to `out`. False when a lone surrogate is met (nothing is appended
 * then) or the buffer failed; ask aldb_buf_ok() which.
 */
bool aldb_utf16_to_utf8(struct aldb_buf *out, const void *src, size_t units) ALDB_MUSTCHECK;

/* Units before the terminating zero unit. */
size_t aldb_utf16_len(const void *src);

/* Largest n <= max such that s[0..n) ends on a character boundary (s valid UTF-8, max <= len). */
size_t aldb_utf8_floor(const char *s, size_t len, size_t max);

#endif
