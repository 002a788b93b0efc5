/* SPDX-License-Identifier: Apache-2.0 */
/* What odbc_first and pq_first share. */
#ifndef BENCH_FIRST_H
#define BENCH_FIRST_H

#include <time.h>

/* A cancelled statement is over before the server's process that has cancelled it is. */
#define SETTLE_MS 5

static inline void rest(int ms)
{
    struct timespec t = {.tv_nsec = ms * 1000000L};
    if (ms > 0) {
        (void)nanosleep(&t, NULL);
    }
}

#endif
