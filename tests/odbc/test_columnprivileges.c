/* SPDX-License-Identifier: Apache-2.0 */
/* SQLColumnPrivileges: what was granted on a column, and what on its table; by whom, to whom, and who may grant it on. */
#include "rows.h"

#define SCHEMA "odbc_colpriv"
#define S T(SCHEMA)

static void create_all(void)
{
    struct link l = link_open("");
    run(l.stmt, "drop schema if exists " SCHEMA " cascade; drop schema if exists " SCHEMA "_b cascade; create schema " SCHEMA "; create schema " SCHEMA "_b");
    run(l.stmt, "set search_path = " SCHEMA);
    run(l.stmt, "create table shared (gone int, b int, a int, c int); alter table shared drop gone; revoke all on shared from aldb_test;"
                " grant select on shared to public; grant delete, truncate on shared to aldb_trust;"
                " grant update (a), insert (a, b) on shared to aldb_trust with grant option; grant references (c), select (c) on shared to aldb_trust;"
                " create table mine (x int); create view \"Vü😀\" as select 1 as \"Cö_%\"\"\\\"; grant select (\"Cö_%\"\"\\\") on \"Vü😀\" to public;"
                " create table twice (a int); revoke all on twice from aldb_test; grant select on twice to aldb_trust;"
                " grant select (a) on twice to aldb_trust with grant option; create table " SCHEMA "_b.mine (y int)");
    link_close(&l);
}

static void forget_all(void)
{
    struct link l = link_open("");
    run(l.stmt, "drop schema " SCHEMA "_b cascade; drop schema " SCHEMA " cascade");
    link_close(&l);
}

static const char *privileges(SQLHSTMT stmt, const char *table, const char *column)
{
    SQLRETURN rc = SQLColumnPrivileges(stmt, NULL, 0, S, SQL_NTS, T(table), SQL_NTS, T(column), SQL_NTS);
    check_rc(stmt, rc, SQL_SUCCESS, table, __FILE__, __LINE__);
    return SQL_SUCCEEDED(rc) ? rows_of(stmt, "4 7 6 8") : "";
}

static void rows(void)
{
    static const struct shape v3[] = {
        {"TABLE_CAT", SQL_WVARCHAR, SQL_NULLABLE},   {"TABLE_SCHEM", SQL_WVARCHAR, SQL_NULLABLE}, {"TABLE_NAME", SQL_WVARCHAR, SQL_NO_NULLS},
        {"COLUMN_NAME", SQL_WVARCHAR, SQL_NO_NULLS}, {"GRANTOR", SQL_WVARCHAR, SQL_NULLABLE},     {"GRANTEE", SQL_WVARCHAR, SQL_NO_NULLS},
        {"PRIVILEGE", SQL_WVARCHAR, SQL_NO_NULLS},   {"IS_GRANTABLE", SQL_WVARCHAR, SQL_NULLABLE},
    };
    struct link l = link_open("");
    CHECK_OK(l.stmt, SQLColumnPrivileges(l.stmt, NULL, 0, S, SQL_NTS, T("shared"), SQL_NTS, T("b"), SQL_NTS));
    check_shape(l.stmt, v3, COUNT(v3));
    CHECK_TEXT(rows_of(l.stmt, "1 2 3 4 5 6 7 8"), "aldb_test|odbc_colpriv|shared|b|aldb_test|aldb_trust|INSERT|YES\n"
                                                   "aldb_test|odbc_colpriv|shared|b|aldb_test|PUBLIC|SELECT|NO");
    /* By column, privilege; those of the table count for each; deleting and truncating is not a column's. */
    CHECK_TEXT(privileges(l.stmt, "shared", NULL), "a|INSERT|aldb_trust|YES\na|SELECT|PUBLIC|NO\na|UPDATE|aldb_trust|YES\nb|INSERT|aldb_trust|YES\n"
                                                   "b|SELECT|PUBLIC|NO\nc|REFERENCES|aldb_trust|NO\nc|SELECT|PUBLIC|NO\nc|SELECT|aldb_trust|NO");
    /* Nobody granted anything: all is the owner's. */
    CHECK_TEXT(privileges(l.stmt, "mine", "%"), "x|INSERT|aldb_test|YES\nx|REFERENCES|aldb_test|YES\nx|SELECT|aldb_test|YES\nx|UPDATE|aldb_test|YES");
    CHECK_TEXT(privileges(l.stmt, "twice", "a"), "a|SELECT|aldb_trust|YES"); /* granted both ways: once, the better one */
    CHECK_CONTAINS(privileges(l.stmt, "Vü😀", NULL), "Cö_%\"\\|SELECT|PUBLIC|NO");
    CHECK_TEXT(privileges(l.stmt, "none", NULL), "");
    link_close(&l);
}

/* The table is named, the column may be a pattern. */
static void arguments(void)
{
    struct link l = link_open("");
    CHECK_TEXT(privileges(l.stmt, "twice", "_"), "a|SELECT|aldb_trust|YES");
    CHECK_TEXT(privileges(l.stmt, "twice", "A"), "");
    CHECK_TEXT(privileges(l.stmt, "twice", ""), "");
    CHECK_TEXT(privileges(l.stmt, "twic_", NULL), "");
    CHECK_TEXT(privileges(l.stmt, "%", NULL), "");
    CHECK_CONTAINS(privileges(l.stmt, "Vü😀", "Cö\\_\\%\"\\\\"), "Cö_%\"\\|SELECT|PUBLIC|NO");
    CHECK_OK(l.stmt, SQLColumnPrivilegesW(l.stmt, NULL, 0, wide(SCHEMA), SQL_NTS, wide("Vü😀"), SQL_NTS, wide("C__\\%%"), SQL_NTS));
    CHECK_CONTAINS(rows_of(l.stmt, "3 4"), "Vü😀|Cö_%\"\\");
    run(l.stmt, "set search_path = " SCHEMA "_b, " SCHEMA);
    CHECK_OK(l.stmt, SQLColumnPrivileges(l.stmt, T(""), SQL_NTS, NULL, 0, T("mine"), SQL_NTS, NULL, 0));
    CHECK_CONTAINS(rows_of(l.stmt, "2 4"), "odbc_colpriv_b|y\nodbc_colpriv_b|y");
    CHECK_OK(l.stmt, SQLColumnPrivileges(l.stmt, T("postgres"), SQL_NTS, S, SQL_NTS, T("mine"), SQL_NTS, NULL, 0));
    CHECK_INT(count_rows(l.stmt), 0);
    CHECK_OK(l.stmt, SQLColumnPrivileges(l.stmt, T("aldb_testX"), 9, T(SCHEMA "X"), (SQLSMALLINT)strlen(SCHEMA), T("twiceX"), 5, T("aX"), 1));
    CHECK_INT(count_rows(l.stmt), 1);

    CHECK_STATE(l.stmt, SQLColumnPrivileges(l.stmt, NULL, 0, S, SQL_NTS, NULL, 0, NULL, 0), "HY009");
    CHECK_STATE(l.stmt, SQLColumnPrivileges(l.stmt, NULL, 0, S, SQL_NTS, T("x"), SQL_NTS, T("x"), -5), "HY090");
    CHECK_STATE(l.stmt, SQLColumnPrivileges(l.stmt, NULL, 0, S, SQL_NTS, T("x"), SQL_NTS, T("\xff"), SQL_NTS), "22018");
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_METADATA_ID, (SQLPOINTER)SQL_TRUE, 0));
    SQLCHAR *db = T("ALDB_test");
    CHECK_OK(l.stmt, SQLColumnPrivileges(l.stmt, db, SQL_NTS, T("Odbc_ColPriv"), SQL_NTS, T("TWICE "), SQL_NTS, T("A"), SQL_NTS));
    CHECK_INT(count_rows(l.stmt), 1);
    CHECK_OK(l.stmt, SQLColumnPrivileges(l.stmt, db, SQL_NTS, S, SQL_NTS, T("twice"), SQL_NTS, T("%"), SQL_NTS));
    CHECK_INT(count_rows(l.stmt), 0);
    CHECK_STATE(l.stmt, SQLColumnPrivileges(l.stmt, db, SQL_NTS, S, SQL_NTS, T("twice"), SQL_NTS, NULL, 0), "HY009");
    CHECK_STATE(l.stmt, SQLColumnPrivileges(l.stmt, NULL, 0, S, SQL_NTS, T("twice"), SQL_NTS, T("a"), SQL_NTS), "HY009");
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_METADATA_ID, (SQLPOINTER)SQL_FALSE, 0));
    query(l.stmt, "select 1");
    CHECK_STATE(l.stmt, SQLColumnPrivileges(l.stmt, NULL, 0, S, SQL_NTS, T("twice"), SQL_NTS, NULL, 0), "24000");
    link_close(&l);
}

static void version2(void)
{
    static const char *const names[] = {"TABLE_QUALIFIER", "TABLE_OWNER", "TABLE_NAME", "COLUMN_NAME", "GRANTOR", "GRANTEE", "PRIVILEGE", "IS_GRANTABLE"};
    struct link l = link_new(SQL_OV_ODBC2);
    CHECK_OK(l.dbc, try_connect(l.dbc, connstr(";")));
    l.stmt = new_stmt(l.dbc);
    CHECK_OK(l.stmt, SQLColumnPrivileges(l.stmt, NULL, 0, S, SQL_NTS, T("twice"), SQL_NTS, NULL, 0));
    for (SQLUSMALLINT i = 1; i <= COUNT(names); i++) {
        SQLCHAR name[32];
        CHECK_OK(l.stmt, SQLDescribeCol(l.stmt, i, name, sizeof name, NULL, NULL, NULL, NULL, NULL));
        CHECK_TEXT(name, names[i - 1]);
    }
    link_close(&l);
}

int main(void)
{
    static const struct test tests[] = {
        {"(tables)", create_all}, {"rows", rows}, {"arguments", arguments}, {"ODBC 2", version2}, {"(no tables)", forget_all},
    };
    return run_tests("SQLColumnPrivileges", tests, COUNT(tests));
}
