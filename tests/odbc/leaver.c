/* SPDX-License-Identifier: Apache-2.0 */
/*
 * leaver LIBRARY WAY MICROSECONDS CONNECTION-STRING…: a program that connects to AlloyDB instances and leaves at a moment of its own, whatever the driver's
 * threads are doing then. tests/clients/test_leaving.py runs it many times. LIBRARY is the driver manager or the driver itself; nothing of either is linked.
 *
 * Where threads are at work (first four ways) each connection string has one, which connects, asks, disconnects and begins again. Else the main thread has
 * connected them all, and only the driver's own thread is at work. Ends with LEFT, or with what tells where it went wrong.
 */
#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <sql.h>
#include <sqlext.h>

enum { LEFT = 7, NOT_CONNECTED = 20, NOT_DEAD, NO_ROW, CHILD, NO_FORK, NO_LIBRARY, NO_THREAD, MANY = 8 };

#define T(text) ((SQLCHAR *)(uintptr_t)(const char *)(text))

/* The leak checker has nothing to say about a process that ends in the middle of things. */
int __lsan_is_turned_off(void);
__attribute__((visibility("default"))) int __lsan_is_turned_off(void)
{
    return 1;
}

static struct {
    void *handle;
    __typeof__(&SQLAllocHandle) alloc;
    __typeof__(&SQLFreeHandle) free;
    __typeof__(&SQLSetEnvAttr) set_env;
    __typeof__(&SQLDriverConnect) connect;
    __typeof__(&SQLDisconnect) disconnect;
    __typeof__(&SQLExecDirect) exec;
    __typeof__(&SQLFetch) fetch;
    __typeof__(&SQLGetData) get;
    __typeof__(&SQLGetDiagRec) diag;
} odbc;

static SQLHENV env;
static SQLHDBC dbc[MANY];
static char **connstr;
static size_t count;
static long moment;
static _Atomic bool stop;
static _Atomic int failed;

static void pause_us(long us)
{
    struct timespec t = {us / 1000000, us % 1000000 * 1000};
    nanosleep(&t, NULL);
}

static void *entry(const char *name)
{
    void *address = dlsym(odbc.handle, name);
    if (address == NULL) {
        fprintf(stderr, "no %s\n", name);
        _exit(NO_LIBRARY);
    }
    return address;
}

static void load(const char *path)
{
    odbc.handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (odbc.handle == NULL) {
        fprintf(stderr, "%s\n", dlerror());
        _exit(NO_LIBRARY);
    }
    *(void **)&odbc.alloc = entry("SQLAllocHandle");
    *(void **)&odbc.free = entry("SQLFreeHandle");
    *(void **)&odbc.set_env = entry("SQLSetEnvAttr");
    *(void **)&odbc.connect = entry("SQLDriverConnect");
    *(void **)&odbc.disconnect = entry("SQLDisconnect");
    *(void **)&odbc.exec = entry("SQLExecDirect");
    *(void **)&odbc.fetch = entry("SQLFetch");
    *(void **)&odbc.get = entry("SQLGetData");
    *(void **)&odbc.diag = entry("SQLGetDiagRec");
}

static SQLHENV new_env(void)
{
    SQLHENV e = SQL_NULL_HENV;
    if (odbc.alloc(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &e) != SQL_SUCCESS ||
        odbc.set_env(e, SQL_ATTR_ODBC_VERSION, (SQLPOINTER)(uintptr_t)SQL_OV_ODBC3_80, 0) != SQL_SUCCESS) {
        _exit(NOT_CONNECTED);
    }
    return e;
}

static bool connect_it(SQLHENV e, SQLHDBC *c, const char *to)
{
    SQLCHAR state[6] = "";
    SQLCHAR text[1000] = "";
    if (odbc.alloc(SQL_HANDLE_DBC, e, c) != SQL_SUCCESS) {
        return false;
    }
    if (SQL_SUCCEEDED(odbc.connect(*c, NULL, T(to), SQL_NTS, NULL, 0, NULL, SQL_DRIVER_NOPROMPT))) {
        return true;
    }
    (void)odbc.diag(SQL_HANDLE_DBC, *c, 1, state, NULL, text, sizeof text, NULL);
    fprintf(stderr, "%s %s\n", (const char *)state, (const char *)text);
    return false;
}

static void disconnect_it(SQLHDBC *c)
{
    (void)odbc.disconnect(*c);
    (void)odbc.free(SQL_HANDLE_DBC, *c);
    *c = SQL_NULL_HDBC;
}

/* Asks for 42. 0: got it; else NO_ROW, or NOT_DEAD where an error with 08S01 was wanted and did not come. */
static int ask(SQLHDBC c, bool dead)
{
    SQLHSTMT stmt = SQL_NULL_HSTMT;
    SQLINTEGER value = 0;
    SQLCHAR state[6] = "";
    if (odbc.alloc(SQL_HANDLE_STMT, c, &stmt) != SQL_SUCCESS) {
        return NO_ROW;
    }
    SQLRETURN rc = odbc.exec(stmt, T("select 42"), SQL_NTS);
    bool good = rc == SQL_SUCCESS && odbc.fetch(stmt) == SQL_SUCCESS && odbc.get(stmt, 1, SQL_C_LONG, &value, 0, NULL) == SQL_SUCCESS && value == 42;
    if (rc == SQL_ERROR) {
        (void)odbc.diag(SQL_HANDLE_STMT, stmt, 1, state, NULL, NULL, 0, NULL);
    }
    (void)odbc.free(SQL_HANDLE_STMT, stmt);
    return dead ? strcmp((const char *)state, "08S01") == 0 ? 0 : NOT_DEAD : good ? 0 : NO_ROW;
}

static void *at_work(void *arg)
{
    const char *to = arg;
    while (!atomic_load(&stop)) {
        SQLHDBC c = SQL_NULL_HDBC;
        if (!connect_it(env, &c, to)) {
            atomic_store(&failed, NOT_CONNECTED);
            break;
        }
        int bad = ask(c, false);
        if (bad != 0) {
            atomic_store(&failed, bad);
        }
        disconnect_it(&c);
    }
    return NULL;
}

static pthread_t workers[MANY];

static void start_work(void)
{
    for (size_t i = 0; i < count; i++) {
        if (pthread_create(&workers[i], NULL, at_work, connstr[i]) != 0) {
            _exit(NO_THREAD);
        }
    }
}

static void open_all(void)
{
    for (size_t i = 0; i < count; i++) {
        if (!connect_it(env, &dbc[i], connstr[i])) {
            _exit(NOT_CONNECTED);
        }
    }
}

static void close_all(void)
{
    for (size_t i = 0; i < count; i++) {
        disconnect_it(&dbc[i]);
    }
    (void)odbc.free(SQL_HANDLE_ENV, env);
}

static int left(void)
{
    int bad = atomic_load(&failed);
    return bad != 0 ? bad : LEFT;
}

/* ---- the ways -------------------------------------------------------------------------------------------------------- */

static int by_return(void)
{
    start_work();
    pause_us(moment);
    return left();
}

static void *exits(void *arg)
{
    (void)arg;
    pause_us(moment);
    exit(left());
}

static int by_exit_of_a_thread(void)
{
    pthread_t thread;
    start_work();
    if (pthread_create(&thread, NULL, exits, NULL) != 0) {
        return NO_THREAD;
    }
    for (;;) {
        (void)at_work(connstr[0]);
    }
}

static int by_underscore_exit(void)
{
    start_work();
    pause_us(moment);
    _exit(left());
}

static int by_quick_exit(void)
{
    start_work();
    pause_us(moment);
    quick_exit(left());
}

static int tidily(void)
{
    start_work();
    pause_us(moment);
    atomic_store(&stop, true);
    for (size_t i = 0; i < count; i++) {
        (void)pthread_join(workers[i], NULL);
    }
    (void)odbc.free(SQL_HANDLE_ENV, env);
    return left();
}

/* A child gives up what it inherited, makes a connection of its own, and exits; the parent goes on. */
static int child(void)
{
    int bad = ask(dbc[0], true);
    SQLHDBC own = SQL_NULL_HDBC;
    disconnect_it(&dbc[0]);
    if (bad == 0 && !connect_it(new_env(), &own, connstr[0])) {
        bad = NOT_CONNECTED;
    }
    if (bad == 0) {
        bad = ask(own, false);
    }
    return bad != 0 ? bad : LEFT;
}

static int by_fork(void)
{
    open_all();
    pause_us(moment);
    pid_t pid = fork();
    if (pid == 0) {
        int status = child();
        if (moment % 2) {
            exit(status);
        }
        _exit(status);
    }
    int status = -1;
    int bad = pid < 0 ? NO_FORK : ask(dbc[0], false);
    if (pid > 0 && (waitpid(pid, &status, 0) != pid || !WIFEXITED(status) || WEXITSTATUS(status) != LEFT)) {
        fprintf(stderr, "the child's status is %x\n", (unsigned)status);
        bad = CHILD;
    }
    return bad != 0 ? bad : LEFT;
}

/* With everything open, and a while before the end. */
static int by_dlclose(void)
{
    open_all();
    pause_us(moment);
    dlclose(odbc.handle);
    pause_us(moment % 50000);
    return LEFT;
}

static int by_dlclose_tidily(void)
{
    open_all();
    pause_us(moment);
    close_all();
    dlclose(odbc.handle);
    pause_us(moment % 50000);
    return LEFT;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*leave)(void);
    } ways[] = {
        {"return", by_return},
        {"exit", by_exit_of_a_thread},
        {"_exit", by_underscore_exit},
        {"quick_exit", by_quick_exit},
        {"tidy", tidily},
        {"fork", by_fork},
        {"dlclose", by_dlclose},
        {"dlclose-tidy", by_dlclose_tidily},
    };
    if (argc < 5 || argc > 4 + MANY) {
        fprintf(stderr, "usage: leaver LIBRARY WAY MICROSECONDS CONNECTION-STRING...\n");
        return 2;
    }
    moment = strtol(argv[3], NULL, 10);
    connstr = argv + 4;
    count = (size_t)argc - 4;
    load(argv[1]);
    env = new_env();
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        if (strcmp(argv[2], ways[i].name) == 0) {
            return ways[i].leave();
        }
    }
    fprintf(stderr, "no such way\n");
    return 2;
}
