/* SPDX-License-Identifier: Apache-2.0 */
/* SQLPrimaryKeys and SQLForeignKeys. ODBC: SQLPrimaryKeys Function, SQLForeignKeys Function. */
#include "catalog/internal.h"

/* ------------------------------------------------------------------ primary keys */

static const char primary_sql[] =
    "SELECT pg_catalog.current_database(), n.nspname, c.relname, a.attname, k.seq::pg_catalog.int2, p.conname"
    " FROM pg_catalog.pg_constraint p JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) p.conrelid"
    " JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace"
    " CROSS JOIN LATERAL pg_catalog.unnest(p.conkey) WITH ORDINALITY AS k(num, seq)"
    " JOIN pg_catalog.pg_attribute a ON a.attrelid OPERATOR(pg_catalog.=) c.oid AND a.attnum OPERATOR(pg_catalog.=) k.num"
    " WHERE p.contype OPERATOR(pg_catalog.=) 'p' AND " ALDB_OWN_SCHEMA;

enum aldb_rc aldb_catalog_primary_keys(const struct aldb_catalog_context *c, struct aldb_slice catalog, struct aldb_slice schema,
                                       struct aldb_slice table, struct aldb_query *out)
{
    aldb_query_init(out, aldb_shape_primary_keys(c->types->version2));
    enum aldb_rc rc;
    aldb_buf_add_str(&out->sql, primary_sql);
    ALDB_TRY(aldb_filter_relation(c, out, "SQLPrimaryKeys", catalog, schema, table));
    aldb_buf_add_str(&out->sql, " ORDER BY n.nspname, c.relname, k.seq");
    rc = aldb_query_done(c, out);
out:
    return rc;
}

/* ------------------------------------------------------------------ foreign keys */

/* SQL_CASCADE, SQL_RESTRICT, SQL_SET_NULL, SQL_SET_DEFAULT, SQL_NO_ACTION (3), which ODBC 2 called RESTRICT. */
#define RULE(column, no_action) "pg_catalog.translate(f." column "::pg_catalog.text, 'crnda', '0124" no_action "')::pg_catalog.int2"
#define RULES(no_action) RULE("confupdtype", no_action) ", " RULE("confdeltype", no_action)

/* Names are looked up one by one: joined, all of these tables take the server longer to plan than to read. */
#define NAME_OF_COLUMN(table, number)                                                              \
    "(SELECT a.attname FROM pg_catalog.pg_attribute a WHERE a.attrelid OPERATOR(pg_catalog.=) " table ".oid" \
    " AND a.attnum OPERATOR(pg_catalog.=) k." number ")"

static const char foreign_head[] =
    "SELECT pg_catalog.current_database(), p.nspname, p.relname, " NAME_OF_COLUMN("p", "pnum") ","
    " pg_catalog.current_database(), t.nspname, t.relname, " NAME_OF_COLUMN("t", "tnum") ", k.seq::pg_catalog.int2, ";

/* SQL_INITIALLY_DEFERRED, SQL_INITIALLY_IMMEDIATE, SQL_NOT_DEFERRABLE. */
static const char foreign_from[] =
    ", f.conname, (SELECT i.relname FROM pg_catalog.pg_class i WHERE i.oid OPERATOR(pg_catalog.=) f.conindid),"
    " CASE WHEN f.condeferred THEN 5 WHEN f.condeferrable THEN 6 ELSE 7 END::pg_catalog.int2"
    " FROM pg_catalog.pg_constraint f CROSS JOIN LATERAL"
    " ROWS FROM (pg_catalog.unnest(f.confkey), pg_catalog.unnest(f.conkey)) WITH ORDINALITY AS k(pnum, tnum, seq)";

/*
 * A partition has the foreign keys of its table as its own. What refers to a partitioned table refers to each of its partitions too, but only for the server's
 * use: such a constraint has a parent with another target.
 */
static const char foreign_where[] = " LEFT JOIN pg_catalog.pg_constraint q ON q.oid OPERATOR(pg_catalog.=) f.conparentid"
                                    " WHERE f.contype OPERATOR(pg_catalog.=) 'f' AND (q.oid IS NULL"
                                    " OR q.confrelid OPERATOR(pg_catalog.=) f.confrelid)";

/* One of the two tables, under that name, which `column` of the constraint refers to; where none is named, all that catalog and schema leave. */
static enum aldb_rc add_side(const struct aldb_catalog_context *c, struct aldb_query *q, const char *name, const char *column, struct aldb_slice catalog,
                             struct aldb_slice schema, struct aldb_slice table)
{
    enum aldb_rc rc = ALDB_OK;
    aldb_buf_add_str(&q->sql, " JOIN (SELECT c.oid, c.relname, n.nspname FROM pg_catalog.pg_class c"
                              " JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace"
                              " WHERE " ALDB_IS_RELATION("c") " AND " ALDB_OWN_SCHEMA);
    if (aldb_arg_given(table)) {
        ALDB_TRY(aldb_filter_relation(c, q, "SQLForeignKeys", catalog, schema, table));
    } else {
        if (aldb_arg_given(catalog)) {
            ALDB_TRY(aldb_filter_catalog(c, q, catalog, ALDB_ARG_ORDINARY));
        }
        if (aldb_arg_given(schema) && !aldb_arg_empty(schema)) {
            ALDB_TRY(aldb_filter(c, q, "n.nspname", "schema name", schema, ALDB_ARG_ORDINARY));
        }
    }
    aldb_buf_addf(&q->sql, ") AS %s ON %s.oid OPERATOR(pg_catalog.=) f.%s", name, name, column);
out:
    return rc;
}

enum aldb_rc aldb_catalog_foreign_keys(const struct aldb_catalog_context *c, const struct aldb_foreign_side *primary,
                                       const struct aldb_foreign_side *foreign, struct aldb_query *out)
{
    aldb_query_init(out, aldb_shape_foreign_keys(c->types->version2));
    struct aldb_slice to = primary->table;
    struct aldb_slice from = foreign->table;
    /* No table is called "", so that beside a name it can only mean "any". */
    if (to.len > 0 && aldb_arg_empty(from)) {
        from = aldb_slice(NULL, 0);
    } else if (from.len > 0 && aldb_arg_empty(to)) {
        to = aldb_slice(NULL, 0);
    }
    if (!aldb_arg_given(from) && !aldb_arg_given(to)) {
        return aldb_diag_post(c->diag, ALDB_ST_HY009, "SQLForeignKeys needs the name of a table with a primary key, of one with foreign keys, or of both");
    }
    enum aldb_rc rc;
    aldb_buf_add_str(&out->sql, foreign_head);
    aldb_buf_add_str(&out->sql, c->types->version2 ? RULES("1") : RULES("3"));
    aldb_buf_add_str(&out->sql, foreign_from);
    ALDB_TRY(add_side(c, out, "p", "confrelid", primary->catalog, primary->schema, to));
    ALDB_TRY(add_side(c, out, "t", "conrelid", foreign->catalog, foreign->schema, from));
    aldb_buf_add_str(&out->sql, foreign_where);
    /* ODBC's order, and the columns of one key together where there are several between the same tables. */
    aldb_buf_add_str(&out->sql, aldb_arg_given(to) ? " ORDER BY t.nspname, t.relname, p.nspname, p.relname, f.conname, k.seq"
                                                   : " ORDER BY p.nspname, p.relname, t.nspname, t.relname, f.conname, k.seq");
    rc = aldb_query_done(c, out);
out:
    return rc;
}
