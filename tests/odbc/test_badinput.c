/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whatever an application gets wrong: the driver answers with the right SQLSTATE, keeps its hands off the buffers, and goes on. Mostly without the
 * driver manager, which would keep half of it away.
 */
#include "direct.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- every function, called with something that is no handle ------------------------------------------------------- */

#define STMT_CALLS(X) \
    X(SQLPrepare, h, T("select 1"), SQL_NTS) \
    X(SQLPrepareW, h, wide("select 1"), SQL_NTS) \
    X(SQLExecDirect, h, T("select 1"), SQL_NTS) \
    X(SQLExecDirectW, h, wide("select 1"), SQL_NTS) \
    X(SQLExecute, h) \
    X(SQLTables, h, NULL, 0, NULL, 0, NULL, 0, NULL, 0) \
    X(SQLTablesW, h, NULL, 0, NULL, 0, NULL, 0, NULL, 0) \
    X(SQLColumns, h, NULL, 0, NULL, 0, NULL, 0, NULL, 0) \
    X(SQLColumnsW, h, NULL, 0, NULL, 0, NULL, 0, NULL, 0) \
    X(SQLPrimaryKeys, h, NULL, 0, NULL, 0, T("x"), SQL_NTS) \
    X(SQLPrimaryKeysW, h, NULL, 0, NULL, 0, wide("x"), SQL_NTS) \
    X(SQLTablePrivileges, h, NULL, 0, NULL, 0, NULL, 0) \
    X(SQLTablePrivilegesW, h, NULL, 0, NULL, 0, NULL, 0) \
    X(SQLForeignKeys, h, NULL, 0, NULL, 0, NULL, 0, NULL, 0, NULL, 0, T("x"), SQL_NTS) \
    X(SQLForeignKeysW, h, NULL, 0, NULL, 0, NULL, 0, NULL, 0, NULL, 0, wide("x"), SQL_NTS) \
    X(SQLStatistics, h, NULL, 0, NULL, 0, T("x"), SQL_NTS, SQL_INDEX_ALL, SQL_QUICK) \
    X(SQLStatisticsW, h, NULL, 0, NULL, 0, wide("x"), SQL_NTS, SQL_INDEX_ALL, SQL_QUICK) \
    X(SQLSpecialColumns, h, SQL_BEST_ROWID, NULL, 0, NULL, 0, T("x"), SQL_NTS, SQL_SCOPE_CURROW, SQL_NULLABLE) \
    X(SQLSpecialColumnsW, h, SQL_BEST_ROWID, NULL, 0, NULL, 0, wide("x"), SQL_NTS, SQL_SCOPE_CURROW, SQL_NULLABLE) \
    X(SQLProcedures, h, NULL, 0, NULL, 0, NULL, 0) \
    X(SQLProceduresW, h, NULL, 0, NULL, 0, NULL, 0) \
    X(SQLProcedureColumns, h, NULL, 0, NULL, 0, NULL, 0, NULL, 0) \
    X(SQLProcedureColumnsW, h, NULL, 0, NULL, 0, NULL, 0, NULL, 0) \
    X(SQLColumnPrivileges, h, NULL, 0, NULL, 0, T("x"), SQL_NTS, NULL, 0) \
    X(SQLColumnPrivilegesW, h, NULL, 0, NULL, 0, wide("x"), SQL_NTS, NULL, 0) \
    X(SQLGetTypeInfo, h, SQL_ALL_TYPES) \
    X(SQLGetTypeInfoW, h, SQL_ALL_TYPES) \
    X(SQLNumParams, h, &s16) \
    X(SQLDescribeParam, h, 1, &s16, NULL, NULL, NULL) \
    X(SQLBindParameter, h, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, &s32, 0, NULL) \
    X(SQLNumResultCols, h, &s16) \
    X(SQLDescribeCol, h, 1, NULL, 0, NULL, &s16, NULL, NULL, NULL) \
    X(SQLDescribeColW, h, 1, NULL, 0, NULL, &s16, NULL, NULL, NULL) \
    X(SQLColAttribute, h, 1, SQL_DESC_TYPE, NULL, 0, NULL, &len) \
    X(SQLColAttributeW, h, 1, SQL_DESC_TYPE, NULL, 0, NULL, &len) \
    X(SQLRowCount, h, &len) \
    X(SQLBindCol, h, 1, SQL_C_SLONG, &s32, 0, NULL) \
    X(SQLFetch, h) \
    X(SQLFetchScroll, h, SQL_FETCH_NEXT, 0) \
    X(SQLExtendedFetch, h, SQL_FETCH_NEXT, 0, NULL, NULL) \
    X(SQLGetData, h, 1, SQL_C_SLONG, &s32, 0, NULL) \
    X(SQLSetPos, h, 1, SQL_POSITION, SQL_LOCK_NO_CHANGE) \
    X(SQLBulkOperations, h, SQL_ADD) \
    X(SQLMoreResults, h) \
    X(SQLCloseCursor, h) \
    X(SQLGetCursorName, h, NULL, 0, &s16) \
    X(SQLGetCursorNameW, h, NULL, 0, &s16) \
    X(SQLSetCursorName, h, T("c"), SQL_NTS) \
    X(SQLSetCursorNameW, h, wide("c"), SQL_NTS) \
    X(SQLGetStmtAttr, h, SQL_ATTR_MAX_ROWS, &len, 0, NULL) \
    X(SQLGetStmtAttrW, h, SQL_ATTR_MAX_ROWS, &len, 0, NULL) \
    X(SQLSetStmtAttr, h, SQL_ATTR_MAX_ROWS, NULL, 0) \
    X(SQLSetStmtAttrW, h, SQL_ATTR_MAX_ROWS, NULL, 0) \
    X(SQLFreeStmt, h, SQL_CLOSE)

#define DATA_CALLS(X) /* these are what a statement that waits for data waits for */ \
    X(SQLParamData, h, &pointer) \
    X(SQLPutData, h, &s32, 4) \
    X(SQLCancel, h)

#define DBC_CALLS(X) \
    X(SQLConnect, h, NULL, 0, NULL, 0, NULL, 0) \
    X(SQLConnectW, h, NULL, 0, NULL, 0, NULL, 0) \
    X(SQLDriverConnect, h, NULL, T("DRIVER=AlloyDB"), SQL_NTS, NULL, 0, NULL, SQL_DRIVER_NOPROMPT) \
    X(SQLDriverConnectW, h, NULL, wide("DRIVER=AlloyDB"), SQL_NTS, NULL, 0, NULL, SQL_DRIVER_NOPROMPT) \
    X(SQLBrowseConnect, h, T("DRIVER=AlloyDB"), SQL_NTS, NULL, 0, NULL) \
    X(SQLBrowseConnectW, h, wide("DRIVER=AlloyDB"), SQL_NTS, NULL, 0, NULL) \
    X(SQLDisconnect, h) \
    X(SQLGetConnectAttr, h, SQL_ATTR_AUTOCOMMIT, &len, 0, NULL) \
    X(SQLGetConnectAttrW, h, SQL_ATTR_AUTOCOMMIT, &len, 0, NULL) \
    X(SQLSetConnectAttr, h, SQL_ATTR_AUTOCOMMIT, NULL, 0) \
    X(SQLSetConnectAttrW, h, SQL_ATTR_AUTOCOMMIT, NULL, 0) \
    X(SQLGetInfo, h, SQL_DBMS_NAME, NULL, 0, NULL) \
    X(SQLGetInfoW, h, SQL_DBMS_NAME, NULL, 0, NULL) \
    X(SQLGetFunctions, h, SQL_API_SQLFETCH, (SQLUSMALLINT *)&s16) \
    X(SQLNativeSql, h, T("x"), SQL_NTS, NULL, 0, NULL) \
    X(SQLNativeSqlW, h, wide("x"), SQL_NTS, NULL, 0, NULL)

#define DESC_CALLS(X) \
    X(SQLGetDescField, h, 0, SQL_DESC_COUNT, &s16, 0, NULL) \
    X(SQLGetDescFieldW, h, 0, SQL_DESC_COUNT, &s16, 0, NULL) \
    X(SQLSetDescField, h, 0, SQL_DESC_COUNT, NULL, 0) \
    X(SQLSetDescFieldW, h, 0, SQL_DESC_COUNT, NULL, 0) \
    X(SQLGetDescRec, h, 1, NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL) \
    X(SQLGetDescRecW, h, 1, NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL) \
    X(SQLSetDescRec, h, 1, SQL_C_SLONG, 0, 4, 0, 0, NULL, NULL, NULL) \
    X(SQLCopyDesc, h, h)

#define ENV_CALLS(X) \
    X(SQLGetEnvAttr, h, SQL_ATTR_ODBC_VERSION, &s32, 0, NULL) \
    X(SQLSetEnvAttr, h, SQL_ATTR_ODBC_VERSION, (SQLPOINTER)SQL_OV_ODBC3, 0)

#define DEFINE(function, ...) \
    static SQLRETURN call_##function(SQLHANDLE h) \
    { \
        SQLSMALLINT s16 = 0; \
        SQLINTEGER s32 = 0; \
        SQLLEN len = 0; \
        SQLPOINTER pointer = NULL; \
        (void)s16, (void)s32, (void)len, (void)pointer; \
        return DIRECT(function)(__VA_ARGS__); \
    }
STMT_CALLS(DEFINE)
DATA_CALLS(DEFINE)
DBC_CALLS(DEFINE)
DESC_CALLS(DEFINE)
ENV_CALLS(DEFINE)

struct call {
    const char *name;
    SQLSMALLINT type;
    SQLRETURN (*function)(SQLHANDLE h);
};
#define STMT_ROW(function, ...) {#function, SQL_HANDLE_STMT, call_##function},
#define DBC_ROW(function, ...) {#function, SQL_HANDLE_DBC, call_##function},
#define DESC_ROW(function, ...) {#function, SQL_HANDLE_DESC, call_##function},
#define ENV_ROW(function, ...) {#function, SQL_HANDLE_ENV, call_##function},
static const struct call calls[] = {STMT_CALLS(STMT_ROW) DATA_CALLS(STMT_ROW) DBC_CALLS(DBC_ROW) DESC_CALLS(DESC_ROW) ENV_CALLS(ENV_ROW)};

static void no_handles(void)
{
    struct link d = direct_open(SQL_OV_ODBC3_80, true);
    struct link dead = direct_open(SQL_OV_ODBC3_80, true);
    SQLHDESC desc = NULL;
    SQLHDESC dead_desc = NULL;
    static uint64_t noise[64];
    for (size_t i = 0; i < COUNT(noise); i++) {
        noise[i] = 0x9E3779B97F4A7C15u * (i + 1);
    }
    CHECK_INT(DIRECT(SQLAllocHandle)(SQL_HANDLE_DESC, d.dbc, &desc), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLAllocHandle)(SQL_HANDLE_DESC, dead.dbc, &dead_desc), SQL_SUCCESS);
    SQLHANDLE corpses[] = {dead.env, dead.dbc, dead.stmt, dead_desc};
    direct_close(&dead);

    SQLHANDLE alive[] = {[SQL_HANDLE_ENV] = d.env, [SQL_HANDLE_DBC] = d.dbc, [SQL_HANDLE_STMT] = d.stmt, [SQL_HANDLE_DESC] = desc};
    for (size_t i = 0; i < COUNT(calls); i++) {
        SQLHANDLE none[] = {NULL, noise, (char *)d.stmt + 1, (SQLHANDLE)(intptr_t)-8, corpses[0], corpses[1], corpses[2], corpses[3]};
        for (size_t k = 0; k < COUNT(none); k++) {
            check_int(calls[i].function(none[k]), SQL_INVALID_HANDLE, calls[i].name, __FILE__, __LINE__);
        }
        for (SQLSMALLINT type = SQL_HANDLE_ENV; type <= SQL_HANDLE_DESC; type++) {
            if (type != calls[i].type) {
                check_int(calls[i].function(alive[type]), SQL_INVALID_HANDLE, calls[i].name, __FILE__, __LINE__);
            }
        }
    }
    for (SQLSMALLINT type = -1; type < 9; type++) {
        CHECK_INT(DIRECT(SQLFreeHandle)(type, noise), SQL_INVALID_HANDLE);
        CHECK_INT(DIRECT(SQLFreeHandle)(type, NULL), SQL_INVALID_HANDLE);
        CHECK_INT(DIRECT(SQLGetDiagRec)(type, noise, 1, NULL, NULL, NULL, 0, NULL), SQL_INVALID_HANDLE);
        CHECK_INT(DIRECT(SQLGetDiagField)(type, noise, 1, SQL_DIAG_SQLSTATE, NULL, 0, NULL), SQL_INVALID_HANDLE);
        CHECK_INT(DIRECT(SQLGetDiagRecW)(type, noise, 1, NULL, NULL, NULL, 0, NULL), SQL_INVALID_HANDLE);
        CHECK_INT(DIRECT(SQLGetDiagFieldW)(type, noise, 1, SQL_DIAG_SQLSTATE, NULL, 0, NULL), SQL_INVALID_HANDLE);
        CHECK_INT(DIRECT(SQLEndTran)(type, noise, SQL_COMMIT), SQL_INVALID_HANDLE);
        CHECK_INT(DIRECT(SQLCancelHandle)(type, noise), SQL_INVALID_HANDLE);
        SQLHANDLE out = noise;
        if (type != SQL_HANDLE_ENV) {
            CHECK_INT(DIRECT(SQLAllocHandle)(type, noise, &out), SQL_INVALID_HANDLE);
            CHECK(out == SQL_NULL_HANDLE);
        }
    }
    CHECK_INT(DIRECT(SQLExecDirect)(d.stmt, T("select 1"), SQL_NTS), SQL_SUCCESS);
    direct_close(&d);
}

/* While a statement waits for data at execution, only giving it data and giving up are allowed. */
static void waiting_for_data(void)
{
    static const struct call stmt_calls[] = {STMT_CALLS(STMT_ROW)};
    struct link d = direct_open(SQL_OV_ODBC3_80, true);
    SQLLEN at_execution = SQL_DATA_AT_EXEC;
    SQLPOINTER token = NULL;
    char place = 'x';
    CHECK_INT(DIRECT(SQLBindParameter)(d.stmt, 1, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, 10, 0, &place, 0, &at_execution), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLExecDirect)(d.stmt, T("select ?::text"), SQL_NTS), SQL_NEED_DATA);
    for (size_t i = 0; i < COUNT(stmt_calls); i++) {
        check_int(stmt_calls[i].function(d.stmt), SQL_ERROR, stmt_calls[i].name, __FILE__, __LINE__);
        check_text(direct_state(SQL_HANDLE_STMT, d.stmt), "HY010", stmt_calls[i].name, __FILE__, __LINE__);
    }
    DIRECT_STATE(SQL_HANDLE_DBC, d.dbc, DIRECT(SQLEndTran)(SQL_HANDLE_DBC, d.dbc, SQL_COMMIT), "HY010");
    DIRECT_STATE(SQL_HANDLE_DBC, d.dbc, DIRECT(SQLDisconnect)(d.dbc), "HY010");
    DIRECT_STATE(SQL_HANDLE_STMT, d.stmt, DIRECT(SQLPutData)(d.stmt, &place, 1), "HY010"); /* which parameter? */
    CHECK_INT(DIRECT(SQLParamData)(d.stmt, &token), SQL_NEED_DATA);
    CHECK(token == &place);
    CHECK_INT(DIRECT(SQLPutData)(d.stmt, &place, 1), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLParamData)(d.stmt, &token), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLFetch)(d.stmt), SQL_SUCCESS);
    direct_close(&d);
}

/* ---- arguments ----------------------------------------------------------------------------------------------------- */

#define BAD0(state, function) DIRECT_STATE(SQL_HANDLE_STMT, d.stmt, DIRECT(function)(d.stmt), state)
#define BAD(state, function, ...) DIRECT_STATE(SQL_HANDLE_STMT, d.stmt, DIRECT(function)(d.stmt, __VA_ARGS__), state)
#define GOOD(function, ...) CHECK_INT(DIRECT(function)(d.stmt, __VA_ARGS__), SQL_SUCCESS)

static void statement_arguments(void)
{
    struct link d = direct_open(SQL_OV_ODBC3_80, true);
    SQLINTEGER value = 0;
    SQLSMALLINT s16 = 0;
    SQLLEN length = 0;
    SQLCHAR text[16];
    static char endless[40000];
    memset(endless, 'n', sizeof endless - 1);

    BAD("HY009", SQLPrepare, NULL, SQL_NTS);
    BAD("HY009", SQLExecDirect, NULL, 0);
    BAD("HY090", SQLPrepare, T("select 1"), -5);
    BAD("HY090", SQLExecDirect, T("select 1"), SQL_NULL_DATA);

    BAD("07009", SQLBindCol, 65535, SQL_C_SLONG, &value, 4, NULL);
    BAD("HY003", SQLBindCol, 1, 4711, &value, 4, NULL);
    BAD("HY090", SQLBindCol, 1, SQL_C_CHAR, text, -1, NULL);
    GOOD(SQLBindCol, 1, SQL_C_CHAR, NULL, 0, NULL);
    GOOD(SQLBindCol, 30000, SQL_C_CHAR, NULL, 0, NULL);

    BAD("07009", SQLBindParameter, 0, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, &value, 0, NULL);
    BAD("07009", SQLBindParameter, 65535, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, &value, 0, NULL);
    BAD("HY105", SQLBindParameter, 1, 77, SQL_C_SLONG, SQL_INTEGER, 0, 0, &value, 0, NULL);
    BAD("HY003", SQLBindParameter, 1, SQL_PARAM_INPUT, 4711, SQL_INTEGER, 0, 0, &value, 0, NULL);
    BAD("HY004", SQLBindParameter, 1, SQL_PARAM_INPUT, SQL_C_SLONG, 4711, 0, 0, &value, 0, NULL);
    BAD("HY090", SQLBindParameter, 1, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, 0, 0, text, -2, NULL);
    BAD("HY009", SQLBindParameter, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, NULL, 0, NULL);
    BAD("07006", SQLBindParameter, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_TYPE_DATE, 0, 0, &value, 0, NULL);

    /* Before anything was prepared. */
    BAD("HY009", SQLSetCursorName, NULL, SQL_NTS);
    BAD("HY090", SQLSetCursorName, T("c"), -5);
    BAD0("HY010", SQLExecute);
    BAD("HY010", SQLNumParams, &s16);
    BAD("HY010", SQLNumResultCols, &s16);
    BAD("HY010", SQLDescribeCol, 1, NULL, 0, NULL, NULL, NULL, NULL, NULL);
    BAD("HY010", SQLColAttribute, 1, SQL_DESC_TYPE, NULL, 0, NULL, &length);
    BAD("HY010", SQLDescribeParam, 1, NULL, NULL, NULL, NULL);
    BAD("HY010", SQLRowCount, &length);
    BAD0("HY010", SQLFetch);
    BAD("HY010", SQLFetchScroll, SQL_FETCH_NEXT, 0);
    BAD("HY010", SQLGetData, 1, SQL_C_SLONG, &value, 0, NULL);
    BAD("HY010", SQLParamData, NULL);
    BAD("HY010", SQLPutData, text, 1);
    BAD0("24000", SQLCloseCursor);
    CHECK_INT(DIRECT(SQLMoreResults)(d.stmt), SQL_NO_DATA);
    CHECK_INT(DIRECT(SQLCancel)(d.stmt), SQL_SUCCESS);
    GOOD(SQLFreeStmt, SQL_CLOSE);
    BAD("HY092", SQLFreeStmt, 77);

    /* Prepared. */
    GOOD(SQLPrepare, T("select ?::int4, 'x'"), SQL_NTS);
    GOOD(SQLNumParams, NULL);
    GOOD(SQLNumResultCols, NULL);
    GOOD(SQLDescribeParam, 1, NULL, NULL, NULL, NULL);
    BAD("07009", SQLDescribeParam, 0, NULL, NULL, NULL, NULL);
    BAD("07009", SQLDescribeParam, 2, &s16, NULL, NULL, NULL);
    GOOD(SQLDescribeCol, 2, NULL, 0, NULL, NULL, NULL, NULL, NULL);
    BAD("07009", SQLDescribeCol, 0, NULL, 0, NULL, NULL, NULL, NULL, NULL);
    BAD("07009", SQLDescribeCol, 3, NULL, 0, NULL, NULL, NULL, NULL, NULL);
    BAD("07009", SQLDescribeCol, 65535, NULL, 0, NULL, NULL, NULL, NULL, NULL);
    BAD("HY090", SQLDescribeCol, 1, text, -1, NULL, NULL, NULL, NULL, NULL);
    BAD("07009", SQLColAttribute, 3, SQL_DESC_TYPE, NULL, 0, NULL, &length);
    BAD("HY091", SQLColAttribute, 1, 4711, NULL, 0, NULL, &length);
    BAD("HY091", SQLColAttribute, 1, 65535, NULL, 0, NULL, &length);
    BAD("HY091", SQLColAttribute, 1, SQL_DESC_DATA_PTR, NULL, 0, NULL, &length);
    BAD("HY090", SQLColAttribute, 1, SQL_DESC_NAME, text, -1, NULL, NULL);
    GOOD(SQLColAttribute, 1, SQL_DESC_NAME, NULL, 0, NULL, NULL);
    GOOD(SQLColAttribute, 1, SQL_DESC_TYPE, NULL, 0, NULL, NULL);
    BAD0("07002", SQLExecute);
    GOOD(SQLBindParameter, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, &value, 0, NULL);
    CHECK_INT(DIRECT(SQLExecute)(d.stmt), SQL_SUCCESS);

    /* A cursor is open. */
    BAD0("24000", SQLExecute);
    BAD("24000", SQLExecDirect, T("select 1"), SQL_NTS);
    BAD("24000", SQLPrepare, T("select 1"), SQL_NTS);
    BAD("24000", SQLSetCursorName, T("c"), SQL_NTS);
    BAD("24000", SQLGetData, 1, SQL_C_SLONG, &value, 0, NULL); /* not on a row */
    BAD("24000", SQLSetPos, 1, SQL_POSITION, SQL_LOCK_NO_CHANGE);
    BAD("HY106", SQLFetchScroll, 77, 0);
    BAD("HY106", SQLFetchScroll, SQL_FETCH_PRIOR, 0);
    BAD("HY106", SQLFetchScroll, SQL_FETCH_BOOKMARK, 0);
    BAD("HY106", SQLExtendedFetch, 77, 0, NULL, NULL);
    CHECK_INT(DIRECT(SQLFetch)(d.stmt), SQL_SUCCESS);
    BAD("07009", SQLGetData, 0, SQL_C_SLONG, &value, 0, NULL);
    BAD("07009", SQLGetData, 3, SQL_C_SLONG, &value, 0, NULL);
    BAD("07009", SQLGetData, 65535, SQL_C_SLONG, &value, 0, NULL);
    BAD("HY003", SQLGetData, 1, 4711, &value, 0, NULL);
    BAD("HY009", SQLGetData, 1, SQL_C_SLONG, NULL, 0, &length);
    BAD("HY090", SQLGetData, 2, SQL_C_CHAR, text, -1, &length);
    BAD("HY092", SQLSetPos, 1, 77, SQL_LOCK_NO_CHANGE);
    BAD("HY092", SQLSetPos, 1, SQL_POSITION, 77);
    BAD("HY107", SQLSetPos, 2, SQL_POSITION, SQL_LOCK_NO_CHANGE);
    BAD("HY092", SQLBulkOperations, 77);
    BAD("HY092", SQLBulkOperations, SQL_ADD); /* read-only */
    GOOD(SQLRowCount, NULL);
    GOOD(SQLFreeStmt, SQL_CLOSE);

    /* Executed, without a result set. */
    GOOD(SQLExecDirect, T("set work_mem = '5MB'"), SQL_NTS);
    BAD0("24000", SQLFetch);
    BAD("24000", SQLGetData, 1, SQL_C_SLONG, &value, 0, NULL);
    BAD("07005", SQLDescribeCol, 1, NULL, 0, NULL, NULL, NULL, NULL, NULL);
    BAD("07005", SQLColAttribute, 1, SQL_DESC_TYPE, NULL, 0, NULL, &length);
    GOOD(SQLColAttribute, 0, SQL_DESC_COUNT, NULL, 0, NULL, &length);
    CHECK_INT(length, 0);
    BAD0("24000", SQLCloseCursor);
    BAD0("HY010", SQLExecute);

    BAD("HY090", SQLGetCursorName, text, -1, NULL);
    BAD("HY009", SQLPrimaryKeys, NULL, 0, NULL, 0, NULL, 0);
    BAD("HY009", SQLForeignKeys, NULL, 0, T("s"), SQL_NTS, NULL, 0, NULL, 0, NULL, 0, NULL, 0);
    BAD("HY009", SQLStatistics, NULL, 0, NULL, 0, NULL, 0, SQL_INDEX_ALL, SQL_QUICK);
    BAD("HY100", SQLStatistics, NULL, 0, NULL, 0, T("x"), SQL_NTS, 2, SQL_QUICK);
    BAD("HY101", SQLStatistics, NULL, 0, NULL, 0, T("x"), SQL_NTS, SQL_INDEX_UNIQUE, 2);
    BAD("HY009", SQLSpecialColumns, SQL_BEST_ROWID, NULL, 0, NULL, 0, NULL, 0, SQL_SCOPE_CURROW, SQL_NULLABLE);
    BAD("HY097", SQLSpecialColumns, 0, NULL, 0, NULL, 0, T("x"), SQL_NTS, SQL_SCOPE_CURROW, SQL_NULLABLE);
    BAD("HY097", SQLSpecialColumns, 3, NULL, 0, NULL, 0, T("x"), SQL_NTS, SQL_SCOPE_CURROW, SQL_NULLABLE);
    BAD("HY098", SQLSpecialColumns, SQL_ROWVER, NULL, 0, NULL, 0, T("x"), SQL_NTS, 3, SQL_NULLABLE);
    BAD("HY099", SQLSpecialColumns, SQL_ROWVER, NULL, 0, NULL, 0, T("x"), SQL_NTS, SQL_SCOPE_SESSION, 2);
    BAD("HY009", SQLColumnPrivileges, NULL, 0, NULL, 0, NULL, 0, T("x"), SQL_NTS);
    BAD("HY090", SQLProcedures, NULL, 0, NULL, 0, T("x"), -5);
    BAD("HY090", SQLProcedureColumns, NULL, 0, NULL, 0, NULL, 0, T("x"), -5);
    BAD("HY090", SQLTables, T("x"), -5, NULL, 0, NULL, 0, NULL, 0);
    BAD("HY090", SQLColumns, NULL, 0, NULL, 0, NULL, 0, T("x"), -5);
    BAD("HY004", SQLGetTypeInfo, 4711);
    BAD("HY092", SQLGetStmtAttr, 4711, &length, 0, NULL);
    BAD("HY092", SQLSetStmtAttr, 4711, NULL, 0);
    BAD("HY024", SQLSetStmtAttr, SQL_ATTR_APP_ROW_DESC, (SQLPOINTER)(intptr_t)0x1234, 0);
    GOOD(SQLGetStmtAttr, SQL_ATTR_MAX_ROWS, NULL, 0, NULL);
    direct_close(&d);
}

#undef BAD
#undef GOOD

#define BAD(state, function, ...) DIRECT_STATE(SQL_HANDLE_DBC, d.dbc, DIRECT(function)(d.dbc, __VA_ARGS__), state)

static void connection_arguments(void)
{
    struct link d = direct_open(SQL_OV_ODBC3_80, true);
    SQLCHAR text[16];
    SQLLEN value = 0;
    BAD("08002", SQLConnect, T(fact("DSN")), SQL_NTS, NULL, 0, NULL, 0);
    BAD("08002", SQLDriverConnect, NULL, T("DSN=x"), SQL_NTS, NULL, 0, NULL, SQL_DRIVER_NOPROMPT);
    BAD("08002", SQLBrowseConnect, T("DSN=x"), SQL_NTS, NULL, 0, NULL);
    BAD("HY090", SQLGetInfo, SQL_DBMS_NAME, text, -1, NULL);
    BAD("HY009", SQLGetFunctions, SQL_API_SQLFETCH, NULL);
    BAD("HY009", SQLNativeSql, NULL, SQL_NTS, text, sizeof text, NULL);
    BAD("HY090", SQLNativeSql, T("x"), -5, text, sizeof text, NULL);
    BAD("HY090", SQLNativeSql, T("x"), SQL_NTS, text, -1, NULL);
    BAD("HY092", SQLGetConnectAttr, 4711, &value, 0, NULL);
    BAD("HY092", SQLSetConnectAttr, 4711, NULL, 0);
    BAD("HY024", SQLSetConnectAttr, SQL_ATTR_AUTOCOMMIT, (SQLPOINTER)7, 0);
    BAD("HY024", SQLSetConnectAttr, SQL_ATTR_TXN_ISOLATION, (SQLPOINTER)3, 0);
    BAD("HY024", SQLSetConnectAttr, SQL_ATTR_ACCESS_MODE, (SQLPOINTER)2, 0);
    BAD("HY009", SQLSetConnectAttr, SQL_ATTR_CURRENT_CATALOG, NULL, SQL_NTS);
    BAD("HY090", SQLSetConnectAttr, SQL_ATTR_CURRENT_CATALOG, T("x"), -5);
    BAD("HY090", SQLGetConnectAttr, SQL_ATTR_CURRENT_CATALOG, text, -1, NULL);
    CHECK_INT(DIRECT(SQLGetConnectAttr)(d.dbc, SQL_ATTR_CURRENT_CATALOG, NULL, 0, NULL), SQL_SUCCESS);
    DIRECT_STATE(SQL_HANDLE_DBC, d.dbc, DIRECT(SQLEndTran)(SQL_HANDLE_DBC, d.dbc, 77), "HY012");
    DIRECT_STATE(SQL_HANDLE_DBC, d.dbc, DIRECT(SQLEndTran)(77, d.dbc, SQL_COMMIT), "HY092");
    DIRECT_STATE(SQL_HANDLE_DBC, d.dbc, DIRECT(SQLCancelHandle)(77, d.dbc), "HY092");
    CHECK_INT(DIRECT(SQLExecDirect)(d.stmt, T("select 1"), SQL_NTS), SQL_SUCCESS);
    direct_close(&d);

    d = direct_open(SQL_OV_ODBC3_80, false);
    BAD("HY110", SQLDriverConnect, NULL, T(connstr(";")), SQL_NTS, NULL, 0, NULL, 77);
    BAD("HY090", SQLDriverConnect, NULL, T(connstr(";")), -5, NULL, 0, NULL, SQL_DRIVER_NOPROMPT);
    BAD("HY090", SQLDriverConnect, NULL, T(connstr(";")), SQL_NTS, text, -1, NULL, SQL_DRIVER_NOPROMPT);
    BAD("HY090", SQLConnect, T("x"), -5, NULL, 0, NULL, 0);
    BAD("HY090", SQLConnect, T("x"), SQL_NTS, T("x"), -5, NULL, 0);
    BAD("HY090", SQLBrowseConnect, T("DSN=x"), -5, NULL, 0, NULL);
    BAD("08003", SQLNativeSql, T("x"), SQL_NTS, text, sizeof text, NULL);
    DIRECT_STATE(SQL_HANDLE_DBC, d.dbc, DIRECT(SQLEndTran)(SQL_HANDLE_DBC, d.dbc, SQL_COMMIT), "08003");
    DIRECT_STATE(SQL_HANDLE_DBC, d.dbc, DIRECT(SQLDisconnect)(d.dbc), "08003");
    CHECK_INT(DIRECT(SQLEndTran)(SQL_HANDLE_ENV, d.env, SQL_COMMIT), SQL_SUCCESS); /* no connection, nothing to end */
    CHECK_INT(DIRECT(SQLDriverConnect)(d.dbc, NULL, T(connstr(";")), SQL_NTS, NULL, 0, NULL, SQL_DRIVER_NOPROMPT), SQL_SUCCESS);
    direct_close(&d);
}

/* Packed rows: what is bound, its lengths and strings lie at odd addresses. The sanitizer sees who forgets it. */
static void unaligned(void)
{
    static char raw[4096];
    struct link d = direct_open(SQL_OV_ODBC3_80, true);
    SQLSMALLINT s16 = 0;
    SQLINTEGER s32 = 0;
    SQLLEN length = 0;
    static const struct {
        SQLSMALLINT c_type, sql_type;
    } types[] = {{SQL_C_SLONG, SQL_INTEGER}, {SQL_C_SBIGINT, SQL_BIGINT}, {SQL_C_DOUBLE, SQL_DOUBLE}, {SQL_C_SSHORT, SQL_SMALLINT},
                 {SQL_C_WCHAR, SQL_WVARCHAR}, {SQL_C_CHAR, SQL_VARCHAR}, {SQL_C_TYPE_TIMESTAMP, SQL_TYPE_TIMESTAMP}, {SQL_C_NUMERIC, SQL_NUMERIC},
                 {SQL_C_GUID, SQL_GUID}};
    SQLWCHAR *odd = (SQLWCHAR *)(void *)(raw + 1);
    memcpy(odd, wide("select 12, '34', 56.5::float8, now()::timestamp, 'ä😀'"), 120);
    CHECK_INT(DIRECT(SQLExecDirectW)(d.stmt, odd, SQL_NTS), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLFetch)(d.stmt), SQL_SUCCESS);
    static const SQLSMALLINT c_types[] = {SQL_C_SLONG, SQL_C_SBIGINT, SQL_C_DOUBLE, SQL_C_TYPE_TIMESTAMP, SQL_C_WCHAR};
    for (SQLUSMALLINT i = 1; i <= COUNT(c_types); i++) {
        CHECK_INT(DIRECT(SQLGetData)(d.stmt, i, c_types[i - 1], raw + 1, 100, (SQLLEN *)(void *)(raw + 201)), SQL_SUCCESS);
    }
    CHECK_INT(DIRECT(SQLDescribeColW)(d.stmt, 1, odd, 50, &s16, NULL, NULL, NULL, NULL), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLColAttributeW)(d.stmt, 1, SQL_DESC_TYPE_NAME, odd, 100, &s16, NULL), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLGetInfoW)(d.dbc, SQL_DBMS_NAME, odd, 100, &s16), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLGetInfo)(d.dbc, SQL_TXN_ISOLATION_OPTION, raw + 1, 4, &s16), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLGetStmtAttr)(d.stmt, SQL_ATTR_MAX_ROWS, raw + 1, 0, &s32), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLNativeSqlW)(d.dbc, wide("select 1"), SQL_NTS, odd, 50, &s32), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLGetCursorNameW)(d.stmt, odd, 50, &s16), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLFreeStmt)(d.stmt, SQL_CLOSE), SQL_SUCCESS);

    /* There and back, in rows of an odd length. */
    enum { ROWS = 3, ROW = 71, LENGTH = 53 };
    CHECK_INT(DIRECT(SQLSetStmtAttr)(d.stmt, SQL_ATTR_ROW_BIND_TYPE, (SQLPOINTER)ROW, 0), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLSetStmtAttr)(d.stmt, SQL_ATTR_ROW_ARRAY_SIZE, (SQLPOINTER)ROWS, 0), SQL_SUCCESS);
    for (size_t i = 0; i < COUNT(types); i++) {
        char *out = raw + 1;
        char *in = raw + 2001;
        memset(raw, 0, sizeof raw);
        CHECK_INT(DIRECT(SQLBindCol)(d.stmt, 1, types[i].c_type, out, 50, (SQLLEN *)(void *)(out + LENGTH)), SQL_SUCCESS);
        const char *value = types[i].c_type == SQL_C_TYPE_TIMESTAMP ? "timestamp '2024-02-29 01:02:03'"
                            : types[i].c_type == SQL_C_GUID         ? "gen_random_uuid()"
                                                                    : "17";
        char sql[128];
        snprintf(sql, sizeof sql, "select %s from generate_series(1, 3)", value);
        CHECK_INT(DIRECT(SQLExecDirect)(d.stmt, T(sql), SQL_NTS), SQL_SUCCESS);
        CHECK_INT(DIRECT(SQLFetch)(d.stmt), SQL_SUCCESS);
        CHECK_INT(DIRECT(SQLFreeStmt)(d.stmt, SQL_CLOSE), SQL_SUCCESS);
        memcpy(in, out, ROWS * ROW);
        CHECK_INT(DIRECT(SQLSetStmtAttr)(d.stmt, SQL_ATTR_PARAM_BIND_TYPE, (SQLPOINTER)ROW, 0), SQL_SUCCESS);
        CHECK_INT(DIRECT(SQLSetStmtAttr)(d.stmt, SQL_ATTR_PARAMSET_SIZE, (SQLPOINTER)ROWS, 0), SQL_SUCCESS);
        CHECK_INT(DIRECT(SQLBindParameter)(d.stmt, 1, SQL_PARAM_INPUT, types[i].c_type, types[i].sql_type, 30, 0, in, 50, (SQLLEN *)(void *)(in + LENGTH)),
                  SQL_SUCCESS);
        CHECK_INT(DIRECT(SQLExecDirect)(d.stmt, T("create temp table if not exists packed (t text)"), SQL_NTS), i ? SQL_SUCCESS_WITH_INFO : SQL_SUCCESS);
        SQLRETURN rc = DIRECT(SQLExecDirect)(d.stmt, T("insert into packed values (?)"), SQL_NTS);
        char what[32];
        snprintf(what, sizeof what, "C type %d", types[i].c_type);
        check_int(rc, SQL_SUCCESS, what, __FILE__, __LINE__);
        CHECK_INT(DIRECT(SQLRowCount)(d.stmt, &length), SQL_SUCCESS);
        CHECK_INT(length, ROWS);
        CHECK_INT(DIRECT(SQLFreeStmt)(d.stmt, SQL_RESET_PARAMS), SQL_SUCCESS);
        CHECK_INT(DIRECT(SQLSetStmtAttr)(d.stmt, SQL_ATTR_PARAMSET_SIZE, (SQLPOINTER)1, 0), SQL_SUCCESS);
        CHECK_INT(DIRECT(SQLFreeStmt)(d.stmt, SQL_UNBIND), SQL_SUCCESS);
    }
    direct_close(&d);
}

/* ---- every string argument ----------------------------------------------------------------------------------------- */

/* What each of a function's string arguments may be: `a` is it in turn, the others are NULL or fine. */
struct argument {
    void *text;
    SQLSMALLINT length;
};

static const SQLWCHAR half_pair[] = {'a', 0xD83D, 'b', 0};

#define NARROW(i) T(n == (i) ? a.text : NULL), (SQLSMALLINT)(n == (i) ? a.length : -7)
#define WIDE(i) (SQLWCHAR *)(n == (i) ? a.text : NULL), (SQLSMALLINT)(n == (i) ? a.length : -7)
#define NAMES3(m) m(0), m(1), m(2)
#define NAMES4(m) m(0), m(1), m(2), m(3)
#define NAMES6(m) m(0), m(1), m(2), m(3), m(4), m(5)

/* What is NULL has a length that means nothing, and that nobody may look at. */
static SQLRETURN give(const struct link *d, size_t which, int n, struct argument a, bool is_wide)
{
    switch (which) {
    case 0:
        return is_wide ? DIRECT(SQLPrepareW)(d->stmt, a.text, a.length) : DIRECT(SQLPrepare)(d->stmt, a.text, a.length);
    case 1:
        return is_wide ? DIRECT(SQLExecDirectW)(d->stmt, a.text, a.length) : DIRECT(SQLExecDirect)(d->stmt, a.text, a.length);
    case 2:
        return is_wide ? DIRECT(SQLSetCursorNameW)(d->stmt, a.text, a.length) : DIRECT(SQLSetCursorName)(d->stmt, a.text, a.length);
    case 3:
        return is_wide ? DIRECT(SQLTablesW)(d->stmt, NAMES4(WIDE)) : DIRECT(SQLTables)(d->stmt, NAMES4(NARROW));
    case 4:
        return is_wide ? DIRECT(SQLColumnsW)(d->stmt, NAMES4(WIDE)) : DIRECT(SQLColumns)(d->stmt, NAMES4(NARROW));
    case 5:
        return is_wide ? DIRECT(SQLPrimaryKeysW)(d->stmt, NAMES3(WIDE)) : DIRECT(SQLPrimaryKeys)(d->stmt, NAMES3(NARROW));
    case 6:
        return is_wide ? DIRECT(SQLTablePrivilegesW)(d->stmt, NAMES3(WIDE)) : DIRECT(SQLTablePrivileges)(d->stmt, NAMES3(NARROW));
    case 7:
        return is_wide ? DIRECT(SQLNativeSqlW)(d->dbc, a.text, a.length, NULL, 0, NULL) : DIRECT(SQLNativeSql)(d->dbc, a.text, a.length, NULL, 0, NULL);
    case 8: {
        SQLINTEGER length = is_wide && a.length > 0 ? a.length * 2 : a.length; /* bytes */
        return is_wide ? DIRECT(SQLSetConnectAttrW)(d->dbc, SQL_ATTR_CURRENT_CATALOG, a.text, length)
                       : DIRECT(SQLSetConnectAttr)(d->dbc, SQL_ATTR_CURRENT_CATALOG, a.text, length);
    }
    case 9:
        return is_wide ? DIRECT(SQLForeignKeysW)(d->stmt, NAMES6(WIDE)) : DIRECT(SQLForeignKeys)(d->stmt, NAMES6(NARROW));
    case 10:
        return is_wide ? DIRECT(SQLStatisticsW)(d->stmt, NAMES3(WIDE), SQL_INDEX_ALL, SQL_QUICK)
                       : DIRECT(SQLStatistics)(d->stmt, NAMES3(NARROW), SQL_INDEX_ALL, SQL_QUICK);
    case 11:
        return is_wide ? DIRECT(SQLSpecialColumnsW)(d->stmt, SQL_ROWVER, NAMES3(WIDE), SQL_SCOPE_CURROW, SQL_NULLABLE)
                       : DIRECT(SQLSpecialColumns)(d->stmt, SQL_ROWVER, NAMES3(NARROW), SQL_SCOPE_CURROW, SQL_NULLABLE);
    case 12:
        return is_wide ? DIRECT(SQLProceduresW)(d->stmt, NAMES3(WIDE)) : DIRECT(SQLProcedures)(d->stmt, NAMES3(NARROW));
    case 13:
        return is_wide ? DIRECT(SQLProcedureColumnsW)(d->stmt, NAMES4(WIDE)) : DIRECT(SQLProcedureColumns)(d->stmt, NAMES4(NARROW));
    case 14:
        return is_wide ? DIRECT(SQLColumnPrivilegesW)(d->stmt, NAMES4(WIDE)) : DIRECT(SQLColumnPrivileges)(d->stmt, NAMES4(NARROW));
    default:
        break;
    }
    return SQL_SUCCESS;
}

static SQLRETURN give_unconnected(const struct link *d, size_t which, int n, struct argument a, bool is_wide)
{
    switch (which) {
    case 0:
        return is_wide ? DIRECT(SQLConnectW)(d->dbc, NAMES3(WIDE)) : DIRECT(SQLConnect)(d->dbc, NAMES3(NARROW));
    case 1:
        return is_wide ? DIRECT(SQLDriverConnectW)(d->dbc, NULL, a.text, a.length, NULL, 0, NULL, SQL_DRIVER_NOPROMPT)
                       : DIRECT(SQLDriverConnect)(d->dbc, NULL, a.text, a.length, NULL, 0, NULL, SQL_DRIVER_NOPROMPT);
    default:
        return is_wide ? DIRECT(SQLBrowseConnectW)(d->dbc, a.text, a.length, NULL, 0, NULL) : DIRECT(SQLBrowseConnect)(d->dbc, a.text, a.length, NULL, 0, NULL);
    }
}

static void strings(void)
{
    static const struct {
        const char *name;
        SQLSMALLINT type;
        int strings;
        bool names; /* not a text of SQL: shorter, and no NUL */
    } functions[] = {
        {"SQLPrepare", SQL_HANDLE_STMT, 1, false},       {"SQLExecDirect", SQL_HANDLE_STMT, 1, false},     {"SQLSetCursorName", SQL_HANDLE_STMT, 1, true},
        {"SQLTables", SQL_HANDLE_STMT, 4, true},         {"SQLColumns", SQL_HANDLE_STMT, 4, true},         {"SQLPrimaryKeys", SQL_HANDLE_STMT, 3, true},
        {"SQLTablePrivileges", SQL_HANDLE_STMT, 3, true}, {"SQLNativeSql", SQL_HANDLE_DBC, 1, false},      {"SQL_ATTR_CURRENT_CATALOG", SQL_HANDLE_DBC, 1, true},
        {"SQLForeignKeys", SQL_HANDLE_STMT, 6, true},    {"SQLStatistics", SQL_HANDLE_STMT, 3, true},      {"SQLSpecialColumns", SQL_HANDLE_STMT, 3, true},
        {"SQLProcedures", SQL_HANDLE_STMT, 3, true},     {"SQLProcedureColumns", SQL_HANDLE_STMT, 4, true}, {"SQLColumnPrivileges", SQL_HANDLE_STMT, 4, true},
    };
    static const struct {
        const char *name;
        int strings;
    } unconnected[] = {{"SQLConnect", 3}, {"SQLDriverConnect", 1}, {"SQLBrowseConnect", 1}};
    struct link d = direct_open(SQL_OV_ODBC3_80, true);
    struct link n = direct_open(SQL_OV_ODBC3_80, false);
    static const SQLWCHAR wide_nul[] = {'a', 0, 'b', 0};
    const struct {
        struct argument narrow, wide;
        const char *state;
        bool names; /* of names only */
    } wrong[] = {
        {{T("a\xff"), SQL_NTS}, {(void *)(uintptr_t)half_pair, SQL_NTS}, "22018", false},
        {{T("\xc3\xa9"), 1}, {(void *)(uintptr_t)half_pair, 2}, "22018", false}, /* the length cuts a character */
        {{T("\xed\xa0\xbd"), SQL_NTS}, {(void *)(uintptr_t)(half_pair + 1), 1}, "22018", false},
        {{T("a"), -2}, {(void *)(uintptr_t)half_pair, -2}, "HY090", false},
        {{T("a"), -32768}, {(void *)(uintptr_t)half_pair, -32768}, "HY090", false},
        {{T("a\0b"), 3}, {(void *)(uintptr_t)wide_nul, 3}, "22018", true},
    };
    for (size_t i = 0; i < COUNT(functions); i++) {
        for (int k = 0; k < functions[i].strings; k++) {
            for (size_t w = 0; w < 2 * COUNT(wrong); w++) {
                bool is_wide = w % 2 != 0;
                if (wrong[w / 2].names && !functions[i].names) {
                    continue;
                }
                SQLRETURN rc = give(&d, i, k, is_wide ? wrong[w / 2].wide : wrong[w / 2].narrow, is_wide);
                char what[96];
                snprintf(what, sizeof what, "%s%s, string %d, mistake %zu", functions[i].name, is_wide ? " (wide)" : "", k + 1, w / 2);
                check_int(rc, SQL_ERROR, what, __FILE__, __LINE__);
                check_text(direct_state(functions[i].type, functions[i].type == SQL_HANDLE_DBC ? d.dbc : d.stmt), wrong[w / 2].state, what, __FILE__, __LINE__);
            }
        }
    }
    for (size_t i = 0; i < COUNT(unconnected); i++) {
        for (int k = 0; k < unconnected[i].strings; k++) {
            for (size_t w = 0; w < 10; w++) {
                bool is_wide = w % 2 != 0;
                SQLRETURN rc = give_unconnected(&n, i, k, is_wide ? wrong[w / 2].wide : wrong[w / 2].narrow, is_wide);
                char what[96];
                snprintf(what, sizeof what, "%s%s, string %d, mistake %zu", unconnected[i].name, is_wide ? " (wide)" : "", k + 1, w / 2);
                check_int(rc, SQL_ERROR, what, __FILE__, __LINE__);
                check_text(direct_state(SQL_HANDLE_DBC, n.dbc), wrong[w / 2].state, what, __FILE__, __LINE__);
            }
        }
    }
    CHECK_INT(DIRECT(SQLExecDirect)(d.stmt, T("select 1"), SQL_NTS), SQL_SUCCESS);
    direct_close(&n);
    direct_close(&d);
}

/* ---- statements ---------------------------------------------------------------------------------------------------- */

static void texts(void)
{
    static const struct {
        const char *sql, *state;
    } list[] = {
        {"select 'abc", "42000"},      {"select \"abc", "42000"},        {"select /* abc", "42000"},       {"select /* /* */", "42000"},
        {"select $$abc", "42000"},     {"select $x$abc$y$", "42000"},    {"select E'abc\\'", "42000"},     {"select {fn abs(1)", "42000"},
        {"select {fn }", "42000"},     {"select {nonsense 1}", "42000"}, {"select {d '2024-13-45'}", "22008"}, {"select {ts 'x'}", "22007"},
        {"select {t '25:00:00'}", "22008"}, {"select {d '2024'}", "22007"}, {"{call }", "42000"},        {"{? = call }", "42000"},         {"selec 1", "42000"},
        {"select 1 +", "42000"},       {"select (1", "42000"},           {"select 1)", "42000"},           {"}", "42000"},
        {"select ]", "42000"},         {"select \\", "42000"},           {"select 1;;select nope", "42S22"}, {"select U&'\\zzzz'", "42000"},
        {"select * from a.b.c.d.e", "42000"}, {"select \"\"", "42000"},  {"select 1 where ? ", "07002"},   {"select ?", "07002"},
        {"select ?, ?::int", "07002"}, {"copy t from stdin", "42S02"},   {"select 1 limit -1", NULL},      {"select 9999999999999999999999::int8", "22003"},
    };
    struct link l = link_open("");
    for (size_t i = 0; i < COUNT(list); i++) {
        SQLRETURN rc = SQLExecDirect(l.stmt, T(list[i].sql), SQL_NTS);
        while (SQL_SUCCEEDED(rc)) {
            SQLRETURN fetched = SQLFetch(l.stmt);
            while (fetched == SQL_SUCCESS) {
                fetched = SQLFetch(l.stmt);
            }
            rc = fetched == SQL_ERROR && !diag_has(l.stmt, "24000") ? fetched : SQLMoreResults(l.stmt);
        }
        check_int(rc, SQL_ERROR, list[i].sql, __FILE__, __LINE__);
        if (list[i].state != NULL) {
            check_text(diag_state(l.stmt, 1), list[i].state, list[i].sql, __FILE__, __LINE__);
        }
        CHECK(strlen(diag_message(l.stmt, 1)) > 30);
        CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
        CHECK_INT(query_int(l.stmt, "select 7"), 7);
    }

    /* Nothing at all is nothing at all. */
    static const char *const empty[] = {"", " ", ";", ";;;", "-- x", "/* x */", "/* x */ ; -- y"};
    for (size_t i = 0; i < COUNT(empty); i++) {
        SQLSMALLINT columns = -1;
        check_rc(l.stmt, SQLExecDirect(l.stmt, T(empty[i]), SQL_NTS), SQL_SUCCESS, empty[i], __FILE__, __LINE__);
        CHECK_OK(l.stmt, SQLNumResultCols(l.stmt, &columns));
        CHECK_INT(columns, 0);
        CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    }
    /* PostgreSQL's texts have no NUL. */
    CHECK_STATE(l.stmt, SQLExecDirect(l.stmt, T("select 'a\0b'"), 12), "42000");
    CHECK_CONTAINS(diag_message(l.stmt, 1), "NUL character (at character 10)");
    CHECK_INT(query_int(l.stmt, "select 7"), 7);
    link_close(&l);
}

static void sizes(void)
{
    struct link l = link_open("");
    size_t room = 4u << 20;
    char *sql = malloc(room);
    CHECK(sql != NULL);

    /* A megabyte of text; deep nesting, which the server refuses; more columns and markers than there can be. */
    size_t n = (size_t)snprintf(sql, room, "select length('");
    memset(sql + n, 'x', 1u << 20);
    snprintf(sql + n + (1u << 20), 16, "')");
    CHECK_INT(query_int(l.stmt, sql), 1 << 20);

    n = (size_t)snprintf(sql, room, "select ");
    memset(sql + n, '(', 200000);
    n += 200000;
    n += (size_t)snprintf(sql + n, 8, "1");
    memset(sql + n, ')', 200000);
    sql[n + 200000] = '\0';
    CHECK_STATE(l.stmt, SQLExecDirect(l.stmt, T(sql), SQL_NTS), "42000");
    CHECK_CONTAINS(diag_message(l.stmt, 1), "memory exhausted");
    CHECK_INT(query_int(l.stmt, "select 7"), 7);

    n = (size_t)snprintf(sql, room, "select 0");
    for (int i = 1; i < 1600; i++) {
        n += (size_t)snprintf(sql + n, room - n, ",%d", i);
    }
    SQLSMALLINT columns = 0;
    SQLINTEGER value = 0;
    query(l.stmt, sql);
    CHECK_OK(l.stmt, SQLNumResultCols(l.stmt, &columns));
    CHECK_INT(columns, 1600);
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_OK(l.stmt, SQLGetData(l.stmt, 1600, SQL_C_SLONG, &value, 0, NULL));
    CHECK_INT(value, 1599);
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    for (int i = 0; i < 100; i++) {
        n += (size_t)snprintf(sql + n, room - n, ",%d", i);
    }
    CHECK_STATE(l.stmt, SQLExecDirect(l.stmt, T(sql), SQL_NTS), "HY000");
    CHECK_CONTAINS(diag_message(l.stmt, 1), "54011");

    n = (size_t)snprintf(sql, room, "select ?");
    for (int i = 1; i < 70000; i++) {
        n += (size_t)snprintf(sql + n, room - n, ",?");
    }
    SQLRETURN rc = SQLPrepare(l.stmt, T(sql), SQL_NTS);
    rc = SQL_SUCCEEDED(rc) ? SQLExecute(l.stmt) : rc;
    CHECK_INT(rc, SQL_ERROR);
    CHECK(diag_state(l.stmt, 1)[0] != '\0');
    CHECK_INT(query_int(l.stmt, "select 7"), 7);
    free(sql);
    link_close(&l);
}

/* ---- connection strings -------------------------------------------------------------------------------------------- */

static void connection_strings(void)
{
    static const struct {
        const char *string, *state;
    } list[] = {
        {"PWD={abc", "HY000"},       {"PWD={abc}}", "HY000"},  {"PWD={abc}x", "HY000"},  {"PWD={a}}}b", "HY000"}, {"Server", "HY000"},
        {"=x", "HY000"},             {"=", "HY000"},           {";=;", "HY000"},         {"{Server}=x", NULL}, {"PWD={", "HY000"},
        {"Port=", NULL},             {"Port=-1", "HY024"},     {"Port=1e3", "HY024"},    {"Port=99999999999999999999", "HY024"},
        {"Port=0", "HY024"},         {"Port= 54 32", "HY024"}, {"SSLMode=nonsense", "HY024"}, {"FetchMode=\xff", "22018"},
        {"MaxVarcharSize=-5", "HY024"}, {"PqOpt={nonsense=1}", NULL}, {"PqOpt={host}", NULL}, {"PqOpt={application_name='}", NULL},
        {"Server={}", NULL},         {"Server=;Port=1", NULL}, {"Database={a\x01" "b}", NULL},
    };
    struct link d = direct_open(SQL_OV_ODBC3_80, false);
    for (size_t i = 0; i < COUNT(list); i++) {
        char string[512];
        snprintf(string, sizeof string, "%s;%s", list[i].string, connstr("DRIVER=AlloyDB;Server=127.0.0.1;Port=$DEAD_PORT;Database=x;UID=x;PWD=x;LoginTimeout=2"));
        SQLRETURN rc = DIRECT(SQLDriverConnect)(d.dbc, NULL, T(string), SQL_NTS, NULL, 0, NULL, SQL_DRIVER_NOPROMPT);
        check_int(rc, SQL_ERROR, list[i].string, __FILE__, __LINE__);
        if (list[i].state != NULL) {
            check_text(direct_state(SQL_HANDLE_DBC, d.dbc), list[i].state, list[i].string, __FILE__, __LINE__);
        }
        CHECK(direct_state(SQL_HANDLE_DBC, d.dbc)[0] != '\0');
    }
    /* Anything: mutations of a good string, all of which lead to a port where nobody listens. */
    const char *good = "UID={a}}b};PWD='x';ApplicationName={x;y=z};SSLMode=disable;ReadOnly=1;Fetch=100;TimeZone=UTC;BI=-5;A1=7.4-2;";
    uint32_t seed = 12345;
    for (int round = 0; round < 2000; round++) {
        static const char alphabet[] = "{};= '\"\\=;{}aA1\x80\xc3";
        char string[512];
        size_t n = (size_t)snprintf(string, sizeof string, "DRIVER=AlloyDB;Server=127.0.0.1;Port=%s;Database=x;LoginTimeout=2;", fact("DEAD_PORT"));
        size_t start = n;
        n += (size_t)snprintf(string + n, sizeof string - n, "%s", good);
        for (int k = 0; k < 4; k++) {
            seed = seed * 1664525 + 1013904223;
            string[start + (seed >> 8) % (n - start)] = alphabet[(seed >> 24) % (sizeof alphabet - 1)];
        }
        SQLRETURN rc = DIRECT(SQLDriverConnect)(d.dbc, NULL, T(string), (SQLSMALLINT)n, NULL, 0, NULL, SQL_DRIVER_NOPROMPT);
        if (rc != SQL_ERROR || direct_state(SQL_HANDLE_DBC, d.dbc)[0] == '\0') {
            check_int(rc, SQL_ERROR, string, __FILE__, __LINE__);
        }
    }
    /* As long as can be said, and longer than may be. */
    static char endless[70000];
    memset(endless, 'x', sizeof endless - 1);
    CHECK_INT(DIRECT(SQLDriverConnect)(d.dbc, NULL, T(endless), SQL_NTS, NULL, 0, NULL, SQL_DRIVER_NOPROMPT), SQL_ERROR);
    memcpy(endless, "PWD=", 4);
    CHECK_INT(DIRECT(SQLDriverConnect)(d.dbc, NULL, T(endless), SQL_NTS, NULL, 0, NULL, SQL_DRIVER_NOPROMPT), SQL_ERROR);
    CHECK(direct_state(SQL_HANDLE_DBC, d.dbc)[0] != '\0');
    CHECK_INT(DIRECT(SQLDriverConnect)(d.dbc, NULL, T("nul\0inside"), 10, NULL, 0, NULL, SQL_DRIVER_NOPROMPT), SQL_ERROR);
    CHECK_INT(DIRECT(SQLDriverConnect)(d.dbc, NULL, NULL, 0, NULL, 0, NULL, SQL_DRIVER_NOPROMPT), SQL_ERROR);
    CHECK(direct_state(SQL_HANDLE_DBC, d.dbc)[0] != '\0');
    /* And the handle still connects. */
    CHECK_INT(DIRECT(SQLDriverConnect)(d.dbc, NULL, T(connstr(";")), SQL_NTS, NULL, 0, NULL, SQL_DRIVER_NOPROMPT), SQL_SUCCESS);
    direct_close(&d);
}

/* ---- servers that are none ----------------------------------------------------------------------------------------- */

struct impostor {
    int fd;
    const char *answer;
    size_t length;
};

/* Accepts one connection after the other, reads a little, says its word and hangs up. */
static void *impostor(void *argument)
{
    const struct impostor *i = argument;
    int fd;
    while ((fd = accept(i->fd, NULL, NULL)) >= 0) {
        char heard[512];
        if (read(fd, heard, sizeof heard) > 0) {
            for (size_t sent = 0; sent < i->length;) {
                ssize_t n = send(fd, i->answer + sent, i->length - sent, MSG_NOSIGNAL);
                if (n <= 0) {
                    break;
                }
                sent += (size_t)n;
            }
        }
        close(fd);
    }
    return NULL;
}

static void nonsense(void)
{
#define ANSWER(bytes) {-1, bytes, sizeof bytes - 1}
    struct impostor list[] = {
        ANSWER(""),
        ANSWER("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"),
        ANSWER("N\0\0\0\0\0"),
        ANSWER("E\0\0\0\xffSFATAL"),
        ANSWER("R\x7f\xff\xff\xff\0\0\0\0"),
        ANSWER("R\0\0\0\x08\0\0\0\0Z\0\0\0\x05XZ\0\0\0\x05X"),
        ANSWER("R\0\0\0\x08\0\0\0\0Z\0\0\0\x05ID\0\0\0\x0b\0\xff\0\0\0\0x"),
        ANSWER("R\0\0\0\x08\0\0\0\0S\0\0\0\x05x"),
        ANSWER("\xff\xfe\xfd\xfc\xfb\xfa\xf9\xf8\xf7\xf6\xf5\xf4\xf3\xf2\xf1\xf0"),
    };
    struct link l = link_new(SQL_OV_ODBC3_80);
    for (size_t i = 0; i < COUNT(list); i++) {
        struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        socklen_t size = sizeof address;
        pthread_t thread;
        list[i].fd = socket(AF_INET, SOCK_STREAM, 0);
        bool up = bind(list[i].fd, (struct sockaddr *)&address, size) == 0 && listen(list[i].fd, 8) == 0 &&
                  getsockname(list[i].fd, (struct sockaddr *)&address, &size) == 0 && pthread_create(&thread, NULL, impostor, &list[i]) == 0;
        CHECK(up);
        if (!up) {
            break;
        }
        SQLRETURN rc = try_connect(l.dbc, connstr("Port=%d;SSLMode=disable;LoginTimeout=3", ntohs(address.sin_port)));
        CHECK_INT(rc, SQL_ERROR);
        CHECK(strncmp(diag_state(l.dbc, 1), "08", 2) == 0 || strcmp(diag_state(l.dbc, 1), "HYT00") == 0);
        shutdown(list[i].fd, SHUT_RDWR);
        pthread_join(thread, NULL);
        close(list[i].fd);
    }
    CHECK_OK(l.dbc, try_connect(l.dbc, connstr(";")));
    link_close(&l);
}

int main(void)
{
    static const struct test tests[] = {
        {"no handles", no_handles},
        {"waiting for data", waiting_for_data},
        {"arguments, statements", statement_arguments},
        {"arguments, connections", connection_arguments},
        {"every string argument", strings},
        {"odd addresses", unaligned},
        {"statement texts", texts},
        {"sizes", sizes},
        {"connection strings", connection_strings},
        {"servers that are none", nonsense},
    };
    return run_tests("bad input", tests, COUNT(tests));
}
