/* SPDX-License-Identifier: Apache-2.0 */
#include "connector/lookup.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <pthread.h>
#include <string.h>

#include "base/alloc.h"
#include "base/thread.h"

/* One question; outlives the one who asked when he gives up. Under google/'s lock, but for the name. */
struct question {
    unsigned refs;
    bool done;
    int error;
    struct addrinfo *list;
    char *name;
};

static void release(struct question *q)
{
    aldb_google_lock();
    bool last = --q->refs == 0;
    aldb_google_unlock();
    if (last) {
        if (q->list) {
            freeaddrinfo(q->list);
        }
        aldb_free(q->name);
        aldb_free(q);
    }
}

static void *resolve(void *arg)
{
    struct question *q = arg;
    const struct addrinfo hint = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *list = NULL;
    int error = getaddrinfo(q->name, NULL, &hint, &list);
    aldb_google_lock();
    q->done = true;
    q->error = error;
    q->list = error ? NULL : list;
    aldb_google_wake();
    aldb_google_unlock();
    release(q);
    return NULL;
}

static void ask(struct question *q)
{
    q->refs = 2;
    if (!aldb_thread_start("aldb-resolver", resolve, q, NULL)) {
        (void)resolve(q); /* takes as long as it takes */
    }
}

bool aldb_address_parse(const char *text, uint16_t port, struct aldb_address *out)
{
    struct aldb_address a = {.len = 0};
    struct sockaddr_in *v4 = (struct sockaddr_in *)&a.at;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&a.at;
    if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons(port);
        a.len = sizeof *v4;
        (void)inet_ntop(AF_INET, &v4->sin_addr, a.text, sizeof a.text);
    } else if (inet_pton(AF_INET6, text, &v6->sin6_addr) == 1) {
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons(port);
        a.len = sizeof *v6;
        (void)inet_ntop(AF_INET6, &v6->sin6_addr, a.text, sizeof a.text);
    } else {
        return false;
    }
    *out = a;
    return true;
}

static void take_list(const struct addrinfo *list, uint16_t port, struct aldb_addresses *out)
{
    for (const struct addrinfo *i = list; i && out->count < ALDB_LOOKUP_MAX; i = i->ai_next) {
        struct aldb_address *a = &out->at[out->count];
        if (i->ai_addrlen > sizeof a->at || (i->ai_family != AF_INET && i->ai_family != AF_INET6)) {
            continue;
        }
        *a = (struct aldb_address){.len = i->ai_addrlen};
        memcpy(&a->at, i->ai_addr, i->ai_addrlen);
        if (i->ai_family == AF_INET) {
            struct sockaddr_in *v4 = (struct sockaddr_in *)&a->at;
            v4->sin_port = htons(port);
            (void)inet_ntop(AF_INET, &v4->sin_addr, a->text, sizeof a->text);
        } else {
            struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&a->at;
            v6->sin6_port = htons(port);
            (void)inet_ntop(AF_INET6, &v6->sin6_addr, a->text, sizeof a->text);
        }
        out->count++;
    }
}

enum aldb_lookup aldb_lookup(const char *name, uint16_t port, const struct aldb_call *call, struct aldb_addresses *out, const char **why)
{
    out->count = 0;
    if (aldb_address_parse(name, port, &out->at[0])) {
        out->count = 1;
        return ALDB_LOOKUP_FOUND;
    }
    struct question *q = aldb_alloc(sizeof *q);
    if (q == NULL || (q->name = aldb_strdup(name)) == NULL) {
        aldb_free(q);
        return ALDB_LOOKUP_MEMORY;
    }
    enum aldb_lookup result;
    ask(q);
    aldb_google_lock();
    while (!q->done && !aldb_call_stopped(call) && !aldb_deadline_over(call->deadline)) {
        aldb_google_wait(call->deadline, call->stop != NULL);
    }
    if (!q->done) {
        result = aldb_call_stopped(call) ? ALDB_LOOKUP_STOPPED : ALDB_LOOKUP_LATE;
    } else if (q->error) {
        *why = gai_strerror(q->error);
        result = ALDB_LOOKUP_FAILED;
    } else {
        take_list(q->list, port, out);
        *why = "the name has no addresses";
        result = out->count ? ALDB_LOOKUP_FOUND : ALDB_LOOKUP_FAILED;
    }
    aldb_google_unlock();
    release(q);
    return result;
}
