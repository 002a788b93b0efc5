/* SPDX-License-Identifier: Apache-2.0 */
#include "base/lookup.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <stdatomic.h>
#include <string.h>

#include "base/alloc.h"
#include "base/mutex.h"
#include "base/thread.h"

#define LOOK_MS 100 /* how often `stop` is looked at */

/* One question to the resolver; outlives the one who asked when he gives up. The thread's stack keeps it in sight of those who look for leaks. */
struct question {
    struct aldb_mutex lock;
    pthread_cond_t answered;
    unsigned refs;
    bool done;
    int error;
    struct addrinfo *list; /* once it is done nobody changes it */
    char name[];
};

static struct question *question_new(const char *name)
{
    size_t len = strlen(name);
    struct question *q = aldb_alloc(sizeof *q + len + 1);
    if (q) {
        memcpy(q->name, name, len);
        aldb_mutex_init(&q->lock, ALDB_LOCK_LEAF);
        aldb_cond_init(&q->answered);
        q->refs = 2; /* who asks, and the resolver */
    }
    return q;
}

static void question_release(struct question *q)
{
    aldb_mutex_lock(&q->lock);
    bool last = --q->refs == 0;
    aldb_mutex_unlock(&q->lock);
    if (!last) {
        return;
    }
    if (q->list) {
        freeaddrinfo(q->list);
    }
    (void)pthread_cond_destroy(&q->answered);
    aldb_mutex_clear(&q->lock);
    aldb_free(q);
}

static void *resolve(void *arg)
{
    struct question *q = arg;
    const struct addrinfo hint = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM}; /* as libpq asks */
    struct addrinfo *list = NULL;
    int error = getaddrinfo(q->name, NULL, &hint, &list);
    aldb_mutex_lock(&q->lock);
    q->done = true;
    q->error = error;
    q->list = error ? NULL : list;
    (void)pthread_cond_signal(&q->answered);
    aldb_mutex_unlock(&q->lock);
    question_release(q);
    return NULL;
}

static bool stopped(const _Atomic bool *stop)
{
    return stop && atomic_load(stop);
}

/* Has the resolver answered in time? */
static bool await(struct question *q, struct aldb_deadline deadline, const _Atomic bool *stop)
{
    aldb_mutex_lock(&q->lock);
    while (!q->done && !stopped(stop) && !aldb_deadline_over(deadline)) {
        aldb_cond_wait(&q->answered, &q->lock.m, stop ? aldb_deadline_sooner(deadline, aldb_deadline_in_ms(LOOK_MS)) : deadline);
    }
    bool done = q->done;
    aldb_mutex_unlock(&q->lock);
    return done;
}

/* ------------------------------------------------------------------ addresses */

/* Port and text of one whose family and address are there. */
static bool complete(struct aldb_address *a, uint16_t port)
{
    if (a->at.ss_family == AF_INET) {
        ((struct sockaddr_in *)&a->at)->sin_port = htons(port);
    } else if (a->at.ss_family == AF_INET6) {
        ((struct sockaddr_in6 *)&a->at)->sin6_port = htons(port);
    } else {
        return false;
    }
    return getnameinfo((const struct sockaddr *)&a->at, a->len, a->text, sizeof a->text, NULL, 0, NI_NUMERICHOST) == 0;
}

bool aldb_address_parse(const char *text, uint16_t port, struct aldb_address *out)
{
    struct aldb_address a = {.len = 0};
    struct sockaddr_in *v4 = (struct sockaddr_in *)&a.at;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&a.at;
    if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        a.len = sizeof *v4;
    } else if (inet_pton(AF_INET6, text, &v6->sin6_addr) == 1) {
        v6->sin6_family = AF_INET6;
        a.len = sizeof *v6;
    }
    if (!complete(&a, port)) {
        return false;
    }
    *out = a;
    return true;
}

static enum aldb_lookup take_list(const struct addrinfo *list, uint16_t port, struct aldb_addresses *out, const char **why)
{
    struct aldb_addresses found = {0};
    size_t n = 0;
    for (const struct addrinfo *i = list; i; i = i->ai_next) {
        n++;
    }
    if (n > 0 && (found.at = aldb_alloc_array(n, sizeof *found.at)) == NULL) {
        return ALDB_LOOKUP_MEMORY;
    }
    for (const struct addrinfo *i = list; i; i = i->ai_next) {
        struct aldb_address *a = &found.at[found.count];
        if (i->ai_addrlen <= sizeof a->at) {
            memcpy(&a->at, i->ai_addr, i->ai_addrlen);
            a->len = i->ai_addrlen;
            found.count += complete(a, port);
        }
    }
    if (found.count == 0) {
        aldb_addresses_clear(&found);
        *why = "it has no addresses";
        return ALDB_LOOKUP_FAILED;
    }
    *out = found;
    return ALDB_LOOKUP_FOUND;
}

void aldb_addresses_clear(struct aldb_addresses *a)
{
    aldb_free(a->at);
    *a = (struct aldb_addresses){0};
}

/* ------------------------------------------------------------------ */

static enum aldb_lookup take_literal(const struct aldb_address *literal, struct aldb_addresses *out)
{
    struct aldb_address *one = aldb_alloc(sizeof *one);
    if (one == NULL) {
        return ALDB_LOOKUP_MEMORY;
    }
    *one = *literal;
    *out = (struct aldb_addresses){.at = one, .count = 1};
    return ALDB_LOOKUP_FOUND;
}

enum aldb_lookup aldb_lookup(const char *name, uint16_t port, struct aldb_deadline deadline, const _Atomic bool *stop, struct aldb_addresses *out,
                             const char **why)
{
    struct aldb_address literal;
    if (aldb_address_parse(name, port, &literal)) {
        return take_literal(&literal, out);
    }
    struct question *q = question_new(name);
    if (q == NULL) {
        return ALDB_LOOKUP_MEMORY;
    }
    enum aldb_lookup result;
    if (!aldb_thread_start("aldb-resolver", resolve, q, NULL)) {
        (void)resolve(q);
    }
    if (!await(q, deadline, stop)) {
        result = stopped(stop) ? ALDB_LOOKUP_STOPPED : ALDB_LOOKUP_LATE;
    } else if (q->error) {
        *why = gai_strerror(q->error);
        result = ALDB_LOOKUP_FAILED;
    } else {
        result = take_list(q->list, port, out, why);
    }
    question_release(q);
    return result;
}
