/* SPDX-License-Identifier: Apache-2.0 */
/* Is an INSERT one of a single row of markers and literals? And the same for many rows at once, whose values come as arrays. */
#include "base/alloc.h"
#include "sqltext/internal.h"

struct reader {
    struct aldb_scan sc;
    struct aldb_token t; /* the one looked at */
    const struct aldb_sql *sql;
    const struct aldb_sql_part *part;
    size_t ref;          /* the first $n at or behind it */
};

static void next(struct reader *r)
{
    r->t = aldb_scan_next(&r->sc);
    while (r->ref < r->sql->nrefs && r->sql->refs[r->ref].at < r->t.begin) {
        r->ref++;
    }
}

static bool is(const struct reader *r, const char *word)
{
    return r->t.kind == TOK_WORD && aldb_scan_is(&r->sc, r->t, word);
}

/* Steps over it. */
static bool take(struct reader *r, const char *word)
{
    bool yes = is(r, word);
    if (yes) {
        next(r);
    }
    return yes;
}

static struct aldb_sql_span span(size_t begin, size_t end)
{
    return (struct aldb_sql_span){begin, end - begin};
}

/* A name as to_regclass reads it too: U&"…" it does not. */
static bool is_name(const struct reader *r)
{
    return r->t.kind == TOK_WORD || (r->t.kind == TOK_QUOTED && r->sc.s[r->t.begin] == '"');
}

/* name[.name]… [AS alias]; *end: behind it all. */
static bool read_target(struct reader *r, struct aldb_sql_span *target, size_t *end)
{
    size_t begin = r->t.begin;
    for (;;) {
        if (!is_name(r)) {
            return false;
        }
        *end = r->t.end;
        next(r);
        if (r->t.kind != TOK_DOT) {
            break;
        }
        next(r);
    }
    *target = span(begin, *end);
    if (take(r, "as")) {
        *end = r->t.end;
        if (!is_name(r)) {
            return false;
        }
        next(r);
    }
    return true;
}

/* (name, …): columns, and no fields or elements of theirs. */
static bool read_columns(struct reader *r, size_t *end)
{
    if (r->t.kind != TOK_LPAREN) {
        return true;
    }
    do {
        next(r);
        if (r->t.kind != TOK_WORD && r->t.kind != TOK_QUOTED) {
            return false;
        }
        next(r);
    } while (r->t.kind == TOK_COMMA);
    if (r->t.kind != TOK_RPAREN) {
        return false;
    }
    *end = r->t.end;
    next(r);
    return true;
}

/* A marker, or a literal: a string, a number with or without a sign, null, true, false. */
static bool read_item(struct reader *r, struct aldb_sql_item *item)
{
    size_t begin = r->t.begin;
    *item = (struct aldb_sql_item){.param = ALDB_SQL_NO_MARKER};
    if (r->t.kind == TOK_PARAM) {
        if (r->ref == r->sql->nrefs || r->sql->refs[r->ref].at != begin) {
            return false;
        }
        item->param = r->sql->refs[r->ref].param - r->part->first_param;
    } else if (r->t.kind == TOK_OTHER && (r->sc.s[begin] == '-' || r->sc.s[begin] == '+')) {
        next(r);
        if (r->t.kind != TOK_NUMBER) {
            return false;
        }
    } else if (r->t.kind != TOK_STRING && r->t.kind != TOK_DOLLAR && r->t.kind != TOK_NUMBER && !is(r, "null") && !is(r, "true") && !is(r, "false")) {
        return false;
    }
    item->text = span(begin, r->t.end);
    next(r);
    return r->t.kind == TOK_COMMA || r->t.kind == TOK_RPAREN;
}

static enum aldb_rc read_items(struct reader *r, struct aldb_sql_row *out)
{
    size_t room = 0;
    out->nitems = 0;
    out->items = NULL;
    if (r->t.kind != TOK_LPAREN) {
        return ALDB_NO_DATA;
    }
    do {
        if (out->nitems == room) {
            room = room ? 2 * room : 16;
            struct aldb_sql_item *more = aldb_realloc_array(out->items, room, sizeof *more);
            if (more == NULL) {
                return ALDB_ERR;
            }
            out->items = more;
        }
        next(r);
        if (!read_item(r, &out->items[out->nitems])) {
            return ALDB_NO_DATA;
        }
        out->nitems++;
    } while (r->t.kind == TOK_COMMA);
    next(r);
    return ALDB_OK;
}

/* Nothing, or ON CONFLICT … DO NOTHING without markers. */
static bool read_tail(struct reader *r, struct aldb_sql_span *tail)
{
    size_t begin = r->t.begin, end = begin;
    bool do_nothing = false;
    *tail = span(begin, begin);
    if (r->t.kind == TOK_END) {
        return true;
    }
    if (!take(r, "on") || !take(r, "conflict")) {
        return false;
    }
    for (; r->t.kind != TOK_END; next(r)) {
        if (r->t.kind == TOK_BAD || r->t.kind == TOK_PARAM || do_nothing) {
            return false; /* RETURNING, too */
        }
        end = r->t.end;
        if (is(r, "do")) {
            next(r);
            end = r->t.end;
            do_nothing = is(r, "nothing");
            if (!do_nothing) {
                return false;
            }
        }
    }
    *tail = span(begin, end);
    return do_nothing;
}

enum aldb_rc aldb_sql_read_row(const struct aldb_sql *sql, size_t part, struct aldb_sql_row *out)
{
    const struct aldb_sql_part *p = &sql->parts[part];
    struct reader r = {.sc = {sql->text.data, p->begin, p->end, sql->standard_conforming_strings, NULL}, .sql = sql, .part = p};
    size_t end;
    *out = (struct aldb_sql_row){0};
    if (p->cls != ALDB_SQL_INSERT || p->returning || p->nparams == 0) {
        return ALDB_NO_DATA;
    }
    next(&r);
    size_t begin = r.t.begin;
    if (!take(&r, "insert") || !take(&r, "into") || !read_target(&r, &out->target, &end) || !read_columns(&r, &end) || !take(&r, "values")) {
        return ALDB_NO_DATA;
    }
    out->head = span(begin, end);
    enum aldb_rc rc = read_items(&r, out);
    rc = rc == ALDB_OK && !read_tail(&r, &out->tail) ? ALDB_NO_DATA : rc;
    if (rc != ALDB_OK) {
        aldb_sql_row_clear(out);
    }
    return rc;
}

void aldb_sql_row_clear(struct aldb_sql_row *row)
{
    aldb_free(row->items);
    *row = (struct aldb_sql_row){0};
}

/* Functions that return sets go on together in a list, in order and without a store of their own, as they would have behind FROM. */
void aldb_sql_write_rows(const struct aldb_sql *sql, const struct aldb_sql_row *row, struct aldb_buf *out)
{
    const char *text = sql->text.data;
    aldb_buf_add(out, text + row->head.at, row->head.len);
    for (size_t i = 0; i < row->nitems; i++) {
        const struct aldb_sql_item *item = &row->items[i];
        aldb_buf_add_str(out, i ? ", " : " SELECT ");
        if (item->param != ALDB_SQL_NO_MARKER) {
            aldb_buf_addf(out, "pg_catalog.unnest($%u)", item->param + 1);
        } else {
            aldb_buf_add(out, text + item->text.at, item->text.len);
        }
    }
    aldb_buf_add_char(out, ' ');
    aldb_buf_add(out, text + row->tail.at, row->tail.len);
}
