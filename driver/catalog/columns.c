/* SPDX-License-Identifier: Apache-2.0 */
/* SQLColumns. The server tells what it stores; the driver describes the types, as for SQLDescribeCol. ODBC: SQLColumns Function. */
#include "catalog/internal.h"

#include <limits.h>
#include <string.h>

/* Cells of a server row. */
enum { IN_CATALOG, IN_SCHEMA, IN_TABLE, IN_COLUMN, IN_OID, IN_TYPMOD, IN_TYPE_NAME, IN_NOT_NULL, IN_REMARKS, IN_DEFAULT, IN_ORDINAL };

/* Domains are resolved to their base type and its modifier, as the server does in RowDescription; any of them may forbid nulls. */
static const char columns_sql[] =
    "WITH RECURSIVE d(domain, base, typmod, not_null) AS ("
    "SELECT oid, typbasetype, typtypmod, typnotnull FROM pg_catalog.pg_type WHERE typtype = 'd'"
    " UNION ALL SELECT d.domain, t.typbasetype, CASE WHEN d.typmod >= 0 THEN d.typmod ELSE t.typtypmod END, d.not_null OR t.typnotnull"
    " FROM d JOIN pg_catalog.pg_type t ON t.oid = d.base AND t.typtype = 'd')"
    " SELECT pg_catalog.current_database()::pg_catalog.text, n.nspname::pg_catalog.text, c.relname::pg_catalog.text,"
    " a.attname::pg_catalog.text, b.oid::pg_catalog.text,"
    " CASE WHEN d.domain IS NULL THEN a.atttypmod ELSE d.typmod END::pg_catalog.text, b.typname::pg_catalog.text,"
    " (a.attnotnull OR d.not_null IS TRUE)::pg_catalog.text, pg_catalog.col_description(a.attrelid, a.attnum),"
    " CASE WHEN a.attgenerated = '' THEN pg_catalog.pg_get_expr(f.adbin, f.adrelid) END, a.ordinal::pg_catalog.text"
    " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
    /* Dropped columns keep their number; counted once a table. */
    " CROSS JOIN LATERAL (SELECT p.attrelid, p.attnum, p.attname, p.atttypid, p.atttypmod, p.attnotnull, p.attgenerated,"
    " pg_catalog.row_number() OVER (ORDER BY p.attnum) AS ordinal FROM pg_catalog.pg_attribute p"
    " WHERE p.attrelid = c.oid AND p.attnum > 0 AND NOT p.attisdropped) a"
    " LEFT JOIN d ON d.domain = a.atttypid AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_type x WHERE x.oid = d.base AND x.typtype = 'd')"
    " JOIN pg_catalog.pg_type b ON b.oid = CASE WHEN d.domain IS NULL THEN a.atttypid ELSE d.base END"
    " LEFT JOIN pg_catalog.pg_attrdef f ON f.adrelid = a.attrelid AND f.adnum = a.attnum"
    " WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND " ALDB_OWN_SCHEMA;

static struct aldb_cell number(struct aldb_buf *scratch, int64_t v)
{
    char digits[24];
    size_t at = scratch->len;
    size_t len = aldb_format_i64(digits, v);
    aldb_buf_add(scratch, digits, len);
    return (struct aldb_cell){scratch->data + at, len};
}

static struct aldb_cell clamp_number(struct aldb_buf *scratch, uint64_t v)
{
    return number(scratch, v > INT32_MAX ? INT32_MAX : (int64_t)v);
}

static int64_t cell_number(const struct aldb_cell *c)
{
    int64_t v = 0;
    return c->data && aldb_parse_i64(aldb_slice(c->data, c->len), &v) ? v : 0;
}

static bool has_digits(const struct aldb_type_desc *d)
{
    switch (d->concise_type) {
    case SQL_NUMERIC:
    case SQL_DECIMAL:
    case SQL_SMALLINT:
    case SQL_INTEGER:
    case SQL_BIGINT:
    case SQL_TYPE_TIME:
    case SQL_TYPE_TIMESTAMP:
    case SQL_INTERVAL_SECOND:
    case SQL_INTERVAL_DAY_TO_SECOND:
    case SQL_INTERVAL_HOUR_TO_SECOND:
    case SQL_INTERVAL_MINUTE_TO_SECOND:
        return true;
    default:
        return false;
    }
}

static bool is_string(SQLSMALLINT t)
{
    return t == SQL_CHAR || t == SQL_VARCHAR || t == SQL_LONGVARCHAR || t == SQL_WCHAR || t == SQL_WVARCHAR || t == SQL_WLONGVARCHAR ||
           t == SQL_BINARY || t == SQL_VARBINARY || t == SQL_LONGVARBINARY;
}

static bool map_column(const struct aldb_type_options *types, const struct aldb_cell *in, struct aldb_cell *out,
                       struct aldb_buf *scratch)
{
    static const struct aldb_cell null = {NULL, 0};
    /* Cells point into scratch: room for all numbers at once, so that it does not move. */
    if (aldb_buf_reserve(scratch, 256) == NULL) {
        return false;
    }
    uint32_t oid = (uint32_t)cell_number(&in[IN_OID]);
    int32_t typmod = (int32_t)cell_number(&in[IN_TYPMOD]);
    struct aldb_type_desc d;
    aldb_type_describe(types, oid, typmod, &d);
    const char *name = aldb_type_name(oid, typmod);
    bool not_null = in[IN_NOT_NULL].len > 0 && in[IN_NOT_NULL].data[0] == 't';

    struct aldb_cell octets = d.octet_length < 0 ? null : clamp_number(scratch, (uint64_t)d.octet_length);

    struct aldb_cell *o = out;
    *o++ = in[IN_CATALOG];
    *o++ = in[IN_SCHEMA];
    *o++ = in[IN_TABLE];
    *o++ = in[IN_COLUMN];
    *o++ = number(scratch, types->version2 ? aldb_type_to_v2(d.concise_type) : d.concise_type);
    *o++ = name ? (struct aldb_cell){name, strlen(name)} : in[IN_TYPE_NAME];
    *o++ = d.column_size ? clamp_number(scratch, d.column_size) : null;
    *o++ = octets;
    *o++ = has_digits(&d) ? number(scratch, d.decimal_digits) : null;
    *o++ = d.num_prec_radix ? number(scratch, d.num_prec_radix) : null;
    *o++ = number(scratch, not_null ? SQL_NO_NULLS : SQL_NULLABLE);
    *o++ = in[IN_REMARKS];
    *o++ = in[IN_DEFAULT];
    *o++ = number(scratch, d.verbose_type);
    *o++ = d.datetime_code ? number(scratch, d.datetime_code) : null;
    *o++ = is_string(d.concise_type) ? octets : null;
    *o++ = in[IN_ORDINAL];
    *o++ = not_null ? (struct aldb_cell){"NO", 2} : (struct aldb_cell){"YES", 3};
    return aldb_buf_ok(scratch);
}

enum aldb_rc aldb_catalog_columns(const struct aldb_catalog_context *c, struct aldb_slice catalog, struct aldb_slice schema, struct aldb_slice table,
                                  struct aldb_slice column, struct aldb_query *out)
{
    aldb_query_init(out, aldb_shape_columns(c->types->version2));
    out->map = map_column;
    enum aldb_rc rc;
    aldb_buf_add_str(&out->sql, columns_sql);
    ALDB_TRY(aldb_filter_catalog(c, out, catalog, ALDB_ARG_ORDINARY));
    ALDB_TRY(aldb_filter(c, out, "n.nspname", "schema name", schema, ALDB_ARG_PATTERN));
    ALDB_TRY(aldb_filter(c, out, "c.relname", "table name", table, ALDB_ARG_PATTERN));
    ALDB_TRY(aldb_filter(c, out, "a.attname", "column name", column, ALDB_ARG_PATTERN));
    aldb_buf_add_str(&out->sql, " ORDER BY n.nspname COLLATE \"C\", c.relname COLLATE \"C\", a.attnum");
    rc = aldb_query_done(c, out);
out:
    return rc;
}
