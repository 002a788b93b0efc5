/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parameters, few or many, small or large. Usage: odbc_values COUNT PARAMETERS BYTES CONNECTION-STRING
 * COUNT executions of a prepared SELECT which adds up the lengths of PARAMETERS texts of BYTES each. Prints one line: as usage.h says.
 */
#include "odbc.h"
#include "usage.h"
#include "values_query.h"

int main(int argc, char **argv)
{
    if (argc != 5) {
        fprintf(stderr, "usage: %s COUNT PARAMETERS BYTES CONNECTION-STRING\n", argv[0]);
        return EXIT_FAILURE;
    }
    unsigned long long count = strtoull(argv[1], NULL, 10);
    unsigned long parameters = strtoul(argv[2], NULL, 10);
    size_t bytes = strtoul(argv[3], NULL, 10);
    char *value = values_text(bytes);
    char *query = values_query(parameters, 0);
    SQLLEN length = (SQLLEN)bytes;
    SQLBIGINT got = 0;
    unsigned long long sum = 0;
    SQLHSTMT stmt;
    SQLHENV env = new_env();
    SQLHDBC dbc = open_connection(env, argv[4]);
    must(SQL_HANDLE_DBC, dbc, SQLAllocHandle(SQL_HANDLE_STMT, dbc, &stmt), "SQLAllocHandle");

    struct usage start = usage_now();
    must(SQL_HANDLE_STMT, stmt, SQLPrepare(stmt, (SQLCHAR *)query, SQL_NTS), "SQLPrepare");
    must(SQL_HANDLE_STMT, stmt, SQLBindCol(stmt, 1, SQL_C_SBIGINT, &got, 0, NULL), "SQLBindCol");
    for (unsigned long i = 0; i < parameters; i++) {
        must(SQL_HANDLE_STMT, stmt, SQLBindParameter(stmt, (SQLUSMALLINT)(i + 1), SQL_PARAM_INPUT, SQL_C_CHAR, SQL_LONGVARCHAR, bytes, 0, value, length, &length),
             "SQLBindParameter");
    }
    for (unsigned long long i = 0; i < count; i++) {
        must(SQL_HANDLE_STMT, stmt, SQLExecute(stmt), "SQLExecute");
        must(SQL_HANDLE_STMT, stmt, SQLFetch(stmt), "SQLFetch");
        must(SQL_HANDLE_STMT, stmt, SQLCloseCursor(stmt), "SQLCloseCursor");
        sum += (unsigned long long)got;
    }
    usage_print(count, sum, usage_since(start), NULL);
    SQLFreeHandle(SQL_HANDLE_STMT, stmt);
    close_connection(dbc);
    SQLFreeHandle(SQL_HANDLE_ENV, env);
    free(query);
    free(value);
    return EXIT_SUCCESS;
}
