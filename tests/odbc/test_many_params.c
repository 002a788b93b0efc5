/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Thousands of parameters in one statement, as multi-row inserts have. Beyond 7498 an older libpq gives the session up when it is told of their types, so
 * the driver has to learn them another way.
 */
#include "harness.h"

#include <stdlib.h>

enum { MANY = 20000, MOST = 32767 };

static SQLINTEGER numbers[MOST];

static char *statement(const char *head, const char *unit, size_t count, const char *tail)
{
    size_t room = strlen(head) + count * (strlen(unit) + 1) + strlen(tail) + 1;
    char *sql = malloc(room);
    char *at = sql + sprintf(sql, "%s", head);
    for (size_t i = 0; i < count; i++) {
        at += sprintf(at, "%s%s", i ? "," : "", unit);
    }
    sprintf(at, "%s", tail);
    return sql;
}

static void bind(SQLHSTMT stmt, SQLUSMALLINT count)
{
    for (SQLUSMALLINT i = 0; i < count; i++) {
        numbers[i] = i + 1;
        check_rc(stmt, SQLBindParameter(stmt, (SQLUSMALLINT)(i + 1), SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, &numbers[i], 0, NULL), SQL_SUCCESS,
                 "SQLBindParameter", __FILE__, __LINE__);
    }
}

static void insert_without_rows(void)
{
    for (int manual = 0; manual < 2; manual++) {
        struct link l = link_open("");
        char *sql = statement("insert into m values ", "(?, ?)", MANY / 2, "");
        run(l.stmt, "create temp table m (a int, b text)");
        if (manual) {
            CHECK_OK(l.dbc, SQLSetConnectAttr(l.dbc, SQL_ATTR_AUTOCOMMIT, (SQLPOINTER)SQL_AUTOCOMMIT_OFF, 0));
            run(l.stmt, "insert into m values (0, 'before')");
        }
        bind(l.stmt, MANY);
        SQLSMALLINT columns = -1;
        SQLLEN rows = -1;
        CHECK_OK(l.stmt, SQLPrepare(l.stmt, T(sql), SQL_NTS));
        CHECK_OK(l.stmt, SQLNumResultCols(l.stmt, &columns));
        CHECK_INT(columns, 0);
        for (int again = 0; again < 2; again++) {
            CHECK_OK(l.stmt, SQLExecute(l.stmt));
            CHECK_OK(l.stmt, SQLRowCount(l.stmt, &rows));
            CHECK_INT(rows, MANY / 2);
        }
        CHECK_INT(query_int(l.stmt, "select sum(a) from m"), 2 * (int64_t)(MANY / 2) * (MANY / 2)); /* the odd numbers, twice */
        CHECK_TEXT(query_text(l.stmt, "select max(b::int)::text from m where a > 0"), "20000");
        if (manual) {
            CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_ROLLBACK));
            CHECK_OK(l.dbc, SQLSetConnectAttr(l.dbc, SQL_ATTR_AUTOCOMMIT, (SQLPOINTER)SQL_AUTOCOMMIT_ON, 0));
        }
        free(sql);
        link_close(&l);
    }
}

static void insert_returning(void)
{
    struct link l = link_open("");
    char *sql = statement("insert into m values ", "(?)", MOST, " returning a + 1 as next");
    SQLINTEGER next = 0;
    SQLCHAR name[16];
    SQLSMALLINT columns;
    run(l.stmt, "create temp table m (a int)");
    bind(l.stmt, MOST);
    CHECK_OK(l.stmt, SQLExecDirect(l.stmt, T(sql), SQL_NTS));
    CHECK_OK(l.stmt, SQLNumResultCols(l.stmt, &columns));
    CHECK_INT(columns, 1);
    CHECK_OK(l.stmt, SQLDescribeCol(l.stmt, 1, name, sizeof name, NULL, NULL, NULL, NULL, NULL));
    CHECK_TEXT(name, "next");
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_SLONG, &next, 0, NULL));
    int64_t rows = 0;
    int64_t sum = 0;
    while (SQLFetch(l.stmt) == SQL_SUCCESS) {
        rows++;
        sum += next;
    }
    CHECK_INT(rows, MOST);
    CHECK_INT(sum, (int64_t)MOST * (MOST + 1) / 2 + MOST);
    free(sql);
    link_close(&l);
}

/* Before it has run the columns may be unknown, which is said; and nothing else is harmed by asking. */
static void described_before(void)
{
    struct link l = link_open("");
    char *sql = statement("select count(*) from generate_series(1, 1000) g where g in (", "?", MANY, ")");
    SQLSMALLINT columns = -1;
    SQLSMALLINT type = 0;
    bind(l.stmt, MANY);
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T(sql), SQL_NTS));
    CHECK_OK(l.stmt, SQLDescribeParam(l.stmt, MANY, &type, NULL, NULL, NULL));
    CHECK_INT(type, SQL_INTEGER);
    SQLRETURN rc = SQLNumResultCols(l.stmt, &columns);
    if (rc == SQL_SUCCESS) {
        CHECK_INT(columns, 1);
    } else if (check_state(l.stmt, rc, SQL_ERROR, "HYC00", "SQLNumResultCols", __FILE__, __LINE__)) {
        CHECK_CONTAINS(diag_message(l.stmt, 1), "7498");
    }
    CHECK_OK(l.stmt, SQLExecute(l.stmt));
    CHECK_OK(l.stmt, SQLNumResultCols(l.stmt, &columns));
    CHECK_INT(columns, 1);
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    SQLINTEGER found = 0;
    CHECK_OK(l.stmt, SQLGetData(l.stmt, 1, SQL_C_SLONG, &found, 0, NULL));
    CHECK_INT(found, 1000);
    CHECK_OK(l.stmt, SQLCloseCursor(l.stmt));
    free(sql);
    link_close(&l);
}

/* A value that does not fit the inferred type asks for another plan; an error of the server is the statement's own, and the session goes on. */
static void wide_values_and_errors(void)
{
    struct link l = link_open("");
    char *sql = statement("select count(*) from generate_series(1, 10) g where g in (", "?", MANY, ")");
    SQLBIGINT big = 3000000000;
    bind(l.stmt, MANY);
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 7, SQL_PARAM_INPUT, SQL_C_SBIGINT, SQL_BIGINT, 0, 0, &big, 0, NULL));
    CHECK_OK(l.stmt, SQLExecDirect(l.stmt, T(sql), SQL_NTS));
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    SQLINTEGER found = 0;
    CHECK_OK(l.stmt, SQLGetData(l.stmt, 1, SQL_C_SLONG, &found, 0, NULL));
    CHECK_INT(found, 9);
    CHECK_OK(l.stmt, SQLCloseCursor(l.stmt));
    free(sql);
    sql = statement("select 1 from nowhere where g in (", "?", MANY, ")");
    CHECK_STATE(l.stmt, SQLExecDirect(l.stmt, T(sql), SQL_NTS), "42S02");
    CHECK_INT(query_int(l.stmt, "select 42"), 42);
    free(sql);
    link_close(&l);
}

static void arrays(void)
{
    struct link l = link_open("");
    char *sql = statement("insert into m values ", "(?)", MANY, "");
    SQLUSMALLINT status[2] = {9, 9};
    SQLLEN rows = 0;
    static SQLINTEGER pairs[MANY][2];
    run(l.stmt, "create temp table m (a int)");
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_PARAMSET_SIZE, (SQLPOINTER)2, 0));
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_PARAM_STATUS_PTR, status, 0));
    for (SQLUSMALLINT i = 0; i < MANY; i++) {
        pairs[i][0] = 1;
        pairs[i][1] = 2;
        check_rc(l.stmt, SQLBindParameter(l.stmt, (SQLUSMALLINT)(i + 1), SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, pairs[i], 0, NULL), SQL_SUCCESS,
                 "SQLBindParameter", __FILE__, __LINE__);
    }
    CHECK_OK(l.stmt, SQLExecDirect(l.stmt, T(sql), SQL_NTS));
    CHECK_OK(l.stmt, SQLRowCount(l.stmt, &rows));
    CHECK_INT(rows, 2 * MANY);
    CHECK_INT(status[0], SQL_PARAM_SUCCESS);
    CHECK_INT(status[1], SQL_PARAM_SUCCESS);
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_PARAMSET_SIZE, (SQLPOINTER)1, 0));
    CHECK_INT(query_int(l.stmt, "select sum(a) from m"), 3 * MANY);
    free(sql);
    link_close(&l);
}

int main(void)
{
    static const struct test tests[] = {
        {"an insert of many rows", insert_without_rows},
        {"an insert that returns rows", insert_returning},
        {"what is known before it runs", described_before},
        {"wide values, errors", wide_values_and_errors},
        {"arrays", arrays},
    };
    return run_tests("thousands of parameters", tests, COUNT(tests));
}
