/* SPDX-License-Identifier: Apache-2.0 */
/* JSON Web Tokens: RFC 7515 compact form, RS256 (RSA) and ES256 (P-256) as the key is. */
#ifndef ALDB_GOOGLE_JWT_H
#define ALDB_GOOGLE_JWT_H

#include "base/buf.h"
#include "base/rc.h"
#include "base/str.h"
#include "diag/diag.h"
#include "google/json.h"

#define ALDB_MAX_TOKEN (256u << 10) /* bytes of any token, ours or a stranger's */

struct aldb_key;

/*
 * A private key in PEM (PKCS#8, PKCS#1 or SEC 1), not encrypted: nobody is asked for a passphrase. RSA of 2048 bits or more, or EC P-256.
 * 28000 naming `who` and `field`, never the key.
 */
enum aldb_rc aldb_key_parse(const char *pem, const char *who, const char *field, struct aldb_key **out, struct aldb_diag *diag) ALDB_MUSTCHECK;
void aldb_key_free(struct aldb_key *k); /* NULL is allowed; wipes */

/* {"typ":"JWT","alg":…,"kid":…} . `claims` (a JSON object) . signature, appended to `out`. `key_id` NULL: no "kid". */
enum aldb_rc aldb_jwt_sign(const struct aldb_key *k, const char *key_id, struct aldb_slice claims, const char *who, struct aldb_buf *out,
                           struct aldb_diag *diag) ALDB_MUSTCHECK;

/*
 * The claims of a token, NOT verified: only for tokens that came by TLS from the endpoint that made them (OpenID Connect Core 3.1.3.7, rule 6).
 * 08001 when it is no JWT.
 */
enum aldb_rc aldb_jwt_claims(struct aldb_slice token, const char *source, struct aldb_json *out, struct aldb_diag *diag) ALDB_MUSTCHECK;

#endif
