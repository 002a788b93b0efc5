/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making a connection: hosts, one after the other, under one deadline.
 *
 * libpq's asynchronous connect goes through a list of hosts by itself, but gives none of them a time of its own: one that swallows packets, or accepts
 * and never says a word, eats the time of all behind it, and no call moves libpq on. (connect_timeout belongs to the connect that waits.) So the
 * list is walked here, and libpq gets one address at a time. Everything that depends on the host stays libpq's: password file, certificates, service
 * file. When to go on to the next host is libpq's rule, in `verdict`.
 */
#include "pg/internal.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "log/log.h"
#include "pg/hosts.h"

/* What a host gets of the time at least, so that a long list does not leave each too little for a handshake. */
#define SHARE_MIN_MS 500

enum outcome { CONNECTED, NEXT_ADDRESS, NEXT_HOST, NOT_MET, STOP };
enum stage { REACHING, ENCRYPTING, LOGGING_IN };

struct search {
    /* For PQconnectStartParams; behind the first `base` there is room for what changes from host to host. */
    const char **keywords, **values;
    size_t base, count;
    struct hosts hosts;
    struct aldb_deadline deadline;
    PGconn *conn;
    struct aldb_trail *trail;
    struct aldb_diag *diag;
    /* What went wrong so far. */
    size_t tries;
    struct aldb_buf said; /* a line or two for each */
    struct aldb_buf last; /* the whole text of the latest one */
    enum aldb_state state;
    int32_t native;
    bool posted;          /* the reason is in diag already */
};

static void add_option(struct search *q, const char *keyword, const char *value)
{
    q->keywords[q->count] = keyword;
    q->values[q->count++] = value;
    q->keywords[q->count] = NULL;
    q->values[q->count] = NULL;
}

/* ------------------------------------------------------------------ OpenSSL's side of it */

/*
 * libpq tells no more than "certificate verify failed", and frees its SSL object before it tells that. OpenSSL says when it does: the callback runs within
 * PQconnectPoll, on the thread that called it, and leaves the reason where this points to. NULL: somebody else's object.
 */
static _Thread_local long *tls_verdict;

static void tls_freed(void *ssl, void *ptr, CRYPTO_EX_DATA *ad, int index, long argl, void *argp)
{
    (void)ptr, (void)ad, (void)index, (void)argl, (void)argp;
    long result = tls_verdict && ssl ? SSL_get_verify_result(ssl) : X509_V_OK;
    if (result != X509_V_OK) {
        *tls_verdict = result;
    }
}

/*
 * A process may exit while other threads of it are inside libpq: OpenSSL's exit handler would free what they are using (OPENSSL_init_crypto,
 * OPENSSL_INIT_NO_ATEXIT). Where the application has initialised OpenSSL itself, its choice stands.
 */
static void prepare_openssl(void)
{
    (void)OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, NULL);
    (void)CRYPTO_get_ex_new_index(CRYPTO_EX_INDEX_SSL, 0, NULL, NULL, NULL, tls_freed);
}

/* Where distributions keep the certificates of public authorities in one file. */
static const char *authorities_file(void)
{
    static const char *const files[] = {
        "/etc/ssl/certs/ca-certificates.crt", /* Debian, Alpine */
        "/etc/pki/tls/certs/ca-bundle.crt",   /* Fedora */
        "/etc/ssl/ca-bundle.pem",             /* SUSE */
        "/etc/ssl/cert.pem",
    };
    const char *file = getenv("SSL_CERT_FILE"); /* OpenSSL's own variable: SSL_CTX_set_default_verify_paths */
    for (size_t i = 0; (file == NULL || file[0] == '\0') && i < ALDB_COUNT(files); i++) {
        file = access(files[i], R_OK) == 0 ? files[i] : NULL;
    }
    return file;
}

static const char *given(const struct search *q, const char *keyword)
{
    const char *value = NULL;
    for (size_t i = 0; i < q->base; i++) {
        value = strcmp(q->keywords[i], keyword) == 0 ? q->values[i] : value;
    }
    return value && value[0] ? value : NULL;
}

/*
 * sslrootcert=system came with libpq 16; an older one would look for a file of that name. It gets the operating system's file, and the rule that goes with
 * it: these authorities vouch for anybody's host, so nothing less than verify-full means anything.
 */
static enum aldb_rc trust_system(struct search *q)
{
    const char *root = given(q, "sslrootcert");
    if (root == NULL || strcmp(root, "system") != 0 || PQlibVersion() >= 160000) {
        return ALDB_OK;
    }
    const char *file = authorities_file();
    if (file == NULL) {
        return aldb_diag_post(q->diag, ALDB_ST_08001, "SSLRootCert=system: no file with the operating system's authorities was found; "
                              "install ca-certificates, or name a file");
    }
    const char *mode = given(q, "sslmode");
    mode = mode ? mode : getenv("PGSSLMODE");
    if (mode && strcmp(mode, "verify-full") != 0) {
        return aldb_diag_post(q->diag, ALDB_ST_08001, "SSLMode=%s is too weak for SSLRootCert=system: use verify-full", mode);
    }
    add_option(q, "sslrootcert", file);
    add_option(q, "sslmode", "verify-full");
    q->base = q->count;
    return ALDB_OK;
}

/* Does OpenSSL find a revocation list in it? */
static enum aldb_rc check_crl_file(struct search *q, const char *path)
{
    char why[128];
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return aldb_diag_post(q->diag, ALDB_ST_08001, "The certificate revocation list \"%s\" cannot be read: %s", path,
                              strerror_r(errno, why, sizeof why));
    }
    X509_CRL *crl = PEM_read_X509_CRL(file, NULL, NULL, NULL);
    (void)fclose(file);
    if (crl == NULL) {
        return aldb_diag_post(q->diag, ALDB_ST_08001, "\"%s\" holds no certificate revocation list in PEM format", path);
    }
    X509_CRL_free(crl);
    return ALDB_OK;
}

/*
 * libpq goes on without a revocation list that it cannot load, and looks at none where it does not check the certificate. Who names one wants
 * revoked certificates refused.
 */
static enum aldb_rc check_revocation(struct search *q)
{
    const char *file = given(q, "sslcrl");
    if (file == NULL && given(q, "sslcrldir") == NULL) {
        return ALDB_OK;
    }
    const char *mode = q->hosts.ssl_mode ? q->hosts.ssl_mode : "prefer";
    bool checked = strncmp(mode, "verify-", 7) == 0 || (strcmp(mode, "require") == 0 && q->hosts.ssl_root_cert);
    if (!checked) {
        return aldb_diag_post(q->diag, ALDB_ST_HY024, "A certificate revocation list has no effect with SSLMode=%s%s: the server's certificate is only "
                              "checked with SSLMode=verify-full or verify-ca", mode, strcmp(mode, "require") == 0 ? " and no SSLRootCert" : "");
    }
    return file ? check_crl_file(q, file) : ALDB_OK;
}

/* libpq's default: ~/.pgpass, where home is HOME since libpq 15. NULL: there is no home. */
static char *default_pass_file(void)
{
    enum { ROOM = 16384 };
    const char *home = PQlibVersion() >= 150000 ? getenv("HOME") : NULL;
    struct passwd entry;
    struct passwd *found = NULL;
    char *room = home && home[0] ? NULL : aldb_alloc(ROOM);
    if (room) {
        home = getpwuid_r(geteuid(), &entry, room, ROOM, &found) == 0 && found ? found->pw_dir : NULL;
    }
    struct aldb_buf path;
    aldb_buf_init(&path, ALDB_MAX_NAME);
    aldb_buf_addf(&path, "%s/.pgpass", home ? home : "");
    aldb_free(room);
    if (home == NULL) {
        aldb_buf_clear(&path);
        return NULL;
    }
    return aldb_buf_take(&path);
}

/* libpq does not use a password file that others may read, or that is none, and prints why on the terminal: that is told in its place, and libpq sees no file. */
static void check_pass_file(struct search *q)
{
    const char *variable = getenv("PGPASSWORD");
    const char *path = q->hosts.pass_file;
    char *own = NULL;
    struct stat st;
    if (given(q, "password") || (variable && variable[0])) {
        return;
    }
    if (path == NULL || path[0] == '\0') {
        path = own = default_pass_file();
    }
    if (path && stat(path, &st) == 0 && (!S_ISREG(st.st_mode) || (st.st_mode & 077) != 0)) {
        (void)aldb_diag_post(q->diag, ALDB_ST_01000, S_ISREG(st.st_mode) ? "The password file \"%s\" is not used: others than its owner may read it; chmod 600 it"
                                                                         : "The password file \"%s\" is not used: it is not a plain file", path);
        add_option(q, "passfile", "/dev/null/none");
        q->base = q->count;
    }
    aldb_free(own);
}

static enum aldb_rc refuse_token(struct search *q, const char *why)
{
    return aldb_diag_post(q->diag, ALDB_ST_HY024, "The IAM token is not sent: %s. EnableIamAuth needs Server with a host name, and SSLMode=verify-full or verify-ca", why);
}

/*
 * A token goes where TLS has verified the server and nowhere else. libpq's TLS options hold for no Unix socket, and GSSAPI encryption, where it is to be had,
 * takes the place of TLS; service file and environment may ask for either.
 */
static enum aldb_rc add_token(struct search *q, const char *token)
{
    const char *mode = q->hosts.ssl_mode ? q->hosts.ssl_mode : "prefer";
    const char *gss = given(q, "gssencmode");
    if (strcmp(mode, "verify-full") != 0 && strcmp(mode, "verify-ca") != 0) {
        return refuse_token(q, "the server's certificate would not be verified");
    }
    if (gss && strcmp(gss, "disable") != 0) {
        return refuse_token(q, "GssEncMode would take the place of TLS");
    }
    for (size_t i = 0; i < q->hosts.count; i++) {
        const struct host *h = &q->hosts.at[i];
        if (h->addr == NULL && (h->name == NULL || h->name[0] == '/' || h->name[0] == '@')) {
            return refuse_token(q, "there is no TLS on a Unix socket");
        }
    }
    add_option(q, "gssencmode", "disable");
    add_option(q, "password", token);
    q->base = q->count;
    return ALDB_OK;
}

bool connect_holds_input(PGconn *conn)
{
    SSL *ssl = PQsslInUse(conn) ? PQsslStruct(conn, "OpenSSL") : NULL;
    return ssl && SSL_pending(ssl) > 0;
}

static PostgresPollingStatusType poll_libpq(PGconn *conn, long *verify_result)
{
    tls_verdict = verify_result;
    PostgresPollingStatusType want = PQconnectPoll(conn);
    tls_verdict = NULL;
    return want;
}

/* "certificate verify failed" -> "certificate verify failed (certificate revoked)". */
static void add_tls_reason(long verify_result, struct aldb_buf *text)
{
    static const char phrase[] = "certificate verify failed";
    const char *at = verify_result != X509_V_OK ? strstr(aldb_buf_cstr(text), phrase) : NULL;
    if (at == NULL) {
        return;
    }
    struct aldb_buf whole;
    aldb_buf_init(&whole, ALDB_MAX_MESSAGE);
    at += sizeof phrase - 1;
    aldb_buf_addf(&whole, "%.*s (%s)%s", (int)(at - text->data), text->data, X509_verify_cert_error_string(verify_result), at);
    aldb_buf_reset(text);
    aldb_buf_add_slice(text, aldb_buf_slice(&whole));
    aldb_buf_clear(&whole);
}

/* ------------------------------------------------------------------ what went wrong */

/* "name" (address), port number: as libpq puts it. */
static void add_place(struct aldb_buf *b, const struct host *h, const char *address)
{
    const char *name = h->name ? h->name : h->addr;
    if (name == NULL) {
        aldb_buf_add_str(b, "the default socket");
    } else {
        aldb_buf_addf(b, "\"%s\"", name);
    }
    if (address) {
        aldb_buf_addf(b, " (%s)", address);
    }
    aldb_buf_addf(b, ", port %s", h->port);
}

/* The latest failure becomes a line of the list, without libpq's hints, which are lines of their own; a line that is there already says it all. */
static void remember(struct search *q, const struct host *h, const char *address, enum aldb_state st, int32_t native)
{
    struct aldb_buf line;
    aldb_buf_init(&line, ALDB_MAX_MESSAGE);
    if (address) {
        aldb_buf_addf(&line, "%s: ", h->name); /* libpq was given the address, and speaks of nothing else */
    }
    for (const char *at = aldb_buf_cstr(&q->last); *at;) {
        size_t len = strcspn(at, "\n");
        if (at[0] != '\t') {
            aldb_buf_addf(&line, "%.*s\n", (int)len, at);
        }
        at += len + (at[len] == '\n');
    }
    if (strstr(aldb_buf_cstr(&q->said), aldb_buf_cstr(&line)) == NULL) {
        aldb_buf_add_slice(&q->said, aldb_buf_slice(&line));
    }
    q->tries++;
    q->state = st;
    q->native = native;
    ALDB_LOG(ALDB_LOG_INFO, ALDB_LOG_CONNECT, "%s", aldb_buf_cstr(&q->last));
    aldb_buf_clear(&line);
}

static void remember_late(struct search *q, const struct host *h, const char *address, bool all, const char *how)
{
    aldb_buf_reset(&q->last);
    aldb_buf_add_str(&q->last, "connection to server at ");
    add_place(&q->last, h, address);
    aldb_buf_addf(&q->last, " given up after %s: %s", all ? "the login timeout" : "its share of the login timeout", how);
    remember(q, h, NULL, ALDB_ST_HYT00, 0);
}

/* What stands in the end: one attempt's own words, or what ended the search with what was tried before, or the list of all. */
static enum aldb_rc post_failure(struct search *q, bool stopped)
{
    if (q->posted) {
        return ALDB_ERR;
    }
    struct aldb_slice said = aldb_slice_trim(aldb_buf_slice(&q->said));
    const char *last = aldb_buf_cstr(&q->last);
    if (q->tries <= 1) {
        return aldb_diag_post_native(q->diag, q->state ? q->state : ALDB_ST_HYT00, q->native, "%s", last[0] ? last : "The login timeout was over at once");
    }
    if (stopped) {
        return aldb_diag_post_native(q->diag, q->state, q->native, "%s\nTried, in this order:\n%.*s", last, (int)said.len, said.ptr);
    }
    if (aldb_deadline_over(q->deadline)) {
        return aldb_diag_post(q->diag, ALDB_ST_HYT00, "No server let us in within the login timeout:\n%.*s", (int)said.len, said.ptr);
    }
    enum aldb_state st = q->state == ALDB_ST_HYT00 ? ALDB_ST_08001 : q->state;
    return aldb_diag_post_native(q->diag, st, q->native, "No server let us in:\n%.*s", (int)said.len, said.ptr);
}

/* ------------------------------------------------------------------ one address */

/* One poll of the connecting socket. False: deadline over, also for a server that never stops sending, or the worker is to stop. */
static bool connect_wait(PGconn *conn, PostgresPollingStatusType want, struct aldb_deadline deadline)
{
    struct pollfd fds[2] = {{.fd = PQsocket(conn), .events = want == PGRES_POLLING_READING ? POLLIN : POLLOUT},
                            {.fd = aldb_worker_stop_fd(), .events = POLLIN}};
    for (;;) {
        int n = poll(fds, 2, aldb_deadline_poll_ms(deadline));
        if (aldb_deadline_over(deadline) || aldb_worker_stopped()) {
            return false;
        }
        if (n > 0 || (n < 0 && errno != EINTR)) {
            return true; /* also an error: PQconnectPoll finds out */
        }
    }
}

static bool was_logged_in(PGconn *conn)
{
    return PQparameterStatus(conn, "server_version") != NULL;
}

/*
 * Where to go on after a failure; `reached`: the server took the connection. As PQconnectPoll has it: an address that cannot be reached gives way to the next
 * one, a server that cannot take anybody now (57P03) or is not of the wanted kind to the next host, and any other answer, about passwords and certificates
 * above all, ends the search. One case is ours: a server that hangs up without a word, as a proxy does whose backend is gone, is as good as not there.
 */
static enum outcome verdict(PGconn *conn, bool reached, int32_t native)
{
    if (native != 0) {
        return native == aldb_pgstate_native("57P03") ? NEXT_HOST : STOP;
    }
    if (was_logged_in(conn)) {
        return NOT_MET;
    }
    if (!reached) {
        return NEXT_ADDRESS;
    }
    return PQsocket(conn) < 0 ? NEXT_HOST : STOP;
}

bool connect_supported(PGconn *conn, struct aldb_diag *diag)
{
    const char *integers = PQparameterStatus(conn, "integer_datetimes");
    if (PQserverVersion(conn) == 0) {
        (void)aldb_diag_post(diag, ALDB_ST_08001, "What answers on port %s is no PostgreSQL server: it finished the login without telling its version",
                             PQport(conn));
        return false;
    }
    if (integers && strcmp(integers, "on") != 0) {
        (void)aldb_diag_post(diag, ALDB_ST_08004,
                             "The server stores dates as floating-point numbers (integer_datetimes=off), which this driver does not support");
        return false;
    }
    return true;
}

static PGconn *start(struct search *q, const struct host *h, const char *address, const char *target)
{
    q->count = q->base;
    if (q->hosts.count > 1) {
        /* An empty value would leave the list in force. */
        if (h->name) {
            add_option(q, "host", h->name);
        }
        if (h->addr) {
            add_option(q, "hostaddr", h->addr);
        }
        add_option(q, "port", h->port);
    }
    if (address) {
        add_option(q, "hostaddr", address);
    }
    add_option(q, "target_session_attrs", target);
    return PQconnectStartParams(q->keywords, q->values, 0);
}

/* `address` NULL: the host's own. On success q->conn. */
/*
 * Where libpq is by now: one poll of it may go through several states. GSSAPI's encryption, where it is tried, counts as TLS: it comes in its place, and its fact says so.
 */
static void note_progress(struct search *q, PGconn *conn, const char *address, enum stage *at)
{
    ConnStatusType status = PQstatus(conn);
    bool encrypting = status == CONNECTION_SSL_STARTUP || status == CONNECTION_GSS_STARTUP;
    bool past = status == CONNECTION_AWAITING_RESPONSE || status == CONNECTION_AUTH_OK || status == CONNECTION_SETENV || status == CONNECTION_OK || status >= CONNECTION_CHECK_WRITABLE;
    if (q->trail == NULL || status == CONNECTION_BAD) {
        return;
    }
    if (*at == REACHING && (encrypting || past || status == CONNECTION_MADE)) {
        aldb_trail_end(q->trail, "%s port %s", address ? address : PQhost(conn), PQport(conn));
        aldb_trail_begin(q->trail, "TLS");
        *at = ENCRYPTING;
    }
    if (*at == ENCRYPTING && past && !encrypting) {
        const char *protocol = PQsslInUse(conn) ? PQsslAttribute(conn, "protocol") : NULL;
        const char *cipher = protocol ? PQsslAttribute(conn, "cipher") : NULL;
        aldb_trail_end(q->trail, "%s%s%s", protocol ? protocol : PQgssEncInUse(conn) ? "GSSAPI encryption instead" : "not used", cipher ? ", " : "", cipher ? cipher : "");
        aldb_trail_begin(q->trail, "login");
        *at = LOGGING_IN;
    }
}

static enum outcome try_address(struct search *q, const struct host *h, const char *address, const char *target, struct aldb_deadline deadline)
{
    struct aldb_diag heard; /* what a server says that is not chosen in the end concerns nobody */
    enum outcome outcome;
    bool reached = false;
    bool connected = false;
    long verify_result = X509_V_OK;
    enum stage at = REACHING;
    aldb_trail_begin(q->trail, "TCP");
    PGconn *conn = start(q, h, address, target);
    if (conn == NULL) {
        q->posted = true;
        (void)aldb_diag_post(q->diag, ALDB_ST_HY001, NULL);
        return STOP;
    }
    aldb_diag_init(&heard);
    (void)PQsetErrorVerbosity(conn, PQERRORS_VERBOSE);
    (void)PQsetNoticeReceiver(conn, login_notice_receiver, &heard);
    PostgresPollingStatusType want = PQstatus(conn) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;
    while (want == PGRES_POLLING_READING || want == PGRES_POLLING_WRITING) {
        connected = PQstatus(conn) != CONNECTION_STARTED && PQstatus(conn) != CONNECTION_NEEDED;
        reached = reached || connected;
        if (!connect_wait(conn, want, deadline)) {
            remember_late(q, h, address, deadline.at == q->deadline.at, connected ? "the server accepted the connection but did not finish the login" : "no answer");
            outcome = NEXT_ADDRESS;
            goto out;
        }
        want = poll_libpq(conn, &verify_result);
        note_progress(q, conn, address, &at);
    }
    if (want == PGRES_POLLING_OK) {
        q->posted = !connect_supported(conn, q->diag);
        outcome = q->posted ? STOP : CONNECTED;
    } else {
        int32_t native;
        aldb_buf_reset(&q->last);
        enum aldb_state st = connect_error(conn, &q->last, &native);
        add_tls_reason(verify_result, &q->last);
        st = connect_advise(&q->last, st);
        outcome = PQconnectionNeedsPassword(conn) ? STOP : verdict(conn, reached, native);
        remember(q, h, address, st, native);
    }
    if (outcome == CONNECTED) {
        connect_note_login(q->trail, conn);
        (void)PQsetErrorVerbosity(conn, PQERRORS_DEFAULT);
        (void)PQsetNoticeReceiver(conn, login_notice_receiver, q->diag);
        aldb_diag_move(q->diag, &heard);
        q->conn = conn;
        conn = NULL;
    }
out:
    if (outcome != CONNECTED) {
        aldb_trail_fail(q->trail);
    }
    PQfinish(conn);
    aldb_diag_clear(&heard);
    return outcome;
}

/* ------------------------------------------------------------------ all of them */

/* The time of the first of `left`, which share what there is. */
static struct aldb_deadline share(struct aldb_deadline whole, size_t left)
{
    if (aldb_deadline_is_none(whole) || left <= 1) {
        return whole;
    }
    int64_t ms = (whole.at - aldb_now_ms()) / (int64_t)left;
    return aldb_deadline_sooner(whole, aldb_deadline_in_ms(ms > SHARE_MIN_MS ? ms : SHARE_MIN_MS));
}

static enum outcome no_time_left(struct search *q, const struct host *h, const char *address)
{
    aldb_buf_reset(&q->last);
    aldb_buf_add_str(&q->last, "no time was left to try the server at ");
    add_place(&q->last, h, address);
    remember(q, h, NULL, ALDB_ST_HYT00, 0);
    return NEXT_HOST;
}

static enum outcome try_host(struct search *q, const struct host *h, const char *target, struct aldb_deadline deadline)
{
    struct aldb_addresses found;
    bool late;
    if (aldb_deadline_over(deadline)) {
        return no_time_left(q, h, NULL);
    }
    aldb_buf_reset(&q->last);
    aldb_trail_begin(q->trail, "name");
    enum aldb_rc rc = hosts_look_up(h, deadline, &found, &q->last, &late);
    if (rc == ALDB_ERR) {
        q->posted = true;
        (void)aldb_diag_post(q->diag, ALDB_ST_HY001, NULL);
        return STOP;
    }
    if (rc == ALDB_NO_DATA) {
        aldb_trail_fail(q->trail);
        remember(q, h, NULL, late ? ALDB_ST_HYT00 : ALDB_ST_08001, 0);
        return NEXT_HOST;
    }
    if (found.at) {
        aldb_trail_end(q->trail, "%s is %s%s", h->name, found.at[0].text, found.count > 1 ? " and others" : "");
    }
    if (q->hosts.random && found.at) {
        hosts_shuffle(found.at, found.count, sizeof *found.at);
    }
    enum outcome outcome = NEXT_ADDRESS;
    for (size_t i = 0; outcome == NEXT_ADDRESS && i < found.count; i++) {
        const char *address = found.at ? found.at[i].text : NULL;
        outcome = i > 0 && aldb_deadline_over(deadline) ? no_time_left(q, h, address)
                                                        : try_address(q, h, address, target, share(deadline, found.count - i));
    }
    aldb_addresses_clear(&found);
    return outcome;
}

/*
 * prefer-standby: first a standby is wanted of everyone; those that turned out to be none are taken in a second round. (libpq asks all of them again,
 * also those that could not be reached a moment ago.)
 */
static enum outcome try_all(struct search *q)
{
    struct hosts *h = &q->hosts;
    bool prefer = strcmp(h->target, "prefer-standby") == 0;
    size_t aside = 0; /* they move to the front of the list */
    enum outcome outcome = NEXT_HOST;
    if (h->random) {
        hosts_shuffle(h->at, h->count, sizeof *h->at);
    }
    for (size_t i = 0; i < h->count; i++) {
        outcome = try_host(q, &h->at[i], prefer ? "standby" : h->target, share(q->deadline, h->count - i + aside));
        if (outcome == CONNECTED || outcome == STOP) {
            return outcome;
        }
        if (outcome == NOT_MET && prefer) {
            struct host found = h->at[i];
            h->at[i] = h->at[aside];
            h->at[aside++] = found;
        }
    }
    for (size_t i = 0; i < aside; i++) {
        outcome = try_host(q, &h->at[i], "any", share(q->deadline, aside - i));
        if (outcome == CONNECTED || outcome == STOP) {
            return outcome;
        }
    }
    return outcome;
}

/* Before libpq complains of a word that the user never wrote. */
enum aldb_rc connect_check_version(const char *const *keywords, const char *const *values, struct aldb_diag *diag)
{
    static const struct {
        const char *option, *keyword;
        int since;
    } later[] = {{"require_auth", "RequireAuth", 16}, {"sslcertmode", "SSLCertMode", 16}, {"gssdelegation", "GssDelegation", 16}};
    for (size_t i = 0; keywords[i]; i++) {
        bool asked = values[i] && values[i][0] && strcmp(values[i], "0") != 0;
        for (size_t n = 0; asked && n < ALDB_COUNT(later); n++) {
            if (strcmp(keywords[i], later[n].option) == 0 && PQlibVersion() < later[n].since * 10000) {
                return aldb_diag_post(diag, ALDB_ST_HYC00, "%s needs libpq %d or newer; the one that is installed is %d.%d", later[n].keyword, later[n].since,
                                      PQlibVersion() / 10000, PQlibVersion() % 10000);
            }
        }
    }
    return ALDB_OK;
}

static enum aldb_rc take_options(struct search *q, const char *const *keywords, const char *const *values)
{
    size_t n = 0;
    for (; keywords[n]; n++) {
    }
    q->keywords = aldb_alloc_array(n + 11, sizeof *q->keywords); /* trust_system 2, check_pass_file 1, add_token 2, start 5, the end */
    q->values = aldb_alloc_array(n + 11, sizeof *q->values);
    if (q->keywords == NULL || q->values == NULL) {
        return aldb_diag_post(q->diag, ALDB_ST_HY001, NULL);
    }
    for (size_t i = 0; i < n; i++) {
        if (!hosts_left_out(keywords[i])) {
            add_option(q, keywords[i], values[i]);
        }
    }
    q->base = q->count;
    return ALDB_OK;
}

void connect_note_login(struct aldb_trail *trail, PGconn *conn)
{
    int version = PQserverVersion(conn);
    aldb_trail_end(trail, "PostgreSQL %d.%d, database %s, user %s", version / 10000, version % 10000, PQdb(conn), PQuser(conn));
}

enum aldb_rc connect_dial(const char *const *keywords, const char *const *values, const struct aldb_session_options *options, struct aldb_deadline deadline, PGconn **out,
                          struct aldb_diag *diag)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, prepare_openssl);
    struct search q = {.deadline = deadline, .trail = options->trail, .diag = diag};
    aldb_buf_init(&q.said, ALDB_MAX_MESSAGE);
    aldb_buf_init(&q.last, ALDB_MAX_MESSAGE);
    enum aldb_rc rc;
    ALDB_TRY(connect_check_version(keywords, values, diag));
    ALDB_TRY(take_options(&q, keywords, values));
    ALDB_TRY(trust_system(&q));
    ALDB_TRY(hosts_read(keywords, values, &q.hosts, diag));
    ALDB_TRY(check_revocation(&q));
    if (options->token) {
        ALDB_TRY(add_token(&q, options->token));
    } else {
        check_pass_file(&q);
    }
    enum outcome outcome = try_all(&q);
    rc = outcome == CONNECTED ? ALDB_OK : post_failure(&q, outcome == STOP);
    if (rc == ALDB_OK) {
        *out = q.conn;
    }
out:
    hosts_clear(&q.hosts);
    aldb_buf_clear(&q.said);
    aldb_buf_clear(&q.last);
    aldb_free(q.keywords);
    aldb_free(q.values);
    return rc;
}
