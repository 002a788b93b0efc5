/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Behind PgBouncer: several clients share one server connection (database pool_one) or two (pool_two), which change hands at the end of each
 * transaction. Nothing of one client may show at another: no statement, no setting, no answer.
 *
 * With ALDB_TEST_POOLED set the pooler stands behind the emulator, as AlloyDB's managed pooling stands behind port 5433: all of it once more through the connector.
 */
#include "emulator.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

/* ---- clients --------------------------------------------------------------------------------------------------------- */

/* Static buffer. */
static const char *pool_connstr(const char *database, const char *extra)
{
    char text[256];
    bool connector = getenv("ALDB_TEST_POOLED") != NULL;
    snprintf(text, sizeof text, "%s%s%sDatabase=%s;%s", connector ? "" : "Server=127.0.0.1;Port=", connector ? "" : fact("POOLER_PORT"), connector ? "" : ";", database,
             extra);
    return connector ? emulator_connstr("", text) : connstr("%s", text);
}

static struct link pool_open(const char *database, const char *extra)
{
    return emulator_link(pool_connstr(database, extra));
}

static void commit(SQLHDBC dbc)
{
    CHECK_OK(dbc, SQLEndTran(SQL_HANDLE_DBC, dbc, SQL_COMMIT));
}

/* A table of this program's own on the server itself. */
static void make_table(const char *sql)
{
    struct link l = link_open("");
    run(l.stmt, sql);
    link_close(&l);
}

/* ---- interleaved ----------------------------------------------------------------------------------------------------- */

enum { CLIENTS = 3, ROUNDS = 90 };

/* Texts that differ between clients in meaning and in shape: an answer of another client's cannot be mistaken for one's own. */
struct client {
    struct link l;
    int me;
    SQLHSTMT prepared, array;
    SQLINTEGER n;
    SQLINTEGER numbers[5];
    int executions, wrong;
};

static bool answer_is(struct client *c, SQLHSTMT stmt, SQLRETURN rc, const char *wanted)
{
    char text[256] = "";
    SQLLEN length = 0;
    c->executions++;
    bool good = SQL_SUCCEEDED(rc) && SQLFetch(stmt) == SQL_SUCCESS && SQLGetData(stmt, 1, SQL_C_CHAR, text, sizeof text, &length) == SQL_SUCCESS &&
                strcmp(text, wanted) == 0 && SQLFetch(stmt) == SQL_NO_DATA;
    if (!good) {
        c->wrong++;
        printf("\n    client %d: \"%s\" instead of \"%s\" [%s] %s", c->me, text, wanted, diag_state(stmt, 1), diag_message(stmt, 1));
    }
    SQLFreeStmt(stmt, SQL_CLOSE);
    return good;
}

static void client_open(struct client *c, int me, const char *pooling)
{
    static const char *const texts[CLIENTS] = {
        "select 'a' || (?::int + 1000)::text",
        "select (?::int * 2)::int8, 'b'::text",
        "select 'c'::text || ?::text, null, now()",
    };
    *c = (struct client){.l = pool_open("pool_one", pooling), .me = me};
    c->prepared = new_stmt(c->l.dbc);
    c->array = new_stmt(c->l.dbc);
    CHECK_OK(c->prepared, SQLPrepare(c->prepared, T(texts[me]), SQL_NTS));
    CHECK_OK(c->prepared, SQLBindParameter(c->prepared, 1, SQL_PARAM_INPUT, SQL_C_LONG, SQL_INTEGER, 0, 0, &c->n, 0, NULL));
    char sql[128];
    snprintf(sql, sizeof sql, "insert into pooled_rows values (%d, ?)", me);
    CHECK_OK(c->array, SQLPrepare(c->array, T(sql), SQL_NTS));
    CHECK_OK(c->array, SQLSetStmtAttr(c->array, SQL_ATTR_PARAMSET_SIZE, (SQLPOINTER)COUNT(c->numbers), 0));
    CHECK_OK(c->array, SQLBindParameter(c->array, 1, SQL_PARAM_INPUT, SQL_C_LONG, SQL_INTEGER, 0, 0, c->numbers, 0, NULL));
}

static void prepared_answer(const struct client *c, char text[64])
{
    switch (c->me) {
    case 0:
        snprintf(text, 64, "a%d", (int)c->n + 1000);
        break;
    case 1:
        snprintf(text, 64, "%d", (int)c->n * 2);
        break;
    default:
        snprintf(text, 64, "c%d", (int)c->n);
        break;
    }
}

static void client_round(struct client *c, int round)
{
    char text[128];
    char wanted[64];
    c->n = round * 10 + c->me;
    prepared_answer(c, wanted);
    answer_is(c, c->prepared, SQLExecute(c->prepared), wanted);
    snprintf(text, sizeof text, "select %d::int%s", c->n, c->me == 1 ? ", 'x'" : "");
    snprintf(wanted, sizeof wanted, "%d", c->n);
    answer_is(c, c->l.stmt, exec_direct(c->l.stmt, text), wanted);
    /* Text that comes again and again: what would get a name on the server elsewhere. */
    snprintf(text, sizeof text, "select 'fixed %d'", c->me);
    snprintf(wanted, sizeof wanted, "fixed %d", c->me);
    answer_is(c, c->l.stmt, exec_direct(c->l.stmt, text), wanted);
    for (size_t i = 0; i < COUNT(c->numbers); i++) {
        c->numbers[i] = round * 100 + (SQLINTEGER)i;
    }
    c->executions++;
    c->wrong += SQLExecute(c->array) != SQL_SUCCESS;
    if (round % 8 == c->me) {
        /* The driver's own queries. */
        c->executions++;
        SQLRETURN rc = SQLColumns(c->l.stmt, NULL, 0, T("public"), SQL_NTS, T("pooled_rows"), SQL_NTS, T("%"), SQL_NTS);
        int columns = 0;
        while (SQL_SUCCEEDED(rc) && SQLFetch(c->l.stmt) == SQL_SUCCESS) {
            columns++;
        }
        SQLFreeStmt(c->l.stmt, SQL_CLOSE);
        c->wrong += columns != 2;
    }
    if (round % 8 == 4 + c->me) {
        c->executions++;
        c->wrong += exec_direct(c->l.stmt, "select nothing from nowhere") != SQL_ERROR || strcmp(diag_state(c->l.stmt, 1), "42S02") != 0;
    }
}

static void interleaved(const char *pooling)
{
    struct client clients[CLIENTS];
    int executions = 0;
    make_table("drop table if exists pooled_rows; create table pooled_rows (client int, n int)");
    for (int i = 0; i < CLIENTS; i++) {
        client_open(&clients[i], i, pooling);
    }
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < CLIENTS; i++) {
            client_round(&clients[(i + round) % CLIENTS], round);
        }
    }
    for (int i = 0; i < CLIENTS; i++) {
        CHECK_INT(clients[i].wrong, 0);
        executions += clients[i].executions;
    }
    struct client *c = &clients[0];
    CHECK_INT(query_int(c->l.stmt, "select count(*) from pooled_rows"), (int64_t)CLIENTS * ROUNDS * (int64_t)COUNT(c->numbers));
    CHECK_INT(query_int(c->l.stmt, "select count(*) from (select client, sum(n) s, count(*) c from pooled_rows group by client) x "
                                   "where s = (select sum(r * 100 + i) from generate_series(0, 89) r, generate_series(0, 4) i) and c = 450"),
              CLIENTS);
    /* Nothing is left with the server: no name, no open transaction. */
    CHECK_INT(query_int(c->l.stmt, "select count(*) from pg_prepared_statements"), 0);
    CHECK_INT(query_int(c->l.stmt, "select count(*) from pg_cursors where name <> ''"), 0);
    printf("%d executions ", executions);
    CHECK(executions > 3 * 90 * 4);
    for (int i = 0; i < CLIENTS; i++) {
        free_stmt(clients[i].prepared);
        free_stmt(clients[i].array);
        link_close(&clients[i].l);
    }
    make_table("drop table pooled_rows");
}

static void interleaved_found(void)
{
    interleaved("");
}

static void interleaved_told(void)
{
    interleaved("Pooling=TRANSACTION");
}

/* A prepared statement first of all, or a transaction: nothing of it stays with the pooler's connection. */
static void first_batch(void)
{
    SQLINTEGER n = 5;
    struct link l = pool_open("pool_one", "");
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("select ?::int"), SQL_NTS));
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 1, SQL_PARAM_INPUT, SQL_C_LONG, SQL_INTEGER, 0, 0, &n, 0, NULL));
    CHECK_OK(l.stmt, SQLExecute(l.stmt));
    CHECK_OK(l.stmt, SQLCloseCursor(l.stmt));
    CHECK_INT(query_int(l.stmt, "select count(*) from pg_prepared_statements"), 0);
    link_close(&l);
    l = pool_open("pool_one", "");
    set_autocommit(l.dbc, false);
    CHECK_INT(query_int(l.stmt, "select 1"), 1);
    commit(l.dbc);
    CHECK_INT(query_int(l.stmt, "select count(*) from pg_prepared_statements"), 0);
    commit(l.dbc);
    link_close(&l);
}

/* ---- transactions in parallel ---------------------------------------------------------------------------------------- */

enum { WORKERS = 4, TRANSACTIONS = 25 };

struct worker {
    int me;
    struct link l;
    int executions, wrong;
    pthread_t thread;
};

/* CHECK is for the main thread: here wrong answers are counted. */
static void *work(void *arg)
{
    struct worker *w = arg;
    struct link l = w->l;
    SQLHSTMT insert = new_stmt(l.dbc);
    SQLINTEGER key = 0;
    w->wrong += !SQL_SUCCEEDED(SQLSetConnectAttr(l.dbc, SQL_ATTR_AUTOCOMMIT, (SQLPOINTER)SQL_AUTOCOMMIT_OFF, 0));
    w->wrong += !SQL_SUCCEEDED(SQLPrepare(insert, T("insert into pooled_keys values (?)"), SQL_NTS));
    w->wrong += !SQL_SUCCEEDED(SQLBindParameter(insert, 1, SQL_PARAM_INPUT, SQL_C_LONG, SQL_INTEGER, 0, 0, &key, 0, NULL));
    for (int t = 0; t < TRANSACTIONS; t++) {
        char text[64] = "";
        SQLLEN length = 0;
        key = w->me * 1000 + t;
        w->wrong += SQLExecute(insert) != SQL_SUCCESS;
        /* It is there already: undone to its savepoint, the transaction goes on. */
        w->wrong += SQLExecute(insert) != SQL_ERROR;
        SQLRETURN rc = exec_direct(l.stmt, "select count(*)::text from pooled_keys where k % 1000 >= 0 and pg_backend_pid() = any(array[pg_backend_pid()])");
        w->wrong += rc != SQL_SUCCESS || SQLFetch(l.stmt) != SQL_SUCCESS || SQLGetData(l.stmt, 1, SQL_C_CHAR, text, sizeof text, &length) != SQL_SUCCESS;
        w->wrong += atoi(text) < 1;
        SQLFreeStmt(l.stmt, SQL_CLOSE);
        w->wrong += SQLEndTran(SQL_HANDLE_DBC, l.dbc, t % 5 == 4 ? SQL_ROLLBACK : SQL_COMMIT) != SQL_SUCCESS;
        w->executions += 4;
    }
    free_stmt(insert);
    link_close(&l);
    return NULL;
}

static void parallel(void)
{
    struct worker workers[WORKERS];
    int executions = 0;
    make_table("drop table if exists pooled_keys; create table pooled_keys (k int primary key)");
    for (int i = 0; i < WORKERS; i++) {
        workers[i] = (struct worker){.me = i, .l = pool_open("pool_two", i % 2 ? "Pooling=TRANSACTION" : "Pooling=AUTO")};
    }
    for (int i = 0; i < WORKERS; i++) {
        if (pthread_create(&workers[i].thread, NULL, work, &workers[i]) != 0) {
            abort();
        }
    }
    for (int i = 0; i < WORKERS; i++) {
        pthread_join(workers[i].thread, NULL);
        CHECK_INT(workers[i].wrong, 0);
        executions += workers[i].executions;
    }
    printf("%d executions ", executions);
    struct link l = pool_open("pool_two", "");
    CHECK_INT(query_int(l.stmt, "select count(*) from pooled_keys"), WORKERS * TRANSACTIONS * 4 / 5);
    CHECK_INT(query_int(l.stmt, "select count(*) from pg_prepared_statements"), 0);
    link_close(&l);
    make_table("drop table pooled_keys");
}

/* ---- settings -------------------------------------------------------------------------------------------------------- */

/* Isolation and access mode ride on BEGIN; the other client of the same server connection never sees them. */
static void settings_do_not_leak(void)
{
    struct link a = pool_open("pool_one", "");
    struct link b = pool_open("pool_one", "");
    make_table("drop table if exists pooled_settings; create table pooled_settings (a int)");
    CHECK_OK(a.dbc, SQLSetConnectAttr(a.dbc, SQL_ATTR_TXN_ISOLATION, (SQLPOINTER)SQL_TXN_SERIALIZABLE, 0));
    CHECK_OK(a.dbc, SQLSetConnectAttr(a.dbc, SQL_ATTR_ACCESS_MODE, (SQLPOINTER)SQL_MODE_READ_ONLY, 0));
    set_autocommit(a.dbc, false);
    CHECK_TEXT(query_text(a.stmt, "show transaction_isolation"), "serializable");
    CHECK_TEXT(query_text(a.stmt, "show transaction_read_only"), "on");
    CHECK_STATE(a.stmt, exec_direct(a.stmt, "insert into pooled_settings values (1)"), "25000");
    commit(a.dbc);
    CHECK_TEXT(query_text(b.stmt, "show transaction_isolation"), "read committed");
    CHECK_TEXT(query_text(b.stmt, "show transaction_read_only"), "off");
    CHECK_TEXT(query_text(b.stmt, "show default_transaction_isolation"), "read committed");
    CHECK_TEXT(query_text(b.stmt, "show default_transaction_read_only"), "off");
    run(b.stmt, "insert into pooled_settings values (2)");

    /* Without a transaction of the application's too. */
    set_autocommit(a.dbc, true);
    CHECK_STATE(a.stmt, exec_direct(a.stmt, "insert into pooled_settings values (3)"), "25000");
    CHECK_INT(query_int(a.stmt, "select count(*) from pooled_settings"), 1);
    run(b.stmt, "insert into pooled_settings values (4)");
    CHECK_OK(a.dbc, SQLSetConnectAttr(a.dbc, SQL_ATTR_ACCESS_MODE, (SQLPOINTER)SQL_MODE_READ_WRITE, 0));
    run(a.stmt, "insert into pooled_settings values (5)");
    CHECK_INT(query_int(a.stmt, "select count(*) from pooled_settings"), 3);
    link_close(&a);

    a = pool_open("pool_one", "ReadOnly=yes");
    CHECK_STATE(a.stmt, exec_direct(a.stmt, "insert into pooled_settings values (6)"), "25000");
    CHECK_STATE(a.stmt, exec_direct(a.stmt, "delete from pooled_settings"), "25000");
    CHECK_TEXT(query_text(b.stmt, "show default_transaction_read_only"), "off");
    run(b.stmt, "insert into pooled_settings values (7)");
    CHECK_INT(query_int(a.stmt, "select count(*) from pooled_settings"), 4);
    link_close(&a);
    link_close(&b);
    make_table("drop table pooled_settings");
}

static void try_pool(SQLHDBC dbc, const char *database, const char *extra, const char *state, const char *words)
{
    CHECK_STATE(dbc, try_connect(dbc, pool_connstr(database, extra)), state);
    CHECK_CONTAINS(diag_message(dbc, 1), words);
}

/* What needs a session is refused, with the way out; what only looks like a transaction pooler is not. */
static void session_settings_are_refused(void)
{
    struct link l = link_new(SQL_OV_ODBC3_80);
    try_pool(l.dbc, "pool_one", "Schema=pg_catalog", "HYC00", "ALTER ROLE");
    try_pool(l.dbc, "pool_one", "Schema=pg_catalog;Pooling=TRANSACTION", "HYC00", "Pooling=SESSION");
    try_pool(l.dbc, "pool_one", "PqOpt={options='-c statement_timeout=5s'}", "08001", "unsupported startup parameter");
    link_close(&l);
    l = pool_open("pool_one", "");
    CHECK_CONTAINS(query_text(l.stmt, "show search_path"), "public");
    link_close(&l);

    l = pool_open("pool_session", "Schema=pg_catalog;Pooling=SESSION");
    CHECK_TEXT(query_text(l.stmt, "show search_path"), "pg_catalog");
    CHECK_OK(l.dbc, SQLSetConnectAttr(l.dbc, SQL_ATTR_TXN_ISOLATION, (SQLPOINTER)SQL_TXN_SERIALIZABLE, 0));
    CHECK_TEXT(query_text(l.stmt, "show default_transaction_isolation"), "serializable");
    link_close(&l);
}

/* Named statements, the session's own settings and temporary tables are there where sessions are pooled. */
static void session_pooling(void)
{
    struct link l = pool_open("pool_session", "Pooling=SESSION");
    SQLHSTMT prepared = new_stmt(l.dbc);
    SQLINTEGER n = 0;
    CHECK_OK(prepared, SQLPrepare(prepared, T("select ?::int"), SQL_NTS));
    CHECK_OK(prepared, SQLBindParameter(prepared, 1, SQL_PARAM_INPUT, SQL_C_LONG, SQL_INTEGER, 0, 0, &n, 0, NULL));
    for (n = 0; n < 10; n++) {
        CHECK_OK(prepared, SQLExecute(prepared));
        CHECK_OK(prepared, SQLFetch(prepared));
        CHECK_OK(prepared, SQLCloseCursor(prepared));
    }
    CHECK(query_int(l.stmt, "select count(*) from pg_prepared_statements") > 0);
    run(l.stmt, "create temp table own (a int)");
    run(l.stmt, "insert into own values (1)");
    CHECK_INT(query_int(l.stmt, "select a from own"), 1);
    free_stmt(prepared);
    link_close(&l);
}

/* ---- ends ------------------------------------------------------------------------------------------------------------ */

struct canceller {
    SQLHSTMT stmt, watch;
    int64_t pid;
    pthread_t thread;
};

static void *cancel_later(void *arg)
{
    struct canceller *c = arg;
    await_waiting(c->watch, c->pid);
    (void)SQLCancel(c->stmt);
    return NULL;
}

static void cancel_and_timeouts(void)
{
    struct link a = pool_open("pool_two", "");
    struct link b = pool_open("pool_two", "");
    struct link watch = link_open("");
    struct canceller c = {.stmt = a.stmt, .watch = watch.stmt};
    set_autocommit(a.dbc, false);
    c.pid = query_int(a.stmt, "select pg_backend_pid()");
    for (int i = 0; i < 3; i++) {
        if (pthread_create(&c.thread, NULL, cancel_later, &c) != 0) {
            abort();
        }
        CHECK_STATE(a.stmt, exec_direct(a.stmt, "select pg_sleep(30)"), "HY008");
        pthread_join(c.thread, NULL);
        CHECK_INT(query_int(b.stmt, "select 7 from pg_sleep(0.05)"), 7);
        CHECK_INT(query_int(a.stmt, "select 8"), 8); /* the transaction is still usable */
    }
    CHECK_OK(a.stmt, SQLSetStmtAttr(a.stmt, SQL_ATTR_QUERY_TIMEOUT, (SQLPOINTER)1, 0));
    CHECK_STATE(a.stmt, exec_direct(a.stmt, "select pg_sleep(30)"), "HYT00");
    CHECK_OK(a.stmt, SQLSetStmtAttr(a.stmt, SQL_ATTR_QUERY_TIMEOUT, (SQLPOINTER)0, 0));
    run(a.stmt, "set local statement_timeout = '500ms'");
    CHECK_STATE(a.stmt, exec_direct(a.stmt, "select pg_sleep(30)"), "HYT00");
    commit(a.dbc);
    CHECK_TEXT(query_text(a.stmt, "show statement_timeout"), "0");
    commit(a.dbc);
    /* A stream left early is cancelled, or read out: the other client gets its own rows. */
    set_autocommit(a.dbc, true);
    for (int i = 0; i < 10; i++) {
        query(a.stmt, "select g, repeat('x', 1000) from generate_series(1, 30000) g");
        CHECK_OK(a.stmt, SQLFetch(a.stmt));
        CHECK_OK(a.stmt, SQLCloseCursor(a.stmt));
        CHECK_INT(query_int(b.stmt, "select 9"), 9);
    }
    link_close(&watch);
    link_close(&a);
    link_close(&b);
}

/*
 * A connection that comes back from the driver manager's pool is not swept with DISCARD ALL, even when nothing has been executed on it yet: what it would
 * sweep is another client's.
 */
static void reset(void)
{
    struct link b = pool_open("pool_one", "");
    run(b.stmt, "create temp table not_swept (a int)");
    struct link a = pool_open("pool_one", "");
    free_stmt(a.stmt); /* a pooled connection has none */
    CHECK_OK(a.dbc, SQLSetConnectAttr(a.dbc, SQL_ATTR_RESET_CONNECTION, (SQLPOINTER)SQL_RESET_CONNECTION_YES, 0));
    a.stmt = new_stmt(a.dbc);
    CHECK_INT(query_int(a.stmt, "select 1"), 1);
    CHECK_INT(query_int(b.stmt, "select count(*) from pg_temp.not_swept"), 0);
    run(b.stmt, "drop table pg_temp.not_swept");
    link_close(&a);
    link_close(&b);
}

static void copy(void)
{
    struct link a = pool_open("pool_one", "");
    struct link b = pool_open("pool_one", "");
    struct link r = pool_open("pool_one", "ReadOnly=1;");
    make_table("drop table if exists pooler_copy");
    make_table("create table pooler_copy (a int)");
    for (int manual = 0; manual < 2; manual++) {
        set_autocommit(a.dbc, !manual);
        CHECK_RC(a.stmt, exec_direct(a.stmt, "copy pooler_copy from stdin"), SQL_NEED_DATA);
        CHECK_RC(a.stmt, SQLParamData(a.stmt, NULL), SQL_NEED_DATA);
        CHECK_OK(a.stmt, SQLPutData(a.stmt, T("1\n2\n"), 4));
        CHECK_OK(a.stmt, SQLParamData(a.stmt, NULL));
        CHECK_INT(row_count(a.stmt), 2);
        CHECK_RC(a.stmt, exec_direct(a.stmt, "copy pooler_copy from stdin"), SQL_NEED_DATA);
        CHECK_RC(a.stmt, SQLParamData(a.stmt, NULL), SQL_NEED_DATA);
        CHECK_OK(a.stmt, SQLPutData(a.stmt, T("x\n"), 2));
        CHECK_STATE(a.stmt, SQLParamData(a.stmt, NULL), "22018");
        CHECK_OK(a.dbc, SQLEndTran(SQL_HANDLE_DBC, a.dbc, SQL_COMMIT));
        CHECK_INT(query_int(b.stmt, "select count(*) from pooler_copy"), 2 + 2 * manual);
        CHECK_OK(a.stmt, exec_direct(a.stmt, "copy (select generate_series(1, 20000)) to stdout"));
        int rows = 0;
        while (SQLFetch(a.stmt) == SQL_SUCCESS) {
            rows++;
        }
        CHECK_INT(rows, 20000);
        CHECK_OK(a.stmt, SQLCloseCursor(a.stmt));
        CHECK_OK(a.dbc, SQLEndTran(SQL_HANDLE_DBC, a.dbc, SQL_COMMIT));
        set_autocommit(r.dbc, !manual);
        CHECK_STATE(r.stmt, exec_direct(r.stmt, "copy pooler_copy from stdin"), "25000");
        CHECK_OK(r.dbc, SQLEndTran(SQL_HANDLE_DBC, r.dbc, SQL_ROLLBACK));
    }
    link_close(&a);
    link_close(&b);
    link_close(&r);
    make_table("drop table pooler_copy");
}

int main(void)
{
    static const struct test tests[] = {
        {"three clients on one server connection, the pooler found out", interleaved_found},
        {"three clients on one server connection, the pooler told", interleaved_told},
        {"the first batch leaves nothing behind", first_batch},
        {"transactions in parallel on two server connections", parallel},
        {"isolation and access mode do not leak", settings_do_not_leak},
        {"what needs a session is refused", session_settings_are_refused},
        {"pooled sessions are sessions", session_pooling},
        {"cancel, timeouts, streams left early", cancel_and_timeouts},
        {"COPY", copy},
        {"reset", reset},
    };
    (void)fact("POOLER_PORT");
    return run_tests("behind PgBouncer", tests, COUNT(tests));
}
