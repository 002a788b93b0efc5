/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Connecting, disconnecting, ending transactions: where a connection handle meets options and session. dbc lock held by the caller, also across the I/O.
 * Texts are UTF-8. Errors are those of config/options.h and pg/session.h, and as said below.
 */
#ifndef ALDB_HANDLE_CONNECT_H
#define ALDB_HANDLE_CONNECT_H

#include "handle/handle.h"

/* SQLConnect: `dsn` empty or not given means DEFAULT; user and password not given or empty come from the data source. */
enum aldb_rc aldb_dbc_connect(struct aldb_dbc *dbc, struct aldb_slice dsn, struct aldb_slice user, struct aldb_slice password,
                              struct aldb_diag *diag) ALDB_MUSTCHECK;

/*
 * SQLDriverConnect. There is no dialog: with a completion other than SQL_DRIVER_NOPROMPT the keywords that one would ask for must be there, else IM008
 * names them. HY110 unknown completion. *completed: the connection string to connect with again.
 */
enum aldb_rc aldb_dbc_driver_connect(struct aldb_dbc *dbc, struct aldb_slice text, SQLUSMALLINT completion,
                                     struct aldb_buf *completed, struct aldb_diag *diag) ALDB_MUSTCHECK;

/* SQLBrowseConnect: ALDB_NEED_DATA with the keywords still wanted in *out, or connected with the completed string. An error ends the browsing. */
enum aldb_rc aldb_dbc_browse(struct aldb_dbc *dbc, struct aldb_slice text, struct aldb_buf *out,
                             struct aldb_diag *diag) ALDB_MUSTCHECK;

/*
 * SQLDisconnect; ends a browsing too. 08003 not connected; HY010 a statement waits for data; 25000 a transaction is open in manual-commit mode
 * (stays connected); 01002 the server had gone already.
 */
enum aldb_rc aldb_dbc_disconnect(struct aldb_dbc *dbc, struct aldb_diag *diag) ALDB_MUSTCHECK;

/* With SQL types of the driver's own from now on, or without: SQL_ATTR_ALLOYDB_SERVER_TYPES. Connected, while there are no statements; dbc lock held. */
void aldb_dbc_report_types(struct aldb_dbc *dbc, bool server_types);

/* SQLEndTran on one connection. COMMIT keeps cursors, ROLLBACK closes them. 08003, HY010 a statement waits for data. */
enum aldb_rc aldb_dbc_end_transaction(struct aldb_dbc *dbc, bool commit, struct aldb_diag *diag) ALDB_MUSTCHECK;

#endif
