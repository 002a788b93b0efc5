/* SPDX-License-Identifier: Apache-2.0 */
/* Calls of functions and procedures: {call}, {? = call}, CALL; return values, output parameters, cursors as result sets, transactions inside. */
#include "calls.h"

#include <stdlib.h>

/* ---- functions ------------------------------------------------------------------------------------------------------- */

static void functions(void)
{
    struct link l = open_with("", "calls_f");
    run(l.stmt,
        "create function twice(int) returns int language sql as $$ select $1 * 2 $$;"
        "create function \"Odd name\"(int) returns int language sql as $$ select $1 + 1 $$;"
        "create function series(int) returns setof int language sql as $$ select generate_series(1, $1) $$;"
        "create function pair(int, out a int, out b text) language sql as $$ select $1 + 1, 'b' || $1 $$;"
        "create function pairs(n int) returns table (x int, y text) language sql as $$ select g, 'y' || g from generate_series(1, n) g $$;"
        "create type two as (p int, q text); create function made(int) returns two language sql as $$ select row($1, 'q')::two $$;"
        "create function loose(int) returns record language sql as $$ select $1, 'x'::text $$;"
        "create function silent(int) returns void language sql as $$ select 1 $$;"
        "create function first(anyelement, anyelement) returns anyelement language sql as $$ select $1 $$;"
        "create function kind(int) returns text language sql as $$ select 'int' $$;"
        "create function kind(text) returns text language sql as $$ select 'text' $$;"
        "create function kind(int, int) returns text language sql as $$ select 'int, int' $$;"
        "create function wide(bigint) returns text language sql as $$ select 'bigint' $$;"
        "create function wide(date) returns text language sql as $$ select 'date' $$;"
        "create function total(variadic int[]) returns int language sql as $$ select sum(x)::int from unnest($1) x $$;"
        "create function usual(a int, b int default 10, c int default 100) returns int language sql as $$ select a + b + c $$;"
        "create function nulls(int) returns int language sql as $$ select null::int $$");
    static const struct example all[] = {
        {"{call twice(21)}", "", "{twice: 42}"},
        {"{call twice}", "", "!42000"},
        {"{call twice(?)}", "ii=4", "{twice: 8}"},
        {"{call twice(1 + ?)}", "ii=4", "{twice: 10}"},
        {"{call calls_f.twice(?)}", "ii=4", "{twice: 8}"},
        {"{call \"calls_f\" . \"Odd name\"(?)}", "ii=4", "{Odd name: 5}"},
        {"{? = call \"Odd name\"(?)}", "oi ii=4", "[1=5]{}"},
        {"{call odd_name(?)}", "ii=4", "!42000"},
        {"{call series(?)}", "ii=3", "{series: 1 2 3}"},
        {"{call series(?)}", "ii=0", "{series:}"},
        {"{call pair(?)}", "ii=4", "{a|b: 5|b4}"},
        {"{call pairs(?)}", "ii=2", "{x|y: 1|y1 2|y2}"},
        {"{call made(?)}", "ii=4", "{p|q: 4|q}"},
        {"{call loose(?)}", "ii=4", "{loose: (4,x)}"},
        {"{? = call loose(?)}", "ot ii=4", "[1=(4,x)]{}"},
        {"{call silent(?)}", "ii=4", "{}"},
        {"{? = call silent(?)}", "oi ii=4", "[1=NULL]{}"},
        {"{call first(?, ?)}", "ii=4 ii=5", "{first: 4}"},
        {"{call first(?, ?)}", "it=four it=five", "{first: four}"},
        {"{call kind(?)}", "ii=4", "{kind: int}"},
        {"{call kind(?)}", "it=4", "{kind: text}"},
        {"{call kind(?, ?)}", "ii=4 ii=5", "{kind: int, int}"},
        {"{call wide(?)}", "ii=4", "{wide: bigint}"},
        {"{call total(?, ?, 5)}", "ii=4 ii=6", "{total: 15}"},
        {"{call total(variadic ?)}", "it={1,2}", "{total: 3}"},
        {"{call usual(?)}", "ii=1", "{usual: 111}"},
        {"{call usual(?, c => ?)}", "ii=1 ii=5", "{usual: 16}"},
        {"{call usual(c := ?, a := ?)}", "ii=1 ii=5", "{usual: 16}"},
        {"{call usual(1,,)}", "", "{usual: 111}"},
        {"{call usual(1,,5)}", "", "!07S01"},
        {"{? = call usual(?, ?)}", "oi ii=1 ii=2", "[1=103]{}"},
        {"{? = call nulls(?)}", "oi ii=1", "[1=NULL]{}"},
        {"{? = call pair(?)}", "oi ii=1", "[1=2]{}"},
        {"{? = call series(?)}", "oi ii=1", "[1=1]{}"},
        {"{? = call series(?)}", "oi ii=2", "+01000 [1=1]{}"},
        {"{? = call series(?)}", "oi ii=0", "[1=NULL]{}"},
        {"select 1 as a; {call series(?)}; select 3 as c", "ii=2", "{a: 1}{series: 1 2}{c: 3}"},
    };
    examples(&l, all, COUNT(all));
    close_with(&l, "calls_f");
}

/* ---- output parameters ----------------------------------------------------------------------------------------------- */

static void outputs(void)
{
    struct link l = open_with("", "calls_o");
    run(l.stmt,
        "create function pair(int, out a int, out b text) language sql as $$ select $1 + 1, 'b' || $1 $$;"
        "create function mix(inout a int, in b int, out c text) language sql as $$ select $1 + $2, 'c' || $2 $$;"
        "create function several(in n int, out a int, out b int) returns setof record language sql as $$ select g, g * 2 from generate_series(1, n) g $$;"
        "create function twice(int) returns int language sql as $$ select $1 * 2 $$;"
        "create function seven() returns int language sql as $$ select 7 $$;"
        "create procedure change(inout a int, in b int, out c text) language plpgsql as $$ begin a := a + b; c := 'c' || b; end $$;"
        "create procedure plain(a int) language plpgsql as $$ begin perform a; end $$;"
        "create procedure usual(a int default 7, inout b int default 8) language plpgsql as $$ begin b := a + b; end $$;"
        "create procedure over(inout a int) language plpgsql as $$ begin a := a + 1; end $$;"
        "create procedure over(inout a text) language plpgsql as $$ begin a := a || '!'; end $$;"
        "create procedure empty(out a int, out b text) language plpgsql as $$ begin end $$");
    static const struct example all[] = {
        /* OUT parameters of functions are arguments to ODBC and none to PostgreSQL. */
        {"{call pair(?, ?, ?)}", "ii=4 oi ot", "[2=5 3=b4]{}"},
        {"{call pair(?, ?, ?)}", "ii=4 ot oi", "!22018"},
        {"{call pair(4, ?, ?)}", "oi ot", "[1=5 2=b4]{}"},
        {"{call pair(?)}", "ii=4", "{a|b: 5|b4}"},
        {"{call mix(?, ?, ?)}", "bi=4 ii=5 ot", "[1=9 3=c5]{}"},
        {"{call mix(?, 5, ?)}", "bi=4 ot", "[1=9 2=c5]{}"},
        {"{call mix(4, 5, ?)}", "ot", "[1=c5]{}"},
        {"{call mix(b => ?, c => ?, a => ?)}", "ii=5 ot bi=4", "[2=c5 3=9]{}"},
        {"{? = call mix(?, ?, ?)}", "oi bi=4 ii=5 ot", "[1=9 2=9 4=c5]{}"},
        {"{call several(?, ?, ?)}", "ii=1 oi oi", "[2=1 3=2]{}"},
        {"{call several(?, ?, ?)}", "ii=3 oi oi", "+01000 [2=1 3=2]{}"},
        {"{call seven(?)}", "oi", "[1=7]{}"},
        /* What comes in only stays as it is, however it is bound. */
        {"{call twice(?)}", "bi=4", "[1=4]{twice: 8}"},
        {"{? = call twice(?)}", "oi bi=4", "[1=8 2=4]{}"},
        {"{call plain(?)}", "bi=4", "[1=4]{}"},
        /* Procedures; as text, too. */
        {"{call change(?, ?, ?)}", "bi=4 ii=5 ot", "[1=9 3=c5]{}"},
        {"CALL change(?, ?, ?)", "bi=4 ii=5 ot", "[1=9 3=c5]{}"},
        {"/* text */ call calls_o.change(?, ?, ?);", "bi=4 ii=5 ot", "[1=9 3=c5]{}"},
        {"{call change(4, 5, ?)}", "ot", "[1=c5]{}"},
        {"CALL change(4, 5, ?)", "ot", "[1=c5]{}"},
        {"{call change(?, 5, null)}", "bi=4", "[1=9]{}"},
        {"{call change(?::int, ? + 1, ?)}", "bi=4 ii=5 ot", "[1=10 3=c6]{}"},
        {"{call change(c => ?, b => ?, a => ?)}", "ot ii=5 bi=4", "[1=c5 3=9]{}"},
        {"{call change(?, ?, ?)}", "bi=4 bi=5 bt=x", "[1=9 2=5 3=c5]{}"},
        /* A name that only the server can read is not looked up: by count, or not at all. */
        {"{call calls_o./* c */change(?, 5, ?)}", "bi=4 ot", "[1=9 2=c5]{}"},
        {"{call calls_o./* c */change(4, 5, ?)}", "ot", "!HY000"},
        {"{call change(?, ?, ?)}", "bi=NULL ii=5 ot", "[1=NULL 3=c5]{}"},
        {"{call change(?, ?, ?)}", "ii=4 ii=5 it=x", "{a|c: 9|c5}"},
        {"CALL change(?, ?, ?)", "ii=4 ii=5 it=x", "{a|c: 9|c5}"},
        {"{call change(1, 2, null)}", "", "{a|c: 3|c2}"},
        {"{call over(?)}", "bi=4", "[1=5]{}"},
        {"{call over(?)}", "bt=4", "[1=4!]{}"},
        {"{call empty(?, ?)}", "oi ot", "[1=NULL 2=NULL]{}"},
        /* Defaults: of what is not given, and of what asks for it. */
        {"{call usual(?, ?)}", "ii=1 bi=2", "[2=3]{}"},
        {"{call usual(?)}", "ii=1", "{b: 9}"},
        {"{call usual}", "", "{b: 15}"},
        {"{call usual(?, b => ?)}", "ii=DEFAULT bi=2", "[2=9]{}"},
        {"{call usual(a => ?, b => ?)}", "ii=DEFAULT bi=DEFAULT", "[2=15]{}"},
        {"{call usual(?, ?)}", "ii=DEFAULT ii=DEFAULT", "{b: 15}"},
        {"{call usual(?, ?)}", "ii=DEFAULT bi=1", "!07S01"},
        {"select ?", "ii=DEFAULT", "!07S01"},
        /* Among other statements. */
        {"select 1 as a; {call change(?, ?, ?)}; select 2 as b", "bi=4 ii=5 ot", "[1=9 3=c5]{a: 1}{}{b: 2}"},
        {"call change(?, ?, ?); call over(?)", "bi=4 ii=5 ot bi=6", "[1=9 3=c5 4=7]{}{}"},
        {"{? = call twice(?)}; {call over(?)}", "oi ii=4 bi=5", "[1=8 3=6]{}{}"},
    };
    examples(&l, all, COUNT(all));

    /* SQL_DEFAULT_PARAM may change from one execution to the next, and so may directions. */
    bind_places(l.stmt, "ii=1 bi=2");
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("{call usual(?, b => ?)}"), SQL_NTS));
    CHECK_TEXT(outcome(l.stmt, SQLExecute(l.stmt)), "[2=3]{}");
    places[0].length = SQL_DEFAULT_PARAM;
    CHECK_TEXT(outcome(l.stmt, SQLExecute(l.stmt)), "[2=10]{}");
    places[0].length = 4;
    CHECK_TEXT(outcome(l.stmt, SQLExecute(l.stmt)), "[2=11]{}");
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("{call pair(?, ?, ?)}"), SQL_NTS));
    bind_places(l.stmt, "ii=1 ii=1 ii=1");
    CHECK_TEXT(outcome(l.stmt, SQLExecute(l.stmt)), "!42000");
    bind_places(l.stmt, "ii=1 oi ot");
    CHECK_TEXT(outcome(l.stmt, SQLExecute(l.stmt)), "[2=2 3=b1]{}");

    /* By SQLPutData. */
    SQLINTEGER b = 5;
    SQLLEN later = SQL_DATA_AT_EXEC;
    SQLPOINTER token = NULL;
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_RESET_PARAMS));
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, &b, 0, &later));
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 2, SQL_PARAM_INPUT_OUTPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, &b, 0, NULL));
    CHECK_RC(l.stmt, exec_direct(l.stmt, "{call usual(a => ?, b => ?)}"), SQL_NEED_DATA);
    CHECK_RC(l.stmt, SQLParamData(l.stmt, &token), SQL_NEED_DATA);
    CHECK_OK(l.stmt, SQLPutData(l.stmt, NULL, SQL_DEFAULT_PARAM));
    CHECK_OK(l.stmt, SQLParamData(l.stmt, &token));
    CHECK_INT(b, 12);
    CHECK_RC(l.stmt, exec_direct(l.stmt, "{call usual(a => ? + 1, b => ?)}"), SQL_NEED_DATA);
    CHECK_RC(l.stmt, SQLParamData(l.stmt, &token), SQL_NEED_DATA);
    CHECK_OK(l.stmt, SQLPutData(l.stmt, NULL, SQL_DEFAULT_PARAM));
    CHECK_STATE(l.stmt, SQLPutData(l.stmt, &b, 0), "HY020");
    close_with(&l, "calls_o");
}

/* Every C type as the buffer of an output. */
static void types(void)
{
    static const struct {
        const char *type, *value;
        SQLSMALLINT sql_type, c_type;
        SQLLEN room;
        const char *state; /* "" success */
        SQLLEN length;
    } all[] = {
        {"int", "42", SQL_INTEGER, SQL_C_SLONG, 0, "", 4},
        {"int", "42", SQL_INTEGER, SQL_C_SBIGINT, 0, "", 8},
        {"int", "42", SQL_INTEGER, SQL_C_DEFAULT, 0, "", 4},
        {"int", "300", SQL_INTEGER, SQL_C_UTINYINT, 0, "22003", 0},
        {"int", "42", SQL_INTEGER, SQL_C_CHAR, 10, "", 2},
        {"int", "42424242", SQL_INTEGER, SQL_C_CHAR, 4, "22003", 0},
        {"bigint", "9000000000", SQL_BIGINT, SQL_C_SLONG, 0, "22003", 0},
        {"smallint", "7", SQL_SMALLINT, SQL_C_SSHORT, 0, "", 2},
        {"boolean", "true", SQL_BIT, SQL_C_BIT, 0, "", 1},
        {"real", "1.5", SQL_REAL, SQL_C_FLOAT, 0, "", 4},
        {"double precision", "1.5", SQL_DOUBLE, SQL_C_DOUBLE, 0, "", 8},
        {"double precision", "1.5", SQL_DOUBLE, SQL_C_SLONG, 0, "01S07", 4},
        {"numeric", "12.25", SQL_NUMERIC, SQL_C_CHAR, 10, "", 5},
        {"numeric", "12.25", SQL_NUMERIC, SQL_C_NUMERIC, 0, "01S07", (SQLLEN)sizeof(SQL_NUMERIC_STRUCT)},
        {"text", "hello", SQL_VARCHAR, SQL_C_CHAR, 10, "", 5},
        {"text", "hello", SQL_VARCHAR, SQL_C_CHAR, 3, "01004", 5},
        {"text", "hello", SQL_WVARCHAR, SQL_C_WCHAR, 20, "", 10},
        {"text", "hello", SQL_WVARCHAR, SQL_C_WCHAR, 6, "01004", 10},
        {"text", "hello", SQL_VARCHAR, SQL_C_SLONG, 0, "22018", 0},
        {"bytea", "\\x0102ff", SQL_VARBINARY, SQL_C_BINARY, 10, "", 3},
        {"bytea", "\\x0102ff", SQL_VARBINARY, SQL_C_BINARY, 2, "01004", 3},
        {"date", "2026-02-28", SQL_TYPE_DATE, SQL_C_TYPE_DATE, 0, "", (SQLLEN)sizeof(SQL_DATE_STRUCT)},
        {"time", "12:34:56", SQL_TYPE_TIME, SQL_C_TYPE_TIME, 0, "", (SQLLEN)sizeof(SQL_TIME_STRUCT)},
        {"timestamp", "2026-02-28 12:34:56.5", SQL_TYPE_TIMESTAMP, SQL_C_TYPE_TIMESTAMP, 0, "", (SQLLEN)sizeof(SQL_TIMESTAMP_STRUCT)},
        {"timestamp", "2026-02-28 12:34:56.5", SQL_TYPE_TIMESTAMP, SQL_C_TYPE_DATE, 0, "01S07", (SQLLEN)sizeof(SQL_DATE_STRUCT)},
        {"uuid", "00010203-0405-0607-0809-0a0b0c0d0e0f", SQL_GUID, SQL_C_GUID, 0, "", 16},
        {"uuid", "00010203-0405-0607-0809-0a0b0c0d0e0f", SQL_INTEGER, SQL_C_SLONG, 0, "07006", 0},
        {"interval day to second", "1 02:03:04", SQL_INTERVAL_DAY_TO_SECOND, SQL_C_INTERVAL_DAY_TO_SECOND, 0, "", (SQLLEN)sizeof(SQL_INTERVAL_STRUCT)},
    };
    struct link l = link_open("");
    for (size_t i = 0; i < COUNT(all); i++) {
        char text[512];
        unsigned char buffer[128];
        SQLLEN length = -99;
        memset(buffer, 0x55, sizeof buffer);
        snprintf(text, sizeof text,
                 "drop procedure if exists pg_temp.give; create procedure pg_temp.give(n int, out a %s) language plpgsql as "
                 "$$ begin if n is not null then a := '%s'; end if; end $$", all[i].type, all[i].value);
        run(l.stmt, text);
        SQLINTEGER n = 1;
        SQLLEN given = 0;
        CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, &n, 0, &given));
        CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 2, SQL_PARAM_OUTPUT, all[i].c_type, all[i].sql_type, 0, 0, buffer, all[i].room, &length));
        SQLRETURN rc = exec_direct(l.stmt, "{call pg_temp.give(?, ?)}");
        bool warns = all[i].state[0] == '0' && all[i].state[1] == '1';
        CHECK_INT(rc, all[i].state[0] == '\0' ? SQL_SUCCESS : warns ? SQL_SUCCESS_WITH_INFO : SQL_ERROR);
        check_text(diag_state(l.stmt, 1), all[i].state, all[i].value, __FILE__, __LINE__);
        if (all[i].state[0] == '\0' || warns) {
            check_int(length, all[i].length, all[i].value, __FILE__, __LINE__);
            size_t end = (size_t)(all[i].room != 0 ? all[i].room : all[i].length);
            CHECK_INT(buffer[end], 0x55); /* nothing behind the buffer was touched */
        } else {
            SQLINTEGER column = 0;
            CHECK_OK(l.stmt, SQLGetDiagField(SQL_HANDLE_STMT, l.stmt, 1, SQL_DIAG_COLUMN_NUMBER, &column, 0, NULL));
            CHECK_INT(column, 2);
            CHECK_CONTAINS(diag_message(l.stmt, 1), "output parameter 2");
        }
        given = SQL_NULL_DATA;
        CHECK_OK(l.stmt, exec_direct(l.stmt, "{call pg_temp.give(?, ?)}"));
        CHECK_INT(length, SQL_NULL_DATA);
        CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_RESET_PARAMS));
    }
    /* NULL needs an indicator to be told by. */
    SQLINTEGER value = 1;
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 1, SQL_PARAM_OUTPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, &value, 0, NULL));
    run(l.stmt, "create procedure pg_temp.nothing(out a int) language plpgsql as $$ begin end $$");
    CHECK_STATE(l.stmt, exec_direct(l.stmt, "{call pg_temp.nothing(?)}"), "22002");
    link_close(&l);
}

/* ---- transactions ---------------------------------------------------------------------------------------------------- */

static void transactions(void)
{
    struct link l = open_with("", "calls_t");
    run(l.stmt, "create table log (n int);"
                "create procedure commits(inout a int) language plpgsql as $$ begin insert into log values (a); commit; a := a + 1; insert into log values (a); end $$;"
                "create procedure rolls(a int) language plpgsql as $$ begin insert into log values (a); rollback; insert into log values (a + 1); end $$;"
                "create procedure fails(a int) language plpgsql as $$ begin insert into log values (a); commit; insert into log values (1 / (a - a)); end $$");
    CHECK_TEXT(call(l.stmt, "{call commits(?)}", "bi=1"), "[1=2]{}");
    CHECK_TEXT(call(l.stmt, "call commits(?)", "bi=11"), "[1=12]{}");
    CHECK_TEXT(call(l.stmt, "{call rolls(?)}", "ii=21"), "{}");
    CHECK_TEXT(call(l.stmt, "{call rolls(31)}; {call commits(41)}", ""), "{}{a: 42}");
    CHECK_TEXT(call(l.stmt, "{call fails(?)}", "ii=51"), "!22012");
    CHECK_TEXT(query_text(l.stmt, "select string_agg(n::text, ' ' order by n) from log"), "1 2 11 12 22 32 41 42 51");

    /* In the application's transaction the server does not let it. The transaction suffers nothing. */
    run(l.stmt, "delete from log");
    set_autocommit(l.dbc, false);
    run(l.stmt, "insert into log values (100)");
    CHECK_TEXT(call(l.stmt, "{call commits(?)}", "bi=1"), "!25000");
    CHECK_CONTAINS(diag_message(l.stmt, 1), "SQL_ATTR_AUTOCOMMIT");
    CHECK_TEXT(call(l.stmt, "{call no_such(?)}", "bi=1"), "!42000");
    CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_COMMIT));
    CHECK_TEXT(query_text(l.stmt, "select string_agg(n::text, ' ' order by n) from log"), "100");
    CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_COMMIT));
    close_with(&l, "calls_t");
}

/* ---- cursors as result sets ---------------------------------------------------------------------------------------------- */

static const char cursor_routines[] =
    "create function one() returns refcursor language plpgsql as $$ declare c refcursor := 'Cur \"1'; begin "
    "open c for select g as n, 'v' || g as v from generate_series(1, 3) g; return c; end $$;"
    "create function two() returns setof refcursor language plpgsql as $$ declare c refcursor; d refcursor; begin "
    "open c for select 1 as a; return next c; open d for select 2 as b, 3 as c; return next d; return next c; return next null; end $$;"
    "create function mixed(n int, out b text, out c refcursor) language plpgsql as $$ begin b := 'b'; open c for select generate_series(1, n) as g; end $$;"
    "create function nil() returns refcursor language sql as $$ select null::refcursor $$;"
    "create function lost() returns refcursor language sql as $$ select 'no such'::refcursor $$;"
    "create function bad() returns refcursor language plpgsql as $$ declare c refcursor; begin open c for select 1 / (2 - g) as q from generate_series(1, 3) g; return c; end $$;"
    "create procedure give(inout n int, inout r1 refcursor default 'r1', inout r2 refcursor default 'r2') language plpgsql as "
    "$$ begin open r1 for select n as a; n := 2; open r2 for select 2 as b union all select 3; end $$;"
    "create procedure keeps(inout c refcursor default 'k') language plpgsql as $$ begin open c for select 1 as a; commit; end $$";

static void cursors(void)
{
    struct link l = open_with("FetchRefcursors=1", "calls_c");
    run(l.stmt, cursor_routines);
    static const struct example all[] = {
        {"{call one()}", "", "{n|v: 1|v1 2|v2 3|v3}"},
        {"{? = call one()}", "ot", "[1=Cur \"1]{n|v: 1|v1 2|v2 3|v3}"},
        {"{call one(?)}", "ot", "[1=Cur \"1]{n|v: 1|v1 2|v2 3|v3}"},
        {"{call two()}", "", "{a: 1}{b|c: 2|3}"},
        {"{call mixed(?, ?, ?)}", "ii=2 ot ot", "[2=b 3=<unnamed portal 1>]{g: 1 2}"},
        {"{call mixed(?, ?)}", "ii=0 ot", "[2=b]{g:}"},
        {"{call nil()}", "", "{}"},
        {"{call lost()}", "", "!34000"},
        {"{call bad()}", "", "!22012"},
        {"{call give(?)}", "bi=7", "[1=2]{a: 7}{b: 2 3}"},
        {"CALL give(?)", "bi=7", "[1=2]{a: 7}{b: 2 3}"},
        {"CALL give(7)", "", "{a: 7}{b: 2 3}"},
        {"{call give(?, ?, ?)}", "bi=7 bt=x bt=y", "[1=2 2=x 3=y]{a: 7}{b: 2 3}"},
        {"select 1 as s; {call give(7)}; select 2 as t", "", "{s: 1}{a: 7}{b: 2 3}{t: 2}"},
    };
    for (int manual = 0; manual < 2; manual++) {
        set_autocommit(l.dbc, manual == 0);
        for (size_t i = 0; i < COUNT(all); i++) {
            bool unnamed = strstr(all[i].wanted, "unnamed") != NULL;
            if (!unnamed) {
                examples(&l, &all[i], 1);
            } else {
                CHECK_CONTAINS(call(l.stmt, all[i].sql, all[i].spec), "]{g: 1 2}");
            }
        }
        CHECK_TEXT(call(l.stmt, "{call keeps()}", ""), "!25000");
        CHECK_CONTAINS(diag_message(l.stmt, 1), manual ? "SQL_ATTR_AUTOCOMMIT" : "FetchRefcursors");
        /* None is left open, and the transaction is as it was. */
        CHECK_INT(query_int(l.stmt, "select count(*) from pg_cursors where name <> ''"), 0);
        if (manual) {
            CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_COMMIT));
        }
    }
    set_autocommit(l.dbc, true);

    CHECK_TEXT(call(l.stmt, "select one()", ""), "{one: Cur \"1}"); /* no call */

    /* In autocommit nothing stays open behind the call, whatever of its results is still unread; other statements go on. */
    SQLHSTMT other = new_stmt(l.dbc);
    SQLHSTMT third = new_stmt(l.dbc);
    query(other, "select generate_series(1, 100000)");
    CHECK_OK(other, SQLFetch(other));
    CHECK_OK(l.stmt, exec_direct(l.stmt, "{call give(1)}"));
    CHECK_INT(query_int(third, "select count(*) from pg_cursors where name <> ''"), 0);
    CHECK_OK(third, exec_direct(third, "vacuum pg_catalog.pg_language")); /* needs to be outside of a transaction */
    for (int i = 2; i <= 100000; i++) {
        if (SQLFetch(other) != SQL_SUCCESS) {
            CHECK_INT(i, 0);
            break;
        }
    }
    CHECK_RC(other, SQLFetch(other), SQL_NO_DATA);
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_OK(l.stmt, SQLMoreResults(l.stmt));
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_RC(l.stmt, SQLMoreResults(l.stmt), SQL_NO_DATA);
    free_stmt(third);
    free_stmt(other);

    /* The columns are known when the call has run. */
    SQLSMALLINT n = -1;
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("{call one()}"), SQL_NTS));
    CHECK_OK(l.stmt, SQLNumResultCols(l.stmt, &n));
    CHECK_INT(n, 0);
    CHECK_OK(l.stmt, SQLExecute(l.stmt));
    CHECK_OK(l.stmt, SQLNumResultCols(l.stmt, &n));
    CHECK_INT(n, 2);
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    /* What has changed meanwhile is planned anew. */
    SQLHSTMT ddl = new_stmt(l.dbc);
    run(ddl, "drop function one(); create function one(out c refcursor, out d refcursor) language plpgsql as $$ begin open c for select 1 as a; open d for select 2 as b; end $$");
    free_stmt(ddl);
    nplaces = 0;
    CHECK_TEXT(outcome(l.stmt, SQLExecute(l.stmt)), "{a: 1}{b: 2}");
    /* Under one name there may be other columns each time. */
    run(l.stmt, "create function dyn(k int) returns refcursor language plpgsql as $$ declare c refcursor := 'dyn'; begin "
                "if k = 1 then open c for select 1 as a; elsif k = 2 then open c for select '10.1.2.3'::inet as b, 'x'::text as c; "
                "else open c for select 'aldb_test=r/aldb_test'::aclitem as d, (1, 2) as e; end if; return c; end $$");
    for (int i = 0; i < 4; i++) {
        CHECK_TEXT(call(l.stmt, "{call dyn(?)}", "ii=1"), "{a: 1}");
    }
    CHECK_TEXT(call(l.stmt, "{call dyn(?)}", "ii=2"), "{b|c: 10.1.2.3|x}");
    CHECK_TEXT(call(l.stmt, "{call dyn(?)}", "ii=3"), "{d|e: aldb_test=r/aldb_test|(1,2)}");
    /* A cursor that takes too long ends the call, and leaves nothing open. */
    run(l.stmt, "create function slow() returns refcursor language plpgsql as $$ declare c refcursor := 'slow'; begin "
                "open c for select pg_sleep(g) from generate_series(0, 60) g; return c; end $$");
    for (int manual = 0; manual < 2; manual++) {
        set_autocommit(l.dbc, manual == 0);
        double begun = seconds_now();
        CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_QUERY_TIMEOUT, (SQLPOINTER)1, 0));
        CHECK_TEXT(call(l.stmt, "{call slow()}", ""), "!HYT00");
        CHECK(seconds_now() - begun < 20);
        CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_QUERY_TIMEOUT, (SQLPOINTER)0, 0));
        CHECK_INT(query_int(l.stmt, "select count(*) from pg_cursors where name <> ''"), 0);
    }
    CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_COMMIT));
    set_autocommit(l.dbc, true);
    /* SQL_ATTR_MAX_ROWS holds for each. */
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_MAX_ROWS, (SQLPOINTER)1, 0));
    CHECK_TEXT(call(l.stmt, "{call give(?)}", "bi=7"), "[1=2]{a: 7}{b: 2}");
    close_with(&l, "calls_c");
}

/* Result sets of calls scroll as others do. */
static void scrolled(void)
{
    struct link l = open_with("FetchRefcursors=1", "calls_s");
    SQLINTEGER n = 0;
    run(l.stmt, cursor_routines);
    run(l.stmt, "create function series(int) returns setof int language sql as $$ select generate_series(1, $1) $$");
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_CURSOR_TYPE, (SQLPOINTER)SQL_CURSOR_STATIC, 0));
    static const char *const texts[] = {"{call series(3)}", "{call one()}", "{call mixed(3, ?, ?)}"};
    bind_places(l.stmt, "ot ot");
    for (size_t i = 0; i < COUNT(texts); i++) {
        CHECK_OK(l.stmt, exec_direct(l.stmt, texts[i]));
        CHECK_OK(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_LAST, 0));
        CHECK_OK(l.stmt, SQLGetData(l.stmt, 1, SQL_C_SLONG, &n, 0, NULL));
        CHECK_INT(n, 3);
        CHECK_OK(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_PRIOR, 0));
        CHECK_OK(l.stmt, SQLGetData(l.stmt, 1, SQL_C_SLONG, &n, 0, NULL));
        CHECK_INT(n, 2);
        CHECK_OK(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_FIRST, 0));
        CHECK_OK(l.stmt, SQLGetData(l.stmt, 1, SQL_C_SLONG, &n, 0, NULL));
        CHECK_INT(n, 1);
        CHECK_RC(l.stmt, SQLMoreResults(l.stmt), SQL_NO_DATA);
    }
    CHECK_OK(l.stmt, exec_direct(l.stmt, "{call give(5)}"));
    CHECK_OK(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_ABSOLUTE, 1));
    CHECK_OK(l.stmt, SQLMoreResults(l.stmt));
    CHECK_OK(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_ABSOLUTE, 2));
    CHECK_OK(l.stmt, SQLGetData(l.stmt, 1, SQL_C_SLONG, &n, 0, NULL));
    CHECK_INT(n, 3);
    CHECK_RC(l.stmt, SQLMoreResults(l.stmt), SQL_NO_DATA);
    /* Outputs, where an updatable cursor is asked for. */
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_CONCURRENCY, (SQLPOINTER)SQL_CONCUR_READ_ONLY, 0));
    CHECK_TEXT(call(l.stmt, "{call give(?)}", "bi=7"), "[1=2]{a: 7}{b: 2 3}");
    CHECK(SQL_SUCCEEDED(SQLSetStmtAttr(l.stmt, SQL_ATTR_CURSOR_TYPE, (SQLPOINTER)SQL_CURSOR_KEYSET_DRIVEN, 0)));
    CHECK(SQL_SUCCEEDED(SQLSetStmtAttr(l.stmt, SQL_ATTR_CONCURRENCY, (SQLPOINTER)SQL_CONCUR_ROWVER, 0)));
    CHECK_CONTAINS(call(l.stmt, "{call give(?)}", "bi=7"), "[1=2]{a: 7}{b: 2 3}");
    CHECK_CONTAINS(call(l.stmt, "{call series(?)}", "ii=2"), "{series: 1 2}");
    close_with(&l, "calls_s");
}

/* By default the names are what the call gives back, and the application reads the cursors itself. */
static void cursor_names(void)
{
    struct link l = open_with("", "calls_n");
    run(l.stmt, cursor_routines);
    set_autocommit(l.dbc, false);
    CHECK_TEXT(call(l.stmt, "{call one()}", ""), "{one: Cur \"1}");
    CHECK_TEXT(call(l.stmt, "fetch all from \"Cur \"\"1\"", ""), "{n|v: 1|v1 2|v2 3|v3}");
    CHECK_TEXT(call(l.stmt, "{call give(?)}", "bi=7"), "[1=2]{}");
    CHECK_TEXT(call(l.stmt, "fetch all in r2", ""), "{b: 2 3}");
    close_with(&l, "calls_n");
}

/* ---- what is refused ------------------------------------------------------------------------------------------------------- */

static void refused(void)
{
    struct link l = open_with("", "calls_r");
    run(l.stmt, "create procedure p(int) language plpgsql as $$ begin end $$; create function f(int) returns int language plpgsql as $$ begin return 1 / $1; end $$;"
                "create function denied() returns int language sql as $$ select 1 $$; revoke execute on function denied() from public");
    for (int manual = 0; manual < 2; manual++) {
        set_autocommit(l.dbc, manual == 0);
        CHECK_TEXT(call(l.stmt, "{call nope(?)}", "ii=1"), "!42000");
        CHECK_CONTAINS(diag_message(l.stmt, 1), "neither a function nor a procedure nope");
        CHECK_CONTAINS(diag_message(l.stmt, 1), "42883, character 7");
        CHECK_TEXT(call(l.stmt, "{call nope(?)}", "oi"), "!42000");
        CHECK_CONTAINS(diag_message(l.stmt, 1), "neither a function nor a procedure nope");
        CHECK_TEXT(call(l.stmt, "{call p(?, ?)}", "ii=1 ii=2"), "!42000");
        CHECK_TEXT(call(l.stmt, "{? = call nope(?)}", "oi ii=1"), "!42000");
        CHECK_TEXT(call(l.stmt, "{? = call p(?)}", "oi ii=1"), "!42000");
        CHECK_CONTAINS(diag_message(l.stmt, 1), "A procedure has no return value: write {call p(");
        CHECK_TEXT(call(l.stmt, "call nope(?)", "ii=1"), "!42000");
        CHECK_TEXT(call(l.stmt, "call f(?)", "ii=1"), "!42000");
        CHECK_TEXT(call(l.stmt, "{call f(?)}", "ii=0"), "!22012");
        CHECK_TEXT(call(l.stmt, "{call f(?,)}", "it=x"), "!22018");
        CHECK_TEXT(call(l.stmt, "{call f(? ?)}", "ii=1 ii=1"), "!42000");
        CHECK_TEXT(call(l.stmt, "{? = call f(?)}", "oi"), "!07002");
        CHECK_TEXT(call(l.stmt, "{call f(?)}", "ii=1"), "{f: 1}");
        if (manual) {
            CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_COMMIT));
        }
    }
    close_with(&l, "calls_r");
}

/* ---- describing ------------------------------------------------------------------------------------------------------------- */

static SQLSMALLINT described(SQLHSTMT stmt, SQLUSMALLINT n)
{
    SQLSMALLINT type = -99;
    CHECK_OK(stmt, SQLDescribeParam(stmt, n, &type, NULL, NULL, NULL));
    return type;
}

static void describing(void)
{
    struct link l = open_with("", "calls_d");
    SQLHDESC ipd = NULL;
    SQLSMALLINT n = -1;
    SQLSMALLINT direction = -1;
    run(l.stmt, "create function f(int, text) returns date language sql as $$ select null::date $$; create domain d as numeric(8, 2);"
                "create function g(int) returns d language sql as $$ select null::d $$;"
                "create procedure p(inout a int, in b numeric, out c timestamp) language plpgsql as $$ begin end $$");
    CHECK_OK(l.stmt, SQLGetStmtAttr(l.stmt, SQL_ATTR_IMP_PARAM_DESC, &ipd, SQL_IS_POINTER, NULL));
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("{? = call f(?, ?)}"), SQL_NTS));
    CHECK_OK(l.stmt, SQLNumParams(l.stmt, &n));
    CHECK_INT(n, 3);
    CHECK_INT(described(l.stmt, 1), SQL_TYPE_DATE);
    CHECK_INT(described(l.stmt, 2), SQL_INTEGER);
    CHECK_INT(described(l.stmt, 3), SQL_WVARCHAR == described(l.stmt, 3) ? SQL_WVARCHAR : SQL_WLONGVARCHAR);
    CHECK_OK(ipd, SQLGetDescField(ipd, 1, SQL_DESC_PARAMETER_TYPE, &direction, 0, NULL));
    CHECK_INT(direction, SQL_PARAM_OUTPUT);
    CHECK_OK(l.stmt, SQLNumResultCols(l.stmt, &n));
    CHECK_INT(n, 0);
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("{? = call g(1)}"), SQL_NTS));
    CHECK_INT(described(l.stmt, 1), SQL_NUMERIC);
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("{call p(?, ?, ?)}"), SQL_NTS));
    CHECK_OK(l.stmt, SQLNumParams(l.stmt, &n));
    CHECK_INT(n, 3);
    CHECK_INT(described(l.stmt, 1), SQL_INTEGER);
    CHECK_INT(described(l.stmt, 2), SQL_NUMERIC);
    CHECK_INT(described(l.stmt, 3), SQL_TYPE_TIMESTAMP);
    CHECK_OK(l.stmt, SQLNumResultCols(l.stmt, &n));
    CHECK_INT(n, 2); /* until something is bound as output */
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("{call nope(?)}"), SQL_NTS));
    CHECK_STATE(l.stmt, SQLDescribeParam(l.stmt, 1, NULL, NULL, NULL, NULL), "42000");
    close_with(&l, "calls_d");
}

/* ---- round trips -------------------------------------------------------------------------------------------------------------- */

/* What a call is, and where its outputs go, is asked once and not again: neither by the same statement nor by another. */
static void asked_once(void)
{
    static const struct example all[] = {
        {"{call calls_a.change(?, ?, ?)}", "bi=4 ii=5 ot", "[1=9 3=c5]{}"},
        {"{call calls_a.change(4, ?, ?)}", "ii=5 ot", "[2=c5]{}"}, /* with a look at the catalog */
        {"{call calls_a.pair(?, ?, ?)}", "ii=4 oi ot", "[2=5 3=b4]{}"},
        {"{call calls_a.change(1, 2, null)}", "", "{a|c: 3|c2}"},
        {"{? = call calls_a.loose(?)}", "ot ii=4", "[1=(4,x)]{}"},
    };
    struct link l = open_with(log_begin("calls"), "calls_a");
    run(l.stmt, "create procedure change(inout a int, in b int, out c text) language plpgsql as $$ begin a := a + b; c := 'c' || b; end $$;"
                "create function pair(int, out a int, out b text) language sql as $$ select $1 + 1, 'b' || $1 $$;"
                "create function loose(int) returns record language sql as $$ select $1, 'x'::text $$");
    examples_asked_once(&l, all, COUNT(all));
    /* Facts that are forgotten do not make a prepared call what it was not. */
    SQLHSTMT setter = new_stmt(l.dbc);
    run(l.stmt, "create procedure calls_a.plain(a int) language plpgsql as $$ begin perform a; end $$");
    bind_places(l.stmt, "ii=4");
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("{call calls_a.plain(?)}"), SQL_NTS));
    CHECK_TEXT(outcome(l.stmt, SQLExecute(l.stmt)), "{}");
    for (int round = 0; round < 3; round++) {
        run(setter, "set application_name = 'set again'");
        int described_before = logged("describe");
        CHECK_TEXT(outcome(l.stmt, SQLExecute(l.stmt)), "{}");
        CHECK_INT(logged("describe") - described_before, 1);
    }
    free_stmt(setter);
    /* A change of what the name stands for is seen. */
    run(l.stmt, "drop procedure change; create function change(a int, b int, out c text) language sql as $$ select 'now ' || b $$");
    CHECK_TEXT(call(l.stmt, "{call calls_a.change(4, ?, ?)}", "ii=5 ot"), "[2=now 5]{}");
    /* Also while it runs: the plan that the statement holds does not fit any more. */
    run(l.stmt, "create function turns(a int, out b int, out c text) language sql as $$ select 1, 'c' $$");
    bind_places(l.stmt, "ot");
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("{call calls_a.turns(4, null, ?)}"), SQL_NTS));
    CHECK_TEXT(outcome(l.stmt, SQLExecute(l.stmt)), "!42000"); /* null is no place of an OUT parameter of a function */
    bind_places(l.stmt, "oi ot");
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("{call calls_a.turns(4, ?, ?)}"), SQL_NTS));
    CHECK_TEXT(outcome(l.stmt, SQLExecute(l.stmt)), "[1=1 2=c]{}");
    SQLHSTMT ddl = new_stmt(l.dbc);
    run(ddl, "drop function turns; create function turns(a int, out c text, out b int) language sql as $$ select '7', 8 $$");
    free_stmt(ddl);
    CHECK_TEXT(outcome(l.stmt, SQLExecute(l.stmt)), "[1=7 2=8]{}");
    close_with(&l, "calls_a");
    log_end();
}

int main(void)
{
    static const struct test tests[] = {
        {"functions", functions},
        {"output parameters", outputs},
        {"output parameters of every type", types},
        {"procedures that end transactions", transactions},
        {"cursors as result sets", cursors},
        {"names of cursors", cursor_names},
        {"scrolling", scrolled},
        {"calls that are refused", refused},
        {"SQLNumParams, SQLDescribeParam, SQLNumResultCols", describing},
        {"nothing is asked twice", asked_once},
    };
    return run_tests("calls", tests, COUNT(tests));
}
