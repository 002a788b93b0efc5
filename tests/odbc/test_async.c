/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asynchronous execution by polling. What is to take long waits for an advisory lock that another connection of the same thread holds: a call that waited with it
 * would never return. Through the driver manager, and to the driver itself where that cannot pass a function on.
 */
#include "direct.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- polling --------------------------------------------------------------------------------------------------------- */

static struct {
    int still, slow; /* answers SQL_STILL_EXECUTING, and calls that took more than 20 ms */
    int calls;
    double begun;
} polls;

static void poll_begin(void)
{
    polls.begun = seconds_now();
}

static bool poll_again(SQLRETURN rc)
{
    polls.calls++;
    polls.slow += seconds_now() - polls.begun > 0.02;
    polls.still += rc == SQL_STILL_EXECUTING;
    if (rc != SQL_STILL_EXECUTING) {
        return false;
    }
    pause_ms(1);
    return true;
}

/* Calls until it is done. */
#define POLL(rc, call)               \
    do {                             \
        poll_begin();                \
        (rc) = (call);               \
    } while (poll_again(rc))

/* Calls a few times, each of which must find it unfinished. */
#define STILL(handle, call)                                   \
    for (int i_ = 0; i_ < 3; i_++) {                          \
        poll_begin();                                         \
        SQLRETURN rc_ = (call);                               \
        (void)poll_again(rc_);                                \
        if (!CHECK_RC(handle, rc_, SQL_STILL_EXECUTING)) {    \
            break;                                            \
        }                                                     \
    }

#define POLL_OK(handle, call)         \
    do {                              \
        SQLRETURN polled_;            \
        POLL(polled_, call);          \
        CHECK_OK(handle, polled_);    \
    } while (0)

#define POLL_STATE(handle, call, state)         \
    do {                                        \
        SQLRETURN polled_;                      \
        POLL(polled_, call);                    \
        CHECK_STATE(handle, polled_, state);    \
    } while (0)

/* ---- what takes long ------------------------------------------------------------------------------------------------- */

static struct link keeper; /* holds the locks, and looks at what other backends do */

static void hold_lock(int number)
{
    char sql[64];
    snprintf(sql, sizeof sql, "select pg_advisory_lock(77, %d)", number);
    run(keeper.stmt, sql);
}

static void let_go(int number)
{
    char sql[64];
    snprintf(sql, sizeof sql, "select pg_advisory_unlock(77, %d)", number);
    run(keeper.stmt, sql);
}

#define TAKE_LOCK(n) "select 5 from pg_advisory_xact_lock(77, " #n ")"

static void set_async(SQLHSTMT stmt, bool on)
{
    CHECK_OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_ASYNC_ENABLE, (SQLPOINTER)(uintptr_t)(on ? SQL_ASYNC_ENABLE_ON : SQL_ASYNC_ENABLE_OFF), 0));
}

static int64_t pid_of(SQLHSTMT stmt)
{
    return query_int(stmt, "select pg_backend_pid()");
}

static struct link async_open(int64_t *pid)
{
    struct link l = link_open("");
    if (pid) {
        *pid = pid_of(l.stmt);
    }
    set_async(l.stmt, true);
    return l;
}

/* ---- execution ------------------------------------------------------------------------------------------------------- */

static void execution(void)
{
    int64_t pid;
    struct link l = async_open(&pid);
    SQLINTEGER n = 0;
    SQLRETURN rc;
    hold_lock(1);
    STILL(l.stmt, exec_direct(l.stmt, TAKE_LOCK(1)));
    await_waiting(keeper.stmt, pid);
    STILL(l.stmt, exec_direct(l.stmt, "its arguments are not looked at again"));
    let_go(1);
    POLL_OK(l.stmt, exec_direct(l.stmt, ""));
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_LONG, &n, 0, NULL));
    POLL_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_INT(n, 5);
    POLL(rc, SQLFetch(l.stmt));
    CHECK_RC(l.stmt, rc, SQL_NO_DATA);
    CHECK_OK(l.stmt, SQLCloseCursor(l.stmt));

    /* The text is the driver's own from the first call on. */
    SQLWCHAR text[128];
    memcpy(text, wide("select char_length('\xC3\xA4\xF0\x9F\x98\x80') from pg_advisory_xact_lock(77, 1)"), sizeof text);
    hold_lock(1);
    STILL(l.stmt, SQLExecDirectW(l.stmt, text, SQL_NTS));
    memset(text, 0, sizeof text);
    let_go(1);
    POLL_OK(l.stmt, SQLExecDirectW(l.stmt, text, SQL_NTS));
    POLL_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_INT(n, 2);
    CHECK_OK(l.stmt, SQLCloseCursor(l.stmt));

    /* Prepared, with a parameter that is read while it is executed. */
    SQLINTEGER lock = 1;
    POLL_OK(l.stmt, SQLPrepare(l.stmt, T("select ? + 1 from pg_advisory_xact_lock(77, ?)"), SQL_NTS));
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, &lock, 0, NULL));
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 2, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, &lock, 0, NULL));
    for (int i = 0; i < 2; i++) {
        hold_lock(1);
        STILL(l.stmt, SQLExecute(l.stmt));
        let_go(1);
        POLL_OK(l.stmt, SQLExecute(l.stmt));
        POLL_OK(l.stmt, SQLFetch(l.stmt));
        CHECK_INT(n, 2);
        CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    }
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_UNBIND));
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_RESET_PARAMS));

    /* Without rows; nothing touched is SQL_NO_DATA here too. */
    POLL_OK(l.stmt, exec_direct(l.stmt, "create temp table t (a int)"));
    POLL_OK(l.stmt, exec_direct(l.stmt, "insert into t values (1), (2)"));
    CHECK_INT(row_count(l.stmt), 2);
    POLL(rc, exec_direct(l.stmt, "delete from t where a > 5"));
    CHECK_RC(l.stmt, rc, SQL_NO_DATA);
    link_close(&l);
}


/* Several parts, an array of parameters, rows into a block: application buffers are used where they are. */
static void arrays_and_blocks(void)
{
    enum { SETS = 300, BLOCK = 100 };
    static SQLINTEGER in[SETS], out[BLOCK];
    static SQLLEN lengths[BLOCK];
    static SQLUSMALLINT set_status[SETS], row_status[BLOCK];
    struct link l = async_open(NULL);
    SQLULEN processed = 0, fetched = 0;
    SQLINTEGER sum = 0;
    int rows = 0;
    SQLRETURN rc;
    for (int i = 0; i < SETS; i++) {
        in[i] = i;
    }
    POLL_OK(l.stmt, exec_direct(l.stmt, "create temp table sets (a int)"));
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_PARAMSET_SIZE, (SQLPOINTER)SETS, 0));
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_PARAM_STATUS_PTR, set_status, 0));
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_PARAMS_PROCESSED_PTR, &processed, 0));
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, in, 0, NULL));
    POLL_OK(l.stmt, SQLPrepare(l.stmt, T("insert into sets select ?::int from pg_sleep(0.002)"), SQL_NTS));
    POLL_OK(l.stmt, SQLExecute(l.stmt));
    CHECK_INT(processed, SETS);
    CHECK_INT(set_status[SETS - 1], SQL_PARAM_SUCCESS);
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_PARAMSET_SIZE, (SQLPOINTER)1, 0));
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_RESET_PARAMS));

    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_ROW_ARRAY_SIZE, (SQLPOINTER)BLOCK, 0));
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_ROW_STATUS_PTR, row_status, 0));
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_ROWS_FETCHED_PTR, &fetched, 0));
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_LONG, out, 0, lengths));
    POLL_OK(l.stmt, exec_direct(l.stmt, "select a from sets order by a"));
    for (;;) {
        POLL(rc, SQLFetchScroll(l.stmt, SQL_FETCH_NEXT, 0));
        if (rc != SQL_SUCCESS) {
            break;
        }
        rows += (int)fetched;
        for (SQLULEN i = 0; i < fetched; i++) {
            sum += out[i];
            CHECK_INT(row_status[i], SQL_ROW_SUCCESS);
        }
    }
    CHECK_RC(l.stmt, rc, SQL_NO_DATA);
    CHECK_INT(rows, SETS);
    CHECK_INT(sum, SETS * (SETS - 1) / 2);
    CHECK_OK(l.stmt, SQLCloseCursor(l.stmt));

    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ROWSET_SIZE, (SQLPOINTER)BLOCK, 0));
    POLL_OK(l.stmt, exec_direct(l.stmt, "select generate_series(1, 250)"));
    rows = 0;
    for (;;) {
        POLL(rc, SQLExtendedFetch(l.stmt, SQL_FETCH_NEXT, 0, &fetched, row_status));
        if (rc != SQL_SUCCESS) {
            break;
        }
        rows += (int)fetched;
    }
    CHECK_RC(l.stmt, rc, SQL_NO_DATA);
    CHECK_INT(rows, 250);
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_ROW_ARRAY_SIZE, (SQLPOINTER)1, 0));

    /* Several statements in one text, and their results. */
    out[0] = 0;
    POLL_OK(l.stmt, exec_direct(l.stmt, "select 1; insert into sets values (1000), (1001); select 3"));
    POLL_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_INT(out[0], 1);
    POLL_OK(l.stmt, SQLMoreResults(l.stmt));
    CHECK_INT(row_count(l.stmt), 2);
    POLL_OK(l.stmt, SQLMoreResults(l.stmt));
    POLL_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_INT(out[0], 3);
    POLL(rc, SQLMoreResults(l.stmt));
    CHECK_RC(l.stmt, rc, SQL_NO_DATA);
    link_close(&l);
}

/* ---- every function -------------------------------------------------------------------------------------------------- */

/*
 * A statement of the connection is at the server and stays there: what another one asks of it is still executing, each time, and each function's answer is what it
 * is without all that.
 */
static void every_function(void)
{
    int64_t pid;
    struct link l = async_open(&pid);
    SQLHSTMT other = new_stmt(l.dbc);
    SQLRETURN rc;
    char name[64] = "";
    run(other, "create temp table every (a int primary key, b text)");
    set_async(other, true);
    for (int i = 0; i < 7; i++) {
        hold_lock(2);
        STILL(l.stmt, exec_direct(l.stmt, TAKE_LOCK(2)));
        await_waiting(keeper.stmt, pid);
        for (int done = 0; done < 2; done++) {
            rc = SQL_STILL_EXECUTING;
            for (int n = 0; n < (done ? 10000 : 5) && rc == SQL_STILL_EXECUTING; n++) {
                poll_begin();
                switch (i) {
                case 0:
                    rc = exec_direct(other, "select a from every");
                    break;
                case 1:
                    rc = SQLTables(other, NULL, 0, NULL, 0, T("every"), SQL_NTS, NULL, 0);
                    break;
                case 2:
                    rc = SQLColumns(other, NULL, 0, NULL, 0, T("every"), SQL_NTS, NULL, 0);
                    break;
                case 3:
                    rc = SQLPrimaryKeys(other, NULL, 0, NULL, 0, T("every"), SQL_NTS);
                    break;
                case 4:
                    rc = SQLTablePrivileges(other, NULL, 0, NULL, 0, T("every"), SQL_NTS);
                    break;
                case 5:
                    rc = SQLTablesW(other, NULL, 0, NULL, 0, wide("every"), SQL_NTS, NULL, 0);
                    break;
                default:
                    rc = SQLPrepare(other, T("select b, a from every where a = ?"), SQL_NTS); /* described at once */
                    break;
                }
                (void)poll_again(rc);
            }
            if (!done) {
                CHECK_RC(other, rc, SQL_STILL_EXECUTING);
                let_go(2);
            }
        }
        CHECK_OK(other, rc);
        POLL_OK(l.stmt, exec_direct(l.stmt, TAKE_LOCK(2)));
        CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
        if (i < 6) {
            POLL(rc, SQLFetch(other));
            CHECK_RC(other, rc, i == 0 ? SQL_NO_DATA : SQL_SUCCESS);
            if (i > 0) {
                CHECK_OK(other, SQLGetData(other, 3, SQL_C_CHAR, name, sizeof name, NULL));
                CHECK_TEXT(name, "every");
            }
            CHECK_OK(other, SQLFreeStmt(other, SQL_CLOSE));
        }
    }
    /* What was described when it was prepared needs no server now. */
    SQLSMALLINT count = 0, type = 0, digits, nullable;
    SQLULEN size;
    hold_lock(2);
    STILL(l.stmt, exec_direct(l.stmt, TAKE_LOCK(2)));
    await_waiting(keeper.stmt, pid);
    CHECK_OK(other, SQLNumResultCols(other, &count));
    CHECK_INT(count, 2);
    CHECK_OK(other, SQLNumParams(other, &count));
    CHECK_INT(count, 1);
    CHECK_OK(other, SQLDescribeParam(other, 1, &type, &size, &digits, &nullable));
    CHECK_INT(type, SQL_INTEGER);
    CHECK_OK(other, SQLDescribeCol(other, 2, (SQLCHAR *)name, sizeof name, &count, &type, &size, &digits, &nullable));
    CHECK_TEXT(name, "a");
    CHECK_INT(type, SQL_INTEGER);
    CHECK_OK(other, SQLColAttribute(other, 1, SQL_DESC_CONCISE_TYPE, NULL, 0, NULL, NULL));
    let_go(2);
    POLL_OK(l.stmt, exec_direct(l.stmt, TAKE_LOCK(2)));
    SQLHSTMT third = new_stmt(l.dbc);
    set_async(third, true);
    POLL_OK(third, SQLGetTypeInfo(third, SQL_INTEGER));
    POLL_OK(third, SQLFetch(third));
    CHECK_OK(third, SQLCloseCursor(third));
    free_stmt(third);
    free_stmt(other);
    link_close(&l);
}

/* Many at a time, each on its connection, all from one thread. */
static void at_the_same_time(void)
{
    enum { MANY = 6 };
    struct link l[MANY];
    int64_t pid[MANY];
    hold_lock(3);
    for (int i = 0; i < MANY; i++) {
        l[i] = async_open(&pid[i]);
        STILL(l[i].stmt, exec_direct(l[i].stmt, "select pg_advisory_xact_lock_shared(77, 3)"));
    }
    for (int i = 0; i < MANY; i++) {
        await_waiting(keeper.stmt, pid[i]);
        STILL(l[i].stmt, exec_direct(l[i].stmt, "select pg_advisory_xact_lock_shared(77, 3)"));
    }
    let_go(3);
    for (int i = 0; i < MANY; i++) {
        POLL_OK(l[i].stmt, exec_direct(l[i].stmt, "select pg_advisory_xact_lock_shared(77, 3)"));
        link_close(&l[i]);
    }
}

/* ---- fetching -------------------------------------------------------------------------------------------------------- */

/* The notice makes the server send what it holds before it waits. */
static void make_pausing_rows(SQLHSTMT stmt)
{
    run(stmt, "create function pg_temp.pause(wanted boolean) returns text language plpgsql as "
              "$$ begin if wanted then raise notice 'now'; perform pg_advisory_xact_lock(77, 4); end if; return repeat('x', 9000); end $$");
}

static const char pausing[] = "select g, pg_temp.pause(g = 11) from generate_series(1, 20) g";

static void fetching(void)
{
    int64_t pid;
    struct link l = link_open("");
    SQLINTEGER n = 0;
    SQLRETURN rc = SQL_SUCCESS;
    pid = pid_of(l.stmt);
    make_pausing_rows(l.stmt);
    set_async(l.stmt, true);
    hold_lock(4);
    POLL_OK(l.stmt, exec_direct(l.stmt, pausing));
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_LONG, &n, 0, NULL));
    int rows = 0;
    for (;;) {
        rc = SQLFetch(l.stmt);
        for (int i = 0; i < 20 && rc == SQL_STILL_EXECUTING; i++) {
            pause_ms(1);
            rc = SQLFetch(l.stmt);
        }
        if (!SQL_SUCCEEDED(rc)) {
            break;
        }
        CHECK_INT(n, ++rows);
    }
    CHECK_RC(l.stmt, rc, SQL_STILL_EXECUTING); /* the end of the tenth is not known */
    CHECK_INT(rows, 9);
    await_waiting(keeper.stmt, pid);
    STILL(l.stmt, SQLFetch(l.stmt));
    let_go(4);
    for (;;) {
        POLL(rc, SQLFetch(l.stmt));
        if (!SQL_SUCCEEDED(rc)) {
            break;
        }
        CHECK_INT(n, ++rows);
    }
    CHECK_RC(l.stmt, rc, SQL_NO_DATA);
    CHECK_INT(rows, 20);
    /* The driver manager knows that it has ended. */
    CHECK_OK(l.stmt, SQLCloseCursor(l.stmt));
    link_close(&l);
}

/* A failure behind rows is told by the fetch that meets it, at once. */
static void failing_rows(void)
{
    struct link l = link_open("");
    SQLRETURN rc;
    SQLINTEGER n = 0;
    make_pausing_rows(l.stmt);
    set_async(l.stmt, true);
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_LONG, &n, 0, NULL));
    for (int prepared = 0; prepared < 2; prepared++) {
        static const char sql[] = "select 1 / (12 - g), pg_temp.pause(g > 5) from generate_series(1, 20) g";
        POLL_OK(l.stmt, prepared ? SQLPrepare(l.stmt, T(sql), SQL_NTS) : SQL_SUCCESS);
        POLL_OK(l.stmt, prepared ? SQLExecute(l.stmt) : exec_direct(l.stmt, sql));
        int rows = 0;
        for (;;) {
            POLL(rc, SQLFetch(l.stmt));
            if (!SQL_SUCCEEDED(rc)) {
                break;
            }
            rows++;
        }
        CHECK_STATE(l.stmt, rc, "22012");
        CHECK_INT(rows, 11);
        CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    }
    link_close(&l);
}

/* So is a row that cannot be converted, although what comes behind it is long in coming. */
static void rows_that_do_not_fit(void)
{
    struct link l = async_open(NULL);
    SQLRETURN rc;
    SQLINTEGER n = 0;
    run(keeper.stmt, "drop function if exists async_slow(int)");
    run(keeper.stmt, "create function async_slow(int) returns text language plpgsql as "
                     "$$ begin raise notice 'now'; perform pg_sleep(0.05); return repeat('x', 9000); end $$");
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_LONG, &n, 0, NULL));
    POLL(rc, exec_direct(l.stmt, "select case when g % 3 = 0 then 99999999999 else g end, async_slow(g) from generate_series(1, 9) g"));
    CHECK(SQL_SUCCEEDED(rc)); /* with the notice */
    for (int row = 1; row <= 9; row++) {
        POLL(rc, SQLFetch(l.stmt));
        if (row % 3 == 0) {
            CHECK_RC(l.stmt, rc, SQL_ERROR);
            CHECK(diag_has(l.stmt, "22003"));
        } else {
            CHECK(SQL_SUCCEEDED(rc));
            CHECK_INT(n, row);
        }
    }
    POLL(rc, SQLFetch(l.stmt));
    CHECK_RC(l.stmt, rc, SQL_NO_DATA);
    CHECK_OK(l.stmt, SQLCloseCursor(l.stmt));
    run(keeper.stmt, "drop function async_slow(int)");
    link_close(&l);
}

/* SQLGetData works on the row that a fetch stands on while the next one is already here. */
static void getting_data(void)
{
    struct link l = async_open(NULL);
    SQLINTEGER n = 0;
    SQLLEN length = 0;
    char text[16];
    SQLRETURN rc;
    int rows = 0;
    POLL_OK(l.stmt, exec_direct(l.stmt, "select g, repeat(chr(64 + g % 26), 5000) from generate_series(1, 500) g"));
    for (;;) {
        POLL(rc, SQLFetch(l.stmt));
        if (rc != SQL_SUCCESS) {
            break;
        }
        rows++;
        CHECK_OK(l.stmt, SQLGetData(l.stmt, 1, SQL_C_LONG, &n, 0, NULL));
        CHECK_INT(n, rows);
        CHECK_RC(l.stmt, SQLGetData(l.stmt, 2, SQL_C_CHAR, text, sizeof text, &length), SQL_SUCCESS_WITH_INFO);
        CHECK_INT(length, 5000);
        CHECK_INT(text[14], 64 + rows % 26);
    }
    CHECK_RC(l.stmt, rc, SQL_NO_DATA);
    CHECK_INT(rows, 500);
    CHECK_OK(l.stmt, SQLCloseCursor(l.stmt));
    /* As many as SQL_ATTR_MAX_ROWS lets through, and none that would be waited for behind them. */
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_MAX_ROWS, (SQLPOINTER)3, 0));
    POLL_OK(l.stmt, exec_direct(l.stmt, "select g, repeat('x', 9000) from generate_series(1, 100) g"));
    for (rows = 0;; rows++) {
        POLL(rc, SQLFetch(l.stmt));
        if (rc != SQL_SUCCESS) {
            break;
        }
    }
    CHECK_RC(l.stmt, rc, SQL_NO_DATA);
    CHECK_INT(rows, 3);
    link_close(&l);
}

/* ---- cursors that scroll, and that change rows ----------------------------------------------------------------------- */

static void set_attr(SQLHSTMT stmt, SQLINTEGER id, uintptr_t value)
{
    CHECK_OK(stmt, SQLSetStmtAttr(stmt, id, (SQLPOINTER)value, 0));
}

static void scrolling(void)
{
    static const struct {
        SQLSMALLINT orientation;
        SQLLEN offset;
        SQLINTEGER row;
    } moves[] = {{SQL_FETCH_LAST, 0, 2000}, {SQL_FETCH_PRIOR, 0, 1999}, {SQL_FETCH_ABSOLUTE, 7, 7}, {SQL_FETCH_RELATIVE, 3, 10}, {SQL_FETCH_FIRST, 0, 1}, {SQL_FETCH_NEXT, 0, 2}};
    struct link l = async_open(NULL);
    SQLINTEGER n = 0;
    SQLRETURN rc;
    set_attr(l.stmt, SQL_ATTR_CURSOR_TYPE, SQL_CURSOR_STATIC);
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_LONG, &n, 0, NULL));
    for (int onwards = 0; onwards < 2; onwards++) {
        POLL_OK(l.stmt, exec_direct(l.stmt, "select g, repeat('x', 1000) from generate_series(1, 2000) g"));
        for (size_t i = 0; i < COUNT(moves) && !onwards; i++) {
            POLL_OK(l.stmt, SQLFetchScroll(l.stmt, moves[i].orientation, moves[i].offset));
            CHECK_INT(n, moves[i].row);
        }
        for (SQLINTEGER row = onwards ? 1 : 3; row <= 2000; row++) {
            POLL(rc, SQLFetch(l.stmt));
            if (rc != SQL_SUCCESS || n != row) {
                CHECK_OK(l.stmt, rc);
                CHECK_INT(n, row);
                break;
            }
        }
        POLL(rc, SQLFetch(l.stmt));
        CHECK_RC(l.stmt, rc, SQL_NO_DATA);
        CHECK_OK(l.stmt, SQLCloseCursor(l.stmt));
    }
    link_close(&l);
}

static void changing(void)
{
    int64_t pid;
    struct link l = async_open(&pid);
    SQLINTEGER a = 0;
    char b[16] = "";
    SQLLEN lengths[2] = {0, SQL_NTS};
    run(keeper.stmt, "drop table if exists async_rows");
    run(keeper.stmt, "create table async_rows (a int primary key, b text)");
    run(keeper.stmt, "insert into async_rows values (1, 'one'), (2, 'two')");
    set_attr(l.stmt, SQL_ATTR_CURSOR_TYPE, SQL_CURSOR_KEYSET_DRIVEN);
    set_attr(l.stmt, SQL_ATTR_CONCURRENCY, SQL_CONCUR_ROWVER);
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_LONG, &a, 0, &lengths[0]));
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 2, SQL_C_CHAR, b, sizeof b, &lengths[1]));
    POLL_OK(l.stmt, exec_direct(l.stmt, "select a, b from async_rows order by a"));
    POLL_OK(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_NEXT, 0));
    CHECK_TEXT(b, "one");
    /* A row, and then the table, that somebody else has locked. */
    run(keeper.stmt, "begin");
    run(keeper.stmt, "select 1 from async_rows where a = 1 for update");
    strcpy(b, "uno");
    lengths[1] = SQL_NTS;
    STILL(l.stmt, SQLSetPos(l.stmt, 1, SQL_UPDATE, SQL_LOCK_NO_CHANGE));
    CHECK_STATE(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_NEXT, 0), "HY010");
    run(keeper.stmt, "commit");
    POLL_OK(l.stmt, SQLSetPos(l.stmt, 1, SQL_UPDATE, SQL_LOCK_NO_CHANGE));
    CHECK_TEXT(query_text(keeper.stmt, "select b from async_rows where a = 1"), "uno");
    run(keeper.stmt, "begin");
    run(keeper.stmt, "lock table async_rows in share mode");
    a = 3;
    strcpy(b, "tre");
    lengths[0] = 0;
    lengths[1] = SQL_NTS;
    STILL(l.stmt, SQLBulkOperations(l.stmt, SQL_ADD));
    run(keeper.stmt, "commit");
    POLL_OK(l.stmt, SQLBulkOperations(l.stmt, SQL_ADD));
    CHECK_TEXT(query_text(keeper.stmt, "select b from async_rows where a = 3"), "tre");
    CHECK_OK(l.stmt, SQLCloseCursor(l.stmt));
    link_close(&l);
    run(keeper.stmt, "drop table async_rows");
}

/* ---- errors, warnings ------------------------------------------------------------------------------------------------ */

static void diagnostics(void)
{
    struct link l = async_open(NULL);
    SQLINTEGER records = -1;
    SQLRETURN rc;
    POLL_STATE(l.stmt, exec_direct(l.stmt, "selec 1"), "42000");
    POLL_STATE(l.stmt, exec_direct(l.stmt, "select * from no_such_table"), "42S02");
    POLL_STATE(l.stmt, exec_direct(l.stmt, "select 1/0 from pg_sleep(0.05)"), "22012");
    hold_lock(5);
    STILL(l.stmt, exec_direct(l.stmt, "do $$ begin perform pg_advisory_xact_lock(77, 5); raise warning 'too late'; end $$"));
    CHECK_RC(l.stmt, SQLGetDiagField(SQL_HANDLE_STMT, l.stmt, 0, SQL_DIAG_NUMBER, &records, 0, NULL), SQL_SUCCESS);
    CHECK_INT(records, 0);
    CHECK_TEXT(diag_state(l.stmt, 1), "");
    let_go(5);
    POLL(rc, exec_direct(l.stmt, ""));
    CHECK_INFO(l.stmt, rc, "01000");
    CHECK_CONTAINS(diag_message(l.stmt, 1), "too late");
    /* What can be said at once is said at once. */
    CHECK_STATE(l.stmt, SQLFetch(l.stmt), "24000");
    CHECK_STATE(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_ASYNC_ENABLE, (SQLPOINTER)2, 0), "HY024");
    CHECK_STATE(l.stmt, SQLExecDirect(l.stmt, T("select '\xFF'"), SQL_NTS), "22018");
    link_close(&l);
}

/* ---- cancelling ------------------------------------------------------------------------------------------------------ */

static void cancelling(void)
{
    int64_t pid;
    struct link l = async_open(&pid);
    SQLHSTMT other = new_stmt(l.dbc);
    SQLINTEGER n = 0;
    SQLRETURN rc;
    set_async(other, true);
    hold_lock(6);
    for (int at_once = 0; at_once < 2; at_once++) {
        STILL(l.stmt, exec_direct(l.stmt, TAKE_LOCK(6)));
        if (!at_once) {
            await_waiting(keeper.stmt, pid);
        }
        CHECK_OK(l.stmt, at_once ? SQLCancel(l.stmt) : SQLCancelHandle(SQL_HANDLE_STMT, l.stmt));
        POLL_STATE(l.stmt, exec_direct(l.stmt, TAKE_LOCK(6)), "HY008");
    }
    /* Again and again as soon as it can be. */
    for (int i = 0; i < 30; i++) {
        rc = exec_direct(l.stmt, TAKE_LOCK(6));
        CHECK_RC(l.stmt, rc, SQL_STILL_EXECUTING);
        CHECK_OK(l.stmt, SQLCancel(l.stmt));
        POLL_STATE(l.stmt, exec_direct(l.stmt, TAKE_LOCK(6)), "HY008");
    }
    /* Prepared: it stays so. */
    POLL_OK(l.stmt, SQLPrepare(l.stmt, T(TAKE_LOCK(6)), SQL_NTS));
    STILL(l.stmt, SQLExecute(l.stmt));
    CHECK_OK(l.stmt, SQLCancel(l.stmt));
    POLL_STATE(l.stmt, SQLExecute(l.stmt), "HY008");
    /* One that waits for its turn; nobody else is hit. */
    STILL(l.stmt, SQLExecute(l.stmt));
    await_waiting(keeper.stmt, pid);
    STILL(other, exec_direct(other, "select 1"));
    CHECK_OK(other, SQLCancel(other));
    POLL_STATE(other, exec_direct(other, "select 1"), "HY008");
    STILL(l.stmt, SQLExecute(l.stmt));
    let_go(6);
    POLL_OK(l.stmt, SQLExecute(l.stmt));
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_LONG, &n, 0, NULL));
    POLL_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_INT(n, 5);
    CHECK_OK(l.stmt, SQLCloseCursor(l.stmt));
    /* What has ended cannot be cancelled: its result stays. */
    rc = exec_direct(other, "select 7 from pg_sleep(0.01)");
    pause_ms(200);
    CHECK_OK(other, SQLCancel(other));
    POLL(rc, exec_direct(other, ""));
    CHECK_OK(other, rc);
    free_stmt(other);
    link_close(&l);
}

/* A fetch ends well when what it looks ahead for is cancelled; the next one says so. */
static void cancelling_a_fetch(void)
{
    struct link l = link_open("");
    int64_t pid = pid_of(l.stmt);
    SQLINTEGER n = 0;
    SQLRETURN rc = SQL_SUCCESS;
    make_pausing_rows(l.stmt);
    set_async(l.stmt, true);
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_LONG, &n, 0, NULL));
    hold_lock(4);
    for (int prepared = 0; prepared < 2; prepared++) {
        POLL_OK(l.stmt, prepared ? SQLPrepare(l.stmt, T(pausing), SQL_NTS) : SQL_SUCCESS);
        POLL_OK(l.stmt, prepared ? SQLExecute(l.stmt) : exec_direct(l.stmt, pausing));
        for (int rows = 1; rows < 10; rows++) {
            POLL(rc, SQLFetch(l.stmt));
            CHECK(SQL_SUCCEEDED(rc));
        }
        STILL(l.stmt, SQLFetch(l.stmt));
        await_waiting(keeper.stmt, pid);
        CHECK_OK(l.stmt, SQLCancel(l.stmt));
        POLL(rc, SQLFetch(l.stmt));
        CHECK(SQL_SUCCEEDED(rc));
        CHECK_INT(n, 10);
        POLL_STATE(l.stmt, SQLFetch(l.stmt), "HY008");
        CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    }
    let_go(4);
    link_close(&l);
}

/* ---- what may be called meanwhile ------------------------------------------------------------------------------------ */

static void meanwhile(void)
{
    int64_t pid;
    struct link l = async_open(&pid);
    SQLHSTMT other = new_stmt(l.dbc);
    SQLINTEGER n = 0, value = -1;
    SQLUSMALLINT supported = 0;
    char text[256];
    hold_lock(7);
    STILL(l.stmt, exec_direct(l.stmt, TAKE_LOCK(7)));
    await_waiting(keeper.stmt, pid);
    /* Not on this statement, nor what concerns all of the connection. */
    CHECK_STATE(l.stmt, SQLFetch(l.stmt), "HY010");
    CHECK_STATE(l.stmt, SQLPrepare(l.stmt, T("select 1"), SQL_NTS), "HY010");
    CHECK_STATE(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_LONG, &n, 0, NULL), "HY010");
    CHECK_STATE(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE), "HY010");
    CHECK_STATE(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_ASYNC_ENABLE, (SQLPOINTER)SQL_ASYNC_ENABLE_OFF, 0), "HY010");
    CHECK_STATE(l.stmt, SQLFreeHandle(SQL_HANDLE_STMT, l.stmt), "HY010");
    CHECK_STATE(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_COMMIT), "HY010");
    CHECK_STATE(l.dbc, SQLSetConnectAttr(l.dbc, SQL_ATTR_AUTOCOMMIT, (SQLPOINTER)SQL_AUTOCOMMIT_OFF, 0), "HY010");
    CHECK_STATE(l.dbc, SQLDisconnect(l.dbc), "HY010");
    CHECK_STATE(l.dbc, SQLGetConnectAttr(l.dbc, 19990 + 1, &value, 0, NULL), "HY092");
    /* What asks nobody. */
    CHECK_OK(l.dbc, SQLGetInfo(l.dbc, SQL_DBMS_NAME, text, sizeof text, NULL));
    CHECK_OK(l.dbc, SQLGetInfo(l.dbc, SQL_DATABASE_NAME, text, sizeof text, NULL));
    CHECK_STATE(l.dbc, SQLGetInfo(l.dbc, SQL_COLLATION_SEQ, text, sizeof text, NULL), "HY010");
    CHECK_OK(l.dbc, SQLGetFunctions(l.dbc, SQL_API_SQLEXECUTE, &supported));
    CHECK_OK(l.dbc, SQLNativeSql(l.dbc, T("{fn now()}"), SQL_NTS, (SQLCHAR *)text, sizeof text, NULL));
    CHECK_OK(l.dbc, SQLGetConnectAttr(l.dbc, SQL_ATTR_CONNECTION_DEAD, &value, 0, NULL));
    CHECK_INT(value, SQL_CD_FALSE);
    CHECK_OK(l.dbc, SQLGetConnectAttr(l.dbc, SQL_ATTR_AUTOCOMMIT, &value, 0, NULL));
    /* Another statement's own affairs. */
    SQLHSTMT third = new_stmt(l.dbc);
    CHECK_OK(third, SQLBindCol(third, 1, SQL_C_LONG, &n, 0, NULL));
    CHECK_OK(third, SQLSetStmtAttr(third, SQL_ATTR_ASYNC_ENABLE, (SQLPOINTER)SQL_ASYNC_ENABLE_ON, 0));
    CHECK_OK(third, SQLSetCursorName(third, T("third"), SQL_NTS));
    free_stmt(third);
    let_go(7);
    POLL_OK(l.stmt, exec_direct(l.stmt, TAKE_LOCK(7)));
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_LONG, &n, 0, NULL));
    free_stmt(other);
    link_close(&l);
}

/* Closing another cursor of the connection, or freeing its statement, waits for nobody. */
static void closing_others(void)
{
    int64_t pid;
    struct link l = async_open(&pid);
    for (int i = 0; i < 3; i++) {
        SQLHSTMT other = new_stmt(l.dbc);
        query(other, "select generate_series(1, 10)");
        CHECK_OK(other, SQLFetch(other));
        hold_lock(8);
        STILL(l.stmt, exec_direct(l.stmt, TAKE_LOCK(8)));
        await_waiting(keeper.stmt, pid);
        CHECK_OK(other, i == 0 ? SQLCloseCursor(other) : i == 1 ? SQLFreeStmt(other, SQL_CLOSE) : SQLFreeHandle(SQL_HANDLE_STMT, other));
        let_go(8);
        POLL_OK(l.stmt, exec_direct(l.stmt, TAKE_LOCK(8)));
        CHECK_OK(l.stmt, SQLCloseCursor(l.stmt));
        if (i < 2) {
            CHECK_INT(query_int(other, "select 3"), 3);
            free_stmt(other);
        }
    }
    link_close(&l);
}

/* ---- data at execution ----------------------------------------------------------------------------------------------- */

static void data_at_execution(void)
{
    int64_t pid;
    struct link l = async_open(&pid);
    SQLLEN at_execution = SQL_DATA_AT_EXEC;
    SQLPOINTER token = NULL;
    char place = 'p';
    char text[32];
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 1, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, 20, 0, &place, 0, &at_execution));
    for (int round = 0; round < 3; round++) {
        SQLRETURN rc;
        hold_lock(9);
        POLL(rc, exec_direct(l.stmt, "select upper(?::text) from pg_advisory_xact_lock(77, 9)"));
        CHECK_RC(l.stmt, rc, SQL_NEED_DATA);
        POLL(rc, SQLParamData(l.stmt, &token));
        CHECK_RC(l.stmt, rc, SQL_NEED_DATA);
        CHECK(token == &place);
        POLL_OK(l.stmt, SQLPutData(l.stmt, T("some "), SQL_NTS));
        POLL_OK(l.stmt, SQLPutData(l.stmt, T("data"), SQL_NTS));
        STILL(l.stmt, SQLParamData(l.stmt, &token));
        await_waiting(keeper.stmt, pid);
        if (round == 1) {
            CHECK_OK(l.stmt, SQLCancel(l.stmt));
            POLL_STATE(l.stmt, SQLParamData(l.stmt, &token), "HY008");
            let_go(9);
        } else {
            let_go(9);
            POLL_OK(l.stmt, SQLParamData(l.stmt, &token));
            POLL_OK(l.stmt, SQLFetch(l.stmt));
            CHECK_OK(l.stmt, SQLGetData(l.stmt, 1, SQL_C_CHAR, text, sizeof text, NULL));
            CHECK_TEXT(text, "SOME DATA");
        }
        CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    }
    link_close(&l);
}

/* ---- switching ------------------------------------------------------------------------------------------------------- */

static void switching(void)
{
    struct link l = link_open("");
    SQLULEN on = 99;
    CHECK_OK(l.stmt, SQLGetStmtAttr(l.stmt, SQL_ATTR_ASYNC_ENABLE, &on, 0, NULL));
    CHECK_INT(on, SQL_ASYNC_ENABLE_OFF);
    CHECK_OK(l.dbc, SQLSetConnectAttr(l.dbc, SQL_ATTR_ASYNC_ENABLE, (SQLPOINTER)SQL_ASYNC_ENABLE_ON, 0));
    CHECK_STATE(l.dbc, SQLSetConnectAttr(l.dbc, SQL_ATTR_ASYNC_ENABLE, (SQLPOINTER)7, 0), "HY024");
    CHECK_OK(l.stmt, SQLGetStmtAttr(l.stmt, SQL_ATTR_ASYNC_ENABLE, &on, 0, NULL));
    CHECK_INT(on, SQL_ASYNC_ENABLE_OFF); /* it was there before */
    SQLHSTMT later = new_stmt(l.dbc);
    CHECK_OK(later, SQLGetStmtAttr(later, SQL_ATTR_ASYNC_ENABLE, &on, 0, NULL));
    CHECK_INT(on, SQL_ASYNC_ENABLE_ON);
    hold_lock(10);
    STILL(later, exec_direct(later, TAKE_LOCK(10)));
    let_go(10);
    POLL_OK(later, exec_direct(later, TAKE_LOCK(10)));
    CHECK_OK(later, SQLCloseCursor(later));
    set_async(later, false);
    CHECK_OK(later, exec_direct(later, "select 1 from pg_sleep(0.1)"));
    CHECK_OK(later, SQLCloseCursor(later));
    /* In the middle of a result. */
    SQLRETURN rc;
    int rows = 0;
    CHECK_OK(later, exec_direct(later, "select g, repeat('x', 5000) from generate_series(1, 400) g"));
    for (;;) {
        set_async(later, rows / 50 % 2 == 1);
        POLL(rc, SQLFetch(later));
        if (rc != SQL_SUCCESS) {
            break;
        }
        rows++;
    }
    CHECK_RC(later, rc, SQL_NO_DATA);
    CHECK_INT(rows, 400);
    CHECK_OK(later, SQLCloseCursor(later));
    free_stmt(later);
    /* Set before connecting. */
    struct link m = link_new(SQL_OV_ODBC3_80);
    CHECK_OK(m.dbc, SQLSetConnectAttr(m.dbc, SQL_ATTR_ASYNC_ENABLE, (SQLPOINTER)SQL_ASYNC_ENABLE_ON, 0));
    CHECK_OK(m.dbc, try_connect(m.dbc, connstr(";")));
    m.stmt = new_stmt(m.dbc);
    CHECK_OK(m.stmt, SQLGetStmtAttr(m.stmt, SQL_ATTR_ASYNC_ENABLE, &on, 0, NULL));
    CHECK_INT(on, SQL_ASYNC_ENABLE_ON);
    link_close(&m);
    link_close(&l);
}

/* An ODBC 2 application sets options, for a statement or for all of a connection. */
static void odbc2(void)
{
    SQLHENV env;
    SQLHDBC dbc;
    SQLHSTMT stmt;
    SQLRETURN rc;
    SQLINTEGER n = 0;
    SQLULEN fetched = 0;
    SQLUSMALLINT status = 0;
    CHECK_RC(NULL, SQLAllocEnv(&env), SQL_SUCCESS);
    CHECK_RC(env, SQLAllocConnect(env, &dbc), SQL_SUCCESS);
    CHECK_RC(dbc, try_connect(dbc, connstr(";")), SQL_SUCCESS);
    CHECK_RC(dbc, SQLAllocStmt(dbc, &stmt), SQL_SUCCESS);
    CHECK_RC(dbc, SQLSetConnectOption(dbc, SQL_ASYNC_ENABLE, SQL_ASYNC_ENABLE_ON), SQL_SUCCESS);
    hold_lock(11);
    STILL(stmt, SQLExecDirect(stmt, T(TAKE_LOCK(11)), SQL_NTS));
    let_go(11);
    POLL(rc, SQLExecDirect(stmt, T(TAKE_LOCK(11)), SQL_NTS));
    CHECK_RC(stmt, rc, SQL_SUCCESS);
    CHECK_RC(stmt, SQLBindCol(stmt, 1, SQL_C_LONG, &n, 0, NULL), SQL_SUCCESS);
    POLL(rc, SQLExtendedFetch(stmt, SQL_FETCH_NEXT, 0, &fetched, &status));
    CHECK_RC(stmt, rc, SQL_SUCCESS);
    CHECK_INT(n, 5);
    CHECK_RC(stmt, SQLFreeStmt(stmt, SQL_CLOSE), SQL_SUCCESS);
    CHECK_RC(stmt, SQLSetStmtOption(stmt, SQL_ASYNC_ENABLE, SQL_ASYNC_ENABLE_OFF), SQL_SUCCESS);
    CHECK_RC(stmt, SQLExecDirect(stmt, T("select 1 from pg_sleep(0.05)"), SQL_NTS), SQL_SUCCESS);
    CHECK_RC(stmt, SQLFreeStmt(stmt, SQL_DROP), SQL_SUCCESS);
    CHECK_RC(dbc, SQLDisconnect(dbc), SQL_SUCCESS);
    CHECK_RC(dbc, SQLFreeConnect(dbc), SQL_SUCCESS);
    CHECK_RC(env, SQLFreeEnv(env), SQL_SUCCESS);
}

/* ---- shared descriptors ---------------------------------------------------------------------------------------------- */

static void shared_descriptors(void)
{
    int64_t pid;
    struct link l = async_open(&pid);
    SQLHSTMT other = new_stmt(l.dbc);
    SQLHDESC desc = NULL, unused = NULL;
    SQLINTEGER n = 0;
    CHECK_OK(l.dbc, SQLAllocHandle(SQL_HANDLE_DESC, l.dbc, &desc));
    CHECK_OK(l.dbc, SQLAllocHandle(SQL_HANDLE_DESC, l.dbc, &unused));
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_APP_ROW_DESC, desc, 0));
    CHECK_OK(other, SQLSetStmtAttr(other, SQL_ATTR_APP_ROW_DESC, desc, 0));
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_LONG, &n, 0, NULL));
    hold_lock(12);
    STILL(l.stmt, exec_direct(l.stmt, TAKE_LOCK(12)));
    await_waiting(keeper.stmt, pid);
    CHECK_STATE(other, SQLBindCol(other, 1, SQL_C_LONG, &n, 0, NULL), "HY010");
    CHECK_STATE(desc, SQLSetDescField(desc, 0, SQL_DESC_COUNT, (SQLPOINTER)0, 0), "HY010");
    CHECK_STATE(desc, SQLFreeHandle(SQL_HANDLE_DESC, desc), "HY010");
    CHECK_OK(l.dbc, SQLFreeHandle(SQL_HANDLE_DESC, unused));
    let_go(12);
    POLL_OK(l.stmt, exec_direct(l.stmt, TAKE_LOCK(12)));
    POLL_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_INT(n, 5);
    CHECK_OK(l.stmt, SQLCloseCursor(l.stmt));
    CHECK_OK(other, SQLBindCol(other, 1, SQL_C_LONG, &n, 0, NULL));
    CHECK_OK(l.dbc, SQLFreeHandle(SQL_HANDLE_DESC, desc));
    free_stmt(other);
    link_close(&l);
}

/* Polls are short: most of them, since a machine with other work stops a thread where it likes. */
static void no_poll_waits(void)
{
    printf("(%d of %d calls took more than 20 ms) ", polls.slow, polls.calls);
    CHECK(polls.still > 100);
    CHECK(polls.slow * 10 < polls.calls || under_valgrind());
}

int main(void)
{
    keeper = link_open("");
    static const struct test tests[] = {
        {"execution", execution},
        {"arrays and blocks", arrays_and_blocks},
        {"every function", every_function},
        {"many at the same time", at_the_same_time},
        {"fetching", fetching},
        {"rows that fail", failing_rows},
        {"rows that do not fit", rows_that_do_not_fit},
        {"SQLGetData", getting_data},
        {"scrolling", scrolling},
        {"changing rows", changing},
        {"diagnostics", diagnostics},
        {"cancelling", cancelling},
        {"cancelling a fetch", cancelling_a_fetch},
        {"what may be called meanwhile", meanwhile},
        {"closing other cursors", closing_others},
        {"data at execution", data_at_execution},
        {"switching on and off", switching},
        {"ODBC 2", odbc2},
        {"shared descriptors", shared_descriptors},
        {"no poll waits", no_poll_waits},
    };
    int failed = run_tests("asynchronous execution", tests, COUNT(tests));
    link_close(&keeper);
    return failed;
}
