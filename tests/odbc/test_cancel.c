/* SPDX-License-Identifier: Apache-2.0 */
/* SQLCancel from another thread in every situation, and SQL_ATTR_QUERY_TIMEOUT. What is cancelled fails; nothing else is touched. */
#include "harness.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* Sees what the server does while other connections are busy; of one thread at a time. */
static struct link watch;

static int64_t pid_of(SQLHSTMT stmt)
{
    return query_int(stmt, "select pg_backend_pid()");
}

/* A thread that calls SQLCancel on one statement, once the server is at it. */
struct canceller {
    SQLHSTMT stmt;
    int64_t pid;  /* the backend that is to wait first; 0: a tenth of a second is enough */
    int rows;     /* and so many must have been fetched */
    atomic_int fetched;
    SQLRETURN rc;
    double took;
    pthread_t thread;
};

static void *cancel_later(void *arg)
{
    struct canceller *c = arg;
    if (c->pid != 0) {
        await_waiting(watch.stmt, c->pid);
    }
    while (atomic_load(&c->fetched) < c->rows) {
        pause_ms(5);
    }
    pause_ms(c->rows > 0 ? 500 : 100); /* the next fetch has begun */
    double start = seconds_now();
    c->rc = SQLCancel(c->stmt);
    c->took = seconds_now() - start;
    return NULL;
}

static void canceller_start(struct canceller *c, SQLHSTMT stmt, int64_t pid, int rows)
{
    *c = (struct canceller){.stmt = stmt, .pid = pid, .rows = rows, .rc = SQL_ERROR};
    if (pthread_create(&c->thread, NULL, cancel_later, c) != 0) {
        abort();
    }
}

static void canceller_join(struct canceller *c)
{
    pthread_join(c->thread, NULL);
    CHECK_RC(c->stmt, c->rc, SQL_SUCCESS);
    CHECK(c->took < 10);
}

static void set_timeout(SQLHSTMT stmt, intptr_t value)
{
    CHECK_OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_QUERY_TIMEOUT, (SQLPOINTER)value, 0));
}

/* ---- in execution ---------------------------------------------------------------------------------------------------- */

static void in_execute(void)
{
    struct link l = link_open("");
    struct canceller c;
    int64_t pid = pid_of(l.stmt);
    double start = seconds_now();
    canceller_start(&c, l.stmt, pid, 0);
    CHECK_STATE(l.stmt, exec_direct(l.stmt, "select pg_sleep(60)"), "HY008");
    canceller_join(&c);
    CHECK(seconds_now() - start < 30);
    CHECK_INT(query_int(l.stmt, "select 1"), 1);

    /* Prepared; afterwards it is still prepared. */
    SQLDOUBLE nap = 60;
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("select pg_sleep(?)"), SQL_NTS));
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 1, SQL_PARAM_INPUT, SQL_C_DOUBLE, SQL_DOUBLE, 0, 0, &nap, 0, NULL));
    canceller_start(&c, l.stmt, pid, 0);
    CHECK_STATE(l.stmt, SQLExecute(l.stmt), "HY008");
    canceller_join(&c);
    nap = 0;
    CHECK_OK(l.stmt, SQLExecute(l.stmt));
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_OK(l.stmt, SQLCloseCursor(l.stmt));
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_RESET_PARAMS));

    /* A statement without rows; none of its effects stay. */
    run(l.stmt, "create temp table cancelled (a int)");
    canceller_start(&c, l.stmt, pid, 0);
    CHECK_STATE(l.stmt, exec_direct(l.stmt, "insert into cancelled select 1 from pg_sleep(30)"), "HY008");
    canceller_join(&c);
    CHECK_INT(query_int(l.stmt, "select count(*) from cancelled"), 0);

    /* By its other name, and without a handle. */
    CHECK_OK(l.stmt, SQLCancelHandle(SQL_HANDLE_STMT, l.stmt));
    CHECK_RC(NULL, SQLCancel(SQL_NULL_HSTMT), SQL_INVALID_HANDLE);
    link_close(&l);
}

/* A lock that another connection holds is waited for in the first step of a statement already. */
static void in_a_lock_wait(void)
{
    struct link l = link_open("");
    struct link other = link_open("");
    struct canceller c;
    run(other.stmt, "drop table if exists cancel_lock");
    run(other.stmt, "create table cancel_lock (a int)");
    CHECK_OK(other.dbc, SQLSetConnectAttr(other.dbc, SQL_ATTR_AUTOCOMMIT, (SQLPOINTER)SQL_AUTOCOMMIT_OFF, 0));
    run(other.stmt, "lock table cancel_lock in access exclusive mode");
    canceller_start(&c, l.stmt, pid_of(l.stmt), 0);
    CHECK_STATE(l.stmt, exec_direct(l.stmt, "select a from cancel_lock"), "HY008");
    canceller_join(&c);
    set_timeout(l.stmt, 1);
    CHECK_STATE(l.stmt, exec_direct(l.stmt, "select a from cancel_lock where a > 0"), "HYT00");
    CHECK_STATE(l.stmt, exec_direct(l.stmt, "insert into cancel_lock values (1)"), "HYT00");
    set_timeout(l.stmt, 0);
    CHECK_OK(other.dbc, SQLEndTran(SQL_HANDLE_DBC, other.dbc, SQL_COMMIT));
    CHECK_INT(query_int(l.stmt, "select count(*) from cancel_lock"), 0);
    run(l.stmt, "drop table cancel_lock");
    link_close(&other);
    link_close(&l);
}

static void in_transaction(void)
{
    struct link l = link_open("");
    struct canceller c;
    run(l.stmt, "create temp table kept (a int)");
    CHECK_OK(l.dbc, SQLSetConnectAttr(l.dbc, SQL_ATTR_AUTOCOMMIT, (SQLPOINTER)SQL_AUTOCOMMIT_OFF, 0));
    run(l.stmt, "insert into kept values (1)");
    canceller_start(&c, l.stmt, pid_of(l.stmt), 0);
    CHECK_STATE(l.stmt, exec_direct(l.stmt, "select pg_sleep(30)"), "HY008");
    canceller_join(&c);
    run(l.stmt, "insert into kept values (2)");
    set_timeout(l.stmt, 1);
    CHECK_STATE(l.stmt, exec_direct(l.stmt, "insert into kept select 9 from pg_sleep(30)"), "HYT00");
    set_timeout(l.stmt, 0);
    run(l.stmt, "insert into kept values (3)");
    CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_COMMIT));
    CHECK_TEXT(query_text(l.stmt, "select string_agg(a::text, ',' order by a) from kept"), "1,2,3");
    CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_ROLLBACK));
    link_close(&l);
}

/* ---- in a fetch ------------------------------------------------------------------------------------------------------ */

/* Rows large enough to be sent at once, then one that takes for ever. */
static const char slow_rows[] = "select g, repeat('x', 20000), pg_sleep(case when g > 100 then 60 else 0 end) from generate_series(1, 200) g";

static void in_fetch(void)
{
    struct link l = link_open("");
    struct canceller c;
    SQLINTEGER n = 0;
    int64_t pid = pid_of(l.stmt);
    query(l.stmt, slow_rows);
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_LONG, &n, 0, NULL));
    double start = seconds_now();
    canceller_start(&c, l.stmt, pid, 99); /* the end of the hundredth is still with the server */
    SQLRETURN rc = SQL_SUCCESS;
    SQLINTEGER rows = 0;
    while ((rc = SQLFetch(l.stmt)) == SQL_SUCCESS) {
        CHECK_INT(n, ++rows);
        atomic_store(&c.fetched, rows);
    }
    CHECK_STATE(l.stmt, rc, "HY008");
    canceller_join(&c);
    CHECK_INT(rows, 100);
    CHECK(seconds_now() - start < 30);
    /* The cursor is at its end, not gone. (The driver manager may believe it closed, and refuse SQLCloseCursor.) */
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    CHECK_INT(query_int(l.stmt, "select 1"), 1);

    /* Closing waits for no one: the rest of a plain query is cancelled. */
    query(l.stmt, slow_rows);
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    start = seconds_now();
    CHECK_OK(l.stmt, SQLCloseCursor(l.stmt));
    CHECK(seconds_now() - start < 20);
    CHECK_INT(query_int(l.stmt, "select 1"), 1);
    link_close(&l);
}

/*
 * The driver manager takes a SQLCancel that ends a SQLFetch for SQLFreeStmt(SQL_CLOSE), and lets the next execution through. The notice makes the server send
 * what it holds before it pauses, so that it is this fetch which waits.
 */
static void execute_after_cancelled_fetch(void)
{
    static const char pausing[] = "select g, pg_temp.pause(g > 10) from generate_series(1, 20) g";
    struct link l = link_open("");
    struct canceller c;
    run(l.stmt, "create function pg_temp.pause(wanted boolean) returns text language plpgsql as "
                "$$ begin if wanted then raise notice 'now'; perform pg_sleep(60); end if; return repeat('x', 9000); end $$");
    int64_t pid = pid_of(l.stmt);
    for (int prepared = 0; prepared < 2; prepared++) {
        SQLRETURN rc = SQL_SUCCESS;
        CHECK_OK(l.stmt, prepared ? SQLPrepare(l.stmt, T(pausing), SQL_NTS) : SQL_SUCCESS);
        CHECK_OK(l.stmt, prepared ? SQLExecute(l.stmt) : exec_direct(l.stmt, pausing));
        canceller_start(&c, l.stmt, pid, 10);
        while (SQL_SUCCEEDED(rc = SQLFetch(l.stmt))) {
            atomic_fetch_add(&c.fetched, 1);
        }
        CHECK_STATE(l.stmt, rc, "HY008");
        canceller_join(&c);
        if (prepared) {
            CHECK_OK(l.stmt, SQLExecute(l.stmt));
            CHECK_OK(l.stmt, SQLFetch(l.stmt));
            CHECK(SQL_SUCCEEDED(SQLCloseCursor(l.stmt))); /* with what else the server has to say */
        } else {
            CHECK_OK(l.stmt, SQLTables(l.stmt, NULL, 0, NULL, 0, T("no such table"), SQL_NTS, NULL, 0));
            CHECK_RC(l.stmt, SQLFetch(l.stmt), SQL_NO_DATA);
            CHECK_OK(l.stmt, SQLCloseCursor(l.stmt));
        }
    }
    link_close(&l);
}

/* ---- while waiting for its turn -------------------------------------------------------------------------------------- */

struct runner {
    SQLHSTMT stmt;
    const char *sql;
    SQLRETURN rc;
    char state[6];
    atomic_bool begun, ended;
    pthread_t thread;
};

static void *run_it(void *arg)
{
    struct runner *r = arg;
    atomic_store(&r->begun, true);
    r->rc = SQLExecDirect(r->stmt, T(r->sql), SQL_NTS);
    atomic_store(&r->ended, true);
    SQLSMALLINT length = 0;
    SQLINTEGER native = 0;
    SQLCHAR text[256];
    (void)SQLGetDiagRec(SQL_HANDLE_STMT, r->stmt, 1, (SQLCHAR *)r->state, &native, text, sizeof text, &length);
    return NULL;
}

static void runner_start(struct runner *r, SQLHSTMT stmt, const char *sql)
{
    *r = (struct runner){.stmt = stmt, .sql = sql, .rc = SQL_ERROR};
    if (pthread_create(&r->thread, NULL, run_it, r) != 0) {
        abort();
    }
}

/* Starts one that is to wait for another one, and lets it come so far. */
static void runner_wait(struct runner *r, SQLHSTMT stmt, const char *sql)
{
    runner_start(r, stmt, sql);
    while (!atomic_load(&r->begun)) {
        pause_ms(1);
    }
    pause_ms(300);
}

/* Two threads, one connection: the second waits. Cancelling it must not hit the first, whose statement is the one on the server. */
static void waiting_for_its_turn(void)
{
    struct link l = link_open("");
    struct link other = link_open("");
    SQLHSTMT waiting = new_stmt(l.dbc);
    struct runner first;
    struct runner second;
    int64_t pid = pid_of(l.stmt);
    run(l.stmt, "set lock_timeout = '60s'");
    /* The first runs for as long as `other` holds the lock. */
    run(other.stmt, "select pg_advisory_lock(90125)");
    runner_start(&first, l.stmt, "select pg_advisory_lock(90125)");
    await_waiting(watch.stmt, pid);
    runner_wait(&second, waiting, "select 1");
    CHECK_OK(waiting, SQLCancel(waiting));
    pthread_join(second.thread, NULL);
    CHECK_INT(second.rc, SQL_ERROR);
    CHECK_TEXT(second.state, "HY008");
    CHECK(!atomic_load(&first.ended));
    run(other.stmt, "select pg_advisory_unlock(90125)");
    pthread_join(first.thread, NULL);
    CHECK_INT(first.rc, SQL_SUCCESS);
    CHECK_OK(l.stmt, SQLCloseCursor(l.stmt));

    /* The other way round: the one on the server is cancelled, the waiting one goes on. */
    runner_start(&first, l.stmt, "select pg_sleep(60)");
    await_waiting(watch.stmt, pid);
    runner_wait(&second, waiting, "select 1");
    CHECK_OK(l.stmt, SQLCancel(l.stmt));
    pthread_join(first.thread, NULL);
    pthread_join(second.thread, NULL);
    CHECK_INT(first.rc, SQL_ERROR);
    CHECK_TEXT(first.state, "HY008");
    CHECK_INT(second.rc, SQL_SUCCESS);
    CHECK_OK(waiting, SQLCloseCursor(waiting));

    /* A timeout counts from the call, the wait included; nothing is sent. */
    run(l.stmt, "select pg_advisory_unlock(90125)");
    run(other.stmt, "select pg_advisory_lock(90125)");
    set_timeout(waiting, 1);
    runner_start(&first, l.stmt, "select pg_advisory_lock(90125)");
    await_waiting(watch.stmt, pid);
    CHECK_STATE(waiting, exec_direct(waiting, "select 1"), "HYT00");
    CHECK(!atomic_load(&first.ended));
    run(other.stmt, "select pg_advisory_unlock(90125)");
    pthread_join(first.thread, NULL);
    CHECK_INT(first.rc, SQL_SUCCESS);
    CHECK_OK(l.stmt, SQLCloseCursor(l.stmt));
    free_stmt(waiting);
    link_close(&other);
    link_close(&l);
}

/* A statement that waits while another one's endless rows are taken off the connection. */
static void waiting_for_a_stream(void)
{
    struct link l = link_open("");
    SQLHSTMT waiting = new_stmt(l.dbc);
    struct runner second;
    SQLBIGINT n = 0;
    query(l.stmt, "select g::int8 from (select generate_series(1, 3000000) g) s, pg_sleep(0)");
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_SBIGINT, &n, 0, NULL));
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    runner_start(&second, waiting, "select 1");
    pause_ms(30);
    CHECK_OK(waiting, SQLCancel(waiting));
    pthread_join(second.thread, NULL);
    /* Whether it was early enough or not: nobody else was hit. */
    CHECK(second.rc == SQL_SUCCESS || strcmp(second.state, "HY008") == 0);
    SQLRETURN rc = SQL_SUCCESS;
    int64_t rows = 1;
    int64_t wrong = n != 1;
    while ((rc = SQLFetch(l.stmt)) == SQL_SUCCESS) {
        wrong += n != ++rows;
    }
    CHECK_RC(l.stmt, rc, SQL_NO_DATA);
    CHECK_INT(rows, 3000000);
    CHECK_INT(wrong, 0);
    free_stmt(waiting);
    link_close(&l);
}

/* ---- several parts, several sets ------------------------------------------------------------------------------------- */

enum { SETS = 20000 };

/* A cancel that comes between two of them counts as one that hits one of them; nothing of the whole is left. */
static void between_parts(void)
{
    static SQLINTEGER numbers[SETS];
    static char batch[SETS / 4 * 32];
    static const char *const texts[] = {"insert into cancel_sets values (?) returning a", "insert into cancel_sets values (?)"};
    struct link l = link_open("");
    int64_t pid = pid_of(l.stmt);
    run(watch.stmt, "drop table if exists cancel_sets");
    run(watch.stmt, "create table cancel_sets (a int)");
    for (int i = 0; i < SETS; i++) {
        numbers[i] = i;
    }
    for (char *at = batch; at < batch + sizeof batch - 40;) {
        at += sprintf(at, "insert into cancel_sets values (1);");
    }
    for (int round = 0; round < 6; round++) {
        struct canceller c;
        SQLSMALLINT records = 0;
        bool array = round % 3 > 0;
        CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_PARAMSET_SIZE, (SQLPOINTER)(intptr_t)(array ? SETS : 1), 0));
        CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, numbers, 0, NULL));
        set_autocommit(l.dbc, round < 3);
        /* The first of them waits for the lock, so that the cancel comes while they run. */
        run(watch.stmt, "begin");
        run(watch.stmt, "lock table cancel_sets in share mode");
        canceller_start(&c, l.stmt, pid, 0);
        CHECK_STATE(l.stmt, exec_direct(l.stmt, array ? texts[round % 3 - 1] : batch), "HY008");
        canceller_join(&c);
        while (diag_state(l.stmt, records + 1)[0]) {
            records++;
        }
        CHECK_INT(records, 1); /* one is enough, however many sets it ended */
        run(watch.stmt, "rollback");
        if (round >= 3) {
            CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_COMMIT));
        }
        CHECK_INT(query_int(watch.stmt, "select count(*) from cancel_sets"), 0);
    }
    set_autocommit(l.dbc, true);
    /* At any moment: most of the time none of them is on the server when it is asked to cancel. */
    int ignored = 0;
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_PARAMSET_SIZE, (SQLPOINTER)SETS, 0));
    for (int shot = 0; shot < 12; shot++) {
        struct runner r;
        runner_start(&r, l.stmt, texts[0]);
        while (!atomic_load(&r.begun)) {
            pause_ms(1);
        }
        pause_ms(20 + 10 * shot);
        bool late = atomic_load(&r.ended);
        CHECK_INT(SQLCancel(l.stmt), SQL_SUCCESS);
        pthread_join(r.thread, NULL);
        bool cancelled = r.rc == SQL_ERROR;
        CHECK(cancelled ? strcmp(r.state, "HY008") == 0 : r.rc == SQL_SUCCESS);
        ignored += !cancelled && !late;
        CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
        CHECK_INT(query_int(watch.stmt, "select count(*) from cancel_sets"), cancelled ? 0 : SETS);
        run(watch.stmt, "truncate cancel_sets");
    }
    CHECK(ignored <= 4); /* those that came before the first or with the last */
    run(watch.stmt, "drop table cancel_sets");
    link_close(&l);
}

/* A QUERY_TIMEOUT that ends between two of them, or while the rows of one are kept: the session lives on. */
static void timeout_between_parts(void)
{
    static SQLINTEGER numbers[SETS];
    struct link l = link_open("");
    int64_t pid = pid_of(l.stmt);
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, numbers, 0, NULL));
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_PARAMSET_SIZE, (SQLPOINTER)SETS, 0));
    set_timeout(l.stmt, 1);
    CHECK_STATE(l.stmt, exec_direct(l.stmt, "select ?::int, repeat('x', 1000) from generate_series(1, 1000)"), "HYT00");
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_PARAMSET_SIZE, (SQLPOINTER)1, 0));
    CHECK_STATE(l.stmt, exec_direct(l.stmt, "select pg_sleep(0.9); select generate_series(1, 200000000)"), "HYT00");
    set_timeout(l.stmt, 0);
    CHECK_INT(pid_of(l.stmt), pid);
    link_close(&l);
    /* No room for the rows of one: it is cut short. */
    l = link_open("MaxSpoolSize=1");
    double start = seconds_now();
    CHECK_STATE(l.stmt, exec_direct(l.stmt, "select generate_series(1, 1000000000); select 1"), "HY000");
    CHECK_CONTAINS(diag_message(l.stmt, 1), "Of several statements or sets each result is kept");
    CHECK(seconds_now() - start < 30);
    CHECK_INT(query_int(l.stmt, "select 1"), 1);
    link_close(&l);
}

/* ---- when nothing runs ----------------------------------------------------------------------------------------------- */

/* A cursor is open, and the connection is busy with another statement: SQLCancel waits for nothing, and the cursor is closed when it is in the way. */
static void idle_on_a_busy_connection(void)
{
    struct link l = link_open("");
    SQLHSTMT other = new_stmt(l.dbc);
    int64_t pid = pid_of(other);
    struct runner r;
    query(l.stmt, "select g, repeat('x', 1000) from generate_series(1, 100000) g");
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    runner_start(&r, other, "select pg_sleep(8)");
    await_waiting(watch.stmt, pid);
    double start = seconds_now();
    CHECK_OK(l.stmt, SQLCancel(l.stmt));
    CHECK(seconds_now() - start < 5);
    pthread_join(r.thread, NULL);
    CHECK_INT(r.rc, SQL_SUCCESS);
    CHECK_INT(query_int(l.stmt, "select 1"), 1);
    /* The driver manager believes a cursor closed by it, and so attributes can be set that an open one would not allow. */
    query(l.stmt, "select 1");
    CHECK_OK(l.stmt, SQLCancel(l.stmt));
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_CONCURRENCY, (SQLPOINTER)SQL_CONCUR_READ_ONLY, 0));
    free_stmt(other);
    link_close(&l);
}

static void idle(void)
{
    struct link l = link_open("");
    SQLINTEGER a = 5;
    CHECK_OK(l.stmt, SQLCancel(l.stmt)); /* never used */
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("select ? + 1"), SQL_NTS));
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 1, SQL_PARAM_INPUT, SQL_C_LONG, SQL_INTEGER, 0, 0, &a, 0, NULL));
    CHECK_OK(l.stmt, SQLCancel(l.stmt)); /* prepared */
    for (int i = 0; i < 3; i++) {
        CHECK_OK(l.stmt, SQLExecute(l.stmt));
        CHECK_OK(l.stmt, SQLCancel(l.stmt)); /* a cursor is open: it can be executed again all the same */
        CHECK_OK(l.stmt, SQLExecute(l.stmt));
        CHECK_OK(l.stmt, SQLFetch(l.stmt));
        CHECK_OK(l.stmt, SQLCancel(l.stmt));
    }
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_RESET_PARAMS));
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    /* A cancel of yesterday does not hit the statement of today. */
    CHECK_OK(l.stmt, SQLCancel(l.stmt));
    CHECK_OK(l.stmt, exec_direct(l.stmt, "select pg_sleep(0.2)"));
    CHECK_OK(l.stmt, SQLCloseCursor(l.stmt));
    /* Nor does one whose statement has ended, while another one of the connection runs. */
    SQLHSTMT other = new_stmt(l.dbc);
    struct canceller c;
    canceller_start(&c, other, 0, 0);
    CHECK_OK(l.stmt, exec_direct(l.stmt, "select pg_sleep(0.4)"));
    canceller_join(&c);
    CHECK_OK(l.stmt, SQLCloseCursor(l.stmt));
    free_stmt(other);
    link_close(&l);
}

static void waiting_for_data(void)
{
    struct link l = link_open("");
    SQLLEN at_exec = SQL_DATA_AT_EXEC;
    SQLPOINTER token = NULL;
    run(l.stmt, "create temp table dae (a text, b text)");
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("insert into dae values (?, ?)"), SQL_NTS));
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 1, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, 100, 0, (SQLPOINTER)1, 0, &at_exec));
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 2, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, 100, 0, (SQLPOINTER)2, 0, &at_exec));

    /* Before the first SQLParamData, between two, and after a part was put. */
    CHECK_RC(l.stmt, SQLExecute(l.stmt), SQL_NEED_DATA);
    CHECK_OK(l.stmt, SQLCancel(l.stmt));
    CHECK_RC(l.stmt, SQLExecute(l.stmt), SQL_NEED_DATA);
    CHECK_RC(l.stmt, SQLParamData(l.stmt, &token), SQL_NEED_DATA);
    CHECK_OK(l.stmt, SQLCancel(l.stmt));
    CHECK_STATE(l.stmt, SQLPutData(l.stmt, T("late"), SQL_NTS), "HY010");
    CHECK_RC(l.stmt, SQLExecute(l.stmt), SQL_NEED_DATA);
    CHECK_RC(l.stmt, SQLParamData(l.stmt, &token), SQL_NEED_DATA);
    CHECK_INT((intptr_t)token, 1);
    CHECK_OK(l.stmt, SQLPutData(l.stmt, T("thrown away"), SQL_NTS));
    CHECK_OK(l.stmt, SQLCancel(l.stmt));
    CHECK_STATE(l.stmt, SQLParamData(l.stmt, &token), "HY010");

    /* The next run begins with nothing put. */
    CHECK_RC(l.stmt, SQLExecute(l.stmt), SQL_NEED_DATA);
    CHECK_RC(l.stmt, SQLParamData(l.stmt, &token), SQL_NEED_DATA);
    CHECK_OK(l.stmt, SQLPutData(l.stmt, T("one"), SQL_NTS));
    CHECK_RC(l.stmt, SQLParamData(l.stmt, &token), SQL_NEED_DATA);
    CHECK_INT((intptr_t)token, 2);
    CHECK_OK(l.stmt, SQLPutData(l.stmt, T("two"), SQL_NTS));
    CHECK_OK(l.stmt, SQLParamData(l.stmt, &token));
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_RESET_PARAMS));
    CHECK_TEXT(query_text(l.stmt, "select string_agg(a || '+' || b, ',') from dae"), "one+two");
    link_close(&l);
}

/* ---- SQL_ATTR_QUERY_TIMEOUT ------------------------------------------------------------------------------------------ */

static void query_timeout(void)
{
    struct link l = link_open("");
    SQLULEN value = 99;
    CHECK_OK(l.stmt, SQLGetStmtAttr(l.stmt, SQL_ATTR_QUERY_TIMEOUT, &value, 0, NULL));
    CHECK_INT(value, 0);
    set_timeout(l.stmt, 1);
    CHECK_OK(l.stmt, SQLGetStmtAttr(l.stmt, SQL_ATTR_QUERY_TIMEOUT, &value, 0, NULL));
    CHECK_INT(value, 1);
    double start = seconds_now();
    CHECK_STATE(l.stmt, exec_direct(l.stmt, "select pg_sleep(30)"), "HYT00");
    CHECK(seconds_now() - start > 0.9 && seconds_now() - start < 15);
    set_timeout(l.stmt, 4);
    CHECK_OK(l.stmt, exec_direct(l.stmt, "select pg_sleep(0.1)"));
    CHECK_OK(l.stmt, SQLCloseCursor(l.stmt));
    /* It bounds the execution, up to the first row; reading may take its time. */
    query(l.stmt, "select g, repeat('x', 20000), pg_sleep(case when g % 100 = 0 then 1.5 else 0 end) from generate_series(1, 300) g");
    SQLINTEGER rows = 0;
    SQLRETURN rc = SQL_SUCCESS;
    while ((rc = SQLFetch(l.stmt)) == SQL_SUCCESS) {
        rows++;
    }
    CHECK_RC(l.stmt, rc, SQL_NO_DATA);
    CHECK_INT(rows, 300);
    CHECK_OK(l.stmt, SQLCloseCursor(l.stmt));
    /* It is the statement's: the server's own setting is not touched. */
    CHECK_TEXT(query_text(l.stmt, "show statement_timeout"), "0");
    set_timeout(l.stmt, 0);
    link_close(&l);

    l = link_open("QueryTimeout=1");
    CHECK_OK(l.stmt, SQLGetStmtAttr(l.stmt, SQL_ATTR_QUERY_TIMEOUT, &value, 0, NULL));
    CHECK_INT(value, 1);
    CHECK_STATE(l.stmt, exec_direct(l.stmt, "select pg_sleep(30)"), "HYT00");
    set_timeout(l.stmt, 0);
    CHECK_OK(l.stmt, exec_direct(l.stmt, "select pg_sleep(1.2)"));
    CHECK_OK(l.stmt, SQLCloseCursor(l.stmt));
    /* The server's own limit looks the same to the application. */
    run(l.stmt, "set statement_timeout = '100ms'");
    CHECK_STATE(l.stmt, exec_direct(l.stmt, "select pg_sleep(30)"), "HYT00");
    link_close(&l);
}

/* ---- a cancel that comes too late ------------------------------------------------------------------------------------ */

struct sniper {
    SQLHSTMT stmt;
    atomic_bool armed, stop;
    unsigned seed;
};

static void *snipe(void *arg)
{
    struct sniper *s = arg;
    while (!atomic_load(&s->stop)) {
        if (atomic_load(&s->armed)) {
            struct timespec t = {0, (long)(rand_r(&s->seed) % 3000) * 1000};
            nanosleep(&t, NULL);
            (void)SQLCancel(s->stmt);
            atomic_store(&s->armed, false);
        }
        pause_ms(0);
    }
    return NULL;
}

/* The cancel is sent about when its statement ends. Whatever it meets: the next statement, and those of other handles, are not hit. */
static void rounds(void)
{
    struct link l = link_open("");
    SQLHSTMT innocent = new_stmt(l.dbc);
    struct sniper s = {.stmt = l.stmt, .seed = 4711};
    pthread_t thread;
    int done = 0;
    int cancelled = 0;
    int other = 0;
    int hit = 0;
    if (pthread_create(&thread, NULL, snipe, &s) != 0) {
        abort();
    }
    for (int i = 0; i < 100; i++) {
        atomic_store(&s.armed, true);
        SQLRETURN rc = exec_direct(l.stmt, "select pg_sleep(0.001)");
        if (rc == SQL_SUCCESS) {
            done++;
        } else if (strcmp(diag_state(l.stmt, 1), "HY008") == 0) {
            cancelled++;
        } else {
            other++;
        }
        hit += exec_direct(innocent, "select 42") != SQL_SUCCESS || SQLFetch(innocent) != SQL_SUCCESS;
        SQLFreeStmt(innocent, SQL_CLOSE);
        while (atomic_load(&s.armed)) {
            pause_ms(0);
        }
        SQLFreeStmt(l.stmt, SQL_CLOSE);
        hit += exec_direct(innocent, "select 43 from pg_sleep(0.002)") != SQL_SUCCESS;
        SQLFreeStmt(innocent, SQL_CLOSE);
    }
    atomic_store(&s.stop, true);
    pthread_join(thread, NULL);
    CHECK_INT(done + cancelled, 100);
    CHECK_INT(other, 0);
    CHECK_INT(hit, 0);
    free_stmt(innocent);
    link_close(&l);
}

int main(void)
{
    static const struct test tests[] = {
        {"in execution", in_execute},
        {"while waiting for a lock", in_a_lock_wait},
        {"in a transaction", in_transaction},
        {"in a fetch", in_fetch},
        {"execution after a cancelled fetch", execute_after_cancelled_fetch},
        {"while waiting for its turn", waiting_for_its_turn},
        {"while another result is taken off the connection", waiting_for_a_stream},
        {"between parts and sets", between_parts},
        {"a timeout between parts and sets", timeout_between_parts},
        {"when nothing runs", idle},
        {"when nothing runs, but for another statement", idle_on_a_busy_connection},
        {"while data are needed", waiting_for_data},
        {"SQL_ATTR_QUERY_TIMEOUT", query_timeout},
        {"cancel against the next statement", rounds},
    };
    watch = link_open("");
    int status = run_tests("SQLCancel", tests, COUNT(tests));
    link_close(&watch);
    return status;
}
