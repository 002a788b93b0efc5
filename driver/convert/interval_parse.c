/* SPDX-License-Identifier: Apache-2.0 */
/* Text -> intervals: the server's four styles and ODBC's interval literals. */
#include "convert/datetime.h"
#include "convert/interval.h"

#include <string.h>

struct reader {
    const char *p;
    const char *end;
    SQLSMALLINT type; /* how bare values are read, 0 = as PostgreSQL does */
    __int128 months, days, us;
    bool cut;
};

struct number {
    bool signed_;
    bool negative;
    int64_t whole;
    int32_t us; /* fraction, in millionths */
    bool has_fraction;
};

static void skip_blanks(struct reader *r)
{
    while (r->p < r->end && aldb_is_space(*r->p)) {
        r->p++;
    }
}

static bool skip_char(struct reader *r, char c)
{
    if (r->p < r->end && *r->p == c) {
        r->p++;
        return true;
    }
    return false;
}

static char peek(const struct reader *r)
{
    return r->p < r->end ? *r->p : '\0';
}

static struct aldb_slice read_word(struct reader *r)
{
    const char *start = r->p;

    while (r->p < r->end && aldb_is_alpha(*r->p)) {
        r->p++;
    }
    return aldb_slice(start, (size_t)(r->p - start));
}

static bool read_whole(struct reader *r, int64_t *out)
{
    int64_t v = 0;
    const char *start = r->p;

    for (; r->p < r->end && aldb_is_digit(*r->p); r->p++) {
        if (__builtin_mul_overflow(v, (int64_t)10, &v) ||
            __builtin_add_overflow(v, (int64_t)(*r->p - '0'), &v)) {
            return false;
        }
    }
    *out = v;
    return r->p > start;
}

/* Behind the point. */
static void read_fraction(struct reader *r, struct number *n)
{
    int32_t unit = 100000;

    n->has_fraction = true;
    for (; r->p < r->end && aldb_is_digit(*r->p); r->p++) {
        r->cut |= unit == 0 && *r->p != '0';
        n->us += (*r->p - '0') * unit;
        unit /= 10;
    }
}

static void read_sign(struct reader *r, struct number *n)
{
    if (peek(r) == '-' || peek(r) == '+') {
        n->signed_ = true;
        n->negative = *r->p++ == '-';
    }
}

static bool read_number(struct reader *r, struct number *n)
{
    *n = (struct number){.whole = 0};
    read_sign(r, n);
    if (!read_whole(r, &n->whole)) {
        return false;
    }
    if (skip_char(r, '.')) {
        read_fraction(r, n);
    }
    return true;
}

static void add(__int128 *part, bool negative, __int128 value)
{
    *part += negative ? -value : value;
}

/* Only seconds have a fraction in any form the server writes. */
static bool add_field(struct reader *r, unsigned field, const struct number *n)
{
    if (n->has_fraction && field != ALDB_IV_SECOND) {
        return false;
    }
    switch (field) {
    case ALDB_IV_YEAR:
        add(&r->months, n->negative, (__int128)n->whole * 12);
        return true;
    case ALDB_IV_MONTH:
        add(&r->months, n->negative, n->whole);
        return true;
    case ALDB_IV_DAY:
        add(&r->days, n->negative, n->whole);
        return true;
    case ALDB_IV_HOUR:
        add(&r->us, n->negative, (__int128)n->whole * ALDB_US_PER_HOUR);
        return true;
    case ALDB_IV_MINUTE:
        add(&r->us, n->negative, (__int128)n->whole * ALDB_US_PER_MINUTE);
        return true;
    case ALDB_IV_SECOND:
        add(&r->us, n->negative, (__int128)n->whole * ALDB_US_PER_SECOND + n->us);
        return true;
    default:
        return false;
    }
}

static unsigned unit_field(struct aldb_slice word)
{
    static const struct {
        const char *stem; /* as the server writes them, without the plural's s */
        unsigned field;
    } units[] = {{"year", ALDB_IV_YEAR},     {"mon", ALDB_IV_MONTH},  {"month", ALDB_IV_MONTH},
                 {"day", ALDB_IV_DAY},       {"hour", ALDB_IV_HOUR},  {"min", ALDB_IV_MINUTE},
                 {"minute", ALDB_IV_MINUTE}, {"sec", ALDB_IV_SECOND}, {"second", ALDB_IV_SECOND}};

    if (word.len > 1 && aldb_lower(word.ptr[word.len - 1]) == 's') {
        word.len--;
    }
    for (size_t i = 0; i < ALDB_COUNT(units); i++) {
        if (aldb_slice_is(word, units[i].stem)) {
            return units[i].field;
        }
    }
    return 0;
}

/* Behind the first ':' of h:m, h:m:s or, for MINUTE TO SECOND, m:s. `first` has the sign for all. */
static bool read_clock(struct reader *r, const struct number *first)
{
    struct number second = {.negative = first->negative};
    struct number third = {.negative = first->negative};

    if (first->has_fraction || !read_whole(r, &second.whole) || second.whole > 59) {
        return false;
    }
    bool three = skip_char(r, ':');
    if (three && (!read_whole(r, &third.whole) || third.whole > 59)) {
        return false;
    }
    bool minutes = !three && r->type == SQL_INTERVAL_MINUTE_TO_SECOND;
    if ((three || minutes) && skip_char(r, '.')) {
        read_fraction(r, three ? &third : &second);
    }
    if (minutes) {
        return add_field(r, ALDB_IV_MINUTE, first) && add_field(r, ALDB_IV_SECOND, &second);
    }
    return add_field(r, ALDB_IV_HOUR, first) && add_field(r, ALDB_IV_MINUTE, &second) &&
           add_field(r, ALDB_IV_SECOND, &third);
}

/* Value without a unit: field number `nth` of the type. Before a clock it is a day whatever the type. */
static bool add_bare(struct reader *r, const struct number *n, int nth)
{
    unsigned set = aldb_interval_fields(r->type);

    skip_blanks(r);
    const char *ahead = r->p;
    while (ahead < r->end && (aldb_is_digit(*ahead) || *ahead == '+' || *ahead == '-')) {
        ahead++;
    }
    if (ahead < r->end && ahead > r->p && *ahead == ':') {
        return nth == 0 && add_field(r, ALDB_IV_DAY, n);
    }
    if (set == 0) {
        return nth == 0 && add_field(r, ALDB_IV_SECOND, n);
    }
    for (; nth > 0 && set != 0; nth--) {
        set &= set - 1;
    }
    return set != 0 && add_field(r, set & (~set + 1), n);
}

/* [@] and then any of: n unit | y-m | n | [n] h:m[:s] | ago */
static bool read_parts(struct reader *r)
{
    int bare = 0;
    bool inherited =
        false; /* sign of a leading bare part, for unsigned parts behind it: "-3 4:05:06" */
    bool any = false;

    skip_blanks(r);
    skip_char(r, '@');
    for (;;) {
        skip_blanks(r);
        if (r->p == r->end) {
            return any;
        }
        if (any && !aldb_is_space(r->p[-1])) {
            return false; /* a date, or worse: parts stand apart */
        }
        if (aldb_is_alpha(*r->p)) {
            if (!any || !aldb_slice_is(read_word(r), "ago")) {
                return false;
            }
            r->months = -r->months;
            r->days = -r->days;
            r->us = -r->us;
            skip_blanks(r);
            return r->p == r->end;
        }
        struct number n;
        if (!read_number(r, &n)) {
            return false;
        }
        any = true;
        if (!n.signed_) {
            n.negative = inherited;
        }
        if (skip_char(r, ':')) {
            if (!read_clock(r, &n)) {
                return false;
            }
            continue;
        }
        if (peek(r) == '-') {
            struct number month = {.negative = n.negative};
            r->p++;
            if (!read_whole(r, &month.whole) || month.whole > 11 ||
                !add_field(r, ALDB_IV_YEAR, &n) || !add_field(r, ALDB_IV_MONTH, &month)) {
                return false;
            }
            continue;
        }
        skip_blanks(r);
        struct reader ahead = *r;
        unsigned field = unit_field(read_word(&ahead));
        if (field != 0) {
            r->p = ahead.p;
            inherited = false;
            if (!add_field(r, field, &n)) {
                return false;
            }
        } else {
            inherited = n.negative;
            if (!add_bare(r, &n, bare++)) {
                return false;
            }
        }
    }
}

/* P[nY][nM][nW][nD][T[nH][nM][nS]], each n with its own sign. */
static bool read_iso(struct reader *r)
{
    bool time = false;
    bool any = false;

    r->p++;
    while (r->p < r->end) {
        if (!time && (skip_char(r, 'T') || skip_char(r, 't'))) {
            time = true;
            continue;
        }
        struct number n;
        if (!read_number(r, &n)) {
            return false;
        }
        unsigned field = 0;
        switch (aldb_lower(peek(r))) {
        case 'y':
            field = time ? 0 : ALDB_IV_YEAR;
            break;
        case 'm':
            field = time ? ALDB_IV_MINUTE : ALDB_IV_MONTH;
            break;
        case 'w':
            field = time || n.whole > INT32_MAX ? 0 : ALDB_IV_DAY;
            n.whole = n.whole > INT32_MAX ? 0 : n.whole * 7;
            break;
        case 'd':
            field = time ? 0 : ALDB_IV_DAY;
            break;
        case 'h':
            field = time ? ALDB_IV_HOUR : 0;
            break;
        case 's':
            field = time ? ALDB_IV_SECOND : 0;
            break;
        default:
            break;
        }
        if (!add_field(r, field, &n)) {
            return false;
        }
        r->p++;
        any = true;
    }
    return any;
}

/* Field name with an optional (precision); its place 0..5, -1 if there is none. */
static int read_field_name(struct reader *r)
{
    static const char *const names[] = {"year", "month", "day", "hour", "minute", "second"};

    skip_blanks(r);
    struct aldb_slice word = read_word(r);
    for (int i = 0; i < ALDB_IV_COUNT; i++) {
        if (!aldb_slice_is(word, names[i])) {
            continue;
        }
        skip_blanks(r);
        if (skip_char(r, '(')) {
            while (r->p < r->end &&
                   (aldb_is_digit(*r->p) || *r->p == ',' || aldb_is_space(*r->p))) {
                r->p++;
            }
            if (!skip_char(r, ')')) {
                return -1;
            }
        }
        return i;
    }
    return -1;
}

/* YEAR, DAY(3) TO SECOND(6) … up to the end. 0: none. */
static SQLSMALLINT read_qualifier(struct reader *r)
{
    int first = read_field_name(r);
    if (first < 0) {
        return 0;
    }
    int last = first;
    skip_blanks(r);
    if (r->p < r->end) {
        if (!aldb_slice_is(read_word(r), "to")) {
            return 0;
        }
        last = read_field_name(r);
    }
    skip_blanks(r);
    if (last < first || r->p != r->end) {
        return 0;
    }
    unsigned wanted = (2u << last) - (1u << first);
    for (SQLSMALLINT t = SQL_INTERVAL_YEAR; t <= SQL_INTERVAL_MINUTE_TO_SECOND; t++) {
        if (aldb_interval_fields(t) == wanted) {
            return t;
        }
    }
    return 0;
}

/* INTERVAL [+|-] '...' qualifier, with or without braces. Leaves the quoted text in *s. False: malformed. */
static bool undress(struct aldb_slice *s, SQLSMALLINT *type, bool *negative)
{
    struct aldb_slice in = *s;

    if (in.len >= 2 && in.ptr[0] == '{' && in.ptr[in.len - 1] == '}') {
        in = aldb_slice_trim(aldb_slice(in.ptr + 1, in.len - 2));
    }
    struct reader r = {.p = in.ptr, .end = in.ptr + in.len};
    if (!aldb_slice_is(read_word(&r), "interval")) {
        return in.ptr == s->ptr;
    }
    skip_blanks(&r);
    if (peek(&r) == '-' || peek(&r) == '+') {
        *negative = *r.p++ == '-';
        skip_blanks(&r);
    }
    if (!skip_char(&r, '\'')) {
        return false;
    }
    const char *close = memchr(r.p, '\'', (size_t)(r.end - r.p));
    if (close == NULL) {
        return false;
    }
    *s = aldb_slice(r.p, (size_t)(close - r.p));
    r.p = close + 1;
    *type = read_qualifier(&r);
    return *type != 0;
}

bool aldb_interval_parse(struct aldb_slice s, SQLSMALLINT c_type, struct aldb_interval *out,
                         bool *fraction_cut)
{
    bool negative = false;

    s = aldb_slice_trim(s);
    if (s.len == 0 || !undress(&s, &c_type, &negative)) {
        return false;
    }
    struct reader r = {.p = s.ptr, .end = s.ptr + s.len, .type = c_type};
    bool ok = peek(&r) == 'P' || peek(&r) == 'p' ? read_iso(&r) : read_parts(&r);
    if (!ok) {
        return false;
    }
    if (negative) {
        r.months = -r.months;
        r.days = -r.days;
        r.us = -r.us;
    }
    if (r.months < INT32_MIN || r.months > INT32_MAX || r.days < INT32_MIN || r.days > INT32_MAX ||
        r.us < INT64_MIN || r.us > INT64_MAX) {
        return false;
    }
    *out = (struct aldb_interval){(int32_t)r.months, (int32_t)r.days, (int64_t)r.us};
    if (fraction_cut != NULL) {
        *fraction_cut = r.cut;
    }
    return true;
}
