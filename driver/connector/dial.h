/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From an instance's URI to a stream on which PostgreSQL speaks: credentials, Admin API, address, TCP, TLS, exchange. The door of the room, with stream.h.
 *
 * A dialer holds what one connection was asked for, and dials as often as needed: to connect, and once more for each CancelRequest. What is behind it
 * (tokens, certificates, the client's key) is shared by the whole process. Everything obeys the one call's deadline and stop; besides, TCP, TLS and the
 * exchange have ALDB_DIAL_STEP_MS each.
 *
 * Errors: HY024 for options that are wrong or contradict each other; 28000 where credentials are missing or refused; 08001 where something cannot be reached
 * or makes no sense; what an instance answers in PostgreSQL's own words as at a login; HYT00 and HY008 for the end of the call; HY001. Each names the stage,
 * the fact and the remedy; none holds a token, a key or a password.
 */
#ifndef ALDB_CONNECTOR_DIAL_H
#define ALDB_CONNECTOR_DIAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/rc.h"
#include "connector/info.h"
#include "connector/stream.h"
#include "connector/tcp.h"
#include "diag/diag.h"
#include "google/credentials.h"
#include "google/room.h"

#define ALDB_DIAL_PORT 5433
#define ALDB_DIAL_STEP_MS 30000
#define ALDB_DIAL_CLOSE_MS 250 /* for stream->type->close(), when a dial that failed ends by itself */

/* RefreshStrategy: cache.h. */
enum aldb_renewal { ALDB_RENEWAL_LAZY, ALDB_RENEWAL_BACKGROUND };

/* Named as the keywords. Borrowed for the call; NULL and "" are not given. */
struct aldb_dial_options {
    const char *InstanceUri;
    enum aldb_address_type IpType; /* that one and no other: there is no fallback */
    bool EnableIamAuth;            /* the exchange's token is the database login too */
    enum aldb_renewal RefreshStrategy; /* BACKGROUND: for as long as the dialer is open */
    const char *ApiEndpoint;
    const char *StaticConnectionInfo; /* a file instead of the API */
    const char *UserAgent;            /* put behind the driver's own */
    struct aldb_tcp_options tcp;      /* of the connections to the instance; the API's are libcurl's */
    struct aldb_credentials_options credentials; /* but for user_agent, which is made here */
    uint16_t port;                    /* tests: another than ALDB_DIAL_PORT */
};

struct aldb_dialer;
/* Checks the options, reads credentials; connects to nobody but, where credentials are searched for, the metadata server. */
enum aldb_rc aldb_dialer_open(const struct aldb_dial_options *o, const struct aldb_call *call, struct aldb_dialer **out, struct aldb_diag *diag)
    ALDB_MUSTCHECK;
void aldb_dialer_close(struct aldb_dialer *d); /* NULL is allowed; streams live on */

/*
 * Dials. Any number of threads at once. When TLS or the exchange breaks with a certificate that was in the cache, or what is there has no address of the
 * wanted type, it is tried once more with a new one; a server that refuses is taken at its word.
 */
enum aldb_rc aldb_dial(struct aldb_dialer *d, const struct aldb_call *call, struct aldb_stream **out, struct aldb_diag *diag) ALDB_MUSTCHECK;

/*
 * The database user of the principal who logs in with EnableIamAuth, owned: an e-mail address, a service account's without ".gserviceaccount.com".
 * *out NULL: the credentials do not say. May do I/O.
 */
enum aldb_rc aldb_dialer_user(struct aldb_dialer *d, const struct aldb_call *call, char **out, struct aldb_diag *diag) ALDB_MUSTCHECK;

#endif
