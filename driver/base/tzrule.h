/* SPDX-License-Identifier: Apache-2.0 */
/* The POSIX TZ string: std offset [dst [offset] [,rule,rule]], as footer of TZif files and as PostgreSQL's own zone names. */
#ifndef ALDB_BASE_TZRULE_H
#define ALDB_BASE_TZRULE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/rc.h"
#include "base/str.h"

/* A day of the year and a local time on it. */
struct aldb_tzday {
    char kind;       /* 'J' day 1..365 without 29 February, 'N' day 0..365, 'M' month.week.weekday */
    int day;         /* J, N: the day; M: weekday 0..6, 0 = Sunday */
    int month, week; /* M: 1..12, 1..5 (5 = last) */
    int32_t time;    /* seconds from local midnight, -167 h .. 167 h */
};

struct aldb_tzrule {
    int32_t std; /* seconds east of UTC */
    int32_t dst;
    bool has_dst;
    struct aldb_tzday start, end; /* of daylight saving time */
};

/* Whole slice. Daylight saving without rules gets the United States' present ones, as in PostgreSQL. */
bool aldb_tzrule_parse(struct aldb_slice s, struct aldb_tzrule *out) ALDB_MUSTCHECK;
/* Seconds east of UTC at any instant. */
int32_t aldb_tzrule_offset(const struct aldb_tzrule *r, int64_t unix_seconds);

#endif
