/* SPDX-License-Identifier: Apache-2.0 */
/* What the ODBC programs share: errors end them, and columns are bound to their natural C type. */
#ifndef BENCH_ODBC_H
#define BENCH_ODBC_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <sql.h>
#include <sqlext.h>

enum { COLUMNS_MAX = 256 };

struct column {
    SQLSMALLINT sql_type, c_type;
    SQLLEN width; /* bytes of one value's buffer */
    unsigned char *values;
    SQLLEN *lengths;
};

static inline void must(SQLSMALLINT kind, SQLHANDLE handle, SQLRETURN rc, const char *what)
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

static inline SQLHENV new_env(void)
{
    SQLHENV env;
    must(SQL_HANDLE_ENV, NULL, SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &env), "SQLAllocHandle");
    must(SQL_HANDLE_ENV, env, SQLSetEnvAttr(env, SQL_ATTR_ODBC_VERSION, (SQLPOINTER)(intptr_t)SQL_OV_ODBC3_80, 0), "SQLSetEnvAttr");
    return env;
}

static inline SQLHDBC open_connection(SQLHENV env, const char *text)
{
    SQLHDBC dbc;
    must(SQL_HANDLE_ENV, env, SQLAllocHandle(SQL_HANDLE_DBC, env, &dbc), "SQLAllocHandle");
    must(SQL_HANDLE_DBC, dbc, SQLDriverConnect(dbc, NULL, (SQLCHAR *)(uintptr_t)text, SQL_NTS, NULL, 0, NULL, SQL_DRIVER_NOPROMPT),
         "SQLDriverConnect");
    return dbc;
}

static inline void close_connection(SQLHDBC dbc)
{
    must(SQL_HANDLE_DBC, dbc, SQLDisconnect(dbc), "SQLDisconnect");
    must(SQL_HANDLE_DBC, dbc, SQLFreeHandle(SQL_HANDLE_DBC, dbc), "SQLFreeHandle");
}

static inline void choose_type(struct column *c, SQLSMALLINT sql_type, SQLLEN text_size)
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
    *c = (struct column){.sql_type = sql_type, .c_type = SQL_C_CHAR, .width = text_size};
    for (size_t i = 0; i < sizeof natural / sizeof natural[0]; i++) {
        if (natural[i].sql_type == sql_type) {
            c->c_type = natural[i].c_type;
            c->width = natural[i].width;
        }
    }
}

/* Buffers for `rows` rows at a time of all columns of the result, texts with `text_size` characters each; returns how many columns there are. */
static inline SQLSMALLINT make_columns(SQLHSTMT stmt, struct column columns[COLUMNS_MAX], size_t rows, SQLLEN text_size, int wide)
{
    SQLSMALLINT count = 0;
    must(SQL_HANDLE_STMT, stmt, SQLNumResultCols(stmt, &count), "SQLNumResultCols");
    if (count > COLUMNS_MAX) {
        fprintf(stderr, "more than %d columns\n", COLUMNS_MAX);
        exit(EXIT_FAILURE);
    }
    for (SQLSMALLINT i = 0; i < count; i++) {
        SQLSMALLINT type;
        struct column *c = &columns[i];
        must(SQL_HANDLE_STMT, stmt, SQLDescribeCol(stmt, (SQLUSMALLINT)(i + 1), NULL, 0, NULL, &type, NULL, NULL, NULL), "SQLDescribeCol");
        choose_type(c, type, text_size);
        if (wide) {
            c->c_type = SQL_C_WCHAR;
            c->width = text_size * (SQLLEN)sizeof(SQLWCHAR);
        }
        c->values = calloc(rows, (size_t)c->width);
        c->lengths = calloc(rows, sizeof *c->lengths);
        if (c->values == NULL || c->lengths == NULL) {
            fprintf(stderr, "out of memory\n");
            exit(EXIT_FAILURE);
        }
    }
    return count;
}

static inline void bind_columns(SQLHSTMT stmt, struct column columns[COLUMNS_MAX], SQLSMALLINT count)
{
    for (SQLSMALLINT i = 0; i < count; i++) {
        struct column *c = &columns[i];
        must(SQL_HANDLE_STMT, stmt, SQLBindCol(stmt, (SQLUSMALLINT)(i + 1), c->c_type, c->values, c->width, c->lengths), "SQLBindCol");
    }
}

static inline uint64_t sum_lengths(const struct column *columns, SQLSMALLINT count, size_t rows)
{
    uint64_t bytes = 0;
    for (SQLSMALLINT i = 0; i < count; i++) {
        for (size_t r = 0; r < rows; r++) {
            bytes += columns[i].lengths[r] > 0 ? (uint64_t)columns[i].lengths[r] : 0;
        }
    }
    return bytes;
}

static inline void free_columns(struct column *columns, SQLSMALLINT count)
{
    for (SQLSMALLINT i = 0; i < count; i++) {
        free(columns[i].values);
        free(columns[i].lengths);
    }
}

#endif
