/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads one large value in parts (SQLGetData) as an application does that writes it to a file. Usage: get_parts CONNECTION-STRING text|bytea KILOBYTES
 * Prints one line: as usage.h says; the check sum is the value's length.
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
    static char part[PART + 1];
    char query[128];
    int text = strcmp(argv[2], "text") == 0;
    unsigned long long length = 0;
    (void)snprintf(query, sizeof query, text ? "select repeat('p', %ld)" : "select decode(repeat('ff', %ld), 'hex')", 1024 * strtol(argv[3], NULL, 10));
    SQLHENV env = new_env();
    SQLHDBC dbc = open_connection(env, argv[1]);
    SQLHSTMT stmt;
    must(SQL_HANDLE_DBC, dbc, SQLAllocHandle(SQL_HANDLE_STMT, dbc, &stmt), "SQLAllocHandle");

    struct usage start = usage_now();
    must(SQL_HANDLE_STMT, stmt, SQLExecDirect(stmt, (SQLCHAR *)query, SQL_NTS), "SQLExecDirect");
    must(SQL_HANDLE_STMT, stmt, SQLFetch(stmt), "SQLFetch");
    SQLRETURN rc;
    SQLLEN left;
    while ((rc = SQLGetData(stmt, 1, text ? SQL_C_CHAR : SQL_C_BINARY, part, text ? PART + 1 : PART, &left)) != SQL_NO_DATA) {
        must(SQL_HANDLE_STMT, stmt, rc, "SQLGetData");
        length += left == SQL_NO_TOTAL || left > PART ? PART : (unsigned long long)left;
    }
    usage_print(1, length, usage_since(start), NULL);

    SQLFreeHandle(SQL_HANDLE_STMT, stmt);
    close_connection(dbc);
    SQLFreeHandle(SQL_HANDLE_ENV, env);
    return EXIT_SUCCESS;
}
