/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values of SQL types into PostgreSQL's input forms, chosen by the server's type.
 *
 * Types with a fixed binary form get it: no parsing there, no DateStyle or IntervalStyle. All else is text for the server to read. So is
 *   numeric: digits are as exact, and neither side saves work by base-10000 groups;
 *   timestamptz and timetz: a value without offset means the session's time zone, which the server alone applies (or UTC, where the connection reads it so);
 *   money: its binary form counts in the unit of lc_monetary, which the client does not know.
 */
#include "convert/put.h"

#include <string.h>

#include "base/be.h"
#include "convert/parse.h"

static enum aldb_state done(const struct aldb_buf *out)
{
    return aldb_buf_ok(out) ? ALDB_ST_NONE : ALDB_ST_HY001;
}

/* ------------------------------------------------------------------ text */

/* The server's type is characters, not a type that reads them: ODBC's character form counts, not PostgreSQL's input form. */
static bool is_plain_text(const struct aldb_put *p)
{
    return p->family == ALDB_FAM_TEXT && p->oid != 0 && p->oid != ALDB_OID_UNKNOWN;
}

static enum aldb_state write_datetime_text(const struct aldb_put *p, const struct aldb_datum *v, struct aldb_buf *out)
{
    char text[ALDB_DATETIME_TEXT];
    struct aldb_datetime dt = v->datetime;
    if (!is_plain_text(p)) {
        dt.fraction -= dt.fraction % 1000; /* the server would round */
    }
    if (p->utc && p->family == ALDB_FAM_TIMESTAMPTZ && (dt.parts & ALDB_HAS_DATE) && !(dt.parts & ALDB_HAS_OFFSET)) {
        dt.parts |= ALDB_HAS_TIME | ALDB_HAS_OFFSET;
        dt.offset = 0;
    }
    aldb_buf_add(out, text, aldb_datetime_format(&dt, -1, text));
    return done(out);
}

static enum aldb_state write_interval_text(const struct aldb_put *p, const struct aldb_datum *v, struct aldb_buf *out)
{
    char text[ALDB_INTERVAL_TEXT];
    size_t len;
    bool cut = false;
    if (!is_plain_text(p)) {
        len = aldb_interval_format(&v->interval, 'i', text); /* read alike in every IntervalStyle */
    } else {
        SQLSMALLINT type = p->sql_class == ALDB_PUT_SQL_CHAR ? p->c_type : p->sql_type;
        if (!aldb_interval_format_odbc(&v->interval, type, -1, text, &len, &cut) || cut) {
            return ALDB_ST_22015;
        }
    }
    aldb_buf_add(out, text, len);
    return done(out);
}

static enum aldb_state write_text(const struct aldb_put *p, const struct aldb_datum *v, struct aldb_buf *out)
{
    char text[32];
    switch (v->kind) {
    case ALDB_DATUM_TEXT:
        aldb_buf_add_slice(out, v->bytes);
        return done(out);
    case ALDB_DATUM_BYTES: {
        enum aldb_state st = aldb_put_check_text(v->bytes);
        if (st != ALDB_ST_NONE) {
            return st;
        }
        aldb_buf_add_slice(out, v->bytes);
        return done(out);
    }
    case ALDB_DATUM_INT:
        aldb_buf_add(out, text, aldb_format_i64(text, v->i));
        return done(out);
    case ALDB_DATUM_UINT:
        aldb_buf_add(out, text, aldb_format_u64(text, v->u));
        return done(out);
    case ALDB_DATUM_FLOAT:
        aldb_buf_add(out, text, aldb_format_float(text, (float)v->real));
        return done(out);
    case ALDB_DATUM_DOUBLE:
        aldb_buf_add(out, text, aldb_format_double(text, v->real));
        return done(out);
    case ALDB_DATUM_DECIMAL:
        return aldb_decimal_to_text(&v->decimal, out);
    case ALDB_DATUM_BOOL:
        aldb_buf_add_char(out, v->truth ? '1' : '0');
        return done(out);
    case ALDB_DATUM_DATETIME:
        return write_datetime_text(p, v, out);
    case ALDB_DATUM_INTERVAL:
        return write_interval_text(p, v, out);
    case ALDB_DATUM_GUID: {
        char guid[ALDB_GUID_TEXT];
        aldb_guid_format(v->guid, guid);
        aldb_buf_add(out, guid, sizeof guid);
        return done(out);
    }
    }
    return ALDB_ST_07006;
}

/* ------------------------------------------------------------------ numbers */

/* Whole numbers of a server type; a fraction answers 01S07, a value outside 22003. */
static enum aldb_state ranged(const struct aldb_datum *v, int64_t min, int64_t max, int64_t *out)
{
    enum aldb_state st = aldb_datum_to_i64(v, out);
    return st == ALDB_ST_22003 || *out < min || *out > max ? ALDB_ST_22003 : st;
}

static enum aldb_state write_bool(const struct aldb_put *p, const struct aldb_datum *v, struct aldb_buf *out)
{
    (void)p;
    int64_t i;
    enum aldb_state st = ranged(v, 0, 1, &i);
    if (st == ALDB_ST_NONE) {
        aldb_buf_add_char(out, (char)i);
        st = done(out);
    }
    return st;
}

static enum aldb_state write_int2(const struct aldb_put *p, const struct aldb_datum *v, struct aldb_buf *out)
{
    (void)p;
    int64_t i;
    enum aldb_state st = ranged(v, INT16_MIN, INT16_MAX, &i);
    if (st == ALDB_ST_NONE) {
        aldb_buf_add_be16(out, (uint16_t)i);
        st = done(out);
    }
    return st;
}

static enum aldb_state write_int4(const struct aldb_put *p, const struct aldb_datum *v, struct aldb_buf *out)
{
    (void)p;
    int64_t i;
    enum aldb_state st = ranged(v, INT32_MIN, INT32_MAX, &i);
    if (st == ALDB_ST_NONE) {
        aldb_buf_add_be32(out, (uint32_t)i);
        st = done(out);
    }
    return st;
}

static enum aldb_state write_int8(const struct aldb_put *p, const struct aldb_datum *v, struct aldb_buf *out)
{
    (void)p;
    int64_t i;
    enum aldb_state st = ranged(v, INT64_MIN, INT64_MAX, &i);
    if (st == ALDB_ST_NONE) {
        aldb_buf_add_be64(out, (uint64_t)i);
        st = done(out);
    }
    return st;
}

static enum aldb_state write_oid(const struct aldb_put *p, const struct aldb_datum *v, struct aldb_buf *out)
{
    (void)p;
    int64_t i;
    enum aldb_state st = ranged(v, 0, UINT32_MAX, &i);
    if (st == ALDB_ST_NONE) {
        aldb_buf_add_be32(out, (uint32_t)i);
        st = done(out);
    }
    return st;
}

static enum aldb_state write_float8(const struct aldb_put *p, const struct aldb_datum *v, struct aldb_buf *out)
{
    (void)p;
    double x;
    enum aldb_state st = aldb_datum_to_double(v, &x);
    if (st == ALDB_ST_NONE) {
        uint64_t bits;
        memcpy(&bits, &x, sizeof bits);
        aldb_buf_add_be64(out, bits);
        st = done(out);
    }
    return st;
}

static enum aldb_state write_float4(const struct aldb_put *p, const struct aldb_datum *v, struct aldb_buf *out)
{
    (void)p;
    double x;
    enum aldb_state st = aldb_datum_to_double(v, &x);
    if (st != ALDB_ST_NONE) {
        return st;
    }
    if (!aldb_fits_real(x)) {
        return ALDB_ST_22003;
    }
    float f = (float)x;
    uint32_t bits;
    memcpy(&bits, &f, sizeof bits);
    aldb_buf_add_be32(out, bits);
    return done(out);
}

/* "12.5" means another amount where lc_monetary has a decimal comma. Whole numbers are read alike everywhere; numeric's own cast does the rest. */
static enum aldb_state write_money(const struct aldb_put *p, const struct aldb_datum *v, struct aldb_buf *out)
{
    (void)p;
    char text[32];
    int64_t i;
    enum aldb_state st = aldb_datum_to_i64(v, &i);
    if (st == ALDB_ST_NONE) {
        aldb_buf_add(out, text, aldb_format_i64(text, i));
        st = done(out);
    }
    return st;
}

/* ------------------------------------------------------------------ bytes and GUIDs */

/* Also for types that the driver does not know: their own binary input form, whatever it is. */
static enum aldb_state write_bytes(const struct aldb_put *p, const struct aldb_datum *v, struct aldb_buf *out)
{
    (void)p;
    aldb_buf_add_slice(out, v->bytes);
    return done(out);
}

static enum aldb_state write_uuid(const struct aldb_put *p, const struct aldb_datum *v, struct aldb_buf *out)
{
    (void)p;
    if (v->kind == ALDB_DATUM_BYTES && v->bytes.len != sizeof v->guid) {
        return ALDB_ST_22018;
    }
    aldb_buf_add(out, v->kind == ALDB_DATUM_BYTES ? (const void *)v->bytes.ptr : v->guid, sizeof v->guid);
    return done(out);
}

/* ------------------------------------------------------------------ dates, times, intervals */

static enum aldb_state write_date(const struct aldb_put *p, const struct aldb_datum *v, struct aldb_buf *out)
{
    (void)p;
    const struct aldb_datetime *dt = &v->datetime;
    int32_t days;
    if (dt->instant == ALDB_FINITE && (dt->parts & ALDB_HAS_TIME) && (dt->hour || dt->minute || dt->second || dt->fraction)) {
        return ALDB_ST_01S07;
    }
    enum aldb_state st = aldb_date_encode(dt, &days);
    if (st == ALDB_ST_NONE) {
        aldb_buf_add_be32(out, (uint32_t)days);
        st = done(out);
    }
    return st;
}

/* An offset from UTC has no meaning for a type without zone, and the server would drop it unsaid. */
static enum aldb_state write_time(const struct aldb_put *p, const struct aldb_datum *v, struct aldb_buf *out)
{
    (void)p;
    int64_t us;
    if (v->datetime.parts & ALDB_HAS_OFFSET) {
        return ALDB_ST_22018;
    }
    enum aldb_state st = aldb_time_encode(&v->datetime, &us);
    if (st == ALDB_ST_NONE) {
        aldb_buf_add_be64(out, (uint64_t)us);
        st = done(out);
    }
    return st;
}

/* A date belongs to the value, and a type without date has no room for it. */
static enum aldb_state write_date_lost(const struct aldb_put *p, const struct aldb_datum *v, struct aldb_buf *out)
{
    (void)p;
    (void)v;
    (void)out;
    return ALDB_ST_01S07;
}

static enum aldb_state write_timestamp(const struct aldb_put *p, const struct aldb_datum *v, struct aldb_buf *out)
{
    (void)p;
    struct aldb_datetime dt = v->datetime;
    int64_t us;
    if (dt.parts & ALDB_HAS_OFFSET) {
        return ALDB_ST_22018;
    }
    if (dt.instant == ALDB_FINITE && !(dt.parts & ALDB_HAS_DATE)) {
        aldb_today(&dt.year, &dt.month, &dt.day);
        dt.parts |= ALDB_HAS_DATE;
    }
    enum aldb_state st = aldb_timestamp_encode(&dt, &us);
    if (st == ALDB_ST_NONE) {
        aldb_buf_add_be64(out, (uint64_t)us);
        st = done(out);
    }
    return st;
}

/* A time alone is one of today. */
static enum aldb_state write_timestamptz(const struct aldb_put *p, const struct aldb_datum *v, struct aldb_buf *out)
{
    struct aldb_datum w = {.kind = ALDB_DATUM_DATETIME, .datetime = v->datetime};
    if (w.datetime.instant == ALDB_FINITE && !(w.datetime.parts & ALDB_HAS_DATE)) {
        aldb_today(&w.datetime.year, &w.datetime.month, &w.datetime.day);
        w.datetime.parts |= ALDB_HAS_DATE;
    }
    return write_datetime_text(p, &w, out);
}

/* Characters that are a date and time without offset mean what a structure means; all else is the server's to read. */
static enum aldb_state write_timestamptz_text(const struct aldb_put *p, const struct aldb_datum *v, struct aldb_buf *out)
{
    struct aldb_datum w = {.kind = ALDB_DATUM_DATETIME};
    if (!p->utc || v->kind != ALDB_DATUM_TEXT || !aldb_datetime_parse(v->bytes, &w.datetime) || w.datetime.instant != ALDB_FINITE ||
        !(w.datetime.parts & ALDB_HAS_DATE) || (w.datetime.parts & ALDB_HAS_OFFSET)) {
        return write_text(p, v, out);
    }
    if (w.datetime.fraction % 1000 == 0 && !w.datetime.fraction_cut) {
        return write_datetime_text(p, &w, out);
    }
    struct aldb_slice text = aldb_slice_trim(v->bytes);
    if (w.datetime.year < 1 || text.ptr[0] == '{') {
        return ALDB_ST_22008; /* no offset may stand behind BC, nor behind an escape */
    }
    aldb_buf_add_slice(out, text); /* finer than the server keeps, which rounds it */
    aldb_buf_add_str(out, "+00");
    return done(out);
}

static enum aldb_state write_interval(const struct aldb_put *p, const struct aldb_datum *v, struct aldb_buf *out)
{
    (void)p;
    unsigned char bytes[16];
    aldb_interval_encode(&v->interval, bytes);
    aldb_buf_add(out, bytes, sizeof bytes);
    return done(out);
}

/* ------------------------------------------------------------------ the matrix */

#define BINARY(fn) {.write = (fn), .binary = true}
#define TEXT(fn) {.write = (fn)}
#define REFUSED {.refused = true}

#define NUMBERS(form)                                                                                                   \
    [ALDB_PUT_SQL_INT] = form, [ALDB_PUT_SQL_DECIMAL] = form, [ALDB_PUT_SQL_FLOAT] = form, [ALDB_PUT_SQL_BIT] = form
#define INTERVALS(form)                                                                                                 \
    [ALDB_PUT_SQL_YM_SINGLE] = form, [ALDB_PUT_SQL_YM] = form, [ALDB_PUT_SQL_DT_SINGLE] = form, [ALDB_PUT_SQL_DT] = form
#define DATETIMES(form) [ALDB_PUT_SQL_DATE] = form, [ALDB_PUT_SQL_TIME] = form, [ALDB_PUT_SQL_TIMESTAMP] = form

/* What is no number: as text it would mean something now and then, as 'infinity' does and the bytes "12". */
#define NO_NUMBER                                                                                                       \
    DATETIMES(REFUSED), INTERVALS(REFUSED), [ALDB_PUT_SQL_GUID] = REFUSED, [ALDB_PUT_SQL_BINARY] = REFUSED
/* What is no time: '1000' would be ten o'clock, and 1 a second. */
#define NO_TIME NUMBERS(REFUSED), [ALDB_PUT_SQL_GUID] = REFUSED, [ALDB_PUT_SQL_BINARY] = REFUSED

/* An empty place is text: the server reads it, or says why not. */
static const struct aldb_put_form matrix[ALDB_FAM_COUNT][ALDB_PUT_SQL_COUNT] = {
    [ALDB_FAM_BOOL] = {NUMBERS(BINARY(write_bool)), NO_NUMBER},
    [ALDB_FAM_INT2] = {NUMBERS(BINARY(write_int2)), NO_NUMBER},
    [ALDB_FAM_INT4] = {NUMBERS(BINARY(write_int4)), NO_NUMBER},
    [ALDB_FAM_INT8] = {NUMBERS(BINARY(write_int8)), NO_NUMBER},
    [ALDB_FAM_OID] = {NUMBERS(BINARY(write_oid)), NO_NUMBER},
    [ALDB_FAM_FLOAT4] = {NUMBERS(BINARY(write_float4)), NO_NUMBER},
    [ALDB_FAM_FLOAT8] = {NUMBERS(BINARY(write_float8)), NO_NUMBER},
    [ALDB_FAM_NUMERIC] = {NUMBERS(TEXT(write_text)), NO_NUMBER},
    [ALDB_FAM_MONEY] = {NUMBERS(TEXT(write_money)), NO_NUMBER},
    [ALDB_FAM_BYTEA] =
        {
            /* Their text would become the bytes of its characters. */
            NUMBERS(REFUSED),
            INTERVALS(REFUSED),
            DATETIMES(REFUSED),
            [ALDB_PUT_SQL_BINARY] = BINARY(write_bytes),
            [ALDB_PUT_SQL_GUID] = BINARY(write_uuid),
        },
    [ALDB_FAM_BIT] =
        {
            /* 1000 is not eight; a truth is one bit. */
            [ALDB_PUT_SQL_INT] = REFUSED,
            [ALDB_PUT_SQL_DECIMAL] = REFUSED,
            [ALDB_PUT_SQL_FLOAT] = REFUSED,
            NO_NUMBER,
        },
    [ALDB_FAM_UUID] =
        {
            NUMBERS(REFUSED),
            INTERVALS(REFUSED),
            DATETIMES(REFUSED),
            [ALDB_PUT_SQL_GUID] = BINARY(write_uuid),
            [ALDB_PUT_SQL_BINARY] = BINARY(write_uuid),
        },
    [ALDB_FAM_OTHER] = {[ALDB_PUT_SQL_BINARY] = BINARY(write_bytes)},
    [ALDB_FAM_RANGE] = {[ALDB_PUT_SQL_BINARY] = BINARY(write_bytes)},
    [ALDB_FAM_DATE] =
        {
            NO_TIME,
            INTERVALS(REFUSED),
            [ALDB_PUT_SQL_DATE] = BINARY(write_date),
            [ALDB_PUT_SQL_TIME] = REFUSED,
            [ALDB_PUT_SQL_TIMESTAMP] = BINARY(write_date),
        },
    [ALDB_FAM_TIME] =
        {
            NO_TIME,
            INTERVALS(REFUSED),
            [ALDB_PUT_SQL_DATE] = REFUSED,
            [ALDB_PUT_SQL_TIME] = BINARY(write_time),
            [ALDB_PUT_SQL_TIMESTAMP] = BINARY(write_date_lost),
        },
    [ALDB_FAM_TIMETZ] =
        {
            NO_TIME,
            INTERVALS(REFUSED),
            [ALDB_PUT_SQL_DATE] = REFUSED,
            [ALDB_PUT_SQL_TIMESTAMP] = TEXT(write_date_lost),
        },
    [ALDB_FAM_TIMESTAMP] = {NO_TIME, INTERVALS(REFUSED), DATETIMES(BINARY(write_timestamp))},
    [ALDB_FAM_TIMESTAMPTZ] =
        {
            NO_TIME,
            INTERVALS(REFUSED),
            [ALDB_PUT_SQL_CHAR] = TEXT(write_timestamptz_text),
            [ALDB_PUT_SQL_TIME] = TEXT(write_timestamptz),
            [ALDB_PUT_SQL_TIMESTAMP] = TEXT(write_timestamptz),
        },
    [ALDB_FAM_INTERVAL] =
        {
            NO_TIME,
            INTERVALS(BINARY(write_interval)),
            [ALDB_PUT_SQL_DATE] = REFUSED,
            [ALDB_PUT_SQL_TIMESTAMP] = REFUSED,
        },
};

const struct aldb_put_form *aldb_put_form_find(enum aldb_family family, enum aldb_put_sql_class sql)
{
    static const struct aldb_put_form text = TEXT(write_text);
    const struct aldb_put_form *form = &matrix[family][sql];
    return form->write || form->refused ? form : &text;
}
