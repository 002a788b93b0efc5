/* SPDX-License-Identifier: Apache-2.0 */
/* Several threads: each with its own connection, and all on one connection, each with its own statement. */
#include "harness.h"

#include <pthread.h>
#include <stdlib.h>

enum { THREADS = 4 };

static int rounds(int n)
{
    return under_valgrind() ? n / 10 : n;
}

/* What a thread does and found; CUnit is for the main thread alone. */
struct worker {
    pthread_t thread;
    int id;
    SQLHENV env;
    SQLHDBC dbc;
    int failures;
    char first[512]; /* what failed first */
};

static bool held(struct worker *w, SQLSMALLINT kind, SQLHANDLE handle, SQLRETURN rc, SQLRETURN wanted, const char *what)
{
    if (rc == wanted) {
        return true;
    }
    if (w->failures++ == 0) {
        SQLCHAR state[6] = "";
        SQLCHAR text[256] = "";
        SQLINTEGER native = 0;
        SQLSMALLINT length = 0;
        (void)SQLGetDiagRec(kind, handle, 1, state, &native, text, sizeof text, &length);
        snprintf(w->first, sizeof w->first, "%s: %d instead of %d [%s] %s", what, rc, wanted, (char *)state, (char *)text);
    }
    return false;
}

static void expect(struct worker *w, bool condition, const char *what)
{
    if (!condition && w->failures++ == 0) {
        snprintf(w->first, sizeof w->first, "%s", what);
    }
}

/* Streams, parameters, SQLGetData, errors: each with values that only this thread asks for. */
static void work(struct worker *w, SQLHSTMT stmt)
{
    char sql[160];
    for (int round = 0; round < rounds(30); round++) {
        SQLINTEGER value = 0;
        SQLINTEGER count = 500 + 100 * w->id;
        snprintf(sql, sizeof sql, "select g * 10 + %d, repeat(chr(%d), 40) from generate_series(1, %d) g", w->id, 'a' + w->id, (int)count);
        if (!held(w, SQL_HANDLE_STMT, stmt, SQLExecDirect(stmt, T(sql), SQL_NTS), SQL_SUCCESS, "SQLExecDirect")) {
            return;
        }
        for (SQLINTEGER row = 1; row <= count; row++) {
            char text[48] = "";
            SQLLEN length = 0;
            bool ok = held(w, SQL_HANDLE_STMT, stmt, SQLFetch(stmt), SQL_SUCCESS, "SQLFetch") &&
                      held(w, SQL_HANDLE_STMT, stmt, SQLGetData(stmt, 1, SQL_C_LONG, &value, 0, NULL), SQL_SUCCESS, "SQLGetData") &&
                      held(w, SQL_HANDLE_STMT, stmt, SQLGetData(stmt, 2, SQL_C_CHAR, text, sizeof text, &length), SQL_SUCCESS, "SQLGetData");
            if (!ok) {
                break;
            }
            expect(w, value == row * 10 + w->id, "another thread's number");
            expect(w, length == 40 && text[0] == 'a' + w->id && text[39] == 'a' + w->id, "another thread's text");
        }
        held(w, SQL_HANDLE_STMT, stmt, SQLFetch(stmt), SQL_NO_DATA, "SQLFetch behind the last row");
        held(w, SQL_HANDLE_STMT, stmt, SQLCloseCursor(stmt), SQL_SUCCESS, "SQLCloseCursor");

        SQLINTEGER in = w->id * 1000 + round;
        held(w, SQL_HANDLE_STMT, stmt, SQLPrepare(stmt, T("select cast(? as int) + 1"), SQL_NTS), SQL_SUCCESS, "SQLPrepare");
        held(w, SQL_HANDLE_STMT, stmt, SQLBindParameter(stmt, 1, SQL_PARAM_INPUT, SQL_C_LONG, SQL_INTEGER, 0, 0, &in, 0, NULL), SQL_SUCCESS,
             "SQLBindParameter");
        for (int i = 0; i < 5; i++, in++) {
            held(w, SQL_HANDLE_STMT, stmt, SQLExecute(stmt), SQL_SUCCESS, "SQLExecute");
            held(w, SQL_HANDLE_STMT, stmt, SQLFetch(stmt), SQL_SUCCESS, "SQLFetch of one row");
            held(w, SQL_HANDLE_STMT, stmt, SQLGetData(stmt, 1, SQL_C_LONG, &value, 0, NULL), SQL_SUCCESS, "SQLGetData of the sum");
            expect(w, value == in + 1, "another thread's sum");
            held(w, SQL_HANDLE_STMT, stmt, SQLCloseCursor(stmt), SQL_SUCCESS, "SQLCloseCursor");
        }
        held(w, SQL_HANDLE_STMT, stmt, SQLFreeStmt(stmt, SQL_RESET_PARAMS), SQL_SUCCESS, "SQLFreeStmt");

        /* An error and its text belong to the statement that made it. */
        snprintf(sql, sizeof sql, "select thread_%d_has_no_such_column", w->id);
        held(w, SQL_HANDLE_STMT, stmt, SQLExecDirect(stmt, T(sql), SQL_NTS), SQL_ERROR, "SQLExecDirect of a mistake");
        SQLCHAR state[6] = "";
        SQLCHAR message[256] = "";
        SQLINTEGER native = 0;
        SQLSMALLINT length = 0;
        held(w, SQL_HANDLE_STMT, stmt, SQLGetDiagRec(SQL_HANDLE_STMT, stmt, 1, state, &native, message, sizeof message, &length), SQL_SUCCESS,
             "SQLGetDiagRec");
        expect(w, strcmp((char *)state, "42S22") == 0 && strstr((char *)message, sql + 7) != NULL, "another thread's error");
    }
}

static void join_all(struct worker *workers)
{
    for (int i = 0; i < THREADS; i++) {
        pthread_join(workers[i].thread, NULL);
        CHECK_TEXT(workers[i].first, "");
        CHECK_INT(workers[i].failures, 0);
    }
}

static void start_all(struct worker *workers, void *(*function)(void *), SQLHENV env, SQLHDBC dbc)
{
    for (int i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){.id = i, .env = env, .dbc = dbc};
        if (pthread_create(&workers[i].thread, NULL, function, &workers[i]) != 0) {
            abort();
        }
    }
}

/* ---- each its own connection ----------------------------------------------------------------------------------------- */

static char connection_string[2048];

static void *own_connection(void *arg)
{
    struct worker *w = arg;
    for (int i = 0; i < 3; i++) {
        SQLHDBC dbc = SQL_NULL_HDBC;
        SQLHSTMT stmt = SQL_NULL_HSTMT;
        held(w, SQL_HANDLE_ENV, w->env, SQLAllocHandle(SQL_HANDLE_DBC, w->env, &dbc), SQL_SUCCESS, "SQLAllocHandle");
        if (held(w, SQL_HANDLE_DBC, dbc,
                 SQLDriverConnect(dbc, NULL, T(connection_string), SQL_NTS, NULL, 0, NULL, SQL_DRIVER_NOPROMPT), SQL_SUCCESS, "SQLDriverConnect")) {
            held(w, SQL_HANDLE_DBC, dbc, SQLAllocHandle(SQL_HANDLE_STMT, dbc, &stmt), SQL_SUCCESS, "SQLAllocHandle");
            work(w, stmt);
            held(w, SQL_HANDLE_STMT, stmt, SQLFreeHandle(SQL_HANDLE_STMT, stmt), SQL_SUCCESS, "SQLFreeHandle");
            held(w, SQL_HANDLE_DBC, dbc, SQLDisconnect(dbc), SQL_SUCCESS, "SQLDisconnect");
        }
        held(w, SQL_HANDLE_DBC, dbc, SQLFreeHandle(SQL_HANDLE_DBC, dbc), SQL_SUCCESS, "SQLFreeHandle");
    }
    return NULL;
}

static void own_connections(void)
{
    struct link l = link_new(SQL_OV_ODBC3_80);
    struct worker workers[THREADS];
    snprintf(connection_string, sizeof connection_string, "%s", connstr(";"));
    start_all(workers, own_connection, l.env, NULL);
    join_all(workers);
    link_close(&l);
}

/* ---- one connection for all ------------------------------------------------------------------------------------------ */

static void *own_statement(void *arg)
{
    struct worker *w = arg;
    for (int i = 0; i < 3; i++) {
        SQLHSTMT stmt = SQL_NULL_HSTMT;
        held(w, SQL_HANDLE_DBC, w->dbc, SQLAllocHandle(SQL_HANDLE_STMT, w->dbc, &stmt), SQL_SUCCESS, "SQLAllocHandle");
        work(w, stmt);
        held(w, SQL_HANDLE_STMT, stmt, SQLFreeHandle(SQL_HANDLE_STMT, stmt), SQL_SUCCESS, "SQLFreeHandle");
    }
    return NULL;
}

static void one_connection(void)
{
    struct link l = link_open("");
    struct worker workers[THREADS];
    start_all(workers, own_statement, l.env, l.dbc);
    /* And the connection is asked things meanwhile. */
    for (int i = 0; i < rounds(50); i++) {
        SQLCHAR name[64] = "";
        SQLUINTEGER dead = 99;
        SQLSMALLINT length = 0;
        CHECK_OK(l.dbc, SQLGetInfo(l.dbc, SQL_DBMS_NAME, name, sizeof name, &length));
        CHECK_OK(l.dbc, SQLGetConnectAttr(l.dbc, SQL_ATTR_CONNECTION_DEAD, &dead, 0, NULL));
        CHECK_INT(dead, SQL_CD_FALSE);
        CHECK_INT(query_int(l.stmt, "select 5"), 5);
    }
    join_all(workers);
    link_close(&l);
}

/* The same in a transaction: one thread's failed statements do not undo another one's work. */
static void *inserts(void *arg)
{
    struct worker *w = arg;
    SQLHSTMT stmt = SQL_NULL_HSTMT;
    char sql[96];
    held(w, SQL_HANDLE_DBC, w->dbc, SQLAllocHandle(SQL_HANDLE_STMT, w->dbc, &stmt), SQL_SUCCESS, "SQLAllocHandle");
    for (int i = 0; i < rounds(100); i++) {
        snprintf(sql, sizeof sql, "insert into shared values (%d)", w->id * 1000 + i);
        held(w, SQL_HANDLE_STMT, stmt, SQLExecDirect(stmt, T(sql), SQL_NTS), SQL_SUCCESS, "insert");
        held(w, SQL_HANDLE_STMT, stmt, SQLExecDirect(stmt, T(sql), SQL_NTS), SQL_ERROR, "insert again");
    }
    held(w, SQL_HANDLE_STMT, stmt, SQLFreeHandle(SQL_HANDLE_STMT, stmt), SQL_SUCCESS, "SQLFreeHandle");
    return NULL;
}

static void one_transaction(void)
{
    struct link l = link_open("");
    struct worker workers[THREADS];
    run(l.stmt, "create temp table shared (a int primary key)");
    CHECK_OK(l.dbc, SQLSetConnectAttr(l.dbc, SQL_ATTR_AUTOCOMMIT, (SQLPOINTER)SQL_AUTOCOMMIT_OFF, 0));
    start_all(workers, inserts, l.env, l.dbc);
    join_all(workers);
    CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_COMMIT));
    CHECK_INT(query_int(l.stmt, "select count(*) from shared"), THREADS * rounds(100));
    CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_ROLLBACK));
    link_close(&l);
}

/* Statements that share their descriptors: whoever calls sees them whole, and the buffers bound there are written by one call at a time. */
static SQLHDESC shared_rows, shared_parameters;
static SQLINTEGER cells[8];
static SQLINTEGER parameter = 7;

static void *shares(void *arg)
{
    struct worker *w = arg;
    SQLHSTMT stmt = SQL_NULL_HSTMT;
    held(w, SQL_HANDLE_DBC, w->dbc, SQLAllocHandle(SQL_HANDLE_STMT, w->dbc, &stmt), SQL_SUCCESS, "SQLAllocHandle");
    held(w, SQL_HANDLE_STMT, stmt, SQLSetStmtAttr(stmt, SQL_ATTR_APP_ROW_DESC, shared_rows, 0), SQL_SUCCESS, "SQL_ATTR_APP_ROW_DESC");
    held(w, SQL_HANDLE_STMT, stmt, SQLSetStmtAttr(stmt, SQL_ATTR_APP_PARAM_DESC, shared_parameters, 0), SQL_SUCCESS, "SQL_ATTR_APP_PARAM_DESC");
    for (int i = 0; i < rounds(100); i++) {
        SQLUSMALLINT n = (SQLUSMALLINT)(1 + (i + w->id) % 8);
        held(w, SQL_HANDLE_STMT, stmt, SQLBindParameter(stmt, 1, SQL_PARAM_INPUT, SQL_C_LONG, SQL_INTEGER, 0, 0, &parameter, 0, NULL), SQL_SUCCESS,
             "SQLBindParameter");
        held(w, SQL_HANDLE_STMT, stmt, SQLBindCol(stmt, n, SQL_C_LONG, &cells[n - 1], 0, NULL), SQL_SUCCESS, "SQLBindCol");
        held(w, SQL_HANDLE_STMT, stmt, SQLExecDirect(stmt, T("select ?, 2, 3, 4, 5, 6, 7, 8"), SQL_NTS), SQL_SUCCESS, "SQLExecDirect");
        held(w, SQL_HANDLE_STMT, stmt, SQLFetch(stmt), SQL_SUCCESS, "SQLFetch");
        held(w, SQL_HANDLE_STMT, stmt, SQLFreeStmt(stmt, SQL_CLOSE), SQL_SUCCESS, "SQLFreeStmt");
        if (i % 5 == w->id) {
            held(w, SQL_HANDLE_STMT, stmt, SQLFreeStmt(stmt, SQL_UNBIND), SQL_SUCCESS, "SQL_UNBIND");
        }
        SQLSMALLINT count = -1;
        held(w, SQL_HANDLE_DESC, shared_rows, SQLGetDescField(shared_rows, 0, SQL_DESC_COUNT, &count, 0, NULL), SQL_SUCCESS, "SQLGetDescField");
        expect(w, count >= 0 && count <= 8, "a count that nobody set");
    }
    held(w, SQL_HANDLE_STMT, stmt, SQLFreeHandle(SQL_HANDLE_STMT, stmt), SQL_SUCCESS, "SQLFreeHandle");
    return NULL;
}

static void shared_descriptors(void)
{
    struct link l = link_open("");
    struct worker workers[THREADS];
    CHECK_OK(l.dbc, SQLAllocHandle(SQL_HANDLE_DESC, l.dbc, &shared_rows));
    CHECK_OK(l.dbc, SQLAllocHandle(SQL_HANDLE_DESC, l.dbc, &shared_parameters));
    start_all(workers, shares, l.env, l.dbc);
    join_all(workers);
    CHECK_OK(shared_rows, SQLFreeHandle(SQL_HANDLE_DESC, shared_rows));
    CHECK_OK(shared_parameters, SQLFreeHandle(SQL_HANDLE_DESC, shared_parameters));
    link_close(&l);
}

int main(void)
{
    static const struct test tests[] = {
        {"a connection each", own_connections},
        {"one connection, a statement each", one_connection},
        {"one transaction", one_transaction},
        {"shared descriptors", shared_descriptors},
    };
    return run_tests("threads", tests, COUNT(tests));
}
