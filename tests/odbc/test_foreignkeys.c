/* SPDX-License-Identifier: Apache-2.0 */
/* SQLForeignKeys: from a table, to a table and between two; rules, deferrability, partitions, unique constraints, and which table a name without schema means. */
#include "rows.h"

#define SCHEMA "odbc_foreign"
#define S T(SCHEMA)

static void create_all(void)
{
    struct link l = link_open("");
    run(l.stmt, "drop schema if exists " SCHEMA " cascade; drop schema if exists " SCHEMA "_b cascade; create schema " SCHEMA "; create schema " SCHEMA "_b");
    run(l.stmt, "set search_path = " SCHEMA);
    run(l.stmt, "create table parent (gone int, id int primary key, b int, c int, u text unique, constraint parent_bc unique (b, c)); alter table parent drop gone;"
                " create table child (id int, one int references parent on delete cascade on update set null,"
                " two int constraint child_two references parent on delete restrict on update set default deferrable,"
                " b int, c int, constraint child_cb foreign key (c, b) references parent (c, b) initially deferred,"
                " u text constraint child_u references parent (u), self int);"
                " alter table child add unique (id); alter table child add constraint child_self foreign key (self) references child (id);"
                " create table lonely (a int)");
    run(l.stmt, "create table parted (id int primary key, up int constraint parted_up references parent) partition by range (id);"
                " create table part1 partition of parted for values from (0) to (9); create table part2 partition of parted for values from (10) to (19);"
                " create table refers (p int constraint refers_p references parted);"
                " create table halves (p int constraint halves_p references parted) partition by range (p);"
                " create table half1 partition of halves for values from (0) to (9)");
    run(l.stmt, "create table \"Odd \"\"é%_\\\" (\"Kéy 😀\" int constraint \"Pk é\" primary key);"
                " create table odd_child (\"Réf\" int constraint \"Fk ü\" references \"Odd \"\"é%_\\\");"
                " create table " SCHEMA "_b.parent (other int primary key); create table " SCHEMA "_b.child (o int references " SCHEMA "_b.parent, p int references parent)");
    link_close(&l);
}

static void forget_all(void)
{
    struct link l = link_open("");
    run(l.stmt, "drop schema " SCHEMA "_b cascade; drop schema " SCHEMA " cascade");
    link_close(&l);
}

static SQLRETURN call(SQLHSTMT stmt, const char *schema, const char *table, const char *foreign_schema, const char *foreign_table)
{
    return SQLForeignKeys(stmt, NULL, 0, T(schema), SQL_NTS, T(table), SQL_NTS, NULL, 0, T(foreign_schema), SQL_NTS, T(foreign_table), SQL_NTS);
}

/* "primary table.column < foreign table.column, number, names". */
static const char *keys(SQLHSTMT stmt, const char *table, const char *foreign_table)
{
    SQLRETURN rc = call(stmt, table ? SCHEMA : NULL, table, foreign_table ? SCHEMA : NULL, foreign_table);
    check_rc(stmt, rc, SQL_SUCCESS, table ? table : foreign_table, __FILE__, __LINE__);
    return SQL_SUCCEEDED(rc) ? rows_of(stmt, "3 4 7 8 9 12 13") : "";
}

static void shape(void)
{
    static const struct shape v3[] = {
        {"PKTABLE_CAT", SQL_WVARCHAR, SQL_NULLABLE},   {"PKTABLE_SCHEM", SQL_WVARCHAR, SQL_NULLABLE},  {"PKTABLE_NAME", SQL_WVARCHAR, SQL_NO_NULLS},
        {"PKCOLUMN_NAME", SQL_WVARCHAR, SQL_NO_NULLS}, {"FKTABLE_CAT", SQL_WVARCHAR, SQL_NULLABLE},    {"FKTABLE_SCHEM", SQL_WVARCHAR, SQL_NULLABLE},
        {"FKTABLE_NAME", SQL_WVARCHAR, SQL_NO_NULLS},  {"FKCOLUMN_NAME", SQL_WVARCHAR, SQL_NO_NULLS},  {"KEY_SEQ", SQL_SMALLINT, SQL_NO_NULLS},
        {"UPDATE_RULE", SQL_SMALLINT, SQL_NULLABLE},   {"DELETE_RULE", SQL_SMALLINT, SQL_NULLABLE},    {"FK_NAME", SQL_WVARCHAR, SQL_NULLABLE},
        {"PK_NAME", SQL_WVARCHAR, SQL_NULLABLE},       {"DEFERRABILITY", SQL_SMALLINT, SQL_NULLABLE},
    };
    static const struct shape v2[] = {
        {"PKTABLE_QUALIFIER", SQL_VARCHAR, SQL_NULLABLE}, {"PKTABLE_OWNER", SQL_VARCHAR, SQL_NULLABLE}, {"PKTABLE_NAME", SQL_VARCHAR, SQL_NO_NULLS},
        {"PKCOLUMN_NAME", SQL_VARCHAR, SQL_NO_NULLS},     {"FKTABLE_QUALIFIER", SQL_VARCHAR, SQL_NULLABLE}, {"FKTABLE_OWNER", SQL_VARCHAR, SQL_NULLABLE},
        {"FKTABLE_NAME", SQL_VARCHAR, SQL_NO_NULLS},      {"FKCOLUMN_NAME", SQL_VARCHAR, SQL_NO_NULLS}, {"KEY_SEQ", SQL_SMALLINT, SQL_NO_NULLS},
        {"UPDATE_RULE", SQL_SMALLINT, SQL_NULLABLE},      {"DELETE_RULE", SQL_SMALLINT, SQL_NULLABLE},  {"FK_NAME", SQL_VARCHAR, SQL_NULLABLE},
        {"PK_NAME", SQL_VARCHAR, SQL_NULLABLE},           {"DEFERRABILITY", SQL_SMALLINT, SQL_NULLABLE},
    };
    struct link l = link_open("");
    CHECK_OK(l.stmt, call(l.stmt, SCHEMA, "parted", SCHEMA, "refers"));
    check_shape(l.stmt, v3, COUNT(v3));
    CHECK_TEXT(rows_of(l.stmt, "1 2 3 4 5 6 7 8 9 10 11 12 13 14"),
               "aldb_test|odbc_foreign|parted|id|aldb_test|odbc_foreign|refers|p|1|3|3|refers_p|parted_pkey|7");
    link_close(&l);

    /* What ODBC 2 called RESTRICT is NO ACTION. */
    l = link_new(SQL_OV_ODBC2);
    CHECK_OK(l.dbc, try_connect(l.dbc, connstr(";")));
    l.stmt = new_stmt(l.dbc);
    CHECK_OK(l.stmt, call(l.stmt, SCHEMA, "parted", SCHEMA, "refers"));
    check_shape(l.stmt, v2, COUNT(v2));
    CHECK_TEXT(rows_of(l.stmt, "3 7 10 11"), "parted|refers|1|1");
    link_close(&l);
}

static void from_a_table(void)
{
    struct link l = link_open("");
    CHECK_TEXT(keys(l.stmt, NULL, "child"), "child|id|child|self|1|child_self|child_id_key\nparent|c|child|c|1|child_cb|parent_bc\n"
                                            "parent|b|child|b|2|child_cb|parent_bc\nparent|id|child|one|1|child_one_fkey|parent_pkey\n"
                                            "parent|id|child|two|1|child_two|parent_pkey\nparent|u|child|u|1|child_u|parent_u_key");
    CHECK_OK(l.stmt, call(l.stmt, NULL, NULL, SCHEMA, "child"));
    /* UPDATE_RULE, DELETE_RULE, DEFERRABILITY. */
    CHECK_TEXT(rows_of(l.stmt, "12 10 11 14"), "child_self|3|3|7\nchild_cb|3|3|5\nchild_cb|3|3|5\nchild_one_fkey|2|0|7\nchild_two|4|1|6\nchild_u|3|3|7");
    CHECK_TEXT(keys(l.stmt, NULL, "lonely"), "");
    CHECK_TEXT(keys(l.stmt, NULL, "no such table"), "");
    CHECK_TEXT(keys(l.stmt, NULL, "odd_child"), "Odd \"é%_\\|Kéy 😀|odd_child|Réf|1|Fk ü|Pk é");
    /* Partitions have the keys of their table; what refers to a partitioned table is told once. */
    CHECK_TEXT(keys(l.stmt, NULL, "parted"), "parent|id|parted|up|1|parted_up|parent_pkey");
    CHECK_TEXT(keys(l.stmt, NULL, "part1"), "parent|id|part1|up|1|parted_up|parent_pkey");
    CHECK_TEXT(keys(l.stmt, NULL, "refers"), "parted|id|refers|p|1|refers_p|parted_pkey");
    CHECK_TEXT(keys(l.stmt, NULL, "halves"), "parted|id|halves|p|1|halves_p|parted_pkey");
    CHECK_TEXT(keys(l.stmt, NULL, "half1"), "parted|id|half1|p|1|halves_p|parted_pkey");
    link_close(&l);
}

static void to_a_table(void)
{
    struct link l = link_open("");
    /* Ordered by the tables with the foreign keys, those of another schema too. */
    CHECK_OK(l.stmt, call(l.stmt, SCHEMA, "parent", NULL, NULL));
    CHECK_TEXT(rows_of(l.stmt, "6 7 8 9 12"), "odbc_foreign|child|c|1|child_cb\nodbc_foreign|child|b|2|child_cb\nodbc_foreign|child|one|1|child_one_fkey\n"
                                              "odbc_foreign|child|two|1|child_two\nodbc_foreign|child|u|1|child_u\nodbc_foreign|part1|up|1|parted_up\n"
                                              "odbc_foreign|part2|up|1|parted_up\nodbc_foreign|parted|up|1|parted_up\nodbc_foreign_b|child|p|1|child_p_fkey");
    CHECK_TEXT(keys(l.stmt, "child", NULL), "child|id|child|self|1|child_self|child_id_key");
    CHECK_TEXT(keys(l.stmt, "parted", NULL), "parted|id|half1|p|1|halves_p|parted_pkey\nparted|id|halves|p|1|halves_p|parted_pkey\n"
                                             "parted|id|refers|p|1|refers_p|parted_pkey");
    CHECK_TEXT(keys(l.stmt, "part1", NULL), "");
    CHECK_TEXT(keys(l.stmt, "lonely", NULL), "");
    CHECK_TEXT(keys(l.stmt, "Odd \"é%_\\", NULL), "Odd \"é%_\\|Kéy 😀|odd_child|Réf|1|Fk ü|Pk é");
    CHECK_OK(l.stmt, SQLForeignKeysW(l.stmt, NULL, 0, wide(SCHEMA), SQL_NTS, wide("Odd \"é%_\\"), SQL_NTS, NULL, 0, NULL, 0, NULL, 0));
    CHECK_TEXT(rows_of(l.stmt, "4 8 12"), "Kéy 😀|Réf|Fk ü");
    /* A schema by itself restricts the other side. */
    CHECK_OK(l.stmt, call(l.stmt, SCHEMA, "parent", SCHEMA "_b", NULL));
    CHECK_TEXT(rows_of(l.stmt, "6 7 8"), "odbc_foreign_b|child|p");
    link_close(&l);
}

static void between_two(void)
{
    struct link l = link_open("");
    CHECK_TEXT(keys(l.stmt, "parent", "part2"), "parent|id|part2|up|1|parted_up|parent_pkey");
    CHECK_TEXT(keys(l.stmt, "parent", "child"), "parent|c|child|c|1|child_cb|parent_bc\nparent|b|child|b|2|child_cb|parent_bc\n"
                                                "parent|id|child|one|1|child_one_fkey|parent_pkey\nparent|id|child|two|1|child_two|parent_pkey\n"
                                                "parent|u|child|u|1|child_u|parent_u_key");
    CHECK_TEXT(keys(l.stmt, "child", "parent"), "");
    CHECK_TEXT(keys(l.stmt, "child", "child"), "child|id|child|self|1|child_self|child_id_key");
    /* "" beside a name is "any"; alone it is no table. */
    CHECK_OK(l.stmt, call(l.stmt, "", "", SCHEMA, "part1"));
    CHECK_TEXT(rows_of(l.stmt, "3 7"), "parent|part1");
    CHECK_OK(l.stmt, call(l.stmt, SCHEMA, "child", "", ""));
    CHECK_TEXT(rows_of(l.stmt, "3 7"), "child|child");
    CHECK_OK(l.stmt, call(l.stmt, SCHEMA, "", SCHEMA, ""));
    CHECK_TEXT(rows_of(l.stmt, "3 7"), "");
    CHECK_OK(l.stmt, call(l.stmt, SCHEMA, "", NULL, NULL));
    CHECK_TEXT(rows_of(l.stmt, "3 7"), "");
    link_close(&l);
}

static void which_table(void)
{
    struct link l = link_open("");
    run(l.stmt, "set search_path = " SCHEMA "_b, " SCHEMA);
    CHECK_OK(l.stmt, call(l.stmt, NULL, NULL, NULL, "child"));
    CHECK_TEXT(rows_of(l.stmt, "2 3 6 7"), "odbc_foreign|parent|odbc_foreign_b|child\nodbc_foreign_b|parent|odbc_foreign_b|child");
    CHECK_OK(l.stmt, call(l.stmt, NULL, "parent", "", "child"));
    CHECK_TEXT(rows_of(l.stmt, "2 3 6 7"), "odbc_foreign_b|parent|odbc_foreign_b|child");
    run(l.stmt, "set search_path = public");
    CHECK_OK(l.stmt, call(l.stmt, NULL, "parent", NULL, "child"));
    CHECK_INT(count_rows(l.stmt), 7);
    CHECK_OK(l.stmt, call(l.stmt, SCHEMA "_b", "parent", NULL, NULL));
    CHECK_TEXT(rows_of(l.stmt, "2 3 6 7"), "odbc_foreign_b|parent|odbc_foreign_b|child");

    /* Nothing is a pattern, nothing is folded; catalogs are this one or nothing. */
    CHECK_TEXT(keys(l.stmt, NULL, "chil_"), "");
    CHECK_TEXT(keys(l.stmt, "%", NULL), "");
    CHECK_TEXT(keys(l.stmt, "PARENT", NULL), "");
    static const struct {
        const char *catalog, *rows;
    } catalogs[] = {{"aldb_test", "parent|part1"}, {"", "parent|part1"}, {"aldb_tes%", ""}, {"postgres", ""}};
    for (size_t i = 0; i < COUNT(catalogs); i++) {
        SQLCHAR *cat = T(catalogs[i].catalog);
        CHECK_OK(l.stmt, SQLForeignKeys(l.stmt, cat, SQL_NTS, S, SQL_NTS, T("parent"), SQL_NTS, NULL, 0, S, SQL_NTS, T("part1"), SQL_NTS));
        check_text(rows_of(l.stmt, "3 7"), catalogs[i].rows, catalogs[i].catalog, __FILE__, __LINE__);
        CHECK_OK(l.stmt, SQLForeignKeys(l.stmt, NULL, 0, S, SQL_NTS, T("parent"), SQL_NTS, cat, SQL_NTS, S, SQL_NTS, T("part1"), SQL_NTS));
        check_text(rows_of(l.stmt, "3 7"), catalogs[i].rows, catalogs[i].catalog, __FILE__, __LINE__);
    }
    CHECK_OK(l.stmt, SQLForeignKeys(l.stmt, NULL, 99, T("odbc_foreignX"), 12, T("parentX"), 6, NULL, 99, T("odbc_foreignX"), 12, T("part1X"), 5));
    CHECK_TEXT(rows_of(l.stmt, "3 7"), "parent|part1");
    link_close(&l);
}

/* Another session's temporary tables are nobody's. */
static void temporary(void)
{
    struct link l = link_open("");
    struct link other = link_open("");
    run(l.stmt, "create temp table odbc_foreign_temp (id int primary key); create temp table odbc_foreign_child (t int references odbc_foreign_temp)");
    CHECK_OK(l.stmt, call(l.stmt, NULL, "odbc_foreign_temp", NULL, NULL));
    CHECK_TEXT(rows_of(l.stmt, "3 7"), "odbc_foreign_temp|odbc_foreign_child");
    CHECK_OK(other.stmt, call(other.stmt, NULL, "odbc_foreign_temp", NULL, NULL));
    CHECK_INT(count_rows(other.stmt), 0);
    CHECK_OK(other.stmt, call(other.stmt, NULL, NULL, NULL, "odbc_foreign_child"));
    CHECK_INT(count_rows(other.stmt), 0);
    link_close(&other);
    link_close(&l);
}

static void bad_arguments(void)
{
    struct link l = link_open("");
    CHECK_STATE(l.stmt, call(l.stmt, SCHEMA, NULL, SCHEMA, NULL), "HY009");
    CHECK_STATE(l.stmt, SQLForeignKeys(l.stmt, NULL, 0, S, SQL_NTS, T("x"), -7, NULL, 0, NULL, 0, NULL, 0), "HY090");
    CHECK_STATE(l.stmt, SQLForeignKeys(l.stmt, NULL, 0, S, SQL_NTS, T("x"), SQL_NTS, NULL, 0, NULL, 0, T("x"), -7), "HY090");
    CHECK_STATE(l.stmt, call(l.stmt, "\xff", "x", NULL, NULL), "22018");
    CHECK_STATE(l.stmt, call(l.stmt, NULL, "x", NULL, "\xff"), "22018");
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_METADATA_ID, (SQLPOINTER)SQL_TRUE, 0));
    SQLCHAR *db = T("ALDB_Test");
    CHECK_OK(l.stmt, SQLForeignKeys(l.stmt, db, SQL_NTS, T("Odbc_Foreign"), SQL_NTS, T("PARENT "), SQL_NTS, db, SQL_NTS, T("\"odbc_foreign\""), SQL_NTS,
                                    T("Part1"), SQL_NTS));
    CHECK_TEXT(rows_of(l.stmt, "3 7"), "parent|part1");
    CHECK_OK(l.stmt, SQLForeignKeys(l.stmt, db, SQL_NTS, S, SQL_NTS, T("\"PARENT\""), SQL_NTS, db, SQL_NTS, S, SQL_NTS, T("part1"), SQL_NTS));
    CHECK_TEXT(rows_of(l.stmt, "3 7"), "");
    CHECK_STATE(l.stmt, SQLForeignKeys(l.stmt, NULL, 0, S, SQL_NTS, T("parent"), SQL_NTS, db, SQL_NTS, S, SQL_NTS, T("part1"), SQL_NTS), "HY009");
    CHECK_STATE(l.stmt, SQLForeignKeys(l.stmt, db, SQL_NTS, S, SQL_NTS, T("parent"), SQL_NTS, db, SQL_NTS, NULL, 0, T("part1"), SQL_NTS), "HY009");
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_METADATA_ID, (SQLPOINTER)SQL_FALSE, 0));
    query(l.stmt, "select 1");
    CHECK_STATE(l.stmt, call(l.stmt, SCHEMA, "parent", NULL, NULL), "24000");
    link_close(&l);
}

int main(void)
{
    static const struct test tests[] = {
        {"(tables)", create_all},       {"columns of the result", shape}, {"of a table", from_a_table}, {"to a table", to_a_table},
        {"between two", between_two},   {"which table", which_table},     {"temporary tables", temporary}, {"bad arguments", bad_arguments},
        {"(no tables)", forget_all},
    };
    return run_tests("SQLForeignKeys", tests, COUNT(tests));
}
