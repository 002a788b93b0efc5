/* SPDX-License-Identifier: Apache-2.0 */
/* Connection attributes: what they are before and after connecting, what they do on the server, and how a pooled connection is made new again. */
#include "direct.h"

#include "alloydb_odbc.h"

#include <time.h>

#define SET(attr, value) SQLSetConnectAttr(l.dbc, attr, (SQLPOINTER)(intptr_t)(value), 0)

static SQLUINTEGER get(SQLHDBC dbc, SQLINTEGER id)
{
    SQLUINTEGER value[2];
    memset(value, 0xAA, sizeof value);
    CHECK_OK(dbc, SQLGetConnectAttr(dbc, id, value, 0, NULL));
    return value[0];
}

/* Of the driver itself: exactly so many bytes. */
static SQLULEN get_direct(SQLHDBC dbc, SQLINTEGER id, size_t width)
{
    unsigned char raw[16];
    SQLULEN value = 0;
    SQLINTEGER length = -1;
    memset(raw, 0xAA, sizeof raw);
    CHECK_INT(DIRECT(SQLGetConnectAttr)(dbc, id, raw, 0, &length), SQL_SUCCESS);
    CHECK_INT(raw[width], 0xAA);
    CHECK_INT(length, width);
    memcpy(&value, raw, width);
    return value;
}

/* ---- all of them --------------------------------------------------------------------------------------------------- */

static void defaults(void)
{
    static const struct {
        SQLINTEGER id;
        size_t width;
        SQLULEN value;
    } list[] = {
        {SQL_ATTR_ACCESS_MODE, 4, SQL_MODE_READ_WRITE}, {SQL_ATTR_AUTOCOMMIT, 4, SQL_AUTOCOMMIT_ON}, {SQL_ATTR_CONNECTION_TIMEOUT, 4, 0},
        {SQL_ATTR_PACKET_SIZE, 4, 0},                   {SQL_ATTR_METADATA_ID, 4, SQL_FALSE},        {SQL_ATTR_ASYNC_ENABLE, 8, SQL_ASYNC_ENABLE_OFF},
        {SQL_ATTR_AUTO_IPD, 4, SQL_TRUE},               {SQL_ATTR_QUIET_MODE, 8, 0},                 {SQL_ATTR_ASYNC_DBC_FUNCTIONS_ENABLE, 4, 0},
        {SQL_ATTR_TXN_ISOLATION, 4, SQL_TXN_READ_COMMITTED}, {SQL_ATTR_CONNECTION_DEAD, 4, SQL_CD_FALSE},
    };
    struct link d = direct_open(SQL_OV_ODBC3_80, true);
    for (size_t i = 0; i < COUNT(list); i++) {
        CHECK_INT(get_direct(d.dbc, list[i].id, list[i].width), list[i].value);
    }
    CHECK(get_direct(d.dbc, SQL_ATTR_ALLOYDB_BACKEND_PID, 4) > 0);
    CHECK(get_direct(d.dbc, SQL_ATTR_ALLOYDB_SERVER_VERSION, 4) >= 140000);
    CHECK_INT(get_direct(d.dbc, SQL_ATTR_ALLOYDB_TXN_STATUS, 4), 0);

    /* What is not there, and what is not for sale. */
    static const struct {
        SQLINTEGER id;
        SQLULEN value;
        const char *state;
    } bad[] = {
        {4711, 1, "HY092"}, {-5, 1, "HY092"}, {SQL_ATTR_MAX_ROWS, 1, "HY092"}, {SQL_ATTR_CURSOR_TYPE, 1, "HY092"}, {SQL_ATTR_CONNECTION_DEAD, 1, "HY092"},
        {SQL_ATTR_AUTO_IPD, 1, "HY092"}, {SQL_ATTR_ALLOYDB_BACKEND_PID, 1, "HY092"}, {SQL_ATTR_TRANSLATE_OPTION, 1, "HYC00"},
        {SQL_ATTR_ENLIST_IN_DTC, 1, "HYC00"}, {SQL_ATTR_ASYNC_ENABLE, 2, "HY024"},
        {SQL_ATTR_ASYNC_DBC_FUNCTIONS_ENABLE, 2, "HY024"}, {119 /* event */, 1, "S1118"}, {65544, 1, "HYC00"}, {65536, 1, "HYC00"},
        {SQL_ATTR_ACCESS_MODE, 2, "HY024"}, {SQL_ATTR_AUTOCOMMIT, 2, "HY024"}, {SQL_ATTR_TXN_ISOLATION, 0, "HY024"}, {SQL_ATTR_TXN_ISOLATION, 3, "HY024"},
        {SQL_ATTR_TXN_ISOLATION, 16, "HY024"}, {SQL_ATTR_METADATA_ID, 2, "HY024"}, {SQL_ATTR_RESET_CONNECTION, 2, "HY024"},
        {SQL_ATTR_LOGIN_TIMEOUT, 5, "HY011"}, {SQL_ATTR_PACKET_SIZE, 4096, "HY011"},
    };
    for (size_t i = 0; i < COUNT(bad); i++) {
        DIRECT_STATE(SQL_HANDLE_DBC, d.dbc, DIRECT(SQLSetConnectAttr)(d.dbc, bad[i].id, (SQLPOINTER)bad[i].value, 0), bad[i].state);
    }
    for (size_t i = 0; i < COUNT(list); i++) { /* nothing of that left a trace */
        CHECK_INT(get_direct(d.dbc, list[i].id, list[i].width), list[i].value);
    }
    /* The driver manager says whether the application is ANSI; Jet says hello. Both may. */
    CHECK_INT(DIRECT(SQLSetConnectAttr)(d.dbc, SQL_ATTR_ANSI_APP, (SQLPOINTER)SQL_AA_FALSE, 0), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLSetConnectAttr)(d.dbc, 30002, (SQLPOINTER)1, 0), SQL_SUCCESS);
    direct_close(&d);

    /* Before it is connected: some are kept, some are unknown, none is a crash. */
    d = direct_open(SQL_OV_ODBC3_80, false);
    SQLULEN value = 0;
    CHECK_INT(get_direct(d.dbc, SQL_ATTR_CONNECTION_DEAD, 4), SQL_CD_TRUE);
    CHECK_INT(DIRECT(SQLGetConnectAttr)(d.dbc, SQL_ATTR_CURRENT_CATALOG, &value, sizeof value, NULL), SQL_NO_DATA);
    CHECK_INT(DIRECT(SQLGetConnectAttr)(d.dbc, SQL_ATTR_TXN_ISOLATION, &value, 0, NULL), SQL_NO_DATA);
    DIRECT_STATE(SQL_HANDLE_DBC, d.dbc, DIRECT(SQLGetConnectAttr)(d.dbc, SQL_ATTR_ALLOYDB_BACKEND_PID, &value, 0, NULL), "08003");
    DIRECT_STATE(SQL_HANDLE_DBC, d.dbc, DIRECT(SQLGetConnectAttr)(d.dbc, SQL_ATTR_ALLOYDB_TXN_STATUS, &value, 0, NULL), "08003");
    DIRECT_STATE(SQL_HANDLE_DBC, d.dbc, DIRECT(SQLSetConnectAttr)(d.dbc, SQL_ATTR_RESET_CONNECTION, (SQLPOINTER)SQL_RESET_CONNECTION_YES, 0), "08003");
    CHECK_INT(DIRECT(SQLSetConnectAttr)(d.dbc, SQL_ATTR_PACKET_SIZE, (SQLPOINTER)4096, 0), SQL_SUCCESS_WITH_INFO);
    CHECK_TEXT(direct_state(SQL_HANDLE_DBC, d.dbc), "01S02");
    CHECK_INT(get_direct(d.dbc, SQL_ATTR_PACKET_SIZE, 4), 0);
    direct_close(&d);
}

static void set_before_connecting(void)
{
    struct link l = link_new(SQL_OV_ODBC3_80);
    CHECK_OK(l.dbc, SET(SQL_ATTR_AUTOCOMMIT, SQL_AUTOCOMMIT_OFF));
    CHECK_OK(l.dbc, SET(SQL_ATTR_TXN_ISOLATION, SQL_TXN_SERIALIZABLE));
    CHECK_OK(l.dbc, SET(SQL_ATTR_ACCESS_MODE, SQL_MODE_READ_ONLY));
    CHECK_OK(l.dbc, SET(SQL_ATTR_CONNECTION_TIMEOUT, 77));
    CHECK_OK(l.dbc, SQLSetConnectAttr(l.dbc, SQL_ATTR_CURRENT_CATALOG, T("aldb_latin1"), SQL_NTS));
    CHECK_OK(l.dbc, try_connect(l.dbc, connstr(";")));
    l.stmt = new_stmt(l.dbc);
    CHECK_TEXT(query_text(l.stmt, "select current_database()"), "aldb_latin1");
    CHECK_TEXT(query_text(l.stmt, "show transaction_isolation"), "serializable");
    CHECK_TEXT(query_text(l.stmt, "show transaction_read_only"), "on");
    CHECK_INT(get(l.dbc, SQL_ATTR_AUTOCOMMIT), SQL_AUTOCOMMIT_OFF);
    CHECK_INT(get(l.dbc, SQL_ATTR_TXN_ISOLATION), SQL_TXN_SERIALIZABLE);
    CHECK_INT(get(l.dbc, SQL_ATTR_ACCESS_MODE), SQL_MODE_READ_ONLY);
    CHECK_INT(get(l.dbc, SQL_ATTR_CONNECTION_TIMEOUT), 77);
    CHECK_INT(get(l.dbc, SQL_ATTR_ALLOYDB_TXN_STATUS), 1);
    link_close(&l);
}

/* ---- transactions -------------------------------------------------------------------------------------------------- */

static void autocommit(void)
{
    struct link l = link_open("");
    struct link other = link_open("");
    run(l.stmt, "drop table if exists odbc_attrs; create table odbc_attrs (a int)");
    CHECK_OK(l.dbc, SET(SQL_ATTR_AUTOCOMMIT, SQL_AUTOCOMMIT_OFF));
    CHECK_INT(get(l.dbc, SQL_ATTR_ALLOYDB_TXN_STATUS), 0); /* begins with the first statement */
    run(l.stmt, "insert into odbc_attrs values (1)");
    CHECK_INT(get(l.dbc, SQL_ATTR_ALLOYDB_TXN_STATUS), 1);
    CHECK_INT(query_int(other.stmt, "select count(*) from odbc_attrs"), 0);
    /* ON commits what is open. */
    CHECK_OK(l.dbc, SET(SQL_ATTR_AUTOCOMMIT, SQL_AUTOCOMMIT_ON));
    CHECK_INT(query_int(other.stmt, "select count(*) from odbc_attrs"), 1);
    CHECK_INT(get(l.dbc, SQL_ATTR_ALLOYDB_TXN_STATUS), 0);
    run(l.stmt, "insert into odbc_attrs values (2)");
    CHECK_INT(query_int(other.stmt, "select count(*) from odbc_attrs"), 2);
    CHECK_OK(l.dbc, SET(SQL_ATTR_AUTOCOMMIT, SQL_AUTOCOMMIT_OFF));
    run(l.stmt, "insert into odbc_attrs values (3)");
    CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_ROLLBACK));
    CHECK_INT(query_int(l.stmt, "select count(*) from odbc_attrs"), 2);
    CHECK_OK(l.dbc, SET(SQL_ATTR_AUTOCOMMIT, SQL_AUTOCOMMIT_ON));

    /* The application's own BEGIN is seen. */
    run(l.stmt, "begin");
    CHECK_INT(get(l.dbc, SQL_ATTR_ALLOYDB_TXN_STATUS), 1);
    CHECK_STATE(l.stmt, SQLExecDirect(l.stmt, T("select 1/0"), SQL_NTS), "22012");
    run(l.stmt, "rollback");
    CHECK_INT(get(l.dbc, SQL_ATTR_ALLOYDB_TXN_STATUS), 0);
    run(l.stmt, "drop table odbc_attrs");
    link_close(&other);
    link_close(&l);

    l = link_open("ErrorRollback=none");
    CHECK_OK(l.dbc, SET(SQL_ATTR_AUTOCOMMIT, SQL_AUTOCOMMIT_OFF));
    CHECK_INT(query_int(l.stmt, "select 1"), 1);
    CHECK_STATE(l.stmt, SQLExecDirect(l.stmt, T("select 1/0"), SQL_NTS), "22012");
    CHECK_INT(get(l.dbc, SQL_ATTR_ALLOYDB_TXN_STATUS), 2);
    /* It cannot be committed, and nobody says it was. */
    CHECK_STATE(l.dbc, SET(SQL_ATTR_AUTOCOMMIT, SQL_AUTOCOMMIT_ON), "25S03");
    CHECK_INT(get(l.dbc, SQL_ATTR_ALLOYDB_TXN_STATUS), 0);
    CHECK_INT(query_int(l.stmt, "select 7"), 7);
    link_close(&l);
}

static void isolation(void)
{
    static const struct {
        SQLUINTEGER bit;
        const char *name;
    } levels[] = {
        {SQL_TXN_SERIALIZABLE, "serializable"},
        {SQL_TXN_REPEATABLE_READ, "repeatable read"},
        {SQL_TXN_READ_UNCOMMITTED, "read uncommitted"},
        {SQL_TXN_READ_COMMITTED, "read committed"},
    };
    struct link l = link_open("");
    CHECK_INT(get(l.dbc, SQL_ATTR_TXN_ISOLATION), SQL_TXN_READ_COMMITTED);
    for (int manual = 0; manual < 2; manual++) {
        CHECK_OK(l.dbc, SET(SQL_ATTR_AUTOCOMMIT, manual ? SQL_AUTOCOMMIT_OFF : SQL_AUTOCOMMIT_ON));
        for (size_t i = 0; i < COUNT(levels); i++) {
            CHECK_OK(l.dbc, SET(SQL_ATTR_TXN_ISOLATION, levels[i].bit));
            CHECK_INT(get(l.dbc, SQL_ATTR_TXN_ISOLATION), levels[i].bit);
            CHECK_TEXT(query_text(l.stmt, "show transaction_isolation"), levels[i].name);
            CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_COMMIT));
        }
    }
    /* Not in the middle of one, whoever began it. */
    CHECK_INT(query_int(l.stmt, "select 1"), 1);
    CHECK_STATE(l.dbc, SET(SQL_ATTR_TXN_ISOLATION, SQL_TXN_SERIALIZABLE), "HY011");
    CHECK_INT(get(l.dbc, SQL_ATTR_TXN_ISOLATION), SQL_TXN_READ_COMMITTED);
    CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_ROLLBACK));
    CHECK_OK(l.dbc, SET(SQL_ATTR_AUTOCOMMIT, SQL_AUTOCOMMIT_ON));
    run(l.stmt, "begin");
    CHECK_STATE(l.dbc, SET(SQL_ATTR_TXN_ISOLATION, SQL_TXN_SERIALIZABLE), "HY011");
    run(l.stmt, "commit");
    CHECK_OK(l.dbc, SET(SQL_ATTR_TXN_ISOLATION, SQL_TXN_SERIALIZABLE));

    /* Two serializable ones that cannot both be. */
    struct link other = link_open("");
    run(other.stmt, "drop table if exists odbc_attrs_iso; create table odbc_attrs_iso (a int); insert into odbc_attrs_iso values (1)");
    CHECK_OK(other.dbc, SQLSetConnectAttr(other.dbc, SQL_ATTR_TXN_ISOLATION, (SQLPOINTER)SQL_TXN_REPEATABLE_READ, 0));
    CHECK_OK(other.dbc, SQLSetConnectAttr(other.dbc, SQL_ATTR_AUTOCOMMIT, (SQLPOINTER)SQL_AUTOCOMMIT_OFF, 0));
    CHECK_INT(query_int(other.stmt, "select a from odbc_attrs_iso"), 1);
    run(l.stmt, "update odbc_attrs_iso set a = 2");
    CHECK_INT(query_int(other.stmt, "select a from odbc_attrs_iso"), 1);
    CHECK_STATE(other.stmt, SQLExecDirect(other.stmt, T("update odbc_attrs_iso set a = 3"), SQL_NTS), "40001");
    CHECK_OK(other.dbc, SQLEndTran(SQL_HANDLE_DBC, other.dbc, SQL_ROLLBACK));
    link_close(&other);
    run(l.stmt, "drop table odbc_attrs_iso");
    link_close(&l);

    /* The server's own default shows until something else was asked for. */
    l = link_open("PqOpt={options=-cdefault_transaction_isolation=serializable}");
    CHECK_INT(get(l.dbc, SQL_ATTR_TXN_ISOLATION), SQL_TXN_SERIALIZABLE);
    link_close(&l);
}

static void access_mode(void)
{
    struct link l = link_open("");
    run(l.stmt, "create temp table t (a int)");
    CHECK_OK(l.dbc, SET(SQL_ATTR_ACCESS_MODE, SQL_MODE_READ_ONLY));
    CHECK_INT(get(l.dbc, SQL_ATTR_ACCESS_MODE), SQL_MODE_READ_ONLY);
    CHECK_STATE(l.stmt, SQLExecDirect(l.stmt, T("create table odbc_attrs_no (a int)"), SQL_NTS), "25000");
    CHECK_INT(query_int(l.stmt, "select 7"), 7);
    CHECK_OK(l.dbc, SET(SQL_ATTR_AUTOCOMMIT, SQL_AUTOCOMMIT_OFF));
    CHECK_TEXT(query_text(l.stmt, "show transaction_read_only"), "on");
    CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_ROLLBACK));
    CHECK_OK(l.dbc, SET(SQL_ATTR_ACCESS_MODE, SQL_MODE_READ_WRITE));
    CHECK_TEXT(query_text(l.stmt, "show transaction_read_only"), "off");
    CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_ROLLBACK));
    link_close(&l);
}

/* ---- the rest ------------------------------------------------------------------------------------------------------ */

static void catalog(void)
{
    struct link l = link_open("");
    char name[64];
    SQLINTEGER length = 0;
    CHECK_OK(l.dbc, SQLGetConnectAttr(l.dbc, SQL_ATTR_CURRENT_CATALOG, name, sizeof name, &length));
    CHECK_TEXT(name, "aldb_test");
    CHECK_INT(length, 9);
    CHECK_INFO(l.dbc, SQLGetConnectAttr(l.dbc, SQL_ATTR_CURRENT_CATALOG, name, 5, &length), "01004");
    CHECK_TEXT(name, "aldb");
    CHECK_INT(length, 9);
    CHECK_OK(l.dbc, SQLSetConnectAttr(l.dbc, SQL_ATTR_CURRENT_CATALOG, T("aldb_test!"), 9)); /* it is that one already */
    CHECK_STATE(l.dbc, SQLSetConnectAttr(l.dbc, SQL_ATTR_CURRENT_CATALOG, T("postgres"), SQL_NTS), "HYC00");
    CHECK_CONTAINS(diag_message(l.dbc, 1), "postgres");
    query(l.stmt, "select 1");
    CHECK_STATE(l.dbc, SQLSetConnectAttr(l.dbc, SQL_ATTR_CURRENT_CATALOG, T("postgres"), SQL_NTS), "24000");
    link_close(&l);
}

static void dead(void)
{
    struct link l = link_open("");
    struct link other = link_open("");
    char sql[128];
    CHECK_INT(get(l.dbc, SQL_ATTR_CONNECTION_DEAD), SQL_CD_FALSE);
    snprintf(sql, sizeof sql, "select pg_terminate_backend(%u, 30000)", get(l.dbc, SQL_ATTR_ALLOYDB_BACKEND_PID));
    CHECK_TEXT(query_text(other.stmt, sql), "1");
    double start = seconds_now();
    CHECK_INT(get(l.dbc, SQL_ATTR_CONNECTION_DEAD), SQL_CD_TRUE); /* nobody had to run a statement to find out */
    CHECK(seconds_now() - start < 15);
    SQLUINTEGER value = 0;
    CHECK_STATE(l.stmt, SQLExecDirect(l.stmt, T("select 1"), SQL_NTS), "08S01");
    CHECK_INT(get(l.dbc, SQL_ATTR_CONNECTION_DEAD), SQL_CD_TRUE);
    CHECK_STATE(l.dbc, SQLGetConnectAttr(l.dbc, SQL_ATTR_ALLOYDB_TXN_STATUS, &value, 0, NULL), "08S01");
    CHECK_STATE(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_COMMIT) == SQL_SUCCESS ? SET(SQL_ATTR_TXN_ISOLATION, SQL_TXN_SERIALIZABLE) : SQL_ERROR, "08S01");
    link_close(&other);
    link_close(&l);
}

static void timeouts(void)
{
    struct link l = link_open("");
    /* CONNECTION_TIMEOUT ends any call that waits too long, and the connection with it. */
    CHECK_OK(l.dbc, SET(SQL_ATTR_CONNECTION_TIMEOUT, 30));
    CHECK_INT(query_int(l.stmt, "select 7"), 7);
    CHECK_OK(l.dbc, SET(SQL_ATTR_CONNECTION_TIMEOUT, 1));
    double start = seconds_now();
    CHECK_STATE(l.stmt, SQLExecDirect(l.stmt, T("select pg_sleep(30)"), SQL_NTS), "HYT01");
    CHECK(seconds_now() - start > 0.9 && seconds_now() - start < 20);
    link_close(&l);

    /* QUERY_TIMEOUT ends the statement only. */
    l = link_open("");
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_QUERY_TIMEOUT, (SQLPOINTER)1, 0));
    start = seconds_now();
    CHECK_STATE(l.stmt, SQLExecDirect(l.stmt, T("select pg_sleep(30)"), SQL_NTS), "HYT00");
    CHECK(seconds_now() - start > 0.9 && seconds_now() - start < 20);
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_QUERY_TIMEOUT, (SQLPOINTER)30, 0));
    CHECK_INT(query_int(l.stmt, "select 7"), 7);
    CHECK_INT(get(l.dbc, SQL_ATTR_CONNECTION_DEAD), SQL_CD_FALSE);
    link_close(&l);
}

/* Warnings of the server while it logs a user in belong to the call that connects. */
static void words_at_login(void)
{
    struct link boss = link_new(SQL_OV_ODBC3_80);
    CHECK_OK(boss.dbc, try_connect(boss.dbc, connstr("DRIVER=AlloyDB;Server=$SOCKETDIR;Port=$PORT;Database=$DATABASE;UID=postgres")));
    boss.stmt = new_stmt(boss.dbc);
    run(boss.stmt, "drop role if exists odbc_attrs_noisy; create role odbc_attrs_noisy login password 'noise'");
    run(boss.stmt, "alter role odbc_attrs_noisy set default_tablespace = 'nowhere'");
    struct link l = link_new(SQL_OV_ODBC3_80);
    CHECK_INFO(l.dbc, try_connect(l.dbc, connstr("UID=odbc_attrs_noisy;PWD=noise")), "01000");
    CHECK_CONTAINS(diag_message(l.dbc, 1), "WARNING: invalid value for parameter \"default_tablespace\"");
    link_close(&l);
    run(boss.stmt, "drop role odbc_attrs_noisy");
    link_close(&boss);
}

/* ---- a pooled connection for its next user ------------------------------------------------------------------------- */

static const char *direct_text(SQLHDBC dbc, const char *sql)
{
    static char text[256];
    SQLHSTMT stmt = NULL;
    SQLLEN length = 0;
    text[0] = '\0';
    CHECK_INT(DIRECT(SQLAllocHandle)(SQL_HANDLE_STMT, dbc, &stmt), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLExecDirect)(stmt, T(sql), SQL_NTS), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLFetch)(stmt), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLGetData)(stmt, 1, SQL_C_CHAR, text, sizeof text, &length), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLFreeHandle)(SQL_HANDLE_STMT, stmt), SQL_SUCCESS);
    return text;
}

static void reset(void)
{
    struct link d = direct_open(SQL_OV_ODBC3_80, false);
    const char *string = connstr("ConnSettings={set search_path = 'aldb_start'};MaxVarcharSize=77");
    CHECK_INT(DIRECT(SQLDriverConnect)(d.dbc, NULL, T(string), SQL_NTS, NULL, 0, NULL, SQL_DRIVER_NOPROMPT), SQL_SUCCESS);
    SQLHSTMT stmt = NULL;
    SQLHSTMT prepared = NULL;
    SQLHDESC desc = NULL;
    SQLUINTEGER pid = (SQLUINTEGER)get_direct(d.dbc, SQL_ATTR_ALLOYDB_BACKEND_PID, 4);
    char zone[64];
    char style[64];
    snprintf(zone, sizeof zone, "%s", direct_text(d.dbc, "show timezone"));
    snprintf(style, sizeof style, "%s", direct_text(d.dbc, "show datestyle"));

    /* Everything that a user can leave behind. */
    CHECK_INT(DIRECT(SQLAllocHandle)(SQL_HANDLE_STMT, d.dbc, &stmt), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLAllocHandle)(SQL_HANDLE_STMT, d.dbc, &prepared), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLAllocHandle)(SQL_HANDLE_DESC, d.dbc, &desc), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLSetStmtAttr)(prepared, SQL_ATTR_APP_ROW_DESC, desc, 0), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLExecDirect)(stmt, T("create temp table left_behind (a int)"), SQL_NTS), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLExecDirect)(stmt, T("set timezone = 'Asia/Kolkata'"), SQL_NTS), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLExecDirect)(stmt, T("set datestyle = 'German'"), SQL_NTS), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLExecDirect)(stmt, T("set search_path = 'elsewhere'"), SQL_NTS), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLExecDirect)(stmt, T("listen odbc_attrs"), SQL_NTS), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLExecDirect)(stmt, T("select pg_advisory_lock(4711)"), SQL_NTS), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLFreeStmt)(stmt, SQL_CLOSE), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLSetConnectAttr)(d.dbc, SQL_ATTR_TXN_ISOLATION, (SQLPOINTER)SQL_TXN_SERIALIZABLE, 0), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLSetConnectAttr)(d.dbc, SQL_ATTR_CONNECTION_TIMEOUT, (SQLPOINTER)55, 0), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLSetConnectAttr)(d.dbc, SQL_ATTR_METADATA_ID, (SQLPOINTER)SQL_TRUE, 0), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLSetConnectAttr)(d.dbc, SQL_ATTR_AUTOCOMMIT, (SQLPOINTER)SQL_AUTOCOMMIT_OFF, 0), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLPrepare)(prepared, T("select ?::int"), SQL_NTS), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLExecDirect)(stmt, T("create table public.odbc_attrs_never (a int)"), SQL_NTS), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLExecDirect)(stmt, T("select generate_series(1, 1000000)"), SQL_NTS), SQL_SUCCESS); /* and still streaming */
    CHECK_INT(DIRECT(SQLFetch)(stmt), SQL_SUCCESS);

    CHECK_INT(DIRECT(SQLSetConnectAttr)(d.dbc, SQL_ATTR_RESET_CONNECTION, (SQLPOINTER)SQL_RESET_CONNECTION_YES, 0), SQL_SUCCESS);
    CHECK_INT(get_direct(d.dbc, SQL_ATTR_ALLOYDB_BACKEND_PID, 4), pid);
    CHECK_INT(get_direct(d.dbc, SQL_ATTR_CONNECTION_DEAD, 4), SQL_CD_FALSE);
    CHECK_INT(get_direct(d.dbc, SQL_ATTR_ALLOYDB_TXN_STATUS, 4), 0);
    CHECK_INT(get_direct(d.dbc, SQL_ATTR_AUTOCOMMIT, 4), SQL_AUTOCOMMIT_ON);
    CHECK_INT(get_direct(d.dbc, SQL_ATTR_TXN_ISOLATION, 4), SQL_TXN_READ_COMMITTED);
    CHECK_INT(get_direct(d.dbc, SQL_ATTR_CONNECTION_TIMEOUT, 4), 0);
    CHECK_INT(get_direct(d.dbc, SQL_ATTR_METADATA_ID, 4), SQL_FALSE);
    CHECK_INT(DIRECT(SQLFetch)(stmt), SQL_INVALID_HANDLE);
    CHECK_INT(DIRECT(SQLExecute)(prepared), SQL_INVALID_HANDLE);
    CHECK_INT(DIRECT(SQLSetDescField)(desc, 0, SQL_DESC_COUNT, NULL, 0), SQL_INVALID_HANDLE);

    CHECK_TEXT(direct_text(d.dbc, "select coalesce(to_regclass('public.odbc_attrs_never')::text, to_regclass('pg_temp.left_behind')::text, 'gone')"), "gone");
    CHECK_TEXT(direct_text(d.dbc, "show timezone"), zone);
    CHECK_TEXT(direct_text(d.dbc, "show datestyle"), style);
    CHECK_TEXT(direct_text(d.dbc, "show search_path"), "aldb_start"); /* ConnSettings ran again */
    CHECK_TEXT(direct_text(d.dbc, "show transaction_isolation"), "read committed");
    CHECK_TEXT(direct_text(d.dbc, "select count(*) from pg_listening_channels()"), "0");
    CHECK_TEXT(direct_text(d.dbc, "select count(*) from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()"), "0");
    CHECK_TEXT(direct_text(d.dbc, "select count(*) from pg_prepared_statements where name not like '%\\_ctl\\_%' and statement like '%?::int%'"), "0");
    /* Twice in a row, in a failed transaction, with nothing to do: always fine. */
    CHECK_INT(DIRECT(SQLSetConnectAttr)(d.dbc, SQL_ATTR_RESET_CONNECTION, (SQLPOINTER)SQL_RESET_CONNECTION_YES, 0), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLAllocHandle)(SQL_HANDLE_STMT, d.dbc, &stmt), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLExecDirect)(stmt, T("begin"), SQL_NTS), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLExecDirect)(stmt, T("select 1/0"), SQL_NTS), SQL_ERROR);
    CHECK_INT(DIRECT(SQLSetConnectAttr)(d.dbc, SQL_ATTR_RESET_CONNECTION, (SQLPOINTER)SQL_RESET_CONNECTION_YES, 0), SQL_SUCCESS);
    CHECK_TEXT(direct_text(d.dbc, "select 7"), "7");
    direct_close(&d);

    /* What ODBC 2 sets for the statements of a connection goes too. */
    d = direct_open(SQL_OV_ODBC2, false);
    SQLULEN value = 99;
    CHECK_INT(DIRECT(SQLDriverConnect)(d.dbc, NULL, T(connstr("QueryTimeout=44")), SQL_NTS, NULL, 0, NULL, SQL_DRIVER_NOPROMPT), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLSetConnectAttr)(d.dbc, SQL_MAX_ROWS, (SQLPOINTER)5, 0), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLSetConnectAttr)(d.dbc, SQL_QUERY_TIMEOUT, (SQLPOINTER)6, 0), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLSetConnectAttr)(d.dbc, SQL_ATTR_RESET_CONNECTION, (SQLPOINTER)SQL_RESET_CONNECTION_YES, 0), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLAllocHandle)(SQL_HANDLE_STMT, d.dbc, &d.stmt), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLGetStmtAttr)(d.stmt, SQL_MAX_ROWS, &value, 0, NULL), SQL_SUCCESS);
    CHECK_INT(value, 0);
    CHECK_INT(DIRECT(SQLGetStmtAttr)(d.stmt, SQL_QUERY_TIMEOUT, &value, 0, NULL), SQL_SUCCESS);
    CHECK_INT(value, 44);
    direct_close(&d);
}

/* The trail, each line as "stage how" and blanks between: times and facts left out. */
static const char *trail(SQLHDBC dbc, char facts[4096])
{
    static char stages[512];
    char text[4096] = "";
    SQLINTEGER length = 0;
    stages[0] = facts[0] = '\0';
    CHECK_INT(DIRECT(SQLGetConnectAttr)(dbc, SQL_ATTR_ALLOYDB_CONNECT_TRAIL, text, sizeof text, &length), SQL_SUCCESS);
    CHECK_INT(length, strlen(text));
    char *rest = NULL;
    for (char *line = strtok_r(text, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest)) {
        char stage[32], how[16];
        double ms = -1;
        int n = 0;
        CHECK_INT(sscanf(line, "%31[^\t]\t%15[a-z]\t%lf\t%n", stage, how, &ms, &n), 3);
        CHECK(n > 0 && ms >= 0 && ms < 60000);
        snprintf(stages + strlen(stages), sizeof stages - strlen(stages), "%s%s %s", stages[0] ? ", " : "", stage, how);
        snprintf(facts + strlen(facts), 4096 - strlen(facts), "%s|", line + n);
    }
    return stages;
}

/* Connects the handle anew, by the driver itself. */
static SQLRETURN again(struct link *d, const char *more)
{
    return DIRECT(SQLDriverConnect)(d->dbc, NULL, T(connstr("%s", more)), SQL_NTS, NULL, 0, NULL, SQL_DRIVER_NOPROMPT);
}

static void how_it_went(void)
{
    char facts[4096], wanted[256];
    struct link d = direct_open(SQL_OV_ODBC3_80, false);
    CHECK_TEXT(trail(d.dbc, facts), "");
    CHECK_INT(again(&d, "SSLMode=disable"), SQL_SUCCESS);
    CHECK_TEXT(trail(d.dbc, facts), "TCP done, TLS done, login done, session done");
    snprintf(wanted, sizeof wanted, "%s port %s|not used|PostgreSQL ", fact("HOST"), fact("PORT"));
    CHECK(strncmp(facts, wanted, strlen(wanted)) == 0);
    snprintf(wanted, sizeof wanted, ", database %s, user %s|settings|", fact("DATABASE"), fact("USER"));
    CHECK_CONTAINS(facts, wanted);
    CHECK(strstr(facts, fact("PASSWORD")) == NULL);
    /* Text in parts, and as wide characters, as any attribute's. */
    SQLWCHAR wide[4] = {0};
    SQLINTEGER length = 0;
    CHECK_INT(DIRECT(SQLGetConnectAttrW)(d.dbc, SQL_ATTR_ALLOYDB_CONNECT_TRAIL, wide, sizeof wide, &length), SQL_SUCCESS_WITH_INFO);
    CHECK_TEXT(direct_state(SQL_HANDLE_DBC, d.dbc), "01004");
    CHECK(wide[0] == 'T' && wide[1] == 'C' && wide[2] == 'P' && wide[3] == 0);
    CHECK(length > 40);
    DIRECT_STATE(SQL_HANDLE_DBC, d.dbc, DIRECT(SQLSetConnectAttr)(d.dbc, SQL_ATTR_ALLOYDB_CONNECT_TRAIL, T("x"), SQL_NTS), "HY092");
    /* It stays behind when the connection goes, and the next one's takes its place, whether that succeeds or not. */
    CHECK_INT(DIRECT(SQLDisconnect)(d.dbc), SQL_SUCCESS);
    CHECK_TEXT(trail(d.dbc, facts), "TCP done, TLS done, login done, session done");
    CHECK_INT(again(&d, "PWD=wrong"), SQL_ERROR);
    CHECK_TEXT(trail(d.dbc, facts), "TCP done, TLS done, login failed");
    CHECK_CONTAINS(facts, "|TLSv1.3, TLS_");
    snprintf(wanted, sizeof wanted, "Server=%s,%s;Port=%s,%s;InitSql=select 1/0", fact("HOST"), fact("HOST"), fact("DEAD_PORT"), fact("PORT"));
    CHECK_INT(again(&d, wanted), SQL_ERROR);
    CHECK_TEXT(trail(d.dbc, facts), "TCP failed, TCP done, TLS done, login done, session failed");
    CHECK_INT(again(&d, "Server=no-such-host.invalid"), SQL_ERROR);
    CHECK_TEXT(trail(d.dbc, facts), "name failed");
    CHECK_INT(again(&d, "SSLMode=perhaps"), SQL_ERROR); /* nothing was tried */
    CHECK_TEXT(trail(d.dbc, facts), "");
    CHECK_INT(again(&d, "Server=localhost;InitSql=select 1"), SQL_SUCCESS);
    CHECK_TEXT(trail(d.dbc, facts), "name done, TCP done, TLS done, login done, session done");
    CHECK(strncmp(facts, "localhost is ", 13) == 0);
    CHECK_CONTAINS(facts, "|settings and InitSql|");
    direct_close(&d);
}

int main(void)
{
    static const struct test tests[] = {
        {"defaults and refusals", defaults},
        {"how connecting went", how_it_went},
        {"set before connecting", set_before_connecting},
        {"autocommit", autocommit},
        {"isolation", isolation},
        {"access mode", access_mode},
        {"current catalog", catalog},
        {"a dead connection", dead},
        {"timeouts", timeouts},
        {"the server's words at login", words_at_login},
        {"reset", reset},
    };
    return run_tests("connection attributes", tests, COUNT(tests));
}
