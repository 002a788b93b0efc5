/* SPDX-License-Identifier: Apache-2.0 */
/* What result columns and parameters are. */
#include "api/async.h"
#include "api/bodies.h"
#include "api/call.h"

#include "handle/descfield.h"
#include "statement/statement.h"

/* The IRD of a prepared statement is made when somebody looks; after execution it is there. */
static enum aldb_rc describe_result(struct aldb_stmt *stmt)
{
    return stmt->state == ALDB_STMT_PREPARED ? aldb_stmt_describe_result(stmt) : ALDB_OK;
}

/* What has run is described already. */
static bool known(const struct aldb_call *c, const void *args)
{
    (void)args;
    return c->stmt->state != ALDB_STMT_PREPARED;
}

struct count_args {
    SQLSMALLINT *count;
};

static enum aldb_rc count_run(struct aldb_call *c, void *args)
{
    const struct count_args *a = args;
    enum aldb_rc rc = describe_result(c->stmt);
    if (aldb_done(rc) && a->count) {
        *a->count = c->stmt->ird.count;
    }
    return rc;
}

static const struct aldb_step count_step = {.run = count_run, .at_hand = known};

ALDB_ENTRY SQLNumResultCols(SQLHSTMT hstmt, SQLSMALLINT *count)
{
    struct aldb_call c;
    if (!aldb_enter_stmt(&c, hstmt, ALDB_FN_NUM_RESULT_COLS)) {
        return c.ret;
    }
    struct count_args a = {.count = count};
    return aldb_go(&c, &count_step, &a, sizeof a);
}

/* Record of a result column; 07005 without result set, 07009 beyond it. */
static enum aldb_rc find_column(struct aldb_stmt *stmt, SQLUSMALLINT column, struct aldb_desc_rec **out)
{
    struct aldb_diag *diag = &stmt->h.diag;
    enum aldb_rc rc = describe_result(stmt);
    if (rc == ALDB_ERR) {
        return rc;
    }
    if (stmt->ird.count == 0) {
        return aldb_diag_post(diag, ALDB_ST_07005, "The statement has no result set, so there are no columns to describe");
    }
    if (column == 0 && stmt->use_bookmarks == SQL_UB_OFF) {
        return aldb_diag_post(diag, ALDB_ST_07009, "Column 0 is the bookmark, and SQL_ATTR_USE_BOOKMARKS is SQL_UB_OFF");
    }
    if (column > stmt->ird.count) {
        return aldb_diag_post(diag, ALDB_ST_07009, "There is no column %u: the result has %d", column, stmt->ird.count);
    }
    *out = aldb_desc_rec(&stmt->ird, (SQLSMALLINT)column);
    return rc;
}

struct column_args {
    SQLUSMALLINT column;
    struct aldb_out name;
    SQLSMALLINT *type;
    SQLULEN *size;
    SQLSMALLINT *digits, *nullable;
};

static enum aldb_rc column_run(struct aldb_call *c, void *args)
{
    const struct column_args *a = args;
    struct aldb_desc_rec *r = NULL;
    enum aldb_rc rc;
    ALDB_TRY(find_column(c->stmt, a->column, &r));
    if (a->nullable && aldb_descfield_need(r, SQL_DESC_NULLABLE) == ALDB_NEED_CATALOG && aldb_stmt_details_cheap(c->stmt)) {
        ALDB_TRY(aldb_stmt_column_details(c->stmt));
    }
    if (a->type) {
        *a->type = r->concise_type;
    }
    if (a->size) {
        *a->size = r->column_size;
    }
    if (a->digits) {
        *a->digits = r->decimal_digits;
    }
    if (a->nullable) {
        *a->nullable = r->nullable;
    }
    rc = aldb_out_text(&a->name, aldb_slice_of(r->name), c->diag);
out:
    return rc;
}

static const struct aldb_step column_step = {.run = column_run};

SQLRETURN aldb_api_describe_col(SQLHSTMT hstmt, SQLUSMALLINT column, struct aldb_out name, SQLSMALLINT *type, SQLULEN *size,
                                SQLSMALLINT *digits, SQLSMALLINT *nullable)
{
    struct aldb_call c;
    if (!aldb_enter_stmt(&c, hstmt, ALDB_FN_DESCRIBE_COL)) {
        return c.ret;
    }
    ALDB_CALL_ARGS(&c, "column %u", column);
    struct column_args a = {.column = column, .name = name, .type = type, .size = size, .digits = digits, .nullable = nullable};
    return aldb_go(&c, &column_step, &a, sizeof a);
}

/* SQLColAttributes of ODBC 2 had its own numbers for these; the rest are the same. */
static bool v2_number(const struct aldb_desc_rec *r, SQLUSMALLINT field, SQLLEN *out)
{
    switch (field) {
    case SQL_COLUMN_LENGTH:
        *out = r->octet_length;
        return true;
    case SQL_COLUMN_PRECISION:
        *out = (SQLLEN)r->column_size;
        return true;
    case SQL_COLUMN_SCALE:
        *out = r->decimal_digits;
        return true;
    default:
        return false;
    }
}

static SQLUSMALLINT v3_field(SQLUSMALLINT field)
{
    switch (field) {
    case SQL_COLUMN_COUNT:
        return SQL_DESC_COUNT;
    case SQL_COLUMN_NAME:
        return SQL_DESC_NAME;
    case SQL_COLUMN_NULLABLE:
        return SQL_DESC_NULLABLE;
    default:
        return field;
    }
}

struct attribute_args {
    SQLUSMALLINT column, field;
    struct aldb_out text;
    SQLLEN *number;
};

static enum aldb_rc attribute_run(struct aldb_call *c, void *args)
{
    const struct attribute_args *a = args;
    struct aldb_desc_rec *r = NULL;
    struct aldb_value value = {.width = ALDB_W_LEN};
    SQLUSMALLINT field = v3_field(a->field);
    enum aldb_rc rc;

    if (field == SQL_DESC_COUNT) {
        ALDB_TRY(describe_result(c->stmt));
        value.number = c->stmt->ird.count;
    } else {
        ALDB_TRY(find_column(c->stmt, a->column, &r));
        if (field > INT16_MAX || aldb_descfield_is_header((SQLSMALLINT)field)) {
            rc = aldb_diag_post(c->diag, ALDB_ST_HY091, "%u is not a column attribute", field);
            goto out;
        }
        if (!v2_number(r, field, &value.number)) {
            if (aldb_descfield_need(r, (SQLSMALLINT)field) == ALDB_NEED_CATALOG) {
                ALDB_TRY(aldb_stmt_column_details(c->stmt));
            }
            ALDB_TRY(aldb_desc_get(&c->stmt->ird, (SQLSMALLINT)a->column, (SQLSMALLINT)field, &value, c->diag));
        }
    }
    if (value.width == ALDB_W_TEXT) {
        rc = aldb_out_text(&a->text, value.text, c->diag);
    } else {
        rc = ALDB_OK;
        if (a->number) {
            *a->number = value.number;
        }
    }
out:
    return rc;
}

static const struct aldb_step attribute_step = {.run = attribute_run};

SQLRETURN aldb_api_col_attribute(SQLHSTMT hstmt, SQLUSMALLINT column, SQLUSMALLINT field, struct aldb_out text, SQLLEN *number)
{
    struct aldb_call c;
    if (!aldb_enter_stmt(&c, hstmt, ALDB_FN_COL_ATTRIBUTE)) {
        return c.ret;
    }
    ALDB_CALL_ARGS(&c, "column %u, field %u", column, field);
    struct attribute_args a = {.column = column, .field = field, .text = text, .number = number};
    return aldb_go(&c, &attribute_step, &a, sizeof a);
}

struct param_args {
    SQLUSMALLINT number;
    SQLSMALLINT *type;
    SQLULEN *size;
    SQLSMALLINT *digits, *nullable;
};

/* The server's type also where the application has bound another: the IPD then holds what was bound. */
static enum aldb_rc param_run(struct aldb_call *c, void *args)
{
    const struct param_args *a = args;
    uint32_t oid = 0;
    int32_t typmod = -1;
    enum aldb_rc rc = aldb_stmt_param_type(c->stmt, a->number, &oid, &typmod);
    if (!aldb_done(rc)) {
        return rc;
    }
    struct aldb_type_desc d;
    aldb_type_describe_param(&c->stmt->dbc->types, oid, typmod, &d);
    if (a->type) {
        *a->type = d.concise_type;
    }
    if (a->size) {
        *a->size = d.column_size;
    }
    if (a->digits) {
        *a->digits = d.decimal_digits;
    }
    if (a->nullable) {
        *a->nullable = SQL_NULLABLE_UNKNOWN;
    }
    return rc;
}

static const struct aldb_step param_step = {.run = param_run};

ALDB_ENTRY SQLDescribeParam(SQLHSTMT hstmt, SQLUSMALLINT number, SQLSMALLINT *type, SQLULEN *size, SQLSMALLINT *digits,
                            SQLSMALLINT *nullable)
{
    struct aldb_call c;
    if (!aldb_enter_stmt(&c, hstmt, ALDB_FN_DESCRIBE_PARAM)) {
        return c.ret;
    }
    ALDB_CALL_ARGS(&c, "parameter %u", number);
    struct param_args a = {.number = number, .type = type, .size = size, .digits = digits, .nullable = nullable};
    return aldb_go(&c, &param_step, &a, sizeof a);
}
