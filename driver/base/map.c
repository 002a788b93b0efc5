/* SPDX-License-Identifier: Apache-2.0 */
#include "base/map.h"

#include <pthread.h>
#include <stdbool.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"

#define FIRST_SLOTS 16 /* a power of two, as every size after it */

struct aldb_map_entry {
    struct aldb_map_entry *next;
    uint64_t hash;
    void *value;
    size_t len;
    char key[];
};

static pthread_once_t seeded = PTHREAD_ONCE_INIT;
static uint64_t seed[2];

/* Keys come from applications and servers: a seed nobody knows keeps them from choosing colliding ones. */
static void make_seed(void)
{
    if (getrandom(seed, sizeof seed, GRND_NONBLOCK) != (ssize_t)sizeof seed) {
        struct timespec now;
        (void)clock_gettime(CLOCK_REALTIME, &now);
        seed[0] = (uint64_t)now.tv_nsec ^ (uint64_t)getpid() << 32;
        seed[1] = (uint64_t)(uintptr_t)&now ^ (uint64_t)now.tv_sec << 20;
    }
}

static uint64_t rotate(uint64_t v, int by)
{
    return v << by | v >> (64 - by);
}

static void sip_round(uint64_t v[4])
{
    v[0] += v[1];
    v[1] = rotate(v[1], 13) ^ v[0];
    v[0] = rotate(v[0], 32);
    v[2] += v[3];
    v[3] = rotate(v[3], 16) ^ v[2];
    v[0] += v[3];
    v[3] = rotate(v[3], 21) ^ v[0];
    v[2] += v[1];
    v[1] = rotate(v[1], 17) ^ v[2];
    v[2] = rotate(v[2], 32);
}

uint64_t aldb_hash(struct aldb_slice key)
{
    (void)pthread_once(&seeded, make_seed);
    uint64_t v[4] = {seed[0] ^ 0x736f6d6570736575u, seed[1] ^ 0x646f72616e646f6du, seed[0] ^ 0x6c7967656e657261u,
                     seed[1] ^ 0x7465646279746573u};
    uint64_t word;
    size_t at = 0;
    for (; key.len - at >= sizeof word; at += sizeof word) {
        memcpy(&word, key.ptr + at, sizeof word);
        v[3] ^= word;
        sip_round(v);
        v[0] ^= word;
    }
    word = 0;
    if (key.len > at) {
        memcpy(&word, key.ptr + at, key.len - at);
    }
    word |= (uint64_t)key.len << 56;
    v[3] ^= word;
    sip_round(v);
    v[0] ^= word;
    v[2] ^= 0xff;
    for (int i = 0; i < 3; i++) {
        sip_round(v);
    }
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* Where the pointer to the entry of `key` stands, or where it would: points at NULL then. NULL while there are no slots. */
static struct aldb_map_entry **find(const struct aldb_map *m, struct aldb_slice key, uint64_t hash)
{
    if (m->nslots == 0) {
        return NULL;
    }
    struct aldb_map_entry **at = &m->slots[hash & (m->nslots - 1)];
    while (*at && ((*at)->hash != hash || !aldb_slice_eq(aldb_slice((*at)->key, (*at)->len), key))) {
        at = &(*at)->next;
    }
    return at;
}

static bool resize(struct aldb_map *m, size_t nslots)
{
    struct aldb_map_entry **slots = aldb_alloc_array(nslots, sizeof(struct aldb_map_entry *));
    if (slots == NULL) {
        return false;
    }
    for (size_t i = 0; i < m->nslots; i++) {
        for (struct aldb_map_entry *e = m->slots[i], *next; e; e = next) {
            next = e->next;
            e->next = slots[e->hash & (nslots - 1)];
            slots[e->hash & (nslots - 1)] = e;
        }
    }
    aldb_free(m->slots);
    m->slots = slots;
    m->nslots = nslots;
    return true;
}

void aldb_map_init(struct aldb_map *m)
{
    *m = (struct aldb_map){0};
}

void aldb_map_clear(struct aldb_map *m, void (*free_value)(void *))
{
    for (size_t i = 0; i < m->nslots; i++) {
        for (struct aldb_map_entry *e = m->slots[i], *next; e; e = next) {
            next = e->next;
            if (free_value) {
                free_value(e->value);
            }
            aldb_free(e);
        }
    }
    aldb_free(m->slots);
    aldb_map_init(m);
}

void *aldb_map_get(const struct aldb_map *m, struct aldb_slice key)
{
    if (m->count == 0) {
        return NULL;
    }
    struct aldb_map_entry **at = find(m, key, aldb_hash(key));
    return at && *at ? (*at)->value : NULL;
}

bool aldb_map_put(struct aldb_map *m, struct aldb_slice key, void *value, void **old)
{
    uint64_t hash = aldb_hash(key);
    struct aldb_map_entry **at = find(m, key, hash);
    if (at && *at) {
        if (old) {
            *old = (*at)->value;
        }
        (*at)->value = value;
        return true;
    }
    /* With slots in place a failed growth only makes chains longer. */
    if (m->count >= m->nslots && !resize(m, m->nslots ? m->nslots * 2 : FIRST_SLOTS) && m->nslots == 0) {
        return false;
    }
    if (key.len > SIZE_MAX - sizeof(struct aldb_map_entry)) {
        return false;
    }
    struct aldb_map_entry *e = aldb_alloc(sizeof *e + key.len);
    if (e == NULL) {
        return false;
    }
    e->hash = hash;
    e->value = value;
    e->len = key.len;
    if (key.len > 0) {
        memcpy(e->key, key.ptr, key.len);
    }
    at = &m->slots[hash & (m->nslots - 1)];
    e->next = *at;
    *at = e;
    m->count++;
    if (old) {
        *old = NULL;
    }
    return true;
}

void *aldb_map_remove(struct aldb_map *m, struct aldb_slice key)
{
    struct aldb_map_entry **at = find(m, key, aldb_hash(key));
    if (at == NULL || *at == NULL) {
        return NULL;
    }
    struct aldb_map_entry *e = *at;
    void *value = e->value;
    *at = e->next;
    aldb_free(e);
    m->count--;
    return value;
}

void aldb_map_each(const struct aldb_map *m, void (*fn)(void *ctx, struct aldb_slice key, void *value), void *ctx)
{
    for (size_t i = 0; i < m->nslots; i++) {
        for (const struct aldb_map_entry *e = m->slots[i]; e; e = e->next) {
            fn(ctx, aldb_slice(e->key, e->len), e->value);
        }
    }
}
