/* SPDX-License-Identifier: Apache-2.0 */
/* {fn …}: scalar functions by the templates of scalar.def. */
#include "sqltext/internal.h"

enum form { FORM_LIST, FORM_IN, FORM_FROM, FORM_ADD, FORM_DIFF, FORM_TYPE };

static const struct scalar {
    const char *name;
    char group;
    unsigned char nargs;
    unsigned char form;
    uint32_t bit;
    const char *hints;
    const char *template; /* NULL: chosen by an argument */
} SCALARS[] = {
#define ALDB_SCALAR(name, group, bit, nargs, form, hints, template) {name, group, nargs, FORM_##form, bit, hints, template},
#include "sqltext/scalar.def"
};

static const struct interval {
    const char *name;
    uint32_t bit;
    const char *add, *diff;
} INTERVALS[] = {
#define ALDB_INTERVAL(name, bit, add, diff) {name, bit, add, diff},
#include "sqltext/scalar.def"
};

static const struct convert {
    const char *type;
    const char *template;
} CONVERTS[] = {
#define ALDB_CONVERT(name, template) {name, template},
#include "sqltext/scalar.def"
};

uint32_t aldb_sql_scalar_mask(char which)
{
    uint32_t mask = 0;
    for (size_t i = 0; i < ALDB_COUNT(SCALARS); i++) {
        mask |= SCALARS[i].group == which ? SCALARS[i].bit : 0;
    }
    for (size_t i = 0; which == 'I' && i < ALDB_COUNT(INTERVALS); i++) {
        mask |= INTERVALS[i].bit;
    }
    return mask;
}

/* The first row of that name; rows of one name are neighbours. */
static const struct scalar *find(struct aldb_slice name)
{
    for (size_t i = 0; i < ALDB_COUNT(SCALARS); i++) {
        if (aldb_slice_is(name, SCALARS[i].name)) {
            return &SCALARS[i];
        }
    }
    return NULL;
}

static const struct scalar *with_args(const struct scalar *row, size_t nargs)
{
    const struct scalar *end = SCALARS + ALDB_COUNT(SCALARS);
    for (const struct scalar *r = row; r < end && strcmp(r->name, row->name) == 0; r++) {
        if (r->nargs == nargs) {
            return r;
        }
    }
    return NULL;
}

/* The word an argument begins with, without an optional prefix. */
static struct aldb_slice arg_word(const struct aldb_translation *tr, const struct aldb_arg *arg, const char *prefix)
{
    struct aldb_scan sc = aldb_translate_scan(tr, arg->begin, arg->end);
    struct aldb_slice w = aldb_scan_slice(&sc, aldb_scan_next(&sc));
    size_t n = strlen(prefix);
    if (w.len > n && aldb_slice_is(aldb_slice(w.ptr, n), prefix)) {
        w = aldb_slice(w.ptr + n, w.len - n);
    }
    return arg->kind == TOK_WORD ? w : aldb_slice("", 0);
}

/* The template for these arguments, NULL when there is none. CONVERT's second argument is cut down to the type's modifier. */
static const char *choose(const struct aldb_translation *tr, const struct scalar *row, struct aldb_args *args)
{
    if (row->form == FORM_TYPE) {
        struct aldb_arg *type = &args->arg[1];
        struct aldb_slice w = arg_word(tr, type, "SQL_");
        if (w.len == 0) {
            return NULL;
        }
        size_t word_end = (size_t)(w.ptr - tr->source.ptr) + w.len;
        struct aldb_scan rest = aldb_translate_scan(tr, word_end, type->end);
        struct aldb_token t = aldb_scan_next(&rest);
        if (t.kind != TOK_LPAREN && t.kind != TOK_END) {
            return NULL;
        }
        for (size_t i = 0; i < ALDB_COUNT(CONVERTS); i++) {
            if (aldb_slice_is(w, CONVERTS[i].type)) {
                type->begin = t.begin;
                return CONVERTS[i].template;
            }
        }
        return NULL;
    }
    if (row->form == FORM_ADD || row->form == FORM_DIFF) {
        struct aldb_slice w = arg_word(tr, &args->arg[0], "SQL_TSI_");
        for (size_t i = 0; args->arg[0].ntokens == 1 && i < ALDB_COUNT(INTERVALS); i++) {
            if (aldb_slice_is(w, INTERVALS[i].name)) {
                return row->form == FORM_ADD ? INTERVALS[i].add : INTERVALS[i].diff;
            }
        }
        return NULL;
    }
    return row->template;
}

/* A marker or a string: what PostgreSQL calls unknown. */
static bool untyped(const struct aldb_arg *arg)
{
    return arg->ntokens == 1 && (arg->kind == TOK_MARKER || arg->kind == TOK_STRING);
}

static const char *cast_for(const struct scalar *row, const struct aldb_args *args, size_t i)
{
    const struct aldb_arg *arg = &args->arg[i];
    char hint = row->hints[i];
    if (hint == 'I') {
        return arg->ntokens == 1 && arg->kind == TOK_NUMBER ? "" : "::integer";
    }
    for (size_t k = 0; k < row->nargs; k++) {
        if (row->hints[k] == hint && !untyped(&args->arg[k])) {
            return "";
        }
    }
    switch (hint) {
    case 't':
        return "::text";
    case 'n':
        return "::numeric";
    case 's':
        return "::timestamp";
    case 'h':
        return arg->kind == TOK_MARKER ? "::timestamp" : "::time";
    default:
        return "";
    }
}

static enum aldb_rc place(struct aldb_translation *tr, const struct scalar *row, const struct aldb_args *args, char sort, size_t i, size_t open)
{
    const struct aldb_arg *arg = &args->arg[i];
    const char *cast = cast_for(row, args, i);
    bool time_of_day = sort == '@' && aldb_escape_is_time(tr, arg);
    if (sort == '@') {
        cast = time_of_day ? "" : "::timestamp";
    }
    bool operand = sort == '#' || cast[0] != '\0' || time_of_day;
    bool parentheses = operand && arg->ntokens > 1 && !arg->escape;
    if (time_of_day) {
        aldb_emit_str(tr, "(current_date + ", open);
    }
    if (parentheses) {
        aldb_emit_str(tr, "(", open);
    }
    enum aldb_rc rc = aldb_emit_arg(tr, arg);
    if (parentheses) {
        aldb_emit_str(tr, ")", open);
    }
    aldb_emit_str(tr, time_of_day ? ")" : cast, open);
    return rc;
}

static enum aldb_rc fill(struct aldb_translation *tr, const struct scalar *row, const struct aldb_args *args, const char *template, size_t open)
{
    aldb_emit_gap(tr, template[0], open);
    while (*template != '\0') {
        size_t n = strcspn(template, "$#@");
        aldb_emit_text(tr, template, n, open);
        template += n;
        if (*template != '\0') {
            if (place(tr, row, args, template[0], (size_t)(template[1] - '1'), open) == ALDB_ERR) {
                return ALDB_ERR;
            }
            template += 2;
        }
        if (tr->text->failed) {
            return aldb_emit_failure(tr);
        }
    }
    return ALDB_OK;
}

enum aldb_rc aldb_escape_fn(struct aldb_translation *tr, struct aldb_scan *sc, size_t open)
{
    static const char *const separators[] = {[FORM_IN] = "in", [FORM_FROM] = "from", [FORM_TYPE] = NULL};
    struct aldb_scan ahead = *sc;
    struct aldb_token name = aldb_scan_next(&ahead);
    if (name.kind == TOK_RBRACE) {
        return aldb_diag_post(tr->diag, ALDB_ST_42000, "The escape sequence that begins at character %zu names no function",
                              aldb_source_character(tr, open));
    }
    const struct scalar *row = name.kind == TOK_WORD ? find(aldb_scan_slice(&ahead, name)) : NULL;
    struct aldb_args args = {.next_marker = tr->marker};
    enum aldb_tok next = aldb_scan_peek(&ahead).kind;
    if (row != NULL && next == TOK_LPAREN) {
        (void)aldb_scan_next(&ahead);
        if (aldb_escape_args(tr, &ahead, open, separators[row->form], &args) == ALDB_ERR) {
            return ALDB_ERR;
        }
    } else if (next != TOK_RBRACE) {
        row = NULL;
    }
    row = row != NULL ? with_args(row, args.count) : NULL;
    for (size_t i = 0; row != NULL && i < args.count; i++) {
        row = args.arg[i].ntokens > 0 ? row : NULL;
    }
    const char *template = row != NULL ? choose(tr, row, &args) : NULL;
    if (template != NULL) {
        if (fill(tr, row, &args, template, open) == ALDB_ERR) {
            return ALDB_ERR;
        }
        tr->marker = args.next_marker;
        *sc = ahead;
    }
    /* What the table does not know is PostgreSQL's to judge. */
    return aldb_translate_range(tr, sc, ALDB_UNTIL_BRACE, open);
}

bool aldb_escape_is_time(const struct aldb_translation *tr, const struct aldb_arg *arg)
{
    if (!arg->escape) {
        return false;
    }
    struct aldb_scan sc = aldb_translate_scan(tr, arg->begin + 1, arg->end);
    struct aldb_token word = aldb_scan_next(&sc);
    if (!aldb_scan_is(&sc, word, "fn")) {
        return aldb_scan_is(&sc, word, "t");
    }
    word = aldb_scan_next(&sc);
    return aldb_scan_is(&sc, word, "curtime") || aldb_scan_is(&sc, word, "current_time");
}
