/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cell -> application buffer (get) and application buffer -> parameter (put). Pure, table-driven: matrix_get and matrix_put are
 * [family][C type] tables of functions, resolved once when a column or parameter is bound; an empty place is 07006. No I/O, no handles.
 *
 * Rules: ODBC appendix D, restated as test data under tests/conv/: one case a line.
 * Lengths and indicators are bytes always, also for SQL_C_WCHAR.
 */
#ifndef ALDB_CONVERT_CONVERT_H
#define ALDB_CONVERT_CONVERT_H

#include <stdbool.h>
#include <stdint.h>
#include <sql.h>
#include <sqlext.h>

#include "base/buf.h"
#include "base/cell.h"
#include "base/rc.h"
#include "diag/diag.h"
#include "types/types.h"

/* ------------------------------------------------------------------ get */

/*
 * SQLGetData in parts: where the next part starts. `offset` counts bytes of the rendered source (UTF-8 text or raw bytes) already
 * delivered; `done` after the last piece. A zeroed struct is the start. `text` keeps the rendered form of values that are not text on the wire,
 * so that pieces of a number or an array need one rendering.
 */
struct aldb_chunk {
    size_t offset; /* where the next part begins; of a value that has gone out whole (done), anything */
    bool started;
    bool done;
    uint64_t units; /* WCHAR: UTF-16 units left, so that long values are counted once and not once a piece */
    uint16_t low;   /* WCHAR: second half of a pair of which the last piece took the first; 0 = none */
    struct aldb_buf text;
};
void aldb_chunk_init(struct aldb_chunk *c);
void aldb_chunk_restart(struct aldb_chunk *c); /* of a value that has gone out in parts, or begun to; memory kept */
/* A new value. Whole ones, of which there are many more, leave nothing behind but that they are done. */
static inline void aldb_chunk_reset(struct aldb_chunk *c)
{
    if (c->started || c->low != 0) {
        aldb_chunk_restart(c);
    }
    c->done = false;
}
void aldb_chunk_clear(struct aldb_chunk *c);

/* A column bound to a C type. Filled by aldb_get_resolve, then constant. */
struct aldb_get {
    enum aldb_state (*fn)(const struct aldb_get *g, const struct aldb_cell *cell, void *target, SQLLEN buflen,
                          SQLLEN *length, struct aldb_chunk *chunk);
    uint32_t oid;
    int32_t typmod;
    bool binary;                 /* wire format of the cell */
    enum aldb_family family;     /* what it is on the wire: how its cells are read and rendered */
    uint32_t styled;             /* arrays and ranges in text format: the scalar type inside whose text follows the session's styles; 0 = none */
    SQLSMALLINT c_type;          /* concise, never SQL_C_DEFAULT */
    SQLSMALLINT precision, scale; /* ARD's, for SQL_C_NUMERIC and fraction of intervals */
    SQLINTEGER interval_precision; /* leading field */
    SQLULEN max_length;          /* SQL_ATTR_MAX_LENGTH, 0 = none: character and binary data only */
    bool as_characters;          /* reported as a character type, whatever it is: converts as its characters do, which may be cut anywhere */
    const struct aldb_locale *locale;
    struct aldb_type_desc desc;
};

struct aldb_get_spec {
    uint32_t oid;
    int32_t typmod;
    bool binary;
    SQLSMALLINT c_type;          /* may be SQL_C_DEFAULT */
    SQLSMALLINT precision, scale; /* as ARD */
    SQLINTEGER interval_precision;
    SQLULEN max_length;
    const struct aldb_locale *locale;
    const struct aldb_type_options *options;
};

/* Chooses the function. ALDB_ST_NONE, or 07006 / HY003. */
enum aldb_state aldb_get_resolve(struct aldb_get *g, const struct aldb_get_spec *spec) ALDB_MUSTCHECK;

/*
 * Converts one non-NULL cell. target may be NULL (only *length is wanted). buflen in bytes, ignored for fixed C types.
 * *length: full length in bytes of what the value is (or what was left before this part, when chunk != NULL).
 * Returns ALDB_ST_NONE; 01004 or 01S07 (delivered, cut); or an error state (22003, 22007, 22015, 22018, …; target then unspecified but never overrun; *length untouched).
 * chunk == NULL: bound column. With chunk: SQLGetData; the caller checks chunk->done first and answers NO_DATA.
 * Targets may be unaligned: values are stored with memcpy.
 */
static inline enum aldb_state aldb_get_cell(const struct aldb_get *g, const struct aldb_cell *cell, void *target,
                                            SQLLEN buflen, SQLLEN *length, struct aldb_chunk *chunk)
{
    return g->fn(g, cell, target, buflen, length, chunk);
}

/* ------------------------------------------------------------------ put */

/* A bound parameter's element for one set, as the application gave it. */
struct aldb_input {
    const void *data;
    SQLLEN length; /* bytes, or SQL_NTS for CHAR and WCHAR; ignored for fixed C types */
};

struct aldb_put {
    enum aldb_state (*fn)(const struct aldb_put *p, const struct aldb_input *in, struct aldb_buf *out);
    uint32_t oid;                /* the server's type of this parameter */
    bool binary;                 /* format that `fn` produces */
    enum aldb_family family;
    SQLSMALLINT c_type, sql_type;
    SQLULEN column_size;
    SQLSMALLINT decimal_digits;
    SQLSMALLINT apd_precision, apd_scale; /* SQL_C_NUMERIC */
    SQLINTEGER interval_precision;
    bool apd_numeric_set;        /* the application set PRECISION/SCALE itself */
    bool utc;                    /* a date and time for timestamptz is one of UTC, as it is read; else of the session's time zone */
    /* Private to put_*.c (put.h): the classes of both types and the last step of the road. */
    uint8_t c_class, sql_class;
    const struct aldb_put_form *form;
};

struct aldb_put_spec {
    uint32_t oid;                /* inferred or declared OID; 0/705 = unknown: sent as text */
    SQLSMALLINT c_type;          /* may be SQL_C_DEFAULT */
    SQLSMALLINT sql_type;        /* ParameterType of SQLBindParameter */
    SQLULEN column_size;
    SQLSMALLINT decimal_digits;
    SQLSMALLINT apd_precision, apd_scale;
    bool apd_numeric_set;
    bool utc;
    SQLINTEGER interval_precision;
};

/*
 * ALDB_ST_NONE, or 07006 (pair not allowed by ODBC's matrix C type x SQL type, or an SQL type that can never become the server's: a number as bytea),
 * HY003, HY004.
 */
enum aldb_state aldb_put_resolve(struct aldb_put *p, const struct aldb_put_spec *spec) ALDB_MUSTCHECK;

/*
 * Appends the wire form of one non-NULL element to `out`. Nothing is cut or rounded silently: 22001, 22003, 22007, 22008, 22015, 22018, HY090 as ODBC says;
 * `out` is back at its old length then. HY001 when memory ran out.
 * A value that is legal for its declared SQL type but does not fit the inferred integer type answers 22003 / 01S07 ("does not fit here"): statement/ re-plans with the
 * declared OID before it reports.
 */
static inline enum aldb_state aldb_put_value(const struct aldb_put *p, const struct aldb_input *in, struct aldb_buf *out)
{
    return p->fn(p, in, out);
}

/* Is the wire form of every value the bytes of the value itself (characters as text, bytes as bytea)? */
bool aldb_put_is_verbatim(const struct aldb_put *p);
/* Such a value checked as aldb_put_value() does, and borrowed instead of copied. */
enum aldb_state aldb_put_verbatim(const struct aldb_put *p, const struct aldb_input *in, struct aldb_slice *out) ALDB_MUSTCHECK;

/* ------------------------------------------------------------------ strides */

/* Address of element `row` (0-based) of a bound field; NULL stays NULL. `bind_type` 0 = column-wise with `element` bytes; else row-wise. */
static inline void *aldb_stride(void *base, SQLULEN bind_type, SQLLEN offset, SQLULEN row, SQLLEN element)
{
    if (base == NULL) {
        return NULL;
    }
    SQLULEN step = bind_type ? bind_type : (SQLULEN)element;
    return (char *)base + offset + (SQLLEN)(row * step);
}

#endif
