/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is known about an instance and needed to connect: its addresses, its authority, and a client certificate with an end.
 *
 * The end is noted by two clocks, and the first that reaches it counts (google/token.h). How long the certificate lives is told by the API's own clock,
 * so that a machine whose clock is wrong uses it as long as others do.
 */
#ifndef ALDB_CONNECTOR_INFO_H
#define ALDB_CONNECTOR_INFO_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/rc.h"
#include "diag/diag.h"
#include "google/token.h"

/* IpType. */
enum aldb_address_type { ALDB_ADDRESS_PRIVATE, ALDB_ADDRESS_PUBLIC, ALDB_ADDRESS_PSC, ALDB_ADDRESS_TYPES };
const char *aldb_address_type_name(enum aldb_address_type t); /* "PRIVATE"; static */

/* As the API or a file told it: owned texts. */
struct aldb_connection_facts {
    char *address[ALDB_ADDRESS_TYPES]; /* IP address or DNS name without a dot at its end; NULL: the instance has none */
    char *chain;                       /* PEM, the client's certificates, leaf first */
    char *authority;                   /* PEM, the instance's */
    struct aldb_moment asked;          /* before it was asked for */
    int64_t date;                      /* the API's clock, seconds since 1970; 0: not told, this machine's counts */
};
void aldb_connection_facts_clear(struct aldb_connection_facts *f);
/*
 * Notes an address: "" and NULL are none, dots at the end are cut off. 08001 naming `who` and `field` for what is no address or name, HY001.
 */
enum aldb_rc aldb_connection_facts_address(struct aldb_connection_facts *f, enum aldb_address_type t, const char *text, const char *who, const char *field,
                                           struct aldb_diag *diag) ALDB_MUSTCHECK;

/* Immutable, counted under google/'s lock. */
struct aldb_connection_info {
    unsigned refs;
    uint64_t generation; /* aldb_google_generation() of who made `tls`: another one's is not used */
    uint64_t serial;     /* another for each */
    struct aldb_connection_facts facts;
    SSL_CTX *tls;
    int64_t not_after;         /* of the leaf, seconds since 1970 by Google's clock */
    int64_t end_ms, end_epoch; /* CLOCK_MONOTONIC, milliseconds; CLOCK_REALTIME, seconds */
    int64_t renew_left_ms;     /* for the cache: the background renews it when no more than this is left */
};

/*
 * Takes the facts' content over on success. 08001 naming `who` for certificates that are missing, broken, for another key or expired already; HY001.
 */
enum aldb_rc aldb_connection_info_new(struct aldb_connection_facts *facts, EVP_PKEY *key, const char *who, struct aldb_connection_info **out,
                                      struct aldb_diag *diag) ALDB_MUSTCHECK;
struct aldb_connection_info *aldb_connection_info_ref(struct aldb_connection_info *i); /* not under google/'s lock */
void aldb_connection_info_unref(struct aldb_connection_info *i);                       /* NULL is allowed; not under google/'s lock */
int64_t aldb_connection_info_left_ms(const struct aldb_connection_info *i);            /* until its end; 0 or less: over */

#endif
