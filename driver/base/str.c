/* SPDX-License-Identifier: Apache-2.0 */
#include "base/str.h"

char aldb_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool aldb_is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

bool aldb_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool aldb_is_alpha(char c)
{
    char l = aldb_lower(c);
    return l >= 'a' && l <= 'z';
}

bool aldb_slice_eq(struct aldb_slice a, struct aldb_slice b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

bool aldb_slice_eq_nocase(struct aldb_slice a, struct aldb_slice b)
{
    if (a.len != b.len) {
        return false;
    }
    for (size_t i = 0; i < a.len; i++) {
        if (aldb_lower(a.ptr[i]) != aldb_lower(b.ptr[i])) {
            return false;
        }
    }
    return true;
}

bool aldb_slice_is(struct aldb_slice a, const char *word)
{
    return aldb_slice_eq_nocase(a, aldb_slice_of(word));
}

struct aldb_slice aldb_slice_trim(struct aldb_slice s)
{
    while (s.len > 0 && aldb_is_space(s.ptr[0])) {
        s.ptr++;
        s.len--;
    }
    while (s.len > 0 && aldb_is_space(s.ptr[s.len - 1])) {
        s.len--;
    }
    return s;
}

/* Sign and magnitude of an optionally signed decimal number with blanks around. */
static bool parse_integer(struct aldb_slice s, bool *negative, uint64_t *magnitude)
{
    s = aldb_slice_trim(s);
    *negative = false;
    if (s.len > 0 && (s.ptr[0] == '-' || s.ptr[0] == '+')) {
        *negative = s.ptr[0] == '-';
        s.ptr++;
        s.len--;
    }
    if (s.len == 0) {
        return false;
    }
    uint64_t v = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (!aldb_is_digit(s.ptr[i]) || __builtin_mul_overflow(v, 10u, &v) ||
            __builtin_add_overflow(v, (uint64_t)(s.ptr[i] - '0'), &v)) {
            return false;
        }
    }
    *magnitude = v;
    return true;
}

bool aldb_parse_i64(struct aldb_slice s, int64_t *out)
{
    bool negative;
    uint64_t v;
    if (!parse_integer(s, &negative, &v) || v > (uint64_t)INT64_MAX + negative) {
        return false;
    }
    *out = negative ? (int64_t)(0 - v) : (int64_t)v;
    return true;
}

bool aldb_parse_u64(struct aldb_slice s, uint64_t *out)
{
    bool negative;
    uint64_t v;
    if (!parse_integer(s, &negative, &v) || (negative && v != 0)) {
        return false;
    }
    *out = v;
    return true;
}

bool aldb_parse_bool(struct aldb_slice s, bool *out)
{
    static const char *const words[2][4] = {{"no", "false", "off", "0"}, {"yes", "true", "on", "1"}};
    for (int value = 0; value < 2; value++) {
        for (size_t i = 0; i < ALDB_COUNT(words[value]); i++) {
            if (aldb_slice_is(s, words[value][i])) {
                *out = value != 0;
                return true;
            }
        }
    }
    return false;
}

const char aldb_2digits[] = "00010203040506070809101112131415161718192021222324252627282930313233343536373839404142434445464748495051525354555657585960616263646566676869"
                            "707172737475767778798081828384858687888990919293949596979899";

size_t aldb_format_u64(char *buf, uint64_t v)
{
    char digits[20];
    size_t n = sizeof digits;
    while (v >= 100) {
        n -= 2;
        aldb_put_2digits(digits + n, (unsigned)(v % 100));
        v /= 100;
    }
    if (v >= 10) {
        n -= 2;
        aldb_put_2digits(digits + n, (unsigned)v);
    } else {
        digits[--n] = (char)('0' + v);
    }
    memcpy(buf, digits + n, sizeof digits - n);
    return sizeof digits - n;
}

size_t aldb_format_i64(char *buf, int64_t v)
{
    if (v >= 0) {
        return aldb_format_u64(buf, (uint64_t)v);
    }
    buf[0] = '-';
    return 1 + aldb_format_u64(buf + 1, 0 - (uint64_t)v);
}

#define DISTANCE_MAX 64

unsigned aldb_edit_distance(struct aldb_slice a, struct aldb_slice b)
{
    size_t alen = a.len < DISTANCE_MAX ? a.len : DISTANCE_MAX;
    size_t blen = b.len < DISTANCE_MAX ? b.len : DISTANCE_MAX;
    unsigned rows[3][DISTANCE_MAX + 1]; /* distances of a[0..i) to every b[0..j), at i % 3 */
    for (unsigned j = 0; j <= blen; j++) {
        rows[0][j] = j;
    }
    for (size_t i = 1; i <= alen; i++) {
        unsigned *row = rows[i % 3];
        const unsigned *above = rows[(i + 2) % 3];
        const unsigned *two_above = rows[(i + 1) % 3];
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= blen; j++) {
            unsigned best = above[j - 1] + (a.ptr[i - 1] != b.ptr[j - 1]);
            best = best < above[j] + 1 ? best : above[j] + 1;
            best = best < row[j - 1] + 1 ? best : row[j - 1] + 1;
            bool swapped = i > 1 && j > 1 && a.ptr[i - 1] == b.ptr[j - 2] && a.ptr[i - 2] == b.ptr[j - 1];
            row[j] = swapped && two_above[j - 2] + 1 < best ? two_above[j - 2] + 1 : best;
        }
    }
    return rows[alen % 3][blen];
}

bool aldb_copy(char *dst, size_t size, struct aldb_slice src)
{
    size_t n = src.len < size ? src.len : size - 1;
    if (n > 0) {
        memcpy(dst, src.ptr, n);
    }
    dst[n] = '\0';
    return n == src.len;
}
