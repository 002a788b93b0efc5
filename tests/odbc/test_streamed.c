/* SPDX-License-Identifier: Apache-2.0 */
/* Streamed output parameters (ODBC 3.8): SQL_PARAM_DATA_AVAILABLE, SQLParamData, SQLGetData. */
#include "direct.h"

#define TOKEN(n) ((SQLPOINTER)(intptr_t)(n))

static const char routines[] =
    "create procedure pg_temp.give(n int, out a text, out b bytea, out c int) language plpgsql as $$ begin "
    "a := repeat('x', n); b := case when n > 0 then '\\x010203'::bytea end; c := n; end $$;"
    "create procedure pg_temp.twice(inout a text) language plpgsql as $$ begin a := a || a; end $$;"
    "create function pg_temp.answer(int) returns text language sql as $$ select 'answer ' || $1 $$;"
    "create procedure pg_temp.fails(out a text) language plpgsql as $$ begin a := 1 / 0; end $$;"
    "create procedure pg_temp.cursors(out a text, out c refcursor) language plpgsql as "
    "$$ begin a := 'text'; open c for select g from generate_series(1, 2) g; end $$";

static struct link open_link(const char *keywords)
{
    struct link l = link_open(keywords);
    run(l.stmt, routines);
    return l;
}

static void stream(SQLHSTMT stmt, SQLUSMALLINT n, SQLSMALLINT c_type, SQLSMALLINT sql_type)
{
    CHECK_OK(stmt, SQLBindParameter(stmt, n, SQL_PARAM_OUTPUT_STREAM, c_type, sql_type, 0, 0, TOKEN(n * 100), 0, NULL));
}

static void bind_int(SQLHSTMT stmt, SQLUSMALLINT n, SQLINTEGER *value)
{
    CHECK_OK(stmt, SQLBindParameter(stmt, n, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, value, 0, NULL));
}

/* SQLParamData tells of that parameter. */
static void next_is(SQLHSTMT stmt, intptr_t token)
{
    SQLPOINTER got = NULL;
    CHECK_RC(stmt, SQLParamData(stmt, &got), SQL_PARAM_DATA_AVAILABLE);
    CHECK_INT((intptr_t)got, token);
}

static const char *text_of(SQLHSTMT stmt, SQLUSMALLINT n)
{
    static char text[64];
    SQLLEN length = -99;
    CHECK_OK(stmt, SQLGetData(stmt, n, SQL_C_CHAR, text, sizeof text, &length));
    if (length == SQL_NULL_DATA) {
        snprintf(text, sizeof text, "NULL");
    }
    return text;
}

/* ---- through the driver manager ------------------------------------------------------------------------------------- */

static void values(void)
{
    struct link l = open_link("");
    SQLHSTMT s = l.stmt;
    SQLINTEGER n = 10;
    SQLINTEGER c = -1;
    SQLPOINTER token = NULL;
    SQLLEN length = 0;
    char piece[5];
    SQLUINTEGER extensions = 0;
    CHECK_OK(l.dbc, SQLGetInfo(l.dbc, SQL_GETDATA_EXTENSIONS, &extensions, sizeof extensions, NULL));
    CHECK((extensions & SQL_GD_OUTPUT_PARAMS) != 0);

    bind_int(s, 1, &n);
    stream(s, 2, SQL_C_CHAR, SQL_LONGVARCHAR);
    stream(s, 3, SQL_C_BINARY, SQL_LONGVARBINARY);
    CHECK_OK(s, SQLBindParameter(s, 4, SQL_PARAM_OUTPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, &c, 0, NULL));
    CHECK_OK(s, SQLPrepare(s, T("{call pg_temp.give(?, ?, ?, ?)}"), SQL_NTS));
    for (int round = 0; round < 2; round++) {
        CHECK_RC(s, SQLExecute(s), SQL_PARAM_DATA_AVAILABLE);
        CHECK_INT(c, 10); /* what is not streamed is there */
        CHECK_STATE(s, SQLGetData(s, 2, SQL_C_CHAR, piece, sizeof piece, &length), "HY010");
        next_is(s, 200);
        CHECK_STATE(s, SQLGetData(s, 3, SQL_C_BINARY, piece, sizeof piece, &length), "07009");
        CHECK_INFO(s, SQLGetData(s, 2, SQL_C_CHAR, piece, sizeof piece, &length), "01004");
        CHECK_TEXT(piece, "xxxx");
        CHECK_INT(length, 10);
        CHECK_INFO(s, SQLGetData(s, 2, SQL_C_CHAR, piece, sizeof piece, &length), "01004");
        CHECK_INT(length, 6);
        CHECK_OK(s, SQLGetData(s, 2, SQL_C_CHAR, piece, sizeof piece, &length));
        CHECK_TEXT(piece, "xx");
        CHECK_INT(length, 2);
        CHECK_RC(s, SQLGetData(s, 2, SQL_C_CHAR, piece, sizeof piece, &length), SQL_NO_DATA);
        next_is(s, 300);
        CHECK_OK(s, SQLGetData(s, 3, SQL_C_BINARY, piece, sizeof piece, &length));
        CHECK_INT(length, 3);
        CHECK(memcmp(piece, "\1\2\3", 3) == 0);
        CHECK_OK(s, SQLParamData(s, &token));
        CHECK_RC(s, SQLMoreResults(s), SQL_NO_DATA);
    }
    /* NULL; another type than bound; the descriptor's type. */
    n = 0;
    CHECK_RC(s, SQLExecute(s), SQL_PARAM_DATA_AVAILABLE);
    next_is(s, 200);
    CHECK_TEXT(text_of(s, 2), "");
    next_is(s, 300);
    CHECK_STATE(s, SQLGetData(s, 3, SQL_C_BINARY, piece, sizeof piece, NULL), "22002");
    CHECK_TEXT(text_of(s, 3), "NULL");
    CHECK_RC(s, SQLGetData(s, 3, SQL_C_CHAR, piece, sizeof piece, &length), SQL_NO_DATA);
    CHECK_OK(s, SQLParamData(s, &token));
    n = 3;
    SQLWCHAR wide_text[8];
    CHECK_RC(s, SQLExecute(s), SQL_PARAM_DATA_AVAILABLE);
    next_is(s, 200);
    CHECK_STATE(s, SQLGetData(s, 2, SQL_C_SLONG, &c, 0, &length), "22018");
    CHECK_OK(s, SQLGetData(s, 2, SQL_C_WCHAR, wide_text, sizeof wide_text, &length));
    CHECK_INT(length, 6);
    CHECK_TEXT(narrow(wide_text), "xxx");
    next_is(s, 300);
    CHECK_TEXT(text_of(s, 3), "010203");
    CHECK_OK(s, SQLGetData(s, 3, SQL_C_DEFAULT, piece, sizeof piece, &length));
    CHECK_INT(length, 3);
    CHECK_STATE(s, SQLGetData(s, 3, 777, piece, sizeof piece, &length), "HY003");
    CHECK_OK(s, SQLParamData(s, &token));

    /* A megabyte in pieces of a kilobyte. */
    n = 1 << 20;
    CHECK_RC(s, SQLExecute(s), SQL_PARAM_DATA_AVAILABLE);
    next_is(s, 200);
    SQLLEN total = 0;
    char kilobyte[1025];
    SQLRETURN rc;
    while (SQL_SUCCEEDED(rc = SQLGetData(s, 2, SQL_C_CHAR, kilobyte, sizeof kilobyte, &length))) {
        total += (SQLLEN)strlen(kilobyte);
        CHECK(strspn(kilobyte, "x") == strlen(kilobyte));
    }
    CHECK_RC(s, rc, SQL_NO_DATA);
    CHECK_INT(total, 1 << 20);
    next_is(s, 300);
    CHECK_STATE(s, SQLParamData(s, &token), "HY010"); /* the driver manager's: there must be a SQLGetData in between */
    CHECK_INFO(s, SQLGetData(s, 3, SQL_C_BINARY, piece, 1, &length), "01004");
    CHECK_OK(s, SQLParamData(s, &token)); /* the rest is passed over */
    link_close(&l);
}

/* Functions, return values, parameters that go in as well. */
static void others(void)
{
    struct link l = open_link("");
    SQLHSTMT s = l.stmt;
    SQLINTEGER n = 7;
    SQLPOINTER token = NULL;
    SQLLEN length = SQL_DATA_AT_EXEC;
    stream(s, 1, SQL_C_CHAR, SQL_VARCHAR);
    bind_int(s, 2, &n);
    CHECK_RC(s, exec_direct(s, "{? = call pg_temp.answer(?)}"), SQL_PARAM_DATA_AVAILABLE);
    next_is(s, 100);
    CHECK_TEXT(text_of(s, 1), "answer 7");
    CHECK_OK(s, SQLParamData(s, &token));
    CHECK_RC(s, SQLMoreResults(s), SQL_NO_DATA);

    CHECK_OK(s, SQLFreeStmt(s, SQL_RESET_PARAMS));
    CHECK_OK(s, SQLBindParameter(s, 1, SQL_PARAM_INPUT_OUTPUT_STREAM, SQL_C_CHAR, SQL_VARCHAR, 0, 0, TOKEN(55), 0, &length));
    CHECK_RC(s, exec_direct(s, "{call pg_temp.twice(?)}"), SQL_NEED_DATA);
    CHECK_RC(s, SQLParamData(s, &token), SQL_NEED_DATA);
    CHECK_INT((intptr_t)token, 55);
    CHECK_OK(s, SQLPutData(s, T("ab"), 2));
    CHECK_OK(s, SQLPutData(s, T("cd"), 2));
    token = NULL;
    CHECK_RC(s, SQLParamData(s, &token), SQL_PARAM_DATA_AVAILABLE);
    CHECK_INT((intptr_t)token, 55); /* already: the driver manager lets nothing but SQLGetData follow */
    CHECK_TEXT(text_of(s, 1), "abcdabcd");
    CHECK_OK(s, SQLParamData(s, &token));
    length = SQL_NULL_DATA;
    CHECK_RC(s, exec_direct(s, "call pg_temp.twice(?)"), SQL_PARAM_DATA_AVAILABLE);
    next_is(s, 55);
    CHECK_TEXT(text_of(s, 1), "NULL");
    CHECK_OK(s, SQLParamData(s, &token));
    /* Its value is a token and no place to read from. */
    length = 4;
    CHECK_STATE(s, exec_direct(s, "{call pg_temp.twice(?)}"), "HY090");

    /* A call that fails has nothing to tell; a statement that is no call has no outputs. */
    CHECK_OK(s, SQLFreeStmt(s, SQL_RESET_PARAMS));
    stream(s, 1, SQL_C_CHAR, SQL_VARCHAR);
    CHECK_STATE(s, exec_direct(s, "{call pg_temp.fails(?)}"), "22012");
    CHECK_TEXT(query_text(s, "select ?::text"), "NULL");
    link_close(&l);
}

/* Result sets come first. */
static void behind_results(void)
{
    struct link l = open_link("FetchRefcursors=1");
    SQLHSTMT s = l.stmt;
    SQLPOINTER token = NULL;
    SQLSMALLINT columns = -1;
    char name[64];
    SQLLEN length = 0;
    stream(s, 1, SQL_C_CHAR, SQL_VARCHAR);
    CHECK_OK(s, SQLBindParameter(s, 2, SQL_PARAM_OUTPUT, SQL_C_CHAR, SQL_VARCHAR, 0, 0, name, sizeof name, &length));
    for (int round = 0; round < 2; round++) {
        CHECK_OK(s, exec_direct(s, "{call pg_temp.cursors(?, ?)}"));
        CHECK_OK(s, SQLFetch(s));
        if (round == 0) {
            CHECK_OK(s, SQLFetch(s));
            CHECK_RC(s, SQLFetch(s), SQL_NO_DATA);
        }
        CHECK_RC(s, SQLMoreResults(s), SQL_PARAM_DATA_AVAILABLE);
        CHECK_STATE(s, SQLNumResultCols(s, &columns), "HY010");
        next_is(s, 100);
        CHECK_TEXT(text_of(s, 1), "text");
        CHECK_OK(s, SQLParamData(s, &token));
        CHECK_RC(s, SQLMoreResults(s), SQL_NO_DATA);
    }
    link_close(&l);
}

/* Ways to leave them unread. */
static void unread(void)
{
    struct link l = open_link("");
    SQLHSTMT s = l.stmt;
    SQLINTEGER n = 3;
    SQLPOINTER token = NULL;
    bind_int(s, 1, &n);
    for (SQLUSMALLINT i = 2; i <= 4; i++) {
        stream(s, i, SQL_C_CHAR, SQL_VARCHAR);
    }
    CHECK_OK(s, SQLPrepare(s, T("{call pg_temp.give(?, ?, ?, ?)}"), SQL_NTS));
    CHECK_RC(s, SQLExecute(s), SQL_PARAM_DATA_AVAILABLE);
    CHECK_STATE(s, SQLExecute(s), "HY010");
    CHECK_STATE(s, SQLFreeStmt(s, SQL_CLOSE), "HY010");
    CHECK_RC(s, SQLMoreResults(s), SQL_NO_DATA);
    CHECK_RC(s, SQLExecute(s), SQL_PARAM_DATA_AVAILABLE);
    next_is(s, 200);
    CHECK_RC(s, SQLMoreResults(s), SQL_NO_DATA);
    CHECK_RC(s, SQLExecute(s), SQL_PARAM_DATA_AVAILABLE);
    next_is(s, 200);
    CHECK_OK(s, SQLCancel(s));
    CHECK_RC(s, SQLExecute(s), SQL_PARAM_DATA_AVAILABLE);
    next_is(s, 200);
    CHECK_TEXT(text_of(s, 2), "xxx");
    next_is(s, 300);
    CHECK_TEXT(text_of(s, 3), "010203");
    next_is(s, 400);
    CHECK_TEXT(text_of(s, 4), "3");
    CHECK_OK(s, SQLParamData(s, &token));
    CHECK_STATE(s, SQLParamData(s, &token), "HY010");
    /* Other statements use the connection meanwhile. */
    SQLHSTMT other = new_stmt(l.dbc);
    CHECK_OK(s, SQLFreeStmt(s, SQL_CLOSE));
    CHECK_RC(s, SQLExecute(s), SQL_PARAM_DATA_AVAILABLE);
    CHECK_INT(query_int(other, "select 5"), 5);
    next_is(s, 200);
    CHECK_INT(query_int(other, "select count(*) from generate_series(1, 100000)"), 100000);
    CHECK_TEXT(text_of(s, 2), "xxx");
    free_stmt(other);
    CHECK_STATE(s, SQLFreeHandle(SQL_HANDLE_STMT, s), "HY010"); /* the driver manager's */
    CHECK_OK(s, SQLCancel(s));
    link_close(&l);
}

/* Sets of parameters: one after another, SQL_ATTR_PARAMS_PROCESSED_PTR says which; tokens are the elements' addresses. */
static void arrays(void)
{
    struct link l = open_link("");
    SQLHSTMT s = l.stmt;
    SQLINTEGER n[3] = {1, 2, 3};
    char places[3][4];
    SQLPOINTER token = NULL;
    SQLULEN processed = 99;
    SQLUSMALLINT operation[3] = {SQL_PARAM_PROCEED, SQL_PARAM_IGNORE, SQL_PARAM_PROCEED};
    CHECK_OK(s, SQLSetStmtAttr(s, SQL_ATTR_PARAMSET_SIZE, (SQLPOINTER)3, 0));
    CHECK_OK(s, SQLSetStmtAttr(s, SQL_ATTR_PARAM_OPERATION_PTR, operation, 0));
    CHECK_OK(s, SQLSetStmtAttr(s, SQL_ATTR_PARAMS_PROCESSED_PTR, &processed, 0));
    CHECK_OK(s, SQLBindParameter(s, 1, SQL_PARAM_OUTPUT_STREAM, SQL_C_CHAR, SQL_VARCHAR, 0, 0, places, sizeof places[0], NULL));
    bind_int(s, 2, n);
    CHECK_RC(s, exec_direct(s, "{? = call pg_temp.answer(?)}"), SQL_PARAM_DATA_AVAILABLE);
    next_is(s, (intptr_t)places[0]);
    CHECK_INT(processed, 1);
    CHECK_TEXT(text_of(s, 1), "answer 1");
    next_is(s, (intptr_t)places[2]);
    CHECK_INT(processed, 3);
    CHECK_TEXT(text_of(s, 1), "answer 3");
    CHECK_OK(s, SQLParamData(s, &token));
    link_close(&l);
}

/* Applications of ODBC 3.0 do not know them. */
static void versions(void)
{
    struct link l = link_new(SQL_OV_ODBC3);
    CHECK_OK(l.dbc, try_connect(l.dbc, connstr(";")));
    l.stmt = new_stmt(l.dbc);
    CHECK_STATE(l.stmt, SQLBindParameter(l.stmt, 1, SQL_PARAM_OUTPUT_STREAM, SQL_C_CHAR, SQL_VARCHAR, 0, 0, TOKEN(1), 0, NULL), "HY105");
    link_close(&l);
}

/* ---- without it ------------------------------------------------------------------------------------------------------ */

static void direct(void)
{
    struct link l = direct_open(SQL_OV_ODBC3_80, true);
    SQLPOINTER token = NULL;
    SQLLEN length = 0;
    char text[32];
    CHECK_INT(DIRECT(SQLExecDirect)(l.stmt, T("create function pg_temp.answer(int) returns text language sql as $$ select 'answer ' || $1 $$"), SQL_NTS), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLBindParameter)(l.stmt, 1, SQL_PARAM_OUTPUT_STREAM, SQL_C_CHAR, SQL_VARCHAR, 0, 0, TOKEN(9), 0, NULL), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLExecDirect)(l.stmt, T("{? = call pg_temp.answer(5)}"), SQL_NTS), SQL_PARAM_DATA_AVAILABLE);
    DIRECT_STATE(SQL_HANDLE_STMT, l.stmt, DIRECT(SQLFetch)(l.stmt), "HY010");
    DIRECT_STATE(SQL_HANDLE_STMT, l.stmt, DIRECT(SQLPutData)(l.stmt, text, 1), "HY010");
    DIRECT_STATE(SQL_HANDLE_STMT, l.stmt, DIRECT(SQLExecDirect)(l.stmt, T("select 1"), SQL_NTS), "HY010");
    DIRECT_STATE(SQL_HANDLE_STMT, l.stmt, DIRECT(SQLGetData)(l.stmt, 1, SQL_C_CHAR, text, sizeof text, &length), "HY010");
    CHECK_INT(DIRECT(SQLParamData)(l.stmt, &token), SQL_PARAM_DATA_AVAILABLE);
    CHECK_INT((intptr_t)token, 9);
    DIRECT_STATE(SQL_HANDLE_STMT, l.stmt, DIRECT(SQLGetData)(l.stmt, 0, SQL_C_CHAR, text, sizeof text, &length), "07009");
    DIRECT_STATE(SQL_HANDLE_STMT, l.stmt, DIRECT(SQLGetData)(l.stmt, 1, SQL_C_CHAR, NULL, 5, &length), "HY009");
    DIRECT_STATE(SQL_HANDLE_STMT, l.stmt, DIRECT(SQLGetData)(l.stmt, 1, SQL_C_CHAR, text, -1, &length), "HY090");
    CHECK_INT(DIRECT(SQLGetData)(l.stmt, 1, -100 /* SQL_APD_TYPE */, text, sizeof text, &length), SQL_SUCCESS);
    CHECK_TEXT(text, "answer 5");
    CHECK_INT(DIRECT(SQLParamData)(l.stmt, NULL), SQL_SUCCESS);
    DIRECT_STATE(SQL_HANDLE_STMT, l.stmt, DIRECT(SQLGetData)(l.stmt, 1, SQL_C_CHAR, text, sizeof text, &length), "24000");
    /* Behind data at execution the first is told at once, and once more if asked for. */
    length = SQL_DATA_AT_EXEC;
    CHECK_INT(DIRECT(SQLBindParameter)(l.stmt, 2, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_INTEGER, 0, 0, TOKEN(8), 0, &length), SQL_SUCCESS);
    for (int twice = 0; twice < 2; twice++) {
        CHECK_INT(DIRECT(SQLExecDirect)(l.stmt, T("{? = call pg_temp.answer(?)}"), SQL_NTS), SQL_NEED_DATA);
        CHECK_INT(DIRECT(SQLParamData)(l.stmt, &token), SQL_NEED_DATA);
        CHECK_INT(DIRECT(SQLPutData)(l.stmt, T("6"), 1), SQL_SUCCESS);
        token = NULL;
        CHECK_INT(DIRECT(SQLParamData)(l.stmt, &token), SQL_PARAM_DATA_AVAILABLE);
        CHECK_INT((intptr_t)token, 9);
        if (twice) {
            CHECK_INT(DIRECT(SQLParamData)(l.stmt, &token), SQL_PARAM_DATA_AVAILABLE);
            CHECK_INT((intptr_t)token, 9);
        }
        CHECK_INT(DIRECT(SQLGetData)(l.stmt, 1, SQL_C_CHAR, text, sizeof text, NULL), SQL_SUCCESS);
        CHECK_TEXT(text, "answer 6");
        CHECK_INT(DIRECT(SQLParamData)(l.stmt, &token), SQL_SUCCESS);
    }
    CHECK_INT(DIRECT(SQLExecDirect)(l.stmt, T("{? = call pg_temp.answer(6)}"), SQL_NTS), SQL_PARAM_DATA_AVAILABLE);
    direct_close(&l); /* unread */
    l = direct_open(SQL_OV_ODBC3, true);
    DIRECT_STATE(SQL_HANDLE_STMT, l.stmt, DIRECT(SQLBindParameter)(l.stmt, 1, SQL_PARAM_OUTPUT_STREAM, SQL_C_CHAR, SQL_VARCHAR, 0, 0, TOKEN(9), 0, NULL), "HY105");
    direct_close(&l);
}

int main(void)
{
    static const struct test tests[] = {
        {"values in pieces", values},
        {"functions, return values, input and output", others},
        {"behind result sets", behind_results},
        {"left unread", unread},
        {"sets of parameters", arrays},
        {"applications of ODBC 3.0", versions},
        {"without the driver manager", direct},
    };
    return run_tests("streamed output parameters", tests, COUNT(tests));
}
