/* SPDX-License-Identifier: Apache-2.0 */
/* SQLSpecialColumns: what identifies a row, for how long, and what changes with it; that SELECT and UPDATE by these columns find the row. */
#include "rows.h"

#define SCHEMA "odbc_special"
#define S T(SCHEMA)

static void create_all(void)
{
    struct link l = link_open("");
    run(l.stmt, "drop schema if exists " SCHEMA " cascade; drop schema if exists " SCHEMA "_b cascade; create schema " SCHEMA "; create schema " SCHEMA "_b");
    run(l.stmt, "set search_path = " SCHEMA ", public");
    run(l.stmt, "create domain word as varchar(7) not null; create domain shorter as word;"
                " create table keyed (a int not null unique, gone int, c numeric(8,2), b shorter, d timestamp(3), constraint k primary key (d, b, c));"
                " alter table keyed drop gone; create table including (a int, b int, primary key (a) include (b));"
                " create table uniques (a int not null, b int not null, c int unique, d int not null, e int not null, unique (a, b), constraint z_d unique (d),"
                " constraint a_e unique (e) deferrable)");
    run(l.stmt, "create unique index by_part on uniques (a) where b > 0; create unique index by_expression on uniques ((a + b));"
                " create table nullable (a int unique, b int, unique (a, b)); create table bare (a int, b text);"
                " create table late (a int primary key deferrable initially deferred);"
                " create view viewed as select * from keyed; create materialized view stored as select 1 as a;"
                " create table parted (id int, p int) partition by range (id); create table part1 partition of parted for values from (0) to (9);"
                " create table heired (a int); create table heir () inherits (heired);"
                " create table \"Odd \"\"é%_\\\" (\"Kéy 😀\" bigint primary key); create table " SCHEMA "_b.bare (id int8 primary key)");
    link_close(&l);
}

static void forget_all(void)
{
    struct link l = link_open("");
    run(l.stmt, "drop schema " SCHEMA "_b cascade; drop schema " SCHEMA " cascade");
    link_close(&l);
}

static SQLRETURN call(SQLHSTMT stmt, SQLUSMALLINT what, const char *schema, const char *table, SQLUSMALLINT scope, SQLUSMALLINT nullable)
{
    return SQLSpecialColumns(stmt, what, NULL, 0, T(schema), SQL_NTS, T(table), SQL_NTS, scope, nullable);
}

static const char *special(SQLHSTMT stmt, SQLUSMALLINT what, const char *table, SQLUSMALLINT scope)
{
    SQLRETURN rc = call(stmt, what, SCHEMA, table, scope, SQL_NULLABLE);
    check_rc(stmt, rc, SQL_SUCCESS, table, __FILE__, __LINE__);
    return SQL_SUCCEEDED(rc) ? rows_of(stmt, "1 2 8") : "";
}

static void shape(void)
{
    static const struct shape v3[] = {
        {"SCOPE", SQL_SMALLINT, SQL_NULLABLE},        {"COLUMN_NAME", SQL_WVARCHAR, SQL_NO_NULLS}, {"DATA_TYPE", SQL_SMALLINT, SQL_NO_NULLS},
        {"TYPE_NAME", SQL_WVARCHAR, SQL_NO_NULLS},    {"COLUMN_SIZE", SQL_INTEGER, SQL_NULLABLE},  {"BUFFER_LENGTH", SQL_INTEGER, SQL_NULLABLE},
        {"DECIMAL_DIGITS", SQL_SMALLINT, SQL_NULLABLE}, {"PSEUDO_COLUMN", SQL_SMALLINT, SQL_NULLABLE},
    };
    static const struct shape v2[] = {
        {"SCOPE", SQL_SMALLINT, SQL_NULLABLE},     {"COLUMN_NAME", SQL_VARCHAR, SQL_NO_NULLS}, {"DATA_TYPE", SQL_SMALLINT, SQL_NO_NULLS},
        {"TYPE_NAME", SQL_VARCHAR, SQL_NO_NULLS},  {"PRECISION", SQL_INTEGER, SQL_NULLABLE},   {"LENGTH", SQL_INTEGER, SQL_NULLABLE},
        {"SCALE", SQL_SMALLINT, SQL_NULLABLE},     {"PSEUDO_COLUMN", SQL_SMALLINT, SQL_NULLABLE},
    };
    struct link l = link_open("");
    CHECK_OK(l.stmt, call(l.stmt, SQL_BEST_ROWID, SCHEMA, "keyed", SQL_SCOPE_SESSION, SQL_NO_NULLS));
    check_shape(l.stmt, v3, COUNT(v3));
    /* In the key's order; domains as what they are made of. */
    CHECK_TEXT(rows_of(l.stmt, "1 2 3 4 5 6 7 8"), "2|d|93|timestamp|23|16|3|1\n2|b|-9|varchar|7|28|~|1\n2|c|2|numeric|8|10|2|1");
    link_close(&l);
    l = link_new(SQL_OV_ODBC2);
    CHECK_OK(l.dbc, try_connect(l.dbc, connstr(";")));
    l.stmt = new_stmt(l.dbc);
    CHECK_OK(l.stmt, call(l.stmt, SQL_BEST_ROWID, SCHEMA, "keyed", SQL_SCOPE_SESSION, SQL_NO_NULLS));
    check_shape(l.stmt, v2, COUNT(v2));
    CHECK_TEXT(rows_of(l.stmt, "2 3"), "d|11\nb|12\nc|2"); /* ODBC 2's types */
    link_close(&l);
}

static void best_row_id(void)
{
    struct link l = link_open("");
    CHECK_TEXT(special(l.stmt, SQL_BEST_ROWID, "including", SQL_SCOPE_SESSION), "2|a|1");
    CHECK_TEXT(special(l.stmt, SQL_BEST_ROWID, "late", SQL_SCOPE_SESSION), "2|a|1");
    /* No key: the unique index with the fewest columns, all of them never null, for all rows, at any time. */
    CHECK_TEXT(special(l.stmt, SQL_BEST_ROWID, "uniques", SQL_SCOPE_SESSION), "2|d|1");
    CHECK_TEXT(special(l.stmt, SQL_BEST_ROWID, "uniques", SQL_SCOPE_CURROW), "2|d|1");
    CHECK_TEXT(special(l.stmt, SQL_BEST_ROWID, "Odd \"é%_\\", SQL_SCOPE_TRANSACTION), "2|Kéy 😀|1");
    /* Nor such an index: the place of the row, which lasts no longer than the row is left alone. */
    CHECK_TEXT(special(l.stmt, SQL_BEST_ROWID, "nullable", SQL_SCOPE_CURROW), "0|ctid|2");
    CHECK_TEXT(special(l.stmt, SQL_BEST_ROWID, "bare", SQL_SCOPE_CURROW), "0|ctid|2");
    CHECK_TEXT(special(l.stmt, SQL_BEST_ROWID, "bare", SQL_SCOPE_TRANSACTION), "");
    CHECK_TEXT(special(l.stmt, SQL_BEST_ROWID, "bare", SQL_SCOPE_SESSION), "");
    CHECK_TEXT(special(l.stmt, SQL_BEST_ROWID, "stored", SQL_SCOPE_CURROW), "0|ctid|2");
    CHECK_TEXT(special(l.stmt, SQL_BEST_ROWID, "part1", SQL_SCOPE_CURROW), "0|ctid|2");
    /* Not where it is not unique, or not there. */
    CHECK_TEXT(special(l.stmt, SQL_BEST_ROWID, "parted", SQL_SCOPE_CURROW), "");
    CHECK_TEXT(special(l.stmt, SQL_BEST_ROWID, "heired", SQL_SCOPE_CURROW), "");
    CHECK_TEXT(special(l.stmt, SQL_BEST_ROWID, "viewed", SQL_SCOPE_CURROW), "");
    CHECK_TEXT(special(l.stmt, SQL_BEST_ROWID, "no such table", SQL_SCOPE_CURROW), "");
    CHECK_OK(l.stmt, SQLSpecialColumnsW(l.stmt, SQL_BEST_ROWID, NULL, 0, wide(SCHEMA), SQL_NTS, wide("Odd \"é%_\\"), SQL_NTS, SQL_SCOPE_SESSION, SQL_NULLABLE));
    CHECK_TEXT(rows_of(l.stmt, "2"), "Kéy 😀");
    CHECK_OK(l.stmt, call(l.stmt, SQL_BEST_ROWID, SCHEMA, "bare", SQL_SCOPE_CURROW, SQL_NO_NULLS));
    CHECK_TEXT(rows_of(l.stmt, "1 2 3 4 5 6 7 8"), "0|ctid|-9|tid|18|72|~|2");
    link_close(&l);
}

static void row_version(void)
{
    struct link l = link_open("");
    CHECK_OK(l.stmt, call(l.stmt, SQL_ROWVER, SCHEMA, "keyed", SQL_SCOPE_CURROW, SQL_NO_NULLS));
    CHECK_TEXT(rows_of(l.stmt, "1 2 3 4 5 6 7 8"), "~|xmin|4|xid|10|4|0|2");
    CHECK_TEXT(special(l.stmt, SQL_ROWVER, "parted", SQL_SCOPE_SESSION), "~|xmin|2");
    CHECK_TEXT(special(l.stmt, SQL_ROWVER, "viewed", SQL_SCOPE_SESSION), "");
    CHECK_TEXT(special(l.stmt, SQL_ROWVER, "no such table", SQL_SCOPE_SESSION), "");
    link_close(&l);
}

/* As an application uses them: read, then update by what was read. */
static void in_use(void)
{
    struct link l = link_open("");
    char place[32];
    SQLINTEGER version = 0;
    run(l.stmt, "insert into " SCHEMA ".bare values (1, 'one'), (2, 'two')");
    query(l.stmt, "select ctid, xmin from " SCHEMA ".bare where a = 2");
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_OK(l.stmt, SQLGetData(l.stmt, 1, SQL_C_CHAR, place, sizeof place, NULL));
    CHECK_OK(l.stmt, SQLGetData(l.stmt, 2, SQL_C_SLONG, &version, 0, NULL));
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 1, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_WVARCHAR, 18, 0, place, 0, NULL));
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 2, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, &version, 0, NULL));
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("update " SCHEMA ".bare set b = 'changed' where ctid = ? and xmin = ?"), SQL_NTS));
    CHECK_OK(l.stmt, SQLExecute(l.stmt));
    CHECK_INT(row_count(l.stmt), 1);
    CHECK_RC(l.stmt, SQLExecute(l.stmt), SQL_NO_DATA); /* the row is elsewhere now, and of another transaction */
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_RESET_PARAMS));
    CHECK_TEXT(query_text(l.stmt, "select string_agg(b, ',' order by a) from " SCHEMA ".bare"), "one,changed");
    link_close(&l);
}

static void arguments(void)
{
    struct link l = link_open("");
    run(l.stmt, "set search_path = " SCHEMA "_b, " SCHEMA);
    CHECK_OK(l.stmt, call(l.stmt, SQL_BEST_ROWID, NULL, "bare", SQL_SCOPE_CURROW, SQL_NULLABLE));
    CHECK_TEXT(rows_of(l.stmt, "2 4"), "id|int8");
    run(l.stmt, "set search_path = " SCHEMA ", " SCHEMA "_b");
    CHECK_OK(l.stmt, call(l.stmt, SQL_BEST_ROWID, "", "bare", SQL_SCOPE_CURROW, SQL_NULLABLE));
    CHECK_TEXT(rows_of(l.stmt, "2 4"), "ctid|tid");
    /* The result does not name the table: of several that are all not on the path it is about one. */
    run(l.stmt, "set search_path = public");
    CHECK_OK(l.stmt, call(l.stmt, SQL_BEST_ROWID, NULL, "bare", SQL_SCOPE_CURROW, SQL_NULLABLE));
    CHECK_TEXT(rows_of(l.stmt, "2 4"), "ctid|tid");
    CHECK_TEXT(special(l.stmt, SQL_BEST_ROWID, "bar_", SQL_SCOPE_CURROW), "");
    CHECK_TEXT(special(l.stmt, SQL_BEST_ROWID, "BARE", SQL_SCOPE_CURROW), "");
    CHECK_OK(l.stmt, SQLSpecialColumns(l.stmt, SQL_ROWVER, T("postgres"), SQL_NTS, S, SQL_NTS, T("bare"), SQL_NTS, SQL_SCOPE_CURROW, SQL_NULLABLE));
    CHECK_INT(count_rows(l.stmt), 0);
    CHECK_OK(l.stmt, SQLSpecialColumns(l.stmt, SQL_ROWVER, T("aldb_testX"), 9, T(SCHEMA "X"), (SQLSMALLINT)strlen(SCHEMA), T("bareX"), 4, SQL_SCOPE_CURROW, SQL_NULLABLE));
    CHECK_INT(count_rows(l.stmt), 1);

    CHECK_STATE(l.stmt, call(l.stmt, SQL_BEST_ROWID, SCHEMA, NULL, SQL_SCOPE_CURROW, SQL_NULLABLE), "HY009");
    CHECK_STATE(l.stmt, call(l.stmt, 0, SCHEMA, "bare", SQL_SCOPE_CURROW, SQL_NULLABLE), "HY097");
    CHECK_STATE(l.stmt, call(l.stmt, 3, SCHEMA, "bare", SQL_SCOPE_CURROW, SQL_NULLABLE), "HY097");
    CHECK_STATE(l.stmt, call(l.stmt, SQL_ROWVER, SCHEMA, "bare", 3, SQL_NULLABLE), "HY098");
    CHECK_STATE(l.stmt, call(l.stmt, SQL_ROWVER, SCHEMA, "bare", SQL_SCOPE_CURROW, 2), "HY099");
    CHECK_STATE(l.stmt, SQLSpecialColumns(l.stmt, SQL_ROWVER, NULL, 0, S, SQL_NTS, T("x"), -5, SQL_SCOPE_CURROW, SQL_NULLABLE), "HY090");
    CHECK_STATE(l.stmt, call(l.stmt, SQL_ROWVER, "\xff", "bare", SQL_SCOPE_CURROW, SQL_NULLABLE), "22018");
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_METADATA_ID, (SQLPOINTER)SQL_TRUE, 0));
    CHECK_OK(l.stmt, SQLSpecialColumns(l.stmt, SQL_BEST_ROWID, T("Aldb_Test"), SQL_NTS, T("ODBC_special"), SQL_NTS, T("LATE "), SQL_NTS, 0, SQL_NULLABLE));
    CHECK_TEXT(rows_of(l.stmt, "2"), "a");
    CHECK_STATE(l.stmt, call(l.stmt, SQL_BEST_ROWID, SCHEMA, "late", SQL_SCOPE_CURROW, SQL_NULLABLE), "HY009"); /* no catalog */
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_METADATA_ID, (SQLPOINTER)SQL_FALSE, 0));
    query(l.stmt, "select 1");
    CHECK_STATE(l.stmt, call(l.stmt, SQL_BEST_ROWID, SCHEMA, "late", SQL_SCOPE_CURROW, SQL_NULLABLE), "24000");
    link_close(&l);
}

int main(void)
{
    static const struct test tests[] = {
        {"(tables)", create_all}, {"columns of the result", shape}, {"what identifies a row", best_row_id}, {"what changes with it", row_version},
        {"in use", in_use},       {"arguments", arguments},         {"(no tables)", forget_all},
    };
    return run_tests("SQLSpecialColumns", tests, COUNT(tests));
}
