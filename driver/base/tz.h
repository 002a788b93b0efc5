/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Time zones without the C library's global state: reads TZif files (RFC 8536) from the system's zoneinfo and POSIX TZ footers, plus PostgreSQL's
 * fixed forms ("UTC", "GMT", "+02", "<+02>-02", "Etc/…"). Immutable after loading and counted, so any thread may read and let go.
 */
#ifndef ALDB_BASE_TZ_H
#define ALDB_BASE_TZ_H

#include <stddef.h>
#include <stdint.h>

#include "base/rc.h"

struct aldb_zone;

/* NULL when the name is unknown here, unsafe ("..", absolute paths) or the file malformed. A new reference, as the next. */
struct aldb_zone *aldb_zone_load(const char *pg_timezone) ALDB_MUSTCHECK;
/* From the content of a TZif file. NULL: malformed, or out of memory. */
struct aldb_zone *aldb_zone_parse(const void *tzif, size_t len) ALDB_MUSTCHECK;
struct aldb_zone *aldb_zone_ref(struct aldb_zone *z); /* NULL stays NULL */
void aldb_zone_release(struct aldb_zone *z);          /* NULL allowed */
/* Seconds east of UTC at an instant given in seconds since 1970-01-01T00:00:00Z. */
int32_t aldb_zone_offset(const struct aldb_zone *z, int64_t unix_seconds);

#endif
