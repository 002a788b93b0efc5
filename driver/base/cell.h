/* SPDX-License-Identifier: Apache-2.0 */
/* One value on the wire, and what must be known of its result to read it. Shared by pg/ (fills) and convert/ (reads). */
#ifndef ALDB_BASE_CELL_H
#define ALDB_BASE_CELL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* data == NULL: SQL NULL. Borrowed; bytes as sent by the server, text format also NUL-terminated by libpq (do not rely on it). */
struct aldb_cell {
    const char *data;
    size_t len;
};

/* Is it the server's true, in text format? */
static inline bool aldb_cell_true(const struct aldb_cell *c)
{
    return c->len > 0 && c->data[0] == 't';
}

/*
 * A row of cells in one piece, as rows that are kept lie in memory and in files: the cells' lengths (-1: NULL), then their bytes. Such a piece need not be
 * aligned. Sizes are in bytes.
 */
size_t aldb_cells_size(const struct aldb_cell *cells, size_t n);           /* that these cells take when packed */
void aldb_cells_pack(char *to, const struct aldb_cell *cells, size_t n);   /* `to`: aldb_cells_size */
size_t aldb_cells_packed_size(const char *lengths, size_t n);              /* of a packed row, of which only the lengths need be there */
void aldb_cells_unpack(const char *from, struct aldb_cell *cells, size_t n); /* the cells point into `from` */

struct aldb_zone; /* base/tz.h */

/* How the server wrote the values of one result: what the session said then, whatever it says now. */
struct aldb_locale {
    char datestyle;               /* 'I' ISO, 'S' SQL, 'P' Postgres, 'G' German: for values in text format */
    bool dmy;                     /* day before month in SQL and Postgres styles */
    char intervalstyle;           /* 'p' postgres, 'v' postgres_verbose, 's' sql_standard, 'i' iso_8601 */
    bool infinite_intervals;      /* PostgreSQL 17 and later: the largest and the smallest interval are infinity */
    struct aldb_zone *zone;       /* session TimeZone, NULL = not known (then timestamptz comes as text, but for UTC) */
    int timestamptz_as;           /* enum aldb_timestamptz_as (config/options.h): SESSION local time, UTC, TEXT with offset */
};

#endif
