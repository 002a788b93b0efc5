/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What goes in comes out: random values of every type, as their natural C type and as text, one by one and as arrays of parameters, read back alone (binary
 * format) and beside a regclass (the row is text then), under session styles that mislead whoever relies on them. The numbers are the same in every run.
 */
#include "harness.h"

#include <math.h>
#include <stdlib.h>

/* ---- random numbers ------------------------------------------------------------------------------------------------ */

static uint64_t state = 0x9E3779B97F4A7C15u;

static uint64_t next(void)
{
    uint64_t z = (state += 0x9E3779B97F4A7C15u); /* splitmix64 */
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static uint32_t below(uint32_t n)
{
    return (uint32_t)(next() % n);
}

/* ---- natural C types ----------------------------------------------------------------------------------------------- */

enum { SETS = 40, WIDTH = 400 };

/* One element of every C type, in a slot of WIDTH bytes; `length` is what goes with it. */
struct element {
    unsigned char bytes[WIDTH];
};
static struct element in[SETS];
static SQLLEN in_length[SETS];

/* Extremes come first, so that each of them is tried. */
static void make_bit(struct element *e, size_t i)
{
    e->bytes[0] = (unsigned char)(i % 2);
}

static void make_integer(struct element *e, size_t i)
{
    static const uint64_t extremes[] = {0, 1, UINT64_MAX, 0x8000000080008080u, 0x7FFFFFFF7FFF7F7Fu};
    uint64_t v = i < COUNT(extremes) ? extremes[i] : next() >> below(64);
    memcpy(e->bytes, &v, sizeof v);
}

static void make_float(struct element *e, size_t i)
{
    static const float extremes[] = {0.0F, -0.0F, 1e-45F, 3.4028235e38F, -1.17549435e-38F, INFINITY, -INFINITY, NAN};
    uint32_t bits = (uint32_t)next();
    float f;
    memcpy(&f, &bits, sizeof f);
    if (i < COUNT(extremes) || isnan(f)) {
        f = extremes[i % COUNT(extremes)];
    }
    memcpy(e->bytes, &f, sizeof f);
}

static void make_double(struct element *e, size_t i)
{
    static const double extremes[] = {0.0, -0.0, 5e-324, 1.7976931348623157e308, -2.2250738585072014e-308, 0.1, (double)INFINITY, -(double)INFINITY, (double)NAN};
    uint64_t bits = next();
    double d;
    memcpy(&d, &bits, sizeof d);
    if (i < COUNT(extremes) || isnan(d)) {
        d = extremes[i % COUNT(extremes)];
    }
    memcpy(e->bytes, &d, sizeof d);
}

/* 38 digits, scale 7 as the descriptors say. */
enum { NUMERIC_SCALE = 7 };

static void make_numeric(struct element *e, size_t i)
{
    SQL_NUMERIC_STRUCT n = {.precision = 38, .scale = NUMERIC_SCALE, .sign = (SQLCHAR)below(2)};
    uint64_t words[2] = {next(), i % 3 ? 0 : next() % 0x4B3B4CA85A86C47AU};
    if (i == 0) {
        memset(words, 0, sizeof words);
    } else if (i % 5 == 0) {
        words[0] >>= below(64);
    }
    if (words[0] == 0 && words[1] == 0) {
        n.sign = 1;
    }
    memcpy(n.val, words, sizeof words);
    memcpy(e->bytes, &n, sizeof n);
}

static SQLUSMALLINT days_of(SQLSMALLINT year, SQLUSMALLINT month)
{
    static const SQLUSMALLINT days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return (SQLUSMALLINT)(days[month - 1] + (month == 2 && leap ? 1 : 0));
}

static SQL_TIMESTAMP_STRUCT random_stamp(size_t i)
{
    static const SQL_TIMESTAMP_STRUCT extremes[] = {
        {1, 1, 1, 0, 0, 0, 0}, {9999, 12, 31, 23, 59, 59, 999999000}, {32767, 12, 31, 23, 59, 59, 1000}, {2000, 2, 29, 0, 0, 0, 100000000}, {1999, 12, 31, 23, 59, 59, 999999000},
        {1900, 2, 28, 12, 0, 0, 0}, {1969, 12, 31, 23, 59, 59, 0},
    };
    if (i < COUNT(extremes)) {
        return extremes[i];
    }
    SQL_TIMESTAMP_STRUCT t = {.year = (SQLSMALLINT)(1 + below(i % 4 ? 2999 : 32766)), .month = (SQLUSMALLINT)(1 + below(12))};
    t.day = (SQLUSMALLINT)(1 + below(days_of(t.year, t.month)));
    t.hour = (SQLUSMALLINT)below(24);
    t.minute = (SQLUSMALLINT)below(60);
    t.second = (SQLUSMALLINT)below(60);
    t.fraction = i % 3 ? below(1000000) * 1000 : 0;
    return t;
}

static void make_timestamp(struct element *e, size_t i)
{
    SQL_TIMESTAMP_STRUCT t = random_stamp(i);
    memcpy(e->bytes, &t, sizeof t);
}

static void make_date(struct element *e, size_t i)
{
    SQL_TIMESTAMP_STRUCT t = random_stamp(i);
    SQL_DATE_STRUCT d = {t.year, t.month, t.day};
    memcpy(e->bytes, &d, sizeof d);
}

static void make_time(struct element *e, size_t i)
{
    SQL_TIMESTAMP_STRUCT t = random_stamp(i);
    SQL_TIME_STRUCT d = {t.hour, t.minute, t.second};
    memcpy(e->bytes, &d, sizeof d);
}

static void make_bytes(struct element *e, size_t i)
{
    in_length[i] = i == 0 ? 0 : (SQLLEN)below(i % 4 ? 40 : WIDTH);
    for (SQLLEN k = 0; k < in_length[i]; k++) {
        e->bytes[k] = (unsigned char)next();
    }
}

static void make_guid(struct element *e, size_t i)
{
    for (size_t k = 0; k < sizeof(SQLGUID); k++) {
        e->bytes[k] = (unsigned char)(i == 0 ? 0 : next());
    }
}

/* Any character but NUL: quotes, controls, surrogate pairs. Returns the units. */
static size_t random_text(SQLWCHAR *text, size_t most)
{
    static const uint32_t odd[] = {'\'', '"', '\\', '{', '}', ',', '\n', '\t', 1, 0x7F, 0x85, 0xA0, 0x2028, 0xFEFF, 0xFFFD, 0xFFFF, 0x10FFFF, 0x1F600};
    size_t units = 0;
    while (units < most) {
        uint32_t c = below(3) ? below(2) ? ' ' + below(95) : odd[below(COUNT(odd))] : 1 + below(0x10FFFF);
        if (c >= 0xD800 && c <= 0xDFFF) {
            continue;
        }
        if (c > 0xFFFF) {
            text[units++] = (SQLWCHAR)(0xD800 + ((c - 0x10000) >> 10));
            text[units++] = (SQLWCHAR)(0xDC00 + ((c - 0x10000) & 0x3FF));
        } else {
            text[units++] = (SQLWCHAR)c;
        }
    }
    return units;
}

static void make_wide(struct element *e, size_t i)
{
    SQLWCHAR text[200];
    in_length[i] = (SQLLEN)(random_text(text, i == 0 ? 0 : below(i % 4 ? 12 : 180)) * sizeof text[0]);
    memcpy(e->bytes, text, (size_t)in_length[i]);
}

static void make_char(struct element *e, size_t i)
{
    SQLWCHAR text[200];
    text[random_text(text, i == 0 ? 0 : below(i % 4 ? 12 : 90))] = 0;
    in_length[i] = snprintf((char *)e->bytes, sizeof e->bytes, "%s", narrow(text));
}

/* Digits with and without a point, up to 300 of them. */
static void make_digits(struct element *e, size_t i)
{
    char *p = (char *)e->bytes;
    size_t whole = 1 + below(i % 4 ? 12 : 150);
    size_t fraction = i % 3 ? below(i % 4 ? 12 : 150) : 0;
    if (below(2)) {
        *p++ = '-';
    }
    *p++ = (char)('1' + below(9));
    for (size_t k = 1; k < whole; k++) {
        *p++ = (char)('0' + below(10));
    }
    if (fraction > 0) {
        *p++ = '.';
        for (size_t k = 0; k < fraction; k++) {
            *p++ = (char)('0' + below(10));
        }
    }
    *p = '\0';
    in_length[i] = p - (char *)e->bytes;
}

static SQLSMALLINT interval_type; /* of the type under test */

static void make_interval(struct element *e, size_t i)
{
    SQL_INTERVAL_STRUCT v;
    memset(&v, 0, sizeof v);
    v.interval_type = (SQLINTERVAL)(interval_type - SQL_INTERVAL_YEAR + SQL_IS_YEAR);
    v.interval_sign = (SQLSMALLINT)(i % 2);
    SQLUINTEGER lead = i < 2 ? 1 : 1 + below(99);
    switch (interval_type) {
    case SQL_INTERVAL_YEAR:
        v.intval.year_month.year = lead;
        break;
    case SQL_INTERVAL_MONTH:
        v.intval.year_month.month = lead;
        break;
    case SQL_INTERVAL_YEAR_TO_MONTH:
        v.intval.year_month.year = lead;
        v.intval.year_month.month = below(12);
        break;
    default: {
        SQL_DAY_SECOND_STRUCT *d = &v.intval.day_second;
        bool day = interval_type == SQL_INTERVAL_DAY || (interval_type >= SQL_INTERVAL_DAY_TO_HOUR && interval_type <= SQL_INTERVAL_DAY_TO_SECOND);
        bool hour = interval_type == SQL_INTERVAL_HOUR || (interval_type >= SQL_INTERVAL_DAY_TO_HOUR && interval_type != SQL_INTERVAL_MINUTE_TO_SECOND);
        bool second = interval_type == SQL_INTERVAL_SECOND || interval_type == SQL_INTERVAL_DAY_TO_SECOND || interval_type == SQL_INTERVAL_HOUR_TO_SECOND ||
                      interval_type == SQL_INTERVAL_MINUTE_TO_SECOND;
        bool minute = interval_type == SQL_INTERVAL_MINUTE || interval_type == SQL_INTERVAL_DAY_TO_MINUTE || interval_type == SQL_INTERVAL_HOUR_TO_MINUTE ||
                      (second && interval_type != SQL_INTERVAL_SECOND);
        d->day = day ? lead : 0;
        d->hour = !hour ? 0 : day ? below(24) : lead;
        d->minute = !minute ? 0 : day || hour ? below(60) : lead;
        d->second = !second ? 0 : day || hour || minute ? below(60) : lead;
        d->fraction = second ? below(1000000) : 0;
        break;
    }
    }
    memcpy(e->bytes, &v, sizeof v);
}

static const struct natural {
    const char *column;
    SQLSMALLINT c_type, sql_type;
    size_t size; /* bytes that count; 0: as long as it is */
    void (*make)(struct element *e, size_t i);
} naturals[] = {
    {"bool", SQL_C_BIT, SQL_BIT, 1, make_bit},
    {"int2", SQL_C_SSHORT, SQL_SMALLINT, 2, make_integer},
    {"int2", SQL_C_STINYINT, SQL_TINYINT, 1, make_integer},
    {"int2", SQL_C_UTINYINT, SQL_TINYINT, 1, make_integer},
    {"int4", SQL_C_USHORT, SQL_INTEGER, 2, make_integer},
    {"int4", SQL_C_SLONG, SQL_INTEGER, 4, make_integer},
    {"oid", SQL_C_ULONG, SQL_INTEGER, 4, make_integer},
    {"int8", SQL_C_SBIGINT, SQL_BIGINT, 8, make_integer},
    {"int8", SQL_C_ULONG, SQL_BIGINT, 4, make_integer},
    {"numeric", SQL_C_UBIGINT, SQL_NUMERIC, 8, make_integer},
    {"numeric", SQL_C_UBIGINT, SQL_BIGINT, 8, make_integer},
    {"text", SQL_C_SBIGINT, SQL_BIGINT, 8, make_integer},
    {"float4", SQL_C_FLOAT, SQL_REAL, 4, make_float},
    {"float8", SQL_C_FLOAT, SQL_DOUBLE, 4, make_float},
    {"float8", SQL_C_DOUBLE, SQL_DOUBLE, 8, make_double},
    {"text", SQL_C_DOUBLE, SQL_DOUBLE, 8, make_double},
    {"numeric", SQL_C_NUMERIC, SQL_NUMERIC, sizeof(SQL_NUMERIC_STRUCT), make_numeric},
    {"text", SQL_C_NUMERIC, SQL_NUMERIC, sizeof(SQL_NUMERIC_STRUCT), make_numeric},
    {"numeric", SQL_C_CHAR, SQL_NUMERIC, 0, make_digits},
    {"numeric", SQL_C_CHAR, SQL_VARCHAR, 0, make_digits},
    {"text", SQL_C_CHAR, SQL_VARCHAR, 0, make_char},
    {"text", SQL_C_WCHAR, SQL_WVARCHAR, 0, make_wide},
    {"varchar", SQL_C_WCHAR, SQL_WLONGVARCHAR, 0, make_wide},
    {"bytea", SQL_C_BINARY, SQL_VARBINARY, 0, make_bytes},
    {"bytea", SQL_C_BINARY, SQL_LONGVARBINARY, 0, make_bytes},
    {"uuid", SQL_C_GUID, SQL_GUID, sizeof(SQLGUID), make_guid},
    {"text", SQL_C_GUID, SQL_GUID, sizeof(SQLGUID), make_guid},
    {"date", SQL_C_TYPE_DATE, SQL_TYPE_DATE, sizeof(SQL_DATE_STRUCT), make_date},
    {"text", SQL_C_TYPE_DATE, SQL_TYPE_DATE, sizeof(SQL_DATE_STRUCT), make_date},
    {"time", SQL_C_TYPE_TIME, SQL_TYPE_TIME, sizeof(SQL_TIME_STRUCT), make_time},
    {"timetz", SQL_C_TYPE_TIME, SQL_TYPE_TIME, sizeof(SQL_TIME_STRUCT), make_time},
    {"timestamp", SQL_C_TYPE_TIMESTAMP, SQL_TYPE_TIMESTAMP, sizeof(SQL_TIMESTAMP_STRUCT), make_timestamp},
    {"timestamptz", SQL_C_TYPE_TIMESTAMP, SQL_TYPE_TIMESTAMP, sizeof(SQL_TIMESTAMP_STRUCT), make_timestamp},
    {"text", SQL_C_TYPE_TIMESTAMP, SQL_TYPE_TIMESTAMP, sizeof(SQL_TIMESTAMP_STRUCT), make_timestamp},
    {"date", SQL_C_TYPE_DATE, SQL_VARCHAR, sizeof(SQL_DATE_STRUCT), make_date},
    {"timestamp", SQL_C_TYPE_TIMESTAMP, SQL_VARCHAR, sizeof(SQL_TIMESTAMP_STRUCT), make_timestamp},
#define INTERVAL(column, name) {column, SQL_C_INTERVAL_##name, SQL_INTERVAL_##name, sizeof(SQL_INTERVAL_STRUCT), make_interval}
    INTERVAL("interval year", YEAR),
    INTERVAL("interval month", MONTH),
    INTERVAL("interval day", DAY),
    INTERVAL("interval hour", HOUR),
    INTERVAL("interval minute", MINUTE),
    INTERVAL("interval second", SECOND),
    INTERVAL("interval year to month", YEAR_TO_MONTH),
    INTERVAL("interval day to hour", DAY_TO_HOUR),
    INTERVAL("interval day to minute", DAY_TO_MINUTE),
    INTERVAL("interval day to second", DAY_TO_SECOND),
    INTERVAL("interval hour to minute", HOUR_TO_MINUTE),
    INTERVAL("interval hour to second", HOUR_TO_SECOND),
    INTERVAL("interval minute to second", MINUTE_TO_SECOND),
    INTERVAL("interval", DAY_TO_SECOND),
    INTERVAL("interval", YEAR_TO_MONTH),
    INTERVAL("text", DAY_TO_SECOND),
    INTERVAL("varchar", YEAR_TO_MONTH),
};

static void set_numeric(SQLHSTMT stmt, SQLINTEGER attribute, SQLSMALLINT record, void *data)
{
    SQLHDESC desc = SQL_NULL_HDESC;
    CHECK_OK(stmt, SQLGetStmtAttr(stmt, attribute, &desc, 0, NULL));
    CHECK_OK(desc, SQLSetDescField(desc, record, SQL_DESC_TYPE, (SQLPOINTER)SQL_C_NUMERIC, 0));
    CHECK_OK(desc, SQLSetDescField(desc, record, SQL_DESC_PRECISION, (SQLPOINTER)38, 0));
    CHECK_OK(desc, SQLSetDescField(desc, record, SQL_DESC_SCALE, (SQLPOINTER)NUMERIC_SCALE, 0));
    CHECK_OK(desc, SQLSetDescField(desc, record, SQL_DESC_DATA_PTR, data, 0));
}

/* All values of the type go in, row-wise in one array or one by one. */
static void put_all(SQLHSTMT stmt, const struct natural *n, bool array)
{
    static SQLINTEGER ids[SETS];
    SQLULEN sets = array ? SETS : 1;
    CHECK_OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_PARAMSET_SIZE, (SQLPOINTER)sets, 0));
    CHECK_OK(stmt, SQLPrepare(stmt, T("insert into trip (id, v) values (?, ?)"), SQL_NTS));
    size_t width = n->size != 0 ? n->size : WIDTH;
    unsigned char *packed = malloc(SETS * (size_t)WIDTH);
    if (packed == NULL) {
        CHECK(packed != NULL);
        return;
    }
    for (size_t i = 0; i < SETS; i++) {
        ids[i] = (SQLINTEGER)i;
        memcpy(packed + i * width, in[i].bytes, width);
    }
    for (size_t i = 0; i < SETS; i += sets) {
        unsigned char *data = packed + i * width;
        CHECK_OK(stmt, SQLBindParameter(stmt, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, &ids[i], 0, NULL));
        CHECK_OK(stmt, SQLBindParameter(stmt, 2, SQL_PARAM_INPUT, n->c_type, n->sql_type, 0, 6, data, (SQLLEN)width, &in_length[i]));
        if (n->c_type == SQL_C_NUMERIC) {
            set_numeric(stmt, SQL_ATTR_APP_PARAM_DESC, 2, data);
        }
        CHECK_OK(stmt, SQLExecute(stmt));
    }
    CHECK_OK(stmt, SQLFreeStmt(stmt, SQL_RESET_PARAMS));
    CHECK_OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_PARAMSET_SIZE, (SQLPOINTER)1, 0));
    free(packed);
}

static void check_element(const struct natural *n, size_t i, const unsigned char *out, SQLLEN length, const char *how)
{
    size_t bytes = n->size != 0 ? n->size : (size_t)in_length[i];
    SQLLEN wanted = n->size != 0 ? (SQLLEN)n->size : in_length[i];
    if (length != wanted || memcmp(out, in[i].bytes, bytes) != 0) {
        printf("\n    %s as C type %d, SQL type %d, value %zu, %s: length %lld, not %lld\n     ", n->column, n->c_type, n->sql_type, i, how, (long long)length,
               (long long)wanted);
        for (size_t k = 0; k < bytes && k < 40; k++) {
            printf("%s%02x/%02x", k ? " " : "", in[i].bytes[k], out[k]);
        }
        printf("\n");
        CHECK(false);
        return;
    }
    CHECK(true);
}

/* Read back in one block, and by SQLGetData. */
static void get_all(SQLHSTMT stmt, const struct natural *n, const char *beside)
{
    static unsigned char out[SETS * WIDTH];
    static SQLLEN length[SETS];
    char sql[128];
    size_t width = n->size != 0 ? n->size : WIDTH;
    SQLULEN fetched = 0;
    snprintf(sql, sizeof sql, "select v%s from trip order by id", beside);
    memset(out, 0x55, sizeof out);
    CHECK_OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_ROW_ARRAY_SIZE, (SQLPOINTER)SETS, 0));
    CHECK_OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_ROWS_FETCHED_PTR, &fetched, 0));
    CHECK_OK(stmt, SQLBindCol(stmt, 1, n->c_type, out, (SQLLEN)width, length));
    if (n->c_type == SQL_C_NUMERIC) {
        set_numeric(stmt, SQL_ATTR_APP_ROW_DESC, 1, out);
    }
    query(stmt, sql);
    CHECK_OK(stmt, SQLFetch(stmt));
    CHECK_INT(fetched, SETS);
    for (size_t i = 0; i < SETS; i++) {
        check_element(n, i, out + i * width, length[i], "in a block");
    }
    CHECK_OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_ROW_ARRAY_SIZE, (SQLPOINTER)1, 0));
    CHECK_OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_ROWS_FETCHED_PTR, NULL, 0));
    CHECK_OK(stmt, SQLFreeStmt(stmt, SQL_CLOSE));
    if (n->c_type != SQL_C_NUMERIC) { /* whose scale is 0 there */
        CHECK_OK(stmt, SQLFreeStmt(stmt, SQL_UNBIND));
        query(stmt, sql);
        for (size_t i = 0; i < SETS; i++) {
            CHECK_OK(stmt, SQLFetch(stmt));
            CHECK_OK(stmt, SQLGetData(stmt, 1, n->c_type, out, WIDTH + 2, length));
            check_element(n, i, out, length[0], "by SQLGetData");
        }
    }
    CHECK_OK(stmt, SQLFreeStmt(stmt, SQL_CLOSE));
    CHECK_OK(stmt, SQLFreeStmt(stmt, SQL_UNBIND));
}

/* No zone with summer time: a wall clock says which instant is meant. */
static const char *const sessions[] = {
    "set timezone = 'Asia/Kolkata'",
    "set timezone = 'UTC'; set datestyle = 'SQL, DMY'; set intervalstyle = 'sql_standard'; set bytea_output = 'escape'",
    "set timezone = '<+0330>-3:30'; set datestyle = 'German'; set intervalstyle = 'iso_8601'",
    "set timezone = 'Asia/Kolkata'; set datestyle = 'Postgres, MDY'; set intervalstyle = 'postgres_verbose'",
};

static void natural_types(void)
{
    for (size_t s = 0; s < COUNT(sessions); s++) {
        struct link l = link_open(s == 2 ? "TimestampTzAs=UTC" : "");
        run(l.stmt, sessions[s]);
        for (size_t k = 0; k < COUNT(naturals); k++) {
            const struct natural *n = &naturals[k];
            char sql[128];
            interval_type = n->c_type;
            memset(in, 0, sizeof in);
            memset(in_length, 0, sizeof in_length);
            for (size_t i = 0; i < SETS; i++) {
                n->make(&in[i], i);
            }
            for (int array = 0; array < 2; array++) {
                snprintf(sql, sizeof sql, "drop table if exists trip; create temp table trip (id int, v %s)", n->column);
                run(l.stmt, sql);
                put_all(l.stmt, n, array);
                get_all(l.stmt, n, "");
                get_all(l.stmt, n, ", 'pg_class'::regclass");
            }
        }
        link_close(&l);
    }
}

/* ---- text ---------------------------------------------------------------------------------------------------------- */

/* The server makes the values: `make` is an expression of g = 1 … with random() inside. */
static const struct made {
    const char *type, *make;
} made[] = {
    {"bool", "random() < 0.5"},
    {"int8", "(power(2, random() * 63) * sign(random() - 0.5))::int8"},
    {"oid", "(random() * 4294967295)::int8::oid"},
    {"xid8", "(random() * 1e18)::int8::text::xid8"},
    {"tid", "format('(%s,%s)', (random() * 4294967295)::int8, (random() * 65535)::int)::tid"},
    {"float4", "(exp((random() - 0.5) * 170) * sign(random() - 0.5))::float4"},
    {"float8", "exp((random() - 0.5) * 1400) * sign(random() - 0.5)"},
    {"numeric", "case g when 1 then 'NaN' when 2 then '-Infinity' else (random() * 1e15)::int8 * power(10::numeric, (random() * 60 - 30)::int) end"},
    {"money", "((random() - 0.5) * 1e15)::numeric::money"},
    {"text", "pg_temp.words(g)"},
    {"varchar", "pg_temp.words(g)"},
    {"char(20)", "left(pg_temp.words(g), 20)"},
    {"name", "left(pg_temp.words(g), 10)::name"},
    {"\"char\"", "chr(1 + (random() * 126)::int)::\"char\""},
    {"citext", "pg_temp.words(g)::citext"},
    {"date", "case g when 1 then 'infinity' when 2 then '0044-03-15 BC' when 3 then '5874897-12-31' else date '2000-01-01' + ((random() - 0.4) * 2000000)::int end"},
    {"time", "case g when 1 then '24:00' else time '00:00' + random() * interval '24 hours' end"},
    {"timestamp", "case g when 1 then '-infinity' when 2 then '4713-01-01 00:00:00.000001 BC' else timestamp '2000-01-01' + (random() - 0.4) * interval '5000 years' end"},
    {"interval", "make_interval(((random() - 0.5) * 1000)::int, ((random() - 0.5) * 30)::int, 0, ((random() - 0.5) * 100)::int, ((random() - 0.5) * 100)::int, "
                 "((random() - 0.5) * 100)::int, (random() - 0.5) * 100)"},
    {"interval day to second", "make_interval(days => (random() * 100)::int, secs => random() * 86400)"},
    {"uuid", "gen_random_uuid()"},
    {"json", "to_json(pg_temp.words(g))"},
    {"jsonb", "jsonb_build_object(pg_temp.words(g), jsonb_build_array(random(), null, pg_temp.words(g)))"},
    {"xml", "xmlelement(name a, xmlattributes(g as b), regexp_replace(pg_temp.words(g), '[\\x01-\\x1f\\uFFFE\\uFFFF]', '', 'g'))"},
    {"jsonpath", "format('$.\"a%s\"[*] ? (@ > %s)', g, g)::jsonpath"},
    {"inet", "('10.0.0.0'::inet + (random() * 1e6)::int8)"},
    {"cidr", "set_masklen('10.0.0.0'::cidr, 8 + g % 20)"},
    {"macaddr", "substr(md5(g::text), 1, 12)::macaddr"},
    {"macaddr8", "substr(md5(g::text), 1, 16)::macaddr8"},
    {"bit(12)", "(random() * 4095)::int::bit(12)"},
    {"varbit", "substr((random() * 1e9)::int::bit(32)::text, 1, g)::varbit"},
    {"point", "point(random() * 1e10, -random())"},
    {"line", "line(point(g, random()), point(random(), g))"},
    {"lseg", "lseg(point(g, random()), point(random(), g))"},
    {"box", "box(point(g, random()), point(random(), g))"},
    {"path", "path(polygon(box(point(g, random()), point(random(), g))))"},
    {"polygon", "polygon(box(point(g, random()), point(random(), g)))"},
    {"circle", "circle(point(g, random()), random())"},
    {"tsvector", "to_tsvector('simple', md5(g::text) || ' it''s ' || g)"},
    {"tsquery", "to_tsquery('simple', format('%s & !%s:*', md5(g::text), g))"},
    {"pg_lsn", "'0/0'::pg_lsn + (random() * 1e15)::numeric"},
    {"pg_snapshot", "format('%s:%s:%s', g, g + 9, g + 3)::pg_snapshot"},
    {"int4range", "int4range((random() * 1000)::int, 1000 + g, '[]')"},
    {"numrange", "numrange(random()::numeric, case when g % 2 = 0 then 1000 end, '(]')"},
    {"daterange", "daterange(date '2020-01-01' + g, case when g % 2 = 0 then 'infinity'::date end)"},
    {"tsrange", "tsrange(timestamp '2020-01-01' + random() * interval '1 year', null, '()')"},
    {"tstzrange", "tstzrange(timestamptz '2020-01-01' + random() * interval '1 year', timestamptz '2022-01-01' + g * interval '1 second')"},
    {"int8multirange", "int8multirange(int8range(1, 2), int8range(3 + g, 99))"},
    {"datemultirange", "datemultirange(daterange('2020-01-01', '2020-02-01'), daterange(date '2021-01-01' + g, null))"},
    {"tstzmultirange", "tstzmultirange(tstzrange(timestamptz '2020-01-01' + random() * interval '1 year', null))"},
    {"bool[]", "array[random() < 0.5, null, true]"},
    {"int4[]", "array[[g, -g], [null, 7]]"},
    {"float8[]", "array[random(), 'NaN', '-Infinity', exp((random() - 0.5) * 1400)]"},
    {"numeric[]", "array[random()::numeric, null, 'NaN', 1e20 * g]"},
    {"text[]", "array[pg_temp.words(g), null, 'NULL', '', pg_temp.words(g + 1)]"},
    {"varchar(5)[]", "array[left(pg_temp.words(g), 5), null, 'null']"},
    {"char(3)[]", "array['a', ' b', null]"},
    {"bytea[]", "array[decode(md5(g::text), 'hex'), '', null, '\\x5c2722']"},
    {"date[]", "array[date '2020-01-01' + g, null, 'infinity', '0044-03-15 BC']"},
    {"time[]", "array[time '00:00' + random() * interval '24 hours', null, '24:00']"},
    {"timestamp[]", "('[0:1]=' || array[timestamp '2020-01-01' + random() * interval '1 year', null]::text)::timestamp[]"},
    {"timestamptz[]", "array[timestamptz '2020-01-01' + random() * interval '1 year', null, 'infinity', '0044-03-15 00:00:00 BC']"},
    {"timetz[]", "array[(time '00:00' + random() * interval '24 hours')::text::timetz, null, '23:59:59.5-15:59']"},
    {"interval[]", "array[make_interval(g, -g, 0, g, 3, 4, random() * 60), null, '-1 day']"},
    {"uuid[]", "array[gen_random_uuid(), null]"},
    {"json[]", "array[to_json(pg_temp.words(g)), null]"},
    {"jsonb[]", "array[to_jsonb(pg_temp.words(g)), null, 'null']"},
    {"inet[]", "array['10.0.0.0'::inet + g, null]"},
    {"point[]", "array[point(g, random()), null]"},
    {"box[]", "array[box(point(g, 1), point(2, 3)), box(point(0, 0), point(1, g))]"},
    {"daterange[]", "array[daterange(date '2020-01-01' + g, null), null, 'empty']"},
    {"tstzmultirange[]", "array[tstzmultirange(tstzrange(timestamptz '2020-01-01' + random() * interval '1 year', null)), '{}']"},
    {"pg_temp.mood", "case g % 3 when 0 then 'so, so' when 1 then 'it''s' else '\"' end::pg_temp.mood"},
    {"pg_temp.mood[]", "array[case g % 3 when 0 then 'so, so' when 1 then 'it''s' else '\"' end::pg_temp.mood, null]"},
    {"pg_temp.pair", "row(pg_temp.words(g), case when g % 2 = 0 then g end, array[pg_temp.words(g), null])::pg_temp.pair"},
    {"pg_temp.pair[]", "array[row(pg_temp.words(g), g, array['', ',()'])::pg_temp.pair, null]"},
    {"pg_temp.positive", "g"},
    {"hstore", "hstore(pg_temp.words(g), case when g % 2 = 0 then pg_temp.words(g + 7) end)"},
    {"ltree", "format('a%s.b_c.%s', g, g)::ltree"},
};

static void make_things(SQLHSTMT stmt)
{
    run(stmt, "create type pg_temp.mood as enum ('so, so', 'it''s', '\"');"
              "create type pg_temp.pair as (a text, \"b c\" int, d text[]);"
              "create domain pg_temp.positive as int check (value > 0);"
              "create function pg_temp.words(n int) returns text language sql volatile as $$"
              " select coalesce(string_agg(case when random() < 0.3 then substr($q$'\"\\{}(),;: =>|&$q$, 1 + (random() * 15)::int, 1)"
              " when random() < 0.1 then chr(10) when random() < 0.5 then chr(97 + (random() * 25)::int)"
              " when random() < 0.5 then chr(128512 + (random() * 50)::int) else chr(161 + (random() * 9000)::int) end, ''), '')"
              " from generate_series(1, (random() * 15)::int + n * 0) $$;");
}

static void as_text(void)
{
    static char text[8192];
    static SQLWCHAR units[8192];
    for (size_t s = 0; s < COUNT(sessions); s++) {
        struct link l = link_open("TimestampTzAs=TEXT");
        SQLHSTMT put = new_stmt(l.dbc);
        make_things(l.stmt);
        run(l.stmt, sessions[s]);
        run(l.stmt, "select setseed(0.42)");
        for (size_t k = 0; k < COUNT(made); k++) {
            char sql[1024];
            SQLINTEGER id = 0;
            SQLINTEGER equal = 0;
            SQLLEN length = 0;
            SQLLEN wide_length = 0;
            int64_t rows = 0;
            snprintf(sql, sizeof sql, "drop table if exists made; create temp table made (id int, v %s); insert into made select g, %s from generate_series(1, 8) g",
                     made[k].type, made[k].make);
            run(l.stmt, sql);
            snprintf(sql, sizeof sql, "select count(*)::int from made where id = ? and v::text = (?::%s)::text and v::text = (?::%s)::text", made[k].type,
                     made[k].type);
            CHECK_OK(put, SQLPrepare(put, T(sql), SQL_NTS));
            CHECK_OK(put, SQLBindParameter(put, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, &id, 0, NULL));
            CHECK_OK(put, SQLBindParameter(put, 2, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, 0, 0, text, 0, &length));
            CHECK_OK(put, SQLBindParameter(put, 3, SQL_PARAM_INPUT, SQL_C_WCHAR, SQL_WVARCHAR, 0, 0, units, 0, &wide_length));
            for (int beside = 0; beside < 2; beside++) {
                query(l.stmt, beside ? "select id, v, 'pg_class'::regclass from made order by id" : "select id, v from made order by id");
                while (SQLFetch(l.stmt) == SQL_SUCCESS) {
                    CHECK_OK(l.stmt, SQLGetData(l.stmt, 1, SQL_C_SLONG, &id, 0, NULL));
                    CHECK_OK(l.stmt, SQLGetData(l.stmt, 2, SQL_C_CHAR, text, sizeof text, &length));
                    CHECK_OK(l.stmt, SQLGetData(l.stmt, 2, SQL_C_WCHAR, units, sizeof units, &wide_length));
                    equal = -1;
                    CHECK_OK(put, SQLExecute(put));
                    CHECK_OK(put, SQLFetch(put));
                    CHECK_OK(put, SQLGetData(put, 1, SQL_C_SLONG, &equal, 0, NULL));
                    CHECK_OK(put, SQLFreeStmt(put, SQL_CLOSE));
                    if (equal != 1) {
                        printf("\n    %s, session %zu: %s\n", made[k].type, s, text);
                    }
                    CHECK_INT(equal, 1);
                    rows++;
                }
                CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
            }
            CHECK_INT(rows, 16);
            CHECK_OK(put, SQLFreeStmt(put, SQL_RESET_PARAMS));
        }
        free_stmt(put);
        link_close(&l);
    }
}

int main(void)
{
    static const struct test tests[] = {
        {"natural C types", natural_types},
        {"text", as_text},
    };
    return run_tests("round trips", tests, COUNT(tests));
}
