/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes rows as applications do, in one transaction: arrays of a thousand sets of parameters, or an execution a row.
 * Usage: odbc_write insert|single|update|delete|upsert ROWS CONNECTION-STRING
 * Prints one line: as usage.h says; the time is that from SQLPrepare to the end of the commit, the check sum is what SQLRowCount added up to.
 */
#include "odbc.h"
#include "usage.h"
#include "write.h"

static SQLBIGINT ids[BLOCK];
static SQLINTEGER ns[BLOCK];
static char names[BLOCK][NAME_ROOM];
static SQLLEN lengths[BLOCK];
static SQL_TIMESTAMP_STRUCT ats[BLOCK];

static void fill(long long first, size_t rows)
{
    for (size_t i = 0; i < rows; i++) {
        long long id = first + (long long)i;
        int second = second_of(id);
        ids[i] = id;
        ns[i] = n_of(id);
        lengths[i] = name_of(id, names[i]);
        ats[i] = (SQL_TIMESTAMP_STRUCT){2020, 1, (SQLUSMALLINT)day_of(id), (SQLUSMALLINT)(second / 3600), (SQLUSMALLINT)(second / 60 % 60),
                                        (SQLUSMALLINT)(second % 60), 0};
    }
}

static void bind(SQLHSTMT stmt, SQLUSMALLINT n, SQLSMALLINT c_type, SQLSMALLINT sql_type, SQLULEN size, SQLSMALLINT digits, SQLPOINTER values, SQLLEN room, SQLLEN *length)
{
    must(SQL_HANDLE_STMT, stmt, SQLBindParameter(stmt, n, SQL_PARAM_INPUT, c_type, sql_type, size, digits, values, room, length), "SQLBindParameter");
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: %s insert|single|update|delete|upsert ROWS CONNECTION-STRING\n", argv[0]);
        return EXIT_FAILURE;
    }
    const struct work *work = work_named(argv[1]);
    long long rows = strtoll(argv[2], NULL, 10);
    size_t block = strcmp(work->name, "single") == 0 ? 1 : BLOCK;
    SQLHENV env = new_env();
    SQLHDBC dbc = open_connection(env, argv[3]);
    SQLHSTMT stmt;
    uint64_t affected = 0;
    must(SQL_HANDLE_DBC, dbc, SQLSetConnectAttr(dbc, SQL_ATTR_AUTOCOMMIT, (SQLPOINTER)SQL_AUTOCOMMIT_OFF, 0), "SQLSetConnectAttr");
    must(SQL_HANDLE_DBC, dbc, SQLAllocHandle(SQL_HANDLE_STMT, dbc, &stmt), "SQLAllocHandle");

    struct usage start = usage_now();
    must(SQL_HANDLE_STMT, stmt, SQLPrepare(stmt, (SQLCHAR *)(uintptr_t)work->odbc, SQL_NTS), "SQLPrepare");
    bind(stmt, 1, SQL_C_SBIGINT, SQL_BIGINT, 0, 0, ids, 0, NULL);
    if (work->parameters > 1) {
        bind(stmt, 2, SQL_C_SLONG, SQL_INTEGER, 0, 0, ns, 0, NULL);
        bind(stmt, 3, SQL_C_CHAR, SQL_VARCHAR, 60, 0, names, NAME_ROOM, lengths);
        bind(stmt, 4, SQL_C_TYPE_TIMESTAMP, SQL_TYPE_TIMESTAMP, 26, 6, ats, 0, NULL);
    }
    for (long long first = 1; first <= rows; first += (long long)block) {
        size_t count = (size_t)(rows - first + 1) < block ? (size_t)(rows - first + 1) : block;
        if (first == 1 || count != block) {
            must(SQL_HANDLE_STMT, stmt, SQLSetStmtAttr(stmt, SQL_ATTR_PARAMSET_SIZE, (SQLPOINTER)(uintptr_t)count, 0), "SQLSetStmtAttr");
        }
        fill(first, count);
        must(SQL_HANDLE_STMT, stmt, SQLExecute(stmt), "SQLExecute");
        SQLLEN n = 0;
        do {
            must(SQL_HANDLE_STMT, stmt, SQLRowCount(stmt, &n), "SQLRowCount");
            affected += (uint64_t)n;
        } while (block > 1 && SQLMoreResults(stmt) == SQL_SUCCESS); /* psqlODBC counts each set by itself */
    }
    must(SQL_HANDLE_DBC, dbc, SQLEndTran(SQL_HANDLE_DBC, dbc, SQL_COMMIT), "SQLEndTran");
    usage_print((unsigned long long)rows, affected, usage_since(start), NULL);

    SQLFreeHandle(SQL_HANDLE_STMT, stmt);
    close_connection(dbc);
    SQLFreeHandle(SQL_HANDLE_ENV, env);
    return EXIT_SUCCESS;
}
