/* SPDX-License-Identifier: Apache-2.0 */
/* Monotonic time and deadlines: every wait in the driver has one. */
#ifndef ALDB_BASE_CLOCK_H
#define ALDB_BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

/* Milliseconds of CLOCK_MONOTONIC. */
int64_t aldb_now_ms(void);

/* at == INT64_MAX: none. */
struct aldb_deadline {
    int64_t at;
};

struct aldb_deadline aldb_deadline_none(void);
struct aldb_deadline aldb_deadline_in_ms(int64_t ms);         /* saturating; ms <= 0 is already over */
struct aldb_deadline aldb_deadline_in_s(uint64_t seconds);    /* 0 seconds = none, as ODBC's timeouts */
struct aldb_deadline aldb_deadline_sooner(struct aldb_deadline a, struct aldb_deadline b);
/* In `ms`, but no later than when half of the time to `d` is over: for what may fail, with something to be done afterwards. */
struct aldb_deadline aldb_deadline_half(struct aldb_deadline d, int64_t ms);
bool aldb_deadline_is_none(struct aldb_deadline d);
bool aldb_deadline_over(struct aldb_deadline d);
/* For poll(2): -1 = none, else milliseconds left, at least 0, at most INT_MAX. Rounded up. */
int aldb_deadline_poll_ms(struct aldb_deadline d);

#endif
