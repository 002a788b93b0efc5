/* SPDX-License-Identifier: Apache-2.0 */
/* SQLTables with its three enumerations. ODBC: SQLTables Function. */
#include "catalog/internal.h"

/* What TABLE_TYPE says of a relation `c` in schema `n`. */
#define TYPE_EXPRESSION                                                                            \
    "CASE WHEN n.nspname OPERATOR(pg_catalog.=) ANY ('{pg_catalog,information_schema}') OR n.nspname OPERATOR(pg_catalog.~~) 'pg\\_toast%'" \
    " THEN 'SYSTEM TABLE'"                                                                         \
    " WHEN c.relpersistence OPERATOR(pg_catalog.=) 't' THEN 'LOCAL TEMPORARY'"                     \
    " WHEN c.relkind OPERATOR(pg_catalog.=) ANY ('{r,p}') THEN 'TABLE' WHEN c.relkind OPERATOR(pg_catalog.=) 'v' THEN 'VIEW'" \
    " WHEN c.relkind OPERATOR(pg_catalog.=) 'm' THEN 'MATERIALIZED VIEW' ELSE 'FOREIGN TABLE' END"

static const char tables_sql[] =
    "SELECT pg_catalog.current_database(), t.nspname, t.relname, t.kind, t.description FROM ("
    "SELECT n.nspname, c.relname, r.description, " TYPE_EXPRESSION " AS kind"
    " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace"
    " LEFT JOIN pg_catalog.pg_description r ON r.classoid OPERATOR(pg_catalog.=) c.tableoid AND r.objoid OPERATOR(pg_catalog.=) c.oid"
    " AND r.objsubid OPERATOR(pg_catalog.=) 0"
    " WHERE " ALDB_IS_RELATION("c") " AND " ALDB_OWN_SCHEMA;

static const char catalogs_sql[] =
    "SELECT datname::pg_catalog.text, NULL::pg_catalog.text, NULL::pg_catalog.text, NULL::pg_catalog.text, NULL::pg_catalog.text"
    " FROM pg_catalog.pg_database WHERE datallowconn ORDER BY datname COLLATE pg_catalog.\"C\"";

static const char schemas_sql[] =
    "SELECT NULL::pg_catalog.text, nspname::pg_catalog.text, NULL::pg_catalog.text, NULL::pg_catalog.text, NULL::pg_catalog.text"
    " FROM pg_catalog.pg_namespace WHERE nspname OPERATOR(pg_catalog.!~~) 'pg\\_toast%'"
    " AND (nspname OPERATOR(pg_catalog.!~~) 'pg\\_temp\\_%' OR oid OPERATOR(pg_catalog.=) pg_catalog.pg_my_temp_schema())"
    " ORDER BY nspname COLLATE pg_catalog.\"C\"";

/* Every TABLE_TYPE there is, in the order of the enumeration. */
static const char *const kinds[] = {"FOREIGN TABLE", "LOCAL TEMPORARY", "MATERIALIZED VIEW", "SYSTEM TABLE", "TABLE", "VIEW"};

/* One entry of the TableType list, blanks and quotes off; advances `rest`. */
static struct aldb_slice next_type(struct aldb_slice *rest)
{
    size_t n = 0;
    while (n < rest->len && rest->ptr[n] != ',') {
        n++;
    }
    struct aldb_slice one = aldb_slice_trim(aldb_slice(rest->ptr, n));
    if (one.len >= 2 && one.ptr[0] == '\'' && one.ptr[one.len - 1] == '\'') {
        one = aldb_slice(one.ptr + 1, one.len - 2);
    }
    size_t skip = n < rest->len ? n + 1 : n;
    *rest = aldb_slice(rest->ptr + skip, rest->len - skip);
    return one;
}

/* The kinds of the mask as the literal of an array. */
static void add_kinds(struct aldb_buf *sql, unsigned mask)
{
    const char *comma = "'{";
    for (size_t i = 0; i < ALDB_COUNT(kinds); i++) {
        if (mask & 1u << i) {
            aldb_buf_addf(sql, "%s%s", comma, kinds[i]);
            comma = ",";
        }
    }
}

/* TableType: a value list. None or "%": everything; the system's own tables then only when asked for. */
static void filter_types(const struct aldb_catalog_context *c, struct aldb_query *q, struct aldb_slice types, struct aldb_slice schema)
{
    if (!aldb_arg_given(types) || types.len == 0 || aldb_arg_is(types, "%")) {
        bool named_schema = aldb_arg_given(schema) && schema.len > 0 && !aldb_arg_is(schema, "%");
        if (!c->show_system_tables && !named_schema) {
            aldb_buf_add_str(&q->sql, " WHERE t.kind OPERATOR(pg_catalog.<>) 'SYSTEM TABLE'");
        }
        return;
    }
    unsigned mask = 0;
    while (types.len > 0) {
        struct aldb_slice one = next_type(&types);
        for (size_t i = 0; i < ALDB_COUNT(kinds); i++) {
            mask |= aldb_slice_is(one, kinds[i]) ? 1u << i : 0;
        }
    }
    if (mask == 0) {
        aldb_buf_add_str(&q->sql, " WHERE false"); /* kinds that do not exist here */
        return;
    }
    aldb_buf_add_str(&q->sql, " WHERE t.kind OPERATOR(pg_catalog.=) ANY (");
    add_kinds(&q->sql, mask);
    aldb_buf_add_str(&q->sql, "}')");
}

static void enumerate_types(struct aldb_buf *sql)
{
    aldb_buf_add_str(sql, "SELECT NULL::pg_catalog.text, NULL::pg_catalog.text, NULL::pg_catalog.text, t::pg_catalog.text, NULL::pg_catalog.text"
                          " FROM pg_catalog.unnest(");
    add_kinds(sql, ~0u);
    aldb_buf_add_str(sql, "}'::pg_catalog.text[]) t");
}

/* Fills the query of the three special calls; false when it is an ordinary one. */
static bool enumerate(struct aldb_slice catalog, struct aldb_slice schema, struct aldb_slice table, struct aldb_slice types, struct aldb_buf *sql)
{
    bool no_type = types.len == 0 || aldb_arg_is(types, "%");
    if (aldb_arg_is(catalog, "%") && aldb_arg_empty(schema) && aldb_arg_empty(table) && no_type) {
        aldb_buf_add_str(sql, catalogs_sql);
    } else if (aldb_arg_empty(catalog) && aldb_arg_is(schema, "%") && aldb_arg_empty(table) && no_type) {
        aldb_buf_add_str(sql, schemas_sql);
    } else if (aldb_arg_empty(catalog) && aldb_arg_empty(schema) && aldb_arg_empty(table) && aldb_arg_is(types, "%")) {
        enumerate_types(sql);
    } else {
        return false;
    }
    return true;
}

enum aldb_rc aldb_catalog_tables(const struct aldb_catalog_context *c, struct aldb_slice catalog, struct aldb_slice schema, struct aldb_slice table,
                                 struct aldb_slice types, struct aldb_query *out)
{
    aldb_query_init(out, aldb_shape_tables(c->types->version2));
    enum aldb_rc rc;
    if (enumerate(catalog, schema, table, types, &out->sql)) {
        return aldb_query_done(c, out);
    }
    aldb_buf_add_str(&out->sql, tables_sql);
    ALDB_TRY(aldb_filter_catalog(c, out, catalog, ALDB_ARG_PATTERN));
    ALDB_TRY(aldb_filter(c, out, "n.nspname", "schema name", schema, ALDB_ARG_PATTERN));
    ALDB_TRY(aldb_filter(c, out, "c.relname", "table name", table, ALDB_ARG_PATTERN));
    aldb_buf_add_str(&out->sql, ") t");
    filter_types(c, out, types, schema);
    aldb_buf_add_str(&out->sql, " ORDER BY t.kind COLLATE pg_catalog.\"C\", t.nspname, t.relname");
    rc = aldb_query_done(c, out);
out:
    return rc;
}
