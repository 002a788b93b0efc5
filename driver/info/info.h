/* SPDX-License-Identifier: Apache-2.0 */
/* SQLGetInfo (getinfo.def) and SQLGetFunctions (functions.def) as data. */
#ifndef ALDB_INFO_INFO_H
#define ALDB_INFO_INFO_H

#include "handle/handle.h"

enum aldb_info_kind { ALDB_INFO_STRING, ALDB_INFO_U16, ALDB_INFO_U32, ALDB_INFO_HANDLE };

struct aldb_info_value {
    enum aldb_info_kind kind;
    struct aldb_buf text; /* STRING, UTF-8 */
    SQLULEN number;
};
/* HY096 for unknown types, HYC00 for driver-specific ones. Connection need not be open for the static ones (08003 else). Clear text afterwards. */
enum aldb_rc aldb_info_get(struct aldb_dbc *dbc, SQLUSMALLINT type, struct aldb_info_value *out, struct aldb_diag *diag) ALDB_MUSTCHECK;

/* SQL_TRUE/SQL_FALSE for a function id; fills the arrays of SQL_API_ALL_FUNCTIONS (100) and SQL_API_ODBC3_ALL_FUNCTIONS (250 words). */
bool aldb_function_supported(SQLUSMALLINT id);
void aldb_functions_fill(SQLUSMALLINT id, SQLUSMALLINT *out);

#endif
