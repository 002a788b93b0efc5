/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a window asks for a data source: one property for each keyword that has an effect, in the order of keywords.def (target, login, AlloyDB, TLS, …).
 *
 * Values are empty: that is the default, which the help names. A window writes what it shows, and a default that is written outweighs the environment, alloydb-odbc.ini
 * and what depends on other keywords (SSLMode is verify-full beside EnableIamAuth).
 */
#ifndef ALDB_SETUP_PROPERTIES_H
#define ALDB_SETUP_PROPERTIES_H

#include <odbcinst.h>
#include <odbcinstext.h>

#include "base/rc.h"

/*
 * Appends them behind `last`, the end of the list. unixODBC frees each property, its help and its array of choices, each by one free(); the words of the choices are in the
 * block of the array. ALDB_ERR: no memory, and nothing was appended.
 */
enum aldb_rc aldb_properties_append(HODBCINSTPROPERTY last) ALDB_MUSTCHECK;

#endif
