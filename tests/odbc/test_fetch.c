/* SPDX-License-Identifier: Apache-2.0 */
/* SQLFetch, SQLFetchScroll, SQLCloseCursor and SQLFreeStmt(SQL_CLOSE): one row at a time, the end, the states before and after, errors on the way. */
#include "harness.h"

static void rows_in_order(void)
{
    struct link l = link_open("");
    SQLINTEGER n = 0;
    SQLULEN row = 99;
    query(l.stmt, "select generate_series(1, 1000)");
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_SLONG, &n, 0, NULL));
    for (int i = 1; i <= 1000; i++) {
        SQLRETURN rc = SQLFetch(l.stmt);
        if (rc != SQL_SUCCESS || n != i) {
            CHECK_RC(l.stmt, rc, SQL_SUCCESS);
            CHECK_INT(n, i);
            break;
        }
        if (i % 250 == 0) {
            CHECK_OK(l.stmt, SQLGetStmtAttr(l.stmt, SQL_ATTR_ROW_NUMBER, &row, 0, NULL));
            CHECK_INT(row, i);
        }
    }
    n = -1;
    CHECK_RC(l.stmt, SQLFetch(l.stmt), SQL_NO_DATA);
    CHECK_INT(n, -1); /* nothing was touched */
    CHECK_RC(l.stmt, SQLFetch(l.stmt), SQL_NO_DATA);
    CHECK_RC(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_NEXT, 0), SQL_NO_DATA);
    CHECK_OK(l.stmt, SQLCloseCursor(l.stmt));
    link_close(&l);
}

static void empty_result(void)
{
    struct link l = link_open("");
    SQLSMALLINT columns = 0;
    query(l.stmt, "select 1 as a, 2 as b where false");
    CHECK_OK(l.stmt, SQLNumResultCols(l.stmt, &columns));
    CHECK_INT(columns, 2);
    CHECK_RC(l.stmt, SQLFetch(l.stmt), SQL_NO_DATA);
    CHECK_OK(l.stmt, SQLCloseCursor(l.stmt));

    /* RETURNING that touched no row is an empty result, not "no data" of the execution. */
    run(l.stmt, "create temp table t (a int)");
    CHECK_OK(l.stmt, SQLExecDirect(l.stmt, T("update t set a = 1 returning a"), SQL_NTS));
    CHECK_OK(l.stmt, SQLNumResultCols(l.stmt, &columns));
    CHECK_INT(columns, 1);
    CHECK_RC(l.stmt, SQLFetch(l.stmt), SQL_NO_DATA);
    CHECK_OK(l.stmt, SQLCloseCursor(l.stmt));

    /* A result without columns has rows all the same. */
    query(l.stmt, "select from generate_series(1, 2)");
    CHECK_OK(l.stmt, SQLNumResultCols(l.stmt, &columns));
    CHECK_INT(columns, 0);
    link_close(&l);
}

static void without_cursor(void)
{
    struct link l = link_open("");
    CHECK_STATE(l.stmt, SQLFetch(l.stmt), "HY010");
    CHECK_STATE(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_NEXT, 0), "HY010");
    CHECK_STATE(l.stmt, SQLCloseCursor(l.stmt), "24000");
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));

    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("select 1"), SQL_NTS));
    CHECK_STATE(l.stmt, SQLFetch(l.stmt), "HY010");
    CHECK_STATE(l.stmt, SQLCloseCursor(l.stmt), "24000");

    query(l.stmt, "create temp table t (a int)");
    CHECK_STATE(l.stmt, SQLFetch(l.stmt), "24000");
    CHECK_STATE(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_NEXT, 0), "24000");
    CHECK_STATE(l.stmt, SQLCloseCursor(l.stmt), "24000");
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));

    query(l.stmt, "insert into t values (1)");
    CHECK_STATE(l.stmt, SQLFetch(l.stmt), "24000");
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    CHECK_INT(SQLFetch(SQL_NULL_HSTMT), SQL_INVALID_HANDLE);
    link_close(&l);
}

static void orientations(void)
{
    struct link l = link_open("");
    SQLINTEGER n = 0;
    query(l.stmt, "select generate_series(1, 3)");
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_SLONG, &n, 0, NULL));
    CHECK_OK(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_NEXT, 99)); /* the offset means nothing here */
    CHECK_INT(n, 1);
    static const SQLSMALLINT others[] = {SQL_FETCH_FIRST, SQL_FETCH_LAST, SQL_FETCH_PRIOR, SQL_FETCH_ABSOLUTE, SQL_FETCH_RELATIVE, SQL_FETCH_BOOKMARK};
    for (size_t i = 0; i < COUNT(others); i++) {
        CHECK_STATE(l.stmt, SQLFetchScroll(l.stmt, others[i], 1), "HY106");
        CHECK_INT(n, 1);
    }
    CHECK_STATE(l.stmt, SQLFetchScroll(l.stmt, 77, 1), "HY106");
    CHECK_OK(l.stmt, SQLFetch(l.stmt)); /* both read the same cursor */
    CHECK_INT(n, 2);
    CHECK_OK(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_NEXT, 0));
    CHECK_INT(n, 3);
    CHECK_RC(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_NEXT, 0), SQL_NO_DATA);
    link_close(&l);
}

/* With a cursor open nothing else runs on the statement, at its end neither, until it is closed. */
static void cursor_in_the_way(void)
{
    struct link l = link_open("");
    static const char sql[] = "values (1), (2)";
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T(sql), SQL_NTS));
    /* Before the first fetch the driver manager asks the driver, and thinks the cursor closed once it was refused: so one at a time. */
    CHECK_OK(l.stmt, SQLExecute(l.stmt));
    CHECK_STATE(l.stmt, SQLExecute(l.stmt), "24000");
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    CHECK_OK(l.stmt, SQLExecute(l.stmt));
    CHECK_STATE(l.stmt, SQLExecDirect(l.stmt, T("select 2"), SQL_NTS), "24000");
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T(sql), SQL_NTS));
    CHECK_OK(l.stmt, SQLExecute(l.stmt));
    CHECK_STATE(l.stmt, SQLGetTypeInfo(l.stmt, SQL_ALL_TYPES), "24000");
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T(sql), SQL_NTS));
    CHECK_OK(l.stmt, SQLExecute(l.stmt));
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_STATE(l.stmt, SQLExecute(l.stmt), "24000");
    CHECK_STATE(l.stmt, SQLExecDirect(l.stmt, T("select 2"), SQL_NTS), "24000");
    CHECK_STATE(l.stmt, SQLPrepare(l.stmt, T("select 2"), SQL_NTS), "24000");
    CHECK_STATE(l.stmt, SQLGetTypeInfo(l.stmt, SQL_ALL_TYPES), "24000");
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_RC(l.stmt, SQLFetch(l.stmt), SQL_NO_DATA);
    CHECK_STATE(l.stmt, SQLPrepare(l.stmt, T("select 2"), SQL_NTS), "24000");
    CHECK_OK(l.stmt, SQLCloseCursor(l.stmt));
    CHECK_OK(l.stmt, SQLExecute(l.stmt)); /* the preparation outlived it */
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    CHECK_STATE(l.stmt, SQLCloseCursor(l.stmt), "24000");
    link_close(&l);
}

/* Closing in the middle leaves the connection free, and the bindings in place. */
static void closed_in_the_middle(void)
{
    struct link l = link_open("");
    SQLINTEGER n = 0;
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_SLONG, &n, 0, NULL));
    for (int i = 0; i < 3; i++) {
        query(l.stmt, "select i from generate_series(7, 2000000) i");
        CHECK_OK(l.stmt, SQLFetch(l.stmt));
        CHECK_INT(n, 7);
        CHECK_OK(l.stmt, SQLCloseCursor(l.stmt));
    }
    query(l.stmt, "select 8");
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_INT(n, 8);
    link_close(&l);
}

/* The server fails behind rows that it has sent: the rows come, then the error, then nothing. */
static void error_behind_rows(void)
{
    struct link l = link_open("");
    SQLINTEGER n = 0;
    int rows = 0;
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_SLONG, &n, 0, NULL));
    SQLRETURN rc = SQLExecDirect(l.stmt, T("select 10 / (20000 - i) from generate_series(1, 40000) i"), SQL_NTS);
    CHECK_RC(l.stmt, rc, SQL_SUCCESS);
    while ((rc = SQLFetch(l.stmt)) == SQL_SUCCESS) {
        rows++;
    }
    CHECK_INT(rows, 19999);
    CHECK_INT(rc, SQL_ERROR);
    CHECK_TEXT(diag_state(l.stmt, 1), "22012");
    CHECK_CONTAINS(diag_message(l.stmt, 1), "division by zero");
    CHECK_RC(l.stmt, SQLFetch(l.stmt), SQL_NO_DATA);
    CHECK_OK(l.stmt, SQLCloseCursor(l.stmt));
    CHECK_INT(query_int(l.stmt, "select 1"), 1);

    /* At once: the execution says so. */
    CHECK_STATE(l.stmt, SQLExecDirect(l.stmt, T("select 10 / (1 - i) from generate_series(1, 10) i"), SQL_NTS), "22012");
    CHECK_STATE(l.stmt, SQLFetch(l.stmt), "HY010");
    link_close(&l);
}

/* One bad value is one failed fetch: the cursor goes on behind it. */
static void bad_value(void)
{
    struct link l = link_open("");
    SQLINTEGER n = 0;
    SQLLEN length = 0;
    query(l.stmt, "values ('1'), ('two'), ('3')");
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_SLONG, &n, 0, &length));
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_INT(n, 1);
    CHECK_STATE(l.stmt, SQLFetch(l.stmt), "22018");
    char text[8];
    CHECK_OK(l.stmt, SQLGetData(l.stmt, 1, SQL_C_CHAR, text, sizeof text, &length)); /* positioned on the row nevertheless */
    CHECK_TEXT(text, "two");
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_INT(n, 3);
    CHECK_RC(l.stmt, SQLFetch(l.stmt), SQL_NO_DATA);
    link_close(&l);
}

static void max_rows(void)
{
    struct link l = link_open("");
    SQLULEN limit = 0;
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_MAX_ROWS, (SQLPOINTER)3, 0));
    CHECK_OK(l.stmt, SQLGetStmtAttr(l.stmt, SQL_ATTR_MAX_ROWS, &limit, 0, NULL));
    CHECK_INT(limit, 3);
    query(l.stmt, "select generate_series(1, 2000000)");
    for (int i = 0; i < 3; i++) {
        CHECK_OK(l.stmt, SQLFetch(l.stmt));
    }
    CHECK_RC(l.stmt, SQLFetch(l.stmt), SQL_NO_DATA);
    CHECK_OK(l.stmt, SQLCloseCursor(l.stmt));
    query(l.stmt, "select generate_series(1, 2)");
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_RC(l.stmt, SQLFetch(l.stmt), SQL_NO_DATA);
    CHECK_OK(l.stmt, SQLCloseCursor(l.stmt));
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_MAX_ROWS, (SQLPOINTER)0, 0));
    query(l.stmt, "select generate_series(1, 5)");
    int rows = 0;
    while (SQLFetch(l.stmt) == SQL_SUCCESS) {
        rows++;
    }
    CHECK_INT(rows, 5);
    link_close(&l);
}

/* Rows pass by without being delivered. */
static void retrieve_data_off(void)
{
    struct link l = link_open("");
    SQLINTEGER n = -1;
    query(l.stmt, "select generate_series(1, 3)");
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_SLONG, &n, 0, NULL));
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_RETRIEVE_DATA, (SQLPOINTER)SQL_RD_OFF, 0));
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_INT(n, -1);
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_RETRIEVE_DATA, (SQLPOINTER)SQL_RD_ON, 0));
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_INT(n, 2);
    link_close(&l);
}

/* Several cursors of one connection, row by row in turn. */
static void many_cursors(void)
{
    enum { CURSORS = 5, ROWS = 3000 };
    struct link l = link_open("");
    SQLHSTMT stmts[CURSORS];
    SQLINTEGER n[CURSORS];
    bool right = true;
    for (int i = 0; i < CURSORS; i++) {
        char sql[128];
        stmts[i] = new_stmt(l.dbc);
        snprintf(sql, sizeof sql, "select g * %d, repeat('x', 100) from generate_series(1, %d) g", i + 1, ROWS);
        query(stmts[i], sql);
        CHECK_OK(stmts[i], SQLBindCol(stmts[i], 1, SQL_C_SLONG, &n[i], 0, NULL));
    }
    for (int row = 1; row <= ROWS && right; row++) {
        for (int i = 0; i < CURSORS; i++) {
            right = right && SQLFetch(stmts[i]) == SQL_SUCCESS && n[i] == row * (i + 1);
        }
    }
    CHECK(right);
    for (int i = 0; i < CURSORS; i++) {
        CHECK_RC(stmts[i], SQLFetch(stmts[i]), SQL_NO_DATA);
        free_stmt(stmts[i]);
    }
    link_close(&l);
}

int main(void)
{
    static const struct test tests[] = {
        {"rows in order", rows_in_order},
        {"empty results", empty_result},
        {"without a cursor", without_cursor},
        {"orientations", orientations},
        {"a cursor in the way", cursor_in_the_way},
        {"closed in the middle", closed_in_the_middle},
        {"an error behind rows", error_behind_rows},
        {"a bad value", bad_value},
        {"SQL_ATTR_MAX_ROWS", max_rows},
        {"SQL_ATTR_RETRIEVE_DATA", retrieve_data_off},
        {"many cursors", many_cursors},
    };
    return run_tests("SQLFetch", tests, COUNT(tests));
}
