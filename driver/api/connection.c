/* SPDX-License-Identifier: Apache-2.0 */
/* Connections: connecting, attributes, information. */
#include "api/bodies.h"
#include "api/call.h"

#include "handle/attr.h"
#include "handle/connect.h"
#include "info/info.h"
#include "sqltext/sqltext.h"

SQLRETURN aldb_api_connect(SQLHDBC hdbc, struct aldb_in dsn, struct aldb_in user, struct aldb_in password)
{
    struct aldb_call c;
    if (!aldb_enter_dbc(&c, hdbc, "SQLConnect")) {
        return c.ret;
    }
    struct aldb_text name = {0};
    struct aldb_text uid = {0};
    struct aldb_text pwd = {0};
    enum aldb_rc rc;
    ALDB_TRY(aldb_text_take(&name, &dsn, ALDB_IN_NAME, "ServerName", c.diag));
    ALDB_TRY(aldb_text_take(&uid, &user, ALDB_IN_NAME, "UserName", c.diag));
    ALDB_TRY(aldb_text_take(&pwd, &password, ALDB_IN_NAME, "Authentication", c.diag));
    rc = aldb_dbc_connect(c.dbc, name.slice, uid.slice, pwd.slice, c.diag);
out:
    aldb_text_clear(&name);
    aldb_text_clear(&uid);
    aldb_text_clear(&pwd);
    return aldb_leave(&c, rc);
}

/* Writes the connection string that came of it; SQL_NEED_DATA stays what it is when the string is cut. */
static enum aldb_rc give_string(const struct aldb_out *out, const struct aldb_buf *text, enum aldb_rc rc, struct aldb_diag *diag)
{
    enum aldb_rc wrote = aldb_out_text(out, aldb_slice(aldb_buf_cstr(text), text->len), diag);
    return wrote == ALDB_OK || rc == ALDB_NEED_DATA ? rc : wrote;
}

SQLRETURN aldb_api_driver_connect(SQLHDBC hdbc, struct aldb_in text, struct aldb_out completed, SQLUSMALLINT completion)
{
    struct aldb_call c;
    if (!aldb_enter_dbc(&c, hdbc, "SQLDriverConnect")) {
        return c.ret;
    }
    ALDB_CALL_ARGS(&c, "completion %u", completion);
    struct aldb_text string = {0};
    struct aldb_buf result;
    aldb_buf_init(&result, ALDB_MAX_CONNSTR);
    enum aldb_rc rc;
    if (completed.buffer && completed.room < 0) {
        rc = aldb_diag_post(c.diag, ALDB_ST_HY090, "The length of the output buffer is %lld", (long long)completed.room);
        goto out;
    }
    ALDB_TRY(aldb_text_take(&string, &text, ALDB_IN_SQL, "The connection string", c.diag));
    ALDB_TRY(aldb_dbc_driver_connect(c.dbc, string.slice, completion, &result, c.diag));
    rc = give_string(&completed, &result, rc, c.diag);
out:
    aldb_text_clear(&string);
    aldb_buf_wipe(&result);
    return aldb_leave(&c, rc);
}

SQLRETURN aldb_api_browse_connect(SQLHDBC hdbc, struct aldb_in text, struct aldb_out out)
{
    struct aldb_call c;
    if (!aldb_enter_dbc(&c, hdbc, "SQLBrowseConnect")) {
        return c.ret;
    }
    struct aldb_text string = {0};
    struct aldb_buf result;
    aldb_buf_init(&result, ALDB_MAX_CONNSTR);
    enum aldb_rc rc;
    if (out.buffer && out.room < 0) {
        rc = aldb_diag_post(c.diag, ALDB_ST_HY090, "The length of the output buffer is %lld", (long long)out.room);
        goto out;
    }
    ALDB_TRY(aldb_text_take(&string, &text, ALDB_IN_SQL, "The connection string", c.diag));
    ALDB_TRY(aldb_dbc_browse(c.dbc, string.slice, &result, c.diag));
    rc = give_string(&out, &result, rc, c.diag);
out:
    aldb_text_clear(&string);
    aldb_buf_wipe(&result);
    return aldb_leave(&c, rc);
}

ALDB_ENTRY SQLDisconnect(SQLHDBC hdbc)
{
    struct aldb_call c;
    if (!aldb_enter_dbc(&c, hdbc, "SQLDisconnect")) {
        return c.ret;
    }
    return aldb_leave(&c, aldb_dbc_disconnect(c.dbc, c.diag));
}

/* ------------------------------------------------------------------ attributes */

SQLRETURN aldb_api_get_connect_attr(SQLHDBC hdbc, SQLINTEGER id, struct aldb_out out)
{
    struct aldb_call c;
    if (!aldb_enter_dbc(&c, hdbc, "SQLGetConnectAttr")) {
        return c.ret;
    }
    ALDB_CALL_ARGS(&c, "attribute %d", (int)id);
    struct aldb_value value;
    enum aldb_rc rc = aldb_dbc_get_attr(c.dbc, id, &value, c.diag);
    if (aldb_done(rc)) {
        rc = aldb_out_value(&out, &value, c.diag);
    }
    return aldb_leave(&c, rc);
}

SQLRETURN aldb_api_set_connect_attr(SQLHDBC hdbc, SQLINTEGER id, SQLPOINTER value, SQLINTEGER length, bool wide)
{
    struct aldb_call c;
    if (!aldb_enter_dbc(&c, hdbc, "SQLSetConnectAttr")) {
        return c.ret;
    }
    ALDB_CALL_ARGS(&c, "attribute %d, value %p", (int)id, value);
    struct aldb_arg arg = {.raw = value, .length = length};
    struct aldb_text text = {0};
    enum aldb_rc rc = ALDB_OK;
    if (aldb_dbc_attr_is_text(id)) {
        struct aldb_in in = {.text = value, .length = length, .wide = wide, .bytes = true};
        ALDB_TRY(aldb_text_take(&text, &in, ALDB_IN_NAME, "The attribute's value", c.diag));
        arg.text = text.slice;
    }
    rc = aldb_dbc_set_attr(c.dbc, id, &arg, c.diag);
out:
    aldb_text_clear(&text);
    return aldb_leave(&c, rc);
}

/* ------------------------------------------------------------------ information */

static struct aldb_value info_value(const struct aldb_info_value *info)
{
    switch (info->kind) {
    case ALDB_INFO_U16:
        return aldb_value_number(ALDB_W_S16, (SQLLEN)info->number);
    case ALDB_INFO_U32:
        return aldb_value_number(ALDB_W_S32, (SQLLEN)info->number);
    case ALDB_INFO_HANDLE:
        return aldb_value_number(ALDB_W_LEN, (SQLLEN)info->number);
    case ALDB_INFO_STRING:
        break;
    }
    return (struct aldb_value){.width = ALDB_W_TEXT, .text = aldb_slice(aldb_buf_cstr(&info->text), info->text.len)};
}

SQLRETURN aldb_api_get_info(SQLHDBC hdbc, SQLUSMALLINT type, struct aldb_out out)
{
    struct aldb_call c;
    if (!aldb_enter_dbc(&c, hdbc, "SQLGetInfo")) {
        return c.ret;
    }
    ALDB_CALL_ARGS(&c, "type %u", type);
    struct aldb_info_value info = {0};
    enum aldb_rc rc = aldb_info_get(c.dbc, type, &info, c.diag);
    if (aldb_done(rc)) {
        struct aldb_value value = info_value(&info);
        enum aldb_rc wrote = aldb_out_value(&out, &value, c.diag);
        rc = wrote == ALDB_OK ? rc : wrote;
    }
    aldb_buf_clear(&info.text);
    return aldb_leave(&c, rc);
}

ALDB_ENTRY SQLGetFunctions(SQLHDBC hdbc, SQLUSMALLINT id, SQLUSMALLINT *supported)
{
    struct aldb_call c;
    if (!aldb_enter_dbc(&c, hdbc, "SQLGetFunctions")) {
        return c.ret;
    }
    if (supported == NULL) {
        return aldb_leave(&c, aldb_diag_post(c.diag, ALDB_ST_HY009, "SupportedPtr is NULL"));
    }
    if (id == SQL_API_ALL_FUNCTIONS || id == SQL_API_ODBC3_ALL_FUNCTIONS) {
        aldb_functions_fill(id, supported);
    } else {
        *supported = aldb_function_supported(id) ? SQL_TRUE : SQL_FALSE;
    }
    return aldb_leave(&c, ALDB_OK);
}

SQLRETURN aldb_api_native_sql(SQLHDBC hdbc, struct aldb_in sql, struct aldb_out out)
{
    struct aldb_call c;
    if (!aldb_enter_dbc(&c, hdbc, "SQLNativeSql")) {
        return c.ret;
    }
    struct aldb_text text = {0};
    struct aldb_buf native;
    aldb_buf_init(&native, ALDB_MAX_SQL);
    enum aldb_rc rc;
    ALDB_TRY(aldb_text_take(&text, &sql, ALDB_IN_SQL, "The statement", c.diag));
    if (text.slice.ptr == NULL) {
        rc = aldb_diag_post(c.diag, ALDB_ST_HY009, "InStatementText is NULL");
        goto out;
    }
    if (c.dbc->session == NULL) {
        rc = aldb_diag_post(c.diag, ALDB_ST_08003, NULL);
        goto out;
    }
    struct aldb_sql_flags flags = {.standard_conforming_strings = aldb_session_standard_strings(c.dbc->session)};
    ALDB_TRY(aldb_sql_native(text.slice, flags, &native, c.diag));
    rc = aldb_out_text(&out, aldb_slice(aldb_buf_cstr(&native), native.len), c.diag);
out:
    aldb_text_clear(&text);
    aldb_buf_clear(&native);
    return aldb_leave(&c, rc);
}
