/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The driver's section of odbcinst.ini: ConfigDriver.
 *
 * ODBC_INSTALL_DRIVER, ODBC_REMOVE_DRIVER   have nothing to do beside what the installer does: they see that the section is there
 * ODBC_CONFIG_DRIVER   writes the connection pool's settings: CPTimeout, CPTimeToLive, CPProbe. unixODBC answers it without asking us; other managers do ask
 */
#ifndef ALDB_SETUP_DRIVER_H
#define ALDB_SETUP_DRIVER_H

#include "base/buf.h"
#include "setup/library/faults.h"

/* Texts are UTF-8; `arguments` as ConfigDSN's attributes. `message` (initialised by the caller) receives a sentence for the user on success. */
enum aldb_rc aldb_driver_configure(WORD request, const char *driver, const char *arguments, struct aldb_buf *message, struct aldb_faults *f) ALDB_MUSTCHECK;

#endif
