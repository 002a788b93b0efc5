/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asks for a long result, takes its first row, and closes the cursor, again and again. Usage: odbc_first row|close COUNT CONNECTION-STRING QUERY
 * row: the time is that from SQLExecDirect to the first row, and the server has time to end what the close before it has set going; close: that of all, one after the other.
 * Prints one line: as usage.h says.
 */
#include <stdbool.h>

#include "first.h"
#include "odbc.h"
#include "usage.h"

int main(int argc, char **argv)
{
    if (argc != 5 || (strcmp(argv[1], "row") != 0 && strcmp(argv[1], "close") != 0)) {
        fprintf(stderr, "usage: %s row|close COUNT CONNECTION-STRING QUERY\n", argv[0]);
        return EXIT_FAILURE;
    }
    bool closing = argv[1][0] == 'c';
    unsigned long long count = strtoull(argv[2], NULL, 10);
    double *each = calloc(count, sizeof *each);
    struct usage took = {0};
    struct column columns[COLUMNS_MAX];
    SQLSMALLINT width = 0;
    uint64_t sum = 0;
    SQLHSTMT stmt;
    SQLHENV env = new_env();
    SQLHDBC dbc = open_connection(env, argv[3]);
    must(SQL_HANDLE_DBC, dbc, SQLAllocHandle(SQL_HANDLE_STMT, dbc, &stmt), "SQLAllocHandle");
    must_have(each);
    for (unsigned long long i = 0; i < count; i++) {
        struct usage start = usage_now();
        must(SQL_HANDLE_STMT, stmt, SQLExecDirect(stmt, (SQLCHAR *)argv[4], SQL_NTS), "SQLExecDirect");
        if (i == 0) {
            width = make_columns(stmt, columns, 1, 64, 0);
            bind_columns(stmt, columns, width);
        }
        must(SQL_HANDLE_STMT, stmt, SQLFetch(stmt), "SQLFetch");
        struct usage row = usage_since(start);
        sum += sum_lengths(columns, width, 1);
        must(SQL_HANDLE_STMT, stmt, SQLCloseCursor(stmt), "SQLCloseCursor");
        struct usage all = usage_since(start);
        each[i] = closing ? all.wall : row.wall;
        usage_add(&took, closing ? all : row);
        rest(closing ? 0 : SETTLE_MS);
    }
    usage_print(count, sum, took, each);
    free_columns(columns, width);
    SQLFreeHandle(SQL_HANDLE_STMT, stmt);
    close_connection(dbc);
    SQLFreeHandle(SQL_HANDLE_ENV, env);
    free(each);
    return EXIT_SUCCESS;
}
