/* SPDX-License-Identifier: Apache-2.0 */
/* Diagnostics: read under the handle's lock, never changed by reading, never posting anything themselves. */
#include "api/async.h"
#include "api/bodies.h"
#include "api/call.h"

#include <string.h>

/* What there is to be read: a handle's own diagnostics with its lock held, or what is said in their place while an asynchronous call has them. */
struct view {
    struct aldb_handle *locked; /* NULL: not */
    struct aldb_diag *diag;
    struct aldb_diag instead;
    SQLRETURN last_return;
    const struct aldb_dbc *dbc; /* the connection that the handle belongs to, NULL */
};

static struct aldb_handle *find(SQLSMALLINT type, SQLHANDLE handle, const struct aldb_dbc **dbc)
{
    struct aldb_env *env;
    struct aldb_dbc *conn;
    struct aldb_stmt *stmt;
    struct aldb_desc *desc;
    *dbc = NULL;
    switch (type) {
    case SQL_HANDLE_ENV:
        env = aldb_env_check(handle);
        return env ? &env->h : NULL;
    case SQL_HANDLE_DBC:
        conn = aldb_dbc_check(handle);
        *dbc = conn;
        return conn ? &conn->h : NULL;
    case SQL_HANDLE_STMT:
        stmt = aldb_stmt_check(handle);
        *dbc = stmt ? stmt->home : NULL;
        return stmt ? &stmt->h : NULL;
    case SQL_HANDLE_DESC:
        desc = aldb_desc_check(handle);
        *dbc = desc ? desc->dbc : NULL;
        return desc ? &desc->h : NULL;
    default:
        return NULL;
    }
}

/* False: none of that type. */
static bool look(struct view *v, SQLSMALLINT type, SQLHANDLE handle)
{
    *v = (struct view){.locked = NULL};
    struct aldb_handle *h = find(type, handle, &v->dbc);
    if (h == NULL) {
        return false;
    }
    if (aldb_async_diag(h, &v->instead, &v->last_return)) {
        v->diag = &v->instead;
        v->dbc = NULL;
        return true;
    }
    aldb_mutex_lock(&h->lock);
    v->locked = h;
    v->diag = &h->diag;
    v->last_return = h->last_return;
    return true;
}

static void look_away(struct view *v)
{
    if (v->locked) {
        aldb_mutex_unlock(&v->locked->lock);
    } else {
        aldb_diag_clear(&v->instead);
    }
}

SQLRETURN aldb_api_get_diag_rec(SQLSMALLINT type, SQLHANDLE handle, SQLSMALLINT number, struct aldb_out state, SQLINTEGER *native,
                                struct aldb_out message)
{
    struct view v;
    if (!look(&v, type, handle)) {
        return SQL_INVALID_HANDLE;
    }
    SQLRETURN ret = SQL_ERROR;
    if (number > 0 && message.room >= 0) {
        const struct aldb_diag_record *r = aldb_diag_get(v.diag, (size_t)number);
        ret = SQL_NO_DATA;
        if (r) {
            (void)aldb_out_write(&state, aldb_slice_of(r->state));
            if (native) {
                *native = r->native;
            }
            ret = aldb_out_write(&message, aldb_slice_of(aldb_diag_message(r))) ? SQL_SUCCESS : SQL_SUCCESS_WITH_INFO;
        }
    }
    look_away(&v);
    return ret;
}

/* Fields of the header. False: not a header field. *statement: it exists on statement handles only. */
static bool header_field(const struct view *v, SQLSMALLINT field, struct aldb_value *out, bool *statement)
{
    const struct aldb_diag *d = v->diag;
    *statement = true;
    switch (field) {
    case SQL_DIAG_NUMBER:
        *out = aldb_value_number(ALDB_W_S32, (SQLLEN)aldb_diag_count(d));
        *statement = false;
        return true;
    case SQL_DIAG_RETURNCODE:
        *out = aldb_value_number(ALDB_W_S16, v->last_return);
        *statement = false;
        return true;
    case SQL_DIAG_ROW_COUNT:
        *out = aldb_value_number(ALDB_W_LEN, d->row_count);
        return true;
    case SQL_DIAG_CURSOR_ROW_COUNT:
        *out = aldb_value_number(ALDB_W_LEN, d->cursor_row_count);
        return true;
    case SQL_DIAG_DYNAMIC_FUNCTION:
        *out = aldb_value_text(d->dynamic_function);
        return true;
    case SQL_DIAG_DYNAMIC_FUNCTION_CODE:
        *out = aldb_value_number(ALDB_W_S32, d->dynamic_function_code);
        return true;
    default:
        return false;
    }
}

/* Fields of a record. False: no such field. */
static bool record_field(const struct aldb_diag_record *r, SQLSMALLINT field, const char *server, struct aldb_value *out)
{
    switch (field) {
    case SQL_DIAG_SQLSTATE:
        *out = aldb_value_text(r->state);
        return true;
    case SQL_DIAG_NATIVE:
        *out = aldb_value_number(ALDB_W_S32, r->native);
        return true;
    case SQL_DIAG_MESSAGE_TEXT:
        *out = aldb_value_text(aldb_diag_message(r));
        return true;
    case SQL_DIAG_CLASS_ORIGIN:
        *out = aldb_value_text(aldb_diag_class_origin(r));
        return true;
    case SQL_DIAG_SUBCLASS_ORIGIN:
        *out = aldb_value_text(aldb_diag_subclass_origin(r));
        return true;
    case SQL_DIAG_CONNECTION_NAME:
        *out = aldb_value_text("");
        return true;
    case SQL_DIAG_SERVER_NAME:
        *out = aldb_value_text(server);
        return true;
    case SQL_DIAG_ROW_NUMBER:
        *out = aldb_value_number(ALDB_W_LEN, r->row);
        return true;
    case SQL_DIAG_COLUMN_NUMBER:
        *out = aldb_value_number(ALDB_W_S32, r->column);
        return true;
    default:
        return false;
    }
}

static SQLRETURN write_value(const struct aldb_out *out, const struct aldb_value *v)
{
    if (v->width == ALDB_W_TEXT) {
        if (out->buffer && out->room < 0) {
            return SQL_ERROR;
        }
        return aldb_out_write(out, v->text) ? SQL_SUCCESS : SQL_SUCCESS_WITH_INFO;
    }
    struct aldb_diag none;
    aldb_diag_init(&none);
    SQLRETURN ret = aldb_out_value(out, v, &none) == ALDB_OK ? SQL_SUCCESS : SQL_ERROR;
    aldb_diag_clear(&none);
    return ret;
}

SQLRETURN aldb_api_get_diag_field(SQLSMALLINT type, SQLHANDLE handle, SQLSMALLINT number, SQLSMALLINT field, struct aldb_out out)
{
    struct view v;
    if (!look(&v, type, handle)) {
        return SQL_INVALID_HANDLE;
    }
    struct aldb_value value;
    bool statement;
    SQLRETURN ret = SQL_ERROR;
    if (header_field(&v, field, &value, &statement)) {
        if (!statement || type == SQL_HANDLE_STMT) {
            ret = write_value(&out, &value);
        }
    } else if (number > 0) {
        const struct aldb_diag_record *r = aldb_diag_get(v.diag, (size_t)number);
        const char *server = v.dbc && v.dbc->dsn ? v.dbc->dsn : "";
        ret = SQL_NO_DATA;
        if (r) {
            ret = record_field(r, field, server, &value) ? write_value(&out, &value) : SQL_ERROR;
        }
    }
    look_away(&v);
    return ret;
}
