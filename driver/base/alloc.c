/* SPDX-License-Identifier: Apache-2.0 */
#include "base/alloc.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#ifdef ALDB_DEBUG
#include <pthread.h>

#include "base/str.h"
#endif

/* Allocations that may still succeed; negative: failure injection is off. */
static _Atomic int64_t allowance = -1;

#ifdef ALDB_DEBUG
/* Through the driver manager: a test program that exports it decides over each allocation of the driver it has loaded. */
bool alloydb_odbc_test_allocation(void) __attribute__((weak, visibility("default")));

static _Atomic uint64_t succeeded;
static pthread_once_t armed_from_environment = PTHREAD_ONCE_INIT;

static void arm_from_environment(void)
{
    int64_t after;
    if (aldb_parse_i64(aldb_slice_of(getenv("ALLOYDB_ODBC_FAIL_ALLOC")), &after) && after >= 0) {
        aldb_alloc_fail_after(after);
    }
}
#endif

/* True when failure injection lets this request go to the C library. */
static bool permitted(void)
{
#ifdef ALDB_DEBUG
    if (alloydb_odbc_test_allocation) {
        return alloydb_odbc_test_allocation();
    }
    (void)pthread_once(&armed_from_environment, arm_from_environment);
#endif
    int64_t left = atomic_load_explicit(&allowance, memory_order_relaxed);
    if (left < 0) {
        return true;
    }
    if (left == 0) {
        return false;
    }
    atomic_store_explicit(&allowance, left - 1, memory_order_relaxed);
    return true;
}

static void *counted(void *p)
{
#ifdef ALDB_DEBUG
    if (p) {
        atomic_fetch_add_explicit(&succeeded, 1, memory_order_relaxed);
    }
#endif
    return p;
}

/* Small blocks that were freed glibc keeps at hand for malloc, but not for calloc. */
#define SMALL 1024

/* A function of its own, or the compiler makes one calloc of the two. */
static __attribute__((noinline)) void *clear(void *p, size_t bytes)
{
    return memset(p, 0, bytes);
}

static void *zeroed(size_t bytes)
{
    bytes = bytes ? bytes : 1; /* calloc(0) may be NULL */
    if (bytes > SMALL) {
        return calloc(1, bytes);
    }
    void *p = malloc(bytes);
    return p ? clear(p, bytes) : NULL;
}

void *aldb_alloc(size_t size)
{
    return aldb_alloc_array(1, size);
}

void *aldb_alloc_array(size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || !permitted()) {
        return NULL;
    }
    return counted(zeroed(bytes));
}

void *aldb_realloc_array(void *old, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || !permitted()) {
        return NULL;
    }
    return counted(realloc(old, bytes ? bytes : 1)); /* realloc(p, 0) would free p */
}

char *aldb_strdup(const char *s)
{
    return s ? aldb_strndup(s, strlen(s)) : NULL;
}

char *aldb_strndup(const char *s, size_t len)
{
    if (s == NULL || len == SIZE_MAX || !permitted()) {
        return NULL;
    }
    char *copy = counted(malloc(len + 1));
    if (copy) {
        memcpy(copy, s, len);
        copy[len] = '\0';
    }
    return copy;
}

void aldb_free(void *p)
{
    free(p);
}

void aldb_wipe(void *p, size_t len)
{
    if (len > 0) {
        explicit_bzero(p, len);
    }
}

void aldb_free_secret(char *s)
{
    if (s) {
        aldb_wipe(s, strlen(s));
        free(s);
    }
}

void aldb_alloc_fail_after(int64_t after)
{
    atomic_store_explicit(&allowance, after < 0 ? -1 : after, memory_order_relaxed);
}

uint64_t aldb_alloc_count(void)
{
#ifdef ALDB_DEBUG
    return atomic_load_explicit(&succeeded, memory_order_relaxed);
#else
    return 0;
#endif
}
