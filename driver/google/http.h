/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One HTTP request, over libcurl: HTTP/1.1 and 2, http and https, no redirects, no cookies, no .netrc, no signals. Certificates are always verified.
 *
 * A client keeps its settings and its idle connections; any number of threads may use it at once. Connections opened before a fork() are left alone in
 * the child. Texts in `why` and in messages name hosts and paths, never queries, headers or bodies.
 */
#ifndef ALDB_GOOGLE_HTTP_H
#define ALDB_GOOGLE_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/rc.h"
#include "base/str.h"
#include "diag/diag.h"
#include "google/room.h"

/* All copied; NULL: not given. */
struct aldb_http_options {
    const char *user_agent;
    const char *proxy_url; /* else the environment's: https_proxy, HTTPS_PROXY, http_proxy, all_proxy, ALL_PROXY. Not for what is near: struct aldb_http_request */
    const char *no_proxy;  /* else the environment's: no_proxy, NO_PROXY */
    const char *ca_file;   /* authorities instead of the operating system's (tests, emulator) */
    const char *cert_file; /* client certificate with its chain, and its key: PEM, read for each request */
    const char *key_file;
};

struct aldb_http;
/* HY001, HY000 (libcurl unusable), HY024 (a proxy_url that is none; it is never repeated). */
enum aldb_rc aldb_http_open(const struct aldb_http_options *o, struct aldb_http **out, struct aldb_diag *diag) ALDB_MUSTCHECK;
void aldb_http_close(struct aldb_http *h); /* NULL is allowed; no request may be under way */
void aldb_http_rest(struct aldb_http *h);  /* closes idle connections; any thread */

struct aldb_http_header {
    const char *name;
    const char *value; /* NULL: the header is left out */
};

#define ALDB_HTTP_MAX_ANSWER (1u << 20) /* bytes of a body, unless the request says otherwise */
#define ALDB_HTTP_TRY_MS 120000         /* for one try, where nobody says otherwise */

/* Borrowed for the call. */
struct aldb_http_request {
    const char *method; /* NULL: GET, or POST when there is a body */
    const char *url;
    const struct aldb_http_header *headers;
    size_t nheaders;
    struct aldb_slice body;  /* ptr NULL: none */
    size_t max_answer;       /* bytes; 0: ALDB_HTTP_MAX_ANSWER */
    int64_t try_ms;          /* of one try; 0: as struct aldb_retry says, or ALDB_HTTP_TRY_MS */
    /* This machine itself, and metadata servers at their addresses on its link, are reached without a proxy, and over http:// too. For other hosts: */
    bool direct;             /* never through a proxy */
    bool cleartext;          /* http:// is meant; else it is refused, for what is sent is secret */
};

enum aldb_http_fault {
    ALDB_HTTP_ANSWERED = 0, /* with any status */
    ALDB_HTTP_UNREACHED,    /* name, connection, TLS, broken answer, or a try that took too long */
    ALDB_HTTP_TOO_LARGE,
    ALDB_HTTP_BAD_REQUEST,  /* URL or header that cannot be sent */
    ALDB_HTTP_DEADLINE,     /* the call's */
    ALDB_HTTP_STOPPED,
    ALDB_HTTP_MEMORY,
};

struct aldb_http_answer {
    enum aldb_http_fault fault;
    int status;             /* of an answer */
    struct aldb_buf body;
    int64_t date;           /* the server's clock, seconds since 1970; 0: not told */
    bool late;              /* UNREACHED because the try took too long */
    bool json;              /* content type application/json, or one that ends in +json, or none */
    bool metadata_flavor;   /* bears Metadata-Flavor: Google */
    char content_type[64];  /* "" if none; for messages: cut, printable */
    struct aldb_buf why;    /* what is wrong, one sentence without its end, when fault is not ANSWERED */
};

/*
 * Does it, with one try. Never NULL-checks: `answer` need not be initialised, and is to be cleared whatever became of it. Bodies are wiped by clear.
 */
void aldb_http_perform(struct aldb_http *h, const struct aldb_http_request *r, const struct aldb_call *call, struct aldb_http_answer *answer);
void aldb_http_answer_clear(struct aldb_http_answer *a);

/* When to try again, and how long to wait before. */
struct aldb_retry {
    const int *statuses;      /* 0 at the end */
    bool (*also)(const struct aldb_http_answer *a); /* NULL: none; other answers worth another try */
    unsigned tries;           /* at most; 0: as many as overall_ms has room for */
    int64_t try_ms;           /* of the first try, where the request does not say; one that was too long is followed by one that may take twice the time */
    bool unreached;           /* faults of the connection too */
    int64_t first_ms;         /* before the second try */
    unsigned factor_percent;  /* of each further wait to the one before */
    int64_t cap_ms;
    int64_t overall_ms;       /* 0: the call's deadline alone */
    bool full_jitter;         /* uniform from 0 to the wait; else within a tenth of it */
};
/* The Admin API's (503 and silence, a minute), token endpoints' (three tries), and the metadata server's (five). */
extern const struct aldb_retry aldb_retry_api;
extern const struct aldb_retry aldb_retry_token;
extern const struct aldb_retry aldb_retry_metadata;

/* As aldb_http_perform, with tries as `retry` says; the last answer is the one that stands. A wait never outlasts the call. */
void aldb_http_call(struct aldb_http *h, const struct aldb_http_request *r, const struct aldb_retry *retry, const struct aldb_call *call,
                    struct aldb_http_answer *answer);

/*
 * Posts a fault: "WHO: CANNOT: why". `who` is where the credentials come from, `cannot` what was tried. 08001 (unreached, too large, bad request),
 * HYT00, HY008, HY001. Returns ALDB_ERR.
 */
enum aldb_rc aldb_http_post_fault(const struct aldb_http_answer *a, const char *who, const char *cannot, struct aldb_diag *diag);

/* "https://host:port/path" for messages, without user, query and fragment; at most 300 bytes. */
void aldb_http_name_add(struct aldb_buf *b, const char *url);
/* "https://host:port" of it. */
void aldb_http_origin_add(struct aldb_buf *b, const char *url);

/* Is a header's or URL's text free of control characters and blanks at its ends? What is not could smuggle another header in. */
bool aldb_http_text_ok(const char *s);

#endif
