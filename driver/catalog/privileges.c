/* SPDX-License-Identifier: Apache-2.0 */
/* SQLTablePrivileges. ODBC: SQLTablePrivileges Function. */
#include "catalog/internal.h"

/* Without an access list of its own a relation has the default one: everything to its owner, granted by the owner. Grantee 0 is PUBLIC. */
static const char privileges_sql[] =
    "SELECT pg_catalog.current_database()::pg_catalog.text, n.nspname::pg_catalog.text, c.relname::pg_catalog.text,"
    " pg_catalog.pg_get_userbyid(p.grantor)::pg_catalog.text,"
    " CASE WHEN p.grantee = 0 THEN 'PUBLIC' ELSE pg_catalog.pg_get_userbyid(p.grantee)::pg_catalog.text END AS grantee,"
    " p.privilege_type::pg_catalog.text, CASE WHEN p.is_grantable OR p.grantee = c.relowner THEN 'YES' ELSE 'NO' END"
    " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
    " CROSS JOIN LATERAL pg_catalog.aclexplode(COALESCE(c.relacl, pg_catalog.acldefault('r', c.relowner))) AS p"
    " WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND " ALDB_OWN_SCHEMA;

enum aldb_rc aldb_catalog_table_privileges(const struct aldb_catalog_context *c, struct aldb_slice catalog, struct aldb_slice schema,
                                           struct aldb_slice table, struct aldb_query *out)
{
    aldb_query_init(out, aldb_shape_table_privileges(c->types->version2));
    enum aldb_rc rc;
    aldb_buf_add_str(&out->sql, privileges_sql);
    ALDB_TRY(aldb_filter_catalog(c, out, catalog, ALDB_ARG_ORDINARY));
    ALDB_TRY(aldb_filter(c, out, "n.nspname", "schema name", schema, ALDB_ARG_PATTERN));
    ALDB_TRY(aldb_filter(c, out, "c.relname", "table name", table, ALDB_ARG_PATTERN));
    aldb_buf_add_str(&out->sql, " ORDER BY 2, 3, 6, 5");
    rc = aldb_query_done(c, out);
out:
    return rc;
}
