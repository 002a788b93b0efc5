/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Google credentials: where tokens for the AlloyDB Admin API and for the database login come from. The one header of the room that others need,
 * with http.h, json.h and oauth.h for their own requests.
 *
 * Objects are counted and shared: opening the same credentials again while somebody holds them gives the same object with its tokens. Any thread.
 * Errors: HY024 for options that contradict each other, 28000 for credentials that are missing, unusable or refused, 08001 for what cannot be reached or
 * answers nonsense, HYT00 and HY008 for the end of the call, HY001. Every message says which credentials and where they were found; none holds a secret.
 */
#ifndef ALDB_GOOGLE_CREDENTIALS_H
#define ALDB_GOOGLE_CREDENTIALS_H

#include "base/rc.h"
#include "base/secret.h"
#include "diag/diag.h"
#include "google/http.h"
#include "google/room.h"
#include "google/token.h"

/*
 * Named as the keywords. Borrowed for the call; NULL and "" are not given. At most one of the first three; none means Application Default Credentials:
 * GOOGLE_APPLICATION_CREDENTIALS, then gcloud's file (CLOUDSDK_CONFIG, else HOME, else the user's home directory), then the metadata server. The first that
 * exists is used or is the error.
 */
struct aldb_credentials_options {
    const char *CredentialsFile;
    struct aldb_secret CredentialsJson;
    struct aldb_secret AccessToken;
    struct aldb_secret LoginToken;         /* for logins, beside any of them */
    const char *ImpersonateServiceAccount; /* "target", or "first delegate, …, target" */
    const char *Delegates;                 /* "first, …, last": the caller acts as the first, the last as the target */
    const char *QuotaProject;              /* else GOOGLE_CLOUD_QUOTA_PROJECT, else the credentials' own */
    const char *UniverseDomain;            /* of the user; credentials of another one are refused */
    const char *ProxyUrl;
    const char *NoProxy;
    const char *user_agent;
    /* Tests and the emulator: */
    const char *ca_file;      /* authorities instead of the operating system's */
    const char *iam_endpoint; /* "https://host:port" instead of https://iamcredentials.UNIVERSE, for ImpersonateServiceAccount */
};

struct aldb_credentials;

/* Reads files and may look for the metadata server; fetches no token. */
enum aldb_rc aldb_credentials_open(const struct aldb_credentials_options *o, const struct aldb_call *call, struct aldb_credentials **out,
                                   struct aldb_diag *diag) ALDB_MUSTCHECK;
struct aldb_credentials *aldb_credentials_ref(struct aldb_credentials *c);
void aldb_credentials_unref(struct aldb_credentials *c); /* NULL is allowed */

/*
 * A token for that use, fresh as token.h says; *out is the caller's: aldb_token_clear(). Where the credentials cannot be narrowed to the login's scope
 * (a user's, an AccessToken) both uses get the same.
 */
enum aldb_rc aldb_credentials_token(struct aldb_credentials *c, enum aldb_token_use use, const struct aldb_call *call, struct aldb_token *out,
                                    struct aldb_diag *diag) ALDB_MUSTCHECK;
/* A server refused `token`: the next call fetches a new one. False: there is none, for the token was given as it is; it goes on to be used. */
bool aldb_credentials_reject(struct aldb_credentials *c, enum aldb_token_use use, const struct aldb_token *token);

/* E-mail of who logs in with these credentials, a copy; *out NULL: that cannot be known. May fetch a token or ask the metadata server. */
enum aldb_rc aldb_credentials_principal(struct aldb_credentials *c, const struct aldb_call *call, char **out, struct aldb_diag *diag) ALDB_MUSTCHECK;

/*
 * The same as a database user, owned: the e-mail address, a service account's without ".gserviceaccount.com".
 */
enum aldb_rc aldb_credentials_user(struct aldb_credentials *c, const struct aldb_call *call, char **out, struct aldb_diag *diag) ALDB_MUSTCHECK;

/* "alloydb-odbc/VERSION" with `custom` (may be NULL) behind it, owned: what options.user_agent ought to be. NULL: out of memory. */
char *aldb_credentials_user_agent(const char *custom) ALDB_MUSTCHECK;

/* Borrowed as long as the reference. */
const char *aldb_credentials_quota_project(const struct aldb_credentials *c); /* NULL: none */
const char *aldb_credentials_universe(const struct aldb_credentials *c);
const char *aldb_credentials_who(const struct aldb_credentials *c);  /* begins messages */
const char *aldb_credentials_type(const struct aldb_credentials *c); /* "service_account" and so on */
/* The same for the same credentials and options, in this process and the next; holds no secret, only hashes of them. For keys of caches. */
const char *aldb_credentials_identity(const struct aldb_credentials *c);
/* The client that their requests go through: proxy, authorities and user agent are as the options said. */
struct aldb_http *aldb_credentials_http(struct aldb_credentials *c);

#endif
