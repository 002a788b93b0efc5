/* SPDX-License-Identifier: Apache-2.0 */
/* Where unixODBC keeps its files, which of them a command line means, and where this command's libraries are. */
#ifndef ALDB_COMMAND_PLACES_H
#define ALDB_COMMAND_PLACES_H

#include <stdbool.h>
#include <sys/types.h>

#include "setup/command/args.h"

/* The driver's name in odbcinst.ini, unless another is said. */
#define ALDB_DRIVER_NAME "AlloyDB"

enum aldb_place { ALDB_PLACE_USER, ALDB_PLACE_SYSTEM };

/* Path of odbc.ini or odbcinst.ini, as libodbcinst has it (ODBCINI, ODBCSYSINI, ODBCINSTINI, HOME). Owned; NULL: out of memory. */
char *aldb_odbc_ini(enum aldb_place place);
char *aldb_odbcinst_ini(enum aldb_place place);
/* Are the user's and the system's odbc.ini one file (ODBCINI names the system's)? */
bool aldb_one_odbc_ini(void);
/* "the user's" or "the system's". */
const char *aldb_place_name(enum aldb_place place);
/* Mode of a new file there: odbc.ini may come to hold a password. */
mode_t aldb_place_mode(enum aldb_place place);

/* Flags --user and --system. */
enum aldb_place aldb_place_asked(const struct aldb_arguments *a, enum aldb_place fallback);
int aldb_place_check(const struct aldb_arguments *a); /* ALDB_EXIT_USAGE if both are given */

/* The driver, or with `setup` its set-up library, that belongs to this command: where `cmake --install` or a build puts it. Owned, absolute; NULL: it is not there. */
char *aldb_own_library(bool setup);

#endif
