/* SPDX-License-Identifier: Apache-2.0 */
/* The driver's library as a file: can it be loaded, and what is it? And ODBC's functions of it, called without the driver manager between. */
#ifndef ALDB_COMMAND_LIBRARY_H
#define ALDB_COMMAND_LIBRARY_H

#include <stdbool.h>

#include <sql.h>
#include <sqlext.h>

#include "base/buf.h"

struct aldb_library {
    void *handle; /* NULL: not loaded */
    SQLRETURN (*AllocHandle)(SQLSMALLINT type, SQLHANDLE from, SQLHANDLE *out);
    SQLRETURN (*FreeHandle)(SQLSMALLINT type, SQLHANDLE handle);
    SQLRETURN (*SetEnvAttr)(SQLHENV env, SQLINTEGER attribute, SQLPOINTER value, SQLINTEGER length);
    SQLRETURN (*DriverConnect)(SQLHDBC dbc, SQLHWND window, SQLCHAR *in, SQLSMALLINT in_length, SQLCHAR *out, SQLSMALLINT out_max, SQLSMALLINT *out_length, SQLUSMALLINT completion);
    SQLRETURN (*Disconnect)(SQLHDBC dbc);
    SQLRETURN (*GetDiagRec)(SQLSMALLINT type, SQLHANDLE handle, SQLSMALLINT number, SQLCHAR *state, SQLINTEGER *native, SQLCHAR *text, SQLSMALLINT max, SQLSMALLINT *length);
    SQLRETURN (*GetConnectAttr)(SQLHDBC dbc, SQLINTEGER attribute, SQLPOINTER value, SQLINTEGER max, SQLINTEGER *length);
};

/*
 * Loads it. False: `fault` says what is wrong with it, *remedy (static) what to do: no such file, no library, one for another kind of processor, a library that it needs is missing, no wide
 * functions (an ANSI driver), no ODBC driver at all.
 */
bool aldb_library_open(struct aldb_library *l, const char *path, struct aldb_buf *fault, const char **remedy);

#endif
