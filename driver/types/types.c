/* SPDX-License-Identifier: Apache-2.0 */
#include "types/types.h"

#include <stddef.h>
#include <string.h>

#include "config/options.h"
#include "types/describe.h"

/* ------------------------------------------------------------------ built-in types */

static const struct aldb_type builtin[] = {
#define ALDB_TYPE(oid, array, element, name, family, binary, room)                                                     \
    {oid, array, element, name, ALDB_FAM_##family, binary, room},
#include "types/types.def"
#undef ALDB_TYPE
};

const struct aldb_type *aldb_type_find(uint32_t oid)
{
    size_t low = 0;
    size_t high = ALDB_COUNT(builtin);

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (builtin[middle].oid == oid) {
            return &builtin[middle];
        }
        if (builtin[middle].oid < oid) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}

enum aldb_family aldb_type_family(uint32_t oid)
{
    const struct aldb_type *t = aldb_type_find(oid);

    return t != NULL ? t->family : ALDB_FAM_OTHER;
}

bool aldb_type_binary(uint32_t oid)
{
    const struct aldb_type *t = aldb_type_find(oid);

    return t != NULL && t->binary;
}

/* ------------------------------------------------------------------ SQL types */

static const struct {
    SQLSMALLINT type;
    SQLSMALLINT searchable;
    SQLSMALLINT case_sensitive;
} family_facts[ALDB_FAM_COUNT] = {
#define ALDB_FAMILY(name, type, searchable, case_sensitive) {type, searchable, case_sensitive},
#include "types/families.def"
#undef ALDB_FAMILY
};

enum sql_class {
    CLASS_CHARACTER, /* sizes in characters */
    CLASS_BINARY,
    CLASS_DECIMAL,
    CLASS_NUMBER, /* fixed sizes; signed or not */
    CLASS_PLAIN,  /* fixed sizes, no number */
    CLASS_TIME,
    CLASS_TIMESTAMP,
    CLASS_INTERVAL
};

/* Every SQL type: sizes where they are fixed, and what SQL_C_DEFAULT means. ODBC appendix D. */
static const struct sql_fact {
    SQLSMALLINT type;
    SQLSMALLINT c_type;
    uint32_t declared; /* OID that a bound type declares */
    enum sql_class class;
    int16_t column_size, octets, display;
    int16_t radix;
} sql_facts[] = {
    {SQL_CHAR, SQL_C_CHAR, 0, CLASS_CHARACTER, 0, 0, 0, 0},
    {SQL_VARCHAR, SQL_C_CHAR, 0, CLASS_CHARACTER, 0, 0, 0, 0},
    {SQL_LONGVARCHAR, SQL_C_CHAR, 0, CLASS_CHARACTER, 0, 0, 0, 0},
    {SQL_WCHAR, SQL_C_WCHAR, 0, CLASS_CHARACTER, 0, 0, 0, 0},
    {SQL_WVARCHAR, SQL_C_WCHAR, 0, CLASS_CHARACTER, 0, 0, 0, 0},
    {SQL_WLONGVARCHAR, SQL_C_WCHAR, 0, CLASS_CHARACTER, 0, 0, 0, 0},
    {SQL_DECIMAL, SQL_C_CHAR, ALDB_OID_NUMERIC, CLASS_DECIMAL, 0, 0, 0, 10},
    {SQL_NUMERIC, SQL_C_CHAR, ALDB_OID_NUMERIC, CLASS_DECIMAL, 0, 0, 0, 10},
    {SQL_BIT, SQL_C_BIT, ALDB_OID_BOOL, CLASS_PLAIN, 1, 1, 1, 0},
    {SQL_TINYINT, SQL_C_STINYINT, ALDB_OID_INT4, CLASS_NUMBER, 3, 1, 4, 10},
    {SQL_SMALLINT, SQL_C_SSHORT, ALDB_OID_INT4, CLASS_NUMBER, 5, 2, 6, 10},
    {SQL_INTEGER, SQL_C_SLONG, ALDB_OID_INT4, CLASS_NUMBER, 10, 4, 11, 10},
    {SQL_BIGINT, SQL_C_SBIGINT, ALDB_OID_INT8, CLASS_NUMBER, 19, 8, 20, 10},
    /* Bits; the display size is that of the longest shortest-round-trip text. */
    {SQL_REAL, SQL_C_FLOAT, ALDB_OID_FLOAT8, CLASS_NUMBER, 24, 4, 15, 2},
    {SQL_FLOAT, SQL_C_DOUBLE, ALDB_OID_FLOAT8, CLASS_NUMBER, 53, 8, 24, 2},
    {SQL_DOUBLE, SQL_C_DOUBLE, ALDB_OID_FLOAT8, CLASS_NUMBER, 53, 8, 24, 2},
    {SQL_BINARY, SQL_C_BINARY, ALDB_OID_BYTEA, CLASS_BINARY, 0, 0, 0, 0},
    {SQL_VARBINARY, SQL_C_BINARY, ALDB_OID_BYTEA, CLASS_BINARY, 0, 0, 0, 0},
    {SQL_LONGVARBINARY, SQL_C_BINARY, ALDB_OID_BYTEA, CLASS_BINARY, 0, 0, 0, 0},
    /* Display room for "5874897-12-31" and "4713-01-01 BC". */
    {SQL_TYPE_DATE, SQL_C_TYPE_DATE, ALDB_OID_DATE, CLASS_PLAIN, 10, sizeof(SQL_DATE_STRUCT), 13, 0},
    {SQL_TYPE_TIME, SQL_C_TYPE_TIME, ALDB_OID_TIME, CLASS_TIME, 8, sizeof(SQL_TIME_STRUCT), 8, 0},
    {SQL_TYPE_TIMESTAMP, SQL_C_TYPE_TIMESTAMP, ALDB_OID_TIMESTAMP, CLASS_TIMESTAMP, 19, sizeof(SQL_TIMESTAMP_STRUCT),
     22, 0},
    {SQL_GUID, SQL_C_GUID, ALDB_OID_UUID, CLASS_PLAIN, 36, sizeof(SQLGUID), 36, 0},
    /* Column size: what stands behind the leading field. */
    {SQL_INTERVAL_YEAR, SQL_C_INTERVAL_YEAR, ALDB_OID_INTERVAL, CLASS_INTERVAL, 0, 34, 0, 0},
    {SQL_INTERVAL_MONTH, SQL_C_INTERVAL_MONTH, ALDB_OID_INTERVAL, CLASS_INTERVAL, 0, 34, 0, 0},
    {SQL_INTERVAL_DAY, SQL_C_INTERVAL_DAY, ALDB_OID_INTERVAL, CLASS_INTERVAL, 0, 34, 0, 0},
    {SQL_INTERVAL_HOUR, SQL_C_INTERVAL_HOUR, ALDB_OID_INTERVAL, CLASS_INTERVAL, 0, 34, 0, 0},
    {SQL_INTERVAL_MINUTE, SQL_C_INTERVAL_MINUTE, ALDB_OID_INTERVAL, CLASS_INTERVAL, 0, 34, 0, 0},
    {SQL_INTERVAL_SECOND, SQL_C_INTERVAL_SECOND, ALDB_OID_INTERVAL, CLASS_INTERVAL, 0, 34, 0, 0},
    {SQL_INTERVAL_YEAR_TO_MONTH, SQL_C_INTERVAL_YEAR_TO_MONTH, ALDB_OID_INTERVAL, CLASS_INTERVAL, 3, 34, 0, 0},
    {SQL_INTERVAL_DAY_TO_HOUR, SQL_C_INTERVAL_DAY_TO_HOUR, ALDB_OID_INTERVAL, CLASS_INTERVAL, 3, 34, 0, 0},
    {SQL_INTERVAL_DAY_TO_MINUTE, SQL_C_INTERVAL_DAY_TO_MINUTE, ALDB_OID_INTERVAL, CLASS_INTERVAL, 6, 34, 0, 0},
    {SQL_INTERVAL_DAY_TO_SECOND, SQL_C_INTERVAL_DAY_TO_SECOND, ALDB_OID_INTERVAL, CLASS_INTERVAL, 9, 34, 0, 0},
    {SQL_INTERVAL_HOUR_TO_MINUTE, SQL_C_INTERVAL_HOUR_TO_MINUTE, ALDB_OID_INTERVAL, CLASS_INTERVAL, 3, 34, 0, 0},
    {SQL_INTERVAL_HOUR_TO_SECOND, SQL_C_INTERVAL_HOUR_TO_SECOND, ALDB_OID_INTERVAL, CLASS_INTERVAL, 6, 34, 0, 0},
    {SQL_INTERVAL_MINUTE_TO_SECOND, SQL_C_INTERVAL_MINUTE_TO_SECOND, ALDB_OID_INTERVAL, CLASS_INTERVAL, 3, 34, 0, 0},
};

static const struct sql_fact *fact_of(SQLSMALLINT type)
{
    for (size_t i = 0; i < ALDB_COUNT(sql_facts); i++) {
        if (sql_facts[i].type == type) {
            return &sql_facts[i];
        }
    }
    return NULL;
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
    return type >= SQL_DATE && type <= SQL_TIMESTAMP ? (SQLSMALLINT)(type - SQL_DATE + SQL_TYPE_DATE) : type;
}

SQLSMALLINT aldb_type_to_v2(SQLSMALLINT type)
{
    return type >= SQL_TYPE_DATE && type <= SQL_TYPE_TIMESTAMP ? (SQLSMALLINT)(type - SQL_TYPE_DATE + SQL_DATE)
                                                               : type;
}

static bool is_datetime(SQLSMALLINT concise)
{
    return concise >= SQL_TYPE_DATE && concise <= SQL_TYPE_TIMESTAMP;
}

static bool is_interval(SQLSMALLINT concise)
{
    return concise >= SQL_INTERVAL_YEAR && concise <= SQL_INTERVAL_MINUTE_TO_SECOND;
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
} c_facts[] = {
    {SQL_C_CHAR, 0},
    {SQL_C_WCHAR, 0},
    {SQL_C_BINARY, 0},
    {SQL_C_DEFAULT, 0},
    {SQL_C_BIT, sizeof(SQLCHAR)},
    {SQL_C_TINYINT, sizeof(SQLSCHAR)},
    {SQL_C_STINYINT, sizeof(SQLSCHAR)},
    {SQL_C_UTINYINT, sizeof(SQLCHAR)},
    {SQL_C_SHORT, sizeof(SQLSMALLINT)},
    {SQL_C_SSHORT, sizeof(SQLSMALLINT)},
    {SQL_C_USHORT, sizeof(SQLUSMALLINT)},
    {SQL_C_LONG, sizeof(SQLINTEGER)},
    {SQL_C_SLONG, sizeof(SQLINTEGER)},
    {SQL_C_ULONG, sizeof(SQLUINTEGER)},
    {SQL_C_SBIGINT, sizeof(SQLBIGINT)},
    {SQL_C_UBIGINT, sizeof(SQLUBIGINT)},
    {SQL_C_FLOAT, sizeof(SQLREAL)},
    {SQL_C_DOUBLE, sizeof(SQLDOUBLE)},
    {SQL_C_NUMERIC, sizeof(SQL_NUMERIC_STRUCT)},
    {SQL_C_TYPE_DATE, sizeof(SQL_DATE_STRUCT)},
    {SQL_C_TYPE_TIME, sizeof(SQL_TIME_STRUCT)},
    {SQL_C_TYPE_TIMESTAMP, sizeof(SQL_TIMESTAMP_STRUCT)},
    {SQL_C_DATE, sizeof(SQL_DATE_STRUCT)},
    {SQL_C_TIME, sizeof(SQL_TIME_STRUCT)},
    {SQL_C_TIMESTAMP, sizeof(SQL_TIMESTAMP_STRUCT)},
    {SQL_C_GUID, sizeof(SQLGUID)},
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

static SQLSMALLINT widen(SQLSMALLINT type)
{
    switch (type) {
    case SQL_CHAR:
        return SQL_WCHAR;
    case SQL_VARCHAR:
        return SQL_WVARCHAR;
    case SQL_LONGVARCHAR:
        return SQL_WLONGVARCHAR;
    default:
        return type;
    }
}

static bool is_wide(SQLSMALLINT type)
{
    return type == SQL_WCHAR || type == SQL_WVARCHAR || type == SQL_WLONGVARCHAR;
}

static bool is_long(SQLSMALLINT type)
{
    return type == SQL_LONGVARCHAR || type == SQL_WLONGVARCHAR || type == SQL_LONGVARBINARY;
}

/* Size of variable-length types: `declared` by the column, else what the options or PostgreSQL's limits say. */
static uint32_t variable_size(const struct aldb_type_options *opt, SQLSMALLINT type, uint32_t declared)
{
    uint32_t cap = is_long(type) ? opt->max_longvarchar : opt->max_varchar;

    if (declared != 0) {
        return cap != 0 && declared > cap && type != SQL_CHAR && type != SQL_WCHAR ? cap : declared;
    }
    if (cap != 0) {
        return cap;
    }
    return is_long(type) ? ALDB_SIZE_LONG : ALDB_SIZE_UNLIMITED;
}

static void describe_character(const struct aldb_type_options *opt, uint32_t declared, struct aldb_type_desc *out)
{
    uint32_t size = variable_size(opt, out->concise_type, declared);

    out->column_size = size;
    out->display_size = size;
    if (is_wide(out->concise_type)) {
        out->octet_length = (SQLLEN)size * 2;
    } else {
        out->octet_length = size > ALDB_SIZE_LONG / 4 ? ALDB_SIZE_LONG : (SQLLEN)size * 4;
    }
    out->literal_prefix = "'";
    out->literal_suffix = "'";
}

static void describe_binary(const struct aldb_type_options *opt, uint32_t declared, struct aldb_type_desc *out)
{
    uint32_t size = variable_size(opt, out->concise_type, declared);

    out->column_size = size;
    out->octet_length = size;
    out->display_size = (SQLLEN)size * 2;
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

static void describe_interval(const struct sql_fact *f, int digits, struct aldb_type_desc *out)
{
    bool seconds = f->type == SQL_INTERVAL_SECOND || f->type == SQL_INTERVAL_DAY_TO_SECOND ||
                   f->type == SQL_INTERVAL_HOUR_TO_SECOND || f->type == SQL_INTERVAL_MINUTE_TO_SECOND;
    int fraction = seconds ? digits : 0;

    out->datetime_interval_precision = ALDB_INTERVAL_LEADING;
    out->precision = (SQLSMALLINT)fraction;
    out->decimal_digits = (SQLSMALLINT)fraction;
    out->column_size = (SQLULEN)(ALDB_INTERVAL_LEADING + f->column_size + (fraction > 0 ? fraction + 1 : 0));
    out->display_size = (SQLLEN)out->column_size + 1; /* the formula leaves the sign out */
    out->literal_prefix = "interval '";
    out->literal_suffix = "'";
}

void aldb_type_describe_sql(const struct aldb_type_options *opt, SQLSMALLINT sql_type, uint32_t size, int digits,
                            struct aldb_type_desc *out)
{
    const struct sql_fact *f = fact_of(sql_type);

    *out = (struct aldb_type_desc){.concise_type = sql_type, .literal_prefix = "", .literal_suffix = ""};
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
    case CLASS_CHARACTER:
        describe_character(opt, size, out);
        break;
    case CLASS_BINARY:
        describe_binary(opt, size, out);
        break;
    case CLASS_DECIMAL:
        describe_decimal(size, digits, out);
        break;
    case CLASS_NUMBER:
        out->precision = f->column_size;
        break;
    case CLASS_PLAIN:
        if (sql_type != SQL_BIT) {
            out->literal_prefix = "'";
            out->literal_suffix = "'";
        }
        break;
    case CLASS_TIME:
    case CLASS_TIMESTAMP:
        out->column_size += digits > 0 ? (SQLULEN)digits + 1 : 0;
        out->display_size += digits > 0 ? digits + 1 : 0;
        out->decimal_digits = (SQLSMALLINT)digits;
        out->precision = (SQLSMALLINT)digits;
        out->literal_prefix = "'";
        out->literal_suffix = "'";
        break;
    case CLASS_INTERVAL:
        describe_interval(f, digits, out);
        break;
    }
    out->length = out->column_size;
}

/* ------------------------------------------------------------------ describing a PostgreSQL type */

/* What a column is reported as, before the sizes are worked out. */
struct report {
    SQLSMALLINT type;
    uint32_t size; /* characters, bytes or precision; 0 = not bounded */
    int digits;
    bool is_unsigned;
};

static uint32_t typmod_length(int32_t typmod)
{
    return typmod > 4 ? (uint32_t)typmod - 4 : 0;
}

static int typmod_fraction(int32_t typmod)
{
    return typmod >= 0 && typmod <= 6 ? typmod : 6;
}

static struct report report_text(const struct aldb_type_options *opt, uint32_t oid, int32_t typmod)
{
    struct report r = {.type = SQL_VARCHAR};
    const struct aldb_type *t;

    switch (oid) {
    case ALDB_OID_TEXT:
        r.type = opt->text_as_longvarchar ? SQL_LONGVARCHAR : SQL_VARCHAR;
        break;
    case ALDB_OID_VARCHAR:
        r.size = typmod_length(typmod);
        break;
    case ALDB_OID_BPCHAR:
        r.size = typmod_length(typmod);
        r.type = r.size != 0 ? SQL_CHAR : SQL_VARCHAR;
        break;
    case ALDB_OID_CHAR:
        r.type = SQL_CHAR;
        r.size = 1;
        break;
    default:
        t = aldb_type_find(oid);
        r.size = t != NULL ? t->room : 0;
        break;
    }
    return r;
}

/* An integer type shown as another SQL type by option. */
static struct report report_integer(SQLSMALLINT as, SQLSMALLINT own, uint32_t digits)
{
    struct report r = {.type = as != 0 ? as : own};
    const struct sql_fact *f = fact_of(r.type);

    if (f != NULL && f->class == CLASS_CHARACTER) {
        r.size = digits + 1;
    } else if (f != NULL && f->class == CLASS_DECIMAL) {
        r.size = digits;
    } else if (f == NULL || f->class != CLASS_NUMBER) {
        r.type = own;
    }
    return r;
}

/* typmod - 4 = precision << 16 | 11 bits of signed scale. */
static struct report report_numeric(const struct aldb_type_options *opt, int32_t typmod)
{
    struct report r = {.type = SQL_NUMERIC};

    if (typmod < 4) {
        const struct sql_fact *f = fact_of((SQLSMALLINT)opt->numeric_as);
        if (f != NULL && (f->class == CLASS_CHARACTER || f->class == CLASS_DECIMAL || f->class == CLASS_NUMBER)) {
            r.type = f->type;
        }
        if (r.type == SQL_NUMERIC || r.type == SQL_DECIMAL) {
            r.size = ALDB_NUMERIC_PRECISION;
            r.digits = ALDB_NUMERIC_SCALE;
        }
        return r;
    }
    int precision = (typmod - 4) >> 16 & 0xffff;
    int scale = (((typmod - 4) & 0x7ff) ^ 1024) - 1024;
    if (scale < 0) {
        /* numeric(2,-3) holds 99000: as many digits as (5,0), which every consumer understands. */
        precision -= scale;
        scale = 0;
    } else if (scale > precision) {
        precision = scale;
    }
    r.size = (uint32_t)precision;
    r.digits = scale;
    return r;
}

SQLSMALLINT aldb_type_interval_of_typmod(int32_t typmod)
{
    /* Fields as in PostgreSQL's INTERVAL_MASK: 1 << field code. */
    enum { MONTH = 2, YEAR = 4, DAY = 8, HOUR = 1024, MINUTE = 2048, SECOND = 4096 };
    static const struct {
        int mask;
        SQLSMALLINT type;
    } masks[] = {
        {YEAR, SQL_INTERVAL_YEAR},
        {MONTH, SQL_INTERVAL_MONTH},
        {DAY, SQL_INTERVAL_DAY},
        {HOUR, SQL_INTERVAL_HOUR},
        {MINUTE, SQL_INTERVAL_MINUTE},
        {SECOND, SQL_INTERVAL_SECOND},
        {YEAR | MONTH, SQL_INTERVAL_YEAR_TO_MONTH},
        {DAY | HOUR, SQL_INTERVAL_DAY_TO_HOUR},
        {DAY | HOUR | MINUTE, SQL_INTERVAL_DAY_TO_MINUTE},
        {DAY | HOUR | MINUTE | SECOND, SQL_INTERVAL_DAY_TO_SECOND},
        {HOUR | MINUTE, SQL_INTERVAL_HOUR_TO_MINUTE},
        {HOUR | MINUTE | SECOND, SQL_INTERVAL_HOUR_TO_SECOND},
        {MINUTE | SECOND, SQL_INTERVAL_MINUTE_TO_SECOND},
    };

    if (typmod < 0) {
        return 0;
    }
    for (size_t i = 0; i < ALDB_COUNT(masks); i++) {
        if (masks[i].mask == (typmod >> 16 & 0x7fff)) {
            return masks[i].type;
        }
    }
    return 0;
}

static struct report report_interval(int32_t typmod)
{
    struct report r = {.type = aldb_type_interval_of_typmod(typmod)};

    if (r.type != 0) {
        r.digits = typmod_fraction(typmod & 0xffff);
    } else {
        /* The longest of the four IntervalStyles: "@ 178956970 years 11 mons … secs ago". */
        r.type = SQL_VARCHAR;
        r.size = ALDB_INTERVAL_ROOM;
    }
    return r;
}

static struct report report_of(const struct aldb_type_options *opt, enum aldb_family family, uint32_t oid,
                               int32_t typmod)
{
    struct report r = {.type = family_facts[family].type};
    const struct aldb_type *t;

    switch (family) {
    case ALDB_FAM_TEXT:
        return report_text(opt, oid, typmod);
    case ALDB_FAM_JSON:
    case ALDB_FAM_JSONB:
        r.type = opt->text_as_longvarchar ? SQL_LONGVARCHAR : SQL_VARCHAR;
        return r;
    case ALDB_FAM_OTHER:
    case ALDB_FAM_MONEY:
    case ALDB_FAM_ARRAY:
        t = aldb_type_find(oid);
        r.size = t != NULL ? t->room : 0;
        if (r.size == 0 && opt->unknowns_as_longvarchar) {
            r.type = SQL_LONGVARCHAR;
        }
        return r;
    case ALDB_FAM_BIT:
        r.size = typmod > 0 ? (uint32_t)typmod : 0;
        r.type = oid == ALDB_OID_BIT && r.size != 0 ? SQL_CHAR : SQL_VARCHAR;
        return r;
    case ALDB_FAM_BOOL:
        if (opt->bools_as_char) {
            r.type = SQL_VARCHAR;
            r.size = ALDB_BOOL_ROOM;
        }
        return r;
    case ALDB_FAM_INT8:
        return report_integer((SQLSMALLINT)opt->int8_as, SQL_BIGINT, 19);
    case ALDB_FAM_OID:
        r.is_unsigned = true;
        return r;
    case ALDB_FAM_NUMERIC:
        return report_numeric(opt, typmod);
    case ALDB_FAM_BYTEA:
        r.type = opt->bytea_as_longvarbinary ? SQL_LONGVARBINARY : SQL_VARBINARY;
        return r;
    case ALDB_FAM_TIME:
    case ALDB_FAM_TIMETZ:
    case ALDB_FAM_TIMESTAMP:
    case ALDB_FAM_TIMESTAMPTZ:
        r.digits = typmod_fraction(typmod);
        return r;
    case ALDB_FAM_INTERVAL:
        return report_interval(typmod);
    default:
        return r;
    }
}

void aldb_type_describe(const struct aldb_type_options *opt, uint32_t oid, int32_t typmod, struct aldb_type_desc *out)
{
    enum aldb_family family = aldb_type_family(oid);
    struct report r = report_of(opt, family, oid, typmod);

    aldb_type_describe_sql(opt, opt->wide ? widen(r.type) : r.type, r.size, r.digits, out);
    out->family = family;
    out->searchable = family_facts[family].searchable;
    out->case_sensitive = family_facts[family].case_sensitive;
    out->fixed_prec_scale = family == ALDB_FAM_MONEY ? SQL_TRUE : SQL_FALSE;
    if (r.is_unsigned) {
        out->is_unsigned = SQL_TRUE;
        out->default_c_type = SQL_C_ULONG;
    }
    bool offset = family == ALDB_FAM_TIMESTAMPTZ || family == ALDB_FAM_TIMETZ;
    if (offset && opt->timestamptz_as == ALDB_TZ_TEXT) {
        /* The text form carries "+hh:mm:ss". */
        out->column_size += ALDB_OFFSET_ROOM;
        out->display_size += ALDB_OFFSET_ROOM;
        out->length = out->column_size;
    }
}
