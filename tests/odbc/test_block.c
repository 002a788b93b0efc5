/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Block cursors: many rows a fetch, by column and by row, moved by an offset; status array and number of rows; bad rows among good ones; SQLExtendedFetch;
 * SQLSetPos and SQLGetData within a rowset.
 */
#include "harness.h"

#include <stdlib.h>

static void set(SQLHSTMT stmt, SQLINTEGER attribute, const void *value)
{
    CHECK_OK(stmt, SQLSetStmtAttr(stmt, attribute, (SQLPOINTER)(uintptr_t)value, 0));
}

static void set_number(SQLHSTMT stmt, SQLINTEGER attribute, SQLULEN value)
{
    CHECK_OK(stmt, SQLSetStmtAttr(stmt, attribute, (SQLPOINTER)value, 0));
}

/* ---- where the values go ------------------------------------------------------------------------------------------- */

enum { ROWS = 4 };

static void by_column(void)
{
    struct link l = link_open("");
    SQLINTEGER n[ROWS];
    char text[ROWS][5];
    SQLWCHAR units[ROWS][3];
    SQLLEN n_ind[ROWS];
    SQLLEN text_ind[ROWS];
    SQLLEN units_ind[ROWS];
    SQLUSMALLINT status[ROWS];
    SQLULEN fetched = 99;
    set_number(l.stmt, SQL_ATTR_ROW_ARRAY_SIZE, ROWS);
    set(l.stmt, SQL_ATTR_ROW_STATUS_PTR, status);
    set(l.stmt, SQL_ATTR_ROWS_FETCHED_PTR, &fetched);
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_SLONG, n, 9999, n_ind)); /* the step of a fixed type is its size */
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 2, SQL_C_CHAR, text, sizeof text[0], text_ind));
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 3, SQL_C_WCHAR, units, sizeof units[0], units_ind));
    query(l.stmt, "select i, nullif('t' || i, 't2'), repeat('w', i % 3) from generate_series(1, 10) i");
    for (int block = 0; block < 3; block++) {
        int rows = block < 2 ? ROWS : 2;
        memset(n, 0, sizeof n);
        memset(text, 'x', sizeof text);
        CHECK_OK(l.stmt, SQLFetch(l.stmt));
        CHECK_INT(fetched, rows);
        for (int i = 0; i < ROWS; i++) {
            char wanted[8];
            int number = block * ROWS + i + 1;
            if (i >= rows) {
                CHECK_INT(status[i], SQL_ROW_NOROW);
                CHECK_INT(n[i], 0);
                CHECK_INT(text[i][0], 'x');
                continue;
            }
            CHECK_INT(status[i], SQL_ROW_SUCCESS);
            CHECK_INT(n[i], number);
            CHECK_INT(n_ind[i], sizeof n[i]);
            snprintf(wanted, sizeof wanted, "t%d", number);
            if (number == 2) {
                CHECK_INT(text_ind[i], SQL_NULL_DATA);
                CHECK_INT(text[i][0], 'x');
            } else {
                CHECK_INT(text_ind[i], (SQLLEN)strlen(wanted));
                CHECK_TEXT(text[i], wanted);
            }
            CHECK_INT(units_ind[i], 2 * (number % 3));
            CHECK_INT(units[i][number % 3], 0);
        }
    }
    CHECK_RC(l.stmt, SQLFetch(l.stmt), SQL_NO_DATA);
    CHECK_INT(fetched, 0);
    for (int i = 0; i < ROWS; i++) {
        CHECK_INT(status[i], SQL_ROW_NOROW);
    }
    link_close(&l);
}

struct record {
    char pad;
    SQLBIGINT n;
    SQLLEN n_ind;
    char text[7];
    SQLLEN text_ind;
    SQL_TIMESTAMP_STRUCT at;
};

static void by_row(void)
{
    struct link l = link_open("");
    struct record rows[2 * ROWS];
    SQLUSMALLINT status[ROWS];
    SQLULEN fetched = 0;
    SQLLEN offset = 0;
    memset(rows, 0x55, sizeof rows);
    set_number(l.stmt, SQL_ATTR_ROW_BIND_TYPE, sizeof rows[0]);
    set_number(l.stmt, SQL_ATTR_ROW_ARRAY_SIZE, ROWS);
    set(l.stmt, SQL_ATTR_ROW_STATUS_PTR, status);
    set(l.stmt, SQL_ATTR_ROWS_FETCHED_PTR, &fetched);
    set(l.stmt, SQL_ATTR_ROW_BIND_OFFSET_PTR, &offset);
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_SBIGINT, &rows[0].n, 0, &rows[0].n_ind));
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 2, SQL_C_CHAR, rows[0].text, sizeof rows[0].text, &rows[0].text_ind));
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 3, SQL_C_TYPE_TIMESTAMP, &rows[0].at, 0, NULL));
    query(l.stmt, "select i::int8, 'row ' || i, timestamp '2026-01-01' + i * interval '1 day' from generate_series(1, 7) i");
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_INT(fetched, ROWS);
    offset = sizeof rows[0] * ROWS; /* the second half of the array */
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_INT(fetched, 3);
    CHECK_INT(status[3], SQL_ROW_NOROW);
    for (int i = 0; i < 7; i++) {
        char wanted[8];
        snprintf(wanted, sizeof wanted, "row %d", i + 1);
        CHECK_INT(rows[i].n, i + 1);
        CHECK_INT(rows[i].n_ind, 8);
        CHECK_TEXT(rows[i].text, wanted);
        CHECK_INT(rows[i].text_ind, 5);
        CHECK_INT(rows[i].at.day, i + 2);
        CHECK_INT(rows[i].pad, 0x55); /* between the fields nothing was touched */
    }
    CHECK_INT(rows[7].pad, 0x55);
    CHECK_INT(rows[7].n, 0x5555555555555555);
    link_close(&l);
}

/* An offset by column: added to every address, the step stays. */
static void offset_by_column(void)
{
    struct link l = link_open("");
    SQLSMALLINT n[2 * ROWS] = {0};
    SQLLEN ind[8 * ROWS] = {0}; /* the offset is in bytes for all of them */
    SQLLEN offset = ROWS * sizeof n[0];
    set_number(l.stmt, SQL_ATTR_ROW_ARRAY_SIZE, ROWS);
    set(l.stmt, SQL_ATTR_ROW_BIND_OFFSET_PTR, &offset);
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_SSHORT, n, 0, ind));
    query(l.stmt, "select generate_series(1, 4)");
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK(n[0] == 0 && n[3] == 0 && n[4] == 1 && n[7] == 4);
    CHECK_INT(ind[0], 0);
    for (size_t i = 0; i < ROWS; i++) {
        SQLLEN length;
        memcpy(&length, (char *)ind + offset + i * sizeof length, sizeof length);
        CHECK_INT(length, 2);
    }
    link_close(&l);
}

/* Neither arrays nor pointers need be there; the size may change from fetch to fetch. */
static void changing_sizes(void)
{
    struct link l = link_open("");
    SQLINTEGER n[8] = {0};
    SQLULEN row = 0;
    SQLULEN size = 0;
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_SLONG, n, 0, NULL));
    query(l.stmt, "select generate_series(1, 20)");
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_INT(n[0], 1);
    set_number(l.stmt, SQL_ATTR_ROW_ARRAY_SIZE, 8);
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK(n[0] == 2 && n[7] == 9);
    CHECK_OK(l.stmt, SQLGetStmtAttr(l.stmt, SQL_ATTR_ROW_NUMBER, &row, 0, NULL));
    CHECK_INT(row, 2);
    set_number(l.stmt, SQL_ATTR_ROW_ARRAY_SIZE, 3);
    CHECK_OK(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_NEXT, 0));
    CHECK(n[0] == 10 && n[2] == 12 && n[3] == 5);
    set_number(l.stmt, SQL_ATTR_ROW_ARRAY_SIZE, 1);
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_INT(n[0], 13);
    CHECK_STATE(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_ROW_ARRAY_SIZE, (SQLPOINTER)0, 0), "HY024");
    CHECK_OK(l.stmt, SQLGetStmtAttr(l.stmt, SQL_ATTR_ROW_ARRAY_SIZE, &size, 0, NULL));
    CHECK_INT(size, 1);
    /* The last rowset is smaller. */
    set_number(l.stmt, SQL_ATTR_ROW_ARRAY_SIZE, 8);
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK(n[0] == 14 && n[6] == 20);
    CHECK_OK(l.stmt, SQLGetStmtAttr(l.stmt, SQL_ATTR_ROW_NUMBER, &row, 0, NULL));
    CHECK_INT(row, 14);
    CHECK_OK(l.stmt, SQLSetPos(l.stmt, 3, SQL_POSITION, SQL_LOCK_NO_CHANGE));
    CHECK_OK(l.stmt, SQLGetStmtAttr(l.stmt, SQL_ATTR_ROW_NUMBER, &row, 0, NULL));
    CHECK_INT(row, 16);
    CHECK_RC(l.stmt, SQLFetch(l.stmt), SQL_NO_DATA);
    CHECK_STATE(l.stmt, SQLGetStmtAttr(l.stmt, SQL_ATTR_ROW_NUMBER, &row, 0, NULL), "24000");
    link_close(&l);
}

/* Big blocks, to the end, through the wire formats; the sum tells that no row was lost or doubled. */
static void big_blocks(void)
{
    enum { BIG = 1000 };
    static SQLINTEGER n[BIG];
    static char text[BIG][12];
    static SQLLEN length[BIG];
    struct link l = link_open("");
    SQLULEN fetched = 0;
    set_number(l.stmt, SQL_ATTR_ROW_ARRAY_SIZE, BIG);
    set(l.stmt, SQL_ATTR_ROWS_FETCHED_PTR, &fetched);
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_SLONG, n, 0, NULL));
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 2, SQL_C_CHAR, text, sizeof text[0], length));
    for (int as_text = 0; as_text < 2; as_text++) {
        int64_t sum = 0;
        int64_t rows = 0;
        bool right = true;
        query(l.stmt, as_text ? "select i, i::text, 'pg_class'::regclass from generate_series(1, 50500) i"
                              : "select i, i::text from generate_series(1, 50500) i");
        while (SQLFetch(l.stmt) == SQL_SUCCESS) {
            for (SQLULEN i = 0; i < fetched; i++) {
                sum += n[i];
                rows++;
                right = right && atoi(text[i]) == n[i] && length[i] == (SQLLEN)strlen(text[i]);
            }
        }
        CHECK_INT(rows, 50500);
        CHECK_INT(sum, 50500LL * 50501 / 2);
        CHECK(right);
        CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    }
    link_close(&l);
}

/* ---- bad rows among good ones -------------------------------------------------------------------------------------- */

static SQLLEN record_row(SQLHSTMT stmt, SQLSMALLINT record)
{
    SQLLEN row = -99;
    CHECK_OK(stmt, SQLGetDiagField(SQL_HANDLE_STMT, stmt, record, SQL_DIAG_ROW_NUMBER, &row, 0, NULL));
    return row;
}

static SQLINTEGER record_column(SQLHSTMT stmt, SQLSMALLINT record)
{
    SQLINTEGER column = -99;
    CHECK_OK(stmt, SQLGetDiagField(SQL_HANDLE_STMT, stmt, record, SQL_DIAG_COLUMN_NUMBER, &column, 0, NULL));
    return column;
}

static void bad_rows(void)
{
    struct link l = link_open("");
    SQLINTEGER n[6] = {0};
    char text[6][3];
    SQLLEN length[6];
    SQLUSMALLINT status[6];
    SQLULEN fetched = 0;
    SQLINTEGER records = 0;
    set_number(l.stmt, SQL_ATTR_ROW_ARRAY_SIZE, 6);
    set(l.stmt, SQL_ATTR_ROW_STATUS_PTR, status);
    set(l.stmt, SQL_ATTR_ROWS_FETCHED_PTR, &fetched);
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_SLONG, n, 0, NULL));
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 2, SQL_C_CHAR, text, sizeof text[0], length));
    query(l.stmt, "values ('1', 'a'), ('two', 'b'), ('3', 'cut'), ('4.5', 'd'), (null, 'e'), ('6', 'f')");
    CHECK_RC(l.stmt, SQLFetch(l.stmt), SQL_SUCCESS_WITH_INFO);
    CHECK_INT(fetched, 6); /* bad ones count */
    static const SQLUSMALLINT wanted[] = {SQL_ROW_SUCCESS, SQL_ROW_ERROR, SQL_ROW_SUCCESS_WITH_INFO, SQL_ROW_SUCCESS_WITH_INFO, SQL_ROW_ERROR,
                                          SQL_ROW_SUCCESS};
    for (size_t i = 0; i < COUNT(wanted); i++) {
        CHECK_INT(status[i], wanted[i]);
    }
    CHECK(n[0] == 1 && n[1] == 0 && n[2] == 3 && n[3] == 4 && n[4] == 0 && n[5] == 6);
    CHECK_TEXT(text[2], "cu");
    CHECK_INT(length[2], 3);
    CHECK_TEXT(text[1], "b"); /* the other column of a bad row */
    CHECK_TEXT(text[5], "f");

    /* A record each, by row and column; ODBC puts errors first within a row only. */
    static const struct {
        const char *state;
        SQLLEN row;
        SQLINTEGER column;
    } told[] = {{"22018", 2, 1}, {"01004", 3, 2}, {"01S07", 4, 1}, {"22002", 5, 1}};
    CHECK_OK(l.stmt, SQLGetDiagField(SQL_HANDLE_STMT, l.stmt, 0, SQL_DIAG_NUMBER, &records, 0, NULL));
    CHECK_INT(records, COUNT(told));
    for (SQLSMALLINT i = 1; i <= records && (size_t)i <= COUNT(told); i++) {
        bool found = false;
        for (size_t k = 0; k < COUNT(told); k++) {
            found = found || (strcmp(diag_state(l.stmt, i), told[k].state) == 0 && record_row(l.stmt, i) == told[k].row &&
                              record_column(l.stmt, i) == told[k].column);
        }
        CHECK(found);
    }
    CHECK_RC(l.stmt, SQLFetch(l.stmt), SQL_NO_DATA);
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));

    /* Nothing but bad rows is an error, and the cursor goes on behind it. */
    query(l.stmt, "select 'x' from generate_series(1, 6) union all select '7'");
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 2, SQL_C_CHAR, NULL, 0, NULL));
    CHECK_STATE(l.stmt, SQLFetch(l.stmt), "22018");
    CHECK_INT(fetched, 6);
    CHECK_INT(status[5], SQL_ROW_ERROR);
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_INT(fetched, 1);
    CHECK_INT(n[0], 7);
    CHECK_INT(status[0], SQL_ROW_SUCCESS);
    CHECK_INT(status[1], SQL_ROW_NOROW);
    link_close(&l);
}

/* The server fails in the middle of a block: the rows before come first, the error with the next fetch. */
static void server_error_in_block(void)
{
    struct link l = link_open("");
    SQLINTEGER n[8];
    SQLUSMALLINT status[8];
    SQLULEN fetched = 0;
    SQLULEN rows = 0;
    SQLRETURN rc;
    set_number(l.stmt, SQL_ATTR_ROW_ARRAY_SIZE, 8);
    set(l.stmt, SQL_ATTR_ROW_STATUS_PTR, status);
    set(l.stmt, SQL_ATTR_ROWS_FETCHED_PTR, &fetched);
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_SLONG, n, 0, NULL));
    CHECK_OK(l.stmt, SQLExecDirect(l.stmt, T("select 1 + 0 / (30005 - i) from generate_series(1, 40000) i"), SQL_NTS));
    while ((rc = SQLFetch(l.stmt)) == SQL_SUCCESS) {
        rows += fetched;
    }
    CHECK_INT(rows, 30004);
    CHECK_INT(rc, SQL_ERROR);
    CHECK_TEXT(diag_state(l.stmt, 1), "22012");
    CHECK_INT(fetched, 0);
    CHECK_RC(l.stmt, SQLFetch(l.stmt), SQL_NO_DATA);
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    link_close(&l);
}

/* What the server says while it makes the rows of a block is told by the call that takes it off the wire: at the latest the fetch that brings the row. */
static void notices_in_block(void)
{
    static const char *const roads[] = {"SSLMode=prefer", "SSLMode=disable", "FetchMode=BUFFER"}; /* how much arrives at a time */
    for (size_t i = 0; i < COUNT(roads); i++) {
        struct link l = link_open(roads[i]);
        SQLINTEGER n[10] = {0};
        SQLULEN fetched = 0;
        int told = 0, rows = 0;
        SQLRETURN rc;
        run(l.stmt, "create function pg_temp.says(i int) returns int language plpgsql as $$ begin raise notice 'row %', i; return i; end $$");
        set_number(l.stmt, SQL_ATTR_ROW_ARRAY_SIZE, 10);
        set(l.stmt, SQL_ATTR_ROWS_FETCHED_PTR, &fetched);
        CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_LONG, n, 0, NULL));
        rc = SQLExecDirect(l.stmt, T("select pg_temp.says(i) from generate_series(1, 95) i"), SQL_NTS);
        while (SQL_SUCCEEDED(rc)) {
            SQLINTEGER records = 0;
            CHECK_OK(l.stmt, SQLGetDiagField(SQL_HANDLE_STMT, l.stmt, 0, SQL_DIAG_NUMBER, &records, 0, NULL));
            CHECK_INT(records > 0, rc == SQL_SUCCESS_WITH_INFO);
            CHECK(records == 0 || strcmp(diag_state(l.stmt, 1), "01000") == 0);
            told += records;
            rows += (int)fetched;
            CHECK(told >= rows);
            rc = SQLFetch(l.stmt);
        }
        CHECK_RC(l.stmt, rc, SQL_NO_DATA);
        CHECK_INT(told, 95);
        CHECK_INT(rows, 95);
        CHECK_INT(n[4], 95);
        link_close(&l);
    }
    struct link l = link_open("");
    SQLINTEGER n[10];
    SQLUSMALLINT status[10];
    run(l.stmt, "create function pg_temp.says(i int) returns int language plpgsql as $$ begin raise notice 'row %', i; return i; end $$");
    set_number(l.stmt, SQL_ATTR_ROW_ARRAY_SIZE, 10);
    set(l.stmt, SQL_ATTR_ROW_STATUS_PTR, status);
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_SLONG, n, 0, NULL));
    SQLRETURN executed = SQLExecDirect(l.stmt, T("select pg_temp.says(i) from generate_series(1, 10) i"), SQL_NTS);
    SQLRETURN fetched = SQLFetch(l.stmt);
    CHECK(SQL_SUCCEEDED(executed) && SQL_SUCCEEDED(fetched));
    CHECK(executed == SQL_SUCCESS_WITH_INFO || fetched == SQL_SUCCESS_WITH_INFO);
    CHECK_INT(status[9], SQL_ROW_SUCCESS); /* nothing is amiss with the row */
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    link_close(&l);
}

/* ---- SQLSetPos and SQLGetData -------------------------------------------------------------------------------------- */

static void check_get(SQLHSTMT stmt, SQLSETPOSIROW row, SQLUSMALLINT column, const char *wanted)
{
    char text[16] = "";
    CHECK_OK(stmt, SQLSetPos(stmt, row, SQL_POSITION, SQL_LOCK_NO_CHANGE));
    CHECK_OK(stmt, SQLGetData(stmt, column, SQL_C_CHAR, text, sizeof text, NULL));
    CHECK_TEXT(text, wanted);
}

/* `bound`: 0 nothing, 1 the first column, 2 all of them. */
static void get_data_in_block(int bound)
{
    struct link l = link_open("");
    SQLINTEGER n[3] = {0};
    char text[3][8];
    char part[4];
    SQLLEN left = 0;
    SQLULEN fetched = 0;
    set_number(l.stmt, SQL_ATTR_ROW_ARRAY_SIZE, 3);
    set(l.stmt, SQL_ATTR_ROWS_FETCHED_PTR, &fetched);
    if (bound > 0) {
        CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_SLONG, n, 0, NULL));
    }
    if (bound > 1) {
        CHECK_OK(l.stmt, SQLBindCol(l.stmt, 2, SQL_C_CHAR, text, sizeof text[0], NULL));
    }
    query(l.stmt, "select i, 'row ' || i from generate_series(1, 5) i");
    CHECK_STATE(l.stmt, SQLSetPos(l.stmt, 1, SQL_POSITION, SQL_LOCK_NO_CHANGE), "24000");
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_OK(l.stmt, SQLGetData(l.stmt, 1, SQL_C_CHAR, part, sizeof part, &left)); /* at first: row 1 */
    CHECK_TEXT(part, "1");
    check_get(l.stmt, 1, 2, "row 1");
    check_get(l.stmt, 3, 2, "row 3");
    check_get(l.stmt, 3, 1, "3");
    check_get(l.stmt, 2, 1, "2");
    check_get(l.stmt, 1, 2, "row 1");

    /* Moving away and back starts a value again. */
    CHECK_OK(l.stmt, SQLSetPos(l.stmt, 2, SQL_POSITION, SQL_LOCK_NO_CHANGE));
    CHECK_INFO(l.stmt, SQLGetData(l.stmt, 2, SQL_C_CHAR, part, sizeof part, &left), "01004");
    CHECK_TEXT(part, "row");
    CHECK_OK(l.stmt, SQLGetData(l.stmt, 2, SQL_C_CHAR, part, sizeof part, &left));
    CHECK_TEXT(part, " 2");
    CHECK_RC(l.stmt, SQLGetData(l.stmt, 2, SQL_C_CHAR, part, sizeof part, &left), SQL_NO_DATA);
    check_get(l.stmt, 2, 2, "row 2");

    CHECK_STATE(l.stmt, SQLSetPos(l.stmt, 4, SQL_POSITION, SQL_LOCK_NO_CHANGE), "HY107");
    CHECK_STATE(l.stmt, SQLSetPos(l.stmt, 0, SQL_POSITION, SQL_LOCK_NO_CHANGE), "HY109");
    CHECK_STATE(l.stmt, SQLSetPos(l.stmt, 1, SQL_REFRESH, SQL_LOCK_NO_CHANGE), "HYC00");
    CHECK_STATE(l.stmt, SQLSetPos(l.stmt, 1, SQL_UPDATE, SQL_LOCK_NO_CHANGE), "HY092");
    CHECK_STATE(l.stmt, SQLSetPos(l.stmt, 1, SQL_DELETE, SQL_LOCK_NO_CHANGE), "HY092");
    CHECK_STATE(l.stmt, SQLSetPos(l.stmt, 1, 77, SQL_LOCK_NO_CHANGE), "HY092");
    CHECK_STATE(l.stmt, SQLSetPos(l.stmt, 1, SQL_POSITION, 77), "HY092");
    CHECK_STATE(l.stmt, SQLSetPos(l.stmt, 1, SQL_POSITION, SQL_LOCK_EXCLUSIVE), "HYC00");
    CHECK_OK(l.stmt, SQLGetData(l.stmt, 1, SQL_C_CHAR, part, sizeof part, &left)); /* still on row 2 */
    CHECK_TEXT(part, "2");

    /* The last rowset is short; another statement in between changes nothing. */
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_INT(fetched, 2);
    SQLHSTMT other = new_stmt(l.dbc);
    CHECK_INT(query_int(other, "select 1"), 1);
    free_stmt(other);
    check_get(l.stmt, 2, 2, "row 5");
    check_get(l.stmt, 1, 1, "4");
    CHECK_STATE(l.stmt, SQLSetPos(l.stmt, 3, SQL_POSITION, SQL_LOCK_NO_CHANGE), "HY107");
    CHECK_RC(l.stmt, SQLFetch(l.stmt), SQL_NO_DATA);
    CHECK_STATE(l.stmt, SQLSetPos(l.stmt, 1, SQL_POSITION, SQL_LOCK_NO_CHANGE), "24000");
    CHECK_STATE(l.stmt, SQLGetData(l.stmt, 1, SQL_C_CHAR, part, sizeof part, &left), "24000");
    link_close(&l);
}

static void get_data(void)
{
    for (int bound = 0; bound < 3; bound++) {
        get_data_in_block(bound);
    }
}

/* A bad row can still be read with another type. */
static void get_data_of_bad_row(void)
{
    struct link l = link_open("");
    SQLINTEGER n[3];
    set_number(l.stmt, SQL_ATTR_ROW_ARRAY_SIZE, 3);
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_SLONG, n, 0, NULL));
    query(l.stmt, "values ('1'), ('two'), (null)");
    CHECK_RC(l.stmt, SQLFetch(l.stmt), SQL_SUCCESS_WITH_INFO);
    check_get(l.stmt, 2, 1, "two");
    SQLLEN ind = 0;
    CHECK_OK(l.stmt, SQLSetPos(l.stmt, 3, SQL_POSITION, SQL_LOCK_NO_CHANGE));
    CHECK_OK(l.stmt, SQLGetData(l.stmt, 1, SQL_C_SLONG, n, 0, &ind));
    CHECK_INT(ind, SQL_NULL_DATA);
    /* Row numbers of its records are those of the rowset. */
    CHECK_OK(l.stmt, SQLSetPos(l.stmt, 2, SQL_POSITION, SQL_LOCK_NO_CHANGE));
    CHECK_STATE(l.stmt, SQLGetData(l.stmt, 1, SQL_C_SLONG, n, 0, &ind), "22018");
    CHECK_INT(record_row(l.stmt, 1), 2);
    link_close(&l);
}

/* Rowsets of the driver's own results. */
static void catalog_block(void)
{
    struct link l = link_open("");
    char name[4][64];
    SQLSMALLINT type[4];
    SQLULEN fetched = 0;
    int rows = 0;
    set_number(l.stmt, SQL_ATTR_ROW_ARRAY_SIZE, 4);
    set(l.stmt, SQL_ATTR_ROWS_FETCHED_PTR, &fetched);
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_CHAR, name, sizeof name[0], NULL));
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 2, SQL_C_SSHORT, type, 0, NULL));
    CHECK_OK(l.stmt, SQLGetTypeInfo(l.stmt, SQL_ALL_TYPES));
    SQLSMALLINT last = INT16_MIN;
    bool sorted = true;
    while (SQLFetch(l.stmt) == SQL_SUCCESS) {
        char text[64];
        for (SQLULEN i = 0; i < fetched; i++) {
            sorted = sorted && type[i] >= last;
            last = type[i];
            rows++;
        }
        CHECK_OK(l.stmt, SQLSetPos(l.stmt, fetched, SQL_POSITION, SQL_LOCK_NO_CHANGE));
        CHECK_OK(l.stmt, SQLGetData(l.stmt, 1, SQL_C_CHAR, text, sizeof text, NULL));
        CHECK_TEXT(text, name[fetched - 1]);
    }
    CHECK(sorted && rows > 20);
    link_close(&l);
}

/* ---- SQLExtendedFetch ---------------------------------------------------------------------------------------------- */

static void extended_fetch(void)
{
    struct link l = link_open("");
    SQLINTEGER n[4] = {0};
    SQLULEN fetched = 99;
    SQLULEN untouched = 99;
    SQLUSMALLINT status[4];
    SQLUSMALLINT ignored[4] = {77, 77, 77, 77};
    set_number(l.stmt, SQL_ROWSET_SIZE, 3);
    set_number(l.stmt, SQL_ATTR_ROW_ARRAY_SIZE, 2); /* another attribute */
    set(l.stmt, SQL_ATTR_ROWS_FETCHED_PTR, &untouched);
    set(l.stmt, SQL_ATTR_ROW_STATUS_PTR, ignored);
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_SLONG, n, 0, NULL));
    query(l.stmt, "values ('1'), ('2'), ('3'), ('x'), ('5')");
    CHECK_OK(l.stmt, SQLExtendedFetch(l.stmt, SQL_FETCH_NEXT, 0, &fetched, status));
    CHECK_INT(fetched, 3);
    CHECK(n[0] == 1 && n[1] == 2 && n[2] == 3);
    CHECK(status[0] == SQL_ROW_SUCCESS && status[2] == SQL_ROW_SUCCESS);
    check_get(l.stmt, 2, 1, "2");
    /* A bad row is 01S01, with the reason behind it. */
    CHECK_INFO(l.stmt, SQLExtendedFetch(l.stmt, SQL_FETCH_NEXT, 0, &fetched, status), "01S01");
    CHECK(diag_has(l.stmt, "22018"));
    CHECK_INT(fetched, 2);
    CHECK(status[0] == SQL_ROW_ERROR && status[1] == SQL_ROW_SUCCESS && status[2] == SQL_ROW_NOROW);
    CHECK_INT(n[1], 5);
    CHECK_RC(l.stmt, SQLExtendedFetch(l.stmt, SQL_FETCH_NEXT, 0, &fetched, status), SQL_NO_DATA);
    CHECK_INT(fetched, 0);
    CHECK_INT(untouched, 99);
    CHECK_INT(ignored[0], 77);
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));

    /* Even when the only row is bad, and without the arrays. */
    set_number(l.stmt, SQL_ROWSET_SIZE, 1);
    query(l.stmt, "values ('x'), ('2')");
    CHECK_INFO(l.stmt, SQLExtendedFetch(l.stmt, SQL_FETCH_NEXT, 0, NULL, NULL), "01S01");
    CHECK_OK(l.stmt, SQLExtendedFetch(l.stmt, SQL_FETCH_NEXT, 0, NULL, NULL));
    CHECK_INT(n[0], 2);
    CHECK_STATE(l.stmt, SQLExtendedFetch(l.stmt, SQL_FETCH_FIRST, 0, &fetched, status), "HY106");
    CHECK_STATE(l.stmt, SQLExtendedFetch(l.stmt, 77, 0, &fetched, status), "HY106");
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    CHECK_STATE(l.stmt, SQLExtendedFetch(l.stmt, SQL_FETCH_NEXT, 0, &fetched, status), "HY010");
    link_close(&l);
}

/* SQL_ATTR_MAX_ROWS ends in the middle of a block. */
static void max_rows_in_block(void)
{
    struct link l = link_open("");
    SQLINTEGER n[4];
    SQLULEN fetched = 0;
    set_number(l.stmt, SQL_ATTR_ROW_ARRAY_SIZE, 4);
    set_number(l.stmt, SQL_ATTR_MAX_ROWS, 6);
    set(l.stmt, SQL_ATTR_ROWS_FETCHED_PTR, &fetched);
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_SLONG, n, 0, NULL));
    query(l.stmt, "select generate_series(1, 1000000)");
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_INT(fetched, 4);
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_INT(fetched, 2);
    CHECK_RC(l.stmt, SQLFetch(l.stmt), SQL_NO_DATA);
    link_close(&l);
}

int main(void)
{
    static const struct test tests[] = {
        {"by column", by_column},
        {"by row", by_row},
        {"an offset by column", offset_by_column},
        {"changing sizes", changing_sizes},
        {"big blocks", big_blocks},
        {"bad rows", bad_rows},
        {"server error in a block", server_error_in_block},
        {"notices in a block", notices_in_block},
        {"SQLGetData in a block", get_data},
        {"SQLGetData of a bad row", get_data_of_bad_row},
        {"driver's own results", catalog_block},
        {"SQLExtendedFetch", extended_fetch},
        {"SQL_ATTR_MAX_ROWS", max_rows_in_block},
    };
    return run_tests("block cursors", tests, COUNT(tests));
}
