/* SPDX-License-Identifier: Apache-2.0 */
/* SQLFetchScroll on static cursors: every orientation, by ODBC's table of positions; bookmarks; results larger than memory; what others do meanwhile. */
#include "rows.h"

enum { MAX_ROWSET = 8 };

static SQLINTEGER n[MAX_ROWSET];
static SQLUSMALLINT status[MAX_ROWSET];
static SQLULEN fetched;

static void set(SQLHSTMT stmt, SQLINTEGER attribute, SQLULEN value)
{
    CHECK_OK(stmt, SQLSetStmtAttr(stmt, attribute, (SQLPOINTER)value, 0));
}

static void be_static(SQLHSTMT stmt, SQLULEN rowset)
{
    set(stmt, SQL_ATTR_CURSOR_TYPE, SQL_CURSOR_STATIC);
    set(stmt, SQL_ATTR_ROW_ARRAY_SIZE, rowset);
    set(stmt, SQL_ATTR_ROW_STATUS_PTR, (SQLULEN)(uintptr_t)status);
    set(stmt, SQL_ATTR_ROWS_FETCHED_PTR, (SQLULEN)(uintptr_t)&fetched);
    CHECK_OK(stmt, SQLBindCol(stmt, 1, SQL_C_SLONG, n, 0, NULL));
}

static void numbers(SQLHSTMT stmt, int rows)
{
    char sql[96];
    snprintf(sql, sizeof sql, "select g, repeat('t', g %% 5) from (select generate_series(1, %d) g) q", rows);
    query(stmt, sql);
}

/* ---- positions ------------------------------------------------------------------------------------------------------ */

/* A letter a move, as in ODBC's table: N F L P, A and R with a number; and the rows that it shows: "first-last", "-" for none, "!" in front for 01S06. */
static void walk(SQLHSTMT stmt, int rows, SQLULEN rowset, const char *moves)
{
    char line[512];
    snprintf(line, sizeof line, "%s", moves);
    set(stmt, SQL_ATTR_ROW_ARRAY_SIZE, rowset);
    numbers(stmt, rows);
    for (char *save = NULL, *move = strtok_r(line, " ", &save); move; move = strtok_r(NULL, " ", &save)) {
        char what[600];
        SQLSMALLINT orientation = move[0] == 'N' ? SQL_FETCH_NEXT : move[0] == 'F' ? SQL_FETCH_FIRST : move[0] == 'L' ? SQL_FETCH_LAST :
                                  move[0] == 'P' ? SQL_FETCH_PRIOR : move[0] == 'A' ? SQL_FETCH_ABSOLUTE : SQL_FETCH_RELATIVE;
        const char *wanted = strchr(move, '=') + 1;
        bool cut = wanted[0] == '!';
        int first = 0, last = -1;
        if (wanted[cut] != '-') {
            CHECK_INT(sscanf(wanted + cut, "%d-%d", &first, &last), 2);
        }
        snprintf(what, sizeof what, "%d rows by %d, at %s in: %s", rows, (int)rowset, move, moves);
        memset(n, 0, sizeof n);
        fetched = 99;
        SQLRETURN rc = SQLFetchScroll(stmt, orientation, strtol(move + 1, NULL, 10));
        if (cut) {
            check_state(stmt, rc, SQL_SUCCESS_WITH_INFO, "01S06", what, __FILE__, __LINE__);
        } else {
            check_rc(stmt, rc, first ? SQL_SUCCESS : SQL_NO_DATA, what, __FILE__, __LINE__);
        }
        check_int((int64_t)fetched, last - first + 1, what, __FILE__, __LINE__);
        for (int i = 0; i < (int)rowset; i++) {
            bool there = first && first + i <= last;
            check_int(n[i], there ? first + i : 0, what, __FILE__, __LINE__);
            check_int(status[i], there ? SQL_ROW_SUCCESS : SQL_ROW_NOROW, what, __FILE__, __LINE__);
        }
        if (first) {
            SQLULEN number = 0;
            CHECK_OK(stmt, SQLGetStmtAttr(stmt, SQL_ATTR_ROW_NUMBER, &number, 0, NULL));
            check_int((int64_t)number, first, what, __FILE__, __LINE__);
        }
    }
    CHECK_OK(stmt, SQLFreeStmt(stmt, SQL_CLOSE));
}

static void positions(void)
{
    struct link l = link_open("");
    be_static(l.stmt, 1);
    /* NEXT, PRIOR, and both ends. */
    walk(l.stmt, 7, 3, "N=1-3 N=4-6 N=7-7 N=- N=- P=5-7 P=2-4 P=!1-3 P=- P=- N=1-3 P=- N=1-3");
    walk(l.stmt, 6, 3, "N=1-3 N=4-6 N=- P=4-6 P=1-3 P=- N=1-3");
    walk(l.stmt, 2, 3, "N=1-2 N=- P=!1-2 P=- N=1-2");
    walk(l.stmt, 3, 1, "P=- N=1-1 N=2-2 P=1-1 N=2-2 N=3-3 N=- P=3-3");
    /* FIRST and LAST, from anywhere. */
    walk(l.stmt, 7, 3, "L=5-7 N=- L=5-7 F=1-3 P=- F=1-3 N=4-6 F=1-3 L=5-7 P=2-4 P=!1-3");
    walk(l.stmt, 2, 3, "L=1-2 F=1-2 N=- F=1-2 L=1-2 P=-");
    walk(l.stmt, 0, 3, "F=- L=- N=- P=- A1=- A-1=- R1=- R-1=- R0=-");
    /* ABSOLUTE. */
    walk(l.stmt, 7, 3, "A1=1-3 A5=5-7 A6=6-7 A7=7-7 A8=- A0=- A-1=7-7 A-3=5-7 A-7=1-3 A-8=- N=1-3 A-100=- A100=- A2=2-4 N=5-7");
    walk(l.stmt, 2, 3, "A-2=1-2 A-3=!1-2 A-4=- A3=- P=!1-2");
    /* RELATIVE. */
    walk(l.stmt, 9, 3, "R1=1-3 R1=2-4 R3=5-7 R0=5-7 R-2=3-5 R-1=2-4 R-2=!1-3 R-1=- R0=- R-5=- R4=4-6 R-4=- N=1-3 R8=9-9 R1=- R0=- R5=- R-2=8-9 R-7=1-3");
    walk(l.stmt, 9, 3, "A3=3-5 R-3=!1-3 A3=3-5 R-4=- A9=9-9 R9223372036854775807=- A2=2-4 R-9223372036854775807=-");
    /* The rowset's size may change between: NEXT goes on behind the rows of the one before, PRIOR goes by the new one. */
    numbers(l.stmt, 9);
    set(l.stmt, SQL_ATTR_ROW_ARRAY_SIZE, 4);
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    set(l.stmt, SQL_ATTR_ROW_ARRAY_SIZE, 2);
    CHECK_OK(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_NEXT, 0));
    CHECK_INT(n[0], 5);
    set(l.stmt, SQL_ATTR_ROW_ARRAY_SIZE, 3);
    CHECK_OK(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_PRIOR, 0));
    CHECK_INT(n[0], 2);
    CHECK_STATE(l.stmt, SQLFetchScroll(l.stmt, 77, 0), "HY106");
    CHECK_STATE(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_BOOKMARK, 0), "HY106"); /* they are off */
    link_close(&l);
}

/* ---- what is in the rowset ------------------------------------------------------------------------------------------ */

static void values(void)
{
    struct link l = link_open("");
    char text[8];
    SQLLEN length = 0;
    be_static(l.stmt, 3);
    numbers(l.stmt, 10);
    CHECK_OK(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_LAST, 0));
    for (SQLSETPOSIROW row = 3; row >= 1; row--) { /* SQLGetData, of any row of it */
        CHECK_OK(l.stmt, SQLSetPos(l.stmt, row, SQL_POSITION, SQL_LOCK_NO_CHANGE));
        CHECK_OK(l.stmt, SQLGetData(l.stmt, 2, SQL_C_CHAR, text, sizeof text, &length));
        CHECK_INT(length, (7 + (SQLLEN)row) % 5);
        SQLULEN number = 0;
        CHECK_OK(l.stmt, SQLGetStmtAttr(l.stmt, SQL_ATTR_ROW_NUMBER, &number, 0, NULL));
        CHECK_INT(number, 7 + row);
    }
    /* In parts, begun anew when the cursor comes back to the row. */
    CHECK_OK(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_ABSOLUTE, 9));
    CHECK_INFO(l.stmt, SQLGetData(l.stmt, 2, SQL_C_CHAR, text, 3, &length), "01004");
    CHECK_INT(length, 4);
    CHECK_OK(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_RELATIVE, 0));
    CHECK_OK(l.stmt, SQLGetData(l.stmt, 2, SQL_C_CHAR, text, sizeof text, &length));
    CHECK_INT(length, 4);
    /* SQL_REFRESH reads the rowset again into what is bound now; SQL_RD_OFF moves only. */
    set(l.stmt, SQL_ATTR_RETRIEVE_DATA, SQL_RD_OFF);
    memset(n, 0, sizeof n);
    CHECK_OK(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_FIRST, 0));
    CHECK_INT(n[0], 0);
    CHECK_OK(l.stmt, SQLSetPos(l.stmt, 2, SQL_REFRESH, SQL_LOCK_NO_CHANGE));
    CHECK_INT(n[0], 0);
    CHECK_INT(n[1], 2);
    CHECK_OK(l.stmt, SQLSetPos(l.stmt, 0, SQL_REFRESH, SQL_LOCK_NO_CHANGE));
    CHECK_INT(n[0], 1);
    CHECK_INT(n[2], 3);
    SQLUSMALLINT operation[3] = {SQL_ROW_PROCEED, SQL_ROW_IGNORE, SQL_ROW_PROCEED};
    set(l.stmt, SQL_ATTR_ROW_OPERATION_PTR, (SQLULEN)(uintptr_t)operation);
    memset(n, 0, sizeof n);
    CHECK_OK(l.stmt, SQLSetPos(l.stmt, 0, SQL_REFRESH, SQL_LOCK_NO_CHANGE));
    CHECK(n[0] == 1 && n[1] == 0 && n[2] == 3);
    CHECK_STATE(l.stmt, SQLSetPos(l.stmt, 4, SQL_REFRESH, SQL_LOCK_NO_CHANGE), "HY107");
    CHECK_STATE(l.stmt, SQLSetPos(l.stmt, 1, SQL_REFRESH, SQL_LOCK_EXCLUSIVE), "HYC00");
    link_close(&l);
}

/* A row that cannot be converted costs itself, each time that it is shown. */
static void bad_rows(void)
{
    struct link l = link_open("");
    be_static(l.stmt, 3);
    query(l.stmt, "select case g when 2 then 'x' else g::text end from generate_series(1, 5) g");
    for (int round = 0; round < 2; round++) {
        CHECK_INFO(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_FIRST, 0), "22018");
        CHECK(status[0] == SQL_ROW_SUCCESS && status[1] == SQL_ROW_ERROR && status[2] == SQL_ROW_SUCCESS);
        CHECK(n[0] == 1 && n[2] == 3);
        CHECK_STATE(l.stmt, SQLSetPos(l.stmt, 2, SQL_REFRESH, SQL_LOCK_NO_CHANGE), "22018");
        CHECK_INT(status[1], SQL_ROW_ERROR);
        CHECK_OK(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_LAST, 0));
    }
    link_close(&l);
}

/* ---- the server's side ---------------------------------------------------------------------------------------------- */

/* A static cursor shows what was there when it was opened. */
static void snapshot(void)
{
    struct link l = link_open("");
    SQLHSTMT other = new_stmt(l.dbc);
    run(other, "create temp table snap as select g from generate_series(1, 5) g");
    be_static(l.stmt, 3);
    query(l.stmt, "select g from snap order by g");
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    run(other, "update snap set g = g + 100");
    run(other, "delete from snap where g > 103");
    CHECK_OK(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_LAST, 0));
    CHECK(n[0] == 3 && n[2] == 5);
    CHECK_OK(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_FIRST, 0));
    CHECK(n[0] == 1 && n[2] == 3);
    link_close(&l);
}

/* Rows come as they are asked for: the first rowset of a result without end is there at once, and closing it costs nothing. */
static void first_rows_first(void)
{
    struct link l = link_open("");
    be_static(l.stmt, 3);
    double start = seconds_now();
    numbers(l.stmt, 1000000000);
    CHECK_OK(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_ABSOLUTE, 1000));
    CHECK_INT(n[0], 1000);
    CHECK_OK(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_PRIOR, 0));
    CHECK_INT(n[0], 997);
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    CHECK(seconds_now() - start < 20);
    /* Who waits for the last row does not wait longer than he said. */
    CHECK_OK(l.dbc, SQLSetConnectAttr(l.dbc, SQL_ATTR_CONNECTION_TIMEOUT, (SQLPOINTER)1, 0));
    query(l.stmt, "select g, pg_sleep(g / 5000 * 60)::text from generate_series(1, 6000) g");
    CHECK_OK(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_FIRST, 0));
    start = seconds_now();
    CHECK_STATE(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_LAST, 0), "HYT01");
    CHECK(seconds_now() - start < 20);
    link_close(&l);
}

/* More rows than memory is to hold: the file behind it is read in any order. */
static void larger_than_memory(void)
{
    enum { ROWS = 60000 };
    struct link l = link_open("MaxBufferMemory=1");
    char text[128];
    char wanted[128];
    uint32_t seed = 42;
    be_static(l.stmt, 1);
    SQLLEN length = 0;
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 2, SQL_C_CHAR, text, sizeof text, &length));
    query(l.stmt, "select g, case g % 7 when 0 then null else repeat(chr(97 + g % 26), g % 100) end from generate_series(1, 60000) g");
    CHECK_OK(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_LAST, 0));
    CHECK_INT(n[0], ROWS);
    for (int i = 0; i < 2000; i++) {
        seed = seed * 1664525u + 1013904223u;
        int row = i % 3 ? (int)(seed % ROWS) + 1 : i % ROWS + 1;
        text[0] = '\0';
        CHECK_OK(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_ABSOLUTE, i % 2 ? row : row - ROWS - 1));
        CHECK_INT(n[0], row);
        CHECK_INT(length, row % 7 ? row % 100 : SQL_NULL_DATA);
        memset(wanted, 'a' + row % 26, (size_t)row % 100);
        wanted[row % 100] = '\0';
        CHECK_TEXT(text, row % 7 ? wanted : "");
    }
    /* Backwards through all of it. */
    CHECK_OK(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_LAST, 0));
    for (int row = ROWS; row > ROWS - 3000; row--) {
        CHECK_INT(n[0], row);
        CHECK_OK(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_PRIOR, 0));
    }
    link_close(&l);
    /* There is an end to what may be kept: it is told, and what is kept stays. */
    l = link_open("MaxBufferMemory=1;MaxSpoolSize=2");
    be_static(l.stmt, 1);
    query(l.stmt, "select g, repeat('x', 1000) from generate_series(1, 10000) g");
    CHECK_OK(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_ABSOLUTE, 1000));
    CHECK_STATE(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_LAST, 0), "HY000");
    CHECK_CONTAINS(diag_message(l.stmt, 1), "MaxSpoolSize");
    CHECK_OK(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_RELATIVE, 1));
    CHECK_INT(n[0], 1001);
    CHECK_OK(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_FIRST, 0));
    CHECK_INT(n[0], 1);
    link_close(&l);
}

/* The statement fails behind its first rows: they stay, and nobody is told that they are all. */
static void fails_behind(void)
{
    struct link l = link_open("");
    be_static(l.stmt, 3);
    query(l.stmt, "select g + 0 / (5000 - g) from generate_series(1, 9000) g");
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_STATE(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_LAST, 0), "22012");
    CHECK_OK(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_ABSOLUTE, 10));
    CHECK_INT(n[0], 10);
    CHECK_STATE(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_LAST, 0), "HY000");
    CHECK_CONTAINS(diag_message(l.stmt, 1), "broke off behind row 4999");
    CHECK_STATE(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_ABSOLUTE, 5000), "HY000");
    /* With rows of the rowset before it, the error waits for the next call, whatever that asks for. */
    CHECK_OK(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_ABSOLUTE, 4998));
    CHECK_INT(fetched, 2);
    CHECK_STATE(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_PRIOR, 0), "HY000");
    CHECK_OK(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_PRIOR, 0));
    CHECK_INT(n[0], 4995);
    link_close(&l);
}

/* Other statements, COMMIT and ROLLBACK beside an open static cursor. */
static void beside_others(void)
{
    struct link l = link_open("");
    SQLHSTMT other = new_stmt(l.dbc);
    be_static(l.stmt, 3);
    set_autocommit(l.dbc, false);
    numbers(l.stmt, 50000);
    CHECK_OK(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_ABSOLUTE, 100));
    CHECK_INT(query_int(other, "select 42"), 42);
    CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_COMMIT));
    CHECK_OK(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_LAST, 0));
    CHECK_INT(n[2], 50000);
    CHECK_OK(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_ABSOLUTE, 5));
    CHECK_INT(n[0], 5);
    CHECK_INT(query_int(other, "select 43"), 43);
    CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_ROLLBACK));
    CHECK_INT(SQLFetchScroll(l.stmt, SQL_FETCH_FIRST, 0), SQL_ERROR); /* SQL_CB_CLOSE */
    link_close(&l);
}

/* What the driver's own results are, and those of several statements. */
static void other_results(void)
{
    struct link l = link_open("");
    char name[64];
    be_static(l.stmt, 1);
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_UNBIND));
    CHECK_OK(l.stmt, SQLTables(l.stmt, NULL, 0, T("pg_catalog"), SQL_NTS, T("pg\\_cl%"), SQL_NTS, NULL, 0));
    CHECK_OK(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_LAST, 0));
    CHECK_OK(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_FIRST, 0));
    CHECK_OK(l.stmt, SQLGetData(l.stmt, 3, SQL_C_CHAR, name, sizeof name, NULL));
    CHECK_TEXT(name, "pg_class");
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    CHECK_OK(l.stmt, SQLGetTypeInfo(l.stmt, SQL_INTEGER)); /* made by the driver */
    CHECK_OK(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_LAST, 0));
    CHECK_RC(l.stmt, SQLFetch(l.stmt), SQL_NO_DATA);
    CHECK_OK(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_PRIOR, 0));
    CHECK_OK(l.stmt, SQLGetData(l.stmt, 1, SQL_C_CHAR, name, sizeof name, NULL));
    CHECK(name[0] != '\0');
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    be_static(l.stmt, 2);
    query(l.stmt, "select g from generate_series(1, 5) g; select g * 10 from generate_series(1, 5) g");
    CHECK_OK(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_LAST, 0));
    CHECK_INT(n[1], 5);
    CHECK_OK(l.stmt, SQLMoreResults(l.stmt));
    CHECK_OK(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_LAST, 0));
    CHECK_INT(n[1], 50);
    CHECK_OK(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_PRIOR, 0));
    CHECK_INT(n[0], 20);
    CHECK_RC(l.stmt, SQLMoreResults(l.stmt), SQL_NO_DATA);
    /* SQL_ATTR_MAX_ROWS is where the result ends. */
    set(l.stmt, SQL_ATTR_MAX_ROWS, 4);
    numbers(l.stmt, 100);
    CHECK_OK(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_LAST, 0));
    CHECK(n[0] == 3 && n[1] == 4);
    link_close(&l);
}

/* ---- bookmarks ------------------------------------------------------------------------------------------------------ */

static void bookmarks(void)
{
    struct link l = link_open("");
    char mark[3][8];
    SQLLEN length[3];
    char saved[8], name[8] = "x";
    SQLLEN number = 0;
    SQLSMALLINT type = 0, digits = 0, nullable = 9, name_length = 9;
    SQLULEN size = 0;
    set(l.stmt, SQL_ATTR_USE_BOOKMARKS, SQL_UB_VARIABLE);
    be_static(l.stmt, 3);
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 0, SQL_C_VARBOOKMARK, mark, sizeof mark[0], length));
    numbers(l.stmt, 10);
    CHECK_OK(l.stmt, SQLDescribeCol(l.stmt, 0, T(name), sizeof name, &name_length, &type, &size, &digits, &nullable));
    CHECK(name_length == 0 && type == SQL_BINARY && size == sizeof saved && nullable == SQL_NO_NULLS);
    CHECK_OK(l.stmt, SQLColAttribute(l.stmt, 0, SQL_DESC_OCTET_LENGTH, NULL, 0, NULL, &number));
    CHECK_INT(number, sizeof saved);
    CHECK_OK(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_ABSOLUTE, 4));
    CHECK_INT(length[1], sizeof saved);
    memcpy(saved, mark[1], sizeof saved); /* of row 5 */
    char again[8];
    CHECK_OK(l.stmt, SQLSetPos(l.stmt, 2, SQL_POSITION, SQL_LOCK_NO_CHANGE));
    CHECK_OK(l.stmt, SQLGetData(l.stmt, 0, SQL_C_VARBOOKMARK, again, sizeof again, &number));
    CHECK(number == sizeof again && memcmp(again, saved, sizeof again) == 0);
    set(l.stmt, SQL_ATTR_FETCH_BOOKMARK_PTR, (SQLULEN)(uintptr_t)saved);
    CHECK_OK(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_LAST, 0));
    CHECK_OK(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_BOOKMARK, 0));
    CHECK_INT(n[0], 5);
    CHECK_OK(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_BOOKMARK, -3));
    CHECK_INT(n[0], 2);
    CHECK_OK(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_BOOKMARK, 4));
    CHECK_INT(n[0], 9);
    CHECK_INT(fetched, 2);
    CHECK_RC(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_BOOKMARK, -5), SQL_NO_DATA);
    CHECK_OK(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_NEXT, 0)); /* it went before the first row */
    CHECK_INT(n[0], 1);
    CHECK_RC(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_BOOKMARK, 6), SQL_NO_DATA);
    CHECK_OK(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_PRIOR, 0));
    CHECK_INT(n[0], 8);
    memset(saved, 0xff, sizeof saved);
    CHECK_STATE(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_BOOKMARK, 0), "HY111");
    memset(saved, 0, sizeof saved);
    CHECK_STATE(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_BOOKMARK, 0), "HY111");
    saved[0] = 11;
    CHECK_STATE(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_BOOKMARK, 0), "HY111");
    set(l.stmt, SQL_ATTR_FETCH_BOOKMARK_PTR, 0);
    CHECK_STATE(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_BOOKMARK, 0), "HY111");
    /* Half a bookmark is none; other C types have no meaning. */
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 0, SQL_C_VARBOOKMARK, mark, 4, length));
    CHECK_STATE(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_FIRST, 0), "22001");
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 0, SQL_C_CHAR, mark, 8, length));
    CHECK_STATE(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_FIRST, 0), "07006");
    /* Bookmarks off: column 0 does not exist. */
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    set(l.stmt, SQL_ATTR_USE_BOOKMARKS, SQL_UB_OFF);
    numbers(l.stmt, 10);
    CHECK_STATE(l.stmt, SQLFetch(l.stmt), "07009");
    CHECK_STATE(l.stmt, SQLDescribeCol(l.stmt, 0, NULL, 0, NULL, NULL, NULL, NULL, NULL), "07009");
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_UNBIND)); /* the bookmark stays bound */
    CHECK_STATE(l.stmt, SQLFetch(l.stmt), "07009");
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 0, SQL_C_VARBOOKMARK, NULL, 0, NULL));
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_STATE(l.stmt, SQLGetData(l.stmt, 0, SQL_C_VARBOOKMARK, again, sizeof again, &number), "07009");
    link_close(&l);
}

/* ODBC 2: bookmarks are integers, and the offset of SQLExtendedFetch is one. */
static void extended_fetch(void)
{
    struct link l = link_new(SQL_OV_ODBC2);
    SQLUSMALLINT row_status[3];
    SQLULEN rows = 0;
    SQLULEN bookmark = 0;
    CHECK_OK(l.dbc, try_connect(l.dbc, connstr(";")));
    l.stmt = new_stmt(l.dbc);
    set(l.stmt, SQL_USE_BOOKMARKS, SQL_UB_ON);
    set(l.stmt, SQL_CURSOR_TYPE, SQL_CURSOR_STATIC);
    set(l.stmt, SQL_ROWSET_SIZE, 3);
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_SLONG, n, 0, NULL));
    numbers(l.stmt, 10);
    CHECK_OK(l.stmt, SQLExtendedFetch(l.stmt, SQL_FETCH_LAST, 0, &rows, row_status));
    CHECK(rows == 3 && n[0] == 8 && row_status[2] == SQL_ROW_SUCCESS);
    CHECK_OK(l.stmt, SQLGetStmtAttr(l.stmt, SQL_GET_BOOKMARK, &bookmark, 0, NULL));
    CHECK_OK(l.stmt, SQLExtendedFetch(l.stmt, SQL_FETCH_PRIOR, 0, &rows, row_status));
    CHECK_INT(n[0], 5);
    CHECK_OK(l.stmt, SQLExtendedFetch(l.stmt, SQL_FETCH_BOOKMARK, (SQLLEN)bookmark, &rows, row_status));
    CHECK_INT(n[0], 8);
    CHECK_RC(l.stmt, SQLExtendedFetch(l.stmt, SQL_FETCH_NEXT, 0, &rows, row_status), SQL_NO_DATA);
    CHECK_INT(rows, 0);
    CHECK_OK(l.stmt, SQLExtendedFetch(l.stmt, SQL_FETCH_ABSOLUTE, -2, &rows, row_status));
    CHECK(rows == 2 && n[0] == 9 && row_status[2] == SQL_ROW_NOROW);
    link_close(&l);
}

int main(void)
{
    static const struct test tests[] = {
        {"positions", positions},
        {"values of a rowset", values},
        {"bad rows", bad_rows},
        {"a snapshot", snapshot},
        {"first rows first", first_rows_first},
        {"larger than memory", larger_than_memory},
        {"a statement that fails behind its rows", fails_behind},
        {"beside others", beside_others},
        {"other results", other_results},
        {"bookmarks", bookmarks},
        {"SQLExtendedFetch", extended_fetch},
    };
    return run_tests("SQLFetchScroll", tests, COUNT(tests));
}
