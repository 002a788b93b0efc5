/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Environment, connection and statement attributes: tables of identifier, width, getter and setter (attr_env.c, attr_conn.c, attr_stmt.c).
 * Lock of the handle held. Unknown attributes are HY092, ODBC's own that the driver has not are HYC00, bad values HY024; 01S02 where ODBC lets a
 * driver put another value in place, and reading then shows that value.
 * ODBC: https://learn.microsoft.com/sql/odbc/reference/syntax/sqlsetconnectattr-function and sqlsetstmtattr-function
 */
#ifndef ALDB_HANDLE_ATTR_H
#define ALDB_HANDLE_ATTR_H

#include "handle/handle.h"
#include "handle/value.h"

enum aldb_rc aldb_env_get_attr(struct aldb_env *env, SQLINTEGER id, struct aldb_value *out, struct aldb_diag *diag) ALDB_MUSTCHECK;
enum aldb_rc aldb_env_set_attr(struct aldb_env *env, SQLINTEGER id, const struct aldb_arg *arg,
                               struct aldb_diag *diag) ALDB_MUSTCHECK;

/* Character attribute? Then the setter takes arg->text. */
bool aldb_dbc_attr_is_text(SQLINTEGER id);
/* May setting it on an open connection have to wait for the server? */
bool aldb_dbc_attr_asks(SQLINTEGER id);
/* ALDB_NO_DATA: no value and no default (SQL_ATTR_CURRENT_CATALOG before connecting). Some ask the server. */
enum aldb_rc aldb_dbc_get_attr(struct aldb_dbc *dbc, SQLINTEGER id, struct aldb_value *out, struct aldb_diag *diag) ALDB_MUSTCHECK;
/* Before connecting values are kept for the connect; afterwards they take effect at once. Some talk to the server. */
enum aldb_rc aldb_dbc_set_attr(struct aldb_dbc *dbc, SQLINTEGER id, const struct aldb_arg *arg,
                               struct aldb_diag *diag) ALDB_MUSTCHECK;

enum aldb_rc aldb_stmt_get_attr(struct aldb_stmt *stmt, SQLINTEGER id, struct aldb_value *out, struct aldb_diag *diag) ALDB_MUSTCHECK;
enum aldb_rc aldb_stmt_set_attr(struct aldb_stmt *stmt, SQLINTEGER id, const struct aldb_arg *arg,
                                struct aldb_diag *diag) ALDB_MUSTCHECK;

/* After a ROLLBACK every cursor of the connection is closed. dbc lock held. */
void aldb_dbc_close_cursors(struct aldb_dbc *dbc);

#endif
