/* SPDX-License-Identifier: Apache-2.0 */
/* An AlloyDB instance as a connection's options name it: the connector's dialer in the shape that pg/ wants. */
#ifndef ALDB_HANDLE_INSTANCE_H
#define ALDB_HANDLE_INSTANCE_H

#include "base/clock.h"
#include "base/rc.h"
#include "config/options.h"
#include "diag/diag.h"
#include "pg/session.h"

struct aldb_instance; /* counted: the session's CancelRequests may outlive it */

/*
 * `o` has an InstanceUri. With EnableIamAuth and without UID, UID becomes the database user of the principal. Errors as aldb_dialer_open; 28000 when nobody
 * knows who that is. `trail`, borrowed until aldb_instance_settle(), gets the steps.
 */
enum aldb_rc aldb_instance_open(struct aldb_options *o, struct aldb_deadline deadline, struct aldb_trail *trail, struct aldb_instance **out, struct aldb_diag *diag) ALDB_MUSTCHECK;
/* Connecting is over: what is dialled from now on leaves no trail. NULL is allowed. */
void aldb_instance_settle(struct aldb_instance *in);
/*
 * The login was refused (28000, the first record), with `no_password` because the server asked for one and there was none: adds what is likely wrong to its
 * message, such as a UID that is not the principal's. `deadline` is the connect's; asks Google for two seconds at most, and only who the principal is.
 */
void aldb_instance_hint(struct aldb_instance *in, const struct aldb_options *o, bool no_password, struct aldb_deadline deadline, struct aldb_diag *diag);
void aldb_instance_release(struct aldb_instance *in); /* NULL is allowed */
const struct aldb_session_dialer *aldb_instance_dialer(const struct aldb_instance *in);

#endif
