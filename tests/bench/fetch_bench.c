/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads a whole result as an application in a hurry does: every column bound to its natural C type, a thousand rows at a time.
 * Usage: fetch_bench CONNECTION-STRING QUERY
 * Prints one line: rows, check sum, seconds from SQLExecDirect to the end of data, peak resident memory in kB.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sql.h>
#include <sqlext.h>

enum { BLOCK = 1000, COLUMNS_MAX = 64, TEXT_SIZE = 64 };

struct column {
    SQLSMALLINT c_type;
    SQLLEN width; /* bytes of one value's buffer */
    unsigned char *values;
    SQLLEN *lengths;
};

static SQLHENV env;
static SQLHDBC dbc;
static SQLHSTMT stmt;

static void must(SQLSMALLINT kind, SQLHANDLE handle, SQLRETURN rc, const char *what)
{
    SQLCHAR state[6];
    SQLCHAR text[1024];
    SQLINTEGER native;
    SQLSMALLINT length;
    if (SQL_SUCCEEDED(rc)) {
        return;
    }
    fprintf(stderr, "%s failed\n", what);
    for (SQLSMALLINT n = 1; SQL_SUCCEEDED(SQLGetDiagRec(kind, handle, n, state, &native, text, sizeof text, &length)); n++) {
        fprintf(stderr, "[%s] %s\n", state, text);
    }
    exit(EXIT_FAILURE);
}

static void choose_type(struct column *c, SQLSMALLINT sql_type)
{
    static const struct {
        SQLSMALLINT sql_type, c_type;
        SQLLEN width;
    } natural[] = {
        {SQL_BIT, SQL_C_BIT, 1},
        {SQL_SMALLINT, SQL_C_SSHORT, sizeof(SQLSMALLINT)},
        {SQL_INTEGER, SQL_C_SLONG, sizeof(SQLINTEGER)},
        {SQL_BIGINT, SQL_C_SBIGINT, sizeof(SQLBIGINT)},
        {SQL_REAL, SQL_C_FLOAT, sizeof(SQLREAL)},
        {SQL_DOUBLE, SQL_C_DOUBLE, sizeof(SQLDOUBLE)},
        {SQL_FLOAT, SQL_C_DOUBLE, sizeof(SQLDOUBLE)},
        {SQL_TYPE_DATE, SQL_C_TYPE_DATE, sizeof(SQL_DATE_STRUCT)},
        {SQL_TYPE_TIME, SQL_C_TYPE_TIME, sizeof(SQL_TIME_STRUCT)},
        {SQL_TYPE_TIMESTAMP, SQL_C_TYPE_TIMESTAMP, sizeof(SQL_TIMESTAMP_STRUCT)},
        {SQL_GUID, SQL_C_GUID, sizeof(SQLGUID)},
    };
    *c = (struct column){.c_type = SQL_C_CHAR, .width = TEXT_SIZE};
    for (size_t i = 0; i < sizeof natural / sizeof natural[0]; i++) {
        if (natural[i].sql_type == sql_type) {
            c->c_type = natural[i].c_type;
            c->width = natural[i].width;
        }
    }
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static long peak_kb(void)
{
    char line[256];
    long kb = -1;
    FILE *file = fopen("/proc/self/status", "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, "VmHWM:", 6) == 0) {
            kb = strtol(line + 6, NULL, 10);
        }
    }
    if (file != NULL) {
        fclose(file);
    }
    return kb;
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: %s CONNECTION-STRING QUERY\n", argv[0]);
        return EXIT_FAILURE;
    }
    must(SQL_HANDLE_ENV, NULL, SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &env), "SQLAllocHandle");
    must(SQL_HANDLE_ENV, env, SQLSetEnvAttr(env, SQL_ATTR_ODBC_VERSION, (SQLPOINTER)(intptr_t)SQL_OV_ODBC3_80, 0), "SQLSetEnvAttr");
    must(SQL_HANDLE_ENV, env, SQLAllocHandle(SQL_HANDLE_DBC, env, &dbc), "SQLAllocHandle");
    must(SQL_HANDLE_DBC, dbc, SQLDriverConnect(dbc, NULL, (SQLCHAR *)argv[1], SQL_NTS, NULL, 0, NULL, SQL_DRIVER_NOPROMPT),
         "SQLDriverConnect");
    must(SQL_HANDLE_DBC, dbc, SQLAllocHandle(SQL_HANDLE_STMT, dbc, &stmt), "SQLAllocHandle");

    double start = seconds();
    SQLULEN fetched = 0;
    must(SQL_HANDLE_STMT, stmt, SQLSetStmtAttr(stmt, SQL_ATTR_ROW_ARRAY_SIZE, (SQLPOINTER)(intptr_t)BLOCK, 0), "SQLSetStmtAttr");
    must(SQL_HANDLE_STMT, stmt, SQLSetStmtAttr(stmt, SQL_ATTR_ROWS_FETCHED_PTR, &fetched, 0), "SQLSetStmtAttr");
    must(SQL_HANDLE_STMT, stmt, SQLExecDirect(stmt, (SQLCHAR *)argv[2], SQL_NTS), "SQLExecDirect");

    SQLSMALLINT count = 0;
    struct column columns[COLUMNS_MAX];
    must(SQL_HANDLE_STMT, stmt, SQLNumResultCols(stmt, &count), "SQLNumResultCols");
    if (count > COLUMNS_MAX) {
        fprintf(stderr, "more than %d columns\n", COLUMNS_MAX);
        return EXIT_FAILURE;
    }
    for (SQLSMALLINT i = 0; i < count; i++) {
        SQLSMALLINT type;
        struct column *c = &columns[i];
        must(SQL_HANDLE_STMT, stmt, SQLDescribeCol(stmt, (SQLUSMALLINT)(i + 1), NULL, 0, NULL, &type, NULL, NULL, NULL), "SQLDescribeCol");
        choose_type(c, type);
        c->values = calloc(BLOCK, (size_t)c->width);
        c->lengths = calloc(BLOCK, sizeof *c->lengths);
        if (c->values == NULL || c->lengths == NULL) {
            fprintf(stderr, "out of memory\n");
            return EXIT_FAILURE;
        }
        must(SQL_HANDLE_STMT, stmt, SQLBindCol(stmt, (SQLUSMALLINT)(i + 1), c->c_type, c->values, c->width, c->lengths), "SQLBindCol");
    }

    uint64_t rows = 0;
    uint64_t bytes = 0;
    SQLRETURN rc;
    while ((rc = SQLFetch(stmt)) != SQL_NO_DATA) {
        if (rc != SQL_SUCCESS) {
            must(SQL_HANDLE_STMT, stmt, SQL_ERROR, "SQLFetch"); /* SUCCESS_WITH_INFO would mean that something was cut */
        }
        rows += fetched;
        for (SQLSMALLINT i = 0; i < count; i++) {
            for (SQLULEN r = 0; r < fetched; r++) {
                bytes += columns[i].lengths[r] > 0 ? (uint64_t)columns[i].lengths[r] : 0;
            }
        }
    }
    double took = seconds() - start;
    printf("%llu %llu %.3f %ld\n", (unsigned long long)rows, (unsigned long long)bytes, took, peak_kb());

    for (SQLSMALLINT i = 0; i < count; i++) {
        free(columns[i].values);
        free(columns[i].lengths);
    }
    SQLFreeHandle(SQL_HANDLE_STMT, stmt);
    SQLDisconnect(dbc);
    SQLFreeHandle(SQL_HANDLE_DBC, dbc);
    SQLFreeHandle(SQL_HANDLE_ENV, env);
    return EXIT_SUCCESS;
}
