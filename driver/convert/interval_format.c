/* SPDX-License-Identifier: Apache-2.0 */
/* Intervals -> text. https://www.postgresql.org/docs/15/datatype-datetime.html#DATATYPE-INTERVAL-OUTPUT */
#include "convert/datetime.h"
#include "convert/interval.h"

#include <string.h>

/* ------------------------------------------------------------------ writing as the server does */

/* The fields as PostgreSQL splits them: each truncated towards zero, with its own sign. */
struct broken {
    int64_t year, month, day, hour, minute, second, us;
};

struct writer {
    char *p;
    bool zero; /* nothing written yet */
    bool
        before; /* the last part written was negative (postgres), or all are turned round (verbose) */
};

static struct broken break_down(const struct aldb_interval *iv)
{
    int64_t us = iv->us;
    struct broken b = {.year = iv->months / 12, .month = iv->months % 12, .day = iv->days};

    b.hour = us / ALDB_US_PER_HOUR;
    us %= ALDB_US_PER_HOUR;
    b.minute = us / ALDB_US_PER_MINUTE;
    us %= ALDB_US_PER_MINUTE;
    b.second = us / ALDB_US_PER_SECOND;
    b.us = us % ALDB_US_PER_SECOND;
    return b;
}

static uint64_t magnitude(int64_t v)
{
    return v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
}

static char *put_str(char *p, const char *s)
{
    size_t len = strlen(s);

    memcpy(p, s, len);
    return p + len;
}

static char *put_u64(char *p, uint64_t v, int width)
{
    char digits[20];
    size_t n = aldb_format_u64(digits, v);

    for (size_t i = n; i < (size_t)width; i++) {
        *p++ = '0';
    }
    memcpy(p, digits, n);
    return p + n;
}

static char *put_i64(char *p, int64_t v)
{
    if (v < 0) {
        *p++ = '-';
    }
    return put_u64(p, magnitude(v), 1);
}

/* `us` behind a point, with `digits` digits; -1: as many as are needed. */
static char *put_fraction(char *p, uint64_t us, int digits)
{
    char text[9] = "000000000";

    for (int i = 5; i >= 0; i--) {
        text[i] = (char)('0' + us % 10);
        us /= 10;
    }
    if (digits < 0) {
        for (digits = 6; digits > 0 && text[digits - 1] == '0'; digits--) {
        }
    }
    if (digits == 0) {
        return p;
    }
    digits = digits > 9 ? 9 : digits;
    *p++ = '.';
    memcpy(p, text, (size_t)digits);
    return p + digits;
}

static char *put_seconds(char *p, const struct broken *b, int width)
{
    p = put_u64(p, magnitude(b->second), width);
    return put_fraction(p, magnitude(b->us), -1);
}

/* h:mm:ss[.f] of magnitudes */
static char *put_clock(char *p, const struct broken *b, int width)
{
    p = put_u64(p, magnitude(b->hour), width);
    *p++ = ':';
    p = put_u64(p, magnitude(b->minute), 2);
    *p++ = ':';
    return put_seconds(p, b, 2);
}

static void postgres_part(struct writer *w, int64_t value, const char *unit)
{
    if (value == 0) {
        return;
    }
    if (!w->zero) {
        *w->p++ = ' ';
    }
    if (w->before && value > 0) {
        *w->p++ = '+';
    }
    w->p = put_i64(w->p, value);
    *w->p++ = ' ';
    w->p = put_str(w->p, unit);
    if (value != 1) {
        *w->p++ = 's';
    }
    w->before = value < 0;
    w->zero = false;
}

static bool clock_is_negative(const struct broken *b)
{
    return b->hour < 0 || b->minute < 0 || b->second < 0 || b->us < 0;
}

static bool clock_is_zero(const struct broken *b)
{
    return b->hour == 0 && b->minute == 0 && b->second == 0 && b->us == 0;
}

static char *format_postgres(char *buf, const struct broken *b)
{
    struct writer w = {buf, true, false};

    postgres_part(&w, b->year, "year");
    postgres_part(&w, b->month, "mon");
    postgres_part(&w, b->day, "day");
    if (w.zero || !clock_is_zero(b)) {
        if (!w.zero) {
            *w.p++ = ' ';
        }
        if (clock_is_negative(b)) {
            *w.p++ = '-';
        } else if (w.before) {
            *w.p++ = '+';
        }
        w.p = put_clock(w.p, b, 2);
    }
    return w.p;
}

static void verbose_part(struct writer *w, int64_t value, const char *unit)
{
    if (value == 0) {
        return;
    }
    if (w->zero) {
        w->before = value < 0;
        value = value < 0 ? -value : value;
    } else if (w->before) {
        value = -value;
    }
    *w->p++ = ' ';
    w->p = put_i64(w->p, value);
    *w->p++ = ' ';
    w->p = put_str(w->p, unit);
    if (value != 1) {
        *w->p++ = 's';
    }
    w->zero = false;
}

static char *format_verbose(char *buf, const struct broken *b)
{
    struct writer w = {buf, true, false};

    *w.p++ = '@';
    verbose_part(&w, b->year, "year");
    verbose_part(&w, b->month, "mon");
    verbose_part(&w, b->day, "day");
    verbose_part(&w, b->hour, "hour");
    verbose_part(&w, b->minute, "min");
    if (b->second != 0 || b->us != 0) {
        *w.p++ = ' ';
        if (b->second < 0 || b->us < 0) {
            if (w.zero) {
                w.before = true;
            } else if (!w.before) {
                *w.p++ = '-';
            }
        } else if (w.before) {
            *w.p++ = '-';
        }
        w.p = put_seconds(w.p, b, 1);
        w.p = put_str(w.p, magnitude(b->second) != 1 || b->us != 0 ? " secs" : " sec");
        w.zero = false;
    }
    if (w.zero) {
        w.p = put_str(w.p, " 0");
    }
    return w.before ? put_str(w.p, " ago") : w.p;
}

static char sign_of(bool negative)
{
    return negative ? '-' : '+';
}

static char *format_sql(char *p, const struct broken *b)
{
    bool months = b->year != 0 || b->month != 0;
    bool rest = b->day != 0 || !clock_is_zero(b);
    bool month_negative = b->year < 0 || b->month < 0;
    bool negative = month_negative || b->day < 0 || clock_is_negative(b);
    bool positive = b->year > 0 || b->month > 0 || b->day > 0 || b->hour > 0 || b->minute > 0 ||
                    b->second > 0 || b->us > 0;

    if (!negative && !positive) {
        *p++ = '0';
        return p;
    }
    if ((negative && positive) || (months && rest)) {
        *p++ = sign_of(month_negative);
        p = put_u64(p, magnitude(b->year), 1);
        *p++ = '-';
        p = put_u64(p, magnitude(b->month), 1);
        *p++ = ' ';
        *p++ = sign_of(b->day < 0);
        p = put_u64(p, magnitude(b->day), 1);
        *p++ = ' ';
        *p++ = sign_of(clock_is_negative(b));
        return put_clock(p, b, 1);
    }
    if (negative) {
        *p++ = '-';
    }
    if (months) {
        p = put_u64(p, magnitude(b->year), 1);
        *p++ = '-';
        return put_u64(p, magnitude(b->month), 1);
    }
    if (b->day != 0) {
        p = put_u64(p, magnitude(b->day), 1);
        *p++ = ' ';
    }
    return put_clock(p, b, 1);
}

static char *iso_part(char *p, int64_t value, char unit)
{
    if (value == 0) {
        return p;
    }
    p = put_i64(p, value);
    *p++ = unit;
    return p;
}

static char *format_iso(char *p, const struct broken *b)
{
    *p++ = 'P';
    char *start = p;
    p = iso_part(p, b->year, 'Y');
    p = iso_part(p, b->month, 'M');
    p = iso_part(p, b->day, 'D');
    if (p == start && clock_is_zero(b)) {
        return put_str(p, "T0S");
    }
    if (!clock_is_zero(b)) {
        *p++ = 'T';
    }
    p = iso_part(p, b->hour, 'H');
    p = iso_part(p, b->minute, 'M');
    if (b->second != 0 || b->us != 0) {
        if (b->second < 0 || b->us < 0) {
            *p++ = '-';
        }
        p = put_seconds(p, b, 1);
        *p++ = 'S';
    }
    return p;
}

size_t aldb_interval_format(const struct aldb_interval *iv, char style, char *buf)
{
    struct broken b = break_down(iv);
    char *end;

    switch (style) {
    case 'v':
        end = format_verbose(buf, &b);
        break;
    case 's':
        end = format_sql(buf, &b);
        break;
    case 'i':
        end = format_iso(buf, &b);
        break;
    default:
        end = format_postgres(buf, &b);
        break;
    }
    return (size_t)(end - buf);
}

/* ------------------------------------------------------------------ writing as ODBC does */

bool aldb_interval_format_odbc(const struct aldb_interval *iv, SQLSMALLINT sql_type, int digits,
                               char *buf, size_t *len, bool *cut)
{
    /* What stands before a field that is not the leading one. */
    static const char before[ALDB_IV_COUNT] = {0, '-', 0, ' ', ':', ':'};
    struct aldb_interval_parts parts;

    if (!aldb_interval_split(iv, sql_type, &parts)) {
        return false;
    }
    char *p = buf;
    if (parts.negative) {
        *p++ = '-';
    }
    bool leading = true;
    for (size_t i = 0; i < ALDB_IV_COUNT; i++) {
        if (!(parts.set & (1u << i))) {
            continue;
        }
        if (!leading) {
            *p++ = before[i];
        }
        p = put_u64(p, parts.value[i], leading || i == 1 ? 1 : 2);
        leading = false;
    }
    if (parts.set & ALDB_IV_SECOND) {
        p = put_fraction(p, parts.us, digits);
    }
    *len = (size_t)(p - buf);
    *cut = parts.cut;
    return true;
}
