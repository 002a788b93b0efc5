/* SPDX-License-Identifier: Apache-2.0 */
/* {fn …}: scalar functions by the templates of scalar.def. */
#include "sqltext/internal.h"

/* What stands in front of an argument's number in a template. */
#define PLACES "$#@"

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

/* The word an argument begins with. */
static struct aldb_slice arg_word(const struct aldb_translation *tr, const struct aldb_arg *arg)
{
    struct aldb_scan sc = aldb_translate_scan(tr, arg->begin, arg->end);
    struct aldb_slice w = aldb_scan_slice(&sc, aldb_scan_next(&sc));
    return arg->kind == TOK_WORD ? w : aldb_slice("", 0);
}

/* Takes an optional prefix off. */
static bool take_prefix(struct aldb_slice *word, const char *prefix)
{
    size_t n = strlen(prefix);
    if (word->len <= n || !aldb_slice_is(aldb_slice(word->ptr, n), prefix)) {
        return false;
    }
    *word = aldb_slice(word->ptr + n, word->len - n);
    return true;
}

/* A word that only ODBC could know means nothing to PostgreSQL either; others are left to it. */
static enum aldb_rc unknown_word(struct aldb_translation *tr, const struct scalar *row, const struct aldb_arg *arg, bool odbc)
{
    if (!odbc) {
        return ALDB_OK;
    }
    return aldb_diag_post(tr->diag, ALDB_ST_42000, "Character %zu: {fn %s} knows no such %s", aldb_source_character(tr, arg->begin), row->name,
                          row->form == FORM_TYPE ? "type" : "interval");
}

/* CONVERT's template; its second argument is cut down to the type's modifier. */
static enum aldb_rc choose_type(struct aldb_translation *tr, const struct scalar *row, struct aldb_arg *type, const char **template)
{
    struct aldb_slice w = arg_word(tr, type);
    struct aldb_scan rest = aldb_translate_scan(tr, type->begin + w.len, type->end);
    struct aldb_token behind = aldb_scan_next(&rest);
    bool odbc = take_prefix(&w, "SQL_");
    for (size_t i = 0; i < ALDB_COUNT(CONVERTS) && (behind.kind == TOK_LPAREN || behind.kind == TOK_END); i++) {
        if (aldb_slice_is(w, CONVERTS[i].type)) {
            type->begin = behind.begin;
            *template = CONVERTS[i].template;
            return ALDB_OK;
        }
    }
    return unknown_word(tr, row, type, odbc);
}

static enum aldb_rc choose_interval(struct aldb_translation *tr, const struct scalar *row, const struct aldb_arg *arg, const char **template)
{
    struct aldb_slice w = arg_word(tr, arg);
    bool odbc = take_prefix(&w, "SQL_TSI_");
    for (size_t i = 0; arg->ntokens == 1 && i < ALDB_COUNT(INTERVALS); i++) {
        if (aldb_slice_is(w, INTERVALS[i].name)) {
            *template = row->form == FORM_ADD ? INTERVALS[i].add : INTERVALS[i].diff;
            return ALDB_OK;
        }
    }
    return unknown_word(tr, row, arg, odbc);
}

/* The template for these arguments; NULL stays when there is none. */
static enum aldb_rc choose(struct aldb_translation *tr, const struct scalar *row, struct aldb_args *args, const char **template)
{
    switch (row->form) {
    case FORM_TYPE:
        return choose_type(tr, row, &args->arg[1], template);
    case FORM_ADD:
    case FORM_DIFF:
        return choose_interval(tr, row, &args->arg[0], template);
    default:
        *template = row->template;
        return ALDB_OK;
    }
}

/* A marker, a string or NULL: what PostgreSQL calls unknown. */
static bool untyped(const struct aldb_translation *tr, const struct aldb_arg *arg)
{
    bool one = arg->ntokens == 1;
    bool null = one && arg->kind == TOK_WORD && aldb_slice_is(aldb_slice(tr->source.ptr + arg->begin, arg->end - arg->begin), "null");
    return null || (one && (arg->kind == TOK_MARKER || arg->kind == TOK_STRING));
}

static const char *cast_for(const struct aldb_translation *tr, const struct scalar *row, const struct aldb_args *args, size_t i)
{
    const struct aldb_arg *arg = &args->arg[i];
    char hint = row->hints[i];
    bool one = arg->ntokens == 1;
    if (hint == 'I') {
        return one && arg->kind == TOK_NUMBER ? "" : "::integer";
    }
    if (hint == 'B') {
        return one && arg->kind == TOK_MARKER ? "::bigint" : "";
    }
    for (size_t k = 0; k < row->nargs; k++) {
        if (row->hints[k] == hint && !untyped(tr, &args->arg[k])) {
            return "";
        }
    }
    switch (hint) {
    case 't':
        return "::pg_catalog.text";
    case 'n':
        return "::numeric";
    case 's':
        return "::timestamp";
    case 'h':
        return "::time";
    default:
        return "";
    }
}

/* A call that is being written. */
struct call {
    const struct scalar *row;
    const struct aldb_args *args;
    size_t open;
};

/* What takes a template's places: the arguments, or the names a1, a2, … that they were given. */
enum by { BY_TEXT, BY_NAME };

static uint32_t markers(const struct aldb_args *args, size_t i)
{
    uint32_t next = i + 1 < args->count ? args->arg[i + 1].first_marker : args->next_marker;
    return next - args->arg[i].first_marker;
}

static enum aldb_rc argument(struct aldb_translation *tr, const struct call *c, size_t i, enum by by)
{
    if (by == BY_TEXT) {
        return aldb_emit_arg(tr, &c->args->arg[i]);
    }
    char name[] = {'a', (char)('1' + i)};
    aldb_emit_text(tr, name, sizeof name, c->open);
    return ALDB_OK;
}

static enum aldb_rc place(struct aldb_translation *tr, const struct call *c, char sort, size_t i, enum by by)
{
    const struct aldb_arg *arg = &c->args->arg[i];
    const char *cast = by == BY_NAME ? "" : cast_for(tr, c->row, c->args, i);
    bool time_of_day = sort == '@' && aldb_escape_is_time(tr, arg);
    if (sort == '@') {
        cast = time_of_day ? "" : "::timestamp";
    }
    bool operand = sort == '#' || cast[0] != '\0' || time_of_day;
    bool parentheses = operand && arg->ntokens > 1 && !arg->escape && by == BY_TEXT;
    aldb_emit_str(tr, time_of_day ? "(current_date OPERATOR(pg_catalog.+) " : "", c->open);
    aldb_emit_str(tr, parentheses ? "(" : "", c->open);
    enum aldb_rc rc = argument(tr, c, i, by);
    aldb_emit_str(tr, parentheses ? ")" : "", c->open);
    aldb_emit_str(tr, time_of_day ? ")" : cast, c->open);
    return rc;
}

static enum aldb_rc fill(struct aldb_translation *tr, const struct call *c, const char *template, enum by by)
{
    aldb_emit_gap(tr, template[0], c->open);
    while (*template != '\0') {
        size_t n = strcspn(template, PLACES);
        aldb_emit_text(tr, template, n, c->open);
        template += n;
        if (*template != '\0') {
            if (place(tr, c, template[0], (size_t)(template[1] - '1'), by) == ALDB_ERR) {
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

/* Would a marker come twice, or before one that stands in front of it? */
static bool disturbs_markers(const struct aldb_args *args, const char *template)
{
    size_t from = 0; /* arguments before it have had their place */
    while (*(template += strcspn(template, PLACES)) != '\0') {
        size_t i = (size_t)(template[1] - '1');
        if (markers(args, i) > 0) {
            if (i < from) {
                return true;
            }
            from = i + 1;
        }
        template += 2;
    }
    return false;
}

/*
 * (SELECT template FROM (SELECT argument AS a1, …) AS args): each marker stands once and in its order, so that SQLNativeSql's text has the same parameters.
 * What the template says of types is about the names; the hints are about the arguments.
 */
static enum aldb_rc fill_by_name(struct aldb_translation *tr, const struct call *c, const char *template)
{
    enum aldb_rc rc = ALDB_OK;
    aldb_emit_gap(tr, '(', c->open);
    aldb_emit_str(tr, "(SELECT ", c->open);
    ALDB_TRY(fill(tr, c, template, BY_NAME));
    aldb_emit_str(tr, " FROM (SELECT ", c->open);
    for (size_t i = 0; i < c->args->count; i++) {
        aldb_emit_str(tr, i > 0 ? ", " : "", c->open);
        ALDB_TRY(place(tr, c, '$', i, BY_TEXT));
        aldb_emit_str(tr, " AS ", c->open);
        ALDB_TRY(argument(tr, c, i, BY_NAME));
    }
    aldb_emit_str(tr, ") AS args)", c->open);
out:
    return rc;
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
    const char *template = NULL;
    if (row != NULL && choose(tr, row, &args, &template) == ALDB_ERR) {
        return ALDB_ERR;
    }
    if (template != NULL) {
        const struct call c = {.row = row, .args = &args, .open = open};
        enum aldb_rc rc = disturbs_markers(&args, template) ? fill_by_name(tr, &c, template) : fill(tr, &c, template, BY_TEXT);
        if (rc == ALDB_ERR) {
            return rc;
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
