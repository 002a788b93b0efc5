/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The route of a request: straight to its host, or through a proxy. Found and judged before libcurl, which would repeat a bad URL with its password, sees
 * any of it. Internal to http.c.
 */
#ifndef ALDB_GOOGLE_ROUTE_H
#define ALDB_GOOGLE_ROUTE_H

#include <stdbool.h>

#include "base/buf.h"
#include "google/http.h"

struct aldb_route {
    bool direct;       /* no proxy is to be used */
    const char *proxy; /* NULL: none; borrowed from the options or the environment */
};

/*
 * Can this be a proxy's URL, with a scheme that libcurl knows and a password that it can read? ALDB_HTTP_ANSWERED: yes. BAD_REQUEST: no; what it ought to be
 * says aldb_route_proxy_form. MEMORY: out of memory.
 */
enum aldb_http_fault aldb_route_judge_proxy(const char *url);
extern const char aldb_route_proxy_form[]; /* "the URL of a proxy, as …" */

/*
 * The route to the URL of `r`. proxy_url and no_proxy are those of struct aldb_http_options; NULL: the environment's. ALDB_HTTP_ANSWERED: found; else
 * BAD_REQUEST or MEMORY, with its sentence in `why`.
 */
enum aldb_http_fault aldb_route_find(const struct aldb_http_request *r, const char *proxy_url, const char *no_proxy, struct aldb_route *out,
                                     struct aldb_buf *why);

#endif
