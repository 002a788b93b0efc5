/* SPDX-License-Identifier: Apache-2.0 */
/* Types in the rows of catalog functions: described by the driver, so that they are what SQLDescribeCol says of them. */
#include "catalog/internal.h"

#include <limits.h>
#include <string.h>

static const struct aldb_cell null_cell = {NULL, 0};

struct aldb_cell aldb_cell_text(const char *s)
{
    return (struct aldb_cell){s, s ? strlen(s) : 0};
}

struct aldb_cell aldb_cell_number(struct aldb_buf *scratch, int64_t v)
{
    char digits[24];
    size_t at = scratch->len;
    size_t len = aldb_format_i64(digits, v);
    aldb_buf_add(scratch, digits, len);
    return (struct aldb_cell){scratch->data + at, len};
}

static struct aldb_cell clamp_number(struct aldb_buf *scratch, uint64_t v)
{
    return aldb_cell_number(scratch, v > INT32_MAX ? INT32_MAX : (int64_t)v);
}

static int64_t number_of(struct aldb_slice s)
{
    int64_t v = 0;
    return s.ptr && aldb_parse_i64(s, &v) ? v : 0;
}

static bool has_digits(SQLSMALLINT concise_type)
{
    switch (concise_type) {
    case SQL_NUMERIC:
    case SQL_DECIMAL:
    case SQL_SMALLINT:
    case SQL_INTEGER:
    case SQL_BIGINT:
    case SQL_TYPE_TIME:
    case SQL_TYPE_TIMESTAMP:
    case SQL_INTERVAL_SECOND:
    case SQL_INTERVAL_DAY_TO_SECOND:
    case SQL_INTERVAL_HOUR_TO_SECOND:
    case SQL_INTERVAL_MINUTE_TO_SECOND:
        return true;
    default:
        return false;
    }
}

static bool is_string(SQLSMALLINT t)
{
    return t == SQL_CHAR || t == SQL_VARCHAR || t == SQL_LONGVARCHAR || t == SQL_WCHAR || t == SQL_WVARCHAR || t == SQL_WLONGVARCHAR ||
           t == SQL_BINARY || t == SQL_VARBINARY || t == SQL_LONGVARBINARY;
}

/* The next word of what ALDB_BASE_OF gives; the rest of it begins behind the blank. */
static struct aldb_slice next_word(struct aldb_slice *rest)
{
    size_t n = 0;
    while (n < rest->len && rest->ptr[n] != ' ') {
        n++;
    }
    struct aldb_slice word = aldb_slice(rest->ptr, n);
    size_t skip = n < rest->len ? n + 1 : n;
    *rest = aldb_slice(rest->ptr + skip, rest->len - skip);
    return word;
}

bool aldb_typed_read(const struct aldb_type_options *types, const struct aldb_cell in[ALDB_TYPE_CELLS], struct aldb_buf *scratch,
                     struct aldb_typed *out)
{
    if (aldb_buf_reserve(scratch, 256) == NULL) { /* for all numbers at once, so that none of them moves */
        return false;
    }
    struct aldb_slice oid_text = aldb_slice(in[0].data, in[0].len);
    struct aldb_slice typmod_text = aldb_slice(in[1].data, in[1].len);
    struct aldb_slice name = aldb_slice(in[2].data, in[2].len);
    out->not_null = false;
    if (in[3].data) {
        name = aldb_slice(in[3].data, in[3].len);
        oid_text = next_word(&name);
        typmod_text = next_word(&name);
        out->not_null = aldb_slice_eq(next_word(&name), aldb_slice_of("t"));
    }
    uint32_t oid = (uint32_t)number_of(oid_text);
    int32_t typmod = (int32_t)number_of(typmod_text);
    struct aldb_type_desc d;
    aldb_type_describe(types, oid, typmod, &d);
    const char *builtin = aldb_type_name(oid, typmod);

    out->data_type = aldb_cell_number(scratch, types->version2 ? aldb_type_to_v2(d.concise_type) : d.concise_type);
    out->type_name = builtin ? aldb_cell_text(builtin) : (struct aldb_cell){name.ptr, name.len};
    out->column_size = d.column_size ? clamp_number(scratch, d.column_size) : null_cell;
    out->buffer_length = d.octet_length < 0 ? null_cell : clamp_number(scratch, (uint64_t)d.octet_length);
    out->decimal_digits = has_digits(d.sql_type) ? aldb_cell_number(scratch, d.decimal_digits) : null_cell;
    out->num_prec_radix = d.num_prec_radix ? aldb_cell_number(scratch, d.num_prec_radix) : null_cell;
    out->sql_data_type = aldb_cell_number(scratch, d.verbose_type);
    out->datetime_sub = d.datetime_code ? aldb_cell_number(scratch, d.datetime_code) : null_cell;
    out->char_octet_length = is_string(d.sql_type) ? out->buffer_length : null_cell;
    return aldb_buf_ok(scratch);
}

void aldb_typed_write(const struct aldb_typed *t, bool not_null, const struct aldb_cell in[ALDB_TYPED_EXTRA], struct aldb_buf *scratch,
                      struct aldb_cell *out)
{
    *out++ = t->data_type;
    *out++ = t->type_name;
    *out++ = t->column_size;
    *out++ = t->buffer_length;
    *out++ = t->decimal_digits;
    *out++ = t->num_prec_radix;
    *out++ = aldb_cell_number(scratch, not_null ? SQL_NO_NULLS : SQL_NULLABLE);
    *out++ = in[0];
    *out++ = in[1];
    *out++ = t->sql_data_type;
    *out++ = t->datetime_sub;
    *out++ = t->char_octet_length;
    *out++ = in[2];
    *out++ = aldb_cell_text(not_null ? "NO" : "YES");
}
