/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Somebody else's functions, operators, types and tables with PostgreSQL's names, on the search path. The server finds an operator by its operands' types before
 * it finds one by schema: what takes exactly these is preferred to a more general one of pg_catalog, even where that stands first. Whoever may create in a schema
 * of the path would have the driver's own statements run his function with the rights of whoever connects. Nothing that the driver sends of its own may find one.
 */
#include "rows.h"

#define SCHEMA "odbc_shadows"
#define S T(SCHEMA)

/* ---- the trap -------------------------------------------------------------------------------------------------------- */

/* Each raises an error: one for each of PostgreSQL's functions, and operators between any two types that its catalogs have. */
#define TRAP " returns bool language plpgsql as ''begin raise exception ''''trapped''''; end''', "
static const char trap_functions[] =
    "do $trap$ declare f record; begin"
    " for f in select p.proname, pg_get_function_identity_arguments(p.oid) as args, oidvectortypes(p.proargtypes) as types from pg_proc p"
    " where p.pronamespace = 'pg_catalog'::regnamespace and p.prokind = 'f' and not p.proretset"
    " and not exists (select from unnest(p.proargtypes) a(t) join pg_type y on y.oid = a.t where y.typtype = 'p') loop"
    " execute format('create function " SCHEMA ".%I(%s)" TRAP "f.proname, f.types);"
    " end loop; end $trap$";

static const char trap_operators[] =
    "do $trap$ declare l text; r text; o text; f text;"
    " types text[] := '{oid,int2,int4,int8,name,text,\"\\\"char\\\"\",bool,float4,float8,numeric,interval,timestamp,"
    "regclass,regproc,regnamespace,regtype,tid,xid,jsonb,pg_node_tree,"
    "int2vector,oidvector,int2[],oid[],text[],name[],\"\\\"char\\\"[]\"}'; begin"
    " foreach r in array types loop"
    " f := format('create function " SCHEMA ".trapped(%s)" TRAP "r); execute f;"
    " execute format('create operator " SCHEMA ".- (rightarg = %s, function = " SCHEMA ".trapped)', r);"
    " foreach l in array types loop"
    " f := format('create function " SCHEMA ".trapped(%s, %s)" TRAP "l, r); execute f;"
    " foreach o in array '{=,<>,<,>,<=,>=,~~,!~~,~,&&,||,->>,+,-,*,/,&}'::text[] loop"
    " execute format('create operator " SCHEMA ".%s (leftarg = %s, rightarg = %s, function = " SCHEMA ".trapped)', o, l, r);"
    " end loop; end loop; end loop; end $trap$";

static const char trap_names[] =
    "create domain " SCHEMA ".text as pg_catalog.text check (value is null); create domain " SCHEMA ".name as pg_catalog.name check (value is null);"
    " create domain " SCHEMA ".oid as pg_catalog.oid check (value is null); create domain " SCHEMA ".bytea as pg_catalog.bytea check (value is null);"
    " create domain " SCHEMA ".tid as pg_catalog.tid check (value is null); create domain " SCHEMA ".date as pg_catalog.date check (value is null);"
    " create table " SCHEMA ".pg_class (x int); create table " SCHEMA ".pg_attribute (x int); create table " SCHEMA ".pg_type (x int);"
    " create collation " SCHEMA ".\"C\" (provider = icu, locale = 'de')";

/* Everything is one transaction's, which is rolled back: other programs use the database too, and never see it. */
static const char victims[] =
    "create domain " SCHEMA ".small as " SCHEMA "_d check (value < 100);"
    " create table " SCHEMA ".t (id int, part pg_catalog.text, v pg_catalog.text, d " SCHEMA "_d default 7, primary key (id, part));"
    " create table " SCHEMA ".child (id int, part pg_catalog.text, foreign key (id, part) references " SCHEMA ".t);"
    " create index t_v on " SCHEMA ".t (v desc) where v is not null; create view " SCHEMA ".w as select id from " SCHEMA ".t;"
    " insert into " SCHEMA ".t select g, 'p', 'v' || g from generate_series(1, 5) g;"
    " create table " SCHEMA ".keyless (n int, v pg_catalog.text); insert into " SCHEMA ".keyless values (1, 'a'), (2, 'b');"
    " create table " SCHEMA ".folded (n public.citext primary key, v pg_catalog.text); insert into " SCHEMA ".folded values ('1', 'a'), ('2', 'b');"
    " create function " SCHEMA ".twice(n int, out result int) language sql as 'select $1 operator(pg_catalog.*) 2';"
    " create procedure " SCHEMA ".incs(inout n int) language plpgsql as 'begin n := n operator(pg_catalog.+) 1; end'";

/* The first is what most have: pg_catalog stands in front where it is not named. */
static const char *const paths[] = {SCHEMA, SCHEMA ", pg_catalog", "pg_temp, " SCHEMA ", pg_catalog"};

static struct link open_trapped(const char *path)
{
    struct link l = link_open("");
    char sql[200];
    set_autocommit(l.dbc, false);
    run(l.stmt, "create schema " SCHEMA "; create domain " SCHEMA "_d as int");
    run(l.stmt, victims);
    run(l.stmt, trap_functions);
    run(l.stmt, trap_operators);
    run(l.stmt, trap_names);
    snprintf(sql, sizeof sql, "set local search_path = %s", path);
    run(l.stmt, sql);
    return l;
}

static void close_trapped(struct link *l)
{
    CHECK_OK(l->dbc, SQLEndTran(SQL_HANDLE_DBC, l->dbc, SQL_ROLLBACK));
    link_close(l);
}

/* ---- what is tried --------------------------------------------------------------------------------------------------- */

static void traps_work(SQLHSTMT stmt, SQLHDBC dbc)
{
    (void)dbc;
    CHECK_STATE(stmt, SQLExecDirect(stmt, T("select from pg_catalog.pg_proc p where p.oid = 1"), SQL_NTS), "HY000");
    CHECK_CONTAINS(diag_message(stmt, 1), "trapped");
}

static void tables(SQLHSTMT stmt, SQLHDBC dbc)
{
    (void)dbc;
    CHECK_OK(stmt, SQLTables(stmt, T("aldb_test"), SQL_NTS, T("odbc\\_shad%"), SQL_NTS, T("_"), SQL_NTS, T("TABLE, VIEW"), SQL_NTS));
    CHECK_TEXT(rows_of(stmt, "3 4"), "t|TABLE\nw|VIEW");
    CHECK_OK(stmt, SQLTables(stmt, NULL, 0, NULL, 0, T("keyless"), SQL_NTS, NULL, 0));
    CHECK_TEXT(rows_of(stmt, "3 4"), "keyless|TABLE");
    CHECK_OK(stmt, SQLTables(stmt, T("%"), SQL_NTS, T(""), SQL_NTS, T(""), SQL_NTS, NULL, 0));
    CHECK_CONTAINS(rows_of(stmt, "1"), "aldb_test");
    CHECK_OK(stmt, SQLTables(stmt, T(""), SQL_NTS, T("%"), SQL_NTS, T(""), SQL_NTS, NULL, 0));
    CHECK_CONTAINS(rows_of(stmt, "2"), SCHEMA);
    CHECK_OK(stmt, SQLTables(stmt, T(""), SQL_NTS, T(""), SQL_NTS, T(""), SQL_NTS, T("%"), SQL_NTS));
    CHECK_CONTAINS(rows_of(stmt, "4"), "VIEW");
}

static void columns(SQLHSTMT stmt, SQLHDBC dbc)
{
    (void)dbc;
    CHECK_OK(stmt, SQLColumns(stmt, T("aldb_test"), SQL_NTS, T("odbc\\_shad%"), SQL_NTS, T("t"), SQL_NTS, T("%"), SQL_NTS));
    CHECK_TEXT(rows_of(stmt, "3 4 6 13"), "t|id|int4|~\nt|part|text|~\nt|v|text|~\nt|d|int4|7");
    CHECK_OK(stmt, SQLColumns(stmt, NULL, 0, S, SQL_NTS, T("t"), SQL_NTS, T("_"), SQL_NTS));
    CHECK_TEXT(rows_of(stmt, "4 6"), "v|text\nd|int4");
    CHECK_OK(stmt, SQLSpecialColumns(stmt, SQL_BEST_ROWID, NULL, 0, NULL, 0, T("t"), SQL_NTS, SQL_SCOPE_SESSION, SQL_NULLABLE));
    CHECK_TEXT(rows_of(stmt, "2 4"), "id|int4\npart|text");
    CHECK_OK(stmt, SQLSpecialColumns(stmt, SQL_BEST_ROWID, NULL, 0, S, SQL_NTS, T("keyless"), SQL_NTS, SQL_SCOPE_CURROW, SQL_NULLABLE));
    CHECK_TEXT(rows_of(stmt, "2 4"), "ctid|tid");
    CHECK_OK(stmt, SQLSpecialColumns(stmt, SQL_ROWVER, NULL, 0, S, SQL_NTS, T("t"), SQL_NTS, SQL_SCOPE_CURROW, SQL_NULLABLE));
    CHECK_TEXT(rows_of(stmt, "2 4"), "xmin|xid");
}

static void keys_and_indexes(SQLHSTMT stmt, SQLHDBC dbc)
{
    (void)dbc;
    CHECK_OK(stmt, SQLPrimaryKeys(stmt, T("aldb_test"), SQL_NTS, NULL, 0, T("t"), SQL_NTS));
    CHECK_TEXT(rows_of(stmt, "4 5"), "id|1\npart|2");
    CHECK_OK(stmt, SQLForeignKeys(stmt, NULL, 0, NULL, 0, T("t"), SQL_NTS, NULL, 0, NULL, 0, NULL, 0));
    CHECK_TEXT(rows_of(stmt, "3 4 7 8 10 11"), "t|id|child|id|3|3\nt|part|child|part|3|3");
    CHECK_OK(stmt, SQLForeignKeys(stmt, NULL, 0, NULL, 0, NULL, 0, NULL, 0, S, SQL_NTS, T("child"), SQL_NTS));
    CHECK_TEXT(rows_of(stmt, "3 4 7 8 10 11"), "t|id|child|id|3|3\nt|part|child|part|3|3");
    for (SQLUSMALLINT reserved = SQL_QUICK; reserved <= SQL_ENSURE; reserved++) {
        CHECK_OK(stmt, SQLStatistics(stmt, NULL, 0, NULL, 0, T("t"), SQL_NTS, SQL_INDEX_ALL, reserved));
        CHECK_TEXT(rows_of(stmt, "6 7 9 10"), "~|0|~|~\nt_pkey|3|id|A\nt_pkey|3|part|A\nt_v|3|v|D");
    }
    CHECK_OK(stmt, SQLStatistics(stmt, NULL, 0, S, SQL_NTS, T("t"), SQL_NTS, SQL_INDEX_UNIQUE, SQL_QUICK));
    CHECK_TEXT(rows_of(stmt, "6 9"), "~|~\nt_pkey|id\nt_pkey|part");
}

static void privileges(SQLHSTMT stmt, SQLHDBC dbc)
{
    (void)dbc;
    CHECK_OK(stmt, SQLTablePrivileges(stmt, NULL, 0, T("odbc\\_shad%"), SQL_NTS, T("child"), SQL_NTS));
    CHECK_TEXT(rows_of(stmt, "3 5 6 7"), "child|aldb_test|DELETE|YES\nchild|aldb_test|INSERT|YES\nchild|aldb_test|REFERENCES|YES\n"
                                         "child|aldb_test|SELECT|YES\nchild|aldb_test|TRIGGER|YES\nchild|aldb_test|TRUNCATE|YES\nchild|aldb_test|UPDATE|YES");
    CHECK_OK(stmt, SQLColumnPrivileges(stmt, NULL, 0, NULL, 0, T("child"), SQL_NTS, T("i%"), SQL_NTS));
    CHECK_TEXT(rows_of(stmt, "4 7 8"), "id|INSERT|YES\nid|REFERENCES|YES\nid|SELECT|YES\nid|UPDATE|YES");
}

static void procedures(SQLHSTMT stmt, SQLHDBC dbc)
{
    (void)dbc;
    CHECK_OK(stmt, SQLProcedures(stmt, NULL, 0, S, SQL_NTS, T("twi_e"), SQL_NTS));
    CHECK_TEXT(rows_of(stmt, "3 4 5 8"), "twice|1|1|2");
    CHECK_OK(stmt, SQLProcedures(stmt, NULL, 0, NULL, 0, T("%"), SQL_NTS));
    CHECK(count_rows(stmt) > 1);
    CHECK_OK(stmt, SQLProcedureColumns(stmt, NULL, 0, T("odbc\\_shad%"), SQL_NTS, T("twice"), SQL_NTS, T("%"), SQL_NTS));
    CHECK_TEXT(rows_of(stmt, "4 5 7"), "n|1|int4\nresult|4|int4");
    CHECK_OK(stmt, SQLProcedureColumns(stmt, NULL, 0, NULL, 0, T("%"), SQL_NTS, T("resul_"), SQL_NTS));
    CHECK_CONTAINS(rows_of(stmt, "3 4"), "twice|result");
}

static void types(SQLHSTMT stmt, SQLHDBC dbc)
{
    (void)dbc;
    CHECK_OK(stmt, SQLGetTypeInfo(stmt, SQL_ALL_TYPES));
    CHECK_CONTAINS(rows_of(stmt, "1"), "int4");
    CHECK_OK(stmt, SQLGetTypeInfo(stmt, SQL_WVARCHAR));
    CHECK_CONTAINS(rows_of(stmt, "1"), "varchar");
}

static void details(SQLHSTMT stmt, SQLHDBC dbc)
{
    (void)dbc;
    SQLCHAR table[40];
    SQLSMALLINT type = 0;
    SQLULEN size = 0;
    CHECK_OK(stmt, SQLPrepare(stmt, T("select id, v, d from " SCHEMA ".t"), SQL_NTS));
    CHECK_OK(stmt, SQLColAttribute(stmt, 1, SQL_DESC_BASE_TABLE_NAME, table, sizeof table, NULL, NULL));
    CHECK_TEXT(table, "t");
    CHECK_OK(stmt, SQLPrepare(stmt, T("insert into " SCHEMA ".t (id, d) values (?, ?)"), SQL_NTS));
    CHECK_OK(stmt, SQLDescribeParam(stmt, 2, &type, &size, NULL, NULL));
    CHECK_INT(type, SQL_INTEGER);
    CHECK_OK(stmt, SQLPrepare(stmt, T("select ?::int, ?"), SQL_NTS));
    CHECK_OK(stmt, SQLDescribeParam(stmt, 2, &type, &size, NULL, NULL));
    CHECK_OK(stmt, SQLFreeStmt(stmt, SQL_CLOSE));
}

/* Through cursors of tables with a key and without. */
static void changes(SQLHSTMT stmt, SQLHDBC dbc)
{
    (void)dbc;
    static const struct {
        const char *select, *after;
    } tables[] = {{"select id, v from " SCHEMA ".t order by id", "(1,changed),(3,v3),(4,v4),(5,v5)"},
                  {"select n, v from " SCHEMA ".keyless order by n", "(1,changed)"},
                  {"select n, v from " SCHEMA ".folded order by n", "(1,changed)"}}; /* its operators are an extension's */
    for (size_t i = 0; i < COUNT(tables); i++) {
        SQLINTEGER ids[2];
        char values[2][20];
        SQLLEN lengths[2][2];
        SQLUSMALLINT status[2];
        CHECK_OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_CURSOR_TYPE, (SQLPOINTER)SQL_CURSOR_KEYSET_DRIVEN, 0));
        CHECK_OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_CONCURRENCY, (SQLPOINTER)SQL_CONCUR_ROWVER, 0));
        CHECK_OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_ROW_ARRAY_SIZE, (SQLPOINTER)2, 0));
        CHECK_OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_ROW_STATUS_PTR, status, 0));
        CHECK_OK(stmt, SQLBindCol(stmt, 1, SQL_C_SLONG, ids, 0, lengths[0]));
        CHECK_OK(stmt, SQLBindCol(stmt, 2, SQL_C_CHAR, values, sizeof values[0], lengths[1]));
        CHECK_OK(stmt, SQLExecDirect(stmt, T(tables[i].select), SQL_NTS));
        CHECK_OK(stmt, SQLFetchScroll(stmt, SQL_FETCH_FIRST, 0));
        CHECK_OK(stmt, SQLFetchScroll(stmt, SQL_FETCH_FIRST, 0)); /* read again, by their keys */
        CHECK_INT(status[1], SQL_ROW_SUCCESS);
        CHECK_OK(stmt, SQLSetPos(stmt, 2, SQL_REFRESH, SQL_LOCK_NO_CHANGE));
        snprintf(values[0], sizeof values[0], "changed");
        lengths[1][0] = SQL_NTS;
        CHECK_OK(stmt, SQLSetPos(stmt, 1, SQL_UPDATE, SQL_LOCK_NO_CHANGE));
        CHECK_OK(stmt, SQLSetPos(stmt, 2, SQL_DELETE, SQL_LOCK_NO_CHANGE));
        CHECK_OK(stmt, SQLFreeStmt(stmt, SQL_CLOSE));
        CHECK_OK(stmt, SQLFreeStmt(stmt, SQL_UNBIND));
        CHECK_OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_ROW_STATUS_PTR, NULL, 0));
        CHECK_OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_ROW_ARRAY_SIZE, (SQLPOINTER)1, 0));
        CHECK_OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_CURSOR_TYPE, (SQLPOINTER)SQL_CURSOR_FORWARD_ONLY, 0));
        CHECK_OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_CONCURRENCY, (SQLPOINTER)SQL_CONCUR_READ_ONLY, 0));
        char sql[200];
        snprintf(sql, sizeof sql, "select pg_catalog.string_agg(pg_catalog.concat(q), ',') from (%s) q", tables[i].select);
        CHECK_TEXT(query_text(stmt, sql), tables[i].after);
    }
}

static void where_current_of(SQLHSTMT stmt, SQLHDBC dbc)
{
    SQLHSTMT change = new_stmt(dbc);
    CHECK_OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_CONCURRENCY, (SQLPOINTER)SQL_CONCUR_ROWVER, 0));
    CHECK_OK(stmt, SQLSetCursorName(stmt, T("here"), SQL_NTS));
    CHECK_OK(stmt, SQLExecDirect(stmt, T("select id, v from " SCHEMA ".t order by id"), SQL_NTS));
    CHECK_OK(stmt, SQLFetch(stmt));
    CHECK_OK(change, SQLExecDirect(change, T("update " SCHEMA ".t set v = 'new' where current of here"), SQL_NTS));
    CHECK_INT(row_count(change), 1);
    CHECK_OK(change, SQLExecDirect(change, T("delete from " SCHEMA ".t where current of here"), SQL_NTS));
    CHECK_INT(row_count(change), 1);
    CHECK_OK(stmt, SQLFreeStmt(stmt, SQL_CLOSE));
    CHECK_OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_CONCURRENCY, (SQLPOINTER)SQL_CONCUR_READ_ONLY, 0));
    free_stmt(change);
}

static void infos(SQLHSTMT stmt, SQLHDBC dbc)
{
    SQLCHAR text[100];
    SQLUINTEGER isolation = 0;
    (void)stmt;
    CHECK_OK(dbc, SQLGetInfo(dbc, SQL_COLLATION_SEQ, text, sizeof text, NULL));
    CHECK(text[0] != '\0');
    CHECK_OK(dbc, SQLGetInfo(dbc, SQL_DEFAULT_TXN_ISOLATION, &isolation, sizeof isolation, NULL));
    CHECK_INT(isolation, SQL_TXN_READ_COMMITTED);
    CHECK_OK(dbc, SQLGetInfo(dbc, SQL_DATA_SOURCE_READ_ONLY, text, sizeof text, NULL));
    CHECK_TEXT(text, "N");
    CHECK_OK(dbc, SQLGetInfo(dbc, SQL_USER_NAME, text, sizeof text, NULL));
    CHECK_TEXT(text, "aldb_test");
}

static void large_objects(SQLHSTMT stmt, SQLHDBC dbc)
{
    char bytes[] = "many bytes", back[20];
    SQLLEN length = sizeof bytes;
    (void)dbc;
    run(stmt, "create domain " SCHEMA ".lo as pg_catalog.oid; create table " SCHEMA ".large (v " SCHEMA ".lo)");
    CHECK_OK(stmt, SQLBindParameter(stmt, 1, SQL_PARAM_INPUT, SQL_C_BINARY, SQL_LONGVARBINARY, sizeof bytes, 0, bytes, sizeof bytes, &length));
    CHECK_OK(stmt, SQLExecDirect(stmt, T("insert into " SCHEMA ".large values (?)"), SQL_NTS));
    CHECK_OK(stmt, SQLFreeStmt(stmt, SQL_RESET_PARAMS));
    CHECK_OK(stmt, SQLExecDirect(stmt, T("select v from " SCHEMA ".large"), SQL_NTS));
    CHECK_OK(stmt, SQLFetch(stmt));
    CHECK_OK(stmt, SQLGetData(stmt, 1, SQL_C_BINARY, back, sizeof back, &length));
    CHECK_TEXT(back, "many bytes");
    CHECK_OK(stmt, SQLFreeStmt(stmt, SQL_CLOSE));
}

/* Every function of ODBC whose expression has an operator. */
static void scalar_functions(SQLHSTMT stmt, SQLHDBC dbc)
{
    static const char *const expressions[][2] = {
        {"{fn CONCAT('a', 'b')}", "ab"}, {"{fn SOUNDEX('Robert')}", "R163"}, {"{fn DIFFERENCE('Robert', 'Rupert')}", "4"},
        {"{fn LOCATE('b', 'abab', 3)}", "4"}, {"{fn LOCATE('z', 'abab', 3)}", "0"}, {"{fn DAYOFWEEK({d '2024-02-29'})}", "5"}, {"{fn CONVERT(1, SQL_BIT)}", "1"},
        {"{fn SIGN({fn RAND(5)})}", "1"},
        {"{fn TIMESTAMPDIFF(SQL_TSI_FRAC_SECOND, {t '10:00:00'}, {t '10:00:01'})}", "1000000000"},
        {"{fn TIMESTAMPDIFF(SQL_TSI_SECOND, {d '2024-01-31'}, {d '2024-02-01'})}", "86400"},
        {"{fn TIMESTAMPDIFF(SQL_TSI_WEEK, {d '2024-01-01'}, {d '2024-01-15'})}", "2"},
        {"{fn TIMESTAMPDIFF(SQL_TSI_MONTH, {d '2024-01-31'}, {d '2024-03-31'})}", "2"},
        {"{fn TIMESTAMPDIFF(SQL_TSI_YEAR, {d '2024-03-31'}, {d '2022-03-31'})}", "-2"},
        {"{fn TIMESTAMPADD(SQL_TSI_QUARTER, 1, {d '2024-01-31'})}", "2024-04-30 00:00:00"},
        {"{fn TIMESTAMPADD(SQL_TSI_FRAC_SECOND, 1000000, {ts '2024-01-31 00:00:00'})}", "2024-01-31 00:00:00.001"},
    };
    (void)dbc;
    for (size_t i = 0; i < COUNT(expressions); i++) {
        char sql[256];
        snprintf(sql, sizeof sql, "select %s", expressions[i][0]);
        check_text(query_text(stmt, sql), expressions[i][1], sql, __FILE__, __LINE__);
    }
}

static void arrays(SQLHSTMT stmt, SQLHDBC dbc)
{
    (void)dbc;
    SQLINTEGER numbers[3] = {7, 8, 9};
    CHECK_OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_PARAMSET_SIZE, (SQLPOINTER)COUNT(numbers), 0));
    CHECK_OK(stmt, SQLBindParameter(stmt, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, numbers, 0, NULL));
    CHECK_OK(stmt, SQLExecDirect(stmt, T("insert into " SCHEMA ".keyless (n) values (?)"), SQL_NTS));
    CHECK_INT(row_count(stmt), 3);
    CHECK_OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_PARAMSET_SIZE, (SQLPOINTER)1, 0));
    CHECK_OK(stmt, SQLFreeStmt(stmt, SQL_RESET_PARAMS));
}

static void calls(SQLHSTMT stmt, SQLHDBC dbc)
{
    (void)dbc;
    SQLINTEGER in = 21;
    SQLINTEGER out = 0;
    SQLHDESC ipd;
    CHECK_OK(stmt, SQLBindParameter(stmt, 1, SQL_PARAM_OUTPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, &out, 0, NULL));
    CHECK_OK(stmt, SQLBindParameter(stmt, 2, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, &in, 0, NULL));
    CHECK_OK(stmt, SQLExecDirect(stmt, T("{? = call " SCHEMA ".twice(?)}"), SQL_NTS));
    CHECK_INT(out, 42);
    CHECK_OK(stmt, SQLFreeStmt(stmt, SQL_CLOSE));
    /* A name that the server does not know as it is written is looked up. */
    CHECK_OK(stmt, SQLGetStmtAttr(stmt, SQL_ATTR_IMP_PARAM_DESC, &ipd, 0, NULL));
    CHECK_OK(ipd, SQLSetDescField(ipd, 2, SQL_DESC_NAME, T("@N"), SQL_NTS));
    in = 4;
    CHECK_OK(stmt, SQLExecDirect(stmt, T("{? = call " SCHEMA ".twice(?)}"), SQL_NTS));
    CHECK_INT(out, 8);
    CHECK_OK(stmt, SQLFreeStmt(stmt, SQL_CLOSE));
    CHECK_OK(stmt, SQLFreeStmt(stmt, SQL_RESET_PARAMS));
    CHECK_OK(stmt, SQLBindParameter(stmt, 1, SQL_PARAM_INPUT_OUTPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, &in, 0, NULL));
    CHECK_OK(stmt, SQLExecDirect(stmt, T("{call " SCHEMA ".incs(?)}"), SQL_NTS));
    CHECK_INT(in, 5);
    CHECK_OK(stmt, SQLFreeStmt(stmt, SQL_CLOSE));
    CHECK_OK(stmt, SQLFreeStmt(stmt, SQL_RESET_PARAMS));
}

/* ---- on each path ---------------------------------------------------------------------------------------------------- */

static void on_each_path(void (*try_it)(SQLHSTMT, SQLHDBC))
{
    for (size_t i = 0; i < COUNT(paths); i++) {
        struct link l = open_trapped(paths[i]);
        try_it(l.stmt, l.dbc);
        close_trapped(&l);
    }
}

#define ON_EACH_PATH(name)                                                                         \
    static void name##_on_each_path(void)                                                          \
    {                                                                                              \
        on_each_path(name);                                                                        \
    }
ON_EACH_PATH(traps_work)
ON_EACH_PATH(tables)
ON_EACH_PATH(columns)
ON_EACH_PATH(keys_and_indexes)
ON_EACH_PATH(privileges)
ON_EACH_PATH(procedures)
ON_EACH_PATH(types)
ON_EACH_PATH(details)
ON_EACH_PATH(changes)
ON_EACH_PATH(where_current_of)
ON_EACH_PATH(arrays)
ON_EACH_PATH(calls)
ON_EACH_PATH(infos)
ON_EACH_PATH(large_objects)
ON_EACH_PATH(scalar_functions)

int main(void)
{
    static const struct test tests[] = {
        {"the traps work", traps_work_on_each_path},
        {"SQLTables", tables_on_each_path},
        {"SQLColumns, SQLSpecialColumns", columns_on_each_path},
        {"keys and indexes", keys_and_indexes_on_each_path},
        {"privileges", privileges_on_each_path},
        {"procedures", procedures_on_each_path},
        {"SQLGetTypeInfo", types_on_each_path},
        {"details of columns and parameters", details_on_each_path},
        {"changes through cursors", changes_on_each_path},
        {"where current of", where_current_of_on_each_path},
        {"arrays of parameters", arrays_on_each_path},
        {"calls", calls_on_each_path},
        {"SQLGetInfo", infos_on_each_path},
        {"large objects", large_objects_on_each_path},
        {"scalar functions", scalar_functions_on_each_path},
    };
    return run_tests("what has PostgreSQL's names", tests, COUNT(tests));
}
