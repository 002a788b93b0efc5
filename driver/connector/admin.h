/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two calls of the AlloyDB Admin API (v1beta, the version that tells addresses for Private Service Connect) that make a connection possible:
 * connectionInfo of the instance and generateClientCertificate of its cluster, both at once.
 * https://cloud.google.com/alloydb/docs/reference/rest/v1beta/projects.locations.clusters
 */
#ifndef ALDB_CONNECTOR_ADMIN_H
#define ALDB_CONNECTOR_ADMIN_H

#include "base/rc.h"
#include "connector/info.h"
#include "connector/instance.h"
#include "diag/diag.h"
#include "google/credentials.h"

/* Borrowed for the call. */
struct aldb_admin_request {
    const struct aldb_instance *instance;
    struct aldb_credentials *credentials;
    const char *endpoint; /* "host", "host:port" or a URL; NULL: alloydb.UNIVERSE, the credentials' */
};

/* "https://alloydb.googleapis.com", without a slash at its end; owned; NULL: out of memory. */
char *aldb_admin_base(const struct aldb_admin_request *r) ALDB_MUSTCHECK;

/*
 * Asks for the addresses and for a certificate of an hour for the public half `public_key` (PEM). Each call is made on a thread of its own, which ends before
 * this returns; the first that fails for good ends the other. 503 is tried again as Google's libraries do it; with a token that is refused (401) both are
 * made once more with a new one. 28000 when the API refuses, 08001 when it cannot be reached or makes no sense, HYT00, HY008, HY001, and what the
 * credentials post.
 */
enum aldb_rc aldb_admin_ask(const struct aldb_admin_request *r, const char *public_key, const struct aldb_call *call, struct aldb_connection_facts *out,
                            struct aldb_diag *diag) ALDB_MUSTCHECK;

/* Adds to the last record's message, of an answer that makes no sense, where such an answer may come from. */
void aldb_admin_doubt(struct aldb_diag *diag);

#endif
