/* SPDX-License-Identifier: Apache-2.0 */
#include "handle/registry.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "base/alloc.h"

#define STRIPES 64u
#define FIRST_SLOTS 16u

/*
 * A set by open addressing, which each call of an application looks into without a lock. No slot on the way from where a handle belongs to where it lies is ever empty:
 * what is removed leaves GONE, unless the next slot is empty too. Never more than half full.
 */
struct table {
    struct table *outgrown; /* kept, for somebody may be looking into it; all of them are smaller than this one */
    size_t mask;
    _Atomic(const void *) slots[];
};

static struct stripe {
    pthread_mutex_t lock; /* of whoever changes it */
    _Atomic(struct table *) table;
    size_t live;
} stripes[STRIPES];

static pthread_once_t once = PTHREAD_ONCE_INIT;
static const char gone_here;
#define GONE ((const void *)&gone_here)

static void init(void)
{
    for (size_t i = 0; i < STRIPES; i++) {
        (void)pthread_mutex_init(&stripes[i].lock, NULL);
    }
}

static uint64_t hash_of(const void *handle)
{
    return (uint64_t)(uintptr_t)handle * UINT64_C(0x9e3779b97f4a7c15);
}

static struct stripe *stripe_of(const void *handle)
{
    return &stripes[hash_of(handle) >> 58];
}

static size_t home_of(const struct table *t, const void *handle)
{
    return (size_t)(hash_of(handle) >> 26) & t->mask;
}

static struct stripe *lock_stripe(const void *handle)
{
    (void)pthread_once(&once, init);
    struct stripe *s = stripe_of(handle);
    (void)pthread_mutex_lock(&s->lock);
    return s;
}

static void unlock_stripe(struct stripe *s)
{
    (void)pthread_mutex_unlock(&s->lock);
}

/* The slot that has it, or NULL. */
static _Atomic(const void *) *find(struct table *t, const void *handle)
{
    if (t == NULL || handle == NULL || handle == GONE) {
        return NULL;
    }
    size_t i = home_of(t, handle);
    for (size_t n = 0; n <= t->mask; n++, i = (i + 1) & t->mask) {
        const void *at = atomic_load_explicit(&t->slots[i], memory_order_acquire);
        if (at == handle) {
            return &t->slots[i];
        }
        if (at == NULL) {
            break;
        }
    }
    return NULL;
}

static void put(struct table *t, const void *handle)
{
    size_t i = home_of(t, handle);
    const void *at;
    while ((at = atomic_load_explicit(&t->slots[i], memory_order_relaxed)) != NULL && at != GONE) {
        i = (i + 1) & t->mask;
    }
    atomic_store_explicit(&t->slots[i], handle, memory_order_release);
}

static bool grow(struct stripe *s)
{
    struct table *old = atomic_load(&s->table);
    size_t slots = old ? 2 * (old->mask + 1) : FIRST_SLOTS;
    struct table *t = aldb_alloc(sizeof *t + slots * sizeof t->slots[0]);
    if (t == NULL) {
        return false;
    }
    t->outgrown = old;
    t->mask = slots - 1;
    for (size_t i = 0; old && i <= old->mask; i++) {
        const void *at = atomic_load_explicit(&old->slots[i], memory_order_relaxed);
        if (at != NULL && at != GONE) {
            put(t, at);
        }
    }
    atomic_store(&s->table, t);
    return true;
}

bool aldb_registry_add(const void *handle)
{
    struct stripe *s = lock_stripe(handle);
    struct table *t = atomic_load(&s->table);
    bool ok = (t && 2 * (s->live + 1) <= t->mask + 1) || grow(s);
    if (ok) {
        put(atomic_load(&s->table), handle);
        s->live++;
    }
    unlock_stripe(s);
    return ok;
}

void aldb_registry_remove(const void *handle)
{
    struct stripe *s = lock_stripe(handle);
    struct table *t = atomic_load(&s->table);
    _Atomic(const void *) *slot = find(t, handle);
    if (slot) {
        size_t i = (size_t)(slot - t->slots);
        atomic_store(slot, GONE);
        s->live--;
        if (atomic_load(&t->slots[(i + 1) & t->mask]) == NULL) {
            for (; atomic_load(&t->slots[i]) == GONE; i = (i - 1) & t->mask) {
                atomic_store(&t->slots[i], NULL);
            }
        }
    }
    unlock_stripe(s);
}

bool aldb_registry_has(const void *handle)
{
    return find(atomic_load_explicit(&stripe_of(handle)->table, memory_order_acquire), handle) != NULL;
}
