/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one allocator door. No other file calls malloc, calloc, realloc, strdup or free.
 *
 * Every function returns NULL when memory is exhausted or when a size computation would overflow; nothing aborts.
 * A request of 0 bytes returns a unique pointer that must be freed.
 */
#ifndef ALDB_BASE_ALLOC_H
#define ALDB_BASE_ALLOC_H

#include <stddef.h>
#include <stdint.h>

#include "base/rc.h"

void *aldb_alloc(size_t size) ALDB_MUSTCHECK;                     /* zeroed */
void *aldb_alloc_array(size_t count, size_t size) ALDB_MUSTCHECK; /* zeroed, overflow-checked */

/* Grows or shrinks an array; the old block stays valid on failure; new bytes are not zeroed. */
void *aldb_realloc_array(void *old, size_t count, size_t size) ALDB_MUSTCHECK;

char *aldb_strdup(const char *s) ALDB_MUSTCHECK;                  /* NULL stays NULL */
char *aldb_strndup(const char *s, size_t len) ALDB_MUSTCHECK;     /* NUL-terminated copy of len bytes */
void aldb_free(void *p);                                          /* NULL is allowed */
void aldb_wipe(void *p, size_t len);                              /* zeroes, never optimised away */
void aldb_free_secret(char *s);                                   /* wipes up to the NUL, then frees */

/*
 * For tests: after `after` more successful allocations every allocation fails until disarmed with a negative number.
 * Process-wide; not for concurrent use. Environment variable ALLOYDB_ODBC_FAIL_ALLOC arms it at the first allocation in debug builds only, and
 * a program that exports `bool alloydb_odbc_test_allocation(void)` is asked for leave by each allocation of a debug build that it has loaded.
 */
void aldb_alloc_fail_after(int64_t after);
uint64_t aldb_alloc_count(void); /* successful allocations so far (debug builds; 0 otherwise) */

#endif
