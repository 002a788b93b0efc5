/* SPDX-License-Identifier: Apache-2.0 */
/* UPDATE and DELETE … WHERE CURRENT OF a cursor of another statement. */
#include "rows.h"

#include <pthread.h>

static void set(SQLHSTMT stmt, SQLINTEGER attribute, SQLULEN value)
{
    CHECK_OK(stmt, SQLSetStmtAttr(stmt, attribute, (SQLPOINTER)value, 0));
}

/* l.stmt has the cursor, called `name` if that is given; *change is the statement that changes its rows. */
static struct link open_cursor(const char *table, SQLULEN type, const char *name, SQLHSTMT *change)
{
    struct link l = link_open("");
    char text[200];
    snprintf(text, sizeof text, "create temp table %s (id int primary key, name text)", table);
    run(l.stmt, text);
    snprintf(text, sizeof text, "insert into %s select g, 'one ' || g from generate_series(1, 5) g", table);
    run(l.stmt, text);
    *change = new_stmt(l.dbc);
    set(l.stmt, SQL_ATTR_CURSOR_TYPE, type);
    set(l.stmt, SQL_ATTR_CONCURRENCY, SQL_CONCUR_ROWVER);
    if (name) {
        CHECK_OK(l.stmt, SQLSetCursorName(l.stmt, T(name), SQL_NTS));
    }
    snprintf(text, sizeof text, "select id, name from %s order by id for update", table);
    CHECK_OK(l.stmt, SQLExecDirect(l.stmt, T(text), SQL_NTS));
    return l;
}

static const char *text_of(SQLHSTMT stmt)
{
    static char text[40];
    CHECK_OK(stmt, SQLGetData(stmt, 2, SQL_C_CHAR, text, sizeof text, NULL));
    return text;
}

static void update_and_delete(void)
{
    static const SQLULEN types[] = {SQL_CURSOR_FORWARD_ONLY, SQL_CURSOR_STATIC, SQL_CURSOR_KEYSET_DRIVEN};
    static const char *const names[] = {NULL, "mine", "\"Mine Too\""};
    for (size_t i = 0; i < COUNT(types); i++) {
        SQLHSTMT change;
        struct link l = open_cursor("positioned_one", types[i], names[i], &change);
        char sql[200], name[64];
        SQLCHAR function[40];
        SQLINTEGER code = 0;
        CHECK_OK(l.stmt, SQLGetCursorName(l.stmt, T(name), sizeof name, NULL));
        CHECK_OK(l.stmt, SQLFetch(l.stmt));
        CHECK_OK(l.stmt, SQLFetch(l.stmt));
        snprintf(sql, sizeof sql, "update positioned_one set name = 'new' where current of %s", name);
        CHECK_OK(change, SQLExecDirect(change, T(sql), SQL_NTS));
        CHECK_INT(row_count(change), 1);
        CHECK_OK(change, SQLExecDirect(change, T(sql), SQL_NTS)); /* the cursor knows the new version */
        CHECK_OK(change, SQLGetDiagField(SQL_HANDLE_STMT, change, 0, SQL_DIAG_DYNAMIC_FUNCTION, function, sizeof function, NULL));
        CHECK_TEXT(function, "DYNAMIC UPDATE CURSOR");
        CHECK_OK(change, SQLGetDiagField(SQL_HANDLE_STMT, change, 0, SQL_DIAG_DYNAMIC_FUNCTION_CODE, &code, 0, NULL));
        CHECK_INT(code, SQL_DIAG_DYNAMIC_UPDATE_CURSOR);
        CHECK_TEXT(query_text(change, "select string_agg(name, ',' order by id) from positioned_one"), "one 1,new,one 3,one 4,one 5");
        CHECK_TEXT(text_of(l.stmt), "new");
        CHECK_OK(l.stmt, SQLFetch(l.stmt));
        CHECK_TEXT(text_of(l.stmt), "one 3");
        snprintf(sql, sizeof sql, "DELETE FROM positioned_one -- this row\n WHERE CURRENT OF %s /* ! */", name);
        CHECK_OK(change, SQLExecDirect(change, T(sql), SQL_NTS));
        CHECK_TEXT(query_text(change, "select string_agg(id::text, ',' order by id) from positioned_one"), "1,2,4,5");
        CHECK_STATE(change, SQLExecDirect(change, T(sql), SQL_NTS), "24000"); /* it is on no row any more */
        CHECK_OK(l.stmt, SQLFetch(l.stmt));
        CHECK_TEXT(text_of(l.stmt), "one 4");
        link_close(&l);
    }
}

/* Prepared, with parameters, by column and moved by an offset, and in parts. */
static void parameters(void)
{
    SQLHSTMT change;
    struct link l = open_cursor("positioned_par", SQL_CURSOR_STATIC, "rows_here", &change);
    struct {
        SQLLEN length;
        char text[20];
    } values[3] = {{SQL_NTS, "first"}, {SQL_NTS, "second"}, {SQL_DATA_AT_EXEC, ""}};
    SQLLEN offset = 0;
    SQLPOINTER token = NULL;
    SQLSMALLINT n = 0;
    CHECK_OK(change, SQLPrepare(change, T("update positioned_par set name = ? || {fn ucase(?)} where current of ROWS_HERE"), SQL_NTS));
    CHECK_OK(change, SQLNumParams(change, &n));
    CHECK_INT(n, 2);
    CHECK_OK(change, SQLBindParameter(change, 1, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, 20, 0, values[0].text, sizeof values[0].text, &values[0].length));
    CHECK_OK(change, SQLBindParameter(change, 2, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, 20, 0, values[0].text, sizeof values[0].text, &values[0].length));
    set(change, SQL_ATTR_PARAM_BIND_OFFSET_PTR, (SQLULEN)(uintptr_t)&offset);
    for (int i = 0; i < 2; i++) {
        CHECK_OK(l.stmt, SQLFetch(l.stmt));
        offset = i * (SQLLEN)sizeof values[0];
        CHECK_OK(change, SQLExecute(change));
        CHECK_TEXT(text_of(l.stmt), i ? "secondSECOND" : "firstFIRST");
    }
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    offset = 2 * (SQLLEN)sizeof values[0];
    CHECK_RC(change, SQLExecute(change), SQL_NEED_DATA);
    for (int i = 0; i < 2; i++) {
        CHECK_RC(change, SQLParamData(change, &token), SQL_NEED_DATA);
        CHECK(token == values[2].text);
        CHECK_OK(change, SQLPutData(change, T(i ? "b" : "a"), SQL_NTS));
    }
    CHECK_OK(change, SQLParamData(change, &token));
    CHECK_TEXT(text_of(l.stmt), "aB");
    /* An array has no place here. */
    set(change, SQL_ATTR_PARAMSET_SIZE, 2);
    offset = 0;
    CHECK_STATE(change, SQLExecute(change), "HYC00");
    link_close(&l);
}

static void refusals(void)
{
    SQLHSTMT change;
    struct link l = open_cursor("positioned_bad", SQL_CURSOR_KEYSET_DRIVEN, "good", &change);
    SQLHSTMT third = new_stmt(l.dbc);
    static const char sql[] = "update positioned_bad set name = 'x' where current of good";
    CHECK_STATE(change, SQLExecDirect(change, T("delete from positioned_bad where current of nobody"), SQL_NTS), "34000");
    CHECK_CONTAINS(diag_message(change, 1), "nobody");
    CHECK_STATE(change, SQLExecDirect(change, T(sql), SQL_NTS), "24000"); /* nothing fetched */
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    /* Another table than the cursor's, a column that is not there, a value that does not fit: the row stays. */
    run(third, "create temp table positioned_else (id int primary key, name text)");
    run(third, "insert into positioned_else values (1, 'else')");
    CHECK_STATE(change, SQLExecDirect(change, T("update positioned_else set name = 'x' where current of good"), SQL_NTS), "01001");
    CHECK_STATE(change, SQLExecDirect(change, T("update positioned_bad set nothing = 'x' where current of good"), SQL_NTS), "42S22");
    CHECK_STATE(change, SQLExecDirect(change, T("update positioned_bad set id = 2 where current of good"), SQL_NTS), "23000");
    CHECK_TEXT(query_text(third, "select name from positioned_else"), "else");
    /* Changed by others meanwhile. */
    run(third, "update positioned_bad set name = 'theirs' where id = 1");
    CHECK_STATE(change, SQLExecDirect(change, T(sql), SQL_NTS), "01001");
    CHECK_TEXT(query_text(third, "select name from positioned_bad where id = 1"), "theirs");
    CHECK_OK(l.stmt, SQLSetPos(l.stmt, 1, SQL_REFRESH, SQL_LOCK_NO_CHANGE));
    CHECK_OK(change, SQLExecDirect(change, T(sql), SQL_NTS));
    CHECK_TEXT(query_text(third, "select name from positioned_bad where id = 1"), "x");
    /* Where CURRENT OF stands elsewhere, or the text goes on, it is PostgreSQL's. */
    CHECK_OK(change, SQLExecDirect(change, T("update positioned_bad set name = 'current of good' where id = 5"), SQL_NTS));
    CHECK_INT(row_count(change), 1);
    CHECK_STATE(change, SQLExecDirect(change, T("update positioned_bad set name = 'x' where current of good returning id"), SQL_NTS), "34000");
    /* A read-only cursor, and one that is closed. */
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    CHECK_STATE(change, SQLExecDirect(change, T(sql), SQL_NTS), "34000");
    set(l.stmt, SQL_ATTR_CURSOR_TYPE, SQL_CURSOR_STATIC);
    set(l.stmt, SQL_ATTR_CONCURRENCY, SQL_CONCUR_READ_ONLY);
    query(l.stmt, "select id, name from positioned_bad");
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_STATE(change, SQLExecDirect(change, T(sql), SQL_NTS), "42000");
    link_close(&l);
}

/* The row of a block is the one that SQLSetPos chose. */
static void in_a_block(void)
{
    SQLHSTMT change;
    struct link l = open_cursor("positioned_block", SQL_CURSOR_STATIC, "block", &change);
    SQLINTEGER id[3];
    set(l.stmt, SQL_ATTR_ROW_ARRAY_SIZE, 3);
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_SLONG, id, 0, NULL));
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_OK(l.stmt, SQLSetPos(l.stmt, 3, SQL_POSITION, SQL_LOCK_NO_CHANGE));
    run(change, "delete from positioned_block where current of block");
    CHECK_TEXT(query_text(change, "select string_agg(id::text, ',' order by id) from positioned_block"), "1,2,4,5");
    CHECK_OK(l.stmt, SQLSetPos(l.stmt, 1, SQL_POSITION, SQL_LOCK_NO_CHANGE));
    run(change, "update positioned_block set id = 10 where current of block");
    CHECK_TEXT(query_text(change, "select string_agg(id::text, ',' order by id) from positioned_block"), "2,4,5,10");
    link_close(&l);
}

/* One thread scrolls, another changes the rows that it is on, and nobody waits for ever. */
static struct link threads;
static SQLHSTMT changer;

static void *scroll(void *arg)
{
    for (int i = 0; i < 300; i++) {
        (void)SQLFetchScroll(threads.stmt, i % 2 ? SQL_FETCH_NEXT : SQL_FETCH_FIRST, 0);
    }
    return arg;
}

static void *change_rows(void *arg)
{
    int *changed = arg;
    for (int i = 0; i < 300; i++) {
        *changed += SQLExecDirect(changer, T("update positioned_threads set name = name || 'x' where current of shared"), SQL_NTS) == SQL_SUCCESS;
    }
    return arg;
}

static void by_threads(void)
{
    pthread_t t[2];
    int changed = 0;
    threads = open_cursor("positioned_threads", SQL_CURSOR_KEYSET_DRIVEN, "shared", &changer);
    CHECK_OK(threads.stmt, SQLFetch(threads.stmt));
    CHECK_INT(pthread_create(&t[0], NULL, scroll, NULL), 0);
    CHECK_INT(pthread_create(&t[1], NULL, change_rows, &changed), 0);
    pthread_join(t[0], NULL);
    pthread_join(t[1], NULL);
    CHECK(changed > 0);
    CHECK_INT(query_int(changer, "select sum(length(name) - 5) from positioned_threads"), changed); /* each was stored once */
    link_close(&threads);
}

int main(void)
{
    static const struct test tests[] = {
        {"update and delete", update_and_delete}, {"parameters", parameters}, {"refusals", refusals}, {"in a block", in_a_block}, {"by threads", by_threads},
    };
    return run_tests("WHERE CURRENT OF", tests, COUNT(tests));
}
