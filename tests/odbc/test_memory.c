/* SPDX-License-Identifier: Apache-2.0 */
/*
 * No memory: each scenario is run with the first allocation of the driver failing, then with the second, and so on until it no longer comes to the one
 * that fails; once with that one alone, once with all that follow it. A call fails with HY001 (08S01 where the session had to be given up), or does
 * without (valgrind gets each seventh); it never crashes, leaks, hangs or succeeds with a wrong answer, and afterwards the same handles work. Needs a debug build of the driver.
 */
#include "harness.h"

#include <stdlib.h>
#include <unistd.h>

#include "allocations.h"
#include "alloydb_odbc.h"

/* ---- one run of a scenario ------------------------------------------------------------------------------------------- */

static struct {
    struct link l; /* connected, unless the scenario is about connecting */
    SQLHSTMT extra[4];
    SQLHDESC desc;
    long n;
    const char *scenario;
    int failed_calls, given_up;
} run_of;

static void with_memory(void)
{
    atomic_store(&left, -1);
}

static void complain(const char *what, int line, SQLRETURN rc, const char *state, const char *message)
{
    printf("\n    %s, allocation %ld%s, line %d: %s gave %d [%s] %.300s", run_of.scenario, run_of.n, atomic_load(&lasting) ? " and all after" : "", line,
           what, rc, state, message);
    check_true(false, "a call failed in a way that it should not", __FILE__, __LINE__);
}

/* May the scenario go on? */
static bool step(SQLHANDLE handle, SQLRETURN rc, const char *state, const char *what, int line)
{
    static const char *const good[] = {"HY001", "08S01", "IM004", "IM005"}; /* the last two: the driver manager, of the driver's environment and connection */
    const char *got = "";
    if (rc != SQL_ERROR && rc != SQL_INVALID_HANDLE) {
        if (state[0] == '\0') {
            return true;
        }
        with_memory();
        complain(what, line, rc, "", "success instead of an error");
        return false;
    }
    long before = atomic_exchange(&left, -1);
    got = diag_state(handle, 1);
    if (state[0] && strcmp(got, state) == 0) {
        atomic_store(&left, before);
        return true;
    }
    bool fine = false;
    for (size_t i = 0; atomic_load(&refused) && i < COUNT(good); i++) {
        fine = fine || strcmp(got, good[i]) == 0;
    }
    run_of.failed_calls++;
    run_of.given_up += strcmp(got, "08S01") == 0;
    if (!fine) {
        complain(what, line, rc, got, diag_message(handle, 1));
    }
    /* A failed execution leaves no cursor, which would be in the way of the next. */
    if (strncmp(what, "exec(", 5) == 0 && SQLExecDirect(handle, T(""), SQL_NTS) == SQL_ERROR && strcmp(diag_state(handle, 1), "24000") == 0) {
        complain(what, line, SQL_ERROR, "24000", diag_message(handle, 1));
    }
    return false;
}

/* Ends the scenario when the call fails. */
#define DO(handle, call)                                    \
    do {                                                    \
        if (!step((handle), (call), "", #call, __LINE__)) { \
            return;                                         \
        }                                                   \
    } while (0)
/* Ends it unless the call fails with that state. */
#define DO_FAIL(handle, call, state)                           \
    do {                                                       \
        if (!step((handle), (call), state, #call, __LINE__)) { \
            return;                                            \
        }                                                      \
    } while (0)
/* What a call that succeeded has answered. */
#define IS(condition)                                               \
    do {                                                            \
        if (!(condition)) {                                         \
            with_memory();                                          \
            complain(#condition, __LINE__, 0, "", "wrong success"); \
            return;                                                 \
        }                                                           \
    } while (0)

#define DBC run_of.l.dbc
#define STMT run_of.l.stmt

/* ---- scenarios ------------------------------------------------------------------------------------------------------- */

static void connecting(void)
{
    DO(DBC, try_connect(DBC, connstr("InitSql=select 1;ApplicationName=memory;Schema=public;")));
    DO(DBC, SQLAllocHandle(SQL_HANDLE_STMT, DBC, &STMT));
    DO(STMT, exec_direct(STMT, "select 1"));
    DO(STMT, SQLFreeHandle(SQL_HANDLE_STMT, STMT));
    STMT = NULL;
    DO(DBC, SQLDisconnect(DBC));
}

static const char all_types[] = "select 1::int2, 2::int4, 3::int8, 1.5::float4, 2.5::float8, 12.34::numeric(6,2), 'text'::text, 'char'::char(6), '\\x0102ff'::bytea, "
                                "true, '2020-02-03'::date, '04:05:06.789'::time, '2020-02-03 04:05:06.5'::timestamp, '2020-02-03 04:05:06+00'::timestamptz, "
                                "'1 day 02:03:04'::interval, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid, '{\"a\": 1}'::jsonb, '{1,2}'::int[], null::int";
/* One column of a type that comes as text makes all of them text. */
static const char all_types_text[] = ", '10.0.0.1'::inet, '<a/>'::xml, '12.30'::money, 'pg_class'::regclass, '{a,b}'::varchar[], row(1, 'x')::text";

static void fetching(const char *more)
{
    char sql[2048];
    char text[64];
    SQLWCHAR wide_text[64];
    SQLLEN n = 0;
    SQLSMALLINT columns = 0;
    SQLINTEGER number = 0;
    SQLDOUBLE floating = 0;
    SQL_TIMESTAMP_STRUCT ts;
    SQL_NUMERIC_STRUCT numeric;
    unsigned char bytes[8];
    snprintf(sql, sizeof sql, "%s%s", all_types, more);
    DO(STMT, exec_direct(STMT, sql));
    DO(STMT, SQLNumResultCols(STMT, &columns));
    IS(columns == 19 + (more[0] ? 6 : 0));
    for (SQLSMALLINT i = 1; i <= columns; i++) {
        SQLCHAR name[64];
        SQLSMALLINT length, type, digits, nullable;
        SQLULEN size;
        SQLLEN value;
        DO(STMT, SQLDescribeCol(STMT, (SQLUSMALLINT)i, name, sizeof name, &length, &type, &size, &digits, &nullable));
        DO(STMT, SQLColAttribute(STMT, (SQLUSMALLINT)i, SQL_DESC_TYPE_NAME, name, sizeof name, &length, &value));
        DO(STMT, SQLColAttribute(STMT, (SQLUSMALLINT)i, SQL_DESC_DISPLAY_SIZE, NULL, 0, NULL, &value));
    }
    DO(STMT, SQLBindCol(STMT, 2, SQL_C_LONG, &number, 0, &n));
    DO(STMT, SQLFetch(STMT));
    IS(number == 2);
    for (SQLSMALLINT i = 3; i <= columns; i++) {
        DO(STMT, SQLGetData(STMT, (SQLUSMALLINT)i, SQL_C_CHAR, text, sizeof text, &n));
        IS(i == 19 ? n == SQL_NULL_DATA : n > 0 && (size_t)n == strlen(text));
    }
    DO(STMT, SQLFreeStmt(STMT, SQL_CLOSE));
    DO(STMT, SQLFreeStmt(STMT, SQL_UNBIND));
    DO(STMT, exec_direct(STMT, sql));
    DO(STMT, SQLFetch(STMT));
    DO(STMT, SQLGetData(STMT, 1, SQL_C_WCHAR, wide_text, sizeof wide_text, &n));
    IS(n == 2 && wide_text[0] == '1');
    DO(STMT, SQLGetData(STMT, 5, SQL_C_DOUBLE, &floating, 0, &n));
    IS(floating > 2.4 && floating < 2.6);
    DO(STMT, SQLGetData(STMT, 6, SQL_C_NUMERIC, &numeric, sizeof numeric, &n));
    DO(STMT, SQLGetData(STMT, 7, SQL_C_CHAR, text, 3, &n)); /* in parts */
    IS(strcmp(text, "te") == 0 && n == 4);
    DO(STMT, SQLGetData(STMT, 7, SQL_C_CHAR, text, 3, &n));
    IS(strcmp(text, "xt") == 0);
    DO(STMT, SQLGetData(STMT, 8, SQL_C_WCHAR, wide_text, 6, &n));
    DO(STMT, SQLGetData(STMT, 8, SQL_C_WCHAR, wide_text, sizeof wide_text, &n));
    IS(wide_text[0] == 'a' && wide_text[1] == 'r');
    DO(STMT, SQLGetData(STMT, 9, SQL_C_BINARY, bytes, sizeof bytes, &n));
    IS(n == 3 && bytes[2] == 0xff);
    DO(STMT, SQLGetData(STMT, 13, SQL_C_TYPE_TIMESTAMP, &ts, sizeof ts, &n));
    IS(ts.year == 2020 && ts.minute == 5);
    DO(STMT, SQLGetData(STMT, 17, SQL_C_WCHAR, wide_text, sizeof wide_text, &n));
    IS(n == 16);
    DO(STMT, SQLGetData(STMT, 18, SQL_C_CHAR, text, sizeof text, &n));
    IS(strcmp(text, "{1,2}") == 0);
    IS(SQLFetch(STMT) == SQL_NO_DATA);
    DO(STMT, SQLCloseCursor(STMT));
}

static void fetching_binary(void)
{
    fetching("");
}

static void fetching_text(void)
{
    fetching(all_types_text);
}

static void parameters(void)
{
    SQLINTEGER number = 41;
    SQLDOUBLE floating = 1.5;
    char text[] = "some text";
    SQLWCHAR wide_text[] = {'w', 0x20AC, 0};
    SQL_TIMESTAMP_STRUCT ts = {2021, 2, 3, 4, 5, 6, 700000000};
    SQL_INTERVAL_STRUCT interval = {.interval_type = SQL_IS_DAY, .intval.day_second.day = 3};
    SQL_NUMERIC_STRUCT numeric = {.precision = 5, .scale = 2, .sign = 1, .val = {57, 48}};
    unsigned char bytes[] = {1, 0, 2};
    SQLLEN length = sizeof bytes, nts = SQL_NTS, null = SQL_NULL_DATA;
    SQLSMALLINT count = 0, type, digits, nullable;
    SQLULEN size;
    char answer[256];
    DO(STMT, SQLPrepare(STMT, T("select ? + 1, ?::float8, ?::text, ?::text, ?::timestamp, ?::interval, ?::numeric, ?::bytea, ?::int, {fn ucase(?)}"), SQL_NTS));
    DO(STMT, SQLNumParams(STMT, &count));
    IS(count == 10);
    DO(STMT, SQLDescribeParam(STMT, 5, &type, &size, &digits, &nullable));
    IS(type == SQL_TYPE_TIMESTAMP);
    DO(STMT, SQLBindParameter(STMT, 1, SQL_PARAM_INPUT, SQL_C_LONG, SQL_INTEGER, 0, 0, &number, 0, NULL));
    DO(STMT, SQLBindParameter(STMT, 2, SQL_PARAM_INPUT, SQL_C_DOUBLE, SQL_DOUBLE, 0, 0, &floating, 0, NULL));
    DO(STMT, SQLBindParameter(STMT, 3, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, 20, 0, text, 0, &nts));
    DO(STMT, SQLBindParameter(STMT, 4, SQL_PARAM_INPUT, SQL_C_WCHAR, SQL_WVARCHAR, 20, 0, wide_text, 0, &nts));
    DO(STMT, SQLBindParameter(STMT, 5, SQL_PARAM_INPUT, SQL_C_TYPE_TIMESTAMP, SQL_TYPE_TIMESTAMP, 26, 6, &ts, 0, NULL));
    DO(STMT, SQLBindParameter(STMT, 6, SQL_PARAM_INPUT, SQL_C_INTERVAL_DAY, SQL_INTERVAL_DAY, 3, 0, &interval, 0, NULL));
    DO(STMT, SQLBindParameter(STMT, 7, SQL_PARAM_INPUT, SQL_C_NUMERIC, SQL_NUMERIC, 5, 2, &numeric, 0, NULL));
    DO(STMT, SQLBindParameter(STMT, 8, SQL_PARAM_INPUT, SQL_C_BINARY, SQL_VARBINARY, 10, 0, bytes, sizeof bytes, &length));
    DO(STMT, SQLBindParameter(STMT, 9, SQL_PARAM_INPUT, SQL_C_LONG, SQL_INTEGER, 0, 0, &number, 0, &null));
    DO(STMT, SQLBindParameter(STMT, 10, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, 20, 0, text, 0, &nts));
    for (int i = 0; i < 2; i++) {
        DO(STMT, SQLExecute(STMT));
        DO(STMT, SQLFetch(STMT));
        static const char *const wanted[] = {"42", "1.5", "some text", "w\xE2\x82\xAC", "2021-02-03 04:05:06.7", NULL, "123.45", "010002", NULL, "SOME TEXT"};
        for (size_t c = 0; c < COUNT(wanted); c++) {
            DO(STMT, SQLGetData(STMT, (SQLUSMALLINT)(c + 1), SQL_C_CHAR, answer, sizeof answer, &length));
            IS(wanted[c] == NULL || strcmp(answer, wanted[c]) == 0);
        }
        length = sizeof bytes;
        DO(STMT, SQLCloseCursor(STMT));
    }
    DO(STMT, SQLFreeStmt(STMT, SQL_RESET_PARAMS));
}

static void copying(void)
{
    SQLPOINTER token = NULL;
    char text[64];
    SQLUINTEGER pid = 0;
    SQLLEN n = 0;
    DO(STMT, exec_direct(STMT, "create temp table if not exists copied (a int, b text)"));
    DO(STMT, exec_direct(STMT, "copy copied from stdin"));
    DO(STMT, SQLParamData(STMT, &token));
    DO(STMT, SQLPutData(STMT, T("1\tone\n"), 6));
    DO(STMT, SQLParamData(STMT, &token));
    DO(STMT, SQLRowCount(STMT, &n));
    IS(n == 1);
    DO(STMT, exec_direct(STMT, "copy copied from stdin"));
    DO(STMT, SQLParamData(STMT, &token));
    DO(STMT, SQLPutData(STMT, T("x\n"), 2));
    DO_FAIL(STMT, SQLParamData(STMT, &token), "22018");
    DO(STMT, SQLPrepare(STMT, T("copy (select generate_series(1, 3)) to stdout"), SQL_NTS));
    DO(STMT, SQLExecute(STMT));
    for (int i = 1; i <= 3; i++) {
        DO(STMT, SQLFetch(STMT));
        DO(STMT, SQLGetData(STMT, 1, SQL_C_CHAR, text, sizeof text, &n));
        IS(text[0] == '0' + i);
    }
    DO(STMT, SQLCloseCursor(STMT));
    DO(STMT, exec_direct(STMT, "listen memory_test"));
    DO(STMT, exec_direct(STMT, "notify memory_test, 'told'"));
    SQLRETURN rc = SQLGetConnectAttr(DBC, SQL_ATTR_ALLOYDB_NOTIFICATION, &pid, 0, NULL);
    DO(DBC, rc);
    IS(rc != SQL_NO_DATA || atomic_load(&refused)); /* none is kept without memory, and the next will say so */
}

static void putting(void)
{
    SQLLEN at_exec = SQL_LEN_DATA_AT_EXEC(6), at_exec_bytes = SQL_DATA_AT_EXEC;
    SQLPOINTER token = NULL;
    char answer[64];
    SQLLEN n = 0;
    DO(STMT, SQLPrepare(STMT, T("select ?::text || '!', ?::bytea"), SQL_NTS));
    DO(STMT, SQLBindParameter(STMT, 1, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_LONGVARCHAR, 100, 0, (SQLPOINTER)1, 0, &at_exec));
    DO(STMT, SQLBindParameter(STMT, 2, SQL_PARAM_INPUT, SQL_C_BINARY, SQL_LONGVARBINARY, 100, 0, (SQLPOINTER)2, 0, &at_exec_bytes));
    DO(STMT, SQLExecute(STMT));
    DO(STMT, SQLParamData(STMT, &token));
    IS(token == (SQLPOINTER)1);
    DO(STMT, SQLPutData(STMT, T("abc"), 3));
    DO(STMT, SQLPutData(STMT, T("def"), 3));
    DO(STMT, SQLParamData(STMT, &token));
    IS(token == (SQLPOINTER)2);
    DO(STMT, SQLPutData(STMT, T("\x01\x02"), 2));
    DO(STMT, SQLParamData(STMT, &token));
    DO(STMT, SQLFetch(STMT));
    DO(STMT, SQLGetData(STMT, 1, SQL_C_CHAR, answer, sizeof answer, &n));
    IS(strcmp(answer, "abcdef!") == 0);
    DO(STMT, SQLGetData(STMT, 2, SQL_C_CHAR, answer, sizeof answer, &n));
    IS(strcmp(answer, "0102") == 0);
    DO(STMT, SQLCloseCursor(STMT));
    DO(STMT, SQLFreeStmt(STMT, SQL_RESET_PARAMS));
}

static void arrays(void)
{
    enum { ROWS = 6 };
    SQLINTEGER keys[ROWS] = {1, 2, 3, 3, 5, 6};
    char texts[ROWS][8] = {"one", "two", "three", "again", "five", "six"};
    SQLUSMALLINT status[ROWS];
    SQLULEN done = 0;
    SQLLEN n = 0;
    DO(STMT, exec_direct(STMT, "create temp table if not exists memory_array (k int primary key, t text)"));
    DO(STMT, exec_direct(STMT, "truncate memory_array"));
    DO(STMT, SQLSetStmtAttr(STMT, SQL_ATTR_PARAMSET_SIZE, (SQLPOINTER)ROWS, 0));
    DO(STMT, SQLSetStmtAttr(STMT, SQL_ATTR_PARAM_STATUS_PTR, status, 0));
    DO(STMT, SQLSetStmtAttr(STMT, SQL_ATTR_PARAMS_PROCESSED_PTR, &done, 0));
    DO(STMT, SQLPrepare(STMT, T("insert into memory_array values (?, ?)"), SQL_NTS));
    DO(STMT, SQLBindParameter(STMT, 1, SQL_PARAM_INPUT, SQL_C_LONG, SQL_INTEGER, 0, 0, keys, 0, NULL));
    DO(STMT, SQLBindParameter(STMT, 2, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, 8, 0, texts, sizeof texts[0], NULL));
    SQLRETURN rc = SQLExecute(STMT);
    DO(STMT, rc);
    IS(rc == SQL_SUCCESS_WITH_INFO && done == ROWS);
    int good = 0;
    for (int i = 0; i < ROWS; i++) {
        IS(status[i] == SQL_PARAM_SUCCESS || (i == 3 && status[i] == SQL_PARAM_ERROR) || (atomic_load(&refused) && status[i] == SQL_PARAM_ERROR));
        good += status[i] == SQL_PARAM_SUCCESS;
    }
    DO(STMT, SQLRowCount(STMT, &n));
    DO(STMT, SQLSetStmtAttr(STMT, SQL_ATTR_PARAMSET_SIZE, (SQLPOINTER)1, 0));
    DO(STMT, SQLFreeStmt(STMT, SQL_RESET_PARAMS));
    /* Read back in one block, with cells of rows that have gone by. */
    memset(keys, 0, sizeof keys);
    SQLULEN rows = 0;
    DO(STMT, SQLSetStmtAttr(STMT, SQL_ATTR_ROW_ARRAY_SIZE, (SQLPOINTER)ROWS, 0));
    DO(STMT, SQLSetStmtAttr(STMT, SQL_ATTR_ROWS_FETCHED_PTR, &rows, 0));
    DO(STMT, SQLBindCol(STMT, 1, SQL_C_LONG, keys, 0, NULL));
    DO(STMT, exec_direct(STMT, "select k, t from memory_array order by k"));
    DO(STMT, SQLFetch(STMT));
    IS((int)rows == good);
    DO(STMT, SQLSetPos(STMT, 2, SQL_POSITION, SQL_LOCK_NO_CHANGE));
    DO(STMT, SQLGetData(STMT, 2, SQL_C_CHAR, texts[0], sizeof texts[0], &n));
    IS(keys[1] == 2 ? strcmp(texts[0], "two") == 0 : atomic_load(&refused));
    DO(STMT, SQLCloseCursor(STMT));
}

/* Sets that go as one statement, or not: all of them, or none. */
static void arrays_at_once(void)
{
    enum { ROWS = 20 };
    SQLINTEGER keys[ROWS];
    char texts[ROWS][8];
    SQLLEN n = 0;
    SQLINTEGER count = 0;
    for (int i = 0; i < ROWS; i++) {
        keys[i] = i;
        snprintf(texts[i], sizeof texts[i], "t\"%d", i);
    }
    DO(STMT, exec_direct(STMT, "create temp table if not exists memory_at_once (k int, t text)"));
    DO(STMT, exec_direct(STMT, "truncate memory_at_once"));
    DO(STMT, SQLSetStmtAttr(STMT, SQL_ATTR_PARAMSET_SIZE, (SQLPOINTER)ROWS, 0));
    DO(STMT, SQLPrepare(STMT, T("insert into memory_at_once values (?, ?)"), SQL_NTS));
    DO(STMT, SQLBindParameter(STMT, 1, SQL_PARAM_INPUT, SQL_C_LONG, SQL_INTEGER, 0, 0, keys, 0, NULL));
    DO(STMT, SQLBindParameter(STMT, 2, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, 8, 0, texts, sizeof texts[0], NULL));
    SQLRETURN rc = SQLExecute(STMT);
    DO(STMT, rc);
    DO(STMT, SQLRowCount(STMT, &n));
    DO(STMT, SQLSetStmtAttr(STMT, SQL_ATTR_PARAMSET_SIZE, (SQLPOINTER)1, 0));
    DO(STMT, SQLFreeStmt(STMT, SQL_RESET_PARAMS));
    DO(STMT, exec_direct(STMT, "select count(*)::int from memory_at_once where t = 't\"' || k"));
    DO(STMT, SQLFetch(STMT));
    DO(STMT, SQLGetData(STMT, 1, SQL_C_LONG, &count, 0, NULL));
    DO(STMT, SQLCloseCursor(STMT));
    IS(count == n && (rc == SQL_SUCCESS ? n == ROWS : atomic_load(&refused)));
}

/* A static cursor keeps its rows: what could not be kept is asked for again. */
static void scrolled(void)
{
    SQLINTEGER number = 0;
    SQLLEN n = 0;
    char mark[8];
    DO(STMT, SQLSetStmtAttr(STMT, SQL_ATTR_CURSOR_TYPE, (SQLPOINTER)SQL_CURSOR_STATIC, 0));
    DO(STMT, SQLSetStmtAttr(STMT, SQL_ATTR_USE_BOOKMARKS, (SQLPOINTER)SQL_UB_VARIABLE, 0));
    DO(STMT, SQLBindCol(STMT, 0, SQL_C_VARBOOKMARK, mark, sizeof mark, &n));
    DO(STMT, SQLBindCol(STMT, 1, SQL_C_LONG, &number, 0, NULL));
    DO(STMT, exec_direct(STMT, "select g, repeat('x', 50) from generate_series(1, 300) g"));
    DO(STMT, SQLFetch(STMT));
    DO(STMT, SQLFetchScroll(STMT, SQL_FETCH_LAST, 0));
    IS(number == 300);
    DO(STMT, SQLFetchScroll(STMT, SQL_FETCH_ABSOLUTE, 150));
    IS(number == 150);
    DO(STMT, SQLSetStmtAttr(STMT, SQL_ATTR_FETCH_BOOKMARK_PTR, mark, 0));
    DO(STMT, SQLFetchScroll(STMT, SQL_FETCH_BOOKMARK, 1));
    IS(number == 151);
    DO(STMT, SQLCloseCursor(STMT));
    DO(STMT, SQLFreeStmt(STMT, SQL_UNBIND));
    DO(STMT, SQLSetStmtAttr(STMT, SQL_ATTR_CURSOR_TYPE, (SQLPOINTER)SQL_CURSOR_FORWARD_ONLY, 0));
}

/* Rows changed through a cursor: what failed has not happened, and can be done again. */
static void edited(void)
{
    SQLINTEGER number = 0;
    char text[16] = "";
    SQLLEN n = 0, length = SQL_NTS;
    DO(STMT, exec_direct(STMT, "create temp table if not exists memory_edit (k int primary key, t text)"));
    DO(STMT, exec_direct(STMT, "truncate memory_edit"));
    DO(STMT, exec_direct(STMT, "insert into memory_edit values (1, 'one'), (2, 'two')"));
    DO(STMT, SQLFreeStmt(STMT, SQL_CLOSE)); /* the driver manager believes a cursor open */
    DO(STMT, SQLSetStmtAttr(STMT, SQL_ATTR_CURSOR_TYPE, (SQLPOINTER)SQL_CURSOR_KEYSET_DRIVEN, 0));
    DO(STMT, SQLSetStmtAttr(STMT, SQL_ATTR_CONCURRENCY, (SQLPOINTER)SQL_CONCUR_ROWVER, 0));
    DO(STMT, SQLBindCol(STMT, 1, SQL_C_LONG, &number, 0, NULL));
    DO(STMT, SQLBindCol(STMT, 2, SQL_C_CHAR, text, sizeof text, &length));
    DO(STMT, exec_direct(STMT, "select k, t from memory_edit order by k"));
    DO(STMT, SQLFetch(STMT));
    snprintf(text, sizeof text, "changed");
    length = SQL_NTS;
    DO(STMT, SQLSetPos(STMT, 1, SQL_UPDATE, SQL_LOCK_NO_CHANGE));
    number = 3;
    DO(STMT, SQLBulkOperations(STMT, SQL_ADD));
    DO(STMT, SQLFetch(STMT));
    DO(STMT, SQLSetPos(STMT, 1, SQL_DELETE, SQL_LOCK_NO_CHANGE));
    DO(STMT, SQLFetchScroll(STMT, SQL_FETCH_FIRST, 0));
    IS(number == 1 && strcmp(text, "changed") == 0);
    DO(STMT, SQLRowCount(STMT, &n));
    DO(STMT, SQLCloseCursor(STMT));
    DO(STMT, SQLFreeStmt(STMT, SQL_UNBIND));
    DO(STMT, SQLSetStmtAttr(STMT, SQL_ATTR_CURSOR_TYPE, (SQLPOINTER)SQL_CURSOR_FORWARD_ONLY, 0));
    DO(STMT, SQLSetStmtAttr(STMT, SQL_ATTR_CONCURRENCY, (SQLPOINTER)SQL_CONCUR_READ_ONLY, 0));
}

/* Bytes that become an object, or not: never the number of one, which four bytes could be taken for. */
static void large_objects(void)
{
    SQLLEN length = 4;
    SQLINTEGER key = 1;
    char bytes[16] = "";
    DO(STMT, exec_direct(STMT, "do $$ begin create domain pg_temp.lo as oid; exception when duplicate_object then null; end $$"));
    DO(STMT, exec_direct(STMT, "create temp table if not exists memory_lo (k int, o pg_temp.lo)"));
    DO(STMT, exec_direct(STMT, "delete from memory_lo"));
    DO(STMT, SQLBindParameter(STMT, 1, SQL_PARAM_INPUT, SQL_C_LONG, SQL_INTEGER, 0, 0, &key, 0, NULL));
    DO(STMT, SQLBindParameter(STMT, 2, SQL_PARAM_INPUT, SQL_C_BINARY, SQL_LONGVARBINARY, 0, 0, T("four"), 4, &length));
    DO(STMT, exec_direct(STMT, "insert into memory_lo values (?, ?)"));
    DO(STMT, SQLFreeStmt(STMT, SQL_RESET_PARAMS));
    DO(STMT, exec_direct(STMT, "select k, o from memory_lo"));
    DO(STMT, SQLBindCol(STMT, 2, SQL_C_BINARY, bytes, sizeof bytes, &length));
    DO(STMT, SQLFetch(STMT));
    IS(length == 4 && memcmp(bytes, "four", 4) == 0);
    memset(bytes, 0, sizeof bytes);
    DO(STMT, SQLGetData(STMT, 2, SQL_C_CHAR, bytes, sizeof bytes, &length));
    IS(length == 8 && strcmp(bytes, "666F7572") == 0);
    DO(STMT, SQLCloseCursor(STMT));
    DO(STMT, SQLFreeStmt(STMT, SQL_UNBIND));
    DO(STMT, exec_direct(STMT, "select lo_unlink(o) from memory_lo"));
    DO(STMT, SQLCloseCursor(STMT));
}

static void several_results(void)
{
    SQLLEN n = 0;
    SQLINTEGER number = 0;
    DO(STMT, exec_direct(STMT, "select 1; create temp table if not exists memory_batch (a int); delete from memory_batch; insert into memory_batch values (1), (2); select 7, 'x'"));
    DO(STMT, SQLFetch(STMT));
    DO(STMT, SQLMoreResults(STMT));
    DO(STMT, SQLMoreResults(STMT));
    DO(STMT, SQLMoreResults(STMT));
    DO(STMT, SQLRowCount(STMT, &n));
    IS(n == 2);
    DO(STMT, SQLMoreResults(STMT));
    DO(STMT, SQLFetch(STMT));
    DO(STMT, SQLGetData(STMT, 1, SQL_C_LONG, &number, 0, &n));
    IS(number == 7);
    IS(SQLMoreResults(STMT) == SQL_NO_DATA);
}

/* What a call is, where its outputs go, cursors as results, values in parts. */
static void calls(void)
{
    static const char *const names[] = {"@C", "@A", "b"};
    SQLINTEGER number = 4, more = 0;
    SQLLEN n = 0, length = 0, by_default = SQL_DEFAULT_PARAM;
    SQLPOINTER token = NULL;
    SQLHDESC ipd = NULL;
    char text[32] = "";
    DO(STMT, exec_direct(STMT, "create or replace procedure pg_temp.memory_p(inout a int, in b int, out c text) language plpgsql as $$ begin a := a + b; c := 'c' || b; end $$"));
    DO(STMT, exec_direct(STMT, "create or replace function pg_temp.memory_f(int, out a int, out b text) language sql as $$ select $1 + 1, 'b' || $1 $$"));
    DO(STMT, exec_direct(STMT, "create or replace function pg_temp.memory_d(a int, b int default 10) returns int language sql as $$ select a + b $$"));
    DO(STMT, exec_direct(STMT, "create or replace procedure pg_temp.memory_c(inout r refcursor default null, inout s refcursor default null) language plpgsql as "
                               "$$ begin open r for select 1 as a; open s for select 2 as b; end $$"));
    DO(STMT, SQLBindParameter(STMT, 1, SQL_PARAM_INPUT_OUTPUT, SQL_C_LONG, SQL_INTEGER, 0, 0, &number, 0, NULL));
    DO(STMT, SQLBindParameter(STMT, 2, SQL_PARAM_OUTPUT_STREAM, SQL_C_CHAR, SQL_VARCHAR, 0, 0, (SQLPOINTER)7, 0, NULL));
    SQLRETURN rc = exec_direct(STMT, "{call pg_temp.memory_p(?, 5, ?)}");
    DO(STMT, rc);
    IS(rc == SQL_PARAM_DATA_AVAILABLE && number == 9);
    DO(STMT, SQLParamData(STMT, &token));
    IS(token == (SQLPOINTER)7);
    DO(STMT, SQLGetData(STMT, 2, SQL_C_CHAR, text, sizeof text, &length));
    IS(strcmp(text, "c5") == 0);
    DO(STMT, SQLParamData(STMT, &token));
    DO(STMT, SQLFreeStmt(STMT, SQL_CLOSE));
    DO(STMT, SQLFreeStmt(STMT, SQL_RESET_PARAMS));
    DO(STMT, SQLBindParameter(STMT, 1, SQL_PARAM_INPUT, SQL_C_LONG, SQL_INTEGER, 0, 0, &number, 0, NULL));
    DO(STMT, SQLBindParameter(STMT, 2, SQL_PARAM_OUTPUT, SQL_C_LONG, SQL_INTEGER, 0, 0, &more, 0, NULL));
    DO(STMT, SQLBindParameter(STMT, 3, SQL_PARAM_OUTPUT, SQL_C_CHAR, SQL_VARCHAR, 0, 0, text, sizeof text, &length));
    DO(STMT, exec_direct(STMT, "{call pg_temp.memory_f(?, ?, ?)}"));
    IS(more == 10 && strcmp(text, "b9") == 0);
    DO(STMT, SQLBindParameter(STMT, 1, SQL_PARAM_OUTPUT, SQL_C_LONG, SQL_INTEGER, 0, 0, &more, 0, NULL));
    DO(STMT, SQLBindParameter(STMT, 2, SQL_PARAM_INPUT, SQL_C_LONG, SQL_INTEGER, 0, 0, &number, 0, NULL));
    DO(STMT, SQLBindParameter(STMT, 3, SQL_PARAM_INPUT, SQL_C_LONG, SQL_INTEGER, 0, 0, &number, 0, &by_default));
    DO(STMT, exec_direct(STMT, "{? = call pg_temp.memory_d(?, ?)}"));
    IS(more == 19);
    DO(STMT, SQLFreeStmt(STMT, SQL_RESET_PARAMS));
    DO(STMT, SQLGetStmtAttr(STMT, SQL_ATTR_IMP_PARAM_DESC, &ipd, SQL_IS_POINTER, NULL));
    DO(STMT, SQLPrepare(STMT, T("{call pg_temp.memory_d(?, ?)}"), SQL_NTS));
    DO(ipd, SQLGetDescField(ipd, 2, SQL_DESC_NAME, text, sizeof text, NULL));
    IS(strcmp(text, "b") == 0);
    /* By name, with a look at the catalog for what they mean and for where the outputs go. */
    more = 4;
    number = 5;
    DO(STMT, SQLBindParameter(STMT, 1, SQL_PARAM_OUTPUT, SQL_C_CHAR, SQL_VARCHAR, 0, 0, text, sizeof text, &length));
    DO(STMT, SQLBindParameter(STMT, 2, SQL_PARAM_INPUT_OUTPUT, SQL_C_LONG, SQL_INTEGER, 0, 0, &more, 0, NULL));
    DO(STMT, SQLBindParameter(STMT, 3, SQL_PARAM_INPUT, SQL_C_LONG, SQL_INTEGER, 0, 0, &number, 0, NULL));
    for (SQLSMALLINT i = 1; i <= 3; i++) {
        DO(ipd, SQLSetDescField(ipd, i, SQL_DESC_NAME, T(names[i - 1]), SQL_NTS));
    }
    DO(STMT, exec_direct(STMT, "{call pg_temp.memory_p(?, ?, ?)}"));
    IS(more == 9 && strcmp(text, "c5") == 0);
    DO(ipd, SQLSetDescField(ipd, 3, SQL_DESC_NAME, T("none"), SQL_NTS));
    DO_FAIL(STMT, exec_direct(STMT, "{call pg_temp.memory_p(?, ?, ?)}"), "42000");
    DO(STMT, SQLFreeStmt(STMT, SQL_RESET_PARAMS));
    DO(STMT, exec_direct(STMT, "{call pg_temp.memory_c()}"));
    for (int i = 1; i <= 2; i++) {
        DO(STMT, SQLFetch(STMT));
        DO(STMT, SQLGetData(STMT, 1, SQL_C_LONG, &number, 0, &n));
        IS(number == i);
        rc = SQLMoreResults(STMT);
        DO(STMT, rc == SQL_NO_DATA ? SQL_SUCCESS : rc);
        IS((rc == SQL_NO_DATA) == (i == 2));
    }
    DO_FAIL(STMT, exec_direct(STMT, "{call pg_temp.memory_none(1)}"), "42000");
}

/* False: the scenario is over. */
static bool counted(SQLRETURN rc, int at_least, const char *what, int line)
{
    char text[64];
    SQLLEN n = 0;
    int rows = -1;
    while (step(STMT, rc, "", what, line)) {
        rows++;
        rc = SQLFetch(STMT);
        if (rc == SQL_NO_DATA) {
            break;
        }
        if (rc == SQL_SUCCESS && !step(STMT, SQLGetData(STMT, 3, SQL_C_CHAR, text, sizeof text, &n), "", what, line)) {
            return false;
        }
    }
    if (rc != SQL_NO_DATA) {
        return false;
    }
    if (rows < at_least) {
        with_memory();
        complain(what, line, rc, "", "success with too few rows");
        return false;
    }
    return step(STMT, SQLFreeStmt(STMT, SQL_CLOSE), "", what, line);
}

/* What the driver does not offer the driver manager refuses by itself. */
static bool offered(SQLUSMALLINT function)
{
    SQLUSMALLINT is = SQL_FALSE;
    return SQLGetFunctions(DBC, function, &is) == SQL_SUCCESS && is == SQL_TRUE;
}

#define CATALOG(id, call, rows)                                             \
    do {                                                                    \
        if (offered(id) && !counted((call), (rows), #call, __LINE__)) {     \
            return;                                                         \
        }                                                                   \
    } while (0)

static void catalogs(void)
{
    SQLCHAR *schema = T("public"), *table = T("memory_catalog"), *child = T("memory_child");
    CATALOG(SQL_API_SQLTABLES, SQLTables(STMT, NULL, 0, schema, SQL_NTS, table, SQL_NTS, T("TABLE"), SQL_NTS), 1);
    CATALOG(SQL_API_SQLCOLUMNS, SQLColumns(STMT, NULL, 0, schema, SQL_NTS, table, SQL_NTS, T("%"), SQL_NTS), 3);
    CATALOG(SQL_API_SQLPRIMARYKEYS, SQLPrimaryKeys(STMT, NULL, 0, schema, SQL_NTS, table, SQL_NTS), 1);
    CATALOG(SQL_API_SQLFOREIGNKEYS, SQLForeignKeys(STMT, NULL, 0, schema, SQL_NTS, table, SQL_NTS, NULL, 0, schema, SQL_NTS, child, SQL_NTS), 1);
    CATALOG(SQL_API_SQLSTATISTICS, SQLStatistics(STMT, NULL, 0, schema, SQL_NTS, table, SQL_NTS, SQL_INDEX_ALL, SQL_QUICK), 1);
    CATALOG(SQL_API_SQLSPECIALCOLUMNS, SQLSpecialColumns(STMT, SQL_BEST_ROWID, NULL, 0, schema, SQL_NTS, table, SQL_NTS, SQL_SCOPE_SESSION, SQL_NULLABLE), 1);
    CATALOG(SQL_API_SQLPROCEDURES, SQLProcedures(STMT, NULL, 0, T("pg_catalog"), SQL_NTS, T("int4pl"), SQL_NTS), 1);
    CATALOG(SQL_API_SQLPROCEDURECOLUMNS, SQLProcedureColumns(STMT, NULL, 0, T("pg_catalog"), SQL_NTS, T("int4pl"), SQL_NTS, NULL, 0), 1);
    CATALOG(SQL_API_SQLTABLEPRIVILEGES, SQLTablePrivileges(STMT, NULL, 0, schema, SQL_NTS, table, SQL_NTS), 1);
    CATALOG(SQL_API_SQLCOLUMNPRIVILEGES, SQLColumnPrivileges(STMT, NULL, 0, schema, SQL_NTS, table, SQL_NTS, T("%"), SQL_NTS), 1);
    CATALOG(SQL_API_SQLGETTYPEINFO, SQLGetTypeInfo(STMT, SQL_ALL_TYPES), 20);
}

static void descriptors(void)
{
    SQLHDESC ard = NULL, ipd = NULL;
    SQLINTEGER number = 0, length = 0;
    SQLSMALLINT type = 0;
    DO(DBC, SQLAllocHandle(SQL_HANDLE_DESC, DBC, &run_of.desc));
    DO(run_of.desc, SQLSetDescField(run_of.desc, 3, SQL_DESC_TYPE, (SQLPOINTER)SQL_C_LONG, 0));
    DO(run_of.desc, SQLSetDescRec(run_of.desc, 1, SQL_C_LONG, 0, 4, 0, 0, &number, NULL, NULL));
    DO(STMT, SQLSetStmtAttr(STMT, SQL_ATTR_APP_ROW_DESC, run_of.desc, 0));
    DO(STMT, exec_direct(STMT, "select 5, 6, 7"));
    DO(STMT, SQLFetch(STMT));
    IS(number == 5);
    DO(STMT, SQLCloseCursor(STMT));
    DO(STMT, SQLSetStmtAttr(STMT, SQL_ATTR_APP_ROW_DESC, NULL, 0));
    DO(STMT, SQLGetStmtAttr(STMT, SQL_ATTR_APP_ROW_DESC, &ard, 0, NULL));
    DO(run_of.desc, SQLCopyDesc(run_of.desc, ard));
    DO(ard, SQLGetDescField(ard, 1, SQL_DESC_TYPE, &type, 0, NULL));
    IS(type == SQL_C_LONG);
    DO(STMT, SQLGetStmtAttr(STMT, SQL_ATTR_IMP_PARAM_DESC, &ipd, 0, NULL));
    DO(ipd, SQLSetDescField(ipd, 1, SQL_DESC_NAME, T("first"), SQL_NTS));
    char name[16];
    DO(ipd, SQLGetDescField(ipd, 1, SQL_DESC_NAME, name, sizeof name, &length));
    IS(strcmp(name, "first") == 0);
    DO(STMT, SQLFreeStmt(STMT, SQL_UNBIND));
    DO(run_of.desc, SQLFreeHandle(SQL_HANDLE_DESC, run_of.desc));
    run_of.desc = NULL;
}

static void odds_and_ends(void)
{
    char text[512];
    SQLSMALLINT length = 0;
    SQLINTEGER native_length = 0;
    static const SQLUSMALLINT infos[] = {SQL_DBMS_VER, SQL_DATABASE_NAME, SQL_USER_NAME, SQL_SERVER_NAME, SQL_KEYWORDS, SQL_DATA_SOURCE_NAME, SQL_DRIVER_NAME};
    for (size_t i = 0; i < COUNT(infos); i++) {
        DO(DBC, SQLGetInfo(DBC, infos[i], text, sizeof text, &length));
        IS(length > 0);
    }
    DO(DBC, SQLNativeSql(DBC, T("select {fn ucase('x')}, {d '2020-01-01'}"), SQL_NTS, T(text), sizeof text, &native_length));
    IS(strstr(text, "2020-01-01") != NULL);
    DO(STMT, SQLSetCursorName(STMT, T("a_cursor"), SQL_NTS));
    DO(STMT, SQLGetCursorName(STMT, T(text), sizeof text, &length));
    IS(strcmp(text, "a_cursor") == 0);
    DO(DBC, SQLGetConnectAttr(DBC, SQL_ATTR_CURRENT_CATALOG, text, sizeof text, &native_length));
    IS(strcmp(text, fact("DATABASE")) == 0);
    DO(STMT, SQLExecDirectW(STMT, wide("select 'wide \xE2\x82\xAC' as \"n\xC3\xA4me\""), SQL_NTS));
    SQLWCHAR name[32];
    DO(STMT, SQLColAttributeW(STMT, 1, SQL_DESC_LABEL, name, sizeof name, &length, NULL));
    IS(length == 8 && name[1] == 0xE4);
    DO(STMT, SQLCloseCursor(STMT));
    DO_FAIL(STMT, exec_direct(STMT, "select 1 from nowhere_at_all"), "42S02");
    DO_FAIL(STMT, exec_direct(STMT, "select 1/0"), "22012");
    DO(STMT, exec_direct(STMT, "do $$ begin raise notice 'one'; raise warning 'two'; end $$"));
    DO_FAIL(STMT, SQLGetStmtAttr(STMT, 31999, text, sizeof text, NULL), "HY092");
}

static void transactions(void)
{
    SQLINTEGER number = 0;
    SQLLEN n = 0;
    DO(DBC, SQLSetConnectAttr(DBC, SQL_ATTR_AUTOCOMMIT, (SQLPOINTER)SQL_AUTOCOMMIT_OFF, 0));
    DO(STMT, exec_direct(STMT, "create temp table if not exists memory_txn (a int unique)"));
    DO(STMT, exec_direct(STMT, "delete from memory_txn"));
    DO(STMT, exec_direct(STMT, "insert into memory_txn values (1)"));
    DO_FAIL(STMT, exec_direct(STMT, "insert into memory_txn values (1)"), "23000");
    DO(STMT, exec_direct(STMT, "insert into memory_txn values (2)"));
    DO(DBC, SQLEndTran(SQL_HANDLE_DBC, DBC, SQL_COMMIT));
    DO(STMT, exec_direct(STMT, "select count(*)::int from memory_txn"));
    DO(STMT, SQLFetch(STMT));
    DO(STMT, SQLGetData(STMT, 1, SQL_C_LONG, &number, 0, &n));
    IS(number == 2);
    DO(DBC, SQLEndTran(SQL_HANDLE_DBC, DBC, SQL_ROLLBACK));
    DO(DBC, SQLSetConnectAttr(DBC, SQL_ATTR_TXN_ISOLATION, (SQLPOINTER)SQL_TXN_SERIALIZABLE, 0));
    DO(DBC, SQLSetConnectAttr(DBC, SQL_ATTR_TXN_ISOLATION, (SQLPOINTER)SQL_TXN_READ_COMMITTED, 0));
    DO(DBC, SQLSetConnectAttr(DBC, SQL_ATTR_AUTOCOMMIT, (SQLPOINTER)SQL_AUTOCOMMIT_ON, 0));
}

/* Streams that make room for each other: to memory, then to a file (MaxBufferMemory is one MiB here). */
static void streams(void)
{
    SQLHSTMT *other = &run_of.extra[0];
    SQLINTEGER number = 0, rows = 1;
    SQLLEN n = 0;
    SQLRETURN rc;
    DO(DBC, SQLAllocHandle(SQL_HANDLE_STMT, DBC, other));
    DO(STMT, exec_direct(STMT, "select g, repeat('x', 60000) from generate_series(1, 40) g"));
    DO(STMT, SQLBindCol(STMT, 1, SQL_C_LONG, &number, 0, NULL));
    DO(STMT, SQLFetch(STMT));
    DO(*other, exec_direct(*other, "select 11"));
    DO(*other, SQLFetch(*other));
    while ((rc = SQLFetch(STMT)) == SQL_SUCCESS) {
        IS(number == ++rows);
    }
    DO(STMT, rc);
    IS(rows == 40);
    DO(*other, SQLGetData(*other, 1, SQL_C_LONG, &number, 0, &n));
    IS(number == 11);
    DO(STMT, SQLCloseCursor(STMT));
    DO(STMT, SQLFreeStmt(STMT, SQL_UNBIND));
    DO(*other, SQLFreeHandle(SQL_HANDLE_STMT, *other));
    *other = NULL;
}

/* ---- every allocation of each ---------------------------------------------------------------------------------------- */

static bool dead(void)
{
    SQLUINTEGER is = SQL_CD_FALSE;
    (void)SQLGetConnectAttr(DBC, SQL_ATTR_CONNECTION_DEAD, &is, 0, NULL);
    return is != SQL_CD_FALSE;
}

/* Until it has ended. */
#define ENDED(rc, call)                            \
    for ((rc) = (call); (rc) == SQL_STILL_EXECUTING; (rc) = (call)) { \
        pause_ms(1);                               \
    }

/* Where there is no memory for a worker, or to keep a call's arguments, the call is done at once. */
static void asynchronously(void)
{
    SQLRETURN rc;
    SQLINTEGER number = 20, answer = 0;
    DO(STMT, SQLSetStmtAttr(STMT, SQL_ATTR_ASYNC_ENABLE, (SQLPOINTER)SQL_ASYNC_ENABLE_ON, 0));
    ENDED(rc, exec_direct(STMT, "select g from generate_series(1, 20) g"));
    DO(STMT, rc);
    DO(STMT, SQLBindCol(STMT, 1, SQL_C_LONG, &answer, 0, NULL));
    ENDED(rc, SQLFetch(STMT));
    DO(STMT, rc);
    IS(answer == 1);
    DO(STMT, SQLFreeStmt(STMT, SQL_CLOSE));
    ENDED(rc, SQLPrepare(STMT, T("select ?::int + 1 from pg_sleep(0.001)"), SQL_NTS));
    DO(STMT, rc);
    DO(STMT, SQLBindParameter(STMT, 1, SQL_PARAM_INPUT, SQL_C_LONG, SQL_INTEGER, 0, 0, &number, 0, NULL));
    ENDED(rc, SQLExecute(STMT));
    DO(STMT, rc);
    ENDED(rc, SQLFetch(STMT));
    DO(STMT, rc);
    IS(answer == 21);
    DO(STMT, SQLFreeStmt(STMT, SQL_CLOSE));
    DO(STMT, SQLFreeStmt(STMT, SQL_UNBIND));
    ENDED(rc, SQLTables(STMT, NULL, 0, NULL, 0, T("memory_catalog"), SQL_NTS, NULL, 0));
    DO(STMT, rc);
    ENDED(rc, SQLFetch(STMT));
    DO(STMT, rc);
    DO(STMT, SQLFreeStmt(STMT, SQL_CLOSE));
    ENDED(rc, exec_direct(STMT, "select 1 from no_such_table"));
    DO_FAIL(STMT, rc, "42S02");
}

static void open_again(void)
{
    run_of.l = link_open("MaxBufferMemory=1;FetchRefcursors=1");
}

/* With memory back everything can be freed, and what is not lost goes on. */
static void recover(bool connects)
{
    for (size_t i = 0; i < COUNT(run_of.extra); i++) {
        if (run_of.extra[i] != NULL) {
            CHECK_OK(run_of.extra[i], SQLFreeHandle(SQL_HANDLE_STMT, run_of.extra[i]));
            run_of.extra[i] = NULL;
        }
    }
    if (run_of.desc != NULL) {
        CHECK_OK(run_of.desc, SQLFreeHandle(SQL_HANDLE_DESC, run_of.desc));
        run_of.desc = NULL;
    }
    if (connects) {
        link_close(&run_of.l);
        run_of.l = link_new(SQL_OV_ODBC3_80);
        return;
    }
    if (dead()) {
        link_close(&run_of.l);
        open_again();
        return;
    }
    CHECK_OK(STMT, SQLFreeHandle(SQL_HANDLE_STMT, STMT));
    STMT = NULL;
    (void)SQLEndTran(SQL_HANDLE_DBC, DBC, SQL_ROLLBACK);
    CHECK_OK(DBC, SQLSetConnectAttr(DBC, SQL_ATTR_AUTOCOMMIT, (SQLPOINTER)SQL_AUTOCOMMIT_ON, 0));
    STMT = new_stmt(DBC);
    CHECK_INT(query_int(STMT, "select 42"), 42);
}

static void every_allocation(const char *name, void (*scenario)(void), bool connects)
{
    run_of.scenario = name;
    for (int mode = 0; mode < 2; mode++) {
        long n = 0;
        run_of.failed_calls = run_of.given_up = 0;
        if (connects) {
            run_of.l = link_new(SQL_OV_ODBC3_80);
        } else {
            open_again();
        }
        atomic_store(&lasting, mode == 1);
        for (;; n += under_valgrind() ? 7 : 1) {
            run_of.n = n;
            atomic_store(&refused, false);
            atomic_store(&left, n);
            scenario();
            with_memory();
            if (!atomic_load(&refused)) {
                break;
            }
            recover(connects);
        }
        printf("%ld%s: %d calls failed, %d sessions given up; ", n, mode ? " and all after" : "", run_of.failed_calls, run_of.given_up);
        CHECK(n > 3); /* else the driver does not ask: not a debug build? */
        CHECK(run_of.failed_calls > n / (under_valgrind() ? 14 : 2));
        CHECK(connects || under_valgrind() || run_of.given_up < run_of.failed_calls / 3); /* memory for a call is no reason to lose the session */
        link_close(&run_of.l);
    }
}

#define SCENARIO(name, connects)                    \
    static void all_##name(void)                    \
    {                                               \
        every_allocation(#name, name, connects);    \
    }

SCENARIO(connecting, true)
SCENARIO(fetching_binary, false)
SCENARIO(fetching_text, false)
SCENARIO(parameters, false)
SCENARIO(putting, false)
SCENARIO(copying, false)
SCENARIO(arrays, false)
SCENARIO(scrolled, false)
SCENARIO(arrays_at_once, false)
SCENARIO(edited, false)
SCENARIO(large_objects, false)
SCENARIO(several_results, false)
SCENARIO(calls, false)
SCENARIO(catalogs, false)
SCENARIO(descriptors, false)
SCENARIO(odds_and_ends, false)
SCENARIO(transactions, false)
SCENARIO(streams, false)
SCENARIO(asynchronously, false)

int main(void)
{
    static const struct test tests[] = {
        {"connecting", all_connecting},
        {"fetching, binary", all_fetching_binary},
        {"fetching, text", all_fetching_text},
        {"parameters", all_parameters},
        {"data at execution", all_putting},
        {"COPY and notifications", all_copying},
        {"arrays", all_arrays},
        {"a static cursor", all_scrolled},
        {"arrays at once", all_arrays_at_once},
        {"an updatable cursor", all_edited},
        {"large objects", all_large_objects},
        {"several results", all_several_results},
        {"calls", all_calls},
        {"catalog functions", all_catalogs},
        {"descriptors", all_descriptors},
        {"odds and ends", all_odds_and_ends},
        {"transactions", all_transactions},
        {"streams", all_streams},
        {"asynchronous calls", all_asynchronously},
    };
    alarm(3500); /* a hang ends here, with a signal that ctest shows */
    struct link l = link_open("");
    run(l.stmt, "drop table if exists memory_child, memory_catalog");
    run(l.stmt, "create table memory_catalog (a int primary key, b numeric(5,2) not null default 1, c text)");
    run(l.stmt, "create table memory_child (a int references memory_catalog)");
    int status = run_tests("no memory", tests, COUNT(tests));
    run(l.stmt, "drop table memory_child, memory_catalog");
    link_close(&l);
    return status;
}
