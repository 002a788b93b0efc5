/* SPDX-License-Identifier: Apache-2.0 */
/* Text <-> datetime fields. https://www.postgresql.org/docs/15/datatype-datetime.html#DATATYPE-DATETIME-OUTPUT */
#include "convert/datetime.h"

#include <string.h>

#define NS_PER_SECOND 1000000000

struct scan {
    const char *p;
    const char *end;
};

static bool at_end(const struct scan *s)
{
    return s->p == s->end;
}

static char peek(const struct scan *s)
{
    return at_end(s) ? '\0' : *s->p;
}

static bool skip_char(struct scan *s, char c)
{
    if (!at_end(s) && *s->p == c) {
        s->p++;
        return true;
    }
    return false;
}

static bool skip_blanks(struct scan *s)
{
    const char *start = s->p;

    while (!at_end(s) && aldb_is_space(*s->p)) {
        s->p++;
    }
    return s->p > start;
}

/* A run of `least` to `most` digits that ends where the digits end; returns its width, 0 if there is no such run. */
static int read_int(struct scan *s, int least, int most, int32_t *out)
{
    int width = 0;
    int32_t value = 0;

    while (s->p + width < s->end && aldb_is_digit(s->p[width])) {
        if (++width > most) {
            return 0;
        }
        value = value * 10 + (s->p[width - 1] - '0');
    }
    if (width < least) {
        return 0;
    }
    s->p += width;
    *out = value;
    return width;
}

/* Letters, and what else appears in zone names. */
static struct aldb_slice read_word(struct scan *s)
{
    const char *start = s->p;

    while (!at_end(s) && !aldb_is_space(*s->p)) {
        s->p++;
    }
    return aldb_slice(start, (size_t)(s->p - start));
}

/* ------------------------------------------------------------------ pieces */

static void read_fraction(struct scan *s, struct aldb_datetime *dt)
{
    int32_t unit = NS_PER_SECOND / 10;

    for (; !at_end(s) && aldb_is_digit(*s->p); s->p++) {
        int digit = *s->p - '0';
        if (unit == 0) {
            dt->fraction_cut |= digit != 0;
        }
        dt->fraction += digit * unit;
        unit /= 10;
    }
}

/* hh:mm[:ss[.f...]] */
static bool read_time(struct scan *s, struct aldb_datetime *dt)
{
    if (!read_int(s, 1, 2, &dt->hour) || !skip_char(s, ':') || !read_int(s, 2, 2, &dt->minute)) {
        return false;
    }
    if (skip_char(s, ':')) {
        if (!read_int(s, 2, 2, &dt->second)) {
            return false;
        }
        if (skip_char(s, '.')) {
            read_fraction(s, dt);
        }
    }
    dt->parts |= ALDB_HAS_TIME;
    return true;
}

/* Z, or +hh, +hhmm, +hh:mm, +hh:mm:ss. Absent is fine. */
static bool read_offset(struct scan *s, struct aldb_datetime *dt)
{
    char c = peek(s);

    if (c == 'Z' || c == 'z') {
        s->p++;
        dt->parts |= ALDB_HAS_OFFSET;
        return true;
    }
    if (c != '+' && c != '-') {
        return true;
    }
    s->p++;
    int32_t hours;
    int32_t minutes = 0;
    int32_t seconds = 0;
    int width = read_int(s, 1, 4, &hours);
    if (width == 0 || width == 3) {
        return false;
    }
    if (width == 4) {
        minutes = hours % 100;
        hours /= 100;
    } else if (skip_char(s, ':')) {
        if (!read_int(s, 2, 2, &minutes) || (skip_char(s, ':') && !read_int(s, 2, 2, &seconds))) {
            return false;
        }
    }
    if (minutes > 59 || seconds > 59) {
        return false;
    }
    dt->offset = hours * 3600 + minutes * 60 + seconds;
    if (c == '-') {
        dt->offset = -dt->offset;
    }
    dt->parts |= ALDB_HAS_OFFSET;
    return true;
}

/* Blanks, then nothing or the era. */
static bool read_era(struct scan *s, struct aldb_datetime *dt)
{
    skip_blanks(s);
    if (at_end(s)) {
        return true;
    }
    struct aldb_slice word = read_word(s);
    if (!(dt->parts & ALDB_HAS_DATE) || !at_end(s)) {
        return false;
    }
    if (aldb_slice_is(word, "bc")) {
        dt->year = 1 - dt->year;
        return true;
    }
    return aldb_slice_is(word, "ad");
}

static bool read_infinity(struct aldb_slice s, struct aldb_datetime *dt)
{
    if (aldb_slice_is(s, "infinity") || aldb_slice_is(s, "+infinity")) {
        dt->instant = ALDB_PLUS_INFINITY;
    } else if (aldb_slice_is(s, "-infinity")) {
        dt->instant = ALDB_MINUS_INFINITY;
    } else {
        return false;
    }
    dt->parts = ALDB_HAS_DATE | ALDB_HAS_TIME;
    return true;
}

/* The year 0 does not exist in any written form; the era is applied later. */
static bool read_year(struct scan *s, struct aldb_datetime *dt)
{
    if (!read_int(s, 4, 7, &dt->year) || dt->year == 0) {
        return false;
    }
    dt->parts |= ALDB_HAS_DATE;
    return true;
}

/* ------------------------------------------------------------------ ISO and ODBC literals */

/* True if the text up to the next blank holds a '-' behind its first digit: a date rather than a time. */
static bool looks_like_date(const struct scan *s)
{
    const char *p = s->p;

    while (p < s->end && aldb_is_digit(*p)) {
        p++;
    }
    return p < s->end && p > s->p && *p == '-';
}

static bool parse_iso(struct scan s, struct aldb_datetime *dt)
{
    if (looks_like_date(&s)) {
        if (!read_year(&s, dt) || !skip_char(&s, '-') || !read_int(&s, 1, 2, &dt->month) ||
            !skip_char(&s, '-') || !read_int(&s, 1, 2, &dt->day)) {
            return false;
        }
        struct scan ahead = s;
        bool separated = skip_char(&ahead, 'T') || skip_char(&ahead, 't') || skip_blanks(&ahead);
        if (separated && aldb_is_digit(peek(&ahead))) {
            s = ahead;
            if (!read_time(&s, dt)) {
                return false;
            }
        }
    } else if (!read_time(&s, dt)) {
        return false;
    }
    if (!read_offset(&s, dt)) {
        return false;
    }
    return read_era(&s, dt) && aldb_datetime_valid(dt);
}

/* {d '...'}, {t '...'}, {ts '...'}: takes off the clothing; *parts is what it promises, 0 = no clothing. False: malformed. */
static bool undress(struct aldb_slice *s, unsigned *parts)
{
    static const struct {
        const char *word;
        unsigned parts;
    } kinds[] = {{"d", ALDB_HAS_DATE}, {"t", ALDB_HAS_TIME}, {"ts", ALDB_HAS_DATE | ALDB_HAS_TIME}};

    *parts = 0;
    if (s->len == 0 || s->ptr[0] != '{') {
        return true;
    }
    if (s->ptr[s->len - 1] != '}') {
        return false;
    }
    struct aldb_slice in = aldb_slice_trim(aldb_slice(s->ptr + 1, s->len - 2));
    size_t word = 0;
    while (word < in.len && aldb_is_alpha(in.ptr[word])) {
        word++;
    }
    struct aldb_slice value = aldb_slice_trim(aldb_slice(in.ptr + word, in.len - word));
    if (value.len < 2 || value.ptr[0] != '\'' || value.ptr[value.len - 1] != '\'') {
        return false;
    }
    for (size_t i = 0; i < ALDB_COUNT(kinds); i++) {
        if (aldb_slice_is(aldb_slice(in.ptr, word), kinds[i].word)) {
            *parts = kinds[i].parts;
            *s = aldb_slice_trim(aldb_slice(value.ptr + 1, value.len - 2));
            return true;
        }
    }
    return false;
}

bool aldb_datetime_parse(struct aldb_slice s, struct aldb_datetime *out)
{
    struct aldb_datetime dt = {.instant = ALDB_FINITE};
    unsigned promised;

    s = aldb_slice_trim(s);
    if (!undress(&s, &promised) || s.len == 0) {
        return false;
    }
    if (!read_infinity(s, &dt) && !parse_iso((struct scan){s.ptr, s.ptr + s.len}, &dt)) {
        return false;
    }
    if (promised != 0 && (dt.parts & (ALDB_HAS_DATE | ALDB_HAS_TIME)) != promised) {
        return false;
    }
    *out = dt;
    return true;
}

/* ------------------------------------------------------------------ the server's other styles */

static bool read_month_name(struct scan *s, int32_t *month)
{
    static const char names[] = "janfebmaraprmayjunjulaugsepoctnovdec";
    char name[3];

    if (s->end - s->p < 3) {
        return false;
    }
    for (size_t i = 0; i < 3; i++) {
        name[i] = aldb_lower(s->p[i]);
    }
    for (int32_t m = 0; m < 12; m++) {
        if (memcmp(names + 3 * m, name, 3) == 0) {
            *month = m + 1;
            s->p += 3;
            return true;
        }
    }
    return false;
}

/* The zone, as an offset or an abbreviation of whatever characters, then the era. */
static bool read_zone_and_era(struct scan *s, struct aldb_datetime *dt, struct aldb_slice *zone)
{
    struct aldb_slice rest = aldb_slice(s->p, (size_t)(s->end - s->p));

    if (rest.len >= 3 && memcmp(rest.ptr + rest.len - 3, " BC", 3) == 0) {
        dt->year = 1 - dt->year;
        rest.len -= 3;
    }
    *zone = aldb_slice_trim(rest);
    struct scan offset = {zone->ptr, zone->ptr + zone->len};
    struct aldb_datetime read = *dt;
    char sign = peek(&offset);
    if ((sign == '+' || sign == '-') && read_offset(&offset, &read) && at_end(&offset)) {
        *dt = read;
    }
    return aldb_datetime_valid(dt);
}

/* Postgres style: "Wed Dec 17 07:37:16.5 1997 PST", with dmy "Wed 17 Dec 07:37:16.5 1997 PST". */
static bool parse_postgres(struct scan s, struct aldb_datetime *dt, struct aldb_slice *zone)
{
    read_word(&s);
    skip_blanks(&s);
    bool ok;
    if (aldb_is_digit(peek(&s))) {
        ok = read_int(&s, 1, 2, &dt->day) && skip_blanks(&s) && read_month_name(&s, &dt->month);
    } else {
        ok = read_month_name(&s, &dt->month) && skip_blanks(&s) && read_int(&s, 1, 2, &dt->day);
    }
    return ok && skip_blanks(&s) && read_time(&s, dt) && skip_blanks(&s) && read_year(&s, dt) &&
           read_zone_and_era(&s, dt, zone);
}

/* SQL "12/17/1997 07:37:16 PST", German "17.12.1997 07:37:16 PST", date alone in Postgres style "12-17-1997". */
static bool parse_short_first(struct scan s, bool dmy, struct aldb_datetime *dt,
                              struct aldb_slice *zone)
{
    int32_t first;
    int32_t second;

    if (!read_int(&s, 1, 2, &first)) {
        return false;
    }
    char separator = peek(&s);
    if (separator != '/' && separator != '.' && separator != '-') {
        return false;
    }
    s.p++;
    if (!read_int(&s, 1, 2, &second) || !skip_char(&s, separator) || !read_year(&s, dt)) {
        return false;
    }
    bool day_first = dmy || separator == '.';
    dt->day = day_first ? first : second;
    dt->month = day_first ? second : first;
    struct scan ahead = s;
    if (skip_blanks(&ahead) && aldb_is_digit(peek(&ahead))) {
        s = ahead;
        if (!read_time(&s, dt)) {
            return false;
        }
    }
    return read_zone_and_era(&s, dt, zone);
}

bool aldb_datetime_parse_styled(struct aldb_slice s, const struct aldb_locale *locale,
                                struct aldb_datetime *out, struct aldb_slice *zone)
{
    struct aldb_slice ignored;

    zone = zone != NULL ? zone : &ignored;
    *zone = aldb_slice(NULL, 0);
    if (aldb_datetime_parse(s, out)) {
        return true;
    }
    s = aldb_slice_trim(s);
    if (s.len == 0) {
        return false;
    }
    struct aldb_datetime dt = {.instant = ALDB_FINITE};
    struct scan scan = {s.ptr, s.ptr + s.len};
    bool dmy = locale != NULL && locale->dmy;
    bool ok = aldb_is_alpha(s.ptr[0]) ? parse_postgres(scan, &dt, zone)
                                      : parse_short_first(scan, dmy, &dt, zone);
    if (ok) {
        *out = dt;
    }
    return ok;
}

/* ------------------------------------------------------------------ writing */

static char *put_padded(char *p, uint32_t value, int width)
{
    char digits[20];
    int n = (int)aldb_format_u64(digits, value);

    for (int i = n; i < width; i++) {
        *p++ = '0';
    }
    memcpy(p, digits, (size_t)n);
    return p + n;
}

static char *put_two(char *p, int32_t value)
{
    aldb_put_2digits(p, (unsigned)value % 100);
    return p + 2;
}

static char *put_fraction(char *p, int32_t ns, int digits)
{
    char text[9];

    for (int i = 8; i >= 0; i--) {
        text[i] = (char)('0' + ns % 10);
        ns /= 10;
    }
    if (digits < 0) {
        digits = 9;
        while (digits > 0 && text[digits - 1] == '0') {
            digits--;
        }
    }
    if (digits == 0) {
        return p;
    }
    if (digits > 9) {
        digits = 9;
    }
    *p++ = '.';
    memcpy(p, text, (size_t)digits);
    return p + digits;
}

static char *put_offset(char *p, int32_t offset)
{
    *p++ = offset < 0 ? '-' : '+';
    if (offset < 0) {
        offset = -offset;
    }
    p = put_two(p, offset / 3600);
    if (offset % 3600 != 0) {
        *p++ = ':';
        p = put_two(p, offset / 60 % 60);
    }
    if (offset % 60 != 0) {
        *p++ = ':';
        p = put_two(p, offset % 60);
    }
    return p;
}

size_t aldb_datetime_format(const struct aldb_datetime *dt, int digits, char *buf)
{
    char *p = buf;

    if (dt->instant != ALDB_FINITE) {
        const char *text = dt->instant == ALDB_PLUS_INFINITY ? "infinity" : "-infinity";
        size_t len = strlen(text);
        memcpy(buf, text, len);
        return len;
    }
    bool bc = false;
    if (dt->parts & ALDB_HAS_DATE) {
        bc = dt->year < 1;
        p = put_padded(p, (uint32_t)(bc ? 1 - dt->year : dt->year), 4);
        *p++ = '-';
        p = put_two(p, dt->month);
        *p++ = '-';
        p = put_two(p, dt->day);
    }
    if (dt->parts & ALDB_HAS_TIME) {
        if (p > buf) {
            *p++ = ' ';
        }
        p = put_two(p, dt->hour);
        *p++ = ':';
        p = put_two(p, dt->minute);
        *p++ = ':';
        p = put_two(p, dt->second);
        p = put_fraction(p, dt->fraction, digits);
    }
    if (dt->parts & ALDB_HAS_OFFSET) {
        p = put_offset(p, dt->offset);
    }
    if (bc) {
        memcpy(p, " BC", 3);
        p += 3;
    }
    return (size_t)(p - buf);
}
