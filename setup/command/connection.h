/* SPDX-License-Identifier: Apache-2.0 */
/* A connection through the driver manager, as every application makes it. Texts are UTF-8, which the driver's narrow functions take and give. */
#ifndef ALDB_COMMAND_CONNECTION_H
#define ALDB_COMMAND_CONNECTION_H

#include <stdbool.h>

#include <sql.h>
#include <sqlext.h>

#include "base/buf.h"

struct aldb_connection {
    SQLHENV env;
    SQLHDBC dbc;
    bool connected;
};

/* The connection string that aldb_connect() connects with. */
void aldb_target_string(const char *target, const char *more, struct aldb_buf *out);
/*
 * `target`: a data source's name, or a connection string if there is an '=' in it. `more`: keywords for it, as "UID=…;PWD=…" (NULL: none); outweighed by what a connection string says.
 * False: the diagnostics are on stderr, and nothing is open.
 */
bool aldb_connect(struct aldb_connection *c, const char *target, const char *more);
/* The same; what is to be said, warnings too, is added to `said`, a line a diagnostic record. */
bool aldb_connect_quietly(struct aldb_connection *c, const char *target, const char *more, struct aldb_buf *said);
void aldb_disconnect(struct aldb_connection *c);

/* All diagnostic records of a handle, each with its SQLSTATE; warnings too. */
void aldb_add_diagnostics(SQLSMALLINT type, SQLHANDLE handle, struct aldb_buf *out);
void aldb_print_diagnostics(SQLSMALLINT type, SQLHANDLE handle);
/* SELECT 1. False: what the server, or the driver, said is added to `said`. */
bool aldb_ask_one(const struct aldb_connection *c, struct aldb_buf *said);
/* One attribute of SQLGetInfo, as text. `out` is emptied first. */
void aldb_info_text(const struct aldb_connection *c, SQLUSMALLINT what, struct aldb_buf *out);

/* "PWD={…}" for aldb_connect(), from --ask-password or --password-stdin of the command; empty without either. Wipe it. False: said why. */
struct aldb_arguments;
bool aldb_password_asked(const struct aldb_arguments *a, struct aldb_buf *out);

#endif
