/* SPDX-License-Identifier: Apache-2.0 */
/* Parameters: SQLBindParameter, and the road from application buffers to the values of a Bind message. */
#include "statement/internal.h"

#include <limits.h>
#include <string.h>

#include "base/alloc.h"
#include "sqltext/sqltext.h"

/* Kept between executions: a prepared statement that runs again allocates nothing. */
struct aldb_encoder {
    struct aldb_put *puts;
    struct aldb_buf bytes; /* the values of one set, each with a NUL behind it (libpq takes the length of text values from it) */
    size_t *offsets;
    const char **values;
    int *lengths;
    int *formats;
    uint32_t room;
    /* What `puts` was resolved for. The plan is a reference of its own, so that its address cannot come to mean another. */
    struct aldb_plan *plan;
    bool resolved;
    const struct aldb_desc *apd;
    uint64_t apd_version, ipd_version;
    size_t part;
};

static void encoder_free(struct aldb_encoder *e)
{
    if (e) {
        aldb_free(e->puts);
        aldb_free(e->offsets);
        aldb_free(e->values);
        aldb_free(e->lengths);
        aldb_free(e->formats);
        aldb_buf_clear(&e->bytes);
        aldb_plan_release(e->plan);
        aldb_free(e);
    }
}

/* Arrays for at least n parameters; false when out of memory. */
static bool encoder_room(struct aldb_encoder *e, uint32_t n)
{
    if (n <= e->room && e->puts) {
        return true;
    }
    uint32_t room = n < 8 ? 8 : n;
    struct aldb_put *puts = aldb_realloc_array(e->puts, room, sizeof *puts);
    e->puts = puts ? puts : e->puts;
    size_t *offsets = aldb_realloc_array(e->offsets, room, sizeof *offsets);
    e->offsets = offsets ? offsets : e->offsets;
    const char **values = aldb_realloc_array(e->values, room, sizeof *values);
    e->values = values ? values : e->values;
    int *lengths = aldb_realloc_array(e->lengths, room, sizeof *lengths);
    e->lengths = lengths ? lengths : e->lengths;
    int *formats = aldb_realloc_array(e->formats, room, sizeof *formats);
    e->formats = formats ? formats : e->formats;
    if (!puts || !offsets || !values || !lengths || !formats) {
        return false;
    }
    e->room = room;
    return true;
}

static struct aldb_encoder *encoder_of(struct aldb_stmt *stmt, uint32_t nparams)
{
    if (stmt->encoder == NULL) {
        stmt->encoder = aldb_alloc(sizeof *stmt->encoder);
        stmt->encoder_free = encoder_free;
        if (stmt->encoder) {
            aldb_buf_init(&stmt->encoder->bytes, ALDB_MAX_VALUE);
        }
    }
    if (stmt->encoder == NULL || !encoder_room(stmt->encoder, nparams)) {
        (void)aldb_diag_post(&stmt->h.diag, ALDB_ST_HY001, NULL);
        return NULL;
    }
    return stmt->encoder;
}

/* ------------------------------------------------------------------ binding */

/* LENGTH, PRECISION and SCALE of the IPD as SQLBindParameter sets them from ColumnSize and DecimalDigits. */
static void set_sizes(struct aldb_desc_rec *r, SQLSMALLINT sql_type, SQLULEN column_size, SQLSMALLINT digits)
{
    switch (sql_type) {
    case SQL_NUMERIC:
    case SQL_DECIMAL:
        r->precision = column_size > SHRT_MAX ? SHRT_MAX : (SQLSMALLINT)column_size;
        r->scale = digits;
        break;
    case SQL_TYPE_TIME:
    case SQL_TYPE_TIMESTAMP:
    case SQL_INTERVAL_SECOND:
    case SQL_INTERVAL_DAY_TO_SECOND:
    case SQL_INTERVAL_HOUR_TO_SECOND:
    case SQL_INTERVAL_MINUTE_TO_SECOND:
        r->precision = digits;
        r->length = column_size;
        break;
    case SQL_FLOAT:
    case SQL_REAL:
    case SQL_DOUBLE:
        r->precision = column_size > SHRT_MAX ? SHRT_MAX : (SQLSMALLINT)column_size;
        break;
    default:
        r->length = column_size;
        break;
    }
    r->column_size = column_size;
    r->decimal_digits = digits;
}

enum aldb_rc aldb_stmt_bind_parameter(struct aldb_stmt *stmt, SQLUSMALLINT number, SQLSMALLINT io, SQLSMALLINT c_type,
                                      SQLSMALLINT sql_type, SQLULEN column_size, SQLSMALLINT digits, SQLPOINTER value,
                                      SQLLEN buflen, SQLLEN *ind)
{
    struct aldb_diag *diag = &stmt->h.diag;
    if (number < 1 || number > SHRT_MAX) {
        return aldb_diag_post(diag, ALDB_ST_07009, "Parameter number %u is out of range (1 to %d)", number, SHRT_MAX);
    }
    bool streamed = (io == SQL_PARAM_INPUT_OUTPUT_STREAM || io == SQL_PARAM_OUTPUT_STREAM) && aldb_stmt_version(stmt) == SQL_OV_ODBC3_80;
    if (io != SQL_PARAM_INPUT && io != SQL_PARAM_INPUT_OUTPUT && io != SQL_PARAM_OUTPUT && !streamed) {
        return aldb_diag_post(diag, ALDB_ST_HY105, "InputOutputType %d is not SQL_PARAM_INPUT, _OUTPUT or _INPUT_OUTPUT, nor, for an application of ODBC 3.8, "
                              "SQL_PARAM_OUTPUT_STREAM or _INPUT_OUTPUT_STREAM", io);
    }
    c_type = aldb_type_from_v2(c_type);
    sql_type = aldb_type_from_v2(sql_type);
    if (c_type != SQL_C_DEFAULT && !aldb_c_type_valid(c_type)) {
        return aldb_diag_post(diag, ALDB_ST_HY003, "Parameter %u: %d is not a C type", number, c_type);
    }
    if (!aldb_sql_type_valid(sql_type)) {
        return aldb_diag_post(diag, ALDB_ST_HY004, "Parameter %u: %d is not an SQL type", number, sql_type);
    }
    /* SQLSetParam arrives as input/output with a length of SQL_SETPARAM_VALUE_MAX: no limit. */
    if (buflen == SQL_SETPARAM_VALUE_MAX) {
        buflen = 0;
    } else if (buflen < 0) {
        return aldb_diag_post(diag, ALDB_ST_HY090, "Parameter %u: BufferLength %lld is negative", number, (long long)buflen);
    }
    if (value == NULL && ind == NULL && io != SQL_PARAM_OUTPUT && io != SQL_PARAM_OUTPUT_STREAM) {
        return aldb_diag_post(diag, ALDB_ST_HY009, "Parameter %u: ParameterValuePtr and StrLen_or_IndPtr are both NULL, so it has no value", number);
    }
    struct aldb_put probe;
    struct aldb_put_spec spec = {.c_type = c_type, .sql_type = sql_type, .column_size = column_size, .decimal_digits = digits};
    enum aldb_state st = aldb_put_resolve(&probe, &spec);
    if (st != ALDB_ST_NONE) {
        return aldb_diag_post(diag, st, "Parameter %u: %s cannot become %s", number, aldb_c_type_name(c_type), aldb_sql_type_name(sql_type));
    }
    if (aldb_desc_extend(stmt->apd, (SQLSMALLINT)number, diag) == ALDB_ERR ||
        aldb_desc_extend(&stmt->ipd, (SQLSMALLINT)number, diag) == ALDB_ERR) {
        return ALDB_ERR;
    }

    struct aldb_desc_rec *a = aldb_desc_rec(stmt->apd, (SQLSMALLINT)number);
    (void)aldb_desc_rec_set_type(stmt->apd, a, c_type);
    a->octet_length = buflen;
    a->octet_length_ptr = ind;
    a->indicator_ptr = ind;
    a->numeric_set = false;
    a->data_ptr = value;
    a->bound = true;
    stmt->apd->version++;

    struct aldb_desc_rec *p = aldb_desc_rec(&stmt->ipd, (SQLSMALLINT)number);
    (void)aldb_desc_rec_set_type(&stmt->ipd, p, sql_type);
    p->parameter_type = io;
    p->bound = true;
    set_sizes(p, sql_type, column_size, digits);
    aldb_desc_rec_measure(&stmt->ipd, p);
    stmt->ipd.version++;
    return ALDB_OK;
}

/* ------------------------------------------------------------------ resolving */

enum aldb_rc aldb_params_check_bound(struct aldb_stmt *stmt)
{
    for (uint32_t i = 1; i <= stmt->sql.nparams; i++) {
        const struct aldb_desc_rec *r = i <= SHRT_MAX ? aldb_desc_rec(stmt->apd, (SQLSMALLINT)i) : NULL;
        if (r == NULL || !(r->bound || r->data_ptr || r->indicator_ptr)) {
            return aldb_diag_post(&stmt->h.diag, ALDB_ST_07002,
                                  "Parameter %u of the statement's %u is not bound: call SQLBindParameter "
                                  "(PostgreSQL's operators ?, ?| and ?& are written ??, ??| and ??&)",
                                  i, stmt->sql.nparams);
        }
    }
    return ALDB_OK;
}

/* The IPD record that says the SQL type; an application that bound through descriptors alone may have left it to the server. */
static SQLSMALLINT sql_type_of(const struct aldb_desc_rec *ipd, uint32_t oid, const struct aldb_type_options *opt)
{
    if (ipd && ipd->concise_type != 0) {
        return ipd->concise_type;
    }
    struct aldb_type_desc d;
    aldb_type_describe(opt, oid, -1, &d);
    return d.sql_type;
}

enum aldb_rc aldb_params_resolve(struct aldb_stmt *stmt, size_t part, struct aldb_plan *plan)
{
    const struct aldb_sql_part *p = &stmt->sql.parts[part];
    struct aldb_encoder *e = encoder_of(stmt, p->nparams);
    if (e == NULL) {
        return ALDB_ERR;
    }
    if (e->resolved && e->plan == plan && e->part == part && e->apd == stmt->apd && e->apd_version == stmt->apd->version &&
        e->ipd_version == stmt->ipd.version) {
        return ALDB_OK;
    }
    e->resolved = false;
    for (uint32_t i = 0; i < p->nparams; i++) {
        SQLSMALLINT n = (SQLSMALLINT)(p->first_param + i + 1);
        const struct aldb_desc_rec *a = aldb_desc_rec(stmt->apd, n);
        const struct aldb_desc_rec *d = aldb_desc_rec(&stmt->ipd, n);
        uint32_t oid = plan && i < plan->nparams ? plan->param_oids[i] : 0;
        struct aldb_put_spec spec = {
            .oid = oid,
            .c_type = a->concise_type,
            .sql_type = sql_type_of(d, oid, &stmt->dbc->types),
            .column_size = d ? d->column_size : 0,
            .decimal_digits = d ? d->decimal_digits : 0,
            .apd_precision = a->precision,
            .apd_scale = a->scale,
            .apd_numeric_set = a->numeric_set,
            .utc = stmt->dbc->types.timestamptz_as == ALDB_TZ_UTC,
            .interval_precision = a->datetime_interval_precision,
        };
        enum aldb_state st = aldb_put_resolve(&e->puts[i], &spec);
        if (st == ALDB_ST_07006) {
            /* NULL is NULL of every type: only a value is refused, when there is one. */
            e->puts[i] = (struct aldb_put){.oid = oid, .c_type = spec.c_type, .sql_type = spec.sql_type};
        } else if (st != ALDB_ST_NONE) {
            aldb_diag_at(&stmt->h.diag, ALDB_ROW_NONE, n);
            (void)aldb_diag_post(&stmt->h.diag, st, "Parameter %d: %s cannot become %s", n, aldb_c_type_name(spec.c_type),
                                 aldb_sql_type_name(spec.sql_type));
            aldb_diag_at(&stmt->h.diag, ALDB_ROW_NONE, ALDB_COL_NONE);
            return ALDB_ERR;
        }
        e->formats[i] = e->puts[i].binary ? 1 : 0;
    }
    if (e->plan != plan) {
        aldb_plan_release(e->plan);
        e->plan = plan ? aldb_plan_ref(plan) : NULL;
    }
    e->resolved = true;
    e->part = part;
    e->apd = stmt->apd;
    e->apd_version = stmt->apd->version;
    e->ipd_version = stmt->ipd.version;
    return ALDB_OK;
}

/* ------------------------------------------------------------------ encoding */

/* Bytes from one element to the next in a column-wise array. */
static SQLLEN element_size(const struct aldb_desc_rec *a, const struct aldb_desc_rec *ipd)
{
    SQLSMALLINT c = a->concise_type == SQL_C_DEFAULT && ipd ? aldb_type_default_c(ipd->concise_type) : a->concise_type;
    SQLLEN fixed = aldb_c_type_size(c);
    return fixed ? fixed : a->octet_length;
}

void aldb_params_at(const struct aldb_stmt *stmt, uint32_t param, uint64_t set, struct aldb_param_at *out)
{
    const struct aldb_desc *apd = stmt->apd;
    SQLLEN offset = apd->bind_offset_ptr ? *apd->bind_offset_ptr : 0;
    SQLULEN row_size = (SQLULEN)apd->bind_type;
    const struct aldb_desc_rec *a = aldb_desc_rec((struct aldb_desc *)apd, (SQLSMALLINT)(param + 1));
    const struct aldb_desc_rec *d = aldb_desc_rec((struct aldb_desc *)&stmt->ipd, (SQLSMALLINT)(param + 1));
    out->apd = a;
    out->ipd = d;
    out->data = aldb_stride(a->data_ptr, row_size, offset, set, element_size(a, d));
    out->length = aldb_stride(a->octet_length_ptr, row_size, offset, set, (SQLLEN)sizeof(SQLLEN));
    out->indicator = aldb_stride(a->indicator_ptr, row_size, offset, set, (SQLLEN)sizeof(SQLLEN));
}

SQLPOINTER aldb_params_token(const struct aldb_stmt *stmt, uint32_t param, uint64_t set)
{
    struct aldb_param_at at;
    aldb_params_at(stmt, param, set, &at);
    bool plain = stmt->apd->array_size == 1 && stmt->apd->bind_offset_ptr == NULL;
    return plain ? at.apd->data_ptr : at.data;
}

bool aldb_params_ignored(const struct aldb_stmt *stmt, uint64_t set)
{
    return stmt->apd->array_status_ptr && stmt->apd->array_status_ptr[set] == SQL_PARAM_IGNORE;
}

static bool is_character_c(SQLSMALLINT c)
{
    return c == SQL_C_CHAR || c == SQL_C_WCHAR;
}

/* One element as the conversion wants it. ALDB_NO_DATA: it is NULL. */
static enum aldb_rc element(struct aldb_stmt *stmt, size_t part, const struct aldb_put *put, uint32_t param, uint64_t set, struct aldb_input *in,
                            bool *collected_here)
{
    struct aldb_param_at at;
    aldb_params_at(stmt, param, set, &at);
    SQLSMALLINT io = at.ipd ? at.ipd->parameter_type : SQL_PARAM_INPUT;
    if (io == SQL_PARAM_OUTPUT || io == SQL_PARAM_OUTPUT_STREAM || aldb_call_leaves_out(stmt, part, param)) {
        return ALDB_NO_DATA;
    }
    if (at.indicator && aldb_length_at(at.indicator) == SQL_NULL_DATA) {
        return ALDB_NO_DATA;
    }
    struct aldb_slice collected;
    bool null;
    if (stmt->dae && aldb_dae_value(stmt, param, set, &collected, &null)) {
        if (null) {
            return ALDB_NO_DATA;
        }
        *in = (struct aldb_input){collected.ptr ? collected.ptr : "", (SQLLEN)collected.len};
        *collected_here = true;
        return ALDB_OK;
    }
    if (io == SQL_PARAM_INPUT_OUTPUT_STREAM) {
        return aldb_diag_post(&stmt->h.diag, ALDB_ST_HY090, "Parameter %u is streamed, so that its value can only come by SQLPutData: set its length to "
                              "SQL_DATA_AT_EXEC or SQL_NULL_DATA", param + 1);
    }
    SQLLEN len = at.length ? aldb_length_at(at.length) : is_character_c(put->c_type) ? SQL_NTS : at.apd->octet_length;
    if (len == SQL_DEFAULT_PARAM || aldb_dae_is_default(stmt, param, set)) {
        return aldb_diag_post(&stmt->h.diag, ALDB_ST_07S01, "Parameter %u asks for a default (SQL_DEFAULT_PARAM), which only the arguments of a call "
                              "have; leave the column out of the statement, or write DEFAULT in its text", param + 1);
    }
    if (at.data == NULL) {
        if (len == 0 && aldb_c_type_size(put->c_type) == 0) {
            *in = (struct aldb_input){"", 0};
            return ALDB_OK;
        }
        return aldb_diag_post(&stmt->h.diag, ALDB_ST_HY009, "Parameter %u has neither a value buffer nor SQL_NULL_DATA", param + 1);
    }
    if (len < 0 && aldb_c_type_size(put->c_type) == 0 && !(len == SQL_NTS && is_character_c(put->c_type))) {
        return aldb_diag_post(&stmt->h.diag, ALDB_ST_HY090, "Parameter %u: length %lld is neither a byte count nor an indicator", param + 1,
                              (long long)len);
    }
    *in = (struct aldb_input){at.data, len};
    return ALDB_OK;
}

/* Families whose values may be too narrow for the type that the application declared. */
static bool is_narrow(enum aldb_family f)
{
    switch (f) {
    case ALDB_FAM_BOOL:
    case ALDB_FAM_INT2:
    case ALDB_FAM_INT4:
    case ALDB_FAM_INT8:
    case ALDB_FAM_OID:
    case ALDB_FAM_FLOAT4:
    case ALDB_FAM_FLOAT8:
    case ALDB_FAM_MONEY:
    case ALDB_FAM_DATE:
    case ALDB_FAM_TIME:
    case ALDB_FAM_TIMETZ:
        return true;
    default:
        return false;
    }
}

uint32_t aldb_params_other_type(const struct aldb_stmt *stmt, uint32_t param, uint32_t server_oid)
{
    const struct aldb_desc_rec *d = aldb_desc_rec((struct aldb_desc *)&stmt->ipd, (SQLSMALLINT)(param + 1));
    uint32_t declared = d ? aldb_type_declared_oid(d->concise_type) : 0;
    if (declared == ALDB_OID_FLOAT8 && aldb_type_family(server_oid) == ALDB_FAM_MONEY) {
        return ALDB_OID_NUMERIC; /* the digits are the same, and floating-point numbers have no cast to money */
    }
    return declared != server_oid ? declared : 0;
}

/* May the declared type take what the server's does not? A narrower type may not hold a value; a refused one holds none. */
static bool other_may_fit(const struct aldb_stmt *stmt, const struct aldb_plan *plan, uint32_t i, uint32_t param, enum aldb_state st)
{
    if (plan == NULL || i >= plan->nparams || aldb_params_other_type(stmt, param, plan->param_oids[i]) == 0) {
        return false;
    }
    switch (st) {
    case ALDB_ST_07006:
        return true;
    case ALDB_ST_22003:
    case ALDB_ST_01S07:
    case ALDB_ST_22018:
        return is_narrow(aldb_type_family(plan->param_oids[i]));
    default:
        return false;
    }
}

bool aldb_params_risky(const struct aldb_stmt *stmt, size_t part, const struct aldb_plan *plan)
{
    const struct aldb_sql_part *p = &stmt->sql.parts[part];
    for (uint32_t i = 0; i < p->nparams && i < plan->nparams; i++) {
        bool doubtful = stmt->encoder->puts[i].fn == NULL || is_narrow(aldb_type_family(plan->param_oids[i]));
        if (doubtful && aldb_params_other_type(stmt, p->first_param + i, plan->param_oids[i]) != 0) {
            return true;
        }
    }
    return false;
}

static enum aldb_rc refuse_value(struct aldb_stmt *stmt, enum aldb_state st, const struct aldb_put *put, uint32_t param)
{
    const struct aldb_type *type = aldb_type_find(put->oid);
    const char *name = type ? type->name : put->oid ? "another type" : "text";
    if (st == ALDB_ST_HY001) {
        return aldb_diag_post(&stmt->h.diag, st, NULL);
    }
    if (st == ALDB_ST_07006) {
        return aldb_diag_post(&stmt->h.diag, st, "Parameter %u: %s as %s cannot become the server's type %s; bind it as another SQL type or cast it "
                              "in the statement", param + 1, aldb_c_type_name(put->c_type), aldb_sql_type_name(put->sql_type), name);
    }
    if (st == ALDB_ST_01S07) {
        /* Nothing is rounded silently: what the target has no room for is an error, as ODBC's table for character data has it. */
        bool datetime = put->family >= ALDB_FAM_DATE && put->family <= ALDB_FAM_TIMESTAMPTZ;
        st = datetime ? ALDB_ST_22008 : ALDB_ST_22003;
    }
    return aldb_diag_post(&stmt->h.diag, st, "%s: the value of parameter %u (%s as %s) does not fit the server's type %s",
                          aldb_state_text(st), param + 1, aldb_c_type_name(put->c_type), aldb_sql_type_name(put->sql_type), name);
}

static void speak_of_value(struct aldb_stmt *stmt, uint64_t set, uint32_t param)
{
    aldb_diag_at(&stmt->h.diag, stmt->apd->array_size > 1 ? (int64_t)set + 1 : ALDB_ROW_NONE, (int32_t)param + 1);
}

enum aldb_rc aldb_params_refuse(struct aldb_stmt *stmt, size_t part, uint64_t set, const struct aldb_misfit *misfit)
{
    uint32_t param = stmt->sql.parts[part].first_param + (uint32_t)misfit->param;
    speak_of_value(stmt, set, param);
    enum aldb_rc rc = refuse_value(stmt, misfit->state, &stmt->encoder->puts[misfit->param], param);
    aldb_diag_at(&stmt->h.diag, ALDB_ROW_NONE, ALDB_COL_NONE);
    return rc;
}

#define APART SIZE_MAX /* an offset: the value is not among the bytes */

static void set_apart(struct aldb_encoder *e, uint32_t i, struct aldb_slice value)
{
    e->offsets[i] = APART;
    e->values[i] = value.ptr; /* NULL is NULL */
    e->lengths[i] = (int)value.len;
}

enum aldb_rc aldb_params_encode(struct aldb_stmt *stmt, size_t part, const struct aldb_plan *plan, uint64_t set,
                                struct aldb_params *out, struct aldb_misfit *misfit)
{
    const struct aldb_sql_part *p = &stmt->sql.parts[part];
    struct aldb_encoder *e = stmt->encoder;
    *misfit = (struct aldb_misfit){-1, ALDB_ST_NONE};
    aldb_buf_reset(&e->bytes);
    for (uint32_t i = 0; i < p->nparams; i++) {
        uint32_t param = p->first_param + i;
        struct aldb_put *put = &e->puts[i];
        struct aldb_input in;
        bool ours = false;
        speak_of_value(stmt, set, param);
        enum aldb_rc rc = element(stmt, part, put, param, set, &in, &ours);
        if (rc == ALDB_ERR) {
            return rc;
        }
        if (rc == ALDB_NO_DATA) {
            set_apart(e, i, (struct aldb_slice){0});
            continue;
        }
        /* What SQLPutData collected is large, ends in a NUL and stays: it needs no copy when it goes as it is. */
        struct aldb_slice whole;
        if (ours && aldb_put_is_verbatim(put) && aldb_put_verbatim(put, &in, &whole) == ALDB_ST_NONE && whole.ptr) {
            set_apart(e, i, whole);
            continue;
        }
        size_t start = e->bytes.len;
        enum aldb_state st = put->fn ? aldb_put_value(put, &in, &e->bytes) : ALDB_ST_07006;
        if (st != ALDB_ST_NONE) {
            if (other_may_fit(stmt, plan, i, param, st)) {
                *misfit = (struct aldb_misfit){(int)i, st};
                return ALDB_ERR;
            }
            return refuse_value(stmt, st, put, param);
        }
        e->offsets[i] = start;
        e->lengths[i] = (int)(e->bytes.len - start);
        aldb_buf_add_char(&e->bytes, '\0');
    }
    aldb_diag_at(&stmt->h.diag, ALDB_ROW_NONE, ALDB_COL_NONE);
    if (!aldb_buf_ok(&e->bytes)) {
        return aldb_diag_post(&stmt->h.diag, ALDB_ST_HY001, "The parameter values of one execution do not fit in memory");
    }
    for (uint32_t i = 0; i < p->nparams; i++) {
        e->values[i] = e->offsets[i] == APART ? e->values[i] : e->bytes.data + e->offsets[i];
    }
    *out = (struct aldb_params){.count = p->nparams, .values = e->values, .lengths = e->lengths, .formats = e->formats};
    return ALDB_OK;
}

void aldb_params_done(struct aldb_stmt *stmt)
{
    if (stmt->encoder) {
        aldb_buf_recycle(&stmt->encoder->bytes);
    }
}
