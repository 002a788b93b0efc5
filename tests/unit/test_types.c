/* SPDX-License-Identifier: Apache-2.0 */
/* types/: the list of built-in types, what ODBC is told of them, and SQLGetTypeInfo's rows, which must agree with it. */
#include <CUnit/Basic.h>
#include <CUnit/CUnit.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "config/options.h"
#include "types/types.h"

static const struct aldb_type_options wide = {
    .wide = true, .text_as_longvarchar = true, .bytea_as_longvarbinary = true};
static const struct aldb_type_options narrow = {.text_as_longvarchar = true,
                                                .bytea_as_longvarbinary = true};
static const struct aldb_type_options all_short = {.wide = true};

#define NUMERIC(p, s) ((((p) << 16) | ((s)&0x7ff)) + 4)
#define INTERVAL(mask, p) ((mask) << 16 | (p))

/* ------------------------------------------------------------------ the list */

static void test_find(void)
{
    static const struct {
        uint32_t oid, array, element;
        const char *name;
        enum aldb_family family;
        bool binary;
    } known[] = {
        {16, 1000, 0, "bool", ALDB_FAM_BOOL, true},
        {17, 1001, 0, "bytea", ALDB_FAM_BYTEA, true},
        {18, 1002, 0, "\"char\"", ALDB_FAM_TEXT, true},
        {23, 1007, 0, "int4", ALDB_FAM_INT4, true},
        {22, 1006, 0, "int2vector", ALDB_FAM_OTHER, false},
        {24, 1008, 0, "regproc", ALDB_FAM_OTHER, false},
        {26, 1028, 0, "oid", ALDB_FAM_OID, true},
        {29, 1012, 0, "cid", ALDB_FAM_OID, false},
        {142, 143, 0, "xml", ALDB_FAM_JSON, false},
        {600, 1017, 0, "point", ALDB_FAM_OTHER, false},
        {705, 0, 0, "unknown", ALDB_FAM_TEXT, true},
        {790, 791, 0, "money", ALDB_FAM_MONEY, false},
        {1007, 0, 23, "_int4", ALDB_FAM_ARRAY, true},
        {1033, 1034, 0, "aclitem", ALDB_FAM_OTHER, false},
        {1034, 0, 1033, "_aclitem", ALDB_FAM_ARRAY, false},
        {1186, 1187, 0, "interval", ALDB_FAM_INTERVAL, true},
        {1560, 1561, 0, "bit", ALDB_FAM_BIT, false},
        {1700, 1231, 0, "numeric", ALDB_FAM_NUMERIC, true},
        {1790, 2201, 0, "refcursor", ALDB_FAM_TEXT, false},
        {2205, 2210, 0, "regclass", ALDB_FAM_OTHER, false},
        {2249, 2287, 0, "record", ALDB_FAM_OTHER, false},
        {2278, 0, 0, "void", ALDB_FAM_OTHER, false},
        {2950, 2951, 0, "uuid", ALDB_FAM_UUID, true},
        {3802, 3807, 0, "jsonb", ALDB_FAM_JSONB, true},
        {3904, 3905, 0, "int4range", ALDB_FAM_RANGE, false},
        {5069, 271, 0, "xid8", ALDB_FAM_OTHER, false},
    };

    for (size_t i = 0; i < ALDB_COUNT(known); i++) {
        const struct aldb_type *t = aldb_type_find(known[i].oid);
        CU_ASSERT_PTR_NOT_NULL_FATAL(t);
        CU_ASSERT_EQUAL(t->oid, known[i].oid);
        CU_ASSERT_EQUAL(t->array_oid, known[i].array);
        CU_ASSERT_EQUAL(t->element_oid, known[i].element);
        CU_ASSERT_STRING_EQUAL(t->name, known[i].name);
        CU_ASSERT_EQUAL(t->family, known[i].family);
        CU_ASSERT_EQUAL(t->binary, known[i].binary);
        CU_ASSERT_EQUAL(aldb_type_binary(known[i].oid), known[i].binary);
        CU_ASSERT_EQUAL(aldb_type_family(known[i].oid), known[i].family);
    }
    CU_ASSERT_PTR_NULL(aldb_type_find(0));
    CU_ASSERT_PTR_NULL(aldb_type_find(1));
    CU_ASSERT_PTR_NULL(aldb_type_find(16384));
    CU_ASSERT_PTR_NULL(aldb_type_find(UINT32_MAX - 1));
    CU_ASSERT_STRING_EQUAL(aldb_type_find(ALDB_OID_LO)->name, "lo"); /* no OID of the server's */
    CU_ASSERT_EQUAL(aldb_type_family(16384), ALDB_FAM_OTHER);
    CU_ASSERT_FALSE(aldb_type_binary(16384));
}

/* Arrays and elements name each other; an array is binary exactly when its element is. */
static void test_arrays(void)
{
    int types = 0;
    int binary_scalars = 0;

    for (uint32_t oid = 1; oid < 10000; oid++) {
        const struct aldb_type *t = aldb_type_find(oid);
        if (t == NULL) {
            continue;
        }
        types++;
        binary_scalars += t->binary && t->element_oid == 0;
        const struct aldb_type *array = aldb_type_find(t->array_oid);
        if (array != NULL && array->element_oid != 0) {
            CU_ASSERT_EQUAL(array->element_oid, oid);
            CU_ASSERT_EQUAL(array->binary, t->binary);
        }
    }
    CU_ASSERT_TRUE(types > 180);
    CU_ASSERT_EQUAL(binary_scalars, 25);
}

/* ------------------------------------------------------------------ describing */

static void test_describe(void)
{
    static const struct {
        const struct aldb_type_options *opt;
        uint32_t oid;
        int32_t typmod;
        SQLSMALLINT type, c_type;
        SQLULEN size;
        SQLSMALLINT digits;
        SQLLEN octets, display;
    } known[] = {
        {&wide, 16, -1, SQL_BIT, SQL_C_BIT, 1, 0, 1, 1},
        {&wide, 21, -1, SQL_SMALLINT, SQL_C_SSHORT, 5, 0, 2, 6},
        {&wide, 23, -1, SQL_INTEGER, SQL_C_SLONG, 10, 0, 4, 11},
        {&wide, 20, -1, SQL_BIGINT, SQL_C_SBIGINT, 19, 0, 8, 20},
        {&wide, 26, -1, SQL_INTEGER, SQL_C_ULONG, 10, 0, 4, 11},
        {&wide, 700, -1, SQL_REAL, SQL_C_FLOAT, 24, 0, 4, 15},
        {&wide, 701, -1, SQL_DOUBLE, SQL_C_DOUBLE, 53, 0, 8, 24},
        {&wide, 1700, NUMERIC(10, 2), SQL_NUMERIC, SQL_C_CHAR, 10, 2, 12, 12},
        {&wide, 1700, NUMERIC(1000, 0), SQL_NUMERIC, SQL_C_CHAR, 1000, 0, 1002, 1002},
        {&wide, 1700, NUMERIC(2, -3), SQL_NUMERIC, SQL_C_CHAR, 5, 0, 7, 7},
        {&wide, 1700, NUMERIC(3, 5), SQL_NUMERIC, SQL_C_CHAR, 5, 5, 8, 8},
        {&wide, 1700, -1, SQL_NUMERIC, SQL_C_CHAR, 1000, 500, 1002, 1002},
        {&wide, 1043, 24, SQL_WVARCHAR, SQL_C_WCHAR, 20, 0, 80, 20},
        {&narrow, 1043, 24, SQL_VARCHAR, SQL_C_CHAR, 20, 0, 80, 20},
        {&wide, 1043, -1, SQL_WVARCHAR, SQL_C_WCHAR, 8190, 0, 32760, 8190},
        {&wide, 1042, 14, SQL_WCHAR, SQL_C_WCHAR, 10, 0, 40, 10},
        {&narrow, 1042, 14, SQL_CHAR, SQL_C_CHAR, 10, 0, 40, 10},
        {&wide, 1042, -1, SQL_WVARCHAR, SQL_C_WCHAR, 8190, 0, 32760, 8190},
        {&wide, 18, -1, SQL_WCHAR, SQL_C_WCHAR, 1, 0, 8, 4},
        {&narrow, 18, -1, SQL_CHAR, SQL_C_CHAR, 1, 0, 4, 4},
        {&wide, 19, -1, SQL_WVARCHAR, SQL_C_WCHAR, 63, 0, 252, 63},
        {&wide, 25, -1, SQL_WLONGVARCHAR, SQL_C_WCHAR, 1073741819, 0, 2147483638, 1073741819},
        {&narrow, 25, -1, SQL_LONGVARCHAR, SQL_C_CHAR, 1073741819, 0, 1073741819, 1073741819},
        {&all_short, 25, -1, SQL_WVARCHAR, SQL_C_WCHAR, 8190, 0, 32760, 8190},
        {&wide, 3802, -1, SQL_WLONGVARCHAR, SQL_C_WCHAR, 1073741819, 0, 2147483638, 1073741819},
        {&wide, 17, -1, SQL_LONGVARBINARY, SQL_C_BINARY, 1073741819, 0, 1073741819, 2147483638},
        {&all_short, 17, -1, SQL_VARBINARY, SQL_C_BINARY, 8190, 0, 8190, 16380},
        {&wide, 1082, -1, SQL_TYPE_DATE, SQL_C_TYPE_DATE, 10, 0, 6, 13},
        {&wide, 1083, -1, SQL_TYPE_TIME, SQL_C_TYPE_TIME, 15, 6, 6, 15},
        {&wide, 1083, 0, SQL_TYPE_TIME, SQL_C_TYPE_TIME, 8, 0, 6, 8},
        {&wide, 1266, 3, SQL_TYPE_TIME, SQL_C_TYPE_TIME, 12, 3, 6, 12},
        {&wide, 1114, -1, SQL_TYPE_TIMESTAMP, SQL_C_TYPE_TIMESTAMP, 26, 6, 16, 29},
        {&wide, 1184, 0, SQL_TYPE_TIMESTAMP, SQL_C_TYPE_TIMESTAMP, 19, 0, 16, 22},
        {&wide, 1184, 3, SQL_TYPE_TIMESTAMP, SQL_C_TYPE_TIMESTAMP, 23, 3, 16, 26},
        {&wide, 1186, -1, SQL_WVARCHAR, SQL_C_WCHAR, 100, 0, 400, 100},
        {&wide, 1186, INTERVAL(0x7fff, 3), SQL_WVARCHAR, SQL_C_WCHAR, 100, 0, 400, 100},
        {&wide, 1186, INTERVAL(4, 0xffff), SQL_INTERVAL_YEAR, SQL_C_INTERVAL_YEAR, 10, 0, 34, 100},
        {&wide, 1186, INTERVAL(6, 0xffff), SQL_INTERVAL_YEAR_TO_MONTH, SQL_C_INTERVAL_YEAR_TO_MONTH,
         13, 0, 34, 100},
        {&wide, 1186, INTERVAL(7176, 0xffff), SQL_INTERVAL_DAY_TO_SECOND,
         SQL_C_INTERVAL_DAY_TO_SECOND, 26, 6, 34, 100},
        {&wide, 1186, INTERVAL(4096, 3), SQL_INTERVAL_SECOND, SQL_C_INTERVAL_SECOND, 14, 3, 34, 100},
        {&wide, 2950, -1, SQL_GUID, SQL_C_GUID, 36, 0, 16, 36},
        {&wide, 1560, 8, SQL_WCHAR, SQL_C_WCHAR, 8, 0, 32, 8},
        {&wide, 1562, 9, SQL_WVARCHAR, SQL_C_WCHAR, 9, 0, 36, 9},
        {&wide, 869, -1, SQL_WVARCHAR, SQL_C_WCHAR, 50, 0, 200, 50},
        {&wide, 790, -1, SQL_WVARCHAR, SQL_C_WCHAR, 31, 0, 124, 31},
        {&wide, 1007, -1, SQL_WVARCHAR, SQL_C_WCHAR, 8190, 0, 32760, 8190},
        {&wide, 99999, -1, SQL_WVARCHAR, SQL_C_WCHAR, 8190, 0, 32760, 8190},
        {&narrow, 2278, -1, SQL_VARCHAR, SQL_C_CHAR, 8190, 0, 32760, 8190},
    };

    for (size_t i = 0; i < ALDB_COUNT(known); i++) {
        struct aldb_type_desc d;
        aldb_type_describe(known[i].opt, known[i].oid, known[i].typmod, &d);
        bool ok = d.concise_type == known[i].type && d.default_c_type == known[i].c_type &&
                  d.column_size == known[i].size && d.decimal_digits == known[i].digits &&
                  d.octet_length == known[i].octets && d.display_size == known[i].display &&
                  d.length == d.column_size;
        if (!ok) {
            fprintf(stderr, "%u:%d: type %d c %d size %llu digits %d octets %lld display %lld\n",
                    (unsigned)known[i].oid, (int)known[i].typmod, d.concise_type, d.default_c_type,
                    (unsigned long long)d.column_size, d.decimal_digits, (long long)d.octet_length,
                    (long long)d.display_size);
        }
        CU_ASSERT_TRUE(ok);
    }
}

/* No size is 0, negative or NO_TOTAL for any type under any option. */
static void test_sizes_are_finite(void)
{
    for (unsigned mask = 0; mask < 64; mask++) {
        struct aldb_type_options o = {.wide = mask & 1,
                                      .bools_as_char = mask & 2,
                                      .text_as_longvarchar = mask & 4,
                                      .bytea_as_longvarbinary = mask & 8,
                                      .unknowns_as_longvarchar = mask & 16,
                                      .timestamptz_as = mask & 32 ? ALDB_TZ_TEXT : ALDB_TZ_SESSION};
        for (uint32_t oid = 1; oid < 10000; oid++) {
            struct aldb_type_desc d;
            if (aldb_type_find(oid) == NULL) {
                continue;
            }
            aldb_type_describe(&o, oid, -1, &d);
            CU_ASSERT_TRUE(d.column_size > 0 && d.column_size <= 1073741819);
            CU_ASSERT_TRUE(d.octet_length > 0 && d.display_size > 0);
            CU_ASSERT_TRUE(aldb_sql_type_valid(d.concise_type));
            CU_ASSERT_EQUAL(d.family, aldb_type_family(oid));
            CU_ASSERT_PTR_NOT_NULL(d.literal_prefix);
            CU_ASSERT_PTR_NOT_NULL(d.literal_suffix);
            CU_ASSERT_EQUAL(aldb_type_concise(d.verbose_type, d.datetime_code), d.concise_type);
        }
    }
}

static void test_options(void)
{
    struct aldb_type_options o = wide;
    struct aldb_type_desc d;

    o.max_varchar = 255;
    o.max_longvarchar = 4000;
    aldb_type_describe(&o, 1043, -1, &d);
    CU_ASSERT_EQUAL(d.column_size, 255);
    aldb_type_describe(&o, 1043, 1004, &d);
    CU_ASSERT_EQUAL(d.column_size, 1000);
    aldb_type_describe(&o, 1043, 24, &d);
    CU_ASSERT_EQUAL(d.column_size, 20);
    aldb_type_describe(&o, 1042, 1004, &d);
    CU_ASSERT_EQUAL(d.column_size, 1000);
    aldb_type_describe(&o, 25, -1, &d);
    CU_ASSERT_EQUAL(d.column_size, 4000);
    aldb_type_describe(&o, 17, -1, &d);
    CU_ASSERT_EQUAL(d.column_size, 4000);

    o.bools_as_char = true;
    aldb_type_describe(&o, 16, -1, &d);
    CU_ASSERT_EQUAL(d.concise_type, SQL_WVARCHAR);
    CU_ASSERT_EQUAL(d.column_size, 5);
    o.unknowns_as_longvarchar = true;
    aldb_type_describe(&o, 99999, -1, &d);
    CU_ASSERT_EQUAL(d.concise_type, SQL_WLONGVARCHAR);

    o.int8_as = SQL_INTEGER;
    aldb_type_describe(&o, 20, -1, &d);
    CU_ASSERT_EQUAL(d.concise_type, SQL_INTEGER);
    o.int8_as = SQL_NUMERIC;
    aldb_type_describe(&o, 20, -1, &d);
    CU_ASSERT_EQUAL(d.concise_type, SQL_NUMERIC);
    CU_ASSERT_EQUAL(d.column_size, 19);
    o.int8_as = SQL_VARCHAR;
    aldb_type_describe(&o, 20, -1, &d);
    CU_ASSERT_EQUAL(d.concise_type, SQL_WVARCHAR);
    CU_ASSERT_EQUAL(d.column_size, 20);

    o.numeric_as = SQL_DOUBLE;
    aldb_type_describe(&o, 1700, -1, &d);
    CU_ASSERT_EQUAL(d.concise_type, SQL_DOUBLE);
    aldb_type_describe(&o, 1700, NUMERIC(5, 1), &d);
    CU_ASSERT_EQUAL(d.concise_type, SQL_NUMERIC);

    o.timestamptz_as = ALDB_TZ_TEXT;
    aldb_type_describe(&o, 1184, -1, &d);
    CU_ASSERT_EQUAL(d.concise_type, o.wide ? SQL_WVARCHAR : SQL_VARCHAR);
    CU_ASSERT_EQUAL(d.column_size, 38);
    aldb_type_describe(&o, 1114, -1, &d);
    CU_ASSERT_EQUAL(d.column_size, 26);
}

static void test_attributes(void)
{
    struct aldb_type_desc d;

    aldb_type_describe(&wide, 26, -1, &d);
    CU_ASSERT_EQUAL(d.is_unsigned, SQL_TRUE);
    aldb_type_describe(&wide, 23, -1, &d);
    CU_ASSERT_EQUAL(d.is_unsigned, SQL_FALSE);
    CU_ASSERT_EQUAL(d.num_prec_radix, 10);
    CU_ASSERT_EQUAL(d.precision, 10);
    aldb_type_describe(&wide, 701, -1, &d);
    CU_ASSERT_EQUAL(d.num_prec_radix, 2);
    aldb_type_describe(&wide, 25, -1, &d);
    CU_ASSERT_EQUAL(d.is_unsigned, SQL_TRUE);
    CU_ASSERT_EQUAL(d.case_sensitive, SQL_TRUE);
    CU_ASSERT_EQUAL(d.searchable, SQL_SEARCHABLE);
    CU_ASSERT_STRING_EQUAL(d.literal_prefix, "'");
    aldb_type_describe(&wide, 114, -1, &d);
    CU_ASSERT_EQUAL(d.searchable, SQL_PRED_NONE);
    aldb_type_describe(&wide, 790, -1, &d);
    CU_ASSERT_EQUAL(d.fixed_prec_scale, SQL_TRUE);
    aldb_type_describe(&wide, 1114, 3, &d);
    CU_ASSERT_EQUAL(d.verbose_type, SQL_DATETIME);
    CU_ASSERT_EQUAL(d.datetime_code, SQL_CODE_TIMESTAMP);
    CU_ASSERT_EQUAL(d.precision, 3);
    aldb_type_describe(&wide, 1186, INTERVAL(7176, 2), &d);
    CU_ASSERT_EQUAL(d.verbose_type, SQL_INTERVAL);
    CU_ASSERT_EQUAL(d.datetime_code, SQL_CODE_DAY_TO_SECOND);
    CU_ASSERT_EQUAL(d.datetime_interval_precision, 10);
    CU_ASSERT_EQUAL(d.precision, 2);
}

/* ------------------------------------------------------------------ codes */

static void test_codes(void)
{
    SQLSMALLINT verbose;
    SQLSMALLINT code;

    CU_ASSERT_EQUAL(aldb_type_from_v2(9), 91);
    CU_ASSERT_EQUAL(aldb_type_from_v2(11), 93);
    CU_ASSERT_EQUAL(aldb_type_from_v2(12), 12);
    CU_ASSERT_EQUAL(aldb_type_to_v2(92), 10);
    CU_ASSERT_EQUAL(aldb_type_to_v2(-9), -9);
    aldb_type_verbose(SQL_INTERVAL_MINUTE_TO_SECOND, &verbose, &code);
    CU_ASSERT_EQUAL(verbose, SQL_INTERVAL);
    CU_ASSERT_EQUAL(code, SQL_CODE_MINUTE_TO_SECOND);
    aldb_type_verbose(SQL_INTEGER, &verbose, &code);
    CU_ASSERT_EQUAL(verbose, SQL_INTEGER);
    CU_ASSERT_EQUAL(code, 0);
    CU_ASSERT_EQUAL(aldb_type_concise(SQL_DATETIME, 2), SQL_TYPE_TIME);
    CU_ASSERT_EQUAL(aldb_type_concise(SQL_DATETIME, 0), 0);
    CU_ASSERT_EQUAL(aldb_type_concise(SQL_DATETIME, 4), 0);
    CU_ASSERT_EQUAL(aldb_type_concise(SQL_INTERVAL, 14), 0);
    CU_ASSERT_EQUAL(aldb_type_concise(SQL_INTEGER, 1), 0);
    CU_ASSERT_EQUAL(aldb_type_concise(SQL_INTEGER, 0), SQL_INTEGER);

    CU_ASSERT_TRUE(aldb_sql_type_valid(SQL_GUID));
    CU_ASSERT_TRUE(aldb_sql_type_valid(9));
    CU_ASSERT_FALSE(aldb_sql_type_valid(0));
    CU_ASSERT_FALSE(aldb_sql_type_valid(99));
    CU_ASSERT_FALSE(aldb_sql_type_valid(114));
    CU_ASSERT_FALSE(aldb_sql_type_valid(-12));
    CU_ASSERT_TRUE(aldb_c_type_valid(SQL_C_DEFAULT));
    CU_ASSERT_TRUE(aldb_c_type_valid(SQL_C_LONG));
    CU_ASSERT_TRUE(aldb_c_type_valid(SQL_C_INTERVAL_DAY));
    CU_ASSERT_FALSE(aldb_c_type_valid(0));
    CU_ASSERT_FALSE(aldb_c_type_valid(1234));
    CU_ASSERT_EQUAL(aldb_c_type_size(SQL_C_SLONG), 4);
    CU_ASSERT_EQUAL(aldb_c_type_size(SQL_C_UBIGINT), 8);
    CU_ASSERT_EQUAL(aldb_c_type_size(SQL_C_NUMERIC), 19);
    CU_ASSERT_EQUAL(aldb_c_type_size(SQL_C_TYPE_TIMESTAMP), 16);
    CU_ASSERT_EQUAL(aldb_c_type_size(SQL_C_TIMESTAMP), 16);
    CU_ASSERT_EQUAL(aldb_c_type_size(SQL_C_INTERVAL_DAY), 28);
    CU_ASSERT_EQUAL(aldb_c_type_size(SQL_C_CHAR), 0);

    CU_ASSERT_EQUAL(aldb_type_default_c(SQL_NUMERIC), SQL_C_CHAR);
    CU_ASSERT_EQUAL(aldb_type_default_c(SQL_WVARCHAR), SQL_C_WCHAR);
    CU_ASSERT_EQUAL(aldb_type_default_c(SQL_TINYINT), SQL_C_STINYINT);
    CU_ASSERT_EQUAL(aldb_type_default_c(11), SQL_C_TYPE_TIMESTAMP);
    CU_ASSERT_EQUAL(aldb_type_default_c(77), 0);
    CU_ASSERT_EQUAL(aldb_type_declared_oid(SQL_SMALLINT), 23);
    CU_ASSERT_EQUAL(aldb_type_declared_oid(SQL_BIGINT), 20);
    CU_ASSERT_EQUAL(aldb_type_declared_oid(SQL_REAL), 701);
    CU_ASSERT_EQUAL(aldb_type_declared_oid(SQL_DECIMAL), 1700);
    CU_ASSERT_EQUAL(aldb_type_declared_oid(SQL_VARCHAR), 0);
    CU_ASSERT_EQUAL(aldb_type_declared_oid(SQL_WLONGVARCHAR), 0);
    CU_ASSERT_EQUAL(aldb_type_declared_oid(SQL_INTERVAL_DAY), 1186);
    CU_ASSERT_EQUAL(aldb_type_declared_oid(77), 0);
}

/* ------------------------------------------------------------------ SQLGetTypeInfo */

static const uint32_t listed_oids[] = {16,   17,   18,   19,   20,   21,   23,   25,   26,   114,
                                       142,  650,  700,  701,  774,  790,  829,  869,  1043, 1082,
                                       1083, 1114, 1184, 1186, 1266, 1562, 1700, 2950, 3802};

static bool find_row(const struct aldb_type_options *o, const char *name, SQLSMALLINT type,
                     struct aldb_typeinfo_row *out)
{
    for (size_t i = 0; aldb_typeinfo_row(o, i, out); i++) {
        if (out->data_type == type && strcmp(out->type_name, name) == 0) {
            return true;
        }
    }
    return false;
}

/* Every type that a column may be described as has its row, with the same numbers. */
static void check_agreement(const struct aldb_type_options *o)
{
    for (size_t i = 0; i < ALDB_COUNT(listed_oids); i++) {
        struct aldb_type_desc d;
        struct aldb_typeinfo_row r;
        uint32_t oid = listed_oids[i];
        aldb_type_describe(o, oid, -1, &d);
        bool found = find_row(o, aldb_type_find(oid)->name, d.concise_type, &r);
        if (!found) {
            fprintf(stderr, "no row for %s as %d\n", aldb_type_find(oid)->name, d.concise_type);
        }
        CU_ASSERT_TRUE(found);
        if (found) {
            CU_ASSERT_EQUAL(r.case_sensitive, d.case_sensitive);
            CU_ASSERT_EQUAL(r.searchable, d.searchable);
            CU_ASSERT_EQUAL(r.sql_data_type, d.verbose_type);
            CU_ASSERT_EQUAL(r.sql_datetime_sub, d.datetime_code);
            CU_ASSERT_EQUAL(r.num_prec_radix, d.num_prec_radix);
            /* Where a length may be declared, the row says the most that it may be. */
            int64_t size = oid == ALDB_OID_VARCHAR  ? 10485760
                           : oid == ALDB_OID_VARBIT ? 83886080
                                                    : (int64_t)d.column_size;
            CU_ASSERT_EQUAL(r.column_size, size);
        }
    }
}

static void test_typeinfo(void)
{
    struct aldb_typeinfo_row r;
    struct aldb_type_options odd = {
        .wide = true, .bools_as_char = true, .int8_as = SQL_VARCHAR, .numeric_as = SQL_DOUBLE};
    SQLSMALLINT last = SHRT_MIN;
    size_t n;

    for (n = 0; aldb_typeinfo_row(&wide, n, &r); n++) {
        CU_ASSERT_TRUE(r.data_type >= last);
        last = r.data_type;
        CU_ASSERT_TRUE(r.column_size > 0);
        CU_ASSERT_TRUE(aldb_sql_type_valid(r.data_type));
        CU_ASSERT_STRING_EQUAL(r.type_name, r.local_type_name);
    }
    CU_ASSERT_TRUE(n > 50);
    CU_ASSERT_FALSE(aldb_typeinfo_row(&wide, n, &r));
    check_agreement(&wide);
    check_agreement(&narrow);
    check_agreement(&all_short);
    check_agreement(&odd);

    CU_ASSERT_TRUE(find_row(&wide, "serial", SQL_INTEGER, &r));
    CU_ASSERT_EQUAL(r.auto_unique_value, 1);
    CU_ASSERT_EQUAL(r.nullable, SQL_NO_NULLS);
    CU_ASSERT_TRUE(find_row(&wide, "numeric", SQL_DECIMAL, &r));
    CU_ASSERT_EQUAL(r.column_size, 1000);
    CU_ASSERT_EQUAL(r.minimum_scale, 0);
    CU_ASSERT_EQUAL(r.maximum_scale, 1000);
    CU_ASSERT_STRING_EQUAL(r.create_params, "precision,scale");
    CU_ASSERT_PTR_NULL(r.literal_prefix);
    CU_ASSERT_TRUE(find_row(&wide, "text", SQL_LONGVARCHAR, &r));
    CU_ASSERT_EQUAL(r.unsigned_attribute, -1);
    CU_ASSERT_EQUAL(r.auto_unique_value, -1);
    CU_ASSERT_EQUAL(r.maximum_scale, INT_MIN);
    CU_ASSERT_TRUE(find_row(&wide, "bytea", SQL_BINARY, &r));
    CU_ASSERT_STRING_EQUAL(r.literal_prefix, "'\\x");
    CU_ASSERT_TRUE(find_row(&wide, "interval day to second", SQL_INTERVAL_DAY_TO_SECOND, &r));
    CU_ASSERT_EQUAL(r.interval_precision, 10);
    CU_ASSERT_EQUAL(r.sql_data_type, SQL_INTERVAL);
    CU_ASSERT_TRUE(find_row(&wide, "int2", SQL_TINYINT, &r));
    CU_ASSERT_EQUAL(r.sql_data_type, SQL_SMALLINT);
    CU_ASSERT_FALSE(find_row(&narrow, "varchar", SQL_WVARCHAR, &r));
    CU_ASSERT_TRUE(find_row(&narrow, "varchar", SQL_VARCHAR, &r));
    CU_ASSERT_EQUAL(r.column_size, 10485760);
}

/* The first row of a type is what tools write into CREATE TABLE. */
static void test_best_first(void)
{
    static const struct {
        SQLSMALLINT type;
        const char *name;
    } best[] = {
        {SQL_WLONGVARCHAR, "text"}, {SQL_WVARCHAR, "varchar"}, {SQL_WCHAR, "bpchar"},
        {SQL_BIGINT, "int8"},       {SQL_CHAR, "bpchar"},      {SQL_VARCHAR, "varchar"},
        {SQL_INTEGER, "int4"},      {SQL_SMALLINT, "int2"},    {SQL_TYPE_TIME, "time"},
        {SQL_NUMERIC, "numeric"},   {SQL_DOUBLE, "float8"},    {SQL_TYPE_TIMESTAMP, "timestamp"},
        {SQL_BIT, "bool"},          {SQL_GUID, "uuid"}};

    for (size_t i = 0; i < ALDB_COUNT(best); i++) {
        struct aldb_typeinfo_row r = {.type_name = "(none)"};
        for (size_t n = 0; aldb_typeinfo_row(&wide, n, &r) && r.data_type != best[i].type; n++) {
        }
        CU_ASSERT_STRING_EQUAL(r.type_name, best[i].name);
    }
}

int main(void)
{
    static CU_TestInfo tests[] = {{"find", test_find},
                                  {"arrays", test_arrays},
                                  {"describe", test_describe},
                                  {"sizes are finite", test_sizes_are_finite},
                                  {"options", test_options},
                                  {"attributes", test_attributes},
                                  {"codes", test_codes},
                                  {"typeinfo", test_typeinfo},
                                  {"best first", test_best_first},
                                  CU_TEST_INFO_NULL};

    if (CU_initialize_registry() != CUE_SUCCESS) {
        return 1;
    }
    CU_pSuite suite = CU_add_suite("types", NULL, NULL);
    for (size_t i = 0; suite != NULL && tests[i].pName != NULL; i++) {
        if (CU_add_test(suite, tests[i].pName, tests[i].pTestFunc) == NULL) {
            return 1;
        }
    }
    CU_basic_set_mode(CU_BRM_VERBOSE);
    CU_basic_run_tests();
    unsigned failures = CU_get_number_of_failures();
    CU_cleanup_registry();
    return failures != 0 || CU_get_error() != CUE_SUCCESS;
}
