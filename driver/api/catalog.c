/* SPDX-License-Identifier: Apache-2.0 */
/* Catalog functions and SQLGetTypeInfo: arguments to a query of catalog/, the query to the statement. */
#include "api/async.h"
#include "api/bodies.h"
#include "api/call.h"

#include "catalog/catalog.h"
#include "statement/statement.h"

#define MAX_ARGS 6

struct catalog_call {
    struct aldb_call c;
    struct aldb_catalog_context context;
    struct aldb_text args[MAX_ARGS];
    size_t nargs;
    struct aldb_query query;
};

/* Enters, decodes the arguments. False: c.ret is to be returned. */
static bool begin(struct catalog_call *k, SQLHSTMT hstmt, enum aldb_fn fn, const struct aldb_in *const in[], const char *const names[],
                  size_t n)
{
    *k = (struct catalog_call){.nargs = 0};
    if (!aldb_enter_stmt(&k->c, hstmt, fn)) {
        return false;
    }
    aldb_query_init(&k->query, NULL);
    for (size_t i = 0; i < n; i++) {
        k->nargs = i + 1;
        if (aldb_text_take(&k->args[i], in[i], ALDB_IN_NAME, names[i], k->c.diag) == ALDB_ERR) {
            break;
        }
    }
    struct aldb_stmt *stmt = k->c.stmt;
    struct aldb_session *session = stmt->dbc->session;
    if (!aldb_diag_has_error(k->c.diag) && session == NULL) {
        (void)aldb_diag_post(k->c.diag, ALDB_ST_08003, NULL);
    }
    if (aldb_diag_has_error(k->c.diag)) {
        for (size_t i = 0; i < k->nargs; i++) {
            aldb_text_clear(&k->args[i]);
        }
        k->c.ret = aldb_leave(&k->c, ALDB_ERR);
        return false;
    }
    k->context = (struct aldb_catalog_context){
        .types = &stmt->dbc->types,
        .database = aldb_session_database(session),
        .server_version = aldb_session_server_version(session),
        .metadata_id = stmt->metadata_id == SQL_TRUE,
        .show_system_tables = stmt->dbc->options.ShowSystemTables,
        .diag = k->c.diag,
    };
    return true;
}

struct query_args {
    struct aldb_query query;
    enum aldb_rc built;
};

static enum aldb_rc query_run(struct aldb_call *c, void *args)
{
    struct query_args *a = args;
    enum aldb_rc rc = aldb_stmt_run_query(c->stmt, &a->query);
    return rc == ALDB_OK ? a->built : rc;
}

static void query_end(void *args)
{
    aldb_query_clear(&((struct query_args *)args)->query);
}

/* Rows that the driver makes by itself. */
static bool query_at_hand(const struct aldb_call *c, const void *args)
{
    (void)c;
    return ((const struct query_args *)args)->query.local != NULL;
}

static const struct aldb_step query_step = {.run = query_run, .end = query_end, .at_hand = query_at_hand, .resumed = true};

/* Runs what the builder made; leaves. */
static SQLRETURN finish(struct catalog_call *k, enum aldb_rc built)
{
    for (size_t i = 0; i < k->nargs; i++) {
        aldb_text_clear(&k->args[i]);
    }
    if (!aldb_done(built)) {
        aldb_query_clear(&k->query);
        return aldb_leave(&k->c, built);
    }
    struct query_args a = {.query = k->query, .built = built};
    return aldb_go(&k->c, &query_step, &a, sizeof a);
}

SQLRETURN aldb_api_tables(SQLHSTMT hstmt, struct aldb_in catalog, struct aldb_in schema, struct aldb_in table, struct aldb_in types)
{
    static const char *const names[] = {"CatalogName", "SchemaName", "TableName", "TableType"};
    const struct aldb_in *const in[] = {&catalog, &schema, &table, &types};
    struct catalog_call k;
    if (!begin(&k, hstmt, ALDB_FN_TABLES, in, names, 4)) {
        return k.c.ret;
    }
    return finish(&k, aldb_catalog_tables(&k.context, k.args[0].slice, k.args[1].slice, k.args[2].slice, k.args[3].slice, &k.query));
}

SQLRETURN aldb_api_columns(SQLHSTMT hstmt, struct aldb_in catalog, struct aldb_in schema, struct aldb_in table, struct aldb_in column)
{
    static const char *const names[] = {"CatalogName", "SchemaName", "TableName", "ColumnName"};
    const struct aldb_in *const in[] = {&catalog, &schema, &table, &column};
    struct catalog_call k;
    if (!begin(&k, hstmt, ALDB_FN_COLUMNS, in, names, 4)) {
        return k.c.ret;
    }
    return finish(&k, aldb_catalog_columns(&k.context, k.args[0].slice, k.args[1].slice, k.args[2].slice, k.args[3].slice, &k.query));
}

SQLRETURN aldb_api_primary_keys(SQLHSTMT hstmt, struct aldb_in catalog, struct aldb_in schema, struct aldb_in table)
{
    static const char *const names[] = {"CatalogName", "SchemaName", "TableName"};
    const struct aldb_in *const in[] = {&catalog, &schema, &table};
    struct catalog_call k;
    if (!begin(&k, hstmt, ALDB_FN_PRIMARY_KEYS, in, names, 3)) {
        return k.c.ret;
    }
    return finish(&k, aldb_catalog_primary_keys(&k.context, k.args[0].slice, k.args[1].slice, k.args[2].slice, &k.query));
}

SQLRETURN aldb_api_foreign_keys(SQLHSTMT hstmt, const struct aldb_in in[6])
{
    static const char *const names[] = {"PKCatalogName", "PKSchemaName", "PKTableName", "FKCatalogName", "FKSchemaName", "FKTableName"};
    const struct aldb_in *const all[] = {&in[0], &in[1], &in[2], &in[3], &in[4], &in[5]};
    struct catalog_call k;
    if (!begin(&k, hstmt, ALDB_FN_FOREIGN_KEYS, all, names, 6)) {
        return k.c.ret;
    }
    struct aldb_foreign_side primary = {k.args[0].slice, k.args[1].slice, k.args[2].slice};
    struct aldb_foreign_side foreign = {k.args[3].slice, k.args[4].slice, k.args[5].slice};
    return finish(&k, aldb_catalog_foreign_keys(&k.context, &primary, &foreign, &k.query));
}

SQLRETURN aldb_api_statistics(SQLHSTMT hstmt, struct aldb_in catalog, struct aldb_in schema, struct aldb_in table, SQLUSMALLINT unique,
                              SQLUSMALLINT reserved)
{
    static const char *const names[] = {"CatalogName", "SchemaName", "TableName"};
    const struct aldb_in *const in[] = {&catalog, &schema, &table};
    struct catalog_call k;
    if (!begin(&k, hstmt, ALDB_FN_STATISTICS, in, names, 3)) {
        return k.c.ret;
    }
    ALDB_CALL_ARGS(&k.c, "unique %u, reserved %u", unique, reserved);
    return finish(&k, aldb_catalog_statistics(&k.context, k.args[0].slice, k.args[1].slice, k.args[2].slice, unique, reserved, &k.query));
}

SQLRETURN aldb_api_special_columns(SQLHSTMT hstmt, SQLUSMALLINT identifier, struct aldb_in catalog, struct aldb_in schema, struct aldb_in table,
                                   SQLUSMALLINT scope, SQLUSMALLINT nullable)
{
    static const char *const names[] = {"CatalogName", "SchemaName", "TableName"};
    const struct aldb_in *const in[] = {&catalog, &schema, &table};
    struct catalog_call k;
    if (!begin(&k, hstmt, ALDB_FN_SPECIAL_COLUMNS, in, names, 3)) {
        return k.c.ret;
    }
    ALDB_CALL_ARGS(&k.c, "identifier type %u, scope %u, nullable %u", identifier, scope, nullable);
    return finish(&k, aldb_catalog_special_columns(&k.context, identifier, k.args[0].slice, k.args[1].slice, k.args[2].slice, scope, nullable, &k.query));
}

SQLRETURN aldb_api_procedures(SQLHSTMT hstmt, struct aldb_in catalog, struct aldb_in schema, struct aldb_in procedure)
{
    static const char *const names[] = {"CatalogName", "SchemaName", "ProcName"};
    const struct aldb_in *const in[] = {&catalog, &schema, &procedure};
    struct catalog_call k;
    if (!begin(&k, hstmt, ALDB_FN_PROCEDURES, in, names, 3)) {
        return k.c.ret;
    }
    return finish(&k, aldb_catalog_procedures(&k.context, k.args[0].slice, k.args[1].slice, k.args[2].slice, &k.query));
}

SQLRETURN aldb_api_procedure_columns(SQLHSTMT hstmt, struct aldb_in catalog, struct aldb_in schema, struct aldb_in procedure, struct aldb_in column)
{
    static const char *const names[] = {"CatalogName", "SchemaName", "ProcName", "ColumnName"};
    const struct aldb_in *const in[] = {&catalog, &schema, &procedure, &column};
    struct catalog_call k;
    if (!begin(&k, hstmt, ALDB_FN_PROCEDURE_COLUMNS, in, names, 4)) {
        return k.c.ret;
    }
    return finish(&k, aldb_catalog_procedure_columns(&k.context, k.args[0].slice, k.args[1].slice, k.args[2].slice, k.args[3].slice, &k.query));
}

SQLRETURN aldb_api_table_privileges(SQLHSTMT hstmt, struct aldb_in catalog, struct aldb_in schema, struct aldb_in table)
{
    static const char *const names[] = {"CatalogName", "SchemaName", "TableName"};
    const struct aldb_in *const in[] = {&catalog, &schema, &table};
    struct catalog_call k;
    if (!begin(&k, hstmt, ALDB_FN_TABLE_PRIVILEGES, in, names, 3)) {
        return k.c.ret;
    }
    return finish(&k, aldb_catalog_table_privileges(&k.context, k.args[0].slice, k.args[1].slice, k.args[2].slice, &k.query));
}

SQLRETURN aldb_api_column_privileges(SQLHSTMT hstmt, struct aldb_in catalog, struct aldb_in schema, struct aldb_in table, struct aldb_in column)
{
    static const char *const names[] = {"CatalogName", "SchemaName", "TableName", "ColumnName"};
    const struct aldb_in *const in[] = {&catalog, &schema, &table, &column};
    struct catalog_call k;
    if (!begin(&k, hstmt, ALDB_FN_COLUMN_PRIVILEGES, in, names, 4)) {
        return k.c.ret;
    }
    return finish(&k, aldb_catalog_column_privileges(&k.context, k.args[0].slice, k.args[1].slice, k.args[2].slice, k.args[3].slice, &k.query));
}

SQLRETURN aldb_api_type_info(SQLHSTMT hstmt, SQLSMALLINT type)
{
    struct catalog_call k;
    if (!begin(&k, hstmt, ALDB_FN_TYPE_INFO, NULL, NULL, 0)) {
        return k.c.ret;
    }
    ALDB_CALL_ARGS(&k.c, "type %d", type);
    return finish(&k, aldb_catalog_type_info(&k.context, type, &k.query));
}
