/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ODBC's rules for C type x SQL type: what a buffer's value is as a value of the declared SQL type, and which state says that it is none.
 * ColumnSize is not enforced: applications often give it wrong, and the server checks the column's real size.
 */
#include "convert/put.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "convert/parse.h"

/* ------------------------------------------------------------------ numbers */

/* 2^63 as a double; every double below it in magnitude converts to int64 exactly once its fraction is gone. */
#define TWO_63 9223372036854775808.0

enum aldb_state aldb_datum_to_i64(const struct aldb_datum *v, int64_t *out)
{
    switch (v->kind) {
    case ALDB_DATUM_INT:
        *out = v->i;
        return ALDB_ST_NONE;
    case ALDB_DATUM_BOOL:
        *out = v->truth;
        return ALDB_ST_NONE;
    case ALDB_DATUM_DECIMAL:
        return aldb_decimal_to_i64(&v->decimal, out);
    case ALDB_DATUM_FLOAT:
    case ALDB_DATUM_DOUBLE: {
        double whole = trunc(v->real);
        if (!(whole >= -TWO_63 && whole < TWO_63)) {
            return ALDB_ST_22003;
        }
        *out = (int64_t)whole;
        return whole == v->real ? ALDB_ST_NONE : ALDB_ST_01S07;
    }
    default:
        return ALDB_ST_22003;
    }
}

static enum aldb_state to_u64(const struct aldb_datum *v, uint64_t *out)
{
    switch (v->kind) {
    case ALDB_DATUM_UINT:
        *out = v->u;
        return ALDB_ST_NONE;
    case ALDB_DATUM_DECIMAL:
        return aldb_decimal_to_u64(&v->decimal, out);
    case ALDB_DATUM_FLOAT:
    case ALDB_DATUM_DOUBLE:
        if (!(v->real >= 0 && v->real < 2 * TWO_63)) {
            return ALDB_ST_22003;
        }
        *out = (uint64_t)v->real;
        return trunc(v->real) == v->real ? ALDB_ST_NONE : ALDB_ST_01S07;
    default:
        return ALDB_ST_22003;
    }
}

/* Nearest double of a literal; 22003 when a finite one overflows or a non-zero one underflows to nothing. */
static enum aldb_state literal_to_double(struct aldb_slice text, const struct aldb_decimal *d, double *out)
{
    double x;
    if (!aldb_parse_double(text, &x)) {
        return ALDB_ST_22018;
    }
    if (d->kind == ALDB_DECIMAL_FINITE && (!isfinite(x) || (x == 0 && !aldb_decimal_is_zero(d)))) {
        return ALDB_ST_22003;
    }
    *out = x;
    return ALDB_ST_NONE;
}

enum aldb_state aldb_datum_to_double(const struct aldb_datum *v, double *out)
{
    switch (v->kind) {
    case ALDB_DATUM_INT:
        *out = (double)v->i;
        return ALDB_ST_NONE;
    case ALDB_DATUM_UINT:
        *out = (double)v->u;
        return ALDB_ST_NONE;
    case ALDB_DATUM_BOOL:
        *out = v->truth;
        return ALDB_ST_NONE;
    case ALDB_DATUM_FLOAT:
    case ALDB_DATUM_DOUBLE:
        *out = v->real;
        return ALDB_ST_NONE;
    case ALDB_DATUM_DECIMAL: {
        struct aldb_buf text;
        aldb_buf_init(&text, ALDB_NUMERIC_MAX_WHOLE + ALDB_NUMERIC_MAX_FRACTION + 16);
        enum aldb_state st = aldb_decimal_to_text(&v->decimal, &text);
        if (st == ALDB_ST_NONE) {
            st = literal_to_double(aldb_buf_slice(&text), &v->decimal, out);
        }
        aldb_buf_clear(&text);
        return st;
    }
    default:
        return ALDB_ST_22018;
    }
}

/* ------------------------------------------------------------------ numbers and intervals of a single field */

/* What 1 of the field is in PostgreSQL's three parts. */
static const struct unit {
    SQLSMALLINT type;
    enum { MONTHS, DAYS, MICROSECONDS } part;
    int64_t size;
} units[] = {
    {SQL_INTERVAL_YEAR, MONTHS, 12},
    {SQL_INTERVAL_MONTH, MONTHS, 1},
    {SQL_INTERVAL_DAY, DAYS, 1},
    {SQL_INTERVAL_HOUR, MICROSECONDS, ALDB_US_PER_HOUR},
    {SQL_INTERVAL_MINUTE, MICROSECONDS, ALDB_US_PER_MINUTE},
    {SQL_INTERVAL_SECOND, MICROSECONDS, ALDB_US_PER_SECOND},
};

static const struct unit *unit_of(SQLSMALLINT type)
{
    size_t i = 0;
    while (i + 1 < ALDB_COUNT(units) && units[i].type != type) {
        i++;
    }
    return &units[i];
}

/* Only seconds have a fraction: their decimal counts microseconds. */
static enum aldb_state interval_to_number(const struct aldb_put *p, struct aldb_datum *v)
{
    const struct unit *unit = unit_of(p->c_type == SQL_C_BINARY ? p->sql_type : p->c_type);
    const struct aldb_interval iv = v->interval;
    int64_t n = unit->part == MONTHS ? iv.months : unit->part == DAYS ? iv.days : iv.us;
    if (n % unit->size == 0) {
        v->kind = ALDB_DATUM_INT;
        v->i = n / unit->size;
        return ALDB_ST_NONE;
    }
    size_t len = aldb_format_u64(v->digits, n < 0 ? 0 - (uint64_t)n : (uint64_t)n);
    v->kind = ALDB_DATUM_DECIMAL;
    v->decimal = (struct aldb_decimal){
        .kind = ALDB_DECIMAL_FINITE, .negative = n < 0, .whole = aldb_slice(v->digits, len), .exponent = -6};
    return ALDB_ST_NONE;
}

static bool store_part(const struct unit *unit, int64_t n, struct aldb_interval *iv)
{
    *iv = (struct aldb_interval){0};
    if (unit->part == MICROSECONDS) {
        iv->us = n;
        return true;
    }
    *(unit->part == MONTHS ? &iv->months : &iv->days) = (int32_t)n;
    return n >= INT32_MIN && n <= INT32_MAX;
}

/* 22015 for what the field cannot hold: a fraction, except of seconds down to microseconds, or more than PostgreSQL's range. */
static enum aldb_state number_to_interval(const struct aldb_put *p, struct aldb_datum *v)
{
    const struct unit *unit = unit_of(p->sql_type);
    int64_t n, scaled;
    enum aldb_state st = aldb_datum_to_i64(v, &n);
    if (st == ALDB_ST_01S07 && v->kind == ALDB_DATUM_DECIMAL && p->sql_type == SQL_INTERVAL_SECOND) {
        struct aldb_decimal us = v->decimal;
        us.exponent += 6;
        st = aldb_decimal_to_i64(&us, &scaled);
    } else if (st == ALDB_ST_NONE && __builtin_mul_overflow(n, unit->size, &scaled)) {
        st = ALDB_ST_22003;
    }
    v->kind = ALDB_DATUM_INTERVAL;
    return st == ALDB_ST_NONE && store_part(unit, scaled, &v->interval) ? ALDB_ST_NONE : ALDB_ST_22015;
}

/* ------------------------------------------------------------------ numeric SQL types */

/* Text, truth values and single-field intervals become numbers; numbers stay. */
static enum aldb_state make_number(const struct aldb_put *p, struct aldb_datum *v)
{
    switch (v->kind) {
    case ALDB_DATUM_TEXT: {
        struct aldb_slice text = v->bytes;
        bool whole = p->sql_class == ALDB_PUT_SQL_INT || p->sql_class == ALDB_PUT_SQL_BIT;
        v->kind = ALDB_DATUM_DECIMAL;
        /* NaN and infinity are literals of the types only that know them. */
        return aldb_decimal_parse(text, &v->decimal) && (!whole || v->decimal.kind == ALDB_DECIMAL_FINITE) ? ALDB_ST_NONE : ALDB_ST_22018;
    }
    case ALDB_DATUM_BOOL: {
        bool truth = v->truth;
        v->kind = ALDB_DATUM_INT;
        v->i = truth;
        return ALDB_ST_NONE;
    }
    case ALDB_DATUM_INTERVAL:
        return interval_to_number(p, v);
    default:
        return ALDB_ST_NONE;
    }
}

/* An SQL integer type may be signed or unsigned, and SQLBindParameter cannot say which: both ranges count. */
static const struct {
    SQLSMALLINT sql_type;
    int64_t min, max;
} int_ranges[] = {
    {SQL_TINYINT, INT8_MIN, UINT8_MAX},
    {SQL_SMALLINT, INT16_MIN, UINT16_MAX},
    {SQL_INTEGER, INT32_MIN, UINT32_MAX},
    {SQL_BIGINT, INT64_MIN, INT64_MAX}, /* and above: UINT values */
};

static enum aldb_state shape_int(const struct aldb_put *p, struct aldb_datum *v)
{
    enum aldb_state st = make_number(p, v);
    if (st != ALDB_ST_NONE) {
        return st;
    }
    int64_t i;
    uint64_t u;
    st = aldb_datum_to_i64(v, &i);
    if (st == ALDB_ST_22003 && p->sql_type == SQL_BIGINT) {
        st = to_u64(v, &u);
        if (st == ALDB_ST_NONE) {
            v->kind = ALDB_DATUM_UINT;
            v->u = u;
            return ALDB_ST_NONE;
        }
    }
    if (st != ALDB_ST_NONE) {
        return st == ALDB_ST_01S07 ? ALDB_ST_22001 : st;
    }
    v->kind = ALDB_DATUM_INT;
    v->i = i;
    for (size_t k = 0; k < ALDB_COUNT(int_ranges); k++) {
        if (int_ranges[k].sql_type == p->sql_type) {
            return i >= int_ranges[k].min && i <= int_ranges[k].max ? ALDB_ST_NONE : ALDB_ST_22003;
        }
    }
    return ALDB_ST_NONE;
}

bool aldb_fits_real(double x)
{
    return !isfinite(x) || (fabs(x) <= (double)FLT_MAX && (x == 0 || (float)x != 0));
}

static enum aldb_state shape_float(const struct aldb_put *p, struct aldb_datum *v)
{
    enum aldb_state st;
    double x;
    if (v->kind == ALDB_DATUM_TEXT) {
        struct aldb_slice text = v->bytes;
        st = make_number(p, v);
        if (st == ALDB_ST_NONE) {
            st = literal_to_double(aldb_slice_trim(text), &v->decimal, &x);
        }
        /* Where no floating-point type is wanted, the digits as given are more exact than the double. */
        if (st == ALDB_ST_NONE && (p->family == ALDB_FAM_FLOAT4 || p->family == ALDB_FAM_FLOAT8)) {
            v->kind = ALDB_DATUM_DOUBLE;
            v->real = x;
        }
    } else {
        st = make_number(p, v);
        if (st == ALDB_ST_NONE) {
            st = aldb_datum_to_double(v, &x);
        }
    }
    if (st != ALDB_ST_NONE) {
        return st;
    }
    return p->sql_type != SQL_REAL || aldb_fits_real(x) ? ALDB_ST_NONE : ALDB_ST_22003;
}

static bool is_negative(const struct aldb_datum *v)
{
    switch (v->kind) {
    case ALDB_DATUM_DECIMAL:
        return v->decimal.negative && !aldb_decimal_is_zero(&v->decimal);
    case ALDB_DATUM_FLOAT:
    case ALDB_DATUM_DOUBLE:
        return v->real < 0;
    default:
        return v->kind == ALDB_DATUM_INT && v->i < 0;
    }
}

static enum aldb_state shape_bit(const struct aldb_put *p, struct aldb_datum *v)
{
    int64_t i;
    enum aldb_state st = make_number(p, v);
    if (st == ALDB_ST_NONE) {
        st = aldb_datum_to_i64(v, &i);
    }
    if (st != ALDB_ST_NONE && st != ALDB_ST_01S07) {
        return st;
    }
    if (is_negative(v) || i > 1) {
        return ALDB_ST_22003;
    }
    v->kind = ALDB_DATUM_BOOL;
    v->truth = i == 1;
    return st == ALDB_ST_01S07 ? ALDB_ST_22001 : ALDB_ST_NONE;
}

/* ------------------------------------------------------------------ bytes and GUIDs */

static enum aldb_state shape_binary(const struct aldb_put *p, struct aldb_datum *v)
{
    (void)p;
    if (v->kind != ALDB_DATUM_TEXT) {
        return ALDB_ST_NONE;
    }
    /* Half a byte is no byte: an odd digit is refused rather than dropped. */
    struct aldb_slice text = v->bytes;
    if (text.len % 2 != 0) {
        return ALDB_ST_22018;
    }
    struct aldb_buf bytes;
    aldb_buf_init(&bytes, ALDB_MAX_VALUE);
    char *room = aldb_buf_reserve(&bytes, text.len / 2);
    if (room == NULL) {
        aldb_buf_clear(&bytes);
        return ALDB_ST_HY001;
    }
    enum aldb_state st = ALDB_ST_NONE;
    for (size_t i = 0; i < text.len; i += 2) {
        int high = aldb_hex_value(text.ptr[i]), low = aldb_hex_value(text.ptr[i + 1]);
        if (high < 0 || low < 0) {
            st = ALDB_ST_22018;
            break;
        }
        room[i / 2] = (char)(high << 4 | low);
    }
    aldb_buf_commit(&bytes, text.len / 2);
    aldb_buf_clear(&v->scratch);
    v->scratch = bytes;
    v->kind = ALDB_DATUM_BYTES;
    v->bytes = aldb_buf_slice(&v->scratch);
    return st;
}

static enum aldb_state shape_guid(const struct aldb_put *p, struct aldb_datum *v)
{
    (void)p;
    if (v->kind != ALDB_DATUM_TEXT) {
        return ALDB_ST_NONE;
    }
    struct aldb_slice text = v->bytes;
    v->kind = ALDB_DATUM_GUID;
    return aldb_guid_parse(text, v->guid) ? ALDB_ST_NONE : ALDB_ST_22018;
}

/* ------------------------------------------------------------------ dates and times */

static bool has_time(const struct aldb_datetime *dt)
{
    return dt->hour != 0 || dt->minute != 0 || dt->second != 0 || dt->fraction != 0 || dt->fraction_cut;
}

/* Text becomes fields; fields from structs are valid already. `parts`: one of these must be there. */
static enum aldb_state make_datetime(struct aldb_datum *v, unsigned parts)
{
    if (v->kind == ALDB_DATUM_TEXT) {
        struct aldb_slice text = v->bytes;
        v->kind = ALDB_DATUM_DATETIME;
        if (!aldb_datetime_parse(text, &v->datetime)) {
            return ALDB_ST_22018;
        }
    }
    return v->datetime.instant != ALDB_FINITE || (v->datetime.parts & parts) != 0 ? ALDB_ST_NONE : ALDB_ST_22018;
}

static enum aldb_state shape_date(const struct aldb_put *p, struct aldb_datum *v)
{
    (void)p;
    enum aldb_state st = make_datetime(v, ALDB_HAS_DATE);
    if (st != ALDB_ST_NONE || v->datetime.instant != ALDB_FINITE) {
        return st;
    }
    struct aldb_datetime *dt = &v->datetime;
    if (dt->parts & ALDB_HAS_OFFSET) {
        return ALDB_ST_22018;
    }
    if ((dt->parts & ALDB_HAS_TIME) && has_time(dt)) {
        return ALDB_ST_22008;
    }
    dt->parts = ALDB_HAS_DATE;
    return ALDB_ST_NONE;
}

/* SQL_TYPE_TIME has as many fraction digits as DecimalDigits says, none by default. */
static enum aldb_state shape_time(const struct aldb_put *p, struct aldb_datum *v)
{
    enum aldb_state st = make_datetime(v, ALDB_HAS_TIME);
    if (st != ALDB_ST_NONE || v->datetime.instant != ALDB_FINITE) {
        return st != ALDB_ST_NONE ? st : ALDB_ST_22018;
    }
    struct aldb_datetime *dt = &v->datetime;
    int32_t unit = 1000000000;
    for (int i = 0; i < p->decimal_digits && i < 6; i++) {
        unit /= 10;
    }
    if (dt->fraction % unit != 0 || dt->fraction_cut) {
        return ALDB_ST_22008;
    }
    dt->parts &= ~(unsigned)ALDB_HAS_DATE;
    return ALDB_ST_NONE;
}

/*
 * A literal with digits below PostgreSQL's microseconds is refused. A struct's nanoseconds are cut to microseconds: clocks fill all nine digits, and
 * cutting, unlike the server's rounding, never makes 23:59:59.9999999 the next day.
 */
static enum aldb_state shape_timestamp(const struct aldb_put *p, struct aldb_datum *v)
{
    (void)p;
    bool literal = v->kind == ALDB_DATUM_TEXT;
    enum aldb_state st = make_datetime(v, ALDB_HAS_DATE | ALDB_HAS_TIME);
    if (st != ALDB_ST_NONE || v->datetime.instant != ALDB_FINITE) {
        return st;
    }
    struct aldb_datetime *dt = &v->datetime;
    if (literal && (dt->fraction % 1000 != 0 || dt->fraction_cut)) {
        return ALDB_ST_22008;
    }
    if (!(dt->parts & ALDB_HAS_DATE)) {
        aldb_today(&dt->year, &dt->month, &dt->day);
    }
    if (!(dt->parts & ALDB_HAS_TIME)) {
        dt->hour = dt->minute = dt->second = dt->fraction = 0;
    }
    dt->fraction -= dt->fraction % 1000;
    dt->parts |= ALDB_HAS_DATE | ALDB_HAS_TIME;
    return ALDB_ST_NONE;
}

/* ------------------------------------------------------------------ intervals */

/* Microseconds of the last field of a day-time interval type. */
static int64_t last_unit(unsigned fields)
{
    if (fields & ALDB_IV_SECOND) {
        return 1;
    }
    return fields & ALDB_IV_MINUTE ? ALDB_US_PER_MINUTE : fields & ALDB_IV_HOUR ? ALDB_US_PER_HOUR : ALDB_US_PER_DAY;
}

/* 22015 when the SQL type has no field for a part of the value. Larger units go into smaller ones: 1 day is 24 hours of SQL_INTERVAL_HOUR. */
static enum aldb_state check_fields(SQLSMALLINT sql_type, struct aldb_interval *iv)
{
    unsigned fields = aldb_interval_fields(sql_type);
    if (aldb_interval_is_year_month(sql_type)) {
        bool whole = (fields & ALDB_IV_MONTH) || iv->months % 12 == 0;
        return whole && iv->days == 0 && iv->us == 0 ? ALDB_ST_NONE : ALDB_ST_22015;
    }
    if (iv->months != 0 || iv->us % last_unit(fields) != 0) {
        return ALDB_ST_22015;
    }
    if (!(fields & ALDB_IV_DAY)) {
        int64_t us;
        if (__builtin_mul_overflow((int64_t)iv->days, ALDB_US_PER_DAY, &us) || __builtin_add_overflow(us, iv->us, &iv->us)) {
            return ALDB_ST_22015;
        }
        iv->days = 0;
    }
    return ALDB_ST_NONE;
}

static enum aldb_state shape_interval(const struct aldb_put *p, struct aldb_datum *v)
{
    switch (v->kind) {
    case ALDB_DATUM_TEXT: {
        struct aldb_slice text = v->bytes;
        bool cut = false;
        v->kind = ALDB_DATUM_INTERVAL;
        if (!aldb_interval_parse(text, p->sql_type, &v->interval, &cut)) {
            return ALDB_ST_22018;
        }
        return cut ? ALDB_ST_22015 : check_fields(p->sql_type, &v->interval);
    }
    case ALDB_DATUM_INTERVAL:
        return check_fields(p->sql_type, &v->interval);
    default:
        return number_to_interval(p, v);
    }
}

/* ------------------------------------------------------------------ the table */

typedef enum aldb_state shape_fn(const struct aldb_put *p, struct aldb_datum *v);

/* Anything becomes characters when it is written. */
static enum aldb_state shape_char(const struct aldb_put *p, struct aldb_datum *v)
{
    (void)p;
    (void)v;
    return ALDB_ST_NONE;
}

static shape_fn *const shapes[ALDB_PUT_SQL_COUNT] = {
    [ALDB_PUT_SQL_CHAR] = shape_char,
    [ALDB_PUT_SQL_INT] = shape_int,
    [ALDB_PUT_SQL_DECIMAL] = make_number, /* DecimalDigits does not round: the column's own scale decides */
    [ALDB_PUT_SQL_FLOAT] = shape_float,
    [ALDB_PUT_SQL_BIT] = shape_bit,
    [ALDB_PUT_SQL_BINARY] = shape_binary,
    [ALDB_PUT_SQL_DATE] = shape_date,
    [ALDB_PUT_SQL_TIME] = shape_time,
    [ALDB_PUT_SQL_TIMESTAMP] = shape_timestamp,
    [ALDB_PUT_SQL_GUID] = shape_guid,
    [ALDB_PUT_SQL_YM_SINGLE] = shape_interval,
    [ALDB_PUT_SQL_YM] = shape_interval,
    [ALDB_PUT_SQL_DT_SINGLE] = shape_interval,
    [ALDB_PUT_SQL_DT] = shape_interval,
};

enum aldb_state aldb_put_shape(const struct aldb_put *p, struct aldb_datum *v)
{
    return shapes[p->sql_class](p, v);
}
