/* SPDX-License-Identifier: Apache-2.0 */
#include "pg/hosts.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>

#include "base/alloc.h"
#include "base/thread.h"
#include "pg/internal.h"

/* ------------------------------------------------------------------ what libpq makes of the options */

/* No value of gssencmode: libpq merges all sources, refuses it, and has connected to nobody. */
#define STOPPER "only-say-what-it-would-be"

/* `extra` ends with a NULL keyword, as the other two. */
static PGconn *ask_libpq(const char *const *keywords, const char *const *values, const char *const *extra)
{
    size_t n = 0;
    size_t more = 0;
    for (; keywords[n]; n++) {
    }
    for (; extra[more]; more += 2) {
    }
    const char **k = aldb_alloc_array(n + more / 2 + 1, sizeof *k);
    const char **v = aldb_alloc_array(n + more / 2 + 1, sizeof *v);
    PGconn *conn = NULL;
    if (k && v) {
        size_t used = 0;
        for (size_t i = 0; i < n; i++) {
            if (strcmp(keywords[i], "load_balance_hosts") != 0) { /* before libpq 16 it would be unknown */
                k[used] = keywords[i];
                v[used++] = values[i];
            }
        }
        for (size_t i = 0; i < more; i += 2) {
            k[used] = extra[i];
            v[used++] = extra[i + 1];
        }
        conn = PQconnectStartParams(k, v, 0);
    }
    aldb_free(k);
    aldb_free(v);
    return conn;
}

static const PQconninfoOption *find_option(const PQconninfoOption *options, const char *keyword)
{
    while (options->keyword && strcmp(options->keyword, keyword) != 0) {
        options++;
    }
    return options->keyword ? options : NULL;
}

static const char *value_of(const PQconninfoOption *options, const char *keyword)
{
    const PQconninfoOption *o = find_option(options, keyword);
    return o && o->val && o->val[0] ? o->val : NULL;
}

/* Part `i` of a list separated by commas; NULL ptr past its end. */
static struct aldb_slice part_of(const char *list, size_t i)
{
    for (; list && i > 0; i--) {
        list = strchr(list, ',');
        list = list ? list + 1 : NULL;
    }
    return list ? aldb_slice(list, strcspn(list, ",")) : aldb_slice(NULL, 0);
}

static size_t count_parts(const char *list)
{
    size_t n = list ? 1 : 0;
    for (; list && *list; list++) {
        n += *list == ',';
    }
    return n;
}

/* NULL for an empty part. False: out of memory. */
static bool copy_part(char **out, struct aldb_slice part)
{
    *out = part.len ? aldb_strndup(part.ptr, part.len) : NULL;
    return *out || part.len == 0;
}

/* Where libpq connects to for an empty part of a list. NULL: out of memory. */
static char *default_host(void)
{
    static const char *const nothing[] = {NULL};
    static const char *const extra[] = {"host", ",", "password", "none", "gssencmode", STOPPER, NULL};
    PGconn *conn = ask_libpq(nothing, nothing, extra);
    char *name = conn ? aldb_strdup(PQhost(conn)) : NULL;
    PQfinish(conn);
    return name;
}

static bool fill_host(struct host *h, const PQconninfoOption *options, size_t i, size_t count)
{
    const char *port = value_of(options, "port");
    const PQconninfoOption *any = find_option(options, "port");
    struct aldb_slice one = part_of(port, count_parts(port) > 1 ? i : 0);
    if (!copy_part(&h->name, part_of(value_of(options, "host"), i)) || !copy_part(&h->addr, part_of(value_of(options, "hostaddr"), i)) ||
        !copy_part(&h->port, one.len ? one : aldb_slice_of(any && any->compiled ? any->compiled : "5432"))) {
        return false;
    }
    if (h->name || count == 1) {
        return true;
    }
    h->name = h->addr ? aldb_strdup(h->addr) : default_host();
    return h->name != NULL;
}

static bool fill(struct hosts *out, const PQconninfoOption *options)
{
    size_t addrs = count_parts(value_of(options, "hostaddr"));
    size_t names = count_parts(value_of(options, "host"));
    out->count = addrs ? addrs : names ? names : 1;
    out->at = aldb_alloc_array(out->count, sizeof *out->at);
    const char *target = value_of(options, "target_session_attrs");
    out->target = aldb_strdup(target ? target : "any");
    const char *mode = value_of(options, "sslmode");
    const char *root = value_of(options, "sslrootcert");
    out->ssl_mode = aldb_strdup(mode);
    out->ssl_root_cert = aldb_strdup(root);
    bool ok = out->at && out->target && (out->ssl_mode || !mode) && (out->ssl_root_cert || !root);
    for (size_t i = 0; ok && i < out->count; i++) {
        ok = fill_host(&out->at[i], options, i, out->count);
    }
    const char *balance = value_of(options, "load_balance_hosts");
    out->random = balance && strcmp(balance, "random") == 0;
    return ok;
}

enum aldb_rc hosts_read(const char *const *keywords, const char *const *values, struct hosts *out, struct aldb_diag *diag)
{
    /* With a password libpq does not look for a password file, which it may complain of on the terminal. */
    static const char *const extra[] = {"password", "none", "gssencmode", STOPPER, NULL};
    struct hosts found = {0};
    PQconninfoOption *options = NULL;
    enum aldb_rc rc = ALDB_ERR;
    PGconn *conn = ask_libpq(keywords, values, extra);
    if (conn == NULL) {
        return aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    }
    if (strstr(PQerrorMessage(conn), STOPPER) == NULL) {
        rc = post_connect_error(conn, diag);
        goto out;
    }
    options = PQconninfo(conn);
    if (options == NULL || !fill(&found, options)) {
        rc = aldb_diag_post(diag, ALDB_ST_HY001, NULL);
        goto out;
    }
    for (size_t i = 0; keywords[i]; i++) {
        if (strcmp(keywords[i], "load_balance_hosts") == 0 && values[i]) {
            found.random = strcmp(values[i], "random") == 0;
        }
    }
    *out = found;
    found = (struct hosts){0};
    rc = ALDB_OK;
out:
    hosts_clear(&found);
    PQconninfoFree(options);
    PQfinish(conn);
    return rc;
}

void hosts_clear(struct hosts *h)
{
    for (size_t i = 0; h->at && i < h->count; i++) {
        aldb_free(h->at[i].name);
        aldb_free(h->at[i].addr);
        aldb_free(h->at[i].port);
    }
    aldb_free(h->at);
    aldb_free(h->target);
    aldb_free(h->ssl_mode);
    aldb_free(h->ssl_root_cert);
    *h = (struct hosts){0};
}

void hosts_shuffle(void *things, size_t count, size_t size)
{
    char swap[64];
    char *at = things;
    for (size_t i = count; size <= sizeof swap && i > 1; i--) {
        uint32_t random = 0;
        if (getrandom(&random, sizeof random, GRND_NONBLOCK) != (ssize_t)sizeof random) {
            random = (uint32_t)aldb_now_ms();
        }
        char *a = at + (i - 1) * size;
        char *b = at + (random % i) * size;
        memcpy(swap, a, size);
        memmove(a, b, size);
        memcpy(b, swap, size);
    }
}

/* ------------------------------------------------------------------ names */

/* One question to the resolver; outlives the one who asked when he gives up. */
struct question {
    _Atomic unsigned refs;
    pthread_mutex_t mu;
    pthread_cond_t answered;
    bool done;
    int error;
    struct addrinfo *list;
    char *name;
};

static void question_release(struct question *q)
{
    if (atomic_fetch_sub(&q->refs, 1) != 1) {
        return;
    }
    if (q->list) {
        freeaddrinfo(q->list);
    }
    (void)pthread_cond_destroy(&q->answered);
    (void)pthread_mutex_destroy(&q->mu);
    aldb_free(q->name);
    aldb_free(q);
}

static struct question *question_new(const char *name)
{
    struct question *q = aldb_alloc(sizeof *q);
    pthread_condattr_t attr;
    if (q == NULL) {
        return NULL;
    }
    q->name = aldb_strdup(name);
    if (q->name == NULL) {
        aldb_free(q);
        return NULL;
    }
    atomic_init(&q->refs, 1);
    (void)pthread_mutex_init(&q->mu, NULL);
    (void)pthread_condattr_init(&attr);
    (void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&q->answered, &attr);
    (void)pthread_condattr_destroy(&attr);
    return q;
}

static void *resolve(void *arg)
{
    struct question *q = arg;
    const struct addrinfo hint = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM}; /* as libpq asks */
    struct addrinfo *list = NULL;
    int error = getaddrinfo(q->name, NULL, &hint, &list);
    (void)pthread_mutex_lock(&q->mu);
    q->done = true;
    q->error = error;
    q->list = error ? NULL : list;
    (void)pthread_cond_signal(&q->answered);
    (void)pthread_mutex_unlock(&q->mu);
    question_release(q);
    return NULL;
}

/* Without a thread the question is asked here, and takes as long as it takes. */
static void ask(struct question *q)
{
    atomic_fetch_add(&q->refs, 1);
    if (!aldb_thread_start("aldb-resolver", resolve, q, NULL)) {
        (void)resolve(q);
    }
}

/* False: the deadline was over first. */
static bool await(struct question *q, struct aldb_deadline deadline)
{
    struct timespec until = {.tv_sec = deadline.at / 1000, .tv_nsec = (deadline.at % 1000) * 1000000};
    int rc = 0;
    (void)pthread_mutex_lock(&q->mu);
    while (!q->done && rc == 0) {
        rc = aldb_deadline_is_none(deadline) ? pthread_cond_wait(&q->answered, &q->mu)
                                             : pthread_cond_timedwait(&q->answered, &q->mu, &until);
    }
    bool done = q->done;
    (void)pthread_mutex_unlock(&q->mu);
    return done;
}

static enum aldb_rc take_list(const struct addrinfo *list, struct addresses *out)
{
    size_t n = 0;
    for (const struct addrinfo *a = list; a; a = a->ai_next) {
        n++;
    }
    out->at = aldb_alloc_array(n, sizeof *out->at);
    if (out->at == NULL) {
        return ALDB_ERR;
    }
    for (const struct addrinfo *a = list; a; a = a->ai_next) {
        char text[NI_MAXHOST];
        if (getnameinfo(a->ai_addr, a->ai_addrlen, text, sizeof text, NULL, 0, NI_NUMERICHOST) != 0) {
            continue;
        }
        out->at[out->count] = aldb_strdup(text);
        if (out->at[out->count] == NULL) {
            addresses_clear(out);
            return ALDB_ERR;
        }
        out->count++;
    }
    return ALDB_OK;
}

static bool is_name(const struct host *h)
{
    char raw[sizeof(struct in6_addr)];
    return h->addr == NULL && h->name && h->name[0] != '/' && h->name[0] != '@' && strchr(h->name, '%') == NULL &&
           inet_pton(AF_INET, h->name, raw) != 1 && inet_pton(AF_INET6, h->name, raw) != 1;
}

enum aldb_rc hosts_look_up(const struct host *h, struct aldb_deadline deadline, struct addresses *out, struct aldb_buf *why, bool *late)
{
    *out = (struct addresses){.count = 1};
    *late = false;
    if (!is_name(h)) {
        return ALDB_OK;
    }
    struct addresses found = {0};
    struct question *q = question_new(h->name);
    if (q == NULL) {
        return ALDB_ERR;
    }
    enum aldb_rc rc = ALDB_OK;
    ask(q);
    *late = !await(q, deadline);
    if (*late) {
        aldb_buf_addf(why, "could not translate host name \"%s\" to address in time: the resolver does not answer", h->name);
        rc = ALDB_NO_DATA;
    } else if (q->error) {
        aldb_buf_addf(why, "could not translate host name \"%s\" to address: %s", h->name, gai_strerror(q->error));
        rc = ALDB_NO_DATA;
    } else {
        rc = take_list(q->list, &found);
    }
    if (rc == ALDB_OK && found.count == 0) {
        aldb_buf_addf(why, "could not translate host name \"%s\" to address: it has none", h->name);
        rc = ALDB_NO_DATA;
    }
    question_release(q);
    if (rc == ALDB_OK) {
        *out = found;
    } else {
        addresses_clear(&found);
    }
    return rc;
}

void addresses_clear(struct addresses *a)
{
    for (size_t i = 0; a->at && i < a->count; i++) {
        aldb_free(a->at[i]);
    }
    aldb_free(a->at);
    *a = (struct addresses){0};
}
