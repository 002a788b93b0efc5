/* SPDX-License-Identifier: Apache-2.0 */
/* SQLGetTypeInfo: rows made from the type table, without a round trip. ODBC: SQLGetTypeInfo Function. */
#include "catalog/internal.h"

#include <limits.h>
#include <string.h>

#include "base/alloc.h"

static void put_text(struct aldb_buf *b, const char *s)
{
    int32_t len = s ? (int32_t)strlen(s) : -1;
    aldb_buf_add(b, &len, sizeof len);
    if (s) {
        aldb_buf_add(b, s, (size_t)len);
    }
}

static void put_number(struct aldb_buf *b, int64_t v, bool null)
{
    char digits[24];
    int32_t len = null ? -1 : (int32_t)aldb_format_i64(digits, v);
    aldb_buf_add(b, &len, sizeof len);
    if (!null) {
        aldb_buf_add(b, digits, (size_t)len);
    }
}

static void put_row(struct aldb_buf *b, const struct aldb_typeinfo_row *r, bool version2)
{
    put_text(b, r->type_name);
    put_number(b, version2 ? aldb_type_to_v2(r->data_type) : r->data_type, false);
    put_number(b, r->column_size, r->column_size < 0);
    put_text(b, r->literal_prefix);
    put_text(b, r->literal_suffix);
    put_text(b, r->create_params);
    put_number(b, r->nullable, false);
    put_number(b, r->case_sensitive, false);
    put_number(b, r->searchable, false);
    put_number(b, r->unsigned_attribute, r->unsigned_attribute < 0);
    put_number(b, r->fixed_prec_scale, false);
    put_number(b, r->auto_unique_value, r->auto_unique_value < 0);
    put_text(b, r->local_type_name);
    put_number(b, r->minimum_scale, r->minimum_scale == INT_MIN);
    put_number(b, r->maximum_scale, r->maximum_scale == INT_MIN);
    put_number(b, r->sql_data_type, false);
    put_number(b, r->sql_datetime_sub, r->sql_datetime_sub == 0);
    put_number(b, r->num_prec_radix, r->num_prec_radix == 0);
    put_number(b, r->interval_precision, r->interval_precision == 0);
}

enum aldb_rc aldb_catalog_type_info(const struct aldb_catalog_context *c, SQLSMALLINT data_type, struct aldb_query *out)
{
    aldb_query_init(out, aldb_shape_type_info(c->types->version2));
    data_type = aldb_type_from_v2(data_type);
    if (data_type != SQL_ALL_TYPES && !aldb_sql_type_valid(data_type)) {
        return aldb_diag_post(c->diag, ALDB_ST_HY004, "%d is not an SQL data type", data_type);
    }
    out->local = aldb_alloc(sizeof *out->local);
    if (out->local == NULL) {
        return aldb_diag_post(c->diag, ALDB_ST_HY001, NULL);
    }
    aldb_buf_init(out->local, ALDB_MAX_NAME);
    struct aldb_typeinfo_row row;
    for (size_t i = 0; aldb_typeinfo_row(c->types, i, &row); i++) {
        if (data_type == SQL_ALL_TYPES || row.data_type == data_type) {
            put_row(out->local, &row, c->types->version2);
            out->nlocal++;
        }
    }
    return aldb_buf_ok(out->local) ? ALDB_OK : aldb_diag_post(c->diag, ALDB_ST_HY001, NULL);
}
