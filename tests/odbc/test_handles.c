/* SPDX-License-Identifier: Apache-2.0 */
/* SQLAllocHandle, SQLFreeHandle: handles in every order, environments and what their version of ODBC changes, explicit descriptors. */
#include "desc.h"
#include "direct.h"

/* ---- allocation and freeing ---------------------------------------------------------------------------------------- */

static void order(void)
{
    SQLHENV env;
    SQLHDBC dbc;
    SQLHSTMT stmt = (SQLHSTMT)(intptr_t)1;
    CHECK_INT(SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &env), SQL_SUCCESS);
    CHECK_STATE(env, SQLAllocHandle(SQL_HANDLE_DBC, env, &dbc), "HY010"); /* no version yet */
    CHECK_OK(env, SQLSetEnvAttr(env, SQL_ATTR_ODBC_VERSION, (SQLPOINTER)SQL_OV_ODBC3, 0));
    CHECK_STATE(env, SQLAllocHandle(99, env, &dbc), "HY092");
    CHECK_OK(env, SQLAllocHandle(SQL_HANDLE_DBC, env, &dbc));
    CHECK_STATE(dbc, SQLAllocHandle(SQL_HANDLE_STMT, dbc, &stmt), "08003");
    CHECK_STATE(env, SQLFreeHandle(SQL_HANDLE_ENV, env), "HY010");
    CHECK_OK(dbc, try_connect(dbc, connstr(";")));
    CHECK_STATE(dbc, SQLFreeHandle(SQL_HANDLE_DBC, dbc), "HY010");
    CHECK_STATE(dbc, SQLAllocHandle(SQL_HANDLE_STMT, dbc, NULL), "HY009");
    CHECK_OK(dbc, SQLAllocHandle(SQL_HANDLE_STMT, dbc, &stmt));
    CHECK_OK(stmt, SQLFreeHandle(SQL_HANDLE_STMT, stmt));
    CHECK_OK(dbc, SQLDisconnect(dbc));
    CHECK_OK(dbc, SQLFreeHandle(SQL_HANDLE_DBC, dbc));
    CHECK_OK(env, SQLFreeHandle(SQL_HANDLE_ENV, env));
}

/* The same of the driver itself; and handles after they were freed, which unixODBC looks into before it refuses them. */
static void order_without_manager(void)
{
    SQLHENV env = NULL;
    SQLHDBC dbc = NULL;
    SQLHSTMT stmt = (SQLHSTMT)(intptr_t)1;
    SQLHDESC desc = NULL;
    SQLHDESC implicit = NULL;
    CHECK_INT(DIRECT(SQLAllocHandle)(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &env), SQL_SUCCESS);
    DIRECT_STATE(SQL_HANDLE_ENV, env, DIRECT(SQLAllocHandle)(99, env, &dbc), "HY092");
    DIRECT_STATE(SQL_HANDLE_ENV, env, DIRECT(SQLAllocHandle)(SQL_HANDLE_DBC, env, NULL), "HY009");
    CHECK_INT(DIRECT(SQLSetEnvAttr)(env, SQL_ATTR_ODBC_VERSION, (SQLPOINTER)SQL_OV_ODBC3_80, 0), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLAllocHandle)(SQL_HANDLE_DBC, env, &dbc), SQL_SUCCESS);
    DIRECT_STATE(SQL_HANDLE_DBC, dbc, DIRECT(SQLAllocHandle)(SQL_HANDLE_STMT, dbc, &stmt), "08003");
    CHECK(stmt == SQL_NULL_HSTMT);
    DIRECT_STATE(SQL_HANDLE_ENV, env, DIRECT(SQLFreeHandle)(SQL_HANDLE_ENV, env), "HY010");
    CHECK_INT(DIRECT(SQLDriverConnect)(dbc, NULL, T(connstr(";")), SQL_NTS, NULL, 0, NULL, SQL_DRIVER_NOPROMPT), SQL_SUCCESS);
    DIRECT_STATE(SQL_HANDLE_DBC, dbc, DIRECT(SQLFreeHandle)(SQL_HANDLE_DBC, dbc), "HY010");
    CHECK_INT(DIRECT(SQLAllocHandle)(SQL_HANDLE_STMT, dbc, &stmt), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLAllocHandle)(SQL_HANDLE_DESC, dbc, &desc), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLGetStmtAttr)(stmt, SQL_ATTR_APP_ROW_DESC, &implicit, 0, NULL), SQL_SUCCESS);
    DIRECT_STATE(SQL_HANDLE_DESC, implicit, DIRECT(SQLFreeHandle)(SQL_HANDLE_DESC, implicit), "HY017");
    CHECK_INT(DIRECT(SQLExecDirect)(stmt, T("select generate_series(1, 100000)"), SQL_NTS), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLFetch)(stmt), SQL_SUCCESS);

    /* What belonged to a connection is no handle any more when it is closed; to free it once more does no harm. */
    CHECK_INT(DIRECT(SQLDisconnect)(dbc), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLFetch)(stmt), SQL_INVALID_HANDLE);
    CHECK_INT(DIRECT(SQLGetDiagRec)(SQL_HANDLE_STMT, stmt, 1, NULL, NULL, NULL, 0, NULL), SQL_INVALID_HANDLE);
    CHECK_INT(DIRECT(SQLSetDescField)(desc, 0, SQL_DESC_COUNT, NULL, 0), SQL_INVALID_HANDLE);
    CHECK_INT(DIRECT(SQLSetDescField)(implicit, 0, SQL_DESC_COUNT, NULL, 0), SQL_INVALID_HANDLE);
    CHECK_INT(DIRECT(SQLCancel)(stmt), SQL_INVALID_HANDLE);
    CHECK_INT(DIRECT(SQLFreeHandle)(SQL_HANDLE_DESC, desc), SQL_INVALID_HANDLE);
    CHECK_INT(DIRECT(SQLFreeHandle)(SQL_HANDLE_STMT, stmt), SQL_INVALID_HANDLE);

    /* The connection handle is as good as new. */
    CHECK_INT(DIRECT(SQLDriverConnect)(dbc, NULL, T(connstr(";")), SQL_NTS, NULL, 0, NULL, SQL_DRIVER_NOPROMPT), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLAllocHandle)(SQL_HANDLE_STMT, dbc, &stmt), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLExecDirect)(stmt, T("select 1"), SQL_NTS), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLFreeHandle)(SQL_HANDLE_STMT, stmt), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLFreeHandle)(SQL_HANDLE_STMT, stmt), SQL_INVALID_HANDLE);
    CHECK_INT(DIRECT(SQLDisconnect)(dbc), SQL_SUCCESS);
    DIRECT_STATE(SQL_HANDLE_DBC, dbc, DIRECT(SQLDisconnect)(dbc), "08003");
    CHECK_INT(DIRECT(SQLFreeHandle)(SQL_HANDLE_DBC, dbc), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLFreeHandle)(SQL_HANDLE_DBC, dbc), SQL_INVALID_HANDLE);
    CHECK_INT(DIRECT(SQLFreeHandle)(SQL_HANDLE_ENV, env), SQL_SUCCESS);
}

static void many_handles(void)
{
    enum { N = 300 };
    SQLHSTMT stmts[N];
    SQLHDESC descs[N];
    struct link l = link_open("");
    for (size_t i = 0; i < N; i++) {
        stmts[i] = new_stmt(l.dbc);
        CHECK_OK(l.dbc, SQLAllocHandle(SQL_HANDLE_DESC, l.dbc, &descs[i]));
        CHECK_OK(stmts[i], SQLSetStmtAttr(stmts[i], SQL_ATTR_APP_ROW_DESC, descs[i], 0));
    }
    for (size_t i = 0; i < N; i += 2) { /* half by hand, in both orders; half by SQLDisconnect */
        if (i % 4) {
            free_stmt(stmts[i]);
            CHECK_OK(descs[i], SQLFreeHandle(SQL_HANDLE_DESC, descs[i]));
        } else {
            CHECK_OK(descs[i], SQLFreeHandle(SQL_HANDLE_DESC, descs[i]));
            free_stmt(stmts[i]);
        }
    }
    query(stmts[1], "select generate_series(1, 10)");
    CHECK_OK(stmts[1], SQLFetch(stmts[1]));
    link_close(&l);
}

/* ---- environment --------------------------------------------------------------------------------------------------- */

static void environment(void)
{
    struct link d = direct_open(SQL_OV_ODBC3_80, false);
    SQLINTEGER value = 0;
    SQLINTEGER length = 0;
    CHECK_INT(DIRECT(SQLGetEnvAttr)(d.env, SQL_ATTR_ODBC_VERSION, &value, 0, &length), SQL_SUCCESS);
    CHECK_INT(value, SQL_OV_ODBC3_80);
    CHECK_INT(length, 4);
    CHECK_INT(DIRECT(SQLGetEnvAttr)(d.env, SQL_ATTR_OUTPUT_NTS, &value, 0, NULL), SQL_SUCCESS);
    CHECK_INT(value, SQL_TRUE);
    CHECK_INT(DIRECT(SQLSetEnvAttr)(d.env, SQL_ATTR_OUTPUT_NTS, (SQLPOINTER)SQL_TRUE, 0), SQL_SUCCESS);
    DIRECT_STATE(SQL_HANDLE_ENV, d.env, DIRECT(SQLSetEnvAttr)(d.env, SQL_ATTR_OUTPUT_NTS, (SQLPOINTER)SQL_FALSE, 0), "HYC00");
    DIRECT_STATE(SQL_HANDLE_ENV, d.env, DIRECT(SQLSetEnvAttr)(d.env, SQL_ATTR_ODBC_VERSION, (SQLPOINTER)SQL_OV_ODBC3, 0), "HY010");
    DIRECT_STATE(SQL_HANDLE_ENV, d.env, DIRECT(SQLSetEnvAttr)(d.env, 4711, NULL, 0), "HY092");
    DIRECT_STATE(SQL_HANDLE_ENV, d.env, DIRECT(SQLGetEnvAttr)(d.env, 4711, &value, 0, NULL), "HY092");
    CHECK_INT(DIRECT(SQLGetEnvAttr)(d.env, SQL_ATTR_ODBC_VERSION, NULL, 0, NULL), SQL_SUCCESS);
    direct_close(&d);
    SQLHENV env = NULL;
    CHECK_INT(DIRECT(SQLAllocHandle)(SQL_HANDLE_ENV, NULL, &env), SQL_SUCCESS);
    static const SQLINTEGER versions[] = {SQL_OV_ODBC2, SQL_OV_ODBC3, SQL_OV_ODBC3_80};
    for (size_t i = 0; i < COUNT(versions); i++) {
        CHECK_INT(DIRECT(SQLSetEnvAttr)(env, SQL_ATTR_ODBC_VERSION, (SQLPOINTER)(intptr_t)versions[i], 0), SQL_SUCCESS);
        CHECK_INT(DIRECT(SQLGetEnvAttr)(env, SQL_ATTR_ODBC_VERSION, &value, 0, NULL), SQL_SUCCESS);
        CHECK_INT(value, versions[i]);
    }
    DIRECT_STATE(SQL_HANDLE_ENV, env, DIRECT(SQLSetEnvAttr)(env, SQL_ATTR_ODBC_VERSION, (SQLPOINTER)(intptr_t)17, 0), "HY024");
    CHECK_INT(DIRECT(SQLFreeHandle)(SQL_HANDLE_ENV, env), SQL_SUCCESS);
}

/* What an application's version of ODBC changes. */
static void versions(void)
{
    static const struct {
        SQLINTEGER version;
        SQLSMALLINT date, timestamp;
        SQLRETURN nothing_deleted;
        const char *no_table;
    } list[] = {
        {SQL_OV_ODBC2, SQL_DATE, SQL_TIMESTAMP, SQL_SUCCESS, "S0002"},
        {SQL_OV_ODBC3, SQL_TYPE_DATE, SQL_TYPE_TIMESTAMP, SQL_NO_DATA, "42S02"},
        {SQL_OV_ODBC3_80, SQL_TYPE_DATE, SQL_TYPE_TIMESTAMP, SQL_NO_DATA, "42S02"},
    };
    for (size_t i = 0; i < COUNT(list); i++) {
        SQLSMALLINT type = 0;
        struct link l = link_new(list[i].version);
        CHECK_OK(l.dbc, try_connect(l.dbc, connstr(";")));
        l.stmt = new_stmt(l.dbc);
        query(l.stmt, "select current_date, current_timestamp");
        CHECK_OK(l.stmt, SQLDescribeCol(l.stmt, 1, NULL, 0, NULL, &type, NULL, NULL, NULL));
        CHECK_INT(type, list[i].date);
        CHECK_OK(l.stmt, SQLDescribeCol(l.stmt, 2, NULL, 0, NULL, &type, NULL, NULL, NULL));
        CHECK_INT(type, list[i].timestamp);
        SQL_DATE_STRUCT date = {0, 0, 0};
        CHECK_OK(l.stmt, SQLFetch(l.stmt));
        CHECK_OK(l.stmt, SQLGetData(l.stmt, 1, list[i].version == SQL_OV_ODBC2 ? SQL_C_DATE : SQL_C_TYPE_DATE, &date, 0, NULL));
        CHECK(date.year > 2000);
        CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
        run(l.stmt, "create temp table t (a int)");
        CHECK_RC(l.stmt, SQLExecDirect(l.stmt, T("delete from t"), SQL_NTS), list[i].nothing_deleted);
        CHECK_STATE(l.stmt, SQLExecDirect(l.stmt, T("select * from no_such_table"), SQL_NTS), list[i].no_table);
        link_close(&l);
    }
}

/* ---- explicit descriptors ------------------------------------------------------------------------------------------ */

static void shared_descriptor(void)
{
    struct link l = link_open("");
    struct link other = link_open("");
    SQLHSTMT second = new_stmt(l.dbc);
    SQLHDESC desc;
    SQLHDESC foreign;
    SQLINTEGER a = 0;
    SQLINTEGER b = 0;
    SQLHDESC implicit = stmt_desc(l.stmt, SQL_ATTR_APP_ROW_DESC);
    CHECK_OK(l.dbc, SQLAllocHandle(SQL_HANDLE_DESC, l.dbc, &desc));
    SQLSMALLINT alloc = 0;
    CHECK_OK(desc, SQLGetDescField(desc, 0, SQL_DESC_ALLOC_TYPE, &alloc, 0, NULL));
    CHECK_INT(alloc, SQL_DESC_ALLOC_USER);
    CHECK_OK(implicit, SQLGetDescField(implicit, 0, SQL_DESC_ALLOC_TYPE, &alloc, 0, NULL));
    CHECK_INT(alloc, SQL_DESC_ALLOC_AUTO);

    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_SLONG, &b, 0, NULL)); /* the implicit one's own */
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_APP_ROW_DESC, desc, 0));
    CHECK_OK(second, SQLSetStmtAttr(second, SQL_ATTR_APP_ROW_DESC, desc, 0));
    CHECK(stmt_desc(l.stmt, SQL_ATTR_APP_ROW_DESC) == desc);
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_SLONG, &a, 0, NULL));
    query(second, "select 41");
    CHECK_OK(second, SQLFetch(second));
    CHECK_INT(a, 41); /* bound through the other statement */
    CHECK_INT(b, 0);
    CHECK_OK(second, SQLFreeStmt(second, SQL_CLOSE));

    /* Header fields and attributes are the same thing. */
    SQLULEN rows = 0;
    CHECK_OK(second, SQLSetStmtAttr(second, SQL_ATTR_ROW_ARRAY_SIZE, (SQLPOINTER)7, 0));
    CHECK_OK(l.stmt, SQLGetStmtAttr(l.stmt, SQL_ATTR_ROW_ARRAY_SIZE, &rows, 0, NULL));
    CHECK_INT(rows, 7);
    CHECK_OK(desc, SQLGetDescField(desc, 0, SQL_DESC_ARRAY_SIZE, &rows, 0, NULL));
    CHECK_INT(rows, 7);
    CHECK_OK(desc, SQLSetDescField(desc, 0, SQL_DESC_ARRAY_SIZE, (SQLPOINTER)1, 0));

    /* UNBIND through one unbinds for both. */
    SQLSMALLINT count = -1;
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_UNBIND));
    CHECK_OK(desc, SQLGetDescField(desc, 0, SQL_DESC_COUNT, &count, 0, NULL));
    CHECK_INT(count, 0);

    /* One statement's ARD may be another's APD. */
    CHECK_OK(second, SQLSetStmtAttr(second, SQL_ATTR_APP_PARAM_DESC, desc, 0));
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_SLONG, &a, 0, NULL));
    query(l.stmt, "select 17");
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    SQLHDESC ipd = stmt_desc(second, SQL_ATTR_IMP_PARAM_DESC);
    CHECK_OK(ipd, SQLSetDescField(ipd, 1, SQL_DESC_TYPE, (SQLPOINTER)SQL_INTEGER, 0));
    CHECK_OK(second, SQLSetStmtAttr(second, SQL_ATTR_APP_ROW_DESC, SQL_NULL_HDESC, 0));
    CHECK_OK(second, SQLExecDirect(second, T("select ? + 1"), SQL_NTS));
    CHECK_OK(second, SQLFetch(second));
    CHECK_OK(second, SQLGetData(second, 1, SQL_C_SLONG, &b, 0, NULL));
    CHECK_INT(b, 18);
    CHECK_OK(second, SQLFreeStmt(second, SQL_CLOSE));

    /* What cannot be used. */
    CHECK_OK(other.dbc, SQLAllocHandle(SQL_HANDLE_DESC, other.dbc, &foreign));
    CHECK_STATE(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_APP_ROW_DESC, foreign, 0), "HY024");
    SQLHSTMT third = new_stmt(l.dbc);
    CHECK_STATE(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_APP_ROW_DESC, stmt_desc(third, SQL_ATTR_APP_ROW_DESC), 0), "HY017");
    CHECK_STATE(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_APP_PARAM_DESC, stmt_desc(third, SQL_ATTR_IMP_ROW_DESC), 0), "HY017");
    free_stmt(third);
    CHECK_STATE(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_IMP_ROW_DESC, desc, 0), "HY017");
    CHECK_STATE(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_IMP_PARAM_DESC, desc, 0), "HY017");
    CHECK_STATE(implicit, SQLFreeHandle(SQL_HANDLE_DESC, implicit), "HY017");

    /* Freed: everybody is back at his own, with the bindings that were there. */
    b = 0;
    CHECK_OK(desc, SQLFreeHandle(SQL_HANDLE_DESC, desc));
    CHECK(stmt_desc(l.stmt, SQL_ATTR_APP_ROW_DESC) == implicit);
    query(l.stmt, "select 5");
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_INT(b, 5);
    free_stmt(second);
    link_close(&other);
    link_close(&l);
}

static void freed_while_fetching(void)
{
    struct link l = link_open("");
    SQLHDESC desc;
    SQLINTEGER a = 0;
    SQLINTEGER own = 0;
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_SLONG, &own, 0, NULL));
    CHECK_OK(l.dbc, SQLAllocHandle(SQL_HANDLE_DESC, l.dbc, &desc));
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_APP_ROW_DESC, desc, 0));
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_SLONG, &a, 0, NULL));
    query(l.stmt, "select generate_series(1, 5)");
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_INT(a, 1);
    CHECK_OK(desc, SQLFreeHandle(SQL_HANDLE_DESC, desc));
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_INT(a, 1);
    CHECK_INT(own, 2);
    link_close(&l);
}

/* A descriptor changed, freed or emptied while a statement waits for the data of parameters that were bound in it: the statement waits no longer. */
static void changed_while_waiting(void)
{
    enum { COUNT_0, FREED, MORE_SETS, OTHER_TYPE, RESET_BY_ANOTHER, REBOUND_BY_ANOTHER, WAYS };
    for (int way = 0; way < WAYS; way++) {
        for (int sets = 1; sets <= 3; sets += 2) {
            struct link d = direct_open(SQL_OV_ODBC3_80, true);
            SQLHDESC desc = NULL;
            SQLHSTMT other = NULL;
            SQLPOINTER token = NULL;
            SQLINTEGER value = 0;
            SQLLEN lengths[3] = {SQL_DATA_AT_EXEC, SQL_DATA_AT_EXEC, SQL_DATA_AT_EXEC};
            char places[3][10];
            CHECK_INT(DIRECT(SQLAllocHandle)(SQL_HANDLE_DESC, d.dbc, &desc), SQL_SUCCESS);
            CHECK_INT(DIRECT(SQLAllocHandle)(SQL_HANDLE_STMT, d.dbc, &other), SQL_SUCCESS);
            CHECK_INT(DIRECT(SQLSetStmtAttr)(d.stmt, SQL_ATTR_APP_PARAM_DESC, desc, 0), SQL_SUCCESS);
            CHECK_INT(DIRECT(SQLSetStmtAttr)(other, SQL_ATTR_APP_PARAM_DESC, desc, 0), SQL_SUCCESS);
            CHECK_INT(DIRECT(SQLSetStmtAttr)(d.stmt, SQL_ATTR_PARAMSET_SIZE, (SQLPOINTER)(intptr_t)sets, 0), SQL_SUCCESS);
            for (SQLUSMALLINT n = 1; n <= 2; n++) {
                CHECK_INT(DIRECT(SQLBindParameter)(d.stmt, n, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, 10, 0, places, 10, lengths), SQL_SUCCESS);
            }
            CHECK_INT(DIRECT(SQLPrepare)(d.stmt, T("select ?::text, ?::text"), SQL_NTS), SQL_SUCCESS);
            CHECK_INT(DIRECT(SQLExecute)(d.stmt), SQL_NEED_DATA);
            CHECK_INT(DIRECT(SQLParamData)(d.stmt, &token), SQL_NEED_DATA);
            CHECK(token == places);
            switch (way) {
            case COUNT_0:
                CHECK_INT(DIRECT(SQLSetDescField)(desc, 0, SQL_DESC_COUNT, NULL, 0), SQL_SUCCESS);
                break;
            case FREED:
                CHECK_INT(DIRECT(SQLFreeHandle)(SQL_HANDLE_DESC, desc), SQL_SUCCESS);
                break;
            case MORE_SETS:
                CHECK_INT(DIRECT(SQLSetDescField)(desc, 0, SQL_DESC_ARRAY_SIZE, (SQLPOINTER)9, 0), SQL_SUCCESS);
                break;
            case OTHER_TYPE:
                CHECK_INT(DIRECT(SQLSetDescField)(desc, 2, SQL_DESC_TYPE, (SQLPOINTER)SQL_C_LONG, 0), SQL_SUCCESS);
                break;
            case RESET_BY_ANOTHER:
                CHECK_INT(DIRECT(SQLFreeStmt)(other, SQL_RESET_PARAMS), SQL_SUCCESS);
                break;
            default:
                CHECK_INT(DIRECT(SQLBindParameter)(other, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, &value, 0, NULL), SQL_SUCCESS);
                break;
            }
            if (way % 2) {
                DIRECT_STATE(SQL_HANDLE_STMT, d.stmt, DIRECT(SQLPutData)(d.stmt, places, 1), "HY010");
            } else {
                DIRECT_STATE(SQL_HANDLE_STMT, d.stmt, DIRECT(SQLParamData)(d.stmt, &token), "HY010");
            }
            CHECK_INT(DIRECT(SQLSetStmtAttr)(d.stmt, SQL_ATTR_APP_PARAM_DESC, NULL, 0), SQL_SUCCESS);
            DIRECT_STATE(SQL_HANDLE_STMT, d.stmt, DIRECT(SQLExecute)(d.stmt), "07002"); /* prepared as before */
            CHECK_INT(DIRECT(SQLFreeHandle)(SQL_HANDLE_STMT, other), SQL_SUCCESS);
            direct_close(&d);
        }
    }
}

int main(void)
{
    static const struct test tests[] = {
        {"order", order},
        {"order, without driver manager", order_without_manager},
        {"many handles", many_handles},
        {"environment attributes", environment},
        {"versions of ODBC", versions},
        {"explicit descriptors", shared_descriptor},
        {"a descriptor freed while fetching", freed_while_fetching},
        {"a descriptor changed while data are awaited", changed_while_waiting},
    };
    return run_tests("handles", tests, COUNT(tests));
}
