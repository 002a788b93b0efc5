/* SPDX-License-Identifier: Apache-2.0 */
/* SQLPrimaryKeys: composite keys in their own order, INCLUDE columns, partitions, and which table a name without schema means. */
#include "rows.h"

#define SCHEMA "odbc_keys"
#define S T(SCHEMA)

static void create_all(void)
{
    struct link l = link_open("");
    run(l.stmt, "drop schema if exists " SCHEMA " cascade; create schema " SCHEMA "; drop schema if exists " SCHEMA "_b cascade;"
                " create schema " SCHEMA "_b");
    run(l.stmt, "create table " SCHEMA ".one (dropped int, id int primary key, b int); alter table " SCHEMA ".one drop dropped;"
                " create table " SCHEMA ".composite (a int, b int, c int, d int, constraint composite_key primary key (d, a, c));"
                " create table " SCHEMA ".including (a int, b text, c int, constraint including_key primary key (a) include (b, c));"
                " create table " SCHEMA ".only_unique (a int not null unique, b int);"
                " create table " SCHEMA ".no_key (a int);"
                " create table " SCHEMA ".parted (a int, b int, primary key (b, a)) partition by range (a);"
                " create table " SCHEMA ".part1 partition of " SCHEMA ".parted for values from (0) to (9);"
                " create table " SCHEMA ".\"Odd \"\"é%_\\\" (\"Kéy 😀\" int constraint \"Pk é\" primary key);"
                " create table " SCHEMA "_b.one (other int primary key);"
                " create table " SCHEMA "_b.lonely (x int primary key)");
    link_close(&l);
}

static void forget_all(void)
{
    struct link l = link_open("");
    run(l.stmt, "drop schema " SCHEMA " cascade; drop schema " SCHEMA "_b cascade");
    link_close(&l);
}

static const char *keys(SQLHSTMT stmt, const char *schema, const char *table)
{
    SQLRETURN rc = SQLPrimaryKeys(stmt, NULL, 0, T(schema), SQL_NTS, T(table), SQL_NTS);
    check_rc(stmt, rc, SQL_SUCCESS, table, __FILE__, __LINE__);
    return SQL_SUCCEEDED(rc) ? rows_of(stmt, "2 3 4 5 6") : "";
}

static void shape(void)
{
    static const struct shape v3[] = {
        {"TABLE_CAT", SQL_WVARCHAR, SQL_NULLABLE},   {"TABLE_SCHEM", SQL_WVARCHAR, SQL_NULLABLE}, {"TABLE_NAME", SQL_WVARCHAR, SQL_NO_NULLS},
        {"COLUMN_NAME", SQL_WVARCHAR, SQL_NO_NULLS}, {"KEY_SEQ", SQL_SMALLINT, SQL_NO_NULLS},     {"PK_NAME", SQL_WVARCHAR, SQL_NULLABLE},
    };
    struct link l = link_open("");
    CHECK_OK(l.stmt, SQLPrimaryKeys(l.stmt, NULL, 0, S, SQL_NTS, T("one"), SQL_NTS));
    check_shape(l.stmt, v3, COUNT(v3));
    CHECK_TEXT(rows_of(l.stmt, "1 2 3 4 5 6"), "aldb_test|odbc_keys|one|id|1|one_pkey");
    link_close(&l);

    l = link_new(SQL_OV_ODBC2);
    CHECK_OK(l.dbc, try_connect(l.dbc, connstr(";")));
    l.stmt = new_stmt(l.dbc);
    SQLCHAR name[64];
    CHECK_OK(l.stmt, SQLPrimaryKeys(l.stmt, NULL, 0, S, SQL_NTS, T("one"), SQL_NTS));
    CHECK_OK(l.stmt, SQLDescribeCol(l.stmt, 1, name, sizeof name, NULL, NULL, NULL, NULL, NULL));
    CHECK_TEXT(name, "TABLE_QUALIFIER");
    CHECK_OK(l.stmt, SQLDescribeCol(l.stmt, 2, name, sizeof name, NULL, NULL, NULL, NULL, NULL));
    CHECK_TEXT(name, "TABLE_OWNER");
    link_close(&l);
}

static void tables(void)
{
    struct link l = link_open("");
    CHECK_TEXT(keys(l.stmt, SCHEMA, "composite"), "odbc_keys|composite|d|1|composite_key\nodbc_keys|composite|a|2|composite_key\n"
                                                  "odbc_keys|composite|c|3|composite_key");
    CHECK_TEXT(keys(l.stmt, SCHEMA, "including"), "odbc_keys|including|a|1|including_key");
    CHECK_TEXT(keys(l.stmt, SCHEMA, "only_unique"), "");
    CHECK_TEXT(keys(l.stmt, SCHEMA, "no_key"), "");
    CHECK_TEXT(keys(l.stmt, SCHEMA, "no such table"), "");
    CHECK_TEXT(keys(l.stmt, SCHEMA, "parted"), "odbc_keys|parted|b|1|parted_pkey\nodbc_keys|parted|a|2|parted_pkey");
    CHECK_TEXT(keys(l.stmt, SCHEMA, "part1"), "odbc_keys|part1|b|1|part1_pkey\nodbc_keys|part1|a|2|part1_pkey");
    CHECK_TEXT(keys(l.stmt, SCHEMA, "Odd \"é%_\\"), "odbc_keys|Odd \"é%_\\|Kéy 😀|1|Pk é");
    CHECK_OK(l.stmt, SQLPrimaryKeysW(l.stmt, NULL, 0, wide(SCHEMA), SQL_NTS, wide("Odd \"é%_\\"), SQL_NTS));
    CHECK_TEXT(rows_of(l.stmt, "4 6"), "Kéy 😀|Pk é");
    /* Nothing here is a pattern. */
    CHECK_TEXT(keys(l.stmt, SCHEMA, "on_"), "");
    CHECK_TEXT(keys(l.stmt, SCHEMA, "%"), "");
    CHECK_TEXT(keys(l.stmt, "odbc%", "one"), "");
    CHECK_TEXT(keys(l.stmt, SCHEMA, "ONE"), "");
    CHECK_TEXT(keys(l.stmt, SCHEMA, ""), "");
    link_close(&l);
}

static void which_table(void)
{
    struct link l = link_open("");
    /* Without a schema a name means what it means in SQL … */
    run(l.stmt, "set search_path = " SCHEMA "_b, " SCHEMA);
    CHECK_TEXT(keys(l.stmt, NULL, "one"), "odbc_keys_b|one|other|1|one_pkey");
    run(l.stmt, "set search_path = " SCHEMA ", " SCHEMA "_b");
    CHECK_TEXT(keys(l.stmt, NULL, "one"), "odbc_keys|one|id|1|one_pkey");
    CHECK_TEXT(keys(l.stmt, NULL, "no_key"), "");
    /* … and where it means nothing, every table of that name. */
    run(l.stmt, "set search_path = public");
    CHECK_TEXT(keys(l.stmt, NULL, "one"), "odbc_keys|one|id|1|one_pkey\nodbc_keys_b|one|other|1|one_pkey");
    CHECK_TEXT(keys(l.stmt, NULL, "lonely"), "odbc_keys_b|lonely|x|1|lonely_pkey");
    run(l.stmt, "create temp table one (temporary int primary key)");
    CHECK_CONTAINS(keys(l.stmt, NULL, "one"), "|one|temporary|1|one_pkey");

    static const struct {
        const char *catalog, *rows;
    } catalogs[] = {{"aldb_test", "id"}, {"", "id"}, {"aldb_tes%", ""}, {"postgres", ""}};
    for (size_t i = 0; i < COUNT(catalogs); i++) {
        CHECK_OK(l.stmt, SQLPrimaryKeys(l.stmt, T(catalogs[i].catalog), SQL_NTS, S, SQL_NTS, T("one"), SQL_NTS));
        check_text(rows_of(l.stmt, "4"), catalogs[i].rows, catalogs[i].catalog, __FILE__, __LINE__);
    }
    CHECK_OK(l.stmt, SQLPrimaryKeys(l.stmt, NULL, 99, T("odbc_keysX"), 9, T("oneX"), 3));
    CHECK_TEXT(rows_of(l.stmt, "4"), "id");
    link_close(&l);
}

static void bad_arguments(void)
{
    struct link l = link_open("");
    CHECK_STATE(l.stmt, SQLPrimaryKeys(l.stmt, NULL, 0, S, SQL_NTS, NULL, 0), "HY009");
    CHECK_STATE(l.stmt, SQLPrimaryKeys(l.stmt, NULL, 0, S, SQL_NTS, T("x"), -7), "HY090");
    CHECK_STATE(l.stmt, SQLPrimaryKeys(l.stmt, NULL, 0, T("\xff"), SQL_NTS, T("x"), SQL_NTS), "22018");
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_METADATA_ID, (SQLPOINTER)SQL_TRUE, 0));
    CHECK_OK(l.stmt, SQLPrimaryKeys(l.stmt, T("aldb_test"), SQL_NTS, T("Odbc_Keys"), SQL_NTS, T("ONE "), SQL_NTS));
    CHECK_TEXT(rows_of(l.stmt, "4"), "id");
    CHECK_STATE(l.stmt, SQLPrimaryKeys(l.stmt, T("aldb_test"), SQL_NTS, NULL, 0, T("one"), SQL_NTS), "HY009");
    CHECK_STATE(l.stmt, SQLPrimaryKeys(l.stmt, NULL, 0, S, SQL_NTS, T("one"), SQL_NTS), "HY009");
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_METADATA_ID, (SQLPOINTER)SQL_FALSE, 0));
    query(l.stmt, "select 1");
    CHECK_STATE(l.stmt, SQLPrimaryKeys(l.stmt, NULL, 0, NULL, 0, T("x"), SQL_NTS), "24000");
    link_close(&l);
}

int main(void)
{
    static const struct test tests[] = {
        {"(tables)", create_all},
        {"columns of the result", shape},
        {"keys", tables},
        {"which table", which_table},
        {"bad arguments", bad_arguments},
        {"(no tables)", forget_all},
    };
    return run_tests("SQLPrimaryKeys", tests, COUNT(tests));
}
