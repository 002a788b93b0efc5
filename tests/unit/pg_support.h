/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the test programs of the libpq session share: a server named by ALDB_TEST_CONNINFO, a schema of the program's own, an observer (a second,
 * plain libpq connection that sees what others see), and checks that say what the session said.
 */
#ifndef ALDB_TESTS_PG_SUPPORT_H
#define ALDB_TESTS_PG_SUPPORT_H

#include <ctype.h>
#include <inttypes.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include <CUnit/Basic.h>
#include <libpq-fe.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "config/options.h"
#include "pg/session.h"
#include "stream_support.h"
#include "types/oid.h"

#define PGT_SKIPPED 77
#define PGT_PROGRAM_SECONDS 3500 /* no test may hang for ever */

struct pgt {
    PQconninfoOption *info; /* of ALDB_TEST_CONNINFO; owns the texts below */
    const char *keywords[64], *values[64];
    char schema[64];
    PGconn *observer;
    struct aldb_diag diag; /* of the last checked call */
};
static struct pgt pgt;

/* ------------------------------------------------------------------ instrumented runs are slower and larger */

#if defined(__SANITIZE_ADDRESS__)
#define PGT_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define PGT_ASAN 1
#endif
#endif
#ifndef PGT_ASAN
#define PGT_ASAN 0
#endif

#if defined(__SANITIZE_THREAD__)
#define PGT_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define PGT_TSAN 1
#endif
#endif
#ifndef PGT_TSAN
#define PGT_TSAN 0
#endif

#if PGT_ASAN
/* The default quarantine of 256 MB would hide what the session itself keeps. */
const char *__asan_default_options(void) __attribute__((visibility("default"))); /* else the runtime library does not see it */
const char *__asan_default_options(void)
{
    return "quarantine_size_mb=4:detect_leaks=1";
}
#endif

static inline bool pgt_valgrind(void)
{
    const char *preload = getenv("LD_PRELOAD");
    return preload && strstr(preload, "vgpreload");
}

/* Rows, rounds: fewer where each costs fifty times as much. */
static inline int64_t pgt_scaled(int64_t n)
{
    return pgt_valgrind() ? n / 20 : PGT_ASAN || PGT_TSAN ? n / 4 : n;
}

/* Milliseconds that a prompt answer may take on a busy machine, instrumented or not. What is not prompt takes a minute and more. */
static inline int64_t pgt_prompt_ms(void)
{
    return 40000;
}

static inline void pgt_sleep_ms(int64_t ms)
{
    struct timespec ts = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    nanosleep(&ts, NULL);
}

/* ------------------------------------------------------------------ checks */

static inline bool pgt_check(bool ok, const char *what, const char *file, int line)
{
    CU_assertImplementation(ok, (unsigned)line, what, file, "", CU_FALSE);
    return ok;
}

static inline struct aldb_diag *pgt_fresh(void)
{
    aldb_diag_reset(&pgt.diag);
    return &pgt.diag;
}
/* The diagnostics argument of a checked call. */
#define DIAG pgt_fresh()

static inline const char *pgt_rc(enum aldb_rc rc)
{
    return rc == ALDB_OK ? "OK" : rc == ALDB_INFO ? "INFO" : rc == ALDB_NO_DATA ? "NO_DATA" : rc == ALDB_ERR ? "ERR" : "?";
}

/* SQLSTATE of the first record in ODBC's order; "-----" if there is none. */
static inline const char *pgt_state(struct aldb_diag *d)
{
    const struct aldb_diag_record *r = aldb_diag_get(d, 1);
    return r ? r->state : "-----";
}

static inline const char *pgt_message(struct aldb_diag *d)
{
    const struct aldb_diag_record *r = aldb_diag_get(d, 1);
    return r ? aldb_diag_message(r) : "(no record)";
}

static inline bool pgt_done(enum aldb_rc rc, const char *what, const char *file, int line)
{
    char text[1024];
    bool ok = aldb_done(rc);
    if (!ok) {
        snprintf(text, sizeof text, "%s gave %s [%s] %.600s", what, pgt_rc(rc), pgt_state(&pgt.diag), pgt_message(&pgt.diag));
    }
    return pgt_check(ok, ok ? what : text, file, line);
}

static inline bool pgt_is_rc(enum aldb_rc rc, enum aldb_rc expected, const char *what, const char *file, int line)
{
    char text[1024];
    bool ok = rc == expected;
    if (!ok) {
        snprintf(text, sizeof text, "%s gave %s, not %s: [%s] %.600s", what, pgt_rc(rc), pgt_rc(expected), pgt_state(&pgt.diag),
                 pgt_message(&pgt.diag));
    }
    return pgt_check(ok, ok ? what : text, file, line);
}

static inline bool pgt_failed(enum aldb_rc rc, const char *state, const char *what, const char *file, int line)
{
    char text[1024];
    bool ok = rc == ALDB_ERR && strcmp(pgt_state(&pgt.diag), state) == 0;
    if (!ok) {
        snprintf(text, sizeof text, "%s gave %s [%s], not an error %s: %.600s", what, pgt_rc(rc), pgt_state(&pgt.diag), state,
                 pgt_message(&pgt.diag));
    }
    return pgt_check(ok, ok ? what : text, file, line);
}

static inline bool pgt_same(int64_t is, int64_t expected, const char *what, const char *file, int line)
{
    char text[512];
    snprintf(text, sizeof text, "%s is %" PRId64 ", expected %" PRId64, what, is, expected);
    return pgt_check(is == expected, text, file, line);
}

static inline bool pgt_same_text(const char *is, const char *expected, const char *what, const char *file, int line)
{
    char text[1024];
    bool ok = is && strcmp(is, expected) == 0;
    snprintf(text, sizeof text, "%s is \"%.400s\", expected \"%.400s\"", what, is ? is : "(null)", expected);
    return pgt_check(ok, text, file, line);
}

#define OK(call) pgt_done((call), #call, __FILE__, __LINE__)
#define IS_RC(call, rc) pgt_is_rc((call), (rc), #call, __FILE__, __LINE__)
#define FAILS(call, state) pgt_failed((call), (state), #call, __FILE__, __LINE__)
#define SAME(is, expected) pgt_same((int64_t)(is), (int64_t)(expected), #is, __FILE__, __LINE__)
#define SAME_TEXT(is, expected) pgt_same_text((is), (expected), #is, __FILE__, __LINE__)
#define TRUE(is) pgt_check((is), #is, __FILE__, __LINE__)
/* Took less than `ms` since `start`. */
#define WITHIN(start, ms) pgt_check(aldb_now_ms() - (start) < (ms), "took less than " #ms, __FILE__, __LINE__)

/* ------------------------------------------------------------------ the observer */

static inline PGconn *pgt_connect(void)
{
    PGconn *c = PQconnectdbParams(pgt.keywords, pgt.values, 0);
    if (PQstatus(c) != CONNECTION_OK) {
        fprintf(stderr, "cannot connect: %s", PQerrorMessage(c));
        PQfinish(c);
        return NULL;
    }
    char sql[256];
    snprintf(sql, sizeof sql, "set search_path to %s; set client_min_messages to error; set lock_timeout to '30s'", pgt.schema);
    PQclear(PQexec(c, sql));
    return c;
}

/* SQLSTATE that the observer got; "00000" for success. Static until the next call. */
static inline const char *pgt_try(const char *fmt, ...) ALDB_PRINTF(1, 2);
static inline const char *pgt_try(const char *fmt, ...)
{
    static char state[6];
    char sql[8192];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(sql, sizeof sql, fmt, ap);
    va_end(ap);
    PGresult *r = PQexec(pgt.observer, sql);
    ExecStatusType st = PQresultStatus(r);
    const char *code = PQresultErrorField(r, PG_DIAG_SQLSTATE);
    snprintf(state, sizeof state, "%s", st == PGRES_COMMAND_OK || st == PGRES_TUPLES_OK ? "00000" : code ? code : "?????");
    PQclear(r);
    return state;
}
#define OBSERVE(...) SAME_TEXT(pgt_try(__VA_ARGS__), "00000")

/* One value as the observer sees it; "" for NULL and for no row. Static until the next call. */
static inline const char *pgt_see(const char *fmt, ...) ALDB_PRINTF(1, 2);
static inline const char *pgt_see(const char *fmt, ...)
{
    static char value[1024];
    char sql[2048];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(sql, sizeof sql, fmt, ap);
    va_end(ap);
    PGresult *r = PQexec(pgt.observer, sql);
    bool ok = PQresultStatus(r) == PGRES_TUPLES_OK;
    snprintf(value, sizeof value, "%s", !ok ? PQresultErrorMessage(r) : PQntuples(r) ? PQgetvalue(r, 0, 0) : "");
    PQclear(r);
    return value;
}

/* Numbers of a column, in order, as "1,2,3". */
#define SEES(table, list) SAME_TEXT(pgt_see("select coalesce(string_agg(id::text, ',' order by id), '') from %s", table), list)

static inline int64_t pgt_count(const char *table)
{
    return strtoll(pgt_see("select count(*) from %s", table), NULL, 10);
}

/* Waits until the observer's query gives `expected`. */
static inline bool pgt_await(const char *sql, const char *expected)
{
    int64_t start = aldb_now_ms();
    while (strcmp(pgt_see("%s", sql), expected) != 0) {
        if (aldb_now_ms() - start > 60000) {
            return false;
        }
        pgt_sleep_ms(5);
    }
    return true;
}

/* ------------------------------------------------------------------ the program */

/* 0, or the status to leave with: no server is no failure. */
static inline int pgt_begin(const char *name)
{
    const char *conninfo = getenv("ALDB_TEST_CONNINFO");
    if (conninfo == NULL || conninfo[0] == '\0') {
        printf("SKIP: ALDB_TEST_CONNINFO names no server\n");
        return PGT_SKIPPED;
    }
    alarm(PGT_PROGRAM_SECONDS);
    signal(SIGPIPE, SIG_DFL); /* the session must not raise it */
    char *error = NULL;
    pgt.info = PQconninfoParse(conninfo, &error);
    if (pgt.info == NULL) {
        fprintf(stderr, "ALDB_TEST_CONNINFO: %s\n", error ? error : "out of memory");
        PQfreemem(error);
        return 1;
    }
    size_t n = 0;
    for (PQconninfoOption *o = pgt.info; o->keyword; o++) {
        if (o->val && n + 2 < ALDB_COUNT(pgt.keywords) && strcmp(o->keyword, "client_encoding") != 0) {
            pgt.keywords[n] = o->keyword;
            pgt.values[n++] = o->val;
        }
    }
    pgt.keywords[n] = "client_encoding";
    pgt.values[n] = "UTF8";
    snprintf(pgt.schema, sizeof pgt.schema, "pgt_%s_%ld", name, (long)getpid());
    aldb_diag_init(&pgt.diag);
    pgt.observer = pgt_connect();
    return pgt.observer && strcmp(pgt_try("create schema %s", pgt.schema), "00000") == 0 ? 0 : 1;
}

static inline int pgt_end(void)
{
    (void)pgt_try("drop schema %s cascade", pgt.schema);
    PQfinish(pgt.observer);
    PQconninfoFree(pgt.info);
    aldb_diag_clear(&pgt.diag);
    return CU_get_number_of_failures() > 0 || CU_get_number_of_tests_run() == 0;
}

static inline int pgt_main(const char *name, CU_SuiteInfo *suites)
{
    int status = pgt_begin(name);
    if (status != 0) {
        return status;
    }
    if (CU_initialize_registry() != CUE_SUCCESS || CU_register_suites(suites) != CUE_SUCCESS) {
        return 1;
    }
    CU_basic_set_mode(CU_BRM_VERBOSE);
    const char *one = getenv("ALDB_TEST_ONE"); /* a single test by name, for working on it */
    if (one) {
        for (CU_SuiteInfo *s = suites; s->pName; s++) {
            CU_pSuite suite = CU_get_suite_by_name(s->pName, CU_get_registry());
            CU_pTest test = suite ? CU_get_test_by_name(one, suite) : NULL;
            if (test) {
                CU_basic_run_test(suite, test);
            }
        }
    } else {
        CU_basic_run_tests();
    }
    status = pgt_end();
    CU_cleanup_registry();
    return status;
}

/* ------------------------------------------------------------------ a dialer */

/* To the same server over plain TCP. */
struct pgt_dialer {
    struct aldb_session_dialer base;
    _Atomic int held, dials, most_dials; /* more than most_dials are refused; 0: any number */
    _Atomic int slow_ms;                 /* before it dials */
    _Atomic bool silent;                 /* leads to nobody */
    size_t piece;                        /* as st_stream's */
    bool stutters, stalls;
    struct st_stream *last;              /* not to be touched by more than one thread */
};

static inline const char *pgt_option(const char *name)
{
    const char *value = NULL;
    for (size_t i = 0; pgt.keywords[i]; i++) {
        value = strcmp(pgt.keywords[i], name) == 0 ? pgt.values[i] : value;
    }
    return value;
}

static inline int pgt_socket(void)
{
    struct addrinfo hint = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    if (getaddrinfo(pgt_option("host"), pgt_option("port"), &hint, &found) != 0) {
        return -1;
    }
    int fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int failed = connect(fd, found->ai_addr, found->ai_addrlen);
    freeaddrinfo(found);
    if (failed) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

static inline enum aldb_rc pgt_dial(void *ctx, struct aldb_deadline deadline, struct aldb_stream **out, struct aldb_diag *diag)
{
    struct pgt_dialer *d = ctx;
    int pair[2];
    (void)deadline;
    int number = ++d->dials;
    if (d->slow_ms) {
        pgt_sleep_ms(d->slow_ms);
    }
    if (d->most_dials && number > d->most_dials) {
        return aldb_diag_post(diag, ALDB_ST_28000, "the test's dialer refuses");
    }
    int fd = -1;
    if (d->silent) {
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0) {
            fd = pair[0]; /* the other end stays open to the end of the program */
        }
    } else {
        fd = pgt_socket();
    }
    if (fd < 0) {
        return aldb_diag_post(diag, ALDB_ST_08001, "the test's dialer cannot connect");
    }
    struct st_stream *t = st_new(fd);
    t->piece = d->piece;
    t->stutters = d->stutters;
    t->stalls = d->stalls;
    if (number == 1) {
        d->last = t;
    }
    *out = &t->base;
    return ALDB_OK;
}

static inline void pgt_hold(void *ctx)
{
    ((struct pgt_dialer *)ctx)->held++;
}

static inline void pgt_release(void *ctx)
{
    ((struct pgt_dialer *)ctx)->held--;
}

static inline const struct aldb_session_dialer *pgt_dialer(struct pgt_dialer *d)
{
    d->base = (struct aldb_session_dialer){.ctx = d, .host = "the instance", .port = "5433", .dial = pgt_dial, .hold = pgt_hold, .release = pgt_release};
    return &d->base;
}

/* All sessions of the program go through the pump where ALDB_TEST_PUMP is set. */
static inline const struct aldb_session_dialer *pgt_pumped(void)
{
    static struct pgt_dialer all;
    if (getenv("ALDB_TEST_PUMP") == NULL) {
        return NULL;
    }
    (void)pgt_dialer(&all);
    all.base.host = pgt_option("host");
    all.base.port = pgt_option("port");
    return &all.base;
}

/* ------------------------------------------------------------------ sessions */

static inline struct aldb_session_options pgt_options(void)
{
    return (struct aldb_session_options){
        .error_rollback = ALDB_ROLLBACK_STATEMENT,
        .pooling = ALDB_POOLING_AUTO,
        .close_mode = ALDB_CLOSE_AUTO,
        .fetch_mode = ALDB_FETCH_AUTO,
        .buffer_memory = 16u << 20,
        .server_prepare = true,
        .search_path = pgt.schema,
        .dialer = pgt_pumped(),
    };
}

static const struct aldb_wait pgt_forever = {.deadline = {INT64_MAX}};

static inline struct aldb_wait pgt_for_ms(int64_t ms)
{
    return (struct aldb_wait){.deadline = aldb_deadline_in_ms(ms)};
}

static inline struct aldb_session *pgt_open_with(const struct aldb_session_options *o)
{
    struct aldb_session *s = NULL;
    enum aldb_rc rc = aldb_session_open(pgt.keywords, pgt.values, o, aldb_deadline_in_ms(30000), &s, DIAG);
    if (!OK(rc)) {
        printf("no session: %s\n", aldb_diag_message(aldb_diag_get(&pgt.diag, 1)));
        pgt_end();
        exit(1); /* nothing below makes sense */
    }
    return s;
}

static inline struct aldb_session *pgt_open(void)
{
    struct aldb_session_options o = pgt_options();
    return pgt_open_with(&o);
}

/* In manual-commit mode. */
static inline struct aldb_session *pgt_open_manual(int error_rollback)
{
    struct aldb_session_options o = pgt_options();
    o.error_rollback = error_rollback;
    struct aldb_session *s = pgt_open_with(&o);
    OK(aldb_session_set_autocommit(s, false, &pgt_forever, DIAG));
    return s;
}

/* ------------------------------------------------------------------ executing */

/* What the statement layer would say of a text, by its first words. */
enum {
    PGT_READS = 1 << 0,
    PGT_ROWLESS = 1 << 1,
    PGT_UTILITY = 1 << 2,
    PGT_CONTROL = 1 << 3,
    PGT_NO_BLOCK = 1 << 4,
    PGT_CHANGES_PLANS = 1 << 5,
    PGT_BEFORE = 1 << 6,
    PGT_ROLLS_BACK = 1 << 7,
    PGT_PARSED = 1 << 8,
};

static inline bool pgt_starts(const char *sql, const char *word)
{
    return strncasecmp(sql, word, strlen(word)) == 0;
}

static inline bool pgt_contains(const char *sql, size_t len, const char *word)
{
    size_t n = strlen(word);
    for (size_t i = 0; i + n <= len; i++) {
        if (strncasecmp(sql + i, word, n) == 0) {
            return true;
        }
    }
    return false;
}

static inline int pgt_classify(struct aldb_slice sql)
{
    static const struct {
        const char *start;
        int flags;
    } classes[] = {
        {"select", PGT_READS}, {"values", PGT_READS}, {"table", PGT_READS}, {"show", PGT_READS | PGT_UTILITY},
        {"explain", PGT_READS | PGT_UTILITY}, {"with", 0}, {"call", 0}, {"insert", PGT_ROWLESS}, {"update", PGT_ROWLESS},
        {"delete", PGT_ROWLESS}, {"begin", PGT_CONTROL | PGT_PARSED | PGT_ROWLESS | PGT_UTILITY}, {"start", PGT_CONTROL | PGT_PARSED | PGT_ROWLESS | PGT_UTILITY},
        {"rollback to", PGT_BEFORE | PGT_ROWLESS | PGT_UTILITY}, {"savepoint", PGT_PARSED | PGT_ROWLESS | PGT_UTILITY},
        {"release", PGT_BEFORE | PGT_ROWLESS | PGT_UTILITY}, {"set transaction", PGT_PARSED | PGT_ROWLESS | PGT_UTILITY},
        {"commit", PGT_CONTROL | PGT_BEFORE | PGT_ROWLESS | PGT_UTILITY}, {"rollback", PGT_CONTROL | PGT_BEFORE | PGT_ROLLS_BACK | PGT_ROWLESS | PGT_UTILITY}, {"vacuum", PGT_NO_BLOCK | PGT_ROWLESS | PGT_UTILITY | PGT_CHANGES_PLANS},
        {"discard all", PGT_NO_BLOCK | PGT_ROWLESS | PGT_UTILITY | PGT_CHANGES_PLANS},
        {"set", PGT_ROWLESS | PGT_UTILITY | PGT_CHANGES_PLANS}, {"reset", PGT_ROWLESS | PGT_UTILITY | PGT_CHANGES_PLANS},
        {"deallocate", PGT_ROWLESS | PGT_UTILITY | PGT_CHANGES_PLANS}, {"create", PGT_ROWLESS | PGT_UTILITY | PGT_CHANGES_PLANS},
        {"alter", PGT_ROWLESS | PGT_UTILITY | PGT_CHANGES_PLANS}, {"drop", PGT_ROWLESS | PGT_UTILITY | PGT_CHANGES_PLANS},
        {"truncate", PGT_ROWLESS | PGT_UTILITY | PGT_CHANGES_PLANS}, {"do", PGT_UTILITY}, {"copy", PGT_UTILITY},
        {"listen", PGT_UTILITY}, {"notify", PGT_UTILITY}, {"lock", PGT_UTILITY},
    };
    for (size_t i = 0; i < ALDB_COUNT(classes); i++) {
        size_t n = strlen(classes[i].start);
        if (sql.len >= n && strncasecmp(sql.ptr, classes[i].start, n) == 0) {
            bool returning = pgt_contains(sql.ptr, sql.len, " returning ");
            return returning ? classes[i].flags & ~PGT_ROWLESS : classes[i].flags;
        }
    }
    return PGT_UTILITY;
}

static inline struct aldb_exec_request pgt_request_flags(const char *sql, int flags)
{
    return (struct aldb_exec_request){
        .sql = aldb_slice_of(sql),
        .utility = flags & PGT_UTILITY,
        .rowless = flags & PGT_ROWLESS,
        .transaction_control = flags & PGT_CONTROL,
        .guard = flags & PGT_BEFORE ? ALDB_GUARD_BEFORE : flags & PGT_PARSED ? ALDB_GUARD_PARSE : ALDB_GUARD_AROUND,
        .rolls_back = flags & PGT_ROLLS_BACK,
        .no_block = flags & PGT_NO_BLOCK,
        .writes = !(flags & PGT_READS),
        .invalidates_plans = flags & PGT_CHANGES_PLANS,
    };
}

static inline struct aldb_exec_request pgt_request(const char *sql)
{
    return pgt_request_flags(sql, pgt_classify(aldb_slice_of(sql)));
}

/* Starts `sql` in a fresh *e. */
static inline enum aldb_rc pgt_start(struct aldb_exec *e, struct aldb_session *s, const char *sql)
{
    struct aldb_exec_request req = pgt_request(sql);
    aldb_exec_init(e);
    return aldb_exec_run(e, s, &req, &pgt_forever, DIAG);
}

static inline enum aldb_rc pgt_next(struct aldb_exec *e)
{
    return aldb_exec_next(e, &pgt_forever, DIAG);
}

static inline enum aldb_rc pgt_close(struct aldb_exec *e)
{
    return aldb_exec_close(e, &pgt_forever, DIAG);
}

/* Reads to the end; *rows counts. NO_DATA, or the error. */
static inline enum aldb_rc pgt_drain(struct aldb_exec *e, int64_t *rows)
{
    enum aldb_rc rc;
    *rows = 0;
    while (aldb_done(rc = pgt_next(e))) {
        ++*rows;
    }
    return rc;
}

/* Runs and reads all; the diagnostics are those of the first failure, or of the run. */
static inline enum aldb_rc pgt_do_wait(struct aldb_session *s, const struct aldb_exec_request *req, const struct aldb_wait *wait)
{
    struct aldb_exec e;
    struct aldb_diag closing;
    aldb_exec_init(&e);
    enum aldb_rc rc = aldb_exec_run(&e, s, req, wait, DIAG);
    if (aldb_done(rc) && e.has_rows) {
        enum aldb_rc more;
        while (aldb_done(more = aldb_exec_next(&e, wait, &pgt.diag))) {
        }
        rc = more == ALDB_ERR ? ALDB_ERR : rc;
    }
    aldb_diag_init(&closing);
    if (aldb_exec_close(&e, &pgt_forever, &closing) == ALDB_ERR && rc != ALDB_ERR) {
        aldb_diag_move(&pgt.diag, &closing);
        rc = ALDB_ERR;
    }
    aldb_diag_clear(&closing);
    return rc;
}

static inline enum aldb_rc pgt_do(struct aldb_session *s, const char *sql)
{
    struct aldb_exec_request req = pgt_request(sql);
    return pgt_do_wait(s, &req, &pgt_forever);
}

/* ------------------------------------------------------------------ values */

/* Decimal text of a cell: what the server means, whichever format it chose. "NULL" for null, "?" for types not known here. Static, a ring of 8. */
static inline const char *pgt_cell(const struct aldb_exec *e, uint16_t i)
{
    static _Thread_local char ring[8][512];
    static _Thread_local unsigned turn;
    char *out = ring[turn++ % 8];
    if (i >= e->ncolumns || e->cells == NULL) {
        return "(no cell)";
    }
    struct aldb_cell c = e->cells[i];
    if (c.data == NULL) {
        return "NULL";
    }
    bool number = false;
    int64_t v = 0;
    if (e->columns[i].binary) {
        switch (e->columns[i].oid) {
        case ALDB_OID_BOOL:
            return c.len == 1 ? (c.data[0] ? "t" : "f") : "?";
        case ALDB_OID_INT2:
        case ALDB_OID_INT4:
        case ALDB_OID_INT8:
        case ALDB_OID_OID:
            for (size_t k = 0; k < c.len; k++) {
                v = (int64_t)((uint64_t)v << 8 | (unsigned char)c.data[k]);
            }
            v = e->columns[i].oid == ALDB_OID_INT2 ? (int16_t)v : e->columns[i].oid == ALDB_OID_INT4 ? (int32_t)v : v;
            number = true;
            break;
        case ALDB_OID_TEXT:
        case ALDB_OID_VARCHAR:
        case ALDB_OID_BPCHAR:
        case ALDB_OID_NAME:
        case ALDB_OID_UNKNOWN:
            break;
        default:
            return "?";
        }
    }
    if (number) {
        snprintf(out, sizeof ring[0], "%" PRId64, v);
    } else {
        snprintf(out, sizeof ring[0], "%.*s", (int)(c.len < 500 ? c.len : 500), c.data);
    }
    return out;
}

static inline int64_t pgt_number(const struct aldb_exec *e, uint16_t i)
{
    const char *text = pgt_cell(e, i);
    char *end;
    int64_t v = strtoll(text, &end, 10);
    return *end || end == text ? INT64_MIN : v;
}

/* First value of a query; "(failed)" on error, "(none)" without rows. Static until the eighth next cell. */
static inline const char *pgt_ask(struct aldb_session *s, const char *sql)
{
    struct aldb_exec e;
    const char *v = "(failed)";
    if (OK(pgt_start(&e, s, sql))) {
        enum aldb_rc rc = pgt_next(&e);
        v = aldb_done(rc) ? pgt_cell(&e, 0) : rc == ALDB_NO_DATA ? "(none)" : "(failed)";
    }
    OK(pgt_close(&e));
    return v;
}

static inline int pgt_pid(struct aldb_session *s)
{
    return (int)strtol(pgt_ask(s, "select pg_backend_pid()"), NULL, 10);
}

/* The session works: asked with a question whose answer cannot be a leftover. */
static inline bool pgt_usable(struct aldb_session *s, const char *file, int line)
{
    static unsigned n = 1000;
    char sql[64], expected[16];
    snprintf(sql, sizeof sql, "select %u + 0", ++n);
    snprintf(expected, sizeof expected, "%u", n);
    return pgt_same_text(pgt_ask(s, sql), expected, "answer of the session", file, line);
}
#define USABLE(s) pgt_usable((s), __FILE__, __LINE__)

/* Text parameters; NULL is SQL NULL. */
struct pgt_values {
    const char *values[16];
    int lengths[16];
    int formats[16];
    struct aldb_params params;
};

static inline const struct aldb_params *pgt_bind(struct pgt_values *v, uint32_t n, ...)
{
    va_list ap;
    va_start(ap, n);
    memset(v, 0, sizeof *v);
    for (uint32_t i = 0; i < n; i++) {
        v->values[i] = va_arg(ap, const char *);
        v->lengths[i] = v->values[i] ? (int)strlen(v->values[i]) : 0;
    }
    va_end(ap);
    v->params = (struct aldb_params){n, v->values, v->lengths, v->formats};
    return &v->params;
}

static inline enum aldb_rc pgt_plan(struct aldb_session *s, const char *sql, uint32_t nparams, const uint32_t *declared,
                                    struct aldb_plan **out)
{
    struct aldb_plan_request req = {.sql = aldb_slice_of(sql), .nparams = nparams, .declared = declared};
    *out = NULL;
    return aldb_plan_get(s, &req, &pgt_forever, out, DIAG);
}

static inline struct aldb_exec_request pgt_plan_request(struct aldb_plan *plan, const struct aldb_params *params)
{
    int flags = pgt_classify(aldb_slice(plan->sql, plan->sql_len));
    struct aldb_exec_request req = pgt_request_flags(NULL, flags);
    req.plan = plan;
    if (params) {
        req.params = *params;
    }
    return req;
}

static inline enum aldb_rc pgt_start_plan(struct aldb_exec *e, struct aldb_session *s, struct aldb_plan *plan,
                                          const struct aldb_params *params)
{
    struct aldb_exec_request req = pgt_plan_request(plan, params);
    aldb_exec_init(e);
    return aldb_exec_run(e, s, &req, &pgt_forever, DIAG);
}

static inline enum aldb_rc pgt_do_plan(struct aldb_session *s, struct aldb_plan *plan, const struct aldb_params *params)
{
    struct aldb_exec_request req = pgt_plan_request(plan, params);
    return pgt_do_wait(s, &req, &pgt_forever);
}

/* ------------------------------------------------------------------ memory */

/* Peak resident set in kB since pgt_peak_reset. */
static inline int64_t pgt_peak_kb(void)
{
    int64_t kb = -1;
    char line[256];
    FILE *f = fopen("/proc/self/status", "r");
    while (f && fgets(line, sizeof line, f)) {
        if (strncmp(line, "VmHWM:", 6) == 0) {
            kb = strtoll(line + 6, NULL, 10);
        }
    }
    if (f) {
        fclose(f);
    }
    return kb;
}

static inline void pgt_peak_reset(void)
{
    FILE *f = fopen("/proc/self/clear_refs", "w");
    if (f) {
        fputs("5", f);
        fclose(f);
    }
}

#endif
