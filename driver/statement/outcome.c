/* SPDX-License-Identifier: Apache-2.0 */
/* The outcomes of an execution: making them, showing the current one to the application, walking along them. */
#include "statement/edit.h"

#include <string.h>

#include "base/alloc.h"
#include "log/log.h"

static bool make_room(struct aldb_stmt *stmt, uint64_t count)
{
    struct aldb_outcome **all = count <= SIZE_MAX ? aldb_realloc_array(stmt->outcomes, (size_t)count, sizeof *all) : NULL;
    if (all == NULL) {
        return false;
    }
    stmt->outcomes = all;
    stmt->outcomes_room = (size_t)count;
    return true;
}

struct aldb_outcome *aldb_outcome_add(struct aldb_stmt *stmt, enum aldb_sql_class cls)
{
    bool room = stmt->noutcomes < stmt->outcomes_room || make_room(stmt, stmt->noutcomes + stmt->noutcomes / 2 + 8);
    struct aldb_outcome *o = room ? aldb_alloc(sizeof *o) : NULL;
    if (o == NULL) {
        (void)aldb_diag_post(&stmt->h.diag, ALDB_ST_HY001, NULL);
        return NULL;
    }
    aldb_exec_init(&o->exec);
    o->affected = -1;
    o->cls = cls;
    aldb_buf_init(&o->local, ALDB_MAX_VALUE);
    stmt->outcomes[stmt->noutcomes++] = o;
    return o;
}

enum aldb_rc aldb_outcomes_begin(struct aldb_stmt *stmt, uint64_t count)
{
    stmt->outcome = 0;
    return make_room(stmt, count) ? ALDB_OK : aldb_diag_post(&stmt->h.diag, ALDB_ST_HY001, NULL);
}

/* SQL_DIAG_DYNAMIC_FUNCTION: the names and codes of ODBC's table. */
static const struct {
    enum aldb_sql_class cls;
    const char *name;
    int32_t code;
} functions[] = {
    {ALDB_SQL_SELECT, "SELECT CURSOR", SQL_DIAG_SELECT_CURSOR}, {ALDB_SQL_INSERT, "INSERT", SQL_DIAG_INSERT},
    {ALDB_SQL_UPDATE, "UPDATE WHERE", SQL_DIAG_UPDATE_WHERE},   {ALDB_SQL_DELETE, "DELETE WHERE", SQL_DIAG_DELETE_WHERE},
    {ALDB_SQL_CALL, "CALL", SQL_DIAG_CALL},
};

/* Of other statements the server's command tag is ODBC's name, where ODBC has one. */
static const struct {
    const char *tag;
    int32_t code;
} utilities[] = {
    {"ALTER DOMAIN", SQL_DIAG_ALTER_DOMAIN},     {"ALTER TABLE", SQL_DIAG_ALTER_TABLE},   {"CREATE COLLATION", SQL_DIAG_CREATE_COLLATION},
    {"CREATE DOMAIN", SQL_DIAG_CREATE_DOMAIN},   {"CREATE INDEX", SQL_DIAG_CREATE_INDEX}, {"CREATE SCHEMA", SQL_DIAG_CREATE_SCHEMA},
    {"CREATE TABLE", SQL_DIAG_CREATE_TABLE},     {"CREATE VIEW", SQL_DIAG_CREATE_VIEW},   {"DROP COLLATION", SQL_DIAG_DROP_COLLATION},
    {"DROP DOMAIN", SQL_DIAG_DROP_DOMAIN},       {"DROP INDEX", SQL_DIAG_DROP_INDEX},     {"DROP SCHEMA", SQL_DIAG_DROP_SCHEMA},
    {"DROP TABLE", SQL_DIAG_DROP_TABLE},         {"DROP VIEW", SQL_DIAG_DROP_VIEW},       {"GRANT", SQL_DIAG_GRANT},
    {"REVOKE", SQL_DIAG_REVOKE},
};

static void set_function(struct aldb_diag *d, enum aldb_sql_class cls, const char *tag)
{
    d->dynamic_function = "";
    d->dynamic_function_code = SQL_DIAG_UNKNOWN_STATEMENT;
    for (size_t i = 0; i < ALDB_COUNT(functions); i++) {
        if (functions[i].cls == cls) {
            d->dynamic_function = functions[i].name;
            d->dynamic_function_code = functions[i].code;
        }
    }
    for (size_t i = 0; i < ALDB_COUNT(utilities); i++) {
        if (strcmp(tag, utilities[i].tag) == 0) {
            d->dynamic_function = utilities[i].tag;
            d->dynamic_function_code = utilities[i].code;
        }
    }
}

/* Rows that RETURNING gives back were affected too. */
static void set_header(struct aldb_stmt *stmt, const struct aldb_outcome *o)
{
    struct aldb_diag *d = &stmt->h.diag;
    d->row_count = o->has_rows && !aldb_sql_counts_rows(o->cls) ? 0 : o->affected;
    d->cursor_row_count = o->has_rows ? o->affected : 0;
    set_function(d, o->cls, o->exec.tag);
    if (stmt->cursor_of.len > 0) {
        bool update = o->cls == ALDB_SQL_UPDATE;
        d->dynamic_function = update ? "DYNAMIC UPDATE CURSOR" : "DYNAMIC DELETE CURSOR";
        d->dynamic_function_code = update ? SQL_DIAG_DYNAMIC_UPDATE_CURSOR : SQL_DIAG_DYNAMIC_DELETE_CURSOR;
    }
}

void aldb_outcome_expect(struct aldb_stmt *stmt)
{
    struct aldb_diag *d = &stmt->h.diag;
    d->row_count = 0;
    d->cursor_row_count = 0;
    set_function(d, stmt->has_sql && stmt->sql.nparts > 0 ? stmt->sql.parts[0].cls : ALDB_SQL_UTILITY, "");
}

static void trace_outcome(const struct aldb_stmt *stmt, const struct aldb_outcome *o)
{
    if (!aldb_log_on(ALDB_LOG_DEBUG, ALDB_LOG_STMT)) {
        return;
    }
    if (o->is_local) {
        aldb_log_write(ALDB_LOG_DEBUG, ALDB_LOG_STMT, "%p: a result that the server was not asked for", (const void *)stmt);
    } else if (o->has_rows) {
        aldb_log_write(ALDB_LOG_DEBUG, ALDB_LOG_STMT, "%p: result %zu of %zu has %u columns, %s", (const void *)stmt, stmt->outcome + 1, stmt->noutcomes,
                       (unsigned)o->exec.ncolumns, o->exec.complete ? "all its rows have come" : "its rows are coming");
    } else {
        aldb_log_write(ALDB_LOG_DEBUG, ALDB_LOG_STMT, "%p: result %zu of %zu is \"%s\", row count %lld", (const void *)stmt, stmt->outcome + 1, stmt->noutcomes, o->exec.tag,
                       (long long)o->affected);
    }
}

/* Makes the current outcome visible: IRD, row count, state. */
enum aldb_rc aldb_outcome_show(struct aldb_stmt *stmt)
{
    struct aldb_outcome *o = stmt->outcomes[stmt->outcome];
    if (stmt->edit) {
        stmt->edit->run = (struct aldb_edit_run){0};
    }
    aldb_stmt_reset_position(stmt);
    stmt->row_count = o->affected;
    stmt->state = o->has_rows ? ALDB_STMT_CURSOR : ALDB_STMT_EXECUTED;
    stmt->open_epoch = aldb_stmt_cancels(stmt);
    set_header(stmt, o);
    trace_outcome(stmt, o);
    stmt->locale = o->exec.locale;
    bool binary = o->exec.ncolumns > 0 && o->exec.columns[0].binary;
    if (binary != stmt->wire_binary) {
        stmt->wire_binary = binary;
        stmt->ird.version++;
    }
    if (aldb_stmt_set_ird(stmt, o->exec.columns, o->has_rows ? (uint16_t)(o->exec.ncolumns - stmt->hidden) : 0, o->shape) == ALDB_ERR || aldb_scroll_open(stmt, o) == ALDB_ERR) {
        aldb_stmt_discard_quietly(stmt);
        return ALDB_ERR;
    }
    return ALDB_OK;
}

enum aldb_rc aldb_outcome_finish(struct aldb_stmt *stmt, struct aldb_outcome *o, enum aldb_rc rc)
{
    if (rc == ALDB_ERR) {
        aldb_stmt_drop_outcome(stmt);
        return rc;
    }
    o->has_rows = o->exec.has_rows;
    o->affected = o->exec.affected;
    return rc;
}

/* ------------------------------------------------------------------ results one after another, closing */

enum aldb_rc aldb_stmt_more_results(struct aldb_stmt *stmt)
{
    struct aldb_outcome *o = aldb_stmt_outcome(stmt);
    if (stmt->state == ALDB_STMT_PARAM_DATA) {
        aldb_stmt_rest(stmt); /* the values that were not read are not wanted */
        return ALDB_NO_DATA;
    }
    if (o == NULL || !aldb_stmt_results_left(stmt)) {
        struct aldb_session *s = stmt->dbc ? stmt->dbc->session : NULL;
        if (s && aldb_session_check(s, &stmt->h.diag) == ALDB_ERR) {
            aldb_stmt_discard_quietly(stmt); /* that there is nothing more is not known of a server that was lost */
            return ALDB_ERR;
        }
        if (stmt->nstreamed > 0 && stmt->next_streamed == 0) {
            return aldb_streamed_begin(stmt);
        }
        return aldb_stmt_discard(stmt) == ALDB_ERR ? ALDB_ERR : ALDB_NO_DATA;
    }
    struct aldb_wait wait = {.deadline = aldb_deadline_none()};
    enum aldb_rc closed = aldb_stmt_close_stream(stmt, o, &wait, &stmt->h.diag);
    if (o->count + 1 < o->ncounts) {
        o->affected = o->counts[++o->count];
    } else {
        stmt->outcome = aldb_stmt_next_outcome(stmt, stmt->outcome + 1);
    }
    if (aldb_outcome_show(stmt) == ALDB_ERR || closed == ALDB_ERR) {
        return ALDB_ERR;
    }
    return closed;
}

int64_t aldb_stmt_row_count(struct aldb_stmt *stmt)
{
    const struct aldb_outcome *o = aldb_stmt_outcome(stmt);
    if (stmt->edit && stmt->edit->run.end > 0) {
        return stmt->edit->run.affected; /* of the last SQLSetPos or SQLBulkOperations that changed rows */
    }
    if (o && o->has_rows && !o->is_local) {
        return o->exec.complete ? o->exec.affected : -1;
    }
    return o ? o->affected : stmt->row_count;
}

enum aldb_rc aldb_stmt_close(struct aldb_stmt *stmt, bool must_be_open)
{
    if (must_be_open && stmt->state != ALDB_STMT_CURSOR) {
        return aldb_diag_post(&stmt->h.diag, ALDB_ST_24000, "No cursor is open on this statement");
    }
    return aldb_stmt_discard(stmt);
}
