/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every built-in type of PostgreSQL as a result column: how it is described, and its values in every natural C type. Each value is fetched twice: alone, in
 * the binary format where the type allows it, and beside a regclass, which makes the whole row come as text. Nobody may see a difference.
 */
#include "harness.h"

#include <math.h>
#include <stdlib.h>

enum { ROOM = 4096 };

/* The two ways a row comes. */
enum path { BINARY, TEXT, PATHS };
static const char *const beside[PATHS] = {"", ", 'pg_class'::pg_catalog.regclass"};

static const char *statement(const char *value, enum path path)
{
    static char sql[ROOM];
    snprintf(sql, sizeof sql, "select %s%s", value, beside[path]);
    return sql;
}

/* Before the first row of `value`. */
static void select_value(SQLHSTMT stmt, const char *value, enum path path)
{
    query(stmt, statement(value, path));
}

/* On the row. */
static void fetch_value(SQLHSTMT stmt, const char *value, enum path path)
{
    select_value(stmt, value, path);
    CHECK_OK(stmt, SQLFetch(stmt));
}

static void done(SQLHSTMT stmt)
{
    CHECK_OK(stmt, SQLFreeStmt(stmt, SQL_CLOSE));
}

/* Names what a failed check was about. */
static bool same(SQLHSTMT stmt, const char *sql, const char *what, int64_t actual, int64_t wanted)
{
    char text[512];
    (void)stmt;
    snprintf(text, sizeof text, "%s: %.400s", what, sql);
    return check_int(actual, wanted, text, __FILE__, __LINE__);
}

/* ---- the catalogue of values --------------------------------------------------------------------------------------- */

struct value {
    const char *sql, *type;
    SQLSMALLINT sql_type;
    SQLULEN size;
    SQLSMALLINT digits;
    SQLLEN display;
    const char *text;
};

/* Types of ODBC's that have no length in PostgreSQL. */
#define LONG_ROOM 1073741819
#define LONG(sql, type, text) {sql, type, SQL_WLONGVARCHAR, LONG_ROOM, 0, LONG_ROOM, text}
#define OTHER(sql, type, text) {sql, type, SQL_WVARCHAR, 8190, 0, 8190, text}
#define CHARS(sql, type, sql_type, n, text) {sql, type, sql_type, n, 0, n, text}
#define NUMBER(sql, type, sql_type, n, display, text) {sql, type, sql_type, n, 0, display, text}
#define DECIMAL(sql, p, s, display, text) {sql, "numeric", SQL_NUMERIC, p, s, display, text}
#define DATE(sql, text) {sql, "date", SQL_TYPE_DATE, 10, 0, 13, text}
#define TIME(sql, type, s, text) {sql, type, SQL_TYPE_TIME, (s) ? 9 + (s) : 8, s, (s) ? 9 + (s) : 8, text}
#define STAMP(sql, type, s, text) {sql, type, SQL_TYPE_TIMESTAMP, (s) ? 20 + (s) : 19, s, (s) ? 23 + (s) : 22, text}
#define BETWEEN(sql, fields, sql_type, n, s, text) {sql, "interval " fields, sql_type, n, s, 100, text}

static const struct value values[] = {
    NUMBER("true", "bool", SQL_BIT, 1, 1, "1"),
    NUMBER("false", "bool", SQL_BIT, 1, 1, "0"),
    NUMBER("(-32768)::int2", "int2", SQL_SMALLINT, 5, 6, "-32768"),
    NUMBER("2147483647", "int4", SQL_INTEGER, 10, 11, "2147483647"),
    NUMBER("(-2147483648)::int4", "int4", SQL_INTEGER, 10, 11, "-2147483648"),
    NUMBER("(-9223372036854775808)::int8", "int8", SQL_BIGINT, 19, 20, "-9223372036854775808"),
    NUMBER("9223372036854775807", "int8", SQL_BIGINT, 19, 20, "9223372036854775807"),
    NUMBER("4294967295::oid", "oid", SQL_INTEGER, 10, 11, "4294967295"),
    NUMBER("'4294967295'::xid", "xid", SQL_INTEGER, 10, 11, "4294967295"),
    NUMBER("'4294967295'::cid", "cid", SQL_INTEGER, 10, 11, "4294967295"),
    NUMBER("1.5::float4", "float4", SQL_REAL, 24, 15, "1.5"),
    NUMBER("'-1.17549435e-38'::float4", "float4", SQL_REAL, 24, 15, "-1.1754944e-38"),
    NUMBER("'1e-45'::float4", "float4", SQL_REAL, 24, 15, "1e-45"),
    NUMBER("'NaN'::float4", "float4", SQL_REAL, 24, 15, "NaN"),
    NUMBER("'-Infinity'::float4", "float4", SQL_REAL, 24, 15, "-Infinity"),
    NUMBER("0.1::float8", "float8", SQL_DOUBLE, 53, 24, "0.1"),
    NUMBER("'-2.2250738585072014e-308'::float8", "float8", SQL_DOUBLE, 53, 24, "-2.2250738585072014e-308"),
    NUMBER("'5e-324'::float8", "float8", SQL_DOUBLE, 53, 24, "5e-324"),
    NUMBER("1e15::float8", "float8", SQL_DOUBLE, 53, 24, "1e+15"),
    NUMBER("123456789012345::float8", "float8", SQL_DOUBLE, 53, 24, "123456789012345"),
    NUMBER("0.0001::float8", "float8", SQL_DOUBLE, 53, 24, "0.0001"),
    NUMBER("0.00001::float8", "float8", SQL_DOUBLE, 53, 24, "1e-05"),
    NUMBER("'-0'::float8", "float8", SQL_DOUBLE, 53, 24, "-0"),
    NUMBER("'NaN'::float8", "float8", SQL_DOUBLE, 53, 24, "NaN"),
    NUMBER("'Infinity'::float8", "float8", SQL_DOUBLE, 53, 24, "Infinity"),

    DECIMAL("123.450::numeric(6,3)", 6, 3, 8, "123.450"),
    DECIMAL("(-999.999)::numeric(6,3)", 6, 3, 8, "-999.999"),
    DECIMAL("(-0.99)::numeric(2,2)", 2, 2, 5, "-0.99"),
    DECIMAL("(-99)::numeric(2)", 2, 0, 4, "-99"),
    DECIMAL("(-99000)::numeric(2,-3)", 5, 0, 7, "-99000"),
    DECIMAL("(-0.00999)::numeric(3,5)", 5, 5, 8, "-0.00999"),
    DECIMAL("'NaN'::numeric(2,1)", 2, 1, 4, "NaN"),
    DECIMAL("123.4500", 1000, 500, 1002, "123.4500"),
    DECIMAL("0.00::numeric", 1000, 500, 1002, "0.00"),
    DECIMAL("1e20::numeric", 1000, 500, 1002, "100000000000000000000"),
    DECIMAL("'NaN'::numeric", 1000, 500, 1002, "NaN"),
    DECIMAL("'-Infinity'::numeric", 1000, 500, 1002, "-Infinity"),

    CHARS("'abc'::char(5)", "bpchar", SQL_WCHAR, 5, "abc  "),
    CHARS("'äöü😀€'::char(5)", "bpchar", SQL_WCHAR, 5, "äöü😀€"),
    CHARS("'abc'::varchar(5)", "varchar", SQL_WVARCHAR, 5, "abc"),
    CHARS("''::varchar(5)", "varchar", SQL_WVARCHAR, 5, ""),
    CHARS("'😀😀'::varchar(2)", "varchar", SQL_WVARCHAR, 2, "😀😀"),
    CHARS("repeat('x', 63)::name", "name", SQL_WVARCHAR, 63, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"),
    {"'a'::\"char\"", "\"char\"", SQL_WCHAR, 1, 0, 4, "a"},
    {"''::\"char\"", "\"char\"", SQL_WCHAR, 1, 0, 4, ""},
    {"'\\377'::\"char\"", "\"char\"", SQL_WCHAR, 1, 0, 4, "\\377"}, /* no character of UTF-8: shown as its octal escape */
    OTHER("'abc'::varchar", "varchar", "abc"),
    OTHER("'abc '::bpchar", "bpchar", "abc "),
    LONG("'é 😀'", "text", "é 😀"),
    LONG("''::text", "text", ""),
    LONG("E'\\t\\r\\n\\x01'::text", "text", "\t\r\n\x01"),
    OTHER("'c'::refcursor", "refcursor", "c"),
    OTHER("'c'::cstring", "cstring", "c"),

    {"'\\x00ff10'::bytea", "bytea", SQL_LONGVARBINARY, LONG_ROOM, 0, 2LL * LONG_ROOM, "00FF10"},
    {"''::bytea", "bytea", SQL_LONGVARBINARY, LONG_ROOM, 0, 2LL * LONG_ROOM, ""},
    {"'00112233-4455-6677-8899-aabbccddeeff'::uuid", "uuid", SQL_GUID, 36, 0, 36, "00112233-4455-6677-8899-aabbccddeeff"},

    DATE("'2026-11-21'::date", "2026-11-21"),
    DATE("'0001-01-01'::date", "0001-01-01"),
    DATE("'0044-03-15 BC'::date", "0044-03-15 BC"),
    DATE("'4713-01-01 BC'::date", "4713-01-01 BC"),
    DATE("'5874897-12-31'::date", "5874897-12-31"),
    DATE("'infinity'::date", "infinity"),
    DATE("'-infinity'::date", "-infinity"),
    TIME("'23:59:59.123456'::time", "time", 6, "23:59:59.123456"),
    TIME("'23:59:59.1'::time(1)", "time", 1, "23:59:59.1"),
    TIME("'23:59:59'::time(0)", "time", 0, "23:59:59"),
    TIME("'24:00:00'::time", "time", 6, "24:00:00"),
    TIME("'23:59:59.123456+05:30'::timetz", "timetz", 6, "23:59:59.123456"),
    TIME("'23:59:59-15:59:59'::timetz(0)", "timetz", 0, "23:59:59"),
    STAMP("'2026-11-21 01:02:03.456'::timestamp", "timestamp", 6, "2026-11-21 01:02:03.456"),
    STAMP("'2026-11-21 01:02:03'::timestamp", "timestamp", 6, "2026-11-21 01:02:03"),
    STAMP("'2026-11-21 01:02:03.4567'::timestamp(3)", "timestamp", 3, "2026-11-21 01:02:03.457"),
    STAMP("'2026-11-21 01:02:03'::timestamp(0)", "timestamp", 0, "2026-11-21 01:02:03"),
    STAMP("'4713-01-01 00:00:00.000001 BC'::timestamp", "timestamp", 6, "4713-01-01 00:00:00.000001 BC"),
    STAMP("'294276-12-31 23:59:59.999999'::timestamp", "timestamp", 6, "294276-12-31 23:59:59.999999"),
    STAMP("'infinity'::timestamp", "timestamp", 6, "infinity"),
    STAMP("'2026-11-21 01:02:03.456+00'::timestamptz", "timestamptz", 6, "2026-11-21 02:02:03.456"), /* Europe/Berlin */
    STAMP("'2026-07-21 01:02:03+00'::timestamptz(0)", "timestamptz", 0, "2026-07-21 03:02:03"),
    STAMP("'-infinity'::timestamptz", "timestamptz", 6, "-infinity"),

    CHARS("'1 year 2 mons -3 days 04:05:06.789'::interval", "interval", SQL_WVARCHAR, 100, "1 year 2 mons -3 days +04:05:06.789"),
    CHARS("'0'::interval", "interval", SQL_WVARCHAR, 100, "00:00:00"),
    CHARS("make_interval(-178000000, -11, 0, -2147483647, -2147483647, 0, -0.000001)", "interval", SQL_WVARCHAR, 100,
          "-178000000 years -11 mons -2147483647 days -2147483647:00:00.000001"),
    BETWEEN("'5 years'::interval year", "year", SQL_INTERVAL_YEAR, 10, 0, "5"),
    BETWEEN("'-14 months'::interval month", "month", SQL_INTERVAL_MONTH, 10, 0, "-14"),
    BETWEEN("'2147483647 days'::interval day", "day", SQL_INTERVAL_DAY, 10, 0, "2147483647"),
    BETWEEN("'100 hours'::interval hour", "hour", SQL_INTERVAL_HOUR, 10, 0, "100"),
    BETWEEN("'-100 minutes'::interval minute", "minute", SQL_INTERVAL_MINUTE, 10, 0, "-100"),
    BETWEEN("'12.345678'::interval second", "second", SQL_INTERVAL_SECOND, 17, 6, "12.345678"),
    BETWEEN("'-12.34'::interval second(2)", "second", SQL_INTERVAL_SECOND, 13, 2, "-12.34"),
    BETWEEN("'2562047788:00:54.775807'::interval second", "second", SQL_INTERVAL_SECOND, 17, 6, "9223372036854.775807"),
    BETWEEN("'1-2'::interval year to month", "year to month", SQL_INTERVAL_YEAR_TO_MONTH, 13, 0, "1-2"),
    BETWEEN("'3 04'::interval day to hour", "day to hour", SQL_INTERVAL_DAY_TO_HOUR, 13, 0, "3 04"),
    BETWEEN("'3 04:05'::interval day to minute", "day to minute", SQL_INTERVAL_DAY_TO_MINUTE, 16, 0, "3 04:05"),
    BETWEEN("'-3 days -04:05:06.789'::interval day to second", "day to second", SQL_INTERVAL_DAY_TO_SECOND, 26, 6, "-3 04:05:06.789"),
    BETWEEN("'04:05'::interval hour to minute", "hour to minute", SQL_INTERVAL_HOUR_TO_MINUTE, 13, 0, "4:05"),
    BETWEEN("'04:05:06.5'::interval hour to second", "hour to second", SQL_INTERVAL_HOUR_TO_SECOND, 23, 6, "4:05:06.5"),
    BETWEEN("'05:06.5'::interval minute to second", "minute to second", SQL_INTERVAL_MINUTE_TO_SECOND, 20, 6, "5:06.5"),
    /* No ODBC interval can say this: the server's words. */
    BETWEEN("'-3 days 04:05:06.789'::interval day to second", "day to second", SQL_INTERVAL_DAY_TO_SECOND, 26, 6, "-3 days +04:05:06.789"),
    BETWEEN("make_interval(-178000000, -11, 0, -2147483647, -2147483647, 0, -0.000001)::interval day to second",
            "day to second", SQL_INTERVAL_DAY_TO_SECOND, 26, 6, "-178000000 years -11 mons -2147483647 days -2147483647:00:00.000001"),

    CHARS("'1010'::bit(4)", "bit", SQL_WCHAR, 4, "1010"),
    CHARS("'1'::bit", "bit", SQL_WCHAR, 1, "1"),
    CHARS("'10101'::varbit(7)", "varbit", SQL_WVARCHAR, 7, "10101"),
    OTHER("B'101'::varbit", "varbit", "101"),
    CHARS("'-92233720368547758.08'::money", "money", SQL_WVARCHAR, 31, "-$92,233,720,368,547,758.08"),
    CHARS("'192.168.0.0/24'::cidr", "cidr", SQL_WVARCHAR, 50, "192.168.0.0/24"),
    CHARS("'192.168.0.1'::inet", "inet", SQL_WVARCHAR, 50, "192.168.0.1"),
    CHARS("'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/127'::inet", "inet", SQL_WVARCHAR, 50, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/127"),
    CHARS("'08:00:2b:01:02:03'::macaddr", "macaddr", SQL_WVARCHAR, 17, "08:00:2b:01:02:03"),
    CHARS("'08:00:2b:01:02:03:04:05'::macaddr8", "macaddr8", SQL_WVARCHAR, 23, "08:00:2b:01:02:03:04:05"),
    CHARS("'FFFFFFFF/FFFFFFFF'::pg_lsn", "pg_lsn", SQL_WVARCHAR, 17, "FFFFFFFF/FFFFFFFF"),
    CHARS("'(4294967295,65535)'::tid", "tid", SQL_WVARCHAR, 18, "(4294967295,65535)"),
    CHARS("'18446744073709551615'::xid8", "xid8", SQL_WVARCHAR, 20, "18446744073709551615"),

    LONG("'{\"a\": [1, 2.50, \"x\"]}'::json", "json", "{\"a\": [1, 2.50, \"x\"]}"),
    LONG("'{\"a\": [1,2.50]}'::jsonb", "jsonb", "{\"a\": [1, 2.50]}"),
    LONG("'<a>b</a>'::xml", "xml", "<a>b</a>"),
    OTHER("'$.a[*] ? (@ > 1)'::jsonpath", "jsonpath", "$.\"a\"[*]?(@ > 1)"),
    OTHER("'(1.5,-2)'::point", "point", "(1.5,-2)"),
    OTHER("'{1,2,3}'::line", "line", "{1,2,3}"),
    OTHER("'[(0,0),(1,1)]'::lseg", "lseg", "[(0,0),(1,1)]"),
    OTHER("'((0,0),(1,1))'::path", "path", "((0,0),(1,1))"),
    OTHER("'(1,1),(0,0)'::box", "box", "(1,1),(0,0)"),
    OTHER("'((0,0),(1,1),(2,0))'::polygon", "polygon", "((0,0),(1,1),(2,0))"),
    OTHER("'<(0,0),1.5>'::circle", "circle", "<(0,0),1.5>"),
    OTHER("'a:1 b:2'::tsvector", "tsvector", "'a':1 'b':2"),
    OTHER("'a & b'::tsquery", "tsquery", "'a' & 'b'"),
    OTHER("'10:20:10,14,15'::pg_snapshot", "pg_snapshot", "10:20:10,14,15"),
    OTHER("'10:20:10,14,15'::txid_snapshot", "txid_snapshot", "10:20:10,14,15"),
    OTHER("'=r/postgres'::aclitem", "aclitem", "=r/postgres"),
    OTHER("'1 2 3'::int2vector", "int2vector", "1 2 3"),
    OTHER("'1 2'::oidvector", "oidvector", "1 2"),

    /* Names, not numbers. */
    OTHER("'pg_class'::regclass", "regclass", "pg_class"),
    OTHER("'int4'::regtype", "regtype", "integer"),
    OTHER("'pg_catalog.now'::regproc", "regproc", "now"),
    OTHER("'now()'::regprocedure", "regprocedure", "now()"),
    OTHER("'||/'::regoper", "regoper", "||/"),
    OTHER("'+(int4,int4)'::regoperator", "regoperator", "+(integer,integer)"),
    OTHER("'pg_catalog'::regnamespace", "regnamespace", "pg_catalog"),
    OTHER("'postgres'::regrole", "regrole", "postgres"),
    OTHER("'english'::regconfig", "regconfig", "english"),
    OTHER("'simple'::regdictionary", "regdictionary", "simple"),
    OTHER("'\"C\"'::regcollation", "regcollation", "\"C\""),

    OTHER("'[1,5)'::int4range", "int4range", "[1,5)"),
    OTHER("'(,9]'::int8range", "int8range", "(,10)"),
    OTHER("'[1.5,2.5]'::numrange", "numrange", "[1.5,2.5]"),
    OTHER("'[2026-01-01,2026-02-01)'::daterange", "daterange", "[2026-01-01,2026-02-01)"),
    OTHER("'[2026-01-01 00:00,)'::tsrange", "tsrange", "[\"2026-01-01 00:00:00\",)"),
    OTHER("'[2026-01-01 00:00+00,)'::tstzrange", "tstzrange", "[\"2026-01-01 01:00:00+01\",)"),
    OTHER("'empty'::int4range", "int4range", "empty"),
    OTHER("'{[1,2),[5,9)}'::int4multirange", "int4multirange", "{[1,2),[5,9)}"),

    OTHER("array[1,2,null]", "_int4", "{1,2,NULL}"),
    OTHER("array[[1,2],[3,4]]", "_int4", "{{1,2},{3,4}}"),
    OTHER("'[0:1]={5,6}'::int4[]", "_int4", "[0:1]={5,6}"),
    OTHER("'{}'::int4[]", "_int4", "{}"),
    OTHER("array['a','b c','\"q\"','\\','NULL',null,'','ä,{}']", "_text", "{a,\"b c\",\"\\\"q\\\"\",\"\\\\\",\"NULL\",NULL,\"\",\"ä,{}\"}"),
    OTHER("array['a','b']::char(2)[]", "_bpchar", "{\"a \",\"b \"}"),
    OTHER("array[true,false]", "_bool", "{t,f}"),
    OTHER("array[1,-2]::int2[]", "_int2", "{1,-2}"),
    OTHER("array[4294967295]::oid[]", "_oid", "{4294967295}"),
    OTHER("array[1.5,'NaN']::numeric[]", "_numeric", "{1.5,NaN}"),
    OTHER("array[0.1,'-Infinity']::float8[]", "_float8", "{0.1,-Infinity}"),
    OTHER("array[1e-45]::float4[]", "_float4", "{1e-45}"),
    OTHER("array['2026-01-01','infinity']::date[]", "_date", "{2026-01-01,infinity}"),
    OTHER("array['23:59:59.5+05:30']::timetz[]", "_timetz", "{23:59:59.5+05:30}"),
    OTHER("array['2026-11-21 01:02:03.5']::timestamp[]", "_timestamp", "{\"2026-11-21 01:02:03.5\"}"),
    OTHER("array['2026-11-21 01:02:03+00']::timestamptz[]", "_timestamptz", "{\"2026-11-21 02:02:03+01\"}"),
    OTHER("array['1 day -02:00']::interval[]", "_interval", "{\"1 day -02:00:00\"}"),
    OTHER("array['\\x00ff']::bytea[]", "_bytea", "{\"\\\\x00ff\"}"),
    OTHER("array['00112233-4455-6677-8899-aabbccddeeff']::uuid[]", "_uuid", "{00112233-4455-6677-8899-aabbccddeeff}"),
    OTHER("array['{\"a\":1}']::jsonb[]", "_jsonb", "{\"{\\\"a\\\": 1}\"}"),
    OTHER("array['(1,2)']::point[]", "_point", "{\"(1,2)\"}"),

    OTHER("row(1,'a b',null)", "record", "(1,\"a b\",)"),
    OTHER("pg_sleep(0)", "void", ""),
    OTHER("'happy'::pg_temp.mood", "mood", "happy"),
    OTHER("array['happy']::pg_temp.mood[]", "_mood", "{happy}"),
    OTHER("'(\"a b\",5)'::pg_temp.pair", "pair", "(\"a b\",5)"),
    OTHER("array[row('x',1)::pg_temp.pair]", "_pair", "{\"(x,1)\"}"),
    NUMBER("5::pg_temp.posint", "int4", SQL_INTEGER, 10, 11, "5"), /* domains are their base type */
    CHARS("'ab'::pg_temp.short", "varchar", SQL_WVARCHAR, 3, "ab"),
    OTHER("'Abc'::citext", "citext", "Abc"),
    OTHER("'a=>1'::hstore", "hstore", "\"a\"=>\"1\""),
    OTHER("'a.b'::ltree", "ltree", "a.b"),
    OTHER("'1.0 .. 2.0'::seg", "seg", "1.0 .. 2.0"),
};

static struct link open_with_types(void)
{
    struct link l = link_open("");
    run(l.stmt, "set timezone = 'Europe/Berlin';"
                "create type pg_temp.mood as enum ('sad', 'happy');"
                "create type pg_temp.pair as (a text, b int);"
                "create domain pg_temp.posint as int4 check (value > 0);"
                "create domain pg_temp.short as varchar(3)");
    return l;
}

/* What SQL_C_DEFAULT means. ODBC appendix D, "Default C data types". */
static SQLSMALLINT natural_type(const struct value *v)
{
    switch (v->sql_type) {
    case SQL_INTEGER: /* oid, xid and cid have no sign */
        return strcmp(v->type, "int4") == 0 ? SQL_C_SLONG : SQL_C_ULONG;
    case SQL_SMALLINT:
        return SQL_C_SSHORT;
    case SQL_BIGINT:
        return SQL_C_SBIGINT;
    case SQL_REAL:
        return SQL_C_FLOAT;
    case SQL_NUMERIC:
        return SQL_C_CHAR;
    case SQL_LONGVARBINARY:
        return SQL_C_BINARY;
    case SQL_WCHAR:
    case SQL_WVARCHAR:
    case SQL_WLONGVARCHAR:
        return SQL_C_WCHAR;
    default:
        return v->sql_type; /* BIT, DOUBLE, GUID, dates and intervals have the same code */
    }
}

static void check_description(SQLHSTMT stmt, const struct value *v)
{
    char name[64] = "";
    SQLSMALLINT type = 0;
    SQLSMALLINT digits = -1;
    SQLSMALLINT nullable = -1;
    SQLULEN size = 0;
    SQLLEN display = 0;
    SQLLEN octets = 0;
    CHECK_OK(stmt, SQLDescribeCol(stmt, 1, NULL, 0, NULL, &type, &size, &digits, &nullable));
    same(stmt, v->sql, "type", type, v->sql_type);
    same(stmt, v->sql, "column size", (int64_t)size, (int64_t)v->size);
    same(stmt, v->sql, "decimal digits", digits, v->digits);
    same(stmt, v->sql, "nullable", nullable, SQL_NULLABLE_UNKNOWN);
    CHECK_OK(stmt, SQLColAttribute(stmt, 1, SQL_DESC_DISPLAY_SIZE, NULL, 0, NULL, &display));
    same(stmt, v->sql, "display size", display, v->display);
    CHECK_OK(stmt, SQLColAttribute(stmt, 1, SQL_DESC_TYPE_NAME, name, sizeof name, NULL, NULL));
    check_text(name, v->type, v->sql, __FILE__, __LINE__);
    /* Honest: the value is not longer than that. */
    size_t characters = 0;
    size_t units = 0; /* of UTF-16 */
    for (const char *p = v->text; *p != '\0'; p++) {
        characters += (*p & 0xC0) != 0x80;
        units += (*p & 0xC0) == 0x80 ? 0U : (unsigned char)*p >= 0xF0 ? 2U : 1U;
    }
    check_true((SQLLEN)characters <= display, v->sql, __FILE__, __LINE__);
    CHECK_OK(stmt, SQLColAttribute(stmt, 1, SQL_DESC_OCTET_LENGTH, NULL, 0, NULL, &octets));
    if (natural_type(v) == SQL_C_WCHAR) {
        check_true((SQLLEN)(units * sizeof(SQLWCHAR)) <= octets, v->sql, __FILE__, __LINE__);
        check_true((SQLLEN)strlen(v->text) <= octets, v->sql, __FILE__, __LINE__);
    }
}

/* A value in one C type: everything a call can tell. */
struct got {
    SQLRETURN rc;
    char state[6];
    SQLLEN length;
    unsigned char bytes[ROOM];
};

static void get(SQLHSTMT stmt, SQLSMALLINT c_type, struct got *g)
{
    memset(g, 0, sizeof *g);
    g->length = -99;
    g->rc = SQLGetData(stmt, 1, c_type, g->bytes, sizeof g->bytes, &g->length);
    snprintf(g->state, sizeof g->state, "%s", g->rc == SQL_SUCCESS ? "" : diag_state(stmt, 1));
}

static void check_same(const struct value *v, const char *what, const struct got *a, const struct got *b)
{
    same(NULL, v->sql, what, b->rc, a->rc);
    check_text(b->state, a->state, v->sql, __FILE__, __LINE__);
    same(NULL, v->sql, what, b->length, a->length);
    size_t bytes = a->length > 0 ? (size_t)a->length : 0;
    same(NULL, v->sql, what, memcmp(a->bytes, b->bytes, bytes) != 0, false);
}

static bool is_number(SQLSMALLINT c)
{
    switch (c) {
    case SQL_C_STINYINT:
    case SQL_C_UTINYINT:
    case SQL_C_SSHORT:
    case SQL_C_USHORT:
    case SQL_C_SLONG:
    case SQL_C_ULONG:
    case SQL_C_SBIGINT:
    case SQL_C_UBIGINT:
    case SQL_C_NUMERIC:
        return true;
    default:
        return false;
    }
}

static bool is_interval(SQLSMALLINT type)
{
    return type >= SQL_INTERVAL_YEAR && type <= SQL_INTERVAL_MINUTE_TO_SECOND;
}

static bool is_year_month(SQLSMALLINT type)
{
    return type == SQL_INTERVAL_YEAR || type == SQL_INTERVAL_MONTH || type == SQL_INTERVAL_YEAR_TO_MONTH;
}

/* ODBC appendix D, "Converting Data from SQL to C Data Types": everything else is 07006. */
static bool allowed(SQLSMALLINT sql, SQLSMALLINT c)
{
    bool any = c == SQL_C_CHAR || c == SQL_C_WCHAR || c == SQL_C_BINARY || c == SQL_C_DEFAULT;
    bool real = c == SQL_C_FLOAT || c == SQL_C_DOUBLE || c == SQL_C_BIT;
    if (any) {
        return true;
    }
    if (is_interval(sql)) {
        return is_number(c) || (is_interval(c) && is_year_month(c) == is_year_month(sql));
    }
    switch (sql) {
    case SQL_BIT:
    case SQL_REAL:
    case SQL_DOUBLE:
        return is_number(c) || real;
    case SQL_SMALLINT:
    case SQL_INTEGER:
    case SQL_BIGINT:
    case SQL_NUMERIC:
        return is_number(c) || real || is_interval(c);
    case SQL_LONGVARBINARY:
        return false;
    case SQL_TYPE_DATE:
        return c == SQL_C_TYPE_DATE || c == SQL_C_TYPE_TIMESTAMP;
    case SQL_TYPE_TIME:
        return c == SQL_C_TYPE_TIME || c == SQL_C_TYPE_TIMESTAMP;
    case SQL_TYPE_TIMESTAMP:
        return c == SQL_C_TYPE_DATE || c == SQL_C_TYPE_TIME || c == SQL_C_TYPE_TIMESTAMP;
    case SQL_GUID:
        return c == SQL_C_GUID;
    default:
        return true;
    }
}

/* All C types, in both formats. */
static void check_value(SQLHSTMT stmt, const struct value *v)
{
    static const SQLSMALLINT types[] = {
        SQL_C_CHAR, SQL_C_WCHAR, SQL_C_DEFAULT, SQL_C_BINARY, SQL_C_BIT, SQL_C_STINYINT, SQL_C_UTINYINT, SQL_C_SSHORT, SQL_C_USHORT, SQL_C_SLONG, SQL_C_ULONG,
        SQL_C_SBIGINT, SQL_C_UBIGINT, SQL_C_FLOAT, SQL_C_DOUBLE, SQL_C_NUMERIC, SQL_C_TYPE_DATE, SQL_C_TYPE_TIME, SQL_C_TYPE_TIMESTAMP, SQL_C_GUID,
        SQL_C_INTERVAL_YEAR, SQL_C_INTERVAL_MONTH, SQL_C_INTERVAL_DAY, SQL_C_INTERVAL_HOUR, SQL_C_INTERVAL_MINUTE, SQL_C_INTERVAL_SECOND,
        SQL_C_INTERVAL_YEAR_TO_MONTH, SQL_C_INTERVAL_DAY_TO_HOUR, SQL_C_INTERVAL_DAY_TO_MINUTE, SQL_C_INTERVAL_DAY_TO_SECOND, SQL_C_INTERVAL_HOUR_TO_MINUTE,
        SQL_C_INTERVAL_HOUR_TO_SECOND, SQL_C_INTERVAL_MINUTE_TO_SECOND,
    };
    static struct got got[PATHS][COUNT(types)];
    static struct got bound;
    static struct got natural;
    for (enum path path = 0; path < PATHS; path++) {
        select_value(stmt, v->sql, path);
        check_description(stmt, v);
        CHECK_OK(stmt, SQLFetch(stmt));
        for (size_t i = 0; i < COUNT(types); i++) {
            struct got *g = &got[path][i];
            get(stmt, types[i], g);
            bool refused = strcmp(g->state, "07006") == 0;
            if (refused == allowed(v->sql_type, types[i])) {
                printf("\n    %s as C type %d: %s", v->sql, types[i], g->state);
            }
            CHECK_INT(refused, !allowed(v->sql_type, types[i]));
            CHECK(g->rc != SQL_ERROR || (g->length == -99 && g->bytes[0] == 0)); /* nothing is half done */
            CHECK(strcmp(g->state, "HY000") != 0);
        }
        same(stmt, v->sql, "text", got[path][0].length, (int64_t)strlen(v->text));
        check_text((const char *)got[path][0].bytes, v->text, v->sql, __FILE__, __LINE__);
        check_text(narrow((const SQLWCHAR *)(void *)got[path][1].bytes), v->text, v->sql, __FILE__, __LINE__);
        get(stmt, natural_type(v) == SQL_C_BINARY ? SQL_C_CHAR : SQL_C_BINARY, &natural); /* so that the next asks anew */
        get(stmt, natural_type(v), &natural);
        check_same(v, "SQL_C_DEFAULT is the natural type", &natural, &got[path][2]);
        done(stmt);

        /* Bound instead of asked for. */
        memset(&bound, 0, sizeof bound);
        bound.length = -99;
        select_value(stmt, v->sql, path);
        CHECK_OK(stmt, SQLBindCol(stmt, 1, SQL_C_DEFAULT, bound.bytes, sizeof bound.bytes, &bound.length));
        bound.rc = SQLFetch(stmt);
        snprintf(bound.state, sizeof bound.state, "%s", bound.rc == SQL_SUCCESS ? "" : diag_state(stmt, 1));
        check_same(v, "bound", &got[path][2], &bound);
        CHECK_OK(stmt, SQLFreeStmt(stmt, SQL_UNBIND));
        done(stmt);
    }
    for (size_t i = 0; i < COUNT(types); i++) {
        check_same(v, "text row against binary row", &got[BINARY][i], &got[TEXT][i]);
    }
}

static void every_type(void)
{
    struct link l = open_with_types();
    for (size_t i = 0; i < COUNT(values); i++) {
        check_value(l.stmt, &values[i]);
    }
    link_close(&l);
}

/* No built-in base type was forgotten: each that a user can have a value of stands above. */
static void none_forgotten(void)
{
    struct link l = link_open("");
    SQLHSTMT stmt = l.stmt;
    char name[65];
    SQLLEN length;
    query(stmt, "select typname from pg_type where oid < 10000 and typtype in ('b', 'r', 'm') and typelem = 0 and typcategory <> 'Z' "
                "or oid in ('int2vector'::regtype, 'oidvector'::regtype, 'point'::regtype, 'box'::regtype, 'lseg'::regtype, 'line'::regtype) order by 1");
    CHECK_OK(stmt, SQLBindCol(stmt, 1, SQL_C_CHAR, name, sizeof name, &length));
    SQLRETURN rc;
    while ((rc = SQLFetch(stmt)) == SQL_SUCCESS) {
        static const char *const hidden[] = {"gtsvector", "pg_node_tree", "pg_ndistinct", "pg_dependencies", "pg_mcv_list", "nummultirange",
                                             "tsmultirange", "tstzmultirange", "datemultirange", "int8multirange", "unknown", "aclitem",
                                             "pg_brin_bloom_summary", "pg_brin_minmax_multi_summary"};
        bool found = false;
        for (size_t i = 0; !found && i < COUNT(hidden); i++) {
            found = strcmp(name, hidden[i]) == 0;
        }
        for (size_t i = 0; !found && i < COUNT(values); i++) {
            found = strcmp(name, values[i].type) == 0;
        }
        check_true(found, name, __FILE__, __LINE__);
    }
    CHECK_RC(stmt, rc, SQL_NO_DATA);
    link_close(&l);
}

/* NULL of every type, in every C type that the type allows. */
static void nulls(void)
{
    static const char *const types[] = {"bool", "int2", "int4", "int8", "oid", "float4", "float8", "numeric", "numeric(5,2)", "text", "char(3)", "bytea", "date",
                                        "time", "timetz", "timestamp", "timestamptz", "interval", "interval day", "uuid", "json", "jsonb", "xml", "point",
                                        "int4[]", "money", "bit(3)"};
    struct link l = link_open("");
    for (size_t i = 0; i < COUNT(types); i++) {
        for (enum path path = 0; path < PATHS; path++) {
            static const SQLSMALLINT c_types[] = {SQL_C_CHAR, SQL_C_WCHAR, SQL_C_DEFAULT, SQL_C_BINARY};
            char value[64];
            unsigned char bytes[64];
            memset(bytes, 0x55, sizeof bytes);
            snprintf(value, sizeof value, "null::%s", types[i]);
            fetch_value(l.stmt, value, path);
            for (size_t k = 0; k < COUNT(c_types); k++) {
                SQLLEN length = 7;
                CHECK_OK(l.stmt, SQLGetData(l.stmt, 1, c_types[k], bytes, sizeof bytes, &length));
                CHECK_INT(length, SQL_NULL_DATA);
                CHECK_INT(bytes[0], 0x55);
            }
            done(l.stmt);
        }
    }
    link_close(&l);
}

/* ---- natural C types ----------------------------------------------------------------------------------------------- */

#define FETCH(stmt, value, path, c_type, target, wanted_rc)                                                            \
    do {                                                                                                               \
        SQLLEN fetched_length_ = -99;                                                                                  \
        fetch_value(stmt, value, path);                                                                                \
        CHECK_RC(stmt, SQLGetData(stmt, 1, c_type, &(target), sizeof(target), &fetched_length_), wanted_rc);           \
        CHECK_INT(fetched_length_, sizeof(target));                                                                    \
        done(stmt);                                                                                                    \
    } while (0)

static void integers(void)
{
    struct link l = link_open("");
    for (enum path path = 0; path < PATHS; path++) {
        SQLCHAR bit = 9;
        SQLSCHAR tiny = 0;
        SQLCHAR utiny = 0;
        SQLSMALLINT small = 0;
        SQLUSMALLINT usmall = 0;
        SQLINTEGER integer = 0;
        SQLUINTEGER uinteger = 0;
        SQLBIGINT big = 0;
        SQLUBIGINT ubig = 0;
        FETCH(l.stmt, "true", path, SQL_C_BIT, bit, SQL_SUCCESS);
        CHECK_INT(bit, 1);
        FETCH(l.stmt, "false", path, SQL_C_BIT, bit, SQL_SUCCESS);
        CHECK_INT(bit, 0);
        FETCH(l.stmt, "(-128)::int2", path, SQL_C_STINYINT, tiny, SQL_SUCCESS);
        CHECK_INT(tiny, -128);
        FETCH(l.stmt, "255::int2", path, SQL_C_UTINYINT, utiny, SQL_SUCCESS);
        CHECK_INT(utiny, 255);
        FETCH(l.stmt, "(-32768)::int2", path, SQL_C_SSHORT, small, SQL_SUCCESS);
        CHECK_INT(small, -32768);
        FETCH(l.stmt, "65535", path, SQL_C_USHORT, usmall, SQL_SUCCESS);
        CHECK_INT(usmall, 65535);
        FETCH(l.stmt, "(-2147483648)::int4", path, SQL_C_SLONG, integer, SQL_SUCCESS);
        CHECK_INT(integer, INT32_MIN);
        FETCH(l.stmt, "4294967295::oid", path, SQL_C_ULONG, uinteger, SQL_SUCCESS);
        CHECK_INT(uinteger, UINT32_MAX);
        FETCH(l.stmt, "(-9223372036854775808)::int8", path, SQL_C_SBIGINT, big, SQL_SUCCESS);
        CHECK_INT(big, INT64_MIN);
        FETCH(l.stmt, "18446744073709551615", path, SQL_C_UBIGINT, ubig, SQL_SUCCESS);
        CHECK(ubig == UINT64_MAX);
        FETCH(l.stmt, "9223372036854775807.5", path, SQL_C_SBIGINT, big, SQL_SUCCESS_WITH_INFO);
        CHECK_INT(big, INT64_MAX);
        FETCH(l.stmt, "'  -12 '::text", path, SQL_C_LONG, integer, SQL_SUCCESS);
        CHECK_INT(integer, -12);
        FETCH(l.stmt, "'1e3'::text", path, SQL_C_LONG, integer, SQL_SUCCESS);
        CHECK_INT(integer, 1000);
        FETCH(l.stmt, "(-1.9)::float8", path, SQL_C_SHORT, small, SQL_SUCCESS_WITH_INFO);
        CHECK_INT(small, -1);
    }
    link_close(&l);
}

/* One refusal: the state, and nothing written. */
static void refusals(void)
{
    static const struct {
        const char *value;
        SQLSMALLINT c_type;
        const char *state;
    } list[] = {
        {"128::int2", SQL_C_STINYINT, "22003"},
        {"(-1)::int2", SQL_C_UTINYINT, "22003"},
        {"32768", SQL_C_SSHORT, "22003"},
        {"(-1)", SQL_C_ULONG, "22003"},
        {"2147483648", SQL_C_SLONG, "22003"},
        {"9223372036854775808", SQL_C_SBIGINT, "22003"},
        {"18446744073709551616", SQL_C_UBIGINT, "22003"},
        {"'NaN'::float8", SQL_C_SLONG, "22003"},
        {"'NaN'::numeric", SQL_C_SLONG, "22003"},
        {"'Infinity'::numeric", SQL_C_SBIGINT, "22003"},
        {"'NaN'::numeric", SQL_C_NUMERIC, "22003"},
        {"1e30::float8", SQL_C_SBIGINT, "22003"},
        {"1e300::float8", SQL_C_FLOAT, "22003"},
        {"1e400::numeric", SQL_C_DOUBLE, "22003"},
        {"2", SQL_C_BIT, "22003"},
        {"'x'::text", SQL_C_SLONG, "22018"},
        {"''::text", SQL_C_DOUBLE, "22018"},
        {"'x'::text", SQL_C_BIT, "22018"},
        {"'x'::text", SQL_C_TYPE_DATE, "22018"},
        {"'2026-02-30'::text", SQL_C_TYPE_DATE, "22018"},
        {"'x'::text", SQL_C_GUID, "22018"},
        {"'x'::text", SQL_C_INTERVAL_DAY, "22018"},
        {"'infinity'::date", SQL_C_TYPE_DATE, "22007"},
        {"'0044-03-15 BC'::date", SQL_C_TYPE_DATE, "22007"},
        {"'infinity'::timestamp", SQL_C_TYPE_TIMESTAMP, "22007"},
        {"'294276-01-01'::timestamp", SQL_C_TYPE_TIMESTAMP, "22007"},
        {"'24:00'::time", SQL_C_TYPE_TIME, "22007"},
        {"1", SQL_C_TYPE_DATE, "07006"},
        {"1", SQL_C_GUID, "07006"},
        {"true", SQL_C_INTERVAL_DAY, "07006"},
        {"1.5::float8", SQL_C_INTERVAL_DAY, "07006"},
        {"'\\x00'::bytea", SQL_C_SLONG, "07006"},
        {"'2026-01-01'::date", SQL_C_TYPE_TIME, "07006"},
        {"'2026-01-01'::date", SQL_C_SLONG, "07006"},
        {"'12:00'::time", SQL_C_TYPE_DATE, "07006"},
        {"'1 day'::interval day", SQL_C_INTERVAL_MONTH, "07006"},
        {"'1 day'::interval day", SQL_C_DOUBLE, "07006"},
        {"'00112233-4455-6677-8899-aabbccddeeff'::uuid", SQL_C_SLONG, "07006"},
        {"'1 02:03'::interval day to minute", SQL_C_SLONG, "22015"},
        {"1", SQL_C_INTERVAL_DAY_TO_SECOND, "22015"},
        {"'1 mon 2 days'::interval", SQL_C_INTERVAL_DAY_TO_SECOND, "22015"},
    };
    struct link l = link_open("");
    for (size_t i = 0; i < COUNT(list); i++) {
        for (enum path path = 0; path < PATHS; path++) {
            unsigned char bytes[64];
            SQLLEN length = -99;
            memset(bytes, 0x55, sizeof bytes);
            fetch_value(l.stmt, list[i].value, path);
            SQLRETURN rc = SQLGetData(l.stmt, 1, list[i].c_type, bytes, sizeof bytes, &length);
            check_state(l.stmt, rc, SQL_ERROR, list[i].state, list[i].value, __FILE__, __LINE__);
            same(l.stmt, list[i].value, "untouched length", length, -99);
            same(l.stmt, list[i].value, "untouched buffer", bytes[0], 0x55);
            done(l.stmt);

            /* Bound: the same. */
            CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, list[i].c_type, bytes, sizeof bytes, &length));
            select_value(l.stmt, list[i].value, path);
            rc = SQLFetch(l.stmt);
            check_state(l.stmt, rc, SQL_ERROR, list[i].state, list[i].value, __FILE__, __LINE__);
            same(l.stmt, list[i].value, "untouched bound length", length, -99);
            same(l.stmt, list[i].value, "untouched bound buffer", bytes[0], 0x55);
            CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_UNBIND));
            done(l.stmt);
        }
    }
    link_close(&l);
}

/* The message names column, type and what was asked for, and says what to do. */
static void messages(void)
{
    static const struct {
        const char *value;
        SQLSMALLINT c_type;
        SQLLEN room;
        const char *state, *message;
    } list[] = {
        {"'infinity'::timestamp", SQL_C_TYPE_TIMESTAMP, 64, "22007", "column 1 of type timestamp as SQL_C_TYPE_TIMESTAMP: infinity, years before 1"},
        {"128::int2", SQL_C_STINYINT, 64, "22003", "column 1 of type int2 as SQL_C_STINYINT: the value does not fit; use a larger C type"},
        {"1::int2", SQL_C_GUID, 64, "07006", "column 1 of type int2 as SQL_C_GUID: ODBC has no such conversion"},
        {"'x'::text", SQL_C_INTERVAL_DAY_TO_SECOND, 64, "22018", "column 1 of type text as SQL_C_INTERVAL_DAY_TO_SECOND: the characters are no literal"},
        {"'1 mon 2 days'::interval", SQL_C_INTERVAL_MONTH, 64, "22015", "column 1 of type interval as SQL_C_INTERVAL_MONTH: the value does not fit these fields"},
        {"'abc'::text", SQL_C_CHAR, 3, "01004", "column 1 of type text as SQL_C_CHAR: the buffer is too short"},
        {"1.5", SQL_C_SLONG, 64, "01S07", "column 1 of type numeric as SQL_C_SLONG: a fraction"},
    };
    struct link l = link_open("");
    for (size_t i = 0; i < COUNT(list); i++) {
        unsigned char bytes[64];
        SQLLEN length = 0;
        fetch_value(l.stmt, list[i].value, BINARY);
        SQLRETURN rc = SQLGetData(l.stmt, 1, list[i].c_type, bytes, list[i].room, &length);
        check_state(l.stmt, rc, list[i].state[0] == '0' && list[i].state[1] == '1' ? SQL_SUCCESS_WITH_INFO : SQL_ERROR, list[i].state, list[i].value, __FILE__,
                    __LINE__);
        CHECK_CONTAINS(diag_message(l.stmt, 1), list[i].message);
        done(l.stmt);
    }
    link_close(&l);
}

static void floats(void)
{
    struct link l = link_open("");
    for (enum path path = 0; path < PATHS; path++) {
        SQLREAL f = 0;
        SQLDOUBLE d = 0;
        FETCH(l.stmt, "'1e-45'::float4", path, SQL_C_FLOAT, f, SQL_SUCCESS);
        CHECK(f == 1e-45F);
        FETCH(l.stmt, "'3.4028235e38'::float4", path, SQL_C_FLOAT, f, SQL_SUCCESS);
        CHECK(f == 3.4028235e38F);
        FETCH(l.stmt, "'NaN'::float4", path, SQL_C_FLOAT, f, SQL_SUCCESS);
        CHECK(isnan(f));
        FETCH(l.stmt, "0.1::float8", path, SQL_C_DOUBLE, d, SQL_SUCCESS);
        CHECK(d == 0.1);
        FETCH(l.stmt, "'5e-324'::float8", path, SQL_C_DOUBLE, d, SQL_SUCCESS);
        CHECK(d == 5e-324);
        FETCH(l.stmt, "'1.7976931348623157e308'::float8", path, SQL_C_DOUBLE, d, SQL_SUCCESS);
        CHECK(d == 1.7976931348623157e308);
        FETCH(l.stmt, "'-Infinity'::float8", path, SQL_C_DOUBLE, d, SQL_SUCCESS);
        CHECK(isinf(d) && d < 0);
        FETCH(l.stmt, "'-0'::float8", path, SQL_C_DOUBLE, d, SQL_SUCCESS);
        CHECK(d == 0 && signbit(d));
        FETCH(l.stmt, "'NaN'::numeric", path, SQL_C_DOUBLE, d, SQL_SUCCESS);
        CHECK(isnan(d));
        FETCH(l.stmt, "123456789.123456789::numeric", path, SQL_C_DOUBLE, d, SQL_SUCCESS);
        CHECK(d == 123456789.123456789);
        FETCH(l.stmt, "9007199254740993::numeric", path, SQL_C_DOUBLE, d, SQL_SUCCESS); /* half way: to even */
        CHECK(d == 9007199254740992.0);
        FETCH(l.stmt, "'-Infinity'::text", path, SQL_C_DOUBLE, d, SQL_SUCCESS);
        CHECK(isinf(d) && d < 0);
    }
    link_close(&l);
}

/* The value of a numeric struct: sign × 128-bit number, little-endian. */
static bool is_numeric(const SQL_NUMERIC_STRUCT *n, int sign, uint64_t high, uint64_t low, int scale)
{
    uint64_t words[2];
    memcpy(words, n->val, sizeof words);
    return n->sign == sign && words[0] == low && words[1] == high && n->scale == scale;
}

static void numeric_struct(void)
{
    struct link l = link_open("");
    SQLHDESC ard = SQL_NULL_HDESC;
    CHECK_OK(l.stmt, SQLGetStmtAttr(l.stmt, SQL_ATTR_APP_ROW_DESC, &ard, 0, NULL));
    for (enum path path = 0; path < PATHS; path++) {
        SQL_NUMERIC_STRUCT n;
        /* SQL_C_NUMERIC means scale 0. */
        FETCH(l.stmt, "123.456", path, SQL_C_NUMERIC, n, SQL_SUCCESS_WITH_INFO);
        CHECK(is_numeric(&n, 1, 0, 123, 0));
        CHECK_INT(n.precision, 38);
        FETCH(l.stmt, "-7", path, SQL_C_NUMERIC, n, SQL_SUCCESS);
        CHECK(is_numeric(&n, 0, 0, 7, 0));
        FETCH(l.stmt, "0::numeric", path, SQL_C_NUMERIC, n, SQL_SUCCESS);
        CHECK(is_numeric(&n, 1, 0, 0, 0));
        FETCH(l.stmt, "99999999999999999999999999999999999999", path, SQL_C_NUMERIC, n, SQL_SUCCESS);
        CHECK(is_numeric(&n, 1, 0x4B3B4CA85A86C47AULL, 0x098A223FFFFFFFFFULL, 0)); /* 10^38 - 1 */
        FETCH(l.stmt, "1.5::float8", path, SQL_C_NUMERIC, n, SQL_SUCCESS_WITH_INFO);
        CHECK(is_numeric(&n, 1, 0, 1, 0));

        /* SQL_ARD_TYPE takes type, precision and scale of the descriptor. */
        SQLLEN length = 0;
        fetch_value(l.stmt, "-123.456", path);
        CHECK_OK(ard, SQLSetDescField(ard, 1, SQL_DESC_TYPE, (SQLPOINTER)SQL_C_NUMERIC, 0));
        CHECK_OK(ard, SQLSetDescField(ard, 1, SQL_DESC_PRECISION, (SQLPOINTER)10, 0));
        CHECK_OK(ard, SQLSetDescField(ard, 1, SQL_DESC_SCALE, (SQLPOINTER)4, 0));
        CHECK_OK(l.stmt, SQLGetData(l.stmt, 1, SQL_ARD_TYPE, &n, sizeof n, &length));
        CHECK_INT(length, sizeof n);
        CHECK(is_numeric(&n, 0, 0, 1234560, 4));
        CHECK_INT(n.precision, 10);
        done(l.stmt);
        fetch_value(l.stmt, "-123.456", path);
        CHECK_OK(ard, SQLSetDescField(ard, 1, SQL_DESC_SCALE, (SQLPOINTER)2, 0));
        CHECK_INFO(l.stmt, SQLGetData(l.stmt, 1, SQL_ARD_TYPE, &n, sizeof n, &length), "01S07");
        CHECK(is_numeric(&n, 0, 0, 12345, 2));
        done(l.stmt);
        fetch_value(l.stmt, "123456789012.5", path); /* whole digits do not fit in precision 10 */
        CHECK_STATE(l.stmt, SQLGetData(l.stmt, 1, SQL_ARD_TYPE, &n, sizeof n, &length), "22003");
        done(l.stmt);
        fetch_value(l.stmt, "123400", path); /* a negative scale divides */
        CHECK_OK(ard, SQLSetDescField(ard, 1, SQL_DESC_SCALE, (SQLPOINTER)-2, 0));
        CHECK_OK(l.stmt, SQLGetData(l.stmt, 1, SQL_ARD_TYPE, &n, sizeof n, &length));
        CHECK(is_numeric(&n, 1, 0, 1234, -2));
        done(l.stmt);

        /* The same on a bound column: DATA_PTR comes last, since setting the others unbinds. */
        CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_NUMERIC, &n, sizeof n, &length));
        fetch_value(l.stmt, "5", path);
        CHECK(is_numeric(&n, 1, 0, 5, 0));
        done(l.stmt);
        CHECK_OK(ard, SQLSetDescField(ard, 1, SQL_DESC_PRECISION, (SQLPOINTER)20, 0));
        CHECK_OK(ard, SQLSetDescField(ard, 1, SQL_DESC_SCALE, (SQLPOINTER)3, 0));
        CHECK_OK(ard, SQLSetDescField(ard, 1, SQL_DESC_DATA_PTR, &n, 0));
        fetch_value(l.stmt, "1.25", path);
        CHECK(is_numeric(&n, 1, 0, 1250, 3));
        done(l.stmt);
        CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_UNBIND));
    }
    link_close(&l);
}

static void dates_and_times(void)
{
    struct link l = open_with_types();
    for (enum path path = 0; path < PATHS; path++) {
        SQL_DATE_STRUCT d;
        SQL_TIME_STRUCT t;
        SQL_TIMESTAMP_STRUCT ts;
        FETCH(l.stmt, "'2026-11-21'::date", path, SQL_C_TYPE_DATE, d, SQL_SUCCESS);
        CHECK(d.year == 2026 && d.month == 11 && d.day == 21);
        FETCH(l.stmt, "'0001-01-01'::date", path, SQL_C_TYPE_DATE, d, SQL_SUCCESS);
        CHECK(d.year == 1 && d.month == 1 && d.day == 1);
        FETCH(l.stmt, "'2024-02-29'::date", path, SQL_C_TYPE_TIMESTAMP, ts, SQL_SUCCESS);
        CHECK(ts.year == 2024 && ts.month == 2 && ts.day == 29 && ts.hour == 0 && ts.minute == 0 && ts.second == 0 && ts.fraction == 0);
        FETCH(l.stmt, "'2026-11-21 23:59:58.000001'::timestamp", path, SQL_C_TYPE_TIMESTAMP, ts, SQL_SUCCESS);
        CHECK(ts.year == 2026 && ts.month == 11 && ts.day == 21 && ts.hour == 23 && ts.minute == 59 && ts.second == 58 && ts.fraction == 1000);
        FETCH(l.stmt, "'2026-11-21 23:59:58.999999+00'::timestamptz", path, SQL_C_TYPE_TIMESTAMP, ts, SQL_SUCCESS);
        CHECK(ts.day == 22 && ts.hour == 0 && ts.fraction == 999999000);
        FETCH(l.stmt, "'2026-11-21 23:59:58'::timestamp", path, SQL_C_TYPE_DATE, d, SQL_SUCCESS_WITH_INFO);
        CHECK(d.year == 2026 && d.month == 11 && d.day == 21);
        FETCH(l.stmt, "'2026-11-21 23:59:58'::timestamp", path, SQL_C_TYPE_TIME, t, SQL_SUCCESS);
        CHECK(t.hour == 23 && t.minute == 59 && t.second == 58);
        FETCH(l.stmt, "'23:59:58.9'::time", path, SQL_C_TYPE_TIME, t, SQL_SUCCESS_WITH_INFO);
        CHECK(t.hour == 23 && t.minute == 59 && t.second == 58);
        FETCH(l.stmt, "'01:02:03.25'::time", path, SQL_C_TYPE_TIMESTAMP, ts, SQL_SUCCESS); /* of today */
        CHECK(ts.year >= 2024 && ts.hour == 1 && ts.minute == 2 && ts.second == 3 && ts.fraction == 250000000);
        FETCH(l.stmt, "'2026-11-21'::text", path, SQL_C_TYPE_DATE, d, SQL_SUCCESS);
        CHECK(d.year == 2026 && d.month == 11 && d.day == 21);
        FETCH(l.stmt, "' 2026-11-21 01:02:03.5 '::text", path, SQL_C_TYPE_TIMESTAMP, ts, SQL_SUCCESS);
        CHECK(ts.year == 2026 && ts.hour == 1 && ts.fraction == 500000000);
        /* ODBC 2's codes. */
        FETCH(l.stmt, "'2026-11-21'::date", path, SQL_C_DATE, d, SQL_SUCCESS);
        CHECK(d.year == 2026);
        FETCH(l.stmt, "'2026-11-21'::date", path, SQL_C_TIMESTAMP, ts, SQL_SUCCESS);
        CHECK(ts.year == 2026);
    }
    link_close(&l);
}

static void other_structs(void)
{
    struct link l = link_open("");
    for (enum path path = 0; path < PATHS; path++) {
        SQLGUID g;
        SQL_INTERVAL_STRUCT i;
        SQLINTEGER days = 0;
        static const SQLCHAR tail[8] = {0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff};
        FETCH(l.stmt, "'00112233-4455-6677-8899-aabbccddeeff'::uuid", path, SQL_C_GUID, g, SQL_SUCCESS);
        CHECK(g.Data1 == 0x00112233 && g.Data2 == 0x4455 && g.Data3 == 0x6677 && memcmp(g.Data4, tail, 8) == 0);
        FETCH(l.stmt, "'{00112233-4455-6677-8899-AABBCCDDEEFF}'::text", path, SQL_C_GUID, g, SQL_SUCCESS);
        CHECK(g.Data1 == 0x00112233 && memcmp(g.Data4, tail, 8) == 0);

        FETCH(l.stmt, "'-3 days -04:05:06.789'::interval day to second", path, SQL_C_INTERVAL_DAY_TO_SECOND, i, SQL_SUCCESS);
        CHECK(i.interval_type == SQL_IS_DAY_TO_SECOND && i.interval_sign == SQL_TRUE && i.intval.day_second.day == 3 &&
              i.intval.day_second.hour == 4 && i.intval.day_second.minute == 5 && i.intval.day_second.second == 6 &&
              i.intval.day_second.fraction == 789000);
        FETCH(l.stmt, "'14 months'::interval", path, SQL_C_INTERVAL_YEAR_TO_MONTH, i, SQL_SUCCESS);
        CHECK(i.interval_type == SQL_IS_YEAR_TO_MONTH && i.interval_sign == SQL_FALSE && i.intval.year_month.year == 1 &&
              i.intval.year_month.month == 2);
        FETCH(l.stmt, "'50:30'::interval", path, SQL_C_INTERVAL_DAY_TO_HOUR, i, SQL_SUCCESS_WITH_INFO);
        CHECK(i.interval_type == SQL_IS_DAY_TO_HOUR && i.intval.day_second.day == 2 && i.intval.day_second.hour == 2);
        FETCH(l.stmt, "'-3 days'::interval day", path, SQL_C_SLONG, days, SQL_SUCCESS);
        CHECK_INT(days, -3);
        FETCH(l.stmt, "12", path, SQL_C_INTERVAL_MINUTE, i, SQL_SUCCESS);
        CHECK(i.interval_type == SQL_IS_MINUTE && i.intval.day_second.minute == 12);
    }
    link_close(&l);
}

/* Up to the limits of numeric: exact in text, whatever the wire format. */
static void long_numerics(void)
{
    static const char *const list[] = {
        "repeat('9', 1000)::numeric(1000)",
        "('-' || repeat('9', 500) || '.' || repeat('7', 500))::numeric(1000,500)",
        "('-0.' || repeat('123456789', 111) || '1')::numeric(1000,1000)",
        "('0.' || repeat('0', 16382) || '1')::numeric",
        "(repeat('9', 131072) || '.' || repeat('1', 16383))::numeric",
    };
    static char text[PATHS][160000];
    static SQLWCHAR wide_text[160000];
    struct link l = link_open("");
    for (size_t i = 0; i < COUNT(list); i++) {
        char sql[256];
        snprintf(sql, sizeof sql, "select md5((%s)::text)", list[i]);
        for (enum path path = 0; path < PATHS; path++) {
            SQLLEN length = 0;
            SQLLEN wide_length = 0;
            SQLLEN display = 0;
            fetch_value(l.stmt, list[i], path);
            CHECK_OK(l.stmt, SQLGetData(l.stmt, 1, SQL_C_CHAR, text[path], sizeof text[path], &length));
            CHECK_INT(length, (SQLLEN)strlen(text[path]));
            CHECK_OK(l.stmt, SQLGetData(l.stmt, 1, SQL_C_WCHAR, wide_text, sizeof wide_text, &wide_length));
            CHECK_INT(wide_length, 2 * length);
            bool equal = true;
            for (SQLLEN k = 0; k < length; k++) {
                equal = equal && wide_text[k] == (SQLWCHAR)text[path][k];
            }
            CHECK(equal);
            CHECK_OK(l.stmt, SQLColAttribute(l.stmt, 1, SQL_DESC_DISPLAY_SIZE, NULL, 0, NULL, &display));
            CHECK(i >= 3 || length <= display);
            done(l.stmt);
        }
        CHECK(strcmp(text[BINARY], text[TEXT]) == 0);
        /* The server's own opinion of what it sent. */
        char *back = malloc(sizeof text[0] + 64);
        if (back != NULL) {
            snprintf(back, sizeof text[0] + 64, "select md5('%s')", text[BINARY]);
            char md5[40];
            snprintf(md5, sizeof md5, "%s", query_text(l.stmt, back));
            CHECK_TEXT(query_text(l.stmt, sql), md5);
            free(back);
        }
    }
    link_close(&l);
}

/* ---- what the session and the options say -------------------------------------------------------------------------- */

/* Whatever styles the user sets: dates are ISO, and both formats agree. */
static void styles(void)
{
    static const char *const sets[] = {
        "set datestyle = 'German'; set timezone = 'Asia/Kolkata'",
        "set datestyle = 'SQL, DMY'; set timezone = 'America/New_York'; set intervalstyle = 'sql_standard'",
        "set datestyle = 'SQL, MDY'; set timezone = '<+0330>-3:30'; set intervalstyle = 'iso_8601'",
        "set datestyle = 'Postgres, MDY'; set timezone = 'Europe/Berlin'; set intervalstyle = 'postgres_verbose'; set bytea_output = 'escape'",
        "set timezone = 'UTC'; set bytea_output = 'escape'; set client_encoding = 'LATIN1'",
    };
    static const char *const list[] = {
        "'2026-11-21'::date", "'0044-03-15 BC'::date", "'infinity'::date", "'5874897-12-31'::date", "'2026-11-21 01:02:03.456'::timestamp",
        "'4713-01-01 00:00:00.000001 BC'::timestamp", "'294276-12-31 23:59:59.999999'::timestamp", "'2026-11-21 01:02:03.456+00'::timestamptz",
        "'2026-07-21 01:02:03.456+00'::timestamptz", "'1890-07-21 01:02:03.456+00'::timestamptz", "'4000-07-21 01:02:03.456+00'::timestamptz",
        "'4713-02-01 00:00:00.000001+00 BC'::timestamptz", "'23:59:59.123456+05:30'::timetz", "'1 year 2 mons -3 days 04:05:06.789'::interval",
        "'-1 day'::interval", "'0'::interval", "'3 04:05:06.789'::interval day to second", "'-1-2'::interval year to month",
        "array['2026-11-21',null,'infinity','0044-03-15 BC']::date[]", "array['2026-11-21 01:02:03.456','-infinity']::timestamp[]",
        "array['2026-11-21 01:02:03.456+00',null,'1890-07-21 01:02:03.456+00']::timestamptz[]", "'[0:1][-1:0]={{2026-11-21,NULL},{2026-11-22,2026-11-23}}'::date[]",
        "'{}'::date[]", "array['\\x00ff415c27','']::bytea[]", "array['a','\\377','']::\"char\"[]",
        "'23:59:59.5'::time", "array['23:59:59.5+05:30']::timetz[]", "array['1 day -02:00']::interval[]", "'\\x00ff415c27'::bytea", "1.1::float8",
        "'é'::text",
    };
    for (size_t s = 0; s < COUNT(sets); s++) {
        struct link l = link_open("");
        run(l.stmt, sets[s]);
        CHECK_TEXT(query_text(l.stmt, "select '2026-11-21'::date"), "2026-11-21");
        CHECK_TEXT(query_text(l.stmt, "select '2026-11-21 01:02:03.5'::timestamp, 'pg_class'::regclass"), "2026-11-21 01:02:03.5");
        for (size_t i = 0; i < COUNT(list); i++) {
            static struct got got[PATHS][3];
            const struct value v = {.sql = list[i]};
            for (enum path path = 0; path < PATHS; path++) {
                fetch_value(l.stmt, list[i], path);
                get(l.stmt, SQL_C_CHAR, &got[path][0]);
                get(l.stmt, SQL_C_DEFAULT, &got[path][1]);
                get(l.stmt, SQL_C_BINARY, &got[path][2]);
                done(l.stmt);
            }
            for (size_t k = 0; k < 3; k++) {
                check_same(&v, sets[s], &got[BINARY][k], &got[TEXT][k]);
            }
        }
        link_close(&l);
    }
}

/* What comes as text alone is ISO all the same; and timestamps with zone keep their offset inside of others, from the zone that TimestampTzAs names. */
static void styles_inside(void)
{
    static const char *const styles[] = {"ISO", "German", "SQL, DMY", "SQL, MDY", "Postgres, MDY", "Postgres, DMY"};
    static const struct {
        const char *value, *text, *utc;
    } list[] = {
        {"array['2026-11-21',null,'infinity']::date[]", "{2026-11-21,NULL,infinity}", NULL},
        {"'[0:1]={2026-11-21,\"0044-03-15 BC\"}'::date[]", "[0:1]={2026-11-21,\"0044-03-15 BC\"}", NULL},
        {"array['2026-11-21 01:02:03.456']::timestamp[]", "{\"2026-11-21 01:02:03.456\"}", NULL},
        {"array['2026-11-21 01:02:03+00']::timestamptz[]", "{\"2026-11-21 02:02:03+01\"}", "{\"2026-11-21 01:02:03+00\"}"},
        {"'[2026-11-21,)'::daterange", "[2026-11-21,)", NULL},
        {"'(,infinity]'::daterange", "(,infinity]", NULL},
        {"'empty'::daterange", "empty", NULL},
        {"'[2026-11-21 01:02:03,2026-11-22)'::tsrange", "[\"2026-11-21 01:02:03\",\"2026-11-22 00:00:00\")", NULL},
        {"'(2026-11-21 01:02:03+00,)'::tstzrange", "(\"2026-11-21 02:02:03+01\",)", "(\"2026-11-21 01:02:03+00\",)"},
        {"'{[2026-11-21,2026-11-22),[2026-12-01,)}'::datemultirange", "{[2026-11-21,2026-11-22),[2026-12-01,)}", NULL},
        {"'{}'::tsmultirange", "{}", NULL},
        {"array['[2026-11-21,2026-11-22)',null,'empty']::daterange[]", "{\"[2026-11-21,2026-11-22)\",NULL,empty}", NULL},
        {"array['{[2026-11-21 01:02:03,)}']::tsmultirange[]", "{\"{[\\\"2026-11-21 01:02:03\\\",)}\"}", NULL},
        {"array['(\"2026-11-21 01:02:03+00\",]']::tstzrange[]", "{\"(\\\"2026-11-21 02:02:03+01\\\",)\"}", "{\"(\\\"2026-11-21 01:02:03+00\\\",)\"}"},
        /* Others are left alone. */
        {"array['2026-11-21','a b']::text[]", "{2026-11-21,\"a b\"}", NULL},
        {"'[1,3)'::int4range", "[1,3)", NULL},
    };
    for (int utc = 0; utc < 2; utc++) {
        struct link l = link_open(utc ? "TimestampTzAs=UTC" : "");
        run(l.stmt, "set timezone = 'Europe/Berlin'");
        for (size_t s = 0; s < COUNT(styles); s++) {
            char sql[128];
            snprintf(sql, sizeof sql, "set datestyle = '%s'", styles[s]);
            run(l.stmt, sql);
            for (size_t i = 0; i < COUNT(list); i++) {
                for (enum path path = 0; path < PATHS; path++) {
                    const char *wanted = utc && list[i].utc ? list[i].utc : list[i].text;
                    CHECK_TEXT(query_text(l.stmt, statement(list[i].value, path)), wanted);
                    /* In parts too. */
                    char piece[8];
                    char whole[128] = "";
                    SQLLEN length = 0;
                    SQLRETURN rc;
                    fetch_value(l.stmt, list[i].value, path);
                    while ((rc = SQLGetData(l.stmt, 1, SQL_C_CHAR, piece, sizeof piece, &length)) != SQL_NO_DATA && SQL_SUCCEEDED(rc)) {
                        strncat(whole, piece, sizeof whole - strlen(whole) - 1);
                    }
                    CHECK_RC(l.stmt, rc, SQL_NO_DATA);
                    CHECK_TEXT(whole, wanted);
                    done(l.stmt);
                }
            }
        }
        link_close(&l);
    }
}

struct option {
    const char *keywords, *value;
    SQLSMALLINT sql_type;
    SQLULEN size;
    SQLLEN display;
    const char *text;
};

static void options(void)
{
    static const struct option list[] = {
        {"UseUnicode=no", "'é'::text", SQL_LONGVARCHAR, LONG_ROOM, LONG_ROOM, "é"},
        {"UseUnicode=no", "'é'::varchar(3)", SQL_VARCHAR, 3, 3, "é"},
        {"UseUnicode=no", "'é'::char(3)", SQL_CHAR, 3, 3, "é  "},
        {"UseUnicode=no", "'(1,2)'::point", SQL_VARCHAR, 8190, 8190, "(1,2)"},
        {"BoolsAsChar=yes", "true", SQL_WVARCHAR, 5, 5, "1"},
        {"TextAsLongVarchar=no", "'x'::text", SQL_WVARCHAR, 8190, 8190, "x"},
        {"TextAsLongVarchar=no;MaxVarcharSize=255", "'x'::text", SQL_WVARCHAR, 255, 255, "x"},
        {"MaxLongVarcharSize=4000", "'x'::text", SQL_WLONGVARCHAR, 4000, 4000, "x"},
        {"MaxVarcharSize=255", "repeat('y', 300)::varchar", SQL_WVARCHAR, 255, 255, NULL}, /* reported only: never cuts */
        {"MaxVarcharSize=50", "'x'::varchar(100)", SQL_WVARCHAR, 100, 100, "x"}, /* what PostgreSQL bounds stays */
        {"MaxVarcharSize=50", "'x'::name", SQL_WVARCHAR, 63, 63, "x"},
        {"MaxVarcharSize=50", "'1 day'::interval", SQL_WVARCHAR, 100, 100, "1 day"},
        {"ByteaAsLongVarBinary=no", "'\\x01'::bytea", SQL_VARBINARY, 8190, 16380, "01"},
        {"UnknownSizes=DONTKNOW", "'x'::text", SQL_WLONGVARCHAR, 0, SQL_NO_TOTAL, "x"},
        {"UnknownSizes=DONTKNOW", "'(1,2)'::point", SQL_WVARCHAR, 0, SQL_NO_TOTAL, "(1,2)"},
        {"UnknownSizes=DONTKNOW", "'\\x01'::bytea", SQL_LONGVARBINARY, 0, SQL_NO_TOTAL, "01"},
        {"UnknownSizes=DONTKNOW", "'x'::varchar(5)", SQL_WVARCHAR, 5, 5, "x"},
        {"UnknownSizes=DONTKNOW;MaxVarcharSize=300", "'x'::varchar", SQL_WVARCHAR, 300, 300, "x"},
        {"A9=2", "'x'::varchar", SQL_WVARCHAR, 8190, 8190, "x"},
        {"UnknownsAsLongVarchar=yes", "'(1,2)'::point", SQL_WLONGVARCHAR, LONG_ROOM, LONG_ROOM, "(1,2)"},
        {"Int8As=VARCHAR", "1::int8", SQL_WVARCHAR, 20, 20, "1"},
        {"Int8As=NUMERIC", "1::int8", SQL_NUMERIC, 19, 21, "1"},
        {"Int8As=INTEGER", "1::int8", SQL_INTEGER, 10, 11, "1"},
        {"NumericAs=DOUBLE", "1.5", SQL_DOUBLE, 53, 24, "1.5"},
        {"NumericAs=VARCHAR", "1.5", SQL_WVARCHAR, 8190, 8190, "1.5"},
        {"NumericAs=DOUBLE", "1.5::numeric(3,1)", SQL_NUMERIC, 3, 5, "1.5"},
        {"TimestampTzAs=UTC", "'2026-11-21 02:02:03+01'::timestamptz", SQL_TYPE_TIMESTAMP, 26, 29, "2026-11-21 01:02:03"},
        {"TimestampTzAs=TEXT", "'2026-11-21 02:02:03+01'::timestamptz", SQL_WVARCHAR, 38, 38, "2026-11-21 06:47:03+05:45"},
        {"TimestampTzAs=TEXT;UseUnicode=no", "'2026-11-21 02:02:03+01'::timestamptz(0)", SQL_VARCHAR, 31, 31, "2026-11-21 06:47:03+05:45"},
        {"TimestampTzAs=TEXT", "'02:02:03.5-15:59:59'::timetz", SQL_WVARCHAR, 24, 24, "02:02:03.5-15:59:59"},
        {"TimestampTzAs=TEXT", "'4713-02-01 00:00:00.000001+00 BC'::timestamptz", SQL_WVARCHAR, 38, 38, "4713-02-01 05:41:16.000001+05:41:16 BC"},
    };
    for (size_t i = 0; i < COUNT(list); i++) {
        struct link l = link_open(list[i].keywords);
        run(l.stmt, "set timezone = 'Asia/Kathmandu'");
        for (enum path path = 0; path < PATHS; path++) {
            SQLSMALLINT type = 0;
            SQLULEN size = 0;
            SQLLEN display = 0;
            SQLLEN length = 0;
            char text[512];
            fetch_value(l.stmt, list[i].value, path);
            CHECK_OK(l.stmt, SQLDescribeCol(l.stmt, 1, NULL, 0, NULL, &type, &size, NULL, NULL));
            same(l.stmt, list[i].keywords, "type", type, list[i].sql_type);
            same(l.stmt, list[i].keywords, "size", (int64_t)size, (int64_t)list[i].size);
            CHECK_OK(l.stmt, SQLColAttribute(l.stmt, 1, SQL_DESC_DISPLAY_SIZE, NULL, 0, NULL, &display));
            same(l.stmt, list[i].keywords, "display size", display, list[i].display);
            CHECK_OK(l.stmt, SQLGetData(l.stmt, 1, SQL_C_CHAR, text, sizeof text, &length));
            if (list[i].text != NULL) {
                CHECK_TEXT(text, list[i].text);
            } else {
                CHECK_INT(length, 300);
            }
            /* What is reported as characters is cut like characters. */
            bool characters = type == SQL_WVARCHAR || type == SQL_VARCHAR || type == SQL_WLONGVARCHAR || type == SQL_LONGVARCHAR;
            if (characters && list[i].text != NULL) {
                SQLWCHAR units[2];
                CHECK_RC(l.stmt, SQLGetData(l.stmt, 1, SQL_C_WCHAR, units, sizeof units, &length), length > 2 ? SQL_SUCCESS_WITH_INFO : SQL_SUCCESS);
                CHECK(units[1] == 0);
                /* And converts like them. */
                char bytes[64] = "";
                SQL_DATE_STRUCT date;
                CHECK_OK(l.stmt, SQLGetData(l.stmt, 1, SQL_C_BINARY, bytes, sizeof bytes, &length));
                CHECK_INT(length, (SQLLEN)strlen(list[i].text));
                CHECK(memcmp(bytes, list[i].text, strlen(list[i].text)) == 0);
                CHECK_STATE(l.stmt, SQLGetData(l.stmt, 1, SQL_C_TYPE_DATE, &date, sizeof date, &length), "22018");
            }
            done(l.stmt);
        }
        link_close(&l);
    }
}

int main(void)
{
    static const struct test tests[] = {
        {"every type", every_type},
        {"none forgotten", none_forgotten},
        {"NULL", nulls},
        {"integers", integers},
        {"refusals", refusals},
        {"messages", messages},
        {"floats", floats},
        {"SQL_C_NUMERIC", numeric_struct},
        {"dates and times", dates_and_times},
        {"GUID and intervals", other_structs},
        {"long numerics", long_numerics},
        {"styles of the session", styles},
        {"styles inside of arrays and ranges", styles_inside},
        {"options of the connection", options},
    };
    return run_tests("types", tests, COUNT(tests));
}
