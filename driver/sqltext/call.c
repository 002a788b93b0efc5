/* SPDX-License-Identifier: Apache-2.0 */
/* The arguments of a call, whether it was written {call name(…)} or CALL name(…): reading them, and writing the call otherwise. */
#include <string.h>

#include "base/alloc.h"
#include "sqltext/internal.h"

struct reader {
    const struct aldb_sql *sql;
    struct aldb_scan sc;
    size_t ref; /* the first $n at or behind the token */
    struct aldb_sql_routine *out;
    size_t room;
};

/* The ordinal of the marker that this token is; ALDB_SQL_NO_MARKER where it is none of the application's. */
static uint32_t marker_at(struct reader *r, struct aldb_token t)
{
    const struct aldb_sql *sql = r->sql;
    while (r->ref < sql->nrefs && sql->refs[r->ref].at < t.begin) {
        r->ref++;
    }
    bool ours = t.kind == TOK_PARAM && r->ref < sql->nrefs && sql->refs[r->ref].at == t.begin;
    return ours ? sql->refs[r->ref].param : ALDB_SQL_NO_MARKER;
}

/* Is the token before the scanner's position a name that `=>` or `:=` follows? The scanner then stands behind these. */
static bool takes_name(struct aldb_scan *sc, struct aldb_token t)
{
    struct aldb_scan ahead = *sc;
    struct aldb_token first = aldb_scan_next(&ahead);
    struct aldb_token second = aldb_scan_next(&ahead);
    bool arrow = first.kind == TOK_EQUALS && second.kind == TOK_OTHER && sc->s[second.begin] == '>';
    bool assigns = first.kind == TOK_OTHER && sc->s[first.begin] == ':' && second.kind == TOK_EQUALS;
    if ((t.kind != TOK_WORD && t.kind != TOK_QUOTED) || first.end != second.begin || (!arrow && !assigns)) {
        return false;
    }
    *sc = ahead;
    return true;
}

static struct aldb_sql_arg *add(struct reader *r)
{
    struct aldb_sql_routine *out = r->out;
    if (out->nargs == r->room) {
        size_t room = r->room ? r->room * 2 : 8;
        struct aldb_sql_arg *args = aldb_realloc_array(out->args, room, sizeof *args);
        if (args == NULL) {
            return NULL;
        }
        out->args = args;
        r->room = room;
    }
    return &out->args[out->nargs++];
}

/* name [. name]… and the parenthesis behind it. */
static bool read_name(struct reader *r)
{
    struct aldb_token t = aldb_scan_next(&r->sc);
    size_t begin = t.begin;
    for (;;) {
        if (t.kind != TOK_WORD && t.kind != TOK_QUOTED) {
            return false;
        }
        r->out->name = (struct aldb_sql_span){begin, t.end - begin};
        t = aldb_scan_next(&r->sc);
        if (t.kind != TOK_DOT) {
            break;
        }
        t = aldb_scan_next(&r->sc);
    }
    r->out->open = t.end;
    return t.kind == TOK_LPAREN;
}

/* One argument, from its first token `t` on. Returns the token that ended it: a comma or the last parenthesis. */
static struct aldb_token read_arg(struct reader *r, struct aldb_token t, struct aldb_sql_arg *arg)
{
    size_t depth = 0;
    bool several = false;
    arg->begin = arg->end = arg->value = t.begin;
    if (aldb_scan_is(&r->sc, t, "variadic")) {
        arg->end = t.end;
        t = aldb_scan_next(&r->sc);
        arg->value = t.begin;
    }
    if (takes_name(&r->sc, t)) {
        arg->name = (struct aldb_sql_span){t.begin, t.end - t.begin};
        arg->end = r->sc.pos;
        t = aldb_scan_next(&r->sc);
    }
    for (;;) {
        bool ends = t.kind == TOK_END || t.kind == TOK_BAD || (depth == 0 && (t.kind == TOK_COMMA || t.kind == TOK_RPAREN));
        if (ends) {
            arg->marker = several ? ALDB_SQL_NO_MARKER : arg->marker;
            return t;
        }
        uint32_t marker = marker_at(r, t);
        if (marker != ALDB_SQL_NO_MARKER) {
            several |= arg->marker != ALDB_SQL_NO_MARKER && arg->marker != marker;
            arg->marker = marker;
        }
        depth += t.kind == TOK_LPAREN || t.kind == TOK_LBRACKET;
        depth -= depth > 0 && (t.kind == TOK_RPAREN || t.kind == TOK_RBRACKET);
        arg->end = t.end;
        t = aldb_scan_next(&r->sc);
    }
}

static enum aldb_rc read_args(struct reader *r)
{
    struct aldb_token t = aldb_scan_next(&r->sc);
    size_t comma = SIZE_MAX;
    while (t.kind != TOK_RPAREN) {
        struct aldb_sql_arg *arg = add(r);
        if (arg == NULL) {
            return ALDB_ERR;
        }
        *arg = (struct aldb_sql_arg){.comma = comma, .marker = ALDB_SQL_NO_MARKER};
        t = read_arg(r, t, arg);
        if (t.kind == TOK_END || t.kind == TOK_BAD) {
            return ALDB_NO_DATA;
        }
        comma = t.begin;
        if (t.kind == TOK_COMMA) {
            t = aldb_scan_next(&r->sc);
        }
    }
    r->out->close = t.begin;
    return ALDB_OK;
}

enum aldb_rc aldb_sql_read_call(const struct aldb_sql *sql, size_t part, struct aldb_sql_routine *out)
{
    const struct aldb_sql_part *p = &sql->parts[part];
    bool escape = p->call != ALDB_CALL_NONE;
    *out = (struct aldb_sql_routine){0};
    if (p->cls != ALDB_SQL_CALL) {
        return ALDB_NO_DATA;
    }
    struct reader r = {
        .sql = sql,
        .sc = {sql->text.data, escape ? p->call_name.at : p->begin, p->end, sql->standard_conforming_strings, NULL},
        .out = out,
    };
    bool reads = escape || aldb_scan_is(&r.sc, aldb_scan_next(&r.sc), "call");
    enum aldb_rc rc = reads && read_name(&r) ? read_args(&r) : ALDB_NO_DATA;
    if (rc != ALDB_OK) {
        aldb_sql_routine_clear(out);
    }
    out->begin = p->begin;
    return rc;
}

void aldb_sql_routine_clear(struct aldb_sql_routine *r)
{
    aldb_free(r->args);
    aldb_free(r->original);
    *r = (struct aldb_sql_routine){0};
}

struct aldb_slice aldb_sql_all_args(const struct aldb_sql *sql, const struct aldb_sql_routine *r)
{
    return aldb_slice(r->original ? r->original : sql->text.data + r->open, r->close - r->open);
}

struct aldb_slice aldb_sql_arg_name(const struct aldb_sql *sql, const struct aldb_sql_routine *r, const struct aldb_sql_arg *a)
{
    return a->name.len > 0 ? aldb_slice(aldb_sql_all_args(sql, r).ptr + (a->name.at - r->open), a->name.len) : aldb_slice("", 0);
}

struct aldb_slice aldb_sql_part_text(const struct aldb_sql *sql, size_t part)
{
    const struct aldb_sql_part *p = &sql->parts[part];
    return p->named ? aldb_buf_slice(&p->named->text) : aldb_slice(sql->text.data + p->begin, p->end - p->begin);
}

/* ------------------------------------------------------------------ writing */

void aldb_sql_named_free(struct aldb_sql_named *named)
{
    if (named) {
        aldb_buf_clear(&named->text);
        aldb_free(named);
    }
}

static bool takes_given(const struct aldb_sql_arg *a)
{
    return a->given.len > 0 && a->name.len == 0 && !a->left_out;
}

/* Blanks take the place of what is left out. */
static enum aldb_rc write_args(struct aldb_sql *sql, struct aldb_sql_routine *r)
{
    char *text = sql->text.data;
    bool out = false;
    for (size_t i = 0; i < r->nargs; i++) {
        out |= r->args[i].left_out;
    }
    if (r->original == NULL && !out) {
        return ALDB_OK;
    }
    if (r->original == NULL) {
        r->original = aldb_strndup(text + r->open, r->close - r->open);
        if (r->original == NULL) {
            return ALDB_ERR;
        }
    }
    memcpy(text + r->open, r->original, r->close - r->open);
    bool any = false; /* an argument that stays, so far: a comma belongs before the next */
    for (size_t i = 0; i < r->nargs; i++) {
        const struct aldb_sql_arg *a = &r->args[i];
        if (a->comma != SIZE_MAX && (a->left_out || !any)) {
            text[a->comma] = ' ';
        }
        if (a->left_out) {
            memset(text + a->begin, ' ', a->end - a->begin);
        }
        any |= !a->left_out;
    }
    return ALDB_OK;
}

/* The text that stands in its place by now, with the names that do not fit in there. */
static enum aldb_rc write_names(const struct aldb_sql *sql, struct aldb_sql_part *p, const struct aldb_sql_routine *r)
{
    size_t count = 0;
    for (size_t i = 0; i < r->nargs; i++) {
        count += takes_given(&r->args[i]);
    }
    aldb_sql_named_free(p->named);
    p->named = count ? aldb_alloc(sizeof *p->named + count * sizeof *p->named->names) : NULL;
    if (p->named == NULL) {
        return count ? ALDB_ERR : ALDB_OK;
    }
    struct aldb_buf *b = &p->named->text;
    size_t from = p->begin;
    aldb_buf_init(b, ALDB_MAX_SQL);
    for (size_t i = 0; i < r->nargs; i++) {
        const struct aldb_sql_arg *a = &r->args[i];
        if (takes_given(a)) {
            aldb_buf_add(b, sql->text.data + from, a->value - from);
            struct aldb_sql_span *name = &p->named->names[p->named->nnames++];
            name->at = b->len;
            aldb_sql_quote_ident(b, a->given);
            aldb_buf_add_str(b, " => ");
            name->len = b->len - name->at;
            from = a->value;
        }
    }
    aldb_buf_add(b, sql->text.data + from, p->end - from);
    return aldb_buf_ok(b) ? ALDB_OK : ALDB_ERR;
}

enum aldb_rc aldb_sql_write_call(struct aldb_sql *sql, size_t part, struct aldb_sql_routine *r, enum aldb_sql_call_text text)
{
    static const char *const words[] = {
        [ALDB_CALL_TEXT_FUNCTION] = ALDB_SQL_FUNCTION_WORDS,
        [ALDB_CALL_TEXT_PROCEDURE] = "CALL ",
        [ALDB_CALL_TEXT_VALUE] = "SELECT ",
    };
    struct aldb_sql_part *p = &sql->parts[part];
    /* Types that the text settles are read from it once: while all of it stands there. */
    if ((sql->nparams > 0 && aldb_sql_settled(sql) == NULL) || write_args(sql, r) == ALDB_ERR) {
        return ALDB_ERR;
    }
    if (p->call != ALDB_CALL_NONE) {
        size_t len = strlen(words[text]);
        memcpy(sql->text.data + r->name.at - len, words[text], len);
        p->begin = text == ALDB_CALL_TEXT_FUNCTION ? r->begin : r->name.at - len;
    }
    return write_names(sql, p, r);
}
