/* SPDX-License-Identifier: Apache-2.0 */
#include "google/route.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"

const char aldb_route_proxy_form[] = "the URL of a proxy, as http://host:3128 or http://user:password@host:3128, in which the password's signs are "
                                     "percent-encoded (%23 is #, %2F is /)";

bool aldb_route_proxy_ok(const char *url)
{
    static const char *const schemes[] = {"http", "https", "socks", "socks4", "socks4a", "socks5", "socks5h"};
    static const CURLUPart secrets[] = {CURLUPART_USER, CURLUPART_PASSWORD};
    const char *authority = strstr(url, "://");
    const char *end = strchr(authority ? authority + 3 : url, '/');
    char *scheme = NULL;
    bool good = false;
    CURLU *u = aldb_http_text_ok(url) && strpbrk(url, " ?#") == NULL && (end == NULL || strchr(end, '@') == NULL) ? curl_url() : NULL; /* libcurl reads no path */
    if (u && curl_url_set(u, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME | CURLU_GUESS_SCHEME) == CURLUE_OK &&
        curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK) {
        for (size_t i = 0; i < ALDB_COUNT(schemes); i++) {
            good |= strcmp(scheme, schemes[i]) == 0;
        }
        good &= strcmp(scheme, "https") != 0 || curl_version_info(CURLVERSION_NOW)->features & CURL_VERSION_HTTPS_PROXY;
    }
    for (size_t i = 0; good && i < ALDB_COUNT(secrets); i++) {
        char *text = NULL;
        CURLUcode got = curl_url_get(u, secrets[i], &text, CURLU_URLDECODE);
        good = got == CURLUE_OK || got == CURLUE_NO_USER || got == CURLUE_NO_PASSWORD;
        if (text) {
            aldb_wipe(text, strlen(text));
        }
        curl_free(text);
    }
    curl_free(scheme);
    curl_url_cleanup(u);
    return good;
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

/* As libcurl finds one for itself, but that here it is looked at first. *out NULL: none. False: one that is no proxy's URL, and `why` says which. */
static bool environment_proxy(bool tls, const char *host, const char *no_proxy, const char **out, struct aldb_buf *why)
{
    /* No HTTP_PROXY: a CGI program has the header Proxy of its request there. */
    static const char *const variables[2][4] = {{"http_proxy", "all_proxy", "ALL_PROXY"}, {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}};
    *out = NULL;
    for (size_t i = 0; i < ALDB_COUNT(variables[tls]) && variables[tls][i]; i++) {
        const char *url = secure_getenv(variables[tls][i]);
        if (url == NULL || url[0] == '\0') {
            continue;
        }
        if (aldb_route_proxy_ok(url)) {
            *out = url;
            return true;
        }
        if (is_exempt(no_proxy, host)) {
            return true;
        }
        aldb_buf_addf(why, "the environment variable %s is not %s", variables[tls][i], aldb_route_proxy_form);
        return false;
    }
    return true;
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
    return proxy_url || environment_proxy(tls, host, no_proxy, &out->proxy, why) ? ALDB_HTTP_ANSWERED : ALDB_HTTP_BAD_REQUEST;
}

enum aldb_http_fault aldb_route_find(const struct aldb_http_request *r, const char *proxy_url, const char *no_proxy, struct aldb_route *out,
                                     struct aldb_buf *why)
{
    enum aldb_http_fault fault;
    char *scheme = NULL, *host = NULL;
    CURLU *u = curl_url();
    if (u == NULL) {
        aldb_buf_add_str(why, "out of memory");
        return ALDB_HTTP_MEMORY;
    }
    if (!aldb_http_text_ok(r->url) || curl_url_set(u, CURLUPART_URL, r->url, 0) != CURLUE_OK || curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK ||
        curl_url_get(u, CURLUPART_HOST, &host, 0) != CURLUE_OK) {
        fault = refuse(why, "this is not a URL with http:// or https:// and a host");
    } else {
        fault = choose(r, scheme, host, proxy_url, no_proxy, out, why);
    }
    curl_free(scheme);
    curl_free(host);
    curl_url_cleanup(u);
    return fault;
}
