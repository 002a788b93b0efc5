/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of SQLGetTypeInfo. https://learn.microsoft.com/sql/odbc/reference/syntax/sqlgettypeinfo-function */
#include <limits.h>
#include <string.h>

#include "types/describe.h"
#include "types/types.h"

/* SQL type 0: whatever the type is described as under these options. WIDE rows exist only when character data is reported wide. */
#define AS_DESCRIBED 0

enum { PLAIN, SERIAL, WIDE };
enum { NO_SCALE, ZERO_SCALE, FRACTION_SCALE, NUMERIC_SCALE };

#define TYPE_JSON 114u
#define TYPE_XML 142u
#define TYPE_CIDR 650u
#define TYPE_MACADDR8 774u
#define TYPE_MONEY 790u
#define TYPE_MACADDR 829u
#define TYPE_INET 869u
#define TYPE_JSONB 3802u

/* Best match of each SQL type first: sorting by type keeps this order. */
static const struct candidate {
    SQLSMALLINT type;
    uint32_t oid;
    const char *name;
    const char *create_params;
    int kind;
    int scale;
} candidates[] = {
    {SQL_WLONGVARCHAR, ALDB_OID_TEXT, "text", NULL, WIDE, NO_SCALE},
    {SQL_WVARCHAR, ALDB_OID_VARCHAR, "varchar", "max. length", WIDE, NO_SCALE},
    {SQL_WCHAR, ALDB_OID_BPCHAR, "bpchar", "length", WIDE, NO_SCALE},
    {SQL_WCHAR, ALDB_OID_BIT, "bit", "length", WIDE, NO_SCALE},
    {SQL_LONGVARCHAR, ALDB_OID_TEXT, "text", NULL, PLAIN, NO_SCALE},
    {SQL_VARCHAR, ALDB_OID_VARCHAR, "varchar", "max. length", PLAIN, NO_SCALE},
    {SQL_GUID, ALDB_OID_UUID, "uuid", NULL, PLAIN, NO_SCALE},
    {SQL_CHAR, ALDB_OID_BPCHAR, "bpchar", "length", PLAIN, NO_SCALE},
    {SQL_CHAR, ALDB_OID_BIT, "bit", "length", PLAIN, NO_SCALE},
    {SQL_BIT, ALDB_OID_BOOL, "bool", NULL, PLAIN, ZERO_SCALE},
    {SQL_TINYINT, ALDB_OID_INT2, "int2", NULL, PLAIN, ZERO_SCALE},
    {SQL_BIGINT, ALDB_OID_INT8, "int8", NULL, PLAIN, ZERO_SCALE},
    {SQL_BIGINT, ALDB_OID_INT8, "bigserial", NULL, SERIAL, ZERO_SCALE},
    {SQL_LONGVARBINARY, ALDB_OID_BYTEA, "bytea", NULL, PLAIN, NO_SCALE},
    {SQL_VARBINARY, ALDB_OID_BYTEA, "bytea", NULL, PLAIN, NO_SCALE},
    {SQL_BINARY, ALDB_OID_BYTEA, "bytea", NULL, PLAIN, NO_SCALE},
    {SQL_NUMERIC, ALDB_OID_NUMERIC, "numeric", "precision,scale", PLAIN, NUMERIC_SCALE},
    {SQL_DECIMAL, ALDB_OID_NUMERIC, "numeric", "precision,scale", PLAIN, NUMERIC_SCALE},
    {SQL_INTEGER, ALDB_OID_INT4, "int4", NULL, PLAIN, ZERO_SCALE},
    {SQL_INTEGER, ALDB_OID_INT4, "serial", NULL, SERIAL, ZERO_SCALE},
    {SQL_SMALLINT, ALDB_OID_INT2, "int2", NULL, PLAIN, ZERO_SCALE},
    {SQL_SMALLINT, ALDB_OID_INT2, "smallserial", NULL, SERIAL, ZERO_SCALE},
    {SQL_FLOAT, ALDB_OID_FLOAT8, "float8", NULL, PLAIN, NO_SCALE},
    {SQL_REAL, ALDB_OID_FLOAT4, "float4", NULL, PLAIN, NO_SCALE},
    {SQL_DOUBLE, ALDB_OID_FLOAT8, "float8", NULL, PLAIN, NO_SCALE},
    {SQL_TYPE_DATE, ALDB_OID_DATE, "date", NULL, PLAIN, NO_SCALE},
    {SQL_TYPE_TIME, ALDB_OID_TIME, "time", "precision", PLAIN, FRACTION_SCALE},
    {SQL_TYPE_TIMESTAMP, ALDB_OID_TIMESTAMP, "timestamp", "precision", PLAIN, FRACTION_SCALE},
#define SECONDS(fields) (((fields) & ALDB_FIELD_SECOND) != 0)
#define ALDB_INTERVAL(name, words, fields, behind)                                                 \
    {SQL_INTERVAL_##name, ALDB_OID_INTERVAL, "interval " words, SECONDS(fields) ? "precision" : NULL, PLAIN, SECONDS(fields) ? FRACTION_SCALE : ZERO_SCALE},
#include "types/intervals.def"
#undef ALDB_INTERVAL
#undef SECONDS
    /* Types whose place depends on the options; those already listed there are left out. */
    {AS_DESCRIBED, ALDB_OID_TIMETZ, "timetz", "precision", PLAIN, FRACTION_SCALE},
    {AS_DESCRIBED, ALDB_OID_TIMESTAMPTZ, "timestamptz", "precision", PLAIN, FRACTION_SCALE},
    {AS_DESCRIBED, ALDB_OID_TEXT, "text", NULL, PLAIN, NO_SCALE},
    {AS_DESCRIBED, TYPE_JSON, "json", NULL, PLAIN, NO_SCALE},
    {AS_DESCRIBED, TYPE_JSONB, "jsonb", NULL, PLAIN, NO_SCALE},
    {AS_DESCRIBED, TYPE_XML, "xml", NULL, PLAIN, NO_SCALE},
    {AS_DESCRIBED, ALDB_OID_NAME, "name", NULL, PLAIN, NO_SCALE},
    {AS_DESCRIBED, ALDB_OID_CHAR, "\"char\"", NULL, PLAIN, NO_SCALE},
    {AS_DESCRIBED, ALDB_OID_VARBIT, "varbit", "max. length", PLAIN, NO_SCALE},
    {AS_DESCRIBED, ALDB_OID_INTERVAL, "interval", "precision", PLAIN, NO_SCALE},
    {AS_DESCRIBED, TYPE_MONEY, "money", NULL, PLAIN, NO_SCALE},
    {AS_DESCRIBED, TYPE_INET, "inet", NULL, PLAIN, NO_SCALE},
    {AS_DESCRIBED, TYPE_CIDR, "cidr", NULL, PLAIN, NO_SCALE},
    {AS_DESCRIBED, TYPE_MACADDR, "macaddr", NULL, PLAIN, NO_SCALE},
    {AS_DESCRIBED, TYPE_MACADDR8, "macaddr8", NULL, PLAIN, NO_SCALE},
    {AS_DESCRIBED, ALDB_OID_OID, "oid", NULL, PLAIN, NO_SCALE},
    {AS_DESCRIBED, ALDB_OID_BOOL, "bool", NULL, PLAIN, ZERO_SCALE},
    {AS_DESCRIBED, ALDB_OID_INT8, "int8", NULL, PLAIN, ZERO_SCALE},
    {AS_DESCRIBED, ALDB_OID_NUMERIC, "numeric", NULL, PLAIN, NUMERIC_SCALE},
};

struct entry {
    const struct candidate *c;
    SQLSMALLINT type;
};

static bool listed(const struct entry *list, size_t count, const char *name, SQLSMALLINT type)
{
    for (size_t i = 0; i < count; i++) {
        if (list[i].type == type && strcmp(list[i].c->name, name) == 0) {
            return true;
        }
    }
    return false;
}

/* The rows for these options, sorted by type; the order within a type is that of the table. */
static size_t collect(const struct aldb_type_options *opt, struct entry *list)
{
    size_t count = 0;

    for (size_t i = 0; i < ALDB_COUNT(candidates); i++) {
        const struct candidate *c = &candidates[i];
        SQLSMALLINT type = c->type;
        if (c->kind == WIDE && !opt->wide) {
            continue;
        }
        if (type == AS_DESCRIBED) {
            struct aldb_type_desc desc;
            aldb_type_describe(opt, c->oid, -1, &desc);
            type = desc.concise_type;
            if (listed(list, count, c->name, type)) {
                continue;
            }
        }
        type = opt->version2 ? aldb_type_known_to_v2(type) : type;
        size_t at = count++;
        for (; at > 0 && list[at - 1].type > type; at--) {
            list[at] = list[at - 1];
        }
        list[at] = (struct entry){c, type};
    }
    return count;
}

/* Sizes of a column of this SQL type at its widest. */
static void describe_row(const struct aldb_type_options *opt, const struct entry *e,
                         struct aldb_type_desc *desc)
{
    struct aldb_type_desc own;
    uint32_t size;
    int digits = e->c->scale == FRACTION_SCALE ? 6 : 0;

    aldb_type_describe(opt, e->c->oid, -1, &own);
    switch (e->c->oid) {
    case ALDB_OID_VARCHAR:
    case ALDB_OID_BPCHAR:
        size = ALDB_SIZE_VARCHAR_MAX;
        break;
    case ALDB_OID_BIT:
    case ALDB_OID_VARBIT:
        size = ALDB_SIZE_BIT_MAX;
        break;
    case ALDB_OID_NUMERIC:
        size = aldb_sql_class_of(e->type) == ALDB_SQL_DECIMAL ? ALDB_NUMERIC_PRECISION : 0;
        break;
    default:
        size = 0;
        break;
    }
    if (size == 0 && own.concise_type == e->type) {
        *desc = own;
        return;
    }
    aldb_type_describe_sql(opt, e->type, size, digits, desc);
    desc->searchable = own.searchable;
    desc->case_sensitive = own.case_sensitive;
    desc->fixed_prec_scale = own.fixed_prec_scale;
}

static const char *text_or_null(const char *s)
{
    return s[0] != '\0' ? s : NULL;
}

static void fill(int kind, int scale, const struct aldb_type_desc *desc, struct aldb_typeinfo_row *out)
{
    bool number = desc->num_prec_radix != 0;
    *out = (struct aldb_typeinfo_row){
        .data_type = desc->concise_type,
        .column_size = desc->column_size != 0 ? (int64_t)desc->column_size : -1,
        .literal_prefix = text_or_null(desc->literal_prefix),
        .literal_suffix = text_or_null(desc->literal_suffix),
        .nullable = kind == SERIAL ? SQL_NO_NULLS : SQL_NULLABLE,
        .case_sensitive = (SQLSMALLINT)desc->case_sensitive,
        .searchable = desc->searchable,
        .unsigned_attribute = number ? desc->is_unsigned : (SQLSMALLINT)-1,
        .fixed_prec_scale = desc->fixed_prec_scale,
        .auto_unique_value = number ? (SQLSMALLINT)(kind == SERIAL) : (SQLSMALLINT)-1,
        .minimum_scale = scale == NO_SCALE ? INT_MIN : 0,
        .maximum_scale = INT_MIN,
        .sql_data_type = desc->verbose_type,
        .sql_datetime_sub = desc->datetime_code,
        .num_prec_radix = desc->num_prec_radix,
        .interval_precision =
            desc->verbose_type == SQL_INTERVAL ? (int)desc->datetime_interval_precision : 0,
    };
    switch (scale) {
    case ZERO_SCALE:
        out->maximum_scale = 0;
        break;
    case FRACTION_SCALE:
        out->maximum_scale = 6;
        break;
    case NUMERIC_SCALE:
        out->maximum_scale = ALDB_NUMERIC_PRECISION;
        break;
    default:
        break;
    }
}

void aldb_typeinfo_other(const struct aldb_type_options *opt, uint32_t oid, struct aldb_typeinfo_row *out)
{
    struct aldb_type_desc desc;

    aldb_type_describe(opt, oid, -1, &desc);
    fill(PLAIN, NO_SCALE, &desc, out);
}

bool aldb_typeinfo_row(const struct aldb_type_options *opt, size_t index,
                       struct aldb_typeinfo_row *out)
{
    struct entry list[ALDB_COUNT(candidates)];
    struct aldb_type_desc desc;

    if (index >= collect(opt, list)) {
        return false;
    }
    const struct entry *e = &list[index];
    describe_row(opt, e, &desc);
    /* What is shown as characters has no scale. */
    int scale = aldb_sql_class_of(desc.sql_type) == ALDB_SQL_CHARACTER ? NO_SCALE : e->c->scale;
    fill(e->c->kind, scale, &desc, out);
    out->type_name = out->local_type_name = e->c->name;
    out->data_type = e->type;
    out->create_params = e->c->create_params;
    if (e->type == SQL_TINYINT) {
        /* The nearest type is wider: what it really is. */
        out->sql_data_type = SQL_SMALLINT;
        out->column_size = 5;
    }
    return true;
}
