/* SPDX-License-Identifier: Apache-2.0 */
/*
 * type service_account: a key that signs for its owner. https://developers.google.com/identity/protocols/oauth2/service-account,
 * https://google.aip.dev/auth/4111 (self-signed tokens).
 */
#include "base/alloc.h"
#include "google/encode.h"
#include "google/jwt.h"
#include "google/oauth.h"
#include "google/source.h"
#include "log/log.h"

/* Google's libraries write it whatever token_uri says, so that private endpoints need not know their own names. */
#define AUDIENCE "https://oauth2.googleapis.com/token"
#define GRANT "urn:ietf:params:oauth:grant-type:jwt-bearer"
#define LIFE_S 3600
#define BACKDATED_S 10      /* against clocks a little ahead of Google's, as Go's library does */
#define SKEW_CORRECTED_S 60 /* beyond, the server's clock is believed */

struct service_account {
    struct aldb_source base;
    struct aldb_key *key;
    char *key_id; /* may be NULL */
    char *token_uri;
};

static void free_members(struct aldb_source *s)
{
    struct service_account *a = (struct service_account *)s;
    aldb_key_free(a->key);
    aldb_free(a->key_id);
    aldb_free(a->token_uri);
}

/* A signed token from `epoch` on. `self`: used as it is for APIs, with a subject; else an assertion for the token endpoint. */
static enum aldb_rc assert_identity(const struct service_account *a, enum aldb_token_use use, bool self, int64_t epoch, struct aldb_buf *out,
                                    struct aldb_diag *diag)
{
    struct aldb_buf claims;
    aldb_buf_init(&claims, ALDB_MAX_TOKEN);
    int64_t issued = epoch - BACKDATED_S;
    aldb_buf_addf(&claims, "{\"iss\":\"%s\",", a->base.principal);
    if (self) {
        aldb_buf_addf(&claims, "\"sub\":\"%s\",", a->base.principal);
    } else {
        aldb_buf_add_str(&claims, "\"aud\":\"" AUDIENCE "\",");
    }
    aldb_buf_addf(&claims, "\"scope\":\"%s\",\"iat\":%lld,\"exp\":%lld}", aldb_token_scope(use), (long long)issued, (long long)issued + LIFE_S);
    enum aldb_rc rc = aldb_buf_ok(&claims) ? aldb_jwt_sign(a->key, a->key_id, aldb_buf_slice(&claims), a->base.who, out, diag)
                                           : aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    aldb_buf_clear(&claims);
    return rc;
}

static enum aldb_rc sign_token(const struct service_account *a, enum aldb_token_use use, struct aldb_token *out, struct aldb_diag *diag)
{
    struct aldb_buf jwt;
    struct aldb_moment now = aldb_moment_now();
    aldb_buf_init(&jwt, ALDB_MAX_TOKEN);
    enum aldb_rc rc = assert_identity(a, use, true, now.epoch, &jwt, diag);
    if (rc == ALDB_OK) {
        out->value.value = aldb_buf_take(&jwt);
        if (out->value.value == NULL) {
            rc = aldb_diag_post(diag, ALDB_ST_HY001, NULL);
        } else {
            aldb_token_live(out, now, LIFE_S - BACKDATED_S);
        }
    }
    aldb_buf_wipe(&jwt);
    return rc;
}

static enum aldb_rc ask(const struct service_account *a, enum aldb_token_use use, int64_t epoch, const struct aldb_call *call,
                        struct aldb_oauth_answer *answer, struct aldb_diag *diag)
{
    struct aldb_buf jwt, form;
    aldb_buf_init(&jwt, ALDB_MAX_TOKEN);
    aldb_buf_init(&form, ALDB_MAX_TOKEN);
    *answer = (struct aldb_oauth_answer){0};
    enum aldb_rc rc = assert_identity(a, use, false, epoch, &jwt, diag);
    if (rc == ALDB_OK) {
        aldb_form_add(&form, "grant_type", GRANT);
        aldb_form_add(&form, "assertion", jwt.data);
        struct aldb_oauth_request r = {
            .url = a->token_uri, .form = aldb_buf_slice(&form), .who = a->base.who,
            .remedy = "The key may have been deleted or disabled, or the service account may be gone: look at its keys in the Google Cloud console."};
        rc = aldb_buf_ok(&form) ? aldb_oauth_ask(a->base.http, &r, call, answer, diag) : aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    }
    aldb_buf_wipe(&jwt);
    aldb_buf_wipe(&form);
    return rc;
}

static bool is_default_universe(const struct aldb_source *s)
{
    return strcmp(s->universe, ALDB_DEFAULT_UNIVERSE) == 0;
}

static enum aldb_rc fetch(struct aldb_source *s, enum aldb_token_use use, const struct aldb_call *call, struct aldb_token *out, struct aldb_diag *diag)
{
    struct service_account *a = (struct service_account *)s;
    if (use == ALDB_TOKEN_API && !is_default_universe(s)) {
        return sign_token(a, use, out, diag); /* AIP-4111: other universes take nothing else. The exchange is not known to take it at all */
    }
    struct aldb_oauth_answer answer;
    struct aldb_diag first;
    aldb_diag_init(&first);
    int64_t now = aldb_google_epoch();
    enum aldb_rc rc = ask(a, use, now, call, &answer, &first);
    int64_t off = answer.date ? now - answer.date : 0;
    if (rc == ALDB_ERR && strcmp(answer.code, "invalid_grant") == 0 && (off > SKEW_CORRECTED_S || off < -SKEW_CORRECTED_S)) {
        ALDB_LOG(ALDB_LOG_WARNING, ALDB_LOG_GOOGLE, "%s: this machine's clock is %lld seconds off; signing again by the server's", s->who, (long long)off);
        struct aldb_oauth_answer again;
        struct aldb_diag ignored;
        aldb_diag_init(&ignored);
        if (ask(a, use, answer.date, call, &again, &ignored) == ALDB_OK) {
            rc = ALDB_OK;
            aldb_oauth_answer_clear(&answer);
            answer = again;
        } else {
            aldb_oauth_answer_clear(&again);
        }
        aldb_diag_clear(&ignored);
    }
    if (rc == ALDB_OK) {
        *out = answer.token;
        answer.token = (struct aldb_token){0};
    } else {
        aldb_diag_move(diag, &first);
    }
    aldb_diag_clear(&first);
    aldb_oauth_answer_clear(&answer);
    return rc;
}

static const struct aldb_source_type service_account_type = {.name = "service_account", .scopes = true, .fetch = fetch, .free = free_members};

enum aldb_rc aldb_service_account_parse(const struct aldb_json *j, const struct aldb_source_env *env, struct aldb_source **out, struct aldb_diag *diag)
{
    struct service_account *a = NULL;
    const char *pem = NULL;
    enum aldb_rc rc = aldb_source_new(&service_account_type, sizeof *a, j, env, &a, diag);
    if (rc == ALDB_ERR) {
        return rc;
    }
    ALDB_TRY(aldb_source_take(j, "client_email", ALDB_JSON_REQUIRED, &a->base.principal, diag));
    ALDB_TRY(aldb_source_take(j, "private_key_id", ALDB_JSON_OPTIONAL, &a->key_id, diag));
    ALDB_TRY(aldb_source_take(j, "token_uri", ALDB_JSON_OPTIONAL, &a->token_uri, diag));
    ALDB_TRY(aldb_json_string(j, "private_key", ALDB_JSON_REQUIRED, &pem, diag));
    ALDB_TRY(aldb_key_parse(pem, j->source, "private_key", &a->key, diag));
    if (!aldb_email_ok(a->base.principal)) {
        rc = aldb_diag_post(diag, ALDB_ST_28000, "%s: the field \"client_email\" is not an e-mail address", j->source);
        goto out;
    }
    if (a->token_uri == NULL && (a->token_uri = aldb_strdup(AUDIENCE)) == NULL) {
        rc = aldb_diag_post(diag, ALDB_ST_HY001, NULL);
        goto out;
    }
    *out = &a->base;
out:
    if (rc == ALDB_ERR) {
        aldb_source_free(&a->base);
    }
    return rc;
}
