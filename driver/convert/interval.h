/* SPDX-License-Identifier: Apache-2.0 */
/* Private to interval.c, interval_parse.c, interval_format.c: an interval split in the fields of an ODBC type. */
#ifndef ALDB_CONVERT_INTERVAL_H
#define ALDB_CONVERT_INTERVAL_H

#include "convert/datetime.h"

#define ALDB_IV_COUNT 6

struct aldb_interval_parts {
    unsigned set; /* fields of the type, enum aldb_interval_field */
    bool negative;
    bool cut;                      /* a part below the last field is not 0 */
    uint64_t value[ALDB_IV_COUNT]; /* year, month, day, hour, minute, second; those outside of the set are 0 */
    uint32_t us;                   /* behind the second */
};

/* False: parts of the other class, mixed signs, or no interval type. */
bool aldb_interval_split(const struct aldb_interval *iv, SQLSMALLINT sql_type, struct aldb_interval_parts *out)
    ALDB_MUSTCHECK;

#endif
