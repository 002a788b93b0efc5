/* SPDX-License-Identifier: Apache-2.0 */
/* SQLCopyDesc: every direction, between connections, and what it leaves alone. */
#include "desc.h"
#include "direct.h"

static void copies(void)
{
    struct link l = link_open("");
    SQLHSTMT second = new_stmt(l.dbc);
    SQLHDESC ird = stmt_desc(l.stmt, SQL_ATTR_IMP_ROW_DESC);
    SQLHDESC ard = stmt_desc(l.stmt, SQL_ATTR_APP_ROW_DESC);
    SQLHDESC copy;
    SQLINTEGER a = 0;
    char b[16] = "";
    CHECK_OK(l.dbc, SQLAllocHandle(SQL_HANDLE_DESC, l.dbc, &copy));
    CHECK_STATE(copy, SQLCopyDesc(ird, copy), "HY007");
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_SLONG, &a, 0, NULL));
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 2, SQL_C_CHAR, b, sizeof b, NULL));
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_ROW_ARRAY_SIZE, (SQLPOINTER)1, 0));
    CHECK_OK(copy, SQLCopyDesc(ard, copy));
    CHECK_INT(desc_number(copy, 0, SQL_DESC_ALLOC_TYPE, W_S16), SQL_DESC_ALLOC_USER); /* the one field that is not copied */
    CHECK_INT(desc_number(copy, 0, SQL_DESC_COUNT, W_S16), 2);
    CHECK_INT(desc_number(copy, 2, SQL_DESC_OCTET_LENGTH, W_LEN), 16);
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_UNBIND));
    CHECK_OK(second, SQLSetStmtAttr(second, SQL_ATTR_APP_ROW_DESC, copy, 0));
    query(second, "select 3, 'three'");
    CHECK_OK(second, SQLFetch(second));
    CHECK_INT(a, 3);
    CHECK_TEXT(b, "three");

    /* Rows of one statement as parameters of another: ARD to APD, IRD to IPD. */
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("select 1::int4, 'x'::varchar(9), 1.5::numeric(7,3)"), SQL_NTS));
    SQLHDESC ipd = stmt_desc(second, SQL_ATTR_IMP_PARAM_DESC);
    CHECK_OK(second, SQLFreeStmt(second, SQL_CLOSE));
    CHECK_OK(ipd, SQLCopyDesc(ird, ipd));
    CHECK_INT(desc_number(ipd, 0, SQL_DESC_COUNT, W_S16), 3);
    CHECK_INT(desc_number(ipd, 1, SQL_DESC_CONCISE_TYPE, W_S16), SQL_INTEGER);
    CHECK_INT(desc_number(ipd, 3, SQL_DESC_PRECISION, W_S16), 7);
    CHECK_INT(desc_number(ipd, 3, SQL_DESC_SCALE, W_S16), 3);
    CHECK_INT(desc_number(ipd, 1, SQL_DESC_PARAMETER_TYPE, W_S16), SQL_PARAM_INPUT);

    CHECK_STATE(ird, SQLCopyDesc(copy, ird), "HY016");
    CHECK_OK(copy, SQLCopyDesc(copy, copy));
    CHECK_INT(SQLCopyDesc(NULL, copy), SQL_INVALID_HANDLE);
    CHECK_INT(SQLCopyDesc(copy, NULL), SQL_INVALID_HANDLE);

    /* Between connections too. */
    struct link other = link_open("");
    SQLHDESC there;
    CHECK_OK(other.dbc, SQLAllocHandle(SQL_HANDLE_DESC, other.dbc, &there));
    CHECK_OK(there, SQLCopyDesc(copy, there));
    CHECK_INT(desc_number(there, 0, SQL_DESC_COUNT, W_S16), 2);
    link_close(&other);
    free_stmt(second);
    link_close(&l);
}

/* What was read of a result binds the parameters of an insert: without a conversion by hand anywhere. */
static void rows_to_parameters(void)
{
    struct link l = link_open("");
    struct link other = link_open("");
    run(l.stmt, "create temp table a (i int, t varchar(9), n numeric(7,3)); insert into a values (7, 'seven', 7.125)");
    run(other.stmt, "create temp table b (i int, t varchar(9), n numeric(7,3))");
    SQLHDESC ird = stmt_desc(l.stmt, SQL_ATTR_IMP_ROW_DESC);
    SQLHDESC ard = stmt_desc(l.stmt, SQL_ATTR_APP_ROW_DESC);
    SQLHDESC ipd = stmt_desc(other.stmt, SQL_ATTR_IMP_PARAM_DESC);
    SQLHDESC apd = stmt_desc(other.stmt, SQL_ATTR_APP_PARAM_DESC);
    SQLINTEGER i = 0;
    char t[10] = "";
    char n[16] = "";
    SQLLEN lengths[3];
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_SLONG, &i, 0, &lengths[0]));
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 2, SQL_C_CHAR, t, sizeof t, &lengths[1]));
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 3, SQL_C_CHAR, n, sizeof n, &lengths[2]));
    query(l.stmt, "select * from a");
    CHECK_OK(apd, SQLCopyDesc(ard, apd)); /* across connections */
    CHECK_OK(ipd, SQLCopyDesc(ird, ipd));
    CHECK_INT(desc_number(ipd, 2, SQL_DESC_LENGTH, W_LEN), 9);
    CHECK_TEXT(desc_text(ipd, 2, SQL_DESC_NAME), "t");
    CHECK_INT(desc_number(ipd, 2, SQL_DESC_UNNAMED, W_S16), SQL_NAMED);
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_OK(other.stmt, SQLExecDirect(other.stmt, T("insert into b values (?, ?, ?)"), SQL_NTS));
    CHECK_TEXT(query_text(other.stmt, "select i || t || n from b"), "7seven7.125");
    link_close(&other);
    link_close(&l);
}

/* Records that were not copied begin as the target's own kind has them. */
static void beyond_the_last(void)
{
    struct link l = link_open("");
    SQLHDESC ird = stmt_desc(l.stmt, SQL_ATTR_IMP_ROW_DESC);
    SQLHDESC ard = stmt_desc(l.stmt, SQL_ATTR_APP_ROW_DESC);
    SQLHDESC ipd = stmt_desc(l.stmt, SQL_ATTR_IMP_PARAM_DESC);
    SQLHDESC copy;
    SQLINTEGER value = 0;
    CHECK_OK(l.dbc, SQLAllocHandle(SQL_HANDLE_DESC, l.dbc, &copy));
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("select 1, 2"), SQL_NTS));
    CHECK_OK(copy, SQLCopyDesc(ird, copy));
    CHECK_OK(copy, SQLSetDescField(copy, 0, SQL_DESC_COUNT, (SQLPOINTER)5, 0));
    CHECK_INT(desc_number(copy, 2, SQL_DESC_TYPE, W_S16), SQL_INTEGER);
    for (SQLSMALLINT n = 3; n <= 5; n++) {
        CHECK_INT(desc_number(copy, n, SQL_DESC_TYPE, W_S16), SQL_C_DEFAULT);
        CHECK_INT(desc_number(copy, n, SQL_DESC_CONCISE_TYPE, W_S16), SQL_C_DEFAULT);
    }
    CHECK_INT(desc_number(copy, 0, SQL_DESC_TYPE, W_S16), SQL_C_DEFAULT); /* a row has no record 0 to be copied */

    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 2, SQL_C_SLONG, &value, 0, NULL));
    CHECK_OK(ipd, SQLCopyDesc(ard, ipd));
    CHECK_OK(ipd, SQLSetDescField(ipd, 0, SQL_DESC_COUNT, (SQLPOINTER)4, 0));
    for (SQLSMALLINT n = 1; n <= 4; n++) {
        CHECK_INT(desc_number(ipd, n, SQL_DESC_PARAMETER_TYPE, W_S16), SQL_PARAM_INPUT);
        CHECK_INT(desc_number(ipd, n, SQL_DESC_NULLABLE, W_S16), SQL_NULLABLE_UNKNOWN);
        CHECK_INT(desc_number(ipd, n, SQL_DESC_UNNAMED, W_S16), SQL_UNNAMED);
    }
    CHECK_INT(desc_number(ipd, 2, SQL_DESC_TYPE, W_S16), SQL_C_SLONG);
    link_close(&l);
}

/* A statement's cursor, its state and what the server says of its text. */
static void states(void)
{
    struct link l = link_open("");
    SQLHSTMT second = new_stmt(l.dbc);
    SQLHDESC ird = stmt_desc(l.stmt, SQL_ATTR_IMP_ROW_DESC);
    SQLHDESC ard = stmt_desc(second, SQL_ATTR_APP_ROW_DESC);
    SQLLEN at_execution = SQL_DATA_AT_EXEC;
    char token = 'x';

    /* The diagnostics are the target's, also of what is wrong with the source. */
    CHECK_STATE(ard, SQLCopyDesc(ird, ard), "HY007");
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("select nothing"), SQL_NTS));
    CHECK_STATE(ard, SQLCopyDesc(ird, ard), "42S22");
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("set work_mem = '5MB'"), SQL_NTS));
    CHECK_OK(ard, SQLCopyDesc(ird, ard));
    CHECK_INT(desc_number(ard, 0, SQL_DESC_COUNT, W_S16), 0);

    /* Of a statement that waits for data nothing is given away. */
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 1, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, 10, 0, &token, 0, &at_execution));
    CHECK_RC(l.stmt, SQLExecDirect(l.stmt, T("select ?::text"), SQL_NTS), SQL_NEED_DATA);
    SQLHDESC apd = stmt_desc(second, SQL_ATTR_APP_PARAM_DESC);
    CHECK_INT(SQLCopyDesc(ird, apd), SQL_ERROR); /* unixODBC's own check, which leaves no record on the target */
    CHECK_OK(l.stmt, SQLCancel(l.stmt));
    free_stmt(second);
    link_close(&l);

    struct link d = direct_open(SQL_OV_ODBC3_80, true);
    SQLHDESC from = NULL;
    SQLHDESC to = NULL;
    CHECK_INT(DIRECT(SQLGetStmtAttr)(d.stmt, SQL_ATTR_IMP_ROW_DESC, &from, 0, NULL), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLAllocHandle)(SQL_HANDLE_DESC, d.dbc, &to), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLBindParameter)(d.stmt, 1, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, 10, 0, &token, 0, &at_execution), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLExecDirect)(d.stmt, T("select ?::text"), SQL_NTS), SQL_NEED_DATA);
    DIRECT_STATE(SQL_HANDLE_DESC, to, DIRECT(SQLCopyDesc)(from, to), "HY010");
    DIRECT_STATE(SQL_HANDLE_DESC, from, DIRECT(SQLCopyDesc)(to, from), "HY010");
    CHECK_INT(DIRECT(SQLCancel)(d.stmt), SQL_SUCCESS);
    direct_close(&d);
}

int main(void)
{
    static const struct test tests[] = {
        {"copies", copies},
        {"rows become parameters", rows_to_parameters},
        {"records beyond the last", beyond_the_last},
        {"states", states},
    };
    return run_tests("SQLCopyDesc", tests, COUNT(tests));
}
