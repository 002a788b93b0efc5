/* SPDX-License-Identifier: Apache-2.0 */
/* Environment attributes. The driver manager keeps most of them to itself. */
#include "handle/attr.h"

enum aldb_rc aldb_env_get_attr(struct aldb_env *env, SQLINTEGER id, struct aldb_value *out, struct aldb_diag *diag)
{
    switch (id) {
    case SQL_ATTR_ODBC_VERSION:
        *out = aldb_value_number(ALDB_W_S32, env->odbc_version);
        return ALDB_OK;
    case SQL_ATTR_OUTPUT_NTS:
        *out = aldb_value_number(ALDB_W_S32, SQL_TRUE);
        return ALDB_OK;
    case SQL_ATTR_CONNECTION_POOLING:
    case SQL_ATTR_CP_MATCH:
        return aldb_diag_post(diag, ALDB_ST_HYC00, "Connection pooling belongs to the driver manager");
    default:
        return aldb_diag_post(diag, ALDB_ST_HY092, "%d is not an environment attribute", (int)id);
    }
}

enum aldb_rc aldb_env_set_attr(struct aldb_env *env, SQLINTEGER id, const struct aldb_arg *arg, struct aldb_diag *diag)
{
    SQLUINTEGER value = aldb_arg_u32(arg);
    switch (id) {
    case SQL_ATTR_ODBC_VERSION:
        if (env->dbcs) {
            return aldb_diag_post(diag, ALDB_ST_HY010, "SQL_ATTR_ODBC_VERSION must be set before the first connection handle is allocated");
        }
        if (value != SQL_OV_ODBC2 && value != SQL_OV_ODBC3 && value != SQL_OV_ODBC3_80) {
            return aldb_diag_post(diag, ALDB_ST_HY024, "SQL_ATTR_ODBC_VERSION %u is not SQL_OV_ODBC2, SQL_OV_ODBC3 or SQL_OV_ODBC3_80", value);
        }
        env->odbc_version = (SQLINTEGER)value;
        return ALDB_OK;
    case SQL_ATTR_OUTPUT_NTS:
        if (value != SQL_TRUE) {
            return aldb_diag_post(diag, ALDB_ST_HYC00, "Output strings are always null-terminated: SQL_ATTR_OUTPUT_NTS cannot be SQL_FALSE");
        }
        return ALDB_OK;
    case SQL_ATTR_CONNECTION_POOLING:
    case SQL_ATTR_CP_MATCH:
        return aldb_diag_post(diag, ALDB_ST_HYC00, "Connection pooling belongs to the driver manager");
    default:
        return aldb_diag_post(diag, ALDB_ST_HY092, "%d is not an environment attribute", (int)id);
    }
}
