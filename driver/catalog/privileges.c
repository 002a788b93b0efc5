/* SPDX-License-Identifier: Apache-2.0 */
/* SQLTablePrivileges and SQLColumnPrivileges. ODBC: SQLTablePrivileges Function, SQLColumnPrivileges Function. */
#include "catalog/internal.h"

/* Without an access list of its own a relation has the default one: everything to its owner, granted by the owner. */
#define ACCESS_LIST "COALESCE(c.relacl, pg_catalog.acldefault('r', c.relowner))"
/* Grantee 0 is PUBLIC. */
#define GRANTEE "(CASE WHEN p.grantee OPERATOR(pg_catalog.=) 0 THEN 'PUBLIC' ELSE pg_catalog.pg_get_userbyid(p.grantee)::pg_catalog.text END)"

static const char table_sql[] =
    "SELECT pg_catalog.current_database(), n.nspname, c.relname,"
    " pg_catalog.pg_get_userbyid(p.grantor)::pg_catalog.text, " GRANTEE ","
    " p.privilege_type, CASE WHEN p.is_grantable OR p.grantee OPERATOR(pg_catalog.=) c.relowner THEN 'YES' ELSE 'NO' END"
    " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace"
    " CROSS JOIN LATERAL pg_catalog.aclexplode(" ACCESS_LIST ") AS p"
    " WHERE " ALDB_IS_RELATION("c") " AND " ALDB_OWN_SCHEMA;

enum aldb_rc aldb_catalog_table_privileges(const struct aldb_catalog_context *c, struct aldb_slice catalog, struct aldb_slice schema,
                                           struct aldb_slice table, struct aldb_query *out)
{
    aldb_query_init(out, aldb_shape_table_privileges(c->types->version2));
    enum aldb_rc rc;
    aldb_buf_add_str(&out->sql, table_sql);
    ALDB_TRY(aldb_filter_catalog(c, out, catalog, ALDB_ARG_ORDINARY));
    ALDB_TRY(aldb_filter(c, out, "n.nspname", "schema name", schema, ALDB_ARG_PATTERN));
    ALDB_TRY(aldb_filter(c, out, "c.relname", "table name", table, ALDB_ARG_PATTERN));
    aldb_buf_add_str(&out->sql, " ORDER BY n.nspname, c.relname, p.privilege_type COLLATE pg_catalog.\"C\", " GRANTEE " COLLATE pg_catalog.\"C\"");
    rc = aldb_query_done(c, out);
out:
    return rc;
}

/* What was granted on the table counts for each of its columns, beside what was granted on the column; twice the same is said once. */
static const char column_sql[] =
    "SELECT pg_catalog.current_database(), n.nspname, c.relname, a.attname,"
    " pg_catalog.pg_get_userbyid(p.grantor)::pg_catalog.text, " GRANTEE ", p.privilege_type,"
    " CASE WHEN pg_catalog.bool_or(p.is_grantable OR p.grantee OPERATOR(pg_catalog.=) c.relowner) THEN 'YES' ELSE 'NO' END"
    " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace"
    " JOIN pg_catalog.pg_attribute a ON a.attrelid OPERATOR(pg_catalog.=) c.oid AND a.attnum OPERATOR(pg_catalog.>) 0 AND NOT a.attisdropped"
    " CROSS JOIN LATERAL (SELECT * FROM pg_catalog.aclexplode(" ACCESS_LIST ") UNION ALL SELECT * FROM pg_catalog.aclexplode(a.attacl)) AS p"
    " WHERE " ALDB_IS_RELATION("c") " AND p.privilege_type OPERATOR(pg_catalog.=) ANY ('{SELECT,INSERT,UPDATE,REFERENCES}') AND " ALDB_OWN_SCHEMA;

enum aldb_rc aldb_catalog_column_privileges(const struct aldb_catalog_context *c, struct aldb_slice catalog, struct aldb_slice schema,
                                            struct aldb_slice table, struct aldb_slice column, struct aldb_query *out)
{
    aldb_query_init(out, aldb_shape_column_privileges(c->types->version2));
    enum aldb_rc rc;
    aldb_buf_add_str(&out->sql, column_sql);
    ALDB_TRY(aldb_filter_relation(c, out, "SQLColumnPrivileges", catalog, schema, table));
    ALDB_TRY(aldb_filter(c, out, "a.attname", "column name", column, ALDB_ARG_PATTERN));
    aldb_buf_add_str(&out->sql, " GROUP BY n.nspname, c.relname, a.attname, p.grantor, p.grantee, p.privilege_type"
                                " ORDER BY n.nspname, c.relname, a.attname, p.privilege_type COLLATE pg_catalog.\"C\", " GRANTEE " COLLATE pg_catalog.\"C\"");
    rc = aldb_query_done(c, out);
out:
    return rc;
}
