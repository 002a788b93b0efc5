/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the put half share. One road for every parameter:
 *
 *   application buffer --read (by C type)--> value --shape (by SQL type)--> value --write (by the server's type)--> wire bytes
 *
 * put_read.c knows application buffers, put_shape.c knows what ODBC says of C type x SQL type, put_write.c knows PostgreSQL's input forms.
 * put_fast.c holds straight-line functions for the natural pairs, equal in result to the long road. matrix_put.c chooses.
 * ODBC: https://learn.microsoft.com/sql/odbc/reference/appendixes/converting-data-from-c-to-sql-data-types
 */
#ifndef ALDB_CONVERT_PUT_H
#define ALDB_CONVERT_PUT_H

#include "base/buf.h"
#include "base/str.h"
#include "convert/convert.h"
#include "convert/datetime.h"
#include "convert/numeric.h"

/* ------------------------------------------------------------------ classes of types */

/* What a C type is, as far as it matters which SQL types it may become. */
enum aldb_put_c_class {
    ALDB_PUT_C_CHAR, /* SQL_C_CHAR, SQL_C_WCHAR */
    ALDB_PUT_C_INT,
    ALDB_PUT_C_NUMERIC,
    ALDB_PUT_C_FLOAT,
    ALDB_PUT_C_BIT,
    ALDB_PUT_C_BINARY,
    ALDB_PUT_C_DATE,
    ALDB_PUT_C_TIME,
    ALDB_PUT_C_TIMESTAMP,
    ALDB_PUT_C_GUID,
    ALDB_PUT_C_YM_SINGLE, /* intervals of one field, year-month class */
    ALDB_PUT_C_YM,        /* of several */
    ALDB_PUT_C_DT_SINGLE, /* day-time class */
    ALDB_PUT_C_DT,
    ALDB_PUT_C_COUNT
};

enum aldb_put_sql_class {
    ALDB_PUT_SQL_CHAR,
    ALDB_PUT_SQL_INT,     /* TINYINT, SMALLINT, INTEGER, BIGINT */
    ALDB_PUT_SQL_DECIMAL, /* DECIMAL, NUMERIC */
    ALDB_PUT_SQL_FLOAT,   /* REAL, FLOAT, DOUBLE */
    ALDB_PUT_SQL_BIT,
    ALDB_PUT_SQL_BINARY,
    ALDB_PUT_SQL_DATE,
    ALDB_PUT_SQL_TIME,
    ALDB_PUT_SQL_TIMESTAMP,
    ALDB_PUT_SQL_GUID,
    ALDB_PUT_SQL_YM_SINGLE,
    ALDB_PUT_SQL_YM,
    ALDB_PUT_SQL_DT_SINGLE,
    ALDB_PUT_SQL_DT,
    ALDB_PUT_SQL_COUNT
};

/* ------------------------------------------------------------------ what passes between the steps */

enum aldb_datum_kind {
    ALDB_DATUM_TEXT,  /* valid UTF-8 without NUL */
    ALDB_DATUM_BYTES,
    ALDB_DATUM_INT,
    ALDB_DATUM_UINT,  /* above INT64_MAX only: smaller ones are INT */
    ALDB_DATUM_FLOAT, /* single precision, in `real` */
    ALDB_DATUM_DOUBLE,
    ALDB_DATUM_DECIMAL,
    ALDB_DATUM_BOOL,
    ALDB_DATUM_DATETIME, /* its parts say whether it is a date, a time or both */
    ALDB_DATUM_INTERVAL,
    ALDB_DATUM_GUID
};

/* Text and bytes are borrowed from the application's buffer or from `scratch`; decimals from there or from `digits`. */
struct aldb_datum {
    enum aldb_datum_kind kind;
    union {
        struct aldb_slice bytes; /* TEXT, BYTES */
        int64_t i;
        uint64_t u;
        double real;
        struct aldb_decimal decimal;
        bool truth;
        struct aldb_datetime datetime;
        struct aldb_interval interval;
        unsigned char guid[16]; /* in text order */
    };
    char digits[ALDB_NUMERIC_STRUCT_TEXT];
    struct aldb_buf scratch;
};

/* ------------------------------------------------------------------ steps */

/* Length of SQL_C_CHAR or SQL_C_BINARY data in bytes, with SQL_NTS resolved for the former: HY090 for other negative lengths, HY009 without data. */
enum aldb_state aldb_put_length(const struct aldb_input *in, bool text, struct aldb_slice *out) ALDB_MUSTCHECK;
/* 22018 unless it is UTF-8 without NUL: PostgreSQL's text holds no NUL. */
enum aldb_state aldb_put_check_text(struct aldb_slice s) ALDB_MUSTCHECK;

/* Appends SQL_C_WCHAR data as UTF-8, checked like the above; lone surrogates are 22018. A last odd byte is no unit and does not count. */
enum aldb_state aldb_put_wide(const struct aldb_input *in, struct aldb_buf *out) ALDB_MUSTCHECK;

/* put_read.c. Invalid dates and times: 22007, or 22008 where the SQL type is a character type. */
enum aldb_state aldb_put_read_date(const void *data, struct aldb_datetime *out) ALDB_MUSTCHECK;
enum aldb_state aldb_put_read_timestamp(const void *data, struct aldb_datetime *out) ALDB_MUSTCHECK;
enum aldb_state aldb_put_read(const struct aldb_put *p, const struct aldb_input *in, struct aldb_datum *v) ALDB_MUSTCHECK;

/* put_shape.c: makes `v` a value of the declared SQL type. */
enum aldb_state aldb_put_shape(const struct aldb_put *p, struct aldb_datum *v) ALDB_MUSTCHECK;

/* put_write.c: how a value of a class of SQL types becomes a family of server types. 01S07 and 22003: it does not fit there. */
struct aldb_put_form {
    enum aldb_state (*write)(const struct aldb_put *p, const struct aldb_datum *v, struct aldb_buf *out);
    bool binary;
    bool refused; /* no value of the class has a meaning there: 07006 */
};
const struct aldb_put_form *aldb_put_form_find(enum aldb_family family, enum aldb_put_sql_class sql);

/* put_fast.c: the straight-line function of a natural pair, NULL if there is none. */
typedef enum aldb_state aldb_put_fn(const struct aldb_put *p, const struct aldb_input *in, struct aldb_buf *out);
aldb_put_fn *aldb_put_fast_find(const struct aldb_put *p);

/* Whole number in a value of a numeric kind. 01S07: it has a fraction (*out is the whole part); 22003: out of int64's range, NaN, infinite. */
enum aldb_state aldb_datum_to_i64(const struct aldb_datum *v, int64_t *out) ALDB_MUSTCHECK;
/* Nearest double; 22003 when it overflows, or underflows to 0. */
enum aldb_state aldb_datum_to_double(const struct aldb_datum *v, double *out) ALDB_MUSTCHECK;
/* Neither overflow nor underflow to 0 in single precision. NaN and infinities fit. */
bool aldb_fits_real(double x);

#endif
