/* SPDX-License-Identifier: Apache-2.0 */
/* Driver-made queries: catalog functions and SQLGetTypeInfo as this statement's result set. */
#include "statement/internal.h"

#include "base/alloc.h"

static enum aldb_rc run_local(struct aldb_stmt *stmt, struct aldb_query *q)
{
    struct aldb_outcome *o = aldb_outcome_add(stmt, ALDB_SQL_SELECT);
    if (o == NULL) {
        return ALDB_ERR;
    }
    o->is_local = true;
    o->has_rows = true;
    o->shape = q->shape;
    o->nlocal = stmt->max_rows != 0 && stmt->max_rows < q->nlocal ? stmt->max_rows : q->nlocal;
    o->affected = (int64_t)o->nlocal;
    aldb_buf_clear(&o->local);
    o->local = *q->local;
    aldb_buf_init(q->local, ALDB_MAX_VALUE);
    o->local_cells = aldb_alloc_array(q->shape->ncolumns, sizeof *o->local_cells);
    return o->local_cells ? ALDB_OK : aldb_diag_post(&stmt->h.diag, ALDB_ST_HY001, NULL);
}

static enum aldb_rc run_remote(struct aldb_stmt *stmt, struct aldb_session *s, struct aldb_query *q)
{
    struct aldb_wait wait = aldb_stmt_wait(stmt);
    int lengths[ALDB_COUNT(q->params)] = {0};
    int formats[ALDB_COUNT(q->params)] = {0};
    struct aldb_exec_request req = {
        .sql = aldb_buf_slice(&q->sql),
        .params = {.count = q->nparams, .values = (const char *const *)q->params, .lengths = lengths, .formats = formats},
        .at_once = true,
        .no_block = true, /* reading the catalog begins no transaction: applications do it when they connect, and wait for the user then */
        .max_rows = stmt->max_rows,
    };
    struct aldb_outcome *o = aldb_outcome_add(stmt, ALDB_SQL_SELECT);
    if (o == NULL) {
        return ALDB_ERR;
    }
    aldb_stmt_running(stmt, &o->exec);
    enum aldb_rc rc = aldb_exec_run(&o->exec, s, &req, &wait, &stmt->h.diag);
    aldb_stmt_idle(stmt);
    rc = aldb_outcome_finish(stmt, o, rc);
    if (rc != ALDB_ERR) {
        o->shape = q->shape;
        o->map = q->map;
        o->local_cells = aldb_alloc_array(q->shape->ncolumns, sizeof *o->local_cells);
        if (o->local_cells == NULL) {
            return aldb_diag_post(&stmt->h.diag, ALDB_ST_HY001, NULL);
        }
    }
    return rc;
}

enum aldb_rc aldb_stmt_run_query(struct aldb_stmt *stmt, struct aldb_query *q)
{
    struct aldb_session *s = aldb_stmt_session(stmt);
    if (s == NULL || aldb_stmt_discard(stmt) == ALDB_ERR) {
        return ALDB_ERR;
    }
    aldb_stmt_drop_text(stmt); /* a catalog function takes the place of a prepared statement */
    if (aldb_outcomes_begin(stmt, 1) == ALDB_ERR) {
        return ALDB_ERR;
    }
    enum aldb_rc rc = q->local ? run_local(stmt, q) : run_remote(stmt, s, q);
    if (rc == ALDB_ERR || aldb_outcome_show(stmt) == ALDB_ERR) {
        aldb_stmt_rest(stmt);
        return ALDB_ERR;
    }
    return rc;
}
