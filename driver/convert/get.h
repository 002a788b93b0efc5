/* SPDX-License-Identifier: Apache-2.0 */
/* Private to the get half of convert/: rendering (cell -> text), loading (cell -> number, datetime, …), delivering (-> application buffer). */
#ifndef ALDB_CONVERT_GET_H
#define ALDB_CONVERT_GET_H

#include "convert/convert.h"
#include "convert/datetime.h"
#include "convert/numeric.h"
#include "convert/parse.h"

/* Signature of every place of the matrix. */
#define ALDB_GET_ARGS                                                                                                  \
    const struct aldb_get *g, const struct aldb_cell *cell, void *target, SQLLEN buflen, SQLLEN *length,              \
        struct aldb_chunk *chunk
typedef enum aldb_state (*aldb_get_fn)(ALDB_GET_ARGS);

/* Columns of the matrix: C types that share their functions. */
enum aldb_c_class {
    ALDB_CC_CHAR,
    ALDB_CC_WCHAR,
    ALDB_CC_BINARY,
    ALDB_CC_BIT,
    ALDB_CC_INTEGER,
    ALDB_CC_REAL,
    ALDB_CC_NUMERIC,
    ALDB_CC_DATE,
    ALDB_CC_TIME,
    ALDB_CC_TIMESTAMP,
    ALDB_CC_GUID,
    ALDB_CC_INTERVAL,
    ALDB_CC_COUNT
};

extern const aldb_get_fn aldb_matrix_get[ALDB_FAM_COUNT][ALDB_CC_COUNT];

/* Straight-line functions for natural pairs in binary format. */
struct aldb_get_fast {
    enum aldb_family family;
    SQLSMALLINT c_type;
    aldb_get_fn fn;
};
extern const struct aldb_get_fast aldb_get_fast[];
extern const size_t aldb_get_fast_count;

/* ------------------------------------------------------------------ rendering */

/* Arrays and bytea grow in text; a value of 1 GB still renders. */
#define ALDB_MAX_RENDERED ((size_t)5 << 30)

#define ALDB_RENDER_SMALL 256

/*
 * The text form of a cell. `text` points into the cell, `small`, `heap` or the chunk's memory. `whole`: leading bytes that must fit into the
 * application's buffer, else 22003 (digits before the point, date fields); 0 = may be cut anywhere. Text with `whole` is ASCII.
 */
struct aldb_render {
    struct aldb_slice text;
    size_t whole;
    bool on_heap;
    struct aldb_buf heap;
    char small[ALDB_RENDER_SMALL];
};

/* 22007, 22018, HY000 (the server sent nonsense), HY001. Ends with aldb_render_done in any case. */
enum aldb_state aldb_render(const struct aldb_get *g, const struct aldb_cell *cell, struct aldb_chunk *chunk,
                            struct aldb_render *r) ALDB_MUSTCHECK;
void aldb_render_done(struct aldb_render *r);

/* One each group of families; same contract. */
enum aldb_state aldb_render_number(const struct aldb_get *g, const struct aldb_cell *cell, struct aldb_render *r)
    ALDB_MUSTCHECK;
enum aldb_state aldb_render_datetime(const struct aldb_get *g, const struct aldb_cell *cell, struct aldb_render *r)
    ALDB_MUSTCHECK;
enum aldb_state aldb_render_interval(const struct aldb_get *g, const struct aldb_cell *cell, struct aldb_render *r)
    ALDB_MUSTCHECK;
/* Appends the array literal of a binary array. */
enum aldb_state aldb_render_array(const struct aldb_get *g, const struct aldb_cell *cell, struct aldb_buf *out)
    ALDB_MUSTCHECK;

/* One element of an array literal: value of `element`'s type and format -> its text, quoted where it must be. */
enum aldb_state aldb_array_element(const struct aldb_get *element, struct aldb_slice value, struct aldb_buf *out) ALDB_MUSTCHECK;
/* timestamptz and timetz in any format, always with the offset; in the server's own words where the zone is not known. */
enum aldb_state aldb_render_zoned(const struct aldb_get *g, const struct aldb_cell *cell, struct aldb_render *r)
    ALDB_MUSTCHECK;

/*
 * get_styled.c: arrays, ranges and multiranges in text format, whose elements the server writes in the session's DateStyle, bytea_output and TimeZone.
 * The scalar type whose style shows, 0 = none; whether the text differs from what binary format would give; and the text as that.
 */
uint32_t aldb_styled_element(uint32_t oid);
bool aldb_styled_differs(const struct aldb_get *g);
enum aldb_state aldb_render_styled(const struct aldb_get *g, const struct aldb_cell *cell, struct aldb_buf *out) ALDB_MUSTCHECK;

/* Bytes of a bytea cell in either format, cut to max_length; text format is decoded into `r` or the chunk. */
enum aldb_state aldb_bytes_of(const struct aldb_get *g, const struct aldb_cell *cell, struct aldb_chunk *chunk,
                              struct aldb_render *r) ALDB_MUSTCHECK;

/* ------------------------------------------------------------------ delivering */

enum aldb_state aldb_deliver_char(const struct aldb_render *r, void *target, SQLLEN buflen, SQLLEN *length,
                                  struct aldb_chunk *chunk) ALDB_MUSTCHECK;
enum aldb_state aldb_deliver_wchar(const struct aldb_render *r, void *target, SQLLEN buflen, SQLLEN *length,
                                   struct aldb_chunk *chunk) ALDB_MUSTCHECK;
/* Bytes: cut with 01004, no terminator. */
enum aldb_state aldb_deliver_bytes(struct aldb_slice bytes, void *target, SQLLEN buflen, SQLLEN *length,
                                   struct aldb_chunk *chunk) ALDB_MUSTCHECK;
/* Two upper-case digits a byte, whole pairs only. */
enum aldb_state aldb_deliver_hex(struct aldb_slice bytes, bool wide, void *target, SQLLEN buflen, SQLLEN *length,
                                 struct aldb_chunk *chunk) ALDB_MUSTCHECK;
/* SQL_C_BINARY of a value with a fixed form: all or 22003. */
enum aldb_state aldb_deliver_native(const void *value, size_t size, void *target, SQLLEN buflen, SQLLEN *length,
                                    struct aldb_chunk *chunk) ALDB_MUSTCHECK;

/* A C type of fixed size; inline because every hot path ends here. */
static inline void aldb_deliver_fixed(const void *value, size_t size, void *target, SQLLEN *length,
                                      struct aldb_chunk *chunk)
{
    if (target != NULL) {
        memcpy(target, value, size);
    }
    *length = (SQLLEN)size;
    if (chunk != NULL) {
        chunk->done = true;
    }
}

/* ------------------------------------------------------------------ loading */

/* Text families: the cell's text without jsonb's version byte, cut to max_length. */
enum aldb_state aldb_load_text(const struct aldb_get *g, const struct aldb_cell *cell, struct aldb_chunk *chunk,
                               struct aldb_render *r) ALDB_MUSTCHECK;
/* Datetime families, and characters that are a literal. */
enum aldb_state aldb_load_datetime(const struct aldb_get *g, const struct aldb_cell *cell, struct aldb_datetime *dt)
    ALDB_MUSTCHECK;
/* A binary timestamptz in the zone that the locale asks for, always with its offset. 22007_ZONE: the zone is not known. */
enum aldb_state aldb_load_timestamptz(const struct aldb_locale *locale, const void *data, size_t len,
                                      struct aldb_datetime *dt) ALDB_MUSTCHECK;

/* Decimal -> the single-field interval struct of g->c_type. */
enum aldb_state aldb_decimal_to_interval(const struct aldb_get *g, const struct aldb_decimal *d,
                                         SQL_INTERVAL_STRUCT *out) ALDB_MUSTCHECK;

/* ------------------------------------------------------------------ places of the matrix */

enum aldb_state aldb_get_char(ALDB_GET_ARGS);
enum aldb_state aldb_get_wchar(ALDB_GET_ARGS);
enum aldb_state aldb_get_text_binary(ALDB_GET_ARGS);
enum aldb_state aldb_get_bytea_char(ALDB_GET_ARGS);
enum aldb_state aldb_get_number_binary(ALDB_GET_ARGS);
enum aldb_state aldb_get_bit(ALDB_GET_ARGS);
enum aldb_state aldb_get_integer(ALDB_GET_ARGS);
enum aldb_state aldb_get_real(ALDB_GET_ARGS);
enum aldb_state aldb_get_numeric(ALDB_GET_ARGS);
enum aldb_state aldb_get_number_interval(ALDB_GET_ARGS);
enum aldb_state aldb_get_datetime_binary(ALDB_GET_ARGS);
enum aldb_state aldb_get_date(ALDB_GET_ARGS);
enum aldb_state aldb_get_time(ALDB_GET_ARGS);
enum aldb_state aldb_get_timestamp(ALDB_GET_ARGS);
enum aldb_state aldb_get_guid(ALDB_GET_ARGS);
enum aldb_state aldb_get_guid_binary(ALDB_GET_ARGS);
enum aldb_state aldb_get_interval(ALDB_GET_ARGS);
enum aldb_state aldb_get_interval_binary(ALDB_GET_ARGS);
enum aldb_state aldb_get_interval_number(ALDB_GET_ARGS);

#endif
