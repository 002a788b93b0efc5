/* SPDX-License-Identifier: Apache-2.0 */
/* SQLCancelHandle, and SQLCancel when nothing runs. (Against running statements: test_cancel.c.) */
#include "direct.h"

/* On a statement it is SQLCancel: an idle one goes on being what it is, one that waits for data forgets them. */
static void statements(void)
{
    struct link d = direct_open(SQL_OV_ODBC3_80, true);
    SQLLEN at_execution = SQL_DATA_AT_EXEC;
    SQLPOINTER token = NULL;
    char place = 'x';
    CHECK_INT(DIRECT(SQLCancelHandle)(SQL_HANDLE_STMT, d.stmt), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLPrepare)(d.stmt, T("select 5"), SQL_NTS), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLCancelHandle)(SQL_HANDLE_STMT, d.stmt), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLExecute)(d.stmt), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLFreeStmt)(d.stmt, SQL_CLOSE), SQL_SUCCESS);

    for (int prepared = 0; prepared < 2; prepared++) {
        for (int asked = 0; asked < 2; asked++) {
            CHECK_INT(DIRECT(SQLBindParameter)(d.stmt, 1, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, 10, 0, &place, 0, &at_execution), SQL_SUCCESS);
            if (prepared) {
                CHECK_INT(DIRECT(SQLPrepare)(d.stmt, T("select ?::text"), SQL_NTS), SQL_SUCCESS);
                CHECK_INT(DIRECT(SQLExecute)(d.stmt), SQL_NEED_DATA);
            } else {
                CHECK_INT(DIRECT(SQLExecDirect)(d.stmt, T("select ?::text"), SQL_NTS), SQL_NEED_DATA);
            }
            if (asked) {
                CHECK_INT(DIRECT(SQLParamData)(d.stmt, &token), SQL_NEED_DATA);
                CHECK_INT(DIRECT(SQLPutData)(d.stmt, &place, 1), SQL_SUCCESS);
            }
            CHECK_INT(DIRECT(SQLCancelHandle)(SQL_HANDLE_STMT, d.stmt), SQL_SUCCESS);
            DIRECT_STATE(SQL_HANDLE_STMT, d.stmt, DIRECT(SQLParamData)(d.stmt, &token), "HY010");
            at_execution = SQL_NTS;
            char text[] = "text";
            CHECK_INT(DIRECT(SQLBindParameter)(d.stmt, 1, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, 10, 0, text, 0, &at_execution), SQL_SUCCESS);
            if (prepared) {
                CHECK_INT(DIRECT(SQLExecute)(d.stmt), SQL_SUCCESS);
                CHECK_INT(DIRECT(SQLFreeStmt)(d.stmt, SQL_CLOSE), SQL_SUCCESS);
            } else {
                DIRECT_STATE(SQL_HANDLE_STMT, d.stmt, DIRECT(SQLExecute)(d.stmt), "HY010");
            }
            at_execution = SQL_DATA_AT_EXEC;
        }
    }
    direct_close(&d);
}

static void others(void)
{
    struct link l = link_open("");
    struct link d = direct_open(SQL_OV_ODBC3_80, true);
    SQLHDESC desc = NULL;
    /* Nothing of the connection runs: there is nothing to cancel, and that is no error. */
    CHECK_OK(l.dbc, SQLCancelHandle(SQL_HANDLE_DBC, l.dbc));
    CHECK_OK(l.stmt, SQLCancelHandle(SQL_HANDLE_STMT, l.stmt));
    CHECK_INT(query_int(l.stmt, "select 1"), 1);
    CHECK_INT(DIRECT(SQLCancelHandle)(SQL_HANDLE_DBC, d.dbc), SQL_SUCCESS);
    DIRECT_STATE(SQL_HANDLE_ENV, d.env, DIRECT(SQLCancelHandle)(SQL_HANDLE_ENV, d.env), "HY092");
    DIRECT_STATE(SQL_HANDLE_DBC, d.dbc, DIRECT(SQLCancelHandle)(77, d.dbc), "HY092");
    CHECK_INT(DIRECT(SQLAllocHandle)(SQL_HANDLE_DESC, d.dbc, &desc), SQL_SUCCESS);
    DIRECT_STATE(SQL_HANDLE_DESC, desc, DIRECT(SQLCancelHandle)(SQL_HANDLE_DESC, desc), "HY092");
    DIRECT_STATE(SQL_HANDLE_STMT, d.stmt, DIRECT(SQLCancelHandle)(SQL_HANDLE_ENV, d.stmt), "HY092");
    CHECK_INT(DIRECT(SQLCancelHandle)(SQL_HANDLE_STMT, d.dbc), SQL_INVALID_HANDLE);
    CHECK_INT(DIRECT(SQLCancelHandle)(SQL_HANDLE_DBC, d.stmt), SQL_INVALID_HANDLE);
    CHECK_INT(DIRECT(SQLCancelHandle)(SQL_HANDLE_DBC, NULL), SQL_INVALID_HANDLE);
    CHECK_INT(DIRECT(SQLCancelHandle)(77, NULL), SQL_INVALID_HANDLE);
    direct_close(&d);
    link_close(&l);
}

/* It leaves the diagnostics of the call before alone: that call may still be read. */
static void diagnostics(void)
{
    struct link d = direct_open(SQL_OV_ODBC3_80, true);
    DIRECT_STATE(SQL_HANDLE_STMT, d.stmt, DIRECT(SQLExecDirect)(d.stmt, T("selec 1"), SQL_NTS), "42000");
    CHECK_INT(DIRECT(SQLCancel)(d.stmt), SQL_SUCCESS);
    CHECK_TEXT(direct_state(SQL_HANDLE_STMT, d.stmt), "42000");
    CHECK_INT(DIRECT(SQLCancelHandle)(SQL_HANDLE_STMT, d.stmt), SQL_SUCCESS);
    CHECK_TEXT(direct_state(SQL_HANDLE_STMT, d.stmt), "42000");
    direct_close(&d);
}

int main(void)
{
    static const struct test tests[] = {{"statements", statements}, {"other handles", others}, {"diagnostics", diagnostics}};
    return run_tests("SQLCancelHandle", tests, COUNT(tests));
}
