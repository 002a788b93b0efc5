/* SPDX-License-Identifier: Apache-2.0 */
/* {escapes}: which one it is, argument lists, and those whose content is mostly passed on ({oj}, {escape}, {limit}, {call}). */
#include "sqltext/internal.h"

enum aldb_rc aldb_escape_open(struct aldb_translation *tr, size_t open)
{
    return aldb_diag_post(tr->diag, ALDB_ST_42000, "The escape sequence that begins at character %zu is not closed: a } is missing",
                          aldb_source_character(tr, open));
}

enum aldb_rc aldb_escape_close(struct aldb_translation *tr, struct aldb_scan *sc, size_t open)
{
    struct aldb_token t = aldb_scan_next(sc);
    switch (t.kind) {
    case TOK_RBRACE:
        return ALDB_OK;
    case TOK_BAD:
        return aldb_translate_bad(tr, sc, t);
    case TOK_END:
        return aldb_escape_open(tr, open);
    default:
        return aldb_diag_post(tr->diag, ALDB_ST_42000,
                              "Character %zu: the escape sequence that begins at character %zu should end here with a }",
                              aldb_source_character(tr, t.begin), aldb_source_character(tr, open));
    }
}

/* Without standard_conforming_strings '\' never ends, yet ODBC's {escape '\'} means the backslash. sc stands behind the word; moves on success. */
static bool lone_backslash(struct aldb_scan *sc)
{
    size_t pos = sc->pos;
    while (pos < sc->end && aldb_is_space(sc->s[pos])) {
        pos++;
    }
    if (sc->standard_conforming_strings || sc->end - pos < 3 || memcmp(sc->s + pos, "'\\'", 3) != 0) {
        return false;
    }
    size_t next = pos + 3;
    while (next < sc->end && aldb_is_space(sc->s[next])) {
        next++;
    }
    if (next == sc->end || sc->s[next] != '}') {
        return false;
    }
    sc->pos = pos + 3;
    return true;
}

struct open_arg {
    struct aldb_arg arg;
    bool brace_closed; /* a {…} that began the argument has ended, and nothing came after it */
    bool brace_first;
};

static void arg_token(struct open_arg *a, struct aldb_token t, unsigned depth, uint32_t marker)
{
    if (a->arg.ntokens++ == 0) {
        a->arg.begin = t.begin;
        a->arg.kind = t.kind;
        a->arg.first_marker = marker;
        a->brace_first = t.kind == TOK_LBRACE;
    } else {
        a->brace_closed = a->brace_first && depth == 1 && t.kind == TOK_RBRACE && !a->brace_closed;
        if (depth == 0) {
            a->brace_first = false;
        }
    }
    a->arg.end = t.end;
}

static void arg_end(struct aldb_args *out, const struct open_arg *a, size_t separator)
{
    if (out->count < ALDB_SQL_MAX_ARGS) {
        out->arg[out->count] = a->arg;
        out->arg[out->count].escape = a->brace_closed;
    }
    out->count++;
    if (a->arg.ntokens > 0) {
        if (out->hole_at != SIZE_MAX) {
            out->hole = true;
        }
        if (out->begin == SIZE_MAX) {
            out->begin = a->arg.begin;
        }
        out->end = a->arg.end;
    } else if (!out->hole) {
        out->hole_at = out->hole_at == SIZE_MAX ? separator : out->hole_at;
    }
}

enum aldb_rc aldb_escape_args(struct aldb_translation *tr, struct aldb_scan *sc, size_t open, const char *separator, struct aldb_args *out)
{
    struct open_arg a = {0};
    uint32_t marker = tr->marker;
    unsigned depth = 0;
    size_t tokens = 0;
    size_t from = sc->pos;
    if (tr->read > (uint64_t)tr->source.len * ALDB_SQL_MAX_NESTING + ALDB_SQL_READ_FREE) {
        return aldb_diag_post(tr->diag, ALDB_ST_42000,
                              "Character %zu: the arguments of nested escape sequences stand for too much text; write the innermost ones as a subquery",
                              aldb_source_character(tr, open));
    }
    *out = (struct aldb_args){.begin = SIZE_MAX, .hole_at = SIZE_MAX};
    for (;;) {
        struct aldb_token t = aldb_scan_next(sc);
        switch (t.kind) {
        case TOK_BAD:
            return aldb_translate_bad(tr, sc, t);
        case TOK_END:
            return aldb_escape_open(tr, open);
        case TOK_RPAREN:
        case TOK_RBRACKET:
        case TOK_RBRACE:
            if (depth == 0) {
                if (t.kind != TOK_RPAREN) {
                    return aldb_diag_post(tr->diag, ALDB_ST_42000,
                                          "Character %zu: the argument list inside the escape sequence that begins at character %zu is not "
                                          "closed: a ) is missing",
                                          aldb_source_character(tr, t.begin), aldb_source_character(tr, open));
                }
                if (tokens > 0) {
                    arg_end(out, &a, t.begin);
                }
                if (out->begin == SIZE_MAX) {
                    out->begin = out->end = t.begin;
                }
                out->next_marker = marker;
                tr->read += sc->pos - from;
                return ALDB_OK;
            }
            arg_token(&a, t, depth, marker);
            depth--;
            break;
        default:
            tokens++;
            if (depth == 0 && (t.kind == TOK_COMMA || (separator != NULL && aldb_scan_is(sc, t, separator)))) {
                arg_end(out, &a, t.begin);
                a = (struct open_arg){0};
                break;
            }
            arg_token(&a, t, depth, marker);
            if (t.kind == TOK_LPAREN || t.kind == TOK_LBRACKET || t.kind == TOK_LBRACE) {
                depth++;
            } else if (t.kind == TOK_MARKER) {
                marker++;
            }
            break;
        }
        if (t.kind == TOK_LBRACE) {
            /* A nested {escape '\'} must not hide the rest. */
            struct aldb_scan peek = *sc;
            if (aldb_scan_is(&peek, aldb_scan_next(&peek), "escape") && lone_backslash(&peek)) {
                sc->pos = peek.pos;
            }
        }
    }
}

enum aldb_rc aldb_emit_arg(struct aldb_translation *tr, const struct aldb_arg *arg)
{
    struct aldb_scan sc = aldb_translate_scan(tr, arg->begin, arg->end);
    tr->marker = arg->first_marker;
    return aldb_translate_range(tr, &sc, ALDB_UNTIL_END, arg->begin);
}

/* {oj …}: PostgreSQL reads SQL's outer joins as they are. */
static enum aldb_rc escape_oj(struct aldb_translation *tr, struct aldb_scan *sc, size_t open)
{
    tr->part.adds_nulls = true;
    return aldb_translate_range(tr, sc, ALDB_UNTIL_BRACE, open);
}

static enum aldb_rc escape_like(struct aldb_translation *tr, struct aldb_scan *sc, size_t open)
{
    aldb_emit_gap(tr, 'E', open);
    aldb_emit_str(tr, "ESCAPE ", open);
    if (lone_backslash(sc)) {
        aldb_emit_str(tr, "E'\\\\'", open);
        return aldb_escape_close(tr, sc, open);
    }
    return aldb_translate_range(tr, sc, ALDB_UNTIL_BRACE, open);
}

/* {limit n [offset m]} of ODBC 4. */
static enum aldb_rc escape_limit(struct aldb_translation *tr, struct aldb_scan *sc, size_t open)
{
    aldb_emit_gap(tr, 'L', open);
    aldb_emit_str(tr, "LIMIT ", open);
    return aldb_translate_range(tr, sc, ALDB_UNTIL_BRACE, open);
}

static enum aldb_rc call_name(struct aldb_translation *tr, struct aldb_scan *sc, size_t open, size_t *begin, size_t *end)
{
    struct aldb_token t = aldb_scan_next(sc);
    *begin = t.begin;
    for (;;) {
        if (t.kind == TOK_BAD) {
            return aldb_translate_bad(tr, sc, t);
        }
        if (t.kind != TOK_WORD && t.kind != TOK_QUOTED) {
            return aldb_diag_post(tr->diag, ALDB_ST_42000,
                                  "Character %zu: {call} needs the name of a procedure or function here, as in {call name(?, ?)}",
                                  aldb_source_character(tr, t.kind == TOK_END ? open : t.begin));
        }
        *end = t.end;
        if (aldb_scan_peek(sc).kind != TOK_DOT) {
            return ALDB_OK;
        }
        (void)aldb_scan_next(sc);
        t = aldb_scan_next(sc);
    }
}

/*
 * {call name[(args)]}. The text suits a function; aldb_sql_write_call makes a CALL of it. An empty argument stands for the
 * parameter's default, which PostgreSQL can take only at the end of the list.
 */
static enum aldb_rc escape_call(struct aldb_translation *tr, struct aldb_scan *sc, size_t open)
{
    enum aldb_rc rc = ALDB_OK;
    size_t begin = 0, end = 0;
    struct aldb_args args = {0};
    ALDB_TRY(call_name(tr, sc, open, &begin, &end));
    if (aldb_scan_peek(sc).kind == TOK_LPAREN) {
        (void)aldb_scan_next(sc);
        ALDB_TRY(aldb_escape_args(tr, sc, open, NULL, &args));
        if (args.hole) {
            return aldb_diag_post(tr->diag, ALDB_ST_07S01,
                                  "Character %zu: only the last arguments of a call can be left to their defaults; name those behind it, as in "
                                  "{call f(1, c => ?)}",
                                  aldb_source_character(tr, args.hole_at));
        }
    }
    aldb_emit_str(tr, ALDB_SQL_FUNCTION_WORDS, open);
    size_t text = tr->text->len;
    aldb_emit_source(tr, begin, end);
    tr->part.call_name = (struct aldb_sql_span){text, tr->text->len - text};
    aldb_emit_str(tr, "(", end);
    struct aldb_scan list = aldb_translate_scan(tr, args.begin, args.end);
    ALDB_TRY(aldb_translate_range(tr, &list, ALDB_UNTIL_END, open));
    aldb_emit_str(tr, ")", end);
    rc = aldb_escape_close(tr, sc, open);
out:
    return rc;
}

static const struct escape {
    const char *word;
    enum aldb_rc (*write)(struct aldb_translation *tr, struct aldb_scan *sc, size_t open);
} ESCAPES[] = {
    {"fn", aldb_escape_fn},         {"ts", aldb_escape_timestamp}, {"d", aldb_escape_date},
    {"t", aldb_escape_time},        {"oj", escape_oj},             {"escape", escape_like},
    {"guid", aldb_escape_guid},     {"limit", escape_limit},       {"interval", aldb_escape_interval},
};

/* {call …} and {? = call …}, which are whole statements. *known as in aldb_escape. */
static enum aldb_rc statement_escape(struct aldb_translation *tr, struct aldb_scan *sc, size_t open, bool *known)
{
    enum aldb_rc rc = ALDB_OK;
    struct aldb_scan ahead = *sc;
    struct aldb_token t = aldb_scan_next(&ahead);
    bool returns = t.kind == TOK_MARKER;
    if (returns) {
        t = aldb_scan_next(&ahead);
        if (t.kind != TOK_EQUALS) {
            return ALDB_OK;
        }
        t = aldb_scan_next(&ahead);
    }
    if (!aldb_scan_is(&ahead, t, "call")) {
        return ALDB_OK;
    }
    if (returns && (tr->marker != 0 || (tr->out != NULL && tr->out->nparts > 0))) {
        return aldb_diag_post(tr->diag, ALDB_ST_42000,
                              "Character %zu: a call with a return value must be the first statement of its text, because its ? is parameter 1",
                              aldb_source_character(tr, open));
    }
    *known = true;
    *sc = ahead;
    tr->part.call = returns ? ALDB_CALL_RETURN : ALDB_CALL_PLAIN;
    if (returns) {
        tr->marker = tr->part_marker = tr->nmarkers = 1;
    }
    tr->nesting++;
    rc = escape_call(tr, sc, open);
    tr->nesting--;
    return rc;
}

enum aldb_rc aldb_escape(struct aldb_translation *tr, struct aldb_scan *sc, size_t open, bool *known)
{
    *known = false;
    if (tr->at_start) {
        tr->at_start = false;
        enum aldb_rc rc = statement_escape(tr, sc, open, known);
        if (rc == ALDB_ERR || *known) {
            return rc;
        }
    }
    struct aldb_scan ahead = *sc;
    struct aldb_token word = aldb_scan_next(&ahead);
    if (word.kind != TOK_WORD) {
        return ALDB_OK;
    }
    for (size_t i = 0; i < ALDB_COUNT(ESCAPES); i++) {
        if (!aldb_scan_is(&ahead, word, ESCAPES[i].word)) {
            continue;
        }
        if (tr->nesting == ALDB_SQL_MAX_NESTING) {
            return aldb_diag_post(tr->diag, ALDB_ST_42000, "Character %zu: escape sequences are nested deeper than %d",
                                  aldb_source_character(tr, open), ALDB_SQL_MAX_NESTING);
        }
        *known = true;
        *sc = ahead;
        tr->nesting++;
        enum aldb_rc rc = ESCAPES[i].write(tr, sc, open);
        tr->nesting--;
        return rc;
    }
    return ALDB_OK;
}
