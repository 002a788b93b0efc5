/* SPDX-License-Identifier: Apache-2.0 */
/* Which process is this? getpid() is a call of the kernel, and sessions want to know with every call of theirs whether they are in a child of fork(). */
#ifndef ALDB_BASE_PROCESS_H
#define ALDB_BASE_PROCESS_H

#include <stdatomic.h>
#include <stdint.h>
#include <unistd.h>

/* How many forks this process is away from the one that loaded the driver; negative: nobody counts them. Private. */
extern _Atomic int32_t aldb_process_forks;

/* A number that a process has and its parents have not. */
static inline int64_t aldb_process(void)
{
    int32_t forks = atomic_load_explicit(&aldb_process_forks, memory_order_relaxed);
    return forks >= 0 ? forks : (int64_t)getpid();
}

#endif
