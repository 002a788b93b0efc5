/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of a rowset read again, by their keys, in one round trip. */
#include "statement/edit.h"

#include <string.h>

#include "base/alloc.h"
#include "base/map.h"

/* What is asked for: arrays of keys as the server reads them, and which rows have them. */
struct asked {
    struct aldb_buf arrays[ALDB_INDEX_KEYS];
    struct aldb_buf key;   /* of the row at hand: its cells, one behind the other, each with its length */
    struct aldb_map rows;  /* key -> number of the row (uint64_t *) */
    size_t first, count;   /* hidden cells that are the key */
    bool ambiguous;        /* two rows have the same key: a function that returns several rows stands in the list */
};

static void asked_init(struct asked *a, const struct aldb_edit *e)
{
    *a = (struct asked){.ambiguous = false};
    a->first = aldb_edit_key(e, &a->count);
    for (size_t i = 0; i < ALDB_COUNT(a->arrays); i++) {
        aldb_buf_init(&a->arrays[i], ALDB_MAX_VALUE);
    }
    aldb_buf_init(&a->key, ALDB_MAX_VALUE);
    aldb_map_init(&a->rows);
}

static void asked_clear(struct asked *a)
{
    for (size_t i = 0; i < ALDB_COUNT(a->arrays); i++) {
        aldb_buf_clear(&a->arrays[i]);
    }
    aldb_buf_clear(&a->key);
    aldb_map_clear(&a->rows, aldb_free);
}

/* An element of an array's text form. */
static void add_element(struct aldb_buf *b, const struct aldb_cell *c)
{
    aldb_buf_add_str(b, b->len ? ",\"" : "{\"");
    for (size_t i = 0; i < c->len; i++) {
        if (c->data[i] == '"' || c->data[i] == '\\') {
            aldb_buf_add_char(b, '\\');
        }
        aldb_buf_add_char(b, c->data[i]);
    }
    aldb_buf_add_char(b, '"');
}

static bool make_key(struct asked *a, const struct aldb_cell *hidden)
{
    aldb_buf_reset(&a->key);
    for (size_t i = 0; i < a->count; i++) {
        const struct aldb_cell *c = &hidden[a->first + i];
        aldb_buf_add(&a->key, &c->len, sizeof c->len);
        aldb_buf_add(&a->key, c->data ? c->data : "", c->len);
    }
    return aldb_buf_ok(&a->key);
}

static bool ask_for(struct asked *a, const struct aldb_cell *hidden, uint64_t number)
{
    void *before = NULL;
    uint64_t *place = aldb_alloc(sizeof *place);
    bool good = place && make_key(a, hidden) && aldb_map_put(&a->rows, aldb_buf_slice(&a->key), place, &before);
    if (!good) {
        aldb_free(place);
        return false;
    }
    *place = number;
    a->ambiguous |= before != NULL;
    aldb_free(before);
    for (size_t i = 0; i < a->count; i++) {
        add_element(&a->arrays[i], &hidden[a->first + i]);
        if (a->arrays[i].failed) {
            return false;
        }
    }
    return true;
}

static enum aldb_rc collect(struct aldb_stmt *stmt, struct aldb_outcome *o, int64_t first, uint64_t count, struct asked *a)
{
    struct aldb_wait wait = aldb_dbc_wait(stmt->dbc);
    for (uint64_t i = 0; i < count; i++) {
        const struct aldb_cell *cells;
        uint64_t row = (uint64_t)first - 1 + i;
        if (aldb_scroll_deleted(o->scroll, row)) {
            continue;
        }
        if (aldb_scroll_row(stmt, o, row, &wait, &stmt->h.diag, &cells) == ALDB_ERR) {
            return ALDB_ERR;
        }
        if (!ask_for(a, cells + stmt->edit->ncolumns, row)) {
            return aldb_diag_post(&stmt->h.diag, ALDB_ST_HY001, NULL);
        }
    }
    return ALDB_OK;
}

/* ------------------------------------------------------------------ asking */

static enum aldb_rc prepare(struct aldb_stmt *stmt)
{
    struct aldb_edit *e = stmt->edit;
    struct aldb_buf text;
    if (e->rereader) {
        return ALDB_OK;
    }
    aldb_buf_init(&text, ALDB_MAX_SQL);
    aldb_buf_addf(&text, "SELECT %s FROM %s%s", e->list, e->relation, e->by_keys);
    return aldb_stmt_prepare_inner(stmt, &text, &e->rereader);
}

static enum aldb_rc execute(struct aldb_stmt *stmt, struct asked *a)
{
    struct aldb_stmt *inner = stmt->edit->rereader;
    SQLLEN lengths[ALDB_INDEX_KEYS];
    inner->query_timeout = stmt->query_timeout;
    aldb_diag_reset(&inner->h.diag);
    for (size_t i = 0; i < a->count; i++) {
        aldb_buf_add_char(&a->arrays[i], '}');
        if (!aldb_buf_ok(&a->arrays[i])) {
            return aldb_diag_post(&inner->h.diag, ALDB_ST_HY001, NULL);
        }
        lengths[i] = (SQLLEN)a->arrays[i].len;
        if (aldb_stmt_bind_parameter(inner, (SQLUSMALLINT)(i + 1), SQL_PARAM_INPUT, SQL_C_CHAR, SQL_LONGVARCHAR, a->arrays[i].len, 0, a->arrays[i].data, lengths[i],
                                     &lengths[i]) == ALDB_ERR) {
            return ALDB_ERR;
        }
    }
    return aldb_stmt_execute(inner);
}

/* ------------------------------------------------------------------ the answer */

/* Each row that comes takes its place; what is left in `rows` did not come. */
static enum aldb_rc take(struct aldb_stmt *stmt, struct aldb_outcome *o, struct asked *a)
{
    struct aldb_stmt *inner = stmt->edit->rereader;
    struct aldb_outcome *got = aldb_stmt_outcome(inner);
    struct aldb_diag *diag = &inner->h.diag;
    struct aldb_wait wait = aldb_dbc_wait(stmt->dbc);
    const struct aldb_cell *cells;
    enum aldb_rc rc;
    if (!aldb_edit_fits(o, got)) {
        return aldb_diag_post(diag, ALDB_ST_HY000, "Rows cannot be read again by this cursor: its columns, or the session's styles, are not those that it was opened with");
    }
    while (aldb_done(rc = aldb_fetch_next_row(inner, got, &wait, diag, &cells))) {
        if (!make_key(a, cells + stmt->edit->ncolumns)) {
            return aldb_diag_post(diag, ALDB_ST_HY001, NULL);
        }
        uint64_t *row = aldb_map_remove(&a->rows, aldb_buf_slice(&a->key));
        if (row && aldb_scroll_change(o->scroll, *row, cells, diag) == ALDB_ERR) {
            aldb_free(row);
            return ALDB_ERR;
        }
        aldb_free(row);
    }
    return rc == ALDB_ERR ? ALDB_ERR : ALDB_OK;
}

struct gone {
    struct aldb_scroll *scroll;
    struct aldb_diag *diag;
    enum aldb_rc rc;
};

static void mark_gone(void *ctx, struct aldb_slice key, void *row)
{
    struct gone *g = ctx;
    (void)key;
    if (g->rc != ALDB_ERR) {
        g->rc = aldb_scroll_change(g->scroll, *(uint64_t *)row, NULL, g->diag);
    }
}

static enum aldb_rc one_by_one(struct aldb_stmt *stmt, struct aldb_outcome *o, int64_t first, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        if (aldb_edit_read_again(stmt, o, first + (int64_t)i, i) == ALDB_ERR) {
            return ALDB_ERR;
        }
    }
    return ALDB_OK;
}

enum aldb_rc aldb_edit_read_rows_again(struct aldb_stmt *stmt, struct aldb_outcome *o, int64_t first, uint64_t count)
{
    struct asked a;
    if (!aldb_edit_matches(stmt, o)) {
        return ALDB_OK;
    }
    if (stmt->edit->by_keys == NULL || count == 1) {
        return one_by_one(stmt, o, first, count);
    }
    struct aldb_stmt *inner = NULL;
    asked_init(&a, stmt->edit);
    enum aldb_rc rc = collect(stmt, o, first, count, &a);
    if (rc == ALDB_ERR || a.rows.count == 0 || a.ambiguous) { /* rows that cannot be told apart stay what they were */
        asked_clear(&a);
        return rc;
    }
    ALDB_TRY(prepare(stmt));
    inner = stmt->edit->rereader;
    ALDB_TRY(execute(stmt, &a));
    ALDB_TRY(take(stmt, o, &a));
    struct gone g = {.scroll = o->scroll, .diag = &inner->h.diag, .rc = ALDB_OK};
    aldb_map_each(&a.rows, mark_gone, &g);
    rc = g.rc;
out:
    if (inner) {
        if (aldb_stmt_discard(inner) == ALDB_ERR) {
            rc = ALDB_ERR;
        }
        aldb_diag_move(&stmt->h.diag, &inner->h.diag);
    }
    asked_clear(&a);
    return rc;
}
