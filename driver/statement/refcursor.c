/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cursors that a call gives back by name (refcursor), each read as a result set of its own: FetchRefcursors.
 *
 * All rows are taken at once, to memory and then to a temporary file, so that the cursors' transaction need not outlive the call.
 */
#include "statement/call.h"

bool aldb_refcursor_named(const struct aldb_stmt *stmt, const struct aldb_column *columns, uint16_t ncolumns)
{
    for (uint16_t i = 0; stmt->dbc->options.FetchRefcursors && i < ncolumns; i++) {
        if (columns[i].oid == ALDB_OID_REFCURSOR) {
            return true;
        }
    }
    return false;
}

static bool is_listed(const struct aldb_buf *names, struct aldb_slice name)
{
    for (const char *at = names->data; at && at < names->data + names->len; at += strlen(at) + 1) {
        if (aldb_slice_eq(aldb_slice_of(at), name)) {
            return true;
        }
    }
    return false;
}

void aldb_refcursor_collect(const struct aldb_outcome *o, struct aldb_buf *names)
{
    for (uint16_t i = 0; i < o->exec.ncolumns; i++) {
        const struct aldb_cell *cell = &o->exec.cells[i];
        if (o->exec.columns[i].oid == ALDB_OID_REFCURSOR && cell->data && !is_listed(names, aldb_slice(cell->data, cell->len))) {
            aldb_buf_add(names, cell->data, cell->len);
            aldb_buf_add_char(names, '\0');
        }
    }
}

static enum aldb_rc fetch_all(struct aldb_stmt *stmt, struct aldb_session *s, const char *name, uint64_t set, const struct aldb_wait *wait)
{
    struct aldb_diag *diag = &stmt->h.diag;
    struct aldb_outcome *o = aldb_outcome_add(stmt, ALDB_SQL_SELECT);
    if (o == NULL) {
        return ALDB_ERR;
    }
    struct aldb_buf text;
    aldb_buf_init(&text, ALDB_MAX_SQL);
    aldb_buf_add_str(&text, "FETCH ALL FROM ");
    aldb_sql_quote_ident(&text, aldb_slice_of(name));
    enum aldb_rc rc = aldb_buf_ok(&text) ? ALDB_OK : aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    if (rc == ALDB_OK) {
        /* As text, and not planned: under the same name the next call may open a cursor of other columns. */
        struct aldb_exec_request req = {.sql = aldb_buf_slice(&text), .utility = true, .writes = true, .max_rows = stmt->max_rows};
        aldb_stmt_running(stmt, &o->exec);
        rc = aldb_exec_run(&o->exec, s, &req, wait, diag);
        if (rc != ALDB_ERR) {
            enum aldb_rc kept = aldb_exec_spool(&o->exec, wait, diag);
            rc = kept == ALDB_OK ? rc : kept;
        }
        aldb_stmt_idle(stmt);
    }
    aldb_buf_clear(&text);
    o->set = set;
    return aldb_outcome_finish(stmt, o, rc);
}

static enum aldb_rc close_cursor(struct aldb_stmt *stmt, struct aldb_session *s, const char *name, const struct aldb_wait *wait)
{
    struct aldb_diag *diag = &stmt->h.diag;
    struct aldb_buf text;
    struct aldb_exec e;
    aldb_exec_init(&e);
    aldb_buf_init(&text, ALDB_MAX_SQL);
    aldb_buf_add_str(&text, "CLOSE ");
    aldb_sql_quote_ident(&text, aldb_slice_of(name));
    enum aldb_rc rc = aldb_buf_ok(&text) ? ALDB_OK : aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    if (rc == ALDB_OK) {
        struct aldb_exec_request req = {.sql = aldb_buf_slice(&text), .utility = true, .rowless = true};
        aldb_stmt_running(stmt, &e);
        rc = aldb_exec_run(&e, s, &req, wait, diag);
        aldb_stmt_idle(stmt);
        aldb_exec_abandon(&e);
    }
    aldb_buf_clear(&text);
    return rc;
}

enum aldb_rc aldb_refcursor_fetch(struct aldb_stmt *stmt, struct aldb_session *s, const struct aldb_buf *names, uint64_t set, const struct aldb_wait *wait)
{
    bool info = false;
    enum aldb_rc rc = ALDB_OK;
    if (names->failed) {
        return aldb_diag_post(&stmt->h.diag, ALDB_ST_HY001, NULL);
    }
    for (const char *at = names->data; at && at < names->data + names->len; at += strlen(at) + 1) {
        ALDB_TRY(aldb_stmt_check_cancel(stmt));
        ALDB_TRY(fetch_all(stmt, s, at, set, wait));
        info |= rc == ALDB_INFO;
        ALDB_TRY(close_cursor(stmt, s, at, wait));
        info |= rc == ALDB_INFO;
    }
    rc = info ? ALDB_INFO : ALDB_OK;
out:
    return rc;
}
