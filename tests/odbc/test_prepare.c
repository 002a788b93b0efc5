/* SPDX-License-Identifier: Apache-2.0 */
/* SQLPrepare: how many parameters there may be, and what is known of a statement before it runs. */
#include "harness.h"

#include <stdlib.h>

/* ---- many markers -------------------------------------------------------------------------------------------------- */

/* `head`, then `n` times `item` with commas between, then `tail`. The caller frees it. */
static char *list(const char *head, const char *item, unsigned n, const char *tail)
{
    size_t room = strlen(head) + n * (strlen(item) + 1) + strlen(tail) + 1;
    char *text = malloc(room);
    size_t used = (size_t)snprintf(text, room, "%s", head);
    for (unsigned i = 0; i < n; i++) {
        used += (size_t)snprintf(text + used, room - used, "%s%s", i ? "," : "", item);
    }
    snprintf(text + used, room - used, "%s", tail);
    return text;
}

static void bind_ints(SQLHSTMT stmt, SQLUSMALLINT n, SQLINTEGER *value)
{
    for (SQLUSMALLINT i = 1; i <= n; i++) {
        if (SQLBindParameter(stmt, i, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, value, 0, NULL) != SQL_SUCCESS) {
            CHECK_OK(stmt, SQL_ERROR);
            return;
        }
    }
}

/* PostgreSQL takes 65,535 parameters, ODBC's descriptors 32,767; older libpq describes 7,498 (test_many_params.c). */
static void many_markers(void)
{
    static const unsigned counts[] = {1, 7498, 7499, 32767};
    struct link l = link_open("");
    SQLINTEGER value = 7;
    SQLSMALLINT n = 0;
    for (size_t i = 0; i < COUNT(counts); i++) {
        char *text = list("select 5 where 7 in (", "?", counts[i], ")");
        CHECK_OK(l.stmt, SQLPrepare(l.stmt, T(text), SQL_NTS));
        CHECK_OK(l.stmt, SQLNumParams(l.stmt, &n));
        CHECK_INT(n, counts[i]);
        SQLSMALLINT type = 0;
        CHECK_OK(l.stmt, SQLDescribeParam(l.stmt, (SQLUSMALLINT)counts[i], &type, NULL, NULL, NULL));
        CHECK_INT(type, SQL_INTEGER);
        if (counts[i] <= 7498) {
            CHECK_OK(l.stmt, SQLNumResultCols(l.stmt, &n));
            CHECK_INT(n, 1);
        }
        bind_ints(l.stmt, (SQLUSMALLINT)counts[i], &value);
        for (int again = 0; again < 2; again++) {
            CHECK_OK(l.stmt, SQLExecute(l.stmt));
            CHECK_OK(l.stmt, SQLNumResultCols(l.stmt, &n));
            CHECK_INT(n, 1);
            CHECK_OK(l.stmt, SQLFetch(l.stmt));
            CHECK_RC(l.stmt, SQLFetch(l.stmt), SQL_NO_DATA);
            CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
        }
        CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_RESET_PARAMS));
        free(text);
    }
    static const unsigned refused[] = {32768, 65535, 65536};
    for (size_t i = 0; i < COUNT(refused); i++) {
        char *text = list("select 5 where 7 in (", "?", refused[i], ")");
        CHECK_STATE(l.stmt, SQLPrepare(l.stmt, T(text), SQL_NTS), "42000");
        free(text);
    }
    /* Together, too. */
    char *first = list("select 1 where 7 in (", "?", 20000, "); select 2 where 7 in (");
    char *both = list(first, "?", 12768, ")");
    CHECK_STATE(l.stmt, SQLPrepare(l.stmt, T(both), SQL_NTS), "42000");
    CHECK_STATE(l.stmt, SQLBindParameter(l.stmt, 32768, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, &value, 0, NULL), "07009");
    free(first);
    free(both);
    CHECK_INT(query_int(l.stmt, "select 6"), 6);
    link_close(&l);
}

/* The kind of INSERT that tools make of a thousand rows: beyond what can be described, with every kind of value. */
static void many_values(void)
{
    enum { ROWS = 1000, COLUMNS = 10 };
    struct link l = link_open("");
    SQLHSTMT s = l.stmt;
    SQLINTEGER i4 = 7;
    SQLDOUBLE f8 = 1.5;
    unsigned char bit = 1;
    SQL_DATE_STRUCT day = {2020, 2, 29};
    SQL_TIMESTAMP_STRUCT at = {2020, 1, 2, 3, 4, 5, 600000000};
    SQLGUID guid = {1, 2, 3, {1, 2, 3, 4, 5, 6, 7, 8}};
    char text[] = "\xc3\xa9";
    char bytes[] = {0, 1, 2};
    char exact[] = "12.345";
    char json[] = "{\"a\": 1}";
    SQLLEN three = sizeof bytes;
    SQLLEN null = SQL_NULL_DATA;
    SQLLEN rows = 0;
    run(s, "create temp table many (a int, b text, c bytea, d date, e numeric, f bool, g float8, h timestamp, i uuid, j jsonb)");
    char *insert = list("insert into many values ", "(?,?,?,?,?,?,?,?,?,?)", ROWS, "");
    for (int i = 0; i < ROWS; i++) {
        const struct {
            SQLSMALLINT c_type, sql_type;
            void *data;
            SQLLEN *length;
        } bound[COLUMNS] = {
            {SQL_C_SLONG, SQL_INTEGER, &i4, NULL},
            {SQL_C_CHAR, SQL_VARCHAR, text, i % 3 ? NULL : &null},
            {SQL_C_BINARY, SQL_VARBINARY, bytes, &three},
            {SQL_C_TYPE_DATE, SQL_TYPE_DATE, &day, NULL},
            {SQL_C_CHAR, SQL_NUMERIC, exact, NULL},
            {SQL_C_BIT, SQL_BIT, &bit, NULL},
            {SQL_C_DOUBLE, SQL_DOUBLE, &f8, NULL},
            {SQL_C_TYPE_TIMESTAMP, SQL_TYPE_TIMESTAMP, &at, NULL},
            {SQL_C_GUID, SQL_GUID, &guid, NULL},
            {SQL_C_CHAR, SQL_LONGVARCHAR, json, NULL},
        };
        for (int k = 0; k < COLUMNS; k++) {
            CHECK_OK(s, SQLBindParameter(s, (SQLUSMALLINT)(i * COLUMNS + k + 1), SQL_PARAM_INPUT, bound[k].c_type, bound[k].sql_type, 26, 3,
                                         bound[k].data, 0, bound[k].length));
        }
    }
    CHECK_OK(s, SQLPrepare(s, T(insert), SQL_NTS));
    SQLSMALLINT columns = -1;
    CHECK_OK(s, SQLNumResultCols(s, &columns));
    CHECK_INT(columns, 0);
    CHECK_OK(s, SQLExecute(s));
    CHECK_OK(s, SQLRowCount(s, &rows));
    CHECK_INT(rows, ROWS);
    CHECK_OK(s, SQLExecDirect(s, T(insert), SQL_NTS));
    CHECK_OK(s, SQLFreeStmt(s, SQL_RESET_PARAMS));
    CHECK_TEXT(query_text(s, "select count(*) || ' ' || count(b) || ' ' || min(b) || ' ' || min(encode(c, 'hex')) || ' ' || max(d) || ' ' || sum(e)"
                             " || ' ' || bool_and(f) || ' ' || sum(g) || ' ' || min(h) || ' ' || min(i::text) || ' ' || min(j::text) from many"),
               "2000 1332 \xc3\xa9 000102 2020-02-29 24690.000 true 3000 2020-01-02 03:04:05.6 00000001-0002-0003-0102-030405060708 {\"a\": 1}");
    free(insert);
    link_close(&l);
}

/* ---- standard_conforming_strings ----------------------------------------------------------------------------------- */

static const char *execute_text(SQLHSTMT stmt)
{
    static char text[64];
    text[0] = '\0';
    CHECK_OK(stmt, SQLExecute(stmt));
    CHECK_OK(stmt, SQLFetch(stmt));
    CHECK_OK(stmt, SQLGetData(stmt, 1, SQL_C_CHAR, text, sizeof text, NULL));
    CHECK_OK(stmt, SQLFreeStmt(stmt, SQL_CLOSE));
    return text;
}

static void set_strings(SQLHSTMT stmt, const char *value)
{
    char sql[96];
    snprintf(sql, sizeof sql, "select set_config('standard_conforming_strings', '%s', false)", value);
    run(stmt, sql);
}

/* A prepared text means what the setting makes of it when it is used, as one that is executed directly does. */
static void strings(void)
{
    struct link l = link_open("");
    SQLHSTMT other = new_stmt(l.dbc);
    SQLSMALLINT n = -1;
    char value[] = "-";
    run(other, "set escape_string_warning = off");
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 1, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, 10, 0, value, 0, NULL));
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("select 'a\\\\b' || ?"), SQL_NTS));
    CHECK_TEXT(execute_text(l.stmt), "a\\\\b-");
    set_strings(other, "off");
    CHECK_TEXT(execute_text(l.stmt), "a\\b-");
    set_strings(other, "on");
    CHECK_TEXT(execute_text(l.stmt), "a\\\\b-");
    set_strings(other, "off");
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("select 'a\\\\b' || ?"), SQL_NTS)); /* no plan of the other meaning */
    CHECK_TEXT(execute_text(l.stmt), "a\\b-");

    /* What is a marker under one is in a string under the other. */
    set_strings(other, "on");
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("select 'a\\' || ? || ' or ''1'"), SQL_NTS));
    CHECK_OK(l.stmt, SQLNumParams(l.stmt, &n));
    CHECK_INT(n, 1);
    set_strings(other, "off");
    CHECK_STATE(l.stmt, SQLExecute(l.stmt), "42000");
    CHECK_CONTAINS(diag_message(l.stmt, 1), "character 29");
    CHECK_STATE(l.stmt, SQLNumResultCols(l.stmt, &n), "42000");
    set_strings(other, "on");
    CHECK_TEXT(execute_text(l.stmt), "a\\- or '1");
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_RESET_PARAMS));
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("select 'x\\' || ?::text --'"), SQL_NTS));
    CHECK_OK(l.stmt, SQLNumParams(l.stmt, &n));
    CHECK_INT(n, 1);
    CHECK_OK(l.stmt, SQLDescribeParam(l.stmt, 1, &n, NULL, NULL, NULL));
    set_strings(other, "off");
    CHECK_OK(l.stmt, SQLNumParams(l.stmt, &n));
    CHECK_INT(n, 0);
    CHECK_TEXT(execute_text(l.stmt), "x' || ?::text --");
    free_stmt(other);
    link_close(&l);
}

int main(void)
{
    static const struct test tests[] = {
        {"many markers", many_markers},
        {"many values", many_values},
        {"standard_conforming_strings", strings},
    };
    return run_tests("SQLPrepare", tests, COUNT(tests));
}
