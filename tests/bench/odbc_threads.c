/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Threads at work beside each other, each on a connection of its own. Usage: odbc_threads point|fetch|again THREADS COUNT CONNECTION-STRING QUERY
 * point: COUNT executions of the query, prepared once a thread, with numbers from 1 on as its parameter; fetch: the query COUNT times, bound, a thousand rows at a time;
 * again: its result, read before, COUNT times more through a static cursor, for which neither server nor socket is needed. The threads share COUNT out among themselves.
 * Linked against the driver manager, or against the driver itself (odbc_threads_direct). Prints one line: as usage.h says; connecting and preparing are not timed.
 */
#include "odbc.h"
#include "threads.h"

enum { BLOCK = 1000 };

static struct {
    char what;
    const char *target, *query;
    SQLHENV env;
} work;

struct session {
    SQLHDBC dbc;
    SQLHSTMT stmt;
    SQLBIGINT number;
    SQLULEN fetched;
    SQLSMALLINT width;
    struct column columns[COLUMNS_MAX];
};

static void set(SQLHSTMT stmt, SQLINTEGER attribute, uintptr_t value)
{
    must(SQL_HANDLE_STMT, stmt, SQLSetStmtAttr(stmt, attribute, (SQLPOINTER)value, 0), "SQLSetStmtAttr");
}

static void read_rows(struct worker *w, SQLRETURN rc)
{
    struct session *s = w->own;
    for (; rc != SQL_NO_DATA; rc = SQLFetch(s->stmt)) {
        must(SQL_HANDLE_STMT, s->stmt, rc, "SQLFetch");
        w->sum += sum_lengths(s->columns, s->width, s->fetched);
        if (work.what == 'p') {
            break;
        }
    }
}

static void one(struct worker *w, unsigned long long number)
{
    struct session *s = w->own;
    if (work.what == 'a') {
        read_rows(w, SQLFetchScroll(s->stmt, SQL_FETCH_FIRST, 0));
        return;
    }
    s->number = (SQLBIGINT)number;
    must(SQL_HANDLE_STMT, s->stmt, SQLExecute(s->stmt), "SQLExecute");
    read_rows(w, SQLFetch(s->stmt));
    must(SQL_HANDLE_STMT, s->stmt, SQLCloseCursor(s->stmt), "SQLCloseCursor");
}

static void *begin(struct worker *w)
{
    struct session *s = w->own = calloc(1, sizeof *s);
    must_have(s);
    s->dbc = open_connection(work.env, work.target);
    must(SQL_HANDLE_DBC, s->dbc, SQLAllocHandle(SQL_HANDLE_STMT, s->dbc, &s->stmt), "SQLAllocHandle");
    set(s->stmt, SQL_ATTR_ROW_ARRAY_SIZE, work.what == 'p' ? 1 : BLOCK);
    set(s->stmt, SQL_ATTR_ROWS_FETCHED_PTR, (uintptr_t)&s->fetched);
    if (work.what == 'a') {
        set(s->stmt, SQL_ATTR_CURSOR_TYPE, SQL_CURSOR_STATIC);
    }
    must(SQL_HANDLE_STMT, s->stmt, SQLPrepare(s->stmt, (SQLCHAR *)(uintptr_t)work.query, SQL_NTS), "SQLPrepare");
    s->number = 1;
    if (work.what == 'p') {
        must(SQL_HANDLE_STMT, s->stmt, SQLBindParameter(s->stmt, 1, SQL_PARAM_INPUT, SQL_C_SBIGINT, SQL_BIGINT, 0, 0, &s->number, 0, NULL), "SQLBindParameter");
    }
    must(SQL_HANDLE_STMT, s->stmt, SQLExecute(s->stmt), "SQLExecute");
    s->width = make_columns(s->stmt, s->columns, work.what == 'p' ? 1 : BLOCK, 64, 0);
    bind_columns(s->stmt, s->columns, s->width);
    read_rows(w, SQLFetch(s->stmt));
    if (work.what != 'a') {
        must(SQL_HANDLE_STMT, s->stmt, SQLCloseCursor(s->stmt), "SQLCloseCursor");
    }
    return s;
}

static void end(struct worker *w)
{
    struct session *s = w->own;
    free_columns(s->columns, s->width);
    SQLFreeHandle(SQL_HANDLE_STMT, s->stmt);
    close_connection(s->dbc);
    free(s);
}

int main(int argc, char **argv)
{
    if (argc != 6 || strchr("pfa", argv[1][0]) == NULL) {
        fprintf(stderr, "usage: %s point|fetch|again THREADS COUNT CONNECTION-STRING QUERY\n", argv[0]);
        return EXIT_FAILURE;
    }
    work.what = argv[1][0];
    work.target = argv[4];
    work.query = argv[5];
    work.env = new_env();
    threads.begin = begin;
    threads.one = one;
    threads.end = end;
    threads_run(strtoul(argv[2], NULL, 10), strtoull(argv[3], NULL, 10));
    SQLFreeHandle(SQL_HANDLE_ENV, work.env);
    return EXIT_SUCCESS;
}
