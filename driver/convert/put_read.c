/* SPDX-License-Identifier: Apache-2.0 */
/* Application buffers: the first step of a parameter's road. Buffers may be unaligned, so everything is loaded with memcpy. */
#include "convert/put.h"

#include <string.h>

#include "base/utf.h"
#include "convert/parse.h"

enum aldb_state aldb_put_length(const struct aldb_input *in, bool text, struct aldb_slice *out)
{
    if (in->length < 0 && !(text && in->length == SQL_NTS)) {
        return ALDB_ST_HY090;
    }
    if (in->data == NULL) {
        *out = aldb_slice("", 0);
        return in->length == 0 ? ALDB_ST_NONE : ALDB_ST_HY009;
    }
    *out = aldb_slice(in->data, in->length == SQL_NTS ? strlen(in->data) : (size_t)in->length);
    return ALDB_ST_NONE;
}

enum aldb_state aldb_put_check_text(struct aldb_slice s)
{
    return aldb_utf8_valid(s.ptr, s.len) && memchr(s.ptr, '\0', s.len) == NULL ? ALDB_ST_NONE : ALDB_ST_22018;
}

static enum aldb_state read_char(const struct aldb_input *in, struct aldb_datum *v)
{
    v->kind = ALDB_DATUM_TEXT;
    enum aldb_state st = aldb_put_length(in, true, &v->bytes);
    return st != ALDB_ST_NONE ? st : aldb_put_check_text(v->bytes);
}

enum aldb_state aldb_put_wide(const struct aldb_input *in, struct aldb_buf *out)
{
    if (in->length != SQL_NTS && (in->length < 0 || in->length % (SQLLEN)sizeof(SQLWCHAR) != 0)) {
        return ALDB_ST_HY090; /* half a unit would have to be cut */
    }
    if (in->data == NULL) {
        return in->length == 0 ? ALDB_ST_NONE : ALDB_ST_HY009;
    }
    size_t mark = out->len;
    size_t units = in->length == SQL_NTS ? aldb_utf16_len(in->data) : (size_t)in->length / sizeof(SQLWCHAR);
    if (!aldb_utf16_to_utf8(out, in->data, units)) {
        return aldb_buf_ok(out) ? ALDB_ST_22018 : ALDB_ST_HY001;
    }
    if (out->len > mark && memchr(out->data + mark, '\0', out->len - mark)) {
        out->len = mark;
        out->data[mark] = '\0';
        return ALDB_ST_22018;
    }
    return ALDB_ST_NONE;
}

static enum aldb_state read_wchar(const struct aldb_input *in, struct aldb_datum *v)
{
    v->kind = ALDB_DATUM_TEXT;
    enum aldb_state st = aldb_put_wide(in, &v->scratch);
    v->bytes = aldb_slice(aldb_buf_cstr(&v->scratch), v->scratch.len);
    return st;
}

static enum aldb_state set_int(struct aldb_datum *v, int64_t i)
{
    v->kind = ALDB_DATUM_INT;
    v->i = i;
    return ALDB_ST_NONE;
}

static enum aldb_state set_uint(struct aldb_datum *v, uint64_t u)
{
    if (u <= INT64_MAX) {
        return set_int(v, (int64_t)u);
    }
    v->kind = ALDB_DATUM_UINT;
    v->u = u;
    return ALDB_ST_NONE;
}

/* Little-endian integer of `size` bytes, sign-extended when `is_signed`. */
static enum aldb_state read_int(const void *data, size_t size, bool is_signed, struct aldb_datum *v)
{
    uint64_t u = 0;
    memcpy(&u, data, size);
    if (!is_signed) {
        return set_uint(v, u);
    }
    unsigned spare = 64 - 8 * (unsigned)size;
    return set_int(v, (int64_t)(u << spare) >> spare);
}

static enum aldb_state read_numeric(const struct aldb_put *p, const void *data, struct aldb_datum *v)
{
    SQL_NUMERIC_STRUCT n;
    memcpy(&n, data, sizeof n);
    int scale = p->apd_numeric_set ? p->apd_scale : n.scale;
    if (scale < INT8_MIN || scale > INT8_MAX) {
        return ALDB_ST_22003;
    }
    size_t len = aldb_numeric_struct_text(&n, scale, v->digits);
    v->kind = ALDB_DATUM_DECIMAL;
    return aldb_decimal_parse(aldb_slice(v->digits, len), &v->decimal) ? ALDB_ST_NONE : ALDB_ST_22018;
}

static enum aldb_state read_bit(const void *data, struct aldb_datum *v)
{
    unsigned char byte;
    memcpy(&byte, data, 1);
    v->kind = ALDB_DATUM_BOOL;
    v->truth = byte == 1;
    return byte <= 1 ? ALDB_ST_NONE : ALDB_ST_22003;
}

/* A struct cannot say "before Christ": year 0 and below are refused. */
enum aldb_state aldb_put_read_date(const void *data, struct aldb_datetime *out)
{
    SQL_DATE_STRUCT d;
    memcpy(&d, data, sizeof d);
    return d.year >= 1 && aldb_datetime_from_date(&d, out) ? ALDB_ST_NONE : ALDB_ST_22007;
}

static enum aldb_state read_time(const void *data, struct aldb_datetime *out)
{
    SQL_TIME_STRUCT t;
    memcpy(&t, data, sizeof t);
    return aldb_datetime_from_time(&t, out) ? ALDB_ST_NONE : ALDB_ST_22007;
}

enum aldb_state aldb_put_read_timestamp(const void *data, struct aldb_datetime *out)
{
    SQL_TIMESTAMP_STRUCT t;
    memcpy(&t, data, sizeof t);
    if (t.fraction > 999999999u) {
        return ALDB_ST_22008;
    }
    return t.year >= 1 && aldb_datetime_from_timestamp(&t, out) ? ALDB_ST_NONE : ALDB_ST_22007;
}

/* ODBC's table for character types names 22008 where the one for dates has 22007. */
static enum aldb_state read_datetime(const struct aldb_put *p, enum aldb_state st, struct aldb_datum *v)
{
    v->kind = ALDB_DATUM_DATETIME;
    return st == ALDB_ST_22007 && p->sql_class == ALDB_PUT_SQL_CHAR ? ALDB_ST_22008 : st;
}

static enum aldb_state read_interval(const struct aldb_put *p, SQLSMALLINT c_type, const void *data, struct aldb_datum *v)
{
    SQL_INTERVAL_STRUCT iv;
    memcpy(&iv, data, sizeof iv);
    v->kind = ALDB_DATUM_INTERVAL;
    enum aldb_state st = aldb_interval_from_struct(&iv, c_type, p->apd_precision > 0 ? p->apd_precision : 6, &v->interval);
    /* Fraction digits that PostgreSQL has no room for are cut, as those of a timestamp. */
    return st == ALDB_ST_01S07 ? ALDB_ST_NONE : st;
}

static enum aldb_state read_fixed(const struct aldb_put *p, SQLSMALLINT c_type, const void *data, struct aldb_datum *v)
{
    if (data == NULL) {
        return ALDB_ST_HY009;
    }
    switch (c_type) {
    case SQL_C_TINYINT:
    case SQL_C_STINYINT:
        return read_int(data, 1, true, v);
    case SQL_C_UTINYINT:
        return read_int(data, 1, false, v);
    case SQL_C_SHORT:
    case SQL_C_SSHORT:
        return read_int(data, 2, true, v);
    case SQL_C_USHORT:
        return read_int(data, 2, false, v);
    case SQL_C_LONG:
    case SQL_C_SLONG:
        return read_int(data, 4, true, v);
    case SQL_C_ULONG:
        return read_int(data, 4, false, v);
    case SQL_C_SBIGINT:
        return read_int(data, 8, true, v);
    case SQL_C_UBIGINT:
        return read_int(data, 8, false, v);
    case SQL_C_FLOAT: {
        float f;
        memcpy(&f, data, sizeof f);
        v->kind = ALDB_DATUM_FLOAT;
        v->real = (double)f;
        return ALDB_ST_NONE;
    }
    case SQL_C_DOUBLE:
        v->kind = ALDB_DATUM_DOUBLE;
        memcpy(&v->real, data, sizeof v->real);
        return ALDB_ST_NONE;
    case SQL_C_NUMERIC:
        return read_numeric(p, data, v);
    case SQL_C_BIT:
        return read_bit(data, v);
    case SQL_C_TYPE_DATE:
        return read_datetime(p, aldb_put_read_date(data, &v->datetime), v);
    case SQL_C_TYPE_TIME:
        return read_datetime(p, read_time(data, &v->datetime), v);
    case SQL_C_TYPE_TIMESTAMP:
        return read_datetime(p, aldb_put_read_timestamp(data, &v->datetime), v);
    case SQL_C_GUID: {
        SQLGUID g;
        memcpy(&g, data, sizeof g);
        v->kind = ALDB_DATUM_GUID;
        aldb_guid_from_struct(&g, v->guid);
        return ALDB_ST_NONE;
    }
    default:
        return read_interval(p, c_type, data, v);
    }
}

/* Raw bytes: text for character types, themselves for binary ones, and for all else the C type that is natural to the SQL type. */
static enum aldb_state read_binary(const struct aldb_put *p, const struct aldb_input *in, struct aldb_datum *v)
{
    struct aldb_slice bytes;
    enum aldb_state st = aldb_put_length(in, false, &bytes);
    if (st != ALDB_ST_NONE) {
        return st;
    }
    v->bytes = bytes;
    switch (p->sql_class) {
    case ALDB_PUT_SQL_CHAR:
        v->kind = ALDB_DATUM_TEXT;
        return aldb_put_check_text(bytes);
    case ALDB_PUT_SQL_BINARY:
        v->kind = ALDB_DATUM_BYTES;
        return ALDB_ST_NONE;
    default: {
        SQLSMALLINT c_type = p->sql_class == ALDB_PUT_SQL_DECIMAL ? SQL_C_NUMERIC : aldb_type_default_c(p->sql_type);
        return (SQLLEN)bytes.len == aldb_c_type_size(c_type) ? read_fixed(p, c_type, bytes.ptr, v) : ALDB_ST_22003;
    }
    }
}

enum aldb_state aldb_put_read(const struct aldb_put *p, const struct aldb_input *in, struct aldb_datum *v)
{
    switch (p->c_type) {
    case SQL_C_CHAR:
        return read_char(in, v);
    case SQL_C_WCHAR:
        return read_wchar(in, v);
    case SQL_C_BINARY:
        return read_binary(p, in, v);
    default:
        return read_fixed(p, p->c_type, in->data, v);
    }
}
