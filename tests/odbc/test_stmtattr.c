/* SPDX-License-Identifier: Apache-2.0 */
/* SQLGetStmtAttr and SQLSetStmtAttr: defaults, values kept, refused and replaced, widths, and what depends on what. */
#include "desc.h"

static const struct {
    const char *name;
    SQLINTEGER id;
    SQLULEN value;
} defaults[] = {
    {"QUERY_TIMEOUT", SQL_ATTR_QUERY_TIMEOUT, 0},
    {"MAX_ROWS", SQL_ATTR_MAX_ROWS, 0},
    {"NOSCAN", SQL_ATTR_NOSCAN, SQL_NOSCAN_OFF},
    {"MAX_LENGTH", SQL_ATTR_MAX_LENGTH, 0},
    {"ASYNC_ENABLE", SQL_ATTR_ASYNC_ENABLE, SQL_ASYNC_ENABLE_OFF},
    {"ROW_BIND_TYPE", SQL_ATTR_ROW_BIND_TYPE, SQL_BIND_BY_COLUMN},
    {"CURSOR_TYPE", SQL_ATTR_CURSOR_TYPE, SQL_CURSOR_FORWARD_ONLY},
    {"CONCURRENCY", SQL_ATTR_CONCURRENCY, SQL_CONCUR_READ_ONLY},
    {"KEYSET_SIZE", SQL_ATTR_KEYSET_SIZE, 0},
    {"ROWSET_SIZE", SQL_ROWSET_SIZE, 1},
    {"SIMULATE_CURSOR", SQL_ATTR_SIMULATE_CURSOR, SQL_SC_NON_UNIQUE},
    {"RETRIEVE_DATA", SQL_ATTR_RETRIEVE_DATA, SQL_RD_ON},
    {"USE_BOOKMARKS", SQL_ATTR_USE_BOOKMARKS, SQL_UB_OFF},
    {"ENABLE_AUTO_IPD", SQL_ATTR_ENABLE_AUTO_IPD, SQL_TRUE},
    {"FETCH_BOOKMARK_PTR", SQL_ATTR_FETCH_BOOKMARK_PTR, 0},
    {"PARAM_BIND_OFFSET_PTR", SQL_ATTR_PARAM_BIND_OFFSET_PTR, 0},
    {"PARAM_BIND_TYPE", SQL_ATTR_PARAM_BIND_TYPE, SQL_PARAM_BIND_BY_COLUMN},
    {"PARAM_OPERATION_PTR", SQL_ATTR_PARAM_OPERATION_PTR, 0},
    {"PARAM_STATUS_PTR", SQL_ATTR_PARAM_STATUS_PTR, 0},
    {"PARAMS_PROCESSED_PTR", SQL_ATTR_PARAMS_PROCESSED_PTR, 0},
    {"PARAMSET_SIZE", SQL_ATTR_PARAMSET_SIZE, 1},
    {"ROW_BIND_OFFSET_PTR", SQL_ATTR_ROW_BIND_OFFSET_PTR, 0},
    {"ROW_OPERATION_PTR", SQL_ATTR_ROW_OPERATION_PTR, 0},
    {"ROW_STATUS_PTR", SQL_ATTR_ROW_STATUS_PTR, 0},
    {"ROWS_FETCHED_PTR", SQL_ATTR_ROWS_FETCHED_PTR, 0},
    {"ROW_ARRAY_SIZE", SQL_ATTR_ROW_ARRAY_SIZE, 1},
    {"METADATA_ID", SQL_ATTR_METADATA_ID, SQL_FALSE},
    {"CURSOR_SCROLLABLE", SQL_ATTR_CURSOR_SCROLLABLE, SQL_NONSCROLLABLE},
};

static SQLULEN stmt_attr(SQLHSTMT stmt, SQLINTEGER id)
{
    SQLULEN value[2];
    memset(value, 0xAA, sizeof value);
    CHECK_OK(stmt, SQLGetStmtAttr(stmt, id, value, 0, NULL));
    CHECK(value[1] == (SQLULEN)0xAAAAAAAAAAAAAAAA); /* exactly eight bytes */
    return value[0];
}

#define SET(attr, value) SQLSetStmtAttr(l.stmt, attr, (SQLPOINTER)(intptr_t)(value), 0)

static void statement_attributes(void)
{
    struct link l = link_open("");
    for (size_t i = 0; i < COUNT(defaults); i++) {
        check_int((int64_t)stmt_attr(l.stmt, defaults[i].id), (int64_t)defaults[i].value, defaults[i].name, __FILE__, __LINE__);
    }
    SQLHDESC descs[4];
    for (SQLINTEGER i = 0; i < 4; i++) {
        descs[i] = stmt_desc(l.stmt, SQL_ATTR_APP_ROW_DESC + i);
        CHECK(descs[i] != NULL && (i == 0 || descs[i] != descs[i - 1]));
    }

    /* Plain values stay. */
    static const struct {
        SQLINTEGER id;
        intptr_t value;
    } plain[] = {
        {SQL_ATTR_QUERY_TIMEOUT, 30}, {SQL_ATTR_MAX_ROWS, 5000000000}, {SQL_ATTR_NOSCAN, SQL_NOSCAN_ON}, {SQL_ATTR_MAX_LENGTH, 17},
        {SQL_ATTR_ROW_BIND_TYPE, 48}, {SQL_ROWSET_SIZE, 9}, {SQL_ATTR_RETRIEVE_DATA, SQL_RD_OFF}, {SQL_ATTR_PARAMSET_SIZE, 100},
        {SQL_ATTR_ROW_ARRAY_SIZE, 1000}, {SQL_ATTR_METADATA_ID, SQL_TRUE}, {SQL_ATTR_ENABLE_AUTO_IPD, SQL_FALSE}, {SQL_ATTR_PARAM_BIND_TYPE, 24},
        {SQL_ATTR_ROW_STATUS_PTR, 0x1000}, {SQL_ATTR_PARAM_STATUS_PTR, 0x2000}, {SQL_ATTR_ROWS_FETCHED_PTR, 0x3000},
        {SQL_ATTR_PARAMS_PROCESSED_PTR, 0x4000}, {SQL_ATTR_ROW_BIND_OFFSET_PTR, 0x5000}, {SQL_ATTR_PARAM_BIND_OFFSET_PTR, 0x6000},
        {SQL_ATTR_ROW_OPERATION_PTR, 0x7000}, {SQL_ATTR_PARAM_OPERATION_PTR, 0x8000},
    };
    for (size_t i = 0; i < COUNT(plain); i++) {
        CHECK_OK(l.stmt, SET(plain[i].id, plain[i].value));
        CHECK_INT(stmt_attr(l.stmt, plain[i].id), plain[i].value);
    }
    /* They are descriptor fields. */
    SQLPOINTER pointer = NULL;
    CHECK_INT(desc_number(descs[0], 0, SQL_DESC_ARRAY_SIZE, W_LEN), 1000);
    CHECK_INT(desc_number(descs[1], 0, SQL_DESC_ARRAY_SIZE, W_LEN), 100);
    CHECK_INT(desc_number(descs[0], 0, SQL_DESC_BIND_TYPE, W_S32), 48);
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("select 1"), SQL_NTS)); /* else the driver manager shows nothing of an IRD */
    CHECK_OK(descs[2], SQLGetDescField(descs[2], 0, SQL_DESC_ARRAY_STATUS_PTR, &pointer, 0, NULL));
    CHECK((intptr_t)pointer == 0x1000);
    CHECK_OK(descs[3], SQLGetDescField(descs[3], 0, SQL_DESC_ROWS_PROCESSED_PTR, &pointer, 0, NULL));
    CHECK((intptr_t)pointer == 0x4000);
    link_close(&l);

    /* Values that cannot be. */
    l = link_open("");
    CHECK_STATE(l.stmt, SET(SQL_ATTR_ROW_ARRAY_SIZE, 0), "HY024");
    CHECK_STATE(l.stmt, SET(SQL_ATTR_PARAMSET_SIZE, 0), "HY024");
    CHECK_STATE(l.stmt, SET(SQL_ROWSET_SIZE, 0), "HY024");
    CHECK_STATE(l.stmt, SET(SQL_ATTR_NOSCAN, 2), "HY024");
    CHECK_STATE(l.stmt, SET(SQL_ATTR_RETRIEVE_DATA, 2), "HY024");
    CHECK_STATE(l.stmt, SET(SQL_ATTR_METADATA_ID, 2), "HY024");
    CHECK_STATE(l.stmt, SET(SQL_ATTR_CURSOR_TYPE, 4), "HY024");
    CHECK_STATE(l.stmt, SET(SQL_ATTR_CONCURRENCY, 0), "HY024");
    CHECK_STATE(l.stmt, SET(SQL_ATTR_CURSOR_SCROLLABLE, 2), "HY024");
    CHECK_STATE(l.stmt, SET(SQL_ATTR_CURSOR_SENSITIVITY, 3), "HY024");
    CHECK_STATE(l.stmt, SET(SQL_ATTR_USE_BOOKMARKS, 3), "HY024");
    CHECK_STATE(l.stmt, SET(SQL_ATTR_SIMULATE_CURSOR, 3), "HY024");
    CHECK_STATE(l.stmt, SET(SQL_ATTR_ROW_BIND_TYPE, 0x100000000), "HY024"); /* nothing is cut to fit */
    CHECK_STATE(l.stmt, SET(SQL_ATTR_PARAM_BIND_TYPE, 0x100000008), "HY024");
    CHECK_STATE(l.stmt, SET(SQL_ATTR_ROW_BIND_TYPE, -1), "HY024");
    CHECK_STATE(l.stmt, SET(SQL_ATTR_ASYNC_STMT_EVENT, 1), "S1118");
    CHECK_STATE(l.stmt, SET(30, 1), "S1118"); /* its callback and what goes with it */
    CHECK_STATE(l.stmt, SET(31, 1), "S1118");
    CHECK_STATE(l.stmt, SET(4711, 1), "HY092");
    SQLULEN unused = 0;
    CHECK_STATE(l.stmt, SQLGetStmtAttr(l.stmt, 4711, &unused, 0, NULL), "HY092");
    CHECK_STATE(l.stmt, SET(SQL_ATTR_ROW_NUMBER, 1), "HY092");
    CHECK_STATE(l.stmt, SET(SQL_ATTR_ASYNC_ENABLE, 2), "HY024");
    CHECK_STATE(l.stmt, SET(SQL_ATTR_CURSOR_SENSITIVITY, SQL_SENSITIVE), "HYC00");
    for (size_t i = 0; i < COUNT(defaults); i++) { /* nothing of that left a trace */
        check_int((int64_t)stmt_attr(l.stmt, defaults[i].id), (int64_t)defaults[i].value, defaults[i].name, __FILE__, __LINE__);
    }

    /* Where something else serves, it is said and shown. */
    CHECK_INFO(l.stmt, SET(SQL_ATTR_KEYSET_SIZE, 100), "01S02");
    CHECK_INT(stmt_attr(l.stmt, SQL_ATTR_KEYSET_SIZE), 0);
    CHECK_INFO(l.stmt, SET(SQL_ATTR_CONCURRENCY, SQL_CONCUR_LOCK), "01S02");
    CHECK_INT(stmt_attr(l.stmt, SQL_ATTR_CONCURRENCY), SQL_CONCUR_ROWVER);
    CHECK_INFO(l.stmt, SET(SQL_ATTR_CONCURRENCY, SQL_CONCUR_VALUES), "01S02");
    CHECK_OK(l.stmt, SET(SQL_ATTR_CONCURRENCY, SQL_CONCUR_READ_ONLY));
    CHECK_INFO(l.stmt, SET(SQL_ATTR_SIMULATE_CURSOR, SQL_SC_UNIQUE), "01S02");
    CHECK_INFO(l.stmt, SET(SQL_ATTR_CURSOR_TYPE, SQL_CURSOR_DYNAMIC), "01S02");

    /* Where it is on, and where it is not. */
    CHECK_STATE(l.stmt, SQLGetStmtAttr(l.stmt, SQL_ATTR_ROW_NUMBER, &unused, 0, NULL), "24000");
    query(l.stmt, "select generate_series(1, 3)");
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_INT(stmt_attr(l.stmt, SQL_ATTR_ROW_NUMBER), 1);
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_INT(stmt_attr(l.stmt, SQL_ATTR_ROW_NUMBER), 2);
    CHECK_STATE(l.stmt, SET(SQL_ATTR_CURSOR_TYPE, SQL_CURSOR_FORWARD_ONLY), "24000");
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("select 1"), SQL_NTS));
    CHECK_STATE(l.stmt, SET(SQL_ATTR_CURSOR_TYPE, SQL_CURSOR_FORWARD_ONLY), "HY011");
    CHECK_STATE(l.stmt, SET(SQL_ATTR_CONCURRENCY, SQL_CONCUR_READ_ONLY), "HY011");
    link_close(&l);
}

/* The largest values are large, not negative. */
static void largest(void)
{
    struct link l = link_open("");
    int rows = 0;
    char text[8] = "";
    CHECK_OK(l.stmt, SET(SQL_ATTR_MAX_ROWS, -1));
    CHECK_OK(l.stmt, SET(SQL_ATTR_QUERY_TIMEOUT, -1));
    CHECK_OK(l.stmt, SET(SQL_ATTR_MAX_LENGTH, -1));
    CHECK_INT((int64_t)stmt_attr(l.stmt, SQL_ATTR_MAX_ROWS), -1);
    query(l.stmt, "select 'text' from generate_series(1, 5)");
    while (SQLFetch(l.stmt) == SQL_SUCCESS) {
        rows++;
        CHECK_OK(l.stmt, SQLGetData(l.stmt, 1, SQL_C_CHAR, text, sizeof text, NULL));
        CHECK_TEXT(text, "text");
    }
    CHECK_INT(rows, 5);
    link_close(&l);
}

/* The wide functions are the same, and so are all lengths that callers give for numbers. */
static void wide_functions(void)
{
    static const SQLINTEGER lengths[] = {0, SQL_IS_UINTEGER, SQL_IS_INTEGER, SQL_IS_POINTER, SQL_NTS, 4, 8, -100};
    struct link l = link_open("");
    SQLINTEGER length = -1;
    for (size_t i = 0; i < COUNT(lengths); i++) {
        SQLULEN value[2] = {0, 0};
        memset(value, 0xAA, sizeof value);
        CHECK_OK(l.stmt, SQLSetStmtAttrW(l.stmt, SQL_ATTR_MAX_ROWS, (SQLPOINTER)(uintptr_t)(i + 1), lengths[i]));
        CHECK_OK(l.stmt, SQLGetStmtAttrW(l.stmt, SQL_ATTR_MAX_ROWS, value, lengths[i] < 0 ? lengths[i] : 0, &length));
        CHECK_INT(value[0], i + 1);
        CHECK(value[1] == (SQLULEN)0xAAAAAAAAAAAAAAAA);
        CHECK_INT(length, 8);
        CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_MAX_ROWS, (SQLPOINTER)(uintptr_t)(i + 100), lengths[i]));
        CHECK_OK(l.stmt, SQLGetStmtAttr(l.stmt, SQL_ATTR_MAX_ROWS, value, 0, NULL));
        CHECK_INT(value[0], i + 100);
    }
    CHECK_STATE(l.stmt, SQLSetStmtAttrW(l.stmt, 4711, NULL, 0), "HY092");
    CHECK_STATE(l.stmt, SQLSetStmtAttrW(l.stmt, SQL_ATTR_ROW_ARRAY_SIZE, NULL, 0), "HY024");
    CHECK_STATE(l.stmt, SQLGetStmtAttrW(l.stmt, 4711, &length, 0, NULL), "HY092");
    CHECK_INFO(l.stmt, SQLSetStmtAttrW(l.stmt, SQL_ATTR_CURSOR_TYPE, (SQLPOINTER)SQL_CURSOR_DYNAMIC, 0), "01S02");
    CHECK_OK(l.stmt, SQLGetStmtAttr(l.stmt, SQL_ATTR_MAX_ROWS, NULL, 0, &length)); /* nowhere to write to */
    link_close(&l);
}

/* The four cursor attributes always fit together. */
static void cursor_attributes(void)
{
    static const struct {
        SQLINTEGER id;
        intptr_t value;
    } steps[] = {
        {SQL_ATTR_CURSOR_SCROLLABLE, SQL_SCROLLABLE}, {SQL_ATTR_CURSOR_SCROLLABLE, SQL_NONSCROLLABLE}, {SQL_ATTR_CURSOR_TYPE, SQL_CURSOR_STATIC},
        {SQL_ATTR_CURSOR_SENSITIVITY, SQL_INSENSITIVE}, {SQL_ATTR_CURSOR_TYPE, SQL_CURSOR_KEYSET_DRIVEN}, {SQL_ATTR_CONCURRENCY, SQL_CONCUR_ROWVER},
        {SQL_ATTR_CURSOR_TYPE, SQL_CURSOR_DYNAMIC}, {SQL_ATTR_CURSOR_SENSITIVITY, SQL_UNSPECIFIED}, {SQL_ATTR_CONCURRENCY, SQL_CONCUR_READ_ONLY},
        {SQL_ATTR_CURSOR_TYPE, SQL_CURSOR_FORWARD_ONLY}, {SQL_ATTR_CURSOR_SENSITIVITY, SQL_SENSITIVE}, {SQL_ATTR_CONCURRENCY, SQL_CONCUR_VALUES},
    };
    struct link l = link_open("");
    int taken = 0;
    for (size_t i = 0; i < COUNT(steps); i++) {
        SQLRETURN rc = SET(steps[i].id, steps[i].value);
        taken += rc == SQL_SUCCESS;
        bool same = SQL_SUCCEEDED(rc) && stmt_attr(l.stmt, steps[i].id) == (SQLULEN)steps[i].value;
        CHECK_INT(rc == SQL_SUCCESS, same); /* what was not taken as asked was said */
        SQLULEN type = stmt_attr(l.stmt, SQL_ATTR_CURSOR_TYPE);
        SQLULEN scrollable = stmt_attr(l.stmt, SQL_ATTR_CURSOR_SCROLLABLE);
        SQLULEN sensitivity = stmt_attr(l.stmt, SQL_ATTR_CURSOR_SENSITIVITY);
        SQLULEN concurrency = stmt_attr(l.stmt, SQL_ATTR_CONCURRENCY);
        CHECK_INT(scrollable == SQL_SCROLLABLE, type != SQL_CURSOR_FORWARD_ONLY);
        CHECK(sensitivity != SQL_INSENSITIVE || concurrency == SQL_CONCUR_READ_ONLY);
        CHECK(sensitivity != SQL_SENSITIVE);
    }
    CHECK(taken >= 3); /* what a forward-only cursor is anyway */
    link_close(&l);
}

int main(void)
{
    static const struct test tests[] = {
        {"statement attributes", statement_attributes},
        {"cursor attributes", cursor_attributes},
        {"the largest values", largest},
        {"wide functions", wide_functions},
    };
    return run_tests("SQLGetStmtAttr and SQLSetStmtAttr", tests, COUNT(tests));
}
