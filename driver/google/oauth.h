/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Token endpoints (RFC 6749 5, RFC 8693): a form goes out, a token or an error comes back; and how refusals of Google's servers become messages.
 * States: 08001 for what cannot be reached or makes no sense, 28000 for what was refused.
 */
#ifndef ALDB_GOOGLE_OAUTH_H
#define ALDB_GOOGLE_OAUTH_H

#include <stdint.h>

#include "base/rc.h"
#include "diag/diag.h"
#include "google/http.h"
#include "google/json.h"
#include "google/token.h"

/*
 * Posts what an answer with another status than 200 says: "WHO: WHAT refused: CODE: TEXT (HTTP 403). REMEDY". `what` names the service and its address
 * (aldb_http_name_add). Understands {"error":"code","error_description":…} and {"error":{"status":…,"message":…}}; anything else is named by its
 * content type and size, never repeated. Adds how far this machine's clock is off when that may be why. 401 and 403, and 400 of a token endpoint,
 * are 28000; the rest 08001. Returns ALDB_ERR.
 */
struct aldb_refusal {
    const char *who;
    const char *what;
    const char *remedy; /* "" if none: a whole sentence */
};
/* The remedy where a given token was refused. */
#define ALDB_REMEDY_GIVEN "The token was given as it is and cannot be renewed: give a new one, or use credentials that can be (CredentialsFile, or `gcloud auth " \
                          "application-default login`)."
enum aldb_rc aldb_refusal_post(const struct aldb_http_answer *a, const struct aldb_refusal *r, struct aldb_diag *diag);
/* The code ("invalid_grant", "PERMISSION_DENIED") of such an answer: cut to size, "" if there is none. */
void aldb_refusal_code(const struct aldb_http_answer *a, char *code, size_t size);

struct aldb_oauth_request {
    const char *url;
    struct aldb_slice form;    /* borrowed; secret */
    const char *client_id;     /* HTTP Basic authentication with client_secret; NULL: none */
    const char *client_secret; /* NULL: empty */
    const char *who;
    const char *remedy;        /* for a refusal */
};

struct aldb_oauth_answer {
    struct aldb_token token;
    char *refresh_token; /* NULL: none came */
    char *id_token;
    char code[64];       /* of a refusal, "" otherwise */
    int64_t date;        /* the server's clock, 0 = not told */
};

/*
 * Asks, with the tries of aldb_retry_token. *out is to be cleared whatever becomes of it (code and date are set on errors too). An answer that does not say
 * how long its token lives is good for five minutes.
 */
enum aldb_rc aldb_oauth_ask(struct aldb_http *h, const struct aldb_oauth_request *r, const struct aldb_call *call, struct aldb_oauth_answer *out,
                            struct aldb_diag *diag) ALDB_MUSTCHECK;
void aldb_oauth_answer_clear(struct aldb_oauth_answer *a);

/* A secret text that may not hold what would break a header: `state`, naming source and field. */
enum aldb_rc aldb_oauth_check(const char *token, const char *source, const char *field, enum aldb_state state, struct aldb_diag *diag) ALDB_MUSTCHECK;

#endif
