/* SPDX-License-Identifier: Apache-2.0 */
/* One row changed, or read again, by a statement of the driver's own. */
#include "statement/edit.h"

#include <string.h>

#include "base/alloc.h"

struct aldb_stmt *aldb_edit_inner(struct aldb_edit *e, enum aldb_edit_kind kind)
{
    return e->inner[kind != ALDB_EDIT_READ];
}

/* ------------------------------------------------------------------ what is written */

/* Where the value of bound column `b` in row `index` of the buffers is, as an APD record says it. */
struct source {
    const struct aldb_desc_rec *ard, *ird;
    void *data;
    SQLLEN *length, *indicator;
};

static struct source source_of(const struct aldb_stmt *stmt, const struct aldb_bound *b, SQLULEN index)
{
    SQLULEN row_size = (SQLULEN)stmt->ard->bind_type;
    SQLLEN offset = stmt->ard->bind_offset_ptr ? *stmt->ard->bind_offset_ptr : 0;
    return (struct source){
        .ard = aldb_desc_rec(stmt->ard, (SQLSMALLINT)b->column),
        .ird = aldb_desc_rec((struct aldb_desc *)(uintptr_t)&stmt->ird, (SQLSMALLINT)b->column),
        .data = aldb_stride(b->data, row_size, offset, index, b->element),
        .length = aldb_stride(b->length, row_size, offset, index, (SQLLEN)sizeof(SQLLEN)),
        .indicator = aldb_stride(b->indicator, row_size, offset, index, (SQLLEN)sizeof(SQLLEN)),
    };
}

/* Read-only columns, those without a buffer, and those that the row says nothing of. */
static bool is_written(const struct aldb_edit *e, const struct aldb_bound *b, const struct source *s)
{
    if (b->column == 0 || b->column > e->ncolumns || e->columns[b->column - 1] == NULL) {
        return false;
    }
    const SQLLEN *said = s->length ? s->length : s->indicator;
    SQLLEN length = said ? aldb_length_at(said) : 0;
    return length != SQL_COLUMN_IGNORE && (s->data || length == SQL_NULL_DATA || (s->indicator && aldb_length_at(s->indicator) == SQL_NULL_DATA));
}

static void list_written(struct aldb_stmt *stmt, SQLULEN index)
{
    struct aldb_edit *e = stmt->edit;
    e->nwritten = 0;
    for (size_t i = 0; i < stmt->nbound; i++) {
        struct source s = source_of(stmt, &stmt->bound[i], index);
        if (is_written(e, &stmt->bound[i], &s)) {
            e->written[e->nwritten++] = (SQLUSMALLINT)i;
        }
    }
}

/* ------------------------------------------------------------------ the statement's text */

static bool make_text(const struct aldb_stmt *stmt, enum aldb_edit_kind kind, struct aldb_buf *b)
{
    const struct aldb_edit *e = stmt->edit;
    switch (kind) {
    case ALDB_EDIT_READ:
        aldb_buf_addf(b, "SELECT %s FROM %s%s", e->list, e->relation, e->by_key);
        break;
    case ALDB_EDIT_DELETE:
        aldb_buf_addf(b, "DELETE FROM %s%s", e->relation, e->by_version);
        break;
    case ALDB_EDIT_UPDATE:
        aldb_buf_addf(b, "UPDATE %s SET ", e->relation);
        for (uint16_t i = 0; i < e->nwritten; i++) {
            aldb_buf_addf(b, "%s%s = ?", i ? ", " : "", e->columns[stmt->bound[e->written[i]].column - 1]);
        }
        aldb_buf_addf(b, "%s RETURNING %s", e->by_version, e->list);
        break;
    case ALDB_EDIT_INSERT:
        aldb_buf_addf(b, "INSERT INTO %s", e->target);
        for (uint16_t i = 0; i < e->nwritten; i++) {
            aldb_buf_addf(b, "%s%s", i ? ", " : " (", e->columns[stmt->bound[e->written[i]].column - 1]);
        }
        for (uint16_t i = 0; i < e->nwritten; i++) {
            aldb_buf_add_str(b, i ? ", ?" : ") VALUES (?");
        }
        aldb_buf_addf(b, "%s RETURNING %s", e->nwritten ? ")" : " DEFAULT VALUES", e->list);
        break;
    }
    return aldb_buf_ok(b);
}

/* The inner statement with that text prepared. Only another set of columns makes another text. */
static enum aldb_rc prepare(struct aldb_stmt *stmt, enum aldb_edit_kind kind)
{
    struct aldb_edit *e = stmt->edit;
    size_t which = kind != ALDB_EDIT_READ;
    struct aldb_buf text;
    enum aldb_rc rc = ALDB_OK;
    aldb_buf_init(&text, ALDB_MAX_SQL);
    if (!make_text(stmt, kind, &text) || (e->inner[which] == NULL && aldb_stmt_new_inner(stmt, &e->inner[which]) == ALDB_ERR)) {
        rc = aldb_diag_post(&stmt->h.diag, ALDB_ST_HY001, NULL);
        goto out;
    }
    struct aldb_stmt *inner = e->inner[which];
    aldb_diag_reset(&inner->h.diag);
    inner->query_timeout = stmt->query_timeout;
    if (e->inner_text[which] && strcmp(e->inner_text[which], aldb_buf_cstr(&text)) == 0) {
        goto out;
    }
    aldb_free(e->inner_text[which]);
    e->inner_text[which] = NULL;
    ALDB_TRY(aldb_stmt_prepare(inner, aldb_buf_slice(&text)));
    e->inner_text[which] = aldb_strndup(text.data, text.len); /* without memory it is prepared again */
out:
    aldb_buf_clear(&text);
    return rc;
}

/* ------------------------------------------------------------------ its parameters */

/* The hidden cells of the row, as they are now. */
static enum aldb_rc read_keys(struct aldb_stmt *stmt, struct aldb_outcome *o, int64_t number)
{
    struct aldb_edit *e = stmt->edit;
    struct aldb_wait wait = aldb_dbc_wait(stmt->dbc);
    const struct aldb_cell *cells;
    if (aldb_scroll_row(stmt, o, (uint64_t)number - 1, &wait, &stmt->h.diag, &cells) == ALDB_ERR) {
        return ALDB_ERR;
    }
    aldb_buf_reset(&e->keys);
    for (uint16_t i = 0; i < stmt->hidden; i++) {
        const struct aldb_cell *c = &cells[e->ncolumns + i];
        e->key_at[i] = e->keys.len;
        e->key_len[i] = c->data ? (SQLLEN)c->len : SQL_NULL_DATA;
        aldb_buf_add(&e->keys, c->data ? c->data : "", c->len);
        aldb_buf_add_char(&e->keys, '\0');
    }
    return aldb_buf_ok(&e->keys) ? ALDB_OK : aldb_diag_post(&stmt->h.diag, ALDB_ST_HY001, NULL);
}

static enum aldb_rc bind_key(struct aldb_edit *e, struct aldb_stmt *inner, SQLUSMALLINT n, size_t hidden)
{
    SQLLEN len = e->key_len[hidden];
    return aldb_stmt_bind_parameter(inner, n, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, len > 0 ? (SQLULEN)len : 1, 0, e->keys.data + e->key_at[hidden],
                                    len > 0 ? len : 1, &e->key_len[hidden]);
}

/* As SQLBindParameter would, with what SQLBindCol said. */
static enum aldb_rc bind_value(struct aldb_stmt *stmt, struct aldb_stmt *inner, SQLUSMALLINT n, const struct aldb_bound *b, SQLULEN index)
{
    struct source s = source_of(stmt, b, index);
    SQLLEN *length = s.length ? s.length : s.indicator;
    bool number = s.ird->large_object && !aldb_large_is(stmt, b->column, s.ard->concise_type);
    enum aldb_rc rc = aldb_stmt_bind_parameter(inner, n, SQL_PARAM_INPUT, s.ard->concise_type, number ? SQL_BIGINT : s.ird->sql_type, s.ird->column_size, s.ird->decimal_digits,
                                               s.data, b->buflen, length);
    if (rc == ALDB_ERR) {
        return rc;
    }
    struct aldb_desc_rec *a = aldb_desc_rec(inner->apd, (SQLSMALLINT)n);
    a->octet_length_ptr = s.length;
    a->indicator_ptr = s.indicator;
    if (s.ard->numeric_set) {
        a->precision = s.ard->precision;
        a->scale = s.ard->scale;
        a->numeric_set = true;
    }
    inner->apd->version++;
    return ALDB_OK;
}

static enum aldb_rc bind(struct aldb_stmt *stmt, struct aldb_stmt *inner, enum aldb_edit_kind kind, SQLULEN index)
{
    struct aldb_edit *e = stmt->edit;
    bool writes = kind == ALDB_EDIT_UPDATE || kind == ALDB_EDIT_INSERT;
    bool by_version = kind == ALDB_EDIT_UPDATE || kind == ALDB_EDIT_DELETE;
    SQLUSMALLINT n = 0;
    aldb_desc_truncate(inner->apd, 0);
    aldb_desc_truncate(&inner->ipd, 0);
    for (uint16_t i = 0; writes && i < e->nwritten; i++) {
        if (bind_value(stmt, inner, ++n, &stmt->bound[e->written[i]], index) == ALDB_ERR) {
            return ALDB_ERR;
        }
    }
    size_t from = by_version || e->nkeys == 0 ? ALDB_HIDDEN_CTID : ALDB_HIDDEN_KEY;
    size_t to = by_version ? ALDB_HIDDEN_VERSION + 1 : e->nkeys == 0 ? ALDB_HIDDEN_TABLE + 1 : stmt->hidden;
    for (size_t i = from; kind != ALDB_EDIT_INSERT && i < to; i++) {
        if (bind_key(e, inner, ++n, i) == ALDB_ERR) {
            return ALDB_ERR;
        }
    }
    return ALDB_OK;
}

/* ------------------------------------------------------------------ running it */

/* What the inner statement said, of that row. Its parameters are columns of the result. */
static void tell(struct aldb_stmt *stmt, struct aldb_stmt *inner, SQLULEN index)
{
    struct aldb_edit *e = stmt->edit;
    struct aldb_diag *d = &inner->h.diag;
    for (size_t i = 0; i < d->count; i++) {
        struct aldb_diag_record *r = &d->records[i];
        bool column = r->column > 0 && r->column <= e->nwritten;
        r->row = (int64_t)index + 1;
        r->column = column ? (int32_t)stmt->bound[e->written[r->column - 1]].column : ALDB_COL_NONE;
    }
    aldb_diag_move(&stmt->h.diag, d);
}

enum aldb_rc aldb_edit_row(struct aldb_stmt *stmt, struct aldb_outcome *o, enum aldb_edit_kind kind, int64_t number, SQLULEN index)
{
    struct aldb_edit *e = stmt->edit;
    enum aldb_rc rc;
    if (kind == ALDB_EDIT_UPDATE || kind == ALDB_EDIT_INSERT) {
        list_written(stmt, index);
        if (kind == ALDB_EDIT_UPDATE && e->nwritten == 0) {
            return aldb_diag_post(&stmt->h.diag, ALDB_ST_21S02, "Row %llu: no column is to be written: all are unbound, read-only, or SQL_COLUMN_IGNORE",
                                  (unsigned long long)index + 1);
        }
    }
    if (kind != ALDB_EDIT_INSERT && read_keys(stmt, o, number) == ALDB_ERR) {
        return ALDB_ERR;
    }
    rc = prepare(stmt, kind);
    struct aldb_stmt *inner = aldb_edit_inner(e, kind);
    if (rc != ALDB_ERR) {
        rc = bind(stmt, inner, kind, index);
    }
    if (rc != ALDB_ERR) {
        rc = aldb_stmt_execute(inner);
    }
    return rc == ALDB_NEED_DATA ? rc : aldb_edit_row_done(stmt, o, kind, number, index, rc);
}

size_t aldb_edit_key(const struct aldb_edit *e, size_t *count)
{
    *count = e->nkeys ? e->nkeys : ALDB_HIDDEN_TABLE + 1;
    return e->nkeys ? ALDB_HIDDEN_KEY : ALDB_HIDDEN_CTID;
}

bool aldb_edit_fits(const struct aldb_outcome *o, const struct aldb_outcome *got)
{
    if (got->exec.ncolumns != o->exec.ncolumns) {
        return false;
    }
    for (uint16_t i = 0; i < o->exec.ncolumns; i++) {
        const struct aldb_column *a = &o->exec.columns[i], *b = &got->exec.columns[i];
        if (a->oid != b->oid || a->binary != b->binary) {
            return false;
        }
    }
    const struct aldb_locale *x = &o->exec.locale, *y = &got->exec.locale;
    bool text = o->exec.ncolumns > 0 && !o->exec.columns[0].binary;
    return !text || (x->datestyle == y->datestyle && x->dmy == y->dmy && x->intervalstyle == y->intervalstyle && x->zone == y->zone);
}

/* The row that the cursor shows from now on is the one that was returned. */
static enum aldb_rc take_row(struct aldb_stmt *stmt, struct aldb_stmt *inner, struct aldb_outcome *o, enum aldb_edit_kind kind, int64_t number)
{
    struct aldb_wait wait = aldb_dbc_wait(stmt->dbc);
    struct aldb_outcome *got = aldb_stmt_outcome(inner);
    const struct aldb_cell *cells;
    enum aldb_rc rc = got ? aldb_fetch_next_row(inner, got, &wait, &inner->h.diag, &cells) : ALDB_NO_DATA;
    if (!aldb_done(rc)) {
        return rc;
    }
    if (!aldb_edit_fits(o, got)) {
        return aldb_diag_post(&inner->h.diag, ALDB_ST_HY000, "The row was %s, but it cannot be shown by this cursor any more: its columns, or the session's styles, "
                              "are not those that the cursor was opened with", kind == ALDB_EDIT_READ ? "read" : "written");
    }
    if (kind == ALDB_EDIT_INSERT) {
        return aldb_scroll_add(o->scroll, cells, &inner->h.diag);
    }
    return aldb_scroll_change(o->scroll, (uint64_t)number - 1, cells, &inner->h.diag);
}

enum aldb_rc aldb_edit_row_done(struct aldb_stmt *stmt, struct aldb_outcome *o, enum aldb_edit_kind kind, int64_t number, SQLULEN index, enum aldb_rc rc)
{
    struct aldb_stmt *inner = aldb_edit_inner(stmt->edit, kind);
    bool info = rc == ALDB_INFO;
    if (rc != ALDB_ERR && rc != ALDB_NO_DATA) {
        rc = kind == ALDB_EDIT_DELETE ? aldb_scroll_change(o->scroll, (uint64_t)number - 1, NULL, &inner->h.diag) : take_row(stmt, inner, o, kind, number);
    }
    if (inner) {
        if (aldb_stmt_discard(inner) == ALDB_ERR) {
            rc = ALDB_ERR;
        }
        tell(stmt, inner, index);
    }
    return rc == ALDB_OK && info ? ALDB_INFO : rc;
}

enum aldb_rc aldb_edit_read_again(struct aldb_stmt *stmt, struct aldb_outcome *o, int64_t number, SQLULEN index)
{
    if (stmt->edit == NULL || !aldb_edit_matches(stmt, o) || aldb_scroll_deleted(o->scroll, (uint64_t)number - 1)) {
        return ALDB_OK;
    }
    enum aldb_rc rc = aldb_edit_row(stmt, o, ALDB_EDIT_READ, number, index);
    return rc == ALDB_NO_DATA ? aldb_scroll_change(o->scroll, (uint64_t)number - 1, NULL, &stmt->h.diag) : rc;
}
