/* SPDX-License-Identifier: Apache-2.0 */
/* date, time, timetz, timestamp, timestamptz, and text that is a literal of them -> SQL_C_TYPE_DATE, TIME, TIMESTAMP, BINARY and text. */
#include "convert/get.h"

#include <string.h>

#include "base/be.h"
#include "config/options.h"

/* ------------------------------------------------------------------ loading */

enum aldb_state aldb_load_timestamptz(const struct aldb_locale *locale, const void *data,
                                      size_t len, struct aldb_datetime *dt)
{
    bool utc = locale->timestamptz_as == ALDB_TZ_UTC;

    if (!utc && locale->zone == NULL) {
        return ALDB_ST_22007_ZONE; /* local time of an unknown zone: guessing UTC would be wrong silently */
    }
    return aldb_timestamptz_decode(data, len, utc ? NULL : locale->zone, dt) ? ALDB_ST_NONE
                                                                             : ALDB_ST_HY000;
}

static int64_t unix_seconds(const struct aldb_datetime *dt)
{
    int64_t days =
        (int64_t)aldb_julian_day(dt->year, dt->month, dt->day) - ALDB_POSTGRES_EPOCH_JULIAN;

    return ALDB_POSTGRES_EPOCH_UNIX + days * 86400 + dt->hour * 3600 + dt->minute * 60 + dt->second;
}

/* Local time, with its offset if that is known: styles other than ISO name the zone by an abbreviation. */
static enum aldb_state text_timestamptz(const struct aldb_locale *locale, struct aldb_slice s,
                                        struct aldb_datetime *dt)
{
    struct aldb_slice zone;
    unsigned char utc[8];
    int64_t us;

    if (!aldb_datetime_parse_styled(s, locale, dt, &zone)) {
        return ALDB_ST_HY000;
    }
    if (dt->instant != ALDB_FINITE) {
        return ALDB_ST_NONE;
    }
    if (zone.ptr != NULL && locale->zone != NULL &&
        aldb_zone_find(locale->zone, unix_seconds(dt), zone, &dt->offset)) {
        dt->parts |= ALDB_HAS_OFFSET;
    }
    if (locale->timestamptz_as != ALDB_TZ_UTC) {
        return ALDB_ST_NONE;
    }
    if (!(dt->parts & ALDB_HAS_OFFSET)) {
        return ALDB_ST_22007_ZONE;
    }
    if (aldb_timestamptz_encode(dt, &us) != ALDB_ST_NONE) {
        return ALDB_ST_22007;
    }
    aldb_store_be64(utc, (uint64_t)us);
    return aldb_timestamptz_decode(utc, sizeof utc, NULL, dt) ? ALDB_ST_NONE : ALDB_ST_HY000;
}

static bool load_binary(const struct aldb_get *g, const struct aldb_cell *cell,
                        struct aldb_datetime *dt)
{
    switch (g->family) {
    case ALDB_FAM_DATE:
        return aldb_date_decode(cell->data, cell->len, dt);
    case ALDB_FAM_TIME:
        return aldb_time_decode(cell->data, cell->len, dt);
    case ALDB_FAM_TIMETZ:
        return aldb_timetz_decode(cell->data, cell->len, dt);
    default:
        return aldb_timestamp_decode(cell->data, cell->len, dt);
    }
}

/* What the cell holds, however it is reported. */
static enum aldb_state load_cell(const struct aldb_get *g, const struct aldb_cell *cell,
                                 struct aldb_datetime *dt)
{
    if (g->family == ALDB_FAM_TIMESTAMPTZ) {
        return g->binary ? aldb_load_timestamptz(g->locale, cell->data, cell->len, dt)
                         : text_timestamptz(g->locale, aldb_slice(cell->data, cell->len), dt);
    }
    bool ok = g->binary ? load_binary(g, cell, dt)
                        : aldb_datetime_parse_styled(aldb_slice(cell->data, cell->len), g->locale,
                                                     dt, NULL);
    return ok ? ALDB_ST_NONE : ALDB_ST_HY000;
}

/* ODBC's literals have no offset, and its structures no room for one. */
static bool parse_literal(struct aldb_slice s, struct aldb_datetime *dt)
{
    return aldb_datetime_parse(s, dt) && !(dt->parts & ALDB_HAS_OFFSET);
}

enum aldb_state aldb_load_datetime(const struct aldb_get *g, const struct aldb_cell *cell,
                                   struct aldb_datetime *dt)
{
    struct aldb_render r;

    if (!g->as_characters) {
        return load_cell(g, cell, dt);
    }
    enum aldb_state st = aldb_render(g, cell, NULL, &r);
    if (st == ALDB_ST_NONE && !parse_literal(r.text, dt)) {
        st = ALDB_ST_22018;
    }
    aldb_render_done(&r);
    return st;
}

/* ------------------------------------------------------------------ text */

/* What must fit: all but a fraction. Infinity and years before 1 AD do not survive any cut. */
static size_t whole_of(struct aldb_slice s)
{
    const char *point = memchr(s.ptr, '.', s.len);
    bool era = s.len > 3 && memcmp(s.ptr + s.len - 3, " BC", 3) == 0;

    return point == NULL || era ? s.len : (size_t)(point - s.ptr);
}

enum aldb_state aldb_render_zoned(const struct aldb_get *g, const struct aldb_cell *cell,
                                  struct aldb_render *r)
{
    struct aldb_datetime dt;
    enum aldb_state st = load_cell(g, cell, &dt);

    if (st != ALDB_ST_NONE) {
        return st;
    }
    if (dt.instant == ALDB_FINITE && !(dt.parts & ALDB_HAS_OFFSET)) {
        r->text = aldb_slice(
            cell->data, cell->len); /* the server's own words say more than a time without a zone */
        r->whole = r->text.len;
        return ALDB_ST_NONE;
    }
    r->text = aldb_slice(r->small, aldb_datetime_format(&dt, -1, r->small));
    r->whole = whole_of(r->text);
    return ALDB_ST_NONE;
}

enum aldb_state aldb_render_datetime(const struct aldb_get *g, const struct aldb_cell *cell,
                                     struct aldb_render *r)
{
    bool zoned = g->family == ALDB_FAM_TIMESTAMPTZ || g->family == ALDB_FAM_TIMETZ;
    bool keep_offset = zoned && g->locale->timestamptz_as == ALDB_TZ_TEXT;
    struct aldb_datetime dt;

    if (!g->binary && g->locale->datestyle == 'I' && (!zoned || keep_offset)) {
        r->text = aldb_slice(cell->data, cell->len);
        r->whole = whole_of(r->text);
        return ALDB_ST_NONE;
    }
    if (keep_offset) {
        return aldb_render_zoned(g, cell, r);
    }
    enum aldb_state st = load_cell(g, cell, &dt);
    if (st != ALDB_ST_NONE) {
        return st;
    }
    dt.parts &= ~(unsigned)ALDB_HAS_OFFSET;
    r->text = aldb_slice(r->small, aldb_datetime_format(&dt, -1, r->small));
    r->whole = whole_of(r->text);
    return ALDB_ST_NONE;
}

/* ------------------------------------------------------------------ places of the matrix */

/* Text that is no literal of the kind, and a value that ODBC's structs cannot hold. */
static enum aldb_state refusal(const struct aldb_get *g)
{
    return g->as_characters ? ALDB_ST_22018 : ALDB_ST_22007;
}

static bool has_time(const struct aldb_datetime *dt)
{
    return dt->hour != 0 || dt->minute != 0 || dt->second != 0 || dt->fraction != 0 ||
           dt->fraction_cut;
}

enum aldb_state aldb_get_date(ALDB_GET_ARGS)
{
    struct aldb_datetime dt;
    SQL_DATE_STRUCT v;

    (void)buflen;
    enum aldb_state st = aldb_load_datetime(g, cell, &dt);
    if (st != ALDB_ST_NONE) {
        return st;
    }
    if (!(dt.parts & ALDB_HAS_DATE) || !aldb_datetime_to_date(&dt, &v)) {
        return refusal(g);
    }
    aldb_deliver_fixed(&v, sizeof v, target, length, chunk);
    return has_time(&dt) ? ALDB_ST_01S07 : ALDB_ST_NONE;
}

enum aldb_state aldb_get_time(ALDB_GET_ARGS)
{
    struct aldb_datetime dt;
    SQL_TIME_STRUCT v;

    (void)buflen;
    enum aldb_state st = aldb_load_datetime(g, cell, &dt);
    if (st != ALDB_ST_NONE) {
        return st;
    }
    if (!(dt.parts & ALDB_HAS_TIME) || !aldb_datetime_to_time(&dt, &v)) {
        return refusal(g);
    }
    aldb_deliver_fixed(&v, sizeof v, target, length, chunk);
    return dt.fraction != 0 || dt.fraction_cut ? ALDB_ST_01S07 : ALDB_ST_NONE;
}

enum aldb_state aldb_get_timestamp(ALDB_GET_ARGS)
{
    struct aldb_datetime dt;
    SQL_TIMESTAMP_STRUCT v;

    (void)buflen;
    enum aldb_state st = aldb_load_datetime(g, cell, &dt);
    if (st != ALDB_ST_NONE) {
        return st;
    }
    if (!(dt.parts & ALDB_HAS_DATE)) {
        aldb_today(&dt.year, &dt.month, &dt.day);
    }
    if (!aldb_datetime_to_timestamp(&dt, &v)) {
        return refusal(g);
    }
    aldb_deliver_fixed(&v, sizeof v, target, length, chunk);
    return dt.fraction_cut ? ALDB_ST_01S07 : ALDB_ST_NONE;
}

/* SQL_C_BINARY: the bytes of the natural struct. */
enum aldb_state aldb_get_datetime_binary(ALDB_GET_ARGS)
{
    struct aldb_datetime dt;
    union {
        SQL_DATE_STRUCT date;
        SQL_TIME_STRUCT time;
        SQL_TIMESTAMP_STRUCT timestamp;
    } v;
    size_t size;
    bool ok;

    enum aldb_state st = aldb_load_datetime(g, cell, &dt);
    if (st != ALDB_ST_NONE) {
        return st;
    }
    switch (g->family) {
    case ALDB_FAM_DATE:
        ok = aldb_datetime_to_date(&dt, &v.date);
        size = sizeof v.date;
        break;
    case ALDB_FAM_TIME:
    case ALDB_FAM_TIMETZ:
        ok = aldb_datetime_to_time(&dt, &v.time);
        size = sizeof v.time;
        break;
    default:
        ok = aldb_datetime_to_timestamp(&dt, &v.timestamp);
        size = sizeof v.timestamp;
        break;
    }
    if (!ok) {
        return refusal(g);
    }
    st = aldb_deliver_native(&v, size, target, buflen, length, chunk);
    bool cut = size == sizeof v.time && dt.parts & ALDB_HAS_TIME && dt.fraction != 0 &&
               !(dt.parts & ALDB_HAS_DATE);
    return st == ALDB_ST_NONE && cut ? ALDB_ST_01S07 : st;
}
