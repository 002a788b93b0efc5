/* SPDX-License-Identifier: Apache-2.0 */
/* SQLStatistics. ODBC: SQLStatistics Function. */
#include "catalog/internal.h"

/* As many as a column of type INTEGER can say; of a relation that was never looked at nothing is known. */
#define COUNTED(relation, rows)                                                                    \
    "CASE WHEN " relation ".reltuples OPERATOR(pg_catalog.>=) 0 THEN LEAST(" rows ", 2147483647)::pg_catalog.int4 END"
/* SQL_QUICK: as of the last VACUUM or ANALYZE. SQL_ENSURE: pages as they are, rows in the density of then, as the server's planner has it; nobody counts. */
#define QUICK_ROWS "c.reltuples::pg_catalog.float8"
#define QUICK_PAGES(relation) "CASE WHEN " relation ".relkind OPERATOR(pg_catalog.=) ANY ('{r,m,i}')" \
    " AND " relation ".reltuples OPERATOR(pg_catalog.>=) 0 THEN " relation ".relpages END"
#define SURE_PAGES(relation)                                                                       \
    "CASE WHEN " relation ".relkind OPERATOR(pg_catalog.=) ANY ('{r,m,i}') THEN LEAST(pg_catalog.pg_relation_size(" relation ".oid)" \
    " OPERATOR(pg_catalog./) pg_catalog.current_setting('block_size')::pg_catalog.int8, 2147483647)::pg_catalog.int4 END"
#define SURE_ROWS                                                                                  \
    "CASE WHEN c.relkind OPERATOR(pg_catalog.=) ANY ('{r,m}') AND c.relpages OPERATOR(pg_catalog.>) 0" \
    " THEN c.reltuples::pg_catalog.float8 OPERATOR(pg_catalog./) c.relpages OPERATOR(pg_catalog.*)" \
    " (pg_catalog.pg_relation_size(c.oid) OPERATOR(pg_catalog./) pg_catalog.current_setting('block_size')::pg_catalog.int8) ELSE c.reltuples END"

#define COLUMNS                                                                                    \
    "SELECT pg_catalog.current_database(), s.nspname, s.relname, s.non_unique::pg_catalog.int2,"   \
    " CASE WHEN s.type OPERATOR(pg_catalog.<>) 0 THEN s.nspname END, s.index, s.type::pg_catalog.int2, s.seq::pg_catalog.int2," \
    " s.name, s.direction, s.cardinality, s.pages, s.filter FROM ("

/* The table's own row: of views nothing is known. */
#define TABLE_ROW(rows, pages)                                                                     \
    "SELECT n.nspname, c.relname, NULL::pg_catalog.int4 AS non_unique, NULL::pg_catalog.name AS index, 0 AS type, NULL::pg_catalog.int8 AS seq," \
    " NULL::pg_catalog.text AS name, NULL::pg_catalog.text AS direction, " COUNTED("c", rows) " AS cardinality, " pages " AS pages," \
    " NULL::pg_catalog.text AS filter FROM c JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace" \
    " WHERE c.relkind OPERATOR(pg_catalog.<>) 'v' UNION ALL "

/*
 * A row for each key column of each index that can be relied on; what an index includes beside is no key. A unique index has as many different values as
 * entries; of others nobody knows.
 */
#define INDEX_ROWS(pages)                                                                          \
    "SELECT n.nspname, c.relname, (NOT x.indisunique)::pg_catalog.int4, i.relname,"                \
    " CASE WHEN x.indisclustered THEN 1 WHEN m.amname OPERATOR(pg_catalog.=) 'hash' THEN 2 ELSE 3 END, k.seq," \
    " CASE WHEN k.num OPERATOR(pg_catalog.>) 0 THEN a.attname ELSE pg_catalog.pg_get_indexdef(i.oid, k.seq::pg_catalog.int4, true) END," \
    " CASE WHEN pg_catalog.pg_indexam_has_property(i.relam, 'can_order') THEN"                     \
    " CASE WHEN pg_catalog.pg_index_column_has_property(i.oid, k.seq::pg_catalog.int4, 'desc') THEN 'D' ELSE 'A' END END," \
    " CASE WHEN x.indisunique AND i.relkind OPERATOR(pg_catalog.=) 'i' THEN " COUNTED("i", "i.reltuples::pg_catalog.float8") " END, " pages "," \
    " pg_catalog.pg_get_expr(x.indpred, x.indrelid, true)"                                         \
    " FROM c JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace"        \
    " JOIN pg_catalog.pg_index x ON x.indrelid OPERATOR(pg_catalog.=) c.oid"                       \
    " JOIN pg_catalog.pg_class i ON i.oid OPERATOR(pg_catalog.=) x.indexrelid JOIN pg_catalog.pg_am m ON m.oid OPERATOR(pg_catalog.=) i.relam" \
    " CROSS JOIN LATERAL pg_catalog.unnest(x.indkey::pg_catalog.int2[]) WITH ORDINALITY AS k(num, seq)" \
    " LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid OPERATOR(pg_catalog.=) c.oid AND a.attnum OPERATOR(pg_catalog.=) k.num" \
    " WHERE x.indisvalid AND x.indislive AND k.seq OPERATOR(pg_catalog.<=) x.indnkeyatts"

static const char relation_sql[] = "WITH c AS (SELECT c.* FROM pg_catalog.pg_class c"
                                   " JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace"
                                   " WHERE " ALDB_IS_RELATION("c") " AND " ALDB_OWN_SCHEMA;

enum aldb_rc aldb_catalog_statistics(const struct aldb_catalog_context *c, struct aldb_slice catalog, struct aldb_slice schema, struct aldb_slice table,
                                     SQLUSMALLINT unique, SQLUSMALLINT reserved, struct aldb_query *out)
{
    aldb_query_init(out, aldb_shape_statistics(c->types->version2));
    if (unique != SQL_INDEX_UNIQUE && unique != SQL_INDEX_ALL) {
        return aldb_diag_post(c->diag, ALDB_ST_HY100, "Unique is %u: it is SQL_INDEX_UNIQUE (0) or SQL_INDEX_ALL (1)", unique);
    }
    if (reserved != SQL_QUICK && reserved != SQL_ENSURE) {
        return aldb_diag_post(c->diag, ALDB_ST_HY101, "Reserved is %u: it is SQL_QUICK (0) or SQL_ENSURE (1)", reserved);
    }
    enum aldb_rc rc;
    aldb_buf_add_str(&out->sql, relation_sql);
    ALDB_TRY(aldb_filter_relation(c, out, "SQLStatistics", catalog, schema, table));
    aldb_buf_add_str(&out->sql, ") ");
    aldb_buf_add_str(&out->sql, reserved == SQL_QUICK ? COLUMNS TABLE_ROW(QUICK_ROWS, QUICK_PAGES("c")) INDEX_ROWS(QUICK_PAGES("i"))
                                                      : COLUMNS TABLE_ROW(SURE_ROWS, SURE_PAGES("c")) INDEX_ROWS(SURE_PAGES("i")));
    aldb_buf_add_str(&out->sql, unique == SQL_INDEX_UNIQUE ? " AND x.indisunique" : "");
    aldb_buf_add_str(&out->sql, ") AS s ORDER BY s.non_unique NULLS FIRST, s.type, s.nspname, s.index, s.seq, s.relname");
    rc = aldb_query_done(c, out);
out:
    return rc;
}
