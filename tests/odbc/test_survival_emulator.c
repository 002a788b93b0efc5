/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What connections to an AlloyDB instance outlive: the end of certificates, wrong clocks, a front that is killed, a process that is suspended. Certificates
 * of seconds stand for those of an hour. For an API that is down see test_outages_emulator.c.
 */
#include "emulator.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { POOL = 10 };

/* ---- this process's clock -------------------------------------------------------------------------------------------- */

static _Atomic long skew_s;

#define IN_FRONT __attribute__((visibility("default"))) /* of the C library's, for the driver and its libraries too: the time of day is wrong by skew_s */

IN_FRONT int clock_gettime(clockid_t clock, struct timespec *t)
{
    int rc = (int)syscall(SYS_clock_gettime, clock, t);
    if (rc == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
        t->tv_sec += atomic_load(&skew_s);
    }
    return rc;
}

IN_FRONT time_t time(time_t *out)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_REALTIME, &t);
    if (out != NULL) {
        *out = t.tv_sec;
    }
    return t.tv_sec;
}

IN_FRONT int gettimeofday(struct timeval *restrict tv, void *restrict zone)
{
    struct timespec t;
    (void)zone;
    (void)clock_gettime(CLOCK_REALTIME, &t);
    tv->tv_sec = t.tv_sec;
    tv->tv_usec = t.tv_nsec / 1000;
    return 0;
}

/* ---- the end of certificates ----------------------------------------------------------------------------------------- */

/* A pool stays open past the end of its certificates, and new connections get new ones. */
static void pool_outlives(const char *connstr)
{
    struct link pool[POOL];
    emulator_reset();
    emulator_certificates_last(6);
    for (size_t i = 0; i < POOL; i++) {
        pool[i] = emulator_link(connstr);
        CHECK_INT(query_int(pool[i].stmt, "select 1"), 1);
    }
    pause_s(8);
    for (size_t i = 0; i < POOL; i++) {
        CHECK_INT(query_int(pool[i].stmt, "select 2"), 2);
    }
    size_t before = emulator_count("admin");
    (void)emulator_connects(connstr);
    CHECK(emulator_count("admin") >= before + 2); /* LAZY: just now; BACKGROUND: it is the same, or was an earlier one's */
    for (size_t i = 0; i < POOL; i++) {
        CHECK_INT(query_int(pool[i].stmt, "select 3"), 3);
        link_close(&pool[i]);
    }
}

static void pool_lazy(void)
{
    pool_outlives(emulator_connstr("pool", ""));
}

static void pool_background(void)
{
    pool_outlives(emulator_connstr("pool-background", "RefreshStrategy=BACKGROUND"));
}

/* Four minutes before the end the next one who connects renews it; until then nobody does. */
static void renewed_ahead(void)
{
    const char *connstr = emulator_connstr("ahead", "");
    emulator_reset();
    emulator_certificates_last(252);
    (void)emulator_connects(connstr);
    (void)emulator_connects(connstr);
    CHECK_INT(emulator_count("admin"), 2);
    pause_s(13);
    emulator_certificates_last(3600);
    (void)emulator_connects(connstr);
    (void)emulator_connects(connstr);
    CHECK_INT(emulator_count("admin"), 4);
}

/* ---- clocks ---------------------------------------------------------------------------------------------------------- */

/* This machine's clock is wrong, Google's and the instance's are right. */
static void wrong_clock(const char *project, long s)
{
    const char *connstr = emulator_connstr(project, "");
    emulator_reset();
    atomic_store(&skew_s, s);
    (void)emulator_connects(connstr);
    (void)emulator_connects(connstr);
    CHECK_INT(emulator_count("admin"), 2); /* the certificate's life is told by the API's clock */
    /* Somebody sets it right: a certificate that seems to have ended is renewed, none is used for longer than it lives. */
    atomic_store(&skew_s, 0);
    (void)emulator_connects(connstr);
    CHECK(emulator_count("admin") <= 4);
}

static void clock_ahead(void)
{
    wrong_clock("ahead-2h", 7200);
    wrong_clock("ahead-40min", 2400);
}

static void clock_behind(void)
{
    wrong_clock("behind-40min", -2400);
    /* So far behind that the instance's own certificate is not valid yet: that is told, and it works when the clock is right. */
    const char *connstr = emulator_connstr("behind-2h", "");
    emulator_reset();
    atomic_store(&skew_s, -7200);
    (void)emulator_refuses(connstr, "08001", "TLS with 127.", "not yet valid. Is this machine's clock right?");
    atomic_store(&skew_s, 0);
    (void)emulator_connects(connstr);
}

/* It is set while the process has a certificate. */
static void clock_jumps(void)
{
    static const long jumps[] = {7200, -7200, 86400};
    const char *connstr = emulator_connstr("jumps", "");
    emulator_reset();
    struct link l = emulator_link(connstr);
    for (size_t i = 0; i < COUNT(jumps); i++) {
        atomic_store(&skew_s, jumps[i]);
        if (jumps[i] < 0) {
            (void)emulator_refuses(connstr, "08001", "not yet valid", "clock");
        } else {
            (void)emulator_connects(connstr);
        }
        CHECK_INT(query_int(l.stmt, "select 1"), 1);
    }
    atomic_store(&skew_s, 0);
    (void)emulator_connects(connstr);
    link_close(&l);
}

/* A client certificate that the instance's clock does not accept. */
static void certificates_refused(void)
{
    const char *connstr = emulator_connstr("not-yet", "");
    emulator_reset();
    emulator_fault("{\"at\": \"generateClientCertificate\", \"starts_in\": 1800}");
    (void)emulator_refuses(connstr, "08001", "Metadata exchange with 127.", "does not accept the client's certificate; is this machine's clock right?");
    emulator_reset();
    (void)emulator_connects(connstr);
    emulator_fault("{\"at\": \"generateClientCertificate\", \"lifetime\": -1800}");
    (void)emulator_refuses(emulator_connstr("expired", ""), "08001", "the client certificate expired", "seconds ago");
    emulator_reset();
    (void)emulator_connects(emulator_connstr("expired", ""));
}

/* ---- a front that is killed ------------------------------------------------------------------------------------------ */

static void front_killed(void)
{
    struct link pool[POOL];
    char connstr[4096];
    snprintf(connstr, sizeof connstr, "%s", emulator_connstr("front", ""));
    emulator_reset();
    for (size_t i = 0; i < POOL; i++) {
        pool[i] = emulator_link(connstr);
        CHECK_INT(query_int(pool[i].stmt, "select 1"), 1);
    }
    emulator_fault("{\"at\": \"front\", \"listen\": \"closed\"}");
    for (size_t i = 0; i < POOL; i++) {
        SQLUINTEGER dead = SQL_CD_FALSE;
        for (int again = 0; again < 3; again++) {
            CHECK_STATE(pool[i].stmt, SQLExecDirect(pool[i].stmt, T("select 1"), SQL_NTS), "08S01");
        }
        CHECK_STATE(pool[i].stmt, SQLTables(pool[i].stmt, NULL, 0, NULL, 0, NULL, 0, NULL, 0), "08S01");
        CHECK_OK(pool[i].dbc, SQLGetConnectAttr(pool[i].dbc, SQL_ATTR_CONNECTION_DEAD, &dead, 0, NULL));
        CHECK_INT(dead, SQL_CD_TRUE);
        CHECK(emulator_refuses(connstr, "08001", "TCP connection with 127.", ":5433 (PRIVATE address of projects/") < EMULATOR_AT_ONCE_S);
    }
    emulator_heal();
    (void)emulator_connects(connstr);
    for (size_t i = 0; i < POOL; i++) {
        CHECK_STATE(pool[i].stmt, SQLExecDirect(pool[i].stmt, T("select 1"), SQL_NTS), "08S01");
        free_stmt(pool[i].stmt);
        CHECK_INFO(pool[i].dbc, SQLDisconnect(pool[i].dbc), "01002");
        CHECK_OK(pool[i].dbc, try_connect(pool[i].dbc, connstr));
        pool[i].stmt = new_stmt(pool[i].dbc);
        CHECK_INT(query_int(pool[i].stmt, "select 1"), 1);
        link_close(&pool[i]);
    }
    CHECK(emulator_count("admin") <= 8); /* twice at once, then every 30 seconds */
}

/* ---- a process that is suspended ------------------------------------------------------------------------------------- */

/* The suspended program: connects, says so, waits to be told, and connects again. */
static int suspended(const char *connstr, bool first_may_fail)
{
    struct link l = link_new(SQL_OV_ODBC3_80);
    SQLHDBC second = SQL_NULL_HDBC;
    char byte = 'c';
    if (first_may_fail && write(STDOUT_FILENO, &byte, 1) != 1) {
        return 2;
    }
    SQLRETURN rc = try_connect(l.dbc, connstr);
    if (!SQL_SUCCEEDED(rc) && !first_may_fail) {
        fprintf(stderr, "first: %s\n", diag_message(l.dbc, 1));
        return 3;
    }
    if (!first_may_fail && write(STDOUT_FILENO, &byte, 1) != 1) {
        return 4;
    }
    if (read(STDIN_FILENO, &byte, 1) != 1 || SQLAllocHandle(SQL_HANDLE_DBC, l.env, &second) != SQL_SUCCESS) {
        return 5;
    }
    if (!SQL_SUCCEEDED(try_connect(second, connstr))) {
        fprintf(stderr, "second: %s\n", diag_message(second, 1));
        return 6;
    }
    if (SQL_SUCCEEDED(rc)) { /* the one from before, too */
        l.stmt = new_stmt(l.dbc);
        if (query_int(l.stmt, "select 7") != 7) {
            return 8;
        }
        free_stmt(l.stmt);
        SQLDisconnect(l.dbc);
    }
    SQLDisconnect(second);
    return 7;
}

/* Stops the program for some seconds, `after` it has said that it is there, and lets it go on; it must end with 7. */
static void suspend(const char *connstr, const char *how, double after, double seconds)
{
    int to[2], from[2], status = -1;
    char byte = 'x';
    CHECK(pipe(to) == 0 && pipe(from) == 0);
    pid_t child = fork();
    if (child == 0) {
        dup2(to[0], STDIN_FILENO);
        dup2(from[1], STDOUT_FILENO);
        close(to[1]);
        close(from[0]);
        execl("/proc/self/exe", "suspended", how, connstr, (char *)NULL);
        _exit(99);
    }
    close(to[0]);
    close(from[1]);
    CHECK(read(from[0], &byte, 1) == 1);
    pause_s(after);
    CHECK(kill(child, SIGSTOP) == 0);
    pause_s(seconds);
    CHECK(kill(child, SIGCONT) == 0);
    CHECK(write(to[1], &byte, 1) == 1);
    for (double until = seconds_now() + 60; waitpid(child, &status, WNOHANG) == 0; pause_s(0.05)) {
        if (seconds_now() > until) {
            kill(child, SIGKILL);
        }
    }
    CHECK(WIFEXITED(status));
    CHECK_INT(WEXITSTATUS(status), 7);
    close(to[1]);
    close(from[0]);
}

/* Past the end of its certificate. */
static void suspended_past_the_end(void)
{
    static const char *const strategies[] = {"LAZY", "BACKGROUND"};
    for (size_t i = 0; i < COUNT(strategies); i++) {
        char strategy[64];
        snprintf(strategy, sizeof strategy, "RefreshStrategy=%s", strategies[i]);
        emulator_reset();
        emulator_certificates_last(4);
        suspend(emulator_connstr("suspended", strategy), "idle", 0, 6);
        CHECK(emulator_count("admin") >= 4);
    }
}

/* While it connects, for longer than its LoginTimeout and the certificate's life: that connect may fail, the next one works. */
static void suspended_in_a_connect(void)
{
    static const double moments[] = {0.1, 0.6};
    for (size_t i = 0; i < 2 * COUNT(moments); i++) {
        emulator_reset();
        emulator_certificates_last(3);
        emulator_fault("{\"at\": \"admin\", \"delay\": 0.5}");
        suspend(emulator_connstr("suspended", i % 2 ? "LoginTimeout=3;RefreshStrategy=BACKGROUND" : "LoginTimeout=3"), "connecting", moments[i / 2], 4);
    }
}

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        {"a pool outlives its certificates", pool_lazy},
        {"a pool outlives its certificates, in the background", pool_background},
        {"renewed ahead of the end", renewed_ahead},
        {"this clock is ahead", clock_ahead},
        {"this clock is behind", clock_behind},
        {"this clock jumps", clock_jumps},
        {"client certificates are refused", certificates_refused},
        {"a front is killed", front_killed},
        {"a process is suspended", suspended_past_the_end},
        {"a process is suspended while it connects", suspended_in_a_connect},
    };
    if (argc == 3) {
        return suspended(argv[2], strcmp(argv[1], "connecting") == 0);
    }
    (void)emulator_fact("URL");
    emulator_real_time();
    return run_tests("what connections to an instance outlive", tests, COUNT(tests));
}
