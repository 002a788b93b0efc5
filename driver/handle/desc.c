/* SPDX-License-Identifier: Apache-2.0 */
/* Descriptors as memory: records, their initial values, types and copies. What an application may do to the fields is descfield.c. */
#include "handle/handle.h"

#include <string.h>

#include "base/alloc.h"

/* SQL_DESC_PRECISION of DECIMAL and NUMERIC when nothing was said: what SQL_NUMERIC_STRUCT holds. */
#define NUMERIC_PRECISION 38
#define FLOAT_PRECISION 53 /* bits */
#define FRACTION_PRECISION 6
#define LEADING_PRECISION 2 /* leading field of intervals */

static bool is_application(const struct aldb_desc *d)
{
    return d->kind == ALDB_DESC_ARD || d->kind == ALDB_DESC_APD || d->kind == ALDB_DESC_EXPLICIT;
}

/* An application record has the implementation's fields too: it carries them from one SQLCopyDesc to the next. */
static void init_rec(const struct aldb_desc *d, struct aldb_desc_rec *r)
{
    memset(r, 0, sizeof *r);
    if (is_application(d)) {
        r->concise_type = r->type = SQL_C_DEFAULT;
    }
    r->nullable = SQL_NULLABLE_UNKNOWN;
    r->unnamed = SQL_UNNAMED;
    r->searchable = SQL_PRED_NONE;
    r->typmod = -1;
    r->literal_prefix = r->literal_suffix = "";
    r->parameter_type = SQL_PARAM_INPUT;
}

/* The owned strings of a record, for clearing and copying. */
static const size_t owned[] = {
    offsetof(struct aldb_desc_rec, name),      offsetof(struct aldb_desc_rec, label),
    offsetof(struct aldb_desc_rec, base_column), offsetof(struct aldb_desc_rec, base_table),
    offsetof(struct aldb_desc_rec, table),     offsetof(struct aldb_desc_rec, schema),
    offsetof(struct aldb_desc_rec, catalog),   offsetof(struct aldb_desc_rec, type_name),
    offsetof(struct aldb_desc_rec, local_type_name),
};

static char **string_at(struct aldb_desc_rec *r, size_t i)
{
    return (char **)(void *)((char *)r + owned[i]);
}

void aldb_desc_rec_clear(struct aldb_desc_rec *r)
{
    for (size_t i = 0; i < ALDB_COUNT(owned); i++) {
        aldb_free(*string_at(r, i));
        *string_at(r, i) = NULL;
    }
}

bool aldb_desc_rec_copy(const struct aldb_desc_rec *from, struct aldb_desc_rec *to)
{
    struct aldb_desc_rec borrowed = *from;
    *to = *from;
    for (size_t i = 0; i < ALDB_COUNT(owned); i++) {
        *string_at(to, i) = NULL;
    }
    for (size_t i = 0; i < ALDB_COUNT(owned); i++) {
        const char *text = *string_at(&borrowed, i);
        if (text && (*string_at(to, i) = aldb_strdup(text)) == NULL) {
            aldb_desc_rec_clear(to);
            return false;
        }
    }
    return true;
}

/* A descriptor may come to lie where a freed one lay, whose plan somebody still has: address and version together must not come again. */
static uint64_t first_version(void)
{
    static _Atomic uint64_t born;
    return (atomic_fetch_add(&born, 1) + 1) << 32;
}

void aldb_desc_init(struct aldb_desc *d, struct aldb_dbc *dbc, struct aldb_stmt *stmt, enum aldb_desc_kind kind)
{
    memset(d, 0, sizeof *d);
    d->version = first_version();
    atomic_init(&d->h.magic, ALDB_MAGIC_DESC);
    d->h.type = SQL_HANDLE_DESC;
    aldb_mutex_init(&d->h.lock, ALDB_LOCK_DESC);
    aldb_diag_init(&d->h.diag);
    d->dbc = dbc;
    d->stmt = stmt;
    d->kind = kind;
    d->alloc_type = kind == ALDB_DESC_EXPLICIT ? SQL_DESC_ALLOC_USER : SQL_DESC_ALLOC_AUTO;
    d->array_size = 1;
    d->bind_type = SQL_BIND_BY_COLUMN;
}

void aldb_desc_clear(struct aldb_desc *d)
{
    for (size_t i = 0; i < d->nrecs; i++) {
        aldb_desc_rec_clear(&d->recs[i]);
    }
    aldb_free(d->recs);
    d->recs = NULL;
    d->nrecs = 0;
    d->count = 0;
    atomic_store(&d->h.magic, ALDB_MAGIC_DEAD);
    aldb_diag_clear(&d->h.diag);
    aldb_mutex_clear(&d->h.lock);
}

enum aldb_rc aldb_desc_extend(struct aldb_desc *d, SQLSMALLINT n, struct aldb_diag *diag)
{
    size_t need = (size_t)(n < 0 ? 0 : n) + 1;
    if (need > d->nrecs) {
        size_t room = need < 8 ? 8 : need;
        if (room < d->nrecs * 2) {
            room = d->nrecs * 2;
        }
        struct aldb_desc_rec *recs = aldb_realloc_array(d->recs, room, sizeof *recs);
        if (recs == NULL) {
            return aldb_diag_post(diag, ALDB_ST_HY001, NULL);
        }
        d->recs = recs;
        for (size_t i = d->nrecs; i < room; i++) {
            init_rec(d, &recs[i]);
        }
        d->nrecs = room;
        d->version++;
    }
    if (n > d->count) {
        d->count = n;
        d->version++;
    }
    return ALDB_OK;
}

void aldb_desc_untell(struct aldb_desc *d)
{
    for (size_t i = 0; i < d->nrecs; i++) {
        struct aldb_desc_rec *r = &d->recs[i];
        if (r->name_told) {
            aldb_free(r->name);
            r->name = NULL;
            r->unnamed = SQL_UNNAMED;
            r->name_told = false;
        }
    }
}

void aldb_desc_renamed(struct aldb_desc *d)
{
    if (d->kind == ALDB_DESC_IPD && d->stmt) {
        d->stmt->ipd_current = false;
        d->stmt->ipd_named = 0;
        d->stmt->ird_current = false;
        aldb_desc_untell(d);
    }
}

void aldb_desc_truncate(struct aldb_desc *d, SQLSMALLINT n)
{
    if (n < 0) {
        n = 0;
    }
    if (n >= d->count) {
        return;
    }
    for (size_t i = (size_t)n + 1; i < d->nrecs; i++) {
        aldb_desc_rec_clear(&d->recs[i]);
        init_rec(d, &d->recs[i]);
    }
    d->count = n;
    d->version++;
    aldb_desc_renamed(d);
}

void aldb_desc_lower(struct aldb_desc *d)
{
    SQLSMALLINT n = d->count;
    for (; n > 0; n--) {
        const struct aldb_desc_rec *r = &d->recs[n];
        if (r->data_ptr || r->bound || r->octet_length_ptr || r->indicator_ptr) {
            break;
        }
    }
    d->count = n;
    d->version++;
}

struct aldb_desc_rec *aldb_desc_rec(struct aldb_desc *d, SQLSMALLINT n)
{
    return n >= 0 && n <= d->count && (size_t)n < d->nrecs ? &d->recs[n] : NULL;
}

static bool has_seconds(SQLSMALLINT code)
{
    return code == SQL_CODE_SECOND || code == SQL_CODE_DAY_TO_SECOND || code == SQL_CODE_HOUR_TO_SECOND ||
           code == SQL_CODE_MINUTE_TO_SECOND;
}

/* "The SQL_DESC_TYPE field … sets other fields to their default": the table under SQLSetDescField. */
static void set_type_defaults(struct aldb_desc_rec *r)
{
    r->length = 0;
    r->precision = 0;
    r->scale = 0;
    r->datetime_interval_precision = 0;
    r->numeric_set = false;
    switch (r->type) {
    case SQL_CHAR: /* = SQL_C_CHAR */
    case SQL_VARCHAR:
    case SQL_LONGVARCHAR:
    case SQL_WCHAR: /* = SQL_C_WCHAR */
    case SQL_WVARCHAR:
    case SQL_WLONGVARCHAR:
        r->length = 1;
        break;
    case SQL_DECIMAL:
    case SQL_NUMERIC: /* = SQL_C_NUMERIC */
        r->precision = NUMERIC_PRECISION;
        break;
    case SQL_FLOAT:
        r->precision = FLOAT_PRECISION;
        break;
    case SQL_DATETIME:
        r->precision = r->datetime_code == SQL_CODE_TIMESTAMP ? FRACTION_PRECISION : 0;
        break;
    case SQL_INTERVAL:
        r->datetime_interval_precision = LEADING_PRECISION;
        r->precision = has_seconds(r->datetime_code) ? FRACTION_PRECISION : 0;
        break;
    default:
        break;
    }
}

/* What types/ says of the type of an IPD record. */
static void describe(const struct aldb_desc *d, const struct aldb_desc_rec *r, struct aldb_type_desc *out)
{
    static const struct aldb_type_options unconnected = {.wide = true};
    SQLULEN size = r->column_size < UINT32_MAX ? r->column_size : UINT32_MAX;
    aldb_type_describe_sql(d->dbc ? &d->dbc->types : &unconnected, r->concise_type, (uint32_t)size, r->decimal_digits, out);
}

static bool has_length(const struct aldb_type_desc *t)
{
    return t->default_c_type == SQL_C_CHAR || t->default_c_type == SQL_C_WCHAR || t->default_c_type == SQL_C_BINARY;
}

void aldb_desc_rec_measure(const struct aldb_desc *d, struct aldb_desc_rec *r)
{
    struct aldb_type_desc t;
    describe(d, r, &t);
    r->octet_length = has_length(&t) && r->column_size == 0 ? 0 : t.octet_length;
}

/* A parameter's fields that nobody sets one by one: nothing may be left of the type that it had before. */
static void set_type_facts(const struct aldb_desc *d, struct aldb_desc_rec *r)
{
    struct aldb_type_desc t;
    r->column_size = 0;
    r->decimal_digits = 0;
    describe(d, r, &t);
    r->num_prec_radix = t.num_prec_radix;
    r->is_unsigned = t.is_unsigned;
    r->case_sensitive = has_length(&t) && t.default_c_type != SQL_C_BINARY && t.num_prec_radix == 0 ? SQL_TRUE : SQL_FALSE;
    aldb_desc_rec_measure(d, r);
}

bool aldb_desc_rec_set_type(struct aldb_desc *d, struct aldb_desc_rec *r, SQLSMALLINT concise)
{
    concise = aldb_type_from_v2(concise);
    bool valid = is_application(d) ? concise == SQL_C_DEFAULT || aldb_c_type_valid(concise) : aldb_sql_type_valid(concise);
    if (!valid) {
        return false;
    }
    r->concise_type = concise;
    aldb_type_verbose(concise, &r->type, &r->datetime_code);
    set_type_defaults(r);
    aldb_free(r->type_name); /* the server's name of another type */
    r->type_name = NULL;
    r->oid = 0;
    r->fixed_prec_scale = SQL_FALSE;
    if (d->kind == ALDB_DESC_IPD) {
        set_type_facts(d, r);
    }
    d->version++;
    return true;
}

void aldb_desc_rec_describe(struct aldb_desc_rec *r, const struct aldb_type_desc *t, uint32_t oid, int32_t typmod)
{
    r->concise_type = t->concise_type;
    r->type = t->verbose_type;
    r->sql_type = t->sql_type;
    r->datetime_code = t->datetime_code;
    r->length = t->length;
    r->octet_length = t->octet_length;
    r->precision = t->precision;
    r->scale = t->scale;
    r->datetime_interval_precision = t->datetime_interval_precision;
    r->num_prec_radix = t->num_prec_radix;
    r->literal_prefix = t->literal_prefix;
    r->literal_suffix = t->literal_suffix;
    r->case_sensitive = t->case_sensitive;
    r->fixed_prec_scale = t->fixed_prec_scale;
    r->is_unsigned = t->is_unsigned;
    r->searchable = t->searchable;
    r->rowver = SQL_FALSE;
    r->display_size = t->display_size;
    r->column_size = t->column_size;
    r->decimal_digits = t->decimal_digits;
    r->oid = oid;
    r->typmod = typmod;
}

/* What is copied there counts as what the application itself says of its parameters. */
static void set_parameters(struct aldb_desc *ipd)
{
    for (int n = 1; n <= ipd->count; n++) {
        ipd->recs[n].bound = ipd->recs[n].concise_type != 0;
    }
}

/* The records of `from`, and those that `to` will need later as they begin there. An implementation descriptor has no record 0. NULL: out of memory. */
static struct aldb_desc_rec *copy_records(const struct aldb_desc *from, const struct aldb_desc *to)
{
    struct aldb_desc_rec *recs = aldb_alloc_array(from->nrecs, sizeof *recs);
    for (size_t i = 0; recs && i < from->nrecs; i++) {
        bool has = i <= (size_t)from->count && (i > 0 || (is_application(from) && is_application(to)));
        if (!has) {
            init_rec(to, &recs[i]);
        } else if (!aldb_desc_rec_copy(&from->recs[i], &recs[i])) {
            while (i > 0) {
                aldb_desc_rec_clear(&recs[--i]);
            }
            aldb_free(recs);
            recs = NULL;
        }
    }
    return recs;
}

enum aldb_rc aldb_desc_copy(struct aldb_desc *from, struct aldb_desc *to, struct aldb_diag *diag)
{
    if (from == to) {
        return ALDB_OK;
    }
    if (to->kind == ALDB_DESC_IRD) {
        return aldb_diag_post(diag, ALDB_ST_HY016, NULL);
    }
    struct aldb_desc_rec *recs = NULL;
    if (from->nrecs > 0 && (recs = copy_records(from, to)) == NULL) {
        return aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    }
    for (size_t i = 0; i < to->nrecs; i++) {
        aldb_desc_rec_clear(&to->recs[i]);
    }
    aldb_free(to->recs);
    to->recs = recs;
    to->nrecs = from->nrecs;
    to->count = from->count;
    to->array_size = from->array_size;
    to->array_status_ptr = from->array_status_ptr;
    to->bind_offset_ptr = from->bind_offset_ptr;
    to->bind_type = from->bind_type;
    to->rows_processed_ptr = from->rows_processed_ptr;
    if (to->kind == ALDB_DESC_IPD) {
        set_parameters(to);
    }
    to->version++;
    aldb_desc_renamed(to);
    return ALDB_OK;
}
