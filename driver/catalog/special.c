/* SPDX-License-Identifier: Apache-2.0 */
/* SQLSpecialColumns. ODBC: SQLSpecialColumns Function. */
#include "catalog/internal.h"

/* Cells of a server row. */
enum { IN_SCOPE, IN_COLUMN, IN_TYPE, IN_PSEUDO = IN_TYPE + ALDB_TYPE_CELLS };

#define TYPED_COLUMN                                                                               \
    "a.attname, a.atttypid, a.atttypmod, t.typname, "                                              \
    ALDB_BASE_OF_COLUMN("t.typtype", "a.atttypid")
/* The result names no table, so that it can be about one only. */
#define RELATION                                                                                   \
    ", c AS (SELECT c.oid, c.relkind, c.relhassubclass FROM pg_catalog.pg_class c"                 \
    " JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace"               \
    " WHERE " ALDB_IS_RELATION("c") " AND " ALDB_OWN_SCHEMA

/*
 * The primary key, or else the unique index with the fewest columns, none of which may be null, over plain columns of all rows, checked at once. A table without
 * either has the place of the row: it changes with each update, and among partitions and heirs it is not unique.
 */
static const char key_sql[] =
    "SELECT CASE WHEN a.attnum OPERATOR(pg_catalog.>) 0 THEN '2' ELSE '0' END, " TYPED_COLUMN ", CASE"
    " WHEN a.attnum OPERATOR(pg_catalog.>) 0 THEN '1' ELSE '2' END FROM c"
    " LEFT JOIN LATERAL (SELECT x.indkey::pg_catalog.int2[] AS key, x.indnkeyatts FROM pg_catalog.pg_index x"
    " JOIN pg_catalog.pg_class i ON i.oid OPERATOR(pg_catalog.=) x.indexrelid"
    " WHERE x.indrelid OPERATOR(pg_catalog.=) c.oid AND x.indisvalid AND x.indislive AND (x.indisprimary OR (x.indisunique"
    " AND x.indimmediate AND x.indpred IS NULL"
    " AND NOT EXISTS (SELECT 1 FROM pg_catalog.unnest(x.indkey::pg_catalog.int2[]) WITH ORDINALITY AS k(num, seq)"
    " LEFT JOIN pg_catalog.pg_attribute b ON b.attrelid OPERATOR(pg_catalog.=) c.oid AND b.attnum OPERATOR(pg_catalog.=) k.num"
    " WHERE k.seq OPERATOR(pg_catalog.<=) x.indnkeyatts AND b.attnotnull IS NOT TRUE)))"
    " ORDER BY x.indisprimary DESC, x.indnkeyatts, i.relname LIMIT 1) AS x ON true"
    " CROSS JOIN LATERAL pg_catalog.unnest(COALESCE(x.key[0:x.indnkeyatts OPERATOR(pg_catalog.-) 1], '{-1}'::pg_catalog.int2[]))"
    " WITH ORDINALITY AS k(num, seq)"
    " JOIN pg_catalog.pg_attribute a ON a.attrelid OPERATOR(pg_catalog.=) c.oid AND a.attnum OPERATOR(pg_catalog.=) k.num"
    " JOIN pg_catalog.pg_type t ON t.oid OPERATOR(pg_catalog.=) a.atttypid"
    " WHERE (a.attnum OPERATOR(pg_catalog.>) 0 OR (c.relkind OPERATOR(pg_catalog.=) ANY ('{r,m}') AND NOT c.relhassubclass AND ";

/* The transaction that wrote the row. */
static const char version_sql[] =
    "SELECT NULL::pg_catalog.text, " TYPED_COLUMN ", '2' FROM c JOIN pg_catalog.pg_attribute a ON a.attrelid OPERATOR(pg_catalog.=) c.oid"
    " AND a.attnum OPERATOR(pg_catalog.<) 0 AND a.attname OPERATOR(pg_catalog.=) 'xmin'"
    " JOIN pg_catalog.pg_type t ON t.oid OPERATOR(pg_catalog.=) a.atttypid WHERE c.relkind OPERATOR(pg_catalog.=) ANY ('{r,p,m}')";

static bool map_special(const struct aldb_type_options *types, const struct aldb_cell *in, struct aldb_cell *out, struct aldb_buf *scratch)
{
    struct aldb_typed t;
    if (!aldb_typed_read(types, in + IN_TYPE, scratch, &t)) {
        return false;
    }
    struct aldb_cell *o = out;
    *o++ = in[IN_SCOPE];
    *o++ = in[IN_COLUMN];
    *o++ = t.data_type;
    *o++ = t.type_name;
    *o++ = t.column_size;
    *o++ = t.buffer_length;
    *o++ = t.decimal_digits;
    *o++ = in[IN_PSEUDO];
    return true;
}

/* None of these columns is ever null, whatever `nullable` allows. */
static enum aldb_rc check(const struct aldb_catalog_context *c, SQLUSMALLINT identifier, SQLUSMALLINT scope, SQLUSMALLINT nullable)
{
    if (identifier != SQL_BEST_ROWID && identifier != SQL_ROWVER) {
        return aldb_diag_post(c->diag, ALDB_ST_HY097, "IdentifierType is %u: it is SQL_BEST_ROWID (1) or SQL_ROWVER (2)", identifier);
    }
    if (scope > SQL_SCOPE_SESSION) {
        return aldb_diag_post(c->diag, ALDB_ST_HY098, "Scope is %u: it is SQL_SCOPE_CURROW (0), SQL_SCOPE_TRANSACTION (1) or SQL_SCOPE_SESSION (2)", scope);
    }
    if (nullable != SQL_NO_NULLS && nullable != SQL_NULLABLE) {
        return aldb_diag_post(c->diag, ALDB_ST_HY099, "Nullable is %u: it is SQL_NO_NULLS (0) or SQL_NULLABLE (1)", nullable);
    }
    return ALDB_OK;
}

enum aldb_rc aldb_catalog_special_columns(const struct aldb_catalog_context *c, SQLUSMALLINT identifier, struct aldb_slice catalog,
                                          struct aldb_slice schema, struct aldb_slice table, SQLUSMALLINT scope, SQLUSMALLINT nullable,
                                          struct aldb_query *out)
{
    aldb_query_init(out, aldb_shape_special_columns(c->types->version2));
    out->map = map_special;
    enum aldb_rc rc;
    ALDB_TRY(check(c, identifier, scope, nullable));
    aldb_buf_add_str(&out->sql, ALDB_DOMAINS RELATION);
    ALDB_TRY(aldb_filter_relation(c, out, "SQLSpecialColumns", catalog, schema, table));
    aldb_buf_add_str(&out->sql, " ORDER BY n.nspname LIMIT 1) ");
    if (identifier == SQL_BEST_ROWID) {
        aldb_buf_add_str(&out->sql, key_sql);
        aldb_buf_add_str(&out->sql, scope == SQL_SCOPE_CURROW ? "true)) ORDER BY k.seq" : "false)) ORDER BY k.seq");
    } else {
        aldb_buf_add_str(&out->sql, version_sql);
    }
    rc = aldb_query_done(c, out);
out:
    return rc;
}
