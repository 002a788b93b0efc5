/* SPDX-License-Identifier: Apache-2.0 */
/* SQL and C types of ODBC: codes, sizes, defaults. https://learn.microsoft.com/sql/odbc/reference/appendixes/appendix-d-data-types */
#include <stddef.h>
#include <string.h>

#include "alloydb_odbc.h"
#include "types/describe.h"
#include "types/types.h"

/* Every SQL type: sizes where they are fixed, and what SQL_C_DEFAULT means. ODBC appendix D. */
static const struct sql_fact {
    SQLSMALLINT type;
    SQLSMALLINT c_type;
    uint32_t declared; /* OID that a bound type declares */
    enum aldb_sql_class class;
    int16_t column_size, octets, display;
    int16_t radix;
    const char *name;
} sql_facts[] = {
    {SQL_CHAR, SQL_C_CHAR, 0, ALDB_SQL_CHARACTER, 0, 0, 0, 0, "SQL_CHAR"},
    {SQL_VARCHAR, SQL_C_CHAR, 0, ALDB_SQL_CHARACTER, 0, 0, 0, 0, "SQL_VARCHAR"},
    {SQL_LONGVARCHAR, SQL_C_CHAR, 0, ALDB_SQL_CHARACTER, 0, 0, 0, 0, "SQL_LONGVARCHAR"},
    {SQL_WCHAR, SQL_C_WCHAR, 0, ALDB_SQL_CHARACTER, 0, 0, 0, 0, "SQL_WCHAR"},
    {SQL_WVARCHAR, SQL_C_WCHAR, 0, ALDB_SQL_CHARACTER, 0, 0, 0, 0, "SQL_WVARCHAR"},
    {SQL_WLONGVARCHAR, SQL_C_WCHAR, 0, ALDB_SQL_CHARACTER, 0, 0, 0, 0, "SQL_WLONGVARCHAR"},
    {SQL_DECIMAL, SQL_C_CHAR, ALDB_OID_NUMERIC, ALDB_SQL_DECIMAL, 0, 0, 0, 10, "SQL_DECIMAL"},
    {SQL_NUMERIC, SQL_C_CHAR, ALDB_OID_NUMERIC, ALDB_SQL_DECIMAL, 0, 0, 0, 10, "SQL_NUMERIC"},
    {SQL_BIT, SQL_C_BIT, ALDB_OID_BOOL, ALDB_SQL_PLAIN, 1, 1, 1, 0, "SQL_BIT"},
    {SQL_TINYINT, SQL_C_STINYINT, ALDB_OID_INT4, ALDB_SQL_NUMBER, 3, 1, 4, 10, "SQL_TINYINT"},
    {SQL_SMALLINT, SQL_C_SSHORT, ALDB_OID_INT4, ALDB_SQL_NUMBER, 5, 2, 6, 10, "SQL_SMALLINT"},
    {SQL_INTEGER, SQL_C_SLONG, ALDB_OID_INT4, ALDB_SQL_NUMBER, 10, 4, 11, 10, "SQL_INTEGER"},
    {SQL_BIGINT, SQL_C_SBIGINT, ALDB_OID_INT8, ALDB_SQL_NUMBER, 19, 8, 20, 10, "SQL_BIGINT"},
    /* Bits; the display size is that of the longest shortest-round-trip text. */
    {SQL_REAL, SQL_C_FLOAT, ALDB_OID_FLOAT8, ALDB_SQL_NUMBER, 24, 4, 15, 2, "SQL_REAL"},
    {SQL_FLOAT, SQL_C_DOUBLE, ALDB_OID_FLOAT8, ALDB_SQL_NUMBER, 53, 8, 24, 2, "SQL_FLOAT"},
    {SQL_DOUBLE, SQL_C_DOUBLE, ALDB_OID_FLOAT8, ALDB_SQL_NUMBER, 53, 8, 24, 2, "SQL_DOUBLE"},
    {SQL_BINARY, SQL_C_BINARY, ALDB_OID_BYTEA, ALDB_SQL_BINARY, 0, 0, 0, 0, "SQL_BINARY"},
    {SQL_VARBINARY, SQL_C_BINARY, ALDB_OID_BYTEA, ALDB_SQL_BINARY, 0, 0, 0, 0, "SQL_VARBINARY"},
    {SQL_LONGVARBINARY, SQL_C_BINARY, ALDB_OID_BYTEA, ALDB_SQL_BINARY, 0, 0, 0, 0, "SQL_LONGVARBINARY"},
    /* Display room for "5874897-12-31" and "4713-01-01 BC". */
    {SQL_TYPE_DATE, SQL_C_TYPE_DATE, ALDB_OID_DATE, ALDB_SQL_PLAIN, 10, sizeof(SQL_DATE_STRUCT), 13,
     0, "SQL_TYPE_DATE"},
    {SQL_TYPE_TIME, SQL_C_TYPE_TIME, ALDB_OID_TIME, ALDB_SQL_TIME, 8, sizeof(SQL_TIME_STRUCT), 8,
     0, "SQL_TYPE_TIME"},
    {SQL_TYPE_TIMESTAMP, SQL_C_TYPE_TIMESTAMP, ALDB_OID_TIMESTAMP, ALDB_SQL_TIMESTAMP, 19,
     sizeof(SQL_TIMESTAMP_STRUCT), ALDB_TIMESTAMP_ROOM, 0, "SQL_TYPE_TIMESTAMP"},
    {SQL_GUID, SQL_C_GUID, ALDB_OID_UUID, ALDB_SQL_PLAIN, 36, sizeof(SQLGUID), 36, 0, "SQL_GUID"},
#define ALDB_INTERVAL(name, words, fields, behind)                                                 \
    {SQL_INTERVAL_##name, SQL_C_INTERVAL_##name, ALDB_OID_INTERVAL, ALDB_SQL_INTERVAL, 0, 34, 0, 0, "SQL_INTERVAL_" #name},
#include "types/intervals.def"
#undef ALDB_INTERVAL
};

SQLSMALLINT aldb_type_bound_as(SQLSMALLINT sql_type)
{
    bool own = sql_type >= SQL_ALLOYDB_TYPE(0) && aldb_type_find((uint32_t)(sql_type - SQL_ALLOYDB_TYPE(0))) != NULL;

    return own ? SQL_VARCHAR : sql_type;
}

static const struct sql_fact *fact_of(SQLSMALLINT type)
{
    type = aldb_type_bound_as(type);
    for (size_t i = 0; i < ALDB_COUNT(sql_facts); i++) {
        if (sql_facts[i].type == type) {
            return &sql_facts[i];
        }
    }
    return NULL;
}

enum aldb_sql_class aldb_sql_class_of(SQLSMALLINT sql_type)
{
    const struct sql_fact *f = fact_of(sql_type);

    return f != NULL ? f->class : ALDB_SQL_UNKNOWN;
}

bool aldb_sql_type_valid(SQLSMALLINT sql_type)
{
    return fact_of(aldb_type_from_v2(sql_type)) != NULL;
}

SQLSMALLINT aldb_type_default_c(SQLSMALLINT sql_type)
{
    const struct sql_fact *f = fact_of(aldb_type_from_v2(sql_type));

    return f != NULL ? f->c_type : 0;
}

uint32_t aldb_type_declared_oid(SQLSMALLINT sql_type)
{
    const struct sql_fact *f = fact_of(aldb_type_from_v2(sql_type));

    return f != NULL ? f->declared : 0;
}

SQLSMALLINT aldb_type_from_v2(SQLSMALLINT type)
{
    return type >= SQL_DATE && type <= SQL_TIMESTAMP
               ? (SQLSMALLINT)(type - SQL_DATE + SQL_TYPE_DATE)
               : type;
}

SQLSMALLINT aldb_type_to_v2(SQLSMALLINT type)
{
    return type >= SQL_TYPE_DATE && type <= SQL_TYPE_TIMESTAMP
               ? (SQLSMALLINT)(type - SQL_TYPE_DATE + SQL_DATE)
               : type;
}

static bool is_datetime(SQLSMALLINT concise)
{
    return concise >= SQL_TYPE_DATE && concise <= SQL_TYPE_TIMESTAMP;
}

static const struct aldb_interval_type intervals[] = {
#define ALDB_INTERVAL(name, words, fields, behind)                                                 \
    [SQL_INTERVAL_##name - SQL_INTERVAL_YEAR] = {SQL_INTERVAL_##name, fields, behind, "interval " words, "' " words "}", "SQL_C_INTERVAL_" #name},
#include "types/intervals.def"
#undef ALDB_INTERVAL
};

const struct aldb_interval_type *aldb_interval_type_find(SQLSMALLINT type)
{
    int i = type - SQL_INTERVAL_YEAR;

    return i >= 0 && i < (int)ALDB_COUNT(intervals) ? &intervals[i] : NULL;
}

const struct aldb_interval_type *aldb_interval_type_of(int32_t typmod)
{
    for (size_t i = 0; typmod >= 0 && i < ALDB_COUNT(intervals); i++) {
        if (intervals[i].fields == (typmod >> 16 & 0x7fff)) {
            return &intervals[i];
        }
    }
    return NULL;
}

static bool is_interval(SQLSMALLINT concise)
{
    return aldb_interval_type_find(concise) != NULL;
}

void aldb_type_verbose(SQLSMALLINT concise, SQLSMALLINT *verbose, SQLSMALLINT *code)
{
    if (is_datetime(concise)) {
        *verbose = SQL_DATETIME;
        *code = (SQLSMALLINT)(concise - SQL_TYPE_DATE + SQL_CODE_DATE);
    } else if (is_interval(concise)) {
        *verbose = SQL_INTERVAL;
        *code = (SQLSMALLINT)(concise - SQL_INTERVAL_YEAR + SQL_CODE_YEAR);
    } else {
        *verbose = concise;
        *code = 0;
    }
}

SQLSMALLINT aldb_type_concise(SQLSMALLINT verbose, SQLSMALLINT code)
{
    if (verbose == SQL_DATETIME) {
        SQLSMALLINT t = (SQLSMALLINT)(code - SQL_CODE_DATE + SQL_TYPE_DATE);
        return is_datetime(t) ? t : 0;
    }
    if (verbose == SQL_INTERVAL) {
        SQLSMALLINT t = (SQLSMALLINT)(code - SQL_CODE_YEAR + SQL_INTERVAL_YEAR);
        return is_interval(t) ? t : 0;
    }
    return code == 0 ? verbose : 0;
}

/* ------------------------------------------------------------------ C types */

static const struct {
    SQLSMALLINT type;
    SQLLEN size;
    const char *name;
} c_facts[] = {
    {SQL_C_CHAR, 0, "SQL_C_CHAR"},
    {SQL_C_WCHAR, 0, "SQL_C_WCHAR"},
    {SQL_C_BINARY, 0, "SQL_C_BINARY"},
    {SQL_C_DEFAULT, 0, "SQL_C_DEFAULT"},
    {SQL_C_BIT, sizeof(SQLCHAR), "SQL_C_BIT"},
    {SQL_C_TINYINT, sizeof(SQLSCHAR), "SQL_C_TINYINT"},
    {SQL_C_STINYINT, sizeof(SQLSCHAR), "SQL_C_STINYINT"},
    {SQL_C_UTINYINT, sizeof(SQLCHAR), "SQL_C_UTINYINT"},
    {SQL_C_SHORT, sizeof(SQLSMALLINT), "SQL_C_SHORT"},
    {SQL_C_SSHORT, sizeof(SQLSMALLINT), "SQL_C_SSHORT"},
    {SQL_C_USHORT, sizeof(SQLUSMALLINT), "SQL_C_USHORT"},
    {SQL_C_LONG, sizeof(SQLINTEGER), "SQL_C_LONG"},
    {SQL_C_SLONG, sizeof(SQLINTEGER), "SQL_C_SLONG"},
    {SQL_C_ULONG, sizeof(SQLUINTEGER), "SQL_C_ULONG"},
    {SQL_C_SBIGINT, sizeof(SQLBIGINT), "SQL_C_SBIGINT"},
    {SQL_C_UBIGINT, sizeof(SQLUBIGINT), "SQL_C_UBIGINT"},
    {SQL_C_FLOAT, sizeof(SQLREAL), "SQL_C_FLOAT"},
    {SQL_C_DOUBLE, sizeof(SQLDOUBLE), "SQL_C_DOUBLE"},
    {SQL_C_NUMERIC, sizeof(SQL_NUMERIC_STRUCT), "SQL_C_NUMERIC"},
    {SQL_C_TYPE_DATE, sizeof(SQL_DATE_STRUCT), "SQL_C_TYPE_DATE"},
    {SQL_C_TYPE_TIME, sizeof(SQL_TIME_STRUCT), "SQL_C_TYPE_TIME"},
    {SQL_C_TYPE_TIMESTAMP, sizeof(SQL_TIMESTAMP_STRUCT), "SQL_C_TYPE_TIMESTAMP"},
    {SQL_C_DATE, sizeof(SQL_DATE_STRUCT), "SQL_C_DATE"},
    {SQL_C_TIME, sizeof(SQL_TIME_STRUCT), "SQL_C_TIME"},
    {SQL_C_TIMESTAMP, sizeof(SQL_TIMESTAMP_STRUCT), "SQL_C_TIMESTAMP"},
    {SQL_C_GUID, sizeof(SQLGUID), "SQL_C_GUID"},
};

bool aldb_c_type_valid(SQLSMALLINT c_type)
{
    if (is_interval(c_type)) {
        return true;
    }
    for (size_t i = 0; i < ALDB_COUNT(c_facts); i++) {
        if (c_facts[i].type == c_type) {
            return true;
        }
    }
    return false;
}

const char *aldb_c_type_name(SQLSMALLINT c_type)
{
    const struct aldb_interval_type *interval = aldb_interval_type_find(c_type);

    if (interval != NULL) {
        return interval->c_name;
    }
    for (size_t i = 0; i < ALDB_COUNT(c_facts); i++) {
        if (c_facts[i].type == c_type) {
            return c_facts[i].name;
        }
    }
    return "an unknown C type";
}

const char *aldb_sql_type_name(SQLSMALLINT sql_type)
{
    const struct sql_fact *f = fact_of(sql_type);

    return f != NULL ? f->name : "an unknown SQL type";
}

SQLLEN aldb_c_type_size(SQLSMALLINT c_type)
{
    if (is_interval(c_type)) {
        return sizeof(SQL_INTERVAL_STRUCT);
    }
    for (size_t i = 0; i < ALDB_COUNT(c_facts); i++) {
        if (c_facts[i].type == c_type) {
            return c_facts[i].size;
        }
    }
    return 0;
}

/* ------------------------------------------------------------------ describing a SQL type */

static bool is_wide(SQLSMALLINT type)
{
    return type == SQL_WCHAR || type == SQL_WVARCHAR || type == SQL_WLONGVARCHAR;
}

static bool is_long(SQLSMALLINT type)
{
    return type == SQL_LONGVARCHAR || type == SQL_WLONGVARCHAR || type == SQL_LONGVARBINARY;
}

/* Size of variable-length types: `declared` by the column, else what the options or PostgreSQL's limits say; 0: not known. */
static uint32_t variable_size(const struct aldb_type_options *opt, SQLSMALLINT type,
                              uint32_t declared)
{
    uint32_t cap = is_long(type) ? opt->max_longvarchar : opt->max_varchar;

    if (declared != 0) {
        return declared;
    }
    if (cap != 0) {
        return cap;
    }
    if (opt->sizes_unknown) {
        return 0;
    }
    return is_long(type) ? ALDB_SIZE_LONG : ALDB_SIZE_UNLIMITED;
}

static void describe_character(const struct aldb_type_options *opt, uint32_t declared,
                               struct aldb_type_desc *out)
{
    uint32_t size = variable_size(opt, out->concise_type, declared);
    /* A character may take four bytes in UTF-8 and in UTF-16; the longest value, of single bytes in UTF-8, takes two each in UTF-16. */
    SQLLEN most = is_wide(out->concise_type) ? 2 * (SQLLEN)ALDB_SIZE_LONG : (SQLLEN)ALDB_SIZE_LONG;

    out->column_size = size;
    out->display_size = size;
    out->octet_length = (SQLLEN)size > most / 4 ? most : (SQLLEN)size * 4;
    if (size == 0) {
        out->display_size = out->octet_length = SQL_NO_TOTAL;
    }
    out->literal_prefix = "'";
    out->literal_suffix = "'";
}

static void describe_binary(const struct aldb_type_options *opt, uint32_t declared,
                            struct aldb_type_desc *out)
{
    uint32_t size = variable_size(opt, out->concise_type, declared);

    out->column_size = size;
    out->octet_length = size;
    out->display_size = (SQLLEN)size * 2;
    if (size == 0) {
        out->display_size = out->octet_length = SQL_NO_TOTAL;
    }
    out->literal_prefix = "'\\x";
    out->literal_suffix = "'::bytea";
}

/* Sign, at least one digit before the point, point and fraction; never less than the p + 2 of the standard. */
static SQLLEN decimal_display(int precision, int scale)
{
    int whole = precision > scale ? precision - scale : 1;
    int needed = 1 + whole + (scale > 0 ? 1 + scale : 0);

    return needed > precision + 2 ? needed : precision + 2;
}

static void describe_decimal(uint32_t precision, int scale, struct aldb_type_desc *out)
{
    out->column_size = precision;
    out->precision = (SQLSMALLINT)precision;
    out->decimal_digits = (SQLSMALLINT)scale;
    out->scale = (SQLSMALLINT)scale;
    out->display_size = decimal_display((int)precision, scale);
    out->octet_length = out->display_size;
}

/* PostgreSQL's own interval '5:06' minute to second knows no minutes above 59 and lets a minus count for the first field only: ODBC's form has neither trap. */
static void describe_interval(int digits, struct aldb_type_desc *out)
{
    const struct aldb_interval_type *t = aldb_interval_type_find(out->concise_type);
    int fraction = t->fields & ALDB_FIELD_SECOND ? digits : 0;

    out->datetime_interval_precision = ALDB_INTERVAL_LEADING;
    out->precision = (SQLSMALLINT)fraction;
    out->decimal_digits = (SQLSMALLINT)fraction;
    out->column_size =
        (SQLULEN)(ALDB_INTERVAL_LEADING + t->behind + (fraction > 0 ? fraction + 1 : 0));
    /* Values that no ODBC interval can say (months among days, mixed signs) come in the server's words. */
    out->display_size = ALDB_INTERVAL_ROOM;
    out->literal_prefix = "{interval '";
    out->literal_suffix = t->suffix;
}

void aldb_type_describe_sql(const struct aldb_type_options *opt, SQLSMALLINT sql_type,
                            uint32_t size, int digits, struct aldb_type_desc *out)
{
    const struct sql_fact *f = fact_of(sql_type);

    *out = (struct aldb_type_desc){
        .concise_type = sql_type, .sql_type = sql_type, .literal_prefix = "", .literal_suffix = ""};
    if (f == NULL) {
        return;
    }
    aldb_type_verbose(sql_type, &out->verbose_type, &out->datetime_code);
    out->column_size = (SQLULEN)f->column_size;
    out->octet_length = f->octets;
    out->display_size = f->display;
    out->num_prec_radix = f->radix;
    out->default_c_type = f->c_type;
    out->is_unsigned = f->radix != 0 ? SQL_FALSE : SQL_TRUE;
    switch (f->class) {
    case ALDB_SQL_UNKNOWN:
        break;
    case ALDB_SQL_CHARACTER:
        describe_character(opt, size, out);
        break;
    case ALDB_SQL_BINARY:
        describe_binary(opt, size, out);
        break;
    case ALDB_SQL_DECIMAL:
        describe_decimal(size, digits, out);
        break;
    case ALDB_SQL_NUMBER:
        out->precision = f->column_size;
        break;
    case ALDB_SQL_PLAIN:
        out->literal_prefix = "'";
        out->literal_suffix = "'";
        break;
    case ALDB_SQL_TIME:
    case ALDB_SQL_TIMESTAMP:
        out->column_size += digits > 0 ? (SQLULEN)digits + 1 : 0;
        out->display_size += digits > 0 ? digits + 1 : 0;
        out->decimal_digits = (SQLSMALLINT)digits;
        out->precision = (SQLSMALLINT)digits;
        out->literal_prefix = "'";
        out->literal_suffix = "'";
        break;
    case ALDB_SQL_INTERVAL:
        describe_interval(digits, out);
        break;
    }
    out->length = out->column_size;
}
