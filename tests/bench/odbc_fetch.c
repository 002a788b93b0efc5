/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads a whole result as an application in a hurry does: every column bound to its natural C type, a thousand rows at a time.
 * Usage: fetch_bench CONNECTION-STRING QUERY [ROWS-AT-A-TIME TEXT-BYTES]
 * Prints one line: as usage.h says; the time is that from SQLExecDirect to the end of data.
 */
#include "odbc.h"
#include "usage.h"

int main(int argc, char **argv)
{
    if (argc != 3 && argc != 5) {
        fprintf(stderr, "usage: %s CONNECTION-STRING QUERY [ROWS-AT-A-TIME TEXT-BYTES]\n", argv[0]);
        return EXIT_FAILURE;
    }
    size_t block = argc == 5 ? strtoul(argv[3], NULL, 10) : 1000;
    SQLLEN text_size = argc == 5 ? strtol(argv[4], NULL, 10) : 64;
    SQLHENV env = new_env();
    SQLHDBC dbc = open_connection(env, argv[1]);
    SQLHSTMT stmt;
    must(SQL_HANDLE_DBC, dbc, SQLAllocHandle(SQL_HANDLE_STMT, dbc, &stmt), "SQLAllocHandle");

    struct usage start = usage_now();
    SQLULEN fetched = 0;
    must(SQL_HANDLE_STMT, stmt, SQLSetStmtAttr(stmt, SQL_ATTR_ROW_ARRAY_SIZE, (SQLPOINTER)(uintptr_t)block, 0), "SQLSetStmtAttr");
    must(SQL_HANDLE_STMT, stmt, SQLSetStmtAttr(stmt, SQL_ATTR_ROWS_FETCHED_PTR, &fetched, 0), "SQLSetStmtAttr");
    must(SQL_HANDLE_STMT, stmt, SQLExecDirect(stmt, (SQLCHAR *)argv[2], SQL_NTS), "SQLExecDirect");
    struct column columns[COLUMNS_MAX];
    SQLSMALLINT count = bind_columns(stmt, columns, block, text_size);

    uint64_t rows = 0;
    uint64_t bytes = 0;
    SQLRETURN rc;
    while ((rc = SQLFetch(stmt)) != SQL_NO_DATA) {
        if (rc != SQL_SUCCESS) {
            must(SQL_HANDLE_STMT, stmt, SQL_ERROR, "SQLFetch"); /* SUCCESS_WITH_INFO would mean that something was cut */
        }
        rows += fetched;
        bytes += sum_lengths(columns, count, fetched);
    }
    usage_print(rows, bytes, usage_since(start), NULL);

    free_columns(columns, count);
    SQLFreeHandle(SQL_HANDLE_STMT, stmt);
    close_connection(dbc);
    SQLFreeHandle(SQL_HANDLE_ENV, env);
    return EXIT_SUCCESS;
}
