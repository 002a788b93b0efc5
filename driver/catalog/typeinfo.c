/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SQLGetTypeInfo: the driver's own list, and the database's types beside it, so that whatever SQLColumns calls a column's type is found here. Where no type of
 * the database's can be meant, without a round trip. ODBC: SQLGetTypeInfo Function.
 */
#include "catalog/internal.h"

#include <limits.h>
#include <string.h>

#include "base/alloc.h"

/* ------------------------------------------------------------------ a row */

static struct aldb_cell number_or_null(struct aldb_buf *scratch, int64_t v, bool null)
{
    return null ? aldb_cell_text(NULL) : aldb_cell_number(scratch, v);
}

/* `scratch` has room for all numbers. */
static void write_row(const struct aldb_typeinfo_row *r, bool version2, struct aldb_buf *scratch, struct aldb_cell *o)
{
    *o++ = aldb_cell_text(r->type_name);
    *o++ = aldb_cell_number(scratch, version2 ? aldb_type_to_v2(r->data_type) : r->data_type);
    *o++ = number_or_null(scratch, r->column_size, r->column_size < 0);
    *o++ = aldb_cell_text(r->literal_prefix);
    *o++ = aldb_cell_text(r->literal_suffix);
    *o++ = aldb_cell_text(r->create_params);
    *o++ = aldb_cell_number(scratch, r->nullable);
    *o++ = aldb_cell_number(scratch, r->case_sensitive);
    *o++ = aldb_cell_number(scratch, r->searchable);
    *o++ = number_or_null(scratch, r->unsigned_attribute, r->unsigned_attribute < 0);
    *o++ = aldb_cell_number(scratch, r->fixed_prec_scale);
    *o++ = number_or_null(scratch, r->auto_unique_value, r->auto_unique_value < 0);
    *o++ = aldb_cell_text(r->local_type_name);
    *o++ = number_or_null(scratch, r->minimum_scale, r->minimum_scale == INT_MIN);
    *o++ = number_or_null(scratch, r->maximum_scale, r->maximum_scale == INT_MIN);
    *o++ = aldb_cell_number(scratch, r->sql_data_type);
    *o++ = number_or_null(scratch, r->sql_datetime_sub, r->sql_datetime_sub == 0);
    *o++ = number_or_null(scratch, r->num_prec_radix, r->num_prec_radix == 0);
    *o++ = number_or_null(scratch, r->interval_precision, r->interval_precision == 0);
}

enum { NUMBERS_ROOM = 512, MOST_COLUMNS = 19 };

/* ------------------------------------------------------------------ without the server */

static bool add_local(const struct aldb_typeinfo_row *r, bool version2, struct aldb_buf *scratch, struct aldb_buf *out)
{
    struct aldb_cell cells[MOST_COLUMNS];
    aldb_buf_reset(scratch);
    if (aldb_buf_reserve(scratch, NUMBERS_ROOM) == NULL) {
        return false;
    }
    write_row(r, version2, scratch, cells);
    for (size_t i = 0; i < MOST_COLUMNS; i++) {
        int32_t len = cells[i].data ? (int32_t)cells[i].len : -1;
        aldb_buf_add(out, &len, sizeof len);
        aldb_buf_add(out, cells[i].data, cells[i].len);
    }
    return aldb_buf_ok(out);
}

static enum aldb_rc run_local(const struct aldb_catalog_context *c, SQLSMALLINT data_type, struct aldb_query *out)
{
    out->local = aldb_alloc(sizeof *out->local);
    if (out->local == NULL) {
        return aldb_diag_post(c->diag, ALDB_ST_HY001, NULL);
    }
    aldb_buf_init(out->local, ALDB_MAX_NAME);
    struct aldb_buf scratch;
    aldb_buf_init(&scratch, ALDB_MAX_NAME);
    struct aldb_typeinfo_row row;
    bool ok = true;
    for (size_t i = 0; ok && aldb_typeinfo_row(c->types, i, &row); i++) {
        if (row.data_type == data_type) {
            ok = add_local(&row, c->types->version2, &scratch, out->local);
            out->nlocal++;
        }
    }
    aldb_buf_clear(&scratch);
    return ok ? ALDB_OK : aldb_diag_post(c->diag, ALDB_ST_HY001, NULL);
}

/* ------------------------------------------------------------------ with it */

/* Cells of a server row: the place in the driver's list, or a type that is not in it. */
enum { IN_PLACE, IN_OID, IN_NAME };

static bool map_type(const struct aldb_type_options *types, const struct aldb_cell *in, struct aldb_cell *out, struct aldb_buf *scratch)
{
    struct aldb_typeinfo_row row;
    int64_t number = 0;
    if (aldb_buf_reserve(scratch, NUMBERS_ROOM) == NULL) {
        return false;
    }
    const struct aldb_cell *key = &in[in[IN_PLACE].data ? IN_PLACE : IN_OID];
    bool known = aldb_parse_i64(aldb_slice(key->data, key->len), &number);
    if (known && in[IN_PLACE].data && aldb_typeinfo_row(types, (size_t)number, &row)) {
        write_row(&row, types->version2, scratch, out);
    } else {
        aldb_typeinfo_other(types, (uint32_t)number, &row);
        write_row(&row, types->version2, scratch, out);
        out[0] = in[IN_NAME]; /* TYPE_NAME, LOCAL_TYPE_NAME */
        out[12] = in[IN_NAME];
    }
    return aldb_buf_ok(scratch);
}

/*
 * What a column can be of, as `d` with its OID and name: no domains but lo, for they count as what they are made of, and no pseudo-types, but for two in the server's own
 * tables; the rows of a table only where some column holds them, for every table has such a type. Arrays as their elements. `held` are the types that columns are of, and
 * composite types, on which the relations that describe them depend. One walk through pg_type; the arrays are found by their OIDs.
 */
#define SERVERS_OWN(t, name) t ".typname OPERATOR(pg_catalog.=) '" name "'"                        \
    " AND " t ".typnamespace OPERATOR(pg_catalog.=) 'pg_catalog'::pg_catalog.regnamespace"
#define ARRAY_IN "'pg_catalog.array_in'::pg_catalog.regproc" /* of arrays and nothing else */
static const char held_sql[] =
    ", held AS MATERIALIZED (SELECT d.refobjid AS oid, d.deptype FROM pg_catalog.pg_depend d"
    " WHERE d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_type'::pg_catalog.regclass"
    " AND d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass),"
    " one AS MATERIALIZED (SELECT t.oid, t.typname, t.typarray, t.typtype, (" ALDB_IS_LO("t") ") AS lo FROM pg_catalog.pg_type t"
    " WHERE t.typisdefined AND t.typinput OPERATOR(pg_catalog.<>) " ARRAY_IN " AND (t.typtype OPERATOR(pg_catalog.=) ANY ('{b,e,r,m,d}')"
    " OR (t.typtype OPERATOR(pg_catalog.=) 'c' AND t.oid OPERATOR(pg_catalog.=) ANY (SELECT held.oid FROM held))"
    " OR (" SERVERS_OWN("t", "anyarray") ")))";
static const char others_sql[] =
    " FROM (SELECT CASE WHEN one.lo THEN " ALDB_OID_LO_TEXT " ELSE one.oid::pg_catalog.int8 END AS oid, one.typname FROM one WHERE one.lo"
    " OR one.typtype OPERATOR(pg_catalog.<>) 'd'"
    " UNION ALL SELECT a.oid, a.typname FROM pg_catalog.pg_type a"
    " WHERE a.typinput OPERATOR(pg_catalog.=) " ARRAY_IN " AND a.oid OPERATOR(pg_catalog.=) ANY (ARRAY("
    "SELECT one.typarray FROM one WHERE one.typtype OPERATOR(pg_catalog.<>) 'c' OR one.oid OPERATOR(pg_catalog.=) ANY (SELECT held.oid"
    " FROM held WHERE held.deptype OPERATOR(pg_catalog.=) 'i') UNION SELECT held.oid FROM held))"
    " UNION ALL SELECT a.oid, a.typname FROM pg_catalog.pg_type a WHERE " SERVERS_OWN("a", "_pg_statistic") ") AS d";

static const char union_sql[] =
    " SELECT s.place, s.oid, s.name FROM (SELECT l.place, NULL::pg_catalog.int8 AS oid, l.name, l.code FROM l"
    " UNION ALL SELECT NULL, pg_catalog.min(o.oid), o.name, o.code FROM o"
    " WHERE NOT EXISTS (SELECT 1 FROM l WHERE l.name OPERATOR(pg_catalog.=) o.name"
    " AND l.code OPERATOR(pg_catalog.=) o.code) GROUP BY o.name, o.code) AS s";

static bool is_listed(const struct aldb_type_options *types, const char *name, SQLSMALLINT code)
{
    struct aldb_typeinfo_row row;
    for (size_t i = 0; aldb_typeinfo_row(types, i, &row); i++) {
        if (row.data_type == code && strcmp(row.type_name, name) == 0) {
            return true;
        }
    }
    return false;
}

static SQLSMALLINT code_of(const struct aldb_type_options *types, uint32_t oid)
{
    struct aldb_type_desc d;
    aldb_type_describe(types, oid, -1, &d);
    return d.concise_type;
}

/* Can a type that is not in the driver's list have this DATA_TYPE? */
static bool may_be_other(const struct aldb_type_options *types, SQLSMALLINT code)
{
    if (code == SQL_ALL_TYPES || code == code_of(types, 0)) {
        return true;
    }
    const struct aldb_type *t;
    for (size_t i = 0; (t = aldb_type_builtin(i)) != NULL; i++) {
        if (code_of(types, t->oid) == code && !is_listed(types, t->name, code)) {
            return true;
        }
    }
    return false;
}

static enum aldb_rc ask_server(const struct aldb_catalog_context *c, SQLSMALLINT data_type, struct aldb_query *out)
{
    struct aldb_buf *sql = &out->sql;
    struct aldb_typeinfo_row row;
    SQLSMALLINT other = code_of(c->types, 0);
    const struct aldb_type *t;
    out->map = map_type;
    aldb_buf_add_str(sql, "WITH l(place, name, code) AS (VALUES ");
    for (size_t i = 0; aldb_typeinfo_row(c->types, i, &row); i++) {
        aldb_buf_addf(sql, "%s(%zu, '%s', %d)", i ? ", " : "", i, row.type_name, row.data_type);
    }
    aldb_buf_add_str(sql, ")");
    aldb_buf_add_str(sql, held_sql);
    aldb_buf_addf(sql, ", o AS (SELECT d.oid, CASE WHEN d.oid OPERATOR(pg_catalog.=) 18 THEN '\"char\"'"
                       " ELSE d.typname END AS name, COALESCE(b.code, %d) AS code", other);
    aldb_buf_add_str(sql, others_sql);
    aldb_buf_add_str(sql, " LEFT JOIN (VALUES ");
    const char *comma = "";
    for (size_t i = 0; (t = aldb_type_builtin(i)) != NULL; i++) {
        SQLSMALLINT code = code_of(c->types, t->oid);
        if (code != other) {
            aldb_buf_addf(sql, "%s(%u, %d)", comma, t->oid, code);
            comma = ", ";
        }
    }
    aldb_buf_add_str(sql, ") AS b(oid, code) ON b.oid OPERATOR(pg_catalog.=) d.oid)");
    aldb_buf_add_str(sql, union_sql);
    if (data_type != SQL_ALL_TYPES) {
        aldb_buf_addf(sql, " WHERE s.code OPERATOR(pg_catalog.=) %d", data_type);
    }
    aldb_buf_add_str(sql, " ORDER BY s.code, s.place, s.name COLLATE pg_catalog.\"C\"");
    return aldb_query_done(c, out);
}

enum aldb_rc aldb_catalog_type_info(const struct aldb_catalog_context *c, SQLSMALLINT data_type, struct aldb_query *out)
{
    aldb_query_init(out, aldb_shape_type_info(c->types->version2));
    data_type = aldb_type_from_v2(data_type);
    if (data_type != SQL_ALL_TYPES && !aldb_sql_type_valid(data_type)) {
        return aldb_diag_post(c->diag, ALDB_ST_HY004, "%d is not an SQL data type", data_type);
    }
    return may_be_other(c->types, data_type) ? ask_server(c, data_type, out) : run_local(c, data_type, out);
}
