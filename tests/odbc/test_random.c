/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random walks over one connection with several statements, beside a model that knows what must come: rows in order and complete however the streams get
 * in each other's way, what is inserted exactly as often as it was told, transactions and savepoints as they were ended. A failed walk prints its seed and
 * its last steps; `ALDB_TEST_SEED=n odbc_random` walks that one alone.
 */
#include "harness.h"

#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

enum { LOG = 16, CURSORS = 5, WALKS = 24, STEPS = 120, BLOCK = 40, SAVEPOINTS = 4, SETS = 30 };

enum rollback { STATEMENT, TRANSACTION, NONE };

static const struct walk_options {
    const char *extra;
    bool manual;
    enum rollback rollback;
} options[] = {
    {"", false, STATEMENT},
    {"", true, STATEMENT},
    {"FetchMode=BUFFER", true, STATEMENT},
    {"CloseMode=DRAIN", true, STATEMENT},
    {"MaxBufferMemory=1", true, STATEMENT},
    {"UseServerSidePrepare=0", true, STATEMENT},
    {"Pooling=TRANSACTION", true, STATEMENT},
    {"ErrorRollback=TRANSACTION", true, TRANSACTION},
    {"ErrorRollback=NONE", true, NONE},
};

struct cursor {
    SQLHSTMT stmt;
    bool open;
    int64_t next, count;  /* rows are next … count */
    int64_t fails_at;     /* row that the server fails at; 0: none */
    SQLULEN block;
    SQLINTEGER values[BLOCK];
    SQLLEN lengths[BLOCK];
    SQLULEN fetched;
    char texts[BLOCK][204];
    SQLLEN text_lengths[BLOCK];
};

struct walk {
    const struct walk_options *o;
    unsigned seed;
    uint64_t random;
    struct link l, observer;
    char table[40];
    struct cursor cursors[CURSORS];
    int64_t committed;          /* rows in the table as others see it */
    int64_t pending;            /* rows added by the open transaction */
    int64_t at[SAVEPOINTS];     /* pending when each savepoint was made */
    int savepoints;
    bool failed;                /* mode NONE: the transaction is aborted */
    int64_t id;                 /* last one used */
    char log[LOG][120];
    unsigned steps;
};

static bool good;

static uint32_t pick(struct walk *w, uint32_t n)
{
    w->random = w->random * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(w->random >> 33) % n;
}

static void say(struct walk *w, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void say(struct walk *w, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(w->log[w->steps++ % LOG], sizeof w->log[0], format, args);
    va_end(args);
}

/* One finding is enough: everything after it follows from it. */
static void expect(struct walk *w, bool held, SQLHANDLE h, const char *what)
{
    if (held || !good) {
        return;
    }
    good = false;
    printf("\n    seed %u (%s, %s): %s\n      [%s] %s\n", w->seed, w->o->manual ? "manual" : "autocommit", w->o->extra, what, diag_state(h, 1), diag_message(h, 1));
    for (unsigned i = w->steps > LOG ? w->steps - LOG : 0; i < w->steps; i++) {
        printf("      %3u %s\n", i, w->log[i % LOG]);
    }
    check_true(false, what, __FILE__, __LINE__);
}

static void expect_int(struct walk *w, int64_t is, int64_t wanted, SQLHANDLE h, const char *what)
{
    char text[160];
    snprintf(text, sizeof text, "%s is %lld, not %lld", what, (long long)is, (long long)wanted);
    expect(w, is == wanted, h, text);
}

/* ---- the model ------------------------------------------------------------------------------------------------------- */

static void inserted(struct walk *w, int64_t rows)
{
    *(w->o->manual ? &w->pending : &w->committed) += rows;
}

/* The transaction is gone with everything in it. */
static void lost(struct walk *w)
{
    w->pending = 0;
    w->savepoints = 0;
    w->failed = false;
}

/* A statement of the application has failed. */
static void statement_failed(struct walk *w)
{
    if (!w->o->manual || w->o->rollback == STATEMENT) {
        return;
    }
    if (w->o->rollback == TRANSACTION) {
        lost(w);
    } else {
        w->failed = true;
    }
}

/* ---- steps ----------------------------------------------------------------------------------------------------------- */

static SQLRETURN exec(struct walk *w, SQLHSTMT stmt, const char *sql)
{
    SQLRETURN rc = SQLExecDirect(stmt, T(sql), SQL_NTS);
    if (w->failed) {
        expect(w, rc == SQL_ERROR && strcmp(diag_state(stmt, 1), "25000") == 0, stmt, "in an aborted transaction a statement was not refused");
    }
    return rc;
}

static void open_cursor(struct walk *w, struct cursor *c)
{
    static const int64_t counts[] = {0, 1, 3, 50, 700, 6000, 30000};
    char sql[256];
    int width = pick(w, 3) == 0 ? 200 : 3;
    c->count = counts[pick(w, (uint32_t)COUNT(counts))];
    c->fails_at = w->o->rollback == STATEMENT && c->count > 3 && pick(w, 6) == 0 ? 1 + pick(w, (uint32_t)c->count) : 0;
    c->block = pick(w, 2) ? 1 + pick(w, BLOCK) : 1;
    snprintf(sql, sizeof sql, "select 10 / (g - %lld) * 0 + g as g, repeat('x', %d) from generate_series(1, %lld) g", (long long)c->fails_at, width,
             (long long)c->count);
    say(w, "open %d: %lld rows of %d, blocks of %llu, failing at %lld", (int)(c - w->cursors), (long long)c->count, width, (unsigned long long)c->block,
        (long long)c->fails_at);
    SQLSetStmtAttr(c->stmt, SQL_ATTR_ROW_ARRAY_SIZE, (SQLPOINTER)c->block, 0);
    SQLRETURN rc;
    if (pick(w, 2)) {
        rc = SQLPrepare(c->stmt, T(sql), SQL_NTS);
        rc = SQL_SUCCEEDED(rc) ? SQLExecute(c->stmt) : rc;
    } else {
        rc = SQLExecDirect(c->stmt, T(sql), SQL_NTS);
    }
    if (w->failed) {
        expect(w, rc == SQL_ERROR, c->stmt, "a query ran in an aborted transaction");
        return;
    }
    /* A failure among the first rows may be met at once; nothing was delivered then. */
    if (rc == SQL_ERROR && c->fails_at > 0 && strcmp(diag_state(c->stmt, 1), "22012") == 0) {
        statement_failed(w);
        return;
    }
    expect(w, rc == SQL_SUCCESS, c->stmt, "a query could not be opened");
    c->open = rc == SQL_SUCCESS;
    c->next = 1;
}

static void close_cursor(struct walk *w, struct cursor *c)
{
    say(w, "close %d at row %lld", (int)(c - w->cursors), (long long)c->next);
    expect(w, SQLFreeStmt(c->stmt, SQL_CLOSE) == SQL_SUCCESS, c->stmt, "a cursor could not be closed");
    c->open = false;
}

static void check_rows(struct walk *w, struct cursor *c)
{
    for (SQLULEN i = 0; i < c->fetched; i++) {
        expect_int(w, c->values[i], c->next, c->stmt, "the row");
        expect(w, c->text_lengths[i] == 3 || c->text_lengths[i] == 200, c->stmt, "a text has another length");
        expect(w, strspn(c->texts[i], "x") == (size_t)c->text_lengths[i], c->stmt, "a text is another");
        c->next++;
    }
}

static void fetch(struct walk *w, struct cursor *c)
{
    int64_t wanted = (int64_t[]){1, 5, 60, 2000, 100000}[pick(w, 5)];
    int64_t until = c->next + wanted;
    say(w, "fetch %d from row %lld, %lld rows", (int)(c - w->cursors), (long long)c->next, (long long)wanted);
    while (good && c->open && c->next < until) {
        SQLRETURN rc = SQLFetch(c->stmt);
        if (SQL_SUCCEEDED(rc)) {
            check_rows(w, c);
            expect(w, c->next <= c->count + 1 && (c->fails_at == 0 || c->next <= c->fails_at), c->stmt, "there are too many rows");
        } else if (rc == SQL_NO_DATA) {
            expect_int(w, c->next, c->count + 1, c->stmt, "the row behind the last");
            expect(w, c->fails_at == 0, c->stmt, "a failing query ended well");
            close_cursor(w, c);
        } else {
            expect(w, c->fails_at > 0 && strcmp(diag_state(c->stmt, 1), "22012") == 0, c->stmt, "fetching failed");
            expect_int(w, c->next, c->fails_at, c->stmt, "the row that failed");
            close_cursor(w, c);
        }
    }
}

static void insert(struct walk *w)
{
    char sql[200];
    int64_t rows = 1 + pick(w, 400);
    SQLLEN affected = -1;
    snprintf(sql, sizeof sql, "insert into %s select g from generate_series(%lld, %lld) g", w->table, (long long)w->id + 1, (long long)(w->id + rows));
    say(w, "insert %lld", (long long)rows);
    SQLRETURN rc = exec(w, w->l.stmt, sql);
    if (w->failed) {
        return;
    }
    expect(w, rc == SQL_SUCCESS, w->l.stmt, "an insert failed");
    expect(w, SQLRowCount(w->l.stmt, &affected) == SQL_SUCCESS, w->l.stmt, "SQLRowCount");
    expect_int(w, affected, rows, w->l.stmt, "the number of rows inserted");
    w->id += rows;
    inserted(w, rows);
}

/* Rows come back; wherever reading ends, all are stored. */
static void insert_returning(struct walk *w, struct cursor *c)
{
    char sql[220];
    int64_t rows = (int64_t[]){1, 10, 500, 20000}[pick(w, 4)];
    snprintf(sql, sizeof sql, "insert into %s select g from generate_series(%lld, %lld) g returning (id - %lld)::int, 'xxx'", w->table, (long long)w->id + 1,
             (long long)(w->id + rows), (long long)w->id);
    say(w, "insert %lld returning, in %d", (long long)rows, (int)(c - w->cursors));
    c->block = 1 + pick(w, BLOCK);
    SQLSetStmtAttr(c->stmt, SQL_ATTR_ROW_ARRAY_SIZE, (SQLPOINTER)c->block, 0);
    SQLRETURN rc = exec(w, c->stmt, sql);
    if (w->failed) {
        return;
    }
    expect(w, rc == SQL_SUCCESS, c->stmt, "an insert failed");
    c->open = true;
    c->next = 1;
    c->count = rows;
    c->fails_at = 0;
    w->id += rows;
    inserted(w, rows);
}

static void insert_array(struct walk *w)
{
    char sql[120];
    static SQLBIGINT ids[SETS];
    SQLUSMALLINT status[SETS];
    SQLULEN sets = 1 + pick(w, SETS);
    SQLULEN bad = w->o->rollback == STATEMENT && pick(w, 3) == 0 ? pick(w, (uint32_t)sets) : sets;
    say(w, "insert an array of %llu, of which %llu is wrong", (unsigned long long)sets, (unsigned long long)bad);
    for (SQLULEN i = 0; i < sets; i++) {
        ids[i] = i == bad ? -1 : ++w->id;
    }
    snprintf(sql, sizeof sql, "insert into %s values (?)", w->table);
    SQLSetStmtAttr(w->l.stmt, SQL_ATTR_PARAMSET_SIZE, (SQLPOINTER)sets, 0);
    SQLSetStmtAttr(w->l.stmt, SQL_ATTR_PARAM_STATUS_PTR, status, 0);
    SQLBindParameter(w->l.stmt, 1, SQL_PARAM_INPUT, SQL_C_SBIGINT, SQL_BIGINT, 0, 0, ids, 0, NULL);
    SQLRETURN rc = exec(w, w->l.stmt, sql);
    if (!w->failed) {
        bool wrong = bad < sets;
        expect(w, rc == (!wrong ? SQL_SUCCESS : sets == 1 ? SQL_ERROR : SQL_SUCCESS_WITH_INFO), w->l.stmt, "an array of inserts ended otherwise");
        for (SQLULEN i = 0; i < sets; i++) {
            expect_int(w, status[i], i == bad ? SQL_PARAM_ERROR : SQL_PARAM_SUCCESS, w->l.stmt, "the status of a set");
        }
        inserted(w, (int64_t)sets - wrong);
    }
    SQLFreeStmt(w->l.stmt, SQL_RESET_PARAMS);
    SQLSetStmtAttr(w->l.stmt, SQL_ATTR_PARAMSET_SIZE, (SQLPOINTER)1, 0);
    SQLSetStmtAttr(w->l.stmt, SQL_ATTR_PARAM_STATUS_PTR, NULL, 0);
}

/* Several statements in one text take effect whole or not at all. */
static void several(struct walk *w)
{
    char sql[300];
    /* As the first in a transaction it takes the transaction with it in mode NONE too, and what follows begins another. */
    bool wrong = pick(w, 2) && (w->o->rollback != NONE || w->pending > 0);
    say(w, "two inserts in one text%s", wrong ? ", the second wrong" : "");
    snprintf(sql, sizeof sql, "insert into %s values (%lld); insert into %s values (%lld)", w->table, (long long)w->id + 1, w->table,
             wrong ? -1LL : (long long)w->id + 2);
    SQLRETURN rc = exec(w, w->l.stmt, sql);
    if (w->failed) {
        return;
    }
    w->id += 2;
    expect(w, rc == (wrong ? SQL_ERROR : SQL_SUCCESS), w->l.stmt, "two inserts ended otherwise");
    SQLFreeStmt(w->l.stmt, SQL_CLOSE);
    if (wrong) {
        statement_failed(w);
    } else {
        inserted(w, 2);
    }
}

static void fail(struct walk *w)
{
    char sql[120];
    static const char *const texts[][2] = {{"insert into ", " values (-1)"}, {"insert into ", "_nowhere values (1)"}, {"insert into ", " valuse (1)"},
                                           {"rollback to savepoint ", ""}};
    uint32_t which = pick(w, w->o->manual ? (uint32_t)COUNT(texts) : 3);
    snprintf(sql, sizeof sql, "%s%s%s", texts[which][0], w->table, texts[which][1]);
    say(w, "fail: %s", sql);
    SQLRETURN rc = SQLExecDirect(w->l.stmt, T(sql), SQL_NTS);
    expect(w, rc == SQL_ERROR, w->l.stmt, "a wrong statement succeeded");
    if (!w->failed) {
        statement_failed(w);
    }
}

static void check_counts(struct walk *w)
{
    char sql[100];
    snprintf(sql, sizeof sql, "select count(*) from %s", w->table);
    say(w, "count: %lld stored, %lld pending", (long long)w->committed, (long long)w->pending);
    if (!w->failed) {
        /* It also reads a stream of INSERT … RETURNING to its end, which in autocommit is where it is committed. */
        expect_int(w, query_int(w->l.stmt, sql), w->committed + w->pending, w->l.stmt, "what the connection sees");
    }
    expect_int(w, query_int(w->observer.stmt, sql), w->committed, w->observer.stmt, "what others see");
}

static void end_transaction(struct walk *w)
{
    bool commit = pick(w, 3) > 0;
    say(w, commit ? "commit" : "rollback");
    SQLRETURN rc = SQLEndTran(SQL_HANDLE_DBC, w->l.dbc, commit ? SQL_COMMIT : SQL_ROLLBACK);
    if (commit && w->failed) {
        expect(w, rc == SQL_ERROR, w->l.dbc, "a failed transaction was committed");
        expect(w, strcmp(diag_state(w->l.dbc, 1), "25S03") == 0, w->l.dbc, "a failed transaction was committed otherwise");
    } else {
        expect(w, rc == SQL_SUCCESS, w->l.dbc, "the transaction could not be ended");
        w->committed += commit ? w->pending : 0;
    }
    lost(w);
    if (!commit) {
        for (int i = 0; i < CURSORS; i++) {
            SQLFreeStmt(w->cursors[i].stmt, SQL_CLOSE); /* a rollback has closed it */
            w->cursors[i].open = false;
        }
    }
}

static void savepoint(struct walk *w)
{
    char sql[60];
    uint32_t what = pick(w, 3);
    if (what == 0 && w->savepoints < SAVEPOINTS) {
        snprintf(sql, sizeof sql, "savepoint s%d", w->savepoints);
        say(w, "%s", sql);
        if (SQL_SUCCEEDED(exec(w, w->l.stmt, sql))) {
            w->at[w->savepoints++] = w->pending;
        }
        return;
    }
    if (w->savepoints == 0) {
        return;
    }
    int which = (int)pick(w, (uint32_t)w->savepoints);
    snprintf(sql, sizeof sql, "%s s%d", what == 1 ? "release" : "rollback to", which);
    say(w, "%s", sql);
    if (what == 1) {
        if (SQL_SUCCEEDED(exec(w, w->l.stmt, sql))) {
            w->savepoints = which;
        }
        return;
    }
    w->failed = false;
    expect(w, SQL_SUCCEEDED(SQLExecDirect(w->l.stmt, T(sql), SQL_NTS)), w->l.stmt, "there was no way back to a savepoint");
    w->pending = w->at[which];
    w->savepoints = which + 1;
}

/* ---- a walk ---------------------------------------------------------------------------------------------------------- */

static void step(struct walk *w)
{
    struct cursor *c = &w->cursors[pick(w, CURSORS)];
    uint32_t what = pick(w, 100);
    if (what < 45) {
        if (!c->open) {
            open_cursor(w, c);
        } else if (what < 36) {
            fetch(w, c);
        } else {
            close_cursor(w, c);
        }
    } else if (what < 55) {
        insert(w);
    } else if (what < 62) {
        if (!c->open) {
            insert_returning(w, c);
        }
    } else if (what < 69) {
        insert_array(w);
    } else if (what < 73) {
        several(w);
    } else if (what < 80) {
        fail(w);
    } else if (what < 88) {
        if (w->o->manual) {
            savepoint(w);
        }
    } else if (what < 94) {
        end_transaction(w);
    } else {
        check_counts(w);
    }
    SQLFreeStmt(w->l.stmt, SQL_CLOSE);
}

static void walk(unsigned seed)
{
    static struct walk w;
    char sql[120];
    memset(&w, 0, sizeof w);
    w.seed = seed;
    w.random = seed * 0x9e3779b97f4a7c15u + 1;
    w.o = &options[seed % COUNT(options)];
    w.l = link_open(w.o->extra);
    w.observer = link_open("");
    snprintf(w.table, sizeof w.table, "random_%d_%u", (int)getpid(), seed);
    snprintf(sql, sizeof sql, "create table %s (id bigint unique check (id > 0))", w.table);
    run(w.observer.stmt, sql);
    if (w.o->manual) {
        SQLSetConnectAttr(w.l.dbc, SQL_ATTR_AUTOCOMMIT, (SQLPOINTER)SQL_AUTOCOMMIT_OFF, 0);
    }
    for (int i = 0; i < CURSORS; i++) {
        struct cursor *c = &w.cursors[i];
        c->stmt = new_stmt(w.l.dbc);
        SQLSetStmtAttr(c->stmt, SQL_ATTR_ROWS_FETCHED_PTR, &c->fetched, 0);
        SQLBindCol(c->stmt, 1, SQL_C_SLONG, c->values, sizeof c->values[0], c->lengths);
        SQLBindCol(c->stmt, 2, SQL_C_CHAR, c->texts, sizeof c->texts[0], c->text_lengths);
    }
    for (int i = 0; i < STEPS && good; i++) {
        step(&w);
    }
    if (good) {
        check_counts(&w);
    }
    link_close(&w.l);
    snprintf(sql, sizeof sql, "drop table %s", w.table);
    run(w.observer.stmt, sql);
    link_close(&w.observer);
}

static void walks(void)
{
    const char *one = getenv("ALDB_TEST_SEED");
    unsigned first = one ? (unsigned)strtoul(one, NULL, 10) : 0;
    unsigned count = one ? 1 : WALKS;
    const char *more = getenv("ALDB_TEST_WALKS");
    count = more ? (unsigned)strtoul(more, NULL, 10) : count;
    good = true;
    for (unsigned seed = first; seed < first + count && good; seed++) {
        walk(seed);
    }
}

int main(void)
{
    static const struct test tests[] = {{"random walks beside a model", walks}};
    return run_tests("several statements on one connection", tests, COUNT(tests));
}
