/* SPDX-License-Identifier: Apache-2.0 */
#include "google/http.h"

#include <curl/curl.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

#include "base/alloc.h"
#include "google/encode.h"
#include "google/route.h"
#include "log/log.h"

#define IDLE_MAX 4      /* connections kept for the next request */
#define LOOK_MS 100     /* how often a stop without a descriptor is looked at */
#define FIRST_BODY 16384 /* bytes: token answers never grow beyond, so that no copy of them stays behind */

/* One handle of libcurl with its connections; used by one thread at a time. */
struct lane {
    struct lane *next;
    uint64_t generation;
    CURL *easy;
    CURLM *multi;
    char error[CURL_ERROR_SIZE];
};

struct aldb_http {
    char *user_agent, *proxy_url, *no_proxy, *ca_file, *cert_file, *key_file;
    struct lane *idle; /* under the room's lock */
    unsigned nidle;
};

/*
 * Without signals libcurl leaves SIGPIPE to its caller, and older versions let OpenSSL write to sockets that the server has closed. It is held back in this
 * thread and taken off again, as libpq does; one that was pending before is the application's and stays.
 */
struct pipe_guard {
    sigset_t before;
    bool pending, held;
};

static void hold_sigpipe(struct pipe_guard *g)
{
    sigset_t pipe, pending;
    (void)sigemptyset(&pipe);
    (void)sigaddset(&pipe, SIGPIPE);
    g->pending = sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE) == 1;
    g->held = pthread_sigmask(SIG_BLOCK, &pipe, &g->before) == 0;
}

static void release_sigpipe(const struct pipe_guard *g)
{
    sigset_t pipe;
    (void)sigemptyset(&pipe);
    (void)sigaddset(&pipe, SIGPIPE);
    if (!g->held) {
        return;
    }
    if (!g->pending) {
        while (sigtimedwait(&pipe, NULL, &(struct timespec){0}) < 0 && errno == EINTR) {
        }
    }
    (void)pthread_sigmask(SIG_SETMASK, &g->before, NULL);
}

static void lane_free(struct lane *l)
{
    if (l) {
        struct pipe_guard guard; /* a connection says farewell */
        hold_sigpipe(&guard);
        curl_easy_cleanup(l->easy);
        (void)curl_multi_cleanup(l->multi);
        release_sigpipe(&guard);
        aldb_free(l);
    }
}

static bool copy(char **to, const char *from)
{
    *to = aldb_strdup(from);
    return *to || from == NULL;
}

enum aldb_rc aldb_http_open(const struct aldb_http_options *o, struct aldb_http **out, struct aldb_diag *diag)
{
    if (!aldb_google_init()) {
        return aldb_diag_post(diag, ALDB_ST_HY000, "The HTTP library libcurl cannot be initialised in this process");
    }
    enum aldb_http_fault fault = o->proxy_url ? aldb_route_judge_proxy(o->proxy_url) : ALDB_HTTP_ANSWERED;
    if (fault == ALDB_HTTP_BAD_REQUEST) {
        return aldb_diag_post(diag, ALDB_ST_HY024, "ProxyUrl is not %s", aldb_route_proxy_form);
    }
    struct aldb_http *h = fault == ALDB_HTTP_ANSWERED ? aldb_alloc(sizeof *h) : NULL;
    if (h && copy(&h->user_agent, o->user_agent) && copy(&h->proxy_url, o->proxy_url) && copy(&h->no_proxy, o->no_proxy) &&
        copy(&h->ca_file, o->ca_file) && copy(&h->cert_file, o->cert_file) && copy(&h->key_file, o->key_file)) {
        *out = h;
        return ALDB_OK;
    }
    aldb_http_close(h);
    return aldb_diag_post(diag, ALDB_ST_HY001, NULL);
}

void aldb_http_rest(struct aldb_http *h)
{
    aldb_google_lock();
    struct lane *l = h->idle;
    h->idle = NULL;
    h->nidle = 0;
    aldb_google_unlock();
    while (l) {
        struct lane *next = l->next;
        if (l->generation == aldb_google_generation()) {
            lane_free(l);
        } /* else it is the parent's: closing it would say farewell on the parent's connection */
        l = next;
    }
}

void aldb_http_close(struct aldb_http *h)
{
    if (h == NULL) {
        return;
    }
    aldb_http_rest(h);
    aldb_free(h->user_agent);
    aldb_free_secret(h->proxy_url); /* may hold a password */
    aldb_free(h->no_proxy);
    aldb_free(h->ca_file);
    aldb_free(h->cert_file);
    aldb_free(h->key_file);
    aldb_free(h);
}

/* An idle lane of this process, or a new one; NULL when out of memory. */
static struct lane *lane_take(struct aldb_http *h)
{
    aldb_google_lock();
    if (h->idle && h->idle->generation != aldb_google_generation()) {
        h->idle = NULL; /* all the parent's: never closed here, as in aldb_http_close */
        h->nidle = 0;
    }
    struct lane *l = h->idle;
    if (l) {
        h->idle = l->next;
        h->nidle--;
    }
    aldb_google_unlock();
    if (l == NULL) {
        l = aldb_alloc(sizeof *l);
        if (l) {
            l->generation = aldb_google_generation();
            l->easy = curl_easy_init();
            l->multi = curl_multi_init();
            if (l->easy == NULL || l->multi == NULL) {
                lane_free(l);
                l = NULL;
            }
        }
    }
    return l;
}

static void lane_return(struct aldb_http *h, struct lane *l)
{
    curl_easy_reset(l->easy); /* forgets headers and bodies; keeps connections */
    aldb_google_lock();
    bool keep = h->nidle < IDLE_MAX;
    if (keep) {
        l->next = h->idle;
        h->idle = l;
        h->nidle++;
    }
    aldb_google_unlock();
    if (!keep) {
        lane_free(l);
    }
}

bool aldb_http_text_ok(const char *s)
{
    size_t len = strlen(s);
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)s[i] < 0x20 || s[i] == 0x7f) {
            return false;
        }
    }
    return len == 0 || (s[0] != ' ' && s[len - 1] != ' ');
}

/* `upto`: the signs at which the name ends. */
static void add_name(struct aldb_buf *b, const char *url, const char *upto)
{
    const char *colon = url + strcspn(url, ":/?#");
    const char *host = strncmp(colon, "://", 3) == 0 ? colon + 3 : url;
    size_t len = strcspn(host, upto);
    size_t authority = strcspn(host, "/?#");
    for (size_t i = authority; i > 0; i--) {
        if (host[i - 1] == '@') {
            aldb_buf_add(b, url, (size_t)(host - url));
            aldb_quote_add(b, aldb_slice(host + i, len - i), 300);
            return;
        }
    }
    aldb_quote_add(b, aldb_slice(url, (size_t)(host - url) + len), 300);
}

void aldb_http_name_add(struct aldb_buf *b, const char *url)
{
    add_name(b, url, "?#");
}

void aldb_http_origin_add(struct aldb_buf *b, const char *url)
{
    add_name(b, url, "/?#");
}

/* Whose answer it is, for the callbacks. */
struct receiver {
    struct aldb_http_answer *answer;
    size_t max;
    bool too_large, memory;
};

/* Grows without leaving a copy of the old content behind. */
static bool room_for(struct aldb_buf *b, size_t extra)
{
    if (b->data && b->len + extra + 1 <= b->cap) {
        return true;
    }
    struct aldb_buf grown;
    aldb_buf_init(&grown, b->max);
    size_t want = b->cap * 2 > b->len + extra ? b->cap * 2 : b->len + extra;
    want = want < FIRST_BODY ? FIRST_BODY : want;
    if (aldb_buf_reserve(&grown, want < b->max ? want : b->max) == NULL) {
        aldb_buf_clear(&grown);
        return false;
    }
    aldb_buf_add_slice(&grown, aldb_buf_slice(b));
    aldb_buf_wipe(b);
    *b = grown;
    return true;
}

static size_t on_body(char *data, size_t size, size_t n, void *ctx)
{
    struct receiver *r = ctx;
    size_t len = size * n;
    if (len > r->max - r->answer->body.len) {
        r->too_large = true;
        return 0;
    }
    if (!room_for(&r->answer->body, len)) {
        r->memory = true;
        return 0;
    }
    aldb_buf_add(&r->answer->body, data, len);
    return len;
}

static bool is_json(struct aldb_slice type)
{
    size_t end = 0;
    while (end < type.len && type.ptr[end] != ';') {
        end++;
    }
    type = aldb_slice_trim(aldb_slice(type.ptr, end));
    return aldb_slice_is(type, "application/json") || aldb_slice_is(type, "text/json") ||
           (type.len > 5 && aldb_slice_is(aldb_slice(type.ptr + type.len - 5, 5), "+json"));
}

static size_t on_header(char *data, size_t size, size_t n, void *ctx)
{
    struct aldb_http_answer *a = ((struct receiver *)ctx)->answer;
    struct aldb_slice line = aldb_slice(data, size * n);
    size_t colon = 0;
    while (colon < line.len && line.ptr[colon] != ':') {
        colon++;
    }
    if (colon == line.len) {
        return size * n;
    }
    struct aldb_slice name = aldb_slice(line.ptr, colon);
    struct aldb_slice value = aldb_slice_trim(aldb_slice(line.ptr + colon + 1, line.len - colon - 1));
    if (aldb_slice_is(name, "content-type")) {
        struct aldb_buf text;
        aldb_buf_init(&text, sizeof a->content_type - 1);
        aldb_quote_add(&text, value, sizeof a->content_type - 8);
        (void)aldb_copy(a->content_type, sizeof a->content_type, aldb_buf_slice(&text));
        aldb_buf_clear(&text);
        a->json = is_json(value);
    } else if (aldb_slice_is(name, "metadata-flavor")) {
        a->metadata_flavor = aldb_slice_is(value, "google");
    } else if (aldb_slice_is(name, "date")) {
        char text[64];
        time_t t = aldb_copy(text, sizeof text, value) ? curl_getdate(text, NULL) : -1;
        a->date = t > 0 ? t : 0;
    }
    return size * n;
}

/* A fault with its sentence; the first one stands. */
static void fail(struct aldb_http_answer *a, enum aldb_http_fault fault, const char *why)
{
    if (a->fault == ALDB_HTTP_ANSWERED) {
        a->fault = fault;
        aldb_buf_add_str(&a->why, why);
    }
}

static void free_headers(struct curl_slist *list)
{
    for (struct curl_slist *l = list; l; l = l->next) {
        aldb_wipe(l->data, strlen(l->data));
    }
    curl_slist_free_all(list);
}

static struct curl_slist *make_headers(const struct aldb_http_request *r, struct aldb_http_answer *a)
{
    struct curl_slist *list = curl_slist_append(NULL, "Expect:"); /* none: it costs a wait at servers that do not know it */
    for (size_t i = 0; list && i < r->nheaders && a->fault == ALDB_HTTP_ANSWERED; i++) {
        if (r->headers[i].value == NULL) {
            continue;
        }
        if (!aldb_http_text_ok(r->headers[i].value)) {
            fail(a, ALDB_HTTP_BAD_REQUEST, "a value for its header has blanks at an end, or control characters");
            break;
        }
        struct aldb_buf line;
        aldb_buf_init(&line, ALDB_MAX_CONNSTR);
        size_t len = strlen(r->headers[i].name) + strlen(r->headers[i].value) + 3;
        if (aldb_buf_reserve(&line, len)) {
            /* With no value libcurl takes "name;" for an empty header. */
            aldb_buf_addf(&line, r->headers[i].value[0] ? "%s: %s" : "%s;", r->headers[i].name, r->headers[i].value);
        }
        struct curl_slist *longer = aldb_buf_ok(&line) && line.len > 0 ? curl_slist_append(list, line.data) : NULL;
        aldb_buf_wipe(&line);
        if (longer == NULL) {
            free_headers(list);
            list = NULL;
        }
    }
    if (list == NULL) {
        fail(a, ALDB_HTTP_MEMORY, "out of memory");
    }
    return list;
}

/* curl_easy_setopt checks its argument's type as a macro; the results are collected. */
#define SET(option, value) (bad |= curl_easy_setopt(e, option, value) != CURLE_OK)

static bool set_up(const struct aldb_http *h, struct lane *l, const struct aldb_http_request *r, const char *proxy, struct curl_slist *headers, struct receiver *to)
{
    CURL *e = l->easy;
    bool bad = false;
    const char *method = r->method ? r->method : r->body.ptr ? "POST" : "GET";
    l->error[0] = '\0';
    SET(CURLOPT_ERRORBUFFER, l->error);
    SET(CURLOPT_URL, r->url);
#if LIBCURL_VERSION_NUM >= 0x075500
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
#else
    SET(CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(CURLOPT_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_SSL_VERIFYHOST, 2L);
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)ALDB_HTTP_TRY_MS);
    SET(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
#if LIBCURL_VERSION_NUM >= 0x075700
    SET(CURLOPT_QUICK_EXIT, 1L); /* does not wait for a resolver that hangs beyond the deadline; older ones do, and nothing can be done about it */
#endif
    SET(CURLOPT_WRITEFUNCTION, on_body);
    SET(CURLOPT_WRITEDATA, to);
    SET(CURLOPT_HEADERFUNCTION, on_header);
    SET(CURLOPT_HEADERDATA, to);
    SET(CURLOPT_HTTPHEADER, headers);
    SET(CURLOPT_USERAGENT, h->user_agent);
    if (h->ca_file) {
        SET(CURLOPT_CAINFO, h->ca_file);
        SET(CURLOPT_CAPATH, (char *)NULL);
    }
    if (h->cert_file) {
        SET(CURLOPT_SSLCERT, h->cert_file);
        SET(CURLOPT_SSLKEY, h->key_file);
        SET(CURLOPT_KEYPASSWD, ""); /* else an encrypted key would make OpenSSL ask at the terminal */
        /* The files may hold another identity by now: neither a connection nor a TLS session outlives what it was made with. */
        SET(CURLOPT_FORBID_REUSE, 1L);
        SET(CURLOPT_SSL_SESSIONID_CACHE, 0L);
    }
    SET(CURLOPT_PROXY, proxy ? proxy : ""); /* not even one of the environment's */
    if (h->no_proxy) {
        SET(CURLOPT_NOPROXY, h->no_proxy);
    }
    if (strcmp(method, "POST") == 0 || r->body.ptr) {
        SET(CURLOPT_POST, 1L);
        SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->body.len);
        SET(CURLOPT_POSTFIELDS, r->body.ptr ? r->body.ptr : "");
    }
    if (strcmp(method, "GET") != 0 && strcmp(method, "POST") != 0) {
        SET(CURLOPT_CUSTOMREQUEST, method);
    }
    return !bad;
}

/* Runs to the end, the deadline or the stop. CURLE_AGAIN: one of the latter two, and `a` says which. */
static CURLcode run(struct lane *l, int64_t try_ms, const struct aldb_call *call, struct aldb_http_answer *a)
{
    CURLcode rc = CURLE_AGAIN;
    struct aldb_deadline until = aldb_deadline_sooner(call->deadline, aldb_deadline_in_ms(try_ms));
    if (curl_multi_add_handle(l->multi, l->easy) != CURLM_OK) {
        return CURLE_OUT_OF_MEMORY;
    }
    for (;;) {
        int running = 0, left;
        if (aldb_call_stopped(call)) {
            fail(a, ALDB_HTTP_STOPPED, "the call was cancelled");
            break;
        }
        if (aldb_deadline_over(call->deadline)) {
            fail(a, ALDB_HTTP_DEADLINE, "there was no answer within the time allowed (LoginTimeout)");
            break;
        }
        if (aldb_deadline_over(until)) {
            a->fault = ALDB_HTTP_UNREACHED;
            a->late = true;
            aldb_buf_addf(&a->why, "there was no answer within %lld ms", (long long)try_ms);
            break;
        }
        if (curl_multi_perform(l->multi, &running) != CURLM_OK) {
            rc = CURLE_OUT_OF_MEMORY;
            break;
        }
        CURLMsg *m = curl_multi_info_read(l->multi, &left);
        if (m && m->msg == CURLMSG_DONE) {
            rc = m->data.result;
            break;
        }
        struct curl_waitfd stop = {.fd = call->stop ? call->stop->fd : -1, .events = CURL_WAIT_POLLIN};
        int ms = aldb_deadline_poll_ms(until);
        if (call->stop && stop.fd < 0 && ms > LOOK_MS) {
            ms = LOOK_MS;
        }
        if (curl_multi_poll(l->multi, &stop, stop.fd >= 0 ? 1 : 0, ms, NULL) != CURLM_OK) {
            rc = CURLE_OUT_OF_MEMORY;
            break;
        }
        if (stop.fd >= 0 && stop.revents) {
            fail(a, ALDB_HTTP_STOPPED, "the call was cancelled");
            break;
        }
    }
    (void)curl_multi_remove_handle(l->multi, l->easy);
    return rc;
}

/* Of a proxy that it cannot read libcurl repeats the URL, with its password. It could be read when the route was found: memory was wanting. */
static bool tells_proxy(const char *error, const char *proxy)
{
    size_t len = proxy && strchr(proxy, '@') ? strlen(proxy) : 0;
    return len > 0 && memmem(error, strlen(error), proxy, len < CURL_ERROR_SIZE / 2 ? len : CURL_ERROR_SIZE / 2); /* the rest may have been cut */
}

static void judge(CURLcode rc, const struct aldb_http *h, const struct lane *l, const struct receiver *to, const struct aldb_route *route,
                  struct aldb_http_answer *a)
{
    if (tells_proxy(l->error, route->proxy)) {
        rc = CURLE_OUT_OF_MEMORY;
    }
    switch (rc) {
    case CURLE_OK:
    case CURLE_AGAIN:
        return;
    case CURLE_OUT_OF_MEMORY:
        fail(a, ALDB_HTTP_MEMORY, "out of memory");
        return;
    case CURLE_WRITE_ERROR:
        if (to->memory) {
            fail(a, ALDB_HTTP_MEMORY, "out of memory");
        } else if (to->too_large) {
            a->fault = ALDB_HTTP_TOO_LARGE;
            aldb_buf_addf(&a->why, "the answer is larger than the %zu bytes that are read", to->max);
        } else {
            fail(a, ALDB_HTTP_UNREACHED, "the answer is broken");
        }
        return;
    default:
        break;
    }
    if (a->fault == ALDB_HTTP_ANSWERED) {
        const char *text = l->error[0] ? l->error : curl_easy_strerror(rc);
        a->fault = ALDB_HTTP_UNREACHED;
        aldb_quote_add(&a->why, aldb_slice_of(text), 300);
        if (rc == CURLE_PEER_FAILED_VERIFICATION) {
            aldb_buf_add_str(&a->why, " (install or update ca-certificates; where a proxy of your organisation opens TLS, its authority belongs there too)");
        } else if (!route->direct && route->proxy == NULL && (rc == CURLE_COULDNT_RESOLVE_HOST || rc == CURLE_COULDNT_CONNECT)) {
            aldb_buf_add_str(&a->why, " (can this machine reach it? A proxy is named by ProxyUrl or the variable https_proxy)");
        } else if (rc == CURLE_RECV_ERROR || rc == CURLE_SEND_ERROR || rc == CURLE_GOT_NOTHING || rc == CURLE_SSL_CONNECT_ERROR) {
            aldb_buf_add_str(&a->why, h->cert_file ? " (does the server accept the client's certificate?)"
                                                   : " (does a firewall or a proxy on the way cut the connection?)");
        } else if (rc == CURLE_COULDNT_RESOLVE_PROXY) {
            aldb_buf_add_str(&a->why, " (see ProxyUrl and the variables https_proxy, http_proxy and all_proxy)");
        }
    }
}

void aldb_http_answer_clear(struct aldb_http_answer *a)
{
    aldb_buf_wipe(&a->body);
    aldb_buf_clear(&a->why);
}

void aldb_http_perform(struct aldb_http *h, const struct aldb_http_request *r, const struct aldb_call *call, struct aldb_http_answer *a)
{
    struct receiver to = {.answer = a, .max = r->max_answer ? r->max_answer : ALDB_HTTP_MAX_ANSWER};
    int64_t began = aldb_now_ms();
    *a = (struct aldb_http_answer){.json = true};
    aldb_buf_init(&a->body, to.max);
    aldb_buf_init(&a->why, 4096);
    if (aldb_call_stopped(call)) {
        fail(a, ALDB_HTTP_STOPPED, "the call was cancelled");
        return;
    }
    if (aldb_deadline_over(call->deadline)) {
        fail(a, ALDB_HTTP_DEADLINE, "no time was left for it");
        return;
    }
    struct aldb_route route = {0};
    a->fault = aldb_route_find(r, h->proxy_url, h->no_proxy, &route, &a->why);
    if (a->fault != ALDB_HTTP_ANSWERED) {
        return;
    }
    struct curl_slist *headers = make_headers(r, a);
    if (headers == NULL || a->fault != ALDB_HTTP_ANSWERED) {
        free_headers(headers);
        return;
    }
    struct lane *l = lane_take(h);
    if (l == NULL || !set_up(h, l, r, route.proxy, headers, &to)) {
        fail(a, ALDB_HTTP_MEMORY, "out of memory");
        lane_free(l);
        free_headers(headers);
        return;
    }
    struct pipe_guard guard;
    hold_sigpipe(&guard);
    CURLcode rc = run(l, r->try_ms ? r->try_ms : ALDB_HTTP_TRY_MS, call, a);
    release_sigpipe(&guard);
    judge(rc, h, l, &to, &route, a);
    long status = 0;
    (void)curl_easy_getinfo(l->easy, CURLINFO_RESPONSE_CODE, &status);
    a->status = (int)status;
    if (a->fault == ALDB_HTTP_ANSWERED) {
        lane_return(h, l);
    } else {
        lane_free(l); /* libcurl may have left something undone: after one without memory the next request fails */
    }
    free_headers(headers);
    if (aldb_log_on(ALDB_LOG_DEBUG, ALDB_LOG_GOOGLE)) {
        struct aldb_buf name;
        aldb_buf_init(&name, ALDB_MAX_NAME);
        aldb_http_name_add(&name, r->url);
        aldb_log_write(ALDB_LOG_DEBUG, ALDB_LOG_GOOGLE, "%s %s: %s%s%d, %zu bytes, %lld ms", r->method ? r->method : r->body.ptr ? "POST" : "GET",
                       aldb_buf_cstr(&name), aldb_buf_cstr(&a->why), a->fault ? "; status " : "", a->status, a->body.len,
                       (long long)(aldb_now_ms() - began));
        aldb_buf_clear(&name);
    }
}

enum aldb_rc aldb_http_post_fault(const struct aldb_http_answer *a, const char *who, const char *cannot, struct aldb_diag *diag)
{
    static const enum aldb_state states[] = {
        [ALDB_HTTP_ANSWERED] = ALDB_ST_08001, [ALDB_HTTP_UNREACHED] = ALDB_ST_08001, [ALDB_HTTP_TOO_LARGE] = ALDB_ST_08001,
        [ALDB_HTTP_BAD_REQUEST] = ALDB_ST_08001, [ALDB_HTTP_DEADLINE] = ALDB_ST_HYT00, [ALDB_HTTP_STOPPED] = ALDB_ST_HY008,
        [ALDB_HTTP_MEMORY] = ALDB_ST_HY001,
    };
    if (a->fault == ALDB_HTTP_MEMORY || !aldb_buf_ok(&a->why)) {
        (void)aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    } else {
        (void)aldb_diag_post(diag, states[a->fault], "%s: %s: %s", who, cannot, aldb_buf_cstr(&a->why));
    }
    return ALDB_ERR;
}
