/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The functions that have a narrow and a wide entry point, once: strings.inc makes both wrappers around each. Arguments are those of the ODBC
 * function, with strings as struct aldb_in and aldb_out.
 */
#ifndef ALDB_API_BODIES_H
#define ALDB_API_BODIES_H

#include "api/text.h"
#include "handle/statetable.h"

/* connection.c */
SQLRETURN aldb_api_connect(SQLHDBC hdbc, struct aldb_in dsn, struct aldb_in user, struct aldb_in password);
SQLRETURN aldb_api_driver_connect(SQLHDBC hdbc, struct aldb_in text, struct aldb_out completed, SQLUSMALLINT completion);
SQLRETURN aldb_api_browse_connect(SQLHDBC hdbc, struct aldb_in text, struct aldb_out out);
SQLRETURN aldb_api_get_connect_attr(SQLHDBC hdbc, SQLINTEGER id, struct aldb_out out);
SQLRETURN aldb_api_set_connect_attr(SQLHDBC hdbc, SQLINTEGER id, SQLPOINTER value, SQLINTEGER length, bool wide);
SQLRETURN aldb_api_get_info(SQLHDBC hdbc, SQLUSMALLINT type, struct aldb_out out);
SQLRETURN aldb_api_native_sql(SQLHDBC hdbc, struct aldb_in sql, struct aldb_out out);

/* statement.c */
SQLRETURN aldb_api_prepare(SQLHSTMT hstmt, struct aldb_in sql);
SQLRETURN aldb_api_exec_direct(SQLHSTMT hstmt, struct aldb_in sql);
SQLRETURN aldb_api_get_cursor_name(SQLHSTMT hstmt, struct aldb_out name);
SQLRETURN aldb_api_set_cursor_name(SQLHSTMT hstmt, struct aldb_in name);
SQLRETURN aldb_api_get_stmt_attr(SQLHSTMT hstmt, SQLINTEGER id, struct aldb_out out);
SQLRETURN aldb_api_set_stmt_attr(SQLHSTMT hstmt, SQLINTEGER id, SQLPOINTER value, SQLINTEGER length);

/* metadata.c */
SQLRETURN aldb_api_describe_col(SQLHSTMT hstmt, SQLUSMALLINT column, struct aldb_out name, SQLSMALLINT *type, SQLULEN *size,
                                SQLSMALLINT *digits, SQLSMALLINT *nullable);
SQLRETURN aldb_api_col_attribute(SQLHSTMT hstmt, SQLUSMALLINT column, SQLUSMALLINT field, struct aldb_out text, SQLLEN *number);

/* catalog.c */
SQLRETURN aldb_api_tables(SQLHSTMT hstmt, struct aldb_in catalog, struct aldb_in schema, struct aldb_in table, struct aldb_in types);
SQLRETURN aldb_api_columns(SQLHSTMT hstmt, struct aldb_in catalog, struct aldb_in schema, struct aldb_in table, struct aldb_in column);
SQLRETURN aldb_api_foreign_keys(SQLHSTMT hstmt, const struct aldb_in in[6]);
SQLRETURN aldb_api_statistics(SQLHSTMT hstmt, struct aldb_in catalog, struct aldb_in schema, struct aldb_in table, SQLUSMALLINT unique,
                              SQLUSMALLINT reserved);
SQLRETURN aldb_api_special_columns(SQLHSTMT hstmt, SQLUSMALLINT identifier, struct aldb_in catalog, struct aldb_in schema, struct aldb_in table,
                                   SQLUSMALLINT scope, SQLUSMALLINT nullable);
SQLRETURN aldb_api_procedures(SQLHSTMT hstmt, struct aldb_in catalog, struct aldb_in schema, struct aldb_in procedure);
SQLRETURN aldb_api_procedure_columns(SQLHSTMT hstmt, struct aldb_in catalog, struct aldb_in schema, struct aldb_in procedure, struct aldb_in column);
SQLRETURN aldb_api_column_privileges(SQLHSTMT hstmt, struct aldb_in catalog, struct aldb_in schema, struct aldb_in table, struct aldb_in column);
SQLRETURN aldb_api_table_privileges(SQLHSTMT hstmt, struct aldb_in catalog, struct aldb_in schema, struct aldb_in table);
SQLRETURN aldb_api_primary_keys(SQLHSTMT hstmt, struct aldb_in catalog, struct aldb_in schema, struct aldb_in table);
SQLRETURN aldb_api_type_info(SQLHSTMT hstmt, SQLSMALLINT type);

/* descriptor.c */
SQLRETURN aldb_api_get_desc_field(SQLHDESC hdesc, SQLSMALLINT number, SQLSMALLINT field, struct aldb_out out);
SQLRETURN aldb_api_set_desc_field(SQLHDESC hdesc, SQLSMALLINT number, SQLSMALLINT field, SQLPOINTER value, SQLINTEGER length, bool wide);
SQLRETURN aldb_api_get_desc_rec(SQLHDESC hdesc, SQLSMALLINT number, struct aldb_out name, SQLSMALLINT *type, SQLSMALLINT *subtype,
                                SQLLEN *length, SQLSMALLINT *precision, SQLSMALLINT *scale, SQLSMALLINT *nullable);

/* diagnostic.c */
SQLRETURN aldb_api_get_diag_rec(SQLSMALLINT type, SQLHANDLE handle, SQLSMALLINT number, struct aldb_out state, SQLINTEGER *native,
                                struct aldb_out message);
SQLRETURN aldb_api_get_diag_field(SQLSMALLINT type, SQLHANDLE handle, SQLSMALLINT number, SQLSMALLINT field, struct aldb_out out);

#endif
