/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the test programs of connector/ share, beside those of google/: authorities, the Admin API's two answers on a gt_server, and a front of an instance that
 * speaks TLS, makes the exchange and then echoes, or misbehaves as told.
 */
#ifndef ALDB_TESTS_CONNECTOR_SUPPORT_H
#define ALDB_TESTS_CONNECTOR_SUPPORT_H

#include "google_support.h"

#include <sys/eventfd.h>
#include <sys/wait.h>

#include "connector/dial.h"
#include "connector/exchange.h"
#include "connector/key.h"

#define CT_URI "projects/p/locations/r/clusters/c/instances/i"
#define CT_INFO "/v1beta/" CT_URI "/connectionInfo"
#define CT_CERTIFICATE "/v1beta/projects/p/locations/r/clusters/c:generateClientCertificate"
#define CT_TOKEN "ya29.FAKE-TOKEN-that-must-not-be-seen-anywhere"
#define CT_OK "\0\0\0\x02\x08\x01"

enum ct_mode {
    CT_GOOD,
    CT_SILENT,          /* accepts the connection and says nothing */
    CT_CLOSE,           /* accepts the connection and closes it */
    CT_TLS12,           /* offers no TLS 1.3 */
    CT_WRONG_NAME,      /* certificate for another address */
    CT_STRANGER,        /* certificate of another authority */
    CT_EXPIRED,
    CT_REFUSE_CLIENT,   /* knows no client */
    CT_SILENT_EXCHANGE, /* reads the request and says nothing */
    CT_CLOSE_EXCHANGE,  /* reads the request and closes */
    CT_REPLY,           /* sends `reply` instead of the answer, and closes */
};

struct ct_front {
    int fd, port;
    _Atomic int mode;
    _Atomic int bad_first; /* so many connections get the mode, others are good; -1: all */
    _Atomic bool stop;
    _Atomic size_t accepted, exchanged;
    pthread_t acceptor;
    pthread_t workers[GT_REQUESTS];
    size_t nworkers;
    pthread_mutex_t lock;
    char request[ALDB_EXCHANGE_MAX + 4]; /* the last one */
    size_t request_len;
    char sni[256];
    _Atomic bool alpn;
    char reply[1024];
    size_t reply_len;
    int verify_result;
};

struct ct_link {
    struct ct_front *front;
    int fd;
    enum ct_mode mode;
};

static X509 *ct_root, *ct_intermediate, *ct_foreign;
static EVP_PKEY *ct_client_key;

/* `san` NULL: none. `life`: seconds from now. */
static X509 *ct_certificate(EVP_PKEY *key, const char *name, X509 *issuer, EVP_PKEY *issuer_key, const char *san, long life)
{
    static pthread_mutex_t one = PTHREAD_MUTEX_INITIALIZER;
    (void)pthread_mutex_lock(&one);
    X509 *x = gt_certificate(key, name, issuer, issuer_key, san == NULL);
    (void)pthread_mutex_unlock(&one);
    (void)X509_gmtime_adj(X509_getm_notBefore(x), life < 0 ? life - 3600 : -3600);
    (void)X509_gmtime_adj(X509_getm_notAfter(x), life);
    if (san) {
        X509V3_CTX ctx;
        X509V3_set_ctx_nodb(&ctx);
        X509V3_set_ctx(&ctx, issuer, x, NULL, NULL, 0);
        X509_EXTENSION_free(X509_delete_ext(x, X509_get_ext_by_NID(x, NID_subject_alt_name, -1)));
        X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, &ctx, NID_subject_alt_name, san);
        (void)X509_add_ext(x, e, -1);
        X509_EXTENSION_free(e);
    }
    (void)X509_sign(x, issuer_key, EVP_sha256());
    return x;
}

static char *ct_pem(X509 *x)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *data;
    (void)PEM_write_bio_X509(bio, x);
    long len = BIO_get_mem_data(bio, &data);
    char *copy = calloc(1, (size_t)len + 1); /* what the BIO holds does not end in NUL */
    if (copy) {
        memcpy(copy, data, (size_t)len);
    }
    (void)BIO_free(bio);
    return copy;
}

/* ------------------------------------------------------------------ front */

static int ct_sni(SSL *ssl, int *alert, void *ctx)
{
    struct ct_front *f = ctx;
    const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    (void)alert;
    (void)pthread_mutex_lock(&f->lock);
    (void)snprintf(f->sni, sizeof f->sni, "%s", name ? name : "");
    (void)pthread_mutex_unlock(&f->lock);
    return SSL_TLSEXT_ERR_OK;
}

static int ct_alpn(SSL *ssl, const unsigned char **out, unsigned char *outlen, const unsigned char *in, unsigned inlen, void *ctx)
{
    (void)ssl;
    (void)out;
    (void)outlen;
    (void)in;
    (void)inlen;
    ((struct ct_front *)ctx)->alpn = true;
    return SSL_TLSEXT_ERR_NOACK;
}

static SSL_CTX *ct_settings(struct ct_front *f, enum ct_mode mode)
{
    SSL_CTX *c = SSL_CTX_new(TLS_server_method());
    X509 *own = ct_certificate(gt_ec, "front", mode == CT_STRANGER ? ct_foreign : ct_root, gt_rsa, mode == CT_WRONG_NAME ? "IP:127.9.9.9" : "IP:127.0.0.1,IP:::1,DNS:localhost",
                               mode == CT_EXPIRED ? -60 : 86400);
    (void)SSL_CTX_use_certificate(c, own);
    (void)SSL_CTX_use_PrivateKey(c, gt_ec);
    X509_free(own);
    (void)X509_STORE_add_cert(SSL_CTX_get_cert_store(c), mode == CT_REFUSE_CLIENT ? ct_foreign : ct_root);
    SSL_CTX_set_verify(c, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    (void)SSL_CTX_set_session_id_context(c, (const unsigned char *)"t", 1);
    (void)SSL_CTX_set_tlsext_servername_callback(c, ct_sni);
    (void)SSL_CTX_set_tlsext_servername_arg(c, f);
    SSL_CTX_set_alpn_select_cb(c, ct_alpn, f);
    if (mode == CT_TLS12) {
        (void)SSL_CTX_set_max_proto_version(c, TLS1_2_VERSION);
    } else {
        (void)SSL_CTX_set_min_proto_version(c, TLS1_3_VERSION);
    }
    return c;
}

/* Until the other side closes or the test ends. */
static void ct_hang(const struct ct_front *f, int fd)
{
    while (!atomic_load(&f->stop)) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        char byte;
        if (poll(&p, 1, 20) > 0 && recv(fd, &byte, 1, 0) <= 0) {
            return;
        }
    }
}

static bool ct_read(const struct ct_front *f, SSL *ssl, char *data, size_t len)
{
    while (len > 0 && !atomic_load(&f->stop)) {
        struct pollfd p = {.fd = SSL_get_fd(ssl), .events = POLLIN};
        if (SSL_pending(ssl) == 0 && poll(&p, 1, 20) <= 0) {
            continue;
        }
        int n = SSL_read(ssl, data, (int)len);
        if (n <= 0) {
            return false;
        }
        data += n;
        len -= (size_t)n;
    }
    return len == 0;
}

static bool ct_exchange(struct ct_front *f, SSL *ssl)
{
    char head[4];
    if (!ct_read(f, ssl, head, 4)) {
        return false;
    }
    size_t len = (size_t)(unsigned char)head[2] << 8 | (unsigned char)head[3];
    char *body = malloc(len + 1);
    bool good = ct_read(f, ssl, body, len);
    if (good) {
        (void)pthread_mutex_lock(&f->lock);
        memcpy(f->request, head, 4);
        memcpy(f->request + 4, body, len);
        f->request_len = 4 + len;
        (void)pthread_mutex_unlock(&f->lock);
        (void)atomic_fetch_add(&f->exchanged, 1);
    }
    free(body);
    return good;
}

static void ct_session(const struct ct_link *l, SSL *ssl)
{
    struct ct_front *f = l->front;
    char data[16384];
    if (!ct_exchange(f, ssl) || l->mode == CT_CLOSE_EXCHANGE) {
        return;
    }
    if (l->mode == CT_SILENT_EXCHANGE) {
        ct_hang(f, l->fd);
    } else if (l->mode == CT_REPLY) {
        (void)SSL_write(ssl, f->reply, (int)f->reply_len);
    } else {
        (void)SSL_write(ssl, CT_OK, 6);
        while (ct_read(f, ssl, data, 1)) {
            int n = SSL_pending(ssl);
            n = n > 0 ? SSL_read(ssl, data + 1, n) : 0;
            if (SSL_write(ssl, data, n + 1) <= 0) {
                return;
            }
        }
    }
}

static void *ct_worker(void *ctx)
{
    struct ct_link *l = ctx;
    if (l->mode == CT_SILENT) {
        ct_hang(l->front, l->fd);
    } else if (l->mode != CT_CLOSE) {
        SSL_CTX *c = ct_settings(l->front, l->mode);
        SSL *ssl = SSL_new(c);
        (void)SSL_set_fd(ssl, l->fd);
        if (SSL_accept(ssl) == 1) {
            ct_session(l, ssl);
            (void)SSL_shutdown(ssl);
        }
        SSL_free(ssl);
        SSL_CTX_free(c);
    }
    (void)shutdown(l->fd, SHUT_WR);
    struct pollfd p = {.fd = l->fd, .events = POLLIN};
    if (l->mode != CT_CLOSE && poll(&p, 1, 200) > 0) { /* what is unread would make the close a reset, which overtakes the alert */
        char rest[4096];
        (void)!recv(l->fd, rest, sizeof rest, MSG_DONTWAIT);
    }
    (void)close(l->fd);
    free(l);
    return NULL;
}

static void *ct_accept(void *ctx)
{
    struct ct_front *f = ctx;
    while (!atomic_load(&f->stop)) {
        struct pollfd p = {.fd = f->fd, .events = POLLIN};
        int fd = poll(&p, 1, 20) > 0 ? accept4(f->fd, NULL, NULL, SOCK_CLOEXEC) : -1;
        if (fd >= 0 && f->nworkers < GT_REQUESTS) {
            struct ct_link *l = calloc(1, sizeof *l);
            int bad = atomic_load(&f->bad_first);
            *l = (struct ct_link){.front = f, .fd = fd, .mode = bad != 0 ? (enum ct_mode)atomic_load(&f->mode) : CT_GOOD};
            if (bad > 0) {
                (void)atomic_fetch_sub(&f->bad_first, 1);
            }
            (void)atomic_fetch_add(&f->accepted, 1);
            if (pthread_create(&f->workers[f->nworkers], NULL, ct_worker, l) == 0) {
                f->nworkers++;
            }
        }
    }
    return NULL;
}

/* NULL: as gt_listen says. */
static struct ct_front *ct_start_at(const char *address)
{
    struct ct_front *f = calloc(1, sizeof *f);
    (void)pthread_mutex_init(&f->lock, NULL);
    f->fd = gt_listen(address, &f->port);
    if (f->fd < 0) {
        free(f);
        return NULL;
    }
    (void)pthread_create(&f->acceptor, NULL, ct_accept, f);
    return f;
}

static struct ct_front *ct_start(void)
{
    return ct_start_at("127.0.0.1");
}

static void ct_stop(struct ct_front *f)
{
    atomic_store(&f->stop, true);
    (void)pthread_join(f->acceptor, NULL);
    for (size_t i = 0; i < f->nworkers; i++) {
        (void)pthread_join(f->workers[i], NULL);
    }
    (void)close(f->fd);
    (void)pthread_mutex_destroy(&f->lock);
    free(f);
}

/* The next `times` connections (-1: all) go wrong so. */
static void ct_misbehave(struct ct_front *f, enum ct_mode mode, int times)
{
    atomic_store(&f->mode, (int)mode);
    atomic_store(&f->bad_first, times);
}

static void ct_reply(struct ct_front *f, const char *data, size_t len)
{
    memcpy(f->reply, data, len);
    f->reply_len = len;
    ct_misbehave(f, CT_REPLY, -1);
}

/* ------------------------------------------------------------------ Admin API */

static void ct_add_pem(struct aldb_buf *b, X509 *x)
{
    char *pem = ct_pem(x);
    aldb_json_add_string(b, aldb_slice_of(pem));
    free(pem);
}

/* generateClientCertificate's answer; owned. `key` NULL: the process's own. */
static char *ct_certificate_json(EVP_PKEY *key, long life)
{
    struct aldb_buf b;
    aldb_buf_init(&b, 1u << 20);
    X509 *leaf = ct_certificate(key ? key : ct_client_key, "client", ct_intermediate, gt_ec, "DNS:client.alloydb", life);
    aldb_buf_add_str(&b, "{\"pemCertificateChain\":[");
    ct_add_pem(&b, leaf);
    aldb_buf_add_char(&b, ',');
    ct_add_pem(&b, ct_intermediate);
    aldb_buf_add_char(&b, ',');
    ct_add_pem(&b, ct_root);
    aldb_buf_add_str(&b, "],\"caCert\":");
    ct_add_pem(&b, ct_root);
    aldb_buf_add_char(&b, '}');
    X509_free(leaf);
    char *text = strdup(aldb_buf_cstr(&b));
    aldb_buf_clear(&b);
    return text;
}

static void ct_answer_certificate(struct gt_server *api, int times, long life)
{
    char *json = ct_certificate_json(NULL, life);
    (void)gt_answer(api, "POST", CT_CERTIFICATE, times, 200, json);
    free(json);
}

/* An answer for ever, late or not at all. Workers may be reading the routes. */
static void ct_route(struct gt_server *api, const char *path, int status, const char *body, int delay_ms, enum gt_fault fault)
{
    struct gt_route *r = gt_answer(api, NULL, path, 0, status, body);
    (void)pthread_mutex_lock(&api->lock);
    r->delay_ms = delay_ms;
    r->fault = fault;
    r->times = -1;
    (void)pthread_mutex_unlock(&api->lock);
}

static const char ct_addresses[] = "{\"name\":\"x\",\"ipAddress\":\"127.0.0.1\",\"publicIpAddress\":\"127.0.0.1\",\"pscDnsName\":\"localhost.\",\"instanceUid\":\"u\",\"more\":{\"a\":[1]}}";

/* Both answers, for ever, with certificates of that life; the addresses that late. */
static void ct_answer_late(struct gt_server *api, long life, int delay_ms)
{
    gt_forget(api);
    ct_route(api, CT_INFO, 200, ct_addresses, delay_ms, GT_ANSWER);
    ct_answer_certificate(api, -1, life);
}

static void ct_answer(struct gt_server *api, long life)
{
    ct_answer_late(api, life, 0);
}

static size_t ct_calls(struct gt_server *api, const char *target)
{
    size_t n = 0;
    (void)pthread_mutex_lock(&api->lock);
    for (size_t i = 0; i < api->nrequests; i++) {
        n += strcmp(api->requests[i].target, target) == 0;
    }
    (void)pthread_mutex_unlock(&api->lock);
    return n;
}

static const struct gt_request *ct_request(struct gt_server *api, const char *target)
{
    for (size_t i = 0; i < gt_count(api); i++) {
        if (strcmp(api->requests[i].target, target) == 0) {
            return &api->requests[i];
        }
    }
    return gt_request(api, GT_REQUESTS);
}

static void ct_begin(void)
{
    gt_begin();
    struct aldb_call call = gt_call(60000);
    ct_root = gt_certificate(gt_rsa, "cluster root", NULL, gt_rsa, true);
    ct_foreign = gt_certificate(gt_rsa, "foreign root", NULL, gt_rsa, true);
    ct_intermediate = gt_certificate(gt_ec, "client.alloydb", ct_root, gt_rsa, true);
    if (aldb_client_key_get(&call, &ct_client_key, &diag) != ALDB_OK) {
        exit(EXIT_FAILURE);
    }
}

static int ct_end(void)
{
    int status = gt_end(); /* runs the tests */
    EVP_PKEY_free(ct_client_key);
    X509_free(ct_root);
    X509_free(ct_foreign);
    X509_free(ct_intermediate);
    return status;
}

#endif
