/* SPDX-License-Identifier: Apache-2.0 */
/* Single values of 500 MB, in parts and at once, through both wire formats; results with 1,600 columns; rows of empty strings. */
#include "harness.h"

#include <stdlib.h>

/* Bytes of a big value; a tenth under valgrind, which is fifty times slower. */
static SQLLEN big = 500000000;

/* What stands at byte `i` of the big values: the server makes them of this block. */
static const char block[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-+!?#%&/()=,;:._<>|~*'{}[]@^$`\"x ABCDE"; /* 100 bytes */

#define REPEATED "repeat('0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-+!?#%%&/()=,;:._<>|~*''{}[]@^$`\"x ABCDE', %d)"

static const char *text_value(void)
{
    static char sql[256];
    snprintf(sql, sizeof sql, "select " REPEATED, (int)(big / 100));
    return sql;
}

static const char *bytea_value(void)
{
    static char sql[256];
    snprintf(sql, sizeof sql, "select convert_to(" REPEATED ", 'UTF8')", (int)(big / 100));
    return sql;
}

/* Are `n` bytes of the value, from its byte `from` on, right? */
static bool right(const char *bytes, SQLLEN n, SQLLEN from)
{
    SQLLEN size = (SQLLEN)sizeof block - 1;
    while (n > 0) {
        SQLLEN at = from % size;
        SQLLEN piece = size - at < n ? size - at : n;
        if (memcmp(bytes, block + at, (size_t)piece) != 0) {
            return false;
        }
        bytes += piece;
        from += piece;
        n -= piece;
    }
    return true;
}

/* ---- 500 MB -------------------------------------------------------------------------------------------------------- */

/* Reads column 1 in parts of `room` bytes, up to its end or `most` bytes of it; `unit` 2 for WCHAR. */
static void read_in_parts(SQLHSTMT stmt, SQLSMALLINT c_type, size_t room, SQLLEN unit, SQLLEN most)
{
    char *part = malloc(room);
    char *bytes = malloc(room);
    SQLLEN terminator = c_type == SQL_C_BINARY ? 0 : unit;
    SQLLEN got = 0;
    SQLLEN left = 0;
    bool good = part != NULL && bytes != NULL;
    SQLRETURN rc = SQL_SUCCESS;
    CHECK(good);
    while (good && got < most && (rc = SQLGetData(stmt, 1, c_type, part, (SQLLEN)room, &left)) != SQL_NO_DATA) {
        SQLLEN n = rc == SQL_SUCCESS ? left : (SQLLEN)room - terminator; /* bytes that came */
        good = SQL_SUCCEEDED(rc) && left == (big - got) * unit;
        const char *narrow_part = part;
        if (good && unit == 2) {
            for (SQLLEN i = 0; i < n / 2; i++) {
                SQLWCHAR u;
                memcpy(&u, part + 2 * i, sizeof u);
                good = good && u < 0x80;
                bytes[i] = (char)u;
            }
            narrow_part = bytes;
        }
        good = good && right(narrow_part, n / unit, got);
        got += n / unit;
    }
    CHECK(good);
    if (most > big) {
        CHECK_RC(stmt, rc, SQL_NO_DATA);
        CHECK_INT(got, big);
    }
    free(part);
    free(bytes);
}

static void text_in_parts(void)
{
    struct link l = link_open("");
    query(l.stmt, text_value());
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    read_in_parts(l.stmt, SQL_C_CHAR, 1000001, 1, big + 1);
    read_in_parts(l.stmt, SQL_C_WCHAR, 8000002, 2, big / 20);
    link_close(&l);
}

static void bytea_in_parts(void)
{
    struct link l = link_open("");
    query(l.stmt, bytea_value());
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    read_in_parts(l.stmt, SQL_C_BINARY, 1000000, 1, big + 1);
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));

    /* As text on the wire it is twice as long. */
    query(l.stmt, "select decode(repeat('30313233343536373839', 4000000), 'hex'), 'pg_class'::regclass");
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    char part[16];
    SQLLEN left = 0;
    CHECK_INFO(l.stmt, SQLGetData(l.stmt, 1, SQL_C_BINARY, part, 10, &left), "01004");
    CHECK_INT(left, 40000000);
    CHECK(memcmp(part, "0123456789", 10) == 0);
    CHECK_INFO(l.stmt, SQLGetData(l.stmt, 1, SQL_C_BINARY, part, 10, &left), "01004");
    CHECK_INT(left, 39999990);
    CHECK_INFO(l.stmt, SQLGetData(l.stmt, 1, SQL_C_CHAR, part, 15, &left), "01004");
    CHECK_INT(left, 80000000);
    CHECK_TEXT(part, "30313233343536");
    link_close(&l);
}

/* Into one buffer, beside a second row, with another statement in between. */
static void text_bound(void)
{
    struct link l = link_open("");
    SQLHSTMT other = new_stmt(l.dbc);
    char *buffer = malloc((size_t)big + 1);
    SQLLEN length = 0;
    CHECK(buffer != NULL);
    if (buffer != NULL) {
        char sql[512];
        snprintf(sql, sizeof sql, "%s union all select 'short'", text_value());
        CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_CHAR, buffer, big + 1, &length));
        query(l.stmt, sql);
        CHECK_INT(query_int(other, "select 1"), 1);
        CHECK_OK(l.stmt, SQLFetch(l.stmt));
        CHECK_INT(length, big);
        CHECK(right(buffer, big, 0) && buffer[big] == '\0');
        CHECK_OK(l.stmt, SQLFetch(l.stmt));
        CHECK_INT(length, 5);
        CHECK_TEXT(buffer, "short");
        CHECK_RC(l.stmt, SQLFetch(l.stmt), SQL_NO_DATA);
    }
    free(buffer);
    free_stmt(other);
    link_close(&l);
}

static void bytea_bound(void)
{
    struct link l = link_open("");
    char *buffer = malloc((size_t)big);
    SQLLEN length = 0;
    CHECK(buffer != NULL);
    if (buffer != NULL) {
        CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_BINARY, buffer, big, &length));
        query(l.stmt, bytea_value());
        CHECK_OK(l.stmt, SQLFetch(l.stmt));
        CHECK_INT(length, big);
        CHECK(right(buffer, big, 0));
    }
    free(buffer);
    link_close(&l);
}

/* Values that must be rendered: an array of 30 million digits, read in parts with one rendering. */
static void array_in_parts(void)
{
    struct link l = link_open("");
    static char part[1000001];
    SQLLEN left = 0;
    int64_t commas = 0;
    int64_t total = 0;
    SQLRETURN rc;
    query(l.stmt, "select array(select 7 from generate_series(1, 3000000))");
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    while ((rc = SQLGetData(l.stmt, 1, SQL_C_CHAR, part, sizeof part, &left)) != SQL_NO_DATA && SQL_SUCCEEDED(rc)) {
        size_t n = strlen(part);
        total += (int64_t)n;
        for (size_t i = 0; i < n; i++) {
            commas += part[i] == ',';
        }
    }
    CHECK_RC(l.stmt, rc, SQL_NO_DATA);
    CHECK_INT(total, 3000000 * 2 + 1);
    CHECK_INT(commas, 2999999);
    link_close(&l);
}

/* ---- many columns -------------------------------------------------------------------------------------------------- */

enum { COLUMNS = 1600, BLOCK = 5 };

static void many_columns(void)
{
    struct link l = link_open("");
    static char sql[COLUMNS * 24];
    static SQLINTEGER n[COLUMNS][BLOCK];
    static SQLLEN ind[COLUMNS][BLOCK];
    SQLULEN fetched = 0;
    SQLSMALLINT count = 0;
    size_t used = (size_t)snprintf(sql, sizeof sql, "create temp table wide (");
    for (int i = 1; i <= COLUMNS; i++) {
        used += (size_t)snprintf(sql + used, sizeof sql - used, "%sc%d int", i > 1 ? "," : "", i);
    }
    snprintf(sql + used, sizeof sql - used, ")");
    run(l.stmt, sql);
    run(l.stmt, "do $$ begin for r in 1..7 loop execute 'insert into wide select ' || (select string_agg(case when i % 7 = 0 then 'null' "
                "else (r * 10000 + i)::text end, ',' order by i) from generate_series(1, 1600) i); end loop; end $$");
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_ROW_ARRAY_SIZE, (SQLPOINTER)BLOCK, 0));
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_ROWS_FETCHED_PTR, &fetched, 0));
    for (SQLUSMALLINT i = 1; i <= COLUMNS; i++) {
        SQLRETURN rc = SQLBindCol(l.stmt, i, SQL_C_SLONG, n[i - 1], 0, ind[i - 1]);
        if (rc != SQL_SUCCESS) {
            CHECK_RC(l.stmt, rc, SQL_SUCCESS);
            break;
        }
    }
    query(l.stmt, "select * from wide");
    CHECK_OK(l.stmt, SQLNumResultCols(l.stmt, &count));
    CHECK_INT(count, COLUMNS);
    bool good = true;
    int rows = 0;
    while (SQLFetch(l.stmt) == SQL_SUCCESS) {
        for (SQLULEN r = 0; r < fetched; r++) {
            rows++;
            for (int i = 1; i <= COLUMNS; i++) {
                good = good && (i % 7 == 0 ? ind[i - 1][r] == SQL_NULL_DATA : ind[i - 1][r] == 4 && n[i - 1][r] == rows * 10000 + i);
            }
        }
    }
    CHECK(good);
    CHECK_INT(rows, 7);
    SQLSMALLINT type = 0;
    char name[8];
    CHECK_OK(l.stmt, SQLDescribeCol(l.stmt, COLUMNS, T(name), sizeof name, NULL, &type, NULL, NULL, NULL));
    CHECK_TEXT(name, "c1600");
    CHECK_INT(type, SQL_INTEGER);
    SQLLEN nullable = 0;
    CHECK_OK(l.stmt, SQLColAttribute(l.stmt, COLUMNS, SQL_DESC_NULLABLE, NULL, 0, NULL, &nullable));
    CHECK_INT(nullable, SQL_NULLABLE);
    CHECK_STATE(l.stmt, SQLDescribeCol(l.stmt, COLUMNS + 1, NULL, 0, NULL, NULL, NULL, NULL, NULL), "07009");
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));

    /* And by SQLGetData, from the last to the first. */
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_UNBIND));
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_ROW_ARRAY_SIZE, (SQLPOINTER)1, 0));
    query(l.stmt, "select * from wide");
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    good = true;
    for (SQLUSMALLINT i = COLUMNS; i >= 1; i--) {
        SQLINTEGER value = 0;
        SQLLEN length = 0;
        good = good && SQLGetData(l.stmt, i, SQL_C_SLONG, &value, 0, &length) == SQL_SUCCESS &&
               (i % 7 == 0 ? length == SQL_NULL_DATA : value == 10000 + i);
    }
    CHECK(good);
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));

    /* One more than PostgreSQL can: its own words. */
    used = (size_t)snprintf(sql, sizeof sql, "select 1");
    for (int i = 2; i <= 1665; i++) {
        used += (size_t)snprintf(sql + used, sizeof sql - used, ",%d", i);
    }
    CHECK_STATE(l.stmt, SQLExecDirect(l.stmt, T(sql), SQL_NTS), "HY000");
    CHECK_CONTAINS(diag_message(l.stmt, 1), "54011");
    link_close(&l);
}

/* ---- nothing at all ------------------------------------------------------------------------------------------------ */

static void empty_strings(void)
{
    enum { ROWS = 100 };
    static char text[ROWS][3];
    static SQLWCHAR units[ROWS][2];
    static char bytes[ROWS][2];
    static SQLLEN text_ind[ROWS];
    static SQLLEN units_ind[ROWS];
    static SQLLEN bytes_ind[ROWS];
    struct link l = link_open("");
    SQLULEN fetched = 0;
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_ROW_ARRAY_SIZE, (SQLPOINTER)ROWS, 0));
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_ROWS_FETCHED_PTR, &fetched, 0));
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_CHAR, text, sizeof text[0], text_ind));
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 2, SQL_C_WCHAR, units, sizeof units[0], units_ind));
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 3, SQL_C_BINARY, bytes, sizeof bytes[0], bytes_ind));
    for (int as_text = 0; as_text < 2; as_text++) {
        bool good = true;
        int rows = 0;
        query(l.stmt, as_text ? "select '', ''::varchar(5), ''::bytea, 'pg_class'::regclass from generate_series(1, 1000)"
                              : "select '', ''::varchar(5), ''::bytea from generate_series(1, 1000)");
        memset(text, 'x', sizeof text);
        memset(units, 'x', sizeof units);
        while (SQLFetch(l.stmt) == SQL_SUCCESS) {
            for (SQLULEN i = 0; i < fetched; i++) {
                rows++;
                good = good && text_ind[i] == 0 && units_ind[i] == 0 && bytes_ind[i] == 0 && text[i][0] == '\0' && units[i][0] == 0;
            }
        }
        CHECK(good);
        CHECK_INT(rows, 1000);
        CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    }
    link_close(&l);
}

int main(void)
{
    static const struct test tests[] = {
        {"500 MB of text in parts", text_in_parts},
        {"500 MB of bytea in parts", bytea_in_parts},
        {"500 MB of text bound", text_bound},
        {"500 MB of bytea bound", bytea_bound},
        {"a long array in parts", array_in_parts},
        {"1,600 columns", many_columns},
        {"empty strings", empty_strings},
    };
    if (under_valgrind()) {
        big /= 10;
    }
    return run_tests("big values", tests, COUNT(tests));
}
