/* SPDX-License-Identifier: Apache-2.0 */
/* SQLGetCursorName and SQLSetCursorName: names that are given, and those that were made up; buffers; states. */
#include "harness.h"

static void names(void)
{
    struct link l = link_open("");
    SQLHSTMT s = l.stmt;
    SQLHSTMT other = new_stmt(l.dbc);
    char name[32];
    char name2[32];
    SQLSMALLINT length = 0;
    CHECK_OK(s, SQLGetCursorName(s, T(name), sizeof name, &length));
    CHECK(strncmp(name, "SQL_CUR", 7) == 0);
    CHECK_INT(length, (SQLSMALLINT)strlen(name));
    CHECK_OK(other, SQLGetCursorName(other, T(name2), sizeof name2, NULL));
    CHECK(strcmp(name, name2) != 0);
    CHECK_OK(s, SQLSetCursorName(s, T("mine and more"), 4));
    CHECK_OK(s, SQLGetCursorName(s, T(name), sizeof name, &length));
    CHECK_TEXT(name, "mine");
    CHECK_INFO(s, SQLGetCursorName(s, T(name), 3, &length), "01004");
    CHECK_TEXT(name, "mi");
    CHECK_INT(length, 4);
    CHECK_OK(s, SQLGetCursorName(s, NULL, 0, &length));
    CHECK_INT(length, 4);
    SQLWCHAR wname[32];
    CHECK_OK(s, SQLGetCursorNameW(s, wname, COUNT(wname), &length));
    CHECK_TEXT(narrow(wname), "mine");
    CHECK_STATE(other, SQLSetCursorName(other, T("mine"), SQL_NTS), "3C000");
    CHECK_STATE(other, SQLSetCursorName(other, T("SQL_CUR1"), SQL_NTS), "34000");
    CHECK_STATE(other, SQLSetCursorName(other, T("SQLCURx"), SQL_NTS), "34000");
    CHECK_STATE(other, SQLSetCursorName(other, T(""), SQL_NTS), "34000");
    char longer[80];
    memset(longer, 'c', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    CHECK_STATE(other, SQLSetCursorName(other, T(longer), SQL_NTS), "34000");
    CHECK_OK(other, SQLSetCursorNameW(other, wide("gr\xC3\xBC\xC3\x9F"), SQL_NTS));
    CHECK_OK(other, SQLGetCursorName(other, T(name), sizeof name, NULL));
    CHECK_TEXT(name, "gr\xC3\xBC\xC3\x9F");
    query(s, "select 1");
    CHECK_STATE(s, SQLSetCursorName(s, T("late"), SQL_NTS), "24000");
    CHECK_OK(s, SQLCloseCursor(s));
    CHECK_OK(s, SQLGetCursorName(s, T(name), sizeof name, NULL));
    CHECK_TEXT(name, "mine"); /* until the statement goes */
    free_stmt(s);
    l.stmt = new_stmt(l.dbc);
    CHECK_OK(l.stmt, SQLSetCursorName(l.stmt, T("mine"), SQL_NTS));
    free_stmt(other);
    link_close(&l);
}

int main(void)
{
    static const struct test tests[] = {{"names of cursors", names}};
    return run_tests("SQLGetCursorName and SQLSetCursorName", tests, COUNT(tests));
}
