/* SPDX-License-Identifier: Apache-2.0 */
#include "handle/descfield.h"

#include <limits.h>
#include <string.h>

#include "base/alloc.h"

/* Kinds of descriptors, as bits. An explicit descriptor serves as ARD or APD. */
enum { ARD = 1, APD = 2, IRD = 4, IPD = 8, APP = ARD | APD, IMP = IRD | IPD, ALL = APP | IMP };

#define MAX_NAME 63 /* NAMEDATALEN - 1 */

struct field {
    SQLSMALLINT id;
    const char *name;
    bool header;
    enum aldb_width width;
    size_t offset; /* in struct aldb_desc or struct aldb_desc_rec */
    unsigned read, write;
    bool deferred; /* setting it does not unbind the record */
    enum aldb_descfield_need need;
};

#define HEADER(id, width, member, read, write) \
    {SQL_DESC_##id, "SQL_DESC_" #id, true, width, offsetof(struct aldb_desc, member), read, write, true, ALDB_NEED_NOTHING}
#define RECORD(id, width, member, read, write) \
    {SQL_DESC_##id, "SQL_DESC_" #id, false, width, offsetof(struct aldb_desc_rec, member), read, write, false, ALDB_NEED_NOTHING}
#define DEFERRED(id, width, member, read, write) \
    {SQL_DESC_##id, "SQL_DESC_" #id, false, width, offsetof(struct aldb_desc_rec, member), read, write, true, ALDB_NEED_NOTHING}
#define LOOKED_UP(id, width, member, read) \
    {SQL_DESC_##id, "SQL_DESC_" #id, false, width, offsetof(struct aldb_desc_rec, member), read, 0, false, ALDB_NEED_CATALOG}

static const struct field fields[] = {
    HEADER(ALLOC_TYPE, ALDB_W_S16, alloc_type, ALL, 0),
    HEADER(ARRAY_SIZE, ALDB_W_LEN, array_size, APP, APP),
    HEADER(ARRAY_STATUS_PTR, ALDB_W_PTR, array_status_ptr, ALL, ALL),
    HEADER(BIND_OFFSET_PTR, ALDB_W_PTR, bind_offset_ptr, APP, APP),
    HEADER(BIND_TYPE, ALDB_W_S32, bind_type, APP, APP),
    HEADER(COUNT, ALDB_W_S16, count, ALL, APP | IPD),
    HEADER(ROWS_PROCESSED_PTR, ALDB_W_PTR, rows_processed_ptr, IMP, IMP),

    LOOKED_UP(AUTO_UNIQUE_VALUE, ALDB_W_S32, auto_unique, IRD),
    LOOKED_UP(BASE_COLUMN_NAME, ALDB_W_TEXT, base_column, IRD),
    LOOKED_UP(BASE_TABLE_NAME, ALDB_W_TEXT, base_table, IRD),
    RECORD(CASE_SENSITIVE, ALDB_W_S32, case_sensitive, IMP, 0),
    LOOKED_UP(CATALOG_NAME, ALDB_W_TEXT, catalog, IRD),
    RECORD(CONCISE_TYPE, ALDB_W_S16, concise_type, ALL, APP | IPD),
    DEFERRED(DATA_PTR, ALDB_W_PTR, data_ptr, APP, APP | IPD),
    RECORD(DATETIME_INTERVAL_CODE, ALDB_W_S16, datetime_code, ALL, APP | IPD),
    RECORD(DATETIME_INTERVAL_PRECISION, ALDB_W_S32, datetime_interval_precision, ALL, APP | IPD),
    RECORD(DISPLAY_SIZE, ALDB_W_LEN, display_size, IRD, 0),
    RECORD(FIXED_PREC_SCALE, ALDB_W_S16, fixed_prec_scale, IMP, 0),
    DEFERRED(INDICATOR_PTR, ALDB_W_PTR, indicator_ptr, APP, APP),
    RECORD(LABEL, ALDB_W_TEXT, label, IRD, 0),
    RECORD(LENGTH, ALDB_W_LEN, length, ALL, APP | IPD),
    RECORD(LITERAL_PREFIX, ALDB_W_TEXT, literal_prefix, IRD, 0),
    RECORD(LITERAL_SUFFIX, ALDB_W_TEXT, literal_suffix, IRD, 0),
    RECORD(LOCAL_TYPE_NAME, ALDB_W_TEXT, local_type_name, IMP, 0),
    RECORD(NAME, ALDB_W_TEXT, name, IMP, IPD),
    LOOKED_UP(NULLABLE, ALDB_W_S16, nullable, IMP),
    RECORD(NUM_PREC_RADIX, ALDB_W_S32, num_prec_radix, ALL, APP | IPD),
    RECORD(OCTET_LENGTH, ALDB_W_LEN, octet_length, ALL, APP | IPD),
    DEFERRED(OCTET_LENGTH_PTR, ALDB_W_PTR, octet_length_ptr, APP, APP),
    RECORD(PARAMETER_TYPE, ALDB_W_S16, parameter_type, IPD, IPD),
    RECORD(PRECISION, ALDB_W_S16, precision, ALL, APP | IPD),
    RECORD(ROWVER, ALDB_W_S16, rowver, IMP, 0),
    RECORD(SCALE, ALDB_W_S16, scale, ALL, APP | IPD),
    LOOKED_UP(SCHEMA_NAME, ALDB_W_TEXT, schema, IRD),
    RECORD(SEARCHABLE, ALDB_W_S16, searchable, IRD, 0),
    LOOKED_UP(TABLE_NAME, ALDB_W_TEXT, table, IRD),
    RECORD(TYPE, ALDB_W_S16, type, ALL, APP | IPD),
    RECORD(TYPE_NAME, ALDB_W_TEXT, type_name, IMP, 0),
    RECORD(UNNAMED, ALDB_W_S16, unnamed, IMP, IPD),
    RECORD(UNSIGNED, ALDB_W_S16, is_unsigned, IMP, 0),
    RECORD(UPDATABLE, ALDB_W_S16, updatable, IRD, 0),
};

static const struct field *find_field(SQLSMALLINT id)
{
    for (size_t i = 0; i < ALDB_COUNT(fields); i++) {
        if (fields[i].id == id) {
            return &fields[i];
        }
    }
    return NULL;
}

static unsigned kind_bit(const struct aldb_desc *d)
{
    switch (d->kind) {
    case ALDB_DESC_ARD:
        return ARD;
    case ALDB_DESC_APD:
        return APD;
    case ALDB_DESC_IRD:
        return IRD;
    case ALDB_DESC_IPD:
        return IPD;
    case ALDB_DESC_EXPLICIT:
        break;
    }
    return APP;
}

static const char *kind_name(const struct aldb_desc *d)
{
    static const char *const names[] = {"an application row descriptor", "an application parameter descriptor",
                                        "an implementation row descriptor", "an implementation parameter descriptor",
                                        "an application descriptor"};
    return names[d->kind];
}

bool aldb_descfield_takes_text(const struct aldb_desc *d, SQLSMALLINT field)
{
    const struct field *f = find_field(field);
    return f && f->width == ALDB_W_TEXT && (f->write & kind_bit(d));
}

bool aldb_descfield_is_header(SQLSMALLINT field)
{
    const struct field *f = find_field(field);
    return f && f->header;
}

enum aldb_descfield_need aldb_descfield_need(const struct aldb_desc_rec *rec, SQLSMALLINT field)
{
    const struct field *f = find_field(field);
    if (f == NULL || rec->details_known) {
        return ALDB_NEED_NOTHING;
    }
    if (field == SQL_DESC_TYPE_NAME || field == SQL_DESC_LOCAL_TYPE_NAME) {
        return rec->oid && rec->type_name == NULL ? ALDB_NEED_CATALOG : ALDB_NEED_NOTHING;
    }
    return rec->table_oid ? f->need : ALDB_NEED_NOTHING;
}

/* ------------------------------------------------------------------ reading */

static enum aldb_rc unknown_field(SQLSMALLINT field, struct aldb_diag *diag)
{
    return aldb_diag_post(diag, ALDB_ST_HY091, "%d is not a descriptor field", field);
}

static struct aldb_value load(const struct field *f, const void *base)
{
    const char *at = (const char *)base + f->offset;
    struct aldb_value v = {.width = f->width};
    SQLSMALLINT s16;
    SQLINTEGER s32;
    const char *text;
    switch (f->width) {
    case ALDB_W_S16:
        memcpy(&s16, at, sizeof s16);
        v.number = s16;
        break;
    case ALDB_W_S32:
        memcpy(&s32, at, sizeof s32);
        v.number = s32;
        break;
    case ALDB_W_LEN:
        memcpy(&v.number, at, sizeof v.number);
        break;
    case ALDB_W_PTR:
        memcpy(&v.pointer, at, sizeof v.pointer);
        break;
    case ALDB_W_TEXT:
        memcpy(&text, at, sizeof text);
        v = aldb_value_text(text);
        break;
    }
    return v;
}

enum aldb_rc aldb_desc_get_rec(struct aldb_desc *d, SQLSMALLINT number, struct aldb_desc_rec **out, struct aldb_diag *diag)
{
    if (number < 0) {
        return aldb_diag_post(diag, ALDB_ST_07009, "Descriptor record number %d is negative", number);
    }
    bool bookmark = d->kind == ALDB_DESC_ARD || d->kind == ALDB_DESC_EXPLICIT || (d->kind == ALDB_DESC_IRD && d->stmt->use_bookmarks != SQL_UB_OFF);
    if (number == 0 && !bookmark) {
        return aldb_diag_post(diag, ALDB_ST_07009, "Record 0 is the bookmark's, of row descriptors, and SQL_ATTR_USE_BOOKMARKS is off");
    }
    if (d->kind == ALDB_DESC_IRD && d->stmt && d->stmt->state == ALDB_STMT_ALLOCATED) {
        return aldb_diag_post(diag, ALDB_ST_HY007, "The implementation row descriptor is empty: prepare or execute the statement first");
    }
    if (number == 0 && aldb_desc_extend(d, 0, diag) == ALDB_ERR) {
        return ALDB_ERR;
    }
    struct aldb_desc_rec *r = aldb_desc_rec(d, number);
    if (r == NULL) {
        return ALDB_NO_DATA;
    }
    *out = r;
    return ALDB_OK;
}

enum aldb_rc aldb_desc_get(struct aldb_desc *d, SQLSMALLINT number, SQLSMALLINT field, struct aldb_value *out,
                           struct aldb_diag *diag)
{
    const struct field *f = find_field(field);
    if (f == NULL) {
        return unknown_field(field, diag);
    }
    if (!(f->read & kind_bit(d))) {
        return aldb_diag_post(diag, ALDB_ST_HY091, "%s does not exist in %s", f->name, kind_name(d));
    }
    if (f->header) {
        *out = load(f, d);
        return ALDB_OK;
    }
    struct aldb_desc_rec *r;
    enum aldb_rc rc = aldb_desc_get_rec(d, number, &r, diag);
    if (rc != ALDB_OK) {
        return rc;
    }
    *out = load(f, r);
    if (field == SQL_DESC_LABEL && r->label == NULL) {
        *out = aldb_value_text(r->name);
    } else if (field == SQL_DESC_LOCAL_TYPE_NAME && r->local_type_name == NULL) {
        *out = aldb_value_text(r->type_name);
    }
    return ALDB_OK;
}

/* ------------------------------------------------------------------ consistency */

static bool valid_type(const struct aldb_desc *d, SQLSMALLINT concise)
{
    if (d->kind == ALDB_DESC_IPD) {
        return aldb_sql_type_valid(concise);
    }
    return concise == SQL_C_DEFAULT || aldb_c_type_valid(concise);
}

/* ODBC's consistency check: what a record must fulfil before data may be bound to it. */
static enum aldb_rc check_rec(const struct aldb_desc *d, const struct aldb_desc_rec *r, struct aldb_diag *diag)
{
    SQLSMALLINT verbose;
    SQLSMALLINT code;
    if (!valid_type(d, r->concise_type)) {
        return aldb_diag_post(diag, ALDB_ST_HY021, "SQL_DESC_CONCISE_TYPE %d is not a valid %s type%s", r->concise_type,
                              d->kind == ALDB_DESC_IPD ? "SQL" : "C",
                              r->type == SQL_DATETIME || r->type == SQL_INTERVAL ? "; SQL_DESC_DATETIME_INTERVAL_CODE is not set" : "");
    }
    aldb_type_verbose(r->concise_type, &verbose, &code);
    if (verbose != r->type || code != r->datetime_code) {
        return aldb_diag_post(diag, ALDB_ST_HY021, "SQL_DESC_TYPE %d, SQL_DESC_CONCISE_TYPE %d and SQL_DESC_DATETIME_INTERVAL_CODE %d do not agree",
                              r->type, r->concise_type, r->datetime_code);
    }
    bool numeric = r->type == SQL_NUMERIC || r->type == SQL_DECIMAL;
    if (numeric && (r->precision < 0 || (d->kind != ALDB_DESC_IPD && (r->precision < 1 || r->precision > 38)) || r->scale < SCHAR_MIN)) {
        return aldb_diag_post(diag, ALDB_ST_HY021, "SQL_DESC_PRECISION %d or SQL_DESC_SCALE %d is out of range for a numeric type", r->precision,
                              r->scale);
    }
    bool fraction = r->type == SQL_DATETIME || r->type == SQL_INTERVAL;
    if (fraction && (r->precision < 0 || r->precision > 9)) {
        return aldb_diag_post(diag, ALDB_ST_HY021, "SQL_DESC_PRECISION %d is out of range (0 to 9) for fractional seconds", r->precision);
    }
    if (r->type == SQL_INTERVAL && (r->datetime_interval_precision < 0 || r->datetime_interval_precision > 9)) {
        return aldb_diag_post(diag, ALDB_ST_HY021, "SQL_DESC_DATETIME_INTERVAL_PRECISION %d is out of range (0 to 9)",
                              (int)r->datetime_interval_precision);
    }
    return ALDB_OK;
}

/* ------------------------------------------------------------------ writing */

/* ColumnSize and DecimalDigits of a parameter, as SQLBindParameter would have set them, from the fields that an application set one by one. */
static void derive_sizes(struct aldb_desc_rec *r)
{
    switch (r->type) {
    case SQL_NUMERIC:
    case SQL_DECIMAL:
        r->column_size = (SQLULEN)(r->precision < 0 ? 0 : r->precision);
        r->decimal_digits = r->scale;
        break;
    case SQL_DATETIME:
    case SQL_INTERVAL:
        r->column_size = r->length;
        r->decimal_digits = r->precision;
        break;
    case SQL_FLOAT:
    case SQL_REAL:
    case SQL_DOUBLE:
        r->column_size = (SQLULEN)(r->precision < 0 ? 0 : r->precision);
        break;
    default:
        r->column_size = r->length;
        break;
    }
}

static bool is_app(const struct aldb_desc *d)
{
    return d->kind != ALDB_DESC_IRD && d->kind != ALDB_DESC_IPD;
}

static enum aldb_rc set_data_ptr(const struct aldb_desc *d, SQLSMALLINT number, struct aldb_desc_rec *r, SQLPOINTER data, struct aldb_diag *diag)
{
    if (data != NULL || d->kind == ALDB_DESC_IPD) {
        if (check_rec(d, r, diag) == ALDB_ERR) {
            return ALDB_ERR;
        }
    }
    if (d->kind == ALDB_DESC_IPD) {
        return ALDB_OK; /* only the check was wanted */
    }
    if (number == 0 && data != NULL) {
        return aldb_diag_post(diag, ALDB_ST_HYC00, "Bookmarks are not supported: record 0 cannot be bound");
    }
    r->data_ptr = data;
    r->bound = data != NULL;
    return ALDB_OK;
}

/* "When the highest bound record is unbound, COUNT becomes the number of the next bound one." */
static void after_data_ptr(struct aldb_desc *d, SQLSMALLINT number)
{
    if (is_app(d) && number == d->count && number > 0 && d->recs[number].data_ptr == NULL) {
        aldb_desc_lower(d);
    }
}

static enum aldb_rc set_count(struct aldb_desc *d, SQLLEN count, struct aldb_diag *diag)
{
    if (count < 0 || count > SHRT_MAX) {
        return aldb_diag_post(diag, ALDB_ST_07009, "SQL_DESC_COUNT %lld is out of range (0 to %d)", (long long)count, SHRT_MAX);
    }
    if (count < d->count) {
        aldb_desc_truncate(d, (SQLSMALLINT)count);
        return ALDB_OK;
    }
    return aldb_desc_extend(d, (SQLSMALLINT)count, diag);
}

static enum aldb_rc set_verbose_type(struct aldb_desc *d, struct aldb_desc_rec *r, SQLSMALLINT type, struct aldb_diag *diag)
{
    if (type == SQL_DATETIME || type == SQL_INTERVAL) {
        r->type = type; /* incomplete until the code is set; not the code itself: 9 and 10 were concise types in ODBC 2 */
        r->concise_type = 0;
        r->datetime_code = 0;
        return ALDB_OK;
    }
    SQLSMALLINT verbose;
    SQLSMALLINT code;
    aldb_type_verbose(type, &verbose, &code);
    if (verbose != type || !aldb_desc_rec_set_type(d, r, type)) {
        return aldb_diag_post(diag, ALDB_ST_HY021, "SQL_DESC_TYPE %d is not a valid verbose %s type", type, is_app(d) ? "C" : "SQL");
    }
    return ALDB_OK;
}

static enum aldb_rc set_code(struct aldb_desc *d, struct aldb_desc_rec *r, SQLSMALLINT code, struct aldb_diag *diag)
{
    if (r->type != SQL_DATETIME && r->type != SQL_INTERVAL) {
        if (code == 0) {
            return ALDB_OK;
        }
        return aldb_diag_post(diag, ALDB_ST_HY021, "SQL_DESC_DATETIME_INTERVAL_CODE %d needs SQL_DESC_TYPE SQL_DATETIME or SQL_INTERVAL", code);
    }
    SQLSMALLINT concise = aldb_type_concise(r->type, code);
    if (concise == 0 || !aldb_desc_rec_set_type(d, r, concise)) {
        return aldb_diag_post(diag, ALDB_ST_HY021, "SQL_DESC_DATETIME_INTERVAL_CODE %d does not exist for SQL_DESC_TYPE %d", code, r->type);
    }
    return ALDB_OK;
}

static enum aldb_rc set_name(struct aldb_desc_rec *r, struct aldb_slice name, struct aldb_diag *diag)
{
    if (name.len > MAX_NAME) {
        return aldb_diag_post(diag, ALDB_ST_22001, "The parameter name has %zu bytes; %d are the most", name.len, MAX_NAME);
    }
    char *copy = aldb_strndup(name.ptr ? name.ptr : "", name.ptr ? name.len : 0);
    if (copy == NULL) {
        return aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    }
    aldb_free(r->name);
    r->name = copy;
    r->unnamed = copy[0] ? SQL_NAMED : SQL_UNNAMED;
    r->name_told = false;
    return ALDB_OK;
}

static enum aldb_rc set_parameter_type(struct aldb_desc_rec *r, SQLSMALLINT type, struct aldb_diag *diag)
{
    switch (type) {
    case SQL_PARAM_INPUT:
    case SQL_PARAM_INPUT_OUTPUT:
    case SQL_PARAM_OUTPUT:
        r->parameter_type = type;
        return ALDB_OK;
    case SQL_PARAM_INPUT_OUTPUT_STREAM:
    case SQL_PARAM_OUTPUT_STREAM:
        r->parameter_type = type;
        return ALDB_OK;
    default:
        return aldb_diag_post(diag, ALDB_ST_HY105, "SQL_DESC_PARAMETER_TYPE %d is not SQL_PARAM_INPUT, _OUTPUT, _INPUT_OUTPUT, _OUTPUT_STREAM or "
                              "_INPUT_OUTPUT_STREAM", type);
    }
}

static void store(const struct field *f, void *base, const struct aldb_arg *arg)
{
    char *at = (char *)base + f->offset;
    SQLSMALLINT s16 = (SQLSMALLINT)(intptr_t)arg->raw;
    SQLINTEGER s32 = (SQLINTEGER)(intptr_t)arg->raw;
    SQLLEN len = (SQLLEN)(intptr_t)arg->raw;
    switch (f->width) {
    case ALDB_W_S16:
        memcpy(at, &s16, sizeof s16);
        break;
    case ALDB_W_S32:
        memcpy(at, &s32, sizeof s32);
        break;
    case ALDB_W_LEN:
        memcpy(at, &len, sizeof len);
        break;
    case ALDB_W_PTR:
        memcpy(at, &arg->raw, sizeof arg->raw);
        break;
    case ALDB_W_TEXT:
        break; /* SQL_DESC_NAME alone is settable: set_name */
    }
}

/* Integers come in the pointer; of its upper half nothing is expected. */
static SQLINTEGER integer_of(const struct aldb_arg *arg)
{
    return (SQLINTEGER)(intptr_t)arg->raw;
}

/* A SQLSMALLINT, or a SQLUSMALLINT that was not extended by its sign. What is larger is not cut to fit. */
static bool fits_16(SQLINTEGER value)
{
    return value >= SHRT_MIN && value <= USHRT_MAX;
}

static enum aldb_rc set_header(struct aldb_desc *d, const struct field *f, const struct aldb_arg *arg, struct aldb_diag *diag)
{
    if (f->id == SQL_DESC_COUNT) {
        return set_count(d, integer_of(arg), diag);
    }
    if (f->id == SQL_DESC_ARRAY_SIZE && arg->raw == NULL) {
        return aldb_diag_post(diag, ALDB_ST_HY024, "SQL_DESC_ARRAY_SIZE must be at least 1");
    }
    if (f->id == SQL_DESC_BIND_TYPE && integer_of(arg) < 0) {
        return aldb_diag_post(diag, ALDB_ST_HY024, "SQL_DESC_BIND_TYPE must be SQL_BIND_BY_COLUMN or the length of a row");
    }
    store(f, d, arg);
    d->version++;
    return ALDB_OK;
}

static enum aldb_rc set_record(struct aldb_desc *d, SQLSMALLINT number, struct aldb_desc_rec *r, const struct field *f,
                               const struct aldb_arg *arg, struct aldb_diag *diag)
{
    SQLSMALLINT s16 = (SQLSMALLINT)(intptr_t)arg->raw;
    switch (f->id) {
    case SQL_DESC_TYPE:
        return set_verbose_type(d, r, s16, diag);
    case SQL_DESC_CONCISE_TYPE:
        if (!aldb_desc_rec_set_type(d, r, s16)) {
            return aldb_diag_post(diag, ALDB_ST_HY021, "SQL_DESC_CONCISE_TYPE %d is not a valid %s type", s16, is_app(d) ? "C" : "SQL");
        }
        return ALDB_OK;
    case SQL_DESC_DATETIME_INTERVAL_CODE:
        return set_code(d, r, s16, diag);
    case SQL_DESC_DATA_PTR:
        return set_data_ptr(d, number, r, arg->raw, diag);
    case SQL_DESC_NAME:
        return set_name(r, arg->text, diag);
    case SQL_DESC_PARAMETER_TYPE:
        return set_parameter_type(r, s16, diag);
    case SQL_DESC_UNNAMED:
        if (s16 != SQL_UNNAMED) {
            return aldb_diag_post(diag, ALDB_ST_HY091, "SQL_DESC_UNNAMED can be set to SQL_UNNAMED only; set SQL_DESC_NAME to name a parameter");
        }
        return set_name(r, aldb_slice("", 0), diag);
    case SQL_DESC_OCTET_LENGTH:
        if ((SQLLEN)(intptr_t)arg->raw < 0) {
            return aldb_diag_post(diag, ALDB_ST_HY090, "SQL_DESC_OCTET_LENGTH is negative");
        }
        break;
    case SQL_DESC_PRECISION:
    case SQL_DESC_SCALE:
        r->numeric_set = true;
        break;
    default:
        break;
    }
    store(f, r, arg);
    return ALDB_OK;
}

enum aldb_rc aldb_desc_set(struct aldb_desc *d, SQLSMALLINT number, SQLSMALLINT field, const struct aldb_arg *arg,
                           struct aldb_diag *diag)
{
    const struct field *f = find_field(field);
    if (f == NULL) {
        return unknown_field(field, diag);
    }
    if (!(f->write & kind_bit(d))) {
        if (d->kind == ALDB_DESC_IRD) {
            return aldb_diag_post(diag, ALDB_ST_HY016, "%s: of an implementation row descriptor only SQL_DESC_ARRAY_STATUS_PTR and "
                                  "SQL_DESC_ROWS_PROCESSED_PTR can be set", f->name);
        }
        return aldb_diag_post(diag, ALDB_ST_HY091, "%s cannot be set in %s", f->name, kind_name(d));
    }
    if (f->width == ALDB_W_S16 && f->id != SQL_DESC_COUNT && !fits_16(integer_of(arg))) {
        return aldb_diag_post(diag, ALDB_ST_HY024, "%s cannot be %d: it is a SQLSMALLINT", f->name, (int)integer_of(arg));
    }
    if (f->header) {
        return set_header(d, f, arg, diag);
    }
    if (number < 0 || (number == 0 && d->kind != ALDB_DESC_ARD && d->kind != ALDB_DESC_EXPLICIT)) {
        return aldb_diag_post(diag, ALDB_ST_07009, "There is no record %d in %s", number, kind_name(d));
    }
    SQLSMALLINT count = d->count;
    if (aldb_desc_extend(d, number, diag) == ALDB_ERR) {
        return ALDB_ERR;
    }
    struct aldb_desc_rec *r = aldb_desc_rec(d, number);
    enum aldb_rc rc = set_record(d, number, r, f, arg, diag);
    if (rc == ALDB_ERR) {
        aldb_desc_truncate(d, count);
        return rc;
    }
    if (f->id == SQL_DESC_DATA_PTR) {
        after_data_ptr(d, number);
    }
    if (is_app(d) && !f->deferred) {
        r->data_ptr = NULL;
        r->bound = false;
    }
    if (d->kind == ALDB_DESC_IPD) {
        derive_sizes(r);
        if (f->id == SQL_DESC_LENGTH || f->id == SQL_DESC_PRECISION || f->id == SQL_DESC_SCALE) {
            aldb_desc_rec_measure(d, r);
        }
        bool names = f->id == SQL_DESC_NAME || f->id == SQL_DESC_UNNAMED; /* says nothing of the type */
        r->bound = r->bound || (!names && r->concise_type != 0);
        if (names) {
            aldb_desc_renamed(d);
        }
    }
    d->version++;
    return rc;
}

/* All that SQLSetDescRec sets, in a record of its own: the descriptor's takes it over when everything fits. */
static enum aldb_rc fill_rec(struct aldb_desc *d, SQLSMALLINT number, struct aldb_desc_rec *r, const struct aldb_desc_rec_arg *arg,
                             struct aldb_diag *diag)
{
    enum aldb_rc rc;
    ALDB_TRY(set_verbose_type(d, r, arg->type, diag));
    if (arg->type == SQL_DATETIME || arg->type == SQL_INTERVAL) {
        ALDB_TRY(set_code(d, r, arg->subtype, diag));
    }
    r->octet_length = arg->octet_length;
    r->precision = arg->precision;
    r->scale = arg->scale;
    r->numeric_set = true;
    if (d->kind == ALDB_DESC_IPD) {
        r->length = (SQLULEN)arg->octet_length;
        derive_sizes(r);
        r->bound = true;
    } else {
        r->octet_length_ptr = arg->octet_length_ptr;
        r->indicator_ptr = arg->indicator_ptr;
    }
    ALDB_TRY(check_rec(d, r, diag));
    rc = set_data_ptr(d, number, r, arg->data, diag);
out:
    return rc;
}

enum aldb_rc aldb_desc_set_rec(struct aldb_desc *d, SQLSMALLINT number, const struct aldb_desc_rec_arg *arg, struct aldb_diag *diag)
{
    if (d->kind == ALDB_DESC_IRD) {
        return aldb_diag_post(diag, ALDB_ST_HY016, NULL);
    }
    if (number < 0 || (number == 0 && d->kind != ALDB_DESC_ARD && d->kind != ALDB_DESC_EXPLICIT)) {
        return aldb_diag_post(diag, ALDB_ST_07009, "There is no record %d in %s", number, kind_name(d));
    }
    if (arg->octet_length < 0) {
        return aldb_diag_post(diag, ALDB_ST_HY090, "The length of record %d is negative", number);
    }
    SQLSMALLINT count = d->count;
    struct aldb_desc_rec draft;
    enum aldb_rc rc = aldb_desc_extend(d, number, diag);
    if (rc == ALDB_ERR) {
        return rc;
    }
    struct aldb_desc_rec *r = aldb_desc_rec(d, number);
    if (!aldb_desc_rec_copy(r, &draft)) {
        aldb_desc_truncate(d, count);
        return aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    }
    rc = fill_rec(d, number, &draft, arg, diag);
    if (rc == ALDB_ERR) {
        aldb_desc_rec_clear(&draft);
        aldb_desc_truncate(d, count);
        return rc;
    }
    aldb_desc_rec_clear(r);
    *r = draft;
    after_data_ptr(d, number);
    d->version++;
    return rc;
}
