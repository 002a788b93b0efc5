/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asynchronous calls to the driver itself: what unixODBC cannot resume, functions of connections among it; what is refused where it would have refused before;
 * and processes that fork or exit in the middle of a call.
 */
#include "direct.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "alloydb_odbc.h"

/* The leak checker has nothing to say about processes that end in the middle of things. */
static int leaks_wanted = 1;
int __lsan_is_turned_off(void);
__attribute__((visibility("default"))) int __lsan_is_turned_off(void)
{
    return !leaks_wanted;
}

static struct link keeper; /* holds a lock, and looks at what other backends do */

static void hold_lock(void)
{
    run(keeper.stmt, "select pg_advisory_lock(78, 1)");
}

static void let_go(void)
{
    run(keeper.stmt, "select pg_advisory_unlock(78, 1)");
}

static const char take_lock[] = "select 5 from pg_advisory_xact_lock(78, 1)";

/* ---- polling --------------------------------------------------------------------------------------------------------- */

static int slow, stills;

static bool pause_again(SQLRETURN rc)
{
    if (rc == SQL_STILL_EXECUTING) {
        pause_ms(1);
    }
    return rc == SQL_STILL_EXECUTING;
}

#define POLL(rc, call)    \
    do {                  \
        (rc) = (call);    \
    } while (pause_again(rc))

/* Three times, none of which waits. */
#define STILL(call)                                 \
    for (int i_ = 0; i_ < 3; i_++) {                \
        double before_ = seconds_now();             \
        CHECK_INT((call), SQL_STILL_EXECUTING);     \
        slow += seconds_now() - before_ > 0.02;     \
        stills++;                                   \
    }

#define POLL_INT(call, wanted)         \
    do {                               \
        SQLRETURN polled_;             \
        POLL(polled_, call);           \
        CHECK_INT(polled_, wanted);    \
    } while (0)

#define POLL_STATE(type, handle, call, state)                                           \
    do {                                                                                \
        SQLRETURN polled_;                                                              \
        POLL(polled_, call);                                                            \
        direct_check(polled_, (type), (handle), (state), #call, __FILE__, __LINE__);    \
    } while (0)

static SQLRETURN exec(SQLHSTMT stmt, const char *sql)
{
    return DIRECT(SQLExecDirect)(stmt, T(sql), SQL_NTS);
}

static void must(SQLHSTMT stmt, const char *sql)
{
    SQLRETURN rc;
    POLL(rc, exec(stmt, sql));
    if (!SQL_SUCCEEDED(rc) && rc != SQL_NO_DATA) {
        printf("FATAL: %s: %s\n", sql, direct_state(SQL_HANDLE_STMT, stmt));
        exit(EXIT_FAILURE);
    }
    CHECK_INT(DIRECT(SQLFreeStmt)(stmt, SQL_CLOSE), SQL_SUCCESS);
}

/* Connected, its statement asynchronous. */
static struct link open_async(SQLINTEGER *pid)
{
    struct link d = direct_open(SQL_OV_ODBC3_80, true);
    if (pid) {
        CHECK_INT(DIRECT(SQLGetConnectAttr)(d.dbc, SQL_ATTR_ALLOYDB_BACKEND_PID, pid, 0, NULL), SQL_SUCCESS);
    }
    CHECK_INT(DIRECT(SQLSetStmtAttr)(d.stmt, SQL_ATTR_ASYNC_ENABLE, (SQLPOINTER)SQL_ASYNC_ENABLE_ON, 0), SQL_SUCCESS);
    return d;
}

static SQLHSTMT another(const struct link *d)
{
    SQLHSTMT stmt = NULL;
    CHECK_INT(DIRECT(SQLAllocHandle)(SQL_HANDLE_STMT, d->dbc, &stmt), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLSetStmtAttr)(stmt, SQL_ATTR_ASYNC_ENABLE, (SQLPOINTER)SQL_ASYNC_ENABLE_ON, 0), SQL_SUCCESS);
    return stmt;
}

/* ---- processes ------------------------------------------------------------------------------------------------------- */

static int in_child(int (*child)(void *arg), void *arg)
{
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        leaks_wanted = 0;
        alarm(60);
        int status = child(arg);
        if (under_valgrind()) { /* what threads held that the child does not have is nobody's there: another program has nothing to lose */
            char command[16];
            snprintf(command, sizeof command, "exit %d", status);
            execl("/bin/sh", "sh", "-c", command, (char *)NULL);
        }
        _exit(status);
    }
    int status = 0;
    if (pid < 0 || waitpid(pid, &status, 0) != pid) {
        return -1;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

/* Exits as programs do while a statement runs, and one waits for its turn behind it. */
static int leave(void *arg)
{
    const int *us = arg;
    struct link d = open_async(NULL);
    SQLHSTMT other = another(&d);
    must(d.stmt, "set client_connection_check_interval = 100"); /* the server is to go, too */
    if (exec(d.stmt, "select pg_sleep(100)") != SQL_STILL_EXECUTING) {
        return 90;
    }
    /* The other one may come first while the first one's thread is still on its way to the session. */
    for (int tries = 0; exec(other, "select 1") != SQL_STILL_EXECUTING; tries++) {
        if (tries == 1000 || DIRECT(SQLFreeStmt)(other, SQL_CLOSE) != SQL_SUCCESS) {
            return 91;
        }
    }
    usleep((useconds_t)*us);
    exit(0);
}

static void exits(void)
{
    double start = seconds_now();
    for (int i = 0; i < 8; i++) {
        int us = i * 700;
        CHECK_INT(in_child(leave, &us), 0);
    }
    CHECK(seconds_now() - start < 8 * 10);
}

/* What a child can do with a statement whose call was under way when it began: give it up. */
static int use_inherited(void *arg)
{
    struct link *d = arg;
    SQLCHAR message[512] = "";
    if (exec(d->stmt, take_lock) != SQL_ERROR || strcmp(direct_state(SQL_HANDLE_STMT, d->stmt), "08S01") != 0) {
        return 1;
    }
    if (DIRECT(SQLGetDiagRec)(SQL_HANDLE_STMT, d->stmt, 1, NULL, NULL, message, sizeof message, NULL) != SQL_SUCCESS ||
        strstr((char *)message, "parent process") == NULL) {
        return 2;
    }
    if (DIRECT(SQLCancel)(d->stmt) != SQL_SUCCESS || DIRECT(SQLFetch)(d->stmt) != SQL_ERROR) {
        return 3;
    }
    if (DIRECT(SQLFreeHandle)(SQL_HANDLE_STMT, d->stmt) != SQL_SUCCESS || !SQL_SUCCEEDED(DIRECT(SQLDisconnect)(d->dbc)) ||
        DIRECT(SQLFreeHandle)(SQL_HANDLE_DBC, d->dbc) != SQL_SUCCESS) {
        return 4;
    }
    SQLRETURN rc = SQL_SUCCESS;
#if !defined(__SANITIZE_THREAD__) /* which allows no threads in a child */
    struct link own = open_async(NULL);
    POLL(rc, exec(own.stmt, "select 1 from pg_sleep(0.05)"));
    direct_close(&own);
#endif
    return rc == SQL_SUCCESS ? 0 : 5;
}

static void a_child(void)
{
    SQLINTEGER pid;
    struct link d = open_async(&pid);
    SQLINTEGER n = 0;
    hold_lock();
    STILL(exec(d.stmt, take_lock));
    await_waiting(keeper.stmt, pid);
    CHECK_INT(in_child(use_inherited, &d), 0);
    /* The parent has noticed nothing. */
    STILL(exec(d.stmt, take_lock));
    let_go();
    POLL_INT(exec(d.stmt, take_lock), SQL_SUCCESS);
    POLL_INT(DIRECT(SQLFetch)(d.stmt), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLGetData)(d.stmt, 1, SQL_C_LONG, &n, 0, NULL), SQL_SUCCESS);
    CHECK_INT(n, 5);
    direct_close(&d);
}

/* ---- statements ------------------------------------------------------------------------------------------------------ */

enum { NUM_RESULT_COLS, DESCRIBE_COL, COL_ATTRIBUTE, COL_ATTRIBUTE_W, DESCRIBE_PARAM, DESC_FIELD, DESC_REC, FUNCTIONS };

struct answer {
    SQLHDESC ird;
    SQLCHAR text[64];
    SQLSMALLINT length, type, digits, nullable, count;
    SQLULEN size;
    SQLLEN number;
};

static SQLRETURN ask(SQLHSTMT stmt, int function, struct answer *a)
{
    switch (function) {
    case NUM_RESULT_COLS:
        return DIRECT(SQLNumResultCols)(stmt, &a->count);
    case DESCRIBE_COL:
        return DIRECT(SQLDescribeCol)(stmt, 2, a->text, sizeof a->text, &a->length, &a->type, &a->size, &a->digits, &a->nullable);
    case COL_ATTRIBUTE:
        return DIRECT(SQLColAttribute)(stmt, 2, SQL_DESC_BASE_TABLE_NAME, a->text, sizeof a->text, &a->length, &a->number);
    case COL_ATTRIBUTE_W:
        return DIRECT(SQLColAttributeW)(stmt, 2, SQL_DESC_NAME, a->text, sizeof a->text, &a->length, &a->number);
    case DESCRIBE_PARAM:
        return DIRECT(SQLDescribeParam)(stmt, 1, &a->type, &a->size, &a->digits, &a->nullable);
    case DESC_FIELD:
        return DIRECT(SQLGetDescField)(a->ird, 2, SQL_DESC_NAME, a->text, sizeof a->text, NULL);
    default:
        return DIRECT(SQLGetDescRec)(a->ird, 2, a->text, sizeof a->text, &a->length, &a->type, &a->count, &a->number, &a->digits, &a->digits, &a->nullable);
    }
}

/* What describes a prepared text asks the server, which another statement of the connection keeps busy. */
static void describing(void)
{
    SQLINTEGER pid;
    struct link d = open_async(&pid);
    SQLHSTMT other = another(&d);
    must(d.stmt, "create temp table described (a int not null, bb numeric(7, 2))");
    for (int f = 0; f < FUNCTIONS; f++) {
        struct answer a = {.number = -1};
        SQLSMALLINT markers = 0;
        char sql[128];
        snprintf(sql, sizeof sql, "select a, bb from described where bb > ?::numeric + %d", f); /* no plan of it is known */
        CHECK_INT(DIRECT(SQLPrepare)(other, T(sql), SQL_NTS), SQL_SUCCESS);
        CHECK_INT(DIRECT(SQLNumParams)(other, &markers), SQL_SUCCESS);
        CHECK_INT(markers, 1);
        CHECK_INT(DIRECT(SQLGetStmtAttr)(other, SQL_ATTR_IMP_ROW_DESC, &a.ird, 0, NULL), SQL_SUCCESS);
        hold_lock();
        STILL(exec(d.stmt, take_lock));
        await_waiting(keeper.stmt, pid);
        STILL(ask(other, f, &a));
        if (f != DESC_FIELD && f != DESC_REC) {
            DIRECT_STATE(SQL_HANDLE_STMT, other, ask(other, f == DESCRIBE_COL ? NUM_RESULT_COLS : DESCRIBE_COL, &a), "HY010");
            DIRECT_STATE(SQL_HANDLE_DESC, a.ird, ask(other, DESC_FIELD, &a), "HY010");
        } else {
            DIRECT_STATE(SQL_HANDLE_STMT, other, ask(other, NUM_RESULT_COLS, &a), "HY010");
            CHECK_TEXT(direct_state(SQL_HANDLE_DESC, a.ird), "");
        }
        STILL(ask(other, f, &a));
        let_go();
        POLL_INT(ask(other, f, &a), SQL_SUCCESS);
        CHECK(f != NUM_RESULT_COLS || a.count == 2);
        CHECK((f != DESCRIBE_COL && f != DESC_FIELD && f != DESC_REC) || strcmp((char *)a.text, "bb") == 0);
        CHECK(f != DESCRIBE_COL || (a.type == SQL_NUMERIC && a.size == 7 && a.digits == 2));
        CHECK(f != COL_ATTRIBUTE || strcmp((char *)a.text, "described") == 0);
        CHECK(f != COL_ATTRIBUTE_W || strcmp(narrow((SQLWCHAR *)(void *)a.text), "bb") == 0);
        CHECK(f != DESCRIBE_PARAM || a.type == SQL_NUMERIC);
        POLL_INT(exec(d.stmt, take_lock), SQL_SUCCESS);
        CHECK_INT(DIRECT(SQLFreeStmt)(d.stmt, SQL_CLOSE), SQL_SUCCESS);
    }
    /* What the server refuses is told to whoever asks. */
    struct answer a = {.number = -1};
    CHECK_INT(DIRECT(SQLPrepare)(other, T("select a from no_such_table"), SQL_NTS), SQL_SUCCESS);
    POLL_STATE(SQL_HANDLE_STMT, other, ask(other, NUM_RESULT_COLS, &a), "42S02");
    CHECK_INT(DIRECT(SQLFreeHandle)(SQL_HANDLE_STMT, other), SQL_SUCCESS);
    direct_close(&d);
}

/* The results that are left are closed, one of which still comes. */
static void more_results(void)
{
    struct link d = open_async(NULL);
    SQLRETURN rc;
    must(d.stmt, "create function pg_temp.slowly() returns setof text language plpgsql as "
                 "$$ begin for i in 1 .. 20 loop raise notice 'now'; return next repeat('x', 9000); end loop; end $$");
    POLL(rc, exec(d.stmt, "select g, pg_sleep(case when g > 30 then 0.2 else 0 end), repeat('x', 20000) from generate_series(1, 50) g"));
    CHECK_INT(rc, SQL_SUCCESS);
    POLL_INT(DIRECT(SQLFetch)(d.stmt), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLMoreResults)(d.stmt), SQL_STILL_EXECUTING);
    DIRECT_STATE(SQL_HANDLE_STMT, d.stmt, DIRECT(SQLFetch)(d.stmt), "HY010");
    POLL_INT(DIRECT(SQLMoreResults)(d.stmt), SQL_NO_DATA);
    direct_close(&d);
}

/* Without a driver manager in between the driver refuses by itself. */
static void wrong_calls(void)
{
    SQLINTEGER pid;
    struct link d = open_async(&pid);
    SQLHSTMT other = another(&d);
    SQLHDESC ird = NULL, ard = NULL;
    SQLINTEGER n = 0, number = -1;
    SQLRETURN last = 99;
    SQLLEN count = 0;
    SQLCHAR message[512] = "";
    CHECK_INT(DIRECT(SQLGetStmtAttr)(d.stmt, SQL_ATTR_IMP_ROW_DESC, &ird, 0, NULL), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLGetStmtAttr)(d.stmt, SQL_ATTR_APP_ROW_DESC, &ard, 0, NULL), SQL_SUCCESS);
    hold_lock();
    STILL(exec(d.stmt, take_lock));
    await_waiting(keeper.stmt, pid);
    DIRECT_STATE(SQL_HANDLE_STMT, d.stmt, DIRECT(SQLFetch)(d.stmt), "HY010");
    CHECK_INT(DIRECT(SQLGetDiagRec)(SQL_HANDLE_STMT, d.stmt, 1, NULL, NULL, message, sizeof message, NULL), SQL_SUCCESS);
    CHECK_CONTAINS(message, "SQLFetch cannot be called now");
    CHECK_INT(DIRECT(SQLGetDiagField)(SQL_HANDLE_STMT, d.stmt, 0, SQL_DIAG_RETURNCODE, &last, 0, NULL), SQL_SUCCESS);
    CHECK_INT(last, SQL_ERROR);
    DIRECT_STATE(SQL_HANDLE_STMT, d.stmt, DIRECT(SQLExecute)(d.stmt), "HY010");
    DIRECT_STATE(SQL_HANDLE_STMT, d.stmt, DIRECT(SQLPrepare)(d.stmt, T("select 1"), SQL_NTS), "HY010");
    DIRECT_STATE(SQL_HANDLE_STMT, d.stmt, DIRECT(SQLTables)(d.stmt, NULL, 0, NULL, 0, NULL, 0, NULL, 0), "HY010");
    DIRECT_STATE(SQL_HANDLE_STMT, d.stmt, DIRECT(SQLBindCol)(d.stmt, 1, SQL_C_LONG, &n, 0, NULL), "HY010");
    DIRECT_STATE(SQL_HANDLE_STMT, d.stmt, DIRECT(SQLRowCount)(d.stmt, &count), "HY010");
    DIRECT_STATE(SQL_HANDLE_STMT, d.stmt, DIRECT(SQLCloseCursor)(d.stmt), "HY010");
    DIRECT_STATE(SQL_HANDLE_STMT, d.stmt, DIRECT(SQLFreeStmt)(d.stmt, SQL_UNBIND), "HY010");
    DIRECT_STATE(SQL_HANDLE_STMT, d.stmt, DIRECT(SQLFreeStmt)(d.stmt, SQL_DROP), "HY010");
    DIRECT_STATE(SQL_HANDLE_STMT, d.stmt, DIRECT(SQLFreeHandle)(SQL_HANDLE_STMT, d.stmt), "HY010");
    DIRECT_STATE(SQL_HANDLE_STMT, d.stmt, DIRECT(SQLGetStmtAttr)(d.stmt, SQL_ATTR_ASYNC_ENABLE, &count, 0, NULL), "HY010");
    DIRECT_STATE(SQL_HANDLE_STMT, d.stmt, DIRECT(SQLSetCursorName)(d.stmt, T("name"), SQL_NTS), "HY010");
    DIRECT_STATE(SQL_HANDLE_STMT, d.stmt, DIRECT(SQLMoreResults)(d.stmt), "HY010");
    DIRECT_STATE(SQL_HANDLE_DESC, ird, DIRECT(SQLGetDescField)(ird, 0, SQL_DESC_COUNT, message, sizeof message, NULL), "HY010");
    DIRECT_STATE(SQL_HANDLE_DESC, ard, DIRECT(SQLSetDescField)(ard, 1, SQL_DESC_TYPE, (SQLPOINTER)SQL_C_LONG, 0), "HY010");
    DIRECT_STATE(SQL_HANDLE_DBC, d.dbc, DIRECT(SQLEndTran)(SQL_HANDLE_DBC, d.dbc, SQL_ROLLBACK), "HY010");
    DIRECT_STATE(SQL_HANDLE_DBC, d.dbc, DIRECT(SQLDisconnect)(d.dbc), "HY010");
    DIRECT_STATE(SQL_HANDLE_DBC, d.dbc, DIRECT(SQLSetConnectAttr)(d.dbc, SQL_ATTR_METADATA_ID, (SQLPOINTER)SQL_TRUE, 0), "HY010");
    DIRECT_STATE(SQL_HANDLE_DBC, d.dbc, DIRECT(SQLGetConnectAttr)(d.dbc, SQL_ATTR_ALLOYDB_BACKEND_PID, &n, 0, NULL), "HY010");
    DIRECT_STATE(SQL_HANDLE_ENV, d.env, DIRECT(SQLEndTran)(SQL_HANDLE_ENV, d.env, SQL_COMMIT), "25S01");
    /* Each poll forgets what was said in between. */
    STILL(exec(d.stmt, take_lock));
    CHECK_TEXT(direct_state(SQL_HANDLE_STMT, d.stmt), "");
    CHECK_INT(DIRECT(SQLGetDiagField)(SQL_HANDLE_STMT, d.stmt, 0, SQL_DIAG_NUMBER, &number, 0, NULL), SQL_SUCCESS);
    CHECK_INT(number, 0);
    CHECK_INT(DIRECT(SQLGetDiagField)(SQL_HANDLE_STMT, d.stmt, 0, SQL_DIAG_RETURNCODE, &last, 0, NULL), SQL_SUCCESS);
    CHECK_INT(last, SQL_STILL_EXECUTING);
    /* The narrow and the wide entry point are one function. */
    CHECK_INT(DIRECT(SQLExecDirectW)(d.stmt, wide("x"), SQL_NTS), SQL_STILL_EXECUTING);
    let_go();
    POLL_INT(exec(d.stmt, take_lock), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLFreeHandle)(SQL_HANDLE_STMT, other), SQL_SUCCESS);
    direct_close(&d);
}

/* ---- connections ----------------------------------------------------------------------------------------------------- */

static void set_functions(SQLHDBC dbc, bool on)
{
    CHECK_INT(DIRECT(SQLSetConnectAttr)(dbc, SQL_ATTR_ASYNC_DBC_FUNCTIONS_ENABLE, (SQLPOINTER)(uintptr_t)(on ? SQL_ASYNC_DBC_ENABLE_ON : SQL_ASYNC_DBC_ENABLE_OFF), 0),
              SQL_SUCCESS);
}

/* Accepts connections, and never says a word. */
static int listen_silently(int *port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(fd >= 0 && bind(fd, (struct sockaddr *)&at, sizeof at) == 0 && listen(fd, 8) == 0 && getsockname(fd, (struct sockaddr *)&at, &len) == 0);
    *port = ntohs(at.sin_port);
    return fd;
}

static void connecting(void)
{
    struct link d = direct_open(SQL_OV_ODBC3_80, false);
    SQLCHAR text[1024] = "", out[1024] = "";
    SQLSMALLINT length = 0;
    SQLHSTMT stmt = NULL;
    SQLUINTEGER on = 0;
    SQLRETURN rc;
    int port;
    int fd = listen_silently(&port);
    set_functions(d.dbc, true);
    CHECK_INT(DIRECT(SQLGetConnectAttr)(d.dbc, SQL_ATTR_ASYNC_DBC_FUNCTIONS_ENABLE, &on, 0, NULL), SQL_SUCCESS);
    CHECK_INT(on, SQL_ASYNC_DBC_ENABLE_ON);
    /* To one that does not answer, and its end. */
    snprintf((char *)text, sizeof text, "Server=127.0.0.1;Port=%d;UID=u;PWD=p;Database=d;LoginTimeout=300", port);
    for (int browse = 0; browse < 2; browse++) {
        for (int i = 0; i < 3; i++) {
            CHECK_INT(browse ? DIRECT(SQLBrowseConnect)(d.dbc, text, SQL_NTS, out, sizeof out, &length)
                             : DIRECT(SQLDriverConnect)(d.dbc, NULL, text, SQL_NTS, out, sizeof out, &length, SQL_DRIVER_NOPROMPT),
                      SQL_STILL_EXECUTING);
            pause_ms(5);
        }
        DIRECT_STATE(SQL_HANDLE_DBC, d.dbc, DIRECT(SQLAllocHandle)(SQL_HANDLE_STMT, d.dbc, &stmt), "HY010");
        DIRECT_STATE(SQL_HANDLE_DBC, d.dbc, DIRECT(SQLGetInfo)(d.dbc, SQL_DBMS_NAME, out, sizeof out, NULL), "HY010");
        DIRECT_STATE(SQL_HANDLE_DBC, d.dbc, DIRECT(SQLDisconnect)(d.dbc), "HY010");
        DIRECT_STATE(SQL_HANDLE_DBC, d.dbc, DIRECT(SQLSetConnectAttr)(d.dbc, SQL_ATTR_AUTOCOMMIT, (SQLPOINTER)SQL_AUTOCOMMIT_OFF, 0), "HY010");
        DIRECT_STATE(SQL_HANDLE_DBC, d.dbc, DIRECT(SQLFreeHandle)(SQL_HANDLE_DBC, d.dbc), "HY010");
        double start = seconds_now();
        CHECK_INT(DIRECT(SQLCancelHandle)(SQL_HANDLE_DBC, d.dbc), SQL_SUCCESS);
        POLL(rc, browse ? DIRECT(SQLBrowseConnect)(d.dbc, text, SQL_NTS, out, sizeof out, &length)
                        : DIRECT(SQLDriverConnect)(d.dbc, NULL, text, SQL_NTS, out, sizeof out, &length, SQL_DRIVER_NOPROMPT));
        direct_check(rc, SQL_HANDLE_DBC, d.dbc, "HY008", "a connect that was cancelled", __FILE__, __LINE__);
        CHECK(seconds_now() - start < 30);
    }
    /* Errors are told at the end; arguments at once. */
    snprintf((char *)text, sizeof text, "%s", connstr("PWD=wrong"));
    POLL_STATE(SQL_HANDLE_DBC, d.dbc, DIRECT(SQLDriverConnect)(d.dbc, NULL, text, SQL_NTS, NULL, 0, NULL, SQL_DRIVER_NOPROMPT), "28000");
    DIRECT_STATE(SQL_HANDLE_DBC, d.dbc, DIRECT(SQLDriverConnect)(d.dbc, NULL, text, -7, NULL, 0, NULL, SQL_DRIVER_NOPROMPT), "HY090");
    /* To the real one: by each of the three, the text gone after the first call. */
    for (int how = 0; how < 4; how++) {
        SQLWCHAR dsn[64];
        snprintf((char *)text, sizeof text, "%s", connstr(";"));
        memcpy(dsn, wide(fact("DSN")), sizeof dsn);
        out[0] = 0;
        do {
            rc = how == 0   ? DIRECT(SQLDriverConnect)(d.dbc, NULL, text, SQL_NTS, out, sizeof out, &length, SQL_DRIVER_NOPROMPT)
                 : how == 1 ? DIRECT(SQLBrowseConnect)(d.dbc, text, SQL_NTS, out, sizeof out, &length)
                 : how == 2 ? DIRECT(SQLConnect)(d.dbc, T(fact("DSN")), SQL_NTS, NULL, 0, NULL, 0)
                            : DIRECT(SQLConnectW)(d.dbc, dsn, SQL_NTS, NULL, 0, NULL, 0);
            memset(text, 'x', 20);
            memset(dsn, 0, sizeof dsn);
        } while (pause_again(rc));
        CHECK_INT(rc, SQL_SUCCESS);
        CHECK(how > 1 || (length > 0 && strlen((char *)out) == (size_t)length));
        CHECK_INT(DIRECT(SQLAllocHandle)(SQL_HANDLE_STMT, d.dbc, &stmt), SQL_SUCCESS);
        CHECK_INT(exec(stmt, "select 1"), SQL_SUCCESS);
        POLL_INT(DIRECT(SQLDisconnect)(d.dbc), SQL_SUCCESS);
    }
    POLL_STATE(SQL_HANDLE_DBC, d.dbc, DIRECT(SQLDisconnect)(d.dbc), "08003");
    close(fd);
    direct_close(&d);
}

/* COMMIT waits in a trigger; so does what commits by an attribute. */
static void ending(void)
{
    SQLINTEGER pid;
    struct link d = open_async(&pid);
    SQLUINTEGER autocommit = 9;
    SQLRETURN rc;
    must(d.stmt, "create temp table ending (a int)");
    must(d.stmt, "create function pg_temp.slow() returns trigger language plpgsql as $$ begin perform pg_advisory_xact_lock(78, 1); return null; end $$");
    must(d.stmt, "create constraint trigger slow after insert on ending deferrable initially deferred for each row execute function pg_temp.slow()");
    set_functions(d.dbc, true);
    for (int how = 0; how < 3; how++) {
        POLL_INT(DIRECT(SQLSetConnectAttr)(d.dbc, SQL_ATTR_AUTOCOMMIT, (SQLPOINTER)SQL_AUTOCOMMIT_OFF, 0), SQL_SUCCESS);
        must(d.stmt, "insert into ending values (1)");
        hold_lock();
        for (int i = 0; i < 4; i++) {
            rc = how < 2 ? DIRECT(SQLEndTran)(SQL_HANDLE_DBC, d.dbc, SQL_COMMIT)
                         : DIRECT(SQLSetConnectAttr)(d.dbc, SQL_ATTR_AUTOCOMMIT, (SQLPOINTER)SQL_AUTOCOMMIT_ON, 0);
            CHECK_INT(rc, SQL_STILL_EXECUTING);
        }
        await_waiting(keeper.stmt, pid);
        DIRECT_STATE(SQL_HANDLE_STMT, d.stmt, exec(d.stmt, "select 1"), "HY010");
        DIRECT_STATE(SQL_HANDLE_DBC, d.dbc, DIRECT(SQLGetInfo)(d.dbc, SQL_DBMS_NAME, &autocommit, 0, NULL), "HY010");
        DIRECT_STATE(SQL_HANDLE_ENV, d.env, DIRECT(SQLEndTran)(SQL_HANDLE_ENV, d.env, SQL_COMMIT), "25S01");
        CHECK_INT(DIRECT(SQLCancelHandle)(SQL_HANDLE_DBC, d.dbc), SQL_SUCCESS); /* a transaction is ended or not: there is no way back */
        let_go();
        POLL_INT(how < 2 ? DIRECT(SQLEndTran)(SQL_HANDLE_DBC, d.dbc, SQL_COMMIT)
                         : DIRECT(SQLSetConnectAttr)(d.dbc, SQL_ATTR_AUTOCOMMIT, (SQLPOINTER)SQL_AUTOCOMMIT_ON, 0),
                 SQL_SUCCESS);
        POLL_INT(exec(d.stmt, "select a from ending"), SQL_SUCCESS);
        CHECK_INT(DIRECT(SQLFreeStmt)(d.stmt, SQL_CLOSE), SQL_SUCCESS);
        POLL_INT(DIRECT(SQLEndTran)(SQL_HANDLE_DBC, d.dbc, SQL_ROLLBACK), SQL_SUCCESS);
    }
    CHECK_INT(DIRECT(SQLGetConnectAttr)(d.dbc, SQL_ATTR_AUTOCOMMIT, &autocommit, 0, NULL), SQL_SUCCESS);
    CHECK_INT(autocommit, SQL_AUTOCOMMIT_ON);
    set_functions(d.dbc, false);
    direct_close(&d);
}

/* What the driver manager asks for when a connection goes back to its pool, whatever the application has left running. */
static void resetting(void)
{
    SQLINTEGER pid;
    struct link d = open_async(&pid);
    SQLHSTMT other = another(&d);
    SQLUINTEGER dead = 9;
    hold_lock();
    STILL(exec(d.stmt, take_lock));
    await_waiting(keeper.stmt, pid);
    STILL(exec(other, "select 1"));
    CHECK_INT(DIRECT(SQLSetConnectAttr)(d.dbc, SQL_ATTR_RESET_CONNECTION, (SQLPOINTER)SQL_RESET_CONNECTION_YES, 0), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLFetch)(other), SQL_INVALID_HANDLE);
    CHECK_INT(DIRECT(SQLGetConnectAttr)(d.dbc, SQL_ATTR_CONNECTION_DEAD, &dead, 0, NULL), SQL_SUCCESS);
    CHECK_INT(dead, SQL_CD_FALSE);
    CHECK_INT(DIRECT(SQLAllocHandle)(SQL_HANDLE_STMT, d.dbc, &d.stmt), SQL_SUCCESS);
    CHECK_INT(exec(d.stmt, "select 1"), SQL_SUCCESS);
    let_go();
    direct_close(&d);
}

/* ---- through the driver manager, as far as it goes ------------------------------------------------------------------- */

/* unixODBC throws the handle away when a connect has not ended: by it they connect at once. The rest it passes on. */
static void through_the_manager(void)
{
    struct link l = link_new(SQL_OV_ODBC3_80);
    SQLRETURN rc;
    CHECK_OK(l.dbc, SQLSetConnectAttr(l.dbc, SQL_ATTR_ASYNC_DBC_FUNCTIONS_ENABLE, (SQLPOINTER)SQL_ASYNC_DBC_ENABLE_ON, 0));
    CHECK_OK(l.dbc, try_connect(l.dbc, connstr(";")));
    l.stmt = new_stmt(l.dbc);
    int64_t pid = query_int(l.stmt, "select pg_backend_pid()");
    run(l.stmt, "create temp table ending (a int)");
    run(l.stmt, "create function pg_temp.slow() returns trigger language plpgsql as $$ begin perform pg_advisory_xact_lock(78, 1); return null; end $$");
    run(l.stmt, "create constraint trigger slow after insert on ending deferrable initially deferred for each row execute function pg_temp.slow()");
    POLL(rc, SQLSetConnectAttr(l.dbc, SQL_ATTR_AUTOCOMMIT, (SQLPOINTER)SQL_AUTOCOMMIT_OFF, 0));
    CHECK_OK(l.dbc, rc);
    run(l.stmt, "insert into ending values (1)");
    hold_lock();
    STILL(SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_COMMIT));
    await_waiting(keeper.stmt, pid);
    CHECK_OK(l.dbc, SQLCancelHandle(SQL_HANDLE_DBC, l.dbc));
    STILL(SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_COMMIT));
    let_go();
    POLL(rc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_COMMIT));
    CHECK_OK(l.dbc, rc);
    CHECK_INT(query_int(l.stmt, "select count(*) from ending"), 1);
    POLL(rc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_ROLLBACK));
    CHECK_OK(l.dbc, rc);
    free_stmt(l.stmt);
    l.stmt = SQL_NULL_HSTMT;
    POLL(rc, SQLDisconnect(l.dbc));
    CHECK_OK(l.dbc, rc);
    link_close(&l);
}

static void no_call_waits(void)
{
    printf("(%d of %d calls took more than 20 ms) ", slow, stills);
    CHECK(stills > 50);
    CHECK(slow * 5 < stills || under_valgrind());
}

int main(void)
{
    static const struct test tests[] = {
        {"a child after fork()", a_child},
        {"describing", describing},
        {"SQLMoreResults", more_results},
        {"wrong calls", wrong_calls},
        {"connecting", connecting},
        {"ending transactions", ending},
        {"resetting", resetting},
        {"through the driver manager", through_the_manager},
        {"no call waits", no_call_waits},
    };
    static const struct test first[] = {{"exit in the middle of calls", exits}};
    int failed = run_tests("asynchronous calls and the process", first, COUNT(first)); /* while there are no threads yet */
    keeper = link_open("");
    failed |= run_tests("asynchronous calls to the driver", tests, COUNT(tests));
    link_close(&keeper);
    return failed;
}
