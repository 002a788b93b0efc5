/* SPDX-License-Identifier: Apache-2.0 */
/* Connections: connecting, attributes, information. */
#include "api/async.h"
#include "api/bodies.h"
#include "api/call.h"

#include "handle/attr.h"
#include "handle/connect.h"
#include "info/info.h"
#include "sqltext/sqltext.h"

/* Around what SQLCancelHandle can end of a connection. */
static void connecting(struct aldb_call *c)
{
    atomic_store(&c->dbc->connecting, true);
}

/* The stages in the log: name, outcome, milliseconds, fact. */
static void trace_stages(const struct aldb_call *c)
{
    struct aldb_slice text = aldb_buf_slice(&c->dbc->trail.text);
    struct aldb_trail_step t;
    while (aldb_log_on(ALDB_LOG_INFO, ALDB_LOG_CONNECT) && aldb_trail_step(&text, &t)) {
        aldb_log_write(ALDB_LOG_INFO, ALDB_LOG_CONNECT, "connection %p, %.*s: %.*s in %.*s ms%s%.*s", (void *)c->dbc, (int)t.stage.len, t.stage.ptr, (int)t.how.len, t.how.ptr, (int)t.ms.len, t.ms.ptr,
                       t.fact.len ? ": " : "", (int)t.fact.len, t.fact.ptr);
    }
}

static enum aldb_rc connected(struct aldb_call *c, enum aldb_rc rc)
{
    atomic_store(&c->dbc->connecting, false);
    trace_stages(c);
    if (aldb_done(rc) && c->dbc->session) {
        aldb_session_log(c->dbc->session, c->dbc);
    }
    if (rc != ALDB_ERR || !aldb_worker_stopped()) {
        return rc;
    }
    aldb_diag_reset(c->diag); /* how far it had come */
    return aldb_diag_post(c->diag, ALDB_ST_HY008, "Cancelled while connecting");
}

struct connect_args {
    struct aldb_text dsn, user, password;
};

static enum aldb_rc connect_run(struct aldb_call *c, void *args)
{
    const struct connect_args *a = args;
    connecting(c);
    return connected(c, aldb_dbc_connect(c->dbc, a->dsn.slice, a->user.slice, a->password.slice, c->diag));
}

static bool connect_keep(void *args)
{
    struct connect_args *a = args;
    return aldb_text_keep(&a->dsn) && aldb_text_keep(&a->user) && aldb_text_keep(&a->password);
}

static void connect_end(void *args)
{
    struct connect_args *a = args;
    aldb_text_clear(&a->dsn);
    aldb_text_clear(&a->user);
    aldb_text_clear(&a->password);
}

static const struct aldb_step connect_step = {.run = connect_run, .keep = connect_keep, .end = connect_end};

SQLRETURN aldb_api_connect(SQLHDBC hdbc, struct aldb_in dsn, struct aldb_in user, struct aldb_in password)
{
    struct aldb_call c;
    if (!aldb_enter_dbc(&c, hdbc, "SQLConnect")) {
        return c.ret;
    }
    struct connect_args a = {0};
    enum aldb_rc rc;
    ALDB_TRY(aldb_text_take(&a.dsn, &dsn, ALDB_IN_NAME, "ServerName", c.diag));
    ALDB_TRY(aldb_text_take(&a.user, &user, ALDB_IN_NAME, "UserName", c.diag));
    ALDB_TRY(aldb_text_take(&a.password, &password, ALDB_IN_NAME, "Authentication", c.diag));
    return aldb_go(&c, &connect_step, &a, sizeof a);
out:
    connect_end(&a);
    return aldb_leave(&c, rc);
}

/* Writes the connection string that came of it; SQL_NEED_DATA stays what it is when the string is cut. */
static enum aldb_rc give_string(const struct aldb_out *out, const struct aldb_buf *text, enum aldb_rc rc, struct aldb_diag *diag)
{
    enum aldb_rc wrote = aldb_out_text(out, aldb_slice(aldb_buf_cstr(text), text->len), diag);
    return wrote == ALDB_OK || rc == ALDB_NEED_DATA ? rc : wrote;
}

/* SQLDriverConnect and SQLBrowseConnect: a connection string in and one out. */
struct string_args {
    struct aldb_text string;
    struct aldb_out out;
    SQLUSMALLINT completion;
    bool browse;
};

static enum aldb_rc string_run(struct aldb_call *c, void *args)
{
    const struct string_args *a = args;
    struct aldb_buf result;
    aldb_buf_init(&result, ALDB_MAX_CONNSTR);
    connecting(c);
    enum aldb_rc rc;
    ALDB_TRY(a->browse ? aldb_dbc_browse(c->dbc, a->string.slice, &result, c->diag)
                       : aldb_dbc_driver_connect(c->dbc, a->string.slice, a->completion, &result, c->diag));
    rc = give_string(&a->out, &result, rc, c->diag);
out:
    aldb_buf_wipe(&result);
    return connected(c, rc);
}

static bool string_keep(void *args)
{
    return aldb_text_keep(&((struct string_args *)args)->string);
}

static void string_end(void *args)
{
    aldb_text_clear(&((struct string_args *)args)->string);
}

static const struct aldb_step string_step = {.run = string_run, .keep = string_keep, .end = string_end};

static SQLRETURN connect_by_string(struct aldb_call *c, struct aldb_in text, struct string_args *a)
{
    enum aldb_rc rc;
    if (a->out.buffer && a->out.room < 0) {
        rc = aldb_diag_post(c->diag, ALDB_ST_HY090, "The length of the output buffer is %lld", (long long)a->out.room);
        goto out;
    }
    ALDB_TRY(aldb_text_take(&a->string, &text, ALDB_IN_SQL, "The connection string", c->diag));
    return aldb_go(c, &string_step, a, sizeof *a);
out:
    string_end(a);
    return aldb_leave(c, rc);
}

SQLRETURN aldb_api_driver_connect(SQLHDBC hdbc, struct aldb_in text, struct aldb_out completed, SQLUSMALLINT completion)
{
    struct aldb_call c;
    if (!aldb_enter_dbc(&c, hdbc, "SQLDriverConnect")) {
        return c.ret;
    }
    ALDB_CALL_ARGS(&c, "completion %u", completion);
    struct string_args a = {.out = completed, .completion = completion};
    return connect_by_string(&c, text, &a);
}

SQLRETURN aldb_api_browse_connect(SQLHDBC hdbc, struct aldb_in text, struct aldb_out out)
{
    struct aldb_call c;
    if (!aldb_enter_dbc(&c, hdbc, "SQLBrowseConnect")) {
        return c.ret;
    }
    struct string_args a = {.out = out, .browse = true};
    return connect_by_string(&c, text, &a);
}

static enum aldb_rc disconnect_run(struct aldb_call *c, void *args)
{
    (void)args;
    return aldb_dbc_disconnect(c->dbc, c->diag);
}

static const struct aldb_step disconnect_step = {.run = disconnect_run, .at_hand = aldb_not_connected, .resumed = true};

ALDB_ENTRY SQLDisconnect(SQLHDBC hdbc)
{
    struct aldb_call c;
    if (!aldb_enter_dbc(&c, hdbc, "SQLDisconnect")) {
        return c.ret;
    }
    return aldb_go(&c, &disconnect_step, NULL, 0);
}

/* ------------------------------------------------------------------ attributes */

SQLRETURN aldb_api_get_connect_attr(SQLHDBC hdbc, SQLINTEGER id, struct aldb_out out)
{
    struct aldb_call c;
    if (!aldb_enter_dbc(&c, hdbc, "SQLGetConnectAttr")) {
        return c.ret;
    }
    ALDB_CALL_ARGS(&c, "attribute %d", (int)id);
    struct aldb_value value;
    enum aldb_rc rc = aldb_dbc_get_attr(c.dbc, id, &value, c.diag);
    if (aldb_done(rc)) {
        rc = aldb_out_value(&out, &value, c.diag);
    }
    return aldb_leave(&c, rc);
}

struct attr_args {
    SQLINTEGER id;
    struct aldb_arg arg;
    struct aldb_text text;
};

static enum aldb_rc attr_run(struct aldb_call *c, void *args)
{
    struct attr_args *a = args;
    a->arg.text = a->text.slice;
    return aldb_dbc_set_attr(c->dbc, a->id, &a->arg, c->diag);
}

static bool attr_keep(void *args)
{
    return aldb_text_keep(&((struct attr_args *)args)->text);
}

static void attr_end(void *args)
{
    aldb_text_clear(&((struct attr_args *)args)->text);
}

static bool attr_at_hand(const struct aldb_call *c, const void *args)
{
    return c->dbc->session == NULL || !aldb_dbc_attr_asks(((const struct attr_args *)args)->id);
}

static const struct aldb_step attr_step = {.run = attr_run, .keep = attr_keep, .end = attr_end, .at_hand = attr_at_hand, .resumed = true};

SQLRETURN aldb_api_set_connect_attr(SQLHDBC hdbc, SQLINTEGER id, SQLPOINTER value, SQLINTEGER length, bool wide)
{
    struct aldb_call c;
    if (!aldb_enter_dbc(&c, hdbc, "SQLSetConnectAttr")) {
        return c.ret;
    }
    ALDB_CALL_ARGS(&c, "attribute %d, value %p", (int)id, value);
    struct attr_args a = {.id = id, .arg = {.raw = value, .length = length}};
    enum aldb_rc rc;
    if (id == SQL_ATTR_RESET_CONNECTION) { /* the driver manager's, of a connection that goes back to its pool: whoever had the statements is gone */
        aldb_async_end_all(c.dbc);
        c.dbc->unfit = aldb_dbc_has_jobs(c.dbc);
    }
    ALDB_TRY(aldb_dbc_check_jobs(c.dbc, "Attributes of the connection cannot be set", c.diag));
    if (aldb_dbc_attr_is_text(id)) {
        struct aldb_in in = {.text = value, .length = length, .wide = wide, .bytes = true};
        ALDB_TRY(aldb_text_take(&a.text, &in, ALDB_IN_NAME, "The attribute's value", c.diag));
    }
    return aldb_go(&c, &attr_step, &a, sizeof a);
out:
    attr_end(&a);
    return aldb_leave(&c, rc);
}

/* ------------------------------------------------------------------ information */

static struct aldb_value info_value(const struct aldb_info_value *info)
{
    switch (info->kind) {
    case ALDB_INFO_U16:
        return aldb_value_number(ALDB_W_S16, (SQLLEN)info->number);
    case ALDB_INFO_U32:
        return aldb_value_number(ALDB_W_S32, (SQLLEN)info->number);
    case ALDB_INFO_HANDLE:
        return aldb_value_number(ALDB_W_LEN, (SQLLEN)info->number);
    case ALDB_INFO_STRING:
        break;
    }
    return (struct aldb_value){.width = ALDB_W_TEXT, .text = aldb_slice(aldb_buf_cstr(&info->text), info->text.len)};
}

SQLRETURN aldb_api_get_info(SQLHDBC hdbc, SQLUSMALLINT type, struct aldb_out out)
{
    struct aldb_call c;
    if (!aldb_enter_dbc(&c, hdbc, "SQLGetInfo")) {
        return c.ret;
    }
    ALDB_CALL_ARGS(&c, "type %u", type);
    struct aldb_info_value info = {0};
    enum aldb_rc rc = aldb_info_get(c.dbc, type, &info, c.diag);
    if (aldb_done(rc)) {
        struct aldb_value value = info_value(&info);
        enum aldb_rc wrote = aldb_out_value(&out, &value, c.diag);
        rc = wrote == ALDB_OK ? rc : wrote;
    }
    aldb_buf_clear(&info.text);
    return aldb_leave(&c, rc);
}

ALDB_ENTRY SQLGetFunctions(SQLHDBC hdbc, SQLUSMALLINT id, SQLUSMALLINT *supported)
{
    struct aldb_call c;
    if (!aldb_enter_dbc(&c, hdbc, "SQLGetFunctions")) {
        return c.ret;
    }
    if (supported == NULL) {
        return aldb_leave(&c, aldb_diag_post(c.diag, ALDB_ST_HY009, "SupportedPtr is NULL"));
    }
    if (id == SQL_API_ALL_FUNCTIONS || id == SQL_API_ODBC3_ALL_FUNCTIONS) {
        aldb_functions_fill(id, supported);
    } else {
        *supported = aldb_function_supported(id) ? SQL_TRUE : SQL_FALSE;
    }
    return aldb_leave(&c, ALDB_OK);
}

SQLRETURN aldb_api_native_sql(SQLHDBC hdbc, struct aldb_in sql, struct aldb_out out)
{
    struct aldb_call c;
    if (!aldb_enter_dbc(&c, hdbc, "SQLNativeSql")) {
        return c.ret;
    }
    struct aldb_text text = {0};
    struct aldb_buf native;
    aldb_buf_init(&native, ALDB_MAX_SQL);
    enum aldb_rc rc;
    ALDB_TRY(aldb_text_take(&text, &sql, ALDB_IN_SQL, "The statement", c.diag));
    if (text.slice.ptr == NULL) {
        rc = aldb_diag_post(c.diag, ALDB_ST_HY009, "InStatementText is NULL");
        goto out;
    }
    if (c.dbc->session == NULL) {
        rc = aldb_diag_post(c.diag, ALDB_ST_08003, NULL);
        goto out;
    }
    struct aldb_sql_flags flags = {.standard_conforming_strings = aldb_session_standard_strings(c.dbc->session)};
    ALDB_TRY(aldb_sql_native(text.slice, flags, &native, c.diag));
    rc = aldb_out_text(&out, aldb_slice(aldb_buf_cstr(&native), native.len), c.diag);
out:
    aldb_text_clear(&text);
    aldb_buf_clear(&native);
    return aldb_leave(&c, rc);
}
