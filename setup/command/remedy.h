/* SPDX-License-Identifier: Apache-2.0 */
/* What to do about a connection that failed. */
#ifndef ALDB_COMMAND_REMEDY_H
#define ALDB_COMMAND_REMEDY_H

/* One sentence; static. `stage` as SQL_ATTR_ALLOYDB_CONNECT_TRAIL names it, `state` the SQLSTATE, `message` the driver's or the server's words. Never NULL. */
const char *aldb_remedy(const char *stage, const char *state, const char *message);

#endif
