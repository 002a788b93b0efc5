/* SPDX-License-Identifier: Apache-2.0 */
#include "convert/numeric.h"

#include <string.h>

#include "base/be.h"

#define EXPONENT_LIMIT (INT32_C(1) << 30)

#define SIGN_POSITIVE 0x0000
#define SIGN_NEGATIVE 0x4000
#define SIGN_NAN 0xC000
#define SIGN_PLUS_INFINITY 0xD000
#define SIGN_MINUS_INFINITY 0xF000

#define BASE 10000
#define HEADER 8

/* Digit run of the whole number: index 0 is the first digit of `whole`; `point` digits stand before the decimal point. */
struct digits {
    const struct aldb_decimal *d;
    int64_t count;
    int64_t point;
    int64_t first; /* first and last digit other than 0; first == count: the value is 0 */
    int64_t last;
};

static int digit_at(const struct digits *g, int64_t i)
{
    const struct aldb_decimal *d = g->d;

    if (i < 0 || i >= g->count) {
        return 0;
    }
    size_t at = (size_t)i;
    char c = at < d->whole.len ? d->whole.ptr[at] : d->fraction.ptr[at - d->whole.len];
    return c - '0';
}

static struct digits digits_of(const struct aldb_decimal *d)
{
    struct digits g = {d, (int64_t)(d->whole.len + d->fraction.len),
                       (int64_t)d->whole.len + d->exponent, 0, -1};

    while (g.first < g.count && digit_at(&g, g.first) == 0) {
        g.first++;
    }
    if (g.first < g.count) {
        g.last = g.count - 1;
        while (digit_at(&g, g.last) == 0) {
            g.last--;
        }
    }
    return g;
}

static bool is_zero(const struct digits *g)
{
    return g->first == g->count;
}

/* ------------------------------------------------------------------ reading text */

static size_t digit_run(const char *p, const char *end)
{
    const char *start = p;

    while (p < end && aldb_is_digit(*p)) {
        p++;
    }
    return (size_t)(p - start);
}

static bool parse_special(struct aldb_slice s, struct aldb_decimal *out)
{
    if (aldb_slice_is(s, "nan")) {
        out->kind = ALDB_DECIMAL_NAN;
        out->negative = false;
        return true;
    }
    if (aldb_slice_is(s, "infinity") || aldb_slice_is(s, "inf")) {
        out->kind = ALDB_DECIMAL_INFINITE;
        return true;
    }
    return false;
}

/* Behind the 'e'. */
static bool parse_exponent(const char *p, const char *end, int32_t *out)
{
    bool negative = false;

    if (p < end && (*p == '+' || *p == '-')) {
        negative = *p++ == '-';
    }
    if (p == end) {
        return false;
    }
    int64_t value = 0;
    for (; p < end; p++) {
        if (!aldb_is_digit(*p)) {
            return false;
        }
        value = value * 10 + (*p - '0');
        if (value > EXPONENT_LIMIT) {
            value = EXPONENT_LIMIT;
        }
    }
    *out = (int32_t)(negative ? -value : value);
    return true;
}

bool aldb_decimal_parse(struct aldb_slice s, struct aldb_decimal *out)
{
    s = aldb_slice_trim(s);
    if (s.len == 0) {
        return false;
    }
    const char *p = s.ptr;
    const char *end = p + s.len;
    struct aldb_decimal d = {.kind = ALDB_DECIMAL_FINITE};

    if (*p == '+' || *p == '-') {
        d.negative = *p++ == '-';
    }
    d.whole = aldb_slice(p, digit_run(p, end));
    p += d.whole.len;
    if (p < end && *p == '.') {
        p++;
        d.fraction = aldb_slice(p, digit_run(p, end));
        p += d.fraction.len;
    }
    if (d.whole.len + d.fraction.len == 0) {
        if (d.fraction.ptr != NULL || !parse_special(aldb_slice(p, (size_t)(end - p)), &d)) {
            return false;
        }
        *out = d;
        return true;
    }
    if (p < end && (*p == 'e' || *p == 'E')) {
        if (!parse_exponent(p + 1, end, &d.exponent)) {
            return false;
        }
        p = end;
    }
    if (p != end) {
        return false;
    }
    *out = d;
    return true;
}

bool aldb_decimal_is_zero(const struct aldb_decimal *d)
{
    if (d->kind != ALDB_DECIMAL_FINITE) {
        return false;
    }
    struct digits g = digits_of(d);
    return is_zero(&g);
}

bool aldb_decimal_has_fraction(const struct aldb_decimal *d)
{
    if (d->kind != ALDB_DECIMAL_FINITE) {
        return false;
    }
    struct digits g = digits_of(d);
    return !is_zero(&g) && g.last >= g.point;
}

void aldb_decimal_digits(const struct aldb_decimal *d, int64_t *whole, int64_t *fraction)
{
    *whole = 0;
    *fraction = 0;
    if (d->kind != ALDB_DECIMAL_FINITE) {
        return;
    }
    struct digits g = digits_of(d);
    if (is_zero(&g)) {
        return;
    }
    *whole = g.point > g.first ? g.point - g.first : 0;
    *fraction = g.last + 1 > g.point ? g.last + 1 - g.point : 0;
}

/* ------------------------------------------------------------------ integers */

/* Whole part of |d|. 01S07 when a fraction is left out. */
static enum aldb_state magnitude(const struct aldb_decimal *d, uint64_t *out)
{
    if (d->kind != ALDB_DECIMAL_FINITE) {
        return ALDB_ST_22003;
    }
    struct digits g = digits_of(d);
    if (is_zero(&g)) {
        *out = 0;
        return ALDB_ST_NONE;
    }
    if (g.point - g.first > 20) {
        return ALDB_ST_22003;
    }
    uint64_t v = 0;
    for (int64_t i = g.first; i < g.point; i++) {
        if (__builtin_mul_overflow(v, (uint64_t)10, &v) ||
            __builtin_add_overflow(v, (uint64_t)digit_at(&g, i), &v)) {
            return ALDB_ST_22003;
        }
    }
    *out = v;
    return g.last >= g.point ? ALDB_ST_01S07 : ALDB_ST_NONE;
}

enum aldb_state aldb_decimal_to_u64(const struct aldb_decimal *d, uint64_t *out)
{
    uint64_t v;
    enum aldb_state st = magnitude(d, &v);

    if (st == ALDB_ST_22003 || (d->negative && v != 0)) {
        return ALDB_ST_22003;
    }
    *out = v;
    return st;
}

enum aldb_state aldb_decimal_to_i64(const struct aldb_decimal *d, int64_t *out)
{
    uint64_t v;
    enum aldb_state st = magnitude(d, &v);

    if (st == ALDB_ST_22003 || v > (uint64_t)INT64_MAX + (d->negative ? 1u : 0u)) {
        return ALDB_ST_22003;
    }
    *out = d->negative ? (int64_t)(0 - v) : (int64_t)v;
    return st;
}

/* ------------------------------------------------------------------ PostgreSQL's limits */

/* Fraction digits to keep: as written, unless PostgreSQL's limit leaves room only for those that count. False: too large for PostgreSQL. */
static bool numeric_scale(const struct digits *g, int64_t *scale)
{
    int64_t written = g->count - g->point;

    *scale = written > 0 ? written : 0;
    if (is_zero(g)) {
        if (*scale > ALDB_NUMERIC_MAX_FRACTION) {
            *scale = ALDB_NUMERIC_MAX_FRACTION;
        }
        return true;
    }
    if (g->point - g->first > ALDB_NUMERIC_MAX_WHOLE) {
        return false;
    }
    if (*scale > ALDB_NUMERIC_MAX_FRACTION) {
        *scale = ALDB_NUMERIC_MAX_FRACTION;
        return g->last < g->point + ALDB_NUMERIC_MAX_FRACTION;
    }
    return true;
}

static enum aldb_state append_special(const struct aldb_decimal *d, struct aldb_buf *out)
{
    aldb_buf_add_str(out, d->kind == ALDB_DECIMAL_NAN ? "NaN"
                          : d->negative               ? "-Infinity"
                                                      : "Infinity");
    return aldb_buf_ok(out) ? ALDB_ST_NONE : ALDB_ST_HY001;
}

enum aldb_state aldb_decimal_to_text(const struct aldb_decimal *d, struct aldb_buf *out)
{
    if (d->kind != ALDB_DECIMAL_FINITE) {
        return append_special(d, out);
    }
    struct digits g = digits_of(d);
    int64_t scale;
    if (!numeric_scale(&g, &scale)) {
        return ALDB_ST_22003;
    }
    int64_t whole = !is_zero(&g) && g.point > g.first ? g.point - g.first : 0;
    char *at = aldb_buf_reserve(out, (size_t)(whole + scale + 3));
    if (at == NULL) {
        return ALDB_ST_HY001;
    }
    char *p = at;
    if (d->negative && !is_zero(&g)) {
        *p++ = '-';
    }
    if (whole == 0) {
        *p++ = '0';
    }
    for (int64_t i = g.point - whole; i < g.point; i++) {
        *p++ = (char)('0' + digit_at(&g, i));
    }
    if (scale > 0) {
        *p++ = '.';
        for (int64_t i = g.point; i < g.point + scale; i++) {
            *p++ = (char)('0' + digit_at(&g, i));
        }
    }
    aldb_buf_commit(out, (size_t)(p - at));
    return ALDB_ST_NONE;
}

/* ------------------------------------------------------------------ PostgreSQL's binary form */

static int64_t floor_div4(int64_t v)
{
    return v >= 0 ? v / 4 : -((3 - v) / 4);
}

enum aldb_state aldb_decimal_to_binary(const struct aldb_decimal *d, struct aldb_buf *out)
{
    struct digits g = {.d = d, .count = 0};
    int64_t scale = 0;
    uint16_t sign = SIGN_POSITIVE;

    if (d->kind == ALDB_DECIMAL_NAN) {
        sign = SIGN_NAN;
    } else if (d->kind == ALDB_DECIMAL_INFINITE) {
        sign = d->negative ? SIGN_MINUS_INFINITY : SIGN_PLUS_INFINITY;
    } else {
        g = digits_of(d);
        if (!numeric_scale(&g, &scale)) {
            return ALDB_ST_22003;
        }
        sign = d->negative && !is_zero(&g) ? SIGN_NEGATIVE : SIGN_POSITIVE;
    }
    int64_t high = 0;
    int64_t groups = 0;
    if (!is_zero(&g)) {
        high = floor_div4(g.point - 1 - g.first);
        groups = high - floor_div4(g.point - 1 - g.last) + 1;
    }
    size_t size = HEADER + 2 * (size_t)groups;
    char *p = aldb_buf_reserve(out, size);
    if (p == NULL) {
        return ALDB_ST_HY001;
    }
    aldb_store_be16(p, (uint16_t)groups);
    aldb_store_be16(p + 2, (uint16_t)(int16_t)high);
    aldb_store_be16(p + 4, sign);
    aldb_store_be16(p + 6, (uint16_t)scale);
    p += HEADER;
    for (int64_t w = high; w > high - groups; w--, p += 2) {
        int value = 0;
        for (int64_t e = 4 * w + 3; e >= 4 * w; e--) {
            value = value * 10 + digit_at(&g, g.point - 1 - e);
        }
        aldb_store_be16(p, (uint16_t)value);
    }
    aldb_buf_commit(out, size);
    return ALDB_ST_NONE;
}

struct header {
    int ndigits;
    int weight;
    uint16_t sign;
    int dscale;
};

static bool read_header(const void *binary, size_t len, struct header *h)
{
    const char *p = binary;

    if (len < HEADER) {
        return false;
    }
    h->ndigits = aldb_load_be16(p);
    h->weight = (int16_t)aldb_load_be16(p + 2);
    h->sign = aldb_load_be16(p + 4);
    h->dscale = aldb_load_be16(p + 6);
    if (len != HEADER + 2 * (size_t)h->ndigits) {
        return false;
    }
    switch (h->sign) {
    case SIGN_POSITIVE:
    case SIGN_NEGATIVE:
        return h->dscale <= ALDB_NUMERIC_MAX_FRACTION;
    case SIGN_NAN:
    case SIGN_PLUS_INFINITY:
    case SIGN_MINUS_INFINITY:
        return true;
    default:
        return false;
    }
}

size_t aldb_numeric_text_room(const void *binary, size_t len)
{
    struct header h;

    if (!read_header(binary, len, &h)) {
        return 0;
    }
    size_t whole = h.weight >= 0 ? ((size_t)h.weight + 1) * 4 : 1;
    /* Sign and point; a last group may be written beyond the scale before it is cut; never less than "-Infinity". */
    return whole + (size_t)h.dscale + 2 + 4 + 9;
}

static char *put_group(char *p, unsigned value)
{
    aldb_put_2digits(p, value / 100);
    aldb_put_2digits(p + 2, value % 100);
    return p + 4;
}

/* Group of weight `w`; groups outside of those sent are 0. */
static unsigned group_at(const char *groups, const struct header *h, int w)
{
    int i = h->weight - w;

    return i >= 0 && i < h->ndigits ? aldb_load_be16(groups + 2 * (size_t)i) : 0;
}

static size_t special_text(uint16_t sign, char *buf)
{
    const char *text = sign == SIGN_NAN             ? "NaN"
                       : sign == SIGN_PLUS_INFINITY ? "Infinity"
                                                    : "-Infinity";
    size_t len = strlen(text);

    memcpy(buf, text, len);
    return len;
}

size_t aldb_numeric_text(const void *binary, size_t len, char *buf)
{
    struct header h;

    if (!read_header(binary, len, &h)) {
        return 0;
    }
    if (h.sign & 0x8000) {
        return special_text(h.sign, buf);
    }
    const char *groups = (const char *)binary + HEADER;
    for (int i = 0; i < h.ndigits; i++) {
        if (aldb_load_be16(groups + 2 * (size_t)i) >= BASE) {
            return 0;
        }
    }
    char *p = buf;
    if (h.sign == SIGN_NEGATIVE && h.ndigits > 0) {
        *p++ = '-';
    }
    int w = h.weight;
    while (w > 0 && group_at(groups, &h, w) == 0) {
        w--;
    }
    p += aldb_format_u64(p, w >= 0 ? group_at(groups, &h, w) : 0);
    while (w > 0) {
        p = put_group(p, group_at(groups, &h, --w));
    }
    if (h.dscale > 0) {
        *p++ = '.';
        char *end = p + h.dscale;
        for (w = -1; p < end; w--) {
            p = put_group(p, group_at(groups, &h, w));
        }
        p = end;
    }
    return (size_t)(p - buf);
}

/* ------------------------------------------------------------------ SQL_NUMERIC_STRUCT */

enum aldb_state aldb_decimal_to_struct(const struct aldb_decimal *d, int precision, int scale,
                                       SQL_NUMERIC_STRUCT *out)
{
    if (d->kind != ALDB_DECIMAL_FINITE) {
        return ALDB_ST_22003;
    }
    if (precision <= 0 || precision > 38) {
        precision = 38;
    }
    struct digits g = digits_of(d);
    int64_t end = g.point + scale;
    unsigned __int128 v = 0;
    if (!is_zero(&g)) {
        if (end - g.first > precision) {
            return ALDB_ST_22003;
        }
        for (int64_t i = g.first; i < end; i++) {
            v = v * 10 + (unsigned)digit_at(&g, i);
        }
    }
    out->precision = (SQLCHAR)precision;
    out->scale = (SQLSCHAR)scale;
    out->sign = d->negative && v != 0 ? 0 : 1;
    for (size_t i = 0; i < SQL_MAX_NUMERIC_LEN; i++) {
        out->val[i] = (SQLCHAR)(v & 0xff);
        v >>= 8;
    }
    return !is_zero(&g) && g.last >= end ? ALDB_ST_01S07 : ALDB_ST_NONE;
}

size_t aldb_numeric_struct_text(const SQL_NUMERIC_STRUCT *in, int scale, char *buf)
{
    unsigned __int128 v = 0;

    for (size_t i = SQL_MAX_NUMERIC_LEN; i-- > 0;) {
        v = v << 8 | in->val[i];
    }
    char reversed[40];
    int n = 0;
    for (unsigned __int128 rest = v; rest != 0; rest /= 10) {
        reversed[n++] = (char)('0' + (int)(rest % 10));
    }
    char *p = buf;
    if (in->sign != 1 && v != 0) {
        *p++ = '-';
    }
    if (n <= (scale > 0 ? scale : 0)) {
        *p++ = '0';
    }
    for (int i = n; i-- > (scale > 0 ? scale : 0);) {
        *p++ = reversed[i];
    }
    if (scale > 0) {
        *p++ = '.';
        for (int i = scale; i-- > 0;) {
            *p++ = i < n ? reversed[i] : '0';
        }
    }
    for (int i = 0; v != 0 && i < -scale; i++) {
        *p++ = '0';
    }
    return (size_t)(p - buf);
}
