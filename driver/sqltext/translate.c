/* SPDX-License-Identifier: Apache-2.0 */
/* The way through a statement text: parts, their classes, markers; escapes are left to escape.c. */
#include "base/alloc.h"
#include "sqltext/classify.h"
#include "sqltext/internal.h"

bool aldb_sql_plannable(enum aldb_sql_class c)
{
    return c >= ALDB_SQL_SELECT && c <= ALDB_SQL_CALL;
}

bool aldb_sql_counts_rows(enum aldb_sql_class c)
{
    return c >= ALDB_SQL_INSERT && c <= ALDB_SQL_WITH_DML;
}

bool aldb_sql_rowless(const struct aldb_sql_part *part)
{
    return !part->rows;
}

enum aldb_rc aldb_translate_bad(struct aldb_translation *tr, const struct aldb_scan *sc, struct aldb_token t)
{
    return aldb_diag_post(tr->diag, ALDB_ST_42000, "Unterminated %s: it begins at character %zu and never ends", sc->problem,
                          aldb_source_character(tr, t.begin));
}

struct aldb_scan aldb_translate_scan(const struct aldb_translation *tr, size_t begin, size_t end)
{
    return (struct aldb_scan){tr->source.ptr, begin, end, tr->flags.standard_conforming_strings, NULL};
}

enum aldb_rc aldb_translate_token(struct aldb_translation *tr, struct aldb_scan *sc, struct aldb_token t, size_t *copied)
{
    bool known = false;
    enum aldb_rc rc = ALDB_OK;
    if (t.kind == TOK_MARKER) {
        known = true;
        rc = aldb_emit_marker(tr, t.begin);
    } else if (t.kind == TOK_QUESTION) {
        aldb_emit_source(tr, t.begin, tr->out != NULL ? t.begin + 1 : t.end);
        *copied = t.end;
        return ALDB_OK;
    } else if (!tr->flags.noscan) {
        rc = aldb_escape(tr, sc, t.begin, &known);
    }
    if (rc == ALDB_ERR || tr->text->failed) {
        return rc == ALDB_ERR ? rc : aldb_emit_failure(tr);
    }
    *copied = known ? sc->pos : t.begin;
    bool same = t.kind == TOK_MARKER && tr->out == NULL; /* native SQL keeps its ? */
    if (known && !same && sc->pos < tr->source.len) {
        aldb_emit_gap(tr, tr->source.ptr[sc->pos], t.begin);
    }
    return ALDB_OK;
}

enum aldb_rc aldb_translate_range(struct aldb_translation *tr, struct aldb_scan *sc, enum aldb_until until, size_t open)
{
    size_t copied = SIZE_MAX; /* nothing met yet */
    size_t last = 0;
    unsigned depth = 0;
    for (;;) {
        struct aldb_token t = aldb_scan_next(sc);
        bool ends = t.kind == TOK_END || (t.kind == TOK_RBRACE && depth == 0 && until == ALDB_UNTIL_BRACE);
        if (ends) {
            if (t.kind == TOK_END && until == ALDB_UNTIL_BRACE) {
                return aldb_escape_open(tr, open);
            }
            if (copied != SIZE_MAX) {
                aldb_emit_source(tr, copied, last);
            }
            return ALDB_OK;
        }
        if (copied == SIZE_MAX) {
            copied = t.begin;
            aldb_emit_gap(tr, tr->source.ptr[copied], t.begin);
        }
        last = t.end;
        switch (t.kind) {
        case TOK_BAD:
            return aldb_translate_bad(tr, sc, t);
        case TOK_MARKER:
        case TOK_QUESTION:
        case TOK_LBRACE:
            aldb_emit_source(tr, copied, t.begin);
            if (aldb_translate_token(tr, sc, t, &copied) == ALDB_ERR) {
                return ALDB_ERR;
            }
            if (copied == t.begin) {
                depth++; /* a brace without a meaning here */
            } else {
                last = copied;
            }
            break;
        case TOK_RBRACE:
            depth -= depth > 0;
            break;
        case TOK_PARAM:
            tr->native_param = true;
            tr->native_param_at = t.begin;
            break;
        default:
            break;
        }
    }
}

static size_t skip_blanks(const struct aldb_translation *tr, size_t pos)
{
    while (pos < tr->source.len && aldb_is_space(tr->source.ptr[pos])) {
        pos++;
    }
    return pos;
}

static void part_begin(struct aldb_translation *tr, struct aldb_classify *c)
{
    aldb_classify_begin(c);
    tr->at_start = true;
    tr->native_param = false;
    tr->part_marker = tr->marker;
    tr->part = (struct aldb_sql_part){.begin = tr->text->len};
}

/* Closes the part whose source ends at `end`; `copied` is where its uncopied rest begins. */
static enum aldb_rc part_end(struct aldb_translation *tr, struct aldb_classify *c, size_t copied, size_t end)
{
    aldb_emit_source(tr, copied, end);
    uint32_t markers = tr->marker - tr->part_marker;
    if (tr->native_param && markers > 0 && tr->out != NULL) {
        return aldb_diag_post(tr->diag, ALDB_ST_42000,
                              "Character %zu: PostgreSQL's $1 cannot stand beside ODBC's ? in one statement; write ? for every parameter",
                              aldb_source_character(tr, tr->native_param_at));
    }
    if (tr->out == NULL || tr->text->failed) {
        return ALDB_OK; /* failure is reported at the end */
    }
    struct aldb_buf *b = tr->text;
    while (b->len > tr->part.begin && aldb_is_space(b->data[b->len - 1])) {
        b->len--;
    }
    tr->part.end = b->len;
    tr->part.first_param = tr->part_marker;
    tr->part.nparams = markers;
    aldb_classify_end(c, &tr->part);
    aldb_emit_part(tr, &tr->part);
    return ALDB_OK;
}

static enum aldb_rc translate(struct aldb_translation *tr)
{
    struct aldb_scan sc = aldb_translate_scan(tr, 0, tr->source.len);
    struct aldb_classify c;
    part_begin(tr, &c);
    size_t copied = tr->out != NULL ? skip_blanks(tr, 0) : 0;
    bool any = false; /* a token in this part */
    for (;;) {
        struct aldb_token t = aldb_scan_next(&sc);
        switch (t.kind) {
        case TOK_BAD:
            return aldb_translate_bad(tr, &sc, t);
        case TOK_END:
            if (any || tr->out == NULL) {
                return part_end(tr, &c, copied, t.end);
            }
            return ALDB_OK;
        case TOK_SEMICOLON:
            if (!aldb_classify_splits(&c)) {
                break;
            }
            if (tr->out == NULL) {
                part_begin(tr, &c);
                continue;
            }
            if (any && part_end(tr, &c, copied, t.begin) == ALDB_ERR) {
                return ALDB_ERR;
            }
            part_begin(tr, &c);
            copied = skip_blanks(tr, t.end);
            any = false;
            continue;
        case TOK_MARKER:
        case TOK_QUESTION:
        case TOK_LBRACE:
            aldb_emit_source(tr, copied, t.begin);
            if (aldb_translate_token(tr, &sc, t, &copied) == ALDB_ERR) {
                return ALDB_ERR;
            }
            break;
        case TOK_PARAM:
            tr->native_param = true;
            tr->native_param_at = t.begin;
            break;
        default:
            break;
        }
        any = true;
        tr->at_start = false;
        aldb_classify_token(&c, t.kind, aldb_scan_slice(&sc, t));
    }
}

static bool ascii(struct aldb_slice s)
{
    unsigned char all = 0;
    for (size_t i = 0; i < s.len; i++) {
        all |= (unsigned char)s.ptr[i];
    }
    return all < 0x80;
}

/* How long the translation of `len` bytes may get. */
static size_t ceiling(size_t len)
{
    size_t max = len > ALDB_MAX_SQL / ALDB_SQL_GROWTH ? ALDB_MAX_SQL : len * ALDB_SQL_GROWTH + ALDB_SQL_GROWTH_FREE;
    return max < ALDB_MAX_SQL ? max : ALDB_MAX_SQL;
}

static enum aldb_rc run(struct aldb_translation *tr)
{
    struct aldb_slice s = tr->source;
    size_t room = tr->text->max - tr->text->len;
    size_t growth = ceiling(s.len);
    tr->max_len = tr->text->len + (growth < room ? growth : room);
    tr->ascii = ascii(s);
    const char *nul = s.len > 0 ? memchr(s.ptr, '\0', s.len) : NULL;
    if (nul != NULL) {
        return aldb_diag_post(tr->diag, ALDB_ST_42000,
                              "The statement text holds a NUL character (at character %zu); PostgreSQL cannot take one. Is its length right?",
                              aldb_source_character(tr, (size_t)(nul - s.ptr)));
    }
    if (s.len > ALDB_MAX_SQL) {
        tr->too_long = true;
        return aldb_emit_failure(tr);
    }
    (void)!aldb_buf_reserve(tr->text, s.len + 64); /* a failure shows at the first append */
    enum aldb_rc rc = translate(tr);
    if (rc == ALDB_ERR) {
        return rc;
    }
    if (!aldb_buf_ok(tr->text)) {
        return aldb_emit_failure(tr);
    }
    return tr->info ? ALDB_INFO : ALDB_OK;
}

enum aldb_rc aldb_sql_translate(struct aldb_slice odbc_text, struct aldb_sql_flags flags, struct aldb_sql *out, struct aldb_diag *diag)
{
    *out = (struct aldb_sql){.standard_conforming_strings = flags.standard_conforming_strings};
    aldb_buf_init(&out->text, ALDB_MAX_SQL);
    struct aldb_translation tr = {.source = odbc_text, .flags = flags, .text = &out->text, .out = out, .diag = diag};
    enum aldb_rc rc = run(&tr);
    if (rc == ALDB_ERR) {
        return rc;
    }
    if (out->nparts == 0) {
        struct aldb_sql_part empty = {.cls = ALDB_SQL_EMPTY};
        aldb_emit_part(&tr, &empty);
    }
    if (!aldb_emit_finish(&tr)) {
        return aldb_emit_failure(&tr);
    }
    out->call = out->parts[0].call;
    return rc;
}

void aldb_sql_clear(struct aldb_sql *sql)
{
    aldb_buf_clear(&sql->text);
    for (size_t i = 0; i < sql->nparts; i++) {
        aldb_sql_named_free(sql->parts[i].named);
    }
    aldb_free(sql->parts);
    aldb_free(sql->marker_at);
    aldb_free(sql->refs);
    aldb_free(sql->segments);
    aldb_free(sql->settled);
    *sql = (struct aldb_sql){0};
}

enum aldb_rc aldb_sql_native(struct aldb_slice odbc_text, struct aldb_sql_flags flags, struct aldb_buf *out, struct aldb_diag *diag)
{
    struct aldb_translation tr = {.source = odbc_text, .flags = flags, .text = out, .diag = diag};
    return run(&tr);
}
