/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Exact decimal numbers: text <-> PostgreSQL binary numeric <-> SQL_NUMERIC_STRUCT <-> 64-bit integers. No double in between, nothing is rounded.
 *
 * The common form is a view of digits in somebody's text, so that reading a number allocates nothing.
 * PostgreSQL's binary form: https://www.postgresql.org/docs/15/datatype-numeric.html and numeric_send(): int16 ndigits, int16 weight, uint16 sign,
 * uint16 dscale, then ndigits base-10000 digits; value = sum digit[i] * 10000^(weight-i).
 */
#ifndef ALDB_CONVERT_NUMERIC_H
#define ALDB_CONVERT_NUMERIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sql.h>
#include <sqlext.h>

#include "base/buf.h"
#include "base/rc.h"
#include "base/str.h"
#include "diag/diag.h"

/* PostgreSQL's limits of an unconstrained numeric. */
#define ALDB_NUMERIC_MAX_WHOLE 131072
#define ALDB_NUMERIC_MAX_FRACTION 16383

enum aldb_decimal_kind { ALDB_DECIMAL_FINITE, ALDB_DECIMAL_NAN, ALDB_DECIMAL_INFINITE };

/*
 * value = (-1)^negative * (whole . fraction) * 10^exponent. Both digit runs are ASCII digits, borrowed, may be empty (but not both when FINITE)
 * and may hold leading or trailing zeros. exponent saturates at +-2^30.
 */
struct aldb_decimal {
    enum aldb_decimal_kind kind;
    bool negative;
    struct aldb_slice whole;
    struct aldb_slice fraction;
    int32_t exponent;
};

/*
 * Reads a numeric literal: [blanks] [+|-] digits [. digits] [e[+|-]digits] [blanks], also ".5" and "5."; and NaN, Infinity, inf with sign, any case.
 * False if it is anything else. *out borrows from `s`.
 */
bool aldb_decimal_parse(struct aldb_slice s, struct aldb_decimal *out) ALDB_MUSTCHECK;
/* True for 0, 0.00, -0. */
bool aldb_decimal_is_zero(const struct aldb_decimal *d);
/* True if digits behind the point other than 0 exist (after applying the exponent). */
bool aldb_decimal_has_fraction(const struct aldb_decimal *d);
/* Digits before and behind the point that the value needs (leading and trailing zeros not counted): 123.450 -> 3 and 2. */
void aldb_decimal_digits(const struct aldb_decimal *d, int64_t *whole, int64_t *fraction);

/*
 * Towards zero. ALDB_ST_NONE; ALDB_ST_01S07 when a fraction was cut (*out is set); ALDB_ST_22003 when out of range, NaN or infinite (*out untouched).
 * Only what cuts to 0 may be negative in the unsigned form: "-0.5" is 0 with 01S07.
 */
enum aldb_state aldb_decimal_to_i64(const struct aldb_decimal *d, int64_t *out) ALDB_MUSTCHECK;
enum aldb_state aldb_decimal_to_u64(const struct aldb_decimal *d, uint64_t *out) ALDB_MUSTCHECK;

/*
 * Text without exponent, exactly the value: "-0.00012", "1200000". Appends; a value that needs more than
 * PostgreSQL's limits answers 22003 and appends nothing; HY001 when the buffer failed. NaN and infinities in
 * PostgreSQL's spelling ("NaN", "Infinity", "-Infinity").
 */
enum aldb_state aldb_decimal_to_text(const struct aldb_decimal *d, struct aldb_buf *out) ALDB_MUSTCHECK;

/*
 * Appends PostgreSQL's binary numeric; the number of fraction digits written (dscale) is kept, so "1.50" stays 1.50.
 * 22003 past PostgreSQL's limits, HY001 when the buffer failed; nothing is appended then. NaN and infinities are
 * allowed (infinities: PostgreSQL 14 and later).
 */
enum aldb_state aldb_decimal_to_binary(const struct aldb_decimal *d, struct aldb_buf *out) ALDB_MUSTCHECK;

/*
 * As SQL_NUMERIC_STRUCT with `precision` digits (1..38; 0 = 38) of which `scale` (-128..127) behind the point.
 * ALDB_ST_NONE; 01S07 when fraction digits were cut (delivered); 22003 when whole digits do not fit, NaN, infinite
 * (*out untouched). Zero is positive.
 */
enum aldb_state aldb_decimal_to_struct(const struct aldb_decimal *d, int precision, int scale,
                                       SQL_NUMERIC_STRUCT *out) ALDB_MUSTCHECK;

/* Room that aldb_numeric_struct_text needs: sign, 39 digits, 128 zeros, point. */
#define ALDB_NUMERIC_STRUCT_TEXT 176
/*
 * Text of a SQL_NUMERIC_STRUCT taken with `scale` (from the APD, or in->scale: the caller decides), exact: scale 2 and 150 -> "1.50"; negative scale
 * appends zeros. sign 1 is positive, all else negative; zero has no sign. Not terminated; returns the length.
 */
size_t aldb_numeric_struct_text(const SQL_NUMERIC_STRUCT *in, int scale, char *buf);

/* Room that the text of a binary numeric needs at most: call before aldb_numeric_text. 0: malformed. */
size_t aldb_numeric_text_room(const void *binary, size_t len);
/*
 * Text of a binary numeric as the server would print it, without terminator; `buf` has aldb_numeric_text_room()
 * bytes. Returns the length; 0: malformed. Never allocates.
 */
size_t aldb_numeric_text(const void *binary, size_t len, char *buf);

#endif
