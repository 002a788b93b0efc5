/* SPDX-License-Identifier: Apache-2.0 */
/* Handles in every order, descriptors with all their fields, environment and statement attributes. */
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

static SQLHDESC stmt_desc(SQLHSTMT stmt, SQLINTEGER which)
{
    SQLHDESC desc = NULL;
    CHECK_OK(stmt, SQLGetStmtAttr(stmt, which, &desc, 0, NULL));
    return desc;
}

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

/* ---- descriptor fields --------------------------------------------------------------------------------------------- */

enum { ARD, APD, IRD, IPD };
enum width { W_S16 = 2, W_S32 = 4, W_LEN = 8, W_PTR = 9, W_TEXT = 10 };

/* Access in ARD, APD, IRD, IPD: w read and write, s write only, r read only, - not there. */
struct field {
    const char *name;
    SQLSMALLINT id;
    const char *access;
    enum width width;
    intptr_t value; /* something that may be set */
};

static const struct field headers[] = {
    {"SQL_DESC_ALLOC_TYPE", SQL_DESC_ALLOC_TYPE, "rrrr", W_S16, 1},
    {"SQL_DESC_ARRAY_SIZE", SQL_DESC_ARRAY_SIZE, "ww--", W_LEN, 1},
    {"SQL_DESC_ARRAY_STATUS_PTR", SQL_DESC_ARRAY_STATUS_PTR, "wwww", W_PTR, 0},
    {"SQL_DESC_BIND_OFFSET_PTR", SQL_DESC_BIND_OFFSET_PTR, "ww--", W_PTR, 0},
    {"SQL_DESC_BIND_TYPE", SQL_DESC_BIND_TYPE, "ww--", W_S32, 0},
    {"SQL_DESC_COUNT", SQL_DESC_COUNT, "wwrw", W_S16, 1},
    {"SQL_DESC_ROWS_PROCESSED_PTR", SQL_DESC_ROWS_PROCESSED_PTR, "--ww", W_PTR, 0},
};

static const struct field records[] = {
    {"SQL_DESC_AUTO_UNIQUE_VALUE", SQL_DESC_AUTO_UNIQUE_VALUE, "--r-", W_S32, 0},
    {"SQL_DESC_BASE_COLUMN_NAME", SQL_DESC_BASE_COLUMN_NAME, "--r-", W_TEXT, 0},
    {"SQL_DESC_BASE_TABLE_NAME", SQL_DESC_BASE_TABLE_NAME, "--r-", W_TEXT, 0},
    {"SQL_DESC_CASE_SENSITIVE", SQL_DESC_CASE_SENSITIVE, "--rr", W_S32, 0},
    {"SQL_DESC_CATALOG_NAME", SQL_DESC_CATALOG_NAME, "--r-", W_TEXT, 0},
    {"SQL_DESC_CONCISE_TYPE", SQL_DESC_CONCISE_TYPE, "wwrw", W_S16, SQL_INTEGER},
    {"SQL_DESC_DATA_PTR", SQL_DESC_DATA_PTR, "ww-s", W_PTR, 0},
    {"SQL_DESC_DATETIME_INTERVAL_CODE", SQL_DESC_DATETIME_INTERVAL_CODE, "wwrw", W_S16, 0},
    {"SQL_DESC_DATETIME_INTERVAL_PRECISION", SQL_DESC_DATETIME_INTERVAL_PRECISION, "wwrw", W_S32, 2},
    {"SQL_DESC_DISPLAY_SIZE", SQL_DESC_DISPLAY_SIZE, "--r-", W_LEN, 0},
    {"SQL_DESC_FIXED_PREC_SCALE", SQL_DESC_FIXED_PREC_SCALE, "--rr", W_S16, 0},
    {"SQL_DESC_INDICATOR_PTR", SQL_DESC_INDICATOR_PTR, "ww--", W_PTR, 0},
    {"SQL_DESC_LABEL", SQL_DESC_LABEL, "--r-", W_TEXT, 0},
    {"SQL_DESC_LENGTH", SQL_DESC_LENGTH, "wwrw", W_LEN, 4},
    {"SQL_DESC_LITERAL_PREFIX", SQL_DESC_LITERAL_PREFIX, "--r-", W_TEXT, 0},
    {"SQL_DESC_LITERAL_SUFFIX", SQL_DESC_LITERAL_SUFFIX, "--r-", W_TEXT, 0},
    {"SQL_DESC_LOCAL_TYPE_NAME", SQL_DESC_LOCAL_TYPE_NAME, "--rr", W_TEXT, 0},
    {"SQL_DESC_NAME", SQL_DESC_NAME, "--rw", W_TEXT, 0},
    {"SQL_DESC_NULLABLE", SQL_DESC_NULLABLE, "--rr", W_S16, 0},
    {"SQL_DESC_NUM_PREC_RADIX", SQL_DESC_NUM_PREC_RADIX, "wwrw", W_S32, 10},
    {"SQL_DESC_OCTET_LENGTH", SQL_DESC_OCTET_LENGTH, "wwrw", W_LEN, 4},
    {"SQL_DESC_OCTET_LENGTH_PTR", SQL_DESC_OCTET_LENGTH_PTR, "ww--", W_PTR, 0},
    {"SQL_DESC_PARAMETER_TYPE", SQL_DESC_PARAMETER_TYPE, "---w", W_S16, SQL_PARAM_INPUT},
    {"SQL_DESC_PRECISION", SQL_DESC_PRECISION, "wwrw", W_S16, 10},
    {"SQL_DESC_ROWVER", SQL_DESC_ROWVER, "--rr", W_S16, 0},
    {"SQL_DESC_SCALE", SQL_DESC_SCALE, "wwrw", W_S16, 0},
    {"SQL_DESC_SCHEMA_NAME", SQL_DESC_SCHEMA_NAME, "--r-", W_TEXT, 0},
    {"SQL_DESC_SEARCHABLE", SQL_DESC_SEARCHABLE, "--r-", W_S16, 0},
    {"SQL_DESC_TABLE_NAME", SQL_DESC_TABLE_NAME, "--r-", W_TEXT, 0},
    {"SQL_DESC_TYPE", SQL_DESC_TYPE, "wwrw", W_S16, SQL_INTEGER},
    {"SQL_DESC_TYPE_NAME", SQL_DESC_TYPE_NAME, "--rr", W_TEXT, 0},
    {"SQL_DESC_UNNAMED", SQL_DESC_UNNAMED, "--rw", W_S16, SQL_UNNAMED},
    {"SQL_DESC_UNSIGNED", SQL_DESC_UNSIGNED, "--rr", W_S16, 0},
    {"SQL_DESC_UPDATABLE", SQL_DESC_UPDATABLE, "--r-", W_S16, 0},
};

static void one_field(const struct field *f, SQLHDESC desc, int kind, SQLSMALLINT record)
{
    static const char *const kinds[] = {"ARD", "APD", "IRD", "IPD"};
    unsigned char buffer[256];
    char what[96];
    SQLINTEGER length = -1;
    bool readable = f->access[kind] == 'w' || f->access[kind] == 'r';
    bool writable = f->access[kind] == 'w' || f->access[kind] == 's';
    snprintf(what, sizeof what, "%s of the %s", f->name, kinds[kind]);
    memset(buffer, 0xAA, sizeof buffer);
    SQLRETURN rc = SQLGetDescField(desc, record, f->id, buffer, sizeof buffer, &length);
    if (!readable) {
        check_state(desc, rc, SQL_ERROR, "HY091", what, __FILE__, __LINE__);
        check_int(buffer[0], 0xAA, what, __FILE__, __LINE__);
    } else if (check_rc(desc, rc, SQL_SUCCESS, what, __FILE__, __LINE__)) {
        size_t size = f->width == W_TEXT ? strnlen((char *)buffer, sizeof buffer) + 1 : f->width == W_PTR ? sizeof(void *) : (size_t)f->width;
        check_int(buffer[size], 0xAA, what, __FILE__, __LINE__);
        check_true(buffer[size - 1] != 0xAA, what, __FILE__, __LINE__);
        check_int(length, (int64_t)size - (f->width == W_TEXT), what, __FILE__, __LINE__);
    }
    SQLPOINTER value = f->width == W_TEXT ? (SQLPOINTER)T("name") : (SQLPOINTER)f->value;
    rc = SQLSetDescField(desc, record, f->id, value, f->width == W_TEXT ? SQL_NTS : 0);
    if (writable) {
        check_rc(desc, rc, SQL_SUCCESS, what, __FILE__, __LINE__);
    } else {
        check_state(desc, rc, SQL_ERROR, kind == IRD ? "HY016" : "HY091", what, __FILE__, __LINE__);
    }
}

static void all_fields(void)
{
    static const SQLINTEGER which[] = {SQL_ATTR_APP_ROW_DESC, SQL_ATTR_APP_PARAM_DESC, SQL_ATTR_IMP_ROW_DESC, SQL_ATTR_IMP_PARAM_DESC};
    struct link l = link_open("");
    run(l.stmt, "create temp table t (id int generated always as identity, b text)");
    for (int kind = ARD; kind <= IPD; kind++) {
        for (size_t i = 0; i < COUNT(headers) + COUNT(records); i++) {
            /* Prepared and bound anew: a field that is set changes others. */
            SQLINTEGER n = 1;
            SQLHSTMT stmt = new_stmt(l.dbc);
            CHECK_OK(stmt, SQLPrepare(stmt, T("select id, b from t where id = ?"), SQL_NTS));
            CHECK_OK(stmt, SQLBindCol(stmt, 1, SQL_C_SLONG, &n, 0, NULL));
            CHECK_OK(stmt, SQLBindParameter(stmt, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, &n, 0, NULL));
            bool header = i < COUNT(headers);
            one_field(header ? &headers[i] : &records[i - COUNT(headers)], stmt_desc(stmt, which[kind]), kind, header ? 0 : 1);
            free_stmt(stmt);
        }
        SQLHDESC desc = stmt_desc(l.stmt, which[kind]);
        SQLINTEGER unused = 0;
        CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("select 1"), SQL_NTS)); /* else the driver manager shows nothing of an IRD */
        CHECK_STATE(desc, SQLGetDescField(desc, 0, 4711, &unused, 0, NULL), "HY091");
        CHECK_STATE(desc, SQLSetDescField(desc, 0, 4711, NULL, 0), "HY091");
    }
    link_close(&l);
}

static SQLLEN desc_number(SQLHDESC desc, SQLSMALLINT record, SQLSMALLINT field, enum width width)
{
    SQLSMALLINT s16 = -1;
    SQLINTEGER s32 = -1;
    SQLLEN len = -1;
    CHECK_OK(desc, SQLGetDescField(desc, record, field, width == W_S16 ? (SQLPOINTER)&s16 : width == W_S32 ? (SQLPOINTER)&s32 : (SQLPOINTER)&len, 0, NULL));
    return width == W_S16 ? s16 : width == W_S32 ? s32 : len;
}

static const char *desc_text(SQLHDESC desc, SQLSMALLINT record, SQLSMALLINT field)
{
    static char text[256];
    text[0] = '\0';
    CHECK_OK(desc, SQLGetDescField(desc, record, field, text, sizeof text, NULL));
    return text;
}

/* The row descriptor of a statement that is prepared and not yet executed. */
static void prepared_ird(void)
{
    struct link l = link_open("");
    SQLHDESC ird = stmt_desc(l.stmt, SQL_ATTR_IMP_ROW_DESC);
    SQLSMALLINT n = -1;
    SQLCHAR name[64];
    CHECK_STATE(ird, SQLGetDescField(ird, 1, SQL_DESC_TYPE, &n, 0, NULL), "HY007");
    CHECK_STATE(ird, SQLGetDescRec(ird, 1, NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL), "HY007");
    run(l.stmt, "create temp table \"Tablé\" (id int generated always as identity primary key, \"Amoünt\" numeric(9,2), t timestamp(3))");
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("select id as number, \"Amoünt\", t, 1 + 1, 'x' as literal from \"Tablé\" where id > ?"), SQL_NTS));
    CHECK_INT(desc_number(ird, 0, SQL_DESC_COUNT, W_S16), 5);
    CHECK_INT(desc_number(ird, 1, SQL_DESC_TYPE, W_S16), SQL_INTEGER);
    CHECK_INT(desc_number(ird, 1, SQL_DESC_AUTO_UNIQUE_VALUE, W_S32), SQL_TRUE);
    CHECK_INT(desc_number(ird, 1, SQL_DESC_NULLABLE, W_S16), SQL_NO_NULLS);
    CHECK_TEXT(desc_text(ird, 1, SQL_DESC_NAME), "number");
    CHECK_TEXT(desc_text(ird, 1, SQL_DESC_LABEL), "number");
    CHECK_TEXT(desc_text(ird, 1, SQL_DESC_BASE_COLUMN_NAME), "id");
    CHECK_TEXT(desc_text(ird, 1, SQL_DESC_BASE_TABLE_NAME), "Tablé");
    CHECK_TEXT(desc_text(ird, 1, SQL_DESC_TABLE_NAME), "Tablé");
    CHECK_TEXT(desc_text(ird, 1, SQL_DESC_CATALOG_NAME), "aldb_test");
    CHECK_TEXT(desc_text(ird, 1, SQL_DESC_TYPE_NAME), "int4");
    CHECK_INT(desc_number(ird, 2, SQL_DESC_CONCISE_TYPE, W_S16), SQL_NUMERIC);
    CHECK_INT(desc_number(ird, 2, SQL_DESC_PRECISION, W_S16), 9);
    CHECK_INT(desc_number(ird, 2, SQL_DESC_SCALE, W_S16), 2);
    CHECK_INT(desc_number(ird, 2, SQL_DESC_NULLABLE, W_S16), SQL_NULLABLE);
    CHECK_INT(desc_number(ird, 3, SQL_DESC_TYPE, W_S16), SQL_DATETIME);
    CHECK_INT(desc_number(ird, 3, SQL_DESC_DATETIME_INTERVAL_CODE, W_S16), SQL_CODE_TIMESTAMP);
    CHECK_INT(desc_number(ird, 3, SQL_DESC_PRECISION, W_S16), 3);
    CHECK_TEXT(desc_text(ird, 4, SQL_DESC_TABLE_NAME), "");
    CHECK_INT(desc_number(ird, 4, SQL_DESC_NULLABLE, W_S16), SQL_NULLABLE_UNKNOWN);
    CHECK_INT(desc_number(ird, 4, SQL_DESC_UNNAMED, W_S16), SQL_UNNAMED); /* "?column?" is the server's word for no name */
    CHECK_TEXT(desc_text(ird, 5, SQL_DESC_NAME), "literal");

    SQLSMALLINT length = 0;
    SQLSMALLINT type = 0;
    SQLSMALLINT code = 0;
    SQLSMALLINT precision = 0;
    SQLSMALLINT scale = 0;
    SQLSMALLINT nullable = 0;
    SQLLEN octets = 0;
    CHECK_OK(ird, SQLGetDescRec(ird, 2, name, sizeof name, &length, &type, &code, &octets, &precision, &scale, &nullable));
    CHECK_TEXT(name, "Amoünt");
    CHECK_INT(length, 7);
    CHECK_INT(type, SQL_NUMERIC);
    CHECK_INT(octets, 11);
    CHECK_INT(precision, 9);
    CHECK_INT(scale, 2);
    CHECK_INT(nullable, SQL_NULLABLE);
    CHECK_OK(ird, SQLGetDescRec(ird, 3, NULL, 0, NULL, &type, &code, NULL, NULL, NULL, NULL));
    CHECK_INT(type, SQL_DATETIME);
    CHECK_INT(code, SQL_CODE_TIMESTAMP);
    SQLWCHAR wname[8];
    CHECK_INFO(ird, SQLGetDescRecW(ird, 2, wname, 4, &length, NULL, NULL, NULL, NULL, NULL, NULL), "01004");
    CHECK_TEXT(narrow(wname), "Amo");
    CHECK_INT(length, 6);

    /* Beyond the last: no data, not an error. Below the first: an error. */
    CHECK_RC(ird, SQLGetDescField(ird, 6, SQL_DESC_TYPE, &n, 0, NULL), SQL_NO_DATA);
    CHECK_RC(ird, SQLGetDescRec(ird, 6, NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL), SQL_NO_DATA);
    CHECK_STATE(ird, SQLGetDescField(ird, -1, SQL_DESC_TYPE, &n, 0, NULL), "07009");
    CHECK_STATE(ird, SQLGetDescRec(ird, -1, NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL), "07009");
    CHECK_STATE(ird, SQLGetDescField(ird, 0, SQL_DESC_TYPE, &n, 0, NULL), "07009"); /* bookmarks are off */

    /* A statement that will have no result set. */
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("insert into \"Tablé\" (\"Amoünt\") values (?)"), SQL_NTS));
    CHECK_INT(desc_number(ird, 0, SQL_DESC_COUNT, W_S16), 0);
    CHECK_RC(ird, SQLGetDescField(ird, 1, SQL_DESC_TYPE, &n, 0, NULL), SQL_NO_DATA);

    /* One that the server refuses: its words are on the descriptor. */
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("select nothing from nowhere"), SQL_NTS));
    CHECK_STATE(ird, SQLGetDescField(ird, 1, SQL_DESC_TYPE, &n, 0, NULL), "42S02");
    link_close(&l);
}

/* The parameter descriptor is filled from the server where the application has bound nothing. */
static void prepared_ipd(void)
{
    struct link l = link_open("");
    SQLHDESC ipd = stmt_desc(l.stmt, SQL_ATTR_IMP_PARAM_DESC);
    SQLSMALLINT n = -1;
    run(l.stmt, "create temp table t (a int, b numeric(9,2), c varchar(5), d timestamp)");
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("insert into t values (?, ?, ?, ?)"), SQL_NTS));
    CHECK_INT(desc_number(ipd, 0, SQL_DESC_COUNT, W_S16), 4);
    CHECK_INT(desc_number(ipd, 1, SQL_DESC_CONCISE_TYPE, W_S16), SQL_INTEGER);
    CHECK_INT(desc_number(ipd, 2, SQL_DESC_CONCISE_TYPE, W_S16), SQL_NUMERIC);
    CHECK_INT(desc_number(ipd, 3, SQL_DESC_CONCISE_TYPE, W_S16), SQL_WVARCHAR);
    CHECK_INT(desc_number(ipd, 4, SQL_DESC_TYPE, W_S16), SQL_DATETIME);
    CHECK_INT(desc_number(ipd, 1, SQL_DESC_PARAMETER_TYPE, W_S16), SQL_PARAM_INPUT);
    CHECK_TEXT(desc_text(ipd, 1, SQL_DESC_TYPE_NAME), "int4");
    CHECK_RC(ipd, SQLGetDescField(ipd, 5, SQL_DESC_TYPE, &n, 0, NULL), SQL_NO_DATA);
    CHECK_STATE(ipd, SQLGetDescField(ipd, 0, SQL_DESC_TYPE, &n, 0, NULL), "07009");

    /* What the application has bound stays as it bound it. */
    SQLINTEGER value = 1;
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_RESET_PARAMS));
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_DECIMAL, 7, 3, &value, 0, NULL));
    CHECK_INT(desc_number(ipd, 1, SQL_DESC_CONCISE_TYPE, W_S16), SQL_DECIMAL);
    CHECK_INT(desc_number(ipd, 1, SQL_DESC_PRECISION, W_S16), 7);
    CHECK_INT(desc_number(ipd, 1, SQL_DESC_SCALE, W_S16), 3);

    /* Names of parameters. */
    CHECK_OK(ipd, SQLSetDescField(ipd, 1, SQL_DESC_NAME, T("überwert"), SQL_NTS));
    CHECK_TEXT(desc_text(ipd, 1, SQL_DESC_NAME), "überwert");
    CHECK_INT(desc_number(ipd, 1, SQL_DESC_UNNAMED, W_S16), SQL_NAMED);
    CHECK_OK(ipd, SQLSetDescField(ipd, 1, SQL_DESC_UNNAMED, (SQLPOINTER)SQL_UNNAMED, 0));
    CHECK_TEXT(desc_text(ipd, 1, SQL_DESC_NAME), "");
    CHECK_STATE(ipd, SQLSetDescField(ipd, 1, SQL_DESC_UNNAMED, (SQLPOINTER)SQL_NAMED, 0), "HY091");
    CHECK_STATE(ipd, SQLSetDescField(ipd, 1, SQL_DESC_NAME, T("n123456789012345678901234567890123456789012345678901234567890abcd"), SQL_NTS), "22001");
    CHECK_STATE(ipd, SQLSetDescField(ipd, 1, SQL_DESC_PARAMETER_TYPE, (SQLPOINTER)77, 0), "HY105");
    link_close(&l);
}

static void defaults_and_consistency(void)
{
    struct link l = link_open("");
    SQLHDESC ard = stmt_desc(l.stmt, SQL_ATTR_APP_ROW_DESC);
    SQLHDESC ipd = stmt_desc(l.stmt, SQL_ATTR_IMP_PARAM_DESC);
    SQLINTEGER value = 0;
    SQLPOINTER pointer = &value;
    SQLLEN indicator = 0;

    /* Header and records as they begin. */
    CHECK_INT(desc_number(ard, 0, SQL_DESC_COUNT, W_S16), 0);
    CHECK_INT(desc_number(ard, 0, SQL_DESC_ARRAY_SIZE, W_LEN), 1);
    CHECK_INT(desc_number(ard, 0, SQL_DESC_BIND_TYPE, W_S32), SQL_BIND_BY_COLUMN);
    CHECK_OK(ard, SQLSetDescField(ard, 0, SQL_DESC_COUNT, (SQLPOINTER)2, 0));
    CHECK_INT(desc_number(ard, 2, SQL_DESC_TYPE, W_S16), SQL_C_DEFAULT);
    CHECK_INT(desc_number(ard, 2, SQL_DESC_CONCISE_TYPE, W_S16), SQL_C_DEFAULT);

    /* A type sets what depends on it. */
    static const struct {
        SQLSMALLINT concise, type, code, precision, scale;
        SQLINTEGER leading;
        SQLULEN length;
    } types[] = {
        {SQL_C_CHAR, SQL_C_CHAR, 0, 0, 0, 0, 1},
        {SQL_C_WCHAR, SQL_C_WCHAR, 0, 0, 0, 0, 1},
        {SQL_C_NUMERIC, SQL_C_NUMERIC, 0, 38, 0, 0, 0},
        {SQL_C_TYPE_DATE, SQL_DATETIME, SQL_CODE_DATE, 0, 0, 0, 0},
        {SQL_C_TYPE_TIME, SQL_DATETIME, SQL_CODE_TIME, 0, 0, 0, 0},
        {SQL_C_TYPE_TIMESTAMP, SQL_DATETIME, SQL_CODE_TIMESTAMP, 6, 0, 0, 0},
        {SQL_C_INTERVAL_YEAR, SQL_INTERVAL, SQL_CODE_YEAR, 0, 0, 2, 0},
        {SQL_C_INTERVAL_DAY_TO_SECOND, SQL_INTERVAL, SQL_CODE_DAY_TO_SECOND, 6, 0, 2, 0},
        {SQL_C_SLONG, SQL_C_SLONG, 0, 0, 0, 0, 0},
    };
    for (size_t i = 0; i < COUNT(types); i++) {
        CHECK_OK(ard, SQLSetDescField(ard, 1, SQL_DESC_CONCISE_TYPE, (SQLPOINTER)(intptr_t)types[i].concise, 0));
        CHECK_INT(desc_number(ard, 1, SQL_DESC_TYPE, W_S16), types[i].type);
        CHECK_INT(desc_number(ard, 1, SQL_DESC_CONCISE_TYPE, W_S16), types[i].concise);
        CHECK_INT(desc_number(ard, 1, SQL_DESC_DATETIME_INTERVAL_CODE, W_S16), types[i].code);
        CHECK_INT(desc_number(ard, 1, SQL_DESC_PRECISION, W_S16), types[i].precision);
        CHECK_INT(desc_number(ard, 1, SQL_DESC_SCALE, W_S16), types[i].scale);
        CHECK_INT(desc_number(ard, 1, SQL_DESC_DATETIME_INTERVAL_PRECISION, W_S32), types[i].leading);
        CHECK_INT((SQLULEN)desc_number(ard, 1, SQL_DESC_LENGTH, W_LEN), types[i].length);
    }

    /* TYPE alone is not enough for dates and intervals: the code completes it. */
    CHECK_OK(ard, SQLSetDescField(ard, 1, SQL_DESC_TYPE, (SQLPOINTER)SQL_DATETIME, 0));
    CHECK_STATE(ard, SQLSetDescField(ard, 1, SQL_DESC_DATA_PTR, &value, 0), "HY021");
    CHECK_OK(ard, SQLSetDescField(ard, 1, SQL_DESC_DATETIME_INTERVAL_CODE, (SQLPOINTER)SQL_CODE_DATE, 0));
    CHECK_INT(desc_number(ard, 1, SQL_DESC_CONCISE_TYPE, W_S16), SQL_C_TYPE_DATE);
    SQL_DATE_STRUCT date = {0, 0, 0};
    CHECK_OK(ard, SQLSetDescField(ard, 1, SQL_DESC_DATA_PTR, &date, 0));
    query(l.stmt, "select date '2024-02-29', 7");
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_INT(date.day, 29);
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    CHECK_STATE(ard, SQLSetDescField(ard, 1, SQL_DESC_DATETIME_INTERVAL_CODE, (SQLPOINTER)99, 0), "HY021");
    CHECK_STATE(ard, SQLSetDescField(ard, 1, SQL_DESC_TYPE, (SQLPOINTER)4711, 0), "HY021");
    CHECK_STATE(ard, SQLSetDescField(ard, 1, SQL_DESC_CONCISE_TYPE, (SQLPOINTER)4711, 0), "HY021");
    CHECK_STATE(ard, SQLSetDescField(ard, 0, SQL_DESC_COUNT, (SQLPOINTER)-1, 0), "07009");
    CHECK_STATE(ard, SQLSetDescField(ard, -1, SQL_DESC_TYPE, (SQLPOINTER)SQL_C_SLONG, 0), "07009");
    CHECK_STATE(ard, SQLSetDescField(ard, 0, SQL_DESC_ARRAY_SIZE, (SQLPOINTER)0, 0), "HY024");

    /* Any other field unbinds; a pointer to lengths does not. */
    CHECK_OK(ard, SQLSetDescField(ard, 2, SQL_DESC_CONCISE_TYPE, (SQLPOINTER)SQL_C_SLONG, 0));
    CHECK_OK(ard, SQLSetDescField(ard, 2, SQL_DESC_DATA_PTR, &value, 0));
    CHECK_OK(ard, SQLSetDescField(ard, 2, SQL_DESC_OCTET_LENGTH_PTR, &indicator, 0));
    CHECK_OK(ard, SQLSetDescField(ard, 2, SQL_DESC_INDICATOR_PTR, &indicator, 0));
    CHECK_OK(ard, SQLGetDescField(ard, 2, SQL_DESC_DATA_PTR, &pointer, 0, NULL));
    CHECK(pointer == &value);
    CHECK_OK(ard, SQLSetDescField(ard, 2, SQL_DESC_PRECISION, (SQLPOINTER)5, 0));
    CHECK_OK(ard, SQLGetDescField(ard, 2, SQL_DESC_DATA_PTR, &pointer, 0, NULL));
    CHECK(pointer == NULL);

    /* A smaller COUNT unbinds what is above it, and frees the records. */
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 5, SQL_C_SLONG, &value, 0, NULL));
    CHECK_INT(desc_number(ard, 0, SQL_DESC_COUNT, W_S16), 5);
    CHECK_OK(ard, SQLSetDescField(ard, 0, SQL_DESC_COUNT, (SQLPOINTER)1, 0));
    CHECK_RC(ard, SQLGetDescField(ard, 2, SQL_DESC_TYPE, &pointer, 0, NULL), SQL_NO_DATA);
    value = 0;
    query(l.stmt, "select date '2024-02-28', 7, 8, 9, 10");
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_INT(value, 0);
    CHECK_INT(date.day, 28);
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    /* Unbinding the highest one lowers COUNT to the next that is bound. */
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 4, SQL_C_SLONG, &value, 0, NULL));
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 4, SQL_C_SLONG, NULL, 0, NULL));
    CHECK_INT(desc_number(ard, 0, SQL_DESC_COUNT, W_S16), 1);

    /* SQLSetDescRec sets all at once or nothing. */
    CHECK_OK(ard, SQLSetDescRec(ard, 1, SQL_C_SLONG, 0, 4, 0, 0, &value, &indicator, &indicator));
    query(l.stmt, "select 99");
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_INT(value, 99);
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    CHECK_STATE(ard, SQLSetDescRec(ard, 1, 4711, 0, 4, 0, 0, &value, NULL, NULL), "HY021");
    CHECK_STATE(ard, SQLSetDescRec(ard, 1, SQL_DATETIME, 99, 4, 0, 0, &value, NULL, NULL), "HY021");
    CHECK_INT(desc_number(ard, 1, SQL_DESC_CONCISE_TYPE, W_S16), SQL_C_SLONG);
    CHECK_STATE(ard, SQLSetDescRec(ard, -1, SQL_C_SLONG, 0, 4, 0, 0, &value, NULL, NULL), "07009");
    CHECK_STATE(ipd, SQLSetDescRec(ipd, 0, SQL_INTEGER, 0, 4, 0, 0, NULL, NULL, NULL), "07009");
    CHECK_STATE(stmt_desc(l.stmt, SQL_ATTR_IMP_ROW_DESC),
                SQLSetDescRec(stmt_desc(l.stmt, SQL_ATTR_IMP_ROW_DESC), 1, SQL_INTEGER, 0, 4, 0, 0, NULL, NULL, NULL), "HY016");
    CHECK_STATE(ard, SQLSetDescRec(ard, 1, SQL_C_CHAR, 0, -1, 0, 0, &value, NULL, NULL), "HY090");
    CHECK_STATE(ipd, SQLSetDescField(ipd, 1, SQL_DESC_CONCISE_TYPE, (SQLPOINTER)SQL_C_SBIGINT, 0), "HY021"); /* a C type is no SQL type */
    link_close(&l);
}

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

/* ---- statement attributes ------------------------------------------------------------------------------------------ */

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
    CHECK_STATE(l.stmt, SET(4711, 1), "HY092");
    SQLULEN unused = 0;
    CHECK_STATE(l.stmt, SQLGetStmtAttr(l.stmt, 4711, &unused, 0, NULL), "HY092");
    CHECK_STATE(l.stmt, SET(SQL_ATTR_ROW_NUMBER, 1), "HY092");
    CHECK_STATE(l.stmt, SET(SQL_ATTR_ASYNC_ENABLE, SQL_ASYNC_ENABLE_ON), "HYC00");
    CHECK_STATE(l.stmt, SET(SQL_ATTR_USE_BOOKMARKS, SQL_UB_VARIABLE), "HYC00");
    CHECK_STATE(l.stmt, SET(SQL_ATTR_CURSOR_SENSITIVITY, SQL_SENSITIVE), "HYC00");
    for (size_t i = 0; i < COUNT(defaults); i++) { /* nothing of that left a trace */
        check_int((int64_t)stmt_attr(l.stmt, defaults[i].id), (int64_t)defaults[i].value, defaults[i].name, __FILE__, __LINE__);
    }

    /* Where something else serves, it is said and shown. */
    CHECK_INFO(l.stmt, SET(SQL_ATTR_KEYSET_SIZE, 100), "01S02");
    CHECK_INT(stmt_attr(l.stmt, SQL_ATTR_KEYSET_SIZE), 0);
    CHECK_INFO(l.stmt, SET(SQL_ATTR_CONCURRENCY, SQL_CONCUR_LOCK), "01S02");
    CHECK_INT(stmt_attr(l.stmt, SQL_ATTR_CONCURRENCY), SQL_CONCUR_READ_ONLY);
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
    for (size_t i = 0; i < COUNT(steps); i++) {
        SQLRETURN rc = SET(steps[i].id, steps[i].value);
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
    link_close(&l);
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
        {"every descriptor field", all_fields},
        {"row descriptor of a prepared statement", prepared_ird},
        {"parameter descriptor of a prepared statement", prepared_ipd},
        {"defaults and consistency", defaults_and_consistency},
        {"SQLCopyDesc", copies},
        {"statement attributes", statement_attributes},
        {"cursor attributes", cursor_attributes},
    };
    return run_tests("handles", tests, COUNT(tests));
}
