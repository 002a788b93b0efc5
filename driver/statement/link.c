/* SPDX-License-Identifier: Apache-2.0 */
/* The statement's way to its session, to its current result, and to SQLCancel. */
#include "statement/internal.h"

#include <string.h>

#include "base/alloc.h"
#include "types/oid.h"

struct aldb_session *aldb_stmt_session(struct aldb_stmt *stmt)
{
    struct aldb_session *s = stmt->dbc ? stmt->dbc->session : NULL;
    if (s == NULL) {
        (void)aldb_diag_post(&stmt->h.diag, ALDB_ST_08003, "The connection of this statement is closed");
    }
    return s;
}

enum aldb_rc aldb_stmt_check_cancel(struct aldb_stmt *stmt)
{
    return aldb_stmt_cancels(stmt) == stmt->run_epoch ? ALDB_OK : aldb_diag_post(&stmt->h.diag, ALDB_ST_HY008, NULL);
}

static size_t map_position(const void *sql, size_t part, size_t character)
{
    return aldb_sql_map_position(sql, part, character);
}

void aldb_stmt_speak_of(struct aldb_stmt *stmt, size_t part)
{
    aldb_diag_map_positions(&stmt->h.diag, map_position, &stmt->sql, part);
}

void aldb_stmt_speak_plain(struct aldb_stmt *stmt)
{
    aldb_diag_map_positions(&stmt->h.diag, NULL, NULL, 0);
}

struct aldb_wait aldb_stmt_wait(const struct aldb_stmt *stmt)
{
    struct aldb_deadline own = aldb_deadline_in_s(stmt->query_timeout);
    struct aldb_wait link = {.deadline = aldb_deadline_none()};
    if (stmt->dbc) {
        link = aldb_dbc_wait(stmt->dbc);
    }
    return link.deadline.at < own.at ? link : (struct aldb_wait){.deadline = own};
}

enum aldb_rc aldb_stmt_discard(struct aldb_stmt *stmt)
{
    struct aldb_wait wait = {.deadline = aldb_deadline_none()};
    if (stmt->dbc) {
        wait = aldb_dbc_wait(stmt->dbc);
    }
    enum aldb_rc worst = aldb_stmt_close_streams(stmt, &wait, &stmt->h.diag);
    aldb_stmt_rest(stmt);
    return worst;
}

void aldb_stmt_discard_quietly(struct aldb_stmt *stmt)
{
    struct aldb_diag kept = aldb_diag_aside(&stmt->h.diag);
    (void)!aldb_stmt_discard(stmt);
    aldb_diag_back(&stmt->h.diag, &kept);
}

/* True when the IRD already shows exactly these columns, so that repeated executions cost a comparison. */
static bool ird_matches(struct aldb_stmt *stmt, const struct aldb_column *columns, uint16_t ncolumns)
{
    if (!stmt->ird_current || stmt->ird.count != (SQLSMALLINT)ncolumns || stmt->ird_facts != atomic_load(&stmt->dbc->facts_epoch)) {
        return false;
    }
    for (uint16_t i = 0; i < ncolumns; i++) {
        const struct aldb_desc_rec *r = aldb_desc_rec(&stmt->ird, (SQLSMALLINT)(i + 1));
        if (r->oid != columns[i].oid || r->typmod != columns[i].typmod || r->table_oid != columns[i].table_oid ||
            r->attnum != columns[i].attnum || r->name == NULL || strcmp(r->name, columns[i].name) != 0) {
            return false;
        }
    }
    return true;
}

static enum aldb_rc set_text(struct aldb_stmt *stmt, char **field, const char *text)
{
    if (*field && text && strcmp(*field, text) == 0) {
        return ALDB_OK;
    }
    char *copy = aldb_strdup(text);
    if (copy == NULL && text != NULL) {
        return aldb_diag_post(&stmt->h.diag, ALDB_ST_HY001, NULL);
    }
    aldb_free(*field);
    *field = copy;
    return ALDB_OK;
}

/* One column of the IRD. Details that need the catalog (table names, nullability) come later, when asked for. */
static enum aldb_rc set_ird_column(struct aldb_stmt *stmt, SQLSMALLINT n, const struct aldb_column *col,
                                   const struct aldb_shape_column *shape)
{
    struct aldb_desc_rec *r = aldb_desc_rec(&stmt->ird, n);
    uint32_t oid = shape ? shape->oid : col->oid;
    int32_t typmod = shape ? shape->typmod : col->typmod;
    const char *name = shape ? shape->name : col->name;

    enum aldb_rc rc;
    ALDB_TRY(set_text(stmt, &r->name, name));
    ALDB_TRY(set_text(stmt, &r->label, name));
    struct aldb_type_desc t;
    aldb_type_describe(&stmt->dbc->types, oid, typmod, &t);
    aldb_desc_rec_describe(r, &t, oid, typmod);
    r->oid = oid;
    r->typmod = typmod;
    r->table_oid = shape || col == NULL ? 0 : col->table_oid;
    r->attnum = shape || col == NULL ? 0 : col->attnum;
    r->nullable = shape ? shape->nullable : SQL_NULLABLE_UNKNOWN;
    r->unnamed = name && name[0] && strcmp(name, "?column?") != 0 ? SQL_NAMED : SQL_UNNAMED;
    r->updatable = shape ? SQL_ATTR_READONLY : r->table_oid ? SQL_ATTR_READWRITE_UNKNOWN : SQL_ATTR_READONLY;
    r->auto_unique = SQL_FALSE;
    r->details_known = shape != NULL;
    r->large_object = false;
    ALDB_TRY(set_text(stmt, &r->type_name, aldb_type_name(oid, typmod)));
    ALDB_TRY(set_text(stmt, &r->base_column, NULL));
    ALDB_TRY(set_text(stmt, &r->base_table, NULL));
    ALDB_TRY(set_text(stmt, &r->table, NULL));
    ALDB_TRY(set_text(stmt, &r->schema, NULL));
    ALDB_TRY(set_text(stmt, &r->catalog, NULL));
out:
    return rc == ALDB_ERR ? ALDB_ERR : ALDB_OK;
}

/* Record 0 of the IRD: what a bookmark is. */
static enum aldb_rc describe_bookmark(struct aldb_stmt *stmt)
{
    if (stmt->use_bookmarks == SQL_UB_OFF) {
        return ALDB_OK;
    }
    if (aldb_desc_extend(&stmt->ird, 0, &stmt->h.diag) == ALDB_ERR) {
        return ALDB_ERR;
    }
    struct aldb_type_desc t;
    struct aldb_desc_rec *r = aldb_desc_rec(&stmt->ird, 0);
    bool fixed = stmt->use_bookmarks == SQL_UB_FIXED;
    aldb_type_describe_sql(&stmt->dbc->types, fixed ? SQL_BIGINT : SQL_BINARY, fixed ? 0 : sizeof stmt->bookmark, 0, &t);
    aldb_desc_rec_describe(r, &t, fixed ? ALDB_OID_INT8 : ALDB_OID_BYTEA, -1);
    r->nullable = SQL_NO_NULLS;
    r->unnamed = SQL_UNNAMED;
    r->updatable = SQL_ATTR_READONLY;
    r->details_known = true;
    return ALDB_OK;
}

/* An oid of a user's table may be of the domain lo, which RowDescription does not tell. The server's own tables have none. */
static bool may_hold_large_objects(struct aldb_stmt *stmt)
{
    for (SQLSMALLINT i = 1; i <= stmt->ird.count; i++) {
        const struct aldb_desc_rec *r = aldb_desc_rec(&stmt->ird, i);
        if (r->oid == ALDB_OID_OID && r->table_oid >= ALDB_FIRST_USER_OID) {
            return true;
        }
    }
    return false;
}

enum aldb_rc aldb_stmt_set_ird(struct aldb_stmt *stmt, const struct aldb_column *columns, uint16_t ncolumns,
                               const struct aldb_shape *shape)
{
    if (describe_bookmark(stmt) == ALDB_ERR) {
        return ALDB_ERR;
    }
    if (shape == NULL && ird_matches(stmt, columns, ncolumns)) {
        return ALDB_OK;
    }
    uint16_t count = shape ? shape->ncolumns : ncolumns;
    aldb_desc_truncate(&stmt->ird, (SQLSMALLINT)count);
    if (aldb_desc_extend(&stmt->ird, (SQLSMALLINT)count, &stmt->h.diag) == ALDB_ERR) {
        return ALDB_ERR;
    }
    stmt->ird_current = false;
    stmt->ird_large = false;
    stmt->ird_facts = atomic_load(&stmt->dbc->facts_epoch);
    for (uint16_t i = 0; i < count; i++) {
        if (set_ird_column(stmt, (SQLSMALLINT)(i + 1), columns && i < ncolumns ? &columns[i] : NULL,
                           shape ? &shape->columns[i] : NULL) == ALDB_ERR) {
            return ALDB_ERR;
        }
    }
    stmt->ird.version++;
    stmt->ird_current = true;
    return may_hold_large_objects(stmt) ? aldb_stmt_column_details(stmt) : ALDB_OK;
}

void aldb_stmt_close_cancelled(struct aldb_stmt *stmt)
{
    if (aldb_stmt_cancelled_since(stmt)) {
        aldb_stmt_discard_quietly(stmt);
    }
}

void aldb_stmt_wait_no_more(struct aldb_stmt *stmt)
{
    if (aldb_stmt_edit_waits(stmt)) {
        aldb_stmt_edit_give_up(stmt);
    } else if (stmt->copying != ALDB_COPYING_NOT) {
        aldb_copy_give_up(stmt);
    } else if (stmt->state == ALDB_STMT_NEED_DATA || stmt->state == ALDB_STMT_PARAM_DATA) {
        aldb_stmt_rest(stmt);
    }
}

void aldb_stmt_press_cancel(struct aldb_stmt *stmt)
{
    atomic_fetch_add(&stmt->cancel_epoch, 1);
    pthread_mutex_lock(&stmt->cancel_lock);
    if (stmt->running && !atomic_load(&stmt->running->cancel_requested)) {
        (void)aldb_exec_cancel(stmt->running);
    }
    pthread_mutex_unlock(&stmt->cancel_lock);
}

void aldb_stmt_cancel(struct aldb_stmt *stmt)
{
    atomic_fetch_add(&stmt->cancel_epoch, 1);
    if (aldb_mutex_trylock(&stmt->h.lock)) {
        /*
         * Nothing is running. Waiting for data, or for streamed output parameters to be read: the data are dropped. A cursor open: ODBC 3 leaves it so, but unixODBC believes it closed from now on (it takes
         * an idle SQLCancel for SQLFreeStmt(SQL_CLOSE)). Closing may have to wait for the connection, and SQLCancel waits for nothing: the next execution
         * sees by the epoch that it is to close it.
         */
        aldb_stmt_wait_no_more(stmt);
        aldb_mutex_unlock(&stmt->h.lock);
        return;
    }
    pthread_mutex_lock(&stmt->cancel_lock);
    if (stmt->running) {
        (void)aldb_exec_cancel(stmt->running);
    }
    pthread_mutex_unlock(&stmt->cancel_lock);
}
