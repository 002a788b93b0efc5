/* SPDX-License-Identifier: Apache-2.0 */
/* Data sources where they are: sections of the user's and the system's odbc.ini. */
#ifndef ALDB_COMMAND_SOURCE_H
#define ALDB_COMMAND_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "config/options.h"
#include "setup/command/args.h"
#include "setup/command/ini.h"
#include "setup/command/places.h"

/* A section that unixODBC does not need, and that is kept true where it is there. */
#define ALDB_LIST_OF_SOURCES "ODBC Data Sources"
/* Is a section of odbc.ini a data source, and not one of unixODBC's own? */
bool aldb_is_source(const char *section);

/* Opens the file of that place, as aldb_ini_open(). */
bool aldb_source_file(struct aldb_ini *ini, enum aldb_place place, bool change);
/*
 * Opens the file that the data source is in: the one that --user or --system say, else the user's, which comes first for connections too, or the system's. False: it is in none of them, or
 * that cannot be read; said why.
 */
bool aldb_source_find(struct aldb_ini *ini, const struct aldb_arguments *a, const char *name, enum aldb_place *place, bool change);

/* Is there a secret among the pairs, in a file that others may read? */
bool aldb_source_is_open(const struct aldb_ini *ini, const struct aldb_pairs *pairs);
/* "odbc.ini" and the like, for enum aldb_origin; static. */
const char *aldb_origin_name(uint8_t origin);

#endif
