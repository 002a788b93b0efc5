/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers: bool, integers, oid, float, numeric, and text that is a numeric literal -> every numeric C type. */
#include "convert/get.h"

#include <math.h>
#include <string.h>

#include "base/be.h"

enum number_kind { NUMBER_INTEGER, NUMBER_REAL, NUMBER_DECIMAL };

struct number {
    enum number_kind kind;
    int64_t i;
    double d;
    bool single;             /* d came from a float4 */
    struct aldb_decimal dec; /* borrows from `r` */
    struct aldb_render r;
};

/* ------------------------------------------------------------------ loading */

static enum aldb_state binary_integer(const struct aldb_get *g, const struct aldb_cell *cell,
                                      int64_t *out)
{
    size_t want = g->family == ALDB_FAM_INT2 ? 2 : g->family == ALDB_FAM_INT8 ? 8 : 4;

    if (cell->len != want) {
        return ALDB_ST_HY000;
    }
    switch (g->family) {
    case ALDB_FAM_INT2:
        *out = (int16_t)aldb_load_be16(cell->data);
        break;
    case ALDB_FAM_INT4:
        *out = (int32_t)aldb_load_be32(cell->data);
        break;
    case ALDB_FAM_OID:
        *out = aldb_load_be32(cell->data);
        break;
    default:
        *out = (int64_t)aldb_load_be64(cell->data);
        break;
    }
    return ALDB_ST_NONE;
}

static enum aldb_state load_integer(const struct aldb_get *g, const struct aldb_cell *cell,
                                    int64_t *out)
{
    if (g->binary) {
        return binary_integer(g, cell, out);
    }
    return aldb_parse_i64(aldb_slice(cell->data, cell->len), out) ? ALDB_ST_NONE : ALDB_ST_HY000;
}

static float load_be_float(const void *p)
{
    uint32_t bits = aldb_load_be32(p);
    float f;

    memcpy(&f, &bits, sizeof f);
    return f;
}

static double load_be_double(const void *p)
{
    uint64_t bits = aldb_load_be64(p);
    double d;

    memcpy(&d, &bits, sizeof d);
    return d;
}

static enum aldb_state load_float(const struct aldb_get *g, const struct aldb_cell *cell,
                                  double *out)
{
    if (!g->binary) {
        if (!aldb_parse_double(aldb_slice(cell->data, cell->len), out)) {
            return ALDB_ST_HY000;
        }
        if (g->family == ALDB_FAM_FLOAT4) {
            *out = (double)(float)*out; /* the number that the digits stand for, as in binary */
        }
        return ALDB_ST_NONE;
    }
    if (g->family == ALDB_FAM_FLOAT4) {
        if (cell->len != 4) {
            return ALDB_ST_HY000;
        }
        *out = (double)load_be_float(cell->data);
        return ALDB_ST_NONE;
    }
    if (cell->len != 8) {
        return ALDB_ST_HY000;
    }
    *out = load_be_double(cell->data);
    return ALDB_ST_NONE;
}

/* A literal. For a bit the words of bool count as 1 and 0; those for no number and infinite ones are numbers for floating point only. */
static bool parse_literal(const struct aldb_get *g, struct aldb_slice s, struct aldb_decimal *out)
{
    static const char *const words[] = {"f", "t", "false", "true"};
    bool real = g->c_type == SQL_C_DOUBLE || g->c_type == SQL_C_FLOAT;

    if (aldb_decimal_parse(s, out)) {
        return real || out->kind == ALDB_DECIMAL_FINITE;
    }
    s = aldb_slice_trim(s);
    for (size_t i = 0; g->c_type == SQL_C_BIT && i < ALDB_COUNT(words); i++) {
        if (aldb_slice_is(s, words[i])) {
            return aldb_decimal_parse(aldb_slice(i % 2 ? "1" : "0", 1), out);
        }
    }
    return false;
}

/* n->r must be given back with aldb_render_done in any case. */
static enum aldb_state load_number(const struct aldb_get *g, const struct aldb_cell *cell,
                                   struct number *n)
{
    enum aldb_state st;

    n->r.on_heap = false;
    n->single = g->family == ALDB_FAM_FLOAT4;
    switch (g->family) {
    case ALDB_FAM_INT2:
    case ALDB_FAM_INT4:
    case ALDB_FAM_INT8:
    case ALDB_FAM_OID:
        n->kind = NUMBER_INTEGER;
        return load_integer(g, cell, &n->i);
    case ALDB_FAM_FLOAT4:
    case ALDB_FAM_FLOAT8:
        n->kind = NUMBER_REAL;
        return load_float(g, cell, &n->d);
    default:
        break;
    }
    n->kind = NUMBER_DECIMAL;
    st = aldb_render(g, cell, NULL, &n->r);
    if (st != ALDB_ST_NONE) {
        return st;
    }
    if (!g->as_characters) {
        return aldb_decimal_parse(n->r.text, &n->dec) ? ALDB_ST_NONE : ALDB_ST_HY000;
    }
    return parse_literal(g, n->r.text, &n->dec) ? ALDB_ST_NONE : ALDB_ST_22018;
}

/* Any number as exact decimal: the double's shortest text is its value here as it is in SQL_C_CHAR. */
static enum aldb_state to_decimal(struct number *n)
{
    size_t len;

    if (n->kind == NUMBER_DECIMAL) {
        return ALDB_ST_NONE;
    }
    if (n->kind == NUMBER_INTEGER) {
        len = aldb_format_i64(n->r.small, n->i);
    } else {
        len = n->single ? aldb_format_float(n->r.small, (float)n->d)
                        : aldb_format_double(n->r.small, n->d);
    }
    return aldb_decimal_parse(aldb_slice(n->r.small, len), &n->dec) ? ALDB_ST_NONE : ALDB_ST_HY000;
}

/* ------------------------------------------------------------------ text */

enum aldb_state aldb_render_number(const struct aldb_get *g, const struct aldb_cell *cell,
                                   struct aldb_render *r)
{
    size_t len;

    r->text = aldb_slice(cell->data, cell->len);
    if (g->binary) {
        char *at = r->small;
        if (g->family == ALDB_FAM_NUMERIC) {
            size_t room = aldb_numeric_text_room(cell->data, cell->len);
            if (room > sizeof r->small) {
                aldb_buf_init(&r->heap, ALDB_MAX_RENDERED);
                r->on_heap = true;
                at = aldb_buf_reserve(&r->heap, room);
                if (at == NULL) {
                    return ALDB_ST_HY001;
                }
            }
            len = room != 0 ? aldb_numeric_text(cell->data, cell->len, at) : 0;
            if (len == 0) {
                return ALDB_ST_HY000;
            }
        } else if (g->family == ALDB_FAM_FLOAT4 || g->family == ALDB_FAM_FLOAT8) {
            double d;
            enum aldb_state st = load_float(g, cell, &d);
            if (st != ALDB_ST_NONE) {
                return st;
            }
            len = g->family == ALDB_FAM_FLOAT4 ? aldb_format_float(at, (float)d)
                                               : aldb_format_double(at, d);
        } else {
            int64_t v;
            enum aldb_state st = binary_integer(g, cell, &v);
            if (st != ALDB_ST_NONE) {
                return st;
            }
            len = aldb_format_i64(at, v);
        }
        r->text = aldb_slice(at, len);
    }
    /* A number with an exponent cannot lose its tail without becoming another one. */
    const char *point = memchr(r->text.ptr, '.', r->text.len);
    bool exponent =
        point != NULL && memchr(point, 'e', (size_t)(r->text.ptr + r->text.len - point)) != NULL;
    r->whole = point != NULL && !exponent ? (size_t)(point - r->text.ptr) : r->text.len;
    return ALDB_ST_NONE;
}

/* ------------------------------------------------------------------ integers */

static const struct integer_type {
    SQLSMALLINT c_type;
    size_t size;
    int64_t min;
    uint64_t max;
} integer_types[] = {
    {SQL_C_SLONG, 4, INT32_MIN, INT32_MAX},  {SQL_C_SBIGINT, 8, INT64_MIN, INT64_MAX},
    {SQL_C_SSHORT, 2, INT16_MIN, INT16_MAX}, {SQL_C_ULONG, 4, 0, UINT32_MAX},
    {SQL_C_UBIGINT, 8, 0, UINT64_MAX},       {SQL_C_USHORT, 2, 0, UINT16_MAX},
    {SQL_C_STINYINT, 1, INT8_MIN, INT8_MAX}, {SQL_C_UTINYINT, 1, 0, UINT8_MAX},
};

static const struct integer_type *integer_type_of(SQLSMALLINT c_type)
{
    size_t i = 0;

    while (i + 1 < ALDB_COUNT(integer_types) && integer_types[i].c_type != c_type) {
        i++;
    }
    return &integer_types[i];
}

#define TWO_63 9223372036854775808.0
#define TWO_64 18446744073709551616.0

/* Whole part as bits of a 64-bit integer in the range of `t`. 01S07 when a fraction was cut. */
static enum aldb_state real_to_integer(double d, const struct integer_type *t, uint64_t *bits)
{
    double whole = trunc(d);

    if (isnan(d) || whole < -TWO_63 || whole >= TWO_64) {
        return ALDB_ST_22003;
    }
    if (whole < 0) {
        int64_t v = (int64_t)whole;
        if (v < t->min) {
            return ALDB_ST_22003;
        }
        *bits = (uint64_t)v;
    } else {
        *bits = (uint64_t)whole;
        if (*bits > t->max) {
            return ALDB_ST_22003;
        }
    }
    return whole != d ? ALDB_ST_01S07 : ALDB_ST_NONE;
}

static enum aldb_state decimal_to_integer(const struct aldb_decimal *d,
                                          const struct integer_type *t, uint64_t *bits)
{
    enum aldb_state st;

    if (t->min == 0) {
        st = aldb_decimal_to_u64(d, bits);
        return st != ALDB_ST_22003 && *bits > t->max ? ALDB_ST_22003 : st;
    }
    int64_t v;
    st = aldb_decimal_to_i64(d, &v);
    if (st == ALDB_ST_22003 || v < t->min || v > (int64_t)t->max) {
        return ALDB_ST_22003;
    }
    *bits = (uint64_t)v;
    return st;
}

enum aldb_state aldb_get_integer(ALDB_GET_ARGS)
{
    const struct integer_type *t = integer_type_of(g->c_type);
    struct number n;
    uint64_t bits = 0;

    (void)buflen;
    enum aldb_state st = load_number(g, cell, &n);
    if (st == ALDB_ST_NONE) {
        switch (n.kind) {
        case NUMBER_INTEGER:
            bits = (uint64_t)n.i;
            st = n.i < t->min || (n.i > 0 && bits > t->max) ? ALDB_ST_22003 : ALDB_ST_NONE;
            break;
        case NUMBER_REAL:
            st = real_to_integer(n.d, t, &bits);
            break;
        case NUMBER_DECIMAL:
            st = decimal_to_integer(&n.dec, t, &bits);
            break;
        }
    }
    aldb_render_done(&n.r);
    if (st == ALDB_ST_NONE || st == ALDB_ST_01S07) {
        aldb_deliver_fixed(&bits, t->size, target, length, chunk);
    }
    return st;
}

/* ------------------------------------------------------------------ bit */

/* 0 and 1; other values below 2 lose their fraction; all else is out of range. */
enum aldb_state aldb_get_bit(ALDB_GET_ARGS)
{
    static const struct integer_type bit = {SQL_C_BIT, 1, 0, 1};
    struct number n;
    uint64_t bits = 0;

    (void)buflen;
    enum aldb_state st = load_number(g, cell, &n);
    if (st == ALDB_ST_NONE) {
        switch (n.kind) {
        case NUMBER_INTEGER:
            bits = (uint64_t)n.i;
            st = bits > 1 ? ALDB_ST_22003 : ALDB_ST_NONE;
            break;
        case NUMBER_REAL:
            st = n.d < 0 ? ALDB_ST_22003 : real_to_integer(n.d, &bit, &bits);
            break;
        case NUMBER_DECIMAL:
            st = n.dec.negative && !aldb_decimal_is_zero(&n.dec)
                     ? ALDB_ST_22003
                     : decimal_to_integer(&n.dec, &bit, &bits);
            break;
        }
    }
    aldb_render_done(&n.r);
    if (st == ALDB_ST_NONE || st == ALDB_ST_01S07) {
        aldb_deliver_fixed(&bits, 1, target, length, chunk);
    }
    return st;
}

/* ------------------------------------------------------------------ float and double */

/* Finite numbers must stay finite, and what is not 0 must not become 0. */
static enum aldb_state decimal_to_double(const struct number *n, double *out)
{
    switch (n->dec.kind) {
    case ALDB_DECIMAL_NAN:
        *out = (double)NAN;
        return ALDB_ST_NONE;
    case ALDB_DECIMAL_INFINITE:
        *out = n->dec.negative ? -(double)INFINITY : (double)INFINITY;
        return ALDB_ST_NONE;
    default:
        break;
    }
    if (!aldb_parse_double(aldb_slice_trim(n->r.text), out)) {
        return ALDB_ST_22018;
    }
    if (isinf(*out) || (*out == 0 && !aldb_decimal_is_zero(&n->dec))) {
        return ALDB_ST_22003;
    }
    return ALDB_ST_NONE;
}

enum aldb_state aldb_get_real(ALDB_GET_ARGS)
{
    struct number n;
    double d = 0;

    (void)buflen;
    enum aldb_state st = load_number(g, cell, &n);
    if (st == ALDB_ST_NONE) {
        switch (n.kind) {
        case NUMBER_INTEGER:
            d = (double)n.i;
            break;
        case NUMBER_REAL:
            d = n.d;
            break;
        case NUMBER_DECIMAL:
            st = decimal_to_double(&n, &d);
            break;
        }
    }
    aldb_render_done(&n.r);
    if (st != ALDB_ST_NONE) {
        return st;
    }
    if (g->c_type == SQL_C_DOUBLE) {
        aldb_deliver_fixed(&d, sizeof d, target, length, chunk);
        return ALDB_ST_NONE;
    }
    float f = (float)d;
    if ((isinf(f) && !isinf(d)) || (f == 0 && d != 0)) {
        return ALDB_ST_22003;
    }
    aldb_deliver_fixed(&f, sizeof f, target, length, chunk);
    return ALDB_ST_NONE;
}

/* ------------------------------------------------------------------ SQL_NUMERIC_STRUCT, native bytes, intervals */

enum aldb_state aldb_get_numeric(ALDB_GET_ARGS)
{
    struct number n;
    SQL_NUMERIC_STRUCT v;

    (void)buflen;
    memset(&v, 0, sizeof v);
    enum aldb_state st = load_number(g, cell, &n);
    if (st == ALDB_ST_NONE) {
        st = to_decimal(&n);
    }
    if (st == ALDB_ST_NONE) {
        st = aldb_decimal_to_struct(&n.dec, g->precision, g->scale, &v);
    }
    aldb_render_done(&n.r);
    if (st == ALDB_ST_NONE || st == ALDB_ST_01S07) {
        aldb_deliver_fixed(&v, sizeof v, target, length, chunk);
    }
    return st;
}

/* SQL_C_BINARY: the number as its natural C type has it; numeric as SQL_NUMERIC_STRUCT with the scale that the value has. */
enum aldb_state aldb_get_number_binary(ALDB_GET_ARGS)
{
    struct number n;
    union {
        int64_t i;
        float f;
        double d;
        SQL_NUMERIC_STRUCT numeric;
    } v;
    size_t size = 0;

    memset(&v, 0, sizeof v);
    enum aldb_state st = load_number(g, cell, &n);
    if (st == ALDB_ST_NONE) {
        switch (g->family) {
        case ALDB_FAM_FLOAT4:
            v.f = (float)n.d;
            size = sizeof v.f;
            break;
        case ALDB_FAM_FLOAT8:
            v.d = n.d;
            size = sizeof v.d;
            break;
        case ALDB_FAM_NUMERIC:
            st = n.dec.fraction.len > INT8_MAX
                     ? ALDB_ST_22003
                     : aldb_decimal_to_struct(&n.dec, 0, (int)n.dec.fraction.len, &v.numeric);
            size = sizeof v.numeric;
            break;
        case ALDB_FAM_BOOL:
            v.i = aldb_decimal_is_zero(&n.dec) ? 0 : 1;
            size = 1;
            break;
        default:
            v.i = n.i;
            size = g->family == ALDB_FAM_INT2 ? 2 : g->family == ALDB_FAM_INT8 ? 8 : 4;
            break;
        }
    }
    aldb_render_done(&n.r);
    return st == ALDB_ST_NONE ? aldb_deliver_native(&v, size, target, buflen, length, chunk) : st;
}

enum aldb_state aldb_get_number_interval(ALDB_GET_ARGS)
{
    struct number n;
    SQL_INTERVAL_STRUCT v;

    (void)buflen;
    if (!aldb_interval_is_single(g->c_type)) {
        return ALDB_ST_22015;
    }
    enum aldb_state st = load_number(g, cell, &n);
    if (st == ALDB_ST_NONE) {
        st = to_decimal(&n);
    }
    if (st == ALDB_ST_NONE) {
        st = aldb_decimal_to_interval(g, &n.dec, &v);
    }
    aldb_render_done(&n.r);
    if (st == ALDB_ST_NONE || st == ALDB_ST_01S07) {
        aldb_deliver_fixed(&v, sizeof v, target, length, chunk);
    }
    return st;
}
