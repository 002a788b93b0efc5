/* SPDX-License-Identifier: Apache-2.0 */
/* More than one host: who is tried, for how long, and what is said of those that were no good. */
#include "harness.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* ---- servers that are none ------------------------------------------------------------------------------------------ */

struct fake {
    int fd;
    int port;
    int filler[16]; /* connections that fill the backlog */
    pthread_t thread;
    int stop[2];
};

static struct fake fake_listen(int backlog)
{
    struct fake f = {.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    for (size_t i = 0; i < COUNT(f.filler); i++) {
        f.filler[i] = -1;
    }
    if (f.fd < 0 || bind(f.fd, (struct sockaddr *)&address, size) != 0 || listen(f.fd, backlog) != 0 ||
        getsockname(f.fd, (struct sockaddr *)&address, &size) != 0) {
        perror("a false server");
        exit(EXIT_FAILURE);
    }
    f.port = ntohs(address.sin_port);
    return f;
}

/* The kernel accepts for it, and nobody ever says a word. */
static struct fake silent(void)
{
    return fake_listen(64);
}

/* Its backlog is full: the kernel throws packets to it away, as a dead address on the network does. */
static struct fake black_hole(void)
{
    struct fake f = fake_listen(0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons((uint16_t)f.port)};
    bool full = false;
    for (size_t i = 0; !full && i < COUNT(f.filler); i++) {
        f.filler[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        (void)connect(f.filler[i], (struct sockaddr *)&address, sizeof address);
        struct pollfd wait = {.fd = f.filler[i], .events = POLLOUT};
        full = poll(&wait, 1, 200) == 0;
    }
    CHECK(full);
    return f;
}

static void *hang_up(void *arg)
{
    struct fake *f = arg;
    struct pollfd fds[2] = {{.fd = f->fd, .events = POLLIN}, {.fd = f->stop[0], .events = POLLIN}};
    while (poll(fds, 2, -1) >= 0 && fds[1].revents == 0) {
        int one = accept(f->fd, NULL, NULL);
        if (one >= 0) {
            char request[8];
            (void)!read(one, request, sizeof request);
            close(one);
        }
    }
    return NULL;
}

/* Takes the connection and hangs up: a proxy whose backend is gone. */
static struct fake *rude(void)
{
    struct fake *f = malloc(sizeof *f);
    *f = fake_listen(64);
    if (pipe(f->stop) != 0 || pthread_create(&f->thread, NULL, hang_up, f) != 0) {
        perror("a rude server");
        exit(EXIT_FAILURE);
    }
    return f;
}

static void fake_close(struct fake *f)
{
    for (size_t i = 0; i < COUNT(f->filler); i++) {
        if (f->filler[i] >= 0) {
            close(f->filler[i]);
        }
    }
    close(f->fd);
}

static void rude_close(struct fake *f)
{
    (void)!write(f->stop[1], "x", 1);
    pthread_join(f->thread, NULL);
    close(f->stop[0]);
    close(f->stop[1]);
    fake_close(f);
    free(f);
}

/* ---- attempts ------------------------------------------------------------------------------------------------------- */

/* Connects within `from` to `to` seconds to the real server; and says so. */
static void reaches(const char *keywords, double from, double to)
{
    struct link l = link_new(SQL_OV_ODBC3_80);
    to += under_valgrind() ? 5 : 0;
    double start = seconds_now();
    if (check_rc(l.dbc, try_connect(l.dbc, keywords), SQL_SUCCESS, keywords, __FILE__, __LINE__)) {
        double took = seconds_now() - start;
        char text[16] = "";
        SQLSMALLINT length = 0;
        if (took < from || took > to) {
            printf("\n    %s: took %.2f s", keywords, took);
        }
        CHECK(took >= from && took <= to);
        l.stmt = new_stmt(l.dbc);
        CHECK_INT(query_int(l.stmt, "select 42"), 42);
        CHECK_OK(l.dbc, SQLGetInfo(l.dbc, SQL_SERVER_NAME, text, sizeof text, &length));
        CHECK_TEXT(text, fact("HOST"));
    }
    link_close(&l);
}

/* Is refused so; `says` and `says_too` are in the message. */
static void fails(const char *keywords, const char *state, const char *says, const char *says_too)
{
    struct link l = link_new(SQL_OV_ODBC3_80);
    if (check_state(l.dbc, try_connect(l.dbc, keywords), SQL_ERROR, state, keywords, __FILE__, __LINE__)) {
        check_contains(diag_message(l.dbc, 1), says, keywords, __FILE__, __LINE__);
        check_contains(diag_message(l.dbc, 1), says_too ? says_too : "", keywords, __FILE__, __LINE__);
        CHECK(strstr(diag_message(l.dbc, 1), fact("PASSWORD")) == NULL);
    }
    link_close(&l);
}

/* ---- tests ---------------------------------------------------------------------------------------------------------- */

/* A login that takes no time to speak of, also under valgrind. */
#define QUICK ";UID=aldb_trust;SSLMode=disable"

static void fair_shares(void)
{
    struct fake hole = black_hole();
    struct fake mute = silent();
    /* Half of six seconds for the first of two; a third of nine for each of three. */
    reaches(connstr("Server={127.0.0.1:%d,127.0.0.1:$PORT};LoginTimeout=6" QUICK, hole.port), 2.9, 5.9);
    reaches(connstr("Server={127.0.0.1:%d,127.0.0.1:$PORT};LoginTimeout=6" QUICK, mute.port), 2.9, 5.9);
    reaches(connstr("Server={127.0.0.1:%d,127.0.0.1:%d,127.0.0.1:$PORT};LoginTimeout=9" QUICK, hole.port, mute.port), 5.9, 8.9);
    /* What one does not need is there for the others. */
    reaches(connstr("Server={127.0.0.1:$DEAD_PORT,127.0.0.1:%d,127.0.0.1:$PORT};LoginTimeout=6" QUICK, hole.port), 2.9, 5.9);
    /* With SQL_ATTR_LOGIN_TIMEOUT as with the keyword. */
    struct link l = link_new(SQL_OV_ODBC3_80);
    CHECK_OK(l.dbc, SQLSetConnectAttr(l.dbc, SQL_ATTR_LOGIN_TIMEOUT, (SQLPOINTER)6, 0));
    double start = seconds_now();
    CHECK_OK(l.dbc, try_connect(l.dbc, connstr("Server={127.0.0.1:%d,127.0.0.1:$PORT}" QUICK, hole.port)));
    CHECK(seconds_now() - start > 2.9 && seconds_now() - start < 5.9);
    link_close(&l);

    char port[16];
    snprintf(port, sizeof port, "%d", mute.port);
    start = seconds_now();
    fails(connstr("Server={127.0.0.1:%d,127.0.0.1:%d};LoginTimeout=5" QUICK, hole.port, mute.port), "HYT00", "no answer", port);
    fails(connstr("Server={127.0.0.1:%d,127.0.0.1:%d};LoginTimeout=5" QUICK, hole.port, mute.port), "HYT00", "did not finish the login", port);
    /* Nobody gets less than half a second; who is left over is named. */
    fails(connstr("Server={127.0.0.1:%d,127.0.0.1:%d,127.0.0.1:%d,/elsewhere};LoginTimeout=1" QUICK, hole.port, hole.port, mute.port), "HYT00", "no time was left",
          "/elsewhere");
    CHECK(seconds_now() - start > 10.7 && seconds_now() - start < 25);
    fake_close(&hole);
    fake_close(&mute);
}

static void who_comes_next(void)
{
    struct fake *proxy = rude();
    reaches(connstr("Server={127.0.0.1:%d,127.0.0.1:$PORT}", proxy->port), 0, 20);
    reaches(connstr("Server={127.0.0.1:%d,127.0.0.1:$PORT};SSLMode=disable", proxy->port), 0, 20);
    reaches(connstr("Server={127.0.0.1:%d,127.0.0.1:$PORT};LoginTimeout=0", proxy->port), 0, 20);
    reaches(connstr("Server={no-such-host.invalid,/nonexistent,127.0.0.1};Port=$PORT"), 0, 20);
    fails(connstr("Server={127.0.0.1:%d,127.0.0.1:$DEAD_PORT}", proxy->port), "08001", "server closed the connection unexpectedly", fact("DEAD_PORT"));
    /* An answer ends the search, whatever it is; what happened before it is told behind it. */
    fails(connstr("Server={127.0.0.1:$DEAD_PORT,127.0.0.1:$PORT,127.0.0.1:$PORT};PWD=wrong"), "28000", "password authentication failed", fact("DEAD_PORT"));
    fails(connstr("Server={127.0.0.1:$PORT,127.0.0.1:$PORT};Database=nowhere"), "08004", "\"nowhere\" does not exist", NULL);
    fails(connstr("Server={127.0.0.1:$PORT,127.0.0.1:$PORT};SSLMode=verify-ca;SSLRootCert=$WRONG_CA"), "08001", "certificate verify failed", NULL);
    /* All are named when none will do, each in its own words. */
    fails(connstr("Server={no-such-host.invalid,/nonexistent:$DEAD_PORT}"), "08001", "could not translate host name \"no-such-host.invalid\"", "/nonexistent");
    rude_close(proxy);
}

/* Lists that come from elsewhere are lists all the same. */
static void every_source(void)
{
    struct fake hole = black_hole();
    char text[256];
    static const char bare[] = "DRIVER=AlloyDB;Database=$DATABASE;LoginTimeout=6" QUICK;
    snprintf(text, sizeof text, "%s;PqOpt={host='127.0.0.1,127.0.0.1' port='%d,$PORT'}", bare, hole.port);
    reaches(connstr("%s", text), 2.9, 5.9);
    snprintf(text, sizeof text, "%s;PqOpt={hostaddr='127.0.0.1,127.0.0.1' port='%d,$PORT'}", bare, hole.port);
    reaches(connstr("%s", text), 2.9, 5.9);
    /* An empty part is libpq's default: a socket where nobody listens. */
    snprintf(text, sizeof text, "%s;PqOpt={host=',127.0.0.1' port='$DEAD_PORT,$PORT'}", bare);
    reaches(connstr("%s", text), 0, 5.9);
    setenv("PGHOST", "127.0.0.1,127.0.0.1", 1);
    snprintf(text, sizeof text, "%d,%s", hole.port, fact("PORT"));
    setenv("PGPORT", text, 1);
    reaches(connstr("%s", bare), 2.9, 5.9);
    unsetenv("PGHOST");
    unsetenv("PGPORT");

    char service[] = "/tmp/aldb-service-XXXXXX";
    int fd = mkstemp(service);
    dprintf(fd, "[two]\nhost=127.0.0.1,127.0.0.1\nport=%d,%s\ntarget_session_attrs=read-write\n", hole.port, fact("PORT"));
    close(fd);
    setenv("PGSERVICEFILE", service, 1);
    snprintf(text, sizeof text, "%s;Service=two", bare);
    reaches(connstr("%s", text), 2.9, 5.9);
    unsetenv("PGSERVICEFILE");
    unlink(service);

    /* The password of the host that is reached, and no other's. */
    char passfile[] = "/tmp/aldb-passfile-XXXXXX";
    fd = mkstemp(passfile);
    dprintf(fd, "127.0.0.1:%s:*:*:wrong\n127.0.0.1:%s:*:*:%s\n", fact("DEAD_PORT"), fact("PORT"), fact("PASSWORD"));
    close(fd);
    snprintf(text, sizeof text, "DRIVER=AlloyDB;Database=$DATABASE;UID=$USER;PassFile=%s;Server={127.0.0.1:$DEAD_PORT,127.0.0.1:$PORT}", passfile);
    reaches(connstr("%s", text), 0, 20);
    unlink(passfile);
    fake_close(&hole);
}

/* The other one's turn comes, sooner or later: that it would not in forty tries happens once in 2^39. */
static void load_balancing(void)
{
    static const char *const orders[] = {"Server={127.0.0.1,$SOCKETDIR};Port=$PORT;LoadBalanceHosts=random",
                                         "Server={127.0.0.1,$SOCKETDIR};Port=$PORT;PqOpt={load_balance_hosts=random}"};
    for (size_t o = 0; o < COUNT(orders); o++) {
        bool tcp = false;
        bool local = false;
        for (int i = 0; i < 40 && !(tcp && local); i++) {
            struct link l = link_open(orders[o]);
            bool here = strcmp(query_text(l.stmt, "select inet_server_addr() is null"), "1") == 0;
            local = local || here;
            tcp = tcp || !here;
            link_close(&l);
        }
        CHECK(tcp && local);
    }
    for (int i = 0; i < 5; i++) { /* in order, when nobody asked for chance */
        struct link l = link_open("Server={127.0.0.1,$SOCKETDIR};Port=$PORT;LoadBalanceHosts=disable");
        CHECK_TEXT(query_text(l.stmt, "select inet_server_addr() is null"), "0");
        link_close(&l);
    }
    fails(connstr("LoadBalanceHosts=fair"), "HY024", "random", "LoadBalanceHosts");
}

/* ---- many at once --------------------------------------------------------------------------------------------------- */

enum { THREADS = 12, ROUNDS = 8 };

struct client {
    SQLHENV env;
    int number, wrong;
    char strings[6][512];
};

/* Names, lists, certificates, refusals and data sources, by turns. CUnit's checks are not for threads. */
static void *client(void *arg)
{
    static const SQLRETURN wanted[] = {SQL_SUCCESS, SQL_SUCCESS, SQL_ERROR, SQL_SUCCESS, SQL_ERROR, SQL_SUCCESS};
    static const char *const states[] = {"", "", "28000", "", "08001", ""};
    struct client *c = arg;
    for (int round = 0; round < ROUNDS; round++) {
        size_t which = (size_t)(c->number + round) % COUNT(wanted);
        SQLHDBC dbc = NULL;
        SQLCHAR state[6] = "";
        SQLAllocHandle(SQL_HANDLE_DBC, c->env, &dbc);
        SQLRETURN rc = try_connect(dbc, c->strings[which]);
        if (!SQL_SUCCEEDED(rc)) {
            SQLGetDiagRec(SQL_HANDLE_DBC, dbc, 1, state, NULL, NULL, 0, NULL);
        }
        bool held = rc == wanted[which] && strcmp((char *)state, states[which]) == 0;
        if (SQL_SUCCEEDED(rc)) {
            SQLHSTMT stmt = NULL;
            SQLINTEGER answer = 0;
            held = held && SQLAllocHandle(SQL_HANDLE_STMT, dbc, &stmt) == SQL_SUCCESS && SQLExecDirect(stmt, T("select 42"), SQL_NTS) == SQL_SUCCESS &&
                   SQLFetch(stmt) == SQL_SUCCESS && SQLGetData(stmt, 1, SQL_C_SLONG, &answer, 0, NULL) == SQL_SUCCESS && answer == 42;
            SQLFreeHandle(SQL_HANDLE_STMT, stmt);
            SQLDisconnect(dbc);
        }
        if (!held) {
            c->wrong++;
            fprintf(stderr, "thread %d, string %zu: %d %s\n", c->number, which, rc, state);
        }
        SQLFreeHandle(SQL_HANDLE_DBC, dbc);
    }
    return NULL;
}

static void many_at_once(void)
{
    static struct client clients[THREADS];
    static const char *const strings[] = {
        "Server=localhost;UID=aldb_tls;SSLMode=verify-full;SSLRootCert=$CA",
        "Server={no-such-host.invalid,127.0.0.1:$DEAD_PORT,localhost};Port=$PORT",
        "PWD=wrong",
        ";",
        "UID=aldb_tls;SSLMode=verify-ca;SSLRootCert=$CA;SSLCrl=$CRLS/revoked.crl",
        "Server={127.0.0.1,127.0.0.1};LoadBalanceHosts=random;TargetSessionAttrs=prefer-standby",
    };
    pthread_t threads[THREADS];
    struct link l = link_new(SQL_OV_ODBC3_80);
    for (int i = 0; i < THREADS; i++) {
        clients[i].env = l.env;
        clients[i].number = i;
        for (size_t j = 0; j < COUNT(strings); j++) {
            snprintf(clients[i].strings[j], sizeof clients[i].strings[j], "%s", connstr("%s;LoginTimeout=300", strings[j]));
        }
        CHECK_INT(pthread_create(&threads[i], NULL, client, &clients[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        CHECK_INT(clients[i].wrong, 0);
    }
    link_close(&l);
}

int main(void)
{
    static const struct test tests[] = {
        {"each host has its share of the time", fair_shares},
        {"who comes next, and when not", who_comes_next},
        {"lists from every source", every_source},
        {"load balancing", load_balancing},
        {"many at once", many_at_once},
    };
    return run_tests("several hosts", tests, COUNT(tests));
}
