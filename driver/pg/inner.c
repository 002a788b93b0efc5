/* SPDX-License-Identifier: Apache-2.0 */
#include "pg/inner.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "log/log.h"
#include "pg/internal.h"

#define INNER_PORT "5432" /* part of the socket's name */

/* ------------------------------------------------------------------ the listener */

/* As libpq makes it of host and port. *size: a leading @ stands for the NUL of abstract names. False: too long. */
static bool socket_address(const char *host, struct sockaddr_un *address, socklen_t *size)
{
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    int len = snprintf(address->sun_path, sizeof address->sun_path, "%s/.s.PGSQL." INNER_PORT, host);
    if (len < 0 || (size_t)len >= sizeof address->sun_path) {
        return false;
    }
    bool abstract = host[0] == '@';
    if (abstract) {
        address->sun_path[0] = '\0';
    }
    *size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + (size_t)len + !abstract);
    return true;
}

/* 0, or errno. */
static int listen_at(struct inner *in)
{
    struct sockaddr_un address;
    socklen_t size;
    if (!socket_address(in->host, &address, &size)) {
        return ENAMETOOLONG;
    }
    in->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (in->listener < 0 || bind(in->listener, (struct sockaddr *)&address, size) != 0 || listen(in->listener, INNER_BACKLOG) != 0) {
        int error = errno;
        inner_clear(in);
        return error;
    }
    return 0;
}

static int listen_abstract(struct inner *in)
{
    unsigned char random[16];
    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random) {
        return errno;
    }
    size_t len = (size_t)snprintf(in->host, sizeof in->host, "@alloydbodbc-");
    for (size_t i = 0; i < sizeof random; i++) {
        len += (size_t)snprintf(in->host + len, sizeof in->host - len, "%02x", random[i]);
    }
    return listen_at(in);
}

static int listen_in(struct inner *in, const char *parent)
{
    int len = snprintf(in->host, sizeof in->host, "%s/alloydbodbc-XXXXXX", parent);
    if (parent[0] != '/' || len < 0 || (size_t)len >= sizeof in->host) {
        return ENAMETOOLONG;
    }
    if (mkdtemp(in->host) == NULL) {
        return errno;
    }
    in->directory = true;
    int error = listen_at(in);
    if (error) {
        inner_clear(in);
    }
    return error;
}

enum aldb_rc inner_listen(struct inner *in, bool abstract, struct aldb_diag *diag)
{
    char why[2][128];
    const char *parent = getenv("TMPDIR");
    *in = (struct inner){.listener = -1};
    int error = abstract ? listen_abstract(in) : EOPNOTSUPP;
    if (error == 0) {
        return ALDB_OK;
    }
    int second = parent && parent[0] ? listen_in(in, parent) : ENOENT;
    second = second ? listen_in(in, "/tmp") : 0;
    if (second == 0) {
        return ALDB_OK;
    }
    return aldb_diag_post(diag, ALDB_ST_08001, "The driver cannot make the local socket through which it speaks to the instance: as an abstract name: %s; in a "
                          "directory: %s. Allow the program AF_UNIX sockets, or let TMPDIR name a directory, with a short path, that it may write to",
                          strerror_r(error, why[0], sizeof why[0]), strerror_r(second, why[1], sizeof why[1]));
}

int inner_accept(const struct inner *in)
{
    for (;;) {
        int fd = accept4(in->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd < 0 && (errno == EINTR || errno == ECONNABORTED)) {
            continue;
        }
        if (fd < 0) {
            return -1;
        }
        /* The kernel gives the number as this process sees it, whatever namespace the other one is in. */
        struct ucred peer;
        socklen_t size = sizeof peer;
        if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.pid == getpid()) {
            return fd;
        }
        ALDB_LOG(ALDB_LOG_WARNING, ALDB_LOG_CONNECT, "another process tried the driver's local socket and was sent away");
        (void)close(fd);
    }
}

void inner_clear(struct inner *in)
{
    struct sockaddr_un address;
    socklen_t size;
    if (in->listener >= 0) {
        (void)close(in->listener);
    }
    in->listener = -1;
    if (in->directory) {
        if (socket_address(in->host, &address, &size)) {
            (void)unlink(address.sun_path);
        }
        (void)rmdir(in->host);
    }
    in->directory = false;
}

/* ------------------------------------------------------------------ options */

enum source {
    FIXED,   /* always `value` */
    DEFAULT, /* what the connection says, else `value` */
    OWN,     /* what the connection says, else whatever libpq finds */
};

static const struct rule {
    const char *option;
    enum source source;
    const char *value;
} rules[] = {
    {"hostaddr", FIXED, ""}, /* else PGHOSTADDR leads past the pump, and TLS */
    {"port", FIXED, INNER_PORT},
    {"requirepeer", FIXED, ""},
    {"sslmode", FIXED, "disable"}, /* TLS is the stream's business */
    {"sslnegotiation", FIXED, "postgres"},
    {"sslcertmode", FIXED, "disable"},
    {"gssencmode", FIXED, "disable"},
    {"channel_binding", FIXED, "disable"},
    {"passfile", FIXED, "/dev/null/none"}, /* it knows no such host; of what is there and no file libpq would print a warning */
    {"connect_timeout", FIXED, "0"},
    {"load_balance_hosts", FIXED, "disable"},
    {"replication", FIXED, ""},
    {"min_protocol_version", FIXED, "3.0"},
    {"max_protocol_version", FIXED, "3.0"},
    {"target_session_attrs", DEFAULT, "any"},
    {"require_auth", DEFAULT, "!sspi"}, /* anything that can be asked for here: an empty list allows nothing */
    {"client_encoding", DEFAULT, "UTF8"},
    {"user", OWN, NULL},
    {"password", OWN, NULL},
    {"dbname", OWN, NULL},
    {"options", OWN, NULL},
    {"application_name", OWN, NULL},
    {"fallback_application_name", OWN, NULL},
    {"service", OWN, NULL}, /* libpq refuses an empty one */
};

static const char *said(const char *const *keywords, const char *const *values, const char *option)
{
    const char *value = NULL;
    for (size_t i = 0; keywords[i]; i++) {
        value = strcmp(keywords[i], option) == 0 && values[i] && values[i][0] ? values[i] : value;
    }
    return value;
}

static void add_option(struct aldb_buf *b, const char *option, const char *value)
{
    aldb_buf_addf(b, "%s%s='", b->len ? " " : "", option);
    for (; *value; value++) {
        if (*value == '\'' || *value == '\\') {
            aldb_buf_add_char(b, '\\');
        }
        aldb_buf_add_char(b, *value);
    }
    aldb_buf_add_char(b, '\'');
}

/* NULL: libpq's own way. */
static const char *value_of(const PQconninfoOption *o, const char *const *keywords, const char *const *values)
{
    for (size_t i = 0; i < ALDB_COUNT(rules); i++) {
        const struct rule *r = &rules[i];
        if (strcmp(r->option, o->keyword) == 0) {
            const char *value = r->source != FIXED ? said(keywords, values, r->option) : NULL;
            return value ? value : r->value;
        }
    }
    return o->compiled ? o->compiled : o->envvar ? "" : NULL;
}

/* A string, not arrays: there an empty value would count as none. */
enum aldb_rc inner_options(const char *const *keywords, const char *const *values, const char *host, struct aldb_buf *out, struct aldb_diag *diag)
{
    const char *binding = said(keywords, values, "channel_binding");
    if (binding && strcmp(binding, "require") == 0) {
        return aldb_diag_post(diag, ALDB_ST_HY024, "ChannelBinding=require cannot be had through the AlloyDB connector: TLS is the connector's, which has checked "
                              "the instance's certificate by itself; leave it out");
    }
    const char *const asked[] = {"require_auth", NULL}, *const methods[] = {said(keywords, values, "require_auth"), NULL};
    if (connect_check_version(asked, methods, diag) == ALDB_ERR) { /* what is not known would be left out below */
        return ALDB_ERR;
    }
    char *error = NULL;
    PQconninfoOption *all = PQconninfoParse("", &error);
    size_t size = 4096;
    PQfreemem(error);
    for (size_t i = 0; keywords[i]; i++) {
        size += 2 * (values[i] ? strlen(values[i]) : 0); /* in one piece, for no copy of a password is to stay behind */
    }
    if (all == NULL || aldb_buf_reserve(out, size) == NULL) {
        PQconninfoFree(all);
        return aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    }
    for (const PQconninfoOption *o = all; o->keyword; o++) {
        const char *value = strcmp(o->keyword, "host") == 0 ? host : value_of(o, keywords, values);
        if (value) {
            add_option(out, o->keyword, value);
        }
    }
    PQconninfoFree(all);
    return aldb_buf_ok(out) ? ALDB_OK : aldb_diag_post(diag, ALDB_ST_HY001, NULL);
}

/* ------------------------------------------------------------------ the login */

struct login {
    const struct aldb_session_dialer *dialer;
    struct aldb_stream *stream; /* until the pump has it */
    struct inner inner;
    PGconn *conn;
    struct pump *pump;
};

/* `on socket "@…"` -> `at "name"`: the socket is nobody's business. */
static void name_server(struct aldb_buf *text, const char *name)
{
    static const char phrase[] = "on socket \"";
    const char *at = strstr(aldb_buf_cstr(text), phrase);
    const char *end = at ? strchr(at + sizeof phrase - 1, '"') : NULL;
    if (end == NULL) {
        return;
    }
    struct aldb_buf whole;
    aldb_buf_init(&whole, ALDB_MAX_MESSAGE);
    aldb_buf_addf(&whole, "%.*sat \"%s%s", (int)(at - text->data), text->data, name, end);
    aldb_buf_reset(text);
    aldb_buf_add_slice(text, aldb_buf_slice(&whole));
    aldb_buf_clear(&whole);
}

static enum aldb_rc post_refusal(const struct login *l, struct aldb_diag *diag)
{
    struct aldb_buf text;
    int32_t native;
    aldb_buf_init(&text, ALDB_MAX_MESSAGE);
    enum aldb_state st = connect_error(l->conn, &text, &native);
    name_server(&text, l->dialer->host);
    const char *why = l->pump && native == 0 ? pump_error(l->pump) : ""; /* a server that gave its reason may well hang up */
    enum aldb_rc rc = aldb_diag_post_native(diag, st, native, "%s%s%s", aldb_buf_cstr(&text), why[0] ? "\n" : "", why);
    aldb_buf_clear(&text);
    return rc;
}

/* libpq is in the queue as soon as it has begun, maybe behind strangers. */
static enum aldb_rc accept_libpq(struct login *l, struct aldb_diag *diag)
{
    int fd = inner_accept(&l->inner);
    if (fd < 0) {
        return ALDB_NO_DATA;
    }
    inner_clear(&l->inner);
    l->pump = pump_new(fd, l->stream);
    if (l->pump == NULL) {
        (void)close(fd);
        return aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    }
    l->stream = NULL;
    return ALDB_OK;
}

/* One wait, and what it brings. ALDB_OK: libpq can go on. */
static enum aldb_rc turn(struct login *l, PostgresPollingStatusType want, struct aldb_deadline deadline, struct aldb_diag *diag)
{
    struct pollfd fds[4] = {{.fd = PQsocket(l->conn), .events = want == PGRES_POLLING_READING ? POLLIN : POLLOUT},
                            {.fd = l->inner.listener, .events = POLLIN},
                            {.fd = -1},
                            {.fd = aldb_worker_stop_fd(), .events = POLLIN}};
    bool wait = l->pump == NULL || pump_fill(l->pump, fds + 1);
    int n = poll(fds, 4, wait ? aldb_deadline_poll_ms(deadline) : 0);
    if (n < 0) {
        return errno == EINTR ? ALDB_NO_DATA : aldb_diag_post(diag, ALDB_ST_08001, "poll failed while logging in");
    }
    if (l->pump) {
        pump_ready(l->pump, fds + 1);
        (void)pump_move(l->pump);
    } else if (accept_libpq(l, diag) == ALDB_ERR) {
        return ALDB_ERR;
    }
    return fds[0].revents ? ALDB_OK : ALDB_NO_DATA;
}

static enum aldb_rc log_in(struct login *l, struct aldb_deadline deadline, struct aldb_diag *diag)
{
    PostgresPollingStatusType want = PQstatus(l->conn) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;
    while (want == PGRES_POLLING_READING || want == PGRES_POLLING_WRITING) {
        enum aldb_rc rc = turn(l, want, deadline, diag);
        if (rc == ALDB_ERR) {
            return ALDB_ERR;
        }
        want = rc == ALDB_OK ? PQconnectPoll(l->conn) : want;
        if (want != PGRES_POLLING_OK && want != PGRES_POLLING_FAILED && (aldb_deadline_over(deadline) || aldb_worker_stopped())) {
            return aldb_diag_post(diag, ALDB_ST_HYT00, "connection to server at \"%s\" given up after the login timeout: the server accepted the connection but did "
                                  "not finish the login", l->dialer->host);
        }
    }
    if (want == PGRES_POLLING_FAILED) {
        return post_refusal(l, diag);
    }
    /* libpq may be logged in somewhere and yet not here, should it ever find another way. */
    if (l->pump == NULL) {
        return aldb_diag_post(diag, ALDB_ST_08001, "libpq did not connect through the driver's local socket");
    }
    return connect_supported(l->conn, diag) ? ALDB_OK : ALDB_ERR;
}

static enum aldb_rc begin_at(struct login *l, bool abstract, const char *const *keywords, const char *const *values, struct aldb_diag *diag)
{
    struct aldb_buf text;
    aldb_buf_init(&text, ALDB_MAX_CONNSTR);
    enum aldb_rc rc;
    ALDB_TRY(inner_listen(&l->inner, abstract, diag));
    ALDB_TRY(inner_options(keywords, values, l->inner.host, &text, diag));
    l->conn = PQconnectStart(aldb_buf_cstr(&text));
    rc = l->conn ? ALDB_OK : aldb_diag_post(diag, ALDB_ST_HY001, NULL);
out:
    aldb_buf_wipe(&text);
    return rc;
}

/*
 * libpq gives up at once when others have filled the queue. Then another name is tried, and at last a directory that nobody else may enter.
 */
static enum aldb_rc begin(struct login *l, const char *const *keywords, const char *const *values, struct aldb_diag *diag)
{
    enum aldb_rc rc = begin_at(l, true, keywords, values, diag);
    for (int tries = 1; rc != ALDB_ERR && PQstatus(l->conn) == CONNECTION_BAD && tries < 3; tries++) {
        PQfinish(l->conn);
        l->conn = NULL;
        inner_clear(&l->inner);
        rc = begin_at(l, tries < 2, keywords, values, diag);
    }
    return rc;
}

enum aldb_rc inner_connect(const char *const *keywords, const char *const *values, const struct aldb_session_options *options, struct aldb_deadline deadline,
                           PGconn **conn, struct pump **pump, struct aldb_diag *diag)
{
    const struct aldb_session_dialer *dialer = options->dialer;
    struct login l = {.dialer = dialer, .inner = {.listener = -1}};
    struct aldb_diag heard; /* of a server that lets us in */
    enum aldb_rc rc;
    aldb_diag_init(&heard);
    ALDB_TRY(dialer->dial(dialer->ctx, deadline, &l.stream, diag));
    aldb_trail_begin(options->trail, "login");
    ALDB_TRY(begin(&l, keywords, values, diag));
    (void)PQsetErrorVerbosity(l.conn, PQERRORS_VERBOSE);
    (void)PQsetNoticeReceiver(l.conn, login_notice_receiver, &heard);
    ALDB_TRY(log_in(&l, deadline, diag));
    connect_note_login(options->trail, l.conn);
    (void)PQsetErrorVerbosity(l.conn, PQERRORS_DEFAULT);
    (void)PQsetNoticeReceiver(l.conn, login_notice_receiver, diag);
    aldb_diag_move(diag, &heard);
    *conn = l.conn;
    *pump = l.pump;
    l.conn = NULL;
    l.pump = NULL;
out:
    inner_clear(&l.inner);
    PQfinish(l.conn);
    pump_close(l.pump, PUMP_CLOSE_MS);
    if (l.stream) {
        l.stream->type->close(l.stream, PUMP_CLOSE_MS);
    }
    aldb_diag_clear(&heard);
    return rc;
}
