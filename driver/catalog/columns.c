/* SPDX-License-Identifier: Apache-2.0 */
/* SQLColumns. The server tells what it stores; the driver describes the types, as for SQLDescribeCol. ODBC: SQLColumns Function. */
#include "catalog/internal.h"

/* Cells of a server row. */
enum { IN_CATALOG, IN_SCHEMA, IN_TABLE, IN_COLUMN, IN_TYPE, IN_NOT_NULL = IN_TYPE + ALDB_TYPE_CELLS, IN_REMARKS, IN_DEFAULT, IN_ORDINAL };

/*
 * Joined whole and sorted once where many tables are asked for, by index where few are: what is looked up for each column by itself (a scalar subquery, a
 * function like col_description) takes as long as all the rest, and makes the server think that compiling the query would pay. A default names no column, so
 * that pg_get_expr need not look for the table's name, which is half of the whole.
 */
static const char columns_sql[] =
    ALDB_DOMAINS
    "SELECT pg_catalog.current_database(), a.nspname, a.relname, a.attname, a.atttypid, a.atttypmod, a.typname, " ALDB_BASE_OF_COLUMN("a.typtype", "a.atttypid") ","
    " a.attnotnull, a.description, CASE WHEN a.attgenerated OPERATOR(pg_catalog.=) '' THEN pg_catalog.pg_get_expr(a.adbin, 0) END, a.ordinal FROM ("
    "SELECT n.nspname, c.relname, a.attname, a.attnum, a.atttypid, a.atttypmod, a.attnotnull, a.attgenerated, t.typname, t.typtype, r.description, f.adbin,"
    /* Dropped columns keep their number. */
    " pg_catalog.row_number() OVER (PARTITION BY n.nspname, c.relname ORDER BY a.attnum) AS ordinal"
    " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace"
    " JOIN pg_catalog.pg_attribute a ON a.attrelid OPERATOR(pg_catalog.=) c.oid JOIN pg_catalog.pg_type t ON t.oid OPERATOR(pg_catalog.=) a.atttypid"
    " LEFT JOIN pg_catalog.pg_description r ON r.classoid OPERATOR(pg_catalog.=) c.tableoid AND r.objoid OPERATOR(pg_catalog.=) a.attrelid"
    " AND r.objsubid OPERATOR(pg_catalog.=) a.attnum"
    " LEFT JOIN pg_catalog.pg_attrdef f ON f.adrelid OPERATOR(pg_catalog.=) a.attrelid AND f.adnum OPERATOR(pg_catalog.=) a.attnum"
    " WHERE " ALDB_IS_RELATION("c") " AND a.attnum OPERATOR(pg_catalog.>) 0 AND NOT a.attisdropped AND " ALDB_OWN_SCHEMA;

static bool map_column(const struct aldb_type_options *types, const struct aldb_cell *in, struct aldb_cell *out, struct aldb_buf *scratch)
{
    struct aldb_typed t;
    if (!aldb_typed_read(types, in + IN_TYPE, scratch, &t)) {
        return false;
    }
    bool not_null = t.not_null || aldb_cell_true(&in[IN_NOT_NULL]);
    struct aldb_cell *o = out;
    *o++ = in[IN_CATALOG];
    *o++ = in[IN_SCHEMA];
    *o++ = in[IN_TABLE];
    *o++ = in[IN_COLUMN];
    aldb_typed_write(&t, not_null, in + IN_REMARKS, scratch, o);
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
    aldb_buf_add_str(&out->sql, ") AS a WHERE true");
    ALDB_TRY(aldb_filter(c, out, "a.attname", "column name", column, ALDB_ARG_PATTERN));
    aldb_buf_add_str(&out->sql, " ORDER BY a.nspname, a.relname, a.attnum");
    rc = aldb_query_done(c, out);
out:
    return rc;
}
