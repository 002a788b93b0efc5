/* SPDX-License-Identifier: Apache-2.0 */
/* Named parameters: what SQL_DESC_NAME of an IPD record makes of a call's marker. */
#include "calls.h"
#include "results.h"

static SQLHDESC ipd_of(SQLHSTMT stmt)
{
    SQLHDESC ipd = NULL;
    CHECK_OK(stmt, SQLGetStmtAttr(stmt, SQL_ATTR_IMP_PARAM_DESC, &ipd, SQL_IS_POINTER, NULL));
    return ipd;
}

static void name(SQLHSTMT stmt, SQLSMALLINT number, const char *to)
{
    SQLHDESC ipd = ipd_of(stmt);
    if (to) {
        CHECK_OK(ipd, SQLSetDescField(ipd, number, SQL_DESC_NAME, T(to), SQL_NTS));
    } else {
        CHECK_OK(ipd, SQLSetDescField(ipd, number, SQL_DESC_UNNAMED, (SQLPOINTER)SQL_UNNAMED, 0));
    }
}

static const char *name_of(SQLHSTMT stmt, SQLSMALLINT number)
{
    static char text[128];
    SQLSMALLINT unnamed = -1;
    SQLHDESC ipd = ipd_of(stmt);
    strcpy(text, "none");
    CHECK_OK(ipd, SQLGetDescField(ipd, number, SQL_DESC_UNNAMED, &unnamed, 0, NULL));
    if (unnamed == SQL_NAMED) {
        CHECK_OK(ipd, SQLGetDescField(ipd, number, SQL_DESC_NAME, text, sizeof text, NULL));
    }
    return text;
}

static const char routines[] =
    "create function said(a int default 1, b int default 2, c text default 'c') returns text language sql as $$ select format('%s-%s-%s', a, b, c) $$;"
    "create function mix(inout a int, in b int, out c text) language sql as $$ select $1 + $2, 'c' || $2 $$;"
    "create function odd(\"Mixed Case\" int, \"quo\"\"te\" int, \"@at\" int default 0, größe int default 0) returns text language sql as"
    " $$ select format('%s-%s-%s-%s', $1, $2, $3, $4) $$;"
    "create function twins(\"Same\" int default 1, same int default 2) returns text language sql as $$ select format('%s-%s', $1, $2) $$;"
    "create function camel(\"userId\" int, \"userName\" text) returns text language sql as $$ select format('%s-%s', $1, $2) $$;"
    "create function nameless(int, int) returns int language sql as $$ select $1 - $2 $$;"
    "create function many(a int, variadic rest int[]) returns text language sql as $$ select a || ':' || array_to_string(rest, ',') $$;"
    "create function loose(n int) returns record language sql as $$ select n, 'x'::text $$;"
    "create function rows(how_many int) returns table (x int) language sql as $$ select generate_series(1, how_many) $$;"
    "create function silent(n int) returns void language sql as $$ select 1 $$;"
    "create procedure change(inout a int, in b int, out c text) language plpgsql as $$ begin a := a + b; c := 'c' || b; end $$;"
    "create procedure usual(a int default 7, inout b int default 8, inout c int default 9) language plpgsql as $$ begin b := a + b; c := b + c; end $$;"
    "create procedure commits(inout a int) language plpgsql as $$ begin commit; a := a + 1; end $$;"
    "create procedure plain(a int, b int) language plpgsql as $$ begin if a > b then raise exception '% above %', a, b; end if; end $$";

static struct link open_named(const char *keywords, const char *schema)
{
    struct link l = open_with(keywords, schema);
    run(l.stmt, routines);
    return l;
}

/* ---- calls by name ------------------------------------------------------------------------------------------------------ */

static void by_name(void)
{
    struct link l = open_named("", "named_b");
    static const struct example all[] = {
        /* In any order, and others left to their defaults. */
        {"{call said(?, ?, ?)}", "ii:a=7 ii:b=8 it:c=x", "{said: 7-8-x}"},
        {"{call said(?, ?, ?)}", "it:c=x ii:a=7 ii:b=8", "{said: 7-8-x}"},
        {"{call said(?)}", "ii:b=8", "{said: 1-8-c}"},
        {"{call said(?)}", "it:c=NULL", "{said: 1-2-}"},
        {"{call named_b.said(?)}", "ii:b=8", "{said: 1-8-c}"},
        {"{? = call said(?, ?)}", "ot it:c=x ii:b=8", "[1=1-8-x]{}"},
        {"{? = call said(?, ?)}", "ot:RETURN_VALUE it:c=x ii:b=8", "[1=1-8-x]{}"},
        {"{call plain(?, ?)}", "ii:b=8 ii:a=7", "{}"},
        /* Those by position in front of those by name; whatever is no marker, too. */
        {"{call said(?, ?)}", "ii=7 it:c=x", "{said: 7-2-x}"},
        {"{call loose(?)}", "ii:n=7", "{loose: (7,x)}"},
        {"{call rows(?)}", "ii:how_many=2", "{x: 1 2}"},
        {"{? = call silent(?)}", "oi ii:n=7", "[1=NULL]{}"},
        {"{call said(7, ?)}", "it:c=x", "{said: 7-2-x}"},
        {"{call said(?, ?, b => 8)}", "ii=7 it:c=x", "{said: 7-8-x}"},
        {"{call said(?, b => ?)}", "it:c=x ii=8", "{said: 1-8-x}"},
        {"{call said(? + 1)}", "ii:b=8", "{said: 1-9-c}"},
        {"{call said({fn UCASE(?)})}", "it:c=x", "{said: 1-2-X}"},
        {"{call many(?, variadic ?)}", "ii:a=7 it:rest={1,2}", "{many: 7:1,2}"},
        {"{call many(variadic ?, a => ?)}", "it:rest={1,2} ii=7", "!42000"}, /* variadic comes last */
        {"{call many(?, ?, ?)}", "ii:a=7 ii=1 ii=2", "!42000"},
        {"{call many(7, variadic rest => ?)}", "it:rest={1,2}", "{many: 7:1,2}"},
        /* The name may stand in the text as well. */
        {"{call said(b => ?)}", "ii:b=8", "{said: 1-8-c}"},
        {"{call said(B := ?)}", "ii:@b=8", "{said: 1-8-c}"},
        {"{call odd(\"Mixed Case\" => ?, \"quo\"\"te\" => ?)}", "ii:Mixed_Case=7 ii:quo\"te=8", "!42000"},
        {"{call odd(7, \"quo\"\"te\" => ?)}", "ii:quo\"te=8", "{odd: 7-8-0-0}"},
        {"{call said(b => ?)}", "ii:a=8", "!42000"},
        {"{call said(\"B\" => ?)}", "ii:b=8", "!42000"},
        /* As they are, or else nearly so. */
        {"{call odd(?, ?)}", "ii=7 ii:quo\"te=8", "{odd: 7-8-0-0}"},
        {"{call odd(?, ?, ?)}", "ii=7 ii:quo\"te=8 ii:größe=9", "{odd: 7-8-0-9}"},
        {"{call odd(?, ?, ?)}", "ii=7 ii:quo\"te=8 ii:@at=9", "{odd: 7-8-9-0}"},
        {"{call odd(?, ?, ?)}", "ii=7 ii:quo\"te=8 ii:@@at=9", "{odd: 7-8-9-0}"},
        {"{call said(?, ?)}", "ii:@b=8 it:C=x", "{said: 1-8-x}"},
        {"{call SAID(?, ?)}", "ii:@B=8 it:@C=x", "{said: 1-8-x}"},
        {"{call camel(?, ?)}", "it:@userName=x ii:userId=7", "{camel: 7-x}"},
        {"{call camel(?, ?)}", "it:username=x ii:USERID=7", "{camel: 7-x}"},
        {"{call twins(?)}", "ii:same=7", "{twins: 1-7}"},
        {"{call twins(?)}", "ii:Same=7", "{twins: 7-2}"},
        {"{call twins(?)}", "ii:@Same=7", "{twins: 7-2}"},
        {"{call twins(?)}", "ii:SAME=7", "!42000"},
        {"CALL change(?, ?, ?)", "ot:C ii:@B=5 bi:A=4", "[1=c5 3=9]{}"},
        /* Names mean nothing where no routine is called. */
        {"select ?::int + 1 as n", "ii:whatever=7", "{n: 8}"},
        {"select ?::int as n; {call said(?)}; select ?::int as m", "ii:x=1 ii:b=8 ii:y=2", "{n: 1}{said: 1-8-c}{m: 2}"},
        {"{call said(?)}; {call said(?, ?)}", "ii:b=8 it:c=x ii:a=9", "{said: 1-8-c}{said: 9-2-x}"},
    };
    examples(&l, all, COUNT(all));
    set_autocommit(l.dbc, false); /* what is tried there must not end the transaction */
    run(l.stmt, "create temp table kept (a int)");
    examples(&l, all, COUNT(all));
    CHECK_INT(query_int(l.stmt, "select count(*) from kept"), 0);
    close_with(&l, "named_b");
}

/* ---- outputs and defaults ----------------------------------------------------------------------------------------------- */

static void outputs(void)
{
    struct link l = open_named("", "named_o");
    static const struct example all[] = {
        {"{call change(?, ?, ?)}", "ot:c ii:b=5 bi:a=4", "[1=c5 3=9]{}"},
        {"CALL change(?, ?, ?)", "ot:c ii:b=5 bi:a=4", "[1=c5 3=9]{}"},
        {"{call change(?, ?, ?)}", "bi:a=4 ii:b=5 ot:c", "[1=9 3=c5]{}"},
        {"{call change(4, ?, ?)}", "ot:c ii:b=5", "[1=c5]{}"},
        {"{call change(?, ?, ?)}", "ot:@c ii:@b=5 bi:@a=4", "[1=c5 3=9]{}"},
        {"{call commits(?)}", "bi:A=4", "[1=5]{}"},
        /* PostgreSQL is not given OUT parameters of functions, wherever they stand. */
        {"{call mix(?, ?, ?)}", "ot:c ii:b=5 bi:a=4", "[1=c5 3=9]{}"},
        {"{call mix(?, ?, ?)}", "ot:C ii:B=5 bi:A=4", "[1=c5 3=9]{}"},
        {"{call mix(?, ?, ?)}", "ii:b=5 ot:c bi:a=4", "[2=c5 3=9]{}"},
        {"{call mix(?, ?)}", "ii:b=5 bi:a=4", "[2=9]{}"},
        {"{? = call mix(?, ?)}", "oi ii:b=5 ii:a=4", "[1=9]{}"},
        {"{call mix(?, ?)}", "ii:b=5 ii:a=4", "{a|c: 9|c5}"},
        {"{call change(?, ?, ?)}", "it:c ii:b=5 ii:a=4", "{a|c: 9|c5}"},
        /* With names a default may be asked for anywhere. */
        {"{call usual(?, ?, ?)}", "bi:b=1 ii:a=DEFAULT bi:c=2", "[1=8 3=10]{}"},
        {"{call usual(?, ?, ?)}", "ii:a=DEFAULT bi:b=1 bi:c=DEFAULT", "[2=8 3=17]{}"},
        {"{call usual(?, ?, ?)}", "bi:c=2 bi:b=DEFAULT ii:a=1", "[1=11 2=9]{}"},
        {"{call usual(?, ?, ?)}", "ii=DEFAULT bi:b=1 bi:c=2", "[2=8 3=10]{}"},
        {"{call usual(?, ?, ?)}", "ii=DEFAULT bi=1 bi:c=2", "!07S01"},
        {"{call said(?, ?, ?)}", "ii:a=DEFAULT ii:b=8 it:c=DEFAULT", "{said: 1-8-c}"},
    };
    examples(&l, all, COUNT(all));

    /* From one execution to the next. */
    bind_places(l.stmt, "bi:b=1 ii:a=10 bi:c=2");
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("{call usual(?, ?, ?)}"), SQL_NTS));
    CHECK_TEXT(outcome(l.stmt, SQLExecute(l.stmt)), "[1=11 3=13]{}");
    places[1].length = SQL_DEFAULT_PARAM;
    CHECK_TEXT(outcome(l.stmt, SQLExecute(l.stmt)), "[1=18 3=31]{}");
    places[1].length = 4;
    CHECK_TEXT(outcome(l.stmt, SQLExecute(l.stmt)), "[1=28 3=59]{}");

    /* By SQLPutData, with a value and with none. */
    SQLINTEGER b = 5;
    SQLINTEGER ten = 10;
    SQLLEN later = SQL_DATA_AT_EXEC;
    SQLPOINTER token = NULL;
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_RESET_PARAMS));
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 1, SQL_PARAM_INPUT_OUTPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, &b, 0, NULL));
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 2, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, &later, 0, &later));
    name(l.stmt, 1, "b");
    name(l.stmt, 2, "a");
    SQLHDESC ipd = ipd_of(l.stmt);
    for (int round = 0; round < 2; round++) {
        b = 5;
        CHECK_RC(l.stmt, exec_direct(l.stmt, "{call usual(?, ?)}"), SQL_NEED_DATA);
        CHECK_RC(l.stmt, SQLParamData(l.stmt, &token), SQL_NEED_DATA);
        CHECK(token == &later);
        CHECK_STATE(ipd, SQLSetDescField(ipd, 2, SQL_DESC_NAME, T("c"), SQL_NTS), "HY010");
        CHECK_OK(l.stmt, round == 0 ? SQLPutData(l.stmt, &ten, 0) : SQLPutData(l.stmt, NULL, SQL_DEFAULT_PARAM));
        CHECK_OK(l.stmt, SQLParamData(l.stmt, &token));
        CHECK_INT(b, round == 0 ? 15 : 12);
    }
    close_with(&l, "named_o");
}

/* Streamed output, its parameter named. */
static void streamed(void)
{
    struct link l = open_named("", "named_s");
    SQLINTEGER a = 4;
    SQLINTEGER b = 5;
    SQLPOINTER token = NULL;
    char text[16] = "";
    SQLLEN length = 0;
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 1, SQL_PARAM_OUTPUT_STREAM, SQL_C_CHAR, SQL_VARCHAR, 0, 0, (SQLPOINTER)1, 0, &length));
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 2, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, &b, 0, NULL));
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 3, SQL_PARAM_INPUT_OUTPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, &a, 0, NULL));
    name(l.stmt, 1, "c");
    name(l.stmt, 2, "b");
    name(l.stmt, 3, "a");
    static const char *const calls[] = {"{call change(?, ?, ?)}", "{call mix(?, ?, ?)}"};
    for (size_t i = 0; i < COUNT(calls); i++) {
        a = 4;
        CHECK_RC(l.stmt, exec_direct(l.stmt, calls[i]), SQL_PARAM_DATA_AVAILABLE);
        CHECK_INT(a, 9);
        CHECK_RC(l.stmt, SQLParamData(l.stmt, &token), SQL_PARAM_DATA_AVAILABLE);
        CHECK(token == (SQLPOINTER)1);
        CHECK_OK(l.stmt, SQLGetData(l.stmt, 1, SQL_C_CHAR, text, sizeof text, &length));
        CHECK_TEXT(text, "c5");
        CHECK_OK(l.stmt, SQLParamData(l.stmt, &token));
        CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    }
    close_with(&l, "named_s");
}

/* Each set of an array is a call by itself; defaults differ from set to set. */
static void arrays(void)
{
    struct link l = open_named("", "named_a");
    SQLINTEGER a[] = {1, 2, 3};
    SQLINTEGER b[] = {10, 20, 30};
    SQLLEN of_a[] = {4, SQL_DEFAULT_PARAM, 4};
    SQLUSMALLINT status[3] = {9, 9, 9};
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_PARAMSET_SIZE, (SQLPOINTER)3, 0));
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_PARAM_STATUS_PTR, status, 0));
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 1, SQL_PARAM_INPUT_OUTPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, b, 0, NULL));
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 2, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, a, 0, of_a));
    name(l.stmt, 1, "b");
    name(l.stmt, 2, "@A");
    CHECK_OK(l.stmt, exec_direct(l.stmt, "{call usual(?, ?)}"));
    CHECK_INT(b[0], 11);
    CHECK_INT(b[1], 27);
    CHECK_INT(b[2], 33);
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    of_a[1] = 4;
    b[1] = 1; /* a = 2 is above that */
    name(l.stmt, 2, "a");
    CHECK_RC(l.stmt, exec_direct(l.stmt, "{call plain(?, ?)}"), SQL_SUCCESS_WITH_INFO);
    CHECK_INT(status[0], SQL_PARAM_SUCCESS);
    CHECK_INT(status[1], SQL_PARAM_ERROR);
    CHECK_INT(status[2], SQL_PARAM_SUCCESS);
    CHECK_CONTAINS(diag_message(l.stmt, 1), "2 above 1");
    close_with(&l, "named_a");
}

static void cursors(void)
{
    struct link l = open_with("FetchRefcursors=1", "named_c");
    run(l.stmt, "create procedure give(inout n int, inout first refcursor default null, inout second refcursor default null) language plpgsql as $$ begin"
                " open first for select n as a; open second for select n + 1 as b; n := 2; end $$");
    static const struct example all[] = {
        {"{call give(?)}", "bi:n=7", "[1=2]{a: 7}{b: 8}"},
        {"{call give(?, ?)}", "bt:second=mine bi:n=7", "[1=mine 2=2]{a: 7}{b: 8}"},
    };
    examples(&l, all, COUNT(all));
    close_with(&l, "named_c");
}

/* ---- what is refused ------------------------------------------------------------------------------------------------------ */

static void refused(void)
{
    struct link l = open_named("", "named_r");
    static const struct {
        const char *sql, *spec, *message;
    } all[] = {
        {"{call said(?, ?)}", "ii:a=7 it=x", "Argument 2 of the call has no name, but one in front of it has"},
        {"{call said(?, 8)}", "ii:a=7", "Argument 2 of the call has no name, but one in front of it has"},
        {"{call said(?, b => ?, ?)}", "ii:a=7 ii=8 it=x", "Argument 3 of the call has no name, but one in front of it has"},
        {"{call mix(?, ?, ?)}", "ii:b=5 bi:a=4 ot", "Argument 3 of the call has no name, but one in front of it has"},
        {"{call mix(b => ?, a => ?, ?)}", "ii=5 bi=4 ot", "Argument 3 of the call has no name, but one in front of it has"},
        /* The server's position is that of the marker, or of what it is in the application's text. */
        {"{call said(a => ?, 8)}", "ii=7", "42601, character 20"},
        {"{call said(a => ?, 8)}", "ii:a=7", "42601, character 20"},
        {"{call said(?, ?)}", "ii:a=7 ii:a=8", "\"a\" used more than once\n(SQLSTATE 42601, character 15)"},
        {"{call said(?, ?)}", "ii:a=7 ii:@A=8", "\"a\" used more than once\n(SQLSTATE 42601, character 15)"},
        {"{call said(a => ?, ?)}", "ii=7 ii:a=8", "\"a\" used more than once\n(SQLSTATE 42601, character 20)"},
        {"{call said(?)}", "ii:d=7", "No parameter of said is named \"d\" (SQL_DESC_NAME of parameter 1): there are \"a\", \"b\", \"c\""},
        {"{call said(?)}", "ii:d=7", "42883, character 7"},
        {"{? = call said(?, ?)}", "ot ii:a=7 ii:d=7", "No parameter of said is named \"d\" (SQL_DESC_NAME of parameter 3): there are \"a\", \"b\", \"c\""},
        {"{call plain(?, ?)}", "ii:a=7 ii:@=8", "No parameter of plain is named \"@\" (SQL_DESC_NAME of parameter 2): there are \"a\", \"b\""},
        {"CALL change(?, ?, ?)", "bi:a=7 ii:b=8 ot:d", "No parameter of change is named \"d\" (SQL_DESC_NAME of parameter 3): there are \"a\", \"b\", \"c\""},
        {"{call twins(?)}", "ii:SAME=7", "More than one parameter of twins may be \"SAME\" (SQL_DESC_NAME of parameter 1): there are \"Same\", \"same\""},
        {"{call nameless(?, ?)}", "ii:a=7 ii:b=8", "The parameters of nameless have no names: set SQL_DESC_UNNAMED of parameter 1 to SQL_UNNAMED"},
        {"{call nope(?)}", "ii:a=7", "There is neither a function nor a procedure nope"},
        {"{call said(b => ?)}", "ii:a=7", "Parameter 1 has two names: b in the text, and \"a\" as its SQL_DESC_NAME"},
        {"{call said(? + ?)}", "ii:a=7 ii=8", "Parameter 1 has a name (SQL_DESC_NAME \"a\"), but its argument has other markers, too"},
        {"{call said(?, ? + ?)}", "ii=7 ii=8 ii:b=8", "Parameter 3 has a name (SQL_DESC_NAME \"b\"), but its argument has other markers, too"},
        {"{call said(?, nope(?))}", "ii=7 ii:b=8", "42883, character 15"},
        {"{call said(?, größe, c => nope)}", "ii=7", "42703, character 15"},
        {"{call said(?, ? + größe)}", "ii:a=7 ii:b=8", "42703, character 19"},
        {"select 'ä'; {call said(?, ? + größe)}; select 'ä'", "ii:a=7 ii:b=8", "42703, character 31"},
        {"{call said(?)}; select größe", "ii:a=7", "42703, character 24"},
    };
    for (int manual = 0; manual < 2; manual++) {
        set_autocommit(l.dbc, manual == 0);
        for (size_t i = 0; i < COUNT(all); i++) {
            const char *wanted = strstr(all[i].message, "42703") ? "!42S22" : "!42000";
            if (check_text(call(l.stmt, all[i].sql, all[i].spec), wanted, all[i].sql, __FILE__, __LINE__)) {
                CHECK_CONTAINS(diag_message(l.stmt, 1), all[i].message);
            }
        }
        CHECK_TEXT(call(l.stmt, "{call said(?)}", "ii:b=8"), "{said: 1-8-c}");
    }
    close_with(&l, "named_r");
}

/* ---- how long a name lasts ---------------------------------------------------------------------------------------------- */

static SQLINTEGER seven = 7;

static void bind_seven(SQLHSTMT stmt, SQLUSMALLINT number)
{
    CHECK_OK(stmt, SQLBindParameter(stmt, number, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, &seven, 0, NULL));
}

static void lifetime(void)
{
    struct link l = open_named("", "named_l");
    SQLHSTMT other = new_stmt(l.dbc);
    nplaces = 0;
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_ENABLE_AUTO_IPD, (SQLPOINTER)SQL_FALSE, 0)); /* the application's names alone */

    /* Before there is a text, and before anything is bound. */
    name(l.stmt, 1, "b");
    CHECK_TEXT(name_of(l.stmt, 1), "b");
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("{call said(?)}"), SQL_NTS));
    CHECK_TEXT(name_of(l.stmt, 1), "b");
    bind_seven(l.stmt, 1);
    CHECK_TEXT(name_of(l.stmt, 1), "b");
    CHECK_TEXT(outcome(l.stmt, SQLExecute(l.stmt)), "{said: 1-7-c}");

    /* Another one between two executions, none, and again. */
    name(l.stmt, 1, "a");
    CHECK_TEXT(outcome(l.stmt, SQLExecute(l.stmt)), "{said: 7-2-c}");
    name(l.stmt, 1, "@C");
    CHECK_TEXT(outcome(l.stmt, SQLExecute(l.stmt)), "{said: 1-2-7}");
    name(l.stmt, 1, "nothing");
    CHECK_TEXT(outcome(l.stmt, SQLExecute(l.stmt)), "!42000");
    name(l.stmt, 1, NULL);
    CHECK_TEXT(name_of(l.stmt, 1), "none");
    CHECK_TEXT(outcome(l.stmt, SQLExecute(l.stmt)), "{said: 7-2-c}");
    name(l.stmt, 1, "b");
    CHECK_TEXT(outcome(l.stmt, SQLExecute(l.stmt)), "{said: 1-7-c}");
    name(l.stmt, 1, "");
    CHECK_TEXT(outcome(l.stmt, SQLExecute(l.stmt)), "{said: 7-2-c}");

    /* While a cursor is open it is the next execution's. */
    SQLCHAR column[16] = "";
    CHECK_OK(l.stmt, SQLExecute(l.stmt));
    name(l.stmt, 1, "b");
    CHECK_OK(l.stmt, SQLDescribeCol(l.stmt, 1, column, sizeof column, NULL, NULL, NULL, NULL, NULL));
    CHECK_TEXT((const char *)column, "said");
    CHECK_TEXT(outcome(l.stmt, SQL_SUCCESS), "{said: 7-2-c}");
    CHECK_TEXT(outcome(l.stmt, SQLExecute(l.stmt)), "{said: 1-7-c}");

    /* In wide characters, and with a length in bytes. */
    CHECK_OK(ipd_of(l.stmt), SQLSetDescFieldW(ipd_of(l.stmt), 1, SQL_DESC_NAME, wide("größe, and more"), 10));
    CHECK_TEXT(name_of(l.stmt, 1), "größe");
    CHECK_TEXT(outcome(l.stmt, exec_direct(l.stmt, "{call odd(1, 2, größe => ?)}")), "{odd: 1-2-0-7}");
    CHECK_TEXT(outcome(l.stmt, exec_direct(l.stmt, "{call odd(1, 2, ?)}")), "{odd: 1-2-0-7}");
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("{call said(?)}"), SQL_NTS));

    /* It belongs to the binding: other texts have it too, a new binding keeps it. */
    name(l.stmt, 1, "b");
    bind_seven(l.stmt, 1);
    CHECK_TEXT(outcome(l.stmt, exec_direct(l.stmt, "{call named_l.said(?)}")), "{said: 1-7-c}");
    CHECK_TEXT(outcome(l.stmt, exec_direct(l.stmt, "select ?::int as n")), "{n: 7}");
    CHECK_TEXT(name_of(l.stmt, 1), "b");

    /* A record that is gone has none. */
    CHECK_OK(ipd_of(l.stmt), SQLSetDescField(ipd_of(l.stmt), 0, SQL_DESC_COUNT, NULL, 0));
    bind_seven(l.stmt, 1);
    CHECK_TEXT(name_of(l.stmt, 1), "none");
    CHECK_TEXT(outcome(l.stmt, exec_direct(l.stmt, "{call said(?)}")), "{said: 7-2-c}");
    name(l.stmt, 1, "b");
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_RESET_PARAMS));
    bind_seven(l.stmt, 1);
    CHECK_TEXT(name_of(l.stmt, 1), "none");
    CHECK_TEXT(outcome(l.stmt, exec_direct(l.stmt, "{call said(?)}")), "{said: 7-2-c}");

    /* A copy has it, and a prepared call whose parameters are described by the copy knows. */
    bind_seven(other, 1);
    CHECK_OK(other, SQLPrepare(other, T("{call said(?)}"), SQL_NTS));
    CHECK_TEXT(outcome(other, SQLExecute(other)), "{said: 7-2-c}");
    name(l.stmt, 1, "b");
    CHECK_OK(ipd_of(other), SQLCopyDesc(ipd_of(l.stmt), ipd_of(other)));
    CHECK_TEXT(name_of(other, 1), "b");
    CHECK_TEXT(outcome(other, SQLExecute(other)), "{said: 1-7-c}");
    /* Of columns, too. */
    CHECK_OK(other, SQLPrepare(other, T("select 7::int as b, 'x'::varchar(9) as c"), SQL_NTS));
    SQLHDESC ird = NULL;
    CHECK_OK(other, SQLGetStmtAttr(other, SQL_ATTR_IMP_ROW_DESC, &ird, SQL_IS_POINTER, NULL));
    CHECK_OK(ipd_of(l.stmt), SQLCopyDesc(ird, ipd_of(l.stmt)));
    bind_places(other, "it=x"); /* a place in memory for the second */
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, &seven, 0, NULL));
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 2, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, 9, 0, places[0].text, sizeof places[0].text, NULL));
    nplaces = 0;
    CHECK_TEXT(outcome(l.stmt, exec_direct(l.stmt, "{call said(?, ?)}")), "{said: 1-7-x}");
    free_stmt(other);
    close_with(&l, "named_l");
}

static SQLSMALLINT described(SQLHSTMT stmt, SQLUSMALLINT n)
{
    SQLSMALLINT type = -99;
    CHECK_OK(stmt, SQLDescribeParam(stmt, n, &type, NULL, NULL, NULL));
    return type;
}

/* What automatic population of the IPD tells: the names that the routine has for the markers. */
static void told(void)
{
    struct link l = open_named("", "named_t");
    static const struct {
        const char *sql, *wanted[4];
    } all[] = {
        {"{call said(?, ?, ?)}", {"a", "b", "c"}},
        {"{? = call said(?, ?)}", {"none", "a", "b"}},
        {"{call said(c => ?, a => ?)}", {"c", "a"}},
        {"{call said(1, ? + 1, ?)}", {"b", "c"}},
        {"{call said(?, ? + ?::int)}", {"a", "none", "none"}},
        {"{call odd(?, ?, ?, ?)}", {"Mixed Case", "quo\"te", "@at", "größe"}},
        {"{call nameless(?, ?)}", {"none", "none"}},
        {"{call many(?, ?, ?)}", {"a", "rest", "rest"}},
        {"{call change(?, ?, ?)}", {"a", "b", "c"}},
        {"CALL change(?, 2, ?)", {"a", "c"}},
        {"{call mix(?, ?)}", {"a", "b"}},
        {"{call doubled(?)}", {"one"}},
        {"{call doubled(?, ?)}", {"first", "second"}},
        {"{call typed(?, ?)}", {"other", "right"}}, /* to the server markers are characters until they are bound */
        {"select ?; {call said(?)}; select ?", {"none", "a", "none"}},
        {"select said(?)", {"none"}},
        {"{call nope(?)}", {"none"}},
    };
    run(l.stmt, "create function doubled(one int) returns int language sql as $$ select 1 $$;"
                "create function doubled(first int, second int) returns int language sql as $$ select 1 $$;"
                "create function typed(\"left\" int, \"right\" int) returns int language sql as $$ select 1 $$;"
                "create function typed(other text, \"right\" int) returns int language sql as $$ select 1 $$");
    for (size_t i = 0; i < COUNT(all); i++) {
        SQLHSTMT stmt = new_stmt(l.dbc);
        CHECK_OK(stmt, SQLPrepare(stmt, T(all[i].sql), SQL_NTS));
        for (SQLSMALLINT n = 0; n < 4 && all[i].wanted[n]; n++) {
            if (strstr(all[i].sql, "nope")) {
                bind_seven(stmt, 1); /* else the type is asked for, which is an error */
            }
            check_text(name_of(stmt, (SQLSMALLINT)(n + 1)), all[i].wanted[n], all[i].sql, __FILE__, __LINE__);
        }
        free_stmt(stmt);
    }

    bind_seven(l.stmt, 1);
    bind_seven(l.stmt, 2);
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("{call typed(?, ?)}"), SQL_NTS));
    CHECK_TEXT(name_of(l.stmt, 1), "left");
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_VARCHAR, 10, 0, &seven, 0, NULL));
    CHECK_TEXT(name_of(l.stmt, 1), "other");
    CHECK_TEXT(name_of(l.stmt, 2), "right");

    /* They name nothing: arguments are where they are, and other texts have names of their own. */
    SQLCHAR text[64] = "";
    SQLHDESC ipd = ipd_of(l.stmt);
    bind_seven(l.stmt, 1);
    bind_seven(l.stmt, 2);
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("{call nameless(?, ?)}"), SQL_NTS));
    CHECK_TEXT(name_of(l.stmt, 1), "none");
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("{call said(?, ?)}"), SQL_NTS));
    CHECK_OK(ipd, SQLGetDescRec(ipd, 2, text, sizeof text, NULL, NULL, NULL, NULL, NULL, NULL, NULL));
    CHECK_TEXT((const char *)text, "b");
    nplaces = 0;
    CHECK_TEXT(outcome(l.stmt, SQLExecute(l.stmt)), "{said: 7-7-c}");
    CHECK_TEXT(name_of(l.stmt, 1), "a");
    CHECK_TEXT(outcome(l.stmt, exec_direct(l.stmt, "{call nameless(?, ?)}")), "{nameless: 0}");
    CHECK_TEXT(name_of(l.stmt, 1), "none");
    CHECK_TEXT(outcome(l.stmt, exec_direct(l.stmt, "select ?::int as n, ?::int as m")), "{n|m: 7|7}");

    /* Names of the application's stand beside them, and above them. */
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("{call said(?, ?)}"), SQL_NTS));
    CHECK_TEXT(name_of(l.stmt, 2), "b");
    name(l.stmt, 2, "C");
    CHECK_TEXT(name_of(l.stmt, 1), "a");
    CHECK_TEXT(name_of(l.stmt, 2), "C");
    CHECK_TEXT(outcome(l.stmt, SQLExecute(l.stmt)), "{said: 7-2-7}");
    name(l.stmt, 2, NULL);
    CHECK_TEXT(name_of(l.stmt, 2), "b");
    CHECK_TEXT(outcome(l.stmt, SQLExecute(l.stmt)), "{said: 7-7-c}");
    SQLHSTMT other = new_stmt(l.dbc);
    CHECK_OK(ipd_of(other), SQLCopyDesc(ipd, ipd_of(other)));
    CHECK_TEXT(name_of(other, 2), "none");
    free_stmt(other);
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_ENABLE_AUTO_IPD, (SQLPOINTER)SQL_FALSE, 0));
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("{call said(?, ?)}"), SQL_NTS));
    CHECK_TEXT(name_of(l.stmt, 2), "none");
    close_with(&l, "named_t");
}

static void describing(void)
{
    struct link l = open_named("", "named_d");
    run(l.stmt, "create function twofold(a int) returns table (x int) language sql as $$ select 1 $$;"
                "create function twofold(b numeric) returns table (x int, y date) language sql as $$ select 1, current_date $$");
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("{call said(?, ?)}"), SQL_NTS));
    CHECK_INT(described(l.stmt, 1), SQL_INTEGER);
    CHECK_INT(described(l.stmt, 2), SQL_INTEGER);
    name(l.stmt, 1, "c");
    name(l.stmt, 2, "a");
    CHECK_INT(described(l.stmt, 1), SQL_WLONGVARCHAR);
    CHECK_INT(described(l.stmt, 2), SQL_INTEGER);
    name(l.stmt, 1, "d");
    CHECK_STATE(l.stmt, SQLDescribeParam(l.stmt, 1, NULL, NULL, NULL, NULL), "42000");
    CHECK_CONTAINS(diag_message(l.stmt, 1), "No parameter of said is named \"d\"");
    name(l.stmt, 1, "@C");
    CHECK_INT(described(l.stmt, 1), SQL_WLONGVARCHAR);
    CHECK_TEXT(name_of(l.stmt, 1), "@C"); /* as it was set, not as it was found */

    /* What is described binds nothing, and a name neither. */
    SQLINTEGER eight = 8;
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 2, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, &eight, 0, NULL));
    CHECK_STATE(l.stmt, SQLExecute(l.stmt), "07002");

    /* Columns follow the routine that the names choose. */
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_RESET_PARAMS));
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("{call twofold(?)}"), SQL_NTS));
    name(l.stmt, 1, "a");
    CHECK_INT(result_columns(l.stmt), 1);
    CHECK_INT(described(l.stmt, 1), SQL_INTEGER);
    name(l.stmt, 1, "b");
    CHECK_INT(result_columns(l.stmt), 2);
    CHECK_INT(described(l.stmt, 1), SQL_NUMERIC);
    close_with(&l, "named_d");
}

/* ---- routines that change -------------------------------------------------------------------------------------------------- */

/* A prepared call knows the parameters' names of before, and how the routine was called. */
static void changed(void)
{
    struct link l = open_named("", "named_x");
    struct link other = link_open("");
    static const struct {
        const char *change, *wanted;
    } all[] = {
        {"drop function named_x.once(int, int); create function named_x.once(other int default 1, \"P_id\" int default 2) returns text language sql as"
         " $$ select format('%s-%s', $1, $2) $$",
         "{once: 1-7}"},
        {"drop function named_x.once(int, int); create procedure named_x.once(inout p_id int) language plpgsql as $$ begin p_id := p_id + 1; end $$", "{p_id: 8}"},
        {"drop procedure named_x.once(int); create function named_x.once(p_id int, out a int, out b int) language sql as $$ select p_id, p_id + 1 $$", "{a|b: 7|8}"},
        {"drop function named_x.once(int); create function named_x.once(p_id int, p_two int) returns int language sql as $$ select 1 $$", "!42000"},
        {"drop function named_x.once(int, int); create function named_x.once(\"P_ID\" int, p_id int default 5) returns int language sql as $$ select $1 + $2 $$",
         "{once: 12}"},
    };
    run(l.stmt, "create function once(p_id int, o int default 0) returns int language sql as $$ select $1 + $2 $$");
    for (int who = 0; who < 2; who++) {
        SQLHSTMT stmt = new_stmt(l.dbc);
        SQLHSTMT changer = who == 0 ? new_stmt(l.dbc) : other.stmt;
        bind_places(stmt, "ii:P_ID=7");
        CHECK_OK(stmt, SQLPrepare(stmt, T("{call named_x.once(?)}"), SQL_NTS));
        CHECK_TEXT(outcome(stmt, SQLExecute(stmt)), who == 0 ? "{once: 7}" : "{once: 12}");
        for (size_t i = 0; i < COUNT(all); i++) {
            run(changer, i == 0 && who == 1 ? "drop function named_x.once(int, int); create function named_x.once(other int default 1, \"P_id\" int default 2)"
                                              " returns text language sql as $$ select format('%s-%s', $1, $2) $$"
                                            : all[i].change);
            const char *got = outcome(stmt, SQLExecute(stmt));
            /* Of what others change the driver learns by a failure; the call after that is right. */
            if (who == 1 && got[0] == '!') {
                CHECK_TEXT(got, "!42000");
                got = outcome(stmt, SQLExecute(stmt));
            }
            check_text(got, all[i].wanted, all[i].change, __FILE__, __LINE__);
        }
        free_stmt(stmt);
    }
    link_close(&other);
    close_with(&l, "named_x");
}

/* ---- round trips -------------------------------------------------------------------------------------------------------------- */

/* What a name stands for is asked once: other statements, and other calls with the same names, know it. */
static void asked_once(void)
{
    static const struct example all[] = {
        {"{call named_q.said(?, ?)}", "it:c=x ii:a=7", "{said: 7-2-x}"},
        {"{call named_q.said(?, ?)}", "it:@C=x ii:@A=7", "{said: 7-2-x}"},
        {"{call named_q.change(?, ?, ?)}", "ot:C ii:B=5 bi:A=4", "[1=c5 3=9]{}"},
        {"CALL named_q.change(?, ?, ?)", "ot:@c ii:@b=5 bi:@a=4", "[1=c5 3=9]{}"},
    };
    struct link l = open_named(log_begin("named"), "named_q");
    examples_asked_once(&l, all, COUNT(all));
    close_with(&l, "named_q");
    log_end();
}

/* ---- elsewhere ------------------------------------------------------------------------------------------------------------------ */

static const struct example qualified[] = {
    {"{call named_e.said(?, ?)}", "it:c=x ii:a=7", "{said: 7-2-x}"},
    {"{call named_e.said(?, ?)}", "it:@C=x ii:@A=DEFAULT", "{said: 1-2-x}"},
    {"{call named_e.change(?, ?, ?)}", "ot:C ii:B=5 bi:A=4", "[1=c5 3=9]{}"},
    {"{call named_e.mix(?, ?, ?)}", "ot:c ii:b=5 bi:a=4", "[1=c5 3=9]{}"},
    {"{? = call named_e.said(?)}", "ot ii:b=5", "[1=1-5-c]{}"},
    {"{call named_e.said(?)}", "ii:d=5", "!42000"},
};

/* A pooler gives no two statements the same session. */
static void pooled(void)
{
    char keywords[128];
    struct link direct = open_named("", "named_e");
    snprintf(keywords, sizeof keywords, "Server=127.0.0.1;Port=%s;Database=pool_two", fact("POOLER_PORT"));
    for (int manual = 0; manual < 2; manual++) {
        struct link l = link_open(keywords);
        set_autocommit(l.dbc, manual == 0);
        examples(&l, qualified, COUNT(qualified));
        link_close(&l);
    }
    close_with(&direct, "named_e");
}

static void asynchronous(void)
{
    struct link l = open_named("", "named_e");
    for (size_t i = 0; i < COUNT(qualified); i++) {
        SQLHSTMT stmt = new_stmt(l.dbc);
        SQLRETURN rc;
        bind_places(stmt, qualified[i].spec);
        CHECK_OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_ASYNC_ENABLE, (SQLPOINTER)SQL_ASYNC_ENABLE_ON, 0));
        while ((rc = exec_direct(stmt, qualified[i].sql)) == SQL_STILL_EXECUTING) {
            pause_ms(1);
        }
        if (SQL_SUCCEEDED(rc)) {
            CHECK_OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_ASYNC_ENABLE, (SQLPOINTER)SQL_ASYNC_ENABLE_OFF, 0));
            check_text(outcome(stmt, rc), qualified[i].wanted, qualified[i].sql, __FILE__, __LINE__);
        } else {
            CHECK_TEXT(qualified[i].wanted, "!42000");
            CHECK_TEXT(diag_state(stmt, 1), "42000");
        }
        free_stmt(stmt);
    }
    close_with(&l, "named_e");
}

int main(void)
{
    static const struct test tests[] = {
        {"calls by name", by_name},
        {"outputs and defaults", outputs},
        {"streamed outputs", streamed},
        {"arrays of parameters", arrays},
        {"cursors as result sets", cursors},
        {"what is refused", refused},
        {"how long a name lasts", lifetime},
        {"SQLDescribeParam, SQLNumResultCols", describing},
        {"names that the driver tells", told},
        {"routines that change", changed},
        {"nothing is asked twice", asked_once},
        {"behind a pooler", pooled},
        {"asynchronous calls", asynchronous},
    };
    return run_tests("named parameters", tests, COUNT(tests));
}
