/* SPDX-License-Identifier: Apache-2.0 */
/* Is a SELECT one of single rows of one table? And room in its text for columns of the driver's own. */
#include <string.h>

#include "sqltext/internal.h"

struct reader {
    struct aldb_scan sc;
    struct aldb_token t; /* the one looked at */
    size_t depth;
};

static void next(struct reader *r)
{
    r->t = aldb_scan_next(&r->sc);
    if (r->t.kind == TOK_LPAREN || r->t.kind == TOK_LBRACKET) {
        r->depth++;
    } else if (r->t.kind == TOK_RPAREN || r->t.kind == TOK_RBRACKET) {
        r->depth -= r->depth > 0;
    }
}

static bool is(const struct reader *r, const char *word)
{
    return r->t.kind == TOK_WORD && aldb_scan_is(&r->sc, r->t, word);
}

static bool is_any(const struct reader *r, const char *const *words)
{
    for (; *words; words++) {
        if (is(r, *words)) {
            return true;
        }
    }
    return false;
}

static struct aldb_sql_span span(size_t begin, size_t end)
{
    return (struct aldb_sql_span){begin, end - begin};
}

/* Words that end the FROM clause of a plain selection, and words that make it none. All are reserved: they are no names. */
static const char *const ends[] = {"where", "order", "limit", "offset", "fetch", "for", NULL};
static const char *const others[] = {"group", "having", "window", "union", "intersect", "except", "into", "join", "natural", "cross", "inner", "left",
                                     "right", "full", "tablesample", "lateral", NULL};

/* SELECT [ALL] list FROM */
static bool read_list(struct reader *r, struct aldb_sql_span *list)
{
    bool is_distinct = false;
    size_t begin, end;
    next(r);
    if (!is(r, "select")) {
        return false;
    }
    next(r);
    if (is(r, "all")) {
        next(r);
    }
    begin = end = r->t.begin;
    for (bool first = true;; first = false) {
        if (r->t.kind == TOK_END || r->t.kind == TOK_BAD || r->t.kind == TOK_PARAM || is(r, "over") || (first && is(r, "distinct"))) {
            return false;
        }
        if (r->depth == 0 && is(r, "from") && !is_distinct) {
            *list = span(begin, end);
            return end > begin;
        }
        if (r->depth == 0 && is_any(r, others)) {
            return false;
        }
        is_distinct = is(r, "distinct"); /* x IS DISTINCT FROM y */
        end = r->t.end;
        next(r);
    }
}

static bool is_name(const struct reader *r)
{
    return (r->t.kind == TOK_WORD && !is_any(r, ends) && !is_any(r, others)) || r->t.kind == TOK_QUOTED;
}

/* [ONLY] name[.name]… [*] [[AS] alias] */
static bool read_relation(struct reader *r, struct aldb_sql_selection *out)
{
    next(r);
    out->only = is(r, "only");
    if (out->only) {
        next(r);
    }
    size_t begin = r->t.begin;
    size_t end = begin;
    for (;;) {
        if (!is_name(r)) {
            return false;
        }
        end = r->t.end;
        next(r);
        if (r->t.kind != TOK_DOT) {
            break;
        }
        next(r);
    }
    out->relation = out->qualifier = span(begin, end);
    if (r->t.kind == TOK_OTHER && r->sc.s[r->t.begin] == '*') {
        next(r);
    }
    bool as = is(r, "as");
    if (as) {
        next(r);
    }
    out->aliased = is_name(r);
    if (out->aliased) {
        out->qualifier = span(r->t.begin, r->t.end);
        next(r);
    }
    return out->aliased || !as;
}

/* WHERE … FOR UPDATE, up to the end. */
static bool read_rest(struct reader *r)
{
    if (r->t.kind != TOK_END && !is_any(r, ends)) {
        return false; /* a second relation, a function's parenthesis, an alias with columns */
    }
    for (; r->t.kind != TOK_END; next(r)) {
        if (r->t.kind == TOK_BAD || (r->depth == 0 && is_any(r, others))) {
            return false;
        }
    }
    return true;
}

static struct aldb_scan scan_of(const struct aldb_sql *sql, size_t begin, size_t end)
{
    return (struct aldb_scan){
        .s = sql->text.data, .pos = begin, .end = end, .standard_conforming_strings = sql->standard_conforming_strings};
}

bool aldb_sql_selection(const struct aldb_sql *sql, size_t part, struct aldb_sql_selection *out)
{
    const struct aldb_sql_part *p = &sql->parts[part];
    struct reader r = {.sc = scan_of(sql, p->begin, p->end)};
    *out = (struct aldb_sql_selection){0};
    return p->cls == ALDB_SQL_SELECT && read_list(&r, &out->list) && read_relation(&r, out) && read_rest(&r);
}

/* A look at the bytes spares most statements a second scan. */
static bool mentions_current(struct aldb_slice text)
{
    static const char word[] = "current";
    size_t n = sizeof word - 1;
    for (size_t i = 0; i + n <= text.len; i++) {
        if (aldb_lower(text.ptr[i]) == 'c' && aldb_slice_is(aldb_slice(text.ptr + i, n), word)) {
            return true;
        }
    }
    return false;
}

bool aldb_sql_current_of(const struct aldb_sql *sql, size_t part, struct aldb_sql_span *name, size_t *where)
{
    const struct aldb_sql_part *p = &sql->parts[part];
    struct reader r = {.sc = scan_of(sql, p->begin, p->end)};
    if ((p->cls != ALDB_SQL_UPDATE && p->cls != ALDB_SQL_DELETE) || !mentions_current(aldb_slice(sql->text.data + p->begin, p->end - p->begin))) {
        return false;
    }
    for (;;) {
        next(&r);
        if (r.t.kind == TOK_END || r.t.kind == TOK_BAD) {
            return false;
        }
        if (r.depth > 0 || !is(&r, "where")) {
            continue;
        }
        size_t at = r.t.begin;
        next(&r);
        if (!is(&r, "current")) {
            continue;
        }
        next(&r);
        if (!is(&r, "of")) {
            continue;
        }
        next(&r);
        *name = span(r.t.begin, r.t.end);
        *where = at;
        bool named = r.t.kind == TOK_WORD || r.t.kind == TOK_QUOTED;
        next(&r);
        return named && r.t.kind == TOK_END;
    }
}

void aldb_sql_add_span(struct aldb_buf *b, const struct aldb_sql *sql, struct aldb_sql_span s)
{
    struct aldb_scan sc = scan_of(sql, s.at, s.at + s.len);
    size_t copied = s.at;
    for (struct aldb_token t = aldb_scan_next(&sc); t.kind != TOK_END && t.kind != TOK_BAD; t = aldb_scan_next(&sc)) {
        if (t.kind == TOK_MARKER || t.kind == TOK_QUESTION) {
            aldb_buf_add(b, sql->text.data + copied, t.end - copied);
            aldb_buf_add(b, sql->text.data + t.begin, t.end - t.begin);
            copied = t.end;
        } else if (t.kind == TOK_PARAM && sql->nrefs > 0) {
            aldb_buf_add(b, sql->text.data + copied, t.begin - copied);
            aldb_buf_add_char(b, '?');
            copied = t.end;
        }
    }
    aldb_buf_add(b, sql->text.data + copied, s.at + s.len - copied);
}

static size_t moved(size_t place, size_t at, size_t by, bool out)
{
    return place < at || place == SIZE_MAX ? place : out ? place - by : place + by;
}

/* Everything that knows a place behind `at`. */
static void move_places(struct aldb_sql *sql, size_t at, size_t by, bool out)
{
    sql->parts[0].end = moved(sql->parts[0].end, at, by, out);
    for (uint32_t i = 0; i < sql->nparams; i++) {
        sql->marker_at[i] = moved(sql->marker_at[i], at, by, out);
    }
    for (size_t i = 0; i < sql->nrefs; i++) {
        sql->refs[i].at = moved(sql->refs[i].at, at, by, out);
    }
    for (size_t i = 0; i < sql->nsegments; i++) {
        sql->segments[i].text = moved(sql->segments[i].text, at, by, out);
    }
}

bool aldb_sql_insert(struct aldb_sql *sql, size_t at, struct aldb_slice text)
{
    char *room = aldb_buf_reserve(&sql->text, text.len);
    if (room == NULL) {
        sql->text.failed = false;
        return false;
    }
    char *place = sql->text.data + at;
    memmove(place + text.len, place, sql->text.len - at + 1); /* and the NUL */
    memcpy(place, text.ptr, text.len);
    sql->text.len += text.len;
    move_places(sql, at, text.len, false);
    sql->inserted = (struct aldb_sql_span){at, text.len};
    return true;
}

void aldb_sql_take_out(struct aldb_sql *sql)
{
    size_t end = sql->inserted.at + sql->inserted.len;
    memmove(sql->text.data + sql->inserted.at, sql->text.data + end, sql->text.len - end + 1);
    sql->text.len -= sql->inserted.len;
    move_places(sql, end, sql->inserted.len, true);
    sql->inserted = (struct aldb_sql_span){0};
}
