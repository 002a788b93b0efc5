/* SPDX-License-Identifier: Apache-2.0 */
/* SQLTablePrivileges: who may do what, granted by whom, and who may grant it on. */
#include "rows.h"

#define SCHEMA "odbc_privileges"
#define S T(SCHEMA)

static void create_all(void)
{
    struct link l = link_open("");
    run(l.stmt, "drop schema if exists " SCHEMA " cascade; create schema " SCHEMA);
    run(l.stmt, "create table " SCHEMA ".mine (a int); create table " SCHEMA ".shared (a int); create view " SCHEMA ".\"Vü😀\" as select 1 as a");
    run(l.stmt, "revoke all on " SCHEMA ".shared from aldb_test; grant select on " SCHEMA ".shared to public;"
                " grant insert, update on " SCHEMA ".shared to aldb_trust with grant option");
    link_close(&l);
}

static void forget_all(void)
{
    struct link l = link_open("");
    run(l.stmt, "drop schema " SCHEMA " cascade");
    link_close(&l);
}

static void rows(void)
{
    static const struct shape wanted[] = {
        {"TABLE_CAT", SQL_WVARCHAR, SQL_NULLABLE}, {"TABLE_SCHEM", SQL_WVARCHAR, SQL_NULLABLE}, {"TABLE_NAME", SQL_WVARCHAR, SQL_NO_NULLS},
        {"GRANTOR", SQL_WVARCHAR, SQL_NULLABLE},   {"GRANTEE", SQL_WVARCHAR, SQL_NO_NULLS},     {"PRIVILEGE", SQL_WVARCHAR, SQL_NO_NULLS},
        {"IS_GRANTABLE", SQL_WVARCHAR, SQL_NULLABLE},
    };
    struct link l = link_open("");
    CHECK_OK(l.stmt, SQLTablePrivileges(l.stmt, NULL, 0, S, SQL_NTS, T("shared"), SQL_NTS));
    check_shape(l.stmt, wanted, COUNT(wanted));
    CHECK_TEXT(rows_of(l.stmt, "1 2 3 4 5 6 7"), "aldb_test|" SCHEMA "|shared|aldb_test|aldb_trust|INSERT|YES\n"
                                                 "aldb_test|" SCHEMA "|shared|aldb_test|PUBLIC|SELECT|NO\n"
                                                 "aldb_test|" SCHEMA "|shared|aldb_test|aldb_trust|UPDATE|YES");
    /* Nobody granted anything: all is the owner's. */
    CHECK_OK(l.stmt, SQLTablePrivileges(l.stmt, T("aldb_test"), SQL_NTS, S, SQL_NTS, T("mine"), SQL_NTS));
    const char *own = rows_of(l.stmt, "3 5 6 7");
    CHECK_CONTAINS(own, "mine|aldb_test|DELETE|YES\nmine|aldb_test|INSERT|YES\n"); /* PostgreSQL 17 has MAINTAIN behind them */
    CHECK_CONTAINS(own, "mine|aldb_test|REFERENCES|YES\nmine|aldb_test|SELECT|YES");
    CHECK_CONTAINS(own, "mine|aldb_test|UPDATE|YES");
    link_close(&l);
}

/* Schema and table are patterns, the catalog is not; names with a length and wide ones. */
static void arguments(void)
{
    struct link l = link_open("");
    CHECK_OK(l.stmt, SQLTablePrivileges(l.stmt, NULL, 0, T("odbc\\_privileges"), SQL_NTS, T("%"), SQL_NTS));
    CHECK(count_rows(l.stmt) > 10);
    CHECK_OK(l.stmt, SQLTablePrivileges(l.stmt, NULL, 0, S, SQL_NTS, T("s_are_"), SQL_NTS));
    CHECK_INT(count_rows(l.stmt), 3);
    CHECK_OK(l.stmt, SQLTablePrivileges(l.stmt, NULL, 0, T(SCHEMA "xyz"), sizeof SCHEMA - 1, T("sharedxyz"), 6));
    CHECK_INT(count_rows(l.stmt), 3);
    CHECK_OK(l.stmt, SQLTablePrivileges(l.stmt, T("aldb_tes_"), SQL_NTS, S, SQL_NTS, NULL, 0));
    CHECK_INT(count_rows(l.stmt), 0);
    CHECK_OK(l.stmt, SQLTablePrivileges(l.stmt, NULL, 0, S, SQL_NTS, T("none"), SQL_NTS));
    CHECK_INT(count_rows(l.stmt), 0);
    CHECK_OK(l.stmt, SQLTablePrivilegesW(l.stmt, NULL, 0, wide(SCHEMA), SQL_NTS, wide("Vü😀"), SQL_NTS));
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    SQLWCHAR name[16];
    SQLLEN length = 0;
    CHECK_OK(l.stmt, SQLGetData(l.stmt, 3, SQL_C_WCHAR, name, sizeof name, &length));
    CHECK_TEXT(narrow(name), "Vü😀");
    CHECK_INT(length, 8);
    CHECK_STATE(l.stmt, SQLTablePrivileges(l.stmt, NULL, 0, S, SQL_NTS, NULL, 0), "24000"); /* a cursor is open */
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    CHECK_STATE(l.stmt, SQLTablePrivileges(l.stmt, NULL, 0, S, -5, NULL, 0), "HY090");
    CHECK_STATE(l.stmt, SQLTablePrivileges(l.stmt, NULL, 0, T("\xff"), SQL_NTS, NULL, 0), "22018");
    static const SQLWCHAR half[] = {0xD83D, 0};
    CHECK_STATE(l.stmt, SQLTablePrivilegesW(l.stmt, NULL, 0, NULL, 0, (SQLWCHAR *)(uintptr_t)half, SQL_NTS), "22018");

    /* As identifiers: folded, quoted ones as they are. */
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_METADATA_ID, (SQLPOINTER)SQL_TRUE, 0));
    CHECK_OK(l.stmt, SQLTablePrivileges(l.stmt, T("aldb_test"), SQL_NTS, T("ODBC_Privileges"), SQL_NTS, T("SHARED"), SQL_NTS));
    CHECK_INT(count_rows(l.stmt), 3);
    CHECK_OK(l.stmt, SQLTablePrivileges(l.stmt, T("aldb_test"), SQL_NTS, S, SQL_NTS, T("\"SHARED\""), SQL_NTS));
    CHECK_INT(count_rows(l.stmt), 0);
    link_close(&l);
}

static void version2(void)
{
    struct link l = link_new(SQL_OV_ODBC2);
    SQLCHAR name[32];
    CHECK_OK(l.dbc, try_connect(l.dbc, connstr(";")));
    l.stmt = new_stmt(l.dbc);
    CHECK_OK(l.stmt, SQLTablePrivileges(l.stmt, NULL, 0, S, SQL_NTS, T("shared"), SQL_NTS));
    CHECK_OK(l.stmt, SQLDescribeCol(l.stmt, 1, name, sizeof name, NULL, NULL, NULL, NULL, NULL));
    CHECK_TEXT(name, "TABLE_QUALIFIER");
    CHECK_OK(l.stmt, SQLDescribeCol(l.stmt, 2, name, sizeof name, NULL, NULL, NULL, NULL, NULL));
    CHECK_TEXT(name, "TABLE_OWNER");
    link_close(&l);
}

int main(void)
{
    static const struct test tests[] = {
        {"(tables)", create_all}, {"rows", rows}, {"arguments", arguments}, {"ODBC 2", version2}, {"(end)", forget_all},
    };
    return run_tests("SQLTablePrivileges", tests, COUNT(tests));
}
