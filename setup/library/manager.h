/* SPDX-License-Identifier: Apache-2.0 */
/* unixODBC's libodbcinst, as the set-up library meets it. */
#ifndef ALDB_SETUP_MANAGER_H
#define ALDB_SETUP_MANAGER_H

#include <stdbool.h>

#include <odbcinst.h>
#include <odbcinstext.h>

#include "config/options.h"
#include "setup/library/faults.h"

/*
 * unixODBC 2.3.13 and 2.3.14 hold the lock of the configuration mode while they call ConfigDSN, and every function that reads or writes odbc.ini waits for it
 * (https://github.com/lurcher/unixODBC/issues/238). Asked on another thread, so that an error can be told where all would stand still: ODBC_ERROR_REQUEST_FAILED.
 */
enum aldb_rc aldb_manager_check(struct aldb_faults *f) ALDB_MUSTCHECK;

/* The value of `key` in that section of odbcinst.ini or, of this mode, of odbc.ini. `out` is emptied first; empty: it is not there. */
#define ALDB_INI_VALUE (INI_MAX_PROPERTY_VALUE + 1)
void aldb_manager_get(const char *file, const char *section, const char *key, char out[ALDB_INI_VALUE]);

/* Is a driver of this name registered? ODBC_ERROR_INVALID_NAME. */
enum aldb_rc aldb_driver_check(const char *driver, struct aldb_faults *f) ALDB_MUSTCHECK;
/* Does `said`, a data source's Driver, mean `driver`: by its name, or by a library that is registered under it? */
bool aldb_driver_is(const char *driver, const char *said);

#endif
