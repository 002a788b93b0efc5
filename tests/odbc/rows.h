/* SPDX-License-Identifier: Apache-2.0 */
/* Whole results as text, for the tests of catalog functions: small enough to be compared with one string. */
#ifndef ALDB_TEST_ROWS_H
#define ALDB_TEST_ROWS_H

#include "harness.h"

#include <stdlib.h>

/*
 * The columns named in `columns` ("3 4": numbers, one blank apart) of all rows: cells joined by "|", rows by "\n", null as "~".
 * Closes the cursor. Static buffer of the latest call.
 */
static inline const char *rows_of(SQLHSTMT stmt, const char *columns)
{
    static char out[1 << 18];
    size_t used = 0;
    bool first_row = true;
    SQLRETURN rc;
    out[0] = '\0';
    while ((rc = SQLFetch(stmt)) == SQL_SUCCESS) {
        used += (size_t)snprintf(out + used, sizeof out - used, "%s", first_row ? "" : "\n");
        first_row = false;
        for (const char *p = columns; *p != '\0';) {
            char *end;
            char cell[2048];
            SQLLEN length = 0;
            SQLUSMALLINT n = (SQLUSMALLINT)strtoul(p, &end, 10);
            CHECK_OK(stmt, SQLGetData(stmt, n, SQL_C_CHAR, cell, sizeof cell, &length));
            used += (size_t)snprintf(out + used, sizeof out - used, "%s%s", p == columns ? "" : "|", length == SQL_NULL_DATA ? "~" : cell);
            p = *end == ' ' ? end + 1 : end;
        }
        if (used >= sizeof out - 4096) {
            CHECK(used < sizeof out - 4096); /* larger than any test expects */
            break;
        }
    }
    CHECK_RC(stmt, rc, SQL_NO_DATA);
    CHECK_OK(stmt, SQLFreeStmt(stmt, SQL_CLOSE));
    return out;
}

/* How many rows are left; closes the cursor. */
static inline int64_t count_rows(SQLHSTMT stmt)
{
    int64_t n = 0;
    SQLRETURN rc;
    while ((rc = SQLFetch(stmt)) == SQL_SUCCESS) {
        n++;
    }
    CHECK_RC(stmt, rc, SQL_NO_DATA);
    CHECK_OK(stmt, SQLFreeStmt(stmt, SQL_CLOSE));
    return n;
}

/* What an application sees of a result column before it fetches: "NAME type nullable". */
struct shape {
    const char *name;
    SQLSMALLINT type;
    SQLSMALLINT nullable;
};

static inline void check_shape(SQLHSTMT stmt, const struct shape *wanted, size_t count)
{
    SQLSMALLINT columns = -1;
    CHECK_OK(stmt, SQLNumResultCols(stmt, &columns));
    CHECK_INT(columns, count);
    for (SQLUSMALLINT i = 1; i <= count && i <= columns; i++) {
        SQLCHAR name[64];
        SQLSMALLINT length = 0;
        SQLSMALLINT type = 0;
        SQLSMALLINT digits = 0;
        SQLSMALLINT nullable = 0;
        SQLULEN size = 0;
        CHECK_OK(stmt, SQLDescribeCol(stmt, i, name, sizeof name, &length, &type, &size, &digits, &nullable));
        CHECK_TEXT(name, wanted[i - 1].name);
        CHECK_INT(length, strlen(wanted[i - 1].name));
        CHECK_INT(type, wanted[i - 1].type);
        CHECK_INT(nullable, wanted[i - 1].nullable);
        CHECK(size > 0);
    }
}

#endif
