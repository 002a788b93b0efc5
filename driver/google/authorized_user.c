/* SPDX-License-Identifier: Apache-2.0 */
/*
 * type authorized_user (`gcloud auth application-default login`) and type external_account_authorized_user (`gcloud auth login` of a workforce pool): a refresh
 * token. Their scopes were fixed at login; one token serves all uses. https://google.aip.dev/auth/4113
 */
#include "base/alloc.h"
#include "google/encode.h"
#include "google/jwt.h"
#include "google/oauth.h"
#include "google/source.h"

#define TOKEN_URI "https://oauth2.googleapis.com/token"
#define LOGIN_AGAIN                                                                                                                                    \
    "The refresh token has expired or was revoked: run `gcloud auth application-default login`."

struct user {
    struct aldb_source base;
    char *token_uri;
    char *client_id;
    struct aldb_secret client_secret;
    struct aldb_secret refresh_token; /* an answer may bring another one; only the one fetching thread touches it */
    bool external;                    /* the client authenticates by a header instead of the form */
};

static void free_members(struct aldb_source *s)
{
    struct user *u = (struct user *)s;
    aldb_free(u->token_uri);
    aldb_free(u->client_id);
    aldb_free_secret(u->client_secret.value);
    aldb_free_secret(u->refresh_token.value);
}

/* Whose token it is, if Google said so. Not worth an error. */
static void learn_principal(struct user *u, const char *id_token)
{
    struct aldb_json claims = {0};
    struct aldb_diag ignored;
    const char *email = NULL;
    aldb_diag_init(&ignored);
    if (id_token && aldb_jwt_claims(aldb_slice_of(id_token), u->base.who, &claims, &ignored) == ALDB_OK &&
        aldb_json_string(&claims, "email", ALDB_JSON_REQUIRED, &email, &ignored) == ALDB_OK && aldb_http_text_ok(email)) {
        aldb_source_learn_principal(&u->base, email);
    }
    aldb_json_clear(&claims);
    aldb_diag_clear(&ignored);
}

static enum aldb_rc fetch(struct aldb_source *s, enum aldb_token_use use, const struct aldb_call *call, struct aldb_token *out, struct aldb_diag *diag)
{
    struct user *u = (struct user *)s;
    (void)use;
    struct aldb_buf form;
    struct aldb_oauth_answer answer = {0};
    aldb_buf_init(&form, ALDB_MAX_TOKEN);
    size_t room = 3 * (strlen(u->refresh_token.value) + (u->client_secret.value ? strlen(u->client_secret.value) : 0) + strlen(u->client_id ? u->client_id : ""));
    if (aldb_buf_reserve(&form, room + 128) == NULL) {
        aldb_buf_wipe(&form);
        return aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    }
    aldb_form_add(&form, "grant_type", "refresh_token");
    if (!u->external) {
        aldb_form_add(&form, "client_id", u->client_id);
        aldb_form_add(&form, "client_secret", u->client_secret.value);
    }
    aldb_form_add(&form, "refresh_token", u->refresh_token.value);
    struct aldb_oauth_request r = {.url = u->token_uri, .form = aldb_buf_slice(&form), .who = s->who, .remedy = LOGIN_AGAIN};
    if (u->external) {
        r.client_id = u->client_id;
        r.client_secret = u->client_secret.value;
    }
    enum aldb_rc rc = aldb_buf_ok(&form) ? aldb_oauth_ask(s->http, &r, call, &answer, diag) : aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    aldb_buf_wipe(&form);
    if (rc == ALDB_OK) {
        *out = answer.token;
        answer.token = (struct aldb_token){0};
        if (answer.refresh_token) {
            aldb_free_secret(u->refresh_token.value);
            u->refresh_token.value = answer.refresh_token;
            answer.refresh_token = NULL;
        }
        learn_principal(u, answer.id_token);
    }
    aldb_oauth_answer_clear(&answer);
    return rc;
}

/* The token's answer tells it. */
static enum aldb_rc find_principal(struct aldb_source *s, const struct aldb_call *call, struct aldb_diag *diag)
{
    struct aldb_token token = {0};
    enum aldb_rc rc = aldb_source_token(s, ALDB_TOKEN_API, call, &token, diag);
    aldb_token_clear(&token);
    return rc;
}

static const struct aldb_source_type authorized_user_type = {
    .name = "authorized_user", .fetch = fetch, .find_principal = find_principal, .free = free_members};
static const struct aldb_source_type external_user_type = {.name = "external_account_authorized_user", .fetch = fetch, .free = free_members};

/* Both kinds: the same fields, but for the name of the token endpoint's. */
static enum aldb_rc parse(const struct aldb_source_type *type, const char *uri_field, const struct aldb_json *j, const struct aldb_source_env *env,
                          struct aldb_source **out, struct aldb_diag *diag)
{
    struct user *u = NULL;
    enum aldb_rc rc = aldb_source_new(type, sizeof *u, j, env, &u, diag);
    if (rc == ALDB_ERR) {
        return rc;
    }
    u->external = type == &external_user_type;
    ALDB_TRY(aldb_source_take(j, "client_id", ALDB_JSON_REQUIRED, &u->client_id, diag));
    ALDB_TRY(aldb_source_take(j, "client_secret", ALDB_JSON_REQUIRED, &u->client_secret.value, diag));
    ALDB_TRY(aldb_source_take(j, "refresh_token", ALDB_JSON_REQUIRED, &u->refresh_token.value, diag));
    if (!u->external) {
        ALDB_TRY(aldb_source_take(j, "account", ALDB_JSON_OPTIONAL, &u->base.principal, diag));
    }
    /* Google writes none for its own users; a file that does is made for another server, and holds all the secrets that go there. */
    ALDB_TRY(aldb_source_take(j, uri_field, ALDB_JSON_OPTIONAL, &u->token_uri, diag));
    if (u->token_uri == NULL) {
        u->token_uri = u->external ? aldb_source_text("https://sts.%s/v1/oauthtoken", u->base.universe) : aldb_strdup(TOKEN_URI);
    }
    if (u->token_uri == NULL) {
        rc = aldb_diag_post(diag, ALDB_ST_HY001, NULL);
        goto out;
    }
    *out = &u->base;
out:
    if (rc == ALDB_ERR) {
        aldb_source_free(&u->base);
    }
    return rc;
}

enum aldb_rc aldb_authorized_user_parse(const struct aldb_json *j, const struct aldb_source_env *env, struct aldb_source **out, struct aldb_diag *diag)
{
    return parse(&authorized_user_type, "token_uri", j, env, out, diag);
}

enum aldb_rc aldb_external_user_parse(const struct aldb_json *j, const struct aldb_source_env *env, struct aldb_source **out, struct aldb_diag *diag)
{
    return parse(&external_user_type, "token_url", j, env, out, diag);
}
