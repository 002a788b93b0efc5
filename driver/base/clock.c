/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

#include <limits.h>
#include <time.h>

int64_t aldb_now_ms(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t); /* cannot fail for this clock and a valid pointer */
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

struct aldb_deadline aldb_deadline_none(void)
{
    return (struct aldb_deadline){INT64_MAX};
}

struct aldb_deadline aldb_deadline_in_ms(int64_t ms)
{
    struct aldb_deadline d;
    if (__builtin_add_overflow(aldb_now_ms(), ms > 0 ? ms : 0, &d.at)) {
        d.at = INT64_MAX;
    }
    return d;
}

struct aldb_deadline aldb_deadline_in_s(uint64_t seconds)
{
    if (seconds == 0 || seconds > INT64_MAX / 1000) {
        return aldb_deadline_none();
    }
    return aldb_deadline_in_ms((int64_t)seconds * 1000);
}

struct aldb_deadline aldb_deadline_sooner(struct aldb_deadline a, struct aldb_deadline b)
{
    return a.at < b.at ? a : b;
}

struct aldb_deadline aldb_deadline_half(struct aldb_deadline d, int64_t ms)
{
    int64_t now = aldb_now_ms();
    return aldb_deadline_sooner(aldb_deadline_in_ms(ms), aldb_deadline_is_none(d) || d.at <= now ? d : (struct aldb_deadline){now + (d.at - now) / 2});
}

bool aldb_deadline_is_none(struct aldb_deadline d)
{
    return d.at == INT64_MAX;
}

bool aldb_deadline_over(struct aldb_deadline d)
{
    return !aldb_deadline_is_none(d) && aldb_now_ms() >= d.at;
}

int aldb_deadline_poll_ms(struct aldb_deadline d)
{
    if (aldb_deadline_is_none(d)) {
        return -1;
    }
    int64_t now = aldb_now_ms(); /* rounded down, so that what is left is rounded up */
    if (d.at <= now) {
        return 0;
    }
    int64_t left = d.at - now;
    return left < INT_MAX ? (int)left : INT_MAX;
}
