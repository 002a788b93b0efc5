/* SPDX-License-Identifier: Apache-2.0 */
/* Connection attributes. */
#include "handle/attr.h"

#include <limits.h>
#include <string.h>

#include "alloydb_odbc.h"
#include "base/alloc.h"
#include "handle/connect.h"
#include "handle/job.h"
#include "handle/life.h"

/* psqlODBC's own attributes, which programs written for it set: refused by name, not as unknown ones. */
#define PSQLODBC_ATTR_FIRST 65536
#define PSQLODBC_ATTR_LAST (65536 + 64)
/* What Microsoft's Jet engine says of itself to drivers; means nothing here. */
#define JET_ATTR 30002

/* Attributes that sqlext.h does not know. */
#ifndef SQL_ATTR_DBC_INFO_TOKEN
#define SQL_ATTR_DBC_INFO_TOKEN 118
#endif
#ifndef SQL_ATTR_ASYNC_DBC_EVENT
#define SQL_ATTR_ASYNC_DBC_EVENT 119
#endif
#ifndef SQL_ATTR_ASYNC_DBC_PCALLBACK
#define SQL_ATTR_ASYNC_DBC_PCALLBACK 120
#endif
#ifndef SQL_ATTR_ASYNC_DBC_PCONTEXT
#define SQL_ATTR_ASYNC_DBC_PCONTEXT 121
#endif

struct conn_attr {
    SQLINTEGER id;
    const char *name;
    enum aldb_width width;
    size_t offset;             /* plain SQLUINTEGER members: where; used when get is NULL and plain is set */
    bool plain;
    enum aldb_rc (*get)(struct aldb_dbc *dbc, struct aldb_value *out, struct aldb_diag *diag);
    enum aldb_rc (*set)(struct aldb_dbc *dbc, const struct aldb_arg *arg, struct aldb_diag *diag);
    enum aldb_state refuse;    /* answer where get or set is missing; NONE: HYC00 to get, HY092 (read-only) to set when it can be read */
};

static enum aldb_rc bad_value(const char *name, SQLULEN value, const char *choices, struct aldb_diag *diag)
{
    return aldb_diag_post(diag, ALDB_ST_HY024, "%s cannot be %llu; it is %s", name, (unsigned long long)value, choices);
}

static enum aldb_rc not_connected(const char *name, struct aldb_diag *diag)
{
    return aldb_diag_post(diag, ALDB_ST_08003, "%s is known on an open connection only", name);
}

/* ------------------------------------------------------------------ asking the server */

struct answer {
    char text[64];
    bool got;
};

static void take_answer(void *ctx, const struct aldb_cell *cells, uint16_t ncells)
{
    struct answer *a = ctx;
    if (ncells > 0 && cells[0].data && !a->got) {
        a->got = aldb_copy(a->text, sizeof a->text, aldb_slice(cells[0].data, cells[0].len));
    }
}

/* First cell of the first row. ALDB_NO_DATA in a failed transaction, where the server answers nothing. */
static enum aldb_rc ask(struct aldb_dbc *dbc, const char *sql, struct answer *out, struct aldb_diag *diag)
{
    struct aldb_wait wait = aldb_dbc_wait(dbc);
    *out = (struct answer){.got = false};
    if (aldb_dbc_check_jobs(dbc, "The server cannot be asked", diag) == ALDB_ERR) {
        return ALDB_ERR;
    }
    enum aldb_rc rc = aldb_session_query(dbc->session, aldb_slice_of(sql), NULL, take_answer, out, &wait, diag);
    return aldb_done(rc) && !out->got ? ALDB_NO_DATA : rc;
}

/* ------------------------------------------------------------------ transactions */

static enum aldb_rc set_access_mode(struct aldb_dbc *dbc, const struct aldb_arg *arg, struct aldb_diag *diag)
{
    SQLUINTEGER mode = aldb_arg_u32(arg);
    if (mode != SQL_MODE_READ_WRITE && mode != SQL_MODE_READ_ONLY) {
        return bad_value("SQL_ATTR_ACCESS_MODE", mode, "SQL_MODE_READ_WRITE or SQL_MODE_READ_ONLY", diag);
    }
    enum aldb_rc rc = ALDB_OK;
    if (dbc->session && mode != dbc->access_mode) {
        struct aldb_wait wait = aldb_dbc_wait(dbc);
        rc = aldb_session_set_read_only(dbc->session, mode == SQL_MODE_READ_ONLY, &wait, diag);
    }
    if (aldb_done(rc)) {
        dbc->access_mode = mode;
    }
    return rc;
}

static enum aldb_rc set_autocommit(struct aldb_dbc *dbc, const struct aldb_arg *arg, struct aldb_diag *diag)
{
    SQLUINTEGER mode = aldb_arg_u32(arg);
    if (mode != SQL_AUTOCOMMIT_OFF && mode != SQL_AUTOCOMMIT_ON) {
        return bad_value("SQL_ATTR_AUTOCOMMIT", mode, "SQL_AUTOCOMMIT_OFF or SQL_AUTOCOMMIT_ON", diag);
    }
    enum aldb_rc rc = ALDB_OK;
    if (dbc->session) {
        struct aldb_wait wait = aldb_dbc_wait(dbc);
        rc = aldb_session_set_autocommit(dbc->session, mode == SQL_AUTOCOMMIT_ON, &wait, diag);
    }
    if (aldb_done(rc)) {
        dbc->autocommit = mode;
    }
    return rc;
}

static const struct {
    const char *name;
    SQLUINTEGER bit;
} isolations[] = {
    {"read uncommitted", SQL_TXN_READ_UNCOMMITTED},
    {"read committed", SQL_TXN_READ_COMMITTED},
    {"repeatable read", SQL_TXN_REPEATABLE_READ},
    {"serializable", SQL_TXN_SERIALIZABLE},
};

static enum aldb_rc get_isolation(struct aldb_dbc *dbc, struct aldb_value *out, struct aldb_diag *diag)
{
    SQLUINTEGER bit = dbc->txn_isolation;
    if (bit == 0) {
        if (dbc->session == NULL) {
            return ALDB_NO_DATA;
        }
        struct answer answer;
        enum aldb_rc rc = ask(dbc, "SHOW default_transaction_isolation", &answer, diag);
        if (!aldb_done(rc)) {
            return rc;
        }
        for (size_t i = 0; i < ALDB_COUNT(isolations); i++) {
            if (strcmp(answer.text, isolations[i].name) == 0) {
                bit = isolations[i].bit;
            }
        }
    }
    *out = aldb_value_number(ALDB_W_S32, (SQLLEN)bit);
    return ALDB_OK;
}

static enum aldb_rc set_isolation(struct aldb_dbc *dbc, const struct aldb_arg *arg, struct aldb_diag *diag)
{
    SQLUINTEGER bit = aldb_arg_u32(arg);
    bool known = false;
    for (size_t i = 0; i < ALDB_COUNT(isolations); i++) {
        known = known || isolations[i].bit == bit;
    }
    if (!known) {
        return bad_value("SQL_ATTR_TXN_ISOLATION", bit, "one of SQL_TXN_READ_UNCOMMITTED, _READ_COMMITTED, _REPEATABLE_READ, _SERIALIZABLE", diag);
    }
    enum aldb_rc rc = ALDB_OK;
    if (dbc->session) {
        struct aldb_wait wait = aldb_dbc_wait(dbc);
        rc = aldb_session_set_isolation(dbc->session, (int)bit, &wait, diag);
    }
    if (aldb_done(rc)) {
        dbc->txn_isolation = bit;
    }
    return rc;
}

/* ------------------------------------------------------------------ time */

static enum aldb_rc set_login_timeout(struct aldb_dbc *dbc, const struct aldb_arg *arg, struct aldb_diag *diag)
{
    if (dbc->session) {
        return aldb_diag_post(diag, ALDB_ST_HY011, "SQL_ATTR_LOGIN_TIMEOUT can be set before connecting only");
    }
    dbc->login_timeout = aldb_arg_u32(arg);
    dbc->login_timeout_set = true;
    return ALDB_OK;
}

static enum aldb_rc get_login_timeout(struct aldb_dbc *dbc, struct aldb_value *out, struct aldb_diag *diag)
{
    (void)diag;
    uint64_t s = dbc->login_timeout;
    if (!dbc->login_timeout_set && dbc->session) {
        s = dbc->options.LoginTimeout;
    }
    *out = aldb_value_number(ALDB_W_S32, (SQLLEN)(s > UINT_MAX ? UINT_MAX : s));
    return ALDB_OK;
}

static enum aldb_rc set_connection_timeout(struct aldb_dbc *dbc, const struct aldb_arg *arg, struct aldb_diag *diag)
{
    (void)diag;
    dbc->connection_timeout = aldb_arg_u32(arg);
    return ALDB_OK;
}

/* ------------------------------------------------------------------ database */

static enum aldb_rc get_catalog(struct aldb_dbc *dbc, struct aldb_value *out, struct aldb_diag *diag)
{
    (void)diag;
    const char *name = dbc->session ? aldb_session_database(dbc->session) : dbc->current_catalog;
    if (name == NULL) {
        return ALDB_NO_DATA;
    }
    *out = aldb_value_text(name);
    return ALDB_OK;
}

static bool has_open_cursor(struct aldb_dbc *dbc)
{
    bool open = false;
    for (struct aldb_stmt *stmt = dbc->stmts; stmt; stmt = stmt->next) {
        if (aldb_handle_orphaned(&stmt->h)) {
            continue;
        }
        aldb_mutex_lock(&stmt->h.lock);
        open = open || stmt->state == ALDB_STMT_CURSOR;
        aldb_mutex_unlock(&stmt->h.lock);
    }
    return open;
}

static enum aldb_rc set_catalog(struct aldb_dbc *dbc, const struct aldb_arg *arg, struct aldb_diag *diag)
{
    if (arg->text.ptr == NULL || arg->text.len == 0) {
        return aldb_diag_post(diag, ALDB_ST_HY009, "SQL_ATTR_CURRENT_CATALOG needs the name of a database");
    }
    if (dbc->session) {
        if (aldb_slice_eq(arg->text, aldb_slice_of(aldb_session_database(dbc->session)))) {
            return ALDB_OK;
        }
        if (has_open_cursor(dbc)) {
            return aldb_diag_post(diag, ALDB_ST_24000, "SQL_ATTR_CURRENT_CATALOG cannot change while a cursor is open");
        }
        return aldb_diag_post(diag, ALDB_ST_HYC00, "A PostgreSQL session stays in its database; connect again to use \"%.*s\"", (int)arg->text.len,
                              arg->text.ptr);
    }
    char *copy = aldb_strndup(arg->text.ptr, arg->text.len);
    if (copy == NULL) {
        return aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    }
    aldb_free(dbc->current_catalog);
    dbc->current_catalog = copy;
    return ALDB_OK;
}

/* ------------------------------------------------------------------ life of the connection */

static enum aldb_rc get_dead(struct aldb_dbc *dbc, struct aldb_value *out, struct aldb_diag *diag)
{
    (void)diag;
    bool dead = dbc->session == NULL || dbc->unfit || aldb_session_dead(dbc->session);
    *out = aldb_value_number(ALDB_W_S32, dead ? SQL_CD_TRUE : SQL_CD_FALSE);
    return ALDB_OK;
}

/*
 * The driver manager hands a pooled connection to its next user. It has forgotten the statements and descriptors of the last one
 * without freeing them: nobody can name them any more, so they are freed here and not kept for SQLFreeHandle.
 */
static enum aldb_rc set_reset(struct aldb_dbc *dbc, const struct aldb_arg *arg, struct aldb_diag *diag)
{
    if (aldb_arg_u32(arg) != SQL_RESET_CONNECTION_YES) {
        return bad_value("SQL_ATTR_RESET_CONNECTION", aldb_arg_u32(arg), "SQL_RESET_CONNECTION_YES", diag);
    }
    if (dbc->session == NULL) {
        return not_connected("SQL_ATTR_RESET_CONNECTION", diag);
    }
    aldb_dbc_close_cursors(dbc);
    aldb_dbc_detach_children(dbc);
    aldb_dbc_clear_graveyard(dbc);
    struct aldb_wait wait = {.deadline = aldb_deadline_in_s(dbc->options.LoginTimeout)};
    enum aldb_rc rc = aldb_session_reset(dbc->session, &wait, diag);
    if (aldb_done(rc)) {
        rc = aldb_session_set_autocommit(dbc->session, true, &wait, diag);
    }
    dbc->autocommit = SQL_AUTOCOMMIT_ON;
    dbc->access_mode = dbc->options.ReadOnly ? SQL_MODE_READ_ONLY : SQL_MODE_READ_WRITE;
    dbc->txn_isolation = 0;
    dbc->connection_timeout = 0;
    dbc->notification_wait = 0;
    aldb_dbc_report_types(dbc, dbc->options.ServerTypes);
    dbc->metadata_id = SQL_FALSE;
    dbc->async_enable = SQL_ASYNC_ENABLE_OFF;
    dbc->async_functions = SQL_ASYNC_DBC_ENABLE_OFF;
    dbc->quiet_mode = NULL;
    dbc->query_timeout = dbc->options.QueryTimeout;
    dbc->stmt_options_set = 0;
    return rc;
}

/* ------------------------------------------------------------------ the rest */

/* ODBC 3: for statements allocated from now on. ODBC 2 has one option for all of a connection. */
static enum aldb_rc set_async(struct aldb_dbc *dbc, const struct aldb_arg *arg, struct aldb_diag *diag)
{
    SQLULEN value = aldb_arg_ulen(arg);
    if (value != SQL_ASYNC_ENABLE_OFF && value != SQL_ASYNC_ENABLE_ON) {
        return bad_value("SQL_ATTR_ASYNC_ENABLE", value, "SQL_ASYNC_ENABLE_OFF or SQL_ASYNC_ENABLE_ON", diag);
    }
    dbc->async_enable = value;
    for (struct aldb_stmt *stmt = dbc->stmts; stmt && dbc->env->odbc_version == SQL_OV_ODBC2; stmt = stmt->next) {
        aldb_mutex_lock(&stmt->h.lock);
        stmt->async_enable = value;
        aldb_mutex_unlock(&stmt->h.lock);
    }
    return ALDB_OK;
}

static enum aldb_rc set_async_functions(struct aldb_dbc *dbc, const struct aldb_arg *arg, struct aldb_diag *diag)
{
    SQLUINTEGER value = aldb_arg_u32(arg);
    if (value != SQL_ASYNC_DBC_ENABLE_OFF && value != SQL_ASYNC_DBC_ENABLE_ON) {
        return bad_value("SQL_ATTR_ASYNC_DBC_FUNCTIONS_ENABLE", value, "SQL_ASYNC_DBC_ENABLE_OFF or SQL_ASYNC_DBC_ENABLE_ON", diag);
    }
    dbc->async_functions = value;
    return ALDB_OK;
}

static enum aldb_rc get_async(struct aldb_dbc *dbc, struct aldb_value *out, struct aldb_diag *diag)
{
    (void)diag;
    *out = aldb_value_ulen(dbc->async_enable);
    return ALDB_OK;
}

static enum aldb_rc get_zero(struct aldb_dbc *dbc, struct aldb_value *out, struct aldb_diag *diag)
{
    (void)dbc;
    (void)diag;
    *out = aldb_value_number(ALDB_W_S32, 0);
    return ALDB_OK;
}

static enum aldb_rc get_true(struct aldb_dbc *dbc, struct aldb_value *out, struct aldb_diag *diag)
{
    (void)dbc;
    (void)diag;
    *out = aldb_value_number(ALDB_W_S32, SQL_TRUE);
    return ALDB_OK;
}

static enum aldb_rc get_driver_cursors(struct aldb_dbc *dbc, struct aldb_value *out, struct aldb_diag *diag)
{
    (void)dbc;
    (void)diag;
    *out = aldb_value_ulen(SQL_CUR_USE_DRIVER);
    return ALDB_OK;
}

static enum aldb_rc set_metadata_id(struct aldb_dbc *dbc, const struct aldb_arg *arg, struct aldb_diag *diag)
{
    SQLUINTEGER value = aldb_arg_u32(arg);
    if (value != SQL_FALSE && value != SQL_TRUE) {
        return bad_value("SQL_ATTR_METADATA_ID", value, "SQL_FALSE or SQL_TRUE", diag);
    }
    dbc->metadata_id = value;
    return ALDB_OK;
}

static enum aldb_rc get_quiet_mode(struct aldb_dbc *dbc, struct aldb_value *out, struct aldb_diag *diag)
{
    (void)diag;
    *out = aldb_value_pointer(dbc->quiet_mode);
    return ALDB_OK;
}

static enum aldb_rc set_quiet_mode(struct aldb_dbc *dbc, const struct aldb_arg *arg, struct aldb_diag *diag)
{
    (void)diag;
    dbc->quiet_mode = arg->raw; /* no dialog is ever shown */
    return ALDB_OK;
}

static enum aldb_rc set_packet_size(struct aldb_dbc *dbc, const struct aldb_arg *arg, struct aldb_diag *diag)
{
    if (dbc->session) {
        return aldb_diag_post(diag, ALDB_ST_HY011, "SQL_ATTR_PACKET_SIZE can be set before connecting only");
    }
    if (aldb_arg_u32(arg) != 0) {
        return aldb_diag_post(diag, ALDB_ST_01S02, "PostgreSQL's protocol has no packet size: SQL_ATTR_PACKET_SIZE stays 0");
    }
    return ALDB_OK;
}

/* The driver manager tells whether the application is ANSI; both kinds are served alike. The Jet engine's greeting is as void. */
static enum aldb_rc set_nothing(struct aldb_dbc *dbc, const struct aldb_arg *arg, struct aldb_diag *diag)
{
    (void)dbc;
    (void)arg;
    (void)diag;
    return ALDB_OK;
}

static enum aldb_rc get_backend_pid(struct aldb_dbc *dbc, struct aldb_value *out, struct aldb_diag *diag)
{
    if (dbc->session == NULL) {
        return not_connected("SQL_ATTR_ALLOYDB_BACKEND_PID", diag);
    }
    /* Asked each time: behind a pooler the number that came at login is not a backend's. */
    struct answer answer;
    enum aldb_rc rc = ask(dbc, "SELECT pg_catalog.pg_backend_pid()", &answer, diag);
    int64_t pid = 0;
    if (aldb_done(rc) && !aldb_parse_i64(aldb_slice_of(answer.text), &pid)) {
        return aldb_diag_post(diag, ALDB_ST_HY000, "The server answered pg_backend_pid() with \"%s\"", answer.text);
    }
    *out = aldb_value_number(ALDB_W_S32, pid);
    return rc;
}

static enum aldb_rc get_server_version(struct aldb_dbc *dbc, struct aldb_value *out, struct aldb_diag *diag)
{
    if (dbc->session == NULL) {
        return not_connected("SQL_ATTR_ALLOYDB_SERVER_VERSION", diag);
    }
    *out = aldb_value_number(ALDB_W_S32, aldb_session_server_version(dbc->session));
    return ALDB_OK;
}

static enum aldb_rc get_txn_status(struct aldb_dbc *dbc, struct aldb_value *out, struct aldb_diag *diag)
{
    if (dbc->session == NULL) {
        return not_connected("SQL_ATTR_ALLOYDB_TXN_STATUS", diag);
    }
    SQLLEN status = 0;
    switch (aldb_session_txn(dbc->session)) {
    case ALDB_TXN_IDLE:
        status = 0;
        break;
    case ALDB_TXN_OPEN:
        status = 1;
        break;
    case ALDB_TXN_FAILED:
        status = 2;
        break;
    case ALDB_TXN_UNKNOWN:
        return aldb_diag_post(diag, ALDB_ST_08S01, "The connection is lost: the state of its transaction is unknown");
    }
    *out = aldb_value_number(ALDB_W_S32, status);
    return ALDB_OK;
}

/* Also without a connection: where the last attempt ended. */
static enum aldb_rc get_trail(struct aldb_dbc *dbc, struct aldb_value *out, struct aldb_diag *diag)
{
    (void)diag;
    *out = aldb_value_text(aldb_buf_cstr(&dbc->trail.text));
    return ALDB_OK;
}

/* ------------------------------------------------------------------ notifications */

static enum aldb_rc get_notification(struct aldb_dbc *dbc, struct aldb_value *out, struct aldb_diag *diag)
{
    if (dbc->session == NULL) {
        return not_connected("SQL_ATTR_ALLOYDB_NOTIFICATION", diag);
    }
    struct aldb_notification n;
    enum aldb_rc rc = aldb_session_notification(dbc->session, aldb_deadline_in_ms(dbc->notification_wait), &n, diag);
    if (aldb_done(rc)) {
        *out = aldb_value_number(ALDB_W_S32, n.pid);
    }
    return rc;
}

static enum aldb_rc get_notification_text(struct aldb_dbc *dbc, const char *name, bool payload, struct aldb_value *out, struct aldb_diag *diag)
{
    if (dbc->session == NULL) {
        return not_connected(name, diag);
    }
    struct aldb_notification n;
    if (!aldb_session_notified(dbc->session, &n)) {
        return ALDB_NO_DATA;
    }
    *out = aldb_value_text(payload ? n.payload : n.channel);
    return ALDB_OK;
}

static enum aldb_rc get_notification_channel(struct aldb_dbc *dbc, struct aldb_value *out, struct aldb_diag *diag)
{
    return get_notification_text(dbc, "SQL_ATTR_ALLOYDB_NOTIFICATION_CHANNEL", false, out, diag);
}

static enum aldb_rc get_notification_payload(struct aldb_dbc *dbc, struct aldb_value *out, struct aldb_diag *diag)
{
    return get_notification_text(dbc, "SQL_ATTR_ALLOYDB_NOTIFICATION_PAYLOAD", true, out, diag);
}

static enum aldb_rc set_notification_wait(struct aldb_dbc *dbc, const struct aldb_arg *arg, struct aldb_diag *diag)
{
    (void)diag;
    dbc->notification_wait = aldb_arg_u32(arg);
    return ALDB_OK;
}

/* ------------------------------------------------------------------ SQL types of the driver's own */

static enum aldb_rc get_server_types(struct aldb_dbc *dbc, struct aldb_value *out, struct aldb_diag *diag)
{
    (void)diag;
    *out = aldb_value_number(ALDB_W_S32, dbc->types.server_types);
    return ALDB_OK;
}

static enum aldb_rc set_server_types(struct aldb_dbc *dbc, const struct aldb_arg *arg, struct aldb_diag *diag)
{
    static const char name[] = "SQL_ATTR_ALLOYDB_SERVER_TYPES";
    SQLUINTEGER on = aldb_arg_u32(arg);
    if (on != SQL_TRUE && on != SQL_FALSE) {
        return bad_value(name, on, "SQL_TRUE or SQL_FALSE", diag);
    }
    if (dbc->session == NULL) {
        return aldb_diag_post(diag, ALDB_ST_08003, "%s can be set once the connection is open; before that, ServerTypes=yes does it", name);
    }
    if (dbc->env->odbc_version == SQL_OV_ODBC2 && on) {
        return aldb_diag_post(diag, ALDB_ST_HYC00, "ODBC 2 knows no SQL types of drivers' own");
    }
    if (dbc->stmts) {
        return aldb_diag_post(diag, ALDB_ST_HY011, "%s can be set while the connection has no statements, which have been told their types", name);
    }
    aldb_dbc_report_types(dbc, on == SQL_TRUE);
    return ALDB_OK;
}

/* ------------------------------------------------------------------ the table */

#define PLAIN(attr, member, set) \
    {attr, #attr, ALDB_W_S32, offsetof(struct aldb_dbc, member), true, NULL, set, ALDB_ST_NONE}
#define OWN(attr, width, get, set) {attr, #attr, width, 0, false, get, set, ALDB_ST_NONE}
#define REFUSED(attr, state) {attr, #attr, ALDB_W_S32, 0, false, NULL, NULL, state}

static const struct conn_attr attrs[] = {
    PLAIN(SQL_ATTR_ACCESS_MODE, access_mode, set_access_mode),
    PLAIN(SQL_ATTR_AUTOCOMMIT, autocommit, set_autocommit),
    OWN(SQL_ATTR_LOGIN_TIMEOUT, ALDB_W_S32, get_login_timeout, set_login_timeout),
    OWN(SQL_ATTR_TRACE, ALDB_W_S32, get_zero, NULL),
    REFUSED(SQL_ATTR_TRACEFILE, ALDB_ST_HYC00),
    REFUSED(SQL_ATTR_TRANSLATE_LIB, ALDB_ST_HYC00),
    REFUSED(SQL_ATTR_TRANSLATE_OPTION, ALDB_ST_HYC00),
    OWN(SQL_ATTR_TXN_ISOLATION, ALDB_W_S32, get_isolation, set_isolation),
    OWN(SQL_ATTR_CURRENT_CATALOG, ALDB_W_TEXT, get_catalog, set_catalog),
    OWN(SQL_ATTR_ODBC_CURSORS, ALDB_W_LEN, get_driver_cursors, NULL),
    OWN(SQL_ATTR_QUIET_MODE, ALDB_W_PTR, get_quiet_mode, set_quiet_mode),
    PLAIN(SQL_ATTR_PACKET_SIZE, packet_size, set_packet_size),
    PLAIN(SQL_ATTR_CONNECTION_TIMEOUT, connection_timeout, set_connection_timeout),
    REFUSED(SQL_ATTR_DISCONNECT_BEHAVIOR, ALDB_ST_HYC00),
    OWN(SQL_ATTR_ANSI_APP, ALDB_W_S32, get_zero, set_nothing),
    OWN(SQL_ATTR_RESET_CONNECTION, ALDB_W_S32, get_zero, set_reset),
    PLAIN(SQL_ATTR_ASYNC_DBC_FUNCTIONS_ENABLE, async_functions, set_async_functions),
    REFUSED(SQL_ATTR_DBC_INFO_TOKEN, ALDB_ST_HYC00),
    REFUSED(SQL_ATTR_ASYNC_DBC_EVENT, ALDB_ST_S1118),
    REFUSED(SQL_ATTR_ASYNC_DBC_PCALLBACK, ALDB_ST_S1118),
    REFUSED(SQL_ATTR_ASYNC_DBC_PCONTEXT, ALDB_ST_S1118),
    REFUSED(SQL_ATTR_ENLIST_IN_DTC, ALDB_ST_HYC00),
    REFUSED(SQL_ATTR_ENLIST_IN_XA, ALDB_ST_HYC00),
    OWN(SQL_ATTR_CONNECTION_DEAD, ALDB_W_S32, get_dead, NULL),
    OWN(SQL_ATTR_ASYNC_ENABLE, ALDB_W_LEN, get_async, set_async),
    OWN(SQL_ATTR_AUTO_IPD, ALDB_W_S32, get_true, NULL),
    PLAIN(SQL_ATTR_METADATA_ID, metadata_id, set_metadata_id),
    OWN(JET_ATTR, ALDB_W_S32, NULL, set_nothing),
    OWN(SQL_ATTR_ALLOYDB_BACKEND_PID, ALDB_W_S32, get_backend_pid, NULL),
    OWN(SQL_ATTR_ALLOYDB_SERVER_VERSION, ALDB_W_S32, get_server_version, NULL),
    OWN(SQL_ATTR_ALLOYDB_TXN_STATUS, ALDB_W_S32, get_txn_status, NULL),
    OWN(SQL_ATTR_ALLOYDB_NOTIFICATION, ALDB_W_S32, get_notification, NULL),
    OWN(SQL_ATTR_ALLOYDB_NOTIFICATION_CHANNEL, ALDB_W_TEXT, get_notification_channel, NULL),
    OWN(SQL_ATTR_ALLOYDB_NOTIFICATION_PAYLOAD, ALDB_W_TEXT, get_notification_payload, NULL),
    PLAIN(SQL_ATTR_ALLOYDB_NOTIFICATION_WAIT, notification_wait, set_notification_wait),
    OWN(SQL_ATTR_ALLOYDB_CONNECT_TRAIL, ALDB_W_TEXT, get_trail, NULL),
    OWN(SQL_ATTR_ALLOYDB_SERVER_TYPES, ALDB_W_S32, get_server_types, set_server_types),
};

static const struct conn_attr *find_attr(SQLINTEGER id)
{
    for (size_t i = 0; i < ALDB_COUNT(attrs); i++) {
        if (attrs[i].id == id) {
            return &attrs[i];
        }
    }
    return NULL;
}

/* ------------------------------------------------------------------ statement options of ODBC 2 */

/* Is it one of those that an ODBC 2 application may set for all statements of a connection? The rest of its options are the connection's own. */
static bool is_statement_option(const struct aldb_dbc *dbc, SQLINTEGER id)
{
    return dbc->env->odbc_version == SQL_OV_ODBC2 && id >= 0 && id < ALDB_STMT_OPTIONS;
}

static enum aldb_rc get_statement_option(struct aldb_dbc *dbc, SQLINTEGER id, struct aldb_value *out, struct aldb_diag *diag)
{
    struct aldb_stmt *probe;
    if (aldb_stmt_new(dbc, &probe) == ALDB_ERR) {
        return aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    }
    enum aldb_rc rc = aldb_stmt_get_attr(probe, id, out, diag);
    aldb_stmt_unmake(probe);
    return rc;
}

/*
 * "Specifies the option for all statements of the connection, and the default for those allocated later." A statement of its own tells whether the
 * option is one, and what becomes of its value; where one has a cursor or prepared text and its option cannot change now, it keeps what it has.
 */
static enum aldb_rc set_statement_option(struct aldb_dbc *dbc, SQLINTEGER id, const struct aldb_arg *arg, struct aldb_diag *diag)
{
    struct aldb_stmt *probe;
    struct aldb_value taken = {.width = ALDB_W_LEN};
    if (aldb_stmt_new(dbc, &probe) == ALDB_ERR) {
        return aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    }
    enum aldb_rc rc = aldb_stmt_set_attr(probe, id, arg, diag);
    if (aldb_done(rc) && aldb_stmt_get_attr(probe, id, &taken, diag) == ALDB_ERR) {
        rc = ALDB_ERR;
    }
    aldb_stmt_unmake(probe);
    if (rc == ALDB_ERR) {
        return rc;
    }
    dbc->stmt_options[id] = (SQLULEN)taken.number;
    dbc->stmt_options_set |= 1u << id;
    struct aldb_diag unheard;
    aldb_diag_init(&unheard);
    for (struct aldb_stmt *stmt = dbc->stmts; stmt; stmt = stmt->next) {
        aldb_mutex_lock(&stmt->h.lock);
        (void)!aldb_stmt_set_attr(stmt, id, arg, &unheard);
        aldb_mutex_unlock(&stmt->h.lock);
    }
    aldb_diag_clear(&unheard);
    return rc;
}

static enum aldb_rc unknown_attr(SQLINTEGER id, struct aldb_diag *diag)
{
    if (id >= PSQLODBC_ATTR_FIRST && id <= PSQLODBC_ATTR_LAST) {
        return aldb_diag_post(diag, ALDB_ST_HYC00, "Attribute %d is psqlODBC's own; use the connection string's keywords instead", (int)id);
    }
    if (id >= SQL_ATTR_QUERY_TIMEOUT && id <= SQL_ATTR_ROW_ARRAY_SIZE) {
        return aldb_diag_post(diag, ALDB_ST_HY092, "Attribute %d is a statement attribute", (int)id);
    }
    return aldb_diag_post(diag, ALDB_ST_HY092, "%d is not a connection attribute", (int)id);
}

bool aldb_dbc_attr_is_text(SQLINTEGER id)
{
    const struct conn_attr *a = find_attr(id);
    return a && a->width == ALDB_W_TEXT;
}

bool aldb_dbc_attr_asks(SQLINTEGER id)
{
    return id == SQL_ATTR_ACCESS_MODE || id == SQL_ATTR_AUTOCOMMIT || id == SQL_ATTR_TXN_ISOLATION || id == SQL_ATTR_RESET_CONNECTION;
}

enum aldb_rc aldb_dbc_get_attr(struct aldb_dbc *dbc, SQLINTEGER id, struct aldb_value *out, struct aldb_diag *diag)
{
    const struct conn_attr *a = find_attr(id);
    if (a == NULL && is_statement_option(dbc, id)) {
        return get_statement_option(dbc, id, out, diag);
    }
    if (a == NULL) {
        return unknown_attr(id, diag);
    }
    if (a->plain) {
        SQLUINTEGER value;
        memcpy(&value, (const char *)dbc + a->offset, sizeof value);
        *out = aldb_value_number(ALDB_W_S32, (SQLLEN)value);
        return ALDB_OK;
    }
    if (a->get) {
        return a->get(dbc, out, diag);
    }
    return aldb_diag_post(diag, a->refuse ? a->refuse : ALDB_ST_HYC00, "%s is not supported", a->name);
}

enum aldb_rc aldb_dbc_set_attr(struct aldb_dbc *dbc, SQLINTEGER id, const struct aldb_arg *arg, struct aldb_diag *diag)
{
    const struct conn_attr *a = find_attr(id);
    if (a == NULL && is_statement_option(dbc, id)) {
        return set_statement_option(dbc, id, arg, diag);
    }
    if (a == NULL) {
        return unknown_attr(id, diag);
    }
    if (a->set) {
        return a->set(dbc, arg, diag);
    }
    if (a->get) {
        return aldb_diag_post(diag, ALDB_ST_HY092, "%s can only be read", a->name);
    }
    return aldb_diag_post(diag, a->refuse ? a->refuse : ALDB_ST_HYC00, "%s is not supported", a->name);
}

void aldb_dbc_close_cursors(struct aldb_dbc *dbc)
{
    for (struct aldb_stmt *stmt = dbc->stmts; stmt; stmt = stmt->next) {
        if (aldb_handle_orphaned(&stmt->h)) {
            continue;
        }
        aldb_mutex_lock(&stmt->h.lock);
        if (stmt->state == ALDB_STMT_CURSOR || stmt->state == ALDB_STMT_EXECUTED) {
            aldb_stmt_rest(stmt);
        }
        aldb_mutex_unlock(&stmt->h.lock);
    }
}
