/* SPDX-License-Identifier: Apache-2.0 */
/* Processes: a child after fork(), exits with everything open, and a library that is closed while it works. */
#include "harness.h"

#include <stdatomic.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* The leak checker has nothing to say about processes that end in the middle of things. */
static int leaks_wanted = 1;
int __lsan_is_turned_off(void);
__attribute__((visibility("default"))) int __lsan_is_turned_off(void)
{
    return !leaks_wanted;
}

/* Processes are dear where each of them starts a sanitizer or valgrind. */
static int rounds(int n)
{
    if (under_valgrind()) {
        return n / 20;
    }
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return n / 4;
#else
    return n;
#endif
}

/* Runs `child` in a process of its own; its exit status, or 1000 + the signal that ended it. */
static int in_child(int (*child)(void *arg), void *arg)
{
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        leaks_wanted = 0;
        _exit(child(arg));
    }
    int status = 0;
    if (pid < 0 || waitpid(pid, &status, 0) != pid) {
        return -1;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

/* ---- after fork() ---------------------------------------------------------------------------------------------------- */

/* The number of the first thing that was not as it should be, 0 = all was. */
static int use_inherited(void *arg)
{
    struct link *l = arg;
    SQLUINTEGER dead = 99;
    if (SQLFetch(l->stmt) == SQL_SUCCESS) {
        /* A row that had arrived before may still be read; the rows end with an error, never as if all were there. */
        SQLRETURN rc = SQL_SUCCESS;
        while ((rc = SQLFetch(l->stmt)) == SQL_SUCCESS) {
        }
        if (rc != SQL_ERROR) {
            return 1;
        }
    }
    if (strcmp(diag_state(l->stmt, 1), "08S01") != 0) {
        return 2;
    }
    if (SQLFreeStmt(l->stmt, SQL_CLOSE) != SQL_SUCCESS) {
        return 3;
    }
    if (SQLExecDirect(l->stmt, T("select 1"), SQL_NTS) != SQL_ERROR || strcmp(diag_state(l->stmt, 1), "08S01") != 0) {
        return 4;
    }
    if (strstr(diag_message(l->stmt, 1), "fork") == NULL) {
        return 5;
    }
    if (SQLEndTran(SQL_HANDLE_DBC, l->dbc, SQL_COMMIT) != SQL_ERROR || strcmp(diag_state(l->dbc, 1), "08S01") != 0) {
        return 6;
    }
    if (SQLGetConnectAttr(l->dbc, SQL_ATTR_CONNECTION_DEAD, &dead, 0, NULL) != SQL_SUCCESS || dead != SQL_CD_TRUE) {
        return 7;
    }
    if (SQLCancel(l->stmt) != SQL_SUCCESS) {
        return 8;
    }
    /* Everything can be freed, and a connection of its own works. */
    if (!SQL_SUCCEEDED(SQLDisconnect(l->dbc)) || SQLFreeHandle(SQL_HANDLE_DBC, l->dbc) != SQL_SUCCESS) {
        return 9;
    }
    SQLHDBC dbc = SQL_NULL_HDBC;
    SQLHSTMT stmt = SQL_NULL_HSTMT;
    SQLINTEGER value = 0;
    if (SQLAllocHandle(SQL_HANDLE_DBC, l->env, &dbc) != SQL_SUCCESS || try_connect(dbc, connstr(";")) != SQL_SUCCESS ||
        SQLAllocHandle(SQL_HANDLE_STMT, dbc, &stmt) != SQL_SUCCESS || SQLExecDirect(stmt, T("select 42"), SQL_NTS) != SQL_SUCCESS ||
        SQLFetch(stmt) != SQL_SUCCESS || SQLGetData(stmt, 1, SQL_C_LONG, &value, 0, NULL) != SQL_SUCCESS || value != 42) {
        return 10;
    }
    return SQLFreeHandle(SQL_HANDLE_STMT, stmt) == SQL_SUCCESS && SQLDisconnect(dbc) == SQL_SUCCESS ? 0 : 11;
}

static void after_fork(void)
{
    struct link l = link_open("");
    SQLHSTMT other = new_stmt(l.dbc);
    SQLINTEGER value = 0;
    int64_t wrong = 0;
    CHECK_OK(l.dbc, SQLSetConnectAttr(l.dbc, SQL_ATTR_AUTOCOMMIT, (SQLPOINTER)SQL_AUTOCOMMIT_OFF, 0));
    run(other, "create temp table kept (a int)");
    run(other, "insert into kept values (1)");
    query(l.stmt, "select generate_series(1, 3000000)");
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_LONG, &value, 0, NULL));
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_INT(in_child(use_inherited, &l), 0);
    /* The parent has noticed nothing: neither the open result nor the transaction. */
    for (SQLINTEGER n = 2; n <= 3000000; n++) {
        wrong += SQLFetch(l.stmt) != SQL_SUCCESS || value != n;
    }
    CHECK_INT(wrong, 0);
    CHECK_RC(l.stmt, SQLFetch(l.stmt), SQL_NO_DATA);
    CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_COMMIT));
    CHECK_INT(query_int(other, "select count(*) from kept"), 1);
    CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_ROLLBACK));
    free_stmt(other);
    link_close(&l);
}

/* A child that ends as programs do, with exit handlers, takes nothing from the parent. */
static int exit_now(void *arg)
{
    (void)arg;
    exit(0);
}

static void exit_of_a_child(void)
{
    struct link l = link_open("SSLMode=require");
    CHECK_INT(query_int(l.stmt, "select 1"), 1);
    for (int i = 0; i < 5; i++) {
        CHECK_INT(in_child(exit_now, NULL), 0);
        CHECK_INT(query_int(l.stmt, "select 2"), 2);
    }
    link_close(&l);
}

/* ---- exit in the middle of things ------------------------------------------------------------------------------------ */

enum { EARLY = 96 }; /* exited before the first connection stood */

struct moment {
    long us;
    int kind;
};

static atomic_bool connected, refused;

static void *busy(void *arg)
{
    (void)arg;
    struct link l = link_new(SQL_OV_ODBC3_80);
    for (int i = 0;; i++) {
        /* Every other connection with TLS. Without GSSAPI: libkrb5 destroys its mutexes at exit, whoever is using them. */
        char string[256];
        snprintf(string, sizeof string, "PqOpt={gssencmode=disable};SSLMode=%s;DSN=%s", i % 2 ? "disable" : "require", fact("DSN"));
        if (!SQL_SUCCEEDED(try_connect(l.dbc, string))) {
            atomic_store(&refused, true);
            return NULL;
        }
        atomic_store(&connected, true);
        SQLHSTMT stmt = SQL_NULL_HSTMT;
        SQLAllocHandle(SQL_HANDLE_STMT, l.dbc, &stmt);
        SQLExecDirect(stmt, T("select g, repeat('x', 50) from generate_series(1, 2000) g"), SQL_NTS);
        while (SQLFetch(stmt) == SQL_SUCCESS) {
        }
        SQLFreeHandle(SQL_HANDLE_STMT, stmt);
        SQLDisconnect(l.dbc);
    }
}

static int exit_while_busy(void *arg)
{
    const struct moment *m = arg;
    pthread_t thread;
    struct link l = link_new(SQL_OV_ODBC3_80);
    if (pthread_create(&thread, NULL, busy, NULL) != 0) {
        return 99;
    }
    if (m->kind == 1) {
        /* Open statements in the thread that exits, too. */
        char string[256];
        SQLHSTMT stmt = SQL_NULL_HSTMT;
        snprintf(string, sizeof string, "DSN=%s", fact("DSN"));
        if (try_connect(l.dbc, string) != SQL_SUCCESS || SQLAllocHandle(SQL_HANDLE_STMT, l.dbc, &stmt) != SQL_SUCCESS ||
            exec_direct(stmt, "select generate_series(1, 1000000)") != SQL_SUCCESS || SQLFetch(stmt) != SQL_SUCCESS) {
            return 98;
        }
    }
    pause_s(1e-6 * (double)m->us);
    exit(atomic_load(&refused) ? 97 : atomic_load(&connected) ? 0 : EARLY);
}

static void exits(void)
{
    unsigned seed = 1;
    int bad = 0;
    int early = 0;
    for (int i = 0; i < rounds(100); i++) {
        struct moment m = {.us = rand_r(&seed) % (under_valgrind() ? 4000000 : 40000), .kind = i % 2};
        int ended = in_child(exit_while_busy, &m);
        early += ended == EARLY;
        bad += ended != 0 && ended != EARLY;
    }
    CHECK_INT(bad, 0);
    CHECK(early < rounds(100)); /* some were in the middle of fetching */
}

/* ---- dlclose --------------------------------------------------------------------------------------------------------- */

/* The driver's own entry points, as a driver manager finds them. */
struct library {
    void *handle;
    SQLRETURN (*alloc)(SQLSMALLINT, SQLHANDLE, SQLHANDLE *);
    SQLRETURN (*set_env)(SQLHENV, SQLINTEGER, SQLPOINTER, SQLINTEGER);
    SQLRETURN (*connect)(SQLHDBC, SQLHWND, SQLCHAR *, SQLSMALLINT, SQLCHAR *, SQLSMALLINT, SQLSMALLINT *, SQLUSMALLINT);
    SQLRETURN (*exec)(SQLHSTMT, SQLCHAR *, SQLINTEGER);
    SQLRETURN (*cancel)(SQLHSTMT);
};

static void *entry(void *library, const char *name)
{
    void *address = dlsym(library, name);
    if (address == NULL) {
        fprintf(stderr, "no %s\n", name);
        _exit(98);
    }
    return address;
}

static char driver_path[4096];

/* Where the driver of the tests' data source lies: loaded once by the driver manager, it is in the process's map. */
static bool find_driver(void)
{
    struct link l = link_open("");
    FILE *maps = fopen("/proc/self/maps", "r");
    char line[5000];
    while (maps != NULL && driver_path[0] == '\0' && fgets(line, sizeof line, maps) != NULL) {
        char *path = strchr(line, '/');
        if (path != NULL && strstr(path, "liballoydbodbc.so") != NULL) {
            path[strcspn(path, "\n")] = '\0';
            snprintf(driver_path, sizeof driver_path, "%.4095s", path);
        }
    }
    if (maps != NULL) {
        fclose(maps);
    }
    link_close(&l);
    return driver_path[0] != '\0';
}

static struct library d;

static void *cancel_soon(void *arg)
{
    pause_s(0.002);
    d.cancel(arg);
    return NULL;
}

static int close_library(void *arg)
{
    const struct moment *m = arg;
    SQLHENV env = SQL_NULL_HENV;
    SQLHDBC dbc = SQL_NULL_HDBC;
    SQLHSTMT stmt = SQL_NULL_HSTMT;
    pthread_t thread;
    d.handle = dlopen(driver_path, RTLD_NOW | RTLD_LOCAL);
    if (d.handle == NULL) {
        fprintf(stderr, "%s\n", dlerror());
        return 97;
    }
    *(void **)&d.alloc = entry(d.handle, "SQLAllocHandle");
    *(void **)&d.set_env = entry(d.handle, "SQLSetEnvAttr");
    *(void **)&d.connect = entry(d.handle, "SQLDriverConnect");
    *(void **)&d.exec = entry(d.handle, "SQLExecDirect");
    *(void **)&d.cancel = entry(d.handle, "SQLCancel");
    if (d.alloc(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &env) != SQL_SUCCESS ||
        d.set_env(env, SQL_ATTR_ODBC_VERSION, (SQLPOINTER)SQL_OV_ODBC3_80, 0) != SQL_SUCCESS ||
        d.alloc(SQL_HANDLE_DBC, env, &dbc) != SQL_SUCCESS ||
        !SQL_SUCCEEDED(d.connect(dbc, NULL, T("DSN=alloydb_test"), SQL_NTS, NULL, 0, NULL, SQL_DRIVER_NOPROMPT)) ||
        d.alloc(SQL_HANDLE_STMT, dbc, &stmt) != SQL_SUCCESS || d.exec(stmt, T("select generate_series(1, 1000000)"), SQL_NTS) != SQL_SUCCESS) {
        return 96;
    }
    /* A cancel under way has a thread of the application in it, or of the driver. */
    if (pthread_create(&thread, NULL, cancel_soon, stmt) != 0) {
        return 95;
    }
    if (m->kind == 1) {
        dlclose(d.handle);
        pause_s(1e-6 * (double)m->us);
    } else {
        pause_s(1e-6 * (double)m->us);
        dlclose(d.handle);
    }
    pthread_join(thread, NULL);
    exit(0);
}

static void library_closed(void)
{
    unsigned seed = 2;
    int bad = 0;
    CHECK(driver_path[0] != '\0');
    for (int i = 0; i < rounds(100); i++) {
        struct moment m = {.us = rand_r(&seed) % 6000, .kind = i % 2};
        int status = in_child(close_library, &m);
        if (status != 0 && bad++ == 0) {
            printf("(status %d) ", status);
        }
    }
    CHECK_INT(bad, 0);
}

/* In a process of its own, so that no child inherits a driver that is loaded and connected already. */
static int learn_path(void *arg)
{
    int fd = *(int *)arg;
    ssize_t n = find_driver() ? write(fd, driver_path, strlen(driver_path)) : 0;
    return n > 0 ? 0 : 1;
}

static void finding_the_library(void)
{
    int fds[2];
    CHECK(pipe(fds) == 0);
    CHECK_INT(in_child(learn_path, &fds[1]), 0);
    close(fds[1]);
    ssize_t n = read(fds[0], driver_path, sizeof driver_path - 1);
    close(fds[0]);
    CHECK(n > 0);
}

int main(void)
{
    static const struct test tests[] = {
        {"finding the library", finding_the_library},
        {"exit in the middle of things", exits},
        {"dlclose in the middle of things", library_closed},
        {"a child after fork()", after_fork},
        {"exit of a child", exit_of_a_child},
    };
    return run_tests("processes", tests, COUNT(tests));
}
