/* SPDX-License-Identifier: Apache-2.0 */
/* The HTTP client against a server of its own: what it sends, every fault, tries, deadlines, stops, proxies, certificates, forks. */
#include "google_support.h"

#include <curl/curl.h>

static struct gt_server *plain, *tls;
static struct aldb_http *client;

static struct aldb_http *open_client(const struct aldb_http_options *o)
{
    struct aldb_http *h = NULL;
    CU_ASSERT_EQUAL_FATAL(aldb_http_open(o, &h, &diag), ALDB_OK);
    return h;
}

static const char *url_of(const struct gt_server *s, const char *path)
{
    static _Thread_local char buf[4][256];
    static _Thread_local unsigned next;
    char *p = buf[next++ % 4];
    (void)snprintf(p, sizeof buf[0], "%s%s", s->url, path);
    return p;
}

/* One GET; the answer is the caller's to clear. */
static struct aldb_http_answer get(struct aldb_http *h, const char *url, int64_t ms)
{
    struct aldb_http_answer a;
    struct aldb_call call = gt_call(ms);
    struct aldb_http_request r = {.url = url};
    aldb_http_perform(h, &r, &call, &a);
    return a;
}

static void test_request(void)
{
    gt_forget(plain);
    struct gt_route *r = gt_answer(plain, "POST", "/a/b", 1, 200, "{\"x\":1}");
    (void)snprintf(r->headers, sizeof r->headers, "Date: Wed, 01 Jan 2025 00:00:00 GMT\r\nMetadata-Flavor: Google\r\n");
    struct aldb_http_header headers[] = {{"Authorization", "Bearer tok"}, {"X-Empty", ""}, {"X-None", NULL}, {"Content-Type", "application/json"}};
    struct aldb_http_request q = {.url = url_of(plain, "/a/b?c=d"), .headers = headers, .nheaders = ALDB_COUNT(headers), .body = aldb_slice_of("body \0 bytes")};
    q.body.len = 12;
    struct aldb_call call = gt_call(30000);
    struct aldb_http_answer a;
    aldb_http_perform(client, &q, &call, &a);
    CU_ASSERT_EQUAL(a.fault, ALDB_HTTP_ANSWERED);
    CU_ASSERT_EQUAL(a.status, 200);
    GT_TEXT(aldb_buf_cstr(&a.body), "{\"x\":1}");
    CU_ASSERT_EQUAL(a.date, 1735689600);
    CU_ASSERT_TRUE(a.json);
    CU_ASSERT_TRUE(a.metadata_flavor);
    GT_TEXT(a.content_type, "application/json");
    aldb_http_answer_clear(&a);
    const struct gt_request *got = gt_request(plain, 0);
    GT_TEXT(got->method, "POST");
    GT_TEXT(got->target, "/a/b?c=d");
    CU_ASSERT_TRUE(got->body_len == 12 && memcmp(got->body, "body \0 bytes", 12) == 0);
    char host[64];
    (void)snprintf(host, sizeof host, "127.0.0.1:%d", plain->port);
    GT_HEADER(got, "Host", host);
    GT_HEADER(got, "User-Agent", "test/1");
    GT_HEADER(got, "Authorization", "Bearer tok");
    GT_HEADER(got, "X-Empty", "");
    GT_HEADER(got, "X-None", NULL);
    GT_HEADER(got, "Content-Type", "application/json");
    GT_HEADER(got, "Expect", NULL);
    GT_HEADER(got, "Accept-Encoding", NULL);
    GT_HEADER(got, "Cookie", NULL);

    gt_answer(plain, "PUT", "/put", 1, 204, "");
    q = (struct aldb_http_request){.method = "PUT", .url = url_of(plain, "/put")};
    aldb_http_perform(client, &q, &call, &a);
    CU_ASSERT_EQUAL(a.status, 204);
    GT_TEXT(gt_request(plain, 1)->method, "PUT");
    aldb_http_answer_clear(&a);
}

/* Connections are kept; nothing of one request gets into the next. With a server of its own, which nobody else's connection reaches late. */
static void test_reuse(void)
{
    struct gt_server *own = gt_start(false);
    gt_answer(own, NULL, NULL, -1, 200, "{}");
    struct aldb_http *h = open_client(&(struct aldb_http_options){.user_agent = "reuse"});
    struct aldb_http_header secret = {"Authorization", "Bearer one"};
    struct aldb_call call = gt_call(30000);
    struct aldb_http_request q = {.url = url_of(own, "/1"), .headers = &secret, .nheaders = 1, .body = aldb_slice_of("x")};
    struct aldb_http_answer a;
    aldb_http_perform(h, &q, &call, &a);
    aldb_http_answer_clear(&a);
    for (int i = 0; i < 3; i++) {
        a = get(h, url_of(own, "/2"), 30000);
        CU_ASSERT_EQUAL(a.status, 200);
        aldb_http_answer_clear(&a);
    }
    CU_ASSERT_EQUAL(gt_links(own), 1);
    GT_TEXT(gt_request(own, 1)->method, "GET");
    GT_HEADER(gt_request(own, 1), "Authorization", NULL);
    CU_ASSERT_EQUAL(gt_request(own, 1)->body_len, 0);
    aldb_http_close(h);
    gt_stop(own);
}

/* No redirect is followed, no cookie kept. */
static void test_no_redirect(void)
{
    gt_forget(plain);
    struct gt_route *r = gt_answer(plain, NULL, "/r", 1, 302, "");
    (void)snprintf(r->headers, sizeof r->headers, "Location: %s/elsewhere\r\nSet-Cookie: a=b\r\n", plain->url);
    gt_answer(plain, NULL, NULL, -1, 200, "{}");
    struct aldb_http_answer a = get(client, url_of(plain, "/r"), 30000);
    CU_ASSERT_EQUAL(a.status, 302);
    aldb_http_answer_clear(&a);
    CU_ASSERT_EQUAL(gt_count(plain), 1);
    a = get(client, url_of(plain, "/s"), 30000);
    aldb_http_answer_clear(&a);
    GT_HEADER(gt_request(plain, 1), "Cookie", NULL);
}

static void check_fault(struct aldb_http_answer *a, enum aldb_http_fault fault, const char *state, const char *word, int line)
{
    if (a->fault != fault) {
        (void)printf("\n  line %d: fault %d, not %d: %s", line, (int)a->fault, (int)fault, aldb_buf_cstr(&a->why));
    }
    CU_ASSERT_EQUAL(a->fault, fault);
    CU_ASSERT_EQUAL(aldb_http_post_fault(a, "WHO", "the token endpoint", &diag), ALDB_ERR);
    gt_check_said(&diag, line, state, "WHO: the token endpoint: ", word, (const char *)NULL);
    aldb_http_answer_clear(a);
}
#define FAULT(a, fault, state, word) check_fault(a, fault, state, word, __LINE__)

static void test_faults(void)
{
    gt_forget(plain);
    struct aldb_http_answer a;
    gt_answer(plain, NULL, "/close", -1, 200, "")->fault = GT_CLOSE;
    gt_answer(plain, NULL, "/truncate", -1, 200, "{\"a\":1234567890}")->fault = GT_TRUNCATE;
    gt_answer(plain, NULL, "/garbage", -1, 200, "")->fault = GT_GARBAGE;
    struct aldb_http *h = open_client(&(struct aldb_http_options){.user_agent = "new"}); /* a kept connection that dies is tried again by libcurl */
    a = get(h, url_of(plain, "/close"), 30000);
    FAULT(&a, ALDB_HTTP_UNREACHED, "08001", "Empty reply");
    a = get(h, url_of(plain, "/truncate"), 30000);
    FAULT(&a, ALDB_HTTP_UNREACHED, "08001", "with 8 bytes");
    a = get(h, url_of(plain, "/garbage"), 30000);
    FAULT(&a, ALDB_HTTP_UNREACHED, "08001", "HTTP/0.9");
    aldb_http_close(h);
    a = get(client, "http://127.0.0.1:1/", 30000);
    FAULT(&a, ALDB_HTTP_UNREACHED, "08001", "127.0.0.1 port 1");
    a = get(client, "https://no-such-host.invalid/", 20000);
    FAULT(&a, ALDB_HTTP_UNREACHED, "08001", "no-such-host.invalid");
    static const char *const bad[] = {"", "nonsense", "https://", "ftp://h/", "file:///etc/passwd", "https://h/\r\nX: y", "https://h\x01/", "//host/path", "HTTP:/x"};
    for (size_t i = 0; i < ALDB_COUNT(bad); i++) {
        a = get(client, bad[i], 30000);
        FAULT(&a, ALDB_HTTP_BAD_REQUEST, "08001", "http");
    }
    static const char *const clear[] = {"http://example.com/", "http://127.0.0.1.example.com/", "http://1270.0.0.1/", "http://localhost.evil/", "HTTP://example.com/"};
    for (size_t i = 0; i < ALDB_COUNT(clear); i++) {
        a = get(client, clear[i], 30000);
        FAULT(&a, ALDB_HTTP_BAD_REQUEST, "08001", "secrets are not sent over http://");
    }
    static const char *const values[] = {"a\r\nInjected: yes", "a\nb", " lead", "trail ", "nul\x7f"};
    for (size_t i = 0; i < ALDB_COUNT(values); i++) {
        struct aldb_http_header bad_header = {"X-Bad", values[i]};
        struct aldb_call call = gt_call(30000);
        struct aldb_http_request q = {.url = url_of(plain, "/x"), .headers = &bad_header, .nheaders = 1};
        aldb_http_perform(client, &q, &call, &a);
        FAULT(&a, ALDB_HTTP_BAD_REQUEST, "08001", "header");
    }
    CU_ASSERT_EQUAL(gt_count(plain), 3);
}

static void test_size(void)
{
    gt_forget(plain);
    char *big = malloc(100001);
    memset(big, 'x', 100000);
    big[100000] = '\0';
    gt_answer(plain, NULL, NULL, -1, 200, big);
    struct aldb_call call = gt_call(30000);
    struct aldb_http_answer a;
    struct aldb_http_request q = {.url = url_of(plain, "/"), .max_answer = 100000};
    aldb_http_perform(client, &q, &call, &a);
    CU_ASSERT_EQUAL(a.fault, ALDB_HTTP_ANSWERED);
    CU_ASSERT_TRUE(a.body.len == 100000 && strcmp(a.body.data, big) == 0);
    aldb_http_answer_clear(&a);
    q.max_answer = 99999;
    aldb_http_perform(client, &q, &call, &a);
    FAULT(&a, ALDB_HTTP_TOO_LARGE, "08001", "larger than the 99999 bytes");
    free(big);
}

static void test_deadline(void)
{
    gt_forget(plain);
    gt_answer(plain, NULL, NULL, -1, 200, "")->fault = GT_HANG;
    int64_t began = aldb_now_ms();
    struct aldb_http_answer a = get(client, url_of(plain, "/hang"), 300);
    int64_t took = aldb_now_ms() - began;
    FAULT(&a, ALDB_HTTP_DEADLINE, "HYT00", "within the time allowed");
    CU_ASSERT_TRUE(took >= 295 && took < 15000);
    a = get(client, url_of(plain, "/late"), 0);
    FAULT(&a, ALDB_HTTP_DEADLINE, "HYT00", "no time was left");
    struct aldb_call call = gt_call(60000);
    struct aldb_http_request q = {.url = url_of(plain, "/try"), .try_ms = 200};
    began = aldb_now_ms();
    aldb_http_perform(client, &q, &call, &a);
    FAULT(&a, ALDB_HTTP_UNREACHED, "08001", "no answer within 200 ms");
    CU_ASSERT_TRUE(aldb_now_ms() - began < 15000);
}

static void test_stop(void)
{
    gt_forget(plain);
    gt_answer(plain, NULL, NULL, -1, 200, "")->fault = GT_HANG;
    for (int with_fd = 0; with_fd < 2; with_fd++) {
        struct gt_stopper s = {.fd = with_fd ? eventfd(0, EFD_CLOEXEC) : -1};
        struct aldb_stop stop = {.flag = &s.flag, .fd = s.fd};
        struct aldb_call call = {.deadline = aldb_deadline_in_ms(60000), .stop = &stop};
        struct aldb_http_request q = {.url = url_of(plain, "/hang")};
        struct aldb_http_answer a;
        pthread_t t;
        int64_t began = aldb_now_ms();
        (void)pthread_create(&t, NULL, gt_stop_soon, &s);
        aldb_http_perform(client, &q, &call, &a);
        CU_ASSERT_TRUE(aldb_now_ms() - began < 15000);
        FAULT(&a, ALDB_HTTP_STOPPED, "HY008", "cancelled");
        (void)pthread_join(t, NULL);
        size_t before = gt_count(plain);
        aldb_http_perform(client, &q, &call, &a); /* stopped before it begins */
        FAULT(&a, ALDB_HTTP_STOPPED, "HY008", "cancelled");
        CU_ASSERT_EQUAL(gt_count(plain), before);
        /* A wait between tries is cut short too. */
        atomic_store(&s.flag, false);
        CU_ASSERT_TRUE(!with_fd || read(s.fd, &(uint64_t){0}, 8) == 8);
        began = aldb_now_ms();
        (void)pthread_create(&t, NULL, gt_stop_soon, &s);
        CU_ASSERT_FALSE(aldb_call_sleep(&call, 30000));
        CU_ASSERT_TRUE(aldb_now_ms() - began < 15000);
        (void)pthread_join(t, NULL);
        if (s.fd >= 0) {
            (void)close(s.fd);
        }
    }
}

/* The policies themselves, with the waits of a test. */
static struct aldb_http_answer with_retry(const struct aldb_retry *retry, const char *path, int64_t ms)
{
    struct aldb_http_answer a;
    struct aldb_retry quick = *retry;
    quick.first_ms = 20;
    struct aldb_http *h = open_client(&(struct aldb_http_options){.user_agent = "new"});
    struct aldb_call call = gt_call(ms);
    struct aldb_http_request q = {.url = url_of(plain, path)};
    aldb_http_call(h, &q, &quick, &call, &a);
    aldb_http_close(h);
    return a;
}

static void test_retry(void)
{
    static const struct {
        const struct aldb_retry *retry;
        int status;
        const char *body;
        size_t requests;
    } cases[] = {
        {&aldb_retry_token, 500, "", 3}, {&aldb_retry_token, 503, "", 3}, {&aldb_retry_token, 504, "", 3}, {&aldb_retry_token, 408, "", 3},
        {&aldb_retry_token, 429, "", 3}, {&aldb_retry_token, 502, "", 1}, {&aldb_retry_token, 400, "{\"error\":\"invalid_grant\"}", 1},
        {&aldb_retry_token, 401, "", 1}, {&aldb_retry_token, 400, "{\"error\":\"temporarily_unavailable\"}", 3},
        {&aldb_retry_token, 403, "{\"error\":\"x\",\"error_description\":\"internal_failure\"}", 3}, {&aldb_retry_metadata, 503, "", 5},
        {&aldb_retry_metadata, 404, "", 1}, {&aldb_retry_api, 429, "", 1}, {&aldb_retry_api, 500, "", 1}, {&aldb_retry_api, 502, "", 1},
    };
    for (size_t i = 0; i < ALDB_COUNT(cases); i++) {
        gt_forget(plain);
        gt_answer(plain, NULL, NULL, -1, cases[i].status, cases[i].body);
        struct aldb_http_answer a = with_retry(cases[i].retry, "/", 30000);
        CU_ASSERT_EQUAL(a.status, cases[i].status);
        CU_ASSERT_EQUAL(gt_count(plain), cases[i].requests);
        aldb_http_answer_clear(&a);
    }
    /* It stops with the first good answer. */
    gt_forget(plain);
    gt_answer(plain, NULL, NULL, 2, 503, "");
    gt_answer(plain, NULL, NULL, -1, 200, "{}");
    struct aldb_http_answer a = with_retry(&aldb_retry_token, "/", 30000);
    CU_ASSERT_EQUAL(a.status, 200);
    CU_ASSERT_EQUAL(gt_count(plain), 3);
    aldb_http_answer_clear(&a);
    /* The Admin API's goes on for as long as it may. */
    gt_forget(plain);
    gt_answer(plain, NULL, NULL, -1, 503, "");
    struct aldb_retry api = aldb_retry_api;
    api.overall_ms = 3000;
    a = with_retry(&api, "/", 30000);
    CU_ASSERT_EQUAL(a.status, 503);
    CU_ASSERT_TRUE(gt_count(plain) > 3);
    aldb_http_answer_clear(&a);
    /* A connection on which nothing comes back is given up for another, which is given more time. */
    static const struct aldb_retry *const silent[] = {&aldb_retry_api, &aldb_retry_token};
    for (size_t i = 0; i < ALDB_COUNT(silent); i++) {
        gt_forget(plain);
        gt_answer(plain, NULL, NULL, 2, 200, "")->fault = GT_HANG;
        gt_answer(plain, NULL, NULL, -1, 200, "{}");
        struct aldb_retry impatient = *silent[i];
        CU_ASSERT_EQUAL(impatient.try_ms, 10000);
        impatient.try_ms = 300;
        int64_t began = aldb_now_ms();
        a = with_retry(&impatient, "/", 30000);
        CU_ASSERT_EQUAL(a.status, 200);
        CU_ASSERT_EQUAL(gt_count(plain), 3);
        CU_ASSERT_TRUE(aldb_now_ms() - began >= 895);
        aldb_http_answer_clear(&a);
    }
    /* A wait that would outlast the call is not begun: the answer at hand says more than a timeout. */
    gt_forget(plain);
    gt_answer(plain, NULL, NULL, -1, 503, "");
    struct aldb_call call = gt_call(15000);
    struct aldb_retry slow = aldb_retry_token;
    slow.first_ms = 30000;
    struct aldb_http_request q = {.url = url_of(plain, "/")};
    int64_t began = aldb_now_ms();
    aldb_http_call(client, &q, &slow, &call, &a);
    CU_ASSERT_EQUAL(a.fault, ALDB_HTTP_ANSWERED);
    CU_ASSERT_EQUAL(a.status, 503);
    CU_ASSERT_TRUE(aldb_now_ms() - began < 14000);
    aldb_http_answer_clear(&a);
    /* Faults of the connection: the metadata server's policy alone. */
    gt_forget(plain);
    gt_answer(plain, NULL, NULL, -1, 200, "")->fault = GT_CLOSE;
    a = with_retry(&aldb_retry_metadata, "/", 30000);
    CU_ASSERT_EQUAL(gt_count(plain), 5);
    aldb_http_answer_clear(&a);
    a = with_retry(&aldb_retry_token, "/", 30000);
    CU_ASSERT_EQUAL(gt_count(plain), 6);
    aldb_http_answer_clear(&a);
}

static void test_tls(void)
{
    gt_forget(tls);
    gt_answer(tls, NULL, NULL, -1, 200, "{}");
    struct aldb_http_answer a = get(client, url_of(tls, "/"), 10000); /* the operating system's authorities do not know it */
    FAULT(&a, ALDB_HTTP_UNREACHED, "08001", "certificate");
    CU_ASSERT_EQUAL(gt_count(tls), 0);
    struct aldb_http *h = open_client(&(struct aldb_http_options){.user_agent = "tls", .ca_file = gt_path("ca.pem")});
    a = get(h, url_of(tls, "/"), 10000);
    CU_ASSERT_EQUAL(a.fault, ALDB_HTTP_ANSWERED);
    CU_ASSERT_EQUAL(a.status, 200);
    aldb_http_answer_clear(&a);
    CU_ASSERT_FALSE(gt_request(tls, 0)->client_certificate);
    struct gt_server *other = gt_start_at("127.0.0.2", true); /* an address that its certificate does not have */
    gt_answer(other, NULL, NULL, -1, 200, "{}");
    a = get(h, url_of(other, "/"), 10000);
    FAULT(&a, ALDB_HTTP_UNREACHED, "08001", "127.0.0.2");
    CU_ASSERT_EQUAL(gt_count(other), 0);
    gt_stop(other);
    aldb_http_close(h);

    h = open_client(&(struct aldb_http_options){.ca_file = gt_path("ca.pem"), .cert_file = gt_path("client.pem"), .key_file = gt_path("client.key")});
    a = get(h, url_of(tls, "/"), 10000);
    CU_ASSERT_EQUAL(a.status, 200);
    aldb_http_answer_clear(&a);
    CU_ASSERT_TRUE(gt_request(tls, 1)->client_certificate);
    aldb_http_close(h);

    h = open_client(&(struct aldb_http_options){.ca_file = gt_path("absent.pem")});
    a = get(h, url_of(tls, "/"), 10000);
    FAULT(&a, ALDB_HTTP_UNREACHED, "08001", "absent.pem");
    aldb_http_close(h);
}

static void test_proxy(void)
{
    char proxy[128];
    gt_forget(plain);
    gt_answer(plain, NULL, NULL, -1, 200, "{}");
    (void)snprintf(proxy, sizeof proxy, "http://user:pw@127.0.0.1:%d", plain->port);
    struct aldb_http *h = open_client(&(struct aldb_http_options){.proxy_url = proxy, .no_proxy = "direct.invalid,.inside.invalid"});
    struct aldb_call call = gt_call(30000);
    struct aldb_http_answer a;
    struct aldb_http_request q = {.url = "http://service.invalid/path", .cleartext = true};
    aldb_http_perform(h, &q, &call, &a);
    CU_ASSERT_EQUAL(a.status, 200);
    aldb_http_answer_clear(&a);
    GT_TEXT(gt_request(plain, 0)->target, "http://service.invalid/path");
    GT_HEADER(gt_request(plain, 0), "Proxy-Authorization", "Basic dXNlcjpwdw==");
    q.direct = true;
    aldb_http_perform(h, &q, &call, &a);
    FAULT(&a, ALDB_HTTP_UNREACHED, "08001", "service.invalid");
    q = (struct aldb_http_request){.url = "http://host.inside.invalid/path", .cleartext = true};
    aldb_http_perform(h, &q, &call, &a);
    FAULT(&a, ALDB_HTTP_UNREACHED, "08001", "host.inside.invalid");
    CU_ASSERT_EQUAL(gt_count(plain), 1);
    /* For https the proxy is asked to connect, and refuses here: its answer is not taken for the service's. */
    gt_forget(plain);
    gt_answer(plain, "CONNECT", NULL, -1, 403, "{\"error\":\"proxy\"}");
    a = get(h, "https://service.invalid/secret", 30000);
    FAULT(&a, ALDB_HTTP_UNREACHED, "08001", "CONNECT");
    GT_TEXT(gt_request(plain, 0)->target, "service.invalid:443");
    aldb_http_close(h);

    /* The environment's, when nothing is given. */
    (void)setenv("https_proxy", proxy, 1);
    h = open_client(&(struct aldb_http_options){.user_agent = "env"});
    a = get(h, "https://service.invalid/secret", 30000);
    FAULT(&a, ALDB_HTTP_UNREACHED, "08001", "CONNECT");
    CU_ASSERT_EQUAL(gt_count(plain), 2);
    (void)setenv("no_proxy", "service.invalid", 1);
    a = get(h, "https://service.invalid/secret", 30000);
    FAULT(&a, ALDB_HTTP_UNREACHED, "08001", "service.invalid");
    CU_ASSERT_EQUAL(gt_count(plain), 2);
    (void)unsetenv("https_proxy");
    (void)unsetenv("no_proxy");
    /* This machine itself is not asked for by way of another. */
    gt_answer(plain, "GET", "/own", -1, 200, "{}");
    (void)setenv("http_proxy", "http://127.0.0.1:1", 1);
    a = get(h, url_of(plain, "/own"), 30000);
    CU_ASSERT_EQUAL(a.status, 200);
    aldb_http_answer_clear(&a);
    GT_TEXT(gt_request(plain, 2)->target, "/own");
    (void)unsetenv("http_proxy");
    aldb_http_close(h);
    h = open_client(&(struct aldb_http_options){.proxy_url = "http://no-proxy-there.invalid:3128"});
    a = get(h, "https://service.invalid/", 30000);
    FAULT(&a, ALDB_HTTP_UNREACHED, "08001", "ProxyUrl");
    aldb_http_close(h);
}

/* What is near is reached without a proxy, and in clear. */
static void test_near(void)
{
    static const char *const link_local[] = {
        "http://169.254.169.254:1/x",  "http://169.254.170.2:1/x",            "https://169.254.169.254:1/x", "http://[fe80::1]:1/x",
        "http://[fd00:ec2::254]:1/x", "http://[fd20:ce::254]:1/x", "http://metadata.google.internal:1/x", "http://METADATA:1/x",
    };
    static const char *const far[] = {"http://169.255.0.1/x", "http://[2001:db8::1]/x", "http://[::2]/x", "http://metadata.example/x", "http://[fd00:ec2::255]/x",
                                      "http://127.0.0.1.x/x"};
    char proxy[64];
    struct aldb_http_answer a;
    (void)snprintf(proxy, sizeof proxy, "http://127.0.0.1:%d", plain->port);
    struct aldb_http *h = open_client(&(struct aldb_http_options){.proxy_url = proxy});
    gt_forget(plain);
    gt_answer(plain, NULL, NULL, -1, 200, "{}");
    for (size_t i = 0; i < ALDB_COUNT(link_local); i++) { /* nobody is there, or somebody is: but not the proxy */
        a = get(h, link_local[i], 300);
        CU_ASSERT_NOT_EQUAL(a.fault, ALDB_HTTP_BAD_REQUEST);
        aldb_http_answer_clear(&a);
    }
    CU_ASSERT_EQUAL(gt_count(plain), 0);
    for (size_t i = 0; i < ALDB_COUNT(far); i++) {
        struct aldb_call call = gt_call(30000);
        struct aldb_http_request q = {.url = far[i], .cleartext = true};
        aldb_http_perform(h, &q, &call, &a);
        CU_ASSERT_EQUAL(a.status, 200);
        aldb_http_answer_clear(&a);
        CU_ASSERT_EQUAL(gt_count(plain), i + 1);
        a = get(h, far[i], 30000);
        FAULT(&a, ALDB_HTTP_BAD_REQUEST, "08001", "secrets are not sent over http://");
    }
    struct gt_server *six = gt_start_at("::1", false);
    if (six) {
        gt_answer(six, NULL, "/six", -1, 200, "{}");
        a = get(h, url_of(six, "/six"), 30000);
        CU_ASSERT_EQUAL(a.status, 200);
        aldb_http_answer_clear(&a);
        CU_ASSERT_EQUAL(gt_count(six), 1);
        gt_stop(six);
    }
    aldb_http_close(h);
}

/* Nobody ever reads the password of a proxy, however it is written. */
static void test_proxy_password(void)
{
    static const char *const bad[] = {
        "http://user:hunter2#rest@proxy:3128", "http://user:12#hunter2@proxy:3128", "http://user:hunter2/rest@proxy:3128", "http://user:12/hunter2@proxy:3128",
        "http://user:12?hunter2@proxy:3128", "http://user:hunter2 rest@proxy:3128", "http://user:hunter2@proxy:99999", "ftp://user:hunter2@proxy:3128",
        "http://user:hunter2%0a@proxy:3128", "http://user:hunter2@", "http://user:hunter2@proxy:3128\n", "user:hunter2@ftp.proxy:3128", "://hunter2",
    };
    for (size_t i = 0; i < ALDB_COUNT(bad); i++) {
        struct aldb_http *h = NULL;
        CU_ASSERT_EQUAL(aldb_http_open(&(struct aldb_http_options){.proxy_url = bad[i]}, &h, &diag), ALDB_ERR);
        CU_ASSERT_PTR_NULL(strstr(aldb_diag_first_message(&diag), "hunter2"));
        GT_SAID(&diag, "HY024", "ProxyUrl is not the URL of a proxy", "%23");
        (void)setenv("https_proxy", bad[i], 1);
        struct aldb_http_answer a = get(client, "https://service.invalid/", 30000);
        CU_ASSERT_PTR_NULL(strstr(aldb_buf_cstr(&a.why), "hunter2"));
        FAULT(&a, ALDB_HTTP_BAD_REQUEST, "08001", "the environment variable https_proxy is not the URL of a proxy");
    }
    /* Where no proxy is asked for, it does not matter what stands there. */
    static const char *const exempt[] = {"*", "other.invalid,service.invalid", ".invalid", " x, INVALID"};
    static const char *const not_exempt[] = {"ervice.invalid", "a.service.invalid", ".", ","};
    for (size_t i = 0; i < ALDB_COUNT(exempt); i++) {
        (void)setenv("no_proxy", exempt[i], 1);
        struct aldb_http_answer a = get(client, "https://service.invalid/", 30000);
        FAULT(&a, ALDB_HTTP_UNREACHED, "08001", "service.invalid");
        (void)setenv("no_proxy", not_exempt[i], 1);
        a = get(client, "https://service.invalid/", 30000);
        FAULT(&a, ALDB_HTTP_BAD_REQUEST, "08001", "the environment variable https_proxy is not the URL of a proxy");
    }
    (void)unsetenv("no_proxy");
    (void)unsetenv("https_proxy");

    static const char *const good[] = {"127.0.0.1:1", "http://127.0.0.1:1", "http://127.0.0.1:1/", "http://127.0.0.1:1/path", "socks://127.0.0.1:1", "socks5h://u@127.0.0.1:1", "user:hunter2%23%2f%40@127.0.0.1:1"};
    for (size_t i = 0; i < ALDB_COUNT(good); i++) {
        struct aldb_http *h = open_client(&(struct aldb_http_options){.proxy_url = good[i]});
        struct aldb_http_answer a = get(h, "https://service.invalid/", 30000);
        CU_ASSERT_PTR_NULL(strstr(aldb_buf_cstr(&a.why), "hunter2"));
        FAULT(&a, ALDB_HTTP_UNREACHED, "08001", "127.0.0.1 port 1");
        aldb_http_close(h);
    }

    /* Which variable counts for what. */
    static const struct {
        const char *variable, *url, *named;
    } cases[] = {
        {"HTTPS_PROXY", "https://service.invalid/", "HTTPS_PROXY"}, {"all_proxy", "https://service.invalid/", "all_proxy"},
        {"ALL_PROXY", "http://service.invalid/", "ALL_PROXY"},      {"http_proxy", "http://service.invalid/", "http_proxy"},
        {"HTTP_PROXY", "http://service.invalid/", NULL},            {"http_proxy", "https://service.invalid/", NULL},
        {"https_proxy", "http://service.invalid/", NULL},
    };
    for (size_t i = 0; i < ALDB_COUNT(cases); i++) {
        struct aldb_http_answer a;
        struct aldb_call call = gt_call(30000);
        struct aldb_http_request q = {.url = cases[i].url, .cleartext = true};
        (void)setenv(cases[i].variable, "ftp://x", 1);
        aldb_http_perform(client, &q, &call, &a);
        FAULT(&a, cases[i].named ? ALDB_HTTP_BAD_REQUEST : ALDB_HTTP_UNREACHED, "08001", cases[i].named ? cases[i].named : "service.invalid");
        (void)unsetenv(cases[i].variable);
    }
}

struct many {
    pthread_t thread;
    int good;
};

static void *ask_often(void *ctx)
{
    struct many *m = ctx;
    for (int i = 0; i < 10; i++) {
        struct aldb_http_answer a = get(client, url_of(plain, "/many"), 20000);
        m->good += a.status == 200 && a.fault == ALDB_HTTP_ANSWERED;
        aldb_http_answer_clear(&a);
    }
    return NULL;
}

/* libcurl's own memory: the n-th piece that a thread asks for from here on is not there, nor any after it. -1: all are. */
static _Thread_local long pieces_left = -1;

static bool is_piece_left(void)
{
    pieces_left -= pieces_left > 0;
    return pieces_left != 0;
}

static void *piece(size_t size)
{
    return is_piece_left() ? malloc(size) : NULL;
}

static void *piece_again(void *p, size_t size)
{
    return is_piece_left() ? realloc(p, size) : NULL;
}

static char *piece_of_text(const char *text)
{
    return is_piece_left() ? strdup(text) : NULL;
}

static void *pieces(size_t n, size_t size)
{
    return is_piece_left() ? calloc(n, size) : NULL;
}

/* A URL that cannot be read for want of memory is not called a wrong one, and the next request finds nothing spoiled. */
static void check_url_without_memory(const char *proxy)
{
    long n = 0;
    for (enum aldb_rc rc = ALDB_ERR; rc != ALDB_OK; n++) {
        struct aldb_http *h = NULL;
        pieces_left = n + 1;
        rc = aldb_http_open(&(struct aldb_http_options){.proxy_url = proxy}, &h, &diag);
        pieces_left = -1;
        if (rc != ALDB_OK) {
            GT_SAID(&diag, "HY001");
        }
        aldb_http_close(h);
        CU_ASSERT_FATAL(n < 1000);
    }
    CU_ASSERT(n > 5); /* it did run out, at more than the first piece */
    (void)setenv("https_proxy", proxy, 1);
    enum aldb_http_fault fault = ALDB_HTTP_MEMORY;
    for (n = 0; fault == ALDB_HTTP_MEMORY; n++) {
        struct aldb_call call = gt_call(30000);
        struct aldb_http_request r = {.url = "https://service.invalid/"};
        struct aldb_http_answer a;
        pieces_left = n + 1;
        aldb_http_perform(client, &r, &call, &a);
        pieces_left = -1;
        fault = a.fault;
        CU_ASSERT_PTR_NULL(strstr(aldb_buf_cstr(&a.why), "hunter2"));
        if (fault == ALDB_HTTP_MEMORY) {
            (void)aldb_http_post_fault(&a, "WHO", "the token endpoint", &diag);
            GT_SAID(&diag, "HY001");
            aldb_http_answer_clear(&a);
        } else {
            FAULT(&a, ALDB_HTTP_UNREACHED, "08001", NULL); /* past the URLs and the request: the name is looked up by a thread */
        }
        CU_ASSERT_FATAL(n < 1000);
    }
    CU_ASSERT(n > 10);
    (void)unsetenv("https_proxy");
}

static void test_url_without_memory(void)
{
    char longest[400]; /* more than libcurl's buffer for errors takes */
    (void)snprintf(longest, sizeof longest, "http://user:hunter2%0300d@127.0.0.1:1", 0);
    check_url_without_memory("http://user:hunter2@127.0.0.1:1");
    check_url_without_memory(longest);
}

static void test_threads(void)
{
    struct many many[16] = {{0}};
    gt_forget(plain);
    gt_answer(plain, NULL, NULL, -1, 200, "{}");
    for (size_t i = 0; i < ALDB_COUNT(many); i++) {
        (void)pthread_create(&many[i].thread, NULL, ask_often, &many[i]);
    }
    for (size_t i = 0; i < ALDB_COUNT(many); i++) {
        (void)pthread_join(many[i].thread, NULL);
        CU_ASSERT_EQUAL(many[i].good, 10);
    }
    CU_ASSERT_EQUAL(gt_count(plain), 160);
}

/* A child opens connections of its own, and the parent's survive it. */
static void test_fork(void)
{
    gt_forget(tls);
    gt_answer(tls, NULL, NULL, -1, 200, "{}");
    struct aldb_http *h = open_client(&(struct aldb_http_options){.ca_file = gt_path("ca.pem")});
    struct aldb_http_answer a = get(h, url_of(tls, "/parent"), 10000);
    CU_ASSERT_EQUAL(a.status, 200);
    aldb_http_answer_clear(&a);
    size_t before = gt_links(tls);
    struct gt_child child;
    if (gt_fork(&child)) {
        a = get(h, url_of(tls, "/child"), 10000);
        bool good = a.status == 200;
        aldb_http_answer_clear(&a);
        aldb_http_close(h);
        gt_child_ends(&child, good);
    }
    CU_ASSERT_TRUE(gt_child_was_good(&child));
    CU_ASSERT_EQUAL(gt_links(tls), before + 1);
    a = get(h, url_of(tls, "/parent"), 10000);
    CU_ASSERT_EQUAL(a.status, 200);
    aldb_http_answer_clear(&a);
    CU_ASSERT_EQUAL(gt_links(tls), before + 1); /* on its old connection */
    aldb_http_close(h);
}

/* A server that closes while it is written to costs nobody his process. */
static void test_broken_pipe(void)
{
    size_t size = 16u << 20;
    char *body = malloc(size);
    memset(body, 'x', size);
    struct gt_server *const servers[] = {plain, tls};
    for (size_t i = 0; i < 2; i++) {
        gt_forget(servers[i]);
        gt_answer_fault(servers[i], GT_CLOSE);
        char url[128];
        (void)aldb_copy(url, sizeof url, aldb_slice_of(url_of(servers[i], "/pipe")));
        struct gt_child child;
        if (gt_fork(&child)) {
            sigset_t mask;
            struct aldb_http *h = NULL;
            struct aldb_http_options o = {.ca_file = gt_path("ca.pem")};
            struct aldb_call call = gt_call(10000);
            struct aldb_http_request q = {.url = url, .body = aldb_slice(body, size)};
            struct aldb_http_answer a = {0};
            (void)signal(SIGPIPE, SIG_DFL);
            bool good = aldb_http_open(&o, &h, &diag) == ALDB_OK;
            for (int k = 0; good && k < 5; k++) {
                aldb_http_perform(h, &q, &call, &a);
                good = a.fault == ALDB_HTTP_UNREACHED;
                aldb_http_answer_clear(&a);
            }
            aldb_http_close(h);
            (void)pthread_sigmask(SIG_BLOCK, NULL, &mask);
            gt_child_ends(&child, good && !sigismember(&mask, SIGPIPE));
        }
        CU_ASSERT_TRUE(gt_child_was_good(&child));
    }
    free(body);
}

/* The process may end while other threads of it are asking. */
static void test_exit(void)
{
    gt_forget(tls);
    gt_answer(tls, NULL, NULL, -1, 200, "{}");
    char ca[128], url[128], self[4096] = "";
    CU_ASSERT_TRUE_FATAL(readlink("/proc/self/exe", self, sizeof self - 1) > 0);
    (void)aldb_copy(ca, sizeof ca, aldb_slice_of(gt_path("ca.pem")));
    (void)aldb_copy(url, sizeof url, aldb_slice_of(url_of(tls, "/exit")));
    for (int i = 0; i < 20; i++) {
        (void)fflush(NULL);
        pid_t child = fork();
        CU_ASSERT_FATAL(child >= 0);
        if (child == 0) {
            /* Another program, which begins with nothing initialised. */
            char delay[16];
            (void)snprintf(delay, sizeof delay, "%d", i == 19 ? 3000000 : 5000 + i * 4000); /* the last one asks for sure */
            (void)execl(self, "exit", ca, url, delay, (char *)NULL);
            _exit(1);
        }
        int status = -1;
        CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
        CU_ASSERT_EQUAL(status, 0);
    }
    CU_ASSERT_TRUE(gt_count(tls) > 0 || gt_valgrind()); /* there the server is too slow for them */
}

static struct {
    struct aldb_http *client;
    const char *url;
} leaving;

static void *ask_for_ever(void *ctx)
{
    for (;;) {
        struct aldb_http_answer a = get(leaving.client, leaving.url, 30000);
        aldb_http_answer_clear(&a);
    }
    return ctx;
}

/* The program of test_exit: eight threads that ask, and the main one that leaves. */
static int leave(char **args)
{
    pthread_t t;
    struct aldb_http_options o = {.ca_file = args[1]};
    aldb_diag_init(&diag);
    if (aldb_http_open(&o, &leaving.client, &diag) != ALDB_OK) {
        return 2;
    }
    leaving.url = args[2];
    for (int i = 0; i < 8; i++) {
        if (pthread_create(&t, NULL, ask_for_ever, NULL) != 0) {
            return 3;
        }
    }
    (void)usleep((useconds_t)atoi(args[3]));
    exit(0);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"a request", test_request},
        {"connections are kept", test_reuse},
        {"no redirects, no cookies", test_no_redirect},
        {"faults", test_faults},
        {"size of answers", test_size},
        {"deadline", test_deadline},
        {"stop", test_stop},
        {"tries", test_retry},
        {"TLS", test_tls},
        {"proxy", test_proxy},
        {"what is near", test_near},
        {"a proxy's password", test_proxy_password},
        {"URLs without memory", test_url_without_memory},
        {"threads", test_threads},
        {"fork", test_fork},
        {"broken pipe", test_broken_pipe},
        {"exit", test_exit},
        CU_TEST_INFO_NULL,
    };
    if (argc == 4) {
        return leave(argv);
    }
    if (curl_global_init_mem(CURL_GLOBAL_DEFAULT, piece, free, piece_again, piece_of_text, pieces) != CURLE_OK) {
        return EXIT_FAILURE;
    }
    gt_begin();
    plain = gt_start(false);
    tls = gt_start(true);
    if (aldb_http_open(&(struct aldb_http_options){.user_agent = "test/1"}, &client, &diag) != ALDB_OK) {
        return EXIT_FAILURE;
    }
    int rc = gt_run("google/http", tests);
    aldb_http_close(client);
    gt_stop(plain);
    gt_stop(tls);
    return rc;
}
