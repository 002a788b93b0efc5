/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A login with an IAM token in place of the password, on a connection of libpq's own: EnableIamAuth without InstanceUri. With one the connector does it
 * (instance.h).
 */
#ifndef ALDB_HANDLE_IAM_H
#define ALDB_HANDLE_IAM_H

#include "base/clock.h"
#include "base/rc.h"
#include "config/options.h"
#include "diag/diag.h"
#include "google/credentials.h"

/* The credentials' keywords, borrowed from `o`. */
struct aldb_credentials_options aldb_iam_options(const struct aldb_options *o);

/*
 * Credentials, and a token for one login: *token is the caller's (aldb_token_clear), *out too (aldb_credentials_unref); connections that hold the same
 * credentials share their tokens. Without UID, UID becomes the database user of the principal. Errors as credentials.h says; 28000 when nobody knows who that is.
 */
enum aldb_rc aldb_iam_open(struct aldb_options *o, struct aldb_deadline deadline, struct aldb_trail *trail, struct aldb_credentials **out, struct aldb_token *token,
                           struct aldb_diag *diag) ALDB_MUSTCHECK;

/* 28000 for EnableIamAuth where the credentials do not say whose they are. */
enum aldb_rc aldb_iam_post_nobody(struct aldb_diag *diag);

#endif
