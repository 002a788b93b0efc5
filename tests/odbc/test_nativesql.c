/* SPDX-License-Identifier: Apache-2.0 */
/* SQLNativeSql: what comes out, its lengths, and what is refused. That it means the same for every escape is asked in test_escapes.c. */
#include "direct.h"

#include <stdlib.h>

static const char *native(SQLHDBC dbc, const char *sql)
{
    static char out[4096];
    SQLINTEGER length = -1;
    CHECK_OK(dbc, SQLNativeSql(dbc, T(sql), SQL_NTS, T(out), sizeof out, &length));
    CHECK_INT(length, strlen(out));
    return out;
}

static void texts(void)
{
    struct link l = link_open("");
    CHECK_TEXT(native(l.dbc, "select 1"), "select 1");
    CHECK_TEXT(native(l.dbc, ""), "");
    CHECK_TEXT(native(l.dbc, "  select {fn UCASE(?)} ; select '{fn UCASE(?)}', a ?? b;"), "  select pg_catalog.upper(?) ; select '{fn UCASE(?)}', a ?? b;");
    CHECK_TEXT(native(l.dbc, "{call f(?, 1)}"), "SELECT * FROM f(?, 1)");
    CHECK_TEXT(native(l.dbc, "select {d '2024-02-29'}, {fnord 1}"), "select pg_catalog.date '2024-02-29', {fnord 1}");
    /* What it looks for in strings is what the session's setting says at that time. */
    CHECK_TEXT(native(l.dbc, "'\\' {fn UCASE('a')}"), "'\\' pg_catalog.upper('a')");
    run(l.stmt, "set standard_conforming_strings = off");
    CHECK_TEXT(native(l.dbc, "'\\'{fn UCASE(''a'')}'"), "'\\'{fn UCASE(''a'')}'");
    CHECK_STATE(l.dbc, SQLNativeSql(l.dbc, T("'\\' {fn UCASE('a')}"), SQL_NTS, NULL, 0, NULL), "42000");
    link_close(&l);
}

static void lengths(void)
{
    static const char sql[] = "select {fn UCASE('é')}";
    static const char out[] = "select pg_catalog.upper('é')";
    enum { N = sizeof out - 1 };
    struct link l = link_open("");
    char buffer[64];
    SQLWCHAR wbuffer[64];
    SQLINTEGER length = -1;

    CHECK_OK(l.dbc, SQLNativeSql(l.dbc, T(sql), SQL_NTS, T(buffer), N + 1, &length));
    CHECK_TEXT(buffer, out);
    CHECK_INT(length, N);
    CHECK_OK(l.dbc, SQLNativeSql(l.dbc, T(sql), SQL_NTS, NULL, 0, &length));
    CHECK_INT(length, N);
    CHECK_OK(l.dbc, SQLNativeSql(l.dbc, T(sql), SQL_NTS, T(buffer), sizeof buffer, NULL));
    memset(buffer, 'x', sizeof buffer);
    CHECK_INFO(l.dbc, SQLNativeSql(l.dbc, T(sql), SQL_NTS, T(buffer), 7, &length), "01004");
    CHECK_TEXT(buffer, "select");
    CHECK_INT(buffer[7], 'x');
    CHECK_INT(length, N);
    /* The text's length counts, not its end. */
    CHECK_OK(l.dbc, SQLNativeSql(l.dbc, T("select 1{"), 8, T(buffer), sizeof buffer, &length));
    CHECK_TEXT(buffer, "select 1");

    /* Wide: in characters. */
    CHECK_OK(l.dbc, SQLNativeSqlW(l.dbc, wide(sql), SQL_NTS, wbuffer, COUNT(wbuffer), &length));
    CHECK_TEXT(narrow(wbuffer), out);
    CHECK_INT(length, N - 1);
    CHECK_OK(l.dbc, SQLNativeSqlW(l.dbc, wide(sql), SQL_NTS, wbuffer, N, &length));
    memset(wbuffer, 0, sizeof wbuffer);
    CHECK_INFO(l.dbc, SQLNativeSqlW(l.dbc, wide(sql), SQL_NTS, wbuffer, 7, &length), "01004");
    CHECK_TEXT(narrow(wbuffer), "select");
    CHECK_INT(length, N - 1);
    CHECK_OK(l.dbc, SQLNativeSqlW(l.dbc, wide(sql), SQL_NTS, NULL, 0, &length));
    CHECK_INT(length, N - 1);
    link_close(&l);
}

/* The places in messages are characters of the text that was given. */
static void refused(void)
{
    static const struct {
        const char *sql, *state, *message;
    } list[] = {
        {"select 'é', {fn UCASE('a')", "42000", "at character 13 is not closed"},
        {"select 'é', {fn UCASE('a'}", "42000", "Character 26"},
        {"select {d '2024-02'}", "22007", "at character 8"},
        {"select {ts '2024-02-29T10:00:00'}", "22007", "at character 8"},
        {"select {interval '1-12' year to month}", "22015", "at character 8"},
        {"select {interval '5' fortnight}", "42000", "should read"},
        {"select {guid 'x'}", "22018", "at character 8"},
        {"select {fn CONVERT(1, SQL_EON)}", "42000", "Character 23: {fn CONVERT} knows no such type"},
        {"select {fn TIMESTAMPADD(SQL_TSI_EON, 1, a)}", "42000", "Character 25: {fn TIMESTAMPADD} knows no such interval"},
        {"select {fn}", "42000", "at character 8 names no function"},
        {"select {oj a left join b on c", "42000", "at character 8 is not closed"},
        {"a like b {escape '!'", "42000", "at character 10 is not closed"},
        {"{call f(1,,2)}", "07S01", "Character 11"},
        {"select 'x", "42000", "string literal: it begins at character 8"},
        {"select /* x", "42000", "comment: it begins at character 8"},
        {"select $a$ x", "42000", "dollar-quoted string: it begins at character 8"},
    };
    struct link l = link_open("");
    for (size_t i = 0; i < COUNT(list); i++) {
        char buffer[64] = "untouched";
        SQLINTEGER length = -1;
        check_state(l.dbc, SQLNativeSql(l.dbc, T(list[i].sql), SQL_NTS, T(buffer), sizeof buffer, &length), SQL_ERROR, list[i].state, list[i].sql, __FILE__,
                    __LINE__);
        check_contains(diag_message(l.dbc, 1), list[i].message, list[i].sql, __FILE__, __LINE__);
        CHECK_TEXT(buffer, "untouched");
        CHECK_INT(length, -1);
        /* And so when it is executed. */
        check_state(l.stmt, SQLExecDirect(l.stmt, T(list[i].sql), SQL_NTS), SQL_ERROR, list[i].state, list[i].sql, __FILE__, __LINE__);
        check_contains(diag_message(l.stmt, 1), list[i].message, list[i].sql, __FILE__, __LINE__);
    }
    /* Digits that PostgreSQL does not keep. */
    char buffer[64];
    CHECK_INFO(l.dbc, SQLNativeSql(l.dbc, T("{t '23:59:59.9999999'}"), SQL_NTS, T(buffer), sizeof buffer, NULL), "01S07");
    CHECK_TEXT(buffer, "time '23:59:59.999999'");
    link_close(&l);
    /* Before it is connected; other arguments: test_badinput.c. */
    struct link d = direct_open(SQL_OV_ODBC3_80, false);
    DIRECT_STATE(SQL_HANDLE_DBC, d.dbc, DIRECT(SQLNativeSql)(d.dbc, T("select 1"), SQL_NTS, NULL, 0, NULL), "08003");
    direct_close(&d);
}

int main(void)
{
    static const struct test tests[] = {{"texts", texts}, {"lengths", lengths}, {"what is refused", refused}};
    return run_tests("SQLNativeSql", tests, COUNT(tests));
}
