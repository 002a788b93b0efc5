/* SPDX-License-Identifier: Apache-2.0 */
/* What the AlloyDB ODBC driver adds to ODBC: connection attributes, the token of COPY FROM STDIN, and version. */
#ifndef ALLOYDB_ODBC_H
#define ALLOYDB_ODBC_H

#define ALLOYDB_ODBC_VERSION_MAJOR 0
#define ALLOYDB_ODBC_VERSION_MINOR 1
#define ALLOYDB_ODBC_VERSION_PATCH 0

/* Connection attributes, driver-defined range of ODBC 3.8. */
#define SQL_ATTR_ALLOYDB_BASE 0x4A00
#define SQL_ATTR_ALLOYDB_BACKEND_PID (SQL_ATTR_ALLOYDB_BASE + 1)    /* SQLUINTEGER, read-only */
#define SQL_ATTR_ALLOYDB_SERVER_VERSION (SQL_ATTR_ALLOYDB_BASE + 2) /* SQLUINTEGER as 150020, read-only */
#define SQL_ATTR_ALLOYDB_TXN_STATUS (SQL_ATTR_ALLOYDB_BASE + 3)     /* SQLUINTEGER:  0 idle, 1 open, 2 failed; read-only */

/*
 * Notifications (LISTEN). Reading SQL_ATTR_ALLOYDB_NOTIFICATION takes the next one: the process number of its sender, or SQL_NO_DATA when there is none. Channel and
 * payload are those of the one taken last. ..._NOTIFICATION_WAIT says for how many milliseconds reading waits for one; 0, the default, is not at all.
 */
#define SQL_ATTR_ALLOYDB_NOTIFICATION (SQL_ATTR_ALLOYDB_BASE + 4)         /* SQLUINTEGER, read-only */
#define SQL_ATTR_ALLOYDB_NOTIFICATION_CHANNEL (SQL_ATTR_ALLOYDB_BASE + 5) /* characters, read-only */
#define SQL_ATTR_ALLOYDB_NOTIFICATION_PAYLOAD (SQL_ATTR_ALLOYDB_BASE + 6) /* characters, read-only */
#define SQL_ATTR_ALLOYDB_NOTIFICATION_WAIT (SQL_ATTR_ALLOYDB_BASE + 7)    /* SQLUINTEGER */

/*
 * SQL types, driver-defined range of ODBC 3.8: with this attribute, or ServerTypes=yes, the type of columns that ODBC has no type for, by the OID of PostgreSQL's (pg_type), which
 * is below 16384. Their values are read as without that, but moments with an offset are text that has it (TimestampTzAs=UTC: ODBC's types, as without). Bound with such a type, a
 * parameter is characters. The attribute is set while the connection has no statements (HY011).
 */
#define SQL_ATTR_ALLOYDB_SERVER_TYPES (SQL_ATTR_ALLOYDB_BASE + 8) /* SQLUINTEGER: SQL_TRUE, SQL_FALSE */
#define SQL_ALLOYDB_TYPE(oid) (0x4000 + (oid))

/*
 * How connecting went, the last time, whether it ended in a connection or not: a line a stage, "stage<TAB>done|failed<TAB>milliseconds<TAB>fact". Stages: key, credentials, API, address,
 * login token, name, TCP, TLS, exchange, login, session; several times where several hosts or addresses were tried. No fact is a secret. (unixODBC asks the driver only while there is a connection.)
 */
#define SQL_ATTR_ALLOYDB_CONNECT_TRAIL (SQL_ATTR_ALLOYDB_BASE + 9) /* characters, read-only */

/* What SQLParamData names when COPY ... FROM STDIN wants its data: no parameter of the application's. */
#define SQL_ALLOYDB_COPY_DATA ((SQLPOINTER)(SQLLEN)(SQL_ATTR_ALLOYDB_BASE + 0x80))

#endif
