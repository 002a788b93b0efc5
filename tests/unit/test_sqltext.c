/* SPDX-License-Identifier: Apache-2.0 */
/* Statement text translation: tables of text in, text out; every kind of bad input; failing allocations. */
#include <CUnit/Basic.h>
#include <CUnit/CUnit.h>
#include <sqlext.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "sqltext/sqltext.h"

static const struct aldb_sql_flags STD = {.standard_conforming_strings = true};
static const struct aldb_sql_flags OLD = {.standard_conforming_strings = false};
static const struct aldb_sql_flags NOSCAN = {.noscan = true, .standard_conforming_strings = true};

static void complain(const char *input, const char *got, const char *wanted)
{
    fprintf(stderr, "\n    text   %s\n    got    %s\n    wanted %s\n", input, got, wanted);
}

/* Invariants that hold for every translation. */
static void check_shape(const struct aldb_sql *sql)
{
    CU_ASSERT_FATAL(sql->nparts > 0);
    size_t at = 0;
    uint32_t markers = sql->call == ALDB_CALL_RETURN;
    for (size_t i = 0; i < sql->nparts; i++) {
        const struct aldb_sql_part *p = &sql->parts[i];
        CU_ASSERT(p->begin >= at && p->end >= p->begin && p->end < sql->text.len);
        CU_ASSERT_EQUAL(sql->text.data[p->end], '\0');
        CU_ASSERT_EQUAL(strlen(sql->text.data + p->begin), p->end - p->begin);
        CU_ASSERT_EQUAL(p->first_param, markers);
        CU_ASSERT_EQUAL(aldb_sql_rowless(p), !p->rows);
        markers += p->nparams;
        at = p->end + 1;
    }
    CU_ASSERT_EQUAL(markers, sql->nparams);
    for (uint32_t i = sql->call == ALDB_CALL_RETURN; i < sql->nparams; i++) {
        CU_ASSERT(sql->marker_at[i] < sql->text.len && sql->text.data[sql->marker_at[i]] == '$');
    }
    size_t part = 0;
    for (size_t i = 0; i < sql->nrefs; i++) {
        CU_ASSERT(i == 0 || sql->refs[i].at > sql->refs[i - 1].at);
        while (sql->refs[i].at > sql->parts[part].end) {
            part++;
        }
        char number[24];
        snprintf(number, sizeof number, "$%u", (unsigned)(sql->refs[i].param - sql->parts[part].first_param + 1));
        CU_ASSERT_EQUAL(strncmp(sql->text.data + sql->refs[i].at, number, strlen(number)), 0);
        CU_ASSERT_EQUAL(sql->marker_at[sql->refs[i].param], sql->refs[i].at);
    }
    CU_ASSERT_EQUAL(sql->nrefs, sql->nparams - (sql->call == ALDB_CALL_RETURN));
}

/* Parts joined by "; " must be `wanted`; returns the number of markers, or -1. */
static long check(struct aldb_slice text, struct aldb_sql_flags flags, const char *wanted)
{
    struct aldb_sql sql;
    struct aldb_diag diag;
    aldb_diag_init(&diag);
    long n = -1;
    enum aldb_rc rc = aldb_sql_translate(text, flags, &sql, &diag);
    if (rc == ALDB_ERR) {
        complain(text.ptr, aldb_diag_message(aldb_diag_get(&diag, 1)), wanted);
        CU_FAIL("refused");
    } else {
        check_shape(&sql);
        struct aldb_buf b;
        aldb_buf_init(&b, ALDB_MAX_SQL);
        for (size_t i = 0; i < sql.nparts; i++) {
            aldb_buf_add_str(&b, i ? "; " : "");
            aldb_buf_add_str(&b, sql.text.data + sql.parts[i].begin);
        }
        if (strcmp(aldb_buf_cstr(&b), wanted) != 0) {
            complain(text.ptr, aldb_buf_cstr(&b), wanted);
            CU_FAIL("translation differs");
        }
        aldb_buf_clear(&b);
        n = (long)sql.nparams;
    }
    aldb_sql_clear(&sql);
    aldb_diag_clear(&diag);
    return n;
}

struct pair {
    const char *text, *wanted;
};

static void check_all(const struct pair *pairs, size_t n, struct aldb_sql_flags flags)
{
    for (size_t i = 0; i < n; i++) {
        /* A copy of the exact length, so that the sanitizer sees any reading past the end. */
        size_t len = strlen(pairs[i].text);
        char *copy = malloc(len + 1);
        memcpy(copy, pairs[i].text, len + 1);
        char *exact = malloc(len ? len : 1);
        memcpy(exact, pairs[i].text, len);
        (void)check(aldb_slice(copy, len), flags, pairs[i].wanted);
        struct aldb_sql sql;
        struct aldb_diag diag;
        aldb_diag_init(&diag);
        CU_ASSERT(aldb_sql_translate(aldb_slice(exact, len), flags, &sql, &diag) != ALDB_ERR);
        aldb_sql_clear(&sql);
        aldb_diag_clear(&diag);
        free(exact);
        free(copy);
    }
}

static const struct pair LEXING[] = {
    {"select ?", "select $1"},
    {"select ?,?,?", "select $1,$2,$3"},
    {"select '?', ?", "select '?', $1"},
    {"select 'it''s ?', ?", "select 'it''s ?', $1"},
    {"select '\\', ?, '?'", "select '\\', $1, '?'"},
    {"select E'\\'?', ?", "select E'\\'?', $1"},
    {"select e'\\\\', ?", "select e'\\\\', $1"},
    {"select E'a''?', ?", "select E'a''?', $1"},
    {"select E'a'\n 'b\\'?', ?", "select E'a'\n 'b\\'?', $1"},
    {"select E'a' -- ?\n 'b\\'?', ?", "select E'a' -- ?\n 'b\\'?', $1"},
    {"select E'a' 'b\\', ?", "select E'a' 'b\\', $1"},
    {"select U&'\\0041?', ?", "select U&'\\0041?', $1"},
    {"select u&\"a?\", ?", "select u&\"a?\", $1"},
    {"select u & ?", "select u & $1"},
    {"select B'01', X'?', ?", "select B'01', X'?', $1"},
    {"select N'a?', ?", "select N'a?', $1"},
    {"select ne'a\\', ?", "select ne'a\\', $1"}, /* no E string: e ends a longer name */
    {"select \"a?\"\"b?\", ?", "select \"a?\"\"b?\", $1"},
    {"select $$ ? $$, ?", "select $$ ? $$, $1"},
    {"select $a$ ? $$ ? $a$, ?", "select $a$ ? $$ ? $a$, $1"},
    {"select $a$ $b$a$, ?", "select $a$ $b$a$, $1"},
    {"select $é_1$ ? $é_1$, ?", "select $é_1$ ? $é_1$, $1"},
    {"select a$1$b, ?, c$1$d", "select a$1$b, $1, c$1$d"},
    {"select a$$?, b$$", "select a$$ $1, b$$"},
    {"select é$x$?", "select é$x$ $1"},
    {"select 1 -- ? '\n, ?", "select 1 -- ? '\n, $1"},
    {"select 1 -- ?\r, ?", "select 1 -- ?\r, $1"},
    {"select 1 --", "select 1 --"},
    {"select 1-?", "select 1-$1"},
    {"select 1 - -?", "select 1 - -$1"},
    {"select 1/?", "select 1/$1"},
    {"select /* ? /* ? */ ? */ ?", "select /* ? /* ? */ ? */ $1"},
    {"select /*?*/?", "select /*?*/$1"},
    {"select 1*/*c*/?", "select 1*/*c*/$1"},
    {"select +--x?\n?", "select +--x?\n$1"},
    {"select ?::int, ?::text", "select $1::int, $2::text"},
    {"select a[?], a[?:?]", "select a[$1], a[$2:$3]"},
    {"select 1e5, 1.5e-3, .5, 1e, ?", "select 1e5, 1.5e-3, .5, 1e, $1"},
    {"select ?1", "select $1 1"},
    {"select ?a", "select $1 a"},
    {"select a?b", "select a $1 b"},
    {"select 1?", "select 1 $1"},
    {"select ? ?", "select $1 $2"},
    {"select (?)", "select ($1)"},
    {"select a=?and b=?", "select a=$1 and b=$2"},
    {"in(?,?)", "in($1,$2)"},
    {"select a ?? b", "select a ? b"},
    {"select a??b", "select a?b"},
    {"select a ??| b, a ??& b", "select a ?| b, a ?& b"},
    {"select a @?? '$.x'", "select a @? '$.x'"},
    {"select a ?| ?", "select a $1| $2"},
    {"select ?||?", "select $1||$2"},
    {"select ???", "select ?$1"},
    {"select ????", "select ??"},
    {"select '\?\?', \"\?\?\"", "select '\?\?', \"\?\?\""}, /* escaped for C's trigraphs */
    {"select $1", "select $1"},
    {"select $ ?", "select $ $1"},
    {"select {", "select {"},
    {"select }", "select }"},
    {"select {} {?} {x ?}", "select {} {$1} {x $2}"},
    {"select {fnord(?)}", "select {fnord($1)}"},
    {"select {returning a}", "select {returning a}"},
    {"select \xff\xfe ?", "select \xff\xfe $1"},
    {"select '\xc3' , ?", "select '\xc3' , $1"},
    {"  select 1  ", "select 1"},
    {"\n\t", ""},
    {"", ""},
    {"-- c", ""},
    {"/* c */", ""},
    {"/*+ hint */ select 1 /* tag */", "/*+ hint */ select 1 /* tag */"},
};

static void test_lexing(void)
{
    check_all(LEXING, ALDB_COUNT(LEXING), STD);
}

static void test_old_strings(void)
{
    static const struct pair pairs[] = {
        {"select 'a\\'?', ?", "select 'a\\'?', $1"},
        {"select '\\\\', ?", "select '\\\\', $1"},
        {"select 'a'\n'\\'?', ?", "select 'a'\n'\\'?', $1"},
        {"select N'\\'?', ?", "select N'\\'?', $1"},
        {"select B'1', X'a', U&'\\', ?", "select B'1', X'a', U&'\\', $1"},
        {"select \"\\\", ?", "select \"\\\", $1"},
        {"a like ? {escape '\\'} and b = ?", "a like $1 ESCAPE E'\\\\' and b = $2"},
        {"a like ? { escape\t '\\' }", "a like $1 ESCAPE E'\\\\'"},
        {"a like ? {escape '\\\\'}", "a like $1 ESCAPE '\\\\'"},
        {"{fn UCASE(case when a like 'x' {escape '\\'} then 'p' end)}", "pg_catalog.upper(case when a like 'x' ESCAPE E'\\\\' then 'p' end)"},
    };
    check_all(pairs, ALDB_COUNT(pairs), OLD);
}

static void test_noscan(void)
{
    static const struct pair pairs[] = {
        {"select {fn UCASE(?)}, {d '2024-01-01'}", "select {fn UCASE($1)}, {d '2024-01-01'}"},
        {"{call f(?)}", "{call f($1)}"},
        {"select {fn ABS(1) ; select '?', ??", "select {fn ABS(1); select '?', ?"},
    };
    check_all(pairs, ALDB_COUNT(pairs), NOSCAN);
}

static void test_splitting(void)
{
    static const struct pair pairs[] = {
        {"select 1;", "select 1"},
        {"select 1;select 2", "select 1; select 2"},
        {";;select 1;; ;select 2; -- x", "select 1; select 2"},
        {"select ?;select ?, ?", "select $1; select $1, $2"},
        {"select ';' , \";\", $$;$$ -- ;\n, /*;*/ 1", "select ';' , \";\", $$;$$ -- ;\n, /*;*/ 1"},
        {"create rule r as on insert to t do also (select 1; select 2); select 3",
         "create rule r as on insert to t do also (select 1; select 2); select 3"},
        {"select a[1;2]; select 2", "select a[1;2]; select 2"},
        {"select 1); select 2", "select 1); select 2"},
        {"create function f() returns int begin atomic select 1; select case when a then b end; end; select 2",
         "create function f() returns int begin atomic select 1; select case when a then b end; end; select 2"},
        {"create or replace procedure p() Begin /* x */ Atomic select case case 1 when 1 then 2 end when 2 then 3 end; end",
         "create or replace procedure p() Begin /* x */ Atomic select case case 1 when 1 then 2 end when 2 then 3 end; end"},
        {"create function f() returns int begin atomic select 1 as end, t.case from t; select 2; end; select 3",
         "create function f() returns int begin atomic select 1 as end, t.case from t; select 2; end; select 3"},
        {"begin; atomic; end", "begin; atomic; end"},
        {"{fn NOW()}; {call f(?)}; {call g(?)}", "localtimestamp; SELECT * FROM f($1); SELECT * FROM g($1)"},
        {"select {fn ABS(a;b)}; select 1", "select pg_catalog.abs(a;b); select 1"},
    };
    static const size_t parts[] = {1, 2, 2, 2, 1, 2, 2, 2, 2, 1, 2, 3, 3, 2};
    check_all(pairs, ALDB_COUNT(pairs), STD);
    for (size_t i = 0; i < ALDB_COUNT(parts); i++) {
        struct aldb_sql sql;
        struct aldb_diag diag;
        aldb_diag_init(&diag);
        CU_ASSERT_EQUAL_FATAL(aldb_sql_translate(aldb_slice_of(pairs[i].text), STD, &sql, &diag), ALDB_OK);
        if (sql.nparts != parts[i]) {
            complain(pairs[i].text, "another number of parts", pairs[i].wanted);
        }
        CU_ASSERT_EQUAL(sql.nparts, parts[i]);
        aldb_sql_clear(&sql);
        aldb_diag_clear(&diag);
    }
}

#define LOCATED_BY_NAME                                                                          \
    "(SELECT CASE WHEN pg_catalog.strpos(pg_catalog.substr(a2, a3), a1) OPERATOR(pg_catalog.=) 0 THEN 0 "               \
    "ELSE pg_catalog.strpos(pg_catalog.substr(a2, a3), a1) OPERATOR(pg_catalog.+) greatest(a3, 1) OPERATOR(pg_catalog.-) 1 END"

static const struct pair ESCAPES[] = {
    /* scalar functions: structure; their values are asked of a server elsewhere */
    {"{fn UCASE('a')}", "pg_catalog.upper('a')"},
    {"{ FN\n Ucase ( 'a' ) }", "pg_catalog.upper('a')"},
    {"{fn UCASE(/* c */ a -- d\n)}", "pg_catalog.upper(a)"},
    {"{fn LCASE({fn CONCAT('A','B')})}", "pg_catalog.lower(('A'::pg_catalog.text OPERATOR(pg_catalog.||) '' OPERATOR(pg_catalog.||) 'B'::pg_catalog.text))"},
    {"{fn CONCAT(a, b)}", "(a OPERATOR(pg_catalog.||) '' OPERATOR(pg_catalog.||) b)"},
    {"{fn CONCAT(a, 'b')}", "(a OPERATOR(pg_catalog.||) '' OPERATOR(pg_catalog.||) 'b')"},
    {"{fn CONCAT(?, a)}", "($1 OPERATOR(pg_catalog.||) '' OPERATOR(pg_catalog.||) a)"},
    {"{fn CONCAT(?, ?)}", "($1::pg_catalog.text OPERATOR(pg_catalog.||) '' OPERATOR(pg_catalog.||) $2::pg_catalog.text)"},
    {"{fn CONCAT(a OR b, c)}", "((a OR b) OPERATOR(pg_catalog.||) '' OPERATOR(pg_catalog.||) c)"},
    {"{fn CONCAT({fn UCASE(a)}, {fn UCASE(b)} || c)}", "(pg_catalog.upper(a) OPERATOR(pg_catalog.||) '' OPERATOR(pg_catalog.||) (pg_catalog.upper(b) || c))"},
    {"{fn LOCATE(?, ?)}", "position($1::pg_catalog.text IN $2::pg_catalog.text)"},
    {"{fn LOCATE(?, ?)} = ?", "position($1::pg_catalog.text IN $2::pg_catalog.text) = $3"},
    {"{fn LOCATE(?, ?, ?)} = ?",
     LOCATED_BY_NAME " FROM (SELECT $1 AS a1, $2 AS a2, $3::integer AS a3) AS args) = $4"},
    {"{fn LOCATE({fn UCASE(?)}, {fn LCASE(?)}, 2)} + ?",
     LOCATED_BY_NAME " FROM (SELECT pg_catalog.upper($1) AS a1, pg_catalog.lower($2) AS a2, 2 AS a3) AS args) + $3"},
    {"{fn INSERT(?, ?, 2, a)}", "overlay($1 PLACING a FROM $2::integer FOR 2)"},
    {"{fn MOD(?,?)}", "pg_catalog.mod($1::numeric, $2::numeric)"},
    {"{fn MOD(?,3)}", "pg_catalog.mod($1, 3)"},
    {"{fn MOD(a,?)}", "pg_catalog.mod(a, $1)"},
    {"{fn EXTRACT(YEAR FROM ?)}", "extract(YEAR FROM $1::timestamp)"},
    {"{fn EXTRACT(YEAR FROM (select d from t))}", "extract(YEAR FROM (select d from t))"},
    {"{fn POSITION(? IN a)}", "position($1 IN a)"},
    {"{fn POSITION('x' || 'y' IN a)}", "position(('x' || 'y') IN a)"},
    {"{fn HOUR(?)}", "extract(hour FROM $1::time)::integer"},
    {"{fn HOUR('10:00')}", "extract(hour FROM '10:00'::time)::integer"},
    {"{fn HOUR(a)}", "extract(hour FROM a)::integer"},
    {"{fn YEAR(a + b)}", "extract(year FROM (a + b)::timestamp)::integer"},
    {"{fn TIMESTAMPADD(SQL_TSI_DAY, ?, ?)}", "($1::bigint OPERATOR(pg_catalog.*) interval '1 day' OPERATOR(pg_catalog.+) $2::timestamp)"},
    {"{fn timestampadd(sql_tsi_day, a-1, b)}", "((a-1) OPERATOR(pg_catalog.*) interval '1 day' OPERATOR(pg_catalog.+) b::timestamp)"},
    {"{fn TIMESTAMPADD(HOUR, 1, {t '10:00:00'})}", "(1 OPERATOR(pg_catalog.*) interval '1 hour' OPERATOR(pg_catalog.+) (current_date OPERATOR(pg_catalog.+) time '10:00:00'))"},
    {"{fn TIMESTAMPDIFF(SQL_TSI_SECOND, a, ?)}", "pg_catalog.trunc(OPERATOR(pg_catalog.-) extract(epoch FROM (a::timestamp OPERATOR(pg_catalog.-) $1::timestamp)))::bigint"},
    {"{fn TIMESTAMPADD(HOUR, 1, {fn CURTIME()})}",
     "(1 OPERATOR(pg_catalog.*) interval '1 hour' OPERATOR(pg_catalog.+) (current_date OPERATOR(pg_catalog.+) pg_catalog.date_trunc('second', localtimestamp)::time))"},
    {"{fn TIMESTAMPADD(HOUR, 1, {fn NOW()})}", "(1 OPERATOR(pg_catalog.*) interval '1 hour' OPERATOR(pg_catalog.+) localtimestamp::timestamp)"},
    {"{fn CONVERT(a, mytype x)}", "CONVERT(a, mytype x)"},
    {"{fn LOCATE('x', a, 2)}", "CASE WHEN pg_catalog.strpos(pg_catalog.substr(a, 2), 'x') OPERATOR(pg_catalog.=) 0 THEN 0 "
                               "ELSE pg_catalog.strpos(pg_catalog.substr(a, 2), 'x') OPERATOR(pg_catalog.+) greatest(2, 1) OPERATOR(pg_catalog.-) 1 END"},
    {"{fn INSERT(?, 1, 2, a)}", "overlay($1 PLACING a FROM 1 FOR 2)"},
    {"{fn INSERT(a, 1, 2, ?)}", "overlay(a PLACING $1 FROM 1 FOR 2)"},
    {"{fn HOUR(null)}", "extract(hour FROM null::time)::integer"},
    {"{fn HOUR(\"null\")}", "extract(hour FROM \"null\")::integer"},
    {"{fn foo({x ?}, {y})}", "foo({x $1}, {y})"},
    {"{fn TIMESTAMPADD(EON, 1, a)}", "TIMESTAMPADD(EON, 1, a)"},
    {"{fn CONVERT(?, SQL_INTEGER)}", "CAST($1 AS integer)"},
    {"{fn CONVERT(a, sql_char)}", "CAST(a AS varchar)"},
    {"{fn CONVERT(a, SQL_CHAR(5))}", "CAST(a AS varchar(5))"},
    {"{fn CONVERT(a, DECIMAL ( 10, 2 ))}", "CAST(a AS numeric( 10, 2 ))"},
    {"{fn CONVERT(a, mytype)}", "CONVERT(a, mytype)"},
    {"{fn CONVERT(a, 'x')}", "CONVERT(a, 'x')"},
    {"{fn CONVERT(a USING utf8)}", "CONVERT(a USING utf8)"},
    {"{fn PI()}", "pg_catalog.pi()"},
    {"{fn PI}", "pg_catalog.pi()"},
    {"{fn CURRENT_DATE}", "current_date"},
    {"{fn USER( )}", "current_user::varchar(63)"},
    {"{fn RAND()}", "pg_catalog.random()"},
    {"{fn ROUND(?, 2)}", "pg_catalog.round($1::numeric, 2)"},
    {"{fn LEFT(a, ?)}", "pg_catalog.left(a, $1::integer)"},
    {"{fn LEFT(a, b+1)}", "pg_catalog.left(a, (b+1)::integer)"},
    {"{fn UCASE(a[1,2] || f(x, y))}", "pg_catalog.upper(a[1,2] || f(x, y))"},
    {"{fn UCASE('),}')}", "pg_catalog.upper('),}')"},
    {"{fn UCASE(\"),}\" /* ) } */)}", "pg_catalog.upper(\"),}\")"},
    {"{fn UCASE($q$)}$q$)}", "pg_catalog.upper($q$)}$q$)"},
    /* what the table does not know is passed on */
    {"{fn foo(?, {fn UCASE(?)})}", "foo($1, pg_catalog.upper($2))"},
    {"{fn s.foo(?)}", "s.foo($1)"},
    {"{fn UCASE(a, b)}", "UCASE(a, b)"},
    {"{fn UCASE()}", "UCASE()"},
    {"{fn LOCATE(a,,b)}", "LOCATE(a,,b)"},
    {"{fn TRIM(BOTH ' ' FROM a)}", "TRIM(BOTH ' ' FROM a)"},
    {"{fn UCASE(a) || 'x'}", "pg_catalog.upper(a)|| 'x'"},
    {"{fn ABS}", "ABS"},
    {"select{fn NOW()}from t", "select localtimestamp from t"},
    {"5-{fn -1}", "5- -1"},
    {"{fn 'a'}{fn 'b'}", "'a' 'b'"},
    /* literals */
    {"{d '2024-02-29'}", "pg_catalog.date '2024-02-29'"},
    {"{ D  ' 2024-2-9 ' }", "pg_catalog.date '2024-2-9'"},
    {"{d '2024-02-30'}", "pg_catalog.date '2024-02-30'"},
    {"{t '10:11:12'}", "time '10:11:12'"},
    {"{t '10:11:12.5'}", "time '10:11:12.5'"},
    {"{t '10:11:12.1234560'}", "time '10:11:12.123456'"},
    {"{t '24:00:00'}", "time '24:00:00'"},
    {"{ts '2024-01-01 10:11:12'}", "timestamp '2024-01-01 10:11:12'"},
    {"{ts '2024-01-01 10:11'}", "timestamp '2024-01-01 10:11'"},
    {"{ts '2024-01-01'}", "timestamp '2024-01-01'"},
    {"{ts'2024-01-01 10:11:12.'}", "timestamp '2024-01-01 10:11:12.'"},
    {"a={d '2024-01-01'}and b", "a=pg_catalog.date '2024-01-01'and b"},
    {"{guid '01234567-89ab-CDEF-0123-456789abcdef'}", "'01234567-89ab-CDEF-0123-456789abcdef'::pg_catalog.uuid"},
    {"x in{guid '01234567-89ab-CDEF-0123-456789abcdef'}", "x in '01234567-89ab-CDEF-0123-456789abcdef'::pg_catalog.uuid"},
    /* intervals */
    {"{interval '5' day}", "interval '5 days' day"},
    {"{interval '163' day(3)}", "interval '163 days' day"},
    /* What a column of such fields may hold although ODBC has no way to say it: the server's own words. */
    {"{interval '3 years' day}", "interval '3 years' day"},
    {"{interval '-1 year -2 mons' day to second(3)}", "interval '-1 year -2 mons' day to second"},
    {"{interval '99999 days -00:00:01' day to second}", "interval '99999 days -00:00:01' day to second"},
    {"{INTERVAL '163' DAY}", "interval '163 days' day"},
    {"{interval '1.5' second(2,1)}", "interval '1.5 seconds' second(1)"},
    {"{interval '1.5' second(2)}", "interval '1.5 seconds' second"},
    {"{interval '1' second(2,9)}", "interval '1 seconds' second(6)"},
    {"{interval '1.0' second(2,0)}", "interval '1 seconds' second(0)"},
    {"{interval '163 12:39' day(3) to minute}", "interval '163 days 12 hours 39 minutes' day to minute"},
    {"{interval '163:59.163' minute(3) to second}", "interval '163 minutes 59.163 seconds' minute to second"},
    {"{interval - '1 02:03:04' day to second(3)}", "interval '-1 days -02 hours -03 minutes -04 seconds' day to second(3)"},
    {"{interval + '3-4' year to month}", "interval '3 years 4 months' year to month"},
    {"{interval - '-3-4' year to month}", "interval '3 years 4 months' year to month"},
    {"{interval '1  2' day to hour}", "interval '1 days 2 hours' day to hour"},
    /* joins, escape, limit */
    {"select * from {oj a left outer join b on a.x = b.x} where ?", "select * from a left outer join b on a.x = b.x where $1"},
    {"from {OJ a left join {oj b left join c on ?} on {fn ABS(?)} = 1}, d", "from a left join b left join c on $1 on pg_catalog.abs($2::numeric) = 1, d"},
    {"a like 'x' {escape '\\'}", "a like 'x' ESCAPE '\\'"},
    {"a like 'x'{escape '!'}and b", "a like 'x'ESCAPE '!'and b"},
    {"a like ? { escape ? }", "a like $1 ESCAPE $2"},
    {"select 1 {limit 10}", "select 1 LIMIT 10"},
    {"select 1 {limit ? offset ?}", "select 1 LIMIT $1 offset $2"},
    /* calls */
    {"{call f}", "SELECT * FROM f()"},
    {"{call f()}", "SELECT * FROM f()"},
    {"{ CALL f ( ) }", "SELECT * FROM f()"},
    {"{call f(1,,)}", "SELECT * FROM f(1)"},
    {"{call f(,)}", "SELECT * FROM f()"},
    {"{call s.f(?, 'a,b', g(1, 2))}", "SELECT * FROM s.f($1, 'a,b', g(1, 2))"},
    {"{call \"S x\".\"f?\"(?)}", "SELECT * FROM \"S x\".\"f?\"($1)"},
    {"{call db . s . f(a => ?)}", "SELECT * FROM db . s . f(a => $1)"},
    {"{? = call f(?, {d '2024-01-01'}, ?)}", "SELECT * FROM f($1, pg_catalog.date '2024-01-01', $2)"},
    {"{?=call f}", "SELECT * FROM f()"},
    {"/* c */ {call f(?)} -- d", "/* c */ SELECT * FROM f($1) -- d"},
    {"select {call f(?)}", "select {call f($1)}"},
    {"select {? = call f(?)}", "select {$1 = call f($2)}"},
};

static void test_escapes(void)
{
    check_all(ESCAPES, ALDB_COUNT(ESCAPES), STD);
}

/* "name(args)": each argument as "name:marker:text", '|' between; "-": no call. */
static const char *routine(const char *text, size_t part)
{
    static char out[512];
    struct aldb_sql sql;
    struct aldb_diag diag;
    struct aldb_sql_routine r;
    aldb_diag_init(&diag);
    snprintf(out, sizeof out, "-");
    CU_ASSERT_NOT_EQUAL_FATAL(aldb_sql_translate(aldb_slice_of(text), STD, &sql, &diag), ALDB_ERR);
    if (aldb_sql_read_call(&sql, part, &r) == ALDB_OK) {
        const char *t = sql.text.data;
        size_t used = (size_t)snprintf(out, sizeof out, "%.*s(", (int)r.name.len, t + r.name.at);
        CU_ASSERT(t[r.open - 1] == '(' && t[r.close] == ')');
        for (size_t i = 0; i < r.nargs; i++) {
            const struct aldb_sql_arg *a = &r.args[i];
            char marker[16] = "";
            if (a->marker != ALDB_SQL_NO_MARKER) {
                snprintf(marker, sizeof marker, "%u", (unsigned)a->marker);
            }
            CU_ASSERT(i == 0 ? a->comma == SIZE_MAX : t[a->comma] == ',');
            used += (size_t)snprintf(out + used, sizeof out - used, "%s%.*s:%s:%.*s", i > 0 ? "|" : "", (int)a->name.len, t + a->name.at, marker,
                                     (int)(a->end - a->begin), t + a->begin);
        }
        snprintf(out + used, sizeof out - used, ")");
        aldb_sql_routine_clear(&r);
    }
    aldb_sql_clear(&sql);
    aldb_diag_clear(&diag);
    return out;
}

static void test_call_arguments(void)
{
    static const struct {
        const char *text;
        size_t part;
        const char *wanted;
    } all[] = {
        {"{call f}", 0, "f()"},
        {"{call f( )}", 0, "f()"},
        {"{call s.\"F\"(?, 1)}", 0, "s.\"F\"(:0:$1|::1)"},
        {"{? = call f(?, ?)}", 0, "f(:1:$1|:2:$2)"},
        {"call f(?)", 0, "f(:0:$1)"},
        {"/* c */ CALL s . f (?, g(?, ?), array[?, 1], ',', ?::int) ;", 0, "s . f(:0:$1|::g($2, $3)|:3:array[$4, 1]|::','|:4:$5::int)"},
        {"{call f(a => ?, b := 2, \"C d\" => ?)}", 0, "f(a:0:a => $1|b::b := 2|\"C d\":1:\"C d\" => $2)"},
        {"{call f(a >= ?, b = ?, c =>?)}", 0, "f(:0:a >= $1|:1:b = $2|c:2:c =>$3)"},
        {"{call f(variadic ?)}", 0, "f(:0:variadic $1)"},
        {"{call f(variadic a => ?, \"variadic\" => ?)}", 0, "f(a:0:variadic a => $1|\"variadic\":1:\"variadic\" => $2)"},
        {"{call f({fn LOCATE(?, 'b', 2)})}", 0, "f(:0:"},
        {"{call f(? /* , */, -- ,\n ?)}", 0, "f(:0:$1|:1:$2)"},
        {"select ?; {call f(?)}; call g(?)", 1, "f(:1:$1)"},
        {"select ?; {call f(?)}; call g(?)", 2, "g(:2:$1)"},
        {"select ?; {call f(?)}", 0, "-"},
        {"do $$ begin end $$", 0, "-"},
        {"call", 0, "-"},
        {"call f", 0, "-"},
        {"call f(1", 0, "-"},
        {"call f(1, (2)", 0, "-"},
        {"call f(, a => , 1)", 0, "f(::|a::a =>|::1)"}, /* the server's to refuse */
        {"call (1)", 0, "-"},
        {"call f.", 0, "-"},
    };
    for (size_t i = 0; i < ALDB_COUNT(all); i++) {
        const char *got = routine(all[i].text, all[i].part);
        if (strncmp(got, all[i].wanted, strlen(all[i].wanted)) != 0) {
            printf("\n    %s: %s, not %s", all[i].text, got, all[i].wanted);
        }
        CU_ASSERT(strncmp(got, all[i].wanted, strlen(all[i].wanted)) == 0);
    }
}

/* Other texts of a call, arguments left out ('x'), all in place and one after the other. */
static void test_call_texts(void)
{
    static const struct {
        enum aldb_sql_call_text text;
        const char *out, *wanted, *as_text;
    } all[] = {
        {ALDB_CALL_TEXT_PROCEDURE, "....", "CALL s.f($1, $2 /* , */, c => $3, 4)", "call s.f($1, $2 /* , */, c => $3, 4)"},
        {ALDB_CALL_TEXT_FUNCTION, ".x.x", "/* c */ SELECT * FROM s.f($1     /* , */, c => $3   )", "call s.f($1     /* , */, c => $3   )"},
        {ALDB_CALL_TEXT_VALUE, "x...", "SELECT s.f(    $2 /* , */, c => $3, 4)", "call s.f(    $2 /* , */, c => $3, 4)"},
        {ALDB_CALL_TEXT_PROCEDURE, "xxxx", "CALL s.f(       /* , */            )", "call s.f(       /* , */            )"},
        {ALDB_CALL_TEXT_FUNCTION, "xx..", "/* c */ SELECT * FROM s.f(       /* , */  c => $3, 4)", "call s.f(       /* , */  c => $3, 4)"},
        {ALDB_CALL_TEXT_FUNCTION, "....", "/* c */ SELECT * FROM s.f($1, $2 /* , */, c => $3, 4)", "call s.f($1, $2 /* , */, c => $3, 4)"},
    };
    static const char *const texts[] = {"/* c */ {call s.f(?, ? /* , */, c => ?, 4)}", "call s.f(?, ? /* , */, c => ?, 4)"};
    for (size_t which = 0; which < ALDB_COUNT(texts); which++) {
        struct aldb_sql sql;
        struct aldb_diag diag;
        struct aldb_sql_routine r;
        aldb_diag_init(&diag);
        CU_ASSERT_EQUAL_FATAL(aldb_sql_translate(aldb_slice_of(texts[which]), STD, &sql, &diag), ALDB_OK);
        CU_ASSERT_EQUAL_FATAL(aldb_sql_read_call(&sql, 0, &r), ALDB_OK);
        CU_ASSERT_EQUAL_FATAL(r.nargs, 4);
        for (size_t i = 0; i < ALDB_COUNT(all); i++) {
            for (size_t n = 0; n < 4; n++) {
                r.args[n].left_out = all[i].out[n] == 'x';
            }
            CU_ASSERT_EQUAL(aldb_sql_write_call(&sql, 0, &r, all[i].text), ALDB_OK);
            const struct aldb_sql_part *p = sql.parts;
            const char *wanted = which == 0 ? all[i].wanted : all[i].as_text;
            CU_ASSERT(aldb_slice_eq(aldb_slice(sql.text.data + p->begin, p->end - p->begin), aldb_slice_of(wanted)));
            CU_ASSERT(aldb_slice_eq(aldb_sql_arg_name(&sql, &r, &r.args[2]), aldb_slice_of("c")));
            CU_ASSERT_EQUAL(aldb_sql_arg_name(&sql, &r, &r.args[0]).len, 0);
            CU_ASSERT(aldb_slice_eq(aldb_sql_all_args(&sql, &r), aldb_slice_of("$1, $2 /* , */, c => $3, 4")));
        }
        aldb_sql_routine_clear(&r);
        aldb_sql_clear(&sql);
        aldb_diag_clear(&diag);
    }
}

static void test_call_fields(void)
{
    struct aldb_sql sql;
    struct aldb_diag diag;
    aldb_diag_init(&diag);
    CU_ASSERT_EQUAL_FATAL(aldb_sql_translate(aldb_slice_of("{? = call s.\"F\"(?, 1)}"), STD, &sql, &diag), ALDB_OK);
    CU_ASSERT_EQUAL(sql.call, ALDB_CALL_RETURN);
    CU_ASSERT_EQUAL(sql.nparams, 2);
    CU_ASSERT_EQUAL(sql.marker_at[0], SIZE_MAX);
    CU_ASSERT_EQUAL(sql.marker_at[1], strlen("SELECT * FROM s.\"F\"("));
    const struct aldb_sql_part *p = sql.parts;
    CU_ASSERT_EQUAL(p->cls, ALDB_SQL_CALL);
    CU_ASSERT_EQUAL(p->call, ALDB_CALL_RETURN);
    CU_ASSERT_EQUAL(p->first_param, 1);
    CU_ASSERT_EQUAL(p->nparams, 1);
    CU_ASSERT(p->writes && p->rows);
    CU_ASSERT(aldb_slice_eq(aldb_slice(sql.text.data + p->call_name.at, p->call_name.len), aldb_slice_of("s.\"F\"")));
    aldb_sql_clear(&sql);

    CU_ASSERT_EQUAL_FATAL(aldb_sql_translate(aldb_slice_of("{?=call f}"), STD, &sql, &diag), ALDB_OK);
    CU_ASSERT_EQUAL(sql.nparams, 1);
    CU_ASSERT_EQUAL_FATAL(sql.marker_at != NULL, true);
    CU_ASSERT_EQUAL(sql.marker_at[0], SIZE_MAX);
    CU_ASSERT_EQUAL(sql.parts[0].nparams, 0);
    aldb_sql_clear(&sql);

    CU_ASSERT_EQUAL_FATAL(aldb_sql_translate(aldb_slice_of("select ?; {call f(?)}"), STD, &sql, &diag), ALDB_OK);
    CU_ASSERT_EQUAL(sql.call, ALDB_CALL_NONE);
    CU_ASSERT_EQUAL(sql.parts[1].call, ALDB_CALL_PLAIN);
    CU_ASSERT_EQUAL(sql.parts[1].first_param, 1);
    aldb_sql_clear(&sql);
    aldb_diag_clear(&diag);
}

/* Every marker stands once, in its order, also where a translation needs its argument twice or in another order. */
static void test_references(void)
{
    struct aldb_sql sql;
    struct aldb_diag diag;
    aldb_diag_init(&diag);
    CU_ASSERT_EQUAL_FATAL(aldb_sql_translate(aldb_slice_of("select ?; select {fn LOCATE(?, ?, ?)}, ?"), STD, &sql, &diag), ALDB_OK);
    check_shape(&sql);
    CU_ASSERT_EQUAL(sql.nparams, 5);
    CU_ASSERT_EQUAL_FATAL(sql.nrefs, 5);
    for (uint32_t i = 0; i < sql.nrefs; i++) {
        CU_ASSERT_EQUAL(sql.refs[i].param, i);
        CU_ASSERT_EQUAL(sql.refs[i].at, sql.marker_at[i]);
    }
    CU_ASSERT_EQUAL(sql.parts[1].first_param, 1);
    CU_ASSERT_EQUAL(sql.parts[1].nparams, 4);
    aldb_sql_clear(&sql);
    aldb_diag_clear(&diag);
}

enum { R = 1, W = 2, ROWS = 4 };

static const struct {
    const char *text;
    enum aldb_sql_class cls;
    int flags; /* R has RETURNING, W writes, ROWS may return rows */
} CLASSES[] = {
    {"", ALDB_SQL_EMPTY, 0},
    {" /* select */ -- x", ALDB_SQL_EMPTY, 0},
    {"select 1", ALDB_SQL_SELECT, ROWS},
    {"SELECT", ALDB_SQL_SELECT, ROWS},
    {"/* x */ select 1", ALDB_SQL_SELECT, ROWS},
    {"-- x\nselect 1", ALDB_SQL_SELECT, ROWS},
    {"(select 1)", ALDB_SQL_SELECT, ROWS},
    {"((select 1) union (select 2))", ALDB_SQL_SELECT, ROWS},
    {"select * from t for update", ALDB_SQL_SELECT, W | ROWS},
    {"select * from t FOR NO KEY UPDATE of t", ALDB_SQL_SELECT, W | ROWS},
    {"select * from t for share skip locked", ALDB_SQL_SELECT, W | ROWS},
    {"select * from t for key share limit 1", ALDB_SQL_SELECT, W | ROWS},
    {"(table t for update)", ALDB_SQL_SELECT, W | ROWS},
    {"select * from (select * from t for/**/update) s", ALDB_SQL_SELECT, W | ROWS},
    {"select exists (select from t for -- x\n share)", ALDB_SQL_SELECT, W | ROWS},
    {"select a.for, update, share from t a where 'for update' = \"for\"", ALDB_SQL_SELECT, ROWS},
    {"select substring(s for 2), substring(s for n) from t", ALDB_SQL_SELECT, ROWS},
    {"values (1)", ALDB_SQL_SELECT, ROWS},
    {"table t", ALDB_SQL_SELECT, ROWS},
    {"show all", ALDB_SQL_SELECT, ROWS},
    {"\"select\" 1", ALDB_SQL_UTILITY, W | ROWS},
    {"selects 1", ALDB_SQL_UTILITY, W | ROWS},
    {"select 1 into t", ALDB_SQL_SELECT_INTO, W},
    {"select a, b INTO TEMP t from u", ALDB_SQL_SELECT_INTO, W},
    {"(select 1 into t)", ALDB_SQL_SELECT_INTO, W},
    {"select 'into', \"into\", a.into, 1 as into from t", ALDB_SQL_SELECT, ROWS},
    {"select (select 1) from t", ALDB_SQL_SELECT, ROWS},
    {"insert into t values (1)", ALDB_SQL_INSERT, W},
    {"insert into t select 1 returning a", ALDB_SQL_INSERT, W | R | ROWS},
    {"insert into t values ('returning')", ALDB_SQL_INSERT, W},
    {"insert into t values ((select returning))", ALDB_SQL_INSERT, W},
    {"insert into t values (1) on conflict (a) do update set b = 1 RETURNING *", ALDB_SQL_INSERT, W | R | ROWS},
    {"insert into t select 1 as returning", ALDB_SQL_INSERT, W},
    {"update t set a = 1", ALDB_SQL_UPDATE, W},
    {"update t set a = 1 returning (a)", ALDB_SQL_UPDATE, W | R | ROWS},
    {"delete from t", ALDB_SQL_DELETE, W},
    {"delete from t returning a", ALDB_SQL_DELETE, W | R | ROWS},
    {"merge into t using s on true when matched then delete", ALDB_SQL_MERGE, W},
    {"merge into t using s on true when matched then do nothing returning t.a", ALDB_SQL_MERGE, W | R | ROWS},
    {"with x as (select 1) select * from x", ALDB_SQL_SELECT, ROWS},
    {"with recursive x (a) as (values (1) union all select a + 1 from x) select * from x", ALDB_SQL_SELECT, ROWS},
    {"with x as not materialized (select 1), y as (select 2) table x", ALDB_SQL_SELECT, ROWS},
    {"with x as (select * from t for update) select 1", ALDB_SQL_SELECT, W | ROWS},
    {"with x as (select 1) select * from x for update", ALDB_SQL_SELECT, W | ROWS},
    {"with x as (select 1) (select * from x)", ALDB_SQL_SELECT, ROWS},
    {"with x as (select delete from t), y as (select (update) from t) select 1", ALDB_SQL_SELECT, ROWS},
    {"with update as (select 1), delete as (select 2) select * from update, delete", ALDB_SQL_SELECT, ROWS},
    {"with x as (select 'insert into', \"insert into\") select 1", ALDB_SQL_SELECT, ROWS},
    {"with x as (select 1) select * into t from x", ALDB_SQL_SELECT_INTO, W},
    {"with x as (insert into t values (1) returning a) select * from x", ALDB_SQL_WITH_DML, W | ROWS},
    {"with x as (update t set a = 1 returning a) select * from x", ALDB_SQL_WITH_DML, W | ROWS},
    {"with x as (update only t set a = 1 returning a) select * from x", ALDB_SQL_WITH_DML, W | ROWS},
    {"with x as (update \"t\" set a = 1) select 1", ALDB_SQL_WITH_DML, W | ROWS},
    {"with x as materialized (delete from t) select 1", ALDB_SQL_WITH_DML, W | ROWS},
    {"with x as (merge into t using s on true when matched then delete) select 1", ALDB_SQL_WITH_DML, W | ROWS},
    {"with x as (with y as (select 1) insert into t select * from y returning *) select * from x", ALDB_SQL_WITH_DML, W | ROWS},
    {"with x as (select 1) insert into t select * from x", ALDB_SQL_WITH_DML, W},
    {"with x as (select 1) insert into t select * from x returning *", ALDB_SQL_WITH_DML, W | R | ROWS},
    {"with x as (insert into t values (1) returning a) update u set b = 1", ALDB_SQL_WITH_DML, W},
    {"with x as (select 1) update t set a = 1 from x", ALDB_SQL_WITH_DML, W},
    {"with x as (select 1) delete from t using x returning 1", ALDB_SQL_WITH_DML, W | R | ROWS},
    {"with x as (select 1) merge into t using x on true when matched then delete", ALDB_SQL_WITH_DML, W},
    {"with recursive x as (select 1) search depth first by a set o insert into t select 1", ALDB_SQL_WITH_DML, W},
    {"with values as (select 1) insert into t select 1", ALDB_SQL_WITH_DML, W},
    {"call p(1)", ALDB_SQL_CALL, W | ROWS},
    {"do $$ begin end $$", ALDB_SQL_CALL, W},
    {"{call p(1)}", ALDB_SQL_CALL, W | ROWS},
    {"begin", ALDB_SQL_TXN_BEGIN, W},
    {"BEGIN ISOLATION LEVEL SERIALIZABLE", ALDB_SQL_TXN_BEGIN, W},
    {"start transaction read only", ALDB_SQL_TXN_BEGIN, W},
    {"commit", ALDB_SQL_TXN_COMMIT, W},
    {"/* x */ COMMIT", ALDB_SQL_TXN_COMMIT, W},
    {"commit work and chain", ALDB_SQL_TXN_COMMIT, W},
    {"end", ALDB_SQL_TXN_COMMIT, W},
    {"prepare transaction 'x'", ALDB_SQL_TXN_COMMIT, W},
    {"prepare x as select 1", ALDB_SQL_UTILITY, W},
    {"commit prepared 'x'", ALDB_SQL_NO_BLOCK, W},
    {"rollback prepared 'x'", ALDB_SQL_NO_BLOCK, W},
    {"rollback", ALDB_SQL_TXN_ROLLBACK, W},
    {"rollback transaction and no chain", ALDB_SQL_TXN_ROLLBACK, W},
    {"abort", ALDB_SQL_TXN_ROLLBACK, W},
    {"rollback to x", ALDB_SQL_SAVEPOINT_END, W},
    {"rollback to savepoint x", ALDB_SQL_SAVEPOINT_END, W},
    {"rollback work to savepoint x", ALDB_SQL_SAVEPOINT_END, W},
    {"rollback /* c */ transaction to x", ALDB_SQL_SAVEPOINT_END, W},
    {"savepoint x", ALDB_SQL_SAVEPOINT, W},
    {"release savepoint x", ALDB_SQL_SAVEPOINT_END, W},
    {"set transaction read only", ALDB_SQL_SET_TXN, W},
    {"set local transaction read only", ALDB_SQL_SET_TXN, W},
    {"set session characteristics as transaction read only", ALDB_SQL_SET_TXN, W},
    {"set transaction_isolation = 'serializable'", ALDB_SQL_SET_TXN, W},
    {"set local transaction_read_only to on", ALDB_SQL_SET_TXN, W},
    {"set search_path = a", ALDB_SQL_SET, W},
    {"set local x.y = 1", ALDB_SQL_SET, W},
    {"set session authorization bob", ALDB_SQL_SET, W},
    {"reset all", ALDB_SQL_SET, W},
    {"discard temp", ALDB_SQL_SET, W},
    {"discard all", ALDB_SQL_NO_BLOCK, W},
    {"deallocate all", ALDB_SQL_SET, W},
    {"create table t (a int)", ALDB_SQL_DDL, W},
    {"create table t as select 1", ALDB_SQL_DDL, W},
    {"create view v as with x as (insert into t values (1)) select 1", ALDB_SQL_DDL, W},
    {"create index on t (a)", ALDB_SQL_DDL, W},
    {"create index concurrently on t (a)", ALDB_SQL_NO_BLOCK, W},
    {"create unique index concurrently if not exists i on t (a)", ALDB_SQL_NO_BLOCK, W},
    {"create index \"concurrently\" on t (a)", ALDB_SQL_DDL, W},
    {"drop index concurrently if exists i", ALDB_SQL_NO_BLOCK, W},
    {"drop index i", ALDB_SQL_DDL, W},
    {"reindex table t", ALDB_SQL_DDL, W},
    {"reindex (verbose, concurrently) table t", ALDB_SQL_NO_BLOCK, W},
    {"reindex index concurrently i", ALDB_SQL_NO_BLOCK, W},
    {"reindex database d", ALDB_SQL_NO_BLOCK, W},
    {"reindex (verbose) system d", ALDB_SQL_NO_BLOCK, W},
    {"reindex schema s", ALDB_SQL_NO_BLOCK, W},
    {"refresh materialized view concurrently v", ALDB_SQL_DDL, W},
    {"alter table t detach partition p concurrently", ALDB_SQL_NO_BLOCK, W},
    {"alter table only s.t detach partition p finalize", ALDB_SQL_DDL, W},
    {"alter system set a = 1", ALDB_SQL_NO_BLOCK, W},
    {"alter database d set tablespace s", ALDB_SQL_NO_BLOCK, W},
    {"alter database \"d\" set tablespace s", ALDB_SQL_NO_BLOCK, W},
    {"alter database d set work_mem = 1", ALDB_SQL_DDL, W},
    {"alter type t add value 'x'", ALDB_SQL_DDL, W},
    {"create database d", ALDB_SQL_NO_BLOCK, W},
    {"drop database if exists d", ALDB_SQL_NO_BLOCK, W},
    {"create tablespace s location '/x'", ALDB_SQL_NO_BLOCK, W},
    {"drop tablespace s", ALDB_SQL_NO_BLOCK, W},
    {"vacuum full t", ALDB_SQL_NO_BLOCK, W},
    {"cluster", ALDB_SQL_NO_BLOCK, W},
    {"cluster verbose", ALDB_SQL_NO_BLOCK, W},
    {"cluster (verbose)", ALDB_SQL_NO_BLOCK, W},
    {"cluster t using i", ALDB_SQL_UTILITY, W},
    {"cluster \"t\"", ALDB_SQL_UTILITY, W},
    {"cluster verbose t", ALDB_SQL_UTILITY, W},
    {"create subscription s connection 'x' publication p", ALDB_SQL_NO_BLOCK, W},
    {"create subscription s connection 'x' publication p with (create_slot = false, enabled = true)", ALDB_SQL_DDL, W},
    {"create subscription s connection 'x' publication p with (create_slot = true, enabled = false)", ALDB_SQL_NO_BLOCK, W},
    {"create subscription s connection 'x' publication p with (connect = false)", ALDB_SQL_DDL, W},
    {"drop subscription s", ALDB_SQL_NO_BLOCK, W},
    {"alter subscription s refresh publication with (copy_data = false)", ALDB_SQL_NO_BLOCK, W},
    {"alter subscription s add publication p", ALDB_SQL_NO_BLOCK, W},
    {"alter subscription s set publication p with (refresh = false)", ALDB_SQL_DDL, W},
    {"alter subscription s set (failover = false)", ALDB_SQL_NO_BLOCK, W},
    {"alter subscription s disable", ALDB_SQL_DDL, W},
    {"comment on table t is 'x'", ALDB_SQL_DDL, W},
    {"grant select on t to u", ALDB_SQL_DDL, W},
    {"revoke all on t from u", ALDB_SQL_DDL, W},
    {"truncate t", ALDB_SQL_DDL, W},
    {"security label on table t is 'x'", ALDB_SQL_DDL, W},
    {"import foreign schema s from server v into t", ALDB_SQL_DDL, W},
    {"reassign owned by a to b", ALDB_SQL_DDL, W},
    {"copy t from stdin", ALDB_SQL_COPY_IN, W},
    {"copy t from stdout", ALDB_SQL_COPY_IN, W},
    {"copy (select 1) to stdout with (format csv)", ALDB_SQL_COPY_OUT, ROWS},
    {"copy t to stdin", ALDB_SQL_COPY_OUT, ROWS},
    {"COPY t (a, b) FROM STDIN", ALDB_SQL_COPY_IN, W},
    {"copy (delete from t returning a) to stdout", ALDB_SQL_COPY_OUT, W | ROWS},
    {"copy (select a from t for update) to stdout", ALDB_SQL_COPY_OUT, W | ROWS},
    {"copy (with x as (insert into t values (1) returning a) select a from x) to stdout", ALDB_SQL_COPY_OUT, W | ROWS},
    {"copy t to '/tmp/x'", ALDB_SQL_UTILITY, W},
    {"copy t from program 'cat stdin'", ALDB_SQL_UTILITY, W},
    {"copy stdin from '/tmp/x'", ALDB_SQL_UTILITY, W},
    {"explain select 1", ALDB_SQL_UTILITY, ROWS},
    {"explain insert into t values (1)", ALDB_SQL_UTILITY, ROWS},
    {"explain analyze select 1", ALDB_SQL_UTILITY, ROWS},
    {"explain analyze insert into t values (1)", ALDB_SQL_UTILITY, W | ROWS},
    {"explain (analyze, buffers) update t set a = 1", ALDB_SQL_UTILITY, W | ROWS},
    {"explain (analyze) select * from t for update", ALDB_SQL_UTILITY, W | ROWS},
    {"explain select * from t for update", ALDB_SQL_UTILITY, ROWS},
    {"explain analyze verbose with x as (delete from t) select 1", ALDB_SQL_UTILITY, W | ROWS},
    {"explain analyze create table t as select 1", ALDB_SQL_UTILITY, W | ROWS},
    {"explain analyze values (1)", ALDB_SQL_UTILITY, ROWS},
    {"explain (analyze) with x as (select 1) select * from x", ALDB_SQL_UTILITY, ROWS},
    {"explain analyze execute p", ALDB_SQL_UTILITY, W | ROWS},
    {"explain select analyze from t", ALDB_SQL_UTILITY, ROWS},
    {"execute p(1)", ALDB_SQL_UTILITY, W | ROWS},
    {"fetch all from c", ALDB_SQL_UTILITY, W | ROWS},
    {"declare c cursor for select 1", ALDB_SQL_UTILITY, W},
    {"listen x", ALDB_SQL_UTILITY, W},
    {"lock table t", ALDB_SQL_UTILITY, W},
    {"analyze t", ALDB_SQL_UTILITY, W},
    {"frobnicate", ALDB_SQL_UTILITY, W | ROWS},
    {"?", ALDB_SQL_UTILITY, W | ROWS},
    {"'select'", ALDB_SQL_UTILITY, W | ROWS},
};

/* Which COPY gives the pieces of a binary file, as far as its words say. */
static void test_copy_binary(void)
{
    static const struct {
        const char *text;
        bool binary;
    } list[] = {
        {"copy t to stdout (format binary)", true},       {"copy t to stdout with binary", true},
        {"copy binary t to stdout", true},                {"COPY t TO STDOUT WITH (FORMAT BINARY)", true},
        {"copy t to stdout", false},                      {"copy t to stdout (format csv, null 'binary')", false},
        {"copy (select 1 as binary) to stdout", false},   {"copy \"binary\" to stdout", false},
        {"copy t from stdin (format binary)", false},     {"copy t to '/tmp/x' (format binary)", false},
    };
    for (size_t i = 0; i < ALDB_COUNT(list); i++) {
        struct aldb_sql sql;
        struct aldb_diag diag;
        aldb_diag_init(&diag);
        CU_ASSERT_EQUAL_FATAL(aldb_sql_translate(aldb_slice_of(list[i].text), STD, &sql, &diag), ALDB_OK);
        CU_ASSERT_EQUAL(sql.parts[0].binary, list[i].binary);
        aldb_sql_clear(&sql);
        aldb_diag_clear(&diag);
    }
}

static void test_classes(void)
{
    for (size_t i = 0; i < ALDB_COUNT(CLASSES); i++) {
        struct aldb_sql sql;
        struct aldb_diag diag;
        aldb_diag_init(&diag);
        CU_ASSERT_EQUAL_FATAL(aldb_sql_translate(aldb_slice_of(CLASSES[i].text), STD, &sql, &diag), ALDB_OK);
        const struct aldb_sql_part *p = sql.parts;
        int flags = (p->returning ? R : 0) | (p->writes ? W : 0) | (p->rows ? ROWS : 0);
        if (p->cls != CLASSES[i].cls || flags != CLASSES[i].flags) {
            char got[64], wanted[64];
            snprintf(got, sizeof got, "class %d flags %d", p->cls, flags);
            snprintf(wanted, sizeof wanted, "class %d flags %d", CLASSES[i].cls, CLASSES[i].flags);
            complain(CLASSES[i].text, got, wanted);
        }
        CU_ASSERT_EQUAL(p->cls, CLASSES[i].cls);
        CU_ASSERT_EQUAL(flags, CLASSES[i].flags);
        CU_ASSERT_EQUAL(sql.nparts, 1);
        aldb_sql_clear(&sql);
        aldb_diag_clear(&diag);
    }
    static const struct {
        const char *text;
        bool adds;
    } nulls[] = {
        {"select * from a left join b on true", true},   {"select * from a LEFT OUTER JOIN b on true", true},
        {"select * from a right join b on true", true},  {"select * from (select * from a full join b on true) c", true},
        {"select * from {oj a left outer join b on true}", true}, {"with c as (select 1 from a natural left join b) select * from c", true},
        {"select a from t group by rollup (a)", true},   {"select a from t group by cube (a)", true},
        {"select a from t group by grouping sets ((a), ())", true}, {"execute p", true}, {"fetch c", true}, {"{call f()}", true},
        {"select * from a join b on true", false},       {"select left(a, 1), right(a, 1) from a cross join b", false},
        {"select 'left join' from a inner join b on true", false}, {"insert into t values (1) returning a", false}, {"table t", false},
    };
    for (size_t i = 0; i < ALDB_COUNT(nulls); i++) {
        struct aldb_sql sql;
        struct aldb_diag diag;
        aldb_diag_init(&diag);
        CU_ASSERT_EQUAL_FATAL(aldb_sql_translate(aldb_slice_of(nulls[i].text), STD, &sql, &diag), ALDB_OK);
        CU_ASSERT_EQUAL(sql.parts[0].adds_nulls, nulls[i].adds);
        aldb_sql_clear(&sql);
        aldb_diag_clear(&diag);
    }
    CU_ASSERT(aldb_sql_plannable(ALDB_SQL_SELECT) && aldb_sql_plannable(ALDB_SQL_CALL) && aldb_sql_plannable(ALDB_SQL_WITH_DML));
    CU_ASSERT(!aldb_sql_plannable(ALDB_SQL_EMPTY) && !aldb_sql_plannable(ALDB_SQL_DDL) && !aldb_sql_plannable(ALDB_SQL_UTILITY));
}

/* Text, SQLSTATE, and what the message must contain. */
static const struct {
    const char *text, *state, *contains;
} ERRORS[] = {
    {"select 'abc", "42000", "string literal: it begins at character 8"},
    {"select 'é', 'abc''", "42000", "character 13"},
    {"select E'abc\\'", "42000", "string literal"},
    {"select E'abc\\", "42000", "string literal"},
    {"select E'a'\n'b", "42000", "string literal: it begins at character 8"},
    {"select U&'a", "42000", "string literal"},
    {"select X'a", "42000", "string literal"},
    {"'", "42000", "character 1"},
    {"select \"abc", "42000", "quoted identifier"},
    {"select U&\"abc", "42000", "quoted identifier"},
    {"select /* /* */", "42000", "comment: it begins at character 8"},
    {"/*", "42000", "comment"},
    {"/*/", "42000", "comment"},
    {"select $a$ $b$", "42000", "dollar-quoted string: it begins at character 8"},
    {"select $$", "42000", "dollar-quoted string"},
    {"select 1; select 'x", "42000", "character 18"},
    {"{fn", "42000", "at character 1 is not closed"},
    {"{fn}", "42000", "at character 1 names no function"},
    {"select {fn /* nothing */ }", "42000", "at character 8 names no function"},
    {"select {fn UCASE(a)", "42000", "at character 8 is not closed"},
    {"select {fn UCASE(a", "42000", "at character 8 is not closed"},
    {"select {fn UCASE(a}", "42000", "a ) is missing"},
    {"select {fn UCASE({fn LCASE(a)}", "42000", "not closed"},
    {"select {fn UCASE('a)}", "42000", "string literal"},
    {"select {fn foo(a)", "42000", "not closed"},
    {"select {oj a", "42000", "not closed"},
    {"a like b {escape '\\'", "42000", "not closed"},
    {"{call f(1)", "42000", "not closed"},
    {"{call f(1}", "42000", "a ) is missing"},
    {"{call f(1", "42000", "not closed"},
    {"{call", "42000", "needs the name"},
    {"{call (1)}", "42000", "needs the name"},
    {"{call f.}", "42000", "needs the name"},
    {"{call f(1) x}", "42000", "should end here"},
    {"{call f 1}", "42000", "should end here"},
    {"{call f(1,,2)}", "07S01", "Character 11"},
    {"{call f(,2)}", "07S01", "name those"},
    {"select ?; {? = call f()}", "42000", "first statement"},
    {"select 1; {? = call f()}", "42000", "first statement"},
    {"{d '2024-01-01'", "42000", "not closed"},
    {"{d '2024-01-01' 'x}", "42000", "string literal"},
    {"{t '10:11:'}", "22007", ""},
    {"{interval '5:1.x' minute to second}", "22007", ""},
    {"{interval '5;1' minute to second}", "22007", ""},
    {"{interval - '3 years' day}", "22007", ""},
    {"{interval '3 years'' ' day}", "22007", ""},
    {"{interval '5' second(1,x)}", "42000", "should read"},
    {"select $1, ?; select 1", "42000", "beside"},
    {"{d '2024-01-01' x}", "42000", "should end here"},
    {"{d ?}", "42000", "takes a literal"},
    {"{d 2024-01-01}", "42000", "takes a literal"},
    {"{d}", "42000", "takes a literal"},
    {"{d", "42000", "takes a literal"},
    {"{d E'2024-01-01'}", "42000", "takes a literal"},
    {"{d 'x", "42000", "string literal"},
    {"{d '2024-01'}", "22007", "yyyy-mm-dd"},
    {"{d '24-01-01'}", "22007", "at character 1 "},
    {"{d ''}", "22007", ""},
    {"{d '2024-01-01 10:00:00'}", "22007", ""},
    {"{d '01/02/2024'}", "22007", ""},
    {"{d '2024-001-01'}", "22007", ""},
    {"{d '2024-01-01''; drop table t; --'}", "22007", ""},
    {"{t '10'}", "22007", "hh:mm:ss"},
    {"{t '10:11:12.5x'}", "22007", ""},
    {"{t '10-11-12'}", "22007", ""},
    {"{t '2024-01-01 10:00:00'}", "22007", ""},
    {"{ts '2024-01-01T10:00:00'}", "22007", ""},
    {"{ts '2024-01-01 10:00:00+02'}", "22007", ""},
    {"{ts 'now'}", "22007", ""},
    {"{guid '01234567-89ab-cdef-0123-456789abcde'}", "22018", "hexadecimal"},
    {"{guid '01234567-89ab-cdef-0123-456789abcdeg'}", "22018", ""},
    {"{guid '0123456789abcdef0123456789abcdef0000'}", "22018", ""},
    {"{guid ?}", "42000", ""},
    {"{interval ?}", "42000", ""},
    {"{interval '5'}", "42000", "should read"},
    {"{interval '5' fortnight}", "42000", "should read"},
    {"{interval '5' day(x)}", "42000", "should read"},
    {"{interval '5' day(0)}", "42000", "should read"},
    {"{interval '5' day(2}", "42000", "should read"},
    {"{interval '5' day(2,3)}", "42000", "should read"},
    {"{interval '5-1' day to month}", "42000", "should read"},
    {"{interval '5-1' year to day}", "42000", "should read"},
    {"{interval '5 1' hour to day}", "42000", "should read"},
    {"{interval '5 1' day to hour(3)}", "42000", "should read"},
    {"{interval '5' day x}", "42000", "should end here"},
    {"{interval 'x' day}", "22007", ""},
    {"{interval '' day}", "22007", ""},
    {"{interval '5-1' day}", "22007", ""},
    {"{interval '5 1' day}", "22007", ""},
    {"{interval '5' year to month}", "22007", ""},
    {"{interval '5 10:11' day to second}", "22007", ""},
    {"{interval '5.5' day}", "22007", ""},
    {"{interval '163' day(2)}", "22015", "out of range"},
    {"{interval '100' second(2,1)}", "22015", ""},
    {"{interval '1-12' year to month}", "22015", ""},
    {"{interval '1 24' day to hour}", "22015", ""},
    {"{interval '1:60' hour to minute}", "22015", ""},
    {"{interval '1:60.5' minute to second}", "22015", ""},
    {"{fn CONVERT(a, SQL_CHAR x)}", "42000", "Character 16: {fn CONVERT} knows no such type"},
    {"{fn CONVERT(a, sql_eon)}", "42000", "no such type"},
    {"{fn TIMESTAMPADD(SQL_TSI_EON, 1, a)}", "42000", "Character 18: {fn TIMESTAMPADD} knows no such interval"},
    {"{fn TIMESTAMPDIFF(sql_tsi_day + 1, a, b)}", "42000", "no such interval"},
    {"select $1, ?", "42000", "cannot stand beside"},
    {"select ?; select {fn UCASE($2)}, ?", "42000", "Character 28"},
};

static void check_error(struct aldb_slice text, struct aldb_sql_flags flags, const char *state, const char *contains)
{
    struct aldb_sql sql;
    struct aldb_buf native;
    struct aldb_diag diag;
    aldb_diag_init(&diag);
    CU_ASSERT_EQUAL(aldb_sql_translate(text, flags, &sql, &diag), ALDB_ERR);
    const struct aldb_diag_record *r = aldb_diag_get(&diag, 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(r);
    if (strcmp(r->state, state) != 0 || strstr(aldb_diag_message(r), contains) == NULL) {
        complain(text.ptr, aldb_diag_message(r), contains);
    }
    CU_ASSERT_STRING_EQUAL(r->state, state);
    CU_ASSERT_PTR_NOT_NULL(strstr(aldb_diag_message(r), contains));
    aldb_sql_clear(&sql);
    aldb_sql_clear(&sql); /* twice is harmless */
    aldb_diag_clear(&diag);
    /* SQLNativeSql finds the same, except for what concerns parameters and several statements. */
    aldb_buf_init(&native, ALDB_MAX_SQL);
    if (strstr(contains, "beside") == NULL && strstr(contains, "first statement") == NULL && text.ptr[0] != 's') {
        CU_ASSERT_EQUAL(aldb_sql_native(text, flags, &native, &diag), ALDB_ERR);
    }
    aldb_buf_clear(&native);
    aldb_diag_clear(&diag);
}

static void test_errors(void)
{
    for (size_t i = 0; i < ALDB_COUNT(ERRORS); i++) {
        check_error(aldb_slice_of(ERRORS[i].text), STD, ERRORS[i].state, ERRORS[i].contains);
    }
    check_error(aldb_slice_of("select '\\'"), OLD, "42000", "string literal");
    check_error(aldb_slice("select 1\0", 9), STD, "42000", "NUL character (at character 9)");
    check_error(aldb_slice("\0", 1), STD, "42000", "NUL");
    check_error(aldb_slice("select 'é\0'", 12), STD, "42000", "at character 10");
}

/* Cutting every text at every place neither crashes nor reads on. */
static void test_truncations(void)
{
    static const struct aldb_sql_flags *const all[] = {&STD, &OLD, &NOSCAN};
    for (size_t i = 0; i < ALDB_COUNT(ESCAPES) + ALDB_COUNT(LEXING); i++) {
        const char *text = i < ALDB_COUNT(ESCAPES) ? ESCAPES[i].text : LEXING[i - ALDB_COUNT(ESCAPES)].text;
        for (size_t len = 0; len < strlen(text); len++) {
            char *exact = malloc(len ? len : 1);
            memcpy(exact, text, len);
            for (size_t f = 0; f < ALDB_COUNT(all); f++) {
                struct aldb_sql sql;
                struct aldb_diag diag;
                aldb_diag_init(&diag);
                enum aldb_rc rc = aldb_sql_translate(aldb_slice(exact, len), *all[f], &sql, &diag);
                CU_ASSERT(rc == ALDB_ERR ? aldb_diag_has_error(&diag) : !aldb_diag_has_error(&diag));
                if (rc != ALDB_ERR) {
                    check_shape(&sql);
                }
                aldb_sql_clear(&sql);
                aldb_diag_clear(&diag);
            }
            free(exact);
        }
    }
}

static void test_warnings(void)
{
    static const struct pair pairs[] = {
        {"{t '23:59:59.9999999'}", "time '23:59:59.999999'"},
        {"{ts '2024-12-31 23:59:59.9999999'}", "timestamp '2024-12-31 23:59:59.999999'"},
        {"{interval '1.57' second(2,1)}", "interval '1.5 seconds' second(1)"},
        {"{interval '1.5' second(2,0)}", "interval '1 seconds' second(0)"},
    };
    for (size_t i = 0; i < ALDB_COUNT(pairs); i++) {
        struct aldb_sql sql;
        struct aldb_diag diag;
        aldb_diag_init(&diag);
        CU_ASSERT_EQUAL(aldb_sql_translate(aldb_slice_of(pairs[i].text), STD, &sql, &diag), ALDB_INFO);
        CU_ASSERT_EQUAL(aldb_diag_count(&diag), 1);
        CU_ASSERT_STRING_EQUAL(aldb_diag_get(&diag, 1)->state, "01S07");
        CU_ASSERT_STRING_EQUAL(sql.text.data, pairs[i].wanted);
        aldb_sql_clear(&sql);
        aldb_diag_clear(&diag);
    }
}

static void test_native(void)
{
    static const struct pair pairs[] = {
        {"select ?, {fn UCASE(?)}; select a ?? b, {d '2024-01-01'} ;", "select ?, pg_catalog.upper(?); select a ?? b, pg_catalog.date '2024-01-01' ;"},
        {"{? = call f(?)}", "SELECT * FROM f(?)"},
        {"select 1; {call f}", "select 1; SELECT * FROM f()"},
        {"  x  ", "  x  "},
        {"", ""},
        {"select $1, ?", "select $1, ?"},
        {"{fn MOD(?, ?)}", "pg_catalog.mod(?::numeric, ?::numeric)"},
        {"{fn LOCATE(?, ?)}", "position(?::pg_catalog.text IN ?::pg_catalog.text)"},
        {"{fn INSERT(?, ?, 1, ?)}",
         "(SELECT overlay(a1 PLACING a4 FROM a2 FOR a3) FROM (SELECT ?::pg_catalog.text AS a1, ?::integer AS a2, 1 AS a3, ?::pg_catalog.text AS a4) AS args)"},
    };
    for (size_t i = 0; i < ALDB_COUNT(pairs); i++) {
        struct aldb_buf b;
        struct aldb_diag diag;
        aldb_diag_init(&diag);
        aldb_buf_init(&b, ALDB_MAX_SQL);
        CU_ASSERT_EQUAL(aldb_sql_native(aldb_slice_of(pairs[i].text), STD, &b, &diag), ALDB_OK);
        CU_ASSERT_STRING_EQUAL(aldb_buf_cstr(&b), pairs[i].wanted);
        /* Another round changes nothing, unless it was a call. */
        if (strstr(pairs[i].text, "call") == NULL) {
            struct aldb_buf again;
            aldb_buf_init(&again, ALDB_MAX_SQL);
            CU_ASSERT_EQUAL(aldb_sql_native(aldb_buf_slice(&b), STD, &again, &diag), ALDB_OK);
            if (strcmp(aldb_buf_cstr(&again), pairs[i].wanted) != 0) {
                complain(pairs[i].wanted, aldb_buf_cstr(&again), pairs[i].wanted);
            }
            CU_ASSERT_STRING_EQUAL(aldb_buf_cstr(&again), pairs[i].wanted);
            aldb_buf_clear(&again);
        }
        aldb_buf_clear(&b);
        aldb_diag_clear(&diag);
    }
}

static size_t characters(const char *s, size_t len)
{
    size_t n = 0;
    for (size_t i = 0; i < len; i++) {
        n += ((unsigned char)s[i] & 0xC0) != 0x80;
    }
    return n;
}

/* Names for arguments that the text has none for. */
static void test_call_names(void)
{
    static const struct {
        const char *text, *names[4], *wanted;
    } all[] = {
        {"{call f(?, ?)}", {"b", "a"}, "SELECT * FROM f(\"b\" => $1, \"a\" => $2)"},
        {"{call f(?, ?)}", {NULL, "A \"b\""}, "SELECT * FROM f($1, \"A \"\"b\"\"\" => $2)"},
        {"{call f(?, variadic ?)}", {NULL, "c"}, "SELECT * FROM f($1, variadic \"c\" => $2)"},
        {"{call f(c => ?, ? + 1)}", {"b", "d"}, "SELECT * FROM f(c => $1, \"d\" => $2 + 1)"},
        {"select 'ä'; /* ä */ {call f(?, X, größe + ?, X)}; select X", {"ä", NULL, "ß"},
         "/* ä */ SELECT * FROM f(\"ä\" => $1, X, \"ß\" => größe + $2, X)"},
        {"{call f(?, /* X */ ?, X)}", {"a", "left out", "b"}, "SELECT * FROM f(\"a\" => $1  /* X */   , \"b\" => X)"},
        {"{call f(?)}", {NULL}, "SELECT * FROM f($1)"},
    };
    for (size_t i = 0; i < ALDB_COUNT(all); i++) {
        struct aldb_sql sql;
        struct aldb_diag diag;
        struct aldb_sql_routine r;
        aldb_diag_init(&diag);
        CU_ASSERT_EQUAL_FATAL(aldb_sql_translate(aldb_slice_of(all[i].text), STD, &sql, &diag), ALDB_OK);
        size_t part = sql.nparts > 1;
        CU_ASSERT_EQUAL_FATAL(aldb_sql_read_call(&sql, part, &r), ALDB_OK);
        for (size_t n = 0; n < r.nargs; n++) {
            r.args[n].given = aldb_slice_of(all[i].names[n]);
            r.args[n].left_out = all[i].names[n] && strcmp(all[i].names[n], "left out") == 0;
        }
        for (int round = 0; round < 2; round++) {
            CU_ASSERT_EQUAL(aldb_sql_write_call(&sql, part, &r, ALDB_CALL_TEXT_FUNCTION), ALDB_OK);
            struct aldb_slice got = aldb_sql_part_text(&sql, part);
            if (strcmp(got.ptr, all[i].wanted) != 0) {
                printf("\n    %s, not %s", got.ptr, all[i].wanted);
            }
            CU_ASSERT(strcmp(got.ptr, all[i].wanted) == 0 && got.len == strlen(all[i].wanted));
        }
        /* Each letter that the application wrote is where it was. */
        const char *mine = strpbrk(all[i].text, "X(");
        for (const char *at = strpbrk(all[i].wanted, "X("); at != NULL; at = strpbrk(at + 1, "X("), mine = strpbrk(mine + 1, "X(")) {
            size_t here = characters(all[i].wanted, (size_t)(at - all[i].wanted)) + 1;
            CU_ASSERT_EQUAL(aldb_sql_map_position(&sql, part, here), characters(all[i].text, (size_t)(mine - all[i].text)) + 1);
        }
        /* Every letter of a name in front of a marker is where the marker is. */
        const char *name = all[i].names[0] && r.args[0].name.len == 0 ? strchr(all[i].wanted, '"') : NULL;
        const char *marker = strchr(strchr(all[i].text, '{'), '?');
        for (size_t n = 0; name && name[n] != '$'; n++) {
            size_t here = characters(all[i].wanted, (size_t)(name + n - all[i].wanted)) + 1;
            CU_ASSERT(aldb_sql_map_position(&sql, part, here) == characters(all[i].text, (size_t)(marker - all[i].text)) + 1);
        }
        aldb_sql_routine_clear(&r);
        aldb_sql_clear(&sql);
        aldb_diag_clear(&diag);
    }
}

/* Where `needle` stands in the translation, mapped, must be where `source` stands in the text. */
static void check_position(const char *text, size_t part, const char *needle, const char *source)
{
    struct aldb_sql sql;
    struct aldb_diag diag;
    aldb_diag_init(&diag);
    CU_ASSERT_EQUAL_FATAL(aldb_sql_translate(aldb_slice_of(text), STD, &sql, &diag), ALDB_OK);
    const char *begin = sql.text.data + sql.parts[part].begin;
    const char *found = strstr(begin, needle);
    CU_ASSERT_PTR_NOT_NULL_FATAL(found);
    size_t got = aldb_sql_map_position(&sql, part, characters(begin, (size_t)(found - begin)) + 1);
    size_t wanted = characters(text, (size_t)(strstr(text, source) - text)) + 1;
    if (got != wanted) {
        char numbers[64];
        snprintf(numbers, sizeof numbers, "%zu instead of %zu", got, wanted);
        complain(text, numbers, needle);
    }
    CU_ASSERT_EQUAL(got, wanted);
    aldb_sql_clear(&sql);
    aldb_diag_clear(&diag);
}

static void test_positions(void)
{
    check_position("select foo", 0, "foo", "foo");
    check_position("  \nselect ?, ?, foo", 0, "foo", "foo");
    check_position("select 'éü', ?, foo, ?", 0, "foo", "foo");
    check_position("select 'éü', ?, foo, ?;", 0, "$2", "?;");
    check_position("select 1;  select ü, foo; select 3", 1, "foo", "foo");
    check_position("select ü; ; select ?, bar", 1, "bar", "bar");
    check_position("select {fn LOCATE(ä, foo, bar)}, baz", 0, "foo", "foo");
    check_position("select {fn LOCATE(ä, foo, bar)}, baz", 0, "bar", "bar");
    check_position("select {fn LOCATE(ä, foo, bar)}, baz", 0, "ä", "ä");
    check_position("select {fn LOCATE(ä, foo, bar)}, baz", 0, "baz", "baz");
    check_position("select {fn LOCATE(ä, foo, bar)}, baz", 0, "WHEN", "{fn");
    check_position("select {fn CONCAT({fn UCASE(é)}, {fn LCASE(foo)})}", 0, "pg_catalog.lower", "{fn LCASE");
    check_position("select {fn CONCAT({fn UCASE(é)}, {fn LCASE(foo)})}", 0, "foo", "foo");
    check_position("select {d '2024-01-01'}, foo", 0, "2024", "{d");
    check_position("select {d '2024-01-01'}, foo", 0, "foo", "foo");
    check_position("{call foo(?, bar)}", 0, "foo", "foo");
    check_position("{call foo(?, bar)}", 0, "bar", "bar");
    check_position("select a ?? foo", 0, "foo", "foo");
    struct aldb_sql sql;
    struct aldb_diag diag;
    aldb_diag_init(&diag);
    CU_ASSERT_EQUAL_FATAL(aldb_sql_translate(aldb_slice_of("select ?"), STD, &sql, &diag), ALDB_OK);
    CU_ASSERT_EQUAL(aldb_sql_map_position(&sql, 0, 0), 0);
    CU_ASSERT_EQUAL(aldb_sql_map_position(&sql, 0, 8), 8);
    CU_ASSERT_EQUAL(aldb_sql_map_position(&sql, 0, 9), 8);
    CU_ASSERT_EQUAL(aldb_sql_map_position(&sql, 0, 1000), 8);
    CU_ASSERT_EQUAL(aldb_sql_map_position(&sql, 7, 3), 3);
    aldb_sql_clear(&sql);
    aldb_diag_clear(&diag);
}

/* `count` times `unit`, between two texts; free it. */
static struct aldb_slice repeated(const char *before, const char *unit, size_t count, const char *after)
{
    size_t head = strlen(before), n = strlen(unit), tail = strlen(after);
    size_t len = head + n * count + tail;
    char *s = malloc(len + 1);
    memcpy(s, before, head);
    for (size_t i = 0; i < count; i++) {
        memcpy(s + head + i * n, unit, n);
    }
    memcpy(s + head + n * count, after, tail + 1);
    return aldb_slice(s, len);
}

static void test_limits(void)
{
    struct aldb_sql sql;
    struct aldb_diag diag;
    aldb_diag_init(&diag);
    struct aldb_slice s = repeated("select ?", ",?", 65534, "");
    CU_ASSERT_EQUAL(aldb_sql_translate(s, STD, &sql, &diag), ALDB_OK);
    CU_ASSERT_EQUAL(sql.nparams, 65535);
    CU_ASSERT_EQUAL(strcmp(sql.text.data + sql.marker_at[65534], "$65535"), 0);
    aldb_sql_clear(&sql);
    free((void *)s.ptr);

    s = repeated("select ?", ",?", 69999, "");
    check_error(s, STD, "42000", "More than 65535 parameter markers");
    free((void *)s.ptr);

    /* The limit is a statement's, not the text's. */
    s = repeated("", "select ?,?,?,?,?,?,?,?,?,?;", 7000, "");
    CU_ASSERT_EQUAL(aldb_sql_translate(s, STD, &sql, &diag), ALDB_OK);
    CU_ASSERT_EQUAL(sql.nparams, 70000);
    CU_ASSERT_EQUAL(sql.nparts, 7000);
    CU_ASSERT_EQUAL(sql.parts[6999].first_param, 69990);
    check_shape(&sql);
    aldb_sql_clear(&sql);
    free((void *)s.ptr);

    s = repeated("", "{fn UCASE(", 64, "a");
    struct aldb_slice close = repeated(s.ptr, ")}", 64, "");
    CU_ASSERT_EQUAL(aldb_sql_translate(close, STD, &sql, &diag), ALDB_OK);
    aldb_sql_clear(&sql);
    free((void *)s.ptr);
    free((void *)close.ptr);

    s = repeated("", "{fn UCASE(", 65, "a");
    close = repeated(s.ptr, ")}", 65, "");
    check_error(close, STD, "42000", "nested deeper than 64");
    free((void *)s.ptr);
    free((void *)close.ptr);

    /* Arguments that a translation needs twice are read twice, at each depth; what they hold need not show in the text that is made. */
    s = repeated("", "{fn LOCATE('a','b',", 10, "/*");
    close = repeated(s.ptr, "x", 100000, "*/ 1");
    free((void *)s.ptr);
    s = repeated(close.ptr, ")}", 10, "");
    check_error(s, STD, "42000", "too much text");
    free((void *)s.ptr);
    free((void *)close.ptr);
    s = repeated("", "{fn UCASE(", 60, "/*");
    close = repeated(s.ptr, "x", 100000, "*/ 'a'");
    free((void *)s.ptr);
    s = repeated(close.ptr, ")}", 60, "");
    CU_ASSERT_EQUAL(aldb_sql_translate(s, STD, &sql, &diag), ALDB_OK);
    aldb_sql_clear(&sql);
    free((void *)s.ptr);
    free((void *)close.ptr);

    s = repeated("", "{fn x ", 100000, "");
    check_error(s, STD, "42000", "nested deeper");
    free((void *)s.ptr);

    s = repeated("", "{", 100000, "");
    CU_ASSERT_EQUAL(aldb_sql_translate(s, STD, &sql, &diag), ALDB_OK);
    aldb_sql_clear(&sql);
    free((void *)s.ptr);

    s = repeated("select ", "(", 100000, "");
    CU_ASSERT_EQUAL(aldb_sql_translate(s, STD, &sql, &diag), ALDB_OK);
    aldb_sql_clear(&sql);
    free((void *)s.ptr);

    s = repeated("", "/*", 100000, "");
    check_error(s, STD, "42000", "comment");
    free((void *)s.ptr);

    /* Arguments that are used twice, nested: the text may not explode. */
    s = repeated("", "{fn LOCATE('a', 'b', ", 60, "1");
    close = repeated(s.ptr, ")}", 60, "");
    check_error(close, STD, "42000", "longer than");
    free((void *)s.ptr);
    free((void *)close.ptr);
    aldb_diag_clear(&diag);
}

static void test_big(void)
{
    struct aldb_sql sql;
    struct aldb_diag diag;
    aldb_diag_init(&diag);
    struct aldb_slice s = repeated("insert into t values ('x', 1.5)", ", ('abcdefghij', 12345.678)", 400000, "");
    CU_ASSERT_EQUAL(aldb_sql_translate(s, STD, &sql, &diag), ALDB_OK);
    CU_ASSERT_EQUAL(sql.parts[0].end, s.len);
    CU_ASSERT_EQUAL(sql.parts[0].cls, ALDB_SQL_INSERT);
    CU_ASSERT_EQUAL(memcmp(sql.text.data, s.ptr, s.len), 0);
    aldb_sql_clear(&sql);
    free((void *)s.ptr);
    s = aldb_slice("x", (size_t)ALDB_MAX_SQL + 1);
    char *huge = calloc(1, s.len);
    memset(huge, ' ', s.len);
    CU_ASSERT_EQUAL(aldb_sql_translate(aldb_slice(huge, s.len), STD, &sql, &diag), ALDB_ERR);
    CU_ASSERT_STRING_EQUAL(aldb_diag_get(&diag, 1)->state, "42000");
    aldb_sql_clear(&sql);
    free(huge);
    aldb_diag_clear(&diag);
}

/* Every allocation fails once: HY001, nothing leaks (the sanitizer looks), nothing crashes. */
static void test_out_of_memory(void)
{
    struct aldb_slice s = repeated("select ?; {fn LOCATE('a', 'b', ?)}", ", ?, {d '2024-01-01'}; select é", 40, ";");
    int failures = 0;
    for (int64_t after = 0; after < 1000; after++) {
        struct aldb_sql sql;
        struct aldb_diag diag;
        aldb_diag_init(&diag);
        aldb_alloc_fail_after(after);
        enum aldb_rc rc = aldb_sql_translate(s, STD, &sql, &diag);
        aldb_alloc_fail_after(-1);
        if (rc == ALDB_OK) {
            check_shape(&sql);
        } else {
            failures++;
            CU_ASSERT_EQUAL(rc, ALDB_ERR);
            CU_ASSERT_PTR_NOT_NULL_FATAL(aldb_diag_get(&diag, 1));
            CU_ASSERT_STRING_EQUAL(aldb_diag_get(&diag, 1)->state, "HY001");
        }
        aldb_sql_clear(&sql);
        aldb_diag_clear(&diag);
        if (rc == ALDB_OK) {
            break;
        }
    }
    CU_ASSERT(failures >= 5);
    struct aldb_buf b;
    struct aldb_diag diag;
    aldb_diag_init(&diag);
    aldb_buf_init(&b, ALDB_MAX_SQL);
    aldb_alloc_fail_after(0);
    enum aldb_rc rc = aldb_sql_native(s, STD, &b, &diag);
    aldb_alloc_fail_after(-1);
    CU_ASSERT_EQUAL(rc, ALDB_ERR);
    CU_ASSERT_STRING_EQUAL(aldb_diag_get(&diag, 1)->state, "HY001");
    aldb_buf_clear(&b);
    aldb_diag_clear(&diag);
    free((void *)s.ptr);
}

static void test_quoting(void)
{
    static const struct {
        const char *text, *literal, *ident;
    } cases[] = {
        {"", "''", "\"\""},
        {"abc", "'abc'", "\"abc\""},
        {"it's", "'it''s'", "\"it's\""},
        {"''", "''''''", "\"''\""},
        {"a\"b", "'a\"b'", "\"a\"\"b\""},
        {"\"", "'\"'", "\"\"\"\""},
        {"a\\b'", "E'a\\\\b'''", "\"a\\b'\""},
        {"\\", "E'\\\\'", "\"\\\""},
        {"é", "'é'", "\"é\""},
    };
    for (size_t i = 0; i < ALDB_COUNT(cases); i++) {
        struct aldb_buf b;
        aldb_buf_init(&b, ALDB_MAX_SQL);
        aldb_sql_quote_literal(&b, aldb_slice_of(cases[i].text));
        CU_ASSERT_STRING_EQUAL(aldb_buf_cstr(&b), cases[i].literal);
        aldb_buf_reset(&b);
        aldb_sql_quote_ident(&b, aldb_slice_of(cases[i].text));
        CU_ASSERT_STRING_EQUAL(aldb_buf_cstr(&b), cases[i].ident);
        aldb_buf_reset(&b);
        aldb_sql_quote_literal(&b, aldb_slice(NULL, 0));
        CU_ASSERT_STRING_EQUAL(aldb_buf_cstr(&b), "''");
        aldb_buf_clear(&b);
    }
}

static void test_masks(void)
{
    CU_ASSERT_EQUAL(aldb_sql_scalar_mask('S'), SQL_FN_STR_POSITION * 2 - 1); /* all */
    CU_ASSERT_EQUAL(aldb_sql_scalar_mask('N'), SQL_FN_NUM_TRUNCATE * 2 - 1);
    CU_ASSERT_EQUAL(aldb_sql_scalar_mask('T'), SQL_FN_TD_EXTRACT * 2 - 1);
    CU_ASSERT_EQUAL(aldb_sql_scalar_mask('Y'), SQL_FN_SYS_USERNAME | SQL_FN_SYS_DBNAME | SQL_FN_SYS_IFNULL);
    CU_ASSERT_EQUAL(aldb_sql_scalar_mask('I'), SQL_FN_TSI_YEAR * 2 - 1);
    CU_ASSERT_EQUAL(aldb_sql_scalar_mask('?'), 0);
}

/* Each promised bit belongs to the function whose name it has, and that function is translated: not passed on. */
static void test_masks_by_name(void)
{
    static const struct {
        const char *name;
        uint32_t bit, row;
        const char *hints, *template;
    } rows[] = {
#define ALDB_SCALAR(name, group, bit, nargs, form, hints, template) {name, bit, nargs, hints, template},
#include "sqltext/scalar.def"
    };
    static const struct {
        const char *name;
        uint32_t bit;
    } bits[] = {
        {"CONCAT", SQL_FN_STR_CONCAT}, {"INSERT", SQL_FN_STR_INSERT}, {"LEFT", SQL_FN_STR_LEFT}, {"LTRIM", SQL_FN_STR_LTRIM},
        {"LENGTH", SQL_FN_STR_LENGTH}, {"LCASE", SQL_FN_STR_LCASE}, {"REPEAT", SQL_FN_STR_REPEAT}, {"REPLACE", SQL_FN_STR_REPLACE},
        {"RIGHT", SQL_FN_STR_RIGHT}, {"RTRIM", SQL_FN_STR_RTRIM}, {"UCASE", SQL_FN_STR_UCASE}, {"ASCII", SQL_FN_STR_ASCII},
        {"CHAR", SQL_FN_STR_CHAR}, {"SPACE", SQL_FN_STR_SPACE},
        {"SOUNDEX", SQL_FN_STR_SOUNDEX}, {"DIFFERENCE", SQL_FN_STR_DIFFERENCE}, {"BIT_LENGTH", SQL_FN_STR_BIT_LENGTH}, {"CHAR_LENGTH", SQL_FN_STR_CHAR_LENGTH},
        {"CHARACTER_LENGTH", SQL_FN_STR_CHARACTER_LENGTH}, {"OCTET_LENGTH", SQL_FN_STR_OCTET_LENGTH}, {"POSITION", SQL_FN_STR_POSITION},
        {"ABS", SQL_FN_NUM_ABS}, {"ACOS", SQL_FN_NUM_ACOS}, {"ASIN", SQL_FN_NUM_ASIN}, {"ATAN", SQL_FN_NUM_ATAN}, {"ATAN2", SQL_FN_NUM_ATAN2},
        {"CEILING", SQL_FN_NUM_CEILING}, {"COS", SQL_FN_NUM_COS}, {"COT", SQL_FN_NUM_COT}, {"EXP", SQL_FN_NUM_EXP}, {"FLOOR", SQL_FN_NUM_FLOOR},
        {"LOG", SQL_FN_NUM_LOG}, {"MOD", SQL_FN_NUM_MOD}, {"SIGN", SQL_FN_NUM_SIGN}, {"SIN", SQL_FN_NUM_SIN}, {"SQRT", SQL_FN_NUM_SQRT},
        {"TAN", SQL_FN_NUM_TAN}, {"PI", SQL_FN_NUM_PI}, {"DEGREES", SQL_FN_NUM_DEGREES}, {"LOG10", SQL_FN_NUM_LOG10}, {"POWER", SQL_FN_NUM_POWER},
        {"RADIANS", SQL_FN_NUM_RADIANS}, {"TRUNCATE", SQL_FN_NUM_TRUNCATE},
        {"NOW", SQL_FN_TD_NOW}, {"CURDATE", SQL_FN_TD_CURDATE}, {"DAYOFMONTH", SQL_FN_TD_DAYOFMONTH}, {"DAYOFWEEK", SQL_FN_TD_DAYOFWEEK},
        {"DAYOFYEAR", SQL_FN_TD_DAYOFYEAR}, {"MONTH", SQL_FN_TD_MONTH}, {"QUARTER", SQL_FN_TD_QUARTER}, {"WEEK", SQL_FN_TD_WEEK},
        {"YEAR", SQL_FN_TD_YEAR}, {"CURTIME", SQL_FN_TD_CURTIME}, {"HOUR", SQL_FN_TD_HOUR}, {"MINUTE", SQL_FN_TD_MINUTE},
        {"SECOND", SQL_FN_TD_SECOND}, {"TIMESTAMPADD", SQL_FN_TD_TIMESTAMPADD}, {"TIMESTAMPDIFF", SQL_FN_TD_TIMESTAMPDIFF},
        {"DAYNAME", SQL_FN_TD_DAYNAME}, {"MONTHNAME", SQL_FN_TD_MONTHNAME}, {"CURRENT_DATE", SQL_FN_TD_CURRENT_DATE},
        {"EXTRACT", SQL_FN_TD_EXTRACT}, {"USER", SQL_FN_SYS_USERNAME}, {"DATABASE", SQL_FN_SYS_DBNAME}, {"IFNULL", SQL_FN_SYS_IFNULL},
    };
    for (size_t i = 0; i < ALDB_COUNT(rows); i++) {
        CU_ASSERT_EQUAL(strlen(rows[i].hints), rows[i].row);
        for (uint32_t k = 1; rows[i].template != NULL && k <= rows[i].row; k++) {
            char places[3][3] = {{'$', (char)('0' + k), 0}, {'#', (char)('0' + k), 0}, {'@', (char)('0' + k), 0}};
            CU_ASSERT(strstr(rows[i].template, places[0]) || strstr(rows[i].template, places[1]) || strstr(rows[i].template, places[2]));
        }
    }
    for (size_t b = 0; b < ALDB_COUNT(bits); b++) {
        size_t i = 0;
        while (i < ALDB_COUNT(rows) && strcmp(rows[i].name, bits[b].name) != 0) {
            i++;
        }
        CU_ASSERT_FATAL(i < ALDB_COUNT(rows));
        CU_ASSERT_EQUAL(rows[i].bit, bits[b].bit);
    }
}

/* Every marker: s settled by the text, . not. */
static void test_settled(void)
{
    static const struct {
        const char *text, *wanted;
    } list[] = {
        {"insert into t values (?, ?)", "ss"},
        {"insert into t (a, b) values (?, lower(?)), (? , (?))", "s.s."},
        {"insert into t values (?+1, -?, ?)", "..s"},
        {"insert into t select ?, a, ? from u where b = ?", "ss."},
        {"insert into t select ? + 1, ?", ".s"},
        {"insert into t select a from u where ? union select ?", ".."},
        {"insert into t values (?) on conflict (a) do update set b = ?, c = t.c || ? where t.a = ? returning ?", "ss..."},
        {"insert into t (a) values ((select ?))", "."},
        {"insert into t (a) overriding system value values (?)", "s"},
        {"update t set a = ?, b = ? where c = ?", "ss."},
        {"update t set a = b = ?, c[?] = ?, d = ?", "..ss"},
        {"update t set (a, b) = (?, ?), c = (?), (d) = row(?)", "sss."},
        {"update t set a = coalesce(?, b), b = (select c = ? from u) returning ?", "..."},
        {"merge into t using u on t.a = ? when matched then update set b = ? when not matched then insert (a) values (?)", ".ss"},
        {"select ?, a from t where b = ? limit ?", "..."},
        {"values (?)", "."},
        {"select ?::int, ? :: text, cast(? as date), cast (? + 1 as int), ?", "sss.."},
        {"with x as (select ?) insert into t values (?)", ".s"},
        {"with x as (insert into t values (?) returning a) select ?", ".."},
        {"delete from t where a = ?; insert into t values (?)", ".s"},
        {"insert into t values ('values (', ?, /* ( */ ? -- (\n, $$($$)", "ss"},
        {"insert into \"set\" (\"values\") values (?)", "s"},
        {"set x = ?", "s"}, /* never planned */
        {"{call p(?)}", "."},
        {"select {fn concat(?, ?)}", "ss"}, /* which writes casts */
    };
    for (size_t i = 0; i < ALDB_COUNT(list); i++) {
        struct aldb_sql sql;
        struct aldb_diag diag;
        char got[16] = "";
        aldb_diag_init(&diag);
        struct aldb_sql_flags flags = {.standard_conforming_strings = true};
        CU_ASSERT(aldb_sql_translate(aldb_slice_of(list[i].text), flags, &sql, &diag) == ALDB_OK);
        const bool *settled = aldb_sql_settled(&sql);
        CU_ASSERT(settled == aldb_sql_settled(&sql));
        CU_ASSERT_FATAL(settled != NULL && sql.nparams < sizeof got);
        for (uint32_t n = 0; n < sql.nparams; n++) {
            got[n] = settled[n] ? 's' : '.';
        }
        if (strcmp(got, list[i].wanted) != 0) {
            printf("\n    %s: %s", list[i].text, got);
        }
        CU_ASSERT_STRING_EQUAL(got, list[i].wanted);
        aldb_sql_clear(&sql);
        aldb_diag_clear(&diag);
    }
}

/* ---- selections of one table ---------------------------------------------------------------------------------------- */

static const char *selection_of(const char *sql)
{
    static char out[300];
    struct aldb_sql t;
    struct aldb_diag d;
    struct aldb_sql_selection sel;
    struct aldb_sql_flags flags = {.standard_conforming_strings = true};
    aldb_diag_init(&d);
    CU_ASSERT_EQUAL_FATAL(aldb_sql_translate(aldb_slice_of(sql), flags, &t, &d), ALDB_OK);
    const char *text = t.text.data;
    if (!aldb_sql_selection(&t, 0, &sel)) {
        (void)snprintf(out, sizeof out, "none");
    } else {
        (void)snprintf(out, sizeof out, "%.*s|%s%.*s|%.*s", (int)sel.list.len, text + sel.list.at, sel.only ? "only " : "", (int)sel.relation.len,
                       text + sel.relation.at, (int)sel.qualifier.len, text + sel.qualifier.at);
    }
    aldb_sql_clear(&t);
    aldb_diag_clear(&d);
    return out;
}

static void test_selections(void)
{
    static const struct {
        const char *sql, *selection;
    } cases[] = {
        {"select a from t", "a|t|t"},
        {"SELECT ALL a, b /* x */ FROM s.t -- y\n", "a, b|s.t|s.t"},
        {"select * from only t as q where a = ?", "*|only t|q"},
        {"select t.* from t * q order by 1", "t.*|t|q"},
        {"select \"from\", 'from' from \"T\"\"x\" \"q q\" limit 5 offset 1", "\"from\", 'from'|\"T\"\"x\"|\"q q\""},
        {"select a is distinct from b from t", "a is distinct from b|t|t"},
        {"select extract(year from d), (select 1 from u union select 2) from t fetch first 2 rows only", "extract(year from d), (select 1 from u union select 2)|t|t"},
        {"select a[1:2], (array[1])[1] from t for update of t", "a[1:2], (array[1])[1]|t|t"},
        {"select {fn ucase(a)} from {oj t}", "pg_catalog.upper(a)|t|t"},
        {"select a from t where exists (select 1 from u group by x having true)", "a|t|t"},
        {"select from t", "none"},
        {"select a", "none"},
        {"select distinct a from t", "none"},
        {"select ?, a from t", "none"},
        {"select sum(a) over (order by b) from t", "none"},
        {"select a into x from t", "none"},
        {"select a from t, u", "none"},
        {"select a from t join u using (x)", "none"},
        {"select a from t q natural join u", "none"},
        {"select a from t left join u on true", "none"},
        {"select a from f(1)", "none"},
        {"select a from f(1) as q", "none"},
        {"select a from (select 1) q", "none"},
        {"select a from t as q (x, y)", "none"},
        {"select a from t q (x, y)", "none"},
        {"select a from t tablesample system (10)", "none"},
        {"select a from t group by a", "none"},
        {"select a from t where x having true", "none"},
        {"select a from t window w as ()", "none"},
        {"select a from t union select 1", "none"},
        {"select a from t where x intersect select 1", "none"},
        {"select a from t except table u", "none"},
        {"select a from lateral f(1)", "none"},
        {"select a from t as", "none"},
        {"select a from t.", "none"},
        {"(select a from t)", "none"},
        {"table t", "none"},
        {"values (1)", "none"},
        {"with q as (select 1) select a from t", "none"},
        {"delete from t returning a", "none"},
        {"", "none"},
    };
    for (size_t i = 0; i < ALDB_COUNT(cases); i++) {
        const char *got = selection_of(cases[i].sql);
        CU_ASSERT_STRING_EQUAL(got, cases[i].selection);
        if (strcmp(got, cases[i].selection) != 0) {
            fprintf(stderr, "\n%s: \"%s\", wanted \"%s\"\n", cases[i].sql, got, cases[i].selection);
        }
    }
}

/* What the driver puts in: parameters and positions behind it move, and it can be taken out again. */
static void test_insertion(void)
{
    struct aldb_sql t;
    struct aldb_diag d;
    struct aldb_sql_selection sel;
    struct aldb_sql_flags flags = {.standard_conforming_strings = true};
    struct aldb_buf b;
    aldb_diag_init(&d);
    aldb_buf_init(&b, ALDB_MAX_SQL);
    CU_ASSERT_EQUAL_FATAL(aldb_sql_translate(aldb_slice_of("select a ?? 'x', 'é?' from t where b = ? and {fn ucase(c)} = ?"), flags, &t, &d), ALDB_OK);
    char *before = strdup(t.text.data);
    size_t where[60];
    for (size_t i = 0; i < 60; i++) {
        where[i] = aldb_sql_map_position(&t, 0, i + 1);
    }
    CU_ASSERT_TRUE_FATAL(aldb_sql_selection(&t, 0, &sel));
    aldb_sql_add_span(&b, &t, sel.list);
    CU_ASSERT_STRING_EQUAL(aldb_buf_cstr(&b), "a ?? 'x', 'é?'"); /* to be translated again */
    CU_ASSERT_TRUE_FATAL(aldb_sql_insert(&t, sel.list.at + sel.list.len, aldb_slice_of(", t.é")));
    CU_ASSERT_PTR_NOT_NULL(strstr(t.text.data, "'é?', t.é from t where b = $1"));
    CU_ASSERT_EQUAL(t.parts[0].end, strlen(t.text.data));
    for (uint32_t i = 0; i < t.nparams; i++) {
        CU_ASSERT_EQUAL(t.text.data[t.marker_at[i]], '$');
        CU_ASSERT_EQUAL(t.text.data[t.refs[i].at], '$');
    }
    size_t at = 14; /* "select a ? 'x'" has as many characters: those behind the list are five further on */
    for (size_t i = 0; i < 60; i++) {
        size_t now = i < at + 6 ? i + 1 : i + 1 + 5;
        CU_ASSERT_EQUAL(aldb_sql_map_position(&t, 0, now), where[i]);
    }
    aldb_sql_take_out(&t);
    CU_ASSERT_STRING_EQUAL(t.text.data, before);
    CU_ASSERT_EQUAL(t.text.data[t.marker_at[1]], '$');
    for (size_t i = 0; i < 60; i++) {
        CU_ASSERT_EQUAL(aldb_sql_map_position(&t, 0, i + 1), where[i]);
    }
    free(before);
    aldb_buf_clear(&b);
    aldb_sql_clear(&t);
    aldb_diag_clear(&d);
}

int main(void)
{
    static const struct {
        const char *name;
        void (*run)(void);
    } tests[] = {
        {"lexing and markers", test_lexing},
        {"standard_conforming_strings off", test_old_strings},
        {"noscan", test_noscan},
        {"splitting", test_splitting},
        {"escapes", test_escapes},
        {"call fields", test_call_fields},
        {"call arguments", test_call_arguments},
        {"call texts", test_call_texts},
        {"call names", test_call_names},
        {"references", test_references},
        {"classes", test_classes},
        {"COPY in binary", test_copy_binary},
        {"settled markers", test_settled},
        {"errors", test_errors},
        {"truncations", test_truncations},
        {"warnings", test_warnings},
        {"native", test_native},
        {"positions", test_positions},
        {"limits", test_limits},
        {"big text", test_big},
        {"out of memory", test_out_of_memory},
        {"quoting", test_quoting},
        {"masks", test_masks},
        {"scalar table", test_masks_by_name},
        {"selections of one table", test_selections},
        {"insertion", test_insertion},
    };
    if (CU_initialize_registry() != CUE_SUCCESS) {
        return 1;
    }
    CU_pSuite suite = CU_add_suite("sqltext", NULL, NULL);
    for (size_t i = 0; i < ALDB_COUNT(tests); i++) {
        CU_add_test(suite, tests[i].name, tests[i].run);
    }
    CU_basic_run_tests();
    unsigned failed = CU_get_number_of_failures();
    CU_cleanup_registry();
    return failed != 0;
}
