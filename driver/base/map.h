/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Small hash map from byte-string keys to pointers, seeded per process. Keys are copied; values are borrowed.
 * Not thread-safe: the owner's lock covers it.
 */
#ifndef ALDB_BASE_MAP_H
#define ALDB_BASE_MAP_H

#include <stddef.h>
#include <stdint.h>

#include "base/rc.h"
#include "base/str.h"

/* SipHash-1-3 with a seed of this process: https://www.aumasson.jp/siphash/siphash.pdf. Any thread. */
uint64_t aldb_hash(struct aldb_slice key);

struct aldb_map_entry; /* private */

struct aldb_map {
    struct aldb_map_entry **slots;
    size_t nslots;
    size_t count;
};

void aldb_map_init(struct aldb_map *m);
/* `free_value` may be NULL; called once for each value left. */
void aldb_map_clear(struct aldb_map *m, void (*free_value)(void *));
void *aldb_map_get(const struct aldb_map *m, struct aldb_slice key);
/* Replaces; *old (may be NULL) gets the former value or NULL. False when out of memory, map unchanged. */
bool aldb_map_put(struct aldb_map *m, struct aldb_slice key, void *value, void **old) ALDB_MUSTCHECK;
/* Returns the removed value or NULL. */
void *aldb_map_remove(struct aldb_map *m, struct aldb_slice key);
/* Calls `fn` for every entry in no order; the map must not be changed inside. */
void aldb_map_each(const struct aldb_map *m, void (*fn)(void *ctx, struct aldb_slice key, void *value), void *ctx);

#endif
