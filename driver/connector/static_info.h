/* SPDX-License-Identifier: Apache-2.0 */
/*
 * StaticConnectionInfo: connection info from a file instead of the API, as Google's connectors read it; for development without a network.
 *
 * { "publicKey": PEM, "privateKey": PEM, "<instance URI>": { "ipAddress", "publicIpAddress", "pscInstanceConfig": { "pscDnsName" },
 *   "pemCertificateChain": [leaf, …], "caCert" } }. The file is read at each connect, and its certificate ends when it says.
 */
#ifndef ALDB_CONNECTOR_STATIC_INFO_H
#define ALDB_CONNECTOR_STATIC_INFO_H

#include "base/rc.h"
#include "connector/info.h"
#include "connector/instance.h"
#include "diag/diag.h"

/* 28000 for a file that cannot be read or used, naming it and the field; 08001 for its certificates; HY001. */
enum aldb_rc aldb_static_info_read(const char *path, const struct aldb_instance *instance, struct aldb_connection_info **out, struct aldb_diag *diag)
    ALDB_MUSTCHECK;

#endif
