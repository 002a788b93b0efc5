/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Results that stream: flat memory, many open at once, closed early, kept over COMMIT, spooled to a file, and cut short by the server, the
 * network or a timeout. `odbc_streams --memory` alone measures the memory of one long fetch, for builds without sanitizers.
 */
#include "harness.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void fresh(struct link *l, const char *name)
{
    char sql[128];
    snprintf(sql, sizeof sql, "drop table if exists %s", name);
    run(l->stmt, sql);
    snprintf(sql, sizeof sql, "create table %s (a int)", name);
    run(l->stmt, sql);
}

/* Under valgrind everything takes thirty times as long: sizes are divided, and limits are wider. */
static int64_t scaled(int64_t n)
{
    return under_valgrind() ? n / 20 : n;
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { SANITIZED = 1 };
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif
#else
enum { SANITIZED = 0 };
#endif

/* Seconds that something which waits for nothing may take, on a busy machine too: reading on to the end would take a minute and more. */
static double soon(void)
{
    return under_valgrind() ? 60 : 20;
}

/* ---- flat memory ----------------------------------------------------------------------------------------------------- */

enum { BLOCK = 1000 };

/* A million rows of ten columns in blocks, each column with its natural C type; every value is looked at. */
static void long_fetch(int64_t wanted)
{
    static SQLINTEGER i4[BLOCK];
    static SQLBIGINT i8[BLOCK];
    static SQLDOUBLE f8[BLOCK];
    static SQL_NUMERIC_STRUCT number[BLOCK];
    static SQLCHAR text[BLOCK][33];
    static SQL_TIMESTAMP_STRUCT stamp[BLOCK];
    static SQL_DATE_STRUCT date[BLOCK];
    static SQLCHAR flag[BLOCK];
    static SQLGUID guid[BLOCK];
    static SQLCHAR bytes[BLOCK][16];
    static SQLLEN ind[10][BLOCK];
    static const struct {
        SQLSMALLINT type;
        SQLPOINTER target;
        SQLLEN size;
    } columns[] = {
        {SQL_C_SLONG, i4, sizeof i4[0]},          {SQL_C_SBIGINT, i8, sizeof i8[0]},
        {SQL_C_DOUBLE, f8, sizeof f8[0]},         {SQL_C_NUMERIC, number, sizeof number[0]},
        {SQL_C_CHAR, text, sizeof text[0]},       {SQL_C_TYPE_TIMESTAMP, stamp, sizeof stamp[0]},
        {SQL_C_TYPE_DATE, date, sizeof date[0]},  {SQL_C_BIT, flag, sizeof flag[0]},
        {SQL_C_GUID, guid, sizeof guid[0]},       {SQL_C_BINARY, bytes, sizeof bytes[0]},
    };
    struct link l = link_open("");
    SQLULEN fetched = 0;
    char sql[512];
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_ROW_ARRAY_SIZE, (SQLPOINTER)BLOCK, 0));
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_ROWS_FETCHED_PTR, &fetched, 0));
    for (size_t c = 0; c < COUNT(columns); c++) {
        CHECK_OK(l.stmt, SQLBindCol(l.stmt, (SQLUSMALLINT)(c + 1), columns[c].type, columns[c].target, columns[c].size, ind[c]));
    }
    snprintf(sql, sizeof sql,
             "select g, g::int8 * 1000000007, g / 4.0::float8, (g %% 100000)::numeric(9, 2), 'row number ' || g, timestamp '2001-02-03 04:05:06' + g * "
             "interval '1 second', date '2001-01-01' + g %% 10000, g %% 3 = 0, '00010203-0405-0607-0809-0a0b0c0d0e0f'::uuid, '\\x0102030405'::bytea "
             "from (select generate_series(1, %lld) g) s", (long long)wanted);
    query(l.stmt, sql);
    int64_t rows = 0;
    int64_t wrong = 0;
    SQLRETURN rc = SQL_SUCCESS;
    while ((rc = SQLFetch(l.stmt)) == SQL_SUCCESS) {
        for (SQLULEN r = 0; r < fetched; r++) {
            rows++;
            SQLUINTEGER unscaled = 0;
            memcpy(&unscaled, number[r].val, sizeof unscaled);
            SQLUINTEGER power = number[r].scale == 2 ? 100 : 1;
            wrong += i4[r] != rows || i8[r] != rows * 1000000007 || f8[r] != (double)rows / 4.0 || unscaled != rows % 100000 * power ||
                     strtoll((char *)text[r] + 11, NULL, 10) != rows || stamp[r].second != (rows + 6) % 60 || date[r].year < 2001 ||
                     flag[r] != (rows % 3 == 0) || guid[r].Data1 != 0x00010203 || bytes[r][4] != 5 || ind[9][r] != 5;
        }
    }
    CHECK_RC(l.stmt, rc, SQL_NO_DATA);
    CHECK_INT(rows, wanted);
    CHECK_INT(wrong, 0);
    link_close(&l);
}

static void measured_fetch(void)
{
    long_fetch(scaled(1000000));
    long kb = peak_kb();
    printf("(peak %ld kB) ", kb);
    if (!SANITIZED && !under_valgrind()) {
        CHECK(kb > 0 && kb < 24 * 1024);
    }
}

static const char *program;

/* In a process of its own: what other tests have used must not count. */
static void memory(void)
{
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        execlp(program, program, "--memory", (char *)NULL);
        _exit(127);
    }
    int status = -1;
    CHECK(child > 0 && waitpid(child, &status, 0) == child);
    CHECK_INT(status, 0);
}

/* ---- many open at once ----------------------------------------------------------------------------------------------- */

static void interleaved(void)
{
    enum { OPEN = 12 };
    struct link l = link_open("");
    SQLHSTMT stmt[OPEN];
    SQLBIGINT value[OPEN];
    int64_t rows[OPEN] = {0};
    int64_t wrong = 0;
    const int64_t wanted = scaled(20000);
    char sql[160];
    for (int i = 0; i < OPEN; i++) {
        stmt[i] = new_stmt(l.dbc);
        snprintf(sql, sizeof sql, "select g * %d::int8, repeat('f', 50) from (select generate_series(1, %lld) g) s", i + 1, (long long)(wanted + i));
        query(stmt[i], sql);
        CHECK_OK(stmt[i], SQLBindCol(stmt[i], 1, SQL_C_SBIGINT, &value[i], 0, NULL));
    }
    /* In turn, each at its own pace, with other statements run between. */
    for (int open = OPEN, round = 0; open > 0; round++) {
        open = 0;
        for (int i = 0; i < OPEN; i++) {
            for (int64_t n = 0; n <= (int64_t)i * 100 && rows[i] < wanted + i; n++) {
                wrong += SQLFetch(stmt[i]) != SQL_SUCCESS || value[i] != ++rows[i] * (i + 1);
            }
            open += rows[i] < wanted + i;
        }
        if (round % 50 == 0) {
            CHECK_INT(query_int(l.stmt, "select 7"), 7);
        }
    }
    CHECK_INT(wrong, 0);
    for (int i = 0; i < OPEN; i++) {
        CHECK_RC(stmt[i], SQLFetch(stmt[i]), SQL_NO_DATA);
        free_stmt(stmt[i]);
    }
    link_close(&l);
}

/* Twenty results, far beyond the memory that a spool may take: the rest waits in temporary files. */
static void spooled(void)
{
    enum { OPEN = 20 };
    struct link l = link_open("MaxBufferMemory=1");
    SQLHSTMT stmt[OPEN];
    SQLBIGINT value[OPEN];
    char sql[160];
    const int64_t rows = scaled(100000);
    for (int i = 0; i < OPEN; i++) {
        stmt[i] = new_stmt(l.dbc);
        snprintf(sql, sizeof sql, "select g::int8 + %d, case when g %% 7 > 0 then 'text ' || g end from (select generate_series(1, %lld) g) s", i,
                 (long long)rows);
        query(stmt[i], sql);
        CHECK_OK(stmt[i], SQLBindCol(stmt[i], 1, SQL_C_SBIGINT, &value[i], 0, NULL));
    }
    for (int i = OPEN - 1; i >= 0; i--) {
        int64_t sum = 0;
        int64_t nulls = 0;
        int64_t wrong = 0;
        char text[32] = "";
        SQLLEN length = 0;
        CHECK_OK(stmt[i], SQLBindCol(stmt[i], 2, SQL_C_CHAR, text, sizeof text, &length));
        SQLRETURN rc = SQL_SUCCESS;
        while ((rc = SQLFetch(stmt[i])) == SQL_SUCCESS) {
            sum += value[i];
            nulls += length == SQL_NULL_DATA;
            wrong += length != SQL_NULL_DATA && strtoll(text + 5, NULL, 10) + i != value[i];
        }
        CHECK_RC(stmt[i], rc, SQL_NO_DATA);
        CHECK_INT(sum, rows * (rows + 1) / 2 + rows * i);
        CHECK_INT(nulls, rows / 7);
        CHECK_INT(wrong, 0);
        free_stmt(stmt[i]);
    }
    link_close(&l);
}

/* Beyond MaxSpoolSize the new statement is refused; the open result does not suffer. */
static void spool_limit(void)
{
    struct link l = link_open("MaxBufferMemory=1;MaxSpoolSize=2");
    SQLHSTMT other = new_stmt(l.dbc);
    SQLBIGINT value = 0;
    query(l.stmt, "select g::int8, repeat('s', 100) from (select generate_series(1, 300000) g) s");
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_SBIGINT, &value, 0, NULL));
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_STATE(other, SQLExecDirect(other, T("select 1"), SQL_NTS), "HY000");
    CHECK_CONTAINS(diag_message(other, 1), "MaxSpoolSize");
    CHECK_STATE(other, SQLExecDirect(other, T("select 1"), SQL_NTS), "HY000");
    CHECK_STATE(other, SQLPrepare(other, T("select count(*) from pg_class"), SQL_NTS) == SQL_SUCCESS ? SQLExecute(other) : SQL_ERROR, "HY000");
    int64_t wrong = 0;
    for (int64_t n = 2; n <= 300000; n++) {
        wrong += SQLFetch(l.stmt) != SQL_SUCCESS || value != n;
    }
    CHECK_INT(wrong, 0);
    CHECK_RC(l.stmt, SQLFetch(l.stmt), SQL_NO_DATA);
    CHECK_INT(query_int(other, "select 1"), 1);
    free_stmt(other);
    link_close(&l);
}

/* FetchMode=BUFFER: after the execution nothing is left on the server. */
static void buffered(void)
{
    struct link l = link_open("FetchMode=BUFFER;MaxBufferMemory=1");
    struct link other = link_open("");
    SQLBIGINT value = 0;
    char sql[96];
    int64_t pid = query_int(l.stmt, "select pg_backend_pid()");
    query(l.stmt, "select g::int8, repeat('b', 100) from (select generate_series(1, 100000) g) s");
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_SBIGINT, &value, 0, NULL));
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    snprintf(sql, sizeof sql, "select state from pg_stat_activity where pid = %lld", (long long)pid);
    CHECK_TEXT(query_text(other.stmt, sql), "idle");
    SQLLEN count = -5;
    CHECK_OK(l.stmt, SQLRowCount(l.stmt, &count));
    CHECK_INT(count, 100000); /* known, since all of them are here */
    snprintf(sql, sizeof sql, "select pg_terminate_backend(%lld, 30000)", (long long)pid);
    CHECK_TEXT(query_text(other.stmt, sql), "1");
    int64_t wrong = 0;
    for (int64_t n = 2; n <= 100000; n++) {
        wrong += SQLFetch(l.stmt) != SQL_SUCCESS || value != n;
    }
    CHECK_INT(wrong, 0);
    CHECK_RC(l.stmt, SQLFetch(l.stmt), SQL_NO_DATA);
    link_close(&other);
    link_close(&l);
    /* An error anywhere in the result is one of the execution. */
    l = link_open("FetchMode=BUFFER");
    CHECK_STATE(l.stmt, SQLExecDirect(l.stmt, T("select 1000 / (50000 - g) from (select generate_series(1, 60000) g) s"), SQL_NTS), "22012");
    CHECK_INT(query_int(l.stmt, "select 1"), 1);
    link_close(&l);
}

/* ---- closed early ---------------------------------------------------------------------------------------------------- */

enum how { CLOSE_CURSOR, FREE_CLOSE, FREE_HANDLE, MORE_RESULTS, HOWS };

/* Opens `sql`, reads a row, closes; says how long closing took. */
static double open_and_close(struct link *l, const char *sql, enum how how)
{
    SQLHSTMT stmt = new_stmt(l->dbc);
    query(stmt, sql);
    CHECK_OK(stmt, SQLFetch(stmt));
    double start = seconds_now();
    switch (how) {
    case CLOSE_CURSOR:
        CHECK_OK(stmt, SQLCloseCursor(stmt));
        break;
    case FREE_CLOSE:
        CHECK_OK(stmt, SQLFreeStmt(stmt, SQL_CLOSE));
        break;
    case MORE_RESULTS:
        CHECK_RC(stmt, SQLMoreResults(stmt), SQL_NO_DATA);
        break;
    default:
        break;
    }
    CHECK_OK(stmt, SQLFreeHandle(SQL_HANDLE_STMT, stmt));
    return seconds_now() - start;
}

/* A plain query: what is left is cancelled, however much it is. */
static void close_plain(void)
{
    static const char endless[] = "select generate_series(1, 1000000000)";
    struct link l = link_open("");
    struct link other = link_open("");
    fresh(&other, "streams_plain");
    for (enum how how = 0; how < HOWS; how++) {
        CHECK(open_and_close(&l, endless, how) < soon());
    }
    CHECK_INT(query_int(l.stmt, "select 1"), 1);

    /* In a transaction: its other work is not lost. */
    set_autocommit(l.dbc, false);
    run(l.stmt, "insert into streams_plain values (1)");
    CHECK(open_and_close(&l, endless, CLOSE_CURSOR) < soon());
    run(l.stmt, "insert into streams_plain values (2)");
    CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_COMMIT));
    CHECK_INT(query_int(other.stmt, "select sum(a) from streams_plain"), 3);
    /* As the first statement of the transaction: its snapshot is kept. */
    CHECK_OK(l.dbc, SQLSetConnectAttr(l.dbc, SQL_ATTR_TXN_ISOLATION, (SQLPOINTER)SQL_TXN_REPEATABLE_READ, 0));
    CHECK(open_and_close(&l, endless, FREE_HANDLE) < soon());
    run(other.stmt, "insert into streams_plain values (4)");
    CHECK_INT(query_int(l.stmt, "select sum(a) from streams_plain"), 3);
    CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_ROLLBACK));
    CHECK_INT(query_int(l.stmt, "select sum(a) from streams_plain"), 7);
    CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_ROLLBACK));
    link_close(&l);

    /* ErrorRollback=NONE: a cancel would cost the transaction, so the rows are read to their end. */
    l = link_open("ErrorRollback=NONE");
    set_autocommit(l.dbc, false);
    run(l.stmt, "insert into streams_plain values (8)");
    (void)open_and_close(&l, "select g, repeat('n', 100) from (select generate_series(1, 300000) g) s", CLOSE_CURSOR);
    CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_COMMIT));
    CHECK_INT(query_int(other.stmt, "select sum(a) from streams_plain"), 15);
    link_close(&l);

    /* SQLDisconnect need not wait. */
    l = link_open("");
    query(l.stmt, endless);
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    double start = seconds_now();
    CHECK_OK(l.dbc, SQLDisconnect(l.dbc));
    CHECK(seconds_now() - start < soon());
    l.stmt = SQL_NULL_HSTMT;
    link_close(&l);
    run(other.stmt, "drop table streams_plain");
    link_close(&other);
}

/* What writes is never cut short: RETURNING, a writing WITH, and with CloseMode=DRAIN a query that calls what it likes. */
static void close_writing(void)
{
    static const char returning[] = "insert into streams_writing select generate_series(1, 100000) returning a, repeat('r', 100)";
    static const char with[] = "with i as (insert into streams_writing select generate_series(1, 100000) returning a) select a, repeat('w', 100) from i";
    const int64_t n = 100000;
    struct link l = link_open("");
    struct link other = link_open("");
    fresh(&other, "streams_writing");
    int64_t wanted = 0;
    for (enum how how = 0; how < HOWS; how++) {
        (void)open_and_close(&l, how % 2 ? with : returning, how);
        wanted += n;
        CHECK_INT(query_int(other.stmt, "select count(*) from streams_writing"), wanted);
    }
    set_autocommit(l.dbc, false);
    (void)open_and_close(&l, returning, CLOSE_CURSOR);
    CHECK_INT(query_int(other.stmt, "select count(*) from streams_writing"), wanted);
    (void)open_and_close(&l, with, CLOSE_CURSOR);
    CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_COMMIT));
    wanted += 2 * n;
    CHECK_INT(query_int(other.stmt, "select count(*) from streams_writing"), wanted);
    (void)open_and_close(&l, returning, FREE_HANDLE);
    CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_ROLLBACK));
    CHECK_INT(query_int(other.stmt, "select count(*) from streams_writing"), wanted);
    set_autocommit(l.dbc, true);

    /* By a disconnect, with the statement still there and without it. */
    SQLHSTMT stmt = new_stmt(l.dbc);
    query(stmt, returning);
    CHECK_OK(stmt, SQLFetch(stmt));
    CHECK_OK(l.dbc, SQLDisconnect(l.dbc));
    l.stmt = SQL_NULL_HSTMT;
    link_close(&l);
    wanted += n;
    CHECK_INT(query_int(other.stmt, "select count(*) from streams_writing"), wanted);
    l = link_open("");
    query(l.stmt, returning);
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    free_stmt(l.stmt);
    l.stmt = SQL_NULL_HSTMT;
    CHECK_OK(l.dbc, SQLDisconnect(l.dbc));
    link_close(&l);
    wanted += n;
    CHECK_INT(query_int(other.stmt, "select count(*) from streams_writing"), wanted);

    run(other.stmt, "truncate streams_writing");
    run(other.stmt, "create or replace function streams_write(int) returns text language sql volatile as "
                    "'insert into streams_writing values ($1); select repeat(''x'', 100)'");
    l = link_open("CloseMode=DRAIN");
    (void)open_and_close(&l, "select streams_write(g) from (select generate_series(1, 40000) g) s", CLOSE_CURSOR);
    CHECK_INT(query_int(other.stmt, "select count(*) from streams_writing"), 40000);
    link_close(&l);
    run(other.stmt, "drop function streams_write");
    run(other.stmt, "drop table streams_writing");
    link_close(&other);
}

/* A statement that writes fails behind its last row, with the COMMIT that belongs to it. Nobody has asked for that row's successor but a block that was not filled. */
static void unheard_failure(void)
{
    static const char failing[] = "insert into streams_unheard values (1), (2), (2) returning a";
    struct link other = link_open("");
    run(other.stmt, "drop table if exists streams_unheard");
    run(other.stmt, "create table streams_unheard (a int unique deferrable initially deferred)");
    for (int block = 0; block < 2; block++) {
        struct link l = link_open("");
        CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_ROW_ARRAY_SIZE, (SQLPOINTER)(block ? 10L : 1L), 0));
        for (int how = 0; how < 6; how++) {
            query(l.stmt, failing);
            CHECK_OK(l.stmt, SQLFetch(l.stmt));
            switch (how) {
            case 0:
                CHECK_STATE(l.stmt, SQLCloseCursor(l.stmt), "23000");
                break;
            case 1:
                CHECK_STATE(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE), "23000");
                break;
            case 2:
                CHECK_STATE(l.stmt, SQLMoreResults(l.stmt), "23000");
                break;
            case 3:
                for (int n = block ? 3 : 1; n < 3; n++) {
                    CHECK_OK(l.stmt, SQLFetch(l.stmt));
                }
                CHECK_STATE(l.stmt, SQLFetch(l.stmt), "23000");
                break;
            case 4:
                CHECK_STATE(l.dbc, SQLDisconnect(l.dbc), "23000");
                break;
            default:
                CHECK_STATE(l.dbc, SQLDisconnect(l.dbc), "23000");
                CHECK_OK(l.dbc, SQLDisconnect(l.dbc));
                l.stmt = SQL_NULL_HSTMT;
                continue;
            }
            CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE)); /* told once; the driver manager takes a cursor that could not be closed for an open one */
        }
        link_close(&l);
    }
    CHECK_INT(query_int(other.stmt, "select count(*) from streams_unheard"), 0);
    run(other.stmt, "drop table streams_unheard");
    /* A plain read has nothing that could be lost. */
    query(other.stmt, "select 10 / (3 - g) from generate_series(1, 5) g");
    CHECK_OK(other.stmt, SQLFetch(other.stmt));
    CHECK_OK(other.stmt, SQLCloseCursor(other.stmt));
    link_close(&other);
}

/* Locked rows stay locked until the transaction ends, whatever of the result is read: a cancel would let go of them. */
static void close_locking(void)
{
    static const char *const queries[] = {
        "select a, repeat('l', 500) from streams_locking order by a for update",
        "with w as (select a from streams_locking order by a for no key update) select a, repeat('l', 500) from w",
        "select * from (select a, repeat('l', 500) from streams_locking order by a for share) s",
    };
    struct link l = link_open("");
    struct link other = link_open("");
    fresh(&other, "streams_locking");
    run(other.stmt, "insert into streams_locking select generate_series(1, 50000)");
    set_autocommit(l.dbc, false);
    for (size_t i = 0; i < 2 * COUNT(queries); i++) {
        if (i % 2) {
            run(l.stmt, "select 1"); /* it is not the first of the transaction */
        }
        (void)open_and_close(&l, queries[i / 2], CLOSE_CURSOR);
        CHECK_STATE(other.stmt, SQLExecDirect(other.stmt, T("select a from streams_locking where a = 1 for update nowait"), SQL_NTS), "HY000");
        CHECK_CONTAINS(diag_message(other.stmt, 1), "could not obtain lock");
        CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_COMMIT));
    }
    run(other.stmt, "drop table streams_locking");
    link_close(&other);
    link_close(&l);
}

/* SQL_ATTR_MAX_ROWS ends the result for the reader, and its remainder as closing does. */
static void max_rows(void)
{
    struct link l = link_open("");
    struct link other = link_open("");
    fresh(&other, "streams_max");
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_MAX_ROWS, (SQLPOINTER)3, 0));
    for (int i = 0; i < 2; i++) {
        query(l.stmt, i == 0 ? "select generate_series(1, 1000000000)"
                             : "insert into streams_max select generate_series(1, 100000) returning a, repeat('m', 100)");
        for (int n = 0; n < 3; n++) {
            CHECK_OK(l.stmt, SQLFetch(l.stmt));
        }
        CHECK_RC(l.stmt, SQLFetch(l.stmt), SQL_NO_DATA);
        CHECK_OK(l.stmt, SQLCloseCursor(l.stmt));
    }
    CHECK_INT(query_int(other.stmt, "select count(*) from streams_max"), 100000);
    run(other.stmt, "drop table streams_max");
    /* Also when another statement needs the connection, whether the rows have been fetched or not; in a transaction as outside of one. */
    SQLHSTMT second = new_stmt(l.dbc);
    for (int i = 0; i < 4; i++) {
        set_autocommit(l.dbc, i < 2);
        double start = seconds_now();
        query(l.stmt, "select generate_series(1, 1000000000)");
        for (int n = 0; n < (i % 2) * 3; n++) {
            CHECK_OK(l.stmt, SQLFetch(l.stmt));
        }
        CHECK_INT(query_int(second, "select 1"), 1);
        CHECK(seconds_now() - start < soon());
        for (int n = (i % 2) * 3; n < 3; n++) {
            CHECK_OK(l.stmt, SQLFetch(l.stmt));
        }
        CHECK_RC(l.stmt, SQLFetch(l.stmt), SQL_NO_DATA);
        CHECK_INT(row_count(l.stmt), 3);
        CHECK_OK(l.stmt, SQLCloseCursor(l.stmt));
        CHECK_INT(query_int(second, "select 2"), 2);
    }
    CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_COMMIT));
    free_stmt(second);
    link_close(&l);
    /* What was cut short has not ended the transaction. */
    l = link_open("FetchMode=BUFFER");
    set_autocommit(l.dbc, false);
    run(l.stmt, "create temp table streams_max_kept (a int)");
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_MAX_ROWS, (SQLPOINTER)3, 0));
    query(l.stmt, "select generate_series(1, 100000000)");
    while (SQLFetch(l.stmt) == SQL_SUCCESS) {
    }
    CHECK_STATE(l.dbc, SQLDisconnect(l.dbc), "25000");
    CHECK_OK(l.stmt, SQLCloseCursor(l.stmt));
    CHECK_INT(query_int(l.stmt, "select count(*) from streams_max_kept"), 0);
    link_close(&other);
    link_close(&l);
}

/* ---- the end of the transaction -------------------------------------------------------------------------------------- */

static void commit_keeps(void)
{
    struct link l = link_open("MaxBufferMemory=1");
    struct link other = link_open("");
    SQLHSTMT stmt[3];
    SQLBIGINT value[3];
    fresh(&other, "streams_commit");
    set_autocommit(l.dbc, false);
    run(l.stmt, "insert into streams_commit values (1)");
    for (int i = 0; i < 3; i++) {
        stmt[i] = new_stmt(l.dbc);
        query(stmt[i], i == 0 ? "select 1::int8 as g" : "select g::int8, repeat('c', 100) from (select generate_series(1, 100000) g) s");
        CHECK_OK(stmt[i], SQLBindCol(stmt[i], 1, SQL_C_SBIGINT, &value[i], 0, NULL));
    }
    CHECK_OK(stmt[2], SQLFetch(stmt[2]));
    CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_COMMIT));
    CHECK_INT(query_int(other.stmt, "select count(*) from streams_commit"), 1);
    CHECK_OK(stmt[0], SQLFetch(stmt[0]));
    CHECK_RC(stmt[0], SQLFetch(stmt[0]), SQL_NO_DATA);
    int64_t wrong = 0;
    for (int64_t n = 2; n <= 100000; n++) {
        wrong += SQLFetch(stmt[2]) != SQL_SUCCESS || value[2] != n;
        wrong += SQLFetch(stmt[1]) != SQL_SUCCESS || value[1] != n - 1;
    }
    CHECK_INT(wrong, 0);
    CHECK_OK(stmt[1], SQLFetch(stmt[1]));
    CHECK_RC(stmt[1], SQLFetch(stmt[1]), SQL_NO_DATA);
    CHECK_RC(stmt[2], SQLFetch(stmt[2]), SQL_NO_DATA);
    for (int i = 0; i < 3; i++) {
        free_stmt(stmt[i]);
    }
    CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_ROLLBACK));
    run(other.stmt, "drop table streams_commit");
    link_close(&other);
    link_close(&l);
}

/* What cannot be kept refuses the commit; the transaction and the result are as they were. */
static void commit_beyond_the_spool(void)
{
    struct link l = link_open("MaxBufferMemory=1;MaxSpoolSize=2");
    struct link other = link_open("");
    SQLHSTMT stmt = new_stmt(l.dbc);
    SQLBIGINT value = 0;
    fresh(&other, "streams_beyond");
    set_autocommit(l.dbc, false);
    run(l.stmt, "insert into streams_beyond values (1)");
    query(stmt, "select g::int8, repeat('c', 100) from (select generate_series(1, 200000) g) s");
    CHECK_OK(stmt, SQLBindCol(stmt, 1, SQL_C_SBIGINT, &value, 0, NULL));
    CHECK_OK(stmt, SQLFetch(stmt));
    CHECK_STATE(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_COMMIT), "HY000");
    CHECK_INT(query_int(other.stmt, "select count(*) from streams_beyond"), 0);
    int64_t wrong = 0;
    for (int64_t n = 2; n <= 200000; n++) {
        wrong += SQLFetch(stmt) != SQL_SUCCESS || value != n;
    }
    CHECK_INT(wrong, 0);
    CHECK_RC(stmt, SQLFetch(stmt), SQL_NO_DATA);
    CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_COMMIT));
    CHECK_INT(query_int(other.stmt, "select count(*) from streams_beyond"), 1);
    free_stmt(stmt);
    run(other.stmt, "drop table streams_beyond");
    link_close(&other);
    link_close(&l);
}

static void rollback_closes(void)
{
    struct link l = link_open("");
    SQLUSMALLINT behaviour = 99;
    CHECK_OK(l.dbc, SQLGetInfo(l.dbc, SQL_CURSOR_COMMIT_BEHAVIOR, &behaviour, sizeof behaviour, NULL));
    CHECK_INT(behaviour, SQL_CB_PRESERVE);
    CHECK_OK(l.dbc, SQLGetInfo(l.dbc, SQL_CURSOR_ROLLBACK_BEHAVIOR, &behaviour, sizeof behaviour, NULL));
    CHECK_INT(behaviour, SQL_CB_CLOSE);
    set_autocommit(l.dbc, false);
    SQLHSTMT prepared = new_stmt(l.dbc);
    SQLHSTMT small = new_stmt(l.dbc);
    CHECK_OK(prepared, SQLPrepare(prepared, T("select generate_series(1, 1000000000)"), SQL_NTS));
    query(small, "select generate_series(1, 10)");
    CHECK_OK(small, SQLFetch(small));
    CHECK_OK(prepared, SQLExecute(prepared));
    CHECK_OK(prepared, SQLFetch(prepared));
    double start = seconds_now();
    CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_ROLLBACK));
    CHECK(seconds_now() - start < soon());
    /* No cursor any more; the prepared statement is one still. (The driver manager answers for both.) */
    CHECK_STATE(small, SQLFetch(small), "HY010");
    CHECK_STATE(prepared, SQLFetch(prepared), "HY010");
    CHECK_OK(prepared, SQLExecute(prepared));
    CHECK_OK(prepared, SQLFetch(prepared));
    CHECK_OK(prepared, SQLCloseCursor(prepared));
    /* ROLLBACK as text does the same to the other statements. */
    query(small, "select generate_series(1, 1000000)");
    CHECK_OK(small, SQLFetch(small));
    run(prepared, "rollback");
    CHECK_STATE(small, SQLFetch(small), "24000");
    CHECK_OK(small, SQLFreeStmt(small, SQL_CLOSE));
    CHECK_INT(query_int(small, "select 3"), 3);
    free_stmt(small);
    free_stmt(prepared);
    link_close(&l);
}

/* ---- a reader that takes its time ------------------------------------------------------------------------------------ */

static void paused_reader_holds_no_locks(void)
{
    struct link l = link_open("");
    struct link other = link_open("");
    fresh(&other, "streams_paused");
    run(other.stmt, "insert into streams_paused select generate_series(1, 2000)");
    query(l.stmt, "select a, repeat('p', 100) from streams_paused order by a");
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    run(other.stmt, "set lock_timeout = '20s'");
    CHECK_OK(other.stmt, SQLExecDirect(other.stmt, T("alter table streams_paused add b int"), SQL_NTS));
    CHECK_OK(other.stmt, SQLExecDirect(other.stmt, T("truncate streams_paused"), SQL_NTS));
    SQLINTEGER a = 0;
    SQLINTEGER rows = 1;
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_LONG, &a, 0, NULL));
    while (SQLFetch(l.stmt) == SQL_SUCCESS) {
        rows += a == rows + 1;
    }
    CHECK_INT(rows, 2000);
    run(other.stmt, "drop table streams_paused");
    link_close(&other);
    link_close(&l);
}

/* A large one is cut by the server's limit: an error in its place, rows before it delivered, the connection usable. */
static void statement_timeout(void)
{
    struct link l = link_open("");
    SQLBIGINT value = 0;
    run(l.stmt, "set statement_timeout = '3s'");
    query(l.stmt, "select g::int8, repeat('t', 100) from (select generate_series(1, 1000000000) g) s");
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_SBIGINT, &value, 0, NULL));
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    pause_ms(3300);
    SQLRETURN rc = SQL_SUCCESS;
    int64_t rows = 1;
    int64_t wrong = 0;
    while ((rc = SQLFetch(l.stmt)) == SQL_SUCCESS) {
        wrong += value != ++rows;
    }
    CHECK_STATE(l.stmt, rc, "HYT00");
    CHECK_INT(wrong, 0);
    CHECK_OK(l.stmt, SQLCloseCursor(l.stmt));
    CHECK_INT(query_int(l.stmt, "select 1"), 1);
    link_close(&l);
}

/* ---- errors behind rows ---------------------------------------------------------------------------------------------- */

static void error_in_mid_result(void)
{
    static SQLINTEGER block[BLOCK];
    static SQLUSMALLINT status[BLOCK];
    struct link l = link_open("");
    SQLHSTMT other = new_stmt(l.dbc);
    SQLULEN fetched = 0;
    /* Row 50,000 fails: 49,999 are delivered, in whatever portions; and with another statement in between. */
    for (int spool = 0; spool < 2; spool++) {
        query(l.stmt, "select g, 1 / (50000 - g) from (select generate_series(1, 60000) g) s");
        CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_LONG, block, 0, NULL));
        CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_ROW_ARRAY_SIZE, (SQLPOINTER)BLOCK, 0));
        CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_ROWS_FETCHED_PTR, &fetched, 0));
        CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_ROW_STATUS_PTR, status, 0));
        SQLRETURN rc = SQL_SUCCESS;
        SQLULEN rows = 0;
        while ((rc = SQLFetch(l.stmt)) == SQL_SUCCESS) {
            CHECK_INT(block[fetched - 1], rows + fetched);
            CHECK_INT(status[fetched - 1], SQL_ROW_SUCCESS);
            if (fetched < BLOCK) {
                CHECK_INT(status[fetched], SQL_ROW_NOROW);
            }
            rows += fetched;
            if (spool && rows == 2 * BLOCK) {
                CHECK_INT(query_int(other, "select 1"), 1); /* its own success, not the other's error */
            }
        }
        CHECK_STATE(l.stmt, rc, "22012");
        CHECK_INT(rows, 49999);
        CHECK_INT(fetched, 0);
        CHECK_RC(l.stmt, SQLFetch(l.stmt), SQL_NO_DATA);
        CHECK_OK(l.stmt, SQLCloseCursor(l.stmt));
        CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_ROW_ARRAY_SIZE, (SQLPOINTER)1, 0));
        CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_UNBIND));
    }
    /* The failing one in a transaction, met while its rows are put aside: the statement that follows runs in a healthy transaction. */
    run(other, "create temp table after (a int)");
    set_autocommit(l.dbc, false);
    run(other, "insert into after values (1)");
    query(l.stmt, "select g, 1 / (50000 - g) from (select generate_series(1, 60000) g) s");
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    run(other, "insert into after values (2)");
    SQLRETURN rc = SQL_SUCCESS;
    SQLULEN rows = 1;
    while ((rc = SQLFetch(l.stmt)) == SQL_SUCCESS) {
        rows++;
    }
    CHECK_STATE(l.stmt, rc, "22012");
    CHECK_INT(rows, 49999);
    CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_COMMIT));
    CHECK_INT(query_int(other, "select count(*) from after"), 2);
    CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_ROLLBACK));
    free_stmt(other);
    link_close(&l);
}

static void backend_terminated(void)
{
    struct link l = link_open("");
    struct link other = link_open("");
    SQLHSTMT second = new_stmt(l.dbc);
    SQLBIGINT value = 0;
    char sql[96];
    snprintf(sql, sizeof sql, "select pg_terminate_backend(%lld)", (long long)query_int(l.stmt, "select pg_backend_pid()"));
    query(l.stmt, "select g::int8, repeat('k', 100) from (select generate_series(1, 1000000000) g) s");
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_SBIGINT, &value, 0, NULL));
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_TEXT(query_text(other.stmt, sql), "1");
    SQLRETURN rc = SQL_SUCCESS;
    int64_t rows = 1;
    int64_t wrong = 0;
    while ((rc = SQLFetch(l.stmt)) == SQL_SUCCESS) {
        wrong += value != ++rows;
    }
    CHECK_STATE(l.stmt, rc, "08S01");
    /* A server that is stopped while it waits for the reader does not say why. */
    CHECK(strstr(diag_message(l.stmt, 1), "terminating connection") || strstr(diag_message(l.stmt, 1), "was lost"));
    CHECK_INT(wrong, 0);
    /* From now on every call says so, at once. */
    CHECK_STATE(second, SQLExecDirect(second, T("select 1"), SQL_NTS), "08S01");
    CHECK_STATE(second, SQLExecDirect(second, T("select 1"), SQL_NTS), "08S01");
    SQLUINTEGER dead = 99;
    CHECK_OK(l.dbc, SQLGetConnectAttr(l.dbc, SQL_ATTR_CONNECTION_DEAD, &dead, 0, NULL));
    CHECK_INT(dead, SQL_CD_TRUE);
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    free_stmt(second);
    link_close(&other);
    link_close(&l);
}

/* ---- the network ----------------------------------------------------------------------------------------------------- */

/* A TCP proxy before the server, which lets `limit` bytes through to the client and then does `then`. */
enum then { THEN_CLOSE, THEN_RESET, THEN_STALL };

struct proxy {
    int listener;
    int port;
    enum then then;
    atomic_long limit;
    atomic_bool stop;
    pthread_t thread;
};

static int connect_to_server(void)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((in_port_t)strtol(fact("PORT"), NULL, 10)), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0 ? fd : -1;
}

static bool forward(int from, int to, long *allowance)
{
    char buffer[16384];
    size_t room = allowance && *allowance < (long)sizeof buffer ? (size_t)*allowance : sizeof buffer;
    ssize_t n = recv(from, buffer, room, 0);
    for (ssize_t done = 0, sent; done < n; done += sent) {
        sent = send(to, buffer + done, (size_t)(n - done), MSG_NOSIGNAL);
        if (sent <= 0) {
            return false;
        }
    }
    if (allowance && n > 0) {
        *allowance -= n;
    }
    return n > 0;
}

/* One connection after the other. */
static void serve(struct proxy *p, int client)
{
    int server = connect_to_server();
    bool alive = server >= 0;
    while (alive && !atomic_load(&p->stop)) {
        long limit = atomic_load(&p->limit);
        bool open = limit > 0 || p->then != THEN_STALL;
        struct pollfd fds[] = {{.fd = client, .events = POLLIN}, {.fd = open ? server : -1, .events = POLLIN}};
        if (poll(fds, 2, 20) <= 0) {
            continue;
        }
        if (fds[0].revents != 0) {
            alive = forward(client, server, NULL);
        }
        if (alive && fds[1].revents != 0) {
            if (limit <= 0) {
                break;
            }
            long left = limit;
            alive = forward(server, client, &left);
            atomic_fetch_sub(&p->limit, limit - left);
        }
    }
    if (alive && p->then == THEN_RESET) {
        struct linger hard = {.l_onoff = 1};
        setsockopt(client, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    }
    close(client);
    if (server >= 0) {
        close(server);
    }
}

static void *proxy_run(void *arg)
{
    struct proxy *p = arg;
    while (!atomic_load(&p->stop)) {
        struct pollfd fd = {.fd = p->listener, .events = POLLIN};
        int client = poll(&fd, 1, 20) > 0 ? accept(p->listener, NULL, NULL) : -1;
        if (client >= 0) {
            serve(p, client);
        }
    }
    return NULL;
}

static struct proxy *proxy_start(enum then then)
{
    static struct proxy p;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    p.then = then;
    atomic_store(&p.limit, 1L << 40);
    atomic_store(&p.stop, false);
    p.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (p.listener < 0 || bind(p.listener, (struct sockaddr *)&address, size) != 0 || listen(p.listener, 8) != 0 ||
        getsockname(p.listener, (struct sockaddr *)&address, &size) != 0 || pthread_create(&p.thread, NULL, proxy_run, &p) != 0) {
        perror("proxy");
        exit(EXIT_FAILURE);
    }
    p.port = ntohs(address.sin_port);
    return &p;
}

static void proxy_stop(struct proxy *p)
{
    atomic_store(&p->stop, true);
    pthread_join(p->thread, NULL);
    close(p->listener);
}

static struct link open_through(const struct proxy *p, const char *extra)
{
    char keywords[160];
    snprintf(keywords, sizeof keywords, "Port=%d;SSLMode=disable;%s", p->port, extra);
    return link_open(keywords);
}

/* The connection ends in the middle of a result: rows up to there, then 08S01. */
static void cut(enum then then)
{
    struct proxy *p = proxy_start(then);
    struct link l = open_through(p, "");
    SQLBIGINT value = 0;
    query(l.stmt, "select g::int8, repeat('n', 100) from (select generate_series(1, 10000000) g) s");
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_SBIGINT, &value, 0, NULL));
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    atomic_store(&p->limit, 1000001);
    SQLRETURN rc = SQL_SUCCESS;
    int64_t rows = 1;
    int64_t wrong = 0;
    while ((rc = SQLFetch(l.stmt)) == SQL_SUCCESS) {
        wrong += value != ++rows;
    }
    CHECK_STATE(l.stmt, rc, "08S01");
    CHECK_INT(wrong, 0);
    CHECK(then == THEN_RESET || rows > 5000);
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    CHECK_STATE(l.stmt, SQLExecDirect(l.stmt, T("select 1"), SQL_NTS), "08S01");
    CHECK_INFO(l.dbc, SQLDisconnect(l.dbc), "01002");
    l.stmt = SQL_NULL_HSTMT;
    link_close(&l);
    proxy_stop(p);
}

static void cut_close(void)
{
    cut(THEN_CLOSE);
}

static void cut_reset(void)
{
    cut(THEN_RESET);
}

/* Nothing comes any more, not even an end: the application's limits bound the wait. */
static void stall(void)
{
    struct proxy *p = proxy_start(THEN_STALL);
    struct link l = open_through(p, "");
    CHECK_INT(query_int(l.stmt, "select 1"), 1);
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_QUERY_TIMEOUT, (SQLPOINTER)1, 0));
    atomic_store(&p->limit, 0);
    double start = seconds_now();
    CHECK_STATE(l.stmt, SQLExecDirect(l.stmt, T("select 2"), SQL_NTS), "HYT00");
    double took = seconds_now() - start;
    CHECK(took > 0.9 && took < 12 + soon()); /* the server had its chance to answer the cancel */
    /* It did not, so the connection is given up. */
    CHECK_STATE(l.stmt, SQLExecDirect(l.stmt, T("select 3"), SQL_NTS), "08S01");
    start = seconds_now();
    link_close(&l);
    CHECK(seconds_now() - start < soon());
    proxy_stop(p);

    /* In a fetch SQL_ATTR_CONNECTION_TIMEOUT is what bounds it. */
    p = proxy_start(THEN_STALL);
    l = open_through(p, "");
    query(l.stmt, "select g::int8, repeat('n', 100) from (select generate_series(1, 10000000) g) s");
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_OK(l.dbc, SQLSetConnectAttr(l.dbc, SQL_ATTR_CONNECTION_TIMEOUT, (SQLPOINTER)1, 0));
    start = seconds_now();
    atomic_store(&p->limit, 0);
    SQLRETURN rc = SQL_SUCCESS;
    while ((rc = SQLFetch(l.stmt)) == SQL_SUCCESS) {
        start = seconds_now();
    }
    took = seconds_now() - start;
    CHECK_STATE(l.stmt, rc, "HYT01");
    CHECK(took > 0.9 && took < 12 + soon());
    CHECK_STATE(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE) == SQL_SUCCESS ? SQLExecDirect(l.stmt, T("select 3"), SQL_NTS) : SQL_ERROR, "08S01");
    link_close(&l);
    proxy_stop(p);
}

int main(int argc, char **argv)
{
    static const struct test alone[] = {{"a million rows in flat memory", measured_fetch}};
    static const struct test tests[] = {
        {"flat memory", memory},
        {"many open results, in turn", interleaved},
        {"results in temporary files", spooled},
        {"MaxSpoolSize", spool_limit},
        {"FetchMode=BUFFER", buffered},
        {"closing a query early", close_plain},
        {"closing early what writes", close_writing},
        {"a failure behind the rows", unheard_failure},
        {"closing early what locks", close_locking},
        {"SQL_ATTR_MAX_ROWS", max_rows},
        {"COMMIT keeps results", commit_keeps},
        {"COMMIT beyond MaxSpoolSize", commit_beyond_the_spool},
        {"ROLLBACK closes results", rollback_closes},
        {"a paused reader holds no locks", paused_reader_holds_no_locks},
        {"statement_timeout while paused", statement_timeout},
        {"an error behind rows", error_in_mid_result},
        {"the backend is terminated", backend_terminated},
        {"the connection is closed", cut_close},
        {"the connection is reset", cut_reset},
        {"the connection stalls", stall},
    };
    program = argv[0];
    if (argc > 1 && strcmp(argv[1], "--memory") == 0) {
        return run_tests("streams, memory", alone, COUNT(alone));
    }
    return run_tests("streams", tests, COUNT(tests));
}
