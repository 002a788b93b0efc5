/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What escape sequences mean: the files in tests/escapes, one expression a line. Fields, separated by " | ":
 *
 *     {fn LEFT(?, 2)} | ab | WLONGVARCHAR | VARCHAR abc
 *
 * the expression; its value as SQL_C_CHAR, in double quotes where blanks matter, NULL, or "!" and the SQLSTATE that it fails with; its SQL type as
 * SQLDescribeCol tells it, with size and decimal digits where a case names them (NUMERIC(10,2)), - for any; a parameter for each marker, bound with the SQL
 * type named and the C type that belongs to it: a value, in double quotes where blanks matter, or NULL;
 * seconds of a timestamp may have a tenth.
 *
 * Each is the one column of a query from a table t with one row:
 *
 *     s 'Hello ' · n 5 · b 5::bigint · f 2.46::float8 · m 2.345::numeric(10,3) · c 'abc'::char(6) · v 'abc'::varchar(10) · d date '2024-02-29' ·
 *     ti time '10:11:12' · ts timestamp '2024-03-03 23:58:59.75' · tz the same with time zone · y '\x4142'::bytea · o true · j jsonb '{"a": 1}' · z null text
 *
 * and is asked for as it stands; as SQLNativeSql writes it, with SQL_ATTR_NOSCAN; and, when it has no markers, inside of another escape. A function's
 * template must hold together where a cast follows it. All of it with standard_conforming_strings on and off; backslash.cases and conforming.cases hold
 * what means something under one of these alone.
 */
#include "harness.h"

#include <stdlib.h>

static const char source[] =
    "create temporary table t as select 'Hello '::text as s, 5 as n, 5::bigint as b, 2.46::float8 as f, 2.345::numeric(10,3) as m, 'abc'::char(6) as c,"
    " 'abc'::varchar(10) as v, date '2024-02-29' as d, time '10:11:12' as ti, timestamp '2024-03-03 23:58:59.75' as ts,"
    " timestamptz '2024-03-03 23:58:59.75' as tz, E'\\\\x4142'::bytea as y, true as o, jsonb '{\"a\": 1}' as j, null::text as z";

static const struct type {
    const char *name;
    SQLSMALLINT sql, c;
} types[] = {
    {"BIT", SQL_BIT, SQL_C_BIT},
    {"SMALLINT", SQL_SMALLINT, SQL_C_SSHORT},
    {"INTEGER", SQL_INTEGER, SQL_C_SLONG},
    {"BIGINT", SQL_BIGINT, SQL_C_SBIGINT},
    {"REAL", SQL_REAL, SQL_C_FLOAT},
    {"DOUBLE", SQL_DOUBLE, SQL_C_DOUBLE},
    {"NUMERIC", SQL_NUMERIC, SQL_C_CHAR},
    {"VARCHAR", SQL_VARCHAR, SQL_C_CHAR},
    {"WVARCHAR", SQL_WVARCHAR, SQL_C_WCHAR},
    {"WLONGVARCHAR", SQL_WLONGVARCHAR, SQL_C_WCHAR},
    {"WCHAR", SQL_WCHAR, SQL_C_WCHAR},
    {"LONGVARBINARY", SQL_LONGVARBINARY, SQL_C_BINARY},
    {"GUID", SQL_GUID, SQL_C_CHAR},
    {"DATE", SQL_TYPE_DATE, SQL_C_TYPE_DATE},
    {"TIME", SQL_TYPE_TIME, SQL_C_TYPE_TIME},
    {"TIMESTAMP", SQL_TYPE_TIMESTAMP, SQL_C_TYPE_TIMESTAMP},
    {"INTERVAL_YEAR", SQL_INTERVAL_YEAR, SQL_C_CHAR},
    {"INTERVAL_MONTH", SQL_INTERVAL_MONTH, SQL_C_CHAR},
    {"INTERVAL_DAY", SQL_INTERVAL_DAY, SQL_C_CHAR},
    {"INTERVAL_HOUR", SQL_INTERVAL_HOUR, SQL_C_CHAR},
    {"INTERVAL_MINUTE", SQL_INTERVAL_MINUTE, SQL_C_CHAR},
    {"INTERVAL_SECOND", SQL_INTERVAL_SECOND, SQL_C_CHAR},
    {"INTERVAL_YEAR_TO_MONTH", SQL_INTERVAL_YEAR_TO_MONTH, SQL_C_CHAR},
    {"INTERVAL_DAY_TO_HOUR", SQL_INTERVAL_DAY_TO_HOUR, SQL_C_CHAR},
    {"INTERVAL_DAY_TO_MINUTE", SQL_INTERVAL_DAY_TO_MINUTE, SQL_C_CHAR},
    {"INTERVAL_DAY_TO_SECOND", SQL_INTERVAL_DAY_TO_SECOND, SQL_C_CHAR},
    {"INTERVAL_HOUR_TO_MINUTE", SQL_INTERVAL_HOUR_TO_MINUTE, SQL_C_CHAR},
    {"INTERVAL_HOUR_TO_SECOND", SQL_INTERVAL_HOUR_TO_SECOND, SQL_C_CHAR},
    {"INTERVAL_MINUTE_TO_SECOND", SQL_INTERVAL_MINUTE_TO_SECOND, SQL_C_CHAR},
};

enum { PARAMETERS = 6 };

struct parameter {
    SQLLEN length;
    union {
        unsigned char bit;
        SQLSMALLINT small;
        SQLINTEGER integer;
        int64_t big;
        float real;
        double number;
        char text[64];
        SQLWCHAR wide[64];
        SQL_DATE_STRUCT date;
        SQL_TIME_STRUCT time;
        SQL_TIMESTAMP_STRUCT timestamp;
    } value;
};

struct testcase {
    const char *where;
    char *expression, *value, *type;
    char *parameters[PARAMETERS];
    size_t nparameters;
};

static _Noreturn void broken(const struct testcase *c, const char *what)
{
    fprintf(stderr, "%s: %s\n", c->where, what);
    exit(1);
}

/* ---- parameters ---------------------------------------------------------------------------------------------------- */

/* Without the quotes around it, if it has some. */
static void unquote(char *text)
{
    size_t n = strlen(text);
    if (n >= 2 && text[0] == '"' && text[n - 1] == '"') {
        memmove(text, text + 1, n - 2);
        text[n - 2] = '\0';
    }
}

static void fill(const struct testcase *c, SQLSMALLINT c_type, const char *text, struct parameter *p)
{
    int year = 0;
    unsigned field[6] = {0};
    p->length = SQL_NTS;
    switch (c_type) {
    case SQL_C_BIT:
        p->value.bit = *text == '1';
        break;
    case SQL_C_SSHORT:
        p->value.small = (SQLSMALLINT)strtol(text, NULL, 10);
        break;
    case SQL_C_SLONG:
        p->value.integer = (SQLINTEGER)strtol(text, NULL, 10);
        break;
    case SQL_C_SBIGINT:
        p->value.big = strtoll(text, NULL, 10);
        break;
    case SQL_C_FLOAT:
        p->value.real = strtof(text, NULL);
        break;
    case SQL_C_DOUBLE:
        p->value.number = strtod(text, NULL);
        break;
    case SQL_C_CHAR:
        snprintf(p->value.text, sizeof p->value.text, "%s", text);
        unquote(p->value.text);
        break;
    case SQL_C_WCHAR:
        memcpy(p->value.wide, wide(text), sizeof p->value.wide);
        break;
    case SQL_C_TYPE_DATE:
        if (sscanf(text, "%d-%u-%u", &year, &field[0], &field[1]) != 3) {
            broken(c, "no date");
        }
        p->value.date = (SQL_DATE_STRUCT){(SQLSMALLINT)year, (SQLUSMALLINT)field[0], (SQLUSMALLINT)field[1]};
        break;
    case SQL_C_TYPE_TIME:
        if (sscanf(text, "%u:%u:%u", &field[0], &field[1], &field[2]) != 3) {
            broken(c, "no time");
        }
        p->value.time = (SQL_TIME_STRUCT){(SQLUSMALLINT)field[0], (SQLUSMALLINT)field[1], (SQLUSMALLINT)field[2]};
        break;
    case SQL_C_TYPE_TIMESTAMP:
        if (sscanf(text, "%d-%u-%u %u:%u:%u.%u", &year, &field[0], &field[1], &field[2], &field[3], &field[4], &field[5]) < 6) {
            broken(c, "no timestamp");
        }
        p->value.timestamp = (SQL_TIMESTAMP_STRUCT){(SQLSMALLINT)year, (SQLUSMALLINT)field[0], (SQLUSMALLINT)field[1], (SQLUSMALLINT)field[2],
                                                    (SQLUSMALLINT)field[3], (SQLUSMALLINT)field[4], field[5] * 100000000};
        break;
    default:
        broken(c, "no such C type");
    }
}

static void bind(const struct testcase *c, SQLHSTMT stmt, struct parameter *p)
{
    for (size_t i = 0; i < c->nparameters; i++) {
        const char *blank = strchr(c->parameters[i], ' ');
        size_t n = blank ? (size_t)(blank - c->parameters[i]) : strlen(c->parameters[i]);
        const struct type *type = NULL;
        for (size_t k = 0; k < COUNT(types); k++) {
            type = strlen(types[k].name) == n && strncmp(types[k].name, c->parameters[i], n) == 0 ? &types[k] : type;
        }
        if (type == NULL || blank == NULL) {
            broken(c, "a parameter is a type and a value");
        }
        if (strcmp(blank + 1, "NULL") == 0) {
            p[i].length = SQL_NULL_DATA;
        } else {
            fill(c, type->c, blank + 1, &p[i]);
        }
        SQLSMALLINT digits = type->sql == SQL_NUMERIC ? 5 : type->sql == SQL_TYPE_TIMESTAMP ? 6 : 0;
        CHECK_OK(stmt, SQLBindParameter(stmt, (SQLUSMALLINT)(i + 1), SQL_PARAM_INPUT, type->c, type->sql, 30, digits, &p[i].value, sizeof p[i].value,
                                        &p[i].length));
    }
}

/* ---- one query ----------------------------------------------------------------------------------------------------- */

static void described(SQLHSTMT stmt, char *out, size_t size, bool with_size)
{
    SQLSMALLINT sql = 0;
    SQLULEN length = 0;
    SQLSMALLINT digits = 0;
    const char *name = "?";
    CHECK_OK(stmt, SQLDescribeCol(stmt, 1, NULL, 0, NULL, &sql, &length, &digits, NULL));
    for (size_t i = 0; i < COUNT(types); i++) {
        name = types[i].sql == sql ? types[i].name : name;
    }
    if (with_size) {
        snprintf(out, size, digits ? "%s(%lu,%d)" : "%s(%lu)", name, (unsigned long)length, (int)digits);
    } else {
        snprintf(out, size, "%s", name);
    }
}

/* The value is told with the quotes that the case has. */
static void fetched(SQLHSTMT stmt, bool quoted, char *out, size_t size)
{
    char text[256] = "";
    SQLLEN length = 0;
    CHECK_OK(stmt, SQLFetch(stmt));
    CHECK_OK(stmt, SQLGetData(stmt, 1, SQL_C_CHAR, text, sizeof text, &length));
    snprintf(out, size, length == SQL_NULL_DATA ? "NULL" : quoted ? "\"%s\"" : "%s", text);
    CHECK_RC(stmt, SQLFetch(stmt), SQL_NO_DATA);
}

/* "value | type" of what the query answers, or "!SQLSTATE | -". */
static void answer(const struct testcase *c, SQLHSTMT stmt, const char *sql, char *out, size_t size)
{
    struct parameter parameters[PARAMETERS];
    char value[300], type[100] = "-";
    memset(parameters, 0, sizeof parameters);
    bind(c, stmt, parameters);
    SQLRETURN rc = SQLExecDirect(stmt, T(sql), SQL_NTS);
    if (SQL_SUCCEEDED(rc)) {
        if (strcmp(c->type, "-") != 0) {
            described(stmt, type, sizeof type, strchr(c->type, '(') != NULL);
        }
        fetched(stmt, *c->value == '"', value, sizeof value);
    } else {
        snprintf(value, sizeof value, "!%s", diag_state(stmt, 1));
    }
    CHECK_OK(stmt, SQLFreeStmt(stmt, SQL_CLOSE));
    CHECK_OK(stmt, SQLFreeStmt(stmt, SQL_RESET_PARAMS));
    snprintf(out, size, "%s | %s", value, type);
}

static void check_answer(const struct testcase *c, SQLHSTMT stmt, const char *sql, const char *type)
{
    char got[512], wanted[512], what[2048];
    struct testcase as = *c;
    as.type = (char *)(uintptr_t)type;
    answer(&as, stmt, sql, got, sizeof got);
    snprintf(wanted, sizeof wanted, "%s | %s", c->value, *c->value == '!' ? "-" : type);
    snprintf(what, sizeof what, "%s: %s", c->where, sql);
    check_text(got, wanted, what, __FILE__, __LINE__);
}

static void check_case(const struct testcase *c, SQLHSTMT stmt, SQLHSTMT raw, SQLHDBC dbc)
{
    char sql[2048];
    static char native[16384];
    SQLINTEGER length = 0;
    snprintf(sql, sizeof sql, "select %s from t", c->expression);
    check_answer(c, stmt, sql, c->type);
    SQLRETURN rc = SQLNativeSql(dbc, T(sql), SQL_NTS, T(native), sizeof native, &length);
    if (SQL_SUCCEEDED(rc)) {
        CHECK_INT(length, strlen(native));
        check_answer(c, raw, native, c->type);
    } else {
        check_text(diag_state(dbc, 1), c->value + 1, c->where, __FILE__, __LINE__);
    }
    if (c->nparameters == 0 && *c->value != '!') {
        snprintf(sql, sizeof sql, "select {fn IFNULL({fn IFNULL(%s, NULL)}, NULL)} from t", c->expression);
        check_answer(c, stmt, sql, "-");
    }
    size_t end = strlen(c->expression);
    if (c->nparameters == 0 && *c->value != '!' && strncmp(c->expression, "{fn ", 4) == 0 && c->expression[end - 1] == '}') {
        snprintf(sql, sizeof sql, "select (select (%s)::text from t) is not distinct from (select %s::text from t)", c->expression, c->expression);
        struct testcase same = *c;
        same.value = (char[]){"1"};
        check_answer(&same, stmt, sql, "BIT");
    }
}

/* ---- the files ----------------------------------------------------------------------------------------------------- */

static char *field(char **rest)
{
    char *begin = *rest;
    char *end = begin ? strstr(begin, " | ") : NULL;
    *rest = end ? end + 3 : NULL;
    if (end) {
        *end = '\0';
    }
    return begin;
}

/* false: nothing but a comment. */
static bool read_line(char *line, struct testcase *c)
{
    line[strcspn(line, "\r\n")] = '\0';
    if (*line == '\0' || *line == '#') {
        return false;
    }
    char *rest = line;
    c->expression = field(&rest);
    c->value = field(&rest);
    c->type = field(&rest);
    if (c->type == NULL) {
        broken(c, "a case has three fields, and one for each marker");
    }
    for (c->nparameters = 0; rest != NULL; c->nparameters++) {
        if (c->nparameters == PARAMETERS) {
            broken(c, "too many parameters");
        }
        c->parameters[c->nparameters] = field(&rest);
    }
    return true;
}

static void run_file(struct link *l, SQLHSTMT raw, const char *name)
{
    char path[128], line[1024], where[160];
    size_t cases = 0;
    snprintf(path, sizeof path, "escapes/%s.cases", name);
    FILE *f = fopen(path, "r");
    check_true(f != NULL, path, __FILE__, __LINE__);
    for (int number = 1; f != NULL && fgets(line, sizeof line, f) != NULL; number++) {
        struct testcase c = {.where = where};
        snprintf(where, sizeof where, "%s:%d", path, number);
        if (read_line(line, &c)) {
            check_case(&c, l->stmt, raw, l->dbc);
            cases++;
        }
    }
    if (f != NULL) {
        fclose(f);
    }
    CHECK(cases >= 10);
}

/* `more` is a file that means what it does under this setting alone. */
static void run_files(const char *setting, const char *more)
{
    static const char *const files[] = {"string", "numeric", "datetime", "convert", "literal"};
    struct link l = link_open("");
    run(l.stmt, setting);
    run(l.stmt, source);
    SQLHSTMT raw = new_stmt(l.dbc);
    CHECK_OK(raw, SQLSetStmtAttr(raw, SQL_ATTR_NOSCAN, (SQLPOINTER)SQL_NOSCAN_ON, 0));
    for (size_t i = 0; i < COUNT(files); i++) {
        run_file(&l, raw, files[i]);
    }
    run_file(&l, raw, more);
    free_stmt(raw);
    link_close(&l);
}

static void values(void)
{
    run_files("set standard_conforming_strings = on", "conforming");
}

static void values_with_backslashes(void)
{
    run_files("set standard_conforming_strings = off; set escape_string_warning = off; set backslash_quote = on", "backslash");
}

/* Functions and types of an application's own that come before PostgreSQL's are not what {fn …} means. */
static void values_under_search_path(void)
{
    struct link l = link_open("");
    run(l.stmt, "drop schema if exists odbc_escapes cascade; create schema odbc_escapes");
    run(l.stmt, "set search_path = odbc_escapes, pg_catalog");
    run(l.stmt, "create function ascii(text) returns int language sql as 'select -1'; create function length(text) returns int language sql as 'select -1';"
                " create function left(text, int) returns text language sql as 'select null::text';"
                " create function upper(text) returns text language sql as 'select null::text';"
                " create function abs(int) returns int language sql as 'select -1';"
                " create function round(numeric, int) returns numeric language sql as 'select -1.0';"
                " create function date_trunc(text, timestamp) returns timestamp language sql as 'select null::timestamp';"
                " create function to_char(timestamp, text) returns text language sql as 'select null::text';"
                " create function age(timestamp, timestamp) returns interval language sql as 'select null::interval';"
                " create function current_database() returns name language sql as 'select null::name';"
                " create domain text as pg_catalog.text check (value = 'never'); create domain date as pg_catalog.date check (value is null);"
                " create domain uuid as pg_catalog.uuid check (value is null); create domain bytea as pg_catalog.bytea check (value is null)");
    run(l.stmt, "set search_path = odbc_escapes, pg_catalog");
    static const char *const expressions[][2] = {
        {"{fn ASCII('A')}", "65"}, {"{fn LEFT('abc', 2)}", "ab"}, {"{fn CHAR_LENGTH('abc')}", "3"}, {"{fn UCASE('abc')}", "ABC"}, {"{fn ABS(-5)}", "5"},
        {"{fn ROUND(1.25, 1)}", "1.3"}, {"{fn CONCAT('a', 'b')}", "ab"}, {"{fn DAYNAME({d '2024-02-29'})}", "Thursday"}, {"{fn DATABASE()}", "aldb_test"},
        {"{fn TIMESTAMPDIFF(SQL_TSI_MONTH, {d '2024-01-31'}, {d '2024-03-31'})}", "2"}, {"{fn CONVERT('2024-02-29', SQL_DATE)}", "2024-02-29"},
        {"{guid '00112233-4455-6677-8899-AABBCCDDEEFF'}", "00112233-4455-6677-8899-aabbccddeeff"}, {"{fn CONVERT('AB', SQL_VARBINARY)}", "4142"},
        {"{fn CONVERT(12, SQL_LONGVARCHAR)}", "12"}, {"{fn CONVERT(1, SQL_BIT)}", "1"}, {"{fn USER()}", "aldb_test"}, {"{fn SOUNDEX('Robert')}", "R163"},
        {"{fn DIFFERENCE('Robert', 'Rupert')}", "4"}, {"{fn CONVERT(5, SQL_INTERVAL_DAY)}", "5"}, {"{fn INSERT('abc', 1, 1, 'x')}", "xbc"},
    };
    for (size_t i = 0; i < COUNT(expressions); i++) {
        char sql[256];
        snprintf(sql, sizeof sql, "select %s", expressions[i][0]);
        check_text(query_text(l.stmt, sql), expressions[i][1], sql, __FILE__, __LINE__);
    }
    run(l.stmt, "set search_path = pg_catalog; drop schema odbc_escapes cascade");
    link_close(&l);
}

/* What depends on when and for whom it runs. */
static void circumstances(void)
{
    static const char *const truths[] = {
        "{fn CURDATE()} = current_date",
        "{fn CURRENT_DATE} = current_date and {fn CURRENT_DATE()} = current_date",
        "{fn CURTIME()} = date_trunc('second', localtimestamp)::time and {fn CURRENT_TIME} = {fn CURTIME()} and {fn CURRENT_TIME()} = {fn CURTIME()}",
        "{fn CURRENT_TIME(6)} = localtime and {fn CURRENT_TIME(3)}::text !~ '[.]....'",
        "{fn NOW()} = localtimestamp and {fn CURRENT_TIMESTAMP} = localtimestamp and {fn CURRENT_TIMESTAMP()} = localtimestamp",
        "{fn CURRENT_TIMESTAMP(6)} = {fn NOW()} and {fn CURRENT_TIMESTAMP(0)} = localtimestamp(0)",
        "{fn USER()} = current_user and {fn USER} = current_user",
        "{fn DATABASE()} = current_database() and {fn DATABASE} = current_database()",
        "{fn RAND()} >= 0 and {fn RAND()} < 1 and {fn RAND()} <> {fn RAND()}",
        "{fn RAND(42)} = {fn RAND(42)} and {fn RAND(42)} <> {fn RAND(43)} and {fn RAND(-2147483648)} < 1 and {fn RAND(2147483647)} < 1",
        "{fn YEAR({fn CURDATE()})} = extract(year from current_date)",
        "{fn TIMESTAMPADD(SQL_TSI_HOUR, 1, {t '10:00:00'})} = current_date + time '11:00:00'",
        "{fn TIMESTAMPADD(SQL_TSI_DAY, 1, {fn CURTIME()})}::date = current_date + 1",
        "{fn TIMESTAMPADD(SQL_TSI_DAY, 1, {fn CURRENT_TIME(3)})}::date = current_date + 1",
        "{fn TIMESTAMPDIFF(SQL_TSI_HOUR, {t '10:00:00'}, {t '12:30:00'})} = 2",
        "{fn TIMESTAMPDIFF(SQL_TSI_DAY, {t '10:00:00'}, {fn TIMESTAMPADD(SQL_TSI_DAY, 3, {t '10:00:00'})})} = 3",
        "{fn CONVERT({t '01:02:03'}, SQL_TYPE_TIMESTAMP)} = current_date + time '01:02:03'",
    };
    struct link l = link_open("");
    for (size_t i = 0; i < COUNT(truths); i++) {
        char sql[512];
        snprintf(sql, sizeof sql, "select %s", truths[i]);
        check_text(query_text(l.stmt, sql), "1", sql, __FILE__, __LINE__);
    }
    link_close(&l);
}

/* Wherever an expression may stand, with markers in functions that need an argument twice or in another order. */
static void places(void)
{
    static const struct {
        const char *sql, *value;
        const char *parameters[4];
    } list[] = {
        {"select count(*) from p where {fn LOCATE(?, a, ?)} > 0 and {fn DIFFERENCE(a, ?)} = 4", "1", {"b", "2", "abab"}},
        {"select a from p order by {fn LOCATE(?, a, ?)}, {fn INSERT(a, 1, 1, ?)} limit 1", "abab", {"b", "2", "z"}},
        {"select {fn LOCATE(?, max(a), ?)} from p", "3", {"b", "2"}},
        {"select {fn LOCATE(?, first_value(a) over (order by a), ?)} from p limit 1", "2", {"b", "2"}},
        {"select count(*) from p group by {fn LEFT(a, ?)} having {fn LOCATE(?, min(a), 1)} = ? order by 1 desc limit 1", "2", {"1", "b", "2"}},
        {"select sum({fn LOCATE(?, a, ?)})::int from p", "7", {"b", "2"}},
        {"select count(*) from p x join p y on {fn INSERT(x.a, 1, ?, ?)} = y.a", "3", {"0", ""}},
        {"with u as (update p set a = {fn INSERT(a, ?, 1, {fn UCASE(?)})} where {fn LOCATE(?, a, 3)} = 4 returning a) select a from u", "aXab", {"2", "x", "b"}},
        {"with i as (insert into p values ({fn INSERT(?, ?, 1, ?)}) returning a) select a from i", "xbc", {"abc", "1", "x"}},
        {"select exists (select 1 from p where a like {fn CONCAT({fn LEFT(?, 1)}, '%')} {escape '!'})", "1", {"a"}},
        {"select {fn LOCATE(a1, a2, ?)} from (select 'b' as a1, 'abab' as a2) args", "4", {"3"}}, /* names as those that the driver gives */
    };
    struct link l = link_open("");
    run(l.stmt, "create temp table p (a text check ({fn LOCATE('b', a, 1)} > 0 or a > ''));"
                " create index on p (({fn SOUNDEX(a)}), ({fn LOCATE('b', a, 2)}), ({fn INSERT(a, 1, 1, '')})); insert into p values ('abab'), ('baba'), ('abc')");
    set_autocommit(l.dbc, false);
    for (size_t i = 0; i < COUNT(list); i++) {
        for (SQLUSMALLINT k = 0; k < COUNT(list[i].parameters) && list[i].parameters[k] != NULL; k++) {
            CHECK_OK(l.stmt, SQLBindParameter(l.stmt, (SQLUSMALLINT)(k + 1), SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, 10, 0,
                                              T(list[i].parameters[k]), 0, NULL));
        }
        check_text(query_text(l.stmt, list[i].sql), list[i].value, list[i].sql, __FILE__, __LINE__);
        CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_RESET_PARAMS));
        CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_ROLLBACK));
    }
    /* Sets of parameters. */
    char texts[][8] = {"Robert", "Smith", "Ada"};
    SQLINTEGER starts[] = {1, 2, 3};
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_PARAMSET_SIZE, (SQLPOINTER)3, 0));
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 1, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, 8, 0, texts, sizeof texts[0], NULL));
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 2, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, starts, 0, NULL));
    CHECK_OK(l.stmt, SQLExecDirect(l.stmt, T("insert into p values ({fn INSERT({fn UCASE(?)}, ?, 1, '-')})"), SQL_NTS));
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_PARAMSET_SIZE, (SQLPOINTER)1, 0));
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_RESET_PARAMS));
    CHECK_TEXT(query_text(l.stmt, "select string_agg(a, ' ' order by a) from p where a like '%-%'"), "-OBERT AD- S-ITH");
    link_close(&l);
}

/* Parameters are described as what the function takes. */
static void parameters(void)
{
    static const struct {
        const char *expression;
        SQLSMALLINT types[4];
    } list[] = {
        {"{fn ASCII(?)}", {SQL_WLONGVARCHAR}},
        {"{fn CHAR(?)}", {SQL_INTEGER}},
        {"{fn CHAR_LENGTH(?)}", {SQL_WLONGVARCHAR}},
        {"{fn CONCAT(?, ?)}", {SQL_WLONGVARCHAR, SQL_WLONGVARCHAR}},
        {"{fn CONCAT(v, ?)}", {SQL_WLONGVARCHAR}},
        {"{fn INSERT(?, ?, ?, ?)}", {SQL_WLONGVARCHAR, SQL_INTEGER, SQL_INTEGER, SQL_WLONGVARCHAR}},
        {"{fn LEFT(?, 3)}", {SQL_WLONGVARCHAR}},
        {"{fn LEFT(?, ?)}", {SQL_WLONGVARCHAR, SQL_INTEGER}},
        {"{fn LOCATE(?, ?)}", {SQL_WLONGVARCHAR, SQL_WLONGVARCHAR}},
        {"{fn LOCATE(?, ?, ?)}", {SQL_WLONGVARCHAR, SQL_WLONGVARCHAR, SQL_INTEGER}},
        {"{fn SOUNDEX(?)}", {SQL_WLONGVARCHAR}},
        {"{fn DIFFERENCE(?, ?)}", {SQL_WLONGVARCHAR, SQL_WLONGVARCHAR}},
        {"{fn SPACE(?)}", {SQL_INTEGER}},
        {"{fn SUBSTRING(?, ?, ?)}", {SQL_WLONGVARCHAR, SQL_INTEGER, SQL_INTEGER}},
        {"{fn ABS(?)}", {SQL_NUMERIC}},
        {"{fn MOD(?, ?)}", {SQL_NUMERIC, SQL_NUMERIC}},
        {"{fn MOD(n, ?)}", {SQL_INTEGER}},
        {"{fn POWER(?, ?)}", {SQL_DOUBLE, SQL_DOUBLE}},
        {"{fn ROUND(?, ?)}", {SQL_NUMERIC, SQL_INTEGER}},
        {"{fn SQRT(?)}", {SQL_DOUBLE}},
        {"{fn YEAR(?)}", {SQL_TYPE_TIMESTAMP}},
        {"{fn DAYNAME(?)}", {SQL_TYPE_TIMESTAMP}},
        {"{fn HOUR(?)}", {SQL_TYPE_TIME}},
        {"{fn EXTRACT(YEAR FROM ?)}", {SQL_TYPE_TIMESTAMP}},
        {"{fn TIMESTAMPADD(SQL_TSI_DAY, ?, ?)}", {SQL_BIGINT, SQL_TYPE_TIMESTAMP}},
        {"{fn TIMESTAMPDIFF(SQL_TSI_MONTH, ?, ?)}", {SQL_TYPE_TIMESTAMP, SQL_TYPE_TIMESTAMP}},
        {"{fn IFNULL(n, ?)}", {SQL_INTEGER}},
        {"{fn CONVERT(?, SQL_INTEGER)}", {SQL_INTEGER}},
        {"{fn CONVERT(?, SQL_TYPE_DATE)}", {SQL_TYPE_DATE}},
        {"{ts '2024-01-01 00:00:00'} + ? * {interval '1' day}", {SQL_DOUBLE}},
    };
    struct link l = link_open("");
    run(l.stmt, source);
    for (size_t i = 0; i < COUNT(list); i++) {
        char sql[256];
        SQLSMALLINT count = 0;
        snprintf(sql, sizeof sql, "select %s from t", list[i].expression);
        CHECK_OK(l.stmt, SQLPrepare(l.stmt, T(sql), SQL_NTS));
        CHECK_OK(l.stmt, SQLNumParams(l.stmt, &count));
        for (SQLUSMALLINT k = 0; k < COUNT(list[i].types); k++) {
            SQLSMALLINT type = 0;
            check_int(k < count, list[i].types[k] != 0, sql, __FILE__, __LINE__);
            if (k < count) {
                CHECK_OK(l.stmt, SQLDescribeParam(l.stmt, (SQLUSMALLINT)(k + 1), &type, NULL, NULL, NULL));
                check_int(type, list[i].types[k], sql, __FILE__, __LINE__);
            }
        }
    }
    link_close(&l);
}

/* SOUNDEX and DIFFERENCE are those of the extension whose values applications may have stored. */
static void sounds(void)
{
    struct link l = link_open("");
    run(l.stmt, "create schema if not exists odbc_escapes_sounds; create extension if not exists fuzzystrmatch schema odbc_escapes_sounds");
    CHECK_TEXT(query_text(l.stmt, "with names as (select chr(65 + a) || chr(97 + b) || chr(97 + (a * 7 + b * 3 + c) % 26) || chr(97 + c) || '-' ||"
                                  " chr(65 + (b * c) % 26) as n"
                                  " from generate_series(0, 25) a, generate_series(0, 25) b, generate_series(0, 25) c)"
                                  " select coalesce(string_agg(n, ' '), 'same') from names where {fn SOUNDEX(n)} <> odbc_escapes_sounds.soundex(n)"),
               "same");
    CHECK_TEXT(query_text(l.stmt, "with names as (select chr(65 + a) || chr(97 + b) || chr(97 + (a * 7 + b * 3) % 26) as n"
                                  " from generate_series(0, 25) a, generate_series(0, 25) b)"
                                  " select coalesce(string_agg(x.n || ' ' || y.n, ', '), 'same') from names x, names y"
                                  " where x.n < y.n and {fn DIFFERENCE(x.n, y.n)} <> odbc_escapes_sounds.difference(x.n, y.n)"),
               "same");
    run(l.stmt, "drop schema odbc_escapes_sounds cascade");
    link_close(&l);
}

int main(void)
{
    static const struct test tests[] = {
        {"values", values},
        {"values with standard_conforming_strings off", values_with_backslashes},
        {"values under another search_path", values_under_search_path},
        {"time, user, chance", circumstances},
        {"places", places},
        {"parameters", parameters},
        {"sounds", sounds},
    };
    return run_tests("escape sequences", tests, COUNT(tests));
}
