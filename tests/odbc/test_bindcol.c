/* SPDX-License-Identifier: Apache-2.0 */
/* SQLBindCol: what is written where, truncation, unbinding, rebinding between rows, and what the descriptor says of it. */
#include "harness.h"

static SQLSMALLINT ard_count(SQLHSTMT stmt)
{
    SQLHDESC ard = SQL_NULL_HDESC;
    SQLSMALLINT count = -1;
    CHECK_OK(stmt, SQLGetStmtAttr(stmt, SQL_ATTR_APP_ROW_DESC, &ard, 0, NULL));
    CHECK_OK(ard, SQLGetDescField(ard, 0, SQL_DESC_COUNT, &count, 0, NULL));
    return count;
}

static void every_kind(void)
{
    struct link l = link_open("");
    SQLCHAR bit = 9;
    SQLSMALLINT small = 0;
    SQLINTEGER n = 0;
    SQLBIGINT big = 0;
    SQLREAL f = 0;
    SQLDOUBLE d = 0;
    char text[8];
    SQLWCHAR units[8];
    unsigned char bytes[4];
    SQL_DATE_STRUCT date;
    SQL_TIMESTAMP_STRUCT ts;
    SQLGUID guid;
    SQLLEN ind[12];
    memset(bytes, 0x55, sizeof bytes);
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_BIT, &bit, 0, &ind[0]));
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 2, SQL_C_SHORT, &small, 0, &ind[1]));
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 3, SQL_C_LONG, &n, 0, &ind[2]));
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 4, SQL_C_SBIGINT, &big, 0, &ind[3]));
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 5, SQL_C_FLOAT, &f, 0, &ind[4]));
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 6, SQL_C_DOUBLE, &d, 0, &ind[5]));
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 7, SQL_C_CHAR, text, sizeof text, &ind[6]));
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 8, SQL_C_WCHAR, units, sizeof units, &ind[7]));
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 9, SQL_C_BINARY, bytes, sizeof bytes, &ind[8]));
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 10, SQL_C_TYPE_DATE, &date, 0, &ind[9]));
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 11, SQL_C_TYPE_TIMESTAMP, &ts, 0, &ind[10]));
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 12, SQL_C_GUID, &guid, 0, &ind[11]));
    CHECK_INT(ard_count(l.stmt), 12);
    query(l.stmt, "select true, 2::int2, 3, 4::int8, 5.5::float4, 6.25::float8, 'seven', 'acht😀', '\\x09ff'::bytea, date '2026-10-11',"
                  " timestamp '2026-11-12 13:14:15.16', '00000012-0000-0000-0000-000000000000'::uuid");
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    static const SQLLEN wanted[12] = {1, 2, 4, 8, 4, 8, 5, 12, 2, sizeof date, sizeof ts, sizeof guid};
    for (size_t i = 0; i < COUNT(ind); i++) {
        CHECK_INT(ind[i], wanted[i]);
    }
    CHECK_INT(bit, 1);
    CHECK_INT(small, 2);
    CHECK_INT(n, 3);
    CHECK_INT(big, 4);
    CHECK(f == 5.5F && d == 6.25);
    CHECK_TEXT(text, "seven");
    CHECK_TEXT(narrow(units), "acht😀");
    CHECK(memcmp(bytes, "\x09\xff\x55\x55", 4) == 0);
    CHECK(date.year == 2026 && date.month == 10 && date.day == 11);
    CHECK(ts.hour == 13 && ts.fraction == 160000000);
    CHECK_INT(guid.Data1, 0x12);
    link_close(&l);
}

static void truncation(void)
{
    struct link l = link_open("");
    char text[8];
    SQLWCHAR units[8];
    SQLLEN len = 0;
    SQLLEN wlen = 0;
    SQLLEN blen = 0;
    unsigned char bytes[8];
    SQLINTEGER column = 0;
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_CHAR, text, 4, &len));
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 2, SQL_C_WCHAR, units, 9, &wlen)); /* odd: 4 units */
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 3, SQL_C_BINARY, bytes, 2, &blen));
    memset(bytes, 0x55, sizeof bytes);
    query(l.stmt, "select 'abé', 'ab😀c', '\\x010203'::bytea");
    CHECK_INFO(l.stmt, SQLFetch(l.stmt), "01004");
    CHECK_INT(len, 4); /* the full length */
    CHECK_TEXT(text, "ab"); /* é does not fit whole */
    CHECK_INT(wlen, 10);
    CHECK_TEXT(narrow(units), "ab"); /* nor does the pair */
    CHECK_INT(blen, 3);
    CHECK(memcmp(bytes, "\x01\x02\x55", 3) == 0);
    for (SQLSMALLINT i = 1; i <= 3; i++) { /* each has its record, in order */
        CHECK_OK(l.stmt, SQLGetDiagField(SQL_HANDLE_STMT, l.stmt, i, SQL_DIAG_COLUMN_NUMBER, &column, 0, NULL));
        CHECK_INT(column, i);
        CHECK_TEXT(diag_state(l.stmt, i), "01004");
    }
    /* The whole value is still there. */
    CHECK_OK(l.stmt, SQLGetData(l.stmt, 1, SQL_C_CHAR, text, sizeof text, &len));
    CHECK_TEXT(text, "abé");
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));

    /* Numbers lose a fraction, never a digit before it. */
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_UNBIND));
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_CHAR, text, 6, &len));
    query(l.stmt, "values (123.456), (12345.0), (123456.0), (-12.3456)");
    CHECK_INFO(l.stmt, SQLFetch(l.stmt), "01004");
    CHECK_TEXT(text, "123.4");
    CHECK_INT(len, 7);
    CHECK_INFO(l.stmt, SQLFetch(l.stmt), "01004");
    CHECK_TEXT(text, "12345"); /* no point at the end */
    CHECK_STATE(l.stmt, SQLFetch(l.stmt), "22003");
    CHECK_INFO(l.stmt, SQLFetch(l.stmt), "01004");
    CHECK_TEXT(text, "-12.3");
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));

    /* No room at all. */
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_CHAR, text, 0, &len));
    memcpy(text, "x", 2);
    query(l.stmt, "values ('abc')");
    CHECK_INFO(l.stmt, SQLFetch(l.stmt), "01004");
    CHECK_INT(len, 3);
    CHECK_TEXT(text, "x");
    link_close(&l);
}

static void null_values(void)
{
    struct link l = link_open("");
    SQLINTEGER n = 5;
    SQLLEN ind = 0;
    char text[8] = "xyz";
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_SLONG, &n, 0, &ind));
    query(l.stmt, "values (null::int, 'a'), (6, null)");
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_INT(ind, SQL_NULL_DATA);
    CHECK_INT(n, 5);
    /* No place to say NULL. */
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 2, SQL_C_CHAR, text, sizeof text, NULL));
    CHECK_STATE(l.stmt, SQLFetch(l.stmt), "22002");
    CHECK_TEXT(text, "xyz");
    CHECK_INT(n, 6); /* the other column arrived */
    CHECK_INT(ind, 4);
    link_close(&l);
}

/* Length and indicator in places of their own. */
static void separate_pointers(void)
{
    struct link l = link_open("");
    SQLHDESC ard = SQL_NULL_HDESC;
    char text[8];
    SQLLEN length = 77;
    SQLLEN indicator = 77;
    CHECK_OK(l.stmt, SQLGetStmtAttr(l.stmt, SQL_ATTR_APP_ROW_DESC, &ard, 0, NULL));
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_CHAR, text, sizeof text, NULL));
    CHECK_OK(ard, SQLSetDescField(ard, 1, SQL_DESC_OCTET_LENGTH_PTR, &length, 0));
    CHECK_OK(ard, SQLSetDescField(ard, 1, SQL_DESC_INDICATOR_PTR, &indicator, 0));
    query(l.stmt, "values ('abc'), (null)");
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_INT(length, 3);
    CHECK_INT(indicator, 0);
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_INT(length, 3);
    CHECK_INT(indicator, SQL_NULL_DATA);
    link_close(&l);
}

/* A NULL target with an indicator: the length alone. Neither: unbound. */
static void length_only_and_unbinding(void)
{
    struct link l = link_open("");
    SQLINTEGER n = 0;
    SQLLEN length = 77;
    char text[8] = "";
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_CHAR, NULL, 0, &length));
    query(l.stmt, "values ('abc', 1, 'x'), (null, 2, 'y'), ('defg', 3, 'z')");
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_INT(length, 3);
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_INT(length, SQL_NULL_DATA);

    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 2, SQL_C_SLONG, &n, 0, NULL));
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 3, SQL_C_CHAR, text, sizeof text, NULL));
    CHECK_INT(ard_count(l.stmt), 3);
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 2, SQL_C_SLONG, NULL, 0, NULL)); /* in the middle: the count stays */
    CHECK_INT(ard_count(l.stmt), 3);
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_INT(n, 0);
    CHECK_TEXT(text, "z");
    CHECK_INT(length, 4);
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 3, SQL_C_CHAR, NULL, 0, NULL)); /* the last: down to the next bound one */
    CHECK_INT(ard_count(l.stmt), 1); /* whose length alone is bound */
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    query(l.stmt, "values ('abcde')");
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_INT(length, 5);
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_UNBIND));
    CHECK_INT(ard_count(l.stmt), 0);
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 9, SQL_C_SLONG, NULL, 0, NULL)); /* nothing to unbind */
    CHECK_INT(ard_count(l.stmt), 0);
    link_close(&l);
}

/* New bindings count from the next fetch on; so do moved ones. */
static void rebinding(void)
{
    struct link l = link_open("");
    SQLINTEGER n = 0;
    SQLDOUBLE d = 0;
    SQLINTEGER pair[2] = {0, 0};
    SQLLEN offset = 0;
    query(l.stmt, "select generate_series(1, 6)");
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_SLONG, &n, 0, NULL));
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_INT(n, 1);
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_DOUBLE, &d, 0, NULL));
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK(n == 1 && d == 2);
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_SLONG, pair, 0, NULL));
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_ROW_BIND_OFFSET_PTR, &offset, 0));
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    offset = sizeof pair[0]; /* read at each fetch */
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK(pair[0] == 3 && pair[1] == 4);
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_ROW_BIND_OFFSET_PTR, NULL, 0));
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK(pair[0] == 5 && pair[1] == 4);
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_UNBIND));
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_INT(pair[0], 5);
    link_close(&l);
}

/* Bindings live longer than results: the next result may have other types, and fewer columns is an error of the fetch. */
static void across_results(void)
{
    struct link l = link_open("");
    SQLINTEGER n = 0;
    char text[16] = "";
    SQLLEN length = 0;
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_SLONG, &n, 0, NULL));
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 2, SQL_C_CHAR, text, sizeof text, &length));
    static const char *const results[] = {"select 1, 2", "select '1', date '2026-01-02'", "select 1::int8, 'pg_class'::regclass", "select 1.0, 3.50, 4"};
    static const char *const texts[] = {"2", "2026-01-02", "pg_class", "3.50"};
    for (size_t i = 0; i < COUNT(results); i++) {
        n = 0;
        query(l.stmt, results[i]);
        CHECK_OK(l.stmt, SQLFetch(l.stmt));
        CHECK_INT(n, 1);
        CHECK_TEXT(text, texts[i]);
        CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    }
    query(l.stmt, "select 1");
    CHECK_STATE(l.stmt, SQLFetch(l.stmt), "07009");
    CHECK_CONTAINS(diag_message(l.stmt, 1), "Column 2");
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));

    /* A pair that ODBC does not allow is an error of the fetch as well. */
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_UNBIND));
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_TYPE_DATE, text, 0, NULL));
    query(l.stmt, "select 1");
    CHECK_STATE(l.stmt, SQLFetch(l.stmt), "07006");
    CHECK_CONTAINS(diag_message(l.stmt, 1), "int4");
    link_close(&l);
}

/* A column bound that the result does not have: the fetch fails, and has not moved. */
static void beyond_the_result(void)
{
    struct link l = link_open("");
    SQLINTEGER n = 0;
    SQLINTEGER m = 0;
    SQLULEN row = 0;
    query(l.stmt, "select generate_series(1, 6)");
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_SLONG, &n, 0, NULL));
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 2, SQL_C_SLONG, &m, 0, NULL));
    CHECK_STATE(l.stmt, SQLFetch(l.stmt), "07009");
    CHECK_OK(l.stmt, SQLGetStmtAttr(l.stmt, SQL_ATTR_ROW_NUMBER, &row, 0, NULL));
    CHECK_INT(row, 2);
    CHECK_OK(l.stmt, SQLGetData(l.stmt, 1, SQL_C_SLONG, &m, 0, NULL));
    CHECK_INT(m, 2);
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 2, SQL_C_SLONG, NULL, 0, NULL));
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_INT(n, 3);
    CHECK_OK(l.stmt, SQLGetStmtAttr(l.stmt, SQL_ATTR_ROW_NUMBER, &row, 0, NULL));
    CHECK_INT(row, 3);
    link_close(&l);
}

static void wrong_arguments(void)
{
    struct link l = link_open("");
    SQLINTEGER n = 0;
    CHECK_STATE(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_CHAR, &n, -1, NULL), "HY090");
    CHECK_STATE(l.stmt, SQLBindCol(l.stmt, 1, 4711, &n, 0, NULL), "HY003");
    CHECK_STATE(l.stmt, SQLBindCol(l.stmt, 1, SQL_ARD_TYPE, &n, 0, NULL), "HY003");
    CHECK_STATE(l.stmt, SQLBindCol(l.stmt, 40000, SQL_C_SLONG, &n, 0, NULL), "07009");
    CHECK_INT(ard_count(l.stmt), 0);
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 0, SQL_C_VARBOOKMARK, &n, sizeof n, NULL)); /* bookmarks may still be switched on */
    CHECK_INT(ard_count(l.stmt), 0);
    query(l.stmt, "select 1");
    CHECK_STATE(l.stmt, SQLFetch(l.stmt), "07009");
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 0, SQL_C_VARBOOKMARK, NULL, 0, NULL));
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_INT(SQLBindCol(SQL_NULL_HSTMT, 1, SQL_C_SLONG, &n, 0, NULL), SQL_INVALID_HANDLE);
    link_close(&l);
}

/* What SQLBindCol leaves in the descriptor, and that the descriptor alone binds as well. */
static void descriptor(void)
{
    struct link l = link_open("");
    SQLHDESC ard = SQL_NULL_HDESC;
    SQLSMALLINT type = 0;
    SQLSMALLINT precision = 0;
    SQLPOINTER data = NULL;
    SQLLEN octets = 0;
    SQLLEN *lengths = NULL;
    char text[10];
    SQLLEN length = 0;
    CHECK_OK(l.stmt, SQLGetStmtAttr(l.stmt, SQL_ATTR_APP_ROW_DESC, &ard, 0, NULL));
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_CHAR, text, sizeof text, &length));
    CHECK_OK(ard, SQLGetDescField(ard, 1, SQL_DESC_CONCISE_TYPE, &type, 0, NULL));
    CHECK_INT(type, SQL_C_CHAR);
    CHECK_OK(ard, SQLGetDescField(ard, 1, SQL_DESC_OCTET_LENGTH, &octets, 0, NULL));
    CHECK_INT(octets, 10);
    CHECK_OK(ard, SQLGetDescField(ard, 1, SQL_DESC_DATA_PTR, &data, 0, NULL));
    CHECK(data == text);
    CHECK_OK(ard, SQLGetDescField(ard, 1, SQL_DESC_INDICATOR_PTR, &lengths, 0, NULL));
    CHECK(lengths == &length);
    CHECK_OK(ard, SQLGetDescField(ard, 1, SQL_DESC_OCTET_LENGTH_PTR, &lengths, 0, NULL));
    CHECK(lengths == &length);
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 2, SQL_C_TYPE_TIMESTAMP, text, 0, NULL));
    CHECK_OK(ard, SQLGetDescField(ard, 2, SQL_DESC_TYPE, &type, 0, NULL));
    CHECK_INT(type, SQL_DATETIME);
    CHECK_OK(ard, SQLGetDescField(ard, 2, SQL_DESC_PRECISION, &precision, 0, NULL));
    CHECK_INT(precision, 6);
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_UNBIND));

    CHECK_OK(ard, SQLSetDescRec(ard, 1, SQL_C_CHAR, 0, sizeof text, 0, 0, text, &length, &length));
    query(l.stmt, "select 'bound'");
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_TEXT(text, "bound");
    CHECK_INT(length, 5);
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));

    /* An explicit descriptor serves two statements. */
    SQLHDESC shared = SQL_NULL_HDESC;
    SQLHSTMT other = new_stmt(l.dbc);
    CHECK_OK(l.dbc, SQLAllocHandle(SQL_HANDLE_DESC, l.dbc, &shared));
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_APP_ROW_DESC, shared, 0));
    CHECK_OK(other, SQLSetStmtAttr(other, SQL_ATTR_APP_ROW_DESC, shared, 0));
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_CHAR, text, sizeof text, &length));
    query(other, "select 'other'");
    CHECK_OK(other, SQLFetch(other));
    CHECK_TEXT(text, "other");
    query(l.stmt, "select 'first'");
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_TEXT(text, "first");
    /* Freed while in use: back to the implicit ones, where column 1 is bound by SQLSetDescRec on the first alone. */
    CHECK_OK(shared, SQLFreeHandle(SQL_HANDLE_DESC, shared));
    memcpy(text, "x", 2);
    CHECK_RC(other, SQLFetch(other), SQL_NO_DATA);
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    query(l.stmt, "select 'again'");
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_TEXT(text, "again");
    free_stmt(other);
    link_close(&l);
}

/* Interval structures: ODBC's default for the leading field is two digits, and the descriptor can say more. */
static void interval_precision(void)
{
    struct link l = link_open("");
    SQLHDESC ard = SQL_NULL_HDESC;
    SQL_INTERVAL_STRUCT i;
    CHECK_OK(l.stmt, SQLGetStmtAttr(l.stmt, SQL_ATTR_APP_ROW_DESC, &ard, 0, NULL));
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_INTERVAL_DAY_TO_SECOND, &i, 0, NULL));
    query(l.stmt, "select d * interval '1 day' + interval '0.123456 sec' from (values (99), (100), (100)) v (d)");
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK(i.intval.day_second.day == 99 && i.intval.day_second.fraction == 123456);
    CHECK_STATE(l.stmt, SQLFetch(l.stmt), "22015");
    CHECK_OK(ard, SQLSetDescField(ard, 1, SQL_DESC_DATETIME_INTERVAL_PRECISION, (SQLPOINTER)3, 0));
    CHECK_OK(ard, SQLSetDescField(ard, 1, SQL_DESC_PRECISION, (SQLPOINTER)3, 0));
    CHECK_OK(ard, SQLSetDescField(ard, 1, SQL_DESC_DATA_PTR, &i, 0));
    CHECK_INFO(l.stmt, SQLFetch(l.stmt), "01S07"); /* three digits of six */
    CHECK(i.intval.day_second.day == 100 && i.intval.day_second.fraction == 123);
    link_close(&l);
}

int main(void)
{
    static const struct test tests[] = {
        {"every kind", every_kind},
        {"truncation", truncation},
        {"NULL", null_values},
        {"length and indicator apart", separate_pointers},
        {"length only, unbinding", length_only_and_unbinding},
        {"rebinding", rebinding},
        {"across results", across_results},
        {"columns beyond the result", beyond_the_result},
        {"wrong arguments", wrong_arguments},
        {"the descriptor", descriptor},
        {"interval precision", interval_precision},
    };
    return run_tests("SQLBindCol", tests, COUNT(tests));
}
