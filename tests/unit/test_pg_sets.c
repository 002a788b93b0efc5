/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Arrays of parameters: each set has its own fate, and the statuses tell the truth about what is stored. Everything twice: each set by itself, and together first,
 * as the driver does it, where all is done again by itself when one fails.
 */
#include "pg_support.h"

#include <sched.h>

/* ------------------------------------------------------------------ a source of sets */

struct sets {
    uint64_t count;
    int64_t (*value)(uint64_t i);        /* INT64_MIN: to be ignored; INT64_MAX: cannot be encoded */
    size_t pad;                          /* bytes of a second parameter; 0 = there is none */
    struct aldb_diag *diag;
    enum aldb_set_status *statuses;      /* UNUSED until done */
    int64_t affected;
    uint64_t done, ok, errors, next;     /* next: where done must be or beyond, to show the order */
    bool disorder;
    struct aldb_exec *cancel;            /* cancelled when a set of this number is encoded */
    uint64_t cancel_at;
    int kill_pid;                        /* likewise: its backend is ended */
    char text[32], *padding;
    const char *values[2];
    int lengths[2], formats[2];
};

static enum aldb_rc sets_encode(void *ctx, uint64_t i, struct aldb_params *out)
{
    struct sets *t = ctx;
    int64_t v = t->value(i);
    if (t->cancel && i == t->cancel_at) {
        aldb_exec_cancel(t->cancel);
    }
    if (t->kill_pid && i == t->cancel_at) {
        (void)pgt_try("select pg_terminate_backend(%d)", t->kill_pid);
    }
    if (v == INT64_MIN) {
        return ALDB_NO_DATA;
    }
    if (v == INT64_MAX) {
        aldb_diag_at(t->diag, (int64_t)i + 1, 1);
        (void)aldb_diag_post(t->diag, ALDB_ST_22003, NULL);
        aldb_diag_at(t->diag, ALDB_ROW_NONE, ALDB_COL_NONE);
        t->statuses[i] = ALDB_SET_ERROR;
        return ALDB_ERR;
    }
    t->values[0] = t->text;
    t->lengths[0] = snprintf(t->text, sizeof t->text, "%" PRId64, v);
    t->values[1] = t->padding;
    t->lengths[1] = (int)t->pad;
    *out = (struct aldb_params){t->pad ? 2 : 1, t->values, t->lengths, t->formats};
    return ALDB_OK;
}

static void sets_done(void *ctx, uint64_t i, enum aldb_set_status status, int64_t affected)
{
    struct sets *t = ctx;
    t->disorder |= i < t->next || i >= t->count || t->statuses[i] != ALDB_SET_UNUSED;
    if (i >= t->count) {
        return;
    }
    t->next = i + 1;
    t->statuses[i] = status;
    if (status == ALDB_SET_UNUSED) {
        return;
    }
    t->done++;
    t->ok += status == ALDB_SET_OK || status == ALDB_SET_INFO;
    t->errors += status == ALDB_SET_ERROR;
    if (affected > 0) {
        t->affected += affected;
    }
}

static void sets_init(struct sets *t, uint64_t count, int64_t (*value)(uint64_t))
{
    memset(t, 0, sizeof *t);
    t->count = count;
    t->value = value;
    t->diag = &pgt.diag;
    t->statuses = calloc(count + 1, sizeof *t->statuses);
}

static void sets_clear(struct sets *t)
{
    free(t->statuses);
    free(t->padding);
}

static bool together; /* the suite's */

static struct aldb_set_source source_of(struct sets *t, bool all)
{
    return (struct aldb_set_source){.ctx = t, .count = t->count, .together = all, .encode = sets_encode, .done = sets_done};
}

static enum aldb_rc sets_run_exec(struct sets *t, struct aldb_exec *e, struct aldb_session *s, struct aldb_plan *p)
{
    struct aldb_exec_request req = pgt_plan_request(p, NULL);
    enum aldb_rc rc = ALDB_NO_DATA;
    for (bool all = together; rc == ALDB_NO_DATA; all = false) {
        struct aldb_set_source source = source_of(t, all);
        bool stale = true;
        aldb_diag_clear(DIAG);
        rc = aldb_exec_sets(e, s, &req, &source, &stale, &pgt_forever, DIAG);
        TRUE(!t->disorder);
        TRUE(!stale);
        if (rc == ALDB_NO_DATA) { /* nothing has happened, and nothing was told */
            TRUE(all);
            SAME(t->done, 0);
            for (uint64_t i = 0; i < t->count; i++) {
                t->statuses[i] = ALDB_SET_UNUSED; /* but by the source */
            }
        }
    }
    return rc;
}

static enum aldb_rc sets_run(struct sets *t, struct aldb_session *s, struct aldb_plan *p)
{
    struct aldb_exec e;
    struct aldb_diag closing;
    aldb_exec_init(&e);
    enum aldb_rc rc = sets_run_exec(t, &e, s, p);
    aldb_diag_init(&closing);
    TRUE(aldb_exec_close(&e, &pgt_forever, &closing) != ALDB_ERR);
    aldb_diag_clear(&closing);
    return rc;
}

/* "ok-e": a letter a set. */
static const char *sets_text(const struct sets *t)
{
    static char text[64];
    uint64_t n = t->count < sizeof text - 1 ? t->count : sizeof text - 1;
    for (uint64_t i = 0; i < n; i++) {
        text[i] = "-oie"[t->statuses[i]];
    }
    text[n] = '\0';
    return text;
}

/* A record for row `row` with this state. */
static bool has_record(int64_t row, const char *state)
{
    for (size_t i = 1; i <= aldb_diag_count(&pgt.diag); i++) {
        const struct aldb_diag_record *r = aldb_diag_get(&pgt.diag, i);
        if (r->row == row && strcmp(r->state, state) == 0) {
            return true;
        }
    }
    return false;
}

static int64_t counting(uint64_t i)
{
    return (int64_t)i + 1;
}

/* Sets 3 and 7 (of 1…) repeat the number 1. */
static int64_t two_repeated(uint64_t i)
{
    return i == 2 || i == 6 ? 1 : (int64_t)i + 1;
}

static int64_t one_repeated(uint64_t i)
{
    return i == 2 ? 1 : (int64_t)i + 1;
}

/* Set 2 is ignored, 4 cannot be encoded, 6 repeats. */
static int64_t mixed(uint64_t i)
{
    return i == 1 ? INT64_MIN : i == 3 ? INT64_MAX : i == 5 ? 1 : (int64_t)i + 1;
}

#define TABLE OBSERVE("drop table if exists t; create table t (id int primary key, pad text)")

static struct aldb_plan *insert_plan(struct aldb_session *s)
{
    struct aldb_plan *p;
    OK(pgt_plan(s, "insert into t (id) values ($1)", 1, NULL, &p));
    return p;
}

/* ------------------------------------------------------------------ tests */

static void test_many(void)
{
    struct aldb_session *s = pgt_open();
    uint64_t n = (uint64_t)pgt_scaled(10000);
    for (int manual = 0; manual < 2; manual++) {
        struct sets t;
        TABLE;
        OK(aldb_session_set_autocommit(s, !manual, &pgt_forever, DIAG));
        struct aldb_plan *p = insert_plan(s);
        sets_init(&t, n, counting);
        OK(sets_run(&t, s, p));
        SAME(t.ok, n);
        SAME(t.affected, n);
        SAME(pgt_count("t"), manual ? 0 : n);
        OK(aldb_session_end(s, true, &pgt_forever, DIAG));
        SAME(pgt_count("t"), n);
        sets_clear(&t);
        aldb_plan_release(p);
    }
    aldb_session_close(s);
}

static void test_none_and_one(void)
{
    struct aldb_session *s = pgt_open();
    struct sets t;
    TABLE;
    struct aldb_plan *p = insert_plan(s);
    sets_init(&t, 0, counting);
    OK(sets_run(&t, s, p));
    SAME(t.done, 0);
    sets_clear(&t);
    sets_init(&t, 1, counting);
    OK(sets_run(&t, s, p));
    SAME_TEXT(sets_text(&t), "o");
    sets_clear(&t);
    SEES("t", "1");
    aldb_plan_release(p);
    USABLE(s);
    aldb_session_close(s);
}

static void test_affected(void)
{
    struct aldb_session *s = pgt_open();
    struct sets t;
    struct aldb_plan *p;
    TABLE;
    OBSERVE("insert into t select generate_series(1, 10)");
    OK(pgt_plan(s, "delete from t where id <= 2 * $1::int", 1, NULL, &p));
    sets_init(&t, 8, counting);
    OK(sets_run(&t, s, p));
    SAME(t.affected, 10);
    SAME_TEXT(sets_text(&t), "oooooooo");
    sets_clear(&t);
    aldb_plan_release(p);
    aldb_session_close(s);
}

static void test_failing_rows_in_autocommit(void)
{
    static const int modes[] = {ALDB_ROLLBACK_STATEMENT, ALDB_ROLLBACK_TRANSACTION, ALDB_ROLLBACK_NONE};
    for (size_t m = 0; m < ALDB_COUNT(modes); m++) {
        struct aldb_session_options o = pgt_options();
        struct sets t;
        o.error_rollback = modes[m];
        struct aldb_session *s = pgt_open_with(&o);
        TABLE;
        struct aldb_plan *p = insert_plan(s);
        sets_init(&t, 9, two_repeated);
        TRUE(sets_run(&t, s, p) != ALDB_ERR); /* the call did not fail, two sets did */
        SAME_TEXT(sets_text(&t), "ooeoooeoo");
        SAME(t.affected, 7);
        SEES("t", "1,2,4,5,6,8,9");
        SAME(aldb_diag_count(&pgt.diag), 2);
        TRUE(has_record(3, "23000"));
        TRUE(has_record(7, "23000"));
        SAME(aldb_session_txn(s), ALDB_TXN_IDLE);
        /* Later records are not about those rows. */
        FAILS(pgt_do(s, "select 1/0"), "22012");
        SAME(aldb_diag_get(&pgt.diag, 1)->row, ALDB_ROW_NONE);
        sets_clear(&t);
        aldb_plan_release(p);
        aldb_session_close(s);
    }
}

static void test_failing_rows_in_a_transaction(void)
{
    struct aldb_session *s = pgt_open_manual(ALDB_ROLLBACK_STATEMENT);
    struct sets t;
    for (int first = 0; first < 2; first++) { /* as first statement of its transaction, too */
        TABLE;
        struct aldb_plan *p = insert_plan(s);
        if (!first) {
            OK(pgt_do(s, "insert into t values (100)"));
        }
        sets_init(&t, 9, two_repeated);
        TRUE(sets_run(&t, s, p) != ALDB_ERR);
        SAME_TEXT(sets_text(&t), "ooeoooeoo");
        SAME(aldb_session_txn(s), ALDB_TXN_OPEN);
        SEES("t", "");
        OK(aldb_session_end(s, true, &pgt_forever, DIAG));
        SEES("t", first ? "1,2,4,5,6,8,9" : "1,2,4,5,6,8,9,100");
        sets_clear(&t);
        aldb_plan_release(p);
    }
    aldb_session_close(s);
}

/* The very first set of a transaction fails. */
static int64_t first_bad(uint64_t i)
{
    return i == 0 ? -1 : (int64_t)i;
}

static void test_first_set_fails(void)
{
    struct aldb_session *s = pgt_open_manual(ALDB_ROLLBACK_STATEMENT);
    struct sets t;
    OBSERVE("drop table if exists t; create table t (id int check (id > 0), pad text)");
    struct aldb_plan *p = insert_plan(s);
    sets_init(&t, 4, first_bad);
    TRUE(sets_run(&t, s, p) != ALDB_ERR);
    SAME_TEXT(sets_text(&t), "eooo");
    OK(aldb_session_end(s, true, &pgt_forever, DIAG));
    SEES("t", "1,2,3");
    sets_clear(&t);
    aldb_plan_release(p);
    aldb_session_close(s);
}

static void test_none_stops(void)
{
    struct aldb_session *s = pgt_open_manual(ALDB_ROLLBACK_NONE);
    struct sets t;
    TABLE;
    struct aldb_plan *p = insert_plan(s);
    OK(pgt_do(s, "insert into t values (100)"));
    sets_init(&t, 6, one_repeated);
    TRUE(sets_run(&t, s, p) != ALDB_ERR);
    SAME_TEXT(sets_text(&t), "ooe---");
    TRUE(has_record(3, "23000"));
    SAME(aldb_diag_count(&pgt.diag), 1);
    SAME(aldb_session_txn(s), ALDB_TXN_FAILED);
    FAILS(aldb_session_end(s, true, &pgt_forever, DIAG), "25S03");
    SEES("t", "");
    sets_clear(&t);
    aldb_plan_release(p);
    aldb_session_close(s);
}

static void test_ignored_and_not_encoded(void)
{
    struct aldb_session *s = pgt_open();
    for (int manual = 0; manual < 2; manual++) {
        struct sets t;
        TABLE;
        OK(aldb_session_set_autocommit(s, !manual, &pgt_forever, DIAG));
        struct aldb_plan *p = insert_plan(s);
        sets_init(&t, 8, mixed);
        TRUE(sets_run(&t, s, p) != ALDB_ERR);
        SAME_TEXT(sets_text(&t), "o-oeoeoo");
        SAME(t.done, 6); /* neither the ignored one nor the one that its source marked */
        TRUE(has_record(4, "22003"));
        TRUE(has_record(6, "23000"));
        OK(aldb_session_end(s, true, &pgt_forever, DIAG));
        SEES("t", "1,3,5,7,8");
        sets_clear(&t);
        aldb_plan_release(p);
    }
    aldb_session_close(s);
}

/* COMMAND_OK is no success: in autocommit the array is one transaction, and when its COMMIT fails no set is stored. */
static void test_deferred_constraint(void)
{
    struct aldb_session *s = pgt_open();
    struct sets t;
    OBSERVE("drop table if exists t; create table t (id int unique deferrable initially deferred)");
    struct aldb_plan *p = insert_plan(s);
    sets_init(&t, 5, one_repeated);
    TRUE(sets_run(&t, s, p) != ALDB_ERR);
    SAME_TEXT(sets_text(&t), "eeeee");
    SAME(t.affected, 0);
    SAME_TEXT(pgt_state(&pgt.diag), "40002");
    SEES("t", "");
    SAME(aldb_session_txn(s), ALDB_TXN_IDLE);
    USABLE(s);
    sets_clear(&t);
    aldb_plan_release(p);
    aldb_session_close(s);
}

static void test_notices(void)
{
    struct aldb_session *s = pgt_open();
    struct sets t;
    TABLE;
    OBSERVE("create or replace function speak() returns trigger language plpgsql as $$ begin "
            "if new.id = 2 then raise warning 'two'; end if; return new; end $$");
    OBSERVE("create trigger speak before insert on t for each row execute function speak()");
    struct aldb_plan *p = insert_plan(s);
    sets_init(&t, 3, counting);
    IS_RC(sets_run(&t, s, p), ALDB_INFO);
    SAME_TEXT(sets_text(&t), "oio");
    TRUE(has_record(2, "01000"));
    SEES("t", "1,2,3");
    sets_clear(&t);
    aldb_plan_release(p);
    aldb_session_close(s);
}

/* What is in flight is bounded in bytes, so that memory is. */
static void test_large_values(void)
{
    struct aldb_session *s = pgt_open();
    struct sets t;
    struct aldb_plan *p;
    size_t megabyte = 1 << 20;
    uint64_t n = (uint64_t)pgt_scaled(200);
    TABLE;
    OBSERVE("alter table t alter pad set storage external");
    OK(pgt_plan(s, "insert into t (id, pad) values ($1, substr($2::text, 1, 10))", 2, NULL, &p));
    sets_init(&t, n, counting);
    t.pad = megabyte;
    t.padding = calloc(1, megabyte + 1); /* text parameters end with a NUL */
    memset(t.padding, 'p', megabyte);
    pgt_peak_reset();
    int64_t before = pgt_peak_kb();
    OK(sets_run(&t, s, p));
    int64_t growth = pgt_peak_kb() - before;
    printf("[%" PRId64 " kB] ", growth);
    TRUE(growth < (16 << 10) * (PGT_ASAN || PGT_TSAN || pgt_valgrind() ? 4 : 1));
    SAME(t.ok, n);
    SAME(pgt_count("t"), n);
    SAME_TEXT(pgt_see("select min(length(pad)) from t"), "10");
    sets_clear(&t);
    aldb_plan_release(p);
    aldb_session_close(s);
}

/* A stream of another statement is kept beside it. */
static void test_beside_a_stream(void)
{
    struct aldb_session *s = pgt_open();
    struct aldb_exec a;
    struct sets t;
    int64_t rows;
    TABLE;
    struct aldb_plan *p = insert_plan(s);
    OK(pgt_start(&a, s, "select g, repeat('x', 100) from generate_series(1, 100000) g"));
    OK(pgt_next(&a));
    sets_init(&t, 10, counting);
    OK(sets_run(&t, s, p));
    SAME(t.ok, 10);
    IS_RC(pgt_drain(&a, &rows), ALDB_NO_DATA);
    SAME(rows, 99999);
    OK(pgt_close(&a));
    sets_clear(&t);
    aldb_plan_release(p);
    aldb_session_close(s);
}

static void test_in_a_group(void)
{
    struct aldb_session *s = pgt_open();
    struct sets t;
    TABLE;
    struct aldb_plan *p = insert_plan(s);
    OK(aldb_group_begin(s, &pgt_forever, DIAG));
    sets_init(&t, 5, counting);
    OK(sets_run(&t, s, p));
    SAME_TEXT(sets_text(&t), "ooooo");
    SEES("t", "");
    OK(aldb_group_end(s, true, &pgt_forever, DIAG));
    SEES("t", "1,2,3,4,5");
    sets_clear(&t);
    aldb_plan_release(p);
    aldb_session_close(s);
}

/* Statuses after a cancel in the middle: those that say OK are stored, and no others. */
static void test_cancelled(void)
{
    for (int manual = 0; manual < 2; manual++) {
        struct aldb_session *s = manual ? pgt_open_manual(ALDB_ROLLBACK_STATEMENT) : pgt_open();
        struct aldb_plan *p;
        struct aldb_exec e;
        struct sets t;
        TABLE;
        OBSERVE("create or replace function slowly(int) returns int language plpgsql as "
                "'begin perform pg_sleep(0.03); return $1; end'");
        OK(pgt_plan(s, "insert into t (id, pad) values (slowly($1), $2)", 2, NULL, &p));
        sets_init(&t, 2000, counting);
        t.pad = 20000; /* so that they cannot all be in flight */
        t.padding = calloc(1, t.pad + 1);
        memset(t.padding, 'c', t.pad);
        aldb_exec_init(&e);
        t.cancel = &e;
        t.cancel_at = 150;
        int64_t start = aldb_now_ms();
        FAILS(sets_run_exec(&t, &e, s, p), "HY008");
        WITHIN(start, pgt_prompt_ms());
        OK(pgt_close(&e));
        TRUE(t.ok < 2000);
        TRUE(manual && !together ? t.ok > 0 : t.ok == 0); /* in autocommit the array is one transaction, which was not committed */
        SAME(aldb_session_txn(s), manual ? ALDB_TXN_OPEN : ALDB_TXN_IDLE);
        USABLE(s);
        OK(aldb_session_end(s, true, &pgt_forever, DIAG));
        SAME(pgt_count("t"), t.ok);
        sets_clear(&t);
        aldb_plan_release(p);
        aldb_session_close(s);
    }
}

struct canceller {
    struct aldb_exec *exec;
    int pid;
    pthread_t thread;
};

/* Once the server is at a set. */
static void *cancel_later(void *arg)
{
    struct canceller *c = arg;
    char sql[128];
    snprintf(sql, sizeof sql, "select coalesce(wait_event, '') from pg_stat_activity where pid = %d", c->pid);
    (void)pgt_await(sql, "PgSleep");
    aldb_exec_cancel(c->exec);
    return NULL;
}

/* Many slow sets are on their way when it is to end: none of them is waited for. */
static void test_many_in_flight_are_ended(void)
{
    for (int round = 0; round < 4; round++) {
        bool manual = round & 1, timeout = round & 2;
        struct aldb_session *s = manual ? pgt_open_manual(ALDB_ROLLBACK_STATEMENT) : pgt_open();
        struct aldb_exec e;
        struct aldb_plan *p;
        struct sets t;
        struct canceller c = {&e, pgt_pid(s), 0};
        TABLE;
        OBSERVE("create or replace function slowly(int) returns int language plpgsql as "
                "'begin perform pg_sleep(0.5); return $1; end'");
        OK(pgt_plan(s, "insert into t (id) values (slowly($1))", 1, NULL, &p));
        sets_init(&t, 60, counting);
        struct aldb_exec_request req = pgt_plan_request(p, NULL);
        struct aldb_set_source source = source_of(&t, together);
        struct aldb_wait wait = timeout ? pgt_for_ms(1000) : pgt_forever;
        bool stale;
        aldb_exec_init(&e);
        int64_t start = aldb_now_ms();
        if (!timeout) {
            TRUE(pthread_create(&c.thread, NULL, cancel_later, &c) == 0);
        }
        FAILS(aldb_exec_sets(&e, s, &req, &source, &stale, &wait, DIAG), timeout ? "HYT00" : "HY008");
        WITHIN(start, 20000); /* of thirty seconds' work */
        if (!timeout) {
            pthread_join(c.thread, NULL);
        }
        OK(pgt_close(&e));
        TRUE(t.ok < 20);
        TRUE(!aldb_session_dead(s));
        USABLE(s);
        OK(aldb_session_end(s, true, &pgt_forever, DIAG));
        SAME(pgt_count("t"), t.ok);
        sets_clear(&t);
        aldb_plan_release(p);
        aldb_session_close(s);
    }
}

static void test_link_lost(void)
{
    struct aldb_session *s = pgt_open();
    struct sets t;
    struct aldb_plan *p;
    int pid = pgt_pid(s);
    TABLE;
    OK(pgt_plan(s, "insert into t (id, pad) values ($1, $2)", 2, NULL, &p));
    sets_init(&t, 3000, counting);
    t.pad = 10000;
    t.padding = calloc(1, t.pad + 1);
    memset(t.padding, 'l', t.pad);
    t.kill_pid = pid;
    t.cancel_at = 500;
    FAILS(sets_run(&t, s, p), "08S01");
    TRUE(t.ok < 3000);
    TRUE(aldb_session_dead(s));
    TRUE(pgt_count("t") >= (int64_t)t.ok); /* said OK: stored; those in flight may be */
    sets_clear(&t);
    aldb_plan_release(p);
    aldb_session_close(s);
}

static int go_together(void)
{
    together = true;
    return 0;
}

int main(void)
{
    CU_TestInfo sets[] = {
        {"many", test_many},
        {"none and one", test_none_and_one},
        {"affected rows", test_affected},
        {"failing rows in autocommit", test_failing_rows_in_autocommit},
        {"failing rows in a transaction", test_failing_rows_in_a_transaction},
        {"the first set fails", test_first_set_fails},
        {"ErrorRollback=none stops", test_none_stops},
        {"ignored and not encoded", test_ignored_and_not_encoded},
        {"deferred constraint", test_deferred_constraint},
        {"notices", test_notices},
        {"large values", test_large_values},
        {"beside a stream", test_beside_a_stream},
        {"in a group", test_in_a_group},
        {"cancelled", test_cancelled},
        {"many in flight are ended", test_many_in_flight_are_ended},
        {"link lost", test_link_lost},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {
        {"sets, each by itself", NULL, NULL, NULL, NULL, sets},
        {"sets, together first", go_together, NULL, NULL, NULL, sets},
        CU_SUITE_INFO_NULL,
    };
    return pgt_main("sets", suites);
}
