/* SPDX-License-Identifier: Apache-2.0 */
/* SQLRowCount: how many rows, of which statement, until when; and SQL_DIAG_ROW_COUNT beside it. */
#include "direct.h"

static void counts(void)
{
    static const struct {
        const char *sql;
        SQLLEN rows;
        SQLRETURN rc;
    } list[] = {
        {"insert into t select g, 'x' from generate_series(1, 10) g", 10, SQL_SUCCESS},
        {"update t set b = 'y' where a > 4", 6, SQL_SUCCESS},
        {"merge into t using (values (1), (99)) v(a) on t.a = v.a when matched then update set b = 'm' when not matched then insert values (v.a, 'n')", 2,
         SQL_SUCCESS},
        {"delete from t where a = 99", 1, SQL_SUCCESS},
        {"with x as (delete from t where a = 10 returning a) insert into t select a, 'again' from x where false", 0, SQL_NO_DATA},
        {"insert into t values (10, 'x') on conflict do nothing", 1, SQL_SUCCESS},
        {"insert into t values (10, 'x') on conflict do nothing", 0, SQL_NO_DATA},
        {"create temp table c as select * from t where a < 4", 3, SQL_SUCCESS},
        {"select * into temp table i from t where a < 3", 2, SQL_SUCCESS},
        {"create temp table z (a int)", -1, SQL_SUCCESS},
        {"set work_mem = '5MB'", -1, SQL_SUCCESS},
        {"truncate z", -1, SQL_SUCCESS},
    };
    struct link l = link_open("");
    SQLLEN told = 0;
    run(l.stmt, "create temp table t (a int primary key, b text)");
    for (size_t i = 0; i < COUNT(list); i++) {
        struct link d = {l.env, l.dbc, l.stmt};
        SQLRETURN rc = SQLExecDirect(d.stmt, T(list[i].sql), SQL_NTS);
        check_int(rc, list[i].rc, list[i].sql, __FILE__, __LINE__);
        CHECK_INT(SQLGetDiagField(SQL_HANDLE_STMT, l.stmt, 0, SQL_DIAG_ROW_COUNT, &told, 0, NULL), SQL_SUCCESS);
        if (rc == SQL_SUCCESS) {
            check_int(told, list[i].rows, list[i].sql, __FILE__, __LINE__);
        }
        if (rc == SQL_SUCCESS) { /* after SQL_NO_DATA unixODBC asks no more */
            check_int(row_count(l.stmt), list[i].rows, list[i].sql, __FILE__, __LINE__);
        }
    }
    CHECK_OK(l.stmt, SQLRowCount(l.stmt, NULL));
    link_close(&l);

    /* Of the driver itself: also after SQL_NO_DATA, and as 0. */
    struct link d = direct_open(SQL_OV_ODBC3_80, true);
    SQLLEN rows = -7;
    CHECK_INT(DIRECT(SQLExecDirect)(d.stmt, T("create temp table t (a int)"), SQL_NTS), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLExecDirect)(d.stmt, T("delete from t"), SQL_NTS), SQL_NO_DATA);
    CHECK_INT(DIRECT(SQLRowCount)(d.stmt, &rows), SQL_SUCCESS);
    CHECK_INT(rows, 0);
    CHECK_INT(DIRECT(SQLRowCount)(d.stmt, NULL), SQL_SUCCESS);
    /* With a notice, which unixODBC asks for no more either. */
    SQLCHAR state[6] = "";
    CHECK_INT(DIRECT(SQLExecDirect)(d.stmt, T("create function pg_temp.remark() returns trigger language plpgsql as "
                                              "$$ begin raise notice 'none'; return null; end $$"), SQL_NTS), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLExecDirect)(d.stmt, T("create trigger remark after delete on t execute function pg_temp.remark()"), SQL_NTS), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLExecDirect)(d.stmt, T("delete from t"), SQL_NTS), SQL_NO_DATA);
    CHECK_INT(DIRECT(SQLGetDiagRec)(SQL_HANDLE_STMT, d.stmt, 1, state, NULL, NULL, 0, NULL), SQL_SUCCESS);
    CHECK_TEXT(state, "01000");
    direct_close(&d);
}

/* Of a result set the number is known when the rows are all there, or never; of RETURNING always. */
static void of_results(void)
{
    struct link l = link_open("");
    run(l.stmt, "create temp table t (a int); insert into t select generate_series(1, 5)");
    query(l.stmt, "select generate_series(1, 300000)");
    CHECK_INT(row_count(l.stmt), -1);
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    query(l.stmt, "update t set a = a + 1 where a > 2 returning a");
    int rows = 0;
    while (SQLFetch(l.stmt) == SQL_SUCCESS) {
        rows++;
    }
    CHECK_INT(rows, 3);
    CHECK_INT(row_count(l.stmt), 3);
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    CHECK_OK(l.stmt, SQLExecDirect(l.stmt, T("update t set a = 0 where false returning a"), SQL_NTS));
    CHECK_RC(l.stmt, SQLFetch(l.stmt), SQL_NO_DATA);
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    CHECK_OK(l.stmt, SQLGetTypeInfo(l.stmt, SQL_ALL_TYPES));
    SQLLEN count = row_count(l.stmt);
    rows = 0;
    while (SQLFetch(l.stmt) == SQL_SUCCESS) {
        rows++;
    }
    CHECK(count == -1 || count == rows);
    link_close(&l);
}

static void states(void)
{
    struct link l = link_open("");
    SQLLEN rows = -7;
    run(l.stmt, "create temp table t (a int)");
    SQLHSTMT s = new_stmt(l.dbc);
    CHECK_STATE(s, SQLRowCount(s, &rows), "HY010");
    CHECK_OK(s, SQLPrepare(s, T("insert into t values (1), (2)"), SQL_NTS));
    CHECK_STATE(s, SQLRowCount(s, &rows), "HY010");
    CHECK_OK(s, SQLExecute(s));
    CHECK_INT(row_count(s), 2);
    CHECK_INT(row_count(s), 2);
    CHECK_OK(s, SQLExecute(s)); /* each execution its own */
    CHECK_INT(row_count(s), 2);
    CHECK_RC(s, SQLMoreResults(s), SQL_NO_DATA);
    CHECK_STATE(s, SQLRowCount(s, &rows), "HY010");
    CHECK_STATE(s, SQLExecDirect(s, T("insert into t values ('x')"), SQL_NTS), "22018");
    CHECK_STATE(s, SQLRowCount(s, &rows), "HY010");
    free_stmt(s);
    link_close(&l);

    struct link d = direct_open(SQL_OV_ODBC3_80, true);
    DIRECT_STATE(SQL_HANDLE_STMT, d.stmt, DIRECT(SQLRowCount)(d.stmt, &rows), "HY010");
    CHECK_INT(DIRECT(SQLPrepare)(d.stmt, T("select 1"), SQL_NTS), SQL_SUCCESS);
    DIRECT_STATE(SQL_HANDLE_STMT, d.stmt, DIRECT(SQLRowCount)(d.stmt, &rows), "HY010");
    direct_close(&d);
}

int main(void)
{
    static const struct test tests[] = {{"statements", counts}, {"results", of_results}, {"states", states}};
    return run_tests("SQLRowCount", tests, COUNT(tests));
}
