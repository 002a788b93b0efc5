/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which parameters are possible, and the road that each takes. ODBC's matrix of C type x SQL type is `allowed`; the form that the server's type gets is
 * the matrix of put_write.c.
 * https://learn.microsoft.com/sql/odbc/reference/appendixes/converting-data-from-c-to-sql-data-types
 */
#include "convert/put.h"

/* ------------------------------------------------------------------ classes */

struct class_row {
    SQLSMALLINT type;
    uint8_t class;
};

static const struct class_row c_classes[] = {
    {SQL_C_CHAR, ALDB_PUT_C_CHAR},
    {SQL_C_WCHAR, ALDB_PUT_C_CHAR},
    {SQL_C_SLONG, ALDB_PUT_C_INT},
    {SQL_C_SBIGINT, ALDB_PUT_C_INT},
    {SQL_C_DOUBLE, ALDB_PUT_C_FLOAT},
    {SQL_C_BINARY, ALDB_PUT_C_BINARY},
    {SQL_C_BIT, ALDB_PUT_C_BIT},
    {SQL_C_TYPE_DATE, ALDB_PUT_C_DATE},
    {SQL_C_TYPE_TIME, ALDB_PUT_C_TIME},
    {SQL_C_TYPE_TIMESTAMP, ALDB_PUT_C_TIMESTAMP},
    {SQL_C_LONG, ALDB_PUT_C_INT},
    {SQL_C_ULONG, ALDB_PUT_C_INT},
    {SQL_C_SHORT, ALDB_PUT_C_INT},
    {SQL_C_SSHORT, ALDB_PUT_C_INT},
    {SQL_C_USHORT, ALDB_PUT_C_INT},
    {SQL_C_TINYINT, ALDB_PUT_C_INT},
    {SQL_C_STINYINT, ALDB_PUT_C_INT},
    {SQL_C_UTINYINT, ALDB_PUT_C_INT},
    {SQL_C_UBIGINT, ALDB_PUT_C_INT},
    {SQL_C_FLOAT, ALDB_PUT_C_FLOAT},
    {SQL_C_NUMERIC, ALDB_PUT_C_NUMERIC},
    {SQL_C_GUID, ALDB_PUT_C_GUID},
    {SQL_C_INTERVAL_YEAR, ALDB_PUT_C_YM_SINGLE},
    {SQL_C_INTERVAL_MONTH, ALDB_PUT_C_YM_SINGLE},
    {SQL_C_INTERVAL_YEAR_TO_MONTH, ALDB_PUT_C_YM},
    {SQL_C_INTERVAL_DAY, ALDB_PUT_C_DT_SINGLE},
    {SQL_C_INTERVAL_HOUR, ALDB_PUT_C_DT_SINGLE},
    {SQL_C_INTERVAL_MINUTE, ALDB_PUT_C_DT_SINGLE},
    {SQL_C_INTERVAL_SECOND, ALDB_PUT_C_DT_SINGLE},
    {SQL_C_INTERVAL_DAY_TO_HOUR, ALDB_PUT_C_DT},
    {SQL_C_INTERVAL_DAY_TO_MINUTE, ALDB_PUT_C_DT},
    {SQL_C_INTERVAL_DAY_TO_SECOND, ALDB_PUT_C_DT},
    {SQL_C_INTERVAL_HOUR_TO_MINUTE, ALDB_PUT_C_DT},
    {SQL_C_INTERVAL_HOUR_TO_SECOND, ALDB_PUT_C_DT},
    {SQL_C_INTERVAL_MINUTE_TO_SECOND, ALDB_PUT_C_DT},
};

static const struct class_row sql_classes[] = {
    {SQL_VARCHAR, ALDB_PUT_SQL_CHAR},
    {SQL_WVARCHAR, ALDB_PUT_SQL_CHAR},
    {SQL_INTEGER, ALDB_PUT_SQL_INT},
    {SQL_BIGINT, ALDB_PUT_SQL_INT},
    {SQL_DOUBLE, ALDB_PUT_SQL_FLOAT},
    {SQL_CHAR, ALDB_PUT_SQL_CHAR},
    {SQL_WCHAR, ALDB_PUT_SQL_CHAR},
    {SQL_LONGVARCHAR, ALDB_PUT_SQL_CHAR},
    {SQL_WLONGVARCHAR, ALDB_PUT_SQL_CHAR},
    {SQL_SMALLINT, ALDB_PUT_SQL_INT},
    {SQL_TINYINT, ALDB_PUT_SQL_INT},
    {SQL_NUMERIC, ALDB_PUT_SQL_DECIMAL},
    {SQL_DECIMAL, ALDB_PUT_SQL_DECIMAL},
    {SQL_FLOAT, ALDB_PUT_SQL_FLOAT},
    {SQL_REAL, ALDB_PUT_SQL_FLOAT},
    {SQL_BIT, ALDB_PUT_SQL_BIT},
    {SQL_BINARY, ALDB_PUT_SQL_BINARY},
    {SQL_VARBINARY, ALDB_PUT_SQL_BINARY},
    {SQL_LONGVARBINARY, ALDB_PUT_SQL_BINARY},
    {SQL_TYPE_DATE, ALDB_PUT_SQL_DATE},
    {SQL_TYPE_TIME, ALDB_PUT_SQL_TIME},
    {SQL_TYPE_TIMESTAMP, ALDB_PUT_SQL_TIMESTAMP},
    {SQL_GUID, ALDB_PUT_SQL_GUID},
    {SQL_INTERVAL_YEAR, ALDB_PUT_SQL_YM_SINGLE},
    {SQL_INTERVAL_MONTH, ALDB_PUT_SQL_YM_SINGLE},
    {SQL_INTERVAL_YEAR_TO_MONTH, ALDB_PUT_SQL_YM},
    {SQL_INTERVAL_DAY, ALDB_PUT_SQL_DT_SINGLE},
    {SQL_INTERVAL_HOUR, ALDB_PUT_SQL_DT_SINGLE},
    {SQL_INTERVAL_MINUTE, ALDB_PUT_SQL_DT_SINGLE},
    {SQL_INTERVAL_SECOND, ALDB_PUT_SQL_DT_SINGLE},
    {SQL_INTERVAL_DAY_TO_HOUR, ALDB_PUT_SQL_DT},
    {SQL_INTERVAL_DAY_TO_MINUTE, ALDB_PUT_SQL_DT},
    {SQL_INTERVAL_DAY_TO_SECOND, ALDB_PUT_SQL_DT},
    {SQL_INTERVAL_HOUR_TO_MINUTE, ALDB_PUT_SQL_DT},
    {SQL_INTERVAL_HOUR_TO_SECOND, ALDB_PUT_SQL_DT},
    {SQL_INTERVAL_MINUTE_TO_SECOND, ALDB_PUT_SQL_DT},
};

/* -1: not a type. */
static int class_of(const struct class_row *rows, size_t n, SQLSMALLINT type)
{
    for (size_t i = 0; i < n; i++) {
        if (rows[i].type == type) {
            return rows[i].class;
        }
    }
    return -1;
}

/* ------------------------------------------------------------------ ODBC's matrix */

#define C(name) (1u << ALDB_PUT_C_##name)
#define ANY_NUMBER (C(CHAR) | C(INT) | C(NUMERIC) | C(FLOAT) | C(BIT) | C(BINARY))
#define ANY_YM (C(YM_SINGLE) | C(YM))
#define ANY_DT (C(DT_SINGLE) | C(DT))

static const unsigned allowed[ALDB_PUT_SQL_COUNT] = {
    [ALDB_PUT_SQL_CHAR] = ~0u,
    [ALDB_PUT_SQL_INT] = ANY_NUMBER | C(YM_SINGLE) | C(DT_SINGLE),
    [ALDB_PUT_SQL_DECIMAL] = ANY_NUMBER | C(YM_SINGLE) | C(DT_SINGLE),
    [ALDB_PUT_SQL_FLOAT] = ANY_NUMBER,
    [ALDB_PUT_SQL_BIT] = ANY_NUMBER,
    [ALDB_PUT_SQL_BINARY] = C(CHAR) | C(BINARY),
    [ALDB_PUT_SQL_DATE] = C(CHAR) | C(BINARY) | C(DATE) | C(TIMESTAMP),
    [ALDB_PUT_SQL_TIME] = C(CHAR) | C(BINARY) | C(TIME) | C(TIMESTAMP),
    [ALDB_PUT_SQL_TIMESTAMP] = C(CHAR) | C(BINARY) | C(DATE) | C(TIME) | C(TIMESTAMP),
    [ALDB_PUT_SQL_GUID] = C(CHAR) | C(BINARY) | C(GUID),
    [ALDB_PUT_SQL_YM_SINGLE] = C(CHAR) | C(BINARY) | C(INT) | C(NUMERIC) | ANY_YM,
    [ALDB_PUT_SQL_YM] = C(CHAR) | C(BINARY) | ANY_YM,
    [ALDB_PUT_SQL_DT_SINGLE] = C(CHAR) | C(BINARY) | C(INT) | C(NUMERIC) | ANY_DT,
    [ALDB_PUT_SQL_DT] = C(CHAR) | C(BINARY) | ANY_DT,
};

/* ------------------------------------------------------------------ the long road */

/* On any failure `out` is as it was. */
static enum aldb_state put_any(const struct aldb_put *p, const struct aldb_input *in, struct aldb_buf *out)
{
    struct aldb_datum v;
    aldb_buf_init(&v.scratch, ALDB_MAX_VALUE);
    enum aldb_state st = aldb_put_read(p, in, &v);
    if (st == ALDB_ST_NONE) {
        st = aldb_put_shape(p, &v);
    }
    if (st == ALDB_ST_NONE) {
        st = p->form->write(p, &v, out);
    }
    aldb_buf_clear(&v.scratch);
    return st;
}

/*
 * Two declarations give way to the server's type, since nothing is gained by a detour through characters: raw bytes for bytea, and
 * interval structs for interval.
 */
static void prefer_server_type(struct aldb_put *p)
{
    if (p->sql_class != ALDB_PUT_SQL_CHAR) {
        return;
    }
    if (p->family == ALDB_FAM_BYTEA && p->c_class == ALDB_PUT_C_BINARY) {
        p->sql_class = ALDB_PUT_SQL_BINARY;
    } else if (p->family == ALDB_FAM_INTERVAL && aldb_interval_fields(p->c_type) != 0) {
        p->sql_type = p->c_type;
        p->sql_class = (uint8_t)class_of(sql_classes, ALDB_COUNT(sql_classes), p->sql_type);
    }
}

enum aldb_state aldb_put_resolve(struct aldb_put *p, const struct aldb_put_spec *spec)
{
    SQLSMALLINT sql_type = aldb_type_bound_as(aldb_type_from_v2(spec->sql_type));
    int sql_class = class_of(sql_classes, ALDB_COUNT(sql_classes), sql_type);
    if (sql_class < 0) {
        return ALDB_ST_HY004;
    }
    SQLSMALLINT c_type = spec->c_type == SQL_C_DEFAULT ? aldb_type_default_c(sql_type) : aldb_type_from_v2(spec->c_type);
    int c_class = class_of(c_classes, ALDB_COUNT(c_classes), c_type);
    if (c_class < 0) {
        return ALDB_ST_HY003;
    }
    if (!(allowed[sql_class] & 1u << c_class)) {
        return ALDB_ST_07006;
    }
    struct aldb_put r = {
        .oid = spec->oid,
        .family = spec->oid != 0 ? aldb_type_family(spec->oid) : ALDB_FAM_TEXT,
        .c_type = c_type,
        .sql_type = sql_type,
        .column_size = spec->column_size,
        .decimal_digits = spec->decimal_digits,
        .apd_precision = spec->apd_precision,
        .apd_scale = spec->apd_scale,
        .apd_numeric_set = spec->apd_numeric_set,
        .utc = spec->utc,
        .interval_precision = spec->interval_precision,
        .c_class = (uint8_t)c_class,
        .sql_class = (uint8_t)sql_class,
    };
    prefer_server_type(&r);
    r.form = aldb_put_form_find(r.family, r.sql_class);
    if (r.form->refused) {
        return ALDB_ST_07006;
    }
    r.binary = r.form->binary;
    aldb_put_fn *fast = aldb_put_fast_find(&r);
    r.fn = fast ? fast : put_any;
    *p = r;
    return ALDB_ST_NONE;
}
