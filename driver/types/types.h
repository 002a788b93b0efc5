/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PostgreSQL types as ODBC sees them. One table, families.def, says per family: SQL type, default C type, sizes, prefixes; another,
 * types.def, lists every built-in type with OID, array OID, family and name. SQLGetTypeInfo, SQLDescribeCol, SQLColAttribute,
 * SQLColumns and SQLDescribeParam read the same record, so they agree.
 * Unknown OIDs (enums, domains' arrays, composites, extension types) are family OTHER: text.
 */
#ifndef ALDB_TYPES_TYPES_H
#define ALDB_TYPES_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sql.h>
#include <sqlext.h>

#include "base/rc.h"
#include "types/oid.h"

/* Reporting options, from the connection. Sizes in characters/bytes; 0 = honest default. */
struct aldb_type_options {
    bool version2;                /* ODBC 2 application: what is newer than that is told as narrow characters */
    bool wide;                    /* UseUnicode: W types for character data; not with version2 */
    bool bools_as_char;
    bool text_as_longvarchar;
    bool bytea_as_longvarbinary;
    bool unknowns_as_longvarchar;
    int int8_as;                  /* SQL type, 0 = SQL_BIGINT */
    int numeric_as;               /* SQL type for unconstrained numeric, 0 = SQL_NUMERIC */
    uint32_t max_varchar;
    uint32_t max_longvarchar;
    bool sizes_unknown;           /* UnknownSizes=DONTKNOW: ODBC's words for it where PostgreSQL declares no size, instead of a generous number */
    int timestamptz_as;           /* enum aldb_timestamptz_as */
    bool server_types;            /* codes of the driver's own for what ODBC has no type for; not with version2 */
};

/* Everything ODBC says of one column or parameter. */
struct aldb_type_desc {
    SQLSMALLINT concise_type;     /* 3.x code, or one of the driver's own */
    SQLSMALLINT verbose_type;     /* SQL_DATETIME, SQL_INTERVAL or the concise one */
    SQLSMALLINT sql_type;         /* the 3.x code where the concise one is the driver's own: what its values are to ODBC */
    SQLSMALLINT datetime_code;    /* SQL_DESC_DATETIME_INTERVAL_CODE, 0 = none */
    SQLULEN column_size;          /* characters, bytes or digits: SQLDescribeCol */
    SQLSMALLINT decimal_digits;
    SQLULEN length;               /* SQL_DESC_LENGTH */
    SQLLEN octet_length;          /* SQL_DESC_OCTET_LENGTH: transfer octet length, bytes */
    SQLSMALLINT precision;        /* SQL_DESC_PRECISION */
    SQLSMALLINT scale;
    SQLLEN display_size;
    SQLINTEGER num_prec_radix;    /* 10, 2 or 0 */
    SQLINTEGER datetime_interval_precision;
    SQLSMALLINT is_unsigned;      /* SQL_TRUE for non-numeric */
    SQLSMALLINT fixed_prec_scale;
    SQLINTEGER case_sensitive;
    SQLSMALLINT searchable;
    SQLSMALLINT default_c_type;   /* what SQL_C_DEFAULT means */
    const char *literal_prefix;   /* static, "" if none */
    const char *literal_suffix;
    enum aldb_family family;
};

/* Pure. `typmod` -1 = none. Works for every OID. */
void aldb_type_describe(const struct aldb_type_options *opt, uint32_t oid, int32_t typmod, struct aldb_type_desc *out);
/*
 * As a parameter, of which the server tells the type and, but for domains, no length or precision. Applications allocate by what SQLDescribeParam says: 0 is
 * ODBC's word for a length that is not known, and 38 digits with 18 behind the point are what SQL_NUMERIC_STRUCT can carry. Of char and bit only columns
 * without a length vary, which are few.
 */
void aldb_type_describe_param(const struct aldb_type_options *opt, uint32_t oid, int32_t typmod, struct aldb_type_desc *out);

/*
 * Fills all fields that depend on the SQL type: `size` in characters, bytes or digits (0 = not declared), `digits`
 * the scale or the digits of the fraction. family, searchable, case_sensitive and fixed_prec_scale stay zero.
 */
void aldb_type_describe_sql(const struct aldb_type_options *opt, SQLSMALLINT sql_type, uint32_t size, int digits,
                            struct aldb_type_desc *out);

/* Parameter type (OID) that a bound SQL type declares when the server cannot infer one; 0 for character, binary-less and unknown ones. */
uint32_t aldb_type_declared_oid(SQLSMALLINT sql_type);

/* The SQL type that a value of this one is bound as: itself, and SQL_VARCHAR for the driver's own codes (SQL_ALLOYDB_TYPE in alloydb_odbc.h). */
SQLSMALLINT aldb_type_bound_as(SQLSMALLINT sql_type);
/* C type behind SQL_C_DEFAULT for a bound parameter's SQL type; 0 if the SQL type is unknown (HY004). */
SQLSMALLINT aldb_type_default_c(SQLSMALLINT sql_type);
bool aldb_sql_type_valid(SQLSMALLINT sql_type);
bool aldb_c_type_valid(SQLSMALLINT c_type);
/* ODBC 2 codes 9/10/11 -> 91/92/93, and back when `v2`; others unchanged. */
SQLSMALLINT aldb_type_from_v2(SQLSMALLINT type);
SQLSMALLINT aldb_type_to_v2(SQLSMALLINT type);
/* ODBC 2 knew no wide characters, intervals and GUIDs: its narrow characters for those; others, dates too, unchanged. */
SQLSMALLINT aldb_type_known_to_v2(SQLSMALLINT type);
/* Splits a concise type in verbose type and datetime/interval code. */
void aldb_type_verbose(SQLSMALLINT concise, SQLSMALLINT *verbose, SQLSMALLINT *code);
/* The inverse; 0 if the pair is invalid. */
SQLSMALLINT aldb_type_concise(SQLSMALLINT verbose, SQLSMALLINT code);
/* Codes by name, for messages: "SQL_C_SLONG", "SQL_INTEGER". Static. */
const char *aldb_c_type_name(SQLSMALLINT c_type);
const char *aldb_sql_type_name(SQLSMALLINT sql_type);
/* Bytes of a fixed-size C type; 0 for CHAR, WCHAR, BINARY. */
SQLLEN aldb_c_type_size(SQLSMALLINT c_type);

/* Rows of SQLGetTypeInfo, in its order. The same numbers as aldb_type_describe gives. */
struct aldb_typeinfo_row {
    const char *type_name;
    SQLSMALLINT data_type;
    int64_t column_size;             /* -1 = NULL */
    const char *literal_prefix, *literal_suffix, *create_params; /* NULL = NULL */
    SQLSMALLINT nullable, case_sensitive, searchable;
    SQLSMALLINT unsigned_attribute;  /* -1 = NULL */
    SQLSMALLINT fixed_prec_scale;
    SQLSMALLINT auto_unique_value;   /* -1 = NULL */
    const char *local_type_name;
    int minimum_scale, maximum_scale; /* INT_MIN = NULL */
    SQLSMALLINT sql_data_type;
    SQLSMALLINT sql_datetime_sub;    /* 0 = NULL */
    int num_prec_radix;              /* 0 = NULL */
    int interval_precision;          /* 0 = NULL */
};
/* Row `index` of the whole list for these options (sorted by DATA_TYPE, best match first), false past the end. */
bool aldb_typeinfo_row(const struct aldb_type_options *opt, size_t index, struct aldb_typeinfo_row *out);
/* The row of a type that is not in that list, as it is described without a modifier; its names are for the caller to fill in. */
void aldb_typeinfo_other(const struct aldb_type_options *opt, uint32_t oid, struct aldb_typeinfo_row *out);

#endif
