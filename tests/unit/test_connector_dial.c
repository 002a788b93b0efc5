/* SPDX-License-Identifier: Apache-2.0 */
/* From a URI to a stream, against an Admin API and a front of this program's own: what is sent, what is checked, each failure's message, time, threads, forks. */
#include "connector_support.h"

#include <dirent.h>
#include <dlfcn.h>
#include <netdb.h>
#include <netinet/tcp.h>

#include "connector/admin.h"
#include "connector/cache.h"
#include "connector/key.h"
#include "connector/renewer.h"
#include "log/log.h"

static _Atomic int resolver_ms;    /* how long the resolver below hangs */
static _Atomic bool resolver_two;  /* two addresses, and nobody listens at the first */

/* In front of the C library's, for "localhost" alone. */
int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **out)
{
    int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
    *(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
    if (name == NULL || strcmp(name, "localhost") != 0) {
        return real(name, service, hints, out);
    }
    for (int ms = atomic_load(&resolver_ms); ms > 0 && atomic_load(&resolver_ms) > 0; ms -= 50) {
        (void)usleep(50000);
    }
    if (!atomic_load(&resolver_two)) {
        return real(name, service, hints, out);
    }
    struct addrinfo *first = NULL;
    int error = real("127.0.0.77", service, hints, &first);
    if (error == 0) {
        error = real("127.0.0.1", service, hints, &first->ai_next);
        *out = first;
    }
    return error;
}

static struct gt_server *api;
static struct ct_front *front;
static unsigned marker; /* makes each test's credentials its own, and so its entry of the cache */

/* A dialer whose entry of the cache is new. */
static struct aldb_dial_options options(void)
{
    static char token[2][128];
    char *t = token[marker % 2];
    (void)snprintf(t, sizeof token[0], CT_TOKEN "-%u", ++marker);
    return (struct aldb_dial_options){.InstanceUri = CT_URI, .ApiEndpoint = api->url, .UserAgent = "test/1", .port = (uint16_t)front->port,
                                      .tcp = {.keepalive = true}, .credentials = {.AccessToken = {t}}};
}

static struct aldb_dialer *open_dialer(const struct aldb_dial_options *o)
{
    struct aldb_dialer *d = NULL;
    struct aldb_call call = gt_call(20000);
    GT_OK(aldb_dialer_open(o, &call, &d, &diag), &diag);
    return d;
}

static enum aldb_rc dial(struct aldb_dialer *d, int64_t ms, struct aldb_stream **s)
{
    struct aldb_call call = gt_call(ms);
    *s = NULL;
    return d ? aldb_dial(d, &call, s, &diag) : ALDB_ERR;
}

/* Writes and reads back; blocking, by poll. */
static bool echo(struct aldb_stream *s, size_t len)
{
    char *out = malloc(len), *in = malloc(len);
    size_t sent = 0, got = 0;
    struct aldb_deadline until = aldb_deadline_in_ms(120000);
    for (size_t i = 0; i < len; i++) {
        out[i] = (char)(i * 31 + i / 251);
    }
    bool good = true;
    while (good && got < len && !aldb_deadline_over(until)) {
        short w = 0, r = 0;
        ssize_t n = sent < len ? s->type->write(s, out + sent, len - sent, &w) : 0;
        sent += n > 0 ? (size_t)n : 0;
        ssize_t m = s->type->read(s, in + got, len - got, &r);
        got += m > 0 ? (size_t)m : 0;
        good = n >= 0 && m >= 0;
        if (n == 0 && m == 0 && s->type->pending(s) == 0) {
            struct pollfd p = {.fd = s->type->fd(s), .events = (short)(w | r)};
            (void)poll(&p, 1, 1000);
        }
    }
    good = good && got == len && memcmp(in, out, len) == 0;
    free(in);
    free(out);
    return good;
}

static void done(struct aldb_stream *s)
{
    if (s) {
        s->type->close(s, 1000);
    }
}

/* ------------------------------------------------------------------ what is sent */

static int socket_option(struct aldb_stream *s, int level, int name)
{
    int value = -1;
    socklen_t len = sizeof value;
    return s && getsockopt(s->type->fd(s), level, name, &value, &len) == 0 ? value : -1;
}

static void test_requests(void)
{
    ct_answer(api, 3600);
    struct aldb_dial_options o = options();
    o.InstanceUri = "projects/google.com:p/locations/r/clusters/c/instances/i";
    o.credentials.QuotaProject = "quota-p";
    static const char info[] = "/v1beta/projects/google.com:p/locations/r/clusters/c/instances/i/connectionInfo";
    static const char certificate[] = "/v1beta/projects/google.com:p/locations/r/clusters/c:generateClientCertificate";
    char *json = ct_certificate_json(NULL, 3600);
    (void)gt_answer(api, "GET", info, 1, 200, ct_addresses);
    (void)gt_answer(api, "POST", certificate, 1, 200, json);
    free(json);
    struct aldb_dialer *d = open_dialer(&o);
    struct aldb_stream *s;
    size_t before = gt_count(api);
    GT_OK(dial(d, 20000, &s), &diag);
    CU_ASSERT_EQUAL(gt_count(api) - before, 2);
    char bearer[200];
    (void)snprintf(bearer, sizeof bearer, "Bearer %s", o.credentials.AccessToken.value);
    const struct gt_request *r = ct_request(api, info);
    GT_TEXT(r->method, "GET");
    GT_HEADER(r, "Authorization", bearer);
    GT_HEADER(r, "x-goog-request-params", "parent=projects%2Fgoogle.com%3Ap%2Flocations%2Fr%2Fclusters%2Fc%2Finstances%2Fi");
    GT_HEADER(r, "x-goog-user-project", "quota-p");
    GT_HEADER(r, "User-Agent", "alloydb-odbc/" ALDB_VERSION " test/1");
    GT_HEADER(r, "Content-Type", NULL);
    r = ct_request(api, certificate);
    GT_TEXT(r->method, "POST");
    GT_HEADER(r, "Authorization", bearer);
    GT_HEADER(r, "x-goog-request-params", "parent=projects%2Fgoogle.com%3Ap%2Flocations%2Fr%2Fclusters%2Fc");
    GT_HEADER(r, "Content-Type", "application/json");
    struct aldb_json j = {0};
    const char *text = NULL;
    bool exchange = false;
    GT_OK(aldb_json_parse(aldb_slice(r->body, r->body_len), "body", ALDB_ST_HY000, &j, &diag), &diag);
    GT_OK(aldb_json_string(&j, "certDuration", ALDB_JSON_REQUIRED, &text, &diag), &diag);
    GT_TEXT(text, "3600s");
    GT_OK(aldb_json_bool(&j, "useMetadataExchange", ALDB_JSON_REQUIRED, &exchange, &diag), &diag);
    CU_ASSERT_TRUE(exchange);
    GT_OK(aldb_json_string(&j, "publicKey", ALDB_JSON_REQUIRED, &text, &diag), &diag);
    CU_ASSERT(strncmp(text, "-----BEGIN PUBLIC KEY-----\n", 27) == 0 && text[strlen(text) - 1] == '\n');
    BIO *bio = BIO_new_mem_buf(text, -1);
    EVP_PKEY *key = PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL);
    CU_ASSERT(key && EVP_PKEY_get_bits(key) == 2048 && EVP_PKEY_eq(key, ct_client_key) == 1);
    EVP_PKEY_free(key);
    (void)BIO_free(bio);
    aldb_json_clear(&j);
    /* The exchange's request: user agent, DB_NATIVE, token. */
    struct aldb_buf b;
    aldb_buf_init(&b, ALDB_EXCHANGE_MAX + 64);
    CU_ASSERT_EQUAL(aldb_exchange_write(&b, ALDB_EXCHANGE_DB_NATIVE, "alloydb-odbc/" ALDB_VERSION " test/1", o.credentials.AccessToken.value), ALDB_OK);
    CU_ASSERT(b.len == front->request_len && memcmp(b.data, front->request, b.len) == 0);
    GT_TEXT(front->sni, "");
    CU_ASSERT_FALSE(front->alpn);
    CU_ASSERT_TRUE(echo(s, 5));
    done(s);
    aldb_dialer_close(d);
    /* IAM, and a name: SNI without its dot. */
    ct_answer(api, 3600);
    o = options();
    o.EnableIamAuth = true;
    o.IpType = ALDB_ADDRESS_PSC;
    d = open_dialer(&o);
    GT_OK(dial(d, 20000, &s), &diag);
    aldb_buf_reset(&b);
    CU_ASSERT_EQUAL(aldb_exchange_write(&b, ALDB_EXCHANGE_AUTO_IAM, "alloydb-odbc/" ALDB_VERSION " test/1", o.credentials.AccessToken.value), ALDB_OK);
    CU_ASSERT(b.len == front->request_len && memcmp(b.data, front->request, b.len) == 0);
    GT_TEXT(front->sni, "localhost");
    CU_ASSERT_EQUAL(socket_option(s, SOL_SOCKET, SO_KEEPALIVE), 1);
    CU_ASSERT_EQUAL(socket_option(s, IPPROTO_TCP, TCP_NODELAY), 1);
    CU_ASSERT_EQUAL(socket_option(s, IPPROTO_TCP, TCP_KEEPIDLE), ALDB_TCP_KEEPALIVE_S);
    CU_ASSERT_EQUAL(socket_option(s, IPPROTO_TCP, TCP_KEEPINTVL), ALDB_TCP_KEEPALIVE_S);
    CU_ASSERT(s && (fcntl(s->type->fd(s), F_GETFL) & O_NONBLOCK) && (fcntl(s->type->fd(s), F_GETFD) & FD_CLOEXEC));
    done(s);
    aldb_buf_clear(&b);
    aldb_dialer_close(d);
    o.tcp = (struct aldb_tcp_options){.keepalive = true, .idle_s = 7, .interval_s = 8, .count = 9, .user_timeout_ms = 12345};
    d = open_dialer(&o);
    GT_OK(dial(d, 20000, &s), &diag);
    CU_ASSERT_EQUAL(socket_option(s, IPPROTO_TCP, TCP_KEEPIDLE), 7);
    CU_ASSERT_EQUAL(socket_option(s, IPPROTO_TCP, TCP_KEEPINTVL), 8);
    CU_ASSERT_EQUAL(socket_option(s, IPPROTO_TCP, TCP_KEEPCNT), 9);
    CU_ASSERT_EQUAL(socket_option(s, IPPROTO_TCP, TCP_USER_TIMEOUT), 12345);
    done(s);
    aldb_dialer_close(d);
    o.tcp.keepalive = false;
    d = open_dialer(&o);
    GT_OK(dial(d, 20000, &s), &diag);
    CU_ASSERT_EQUAL(socket_option(s, SOL_SOCKET, SO_KEEPALIVE), 0);
    done(s);
    aldb_dialer_close(d);
}

static void test_stream(void)
{
    ct_answer(api, 3600);
    struct aldb_dial_options o = options();
    struct aldb_dialer *d = open_dialer(&o);
    struct aldb_stream *s;
    GT_OK(dial(d, 20000, &s), &diag);
    CU_ASSERT_TRUE(echo(s, 3000000));
    char byte;
    short events = 0;
    CU_ASSERT_EQUAL(s->type->read(s, &byte, 1, &events), ALDB_STREAM_AGAIN);
    CU_ASSERT_EQUAL(events, POLLIN);
    GT_TEXT(s->type->error(s), "");
    CU_ASSERT_EQUAL(s->type->pending(s), 0);
    done(s);
    aldb_dialer_close(d);
    CU_ASSERT_EQUAL(gt_count(api), 2);
}

/* The other side's end, told apart from a failure; and writing to it raises no signal. */
static void test_end(void)
{
    ct_answer(api, 3600);
    struct aldb_dial_options o = options();
    struct aldb_dialer *d = open_dialer(&o);
    struct aldb_stream *s;
    ct_reply(front, CT_OK, 6);
    GT_OK(dial(d, 20000, &s), &diag);
    char byte;
    short events = 0;
    ssize_t n;
    while ((n = s->type->read(s, &byte, 1, &events)) == ALDB_STREAM_AGAIN) {
        struct pollfd p = {.fd = s->type->fd(s), .events = events};
        CU_ASSERT_FATAL(poll(&p, 1, 10000) > 0);
    }
    CU_ASSERT_EQUAL(n, ALDB_STREAM_END);
    (void)signal(SIGPIPE, SIG_DFL); /* would end this program */
    for (int i = 0; i < 2000 && n != ALDB_STREAM_FAILED; i++) {
        n = s->type->write(s, "x", 1, &events);
        (void)usleep(10000);
    }
    CU_ASSERT_EQUAL(n, ALDB_STREAM_FAILED);
    CU_ASSERT(strlen(s->type->error(s)) > 0);
    done(s);
    (void)signal(SIGPIPE, SIG_IGN);
    ct_misbehave(front, CT_GOOD, 0);
    aldb_dialer_close(d);
}

/* ------------------------------------------------------------------ options and addresses */

static void test_options(void)
{
    struct aldb_dialer *d = NULL;
    struct aldb_call call = gt_call(30000);
    struct aldb_dial_options o = options();
    o.InstanceUri = "projects/p";
    CU_ASSERT_EQUAL(aldb_dialer_open(&o, &call, &d, &diag), ALDB_ERR);
    GT_SAID(&diag, "HY024", "projects/PROJECT/", "\"projects/p\"");
    o.InstanceUri = NULL;
    CU_ASSERT_EQUAL(aldb_dialer_open(&o, &call, &d, &diag), ALDB_ERR);
    GT_SAID(&diag, "HY024", "projects/PROJECT/", "\"\"");
    o = options();
    o.UserAgent = "a\r\nb";
    CU_ASSERT_EQUAL(aldb_dialer_open(&o, &call, &d, &diag), ALDB_ERR);
    GT_SAID(&diag, "HY024", "UserAgent");
    o = options();
    o.StaticConnectionInfo = "x";
    CU_ASSERT_EQUAL(aldb_dialer_open(&o, &call, &d, &diag), ALDB_ERR);
    GT_SAID(&diag, "HY024", "StaticConnectionInfo and ApiEndpoint");
    o = options();
    o.credentials.CredentialsFile = "y";
    CU_ASSERT_EQUAL(aldb_dialer_open(&o, &call, &d, &diag), ALDB_ERR);
    GT_SAID(&diag, "HY024", "CredentialsFile and AccessToken");
    o = options();
    o.ApiEndpoint = "http://example.com"; /* a token would go there in clear */
    d = open_dialer(&o);
    struct aldb_stream *s;
    CU_ASSERT_EQUAL(dial(d, 5000, &s), ALDB_ERR);
    GT_SAID(&diag, "08001", "AlloyDB Admin API at http://example.com: ", "write https://");
    aldb_dialer_close(d);
}

static void test_endpoint(void)
{
    static const struct {
        const char *endpoint, *universe, *base;
    } cases[] = {
        {NULL, NULL, "https://alloydb.googleapis.com"},
        {"", "", "https://alloydb.googleapis.com"},
        {NULL, "other.example", "https://alloydb.other.example"},
        {"alloydb.private", "other.example", "https://alloydb.private"},
        {"127.0.0.1:8443", NULL, "https://127.0.0.1:8443"},
        {"[::1]:8443", NULL, "https://[::1]:8443"},
        {"https://alloydb.private:8443/", NULL, "https://alloydb.private:8443"},
        {"http://127.0.0.1:8080//", NULL, "http://127.0.0.1:8080"},
    };
    struct aldb_call call = gt_call(20000);
    for (size_t i = 0; i < ALDB_COUNT(cases); i++) {
        struct aldb_credentials_options o = {.AccessToken = {"t"}, .UniverseDomain = cases[i].universe};
        struct aldb_admin_request r = {.endpoint = cases[i].endpoint};
        GT_OK(aldb_credentials_open(&o, &call, &r.credentials, &diag), &diag);
        char *base = aldb_admin_base(&r);
        GT_TEXT(base, cases[i].base);
        aldb_free(base);
        aldb_credentials_unref(r.credentials);
    }
}

static void test_addresses(void)
{
    static const struct {
        const char *info;
        enum aldb_address_type type;
        const char *words[3];
    } cases[] = {
        {"{\"ipAddress\":\"127.0.0.1\",\"pscDnsName\":\"a.b.\"}", ALDB_ADDRESS_PUBLIC, {"Address of " CT_URI, "IpType=PUBLIC", "it offers PRIVATE, PSC"}},
        {"{\"ip_address\":\"127.0.0.1\"}", ALDB_ADDRESS_PSC, {"IpType=PSC", "it offers PRIVATE.", "PSC address"}},
        {"{\"publicIpAddress\":\"127.0.0.1\",\"ipAddress\":\"\"}", ALDB_ADDRESS_PRIVATE, {"IpType=PRIVATE", "it offers PUBLIC."}},
        {"{}", ALDB_ADDRESS_PRIVATE, {"no address at all"}},
        {"{\"ipAddress\":\"127.0.0.1\\r\\nx\"}", ALDB_ADDRESS_PRIVATE, {"\"ipAddress\" is neither"}},
        {"{\"ipAddress\":5}", ALDB_ADDRESS_PRIVATE, {"\"ipAddress\" must be a string"}},
        {"[]", ALDB_ADDRESS_PRIVATE, {"the answer for connectionInfo of " CT_URI}},
        {"{", ALDB_ADDRESS_PRIVATE, {"the answer for connectionInfo of " CT_URI}},
    };
    for (size_t i = 0; i < ALDB_COUNT(cases); i++) {
        gt_forget(api);
        (void)gt_answer(api, "GET", CT_INFO, -1, 200, cases[i].info);
        ct_answer_certificate(api, -1, 3600);
        struct aldb_dial_options o = options();
        o.IpType = cases[i].type;
        struct aldb_dialer *d = open_dialer(&o);
        struct aldb_stream *s;
        CU_ASSERT_EQUAL(dial(d, 20000, &s), ALDB_ERR);
        const char *const *w = cases[i].words;
        gt_check_said(&diag, __LINE__, "08001", w[0], w[1], w[2], (const char *)NULL);
        /* Nothing of it is kept: the instance may have been changed. */
        ct_answer(api, 3600);
        GT_OK(dial(d, 20000, &s), &diag);
        done(s);
        aldb_dialer_close(d);
    }
}

/* An address of IPv6: dialled, verified by the certificate's own, and written in brackets. */
static void test_six(void)
{
    struct ct_front *six = ct_start_at("::1");
    if (six == NULL) {
        return;
    }
    gt_forget(api);
    (void)gt_answer(api, "GET", CT_INFO, -1, 200, "{\"ipAddress\":\"::1\"}");
    ct_answer_certificate(api, -1, 3600);
    struct aldb_dial_options o = options();
    o.port = (uint16_t)six->port;
    struct aldb_dialer *d = open_dialer(&o);
    struct aldb_stream *s;
    char stage[100];
    GT_OK(dial(d, 20000, &s), &diag);
    CU_ASSERT_TRUE(echo(s, 1000));
    GT_TEXT(six->sni, "");
    done(s);
    ct_misbehave(six, CT_WRONG_NAME, -1);
    (void)snprintf(stage, sizeof stage, "TLS with [::1]:%d (PRIVATE address of " CT_URI ")", six->port);
    CU_ASSERT_EQUAL(dial(d, 20000, &s), ALDB_ERR);
    GT_SAID(&diag, "08001", stage, "It is for another address");
    aldb_dialer_close(d);
    o.port = 1;
    d = open_dialer(&o);
    CU_ASSERT_EQUAL(dial(d, 20000, &s), ALDB_ERR);
    GT_SAID(&diag, "08001", "TCP connection with [::1]:1 (PRIVATE address of " CT_URI "): Connection refused");
    aldb_dialer_close(d);
    ct_stop(six);
}

/* Who looks for an address that there is none of costs the others nothing, and the API little; one that was added is found at once. */
static void test_wrong_type(void)
{
    gt_forget(api);
    (void)gt_answer(api, "GET", CT_INFO, -1, 200, "{\"ipAddress\":\"127.0.0.1\"}");
    ct_answer_certificate(api, -1, 3600);
    struct aldb_dial_options o = options(), wrong = o;
    wrong.IpType = ALDB_ADDRESS_PUBLIC;
    struct aldb_dialer *d = open_dialer(&o), *w = open_dialer(&wrong);
    struct aldb_stream *s;
    GT_OK(dial(d, 20000, &s), &diag);
    done(s);
    for (int i = 0; i < 6; i++) {
        CU_ASSERT_EQUAL(dial(w, 20000, &s), ALDB_ERR);
        GT_SAID(&diag, "08001", "Address of " CT_URI, "IpType=PUBLIC", "it offers PRIVATE.");
    }
    CU_ASSERT_EQUAL(gt_count(api), 2 * (1 + ALDB_INFO_FORCED_BURST));
    gt_forget(api);
    (void)gt_answer(api, NULL, NULL, -1, 500, "");
    GT_OK(dial(d, 20000, &s), &diag);
    done(s);
    CU_ASSERT_EQUAL(gt_count(api), 0);
    aldb_dialer_close(d);
    aldb_dialer_close(w);

    gt_forget(api);
    (void)gt_answer(api, "GET", CT_INFO, -1, 200, "{\"ipAddress\":\"127.0.0.1\"}");
    ct_answer_certificate(api, -1, 3600);
    o = options();
    d = open_dialer(&o);
    GT_OK(dial(d, 20000, &s), &diag);
    done(s);
    ct_answer(api, 3600);
    o.IpType = ALDB_ADDRESS_PUBLIC;
    w = open_dialer(&o);
    GT_OK(dial(w, 20000, &s), &diag);
    done(s);
    aldb_dialer_close(d);
    aldb_dialer_close(w);
}

/* ------------------------------------------------------------------ what the API answers */

static void test_api_refusals(void)
{
    static const struct {
        int status;
        const char *body, *state;
        const char *words[4];
    } cases[] = {
        {400, "{\"error\":{\"code\":400,\"message\":\"bad parent\",\"status\":\"INVALID_ARGUMENT\"}}", "28000", {"INVALID_ARGUMENT: bad parent (HTTP 400)", "URI"}},
        {403, "{\"error\":{\"code\":403,\"message\":\"no way\",\"status\":\"PERMISSION_DENIED\"}}", "28000",
         {"PERMISSION_DENIED: no way (HTTP 403)", "roles/alloydb.client", "roles/serviceusage.serviceUsageConsumer", "Google credentials (AccessToken)"}},
        {404, "{\"error\":{\"code\":404,\"message\":\"not found\",\"status\":\"NOT_FOUND\"}}", "08001", {"NOT_FOUND: not found (HTTP 404)", "check project, region"}},
        {429, "{\"error\":{\"code\":429,\"message\":\"slow down\",\"status\":\"RESOURCE_EXHAUSTED\"}}", "08001", {"RESOURCE_EXHAUSTED: slow down (HTTP 429)"}},
        {500, "", "08001", {"HTTP 500"}},
        {401, "{\"error\":{\"code\":401,\"message\":\"who\",\"status\":\"UNAUTHENTICATED\"}}", "28000", {"UNAUTHENTICATED: who (HTTP 401)", "cannot be renewed: give a new one"}},
    };
    for (size_t i = 0; i < 2 * ALDB_COUNT(cases); i++) {
        size_t c = i / 2;
        bool of_info = i % 2 == 0;
        gt_forget(api);
        (void)gt_answer(api, NULL, of_info ? CT_INFO : CT_CERTIFICATE, -1, cases[c].status, cases[c].body);
        if (of_info) {
            ct_route(api, CT_CERTIFICATE, 200, "", 0, GT_HANG); /* the failure of one is not delayed by the other */
        } else {
            (void)gt_answer(api, "GET", CT_INFO, -1, 200, ct_addresses);
        }
        struct aldb_dial_options o = options();
        struct aldb_dialer *d = open_dialer(&o);
        struct aldb_stream *s;
        int64_t began = aldb_now_ms();
        CU_ASSERT_EQUAL(dial(d, 20000, &s), ALDB_ERR);
        CU_ASSERT(aldb_now_ms() - began < 15000);
        const char *const *w = cases[c].words;
        char stage[200];
        (void)snprintf(stage, sizeof stage, "AlloyDB Admin API at %s: %s", api->url, of_info ? "connectionInfo of " CT_URI : "generateClientCertificate of projects/p/");
        CU_ASSERT_PTR_NOT_NULL(strstr(aldb_diag_message(aldb_diag_get(&diag, 1)), stage));
        CU_ASSERT_PTR_NULL(strstr(aldb_diag_message(aldb_diag_get(&diag, 1)), "must-not-be-seen"));
        gt_check_said(&diag, __LINE__, cases[c].state, w[0], w[1], w[2], w[3], (const char *)NULL);
        CU_ASSERT_EQUAL(ct_calls(api, of_info ? CT_INFO : CT_CERTIFICATE), 1);
        /* The token is still there, whoever refused it once. */
        ct_answer(api, 3600);
        GT_OK(dial(d, 20000, &s), &diag);
        done(s);
        aldb_dialer_close(d);
    }
}

/* 503 is tried again; so is a refused token, with a new one. */
static void test_api_retries(void)
{
    ct_answer(api, 3600);
    gt_forget(api);
    (void)gt_answer(api, "GET", CT_INFO, 1, 503, "");
    (void)gt_answer(api, "GET", CT_INFO, -1, 200, ct_addresses);
    ct_answer_certificate(api, -1, 3600);
    struct aldb_dial_options o = options();
    struct aldb_dialer *d = open_dialer(&o);
    struct aldb_stream *s;
    GT_OK(dial(d, 20000, &s), &diag);
    CU_ASSERT_EQUAL(ct_calls(api, CT_INFO), 2);
    CU_ASSERT_EQUAL(ct_calls(api, CT_CERTIFICATE), 1);
    done(s);
    aldb_dialer_close(d);

    gt_forget(api);
    (void)gt_answer(api, "GET", CT_INFO, 1, 401, "{\"error\":{\"code\":401,\"status\":\"UNAUTHENTICATED\"}}");
    (void)gt_answer(api, "GET", CT_INFO, -1, 200, ct_addresses);
    ct_answer_certificate(api, -1, 3600);
    (void)gt_answer(api, "POST", "/token", 1, 200, "{\"access_token\":\"first\",\"expires_in\":3600}");
    (void)gt_answer(api, "POST", "/token", 1, 200, "{\"access_token\":\"second\",\"expires_in\":3600}");
    (void)gt_answer(api, "POST", "/token", 1, 200, "{\"access_token\":\"login\",\"expires_in\":3600}");
    struct aldb_buf document;
    char *pem = gt_pem_of(gt_rsa);
    aldb_buf_init(&document, 65536);
    aldb_buf_addf(&document, "{\"type\":\"service_account\",\"client_email\":\"" SA "\",\"token_uri\":\"%s/token\",\"private_key\":", api->url);
    aldb_json_add_string(&document, aldb_slice_of(pem));
    aldb_buf_add_char(&document, '}');
    free(pem);
    o = options();
    o.credentials = (struct aldb_credentials_options){.CredentialsJson = {document.data}};
    d = open_dialer(&o);
    GT_OK(dial(d, 20000, &s), &diag);
    CU_ASSERT_EQUAL(ct_calls(api, CT_INFO), 2);
    CU_ASSERT_EQUAL(ct_calls(api, "/token"), 3);
    CU_ASSERT(memmem(front->request, front->request_len, "\x1a\x05login", 7) != NULL);
    char *user = NULL;
    struct aldb_call call = gt_call(30000);
    GT_OK(aldb_dialer_user(d, &call, &user, &diag), &diag);
    GT_TEXT(user, "robot@proj.iam");
    aldb_free(user);
    done(s);
    aldb_dialer_close(d);
    aldb_buf_clear(&document);
}

static void test_certificates(void)
{
    char *good = ct_certificate_json(NULL, 3600), *foreign = ct_certificate_json(gt_rsa, 3600), *expired = ct_certificate_json(NULL, -60);
    char *root = ct_pem(ct_root);
    struct aldb_buf no_authority, broken;
    aldb_buf_init(&no_authority, 65536);
    aldb_buf_init(&broken, 65536);
    aldb_buf_add_str(&no_authority, good);
    (void)memcpy(strstr(no_authority.data, "caCert"), "caCerT", 6);
    aldb_buf_add_str(&broken, good);
    (void)memcpy(strstr(broken.data, "caCert\":\"-----") + 9, "xxxxx", 5);
    const struct {
        const char *json;
        const char *words[2];
    } cases[] = {
        {foreign, {"not for this process's key"}},
        {expired, {"expired", "seconds ago"}},
        {no_authority.data, {"\"caCert\" is missing"}},
        {broken.data, {"caCert holds no certificate"}},
        {"{\"pemCertificateChain\":[],\"caCert\":\"x\"}", {"pemCertificateChain holds no certificates"}},
        {"{\"pemCertificateChain\":[\"garbage\"],\"caCert\":\"x\"}", {"pemCertificateChain holds no certificates"}},
        {"{\"pemCertificateChain\":[\"-----BEGIN CERTIFICATE-----\\nAAAA\\n-----END CERTIFICATE-----\\n\"],\"caCert\":\"x\"}", {"pemCertificateChain holds no"}},
        {"{\"caCert\":\"x\"}", {"pemCertificateChain", "missing"}},
    };
    for (size_t i = 0; i < ALDB_COUNT(cases); i++) {
        gt_forget(api);
        (void)gt_answer(api, "GET", CT_INFO, -1, 200, ct_addresses);
        (void)gt_answer(api, "POST", CT_CERTIFICATE, -1, 200, cases[i].json);
        struct aldb_dial_options o = options();
        struct aldb_dialer *d = open_dialer(&o);
        struct aldb_stream *s;
        CU_ASSERT_EQUAL(dial(d, 20000, &s), ALDB_ERR);
        const char *const *w = cases[i].words;
        gt_check_said(&diag, __LINE__, "08001", "AlloyDB Admin API", w[0], w[1], (const char *)NULL);
        aldb_dialer_close(d);
    }
    free(good);
    free(foreign);
    free(expired);
    free(root);
    aldb_buf_clear(&no_authority);
    aldb_buf_clear(&broken);
}

/* ------------------------------------------------------------------ the front's failures */

#define ERROR_FIELDS "SFATAL\0VFATAL\0C28P01\0Mno exchange here\0\0"
static const char pg_error[] = "E\0\0\0\x2b" ERROR_FIELDS;

static void test_front_failures(void)
{
    static const char refused[] = "\0\0\0\x21\x08\x02\x12\x1dpermission denied by emulator";
    static const char oversize[] = "\x7f\0\0\0";
    const struct {
        enum ct_mode mode;
        const char *reply;
        size_t reply_len;
        const char *state;
        const char *words[3];
    } cases[] = {
        {CT_CLOSE, NULL, 0, "08001", {"TLS with 127.0.0.1:", "PRIVATE address of " CT_URI, "closed"}},
        {CT_TLS12, NULL, 0, "08001", {"TLS with 127.0.0.1:", "does not speak TLS 1.3"}},
        {CT_WRONG_NAME, NULL, 0, "08001", {"TLS with 127.0.0.1:", "IP address mismatch", "redirect"}},
        {CT_STRANGER, NULL, 0, "08001", {"TLS with 127.0.0.1:", "certificate is not accepted", "own authority"}},
        {CT_EXPIRED, NULL, 0, "08001", {"TLS with 127.0.0.1:", "certificate has expired", "clock"}},
        {CT_REFUSE_CLIENT, NULL, 0, "08001", {"Metadata exchange with 127.0.0.1:", "unknown ca", "does not accept the client's certificate"}},
        {CT_CLOSE_EXCHANGE, NULL, 0, "08001", {"Metadata exchange with 127.0.0.1:", "closed the connection without an answer"}},
        {CT_REPLY, "\0\0", 2, "08001", {"Metadata exchange", "within the length"}},
        {CT_REPLY, "\0\0\0\x09\x08", 5, "08001", {"Metadata exchange", "within its answer"}},
        {CT_REPLY, oversize, 4, "08001", {"Metadata exchange", "2130706432 bytes", "something else than an AlloyDB instance"}},
        {CT_REPLY, "\0\0\0\0", 4, "28000", {"Metadata exchange", "refused without a reason (code 0)", "roles/alloydb.client"}},
        {CT_REPLY, refused, sizeof refused - 1, "28000", {"Metadata exchange", "the instance refused: permission denied by emulator", "roles/alloydb.client"}},
        {CT_REPLY, pg_error, sizeof pg_error - 1, "28000", {"[PostgreSQL] FATAL: no exchange here", "Metadata exchange with 127.0.0.1:"}},
    };
    for (size_t i = 0; i < ALDB_COUNT(cases); i++) {
        ct_answer(api, 3600);
        if (cases[i].reply) {
            memcpy(front->reply, cases[i].reply, cases[i].reply_len);
            front->reply_len = cases[i].reply_len;
        }
        ct_misbehave(front, cases[i].mode, -1);
        struct aldb_dial_options o = options();
        struct aldb_dialer *d = open_dialer(&o);
        struct aldb_stream *s;
        size_t accepted = atomic_load(&front->accepted);
        CU_ASSERT_EQUAL(dial(d, 20000, &s), ALDB_ERR);
        const char *const *w = cases[i].words;
        CU_ASSERT_PTR_NULL(strstr(aldb_diag_message(aldb_diag_get(&diag, 1)), "must-not-be-seen"));
        gt_check_said(&diag, __LINE__, cases[i].state, w[0], w[1], w[2], (const char *)NULL);
        CU_ASSERT_EQUAL(atomic_load(&front->accepted) - accepted, 1); /* the certificate is new: nothing to try again with */
        ct_misbehave(front, CT_GOOD, 0);
        GT_OK(dial(d, 20000, &s), &diag);
        done(s);
        aldb_dialer_close(d);
    }
}

/* A server that says in PostgreSQL's words what it was sent: the token is left out. */
static void test_echoed_token(void)
{
    static const char fields[] = "SFATAL\0C28000\0Mno " CT_TOKEN " here\0Dsent: " CT_TOKEN "\0Hnot \n" CT_TOKEN "\0";
    char reply[600] = "E";
    size_t len = 4 + sizeof fields;
    reply[3] = (char)(len >> 8);
    reply[4] = (char)len;
    memcpy(reply + 5, fields, sizeof fields);
    ct_answer(api, 3600);
    ct_reply(front, reply, 1 + len);
    struct aldb_dial_options o = options();
    struct aldb_dialer *d = open_dialer(&o);
    struct aldb_stream *s;
    CU_ASSERT_EQUAL(dial(d, 20000, &s), ALDB_ERR);
    CU_ASSERT_PTR_NULL(strstr(aldb_diag_first_message(&diag), "must-not-be-seen"));
    GT_SAID(&diag, "28000", "[PostgreSQL] FATAL: no ya29.(left out) here", "sent: ya29.(left out)", "not  ya29.(left out)", "Metadata exchange with 127.0.0.1:");
    ct_misbehave(front, CT_GOOD, 0);
    aldb_dialer_close(d);
}

/* A certificate that was known and does not work is replaced at once, and the caller sees nothing of it. */
static void test_second_attempt(void)
{
    static const enum ct_mode modes[] = {CT_CLOSE, CT_REFUSE_CLIENT, CT_CLOSE_EXCHANGE, CT_STRANGER};
    for (size_t i = 0; i < ALDB_COUNT(modes); i++) {
        ct_answer(api, 3600);
        struct aldb_dial_options o = options();
        struct aldb_dialer *d = open_dialer(&o);
        struct aldb_stream *s;
        GT_OK(dial(d, 20000, &s), &diag);
        done(s);
        ct_misbehave(front, modes[i], 1);
        GT_OK(dial(d, 20000, &s), &diag);
        done(s);
        CU_ASSERT_EQUAL(gt_count(api), 4);
        /* Once more: the burst has one left. Then no more calls of the API while the certificate is good, and the failure is told. */
        ct_misbehave(front, modes[i], 1);
        GT_OK(dial(d, 20000, &s), &diag);
        done(s);
        CU_ASSERT_EQUAL(gt_count(api), 6);
        ct_misbehave(front, modes[i], -1);
        for (int n = 0; n < 3; n++) {
            CU_ASSERT_EQUAL(dial(d, 20000, &s), ALDB_ERR);
            GT_SAID(&diag, "08001", "with 127.0.0.1:");
        }
        CU_ASSERT_EQUAL(gt_count(api), 6);
        ct_misbehave(front, CT_GOOD, 0);
        aldb_dialer_close(d);
    }
    /* A server that refuses is taken at its word. */
    ct_answer(api, 3600);
    struct aldb_dial_options o = options();
    struct aldb_dialer *d = open_dialer(&o);
    struct aldb_stream *s;
    GT_OK(dial(d, 20000, &s), &diag);
    done(s);
    ct_reply(front, "\0\0\0\0", 4);
    CU_ASSERT_EQUAL(dial(d, 20000, &s), ALDB_ERR);
    GT_SAID(&diag, "28000", "refused");
    ct_misbehave(front, CT_GOOD, 0);
    CU_ASSERT_EQUAL(gt_count(api), 2);
    aldb_dialer_close(d);
}

static void test_tcp(void)
{
    ct_answer(api, 3600);
    struct aldb_dial_options o = options();
    o.port = 1;
    struct aldb_dialer *d = open_dialer(&o);
    struct aldb_stream *s;
    CU_ASSERT_EQUAL(dial(d, 20000, &s), ALDB_ERR);
    GT_SAID(&diag, "08001", "TCP connection with 127.0.0.1:1 (PRIVATE address of " CT_URI "): Connection refused. ", "VPC", "port 1");
    aldb_dialer_close(d);
    o.IpType = ALDB_ADDRESS_PSC;
    d = open_dialer(&o);
    CU_ASSERT_EQUAL(dial(d, 20000, &s), ALDB_ERR);
    GT_SAID(&diag, "08001", "TCP connection with localhost:1 (PSC address of " CT_URI "): 127.0.0.1: Connection refused", "Private Service Connect");
    aldb_dialer_close(d);
    gt_forget(api);
    (void)gt_answer(api, "GET", CT_INFO, -1, 200, "{\"pscDnsName\":\"no-such-host.invalid.\"}");
    ct_answer_certificate(api, -1, 3600);
    o = options();
    o.IpType = ALDB_ADDRESS_PSC;
    d = open_dialer(&o);
    CU_ASSERT_EQUAL(dial(d, 20000, &s), ALDB_ERR);
    GT_SAID(&diag, "08001", "TCP connection with no-such-host.invalid:", "cannot be resolved");
    aldb_dialer_close(d);
}

/* A resolver that hangs costs no more than the call has, and a name's addresses are tried in turn. */
static void test_names(void)
{
    ct_answer(api, 3600);
    struct aldb_dial_options o = options();
    o.IpType = ALDB_ADDRESS_PSC;
    struct aldb_dialer *d = open_dialer(&o);
    struct aldb_stream *s;
    atomic_store(&resolver_two, true);
    GT_OK(dial(d, 20000, &s), &diag);
    CU_ASSERT_TRUE(echo(s, 100));
    done(s);
    atomic_store(&resolver_two, false);
    atomic_store(&resolver_ms, 20000);
    int64_t began = aldb_now_ms();
    CU_ASSERT_EQUAL(dial(d, 2000, &s), ALDB_ERR);
    CU_ASSERT(aldb_now_ms() - began < 15000);
    GT_SAID(&diag, "HYT00", "TCP connection with localhost:", "not resolved within the time allowed");
    struct stopper {
        _Atomic bool flag;
    } stopper = {true};
    struct aldb_stop stop = {.flag = &stopper.flag, .fd = -1};
    struct aldb_call call = {.deadline = aldb_deadline_in_ms(20000), .stop = &stop};
    CU_ASSERT_EQUAL(aldb_dial(d, &call, &s, &diag), ALDB_ERR);
    GT_SAID(&diag, "HY008", "cancelled");
    atomic_store(&resolver_ms, 0);
    GT_OK(dial(d, 20000, &s), &diag);
    done(s);
    aldb_dialer_close(d);
    (void)usleep(1600000); /* the resolver's thread that was left behind ends before the program does */
}

/* ------------------------------------------------------------------ the key */

/* Of the process's first wish for its key, which was stopped. */
static enum aldb_rc key_rc;
static struct aldb_diag key_diag;

/* Before there is one. */
static void stop_the_key(void)
{
    _Atomic bool flag = true;
    struct aldb_stop stop = {.flag = &flag, .fd = -1};
    struct aldb_call call = {.deadline = aldb_deadline_in_ms(60000), .stop = &stop};
    EVP_PKEY *key = NULL;
    aldb_diag_init(&key_diag);
    key_rc = aldb_client_key_get(&call, &key, &key_diag);
    EVP_PKEY_free(key);
}

/* A stop cuts short what makes the process's key, and the next one who needs it makes it. */
static void test_key(void)
{
    struct aldb_call call = gt_call(60000);
    EVP_PKEY *key = NULL;
    CU_ASSERT_EQUAL(key_rc, ALDB_ERR);
    GT_SAID(&key_diag, "HY008", "cancelled while the client's key was being made");
    aldb_diag_clear(&key_diag);
    GT_OK(aldb_client_key_get(&call, &key, &diag), &diag);
    CU_ASSERT_PTR_EQUAL(key, ct_client_key);
    CU_ASSERT_EQUAL(EVP_PKEY_get_bits(key), 2048);
    EVP_PKEY_free(key);
}

/* ------------------------------------------------------------------ time */

struct stopper {
    _Atomic bool flag;
    int fd;
    int after_ms;
};

static void *stop_soon(void *ctx)
{
    struct stopper *s = ctx;
    uint64_t one = 1;
    (void)usleep((useconds_t)s->after_ms * 1000);
    atomic_store(&s->flag, true);
    (void)!write(s->fd, &one, sizeof one);
    return NULL;
}

/* Silent at each stage: the deadline and the stop end it. */
static void test_silence(void)
{
    static const char *const stages[] = {"AlloyDB Admin API", "TLS with", "Metadata exchange with"};
    for (size_t i = 0; i < 3 * ALDB_COUNT(stages); i++) {
        size_t stage = i / 3, how = i % 3; /* deadline, stop with a descriptor, stop without */
        const int ms = stage == 0 ? 500 : gt_valgrind() ? 5000 : 2000; /* enough to come as far as that stage */
        ct_answer(api, 3600);
        if (stage == 0) {
            gt_forget(api);
            ct_route(api, NULL, 200, "", 0, GT_HANG);
        }
        ct_misbehave(front, stage == 1 ? CT_SILENT : stage == 2 ? CT_SILENT_EXCHANGE : CT_GOOD, -1);
        struct aldb_dial_options o = options();
        struct aldb_dialer *d = open_dialer(&o);
        struct aldb_stream *s = NULL;
        struct stopper stopper = {.fd = eventfd(0, EFD_CLOEXEC), .after_ms = ms};
        struct aldb_stop stop = {.flag = &stopper.flag, .fd = how == 1 ? stopper.fd : -1};
        struct aldb_call call = {.deadline = aldb_deadline_in_ms(how == 0 ? ms : 60000), .stop = how == 0 ? NULL : &stop};
        pthread_t t;
        int64_t began = aldb_now_ms();
        (void)pthread_create(&t, NULL, stop_soon, &stopper);
        CU_ASSERT_EQUAL(aldb_dial(d, &call, &s, &diag), ALDB_ERR);
        int64_t took = aldb_now_ms() - began;
        CU_ASSERT(took < ms + 15000 && took >= ms - 10);
        GT_SAID(&diag, how == 0 ? "HYT00" : "HY008", stages[stage], how == 0 ? "within the time allowed" : "cancelled");
        (void)pthread_join(t, NULL);
        (void)close(stopper.fd);
        ct_misbehave(front, CT_GOOD, 0);
        aldb_dialer_close(d);
    }
}

/* Certificates near their end, past it, and an API that is down meanwhile. */
static void test_expiry(void)
{
    /* Less than the margin left: good for the connection that asked for it; the next one asks again. */
    ct_answer(api, 100);
    struct aldb_dial_options o = options();
    struct aldb_dialer *d = open_dialer(&o);
    struct aldb_stream *s;
    for (int i = 1; i <= 2; i++) {
        GT_OK(dial(d, 20000, &s), &diag);
        done(s);
        CU_ASSERT_EQUAL(gt_count(api), (size_t)(2 * i));
    }
    /* The API is down: what is left is used to its end, and the API is not asked again at once. */
    gt_forget(api);
    (void)gt_answer(api, NULL, NULL, -1, 500, "");
    for (int i = 0; i < 3; i++) {
        GT_OK(dial(d, 20000, &s), &diag);
        done(s);
    }
    CU_ASSERT(gt_count(api) <= 2);
    aldb_dialer_close(d);
    /* Past the end it is an error, and the first success afterwards is one. */
    gt_forget(api);
    ct_answer(api, 6);
    o = options();
    d = open_dialer(&o);
    GT_OK(dial(d, 20000, &s), &diag);
    done(s);
    (void)sleep(7);
    gt_forget(api);
    (void)gt_answer(api, NULL, NULL, -1, 500, "");
    CU_ASSERT_EQUAL(dial(d, 20000, &s), ALDB_ERR);
    GT_SAID(&diag, "08001", "HTTP 500");
    ct_answer(api, 3600);
    GT_OK(dial(d, 20000, &s), &diag);
    done(s);
    aldb_dialer_close(d);
}

/* A certificate that ends while its renewal hangs leaves the caller the rest of his time for another. */
static void test_end_while_renewing(void)
{
    ct_answer(api, 6);
    struct aldb_dial_options o = options();
    struct aldb_dialer *d = open_dialer(&o);
    struct aldb_stream *s;
    GT_OK(dial(d, 20000, &s), &diag);
    done(s);
    gt_forget(api);
    gt_answer(api, NULL, CT_INFO, 1, 200, "")->fault = GT_HANG;
    gt_answer(api, NULL, CT_CERTIFICATE, 1, 200, "")->fault = GT_HANG;
    ct_route(api, CT_INFO, 200, ct_addresses, 0, GT_ANSWER);
    ct_answer_certificate(api, -1, 3600);
    int64_t began = aldb_now_ms();
    GT_OK(dial(d, 16000, &s), &diag); /* 8000 for the renewal */
    CU_ASSERT(aldb_now_ms() - began >= 7500);
    CU_ASSERT_EQUAL(gt_count(api), 4);
    done(s);
    aldb_dialer_close(d);
}

/* What nobody uses and is good no more is not kept, with its tokens. */
static void test_stale(void)
{
    static const char answer[] = "{\"access_token\":\"" CT_TOKEN "\",\"expires_in\":3600}";
    char json[1000];
    struct aldb_stream *s;
    (void)snprintf(json, sizeof json, "{\"type\":\"authorized_user\",\"client_id\":\"i%u\",\"client_secret\":\"s\",\"refresh_token\":\"r\",\"token_uri\":\"%s/token\"}",
                   ++marker, api->url);
    struct aldb_dial_options o = options(), other = options();
    o.credentials = (struct aldb_credentials_options){.CredentialsJson = {json}};
    for (int life = 6; life < 10000; life *= 600) {
        ct_answer(api, life);
        (void)gt_answer(api, "POST", "/token", -1, 200, answer);
        struct aldb_dialer *d = open_dialer(&o);
        GT_OK(dial(d, 20000, &s), &diag);
        done(s);
        aldb_dialer_close(d);
        CU_ASSERT_EQUAL(ct_calls(api, "/token"), 1); /* each time anew, though the token would be good for an hour */
        if (life == 6) {
            (void)sleep(7);
            aldb_dialer_close(open_dialer(&other)); /* who closes one looks after the others */
        }
    }
}

/* The API's clock decides how long a certificate lives, where this machine's is wrong by hours. */
static void test_clock_skew(void)
{
    static const int skews[] = {7200, -7200};
    for (size_t i = 0; i < ALDB_COUNT(skews); i++) {
        char date[100];
        time_t theirs = time(NULL) + skews[i];
        struct tm tm;
        (void)strftime(date, sizeof date, "Date: %a, %d %b %Y %H:%M:%S GMT\r\n", gmtime_r(&theirs, &tm));
        gt_forget(api);
        (void)gt_answer(api, "GET", CT_INFO, -1, 200, ct_addresses);
        char *json = ct_certificate_json(NULL, 3600 + skews[i]);
        struct gt_route *r = gt_answer(api, "POST", CT_CERTIFICATE, -1, 200, json);
        (void)snprintf(r->headers, sizeof r->headers, "%s", date);
        free(json);
        struct aldb_dial_options o = options();
        struct aldb_dialer *d = open_dialer(&o);
        struct aldb_stream *s;
        for (int n = 0; n < 2; n++) {
            enum aldb_rc rc = dial(d, 20000, &s);
            if (skews[i] > 0) {
                GT_OK(rc, &diag);
                done(s);
            } else { /* this front's clock is ours, and for it the certificate has expired */
                CU_ASSERT_EQUAL(rc, ALDB_ERR);
                GT_SAID(&diag, "08001", "Metadata exchange", "expired", "clock");
            }
        }
        CU_ASSERT_EQUAL(gt_count(api), skews[i] > 0 ? 2 : 4);
        aldb_dialer_close(d);
    }
}

/* ------------------------------------------------------------------ many at once */

#define THREADS 16
#define EACH (gt_valgrind() ? 1 : 4)

struct crowd {
    struct aldb_dial_options o;
    _Atomic int good;
    bool expect_error;
};

static void *crowd_member(void *ctx)
{
    struct crowd *c = ctx;
    struct aldb_diag said;
    aldb_diag_init(&said);
    struct aldb_call call = gt_call(600000);
    struct aldb_dialer *d = NULL;
    if (aldb_dialer_open(&c->o, &call, &d, &said) == ALDB_OK) {
        for (int i = 0; i < EACH; i++) {
            struct aldb_stream *s = NULL;
            if (aldb_dial(d, &call, &s, &said) == ALDB_OK) {
                atomic_fetch_add(&c->good, echo(s, 100));
                s->type->close(s, 1000);
            } else if (c->expect_error) {
                atomic_fetch_add(&c->good, strstr(aldb_diag_message(aldb_diag_get(&said, 1)), "no way") != NULL);
                aldb_diag_reset(&said);
            } else {
                (void)printf("\n  %s", aldb_diag_message(aldb_diag_get(&said, 1)));
            }
        }
    }
    aldb_dialer_close(d);
    aldb_diag_clear(&said);
    return NULL;
}

static void test_crowd(void)
{
    for (int round = 0; round < 2; round++) {
        ct_answer_late(api, 3600, 300); /* so that all of them wait */
        if (round == 1) { /* a failure is told to all who waited */
            gt_forget(api);
            ct_route(api, NULL, 403, "{\"error\":{\"code\":403,\"message\":\"no way\",\"status\":\"PERMISSION_DENIED\"}}", 100, GT_ANSWER);
        }
        struct crowd c = {.o = options(), .expect_error = round == 1};
        pthread_t threads[THREADS];
        for (int i = 0; i < THREADS; i++) {
            (void)pthread_create(&threads[i], NULL, crowd_member, &c);
        }
        for (int i = 0; i < THREADS; i++) {
            (void)pthread_join(threads[i], NULL);
        }
        CU_ASSERT_EQUAL(c.good, THREADS * EACH);
        if (round == 0) {
            CU_ASSERT_EQUAL(ct_calls(api, CT_INFO), 1);
            CU_ASSERT_EQUAL(ct_calls(api, CT_CERTIFICATE), 1);
        }
    }
}

/* The API is asked so often, within that time. */
static bool reaches(size_t calls, int64_t ms)
{
    struct aldb_deadline until = aldb_deadline_in_ms(ms);
    while (gt_count(api) < calls && !aldb_deadline_over(until)) {
        (void)usleep(10000);
    }
    return gt_count(api) >= calls;
}

/* One who waits for another's request has a deadline and a stop of his own; when the asking one gives up, a waiting one takes over. */
static void *dial_briefly(void *ctx)
{
    struct aldb_dialer *d = ctx;
    struct aldb_diag said;
    aldb_diag_init(&said);
    struct aldb_call call = gt_call(2500);
    struct aldb_stream *s = NULL;
    enum aldb_rc rc = aldb_dial(d, &call, &s, &said);
    bool late = rc == ALDB_ERR && strcmp(aldb_diag_get(&said, 1)->state, "HYT00") == 0;
    aldb_diag_clear(&said);
    return late ? d : NULL;
}

static void test_take_over(void)
{
    ct_answer_late(api, 3600, 20000);
    struct aldb_dial_options o = options();
    struct aldb_dialer *d = open_dialer(&o);
    pthread_t first;
    void *late = NULL;
    (void)pthread_create(&first, NULL, dial_briefly, d);
    CU_ASSERT_TRUE(reaches(1, 20000));
    struct aldb_stream *s;
    CU_ASSERT_EQUAL(dial(d, 100, &s), ALDB_ERR);
    GT_SAID(&diag, "HYT00", "another connection", CT_URI);
    ct_answer(api, 3600);
    GT_OK(dial(d, 20000, &s), &diag);
    done(s);
    (void)pthread_join(first, &late);
    CU_ASSERT_PTR_NOT_NULL(late);
    aldb_dialer_close(d);
}

/* Entries are told apart by what they are made of. */
static void test_sharing(void)
{
    ct_answer(api, 3600);
    struct aldb_dial_options o = options();
    struct aldb_dialer *a = open_dialer(&o), *b = open_dialer(&o);
    o.credentials.QuotaProject = "other";
    struct aldb_dialer *c = open_dialer(&o);
    struct aldb_stream *s;
    GT_OK(dial(a, 20000, &s), &diag);
    done(s);
    GT_OK(dial(b, 20000, &s), &diag);
    done(s);
    CU_ASSERT_EQUAL(gt_count(api), 2);
    aldb_dialer_close(a);
    aldb_dialer_close(b);
    GT_OK(dial(c, 20000, &s), &diag);
    done(s);
    CU_ASSERT_EQUAL(gt_count(api), 4);
    aldb_dialer_close(c);
    /* The entry outlives its users. */
    o.credentials.QuotaProject = NULL;
    a = open_dialer(&o);
    GT_OK(dial(a, 20000, &s), &diag);
    done(s);
    CU_ASSERT_EQUAL(gt_count(api), 4);
    aldb_dialer_close(a);
}

/* ------------------------------------------------------------------ fork */

static void test_fork(void)
{
    ct_answer(api, 3600);
    struct aldb_dial_options o = options();
    struct aldb_dialer *d = open_dialer(&o);
    struct aldb_stream *mine, *s;
    GT_OK(dial(d, 20000, &mine), &diag);
    struct gt_child child;
    if (gt_fork(&child)) {
        /* The parent's stream is given up without a word; what the parent knew serves the child's own. */
        (void)alarm(600);
        mine->type->abandon(mine);
        bool good = dial(d, 20000, &s) == ALDB_OK && echo(s, 1000);
        done(s);
        aldb_dialer_close(d);
        gt_child_ends(&child, good);
    }
    CU_ASSERT_TRUE(gt_child_was_good(&child));
    CU_ASSERT_EQUAL(gt_count(api), 2);
    CU_ASSERT_TRUE(echo(mine, 1000));
    done(mine);
    aldb_dialer_close(d);
}

/* ------------------------------------------------------------------ in the background */

/* Threads that renew in the background, by their name: others of the process, say of an earlier test's resolver, come and go. */
static size_t renewers(void)
{
    size_t n = 0;
    char path[300];
    DIR *tasks = opendir("/proc/self/task");
    for (struct dirent *task; tasks && (task = readdir(tasks)) != NULL;) {
        (void)snprintf(path, sizeof path, "/proc/self/task/%s/comm", task->d_name);
        char *name = task->d_name[0] == '.' ? NULL : gt_read(path);
        n += name && strcmp(name, ALDB_RENEWER_THREAD "\n") == 0;
        aldb_free(name);
    }
    if (tasks) {
        (void)closedir(tasks);
    }
    return n;
}

/* A thread that was joined is listed for a moment yet. */
static bool no_renewers(void)
{
    for (int i = 0; i < 2000 && renewers() > 0; i++) {
        (void)usleep(5000);
    }
    return renewers() == 0;
}

static void test_background(void)
{
    ct_answer(api, 3600);
    struct aldb_dial_options o = options();
    o.RefreshStrategy = ALDB_RENEWAL_BACKGROUND;
    CU_ASSERT_TRUE(no_renewers());
    struct aldb_dialer *a = open_dialer(&o), *b = open_dialer(&o);
    CU_ASSERT_TRUE(reaches(2, 20000)); /* before anybody dials */
    CU_ASSERT_EQUAL(renewers(), 1);
    struct aldb_stream *s;
    GT_OK(dial(a, 20000, &s), &diag);
    done(s);
    GT_OK(dial(b, 20000, &s), &diag);
    done(s);
    CU_ASSERT_EQUAL(gt_count(api), 2);
    aldb_dialer_close(a);
    /* A short life: renewed at once, and then no more often than the limit says. */
    ct_answer(api, 100);
    o = options();
    o.RefreshStrategy = ALDB_RENEWAL_BACKGROUND;
    a = open_dialer(&o);
    CU_ASSERT_TRUE(reaches(4, 20000));
    CU_ASSERT_FALSE(reaches(5, 700));
    aldb_dialer_close(a);
    /* The last one out does not wait for an API that hangs; and the next one in has a thread again. */
    gt_forget(api);
    ct_route(api, NULL, 200, "", 0, GT_HANG);
    o = options();
    o.RefreshStrategy = ALDB_RENEWAL_BACKGROUND;
    a = open_dialer(&o);
    CU_ASSERT_TRUE(reaches(2, 20000));
    int64_t began = aldb_now_ms();
    aldb_dialer_close(b);
    aldb_dialer_close(a);
    CU_ASSERT(aldb_now_ms() - began < 15000);
    CU_ASSERT_TRUE(no_renewers());
    ct_answer(api, 3600);
    a = open_dialer(&o);
    CU_ASSERT_TRUE(reaches(2, 20000));
    GT_OK(dial(a, 20000, &s), &diag);
    done(s);
    struct gt_child child;
    if (gt_fork(&child)) { /* has no thread, and works all the same */
        (void)alarm(600);
        struct aldb_dialer *c = NULL;
        struct aldb_call call = gt_call(20000);
        bool good = dial(a, 20000, &s) == ALDB_OK && aldb_dialer_open(&o, &call, &c, &diag) == ALDB_OK && renewers() == 0;
        done(s);
        aldb_dialer_close(c);
        aldb_dialer_close(a);
        gt_child_ends(&child, good);
    }
    CU_ASSERT_TRUE(gt_child_was_good(&child));
    aldb_dialer_close(a);
}

/* A renewal in the background that hangs costs a caller little, though a connection failed with what there is. */
static void test_background_hangs(void)
{
    ct_answer(api, 100);
    struct aldb_dial_options o = options();
    o.RefreshStrategy = ALDB_RENEWAL_BACKGROUND;
    gt_forget(api);
    (void)gt_answer(api, NULL, CT_INFO, 1, 200, ct_addresses);
    ct_answer_certificate(api, 1, 100); /* near its end from the beginning */
    ct_route(api, NULL, 200, "", 0, GT_HANG);
    struct aldb_dialer *d = open_dialer(&o);
    struct aldb_stream *s;
    CU_ASSERT_TRUE(reaches(4, 20000));
    ct_misbehave(front, CT_CLOSE_EXCHANGE, 1);
    CU_ASSERT_EQUAL(dial(d, 6000, &s), ALDB_ERR);
    GT_SAID(&diag, "08001", "Metadata exchange with");
    GT_OK(dial(d, 12000, &s), &diag);
    done(s);
    ct_misbehave(front, CT_GOOD, 0);
    aldb_dialer_close(d);
}

/* Comes and goes from several threads. */
static void *come_and_go(void *ctx)
{
    const struct aldb_dial_options *o = ctx;
    struct aldb_diag said;
    aldb_diag_init(&said);
    for (int i = 0; i < 20; i++) {
        struct aldb_call call = gt_call(20000);
        struct aldb_dialer *d = NULL;
        if (aldb_dialer_open(o, &call, &d, &said) == ALDB_OK) {
            (void)usleep((useconds_t)(i * 37 % 3000));
        }
        aldb_dialer_close(d);
    }
    aldb_diag_clear(&said);
    return NULL;
}

static void test_coming_and_going(void)
{
    ct_answer(api, 3600);
    struct aldb_dial_options o = options();
    o.RefreshStrategy = ALDB_RENEWAL_BACKGROUND;
    pthread_t threads[4];
    for (size_t i = 0; i < ALDB_COUNT(threads); i++) {
        (void)pthread_create(&threads[i], NULL, come_and_go, &o);
    }
    for (size_t i = 0; i < ALDB_COUNT(threads); i++) {
        (void)pthread_join(threads[i], NULL);
    }
    CU_ASSERT(gt_count(api) <= 60);
}

/* A process that leaves at a moment of its own, whatever the background is doing: it must exit with its own status, and soon. */
static int leave_at(const char *url, const char *port, const char *us)
{
    gt_clean_environment();
    struct aldb_dial_options o = {.InstanceUri = CT_URI, .ApiEndpoint = url, .RefreshStrategy = ALDB_RENEWAL_BACKGROUND, .credentials = {.AccessToken = {(char *)us}},
                                  .port = (uint16_t)strtoul(port, NULL, 10)};
    struct aldb_call call = gt_call(20000);
    struct aldb_dialer *d = NULL;
    aldb_diag_init(&diag);
    if (aldb_dialer_open(&o, &call, &d, &diag) != ALDB_OK) {
        return 3;
    }
    (void)usleep((useconds_t)strtoul(us, NULL, 10));
    exit(7);
}

static void test_leaving(void)
{
    const char *runs_text = getenv("ALDB_TEST_EXITS");
    long runs = runs_text ? strtol(runs_text, NULL, 10) : gt_valgrind() ? 2 : 12;
    char port[16], us[16], self[256] = "";
    int bad = 0;
    CU_ASSERT_TRUE_FATAL(readlink("/proc/self/exe", self, sizeof self - 1) > 0); /* here, because valgrind answers this itself */
    (void)snprintf(port, sizeof port, "%d", front->port);
    gt_forget(api); /* answers that it cannot use, and late ones: so it asks as often as it may */
    ct_route(api, NULL, 200, "{}", 20, GT_ANSWER);
    for (long i = 0; i < runs; i++) {
        (void)snprintf(us, sizeof us, "%ld", i == runs - 1 ? 3000000 : i * 79190 % 400000); /* the last one asks for sure */
        int64_t began = aldb_now_ms();
        pid_t child = fork();
        if (child == 0) {
            (void)execl(self, "leave", api->url, port, us, (char *)NULL);
            _exit(99);
        }
        int status = -1;
        (void)waitpid(child, &status, 0);
        bad += !WIFEXITED(status) || WEXITSTATUS(status) != 7 || aldb_now_ms() - began > 30000;
    }
    if (bad > 0) {
        (void)printf("\n  %d of %ld processes did not leave well", bad, runs);
    }
    CU_ASSERT_EQUAL(bad, 0);
    CU_ASSERT(gt_count(api) > 0 || gt_valgrind()); /* some were asking; there they are too slow for it */
}

/* ------------------------------------------------------------------ memory */

static void test_memory(void)
{
    size_t failed = 0;
    for (int64_t n = 0; n < 400; n += gt_valgrind() ? 11 : n < 60 ? 1 : 7) {
        ct_answer(api, 3600);
        struct aldb_dial_options o = options();
        struct aldb_dialer *d = NULL;
        struct aldb_stream *s = NULL;
        struct aldb_call call = gt_call(20000);
        struct aldb_diag said;
        aldb_diag_init(&said);
        aldb_alloc_fail_after(n);
        enum aldb_rc rc = aldb_dialer_open(&o, &call, &d, &said);
        if (rc == ALDB_OK) {
            rc = aldb_dial(d, &call, &s, &said);
        }
        aldb_alloc_fail_after(-1);
        CU_ASSERT((rc == ALDB_OK) == (s != NULL));
        if (rc != ALDB_OK) {
            failed++;
            CU_ASSERT(aldb_diag_count(&said) > 0 && strcmp(aldb_diag_get(&said, 1)->state, "HY001") == 0);
            if (strcmp(aldb_diag_get(&said, 1)->state, "HY001") != 0) {
                (void)printf("\n  %lld: %s", (long long)n, aldb_diag_message(aldb_diag_get(&said, 1)));
            }
        }
        done(s);
        aldb_dialer_close(d);
        aldb_diag_clear(&said);
    }
    CU_ASSERT(failed > (gt_valgrind() ? 5 : 40));
}

/* ------------------------------------------------------------------ static info */

static void write_static(const char *uri, EVP_PKEY *key, const char *addresses)
{
    struct aldb_buf b;
    char *json = ct_certificate_json(key, 3600), *pem = gt_pem_of(key);
    aldb_buf_init(&b, 1u << 20);
    aldb_buf_add_str(&b, "{\"publicKey\":\"x\",\"privateKey\":");
    aldb_json_add_string(&b, aldb_slice_of(pem));
    aldb_buf_addf(&b, ",\"%s\":{%s,%s}", uri, addresses, json + 1);
    (void)gt_write("static.json", aldb_buf_cstr(&b));
    aldb_buf_clear(&b);
    free(json);
    free(pem);
}

static void test_static(void)
{
    gt_forget(api);
    struct aldb_dial_options o = options();
    o.ApiEndpoint = NULL;
    o.StaticConnectionInfo = gt_path("static.json");
    o.InstanceUri = "projects/google.com:p/locations/r/clusters/c/instances/i";
    struct aldb_dialer *d = open_dialer(&o);
    struct aldb_stream *s;
    CU_ASSERT_EQUAL(dial(d, 20000, &s), ALDB_ERR);
    GT_SAID(&diag, "28000", "StaticConnectionInfo \"", "static.json", "not found");
    write_static(o.InstanceUri, gt_rsa, "\"ipAddress\":\"127.0.0.1\",\"pscInstanceConfig\":{\"pscDnsName\":\"\"}");
    for (int i = 0; i < 2; i++) { /* Google's own reads it once only */
        GT_OK(dial(d, 20000, &s), &diag);
        CU_ASSERT_TRUE(echo(s, 100));
        done(s);
    }
    write_static(CT_URI, gt_rsa, "\"ipAddress\":\"127.0.0.1\"");
    CU_ASSERT_EQUAL(dial(d, 20000, &s), ALDB_ERR);
    GT_SAID(&diag, "28000", "no object \"projects/google.com:p/");
    write_static(o.InstanceUri, gt_rsa, "\"publicIpAddress\":\"127.0.0.1\"");
    CU_ASSERT_EQUAL(dial(d, 20000, &s), ALDB_ERR);
    GT_SAID(&diag, "08001", "it offers PUBLIC");
    (void)gt_write("static.json", "{\"privateKey\":\"-----BEGIN ENCRYPTED PRIVATE KEY-----\\nx\"}");
    CU_ASSERT_EQUAL(dial(d, 20000, &s), ALDB_ERR);
    GT_SAID(&diag, "28000", "\"privateKey\" is no private key");
    (void)gt_write("static.json", "{");
    CU_ASSERT_EQUAL(dial(d, 20000, &s), ALDB_ERR);
    GT_SAID(&diag, "28000", "static.json");
    CU_ASSERT_EQUAL(gt_count(api), 0);
    aldb_dialer_close(d);
}

/* ------------------------------------------------------------------ secrets */

/* At the most talkative level, through successes and failures: no token, no key. */
static void test_log(void)
{
    struct aldb_log_config c = {.level = ALDB_LOG_TRACE, .components = ALDB_LOG_ALL, .path = gt_path("log.txt"), .query_text = true, .parameters = true};
    CU_ASSERT_EQUAL(aldb_log_configure(&c), 0);
    test_second_attempt();
    test_front_failures();
    test_requests();
    test_api_refusals();
    char *log = gt_read(gt_path("log.txt"));
    CU_ASSERT_PTR_NOT_NULL_FATAL(log);
    CU_ASSERT_PTR_NOT_NULL(strstr(log, "connected in"));
    CU_ASSERT_PTR_NOT_NULL(strstr(log, "tried again with new connection info after: "));
    CU_ASSERT_PTR_NULL(strstr(log, "must-not-be-seen"));
    CU_ASSERT_PTR_NULL(strstr(log, "Bearer"));
    CU_ASSERT_PTR_NULL(strstr(log, "PRIVATE KEY"));
    aldb_free(log);
}

int main(int argc, char **argv)
{
    if (argc == 4) {
        return leave_at(argv[1], argv[2], argv[3]);
    }
    stop_the_key();
    ct_begin();
    api = gt_start(false);
    front = ct_start();
    CU_pSuite s = CU_add_suite("connector dial", NULL, NULL);
    CU_add_test(s, "the key", test_key);
    CU_add_test(s, "what is sent", test_requests);
    CU_add_test(s, "the stream", test_stream);
    CU_add_test(s, "the stream's end", test_end);
    CU_add_test(s, "options", test_options);
    CU_add_test(s, "ApiEndpoint", test_endpoint);
    CU_add_test(s, "addresses", test_addresses);
    CU_add_test(s, "IPv6", test_six);
    CU_add_test(s, "an address of the wrong type", test_wrong_type);
    CU_add_test(s, "refusals of the API", test_api_refusals);
    CU_add_test(s, "tries of the API", test_api_retries);
    CU_add_test(s, "certificates of the API", test_certificates);
    CU_add_test(s, "failures of the front", test_front_failures);
    CU_add_test(s, "a token that is echoed", test_echoed_token);
    CU_add_test(s, "a second attempt", test_second_attempt);
    CU_add_test(s, "TCP and names", test_tcp);
    CU_add_test(s, "names", test_names);
    CU_add_test(s, "silence", test_silence);
    CU_add_test(s, "expiry", test_expiry);
    CU_add_test(s, "what is kept too long", test_stale);
    CU_add_test(s, "an end while renewing", test_end_while_renewing);
    CU_add_test(s, "clock skew", test_clock_skew);
    CU_add_test(s, "a crowd", test_crowd);
    CU_add_test(s, "taking over", test_take_over);
    CU_add_test(s, "sharing", test_sharing);
    CU_add_test(s, "fork", test_fork);
    CU_add_test(s, "in the background", test_background);
    CU_add_test(s, "a background that hangs", test_background_hangs);
    CU_add_test(s, "coming and going", test_coming_and_going);
    CU_add_test(s, "leaving the process", test_leaving);
    CU_add_test(s, "out of memory", test_memory);
    CU_add_test(s, "static connection info", test_static);
    CU_add_test(s, "no secret in the log", test_log);
    int status = ct_end();
    ct_stop(front);
    gt_stop(api);
    return status;
}
