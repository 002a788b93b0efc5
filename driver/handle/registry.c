/* SPDX-License-Identifier: Apache-2.0 */
#include "handle/registry.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "base/alloc.h"

#define STRIPES 64u

/* A process has few handles, a stripe fewer: an unsorted array is the fastest set there is. */
struct stripe {
    pthread_mutex_t lock;
    const void **at;
    size_t count, cap;
};

static struct stripe stripes[STRIPES];
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* Of each stripe the handle that was last found in it: an application calls the same one again and again, and need not lock for it. */
static _Atomic(const void *) recent[STRIPES];

static void init(void)
{
    for (size_t i = 0; i < STRIPES; i++) {
        (void)pthread_mutex_init(&stripes[i].lock, NULL);
    }
}

static size_t index_of(const void *handle)
{
    return (size_t)((uint64_t)(uintptr_t)handle * UINT64_C(0x9e3779b97f4a7c15) >> 58);
}

static struct stripe *lock_stripe(const void *handle)
{
    (void)pthread_once(&once, init);
    struct stripe *s = &stripes[index_of(handle)];
    (void)pthread_mutex_lock(&s->lock);
    return s;
}

static void unlock_stripe(struct stripe *s)
{
    (void)pthread_mutex_unlock(&s->lock);
}

/* Index of `handle`, or count. */
static size_t find(const struct stripe *s, const void *handle)
{
    size_t i = 0;
    while (i < s->count && s->at[i] != handle) {
        i++;
    }
    return i;
}

bool aldb_registry_add(const void *handle)
{
    struct stripe *s = lock_stripe(handle);
    bool ok = true;
    if (s->count == s->cap) {
        size_t cap = s->cap ? s->cap * 2 : 8;
        const void **at = aldb_realloc_array(s->at, cap, sizeof *at);
        ok = at != NULL;
        if (ok) {
            s->at = at;
            s->cap = cap;
        }
    }
    if (ok) {
        s->at[s->count++] = handle;
    }
    unlock_stripe(s);
    return ok;
}

void aldb_registry_remove(const void *handle)
{
    struct stripe *s = lock_stripe(handle);
    size_t i = find(s, handle);
    if (atomic_load(&recent[index_of(handle)]) == handle) {
        atomic_store(&recent[index_of(handle)], NULL);
    }
    if (i < s->count) {
        s->at[i] = s->at[--s->count];
        if (s->count == 0) {
            aldb_free((void *)s->at);
            s->at = NULL;
            s->cap = 0;
        }
    }
    unlock_stripe(s);
}

bool aldb_registry_has(const void *handle)
{
    if (handle != NULL && atomic_load_explicit(&recent[index_of(handle)], memory_order_acquire) == handle) {
        return true;
    }
    struct stripe *s = lock_stripe(handle);
    bool has = find(s, handle) < s->count;
    if (has) {
        atomic_store(&recent[index_of(handle)], handle);
    }
    unlock_stripe(s);
    return has;
}
