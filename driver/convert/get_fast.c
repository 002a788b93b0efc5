/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Natural pairs in binary format, straight through: no dispatch, no allocation. Anything out of the ordinary (short
 * buffer, a further part of a value, infinity) goes to the general function, so that the rules stand in one place.
 */
#include "convert/get.h"

#include <string.h>

#include "base/be.h"
#include "base/utf.h"

/* Has SQLGetData taken a part of the value already? */
static inline bool in_parts(const struct aldb_chunk *chunk)
{
    return chunk != NULL && chunk->started;
}

/* A value went out whole. */
static inline enum aldb_state delivered(SQLLEN bytes, SQLLEN *length, struct aldb_chunk *chunk)
{
    *length = bytes;
    if (chunk != NULL) {
        chunk->done = true;
    }
    return ALDB_ST_NONE;
}

static enum aldb_state bool_bit(ALDB_GET_ARGS)
{
    (void)g;
    (void)buflen;
    if (cell->len != 1) {
        return ALDB_ST_HY000;
    }
    SQLCHAR v = cell->data[0] != 0;
    aldb_deliver_fixed(&v, sizeof v, target, length, chunk);
    return ALDB_ST_NONE;
}

static enum aldb_state int2_short(ALDB_GET_ARGS)
{
    (void)g;
    (void)buflen;
    if (cell->len != 2) {
        return ALDB_ST_HY000;
    }
    uint16_t v = aldb_load_be16(cell->data);
    aldb_deliver_fixed(&v, sizeof v, target, length, chunk);
    return ALDB_ST_NONE;
}

/* int4 and float4, oid: the same bits turned round. */
static enum aldb_state four_bytes(ALDB_GET_ARGS)
{
    (void)g;
    (void)buflen;
    if (cell->len != 4) {
        return ALDB_ST_HY000;
    }
    uint32_t v = aldb_load_be32(cell->data);
    aldb_deliver_fixed(&v, sizeof v, target, length, chunk);
    return ALDB_ST_NONE;
}

static enum aldb_state int4_bigint(ALDB_GET_ARGS)
{
    (void)g;
    (void)buflen;
    if (cell->len != 4) {
        return ALDB_ST_HY000;
    }
    int64_t v = (int32_t)aldb_load_be32(cell->data);
    aldb_deliver_fixed(&v, sizeof v, target, length, chunk);
    return ALDB_ST_NONE;
}

/* int8 and float8. */
static enum aldb_state eight_bytes(ALDB_GET_ARGS)
{
    (void)g;
    (void)buflen;
    if (cell->len != 8) {
        return ALDB_ST_HY000;
    }
    uint64_t v = aldb_load_be64(cell->data);
    aldb_deliver_fixed(&v, sizeof v, target, length, chunk);
    return ALDB_ST_NONE;
}

static enum aldb_state text_char(ALDB_GET_ARGS)
{
    if (in_parts(chunk) || target == NULL || buflen <= 0 || cell->len >= (size_t)buflen ||
        g->max_length != 0 || g->oid == ALDB_OID_CHAR) {
        return aldb_get_char(g, cell, target, buflen, length, chunk);
    }
    memcpy(target, cell->data, cell->len);
    ((char *)target)[cell->len] = '\0';
    return delivered((SQLLEN)cell->len, length, chunk);
}

static enum aldb_state text_wchar(ALDB_GET_ARGS)
{
    /* A UTF-8 byte never becomes more than one unit: with that much room nothing is cut. */
    if (in_parts(chunk) || target == NULL || buflen <= 0 ||
        cell->len >= (size_t)buflen / sizeof(SQLWCHAR) || g->max_length != 0 ||
        g->oid == ALDB_OID_CHAR) {
        return aldb_get_wchar(g, cell, target, buflen, length, chunk);
    }
    size_t used;
    bool bad = false;
    size_t units = aldb_utf8_to_utf16(target, cell->len, cell->data, cell->len, &used, &bad);
    if (bad) {
        return ALDB_ST_22018;
    }
    SQLWCHAR end = 0;
    memcpy((char *)target + units * sizeof end, &end, sizeof end);
    return delivered((SQLLEN)(units * sizeof end), length, chunk);
}

static enum aldb_state bytea_binary(ALDB_GET_ARGS)
{
    if (in_parts(chunk) || target == NULL || buflen < 0 || cell->len > (size_t)buflen ||
        g->max_length != 0) {
        return aldb_get_text_binary(g, cell, target, buflen, length, chunk);
    }
    memcpy(target, cell->data, cell->len);
    return delivered((SQLLEN)cell->len, length, chunk);
}

/* Written where it is wanted when there is room for any form of it. */
static enum aldb_state numeric_char(ALDB_GET_ARGS)
{
    size_t room = aldb_numeric_text_room(cell->data, cell->len);

    if (in_parts(chunk) || target == NULL || buflen <= 0 || room == 0 || room >= (size_t)buflen) {
        return aldb_get_char(g, cell, target, buflen, length, chunk);
    }
    size_t len = aldb_numeric_text(cell->data, cell->len, target);
    if (len == 0) {
        return ALDB_ST_HY000;
    }
    ((char *)target)[len] = '\0';
    return delivered((SQLLEN)len, length, chunk);
}

static enum aldb_state date_date(ALDB_GET_ARGS)
{
    struct aldb_datetime dt;
    SQL_DATE_STRUCT v;

    (void)g;
    (void)buflen;
    if (!aldb_date_decode(cell->data, cell->len, &dt)) {
        return ALDB_ST_HY000;
    }
    if (!aldb_datetime_to_date(&dt, &v)) {
        return ALDB_ST_22007;
    }
    aldb_deliver_fixed(&v, sizeof v, target, length, chunk);
    return ALDB_ST_NONE;
}

static enum aldb_state timestamp_timestamp(ALDB_GET_ARGS)
{
    struct aldb_datetime dt;
    SQL_TIMESTAMP_STRUCT v;

    (void)g;
    (void)buflen;
    if (!aldb_timestamp_decode(cell->data, cell->len, &dt)) {
        return ALDB_ST_HY000;
    }
    if (!aldb_datetime_to_timestamp(&dt, &v)) {
        return ALDB_ST_22007;
    }
    aldb_deliver_fixed(&v, sizeof v, target, length, chunk);
    return ALDB_ST_NONE;
}

const struct aldb_get_fast aldb_get_fast[] = {
    {ALDB_FAM_BOOL, SQL_C_BIT, bool_bit},
    {ALDB_FAM_INT2, SQL_C_SSHORT, int2_short},
    {ALDB_FAM_INT4, SQL_C_SLONG, four_bytes},
    {ALDB_FAM_INT4, SQL_C_SBIGINT, int4_bigint},
    {ALDB_FAM_OID, SQL_C_ULONG, four_bytes},
    {ALDB_FAM_INT8, SQL_C_SBIGINT, eight_bytes},
    {ALDB_FAM_FLOAT4, SQL_C_FLOAT, four_bytes},
    {ALDB_FAM_FLOAT8, SQL_C_DOUBLE, eight_bytes},
    {ALDB_FAM_NUMERIC, SQL_C_CHAR, numeric_char},
    {ALDB_FAM_TEXT, SQL_C_CHAR, text_char},
    {ALDB_FAM_TEXT, SQL_C_WCHAR, text_wchar},
    {ALDB_FAM_JSON, SQL_C_CHAR, text_char},
    {ALDB_FAM_JSON, SQL_C_WCHAR, text_wchar},
    {ALDB_FAM_BYTEA, SQL_C_BINARY, bytea_binary},
    {ALDB_FAM_DATE, SQL_C_TYPE_DATE, date_date},
    {ALDB_FAM_TIMESTAMP, SQL_C_TYPE_TIMESTAMP, timestamp_timestamp},
};
const size_t aldb_get_fast_count = ALDB_COUNT(aldb_get_fast);
