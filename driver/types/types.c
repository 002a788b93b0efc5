/* SPDX-License-Identifier: Apache-2.0 */
#include "types/types.h"

#include <stddef.h>
#include <string.h>

#include "alloydb_odbc.h"
#include "config/options.h"
#include "types/describe.h"

/* ------------------------------------------------------------------ built-in types */

static const struct aldb_type builtin[] = {
#define ALDB_TYPE(oid, array, element, name, family, binary, equality, room)                       \
    {oid, array, element, name, ALDB_FAM_##family, binary, equality, room},
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

const struct aldb_type *aldb_type_builtin(size_t index)
{
    return index < ALDB_COUNT(builtin) ? &builtin[index] : NULL;
}

enum aldb_family aldb_type_family(uint32_t oid)
{
    const struct aldb_type *t = aldb_type_find(oid);

    return t != NULL ? t->family : ALDB_FAM_OTHER;
}

const char *aldb_type_name(uint32_t oid, int32_t typmod)
{
    const struct aldb_type *t = aldb_type_find(oid);
    const struct aldb_interval_type *interval = oid == ALDB_OID_INTERVAL ? aldb_interval_type_of(typmod) : NULL;

    return interval != NULL ? interval->name : t != NULL ? t->name : NULL;
}

bool aldb_type_binary(uint32_t oid)
{
    const struct aldb_type *t = aldb_type_find(oid);

    return t != NULL && t->binary;
}

/* ------------------------------------------------------------------ describing a PostgreSQL type */

static const struct {
    SQLSMALLINT type;
    SQLSMALLINT searchable;
    SQLSMALLINT case_sensitive;
    bool foreign;
} family_facts[ALDB_FAM_COUNT] = {
#define ALDB_FAMILY(name, type, searchable, case_sensitive, foreign) {type, searchable, case_sensitive, foreign},
#include "types/families.def"
#undef ALDB_FAMILY
};

/* What a column is reported as, before the sizes are worked out. */
struct report {
    SQLSMALLINT type;
    uint32_t size; /* characters, bytes or precision; 0 = not bounded */
    int digits;
    bool is_unsigned;
};

static const struct {
    SQLSMALLINT narrow, wide;
} widths[] = {{SQL_CHAR, SQL_WCHAR}, {SQL_VARCHAR, SQL_WVARCHAR}, {SQL_LONGVARCHAR, SQL_WLONGVARCHAR}};

static SQLSMALLINT widen(SQLSMALLINT type)
{
    for (size_t i = 0; i < ALDB_COUNT(widths); i++) {
        if (widths[i].narrow == type) {
            return widths[i].wide;
        }
    }
    return type;
}

SQLSMALLINT aldb_type_known_to_v2(SQLSMALLINT type)
{
    for (size_t i = 0; i < ALDB_COUNT(widths); i++) {
        if (widths[i].wide == type) {
            return widths[i].narrow;
        }
    }
    return type == SQL_GUID || aldb_sql_class_of(type) == ALDB_SQL_INTERVAL ? SQL_VARCHAR : type;
}

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

    switch (aldb_sql_class_of(r.type)) {
    case ALDB_SQL_CHARACTER:
        r.size = digits + 1;
        break;
    case ALDB_SQL_DECIMAL:
        r.size = digits;
        break;
    case ALDB_SQL_NUMBER:
        break;
    default:
        r.type = own;
        break;
    }
    return r;
}

/* typmod - 4 = precision << 16 | 11 bits of signed scale. */
static struct report report_numeric(const struct aldb_type_options *opt, int32_t typmod)
{
    struct report r = {.type = SQL_NUMERIC};

    if (typmod < 4) {
        enum aldb_sql_class class = aldb_sql_class_of((SQLSMALLINT)opt->numeric_as);
        if (class == ALDB_SQL_CHARACTER || class == ALDB_SQL_DECIMAL || class == ALDB_SQL_NUMBER) {
            r.type = (SQLSMALLINT)opt->numeric_as;
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

/* With their offset they are characters: no structure of ODBC's has a place for it. */
static struct report report_zoned(const struct aldb_type_options *opt, struct report r,
                                  enum aldb_family family, int32_t typmod)
{
    int digits = typmod_fraction(typmod);

    if (opt->timestamptz_as != ALDB_TZ_TEXT) {
        r.digits = digits;
        return r;
    }
    r.type = SQL_VARCHAR;
    r.size = (uint32_t)((family == ALDB_FAM_TIMETZ ? ALDB_TIME_ROOM : ALDB_TIMESTAMP_ROOM) +
                        (digits > 0 ? digits + 1 : 0) + ALDB_OFFSET_ROOM);
    return r;
}

static struct report report_interval(int32_t typmod)
{
    const struct aldb_interval_type *t = aldb_interval_type_of(typmod);
    /* The longest of the four IntervalStyles: "@ 178956970 years 11 mons … secs ago". */
    struct report r = {.type = SQL_VARCHAR, .size = ALDB_INTERVAL_ROOM};

    if (t != NULL) {
        r.type = t->type;
        r.digits = typmod_fraction(typmod & 0xffff);
    }
    return r;
}

static struct report report_of(const struct aldb_type_options *opt, enum aldb_family family,
                               uint32_t oid, int32_t typmod)
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
    case ALDB_FAM_RANGE:
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
    case ALDB_FAM_TIMESTAMP:
        r.digits = typmod_fraction(typmod);
        return r;
    case ALDB_FAM_TIMETZ:
    case ALDB_FAM_TIMESTAMPTZ:
        return report_zoned(opt, r, family, typmod);
    case ALDB_FAM_INTERVAL:
        return report_interval(typmod);
    case ALDB_FAM_UUID:
        r.size = ALDB_UUID_ROOM;
        return r;
    default:
        return r;
    }
}

/* Has ODBC no type that keeps what a value of it says? Only what is built in has an OID that is the same on every server. */
static bool is_foreign(const struct aldb_type_options *opt, const struct aldb_type *t, int32_t typmod)
{
    if (t == NULL || !family_facts[t->family].foreign) {
        return false;
    }
    switch (t->family) {
    case ALDB_FAM_INTERVAL:
        return aldb_interval_type_of(typmod) == NULL;
    case ALDB_FAM_TIMETZ:
    case ALDB_FAM_TIMESTAMPTZ:
        return opt->timestamptz_as == ALDB_TZ_TEXT;
    default:
        return true;
    }
}

void aldb_type_describe(const struct aldb_type_options *opt, uint32_t oid, int32_t typmod,
                        struct aldb_type_desc *out)
{
    const struct aldb_type *t = aldb_type_find(oid);
    enum aldb_family family = t != NULL ? t->family : ALDB_FAM_OTHER;
    struct report r = report_of(opt, family, oid, typmod);

    SQLSMALLINT type = opt->version2 ? aldb_type_known_to_v2(r.type) : opt->wide ? widen(r.type) : r.type;

    aldb_type_describe_sql(opt, type, r.size, r.digits, out);
    out->family = family;
    out->searchable = t == NULL || t->equality ? family_facts[family].searchable : SQL_PRED_NONE;
    out->case_sensitive = family_facts[family].case_sensitive;
    out->fixed_prec_scale = family == ALDB_FAM_MONEY ? SQL_TRUE : SQL_FALSE;
    if (r.is_unsigned) {
        out->is_unsigned = SQL_TRUE;
        out->default_c_type = SQL_C_ULONG;
    }
    if (oid == ALDB_OID_CHAR) {
        /* One byte, which is shown as \ooo when it is no character by itself. */
        out->display_size = ALDB_CHAR_ROOM;
        out->octet_length = ALDB_CHAR_ROOM * (opt->wide ? (SQLLEN)sizeof(SQLWCHAR) : 1);
    }
    if (opt->server_types && is_foreign(opt, t, typmod)) {
        out->concise_type = out->verbose_type = (SQLSMALLINT)SQL_ALLOYDB_TYPE(oid);
        out->datetime_code = 0;
    }
}

#define PARAM_DIGITS 38
#define PARAM_FRACTION 18

void aldb_type_describe_param(const struct aldb_type_options *opt, uint32_t oid, int32_t typmod,
                              struct aldb_type_desc *out)
{
    struct aldb_type_options as_bound = *opt;

    as_bound.server_types = false;
    aldb_type_describe(&as_bound, oid, typmod, out);
    /* Characters or not: programs that bind a structure after this description cut its fraction to so many digits (pyodbc's fast_executemany). */
    if (oid == ALDB_OID_TIMESTAMPTZ || oid == ALDB_OID_TIMETZ) {
        out->decimal_digits = (SQLSMALLINT)typmod_fraction(typmod);
    }
    if (typmod >= 0) {
        return;
    }
    if (oid == ALDB_OID_BPCHAR || oid == ALDB_OID_BIT) {
        out->concise_type = out->verbose_type = opt->wide ? SQL_WCHAR : SQL_CHAR;
    }
    if (out->concise_type == SQL_NUMERIC || out->concise_type == SQL_DECIMAL) {
        out->column_size = PARAM_DIGITS;
        out->precision = PARAM_DIGITS;
        out->decimal_digits = PARAM_FRACTION;
        out->scale = PARAM_FRACTION;
    } else if (oid != ALDB_OID_UUID && (out->default_c_type == SQL_C_CHAR || out->default_c_type == SQL_C_WCHAR ||
                                        out->default_c_type == SQL_C_BINARY)) {
        out->column_size = 0;
    }
    out->length = out->column_size;
}
