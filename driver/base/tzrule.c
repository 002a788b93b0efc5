/* SPDX-License-Identifier: Apache-2.0 */
/* POSIX.1-2017, base definitions 8.3 (TZ); RFC 8536, 3.3.1 (hours from -167 to 167). */
#include "base/tzrule.h"

#include <string.h>

#define DAY 86400
/* The Gregorian calendar repeats after 400 years, which are whole weeks. */
#define CYCLE_YEARS 400
#define CYCLE_SECONDS (INT64_C(146097) * DAY)

struct reader {
    struct aldb_slice s;
    size_t at;
};

static char peek(const struct reader *r)
{
    return r->at < r->s.len ? r->s.ptr[r->at] : '\0';
}

static bool accept(struct reader *r, char c)
{
    if (r->at < r->s.len && r->s.ptr[r->at] == c) {
        r->at++;
        return true;
    }
    return false;
}

static bool read_name(struct reader *r, struct aldb_tzlocal *out)
{
    bool quoted = accept(r, '<');
    size_t start = r->at;
    while (r->at < r->s.len && (quoted ? peek(r) != '>' : !aldb_is_digit(peek(r)) && strchr(",-+", peek(r)) == NULL)) {
        r->at++;
    }
    (void)aldb_copy(out->word, sizeof out->word, aldb_slice(r->s.ptr + start, r->at - start));
    return !quoted || accept(r, '>');
}

static bool read_number(struct reader *r, int min, int max, int *out)
{
    if (!aldb_is_digit(peek(r))) {
        return false;
    }
    int v = 0;
    while (aldb_is_digit(peek(r))) {
        v = v * 10 + (r->s.ptr[r->at++] - '0');
        if (v > max) {
            return false;
        }
    }
    *out = v;
    return v >= min;
}

#define OFFSET_HOURS 15 /* PostgreSQL goes farther, to where it does not read its own text back */

/* [+-]hh[:mm[:ss]] */
static bool read_time(struct reader *r, int max_hours, int32_t *out)
{
    bool negative = accept(r, '-');
    if (!negative) {
        (void)accept(r, '+');
    }
    int h = 0;
    int m = 0;
    int s = 0;
    if (!read_number(r, 0, max_hours, &h) ||
        (accept(r, ':') && (!read_number(r, 0, 59, &m) || (accept(r, ':') && !read_number(r, 0, 59, &s))))) {
        return false;
    }
    int32_t v = h * 3600 + m * 60 + s;
    *out = negative ? -v : v;
    return true;
}

static bool read_day(struct reader *r, struct aldb_tzday *d)
{
    d->kind = 'N';
    if (accept(r, 'M')) {
        d->kind = 'M';
        if (!read_number(r, 1, 12, &d->month) || !accept(r, '.') || !read_number(r, 1, 5, &d->week) || !accept(r, '.') ||
            !read_number(r, 0, 6, &d->day)) {
            return false;
        }
    } else if (accept(r, 'J')) {
        d->kind = 'J';
        if (!read_number(r, 1, 365, &d->day)) {
            return false;
        }
    } else if (!read_number(r, 0, 365, &d->day)) {
        return false;
    }
    d->time = 2 * 3600;
    return !accept(r, '/') || read_time(r, 167, &d->time);
}

bool aldb_tzrule_parse(struct aldb_slice s, struct aldb_tzrule *out)
{
    struct reader r = {s, 0};
    struct aldb_tzrule rule = {.has_dst = false};
    int32_t west; /* POSIX counts westwards */
    if (!read_name(&r, &rule.std) || !read_time(&r, OFFSET_HOURS, &west)) {
        return false;
    }
    rule.std.offset = -west;
    if (r.at < s.len) {
        rule.has_dst = true;
        rule.dst.offset = rule.std.offset + 3600;
        if (!read_name(&r, &rule.dst)) {
            return false;
        }
        if (peek(&r) != ',') {
            if (!read_time(&r, OFFSET_HOURS, &west)) {
                return false;
            }
            rule.dst.offset = -west;
        }
        if (!accept(&r, ',') || !read_day(&r, &rule.start) || !accept(&r, ',') || !read_day(&r, &rule.end)) {
            return false;
        }
    }
    if (r.at != s.len) {
        return false;
    }
    *out = rule;
    return true;
}

static bool is_leap(int64_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* Days from 1970-01-01 to 1 January of `year`. */
static int64_t days_to_year(int64_t year)
{
    int64_t y = year - 1;
    return y * 365 + y / 4 - y / 100 + y / 400 - 719162;
}

/* The local time of the rule's day in `year`, in seconds since 1970-01-01 00:00 of that local time. */
static int64_t local_time(const struct aldb_tzday *d, int64_t year)
{
    static const int before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365};
    int64_t first = days_to_year(year);
    int64_t day;
    if (d->kind == 'N') {
        day = first + d->day;
    } else if (d->kind == 'J') {
        day = first + d->day - 1 + (d->day > before[2] && is_leap(year));
    } else {
        int64_t month = first + before[d->month - 1] + (d->month > 2 && is_leap(year));
        int64_t length = before[d->month] - before[d->month - 1] + (d->month == 2 && is_leap(year));
        int64_t weekday = (month + 4) % 7; /* 1970-01-01 was a Thursday; `month` is not negative here */
        int64_t nth = (d->day - weekday + 7) % 7 + (d->week - 1) * 7;
        day = month + (nth < length ? nth : nth - 7);
    }
    return day * DAY + d->time;
}

const struct aldb_tzlocal *aldb_tzrule_at(const struct aldb_tzrule *r, int64_t unix_seconds)
{
    if (!r->has_dst) {
        return &r->std;
    }
    /* The same moment of another cycle: in the years 2370 to 2769, where nothing is negative and nothing overflows. */
    int64_t t = unix_seconds % CYCLE_SECONDS;
    t += (t < 0 ? 2 : 1) * CYCLE_SECONDS;
    int64_t year = 1970 + t / (INT64_C(31556952)); /* of the mean length: right but for some hours around New Year */

    /* The last change before t decides. Rules may reach into a neighbouring year. Where both fall together DST holds all year. */
    bool dst = false;
    int64_t last = INT64_MIN;
    for (int64_t y = year - 2; y <= year + 1; y++) {
        int64_t end = local_time(&r->end, y) - r->dst.offset;
        int64_t start = local_time(&r->start, y) - r->std.offset;
        if (end <= t && end > last) {
            last = end;
            dst = false;
        }
        if (start <= t && start >= last) {
            last = start;
            dst = true;
        }
    }
    return dst ? &r->dst : &r->std;
}
