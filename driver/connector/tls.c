/* SPDX-License-Identifier: Apache-2.0 */
#include "connector/tls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "connector/key.h"

#define AHEAD 1024 /* a small answer whole, or the head of the next record: one system call a record instead of two */

struct tls {
    struct aldb_stream stream; /* first */
    SSL *ssl;
    int fd;
    unsigned char ahead[AHEAD]; /* read from the socket behind what OpenSSL asked for: ahead[ahead_at .. ahead_len) */
    size_t ahead_at, ahead_len;
    bool emptied; /* the socket gave less than there was room for: nothing more is there unless it has come since */
    int error;  /* errno of the socket's last failure */
    int alert;  /* the server's */
    bool failed, ended;
    char why[320];
};

static struct tls *of(const struct aldb_stream *s)
{
    return (struct tls *)(uintptr_t)s;
}

/* ------------------------------------------------------------------ the socket under it: OpenSSL's own would raise SIGPIPE */

static int socket_write(BIO *b, const char *data, int len)
{
    struct tls *t = BIO_get_data(b);
    ssize_t n;
    BIO_clear_retry_flags(b);
    do {
        n = send(t->fd, data, (size_t)len, MSG_NOSIGNAL);
    } while (n < 0 && errno == EINTR);
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
        BIO_set_retry_write(b);
    } else if (n < 0) {
        t->error = errno;
    }
    return (int)n;
}

static int read_ahead(struct tls *t, char *data, size_t len)
{
    size_t n = t->ahead_len - t->ahead_at < len ? t->ahead_len - t->ahead_at : len;
    memcpy(data, t->ahead + t->ahead_at, n);
    t->ahead_at += n;
    return (int)n;
}

/* May say "would block" once where that is likely and not known: whoever hears it polls, and poll() knows. */
static int socket_read(BIO *b, char *data, int len)
{
    struct tls *t = BIO_get_data(b);
    struct iovec parts[] = {{data, (size_t)len}, {t->ahead, sizeof t->ahead}};
    ssize_t n;
    BIO_clear_retry_flags(b);
    if (t->ahead_at < t->ahead_len) {
        return read_ahead(t, data, (size_t)len);
    }
    if (t->emptied) {
        t->emptied = false;
        BIO_set_retry_read(b);
        return -1;
    }
    do {
        n = readv(t->fd, parts, (int)ALDB_COUNT(parts));
    } while (n < 0 && errno == EINTR);
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
        BIO_set_retry_read(b);
    } else if (n < 0) {
        t->error = errno;
    } else if (n == 0) {
        t->ended = true;
    }
    t->emptied = n > 0 && (size_t)n < parts[0].iov_len + parts[1].iov_len;
    t->ahead_at = 0;
    t->ahead_len = n > len ? (size_t)(n - len) : 0;
    return n > len ? len : (int)n;
}

static long socket_control(BIO *b, int command, long number, void *pointer)
{
    (void)number;
    (void)pointer;
    return command == BIO_CTRL_FLUSH ? 1 : command == BIO_CTRL_EOF ? ((struct tls *)BIO_get_data(b))->ended : 0;
}

static BIO_METHOD *socket_method; /* never freed, as the library */
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void make_method(void)
{
    BIO_METHOD *m = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "AlloyDB connector");
    if (m && BIO_meth_set_write(m, socket_write) && BIO_meth_set_read(m, socket_read) && BIO_meth_set_ctrl(m, socket_control)) {
        socket_method = m;
    }
}

/* ------------------------------------------------------------------ settings */

enum aldb_rc aldb_tls_settings_new(STACK_OF(X509) * chain, EVP_PKEY *key, STACK_OF(X509) * authorities, const char *who, SSL_CTX **out,
                                   struct aldb_diag *diag)
{
    char reason[256];
    ERR_clear_error();
    SSL_CTX *c = SSL_CTX_new(TLS_client_method());
    X509_STORE *store = c ? SSL_CTX_get_cert_store(c) : NULL;
    STACK_OF(X509) *rest = sk_X509_dup(chain);
    bool good = c && rest && SSL_CTX_set_min_proto_version(c, TLS1_3_VERSION) == 1 && SSL_CTX_set_max_proto_version(c, TLS1_3_VERSION) == 1;
    for (int i = 0; good && i < sk_X509_num(authorities); i++) {
        good = X509_STORE_add_cert(store, sk_X509_value(authorities, i)) == 1;
    }
    if (good) {
        SSL_CTX_set_verify(c, SSL_VERIFY_PEER, NULL);
        (void)SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
        (void)SSL_CTX_set_mode(c, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
        (void)SSL_CTX_set_options(c, SSL_OP_IGNORE_UNEXPECTED_EOF); /* PostgreSQL's messages say themselves where they end */
        (void)X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(c), X509_V_FLAG_PARTIAL_CHAIN);
        X509 *leaf = sk_X509_shift(rest);
        good = leaf && SSL_CTX_use_cert_and_key(c, leaf, key, rest, 1) == 1;
    }
    sk_X509_free(rest);
    if (!good) {
        SSL_CTX_free(c);
        return aldb_diag_post(diag, ALDB_ST_08001, "%s: OpenSSL cannot use the certificates: %s", who, aldb_openssl_reason(reason, sizeof reason));
    }
    *out = c;
    return ALDB_OK;
}

/* ------------------------------------------------------------------ errors */

static void say(struct tls *t, const char *text)
{
    if (t->why[0] == '\0') {
        (void)snprintf(t->why, sizeof t->why, "%s", text);
    }
}

static void fail(struct tls *t, const char *text)
{
    t->failed = true;
    say(t, text);
}

static void fail_openssl(struct tls *t)
{
    char reason[256];
    unsigned long e = ERR_peek_error();
    long verdict = SSL_get_verify_result(t->ssl);
    bool verified = ERR_GET_LIB(e) == ERR_LIB_SSL && ERR_GET_REASON(e) == SSL_R_CERTIFICATE_VERIFY_FAILED && verdict != X509_V_OK;
    int number = ERR_GET_LIB(e) == ERR_LIB_SSL ? ERR_GET_REASON(e) - SSL_AD_REASON_OFFSET : 0;
    if (number > 0 && number < 256) {
        t->alert = number;
    }
    if (verified) {
        ERR_clear_error();
        (void)snprintf(reason, sizeof reason, "the server's certificate is not accepted: %s", X509_verify_cert_error_string(verdict));
        fail(t, reason);
    } else {
        fail(t, aldb_openssl_reason(reason, sizeof reason));
    }
}

/* What `n`, the result of one of OpenSSL's calls, means for a read or write. */
static int judge(struct tls *t, int n, short *events)
{
    char text[128];
    switch (SSL_get_error(t->ssl, n)) {
    case SSL_ERROR_WANT_READ:
        *events = POLLIN;
        return ALDB_STREAM_AGAIN;
    case SSL_ERROR_WANT_WRITE:
        *events = POLLOUT;
        return ALDB_STREAM_AGAIN;
    case SSL_ERROR_ZERO_RETURN:
        say(t, "the server closed the connection");
        return ALDB_STREAM_END;
    case SSL_ERROR_SYSCALL:
        fail(t, t->error ? strerror_r(t->error, text, sizeof text) : "the server closed the connection");
        break;
    default:
        fail_openssl(t);
        break;
    }
    ERR_clear_error();
    return ALDB_STREAM_FAILED;
}

/* ------------------------------------------------------------------ the stream */

static int tls_fd(const struct aldb_stream *s)
{
    return of(s)->fd;
}

static ssize_t tls_read(struct aldb_stream *s, void *data, size_t size, short *events)
{
    struct tls *t = of(s);
    size_t n = 0;
    ERR_clear_error();
    int rc = SSL_read_ex(t->ssl, data, size, &n);
    return rc == 1 ? (ssize_t)n : judge(t, rc, events);
}

static ssize_t tls_write(struct aldb_stream *s, const void *data, size_t size, short *events)
{
    struct tls *t = of(s);
    size_t n = 0;
    ERR_clear_error();
    int rc = SSL_write_ex(t->ssl, data, size, &n);
    int result = rc == 1 ? 0 : judge(t, rc, events);
    return rc == 1 ? (ssize_t)n : result == ALDB_STREAM_END ? ALDB_STREAM_FAILED : result;
}

/* OpenSSL's rest of a record, or else what lies before OpenSSL: that may be less than a record, and reading it then ends in AGAIN and leaves nothing. */
static size_t tls_pending(const struct aldb_stream *s)
{
    int n = SSL_pending(of(s)->ssl);
    return n > 0 ? (size_t)n : of(s)->ahead_len - of(s)->ahead_at;
}

static const char *tls_error(const struct aldb_stream *s)
{
    return of(s)->why;
}

static void tls_abandon(struct aldb_stream *s)
{
    struct tls *t = of(s);
    SSL_set_shutdown(t->ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN); /* else freeing may take a lock that a thread of the parent held at fork() */
    SSL_free(t->ssl);                                                    /* writes nothing */
    (void)close(t->fd);
    aldb_free(t);
}

static void tls_close(struct aldb_stream *s, int within_ms)
{
    struct tls *t = of(s);
    struct aldb_deadline until = aldb_deadline_in_ms(within_ms);
    ERR_clear_error();
    while (!t->failed && SSL_is_init_finished(t->ssl)) {
        int rc = SSL_shutdown(t->ssl); /* 0: ours is sent; the server's is not waited for */
        if (rc >= 0 || SSL_get_error(t->ssl, rc) != SSL_ERROR_WANT_WRITE) {
            break;
        }
        struct pollfd p = {.fd = t->fd, .events = POLLOUT};
        if (aldb_deadline_over(until) || (poll(&p, 1, aldb_deadline_poll_ms(until)) < 0 && errno != EINTR)) {
            break;
        }
    }
    ERR_clear_error();
    tls_abandon(s);
}

static const struct aldb_stream_type tls_type = {
    .fd = tls_fd,
    .read = tls_read,
    .write = tls_write,
    .pending = tls_pending,
    .error = tls_error,
    .close = tls_close,
    .abandon = tls_abandon,
};

/* An address is no SNI. */
static bool expect(SSL *ssl, const char *name)
{
    unsigned char raw[16];
    X509_VERIFY_PARAM *param = SSL_get0_param(ssl);
    if (inet_pton(AF_INET, name, raw) == 1 || inet_pton(AF_INET6, name, raw) == 1) {
        return X509_VERIFY_PARAM_set1_ip_asc(param, name) == 1;
    }
    X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
    return SSL_set1_host(ssl, name) == 1 && SSL_set_tlsext_host_name(ssl, name) == 1;
}

enum aldb_rc aldb_tls_open(SSL_CTX *settings, int fd, const char *name, struct aldb_stream **out, struct aldb_diag *diag)
{
    (void)pthread_once(&once, make_method);
    struct tls *t = aldb_alloc(sizeof *t);
    BIO *bio = t && socket_method ? BIO_new(socket_method) : NULL;
    if (bio) {
        t->ssl = SSL_new(settings);
        t->fd = fd;
        t->stream.type = &tls_type;
        BIO_set_data(bio, t);
        BIO_set_init(bio, 1);
    }
    if (bio == NULL || t->ssl == NULL || !expect(t->ssl, name)) {
        (void)BIO_free(bio);
        if (t) {
            SSL_free(t->ssl);
        }
        aldb_free(t);
        ERR_clear_error();
        return aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    }
    SSL_set_bio(t->ssl, bio, bio);
    SSL_set_connect_state(t->ssl);
    *out = &t->stream;
    return ALDB_OK;
}

int aldb_tls_handshake(struct aldb_stream *s, short *events)
{
    struct tls *t = of(s);
    ERR_clear_error();
    int rc = SSL_do_handshake(t->ssl);
    if (rc == 1) {
        return 1;
    }
    int result = judge(t, rc, events);
    return result == ALDB_STREAM_END ? ALDB_STREAM_FAILED : result;
}

long aldb_tls_verdict(const struct aldb_stream *s)
{
    return SSL_get_verify_result(of(s)->ssl);
}

int aldb_tls_alert(const struct aldb_stream *s)
{
    return of(s)->alert;
}
