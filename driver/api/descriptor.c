/* SPDX-License-Identifier: Apache-2.0 */
/* Descriptors. */
#include "api/async.h"
#include "api/bodies.h"
#include "api/call.h"

#include "handle/descfield.h"
#include "statement/statement.h"

/*
 * Implementation descriptors are filled when somebody looks: the IRD of a prepared statement, and the IPD where the application has bound nothing itself.
 * What the server says is posted on the statement by statement/; here it belongs to the descriptor. `only_cheaply`: as SQLDescribeCol, SQLGetDescRec
 * does not have a result stored for the sake of one field that the application may not even want. `names`: those of a call's parameters are wanted, too.
 */
static enum aldb_rc refresh(struct aldb_call *c, SQLSMALLINT number, SQLSMALLINT field, bool only_cheaply, bool names)
{
    struct aldb_desc *d = c->desc;
    struct aldb_stmt *stmt = d->stmt;
    enum aldb_rc rc = ALDB_OK;
    if (stmt == NULL || (d->kind != ALDB_DESC_IRD && d->kind != ALDB_DESC_IPD)) {
        return ALDB_OK;
    }
    struct aldb_diag kept = aldb_diag_aside(&stmt->h.diag);
    if (d->kind == ALDB_DESC_IRD && stmt->state == ALDB_STMT_PREPARED) {
        rc = aldb_stmt_describe_result(stmt);
    }
    struct aldb_desc_rec *r = number > 0 ? aldb_desc_rec(d, number) : NULL;
    if (d->kind == ALDB_DESC_IRD && rc != ALDB_ERR && r && aldb_descfield_need(r, field) == ALDB_NEED_CATALOG &&
        (!only_cheaply || aldb_stmt_details_cheap(stmt))) {
        rc = aldb_stmt_column_details(stmt);
    }
    bool pointer = field == SQL_DESC_ARRAY_STATUS_PTR || field == SQL_DESC_ROWS_PROCESSED_PTR || field == SQL_DESC_ALLOC_TYPE;
    bool automatic = d->kind == ALDB_DESC_IPD && stmt->prepared && stmt->enable_auto_ipd;
    if (automatic && !stmt->ipd_current && !pointer && !(r && r->bound)) {
        rc = aldb_stmt_describe_params(stmt);
    }
    if (automatic && names && rc != ALDB_ERR && !(r && r->unnamed == SQL_NAMED && !r->name_told)) {
        rc = aldb_stmt_name_params(stmt);
    }
    aldb_diag_move(c->diag, &stmt->h.diag);
    aldb_diag_back(&stmt->h.diag, &kept);
    return rc;
}

/* Only what describes a statement may have to ask the server. */
static bool holds_all(const struct aldb_call *c, const void *args)
{
    (void)args;
    return c->desc->kind != ALDB_DESC_IRD && c->desc->kind != ALDB_DESC_IPD;
}

struct field_args {
    SQLSMALLINT number, field;
    struct aldb_out out;
};

static enum aldb_rc field_run(struct aldb_call *c, void *args)
{
    const struct field_args *a = args;
    struct aldb_value value;
    enum aldb_rc rc = refresh(c, a->number, a->field, false, a->field == SQL_DESC_NAME || a->field == SQL_DESC_UNNAMED);
    if (rc != ALDB_ERR) {
        rc = aldb_desc_get(c->desc, a->number, a->field, &value, c->diag);
    }
    if (aldb_done(rc)) {
        rc = aldb_out_value(&a->out, &value, c->diag);
    }
    return rc;
}

static const struct aldb_step field_step = {.run = field_run, .at_hand = holds_all, .resumed = true};

SQLRETURN aldb_api_get_desc_field(SQLHDESC hdesc, SQLSMALLINT number, SQLSMALLINT field, struct aldb_out out)
{
    struct aldb_call c;
    if (!aldb_enter_desc(&c, hdesc, ALDB_FN_GET_DESC_FIELD)) {
        return c.ret;
    }
    ALDB_CALL_ARGS(&c, "record %d, field %d", number, field);
    struct field_args a = {.number = number, .field = field, .out = out};
    return aldb_go(&c, &field_step, &a, sizeof a);
}

SQLRETURN aldb_api_set_desc_field(SQLHDESC hdesc, SQLSMALLINT number, SQLSMALLINT field, SQLPOINTER value, SQLINTEGER length, bool wide)
{
    struct aldb_call c;
    if (!aldb_enter_desc(&c, hdesc, ALDB_FN_SET_DESC_FIELD)) {
        return c.ret;
    }
    ALDB_CALL_ARGS(&c, "record %d, field %d, value %p", number, field, value);
    struct aldb_arg arg = {.raw = value, .length = length};
    struct aldb_text text = {0};
    enum aldb_rc rc = ALDB_OK;
    if (aldb_descfield_takes_text(c.desc, field)) {
        struct aldb_in in = {.text = value, .length = length, .wide = wide, .bytes = true};
        ALDB_TRY(aldb_text_take(&text, &in, ALDB_IN_NAME, "The field's value", c.diag));
        arg.text = text.slice;
    }
    rc = aldb_desc_set(c.desc, number, field, &arg, c.diag);
out:
    aldb_text_clear(&text);
    return aldb_leave(&c, rc);
}

struct record_args {
    SQLSMALLINT number;
    struct aldb_out name;
    SQLSMALLINT *type, *subtype;
    SQLLEN *length;
    SQLSMALLINT *precision, *scale, *nullable;
};

static enum aldb_rc record_run(struct aldb_call *c, void *args)
{
    const struct record_args *a = args;
    struct aldb_desc_rec *r = NULL;
    enum aldb_rc rc = refresh(c, a->number, a->nullable ? SQL_DESC_NULLABLE : SQL_DESC_NAME, true, a->name.buffer || a->name.length16);
    if (rc != ALDB_ERR) {
        rc = aldb_desc_get_rec(c->desc, a->number, &r, c->diag);
    }
    if (rc != ALDB_OK) {
        return rc;
    }
    if (a->type) {
        *a->type = r->type;
    }
    if (a->subtype && (r->type == SQL_DATETIME || r->type == SQL_INTERVAL)) {
        *a->subtype = r->datetime_code;
    }
    if (a->length) {
        *a->length = r->octet_length;
    }
    if (a->precision) {
        *a->precision = r->precision;
    }
    if (a->scale) {
        *a->scale = r->scale;
    }
    if (a->nullable) {
        *a->nullable = r->nullable;
    }
    return aldb_out_text(&a->name, aldb_slice_of(r->name), c->diag);
}

static const struct aldb_step record_step = {.run = record_run, .at_hand = holds_all, .resumed = true};

SQLRETURN aldb_api_get_desc_rec(SQLHDESC hdesc, SQLSMALLINT number, struct aldb_out name, SQLSMALLINT *type, SQLSMALLINT *subtype,
                                SQLLEN *length, SQLSMALLINT *precision, SQLSMALLINT *scale, SQLSMALLINT *nullable)
{
    struct aldb_call c;
    if (!aldb_enter_desc(&c, hdesc, ALDB_FN_GET_DESC_REC)) {
        return c.ret;
    }
    ALDB_CALL_ARGS(&c, "record %d", number);
    struct record_args a = {.number = number, .name = name, .type = type, .subtype = subtype, .length = length, .precision = precision,
                            .scale = scale, .nullable = nullable};
    return aldb_go(&c, &record_step, &a, sizeof a);
}

ALDB_ENTRY SQLSetDescRec(SQLHDESC hdesc, SQLSMALLINT number, SQLSMALLINT type, SQLSMALLINT subtype, SQLLEN length, SQLSMALLINT precision,
                         SQLSMALLINT scale, SQLPOINTER data, SQLLEN *octet_length, SQLLEN *indicator)
{
    struct aldb_call c;
    if (!aldb_enter_desc(&c, hdesc, ALDB_FN_SET_DESC_REC)) {
        return c.ret;
    }
    ALDB_CALL_ARGS(&c, "record %d, type %d, subtype %d, length %lld, precision %d, scale %d, value %p", number, type, subtype, (long long)length,
                   precision, scale, data);
    struct aldb_desc_rec_arg arg = {
        .type = type,
        .subtype = subtype,
        .octet_length = length,
        .precision = precision,
        .scale = scale,
        .data = data,
        .octet_length_ptr = octet_length,
        .indicator_ptr = indicator,
    };
    return aldb_leave(&c, aldb_desc_set_rec(c.desc, number, &arg, c.diag));
}

/* What stands in the way of reading the source is said on the target, where the application looks. */
static SQLRETURN refuse_copy(SQLHDESC target)
{
    struct aldb_call c;
    if (!aldb_enter_desc(&c, target, ALDB_FN_COPY_DESC)) {
        return c.ret;
    }
    return aldb_leave(&c, aldb_diag_post(c.diag, ALDB_ST_HY010, "The source belongs to a statement that waits for data at execution or executes "
                                         "asynchronously; go on with that, or give up with SQLCancel"));
}

/* Diagnostics go to the target. Source and target are never locked together: a copy in between keeps the lock order simple. */
ALDB_ENTRY SQLCopyDesc(SQLHDESC source, SQLHDESC target)
{
    struct aldb_call c;
    struct aldb_desc between;
    struct aldb_diag trouble;
    if (aldb_desc_check(target) == NULL) {
        return SQL_INVALID_HANDLE;
    }
    if (!aldb_enter_desc(&c, source, ALDB_FN_COPY_DESC)) {
        return c.ret == SQL_ERROR ? refuse_copy(target) : c.ret;
    }
    aldb_desc_init(&between, NULL, NULL, ALDB_DESC_EXPLICIT);
    aldb_diag_init(&trouble);
    enum aldb_rc rc = ALDB_OK;
    if (c.desc->kind == ALDB_DESC_IRD && c.desc->stmt->state == ALDB_STMT_ALLOCATED) {
        rc = aldb_diag_post(&trouble, ALDB_ST_HY007, "The source is the row descriptor of a statement that is neither prepared nor executed");
    } else {
        rc = refresh(&c, 0, SQL_DESC_COUNT, false, false);
        aldb_diag_move(&trouble, c.diag);
    }
    if (rc != ALDB_ERR) {
        rc = aldb_desc_copy(c.desc, &between, &trouble);
    }
    (void)aldb_leave(&c, ALDB_OK);

    SQLRETURN ret;
    if (!aldb_enter_desc(&c, target, ALDB_FN_COPY_DESC)) {
        ret = c.ret;
    } else {
        aldb_diag_move(c.diag, &trouble);
        if (rc != ALDB_ERR) {
            rc = aldb_desc_copy(&between, c.desc, c.diag);
        }
        ret = aldb_leave(&c, rc);
    }
    aldb_desc_clear(&between);
    aldb_diag_clear(&trouble);
    return ret;
}
