/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Servers that die, lie, fall silent or never stop. A relay stands before the real server, takes its messages apart, and at the one that a case names
 * does what the case says. Whatever happens: the call ends in time with the right state, nothing wrong is told as right, and all handles can be freed.
 * The cases run beside each other, each with an environment of its own.
 */
#include "harness.h"

#include "alloydb_odbc.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* ---- cases ----------------------------------------------------------------------------------------------------------- */

enum what {
    PASS,
    CLOSE,      /* instead of the message */
    RESET,
    STALL,      /* nothing more comes, and nothing is read */
    HALF,       /* of the message, then the end */
    HALF_STALL, /* of the message, then nothing */
    REPLACE,    /* the message by the payload */
    BEFORE,     /* the payload, then the message */
    DROP,
    RETYPE,     /* the payload's first byte is the message's type */
    TRIM,       /* one byte less of the only value of a row */
    FLOOD,      /* the payload many times, then the message */
    ENDLESS,    /* the payload for ever */
};

enum cancel { CANCEL_WORKS, CANCEL_SILENT, CANCEL_REFUSED };

struct run;

struct deed {
    SQLRETURN (*call)(struct run *r, SQLHANDLE *about);
    bool connects;
};

struct fault {
    const char *name;
    const struct deed *deed;
    char at; /* type of the message; 's': the answer to the request for TLS */
    int nth;
    enum what what;
    const char *payload;
    size_t len;
    const char *states; /* what the failing call may say: "08S01 HYT00"; "" = success, "-" = success too */
    const char *sql;    /* of select_it */
    enum cancel cancel;
    bool libpq_leaks; /* libpq forgets the result that it was about to fill when a Sync comes instead */
};

/* AddressSanitizer's default quarantine of 256 MB would hide what the driver itself keeps. */
const char *__asan_default_options(void) __attribute__((visibility("default")));
const char *__asan_default_options(void)
{
    return "quarantine_size_mb=4";
}

/* Present where LeakSanitizer is. */
void __lsan_disable(void) __attribute__((weak));
void __lsan_enable(void) __attribute__((weak));

/* ---- the relay ------------------------------------------------------------------------------------------------------- */

/* Far more than the driver may keep. */
static size_t flood_bytes(void)
{
    return (size_t)(under_valgrind() ? 1 : 24) << 20;
}

struct run {
    const struct fault *fault;
    /* relay */
    int listener;
    int port;
    atomic_bool stop, armed, hit;
    int seen; /* messages of the type since armed; by the one relay thread */
    pthread_t accepting;
    atomic_int serving; /* threads */
    /* application */
    char connection[512];
    SQLHENV env;
    SQLHDBC dbc;
    SQLHSTMT stmt;
    struct link watch; /* of a case with SQLCancel: sees what the server does */
    SQLUINTEGER pid;
    SQLRETURN rc;
    char state[6];
    char message[512];
    bool wrong;      /* success with a wrong answer */
    bool not_freed;
    bool patient; /* large limits */
    double took, closing;
    pthread_t thread;
};

/* False: the other side is gone, or the relay is to end. */
static bool put(struct run *r, int fd, const void *data, size_t len)
{
    const char *p = data;
    while (len > 0 && !atomic_load(&r->stop)) {
        struct pollfd f = {fd, POLLOUT, 0};
        if (poll(&f, 1, 20) == 0) {
            continue;
        }
        ssize_t n = send(fd, p, len, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && errno != EAGAIN && errno != EINTR) {
            return false;
        }
        p += n > 0 ? n : 0;
        len -= n > 0 ? (size_t)n : 0;
    }
    return len == 0;
}

/* Exactly `len` bytes. */
static bool get(struct run *r, int fd, void *data, size_t len)
{
    char *p = data;
    while (len > 0 && !atomic_load(&r->stop)) {
        struct pollfd f = {fd, POLLIN, 0};
        if (poll(&f, 1, 20) == 0) {
            continue;
        }
        ssize_t n = recv(fd, p, len, 0);
        if (n <= 0) {
            return false;
        }
        p += n;
        len -= (size_t)n;
    }
    return len == 0;
}

static void silence(struct run *r)
{
    while (!atomic_load(&r->stop)) {
        pause_ms(10);
    }
}

static void reset_socket(int fd)
{
    struct linger l = {1, 0};
    (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof l);
}

static int dial_server(void)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons((uint16_t)atoi(getenv("ALDB_TEST_PORT")))};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&a, sizeof a) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

static void be32(unsigned char *p, uint32_t v)
{
    p[0] = (unsigned char)(v >> 24);
    p[1] = (unsigned char)(v >> 16);
    p[2] = (unsigned char)(v >> 8);
    p[3] = (unsigned char)v;
}

static uint32_t of_be32(const unsigned char *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* One message of the server's, or what the case makes of it. False: the connection ends. */
static bool pass_on(struct run *r, int client, unsigned char *m, size_t len)
{
    const struct fault *f = r->fault;
    bool hit = atomic_load(&r->armed) && m[0] == (unsigned char)f->at && ++r->seen == f->nth;
    if (hit) {
        atomic_store(&r->hit, true);
    }
    switch (hit ? f->what : PASS) {
    case PASS:
        return put(r, client, m, len);
    case CLOSE:
        return false;
    case RESET:
        reset_socket(client);
        return false;
    case STALL:
        silence(r);
        return false;
    case HALF:
        (void)put(r, client, m, len / 2);
        return false;
    case HALF_STALL:
        (void)put(r, client, m, len / 2);
        silence(r);
        return false;
    case REPLACE:
        return put(r, client, f->payload, f->len);
    case BEFORE:
        return put(r, client, f->payload, f->len) && put(r, client, m, len);
    case DROP:
        return true;
    case RETYPE:
        m[0] = (unsigned char)f->payload[0];
        return put(r, client, m, len);
    case TRIM:
        be32(m + 1, of_be32(m + 1) - 1);
        be32(m + 7, of_be32(m + 7) - 1);
        return put(r, client, m, len - 1);
    case FLOOD:
    case ENDLESS: {
        enum { MANY = 512 };
        char *many = malloc(f->len * MANY);
        bool ok = many != NULL;
        for (size_t i = 0; ok && i < MANY; i++) {
            memcpy(many + i * f->len, f->payload, f->len);
        }
        for (size_t sent = 0; ok && (f->what == ENDLESS || sent < flood_bytes()); sent += f->len * MANY) {
            ok = put(r, client, many, f->len * MANY);
        }
        free(many);
        return ok && put(r, client, m, len);
    }
    }
    return false;
}

static void relay(struct run *r, int client, int server)
{
    unsigned char *m = NULL;
    char buf[16384];
    for (bool ok = true; ok && !atomic_load(&r->stop);) {
        struct pollfd f[2] = {{client, POLLIN, 0}, {server, POLLIN, 0}};
        if (poll(f, 2, 20) <= 0) {
            continue;
        }
        if (f[0].revents) {
            ssize_t n = recv(client, buf, sizeof buf, 0);
            ok = n > 0 && put(r, server, buf, (size_t)n);
        }
        if (ok && f[1].revents) {
            unsigned char head[5];
            ok = get(r, server, head, 5);
            size_t len = ok ? of_be32(head + 1) + 1u : 0;
            free(m);
            m = ok ? malloc(len) : NULL;
            ok = m != NULL;
            if (ok) {
                memcpy(m, head, 5);
                ok = get(r, server, m + 5, len - 5) && pass_on(r, client, m, len);
            }
        }
    }
    free(m);
}

struct client {
    struct run *r;
    int fd;
};

static void *serve(void *arg)
{
    struct client *c = arg;
    struct run *r = c->r;
    const struct fault *f = r->fault;
    unsigned char head[16];
    int server = -1;
    bool ok = get(r, c->fd, head, 8);
    if (ok && of_be32(head + 4) == 80877103) { /* the request for TLS */
        if (f->at == 's') {
            atomic_store(&r->hit, true);
            ok = f->what == REPLACE && put(r, c->fd, f->payload, f->len);
            if (f->what == STALL) {
                silence(r);
            }
        } else {
            ok = put(r, c->fd, "N", 1);
        }
        ok = ok && get(r, c->fd, head, 8);
    }
    if (ok && of_be32(head + 4) == 80877102) { /* the request to cancel */
        ok = get(r, c->fd, head + 8, 8) && f->cancel == CANCEL_WORKS;
        if (f->cancel == CANCEL_SILENT) {
            silence(r);
        }
    }
    if (ok && (server = dial_server()) >= 0 && put(r, server, head, of_be32(head + 4) == 80877102 ? 16 : 8)) {
        relay(r, c->fd, server);
    }
    if (server >= 0) {
        close(server);
    }
    (void)shutdown(c->fd, SHUT_RDWR);
    close(c->fd);
    free(c);
    atomic_fetch_sub(&r->serving, 1);
    return NULL;
}

static void *accept_all(void *arg)
{
    struct run *r = arg;
    while (!atomic_load(&r->stop)) {
        struct pollfd f = {r->listener, POLLIN, 0};
        if (poll(&f, 1, 20) <= 0) {
            continue;
        }
        struct client *c = malloc(sizeof *c);
        if (c == NULL) {
            abort();
        }
        *c = (struct client){r, accept(r->listener, NULL, NULL)};
        pthread_t thread;
        atomic_fetch_add(&r->serving, 1);
        if (c->fd < 0 || pthread_create(&thread, NULL, serve, c) != 0 || pthread_detach(thread) != 0) {
            abort();
        }
    }
    return NULL;
}

static void relay_start(struct run *r)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof a;
    r->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (r->listener < 0 || bind(r->listener, (struct sockaddr *)&a, sizeof a) != 0 || listen(r->listener, 16) != 0 ||
        getsockname(r->listener, (struct sockaddr *)&a, &len) != 0 || pthread_create(&r->accepting, NULL, accept_all, r) != 0) {
        abort();
    }
    r->port = ntohs(a.sin_port);
}

static void relay_stop(struct run *r)
{
    atomic_store(&r->stop, true);
    pthread_join(r->accepting, NULL);
    while (atomic_load(&r->serving) > 0) {
        pause_ms(5);
    }
    close(r->listener);
}

/* ---- what the application does --------------------------------------------------------------------------------------- */

static bool bad(SQLRETURN rc)
{
    return rc != SQL_SUCCESS && rc != SQL_SUCCESS_WITH_INFO && rc != SQL_NO_DATA;
}

static SQLRETURN connect_it(struct run *r, SQLHANDLE *about)
{
    *about = r->dbc;
    return try_connect(r->dbc, r->connection);
}

/* Could any of these states be said? */
static bool may_say(const struct fault *f, const char *state)
{
    return strstr(f->states, state) != NULL;
}

/*
 * How long the deed may wait from now on. Short where the case is to end so, and nowhere else: on a busy machine a short limit would end
 * other cases too.
 */
static void set_limits(struct run *r)
{
    const struct fault *f = r->fault;
    bool silent = f->what == STALL || f->what == HALF_STALL;
    intptr_t query = !r->patient && may_say(f, "HYT00") ? 1 : 60;
    intptr_t connection = !r->patient && (may_say(f, "HYT01") || (silent && !may_say(f, "HYT00"))) ? 2 : 60;
    intptr_t slower = under_valgrind() ? 4 : 1;
    SQLSetStmtAttr(r->stmt, SQL_ATTR_QUERY_TIMEOUT, (SQLPOINTER)(query * slower), 0);
    SQLSetConnectAttr(r->dbc, SQL_ATTR_CONNECTION_TIMEOUT, (SQLPOINTER)(connection * slower), 0);
}

/* One row with one value; every value of the tests is longer than nothing and known. */
static SQLRETURN select_it(struct run *r, SQLHANDLE *about)
{
    char text[256] = "";
    SQLLEN n = 0;
    *about = r->stmt;
    SQLRETURN rc = exec_direct(r->stmt, r->fault->sql ? r->fault->sql : "select 'right'::text");
    rc = bad(rc) ? rc : SQLFetch(r->stmt);
    bool row = rc == SQL_SUCCESS || rc == SQL_SUCCESS_WITH_INFO;
    rc = row ? SQLGetData(r->stmt, 1, SQL_C_CHAR, text, sizeof text, &n) : rc;
    r->wrong = !bad(rc) && (!row || (r->fault->sql == NULL && strcmp(text, "right") != 0));
    if (!bad(rc)) {
        rc = SQLFetch(r->stmt);
        r->wrong = r->wrong || (!bad(rc) && rc != SQL_NO_DATA);
    }
    return rc;
}

static SQLRETURN select_prepared(struct run *r, SQLHANDLE *about)
{
    SQLINTEGER in = 41, out = 0;
    *about = r->stmt;
    SQLRETURN rc = SQLPrepare(r->stmt, T("select ?::int4 + 1"), SQL_NTS);
    rc = bad(rc) ? rc : SQLBindParameter(r->stmt, 1, SQL_PARAM_INPUT, SQL_C_LONG, SQL_INTEGER, 0, 0, &in, 0, NULL);
    rc = bad(rc) ? rc : SQLBindCol(r->stmt, 1, SQL_C_LONG, &out, 0, NULL);
    for (int i = 0; i < 2 && !bad(rc); i++) {
        out = 0;
        rc = SQLExecute(r->stmt);
        rc = bad(rc) ? rc : SQLFetch(r->stmt);
        r->wrong = r->wrong || (!bad(rc) && out != 42);
        rc = bad(rc) ? rc : SQLFreeStmt(r->stmt, SQL_CLOSE);
    }
    return rc;
}

static SQLRETURN select_rows(struct run *r, SQLHANDLE *about)
{
    SQLBIGINT n = 0, rows = 0;
    *about = r->stmt;
    SQLRETURN rc = SQLBindCol(r->stmt, 1, SQL_C_SBIGINT, &n, 0, NULL);
    rc = bad(rc) ? rc : exec_direct(r->stmt, "select g::int8 from generate_series(1, 1000) g");
    while (!bad(rc) && (rc = SQLFetch(r->stmt)) == SQL_SUCCESS) {
        r->wrong = r->wrong || n != ++rows;
    }
    r->wrong = r->wrong || (rc == SQL_NO_DATA && rows != 1000);
    return rc;
}

/* Rows of a server that never ends them: some are enough. */
static SQLRETURN select_some(struct run *r, SQLHANDLE *about)
{
    SQLRETURN rc = SQL_SUCCESS;
    *about = r->stmt;
    rc = exec_direct(r->stmt, "select 1::int4");
    for (int i = 0; i < (under_valgrind() ? 5000 : 300000) && rc == SQL_SUCCESS; i++) {
        rc = SQLFetch(r->stmt);
    }
    atomic_store(&r->stop, true); /* closing would otherwise go on reading for two minutes, in the hope that the cancel is heard */
    return rc;
}

static SQLRETURN run_array(struct run *r, const char *sql, SQLHANDLE *about)
{
    SQLINTEGER values[50];
    *about = r->stmt;
    for (int i = 0; i < 50; i++) {
        values[i] = i;
    }
    SQLRETURN rc = SQLPrepare(r->stmt, T(sql), SQL_NTS);
    rc = bad(rc) ? rc : SQLSetStmtAttr(r->stmt, SQL_ATTR_PARAMSET_SIZE, (SQLPOINTER)50, 0);
    rc = bad(rc) ? rc : SQLBindParameter(r->stmt, 1, SQL_PARAM_INPUT, SQL_C_LONG, SQL_INTEGER, 0, 0, values, 0, NULL);
    return bad(rc) ? rc : SQLExecute(r->stmt);
}

/* Set by set, in one pipeline. */
static SQLRETURN insert_array(struct run *r, SQLHANDLE *about)
{
    return run_array(r, "insert into pg_temp.hostile select ?::int", about);
}

/* As one statement. */
static SQLRETURN insert_at_once(struct run *r, SQLHANDLE *about)
{
    return run_array(r, "insert into pg_temp.hostile values (?)", about);
}

static SQLRETURN list_tables(struct run *r, SQLHANDLE *about)
{
    *about = r->stmt;
    SQLRETURN rc = SQLTables(r->stmt, NULL, 0, T("pg_catalog"), SQL_NTS, T("pg_class"), SQL_NTS, NULL, 0);
    int rows = 0;
    while (!bad(rc) && (rc = SQLFetch(r->stmt)) == SQL_SUCCESS) {
        rows++;
    }
    r->wrong = rc == SQL_NO_DATA && rows != 1;
    return rc;
}

static SQLRETURN copy_in(struct run *r, SQLHANDLE *about)
{
    SQLLEN rows = 0;
    *about = r->stmt;
    SQLRETURN rc = exec_direct(r->stmt, "copy pg_temp.hostile from stdin");
    rc = rc == SQL_NEED_DATA ? SQLParamData(r->stmt, NULL) : rc;
    rc = rc == SQL_NEED_DATA ? SQLPutData(r->stmt, T("1\n2\n"), 4) : rc;
    rc = bad(rc) ? rc : SQLParamData(r->stmt, NULL);
    r->wrong = !bad(rc) && (!SQL_SUCCEEDED(SQLRowCount(r->stmt, &rows)) || rows != 2);
    return rc;
}

static SQLRETURN copy_out(struct run *r, SQLHANDLE *about)
{
    SQLBIGINT n = 0, rows = 0;
    *about = r->stmt;
    SQLRETURN rc = SQLBindCol(r->stmt, 1, SQL_C_SBIGINT, &n, 0, NULL);
    rc = bad(rc) ? rc : exec_direct(r->stmt, "copy (select generate_series(1, 1000)) to stdout");
    while (!bad(rc) && (rc = SQLFetch(r->stmt)) == SQL_SUCCESS) {
        r->wrong = r->wrong || n != ++rows;
    }
    r->wrong = r->wrong || (rc == SQL_NO_DATA && rows != 1000);
    return rc;
}

static SQLRETURN commit_it(struct run *r, SQLHANDLE *about)
{
    *about = r->dbc;
    atomic_store(&r->armed, false);
    SQLRETURN rc = SQLSetConnectAttr(r->dbc, SQL_ATTR_AUTOCOMMIT, (SQLPOINTER)SQL_AUTOCOMMIT_OFF, 0);
    rc = bad(rc) ? rc : exec_direct(r->stmt, "insert into pg_temp.hostile values (1)");
    r->wrong = bad(rc);
    set_limits(r);
    atomic_store(&r->armed, true);
    return SQLEndTran(SQL_HANDLE_DBC, r->dbc, SQL_COMMIT);
}

static SQLRETURN close_stream(struct run *r, SQLHANDLE *about)
{
    *about = r->stmt;
    SQLRETURN rc = exec_direct(r->stmt, "select repeat('x', 1000) from generate_series(1, 2000000)");
    rc = bad(rc) ? rc : SQLFetch(r->stmt);
    r->wrong = bad(rc);
    return SQLCloseCursor(r->stmt);
}

/* What writes is read to its end when it is closed: only the connection's own limit bounds that. */
static SQLRETURN close_writer(struct run *r, SQLHANDLE *about)
{
    *about = r->stmt;
    SQLRETURN rc = exec_direct(r->stmt, "insert into pg_temp.hostile select g from generate_series(1, 30000) g returning repeat('x', 1000)");
    rc = bad(rc) ? rc : SQLFetch(r->stmt);
    r->wrong = bad(rc);
    return SQLCloseCursor(r->stmt);
}

static SQLRETURN disconnect_it(struct run *r, SQLHANDLE *about)
{
    *about = r->dbc;
    SQLRETURN rc = exec_direct(r->stmt, "select repeat('x', 1000) from generate_series(1, 2000000)");
    r->wrong = bad(rc);
    return SQLDisconnect(r->dbc);
}

static void *cancel_it(void *arg)
{
    struct run *r = arg;
    while (!atomic_load(&r->hit) && !is_waiting(r->watch.stmt, r->pid)) {
        pause_ms(10);
    }
    pause_ms(200);
    double start = seconds_now();
    SQLRETURN rc = SQLCancel(r->stmt);
    r->wrong = r->wrong || rc != SQL_SUCCESS || seconds_now() - start > 15;
    return NULL;
}

static SQLRETURN sleep_and_cancel(struct run *r, SQLHANDLE *about)
{
    pthread_t thread;
    *about = r->stmt;
    SQLSetStmtAttr(r->stmt, SQL_ATTR_QUERY_TIMEOUT, (SQLPOINTER)0, 0);
    SQLSetConnectAttr(r->dbc, SQL_ATTR_CONNECTION_TIMEOUT, (SQLPOINTER)0, 0);
    if (pthread_create(&thread, NULL, cancel_it, r) != 0) {
        abort();
    }
    SQLRETURN rc = exec_direct(r->stmt, r->fault->sql ? r->fault->sql : "select pg_sleep(60)");
    pthread_join(thread, NULL);
    return rc;
}

/* The request to cancel never arrives, the statement ends by itself, and the next one must not be sent into its way. */
static SQLRETURN sleep_and_go_on(struct run *r, SQLHANDLE *about)
{
    SQLRETURN rc = sleep_and_cancel(r, about);
    r->wrong = r->wrong || bad(rc);
    SQLFreeStmt(r->stmt, SQL_CLOSE);
    return exec_direct(r->stmt, "select 1");
}

static const struct deed d_connect = {connect_it, true}, d_select = {select_it, false}, d_prepared = {select_prepared, false}, d_rows = {select_rows, false},
                         d_some = {select_some, false}, d_array = {insert_array, false}, d_at_once = {insert_at_once, false}, d_tables = {list_tables, false}, d_commit = {commit_it, false},
                         d_close = {close_stream, false}, d_close_writer = {close_writer, false}, d_disconnect = {disconnect_it, false},
                         d_cancel = {sleep_and_cancel, false}, d_go_on = {sleep_and_go_on, false}, d_copy_in = {copy_in, false},
                         d_copy_out = {copy_out, false};

static void keep_diagnostics(struct run *r, SQLHANDLE about)
{
    SQLSMALLINT kind = about == r->stmt ? SQL_HANDLE_STMT : SQL_HANDLE_DBC, length = 0;
    SQLINTEGER native = 0;
    (void)SQLGetDiagRec(kind, about, 1, (SQLCHAR *)r->state, &native, (SQLCHAR *)r->message, sizeof r->message, &length);
}

static void *run_case(void *arg)
{
    struct run *r = arg;
    const struct deed *deed = r->fault->deed;
    SQLHANDLE about = NULL;
    bool ready = SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &r->env) == SQL_SUCCESS &&
                 SQLSetEnvAttr(r->env, SQL_ATTR_ODBC_VERSION, (SQLPOINTER)SQL_OV_ODBC3_80, 0) == SQL_SUCCESS &&
                 SQLAllocHandle(SQL_HANDLE_DBC, r->env, &r->dbc) == SQL_SUCCESS;
    if (ready && !deed->connects) {
        ready = SQL_SUCCEEDED(try_connect(r->dbc, r->connection)) && SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_STMT, r->dbc, &r->stmt)) &&
                SQL_SUCCEEDED(exec_direct(r->stmt, "create temp table hostile (a int)")) &&
                SQL_SUCCEEDED(SQLGetConnectAttr(r->dbc, SQL_ATTR_ALLOYDB_BACKEND_PID, &r->pid, 0, NULL));
        about = r->stmt ? r->stmt : r->dbc;
    }
    double start = seconds_now();
    if (ready) {
        if (!deed->connects && deed != &d_commit) {
            set_limits(r);
        }
        atomic_store(&r->armed, true);
        bool leaks = r->fault->libpq_leaks && __lsan_disable != NULL;
        if (leaks) {
            __lsan_disable();
        }
        r->rc = deed->call(r, &about);
        if (leaks) {
            __lsan_enable();
        }
        r->took = seconds_now() - start;
        if (bad(r->rc)) {
            keep_diagnostics(r, about);
        }
    } else {
        r->rc = SQL_ERROR;
        r->wrong = true;
        keep_diagnostics(r, about ? about : r->dbc);
    }
    start = seconds_now();
    if (r->stmt != NULL && deed != &d_disconnect) {
        r->not_freed = !SQL_SUCCEEDED(SQLFreeHandle(SQL_HANDLE_STMT, r->stmt));
    }
    (void)SQLEndTran(SQL_HANDLE_DBC, r->dbc, SQL_ROLLBACK);
    (void)SQLDisconnect(r->dbc);
    r->not_freed = r->not_freed || SQLFreeHandle(SQL_HANDLE_DBC, r->dbc) != SQL_SUCCESS || SQLFreeHandle(SQL_HANDLE_ENV, r->env) != SQL_SUCCESS;
    r->closing = seconds_now() - start;
    relay_stop(r);
    return NULL;
}

/* ---- the tables ------------------------------------------------------------------------------------------------------ */

#define BYTES(text) text, sizeof(text) - 1

/* RowDescription of columns named "a": (count, format, type), bodies written by hand. */
#define ROW_T_TEXT_AS_INT8 "T\0\0\0\x1a\0\1a\0\0\0\0\0\0\0\0\0\0\x14\0\x08\xff\xff\xff\xff\0\1"
#define ROW_T_NO_COLUMN "T\0\0\0\6\0\0"
#define ROW_T_MANY_COLUMNS "T\0\0\0\6\xff\xff"
#define ROW_D_NO_COLUMN "D\0\0\0\6\0\0"
#define ROW_D_TWO_COLUMNS "D\0\0\0\x10\0\2\0\0\0\1x\0\0\0\1y"
#define ROW_D_HUGE_VALUE "D\0\0\0\x0f\0\1\x7f\xff\xff\xffright"
#define ROW_D_NEGATIVE_VALUE "D\0\0\0\x0f\0\1\x80\0\0\0right"
#define ROW_D_SHORT "D\0\0\0\5\0"
#define ROW_D_FALSE_LENGTH "D\0\0\0\x0f\0\1\0\0\0\xc8right"

static const struct fault login[] = {
    {"the answer to the request for TLS is the end", &d_connect, 's', 1, CLOSE, BYTES(""), "08001", NULL, CANCEL_WORKS, false},
    {"no answer to the request for TLS", &d_connect, 's', 1, STALL, BYTES(""), "HYT00", NULL, CANCEL_WORKS, false},
    {"a wrong answer to the request for TLS", &d_connect, 's', 1, REPLACE, BYTES("X"), "08001", NULL, CANCEL_WORKS, false},
    {"TLS is promised, and no TLS comes: SSLMode=prefer tries without", &d_connect, 's', 1, REPLACE, BYTES("SHTTP/1.1 400 Bad Request\r\n\r\n"), "- HYT00", NULL, CANCEL_WORKS, false}, /* libpq 17 waits for the handshake first */
    {"closed before authentication", &d_connect, 'R', 1, CLOSE, BYTES(""), "08001", NULL, CANCEL_WORKS, false},
    {"closed in authentication", &d_connect, 'R', 2, CLOSE, BYTES(""), "08001", NULL, CANCEL_WORKS, false},
    {"reset in authentication", &d_connect, 'R', 2, RESET, BYTES(""), "08001", NULL, CANCEL_WORKS, false},
    {"silence in authentication", &d_connect, 'R', 2, STALL, BYTES(""), "HYT00", NULL, CANCEL_WORKS, false},
    {"half a message of authentication", &d_connect, 'R', 1, HALF_STALL, BYTES(""), "HYT00", NULL, CANCEL_WORKS, false},
    {"an unknown kind of authentication", &d_connect, 'R', 1, REPLACE, BYTES("R\0\0\0\x08\0\0\0\x63"), "08001", NULL, CANCEL_WORKS, false},
    {"authentication of a gigabyte", &d_connect, 'R', 1, REPLACE, BYTES("R\x3f\xff\xff\xff\0\0\0\0"), "08001", NULL, CANCEL_WORKS, false},
    {"a negative length in the login", &d_connect, 'R', 1, REPLACE, BYTES("R\xff\xff\xff\xff\0\0\0\0"), "08001", NULL, CANCEL_WORKS, false},
    {"a zero length in the login", &d_connect, 'S', 1, REPLACE, BYTES("S\0\0\0\0"), "08001", NULL, CANCEL_WORKS, false},
    {"closed among the parameters", &d_connect, 'S', 3, CLOSE, BYTES(""), "08001", NULL, CANCEL_WORKS, false},
    {"half a parameter", &d_connect, 'S', 4, HALF, BYTES(""), "08001", NULL, CANCEL_WORKS, false},
    {"silence among the parameters", &d_connect, 'S', 5, STALL, BYTES(""), "HYT00", NULL, CANCEL_WORKS, false},
    {"parameters without end", &d_connect, 'S', 2, ENDLESS, BYTES("S\0\0\0\x0bx\0" "1234\0"), "HYT00 08001", NULL, CANCEL_WORKS, false},
    {"notices without end in the login", &d_connect, 'S', 2, ENDLESS, BYTES("N\0\0\0\x17SNOTICE\0C00000\0Mx\0\0"), "HYT00", NULL, CANCEL_WORKS, false},
    {"closed instead of ready", &d_connect, 'Z', 1, CLOSE, BYTES(""), "08001", NULL, CANCEL_WORKS, false},
    {"silence instead of ready", &d_connect, 'Z', 1, STALL, BYTES(""), "HYT00", NULL, CANCEL_WORKS, false},
    {"rows instead of ready", &d_connect, 'Z', 1, REPLACE, BYTES(ROW_D_NO_COLUMN), "08001 HYT00", NULL, CANCEL_WORKS, false},
    {"no key to cancel with", &d_connect, 'K', 1, DROP, BYTES(""), "-", NULL, CANCEL_WORKS, false},
};

static const struct fault ends[] = {
    {"closed at Parse", &d_select, '1', 1, CLOSE, BYTES(""), "08S01", NULL, CANCEL_WORKS, false},
    {"reset at Parse", &d_prepared, '1', 1, RESET, BYTES(""), "08S01", NULL, CANCEL_WORKS, false},
    {"silence at Parse", &d_prepared, '1', 1, STALL, BYTES(""), "HYT00", NULL, CANCEL_WORKS, false},
    {"silence at Describe", &d_prepared, 't', 1, HALF_STALL, BYTES(""), "HYT00", NULL, CANCEL_WORKS, false},
    {"closed at Bind", &d_prepared, '2', 1, CLOSE, BYTES(""), "08S01", NULL, CANCEL_WORKS, false},
    {"silence at Bind", &d_prepared, '2', 1, STALL, BYTES(""), "HYT00", NULL, CANCEL_WORKS, false},
    {"closed in a row", &d_rows, 'D', 500, HALF, BYTES(""), "08S01", NULL, CANCEL_WORKS, false},
    {"reset between rows", &d_rows, 'D', 500, RESET, BYTES(""), "08S01", NULL, CANCEL_WORKS, false},
    {"silence in a row", &d_rows, 'D', 500, HALF_STALL, BYTES(""), "HYT01", NULL, CANCEL_WORKS, false},
    {"closed before the end of rows", &d_rows, 'C', 1, CLOSE, BYTES(""), "08S01", NULL, CANCEL_WORKS, false},
    {"closed between the rows and the Sync", &d_rows, 'Z', 2, CLOSE, BYTES(""), "08S01", NULL, CANCEL_WORKS, false},
    {"silence between the rows and the Sync", &d_rows, 'Z', 2, STALL, BYTES(""), "HYT01", NULL, CANCEL_WORKS, false},
    {"closed in an array", &d_array, 'C', 30, CLOSE, BYTES(""), "08S01 08007", NULL, CANCEL_WORKS, false},
    {"closed behind an array at once", &d_at_once, 'C', 1, CLOSE, BYTES(""), "08S01 08007", NULL, CANCEL_WORKS, false},
    {"silence behind an array at once", &d_at_once, 'C', 1, STALL, BYTES(""), "HYT00 08S01 08007", NULL, CANCEL_WORKS, false},
    {"silence in an array", &d_array, 'C', 30, STALL, BYTES(""), "HYT00 08S01 08007", NULL, CANCEL_WORKS, false},
    {"closed in a catalog function", &d_tables, 'T', 1, CLOSE, BYTES(""), "08S01", NULL, CANCEL_WORKS, false},
    {"silence in a catalog function", &d_tables, 'D', 1, STALL, BYTES(""), "HYT00 HYT01", NULL, CANCEL_WORKS, false},
    {"closed in COMMIT", &d_commit, 'C', 1, CLOSE, BYTES(""), "08007", NULL, CANCEL_WORKS, false},
    {"closed behind COMMIT", &d_commit, 'Z', 1, CLOSE, BYTES(""), "08007", NULL, CANCEL_WORKS, false},
    {"silence in COMMIT", &d_commit, 'C', 1, STALL, BYTES(""), "08007", NULL, CANCEL_WORKS, false},
    {"silence in closing a query", &d_close, 'D', 3000, STALL, BYTES(""), "- 08S01", NULL, CANCEL_SILENT, false},
    {"silence in closing what writes", &d_close_writer, 'D', 8000, STALL, BYTES(""), "HYT01 08S01", NULL, CANCEL_SILENT, false},
    {"silence in disconnecting", &d_disconnect, 'D', 3000, STALL, BYTES(""), "- 01002 08S01", NULL, CANCEL_SILENT, false},
    {"silence, and no request to cancel arrives", &d_select, '2', 1, STALL, BYTES(""), "HYT00", NULL, CANCEL_SILENT, false},
    {"silence, and requests to cancel are refused", &d_select, '2', 1, STALL, BYTES(""), "HYT00", NULL, CANCEL_REFUSED, false},
    {"SQLCancel in silence", &d_cancel, '2', 1, STALL, BYTES(""), "08S01", NULL, CANCEL_SILENT, false},
    {"SQLCancel in silence at Parse", &d_cancel, '1', 1, STALL, BYTES(""), "08S01", NULL, CANCEL_SILENT, false},
    {"SQLCancel, refused, in silence", &d_cancel, '2', 1, STALL, BYTES(""), "08S01", NULL, CANCEL_REFUSED, false},
    {"SQLCancel whose answer is lost", &d_cancel, 'E', 1, STALL, BYTES(""), "08S01", NULL, CANCEL_WORKS, false},
    {"SQLCancel that never arrives, while the server works", &d_cancel, 'x', 1, PASS, BYTES(""), "-", "select pg_sleep(4)", CANCEL_SILENT, false},
    {"the statement behind a SQLCancel that never arrives", &d_go_on, 'x', 1, PASS, BYTES(""), "08S01", "select pg_sleep(4)", CANCEL_SILENT, false},
};

static const struct fault lies[] = {
    {"a wrong type of message", &d_select, 'D', 1, RETYPE, BYTES("\x7f"), "08S01", NULL, CANCEL_WORKS, false},
    {"ready in the middle", &d_select, 'D', 1, BEFORE, BYTES("Z\0\0\0\5I"), "08S01 HY000", NULL, CANCEL_WORKS, true},
    {"an answer nobody asked for", &d_select, '1', 1, BEFORE, BYTES("1\0\0\0\4"), "08S01 HY000 HYT00 -", NULL, CANCEL_WORKS, false},
    {"a row without its description", &d_select, 'T', 2, DROP, BYTES(""), "08S01 HY000", NULL, CANCEL_WORKS, false},
    {"no description of the result", &d_select, 'T', 1, DROP, BYTES(""), "08S01 HY000 HYT00 -", NULL, CANCEL_WORKS, true},
    {"a description without columns", &d_select, 'T', 2, REPLACE, BYTES(ROW_T_NO_COLUMN), "08S01 HY000", NULL, CANCEL_WORKS, false},
    {"a description of 65,535 columns and none", &d_select, 'T', 2, REPLACE, BYTES(ROW_T_MANY_COLUMNS), "08S01 HY000 HY001", NULL, CANCEL_WORKS, false},
    {"text where a binary number is promised", &d_select, 'T', 2, REPLACE, BYTES(ROW_T_TEXT_AS_INT8), "HY000 22018 08S01", NULL, CANCEL_WORKS, false},
    {"a row without columns", &d_select, 'D', 1, REPLACE, BYTES(ROW_D_NO_COLUMN), "08S01 HY000", NULL, CANCEL_WORKS, false},
    {"a row with too many columns", &d_select, 'D', 1, REPLACE, BYTES(ROW_D_TWO_COLUMNS), "08S01 HY000", NULL, CANCEL_WORKS, false},
    {"a value longer than its row", &d_select, 'D', 1, REPLACE, BYTES(ROW_D_HUGE_VALUE), "08S01 HY000", NULL, CANCEL_WORKS, false},
    {"a value of negative length", &d_select, 'D', 1, REPLACE, BYTES(ROW_D_NEGATIVE_VALUE), "08S01 HY000", NULL, CANCEL_WORKS, false},
    {"a value that ends behind its row", &d_select, 'D', 1, REPLACE, BYTES(ROW_D_FALSE_LENGTH), "08S01 HY000", NULL, CANCEL_WORKS, false},
    {"half a count of columns", &d_select, 'D', 1, REPLACE, BYTES(ROW_D_SHORT), "08S01 HY000", NULL, CANCEL_WORKS, false},
    {"a message of zero length", &d_rows, 'D', 9, REPLACE, BYTES("D\0\0\0\0"), "08S01", NULL, CANCEL_WORKS, false},
    {"a message of negative length", &d_rows, 'D', 9, REPLACE, BYTES("D\xff\xff\xff\xf0"), "08S01", NULL, CANCEL_WORKS, false},
    {"a message of two gigabytes", &d_rows, 'D', 9, REPLACE, BYTES("D\x7f\xff\xff\xff"), "08S01 HYT00 HYT01", NULL, CANCEL_WORKS, false},
    {"a row lost", &d_select, 'D', 1, DROP, BYTES(""), "wrong", NULL, CANCEL_WORKS, false},
    {"COPY where nobody asked for it", &d_select, 'T', 2, REPLACE, BYTES("H\0\0\0\7\0\0\0"), "HYC00 08S01 HY000", NULL, CANCEL_WORKS, false},
    {"COPY in both directions", &d_select, 'T', 2, REPLACE, BYTES("W\0\0\0\7\0\0\0"), "HYC00 08S01 HY000", NULL, CANCEL_WORKS, false},
    {"an error without fields", &d_select, 'C', 1, BEFORE, BYTES("E\0\0\0\5\0"), "08S01 HY000", NULL, CANCEL_WORKS, false},
    {"an error that is not ended", &d_select, 'C', 1, BEFORE, BYTES("E\0\0\0\7SER"), "08S01 HY000", NULL, CANCEL_WORKS, false},
    {"a command without its tag", &d_select, 'C', 1, REPLACE, BYTES("C\0\0\0\5\0"), "-", NULL, CANCEL_WORKS, false},
};

/* Each binary form one byte short. */
#define SHORT(type, literal) {"a short " type, &d_select, 'D', 1, TRIM, BYTES(""), "HY000 22018 08S01", "select '" literal "'::" type, CANCEL_WORKS, false}
static const struct fault values[] = {
    SHORT("bool", "true"), SHORT("int2", "1"), SHORT("int4", "1"), SHORT("int8", "1"), SHORT("float4", "1.5"), SHORT("float8", "1.5"),
    SHORT("numeric", "12.34"), SHORT("date", "2020-01-02"), SHORT("time", "01:02:03"), SHORT("timetz", "01:02:03+01"),
    SHORT("timestamp", "2020-01-02 03:04:05"), SHORT("timestamptz", "2020-01-02 03:04:05+00"), SHORT("interval", "1 day"),
    SHORT("uuid", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"), SHORT("oid", "7"), SHORT("int4[]", "{1,2}"), SHORT("text[]", "{a,bc}"),
};

#define LONG_TEXT "sixty characters, which say nothing that anybody could need." "sixty characters, which say nothing that anybody could need." \
                  "sixty characters, which say nothing that anybody could need."
static const struct fault copies[] = {
    {"closed before COPY begins", &d_copy_in, 'G', 1, CLOSE, BYTES(""), "08S01", NULL, CANCEL_WORKS, false},
    {"silence before COPY begins", &d_copy_in, 'G', 1, STALL, BYTES(""), "HYT00", NULL, CANCEL_WORKS, false},
    {"silence before its text is parsed", &d_copy_in, '1', 1, STALL, BYTES(""), "HYT01", NULL, CANCEL_WORKS, false},
    {"COPY that does not begin", &d_copy_in, 'G', 1, DROP, BYTES(""), "HYT00 08S01", NULL, CANCEL_WORKS, false},
    {"COPY the other way", &d_copy_in, 'G', 1, REPLACE, BYTES("H\0\0\0\7\0\0\0"), "HYT00 HYC00 08S01", NULL, CANCEL_WORKS, false},
    {"rows instead of COPY", &d_copy_in, 'G', 1, REPLACE, BYTES(ROW_T_TEXT_AS_INT8), "HYT00 HY000 08S01", NULL, CANCEL_WORKS, false},
    {"COPY that begins twice", &d_copy_in, 'G', 1, BEFORE, BYTES("G\0\0\0\7\0\0\0"), "HYC00 HY000 08S01", NULL, CANCEL_WORKS, false},
    {"COPY that begins again at its end", &d_copy_in, 'C', 1, BEFORE, BYTES("G\0\0\0\7\0\0\0"), "HYC00 HY000 08S01", NULL, CANCEL_WORKS, false},
    {"ready before the end of COPY", &d_copy_in, 'C', 1, BEFORE, BYTES("Z\0\0\0\5I"), "HY000 08S01", NULL, CANCEL_WORKS, false},
    {"ready instead of COPY", &d_copy_in, 'G', 1, BEFORE, BYTES("Z\0\0\0\5I"), "HY000 08S01", NULL, CANCEL_WORKS, false},
    {"closed at the end of COPY", &d_copy_in, 'C', 1, CLOSE, BYTES(""), "08S01", NULL, CANCEL_WORKS, false},
    {"silence at the end of COPY", &d_copy_in, 'C', 1, STALL, BYTES(""), "HYT00", NULL, CANCEL_WORKS, false},
    {"COPY without its tag", &d_copy_in, 'C', 1, DROP, BYTES(""), "HY000 08S01", NULL, CANCEL_WORKS, false},
    {"closed before the rows of COPY", &d_copy_out, 'H', 1, CLOSE, BYTES(""), "08S01", NULL, CANCEL_WORKS, false},
    {"rows of COPY that does not begin", &d_copy_out, 'H', 1, DROP, BYTES(""), "24000 HY000 08S01", NULL, CANCEL_WORKS, false},
    {"COPY out that wants data", &d_copy_out, 'H', 1, REPLACE, BYTES("G\0\0\0\7\0\0\0"), "HYC00 HY000 08S01", NULL, CANCEL_WORKS, false},
    {"COPY out that begins twice", &d_copy_out, 'H', 1, BEFORE, BYTES("H\0\0\0\7\0\0\0"), "HYC00 HY000 08S01", NULL, CANCEL_WORKS, false},
    {"closed in a row of COPY", &d_copy_out, 'd', 500, HALF, BYTES(""), "08S01", NULL, CANCEL_WORKS, false},
    {"silence in a row of COPY", &d_copy_out, 'd', 500, HALF_STALL, BYTES(""), "HYT01", NULL, CANCEL_WORKS, false},
    {"a row of COPY of negative length", &d_copy_out, 'd', 9, REPLACE, BYTES("d\xff\xff\xff\xf0"), "HY000 08S01", NULL, CANCEL_WORKS, false},
    {"a row of COPY of two gigabytes", &d_copy_out, 'd', 9, REPLACE, BYTES("d\x7f\xff\xff\xff"), "08S01 HYT00 HYT01", NULL, CANCEL_WORKS, false},
    {"a row of COPY without its line's end", &d_copy_out, 'd', 9, REPLACE, BYTES("d\0\0\0\5" "9"), "-", NULL, CANCEL_WORKS, false},
    {"a common row among those of COPY", &d_copy_out, 'd', 9, BEFORE, BYTES(ROW_D_TWO_COLUMNS), "HY000 08S01", NULL, CANCEL_WORKS, false},
    {"ready among the rows of COPY", &d_copy_out, 'd', 9, BEFORE, BYTES("Z\0\0\0\5I"), "HY000 08S01", NULL, CANCEL_WORKS, false},
    {"rows of COPY without their end", &d_copy_out, 'c', 1, DROP, BYTES(""), "-", NULL, CANCEL_WORKS, false},
};

static const struct fault floods[] = {
    {"notices", &d_select, 'D', 1, FLOOD, BYTES("N\0\0\0\xcaSNOTICE\0C00000\0M" LONG_TEXT "\0\0"), "-", NULL, CANCEL_WORKS, false},
    {"changes of a parameter", &d_select, 'D', 1, FLOOD, BYTES("S\0\0\0\x14TimeZone\0Europe\0"), "-", NULL, CANCEL_WORKS, false},
    {"notifications", &d_select, 'D', 1, FLOOD, BYTES("A\0\0\0\x0e\0\0\0\1abc\0x\0"), "-", NULL, CANCEL_WORKS, false},
    {"rows", &d_some, 'D', 1, ENDLESS, BYTES("D\0\0\0\x0e\0\1\0\0\0\4\0\0\0\1"), "-", NULL, CANCEL_WORKS, false},
};

/* ---- running them ---------------------------------------------------------------------------------------------------- */

static void judge(struct run *r, double limit)
{
    const struct fault *f = r->fault;
    bool lost_row = strcmp(f->states, "wrong") == 0; /* nobody could see it: that the relay works */
    bool good = bad(r->rc) ? r->state[0] && may_say(f, r->state) : strchr(f->states, '-') != NULL || lost_row;
    bool silent_cancel = f->deed == &d_cancel && f->cancel != CANCEL_WORKS; /* the silence is the cancel's: nothing else need come */
    good = good && (atomic_load(&r->hit) || silent_cancel || f->what == PASS || under_valgrind()); /* else nothing was tried: it may not come so far when it is slow */
    good = good && r->wrong == lost_row && !r->not_freed && r->took < limit && r->closing < limit;
    if (!good || getenv("ALDB_TEST_VERBOSE")) {
        printf("\n    %s: rc %d [%s] %s, wrong %d, not freed %d, %.1f s and %.1f s to close", f->name, r->rc, r->state, r->message, r->wrong, r->not_freed, r->took,
               r->closing);
    }
    CHECK(good);
}

/* Where libpq itself loses memory: AddressSanitizer can be told so, valgrind cannot. */
static bool skipped(const struct fault *f)
{
    return f->libpq_leaks && under_valgrind();
}

static void run_cases(const struct fault *faults, size_t count, const char *tls, bool at_once)
{
    struct run *runs = calloc(count, sizeof *runs);
    int slower = under_valgrind() ? 4 : 1;
    if (runs == NULL) {
        abort();
    }
    for (size_t i = 0; i < count; i++) {
        struct run *r = &runs[i];
        r->fault = &faults[i];
        r->patient = !at_once;
        if (skipped(r->fault)) {
            continue;
        }
        relay_start(r);
        char extra[128];
        snprintf(extra, sizeof extra, "Server=127.0.0.1;Port=%d;SSLMode=%s;LoginTimeout=%d;", r->port, tls,
                 (r->fault->deed->connects && may_say(r->fault, "HYT00") ? 2 : 60) * slower);
        if (r->fault->deed == &d_cancel || r->fault->deed == &d_go_on) {
            r->watch = link_open("");
        }
        snprintf(r->connection, sizeof r->connection, "%s", connstr("%s", extra));
        if (pthread_create(&r->thread, NULL, run_case, r) != 0) {
            abort();
        }
        if (!at_once) {
            pthread_join(r->thread, NULL);
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (skipped(runs[i].fault)) {
            continue;
        }
        if (at_once) {
            pthread_join(runs[i].thread, NULL);
        }
        link_close(&runs[i].watch);
        judge(&runs[i], at_once ? 50 * slower : 120);
    }
    free(runs);
    /* The process is none the worse for it. */
    struct link l = link_open("");
    CHECK_INT(query_int(l.stmt, "select 42"), 42);
    link_close(&l);
}

static void in_the_login(void)
{
    run_cases(login, COUNT(login), "prefer", true);
}

static void afterwards(void)
{
    run_cases(ends, COUNT(ends), "disable", true);
}

static void liars(void)
{
    run_cases(lies, COUNT(lies), "disable", true);
}

static void copied(void)
{
    run_cases(copies, COUNT(copies), "disable", true);
}

static void short_values(void)
{
    run_cases(values, COUNT(values), "disable", true);
}

static long resident_kb(void)
{
    long pages = 0, resident = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    if (f == NULL || fscanf(f, "%ld %ld", &pages, &resident) != 2) {
        abort();
    }
    fclose(f);
    return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

/* Many megabytes, one case after the other: memory does not follow. */
static void flat(void)
{
    for (size_t i = 0; i < COUNT(floods); i++) {
        long before = resident_kb();
        run_cases(&floods[i], 1, "disable", false);
        long grown = resident_kb() - before;
        printf("%s: %ld kB; ", floods[i].name, grown);
        CHECK(grown < 32 << 10); /* the allocator keeps some, of this case or gives back of the one before */
    }
}

int main(void)
{
    static const struct test tests[] = {
        {"in the login", in_the_login},
        {"ends and silence afterwards", afterwards},
        {"lies", liars},
        {"COPY", copied},
        {"values one byte short", short_values},
        {"floods", flat},
    };
    alarm(3500);
    return run_tests("hostile servers", tests, COUNT(tests));
}
