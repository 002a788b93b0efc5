/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Dates, times, timestamps and intervals: PostgreSQL binary <-> fields <-> ISO text and ODBC structs; text in every
 * DateStyle and IntervalStyle -> fields. Pure; no time zone data here except an explicit aldb_zone.
 *
 * Binary forms: date int32 days since 2000-01-01; time int64 microseconds; timetz int64 and int32 seconds WEST of UTC; timestamp[tz] int64
 * microseconds since 2000-01-01 00:00 (tz: UTC); interval int64 microseconds, int32 days, int32 months. All proleptic Gregorian.
 */
#ifndef ALDB_CONVERT_DATETIME_H
#define ALDB_CONVERT_DATETIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sql.h>
#include <sqlext.h>

#include "base/cell.h"
#include "base/rc.h"
#include "base/str.h"
#include "base/tz.h"
#include "diag/diag.h"

#define ALDB_US_PER_SECOND INT64_C(1000000)
#define ALDB_US_PER_MINUTE INT64_C(60000000)
#define ALDB_US_PER_HOUR INT64_C(3600000000)
#define ALDB_US_PER_DAY INT64_C(86400000000)
#define ALDB_POSTGRES_EPOCH_JULIAN 2451545 /* 2000-01-01 */
#define ALDB_POSTGRES_EPOCH_UNIX INT64_C(946684800)

/* ------------------------------------------------------------------ dates and times */

enum aldb_instant { ALDB_FINITE, ALDB_PLUS_INFINITY, ALDB_MINUS_INFINITY };

/* Which fields a datetime holds. */
enum aldb_datetime_parts { ALDB_HAS_DATE = 1, ALDB_HAS_TIME = 2, ALDB_HAS_OFFSET = 4 };

struct aldb_datetime {
    enum aldb_instant instant; /* not FINITE: no field below counts, except `parts` */
    unsigned parts;            /* enum aldb_datetime_parts, or-ed */
    int32_t year;              /* astronomical: 1 = 1 AD, 0 = 1 BC, -4712 = 4713 BC */
    int32_t month, day;        /* 1-based */
    int32_t hour;              /* 0..24; 24 only as 24:00:00 (PostgreSQL's time) */
    int32_t minute;
    int32_t second;            /* 0..59; a literal's 60 is refused */
    int32_t fraction;          /* nanoseconds */
    int32_t offset;            /* seconds EAST of UTC */
    bool fraction_cut;         /* the text had more than 9 digits and one of those cut was not 0 */
};

/* Julian day number of a proleptic Gregorian date, and back. Valid for 4713 BC .. 5874897 AD. */
int32_t aldb_julian_day(int32_t year, int32_t month, int32_t day);
void aldb_julian_split(int32_t julian, int32_t *year, int32_t *month, int32_t *day);
int aldb_days_in_month(int32_t year, int32_t month);

/* Fields in their ranges (month, day of month, hour…)? Checks the parts present. Does not check PostgreSQL's outer limits. */
bool aldb_datetime_valid(const struct aldb_datetime *dt);

/* Binary -> fields. False: wrong length or out of PostgreSQL's range. `zone` as below. */
bool aldb_date_decode(const void *data, size_t len, struct aldb_datetime *out) ALDB_MUSTCHECK;
bool aldb_time_decode(const void *data, size_t len, struct aldb_datetime *out) ALDB_MUSTCHECK;
bool aldb_timetz_decode(const void *data, size_t len, struct aldb_datetime *out) ALDB_MUSTCHECK;
bool aldb_timestamp_decode(const void *data, size_t len, struct aldb_datetime *out) ALDB_MUSTCHECK;
/* As local time of `zone` (NULL = UTC), with HAS_OFFSET. */
bool aldb_timestamptz_decode(const void *data, size_t len, const struct aldb_zone *zone,
                             struct aldb_datetime *out) ALDB_MUSTCHECK;

/*
 * Fields -> the integers of the binary form. ALDB_ST_NONE; ALDB_ST_22007 when fields are invalid (day 31 of June,
 * hour 25); ALDB_ST_22008 when valid but outside PostgreSQL's range. Nanoseconds are cut to microseconds, never
 * rounded: the caller checks fraction % 1000 when it must know. Missing parts count as 0 (time) — a missing date is
 * 22007. aldb_timestamptz_encode subtracts dt->offset (0 when absent).
 */
enum aldb_state aldb_date_encode(const struct aldb_datetime *dt, int32_t *days) ALDB_MUSTCHECK;
enum aldb_state aldb_time_encode(const struct aldb_datetime *dt, int64_t *us) ALDB_MUSTCHECK;
enum aldb_state aldb_timestamp_encode(const struct aldb_datetime *dt, int64_t *us) ALDB_MUSTCHECK;
enum aldb_state aldb_timestamptz_encode(const struct aldb_datetime *dt, int64_t *us) ALDB_MUSTCHECK;

/*
 * ODBC literals and ISO text: date yyyy-mm-dd, time hh:mm[:ss[.f…]], timestamp date[ |T]time, each with an optional +hh[:mm[:ss]] or Z, optional BC,
 * years of up to 7 digits, "infinity", "-infinity", blanks around, and ODBC's {d '…'} {t '…'} {ts '…'} clothing. Which parts were there: out->parts.
 * False when it is none of these or a field is out of range.
 */
bool aldb_datetime_parse(struct aldb_slice s, struct aldb_datetime *out) ALDB_MUSTCHECK;
/*
 * A value in text format as the server wrote it, in the session's DateStyle (ISO, SQL, Postgres, German; dmy). *zone (may be NULL): what stands there for the
 * time zone in a style other than ISO, mostly its abbreviation, which may be empty; borrowed from `s`, ptr NULL in ISO. It gives HAS_OFFSET where it is an
 * offset.
 */
bool aldb_datetime_parse_styled(struct aldb_slice s, const struct aldb_locale *locale, struct aldb_datetime *out,
                                struct aldb_slice *zone) ALDB_MUSTCHECK;

/* Room for every datetime text. */
#define ALDB_DATETIME_TEXT 64
/*
 * ISO text as PostgreSQL's: "2024-02-29", "12:34:56.789", "2024-02-29 12:34:56.789+05:30", "0044-03-15 BC",
 * "infinity". Writes the parts in dt->parts; `digits` of fraction, -1 = as many as the value needs (at most 9; none
 * when 0). Not terminated; returns the length.
 */
size_t aldb_datetime_format(const struct aldb_datetime *dt, int digits, char *buf);

/*
 * ODBC structs <-> fields. To: false when the struct cannot hold it (22007: infinity, BC, year > 32767, hour 24).
 * From: false when fields are invalid.
 */
bool aldb_datetime_to_date(const struct aldb_datetime *dt, SQL_DATE_STRUCT *out) ALDB_MUSTCHECK;
bool aldb_datetime_to_time(const struct aldb_datetime *dt, SQL_TIME_STRUCT *out) ALDB_MUSTCHECK;
bool aldb_datetime_to_timestamp(const struct aldb_datetime *dt, SQL_TIMESTAMP_STRUCT *out) ALDB_MUSTCHECK;
bool aldb_datetime_from_date(const SQL_DATE_STRUCT *in, struct aldb_datetime *out) ALDB_MUSTCHECK;
bool aldb_datetime_from_time(const SQL_TIME_STRUCT *in, struct aldb_datetime *out) ALDB_MUSTCHECK;
bool aldb_datetime_from_timestamp(const SQL_TIMESTAMP_STRUCT *in, struct aldb_datetime *out) ALDB_MUSTCHECK;

/* Today in the local time of the process, as year, month, day (TIME -> TIMESTAMP takes the current date). */
void aldb_today(int32_t *year, int32_t *month, int32_t *day);

/* ------------------------------------------------------------------ intervals */

/* PostgreSQL's: three independent parts. */
struct aldb_interval {
    int32_t months;
    int32_t days;
    int64_t us;
};

/*
 * 1 and -1: the interval that PostgreSQL 17 means by infinity and -infinity; before, the value is as finite as any other. And these by the server's word for
 * them; false: it is no such word.
 */
int aldb_interval_infinite(const struct aldb_interval *iv);
bool aldb_interval_parse_infinite(struct aldb_slice s, struct aldb_interval *out) ALDB_MUSTCHECK;

bool aldb_interval_decode(const void *data, size_t len, struct aldb_interval *out) ALDB_MUSTCHECK;
void aldb_interval_encode(const struct aldb_interval *iv, unsigned char out[16]);

/*
 * Any of the server's four IntervalStyles, recognised by form: "1 year 2 mons -3 days 04:05:06.789", "@ 1 year 2
 * mons ago", "+1-2 -3 +4:05:06", "P1Y2M-3DT4H". Also ODBC's INTERVAL [+|-] '…' YEAR TO MONTH with or without {…}. A
 * bare value ("3 4:05", "1-2", "7") is read by `c_type`, an SQL_C_INTERVAL_x code (= the SQL_INTERVAL_x code), as
 * ODBC's interval literal of that type: "7" is 7 of its leading field. c_type 0: a number before a time is days, a
 * lone one seconds, as PostgreSQL reads them. *fraction_cut (may be NULL): digits below microseconds other than 0 were dropped. False: not an interval,
 * or out of PostgreSQL's range.
 */
bool aldb_interval_parse(struct aldb_slice s, SQLSMALLINT c_type, struct aldb_interval *out, bool *fraction_cut)
    ALDB_MUSTCHECK;

#define ALDB_INTERVAL_TEXT 160
/* As the server prints it in `style` ('p', 'v', 's', 'i'). Not terminated; returns the length. */
size_t aldb_interval_format(const struct aldb_interval *iv, char style, char *buf);
/*
 * ODBC's value text for a column of type SQL_INTERVAL_x: "-1-2", "3 04:05:06.789" (leading field bare, others two
 * digits; `digits` of fraction, -1 = as needed). False when the value has parts of the other class or mixed signs;
 * fields below the type's last one are left out with *cut set.
 */
bool aldb_interval_format_odbc(const struct aldb_interval *iv, SQLSMALLINT sql_type, int digits, char *buf,
                               size_t *len, bool *cut) ALDB_MUSTCHECK;

/*
 * -> struct of type `c_type` (SQL_C_INTERVAL_x). Leading field at most `leading` digits (0 = 2), fraction in units
 * of 10^-`precision` (0..9). ALDB_ST_NONE; 01S07 when trailing fields or fraction digits were cut; 22015 when the
 * leading field does not fit, signs are mixed or parts of the other class are not 0.
 */
enum aldb_state aldb_interval_to_struct(const struct aldb_interval *iv, SQLSMALLINT c_type, int leading, int precision,
                                        SQL_INTERVAL_STRUCT *out) ALDB_MUSTCHECK;
/*
 * Struct of type `c_type` (not in->interval_type: the descriptor rules) with fraction in units of 10^-precision.
 * 22015 when a trailing field is out of its range (minute 60, month 12, fraction >= 10^precision) or the value
 * outside PostgreSQL's; 01S07 when fraction digits below microseconds were cut.
 */
enum aldb_state aldb_interval_from_struct(const SQL_INTERVAL_STRUCT *in, SQLSMALLINT c_type, int precision,
                                          struct aldb_interval *out) ALDB_MUSTCHECK;

/* Fields of an interval type: bits by enum aldb_interval_field, leading first. 0: not an interval type. */
enum aldb_interval_field {
    ALDB_IV_YEAR = 1, ALDB_IV_MONTH = 2, ALDB_IV_DAY = 4, ALDB_IV_HOUR = 8, ALDB_IV_MINUTE = 16, ALDB_IV_SECOND = 32
};
unsigned aldb_interval_fields(SQLSMALLINT c_type);
/* Exact: single-field class only. */
bool aldb_interval_is_single(SQLSMALLINT c_type);
bool aldb_interval_is_year_month(SQLSMALLINT c_type);

#endif
