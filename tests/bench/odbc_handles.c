/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Many handles at once. Usage: odbc_handles connections|statements|prepared|cursors COUNT CONNECTION-STRING QUERY
 * connections: COUNT of them, with a statement executed on each; the others are statements of one connection: allocated only; with the query prepared and executed once;
 * with its result open and one row of it read. Linked against the driver manager, or against the driver itself (odbc_handles_direct). Prints as handles.h says.
 */
#include "handles.h"
#include "odbc.h"

static const char *target, *query;
static SQLHENV env;
static SQLHDBC shared;

static SQLHSTMT allocate(SQLHDBC dbc)
{
    SQLHSTMT stmt;
    must(SQL_HANDLE_DBC, dbc, SQLAllocHandle(SQL_HANDLE_STMT, dbc, &stmt), "SQLAllocHandle");
    return stmt;
}

static void *new_statement(void)
{
    return allocate(shared);
}

static SQLHSTMT open_cursor(SQLHDBC dbc)
{
    SQLHSTMT stmt = allocate(dbc);
    must(SQL_HANDLE_STMT, stmt, SQLPrepare(stmt, (SQLCHAR *)(uintptr_t)query, SQL_NTS), "SQLPrepare");
    must(SQL_HANDLE_STMT, stmt, SQLExecute(stmt), "SQLExecute");
    must(SQL_HANDLE_STMT, stmt, SQLFetch(stmt), "SQLFetch");
    return stmt;
}

static void *new_cursor(void)
{
    return open_cursor(shared);
}

static void *new_prepared(void)
{
    SQLHSTMT stmt = open_cursor(shared);
    must(SQL_HANDLE_STMT, stmt, SQLCloseCursor(stmt), "SQLCloseCursor");
    return stmt;
}

static void free_statement(void *stmt)
{
    must(SQL_HANDLE_STMT, stmt, SQLFreeHandle(SQL_HANDLE_STMT, stmt), "SQLFreeHandle");
}

static void *new_connection(void)
{
    SQLHDBC dbc = open_connection(env, target);
    free_statement(open_cursor(dbc));
    return dbc;
}

static void free_connection(void *dbc)
{
    close_connection(dbc);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void *(*make)(void);
        void (*release)(void *handle);
    } kinds[] = {{"connections", new_connection, free_connection},
                 {"statements", new_statement, free_statement},
                 {"prepared", new_prepared, free_statement},
                 {"cursors", new_cursor, free_statement}};
    size_t kind = 0;
    while (argc == 5 && kind < sizeof kinds / sizeof kinds[0] && strcmp(argv[1], kinds[kind].name) != 0) {
        kind++;
    }
    if (argc != 5 || kind == sizeof kinds / sizeof kinds[0]) {
        fprintf(stderr, "usage: %s connections|statements|prepared|cursors COUNT CONNECTION-STRING QUERY\n", argv[0]);
        return EXIT_FAILURE;
    }
    target = argv[3];
    query = argv[4];
    env = new_env();
    shared = open_connection(env, target);
    handles_measure(strtoull(argv[2], NULL, 10), kinds[kind].make, kinds[kind].release);
}
