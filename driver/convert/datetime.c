/* SPDX-License-Identifier: Apache-2.0 */
#include "convert/datetime.h"

#include <string.h>
#include <time.h>

#include "base/be.h"

/* PostgreSQL's outer limits: 4714-11-24 BC, and the first day that is too late for date (5874898-01-01) and timestamp (294277-01-01). */
#define JULIAN_MIN 0
#define JULIAN_DATE_END 2147483494
#define TIMESTAMP_MIN INT64_C(-211813488000000000)
#define TIMESTAMP_END INT64_C(9223371331200000000)

#define YEAR_LIMIT 9999999
#define OFFSET_LIMIT (16 * 3600) /* PostgreSQL allows less than 16 hours either way */
#define NS_PER_SECOND 1000000000

/* ------------------------------------------------------------------ calendar */

static int64_t julian64(int64_t year, int64_t month, int64_t day)
{
    if (month > 2) {
        month += 1;
        year += 4800;
    } else {
        month += 13;
        year += 4799;
    }
    int64_t century = year / 100;
    return year * 365 - 32167 + year / 4 - century + century / 4 + 7834 * month / 256 + day;
}

int32_t aldb_julian_day(int32_t year, int32_t month, int32_t day)
{
    return (int32_t)julian64(year, month, day);
}

void aldb_julian_split(int32_t julian, int32_t *year, int32_t *month, int32_t *day)
{
    /* Unsigned: the last valid days do not fit in 31 bits once the offset is added. */
    uint32_t j = (uint32_t)julian + 32044u;
    uint32_t quad = j / 146097;
    uint32_t extra = (j - quad * 146097) * 4 + 3;

    j += 60 + quad * 3 + extra / 146097;
    quad = j / 1461;
    j -= quad * 1461;
    uint32_t y = j * 4 / 1461;
    j = (y != 0 ? (j + 305) % 365 : (j + 306) % 366) + 123;
    y += quad * 4;
    *year = (int32_t)y - 4800;
    quad = j * 2141 / 65536;
    *day = (int32_t)(j - 7834 * quad / 256);
    *month = (int32_t)((quad + 10) % 12 + 1);
}

static bool is_leap(int32_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int aldb_days_in_month(int32_t year, int32_t month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    if (month < 1 || month > 12) {
        return 0;
    }
    return days[month - 1] + (month == 2 && is_leap(year) ? 1 : 0);
}

bool aldb_datetime_valid(const struct aldb_datetime *dt)
{
    if (dt->instant != ALDB_FINITE) {
        return true;
    }
    if ((dt->parts & ALDB_HAS_DATE) &&
        (dt->year < -YEAR_LIMIT || dt->year > YEAR_LIMIT || dt->day < 1 ||
         dt->day > aldb_days_in_month(dt->year, dt->month))) {
        return false;
    }
    if (dt->parts & ALDB_HAS_TIME) {
        if (dt->hour < 0 || dt->hour > 24 || dt->minute < 0 || dt->minute > 59 || dt->second < 0 ||
            dt->second > 59 || dt->fraction < 0 || dt->fraction >= NS_PER_SECOND) {
            return false;
        }
        if (dt->hour == 24 && (dt->minute != 0 || dt->second != 0 || dt->fraction != 0)) {
            return false;
        }
    }
    if ((dt->parts & ALDB_HAS_OFFSET) &&
        (dt->offset <= -OFFSET_LIMIT || dt->offset >= OFFSET_LIMIT)) {
        return false;
    }
    return true;
}

/* ------------------------------------------------------------------ binary -> fields */

static void split_time(int64_t us, struct aldb_datetime *out)
{
    out->hour = (int32_t)(us / ALDB_US_PER_HOUR);
    us %= ALDB_US_PER_HOUR;
    out->minute = (int32_t)(us / ALDB_US_PER_MINUTE);
    us %= ALDB_US_PER_MINUTE;
    out->second = (int32_t)(us / ALDB_US_PER_SECOND);
    out->fraction = (int32_t)(us % ALDB_US_PER_SECOND) * 1000;
}

/* `us` may lie up to a day outside of PostgreSQL's range: a zone moved it. */
static void split_timestamp(int64_t us, struct aldb_datetime *out)
{
    int64_t days = us / ALDB_US_PER_DAY;
    int64_t rest = us % ALDB_US_PER_DAY;

    if (rest < 0) {
        rest += ALDB_US_PER_DAY;
        days--;
    }
    aldb_julian_split((int32_t)(days + ALDB_POSTGRES_EPOCH_JULIAN), &out->year, &out->month,
                      &out->day);
    split_time(rest, out);
}

bool aldb_date_decode(const void *data, size_t len, struct aldb_datetime *out)
{
    if (len != 4) {
        return false;
    }
    int32_t days = (int32_t)aldb_load_be32(data);
    struct aldb_datetime dt = {.parts = ALDB_HAS_DATE};
    if (days == INT32_MAX || days == INT32_MIN) {
        dt.instant = days > 0 ? ALDB_PLUS_INFINITY : ALDB_MINUS_INFINITY;
    } else {
        int64_t julian = (int64_t)days + ALDB_POSTGRES_EPOCH_JULIAN;
        if (julian < JULIAN_MIN || julian >= JULIAN_DATE_END) {
            return false;
        }
        aldb_julian_split((int32_t)julian, &dt.year, &dt.month, &dt.day);
    }
    *out = dt;
    return true;
}

bool aldb_time_decode(const void *data, size_t len, struct aldb_datetime *out)
{
    if (len != 8) {
        return false;
    }
    int64_t us = (int64_t)aldb_load_be64(data);
    if (us < 0 || us > ALDB_US_PER_DAY) {
        return false;
    }
    *out = (struct aldb_datetime){.parts = ALDB_HAS_TIME};
    split_time(us, out);
    return true;
}

bool aldb_timetz_decode(const void *data, size_t len, struct aldb_datetime *out)
{
    struct aldb_datetime dt;

    if (len != 12 || !aldb_time_decode(data, 8, &dt)) {
        return false;
    }
    int32_t west = (int32_t)aldb_load_be32((const char *)data + 8);
    if (west <= -OFFSET_LIMIT || west >= OFFSET_LIMIT) {
        return false;
    }
    dt.parts |= ALDB_HAS_OFFSET;
    dt.offset = -west;
    *out = dt;
    return true;
}

bool aldb_timestamp_decode(const void *data, size_t len, struct aldb_datetime *out)
{
    if (len != 8) {
        return false;
    }
    int64_t us = (int64_t)aldb_load_be64(data);
    struct aldb_datetime dt = {.parts = ALDB_HAS_DATE | ALDB_HAS_TIME};
    if (us == INT64_MAX || us == INT64_MIN) {
        dt.instant = us > 0 ? ALDB_PLUS_INFINITY : ALDB_MINUS_INFINITY;
    } else if (us < TIMESTAMP_MIN || us >= TIMESTAMP_END) {
        return false;
    } else {
        split_timestamp(us, &dt);
    }
    *out = dt;
    return true;
}

bool aldb_timestamptz_decode(const void *data, size_t len, const struct aldb_zone *zone,
                             struct aldb_datetime *out)
{
    struct aldb_datetime dt;

    if (!aldb_timestamp_decode(data, len, &dt)) {
        return false;
    }
    dt.parts |= ALDB_HAS_OFFSET;
    if (dt.instant == ALDB_FINITE && zone != NULL) {
        int64_t us = (int64_t)aldb_load_be64(data);
        int64_t seconds = us / ALDB_US_PER_SECOND - (us % ALDB_US_PER_SECOND < 0 ? 1 : 0);
        dt.offset = aldb_zone_offset(zone, seconds + ALDB_POSTGRES_EPOCH_UNIX);
        split_timestamp(us + (int64_t)dt.offset * ALDB_US_PER_SECOND, &dt);
    }
    *out = dt;
    return true;
}

/* ------------------------------------------------------------------ fields -> binary */

enum aldb_state aldb_date_encode(const struct aldb_datetime *dt, int32_t *days)
{
    if (dt->instant != ALDB_FINITE) {
        *days = dt->instant == ALDB_PLUS_INFINITY ? INT32_MAX : INT32_MIN;
        return ALDB_ST_NONE;
    }
    if (!(dt->parts & ALDB_HAS_DATE) || !aldb_datetime_valid(dt)) {
        return ALDB_ST_22007;
    }
    int64_t julian = julian64(dt->year, dt->month, dt->day);
    if (dt->year < -4800 || julian < JULIAN_MIN || julian >= JULIAN_DATE_END) {
        return ALDB_ST_22008;
    }
    *days = (int32_t)(julian - ALDB_POSTGRES_EPOCH_JULIAN);
    return ALDB_ST_NONE;
}

static int64_t time_us(const struct aldb_datetime *dt)
{
    if (!(dt->parts & ALDB_HAS_TIME)) {
        return 0;
    }
    return dt->hour * ALDB_US_PER_HOUR + dt->minute * ALDB_US_PER_MINUTE +
           dt->second * ALDB_US_PER_SECOND + dt->fraction / 1000;
}

enum aldb_state aldb_time_encode(const struct aldb_datetime *dt, int64_t *us)
{
    if (dt->instant != ALDB_FINITE || !aldb_datetime_valid(dt)) {
        return ALDB_ST_22007;
    }
    *us = time_us(dt);
    return ALDB_ST_NONE;
}

static enum aldb_state encode_timestamp(const struct aldb_datetime *dt, int64_t offset, int64_t *us)
{
    if (dt->instant != ALDB_FINITE) {
        *us = dt->instant == ALDB_PLUS_INFINITY ? INT64_MAX : INT64_MIN;
        return ALDB_ST_NONE;
    }
    int32_t days;
    enum aldb_state st = aldb_date_encode(dt, &days);
    if (st != ALDB_ST_NONE) {
        return st;
    }
    int64_t v;
    if (__builtin_mul_overflow((int64_t)days, ALDB_US_PER_DAY, &v) ||
        __builtin_add_overflow(v, time_us(dt) - offset * ALDB_US_PER_SECOND, &v) ||
        v < TIMESTAMP_MIN || v >= TIMESTAMP_END) {
        return ALDB_ST_22008;
    }
    *us = v;
    return ALDB_ST_NONE;
}

enum aldb_state aldb_timestamp_encode(const struct aldb_datetime *dt, int64_t *us)
{
    return encode_timestamp(dt, 0, us);
}

enum aldb_state aldb_timestamptz_encode(const struct aldb_datetime *dt, int64_t *us)
{
    return encode_timestamp(dt, dt->parts & ALDB_HAS_OFFSET ? dt->offset : 0, us);
}

/* ------------------------------------------------------------------ ODBC structs */

/* No encoding of years before 1 AD exists in ODBC's structs. */
static bool fits_struct(const struct aldb_datetime *dt)
{
    return dt->instant == ALDB_FINITE && dt->year >= 1 && dt->year <= INT16_MAX;
}

bool aldb_datetime_to_date(const struct aldb_datetime *dt, SQL_DATE_STRUCT *out)
{
    if (!fits_struct(dt)) {
        return false;
    }
    out->year = (SQLSMALLINT)dt->year;
    out->month = (SQLUSMALLINT)dt->month;
    out->day = (SQLUSMALLINT)dt->day;
    return true;
}

bool aldb_datetime_to_time(const struct aldb_datetime *dt, SQL_TIME_STRUCT *out)
{
    if (dt->instant != ALDB_FINITE || dt->hour > 23) {
        return false;
    }
    out->hour = (SQLUSMALLINT)dt->hour;
    out->minute = (SQLUSMALLINT)dt->minute;
    out->second = (SQLUSMALLINT)dt->second;
    return true;
}

bool aldb_datetime_to_timestamp(const struct aldb_datetime *dt, SQL_TIMESTAMP_STRUCT *out)
{
    if (!fits_struct(dt) || dt->hour > 23) {
        return false;
    }
    out->year = (SQLSMALLINT)dt->year;
    out->month = (SQLUSMALLINT)dt->month;
    out->day = (SQLUSMALLINT)dt->day;
    out->hour = (SQLUSMALLINT)dt->hour;
    out->minute = (SQLUSMALLINT)dt->minute;
    out->second = (SQLUSMALLINT)dt->second;
    out->fraction = (SQLUINTEGER)dt->fraction;
    return true;
}

static bool accept(struct aldb_datetime *dt, struct aldb_datetime *out)
{
    if ((dt->parts & ALDB_HAS_DATE && dt->year < 1) || dt->hour > 23 || !aldb_datetime_valid(dt)) {
        return false;
    }
    *out = *dt;
    return true;
}

bool aldb_datetime_from_date(const SQL_DATE_STRUCT *in, struct aldb_datetime *out)
{
    struct aldb_datetime dt = {
        .parts = ALDB_HAS_DATE, .year = in->year, .month = in->month, .day = in->day};

    return accept(&dt, out);
}

bool aldb_datetime_from_time(const SQL_TIME_STRUCT *in, struct aldb_datetime *out)
{
    struct aldb_datetime dt = {
        .parts = ALDB_HAS_TIME, .hour = in->hour, .minute = in->minute, .second = in->second};

    return accept(&dt, out);
}

bool aldb_datetime_from_timestamp(const SQL_TIMESTAMP_STRUCT *in, struct aldb_datetime *out)
{
    if (in->fraction >= NS_PER_SECOND) {
        return false;
    }
    struct aldb_datetime dt = {.parts = ALDB_HAS_DATE | ALDB_HAS_TIME,
                               .year = in->year,
                               .month = in->month,
                               .day = in->day,
                               .hour = in->hour,
                               .minute = in->minute,
                               .second = in->second,
                               .fraction = (int32_t)in->fraction};

    return accept(&dt, out);
}

void aldb_today(int32_t *year, int32_t *month, int32_t *day)
{
    time_t now = time(NULL);
    struct tm local;

    if (localtime_r(&now, &local) == NULL) {
        aldb_julian_split((int32_t)(now / 86400) + 2440588, year, month, day);
        return;
    }
    *year = local.tm_year + 1900;
    *month = local.tm_mon + 1;
    *day = local.tm_mday;
}
