/* SPDX-License-Identifier: Apache-2.0 */
/* What the catalog functions share: shapes, argument filters, small cell writers. */
#ifndef ALDB_CATALOG_INTERNAL_H
#define ALDB_CATALOG_INTERNAL_H

#include "catalog/catalog.h"

/* Shapes of shapes.def: aldb_shape_tables(version2) and so on. Static. */
#define ALDB_SHAPE(name) const struct aldb_shape *aldb_shape_##name(bool version2);
#define ALDB_COL(v3, v2, type, nullable)
#define ALDB_SHAPE_END(name)
#include "catalog/shapes.def"
#undef ALDB_SHAPE
#undef ALDB_COL
#undef ALDB_SHAPE_END

/* Condition on a schema `n`: the temporary tables of other sessions are nobody's but theirs, not even by name. */
#define ALDB_OWN_SCHEMA "NOT pg_catalog.pg_is_other_temp_schema(n.oid)"

/* What SQLTables lists: tables, partitioned ones, views, materialized views, foreign tables. */
#define ALDB_IS_RELATION(c) c ".relkind OPERATOR(pg_catalog.=) ANY ('{r,p,v,m,f}')"

/* How ODBC reads an argument when SQL_ATTR_METADATA_ID is off; when it is on every one of these is an identifier. */
enum aldb_arg { ALDB_ARG_ORDINARY, ALDB_ARG_PATTERN };

/*
 * Appends " AND <expression> = $n", or ~~ for =, for an argument that was given; nothing for NULL (no restriction).
 * HY009 for NULL under METADATA_ID; HY001.
 */
enum aldb_rc aldb_filter(const struct aldb_catalog_context *c, struct aldb_query *q, const char *expression, const char *what,
                         struct aldb_slice arg, enum aldb_arg kind) ALDB_MUSTCHECK;

/* Catalog argument: the current database or nothing. An empty one restricts nothing where it is an ordinary argument. */
enum aldb_rc aldb_filter_catalog(const struct aldb_catalog_context *c, struct aldb_query *q, struct aldb_slice arg,
                                 enum aldb_arg kind) ALDB_MUSTCHECK;

/*
 * The one table that the call `function` is about: relation `c` in schema `n`, all three arguments ordinary. Without a schema (NULL or "") it is what the name
 * means on the search path, or, when it means nothing there, every table of that name. HY009 without a table name, or as above.
 */
enum aldb_rc aldb_filter_relation(const struct aldb_catalog_context *c, struct aldb_query *q, const char *function, struct aldb_slice catalog,
                                  struct aldb_slice schema, struct aldb_slice table) ALDB_MUSTCHECK;

/* Adds a text parameter (copied) and appends its "$n" to the SQL. */
enum aldb_rc aldb_query_param(const struct aldb_catalog_context *c, struct aldb_query *q, struct aldb_slice value) ALDB_MUSTCHECK;

/* OK, or HY001 when the SQL text could not grow. */
enum aldb_rc aldb_query_done(const struct aldb_catalog_context *c, const struct aldb_query *q) ALDB_MUSTCHECK;

bool aldb_arg_given(struct aldb_slice arg);   /* not NULL */
bool aldb_arg_empty(struct aldb_slice arg);   /* given, "" */
bool aldb_arg_is(struct aldb_slice arg, const char *text);
bool aldb_arg_names(struct aldb_slice arg);   /* a pattern that asks for something: neither NULL nor "" nor "%" */

/* ------------------------------------------------------------------ typed.c: types as the driver describes them */

/*
 * The server tells of a type ALDB_TYPE_CELLS cells, in this order: OID, modifier, name and, of a domain, what it is made of. Such a query begins with
 * ALDB_DOMAINS; ALDB_BASE_OF is the fourth cell for a type of this `kind` (typtype) and `oid`, and looks for domains only when it meets the first one.
 * ALDB_BASE_OF_COLUMN: of a table's column, whose large objects are read and written as such; arguments of calls are numbers.
 */
enum { ALDB_TYPE_CELLS = 4 };
#define ALDB_DOMAINS                                                                               \
    "WITH RECURSIVE up(domain, base, typmod, not_null, lo) AS ("                                   \
    "SELECT t.oid, t.typbasetype, t.typtypmod, t.typnotnull, " ALDB_IS_LO("t") " FROM pg_catalog.pg_type t" \
    " WHERE t.typtype OPERATOR(pg_catalog.=) 'd'"                                                  \
    " UNION ALL SELECT up.domain, t.typbasetype, CASE WHEN up.typmod OPERATOR(pg_catalog.>=) 0 THEN up.typmod" \
    " ELSE t.typtypmod END, up.not_null OR t.typnotnull, false"                                    \
    " FROM up JOIN pg_catalog.pg_type t ON t.oid OPERATOR(pg_catalog.=) up.base AND t.typtype OPERATOR(pg_catalog.=) 'd') "
#define ALDB_BASE_AS(kind, oid, base)                                                              \
    "CASE WHEN " kind " OPERATOR(pg_catalog.=) 'd' THEN (SELECT pg_catalog.jsonb_object_agg(up.domain::pg_catalog.text," \
    " pg_catalog.format('%s %s %s %s', " base ", up.typmod, up.not_null, b.typname))"              \
    " FROM up JOIN pg_catalog.pg_type b ON b.oid OPERATOR(pg_catalog.=) up.base"                   \
    " AND b.typtype OPERATOR(pg_catalog.<>) 'd') OPERATOR(pg_catalog.->>) " oid "::pg_catalog.text END"
#define ALDB_BASE_OF(kind, oid) ALDB_BASE_AS(kind, oid, "b.oid")
#define ALDB_BASE_OF_COLUMN(kind, oid) ALDB_BASE_AS(kind, oid, "CASE WHEN up.lo THEN " ALDB_OID_LO_TEXT " ELSE b.oid::pg_catalog.int8 END")

/* What ODBC says of it: numbers as text, NULL where there is none. */
struct aldb_typed {
    struct aldb_cell data_type, type_name, column_size, buffer_length, decimal_digits, num_prec_radix, sql_data_type, datetime_sub, char_octet_length;
    bool not_null; /* a domain that forbids nulls */
};

/* Cells point into `in`, static text or `scratch`, which has room for two more numbers behind them. False: out of memory. */
bool aldb_typed_read(const struct aldb_type_options *types, const struct aldb_cell in[ALDB_TYPE_CELLS], struct aldb_buf *scratch,
                     struct aldb_typed *out) ALDB_MUSTCHECK;

/*
 * From DATA_TYPE to IS_NULLABLE: what SQLColumns and SQLProcedureColumns have in common. `in`: the server's REMARKS, COLUMN_DEF and ORDINAL_POSITION; `scratch`
 * as aldb_typed_read left it, and to be asked afterwards whether it is well.
 */
enum { ALDB_TYPED_EXTRA = 3 };
void aldb_typed_write(const struct aldb_typed *t, bool not_null, const struct aldb_cell in[ALDB_TYPED_EXTRA], struct aldb_buf *scratch, struct aldb_cell *out);

struct aldb_cell aldb_cell_text(const char *s);                             /* NULL for NULL */
struct aldb_cell aldb_cell_number(struct aldb_buf *scratch, int64_t v);     /* `scratch` must have room: it may not move */

#endif
