/* SPDX-License-Identifier: Apache-2.0 */
#include "google/route.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"

const char aldb_route_proxy_form[] = "the URL of a proxy, as http://host:3128 or http://user:password@host:3128, in which the password's signs are "
                                     "percent-encoded (%23 is #, %2F is /)";

static const char out_of_memory[] = "out of memory";

static enum aldb_http_fault judge(CURLUcode c)
{
    switch (c) {
    case CURLUE_OK:
        return ALDB_HTTP_ANSWERED;
    case CURLUE_OUT_OF_MEMORY:
    case CURLUE_BAD_LOGIN: /* nothing but memory can want there, in a text without control characters */
        return ALDB_HTTP_MEMORY;
    default:
        return ALDB_HTTP_BAD_REQUEST;
    }
}

static enum aldb_http_fault judge_scheme(CURLU *u)
{
    static const char *const schemes[] = {"http", "https", "socks", "socks4", "socks4a", "socks5", "socks5h"};
    char *scheme = NULL;
    enum aldb_http_fault fault = judge(curl_url_get(u, CURLUPART_SCHEME, &scheme, 0));
    if (fault == ALDB_HTTP_ANSWERED) {
        bool known = false;
        for (size_t i = 0; i < ALDB_COUNT(schemes); i++) {
            known |= strcmp(scheme, schemes[i]) == 0;
        }
        known &= strcmp(scheme, "https") != 0 || curl_version_info(CURLVERSION_NOW)->features & CURL_VERSION_HTTPS_PROXY;
        fault = known ? ALDB_HTTP_ANSWERED : ALDB_HTTP_BAD_REQUEST;
    }
    curl_free(scheme);
    return fault;
}

/* A user or a password: none, or one that libcurl will decode, which says of control characters and of no memory the same. */
static enum aldb_http_fault judge_secret(CURLU *u, CURLUPart part)
{
    char *text = NULL;
    CURLUcode got = curl_url_get(u, part, &text, 0);
    enum aldb_http_fault fault = got == CURLUE_NO_USER || got == CURLUE_NO_PASSWORD ? ALDB_HTTP_ANSWERED : judge(got);
    for (const char *p = text; p && (p = strchr(p, '%')) != NULL; p++) {
        if ((p[1] == '0' || p[1] == '1') && isxdigit((unsigned char)p[2])) {
            fault = ALDB_HTTP_BAD_REQUEST;
        }
    }
    if (text) {
        aldb_wipe(text, strlen(text));
    }
    curl_free(text);
    return fault;
}

enum aldb_http_fault aldb_route_judge_proxy(const char *url)
{
    const char *authority = strstr(url, "://");
    const char *end = strchr(authority ? authority + 3 : url, '/');
    if (!aldb_http_text_ok(url) || strpbrk(url, " ?#") || (end && strchr(end, '@'))) { /* libcurl reads no path */
        return ALDB_HTTP_BAD_REQUEST;
    }
    CURLU *u = curl_url();
    enum aldb_http_fault fault = u ? judge(curl_url_set(u, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME | CURLU_GUESS_SCHEME)) : ALDB_HTTP_MEMORY;
    fault = fault ? fault : judge_scheme(u);
    fault = fault ? fault : judge_secret(u, CURLUPART_USER);
    fault = fault ? fault : judge_secret(u, CURLUPART_PASSWORD);
    curl_url_cleanup(u);
    return fault;
}

/* Is the host of a URL this machine itself, or on its own link, where a metadata server answers for whom it sees there? */
static bool is_near(const char *host)
{
    static const char *const names[] = {"localhost", "metadata.google.internal", "metadata", "fd20:ce::254", "fd00:ec2::254"}; /* Google's and Amazon's */
    struct in_addr v4;
    struct in6_addr v6;
    char text[64];
    struct aldb_slice h = aldb_slice_of(host);
    if (h.len > 2 && h.ptr[0] == '[') {
        h = aldb_slice(h.ptr + 1, h.len - 2);
    }
    for (size_t i = 0; i < ALDB_COUNT(names); i++) {
        if (aldb_slice_is(h, names[i])) {
            return true;
        }
    }
    if (!aldb_copy(text, sizeof text, h)) {
        return false;
    }
    if (inet_pton(AF_INET, text, &v4) == 1) {
        uint32_t address = ntohl(v4.s_addr);
        return address >> 24 == 127 || address >> 16 == 0xa9fe; /* 169.254 */
    }
    return inet_pton(AF_INET6, text, &v6) == 1 && (IN6_IS_ADDR_LOOPBACK(&v6) || IN6_IS_ADDR_LINKLOCAL(&v6));
}

/* Do NoProxy's hosts, or the environment's, have this one among them? As libcurl judges: "*", or the end of a name. */
static bool is_exempt(const char *no_proxy, const char *host)
{
    const char *list = no_proxy ? no_proxy : secure_getenv("no_proxy");
    list = list ? list : secure_getenv("NO_PROXY");
    size_t len = strlen(host);
    for (size_t n = 0; list && *list; list += n) {
        list += strspn(list, " ,");
        n = strcspn(list, " ,");
        struct aldb_slice part = aldb_slice(list, n);
        if (n == 1 && *list == '*') {
            return true;
        }
        if (n > 0 && *part.ptr == '.') {
            part = aldb_slice(part.ptr + 1, n - 1);
        }
        bool whole = part.len == len || (part.len < len && host[len - part.len - 1] == '.');
        if (part.len > 0 && part.len <= len && whole && aldb_slice_eq_nocase(aldb_slice(host + len - part.len, part.len), part)) {
            return true;
        }
    }
    return false;
}

/* As libcurl finds one for itself, but that here it is looked at first. *out NULL: none. BAD_REQUEST: one that is no proxy's URL, and `why` says which. */
static enum aldb_http_fault environment_proxy(bool tls, const char *host, const char *no_proxy, const char **out, struct aldb_buf *why)
{
    /* No HTTP_PROXY: a CGI program has the header Proxy of its request there. */
    static const char *const variables[2][4] = {{"http_proxy", "all_proxy", "ALL_PROXY"}, {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}};
    *out = NULL;
    for (size_t i = 0; i < ALDB_COUNT(variables[tls]) && variables[tls][i]; i++) {
        const char *url = secure_getenv(variables[tls][i]);
        if (url == NULL || url[0] == '\0') {
            continue;
        }
        enum aldb_http_fault fault = aldb_route_judge_proxy(url);
        if (fault == ALDB_HTTP_ANSWERED) {
            *out = url;
        } else if (fault == ALDB_HTTP_MEMORY) {
            aldb_buf_add_str(why, out_of_memory);
        } else if (is_exempt(no_proxy, host)) {
            fault = ALDB_HTTP_ANSWERED;
        } else {
            aldb_buf_addf(why, "the environment variable %s is not %s", variables[tls][i], aldb_route_proxy_form);
        }
        return fault;
    }
    return ALDB_HTTP_ANSWERED;
}

static enum aldb_http_fault refuse(struct aldb_buf *why, const char *sentence)
{
    aldb_buf_add_str(why, sentence);
    return ALDB_HTTP_BAD_REQUEST;
}

/* What is near is asked itself: a proxy has another machine near it, and would be told what is said in clear. */
static enum aldb_http_fault choose(const struct aldb_http_request *r, const char *scheme, const char *host, const char *proxy_url, const char *no_proxy,
                                   struct aldb_route *out, struct aldb_buf *why)
{
    bool tls = strcmp(scheme, "https") == 0, near = is_near(host);
    if (!tls && strcmp(scheme, "http") != 0) {
        return refuse(why, "only http:// and https:// URLs can be used");
    }
    if (!tls && !near && !r->cleartext) {
        return refuse(why, "secrets are not sent over http://; write https://");
    }
    *out = (struct aldb_route){.direct = near || r->direct};
    if (out->direct) {
        return ALDB_HTTP_ANSWERED;
    }
    out->proxy = proxy_url;
    return proxy_url ? ALDB_HTTP_ANSWERED : environment_proxy(tls, host, no_proxy, &out->proxy, why);
}

enum aldb_http_fault aldb_route_find(const struct aldb_http_request *r, const char *proxy_url, const char *no_proxy, struct aldb_route *out,
                                     struct aldb_buf *why)
{
    char *scheme = NULL, *host = NULL;
    CURLU *u = curl_url();
    enum aldb_http_fault fault = u == NULL ? ALDB_HTTP_MEMORY : aldb_http_text_ok(r->url) ? ALDB_HTTP_ANSWERED : ALDB_HTTP_BAD_REQUEST;
    fault = fault ? fault : judge(curl_url_set(u, CURLUPART_URL, r->url, 0));
    fault = fault ? fault : judge(curl_url_get(u, CURLUPART_SCHEME, &scheme, 0));
    fault = fault ? fault : judge(curl_url_get(u, CURLUPART_HOST, &host, 0));
    if (fault == ALDB_HTTP_MEMORY) {
        aldb_buf_add_str(why, out_of_memory);
    } else if (fault == ALDB_HTTP_ANSWERED) {
        fault = choose(r, scheme, host, proxy_url, no_proxy, out, why);
    } else {
        (void)refuse(why, "this is not a URL with http:// or https:// and a host");
    }
    curl_free(scheme);
    curl_free(host);
    curl_url_cleanup(u);
    return fault;
}
