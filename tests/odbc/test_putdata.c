/* SPDX-License-Identifier: Apache-2.0 */
/* SQLParamData and SQLPutData: values given in pieces while the statement waits, and every way to do it wrong. */
#include "harness.h"

#include <stdlib.h>

/* ---- helpers ------------------------------------------------------------------------------------------------------- */

/* Tokens are whatever the application likes; these are addresses of nothing. */
static SQLPOINTER token(uintptr_t n)
{
    return (SQLPOINTER)n;
}

static void bind_later(SQLHSTMT stmt, SQLUSMALLINT n, SQLSMALLINT c_type, SQLSMALLINT sql_type, uintptr_t mark, SQLLEN *length)
{
    CHECK_OK(stmt, SQLBindParameter(stmt, n, SQL_PARAM_INPUT, c_type, sql_type, 0, 0, token(mark), 0, length));
}

/* First column of the first row of the open cursor as text; closes it. */
static const char *first(SQLHSTMT stmt)
{
    static char text[4096];
    SQLLEN length = 0;
    CHECK_OK(stmt, SQLFetch(stmt));
    CHECK_OK(stmt, SQLGetData(stmt, 1, SQL_C_CHAR, text, sizeof text, &length));
    CHECK_OK(stmt, SQLCloseCursor(stmt));
    return length == SQL_NULL_DATA ? "NULL" : text;
}

/* The statement's next question is for `mark`. */
static void asked(SQLHSTMT stmt, uintptr_t mark)
{
    SQLPOINTER got = NULL;
    CHECK_RC(stmt, SQLParamData(stmt, &got), SQL_NEED_DATA);
    CHECK_INT((uintptr_t)got, mark);
}

/* ---- values -------------------------------------------------------------------------------------------------------- */

struct piece {
    const void *data;
    SQLLEN length;
};

static void pieces(void)
{
    static const SQLWCHAR w[] = {'a', 0xe9, 0xD83D, 0xDE00, 'z', 0};
    static const struct {
        SQLSMALLINT c_type, sql_type;
        const char *sql;
        struct piece pieces[6]; /* data NULL ends */
        const char *wanted;
    } list[] = {
        {SQL_C_CHAR, SQL_VARCHAR, "select ?::text", {{"abc", 3}, {"def", SQL_NTS}, {"ghixxx", 3}}, "abcdefghi"},
        {SQL_C_CHAR, SQL_LONGVARCHAR, "select ?::text", {{"", 0}}, ""},
        {SQL_C_CHAR, SQL_LONGVARCHAR, "select ?::text", {{"", SQL_NTS}, {"x", 1}, {"", 0}}, "x"},
        /* A character may stand across two pieces. */
        {SQL_C_CHAR, SQL_VARCHAR, "select ?::text", {{"\xc3", 1}, {"\xa9\xf0\x9f", 3}, {"\x98\x80", 2}}, "\xc3\xa9\xf0\x9f\x98\x80"},
        {SQL_C_WCHAR, SQL_WVARCHAR, "select ?::text", {{w, 6}, {w + 3, SQL_NTS}}, "a\xc3\xa9\xf0\x9f\x98\x80z"},
        {SQL_C_WCHAR, SQL_WLONGVARCHAR, "select ?::text", {{w, 0}}, ""},
        {SQL_C_BINARY, SQL_LONGVARBINARY, "select encode(?::bytea, 'hex')", {{"\0\1", 2}, {"\xff", 1}, {"", 0}}, "0001ff"},
        {SQL_C_BINARY, SQL_VARBINARY, "select length(?::bytea)", {{"", 0}}, "0"},
        /* Characters become the declared type when all of them are there. */
        {SQL_C_CHAR, SQL_INTEGER, "select ? + 1", {{"4", 1}, {"1", 1}}, "42"},
        {SQL_C_CHAR, SQL_NUMERIC, "select ?::numeric", {{"12345678901234567890", SQL_NTS}, {".", 1}, {"5", 1}}, "12345678901234567890.5"},
        {SQL_C_CHAR, SQL_TYPE_DATE, "select ?::date::text", {{"2026-", 5}, {"02-28", 5}}, "2026-02-28"},
        {SQL_C_CHAR, SQL_VARBINARY, "select encode(?::bytea, 'hex')", {{"00", 2}, {"fF", 2}}, "00ff"},
    };
    struct link l = link_open("");
    for (size_t i = 0; i < COUNT(list); i++) {
        SQLLEN length = SQL_DATA_AT_EXEC;
        bind_later(l.stmt, 1, list[i].c_type, list[i].sql_type, 7, &length);
        CHECK_RC(l.stmt, SQLExecDirect(l.stmt, T(list[i].sql), SQL_NTS), SQL_NEED_DATA);
        asked(l.stmt, 7);
        for (const struct piece *p = list[i].pieces; p->data != NULL; p++) {
            CHECK_OK(l.stmt, SQLPutData(l.stmt, (SQLPOINTER)(uintptr_t)p->data, p->length));
        }
        SQLPOINTER got = NULL;
        CHECK_OK(l.stmt, SQLParamData(l.stmt, &got));
        CHECK_TEXT(first(l.stmt), list[i].wanted);
    }
    link_close(&l);
}

/* Fixed-length C types come whole, and the length that is given with them means nothing. */
static void fixed(void)
{
    static const SQLSCHAR i1 = -42;
    static const SQLSMALLINT i2 = -42;
    static const SQLINTEGER i4 = -42;
    static const SQLBIGINT i8 = -42;
    static const SQLREAL f4 = -42;
    static const SQLDOUBLE f8 = -42;
    static const SQLCHAR bit = 1;
    static const SQL_NUMERIC_STRUCT num = {.precision = 4, .sign = 0, .val = {42}};
    static const SQL_DATE_STRUCT date = {2026, 2, 28};
    static const SQL_TIME_STRUCT time = {1, 2, 3};
    static const SQL_TIMESTAMP_STRUCT ts = {2026, 2, 28, 1, 2, 3, 500000000};
    static const SQLGUID guid = {1, 2, 3, {4, 5, 6, 7, 8, 9, 10, 11}};
    static const SQL_INTERVAL_STRUCT iv = {.interval_type = SQL_IS_DAY, .intval.day_second = {.day = 3}};
    static const struct {
        SQLSMALLINT c_type, sql_type;
        const void *data;
        SQLLEN length;
        const char *sql, *wanted;
    } list[] = {
        {SQL_C_STINYINT, SQL_TINYINT, &i1, 1, "select ?::int2", "-42"},
        {SQL_C_SSHORT, SQL_SMALLINT, &i2, 0, "select ?::int2", "-42"},
        {SQL_C_SLONG, SQL_INTEGER, &i4, SQL_NTS, "select ?::int4", "-42"},
        {SQL_C_SBIGINT, SQL_BIGINT, &i8, 99, "select ?::int8", "-42"},
        {SQL_C_FLOAT, SQL_REAL, &f4, 4, "select ?::float4", "-42"},
        {SQL_C_DOUBLE, SQL_DOUBLE, &f8, 8, "select ?::float8", "-42"},
        {SQL_C_NUMERIC, SQL_NUMERIC, &num, 0, "select ?::numeric", "-42"},
        {SQL_C_BIT, SQL_BIT, &bit, 1, "select ?::bool::text", "true"},
        {SQL_C_TYPE_DATE, SQL_TYPE_DATE, &date, 0, "select ?::date::text", "2026-02-28"},
        {SQL_C_TYPE_TIME, SQL_TYPE_TIME, &time, 0, "select ?::time::text", "01:02:03"},
        {SQL_C_TYPE_TIMESTAMP, SQL_TYPE_TIMESTAMP, &ts, 0, "select ?::timestamp::text", "2026-02-28 01:02:03.5"},
        {SQL_C_GUID, SQL_GUID, &guid, 16, "select ?::uuid::text", "00000001-0002-0003-0405-060708090a0b"},
        {SQL_C_INTERVAL_DAY, SQL_INTERVAL_DAY, &iv, 0, "select ?::interval::text", "3 days"},
        {SQL_C_DEFAULT, SQL_INTEGER, &i4, 0, "select ?::int4", "-42"},
    };
    struct link l = link_open("");
    for (size_t i = 0; i < COUNT(list); i++) {
        SQLLEN length = SQL_LEN_DATA_AT_EXEC(0);
        bind_later(l.stmt, 1, list[i].c_type, list[i].sql_type, 1, &length);
        CHECK_RC(l.stmt, SQLExecDirect(l.stmt, T(list[i].sql), SQL_NTS), SQL_NEED_DATA);
        asked(l.stmt, 1);
        CHECK_OK(l.stmt, SQLPutData(l.stmt, (SQLPOINTER)(uintptr_t)list[i].data, list[i].length));
        SQLPOINTER got = NULL;
        CHECK_OK(l.stmt, SQLParamData(l.stmt, &got));
        CHECK_TEXT(first(l.stmt), list[i].wanted);
    }
    link_close(&l);
}

static void null_and_large(void)
{
    struct link l = link_open("");
    SQLLEN length = SQL_DATA_AT_EXEC;
    SQLPOINTER got = NULL;
    static const SQLSMALLINT types[] = {SQL_C_CHAR, SQL_C_WCHAR, SQL_C_BINARY, SQL_C_SLONG};
    for (size_t i = 0; i < COUNT(types); i++) {
        bind_later(l.stmt, 1, types[i], SQL_VARCHAR, 1, &length);
        CHECK_RC(l.stmt, SQLExecDirect(l.stmt, T("select ?::text"), SQL_NTS), SQL_NEED_DATA);
        asked(l.stmt, 1);
        CHECK_OK(l.stmt, SQLPutData(l.stmt, NULL, SQL_NULL_DATA));
        CHECK_OK(l.stmt, SQLParamData(l.stmt, &got));
        CHECK_TEXT(first(l.stmt), "NULL");
    }

    /* 8 MB in pieces of an odd size. */
    enum { PIECE = 9973, PIECES = 850 };
    char piece[PIECE];
    memset(piece, 'x', sizeof piece);
    length = SQL_LEN_DATA_AT_EXEC(PIECE * PIECES);
    bind_later(l.stmt, 1, SQL_C_CHAR, SQL_LONGVARCHAR, 1, &length);
    CHECK_RC(l.stmt, SQLExecDirect(l.stmt, T("select length(?)"), SQL_NTS), SQL_NEED_DATA);
    asked(l.stmt, 1);
    for (int i = 0; i < PIECES; i++) {
        CHECK_OK(l.stmt, SQLPutData(l.stmt, piece, PIECE));
    }
    CHECK_OK(l.stmt, SQLParamData(l.stmt, &got));
    char wanted[32];
    snprintf(wanted, sizeof wanted, "%d", PIECE * PIECES);
    CHECK_TEXT(first(l.stmt), wanted);
    link_close(&l);
}

/* ---- several parameters -------------------------------------------------------------------------------------------- */

static void several(void)
{
    struct link l = link_open("");
    SQLLEN later = SQL_DATA_AT_EXEC;
    SQLLEN later2 = SQL_LEN_DATA_AT_EXEC(3);
    SQLINTEGER now = 5;
    SQLPOINTER got = NULL;
    run(l.stmt, "create temp table s (a int, b text, c int, d bytea)");
    bind_later(l.stmt, 1, SQL_C_SLONG, SQL_INTEGER, 101, &later);
    bind_later(l.stmt, 2, SQL_C_CHAR, SQL_VARCHAR, 102, &later2);
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 3, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, &now, 0, NULL));
    bind_later(l.stmt, 4, SQL_C_BINARY, SQL_VARBINARY, 104, &later);
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("insert into s values (?, ?, ?, ?)"), SQL_NTS));
    for (SQLINTEGER i = 1; i <= 3; i++) {
        SQLLEN rows = -1;
        now = 10 * i;
        CHECK_RC(l.stmt, SQLExecute(l.stmt), SQL_NEED_DATA);
        asked(l.stmt, 101);
        CHECK_OK(l.stmt, SQLPutData(l.stmt, &i, 0));
        asked(l.stmt, 102);
        CHECK_OK(l.stmt, SQLPutData(l.stmt, (SQLPOINTER)(uintptr_t) "te", 2));
        CHECK_OK(l.stmt, SQLPutData(l.stmt, (SQLPOINTER)(uintptr_t) "xt", 2));
        asked(l.stmt, 104);
        CHECK_OK(l.stmt, SQLPutData(l.stmt, (SQLPOINTER)(uintptr_t) "\0", 1));
        CHECK_OK(l.stmt, SQLParamData(l.stmt, &got));
        CHECK_OK(l.stmt, SQLRowCount(l.stmt, &rows));
        CHECK_INT(rows, 1);
    }
    CHECK_TEXT(query_text(l.stmt, "select string_agg(s::text, ' ' order by a) from s"),
               "(1,text,10,\"\\\\x00\") (2,text,20,\"\\\\x00\") (3,text,30,\"\\\\x00\")");

    /* The same statement without data at execution, and with it again. */
    SQLINTEGER a = 4;
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("insert into s (a) values (?)"), SQL_NTS));
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, &a, 0, &later));
    later = 0;
    CHECK_OK(l.stmt, SQLExecute(l.stmt));
    later = SQL_DATA_AT_EXEC;
    CHECK_RC(l.stmt, SQLExecute(l.stmt), SQL_NEED_DATA);
    CHECK_RC(l.stmt, SQLParamData(l.stmt, &got), SQL_NEED_DATA);
    CHECK(got == &a);
    a = 5;
    CHECK_OK(l.stmt, SQLPutData(l.stmt, got, 0));
    CHECK_OK(l.stmt, SQLParamData(l.stmt, &got));
    CHECK_INT(query_int(l.stmt, "select count(*) from s where a in (4, 5)"), 2);

    /* No row touched: the last SQLParamData answers as SQLExecute would. */
    CHECK_RC(l.stmt, SQLExecDirect(l.stmt, T("delete from s where a = ? + 100"), SQL_NTS), SQL_NEED_DATA);
    CHECK_RC(l.stmt, SQLParamData(l.stmt, &got), SQL_NEED_DATA);
    CHECK_OK(l.stmt, SQLPutData(l.stmt, &a, 0));
    CHECK_RC(l.stmt, SQLParamData(l.stmt, &got), SQL_NO_DATA);
    link_close(&l);
}

/* In an array the token tells the row: it is the element's address. PARAMS_PROCESSED says which set is meant. */
static void arrays(void)
{
    enum { SETS = 4 };
    struct link l = link_open("");
    SQLINTEGER ids[SETS] = {1, 2, 3, 4};
    char places[SETS][8] = {"direct", "", "", ""};
    SQLLEN lengths[SETS] = {SQL_NTS, SQL_DATA_AT_EXEC, SQL_NULL_DATA, SQL_LEN_DATA_AT_EXEC(2)};
    SQLUSMALLINT status[SETS] = {99, 99, 99, 99};
    SQLULEN processed = 99;
    SQLLEN rows = -1;
    SQLPOINTER got = NULL;
    run(l.stmt, "create temp table ar (a int, b text)");
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_PARAMSET_SIZE, (SQLPOINTER)SETS, 0));
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_PARAM_STATUS_PTR, status, 0));
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_PARAMS_PROCESSED_PTR, &processed, 0));
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, ids, 0, NULL));
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 2, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, 8, 0, places, sizeof places[0], lengths));
    CHECK_RC(l.stmt, SQLExecDirect(l.stmt, T("insert into ar values (?, ?)"), SQL_NTS), SQL_NEED_DATA);
    CHECK_RC(l.stmt, SQLParamData(l.stmt, &got), SQL_NEED_DATA);
    CHECK(got == places[1]);
    CHECK_INT(processed, 2);
    CHECK_OK(l.stmt, SQLPutData(l.stmt, (SQLPOINTER)(uintptr_t) "second", SQL_NTS));
    CHECK_RC(l.stmt, SQLParamData(l.stmt, &got), SQL_NEED_DATA);
    CHECK(got == places[3]);
    CHECK_INT(processed, 4);
    CHECK_OK(l.stmt, SQLPutData(l.stmt, (SQLPOINTER)(uintptr_t) "fo", 2));
    CHECK_OK(l.stmt, SQLPutData(l.stmt, (SQLPOINTER)(uintptr_t) "urth", 4));
    CHECK_OK(l.stmt, SQLParamData(l.stmt, &got));
    CHECK_INT(processed, 4);
    CHECK_OK(l.stmt, SQLRowCount(l.stmt, &rows));
    CHECK_INT(rows, 4);
    for (size_t i = 0; i < SETS; i++) {
        CHECK_INT(status[i], SQL_PARAM_SUCCESS);
    }
    SQLHSTMT other = new_stmt(l.dbc);
    CHECK_TEXT(query_text(other, "select string_agg(a || coalesce(b, '-'), ' ' order by a) from ar"), "1direct 2second 3- 4fourth");

    /* Sets that are left out ask for nothing. */
    SQLUSMALLINT operation[SETS] = {SQL_PARAM_IGNORE, SQL_PARAM_IGNORE, SQL_PARAM_IGNORE, SQL_PARAM_PROCEED};
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_PARAM_OPERATION_PTR, operation, 0));
    CHECK_RC(l.stmt, SQLExecDirect(l.stmt, T("insert into ar values (?, ?)"), SQL_NTS), SQL_NEED_DATA);
    CHECK_RC(l.stmt, SQLParamData(l.stmt, &got), SQL_NEED_DATA);
    CHECK(got == places[3]);
    CHECK_OK(l.stmt, SQLPutData(l.stmt, (SQLPOINTER)(uintptr_t) "again", SQL_NTS));
    CHECK_OK(l.stmt, SQLParamData(l.stmt, &got));
    CHECK_TEXT(query_text(other, "select string_agg(b, ' ' order by b) from ar where a = 4"), "again fourth");

    /* With a bind offset the token is the address where the element is. */
    SQLLEN offset = sizeof places[0];
    SQLLEN one[2] = {0, SQL_DATA_AT_EXEC};
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_RESET_PARAMS));
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_PARAM_OPERATION_PTR, NULL, 0));
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_PARAMSET_SIZE, (SQLPOINTER)1, 0));
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_PARAM_BIND_OFFSET_PTR, &offset, 0));
    CHECK_INT(sizeof places[0], sizeof one[0]);
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 1, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, 8, 0, places, sizeof places[0], one));
    CHECK_RC(l.stmt, SQLExecDirect(l.stmt, T("select ?::text"), SQL_NTS), SQL_NEED_DATA);
    CHECK_RC(l.stmt, SQLParamData(l.stmt, &got), SQL_NEED_DATA);
    CHECK(got == places[1]);
    CHECK_OK(l.stmt, SQLPutData(l.stmt, (SQLPOINTER)(uintptr_t) "moved", SQL_NTS));
    CHECK_OK(l.stmt, SQLParamData(l.stmt, &got));
    CHECK_TEXT(first(l.stmt), "moved");
    free_stmt(other);
    link_close(&l);
}

/* ---- wrong sequences ----------------------------------------------------------------------------------------------- */

/* Executes and answers the first question; the next SQLPutData is for parameter 1. */
static void begin(SQLHSTMT stmt, SQLSMALLINT c_type)
{
    static SQLLEN length = SQL_DATA_AT_EXEC;
    bind_later(stmt, 1, c_type, c_type == SQL_C_BINARY ? SQL_VARBINARY : c_type == SQL_C_SLONG ? SQL_INTEGER : SQL_VARCHAR, 1, &length);
    CHECK_RC(stmt, SQLExecute(stmt), SQL_NEED_DATA);
    asked(stmt, 1);
}

static void sequences(void)
{
    struct link l = link_open("");
    SQLHSTMT s = l.stmt;
    SQLPOINTER got = NULL;
    SQLINTEGER n = 1;
    SQLSMALLINT count = 0;
    SQLLEN rows = 0;
    SQLPOINTER abc = (SQLPOINTER)(uintptr_t) "abc";

    /* Nobody asked. */
    CHECK_STATE(s, SQLParamData(s, &got), "HY010");
    CHECK_STATE(s, SQLPutData(s, abc, 3), "HY010");
    CHECK_OK(s, SQLPrepare(s, T("select ?"), SQL_NTS));
    CHECK_STATE(s, SQLParamData(s, &got), "HY010");
    CHECK_STATE(s, SQLPutData(s, abc, 3), "HY010");

    /* Data before the question. */
    SQLLEN length = SQL_DATA_AT_EXEC;
    bind_later(s, 1, SQL_C_CHAR, SQL_VARCHAR, 1, &length);
    CHECK_RC(s, SQLExecute(s), SQL_NEED_DATA);
    CHECK_STATE(s, SQLPutData(s, abc, 3), "HY010");

    /* While it waits the statement does nothing else. */
    CHECK_STATE(s, SQLExecute(s), "HY010");
    CHECK_STATE(s, SQLExecDirect(s, T("select 1"), SQL_NTS), "HY010");
    CHECK_STATE(s, SQLPrepare(s, T("select 1"), SQL_NTS), "HY010");
    CHECK_STATE(s, SQLFetch(s), "HY010");
    CHECK_STATE(s, SQLRowCount(s, &rows), "HY010");
    CHECK_STATE(s, SQLNumResultCols(s, &count), "HY010");
    CHECK_STATE(s, SQLNumParams(s, &count), "HY010");
    CHECK_STATE(s, SQLFreeStmt(s, SQL_CLOSE), "HY010");
    CHECK_STATE(s, SQLMoreResults(s), "HY010");
    CHECK_STATE(s, SQLBindParameter(s, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, &n, 0, NULL), "HY010");
    CHECK_STATE(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_COMMIT), "HY010");
    /* Other statements go their way. */
    SQLHSTMT other = new_stmt(l.dbc);
    CHECK_INT(query_int(other, "select 42"), 42);
    free_stmt(other);
    /* And the question is still there. */
    asked(s, 1);
    CHECK_OK(s, SQLPutData(s, abc, 3));
    CHECK_OK(s, SQLParamData(s, &got));
    CHECK_TEXT(first(s), "abc");

    /* Two questions without an answer between them. */
    begin(s, SQL_C_CHAR);
    CHECK_STATE(s, SQLParamData(s, &got), "HY010");
    SQLCancel(s);

    /* A number in two pieces. */
    begin(s, SQL_C_SLONG);
    CHECK_OK(s, SQLPutData(s, &n, 0));
    CHECK_STATE(s, SQLPutData(s, &n, 0), "HY019");
    SQLCancel(s);

    /* NULL beside a piece. */
    begin(s, SQL_C_CHAR);
    CHECK_OK(s, SQLPutData(s, abc, 3));
    CHECK_STATE(s, SQLPutData(s, NULL, SQL_NULL_DATA), "HY011"); /* the driver manager answers this itself */
    SQLCancel(s);
    begin(s, SQL_C_BINARY);
    CHECK_OK(s, SQLPutData(s, NULL, SQL_NULL_DATA));
    CHECK_STATE(s, SQLPutData(s, abc, 3), "HY020");
    SQLCancel(s);

    /* Lengths that are none. */
    begin(s, SQL_C_CHAR);
    CHECK_STATE(s, SQLPutData(s, abc, -77), "HY090");
    SQLCancel(s);
    begin(s, SQL_C_BINARY);
    CHECK_STATE(s, SQLPutData(s, abc, SQL_NTS), "HY090");
    SQLCancel(s);
    begin(s, SQL_C_CHAR);
    CHECK_STATE(s, SQLPutData(s, NULL, 3), "HY009");
    SQLCancel(s);
    begin(s, SQL_C_CHAR);
    CHECK_STATE(s, SQLPutData(s, NULL, SQL_DEFAULT_PARAM), "07S01");
    SQLCancel(s);

    /* After each of them the statement runs as if nothing had happened. */
    begin(s, SQL_C_CHAR);
    CHECK_OK(s, SQLPutData(s, abc, 3));
    CHECK_OK(s, SQLParamData(s, &got));
    CHECK_TEXT(first(s), "abc");
    link_close(&l);
}

static void cancel(void)
{
    struct link l = link_open("");
    SQLHSTMT s = l.stmt;
    SQLPOINTER got = NULL;
    run(s, "create temp table c (a text)");
    CHECK_OK(s, SQLPrepare(s, T("insert into c values (?) returning a"), SQL_NTS));
    SQLLEN length = SQL_DATA_AT_EXEC;
    bind_later(s, 1, SQL_C_CHAR, SQL_VARCHAR, 1, &length);

    /* Before the first question, before the first piece, between pieces. */
    for (int stage = 0; stage < 3; stage++) {
        CHECK_RC(s, SQLExecute(s), SQL_NEED_DATA);
        if (stage > 0) {
            asked(s, 1);
        }
        if (stage > 1) {
            CHECK_OK(s, SQLPutData(s, (SQLPOINTER)(uintptr_t) "lost", 4));
        }
        CHECK_OK(s, SQLCancel(s));
        CHECK_STATE(s, SQLPutData(s, (SQLPOINTER)(uintptr_t) "x", 1), "HY010");
        CHECK_STATE(s, SQLParamData(s, &got), "HY010");
    }
    /* Still prepared, still bound, nothing kept of what was cancelled. */
    CHECK_RC(s, SQLExecute(s), SQL_NEED_DATA);
    asked(s, 1);
    CHECK_OK(s, SQLPutData(s, (SQLPOINTER)(uintptr_t) "kept", 4));
    CHECK_OK(s, SQLParamData(s, &got));
    CHECK_TEXT(first(s), "kept");
    CHECK_INT(query_int(s, "select count(*) from c"), 1);

    /* Executed directly, the statement is as new. */
    CHECK_RC(s, SQLExecDirect(s, T("select ?"), SQL_NTS), SQL_NEED_DATA);
    CHECK_OK(s, SQLCancel(s));
    CHECK_STATE(s, SQLExecute(s), "HY010");
    CHECK_OK(s, SQLFreeStmt(s, SQL_RESET_PARAMS));
    CHECK_INT(query_int(s, "select 42"), 42);

    /* Freeing and disconnecting while it waits. */
    SQLHSTMT waiting = new_stmt(l.dbc);
    bind_later(waiting, 1, SQL_C_CHAR, SQL_VARCHAR, 1, &length);
    CHECK_RC(waiting, SQLExecDirect(waiting, T("select ?"), SQL_NTS), SQL_NEED_DATA);
    asked(waiting, 1);
    CHECK_OK(waiting, SQLPutData(waiting, (SQLPOINTER)(uintptr_t) "x", 1));
    CHECK_STATE(waiting, SQLFreeHandle(SQL_HANDLE_STMT, waiting), "HY010");
    CHECK_OK(waiting, SQLCancel(waiting));
    CHECK_OK(waiting, SQLFreeHandle(SQL_HANDLE_STMT, waiting));
    link_close(&l);
}

/* Values that turn out to be wrong when they are all there. */
static void bad_values(void)
{
    static const struct {
        SQLSMALLINT c_type, sql_type;
        struct piece piece;
        const char *sql, *state;
    } list[] = {
        {SQL_C_CHAR, SQL_INTEGER, {"abc", 3}, "select ?::int", "22018"},
        {SQL_C_CHAR, SQL_INTEGER, {"", 0}, "select ?::int", "22018"},
        {SQL_C_CHAR, SQL_VARCHAR, {"a\0b", 3}, "select ?::text", "22018"},
        {SQL_C_CHAR, SQL_VARCHAR, {"\xff", 1}, "select ?::text", "22018"},
        {SQL_C_WCHAR, SQL_WVARCHAR, {"\x3d\xd8", 2}, "select ?::text", "22018"},
        {SQL_C_WCHAR, SQL_WVARCHAR, {"a", 1}, "select ?::text", "HY090"}, /* half a unit */
        {SQL_C_WCHAR, SQL_WVARCHAR, {"a\0b", 3}, "select ?::text", "HY090"},
        {SQL_C_CHAR, SQL_VARCHAR, {"xyz", 3}, "insert into b values (?)", "22001"},
        {SQL_C_CHAR, SQL_VARCHAR, {"x", 1}, "select * from no_such_table where a = ?", "42S02"},
    };
    struct link l = link_open("");
    SQLHSTMT s = l.stmt;
    SQLPOINTER got = NULL;
    SQLLEN length = SQL_DATA_AT_EXEC;
    run(s, "create temp table b (a varchar(2))");
    for (size_t i = 0; i < COUNT(list); i++) {
        bind_later(s, 1, list[i].c_type, list[i].sql_type, 1, &length);
        CHECK_OK(s, SQLPrepare(s, T(list[i].sql), SQL_NTS));
        CHECK_RC(s, SQLExecute(s), SQL_NEED_DATA);
        asked(s, 1);
        CHECK_OK(s, SQLPutData(s, (SQLPOINTER)(uintptr_t)list[i].piece.data, list[i].piece.length));
        CHECK_STATE(s, SQLParamData(s, &got), list[i].state);
        /* The statement waits no longer. */
        CHECK_STATE(s, SQLParamData(s, &got), "HY010");
    }
    bind_later(s, 1, SQL_C_CHAR, SQL_VARCHAR, 1, &length);
    CHECK_OK(s, SQLPrepare(s, T("insert into b values (?)"), SQL_NTS));
    CHECK_RC(s, SQLExecute(s), SQL_NEED_DATA);
    asked(s, 1);
    CHECK_OK(s, SQLPutData(s, (SQLPOINTER)(uintptr_t) "ok", 2));
    CHECK_OK(s, SQLParamData(s, &got));
    CHECK_OK(s, SQLFreeStmt(s, SQL_RESET_PARAMS));
    CHECK_TEXT(query_text(s, "select a from b"), "ok");

    /* A missing binding is found before anything is asked. */
    bind_later(s, 1, SQL_C_CHAR, SQL_VARCHAR, 1, &length);
    CHECK_STATE(s, SQLExecDirect(s, T("select ?, ?"), SQL_NTS), "07002");
    link_close(&l);
}

int main(void)
{
    static const struct test tests[] = {
        {"values in pieces", pieces},
        {"values of fixed length", fixed},
        {"NULL, and 8 MB", null_and_large},
        {"several parameters, several executions", several},
        {"arrays and bind offsets", arrays},
        {"wrong sequences", sequences},
        {"cancelling", cancel},
        {"values that are wrong", bad_values},
    };
    return run_tests("SQLParamData, SQLPutData", tests, COUNT(tests));
}
