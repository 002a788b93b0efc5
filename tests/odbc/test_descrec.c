/* SPDX-License-Identifier: Apache-2.0 */
/* SQLGetDescRec and SQLSetDescRec: a record at once, all of it or nothing. */
#include "desc.h"
#include "direct.h"

/* ---- SQLGetDescRec ------------------------------------------------------------------------------------------------- */

static void read_row(void)
{
    struct link l = link_open("");
    SQLHDESC ird = stmt_desc(l.stmt, SQL_ATTR_IMP_ROW_DESC);
    SQLCHAR name[64];
    SQLWCHAR wname[64];
    SQLSMALLINT length = 0;
    SQLSMALLINT type = 0;
    SQLSMALLINT code = -7;
    SQLSMALLINT precision = 0;
    SQLSMALLINT scale = 0;
    SQLSMALLINT nullable = 0;
    SQLLEN octets = 0;
    CHECK_STATE(ird, SQLGetDescRec(ird, 1, NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL), "HY007");
    run(l.stmt, "create temp table t (\"Amoünt\" numeric(9,2), t timestamp(3) not null, iv interval day to second(2))");
    for (int executed = 0; executed < 2; executed++) {
        CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("select * from t"), SQL_NTS));
        if (executed) {
            CHECK_OK(l.stmt, SQLExecute(l.stmt));
        }
        CHECK_OK(ird, SQLGetDescRec(ird, 1, name, sizeof name, &length, &type, &code, &octets, &precision, &scale, &nullable));
        CHECK_TEXT(name, "Amoünt");
        CHECK_INT(length, 7);
        CHECK_INT(type, SQL_NUMERIC);
        CHECK_INT(code, -7); /* says something of dates and intervals only */
        CHECK_INT(octets, 11);
        CHECK_INT(precision, 9);
        CHECK_INT(scale, 2);
        CHECK_INT(nullable, SQL_NULLABLE);
        CHECK_OK(ird, SQLGetDescRec(ird, 2, NULL, 0, NULL, &type, &code, NULL, &precision, NULL, &nullable));
        CHECK_INT(type, SQL_DATETIME);
        CHECK_INT(code, SQL_CODE_TIMESTAMP);
        CHECK_INT(precision, 3);
        CHECK_INT(nullable, SQL_NO_NULLS);
        CHECK_OK(ird, SQLGetDescRec(ird, 3, NULL, 0, NULL, &type, &code, NULL, NULL, NULL, NULL));
        CHECK_INT(type, SQL_INTERVAL);
        CHECK_INT(code, SQL_CODE_DAY_TO_SECOND);
        code = -7;

        /* Short, NULL, none; the full length in any case, in characters of the width. */
        CHECK_INFO(ird, SQLGetDescRec(ird, 1, name, 5, &length, &type, NULL, NULL, NULL, NULL, NULL), "01004");
        CHECK_TEXT(name, "Amo");
        CHECK_INT(length, 7);
        CHECK_INT(type, SQL_NUMERIC);
        CHECK_OK(ird, SQLGetDescRec(ird, 1, NULL, 0, &length, NULL, NULL, NULL, NULL, NULL, NULL));
        CHECK_INT(length, 7);
        CHECK_OK(ird, SQLGetDescRecW(ird, 1, wname, 7, &length, NULL, NULL, NULL, NULL, NULL, NULL));
        CHECK_TEXT(narrow(wname), "Amoünt");
        CHECK_INT(length, 6);
        CHECK_INFO(ird, SQLGetDescRecW(ird, 1, wname, 4, &length, NULL, NULL, NULL, NULL, NULL, NULL), "01004");
        CHECK_TEXT(narrow(wname), "Amo");
        CHECK_INT(length, 6);
        CHECK_OK(ird, SQLGetDescRec(ird, 1, NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL));
        CHECK_STATE(ird, SQLGetDescRec(ird, 1, name, -1, &length, NULL, NULL, NULL, NULL, NULL, NULL), "HY090");

        type = -7;
        CHECK_RC(ird, SQLGetDescRec(ird, 4, name, sizeof name, &length, &type, NULL, NULL, NULL, NULL, NULL), SQL_NO_DATA);
        CHECK_INT(type, -7);
        CHECK_STATE(ird, SQLGetDescRec(ird, 0, NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL), "07009");
        CHECK_STATE(ird, SQLGetDescRec(ird, -1, NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL), "07009");
        CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    }
    /* While rows are coming in it does not look up what is not known: nobody stores them all for that. */
    struct link fresh = link_open("");
    SQLHDESC rows = stmt_desc(fresh.stmt, SQL_ATTR_IMP_ROW_DESC);
    query(fresh.stmt, "select a.relname from pg_class a, pg_class b, pg_class c limit 300000");
    CHECK_OK(rows, SQLGetDescRec(rows, 1, name, sizeof name, NULL, NULL, NULL, NULL, NULL, NULL, &nullable));
    CHECK_TEXT(name, "relname");
    CHECK_INT(nullable, SQL_NULLABLE_UNKNOWN);
    CHECK_INT(desc_number(rows, 1, SQL_DESC_NULLABLE, W_S16), SQL_NO_NULLS); /* asked for by name it is answered */
    CHECK_OK(rows, SQLGetDescRec(rows, 1, name, sizeof name, NULL, NULL, NULL, NULL, NULL, NULL, &nullable));
    CHECK_INT(nullable, SQL_NO_NULLS);
    link_close(&fresh);
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("delete from t"), SQL_NTS));
    CHECK_RC(ird, SQLGetDescRec(ird, 1, NULL, 0, NULL, &type, NULL, NULL, NULL, NULL, NULL), SQL_NO_DATA);
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("select nothing"), SQL_NTS));
    CHECK_STATE(ird, SQLGetDescRec(ird, 1, NULL, 0, NULL, &type, NULL, NULL, NULL, NULL, NULL), "42S22");
    link_close(&l);
}

static void read_others(void)
{
    struct link l = link_open("");
    SQLHDESC ard = stmt_desc(l.stmt, SQL_ATTR_APP_ROW_DESC);
    SQLHDESC apd = stmt_desc(l.stmt, SQL_ATTR_APP_PARAM_DESC);
    SQLHDESC ipd = stmt_desc(l.stmt, SQL_ATTR_IMP_PARAM_DESC);
    SQLSMALLINT type = 0;
    SQLSMALLINT length = -1;
    SQLLEN octets = 0;
    char text[9] = "";
    CHECK_RC(ard, SQLGetDescRec(ard, 1, NULL, 0, NULL, &type, NULL, NULL, NULL, NULL, NULL), SQL_NO_DATA);
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 2, SQL_C_CHAR, text, sizeof text, NULL));
    CHECK_OK(ard, SQLGetDescRec(ard, 2, T(text), sizeof text, &length, &type, NULL, &octets, NULL, NULL, NULL));
    CHECK_INT(type, SQL_C_CHAR);
    CHECK_INT(octets, 9);
    CHECK_INT(length, 0);
    CHECK_OK(ard, SQLGetDescRec(ard, 1, NULL, 0, NULL, &type, NULL, NULL, NULL, NULL, NULL));
    CHECK_INT(type, SQL_C_DEFAULT);
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("select ?::numeric"), SQL_NTS));
    CHECK_OK(ipd, SQLGetDescRec(ipd, 1, NULL, 0, NULL, &type, NULL, NULL, NULL, NULL, NULL)); /* from the server */
    CHECK_INT(type, SQL_NUMERIC);
    CHECK_STATE(ipd, SQLGetDescRec(ipd, 0, NULL, 0, NULL, &type, NULL, NULL, NULL, NULL, NULL), "07009");
    CHECK_RC(apd, SQLGetDescRec(apd, 1, NULL, 0, NULL, &type, NULL, NULL, NULL, NULL, NULL), SQL_NO_DATA);
    link_close(&l);

    /* psqlODBC crashed on the first; the driver manager refuses it nowadays. */
    struct link d = direct_open(SQL_OV_ODBC3_80, true);
    SQLHDESC ird = NULL;
    CHECK_INT(DIRECT(SQLGetStmtAttr)(d.stmt, SQL_ATTR_IMP_ROW_DESC, &ird, 0, NULL), SQL_SUCCESS);
    DIRECT_STATE(SQL_HANDLE_DESC, ird, DIRECT(SQLGetDescRec)(ird, 1, NULL, 0, NULL, &type, NULL, NULL, NULL, NULL, NULL), "HY007");
    CHECK_INT(DIRECT(SQLExecDirect)(d.stmt, T("select 1"), SQL_NTS), SQL_SUCCESS);
    DIRECT_STATE(SQL_HANDLE_DESC, ird, DIRECT(SQLGetDescRec)(ird, -1, NULL, 0, NULL, &type, NULL, NULL, NULL, NULL, NULL), "07009");
    DIRECT_STATE(SQL_HANDLE_DESC, ird, DIRECT(SQLGetDescRec)(ird, -32768, NULL, 0, NULL, &type, NULL, NULL, NULL, NULL, NULL), "07009");
    CHECK_INT(DIRECT(SQLGetDescRec)(ird, 32767, NULL, 0, NULL, &type, NULL, NULL, NULL, NULL, NULL), SQL_NO_DATA);
    DIRECT_STATE(SQL_HANDLE_DESC, ird, DIRECT(SQLGetDescRec)(ird, 1, T(text), -1, NULL, NULL, NULL, NULL, NULL, NULL, NULL), "HY090");
    direct_close(&d);
}

/* ---- SQLSetDescRec ------------------------------------------------------------------------------------------------- */

static void write_record(void)
{
    struct link l = link_open("");
    SQLHDESC ard = stmt_desc(l.stmt, SQL_ATTR_APP_ROW_DESC);
    SQLHDESC apd = stmt_desc(l.stmt, SQL_ATTR_APP_PARAM_DESC);
    SQLHDESC ipd = stmt_desc(l.stmt, SQL_ATTR_IMP_PARAM_DESC);
    SQLHDESC ird = stmt_desc(l.stmt, SQL_ATTR_IMP_ROW_DESC);
    SQLINTEGER value = 0;
    SQLINTEGER parameter = 98;
    SQLLEN indicator = 0;
    SQL_NUMERIC_STRUCT number;
    SQL_INTERVAL_STRUCT interval;

    /* A parameter goes out and a column comes back, bound by descriptors alone. */
    CHECK_OK(ipd, SQLSetDescRec(ipd, 1, SQL_INTEGER, 0, 0, 0, 0, NULL, NULL, NULL));
    CHECK_OK(apd, SQLSetDescRec(apd, 1, SQL_C_SLONG, 0, 0, 0, 0, &parameter, &indicator, &indicator));
    CHECK_OK(ard, SQLSetDescRec(ard, 1, SQL_C_SLONG, 0, 4, 0, 0, &value, &indicator, &indicator));
    query(l.stmt, "select ? + 1");
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_INT(value, 99);
    CHECK_INT(indicator, 4);
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));

    /* Precision and scale, and the interval code, are this record's. */
    CHECK_OK(ard, SQLSetDescRec(ard, 1, SQL_C_NUMERIC, 0, sizeof number, 10, 2, &number, NULL, NULL));
    CHECK_OK(ard, SQLSetDescRec(ard, 2, SQL_INTERVAL, SQL_CODE_SECOND, sizeof interval, 3, 0, &interval, NULL, NULL));
    CHECK_INT(desc_number(ard, 2, SQL_DESC_CONCISE_TYPE, W_S16), SQL_C_INTERVAL_SECOND);
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_RESET_PARAMS));
    query(l.stmt, "select 12.5, interval '7.25 seconds'");
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_INT(number.scale, 2);
    CHECK_INT(number.val[0] | number.val[1] << 8, 1250);
    CHECK_INT(interval.intval.day_second.second, 7);
    CHECK_INT(interval.intval.day_second.fraction, 250);
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));

    /* What is wrong changes nothing. */
    CHECK_STATE(ard, SQLSetDescRec(ard, 1, 4711, 0, 4, 0, 0, &value, NULL, NULL), "HY021");
    CHECK_STATE(ard, SQLSetDescRec(ard, 1, SQL_DATETIME, 99, 4, 0, 0, &value, NULL, NULL), "HY021");
    CHECK_STATE(ard, SQLSetDescRec(ard, 1, SQL_C_TYPE_DATE, 0, 6, 0, 0, &value, NULL, NULL), "HY021"); /* concise, and so no SQL_DESC_TYPE */
    CHECK_STATE(ard, SQLSetDescRec(ard, 1, SQL_C_NUMERIC, 0, 19, 50, 0, &value, NULL, NULL), "HY021");
    CHECK_STATE(ard, SQLSetDescRec(ard, 9, SQL_C_NUMERIC, 0, 19, 50, 0, &value, NULL, NULL), "HY021");
    CHECK_STATE(ard, SQLSetDescRec(ard, 1, SQL_C_CHAR, 0, -1, 0, 0, &value, NULL, NULL), "HY090");
    CHECK_STATE(ard, SQLSetDescRec(ard, -1, SQL_C_SLONG, 0, 4, 0, 0, &value, NULL, NULL), "07009");
    CHECK_STATE(ard, SQLSetDescRec(ard, 0, SQL_C_SLONG, 0, 4, 0, 0, &value, NULL, NULL), "HYC00"); /* a bookmark */
    CHECK_STATE(ipd, SQLSetDescRec(ipd, 0, SQL_INTEGER, 0, 4, 0, 0, NULL, NULL, NULL), "07009");
    CHECK_STATE(ipd, SQLSetDescRec(ipd, 1, SQL_C_SBIGINT, 0, 4, 0, 0, NULL, NULL, NULL), "HY021"); /* a C type is no SQL type */
    CHECK_STATE(ird, SQLSetDescRec(ird, 1, SQL_INTEGER, 0, 4, 0, 0, NULL, NULL, NULL), "HY016");
    CHECK_INT(desc_number(ard, 1, SQL_DESC_CONCISE_TYPE, W_S16), SQL_C_NUMERIC);
    CHECK_INT(desc_number(ard, 0, SQL_DESC_COUNT, W_S16), 2);
    link_close(&l);
}

/* A refused record of the IPD keeps the strings that came from the server with it. */
static void refused_parameter(void)
{
    struct link l = link_open("");
    SQLHDESC ipd = stmt_desc(l.stmt, SQL_ATTR_IMP_PARAM_DESC);
    SQLHDESC copy;
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("select ?::numeric"), SQL_NTS));
    CHECK_TEXT(desc_text(ipd, 1, SQL_DESC_TYPE_NAME), "numeric");
    CHECK_STATE(ipd, SQLSetDescRec(ipd, 1, SQL_NUMERIC, 0, 4, -5, 0, NULL, NULL, NULL), "HY021");
    CHECK_TEXT(desc_text(ipd, 1, SQL_DESC_TYPE_NAME), "numeric");
    CHECK_OK(l.dbc, SQLAllocHandle(SQL_HANDLE_DESC, l.dbc, &copy));
    CHECK_OK(copy, SQLCopyDesc(ipd, copy));
    CHECK_STATE(copy, SQLSetDescRec(copy, 1, SQL_C_NUMERIC, 0, 19, 39, 0, &l, NULL, NULL), "HY021");
    CHECK_OK(ipd, SQLCopyDesc(copy, ipd));
    CHECK_TEXT(desc_text(ipd, 1, SQL_DESC_TYPE_NAME), "numeric");
    link_close(&l);
}

/* Without data a record is unbound, and is what it was said to be when data comes later. */
static void data_later(void)
{
    struct link l = link_open("");
    SQLHDESC ard = stmt_desc(l.stmt, SQL_ATTR_APP_ROW_DESC);
    SQLSMALLINT small[2] = {77, 77};
    CHECK_OK(ard, SQLSetDescRec(ard, 2, SQL_C_SSHORT, 0, 2, 0, 0, NULL, NULL, NULL));
    CHECK_INT(desc_number(ard, 0, SQL_DESC_COUNT, W_S16), 0);
    query(l.stmt, "select 1, 2");
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_INT(small[0], 77);
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    CHECK_OK(ard, SQLSetDescField(ard, 2, SQL_DESC_DATA_PTR, small, 0));
    query(l.stmt, "select 1, 2");
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_INT(small[0], 2);
    CHECK_INT(small[1], 77); /* two bytes, not the four of SQL_C_DEFAULT */
    link_close(&l);
}

int main(void)
{
    static const struct test tests[] = {
        {"records of rows", read_row},
        {"records of the others", read_others},
        {"setting a record", write_record},
        {"a refused parameter", refused_parameter},
        {"data later", data_later},
    };
    return run_tests("SQLGetDescRec and SQLSetDescRec", tests, COUNT(tests));
}
