/* SPDX-License-Identifier: Apache-2.0 */
/* An application of ODBC 2, as the driver manager serves it: its functions, its SQLSTATEs, its codes for dates, its options on a connection. */
#include "harness.h"

/* Handles as they were allocated then. */
struct old {
    SQLHENV env;
    SQLHDBC dbc;
    SQLHSTMT stmt;
};

static struct old old_new(void)
{
    struct old o = {SQL_NULL_HENV, SQL_NULL_HDBC, SQL_NULL_HSTMT};
    CHECK_INT(SQLAllocEnv(&o.env), SQL_SUCCESS);
    CHECK_INT(SQLAllocConnect(o.env, &o.dbc), SQL_SUCCESS);
    return o;
}

static struct old old_open(void)
{
    struct old o = old_new();
    CHECK_OK(o.dbc, SQLDriverConnect(o.dbc, NULL, T(connstr(";")), SQL_NTS, NULL, 0, NULL, SQL_DRIVER_NOPROMPT));
    CHECK_OK(o.dbc, SQLAllocStmt(o.dbc, &o.stmt));
    return o;
}

static void old_close(struct old *o)
{
    if (o->stmt != SQL_NULL_HSTMT) {
        CHECK_INT(SQLFreeStmt(o->stmt, SQL_DROP), SQL_SUCCESS);
    }
    CHECK_OK(o->dbc, SQLTransact(o->env, o->dbc, SQL_ROLLBACK));
    CHECK_OK(o->dbc, SQLDisconnect(o->dbc));
    CHECK_INT(SQLFreeConnect(o->dbc), SQL_SUCCESS);
    CHECK_INT(SQLFreeEnv(o->env), SQL_SUCCESS);
}

/* SQLError takes the records off, one after the other. */
static void check_error(const struct old *o, SQLRETURN rc, const char *state, const char *what, unsigned line)
{
    SQLCHAR found[6] = "";
    SQLCHAR message[512] = "";
    SQLINTEGER native = 0;
    SQLSMALLINT length = 0;
    check_int(rc, SQL_ERROR, what, __FILE__, line);
    check_int(SQLError(o->env, o->dbc, o->stmt, found, &native, message, sizeof message, &length), SQL_SUCCESS, what, __FILE__, line);
    check_text((char *)found, state, what, __FILE__, line);
    check_true(message[0] == '[' && length == (SQLSMALLINT)strlen((char *)message), what, __FILE__, line);
    check_int(SQLError(o->env, o->dbc, o->stmt, found, &native, message, sizeof message, &length), SQL_NO_DATA, what, __FILE__, line);
}
#define FAILS(o, call, state) check_error((o), (call), (state), #call, __LINE__)

/* ---- SQLSTATEs ----------------------------------------------------------------------------------------------------- */

static void states(void)
{
    static const struct {
        const char *sql, *state;
    } list[] = {
        {"selec 1", "37000"},
        {"select {fn UCASE('a'", "37000"},
        {"select {d '2024-02'}", "22008"},
        {"select * from nowhere", "S0002"},
        {"select nothing", "S0022"},
        {"create temp table t (a int)", "S0001"},
        {"create unique index odbc2_i on t (a); create index odbc2_i on t (a)", "S0011"},
        {"drop index odbc2_none", "S0012"},
        {"alter table t add a int", "S0021"},
        {"insert into t values (1, 2)", "21S01"},
        {"insert into t values (1)", "23000"},
        {"select 'x'::int", "22005"},
        {"select date 'x'", "22008"}, /* 22007, of which ODBC 2 knew nothing */
        {"select ?", "07002"},
        {"do $$ begin raise exception 'x'; end $$", "S1000"},
    };
    struct old o = old_open();
    run(o.stmt, "create temp table t (a int primary key); insert into t values (1)");
    for (size_t i = 0; i < COUNT(list); i++) {
        SQLRETURN rc = SQLExecDirect(o.stmt, T(list[i].sql), SQL_NTS);
        while (SQL_SUCCEEDED(rc)) { /* the first of two parts is fine */
            rc = SQLMoreResults(o.stmt);
        }
        check_error(&o, rc, list[i].state, list[i].sql, __LINE__);
    }
    FAILS(&o, SQLExecute(o.stmt), "S1010");
    FAILS(&o, SQLFetch(o.stmt), "S1010");
    FAILS(&o, SQLSetStmtOption(o.stmt, 4711, 1), "S1092");
    FAILS(&o, SQLSetStmtOption(o.stmt, SQL_ROWSET_SIZE, 0), "S1009");
    FAILS(&o, SQLSetCursorName(o.stmt, T("SQL_CURx"), SQL_NTS), "34000");
    FAILS(&o, SQLGetTypeInfo(o.stmt, 4711), "S1004");
    query(o.stmt, "select 1");
    FAILS(&o, SQLExecDirect(o.stmt, T("select 1"), SQL_NTS), "24000");
    SQLHSTMT stmt = o.stmt;
    o.stmt = SQL_NULL_HSTMT; /* now of the connection */
    FAILS(&o, SQLSetConnectOption(o.dbc, 4711, 1), "S1092");
    FAILS(&o, SQLGetInfo(o.dbc, 4711, NULL, 0, NULL), "S1C00");
    FAILS(&o, SQLGetInfo(o.dbc, 270, NULL, 0, NULL), "S1096");
    o.stmt = stmt;
    old_close(&o);

    o = old_new();
    FAILS(&o, SQLConnect(o.dbc, T("odbc2_no_such_source"), SQL_NTS, NULL, 0, NULL, 0), "IM002");
    CHECK_INT(SQLFreeConnect(o.dbc), SQL_SUCCESS);
    CHECK_INT(SQLFreeEnv(o.env), SQL_SUCCESS);
}

/* ---- codes of dates ------------------------------------------------------------------------------------------------ */

static void dates(void)
{
    static const struct {
        const char *name;
        SQLSMALLINT code, c_type;
    } list[] = {{"date", SQL_DATE, SQL_C_DATE}, {"time", SQL_TIME, SQL_C_TIME}, {"timestamp", SQL_TIMESTAMP, SQL_C_TIMESTAMP}};
    struct old o = old_open();
    run(o.stmt, "create temp table d (date date, time time, timestamp timestamp)");
    run(o.stmt, "insert into d values ('2024-02-29', '01:02:03', '2024-02-29 01:02:03')");
    query(o.stmt, "select * from d");
    SQL_TIMESTAMP_STRUCT value[3];
    memset(value, 0, sizeof value);
    for (SQLUSMALLINT i = 1; i <= 3; i++) {
        SQLSMALLINT type = 0;
        SQLLEN number = 0;
        CHECK_OK(o.stmt, SQLDescribeCol(o.stmt, i, NULL, 0, NULL, &type, NULL, NULL, NULL));
        CHECK_INT(type, list[i - 1].code);
        CHECK_OK(o.stmt, SQLColAttributes(o.stmt, i, SQL_COLUMN_TYPE, NULL, 0, NULL, &number));
        CHECK_INT(number, list[i - 1].code);
        CHECK_OK(o.stmt, SQLBindCol(o.stmt, i, list[i - 1].c_type, &value[i - 1], sizeof value[0], NULL));
    }
    CHECK_OK(o.stmt, SQLFetch(o.stmt));
    CHECK_INT(value[0].day, 29);
    CHECK_INT(((SQL_TIME_STRUCT *)&value[1])->second, 3);
    CHECK_INT(value[2].second, 3);
    CHECK_OK(o.stmt, SQLFreeStmt(o.stmt, SQL_CLOSE));
    CHECK_OK(o.stmt, SQLFreeStmt(o.stmt, SQL_UNBIND));

    /* As parameters, and in the rows of the catalog. */
    SQL_DATE_STRUCT day = {2024, 2, 29};
    CHECK_OK(o.stmt, SQLBindParameter(o.stmt, 1, SQL_PARAM_INPUT, SQL_C_DATE, SQL_DATE, 10, 0, &day, 0, NULL));
    CHECK_INT(query_int(o.stmt, "select count(*) from d where date = ?"), 1);
    CHECK_OK(o.stmt, SQLFreeStmt(o.stmt, SQL_RESET_PARAMS));
    CHECK_OK(o.stmt, SQLColumns(o.stmt, NULL, 0, NULL, 0, T("d"), SQL_NTS, NULL, 0));
    for (size_t i = 0; i < COUNT(list); i++) {
        SQLSMALLINT type = 0;
        SQLCHAR name[16] = "";
        CHECK_OK(o.stmt, SQLFetch(o.stmt));
        CHECK_OK(o.stmt, SQLGetData(o.stmt, 4, SQL_C_CHAR, name, sizeof name, NULL));
        CHECK_TEXT(name, list[i].name);
        CHECK_OK(o.stmt, SQLGetData(o.stmt, 5, SQL_C_SSHORT, &type, 0, NULL));
        CHECK_INT(type, list[i].code);
    }
    CHECK_OK(o.stmt, SQLFreeStmt(o.stmt, SQL_CLOSE));
    for (size_t i = 0; i < COUNT(list); i++) {
        SQLSMALLINT type = 0;
        CHECK_OK(o.stmt, SQLGetTypeInfo(o.stmt, list[i].code));
        CHECK_OK(o.stmt, SQLFetch(o.stmt));
        CHECK_OK(o.stmt, SQLGetData(o.stmt, 2, SQL_C_SSHORT, &type, 0, NULL));
        CHECK_INT(type, list[i].code);
        CHECK_OK(o.stmt, SQLFreeStmt(o.stmt, SQL_CLOSE));
    }
    old_close(&o);
}

/* ---- types newer than ODBC 2 --------------------------------------------------------------------------------------- */

static void newer_types(void)
{
    static const struct {
        const char *name, *text;
        SQLSMALLINT type;
        SQLULEN size;
    } list[] = {
        {"v", "é", SQL_VARCHAR, 5},
        {"t", "long", SQL_LONGVARCHAR, 1073741819},
        {"c", "x ", SQL_CHAR, 2},
        {"u", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", SQL_VARCHAR, 36},
        {"i", "3 days 04:00:00", SQL_VARCHAR, 100}, /* the server's words: as characters it is no ODBC interval */
    };
    struct old o = old_open();
    run(o.stmt, "create temp table n (v varchar(5), t text, c char(2), u uuid, i interval day to hour)");
    run(o.stmt, "insert into n values ('é', 'long', 'x', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '3 days 04:00:00')");
    query(o.stmt, "select * from n");
    CHECK_OK(o.stmt, SQLFetch(o.stmt));
    for (SQLUSMALLINT i = 1; i <= COUNT(list); i++) {
        SQLSMALLINT type = 0;
        SQLULEN size = 0;
        char text[64] = "";
        CHECK_OK(o.stmt, SQLDescribeCol(o.stmt, i, NULL, 0, NULL, &type, &size, NULL, NULL));
        check_int(type, list[i - 1].type, list[i - 1].name, __FILE__, __LINE__);
        check_int((int64_t)size, (int64_t)list[i - 1].size, list[i - 1].name, __FILE__, __LINE__);
        CHECK_OK(o.stmt, SQLGetData(o.stmt, i, SQL_C_DEFAULT, text, sizeof text, NULL));
        CHECK_TEXT(text, list[i - 1].text);
    }
    CHECK_OK(o.stmt, SQLFreeStmt(o.stmt, SQL_CLOSE));

    /* As parameters of what they are described as. */
    for (size_t i = 0; i < COUNT(list); i++) {
        char sql[64];
        snprintf(sql, sizeof sql, "select count(*) from n where %s = ?", list[i].name);
        CHECK_OK(o.stmt, SQLBindParameter(o.stmt, 1, SQL_PARAM_INPUT, SQL_C_CHAR, list[i].type, 100, 0, T(list[i].text), 0, NULL));
        check_int(query_int(o.stmt, sql), 1, sql, __FILE__, __LINE__);
        CHECK_OK(o.stmt, SQLFreeStmt(o.stmt, SQL_RESET_PARAMS));
        if (strcmp(list[i].name, "u") == 0) { /* as long as any */
            SQLSMALLINT type = 0;
            SQLULEN size = 0;
            CHECK_OK(o.stmt, SQLPrepare(o.stmt, T(sql), SQL_NTS));
            CHECK_OK(o.stmt, SQLDescribeParam(o.stmt, 1, &type, &size, NULL, NULL));
            CHECK_INT(type, SQL_VARCHAR);
            CHECK_INT(size, 36);
        }
    }
    old_close(&o);
}

/* ---- options ------------------------------------------------------------------------------------------------------- */

/* A statement's option set on the connection is for all its statements, those that are there and those to come. */
static void options(void)
{
    static const struct {
        SQLUSMALLINT option;
        SQLULEN value, kept;
    } list[] = {
        {SQL_QUERY_TIMEOUT, 77, 77},
        {SQL_MAX_ROWS, 2, 2},
        {SQL_NOSCAN, SQL_NOSCAN_ON, SQL_NOSCAN_ON},
        {SQL_MAX_LENGTH, 3, 3},
        {SQL_BIND_TYPE, 40, 40},
        {SQL_CONCURRENCY, SQL_CONCUR_LOCK, SQL_CONCUR_ROWVER},
        {SQL_ROWSET_SIZE, 5, 5},
        {SQL_RETRIEVE_DATA, SQL_RD_OFF, SQL_RD_OFF},
    };
    struct old o = old_open();
    for (size_t i = 0; i < COUNT(list); i++) {
        SQLULEN value = 99;
        SQLHSTMT later = SQL_NULL_HSTMT;
        SQLRETURN rc = SQLSetConnectOption(o.dbc, list[i].option, list[i].value);
        CHECK_INT(rc, list[i].value == list[i].kept ? SQL_SUCCESS : SQL_SUCCESS_WITH_INFO);
        CHECK_OK(o.dbc, SQLAllocStmt(o.dbc, &later));
        CHECK_OK(o.stmt, SQLGetStmtOption(o.stmt, list[i].option, &value));
        CHECK_INT(value, list[i].kept);
        value = 99;
        CHECK_OK(later, SQLGetStmtOption(later, list[i].option, &value));
        CHECK_INT(value, list[i].kept);
        CHECK_OK(later, SQLFreeStmt(later, SQL_DROP));
    }
    SQLHSTMT stmt = o.stmt;
    o.stmt = SQL_NULL_HSTMT;
    CHECK_OK(o.dbc, SQLSetConnectOption(o.dbc, SQL_USE_BOOKMARKS, SQL_UB_ON));
    CHECK_OK(o.dbc, SQLSetConnectOption(o.dbc, SQL_USE_BOOKMARKS, SQL_UB_OFF));
    CHECK_OK(o.dbc, SQLSetConnectOption(o.dbc, SQL_RETRIEVE_DATA, SQL_RD_ON));
    o.stmt = stmt;

    /* They do what they say. */
    int rows = 0;
    char text[16] = "";
    SQLLEN length = 0;
    query(o.stmt, "select 'abcdef' from generate_series(1, 9)");
    CHECK_OK(o.stmt, SQLFetch(o.stmt));
    CHECK_OK(o.stmt, SQLGetData(o.stmt, 1, SQL_C_CHAR, text, sizeof text, &length));
    CHECK_TEXT(text, "abc");
    do {
        rows++;
    } while (SQLFetch(o.stmt) == SQL_SUCCESS);
    CHECK_INT(rows, 2);
    CHECK_OK(o.stmt, SQLFreeStmt(o.stmt, SQL_CLOSE));
    old_close(&o);

    /* Before connecting too; an application of ODBC 3 must set them on its statements. */
    o = old_new();
    SQLULEN value = 0;
    CHECK_OK(o.dbc, SQLSetConnectOption(o.dbc, SQL_MAX_ROWS, 4));
    CHECK_OK(o.dbc, SQLDriverConnect(o.dbc, NULL, T(connstr(";")), SQL_NTS, NULL, 0, NULL, SQL_DRIVER_NOPROMPT));
    CHECK_OK(o.dbc, SQLAllocStmt(o.dbc, &o.stmt));
    CHECK_OK(o.stmt, SQLGetStmtOption(o.stmt, SQL_MAX_ROWS, &value));
    CHECK_INT(value, 4);
    old_close(&o);
    struct link l = link_open("");
    CHECK_STATE(l.dbc, SQLSetConnectAttr(l.dbc, SQL_ATTR_MAX_ROWS, (SQLPOINTER)4, 0), "HY092");
    link_close(&l);
}

/* ---- the functions of then ----------------------------------------------------------------------------------------- */

static void functions(void)
{
    struct old o = old_open();
    SQLINTEGER in = 5;
    SQLINTEGER out[4] = {0};
    SQLULEN fetched = 0;
    SQLUSMALLINT status[4] = {9, 9, 9, 9};
    CHECK_OK(o.stmt, SQLSetParam(o.stmt, 1, SQL_C_LONG, SQL_INTEGER, 0, 0, &in, NULL));
    CHECK_OK(o.stmt, SQLSetStmtOption(o.stmt, SQL_ROWSET_SIZE, 4));
    CHECK_OK(o.stmt, SQLSetScrollOptions(o.stmt, SQL_CONCUR_READ_ONLY, SQL_SCROLL_FORWARD_ONLY, 4));
    CHECK_OK(o.stmt, SQLBindCol(o.stmt, 1, SQL_C_LONG, out, 0, NULL));
    query(o.stmt, "select generate_series(1, ?)");
    CHECK_OK(o.stmt, SQLExtendedFetch(o.stmt, SQL_FETCH_NEXT, 0, &fetched, status));
    CHECK_INT(fetched, 4);
    CHECK_INT(out[3], 4);
    CHECK_OK(o.stmt, SQLExtendedFetch(o.stmt, SQL_FETCH_NEXT, 0, &fetched, status));
    CHECK_INT(fetched, 1);
    CHECK_INT(out[0], 5);
    CHECK_INT(status[0], SQL_ROW_SUCCESS);
    CHECK_INT(status[1], SQL_ROW_NOROW);
    CHECK_RC(o.stmt, SQLExtendedFetch(o.stmt, SQL_FETCH_NEXT, 0, &fetched, status), SQL_NO_DATA);
    CHECK_OK(o.stmt, SQLFreeStmt(o.stmt, SQL_CLOSE));

    /* Arrays of parameters, and transactions of an environment. */
    SQLINTEGER values[] = {1, 2, 3};
    SQLULEN row = 0;
    run(o.stmt, "create temp table a (i int)");
    CHECK_OK(o.dbc, SQLSetConnectOption(o.dbc, SQL_AUTOCOMMIT, SQL_AUTOCOMMIT_OFF));
    CHECK_OK(o.stmt, SQLBindParameter(o.stmt, 1, SQL_PARAM_INPUT, SQL_C_LONG, SQL_INTEGER, 0, 0, values, 0, NULL));
    CHECK_OK(o.stmt, SQLParamOptions(o.stmt, 3, &row));
    CHECK_OK(o.stmt, SQLExecDirect(o.stmt, T("insert into a values (?)"), SQL_NTS));
    CHECK_INT(row, 3);
    CHECK_OK(o.env, SQLTransact(o.env, SQL_NULL_HDBC, SQL_COMMIT));
    CHECK_OK(o.stmt, SQLParamOptions(o.stmt, 1, &row));
    CHECK_OK(o.stmt, SQLFreeStmt(o.stmt, SQL_RESET_PARAMS));
    CHECK_OK(o.stmt, SQLExecDirect(o.stmt, T("delete from a where i = 99"), SQL_NTS)); /* no row is no SQL_NO_DATA */
    run(o.stmt, "delete from a");
    CHECK_OK(o.dbc, SQLTransact(o.env, o.dbc, SQL_ROLLBACK));
    CHECK_OK(o.stmt, SQLFreeStmt(o.stmt, SQL_UNBIND));
    CHECK_INT(query_int(o.stmt, "select count(*) from a"), 3);
    old_close(&o);
}

/* ---- SQLGetInfo ------------------------------------------------------------------------------------------------------ */

/* What ODBC 2 asked for is there, and what it has in common with ODBC 3 is answered alike. */
static void info(void)
{
    static const struct {
        SQLUSMALLINT type;
        SQLUINTEGER has;
    } masks[] = {
        {SQL_FETCH_DIRECTION, SQL_FD_FETCH_NEXT | SQL_FD_FETCH_FIRST | SQL_FD_FETCH_LAST | SQL_FD_FETCH_PRIOR | SQL_FD_FETCH_ABSOLUTE | SQL_FD_FETCH_RELATIVE},
        {SQL_POS_OPERATIONS, SQL_POS_POSITION | SQL_POS_REFRESH | SQL_POS_UPDATE | SQL_POS_DELETE | SQL_POS_ADD},
        {SQL_POSITIONED_STATEMENTS, SQL_PS_POSITIONED_DELETE | SQL_PS_POSITIONED_UPDATE},
        {SQL_SCROLL_CONCURRENCY, SQL_SCCO_READ_ONLY | SQL_SCCO_OPT_ROWVER},
        {SQL_LOCK_TYPES, SQL_LCK_NO_CHANGE},
        {SQL_OWNER_USAGE, SQL_OU_DML_STATEMENTS | SQL_OU_TABLE_DEFINITION},
        {SQL_QUALIFIER_USAGE, SQL_QU_DML_STATEMENTS | SQL_QU_TABLE_DEFINITION},
    };
    struct old o = old_open();
    struct link l = link_open("");
    SQLHSTMT stmt = o.stmt;
    o.stmt = SQL_NULL_HSTMT;
    for (size_t i = 0; i < COUNT(masks); i++) {
        SQLUINTEGER got = 0;
        CHECK_OK(o.dbc, SQLGetInfo(o.dbc, masks[i].type, &got, sizeof got, NULL));
        CHECK_INT(got & masks[i].has, masks[i].has);
    }
    SQLUSMALLINT level = 0;
    CHECK_OK(o.dbc, SQLGetInfo(o.dbc, SQL_ODBC_API_CONFORMANCE, &level, sizeof level, NULL));
    CHECK_INT(level, SQL_OAC_LEVEL2);
    CHECK_OK(o.dbc, SQLGetInfo(o.dbc, SQL_ODBC_SQL_CONFORMANCE, &level, sizeof level, NULL));
    CHECK_INT(level, SQL_OSC_EXTENDED);
    for (SQLUSMALLINT type = 0; type < 200; type++) {
        static char old[8192], new[8192];
        char what[32];
        bool handle = type == SQL_DRIVER_HDBC || type == SQL_DRIVER_HENV || type == SQL_DRIVER_HLIB || type == SQL_DRIVER_HSTMT || type == SQL_DRIVER_HDESC;
        SQLSMALLINT old_length = 0, new_length = 0;
        if (handle) {
            continue;
        }
        memset(old, 0, sizeof old);
        memset(new, 0, sizeof new);
        snprintf(what, sizeof what, "information type %u", type);
        SQLRETURN rc = SQLGetInfo(l.dbc, type, new, sizeof new, &new_length);
        check_int(SQLGetInfo(o.dbc, type, old, sizeof old, &old_length), rc, what, __FILE__, __LINE__);
        check_true(memcmp(old, new, sizeof old) == 0, what, __FILE__, __LINE__);
        check_int(old_length, new_length, what, __FILE__, __LINE__);
    }
    o.stmt = stmt;
    link_close(&l);
    old_close(&o);
}

int main(void)
{
    static const struct test tests[] = {
        {"SQLSTATEs", states},
        {"dates", dates},
        {"types newer than that", newer_types},
        {"options of a connection", options},
        {"functions", functions},
        {"SQLGetInfo", info},
    };
    return run_tests("ODBC 2", tests, COUNT(tests));
}
