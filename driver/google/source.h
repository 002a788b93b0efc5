/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A source of tokens: one kind of Google credentials. Each lives in a file of its own behind this table; one may stand on another (impersonation).
 * Internal to the room: others see credentials.h.
 */
#ifndef ALDB_GOOGLE_SOURCE_H
#define ALDB_GOOGLE_SOURCE_H

#include <stdbool.h>

#include "base/rc.h"
#include "diag/diag.h"
#include "google/http.h"
#include "google/json.h"
#include "google/token.h"

#define ALDB_DEFAULT_UNIVERSE "googleapis.com"

struct aldb_source;

struct aldb_source_type {
    const char *name; /* "type" of a credentials file, or our own word */
    bool given;       /* the one token is given: there is no other */
    bool scopes;      /* gives tokens of the scope that is asked for; else one token serves all uses */
    /* I/O, no lock held; one thread at a time for each use. *out holds value and life on success. */
    enum aldb_rc (*fetch)(struct aldb_source *s, enum aldb_token_use use, const struct aldb_call *call, struct aldb_token *out, struct aldb_diag *diag);
    /* Finds s->principal out, by I/O, when it is not known from the start. NULL: it never is. ALDB_OK also when there is none. */
    enum aldb_rc (*find_principal)(struct aldb_source *s, const struct aldb_call *call, struct aldb_diag *diag);
    void (*free)(struct aldb_source *s); /* its own members; NULL: none */
};

/* First member of every kind. Immutable after parsing, but for `principal` and the caches, which the room's lock covers. */
struct aldb_source {
    const struct aldb_source_type *type;
    char *who;              /* where it comes from: begins every message */
    struct aldb_http *http; /* borrowed from the credentials */
    char *principal;        /* e-mail; NULL: not known (yet) */
    char *quota_project;    /* that its calls are charged to; NULL: its own */
    char *universe;         /* of the file, or the default */
    struct aldb_token_cache cache[ALDB_TOKEN_USES];
};

/* What a source is made in. All borrowed while parsing; `http` for longer. */
struct aldb_source_env {
    const char *who;
    struct aldb_http *http;
    const struct aldb_http_options *http_options; /* for a source that needs a client of its own */
    const char *universe;     /* the user's; NULL: not given */
    const char *quota_project; /* the user's, before the document's; NULL: not given */
    const char *iam_endpoint; /* base URL instead of https://iamcredentials.UNIVERSE, NULL: none */
    bool nested;              /* the source of another one */
};

/* Of any type, by the document's "type". 28000 for fields that are missing or wrong, gdch included. */
enum aldb_rc aldb_source_parse(const struct aldb_json *j, const struct aldb_source_env *env, struct aldb_source **out, struct aldb_diag *diag)
    ALDB_MUSTCHECK;
void aldb_source_free(struct aldb_source *s); /* NULL is allowed */

/* A token through the source's cache. */
enum aldb_rc aldb_source_token(struct aldb_source *s, enum aldb_token_use use, const struct aldb_call *call, struct aldb_token *out,
                               struct aldb_diag *diag) ALDB_MUSTCHECK;
/* As aldb_credentials_reject(). */
bool aldb_source_reject(struct aldb_source *s, enum aldb_token_use use, uint64_t serial);
/* Sets the principal if it is not known; takes no copy when out of memory. Any thread. */
void aldb_source_learn_principal(struct aldb_source *s, const char *email);

/* A copy; NULL: not known, or out of memory. Any thread. */
char *aldb_source_principal(struct aldb_source *s) ALDB_MUSTCHECK;

/* For the kinds: a zeroed one of `size` bytes with its base filled in (who, quota project, universe of the document). */
enum aldb_rc aldb_source_new(const struct aldb_source_type *type, size_t size, const struct aldb_json *j, const struct aldb_source_env *env, void *out,
                             struct aldb_diag *diag) ALDB_MUSTCHECK;
/* A string field as a copy: *out NULL when it is absent and may be. */
enum aldb_rc aldb_source_take(const struct aldb_json *j, const char *path, enum aldb_json_need need, char **out, struct aldb_diag *diag) ALDB_MUSTCHECK;
/* snprintf into memory of its own; NULL when out of it. */
char *aldb_source_text(const char *fmt, ...) ALDB_PRINTF(1, 2) ALDB_MUSTCHECK;

typedef enum aldb_rc aldb_source_parser(const struct aldb_json *j, const struct aldb_source_env *env, struct aldb_source **out, struct aldb_diag *diag);
aldb_source_parser aldb_service_account_parse;
aldb_source_parser aldb_authorized_user_parse;
aldb_source_parser aldb_external_user_parse;
aldb_source_parser aldb_external_account_parse;
aldb_source_parser aldb_impersonated_parse;

/* A token as it was given; never renewed. */
enum aldb_rc aldb_static_token_new(const char *token, const struct aldb_source_env *env, struct aldb_source **out, struct aldb_diag *diag) ALDB_MUSTCHECK;

/* Acting as a service account: generateAccessToken of the IAM Service Account Credentials API. */
struct aldb_impersonation {
    const char *target;           /* e-mail; NULL: it stands in the URL */
    const char *url;              /* NULL: made of the target and the environment's endpoint or the inner source's universe */
    const char *const *delegates; /* e-mails or full names, caller first, NULL-terminated; NULL: none */
    int64_t lifetime_s;           /* 0: an hour */
};
/* With tokens of `inner`, which it takes over, also on failure. `j` NULL or the document that quota project and universe come from. */
enum aldb_rc aldb_impersonated_new(struct aldb_source *inner, const struct aldb_impersonation *how, const struct aldb_json *j,
                                   const struct aldb_source_env *env, struct aldb_source **out, struct aldb_diag *diag) ALDB_MUSTCHECK;

/* The e-mail address in ".../serviceAccounts/EMAIL:generateAccessToken"; 28000 if there is none. *email is owned. */
enum aldb_rc aldb_impersonation_target(const char *url, const char *who, char **email, struct aldb_diag *diag) ALDB_MUSTCHECK;

/* Is the metadata server there? ALDB_NO_DATA: no. Once it was, nobody is asked again. */
enum aldb_rc aldb_metadata_detect(struct aldb_http *h, const struct aldb_call *call, struct aldb_diag *diag) ALDB_MUSTCHECK;
enum aldb_rc aldb_metadata_new(const struct aldb_source_env *env, const struct aldb_call *call, struct aldb_source **out, struct aldb_diag *diag)
    ALDB_MUSTCHECK;
/* "metadata.google.internal" or what the environment names. */
const char *aldb_metadata_host(void);

/* An e-mail address, as far as it matters: it goes into URLs and JSON as it is. */
bool aldb_email_ok(const char *s);
/* A domain name: host names are made of it. */
bool aldb_universe_ok(const char *s);

/* The environment, as long as the process is not set-user-ID; an empty value counts as none. */
const char *aldb_source_env_get(const char *name);

#endif
