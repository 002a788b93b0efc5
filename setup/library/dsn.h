/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Data sources: ConfigDSN without its window. The file is that of the configuration mode, the user's or the system's.
 *
 * ODBC_ADD_DSN      writes the data source, in place of one of that name
 * ODBC_CONFIG_DSN   changes the keywords that are given and leaves the others as they are; a second DSN is the new name, which must be free
 * ODBC_REMOVE_DSN   removes it; attributes beside DSN do not matter
 * ODBC_REMOVE_DEFAULT_DSN   removes the one named DEFAULT
 *
 * The last three touch data sources of this driver only. What was written is read again; where it is not all there, for the disk was full or the file not ours, what
 * was there before is put back.
 */
#ifndef ALDB_SETUP_DSN_H
#define ALDB_SETUP_DSN_H

#include "setup/library/faults.h"

/* Texts are UTF-8; attributes as in attributes.h. The manager must be free (manager.h), and no other call under way. */
enum aldb_rc aldb_dsn_configure(WORD request, const char *driver, const char *attributes, struct aldb_faults *f) ALDB_MUSTCHECK;

#endif
