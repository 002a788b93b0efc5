/* SPDX-License-Identifier: Apache-2.0 */
/* double and float <-> decimal text, independent of the process locale: no text with a radix character ever meets the C library. */
#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "base/str.h"

/*
 * No double lies so close to the middle between two others that more than 767 significant digits matter; what follows only has
 * to be known as zero or not.
 */
#define DIGITS_MAX 768

struct decimal {
    bool negative;
    size_t n; /* digits kept; 0 means the value zero */
    int64_t exponent; /* value = digits as an integer * 10^exponent */
    char digits[DIGITS_MAX + 1];
};

static bool parse_exponent(struct aldb_slice s, size_t *at, int64_t *exponent)
{
    bool negative = false;
    if (*at < s.len && (s.ptr[*at] == '-' || s.ptr[*at] == '+')) {
        negative = s.ptr[(*at)++] == '-';
    }
    if (*at == s.len || !aldb_is_digit(s.ptr[*at])) {
        return false;
    }
    int64_t v = 0;
    for (; *at < s.len && aldb_is_digit(s.ptr[*at]); (*at)++) {
        if (v < INT64_MAX / 100) { /* any exponent that large decides alone */
            v = v * 10 + (s.ptr[*at] - '0');
        }
    }
    *exponent = negative ? -v : v;
    return true;
}

/* [sign] digits [. digits] [e [sign] digits], digits on at least one side of the point. */
static bool parse_decimal(struct aldb_slice s, struct decimal *d)
{
    size_t at = 0;
    if (at < s.len && (s.ptr[at] == '-' || s.ptr[at] == '+')) {
        d->negative = s.ptr[at++] == '-';
    }
    bool any = false;
    bool point = false;
    bool rest = false;
    int64_t shift = 0;
    for (; at < s.len; at++) {
        char c = s.ptr[at];
        if (c == '.' && !point) {
            point = true;
            continue;
        }
        if (!aldb_is_digit(c)) {
            break;
        }
        any = true;
        shift -= point;
        if (c == '0' && d->n == 0) {
            continue;
        }
        if (d->n < DIGITS_MAX) {
            d->digits[d->n++] = c;
        } else {
            rest = rest || c != '0';
            shift++;
        }
    }
    if (!any) {
        return false;
    }
    int64_t exponent = 0;
    if (at < s.len && aldb_lower(s.ptr[at]) == 'e') {
        at++;
        if (!parse_exponent(s, &at, &exponent)) {
            return false;
        }
    }
    if (rest) {
        d->digits[d->n++] = '1';
        shift--;
    }
    d->exponent = exponent + shift;
    return at == s.len;
}

/* Up to 2^53 and 10^22 both factors are exact, so one operation rounds once, correctly. */
static bool exact_product(const struct decimal *d, double *out)
{
#if FLT_EVAL_METHOD == 0
    static const double tens[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                  1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    if (d->n > DBL_DIG || d->exponent < -22 || d->exponent > 22) {
        return false;
    }
    int64_t v = 0;
    for (size_t i = 0; i < d->n; i++) {
        v = v * 10 + (d->digits[i] - '0');
    }
    *out = d->exponent < 0 ? (double)v / tens[-d->exponent] : (double)v * tens[d->exponent];
    return true;
#else
    (void)d;
    (void)out;
    return false;
#endif
}

static double to_double(struct decimal *d)
{
    double v;
    if (d->n == 0) {
        v = 0.0;
    } else if (!exact_product(d, &v)) {
        /* Outside this range the result is 0 or infinity whatever the digits are. */
        int64_t e = d->exponent < -2000 ? -2000 : d->exponent > 2000 ? 2000 : d->exponent;
        char text[DIGITS_MAX + 16];
        memcpy(text, d->digits, d->n);
        size_t n = d->n;
        text[n++] = 'e';
        n += aldb_format_i64(text + n, e);
        text[n] = '\0';
        v = strtod(text, NULL); /* digits and an exponent: nothing a locale could change */
    }
    return d->negative ? -v : v;
}

static bool parse_special(struct aldb_slice s, double *out)
{
    if (aldb_slice_is(s, "nan")) {
        *out = (double)NAN;
        return true;
    }
    bool negative = s.len > 0 && s.ptr[0] == '-';
    if (negative || (s.len > 0 && s.ptr[0] == '+')) {
        s = aldb_slice(s.ptr + 1, s.len - 1);
    }
    if (aldb_slice_is(s, "inf") || aldb_slice_is(s, "infinity")) {
        *out = negative ? -HUGE_VAL : HUGE_VAL;
        return true;
    }
    return false;
}

bool aldb_parse_double(struct aldb_slice s, double *out)
{
    s = aldb_slice_trim(s);
    struct decimal d;
    d.negative = false;
    d.n = 0;
    if (!parse_decimal(s, &d)) {
        return parse_special(s, out);
    }
    *out = to_double(&d);
    return true;
}

/*
 * Shortest output is Raffaello Giulietti's Schubfach ("The Schubfach way to render doubles"), in the form Alexander Bolz gave it
 * (https://github.com/abolz/Drachennest). As PostgreSQL's float8out it does not use the ends of the rounding interval, so that
 * every reader, whatever it does with ties, gets the same value back: 1e23 is 9.999999999999999e+22.
 */
__extension__ typedef unsigned __int128 wide;

static const struct {
    uint64_t high, low;
} powers[] = {
#define ALDB_POW10(k, high, low) {high, low},
#include "base/pow10.def"
#undef ALDB_POW10
};
#define POWER_MIN (-292)

/* Powers of ten and two by each other's logarithm; exact in the range of double. */
static int floor_log10_pow2(int e, bool three_quarters)
{
    return (e * 1262611 - (three_quarters ? 524031 : 0)) >> 22;
}

static int floor_log2_pow10(int e)
{
    return (e * 1741647) >> 19;
}

/* digits * 10^exponent */
struct shortest {
    uint64_t digits;
    int exponent;
};

/* g * cp / 2^128 for a double's power and / 2^64 for a float's, the rest folded into the lowest bit. */
static uint64_t round_to_odd(int power, uint64_t cp, bool single)
{
    uint64_t high = powers[power - POWER_MIN].high;
    uint64_t low = powers[power - POWER_MIN].low;
    if (single) {
        wide product = (wide)(high + (low != 0)) * cp;
        return (uint64_t)(product >> 64) | ((uint64_t)product >> 32 > 1);
    }
    wide product = (wide)high * cp + (uint64_t)((wide)low * cp >> 64);
    return (uint64_t)(product >> 64) | ((uint64_t)product > 1);
}

/* c * 2^q, not zero; `regular`: both neighbours are equally far away. */
static struct shortest shortest_decimal(uint64_t c, int q, bool regular, bool single)
{
    int k = floor_log10_pow2(q, !regular);
    int h = q + floor_log2_pow10(-k) + 1;
    /* Quarters of units of 10^k: the value, and the middles between it and its neighbours. */
    uint64_t lower = round_to_odd(-k, (4 * c - (regular ? 2 : 1)) << h, single) + 1;
    uint64_t value = round_to_odd(-k, 4 * c << h, single);
    uint64_t upper = round_to_odd(-k, (4 * c + 2) << h, single) - 1;

    uint64_t s = value / 4;
    if (s >= 10) {
        uint64_t tens = s / 10;
        bool below = lower <= 40 * tens;
        bool above = 40 * tens + 40 <= upper;
        if (below != above) {
            return (struct shortest){tens + above, k + 1};
        }
    }
    bool below = lower <= 4 * s;
    bool above = 4 * s + 4 <= upper;
    if (below != above) {
        return (struct shortest){s + above, k};
    }
    uint64_t middle = 4 * s + 2;
    bool up = value > middle || (value == middle && (s & 1) != 0);
    return (struct shortest){s + up, k};
}

static size_t format_exponent(char *to, int e)
{
    to[0] = 'e';
    to[1] = e < 0 ? '-' : '+';
    e = e < 0 ? -e : e;
    if (e < 10) {
        to[2] = '0';
        to[3] = (char)('0' + e);
        return 4;
    }
    return 2 + aldb_format_u64(to + 2, (uint64_t)e);
}

/* As printf's %g with `precision`: 1e-05 and 1e+15 are the first ones with an exponent. */
static size_t format_digits(char *buf, struct shortest d, int precision)
{
    while (d.digits % 10 == 0) {
        d.digits /= 10;
        d.exponent++;
    }
    char digits[20];
    int n = (int)aldb_format_u64(digits, d.digits);
    int e = d.exponent + n - 1; /* of the first digit */
    char *to = buf;
    if (e < -4 || e >= precision) {
        *to++ = digits[0];
        if (n > 1) {
            *to++ = '.';
            memcpy(to, digits + 1, (size_t)n - 1);
            to += n - 1;
        }
        to += format_exponent(to, e);
    } else if (e < 0) {
        memcpy(to, "0.0000", 6);
        to += 1 - e;
        memcpy(to, digits, (size_t)n);
        to += n;
    } else {
        int whole = e + 1 < n ? e + 1 : n;
        memcpy(to, digits, (size_t)whole);
        to += whole;
        memset(to, '0', (size_t)(e + 1 - whole));
        to += e + 1 - whole;
        if (n > whole) {
            *to++ = '.';
            memcpy(to, digits + whole, (size_t)(n - whole));
            to += n - whole;
        }
    }
    return (size_t)(to - buf);
}

/* Not a finite number other than zero. */
static size_t format_special(char *buf, bool nan, bool infinite)
{
    const char *text = nan ? "NaN" : infinite ? "Infinity" : "0";
    size_t n = strlen(text);
    memcpy(buf, text, n);
    return n;
}

/* `fraction` and `biased` exponent of an IEEE number with `bits` of fraction. */
static size_t format_binary(char *buf, bool negative, uint64_t fraction, int biased, int bits, bool single)
{
    int all_ones = single ? 0xff : 0x7ff;
    size_t sign = 0;
    if (negative && !(biased == all_ones && fraction)) {
        buf[sign++] = '-';
    }
    if (biased == all_ones || (biased == 0 && fraction == 0)) {
        return sign + format_special(buf + sign, biased && fraction, biased && !fraction);
    }
    uint64_t hidden = UINT64_C(1) << bits;
    uint64_t c = biased ? fraction | hidden : fraction;
    int q = (biased ? biased : 1) - all_ones / 2 - bits;
    struct shortest d;
    if (q <= 0 && q > -bits - 1 && (c & ((UINT64_C(1) << -q) - 1)) == 0 && biased) {
        d = (struct shortest){c >> -q, 0}; /* an integer that needs no search */
    } else {
        d = shortest_decimal(c, q, fraction != 0 || biased <= 1, single);
    }
    return sign + format_digits(buf + sign, d, single ? FLT_DIG : DBL_DIG);
}

size_t aldb_format_double(char *buf, double v)
{
    uint64_t raw;
    memcpy(&raw, &v, sizeof raw);
    return format_binary(buf, raw >> 63, raw & ((UINT64_C(1) << 52) - 1), (int)(raw >> 52 & 0x7ff), 52, false);
}

size_t aldb_format_float(char *buf, float v)
{
    uint32_t raw;
    memcpy(&raw, &v, sizeof raw);
    return format_binary(buf, raw >> 31, raw & ((1u << 23) - 1), (int)(raw >> 23 & 0xff), 23, true);
}
