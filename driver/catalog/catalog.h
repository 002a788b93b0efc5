/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Catalog functions as driver-made queries: pure builders that fill a struct aldb_query (SQL over pg_catalog, text parameters, result shape from shapes.def);
 * statement/ runs it. Arguments: ptr == NULL is "not given". All in one round trip.
 */
#ifndef ALDB_CATALOG_CATALOG_H
#define ALDB_CATALOG_CATALOG_H

#include "handle/handle.h"

/* What the builders must know of the statement. */
struct aldb_catalog_context {
    const struct aldb_type_options *types; /* version2: old column names and date codes */
    const char *database;      /* current database */
    int server_version;        /* 150020 */
    bool metadata_id;          /* SQL_ATTR_METADATA_ID: arguments are identifiers, not patterns */
    bool show_system_tables;   /* ShowSystemTables= */
    struct aldb_diag *diag;
};

enum aldb_rc aldb_catalog_tables(const struct aldb_catalog_context *c, struct aldb_slice catalog, struct aldb_slice schema, struct aldb_slice table,
                                 struct aldb_slice types, struct aldb_query *out) ALDB_MUSTCHECK;
enum aldb_rc aldb_catalog_columns(const struct aldb_catalog_context *c, struct aldb_slice catalog, struct aldb_slice schema, struct aldb_slice table,
                                  struct aldb_slice column, struct aldb_query *out) ALDB_MUSTCHECK;
enum aldb_rc aldb_catalog_primary_keys(const struct aldb_catalog_context *c, struct aldb_slice catalog, struct aldb_slice schema, struct aldb_slice table,
                                       struct aldb_query *out) ALDB_MUSTCHECK;
/* One of SQLForeignKeys' two tables. */
struct aldb_foreign_side {
    struct aldb_slice catalog, schema, table;
};
/* HY009 when no table is named; the side that is not may be NULL with METADATA_ID too. Foreign keys that refer to a unique constraint are among them. */
enum aldb_rc aldb_catalog_foreign_keys(const struct aldb_catalog_context *c, const struct aldb_foreign_side *primary,
                                       const struct aldb_foreign_side *foreign, struct aldb_query *out) ALDB_MUSTCHECK;
/* HY100, HY101 for what ODBC does not know. */
enum aldb_rc aldb_catalog_statistics(const struct aldb_catalog_context *c, struct aldb_slice catalog, struct aldb_slice schema, struct aldb_slice table,
                                     SQLUSMALLINT unique, SQLUSMALLINT reserved, struct aldb_query *out) ALDB_MUSTCHECK;
/* HY097, HY098, HY099 for what ODBC does not know. */
enum aldb_rc aldb_catalog_special_columns(const struct aldb_catalog_context *c, SQLUSMALLINT identifier, struct aldb_slice catalog,
                                          struct aldb_slice schema, struct aldb_slice table, SQLUSMALLINT scope, SQLUSMALLINT nullable,
                                          struct aldb_query *out) ALDB_MUSTCHECK;
enum aldb_rc aldb_catalog_procedures(const struct aldb_catalog_context *c, struct aldb_slice catalog, struct aldb_slice schema,
                                     struct aldb_slice procedure, struct aldb_query *out) ALDB_MUSTCHECK;
enum aldb_rc aldb_catalog_procedure_columns(const struct aldb_catalog_context *c, struct aldb_slice catalog, struct aldb_slice schema,
                                            struct aldb_slice procedure, struct aldb_slice column, struct aldb_query *out) ALDB_MUSTCHECK;
enum aldb_rc aldb_catalog_table_privileges(const struct aldb_catalog_context *c, struct aldb_slice catalog, struct aldb_slice schema,
                                           struct aldb_slice table, struct aldb_query *out) ALDB_MUSTCHECK;
enum aldb_rc aldb_catalog_column_privileges(const struct aldb_catalog_context *c, struct aldb_slice catalog, struct aldb_slice schema,
                                            struct aldb_slice table, struct aldb_slice column, struct aldb_query *out) ALDB_MUSTCHECK;
enum aldb_rc aldb_catalog_type_info(const struct aldb_catalog_context *c, SQLSMALLINT data_type, struct aldb_query *out) ALDB_MUSTCHECK;

#endif
