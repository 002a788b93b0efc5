/* SPDX-License-Identifier: Apache-2.0 */
/* SQLProcedureColumns: return values, parameters of every mode in the order of the call, columns of results, defaults, overloads; types as a call describes them. */
#include "rows.h"

#define SCHEMA "odbc_proccols"
#define S T(SCHEMA)

static void create_all(void)
{
    struct link l = link_open("");
    run(l.stmt, "drop schema if exists " SCHEMA " cascade; create schema " SCHEMA);
    run(l.stmt, "set search_path = " SCHEMA);
    run(l.stmt, "create domain word as varchar(7) not null; create domain word2 as word; create type mood as enum ('sad', 'happy');"
                " create table whole (gone int, a int not null, b numeric(8,2)); alter table whole drop gone; comment on column whole.b is 'grüße 😀'");
    run(l.stmt, "create function plain(a int, b text default 'x''y', c date default current_date) returns numeric language sql as 'select 1.5';"
                " create function unnamed(int, text) returns bool language sql as 'select true';"
                " create function over(a int) returns int language sql as 'select 1'; create function over(b text) returns text language sql as 'select b';"
                " create function outs(i int, out o int8, inout io text, variadic v int[] default '{}') language sql as 'select 1::int8, $2';"
                " create function one_out(out o timestamp) language sql as 'select now()::timestamp';"
                " create function many(i int, out o int, inout p text) returns setof record language sql as 'select 1, p';"
                " create function tab(i int) returns table (x word2, y mood[]) language sql as 'select ''a''::word2, null::mood[]'");
    run(l.stmt, "create function series() returns setof uuid language sql as 'select gen_random_uuid()'; create function rowof() returns whole language sql as 'select 1, 2.5';"
                " create function rowsof() returns setof whole language sql as 'select 1, 2.5'; create function anyrow() returns record language sql as 'select 1, 2';"
                " create function anyrows() returns setof record language sql as 'select 1, 2'; create function nothing(i int) returns void language sql as 'select';"
                " create function same(anyelement) returns anyelement language sql as 'select $1'; create function noarg() returns word2 language sql as 'select ''a''::word2';"
                " create procedure proc(out o text, i int, inout io int default 3) language plpgsql as $$ begin o := i; end $$;"
                " create function \"Odd \"\"é%_\\\"(\"Pä_%\"\"\\\" int) returns int language sql as 'select 1'");
    link_close(&l);
}

static void forget_all(void)
{
    struct link l = link_open("");
    run(l.stmt, "drop schema " SCHEMA " cascade");
    link_close(&l);
}

/* COLUMN_TYPE, ORDINAL_POSITION, name, type, default. */
static const char *columns(SQLHSTMT stmt, const char *procedure, const char *column)
{
    SQLRETURN rc = SQLProcedureColumns(stmt, NULL, 0, S, SQL_NTS, T(procedure), SQL_NTS, T(column), SQL_NTS);
    check_rc(stmt, rc, SQL_SUCCESS, procedure, __FILE__, __LINE__);
    return SQL_SUCCEEDED(rc) ? rows_of(stmt, "5 18 4 7 14") : "";
}

static void shape(void)
{
    static const struct shape v3[] = {
        {"PROCEDURE_CAT", SQL_WVARCHAR, SQL_NULLABLE},  {"PROCEDURE_SCHEM", SQL_WVARCHAR, SQL_NULLABLE}, {"PROCEDURE_NAME", SQL_WVARCHAR, SQL_NO_NULLS},
        {"COLUMN_NAME", SQL_WVARCHAR, SQL_NO_NULLS},    {"COLUMN_TYPE", SQL_SMALLINT, SQL_NO_NULLS},     {"DATA_TYPE", SQL_SMALLINT, SQL_NO_NULLS},
        {"TYPE_NAME", SQL_WVARCHAR, SQL_NO_NULLS},      {"COLUMN_SIZE", SQL_INTEGER, SQL_NULLABLE},      {"BUFFER_LENGTH", SQL_INTEGER, SQL_NULLABLE},
        {"DECIMAL_DIGITS", SQL_SMALLINT, SQL_NULLABLE}, {"NUM_PREC_RADIX", SQL_SMALLINT, SQL_NULLABLE},  {"NULLABLE", SQL_SMALLINT, SQL_NO_NULLS},
        {"REMARKS", SQL_WVARCHAR, SQL_NULLABLE},        {"COLUMN_DEF", SQL_WVARCHAR, SQL_NULLABLE},      {"SQL_DATA_TYPE", SQL_SMALLINT, SQL_NO_NULLS},
        {"SQL_DATETIME_SUB", SQL_SMALLINT, SQL_NULLABLE}, {"CHAR_OCTET_LENGTH", SQL_INTEGER, SQL_NULLABLE}, {"ORDINAL_POSITION", SQL_INTEGER, SQL_NO_NULLS},
        {"IS_NULLABLE", SQL_WVARCHAR, SQL_NULLABLE},
    };
    static const char *const v2[] = {"PROCEDURE_QUALIFIER", "PROCEDURE_OWNER", "PROCEDURE_NAME", "COLUMN_NAME", "COLUMN_TYPE", "DATA_TYPE",
                                     "TYPE_NAME",           "PRECISION",       "LENGTH",         "SCALE",       "RADIX",       "NULLABLE", "REMARKS"};
    struct link l = link_open("");
    CHECK_OK(l.stmt, SQLProcedureColumns(l.stmt, NULL, 0, S, SQL_NTS, T("plain"), SQL_NTS, NULL, 0));
    check_shape(l.stmt, v3, COUNT(v3));
    CHECK_TEXT(rows_of(l.stmt, "1 2 3 4 5 6 7 8 10 11 12 14 15 16 17 18 19"),
               "aldb_test|odbc_proccols|plain||5|2|numeric|1000|500|10|1|~|2|~|~|0|YES\n"
               "aldb_test|odbc_proccols|plain|a|1|4|int4|10|0|10|1|~|4|~|~|1|YES\n"
               "aldb_test|odbc_proccols|plain|b|1|-10|text|1073741819|~|~|1|'x''y'::text|-10|~|2147483638|2|YES\n"
               "aldb_test|odbc_proccols|plain|c|1|91|date|10|~|~|1|CURRENT_DATE|9|1|~|3|YES");
    link_close(&l);
    l = link_new(SQL_OV_ODBC2);
    CHECK_OK(l.dbc, try_connect(l.dbc, connstr(";")));
    l.stmt = new_stmt(l.dbc);
    CHECK_OK(l.stmt, SQLProcedureColumns(l.stmt, NULL, 0, S, SQL_NTS, T("plain"), SQL_NTS, NULL, 0));
    for (SQLUSMALLINT i = 1; i <= COUNT(v2); i++) {
        SQLCHAR name[32];
        CHECK_OK(l.stmt, SQLDescribeCol(l.stmt, i, name, sizeof name, NULL, NULL, NULL, NULL, NULL));
        CHECK_TEXT(name, v2[i - 1]);
    }
    CHECK_TEXT(rows_of(l.stmt, "4 6"), "|2\na|4\nb|-1\nc|9"); /* ODBC 2's types */
    link_close(&l);
}

static void parameters(void)
{
    struct link l = link_open("");
    CHECK_TEXT(columns(l.stmt, "unnamed", NULL), "5|0||bool|~\n1|1||int4|~\n1|2||text|~");
    CHECK_TEXT(columns(l.stmt, "over", NULL), "5|0||int4|~\n1|1|a|int4|~\n5|0||text|~\n1|1|b|text|~"); /* one overload after the other */
    CHECK_TEXT(columns(l.stmt, "outs", NULL), "1|1|i|int4|~\n4|2|o|int8|~\n2|3|io|text|~\n1|4|v|_int4|'{}'::integer[]");
    CHECK_TEXT(columns(l.stmt, "one_out", NULL), "4|1|o|timestamp|~");
    CHECK_TEXT(columns(l.stmt, "proc", NULL), "4|1|o|text|~\n1|2|i|int4|~\n2|3|io|int4|3");
    CHECK_TEXT(columns(l.stmt, "nothing", NULL), "1|1|i|int4|~");
    CHECK_TEXT(columns(l.stmt, "same", NULL), "5|0||anyelement|~\n1|1||anyelement|~");
    CHECK_TEXT(columns(l.stmt, "Odd \"é\\%\\_\\\\", NULL), "5|0||int4|~\n1|1|Pä_%\"\\|int4|~");
    CHECK_TEXT(columns(l.stmt, "none", NULL), "");
    link_close(&l);
}

static void results(void)
{
    struct link l = link_open("");
    run(l.stmt, "set search_path = " SCHEMA); /* the functions' bodies name types */
    /* Many rows: the output parameters are the columns, and what is given too is a parameter besides. */
    CHECK_TEXT(columns(l.stmt, "many", NULL), "1|1|i|int4|~\n1|3|p|text|~\n3|1|o|int4|~\n3|2|p|text|~");
    CHECK_TEXT(columns(l.stmt, "tab", NULL), "1|1|i|int4|~\n3|1|x|varchar|~\n3|2|y|_mood|~");
    CHECK_TEXT(columns(l.stmt, "series", NULL), "3|1|series|uuid|~");
    CHECK_TEXT(columns(l.stmt, "rowof", NULL), "3|1|a|int4|~\n3|2|b|numeric|~");
    CHECK_TEXT(columns(l.stmt, "rowsof", NULL), "3|1|a|int4|~\n3|2|b|numeric|~");
    CHECK_TEXT(columns(l.stmt, "anyrow", NULL), "5|0||record|~");
    CHECK_TEXT(columns(l.stmt, "anyrows", NULL), "");
    /* Domains are what they are made of, and may forbid nulls; columns have their modifier and remarks. */
    CHECK_OK(l.stmt, SQLProcedureColumns(l.stmt, NULL, 0, S, SQL_NTS, T("noarg"), SQL_NTS, NULL, 0));
    CHECK_TEXT(rows_of(l.stmt, "5 6 7 8 12 19"), "5|-9|varchar|7|0|NO");
    CHECK_OK(l.stmt, SQLProcedureColumns(l.stmt, NULL, 0, S, SQL_NTS, T("rowsof"), SQL_NTS, T("b"), SQL_NTS));
    CHECK_TEXT(rows_of(l.stmt, "4 8 10 13 18"), "b|8|2|grüße 😀|2");

    /* The result of the call has these columns, of these types. */
    static const char *const calls[][2] = {{"many", "{call " SCHEMA ".many(1, 'x')}"}, {"tab", "{call " SCHEMA ".tab(1)}"}, {"series", "{call " SCHEMA ".series()}"},
                                           {"rowsof", "{call " SCHEMA ".rowsof()}"}, {"rowof", "{call " SCHEMA ".rowof()}"}};
    for (size_t i = 0; i < COUNT(calls); i++) {
        SQLHSTMT called = new_stmt(l.dbc);
        SQLSMALLINT count = 0;
        SQLSMALLINT n = 0;
        check_rc(called, SQLExecDirect(called, T(calls[i][1]), SQL_NTS), SQL_SUCCESS, calls[i][1], __FILE__, __LINE__);
        CHECK_OK(called, SQLNumResultCols(called, &count));
        CHECK_OK(l.stmt, SQLProcedureColumns(l.stmt, NULL, 0, S, SQL_NTS, T(calls[i][0]), SQL_NTS, NULL, 0));
        while (SQLFetch(l.stmt) == SQL_SUCCESS) {
            char name[64];
            char described[64];
            SQLSMALLINT kind = 0;
            SQLSMALLINT type = 0;
            SQLSMALLINT described_type = 0;
            CHECK_OK(l.stmt, SQLGetData(l.stmt, 5, SQL_C_SSHORT, &kind, 0, NULL));
            if (kind != SQL_RESULT_COL) {
                continue;
            }
            CHECK_OK(l.stmt, SQLGetData(l.stmt, 4, SQL_C_CHAR, name, sizeof name, NULL));
            CHECK_OK(l.stmt, SQLGetData(l.stmt, 6, SQL_C_SSHORT, &type, 0, NULL));
            CHECK_OK(called, SQLDescribeCol(called, (SQLUSMALLINT)++n, (SQLCHAR *)described, sizeof described, NULL, &described_type, NULL, NULL, NULL));
            check_text(described, name, calls[i][1], __FILE__, __LINE__);
            check_int(described_type, type, calls[i][1], __FILE__, __LINE__);
        }
        CHECK_INT(n, count);
        CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
        free_stmt(called);
    }
    link_close(&l);
}

static void arguments(void)
{
    struct link l = link_open("");
    CHECK_TEXT(columns(l.stmt, "o%", "a"), "1|1|a|int4|~");
    CHECK_TEXT(columns(l.stmt, "plain", "%"), "5|0||numeric|~\n1|1|a|int4|~\n1|2|b|text|'x''y'::text\n1|3|c|date|CURRENT_DATE");
    CHECK_TEXT(columns(l.stmt, "plain", "_"), "1|1|a|int4|~\n1|2|b|text|'x''y'::text\n1|3|c|date|CURRENT_DATE");
    CHECK_TEXT(columns(l.stmt, "plain", ""), "5|0||numeric|~"); /* those without a name */
    CHECK_TEXT(columns(l.stmt, "PLAIN", NULL), "");
    CHECK_OK(l.stmt, SQLProcedureColumnsW(l.stmt, NULL, 0, wide("odbc\\_proccols"), SQL_NTS, wide("Odd%"), SQL_NTS, wide("Pä\\_%"), SQL_NTS));
    CHECK_TEXT(rows_of(l.stmt, "3 4"), "Odd \"é%_\\|Pä_%\"\\");
    CHECK_OK(l.stmt, SQLProcedureColumns(l.stmt, T("aldb_tes_"), SQL_NTS, S, SQL_NTS, NULL, 0, NULL, 0));
    CHECK_INT(count_rows(l.stmt), 0);
    CHECK_OK(l.stmt, SQLProcedureColumns(l.stmt, T("aldb_testX"), 9, T(SCHEMA "X"), (SQLSMALLINT)strlen(SCHEMA), T("plainX"), 5, T("aX"), 1));
    CHECK_INT(count_rows(l.stmt), 1);
    /* The server's own are found by name. */
    CHECK_OK(l.stmt, SQLProcedureColumns(l.stmt, NULL, 0, NULL, 0, T("pg\\_sleep"), SQL_NTS, NULL, 0));
    CHECK_TEXT(rows_of(l.stmt, "2 3 4 5 7"), "pg_catalog|pg_sleep||1|float8");
    CHECK_OK(l.stmt, SQLProcedureColumns(l.stmt, NULL, 0, NULL, 0, NULL, 0, NULL, 0));
    CHECK(strstr(rows_of(l.stmt, "2"), "pg_catalog") == NULL);
    CHECK_OK(l.stmt, SQLProcedureColumns(l.stmt, NULL, 0, T("pg_catalog"), SQL_NTS, T("%"), SQL_NTS, NULL, 0));
    CHECK(count_rows(l.stmt) > 5000);

    CHECK_STATE(l.stmt, SQLProcedureColumns(l.stmt, NULL, 0, S, SQL_NTS, NULL, 0, T("x"), -5), "HY090");
    CHECK_STATE(l.stmt, SQLProcedureColumns(l.stmt, NULL, 0, S, SQL_NTS, NULL, 0, T("\xff"), SQL_NTS), "22018");
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_METADATA_ID, (SQLPOINTER)SQL_TRUE, 0));
    SQLCHAR *db = T("Aldb_TEST");
    CHECK_OK(l.stmt, SQLProcedureColumns(l.stmt, db, SQL_NTS, T("Odbc_ProcCols"), SQL_NTS, T("PLAIN "), SQL_NTS, T("A"), SQL_NTS));
    CHECK_TEXT(rows_of(l.stmt, "3 4"), "plain|a");
    CHECK_STATE(l.stmt, SQLProcedureColumns(l.stmt, db, SQL_NTS, S, SQL_NTS, T("plain"), SQL_NTS, NULL, 0), "HY009");
    CHECK_STATE(l.stmt, SQLProcedureColumns(l.stmt, db, SQL_NTS, S, SQL_NTS, NULL, 0, T("a"), SQL_NTS), "HY009");
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_METADATA_ID, (SQLPOINTER)SQL_FALSE, 0));
    query(l.stmt, "select 1");
    CHECK_STATE(l.stmt, SQLProcedureColumns(l.stmt, NULL, 0, S, SQL_NTS, NULL, 0, NULL, 0), "24000");
    link_close(&l);
}

int main(void)
{
    static const struct test tests[] = {
        {"(functions)", create_all}, {"columns of the result", shape}, {"parameters", parameters}, {"results", results}, {"arguments", arguments},
        {"(no functions)", forget_all},
    };
    return run_tests("SQLProcedureColumns", tests, COUNT(tests));
}
