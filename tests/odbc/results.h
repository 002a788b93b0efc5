/* SPDX-License-Identifier: Apache-2.0 */
/* What tests ask of a result again and again. Each is a check, too. */
#ifndef ALDB_TEST_RESULTS_H
#define ALDB_TEST_RESULTS_H

#include "harness.h"

static inline SQLSMALLINT result_columns(SQLHSTMT stmt)
{
    SQLSMALLINT n = -4711;
    CHECK_OK(stmt, SQLNumResultCols(stmt, &n));
    return n;
}

/* A numeric field of SQLColAttribute, all of which must be written. */
static inline SQLLEN column_attribute(SQLHSTMT stmt, SQLUSMALLINT column, SQLUSMALLINT field)
{
    SQLLEN number = 0x5555555555555555;
    CHECK_OK(stmt, SQLColAttribute(stmt, column, field, NULL, 0, NULL, &number));
    return number;
}

/* The first column of the next row. */
static inline SQLINTEGER fetch_int(SQLHSTMT stmt)
{
    SQLINTEGER n = -4711;
    CHECK_OK(stmt, SQLFetch(stmt));
    CHECK_OK(stmt, SQLGetData(stmt, 1, SQL_C_SLONG, &n, 0, NULL));
    return n;
}

/* Rows of a table, by a statement of its own. */
static inline int64_t count_of(SQLHDBC dbc, const char *table)
{
    char sql[128];
    SQLHSTMT stmt = new_stmt(dbc);
    snprintf(sql, sizeof sql, "select count(*) from %s", table);
    int64_t n = query_int(stmt, sql);
    free_stmt(stmt);
    return n;
}

#endif
