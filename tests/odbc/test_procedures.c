/* SPDX-License-Identifier: Apache-2.0 */
/* SQLProcedures: functions and procedures, overloads, what nobody can call, and when the system's own are listed. */
#include "rows.h"

#define SCHEMA "odbc_procs"
#define S T(SCHEMA)

static void create_all(void)
{
    struct link l = link_open("");
    run(l.stmt, "drop schema if exists " SCHEMA " cascade; create schema " SCHEMA);
    run(l.stmt, "set search_path = " SCHEMA);
    run(l.stmt, "create function over(a int) returns int language sql as 'select 1'; create function over(a text, b text, c text) returns text language sql as 'select a';"
                " create function outs(i int, out o int, inout io text, variadic v int[]) language sql as 'select 1, $2';"
                " create function many(i int, out o int, out p int) returns setof record language sql as 'select 1, 2';"
                " create function tab() returns table (x int) language sql as 'select 1'; create table whole (a int, b int);"
                " create function rowof() returns whole language sql as 'select 1, 2'; create function nothing() returns void language sql as 'select'");
    run(l.stmt, "create procedure proc(out o int, i int, inout io int default 3) language plpgsql as $$ begin o := i; end $$;"
                " create function \"Odd \"\"é%_\\\"() returns int language sql as 'select 1'; comment on function over(int) is 'grüße 😀';"
                " create function fires() returns trigger language plpgsql as 'begin return new; end';"
                " create aggregate total(int) (sfunc = int4pl, stype = int)");
    link_close(&l);
}

static void forget_all(void)
{
    struct link l = link_open("");
    run(l.stmt, "drop schema " SCHEMA " cascade");
    link_close(&l);
}

static const char *procedures(SQLHSTMT stmt, const char *name)
{
    SQLRETURN rc = SQLProcedures(stmt, NULL, 0, S, SQL_NTS, T(name), SQL_NTS);
    check_rc(stmt, rc, SQL_SUCCESS, name, __FILE__, __LINE__);
    return SQL_SUCCEEDED(rc) ? rows_of(stmt, "3") : "";
}

static void rows(void)
{
    static const struct shape v3[] = {
        {"PROCEDURE_CAT", SQL_WVARCHAR, SQL_NULLABLE},    {"PROCEDURE_SCHEM", SQL_WVARCHAR, SQL_NULLABLE},  {"PROCEDURE_NAME", SQL_WVARCHAR, SQL_NO_NULLS},
        {"NUM_INPUT_PARAMS", SQL_INTEGER, SQL_NULLABLE},  {"NUM_OUTPUT_PARAMS", SQL_INTEGER, SQL_NULLABLE}, {"NUM_RESULT_SETS", SQL_INTEGER, SQL_NULLABLE},
        {"REMARKS", SQL_WVARCHAR, SQL_NULLABLE},          {"PROCEDURE_TYPE", SQL_SMALLINT, SQL_NULLABLE},
    };
    static const struct shape v2[] = {
        {"PROCEDURE_QUALIFIER", SQL_VARCHAR, SQL_NULLABLE}, {"PROCEDURE_OWNER", SQL_VARCHAR, SQL_NULLABLE},   {"PROCEDURE_NAME", SQL_VARCHAR, SQL_NO_NULLS},
        {"NUM_INPUT_PARAMS", SQL_INTEGER, SQL_NULLABLE},    {"NUM_OUTPUT_PARAMS", SQL_INTEGER, SQL_NULLABLE}, {"NUM_RESULT_SETS", SQL_INTEGER, SQL_NULLABLE},
        {"REMARKS", SQL_VARCHAR, SQL_NULLABLE},             {"PROCEDURE_TYPE", SQL_SMALLINT, SQL_NULLABLE},
    };
    struct link l = link_open("");
    CHECK_OK(l.stmt, SQLProcedures(l.stmt, NULL, 0, S, SQL_NTS, T("over"), SQL_NTS));
    check_shape(l.stmt, v3, COUNT(v3));
    CHECK_TEXT(rows_of(l.stmt, "1 2 3 4 5 6 7 8"), "aldb_test|odbc_procs|over|1|0|0|grüße 😀|2\naldb_test|odbc_procs|over|3|0|0|~|2");
    /* No triggers and no aggregates: they cannot be called. A procedure is one, all else functions. */
    CHECK_OK(l.stmt, SQLProcedures(l.stmt, NULL, 0, S, SQL_NTS, T("%"), SQL_NTS));
    CHECK_TEXT(rows_of(l.stmt, "3 4 5 6 8"), "Odd \"é%_\\|0|0|0|2\nmany|1|0|1|2\nnothing|0|0|0|2\nouts|3|2|0|2\nover|1|0|0|2\nover|3|0|0|2\nproc|2|2|0|1\n"
                                             "rowof|0|0|1|2\ntab|0|0|1|2");
    link_close(&l);

    l = link_new(SQL_OV_ODBC2);
    CHECK_OK(l.dbc, try_connect(l.dbc, connstr(";")));
    l.stmt = new_stmt(l.dbc);
    CHECK_OK(l.stmt, SQLProcedures(l.stmt, NULL, 0, S, SQL_NTS, T("proc"), SQL_NTS));
    check_shape(l.stmt, v2, COUNT(v2));
    CHECK_TEXT(rows_of(l.stmt, "3"), "proc");
    link_close(&l);
}

/* The server's own: as SQLTables has it, when a schema or a name asks for them. */
static void systems(void)
{
    struct link l = link_open("");
    CHECK_OK(l.stmt, SQLProcedures(l.stmt, NULL, 0, NULL, 0, NULL, 0));
    const char *all = rows_of(l.stmt, "2 3");
    CHECK_CONTAINS(all, "odbc_procs|proc");
    CHECK(strstr(all, "pg_catalog|") == NULL && strstr(all, "information_schema|") == NULL);
    CHECK_OK(l.stmt, SQLProcedures(l.stmt, NULL, 0, T("%"), SQL_NTS, T("%"), SQL_NTS));
    CHECK(strstr(rows_of(l.stmt, "2 3"), "pg_catalog|") == NULL);
    CHECK_OK(l.stmt, SQLProcedures(l.stmt, NULL, 0, NULL, 0, T("pg\\_backend\\_pid"), SQL_NTS));
    CHECK_TEXT(rows_of(l.stmt, "2 3"), "pg_catalog|pg_backend_pid");
    CHECK_OK(l.stmt, SQLProcedures(l.stmt, NULL, 0, T("pg_catalog"), SQL_NTS, NULL, 0));
    CHECK(count_rows(l.stmt) > 1500);
    CHECK_OK(l.stmt, SQLProcedures(l.stmt, NULL, 0, T("pg_catalog"), SQL_NTS, T("int4in"), SQL_NTS));
    CHECK_INT(count_rows(l.stmt), 1);
    CHECK_OK(l.stmt, SQLProcedures(l.stmt, NULL, 0, T("pg_catalog"), SQL_NTS, T("count"), SQL_NTS)); /* an aggregate */
    CHECK_INT(count_rows(l.stmt), 0);
    CHECK_OK(l.stmt, SQLProcedures(l.stmt, NULL, 0, T("pg_catalog"), SQL_NTS, T("array\\_agg\\_transfn"), SQL_NTS)); /* takes what no SQL has */
    CHECK_INT(count_rows(l.stmt), 0);
    link_close(&l);
    l = link_open("ShowSystemTables=1");
    CHECK_OK(l.stmt, SQLProcedures(l.stmt, NULL, 0, NULL, 0, NULL, 0));
    CHECK(count_rows(l.stmt) > 1500);
    link_close(&l);
}

static void arguments(void)
{
    struct link l = link_open("");
    CHECK_TEXT(procedures(l.stmt, "o%"), "outs\nover\nover");
    CHECK_TEXT(procedures(l.stmt, "t_b"), "tab");
    CHECK_TEXT(procedures(l.stmt, "t\\_b"), "");
    CHECK_TEXT(procedures(l.stmt, "PROC"), "");
    CHECK_TEXT(procedures(l.stmt, ""), "");
    CHECK_TEXT(procedures(l.stmt, "Odd \"é\\%\\_\\\\"), "Odd \"é%_\\");
    CHECK_OK(l.stmt, SQLProceduresW(l.stmt, NULL, 0, wide("odbc\\_procs"), SQL_NTS, wide("Odd \"é%"), SQL_NTS));
    CHECK_TEXT(rows_of(l.stmt, "3"), "Odd \"é%_\\");
    CHECK_OK(l.stmt, SQLProcedures(l.stmt, T("aldb_tes_"), SQL_NTS, S, SQL_NTS, NULL, 0)); /* the catalog is no pattern */
    CHECK_INT(count_rows(l.stmt), 0);
    CHECK_OK(l.stmt, SQLProcedures(l.stmt, T("aldb_testX"), 9, T(SCHEMA "X"), (SQLSMALLINT)strlen(SCHEMA), T("procX"), 4));
    CHECK_TEXT(rows_of(l.stmt, "3"), "proc");
    CHECK_STATE(l.stmt, SQLProcedures(l.stmt, NULL, 0, S, SQL_NTS, T("x"), -5), "HY090");
    CHECK_STATE(l.stmt, SQLProcedures(l.stmt, NULL, 0, S, SQL_NTS, T("\xff"), SQL_NTS), "22018");
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_METADATA_ID, (SQLPOINTER)SQL_TRUE, 0));
    CHECK_OK(l.stmt, SQLProcedures(l.stmt, T("ALDB_TEST"), SQL_NTS, T("Odbc_Procs"), SQL_NTS, T("PROC "), SQL_NTS));
    CHECK_TEXT(rows_of(l.stmt, "3"), "proc");
    CHECK_OK(l.stmt, SQLProcedures(l.stmt, T("aldb_test"), SQL_NTS, S, SQL_NTS, T("%"), SQL_NTS));
    CHECK_TEXT(rows_of(l.stmt, "3"), "");
    CHECK_STATE(l.stmt, SQLProcedures(l.stmt, T("aldb_test"), SQL_NTS, S, SQL_NTS, NULL, 0), "HY009");
    CHECK_STATE(l.stmt, SQLProcedures(l.stmt, T("aldb_test"), SQL_NTS, NULL, 0, T("proc"), SQL_NTS), "HY009");
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_METADATA_ID, (SQLPOINTER)SQL_FALSE, 0));
    query(l.stmt, "select 1");
    CHECK_STATE(l.stmt, SQLProcedures(l.stmt, NULL, 0, S, SQL_NTS, NULL, 0), "24000");
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    char answer[4];
    CHECK_OK(l.dbc, SQLGetInfo(l.dbc, SQL_PROCEDURES, answer, sizeof answer, NULL));
    CHECK_TEXT(answer, "Y");
    CHECK_OK(l.dbc, SQLGetInfo(l.dbc, SQL_ACCESSIBLE_PROCEDURES, answer, sizeof answer, NULL));
    CHECK_TEXT(answer, "N"); /* those are listed too that this user may not call */
    link_close(&l);
}

int main(void)
{
    static const struct test tests[] = {
        {"(functions)", create_all}, {"rows", rows}, {"the system's own", systems}, {"arguments", arguments}, {"(no functions)", forget_all},
    };
    return run_tests("SQLProcedures", tests, COUNT(tests));
}
