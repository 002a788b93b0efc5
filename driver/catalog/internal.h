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

/* How ODBC reads an argument when SQL_ATTR_METADATA_ID is off; when it is on every one of these is an identifier. */
enum aldb_arg { ALDB_ARG_ORDINARY, ALDB_ARG_PATTERN };

/*
 * Appends " AND <expression> = $n" or "LIKE $n" for an argument that was given; nothing for NULL (no restriction).
 * HY009 for NULL under METADATA_ID; HY001.
 */
enum aldb_rc aldb_filter(const struct aldb_catalog_context *c, struct aldb_query *q, const char *expression, const char *what,
                         struct aldb_slice arg, enum aldb_arg kind) ALDB_MUSTCHECK;

/* Catalog argument: the current database or nothing. An empty one restricts nothing where it is an ordinary argument. */
enum aldb_rc aldb_filter_catalog(const struct aldb_catalog_context *c, struct aldb_query *q, struct aldb_slice arg,
                                 enum aldb_arg kind) ALDB_MUSTCHECK;

/* Adds a text parameter (copied) and appends its "$n" to the SQL. */
enum aldb_rc aldb_query_param(const struct aldb_catalog_context *c, struct aldb_query *q, struct aldb_slice value) ALDB_MUSTCHECK;

/* OK, or HY001 when the SQL text could not grow. */
enum aldb_rc aldb_query_done(const struct aldb_catalog_context *c, const struct aldb_query *q) ALDB_MUSTCHECK;

bool aldb_arg_given(struct aldb_slice arg);   /* not NULL */
bool aldb_arg_empty(struct aldb_slice arg);   /* given, "" */
bool aldb_arg_is(struct aldb_slice arg, const char *text);

#endif
