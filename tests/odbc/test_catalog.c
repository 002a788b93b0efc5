/* SPDX-License-Identifier: Apache-2.0 */
/* What all catalog functions have in common: each asks the server once, in and outside of transactions, and rows come with the answer. */
#include "relay.h"
#include "rows.h"

/* ---- the functions ------------------------------------------------------------------------------------------------- */

static SQLRETURN call(SQLHSTMT s, int which)
{
    SQLCHAR *schema = T("pg_catalog");
    SQLCHAR *table = T("pg_class");
    switch (which) {
    case 0:
        return SQLTables(s, NULL, 0, schema, SQL_NTS, table, SQL_NTS, T("SYSTEM TABLE"), SQL_NTS);
    case 1:
        return SQLTables(s, T("%"), SQL_NTS, T(""), SQL_NTS, T(""), SQL_NTS, NULL, 0);
    case 2:
        return SQLTables(s, T(""), SQL_NTS, T("%"), SQL_NTS, T(""), SQL_NTS, NULL, 0);
    case 3:
        return SQLTables(s, T(""), SQL_NTS, T(""), SQL_NTS, T(""), SQL_NTS, T("%"), SQL_NTS);
    case 4:
        return SQLColumns(s, NULL, 0, schema, SQL_NTS, table, SQL_NTS, T("rel%"), SQL_NTS);
    case 5:
        return SQLPrimaryKeys(s, NULL, 0, schema, SQL_NTS, table, SQL_NTS);
    case 6:
        return SQLForeignKeys(s, NULL, 0, NULL, 0, NULL, 0, NULL, 0, schema, SQL_NTS, table, SQL_NTS);
    case 7:
        return SQLStatistics(s, NULL, 0, schema, SQL_NTS, table, SQL_NTS, SQL_INDEX_ALL, SQL_ENSURE);
    case 8:
        return SQLSpecialColumns(s, SQL_BEST_ROWID, NULL, 0, schema, SQL_NTS, table, SQL_NTS, SQL_SCOPE_CURROW, SQL_NULLABLE);
    case 9:
        return SQLProcedures(s, NULL, 0, schema, SQL_NTS, T("abs"), SQL_NTS);
    case 10:
        return SQLProcedureColumns(s, NULL, 0, schema, SQL_NTS, T("abs"), SQL_NTS, NULL, 0);
    case 11:
        return SQLTablePrivileges(s, NULL, 0, schema, SQL_NTS, table, SQL_NTS);
    case 12:
        return SQLColumnPrivileges(s, NULL, 0, schema, SQL_NTS, table, SQL_NTS, T("oid"), SQL_NTS);
    case 13:
        return SQLGetTypeInfo(s, SQL_ALL_TYPES);
    case 14:
        return SQLGetTypeInfo(s, SQL_BIT);
    default:
        return SQL_NO_DATA;
    }
}

static const struct {
    const char *name;
    int rows, trips;
} wanted[] = {
    {"SQLTables", 1, 1},         {"SQLTables, catalogs", 3, 1},    {"SQLTables, schemas", 3, 1},     {"SQLTables, types", 6, 1},    {"SQLColumns", 20, 1},
    {"SQLPrimaryKeys", 1, 1},    {"SQLForeignKeys", 0, 1},         {"SQLStatistics", 5, 1},          {"SQLSpecialColumns", 1, 1},   {"SQLProcedures", 6, 1},
    {"SQLProcedureColumns", 12, 1}, {"SQLTablePrivileges", 2, 1},  {"SQLColumnPrivileges", 2, 1},    {"SQLGetTypeInfo", 150, 1},    {"SQLGetTypeInfo, without the server", 1, 0},
};

/* The first time, when nothing has been planned, the second time, when the text is given a name, and by that name. */
static void trips(struct link *l)
{
    for (size_t i = 0; i < 3 * COUNT(wanted); i++) {
        size_t which = i / 3;
        int before = relay_turns();
        int64_t rows = 0;
        if (check_rc(l->stmt, call(l->stmt, (int)which), SQL_SUCCESS, wanted[which].name, __FILE__, __LINE__)) {
            rows = count_rows(l->stmt);
        }
        check_true(rows >= wanted[which].rows, wanted[which].name, __FILE__, __LINE__);
        check_int(relay_turns() - before, wanted[which].trips, wanted[which].name, __FILE__, __LINE__);
    }
}

static void one_round_trip(void)
{
    static const char *const options[] = {"", "ErrorRollback=none", "FetchMode=BUFFER", "UseServerSidePrepare=no"};
    CHECK(relay_start(0));
    for (size_t i = 0; i < COUNT(options); i++) {
        struct link l = link_new(SQL_OV_ODBC3_80);
        CHECK_OK(l.dbc, try_connect(l.dbc, connstr("Server=127.0.0.1;Port=%d;SSLMode=disable;%s", relay_port(), options[i])));
        l.stmt = new_stmt(l.dbc);
        CHECK_INT(query_int(l.stmt, "select 1"), 1); /* the first statement learns of the session, too */
        trips(&l);
        set_autocommit(l.dbc, false);
        run(l.stmt, "create temp table catalog_trips (a int)");
        trips(&l);
        CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_ROLLBACK));
        trips(&l); /* BEGIN goes along */
        CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_COMMIT));
        link_close(&l);
    }
    relay_stop();
}

/* A failure costs the transaction nothing, and another statement may stream meanwhile. */
static void beside_others(void)
{
    struct link l = link_open("");
    SQLHSTMT stream = new_stmt(l.dbc);
    set_autocommit(l.dbc, false);
    run(l.stmt, "create temp table catalog_kept (a int); insert into catalog_kept values (7)");
    query(stream, "select generate_series(1, 100000)");
    CHECK_OK(stream, SQLFetch(stream));
    for (size_t i = 0; i < COUNT(wanted); i++) {
        check_rc(l.stmt, call(l.stmt, (int)i), SQL_SUCCESS, wanted[i].name, __FILE__, __LINE__);
        check_true(count_rows(l.stmt) >= wanted[i].rows, wanted[i].name, __FILE__, __LINE__);
    }
    CHECK_INT(count_rows(stream), 99999);
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_MAX_ROWS, (SQLPOINTER)2, 0));
    CHECK_OK(l.stmt, call(l.stmt, 4));
    CHECK_INT(count_rows(l.stmt), 2);
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_MAX_ROWS, (SQLPOINTER)0, 0));
    CHECK_INT(query_int(l.stmt, "select a from catalog_kept"), 7);
    free_stmt(stream);
    link_close(&l);
}

/* How many such texts the session has prepared. By a statement that is prepared itself, so that the driver need not tell one text from the other. */
static int64_t names(SQLHSTMT counting)
{
    SQLBIGINT n = -1;
    CHECK_OK(counting, SQLExecute(counting));
    CHECK_OK(counting, SQLFetch(counting));
    CHECK_OK(counting, SQLGetData(counting, 1, SQL_C_SBIGINT, &n, 0, NULL));
    CHECK_OK(counting, SQLCloseCursor(counting));
    return n;
}

static void check_columns(SQLHSTMT stmt, const char *what)
{
    check_rc(stmt, call(stmt, 4), SQL_SUCCESS, what, __FILE__, __LINE__);
    check_true(count_rows(stmt) >= 20, what, __FILE__, __LINE__);
}

/* What is asked again is prepared; a name that was lost is made anew, and one that never came to be is not missed. */
static void asked_again(void)
{
    static const char *const losses[] = {"discard all", "deallocate all", "select pg_temp.lose()", "create temp table catalog_other (a int)"};
    struct link l = link_open("");
    SQLHSTMT counting = new_stmt(l.dbc);
    CHECK_OK(counting, SQLPrepare(counting, T("select count(*) from pg_prepared_statements where position('PARTITION BY ' || 'n.nspname' in statement) > 0"), SQL_NTS));
    CHECK_INT(names(counting), 0);
    check_columns(l.stmt, "first");
    check_columns(l.stmt, "second"); /* with no other text between, which might take the place where the first is remembered */
    CHECK_INT(names(counting), 1);
    check_columns(l.stmt, "third");
    CHECK_INT(names(counting), 1);
    for (size_t i = 0; i < 2 * COUNT(losses); i++) {
        const char *loss = losses[i / 2];
        set_autocommit(l.dbc, i % 2 == 0);
        run(l.stmt, "drop table if exists catalog_other");
        run(l.stmt, "create or replace function pg_temp.lose() returns void language plpgsql as $$begin deallocate all; end$$");
        check_columns(l.stmt, loss);
        check_columns(l.stmt, loss);
        if (i % 2 == 0 || i / 2 == 1 || i / 2 == 3) { /* the server allows the first in no transaction; the third in one takes the names of its savepoints too */
            run(l.stmt, loss);
        }
        check_columns(l.stmt, loss);
        check_columns(l.stmt, loss);
        int64_t n = names(counting); /* that the counting statement is lost may make the driver forget one that is not */
        check_true(n == 1 || n == 2, loss, __FILE__, __LINE__);
        set_autocommit(l.dbc, true);
    }
    free_stmt(counting);
    link_close(&l);
}

/* In a transaction that has failed nothing can be asked, by whatever name; behind it everything can. */
static void in_a_failed_transaction(void)
{
    static const char *const options[] = {"ErrorRollback=NONE", "ErrorRollback=STATEMENT"};
    for (size_t i = 0; i < COUNT(options); i++) {
        struct link l = link_open(options[i]);
        bool none = i == 0;
        for (int before = 0; before < 3; before++) {
            set_autocommit(l.dbc, false);
            for (int k = 0; k < before; k++) {
                check_columns(l.stmt, options[i]);
            }
            CHECK_RC(l.stmt, exec_direct(l.stmt, "select 1/0"), SQL_ERROR);
            for (int k = 0; k < 2; k++) {
                if (none) {
                    CHECK_STATE(l.stmt, call(l.stmt, 4), "25000");
                } else {
                    check_columns(l.stmt, options[i]);
                }
            }
            CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_ROLLBACK));
            check_columns(l.stmt, options[i]);
            check_columns(l.stmt, options[i]);
            CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_COMMIT));
            run(l.stmt, "deallocate all");
            set_autocommit(l.dbc, true);
        }
        link_close(&l);
    }
}

int main(void)
{
    static const struct test tests[] = {
        {"one round trip each", one_round_trip},
        {"beside other work", beside_others},
        {"asked again", asked_again},
        {"in a failed transaction", in_a_failed_transaction},
    };
    return run_tests("catalog functions", tests, COUNT(tests));
}
