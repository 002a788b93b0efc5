/* SPDX-License-Identifier: Apache-2.0 */
/* Natural pairs without detour: no intermediate value, no allocation but the output's. Each equals the long road in result and state. */
#include "convert/put.h"

#include <string.h>

#include "base/be.h"

/* False: no buffer. */
static bool load(const struct aldb_input *in, void *to, size_t size)
{
    if (in->data == NULL) {
        return false;
    }
    memcpy(to, in->data, size);
    return true;
}

static enum aldb_state done(const struct aldb_buf *out)
{
    return aldb_buf_ok(out) ? ALDB_ST_NONE : ALDB_ST_HY001;
}

static enum aldb_state put_char(const struct aldb_put *p, const struct aldb_input *in, struct aldb_buf *out)
{
    struct aldb_slice text;
    enum aldb_state st = aldb_put_verbatim(p, in, &text);
    if (st != ALDB_ST_NONE) {
        return st;
    }
    aldb_buf_add_slice(out, text);
    return done(out);
}

static enum aldb_state put_wchar(const struct aldb_put *p, const struct aldb_input *in, struct aldb_buf *out)
{
    (void)p;
    return aldb_put_wide(in, out);
}

static enum aldb_state put_bytes(const struct aldb_put *p, const struct aldb_input *in, struct aldb_buf *out)
{
    struct aldb_slice bytes;
    enum aldb_state st = aldb_put_verbatim(p, in, &bytes);
    if (st != ALDB_ST_NONE) {
        return st;
    }
    aldb_buf_add_slice(out, bytes);
    return done(out);
}

bool aldb_put_is_verbatim(const struct aldb_put *p)
{
    return p->fn == put_char || p->fn == put_bytes;
}

enum aldb_state aldb_put_verbatim(const struct aldb_put *p, const struct aldb_input *in, struct aldb_slice *out)
{
    bool text = p->fn == put_char;
    enum aldb_state st = aldb_put_length(in, text, out);
    return st == ALDB_ST_NONE && text ? aldb_put_check_text(*out) : st;
}

static enum aldb_state put_i32_int4(const struct aldb_put *p, const struct aldb_input *in, struct aldb_buf *out)
{
    (void)p;
    uint32_t i;
    if (!load(in, &i, sizeof i)) {
        return ALDB_ST_HY009;
    }
    aldb_buf_add_be32(out, i);
    return done(out);
}

static enum aldb_state put_i32_int8(const struct aldb_put *p, const struct aldb_input *in, struct aldb_buf *out)
{
    (void)p;
    int32_t i;
    if (!load(in, &i, sizeof i)) {
        return ALDB_ST_HY009;
    }
    aldb_buf_add_be64(out, (uint64_t)(int64_t)i);
    return done(out);
}

static enum aldb_state put_i64_int8(const struct aldb_put *p, const struct aldb_input *in, struct aldb_buf *out)
{
    (void)p;
    uint64_t i;
    if (!load(in, &i, sizeof i)) {
        return ALDB_ST_HY009;
    }
    aldb_buf_add_be64(out, i);
    return done(out);
}

static enum aldb_state put_i64_int4(const struct aldb_put *p, const struct aldb_input *in, struct aldb_buf *out)
{
    (void)p;
    int64_t i;
    if (!load(in, &i, sizeof i)) {
        return ALDB_ST_HY009;
    }
    if (i < INT32_MIN || i > INT32_MAX) {
        return ALDB_ST_22003;
    }
    aldb_buf_add_be32(out, (uint32_t)i);
    return done(out);
}

static enum aldb_state put_date(const struct aldb_put *p, const struct aldb_input *in, struct aldb_buf *out)
{
    (void)p;
    struct aldb_datetime dt;
    int32_t days;
    enum aldb_state st = in->data ? aldb_put_read_date(in->data, &dt) : ALDB_ST_HY009;
    if (st == ALDB_ST_NONE) {
        st = aldb_date_encode(&dt, &days);
    }
    if (st != ALDB_ST_NONE) {
        return st;
    }
    aldb_buf_add_be32(out, (uint32_t)days);
    return done(out);
}

static enum aldb_state put_timestamp(const struct aldb_put *p, const struct aldb_input *in, struct aldb_buf *out)
{
    (void)p;
    struct aldb_datetime dt;
    int64_t us;
    enum aldb_state st = in->data ? aldb_put_read_timestamp(in->data, &dt) : ALDB_ST_HY009;
    if (st == ALDB_ST_NONE) {
        st = aldb_timestamp_encode(&dt, &us);
    }
    if (st != ALDB_ST_NONE) {
        return st;
    }
    aldb_buf_add_be64(out, (uint64_t)us);
    return done(out);
}

static enum aldb_state put_bit(const struct aldb_put *p, const struct aldb_input *in, struct aldb_buf *out)
{
    (void)p;
    unsigned char bit;
    if (!load(in, &bit, 1)) {
        return ALDB_ST_HY009;
    }
    if (bit > 1) {
        return ALDB_ST_22003;
    }
    aldb_buf_add_char(out, (char)bit);
    return done(out);
}

/*
 * Floating-point numbers travel as their bits, like integers. ALDB_FAM_COUNT as a family: any, since text is for the server to read.
 */
static const struct {
    SQLSMALLINT c_type;
    uint8_t sql_class;
    SQLSMALLINT sql_type; /* 0: all of the class */
    enum aldb_family family;
    aldb_put_fn *fn;
} pairs[] = {
    {SQL_C_CHAR, ALDB_PUT_SQL_CHAR, 0, ALDB_FAM_COUNT, put_char},
    {SQL_C_WCHAR, ALDB_PUT_SQL_CHAR, 0, ALDB_FAM_COUNT, put_wchar},
    {SQL_C_SLONG, ALDB_PUT_SQL_INT, SQL_INTEGER, ALDB_FAM_INT4, put_i32_int4},
    {SQL_C_SLONG, ALDB_PUT_SQL_INT, SQL_INTEGER, ALDB_FAM_INT8, put_i32_int8},
    {SQL_C_SLONG, ALDB_PUT_SQL_INT, SQL_BIGINT, ALDB_FAM_INT4, put_i32_int4},
    {SQL_C_SLONG, ALDB_PUT_SQL_INT, SQL_BIGINT, ALDB_FAM_INT8, put_i32_int8},
    {SQL_C_LONG, ALDB_PUT_SQL_INT, SQL_INTEGER, ALDB_FAM_INT4, put_i32_int4},
    {SQL_C_LONG, ALDB_PUT_SQL_INT, SQL_INTEGER, ALDB_FAM_INT8, put_i32_int8},
    {SQL_C_SBIGINT, ALDB_PUT_SQL_INT, SQL_BIGINT, ALDB_FAM_INT8, put_i64_int8},
    {SQL_C_SBIGINT, ALDB_PUT_SQL_INT, SQL_BIGINT, ALDB_FAM_INT4, put_i64_int4},
    {SQL_C_DOUBLE, ALDB_PUT_SQL_FLOAT, SQL_DOUBLE, ALDB_FAM_FLOAT8, put_i64_int8},
    {SQL_C_DOUBLE, ALDB_PUT_SQL_FLOAT, SQL_FLOAT, ALDB_FAM_FLOAT8, put_i64_int8},
    {SQL_C_FLOAT, ALDB_PUT_SQL_FLOAT, 0, ALDB_FAM_FLOAT4, put_i32_int4},
    {SQL_C_BIT, ALDB_PUT_SQL_BIT, 0, ALDB_FAM_BOOL, put_bit},
    {SQL_C_BINARY, ALDB_PUT_SQL_BINARY, 0, ALDB_FAM_BYTEA, put_bytes},
    {SQL_C_TYPE_DATE, ALDB_PUT_SQL_DATE, 0, ALDB_FAM_DATE, put_date},
    {SQL_C_TYPE_TIMESTAMP, ALDB_PUT_SQL_TIMESTAMP, 0, ALDB_FAM_TIMESTAMP, put_timestamp},
};

aldb_put_fn *aldb_put_fast_find(const struct aldb_put *p)
{
    if (p->utc && p->family == ALDB_FAM_TIMESTAMPTZ) {
        return NULL; /* what is written may need its offset */
    }
    for (size_t i = 0; i < ALDB_COUNT(pairs); i++) {
        if (pairs[i].c_type == p->c_type && pairs[i].sql_class == p->sql_class &&
            (pairs[i].sql_type == 0 || pairs[i].sql_type == p->sql_type) &&
            (pairs[i].family == ALDB_FAM_COUNT || pairs[i].family == p->family)) {
            return pairs[i].fn;
        }
    }
    return NULL;
}
