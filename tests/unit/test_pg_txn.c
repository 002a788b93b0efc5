/* SPDX-License-Identifier: Apache-2.0 */
/* Transactions: when they begin and end, what an error takes with it, groups, and the settings of a session. */
#include "pg_support.h"

static const int modes[] = {ALDB_ROLLBACK_STATEMENT, ALDB_ROLLBACK_TRANSACTION, ALDB_ROLLBACK_NONE};

#define COMMIT(s) aldb_session_end(s, true, &pgt_forever, DIAG)
#define ROLLBACK(s) aldb_session_end(s, false, &pgt_forever, DIAG)
#define FRESH_TABLE OBSERVE("drop table if exists t; create table t (id int)")

static bool backend_is(int pid, const char *state)
{
    char sql[96];
    snprintf(sql, sizeof sql, "select state from pg_stat_activity where pid = %d", pid);
    return pgt_await(sql, state);
}

/* ------------------------------------------------------------------ begin and end */

static void test_begins_with_the_first_statement(void)
{
    struct aldb_session *s = pgt_open();
    int pid = pgt_pid(s);
    FRESH_TABLE;
    OK(aldb_session_set_autocommit(s, false, &pgt_forever, DIAG));
    TRUE(!aldb_session_autocommit(s));
    SAME(aldb_session_txn(s), ALDB_TXN_IDLE);
    TRUE(backend_is(pid, "idle"));
    OK(pgt_do(s, "insert into t values (1)"));
    SAME(aldb_session_txn(s), ALDB_TXN_OPEN);
    TRUE(backend_is(pid, "idle in transaction"));
    SEES("t", "");
    OK(COMMIT(s));
    SAME(aldb_session_txn(s), ALDB_TXN_IDLE);
    TRUE(backend_is(pid, "idle"));
    SEES("t", "1");

    OK(pgt_do(s, "insert into t values (2)"));
    OK(ROLLBACK(s));
    TRUE(backend_is(pid, "idle"));
    SEES("t", "1");
    OK(COMMIT(s)); /* nothing open */
    OK(ROLLBACK(s));
    aldb_session_close(s);
}

static void test_autocommit_on_commits(void)
{
    struct aldb_session *s = pgt_open_manual(ALDB_ROLLBACK_STATEMENT);
    FRESH_TABLE;
    OK(pgt_do(s, "insert into t values (1)"));
    SEES("t", "");
    OK(aldb_session_set_autocommit(s, true, &pgt_forever, DIAG));
    SAME(aldb_session_txn(s), ALDB_TXN_IDLE);
    SEES("t", "1");
    OK(pgt_do(s, "insert into t values (2)"));
    SEES("t", "1,2");
    OK(aldb_session_set_autocommit(s, true, &pgt_forever, DIAG)); /* already */
    aldb_session_close(s);
}

/* A session that goes without COMMIT takes its work with it. */
static void test_close_rolls_back(void)
{
    struct aldb_session *s = pgt_open_manual(ALDB_ROLLBACK_STATEMENT);
    int pid = pgt_pid(s);
    char sql[96];
    FRESH_TABLE;
    OK(pgt_do(s, "insert into t values (1)"));
    aldb_session_close(s);
    snprintf(sql, sizeof sql, "select count(*) from pg_stat_activity where pid = %d", pid);
    TRUE(pgt_await(sql, "0"));
    SEES("t", "");
}

static void test_deferred_constraint_at_commit(void)
{
    struct aldb_session *s = pgt_open_manual(ALDB_ROLLBACK_STATEMENT);
    OBSERVE("create table late (id int unique deferrable initially deferred)");
    OK(pgt_do(s, "insert into late values (1), (1)"));
    FAILS(COMMIT(s), "40002");
    SAME(aldb_session_txn(s), ALDB_TXN_IDLE);
    SEES("late", "");
    OK(pgt_do(s, "insert into late values (2)"));
    OK(COMMIT(s));
    SEES("late", "2");
    OK(pgt_do(s, "insert into late values (2)"));
    FAILS(aldb_session_set_autocommit(s, true, &pgt_forever, DIAG), "40002");
    TRUE(!aldb_session_autocommit(s));
    SEES("late", "2");
    USABLE(s);
    aldb_session_close(s);
}

/* ------------------------------------------------------------------ errors */

static void test_error_of_the_first_statement(void)
{
    for (size_t m = 0; m < ALDB_COUNT(modes); m++) {
        struct aldb_session *s = pgt_open_manual(modes[m]);
        FRESH_TABLE;
        FAILS(pgt_do(s, "insert into t values (1 / 0)"), "22012");
        if (modes[m] == ALDB_ROLLBACK_NONE) {
            SAME(aldb_session_txn(s), ALDB_TXN_FAILED);
            FAILS(pgt_do(s, "insert into t values (1)"), "25000");
            OK(ROLLBACK(s));
        }
        SAME(aldb_session_txn(s), ALDB_TXN_IDLE);
        OK(pgt_do(s, "insert into t values (2)"));
        SAME(aldb_session_txn(s), ALDB_TXN_OPEN);
        SEES("t", "");
        OK(COMMIT(s));
        SEES("t", "2");
        aldb_session_close(s);
    }
}

static void test_error_undoes_the_statement(void)
{
    struct aldb_session *s = pgt_open_manual(ALDB_ROLLBACK_STATEMENT);
    struct aldb_plan *p;
    struct pgt_values v;
    FRESH_TABLE;
    OK(pgt_plan(s, "insert into t values (10 / $1)", 1, NULL, &p));
    OK(pgt_do(s, "insert into t values (1)"));
    for (int i = 0; i < 3; i++) {
        FAILS(pgt_do(s, "insert into t select 1 / (3 - g) from generate_series(1, 5) g"), "22012");
        SAME(aldb_session_txn(s), ALDB_TXN_OPEN);
        FAILS(pgt_do(s, "selec"), "42000");
        FAILS(pgt_do(s, "set no_such_setting to 1"), "42000");
        FAILS(pgt_do(s, "create table t (id int)"), "42S01");
        FAILS(pgt_do_plan(s, p, pgt_bind(&v, 1, "0")), "22012");
        SAME(aldb_session_txn(s), ALDB_TXN_OPEN);
    }
    OK(pgt_do_plan(s, p, pgt_bind(&v, 1, "5")));
    OK(COMMIT(s));
    SEES("t", "1,2");
    aldb_plan_release(p);
    aldb_session_close(s);
}

static void test_error_undoes_the_transaction(void)
{
    struct aldb_session *s = pgt_open_manual(ALDB_ROLLBACK_TRANSACTION);
    FRESH_TABLE;
    OK(pgt_do(s, "insert into t values (1)"));
    FAILS(pgt_do(s, "select 1/0"), "22012");
    SAME(aldb_session_txn(s), ALDB_TXN_IDLE);
    OK(pgt_do(s, "insert into t values (2)"));
    SAME(aldb_session_txn(s), ALDB_TXN_OPEN);
    OK(COMMIT(s));
    SEES("t", "2");
    aldb_session_close(s);
}

static void test_error_undoes_nothing(void)
{
    struct aldb_session *s = pgt_open_manual(ALDB_ROLLBACK_NONE);
    FRESH_TABLE;
    OK(pgt_do(s, "insert into t values (1)"));
    FAILS(pgt_do(s, "select 1/0"), "22012");
    SAME(aldb_session_txn(s), ALDB_TXN_FAILED);
    FAILS(pgt_do(s, "insert into t values (2)"), "25000");
    FAILS(COMMIT(s), "25S03"); /* the server rolls back, and calls it success */
    SAME(aldb_session_txn(s), ALDB_TXN_IDLE);
    SEES("t", "");

    /* As text, too. */
    OK(pgt_do(s, "insert into t values (3)"));
    FAILS(pgt_do(s, "select 1/0"), "22012");
    FAILS(pgt_do(s, "commit"), "25S03");
    SAME(aldb_session_txn(s), ALDB_TXN_IDLE);
    SEES("t", "");
    OK(pgt_do(s, "insert into t values (4)"));
    OK(COMMIT(s));
    SEES("t", "4");
    aldb_session_close(s);
}

/* ------------------------------------------------------------------ what the user writes himself */

static void test_user_savepoints(void)
{
    for (int texts = 0; texts < 2; texts++) {
        struct aldb_session *s = texts ? pgt_open() : pgt_open_manual(ALDB_ROLLBACK_STATEMENT);
        FRESH_TABLE;
        if (texts) {
            OK(pgt_do(s, "begin"));
            SAME(aldb_session_txn(s), ALDB_TXN_OPEN);
        }
        OK(pgt_do(s, "insert into t values (1)"));
        OK(pgt_do(s, "savepoint x"));
        OK(pgt_do(s, "insert into t values (2)"));
        FAILS(pgt_do(s, "select 1/0"), "22012");
        OK(pgt_do(s, "insert into t values (3)"));
        OK(pgt_do(s, "rollback to savepoint x"));
        FAILS(pgt_do(s, "select 1/0"), "22012");
        OK(pgt_do(s, "insert into t values (4)"));
        OK(pgt_do(s, "savepoint x")); /* the same name again hides the first */
        OK(pgt_do(s, "insert into t values (5)"));
        OK(pgt_do(s, "release x"));
        OK(pgt_do(s, "rollback to x"));
        OK(pgt_do(s, "insert into t values (6)"));
        SAME(aldb_session_txn(s), ALDB_TXN_OPEN);
        if (texts) {
            OK(pgt_do(s, "commit"));
        } else {
            OK(COMMIT(s));
        }
        SAME(aldb_session_txn(s), ALDB_TXN_IDLE);
        SEES("t", "1,6");
        aldb_session_close(s);
    }
}

static void test_user_transaction_in_autocommit(void)
{
    struct aldb_session *s = pgt_open();
    FRESH_TABLE;
    OK(pgt_do(s, "begin"));
    OK(pgt_do(s, "insert into t values (1)"));
    SEES("t", "");
    FAILS(pgt_do(s, "select 1/0"), "22012");
    SAME(aldb_session_txn(s), ALDB_TXN_OPEN);
    OK(pgt_do(s, "insert into t values (2)"));
    OK(COMMIT(s));
    SEES("t", "1,2");
    OK(pgt_do(s, "start transaction read only"));
    FAILS(pgt_do(s, "insert into t values (3)"), "25000");
    OK(pgt_do(s, "rollback"));
    SAME(aldb_session_txn(s), ALDB_TXN_IDLE);
    OK(pgt_do(s, "begin"));
    OK(pgt_do(s, "insert into t values (4)"));
    OK(pgt_do(s, "commit and chain"));
    SAME(aldb_session_txn(s), ALDB_TXN_OPEN);
    OK(pgt_do(s, "rollback"));
    SEES("t", "1,2,4");
    aldb_session_close(s);
}

/* The first statement of a manual transaction may be any of these; each must be inside it. */
static void test_control_as_first_statement(void)
{
    struct aldb_session *s = pgt_open_manual(ALDB_ROLLBACK_STATEMENT);
    FRESH_TABLE;
    OK(pgt_do(s, "set transaction read only"));
    FAILS(pgt_do(s, "insert into t values (1)"), "25000");
    SAME_TEXT(pgt_ask(s, "show transaction_read_only"), "on"); /* not undone by a savepoint of ours */
    OK(ROLLBACK(s));
    OK(pgt_do(s, "set transaction isolation level serializable"));
    SAME_TEXT(pgt_ask(s, "show transaction_isolation"), "serializable");
    SAME_TEXT(pgt_ask(s, "show transaction_isolation"), "serializable");
    OK(COMMIT(s));
    SAME_TEXT(pgt_ask(s, "show transaction_isolation"), "read committed");
    OK(ROLLBACK(s));
    OK(pgt_do(s, "savepoint first"));
    OK(pgt_do(s, "insert into t values (2)"));
    OK(pgt_do(s, "rollback to first"));
    OK(pgt_do(s, "insert into t values (3)"));
    OK(COMMIT(s));
    SEES("t", "3");
    aldb_session_close(s);
}

static void test_set_transaction(void)
{
    struct aldb_session *s = pgt_open();
    FRESH_TABLE;
    OK(pgt_do(s, "begin"));
    OK(pgt_do(s, "set transaction isolation level repeatable read"));
    OK(pgt_do(s, "set transaction read only"));
    SAME_TEXT(pgt_ask(s, "show transaction_isolation"), "repeatable read");
    SAME_TEXT(pgt_ask(s, "show transaction_read_only"), "on");
    FAILS(pgt_do(s, "insert into t values (1)"), "25000");
    SAME_TEXT(pgt_ask(s, "show transaction_read_only"), "on");
    OK(pgt_do(s, "commit"));
    OK(pgt_do(s, "insert into t values (2)"));

    /* In the middle of a transaction. */
    OK(aldb_session_set_autocommit(s, false, &pgt_forever, DIAG));
    OK(pgt_do(s, "insert into t values (3)"));
    OK(pgt_do(s, "set transaction read only"));
    FAILS(pgt_do(s, "insert into t values (4)"), "25000");
    OK(COMMIT(s));
    SEES("t", "2,3");
    aldb_session_close(s);
}

static void test_no_block(void)
{
    struct aldb_session *s = pgt_open();
    OBSERVE("drop table if exists t");
    OK(pgt_do(s, "create table t (id int)"));
    OK(pgt_do(s, "vacuum t"));
    OK(pgt_do(s, "vacuum analyze t"));
    struct aldb_exec_request req = pgt_request_flags("create index concurrently on t (id)", PGT_NO_BLOCK | PGT_ROWLESS | PGT_UTILITY);
    OK(pgt_do_wait(s, &req, &pgt_forever));

    OK(aldb_session_set_autocommit(s, false, &pgt_forever, DIAG));
    OK(pgt_do(s, "vacuum t")); /* no transaction is begun for it */
    SAME(aldb_session_txn(s), ALDB_TXN_IDLE);
    OK(pgt_do(s, "insert into t values (1)"));
    FAILS(pgt_do(s, "vacuum t"), "25000");
    TRUE(strstr(pgt_message(&pgt.diag), "VACUUM") != NULL);
    OK(ROLLBACK(s));
    USABLE(s);
    aldb_session_close(s);
}

/* ------------------------------------------------------------------ streams across the end */

static void test_commit_keeps_streams(void)
{
    struct aldb_session_options o = pgt_options();
    o.buffer_memory = 64 << 10;
    struct aldb_session *s = pgt_open_with(&o);
    struct aldb_exec a, b;
    int64_t wrong = 0;
    FRESH_TABLE;
    OK(aldb_session_set_autocommit(s, false, &pgt_forever, DIAG));
    OK(pgt_do(s, "insert into t values (1)"));
    OK(pgt_start(&b, s, "select g from generate_series(1, 100) g"));
    OK(pgt_start(&a, s, "select g, repeat('c', 100) from generate_series(1, 200000) g"));
    OK(pgt_next(&a));
    OK(COMMIT(s));
    SAME(aldb_session_txn(s), ALDB_TXN_IDLE);
    SEES("t", "1");
    for (int64_t i = 2; i <= 200000; i++) {
        wrong += !aldb_done(pgt_next(&a)) || pgt_number(&a, 0) != i || a.cells[1].len != 100;
    }
    SAME(wrong, 0);
    IS_RC(pgt_next(&a), ALDB_NO_DATA);
    int64_t rows;
    IS_RC(pgt_drain(&b, &rows), ALDB_NO_DATA);
    SAME(rows, 100);
    OK(pgt_close(&a));
    OK(pgt_close(&b));
    aldb_session_close(s);
}

static void test_commit_beyond_the_spool(void)
{
    struct aldb_session_options o = pgt_options();
    o.buffer_memory = 64 << 10;
    o.max_spool = 1 << 20;
    struct aldb_session *s = pgt_open_with(&o);
    struct aldb_exec a;
    FRESH_TABLE;
    OK(aldb_session_set_autocommit(s, false, &pgt_forever, DIAG));
    OK(pgt_do(s, "insert into t values (1)"));
    OK(pgt_start(&a, s, "select g, repeat('c', 100) from generate_series(1, 200000) g"));
    OK(pgt_next(&a));
    FAILS(COMMIT(s), "HY000");
    SAME(aldb_session_txn(s), ALDB_TXN_OPEN);
    OK(pgt_next(&a));
    SAME(pgt_number(&a, 0), 2);
    OK(pgt_close(&a));
    OK(COMMIT(s));
    SEES("t", "1");
    aldb_session_close(s);
}

/* The stream fails only while COMMIT takes it off the wire: COMMIT must not become a ROLLBACK unheard. */
static void test_commit_with_a_failing_stream(void)
{
    struct aldb_session *s = pgt_open_manual(ALDB_ROLLBACK_STATEMENT);
    struct aldb_exec a;
    int64_t rows;
    FRESH_TABLE;
    OK(pgt_do(s, "insert into t values (1)"));
    OK(pgt_start(&a, s, "select 1 / (x - 150000), repeat('x', 100) from generate_series(1, 200000) x"));
    OK(pgt_next(&a));
    OK(COMMIT(s));
    SEES("t", "1");
    FAILS(pgt_drain(&a, &rows), "22012");
    SAME(rows, 149998);
    OK(pgt_close(&a));
    aldb_session_close(s);
}

static void test_rollback_closes_streams(void)
{
    for (size_t m = 0; m < ALDB_COUNT(modes); m++) {
        struct aldb_session *s = pgt_open_manual(modes[m]);
        struct aldb_exec a, b;
        FRESH_TABLE;
        OK(pgt_do(s, "insert into t values (1)"));
        OK(pgt_start(&b, s, "select g, repeat('b', 100) from generate_series(1, 60000) g"));
        OK(pgt_start(&a, s, "select generate_series(1, 1000000000)"));
        OK(pgt_next(&a));
        int64_t start = aldb_now_ms();
        OK(ROLLBACK(s));
        WITHIN(start, pgt_prompt_ms());
        SAME(aldb_session_txn(s), ALDB_TXN_IDLE);
        FAILS(pgt_next(&a), "24000");
        FAILS(pgt_next(&b), "24000");
        OK(pgt_close(&a));
        OK(pgt_close(&b));
        SEES("t", "");
        USABLE(s);
        aldb_session_close(s);
    }
}

/* ------------------------------------------------------------------ groups */

static enum aldb_rc group_begin(struct aldb_session *s)
{
    return aldb_group_begin(s, &pgt_forever, DIAG);
}

static enum aldb_rc group_end(struct aldb_session *s, bool ok)
{
    return aldb_group_end(s, ok, &pgt_forever, DIAG);
}

static void test_group_in_autocommit(void)
{
    for (size_t m = 0; m < ALDB_COUNT(modes); m++) {
        struct aldb_session_options o = pgt_options();
        o.error_rollback = modes[m];
        struct aldb_session *s = pgt_open_with(&o);
        FRESH_TABLE;
        OK(group_begin(s));
        OK(pgt_do(s, "insert into t values (1)"));
        OK(pgt_do(s, "insert into t values (2)"));
        SEES("t", "");
        OK(group_end(s, true));
        SAME(aldb_session_txn(s), ALDB_TXN_IDLE);
        SEES("t", "1,2");

        OK(group_begin(s));
        OK(pgt_do(s, "insert into t values (3)"));
        OK(group_end(s, false));
        SEES("t", "1,2");

        OK(group_begin(s));
        OK(pgt_do(s, "insert into t values (4)"));
        FAILS(pgt_do(s, "select 1/0"), "22012");
        OK(group_end(s, false));
        SAME(aldb_session_txn(s), ALDB_TXN_IDLE);
        SEES("t", "1,2");

        OK(group_begin(s)); /* empty */
        OK(group_end(s, true));
        OK(group_begin(s));
        OK(group_end(s, false));
        OK(pgt_do(s, "insert into t values (5)"));
        SEES("t", "1,2,5");
        aldb_session_close(s);
    }
}

static void test_group_fails_at_its_end(void)
{
    struct aldb_session *s = pgt_open();
    OBSERVE("create table ends (id int unique deferrable initially deferred)");
    OK(group_begin(s));
    OK(pgt_do(s, "insert into ends values (1)"));
    OK(pgt_do(s, "insert into ends values (1)"));
    IS_RC(group_end(s, true), ALDB_ERR);
    SAME(aldb_session_txn(s), ALDB_TXN_IDLE);
    SEES("ends", "");
    OK(pgt_do(s, "insert into ends values (2)"));
    SEES("ends", "2");
    aldb_session_close(s);
}

static void test_group_in_transaction(void)
{
    struct aldb_session *s = pgt_open_manual(ALDB_ROLLBACK_STATEMENT);
    FRESH_TABLE;
    OK(pgt_do(s, "insert into t values (1)"));
    OK(group_begin(s));
    OK(pgt_do(s, "insert into t values (2)"));
    FAILS(pgt_do(s, "select 1/0"), "22012");
    OK(group_end(s, false));
    SAME(aldb_session_txn(s), ALDB_TXN_OPEN);
    OK(group_begin(s));
    OK(pgt_do(s, "insert into t values (3)"));
    OK(pgt_do(s, "insert into t values (4)"));
    OK(group_end(s, true));
    SAME(aldb_session_txn(s), ALDB_TXN_OPEN);
    OK(group_begin(s));
    OK(pgt_do(s, "insert into t values (5)"));
    OK(group_end(s, false)); /* undone without an error */
    FAILS(pgt_do(s, "select 1/0"), "22012");
    SEES("t", "");
    OK(COMMIT(s));
    SEES("t", "1,3,4");

    /* As the first thing of a transaction. */
    OK(group_begin(s));
    OK(pgt_do(s, "insert into t values (6)"));
    FAILS(pgt_do(s, "select 1/0"), "22012");
    OK(group_end(s, false));
    OK(group_begin(s));
    OK(pgt_do(s, "insert into t values (7)"));
    OK(group_end(s, true));
    SAME(aldb_session_txn(s), ALDB_TXN_OPEN); /* manual commit: not ended by a group */
    OK(COMMIT(s));
    SEES("t", "1,3,4,7");
    aldb_session_close(s);
}

static void test_group_in_transaction_without_savepoints(void)
{
    struct aldb_session *s = pgt_open_manual(ALDB_ROLLBACK_NONE);
    FRESH_TABLE;
    OK(pgt_do(s, "insert into t values (1)"));
    OK(group_begin(s));
    OK(pgt_do(s, "insert into t values (2)"));
    OK(group_end(s, true));
    OK(COMMIT(s));
    SEES("t", "1,2");
    OK(pgt_do(s, "insert into t values (3)"));
    OK(group_begin(s));
    FAILS(pgt_do(s, "select 1/0"), "22012");
    OK(group_end(s, false));
    SAME(aldb_session_txn(s), ALDB_TXN_FAILED);
    FAILS(COMMIT(s), "25S03");
    SEES("t", "1,2");
    aldb_session_close(s);
}

static void test_group_with_results(void)
{
    for (int manual = 0; manual < 2; manual++) {
        struct aldb_session *s = manual ? pgt_open_manual(ALDB_ROLLBACK_STATEMENT) : pgt_open();
        struct aldb_exec a, b;
        int64_t rows;
        FRESH_TABLE;
        OK(group_begin(s));
        OK(pgt_start(&a, s, "select g, repeat('g', 100) from generate_series(1, 50000) g"));
        OK(pgt_do(s, "insert into t values (1)"));
        OK(pgt_start(&b, s, "select g, repeat('h', 100) from generate_series(1, 50000) g"));
        OK(group_end(s, true));
        IS_RC(pgt_drain(&a, &rows), ALDB_NO_DATA);
        SAME(rows, 50000);
        IS_RC(pgt_drain(&b, &rows), ALDB_NO_DATA);
        SAME(rows, 50000);
        OK(pgt_close(&a));
        OK(pgt_close(&b));
        OK(COMMIT(s));
        SEES("t", "1");
        aldb_session_close(s);
    }
}

/* A stream of the group fails after its call had succeeded: the group must not be said to have taken effect. */
static void test_group_with_a_failing_stream(void)
{
    for (int manual = 0; manual < 2; manual++) {
        struct aldb_session *s = manual ? pgt_open_manual(ALDB_ROLLBACK_STATEMENT) : pgt_open();
        struct aldb_exec a;
        int64_t rows;
        FRESH_TABLE;
        if (manual) {
            OK(pgt_do(s, "insert into t values (1)"));
        }
        OK(group_begin(s));
        OK(pgt_do(s, "insert into t values (2)"));
        OK(pgt_start(&a, s, "select 1 / (x - 150000), repeat('x', 100) from generate_series(1, 200000) x"));
        FAILS(group_end(s, true), "25S03");
        FAILS(pgt_drain(&a, &rows), "22012");
        SAME(rows, 149999);
        OK(pgt_close(&a));
        SAME(aldb_session_txn(s), manual ? ALDB_TXN_OPEN : ALDB_TXN_IDLE);
        OK(COMMIT(s));
        SEES("t", manual ? "1" : "");
        aldb_session_close(s);
    }
}

/* ROLLBACK as text is as quick, and closes cursors as surely. */
static void test_rollback_text_closes_streams(void)
{
    struct aldb_session *s = pgt_open_manual(ALDB_ROLLBACK_STATEMENT);
    struct aldb_exec a;
    FRESH_TABLE;
    OK(pgt_do(s, "insert into t values (1)"));
    OK(pgt_start(&a, s, "select generate_series(1, 1000000000)"));
    OK(pgt_next(&a));
    int64_t start = aldb_now_ms();
    OK(pgt_do(s, "rollback"));
    WITHIN(start, pgt_prompt_ms());
    SAME(aldb_session_txn(s), ALDB_TXN_IDLE);
    FAILS(pgt_next(&a), "24000");
    OK(pgt_close(&a));
    SEES("t", "");
    aldb_session_close(s);
}

/* ------------------------------------------------------------------ settings */

static void test_isolation(void)
{
    static const struct {
        int bit;
        const char *name;
    } levels[] = {{8, "serializable"}, {4, "repeatable read"}, {2, "read committed"}, {1, "read uncommitted"}};
    static const int poolings[] = {ALDB_POOLING_AUTO, ALDB_POOLING_TRANSACTION};
    for (size_t k = 0; k < ALDB_COUNT(poolings); k++) {
        struct aldb_session_options o = pgt_options();
        o.pooling = poolings[k];
        o.search_path = NULL;
        struct aldb_session *s = pgt_open_with(&o);
        OK(aldb_session_set_autocommit(s, false, &pgt_forever, DIAG));
        for (size_t i = 0; i < ALDB_COUNT(levels); i++) {
            OK(aldb_session_set_isolation(s, levels[i].bit, &pgt_forever, DIAG));
            SAME_TEXT(pgt_ask(s, "show transaction_isolation"), levels[i].name);
            FAILS(aldb_session_set_isolation(s, 2, &pgt_forever, DIAG), "HY011");
            OK(COMMIT(s));
            SAME_TEXT(pgt_ask(s, "show transaction_isolation"), levels[i].name); /* each transaction */
            OK(ROLLBACK(s));
        }
        aldb_session_close(s);
    }
    struct aldb_session_options o = pgt_options();
    o.isolation = 8;
    o.read_only = true;
    struct aldb_session *s = pgt_open_with(&o);
    SAME_TEXT(pgt_ask(s, "show transaction_isolation"), "serializable");
    SAME_TEXT(pgt_ask(s, "show transaction_read_only"), "on");
    aldb_session_close(s);
}

static void test_read_only(void)
{
    static const int poolings[] = {ALDB_POOLING_AUTO, ALDB_POOLING_TRANSACTION};
    for (size_t k = 0; k < ALDB_COUNT(poolings); k++) {
        struct aldb_session_options o = pgt_options();
        char insert[160];
        o.pooling = poolings[k];
        o.search_path = NULL;
        struct aldb_session *s = pgt_open_with(&o);
        FRESH_TABLE;
        snprintf(insert, sizeof insert, "insert into %s.t values (1)", pgt.schema);
        for (int manual = 1; manual >= 0; manual--) {
            if (!manual && poolings[k] == ALDB_POOLING_TRANSACTION) {
                continue; /* session state is not to be had there */
            }
            OK(aldb_session_set_autocommit(s, !manual, &pgt_forever, DIAG));
            OK(aldb_session_set_read_only(s, true, &pgt_forever, DIAG));
            FAILS(pgt_do(s, insert), "25000");
            SAME_TEXT(pgt_ask(s, "show transaction_read_only"), "on");
            if (manual) {
                FAILS(aldb_session_set_read_only(s, false, &pgt_forever, DIAG), "HY011");
            }
            OK(ROLLBACK(s));
            OK(aldb_session_set_read_only(s, false, &pgt_forever, DIAG));
            OK(pgt_do(s, insert));
            OK(COMMIT(s));
        }
        SAME(pgt_count("t"), k == 0 ? 2 : 1);
        aldb_session_close(s);
    }
}

/* Behind a transaction pooler nothing may rest on the server between transactions. */
static void test_pooled(void)
{
    struct aldb_session_options o = pgt_options();
    o.pooling = ALDB_POOLING_TRANSACTION;
    o.search_path = NULL;
    struct aldb_session *s = pgt_open_with(&o);
    struct aldb_plan *p;
    struct aldb_exec e;
    struct pgt_values v;
    char sql[160];
    FRESH_TABLE;
    TRUE(aldb_session_pooled(s));
    snprintf(sql, sizeof sql, "insert into %s.t values ($1)", pgt.schema);
    for (int manual = 0; manual < 2; manual++) {
        OK(aldb_session_set_autocommit(s, !manual, &pgt_forever, DIAG));
        OK(pgt_plan(s, sql, 1, NULL, &p));
        SAME(p->param_oids[0], ALDB_OID_INT4);
        SAME_TEXT(p->server_name, "");
        OK(pgt_do_plan(s, p, pgt_bind(&v, 1, "1")));
        OK(pgt_do_plan(s, p, pgt_bind(&v, 1, "2")));
        FAILS(pgt_do(s, "select 1/0"), "22012");
        aldb_plan_release(p);
        OK(pgt_plan(s, "select $1::int4 * 2", 1, NULL, &p));
        OK(pgt_start_plan(&e, s, p, pgt_bind(&v, 1, "21")));
        TRUE(e.ncolumns == 1 && e.columns[0].binary);
        OK(pgt_next(&e));
        SAME(pgt_number(&e, 0), 42);
        OK(pgt_close(&e));
        aldb_plan_release(p);
        SAME_TEXT(pgt_ask(s, "select count(*) from pg_prepared_statements"), "0");
        OK(COMMIT(s));
    }
    SAME(pgt_count("t"), 4);
    aldb_session_close(s);
}

static void test_reset(void)
{
    struct aldb_session_options o = pgt_options();
    o.isolation = 4;
    o.init_sql = "set work_mem to '9MB'";
    struct aldb_session *s = pgt_open_with(&o);
    struct aldb_plan *p;
    int pid = pgt_pid(s);
    FRESH_TABLE;
    OK(pgt_plan(s, "select 41 + $1::int", 1, NULL, &p));
    OK(pgt_do(s, "create temporary table mine (id int)"));
    OK(pgt_do(s, "set statement_timeout to '7s'"));
    OK(pgt_do(s, "set search_path to pg_catalog"));
    OK(pgt_do(s, "begin"));
    char sql[96];
    snprintf(sql, sizeof sql, "insert into %s.t values (1)", pgt.schema);
    OK(pgt_do(s, sql));
    OK(aldb_session_reset(s, &pgt_forever, DIAG));
    SAME(aldb_session_txn(s), ALDB_TXN_IDLE);
    SAME(pgt_pid(s), pid);
    SEES("t", "");
    FAILS(pgt_do(s, "select * from mine"), "42S02");
    SAME_TEXT(pgt_ask(s, "show statement_timeout"), pgt_see("show statement_timeout"));
    SAME_TEXT(pgt_ask(s, "select current_schema()"), pgt.schema);
    SAME_TEXT(pgt_ask(s, "show transaction_isolation"), "repeatable read");
    SAME_TEXT(pgt_ask(s, "show work_mem"), "9MB");
    struct pgt_values v;
    OK(pgt_do_plan(s, p, pgt_bind(&v, 1, "1")));
    aldb_plan_release(p);
    aldb_session_close(s);
}

int main(void)
{
    CU_TestInfo ends[] = {
        {"begins with the first statement", test_begins_with_the_first_statement},
        {"autocommit on commits", test_autocommit_on_commits},
        {"close rolls back", test_close_rolls_back},
        {"deferred constraint at commit", test_deferred_constraint_at_commit},
        CU_TEST_INFO_NULL,
    };
    CU_TestInfo errors[] = {
        {"of the first statement", test_error_of_the_first_statement},
        {"undo the statement", test_error_undoes_the_statement},
        {"undo the transaction", test_error_undoes_the_transaction},
        {"undo nothing", test_error_undoes_nothing},
        CU_TEST_INFO_NULL,
    };
    CU_TestInfo texts[] = {
        {"savepoints", test_user_savepoints},
        {"BEGIN in autocommit", test_user_transaction_in_autocommit},
        {"control as first statement", test_control_as_first_statement},
        {"SET TRANSACTION", test_set_transaction},
        {"VACUUM", test_no_block},
        CU_TEST_INFO_NULL,
    };
    CU_TestInfo streams[] = {
        {"commit keeps them", test_commit_keeps_streams},
        {"commit beyond the spool", test_commit_beyond_the_spool},
        {"commit with one that fails", test_commit_with_a_failing_stream},
        {"rollback closes them", test_rollback_closes_streams},
        {"so does ROLLBACK as text", test_rollback_text_closes_streams},
        CU_TEST_INFO_NULL,
    };
    CU_TestInfo groups[] = {
        {"in autocommit", test_group_in_autocommit},
        {"failing at the end", test_group_fails_at_its_end},
        {"in a transaction", test_group_in_transaction},
        {"without savepoints", test_group_in_transaction_without_savepoints},
        {"with results", test_group_with_results},
        {"with a stream that fails", test_group_with_a_failing_stream},
        CU_TEST_INFO_NULL,
    };
    CU_TestInfo settings[] = {
        {"isolation", test_isolation},
        {"read only", test_read_only},
        {"pooled", test_pooled},
        {"reset", test_reset},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {
        {"begin and end", NULL, NULL, NULL, NULL, ends},
        {"errors", NULL, NULL, NULL, NULL, errors},
        {"the user's own control", NULL, NULL, NULL, NULL, texts},
        {"streams", NULL, NULL, NULL, NULL, streams},
        {"groups", NULL, NULL, NULL, NULL, groups},
        {"settings", NULL, NULL, NULL, NULL, settings},
        CU_SUITE_INFO_NULL,
    };
    return pgt_main("txn", suites);
}
