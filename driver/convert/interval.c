/* SPDX-License-Identifier: Apache-2.0 */
/* Intervals as numbers: PostgreSQL's three parts <-> ODBC's fields. A day has 24 hours and a year 12 months here, as in ODBC's classes. */
#include "convert/datetime.h"
#include "convert/interval.h"

#include <string.h>

#include "base/be.h"

#define DAY_TIME (ALDB_IV_DAY | ALDB_IV_HOUR | ALDB_IV_MINUTE | ALDB_IV_SECOND)

/* Units of each field in its class's smallest unit: months, or microseconds. */
static const struct {
    unsigned field;
    uint64_t unit;
    uint32_t limit; /* of a field that is not the leading one */
} fields[ALDB_IV_COUNT] = {
    {ALDB_IV_YEAR, 12, 0},
    {ALDB_IV_MONTH, 1, 12},
    {ALDB_IV_DAY, (uint64_t)ALDB_US_PER_DAY, 0},
    {ALDB_IV_HOUR, (uint64_t)ALDB_US_PER_HOUR, 24},
    {ALDB_IV_MINUTE, (uint64_t)ALDB_US_PER_MINUTE, 60},
    {ALDB_IV_SECOND, (uint64_t)ALDB_US_PER_SECOND, 60},
};

static const uint32_t power_of_ten[10] = {1,      10,      100,      1000,      10000,
                                          100000, 1000000, 10000000, 100000000, 1000000000};

unsigned aldb_interval_fields(SQLSMALLINT c_type)
{
    static const unsigned sets[] = {
        ALDB_IV_YEAR,
        ALDB_IV_MONTH,
        ALDB_IV_DAY,
        ALDB_IV_HOUR,
        ALDB_IV_MINUTE,
        ALDB_IV_SECOND,
        ALDB_IV_YEAR | ALDB_IV_MONTH,
        ALDB_IV_DAY | ALDB_IV_HOUR,
        ALDB_IV_DAY | ALDB_IV_HOUR | ALDB_IV_MINUTE,
        DAY_TIME,
        ALDB_IV_HOUR | ALDB_IV_MINUTE,
        ALDB_IV_HOUR | ALDB_IV_MINUTE | ALDB_IV_SECOND,
        ALDB_IV_MINUTE | ALDB_IV_SECOND,
    };
    int i = c_type - SQL_INTERVAL_YEAR;

    return i >= 0 && i < (int)ALDB_COUNT(sets) ? sets[i] : 0;
}

bool aldb_interval_is_single(SQLSMALLINT c_type)
{
    return c_type >= SQL_INTERVAL_YEAR && c_type <= SQL_INTERVAL_SECOND;
}

bool aldb_interval_is_year_month(SQLSMALLINT c_type)
{
    return c_type == SQL_INTERVAL_YEAR || c_type == SQL_INTERVAL_MONTH ||
           c_type == SQL_INTERVAL_YEAR_TO_MONTH;
}

static const struct aldb_interval plus_infinity = {INT32_MAX, INT32_MAX, INT64_MAX};
static const struct aldb_interval minus_infinity = {INT32_MIN, INT32_MIN, INT64_MIN};

static bool equal(const struct aldb_interval *a, const struct aldb_interval *b)
{
    return a->months == b->months && a->days == b->days && a->us == b->us;
}

int aldb_interval_infinite(const struct aldb_interval *iv)
{
    return equal(iv, &plus_infinity) ? 1 : equal(iv, &minus_infinity) ? -1 : 0;
}

bool aldb_interval_parse_infinite(struct aldb_slice s, struct aldb_interval *out)
{
    bool plus = aldb_slice_is(s, "infinity");

    if (!plus && !aldb_slice_is(s, "-infinity")) {
        return false;
    }
    *out = plus ? plus_infinity : minus_infinity;
    return true;
}

bool aldb_interval_decode(const void *data, size_t len, struct aldb_interval *out)
{
    if (len != 16) {
        return false;
    }
    const char *p = data;
    out->us = (int64_t)aldb_load_be64(p);
    out->days = (int32_t)aldb_load_be32(p + 8);
    out->months = (int32_t)aldb_load_be32(p + 12);
    return true;
}

void aldb_interval_encode(const struct aldb_interval *iv, unsigned char out[16])
{
    aldb_store_be64(out, (uint64_t)iv->us);
    aldb_store_be32(out + 8, (uint32_t)iv->days);
    aldb_store_be32(out + 12, (uint32_t)iv->months);
}

static unsigned __int128 absolute(__int128 v)
{
    return (unsigned __int128)(v < 0 ? -v : v);
}

bool aldb_interval_split(const struct aldb_interval *iv, SQLSMALLINT sql_type,
                         struct aldb_interval_parts *out)
{
    unsigned set = aldb_interval_fields(sql_type);
    bool months = aldb_interval_is_year_month(sql_type);
    unsigned __int128 rest;

    if (set == 0) {
        return false;
    }
    *out = (struct aldb_interval_parts){.set = set};
    if (months) {
        if (iv->days != 0 || iv->us != 0) {
            return false;
        }
        out->negative = iv->months < 0;
        rest = absolute(iv->months);
    } else {
        if (iv->months != 0 || (iv->days < 0 && iv->us > 0) || (iv->days > 0 && iv->us < 0)) {
            return false;
        }
        out->negative = iv->days < 0 || iv->us < 0;
        rest = absolute((__int128)iv->days * ALDB_US_PER_DAY + iv->us);
    }
    for (size_t i = 0; i < ALDB_IV_COUNT; i++) {
        if (set & fields[i].field) {
            out->value[i] = (uint64_t)(rest / fields[i].unit);
            rest %= fields[i].unit;
        }
    }
    if (set & ALDB_IV_SECOND) {
        out->us = (uint32_t)rest;
        rest = 0;
    }
    out->cut = rest != 0;
    return true;
}

static int count_digits(uint64_t v)
{
    int n = 1;

    while (v >= 10) {
        v /= 10;
        n++;
    }
    return n;
}

enum aldb_state aldb_interval_to_struct(const struct aldb_interval *iv, SQLSMALLINT c_type,
                                        int leading, int precision, SQL_INTERVAL_STRUCT *out)
{
    struct aldb_interval_parts parts;

    if (!aldb_interval_split(iv, c_type, &parts)) {
        return ALDB_ST_22015;
    }
    uint64_t lead = parts.value[__builtin_ctz(parts.set)];
    if (lead > UINT32_MAX || count_digits(lead) > (leading > 0 ? leading : 2)) {
        return ALDB_ST_22015;
    }
    if (precision < 0 || precision > 9) {
        precision = 6;
    }
    uint32_t fraction;
    if (precision >= 6) {
        fraction = parts.us * power_of_ten[precision - 6];
    } else {
        fraction = parts.us / power_of_ten[6 - precision];
        parts.cut |= parts.us % power_of_ten[6 - precision] != 0;
    }
    bool zero = fraction == 0;
    for (size_t i = 0; i < ALDB_IV_COUNT; i++) {
        zero &= parts.value[i] == 0;
    }
    SQL_INTERVAL_STRUCT v;
    memset(&v, 0, sizeof v);
    v.interval_type = (SQLINTERVAL)(c_type - SQL_INTERVAL_YEAR + SQL_IS_YEAR);
    v.interval_sign = parts.negative && !zero ? SQL_TRUE : SQL_FALSE;
    if (aldb_interval_is_year_month(c_type)) {
        v.intval.year_month.year = (SQLUINTEGER)parts.value[0];
        v.intval.year_month.month = (SQLUINTEGER)parts.value[1];
    } else {
        v.intval.day_second.day = (SQLUINTEGER)parts.value[2];
        v.intval.day_second.hour = (SQLUINTEGER)parts.value[3];
        v.intval.day_second.minute = (SQLUINTEGER)parts.value[4];
        v.intval.day_second.second = (SQLUINTEGER)parts.value[5];
        v.intval.day_second.fraction = fraction;
    }
    *out = v;
    return parts.cut ? ALDB_ST_01S07 : ALDB_ST_NONE;
}

enum aldb_state aldb_interval_from_struct(const SQL_INTERVAL_STRUCT *in, SQLSMALLINT c_type,
                                          int precision, struct aldb_interval *out)
{
    unsigned set = aldb_interval_fields(c_type);
    bool months = aldb_interval_is_year_month(c_type);
    uint32_t value[ALDB_IV_COUNT] = {0};
    uint32_t us = 0;
    bool cut = false;

    if (set == 0 || precision < 0 || precision > 9) {
        return ALDB_ST_22015;
    }
    if (months) {
        value[0] = in->intval.year_month.year;
        value[1] = in->intval.year_month.month;
    } else {
        value[2] = in->intval.day_second.day;
        value[3] = in->intval.day_second.hour;
        value[4] = in->intval.day_second.minute;
        value[5] = in->intval.day_second.second;
    }
    if (set & ALDB_IV_SECOND) {
        uint32_t fraction = in->intval.day_second.fraction;
        if (fraction >= power_of_ten[precision]) {
            return ALDB_ST_22015;
        }
        if (precision <= 6) {
            us = fraction * power_of_ten[6 - precision];
        } else {
            us = fraction / power_of_ten[precision - 6];
            cut = fraction % power_of_ten[precision - 6] != 0;
        }
    }
    __int128 total = us; /* months or microseconds */
    __int128 days = 0;
    for (unsigned i = 0; i < ALDB_IV_COUNT; i++) {
        bool trails = (set & (fields[i].field - 1)) != 0;
        if (!(set & fields[i].field)) {
            continue;
        }
        if (trails && fields[i].limit != 0 && value[i] >= fields[i].limit) {
            return ALDB_ST_22015;
        }
        if (fields[i].field == ALDB_IV_DAY) {
            days = value[i];
        } else {
            total += (__int128)value[i] * (__int128)fields[i].unit;
        }
    }
    if (in->interval_sign == SQL_TRUE) {
        total = -total;
        days = -days;
    }
    if (days < INT32_MIN || days > INT32_MAX || total < (months ? INT32_MIN : INT64_MIN) ||
        total > (months ? INT32_MAX : INT64_MAX)) {
        return ALDB_ST_22015;
    }
    *out = (struct aldb_interval){months ? (int32_t)total : 0, (int32_t)days,
                                  months ? 0 : (int64_t)total};
    return cut ? ALDB_ST_01S07 : ALDB_ST_NONE;
}
