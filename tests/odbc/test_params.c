/* SPDX-License-Identifier: Apache-2.0 */
/* SQLBindParameter, SQLNumParams, SQLDescribeParam, and what arrives at the server: every C type as every SQL type in every kind of column. */
#include "harness.h"

#include <float.h>
#include <limits.h>
#include <stdlib.h>

/* ---- helpers ------------------------------------------------------------------------------------------------------- */

static void bind(SQLHSTMT stmt, SQLUSMALLINT n, SQLSMALLINT c_type, SQLSMALLINT sql_type, const void *value, SQLLEN *length)
{
    CHECK_OK(stmt, SQLBindParameter(stmt, n, SQL_PARAM_INPUT, c_type, sql_type, 0, 0, (SQLPOINTER)(uintptr_t)value, 0, length));
}

static void bind_int(SQLHSTMT stmt, SQLUSMALLINT n, const SQLINTEGER *value)
{
    bind(stmt, n, SQL_C_SLONG, SQL_INTEGER, value, NULL);
}

static void bind_text(SQLHSTMT stmt, SQLUSMALLINT n, const char *value)
{
    bind(stmt, n, SQL_C_CHAR, SQL_VARCHAR, value, NULL);
}

/* The message of the latest error that answer() met. */
static char said[1024];

/*
 * Executes `sql` with what is bound: the text of its first row and column, "NULL", "(none)" without a row, "(done)" without a result set, or the
 * SQLSTATE of the error behind a '!'. Static buffer of the latest call.
 */
static const char *answer(SQLHSTMT stmt, const char *sql)
{
    static char text[4096];
    SQLLEN length = 0;
    SQLSMALLINT columns = 0;
    SQLRETURN rc = SQLExecDirect(stmt, T(sql), SQL_NTS);
    if (SQL_SUCCEEDED(rc)) {
        rc = SQLNumResultCols(stmt, &columns);
    }
    if (SQL_SUCCEEDED(rc) && columns > 0) {
        rc = SQLFetch(stmt);
    }
    if (SQL_SUCCEEDED(rc) && columns > 0) {
        rc = SQLGetData(stmt, 1, SQL_C_CHAR, text, sizeof text, &length);
    }
    if (rc == SQL_ERROR) {
        snprintf(text, sizeof text, "!%s", diag_state(stmt, 1));
        snprintf(said, sizeof said, "%s", diag_message(stmt, 1));
    } else if (columns == 0) {
        snprintf(text, sizeof text, "(done)");
    } else if (rc == SQL_NO_DATA) {
        snprintf(text, sizeof text, "(none)");
    } else if (length == SQL_NULL_DATA) {
        snprintf(text, sizeof text, "NULL");
    }
    SQLFreeStmt(stmt, SQL_CLOSE);
    return text;
}

/* ---- arguments ----------------------------------------------------------------------------------------------------- */

static void bind_arguments(void)
{
    struct link l = link_open("");
    SQLINTEGER n = 1;
    SQLLEN null = SQL_NULL_DATA;
    SQLHSTMT s = l.stmt;
    CHECK_STATE(s, SQLBindParameter(s, 0, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, &n, 0, NULL), "07009");
    CHECK_STATE(s, SQLBindParameter(s, 1, 3, SQL_C_SLONG, SQL_INTEGER, 0, 0, &n, 0, NULL), "HY105");
    CHECK_STATE(s, SQLBindParameter(s, 1, SQL_PARAM_INPUT, 777, SQL_INTEGER, 0, 0, &n, 0, NULL), "HY003");
    CHECK_STATE(s, SQLBindParameter(s, 1, SQL_PARAM_INPUT, SQL_C_SLONG, 777, 0, 0, &n, 0, NULL), "HY004");
    CHECK_STATE(s, SQLBindParameter(s, 1, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, 0, 0, &n, -1, NULL), "HY090");
    CHECK_STATE(s, SQLBindParameter(s, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, NULL, 0, NULL), "HY009");

    /* Pairs outside ODBC's conversion table. */
    static const SQLSMALLINT wrong[][2] = {
        {SQL_C_TYPE_DATE, SQL_INTEGER},    {SQL_C_TYPE_DATE, SQL_TYPE_TIME},      {SQL_C_TYPE_TIME, SQL_TYPE_DATE},
        {SQL_C_SLONG, SQL_TYPE_TIMESTAMP}, {SQL_C_SLONG, SQL_VARBINARY},          {SQL_C_GUID, SQL_INTEGER},
        {SQL_C_DOUBLE, SQL_GUID},          {SQL_C_INTERVAL_YEAR, SQL_INTERVAL_DAY}, {SQL_C_DOUBLE, SQL_INTERVAL_DAY},
        {SQL_C_INTERVAL_DAY, SQL_DOUBLE},  {SQL_C_BIT, SQL_TYPE_DATE},            {SQL_C_INTERVAL_DAY_TO_SECOND, SQL_INTEGER},
    };
    char room[64] = {0};
    for (size_t i = 0; i < COUNT(wrong); i++) {
        CHECK_STATE(s, SQLBindParameter(s, 1, SQL_PARAM_INPUT, wrong[i][0], wrong[i][1], 0, 0, room, 0, NULL), "07006");
    }

    /* None of these left anything bound. */
    CHECK_TEXT(answer(s, "select ?"), "!07002");
    CHECK_OK(s, SQLBindParameter(s, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, NULL, 0, &null));
    CHECK_TEXT(answer(s, "select ?"), "NULL");
    CHECK_OK(s, SQLFreeStmt(s, SQL_RESET_PARAMS));
    CHECK_TEXT(answer(s, "select ?"), "!07002");

    /* The bound buffers are read when the statement runs, and stay bound. */
    bind_int(s, 1, &n);
    CHECK_OK(s, SQLPrepare(s, T("select ? * 2"), SQL_NTS));
    for (n = 1; n <= 3; n++) {
        SQLINTEGER twice = 0;
        CHECK_OK(s, SQLExecute(s));
        CHECK_OK(s, SQLFetch(s));
        CHECK_OK(s, SQLGetData(s, 1, SQL_C_SLONG, &twice, 0, NULL));
        CHECK_INT(twice, 2 * n);
        CHECK_OK(s, SQLCloseCursor(s));
    }
    link_close(&l);
}

static void number_of_bindings(void)
{
    struct link l = link_open("");
    SQLINTEGER a = 1;
    SQLINTEGER b = 2;
    SQLINTEGER c = 3;
    bind_int(l.stmt, 1, &a);
    CHECK_STATE(l.stmt, SQLExecDirect(l.stmt, T("select ? + ?"), SQL_NTS), "07002");
    CHECK_CONTAINS(diag_message(l.stmt, 1), "Parameter 2");
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("select ? + ?"), SQL_NTS));
    CHECK_STATE(l.stmt, SQLExecute(l.stmt), "07002");
    /* Bound between two executions of the same prepared statement. */
    bind_int(l.stmt, 2, &b);
    CHECK_OK(l.stmt, SQLExecute(l.stmt));
    CHECK_OK(l.stmt, SQLCloseCursor(l.stmt));
    /* A gap: number 2 of 3 is missing. */
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_RESET_PARAMS));
    bind_int(l.stmt, 1, &a);
    bind_int(l.stmt, 3, &c);
    CHECK_TEXT(answer(l.stmt, "select ? + ? + ?"), "!07002");
    /* More than the statement has: the rest is left alone. */
    bind_int(l.stmt, 2, &b);
    CHECK_TEXT(answer(l.stmt, "select ? + ?"), "3");
    CHECK_TEXT(answer(l.stmt, "select 'no marker'"), "no marker");
    CHECK_TEXT(answer(l.stmt, "select ? + ? + ?"), "6");
    /* Markers of every statement of a text, in one numbering. */
    CHECK_TEXT(answer(l.stmt, "select ?; select ? + ?"), "1");
    link_close(&l);
}

static void num_params(void)
{
    static const struct {
        const char *sql;
        int count;
    } list[] = {
        {"select 1", 0},
        {"select ?, ?", 2},
        {"select '?', \"?\".a, $$?$$, $x$ ? $x$, E'\\'?', ? from \"?\"", 1},
        {"select /* ? /* ? */ ? */ ? -- ?\n, ?", 2},
        {"select a ?? 'b', a ??| ?, a ??& ? from t", 2},
        {"{?= call f(?, 1, ?)}", 3},
        {"{call f(?)}", 1},
        {"select {fn concat(?, '?')}, {fn left(?, ?)}", 3},
        {"insert into t values (?); update t set a = ? where b = ?", 3},
        {"", 0},
        {"-- ?", 0},
    };
    struct link l = link_open("");
    SQLSMALLINT n = -1;
    CHECK_STATE(l.stmt, SQLNumParams(l.stmt, &n), "HY010");
    /* A catalog function takes the text's place. */
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("select ?::int"), SQL_NTS));
    CHECK_OK(l.stmt, SQLNumParams(l.stmt, &n));
    CHECK_INT(n, 1);
    CHECK_OK(l.stmt, SQLTables(l.stmt, NULL, 0, NULL, 0, T("no such table"), SQL_NTS, NULL, 0));
    CHECK_OK(l.stmt, SQLNumParams(l.stmt, &n));
    CHECK_INT(n, 0);
    CHECK_STATE(l.stmt, SQLDescribeParam(l.stmt, 1, NULL, NULL, NULL, NULL), "07009");
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    CHECK_STATE(l.stmt, SQLExecute(l.stmt), "HY010");
    for (size_t i = 0; i < COUNT(list); i++) {
        CHECK_OK(l.stmt, SQLPrepare(l.stmt, T(list[i].sql), SQL_NTS));
        CHECK_OK(l.stmt, SQLNumParams(l.stmt, &n));
        if (n != list[i].count) {
            printf("\n    %s\n", list[i].sql);
        }
        CHECK_INT(n, list[i].count);
    }
    CHECK_OK(l.stmt, SQLNumParams(l.stmt, NULL));
    query(l.stmt, "select 1");
    CHECK_OK(l.stmt, SQLNumParams(l.stmt, &n));
    CHECK_INT(n, 0);
    link_close(&l);
}

/* ---- SQLDescribeParam ---------------------------------------------------------------------------------------------- */

static void describe_types(void)
{
    static const struct {
        const char *type;
        SQLSMALLINT sql_type;
        SQLULEN size;
        SQLSMALLINT digits;
    } list[] = {
        {"int2", SQL_SMALLINT, 5, 0},       {"int4", SQL_INTEGER, 10, 0},         {"int8", SQL_BIGINT, 19, 0},
        {"date", SQL_TYPE_DATE, 10, 0},     {"timestamp", SQL_TYPE_TIMESTAMP, 26, 6}, {"uuid", SQL_GUID, 36, 0},
        {"time", SQL_TYPE_TIME, 15, 6},     {"bool", SQL_BIT, 1, 0},              {"float8", SQL_DOUBLE, 53, 0},
        {"float4", SQL_REAL, 24, 0},        {"numeric", SQL_NUMERIC, 38, 18},
    };
    /* The server does not say how long a parameter may be: 0. */
    static const char *const others[] = {"text", "varchar", "char(5)", "bit(3)", "bytea", "interval", "json",   "jsonb",
                                         "xml",  "inet",    "money",  "varbit", "int4[]",  "numrange", "point"};
    struct link l = link_open("");
    char sql[256];
    for (size_t i = 0; i < COUNT(list) + COUNT(others); i++) {
        const char *type = i < COUNT(list) ? list[i].type : others[i - COUNT(list)];
        SQLSMALLINT sql_type = -1;
        SQLSMALLINT digits = -1;
        SQLSMALLINT nullable = -1;
        SQLULEN size = 4711;
        snprintf(sql, sizeof sql, "drop table if exists pg_temp.d; create temp table d (a %s)", type);
        run(l.stmt, sql);
        CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("insert into d values (?)"), SQL_NTS));
        CHECK_OK(l.stmt, SQLDescribeParam(l.stmt, 1, &sql_type, &size, &digits, &nullable));
        CHECK_INT(nullable, SQL_NULLABLE_UNKNOWN);
        if (i < COUNT(list)) {
            CHECK_INT(sql_type, list[i].sql_type);
            CHECK_INT(digits, list[i].digits);
        }
        CHECK_INT(size, i < COUNT(list) ? list[i].size : 0);
        /* A parameter has the type that a column of that type has. */
        SQLSMALLINT column_type = -2;
        CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("select a from d"), SQL_NTS));
        CHECK_OK(l.stmt, SQLDescribeCol(l.stmt, 1, NULL, 0, NULL, &column_type, NULL, NULL, NULL));
        if (sql_type != column_type) {
            printf("\n    %s\n", type);
        }
        CHECK_INT(sql_type, column_type);
    }
    link_close(&l);
}

static SQLSMALLINT described(SQLHSTMT stmt, const char *sql, SQLUSMALLINT n)
{
    SQLSMALLINT type = -999;
    CHECK_OK(stmt, SQLPrepare(stmt, T(sql), SQL_NTS));
    CHECK_OK(stmt, SQLDescribeParam(stmt, n, &type, NULL, NULL, NULL));
    return type;
}

static void describe_states(void)
{
    struct link l = link_open("");
    SQLSMALLINT type = -999;
    SQLULEN size = 0;
    run(l.stmt, "create temp table d (a int, b date, c numeric(10,2))");
    SQLHSTMT s = new_stmt(l.dbc);
    CHECK_STATE(s, SQLDescribeParam(s, 1, &type, NULL, NULL, NULL), "HY010");
    CHECK_OK(s, SQLPrepare(s, T("select * from d where a = ? and b > ?"), SQL_NTS));
    CHECK_STATE(s, SQLDescribeParam(s, 0, &type, NULL, NULL, NULL), "07009");
    CHECK_STATE(s, SQLDescribeParam(s, 3, &type, NULL, NULL, NULL), "07009");
    CHECK_OK(s, SQLDescribeParam(s, 2, NULL, NULL, NULL, NULL));
    CHECK_OK(s, SQLDescribeParam(s, 2, &type, NULL, NULL, NULL));
    CHECK_INT(type, SQL_TYPE_DATE);

    /* What the application binds does not hide what the server wants. */
    bind_text(s, 1, "1");
    bind_text(s, 2, "2026-01-01");
    CHECK_OK(s, SQLDescribeParam(s, 1, &type, &size, NULL, NULL));
    CHECK_INT(type, SQL_INTEGER);
    CHECK_INT(size, 10);
    CHECK_OK(s, SQLExecute(s));
    CHECK_OK(s, SQLDescribeParam(s, 2, &type, NULL, NULL, NULL));
    CHECK_INT(type, SQL_TYPE_DATE);
    CHECK_OK(s, SQLCloseCursor(s));
    CHECK_OK(s, SQLFreeStmt(s, SQL_RESET_PARAMS));

    /* In every statement of a text, with one numbering. */
    CHECK_INT(described(s, "delete from d where a = ?; select * from d where b = ?", 2), SQL_TYPE_DATE);
    CHECK_INT(described(s, "select * from d limit ?", 1), SQL_BIGINT);
    CHECK_INT(described(s, "select * from d where a in (?, ?)", 2), SQL_INTEGER);
    CHECK_INT(described(s, "select ?::uuid", 1), SQL_GUID);

    /* The server cannot tell: no error, but characters. */
    SQLSMALLINT characters = described(s, "select ?::varchar", 1);
    CHECK(characters == SQL_VARCHAR || characters == SQL_WVARCHAR);
    CHECK_INT(described(s, "select ? is null", 1), characters);
    CHECK_INT(described(s, "select ? + ?", 2), characters);
    CHECK_INT(described(s, "select * from d where a = ? and (? is null)", 1), SQL_INTEGER);
    CHECK_INT(described(s, "select * from d where a = ? and (? is null)", 2), characters);
    CHECK_INT(described(s, "set application_name = ?", 1), characters);

    /* A text that is wrong says so, and the statement may be prepared anew. */
    CHECK_OK(s, SQLPrepare(s, T("select * from no_such_table where a = ?"), SQL_NTS));
    CHECK_STATE(s, SQLDescribeParam(s, 1, &type, NULL, NULL, NULL), "42S02");
    CHECK_INT(described(s, "select * from d where a = ?", 1), SQL_INTEGER);

    /* Inside a transaction a failed question does no harm. */
    CHECK_OK(l.dbc, SQLSetConnectAttr(l.dbc, SQL_ATTR_AUTOCOMMIT, (SQLPOINTER)SQL_AUTOCOMMIT_OFF, 0));
    run(l.stmt, "insert into d values (1)");
    CHECK_INT(described(s, "select ? + ?", 1), characters);
    CHECK_OK(s, SQLPrepare(s, T("select * from no_such_table where a = ?"), SQL_NTS));
    CHECK_STATE(s, SQLDescribeParam(s, 1, &type, NULL, NULL, NULL), "42S02");
    CHECK_INT(query_int(l.stmt, "select count(*) from d"), 1);
    CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_COMMIT));
    free_stmt(s);
    link_close(&l);
}

/* ---- every C type as every SQL type into every column -------------------------------------------------------------- */

/* Ends with 0, which is SQL_UNKNOWN_TYPE. */
typedef SQLSMALLINT type_list[16];

static const type_list numbers = {SQL_TINYINT, SQL_SMALLINT, SQL_INTEGER, SQL_BIGINT,  SQL_REAL,     SQL_FLOAT,       SQL_DOUBLE,
                                  SQL_NUMERIC, SQL_DECIMAL,  SQL_CHAR,    SQL_VARCHAR, SQL_WVARCHAR, SQL_LONGVARCHAR, SQL_WLONGVARCHAR};
static const type_list decimals = {SQL_REAL, SQL_DOUBLE, SQL_FLOAT, SQL_NUMERIC, SQL_DECIMAL};
static const type_list bits = {SQL_BIT, SQL_INTEGER, SQL_SMALLINT, SQL_BIGINT, SQL_NUMERIC, SQL_DOUBLE, SQL_VARCHAR};
static const type_list texts = {SQL_CHAR, SQL_VARCHAR, SQL_LONGVARCHAR, SQL_WCHAR, SQL_WVARCHAR, SQL_WLONGVARCHAR};
static const type_list dates = {SQL_TYPE_DATE, SQL_CHAR, SQL_VARCHAR, SQL_WVARCHAR};
static const type_list times = {SQL_TYPE_TIME, SQL_CHAR, SQL_VARCHAR, SQL_WVARCHAR};
static const type_list timestamps = {SQL_TYPE_TIMESTAMP, SQL_CHAR, SQL_VARCHAR, SQL_WVARCHAR};
static const type_list guids = {SQL_GUID, SQL_CHAR, SQL_VARCHAR, SQL_WVARCHAR};
static const type_list binaries = {SQL_BINARY, SQL_VARBINARY, SQL_LONGVARBINARY};
static const type_list day_seconds = {SQL_INTERVAL_DAY_TO_SECOND, SQL_VARCHAR};
static const type_list year_months = {SQL_INTERVAL_YEAR_TO_MONTH, SQL_VARCHAR};
static const type_list hours = {SQL_INTERVAL_HOUR, SQL_INTERVAL_DAY_TO_SECOND, SQL_VARCHAR};
static const type_list day_second_texts = {SQL_INTERVAL_DAY_TO_SECOND};
static const type_list date_or_timestamp = {SQL_TYPE_TIMESTAMP};

/* One value as the application holds it. */
struct value {
    SQLSMALLINT c_type;
    const void *data;
    SQLLEN length;
};

/* For each value × each SQL type × each column: what the server then has, as text. */
struct road {
    const char *what;
    const struct value *values;
    size_t nvalues;
    const SQLSMALLINT *sql_types;
    struct {
        const char *column; /* NULL ends */
        const char *wanted; /* text, or ! and SQLSTATE */
    } columns[16];
};

/* Bytes of one element of the C type, or of this text or data with its terminator. */
static size_t room_of(SQLSMALLINT c_type, const void *data, SQLLEN length)
{
    switch (c_type) {
    case SQL_C_CHAR:
        return (length == SQL_NTS ? strlen(data) : (size_t)length) + 1;
    case SQL_C_WCHAR: {
        size_t units = 0;
        for (const SQLWCHAR *p = data; length == SQL_NTS && p[units] != 0; units++) {
        }
        return (length == SQL_NTS ? 2 * units : (size_t)length) + 2;
    }
    case SQL_C_BINARY:
        return length > 0 ? (size_t)length : 1;
    case SQL_C_BIT:
    case SQL_C_TINYINT:
    case SQL_C_STINYINT:
    case SQL_C_UTINYINT:
        return 1;
    case SQL_C_SHORT:
    case SQL_C_SSHORT:
    case SQL_C_USHORT:
        return 2;
    case SQL_C_LONG:
    case SQL_C_SLONG:
    case SQL_C_ULONG:
    case SQL_C_FLOAT:
        return 4;
    case SQL_C_SBIGINT:
    case SQL_C_UBIGINT:
    case SQL_C_DOUBLE:
        return 8;
    case SQL_C_NUMERIC:
        return sizeof(SQL_NUMERIC_STRUCT);
    case SQL_C_DATE:
    case SQL_C_TIME:
    case SQL_C_TYPE_DATE:
    case SQL_C_TYPE_TIME:
        return sizeof(SQL_DATE_STRUCT);
    case SQL_C_TIMESTAMP:
    case SQL_C_TYPE_TIMESTAMP:
        return sizeof(SQL_TIMESTAMP_STRUCT);
    case SQL_C_GUID:
        return sizeof(SQLGUID);
    default:
        return sizeof(SQL_INTERVAL_STRUCT);
    }
}

/* The same value three times in an array: what is stored, if it is one value, or the state. */
static const char *answer_array(SQLHSTMT stmt, const char *column, SQLSMALLINT c_type, SQLSMALLINT sql_type, const void *data, SQLLEN length)
{
    static char result[1024];
    char sql[256];
    unsigned char block[3 * 512];
    SQLLEN lengths[3] = {length, length, length};
    size_t width = room_of(c_type, data, length);
    size_t filled = c_type == SQL_C_BINARY ? (size_t)length : c_type == SQL_C_CHAR ? width - 1 : c_type == SQL_C_WCHAR ? width - 2 : width;
    memset(block, 0, sizeof block);
    CHECK(3 * width <= sizeof block);
    for (size_t i = 0; 3 * width <= sizeof block && i < 3; i++) {
        memcpy(block + i * width, data, filled);
    }
    run(stmt, "delete from road");
    CHECK_OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_PARAMSET_SIZE, (SQLPOINTER)3, 0));
    CHECK_OK(stmt, SQLBindParameter(stmt, 1, SQL_PARAM_INPUT, c_type, sql_type, 0, 0, block, (SQLLEN)width, lengths));
    snprintf(sql, sizeof sql, "insert into road (%s) values (?)", column);
    SQLRETURN rc = SQLExecDirect(stmt, T(sql), SQL_NTS);
    if (rc != SQL_SUCCESS) {
        snprintf(result, sizeof result, "!%s", diag_state(stmt, 1));
    }
    CHECK_OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_PARAMSET_SIZE, (SQLPOINTER)1, 0));
    CHECK_OK(stmt, SQLFreeStmt(stmt, SQL_RESET_PARAMS));
    if (rc == SQL_SUCCESS) {
        snprintf(sql, sizeof sql, "select case when count(*) = 3 and count(distinct %s::text) = 1 then max(%s::text) end from road", column, column);
        snprintf(result, sizeof result, "%s", query_text(stmt, sql));
    }
    return result;
}

static void travel(SQLHSTMT stmt, const struct road *r)
{
    char sql[128];
    for (size_t c = 0; r->columns[c].column != NULL; c++) {
        snprintf(sql, sizeof sql, "insert into road (%s) values (?) returning %s::text", r->columns[c].column, r->columns[c].column);
        for (size_t v = 0; v < r->nvalues; v++) {
            for (const SQLSMALLINT *t = r->sql_types; *t != 0; t++) {
                SQLLEN length = r->values[v].length;
                const char *wanted = r->columns[c].wanted;
                bind(stmt, 1, r->values[v].c_type, *t, r->values[v].data, &length);
                const char *got = answer(stmt, sql);
                if (strcmp(got, wanted) != 0) {
                    printf("\n    %s: C type %d as SQL type %d into %s: %s %s", r->what, r->values[v].c_type, *t, r->columns[c].column, got,
                           got[0] == '!' ? said : "");
                }
                CHECK_TEXT(got, wanted);
                got = answer_array(stmt, r->columns[c].column, r->values[v].c_type, *t, r->values[v].data, length);
                if (strcmp(got, wanted) != 0) {
                    printf("\n    %s: C type %d as SQL type %d into %s, array", r->what, r->values[v].c_type, *t, r->columns[c].column);
                }
                CHECK_TEXT(got, wanted);
            }
        }
    }
}

static void make_road(SQLHSTMT stmt)
{
    run(stmt, "create temp table road (i2 int2, i4 int4, i8 int8, f4 float4, f8 float8, n numeric, n2 numeric(10,2), t text, v varchar(40), "
              "c char(8), by bytea, bo bool, d date, ti time, ts timestamp, tz timestamptz, iv interval, u uuid, j json, jb jsonb, o oid, "
              "m money, nm name, a int4[], ip inet, x xml, vb varbit, r int4range, p point)");
    run(stmt, "set timezone = 'UTC'");
}

#define VALUES(...)                                                                                                    \
    .values = (const struct value[]){__VA_ARGS__}, .nvalues = sizeof((const struct value[]){__VA_ARGS__}) / sizeof(struct value)

static void road_numbers(void)
{
    static const SQLSCHAR i1 = 42;
    static const SQLCHAR u1 = 42;
    static const SQLSMALLINT i2 = 42;
    static const SQLUSMALLINT u2 = 42;
    static const SQLINTEGER i4 = 42;
    static const SQLUINTEGER u4 = 42;
    static const SQLBIGINT i8 = 42;
    static const SQLUBIGINT u8 = 42;
    static const SQLREAL f4 = 42;
    static const SQLDOUBLE f8 = 42;
    static const SQL_NUMERIC_STRUCT num = {.precision = 10, .scale = 0, .sign = 1, .val = {42}};
    static const SQLWCHAR wide42[] = {'4', '2', 0};
    const struct road whole = {
        .what = "42",
        VALUES({SQL_C_STINYINT, &i1, 0}, {SQL_C_TINYINT, &i1, 0}, {SQL_C_UTINYINT, &u1, 0}, {SQL_C_SSHORT, &i2, 0}, {SQL_C_SHORT, &i2, 0},
               {SQL_C_USHORT, &u2, 0}, {SQL_C_SLONG, &i4, 0}, {SQL_C_LONG, &i4, 0}, {SQL_C_ULONG, &u4, 0}, {SQL_C_SBIGINT, &i8, 0},
               {SQL_C_UBIGINT, &u8, 0}, {SQL_C_FLOAT, &f4, 0}, {SQL_C_DOUBLE, &f8, 0}, {SQL_C_NUMERIC, &num, 0}, {SQL_C_CHAR, "42", 2},
               {SQL_C_CHAR, "42", SQL_NTS}, {SQL_C_WCHAR, wide42, 4}, {SQL_C_WCHAR, wide42, SQL_NTS}),
        .sql_types = numbers,
        .columns = {{"i2", "42"}, {"i4", "42"}, {"i8", "42"}, {"f4", "42"}, {"f8", "42"}, {"n", "42"}, {"n2", "42.00"}, {"t", "42"},
                    {"v", "42"}, {"nm", "42"}, {"j", "42"}, {"jb", "42"}, {"o", "42"}, {"m", "$42.00"}},
    };
    static const SQLREAL half4 = -2.5F;
    static const SQLDOUBLE half8 = -2.5;
    static const SQL_NUMERIC_STRUCT half = {.precision = 10, .scale = 1, .sign = 0, .val = {25}};
    const struct road fraction = {
        .what = "-2.5",
        VALUES({SQL_C_FLOAT, &half4, 0}, {SQL_C_DOUBLE, &half8, 0}, {SQL_C_NUMERIC, &half, 0}, {SQL_C_CHAR, " -2.5 ", SQL_NTS}),
        .sql_types = decimals,
        .columns = {{"f4", "-2.5"}, {"f8", "-2.5"}, {"n", "-2.5"}, {"n2", "-2.50"}, {"t", "-2.5"}, {"v", "-2.5"}, {"jb", "-2.5"}},
    };
    static const SQLCHAR on = 1;
    static const SQLINTEGER i4one = 1;
    const struct road bit = {
        .what = "a bit",
        VALUES({SQL_C_BIT, &on, 0}, {SQL_C_CHAR, "1", SQL_NTS}, {SQL_C_STINYINT, &on, 0}),
        .sql_types = bits,
        .columns = {{"bo", "true"}, {"i4", "1"}, {"n", "1"}, {"f8", "1"}},
    };
    /* Into characters a truth goes as ODBC's digit, whatever kind of characters. */
    const struct road bit_text = {
        .what = "a bit as text",
        VALUES({SQL_C_BIT, &on, 0}, {SQL_C_SLONG, &i4one, 0}),
        .sql_types = (const type_list){SQL_BIT, SQL_INTEGER, SQL_NUMERIC, SQL_VARCHAR},
        .columns = {{"t", "1"}, {"v", "1"}, {"c", "1"}, {"nm", "1"}},
    };
    struct link l = link_open("");
    make_road(l.stmt);
    /* The sign of money's text depends on the server's locale. */
    CHECK_TEXT(query_text(l.stmt, "select 42::money::text"), "$42.00");
    travel(l.stmt, &whole);
    travel(l.stmt, &fraction);
    travel(l.stmt, &bit);
    travel(l.stmt, &bit_text);
    link_close(&l);
}

static void road_texts(void)
{
    static const char utf8[] = "h\xC3\xA9 \xF0\x9F\x98\x80 'q\" \\";
    struct link l = link_open("");
    make_road(l.stmt);
    const struct road text = {
        .what = "text",
        VALUES({SQL_C_CHAR, utf8, SQL_NTS}, {SQL_C_CHAR, utf8, sizeof utf8 - 1}, {SQL_C_WCHAR, wide(utf8), SQL_NTS},
               {SQL_C_WCHAR, wide(utf8), 2 * 11}, {SQL_C_BINARY, utf8, sizeof utf8 - 1}),
        .sql_types = texts,
        .columns = {{"t", utf8}, {"v", utf8}, {"nm", utf8}, {"jb", "!22018"}, {"i4", "!22018"}},
    };
    travel(l.stmt, &text);
    const struct road empty = {
        .what = "the empty string",
        VALUES({SQL_C_CHAR, "", SQL_NTS}, {SQL_C_CHAR, "xyz", 0}, {SQL_C_WCHAR, wide(""), SQL_NTS}, {SQL_C_WCHAR, wide("xyz"), 0},
               {SQL_C_BINARY, "xyz", 0}),
        .sql_types = texts,
        .columns = {{"t", ""}, {"v", ""}, {"c", ""}, {"by", "\\x"}},
    };
    travel(l.stmt, &empty);
    const struct {
        const char *text, *column, *wanted;
    } list[] = {
        {"{\"a\": [1, 2]}", "j", "{\"a\": [1, 2]}"},
        {"{\"a\":[1,2]}", "jb", "{\"a\": [1, 2]}"},
        {"ABCDEF01-2345-6789-abcd-ef0123456789", "u", "abcdef01-2345-6789-abcd-ef0123456789"},
        {"{1,NULL,3}", "a", "{1,NULL,3}"},
        {"10.0.0.1/8", "ip", "10.0.0.1/8"},
        {"<a>&lt;</a>", "x", "<a>&lt;</a>"},
        {"10110", "vb", "10110"},
        {"[1,5)", "r", "[1,5)"},
        {"(1.5,2)", "p", "(1.5,2)"},
        {"1 day 2:03:04.5", "iv", "1 day 02:03:04.5"},
        {"2026-11-21", "d", "2026-11-21"},
        {"infinity", "d", "infinity"},
        {"0044-03-15 BC", "d", "0044-03-15 BC"},
        {"23:59:59.999999", "ti", "23:59:59.999999"},
        {"2026-11-21 01:02:03.000004", "ts", "2026-11-21 01:02:03.000004"},
        {"2026-11-21 01:02:03+05", "tz", "2026-11-20 20:02:03+00"},
        {"yes", "bo", "true"},
        {"NaN", "f8", "NaN"},
        {"-Infinity", "f8", "-Infinity"},
        {"NaN", "n", "NaN"},
        {"123456789012345678901234567890.12345", "n", "123456789012345678901234567890.12345"},
        {"blank  ", "c", "blank"},
        {"longer than eight", "c", "!22001"},
        {"12", "i2", "12"},
        {"1.5", "i4", "!22018"},
        {"40000", "i2", "!22003"},
        {"abc", "u", "!22018"},
        {"2026-02-30", "d", "!22008"},
        {"31/31/31/31", "d", "!22007"},
        {"{1,", "a", "!22018"},
        {"maybe", "bo", "!22018"},
    };
    for (size_t i = 0; i < COUNT(list); i++) {
        const struct road r = {
            .what = list[i].text,
            VALUES({SQL_C_CHAR, list[i].text, SQL_NTS}, {SQL_C_WCHAR, wide(list[i].text), SQL_NTS}),
            .sql_types = texts,
            .columns = {{list[i].column, list[i].wanted}},
        };
        travel(l.stmt, &r);
    }
    link_close(&l);
}

static void road_datetimes(void)
{
    static const SQL_DATE_STRUCT date = {2026, 2, 28};
    static const SQL_TIME_STRUCT time = {23, 59, 58};
    static const SQL_TIMESTAMP_STRUCT ts = {2026, 2, 28, 23, 59, 58, 123456000};
    static const SQL_TIMESTAMP_STRUCT midnight = {2026, 2, 28, 0, 0, 0, 0};
    static const SQLGUID guid = {0x01234567, 0x89ab, 0xcdef, {0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef}};
    static const unsigned char bytes[] = {0, 1, 0x27, 0x5c, 0xff};
    static const SQL_INTERVAL_STRUCT dts = {.interval_type = SQL_IS_DAY_TO_SECOND, .interval_sign = SQL_TRUE,
                                            .intval.day_second = {1, 2, 3, 4, 500000}};
    static const SQL_INTERVAL_STRUCT ym = {.interval_type = SQL_IS_YEAR_TO_MONTH, .intval.year_month = {2, 7}};
    static const SQL_INTERVAL_STRUCT h30 = {.interval_type = SQL_IS_HOUR, .intval.day_second = {.hour = 30}};
    const struct road list[] = {
        {"a date", VALUES({SQL_C_TYPE_DATE, &date, 0}, {SQL_C_CHAR, "2026-02-28", SQL_NTS}), .sql_types = dates,
         .columns = {{"d", "2026-02-28"}, {"ts", "2026-02-28 00:00:00"}, {"t", "2026-02-28"}, {"v", "2026-02-28"}}},
        {"a date as timestamp", VALUES({SQL_C_TYPE_DATE, &date, 0}, {SQL_C_TYPE_TIMESTAMP, &midnight, 0}), .sql_types = date_or_timestamp,
         .columns = {{"d", "2026-02-28"}, {"ts", "2026-02-28 00:00:00"}, {"t", "2026-02-28 00:00:00"}}},
        {"a timestamp as date", VALUES({SQL_C_TYPE_TIMESTAMP, &midnight, 0}, {SQL_C_DATE, &date, 0}),
         .sql_types = (const type_list){SQL_TYPE_DATE}, .columns = {{"d", "2026-02-28"}, {"t", "2026-02-28"}}},
        {"a time", VALUES({SQL_C_TYPE_TIME, &time, 0}, {SQL_C_CHAR, "23:59:58", SQL_NTS}), .sql_types = times,
         .columns = {{"ti", "23:59:58"}, {"t", "23:59:58"}, {"v", "23:59:58"}, {"iv", "23:59:58"}}},
        {"a timestamp", VALUES({SQL_C_TYPE_TIMESTAMP, &ts, 0}, {SQL_C_TIMESTAMP, &ts, 0}, {SQL_C_CHAR, "2026-02-28 23:59:58.123456", SQL_NTS}),
         .sql_types = timestamps,
         .columns = {{"ts", "2026-02-28 23:59:58.123456"}, {"tz", "2026-02-28 23:59:58.123456+00"}, {"t", "2026-02-28 23:59:58.123456"},
                     {"v", "2026-02-28 23:59:58.123456"}}},
        {"a GUID", VALUES({SQL_C_GUID, &guid, 0}, {SQL_C_CHAR, "01234567-89ab-cdef-0123-456789abcdef", SQL_NTS}), .sql_types = guids,
         .columns = {{"u", "01234567-89ab-cdef-0123-456789abcdef"}, {"t", "01234567-89ab-cdef-0123-456789abcdef"},
                     {"v", "01234567-89ab-cdef-0123-456789abcdef"}}},
        {"bytes", VALUES({SQL_C_BINARY, bytes, sizeof bytes}, {SQL_C_CHAR, "0001275cFF", SQL_NTS}), .sql_types = binaries,
         .columns = {{"by", "\\x0001275cff"}}},
        {"a day-time interval", VALUES({SQL_C_INTERVAL_DAY_TO_SECOND, &dts, 0}), .sql_types = day_seconds,
         .columns = {{"iv", "-1 days -02:03:04.5"}}},
        {"a year-month interval", VALUES({SQL_C_INTERVAL_YEAR_TO_MONTH, &ym, 0}, {SQL_C_CHAR, "2-7", SQL_NTS}), .sql_types = year_months,
         .columns = {{"iv", "2 years 7 mons"}}},
        {"hours", VALUES({SQL_C_INTERVAL_HOUR, &h30, 0}), .sql_types = hours, .columns = {{"iv", "30:00:00"}}},
        {"an interval as text", VALUES({SQL_C_CHAR, "-1 02:03:04.5", SQL_NTS}), .sql_types = day_second_texts,
         .columns = {{"iv", "-1 days -02:03:04.5"}}},
    };
    struct link l = link_open("");
    make_road(l.stmt);
    for (size_t i = 0; i < COUNT(list); i++) {
        travel(l.stmt, &list[i]);
    }
    link_close(&l);
}

static void nulls(void)
{
    static const SQLSMALLINT c_types[] = {SQL_C_CHAR, SQL_C_WCHAR, SQL_C_SLONG, SQL_C_BINARY, SQL_C_DEFAULT};
    static const SQLSMALLINT sql_types[] = {SQL_VARCHAR,  SQL_WVARCHAR,  SQL_INTEGER, SQL_BIGINT,         SQL_DOUBLE, SQL_NUMERIC,
                                            SQL_BIT,      SQL_VARBINARY, SQL_GUID,    SQL_TYPE_TIMESTAMP, SQL_LONGVARCHAR};
    static const char *const columns[] = {"i4", "t", "by", "bo", "d", "ts", "iv", "u", "jb", "n", "a", "r", "x"};
    struct link l = link_open("");
    make_road(l.stmt);
    for (size_t i = 0; i < COUNT(c_types) * COUNT(sql_types) * COUNT(columns); i++) {
        SQLSMALLINT c = c_types[i % COUNT(c_types)];
        SQLSMALLINT t = sql_types[i / COUNT(c_types) % COUNT(sql_types)];
        const char *column = columns[i / COUNT(c_types) / COUNT(sql_types)];
        SQLLEN null = SQL_NULL_DATA;
        char sql[128];
        snprintf(sql, sizeof sql, "insert into road (%s) values (?) returning %s", column, column);
        SQLRETURN rc = SQLBindParameter(l.stmt, 1, SQL_PARAM_INPUT, c, t, 0, 0, NULL, 0, &null);
        if (rc == SQL_ERROR && strcmp(diag_state(l.stmt, 1), "07006") == 0) {
            continue;
        }
        const char *got = answer(l.stmt, sql);
        if (strcmp(got, "NULL") != 0) {
            printf("\n    C type %d as SQL type %d into %s: %s %s", c, t, column, got, said);
        }
        CHECK_TEXT(got, "NULL");
    }
    link_close(&l);
}

static void default_c_types(void)
{
    static const SQLSMALLINT small = -7;
    static const SQLINTEGER integer = -7;
    static const SQLBIGINT big = -7;
    static const SQLREAL real = -7;
    static const SQLDOUBLE dbl = -7;
    static const SQLCHAR one = 1;
    static const SQL_DATE_STRUCT date = {2026, 2, 28};
    static const SQL_TIME_STRUCT time = {1, 2, 3};
    static const SQL_TIMESTAMP_STRUCT ts = {2026, 2, 28, 1, 2, 3, 0};
    static const SQLGUID guid = {1, 2, 3, {4, 5, 6, 7, 8, 9, 10, 11}};
    static const SQLWCHAR w[] = {'w', 0xe9, 0};
    const struct {
        SQLSMALLINT sql_type;
        const void *data;
        SQLLEN length;
        const char *column, *wanted;
    } list[] = {
        {SQL_CHAR, "abc", SQL_NTS, "t", "abc"},
        {SQL_VARCHAR, "abc", 2, "t", "ab"},
        {SQL_LONGVARCHAR, "abc", SQL_NTS, "t", "abc"},
        {SQL_WVARCHAR, w, SQL_NTS, "t", "w\xC3\xA9"},
        {SQL_DECIMAL, "-7.50", SQL_NTS, "n", "-7.50"},
        {SQL_NUMERIC, "-7.50", SQL_NTS, "n", "-7.50"},
        {SQL_TINYINT, &small, 0, "i2", "-7"},
        {SQL_SMALLINT, &small, 0, "i2", "-7"},
        {SQL_INTEGER, &integer, 0, "i4", "-7"},
        {SQL_BIGINT, &big, 0, "i8", "-7"},
        {SQL_REAL, &real, 0, "f4", "-7"},
        {SQL_FLOAT, &dbl, 0, "f8", "-7"},
        {SQL_DOUBLE, &dbl, 0, "f8", "-7"},
        {SQL_BIT, &one, 0, "bo", "true"},
        {SQL_VARBINARY, "\x01\xff", 2, "by", "\\x01ff"},
        {SQL_TYPE_DATE, &date, 0, "d", "2026-02-28"},
        {SQL_TYPE_TIME, &time, 0, "ti", "01:02:03"},
        {SQL_TYPE_TIMESTAMP, &ts, 0, "ts", "2026-02-28 01:02:03"},
        {SQL_GUID, &guid, 0, "u", "00000001-0002-0003-0405-060708090a0b"},
    };
    struct link l = link_open("");
    make_road(l.stmt);
    for (size_t i = 0; i < COUNT(list); i++) {
        SQLLEN length = list[i].length;
        char sql[128];
        snprintf(sql, sizeof sql, "insert into road (%s) values (?) returning %s::text", list[i].column, list[i].column);
        bind(l.stmt, 1, SQL_C_DEFAULT, list[i].sql_type, list[i].data, &length);
        const char *got = answer(l.stmt, sql);
        if (strcmp(got, list[i].wanted) != 0) {
            printf("\n    SQL type %d: %s", list[i].sql_type, got[0] == '!' ? said : "");
        }
        CHECK_TEXT(got, list[i].wanted);
    }
    link_close(&l);
}

/* ---- lengths and indicators ---------------------------------------------------------------------------------------- */

static void lengths(void)
{
    struct link l = link_open("");
    SQLLEN length = SQL_NTS;
    SQLHSTMT s = l.stmt;
    bind(s, 1, SQL_C_CHAR, SQL_VARCHAR, "abc", &length);
    CHECK_TEXT(answer(s, "select ?"), "abc");
    length = 2;
    CHECK_TEXT(answer(s, "select ?"), "ab");
    length = 0;
    CHECK_TEXT(answer(s, "select ?"), "");
    length = SQL_NULL_DATA;
    CHECK_TEXT(answer(s, "select ?"), "NULL");
    length = -77;
    CHECK_TEXT(answer(s, "select ?"), "!HY090");
    length = SQL_DEFAULT_PARAM;
    CHECK_TEXT(answer(s, "select ?"), "!07S01");

    /* Wide lengths are bytes; half a unit is no value. */
    bind(s, 1, SQL_C_WCHAR, SQL_WVARCHAR, wide("abc"), &length);
    length = 4;
    CHECK_TEXT(answer(s, "select ?"), "ab");
    length = 5;
    CHECK_TEXT(answer(s, "select ?"), "!HY090");

    /* Of numbers the length means nothing, of bytes NTS means nothing. */
    static const SQLINTEGER n = 7;
    bind(s, 1, SQL_C_SLONG, SQL_INTEGER, &n, &length);
    length = 1;
    CHECK_TEXT(answer(s, "select ?"), "7");
    length = SQL_NTS;
    CHECK_TEXT(answer(s, "select ?"), "7");
    bind(s, 1, SQL_C_BINARY, SQL_VARBINARY, "abc", &length);
    CHECK_TEXT(answer(s, "select ?::bytea"), "!HY090");

    /* Without a length: text ends with its NUL, bytes fill their buffer. */
    CHECK_OK(s, SQLBindParameter(s, 1, SQL_PARAM_INPUT, SQL_C_BINARY, SQL_VARBINARY, 3, 0, (SQLPOINTER)(uintptr_t)"a\0c", 3, NULL));
    CHECK_TEXT(answer(s, "select encode(?::bytea, 'hex')"), "610063");
    CHECK_OK(s, SQLBindParameter(s, 1, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, 1, 0, (SQLPOINTER)(uintptr_t)"abc", 2, NULL));
    CHECK_TEXT(answer(s, "select ?"), "abc"); /* ColumnSize and BufferLength do not cut what is sent */

    /* Indicator and length apart. */
    SQLHDESC apd = SQL_NULL_HDESC;
    SQLLEN indicator = SQL_NULL_DATA;
    length = 2;
    bind(s, 1, SQL_C_CHAR, SQL_VARCHAR, "abc", &length);
    CHECK_OK(s, SQLGetStmtAttr(s, SQL_ATTR_APP_PARAM_DESC, &apd, 0, NULL));
    CHECK_OK(apd, SQLSetDescField(apd, 1, SQL_DESC_INDICATOR_PTR, &indicator, 0));
    CHECK_TEXT(answer(s, "select ?"), "NULL");
    indicator = 0;
    CHECK_TEXT(answer(s, "select ?"), "ab");

    /* A megabyte. */
    size_t size = 1 << 20;
    char *big = malloc(size);
    memset(big, 'x', size);
    length = (SQLLEN)size;
    bind(s, 1, SQL_C_CHAR, SQL_LONGVARCHAR, big, &length);
    CHECK_TEXT(answer(s, "select length(?)"), "1048576");
    free(big);
    link_close(&l);
}

static void offset(void)
{
    struct link l = link_open("");
    struct {
        SQLINTEGER n;
        SQLLEN length;
    } rows[3] = {{1, 0}, {2, 0}, {3, SQL_NULL_DATA}};
    SQLLEN at = 0;
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_PARAM_BIND_OFFSET_PTR, &at, 0));
    bind(l.stmt, 1, SQL_C_SLONG, SQL_INTEGER, &rows[0].n, &rows[0].length);
    CHECK_TEXT(answer(l.stmt, "select ?"), "1");
    at = sizeof rows[0];
    CHECK_TEXT(answer(l.stmt, "select ?"), "2");
    at = 2 * sizeof rows[0];
    CHECK_TEXT(answer(l.stmt, "select ?"), "NULL");
    link_close(&l);
}

/* ---- values at the edge of their types ----------------------------------------------------------------------------- */

static void numeric_struct(void)
{
    struct link l = link_open("");
    SQL_NUMERIC_STRUCT n = {.precision = 38, .scale = 2, .sign = 1, .val = {0x39, 0x30}}; /* 12345 */
    bind(l.stmt, 1, SQL_C_NUMERIC, SQL_NUMERIC, &n, NULL);
    /* The scale of the struct counts where the descriptor's was not set. */
    CHECK_TEXT(answer(l.stmt, "select ?::numeric::text"), "123.45");
    n.sign = 0;
    CHECK_TEXT(answer(l.stmt, "select ?::numeric::text"), "-123.45");
    n.scale = -2;
    CHECK_TEXT(answer(l.stmt, "select ?::numeric::text"), "-1234500");
    n.scale = 0;
    n.sign = 1;
    memset(n.val, 0xff, sizeof n.val);
    CHECK_TEXT(answer(l.stmt, "select ?::numeric::text"), "340282366920938463463374607431768211455");
    n.scale = 38;
    CHECK_TEXT(answer(l.stmt, "select ?::numeric::text"), "3.40282366920938463463374607431768211455");
    memset(n.val, 0, sizeof n.val);
    n.sign = 0;
    n.scale = 2;
    CHECK_TEXT(answer(l.stmt, "select ?::numeric::text"), "0.00");

    /* The descriptor's scale stands above the struct's. */
    SQLHDESC apd = SQL_NULL_HDESC;
    n.val[0] = 0x39;
    n.val[1] = 0x30;
    n.sign = 1;
    CHECK_OK(l.stmt, SQLGetStmtAttr(l.stmt, SQL_ATTR_APP_PARAM_DESC, &apd, 0, NULL));
    CHECK_OK(apd, SQLSetDescField(apd, 1, SQL_DESC_TYPE, (SQLPOINTER)SQL_C_NUMERIC, 0));
    CHECK_OK(apd, SQLSetDescField(apd, 1, SQL_DESC_PRECISION, (SQLPOINTER)10, 0));
    CHECK_OK(apd, SQLSetDescField(apd, 1, SQL_DESC_SCALE, (SQLPOINTER)4, 0));
    CHECK_OK(apd, SQLSetDescField(apd, 1, SQL_DESC_DATA_PTR, &n, 0));
    CHECK_TEXT(answer(l.stmt, "select ?::numeric::text"), "1.2345");
    link_close(&l);
}

static void fractions(void)
{
    static const struct {
        SQLUINTEGER nanoseconds;
        const char *timestamp;
    } list[] = {
        {0, "2026-02-28 23:59:59"},          {1, "2026-02-28 23:59:59"},          {1000, "2026-02-28 23:59:59.000001"},
        {1999, "2026-02-28 23:59:59.000001"}, {500000000, "2026-02-28 23:59:59.5"}, {999999999, "2026-02-28 23:59:59.999999"},
        {1000000000, "!22008"},              {UINT_MAX, "!22008"},
    };
    struct link l = link_open("");
    run(l.stmt, "create temp table f (a timestamp, b date, c time)");
    SQL_TIMESTAMP_STRUCT ts = {2026, 2, 28, 23, 59, 59, 0};
    for (size_t i = 0; i < COUNT(list); i++) {
        ts.fraction = list[i].nanoseconds;
        bind(l.stmt, 1, SQL_C_TYPE_TIMESTAMP, SQL_TYPE_TIMESTAMP, &ts, NULL);
        CHECK_TEXT(answer(l.stmt, "insert into f (a) values (?) returning a::text"), list[i].timestamp);
        CHECK_TEXT(answer(l.stmt, "select ?::timestamp::text"), list[i].timestamp);
    }
    /* What the SQL type has no room for is refused, never lost. */
    ts.fraction = 500000000;
    bind(l.stmt, 1, SQL_C_TYPE_TIMESTAMP, SQL_TYPE_DATE, &ts, NULL);
    CHECK_TEXT(answer(l.stmt, "insert into f (b) values (?) returning b::text"), "!22008");
    bind(l.stmt, 1, SQL_C_TYPE_TIMESTAMP, SQL_TYPE_TIME, &ts, NULL);
    CHECK_TEXT(answer(l.stmt, "insert into f (c) values (?) returning c::text"), "!22008");
    ts.fraction = 0;
    CHECK_TEXT(answer(l.stmt, "insert into f (c) values (?) returning c::text"), "23:59:59");

    /* Dates that do not exist. */
    SQL_TIMESTAMP_STRUCT wrong[] = {{2026, 2, 29, 0, 0, 0, 0}, {2026, 13, 1, 0, 0, 0, 0}, {2026, 0, 1, 0, 0, 0, 0},
                                    {2026, 1, 1, 24, 0, 0, 0}, {2026, 1, 1, 0, 60, 0, 0}, {2026, 1, 32, 0, 0, 0, 0}};
    for (size_t i = 0; i < COUNT(wrong); i++) {
        bind(l.stmt, 1, SQL_C_TYPE_TIMESTAMP, SQL_TYPE_TIMESTAMP, &wrong[i], NULL);
        CHECK_TEXT(answer(l.stmt, "insert into f (a) values (?) returning a::text"), "!22007");
    }
    SQL_TIMESTAMP_STRUCT leap = {2024, 2, 29, 0, 0, 0, 0};
    bind(l.stmt, 1, SQL_C_TYPE_TIMESTAMP, SQL_TYPE_TIMESTAMP, &leap, NULL);
    CHECK_TEXT(answer(l.stmt, "insert into f (a) values (?) returning a::text"), "2024-02-29 00:00:00");
    link_close(&l);
}

static void out_of_range(void)
{
    static const SQLINTEGER i70000 = 70000;
    static const SQLBIGINT big = 5000000000;
    static const SQLUBIGINT huge = UINT64_MAX;
    static const SQLDOUBLE dmax = DBL_MAX;
    static const SQLDOUBLE half = 1.5;
    static const SQLCHAR two = 2;
    const struct {
        SQLSMALLINT c_type, sql_type;
        const void *data;
        const char *column, *wanted;
    } list[] = {
        {SQL_C_SLONG, SQL_SMALLINT, &i70000, "i4", "!22003"},
        {SQL_C_SLONG, SQL_TINYINT, &i70000, "i4", "!22003"},
        {SQL_C_SLONG, SQL_INTEGER, &i70000, "i2", "!22003"},
        {SQL_C_SBIGINT, SQL_BIGINT, &big, "i4", "!22003"},
        {SQL_C_SBIGINT, SQL_INTEGER, &big, "i8", "!22003"},
        {SQL_C_UBIGINT, SQL_BIGINT, &huge, "i8", "!22003"},
        {SQL_C_UBIGINT, SQL_NUMERIC, &huge, "n", "18446744073709551615"},
        {SQL_C_UBIGINT, SQL_NUMERIC, &huge, "i8", "!22003"},
        {SQL_C_DOUBLE, SQL_REAL, &dmax, "f4", "!22003"},
        {SQL_C_DOUBLE, SQL_DOUBLE, &dmax, "f4", "!22003"},
        {SQL_C_DOUBLE, SQL_DOUBLE, &dmax, "f8", "1.7976931348623157e+308"},
        {SQL_C_CHAR, SQL_DOUBLE, "1e400", "f8", "!22003"},
        {SQL_C_CHAR, SQL_INTEGER, "abc", "i4", "!22018"},
        {SQL_C_CHAR, SQL_INTEGER, "", "i4", "!22018"},
        {SQL_C_CHAR, SQL_INTEGER, "5000000000", "i4", "!22003"},
        {SQL_C_CHAR, SQL_TYPE_DATE, "no date", "d", "!22018"},
        {SQL_C_CHAR, SQL_GUID, "no guid", "u", "!22018"},
        {SQL_C_CHAR, SQL_VARBINARY, "0g", "by", "!22018"},
        {SQL_C_CHAR, SQL_BIT, "2", "bo", "!22003"},
        {SQL_C_STINYINT, SQL_BIT, &two, "bo", "!22003"},
        {SQL_C_UBIGINT, SQL_BIGINT, &huge, "n2", "!22003"},
        {SQL_C_DOUBLE, SQL_NUMERIC, &half, "n2", "1.50"},
        {SQL_C_CHAR, SQL_VARCHAR, "forty-one characters are one more than 40", "v", "!22001"},
    };
    struct link l = link_open("");
    make_road(l.stmt);
    for (size_t i = 0; i < COUNT(list); i++) {
        char sql[128];
        const char *wanted = list[i].wanted;
        snprintf(sql, sizeof sql, "insert into road (%s) values (?) returning %s::text", list[i].column, list[i].column);
        bind(l.stmt, 1, list[i].c_type, list[i].sql_type, list[i].data, NULL);
        const char *got = answer(l.stmt, sql);
        if (strcmp(got, wanted) != 0) {
            printf("\n    line %zu: C type %d as SQL type %d into %s: %s", i, list[i].c_type, list[i].sql_type, list[i].column,
                   got[0] == '!' ? said : "");
        }
        CHECK_TEXT(got, wanted);
    }
    link_close(&l);
}

static void bad_text(void)
{
    struct link l = link_open("");
    SQLLEN length = 3;
    bind(l.stmt, 1, SQL_C_CHAR, SQL_VARCHAR, "a\0b", &length);
    CHECK_TEXT(answer(l.stmt, "select ?"), "!22018"); /* PostgreSQL's text holds no NUL */
    bind(l.stmt, 1, SQL_C_BINARY, SQL_VARBINARY, "a\0b", &length);
    CHECK_TEXT(answer(l.stmt, "select encode(?::bytea, 'hex')"), "610062");
    static const SQLWCHAR wide_nul[] = {'a', 0, 'b', 0};
    length = 6;
    bind(l.stmt, 1, SQL_C_WCHAR, SQL_WVARCHAR, wide_nul, &length);
    CHECK_TEXT(answer(l.stmt, "select ?"), "!22018");

    static const char *const bad[] = {"\xff", "caf\xe9", "\xc3", "\xed\xa0\x80", "\xc0\xaf", "\xf4\x90\x80\x80", "\xe2\x82"};
    for (size_t i = 0; i < COUNT(bad); i++) {
        bind_text(l.stmt, 1, bad[i]);
        CHECK_TEXT(answer(l.stmt, "select ?"), "!22018");
    }
    static const SQLWCHAR lone[][4] = {{0xD83D, 0}, {0xDE00, 0}, {0xD83D, 'a', 0}, {0xDE00, 0xD83D, 0}};
    for (size_t i = 0; i < COUNT(lone); i++) {
        bind(l.stmt, 1, SQL_C_WCHAR, SQL_WVARCHAR, lone[i], NULL);
        CHECK_TEXT(answer(l.stmt, "select ?"), "!22018");
    }
    static const SQLWCHAR pair[] = {0xD83D, 0xDE00, 0};
    bind(l.stmt, 1, SQL_C_WCHAR, SQL_WVARCHAR, pair, NULL);
    CHECK_TEXT(answer(l.stmt, "select ?"), "\xF0\x9F\x98\x80");

    /* The text of the statement itself. */
    CHECK_STATE(l.stmt, SQLExecDirect(l.stmt, T("select 'caf\xe9'"), SQL_NTS), "22018");
    CHECK_STATE(l.stmt, SQLExecDirect(l.stmt, T("select 1\0 + 1"), 13), "42000");
    static const SQLWCHAR lone_text[] = {'s', 'e', 'l', 'e', 'c', 't', ' ', '\'', 0xD83D, '\'', 0};
    CHECK_STATE(l.stmt, SQLExecDirectW(l.stmt, (SQLWCHAR *)(uintptr_t)lone_text, SQL_NTS), "22018");
    CHECK_INT(query_int(l.stmt, "select 1"), 1);
    link_close(&l);
}

/* ---- what the server makes of a parameter -------------------------------------------------------------------------- */

static void replanning(void)
{
    static const SQLBIGINT big = 3000000000;
    static const SQLBIGINT small = 5;
    static const SQLDOUBLE d15 = 1.5;
    struct link l = link_open("");
    SQLHSTMT s = l.stmt;
    run(s, "create temp table r (a int4, b int2, f float4); insert into r select g, g, g from generate_series(1, 10) g");

    /* A value that the column cannot hold equals none of it. */
    bind(s, 1, SQL_C_SBIGINT, SQL_BIGINT, &big, NULL);
    CHECK_TEXT(answer(s, "select a from r where a = ?"), "(none)");
    CHECK_TEXT(answer(s, "select count(*) from r where a < ?"), "10");
    CHECK_TEXT(answer(s, "select count(*) from r where b < ?"), "10");
    bind(s, 1, SQL_C_SBIGINT, SQL_BIGINT, &small, NULL);
    CHECK_TEXT(answer(s, "select a from r where a = ?"), "5");

    /* A fraction compares as a fraction. */
    bind(s, 1, SQL_C_DOUBLE, SQL_DOUBLE, &d15, NULL);
    CHECK_TEXT(answer(s, "select count(*) from r where a > ?"), "9");
    CHECK_TEXT(answer(s, "select a from r where a = ?"), "(none)");
    bind(s, 1, SQL_C_CHAR, SQL_NUMERIC, "1.5", NULL);
    CHECK_TEXT(answer(s, "select count(*) from r where a > ?"), "9");
    bind(s, 1, SQL_C_CHAR, SQL_DECIMAL, "9.9", NULL);
    CHECK_TEXT(answer(s, "select a from r where a > ?"), "10");

    /* One plan serves both kinds of values, back and forth. */
    SQLBIGINT value = 1;
    bind(s, 1, SQL_C_SBIGINT, SQL_BIGINT, &value, NULL);
    CHECK_OK(s, SQLPrepare(s, T("select count(*) from r where a <= ?"), SQL_NTS));
    static const SQLBIGINT values[] = {1, 3000000000, 4, -3000000000, 10};
    static const SQLINTEGER counts[] = {1, 10, 4, 0, 10};
    for (size_t i = 0; i < COUNT(values); i++) {
        SQLINTEGER count = -1;
        value = values[i];
        CHECK_OK(s, SQLExecute(s));
        CHECK_OK(s, SQLFetch(s));
        CHECK_OK(s, SQLGetData(s, 1, SQL_C_SLONG, &count, 0, NULL));
        CHECK_INT(count, counts[i]);
        CHECK_OK(s, SQLCloseCursor(s));
    }

    /* Two parameters, each needing it by itself. */
    SQLBIGINT second = 3000000000;
    value = 3000000000;
    bind(s, 2, SQL_C_SBIGINT, SQL_BIGINT, &second, NULL);
    CHECK_TEXT(answer(s, "select count(*) from r where a < ? and b < ?"), "10");

    /* Storing is something else: there the column decides. */
    CHECK_OK(s, SQLFreeStmt(s, SQL_RESET_PARAMS));
    bind(s, 1, SQL_C_SBIGINT, SQL_BIGINT, &big, NULL);
    CHECK_TEXT(answer(s, "insert into r (a) values (?)"), "!22003");
    CHECK_TEXT(answer(s, "update r set a = ?"), "!22003");

    /* The same inside a transaction, which stays alive. */
    CHECK_OK(l.dbc, SQLSetConnectAttr(l.dbc, SQL_ATTR_AUTOCOMMIT, (SQLPOINTER)SQL_AUTOCOMMIT_OFF, 0));
    SQLHSTMT other = new_stmt(l.dbc);
    run(other, "insert into r values (11)");
    CHECK_TEXT(answer(s, "select count(*) from r where a < ?"), "11");
    CHECK_TEXT(answer(s, "update r set a = ?"), "!22003");
    CHECK_INT(query_int(other, "select count(*) from r"), 11);
    CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_COMMIT));
    free_stmt(other);
    link_close(&l);
}

static void inference(void)
{
    static const SQLINTEGER nine = 9;
    static const SQLINTEGER ten = 10;
    static const SQLDOUBLE half = 0.5;
    static const SQL_DATE_STRUCT date = {2026, 11, 21};
    struct link l = link_open("");
    SQLHSTMT s = l.stmt;
    run(s, "create schema params_fo; set search_path = params_fo, public");
    run(s, "create function fo(int) returns text language sql as $$ select 'int' $$;"
           "create function fo(text) returns text language sql as $$ select 'text' $$");
    bind_int(s, 1, &ten);
    bind_int(s, 2, &nine);
    CHECK_TEXT(answer(s, "select (? < ?)::text"), "false");
    CHECK_TEXT(answer(s, "select (? > ?)::text"), "true");
    CHECK_TEXT(answer(s, "select greatest(?, ?)::text"), "10");
    CHECK_TEXT(answer(s, "select (? + ?)::text"), "19");
    CHECK_TEXT(answer(s, "select (? % ?)::text"), "1");
    CHECK_TEXT(answer(s, "select mod(?, ?)::text"), "1");
    CHECK_TEXT(answer(s, "select fo(?)"), "int");
    CHECK_TEXT(answer(s, "select (? is null)::text"), "false");
    CHECK_TEXT(answer(s, "select (current_date + ? - current_date)::text"), "10");
    CHECK_TEXT(answer(s, "select (date '2026-11-21' - ?)::text"), "2026-11-11");
    CHECK_TEXT(answer(s, "select pg_typeof(?)::text"), "integer");
    CHECK_TEXT(answer(s, "select (case when ? = 10 then ? else 0 end)::text"), "9");
    CHECK_TEXT(answer(s, "select coalesce(?, ?)::text"), "10");
    CHECK_TEXT(answer(s, "select (array[?, ?])::text"), "{10,9}");
    CHECK_TEXT(answer(s, "select sum(x)::text from (values (?), (?)) v (x)"), "19");
    CHECK_TEXT(answer(s, "select string_agg(x::text, ',' order by x) from (select ? as x union select ?) u"), "9,10");
    CHECK_TEXT(answer(s, "select substr('abcdefghijk', ?)"), "jk");
    CHECK_TEXT(answer(s, "select to_char(?, '000')"), " 010");

    /* The type of a bare parameter in the result is the one that was bound. */
    SQLSMALLINT type = 0;
    CHECK_OK(s, SQLExecDirect(s, T("select ?"), SQL_NTS));
    CHECK_OK(s, SQLDescribeCol(s, 1, NULL, 0, NULL, &type, NULL, NULL, NULL));
    CHECK_INT(type, SQL_INTEGER);
    CHECK_OK(s, SQLCloseCursor(s));

    bind(s, 1, SQL_C_DOUBLE, SQL_DOUBLE, &half, NULL);
    CHECK_TEXT(answer(s, "select (? + ?)::text"), "9.5");
    CHECK_TEXT(answer(s, "select round(?)::text"), "0");
    bind(s, 1, SQL_C_TYPE_DATE, SQL_TYPE_DATE, &date, NULL);
    CHECK_TEXT(answer(s, "select extract(year from ?)::text"), "2026");
    CHECK_TEXT(answer(s, "select (? + ?)::text"), "2026-11-30");
    CHECK_TEXT(answer(s, "select (? - ?)::text"), "2026-11-12");
    CHECK_TEXT(answer(s, "select to_char(?, 'DD.MM.YYYY')"), "21.11.2026");

    /* Characters stay undeclared: the column decides, and the server's own rules do. */
    bind_text(s, 1, "10");
    CHECK_TEXT(answer(s, "select fo(?)"), "text");
    CHECK_TEXT(answer(s, "select ? || 'x'"), "10x");
    CHECK_TEXT(answer(s, "select length(?)"), "2");
    CHECK_TEXT(answer(s, "select (7 + ?)::text"), "17");
    CHECK_TEXT(answer(s, "select upper(?)"), "10");
    CHECK_TEXT(answer(s, "select (? is null)::text"), "false");
    CHECK_TEXT(answer(s, "select count(*) from pg_type where (? is null or typname = 'int4') and typname = 'int4'"), "1");
    SQLLEN null = SQL_NULL_DATA;
    bind(s, 1, SQL_C_CHAR, SQL_VARCHAR, "", &null);
    CHECK_TEXT(answer(s, "select (? is null)::text"), "true");
    CHECK_TEXT(answer(s, "select coalesce(?, 'none')"), "none");
    run(s, "drop schema params_fo cascade");
    link_close(&l);
}

/* What the server takes a marker for may be nothing that the value can be: then what was declared counts, if the statement makes sense with it. */
static void another_type(void)
{
    static const SQL_DATE_STRUCT date = {2024, 3, 1};
    static const SQL_TIMESTAMP_STRUCT stamp = {2024, 3, 1, 1, 2, 3, 0};
    static const SQLDOUBLE number = 1.5;
    static const SQLINTEGER five = 5;
    static const SQLINTEGER day = 20240102;
    static const SQLBIGINT big = 1LL << 40;
    static const SQLCHAR on = 1;
    static const struct {
        const char *sql;
        SQLSMALLINT c_type, sql_type;
        const void *data;
        const char *wanted;
    } list[] = {
        {"select (? - interval '1 day')::text", SQL_C_TYPE_TIMESTAMP, SQL_TYPE_TIMESTAMP, &stamp, "2024-02-29 01:02:03"},
        {"select (? - interval '1 day')::text", SQL_C_TYPE_DATE, SQL_TYPE_DATE, &date, "2024-02-29 00:00:00"},
        {"select (? + 1)::text", SQL_C_TYPE_DATE, SQL_TYPE_DATE, &date, "2024-03-02"},
        {"select (date '2024-01-01' + ?)::text", SQL_C_SLONG, SQL_INTEGER, &five, "2024-01-06"},
        {"select (3 * ?)::text", SQL_C_DOUBLE, SQL_DOUBLE, &number, "4.5"},
        {"select i4::text from road where i4 = ?", SQL_C_SBIGINT, SQL_BIGINT, &big, "(none)"},
        {"insert into road (m) values (?) returning m::numeric::text", SQL_C_DOUBLE, SQL_DOUBLE, &number, "1.50"},
        {"insert into road (vb) values (?) returning vb::text", SQL_C_BIT, SQL_BIT, &on, "1"},
        /* It does not: the value is refused, and the server's opinion of the other type is not what the application has to read. */
        {"select (now() + ?)::text", SQL_C_SLONG, SQL_INTEGER, &five, "!07006"},
        {"insert into road (iv) values (?)", SQL_C_SLONG, SQL_INTEGER, &five, "!07006"},
        {"insert into road (d) values (?)", SQL_C_SLONG, SQL_INTEGER, &day, "!07006"},
        {"insert into road (ti) values (?)", SQL_C_SLONG, SQL_INTEGER, &day, "!07006"},
        {"insert into road (vb) values (?)", SQL_C_SLONG, SQL_INTEGER, &five, "!07006"},
        {"insert into road (i4) values (?)", SQL_C_TYPE_DATE, SQL_TYPE_DATE, &date, "!07006"},
        {"insert into road (f8) values (?)", SQL_C_CHAR, SQL_TYPE_DATE, "infinity", "!07006"},
        {"insert into road (by) values (?)", SQL_C_SLONG, SQL_INTEGER, &five, "!07006"},
        {"insert into road (i4) values (?)", SQL_C_CHAR, SQL_BIT, "2.5", "!22003"},
        {"insert into road (bo) values (?)", SQL_C_DOUBLE, SQL_DOUBLE, &number, "!22003"},
        {"insert into road (i4) values (?)", SQL_C_CHAR, SQL_TYPE_DATE, "03:04:05", "!07006"},
        {"select count(*) from road where ti = ?", SQL_C_TYPE_TIMESTAMP, SQL_TYPE_TIMESTAMP, &stamp, "!22008"},
    };
    struct link l = link_open("");
    SQLHSTMT s = l.stmt;
    make_road(s);
    for (size_t i = 0; i < COUNT(list); i++) {
        bind(s, 1, list[i].c_type, list[i].sql_type, list[i].data, NULL);
        for (int twice = 0; twice < 2; twice++) {
            const char *got = answer(s, list[i].sql);
            if (strcmp(got, list[i].wanted) != 0) {
                printf("\n    %s: %s", list[i].sql, got[0] == '!' ? said : got);
            }
            CHECK_TEXT(got, list[i].wanted);
        }
        /* NULL is of every type. */
        SQLLEN null = SQL_NULL_DATA;
        bind(s, 1, list[i].c_type, list[i].sql_type, list[i].data, &null);
        CHECK(answer(s, list[i].sql)[0] != '!');
        CHECK_OK(s, SQLFreeStmt(s, SQL_RESET_PARAMS));
    }

    /* The same for arrays: each set is told, and the server is not asked again for each. */
    SQLINTEGER numbers3[3] = {1, 2, 3};
    SQLLEN lengths3[3] = {0, SQL_NULL_DATA, 0};
    SQLDOUBLE amounts[3] = {1.25, 2, -0.5};
    SQLUSMALLINT status[3];
    CHECK_OK(s, SQLSetStmtAttr(s, SQL_ATTR_PARAMSET_SIZE, (SQLPOINTER)3, 0));
    CHECK_OK(s, SQLSetStmtAttr(s, SQL_ATTR_PARAM_STATUS_PTR, status, 0));
    CHECK_OK(s, SQLBindParameter(s, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, numbers3, 0, lengths3));
    CHECK_RC(s, SQLExecDirect(s, T("insert into road (d) values (?)"), SQL_NTS), SQL_SUCCESS_WITH_INFO);
    CHECK(diag_has(s, "07006"));
    CHECK_INT(status[0], SQL_PARAM_ERROR);
    CHECK_INT(status[1], SQL_PARAM_SUCCESS);
    CHECK_INT(status[2], SQL_PARAM_ERROR);
    CHECK_OK(s, SQLBindParameter(s, 1, SQL_PARAM_INPUT, SQL_C_DOUBLE, SQL_DOUBLE, 0, 0, amounts, 0, NULL));
    CHECK_OK(s, SQLExecDirect(s, T("insert into road (m, t) values (?, 'array')"), SQL_NTS));
    CHECK_OK(s, SQLFreeStmt(s, SQL_RESET_PARAMS));
    CHECK_OK(s, SQLSetStmtAttr(s, SQL_ATTR_PARAMSET_SIZE, (SQLPOINTER)1, 0));
    CHECK_TEXT(query_text(s, "select string_agg(m::numeric::text, ' ' order by m) from road where t = 'array'"), "-0.50 1.25 2.00");
    link_close(&l);
}

/* What the text settles is no guess of the server's: a value reaches a column of type text as it reaches one of type varchar, and dates are ISO. */
static void settled(void)
{
    static const SQLCHAR on = 1;
    static const SQL_DATE_STRUCT date = {2026, 11, 21};
    static const SQL_TIMESTAMP_STRUCT stamp = {2026, 11, 21, 1, 2, 3, 500000000};
    static const struct {
        const void *data;
        SQLSMALLINT c_type, sql_type;
        const char *text;
    } list[] = {
        {&on, SQL_C_BIT, SQL_BIT, "1"},
        {&date, SQL_C_TYPE_DATE, SQL_TYPE_DATE, "2026-11-21"},
        {&stamp, SQL_C_TYPE_TIMESTAMP, SQL_TYPE_TIMESTAMP, "2026-11-21 01:02:03.5"},
    };
    static const struct {
        const char *text; /* # is the column */
        bool there;       /* a row to begin with */
    } statements[] = {
        {"insert into st (#) values (?) returning #::text", false},
        {"insert into st (#) select ? returning #::text", false},
        {"with x as (select 1) insert into st (#) values (?) returning #::text", false},
        {"update st set # = ? where id = 1 returning #::text", true},
        {"update st set id = 1, # = ? returning #::text", true},
        {"update st set (id, #) = (1, ?) returning #::text", true},
        {"insert into st (id, #) values (1, 'x') on conflict (id) do update set # = ? returning #::text", true},
    };
    static const char *const casts[] = {"select ?::text || ''", "select cast(? as text) || ''", "select ?::varchar || ''", "select ? :: bpchar || ''"};
    static const char *const columns[] = {"t", "v", "c"};
    struct link l = link_open("");
    SQLHSTMT s = l.stmt;
    char sql[256];
    run(s, "set datestyle = 'German'; create temp table st (id int primary key default 1, t text, v varchar(40), c char(30))");
    for (size_t i = 0; i < COUNT(list); i++) {
        for (size_t k = 0; k < COUNT(statements); k++) {
            for (size_t c = 0; c < COUNT(columns); c++) {
                size_t len = 0;
                for (const char *p = statements[k].text; *p != '\0'; p++) {
                    sql[len++] = *p == '#' ? columns[c][0] : *p;
                }
                sql[len] = '\0';
                run(s, statements[k].there ? "delete from st; insert into st values (1)" : "delete from st");
                bind(s, 1, list[i].c_type, list[i].sql_type, list[i].data, NULL);
                const char *got = answer(s, sql);
                if (strcmp(got, list[i].text) != 0) {
                    printf("\n    %s: %s", sql, got[0] == '!' ? said : got);
                }
                CHECK_TEXT(got, list[i].text);
                CHECK_OK(s, SQLFreeStmt(s, SQL_RESET_PARAMS));
            }
        }
        for (size_t k = 0; k < COUNT(casts); k++) {
            bind(s, 1, list[i].c_type, list[i].sql_type, list[i].data, NULL);
            CHECK_TEXT(answer(s, casts[k]), list[i].text);
            CHECK_OK(s, SQLFreeStmt(s, SQL_RESET_PARAMS));
        }
    }
    /* A truth remains one where nothing settles it. */
    bind(s, 1, SQL_C_BIT, SQL_BIT, &on, NULL);
    CHECK_TEXT(answer(s, "select pg_typeof(?)::text"), "boolean");
    CHECK_TEXT(answer(s, "select case when ? then 'yes' end"), "yes");
    bind(s, 2, SQL_C_BIT, SQL_BIT, &on, NULL);
    CHECK_TEXT(answer(s, "select (? = ?)::text"), "true");
    /* Not the whole of an item: the server's guess is one. */
    CHECK_OK(s, SQLFreeStmt(s, SQL_RESET_PARAMS));
    static const SQLINTEGER ten = 10;
    static const SQLINTEGER nine = 9;
    bind_int(s, 1, &ten);
    bind_int(s, 2, &nine);
    run(s, "delete from st");
    CHECK_TEXT(answer(s, "insert into st (t) values ((? < ?)::text) returning t"), "false");
    CHECK_TEXT(answer(s, "update st set t = greatest(?, ?)::text returning t"), "10");
    link_close(&l);
}

/* Types that are not built in: their names in the IPD, and what domains are made of. */
static void named_types(void)
{
    static const struct {
        const char *type, *name;
        SQLSMALLINT sql_type;
        SQLULEN size;
    } list[] = {
        {"pg_temp.mood", "mood", SQL_WVARCHAR, 0},       {"pg_temp.pair", "pair", SQL_WVARCHAR, 0},   {"pg_temp.mood[]", "_mood", SQL_WVARCHAR, 0},
        {"pg_temp.posint", "posint", SQL_INTEGER, 10},   {"pg_temp.short", "short", SQL_WVARCHAR, 3}, {"pg_temp.shorter", "shorter", SQL_WVARCHAR, 3},
        {"pg_temp.price", "price", SQL_NUMERIC, 8},      {"hstore", "hstore", SQL_WVARCHAR, 0},       {"citext", "citext", SQL_WVARCHAR, 0},
        {"int4", "int4", SQL_INTEGER, 10},
    };
    struct link l = link_open("");
    SQLHSTMT s = l.stmt;
    SQLHDESC ipd = SQL_NULL_HDESC;
    run(s, "create type pg_temp.mood as enum ('sad', 'happy'); create type pg_temp.pair as (a text, b int); create domain pg_temp.posint as int4;"
           "create domain pg_temp.short as varchar(3); create domain pg_temp.shorter as pg_temp.short; create domain pg_temp.price as numeric(8,2)");
    CHECK_OK(s, SQLGetStmtAttr(s, SQL_ATTR_IMP_PARAM_DESC, &ipd, 0, NULL));
    for (size_t i = 0; i < COUNT(list); i++) {
        char sql[128];
        char name[64] = "";
        SQLSMALLINT type = 0;
        SQLSMALLINT digits = -1;
        SQLSMALLINT concise = 0;
        SQLULEN size = 4711;
        snprintf(sql, sizeof sql, "select ?::%s", list[i].type);
        CHECK_OK(s, SQLPrepare(s, T(sql), SQL_NTS));
        CHECK_OK(ipd, SQLGetDescField(ipd, 1, SQL_DESC_TYPE_NAME, name, sizeof name, NULL));
        CHECK_TEXT(name, list[i].name);
        CHECK_OK(ipd, SQLGetDescField(ipd, 1, SQL_DESC_LOCAL_TYPE_NAME, name, sizeof name, NULL));
        CHECK_TEXT(name, list[i].name);
        CHECK_OK(ipd, SQLGetDescField(ipd, 1, SQL_DESC_CONCISE_TYPE, &concise, 0, NULL));
        CHECK_INT(concise, list[i].sql_type);
        CHECK_OK(s, SQLDescribeParam(s, 1, &type, &size, &digits, NULL));
        CHECK_INT(type, list[i].sql_type);
        CHECK_INT(size, list[i].size);
        CHECK_INT(digits, strcmp(list[i].name, "price") == 0 ? 2 : 0);
        /* Also when something else is bound. */
        bind_text(s, 1, "1");
        CHECK_OK(s, SQLDescribeParam(s, 1, &type, NULL, NULL, NULL));
        CHECK_INT(type, list[i].sql_type);
        CHECK_OK(s, SQLFreeStmt(s, SQL_RESET_PARAMS));
    }
    /* A connection asks once: nothing can be asked in a failed transaction, yet what is known is known. */
    struct link m = link_open("ErrorRollback=none");
    CHECK_OK(m.dbc, SQLSetConnectAttr(m.dbc, SQL_ATTR_AUTOCOMMIT, (SQLPOINTER)SQL_AUTOCOMMIT_OFF, 0));
    char name[64] = "";
    CHECK_OK(m.stmt, SQLPrepare(m.stmt, T("select ?::hstore"), SQL_NTS));
    CHECK_OK(m.stmt, SQLDescribeParam(m.stmt, 1, NULL, NULL, NULL, NULL));
    SQLHSTMT other = new_stmt(m.dbc);
    CHECK_STATE(other, SQLExecDirect(other, T("select 1/0"), SQL_NTS), "22012");
    CHECK_OK(m.stmt, SQLGetStmtAttr(m.stmt, SQL_ATTR_IMP_PARAM_DESC, &ipd, 0, NULL));
    CHECK_OK(ipd, SQLGetDescField(ipd, 1, SQL_DESC_TYPE_NAME, name, sizeof name, NULL));
    CHECK_TEXT(name, "hstore");
    free_stmt(other);
    link_close(&m);
    link_close(&l);
}

static void places(void)
{
    static const SQLINTEGER two = 2;
    static const SQLINTEGER three = 3;
    SQLLEN null = SQL_NULL_DATA;
    struct link l = link_open("");
    SQLHSTMT s = l.stmt;
    run(s, "create temp table pl (a int, b text); insert into pl select g, 'r' || g from generate_series(1, 9) g");
    bind_int(s, 1, &two);
    bind_int(s, 2, &three);
    CHECK_TEXT(answer(s, "select string_agg(b, ',') from pl where a in (?, ?)"), "r2,r3");
    CHECK_TEXT(answer(s, "select string_agg(b, ',') from (select b from pl order by a limit ? offset ?) x"), "r4,r5");
    CHECK_TEXT(answer(s, "select string_agg(b, ',') from pl where a between ? and ?"), "r2,r3");
    CHECK_TEXT(answer(s, "select b from pl where a = ? order by ?"), "r2");
    CHECK_TEXT(answer(s, "select (select b from pl where a = ?) || (select b from pl where a = ?)"), "r2r3");
    CHECK_TEXT(answer(s, "with x as (select ?::int as n) select n + ? from x"), "5");
    CHECK_TEXT(answer(s, "values (?, ?)"), "2");
    bind(s, 1, SQL_C_SLONG, SQL_INTEGER, &two, &null);
    CHECK_TEXT(answer(s, "select count(*) from (select 1 from pl limit ?) x"), "9");
    bind_text(s, 1, "2");
    CHECK_TEXT(answer(s, "select count(*) from (select 1 from pl limit ?) x"), "2");
    bind_text(s, 1, "{2,3}");
    CHECK_TEXT(answer(s, "select string_agg(b, ',') from pl where a = any(?)"), "r2,r3");
    bind_text(s, 1, "r_");
    CHECK_TEXT(answer(s, "select count(*) from pl where b like ?"), "9");

    /* jsonb's operators are written with two question marks. */
    bind_text(s, 1, "a");
    CHECK_TEXT(answer(s, "select ('{\"a\": 1}'::jsonb ?? ?)::text"), "true");
    CHECK_TEXT(answer(s, "select ('{\"a\": 1}'::jsonb ->> ?)::text"), "1");
    bind_text(s, 1, "{x,a}");
    CHECK_TEXT(answer(s, "select ('{\"a\": 1}'::jsonb ??| ?)::text"), "true");
    CHECK_TEXT(answer(s, "select ('{\"a\": 1}'::jsonb ??& ?)::text"), "false");

    /* "interval ?" is no PostgreSQL grammar; a cast is. */
    bind_text(s, 1, "2 days");
    CHECK_TEXT(answer(s, "select interval ?"), "!42000");
    CHECK_TEXT(answer(s, "select ?::interval::text"), "2 days");
    CHECK_TEXT(answer(s, "select cast(? as interval)::text"), "2 days");
    CHECK_TEXT(answer(s, "select (date '2026-11-21' + ?::interval)::text"), "2026-11-23 00:00:00");
    bind_int(s, 1, &two);
    CHECK_TEXT(answer(s, "select {fn timestampadd(SQL_TSI_DAY, ?, {ts '2026-11-21 00:00:00'})}::text"), "2026-11-23 00:00:00");
    link_close(&l);
}

/* ---- statements that the server cannot prepare --------------------------------------------------------------------- */

static void utilities(void)
{
    static const SQLINTEGER number = 1234;
    static const SQLINTEGER minus = -5;
    SQLLEN null = SQL_NULL_DATA;
    struct link l = link_open("");
    SQLHSTMT s = l.stmt;
    static const char odd[] = "it's \\ a \"name\" $1 ? \xC3\xA9";
    bind_text(s, 1, "it's");
    CHECK_TEXT(answer(s, "set application_name = ?"), "(done)");
    CHECK_TEXT(query_text(s, "show application_name"), "it's");
    bind_text(s, 1, odd);
    CHECK_TEXT(answer(s, "set params.x to ?"), "(done)");
    CHECK_TEXT(query_text(s, "show params.x"), odd);
    run(s, "set standard_conforming_strings = off");
    CHECK_TEXT(answer(s, "set params.x to ?"), "(done)");
    run(s, "set standard_conforming_strings = on");
    CHECK_TEXT(query_text(s, "show params.x"), odd);

    run(s, "create temp table u (a int, b text); create temp sequence q increment by -1 maxvalue 5000");
    CHECK_TEXT(answer(s, "comment on table u is ?"), "(done)");
    CHECK_TEXT(query_text(s, "select obj_description('u'::regclass)"), odd);
    CHECK_TEXT(answer(s, "alter table u alter b set default ?"), "(done)");
    run(s, "insert into u (a) values (1)");
    CHECK_TEXT(query_text(s, "select b from u"), odd);
    bind(s, 1, SQL_C_CHAR, SQL_VARCHAR, odd, &null);
    CHECK_TEXT(answer(s, "comment on table u is ?"), "(done)");
    CHECK_TEXT(query_text(s, "select obj_description('u'::regclass)"), "NULL");

    /* Numbers are written as numbers. */
    bind_int(s, 1, &number);
    CHECK_TEXT(answer(s, "set statement_timeout = ?"), "(done)");
    CHECK_TEXT(query_text(s, "show statement_timeout"), "1234ms");
    run(s, "reset statement_timeout");
    CHECK_TEXT(answer(s, "alter sequence q restart with ?"), "(done)");
    CHECK_INT(query_int(s, "select nextval('q')"), 1234);
    bind_int(s, 1, &minus);
    CHECK_TEXT(answer(s, "alter sequence q restart with ?"), "(done)");
    CHECK_INT(query_int(s, "select nextval('q')"), -5);
    CHECK_TEXT(answer(s, "create temp view minus as select 3-? as a"), "(done)"); /* two minus signs would begin a comment */
    CHECK_TEXT(query_text(s, "select a from minus"), "8");
    CHECK_TEXT(answer(s, "create temp table made as select ? as a"), "(done)");
    CHECK_TEXT(query_text(s, "select pg_typeof(a)::text || a from made"), "integer-5");

    /* Escapes around a marker, one of which needs its argument twice. */
    bind_text(s, 1, "O'Neil");
    bind_text(s, 2, "x");
    CHECK_TEXT(answer(s, "create temp table fn as select {fn concat({fn ucase(?)}, ?)} as a"), "(done)");
    CHECK_TEXT(query_text(s, "select a from fn"), "O'NEILx");
    bind_text(s, 1, "abcdef");
    bind_int(s, 2, &number);
    CHECK_TEXT(answer(s, "create temp table fn2 as select {fn insert(?, 2, 3, 'X')} as a, ? as b"), "(done)");
    CHECK_TEXT(query_text(s, "select a || b from fn2"), "aXef1234");

    /* The password goes through as a literal: the refusal is about rights, not about grammar. */
    bind_text(s, 1, "p'w");
    CHECK_STATE(s, SQLExecDirect(s, T("create user params_user password ?"), SQL_NTS), "42000");
    CHECK_CONTAINS(diag_message(s, 1), "permission denied");
    CHECK_TEXT(answer(s, "notify params_channel, ?"), "(done)");

    /* EXPLAIN, EXECUTE and DECLARE with markers. */
    bind_int(s, 1, &number);
    CHECK_CONTAINS(answer(s, "explain select * from u where a = ?"), "u");
    run(s, "prepare params_p (int) as select $1 * 2");
    CHECK_TEXT(answer(s, "execute params_p(?)"), "2468");
    CHECK_OK(s, SQLFreeStmt(s, SQL_RESET_PARAMS));
    CHECK_TEXT(answer(s, "set application_name = ?"), "!07002");
    bind(s, 1, SQL_C_BINARY, SQL_VARBINARY, "ab", &(SQLLEN){2});
    CHECK_TEXT(answer(s, "create temp table bin as select ?::bytea as a"), "(done)");
    CHECK_TEXT(query_text(s, "select encode(a, 'hex') from bin"), "6162");
    link_close(&l);
}

int main(void)
{
    static const struct test tests[] = {
        {"arguments of SQLBindParameter", bind_arguments},
        {"fewer and more bound than needed", number_of_bindings},
        {"SQLNumParams", num_params},
        {"SQLDescribeParam: every type", describe_types},
        {"SQLDescribeParam: states and statements", describe_states},
        {"numbers into every column", road_numbers},
        {"text into every column", road_texts},
        {"dates, times, GUIDs, bytes and intervals", road_datetimes},
        {"NULL as everything", nulls},
        {"default C types", default_c_types},
        {"lengths and indicators", lengths},
        {"bind offset", offset},
        {"SQL_NUMERIC_STRUCT", numeric_struct},
        {"fractions and impossible dates", fractions},
        {"values out of range", out_of_range},
        {"NUL, bad UTF-8, bad UTF-16", bad_text},
        {"values outside the type that the server inferred", replanning},
        {"types that the server cannot infer", inference},
        {"markers in every place", places},
        {"types other than the server's guess", another_type},
        {"markers whose type the text settles", settled},
        {"types that are not built in", named_types},
        {"markers in utility statements", utilities},
    };
    return run_tests("parameters", tests, COUNT(tests));
}
