/* SPDX-License-Identifier: Apache-2.0 */
/* {d} {t} {ts} {guid} {interval}: literals, checked for their form. Whether a date exists is the server's to say. */
#include "sqltext/internal.h"

/* PostgreSQL keeps microseconds and would round what is finer, 23:59:59.9999999 up into the next day. */
#define FRACTION_DIGITS 6

static bool digits(struct aldb_slice *s, size_t min, size_t max)
{
    size_t n = 0;
    while (n < s->len && aldb_is_digit(s->ptr[n])) {
        n++;
    }
    s->ptr += n;
    s->len -= n;
    return n >= min && n <= max;
}

static bool take(struct aldb_slice *s, char c)
{
    if (s->len == 0 || s->ptr[0] != c) {
        return false;
    }
    s->ptr++;
    s->len--;
    return true;
}

static bool date(struct aldb_slice *s)
{
    return digits(s, 4, 6) && take(s, '-') && digits(s, 1, 2) && take(s, '-') && digits(s, 1, 2);
}

static bool clock_time(struct aldb_slice *s)
{
    if (!digits(s, 1, 2) || !take(s, ':') || !digits(s, 1, 2)) {
        return false;
    }
    if (take(s, ':')) {
        if (!digits(s, 1, 2)) {
            return false;
        }
        if (take(s, '.')) {
            return digits(s, 0, SIZE_MAX);
        }
    }
    return true;
}

static bool timestamp(struct aldb_slice *s)
{
    if (!date(s)) {
        return false;
    }
    if (s->len == 0) {
        return true; /* outside ODBC's grammar, but clear */
    }
    bool gap = false;
    while (take(s, ' ')) {
        gap = true;
    }
    return gap && clock_time(s);
}

/* The one plain string that an escape holds, without its quotes and the blanks around; posts an error when there is something else. */
static enum aldb_rc content(struct aldb_translation *tr, struct aldb_scan *sc, size_t open, const char *form, struct aldb_slice *out)
{
    struct aldb_token t = aldb_scan_next(sc);
    if (t.kind == TOK_BAD) {
        return aldb_translate_bad(tr, sc, t);
    }
    if (t.kind != TOK_STRING || sc->s[t.begin] != '\'') {
        return aldb_diag_post(tr->diag, ALDB_ST_42000, "Character %zu: this escape sequence takes a literal: %s",
                              aldb_source_character(tr, t.kind == TOK_END ? open : t.begin), form);
    }
    *out = aldb_slice_trim(aldb_slice(sc->s + t.begin + 1, t.end - t.begin - 2));
    return ALDB_OK;
}

/* Cuts a fraction to `keep` digits; says so when that loses something. */
static struct aldb_slice cut_fraction(struct aldb_translation *tr, struct aldb_slice s, size_t keep, size_t open)
{
    const char *dot = s.len > 0 ? memchr(s.ptr, '.', s.len) : NULL;
    if (dot == NULL || (size_t)(s.ptr + s.len - dot) <= keep + 1) {
        return s;
    }
    const char *from = dot + 1 + keep;
    for (const char *p = from; p < s.ptr + s.len; p++) {
        if (*p != '0') {
            (void)aldb_diag_post(tr->diag, ALDB_ST_01S07, "The fraction of a second in the literal at character %zu was cut to %zu digits",
                                 aldb_source_character(tr, open), keep);
            tr->info = true;
            break;
        }
    }
    return aldb_slice(s.ptr, (size_t)((keep == 0 ? dot : from) - s.ptr));
}

static enum aldb_rc datetime(struct aldb_translation *tr, struct aldb_scan *sc, size_t open, const char *type, const char *form,
                             bool (*matches)(struct aldb_slice *))
{
    enum aldb_rc rc = ALDB_OK;
    struct aldb_slice s;
    ALDB_TRY(content(tr, sc, open, form, &s));
    struct aldb_slice rest = s;
    if (!matches(&rest) || rest.len > 0) {
        return aldb_diag_post(tr->diag, ALDB_ST_22007, "The literal at character %zu is not of the form %s", aldb_source_character(tr, open), form);
    }
    s = cut_fraction(tr, s, FRACTION_DIGITS, open);
    aldb_emit_gap(tr, type[0], open);
    aldb_emit_str(tr, type, open);
    aldb_emit_str(tr, " '", open);
    aldb_emit_text(tr, s.ptr, s.len, open);
    aldb_emit_str(tr, "'", open);
    rc = aldb_escape_close(tr, sc, open);
out:
    return rc;
}

enum aldb_rc aldb_escape_date(struct aldb_translation *tr, struct aldb_scan *sc, size_t open)
{
    return datetime(tr, sc, open, "pg_catalog.date", "{d 'yyyy-mm-dd'}", date);
}

enum aldb_rc aldb_escape_time(struct aldb_translation *tr, struct aldb_scan *sc, size_t open)
{
    return datetime(tr, sc, open, "time", "{t 'hh:mm:ss'}", clock_time);
}

enum aldb_rc aldb_escape_timestamp(struct aldb_translation *tr, struct aldb_scan *sc, size_t open)
{
    return datetime(tr, sc, open, "timestamp", "{ts 'yyyy-mm-dd hh:mm:ss[.f…]'}", timestamp);
}

enum aldb_rc aldb_escape_guid(struct aldb_translation *tr, struct aldb_scan *sc, size_t open)
{
    static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    enum aldb_rc rc = ALDB_OK;
    struct aldb_slice s;
    ALDB_TRY(content(tr, sc, open, "{guid 'xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx'}", &s));
    bool good = s.len == sizeof form - 1;
    for (size_t i = 0; good && i < s.len; i++) {
        char c = aldb_lower(s.ptr[i]);
        good = form[i] == '-' ? c == '-' : aldb_is_digit(c) || (c >= 'a' && c <= 'f');
    }
    if (!good) {
        return aldb_diag_post(tr->diag, ALDB_ST_22018, "The literal at character %zu is not of the form {guid '%s'} with hexadecimal digits",
                              aldb_source_character(tr, open), form);
    }
    aldb_emit_gap(tr, '\'', open);
    aldb_emit_str(tr, "'", open);
    aldb_emit_text(tr, s.ptr, s.len, open);
    aldb_emit_str(tr, "'::pg_catalog.uuid", open);
    rc = aldb_escape_close(tr, sc, open);
out:
    return rc;
}

/* Interval fields in falling order. `limit`: a field behind the leading one stays below it. */
static const struct field {
    const char *word;
    const char *unit;
    char before; /* separates it from the field before */
    unsigned char limit;
} FIELDS[] = {
    {"year", "years", 0, 0},     {"month", "months", '-', 12},   {"day", "days", 0, 0},
    {"hour", "hours", ' ', 24},  {"minute", "minutes", ':', 60}, {"second", "seconds", ':', 60},
};
enum { YEAR, MONTH, DAY, HOUR, MINUTE, SECOND, NO_FIELD };

struct qualifier {
    unsigned first, last;
    unsigned leading;  /* precision as written, 0 = none */
    bool has_fraction; /* a precision of the seconds' fraction was written */
    unsigned fraction;
};

static enum aldb_rc syntax(struct aldb_translation *tr, size_t open, size_t at)
{
    return aldb_diag_post(tr->diag, ALDB_ST_42000,
                          "Character %zu: the interval that begins at character %zu should read {interval [+|-] 'value' field[(precision)] [TO field]}",
                          aldb_source_character(tr, at), aldb_source_character(tr, open));
}

static unsigned field(const struct aldb_scan *sc, struct aldb_token t)
{
    unsigned f = 0;
    while (f < NO_FIELD && !aldb_scan_is(sc, t, FIELDS[f].word)) {
        f++;
    }
    return f;
}

static bool precision(struct aldb_scan *sc, unsigned *out)
{
    struct aldb_token t = aldb_scan_next(sc);
    uint64_t v = 0;
    bool good = t.kind == TOK_NUMBER && aldb_parse_u64(aldb_scan_slice(sc, t), &v) && v <= 99;
    *out = (unsigned)v;
    return good;
}

/* (leading), (leading, fraction) for SECOND alone, (fraction) for SECOND as the last of two. */
static bool precisions(struct aldb_scan *sc, struct qualifier *q, bool second_of_two)
{
    if (aldb_scan_peek(sc).kind != TOK_LPAREN) {
        return true;
    }
    (void)aldb_scan_next(sc);
    unsigned first = 0;
    if (!precision(sc, &first)) {
        return false;
    }
    if (second_of_two) {
        q->has_fraction = true;
        q->fraction = first;
        return q->last == SECOND && aldb_scan_next(sc).kind == TOK_RPAREN;
    }
    q->leading = first;
    struct aldb_token t = aldb_scan_next(sc);
    if (t.kind == TOK_COMMA && q->first == SECOND) {
        q->has_fraction = true;
        if (!precision(sc, &q->fraction)) {
            return false;
        }
        t = aldb_scan_next(sc);
    }
    return t.kind == TOK_RPAREN && first > 0;
}

/* sc stands behind the string. */
static bool qualifier(struct aldb_scan *sc, struct qualifier *q)
{
    *q = (struct qualifier){0};
    q->first = q->last = field(sc, aldb_scan_next(sc));
    if (q->first == NO_FIELD || !precisions(sc, q, false)) {
        return false;
    }
    if (aldb_scan_is(sc, aldb_scan_peek(sc), "to")) {
        (void)aldb_scan_next(sc);
        q->last = field(sc, aldb_scan_next(sc));
        bool pair = q->last != NO_FIELD && q->last > q->first && (q->first < DAY) == (q->last < DAY);
        return pair && precisions(sc, q, true);
    }
    return true;
}

struct value {
    bool negative;
    struct aldb_slice number[NO_FIELD]; /* digits; the seconds with their fraction */
};

/* Reads the fields first..last out of `s`. ALDB_ST_NONE, or what is wrong. */
static enum aldb_state value(struct aldb_slice s, const struct qualifier *q, struct value *v)
{
    for (unsigned f = q->first; f <= q->last; f++) {
        if (f > q->first) {
            if (!take(&s, FIELDS[f].before)) {
                return ALDB_ST_22007;
            }
            while (FIELDS[f].before == ' ' && take(&s, ' ')) {
                continue;
            }
        }
        struct aldb_slice begin = s;
        if (!digits(&s, 1, 10)) {
            return ALDB_ST_22007;
        }
        size_t n = begin.len - s.len;
        if (f == q->first) {
            if (q->leading > 0 && n > q->leading) {
                return ALDB_ST_22015;
            }
        } else {
            uint64_t number = 0;
            if (!aldb_parse_u64(aldb_slice(begin.ptr, n), &number) || number >= FIELDS[f].limit) {
                return ALDB_ST_22015;
            }
        }
        if (f == SECOND && take(&s, '.') && !digits(&s, 0, SIZE_MAX)) {
            return ALDB_ST_22007;
        }
        v->number[f] = aldb_slice(begin.ptr, begin.len - s.len);
    }
    return s.len == 0 ? ALDB_ST_NONE : ALDB_ST_22007;
}

static void emit_qualifier(struct aldb_translation *tr, const struct qualifier *q, size_t open)
{
    aldb_emit_str(tr, FIELDS[q->first].word, open);
    if (q->last != q->first) {
        aldb_emit_str(tr, " to ", open);
        aldb_emit_str(tr, FIELDS[q->last].word, open);
    }
}

/*
 * PostgreSQL knows no leading precision, refuses minutes above 59 before seconds and lets a minus count for the first field only; unit words,
 * each with its sign, avoid all three. The qualifier stays: it makes the type that the application sees.
 */
static void emit_interval(struct aldb_translation *tr, const struct qualifier *q, const struct value *v, size_t open)
{
    unsigned keep = q->has_fraction && q->fraction < FRACTION_DIGITS ? q->fraction : FRACTION_DIGITS;
    aldb_emit_gap(tr, 'i', open);
    aldb_emit_str(tr, "interval '", open);
    for (unsigned f = q->first; f <= q->last; f++) {
        struct aldb_slice n = f == SECOND ? cut_fraction(tr, v->number[f], keep, open) : v->number[f];
        aldb_emit_str(tr, f > q->first ? " " : "", open);
        aldb_emit_str(tr, v->negative ? "-" : "", open);
        aldb_emit_text(tr, n.ptr, n.len, open);
        aldb_emit_str(tr, " ", open);
        aldb_emit_str(tr, FIELDS[f].unit, open);
    }
    aldb_emit_str(tr, "' ", open);
    emit_qualifier(tr, q, open);
    if (q->has_fraction) {
        char text[] = {'(', (char)('0' + keep), ')'};
        aldb_emit_text(tr, text, sizeof text, open);
    }
}

/* As PostgreSQL writes an interval ("3 years -00:00:01"): words and signs of its own, which a column of those fields may hold although ODBC cannot say it. */
static bool in_words(struct aldb_slice s)
{
    bool words = aldb_slice_is(s, "infinity") || aldb_slice_is(s, "-infinity"); /* since PostgreSQL 17, in a column of any fields */
    if (words) {
        return true;
    }
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        char before = i > 0 ? s.ptr[i - 1] : '\0';
        words |= aldb_is_alpha(c);
        if (aldb_is_alpha(c) ? before != ' ' && !aldb_is_alpha(before) : !aldb_is_digit(c) && strchr(" .:+-", c) == NULL) {
            return false;
        }
    }
    return words;
}

/* The server judges it. */
static void emit_words(struct aldb_translation *tr, const struct qualifier *q, struct aldb_slice s, size_t open)
{
    aldb_emit_gap(tr, 'i', open);
    aldb_emit_str(tr, "interval '", open);
    aldb_emit_text(tr, s.ptr, s.len, open);
    aldb_emit_str(tr, "' ", open);
    emit_qualifier(tr, q, open);
}

enum aldb_rc aldb_escape_interval(struct aldb_translation *tr, struct aldb_scan *sc, size_t open)
{
    enum aldb_rc rc = ALDB_OK;
    struct aldb_slice s;
    struct qualifier q;
    struct value v = {0};
    struct aldb_token sign = aldb_scan_peek(sc);
    if (sign.kind == TOK_OTHER && (sc->s[sign.begin] == '-' || sc->s[sign.begin] == '+')) {
        (void)aldb_scan_next(sc);
        v.negative = sc->s[sign.begin] == '-';
    }
    ALDB_TRY(content(tr, sc, open, "{interval [+|-] 'value' field[(precision)] [TO field]}", &s));
    struct aldb_slice whole = s;
    if (take(&s, '-')) {
        v.negative = !v.negative;
    } else {
        (void)take(&s, '+');
    }
    size_t at = sc->pos;
    if (!qualifier(sc, &q)) {
        return syntax(tr, open, at);
    }
    enum aldb_state st = value(s, &q, &v);
    if (st == ALDB_ST_22007 && sign.kind != TOK_OTHER && in_words(whole)) {
        emit_words(tr, &q, whole, open);
        rc = aldb_escape_close(tr, sc, open);
        goto out;
    }
    if (st == ALDB_ST_22015) {
        return aldb_diag_post(tr->diag, st,
                              "The interval at character %zu has a field out of range: one with more digits than its precision, or a month, hour, "
                              "minute or second behind a larger field that should have been carried over",
                              aldb_source_character(tr, open));
    }
    if (st != ALDB_ST_NONE) {
        return aldb_diag_post(tr->diag, st, "The value of the interval at character %zu does not have the fields its qualifier names, such as "
                                            "'3-04' year to month or '5 10:30:00.5' day to second",
                              aldb_source_character(tr, open));
    }
    emit_interval(tr, &q, &v, open);
    rc = aldb_escape_close(tr, sc, open);
out:
    return rc;
}
