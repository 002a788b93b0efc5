/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ServerTypes: columns of types that ODBC has none for are reported by codes of the driver's own, the same in every function, and their values are what they are
 * without it. Parameters are described and bound as ever.
 */
#include "alloydb_odbc.h"
#include "results.h"
#include "rows.h"

/* Documents, arrays, ranges, moments with an offset, intervals: value, OID, name. */
static const struct foreign {
    const char *value;
    int oid;
    const char *name;
} foreign[] = {
    {"'{\"a\": [1, null]}'::json", 114, "json"},
    {"'{\"a\": [1, null]}'::jsonb", 3802, "jsonb"},
    {"'<a/>'::xml", 142, "xml"},
    {"array[1, null, 3]", 1007, "_int4"},
    {"array['a', 'b c', null]", 1009, "_text"},
    {"array[timestamptz '2020-01-02 03:04:05+00']", 1185, "_timestamptz"},
    {"array[inet '10.0.0.1']", 1041, "_inet"},
    {"int4range(1, 5)", 3904, "int4range"},
    {"tstzrange('2020-01-02 03:04:05+00', null)", 3910, "tstzrange"},
    {"'{[1,2], [5,6]}'::int4multirange", 4451, "int4multirange"},
    {"timestamptz '2020-01-02 03:04:05.5+00'", 1184, "timestamptz"},
    {"timetz '03:04:05.5+02'", 1266, "timetz"},
    {"interval '1 year 2 mons 3 days 04:05:06.5'", 1186, "interval"},
};

/* And what has a type of ODBC's, or none whose OID is everywhere the same. */
static const struct {
    const char *value;
    SQLSMALLINT type;
} known[] = {
    {"1", SQL_INTEGER},
    {"'t'::text", SQL_WLONGVARCHAR},
    {"1.5::numeric(5, 2)", SQL_NUMERIC},
    {"'0f0f0f0f-0000-0000-0000-000000000000'::uuid", SQL_GUID},
    {"timestamp '2020-01-02 03:04:05'", SQL_TYPE_TIMESTAMP},
    {"inet '10.0.0.1'", SQL_WVARCHAR},
    {"b'101'::varbit(3)", SQL_WVARCHAR},
    {"'(1,2)'::point", SQL_WVARCHAR},
    {"cast('1 02:03' as interval day to minute)", SQL_INTERVAL_DAY_TO_MINUTE},
    {"'happy'::server_types_mood", SQL_WVARCHAR},
    {"array['happy'::server_types_mood]", SQL_WVARCHAR},
    {"'now'::server_types_moment", SQL_TYPE_TIMESTAMP}, /* a domain over timestamp */
};

static struct link linked(const char *options)
{
    struct link l = link_open(options);
    run(l.stmt, "set timezone to 'Europe/Berlin'");
    return l;
}

static void make_types(SQLHSTMT stmt)
{
    run(stmt, "drop domain if exists server_types_moment");
    run(stmt, "drop type if exists server_types_mood");
    run(stmt, "create type server_types_mood as enum ('happy')");
    run(stmt, "create domain server_types_moment as timestamp");
}

static void select_value(SQLHSTMT stmt, const char *value)
{
    char sql[256];
    snprintf(sql, sizeof sql, "select %s as v", value);
    query(stmt, sql);
}

static SQLSMALLINT described(SQLHSTMT stmt)
{
    SQLSMALLINT type = 0;
    CHECK_OK(stmt, SQLDescribeCol(stmt, 1, NULL, 0, NULL, &type, NULL, NULL, NULL));
    return type;
}

static void codes(void)
{
    struct link l = linked("ServerTypes=yes");
    make_types(l.stmt);
    for (size_t i = 0; i < COUNT(foreign); i++) {
        SQLCHAR name[64];
        const char *what = foreign[i].value;
        select_value(l.stmt, what);
        check_int(described(l.stmt), SQL_ALLOYDB_TYPE(foreign[i].oid), what, __FILE__, __LINE__);
        check_int(column_attribute(l.stmt, 1, SQL_DESC_CONCISE_TYPE), SQL_ALLOYDB_TYPE(foreign[i].oid), what, __FILE__, __LINE__);
        check_int(column_attribute(l.stmt, 1, SQL_DESC_TYPE), SQL_ALLOYDB_TYPE(foreign[i].oid), what, __FILE__, __LINE__);
        CHECK_OK(l.stmt, SQLColAttribute(l.stmt, 1, SQL_DESC_TYPE_NAME, name, sizeof name, NULL, NULL));
        check_text((char *)name, foreign[i].name, what, __FILE__, __LINE__);
        CHECK_OK(l.stmt, SQLCloseCursor(l.stmt));
    }
    for (size_t i = 0; i < COUNT(known); i++) {
        select_value(l.stmt, known[i].value);
        check_int(described(l.stmt), known[i].type, known[i].value, __FILE__, __LINE__);
        CHECK_OK(l.stmt, SQLCloseCursor(l.stmt));
    }
    run(l.stmt, "drop domain server_types_moment");
    run(l.stmt, "drop type server_types_mood");
    link_close(&l);
}

/* ---- values ---------------------------------------------------------------------------------------------------------- */

struct seen {
    char data[256];
    SQLLEN length;
    SQLULEN size;
    SQLLEN display, octets;
};

static struct seen see(SQLHSTMT stmt, const char *value, SQLSMALLINT c_type)
{
    struct seen s = {.length = -99};
    select_value(stmt, value);
    CHECK_OK(stmt, SQLDescribeCol(stmt, 1, NULL, 0, NULL, NULL, &s.size, NULL, NULL));
    s.display = column_attribute(stmt, 1, SQL_DESC_DISPLAY_SIZE);
    s.octets = column_attribute(stmt, 1, SQL_DESC_OCTET_LENGTH);
    CHECK_OK(stmt, SQLFetch(stmt));
    CHECK_OK(stmt, SQLGetData(stmt, 1, c_type, s.data, sizeof s.data, &s.length));
    CHECK_OK(stmt, SQLCloseCursor(stmt));
    return s;
}

/* Those of moments are those of TimestampTzAs=TEXT. */
static void the_same_values(void)
{
    static const SQLSMALLINT types[] = {SQL_C_CHAR, SQL_C_WCHAR, SQL_C_DEFAULT, SQL_C_BINARY};
    static const char *const options[] = {"", "UseUnicode=no;UnknownsAsLongVarchar=yes", "UseServerSidePrepare=no"};
    for (size_t o = 0; o < COUNT(options); o++) {
        char with[128], without[128];
        snprintf(with, sizeof with, "ServerTypes=yes;%s", options[o]);
        snprintf(without, sizeof without, "TimestampTzAs=TEXT;%s", options[o]);
        struct link own = linked(with), plain = linked(without);
        for (size_t i = 0; i < COUNT(foreign); i++) {
            for (size_t t = 0; t < COUNT(types); t++) {
                struct seen a = see(own.stmt, foreign[i].value, types[t]), b = see(plain.stmt, foreign[i].value, types[t]);
                check_int(a.length, b.length, foreign[i].value, __FILE__, __LINE__);
                check_true(a.length > 0 && memcmp(a.data, b.data, sizeof a.data) == 0, foreign[i].value, __FILE__, __LINE__);
                check_int((int64_t)a.size, (int64_t)b.size, foreign[i].value, __FILE__, __LINE__);
                check_int(a.display, b.display, foreign[i].value, __FILE__, __LINE__);
                check_int(a.octets, b.octets, foreign[i].value, __FILE__, __LINE__);
            }
        }
        link_close(&own);
        link_close(&plain);
    }
}

/* pyodbc's output converters get bytes. */
static void bytes(void)
{
    struct link l = linked("ServerTypes=yes");
    struct seen s = see(l.stmt, "timestamptz '2020-01-02 03:04:05.5+00'", SQL_C_BINARY);
    CHECK_INT(s.length, 24);
    CHECK_TEXT(s.data, "2020-01-02 04:04:05.5+01");
    s = see(l.stmt, "timetz '03:04:05+02'", SQL_C_BINARY);
    CHECK_TEXT(s.data, "03:04:05+02");
    s = see(l.stmt, "array[1, null, 3]", SQL_C_BINARY);
    CHECK_TEXT(s.data, "{1,NULL,3}");
    s = see(l.stmt, "'{\"a\": 1}'::jsonb", SQL_C_BINARY);
    CHECK_TEXT(s.data, "{\"a\": 1}");
    s = see(l.stmt, "interval '1 mon 2 days'", SQL_C_BINARY);
    CHECK_TEXT(s.data, "1 mon 2 days");
    link_close(&l);
}

/* UTC loses nothing in ODBC's own type. */
static void utc(void)
{
    struct link l = linked("ServerTypes=yes;TimestampTzAs=UTC");
    select_value(l.stmt, "timestamptz '2020-01-02 03:04:05+00'");
    CHECK_INT(described(l.stmt), SQL_TYPE_TIMESTAMP);
    link_close(&l);
}

/* ---- the attribute --------------------------------------------------------------------------------------------------- */

static SQLUINTEGER reported(SQLHDBC dbc)
{
    SQLUINTEGER on = 99;
    CHECK_OK(dbc, SQLGetConnectAttr(dbc, SQL_ATTR_ALLOYDB_SERVER_TYPES, &on, sizeof on, NULL));
    return on;
}

static SQLRETURN report(SQLHDBC dbc, SQLUINTEGER on)
{
    return SQLSetConnectAttr(dbc, SQL_ATTR_ALLOYDB_SERVER_TYPES, (SQLPOINTER)(uintptr_t)on, SQL_IS_UINTEGER);
}

static void attribute_of_the_connection(void)
{
    struct link l = linked("");
    CHECK_INT(reported(l.dbc), SQL_FALSE);
    CHECK_STATE(l.dbc, report(l.dbc, SQL_TRUE), "HY011");
    select_value(l.stmt, "array[1]");
    CHECK_INT(described(l.stmt), SQL_WVARCHAR);
    free_stmt(l.stmt);
    CHECK_OK(l.dbc, report(l.dbc, SQL_TRUE));
    CHECK_INT(reported(l.dbc), SQL_TRUE);
    CHECK_STATE(l.dbc, report(l.dbc, 2), "HY024");
    l.stmt = new_stmt(l.dbc);
    select_value(l.stmt, "array[1]");
    CHECK_INT(described(l.stmt), SQL_ALLOYDB_TYPE(1007));
    CHECK_OK(l.stmt, SQLCloseCursor(l.stmt));
    CHECK_TEXT(query_text(l.stmt, "select timestamptz '2020-01-02 03:04:05+00'"), "2020-01-02 04:04:05+01");
    free_stmt(l.stmt);
    CHECK_OK(l.dbc, report(l.dbc, SQL_FALSE));
    l.stmt = new_stmt(l.dbc);
    select_value(l.stmt, "timestamptz '2020-01-02 03:04:05+00'");
    CHECK_INT(described(l.stmt), SQL_TYPE_TIMESTAMP);
    CHECK_OK(l.stmt, SQLCloseCursor(l.stmt));
    CHECK_TEXT(query_text(l.stmt, "select timestamptz '2020-01-02 03:04:05+00'"), "2020-01-02 04:04:05");
    link_close(&l);

    l = linked("ServerTypes=yes");
    CHECK_INT(reported(l.dbc), SQL_TRUE);
    link_close(&l);
}

/* ---- parameters ------------------------------------------------------------------------------------------------------ */

static void parameters(void)
{
    struct link l = linked("ServerTypes=yes");
    SQLLEN length = SQL_NTS;
    run(l.stmt, "create temp table server_types_p (j jsonb, a int[], t timestamptz)");
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("insert into server_types_p (j, a, t) values (?, ?, ?)"), SQL_NTS));
    static const SQLSMALLINT told[] = {SQL_WLONGVARCHAR, SQL_WVARCHAR, SQL_WVARCHAR};
    for (SQLUSMALLINT n = 1; n <= 3; n++) {
        SQLSMALLINT type = 0;
        CHECK_OK(l.stmt, SQLDescribeParam(l.stmt, n, &type, NULL, NULL, NULL));
        CHECK_INT(type, told[n - 1]);
    }
    /* The type of a column may be that of a parameter. */
    static char j[] = "{\"k\": 1}", a[] = "{1,2}", t[] = "2020-01-02 03:04:05+00";
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 1, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_ALLOYDB_TYPE(3802), 0, 0, j, sizeof j, &length));
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 2, SQL_PARAM_INPUT, SQL_C_DEFAULT, SQL_ALLOYDB_TYPE(1007), 0, 0, a, sizeof a, &length));
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 3, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_ALLOYDB_TYPE(1184), 0, 0, t, sizeof t, &length));
    CHECK_OK(l.stmt, SQLExecute(l.stmt));
    CHECK_TEXT(query_text(l.stmt, "select concat_ws('|', j->>'k', a[2], extract(epoch from t)::int) from server_types_p"), "1|2|1577934245");
    CHECK_STATE(l.stmt, SQLBindParameter(l.stmt, 1, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_ALLOYDB_TYPE(15), 0, 0, j, sizeof j, &length), "HY004");
    link_close(&l);
}

/* ---- catalog, editing ------------------------------------------------------------------------------------------------ */

static void catalog(void)
{
    struct link l = linked("ServerTypes=yes");
    run(l.stmt, "create temp table server_types_c (j json, a int[], i interval, d interval day to hour, n int)");
    CHECK_OK(l.stmt, SQLColumns(l.stmt, NULL, 0, NULL, 0, T("server_types_c"), SQL_NTS, NULL, 0));
    CHECK_TEXT(rows_of(l.stmt, "4 5 6 14"), "j|16498|json|16498\na|17391|_int4|17391\ni|17570|interval|17570\nd|108|interval day to hour|10\nn|4|int4|4");
    CHECK_OK(l.stmt, SQLGetTypeInfo(l.stmt, SQL_ALLOYDB_TYPE(114)));
    CHECK_TEXT(rows_of(l.stmt, "1 2 16"), "json|16498|16498");
    CHECK_OK(l.stmt, SQLGetTypeInfo(l.stmt, SQL_ALLOYDB_TYPE(3904)));
    CHECK_TEXT(rows_of(l.stmt, "1 2 16"), "int4range|20288|20288");
    CHECK_OK(l.stmt, SQLGetTypeInfo(l.stmt, SQL_ALLOYDB_TYPE(23)));
    CHECK_TEXT(rows_of(l.stmt, "1"), "");
    CHECK_STATE(l.stmt, SQLGetTypeInfo(l.stmt, SQL_ALLOYDB_TYPE(15)), "HY004");
    link_close(&l);
}

/* SQLSetPos writes what is bound as the type of ODBC's that it is without a code. */
static void editing(void)
{
    struct link l = linked("ServerTypes=yes");
    char t[40], a[40];
    SQLLEN lengths[2] = {0};
    run(l.stmt, "create temp table server_types_e (id int primary key, t timestamptz, a int[])");
    run(l.stmt, "insert into server_types_e values (1, '2020-01-02 03:04:05+00', '{1,2}')");
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_CURSOR_TYPE, (SQLPOINTER)SQL_CURSOR_KEYSET_DRIVEN, 0));
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_CONCURRENCY, (SQLPOINTER)SQL_CONCUR_ROWVER, 0));
    query(l.stmt, "select id, t, a from server_types_e");
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 2, SQL_C_CHAR, t, sizeof t, &lengths[0]));
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 3, SQL_C_CHAR, a, sizeof a, &lengths[1]));
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_TEXT(t, "2020-01-02 04:04:05+01");
    t[12] = '5';
    a[1] = '7';
    CHECK_OK(l.stmt, SQLSetPos(l.stmt, 1, SQL_UPDATE, SQL_LOCK_NO_CHANGE));
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_UNBIND));
    CHECK_TEXT(query_text(l.stmt, "select concat_ws('|', t at time zone 'UTC', a) from server_types_e"), "2020-01-02 04:04:05|{7,2}");
    link_close(&l);
}

/* ODBC 2 has no codes of drivers' own. */
static void version2(void)
{
    struct link l = link_new(SQL_OV_ODBC2);
    CHECK_OK(l.dbc, try_connect(l.dbc, connstr("ServerTypes=yes")));
    l.stmt = new_stmt(l.dbc);
    select_value(l.stmt, "'{}'::json");
    CHECK_INT(described(l.stmt), SQL_LONGVARCHAR);
    link_close(&l);
}

int main(void)
{
    static const struct test tests[] = {
        {"codes", codes},
        {"the same values", the_same_values},
        {"as bytes", bytes},
        {"UTC", utc},
        {"the attribute", attribute_of_the_connection},
        {"parameters", parameters},
        {"the catalog", catalog},
        {"editing", editing},
        {"ODBC 2", version2},
    };
    return run_tests("ServerTypes", tests, COUNT(tests));
}
