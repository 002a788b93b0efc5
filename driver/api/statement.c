/* SPDX-License-Identifier: Apache-2.0 */
/* Statements: text, parameters, execution, rows. */
#include "api/async.h"
#include "api/bodies.h"
#include "api/call.h"

#include <string.h>

#include "base/alloc.h"
#include "handle/attr.h"
#include "statement/statement.h"

#define TEXT_SHOWN 65536 /* bytes of a statement in the log */

/* ------------------------------------------------------------------ text */

static void trace_sql(struct aldb_call *c, struct aldb_slice sql)
{
    if (!aldb_log_on(ALDB_LOG_DEBUG, ALDB_LOG_API)) {
        return;
    }
    c->told = true;
    if (aldb_log_query_text()) {
        size_t shown = sql.len > TEXT_SHOWN ? TEXT_SHOWN : sql.len;
        aldb_log_write(ALDB_LOG_DEBUG, ALDB_LOG_API, "%s(%p) text: %.*s%s", c->name, (void *)c->h, (int)shown, sql.ptr, shown < sql.len ? "…" : "");
    } else {
        aldb_log_write(ALDB_LOG_DEBUG, ALDB_LOG_API, "%s(%p) text of %zu bytes", c->name, (void *)c->h, sql.len);
    }
}

struct text_args {
    struct aldb_text text;
    enum aldb_rc (*run)(struct aldb_stmt *stmt, struct aldb_slice text);
};

static enum aldb_rc text_run(struct aldb_call *c, void *args)
{
    struct text_args *a = args;
    return a->run(c->stmt, a->text.slice);
}

static bool text_keep(void *args)
{
    return aldb_text_keep(&((struct text_args *)args)->text);
}

static void text_end(void *args)
{
    aldb_text_clear(&((struct text_args *)args)->text);
}

static const struct aldb_step text_step = {.run = text_run, .keep = text_keep, .end = text_end, .resumed = true};

static SQLRETURN run_text(SQLHSTMT hstmt, enum aldb_fn fn, const struct aldb_step *step, struct aldb_in sql,
                          enum aldb_rc (*run)(struct aldb_stmt *stmt, struct aldb_slice text))
{
    struct aldb_call c;
    if (!aldb_enter_stmt(&c, hstmt, fn)) {
        return c.ret;
    }
    struct text_args a = {.run = run};
    enum aldb_rc rc;
    ALDB_TRY(aldb_text_take(&a.text, &sql, ALDB_IN_SQL, "The statement", c.diag));
    if (a.text.slice.ptr == NULL) {
        rc = aldb_diag_post(c.diag, ALDB_ST_HY009, "StatementText is NULL");
        goto out;
    }
    trace_sql(&c, a.text.slice);
    return aldb_go(&c, step, &a, sizeof a);
out:
    text_end(&a);
    return aldb_leave(&c, rc);
}

/*
 * Preparing asks nobody. Where unixODBC could not resume what asks the server of a prepared text later, it is asked now: what it refuses it will refuse again where
 * that is to be told.
 */
static bool asks_now(const struct aldb_stmt *stmt)
{
    return stmt->async_enable == SQL_ASYNC_ENABLE_ON && stmt->dbc && !stmt->dbc->env->resumes;
}

static bool prepare_at_hand(const struct aldb_call *c, const void *args)
{
    (void)args;
    return !asks_now(c->stmt);
}

static enum aldb_rc prepare(struct aldb_stmt *stmt, struct aldb_slice text)
{
    enum aldb_rc rc = aldb_stmt_prepare(stmt, text);
    if (aldb_done(rc) && asks_now(stmt)) {
        aldb_stmt_describe_ahead(stmt);
    }
    return rc;
}

static const struct aldb_step prepare_step = {.run = text_run, .keep = text_keep, .end = text_end, .at_hand = prepare_at_hand, .resumed = true};

SQLRETURN aldb_api_prepare(SQLHSTMT hstmt, struct aldb_in sql)
{
    return run_text(hstmt, ALDB_FN_PREPARE, &prepare_step, sql, prepare);
}

SQLRETURN aldb_api_exec_direct(SQLHSTMT hstmt, struct aldb_in sql)
{
    return run_text(hstmt, ALDB_FN_EXEC_DIRECT, &text_step, sql, aldb_stmt_exec_direct);
}

static enum aldb_rc execute_run(struct aldb_call *c, void *args)
{
    (void)args;
    return aldb_stmt_execute(c->stmt);
}

static const struct aldb_step execute_step = {.run = execute_run, .resumed = true};

ALDB_ENTRY SQLExecute(SQLHSTMT hstmt)
{
    struct aldb_call c;
    if (!aldb_enter_stmt(&c, hstmt, ALDB_FN_EXECUTE)) {
        return c.ret;
    }
    return aldb_go(&c, &execute_step, NULL, 0);
}

/* ------------------------------------------------------------------ parameters */

ALDB_ENTRY SQLNumParams(SQLHSTMT hstmt, SQLSMALLINT *count)
{
    struct aldb_call c;
    if (!aldb_enter_stmt(&c, hstmt, ALDB_FN_NUM_PARAMS)) {
        return c.ret;
    }
    SQLSMALLINT n = 0;
    enum aldb_rc rc = aldb_stmt_num_params(c.stmt, &n);
    if (aldb_done(rc) && count) {
        *count = n;
    }
    return aldb_leave(&c, rc);
}

ALDB_ENTRY SQLBindParameter(SQLHSTMT hstmt, SQLUSMALLINT number, SQLSMALLINT io, SQLSMALLINT c_type, SQLSMALLINT sql_type,
                            SQLULEN column_size, SQLSMALLINT digits, SQLPOINTER value, SQLLEN room, SQLLEN *indicator)
{
    struct aldb_call c;
    if (!aldb_enter_stmt(&c, hstmt, ALDB_FN_BIND_PARAMETER)) {
        return c.ret;
    }
    ALDB_CALL_ARGS(&c, "parameter %u, direction %d, C type %d, SQL type %d, size %llu, digits %d, value %p, room %lld, indicator %p", number, io,
                   c_type, sql_type, (unsigned long long)column_size, digits, value, (long long)room, (void *)indicator);
    return aldb_leave(&c, aldb_stmt_bind_parameter(c.stmt, number, io, c_type, sql_type, column_size, digits, value, room, indicator));
}

struct param_data_args {
    SQLPOINTER *value;
};

static enum aldb_rc param_data_run(struct aldb_call *c, void *args)
{
    const struct param_data_args *a = args;
    SQLPOINTER token = NULL;
    enum aldb_rc rc = aldb_stmt_param_data(c->stmt, &token);
    if ((rc == ALDB_NEED_DATA || rc == ALDB_PARAM_DATA) && a->value) {
        *a->value = token;
    }
    return rc;
}

/* What streamed parameters hold has come already. */
static bool param_data_at_hand(const struct aldb_call *c, const void *args)
{
    (void)args;
    return c->stmt->state == ALDB_STMT_PARAM_DATA;
}

static const struct aldb_step param_data_step = {.run = param_data_run, .at_hand = param_data_at_hand, .resumed = true};

ALDB_ENTRY SQLParamData(SQLHSTMT hstmt, SQLPOINTER *value)
{
    struct aldb_call c;
    if (!aldb_enter_stmt(&c, hstmt, ALDB_FN_PARAM_DATA)) {
        return c.ret;
    }
    struct param_data_args a = {.value = value};
    return aldb_go(&c, &param_data_step, &a, sizeof a);
}

ALDB_ENTRY SQLPutData(SQLHSTMT hstmt, SQLPOINTER data, SQLLEN length)
{
    struct aldb_call c;
    if (!aldb_enter_stmt(&c, hstmt, ALDB_FN_PUT_DATA)) {
        return c.ret;
    }
    ALDB_CALL_ARGS(&c, "length %lld", (long long)length);
    return aldb_leave(&c, aldb_stmt_put_data(c.stmt, data, length));
}

/* ------------------------------------------------------------------ results */

ALDB_ENTRY SQLBindCol(SQLHSTMT hstmt, SQLUSMALLINT column, SQLSMALLINT c_type, SQLPOINTER value, SQLLEN room, SQLLEN *indicator)
{
    struct aldb_call c;
    if (!aldb_enter_stmt(&c, hstmt, ALDB_FN_BIND_COL)) {
        return c.ret;
    }
    ALDB_CALL_ARGS(&c, "column %u, C type %d, value %p, room %lld, indicator %p", column, c_type, value, (long long)room, (void *)indicator);
    return aldb_leave(&c, aldb_stmt_bind_col(c.stmt, column, c_type, value, room, indicator));
}

static enum aldb_rc fetch_run(struct aldb_call *c, void *args)
{
    enum aldb_rc rc = aldb_stmt_fetch(c->stmt, args);
    return c->stmt->async_enable == SQL_ASYNC_ENABLE_ON && aldb_done(rc) ? aldb_stmt_look_ahead(c->stmt, rc) : rc;
}

static const struct aldb_step fetch_step = {.run = fetch_run, .resumed = true, .started_anyway = true};

struct ahead_args {
    enum aldb_rc fetched;
};

static enum aldb_rc ahead_run(struct aldb_call *c, void *args)
{
    return aldb_stmt_look_ahead(c->stmt, ((const struct ahead_args *)args)->fetched);
}

static const struct aldb_step ahead_step = {.run = ahead_run, .resumed = true, .started_anyway = true};

/*
 * Where only what comes behind the rows is not here yet, the rows are delivered at once. Values that cannot be converted are then told at once too, where unixODBC
 * can take it: ahead.c. It cannot take what the next fetch might have to say either, so that this one waits for that.
 */
static SQLRETURN fetch(struct aldb_call *c, struct aldb_fetch_request req)
{
    struct aldb_stmt *stmt = c->stmt;
    aldb_call_waits(c);
    if (stmt->async_enable == SQL_ASYNC_ENABLE_OFF || aldb_stmt_fetch_at_hand(stmt, &req, true)) {
        return aldb_leave(c, fetch_run(c, &req));
    }
    if (!aldb_stmt_fetch_at_hand(stmt, &req, false)) {
        return aldb_go(c, &fetch_step, &req, sizeof req);
    }
    struct ahead_args a = {.fetched = aldb_stmt_fetch(stmt, &req)};
    if (aldb_done(a.fetched)) {
        return aldb_go(c, &ahead_step, &a, sizeof a);
    }
    return aldb_leave(c, a.fetched == ALDB_ERR && !stmt->dbc->env->resumes ? aldb_stmt_look_ahead(stmt, ALDB_ERR) : a.fetched);
}

ALDB_ENTRY SQLFetch(SQLHSTMT hstmt)
{
    struct aldb_call c;
    if (!aldb_enter_stmt(&c, hstmt, ALDB_FN_FETCH)) {
        return c.ret;
    }
    return fetch(&c, (struct aldb_fetch_request){.orientation = SQL_FETCH_NEXT});
}

ALDB_ENTRY SQLFetchScroll(SQLHSTMT hstmt, SQLSMALLINT orientation, SQLLEN offset)
{
    struct aldb_call c;
    if (!aldb_enter_stmt(&c, hstmt, ALDB_FN_FETCH_SCROLL)) {
        return c.ret;
    }
    ALDB_CALL_ARGS(&c, "orientation %d, offset %lld", orientation, (long long)offset);
    return fetch(&c, (struct aldb_fetch_request){.orientation = orientation, .offset = offset});
}

ALDB_ENTRY SQLExtendedFetch(SQLHSTMT hstmt, SQLUSMALLINT orientation, SQLLEN offset, SQLULEN *fetched, SQLUSMALLINT *status)
{
    struct aldb_call c;
    if (!aldb_enter_stmt(&c, hstmt, ALDB_FN_EXTENDED_FETCH)) {
        return c.ret;
    }
    return fetch(&c, (struct aldb_fetch_request){
        .orientation = orientation,
        .offset = offset,
        .rows = c.stmt->rowset_size,
        .extended = true,
        .fetched = fetched,
        .status = status,
    });
}

struct get_data_args {
    SQLUSMALLINT column;
    SQLSMALLINT c_type;
    SQLPOINTER value;
    SQLLEN room;
    SQLLEN *indicator;
};

static enum aldb_rc get_data_run(struct aldb_call *c, void *args)
{
    const struct get_data_args *a = args;
    return c->stmt->state == ALDB_STMT_PARAM_DATA ? aldb_stmt_get_param_data(c->stmt, a->column, a->c_type, a->value, a->room, a->indicator)
                                                  : aldb_stmt_get_data(c->stmt, a->column, a->c_type, a->value, a->room, a->indicator);
}

static bool get_data_at_hand(const struct aldb_call *c, const void *args)
{
    const struct get_data_args *a = args;
    return c->stmt->state == ALDB_STMT_PARAM_DATA || aldb_stmt_get_data_at_hand(c->stmt, a->column, a->c_type);
}

/* Of a large object that is gone unixODBC would hear behind SQL_STILL_EXECUTING, where it must not. */
static const struct aldb_step get_data_step = {.run = get_data_run, .at_hand = get_data_at_hand};

ALDB_ENTRY SQLGetData(SQLHSTMT hstmt, SQLUSMALLINT column, SQLSMALLINT c_type, SQLPOINTER value, SQLLEN room, SQLLEN *indicator)
{
    struct aldb_call c;
    if (!aldb_enter_stmt(&c, hstmt, ALDB_FN_GET_DATA)) {
        return c.ret;
    }
    ALDB_CALL_ARGS(&c, "column %u, C type %d, value %p, room %lld, indicator %p", column, c_type, value, (long long)room, (void *)indicator);
    struct get_data_args a = {.column = column, .c_type = c_type, .value = value, .room = room, .indicator = indicator};
    return c.stmt->async_enable == SQL_ASYNC_ENABLE_OFF ? aldb_leave(&c, get_data_run(&c, &a)) : aldb_go(&c, &get_data_step, &a, sizeof a);
}

struct set_pos_args {
    SQLSETPOSIROW row;
    SQLUSMALLINT operation, lock;
};

static enum aldb_rc set_pos_run(struct aldb_call *c, void *args)
{
    const struct set_pos_args *a = args;
    return aldb_stmt_set_pos(c->stmt, a->row, a->operation, a->lock);
}

static bool set_pos_at_hand(const struct aldb_call *c, const void *args)
{
    (void)c;
    return ((const struct set_pos_args *)args)->operation == SQL_POSITION;
}

static const struct aldb_step set_pos_step = {.run = set_pos_run, .at_hand = set_pos_at_hand, .resumed = true};

ALDB_ENTRY SQLSetPos(SQLHSTMT hstmt, SQLSETPOSIROW row, SQLUSMALLINT operation, SQLUSMALLINT lock)
{
    struct aldb_call c;
    if (!aldb_enter_stmt(&c, hstmt, ALDB_FN_SET_POS)) {
        return c.ret;
    }
    ALDB_CALL_ARGS(&c, "row %llu, operation %u, lock %u", (unsigned long long)row, operation, lock);
    struct set_pos_args a = {.row = row, .operation = operation, .lock = lock};
    return aldb_go(&c, &set_pos_step, &a, sizeof a);
}

struct bulk_args {
    SQLSMALLINT operation;
};

static enum aldb_rc bulk_run(struct aldb_call *c, void *args)
{
    return aldb_stmt_bulk_operations(c->stmt, ((const struct bulk_args *)args)->operation);
}

static const struct aldb_step bulk_step = {.run = bulk_run, .resumed = true};

ALDB_ENTRY SQLBulkOperations(SQLHSTMT hstmt, SQLSMALLINT operation)
{
    struct aldb_call c;
    if (!aldb_enter_stmt(&c, hstmt, ALDB_FN_BULK_OPERATIONS)) {
        return c.ret;
    }
    ALDB_CALL_ARGS(&c, "operation %d", operation);
    struct bulk_args a = {.operation = operation};
    return aldb_go(&c, &bulk_step, &a, sizeof a);
}

ALDB_ENTRY SQLRowCount(SQLHSTMT hstmt, SQLLEN *count)
{
    struct aldb_call c;
    if (!aldb_enter_stmt(&c, hstmt, ALDB_FN_ROW_COUNT)) {
        return c.ret;
    }
    SQLLEN rows = (SQLLEN)aldb_stmt_row_count(c.stmt);
    ALDB_CALL_ARGS(&c, "%lld rows", (long long)rows);
    if (count) {
        *count = rows;
    }
    return aldb_leave(&c, ALDB_OK);
}

static enum aldb_rc more_results_run(struct aldb_call *c, void *args)
{
    (void)args;
    return aldb_stmt_more_results(c->stmt);
}

static const struct aldb_step more_results_step = {.run = more_results_run};

ALDB_ENTRY SQLMoreResults(SQLHSTMT hstmt)
{
    struct aldb_call c;
    if (!aldb_enter_stmt(&c, hstmt, ALDB_FN_MORE_RESULTS)) {
        return c.ret;
    }
    return aldb_go(&c, &more_results_step, NULL, 0);
}

ALDB_ENTRY SQLCloseCursor(SQLHSTMT hstmt)
{
    struct aldb_call c;
    if (!aldb_enter_stmt(&c, hstmt, ALDB_FN_CLOSE_CURSOR)) {
        return c.ret;
    }
    aldb_call_waits(&c);
    return aldb_leave(&c, aldb_stmt_close(c.stmt, true));
}

/* ------------------------------------------------------------------ cursor names */

static bool is_reserved_name(struct aldb_slice name)
{
    static const char *const prefixes[] = {"sqlcur", "sql_cur"};
    for (size_t i = 0; i < ALDB_COUNT(prefixes); i++) {
        size_t n = strlen(prefixes[i]);
        if (name.len >= n && aldb_slice_eq_nocase(aldb_slice(name.ptr, n), aldb_slice_of(prefixes[i]))) {
            return true;
        }
    }
    return false;
}

static enum aldb_rc set_cursor_name(struct aldb_stmt *stmt, struct aldb_slice name, struct aldb_diag *diag)
{
    if (name.ptr == NULL) {
        return aldb_diag_post(diag, ALDB_ST_HY009, "CursorName is NULL");
    }
    if (name.len == 0 || name.len > ALDB_MAX_CURSOR_NAME) {
        return aldb_diag_post(diag, ALDB_ST_34000, "A cursor name has 1 to %d bytes; this one has %zu", ALDB_MAX_CURSOR_NAME, name.len);
    }
    if (is_reserved_name(name)) {
        return aldb_diag_post(diag, ALDB_ST_34000, "Cursor names that begin with SQLCUR or SQL_CUR are the driver's own");
    }
    if (aldb_dbc_find_cursor(stmt->dbc, name, stmt)) {
        return aldb_diag_post(diag, ALDB_ST_3C000, "Another statement of this connection has the cursor name %.*s", (int)name.len, name.ptr);
    }
    char *copy = aldb_strndup(name.ptr, name.len);
    if (copy == NULL) {
        return aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    }
    aldb_free(stmt->cursor_name);
    stmt->cursor_name = copy;
    return ALDB_OK;
}

SQLRETURN aldb_api_set_cursor_name(SQLHSTMT hstmt, struct aldb_in name)
{
    struct aldb_call c;
    if (!aldb_enter_stmt_in_dbc(&c, hstmt, ALDB_FN_SET_CURSOR_NAME)) {
        return c.ret;
    }
    struct aldb_text text = {0};
    enum aldb_rc rc = aldb_text_take(&text, &name, ALDB_IN_NAME, "CursorName", c.diag);
    if (rc != ALDB_ERR) {
        rc = set_cursor_name(c.stmt, text.slice, c.diag);
    }
    aldb_text_clear(&text);
    return aldb_leave(&c, rc);
}

/* The name that a cursor has when the application gave it none. */
static enum aldb_rc make_cursor_name(struct aldb_stmt *stmt, struct aldb_diag *diag)
{
    struct aldb_buf name;
    aldb_buf_init(&name, ALDB_MAX_CURSOR_NAME);
    aldb_buf_addf(&name, "SQL_CUR%u", atomic_fetch_add(&stmt->dbc->next_cursor, 1) + 1);
    stmt->cursor_name = aldb_buf_take(&name);
    return stmt->cursor_name ? ALDB_OK : aldb_diag_post(diag, ALDB_ST_HY001, NULL);
}

SQLRETURN aldb_api_get_cursor_name(SQLHSTMT hstmt, struct aldb_out name)
{
    struct aldb_call c;
    if (!aldb_enter_stmt_in_dbc(&c, hstmt, ALDB_FN_GET_CURSOR_NAME)) {
        return c.ret;
    }
    enum aldb_rc rc = ALDB_OK;
    if (c.stmt->cursor_name == NULL) {
        rc = make_cursor_name(c.stmt, c.diag);
    }
    if (rc == ALDB_OK) {
        rc = aldb_out_text(&name, aldb_slice_of(c.stmt->cursor_name), c.diag);
    }
    return aldb_leave(&c, rc);
}

/* ------------------------------------------------------------------ attributes */

SQLRETURN aldb_api_get_stmt_attr(SQLHSTMT hstmt, SQLINTEGER id, struct aldb_out out)
{
    struct aldb_call c;
    if (!aldb_enter_stmt(&c, hstmt, ALDB_FN_GET_STMT_ATTR)) {
        return c.ret;
    }
    ALDB_CALL_ARGS(&c, "attribute %d", (int)id);
    struct aldb_value value;
    enum aldb_rc rc = aldb_stmt_get_attr(c.stmt, id, &value, c.diag);
    if (aldb_done(rc)) {
        rc = aldb_out_value(&out, &value, c.diag);
    }
    return aldb_leave(&c, rc);
}

SQLRETURN aldb_api_set_stmt_attr(SQLHSTMT hstmt, SQLINTEGER id, SQLPOINTER value, SQLINTEGER length)
{
    struct aldb_call c;
    if (!aldb_enter_stmt(&c, hstmt, ALDB_FN_SET_STMT_ATTR)) {
        return c.ret;
    }
    ALDB_CALL_ARGS(&c, "attribute %d, value %p", (int)id, value);
    struct aldb_arg arg = {.raw = value, .length = length};
    enum aldb_rc rc = aldb_stmt_set_attr(c.stmt, id, &arg, c.diag);
    if (id == SQL_ATTR_ASYNC_ENABLE && aldb_done(rc) && c.stmt->async_enable == SQL_ASYNC_ENABLE_ON && c.stmt->state == ALDB_STMT_CURSOR) {
        rc = aldb_stmt_look_ahead(c.stmt, rc); /* as an asynchronous fetch would have: ahead.c */
    }
    return aldb_leave(&c, rc);
}
