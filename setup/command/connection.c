/* SPDX-License-Identifier: Apache-2.0 */
#include "setup/command/connection.h"

#include <string.h>

#include "config/options.h"
#include "setup/command/args.h"
#include "setup/command/terminal.h"

void aldb_add_diagnostics(SQLSMALLINT type, SQLHANDLE handle, struct aldb_buf *out)
{
    SQLCHAR state[6];
    SQLINTEGER native;
    SQLSMALLINT length = 0;
    for (SQLSMALLINT n = 1; SQL_SUCCEEDED(SQLGetDiagRec(type, handle, n, state, &native, NULL, 0, &length)); n++) {
        aldb_buf_addf(out, "%s%s ", n > 1 ? "\n" : "", (const char *)state);
        char *room = aldb_buf_reserve(out, (size_t)length + 1);
        if (room != NULL && SQL_SUCCEEDED(SQLGetDiagRec(type, handle, n, state, &native, (SQLCHAR *)room, (SQLSMALLINT)(length + 1), &length))) {
            aldb_buf_commit(out, strlen(room));
        }
    }
}

void aldb_print_diagnostics(SQLSMALLINT type, SQLHANDLE handle)
{
    struct aldb_buf text;
    aldb_buf_init(&text, ALDB_MAX_MESSAGE);
    aldb_add_diagnostics(type, handle, &text);
    (void)aldb_failed("%s", aldb_buf_cstr(&text));
    aldb_buf_clear(&text);
}

static bool refuse(struct aldb_connection *c, SQLSMALLINT type, SQLHANDLE handle, struct aldb_buf *said)
{
    if (handle != SQL_NULL_HANDLE) {
        aldb_add_diagnostics(type, handle, said);
    } else {
        aldb_buf_add_str(said, "Out of memory");
    }
    aldb_disconnect(c);
    return false;
}

void aldb_target_string(const char *target, const char *more, struct aldb_buf *out)
{
    if (strchr(target, '=') != NULL) {
        aldb_buf_add_str(out, target);
    } else {
        aldb_connstr_add(out, "DSN", target);
    }
    if (more != NULL && more[0] != '\0') {
        aldb_buf_add_str(out, out->len > 0 && out->data[out->len - 1] == ';' ? "" : ";");
        aldb_buf_add_str(out, more);
    }
}

bool aldb_connect_quietly(struct aldb_connection *c, const char *target, const char *more, struct aldb_buf *said)
{
    struct aldb_buf text;
    *c = (struct aldb_connection){SQL_NULL_HENV, SQL_NULL_HDBC, false};
    if (!SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &c->env))) {
        return refuse(c, SQL_HANDLE_ENV, SQL_NULL_HANDLE, said);
    }
    (void)SQLSetEnvAttr(c->env, SQL_ATTR_ODBC_VERSION, (SQLPOINTER)SQL_OV_ODBC3, 0);
    if (!SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_DBC, c->env, &c->dbc))) {
        return refuse(c, SQL_HANDLE_ENV, c->env, said);
    }
    aldb_buf_init(&text, ALDB_MAX_CONNSTR);
    aldb_target_string(target, more, &text);
    SQLRETURN rc = aldb_buf_ok(&text) ? SQLDriverConnect(c->dbc, NULL, (SQLCHAR *)text.data, SQL_NTS, NULL, 0, NULL, SQL_DRIVER_NOPROMPT) : SQL_ERROR;
    bool made = aldb_buf_ok(&text);
    aldb_buf_wipe(&text);
    if (!SQL_SUCCEEDED(rc)) {
        return refuse(c, SQL_HANDLE_DBC, made ? c->dbc : SQL_NULL_HANDLE, said);
    }
    c->connected = true;
    if (rc == SQL_SUCCESS_WITH_INFO) {
        aldb_add_diagnostics(SQL_HANDLE_DBC, c->dbc, said);
    }
    return true;
}

bool aldb_connect(struct aldb_connection *c, const char *target, const char *more)
{
    struct aldb_buf said;
    aldb_buf_init(&said, ALDB_MAX_MESSAGE);
    bool good = aldb_connect_quietly(c, target, more, &said);
    if (said.len > 0) {
        (void)aldb_failed("%s", aldb_buf_cstr(&said));
    } else if (!good) {
        (void)aldb_failed_no_memory(); /* not even for what was to be said */
    }
    aldb_buf_clear(&said);
    return good;
}

void aldb_disconnect(struct aldb_connection *c)
{
    if (c->dbc != SQL_NULL_HDBC) {
        if (c->connected) {
            (void)SQLDisconnect(c->dbc);
        }
        (void)SQLFreeHandle(SQL_HANDLE_DBC, c->dbc);
    }
    if (c->env != SQL_NULL_HENV) {
        (void)SQLFreeHandle(SQL_HANDLE_ENV, c->env);
    }
    *c = (struct aldb_connection){SQL_NULL_HENV, SQL_NULL_HDBC, false};
}

void aldb_info_text(const struct aldb_connection *c, SQLUSMALLINT what, struct aldb_buf *out)
{
    SQLSMALLINT length = 0;
    aldb_buf_reset(out);
    if (SQL_SUCCEEDED(SQLGetInfo(c->dbc, what, NULL, 0, &length)) && length >= 0) {
        char *room = aldb_buf_reserve(out, (size_t)length + 1);
        if (room != NULL && SQL_SUCCEEDED(SQLGetInfo(c->dbc, what, room, (SQLSMALLINT)(length + 1), &length))) {
            aldb_buf_commit(out, strlen(room));
        }
    }
}

bool aldb_ask_one(const struct aldb_connection *c, struct aldb_buf *said)
{
    SQLHSTMT stmt = SQL_NULL_HSTMT;
    if (!SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_STMT, c->dbc, &stmt))) {
        aldb_add_diagnostics(SQL_HANDLE_DBC, c->dbc, said);
        return false;
    }
    bool good = SQL_SUCCEEDED(SQLExecDirect(stmt, (SQLCHAR *)"SELECT 1", SQL_NTS)) && SQL_SUCCEEDED(SQLFetch(stmt));
    if (!good) {
        aldb_add_diagnostics(SQL_HANDLE_STMT, stmt, said);
    }
    (void)SQLFreeHandle(SQL_HANDLE_STMT, stmt);
    return good;
}

bool aldb_password_asked(const struct aldb_arguments *a, struct aldb_buf *out)
{
    struct aldb_buf password;
    bool from_stdin = aldb_flag_given(a, "password-stdin"), ask = aldb_flag_given(a, "ask-password"), good = true;
    if (from_stdin && ask) {
        (void)aldb_usage_error(a->command, "--ask-password and --password-stdin exclude each other");
        return false;
    }
    aldb_buf_reset(out);
    if (!from_stdin && !ask) {
        return true;
    }
    aldb_buf_init(&password, ALDB_MAX_NAME);
    if (ask && !aldb_may_ask()) {
        (void)aldb_failed("--ask-password needs a terminal; --password-stdin reads the password from standard input");
        good = false;
    } else if (!(ask ? aldb_ask_secret("Password", &password) : aldb_read_line(&password))) {
        (void)aldb_failed("There was no password to read");
        good = false;
    } else {
        aldb_connstr_add(out, "PWD", aldb_buf_cstr(&password));
        good = aldb_buf_ok(out);
    }
    aldb_buf_wipe(&password);
    return good;
}
