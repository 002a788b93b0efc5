/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the test programs of google/ share: an HTTP(S) server inside the process which answers as told and keeps what it was asked, keys made on the spot,
 * files in a directory of the program's own, and checks that print what the driver said.
 */
#ifndef ALDB_TESTS_GOOGLE_SUPPORT_H
#define ALDB_TESTS_GOOGLE_SUPPORT_H

#include <CUnit/Basic.h>
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "diag/diag.h"
#include "google/credentials.h"
#include "google/encode.h"
#include "google/json.h"

#define GT_PROGRAM_SECONDS 3500 /* no test may hang for ever */
#define GT_ROUTES 64
#define GT_REQUESTS 8192

/* Every program uses only a part of this. */
#if defined(__GNUC__)
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wunused-variable"
#endif

static char gt_dir[64];

static bool gt_valgrind(void)
{
    const char *preload = getenv("LD_PRELOAD");
    return preload && strstr(preload, "vgpreload");
}

/* ------------------------------------------------------------------ files */

/* Path of a file in the program's directory, in one of a few static buffers. */
static const char *gt_path(const char *name)
{
    static char buf[8][128];
    static unsigned next;
    char *p = buf[next++ % 8];
    (void)snprintf(p, sizeof buf[0], "%s/%s", gt_dir, name);
    return p;
}

static const char *gt_write(const char *name, const char *text)
{
    const char *path = gt_path(name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    size_t len = strlen(text);
    if (fd < 0 || write(fd, text, len) != (ssize_t)len || close(fd) != 0) {
        perror(path);
        exit(EXIT_FAILURE);
    }
    return path;
}

static char *gt_read(const char *path)
{
    FILE *f = fopen(path, "re");
    struct aldb_buf b;
    char chunk[4096];
    aldb_buf_init(&b, 64u << 20);
    for (size_t n; f && (n = fread(chunk, 1, sizeof chunk, f)) > 0;) {
        aldb_buf_add(&b, chunk, n);
    }
    if (f) {
        (void)fclose(f);
    }
    return f ? aldb_buf_take(&b) : NULL;
}

/* ------------------------------------------------------------------ keys */

static EVP_PKEY *gt_rsa, *gt_ec;

static char *gt_pem_of(EVP_PKEY *key)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *data;
    (void)PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL);
    size_t len = (size_t)BIO_get_mem_data(bio, &data);
    char *copy = memcpy(calloc(1, len + 1), data, len);
    (void)BIO_free(bio);
    return copy;
}

/* The same as the content of a JSON string. */
static char *gt_json_pem_of(EVP_PKEY *key)
{
    char *pem = gt_pem_of(key);
    struct aldb_buf escaped;
    aldb_buf_init(&escaped, 65536);
    aldb_json_add_string(&escaped, aldb_slice_of(pem));
    char *content = strndup(escaped.data + 1, escaped.len - 2);
    aldb_buf_clear(&escaped);
    free(pem);
    return content;
}

/* Certificate for 127.0.0.1 and localhost, or (ca) an authority; signed by `issuer` (NULL: itself). */
static X509 *gt_certificate(EVP_PKEY *key, const char *name, X509 *issuer, EVP_PKEY *issuer_key, bool ca)
{
    static long serial = 1;
    X509 *x = X509_new();
    (void)X509_set_version(x, 2);
    (void)ASN1_INTEGER_set(X509_get_serialNumber(x), serial++);
    (void)X509_gmtime_adj(X509_getm_notBefore(x), -3600);
    (void)X509_gmtime_adj(X509_getm_notAfter(x), 86400);
    (void)X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1, 0);
    (void)X509_set_issuer_name(x, X509_get_subject_name(issuer ? issuer : x));
    (void)X509_set_pubkey(x, key);
    X509V3_CTX ctx;
    X509V3_set_ctx_nodb(&ctx);
    X509V3_set_ctx(&ctx, issuer ? issuer : x, x, NULL, NULL, 0);
    X509_EXTENSION *e = ca ? X509V3_EXT_conf_nid(NULL, &ctx, NID_basic_constraints, "critical,CA:TRUE")
                           : X509V3_EXT_conf_nid(NULL, &ctx, NID_subject_alt_name, "IP:127.0.0.1,DNS:localhost");
    (void)X509_add_ext(x, e, -1);
    X509_EXTENSION_free(e);
    (void)X509_sign(x, issuer_key, EVP_sha256());
    return x;
}

static void gt_write_pem(const char *name, X509 *x, EVP_PKEY *key)
{
    FILE *f = fopen(gt_path(name), "we");
    if (f == NULL || (x && !PEM_write_X509(f, x)) || (key && !PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL)) || fclose(f) != 0) {
        perror(name);
        exit(EXIT_FAILURE);
    }
}

/* ------------------------------------------------------------------ server */

enum gt_fault {
    GT_ANSWER,
    GT_CLOSE,    /* closes without a byte */
    GT_HANG,     /* says nothing until the server stops */
    GT_TRUNCATE, /* closes before the body's end */
    GT_GARBAGE,  /* no HTTP */
};

struct gt_route {
    const char *method, *path; /* exact, without the query; NULL: any */
    int times;                 /* answers left; -1: for ever */
    int status;
    const char *type;
    char *body;
    size_t body_len;
    char headers[256]; /* further ones, each with CRLF */
    int delay_ms;
    enum gt_fault fault;
};

struct gt_request {
    char method[16], target[4096];
    char *head; /* request line and headers as sent */
    char *body;
    size_t body_len;
    bool client_certificate, resumed; /* of TLS: a session of an earlier connection went on */
};

struct gt_server {
    int fd, port;
    SSL_CTX *tls;
    pthread_t acceptor;
    pthread_t workers[GT_REQUESTS];
    _Atomic size_t nworkers;
    pthread_mutex_t lock;
    struct gt_route routes[GT_ROUTES];
    size_t nroutes;
    struct gt_request requests[GT_REQUESTS];
    size_t nrequests;
    _Atomic bool stop;
    char url[64];
};

struct gt_link {
    struct gt_server *server;
    int fd;
    SSL *ssl;
};

static ssize_t gt_recv(struct gt_link *l, char *buf, size_t size)
{
    while (!atomic_load(&l->server->stop)) {
        struct pollfd p = {.fd = l->fd, .events = POLLIN};
        if ((l->ssl && SSL_pending(l->ssl) > 0) || poll(&p, 1, 50) > 0) {
            return l->ssl ? SSL_read(l->ssl, buf, (int)size) : recv(l->fd, buf, size, 0);
        }
    }
    return -1;
}

static void gt_send(struct gt_link *l, const char *data, size_t len)
{
    while (len > 0) {
        ssize_t n = l->ssl ? SSL_write(l->ssl, data, (int)len) : send(l->fd, data, len, MSG_NOSIGNAL);
        if (n <= 0) {
            return;
        }
        data += n;
        len -= (size_t)n;
    }
}

/* A header's value in a request's head, copied; NULL: not there. */
static char *gt_header_in(const char *head, const char *name)
{
    size_t len = strlen(name);
    for (const char *line = strstr(head, "\r\n"); line; line = strstr(line + 2, "\r\n")) {
        if (strncasecmp(line + 2, name, len) == 0 && line[2 + len] == ':') {
            const char *value = line + 3 + len;
            value += strspn(value, " ");
            return strndup(value, strcspn(value, "\r"));
        }
    }
    return NULL;
}

static bool gt_read_request(struct gt_link *l, struct gt_request *r)
{
    size_t cap = 1u << 20, len = 0;
    char *buf = calloc(1, cap + 1);
    char *end = NULL;
    while (end == NULL && len < cap) {
        ssize_t n = gt_recv(l, buf + len, cap - len);
        if (n <= 0) {
            free(buf);
            return false;
        }
        len += (size_t)n;
        end = strstr(buf, "\r\n\r\n");
    }
    *r = (struct gt_request){.head = strndup(buf, (size_t)(end - buf) + 2)};
    (void)sscanf(r->head, "%15s %4095s", r->method, r->target);
    char *length = gt_header_in(r->head, "Content-Length");
    r->body_len = length ? strtoul(length, NULL, 10) : 0;
    free(length);
    size_t have = len - (size_t)(end + 4 - buf);
    while (have < r->body_len) {
        ssize_t n = gt_recv(l, buf + len, cap - len);
        if (n <= 0) {
            break;
        }
        len += (size_t)n;
        have += (size_t)n;
    }
    r->body = calloc(1, r->body_len + 1);
    memcpy(r->body, end + 4, have < r->body_len ? have : r->body_len);
    r->resumed = l->ssl && SSL_session_reused(l->ssl) == 1;
    r->client_certificate = l->ssl && SSL_get0_peer_certificate(l->ssl) != NULL;
    free(buf);
    return true;
}

/* The answer for a request, which is noted. Its body is the caller's. */
static struct gt_route gt_answer_for(struct gt_server *s, const struct gt_request *r)
{
    struct gt_route answer = {.status = 501, .type = "text/plain", .body = "unexpected", .body_len = 10};
    size_t path = strcspn(r->target, "?");
    (void)pthread_mutex_lock(&s->lock);
    if (s->nrequests < GT_REQUESTS) {
        s->requests[s->nrequests++] = *r;
    }
    for (size_t i = 0; i < s->nroutes; i++) {
        struct gt_route *t = &s->routes[i];
        if (t->times != 0 && (t->method == NULL || strcmp(t->method, r->method) == 0) &&
            (t->path == NULL || (strlen(t->path) == path && strncmp(t->path, r->target, path) == 0))) {
            t->times -= t->times > 0;
            answer = *t;
            break;
        }
    }
    answer.body = memcpy(calloc(1, answer.body_len + 1), answer.body, answer.body_len); /* routes may be forgotten while it is sent */
    (void)pthread_mutex_unlock(&s->lock);
    return answer;
}

static void gt_pause(const struct gt_server *s, int ms)
{
    for (; ms != 0 && !atomic_load(&s->stop); ms -= ms > 0 ? (ms < 20 ? ms : 20) : 0) {
        (void)usleep(20000);
    }
}

static bool gt_serve(struct gt_link *l)
{
    struct gt_request r;
    if (!gt_read_request(l, &r)) {
        return false;
    }
    struct gt_route a = gt_answer_for(l->server, &r);
    gt_pause(l->server, a.fault == GT_HANG ? -1 : a.delay_ms);
    if (a.fault == GT_GARBAGE) {
        gt_send(l, "nonsense\r\n\r\n", 12);
    }
    if (a.fault == GT_ANSWER || a.fault == GT_TRUNCATE) {
        char head[1024];
        int n = snprintf(head, sizeof head, "HTTP/1.1 %d Canned\r\nContent-Length: %zu\r\n%s%s%s%s\r\n", a.status, a.body_len, a.type ? "Content-Type: " : "",
                         a.type ? a.type : "", a.type ? "\r\n" : "", a.headers);
        gt_send(l, head, (size_t)n);
        gt_send(l, a.body, a.fault == GT_TRUNCATE ? a.body_len / 2 : a.body_len);
    }
    free(a.body);
    return a.fault == GT_ANSWER;
}

static void *gt_worker(void *ctx)
{
    struct gt_link *l = ctx;
    if (l->server->tls) {
        l->ssl = SSL_new(l->server->tls);
        (void)SSL_set_fd(l->ssl, l->fd);
    }
    if (l->ssl == NULL || SSL_accept(l->ssl) == 1) {
        while (gt_serve(l)) {
        }
        if (l->ssl) {
            (void)SSL_shutdown(l->ssl);
        }
    }
    SSL_free(l->ssl);
    (void)close(l->fd);
    free(l);
    return NULL;
}

static void *gt_acceptor(void *ctx)
{
    struct gt_server *s = ctx;
    while (!atomic_load(&s->stop)) {
        struct pollfd p = {.fd = s->fd, .events = POLLIN};
        if (poll(&p, 1, 20) <= 0) {
            continue;
        }
        int fd = accept4(s->fd, NULL, NULL, SOCK_CLOEXEC);
        if (fd >= 0 && s->nworkers < GT_REQUESTS) {
            struct gt_link *l = calloc(1, sizeof *l);
            *l = (struct gt_link){.server = s, .fd = fd};
            if (pthread_create(&s->workers[s->nworkers], NULL, gt_worker, l) == 0) {
                s->nworkers++;
            }
        }
    }
    return NULL;
}

/* A socket that listens at an address of either kind, on a port of the kernel's choice; -1: this machine has no IPv6. */
static int gt_listen(const char *address, int *port)
{
    struct sockaddr_in four = {.sin_family = AF_INET};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6};
    bool v6 = inet_pton(AF_INET6, address, &six.sin6_addr) == 1;
    struct sockaddr *at = v6 ? (struct sockaddr *)&six : (struct sockaddr *)&four;
    socklen_t len = v6 ? sizeof six : sizeof four;
    (void)inet_pton(AF_INET, address, &four.sin_addr);
    int fd = socket(at->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, at, len) != 0 || listen(fd, 256) != 0 || getsockname(fd, at, &len) != 0) {
        if (v6) {
            (void)printf("SKIP: no IPv6 ");
            if (fd >= 0) {
                (void)close(fd);
            }
            return -1;
        }
        perror("test server");
        exit(EXIT_FAILURE);
    }
    *port = ntohs(v6 ? six.sin6_port : four.sin_port);
    return fd;
}

/* `tls`: with a certificate of gt_dir/ca.pem for 127.0.0.1, asking for client certificates. NULL: as gt_listen says. */
static struct gt_server *gt_start_at(const char *address, bool tls)
{
    struct gt_server *s = calloc(1, sizeof *s);
    bool v6 = strchr(address, ':') != NULL;
    (void)pthread_mutex_init(&s->lock, NULL);
    s->fd = gt_listen(address, &s->port);
    if (s->fd < 0) {
        free(s);
        return NULL;
    }
    (void)snprintf(s->url, sizeof s->url, "%s://%s%s%s:%d", tls ? "https" : "http", v6 ? "[" : "", address, v6 ? "]" : "", s->port);
    if (tls) {
        X509 *ca = gt_certificate(gt_rsa, "test authority", NULL, gt_rsa, true);
        X509 *own = gt_certificate(gt_ec, "test server", ca, gt_rsa, false);
        X509 *client = gt_certificate(gt_ec, "test client", ca, gt_rsa, false);
        gt_write_pem("ca.pem", ca, NULL);
        gt_write_pem("client.pem", client, NULL);
        gt_write_pem("client.key", NULL, gt_ec);
        s->tls = SSL_CTX_new(TLS_server_method());
        (void)SSL_CTX_use_certificate(s->tls, own);
        (void)SSL_CTX_use_PrivateKey(s->tls, gt_ec);
        (void)X509_STORE_add_cert(SSL_CTX_get_cert_store(s->tls), ca);
        SSL_CTX_set_verify(s->tls, SSL_VERIFY_PEER, NULL);
        (void)SSL_CTX_set_session_id_context(s->tls, (const unsigned char *)"t", 1);
        X509_free(client);
        X509_free(own);
        X509_free(ca);
    }
    (void)pthread_create(&s->acceptor, NULL, gt_acceptor, s);
    return s;
}

static struct gt_server *gt_start(bool tls)
{
    return gt_start_at("127.0.0.1", tls);
}

static void gt_forget(struct gt_server *s)
{
    (void)pthread_mutex_lock(&s->lock);
    for (size_t i = 0; i < s->nroutes; i++) {
        free(s->routes[i].body);
    }
    for (size_t i = 0; i < s->nrequests; i++) {
        free(s->requests[i].head);
        free(s->requests[i].body);
    }
    s->nroutes = s->nrequests = 0;
    (void)pthread_mutex_unlock(&s->lock);
}

static void gt_stop(struct gt_server *s)
{
    atomic_store(&s->stop, true);
    (void)pthread_join(s->acceptor, NULL);
    for (size_t i = 0; i < s->nworkers; i++) {
        (void)pthread_join(s->workers[i], NULL);
    }
    gt_forget(s);
    SSL_CTX_free(s->tls);
    (void)close(s->fd);
    (void)pthread_mutex_destroy(&s->lock);
    free(s);
}

/* Adds an answer; the returned one may be changed until the next request of this process. */
static struct gt_route *gt_answer(struct gt_server *s, const char *method, const char *path, int times, int status, const char *body)
{
    (void)pthread_mutex_lock(&s->lock);
    struct gt_route *r = &s->routes[s->nroutes < GT_ROUTES - 1 ? s->nroutes++ : GT_ROUTES - 1];
    *r = (struct gt_route){.method = method, .path = path, .times = times, .status = status, .type = "application/json", .body = strdup(body),
                           .body_len = strlen(body)};
    (void)pthread_mutex_unlock(&s->lock);
    return r;
}

/* A fault for the requests of other processes. */
static void gt_answer_fault(struct gt_server *s, enum gt_fault fault)
{
    struct gt_route *r = gt_answer(s, NULL, NULL, -1, 200, "");
    (void)pthread_mutex_lock(&s->lock);
    r->fault = fault;
    (void)pthread_mutex_unlock(&s->lock);
}

static size_t gt_count(struct gt_server *s)
{
    (void)pthread_mutex_lock(&s->lock);
    size_t n = s->nrequests;
    (void)pthread_mutex_unlock(&s->lock);
    return n;
}

/* Connections that were made so far. */
static size_t gt_links(struct gt_server *s)
{
    return atomic_load(&s->nworkers);
}

/* Request number `i`, from 0. Past the end an empty one, so that checks fail instead of the program. */
static const struct gt_request *gt_request(struct gt_server *s, size_t i)
{
    static const struct gt_request none = {.method = "none", .target = "none", .head = "\r\n", .body = ""};
    return i < gt_count(s) ? &s->requests[i] : &none;
}

static void gt_check_header(const struct gt_request *r, const char *name, const char *expected, int line)
{
    char *value = gt_header_in(r->head, name);
    bool same = value == NULL || expected == NULL ? value == expected : strcmp(value, expected) == 0;
    if (!same) {
        (void)printf("\n  line %d: header %s is \"%s\", not \"%s\"", line, name, value ? value : "(none)", expected ? expected : "(none)");
    }
    CU_ASSERT(same);
    free(value);
}
#define GT_HEADER(r, name, expected) gt_check_header(r, name, expected, __LINE__)

/* ------------------------------------------------------------------ checks */

static void gt_check_text(const char *got, const char *expected, int line)
{
    bool same = got && expected ? strcmp(got, expected) == 0 : got == expected;
    if (!same) {
        (void)printf("\n  line %d: \"%s\"\n  expected: \"%s\"", line, got ? got : "(null)", expected ? expected : "(null)");
    }
    CU_ASSERT(same);
}
#define GT_TEXT(got, expected) gt_check_text(got, expected, __LINE__)

/* One record, of that state, with all of the words (NULL-terminated) in its text. Empties the list. */
static void gt_check_said(struct aldb_diag *d, int line, const char *state, ...)
{
    const struct aldb_diag_record *r = aldb_diag_get(d, 1);
    const char *text = r ? aldb_diag_message(r) : "(nothing)";
    bool good = aldb_diag_count(d) == 1 && strcmp(r->state, state) == 0;
    va_list ap;
    va_start(ap, state);
    for (const char *word; good && (word = va_arg(ap, const char *)) != NULL;) {
        if (strstr(text, word) == NULL) {
            (void)printf("\n  line %d: no \"%s\"", line, word);
            good = false;
        }
    }
    va_end(ap);
    if (!good) {
        (void)printf("\n  line %d: %zu records, first %s: %s", line, aldb_diag_count(d), r ? r->state : "", text);
    }
    CU_ASSERT(good);
    if (getenv("ALDB_TEST_SHOW")) {
        (void)printf("\n    %s %s", r ? r->state : "", text);
    }
    aldb_diag_reset(d);
}
#define GT_SAID(d, ...) gt_check_said(d, __LINE__, __VA_ARGS__, (const char *)NULL)

static void gt_check_ok(enum aldb_rc rc, struct aldb_diag *d, int line)
{
    if (rc != ALDB_OK) {
        const struct aldb_diag_record *r = aldb_diag_get(d, 1);
        (void)printf("\n  line %d: rc %d: %s", line, (int)rc, r ? aldb_diag_message(r) : "(nothing)");
    }
    CU_ASSERT_EQUAL(rc, ALDB_OK);
    aldb_diag_reset(d);
}
#define GT_OK(expression, d) gt_check_ok(expression, d, __LINE__)

static struct aldb_call gt_call(int64_t ms)
{
    return (struct aldb_call){.deadline = aldb_deadline_in_ms(ms)};
}

/*
 * A child that says how it went and vanishes: nothing of it runs at its end, as a search for leaks among what the parent's threads hold.
 */
struct gt_child {
    pid_t pid;
    int said[2];
};

static bool gt_fork(struct gt_child *c)
{
    (void)fflush(NULL);
    c->pid = pipe2(c->said, O_CLOEXEC) == 0 ? fork() : -1;
    CU_ASSERT_FATAL(c->pid >= 0);
    return c->pid == 0;
}

static void gt_child_ends(const struct gt_child *c, bool good)
{
    if (write(c->said[1], good ? "y" : "n", 1) == 1) {
        (void)kill(getpid(), SIGKILL);
    }
    _exit(1);
}

static bool gt_child_was_good(const struct gt_child *c)
{
    char said = 'n';
    (void)close(c->said[1]);
    bool good = read(c->said[0], &said, 1) == 1 && said == 'y';
    (void)close(c->said[0]);
    return waitpid(c->pid, NULL, 0) == c->pid && good;
}

/* A thread that stops a call after a moment, or a moment after the server has got so many requests. */
struct gt_stopper {
    _Atomic bool flag;
    int fd;
    struct gt_server *server; /* NULL: whatever has been asked */
    size_t requests;
};

static void *gt_stop_soon(void *ctx)
{
    struct gt_stopper *s = ctx;
    uint64_t one = 1;
    while (s->server && gt_count(s->server) < s->requests && !atomic_load(&s->flag)) {
        (void)usleep(1000);
    }
    (void)usleep(150000);
    atomic_store(&s->flag, true);
    if (s->fd >= 0) {
        (void)!write(s->fd, &one, sizeof one);
    }
    return NULL;
}

/* A form's field, decoded and owned; NULL: not there. */
static char *gt_field(const char *form, const char *name)
{
    size_t len = strlen(name);
    for (const char *p = form; p; p = strchr(p, '&'), p = p ? p + 1 : NULL) {
        if (strncmp(p, name, len) == 0 && p[len] == '=') {
            char *out = calloc(1, strlen(p) + 1), *to = out;
            for (p += len + 1; *p && *p != '&'; p++) {
                unsigned code;
                if (*p == '%' && sscanf(p + 1, "%2x", &code) == 1) {
                    *to++ = (char)code;
                    p += 2;
                } else {
                    *to++ = *p == '+' ? ' ' : *p;
                }
            }
            return out;
        }
    }
    return NULL;
}

static void gt_check_field(const struct gt_request *r, const char *name, const char *expected, int line)
{
    char *value = gt_field(r->body, name);
    gt_check_text(value, expected, line);
    free(value);
}
#define GT_FIELD(r, name, expected) gt_check_field(r, name, expected, __LINE__)

/* Part `n` of a compact JWT, decoded; owned. */
static char *gt_jwt_part(const char *jwt, int n)
{
    for (; n > 0 && jwt; n--) {
        jwt = strchr(jwt, '.');
        jwt = jwt ? jwt + 1 : NULL;
    }
    struct aldb_buf b;
    aldb_buf_init(&b, 1u << 20);
    if (jwt == NULL || !aldb_base64_decode(aldb_slice(jwt, strcspn(jwt, ".")), &b)) {
        aldb_buf_clear(&b);
        return NULL;
    }
    aldb_buf_add_str(&b, "");
    return aldb_buf_take(&b);
}

/* RS256 by the public key. */
static bool gt_jwt_verify(const char *jwt, EVP_PKEY *key)
{
    const char *dot = jwt ? strrchr(jwt, '.') : NULL;
    struct aldb_buf sig;
    aldb_buf_init(&sig, 1u << 16);
    bool ok = dot && aldb_base64_decode(aldb_slice_of(dot + 1), &sig);
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    ok = ok && EVP_DigestVerifyInit(md, NULL, EVP_sha256(), NULL, key) == 1 &&
         EVP_DigestVerify(md, (unsigned char *)sig.data, sig.len, (const unsigned char *)jwt, (size_t)(dot - jwt)) == 1;
    EVP_MD_CTX_free(md);
    aldb_buf_clear(&sig);
    return ok;
}

/* ------------------------------------------------------------------ credentials against the server */

#define SCOPE_API "https://www.googleapis.com/auth/cloud-platform"
#define SCOPE_LOGIN "https://www.googleapis.com/auth/alloydb.login"
#define SA "robot@proj.iam.gserviceaccount.com"

static struct aldb_diag diag;
static struct gt_server *server;
static char document_text[16384]; /* of the document under test */

static const char *document(const char *fmt, ...) ALDB_PRINTF(1, 2);
static const char *document(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(document_text, sizeof document_text, fmt, ap);
    va_end(ap);
    return document_text;
}

static struct aldb_credentials *open_with(const struct aldb_credentials_options *o)
{
    struct aldb_credentials *c = NULL;
    struct aldb_call call = gt_call(20000);
    return aldb_credentials_open(o, &call, &c, &diag) == ALDB_OK ? c : NULL;
}

static struct aldb_credentials *open_json(const char *json)
{
    struct aldb_credentials_options o = {.CredentialsJson = {(char *)json}, .user_agent = "alloydb-odbc/test"};
    return open_with(&o);
}

/* A token, in one of two static buffers; NULL after an error. */
static const char *token(struct aldb_credentials *c, enum aldb_token_use use)
{
    static char buf[2][256];
    static unsigned next;
    struct aldb_token t = {0};
    struct aldb_call call = gt_call(20000);
    if (c == NULL || aldb_credentials_token(c, use, &call, &t, &diag) != ALDB_OK) {
        return NULL;
    }
    char *p = buf[next++ % 2];
    (void)aldb_copy(p, sizeof buf[0], aldb_slice_of(t.value.value));
    aldb_token_clear(&t);
    return p;
}

static char *principal(struct aldb_credentials *c)
{
    char *email = NULL;
    struct aldb_call call = gt_call(20000);
    CU_ASSERT_EQUAL(aldb_credentials_principal(c, &call, &email, &diag), ALDB_OK);
    return email;
}

static void check_principal(struct aldb_credentials *c, const char *expected, int line)
{
    char *email = principal(c);
    gt_check_text(email, expected, line);
    aldb_free(email);
}
#define PRINCIPAL(c, expected) check_principal(c, expected, __LINE__)

/* Somebody refused the token for this use: the next call asks for another one. */
static void check_reject(struct aldb_credentials *c, enum aldb_token_use use, int line)
{
    struct aldb_token t = {0};
    struct aldb_call call = gt_call(20000);
    gt_check_ok(aldb_credentials_token(c, use, &call, &t, &diag), &diag, line);
    aldb_credentials_reject(c, use, &t);
    aldb_token_clear(&t);
}
#define REJECT(c, use) check_reject(c, use, __LINE__)

/* A call that the thread `stop_it` stops by `stopper`, or that is stopped before it begins: it ends soon, and says so. */
static void check_stopped(struct aldb_credentials *c, struct gt_stopper *stopper, void *(*stop_it)(void *), const char *said, int line)
{
    struct aldb_stop stop = {.flag = &stopper->flag, .fd = -1};
    struct aldb_call call = {.deadline = aldb_deadline_in_ms(60000), .stop = &stop};
    struct aldb_token t = {0};
    pthread_t thread;
    int64_t began = aldb_now_ms();
    (void)pthread_create(&thread, NULL, stop_it, stopper);
    CU_ASSERT_EQUAL(aldb_credentials_token(c, ALDB_TOKEN_API, &call, &t, &diag), ALDB_ERR);
    gt_check_said(&diag, line, "HY008", said, (const char *)NULL);
    CU_ASSERT_TRUE(aldb_now_ms() - began < 20000);
    (void)pthread_join(thread, NULL);
}
#define STOPPED(c, stopper, stop_it, said) check_stopped(c, stopper, stop_it, said, __LINE__)

/* The server stands for the metadata server. */
static void use_metadata(void)
{
    char host[64];
    (void)snprintf(host, sizeof host, "127.0.0.1:%d", server->port);
    (void)setenv("GCE_METADATA_HOST", host, 1);
}

/* ------------------------------------------------------------------ program */

static void gt_clean_environment(void)
{
    static const char *const names[] = {
        "GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_CLOUD_QUOTA_PROJECT", "CLOUDSDK_CONFIG", "GCE_METADATA_HOST", "GCE_METADATA_ROOT", "GCE_METADATA_IP",
        "GCE_METADATA_TIMEOUT", "GCE_METADATA_DETECT_RETRIES", "NO_GCE_CHECK", "GCE_METADATA_MTLS_MODE", "GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES",
        "GOOGLE_API_CERTIFICATE_CONFIG", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "https_proxy",
        "HTTPS_PROXY", "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        (void)unsetenv(names[i]);
    }
    (void)setenv("HOME", gt_dir, 1);
}

static void gt_begin(void)
{
    (void)snprintf(gt_dir, sizeof gt_dir, "/tmp/aldb-google-XXXXXX");
    aldb_diag_init(&diag);
    if (mkdtemp(gt_dir) == NULL || !aldb_google_init() || CU_initialize_registry() != CUE_SUCCESS) {
        perror("begin");
        exit(EXIT_FAILURE);
    }
    gt_clean_environment();
    (void)signal(SIGPIPE, SIG_IGN); /* of the test server's TLS; the driver needs none of this: see "broken pipe" in test_google_http.c */
    (void)alarm(GT_PROGRAM_SECONDS);
    gt_rsa = EVP_RSA_gen(2048);
    gt_ec = EVP_EC_gen("P-256");
}

/* Runs the tests that are registered; what they share is let go of. The program's exit status. */
static int gt_end(void)
{
    char command[128];
    CU_basic_set_mode(CU_BRM_VERBOSE);
    CU_basic_run_tests();
    unsigned failures = CU_get_number_of_failures();
    CU_cleanup_registry();
    EVP_PKEY_free(gt_rsa);
    EVP_PKEY_free(gt_ec);
    aldb_diag_clear(&diag);
    (void)snprintf(command, sizeof command, "rm -rf %s", gt_dir);
    return system(command) == 0 && failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int gt_run(const char *suite, CU_TestInfo *tests)
{
    CU_SuiteInfo suites[] = {{suite, NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};
    if (CU_register_suites(suites) != CUE_SUCCESS) {
        exit(EXIT_FAILURE);
    }
    return gt_end();
}

#endif
