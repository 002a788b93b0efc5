/* SPDX-License-Identifier: Apache-2.0 */
/* SQLMoreResults: the results of several statements in one text, one after another. Those of parameter arrays: test_arrays.c, of calls: test_calls.c. */
#include "results.h"

/* ---- several statements in one text -------------------------------------------------------------------------------- */

static void batches(void)
{
    struct link l = link_open("");
    SQLHSTMT s = l.stmt;
    CHECK_OK(s, exec_direct(s, "create temp table ba (a int); insert into ba values (1), (2); select a from ba order by a; "
                          "update ba set a = a where false; select count(*) from ba;; delete from ba where a = 1;"));
    CHECK_INT(result_columns(s), 0);
    CHECK_INT(row_count(s), -1);
    CHECK_OK(s, SQLMoreResults(s));
    CHECK_INT(row_count(s), 2);
    CHECK_STATE(s, SQLFetch(s), "24000");
    CHECK_OK(s, SQLMoreResults(s));
    CHECK_INT(result_columns(s), 1);
    CHECK_INT(fetch_int(s), 1);
    /* The rest of the rows is given up. */
    CHECK_OK(s, SQLMoreResults(s));
    CHECK_INT(row_count(s), 0); /* a count of 0 among others is a count, not SQL_NO_DATA */
    CHECK_INT(result_columns(s), 0);
    CHECK_OK(s, SQLMoreResults(s));
    CHECK_INT(fetch_int(s), 2);
    CHECK_RC(s, SQLFetch(s), SQL_NO_DATA);
    CHECK_OK(s, SQLMoreResults(s));
    CHECK_INT(row_count(s), 1);
    CHECK_RC(s, SQLMoreResults(s), SQL_NO_DATA);
    CHECK_RC(s, SQLMoreResults(s), SQL_NO_DATA);
    CHECK_INT(query_int(s, "select sum(a) from ba"), 2);

    /* Prepared, with parameters counted through, and executed twice. */
    SQLINTEGER p[3] = {10, 20, 10};
    for (SQLUSMALLINT i = 0; i < 3; i++) {
        CHECK_OK(s, SQLBindParameter(s, (SQLUSMALLINT)(i + 1), SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, &p[i], 0, NULL));
    }
    CHECK_OK(s, SQLPrepare(s, T("insert into ba values (?), (?); select a from ba where a > ? order by a"), SQL_NTS));
    for (SQLINTEGER i = 0; i < 2; i++) {
        CHECK_OK(s, SQLExecute(s));
        CHECK_INT(row_count(s), 2);
        CHECK_OK(s, SQLMoreResults(s));
        CHECK_INT(fetch_int(s), 20);
        CHECK_RC(s, SQLMoreResults(s), SQL_NO_DATA);
    }
    CHECK_OK(s, SQLFreeStmt(s, SQL_RESET_PARAMS));

    /* Columns bound once serve every result. */
    SQLINTEGER bound = 0;
    CHECK_OK(s, SQLBindCol(s, 1, SQL_C_SLONG, &bound, 0, NULL));
    CHECK_OK(s, exec_direct(s, "select 1; select 2, 3"));
    CHECK_OK(s, SQLFetch(s));
    CHECK_INT(bound, 1);
    CHECK_OK(s, SQLMoreResults(s));
    CHECK_INT(result_columns(s), 2);
    CHECK_OK(s, SQLFetch(s));
    CHECK_INT(bound, 2);
    /* Closing the cursor gives up what is left. */
    CHECK_OK(s, SQLFreeStmt(s, SQL_CLOSE));
    CHECK_OK(s, exec_direct(s, "select 1; select 2"));
    CHECK_OK(s, SQLCloseCursor(s));
    CHECK_RC(s, SQLMoreResults(s), SQL_NO_DATA);
    CHECK_OK(s, SQLFreeStmt(s, SQL_UNBIND));

    /* Semicolons that separate nothing. */
    CHECK_TEXT(query_text(s, "select ';' || \";\" || $$;$$ from (select 'a' as \";\") x -- ; select 2\n;"), ";a;");
    CHECK_OK(s, exec_direct(s, "create function pg_temp.two() returns int begin atomic select 1; select 2; end"));
    CHECK_RC(s, SQLMoreResults(s), SQL_NO_DATA);
    CHECK_INT(query_int(s, "select pg_temp.two()"), 2);
    link_close(&l);
}

/* A text takes effect as a whole or not at all. */
static void batches_fail(void)
{
    for (int in_transaction = 0; in_transaction < 2; in_transaction++) {
        struct link l = link_open("");
        SQLHSTMT s = l.stmt;
        run(s, "create temp table bf (a int primary key)");
        if (in_transaction) {
            set_autocommit(l.dbc, false);
            run(s, "insert into bf values (100)");
        }
        CHECK_STATE(s, exec_direct(s, "insert into bf values (1); insert into bf values (1); insert into bf values (2)"), "23000");
        CHECK_STATE(s, SQLFetch(s), "HY010");
        CHECK_RC(s, SQLMoreResults(s), SQL_NO_DATA);
        CHECK_INT(count_of(l.dbc, "bf"), in_transaction);
        /* Also when the text breaks off before it is run at all, or only rows came before. */
        CHECK_STATE(s, exec_direct(s, "insert into bf values (1); selec 2"), "42000");
        CHECK_STATE(s, exec_direct(s, "select 1; insert into bf values (1); select 1 / 0"), "22012");
        /* Behind rows, whichever of the results they belong to: the error is that one's own. */
        CHECK_STATE(s, exec_direct(s, "insert into bf values (1); select 10 / (3 - g) from generate_series(1, 10) g; select 3"), "22012");
        CHECK_STATE(s, exec_direct(s, "select 3; insert into bf values (1); select 10 / (30000 - g) from generate_series(1, 100000) g"), "22012");
        CHECK_CONTAINS(diag_message(s, 1), "division by zero");
        CHECK_TEXT(diag_state(s, 2), ""); /* and nothing else */
        CHECK_INT(count_of(l.dbc, "bf"), in_transaction);
        CHECK_INT(count_of(l.dbc, "bf"), in_transaction);
        CHECK_OK(s, SQLPrepare(s, T("insert into bf values (1); insert into bf values (1)"), SQL_NTS));
        CHECK_STATE(s, SQLExecute(s), "23000");
        CHECK_STATE(s, SQLExecute(s), "23000");
        CHECK_INT(count_of(l.dbc, "bf"), in_transaction);
        run(s, "insert into bf values (1); insert into bf values (2)");
        CHECK_INT(count_of(l.dbc, "bf"), 2 + in_transaction);
        if (in_transaction) {
            CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_COMMIT));
            CHECK_INT(count_of(l.dbc, "bf"), 3);
        }
        link_close(&l);
    }
}

/* Transaction control inside the text is the application's own. */
static void batches_with_transactions(void)
{
    struct link l = link_open("");
    SQLHSTMT s = l.stmt;
    run(s, "create temp table bt (a int primary key)");
    run(s, "begin; insert into bt values (1); savepoint x; insert into bt values (2); rollback to x; commit");
    CHECK_INT(count_of(l.dbc, "bt"), 1);
    CHECK_STATE(s, exec_direct(s, "begin; insert into bt values (3); commit; insert into bt values (1)"), "23000");
    CHECK_INT(count_of(l.dbc, "bt"), 2);
    run(s, "begin; insert into bt values (4); rollback");
    CHECK_INT(count_of(l.dbc, "bt"), 2);
    link_close(&l);
}

/* ---- states -------------------------------------------------------------------------------------------------------- */

static void states(void)
{
    struct link l = link_open("");
    SQLHSTMT s = l.stmt;
    CHECK_RC(s, SQLMoreResults(s), SQL_NO_DATA); /* nothing was executed */
    CHECK_OK(s, SQLPrepare(s, T("select 1; select 2"), SQL_NTS));
    CHECK_RC(s, SQLMoreResults(s), SQL_NO_DATA);
    CHECK_OK(s, SQLExecute(s));
    CHECK_STATE(s, SQLExecute(s), "24000"); /* a cursor is open, and results are left */
    CHECK_OK(s, SQLMoreResults(s));
    CHECK_INT(fetch_int(s), 2);
    CHECK_RC(s, SQLMoreResults(s), SQL_NO_DATA);
    CHECK_STATE(s, SQLFetch(s), "HY010");
    CHECK_OK(s, SQLExecute(s)); /* closed by that */
    CHECK_OK(s, SQLFreeStmt(s, SQL_CLOSE));
    SQLLEN at_execution = SQL_DATA_AT_EXEC;
    SQLPOINTER token;
    CHECK_OK(s, SQLBindParameter(s, 1, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, 10, 0, &token, 0, &at_execution));
    CHECK_RC(s, exec_direct(s, "select ?::text; select 3"), SQL_NEED_DATA);
    CHECK_STATE(s, SQLMoreResults(s), "HY010");
    CHECK_OK(s, SQLCancel(s));
    link_close(&l);
}

int main(void)
{
    static const struct test tests[] = {
        {"several statements in one text", batches},
        {"one of several statements fails", batches_fail},
        {"transaction control among several statements", batches_with_transactions},
        {"states", states},
    };
    return run_tests("SQLMoreResults", tests, COUNT(tests));
}
