/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls one catalog function a number of times and reads its whole result each time, columns bound, a thousand rows at a time.
 * Usage: catalog_calls CONNECTION-STRING CALL ROUNDS SCHEMA TABLE; the calls are in the table below.
 * Prints one line: how many rows the result has, and the milliseconds of the first round and of the fastest.
 */
#include <string.h>
#include <time.h>

#include "odbc.h"

enum { BLOCK = 1000, TEXT = 256 };

static SQLCHAR *schema;
static SQLCHAR *table;
static SQLCHAR *const any = (SQLCHAR *)(uintptr_t) "%";

static SQLRETURN all_columns(SQLHSTMT s)
{
    return SQLColumns(s, NULL, 0, any, SQL_NTS, any, SQL_NTS, any, SQL_NTS);
}

static SQLRETURN all_tables(SQLHSTMT s)
{
    return SQLTables(s, NULL, 0, any, SQL_NTS, any, SQL_NTS, NULL, 0);
}

static SQLRETURN columns(SQLHSTMT s)
{
    return SQLColumns(s, NULL, 0, schema, SQL_NTS, table, SQL_NTS, NULL, 0);
}

static SQLRETURN primary_keys(SQLHSTMT s)
{
    return SQLPrimaryKeys(s, NULL, 0, schema, SQL_NTS, table, SQL_NTS);
}

static SQLRETURN imported_keys(SQLHSTMT s)
{
    return SQLForeignKeys(s, NULL, 0, NULL, 0, NULL, 0, NULL, 0, schema, SQL_NTS, table, SQL_NTS);
}

static SQLRETURN exported_keys(SQLHSTMT s)
{
    return SQLForeignKeys(s, NULL, 0, schema, SQL_NTS, table, SQL_NTS, NULL, 0, NULL, 0, NULL, 0);
}

static SQLRETURN statistics(SQLHSTMT s)
{
    return SQLStatistics(s, NULL, 0, schema, SQL_NTS, table, SQL_NTS, SQL_INDEX_ALL, SQL_QUICK);
}

static SQLRETURN special_columns(SQLHSTMT s)
{
    return SQLSpecialColumns(s, SQL_BEST_ROWID, NULL, 0, schema, SQL_NTS, table, SQL_NTS, SQL_SCOPE_CURROW, SQL_NULLABLE);
}

static SQLRETURN type_info(SQLHSTMT s)
{
    return SQLGetTypeInfo(s, SQL_ALL_TYPES);
}

static const struct {
    const char *name;
    SQLRETURN (*call)(SQLHSTMT);
} calls[] = {
    {"all-columns", all_columns},     {"all-tables", all_tables},       {"columns", columns},       {"primary-keys", primary_keys},
    {"imported-keys", imported_keys}, {"exported-keys", exported_keys}, {"statistics", statistics}, {"special-columns", special_columns},
    {"type-info", type_info},
};

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}

/* One call and all of its rows. */
static uint64_t read_all(SQLHSTMT stmt, SQLRETURN (*call)(SQLHSTMT), SQLULEN *fetched)
{
    struct column bound[COLUMNS_MAX];
    uint64_t rows = 0;
    SQLRETURN rc;
    must(SQL_HANDLE_STMT, stmt, call(stmt), "the catalog function");
    SQLSMALLINT count = make_columns(stmt, bound, BLOCK, TEXT, 0);
    bind_columns(stmt, bound, count);
    while ((rc = SQLFetch(stmt)) != SQL_NO_DATA) {
        must(SQL_HANDLE_STMT, stmt, rc, "SQLFetch");
        rows += *fetched;
    }
    SQLFreeStmt(stmt, SQL_CLOSE);
    SQLFreeStmt(stmt, SQL_UNBIND);
    free_columns(bound, count);
    return rows;
}

int main(int argc, char **argv)
{
    SQLRETURN (*call)(SQLHSTMT) = NULL;
    for (size_t i = 0; argc == 6 && i < sizeof calls / sizeof calls[0]; i++) {
        call = strcmp(argv[2], calls[i].name) == 0 ? calls[i].call : call;
    }
    if (call == NULL) {
        fprintf(stderr, "usage: %s CONNECTION-STRING CALL ROUNDS SCHEMA TABLE\n", argv[0]);
        return EXIT_FAILURE;
    }
    schema = (SQLCHAR *)argv[4];
    table = (SQLCHAR *)argv[5];
    SQLULEN fetched = 0;
    SQLHENV env = new_env();
    SQLHDBC dbc = open_connection(env, argv[1]);
    SQLHSTMT stmt;
    must(SQL_HANDLE_DBC, dbc, SQLAllocHandle(SQL_HANDLE_STMT, dbc, &stmt), "SQLAllocHandle");
    must(SQL_HANDLE_STMT, stmt, SQLSetStmtAttr(stmt, SQL_ATTR_ROW_ARRAY_SIZE, (SQLPOINTER)(uintptr_t)BLOCK, 0), "SQLSetStmtAttr");
    must(SQL_HANDLE_STMT, stmt, SQLSetStmtAttr(stmt, SQL_ATTR_ROWS_FETCHED_PTR, &fetched, 0), "SQLSetStmtAttr");
    double first = 0;
    double fastest = 1e300;
    uint64_t rows = 0;
    long rounds = strtol(argv[3], NULL, 10);
    for (long i = 0; i < rounds; i++) {
        double start = now_ms();
        rows = read_all(stmt, call, &fetched);
        double took = now_ms() - start;
        first = i == 0 ? took : first;
        fastest = took < fastest ? took : fastest;
    }
    printf("%llu %.3f %.3f\n", (unsigned long long)rows, first, fastest);
    SQLFreeHandle(SQL_HANDLE_STMT, stmt);
    close_connection(dbc);
    SQLFreeHandle(SQL_HANDLE_ENV, env);
    return EXIT_SUCCESS;
}
