/* SPDX-License-Identifier: Apache-2.0 */
/* UPDATE and DELETE … WHERE CURRENT OF: the named cursor's row, by an inner statement that looks for the version that the cursor has read. */
#include "statement/edit.h"

#include <poll.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"

#define KEYS 3 /* ctid, tableoid, xmin: the first of the hidden columns */

static const char where_row[] = "WHERE ctid OPERATOR(pg_catalog.=) ?::pg_catalog.tid AND tableoid OPERATOR(pg_catalog.=) ?::pg_catalog.oid"
                                " AND xmin OPERATOR(pg_catalog.=) ?::pg_catalog.xid";
static const char returning[] = " RETURNING ctid::pg_catalog.text, tableoid::pg_catalog.text, xmin::pg_catalog.text";

/* ------------------------------------------------------------------ the cursor */

/*
 * The order of locks does not allow waiting for another statement's lock, or the connection's, with this one's held: they are tried until the deadline, or for
 * as long as a call of another thread may reasonably take.
 */
#define PATIENCE_MS 10000

static bool take_lock(struct aldb_mutex *m, struct aldb_deadline until)
{
    while (!aldb_mutex_trylock(m)) {
        if (aldb_deadline_over(until)) {
            return false;
        }
        (void)poll(NULL, 0, 1);
    }
    return true;
}

static enum aldb_rc post_busy(struct aldb_stmt *stmt)
{
    return aldb_diag_post(&stmt->h.diag, ALDB_ST_HYT00, "The cursor is in use by another thread");
}

/* The statement of the cursor, locked. */
static enum aldb_rc lock_cursor(struct aldb_stmt *stmt, const struct aldb_wait *wait, struct aldb_stmt **out)
{
    struct aldb_slice name = aldb_slice(stmt->sql.text.data + stmt->cursor_of.at, stmt->cursor_of.len);
    struct aldb_deadline patience = aldb_deadline_in_ms(PATIENCE_MS);
    struct aldb_deadline until = wait->deadline.at < patience.at ? wait->deadline : patience;
    struct aldb_dbc *dbc = stmt->dbc;
    if (!take_lock(&dbc->h.lock, until)) {
        return post_busy(stmt);
    }
    struct aldb_stmt *cursor = aldb_dbc_find_cursor(dbc, name, stmt);
    bool taken = cursor && take_lock(&cursor->h.lock, until);
    aldb_mutex_unlock(&dbc->h.lock);
    if (cursor && !taken) {
        return post_busy(stmt);
    }
    if (cursor && cursor->state != ALDB_STMT_CURSOR) {
        aldb_mutex_unlock(&cursor->h.lock);
        cursor = NULL;
    }
    if (cursor == NULL) {
        return aldb_diag_post(&stmt->h.diag, ALDB_ST_34000, "There is no open cursor %.*s; SQLGetCursorName tells what a statement's cursor is called", (int)name.len,
                              name.ptr);
    }
    *out = cursor;
    return ALDB_OK;
}

/* The number of the row that the cursor is on. */
static enum aldb_rc current_row(struct aldb_stmt *stmt, struct aldb_stmt *cursor, int64_t *number)
{
    struct aldb_diag *diag = &stmt->h.diag;
    const struct aldb_outcome *o = aldb_stmt_outcome(cursor);
    if (cursor->edit == NULL || o->scroll == NULL || cursor->concurrency == SQL_CONCUR_READ_ONLY) {
        return aldb_diag_post(diag, ALDB_ST_42000, "The cursor is read-only. Rows are changed through cursors with SQL_ATTR_CONCURRENCY SQL_CONCUR_ROWVER, of a plain "
                              "SELECT from one table");
    }
    if (!aldb_edit_matches(cursor, o)) {
        return aldb_diag_post(diag, ALDB_ST_HY000, "The columns of the cursor's table have changed since its statement was prepared; prepare it again");
    }
    *number = cursor->row_number + (int64_t)cursor->rowset_pos;
    if (cursor->rowset_rows == 0 || aldb_scroll_deleted(o->scroll, (uint64_t)*number - 1)) {
        return aldb_diag_post(diag, ALDB_ST_24000, "The cursor is not on a row: it was not fetched yet, or the row is deleted");
    }
    return ALDB_OK;
}

/* ------------------------------------------------------------------ the statement in its place */

static enum aldb_rc prepare(struct aldb_stmt *stmt)
{
    if (stmt->positioned) {
        return ALDB_OK;
    }
    const struct aldb_sql_part *part = &stmt->sql.parts[0];
    struct aldb_buf text;
    aldb_buf_init(&text, ALDB_MAX_SQL);
    aldb_sql_add_span(&text, &stmt->sql, (struct aldb_sql_span){part->begin, stmt->cursor_where - part->begin});
    aldb_buf_add_str(&text, where_row);
    aldb_buf_add_str(&text, part->cls == ALDB_SQL_UPDATE ? returning : "");
    return aldb_stmt_prepare_inner(stmt, &text, &stmt->positioned);
}

/* The application's parameters as they are bound, but for the offset, which is not the keys'. */
static enum aldb_rc copy_parameters(struct aldb_stmt *stmt, struct aldb_stmt *inner)
{
    struct aldb_diag *diag = &inner->h.diag;
    if (aldb_desc_copy(stmt->apd, &inner->own_apd, diag) == ALDB_ERR || aldb_desc_copy(&stmt->ipd, &inner->ipd, diag) == ALDB_ERR) {
        return ALDB_ERR;
    }
    SQLLEN offset = inner->own_apd.bind_offset_ptr ? *inner->own_apd.bind_offset_ptr : 0;
    aldb_desc_truncate(&inner->own_apd, (SQLSMALLINT)stmt->sql.nparams);
    aldb_desc_truncate(&inner->ipd, (SQLSMALLINT)stmt->sql.nparams);
    for (SQLSMALLINT n = 1; n <= inner->own_apd.count; n++) {
        struct aldb_desc_rec *r = aldb_desc_rec(&inner->own_apd, n);
        r->data_ptr = aldb_stride(r->data_ptr, 0, offset, 0, 0);
        r->octet_length_ptr = aldb_stride(r->octet_length_ptr, 0, offset, 0, 0);
        r->indicator_ptr = aldb_stride(r->indicator_ptr, 0, offset, 0, 0);
    }
    inner->own_apd.bind_offset_ptr = NULL;
    inner->own_apd.array_size = 1;
    inner->own_apd.array_status_ptr = NULL;
    inner->ipd.array_status_ptr = NULL;
    inner->ipd.rows_processed_ptr = NULL;
    return ALDB_OK;
}

/* Values of hidden columns, copied: the cursor's row may change meanwhile. */
struct keys {
    struct aldb_buf bytes;
    size_t at[KEYS];
    SQLLEN len[KEYS];
};

static enum aldb_rc read_keys(struct aldb_stmt *stmt, struct aldb_stmt *cursor, int64_t number, const struct aldb_wait *wait, struct keys *k)
{
    const struct aldb_cell *cells;
    if (aldb_scroll_row(cursor, aldb_stmt_outcome(cursor), (uint64_t)number - 1, wait, &stmt->h.diag, &cells) == ALDB_ERR) {
        return ALDB_ERR;
    }
    for (size_t i = 0; i < KEYS; i++) {
        const struct aldb_cell *c = &cells[cursor->edit->ncolumns + i];
        k->at[i] = k->bytes.len;
        k->len[i] = (SQLLEN)c->len;
        aldb_buf_add(&k->bytes, c->data ? c->data : "", c->len);
    }
    return aldb_buf_ok(&k->bytes) ? ALDB_OK : aldb_diag_post(&stmt->h.diag, ALDB_ST_HY001, NULL);
}

static enum aldb_rc bind(struct aldb_stmt *stmt, struct aldb_stmt *inner, struct keys *k)
{
    if (copy_parameters(stmt, inner) == ALDB_ERR) {
        return ALDB_ERR;
    }
    for (size_t i = 0; i < KEYS; i++) {
        SQLUSMALLINT n = (SQLUSMALLINT)(stmt->sql.nparams + i + 1);
        if (aldb_stmt_bind_parameter(inner, n, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, k->len[i] > 0 ? (SQLULEN)k->len[i] : 1, 0, k->bytes.data + k->at[i],
                                     k->len[i] > 0 ? k->len[i] : 1, &k->len[i]) == ALDB_ERR) {
            return ALDB_ERR;
        }
    }
    return ALDB_OK;
}

/* ------------------------------------------------------------------ what the cursor shows from now on */

/* The new version's place and number, then the rest of the row by them. */
static enum aldb_rc take_version(struct aldb_stmt *cursor, struct aldb_stmt *inner, int64_t number, const struct aldb_wait *wait)
{
    struct aldb_outcome *o = aldb_stmt_outcome(cursor);
    struct aldb_outcome *got = aldb_stmt_outcome(inner);
    const struct aldb_cell *hidden;
    const struct aldb_cell *cells;
    struct aldb_diag *diag = &inner->h.diag;
    struct aldb_cellrows copy; /* the row itself lies where the new one is going to be added */
    enum aldb_rc rc;
    aldb_cellrows_init(&copy);
    ALDB_TRY(aldb_fetch_next_row(inner, got, wait, diag, &hidden));
    ALDB_TRY(aldb_scroll_row(cursor, o, (uint64_t)number - 1, wait, diag, &cells));
    if (!aldb_cellrows_add(&copy, cells, o->exec.ncolumns) || aldb_cellrows_get(&copy, 0) == NULL) {
        rc = aldb_diag_post(diag, ALDB_ST_HY001, NULL);
        goto out;
    }
    memcpy(copy.cells + cursor->edit->ncolumns, hidden, KEYS * sizeof *hidden);
    ALDB_TRY(aldb_scroll_change(o->scroll, (uint64_t)number - 1, copy.cells, diag));
    rc = aldb_edit_read_again(cursor, o, number, cursor->rowset_pos);
out:
    aldb_cellrows_clear(&copy);
    return rc;
}

/* What the cursor's statement said before is not touched by what another one did. */
static enum aldb_rc show(struct aldb_stmt *cursor, struct aldb_stmt *inner, bool update, int64_t number, const struct aldb_wait *wait)
{
    struct aldb_diag kept = aldb_diag_aside(&cursor->h.diag);
    enum aldb_rc rc = update ? take_version(cursor, inner, number, wait)
                             : aldb_scroll_change(aldb_stmt_outcome(cursor)->scroll, (uint64_t)number - 1, NULL, &inner->h.diag);
    aldb_diag_move(&inner->h.diag, &cursor->h.diag);
    aldb_diag_back(&cursor->h.diag, &kept);
    return rc;
}

/* ------------------------------------------------------------------ running it */

static enum aldb_rc run(struct aldb_stmt *stmt, struct aldb_stmt *cursor, int64_t number, struct keys *k, const struct aldb_wait *wait)
{
    struct aldb_stmt *inner = stmt->positioned;
    bool update = stmt->sql.parts[0].cls == ALDB_SQL_UPDATE;
    enum aldb_rc rc;
    inner->query_timeout = stmt->query_timeout;
    ALDB_TRY(bind(stmt, inner, k));
    inner->dae = stmt->dae; /* values that came in parts */
    rc = aldb_stmt_run(inner);
    inner->dae = NULL;
    if (rc == ALDB_ERR) {
        goto out;
    }
    const struct aldb_outcome *done = aldb_stmt_outcome(inner);
    int64_t affected = done ? done->affected : 0;
    if (affected < 1) {
        (void)aldb_diag_post(&stmt->h.diag, ALDB_ST_01001, "The cursor's row was not %s: it has been changed or deleted since it was fetched, or is no row of that "
                             "table. SQLSetPos with SQL_REFRESH reads it again", update ? "updated" : "deleted");
        rc = ALDB_ERR;
        goto out;
    }
    bool info = rc == ALDB_INFO;
    ALDB_TRY(show(cursor, inner, update, number, wait));
    ALDB_TRY(aldb_outcomes_begin(stmt, 1));
    aldb_outcome_add(stmt, stmt->sql.parts[0].cls)->affected = affected;
    rc = info ? ALDB_INFO : ALDB_OK;
out:
    if (aldb_stmt_discard(inner) == ALDB_ERR) {
        rc = ALDB_ERR;
    }
    aldb_diag_move(&stmt->h.diag, &inner->h.diag);
    return rc;
}

enum aldb_rc aldb_positioned_run(struct aldb_stmt *stmt, const struct aldb_wait *wait)
{
    struct aldb_stmt *cursor = NULL;
    int64_t number = 0;
    if (stmt->sql.nparams > 0 && stmt->apd->array_size > 1) {
        return aldb_diag_post(&stmt->h.diag, ALDB_ST_HYC00, "WHERE CURRENT OF means one row: it cannot be run with an array of parameters");
    }
    if (prepare(stmt) == ALDB_ERR || lock_cursor(stmt, wait, &cursor) == ALDB_ERR) {
        return ALDB_ERR;
    }
    struct keys k = {.len = {0}};
    aldb_buf_init(&k.bytes, ALDB_MAX_NAME);
    enum aldb_rc rc = current_row(stmt, cursor, &number);
    if (rc != ALDB_ERR) {
        rc = read_keys(stmt, cursor, number, wait, &k);
    }
    if (rc != ALDB_ERR) {
        rc = run(stmt, cursor, number, &k, wait);
    }
    aldb_buf_clear(&k.bytes);
    aldb_mutex_unlock(&cursor->h.lock);
    return rc;
}
