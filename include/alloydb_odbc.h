/* SPDX-License-Identifier: Apache-2.0 */
/* What the AlloyDB ODBC driver adds to ODBC: attributes for SQLGetConnectAttr, and version. */
#ifndef ALLOYDB_ODBC_H
#define ALLOYDB_ODBC_H

#define ALLOYDB_ODBC_VERSION_MAJOR 0
#define ALLOYDB_ODBC_VERSION_MINOR 1
#define ALLOYDB_ODBC_VERSION_PATCH 0

/* Connection attributes, driver-defined range of ODBC 3.8. */
#define SQL_ATTR_ALLOYDB_BASE 0x4A00
#define SQL_ATTR_ALLOYDB_BACKEND_PID (SQL_ATTR_ALLOYDB_BASE + 1)    /* SQLUINTEGER, read-only */
#define SQL_ATTR_ALLOYDB_SERVER_VERSION (SQL_ATTR_ALLOYDB_BASE + 2) /* SQLUINTEGER as 150020, read-only */
#define SQL_ATTR_ALLOYDB_TXN_STATUS (SQL_ATTR_ALLOYDB_BASE + 3)     /* SQLUINTEGER: 0 idle, 1 open, 2 failed; read-only */

#endif
