/* SPDX-License-Identifier: Apache-2.0 */
/* Cancelling and deadlines, from other threads: what was meant is ended, nothing else is touched. */
#include "pg_support.h"

/* ------------------------------------------------------------------ a call on another thread */

struct job {
    pthread_t thread;
    struct aldb_session *s;
    struct aldb_exec exec;
    struct aldb_exec_request req;
    struct aldb_wait wait;
    struct aldb_diag diag;
    enum aldb_rc rc;
    int64_t ended; /* ms */
    atomic_bool begun;
};

static void *job_run(void *arg)
{
    struct job *j = arg;
    atomic_store(&j->begun, true);
    j->rc = aldb_exec_run(&j->exec, j->s, &j->req, &j->wait, &j->diag);
    j->ended = aldb_now_ms();
    return NULL;
}

static void *job_next(void *arg)
{
    struct job *j = arg;
    while (aldb_done(j->rc = aldb_exec_next(&j->exec, &j->wait, &j->diag))) {
    }
    j->ended = aldb_now_ms();
    return NULL;
}

static void job_init(struct job *j, struct aldb_session *s, const char *sql)
{
    memset(j, 0, sizeof *j);
    j->s = s;
    j->req = pgt_request(sql);
    j->wait = pgt_forever;
    aldb_exec_init(&j->exec);
    aldb_diag_init(&j->diag);
}

static void job_start(struct job *j, void *(*what)(void *))
{
    TRUE(pthread_create(&j->thread, NULL, what, j) == 0);
}

/* Its diagnostics become those of the checked call. */
static enum aldb_rc job_join(struct job *j)
{
    pthread_join(j->thread, NULL);
    aldb_diag_reset(&pgt.diag);
    aldb_diag_move(&pgt.diag, &j->diag);
    return j->rc;
}

static void job_clear(struct job *j)
{
    OK(aldb_exec_close(&j->exec, &pgt_forever, &j->diag));
    aldb_diag_clear(&j->diag);
}

static void job_await_sleep(int pid)
{
    char sql[128];
    snprintf(sql, sizeof sql, "select coalesce(wait_event, '') from pg_stat_activity where pid = %d", pid);
    TRUE(pgt_await(sql, "PgSleep"));
}

/* Another job's turn, or another's rows, are what it waits for now. */
static void job_await_wait(struct job *j)
{
    while (!atomic_load(&j->begun)) {
        pgt_sleep_ms(1);
    }
    pgt_sleep_ms(300);
}

/* ------------------------------------------------------------------ cancel */

static void test_cancel_execute(void)
{
    struct aldb_session *s = pgt_open();
    int pid = pgt_pid(s);
    OBSERVE("create table earlier (id int)");
    for (int manual = 0; manual < 2; manual++) {
        OK(aldb_session_set_autocommit(s, !manual, &pgt_forever, DIAG));
        OK(pgt_do(s, "insert into earlier values (1)"));
        for (int round = 0; round < 3; round++) {
            struct job j;
            job_init(&j, s, round == 1 ? "do $$ begin perform pg_sleep(60); end $$" : "select pg_sleep(60)");
            job_start(&j, job_run);
            job_await_sleep(pid);
            int64_t start = aldb_now_ms();
            TRUE(aldb_exec_cancel(&j.exec));
            FAILS(job_join(&j), "HY008");
            TRUE(j.ended - start < pgt_prompt_ms());
            job_clear(&j);
            SAME(aldb_session_txn(s), manual ? ALDB_TXN_OPEN : ALDB_TXN_IDLE);
            USABLE(s);
        }
        OK(aldb_session_end(s, true, &pgt_forever, DIAG));
    }
    SEES("earlier", "1,1");
    aldb_session_close(s);
}

/* Without a savepoint the transaction has failed, as PostgreSQL has it; the session has not. */
static void test_cancel_without_savepoint(void)
{
    struct aldb_session *s = pgt_open();
    int pid = pgt_pid(s);
    aldb_session_close(s);
    s = pgt_open_manual(ALDB_ROLLBACK_NONE);
    pid = pgt_pid(s);
    struct job j;
    job_init(&j, s, "select pg_sleep(60)");
    job_start(&j, job_run);
    job_await_sleep(pid);
    TRUE(aldb_exec_cancel(&j.exec));
    FAILS(job_join(&j), "HY008");
    job_clear(&j);
    SAME(aldb_session_txn(s), ALDB_TXN_FAILED);
    OK(aldb_session_end(s, false, &pgt_forever, DIAG));
    USABLE(s);
    aldb_session_close(s);
}

static void test_cancel_fetch(void)
{
    for (int manual = 0; manual < 2; manual++) {
        struct aldb_session *s = manual ? pgt_open_manual(ALDB_ROLLBACK_STATEMENT) : pgt_open();
        OBSERVE("drop table if exists fetched; create table fetched (id int)");
        OK(pgt_do(s, "insert into fetched values (1)"));
        int pid = pgt_pid(s);
        struct job j;
        job_init(&j, s, "select g, repeat('x', 9000), case when g > 5 then pg_sleep(60) end from generate_series(1, 10) g");
        OK(aldb_exec_run(&j.exec, s, &j.req, &pgt_forever, DIAG));
        job_start(&j, job_next);
        job_await_sleep(pid);
        int64_t start = aldb_now_ms();
        TRUE(aldb_exec_cancel(&j.exec));
        FAILS(job_join(&j), "HY008");
        TRUE(j.ended - start < pgt_prompt_ms());
        job_clear(&j);
        SAME(aldb_session_txn(s), manual ? ALDB_TXN_OPEN : ALDB_TXN_IDLE);
        USABLE(s);
        OK(aldb_session_end(s, true, &pgt_forever, DIAG));
        SEES("fetched", "1");
        aldb_session_close(s);
    }
}

/* Nothing is running: nothing is sent, and nothing later is hit. */
static void test_cancel_idle(void)
{
    struct aldb_session *s = pgt_open();
    struct aldb_exec e;
    aldb_exec_init(&e);
    TRUE(!aldb_exec_cancel(&e));
    OK(pgt_start(&e, s, "select g from generate_series(1, 3) g"));
    int64_t rows;
    IS_RC(pgt_drain(&e, &rows), ALDB_NO_DATA);
    TRUE(!aldb_exec_cancel(&e));
    OK(pgt_close(&e));
    TRUE(!aldb_exec_cancel(&e));
    OK(pgt_do(s, "select pg_sleep(0.2)"));
    /* The flag is not kept for the next execution of the same statement. */
    struct aldb_exec_request req = pgt_request("select pg_sleep(0.1)");
    OK(aldb_exec_run(&e, s, &req, &pgt_forever, DIAG));
    OK(pgt_close(&e));
    aldb_session_close(s);
}

/* An open stream, nobody in a call: cancelling it lets the next fetch say so, or has no effect; the session goes on. */
static void test_cancel_paused_stream(void)
{
    struct aldb_session *s = pgt_open_manual(ALDB_ROLLBACK_STATEMENT);
    struct aldb_exec e;
    int64_t rows;
    OBSERVE("create table paused (id int)");
    OK(pgt_do(s, "insert into paused values (1)"));
    OK(pgt_start(&e, s, "select generate_series(1, 1000000000)"));
    OK(pgt_next(&e));
    if (aldb_exec_cancel(&e)) {
        FAILS(pgt_drain(&e, &rows), "HY008");
    }
    OK(pgt_close(&e));
    SAME(aldb_session_txn(s), ALDB_TXN_OPEN);
    USABLE(s);
    OK(aldb_session_end(s, true, &pgt_forever, DIAG));
    SEES("paused", "1");
    aldb_session_close(s);
}

/* ------------------------------------------------------------------ one that waits for the other's rows to be taken off the wire */

#define SLOW_ROWS 2000
#define SLOW_STREAM "select g, repeat('s', 2000), pg_sleep(0.002) from generate_series(1, 2000) g"

static void read_slow_stream(struct aldb_exec *a, int64_t from)
{
    int64_t wrong = 0;
    for (int64_t i = from; i <= SLOW_ROWS; i++) {
        wrong += !aldb_done(pgt_next(a)) || pgt_number(a, 0) != i || a->cells[1].len != 2000;
    }
    SAME(wrong, 0);
    IS_RC(pgt_next(a), ALDB_NO_DATA);
    OK(pgt_close(a));
}

static void test_cancel_what_waits(void)
{
    struct aldb_session *s = pgt_open();
    for (int manual = 0; manual < 2; manual++) {
        struct aldb_exec a;
        struct job b;
        OK(aldb_session_set_autocommit(s, !manual, &pgt_forever, DIAG));
        OK(pgt_start(&a, s, SLOW_STREAM));
        OK(pgt_next(&a));
        job_init(&b, s, "select 1");
        job_start(&b, job_run);
        job_await_wait(&b);
        int64_t start = aldb_now_ms();
        TRUE(aldb_exec_cancel(&b.exec));
        FAILS(job_join(&b), "HY008");
        TRUE(b.ended - start < 3500); /* not after all of A */
        job_clear(&b);
        read_slow_stream(&a, 2);
        USABLE(s);
        SAME(aldb_session_txn(s), manual ? ALDB_TXN_OPEN : ALDB_TXN_IDLE);
    }
    aldb_session_close(s);
}

static void test_deadline_of_what_waits(void)
{
    struct aldb_session *s = pgt_open();
    struct aldb_exec a;
    struct job b;
    OK(pgt_start(&a, s, SLOW_STREAM));
    OK(pgt_next(&a));
    job_init(&b, s, "select 1");
    int64_t start = aldb_now_ms();
    b.wait = pgt_for_ms(300);
    job_start(&b, job_run);
    FAILS(job_join(&b), "HYT00");
    TRUE(b.ended - start >= 290);
    TRUE(b.ended - start < 3500);
    job_clear(&b);
    read_slow_stream(&a, 2);
    USABLE(s);
    aldb_session_close(s);
}

/* The wire is A's while B only waits: cancelling A ends A and lets B run. */
static void test_cancel_what_is_drained(void)
{
    struct aldb_session *s = pgt_open();
    struct aldb_exec a;
    struct job b;
    int64_t rows;
    OK(pgt_start(&a, s, SLOW_STREAM));
    OK(pgt_next(&a));
    job_init(&b, s, "select 42");
    job_start(&b, job_run);
    job_await_wait(&b);
    int64_t start = aldb_now_ms();
    TRUE(aldb_exec_cancel(&a));
    OK(job_join(&b));
    TRUE(b.ended - start < 3500);
    OK(pgt_next(&b.exec));
    SAME(pgt_number(&b.exec, 0), 42);
    job_clear(&b);
    FAILS(pgt_drain(&a, &rows), "HY008");
    TRUE(rows < SLOW_ROWS - 1);
    OK(pgt_close(&a));
    USABLE(s);
    aldb_session_close(s);
}

/* B waits for the lock, because A's call holds it. */
static void test_cancel_what_waits_for_the_lock(void)
{
    struct aldb_session *s = pgt_open();
    int pid = pgt_pid(s);
    struct job a, b, c;
    job_init(&a, s, "select pg_sleep(6)");
    job_start(&a, job_run);
    job_await_sleep(pid);
    job_init(&b, s, "select 1");
    job_init(&c, s, "select 2");
    int64_t start = aldb_now_ms();
    c.wait = pgt_for_ms(200);
    job_start(&b, job_run);
    job_start(&c, job_run);
    job_await_wait(&b);
    TRUE(aldb_exec_cancel(&b.exec));
    FAILS(job_join(&b), "HY008");
    TRUE(b.ended - start < 5000);
    FAILS(job_join(&c), "HYT00");
    TRUE(c.ended - start < 5000);
    OK(job_join(&a)); /* untouched */
    TRUE(a.ended >= b.ended && a.ended >= c.ended);
    job_clear(&a);
    job_clear(&b);
    job_clear(&c);
    USABLE(s);
    aldb_session_close(s);
}

/* ------------------------------------------------------------------ the race with the next statement */

struct canceller {
    struct aldb_exec *exec;
    atomic_int round; /* the round to fire in; -1 ends */
    atomic_int fired;
};

static void *cancel_rounds(void *arg)
{
    struct canceller *c = arg;
    int seen = 0, round;
    while ((round = atomic_load(&c->round)) >= 0) {
        if (round == seen) {
            sched_yield();
            continue;
        }
        seen = round;
        struct timespec ts = {.tv_nsec = round * 40009 % 9000000}; /* before, while and after it ends */
        nanosleep(&ts, NULL);
        aldb_exec_cancel(c->exec);
        atomic_store(&c->fired, round);
    }
    return NULL;
}

static void test_cancel_race(void)
{
    int rounds = (int)(200 / (pgt_valgrind() ? 10 : 1)), hit = 0, cancelled = 0;
    struct aldb_session *s = pgt_open();
    struct aldb_exec target, innocent;
    struct canceller c = {.exec = &target};
    struct aldb_exec_request sleep = pgt_request("select pg_sleep(0.005)");
    struct aldb_exec_request longer = pgt_request("select pg_sleep(2)"); /* where the other thread is never in time for the short ones */
    struct aldb_exec_request next = pgt_request("select 7, pg_sleep(0.003)");
    pthread_t thread;
    aldb_exec_init(&target);
    aldb_exec_init(&innocent);
    TRUE(pthread_create(&thread, NULL, cancel_rounds, &c) == 0);
    for (int round = 1; round <= rounds; round++) {
        atomic_store(&c.round, round);
        enum aldb_rc rc = aldb_exec_run(&target, s, round % 10 == 0 ? &longer : &sleep, &pgt_forever, DIAG);
        if (rc == ALDB_ERR) {
            cancelled++;
            FAILS(rc, "HY008");
        }
        /* At once, while the request may still be on its way. */
        rc = aldb_exec_run(&innocent, s, &next, &pgt_forever, DIAG);
        hit += !aldb_done(rc) || !aldb_done(pgt_next(&innocent)) || pgt_number(&innocent, 0) != 7;
        hit += aldb_exec_close(&innocent, &pgt_forever, DIAG) == ALDB_ERR;
        while (atomic_load(&c.fired) != round) {
            sched_yield();
        }
        rc = aldb_exec_close(&target, &pgt_forever, DIAG);
        hit += rc == ALDB_ERR;
    }
    atomic_store(&c.round, -1);
    pthread_join(thread, NULL);
    SAME(hit, 0);
    printf("[%d of %d cancelled] ", cancelled, rounds);
    TRUE(cancelled > 0);
    USABLE(s);
    aldb_session_close(s);
}

/* ------------------------------------------------------------------ deadlines */

static void test_deadline(void)
{
    static const char *const sleeps[] = {"select pg_sleep(60)", "do $$ begin perform pg_sleep(60); end $$",
                                         "select g, pg_sleep(60) from generate_series(1, 3) g"};
    struct aldb_session *s = pgt_open();
    OBSERVE("create table timed (id int)");
    for (int manual = 0; manual < 2; manual++) {
        OK(aldb_session_set_autocommit(s, !manual, &pgt_forever, DIAG));
        OK(pgt_do(s, "insert into timed values (1)"));
        for (size_t i = 0; i < ALDB_COUNT(sleeps); i++) {
            struct aldb_exec_request req = pgt_request(sleeps[i]);
            struct aldb_wait wait = pgt_for_ms(300);
            int64_t start = aldb_now_ms();
            FAILS(pgt_do_wait(s, &req, &wait), "HYT00");
            TRUE(aldb_now_ms() - start >= 290);
            WITHIN(start, pgt_prompt_ms());
            SAME(aldb_session_txn(s), manual ? ALDB_TXN_OPEN : ALDB_TXN_IDLE);
            USABLE(s);
        }
        OK(aldb_session_end(s, true, &pgt_forever, DIAG));
    }
    SEES("timed", "1,1");

    /* Over before it begins; and what comes in time is not touched. */
    struct aldb_exec_request late = pgt_request("select pg_sleep(5)"), soon = pgt_request("select 1");
    struct aldb_wait over = pgt_for_ms(0), ample = pgt_for_ms(60000);
    FAILS(pgt_do_wait(s, &late, &over), "HYT00");
    USABLE(s);
    OK(pgt_do_wait(s, &soon, &ample));
    aldb_session_close(s);
}

static void test_deadline_of_other_calls(void)
{
    struct aldb_session *s = pgt_open_manual(ALDB_ROLLBACK_STATEMENT);
    OBSERVE("create table blocked (id int)");
    OBSERVE("create table slow_end (id int)");
    OBSERVE("create function slow_end() returns trigger language plpgsql as 'begin perform pg_sleep(60); return null; end'");
    OBSERVE("create constraint trigger slow_end after insert on slow_end deferrable initially deferred for each row "
            "execute function slow_end()");
    /* A look ahead that waits for a lock. */
    OBSERVE("begin; lock table blocked");
    struct aldb_plan_request want = {.sql = aldb_slice_of("select id from blocked")};
    struct aldb_plan *p = NULL;
    struct aldb_wait wait = pgt_for_ms(300);
    int64_t start = aldb_now_ms();
    OK(pgt_do(s, "select 1"));
    FAILS(aldb_plan_get(s, &want, &wait, &p, DIAG), "HYT00");
    WITHIN(start, pgt_prompt_ms());
    SAME(aldb_session_txn(s), ALDB_TXN_OPEN);
    OBSERVE("commit");
    USABLE(s);
    /* A COMMIT: the cancel undoes the transaction, which must be said. */
    OK(pgt_do(s, "insert into slow_end values (1)"));
    wait = pgt_for_ms(2000);
    start = aldb_now_ms();
    FAILS(aldb_session_end(s, true, &wait, DIAG), "HYT00");
    WITHIN(start, pgt_prompt_ms());
    SAME(aldb_session_txn(s), ALDB_TXN_IDLE);
    SEES("slow_end", "");
    USABLE(s);
    aldb_session_close(s);
}

/* ------------------------------------------------------------------ many threads */

struct worker {
    pthread_t thread;
    struct aldb_session *s;
    int number, wrong;
};

static void *work(void *arg)
{
    struct worker *w = arg;
    struct aldb_diag diag;
    struct aldb_exec e;
    char sql[128];
    aldb_diag_init(&diag);
    for (int i = 0; i < 40; i++) {
        snprintf(sql, sizeof sql, "select g * 100 + %d, repeat('w', 50) from generate_series(1, %d) g", w->number, i % 5 == 0 ? 20000 : 20);
        struct aldb_exec_request req = pgt_request(sql);
        aldb_exec_init(&e);
        if (!aldb_done(aldb_exec_run(&e, w->s, &req, &pgt_forever, &diag))) {
            w->wrong++;
            continue;
        }
        int64_t row = 0, stop = i % 3 == 0 ? 10 : INT64_MAX;
        enum aldb_rc rc = ALDB_OK;
        while (row < stop && aldb_done(rc = aldb_exec_next(&e, &pgt_forever, &diag))) {
            w->wrong += pgt_number(&e, 0) != ++row * 100 + w->number;
        }
        w->wrong += rc == ALDB_ERR;
        w->wrong += aldb_exec_close(&e, &pgt_forever, &diag) == ALDB_ERR;
    }
    aldb_diag_clear(&diag);
    return NULL;
}

static void test_threads(void)
{
    struct aldb_session *s = pgt_open();
    struct worker workers[4];
    for (int manual = 0; manual < 2; manual++) {
        OK(aldb_session_set_autocommit(s, !manual, &pgt_forever, DIAG));
        for (int i = 0; i < 4; i++) {
            workers[i] = (struct worker){.s = s, .number = i};
            TRUE(pthread_create(&workers[i].thread, NULL, work, &workers[i]) == 0);
        }
        for (int i = 0; i < 4; i++) {
            pthread_join(workers[i].thread, NULL);
            SAME(workers[i].wrong, 0);
        }
        USABLE(s);
    }
    aldb_session_close(s);
}

int main(void)
{
    CU_TestInfo cancel[] = {
        {"execute", test_cancel_execute},
        {"without a savepoint", test_cancel_without_savepoint},
        {"fetch", test_cancel_fetch},
        {"idle", test_cancel_idle},
        {"paused stream", test_cancel_paused_stream},
        {"what waits for a drain", test_cancel_what_waits},
        {"what is drained", test_cancel_what_is_drained},
        {"what waits for the lock", test_cancel_what_waits_for_the_lock},
        {"race with the next statement", test_cancel_race},
        CU_TEST_INFO_NULL,
    };
    CU_TestInfo deadlines[] = {
        {"execute", test_deadline},
        {"what waits for a drain", test_deadline_of_what_waits},
        {"other calls", test_deadline_of_other_calls},
        CU_TEST_INFO_NULL,
    };
    CU_TestInfo threads[] = {
        {"four on one session", test_threads},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {
        {"cancel", NULL, NULL, NULL, NULL, cancel},
        {"deadlines", NULL, NULL, NULL, NULL, deadlines},
        {"threads", NULL, NULL, NULL, NULL, threads},
        CU_SUITE_INFO_NULL,
    };
    return pgt_main("cancel", suites);
}
