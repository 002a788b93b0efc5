/* SPDX-License-Identifier: Apache-2.0 */
/* SQLProcedures and SQLProcedureColumns: procedures and functions alike, as {call} calls both. ODBC: SQLProcedures Function, SQLProcedureColumns Function. */
#include "catalog/internal.h"

/*
 * Of these kinds and signatures nobody can call one: aggregates, window functions, triggers, handlers, and what takes or gives internal structures. (The types:
 * internal, trigger, event_trigger, language_handler, fdw_handler, tsm_handler, index_am_handler, table_am_handler.)
 */
#define CALLABLE                                                                                   \
    "p.prokind OPERATOR(pg_catalog.=) ANY ('{f,p}')"                                               \
    " AND p.prorettype OPERATOR(pg_catalog.<>) ALL ('{2281,2279,3838,2280,3115,3310,325,269}'::pg_catalog.oid[])" \
    " AND 2281 OPERATOR(pg_catalog.<>) ALL (p.proargtypes::pg_catalog.oid[])"

/* System functions number thousands: they come where a schema or a name asks for them, as SQLTables has it of system tables. */
static enum aldb_rc filter_procedures(const struct aldb_catalog_context *c, struct aldb_query *q, struct aldb_slice catalog, struct aldb_slice schema,
                                      struct aldb_slice procedure)
{
    enum aldb_rc rc;
    ALDB_TRY(aldb_filter_catalog(c, q, catalog, ALDB_ARG_ORDINARY));
    ALDB_TRY(aldb_filter(c, q, "n.nspname", "schema name", schema, ALDB_ARG_PATTERN));
    ALDB_TRY(aldb_filter(c, q, "p.proname", "procedure name", procedure, ALDB_ARG_PATTERN));
    if (!c->show_system_tables && !c->metadata_id && !aldb_arg_names(schema) && !aldb_arg_names(procedure)) {
        aldb_buf_add_str(&q->sql, " AND n.nspname OPERATOR(pg_catalog.<>) ALL ('{pg_catalog,information_schema}')");
    }
    rc = ALDB_OK;
out:
    return rc;
}

/* ------------------------------------------------------------------ procedures */

/* The output parameters of a function with many rows are the columns of its result. */
static const char procedures_sql[] =
    "SELECT pg_catalog.current_database(), n.nspname, p.proname, p.pronargs,"
    " CASE WHEN p.proretset THEN 0 ELSE (SELECT pg_catalog.count(*) FROM pg_catalog.unnest(p.proargmodes) AS m(mode)"
    " WHERE m.mode OPERATOR(pg_catalog.=) ANY ('{o,b}'))"
    " END::pg_catalog.int4, (p.proretset OR t.typtype OPERATOR(pg_catalog.=) 'c')::pg_catalog.int4, r.description,"
    " CASE WHEN p.prokind OPERATOR(pg_catalog.=) 'p' THEN 1 ELSE 2 END::pg_catalog.int2"
    " FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) p.pronamespace"
    " JOIN pg_catalog.pg_type t ON t.oid OPERATOR(pg_catalog.=) p.prorettype"
    " LEFT JOIN pg_catalog.pg_description r ON r.classoid OPERATOR(pg_catalog.=) p.tableoid AND r.objoid OPERATOR(pg_catalog.=) p.oid"
    " AND r.objsubid OPERATOR(pg_catalog.=) 0"
    " WHERE " CALLABLE " AND " ALDB_OWN_SCHEMA;

enum aldb_rc aldb_catalog_procedures(const struct aldb_catalog_context *c, struct aldb_slice catalog, struct aldb_slice schema,
                                     struct aldb_slice procedure, struct aldb_query *out)
{
    aldb_query_init(out, aldb_shape_procedures(c->types->version2));
    enum aldb_rc rc;
    aldb_buf_add_str(&out->sql, procedures_sql);
    ALDB_TRY(filter_procedures(c, out, catalog, schema, procedure));
    aldb_buf_add_str(&out->sql, " ORDER BY n.nspname, p.proname, p.oid");
    rc = aldb_query_done(c, out);
out:
    return rc;
}

/* ------------------------------------------------------------------ their columns */

/* Cells of a server row. */
enum { IN_CATALOG, IN_SCHEMA, IN_PROCEDURE, IN_COLUMN, IN_KIND, IN_TYPE, IN_REMARKS = IN_TYPE + ALDB_TYPE_CELLS, IN_DEFAULT, IN_ORDINAL };

#define ARGUMENTS                                                                                  \
    "ROWS FROM (pg_catalog.unnest(COALESCE(p.proallargtypes, p.proargtypes::pg_catalog.oid[])), pg_catalog.unnest(p.proargmodes)," \
    " pg_catalog.unnest(p.proargnames)) WITH ORDINALITY AS g(type, mode, name, seq)"
#define NO_OUTPUTS "(p.proargmodes IS NULL OR NOT p.proargmodes OPERATOR(pg_catalog.&&) '{o,b,t}'::pg_catalog.\"char\"[])"

/*
 * ODBC's order: the return value, the parameters as they are given, the columns of the result. Numbers are SQL_RETURN_VALUE and so on. A function with output
 * parameters returns them and nothing else; where it returns many rows they are columns of its result, and one that is given too is a parameter besides.
 * A table's row, or another composite type, is a result with its columns; of "record" (2249) without output parameters nobody knows them before the call. No
 * value comes of "void" (2278).
 */
static const char columns_sql[] =
    ALDB_DOMAINS
    "SELECT pg_catalog.current_database(), s.nspname, s.proname, s.name, s.kind, s.type, s.typmod, t.typname, " ALDB_BASE_OF("t.typtype", "s.type") ","
    " s.remarks, s.def, s.seq FROM (SELECT n.nspname, p.proname, p.oid, v.* FROM pg_catalog.pg_proc p"
    " JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) p.pronamespace"
    " JOIN pg_catalog.pg_type y ON y.oid OPERATOR(pg_catalog.=) p.prorettype CROSS JOIN LATERAL ("
    "SELECT 0 AS part, 0::pg_catalog.int8 AS seq, 5 AS kind, ''::pg_catalog.text AS name, p.prorettype AS type, -1 AS typmod,"
    " NULL::pg_catalog.text AS def, NULL::pg_catalog.text AS remarks"
    " WHERE p.prokind OPERATOR(pg_catalog.=) 'f' AND NOT p.proretset AND " NO_OUTPUTS " AND y.typtype OPERATOR(pg_catalog.<>) 'c'"
    " AND p.prorettype OPERATOR(pg_catalog.<>) 2278"
    " UNION ALL SELECT 1, g.seq, CASE WHEN g.mode OPERATOR(pg_catalog.=) 'o' THEN 4 WHEN g.mode OPERATOR(pg_catalog.=) 'b'"
    " AND NOT p.proretset THEN 2 ELSE 1 END,"
    " COALESCE(g.name, ''), g.type, -1, pg_catalog.pg_get_function_arg_default(p.oid, g.seq::pg_catalog.int4), NULL FROM " ARGUMENTS
    " WHERE COALESCE(g.mode, 'i') OPERATOR(pg_catalog.<>) 't' AND NOT (p.proretset AND COALESCE(g.mode, 'i') OPERATOR(pg_catalog.=) 'o')"
    " UNION ALL SELECT 2, pg_catalog.row_number() OVER (ORDER BY g.seq), 3, COALESCE(g.name, ''), g.type, -1, NULL, NULL FROM " ARGUMENTS
    " WHERE p.proretset AND g.mode OPERATOR(pg_catalog.=) ANY ('{o,b,t}')"
    " UNION ALL SELECT 2, 1, 3, p.proname, p.prorettype, -1, NULL, NULL"
    " WHERE p.proretset AND " NO_OUTPUTS " AND y.typtype OPERATOR(pg_catalog.<>) 'c' AND p.prorettype OPERATOR(pg_catalog.<>) 2249"
    " UNION ALL SELECT 2, pg_catalog.row_number() OVER (ORDER BY a.attnum), 3, a.attname, a.atttypid, a.atttypmod, NULL,"
    " pg_catalog.col_description(a.attrelid, a.attnum) FROM pg_catalog.pg_attribute a"
    " WHERE y.typtype OPERATOR(pg_catalog.=) 'c' AND " NO_OUTPUTS " AND a.attrelid OPERATOR(pg_catalog.=) y.typrelid"
    " AND a.attnum OPERATOR(pg_catalog.>) 0 AND NOT a.attisdropped"
    ") AS v WHERE " CALLABLE " AND " ALDB_OWN_SCHEMA;

static bool map_column(const struct aldb_type_options *types, const struct aldb_cell *in, struct aldb_cell *out, struct aldb_buf *scratch)
{
    struct aldb_typed t;
    if (!aldb_typed_read(types, in + IN_TYPE, scratch, &t)) {
        return false;
    }
    struct aldb_cell *o = out;
    *o++ = in[IN_CATALOG];
    *o++ = in[IN_SCHEMA];
    *o++ = in[IN_PROCEDURE];
    *o++ = in[IN_COLUMN];
    *o++ = in[IN_KIND];
    aldb_typed_write(&t, t.not_null, in + IN_REMARKS, scratch, o);
    return aldb_buf_ok(scratch);
}

enum aldb_rc aldb_catalog_procedure_columns(const struct aldb_catalog_context *c, struct aldb_slice catalog, struct aldb_slice schema,
                                            struct aldb_slice procedure, struct aldb_slice column, struct aldb_query *out)
{
    aldb_query_init(out, aldb_shape_procedure_columns(c->types->version2));
    out->map = map_column;
    enum aldb_rc rc;
    aldb_buf_add_str(&out->sql, columns_sql);
    ALDB_TRY(filter_procedures(c, out, catalog, schema, procedure));
    ALDB_TRY(aldb_filter(c, out, "v.name", "column name", column, ALDB_ARG_PATTERN));
    /* Those of one overload together. */
    aldb_buf_add_str(&out->sql, ") AS s JOIN pg_catalog.pg_type t ON t.oid OPERATOR(pg_catalog.=) s.type"
                                " ORDER BY s.nspname, s.proname, s.oid, s.part, s.seq");
    rc = aldb_query_done(c, out);
out:
    return rc;
}
