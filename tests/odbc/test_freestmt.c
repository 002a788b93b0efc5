/* SPDX-License-Identifier: Apache-2.0 */
/* SQLFreeStmt and SQLCloseCursor: what each lets go of and what it keeps, in every state of a statement. */
#include "desc.h"
#include "direct.h"

/* What a statement can be: never used, prepared, executed without and with rows, on a row, behind the last one, out of results. */
enum state { FRESH, PREPARED, COUNTED, COUNTED_DIRECT, OPEN, OPEN_DIRECT, ON_ROW, AT_END, CATALOG, RESULTS_LEFT, STATES };

static const char *const names[STATES] = {"fresh",  "prepared", "row count", "row count, direct", "open",
                                          "open, direct", "on a row", "at the end", "catalog", "results left"};

static void enter(SQLHSTMT s, enum state state)
{
    static const char *const update = "update t set a = a";
    static const char *const select = "select a from t order by a";
    switch (state) {
    case FRESH:
    case STATES:
        break;
    case PREPARED:
        CHECK_OK(s, SQLPrepare(s, T(select), SQL_NTS));
        break;
    case COUNTED:
        CHECK_OK(s, SQLPrepare(s, T(update), SQL_NTS));
        CHECK_OK(s, SQLExecute(s));
        break;
    case COUNTED_DIRECT:
        CHECK_OK(s, SQLExecDirect(s, T(update), SQL_NTS));
        break;
    case OPEN:
    case ON_ROW:
    case AT_END:
        CHECK_OK(s, SQLPrepare(s, T(select), SQL_NTS));
        CHECK_OK(s, SQLExecute(s));
        for (int i = 0; i < (state == ON_ROW ? 1 : state == AT_END ? 3 : 0); i++) {
            CHECK_RC(s, SQLFetch(s), i < 2 ? SQL_SUCCESS : SQL_NO_DATA);
        }
        break;
    case OPEN_DIRECT:
        CHECK_OK(s, SQLExecDirect(s, T(select), SQL_NTS));
        break;
    case CATALOG:
        CHECK_OK(s, SQLGetTypeInfo(s, SQL_INTEGER));
        break;
    case RESULTS_LEFT:
        CHECK_OK(s, SQLExecDirect(s, T("select 1; select 2"), SQL_NTS));
        break;
    }
}

static bool has_cursor(enum state state)
{
    return state >= OPEN;
}

static bool is_prepared(enum state state)
{
    return state == PREPARED || state == COUNTED || state == OPEN || state == ON_ROW || state == AT_END;
}

/* Closing keeps the prepared text and the bindings; the statement is what it was before it was executed. */
static void close_in_every_state(void)
{
    struct link l = link_open("");
    run(l.stmt, "create temp table t (a int); insert into t values (7), (8)");
    for (int by_cursor = 0; by_cursor < 2; by_cursor++) {
        for (enum state state = FRESH; state < STATES; state++) {
            SQLHSTMT s = new_stmt(l.dbc);
            SQLINTEGER value = 0;
            SQLSMALLINT columns = 0;
            CHECK_OK(s, SQLBindCol(s, 1, SQL_C_DEFAULT, &value, sizeof value, NULL));
            if (state == CATALOG || state == RESULTS_LEFT) {
                CHECK_OK(s, SQLFreeStmt(s, SQL_UNBIND));
            }
            enter(s, state);
            if (!by_cursor) {
                check_rc(s, SQLFreeStmt(s, SQL_CLOSE), SQL_SUCCESS, names[state], __FILE__, __LINE__);
                check_rc(s, SQLFreeStmt(s, SQL_CLOSE), SQL_SUCCESS, names[state], __FILE__, __LINE__); /* closing twice is no error */
            } else if (has_cursor(state)) {
                check_rc(s, SQLCloseCursor(s), SQL_SUCCESS, names[state], __FILE__, __LINE__);
                check_state(s, SQLCloseCursor(s), SQL_ERROR, "24000", names[state], __FILE__, __LINE__);
            } else {
                check_state(s, SQLCloseCursor(s), SQL_ERROR, "24000", names[state], __FILE__, __LINE__);
            }
            if (by_cursor && !has_cursor(state)) {
                free_stmt(s);
                continue;
            }
            check_state(s, SQLFetch(s), SQL_ERROR, "HY010", names[state], __FILE__, __LINE__);
            SQLRETURN rc = SQLExecute(s);
            check_int(rc, is_prepared(state) ? SQL_SUCCESS : SQL_ERROR, names[state], __FILE__, __LINE__);
            if (rc == SQL_ERROR) {
                CHECK_TEXT(diag_state(s, 1), "HY010");
            } else if (state != COUNTED) {
                CHECK_OK(s, SQLNumResultCols(s, &columns));
                CHECK_INT(columns, 1);
                CHECK_OK(s, SQLFetch(s));
                CHECK_INT(value, 7); /* bound as before */
            }
            CHECK_OK(s, SQLFreeStmt(s, SQL_CLOSE));
            CHECK_OK(s, SQLExecDirect(s, T("select 1"), SQL_NTS));
            CHECK_OK(s, SQLCloseCursor(s));
            free_stmt(s);
        }
    }
    link_close(&l);
}

/* SQL_UNBIND and SQL_RESET_PARAMS let go of one side each, leave an open cursor alone, and reach all who share a descriptor. */
static void bindings(void)
{
    struct link l = link_open("");
    SQLHDESC ard = stmt_desc(l.stmt, SQL_ATTR_APP_ROW_DESC);
    SQLHDESC apd = stmt_desc(l.stmt, SQL_ATTR_APP_PARAM_DESC);
    SQLINTEGER in = 3;
    SQLINTEGER out = 0;
    SQLULEN fetched = 0;
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_ROWS_FETCHED_PTR, &fetched, 0));
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, &in, 0, NULL));
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_SLONG, &out, 0, NULL));
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("select generate_series(1, ?)"), SQL_NTS));
    CHECK_OK(l.stmt, SQLExecute(l.stmt));
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_INT(out, 1);
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_UNBIND));
    CHECK_INT(desc_number(ard, 0, SQL_DESC_COUNT, W_S16), 0);
    CHECK_INT(desc_number(apd, 0, SQL_DESC_COUNT, W_S16), 1);
    CHECK_OK(l.stmt, SQLFetch(l.stmt)); /* the cursor goes on, and nothing is written */
    CHECK_INT(out, 1);
    CHECK_INT(fetched, 1); /* attributes are no bindings */
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_SLONG, &out, 0, NULL));
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_RESET_PARAMS));
    CHECK_INT(desc_number(apd, 0, SQL_DESC_COUNT, W_S16), 0);
    CHECK_INT(desc_number(ard, 0, SQL_DESC_COUNT, W_S16), 1);
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_INT(out, 3);
    CHECK_OK(l.stmt, SQLCloseCursor(l.stmt));
    CHECK_STATE(l.stmt, SQLExecute(l.stmt), "07002");
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, &in, 0, NULL));
    CHECK_OK(l.stmt, SQLExecute(l.stmt));
    CHECK_OK(l.stmt, SQLCloseCursor(l.stmt));

    SQLHSTMT second = new_stmt(l.dbc);
    SQLHDESC shared;
    CHECK_OK(l.dbc, SQLAllocHandle(SQL_HANDLE_DESC, l.dbc, &shared));
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_APP_PARAM_DESC, shared, 0));
    CHECK_OK(second, SQLSetStmtAttr(second, SQL_ATTR_APP_PARAM_DESC, shared, 0));
    CHECK_OK(second, SQLBindParameter(second, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, &in, 0, NULL));
    CHECK_OK(l.stmt, SQLExecute(l.stmt));
    CHECK_OK(l.stmt, SQLCloseCursor(l.stmt));
    CHECK_OK(second, SQLFreeStmt(second, SQL_RESET_PARAMS));
    CHECK_STATE(l.stmt, SQLExecute(l.stmt), "07002");
    free_stmt(second);
    link_close(&l);
}

/* SQL_DROP is SQLFreeHandle, in every state; what is no option is refused. */
static void drop(void)
{
    struct link l = link_open("");
    run(l.stmt, "create temp table t (a int); insert into t values (7), (8)");
    for (enum state state = FRESH; state < STATES; state++) {
        SQLHSTMT s = new_stmt(l.dbc);
        enter(s, state);
        CHECK_INT(SQLFreeStmt(s, SQL_DROP), SQL_SUCCESS);
    }
    CHECK_STATE(l.stmt, SQLFreeStmt(l.stmt, 4), "HY092");
    CHECK_STATE(l.stmt, SQLFreeStmt(l.stmt, 65535), "HY092");
    CHECK_INT(query_int(l.stmt, "select count(*) from t"), 2);
    link_close(&l);

    struct link d = direct_open(SQL_OV_ODBC3_80, true);
    DIRECT_STATE(SQL_HANDLE_STMT, d.stmt, DIRECT(SQLFreeStmt)(d.stmt, 4), "HY092");
    DIRECT_STATE(SQL_HANDLE_STMT, d.stmt, DIRECT(SQLCloseCursor)(d.stmt), "24000");
    SQLHSTMT dropped = d.stmt;
    CHECK_INT(DIRECT(SQLFreeStmt)(d.stmt, SQL_DROP), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLFreeStmt)(dropped, SQL_CLOSE), SQL_INVALID_HANDLE);
    CHECK_INT(DIRECT(SQLFreeStmt)(dropped, SQL_DROP), SQL_INVALID_HANDLE);
    d.stmt = NULL;
    direct_close(&d);
}

int main(void)
{
    static const struct test tests[] = {
        {"closing in every state", close_in_every_state},
        {"bindings", bindings},
        {"SQL_DROP, and no option", drop},
    };
    return run_tests("SQLFreeStmt and SQLCloseCursor", tests, COUNT(tests));
}
