/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sends one large value in parts (SQLPutData) as an application does that reads it from a file.
 * Usage: put_parts CONNECTION-STRING text|bytea KILOBYTES
 * Prints one line: as usage.h says.
 */
#include "odbc.h"
#include "usage.h"

enum { PART = 1 << 12 };

int main(int argc, char **argv)
{
    if (argc != 4 || (strcmp(argv[2], "text") != 0 && strcmp(argv[2], "bytea") != 0)) {
        fprintf(stderr, "usage: %s CONNECTION-STRING text|bytea KILOBYTES\n", argv[0]);
        return EXIT_FAILURE;
    }
    static char part[PART];
    int text = strcmp(argv[2], "text") == 0;
    long parts = strtol(argv[3], NULL, 10) * 1024 / PART;
    SQLHENV env = new_env();
    SQLHDBC dbc = open_connection(env, argv[1]);
    SQLHSTMT stmt;
    SQLLEN later = SQL_DATA_AT_EXEC;
    SQLPOINTER which;
    SQLBIGINT length = 0;
    must(SQL_HANDLE_DBC, dbc, SQLAllocHandle(SQL_HANDLE_STMT, dbc, &stmt), "SQLAllocHandle");
    memset(part, 'p', sizeof part);

    struct usage start = usage_now();
    must(SQL_HANDLE_STMT, stmt, SQLBindParameter(stmt, 1, SQL_PARAM_INPUT, text ? SQL_C_CHAR : SQL_C_BINARY, text ? SQL_LONGVARCHAR : SQL_LONGVARBINARY, 0, 0,
                                                 (SQLPOINTER)(intptr_t)1, 0, &later), "SQLBindParameter");
    SQLRETURN rc = SQLExecDirect(stmt, (SQLCHAR *)(uintptr_t)(text ? "select length(cast(? as text))" : "select length(cast(? as bytea))"), SQL_NTS);
    must(SQL_HANDLE_STMT, stmt, rc == SQL_NEED_DATA && SQLParamData(stmt, &which) == SQL_NEED_DATA ? SQL_SUCCESS : SQL_ERROR, "SQLExecDirect");
    for (long i = 0; i < parts; i++) {
        must(SQL_HANDLE_STMT, stmt, SQLPutData(stmt, part, PART), "SQLPutData");
    }
    must(SQL_HANDLE_STMT, stmt, SQLParamData(stmt, &which), "SQLParamData");
    must(SQL_HANDLE_STMT, stmt, SQLFetch(stmt), "SQLFetch");
    must(SQL_HANDLE_STMT, stmt, SQLGetData(stmt, 1, SQL_C_SBIGINT, &length, 0, NULL), "SQLGetData");
    usage_print(1, (unsigned long long)length, usage_since(start), NULL);

    SQLFreeHandle(SQL_HANDLE_STMT, stmt);
    close_connection(dbc);
    SQLFreeHandle(SQL_HANDLE_ENV, env);
    return EXIT_SUCCESS;
}
