/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the translations mean, asked of a real PostgreSQL: values of every scalar function, literal and interval, the types it infers for markers,
 * and which statements it refuses inside a transaction block. Needs ALDB_TEST_CONNINFO (a libpq conninfo for a superuser of
 * PostgreSQL 15 or newer); exits with 77 without it.
 */
#include <CUnit/Basic.h>
#include <CUnit/CUnit.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sqltext/sqltext.h"

static PGconn *conn;
static int failures_shown;

static void quiet(void *ctx, const char *message)
{
    (void)ctx;
    (void)message;
}

static void complain(const char *what, const char *sql, const char *got, const char *wanted)
{
    if (failures_shown++ < 60) {
        fprintf(stderr, "\n  %s\n    text   %s\n    got    %s\n    wanted %s\n", what, sql, got, wanted);
    }
}

/* Translates one statement; the caller clears. */
static bool translated(const char *odbc, struct aldb_sql *out)
{
    struct aldb_diag diag;
    aldb_diag_init(&diag);
    struct aldb_sql_flags flags = {.standard_conforming_strings = true};
    enum aldb_rc rc = aldb_sql_translate(aldb_slice_of(odbc), flags, out, &diag);
    if (rc == ALDB_ERR) {
        complain("refused", odbc, aldb_diag_message(aldb_diag_get(&diag, 1)), "a translation");
    }
    aldb_diag_clear(&diag);
    return rc != ALDB_ERR;
}

static void check_text(const char *odbc, int nparams, const char *const *params, const char *expected)
{
    struct aldb_sql sql;
    if (!translated(odbc, &sql)) {
        CU_FAIL("refused");
        return;
    }
    PGresult *r = PQexecParams(conn, sql.text.data + sql.parts[0].begin, nparams, NULL, params, NULL, NULL, 0);
    const char *got = PQresultStatus(r) != PGRES_TUPLES_OK ? PQresultErrorField(r, PG_DIAG_SQLSTATE)
                      : PQgetisnull(r, 0, 0)               ? "NULL"
                                                           : PQgetvalue(r, 0, 0);
    bool same = got != NULL && strcmp(got, expected) == 0;
    if (!same) {
        complain(odbc, sql.text.data + sql.parts[0].begin, got ? got : PQerrorMessage(conn), expected);
    }
    CU_ASSERT(same);
    PQclear(r);
    aldb_sql_clear(&sql);
}

/* ODBC expression, its value as text (or the SQLSTATE it must fail with). */
static const char *const VALUES[][2] = {
    {"{fn ASCII('A')}", "65"},
    {"{fn ASCII('é')}", "233"},
    {"{fn BIT_LENGTH('ab')}", "16"},
    {"{fn CHAR(65)}", "A"},
    {"{fn CHAR(65::bigint)}", "A"},
    {"{fn CHAR_LENGTH('né ')}", "3"},
    {"{fn CHARACTER_LENGTH('né')}", "2"},
    {"{fn CONCAT('a','b')}", "ab"},
    {"{fn CONCAT('a',NULL)}", "NULL"},
    {"{fn CONCAT(s, n::text)}", "Hello 5"},
    {"{fn CONCAT(CASE WHEN n > 3 THEN 'x' ELSE 'y' END, s)}", "xHello "},
    {"{fn INSERT('abcdef', 2, 3, 'XY')}", "aXYef"},
    {"{fn INSERT('abcdef', 1, 0, 'XY')}", "XYabcdef"},
    {"{fn INSERT('abc', 9, 1, 'X')}", "abcX"},
    {"{fn INSERT('abc', 0, 1, 'X')}", "22011"},
    {"{fn INSERT(s, n::bigint, 1, 'X')}", "HellX "},
    {"{fn LCASE('ABC')}", "abc"},
    {"{fn LEFT('abc', 2)}", "ab"},
    {"{fn LEFT('abc', 2::bigint)}", "ab"},
    {"{fn LENGTH('ab   ')}", "2"},
    {"{fn LENGTH('  ab')}", "4"},
    {"{fn LENGTH(c)}", "3"},
    {"{fn LENGTH(s)}", "5"},
    {"{fn LOCATE('b', 'abcb')}", "2"},
    {"{fn LOCATE('z', 'abc')}", "0"},
    {"{fn LOCATE('b', 'abcb', 3)}", "4"},
    {"{fn LOCATE('a', 'abcb', 3)}", "0"},
    {"{fn LOCATE('b', 'abcb', n-3)}", "2"},
    {"{fn LOCATE(NULL, 'abcb', 3)}", "NULL"},
    {"{fn LOCATE({fn LOCATE('b','ab',1)}, '0123', 1)}", "42883"},
    {"{fn LTRIM('  a ')} || '|'", "a |"},
    {"{fn OCTET_LENGTH('é')}", "2"},
    {"{fn POSITION('b' IN 'abc')}", "2"},
    {"{fn POSITION('z' IN s)}", "0"},
    {"{fn REPEAT('ab', 3)}", "ababab"},
    {"{fn REPLACE('abab', 'b', 'X')}", "aXaX"},
    {"{fn RIGHT('abc', 2)}", "bc"},
    {"{fn RTRIM('a  ')} || '|'", "a|"},
    {"{fn SPACE(3)} || '|'", "   |"},
    {"{fn SPACE(n)} || '|'", "     |"},
    {"{fn SUBSTRING('abcdef', 2, 3)}", "bcd"},
    {"{fn SUBSTRING('abcdef', 2)}", "bcdef"},
    {"{fn SUBSTRING('abcdef', n::bigint - 1, 1)}", "d"},
    {"{fn UCASE('abc')}", "ABC"},
    {"{fn LCASE({fn CONCAT('A', {fn UCASE('b')})})}", "ab"},

    {"{fn ABS(-5)}", "5"},
    {"{fn ABS('-5.25')}", "5.25"},
    {"{fn ROUND({fn ACOS(0.5)}, 4)}", "1.0472"},
    {"{fn ROUND({fn ASIN(0.5)}, 4)}", "0.5236"},
    {"{fn ROUND({fn ATAN(1)}, 4)}", "0.7854"},
    {"{fn ROUND({fn ATAN2(1, -1)}, 4)}", "2.3562"},
    {"{fn CEILING(1.2)}", "2"},
    {"{fn CEIL(-1.2)}", "-1"},
    {"{fn COS(0)}", "1"},
    {"{fn ROUND({fn COT(1)}, 4)}", "0.6421"},
    {"{fn DEGREES({fn PI()})}", "180"},
    {"{fn ROUND({fn EXP(1)}, 4)}", "2.7183"},
    {"{fn FLOOR(-1.2)}", "-2"},
    {"{fn ROUND({fn LOG(10)}, 4)}", "2.3026"},
    {"{fn LOG(0)}", "2201E"},
    {"{fn LOG10(1000)}", "3"},
    {"{fn MOD(7, 3)}", "1"},
    {"{fn MOD(-7, 3)}", "-1"},
    {"{fn MOD(7, 0)}", "22012"},
    {"{fn MOD('7.5', '2')}", "1.5"},
    {"pg_typeof({fn MOD(n, 3)})", "integer"},
    {"{fn ROUND({fn PI()}, 6)}", "3.141593"},
    {"{fn POWER(2, 10)}", "1024"},
    {"{fn ROUND({fn RADIANS(180)}, 4)}", "3.1416"},
    {"({fn RAND()} >= 0 AND {fn RAND()} < 1)", "t"},
    {"({fn RAND(42)} = {fn RAND(42)} AND {fn RAND(42)} <> {fn RAND(43)})", "t"},
    {"({fn RAND(-2147483648)} < 1 AND {fn RAND(2147483647)} < 1)", "t"},
    {"{fn ROUND(f, 1)}", "2.5"},
    {"{fn ROUND(1234.567, -2)}", "1200"},
    {"{fn ROUND(2.5)}", "3"},
    {"{fn SIGN(-3)}", "-1"},
    {"{fn SIGN(-0.5)}", "-1"},
    {"pg_typeof({fn SIGN(f)})", "integer"},
    {"{fn SIN(0)}", "0"},
    {"{fn SQRT(16)}", "4"},
    {"{fn TAN(0)}", "0"},
    {"{fn TRUNCATE(f, 1)}", "2.4"},
    {"{fn TRUNCATE(-1.29, 1)}", "-1.2"},
    {"{fn TRUNCATE(1299, -2)}", "1200"},

    {"{fn CURDATE()} = current_date", "t"},
    {"{fn CURRENT_DATE} = current_date", "t"},
    {"{fn CURRENT_DATE()} = current_date", "t"},
    {"pg_typeof({fn CURTIME()})", "time without time zone"},
    {"extract(microseconds from {fn CURTIME()})::int % 1000000", "0"},
    {"pg_typeof({fn CURRENT_TIME(3)})", "time without time zone"},
    {"pg_typeof({fn CURRENT_TIME})", "time without time zone"},
    {"pg_typeof({fn NOW()})", "timestamp without time zone"},
    {"{fn CURRENT_TIMESTAMP(6)} = {fn NOW()}", "t"},
    {"{fn CURRENT_TIMESTAMP} = localtimestamp", "t"},
    {"{fn DAYNAME({d '2024-02-29'})}", "Thursday"},
    {"{fn DAYNAME('2024-02-29')}", "Thursday"},
    {"{fn DAYNAME(ts)} || '|'", "Sunday|"},
    {"{fn MONTHNAME({d '2024-05-01'})} || '|'", "May|"},
    {"{fn DAYOFMONTH('2024-02-29')}", "29"},
    {"{fn DAYOFWEEK({d '2024-03-03'})}", "1"},
    {"{fn DAYOFWEEK({d '2024-03-02'})}", "7"},
    {"{fn DAYOFYEAR({d '2024-12-31'})}", "366"},
    {"{fn EXTRACT(YEAR FROM {ts '2024-02-29 10:11:12.5'})}", "2024"},
    {"{fn EXTRACT(SECOND FROM {ts '2024-02-29 10:11:12.5'})}", "12.500000"},
    {"{fn EXTRACT(MONTH FROM '2024-02-29')}", "2"},
    {"{fn EXTRACT(HOUR FROM interval '26 hours')}", "26"},
    {"{fn HOUR({t '10:11:12'})}", "10"},
    {"{fn HOUR('10:11:12')}", "10"},
    {"{fn HOUR('2024-01-01 10:11:12')}", "10"},
    {"{fn HOUR(ts)}", "23"},
    {"{fn MINUTE({ts '2024-02-29 10:11:12'})}", "11"},
    {"{fn SECOND({t '10:11:56.789'})}", "56"},
    {"{fn SECOND({t '10:11:59.9'})}", "59"},
    {"{fn SECOND(ts)}", "59"},
    {"{fn MONTH({d '2024-02-29'})}", "2"},
    {"{fn QUARTER({d '2024-07-01'})}", "3"},
    {"{fn WEEK({d '2024-01-01'})}", "1"},
    {"{fn WEEK({d '2023-01-01'})}", "52"},
    {"{fn YEAR(d)}", "2024"},
    {"{fn YEAR({fn CURDATE()})} = extract(year from current_date)", "t"},
    {"pg_typeof({fn YEAR(d)})", "integer"},

    {"{fn TIMESTAMPADD(SQL_TSI_FRAC_SECOND, 1500000, {ts '2024-01-01 00:00:00'})}", "2024-01-01 00:00:00.0015"},
    {"{fn TIMESTAMPADD(SQL_TSI_SECOND, 61, {ts '2024-01-01 00:00:00'})}", "2024-01-01 00:01:01"},
    {"{fn TIMESTAMPADD(SQL_TSI_MINUTE, -1, {ts '2024-01-01 00:00:00'})}", "2023-12-31 23:59:00"},
    {"{fn TIMESTAMPADD(SQL_TSI_HOUR, 25, {ts '2024-01-01 00:00:00'})}", "2024-01-02 01:00:00"},
    {"{fn TIMESTAMPADD(SQL_TSI_DAY, 28, {d '2024-02-01'})}", "2024-02-29 00:00:00"},
    {"{fn TIMESTAMPADD(SQL_TSI_WEEK, 1, d)}", "2024-03-07 00:00:00"},
    {"{fn TIMESTAMPADD(SQL_TSI_MONTH, 1, '2024-01-31')}", "2024-02-29 00:00:00"},
    {"{fn TIMESTAMPADD(SQL_TSI_QUARTER, n - 4, d)}", "2024-05-29 00:00:00"},
    {"{fn TIMESTAMPADD(SQL_TSI_YEAR, 1, d)}", "2025-02-28 00:00:00"},
    {"{fn TIMESTAMPADD(YEAR, 1, d)}", "2025-02-28 00:00:00"},
    {"{fn TIMESTAMPADD(SQL_TSI_HOUR, 1, {t '10:00:00'})} = current_date + time '11:00:00'", "t"},
    {"{fn TIMESTAMPADD(SQL_TSI_DAY, 1, {fn CURTIME()})}::date = current_date + 1", "t"},
    {"{fn TIMESTAMPDIFF(SQL_TSI_FRAC_SECOND, {ts '2024-01-01 00:00:00'}, {ts '2024-01-01 00:00:01.000001'})}", "1000001000"},
    {"{fn TIMESTAMPDIFF(SQL_TSI_SECOND, {ts '2024-01-01 00:00:00'}, {ts '2024-01-01 00:00:01.999999'})}", "1"},
    {"{fn TIMESTAMPDIFF(SQL_TSI_SECOND, {ts '2024-01-01 00:00:01.9'}, {ts '2024-01-01 00:00:00'})}", "-1"},
    {"{fn TIMESTAMPDIFF(SQL_TSI_MINUTE, {ts '2024-01-01 00:00:00'}, {ts '2024-01-01 01:59:59'})}", "119"},
    {"{fn TIMESTAMPDIFF(SQL_TSI_HOUR, {d '2024-01-01'}, {d '2024-01-03'})}", "48"},
    {"{fn TIMESTAMPDIFF(SQL_TSI_DAY, d, {d '2024-03-01'})}", "1"},
    {"{fn TIMESTAMPDIFF(SQL_TSI_DAY, {ts '2024-01-01 12:00:00'}, {ts '2024-01-02 11:59:59'})}", "0"},
    {"{fn TIMESTAMPDIFF(SQL_TSI_WEEK, {d '2024-01-01'}, {d '2024-01-21'})}", "2"},
    {"{fn TIMESTAMPDIFF(SQL_TSI_MONTH, {d '2024-01-31'}, {d '2024-02-29'})}", "0"},
    {"{fn TIMESTAMPDIFF(SQL_TSI_MONTH, {d '2024-01-15'}, {d '2025-12-14'})}", "22"},
    {"{fn TIMESTAMPDIFF(SQL_TSI_MONTH, {d '2025-12-15'}, {d '2024-01-15'})}", "-23"},
    {"{fn TIMESTAMPDIFF(SQL_TSI_MONTH, {d '0001-01-01'}, {d '9999-12-01'})}", "119987"},
    {"{fn TIMESTAMPDIFF(SQL_TSI_QUARTER, {d '2024-01-01'}, {d '2024-12-31'})}", "3"},
    {"{fn TIMESTAMPDIFF(SQL_TSI_YEAR, {d '2000-02-29'}, {d '2024-02-28'})}", "23"},
    {"{fn TIMESTAMPDIFF(SQL_TSI_YEAR, {d '2000-02-29'}, {d '2024-02-29'})}", "24"},
    {"{fn TIMESTAMPDIFF(SQL_TSI_YEAR, {d '2024-02-29'}, {d '2000-03-01'})}", "-23"},

    {"{fn DATABASE()} = current_database()", "t"},
    {"{fn DATABASE} = current_database()", "t"},
    {"{fn USER()} = current_user", "t"},
    {"{fn USER} = current_user", "t"},
    {"pg_typeof({fn USER()})", "text"},
    {"{fn IFNULL(NULL, 'x')}", "x"},
    {"{fn IFNULL(n, 7)}", "5"},

    {"{fn CONVERT('abc', SQL_CHAR)}", "abc"},
    {"{fn CONVERT(12, SQL_VARCHAR)} || '!'", "12!"},
    {"{fn CONVERT('abc', VARCHAR(2))}", "ab"},
    {"{fn CONVERT(n, SQL_LONGVARCHAR)}", "5"},
    {"{fn CONVERT(n, SQL_WCHAR)} || {fn CONVERT(n, SQL_WVARCHAR)} || {fn CONVERT(n, SQL_WLONGVARCHAR)}", "555"},
    {"{fn CONVERT('1', SQL_BIT)}", "t"},
    {"{fn CONVERT('0', SQL_BIT)}", "f"},
    {"{fn CONVERT('false', SQL_BIT)}", "f"},
    {"{fn CONVERT(1.0, SQL_BIT)}", "t"},
    {"{fn CONVERT(0::bigint, SQL_BIT)}", "f"},
    {"{fn CONVERT(n > 3, SQL_BIT)}", "t"},
    {"{fn CONVERT(n > 9, SQL_BIT)}", "f"},
    {"{fn CONVERT(f, SQL_BIT)}", "t"},
    {"{fn CONVERT(NULL, SQL_BIT)}", "NULL"},
    {"{fn CONVERT('7', SQL_TINYINT)} + {fn CONVERT('7', SQL_SMALLINT)}", "14"},
    {"{fn CONVERT(40000, SQL_SMALLINT)}", "22003"},
    {"{fn CONVERT('12', SQL_INTEGER)} + 1", "13"},
    {"{fn CONVERT('3000000000', SQL_BIGINT)} + 1", "3000000001"},
    {"{fn CONVERT('1.5', SQL_REAL)}", "1.5"},
    {"{fn CONVERT('1.5', SQL_FLOAT)} + {fn CONVERT('1.5', SQL_DOUBLE)}", "3"},
    {"{fn CONVERT('1.50', SQL_NUMERIC)}", "1.50"},
    {"{fn CONVERT(1.555, SQL_DECIMAL(10,2))}", "1.56"},
    {"{fn CONVERT(ts, SQL_DATE)}", "2024-03-03"},
    {"{fn CONVERT('2024-02-29', SQL_TYPE_DATE)} + 1", "2024-03-01"},
    {"{fn CONVERT(ts, SQL_TIME)}", "23:58:59.75"},
    {"{fn CONVERT('10:11:12', SQL_TYPE_TIME)}", "10:11:12"},
    {"{fn CONVERT(d, SQL_TIMESTAMP)}", "2024-02-29 00:00:00"},
    {"{fn CONVERT('2024-02-29 01:02:03', SQL_TYPE_TIMESTAMP)}", "2024-02-29 01:02:03"},
    {"{fn CONVERT({t '01:02:03'}, SQL_TYPE_TIMESTAMP)} = current_date + time '01:02:03'", "t"},
    {"{fn CONVERT('\\x4142', SQL_BINARY)}", "\\x4142"},
    {"{fn CONVERT('AB', SQL_VARBINARY)} || {fn CONVERT('AB', SQL_LONGVARBINARY)}", "\\x41424142"},
    {"{fn CONVERT('00112233-4455-6677-8899-AABBCCDDEEFF', SQL_GUID)}", "00112233-4455-6677-8899-aabbccddeeff"},
    {"{fn CONVERT(n, SQL_INTERVAL_DAY)}", "5 days"},
    {"{fn CONVERT(interval '50 hours', SQL_INTERVAL_DAY)}", "00:00:00"},
    {"{fn CONVERT(interval '50 hours', SQL_INTERVAL_HOUR)}", "50:00:00"},
    {"{fn CONVERT(-n, SQL_INTERVAL_MINUTE)}", "-00:05:00"},
    {"{fn CONVERT('5', SQL_INTERVAL_YEAR)}", "5 years"},
    {"{fn CONVERT(n, SQL_INTERVAL_MONTH)}", "5 mons"},
    {"{fn CONVERT(n, SQL_INTERVAL_HOUR)}", "05:00:00"},
    {"{fn CONVERT(n, SQL_INTERVAL_MINUTE)}", "00:05:00"},
    {"{fn CONVERT(1.5, SQL_INTERVAL_SECOND)}", "00:00:01.5"},
    {"{fn CONVERT('3-4', SQL_INTERVAL_YEAR_TO_MONTH)}", "3 years 4 mons"},
    {"{fn CONVERT(interval '3 days 4 hours', SQL_INTERVAL_DAY_TO_HOUR)}", "3 days 04:00:00"},
    {"{fn CONVERT('3 04:05', SQL_INTERVAL_DAY_TO_MINUTE)}", "3 days 04:05:00"},
    {"{fn CONVERT('3 04:05:06.7', SQL_INTERVAL_DAY_TO_SECOND)}", "3 days 04:05:06.7"},
    {"{fn CONVERT('04:05', SQL_INTERVAL_HOUR_TO_MINUTE)}", "04:05:00"},
    {"{fn CONVERT('04:05:06', SQL_INTERVAL_HOUR_TO_SECOND)}", "04:05:06"},
    {"{fn CONVERT('05:06', SQL_INTERVAL_MINUTE_TO_SECOND)}", "00:05:06"},

    {"{d '2024-02-29'}", "2024-02-29"},
    {"{d '2024-02-30'}", "22008"},
    {"{t '10:11:12.1234567'}", "10:11:12.123456"},
    {"{t '23:59:59.9999999'}", "23:59:59.999999"},
    {"{t '10:11'}", "10:11:00"},
    {"{ts '2024-12-31 23:59:59.9999999'}", "2024-12-31 23:59:59.999999"},
    {"{ts '2024-12-31'}", "2024-12-31 00:00:00"},
    {"{ts '2024-02-29 10:11:12'}::date", "2024-02-29"},
    {"{guid '00112233-4455-6677-8899-AABBCCDDEEFF'}", "00112233-4455-6677-8899-aabbccddeeff"},
    {"{interval '5' day}", "5 days"},
    {"{interval '163' day(3)}", "163 days"},
    {"{interval '1.5' second(2,1)}", "00:00:01.5"},
    {"{interval '1.56' second(2,1)}", "00:00:01.5"},
    {"{interval '163 12:39' day(3) to minute}", "163 days 12:39:00"},
    {"{interval '163:59.163' minute(3) to second}", "02:43:59.163"},
    {"{interval '163:12' hour(3) to minute}", "163:12:00"},
    {"{interval - '1 02:03:04' day to second}", "-1 days -02:03:04"},
    {"{interval -'0 00:00:00.5' day to second(3)}", "-00:00:00.5"},
    {"{interval '-3-4' year to month}", "-3 years -4 mons"},
    {"{interval '3-4' year to month}", "3 years 4 mons"},
    {"{interval '59.9999999' second}", "00:00:59.999999"},
    {"{interval '4' hour} + {interval '30' minute} + {interval '6' month} - {interval '1' year}", "-6 mons +04:30:00"},
    {"{interval '5 10' day to hour}", "5 days 10:00:00"},
    {"{interval '10:11:12.5' hour to second(1)}", "10:11:12.5"},
    {"{ts '2024-01-31 00:00:00'} + {interval '1' month}", "2024-02-29 00:00:00"},

    {"'a_c' LIKE 'a!_c' {escape '!'}", "t"},
    {"'abc' LIKE 'a\\_c' {escape '\\'}", "f"},
    {"'{\"a\":1}'::jsonb ?? 'a'", "t"},
    {"'{\"a\":1}'::jsonb ??| array['b','a']", "t"},
    {"'{\"a\":1}'::jsonb ??& array['b','a']", "f"},
    {"'{\"a\":1}'::jsonb @?? '$.a'", "t"},
};

static void test_values(void)
{
    for (size_t i = 0; i < ALDB_COUNT(VALUES); i++) {
        char text[1024];
        snprintf(text, sizeof text,
                 "SELECT %s FROM (SELECT 'Hello '::text AS s, 5 AS n, 2.46::double precision AS f, 'abc'::char(6) AS c, date '2024-02-29' AS d, "
                 "timestamp '2024-03-03 23:58:59.75' AS ts) AS t",
                 VALUES[i][0]);
        check_text(text, 0, NULL, VALUES[i][1]);
    }
}

/* Every argument a marker: values, and the result. */
static const struct {
    const char *odbc;
    const char *params[4];
    const char *expected;
} MARKERS[] = {
    {"{fn ASCII(?)}", {"A"}, "65"},
    {"{fn BIT_LENGTH(?)}", {"ab"}, "16"},
    {"{fn CHAR(?)}", {"66"}, "B"},
    {"{fn CHAR_LENGTH(?)}", {"abc "}, "4"},
    {"{fn CONCAT(?, ?)}", {"a", "b"}, "ab"},
    {"{fn CONCAT(?, {fn LCASE(?)})}", {"a", "B"}, "ab"},
    {"{fn INSERT(?, ?, ?, ?)}", {"abcdef", "2", "3", "XY"}, "aXYef"},
    {"{fn LCASE(?)}", {"A"}, "a"},
    {"{fn LEFT(?, ?)}", {"abc", "2"}, "ab"},
    {"{fn LENGTH(?)}", {"ab  "}, "2"},
    {"{fn LOCATE(?, ?)}", {"b", "abc"}, "2"},
    {"{fn LOCATE(?, ?, ?)}", {"b", "abcb", "3"}, "4"},
    {"{fn LTRIM(?)}", {"  a"}, "a"},
    {"{fn OCTET_LENGTH(?)}", {"é"}, "2"},
    {"{fn POSITION(? IN ?)}", {"b", "abc"}, "2"},
    {"{fn REPEAT(?, ?)}", {"ab", "2"}, "abab"},
    {"{fn REPLACE(?, ?, ?)}", {"abc", "b", "X"}, "aXc"},
    {"{fn RIGHT(?, ?)}", {"abc", "2"}, "bc"},
    {"{fn RTRIM(?)}", {"a "}, "a"},
    {"{fn SPACE(?)}", {"2"}, "  "},
    {"{fn SUBSTRING(?, ?, ?)}", {"abcdef", "2", "2"}, "bc"},
    {"{fn UCASE(?)}", {"a"}, "A"},
    {"{fn ABS(?)}", {"-12345678901234567890.123456789"}, "12345678901234567890.123456789"},
    {"{fn ACOS(?)}", {"1"}, "0"},
    {"{fn ASIN(?)}", {"0"}, "0"},
    {"{fn ATAN(?)}", {"0"}, "0"},
    {"{fn ATAN2(?, ?)}", {"0", "1"}, "0"},
    {"{fn CEILING(?)}", {"1.5"}, "2"},
    {"{fn COS(?)}", {"0"}, "1"},
    {"{fn COT(?)} > 0", {"1"}, "t"},
    {"{fn DEGREES(?)}", {"0"}, "0"},
    {"{fn EXP(?)}", {"0"}, "1"},
    {"{fn FLOOR(?)}", {"1.5"}, "1"},
    {"{fn LOG(?)}", {"1"}, "0"},
    {"{fn LOG10(?)}", {"100"}, "2"},
    {"{fn MOD(?, ?)}", {"7.5", "2"}, "1.5"},
    {"{fn MOD(?, 4)}", {"7"}, "3"},
    {"{fn POWER(?, ?)}", {"2", "3"}, "8"},
    {"{fn RADIANS(?)}", {"0"}, "0"},
    {"{fn RAND(?)} < 1", {"5"}, "t"},
    {"{fn ROUND(?, ?)}", {"1.256", "2"}, "1.26"},
    {"{fn SIGN(?)}", {"-7"}, "-1"},
    {"{fn SIN(?)}", {"0"}, "0"},
    {"{fn SQRT(?)}", {"9"}, "3"},
    {"{fn TAN(?)}", {"0"}, "0"},
    {"{fn TRUNCATE(?, ?)}", {"1.29", "1"}, "1.2"},
    {"{fn DAYNAME(?)}", {"2024-02-29"}, "Thursday"},
    {"{fn DAYOFMONTH(?)}", {"2024-02-29"}, "29"},
    {"{fn DAYOFWEEK(?)}", {"2024-02-29"}, "5"},
    {"{fn DAYOFYEAR(?)}", {"2024-02-29"}, "60"},
    {"{fn EXTRACT(YEAR FROM ?)}", {"2024-02-29"}, "2024"},
    {"{fn HOUR(?)}", {"2024-02-29 10:11:12"}, "10"},
    {"{fn MINUTE(?)}", {"2024-02-29 10:11:12"}, "11"},
    {"{fn SECOND(?)}", {"2024-02-29 10:11:12.9"}, "12"},
    {"{fn MONTH(?)}", {"2024-02-29"}, "2"},
    {"{fn MONTHNAME(?)}", {"2024-02-29"}, "February"},
    {"{fn QUARTER(?)}", {"2024-02-29"}, "1"},
    {"{fn WEEK(?)}", {"2024-02-29"}, "9"},
    {"{fn YEAR(?)}", {"2024-02-29"}, "2024"},
    {"{fn TIMESTAMPADD(SQL_TSI_DAY, ?, ?)}", {"1", "2024-02-28"}, "2024-02-29 00:00:00"},
    {"{fn TIMESTAMPDIFF(SQL_TSI_DAY, ?, ?)}", {"2024-02-28", "2024-03-01"}, "2"},
    {"{fn TIMESTAMPDIFF(SQL_TSI_MONTH, ?, ?)}", {"2024-02-28", "2024-04-28"}, "2"},
    {"{fn IFNULL(?, ?)}", {NULL, "x"}, "x"},
    {"{fn CONVERT(?, SQL_INTEGER)}", {"12"}, "12"},
    {"{fn CONVERT(?, SQL_VARCHAR)}", {"ab"}, "ab"},
    {"{fn CONVERT(?, SQL_BIT)}", {"1"}, "t"},
    {"{fn CONVERT(?, SQL_TYPE_TIMESTAMP)}", {"2024-01-01"}, "2024-01-01 00:00:00"},
    {"{fn CONVERT(?, SQL_INTERVAL_DAY)}", {"3"}, "3 days"},
};

static void test_markers(void)
{
    for (size_t i = 0; i < ALDB_COUNT(MARKERS); i++) {
        char text[512];
        snprintf(text, sizeof text, "SELECT %s", MARKERS[i].odbc);
        int n = 0;
        for (const char *p = text; *p != '\0'; p++) {
            n += *p == '?';
        }
        check_text(text, n, MARKERS[i].params, MARKERS[i].expected);
    }
}

/* Run behind BEGIN: does the server say 25001? Statements may fail otherwise; nothing is kept. */
static const struct {
    const char *sql;
    bool refused;
} BLOCKS[] = {
    {"VACUUM", true},
    {"VACUUM (ANALYZE) pg_class", true},
    {"CREATE DATABASE aldb_x", true},
    {"DROP DATABASE aldb_x", true},
    {"CREATE TABLESPACE aldb_x LOCATION '/nowhere'", true},
    {"DROP TABLESPACE aldb_x", true},
    {"ALTER SYSTEM SET work_mem = '4MB'", true},
    {"ALTER DATABASE postgres SET TABLESPACE pg_default", true},
    {"ALTER DATABASE postgres SET work_mem = '4MB'", false},
    {"CREATE INDEX CONCURRENTLY ON t (a)", true},
    {"CREATE UNIQUE INDEX CONCURRENTLY i2 ON t (a)", true},
    {"CREATE INDEX ON t (a)", false},
    {"DROP INDEX CONCURRENTLY i", true},
    {"DROP INDEX i", false},
    {"REINDEX INDEX CONCURRENTLY i", true},
    {"REINDEX (CONCURRENTLY) TABLE t", true},
    {"REINDEX TABLE t", false},
    {"REINDEX DATABASE postgres", true},
    {"REINDEX SYSTEM postgres", true},
    {"REINDEX (VERBOSE) SCHEMA public", true},
    {"CLUSTER", true},
    {"CLUSTER VERBOSE", true},
    {"CLUSTER t USING i", false},
    {"CLUSTER (VERBOSE) t USING i", false},
    {"DISCARD ALL", true},
    {"DISCARD PLANS", false},
    {"ALTER TABLE pt DETACH PARTITION pt1 CONCURRENTLY", true},
    {"ALTER TABLE pt DETACH PARTITION pt1", false},
    {"REFRESH MATERIALIZED VIEW CONCURRENTLY mv", false},
    {"ALTER TYPE mood ADD VALUE 'meh'", false},
    {"COMMIT PREPARED 'x'", true},
    {"ROLLBACK PREPARED 'x'", true},
    {"CREATE SUBSCRIPTION sb CONNECTION 'host=/nowhere' PUBLICATION p", true},
    {"CREATE SUBSCRIPTION sb CONNECTION 'host=/nowhere' PUBLICATION p WITH (connect = false)", false},
    {"CREATE SUBSCRIPTION sb CONNECTION 'host=/nowhere' PUBLICATION p WITH (create_slot = off, connect = false)", false},
    {"ALTER SUBSCRIPTION s0 REFRESH PUBLICATION", true},
    {"ALTER SUBSCRIPTION s0 REFRESH PUBLICATION WITH (copy_data = false)", true},
    {"ALTER SUBSCRIPTION s0 SET PUBLICATION p", true},
    {"ALTER SUBSCRIPTION s0 SET PUBLICATION p WITH (refresh = false)", false},
    {"ALTER SUBSCRIPTION s0 SET (binary = true)", false},
    {"ANALYZE t", false},
    {"TRUNCATE t", false},
    {"CREATE TABLE t2 (a int)", false},
    {"COMMENT ON TABLE t IS 'x'", false},
    {"LOCK TABLE t", false},
    {"LISTEN x", false},
};

static void exec(const char *sql)
{
    PQclear(PQexec(conn, sql));
}

static void test_blocks(void)
{
    exec("CREATE TABLE t (a int); CREATE UNIQUE INDEX i ON t (a); CREATE MATERIALIZED VIEW mv AS SELECT a FROM t; CREATE UNIQUE INDEX ON mv (a); "
         "CREATE TYPE mood AS ENUM ('sad'); CREATE TABLE pt (a int) PARTITION BY LIST (a); CREATE TABLE pt1 PARTITION OF pt FOR VALUES IN (1)");
    exec("CREATE SUBSCRIPTION s0 CONNECTION 'host=/nowhere' PUBLICATION p WITH (connect = false)");
    exec("ALTER SUBSCRIPTION s0 ENABLE"); /* a disabled one is refused for that reason first */
    for (size_t i = 0; i < ALDB_COUNT(BLOCKS); i++) {
        struct aldb_sql sql;
        if (!translated(BLOCKS[i].sql, &sql)) {
            CU_FAIL("refused");
            continue;
        }
        exec("BEGIN");
        PGresult *r = PQexec(conn, BLOCKS[i].sql);
        const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE);
        bool refused = state != NULL && strcmp(state, "25001") == 0;
        PQclear(r);
        exec("ROLLBACK");
        bool guessed = sql.parts[0].cls == ALDB_SQL_NO_BLOCK;
        if (refused != BLOCKS[i].refused || guessed != BLOCKS[i].refused) {
            complain("transaction block", BLOCKS[i].sql, refused ? "server refuses" : "server takes it", guessed ? "NO_BLOCK" : "not NO_BLOCK");
        }
        CU_ASSERT(refused == BLOCKS[i].refused);
        CU_ASSERT(guessed == BLOCKS[i].refused);
        aldb_sql_clear(&sql);
    }
    exec("ALTER SUBSCRIPTION s0 DISABLE");
    exec("ALTER SUBSCRIPTION s0 SET (slot_name = NONE)");
    exec("DROP SUBSCRIPTION s0");
    exec("DROP TABLE pt; DROP MATERIALIZED VIEW mv; DROP TABLE t; DROP TYPE mood");
}

/* What is called plannable must take its markers as $n. */
static void test_plannable(void)
{
    static const char *const texts[] = {
        "SELECT ?::int",
        "VALUES (?::int)",
        "INSERT INTO pl VALUES (?)",
        "UPDATE pl SET a = ?",
        "DELETE FROM pl WHERE a = ?",
        "MERGE INTO pl USING (SELECT ?::int AS x) s ON a = x WHEN NOT MATCHED THEN INSERT VALUES (x)",
        "WITH w AS (INSERT INTO pl VALUES (?) RETURNING a) SELECT * FROM w",
        "SELECT ?::int AS a INTO TEMP pl2",
        "CALL pp(?)",
        "{call pf(?)}",
        "SELECT * FROM pl {limit ? offset 0}",
        "SELECT * FROM {oj pl x LEFT OUTER JOIN {oj pl y LEFT OUTER JOIN pl z ON y.a = z.a} ON x.a = y.a} WHERE x.a = ?",
    };
    exec("CREATE TABLE pl (a int); CREATE PROCEDURE pp(int) LANGUAGE sql AS 'SELECT 1'; CREATE FUNCTION pf(int) RETURNS int LANGUAGE sql AS 'SELECT 1'");
    for (size_t i = 0; i < ALDB_COUNT(texts); i++) {
        struct aldb_sql sql;
        if (!translated(texts[i], &sql)) {
            CU_FAIL("refused");
            continue;
        }
        CU_ASSERT(aldb_sql_plannable(sql.parts[0].cls));
        static const char *const seven[] = {"7"};
        PGresult *r = PQexecParams(conn, sql.text.data, 1, NULL, seven, NULL, NULL, 0);
        bool good = PQresultStatus(r) == PGRES_TUPLES_OK || PQresultStatus(r) == PGRES_COMMAND_OK;
        if (!good) {
            complain("plannable", sql.text.data, PQerrorMessage(conn), "success");
        }
        CU_ASSERT(good);
        CU_ASSERT((PQnfields(r) > 0) == !aldb_sql_rowless(&sql.parts[0]) || sql.parts[0].cls == ALDB_SQL_CALL);
        PQclear(r);
        aldb_sql_clear(&sql);
    }
    exec("DROP TABLE pl; DROP PROCEDURE pp; DROP FUNCTION pf; DROP TABLE pl2");
}

/* The server's error position, mapped back, points at the wrong word in what the application wrote. */
static void test_positions(void)
{
    static const char *const texts[] = {
        "SELECT ?, 'é', {fn UCASE('x')}, {d '2024-01-01'}, nocolumn FROM pg_class",
        "SELECT 1; /* ü */ SELECT {fn LOCATE('ä', nocolumn)}",
        "SELECT ? + ?::int, ?? nocolumn",
        "  \n SELECT {fn CONCAT({fn LCASE('Ü')}, {fn RTRIM( /* x */ nocolumn)})}",
    };
    for (size_t i = 0; i < ALDB_COUNT(texts); i++) {
        struct aldb_sql sql;
        if (!translated(texts[i], &sql)) {
            CU_FAIL("refused");
            continue;
        }
        size_t part = sql.nparts - 1;
        PGresult *r = PQprepare(conn, "", sql.text.data + sql.parts[part].begin, 0, NULL);
        const char *position = PQresultErrorField(r, PG_DIAG_STATEMENT_POSITION);
        size_t mapped = position ? aldb_sql_map_position(&sql, part, (size_t)strtoul(position, NULL, 10)) : 0;
        const char *found = strstr(texts[i], "nocolumn");
        size_t wanted = 1;
        for (const char *p = texts[i]; p < found; p++) {
            wanted += ((unsigned char)*p & 0xC0) != 0x80;
        }
        if (mapped != wanted) {
            complain("position", sql.text.data + sql.parts[part].begin, PQerrorMessage(conn), texts[i]);
        }
        CU_ASSERT_EQUAL(mapped, wanted);
        PQclear(r);
        aldb_sql_clear(&sql);
    }
}

/* Quoting survives the server under both settings. */
static void test_quoting(void)
{
    static const char *const texts[] = {"", "plain", "it's", "back\\slash", "\\'", "é\n\"q\"", "''", "\\\\"};
    for (int off = 0; off < 2; off++) {
        exec(off ? "SET standard_conforming_strings = off; SET escape_string_warning = off" : "SET standard_conforming_strings = on");
        for (size_t i = 0; i < ALDB_COUNT(texts); i++) {
            struct aldb_buf b;
            aldb_buf_init(&b, ALDB_MAX_SQL);
            aldb_buf_add_str(&b, "SELECT ");
            aldb_sql_quote_literal(&b, aldb_slice_of(texts[i]));
            if (texts[i][0] != '\0') {
                aldb_buf_add_str(&b, " AS ");
                aldb_sql_quote_ident(&b, aldb_slice_of(texts[i]));
            }
            PGresult *r = PQexec(conn, aldb_buf_cstr(&b));
            CU_ASSERT_EQUAL_FATAL(PQresultStatus(r), PGRES_TUPLES_OK);
            CU_ASSERT_STRING_EQUAL(PQgetvalue(r, 0, 0), texts[i]);
            if (texts[i][0] != '\0') {
                CU_ASSERT_STRING_EQUAL(PQfname(r, 0), texts[i]);
            }
            PQclear(r);
            aldb_buf_clear(&b);
        }
    }
    exec("SET standard_conforming_strings = on");
}

/* SQL-standard bodies and rules hold semicolons: each text must arrive as one statement that the server takes. */
static void test_splitting(void)
{
    static const struct {
        const char *text;
        size_t parts;
    } texts[] = {
        {"CREATE TABLE sp (a int); CREATE TABLE sp_log (a int);", 2},
        {"CREATE OR REPLACE FUNCTION sp_f(x int) RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT CASE WHEN x > 1 THEN CASE x WHEN 2 THEN 1 ELSE 0 END END; "
         "SELECT x; END; SELECT sp_f(1)",
         2},
        {"CREATE PROCEDURE sp_p(x int) BEGIN ATOMIC INSERT INTO sp VALUES (x); DELETE FROM sp; END; CALL sp_p(1)", 2},
        {"CREATE RULE sp_r AS ON INSERT TO sp DO ALSO (INSERT INTO sp_log VALUES (1); INSERT INTO sp_log VALUES (2)); INSERT INTO sp VALUES (1)", 2},
        {"DO $x$ BEGIN PERFORM 1; PERFORM ';'; END; $x$; SELECT E'\\';' AS a, ';', \"b;c\" FROM (SELECT 1 AS \"b;c\") t -- ;\n; /* ; /* ; */ */", 2},
        {"DROP PROCEDURE sp_p; DROP FUNCTION sp_f; DROP TABLE sp; DROP TABLE sp_log", 4},
    };
    for (size_t i = 0; i < ALDB_COUNT(texts); i++) {
        struct aldb_sql sql;
        if (!translated(texts[i].text, &sql)) {
            CU_FAIL("refused");
            continue;
        }
        CU_ASSERT_EQUAL(sql.nparts, texts[i].parts);
        for (size_t p = 0; p < sql.nparts; p++) {
            PGresult *r = PQexecParams(conn, sql.text.data + sql.parts[p].begin, 0, NULL, NULL, NULL, NULL, 0);
            bool good = PQresultStatus(r) == PGRES_TUPLES_OK || PQresultStatus(r) == PGRES_COMMAND_OK;
            if (!good) {
                complain("splitting", sql.text.data + sql.parts[p].begin, PQerrorMessage(conn), "success");
            }
            CU_ASSERT(good);
            PQclear(r);
        }
        aldb_sql_clear(&sql);
    }
}

int main(void)
{
    const char *conninfo = getenv("ALDB_TEST_SUPER_CONNINFO") ? getenv("ALDB_TEST_SUPER_CONNINFO") : getenv("ALDB_TEST_CONNINFO");
    if (conninfo == NULL || conninfo[0] == '\0') {
        puts("SKIP: ALDB_TEST_CONNINFO is not set");
        return 77;
    }
    conn = PQconnectdb(conninfo);
    if (PQstatus(conn) != CONNECTION_OK) {
        fprintf(stderr, "%s", PQerrorMessage(conn));
        return 1;
    }
    (void)PQsetNoticeProcessor(conn, quiet, NULL);
    exec("SET client_min_messages = error; SET client_encoding = utf8; SET DateStyle = ISO; SET IntervalStyle = postgres");
    exec("DROP SCHEMA IF EXISTS aldb_sqltext CASCADE; CREATE SCHEMA aldb_sqltext");
    exec("SET search_path = aldb_sqltext");
    if (CU_initialize_registry() != CUE_SUCCESS) {
        return 1;
    }
    CU_pSuite suite = CU_add_suite("sqltext against a server", NULL, NULL);
    CU_add_test(suite, "values", test_values);
    CU_add_test(suite, "markers", test_markers);
    CU_add_test(suite, "transaction blocks", test_blocks);
    CU_add_test(suite, "plannable", test_plannable);
    CU_add_test(suite, "positions", test_positions);
    CU_add_test(suite, "quoting", test_quoting);
    CU_add_test(suite, "splitting", test_splitting);
    CU_basic_run_tests();
    unsigned failed = CU_get_number_of_failures();
    CU_cleanup_registry();
    exec("DROP SCHEMA aldb_sqltext CASCADE");
    PQfinish(conn);
    return failed != 0;
}
