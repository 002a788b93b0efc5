/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SQLGetInfo and SQLGetFunctions as tables. The wanted values are written here as plain numbers, so that a wrong name in the driver's table is seen.
 * With ALDB_TEST_CONNINFO set, also what is asked from a server, and whether {fn CONVERT} does what the masks promise.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <CUnit/Basic.h>
#include <libpq-fe.h>

#include "alloydb_odbc.h"
#include "base/alloc.h"
#include "info/info.h"
#include "pg/session.h"
#include "sqltext/sqltext.h"

static struct aldb_env env;
static struct aldb_dbc dbc;
static struct aldb_diag diag;

/* ------------------------------------------------------------------ values */

enum { S = ALDB_INFO_STRING, H = ALDB_INFO_U16, W = ALDB_INFO_U32 };

#define STRINGS 0xE00301u
#define NUMBERS 0x60FEu
#define INTERVALS 0x180000u

static const struct {
    SQLUSMALLINT id;
    int kind;
    const char *text;
    unsigned number;
} wanted[] = {
    {0, H, NULL, 0}, {1, H, NULL, 0}, {2, S, "", 0}, {6, S, "liballoydbodbc.so", 0}, {8, W, NULL, 0xBF}, {9, H, NULL, 2},
    {11, S, "N", 0}, {12, H, NULL, 1}, {14, S, "\\", 0}, {15, H, NULL, 2}, {17, S, "PostgreSQL", 0}, {19, S, "N", 0}, {20, S, "N", 0},
    {21, S, "Y", 0}, {22, H, NULL, 0}, {23, H, NULL, 2}, {24, H, NULL, 1}, {27, S, "Y", 0}, {28, H, NULL, 2}, {29, S, "\"", 0},
    {30, H, NULL, 63}, {31, H, NULL, 63}, {32, H, NULL, 63}, {33, H, NULL, 63}, {34, H, NULL, 63}, {35, H, NULL, 63},
    {36, S, "Y", 0}, {37, S, "Y", 0}, {38, S, "Y", 0}, {39, S, "schema", 0}, {40, S, "procedure", 0}, {41, S, ".", 0},
    {42, S, "database", 0}, {43, W, NULL, 5}, {44, W, NULL, 0x13}, {45, S, "table", 0}, {46, H, NULL, 2}, {48, W, NULL, 3},
    {49, W, NULL, 0xFFFFFF}, {50, W, NULL, 0xFFFFFF}, {51, W, NULL, 7}, {52, W, NULL, 0x1FFFFF},
    {53, W, NULL, STRINGS | NUMBERS | 0x1000 | INTERVALS}, {54, W, NULL, STRINGS | 0x40C00}, {55, W, NULL, STRINGS | 0x1008},
    {56, W, NULL, 0x1FFFFFF}, {57, W, NULL, STRINGS | 0x28000}, {58, W, NULL, STRINGS | NUMBERS | 0x1000 | INTERVALS},
    {59, W, NULL, STRINGS | NUMBERS | 0x1000}, {60, W, NULL, STRINGS | NUMBERS | 0x1000},
    {61, W, NULL, STRINGS | NUMBERS | 0x1000 | INTERVALS}, {62, W, NULL, 0x1FFFFFF}, {63, W, NULL, STRINGS | NUMBERS | 0x1000 | INTERVALS},
    {64, W, NULL, STRINGS | NUMBERS | 0x1000}, {65, W, NULL, STRINGS | NUMBERS | 0x1000 | INTERVALS},
    {66, W, NULL, STRINGS | 0x110000}, {67, W, NULL, STRINGS | 0x38000}, {68, W, NULL, STRINGS | NUMBERS | 0x1000 | INTERVALS},
    {69, W, NULL, STRINGS | 0x40C00}, {70, W, NULL, 0x1FFFFFF}, {71, W, NULL, STRINGS | 0x40C00}, {72, W, NULL, 0xF}, {73, S, "Y", 0},
    {74, H, NULL, 2}, {75, H, NULL, 1}, {77, S, "03.80", 0}, {78, W, NULL, 1}, {79, W, NULL, 0x1F}, {80, W, NULL, 7}, {81, W, NULL, 0x1F},
    {82, W, NULL, 0x52}, {83, W, NULL, 5}, {84, H, NULL, 0}, {85, H, NULL, 0}, {86, W, NULL, 0xFFFEB}, {87, S, "Y", 0}, {88, H, NULL, 2},
    {90, S, "N", 0}, {91, W, NULL, 0x1F}, {92, W, NULL, 0x1F}, {93, H, NULL, 3}, {94, S, "$", 0}, {95, W, NULL, 0x1F}, {96, W, NULL, 3},
    {97, H, NULL, 0}, {98, H, NULL, 32}, {99, H, NULL, 0}, {100, H, NULL, 1664}, {101, H, NULL, 1600}, {102, W, NULL, 0}, {103, S, "Y", 0},
    {104, W, NULL, 0}, {105, W, NULL, 256 << 20}, {106, H, NULL, 0}, {107, H, NULL, 63}, {108, W, NULL, 0}, {109, W, NULL, 0x1FF},
    {110, W, NULL, 0x1FF}, {111, S, "N", 0}, {112, W, NULL, 0}, {113, S, "Y", 0}, {114, H, NULL, 1}, {115, W, NULL, 0x7F}, {116, H, NULL, 0},
    {117, W, NULL, 0x15F}, {118, W, NULL, 1}, {119, W, NULL, 0xFFFF}, {120, W, NULL, 2}, {121, W, NULL, 3}, {122, W, NULL, 0x1FFFFFF},
    {123, W, NULL, STRINGS | 0x110000}, {124, W, NULL, STRINGS | 0x80000}, {125, W, NULL, 0x1FFFFFF}, {126, W, NULL, 0x1FFFFFF},
    {127, W, NULL, 0}, {128, W, NULL, 0}, {129, W, NULL, 1}, {130, W, NULL, 0x1F}, {131, W, NULL, 3}, {132, W, NULL, 0x3FF7},
    {133, W, NULL, 0}, {134, W, NULL, 0xF}, {136, W, NULL, 0}, {137, W, NULL, 0}, {138, W, NULL, 1}, {139, W, NULL, 7}, {140, W, NULL, 7},
    {141, W, NULL, 7}, {142, W, NULL, 0}, {143, W, NULL, 7}, {144, W, NULL, 0}, {145, W, NULL, 0}, {146, W, NULL, 0x1EE41},
    {147, W, NULL, 0x885}, {148, W, NULL, 3}, {149, W, NULL, 0x7BBFFE}, {150, W, NULL, 0xFFE4F}, {151, W, NULL, 0x8D5}, {152, W, NULL, 2},
    {153, W, NULL, 2}, {154, W, NULL, 1}, {155, W, NULL, 7}, {156, W, NULL, 0xF}, {157, W, NULL, 0xF}, {158, W, NULL, 0x1FF1},
    {159, W, NULL, 0x3F}, {160, W, NULL, 0x3E87}, {161, W, NULL, 0x1FE}, {162, W, NULL, 0x7FF1}, {163, W, NULL, 0xF}, {164, W, NULL, 0xEE},
    {165, W, NULL, 0xF}, {166, W, NULL, 3}, {167, W, NULL, 0xFFE4F}, {168, W, NULL, 0x8D5}, {169, W, NULL, 0x7F}, {170, W, NULL, 3}, {172, W, NULL, 3},
    {173, W, NULL, STRINGS | 0x1000000}, {10000, S, "1995", 0}, {10001, W, NULL, 0}, {10002, S, "N", 0}, {10003, S, "Y", 0},
    {10005, H, NULL, 63}, {10021, W, NULL, 2}, {10022, W, NULL, 0}, {10023, W, NULL, 1}, {10024, W, NULL, 0}, {10025, W, NULL, 0},
};

static void check_value(SQLUSMALLINT id, int kind, const char *text, unsigned number)
{
    struct aldb_info_value v;
    enum aldb_rc rc = aldb_info_get(&dbc, id, &v, &diag);
    CU_ASSERT_EQUAL(rc, ALDB_OK);
    if (rc != ALDB_OK) {
        fprintf(stderr, "\ninformation type %u is missing\n", id);
        return;
    }
    bool ok = (int)v.kind == kind && (kind == S ? strcmp(aldb_buf_cstr(&v.text), text) == 0 : v.number == number);
    CU_ASSERT_TRUE(ok);
    if (!ok) {
        fprintf(stderr, "\ninformation type %u: kind %d, \"%s\", 0x%lX; wanted kind %d, \"%s\", 0x%X\n", id, (int)v.kind,
                aldb_buf_cstr(&v.text), (unsigned long)v.number, kind, text ? text : "", number);
    }
    aldb_buf_clear(&v.text);
}

static void test_values(void)
{
    for (size_t i = 0; i < ALDB_COUNT(wanted); i++) {
        check_value(wanted[i].id, wanted[i].kind, wanted[i].text, wanted[i].number);
    }
    CU_ASSERT_EQUAL(diag.count, 0);
}

/* Every type of ODBC 3 has an answer or needs the server; handles of the driver manager and its version have none. */
static void test_complete(void)
{
    for (SQLUSMALLINT id = 0; id <= 173; id++) {
        struct aldb_info_value v;
        aldb_diag_reset(&diag);
        if (aldb_info_get(&dbc, id, &v, &diag) == ALDB_OK) {
            aldb_buf_clear(&v.text);
            continue;
        }
        bool of_manager = id == SQL_DRIVER_HSTMT || id == SQL_DRIVER_HLIB || id == SQL_DRIVER_HDESC || id == SQL_DM_VER;
        bool explained = of_manager || strcmp(aldb_diag_get(&diag, 1)->state, "08003") == 0;
        CU_ASSERT_TRUE(explained);
        if (!explained) {
            fprintf(stderr, "\ninformation type %u is unknown\n", id);
        }
    }
    aldb_diag_reset(&diag);
}

static void check_refused(SQLUSMALLINT id, const char *state)
{
    struct aldb_info_value v;
    aldb_diag_reset(&diag);
    CU_ASSERT_EQUAL(aldb_info_get(&dbc, id, &v, &diag), ALDB_ERR);
    CU_ASSERT_EQUAL_FATAL(aldb_diag_count(&diag), 1);
    CU_ASSERT_STRING_EQUAL(aldb_diag_get(&diag, 1)->state, state);
    aldb_diag_reset(&diag);
}

static void test_refused(void)
{
    check_refused(174, "HY096");
    check_refused(999, "HY096");
    check_refused(SQL_DRIVER_HSTMT, "HY096");
    check_refused(SQL_DM_VER, "HY096");
    check_refused(1000, "HYC00");
    check_refused(1750, "HYC00");
    check_refused(10026, "HYC00");
    check_refused(65535, "HYC00");
}

static void test_not_connected(void)
{
    static const SQLUSMALLINT ids[] = {SQL_SERVER_NAME, SQL_DATABASE_NAME, SQL_DBMS_VER, SQL_USER_NAME, SQL_DATA_SOURCE_READ_ONLY,
                                       SQL_COLLATION_SEQ, SQL_DEFAULT_TXN_ISOLATION};
    for (size_t i = 0; i < ALDB_COUNT(ids); i++) {
        check_refused(ids[i], "08003");
    }
}

static void test_of_connection(void)
{
    char name[] = "some dsn", dbms[] = "Other";
    struct aldb_info_value v;

    dbc.dsn = name;
    check_value(SQL_DATA_SOURCE_NAME, S, "some dsn", 0);
    dbc.dsn = NULL;
    char *saved = dbc.options.DbmsName;
    dbc.options.DbmsName = dbms;
    check_value(SQL_DBMS_NAME, S, "Other", 0);
    dbc.options.DbmsName = saved;

    CU_ASSERT_EQUAL_FATAL(aldb_info_get(&dbc, SQL_DRIVER_HDBC, &v, &diag), ALDB_OK);
    CU_ASSERT_TRUE(v.kind == ALDB_INFO_HANDLE && v.number == (SQLULEN)(uintptr_t)&dbc);
    CU_ASSERT_EQUAL_FATAL(aldb_info_get(&dbc, SQL_DRIVER_HENV, &v, &diag), ALDB_OK);
    CU_ASSERT_TRUE(v.kind == ALDB_INFO_HANDLE && v.number == (SQLULEN)(uintptr_t)&env);
}

static void test_driver_version(void)
{
    char text[32];
    int major = -1, minor = -1, patch = -1;
    snprintf(text, sizeof text, "%02d.%02d.%04d", ALLOYDB_ODBC_VERSION_MAJOR, ALLOYDB_ODBC_VERSION_MINOR, ALLOYDB_ODBC_VERSION_PATCH);
    CU_ASSERT_EQUAL(strlen(text), 10);
    check_value(SQL_DRIVER_VER, S, text, 0);
    /* The header that applications read and the build agree. */
    CU_ASSERT_EQUAL(sscanf(ALDB_VERSION, "%d.%d.%d", &major, &minor, &patch), 3);
    CU_ASSERT_TRUE(major == ALLOYDB_ODBC_VERSION_MAJOR && minor == ALLOYDB_ODBC_VERSION_MINOR && patch == ALLOYDB_ODBC_VERSION_PATCH);
}

static void test_no_memory(void)
{
    struct aldb_info_value v;
    aldb_diag_reset(&diag);
    aldb_alloc_fail_after(0);
    enum aldb_rc rc = aldb_info_get(&dbc, SQL_KEYWORDS, &v, &diag);
    aldb_alloc_fail_after(-1);
    CU_ASSERT_EQUAL(rc, ALDB_ERR);
    CU_ASSERT_STRING_EQUAL(aldb_diag_get(&diag, 1)->state, "HY001");
    aldb_diag_reset(&diag);
}

/* ------------------------------------------------------------------ functions */

/* What the library exports, by ODBC's numbers. */
static const SQLUSMALLINT exported[] = {4,  5,  6,  7,  8,  9,  11, 12, 13, 16, 17, 18,   19,   20,   21,   24, 40,   41,   43,
                                        44, 45, 47, 48, 49, 52, 53, 54, 55, 56, 58, 59, 60, 61, 62, 63, 65, 66, 67, 68,   70, 72, 1001, 1003, 1004,
                                        1005, 1006, 1007, 1008, 1009, 1010, 1011, 1012, 1014, 1016, 1017, 1018, 1019, 1020, 1021, 1022, 1550};

static bool is_exported(unsigned id)
{
    for (size_t i = 0; i < ALDB_COUNT(exported); i++) {
        if (exported[i] == id) {
            return true;
        }
    }
    return false;
}

static void test_functions(void)
{
    SQLUSMALLINT bitmap[SQL_API_ODBC3_ALL_FUNCTIONS_SIZE + 1], array[101], one = 7;
    memset(bitmap, 0xa5, sizeof bitmap);
    memset(array, 0xa5, sizeof array);
    aldb_functions_fill(SQL_API_ODBC3_ALL_FUNCTIONS, bitmap);
    aldb_functions_fill(SQL_API_ALL_FUNCTIONS, array);
    CU_ASSERT_EQUAL(bitmap[SQL_API_ODBC3_ALL_FUNCTIONS_SIZE], 0xa5a5);
    CU_ASSERT_EQUAL(array[100], 0xa5a5);
    for (unsigned id = 0; id < SQL_API_ODBC3_ALL_FUNCTIONS_SIZE * 16; id++) {
        bool is = is_exported(id);
        CU_ASSERT_EQUAL(aldb_function_supported((SQLUSMALLINT)id), is);
        CU_ASSERT_EQUAL(SQL_FUNC_EXISTS(bitmap, id), is ? SQL_TRUE : SQL_FALSE);
        if (id < 100) {
            CU_ASSERT_EQUAL(array[id], is ? SQL_TRUE : SQL_FALSE);
        }
        if (id != SQL_API_ODBC3_ALL_FUNCTIONS && id != SQL_API_ALL_FUNCTIONS) {
            aldb_functions_fill((SQLUSMALLINT)id, &one);
            CU_ASSERT_EQUAL(one, is ? SQL_TRUE : SQL_FALSE);
        }
    }
}

/* ------------------------------------------------------------------ a real server */

static PGconn *pq;

/* Opens dbc.session and a second, plain connection. */
static bool server_open(void)
{
    const char *conninfo = getenv("ALDB_TEST_CONNINFO");
    const char *keywords[64], *values[64];
    size_t n = 0;
    if (conninfo == NULL) {
        printf("skipped: ALDB_TEST_CONNINFO is not set ");
        return false;
    }
    PQconninfoOption *parsed = PQconninfoParse(conninfo, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(parsed);
    for (PQconninfoOption *o = parsed; o->keyword && n < 60; o++) {
        if (o->val) {
            keywords[n] = o->keyword;
            values[n++] = o->val;
        }
    }
    keywords[n] = "client_encoding";
    values[n++] = "UTF8";
    keywords[n] = values[n] = NULL;
    struct aldb_session_options options = {.error_rollback = ALDB_ROLLBACK_STATEMENT, .server_prepare = true};
    CU_ASSERT_EQUAL_FATAL(aldb_session_open(keywords, values, &options, aldb_deadline_in_s(30), &dbc.session, &diag), ALDB_OK);
    PQconninfoFree(parsed);
    pq = PQconnectdb(conninfo);
    CU_ASSERT_EQUAL_FATAL(PQstatus(pq), CONNECTION_OK);
    return true;
}

static void server_close(void)
{
    aldb_session_close(dbc.session);
    dbc.session = NULL;
    PQfinish(pq);
}

/* The first cell of a query on the plain connection. */
static char *plain(const char *sql, char *out, size_t size)
{
    PGresult *r = PQexec(pq, sql);
    snprintf(out, size, "%s", PQntuples(r) == 1 ? PQgetvalue(r, 0, 0) : PQresultErrorMessage(r));
    PQclear(r);
    return out;
}

static void test_server_values(void)
{
    char text[300];
    if (!server_open()) {
        return;
    }
    check_value(SQL_DATABASE_NAME, S, PQdb(pq), 0);
    check_value(SQL_USER_NAME, S, PQuser(pq), 0);
    check_value(SQL_SERVER_NAME, S, PQhost(pq), 0);
    check_value(SQL_COLLATION_SEQ, S, plain("select datcollate from pg_database where datname = current_database()", text, sizeof text), 0);
    check_value(SQL_DATA_SOURCE_READ_ONLY, S, "N", 0);
    dbc.access_mode = SQL_MODE_READ_ONLY;
    check_value(SQL_DATA_SOURCE_READ_ONLY, S, "Y", 0);
    dbc.access_mode = SQL_MODE_READ_WRITE;
    check_value(SQL_DEFAULT_TXN_ISOLATION, W, NULL, 2);
    /* The isolation that the application chose is not the default. */
    struct aldb_wait wait = {.deadline = aldb_deadline_in_s(10)};
    CU_ASSERT_EQUAL(aldb_session_set_isolation(dbc.session, SQL_TXN_SERIALIZABLE, &wait, &diag), ALDB_OK);
    check_value(SQL_DEFAULT_TXN_ISOLATION, W, NULL, 2);

    int v = PQserverVersion(pq);
    snprintf(text, sizeof text, "%02d.00.%04d %s", v / 10000, v % 10000, PQparameterStatus(pq, "server_version"));
    check_value(SQL_DBMS_VER, S, text, 0);
    server_close();
}

/* The keyword list is what this server reserves and ODBC does not. */
static void test_server_keywords(void)
{
    struct aldb_info_value v;
    char sql[6000], missing[300];
    if (!server_open()) {
        return;
    }
    CU_ASSERT_EQUAL_FATAL(aldb_info_get(&dbc, SQL_KEYWORDS, &v, &diag), ALDB_OK);
    const char *list = aldb_buf_cstr(&v.text);
    /* unixODBC's list lacks the comma between ROWS and SCHEMA. */
    snprintf(sql, sizeof sql,
             "with ours as (select unnest(string_to_array('%s', ',')) w), odbc as (select unnest(string_to_array('%s,ROWS,SCHEMA', ',')) w), "
             "pg as (select upper(word) w from pg_get_keywords() where catcode in ('R', 'T')) "
             "select coalesce(string_agg(w, ','), '') from (select w from pg except select w from odbc except select w from ours) x",
             list, SQL_ODBC_KEYWORDS);
    CU_ASSERT_STRING_EQUAL(plain(sql, missing, sizeof missing), "");
    aldb_buf_clear(&v.text);
    server_close();
}

/* Values of the types that SQL_CONVERT_x is about; NULL: a text fit for the target. */
static const struct {
    SQLUSMALLINT id;
    const char *value;
    bool more; /* converts to more than what it promises */
} sources[] = {
    {SQL_CONVERT_BIGINT, "1::bigint", false},
    {SQL_CONVERT_BINARY, "'\\x31'::bytea", false},
    {SQL_CONVERT_BIT, "true", false},
    {SQL_CONVERT_VARCHAR, NULL, false},
    {SQL_CONVERT_DATE, "date '2024-01-02'", false},
    {SQL_CONVERT_DECIMAL, "1::numeric", false},
    {SQL_CONVERT_DOUBLE, "1::float8", true},
    {SQL_CONVERT_REAL, "1::real", true},
    {SQL_CONVERT_GUID, "'6ba7b810-9dad-11d1-80b4-00c04fd430c8'::uuid", false},
    {SQL_CONVERT_INTEGER, "1::integer", false},
    {SQL_CONVERT_SMALLINT, "1::smallint", false},
    {SQL_CONVERT_INTERVAL_DAY_TIME, "interval '1 day 02:03:04'", true},
    {SQL_CONVERT_INTERVAL_YEAR_MONTH, "interval '1 year 2 months'", true},
    {SQL_CONVERT_TIME, "time '10:11:12'", true},
    {SQL_CONVERT_TIMESTAMP, "timestamp '2024-01-02 10:11:12'", false},
};

static const struct {
    unsigned bit;
    const char *type;
    const char *text;
} targets[] = {
    {SQL_CVT_CHAR, "SQL_CHAR", "a"}, {SQL_CVT_VARCHAR, "SQL_VARCHAR", "a"}, {SQL_CVT_LONGVARCHAR, "SQL_LONGVARCHAR", "a"},
    {SQL_CVT_WCHAR, "SQL_WCHAR", "a"}, {SQL_CVT_WVARCHAR, "SQL_WVARCHAR", "a"}, {SQL_CVT_WLONGVARCHAR, "SQL_WLONGVARCHAR", "a"},
    {SQL_CVT_NUMERIC, "SQL_NUMERIC", "1"}, {SQL_CVT_DECIMAL, "SQL_DECIMAL", "1"}, {SQL_CVT_INTEGER, "SQL_INTEGER", "1"},
    {SQL_CVT_SMALLINT, "SQL_SMALLINT", "1"}, {SQL_CVT_TINYINT, "SQL_TINYINT", "1"}, {SQL_CVT_BIGINT, "SQL_BIGINT", "1"},
    {SQL_CVT_FLOAT, "SQL_FLOAT", "1"}, {SQL_CVT_REAL, "SQL_REAL", "1"}, {SQL_CVT_DOUBLE, "SQL_DOUBLE", "1"}, {SQL_CVT_BIT, "SQL_BIT", "1"},
    {SQL_CVT_BINARY, "SQL_BINARY", "a"}, {SQL_CVT_VARBINARY, "SQL_VARBINARY", "a"}, {SQL_CVT_LONGVARBINARY, "SQL_LONGVARBINARY", "a"},
    {SQL_CVT_DATE, "SQL_DATE", "2024-01-02"}, {SQL_CVT_TIME, "SQL_TIME", "10:11:12"}, {SQL_CVT_TIMESTAMP, "SQL_TIMESTAMP", "2024-01-02"},
    {SQL_CVT_INTERVAL_YEAR_MONTH, "SQL_INTERVAL_YEAR", "5"}, {SQL_CVT_INTERVAL_DAY_TIME, "SQL_INTERVAL_DAY", "5"},
    {SQL_CVT_GUID, "SQL_GUID", "6ba7b810-9dad-11d1-80b4-00c04fd430c8"},
};

static bool converts(const char *value, size_t target)
{
    char text[100], sql[300];
    struct aldb_sql translated;
    struct aldb_sql_flags flags = {.standard_conforming_strings = true};
    snprintf(text, sizeof text, "'%s'::varchar", targets[target].text);
    snprintf(sql, sizeof sql, "select {fn convert(%s, %s)}", value ? value : text, targets[target].type);
    bool ok = aldb_sql_translate(aldb_slice_of(sql), flags, &translated, &diag) != ALDB_ERR;
    if (ok) {
        PGresult *r = PQexec(pq, aldb_buf_cstr(&translated.text));
        ok = PQresultStatus(r) == PGRES_TUPLES_OK;
        PQclear(r);
    }
    aldb_sql_clear(&translated);
    aldb_diag_reset(&diag);
    return ok;
}

static void test_server_convert(void)
{
    if (!server_open()) {
        return;
    }
    for (size_t i = 0; i < ALDB_COUNT(sources); i++) {
        struct aldb_info_value v;
        CU_ASSERT_EQUAL_FATAL(aldb_info_get(&dbc, sources[i].id, &v, &diag), ALDB_OK);
        for (size_t k = 0; k < ALDB_COUNT(targets); k++) {
            bool promised = (v.number & targets[k].bit) != 0;
            bool does = converts(sources[i].value, k);
            bool fair = promised == does || (does && sources[i].more);
            CU_ASSERT_TRUE(fair);
            if (!fair) {
                fprintf(stderr, "\n{fn CONVERT(%s, %s)}: promised %d, does %d\n", sources[i].value, targets[k].type, promised, does);
            }
        }
    }
    server_close();
}

int main(void)
{
    if (CU_initialize_registry() != CUE_SUCCESS) {
        return 1;
    }
    aldb_diag_init(&diag);
    aldb_options_init(&dbc.options);
    dbc.env = &env;
    dbc.access_mode = SQL_MODE_READ_WRITE;
    CU_pSuite suite = CU_add_suite("information", NULL, NULL);
    CU_add_test(suite, "values", test_values);
    CU_add_test(suite, "no type is left out", test_complete);
    CU_add_test(suite, "unknown types", test_refused);
    CU_add_test(suite, "without a connection", test_not_connected);
    CU_add_test(suite, "of the connection", test_of_connection);
    CU_add_test(suite, "driver version", test_driver_version);
    CU_add_test(suite, "no memory", test_no_memory);
    CU_add_test(suite, "functions", test_functions);
    CU_add_test(suite, "server: values", test_server_values);
    CU_add_test(suite, "server: keywords", test_server_keywords);
    CU_add_test(suite, "server: CONVERT does what is promised", test_server_convert);
    CU_basic_set_mode(CU_BRM_VERBOSE);
    CU_basic_run_tests();
    unsigned failures = CU_get_number_of_failures() + CU_get_number_of_tests_failed();
    CU_cleanup_registry();
    aldb_options_clear(&dbc.options);
    aldb_diag_clear(&diag);
    return failures != 0;
}
