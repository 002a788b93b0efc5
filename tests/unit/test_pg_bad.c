/* SPDX-License-Identifier: Apache-2.0 */
/* What goes wrong outside: servers that refuse, lie, die or fall silent; fork; no memory. Everything ends, in time, with the right state. */
#include "pg_support.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>

/* ------------------------------------------------------------------ a server that is none */

enum fake_login {
    FAKE_CLOSE,        /* at once */
    FAKE_CLOSE_LATER,  /* after reading the start-up message */
    FAKE_GARBAGE,
    FAKE_HALF_MESSAGE,
    FAKE_SILENT,
    FAKE_ERROR,        /* an ErrorResponse with `state` */
    FAKE_LOGIN,        /* lets everybody in, then `after` */
};

enum fake_after { AFTER_CLOSE, AFTER_GARBAGE, AFTER_HALF_MESSAGE, AFTER_SILENT, AFTER_PID };

struct fake {
    enum fake_login login;
    enum fake_after after;
    const char *state, *severity; /* of FAKE_ERROR */
    const char *integer_datetimes;
    const char *pid; /* AFTER_PID: what one query is answered with */
    int listener;
    char port[8];
    pthread_t thread;
    atomic_bool stop;
};

static void put(int fd, const void *data, size_t len)
{
    ssize_t ignored = send(fd, data, len, MSG_NOSIGNAL);
    (void)ignored;
}

static void put_message(int fd, char type, const void *body, size_t len)
{
    unsigned char head[5] = {(unsigned char)type, 0, 0, (unsigned char)((len + 4) >> 8), (unsigned char)(len + 4)};
    put(fd, head, sizeof head);
    put(fd, body, len);
}

static void put_parameter(int fd, const char *name, const char *value)
{
    char body[128];
    size_t n = strlen(name) + 1, v = strlen(value) + 1;
    memcpy(body, name, n);
    memcpy(body + n, value, v);
    put_message(fd, 'S', body, n + v);
}

static void put_error(int fd, const char *severity, const char *state)
{
    char body[128];
    size_t n = (size_t)snprintf(body, sizeof body, "S%s%cV%s%cC%s%cMthe fake says %s%c", severity, 0, severity, 0, state, 0, state, 0);
    put_message(fd, 'E', body, n + 1);
}

/* Waits for anything to read; false at the end of the connection or when told to stop. */
static bool fake_read(struct fake *f, int fd)
{
    char buf[8192];
    while (!atomic_load(&f->stop)) {
        struct pollfd p = {fd, POLLIN, 0};
        if (poll(&p, 1, 20) > 0) {
            return recv(fd, buf, sizeof buf, 0) > 0;
        }
    }
    return false;
}

static void fake_linger(struct fake *f, int fd)
{
    while (fake_read(f, fd)) {
    }
}

/* The answer to one query: a row with one text. */
static void put_answer(int fd, const char *text)
{
    char row[64] = {0, 1, 0, 0, 0, (char)strlen(text)};
    memcpy(row + 6, text, strlen(text));
    put_message(fd, '1', "", 0);
    put_message(fd, '2', "", 0);
    put_message(fd, 'T', "\0\1pid\0\0\0\0\0\0\0\0\0\0\x17\0\4\xff\xff\xff\xff\0\0", 24);
    put_message(fd, 'D', row, 6 + strlen(text));
    put_message(fd, 'C', "SELECT 1", 9);
    put_message(fd, 'Z', "I", 1);
}

static void fake_log_in(struct fake *f, int fd)
{
    put_message(fd, 'R', "\0\0\0\0", 4);
    put_parameter(fd, "server_version", "15.4");
    put_parameter(fd, "server_encoding", "UTF8");
    put_parameter(fd, "client_encoding", "UTF8");
    put_parameter(fd, "integer_datetimes", f->integer_datetimes);
    put_parameter(fd, "standard_conforming_strings", "on");
    put_parameter(fd, "DateStyle", "ISO, MDY");
    put_parameter(fd, "IntervalStyle", "postgres");
    put_parameter(fd, "TimeZone", "UTC");
    put_message(fd, 'K', "\0\0\1\1\0\0\2\2", 8);
    put_message(fd, 'Z', "I", 1);
    if (!fake_read(f, fd)) {
        return;
    }
    switch (f->after) {
    case AFTER_CLOSE:
        break;
    case AFTER_GARBAGE:
        put(fd, "\x7f\xff\xff\xff\xffgarbage", 12);
        fake_linger(f, fd);
        break;
    case AFTER_HALF_MESSAGE:
        put(fd, "T\0\0\0\x40\0\1col", 10);
        break;
    case AFTER_SILENT:
        fake_linger(f, fd);
        break;
    case AFTER_PID:
        put_answer(fd, f->pid);
        fake_linger(f, fd);
        break;
    }
}

static void fake_serve(struct fake *f, int fd)
{
    if (f->login != FAKE_CLOSE && f->login != FAKE_SILENT && !fake_read(f, fd)) {
        return;
    }
    switch (f->login) {
    case FAKE_CLOSE:
    case FAKE_CLOSE_LATER:
        break;
    case FAKE_GARBAGE:
        put(fd, "HTTP/1.1 400 Bad Request\r\n\r\n<html>", 34);
        fake_linger(f, fd);
        break;
    case FAKE_HALF_MESSAGE:
        put(fd, "R\0\0\0\x08\0", 6);
        fake_linger(f, fd);
        break;
    case FAKE_SILENT:
        fake_linger(f, fd);
        break;
    case FAKE_ERROR:
        put_error(fd, f->severity, f->state);
        break;
    case FAKE_LOGIN:
        fake_log_in(f, fd);
        break;
    }
}

static void *fake_run(void *arg)
{
    struct fake *f = arg;
    while (!atomic_load(&f->stop)) {
        struct pollfd p = {f->listener, POLLIN, 0};
        if (poll(&p, 1, 20) > 0) {
            int fd = accept(f->listener, NULL, NULL);
            if (fd >= 0) {
                fake_serve(f, fd);
                close(fd);
            }
        }
    }
    return NULL;
}

static void fake_start(struct fake *f)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof a;
    f->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    TRUE(f->listener >= 0 && bind(f->listener, (struct sockaddr *)&a, sizeof a) == 0 && listen(f->listener, 8) == 0);
    TRUE(getsockname(f->listener, (struct sockaddr *)&a, &len) == 0);
    snprintf(f->port, sizeof f->port, "%d", ntohs(a.sin_port));
    TRUE(pthread_create(&f->thread, NULL, fake_run, f) == 0);
}

static void fake_stop(struct fake *f)
{
    atomic_store(&f->stop, true);
    pthread_join(f->thread, NULL);
    close(f->listener);
}

static enum aldb_rc open_port_pooled(const char *port, int pooling, int64_t ms, struct aldb_session **out)
{
    const char *keywords[] = {"host", "port", "dbname", "user", "password", "sslmode", "gssencmode", "client_encoding", NULL};
    const char *values[] = {"127.0.0.1", port, "d", "u", "p", "disable", "disable", "UTF8", NULL};
    struct aldb_session_options o = pgt_options();
    o.search_path = NULL; /* no settings: nothing is sent after the login */
    o.pooling = pooling;
    *out = NULL;
    return aldb_session_open(keywords, values, &o, aldb_deadline_in_ms(ms), out, DIAG);
}

static enum aldb_rc open_port(const char *port, int64_t ms, struct aldb_session **out)
{
    return open_port_pooled(port, ALDB_POOLING_SESSION, ms, out);
}

static void test_no_server_behind_the_port(void)
{
    static const struct {
        enum fake_login login;
        const char *server_state, *severity, *state;
    } cases[] = {
        {FAKE_CLOSE, NULL, NULL, "08001"},
        {FAKE_CLOSE_LATER, NULL, NULL, "08001"},
        {FAKE_GARBAGE, NULL, NULL, NULL}, /* libpq may wait for the rest: refused or out of time */
        {FAKE_HALF_MESSAGE, NULL, NULL, "HYT00"},
        {FAKE_SILENT, NULL, NULL, "HYT00"},
        {FAKE_ERROR, "28P01", "FATAL", "28000"},
        {FAKE_ERROR, "28000", "FATAL", "28000"},
        {FAKE_ERROR, "53300", "FATAL", "08004"},
        {FAKE_ERROR, "57P03", "FATAL", "08004"},
        {FAKE_ERROR, "3D000", "FATAL", "08004"},
    };
    for (size_t i = 0; i < ALDB_COUNT(cases); i++) {
        struct fake f = {.login = cases[i].login, .state = cases[i].server_state, .severity = cases[i].severity};
        struct aldb_session *s;
        fake_start(&f);
        int64_t start = aldb_now_ms();
        bool waits = cases[i].login == FAKE_GARBAGE || cases[i].login == FAKE_HALF_MESSAGE || cases[i].login == FAKE_SILENT;
        enum aldb_rc rc = open_port(f.port, waits ? 700 : 30000, &s);
        bool ok = TRUE(aldb_now_ms() - start < 700 + pgt_prompt_ms());
        if (cases[i].state) {
            ok &= FAILS(rc, cases[i].state);
        } else {
            ok &= IS_RC(rc, ALDB_ERR);
            ok &= TRUE(strcmp(pgt_state(&pgt.diag), "08001") == 0 || strcmp(pgt_state(&pgt.diag), "HYT00") == 0);
        }
        ok &= TRUE(s == NULL);
        if (cases[i].server_state) {
            ok &= TRUE(strstr(pgt_message(&pgt.diag), "the fake says") != NULL); /* verbatim */
        }
        if (!ok) {
            printf("  case %zu\n", i);
        }
        fake_stop(&f);
    }
}

static void test_old_server_is_refused(void)
{
    struct fake f = {.login = FAKE_LOGIN, .integer_datetimes = "off"};
    struct aldb_session *s;
    fake_start(&f);
    IS_RC(open_port(f.port, 30000, &s), ALDB_ERR);
    TRUE(s == NULL);
    TRUE(strstr(pgt_message(&pgt.diag), "integer_datetimes") != NULL);
    fake_stop(&f);
}

static void test_server_lost_after_login(void)
{
    static const enum fake_after cases[] = {AFTER_CLOSE, AFTER_GARBAGE, AFTER_HALF_MESSAGE};
    for (size_t i = 0; i < ALDB_COUNT(cases); i++) {
        struct fake f = {.login = FAKE_LOGIN, .integer_datetimes = "on", .after = cases[i]};
        struct aldb_session *s;
        fake_start(&f);
        if (OK(open_port(f.port, 30000, &s))) {
            struct aldb_exec_request req = pgt_request("select 1");
            struct aldb_wait wait = pgt_for_ms(30000);
            if (!FAILS(pgt_do_wait(s, &req, &wait), "08S01")) {
                printf("  case %zu\n", i);
            }
            int64_t start = aldb_now_ms();
            FAILS(pgt_do(s, "select 1"), "08S01");
            TRUE(aldb_session_dead(s));
            aldb_session_close(s);
            WITHIN(start, 9000);
        }
        fake_stop(&f);
    }
}

/* Not even a cancel is answered: neither the call nor the close may wait for ever. */
static void test_server_falls_silent(void)
{
    struct fake f = {.login = FAKE_LOGIN, .integer_datetimes = "on", .after = AFTER_SILENT};
    struct aldb_session *s;
    fake_start(&f);
    if (OK(open_port(f.port, 30000, &s))) {
        struct aldb_exec_request req = pgt_request("select 1");
        struct aldb_wait wait = pgt_for_ms(500);
        struct aldb_exec e;
        int64_t start = aldb_now_ms();
        aldb_exec_init(&e);
        IS_RC(aldb_exec_run(&e, s, &req, &wait, DIAG), ALDB_ERR);
        printf("[%s after %" PRId64 " ms] ", pgt_state(&pgt.diag), aldb_now_ms() - start);
        TRUE(strcmp(pgt_state(&pgt.diag), "HYT00") == 0 || strcmp(pgt_state(&pgt.diag), "08S01") == 0);
        WITHIN(start, 60000);
        aldb_exec_abandon(&e);
        start = aldb_now_ms();
        aldb_session_close(s);
        WITHIN(start, 9000);
    }
    fake_stop(&f);
}

/* A pooler gives its clients process numbers of its own: the login's (257 here) is not the backend's. */
static void test_pooler_is_found(void)
{
    static const struct {
        const char *pid;
        int pooling;
        bool pooled;
    } cases[] = {
        {"257", ALDB_POOLING_AUTO, false},
        {"4242", ALDB_POOLING_AUTO, true},
        {"4242", ALDB_POOLING_SESSION, false},
        {"257", ALDB_POOLING_TRANSACTION, true},
    };
    for (size_t i = 0; i < ALDB_COUNT(cases); i++) {
        struct fake f = {.login = FAKE_LOGIN, .integer_datetimes = "on", .after = AFTER_PID, .pid = cases[i].pid};
        struct aldb_session *s;
        fake_start(&f);
        if (OK(open_port_pooled(f.port, cases[i].pooling, 5000, &s))) {
            OK(aldb_session_know_pooler(s, &pgt_forever, DIAG));
            SAME(aldb_session_pooled(s), cases[i].pooled);
            aldb_session_close(s);
        }
        fake_stop(&f);
    }
}

/* ------------------------------------------------------------------ refused by a real server */

static void test_refused(void)
{
    static const struct {
        const char *keyword, *value, *state;
    } cases[] = {
        {"password", "certainly wrong", "28000"},
        {"user", "no_such_role", "28000"},
        {"dbname", "no_such_database", "08004"},
        {"port", "1", "08001"},
        {"host", "no-such-host.invalid", "08001"},
    };
    bool password = false;
    for (size_t k = 0; pgt.keywords[k]; k++) {
        password |= strcmp(pgt.keywords[k], "password") == 0;
    }
    for (size_t i = 0; i < ALDB_COUNT(cases); i++) {
        const char *keywords[64], *values[64];
        struct aldb_session_options o = pgt_options();
        struct aldb_session *s = NULL;
        size_t n = 0;
        if (strcmp(cases[i].keyword, "password") == 0 && !password) {
            continue; /* a server that trusts everybody */
        }
        for (; pgt.keywords[n]; n++) {
            bool changed = strcmp(pgt.keywords[n], cases[i].keyword) == 0;
            keywords[n] = pgt.keywords[n];
            values[n] = changed ? cases[i].value : pgt.values[n];
        }
        keywords[n] = NULL;
        values[n] = NULL;
        int64_t start = aldb_now_ms();
        FAILS(aldb_session_open(keywords, values, &o, aldb_deadline_in_ms(20000), &s, DIAG), cases[i].state);
        WITHIN(start, 25000);
        TRUE(s == NULL);
        TRUE(strstr(pgt_message(&pgt.diag), "certainly wrong") == NULL);
    }
}

/* ------------------------------------------------------------------ the backend is ended */

static void kill_backend(int pid)
{
    char sql[96];
    OBSERVE("select pg_terminate_backend(%d)", pid);
    snprintf(sql, sizeof sql, "select count(*) from pg_stat_activity where pid = %d", pid);
    TRUE(pgt_await(sql, "0"));
}

static void all_calls_say_lost(struct aldb_session *s)
{
    struct aldb_plan *p = NULL;
    struct aldb_exec e;
    int64_t start = aldb_now_ms();
    for (int i = 0; i < 2; i++) {
        FAILS(pgt_start(&e, s, "select 1"), "08S01");
        OK(pgt_close(&e));
    }
    FAILS(pgt_plan(s, "select 1", 0, NULL, &p), "08S01");
    FAILS(aldb_session_set_read_only(s, true, &pgt_forever, DIAG), "08S01");
    FAILS(aldb_session_set_isolation(s, 8, &pgt_forever, DIAG), "08S01");
    FAILS(aldb_group_begin(s, &pgt_forever, DIAG), "08S01");
    FAILS(aldb_session_query(s, aldb_slice_of("select 1"), NULL, NULL, NULL, &pgt_forever, DIAG), "08S01");
    FAILS(aldb_session_reset(s, &pgt_forever, DIAG), "08S01");
    TRUE(aldb_session_dead(s));
    TRUE(aldb_session_user(s) != NULL); /* facts stay readable */
    aldb_session_close(s);
    WITHIN(start, 9000);
}

static void test_killed_idle(void)
{
    struct aldb_session *s = pgt_open();
    TRUE(!aldb_session_dead(s));
    kill_backend(pgt_pid(s));
    TRUE(aldb_session_dead(s)); /* without a round trip */
    all_calls_say_lost(s);

    s = pgt_open();
    kill_backend(pgt_pid(s));
    FAILS(pgt_do(s, "select 1"), "08S01"); /* nobody asked before */
    all_calls_say_lost(s);

    s = pgt_open_manual(ALDB_ROLLBACK_STATEMENT);
    kill_backend(pgt_pid(s)); /* in a transaction */
    FAILS(pgt_do(s, "select 1"), "08S01");
    FAILS(aldb_session_end(s, true, &pgt_forever, DIAG), "08S01");
    all_calls_say_lost(s);
}

static void test_killed_in_mid_stream(void)
{
    for (int manual = 0; manual < 2; manual++) {
        struct aldb_session *s = manual ? pgt_open_manual(ALDB_ROLLBACK_STATEMENT) : pgt_open();
        struct aldb_exec e, spooled;
        int64_t rows, wrong = 0;
        int pid = pgt_pid(s);
        OK(pgt_start(&spooled, s, "select g, repeat('k', 100) from generate_series(1, 50000) g"));
        OK(pgt_start(&e, s, "select g, repeat('k', 100) from generate_series(1, 100000000) g"));
        for (int i = 1; i <= 10; i++) {
            OK(pgt_next(&e));
            wrong += pgt_number(&e, 0) != i;
        }
        SAME(wrong, 0);
        kill_backend(pid);
        FAILS(pgt_drain(&e, &rows), "08S01"); /* never NO_DATA: that would look like the end */
        IS_RC(pgt_next(&e), ALDB_ERR);
        OK(pgt_close(&e));
        TRUE(aldb_session_dead(s));
        OK(pgt_close(&spooled));
        all_calls_say_lost(s);
    }
}

static void test_killed_while_closing_a_stream(void)
{
    struct aldb_session *s = pgt_open();
    struct aldb_exec e;
    int pid = pgt_pid(s);
    OBSERVE("create table closing (id int)");
    OK(pgt_start(&e, s, "insert into closing select g from generate_series(1, 300000) g returning id, repeat('k', 100)"));
    kill_backend(pid);
    FAILS(pgt_close(&e), "08S01"); /* it was writing: its outcome is not known */
    TRUE(atomic_load(&e.session) == NULL);
    all_calls_say_lost(s);
}

struct killer {
    pthread_t thread;
    int pid;
};

/* Ends the backend when it sleeps. */
static void *kill_sleeper(void *arg)
{
    struct killer *k = arg;
    PGconn *c = pgt_connect();
    char sql[160];
    snprintf(sql, sizeof sql, "select count(pg_terminate_backend(pid)) from pg_stat_activity where pid = %d and wait_event = 'PgSleep'", k->pid);
    for (bool done = false; c && !done;) {
        PGresult *r = PQexec(c, sql);
        done = PQresultStatus(r) != PGRES_TUPLES_OK || strcmp(PQgetvalue(r, 0, 0), "0") != 0;
        PQclear(r);
        pgt_sleep_ms(5);
    }
    PQfinish(c);
    return NULL;
}

static void test_killed_while_executing(void)
{
    static const char *const sleeps[] = {"select pg_sleep(60)", "do $$ begin perform pg_sleep(60); end $$"};
    for (size_t i = 0; i < ALDB_COUNT(sleeps); i++) {
        struct aldb_session *s = pgt_open();
        struct killer k = {.pid = pgt_pid(s)};
        TRUE(pthread_create(&k.thread, NULL, kill_sleeper, &k) == 0);
        FAILS(pgt_do(s, sleeps[i]), "08S01");
        pthread_join(k.thread, NULL);
        all_calls_say_lost(s);
    }
}

static void test_killed_while_committing(void)
{
    struct aldb_session *s = pgt_open_manual(ALDB_ROLLBACK_STATEMENT);
    struct killer k = {.pid = pgt_pid(s)};
    OBSERVE("create table committing (id int)");
    OBSERVE("create function committing() returns trigger language plpgsql as 'begin perform pg_sleep(60); return null; end'");
    OBSERVE("create constraint trigger committing after insert on committing deferrable initially deferred for each row "
            "execute function committing()");
    OK(pgt_do(s, "insert into committing values (1)"));
    TRUE(pthread_create(&k.thread, NULL, kill_sleeper, &k) == 0);
    FAILS(aldb_session_end(s, true, &pgt_forever, DIAG), "08007");
    pthread_join(k.thread, NULL);
    TRUE(aldb_session_dead(s));
    all_calls_say_lost(s);
}

/* ------------------------------------------------------------------ fork */

/* In the child: 0 when everything was refused without touching the parent's socket. */
static int in_child(struct aldb_session *s, struct aldb_exec *open)
{
    struct aldb_diag d;
    struct aldb_exec e;
    struct aldb_exec_request req = pgt_request("insert into forked values (666)");
    aldb_diag_init(&d);
    aldb_exec_init(&e);
    if (aldb_exec_run(&e, s, &req, &pgt_forever, &d) != ALDB_ERR || strcmp(pgt_state(&d), "08S01") != 0) {
        return 1;
    }
    if (!aldb_session_dead(s)) {
        return 2;
    }
    aldb_diag_reset(&d);
    /* Rows that are in memory already may be read; then it is over, and never looks like the end of the result. */
    enum aldb_rc rc;
    while (aldb_done(rc = aldb_exec_next(open, &pgt_forever, &d))) {
    }
    if (rc != ALDB_ERR || strcmp(pgt_state(&d), "08S01") != 0) {
        return 3;
    }
    if (aldb_exec_cancel(open)) {
        return 4;
    }
    aldb_diag_reset(&d);
    if (aldb_session_end(s, true, &pgt_forever, &d) != ALDB_ERR) {
        return 5;
    }
    aldb_diag_clear(&d);
    aldb_exec_abandon(&e);
    aldb_exec_abandon(open);
    aldb_session_close(s);
    return 0;
}

static void test_fork(void)
{
    struct aldb_session *s = pgt_open_manual(ALDB_ROLLBACK_STATEMENT);
    struct aldb_exec open;
    OBSERVE("create table forked (id int)");
    OK(pgt_do(s, "insert into forked values (1)"));
    OK(pgt_start(&open, s, "select g, repeat('f', 100) from generate_series(1, 200000) g"));
    OK(pgt_next(&open));
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        alarm(120);
        _exit(in_child(s, &open));
    }
    int status = -1;
    TRUE(waitpid(child, &status, 0) == child);
    TRUE(WIFEXITED(status));
    SAME(WEXITSTATUS(status), 0);
    int64_t rows;
    IS_RC(pgt_drain(&open, &rows), ALDB_NO_DATA);
    SAME(rows, 199999);
    OK(pgt_close(&open));
    OK(pgt_do(s, "insert into forked values (2)"));
    OK(aldb_session_end(s, true, &pgt_forever, DIAG));
    SEES("forked", "1,2");
    USABLE(s);
    aldb_session_close(s);
}

/* ------------------------------------------------------------------ no memory */

/* Everything once; the number of the step that failed, or 0. */
static int one_of_each(struct aldb_session *s, struct aldb_diag *d)
{
    struct aldb_exec a, b;
    struct aldb_plan *p = NULL;
    struct pgt_values v;
    struct aldb_plan_request want = {.sql = aldb_slice_of("select $1::int + 1, 'text'"), .nparams = 1};
    struct aldb_exec_request many = pgt_request("select g, repeat('o', 200) from generate_series(1, 3000) g");
    int step = 1;
    enum aldb_rc rc;
    aldb_exec_init(&a);
    aldb_exec_init(&b);
    ALDB_TRY(aldb_exec_run(&a, s, &many, &pgt_forever, d));
    step = 2;
    ALDB_TRY(aldb_exec_next(&a, &pgt_forever, d));
    step = 3;
    ALDB_TRY(aldb_plan_get(s, &want, &pgt_forever, &p, d)); /* spools a */
    step = 4;
    struct aldb_exec_request req = pgt_plan_request(p, pgt_bind(&v, 1, "5"));
    ALDB_TRY(aldb_exec_run(&b, s, &req, &pgt_forever, d));
    step = 5;
    ALDB_TRY(aldb_exec_next(&b, &pgt_forever, d));
    step = 6;
    do {
        ALDB_TRY(aldb_exec_next(&a, &pgt_forever, d));
    } while (rc != ALDB_NO_DATA);
    step = 7;
    ALDB_TRY(aldb_exec_close(&a, &pgt_forever, d));
    step = 8;
    ALDB_TRY(aldb_exec_close(&b, &pgt_forever, d));
    step = 0;
out:
    if (step != 0) {
        aldb_exec_abandon(&a);
        aldb_exec_abandon(&b);
    }
    aldb_plan_release(p);
    return step;
}

static void test_no_memory_while_executing(void)
{
    struct aldb_session_options o = pgt_options();
    o.buffer_memory = 64 << 10;
    for (int manual = 0; manual < 2; manual++) {
        struct aldb_session *s = NULL;
        bool finished = false;
        int reopened = 0, other = 0;
        for (int64_t n = 0; n < 5000 && !finished; n += n < 200 ? 1 : 37) {
            if (s == NULL || aldb_session_dead(s)) {
                reopened += s != NULL;
                aldb_session_close(s);
                s = pgt_open_with(&o);
                OK(aldb_session_set_autocommit(s, !manual, &pgt_forever, DIAG));
            }
            struct aldb_diag d;
            aldb_diag_init(&d);
            aldb_alloc_fail_after(n);
            int step = one_of_each(s, &d);
            aldb_alloc_fail_after(-1);
            if (step == 0) {
                finished = true;
            } else if (strcmp(pgt_state(&d), "HY001") != 0 && strcmp(pgt_state(&d), "08S01") != 0) {
                printf("\n  allocation %" PRId64 ", step %d: %s %s", n, step, pgt_state(&d), pgt_message(&d));
                other++;
            }
            aldb_diag_clear(&d);
            if (!aldb_session_dead(s)) {
                if (!USABLE(s)) {
                    printf("  after allocation %" PRId64 ", step %d\n", n, step);
                    break;
                }
                OK(aldb_session_end(s, false, &pgt_forever, DIAG));
            }
        }
        TRUE(finished);
        SAME(other, 0);
        printf("[reopened %d] ", reopened);
        aldb_session_close(s);
    }
}

static void test_no_memory_while_opening(void)
{
    bool opened = false;
    for (int64_t n = 0; n < 500 && !opened; n++) {
        struct aldb_session_options o = pgt_options();
        struct aldb_session *s = NULL;
        struct aldb_diag d;
        aldb_diag_init(&d);
        aldb_alloc_fail_after(n);
        enum aldb_rc rc = aldb_session_open(pgt.keywords, pgt.values, &o, aldb_deadline_in_ms(30000), &s, &d);
        aldb_alloc_fail_after(-1);
        if (aldb_done(rc)) {
            opened = true;
            USABLE(s);
            aldb_session_close(s);
        } else {
            TRUE(rc == ALDB_ERR && s == NULL);
            SAME_TEXT(pgt_state(&d), "HY001");
        }
        aldb_diag_clear(&d);
    }
    TRUE(opened);
}

int main(void)
{
    CU_TestInfo connecting[] = {
        {"no server behind the port", test_no_server_behind_the_port},
        {"a server without integer datetimes", test_old_server_is_refused},
        {"lost after the login", test_server_lost_after_login},
        {"silent after the login", test_server_falls_silent},
        {"a pooler is found", test_pooler_is_found},
        {"refused", test_refused},
        CU_TEST_INFO_NULL,
    };
    CU_TestInfo killed[] = {
        {"idle", test_killed_idle},
        {"in mid-stream", test_killed_in_mid_stream},
        {"while closing a stream", test_killed_while_closing_a_stream},
        {"while executing", test_killed_while_executing},
        {"while committing", test_killed_while_committing},
        CU_TEST_INFO_NULL,
    };
    CU_TestInfo process[] = {
        {"fork", test_fork},
        {"no memory while executing", test_no_memory_while_executing},
        {"no memory while opening", test_no_memory_while_opening},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {
        {"connecting", NULL, NULL, NULL, NULL, connecting},
        {"backend ended", NULL, NULL, NULL, NULL, killed},
        {"process", NULL, NULL, NULL, NULL, process},
        CU_SUITE_INFO_NULL,
    };
    return pgt_main("bad", suites);
}
