/* SPDX-License-Identifier: Apache-2.0 */
/* Markers whose type the text itself settles: what becomes a column's value as it is, and what is cast. */
#include "base/alloc.h"
#include "sqltext/scan.h"
#include "sqltext/sqltext.h"

/* Lists at the statement's own level whose bare items become values of columns. */
enum list { LIST_NONE, LIST_VALUES, LIST_SELECT, LIST_SET };

struct reader {
    struct aldb_scan sc;
    struct aldb_token before, last; /* the two tokens in front */
    size_t depth;
    bool inserts;      /* INSERT was read: VALUES and SELECT behind it give columns */
    enum list list;
    unsigned equals;   /* in SET, since the last comma at the statement's level */
    bool row;          /* in SET: the parenthesis that is open stands behind '=' */
};

static bool is(const struct reader *r, struct aldb_token t, const char *word)
{
    return aldb_scan_is(&r->sc, t, word);
}

static bool is_any(const struct reader *r, struct aldb_token t, const char *const *words)
{
    for (; *words != NULL; words++) {
        if (is(r, t, *words)) {
            return true;
        }
    }
    return false;
}

static void word(struct reader *r, struct aldb_token t)
{
    static const char *const ends[] = {"from", "where", "returning", "on", "when", "union", "intersect", "except", "order", "limit", NULL};

    if (is(r, t, "insert")) {
        r->inserts = true;
        r->list = LIST_NONE;
    } else if (is(r, t, "set")) {
        r->list = LIST_SET;
        r->equals = 0;
    } else if (r->inserts && r->list == LIST_NONE && is(r, t, "values")) {
        r->list = LIST_VALUES;
    } else if (r->inserts && r->list == LIST_NONE && is(r, t, "select")) {
        r->list = LIST_SELECT;
    } else if (is_any(r, t, ends)) {
        r->inserts &= r->list == LIST_NONE;
        r->list = LIST_NONE;
    }
}

static void step(struct reader *r, struct aldb_token t)
{
    switch (t.kind) {
    case TOK_LPAREN:
    case TOK_LBRACKET:
        r->row = r->depth == 0 && r->list == LIST_SET && r->last.kind == TOK_EQUALS && r->equals == 1;
        r->depth++;
        break;
    case TOK_RPAREN:
    case TOK_RBRACKET:
        r->depth -= r->depth > 0;
        break;
    case TOK_EQUALS:
        r->equals += r->depth == 0;
        break;
    case TOK_COMMA:
        r->equals = r->depth == 0 ? 0 : r->equals;
        break;
    case TOK_WORD:
        if (r->depth == 0) {
            word(r, t);
        }
        break;
    default:
        break;
    }
    r->before = r->last;
    r->last = t;
}

static bool is_double_colon(const struct reader *r, struct aldb_token t)
{
    return t.kind == TOK_OTHER && r->sc.s[t.begin] == ':' && t.begin + 1 < r->sc.end && r->sc.s[t.begin + 1] == ':';
}

/* Is the marker, between the tokens that r->last and `next` are, all of an item? */
static bool settled(const struct reader *r, struct aldb_token next)
{
    static const char *const behind_set[] = {"from", "where", "returning", "when", NULL};
    static const char *const behind_select[] = {"from", "where", "returning", "on", "union", "limit", NULL};
    bool cast = r->last.kind == TOK_LPAREN && is(r, r->before, "cast") && is(r, next, "as");
    bool item_begins = r->last.kind == TOK_COMMA || r->last.kind == TOK_LPAREN;
    bool item_ends = next.kind == TOK_COMMA || next.kind == TOK_RPAREN;

    if (cast || is_double_colon(r, next)) {
        return true;
    }
    switch (r->list) {
    case LIST_VALUES:
        return r->depth == 1 && item_begins && item_ends;
    case LIST_SET:
        if (r->depth == 1) {
            return r->row && item_begins && item_ends;
        }
        return r->depth == 0 && r->last.kind == TOK_EQUALS && r->equals == 1 &&
               (next.kind == TOK_COMMA || next.kind == TOK_END || is_any(r, next, behind_set));
    case LIST_SELECT:
        return r->depth == 0 && (r->last.kind == TOK_COMMA || is(r, r->last, "select")) &&
               (next.kind == TOK_COMMA || next.kind == TOK_END || is_any(r, next, behind_select));
    default:
        return false;
    }
}

static void read_part(const struct aldb_sql *sql, const struct aldb_sql_part *p, bool *out)
{
    struct reader r = {.sc = {sql->text.data, p->begin, p->end, sql->standard_conforming_strings, NULL}};
    size_t ref = 0;

    while (ref < sql->nrefs && sql->refs[ref].at < p->begin) {
        ref++;
    }
    for (;;) {
        struct aldb_token t = aldb_scan_next(&r.sc);
        if (t.kind == TOK_END || t.kind == TOK_BAD) {
            return;
        }
        while (ref < sql->nrefs && sql->refs[ref].at < t.begin) {
            ref++;
        }
        if (t.kind == TOK_PARAM && ref < sql->nrefs && sql->refs[ref].at == t.begin) {
            out[sql->refs[ref].param] &= settled(&r, aldb_scan_peek(&r.sc));
        }
        step(&r, t);
    }
}

const bool *aldb_sql_settled(struct aldb_sql *sql)
{
    if (sql->settled == NULL && sql->nparams > 0) {
        sql->settled = aldb_alloc_array(sql->nparams, sizeof *sql->settled);
        for (uint32_t i = 0; sql->settled != NULL && i < sql->nparams; i++) {
            sql->settled[i] = true;
        }
        for (size_t i = 0; sql->settled != NULL && i < sql->nparts; i++) {
            read_part(sql, &sql->parts[i], sql->settled);
        }
    }
    return sql->settled;
}
