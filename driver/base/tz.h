/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Time zones without the C library's global state, by PostgreSQL's names: TZif files (RFC 8536) of the system's zoneinfo, and POSIX TZ strings ("<+02>-02").
 * Immutable after loading and counted, so any thread may read and let go.
 */
#ifndef ALDB_BASE_TZ_H
#define ALDB_BASE_TZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/rc.h"
#include "base/str.h"

struct aldb_zone;

/*
 * NULL when the name is unknown here, unsafe ("..", absolute paths), one of whose meaning each machine decides (localtime), or the file malformed. A new
 * reference, as the next.
 */
struct aldb_zone *aldb_zone_load(const char *pg_timezone) ALDB_MUSTCHECK;
/* From the content of a TZif file. NULL: malformed, or out of memory. */
struct aldb_zone *aldb_zone_parse(const void *tzif, size_t len) ALDB_MUSTCHECK;
struct aldb_zone *aldb_zone_ref(struct aldb_zone *z); /* NULL stays NULL */
void aldb_zone_release(struct aldb_zone *z);          /* NULL allowed */
/* Seconds east of UTC at an instant given in seconds since 1970-01-01T00:00:00Z. */
int32_t aldb_zone_offset(const struct aldb_zone *z, int64_t unix_seconds);
/*
 * The same for a local time (seconds since 1970-01-01T00:00:00 of it) with the zone's abbreviation as PostgreSQL writes it, which tells the two hours apart
 * that the end of daylight saving time makes of one. False: the zone has no such time, or still two of them.
 */
bool aldb_zone_find(const struct aldb_zone *z, int64_t local_seconds, struct aldb_slice word, int32_t *offset) ALDB_MUSTCHECK;

#endif
