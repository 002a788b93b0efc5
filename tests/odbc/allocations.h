/* SPDX-License-Identifier: Apache-2.0 */
/* The leave that each allocation of a debug build of the driver asks a test program for (base/alloc.h). The program exports it (ENABLE_EXPORTS). */
#ifndef ALDB_TEST_ALLOCATIONS_H
#define ALDB_TEST_ALLOCATIONS_H

#include <stdatomic.h>
#include <stdbool.h>

static atomic_long left = -1; /* allocations that are still granted; negative: all */
static atomic_bool lasting;   /* after the first refusal all are refused */
static atomic_bool refused;

bool alloydb_odbc_test_allocation(void) __attribute__((visibility("default")));
bool alloydb_odbc_test_allocation(void)
{
    long n = atomic_load(&left);
    if (n < 0) {
        return true;
    }
    if (n == 0) {
        atomic_store(&refused, true);
        atomic_store(&left, atomic_load(&lasting) ? 0 : -1);
        return false;
    }
    atomic_store(&left, n - 1);
    return true;
}

#endif
