/* SPDX-License-Identifier: Apache-2.0 */
/* interval, and text that is an interval literal -> SQL_C_INTERVAL_x, numbers, BINARY and text. */
#include "convert/get.h"

#include <string.h>

/* SQL_INTERVAL_x of the column, 0 when its fields are not restricted. */
static SQLSMALLINT column_type(const struct aldb_get *g)
{
    return aldb_interval_fields(g->desc.sql_type) != 0 ? g->desc.sql_type : 0;
}

static enum aldb_state load(const struct aldb_get *g, const struct aldb_cell *cell,
                            struct aldb_interval *iv, bool *cut)
{
    struct aldb_slice text = aldb_slice(cell->data, cell->len);

    *cut = false;
    if (g->family == ALDB_FAM_INTERVAL) {
        bool ok = g->binary ? aldb_interval_decode(cell->data, cell->len, iv)
                            : aldb_interval_parse_infinite(text, iv) ||
                                  aldb_interval_parse(text, 0, iv, NULL);
        return ok ? ALDB_ST_NONE : ALDB_ST_HY000;
    }
    struct aldb_render r;
    enum aldb_state st = aldb_render(g, cell, NULL, &r);
    if (st == ALDB_ST_NONE && !aldb_interval_parse(r.text, g->c_type, iv, cut)) {
        st = ALDB_ST_22018;
    }
    aldb_render_done(&r);
    return st;
}

/*
 * A column restricted to an ODBC interval type shows ODBC's value text; an unrestricted one, and a value that no
 * ODBC interval can express (mixed signs, months in a day-time column), the server's, in the session's IntervalStyle
 * whatever the wire format.
 */
enum aldb_state aldb_render_interval(const struct aldb_get *g, const struct aldb_cell *cell,
                                     struct aldb_render *r)
{
    SQLSMALLINT type = column_type(g);
    struct aldb_interval iv;
    bool cut;
    size_t len;

    r->text = aldb_slice(cell->data, cell->len);
    r->whole = 0;
    if (type == 0 && !g->binary) {
        return ALDB_ST_NONE;
    }
    enum aldb_state st = load(g, cell, &iv, &cut);
    if (st != ALDB_ST_NONE) {
        return st;
    }
    int infinite = g->locale->infinite_intervals ? aldb_interval_infinite(&iv) : 0;
    if (infinite != 0) {
        const char *word = infinite > 0 ? "infinity" : "-infinity";
        r->text = aldb_slice(word, strlen(word));
        r->whole = r->text.len;
        return ALDB_ST_NONE;
    }
    if (type != 0 && aldb_interval_format_odbc(&iv, type, -1, r->small, &len, &cut) && !cut) {
        r->text = aldb_slice(r->small, len);
        const char *point = memchr(r->small, '.', len);
        r->whole = point != NULL ? (size_t)(point - r->small) : len;
        return ALDB_ST_NONE;
    }
    if (g->binary) {
        r->text =
            aldb_slice(r->small, aldb_interval_format(&iv, g->locale->intervalstyle, r->small));
    }
    return ALDB_ST_NONE;
}

enum aldb_state aldb_get_interval(ALDB_GET_ARGS)
{
    struct aldb_interval iv;
    SQL_INTERVAL_STRUCT v;
    bool cut;

    (void)buflen;
    enum aldb_state st = load(g, cell, &iv, &cut);
    if (st != ALDB_ST_NONE) {
        return st;
    }
    st = aldb_interval_to_struct(&iv, g->c_type, g->interval_precision, g->precision, &v);
    if (st != ALDB_ST_NONE && st != ALDB_ST_01S07) {
        return st;
    }
    aldb_deliver_fixed(&v, sizeof v, target, length, chunk);
    return cut ? ALDB_ST_01S07 : st;
}

/* SQL_C_BINARY: the bytes of the struct. */
enum aldb_state aldb_get_interval_binary(ALDB_GET_ARGS)
{
    struct aldb_interval iv;
    SQL_INTERVAL_STRUCT v;
    bool cut;

    enum aldb_state st = load(g, cell, &iv, &cut);
    if (st == ALDB_ST_NONE) {
        st = aldb_interval_to_struct(&iv, g->desc.sql_type, 10, 6, &v);
    }
    return st == ALDB_ST_NONE ? aldb_deliver_native(&v, sizeof v, target, buflen, length, chunk)
                              : st;
}

/* Single-field interval -> integer or SQL_NUMERIC_STRUCT: its text is a number, so the readers of literals do the rest. */
enum aldb_state aldb_get_interval_number(ALDB_GET_ARGS)
{
    SQLSMALLINT type = g->desc.sql_type;
    struct aldb_interval iv;
    bool cut;

    enum aldb_state st = load(g, cell, &iv, &cut);
    if (st != ALDB_ST_NONE) {
        return st;
    }
    char text[ALDB_INTERVAL_TEXT];
    size_t len;
    if (!aldb_interval_is_single(type) ||
        !aldb_interval_format_odbc(&iv, type, -1, text, &len, &cut) || cut) {
        return ALDB_ST_22015;
    }
    struct aldb_get literal = *g;
    literal.family = ALDB_FAM_TEXT;
    literal.oid = ALDB_OID_TEXT;
    literal.as_characters = true;
    literal.max_length = 0;
    struct aldb_cell number = {text, len};
    return g->c_type == SQL_C_NUMERIC
               ? aldb_get_numeric(&literal, &number, target, buflen, length, chunk)
               : aldb_get_integer(&literal, &number, target, buflen, length, chunk);
}

static uint64_t power_of_ten(int n)
{
    uint64_t v = 1;

    while (n-- > 0) {
        v *= 10;
    }
    return v;
}

static int count_digits(uint64_t v)
{
    int n = 1;

    for (; v >= 10; v /= 10) {
        n++;
    }
    return n;
}

enum aldb_state aldb_decimal_to_interval(const struct aldb_get *g, const struct aldb_decimal *d,
                                         SQL_INTERVAL_STRUCT *out)
{
    bool seconds = g->c_type == SQL_C_INTERVAL_SECOND;
    int leading = g->interval_precision > 0 ? g->interval_precision : 2;
    int precision = seconds && g->precision >= 0 && g->precision <= 9 ? g->precision : 0;
    SQL_NUMERIC_STRUCT scaled;

    enum aldb_state st = aldb_decimal_to_struct(d, 0, precision, &scaled);
    if (st == ALDB_ST_22003) {
        return ALDB_ST_22015;
    }
    unsigned __int128 v = 0;
    for (size_t i = SQL_MAX_NUMERIC_LEN; i-- > 0;) {
        v = v << 8 | scaled.val[i];
    }
    unsigned __int128 whole = v / power_of_ten(precision);
    if (whole > UINT32_MAX || count_digits((uint64_t)whole) > leading) {
        return ALDB_ST_22015;
    }
    memset(out, 0, sizeof *out);
    out->interval_type = (SQLINTERVAL)(g->c_type - SQL_INTERVAL_YEAR + SQL_IS_YEAR);
    out->interval_sign = scaled.sign == 1 ? SQL_FALSE : SQL_TRUE;
    SQLUINTEGER field = (SQLUINTEGER)whole;
    switch (g->c_type) {
    case SQL_C_INTERVAL_YEAR:
        out->intval.year_month.year = field;
        break;
    case SQL_C_INTERVAL_MONTH:
        out->intval.year_month.month = field;
        break;
    case SQL_C_INTERVAL_DAY:
        out->intval.day_second.day = field;
        break;
    case SQL_C_INTERVAL_HOUR:
        out->intval.day_second.hour = field;
        break;
    case SQL_C_INTERVAL_MINUTE:
        out->intval.day_second.minute = field;
        break;
    default:
        out->intval.day_second.second = field;
        out->intval.day_second.fraction = (SQLUINTEGER)(v % power_of_ten(precision));
        break;
    }
    return st;
}
