/* SPDX-License-Identifier: Apache-2.0 */
/* SQLPrimaryKeys. ODBC: SQLPrimaryKeys Function. */
#include "catalog/internal.h"

static const char keys_sql[] =
    "SELECT pg_catalog.current_database()::pg_catalog.text, n.nspname::pg_catalog.text, c.relname::pg_catalog.text,"
    " a.attname::pg_catalog.text, k.seq::pg_catalog.int2, p.conname::pg_catalog.text"
    " FROM pg_catalog.pg_constraint p JOIN pg_catalog.pg_class c ON c.oid = p.conrelid"
    " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
    " CROSS JOIN LATERAL pg_catalog.unnest(p.conkey) WITH ORDINALITY AS k(num, seq)"
    " JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.num"
    " WHERE p.contype = 'p' AND " ALDB_OWN_SCHEMA;

/* Without a schema: the table that the name means on the search path, or, when it means none, every one of that name. */
static const char visible_sql[] =
    " AND (pg_catalog.pg_table_is_visible(c.oid) OR NOT EXISTS (SELECT 1 FROM pg_catalog.pg_class v"
    " WHERE v.relname = c.relname AND v.relkind IN ('r', 'p') AND pg_catalog.pg_table_is_visible(v.oid)))";

enum aldb_rc aldb_catalog_primary_keys(const struct aldb_catalog_context *c, struct aldb_slice catalog, struct aldb_slice schema,
                                       struct aldb_slice table, struct aldb_query *out)
{
    aldb_query_init(out, aldb_shape_primary_keys(c->types->version2));
    if (!aldb_arg_given(table)) {
        return aldb_diag_post(c->diag, ALDB_ST_HY009, "SQLPrimaryKeys needs a table name");
    }
    enum aldb_rc rc;
    aldb_buf_add_str(&out->sql, keys_sql);
    ALDB_TRY(aldb_filter_catalog(c, out, catalog, ALDB_ARG_ORDINARY));
    if (aldb_arg_empty(schema) && !c->metadata_id) {
        schema = aldb_slice(NULL, 0);
    }
    ALDB_TRY(aldb_filter(c, out, "n.nspname", "schema name", schema, ALDB_ARG_ORDINARY));
    ALDB_TRY(aldb_filter(c, out, "c.relname", "table name", table, ALDB_ARG_ORDINARY));
    if (!aldb_arg_given(schema)) {
        aldb_buf_add_str(&out->sql, visible_sql);
    }
    aldb_buf_add_str(&out->sql, " ORDER BY n.nspname COLLATE \"C\", c.relname COLLATE \"C\", k.seq");
    rc = aldb_query_done(c, out);
out:
    return rc;
}
