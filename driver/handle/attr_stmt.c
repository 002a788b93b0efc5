/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Statement attributes. Those that ODBC keeps in descriptor headers are read and written there, so that both ways show the same.
 * The four cursor attributes depend on each other; the cursors there are: forward-only, static and keyset-driven, read-only or with row versions.
 */
#include "handle/attr.h"

#include <limits.h>
#include <string.h>

#include "handle/descfield.h"

/* Attributes that sqlext.h does not know. */
#ifndef SQL_ATTR_ASYNC_STMT_PCALLBACK
#define SQL_ATTR_ASYNC_STMT_PCALLBACK 30
#endif
#ifndef SQL_ATTR_ASYNC_STMT_PCONTEXT
#define SQL_ATTR_ASYNC_STMT_PCONTEXT 31
#endif

enum descriptor { NO_DESC, OF_ARD, OF_APD, OF_IRD, OF_IPD };

struct stmt_attr {
    SQLINTEGER id;
    const char *name;
    size_t offset;              /* SQLULEN member of struct aldb_stmt */
    bool member;                /* readable there */
    SQLULEN max;                /* largest value when the plain setter serves; 0 = any */
    bool cursor;                /* one of the six that cannot change once prepared */
    enum descriptor desc;       /* lives in this descriptor's header … */
    SQLSMALLINT field;          /* … as this field */
    enum aldb_rc (*get)(struct aldb_stmt *stmt, struct aldb_value *out, struct aldb_diag *diag);
    enum aldb_rc (*set)(struct aldb_stmt *stmt, const struct aldb_arg *arg, struct aldb_diag *diag);
    bool readonly;
    enum aldb_state refuse;     /* not NONE: known to ODBC, not supported */
};

static enum aldb_rc bad_value(const char *name, SQLULEN value, const char *choices, struct aldb_diag *diag)
{
    return aldb_diag_post(diag, ALDB_ST_HY024, "%s cannot be %llu; it is %s", name, (unsigned long long)value, choices);
}

/* ------------------------------------------------------------------ cursors */

/* Insensitive is what shows no changes: not those that it makes itself, nor, of rows that it shows again, those of others. */
static void be(struct aldb_stmt *stmt, SQLULEN type, SQLULEN concurrency)
{
    stmt->cursor_type = type;
    stmt->concurrency = concurrency;
    stmt->cursor_scrollable = type == SQL_CURSOR_FORWARD_ONLY ? SQL_NONSCROLLABLE : SQL_SCROLLABLE;
    bool sees = concurrency != SQL_CONCUR_READ_ONLY || type == SQL_CURSOR_KEYSET_DRIVEN;
    if (sees) {
        stmt->cursor_sensitivity = SQL_UNSPECIFIED;
    } else if (type == SQL_CURSOR_STATIC) {
        stmt->cursor_sensitivity = SQL_INSENSITIVE;
    }
}

static enum aldb_rc set_cursor_type(struct aldb_stmt *stmt, const struct aldb_arg *arg, struct aldb_diag *diag)
{
    SQLULEN type = aldb_arg_ulen(arg);
    if (type > SQL_CURSOR_STATIC) {
        return bad_value("SQL_ATTR_CURSOR_TYPE", type, "SQL_CURSOR_FORWARD_ONLY, _STATIC, _KEYSET_DRIVEN or _DYNAMIC", diag);
    }
    be(stmt, type == SQL_CURSOR_DYNAMIC ? SQL_CURSOR_KEYSET_DRIVEN : type, stmt->concurrency);
    return type != SQL_CURSOR_DYNAMIC ? ALDB_OK
                                      : aldb_diag_post(diag, ALDB_ST_01S02, "Rows that others add are not seen: SQL_ATTR_CURSOR_TYPE is SQL_CURSOR_KEYSET_DRIVEN");
}

static enum aldb_rc set_concurrency(struct aldb_stmt *stmt, const struct aldb_arg *arg, struct aldb_diag *diag)
{
    SQLULEN value = aldb_arg_ulen(arg);
    if (value < SQL_CONCUR_READ_ONLY || value > SQL_CONCUR_VALUES) {
        return bad_value("SQL_ATTR_CONCURRENCY", value, "SQL_CONCUR_READ_ONLY, _LOCK, _ROWVER or _VALUES", diag);
    }
    be(stmt, stmt->cursor_type, value == SQL_CONCUR_READ_ONLY ? SQL_CONCUR_READ_ONLY : SQL_CONCUR_ROWVER);
    if (value == SQL_CONCUR_READ_ONLY && stmt->cursor_type != SQL_CURSOR_KEYSET_DRIVEN) {
        stmt->cursor_sensitivity = SQL_INSENSITIVE;
    }
    return value == stmt->concurrency
               ? ALDB_OK
               : aldb_diag_post(diag, ALDB_ST_01S02, "Rows are compared by their version, and not locked: SQL_ATTR_CONCURRENCY is SQL_CONCUR_ROWVER");
}

static enum aldb_rc set_scrollable(struct aldb_stmt *stmt, const struct aldb_arg *arg, struct aldb_diag *diag)
{
    SQLULEN value = aldb_arg_ulen(arg);
    if (value > SQL_SCROLLABLE) {
        return bad_value("SQL_ATTR_CURSOR_SCROLLABLE", value, "SQL_NONSCROLLABLE or SQL_SCROLLABLE", diag);
    }
    SQLULEN scrollable = stmt->cursor_type == SQL_CURSOR_FORWARD_ONLY ? SQL_CURSOR_STATIC : stmt->cursor_type;
    be(stmt, value == SQL_SCROLLABLE ? scrollable : SQL_CURSOR_FORWARD_ONLY, stmt->concurrency);
    return ALDB_OK;
}

static enum aldb_rc set_sensitivity(struct aldb_stmt *stmt, const struct aldb_arg *arg, struct aldb_diag *diag)
{
    SQLULEN value = aldb_arg_ulen(arg);
    if (value == SQL_SENSITIVE) {
        return aldb_diag_post(diag, ALDB_ST_HYC00, "No cursor shows all changes of others: SQL_SENSITIVE is not supported. A keyset-driven one shows those of its rows");
    }
    if (value > SQL_SENSITIVE) {
        return bad_value("SQL_ATTR_CURSOR_SENSITIVITY", value, "SQL_UNSPECIFIED, SQL_INSENSITIVE or SQL_SENSITIVE", diag);
    }
    if (value == SQL_INSENSITIVE) {
        be(stmt, SQL_CURSOR_STATIC, SQL_CONCUR_READ_ONLY);
    }
    stmt->cursor_sensitivity = value;
    return ALDB_OK;
}

static enum aldb_rc set_keyset_size(struct aldb_stmt *stmt, const struct aldb_arg *arg, struct aldb_diag *diag)
{
    stmt->keyset_size = 0;
    if (aldb_arg_ulen(arg) == 0) {
        return ALDB_OK;
    }
    return aldb_diag_post(diag, ALDB_ST_01S02, "A keyset holds all rows: SQL_ATTR_KEYSET_SIZE stays 0");
}

static enum aldb_rc set_simulate(struct aldb_stmt *stmt, const struct aldb_arg *arg, struct aldb_diag *diag)
{
    SQLULEN value = aldb_arg_ulen(arg);
    if (value > SQL_SC_UNIQUE) {
        return bad_value("SQL_ATTR_SIMULATE_CURSOR", value, "SQL_SC_NON_UNIQUE, _TRY_UNIQUE or _UNIQUE", diag);
    }
    stmt->simulate_cursor = SQL_SC_NON_UNIQUE;
    if (value == SQL_SC_NON_UNIQUE) {
        return ALDB_OK;
    }
    return aldb_diag_post(diag, ALDB_ST_01S02, "Positioned updates are not simulated: SQL_ATTR_SIMULATE_CURSOR is SQL_SC_NON_UNIQUE");
}

static enum aldb_rc set_bookmarks(struct aldb_stmt *stmt, const struct aldb_arg *arg, struct aldb_diag *diag)
{
    SQLULEN value = aldb_arg_ulen(arg);
    if (value > SQL_UB_VARIABLE) {
        return bad_value("SQL_ATTR_USE_BOOKMARKS", value, "SQL_UB_OFF, SQL_UB_FIXED or SQL_UB_VARIABLE", diag);
    }
    stmt->use_bookmarks = value;
    return ALDB_OK;
}

static enum aldb_rc set_bookmark_ptr(struct aldb_stmt *stmt, const struct aldb_arg *arg, struct aldb_diag *diag)
{
    (void)diag;
    stmt->fetch_bookmark_ptr = arg->raw;
    return ALDB_OK;
}

static enum aldb_rc get_bookmark_ptr(struct aldb_stmt *stmt, struct aldb_value *out, struct aldb_diag *diag)
{
    (void)diag;
    *out = aldb_value_pointer(stmt->fetch_bookmark_ptr);
    return ALDB_OK;
}

static enum aldb_rc get_row_number(struct aldb_stmt *stmt, struct aldb_value *out, struct aldb_diag *diag)
{
    if (stmt->state != ALDB_STMT_CURSOR || stmt->row_number == 0) {
        return aldb_diag_post(diag, ALDB_ST_24000, "The cursor is not on a row");
    }
    *out = aldb_value_ulen((SQLULEN)stmt->row_number + stmt->rowset_pos);
    return ALDB_OK;
}

/* ODBC 2's bookmark of the current row. */
static enum aldb_rc get_bookmark(struct aldb_stmt *stmt, struct aldb_value *out, struct aldb_diag *diag)
{
    if (stmt->use_bookmarks == SQL_UB_OFF) {
        return aldb_diag_post(diag, ALDB_ST_HYC00, "SQL_GET_BOOKMARK needs SQL_ATTR_USE_BOOKMARKS, set before the statement is prepared");
    }
    return get_row_number(stmt, out, diag);
}

/* ------------------------------------------------------------------ execution */

static enum aldb_rc set_query_timeout(struct aldb_stmt *stmt, const struct aldb_arg *arg, struct aldb_diag *diag)
{
    SQLULEN seconds = aldb_arg_ulen(arg);
    if (seconds != 0 && stmt->dbc->options.IgnoreTimeout) {
        stmt->query_timeout = 0;
        return aldb_diag_post(diag, ALDB_ST_01S02, "IgnoreTimeout=yes: SQL_ATTR_QUERY_TIMEOUT stays 0");
    }
    stmt->query_timeout = seconds;
    return ALDB_OK;
}

static enum aldb_rc set_async(struct aldb_stmt *stmt, const struct aldb_arg *arg, struct aldb_diag *diag)
{
    SQLULEN value = aldb_arg_ulen(arg);
    if (value != SQL_ASYNC_ENABLE_OFF && value != SQL_ASYNC_ENABLE_ON) {
        return bad_value("SQL_ATTR_ASYNC_ENABLE", value, "SQL_ASYNC_ENABLE_OFF or SQL_ASYNC_ENABLE_ON", diag);
    }
    stmt->async_enable = value;
    return ALDB_OK;
}

static enum aldb_rc set_rowset_size(struct aldb_stmt *stmt, const struct aldb_arg *arg, struct aldb_diag *diag)
{
    SQLULEN rows = aldb_arg_ulen(arg);
    if (rows == 0) {
        return bad_value("SQL_ROWSET_SIZE", rows, "at least 1", diag);
    }
    stmt->rowset_size = rows;
    return ALDB_OK;
}

/* ------------------------------------------------------------------ descriptors */

/* NULL and the statement's own implicit descriptor both mean: back to the implicit one. */
static enum aldb_rc use_descriptor(struct aldb_stmt *stmt, const struct aldb_arg *arg, struct aldb_desc **place, struct aldb_desc *own,
                                   struct aldb_diag *diag)
{
    if (arg->raw == NULL || arg->raw == own) {
        *place = own;
        own->version++;
        return ALDB_OK;
    }
    struct aldb_desc *desc = aldb_desc_check(arg->raw);
    if (desc == NULL) {
        return aldb_diag_post(diag, ALDB_ST_HY024, "The value is not a descriptor handle");
    }
    if (desc->kind != ALDB_DESC_EXPLICIT) {
        return aldb_diag_post(diag, ALDB_ST_HY017, "An implicit descriptor of a statement can serve that statement only");
    }
    if (desc->dbc != stmt->dbc) {
        return aldb_diag_post(diag, ALDB_ST_HY024, "The descriptor belongs to another connection");
    }
    *place = desc;
    return ALDB_OK;
}

static enum aldb_rc set_ard(struct aldb_stmt *stmt, const struct aldb_arg *arg, struct aldb_diag *diag)
{
    return use_descriptor(stmt, arg, &stmt->ard, &stmt->own_ard, diag);
}

static enum aldb_rc set_apd(struct aldb_stmt *stmt, const struct aldb_arg *arg, struct aldb_diag *diag)
{
    return use_descriptor(stmt, arg, &stmt->apd, &stmt->own_apd, diag);
}

static enum aldb_rc set_implementation(struct aldb_stmt *stmt, const struct aldb_arg *arg, struct aldb_diag *diag)
{
    (void)stmt;
    (void)arg;
    return aldb_diag_post(diag, ALDB_ST_HY017, "Implementation descriptors belong to their statement and cannot be exchanged");
}

static struct aldb_desc *descriptor(struct aldb_stmt *stmt, enum descriptor which)
{
    switch (which) {
    case OF_ARD:
        return stmt->ard;
    case OF_APD:
        return stmt->apd;
    case OF_IRD:
        return &stmt->ird;
    case OF_IPD:
        return &stmt->ipd;
    case NO_DESC:
        break;
    }
    return NULL;
}

/* ------------------------------------------------------------------ the table */

#define MEMBER(attr, member_, max_, cursor_, set_) \
    {.id = attr, .name = #attr, .offset = offsetof(struct aldb_stmt, member_), .member = true, .max = max_, .cursor = cursor_, .set = set_}
#define HEADER(attr, desc_, field_) {.id = attr, .name = #attr, .desc = desc_, .field = field_}
#define HANDLE(attr, desc_, set_) {.id = attr, .name = #attr, .desc = desc_, .set = set_}
#define REFUSED(attr, state) {.id = attr, .name = #attr, .refuse = state}

static const struct stmt_attr attrs[] = {
    MEMBER(SQL_ATTR_QUERY_TIMEOUT, query_timeout, 0, false, set_query_timeout),
    MEMBER(SQL_ATTR_MAX_ROWS, max_rows, 0, false, NULL),
    MEMBER(SQL_ATTR_NOSCAN, noscan, SQL_NOSCAN_ON, false, NULL),
    MEMBER(SQL_ATTR_MAX_LENGTH, max_length, 0, false, NULL),
    MEMBER(SQL_ATTR_ASYNC_ENABLE, async_enable, 0, false, set_async),
    MEMBER(SQL_ATTR_CURSOR_TYPE, cursor_type, 0, true, set_cursor_type),
    MEMBER(SQL_ATTR_CONCURRENCY, concurrency, 0, true, set_concurrency),
    MEMBER(SQL_ATTR_KEYSET_SIZE, keyset_size, 0, false, set_keyset_size),
    MEMBER(SQL_ROWSET_SIZE, rowset_size, 0, false, set_rowset_size),
    MEMBER(SQL_ATTR_SIMULATE_CURSOR, simulate_cursor, 0, true, set_simulate),
    MEMBER(SQL_ATTR_RETRIEVE_DATA, retrieve_data, SQL_RD_ON, false, NULL),
    MEMBER(SQL_ATTR_USE_BOOKMARKS, use_bookmarks, 0, true, set_bookmarks),
    MEMBER(SQL_ATTR_ENABLE_AUTO_IPD, enable_auto_ipd, SQL_TRUE, false, NULL),
    MEMBER(SQL_ATTR_METADATA_ID, metadata_id, SQL_TRUE, false, NULL),
    MEMBER(SQL_ATTR_CURSOR_SCROLLABLE, cursor_scrollable, 0, true, set_scrollable),
    MEMBER(SQL_ATTR_CURSOR_SENSITIVITY, cursor_sensitivity, 0, true, set_sensitivity),
    {.id = SQL_ATTR_FETCH_BOOKMARK_PTR, .name = "SQL_ATTR_FETCH_BOOKMARK_PTR", .get = get_bookmark_ptr, .set = set_bookmark_ptr},
    {.id = SQL_ATTR_ROW_NUMBER, .name = "SQL_ATTR_ROW_NUMBER", .get = get_row_number, .readonly = true},
    {.id = SQL_GET_BOOKMARK, .name = "SQL_GET_BOOKMARK", .get = get_bookmark, .readonly = true},
    REFUSED(SQL_ATTR_ASYNC_STMT_EVENT, ALDB_ST_S1118),
    REFUSED(SQL_ATTR_ASYNC_STMT_PCALLBACK, ALDB_ST_S1118),
    REFUSED(SQL_ATTR_ASYNC_STMT_PCONTEXT, ALDB_ST_S1118),
    HEADER(SQL_ATTR_ROW_BIND_TYPE, OF_ARD, SQL_DESC_BIND_TYPE),
    HEADER(SQL_ATTR_ROW_BIND_OFFSET_PTR, OF_ARD, SQL_DESC_BIND_OFFSET_PTR),
    HEADER(SQL_ATTR_ROW_OPERATION_PTR, OF_ARD, SQL_DESC_ARRAY_STATUS_PTR),
    HEADER(SQL_ATTR_ROW_ARRAY_SIZE, OF_ARD, SQL_DESC_ARRAY_SIZE),
    HEADER(SQL_ATTR_ROW_STATUS_PTR, OF_IRD, SQL_DESC_ARRAY_STATUS_PTR),
    HEADER(SQL_ATTR_ROWS_FETCHED_PTR, OF_IRD, SQL_DESC_ROWS_PROCESSED_PTR),
    HEADER(SQL_ATTR_PARAM_BIND_TYPE, OF_APD, SQL_DESC_BIND_TYPE),
    HEADER(SQL_ATTR_PARAM_BIND_OFFSET_PTR, OF_APD, SQL_DESC_BIND_OFFSET_PTR),
    HEADER(SQL_ATTR_PARAM_OPERATION_PTR, OF_APD, SQL_DESC_ARRAY_STATUS_PTR),
    HEADER(SQL_ATTR_PARAMSET_SIZE, OF_APD, SQL_DESC_ARRAY_SIZE),
    HEADER(SQL_ATTR_PARAM_STATUS_PTR, OF_IPD, SQL_DESC_ARRAY_STATUS_PTR),
    HEADER(SQL_ATTR_PARAMS_PROCESSED_PTR, OF_IPD, SQL_DESC_ROWS_PROCESSED_PTR),
    HANDLE(SQL_ATTR_APP_ROW_DESC, OF_ARD, set_ard),
    HANDLE(SQL_ATTR_APP_PARAM_DESC, OF_APD, set_apd),
    HANDLE(SQL_ATTR_IMP_ROW_DESC, OF_IRD, set_implementation),
    HANDLE(SQL_ATTR_IMP_PARAM_DESC, OF_IPD, set_implementation),
};

static const struct stmt_attr *find_attr(SQLINTEGER id)
{
    for (size_t i = 0; i < ALDB_COUNT(attrs); i++) {
        if (attrs[i].id == id) {
            return &attrs[i];
        }
    }
    return NULL;
}

/* The header field of an explicit descriptor is shared by statements: its own lock, inside the statement's. */
static void lock_shared(struct aldb_desc *d)
{
    if (d->kind == ALDB_DESC_EXPLICIT) {
        aldb_mutex_lock(&d->h.lock);
    }
}

static void unlock_shared(struct aldb_desc *d)
{
    if (d->kind == ALDB_DESC_EXPLICIT) {
        aldb_mutex_unlock(&d->h.lock);
    }
}

enum aldb_rc aldb_stmt_get_attr(struct aldb_stmt *stmt, SQLINTEGER id, struct aldb_value *out, struct aldb_diag *diag)
{
    const struct stmt_attr *a = find_attr(id);
    if (a == NULL) {
        return aldb_diag_post(diag, ALDB_ST_HY092, "%d is not a statement attribute", (int)id);
    }
    if (a->refuse) {
        return aldb_diag_post(diag, a->refuse, "%s is not supported", a->name);
    }
    if (a->get) {
        return a->get(stmt, out, diag);
    }
    if (a->member) {
        SQLULEN value;
        memcpy(&value, (const char *)stmt + a->offset, sizeof value);
        *out = aldb_value_ulen(value);
        return ALDB_OK;
    }
    struct aldb_desc *d = descriptor(stmt, a->desc);
    if (a->field == 0) {
        *out = aldb_value_pointer(d);
        return ALDB_OK;
    }
    lock_shared(d);
    enum aldb_rc rc = aldb_desc_get(d, 0, a->field, out, diag);
    unlock_shared(d);
    if (rc == ALDB_OK && out->width != ALDB_W_PTR) {
        out->width = ALDB_W_LEN;
    }
    return rc;
}

enum aldb_rc aldb_stmt_set_attr(struct aldb_stmt *stmt, SQLINTEGER id, const struct aldb_arg *arg, struct aldb_diag *diag)
{
    const struct stmt_attr *a = find_attr(id);
    if (a == NULL) {
        return aldb_diag_post(diag, ALDB_ST_HY092, "%d is not a statement attribute", (int)id);
    }
    if (a->refuse) {
        return aldb_diag_post(diag, a->refuse, "%s is not supported", a->name);
    }
    if (a->readonly) {
        return aldb_diag_post(diag, ALDB_ST_HY092, "%s can only be read", a->name);
    }
    if (a->cursor && stmt->state == ALDB_STMT_CURSOR && aldb_stmt_cancelled_since(stmt)) {
        aldb_stmt_rest(stmt);
    }
    if (a->cursor && stmt->state == ALDB_STMT_PREPARED) {
        return aldb_diag_post(diag, ALDB_ST_HY011, "%s must be set before SQLPrepare", a->name);
    }
    if (a->cursor && stmt->state != ALDB_STMT_ALLOCATED) {
        return aldb_diag_post(diag, ALDB_ST_24000, "%s cannot change while the statement is executed; close it first", a->name);
    }
    if (a->set) {
        return a->set(stmt, arg, diag);
    }
    if (a->member) {
        SQLULEN value = aldb_arg_ulen(arg);
        if (a->max && value > a->max) {
            return aldb_diag_post(diag, ALDB_ST_HY024, "%s cannot be %llu; the largest value is %llu", a->name, (unsigned long long)value,
                                  (unsigned long long)a->max);
        }
        memcpy((char *)stmt + a->offset, &value, sizeof value);
        return ALDB_OK;
    }
    if (a->field == SQL_DESC_BIND_TYPE && aldb_arg_ulen(arg) > INT_MAX) { /* the field is narrower than the attribute */
        return bad_value(a->name, aldb_arg_ulen(arg), "SQL_BIND_BY_COLUMN or the length of a row", diag);
    }
    struct aldb_desc *d = descriptor(stmt, a->desc);
    lock_shared(d);
    enum aldb_rc rc = aldb_desc_set(d, 0, a->field, arg, diag);
    unlock_shared(d);
    return rc;
}
