/* SPDX-License-Identifier: Apache-2.0 */
/* SQLPrepare, SQLExecute, SQLExecDirect, SQLRowCount, SQLNativeSql, procedure calls and what statements tell. */
#include "results.h"

#include <stdlib.h>
#include <time.h>

/* ---- helpers ------------------------------------------------------------------------------------------------------- */

static SQLRETURN direct(SQLHSTMT stmt, const char *sql)
{
    return SQLExecDirect(stmt, T(sql), SQL_NTS);
}

static void manual(const struct link *l)
{
    CHECK_OK(l->dbc, SQLSetConnectAttr(l->dbc, SQL_ATTR_AUTOCOMMIT, (SQLPOINTER)SQL_AUTOCOMMIT_OFF, 0));
}

/* ---- states -------------------------------------------------------------------------------------------------------- */

static void prepare_states(void)
{
    struct link l = link_open("");
    SQLHSTMT s = l.stmt;
    SQLSMALLINT n = 0;
    SQLLEN rows = 0;
    /* Allocated only. */
    CHECK_STATE(s, SQLExecute(s), "HY010");
    CHECK_STATE(s, SQLNumResultCols(s, &n), "HY010");
    CHECK_STATE(s, SQLRowCount(s, &rows), "HY010");
    CHECK_STATE(s, SQLFetch(s), "HY010");
    CHECK_STATE(s, SQLCloseCursor(s), "24000");
    CHECK_OK(s, SQLFreeStmt(s, SQL_CLOSE));
    CHECK_RC(s, SQLMoreResults(s), SQL_NO_DATA);
    CHECK_STATE(s, SQLPrepare(s, NULL, SQL_NTS), "HY009");
    CHECK_STATE(s, SQLPrepare(s, T("select 1"), -5), "HY090");
    CHECK_STATE(s, SQLExecDirect(s, NULL, SQL_NTS), "HY009");
    CHECK_STATE(s, SQLExecDirect(s, T("select 1"), -5), "HY090");

    /* Prepared: described, not executed. */
    CHECK_OK(s, SQLPrepare(s, T("select 1, 'x' -- and more than is given"), 13));
    CHECK_INT(result_columns(s), 2);
    CHECK_STATE(s, SQLFetch(s), "HY010");
    CHECK_STATE(s, SQLRowCount(s, &rows), "HY010");
    CHECK_OK(s, SQLExecute(s));
    CHECK_INT(fetch_int(s), 1);
    CHECK_STATE(s, SQLExecute(s), "24000");
    CHECK_STATE(s, SQLPrepare(s, T("select 2"), SQL_NTS), "24000");
    CHECK_STATE(s, direct(s, "select 2"), "24000");
    CHECK_RC(s, SQLFetch(s), SQL_NO_DATA);
    CHECK_STATE(s, SQLExecute(s), "24000"); /* the cursor is open until it is closed */
    CHECK_OK(s, SQLFreeStmt(s, SQL_CLOSE));  /* the driver manager thinks that it is closed, and would refuse SQLCloseCursor */
    CHECK_STATE(s, SQLCloseCursor(s), "24000");
    CHECK_OK(s, SQLExecute(s)); /* still prepared */
    CHECK_OK(s, SQLFreeStmt(s, SQL_CLOSE));
    CHECK_OK(s, SQLFreeStmt(s, SQL_CLOSE));

    /* Executed and not fetched: the cursor is open all the same. */
    CHECK_OK(s, SQLExecute(s));
    CHECK_STATE(s, SQLExecute(s), "24000");
    CHECK_OK(s, SQLFreeStmt(s, SQL_CLOSE));

    /* SQLExecDirect leaves nothing prepared. */
    CHECK_OK(s, direct(s, "select 3"));
    CHECK_INT(fetch_int(s), 3);
    CHECK_OK(s, SQLCloseCursor(s));
    CHECK_STATE(s, SQLExecute(s), "HY010");

    /* Statements without result set: no cursor, and ready at once. */
    run(s, "create temp table st (a int)");
    CHECK_OK(s, SQLPrepare(s, T("insert into st values (1)"), SQL_NTS));
    CHECK_INT(result_columns(s), 0);
    CHECK_OK(s, SQLExecute(s));
    CHECK_OK(s, SQLExecute(s));
    CHECK_STATE(s, SQLFetch(s), "24000");
    CHECK_STATE(s, SQLCloseCursor(s), "24000");
    CHECK_INT(result_columns(s), 0);
    CHECK_INT(row_count(s), 1);
    CHECK_INT(count_of(l.dbc, "st"), 2);

    /* A wrong text: the error comes with the first call that needs the server, and can come again. */
    CHECK_OK(s, SQLPrepare(s, T("select * from no_such_table"), SQL_NTS));
    CHECK_STATE(s, SQLNumResultCols(s, &n), "42S02");
    CHECK_STATE(s, SQLExecute(s), "42S02");
    CHECK_STATE(s, SQLExecute(s), "42S02");
    CHECK_OK(s, SQLPrepare(s, T("select 5"), SQL_NTS));
    CHECK_OK(s, SQLExecute(s));
    CHECK_INT(fetch_int(s), 5);
    link_close(&l);
}

static void wrong_texts(void)
{
    static const struct {
        const char *sql, *state;
    } list[] = {
        {"selec 1", "42000"},
        {"select * from no_such_table", "42S02"},
        {"select no_such_column from pg_class", "42S22"},
        {"select no_such_function()", "42000"},
        {"create temp table pg_temp.w (a int); create temp table w (a int)", "42S01"},
        {"select 'open", "42000"},
        {"select \"open", "42000"},
        {"select /* open", "42000"},
        {"select $x$ open", "42000"},
        {"select {fn ucase('x')", "42000"},
        {"select 1 / 0", "22012"},
        {"select 'x'::int", "22018"},
        {"select 3000000000::int", "22003"},
        {"insert into w values (1), (1)", "23000"},
        {"insert into w values (null)", "23000"},
        {"insert into w values (-1)", "23000"},
        {"insert into w (a, b) values (1, 'too long')", "22001"},
        {"insert into w values (1, 'x', 2)", "21S01"},
        {"copy no_such_table from stdin", "42S02"},
        {"set no_such_setting = 1", "42000"},
        {"drop table no_such_table", "42S02"},
        {"select {d '2026-02-31'}", "22008"},
        {"select {d '2026-2'}", "22007"},
    };
    struct link l = link_open("");
    run(l.stmt, "create temp table w (a int primary key check (a > 0), b varchar(3))");
    for (int in_transaction = 0; in_transaction < 2; in_transaction++) {
        if (in_transaction) {
            manual(&l);
        }
        for (size_t i = 0; i < COUNT(list); i++) {
            SQLRETURN rc = direct(l.stmt, list[i].sql);
            if (rc != SQL_ERROR) { /* rows may come before the error */
                rc = SQLFetch(l.stmt);
            }
            if (strcmp(diag_state(l.stmt, 1), list[i].state) != 0) {
                printf("\n    %s\n", list[i].sql);
            }
            CHECK_STATE(l.stmt, rc, list[i].state);
            CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
            CHECK_INT(query_int(l.stmt, "select 42"), 42);
        }
    }
    link_close(&l);
}

static void several_executions(void)
{
    struct link l = link_open("");
    SQLHSTMT s = l.stmt;
    SQLINTEGER n = 0;
    run(s, "create temp table again (a int)");
    CHECK_OK(s, SQLBindParameter(s, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, &n, 0, NULL));
    CHECK_OK(s, SQLPrepare(s, T("insert into again values (?)"), SQL_NTS));
    for (n = 0; n < 50; n++) {
        CHECK_OK(s, SQLExecute(s));
    }
    CHECK_INT(count_of(l.dbc, "again"), 50);

    /* The table changes under the prepared statement: it adapts without a word. */
    CHECK_OK(s, SQLPrepare(s, T("select * from again where a = ?"), SQL_NTS));
    n = 7;
    CHECK_OK(s, SQLExecute(s));
    CHECK_INT(result_columns(s), 1);
    CHECK_OK(s, SQLCloseCursor(s));
    SQLHSTMT other = new_stmt(l.dbc);
    run(other, "alter table again add b text default 'new'");
    CHECK_OK(s, SQLExecute(s));
    CHECK_INT(result_columns(s), 2);
    CHECK_INT(fetch_int(s), 7);
    CHECK_OK(s, SQLCloseCursor(s));
    run(other, "alter table again alter a type text");
    CHECK_OK(s, SQLExecute(s));
    SQLSMALLINT type = 0;
    char text[8];
    CHECK_OK(s, SQLDescribeCol(s, 1, NULL, 0, NULL, &type, NULL, NULL, NULL));
    CHECK(type != SQL_INTEGER);
    CHECK_OK(s, SQLFetch(s));
    CHECK_OK(s, SQLGetData(s, 1, SQL_C_CHAR, text, sizeof text, NULL));
    CHECK_TEXT(text, "7");
    CHECK_OK(s, SQLCloseCursor(s));
    run(other, "deallocate all");
    CHECK_OK(s, SQLExecute(s));
    CHECK_OK(s, SQLFetch(s));
    CHECK_OK(s, SQLCloseCursor(s));
    run(other, "drop table again");
    CHECK_STATE(s, SQLExecute(s), "42S02");
    run(other, "create temp table again (a int)");
    CHECK_OK(s, SQLExecute(s));
    CHECK_RC(s, SQLFetch(s), SQL_NO_DATA);
    free_stmt(other);
    link_close(&l);
}

/* ---- row counts ---------------------------------------------------------------------------------------------------- */

static void row_counts(void)
{
    enum { ANY = -99 };
    static const struct {
        const char *sql;
        SQLRETURN rc;
        SQLLEN rows;
        SQLSMALLINT columns;
    } list[] = {
        {"create temp table rc (a int, b text)", SQL_SUCCESS, -1, 0},
        {"insert into rc select g from generate_series(1, 5) g", SQL_SUCCESS, 5, 0},
        {"insert into rc select 1 where false", SQL_NO_DATA, 0, 0},
        {"update rc set b = 'x' where a > 2", SQL_SUCCESS, 3, 0},
        {"update rc set b = 'x' where a > 99", SQL_NO_DATA, 0, 0},
        {"delete from rc where a = 1", SQL_SUCCESS, 1, 0},
        {"delete from rc where a = 1", SQL_NO_DATA, 0, 0},
        {"merge into rc using (values (2), (9)) v (k) on a = k when matched then delete when not matched then insert values (k)",
         SQL_SUCCESS, 2, 0},
        {"with d as (delete from rc where a = 9) insert into rc values (9), (10)", SQL_SUCCESS, 2, 0},
        {"insert into rc values (11) returning a", SQL_SUCCESS, ANY, 1},
        {"update rc set b = 'y' where a > 99 returning a, b", SQL_SUCCESS, 0, 2}, /* an empty result set, not SQL_NO_DATA */
        {"delete from rc where a > 99 returning *", SQL_SUCCESS, 0, 2},
        {"select 1 where false", SQL_SUCCESS, ANY, 1},
        {"select", SQL_SUCCESS, ANY, 0},
        {"create temp table rc2 as select * from rc", SQL_SUCCESS, ANY, 0},
        {"select * into temp rc3 from rc", SQL_SUCCESS, ANY, 0},
        {"truncate rc", SQL_SUCCESS, -1, 0},
        {"begin", SQL_SUCCESS, -1, 0},
        {"savepoint x", SQL_SUCCESS, -1, 0},
        {"rollback", SQL_SUCCESS, -1, 0},
        {"set application_name = 'x'", SQL_SUCCESS, -1, 0},
        {"show application_name", SQL_SUCCESS, ANY, 1},
        {"explain select 1", SQL_SUCCESS, ANY, 1},
        {"values (1), (2)", SQL_SUCCESS, ANY, 1},
        {"table rc", SQL_SUCCESS, ANY, 2},
        {"do $$ begin end $$", SQL_SUCCESS, -1, 0},
        {"vacuum pg_catalog.pg_database", SQL_SUCCESS_WITH_INFO, -1, 0}, /* the role may not: a warning */
        {"listen execute_channel", SQL_SUCCESS, -1, 0},
        {"drop table rc, rc2, rc3", SQL_SUCCESS, -1, 0},
        {"", SQL_SUCCESS, -1, 0},
        {"  -- nothing but a comment", SQL_SUCCESS, -1, 0},
        {"/* nothing */ ; ;", SQL_SUCCESS, -1, 0},
    };
    struct link l = link_open("");
    for (int prepared = 0; prepared < 2; prepared++) {
        for (size_t i = 0; i < COUNT(list); i++) {
            SQLRETURN rc;
            if (prepared) {
                CHECK_OK(l.stmt, SQLPrepare(l.stmt, T(list[i].sql), SQL_NTS));
                rc = SQLExecute(l.stmt);
            } else {
                rc = direct(l.stmt, list[i].sql);
            }
            if (rc != list[i].rc) {
                printf("\n    %s%s\n", list[i].sql, prepared ? " (prepared)" : "");
            }
            CHECK_RC(l.stmt, rc, list[i].rc);
            CHECK_INT(result_columns(l.stmt), list[i].columns);
            SQLLEN rows = row_count(l.stmt);
            if (list[i].rows != ANY && rows != list[i].rows) {
                printf("\n    %s: %lld\n", list[i].sql, (long long)rows);
                CHECK_INT(rows, list[i].rows);
            }
            CHECK_RC(l.stmt, SQLMoreResults(l.stmt), SQL_NO_DATA);
            CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
        }
    }

    /* Rows of a result are counted when all of them are known. */
    CHECK_OK(l.stmt, direct(l.stmt, "select g from generate_series(1, 3) g"));
    while (SQLFetch(l.stmt) == SQL_SUCCESS) {
    }
    CHECK_INT(row_count(l.stmt), 3);
    CHECK_OK(l.stmt, SQLCloseCursor(l.stmt));

    /* The header of the diagnostics has the count, too. */
    run(l.stmt, "create temp table rc (a int)");
    SQLLEN rows = -1;
    SQLINTEGER code = -1;
    char function[32];
    CHECK_OK(l.stmt, direct(l.stmt, "insert into rc values (1), (2)"));
    CHECK_OK(l.stmt, SQLGetDiagField(SQL_HANDLE_STMT, l.stmt, 0, SQL_DIAG_ROW_COUNT, &rows, 0, NULL));
    CHECK_INT(rows, 2);
    CHECK_OK(l.stmt, SQLGetDiagField(SQL_HANDLE_STMT, l.stmt, 0, SQL_DIAG_DYNAMIC_FUNCTION_CODE, &code, 0, NULL));
    CHECK_INT(code, SQL_DIAG_INSERT);
    CHECK_OK(l.stmt, SQLGetDiagField(SQL_HANDLE_STMT, l.stmt, 0, SQL_DIAG_DYNAMIC_FUNCTION, function, sizeof function, NULL));
    CHECK_TEXT(function, "INSERT");
    link_close(&l);
}

/* An application of ODBC 2 knows no SQL_NO_DATA from an execution. */
static void odbc2(void)
{
    struct link l = link_new(SQL_OV_ODBC2);
    CHECK_OK(l.dbc, try_connect(l.dbc, connstr("%s", "")));
    l.stmt = new_stmt(l.dbc);
    run(l.stmt, "create temp table v2 (a int)");
    CHECK_OK(l.stmt, direct(l.stmt, "delete from v2"));
    CHECK_INT(row_count(l.stmt), 0);
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("update v2 set a = 1"), SQL_NTS));
    CHECK_OK(l.stmt, SQLExecute(l.stmt));
    CHECK_STATE(l.stmt, direct(l.stmt, "select * from no_such_table"), "S0002");
    link_close(&l);
}

/* An error that comes while rows are read. */
static void error_in_rows(void)
{
    struct link l = link_open("");
    SQLHSTMT s = l.stmt;
    CHECK_OK(s, direct(s, "select 20000 / (20000 - g) from generate_series(1, 30000) g"));
    SQLRETURN rc = SQL_SUCCESS;
    int rows = 0;
    while ((rc = SQLFetch(s)) == SQL_SUCCESS) {
        rows++;
    }
    CHECK_STATE(s, rc, "22012");
    CHECK_INT(rows, 19999);
    CHECK_OK(s, SQLFreeStmt(s, SQL_CLOSE));
    CHECK_INT(query_int(s, "select 1"), 1);
    link_close(&l);
}

/* ---- text ---------------------------------------------------------------------------------------------------------- */

static void comments(void)
{
    struct link l = link_open("");
    CHECK_TEXT(query_text(l.stmt, "/* ? ' { */ select /* nested /* ? */ */ 'a' -- it's ? {\n || 'b'"), "ab");
    CHECK_TEXT(query_text(l.stmt, "select U&'d\\0061t' || E'\\'?\\'' || 'it''s'"), "dat'?'it's");
    CHECK_TEXT(query_text(l.stmt, "select '{fn ucase(''x'')}'"), "{fn ucase('x')}");
    CHECK_TEXT(query_text(l.stmt, "select '{1,2}'::int[]::text"), "{1,2}");
    /* UTF-8 and UTF-16 alike. */
    char text[32];
    CHECK_OK(l.stmt, SQLExecDirectW(l.stmt, wide("select 'h\xC3\xA9\xF0\x9F\x98\x80' as \"\xC3\xA4\""), SQL_NTS));
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_OK(l.stmt, SQLGetData(l.stmt, 1, SQL_C_CHAR, text, sizeof text, NULL));
    CHECK_TEXT(text, "h\xC3\xA9\xF0\x9F\x98\x80");
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    /* A long one. */
    enum { LONG = 300000 };
    char *sql = malloc(LONG + 64);
    int used = snprintf(sql, 32, "select length('");
    memset(sql + used, 'x', LONG);
    snprintf(sql + used + LONG, 8, "')");
    CHECK_INT(query_int(l.stmt, sql), LONG);
    free(sql);
    link_close(&l);
}

static void noscan(void)
{
    struct link l = link_open("");
    SQLHSTMT s = l.stmt;
    SQLULEN value = 99;
    CHECK_OK(s, SQLGetStmtAttr(s, SQL_ATTR_NOSCAN, &value, 0, NULL));
    CHECK_INT(value, SQL_NOSCAN_OFF);
    CHECK_TEXT(query_text(s, "select {fn ucase('x')}"), "X");
    CHECK_OK(s, SQLSetStmtAttr(s, SQL_ATTR_NOSCAN, (SQLPOINTER)SQL_NOSCAN_ON, 0));
    CHECK_STATE(s, direct(s, "select {fn ucase('x')}"), "42000");
    SQLINTEGER n = 5;
    CHECK_OK(s, SQLBindParameter(s, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, &n, 0, NULL));
    CHECK_INT(query_int(s, "select ? + 1"), 6); /* markers count all the same */
    CHECK_OK(s, SQLSetStmtAttr(s, SQL_ATTR_NOSCAN, (SQLPOINTER)SQL_NOSCAN_OFF, 0));
    CHECK_TEXT(query_text(s, "select {fn ucase('y')}"), "Y");
    CHECK_STATE(s, SQLSetStmtAttr(s, SQL_ATTR_NOSCAN, (SQLPOINTER)7, 0), "HY024");
    link_close(&l);
}

static void native_sql(void)
{
    struct link l = link_open("");
    char out[64];
    SQLINTEGER length = -1;
    memset(out, 'x', sizeof out);
    CHECK_OK(l.dbc, SQLNativeSql(l.dbc, T("select {d '2026-02-28'}, ?"), SQL_NTS, T(out), sizeof out, &length));
    CHECK_INT(length, (SQLINTEGER)strlen(out));
    CHECK_CONTAINS(out, "2026-02-28");
    CHECK_CONTAINS(out, "?");
    CHECK(strchr(out, '{') == NULL);
    SQLINTEGER full = length;

    /* The length alone, a buffer that is too short, one that fits exactly. */
    CHECK_OK(l.dbc, SQLNativeSql(l.dbc, T("select {d '2026-02-28'}, ?"), SQL_NTS, NULL, 0, &length));
    CHECK_INT(length, full);
    char tiny[6];
    memset(tiny, 'x', sizeof tiny);
    CHECK_INFO(l.dbc, SQLNativeSql(l.dbc, T("select {d '2026-02-28'}, ?"), SQL_NTS, T(tiny), sizeof tiny, &length), "01004");
    CHECK_INT(length, full);
    CHECK_TEXT(tiny, "selec");
    CHECK_OK(l.dbc, SQLNativeSql(l.dbc, T("select {d '2026-02-28'}, ?"), SQL_NTS, T(out), full + 1, &length));
    CHECK_OK(l.dbc, SQLNativeSql(l.dbc, T("select 1 and more"), 8, T(out), sizeof out, NULL));
    CHECK_TEXT(out, "select 1");

    /* In characters for the wide one. */
    SQLWCHAR wout[64];
    CHECK_OK(l.dbc, SQLNativeSqlW(l.dbc, wide("select '\xF0\x9F\x98\x80', {fn ucase('x')}"), SQL_NTS, wout, COUNT(wout), &length));
    CHECK_CONTAINS(narrow(wout), "select '\xF0\x9F\x98\x80', ");
    SQLINTEGER units = 0;
    while (wout[units] != 0) {
        units++;
    }
    CHECK_INT(length, units);

    CHECK_STATE(l.dbc, SQLNativeSql(l.dbc, T("select {d '2026-2'}"), SQL_NTS, T(out), sizeof out, &length), "22007");
    CHECK_STATE(l.dbc, SQLNativeSql(l.dbc, T("select 'open"), SQL_NTS, T(out), sizeof out, &length), "42000");
    CHECK_STATE(l.dbc, SQLNativeSql(l.dbc, NULL, SQL_NTS, T(out), sizeof out, &length), "HY009");
    CHECK_STATE(l.dbc, SQLNativeSql(l.dbc, T("select 1"), -7, T(out), sizeof out, &length), "HY090");
    /* Nothing is run, and what does not exist does not matter. */
    CHECK_OK(l.dbc, SQLNativeSql(l.dbc, T("drop table no_such_table"), SQL_NTS, T(out), sizeof out, &length));
    CHECK_TEXT(out, "drop table no_such_table");
    link_close(&l);
}

/* ---- calls --------------------------------------------------------------------------------------------------------- */

static void calls(void)
{
    struct link l = link_open("");
    SQLHSTMT s = l.stmt;
    run(s, "create schema execute_calls; set search_path = execute_calls, public;"
           "create table log (a text);"
           "create function twice(int) returns int language sql as $$ select $1 * 2 $$;"
           "create function nothing() returns int language sql as $$ select null::int $$;"
           "create function rows(int) returns setof int language sql as $$ select generate_series(1, $1) $$;"
           "create function greet(text default 'you') returns text language sql as $$ select 'hello ' || $1 $$;"
           "create function silent() returns void language sql as $$ insert into log values ('silent') $$;"
           "create procedure note(text) language sql as $$ insert into log values ($1) $$;"
           "create procedure change(inout int, in int, out text) language plpgsql as $$ begin $1 := $1 + $2; $3 := 'n=' || $1; end $$;"
           "create procedure commits(int) language plpgsql as $$ begin insert into log values ('c' || $1); commit; end $$");

    /* A function's rows are a result set. */
    CHECK_OK(s, direct(s, "{call twice(21)}"));
    CHECK_INT(fetch_int(s), 42);
    CHECK_OK(s, SQLCloseCursor(s));
    SQLINTEGER n = 3;
    CHECK_OK(s, SQLBindParameter(s, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, &n, 0, NULL));
    CHECK_OK(s, direct(s, "{ CALL execute_calls.rows( ? ) }"));
    for (SQLINTEGER i = 1; i <= 3; i++) {
        CHECK_INT(fetch_int(s), i);
    }
    CHECK_RC(s, SQLFetch(s), SQL_NO_DATA);
    CHECK_OK(s, SQLCloseCursor(s));
    CHECK_OK(s, SQLFreeStmt(s, SQL_RESET_PARAMS));
    CHECK_TEXT(query_text(s, "{call greet}"), "hello you");
    CHECK_TEXT(query_text(s, "{call greet()}"), "hello you");
    CHECK_TEXT(query_text(s, "{call greet('me')}"), "hello me");

    /* {? = call}: the value goes to parameter 1, and there is no result set. */
    SQLINTEGER result = -1;
    SQLLEN length = -99;
    CHECK_OK(s, SQLBindParameter(s, 1, SQL_PARAM_OUTPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, &result, 0, &length));
    CHECK_OK(s, SQLBindParameter(s, 2, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, &n, 0, NULL));
    CHECK_OK(s, SQLPrepare(s, T("{? = call twice(?)}"), SQL_NTS));
    SQLSMALLINT markers = 0;
    CHECK_OK(s, SQLNumParams(s, &markers));
    CHECK_INT(markers, 2);
    for (n = 5; n < 8; n++) {
        CHECK_OK(s, SQLExecute(s));
        CHECK_INT(result, 2 * n);
        CHECK_INT(length, sizeof result);
        CHECK_INT(result_columns(s), 0);
        CHECK_STATE(s, SQLFetch(s), "24000");
    }
    CHECK_OK(s, direct(s, "{?=call nothing()}"));
    CHECK_INT(length, SQL_NULL_DATA);
    char text[8];
    CHECK_OK(s, SQLBindParameter(s, 1, SQL_PARAM_OUTPUT, SQL_C_CHAR, SQL_VARCHAR, 20, 0, text, sizeof text, &length));
    CHECK_INFO(s, direct(s, "{?=call greet('world')}"), "01004");
    CHECK_TEXT(text, "hello w");
    CHECK_INT(length, 11);
    CHECK_STATE(s, direct(s, "{?=call no_such_function()}"), "42000");
    CHECK_OK(s, SQLFreeStmt(s, SQL_RESET_PARAMS));
    CHECK_STATE(s, direct(s, "{?=call twice(1)}"), "07002");

    /* Procedures are called as procedures. */
    CHECK_OK(s, direct(s, "{call note('direct')}"));
    char what[] = "bound";
    CHECK_OK(s, SQLBindParameter(s, 1, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, 20, 0, what, 0, NULL));
    CHECK_OK(s, direct(s, "{call note(?)}"));
    CHECK_OK(s, SQLPrepare(s, T("{call execute_calls.note(?)}"), SQL_NTS));
    CHECK_OK(s, SQLExecute(s));
    CHECK_OK(s, SQLExecute(s));
    CHECK_OK(s, SQLFreeStmt(s, SQL_RESET_PARAMS));
    CHECK_OK(s, direct(s, "call note('plain')"));
    CHECK_OK(s, SQLFreeStmt(s, SQL_CLOSE));
    CHECK_TEXT(query_text(s, "select string_agg(a, ',' order by ctid) from log"), "direct,bound,bound,bound,plain");

    /* Output parameters take the columns of a procedure's row; bound as input they leave it as a result set. */
    SQLINTEGER inout = 40;
    SQLINTEGER in = 2;
    SQLLEN inout_length = 0;
    length = 0;
    CHECK_OK(s, SQLBindParameter(s, 1, SQL_PARAM_INPUT_OUTPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, &inout, 0, &inout_length));
    CHECK_OK(s, SQLBindParameter(s, 2, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, &in, 0, NULL));
    CHECK_OK(s, SQLBindParameter(s, 3, SQL_PARAM_OUTPUT, SQL_C_CHAR, SQL_VARCHAR, 20, 0, text, sizeof text, &length));
    CHECK_OK(s, SQLPrepare(s, T("{call change(?, ?, ?)}"), SQL_NTS));
    CHECK_OK(s, SQLExecute(s));
    CHECK_INT(inout, 42);
    CHECK_INT(inout_length, sizeof inout);
    CHECK_TEXT(text, "n=42");
    CHECK_INT(length, 4);
    CHECK_INT(result_columns(s), 0);
    CHECK_OK(s, SQLExecute(s));
    CHECK_INT(inout, 44);
    CHECK_OK(s, SQLBindParameter(s, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, &inout, 0, NULL));
    length = SQL_NULL_DATA;
    CHECK_OK(s, SQLBindParameter(s, 3, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, 20, 0, text, sizeof text, &length));
    CHECK_OK(s, SQLExecute(s));
    CHECK_INT(result_columns(s), 2);
    CHECK_INT(fetch_int(s), 46);
    CHECK_OK(s, SQLCloseCursor(s));
    CHECK_OK(s, SQLFreeStmt(s, SQL_RESET_PARAMS));

    /* A default C type is that of the declared SQL type, whatever the function returns. */
    SQLINTEGER guard[3] = {-1, -1, -1};
    CHECK_OK(s, SQLBindParameter(s, 1, SQL_PARAM_OUTPUT, SQL_C_DEFAULT, SQL_INTEGER, 0, 0, &guard[1], 0, NULL));
    CHECK_OK(s, direct(s, "{?=call pg_catalog.length('four')}"));
    CHECK_INT(guard[1], 4);
    CHECK_OK(s, direct(s, "{?=call pg_catalog.abs(-5000000::bigint)}"));
    CHECK_INT(guard[1], 5000000);
    CHECK_INT(guard[2], -1);
    CHECK_OK(s, SQLFreeStmt(s, SQL_RESET_PARAMS));

    /* Without a buffer the length alone is told. */
    length = -99;
    CHECK_OK(s, SQLBindParameter(s, 1, SQL_PARAM_OUTPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, NULL, 0, &length));
    CHECK_OK(s, direct(s, "{?=call twice(21)}"));
    CHECK_INT(length, sizeof(SQLINTEGER));
    CHECK_OK(s, SQLFreeStmt(s, SQL_RESET_PARAMS));

    /* A function that returns nothing gives no result set. A procedure may end transactions. */
    CHECK_OK(s, direct(s, "{call silent()}"));
    CHECK_INT(result_columns(s), 0);
    CHECK_OK(s, direct(s, "{call commits(1)}"));
    in = 2;
    CHECK_OK(s, SQLBindParameter(s, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, &in, 0, NULL));
    CHECK_OK(s, direct(s, "{call commits(?)}"));
    CHECK_OK(s, SQLFreeStmt(s, SQL_RESET_PARAMS));
    CHECK_TEXT(query_text(s, "select string_agg(a, ',' order by ctid) from log"), "direct,bound,bound,bound,plain,silent,c1,c2");

    /* Inside a transaction looking for the procedure does no harm. */
    manual(&l);
    CHECK_OK(s, direct(s, "{call note('t1')}"));
    CHECK_STATE(s, direct(s, "{call no_such_procedure(1)}"), "42000");
    CHECK_OK(s, direct(s, "{call note('t2')}"));
    CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_COMMIT));
    CHECK_TEXT(query_text(s, "select string_agg(a, ',' order by ctid) from log where a like 't%'"), "t1,t2");
    CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_COMMIT));
    CHECK_OK(l.dbc, SQLSetConnectAttr(l.dbc, SQL_ATTR_AUTOCOMMIT, (SQLPOINTER)SQL_AUTOCOMMIT_ON, 0));

    CHECK_STATE(s, direct(s, "{call no_such_procedure(1)}"), "42000");
    CHECK_STATE(s, direct(s, "{call twice(1)"), "42000");
    run(s, "drop schema execute_calls cascade");
    link_close(&l);
}

/* ---- notices ------------------------------------------------------------------------------------------------------- */

static void notices(void)
{
    struct link l = link_open("");
    SQLHSTMT s = l.stmt;
    CHECK_INFO(s, direct(s, "do $$ begin raise notice 'first'; raise warning 'second' using hint = 'a hint'; end $$"), "01000");
    CHECK_CONTAINS(diag_message(s, 1), "NOTICE: first");
    CHECK_CONTAINS(diag_message(s, 2), "WARNING: second");
    CHECK_CONTAINS(diag_message(s, 2), "a hint");
    CHECK_TEXT(diag_state(s, 3), "");
    CHECK_INFO(s, direct(s, "drop table if exists no_such_table"), "01000");
    CHECK_INFO(s, direct(s, "create temp table no (a int primary key); drop table if exists no_such_table"), "01000");
    CHECK_OK(s, SQLFreeStmt(s, SQL_CLOSE));
    /* Records are cleared by the next call. */
    CHECK_OK(s, direct(s, "select 1"));
    CHECK_TEXT(diag_state(s, 1), "");
    CHECK_OK(s, SQLCloseCursor(s));
    /* A notice before an error: the error comes first. */
    CHECK_STATE(s, direct(s, "do $$ begin raise notice 'note'; raise exception 'boom' using errcode = '22012'; end $$"), "22012");
    CHECK_CONTAINS(diag_message(s, 1), "boom");
    CHECK_TEXT(diag_state(s, 2), "01000");
    /* With rows. */
    run(s, "create function pg_temp.chatty() returns int language plpgsql as $$ begin raise notice 'said'; return 7; end $$");
    CHECK_INFO(s, direct(s, "select pg_temp.chatty()"), "01000");
    CHECK_INT(fetch_int(s), 7);
    CHECK_OK(s, SQLCloseCursor(s));
    /* With a change of no row, which is told all the same. */
    run(s, "create temp table quiet (a int); create function pg_temp.remark() returns trigger language plpgsql as $$ begin raise notice 'none'; return null; "
           "end $$; create trigger remark after update on quiet execute function pg_temp.remark()");
    CHECK_RC(s, direct(s, "update quiet set a = 1"), SQL_NO_DATA);
    CHECK_INFO(s, direct(s, "insert into quiet values (1); update quiet set a = 2"), "01000");
    CHECK_OK(s, SQLFreeStmt(s, SQL_CLOSE));
    CHECK_INFO(s, direct(s, "update quiet set a = 3"), "01000");
    CHECK_INT(row_count(s), 1);
    /* An application's own state goes through. */
    CHECK_STATE(s, direct(s, "do $$ begin raise exception 'own' using errcode = 'P1234'; end $$"), "P1234");
    CHECK_STATE(s, direct(s, "do $$ begin raise exception 'own'; end $$"), "HY000");
    CHECK_CONTAINS(diag_message(s, 1), "P0001");
    /* Position, detail and hint of an error. */
    CHECK_STATE(s, direct(s, "select {fn ucase('x')}, no_such_column"), "42S22");
    CHECK_CONTAINS(diag_message(s, 1), "character 25");
    link_close(&l);
}

/* ---- names that the server does not know ------------------------------------------------------------------------------ */

/* EXECUTE of a name that nobody prepared says nothing of the names that the driver uses itself, whose loss it would mend. */
static void unknown_names(void)
{
    struct link l = link_open("");
    SQLHSTMT s = l.stmt;
    for (int manual = 0; manual < 2; manual++) {
        CHECK_OK(l.dbc, SQLSetConnectAttr(l.dbc, SQL_ATTR_AUTOCOMMIT, manual ? SQL_AUTOCOMMIT_OFF : (SQLPOINTER)SQL_AUTOCOMMIT_ON, 0));
        run(s, manual ? "select 1" : "begin; select 1; select 2; commit");
        run(s, "select 3");
        for (int i = 0; i < 2; i++) {
            CHECK_STATE(s, direct(s, "execute no_such_name"), "HY000");
            CHECK_CONTAINS(diag_message(s, 1), "26000");
            CHECK_STATE(s, direct(s, "deallocate no_such_name"), "HY000");
            CHECK_INT(query_int(s, "select 4; select 5"), 4);
            CHECK_INT(query_int(s, "select 6"), 6);
            run(s, "begin; select 1; commit");
        }
    }
    /* When a name of the driver's is lost and the statement with it, the application hears of the statement. */
    CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_ROLLBACK));
    CHECK_OK(l.dbc, SQLSetConnectAttr(l.dbc, SQL_ATTR_AUTOCOMMIT, (SQLPOINTER)SQL_AUTOCOMMIT_ON, 0));
    SQLHSTMT other = new_stmt(l.dbc);
    run(s, "create temp table lost (a int)");
    CHECK_OK(s, SQLPrepare(s, T("select * from lost"), SQL_NTS));
    CHECK_OK(s, SQLExecute(s));
    CHECK_OK(s, SQLCloseCursor(s));
    run(other, "discard all");
    for (int i = 0; i < 2; i++) {
        CHECK_STATE(s, SQLExecute(s), "42S02");
    }
    run(other, "create temp table lost as select 8 as a");
    CHECK_OK(s, SQLExecute(s));
    CHECK_INT(fetch_int(s), 8);
    CHECK_OK(s, SQLCloseCursor(s));
    free_stmt(other);
    CHECK_OK(l.dbc, SQLSetConnectAttr(l.dbc, SQL_ATTR_AUTOCOMMIT, (SQLPOINTER)SQL_AUTOCOMMIT_OFF, 0));

    /* No name of the driver's is left behind either: each is given up before another takes its place. */
    CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_COMMIT));
    int64_t names[20];
    for (int i = 0; i < 20; i++) {
        CHECK_STATE(s, direct(s, "execute no_such_name"), "HY000");
        run(s, "select 7");
        names[i] = query_int(s, "select count(*) from pg_catalog.pg_prepared_statements");
    }
    CHECK_INT(names[19], names[2]);
    CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_COMMIT));
    link_close(&l);
}

/* ---- limits -------------------------------------------------------------------------------------------------------- */

static void max_rows(void)
{
    struct link l = link_open("");
    SQLHSTMT s = l.stmt;
    SQLULEN value = 99;
    CHECK_OK(s, SQLSetStmtAttr(s, SQL_ATTR_MAX_ROWS, (SQLPOINTER)3, 0));
    CHECK_OK(s, SQLGetStmtAttr(s, SQL_ATTR_MAX_ROWS, &value, 0, NULL));
    CHECK_INT(value, 3);
    CHECK_OK(s, direct(s, "select generate_series(1, 1000000000)"));
    for (SQLINTEGER i = 1; i <= 3; i++) {
        CHECK_INT(fetch_int(s), i);
    }
    CHECK_RC(s, SQLFetch(s), SQL_NO_DATA);
    CHECK_OK(s, SQLCloseCursor(s));
    CHECK_OK(s, direct(s, "select g from generate_series(1, 2) g"));
    CHECK_INT(fetch_int(s), 1);
    CHECK_INT(fetch_int(s), 2);
    CHECK_RC(s, SQLFetch(s), SQL_NO_DATA);
    CHECK_OK(s, SQLCloseCursor(s));
    /* The rows that are counted are the rows that can be fetched. */
    CHECK_OK(s, direct(s, "select g from generate_series(1, 12) g"));
    for (SQLINTEGER i = 1; i <= 3; i++) {
        CHECK_INT(fetch_int(s), i);
    }
    CHECK_RC(s, SQLFetch(s), SQL_NO_DATA);
    CHECK_INT(row_count(s), 3);
    CHECK_OK(s, SQLCloseCursor(s));

    /* What is written is written, however many rows are shown. */
    run(s, "create temp table mr (a int)");
    CHECK_OK(s, direct(s, "insert into mr select generate_series(1, 10) returning a"));
    CHECK_INT(fetch_int(s), 1);
    CHECK_INT(fetch_int(s), 2);
    CHECK_INT(fetch_int(s), 3);
    CHECK_RC(s, SQLFetch(s), SQL_NO_DATA);
    CHECK_OK(s, SQLCloseCursor(s));
    CHECK_INT(count_of(l.dbc, "mr"), 10);
    CHECK_OK(s, direct(s, "update mr set a = 0"));
    CHECK_INT(row_count(s), 10);
    CHECK_OK(s, SQLSetStmtAttr(s, SQL_ATTR_MAX_ROWS, (SQLPOINTER)0, 0));
    CHECK_INT(query_int(s, "select count(*) from mr"), 10);

    /* In a transaction of the application, which goes on. */
    manual(&l);
    run(s, "insert into mr values (11)");
    CHECK_OK(s, SQLSetStmtAttr(s, SQL_ATTR_MAX_ROWS, (SQLPOINTER)1, 0));
    CHECK_OK(s, direct(s, "select generate_series(1, 1000000000)"));
    CHECK_INT(fetch_int(s), 1);
    CHECK_RC(s, SQLFetch(s), SQL_NO_DATA);
    CHECK_OK(s, SQLCloseCursor(s));
    CHECK_INT(count_of(l.dbc, "mr"), 11);
    CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_COMMIT));
    CHECK_INT(count_of(l.dbc, "mr"), 11);
    link_close(&l);
}

static void query_timeout(void)
{
    for (int in_transaction = 0; in_transaction < 2; in_transaction++) {
        struct link l = link_open("");
        SQLHSTMT s = l.stmt;
        SQLULEN value = 99;
        CHECK_OK(s, SQLGetStmtAttr(s, SQL_ATTR_QUERY_TIMEOUT, &value, 0, NULL));
        CHECK_INT(value, 0);
        if (in_transaction) {
            manual(&l);
            run(s, "create temp table qt (a int)");
        }
        CHECK_OK(s, SQLSetStmtAttr(s, SQL_ATTR_QUERY_TIMEOUT, (SQLPOINTER)1, 0));
        double begun = seconds_now();
        CHECK_STATE(s, direct(s, "select pg_sleep(40)"), "HYT00");
        CHECK(seconds_now() - begun < 20);
        CHECK(seconds_now() - begun > 0.9);
        CHECK_OK(s, SQLSetStmtAttr(s, SQL_ATTR_QUERY_TIMEOUT, (SQLPOINTER)30, 0));
        /* The connection, and the transaction, go on. */
        CHECK_INT(query_int(s, "select 42"), 42);
        if (in_transaction) {
            CHECK_INT(count_of(l.dbc, "qt"), 0);
        }
        CHECK_OK(s, SQLPrepare(s, T("select pg_sleep(?)"), SQL_NTS));
        SQLDOUBLE delay = 40;
        CHECK_OK(s, SQLBindParameter(s, 1, SQL_PARAM_INPUT, SQL_C_DOUBLE, SQL_DOUBLE, 0, 0, &delay, 0, NULL));
        CHECK_OK(s, SQLSetStmtAttr(s, SQL_ATTR_QUERY_TIMEOUT, (SQLPOINTER)1, 0));
        CHECK_STATE(s, SQLExecute(s), "HYT00");
        CHECK_OK(s, SQLSetStmtAttr(s, SQL_ATTR_QUERY_TIMEOUT, (SQLPOINTER)30, 0));
        delay = 0;
        CHECK_OK(s, SQLExecute(s)); /* and so does the prepared statement */
        CHECK_OK(s, SQLCloseCursor(s));
        /* A statement that is cancelled by somebody else is not timed out. */
        CHECK_OK(s, SQLFreeStmt(s, SQL_RESET_PARAMS));
        CHECK_OK(s, SQLSetStmtAttr(s, SQL_ATTR_QUERY_TIMEOUT, (SQLPOINTER)0, 0));
        run(s, "set statement_timeout = '100ms'");
        SQLRETURN rc = direct(s, "select pg_sleep(20)");
        CHECK_RC(s, rc, SQL_ERROR);
        CHECK(strcmp(diag_state(s, 1), "HYT00") == 0 || strcmp(diag_state(s, 1), "HY008") == 0);
        CHECK_CONTAINS(diag_message(s, 1), "statement timeout");
        link_close(&l);
    }
}

int main(void)
{
    static const struct test tests[] = {
        {"states of a statement", prepare_states},
        {"texts that are wrong", wrong_texts},
        {"executed again and again", several_executions},
        {"row counts of every kind of statement", row_counts},
        {"an application of ODBC 2", odbc2},
        {"an error between rows", error_in_rows},
        {"comments, quotes, long texts", comments},
        {"SQL_ATTR_NOSCAN", noscan},
        {"SQLNativeSql", native_sql},
        {"{call} and {? = call}", calls},
        {"notices and messages", notices},
        {"names that the server does not know", unknown_names},
        {"SQL_ATTR_MAX_ROWS", max_rows},
        {"SQL_ATTR_QUERY_TIMEOUT", query_timeout},
    };
    return run_tests("execution", tests, COUNT(tests));
}
