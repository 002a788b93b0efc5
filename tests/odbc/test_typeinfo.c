/* SPDX-License-Identifier: Apache-2.0 */
/* SQLGetTypeInfo: its rows, their order, what ODBC 2 applications see, and that every row can be created and is described as listed. */
#include "rows.h"

#define ALL "1 2 3 4 5 6 7 8 9 10 11 12 14 15 16 17 18 19"

static const char *info(SQLHSTMT stmt, SQLSMALLINT type, const char *columns)
{
    CHECK_OK(stmt, SQLGetTypeInfo(stmt, type));
    return rows_of(stmt, columns);
}

static void shape(void)
{
    static const struct shape v3[] = {
        {"TYPE_NAME", SQL_WVARCHAR, SQL_NO_NULLS},        {"DATA_TYPE", SQL_SMALLINT, SQL_NO_NULLS},
        {"COLUMN_SIZE", SQL_INTEGER, SQL_NULLABLE},       {"LITERAL_PREFIX", SQL_WVARCHAR, SQL_NULLABLE},
        {"LITERAL_SUFFIX", SQL_WVARCHAR, SQL_NULLABLE},   {"CREATE_PARAMS", SQL_WVARCHAR, SQL_NULLABLE},
        {"NULLABLE", SQL_SMALLINT, SQL_NO_NULLS},         {"CASE_SENSITIVE", SQL_SMALLINT, SQL_NO_NULLS},
        {"SEARCHABLE", SQL_SMALLINT, SQL_NO_NULLS},       {"UNSIGNED_ATTRIBUTE", SQL_SMALLINT, SQL_NULLABLE},
        {"FIXED_PREC_SCALE", SQL_SMALLINT, SQL_NO_NULLS}, {"AUTO_UNIQUE_VALUE", SQL_SMALLINT, SQL_NULLABLE},
        {"LOCAL_TYPE_NAME", SQL_WVARCHAR, SQL_NULLABLE},  {"MINIMUM_SCALE", SQL_SMALLINT, SQL_NULLABLE},
        {"MAXIMUM_SCALE", SQL_SMALLINT, SQL_NULLABLE},    {"SQL_DATA_TYPE", SQL_SMALLINT, SQL_NO_NULLS},
        {"SQL_DATETIME_SUB", SQL_SMALLINT, SQL_NULLABLE}, {"NUM_PREC_RADIX", SQL_INTEGER, SQL_NULLABLE},
        {"INTERVAL_PRECISION", SQL_SMALLINT, SQL_NULLABLE},
    };
    struct link l = link_open("");
    CHECK_OK(l.stmt, SQLGetTypeInfo(l.stmt, SQL_ALL_TYPES));
    check_shape(l.stmt, v3, COUNT(v3));
    link_close(&l);
}

static void rows(void)
{
    struct link l = link_open("");
    CHECK_TEXT(info(l.stmt, SQL_INTEGER, ALL), "int4|4|10|~|~|~|1|0|2|0|0|0|0|0|4|~|10|~\nserial|4|10|~|~|~|0|0|2|0|0|1|0|0|4|~|10|~\n"
                                               "oid|4|10|~|~|~|1|0|2|1|0|0|~|~|4|~|10|~\ncid|4|10|~|~|~|1|0|2|1|0|0|~|~|4|~|10|~\n"
                                               "xid|4|10|~|~|~|1|0|2|1|0|0|~|~|4|~|10|~");
    CHECK_TEXT(info(l.stmt, SQL_SMALLINT, "1 2 3 12"), "int2|5|5|0\nsmallserial|5|5|1");
    CHECK_TEXT(info(l.stmt, SQL_BIGINT, "1 2 3 12"), "int8|-5|19|0\nbigserial|-5|19|1");
    CHECK_TEXT(info(l.stmt, SQL_TINYINT, "1 2 3 16"), "int2|-6|5|5");
    CHECK_TEXT(info(l.stmt, SQL_BIT, ALL), "bool|-7|1|'|'|~|1|0|2|~|0|~|0|0|-7|~|~|~");
    CHECK_TEXT(info(l.stmt, SQL_NUMERIC, ALL), "numeric|2|1000|~|~|precision,scale|1|0|2|0|0|0|0|1000|2|~|10|~");
    CHECK_TEXT(info(l.stmt, SQL_DECIMAL, "1 2 3 6 15"), "numeric|3|1000|precision,scale|1000");
    CHECK_TEXT(info(l.stmt, SQL_DOUBLE, "1 2 3 18"), "float8|8|53|2");
    CHECK_TEXT(info(l.stmt, SQL_FLOAT, "1 2 3 18"), "float8|6|53|2");
    CHECK_TEXT(info(l.stmt, SQL_REAL, "1 2 3 18"), "float4|7|24|2");
    CHECK_TEXT(info(l.stmt, SQL_GUID, "1 2 3 4 5"), "uuid|-11|36|'|'");
    CHECK_TEXT(info(l.stmt, SQL_TYPE_DATE, ALL), "date|91|10|'|'|~|1|0|2|~|0|~|~|~|9|1|~|~");
    CHECK_TEXT(info(l.stmt, SQL_TYPE_TIME, "1 2 3 6 14 15 16 17"), "time|92|15|precision|0|6|9|2\ntimetz|92|15|precision|0|6|9|2");
    CHECK_TEXT(info(l.stmt, SQL_TYPE_TIMESTAMP, "1 2 3 6 14 15 16 17"), "timestamp|93|26|precision|0|6|9|3\ntimestamptz|93|26|precision|0|6|9|3");
    CHECK_CONTAINS(info(l.stmt, SQL_VARBINARY, "1 2 4 5"), "bytea|-3|'\\x|'::bytea");
    CHECK_CONTAINS(info(l.stmt, SQL_WVARCHAR, "1 2 3 4 5 6 8 9"), "varchar|-9|10485760|'|'|max. length|1|3");
    CHECK_CONTAINS(info(l.stmt, SQL_VARCHAR, "1 2 3"), "varchar|12|10485760");
    CHECK_CONTAINS(info(l.stmt, SQL_WCHAR, "1 2 3 6"), "bpchar|-8|10485760|length");
    CHECK_CONTAINS(info(l.stmt, SQL_WLONGVARCHAR, "1 2"), "text|-10");
    CHECK_TEXT(info(l.stmt, SQL_INTERVAL_DAY_TO_SECOND, "1 2 16 17 19"), "interval day to second|110|10|10|10");
    CHECK_TEXT(info(l.stmt, SQL_INTERVAL_YEAR, "1 2 16 17"), "interval year|101|10|1");

    /* Sizes are numbers that fit, or null. */
    CHECK_OK(l.stmt, SQLGetTypeInfo(l.stmt, SQL_ALL_TYPES));
    SQLSMALLINT last = -1000;
    int64_t n = 0;
    while (SQLFetch(l.stmt) == SQL_SUCCESS) {
        SQLSMALLINT type = 0;
        SQLUINTEGER size = 0;
        SQLLEN length = 0;
        CHECK_OK(l.stmt, SQLGetData(l.stmt, 2, SQL_C_SSHORT, &type, 0, NULL));
        CHECK_OK(l.stmt, SQLGetData(l.stmt, 3, SQL_C_ULONG, &size, 0, &length));
        CHECK(type >= last); /* by DATA_TYPE */
        last = type;
        n++;
    }
    CHECK(n > 50);
    link_close(&l);
}

static void arguments(void)
{
    static const SQLSMALLINT bad[] = {1000, -50, 94, 100, 114, 200, -25, SQL_C_SLONG};
    struct link l = link_open("");
    for (size_t i = 0; i < COUNT(bad); i++) {
        CHECK_STATE(l.stmt, SQLGetTypeInfo(l.stmt, bad[i]), "HY004");
    }
    CHECK_OK(l.stmt, SQLGetTypeInfoW(l.stmt, SQL_BIT));
    CHECK_TEXT(rows_of(l.stmt, "1"), "bool");
    /* As any other result: at most so many rows, in blocks. */
    SQLULEN fetched = 0;
    SQLSMALLINT types[4];
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_MAX_ROWS, (SQLPOINTER)6, 0));
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_ROW_ARRAY_SIZE, (SQLPOINTER)4, 0));
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_ROWS_FETCHED_PTR, &fetched, 0));
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 2, SQL_C_SSHORT, types, 0, NULL));
    CHECK_OK(l.stmt, SQLGetTypeInfo(l.stmt, SQL_ALL_TYPES));
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_INT(fetched, 4);
    CHECK_INT(types[0], SQL_GUID);
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_INT(fetched, 2);
    CHECK_RC(l.stmt, SQLFetch(l.stmt), SQL_NO_DATA);
    link_close(&l);
    l = link_open("");

    query(l.stmt, "select 1");
    CHECK_STATE(l.stmt, SQLGetTypeInfo(l.stmt, SQL_ALL_TYPES), "24000");
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));

    /* No round trip where no type of the database's can be meant: it answers in a failed transaction as well. */
    link_close(&l);
    l = link_open("ErrorRollback=none");
    CHECK_OK(l.dbc, SQLSetConnectAttr(l.dbc, SQL_ATTR_AUTOCOMMIT, (SQLPOINTER)SQL_AUTOCOMMIT_OFF, 0));
    CHECK_INT(query_int(l.stmt, "select 1"), 1);
    CHECK_STATE(l.stmt, SQLExecDirect(l.stmt, T("select 1/0"), SQL_NTS), "22012");
    CHECK_TEXT(info(l.stmt, SQL_BIT, "1"), "bool");
    CHECK_STATE(l.stmt, SQLGetTypeInfo(l.stmt, SQL_ALL_TYPES), "25000");
    link_close(&l);
}

/* ---- the database's own types -------------------------------------------------------------------------------------- */

#define SCHEMA "odbc_typeinfo"

/* What types an application can make: listed as what their columns are called, once, behind the driver's own; domains as what they are made of. */
static void own_types(void)
{
    struct link l = link_open("");
    run(l.stmt, "drop schema if exists " SCHEMA " cascade; create schema " SCHEMA "; set search_path = " SCHEMA ", public");
    run(l.stmt, "create type oti_mood as enum ('sad', 'happy'); create type oti_pair as (a int, b text); create type oti_steps as range (subtype = float8);"
                " create domain oti_word as varchar(7); create table oti_plain (a int); create table oti_row (a int);"
                " create type \"Oti é😀 \"\"\\ \" as enum ('x'); create table oti_t (a oti_mood, b oti_pair, c oti_steps, d oti_word, e oti_mood[], f oti_word[], g oti_row,"
                " h \"Oti é😀 \"\"\\ \", i oti_pair[])");
    CHECK_OK(l.stmt, SQLColumns(l.stmt, NULL, 0, T(SCHEMA), SQL_NTS, T("oti\\_t"), SQL_NTS, NULL, 0));
    CHECK_TEXT(rows_of(l.stmt, "6"), "oti_mood\noti_pair\noti_steps\nvarchar\n_oti_mood\n_oti_word\noti_row\nOti é😀 \"\\ \n_oti_pair");
    const char *all = info(l.stmt, SQL_WVARCHAR, "1 2 3 4 5 6 9 13 16");
    CHECK_CONTAINS(all, "\noti_mood|-9|8190|'|'|~|2|oti_mood|-9\n");
    CHECK_CONTAINS(all, "\n_oti_mood|-9|");
    CHECK_CONTAINS(all, "\noti_pair|-9|");
    CHECK_CONTAINS(all, "\n_oti_pair|-9|");
    CHECK_CONTAINS(all, "\noti_steps|-9|");
    CHECK_CONTAINS(all, "\n_oti_word|-9|");
    CHECK_CONTAINS(all, "\noti_row|-9|");
    CHECK_CONTAINS(all, "\nOti é😀 \"\\ |-9|");
    CHECK_CONTAINS(all, "varchar|-9|10485760"); /* the best first */
    CHECK(strstr(all, "\noti_word|") == NULL);
    CHECK(strstr(all, "\noti_plain|") == NULL && strstr(all, "\n_oti_row|") == NULL); /* no column is of them */
    const char *mood = strstr(all, "\noti_mood|");
    CHECK(mood != NULL && strstr(mood + 1, "\noti_mood|") == NULL);
    CHECK(strstr(info(l.stmt, SQL_VARCHAR, "1"), "oti_mood") == NULL);
    CHECK_CONTAINS(info(l.stmt, SQL_ALL_TYPES, "1 2"), "\noti_mood|-9\n");
    link_close(&l);

    l = link_open("UseUnicode=no;UnknownsAsLongVarchar=yes");
    CHECK_CONTAINS(info(l.stmt, SQL_LONGVARCHAR, "1 2"), "\noti_mood|-1\n");
    CHECK_CONTAINS(info(l.stmt, SQL_VARCHAR, "1 2"), "\ntid|12\n"); /* of bounded length */
    run(l.stmt, "drop schema " SCHEMA " cascade");
    link_close(&l);
}

static void version2(void)
{
    static const char *const names[] = {"TYPE_NAME", "DATA_TYPE", "PRECISION", "LITERAL_PREFIX", "LITERAL_SUFFIX", "CREATE_PARAMS", "NULLABLE",
                                        "CASE_SENSITIVE", "SEARCHABLE", "UNSIGNED_ATTRIBUTE", "MONEY", "AUTO_INCREMENT", "LOCAL_TYPE_NAME",
                                        "MINIMUM_SCALE", "MAXIMUM_SCALE"};
    struct link l = link_new(SQL_OV_ODBC2);
    CHECK_OK(l.dbc, try_connect(l.dbc, connstr(";")));
    l.stmt = new_stmt(l.dbc);
    CHECK_OK(l.stmt, SQLGetTypeInfo(l.stmt, SQL_ALL_TYPES));
    for (SQLUSMALLINT i = 1; i <= COUNT(names); i++) {
        SQLCHAR name[64];
        CHECK_OK(l.stmt, SQLDescribeCol(l.stmt, i, name, sizeof name, NULL, NULL, NULL, NULL, NULL));
        CHECK_TEXT(name, names[i - 1]);
    }
    const char *all = rows_of(l.stmt, "2 1");
    CHECK_CONTAINS(all, "\n9|date\n");
    CHECK_CONTAINS(all, "\n10|time\n");
    CHECK_CONTAINS(all, "\n11|timestamp\n");
    CHECK(strstr(all, "\n91|") == NULL && strstr(all, "\n93|") == NULL && strstr(all, "\n101|") == NULL); /* ODBC 3's codes */
    CHECK(strstr(all, "-11|uuid") == NULL && strstr(all, "-9|") == NULL);
    CHECK_TEXT(info(l.stmt, SQL_DATE, "1 2"), "date|9");
    CHECK_CONTAINS(info(l.stmt, SQL_TIMESTAMP, "1 2"), "timestamp|11");
    link_close(&l);
}

/* Not of another schema, nor one of the two that only the server's own tables have. */
static bool resolves(SQLHSTMT stmt, const char *name)
{
    char sql[256];
    snprintf(sql, sizeof sql, "select coalesce((select typtype <> 'p' and typname <> '_pg_statistic' from pg_type where oid = to_regtype('%s')), '%s' like '%%serial')::int",
             name, name);
    return query_int(stmt, sql) == 1;
}

/* Every listed type makes a column; and where it is the type's own place, the column is described as listed. */
static void creatable(void)
{
    struct link l = link_open("");
    SQLHSTMT ddl = new_stmt(l.dbc);
    char name[130];
    SQLSMALLINT type = 0;
    SQLSMALLINT autounique = 0;
    SQLLEN null_params = 0;
    SQLLEN no_autounique = 0;
    char params[64];
    CHECK_OK(l.stmt, SQLGetTypeInfo(l.stmt, SQL_ALL_TYPES));
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_CHAR, name, sizeof name, NULL));
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 2, SQL_C_SSHORT, &type, 0, NULL));
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 6, SQL_C_CHAR, params, sizeof params, &null_params));
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 12, SQL_C_SSHORT, &autounique, 0, &no_autounique));
    int same = 0;
    while (SQLFetch(l.stmt) == SQL_SUCCESS) {
        char sql[256];
        SQLSMALLINT described = 0;
        if (!resolves(ddl, name)) {
            continue;
        }
        const char *with = null_params == SQL_NULL_DATA ? "" : strchr(params, ',') ? "(5,2)" : "(5)";
        snprintf(sql, sizeof sql, "create temp table typed (c %s%s)", name, with);
        run(ddl, sql);
        CHECK_OK(ddl, SQLPrepare(ddl, T("select c from typed"), SQL_NTS));
        CHECK_OK(ddl, SQLDescribeCol(ddl, 1, NULL, 0, NULL, &described, NULL, NULL, NULL));
        same += described == type;
        SQLLEN is_auto = -1;
        CHECK_OK(ddl, SQLColAttribute(ddl, 1, SQL_DESC_AUTO_UNIQUE_VALUE, NULL, 0, NULL, &is_auto));
        check_int(is_auto, no_autounique == SQL_NULL_DATA ? 0 : autounique, name, __FILE__, __LINE__);
        run(ddl, "drop table typed");
    }
    CHECK(same > 40);
    link_close(&l);
}

static void options(void)
{
    struct link l = link_open("BoolsAsChar=1;Int8As=12;ByteaAsLongVarBinary=1;TextAsLongVarchar=0");
    CHECK_CONTAINS(info(l.stmt, SQL_WVARCHAR, "1"), "varchar\n");
    const char *all = info(l.stmt, SQL_ALL_TYPES, "1 2");
    CHECK_CONTAINS(all, "\nbool|-9\n");
    CHECK_CONTAINS(all, "\ntext|-9\n");
    CHECK_CONTAINS(all, "\nbytea|-4\n");
    link_close(&l);
}

/* ---- literals ------------------------------------------------------------------------------------------------------ */

/* Texts of the server's; each type takes those that are its own. */
static const char *const samples[] = {
    "1", "f", "A", "it's {fn x} ?", "\\\\x00ff27", "2024-02-29", "13:14:15.5", "13:14:15.5+02", "2024-02-29 13:14:15.5", "0044-03-15 BC", "infinity",
    "{\"a\": 1}", "<a/>", "101", "12.5", "10.0.0.0/8", "08:00:2b:01:02:03", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
    "5 years", "-1 years -2 mons", "-3 days -04:05:06.5", "5 mons", "04:05:06.25", "75:06:07", "-00:00:00.5", "100 days", "0",
    "{}", "empty", "(1,2)", "(1,2),(3,4)", "[(1,2),(3,4)]", "<(1,2),3>", "{1,2,3}", "0/16B3748", "pg_class", "simple", "abs", "abs(integer)", "+(int4,int4)", "!!", "postgres",
    "10:20:10", "978-0-393-04002-9", "9783540012344", "979-0-2600-0043-8", "1436-4522", "0-36000-29145-2", "a=>1", "=r/postgres", "Top.Science", "*.Science", "Science & Art", "$.a",
};

/* What is in them only the server can write. */
static const char *const unwritable[] = {"gtsvector",        "ghstore",         "ltree_gist",  "pg_brin_bloom_summary",        "pg_brin_minmax_multi_summary",
                                         "pg_dependencies",  "pg_mcv_list",     "pg_ndistinct", "pg_node_tree", "cid"};

static bool is_writable(const char *name)
{
    bool found = false;
    for (size_t i = 0; i < COUNT(unwritable); i++) {
        found = found || strcmp(name, unwritable[i]) == 0;
    }
    return !found;
}

/* prefix, value, suffix, with quotes in the value doubled. */
static void literal(char *out, size_t size, const char *prefix, const char *value, const char *suffix)
{
    size_t n = (size_t)snprintf(out, size, "insert into literals values (%s", prefix);
    for (const char *p = value; *p != '\0' && n + 2 < size; p++) {
        out[n++] = *p;
        if (*p == '\'') {
            out[n++] = *p;
        }
    }
    snprintf(out + n, size - n, "%s)", suffix);
}

static void read_value(SQLHSTMT stmt, char *value, SQLLEN size)
{
    query(stmt, "select c from literals");
    CHECK_OK(stmt, SQLFetch(stmt));
    CHECK_OK(stmt, SQLGetData(stmt, 1, SQL_C_CHAR, value, size, NULL));
    CHECK_OK(stmt, SQLFreeStmt(stmt, SQL_CLOSE));
}

/* Reads what the sample became there, and puts it back as a literal. Does the column take the sample at all? */
static bool literal_of(SQLHSTMT stmt, const char *sample, const char *prefix, const char *suffix)
{
    char sql[512];
    char value[256] = "";
    char again[256] = "";
    literal(sql, sizeof sql, "'", sample, "'");
    if (!SQL_SUCCEEDED(SQLExecDirect(stmt, T(sql), SQL_NTS))) {
        return false;
    }
    read_value(stmt, value, sizeof value);
    run(stmt, "delete from literals");
    literal(sql, sizeof sql, prefix, value, suffix);
    if (check_rc(stmt, SQLExecDirect(stmt, T(sql), SQL_NTS), SQL_SUCCESS, sql, __FILE__, __LINE__)) {
        read_value(stmt, again, sizeof again);
        check_text(again, value, sql, __FILE__, __LINE__);
        run(stmt, "delete from literals");
    }
    return true;
}

/* Prefix, value and suffix make the same value of the type. */
static void literals_of(struct link *l, int *most)
{
    SQLHSTMT other = new_stmt(l->dbc);
    char name[64];
    char prefix[32];
    char suffix[32];
    SQLLEN has_prefix = 0;
    SQLLEN has_suffix = 0;
    CHECK_OK(l->stmt, SQLGetTypeInfo(l->stmt, SQL_ALL_TYPES));
    CHECK_OK(l->stmt, SQLBindCol(l->stmt, 1, SQL_C_CHAR, name, sizeof name, NULL));
    CHECK_OK(l->stmt, SQLBindCol(l->stmt, 4, SQL_C_CHAR, prefix, sizeof prefix, &has_prefix));
    CHECK_OK(l->stmt, SQLBindCol(l->stmt, 5, SQL_C_CHAR, suffix, sizeof suffix, &has_suffix));
    while (SQLFetch(l->stmt) == SQL_SUCCESS) {
        char sql[192];
        int taken = 0;
        CHECK((has_prefix == SQL_NULL_DATA) == (has_suffix == SQL_NULL_DATA));
        if (has_prefix == SQL_NULL_DATA || !resolves(other, name) || !is_writable(name)) {
            continue; /* a number is its own literal */
        }
        snprintf(sql, sizeof sql, "drop table if exists literals; create temp table literals (c %s%s)", name, strcmp(name, "bit") == 0 ? "(3)" : "");
        run(other, sql);
        for (size_t i = 0; i < COUNT(samples); i++) {
            taken += literal_of(other, samples[i], prefix, suffix);
        }
        check_true(taken > 0, name, __FILE__, __LINE__);
        *most = taken > *most ? taken : *most;
    }
    free_stmt(other);
}

static void literals(void)
{
    int most = 0;
    struct link l = link_open("");
    literals_of(&l, &most);
    link_close(&l);
    CHECK_INT(most, COUNT(samples)); /* text takes them all */

    l = link_new(SQL_OV_ODBC2);
    CHECK_OK(l.dbc, try_connect(l.dbc, connstr(";")));
    l.stmt = new_stmt(l.dbc);
    literals_of(&l, &most);
    link_close(&l);
}

int main(void)
{
    static const struct test tests[] = {
        {"columns of the result", shape}, {"rows", rows}, {"arguments", arguments}, {"ODBC 2", version2}, {"every type can be created", creatable},
        {"options", options}, {"the database's own types", own_types}, {"literals", literals},
    };
    return run_tests("SQLGetTypeInfo", tests, COUNT(tests));
}
