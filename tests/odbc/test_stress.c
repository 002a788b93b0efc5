/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Many threads at once, and a machine that runs out of things: descriptors of files, room on the disk, a directory for temporary files, quiet. What fails
 * says so; what was there before stays whole. ThreadSanitizer runs this too.
 */
#include "direct.h"
#include "harness.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

/* ---- threads through the driver manager ------------------------------------------------------------------------------ */

enum { THREADS = 4, ROUNDS = 40 };

struct worker {
    SQLHENV env;
    SQLHDBC dbc;
    SQLHSTMT stmt;
    int me;
    int done, ended, wrong; /* executions: right, cancelled or undone, neither */
    atomic_bool *stop;
    pthread_t thread;
};

static bool ended_by_others(SQLHSTMT stmt)
{
    SQLCHAR state[6] = "", text[256] = "";
    SQLINTEGER native = 0;
    SQLSMALLINT length = 0;
    if (SQLGetDiagRec(SQL_HANDLE_STMT, stmt, 1, state, &native, text, sizeof text, &length) == SQL_NO_DATA) {
        /* unixODBC's SQLCancel begins by dropping the records that it keeps for the statement: the other thread's next one was faster than we. */
        return true;
    }
    /* Cancelled, or the cursor closed by the driver manager's or the driver's rollback. */
    bool fine = strcmp((char *)state, "HY008") == 0 || strcmp((char *)state, "24000") == 0 || strcmp((char *)state, "HY010") == 0 ||
                strcmp((char *)state, "25S03") == 0;
    if (!fine) {
        printf("\n    [%s] %s", state, text);
    }
    return fine;
}

static void *execute_much(void *arg)
{
    struct worker *w = arg;
    char sql[128];
    SQLINTEGER n = 0;
    SQLLEN ind = 0;
    for (int i = 0; i < ROUNDS; i++) {
        int rows = i % 3 == 0 ? 3000 : 3, seen = 0;
        snprintf(sql, sizeof sql, "select %d + g, repeat('x', 200) from generate_series(1, %d) g", w->me * 100000, rows);
        SQLRETURN rc = exec_direct(w->stmt, sql);
        bool right = true;
        while (rc == SQL_SUCCESS && (rc = SQLFetch(w->stmt)) == SQL_SUCCESS) {
            rc = SQLGetData(w->stmt, 1, SQL_C_LONG, &n, sizeof n, &ind);
            right = right && (rc != SQL_SUCCESS || n == w->me * 100000 + ++seen);
        }
        if (rc == SQL_NO_DATA) {
            w->done += right && seen == rows;
            w->wrong += !right || seen != rows;
            if (!right || seen != rows) {
                printf("\n    %d rows of %d", seen, rows);
            }
        } else if (rc == SQL_ERROR && right && ended_by_others(w->stmt)) {
            w->ended++;
        } else {
            printf("\n    %d after %d rows of %d", rc, seen, rows);
            w->wrong++;
        }
        (void)SQLFreeStmt(w->stmt, SQL_CLOSE);
    }
    return NULL;
}

static void *cancel_much(void *arg)
{
    struct worker *w = arg;
    unsigned seed = 17;
    while (!atomic_load(w->stop)) {
        (void)SQLCancel(w[rand_r(&seed) % THREADS].stmt);
        pause_ms(1 + (long)(rand_r(&seed) % 4));
    }
    return NULL;
}

/* One connection, a statement a thread, and one thread that cancels whichever. */
static void cancelled_from_aside(void)
{
    struct link l = link_open("");
    struct worker workers[THREADS];
    atomic_bool stop = false;
    pthread_t canceller;
    int done = 0, ended = 0;
    for (int i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){.dbc = l.dbc, .stmt = new_stmt(l.dbc), .me = i + 1, .stop = &stop};
    }
    for (int i = 0; i < THREADS; i++) {
        if (pthread_create(&workers[i].thread, NULL, execute_much, &workers[i]) != 0) {
            abort();
        }
    }
    if (pthread_create(&canceller, NULL, cancel_much, workers) != 0) {
        abort();
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(workers[i].thread, NULL);
    }
    atomic_store(&stop, true);
    pthread_join(canceller, NULL);
    for (int i = 0; i < THREADS; i++) {
        CHECK_INT(workers[i].wrong, 0);
        CHECK_INT(workers[i].done + workers[i].ended, ROUNDS);
        done += workers[i].done;
        ended += workers[i].ended;
        free_stmt(workers[i].stmt);
    }
    printf("%d done, %d ended; ", done, ended);
    CHECK_INT(query_int(l.stmt, "select 42"), 42);
    link_close(&l);
}

static void *end_much(void *arg)
{
    struct worker *w = arg;
    for (int i = 0; !atomic_load(w->stop); i++) {
        SQLSMALLINT how = i % 2 ? SQL_COMMIT : SQL_ROLLBACK;
        SQLRETURN rc = i % 3 ? SQLEndTran(SQL_HANDLE_DBC, w->dbc, how) : SQLEndTran(SQL_HANDLE_ENV, w->env, how);
        w->wrong += rc != SQL_SUCCESS && rc != SQL_SUCCESS_WITH_INFO && rc != SQL_ERROR;
        pause_ms(3);
    }
    return NULL;
}

/* Transactions end under the statements that others execute: their cursors close, or go on; no answer is wrong. */
static void transactions_from_aside(void)
{
    struct link l = link_open("");
    struct worker workers[THREADS];
    atomic_bool stop = false;
    struct worker ender = {.env = l.env, .dbc = l.dbc, .stop = &stop};
    CHECK_OK(l.dbc, SQLSetConnectAttr(l.dbc, SQL_ATTR_AUTOCOMMIT, (SQLPOINTER)SQL_AUTOCOMMIT_OFF, 0));
    for (int i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){.dbc = l.dbc, .stmt = new_stmt(l.dbc), .me = i + 1, .stop = &stop};
    }
    for (int i = 0; i < THREADS; i++) {
        if (pthread_create(&workers[i].thread, NULL, execute_much, &workers[i]) != 0) {
            abort();
        }
    }
    if (pthread_create(&ender.thread, NULL, end_much, &ender) != 0) {
        abort();
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(workers[i].thread, NULL);
    }
    atomic_store(&stop, true);
    pthread_join(ender.thread, NULL);
    CHECK_INT(ender.wrong, 0);
    for (int i = 0; i < THREADS; i++) {
        CHECK_INT(workers[i].wrong, 0);
        free_stmt(workers[i].stmt);
    }
    (void)SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_ROLLBACK);
    CHECK_OK(l.dbc, SQLSetConnectAttr(l.dbc, SQL_ATTR_AUTOCOMMIT, (SQLPOINTER)SQL_AUTOCOMMIT_ON, 0));
    CHECK_INT(query_int(l.stmt, "select 42"), 42);
    link_close(&l);
}

enum { SHARED_ROWS = 20 };

static void *fetch_much(void *arg)
{
    struct worker *w = arg;
    for (int i = 0; i < ROUNDS; i++) {
        int rows = 0;
        SQLRETURN rc = exec_direct(w->stmt, "select g, 'x' || g from generate_series(1, 20) g");
        while (rc == SQL_SUCCESS && (rc = SQLFetch(w->stmt)) == SQL_SUCCESS) {
            rows++;
        }
        w->wrong += rc != SQL_NO_DATA || rows != SHARED_ROWS;
        (void)SQLFreeStmt(w->stmt, SQL_CLOSE);
    }
    return NULL;
}

/* One descriptor of the application's for the columns of several statements, which is changed while they fetch: each row finds it whole. */
static void one_descriptor(void)
{
    struct link l = link_open("");
    struct worker workers[THREADS];
    SQLHDESC desc = NULL;
    SQLINTEGER number = 0;
    char text[16];
    SQLLEN indicator[2];
    CHECK_OK(l.dbc, SQLAllocHandle(SQL_HANDLE_DESC, l.dbc, &desc));
    for (int i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){.stmt = new_stmt(l.dbc)};
        CHECK_OK(workers[i].stmt, SQLSetStmtAttr(workers[i].stmt, SQL_ATTR_APP_ROW_DESC, desc, 0));
    }
    for (int i = 0; i < THREADS; i++) {
        if (pthread_create(&workers[i].thread, NULL, fetch_much, &workers[i]) != 0) {
            abort();
        }
    }
    for (int i = 0; i < 300; i++) {
        SQLSMALLINT type = i % 2 ? SQL_C_LONG : SQL_C_CHAR;
        CHECK_OK(desc, SQLSetDescRec(desc, 2, SQL_C_CHAR, 0, sizeof text, 0, 0, text, &indicator[1], &indicator[1]));
        CHECK_OK(desc, SQLSetDescRec(desc, 1, type, 0, 4, 0, 0, &number, &indicator[0], &indicator[0]));
        CHECK_OK(desc, SQLSetDescField(desc, 0, SQL_DESC_COUNT, (SQLPOINTER)(intptr_t)(1 + i % 2), 0));
        pause_ms(1);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(workers[i].thread, NULL);
        CHECK_INT(workers[i].wrong, 0);
        free_stmt(workers[i].stmt);
    }
    CHECK_OK(desc, SQLFreeHandle(SQL_HANDLE_DESC, desc));
    link_close(&l);
}

/* ---- the driver alone: what no driver manager lets through ----------------------------------------------------------- */

struct racer {
    SQLHSTMT stmt;
    atomic_bool *stop;
    int wrong;
    pthread_t thread;
};

static void *race(void *arg)
{
    struct racer *r = arg;
    while (!atomic_load(r->stop)) {
        SQLRETURN rc = DIRECT(SQLExecDirect)(r->stmt, T("select g, repeat('x', 100) from generate_series(1, 500) g"), SQL_NTS);
        while (rc == SQL_SUCCESS) {
            rc = DIRECT(SQLFetch)(r->stmt);
        }
        r->wrong += rc != SQL_NO_DATA && rc != SQL_ERROR && rc != SQL_INVALID_HANDLE; /* freed with the connection */
        (void)DIRECT(SQLFreeStmt)(r->stmt, SQL_CLOSE);
    }
    return NULL;
}

static void *race_cancel(void *arg)
{
    struct racer *r = arg;
    while (!atomic_load(r->stop)) {
        (void)DIRECT(SQLCancel)(r->stmt);
        pause_ms(1);
    }
    return NULL;
}

/* SQLDisconnect while others execute and cancel: they end, with whatever state; the handles stay whole until they are freed. */
static void disconnected_under_way(void)
{
    for (int round = 0; round < 6; round++) {
        struct link l = direct_open(SQL_OV_ODBC3_80, true);
        struct racer racers[3] = {0};
        struct racer canceller;
        atomic_bool stop = false;
        racers[0].stmt = l.stmt;
        for (int i = 0; i < 3; i++) {
            if (i > 0) {
                CHECK_INT(DIRECT(SQLAllocHandle)(SQL_HANDLE_STMT, l.dbc, &racers[i].stmt), SQL_SUCCESS);
            }
            racers[i].stop = &stop;
            if (pthread_create(&racers[i].thread, NULL, race, &racers[i]) != 0) {
                abort();
            }
        }
        canceller = (struct racer){.stmt = racers[1].stmt, .stop = &stop};
        if (pthread_create(&canceller.thread, NULL, race_cancel, &canceller) != 0) {
            abort();
        }
        pause_ms(60);
        SQLRETURN rc = DIRECT(SQLDisconnect)(l.dbc);
        CHECK(rc == SQL_SUCCESS || rc == SQL_SUCCESS_WITH_INFO || rc == SQL_ERROR);
        pause_ms(20);
        atomic_store(&stop, true);
        for (int i = 0; i < 3; i++) {
            pthread_join(racers[i].thread, NULL);
            CHECK_INT(racers[i].wrong, 0);
        }
        pthread_join(canceller.thread, NULL);
        if (rc == SQL_ERROR) {
            (void)DIRECT(SQLDisconnect)(l.dbc);
        }
        for (int i = 1; i < 3; i++) {
            (void)DIRECT(SQLFreeHandle)(SQL_HANDLE_STMT, racers[i].stmt);
        }
        l.stmt = NULL;
        (void)DIRECT(SQLFreeHandle)(SQL_HANDLE_STMT, racers[0].stmt);
        direct_close(&l);
    }
}

/* ---- interrupted ----------------------------------------------------------------------------------------------------- */

static atomic_long interruptions;

static void interrupt(int signal)
{
    (void)signal;
    atomic_fetch_add(&interruptions, 1);
}

/* A signal every half millisecond, without SA_RESTART (less often where each costs more than that). */
static void signals(void)
{
    struct sigaction act = {.sa_handler = interrupt}, old;
    struct itimerval often = {{0, under_valgrind() ? 20000 : 500}, {0, 500}}, never = {{0, 0}, {0, 0}};
    sigaction(SIGALRM, &act, &old);
    setitimer(ITIMER_REAL, &often, NULL);
    for (int i = 0; i < 5; i++) {
        struct link l = link_open("MaxBufferMemory=1");
        SQLHSTMT other = new_stmt(l.dbc);
        SQLINTEGER n = 0;
        int64_t rows = 0;
        query(l.stmt, "select g, repeat('x', 500) from generate_series(1, 8000) g");
        CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_LONG, &n, 0, NULL));
        CHECK_OK(l.stmt, SQLFetch(l.stmt));
        CHECK_INT(query_int(other, "select 7 from pg_sleep(0.05)"), 7); /* the rows go to a file meanwhile */
        for (rows = 1; SQLFetch(l.stmt) == SQL_SUCCESS && n == rows + 1; rows++) {
        }
        CHECK_INT(rows, 8000);
        CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
        CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_QUERY_TIMEOUT, (SQLPOINTER)1, 0));
        if (i == 0) {
            CHECK_STATE(l.stmt, exec_direct(l.stmt, "select pg_sleep(20)"), "HYT00");
        }
        free_stmt(other);
        link_close(&l);
    }
    setitimer(ITIMER_REAL, &never, NULL);
    act.sa_handler = SIG_IGN; /* one may still be on its way */
    sigaction(SIGALRM, &act, NULL);
    sigaction(SIGALRM, &old, NULL);
    CHECK(atomic_load(&interruptions) > (under_valgrind() ? 10 : 100));
}

/* ---- nothing left ---------------------------------------------------------------------------------------------------- */

/*
 * A driver manager that cannot open its files may create them anew, empty (libodbcinst's iniOpen): for this test they are copies. They stay in use to the
 * end, since the driver manager keeps what it has read.
 */
static void copy_of_files(void)
{
    static char folder[] = "/tmp/aldb-stress-XXXXXX";
    static const char *const names[] = {"odbc.ini", "odbcinst.ini"};
    char path[512], text[16384];
    if (mkdtemp(folder) == NULL) {
        abort();
    }
    for (size_t i = 0; i < COUNT(names); i++) {
        snprintf(path, sizeof path, "%s/%s", i == 0 ? "" : getenv("ODBCSYSINI"), names[i]);
        FILE *from = fopen(i == 0 ? getenv("ODBCINI") : path, "r");
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        FILE *to = fopen(path, "w");
        if (from == NULL || to == NULL) {
            abort();
        }
        size_t n = fread(text, 1, sizeof text, from);
        if (n == 0 || n == sizeof text || fwrite(text, 1, n, to) != n) {
            abort();
        }
        fclose(from);
        fclose(to);
    }
    setenv("ODBCSYSINI", folder, 1);
    snprintf(path, sizeof path, "%s/odbc.ini", folder);
    setenv("ODBCINI", path, 1);
}

static void remove_files(void)
{
    char path[512];
    snprintf(path, sizeof path, "%s/odbcinst.ini", getenv("ODBCSYSINI"));
    (void)unlink(path);
    (void)unlink(getenv("ODBCINI"));
    (void)rmdir(getenv("ODBCSYSINI"));
}

/* No descriptor is free: connecting fails and says why; a connection that is there goes on, and even cancels. */
static void no_file_descriptors(void)
{
    struct link there = link_open("");
    struct link l = link_new(SQL_OV_ODBC3_80);
    struct rlimit old, low;
    int fds[512];
    size_t n = 0;
    CHECK_INT(query_int(there.stmt, "select 1"), 1);
    /* The driver manager reads its files before the driver is asked: once with room. */
    CHECK_STATE(l.dbc, try_connect(l.dbc, connstr("UID=aldb_reject")), "28000");
    CHECK_INT(getrlimit(RLIMIT_NOFILE, &old), 0);
    low = old;
    low.rlim_cur = 64;
    CHECK_INT(setrlimit(RLIMIT_NOFILE, &low), 0);
    while (n < COUNT(fds) && (fds[n] = open("/dev/null", O_RDONLY)) >= 0) {
        n++;
    }
    CHECK(n < COUNT(fds));
    /* valgrind has its own idea of the limit, and a driver manager that creates its files anew would find them empty afterwards. */
    for (size_t leave = 0; leave < 8 && !under_valgrind(); leave++) {
        /* With few the driver manager gets further than the driver, or the driver than libpq: none of it may succeed by half. */
        SQLRETURN rc = try_connect(l.dbc, connstr(";"));
        if (SQL_SUCCEEDED(rc)) {
            CHECK_OK(l.dbc, SQLDisconnect(l.dbc));
        } else {
            CHECK(diag_state(l.dbc, 1)[0] != '\0');
        }
        CHECK_INT(query_int(there.stmt, "select 2"), 2);
        close(fds[--n]);
    }
    CHECK_OK(there.stmt, SQLSetStmtAttr(there.stmt, SQL_ATTR_QUERY_TIMEOUT, (SQLPOINTER)1, 0));
    CHECK_STATE(there.stmt, exec_direct(there.stmt, "select pg_sleep(30)"), "HYT00");
    while (n > 0) {
        close(fds[--n]);
    }
    CHECK_INT(setrlimit(RLIMIT_NOFILE, &old), 0);
    CHECK_OK(l.dbc, try_connect(l.dbc, connstr(";")));
    link_close(&l);
    link_close(&there);
}

/* Unread rows find no room: the statement that wanted the connection fails, the rows stay, and afterwards all goes on. */
static void no_room_for_rows(const char *why, int64_t *spooled)
{
    struct link l = link_open("MaxBufferMemory=1");
    SQLHSTMT other = new_stmt(l.dbc);
    SQLINTEGER n = 0;
    int64_t rows = 1;
    CHECK_OK(l.dbc, SQLSetConnectAttr(l.dbc, SQL_ATTR_AUTOCOMMIT, (SQLPOINTER)SQL_AUTOCOMMIT_OFF, 0));
    run(other, "create temp table room (a int)");
    CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_COMMIT));
    run(other, "insert into room values (1)");
    query(l.stmt, "select g, repeat('x', 1000) from generate_series(1, 30000) g");
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_LONG, &n, 0, NULL));
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    for (int i = 0; i < 2; i++) {
        CHECK_STATE(other, exec_direct(other, "select 1"), "HY000");
        CHECK_CONTAINS(diag_message(other, 1), why);
        CHECK_CONTAINS(diag_message(other, 1), "TMPDIR");
        CHECK_STATE(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_COMMIT), "HY000");
        for (int k = 0; k < 1000 && SQLFetch(l.stmt) == SQL_SUCCESS; k++) {
            rows += n == rows + 1;
        }
    }
    while (SQLFetch(l.stmt) == SQL_SUCCESS) {
        rows += n == rows + 1;
    }
    CHECK_INT(rows, 30000);
    CHECK_INT(query_int(other, "select count(*) from room"), 1);
    CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_COMMIT));
    *spooled = rows;
    free_stmt(other);
    link_close(&l);
}

/* RLIMIT_FSIZE stands for a full disk; SIGXFSZ is left as it is by default, which ends the process. */
static void full_disk(void)
{
    struct rlimit old, low;
    int64_t rows = 0;
    fflush(NULL);
    CHECK_INT(getrlimit(RLIMIT_FSIZE, &old), 0);
    low = old;
    low.rlim_cur = 700000; /* what the test prints goes to a file too */
    CHECK_INT(setrlimit(RLIMIT_FSIZE, &low), 0);
    no_room_for_rows("File too large", &rows);
    CHECK_INT(setrlimit(RLIMIT_FSIZE, &old), 0);
    CHECK_INT(rows, 30000);
}

static void no_directory(void)
{
    const char *tmpdir = getenv("TMPDIR");
    char *saved = tmpdir ? strdup(tmpdir) : NULL;
    int64_t rows = 0;
    setenv("TMPDIR", "/nonexistent/for/sure", 1);
    no_room_for_rows("No such file or directory", &rows);
    if (saved) {
        setenv("TMPDIR", saved, 1);
    } else {
        unsetenv("TMPDIR");
    }
    free(saved);
    CHECK_INT(rows, 30000);
}

int main(void)
{
    static const struct test tests[] = {
        {"cancelled from aside", cancelled_from_aside},
        {"transactions ended from aside", transactions_from_aside},
        {"one descriptor for all", one_descriptor},
        {"disconnected under way", disconnected_under_way},
        {"signals all the time", signals},
        {"no file descriptors", no_file_descriptors},
        {"a full disk", full_disk},
        {"no directory for temporary files", no_directory},
    };
    (void)fact("DSN");
    copy_of_files();
    int status = run_tests("stress", tests, COUNT(tests));
    remove_files();
    return status;
}
