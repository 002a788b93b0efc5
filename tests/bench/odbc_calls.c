/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Many small calls through the driver. Usage: odbc_calls point|async|connect COUNT CONNECTION-STRING QUERY
 * point: the query, prepared once, with the numbers 1 to COUNT as its parameter, one row each; async: the same, asynchronously, polled without a pause;
 * connect: COUNT connections after one that is not counted.
 * Prints one line: as usage.h says.
 */
#include <stdbool.h>

#include "odbc.h"
#include "usage.h"

static uint64_t sum;

static void one_query(SQLHSTMT stmt, const struct column *columns, SQLSMALLINT count)
{
    SQLRETURN rc;
    do {
        rc = SQLExecute(stmt);
    } while (rc == SQL_STILL_EXECUTING);
    must(SQL_HANDLE_STMT, stmt, rc, "SQLExecute");
    do {
        rc = SQLFetch(stmt);
    } while (rc == SQL_STILL_EXECUTING);
    must(SQL_HANDLE_STMT, stmt, rc == SQL_SUCCESS ? SQL_SUCCESS : SQL_ERROR, "SQLFetch");
    must(SQL_HANDLE_STMT, stmt, SQLCloseCursor(stmt), "SQLCloseCursor");
    sum += sum_lengths(columns, count, 1);
}

int main(int argc, char **argv)
{
    if (argc != 5) {
        fprintf(stderr, "usage: %s point|async|connect COUNT CONNECTION-STRING QUERY\n", argv[0]);
        return EXIT_FAILURE;
    }
    bool async = argv[1][0] == 'a';
    bool point = async || argv[1][0] == 'p';
    unsigned long long count = strtoull(argv[2], NULL, 10);
    double *each = calloc(count, sizeof *each);
    SQLHENV env = new_env();
    SQLHDBC dbc = open_connection(env, argv[3]);
    SQLHSTMT stmt = NULL;
    SQLBIGINT number = 1;
    struct column columns[COLUMNS_MAX];
    SQLSMALLINT width = 0;
    must_have(each);
    if (point) {
        must(SQL_HANDLE_DBC, dbc, SQLAllocHandle(SQL_HANDLE_STMT, dbc, &stmt), "SQLAllocHandle");
        must(SQL_HANDLE_STMT, stmt, SQLPrepare(stmt, (SQLCHAR *)argv[4], SQL_NTS), "SQLPrepare");
        must(SQL_HANDLE_STMT, stmt, SQLBindParameter(stmt, 1, SQL_PARAM_INPUT, SQL_C_SBIGINT, SQL_BIGINT, 0, 0, &number, 0, NULL), "SQLBindParameter");
        width = make_columns(stmt, columns, 1, 64, 0);
        bind_columns(stmt, columns, width);
        must(SQL_HANDLE_STMT, stmt, SQLSetStmtAttr(stmt, SQL_ATTR_ASYNC_ENABLE, (SQLPOINTER)(uintptr_t)async, 0), "SQLSetStmtAttr");
        one_query(stmt, columns, width);
    } else {
        close_connection(dbc);
    }
    sum = 0;
    struct usage start = usage_now();
    for (unsigned long long i = 0; i < count; i++) {
        double begun = usage_now().wall;
        if (point) {
            number = (SQLBIGINT)i + 1;
            one_query(stmt, columns, width);
        } else {
            close_connection(open_connection(env, argv[3]));
        }
        each[i] = usage_now().wall - begun;
    }
    usage_print(count, sum, usage_since(start), each);
    if (point) {
        free_columns(columns, width);
        SQLFreeHandle(SQL_HANDLE_STMT, stmt);
        close_connection(dbc);
    }
    SQLFreeHandle(SQL_HANDLE_ENV, env);
    free(each);
    return EXIT_SUCCESS;
}
