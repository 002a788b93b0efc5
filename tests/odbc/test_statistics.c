/* SPDX-License-Identifier: Apache-2.0 */
/* SQLStatistics: the table's row and one for each key column of each index; kinds of indexes, expressions, conditions, what is not known. */
#include "rows.h"

#include <stdlib.h>

#define SCHEMA "odbc_statistics"
#define S T(SCHEMA)

static void create_all(void)
{
    struct link l = link_open("");
    run(l.stmt, "drop schema if exists " SCHEMA " cascade; drop schema if exists " SCHEMA "_b cascade; create schema " SCHEMA "; create schema " SCHEMA "_b");
    run(l.stmt, "set search_path = " SCHEMA ", public");
    run(l.stmt, "create table full_ (gone int, id int primary key, a int, b text, c int[], d text, unique (a, b)); alter table full_ drop gone;"
                " insert into full_ select i, i % 10, i::text from generate_series(1, 1000) i;"
                " create index i_mixed on full_ (b desc, lower(d), a nulls first) include (id) where a > 3 and b <> '';"
                " create index i_hash on full_ using hash (a); create index i_gin on full_ using gin (c); create index i_clustered on full_ (d);"
                " cluster full_ using i_clustered; create unique index i_partial on full_ (d) where a is null");
    run(l.stmt, "analyze full_; create table never (a int, \"Cöl 😀\"\"\\\" int); create index \"Ïdx %_\"\"\\\" on never (\"Cöl 😀\"\"\\\");"
                " create view viewed as select 1 as a; create materialized view stored as select a, b from full_; create unique index stored_ab on stored (a, b);"
                " create table parted (id int primary key, a int) partition by range (id); create table part1 partition of parted for values from (0) to (9);"
                " create index parted_a on parted (a); create table " SCHEMA "_b.never (x int unique)");
    link_close(&l);
}

static void forget_all(void)
{
    struct link l = link_open("");
    run(l.stmt, "drop schema " SCHEMA " cascade; drop schema " SCHEMA "_b cascade");
    link_close(&l);
}

static SQLRETURN call(SQLHSTMT stmt, const char *schema, const char *table, SQLUSMALLINT unique, SQLUSMALLINT reserved)
{
    return SQLStatistics(stmt, NULL, 0, T(schema), SQL_NTS, T(table), SQL_NTS, unique, reserved);
}

static const char *statistics(SQLHSTMT stmt, const char *table, SQLUSMALLINT unique, const char *columns)
{
    SQLRETURN rc = call(stmt, SCHEMA, table, unique, SQL_QUICK);
    check_rc(stmt, rc, SQL_SUCCESS, table, __FILE__, __LINE__);
    return SQL_SUCCEEDED(rc) ? rows_of(stmt, columns) : "";
}

static void shape(void)
{
    static const struct shape v3[] = {
        {"TABLE_CAT", SQL_WVARCHAR, SQL_NULLABLE},      {"TABLE_SCHEM", SQL_WVARCHAR, SQL_NULLABLE}, {"TABLE_NAME", SQL_WVARCHAR, SQL_NO_NULLS},
        {"NON_UNIQUE", SQL_SMALLINT, SQL_NULLABLE},     {"INDEX_QUALIFIER", SQL_WVARCHAR, SQL_NULLABLE}, {"INDEX_NAME", SQL_WVARCHAR, SQL_NULLABLE},
        {"TYPE", SQL_SMALLINT, SQL_NO_NULLS},           {"ORDINAL_POSITION", SQL_SMALLINT, SQL_NULLABLE}, {"COLUMN_NAME", SQL_WVARCHAR, SQL_NULLABLE},
        {"ASC_OR_DESC", SQL_WCHAR, SQL_NULLABLE},       {"CARDINALITY", SQL_INTEGER, SQL_NULLABLE},  {"PAGES", SQL_INTEGER, SQL_NULLABLE},
        {"FILTER_CONDITION", SQL_WVARCHAR, SQL_NULLABLE},
    };
    static const struct shape v2[] = {
        {"TABLE_QUALIFIER", SQL_VARCHAR, SQL_NULLABLE}, {"TABLE_OWNER", SQL_VARCHAR, SQL_NULLABLE},  {"TABLE_NAME", SQL_VARCHAR, SQL_NO_NULLS},
        {"NON_UNIQUE", SQL_SMALLINT, SQL_NULLABLE},     {"INDEX_QUALIFIER", SQL_VARCHAR, SQL_NULLABLE}, {"INDEX_NAME", SQL_VARCHAR, SQL_NULLABLE},
        {"TYPE", SQL_SMALLINT, SQL_NO_NULLS},           {"SEQ_IN_INDEX", SQL_SMALLINT, SQL_NULLABLE}, {"COLUMN_NAME", SQL_VARCHAR, SQL_NULLABLE},
        {"COLLATION", SQL_CHAR, SQL_NULLABLE},          {"CARDINALITY", SQL_INTEGER, SQL_NULLABLE},  {"PAGES", SQL_INTEGER, SQL_NULLABLE},
        {"FILTER_CONDITION", SQL_VARCHAR, SQL_NULLABLE},
    };
    struct link l = link_open("");
    CHECK_OK(l.stmt, call(l.stmt, SCHEMA, "parted", SQL_INDEX_UNIQUE, SQL_QUICK));
    check_shape(l.stmt, v3, COUNT(v3));
    CHECK_TEXT(rows_of(l.stmt, "1 2 3 4 5 6 7 8 9 10 11 12 13"), "aldb_test|odbc_statistics|parted|~|~|~|0|~|~|~|~|~|~\n"
                                                                 "aldb_test|odbc_statistics|parted|0|odbc_statistics|parted_pkey|3|1|id|A|~|~|~");
    link_close(&l);
    l = link_new(SQL_OV_ODBC2);
    CHECK_OK(l.dbc, try_connect(l.dbc, connstr(";")));
    l.stmt = new_stmt(l.dbc);
    CHECK_OK(l.stmt, call(l.stmt, SCHEMA, "parted", SQL_INDEX_UNIQUE, SQL_QUICK));
    check_shape(l.stmt, v2, COUNT(v2));
    link_close(&l);
}

static void indexes(void)
{
    struct link l = link_open("");
    /* Unique ones first, then by type; keys only, not what an index includes. NON_UNIQUE, TYPE, name, number, column, direction, condition. */
    CHECK_TEXT(statistics(l.stmt, "full_", SQL_INDEX_ALL, "4 7 6 8 9 10 13"),
               "~|0|~|~|~|~|~\n0|3|full__a_b_key|1|a|A|~\n0|3|full__a_b_key|2|b|A|~\n0|3|full__pkey|1|id|A|~\n0|3|i_partial|1|d|A|a IS NULL\n"
               "1|1|i_clustered|1|d|A|~\n1|2|i_hash|1|a|~|~\n1|3|i_gin|1|c|~|~\n"
               "1|3|i_mixed|1|b|D|a > 3 AND b <> ''::text\n1|3|i_mixed|2|lower(d)|A|a > 3 AND b <> ''::text\n1|3|i_mixed|3|a|A|a > 3 AND b <> ''::text");
    CHECK_TEXT(statistics(l.stmt, "full_", SQL_INDEX_UNIQUE, "4 7 6 8"),
               "~|0|~|~\n0|3|full__a_b_key|1\n0|3|full__a_b_key|2\n0|3|full__pkey|1\n0|3|i_partial|1");
    CHECK_TEXT(statistics(l.stmt, "stored", SQL_INDEX_ALL, "4 7 6 8 9"), "~|0|~|~|~\n0|3|stored_ab|1|a\n0|3|stored_ab|2|b");
    CHECK_TEXT(statistics(l.stmt, "never", SQL_INDEX_ALL, "4 7 6 8 9"), "~|0|~|~|~\n1|3|Ïdx %_\"\\|1|Cöl 😀\"\\");
    CHECK_TEXT(statistics(l.stmt, "parted", SQL_INDEX_ALL, "4 6 9"), "~|~|~\n0|parted_pkey|id\n1|parted_a|a");
    CHECK_TEXT(statistics(l.stmt, "part1", SQL_INDEX_ALL, "4 6 9"), "~|~|~\n0|part1_pkey|id\n1|part1_a_idx|a");
    CHECK_TEXT(statistics(l.stmt, "viewed", SQL_INDEX_ALL, "4 6 9"), ""); /* of a view nothing is known */
    CHECK_TEXT(statistics(l.stmt, "none", SQL_INDEX_ALL, "4 6 9"), "");
    CHECK_OK(l.stmt, SQLStatisticsW(l.stmt, NULL, 0, wide(SCHEMA), SQL_NTS, wide("never"), SQL_NTS, SQL_INDEX_ALL, SQL_QUICK));
    CHECK_TEXT(rows_of(l.stmt, "6 9"), "~|~\nÏdx %_\"\\|Cöl 😀\"\\");

    /* An index that could not be built is none that anybody may rely on. */
    run(l.stmt, "create table " SCHEMA ".twice (a int); insert into " SCHEMA ".twice values (1), (1)");
    CHECK_STATE(l.stmt, SQLExecDirect(l.stmt, T("create unique index concurrently twice_a on " SCHEMA ".twice (a)"), SQL_NTS), "23000");
    CHECK_TEXT(statistics(l.stmt, "twice", SQL_INDEX_ALL, "4 6 9"), "~|~|~");
    link_close(&l);
}

/* CARDINALITY and PAGES. */
static void numbers(void)
{
    struct link l = link_open("");
    char wanted[64];
    CHECK_OK(l.stmt, call(l.stmt, SCHEMA, "full_", SQL_INDEX_UNIQUE, SQL_QUICK));
    const char *rows = rows_of(l.stmt, "7 6 11");
    CHECK_CONTAINS(rows, "0|~|1000\n");
    CHECK_CONTAINS(rows, "\n3|full__pkey|1000\n");
    CHECK_CONTAINS(rows, "\n3|i_partial|0");
    CHECK_CONTAINS(statistics(l.stmt, "full_", SQL_INDEX_ALL, "6 11"), "\ni_clustered|~\ni_hash|~\n"); /* how many different values there are nobody has counted */
    snprintf(wanted, sizeof wanted, "0|1000|%s\n", query_text(l.stmt, "select relpages from pg_class where oid = '" SCHEMA ".full_'::regclass"));
    CHECK_OK(l.stmt, call(l.stmt, SCHEMA, "full_", SQL_INDEX_ALL, SQL_QUICK));
    CHECK_CONTAINS(rows_of(l.stmt, "7 11 12"), wanted);

    /* Nobody has looked yet: SQL_QUICK does not know, SQL_ENSURE sees the pages. After that it knows how the table has grown since. */
    CHECK_TEXT(statistics(l.stmt, "never", SQL_INDEX_UNIQUE, "11 12"), "~|~");
    CHECK_OK(l.stmt, call(l.stmt, SCHEMA, "never", SQL_INDEX_UNIQUE, SQL_ENSURE));
    CHECK_TEXT(rows_of(l.stmt, "11 12"), "~|0");
    run(l.stmt, "create table " SCHEMA ".grown (a int); alter table " SCHEMA ".grown set (autovacuum_enabled = off);"
                " insert into " SCHEMA ".grown select generate_series(1, 10000); analyze " SCHEMA ".grown;"
                " insert into " SCHEMA ".grown select generate_series(1, 10000)");
    CHECK_CONTAINS(statistics(l.stmt, "grown", SQL_INDEX_UNIQUE, "11"), "10000");
    CHECK_OK(l.stmt, call(l.stmt, SCHEMA, "grown", SQL_INDEX_UNIQUE, SQL_ENSURE));
    long rows_now = strtol(rows_of(l.stmt, "11"), NULL, 10);
    CHECK(rows_now > 19000 && rows_now < 21000);
    /* More than the column can say. */
    struct link super = link_new(SQL_OV_ODBC3_80);
    CHECK_OK(super.dbc, try_connect(super.dbc, connstr("DRIVER=AlloyDB;Server=$SOCKETDIR;Port=$PORT;Database=$DATABASE;UID=postgres")));
    super.stmt = new_stmt(super.dbc);
    run(super.stmt, "update pg_class set reltuples = 1e12 where oid = '" SCHEMA ".grown'::regclass");
    link_close(&super);
    CHECK_TEXT(statistics(l.stmt, "grown", SQL_INDEX_UNIQUE, "11"), "2147483647");
    CHECK_OK(l.stmt, call(l.stmt, SCHEMA, "grown", SQL_INDEX_UNIQUE, SQL_ENSURE));
    CHECK_TEXT(rows_of(l.stmt, "11"), "2147483647");
    link_close(&l);
}

static void arguments(void)
{
    struct link l = link_open("");
    run(l.stmt, "set search_path = " SCHEMA "_b, " SCHEMA);
    CHECK_OK(l.stmt, call(l.stmt, NULL, "never", SQL_INDEX_UNIQUE, SQL_QUICK));
    CHECK_TEXT(rows_of(l.stmt, "2 6"), "odbc_statistics_b|~\nodbc_statistics_b|never_x_key");
    run(l.stmt, "set search_path = public");
    CHECK_OK(l.stmt, call(l.stmt, "", "never", SQL_INDEX_UNIQUE, SQL_QUICK));
    CHECK_TEXT(rows_of(l.stmt, "2 6"), "odbc_statistics|~\nodbc_statistics_b|~\nodbc_statistics_b|never_x_key");
    /* A view hides a table behind it on the path, as in SQL. */
    run(l.stmt, "create temp view full_ as select 1 as a; set search_path = " SCHEMA);
    CHECK_OK(l.stmt, call(l.stmt, NULL, "full_", SQL_INDEX_UNIQUE, SQL_QUICK));
    CHECK_INT(count_rows(l.stmt), 0);
    CHECK_TEXT(statistics(l.stmt, "neve_", SQL_INDEX_ALL, "6"), "");
    CHECK_TEXT(statistics(l.stmt, "%", SQL_INDEX_ALL, "6"), "");
    CHECK_TEXT(statistics(l.stmt, "NEVER", SQL_INDEX_ALL, "6"), "");
    CHECK_OK(l.stmt, SQLStatistics(l.stmt, T("postgres"), SQL_NTS, S, SQL_NTS, T("never"), SQL_NTS, SQL_INDEX_ALL, SQL_QUICK));
    CHECK_INT(count_rows(l.stmt), 0);
    CHECK_OK(l.stmt, SQLStatistics(l.stmt, T("aldb_testX"), 9, T(SCHEMA "X"), (SQLSMALLINT)strlen(SCHEMA), T("neverX"), 5, SQL_INDEX_ALL, SQL_QUICK));
    CHECK_INT(count_rows(l.stmt), 2);

    CHECK_STATE(l.stmt, call(l.stmt, SCHEMA, NULL, SQL_INDEX_ALL, SQL_QUICK), "HY009");
    CHECK_STATE(l.stmt, call(l.stmt, SCHEMA, "never", 2, SQL_QUICK), "HY100");
    CHECK_STATE(l.stmt, call(l.stmt, SCHEMA, "never", SQL_INDEX_ALL, 2), "HY101");
    CHECK_STATE(l.stmt, SQLStatistics(l.stmt, NULL, 0, S, SQL_NTS, T("x"), -5, SQL_INDEX_ALL, SQL_QUICK), "HY090");
    CHECK_STATE(l.stmt, call(l.stmt, "\xff", "never", SQL_INDEX_ALL, SQL_QUICK), "22018");
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_METADATA_ID, (SQLPOINTER)SQL_TRUE, 0));
    CHECK_OK(l.stmt, SQLStatistics(l.stmt, T("Aldb_Test"), SQL_NTS, T("ODBC_statistics"), SQL_NTS, T("NEVER "), SQL_NTS, SQL_INDEX_ALL, SQL_QUICK));
    CHECK_INT(count_rows(l.stmt), 2);
    CHECK_STATE(l.stmt, call(l.stmt, SCHEMA, "never", SQL_INDEX_ALL, SQL_QUICK), "HY009"); /* no catalog */
    CHECK_STATE(l.stmt, SQLStatistics(l.stmt, T("aldb_test"), SQL_NTS, NULL, 0, T("never"), SQL_NTS, SQL_INDEX_ALL, SQL_QUICK), "HY009");
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_METADATA_ID, (SQLPOINTER)SQL_FALSE, 0));
    query(l.stmt, "select 1");
    CHECK_STATE(l.stmt, call(l.stmt, SCHEMA, "never", SQL_INDEX_ALL, SQL_QUICK), "24000");
    link_close(&l);
}

int main(void)
{
    static const struct test tests[] = {
        {"(tables)", create_all}, {"columns of the result", shape}, {"indexes", indexes}, {"numbers", numbers}, {"arguments", arguments}, {"(no tables)", forget_all},
    };
    return run_tests("SQLStatistics", tests, COUNT(tests));
}
