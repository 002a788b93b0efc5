/* SPDX-License-Identifier: Apache-2.0 */
/* Connections to an AlloyDB instance: many at once from many threads, what a second one costs, and what is left when they are gone. */
#include "emulator.h"

#include <dirent.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { THREADS = 16, MOST = 200 };

static size_t connections; /* how many are opened */

static size_t entries_of(const char *path)
{
    size_t n = 0;
    DIR *folder = opendir(path);
    for (struct dirent *entry; folder != NULL && (entry = readdir(folder)) != NULL;) {
        n += entry->d_name[0] != '.';
    }
    if (folder != NULL) {
        closedir(folder);
    }
    return n;
}

static size_t descriptors(void)
{
    return entries_of("/proc/self/fd");
}

/* A thread that was joined may be seen for a moment longer. */
static size_t threads(size_t wanted)
{
    double until = seconds_now() + 10;
    size_t n = entries_of("/proc/self/task");
    while (n > wanted && seconds_now() < until) {
        pause_s(0.02);
        n = entries_of("/proc/self/task");
    }
    return n;
}

struct crowd {
    const char *connstr;
    SQLHENV env;
    SQLHDBC dbc[MOST];
    _Atomic size_t next, bad;
    pthread_barrier_t all_open;
};

/* Opens connections until there are enough, waits until those of all threads are open, and runs a query on each of its own. */
static void *member(void *arg)
{
    struct crowd *c = arg;
    size_t own[MOST];
    size_t owned = 0;
    for (size_t i = 0; (i = atomic_fetch_add(&c->next, 1)) < connections;) {
        if (SQLAllocHandle(SQL_HANDLE_DBC, c->env, &c->dbc[i]) == SQL_SUCCESS && SQL_SUCCEEDED(try_connect(c->dbc[i], c->connstr))) {
            own[owned++] = i;
        } else if (atomic_fetch_add(&c->bad, 1) == 0) {
            printf("\n    %s: %s", diag_state(c->dbc[i], 1), diag_message(c->dbc[i], 1));
        }
    }
    pthread_barrier_wait(&c->all_open);
    pthread_barrier_wait(&c->all_open); /* between the two the main thread looks */
    for (size_t k = 0; k < owned; k++) {
        SQLHSTMT stmt = SQL_NULL_HSTMT;
        SQLINTEGER value = 0;
        bool good = SQLAllocHandle(SQL_HANDLE_STMT, c->dbc[own[k]], &stmt) == SQL_SUCCESS &&
                    SQLExecDirect(stmt, T("select sum(g) from generate_series(1, 100) g"), SQL_NTS) == SQL_SUCCESS && SQLFetch(stmt) == SQL_SUCCESS &&
                    SQLGetData(stmt, 1, SQL_C_LONG, &value, 0, NULL) == SQL_SUCCESS && value == 5050;
        good = SQLFreeHandle(SQL_HANDLE_STMT, stmt) == SQL_SUCCESS && good;
        atomic_fetch_add(&c->bad, !good);
    }
    return NULL;
}

static void crowd(const char *connstr)
{
    static struct crowd c;
    pthread_t thread[THREADS];
    struct link l = link_new(SQL_OV_ODBC3_80);
    emulator_reset();
    size_t fds = descriptors();
    size_t tasks = entries_of("/proc/self/task");
    CHECK_INT(emulator_sessions(), 0);
    c = (struct crowd){.connstr = connstr, .env = l.env};
    pthread_barrier_init(&c.all_open, NULL, THREADS + 1);
    for (size_t i = 0; i < THREADS; i++) {
        CHECK(pthread_create(&thread[i], NULL, member, &c) == 0);
    }
    pthread_barrier_wait(&c.all_open);
    CHECK_INT(emulator_sessions(), connections);
    CHECK(descriptors() >= fds + 2 * connections); /* libpq's side and the instance's of each */
    CHECK(entries_of("/proc/self/task") <= tasks + THREADS + 1); /* no thread a connection, and one for all with RefreshStrategy=BACKGROUND */
    pthread_barrier_wait(&c.all_open);
    for (size_t i = 0; i < THREADS; i++) {
        pthread_join(thread[i], NULL);
    }
    CHECK_INT(c.bad, 0);
    /* One pair of calls of the API, one token for it and one for the logins of all. */
    CHECK_INT(emulator_count("admin"), 2);
    CHECK(emulator_saw("admin", "\"method\": \"connectionInfo\""));
    CHECK(emulator_saw("admin", "\"method\": \"generateClientCertificate\""));
    CHECK_INT(emulator_count("token"), 2);
    CHECK_INT(emulator_count("exchange"), connections);
    for (size_t i = 0; i < connections; i++) {
        SQLDisconnect(c.dbc[i]);
        SQLFreeHandle(SQL_HANDLE_DBC, c.dbc[i]);
    }
    CHECK_INT(threads(tasks), tasks);
    CHECK_INT(descriptors(), fds);
    CHECK_INT(emulator_wait("front", connections, 30), connections);
    pthread_barrier_destroy(&c.all_open);
    link_close(&l);
}

/* What a process opens once and keeps is open before anything is counted. */
static void first(void)
{
    struct link l = link_new(SQL_OV_ODBC3_80);
    emulator_reset();
    CHECK_OK(l.dbc, try_connect(l.dbc, emulator_connstr("first", "RefreshStrategy=BACKGROUND")));
    link_close(&l);
    CHECK_INT(emulator_wait("front", 1, 30), 1);
}

static void crowd_lazy(void)
{
    crowd(emulator_connstr("lazy", ""));
}

static void crowd_background(void)
{
    crowd(emulator_connstr("background", "RefreshStrategy=BACKGROUND"));
}

/* With a warm cache, and nobody connected: no call of the API, no token; one TCP connection, one TLS handshake, one exchange, PostgreSQL's start-up. */
static void warm(const char *connstr)
{
    struct link l = link_new(SQL_OV_ODBC3_80);
    emulator_reset();
    CHECK_OK(l.dbc, try_connect(l.dbc, connstr));
    CHECK_OK(l.dbc, SQLDisconnect(l.dbc));
    CHECK_INT(emulator_wait("front", 1, 30), 1);
    CHECK_INT(emulator_count("admin"), 2);
    CHECK_INT(emulator_count("token"), 2);
    emulator_reset();
    for (size_t n = 1; n <= 3; n++) {
        CHECK_OK(l.dbc, try_connect(l.dbc, connstr));
        CHECK_OK(l.dbc, SQLDisconnect(l.dbc));
        CHECK_INT(emulator_wait("front", n, 30), n);
        CHECK_INT(emulator_count("exchange"), n);
        CHECK_INT(emulator_count(""), 2 * n); /* and nothing else at all */
    }
    CHECK(emulator_saw("front", "\"tls\": \"TLSv1.3\""));
    CHECK(emulator_saw("front", "\"first\": \"startup\""));
    link_close(&l);
}

static void warm_with_password(void)
{
    warm(emulator_connstr("warm", ""));
}

static void warm_with_iam(void)
{
    warm(emulator_connstr("warm-iam", "EnableIamAuth=1"));
}

int main(void)
{
    static const struct test tests[] = {
        {"what is opened once", first},
        {"200 from 16 threads", crowd_lazy},
        {"200 from 16 threads, RefreshStrategy=BACKGROUND", crowd_background},
        {"with what is known, by password", warm_with_password},
        {"with what is known, by IAM", warm_with_iam},
    };
    (void)emulator_fact("URL");
    connections = under_valgrind() ? 20 : MOST;
    return run_tests("connections to an instance", tests, COUNT(tests));
}
