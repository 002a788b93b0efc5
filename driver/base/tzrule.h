/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The POSIX TZ string: std offset [dst offset,rule,rule], as footer of TZif files and as PostgreSQL reads names that no file has. As there, a name may be of any
 * characters, and of none.
 */
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

#define ALDB_TZWORD_MAX 10 /* bytes that PostgreSQL writes of an abbreviation (MAXTZLEN) */

/* A local time: how far from UTC, and what it is called. */
struct aldb_tzlocal {
    int32_t offset; /* seconds east, less than 16 hours */
    char word[ALDB_TZWORD_MAX + 1]; /* abbreviation */
};

struct aldb_tzrule {
    struct aldb_tzlocal std, dst;
    bool has_dst;
    struct aldb_tzday start, end; /* of daylight saving time */
};

/* Whole slice. False, too, for daylight saving without rules: the server takes those of a file of its own (posixrules). */
bool aldb_tzrule_parse(struct aldb_slice s, struct aldb_tzrule *out) ALDB_MUSTCHECK;
/* Which of the rule's two holds at any instant. */
const struct aldb_tzlocal *aldb_tzrule_at(const struct aldb_tzrule *r, int64_t unix_seconds);

#endif
