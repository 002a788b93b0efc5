/* SPDX-License-Identifier: Apache-2.0 */
/* A server that goes away: 08S01 from the call that notices, and from every one after it, until the handle is connected again. */
#include "harness.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* ---- ways to lose a server ------------------------------------------------------------------------------------------ */

static void terminate(int64_t pid)
{
    struct link other = link_open("");
    char sql[80];
    snprintf(sql, sizeof sql, "select pg_terminate_backend(%lld, 30000)", (long long)pid);
    CHECK_TEXT(query_text(other.stmt, sql), "1");
    link_close(&other);
}

/* A wire between one client and the server, which can be cut: at once (RST), or so that nothing passes any more and nobody is told. */
struct wire {
    int listener, port;
    pthread_t thread;
    int order[2]; /* 'r' reset, 's' silence, 'x' end */
};

static int to_server(void)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons((uint16_t)strtoul(fact("PORT"), NULL, 10))};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof a) != 0) {
        perror("to the server");
        exit(EXIT_FAILURE);
    }
    return fd;
}

static bool pass_on(int from, int to)
{
    char data[65536];
    ssize_t n = read(from, data, sizeof data);
    for (ssize_t at = 0; at < n;) {
        ssize_t sent = write(to, data + at, (size_t)(n - at));
        if (sent < 0) {
            return false;
        }
        at += sent;
    }
    return n > 0;
}

static void *run_wire(void *arg)
{
    struct wire *w = arg;
    int client = accept(w->listener, NULL, NULL);
    int server = to_server();
    char order = 'g';
    while (order != 'x') {
        bool open = order == 'g';
        struct pollfd fds[3] = {{.fd = w->order[0], .events = POLLIN}, {.fd = open ? client : -1, .events = POLLIN}, {.fd = open ? server : -1, .events = POLLIN}};
        if (poll(fds, 3, -1) < 0 && errno != EINTR) {
            break;
        }
        if (fds[0].revents) {
            (void)!read(w->order[0], &order, 1);
            if (order == 'r') {
                struct linger hard = {1, 0};
                setsockopt(client, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
                close(client);
                client = -1;
            }
        } else if ((fds[1].revents && !pass_on(client, server)) || (fds[2].revents && !pass_on(server, client))) {
            break;
        }
    }
    if (client >= 0) {
        close(client);
    }
    close(server);
    return NULL;
}

static struct wire *wire_new(void)
{
    struct wire *w = calloc(1, sizeof *w);
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof a;
    w->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(w->listener, (struct sockaddr *)&a, size) != 0 || listen(w->listener, 4) != 0 || getsockname(w->listener, (struct sockaddr *)&a, &size) != 0 ||
        pipe(w->order) != 0 || pthread_create(&w->thread, NULL, run_wire, w) != 0) {
        perror("a wire");
        exit(EXIT_FAILURE);
    }
    w->port = ntohs(a.sin_port);
    return w;
}

static void wire_order(struct wire *w, char order)
{
    (void)!write(w->order[1], &order, 1);
}

static void wire_free(struct wire *w)
{
    wire_order(w, 'x');
    pthread_join(w->thread, NULL);
    close(w->listener);
    close(w->order[0]);
    close(w->order[1]);
    free(w);
}

/* ---- every function afterwards -------------------------------------------------------------------------------------- */

static SQLHSTMT bare, prepared, described, counted, cursor; /* of the connection that is lost */
static SQLHDESC ird;                                        /* of `described` */

/* Some of each kind, from before. */
static void make_statements(struct link *l)
{
    SQLSMALLINT n = 0;
    bare = new_stmt(l->dbc);
    prepared = new_stmt(l->dbc);
    described = new_stmt(l->dbc);
    cursor = new_stmt(l->dbc);
    CHECK_OK(prepared, SQLPrepare(prepared, T("select 77"), SQL_NTS));
    CHECK_OK(described, SQLPrepare(described, T("select 78"), SQL_NTS));
    CHECK_OK(described, SQLNumResultCols(described, &n));
    CHECK_INT(n, 1);
    CHECK_OK(described, SQLGetStmtAttr(described, SQL_ATTR_IMP_ROW_DESC, &ird, 0, NULL));
    counted = new_stmt(l->dbc);
    query(counted, "create temporary table counted as select g from generate_series(1, 3) g");
    CHECK_OK(counted, SQLExecDirect(counted, T("update counted set g = g + 1"), SQL_NTS));
}

static void all_is_lost(struct link *l)
{
    char text[64];
    SQLSMALLINT n = 0;
    SQLUINTEGER u = 99;
    SQLLEN rows = -1;
    double start = seconds_now();
    for (int round = 0; round < 2; round++) {
        CHECK_STATE(bare, SQLExecDirect(bare, T("select 1"), SQL_NTS), "08S01");
        CHECK_STATE(bare, SQLPrepare(bare, T("select 1"), SQL_NTS), "08S01");
        CHECK_STATE(bare, SQLTables(bare, NULL, 0, NULL, 0, NULL, 0, NULL, 0), "08S01");
        CHECK_STATE(bare, SQLTables(bare, T("%"), SQL_NTS, T(""), 0, T(""), 0, NULL, 0), "08S01");
        CHECK_STATE(bare, SQLColumns(bare, NULL, 0, NULL, 0, NULL, 0, NULL, 0), "08S01");
        CHECK_STATE(bare, SQLPrimaryKeys(bare, NULL, 0, NULL, 0, T("t"), SQL_NTS), "08S01");
        CHECK_STATE(bare, SQLGetTypeInfo(bare, SQL_ALL_TYPES), "08S01");
        CHECK_STATE(prepared, SQLExecute(prepared), "08S01");
        CHECK_STATE(prepared, SQLNumResultCols(prepared, &n), "08S01");
        CHECK_STATE(described, SQLExecute(described), "08S01");
        /* What the server said of a text is as dead as the server: whoever polls with it must learn so. */
        CHECK_STATE(described, SQLNumResultCols(described, &n), "08S01");
        CHECK_STATE(described, SQLDescribeCol(described, 1, (SQLCHAR *)text, sizeof text, &n, NULL, NULL, NULL, NULL), "08S01");
        CHECK_STATE(described, SQLColAttribute(described, 1, SQL_DESC_NAME, text, sizeof text, &n, NULL), "08S01");
        CHECK_STATE(described, SQLNumParams(described, &n), "08S01");
        CHECK_STATE(described, SQLDescribeParam(described, 1, NULL, NULL, NULL, NULL), "08S01");
        CHECK_STATE(ird, SQLGetDescField(ird, 1, SQL_DESC_NAME, text, sizeof text, NULL), "08S01");
        /* What an execution brought stays: its rows were counted, its columns are those of rows that may have arrived. */
        CHECK_OK(counted, SQLRowCount(counted, &rows));
        CHECK_INT(rows, 3);
        CHECK_OK(counted, SQLNumResultCols(counted, &n));
        CHECK_STATE(l->dbc, SQLEndTran(SQL_HANDLE_DBC, l->dbc, SQL_COMMIT), "08S01");
        CHECK_STATE(l->dbc, SQLEndTran(SQL_HANDLE_DBC, l->dbc, SQL_ROLLBACK), "08S01");
        CHECK_INT(SQLEndTran(SQL_HANDLE_ENV, l->env, SQL_COMMIT), SQL_ERROR);
        CHECK_STATE(l->dbc, SQLSetConnectAttr(l->dbc, SQL_ATTR_AUTOCOMMIT, (SQLPOINTER)SQL_AUTOCOMMIT_OFF, 0), "08S01");
        CHECK_STATE(l->dbc, SQLSetConnectAttr(l->dbc, SQL_ATTR_AUTOCOMMIT, (SQLPOINTER)SQL_AUTOCOMMIT_ON, 0), "08S01");
        CHECK_STATE(l->dbc, SQLSetConnectAttr(l->dbc, SQL_ATTR_TXN_ISOLATION, (SQLPOINTER)SQL_TXN_SERIALIZABLE, 0), "08S01");
        CHECK_STATE(l->dbc, SQLSetConnectAttr(l->dbc, SQL_ATTR_ACCESS_MODE, (SQLPOINTER)SQL_MODE_READ_ONLY, 0), "08S01");
        CHECK_STATE(l->dbc, SQLGetInfo(l->dbc, SQL_COLLATION_SEQ, text, sizeof text, &n), "08S01");
        CHECK_OK(l->dbc, SQLGetConnectAttr(l->dbc, SQL_ATTR_CONNECTION_DEAD, &u, 0, NULL));
        CHECK_INT(u, SQL_CD_TRUE);
        /* What was known stays known, and what frees goes on freeing. */
        CHECK_OK(l->dbc, SQLGetInfo(l->dbc, SQL_DBMS_NAME, text, sizeof text, &n));
        CHECK_OK(l->dbc, SQLNativeSql(l->dbc, T("{fn now()}"), SQL_NTS, (SQLCHAR *)text, sizeof text, NULL));
        CHECK_OK(bare, SQLFreeStmt(bare, SQL_CLOSE));
        CHECK_OK(bare, SQLFreeStmt(bare, SQL_UNBIND));
        CHECK_OK(bare, SQLCancel(bare));
        SQLHSTMT fresh = new_stmt(l->dbc);
        CHECK_STATE(fresh, SQLExecDirect(fresh, T("select 1"), SQL_NTS), "08S01");
        free_stmt(fresh);
    }
    CHECK_OK(described, SQLFreeHandle(SQL_HANDLE_STMT, described));
    CHECK_INFO(l->dbc, SQLDisconnect(l->dbc), "01002");
    CHECK(seconds_now() - start < 15); /* nobody waits for the dead */
    l->stmt = SQL_NULL_HSTMT;
    /* The handle is as good as new. */
    CHECK_OK(l->dbc, try_connect(l->dbc, connstr(";")));
    CHECK_OK(l->dbc, SQLGetConnectAttr(l->dbc, SQL_ATTR_CONNECTION_DEAD, &u, 0, NULL));
    CHECK_INT(u, SQL_CD_FALSE);
    l->stmt = new_stmt(l->dbc);
    CHECK_INT(query_int(l->stmt, "select 42"), 42);
    link_close(l);
}

/* ---- tests ---------------------------------------------------------------------------------------------------------- */

static const char *const roads[] = {"", "SSLMode=disable", "Server=$SOCKETDIR", "ErrorRollback=NONE", "FetchMode=BUFFER", "Pooling=TRANSACTION"};

/* The first to notice is a statement; the server has said why it went. */
static void noticed_by_a_statement(void)
{
    for (size_t i = 0; i < COUNT(roads); i++) {
        struct link l = link_open(roads[i]);
        make_statements(&l);
        terminate(query_int(l.stmt, "select pg_backend_pid()"));
        CHECK_STATE(l.stmt, SQLExecDirect(l.stmt, T("select 1"), SQL_NTS), "08S01");
        CHECK_CONTAINS(diag_message(l.stmt, 1), "terminating connection due to administrator command");
        all_is_lost(&l);
    }
}

static void noticed_by_other_calls(void)
{
    for (int who = 0; who < 6; who++) {
        struct link l = link_open("");
        SQLSMALLINT n = 0;
        SQLUINTEGER dead = 99;
        make_statements(&l);
        terminate(query_int(l.stmt, "select pg_backend_pid()"));
        switch (who) {
        case 0:
            CHECK_OK(l.dbc, SQLGetConnectAttr(l.dbc, SQL_ATTR_CONNECTION_DEAD, &dead, 0, NULL));
            CHECK_INT(dead, SQL_CD_TRUE);
            break;
        case 1:
            CHECK_STATE(prepared, SQLNumResultCols(prepared, &n), "08S01");
            break;
        case 2:
            CHECK_STATE(described, SQLExecute(described), "08S01");
            break;
        case 3:
            CHECK_STATE(bare, SQLColumns(bare, NULL, 0, NULL, 0, NULL, 0, NULL, 0), "08S01");
            break;
        case 4:
            CHECK_STATE(l.dbc, SQLSetConnectAttr(l.dbc, SQL_ATTR_TXN_ISOLATION, (SQLPOINTER)SQL_TXN_SERIALIZABLE, 0), "08S01");
            break;
        default: { /* a set of parameters, on its way */
            SQLINTEGER values[100] = {0};
            CHECK_OK(bare, SQLSetStmtAttr(bare, SQL_ATTR_PARAMSET_SIZE, (SQLPOINTER)COUNT(values), 0));
            CHECK_OK(bare, SQLBindParameter(bare, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, values, 0, NULL));
            CHECK_STATE(bare, SQLExecDirect(bare, T("insert into nowhere values (?)"), SQL_NTS), "08S01");
            break;
        }
        }
        all_is_lost(&l);
    }
}

/* In the middle of a result, with and without a transaction: the rows that arrived are delivered, and no end of them is made up. */
static void in_mid_result(void)
{
    for (int manual = 0; manual < 2; manual++) {
        for (size_t i = 0; i < 3; i++) {
            struct link l = link_open(roads[i]);
            make_statements(&l);
            if (manual) {
                CHECK_OK(l.dbc, SQLSetConnectAttr(l.dbc, SQL_ATTR_AUTOCOMMIT, (SQLPOINTER)SQL_AUTOCOMMIT_OFF, 0));
            }
            int64_t pid = query_int(l.stmt, "select pg_backend_pid()");
            query(cursor, "select g, repeat('x', 1000) from generate_series(1, 1000000) g");
            CHECK_OK(cursor, SQLFetch(cursor));
            terminate(pid);
            int64_t rows = 1;
            SQLRETURN rc;
            while ((rc = SQLFetch(cursor)) == SQL_SUCCESS) {
                rows++;
            }
            CHECK_STATE(cursor, rc, "08S01");
            CHECK(strstr(diag_message(cursor, 1), "invalid socket") == NULL);
            CHECK(rows < 1000000);
            CHECK_STATE(cursor, SQLFetch(cursor), "08S01");
            CHECK_STATE(cursor, SQLFetchScroll(cursor, SQL_FETCH_NEXT, 0), "08S01");
            CHECK_STATE(cursor, SQLMoreResults(cursor), "08S01");
            all_is_lost(&l);
        }
    }
}

/* During COMMIT nobody knows what became of it: that has a state of its own, once. */
static void in_a_transaction(void)
{
    struct link l = link_open("");
    make_statements(&l);
    CHECK_OK(l.dbc, SQLSetConnectAttr(l.dbc, SQL_ATTR_AUTOCOMMIT, (SQLPOINTER)SQL_AUTOCOMMIT_OFF, 0));
    terminate(query_int(l.stmt, "select pg_backend_pid()"));
    CHECK_STATE(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_COMMIT), "08007");
    all_is_lost(&l);
    /* There is no transaction left that SQLDisconnect could object to. */
    l = link_open("");
    CHECK_OK(l.dbc, SQLSetConnectAttr(l.dbc, SQL_ATTR_AUTOCOMMIT, (SQLPOINTER)SQL_AUTOCOMMIT_OFF, 0));
    terminate(query_int(l.stmt, "select pg_backend_pid()"));
    CHECK_INFO(l.dbc, SQLDisconnect(l.dbc), "01002");
    l.stmt = SQL_NULL_HSTMT;
    link_close(&l);
}

/* The wire is cut: reset, with nothing said. */
static void reset_by_peer(void)
{
    for (int tls = 0; tls < 2; tls++) {
        struct wire *w = wire_new();
        char keywords[80];
        snprintf(keywords, sizeof keywords, "Server=127.0.0.1;Port=%d;SSLMode=%s", w->port, tls ? "require" : "disable");
        struct link l = link_open(keywords);
        make_statements(&l);
        CHECK_INT(query_int(l.stmt, "select 42"), 42);
        wire_order(w, 'r');
        SQLUINTEGER dead = SQL_CD_FALSE;
        for (int i = 0; i < 2000 && dead == SQL_CD_FALSE; i++) {
            usleep(10000);
            CHECK_OK(l.dbc, SQLGetConnectAttr(l.dbc, SQL_ATTR_CONNECTION_DEAD, &dead, 0, NULL));
        }
        CHECK_INT(dead, SQL_CD_TRUE);
        all_is_lost(&l);
        wire_free(w);
    }
}

/* Nothing passes, and nobody is told: SQL_ATTR_CONNECTION_TIMEOUT ends the waiting, and the connection; SQLDisconnect does not wait at all. */
static void silence(void)
{
    struct wire *w = wire_new();
    char keywords[80];
    snprintf(keywords, sizeof keywords, "Server=127.0.0.1;Port=%d", w->port);
    struct link l = link_open(keywords);
    CHECK_INT(query_int(l.stmt, "select 42"), 42);
    wire_order(w, 's');
    double start = seconds_now();
    CHECK_OK(l.dbc, SQLDisconnect(l.dbc));
    CHECK(seconds_now() - start < 15);
    l.stmt = SQL_NULL_HSTMT;
    link_close(&l);
    wire_free(w);

    w = wire_new();
    snprintf(keywords, sizeof keywords, "Server=127.0.0.1;Port=%d", w->port);
    l = link_open(keywords);
    make_statements(&l);
    CHECK_OK(l.dbc, SQLSetConnectAttr(l.dbc, SQL_ATTR_CONNECTION_TIMEOUT, (SQLPOINTER)1, 0));
    wire_order(w, 's');
    start = seconds_now();
    CHECK_STATE(l.stmt, SQLExecDirect(l.stmt, T("select 1"), SQL_NTS), "HYT01");
    CHECK(seconds_now() - start < 9); /* a cancel request gets one more second to be heard */
    all_is_lost(&l);
    wire_free(w);
}

int main(void)
{
    static const struct test tests[] = {
        {"noticed by a statement", noticed_by_a_statement},
        {"noticed by other calls", noticed_by_other_calls},
        {"in mid-result", in_mid_result},
        {"in a transaction", in_a_transaction},
        {"reset by the peer", reset_by_peer},
        {"silence", silence},
    };
    return run_tests("a lost server", tests, COUNT(tests));
}
