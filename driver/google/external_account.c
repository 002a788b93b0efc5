/* SPDX-License-Identifier: Apache-2.0 */
/*
 * type external_account: workload and workforce identity federation. A subject token of another provider (subject.h) is exchanged at the Security Token
 * Service (RFC 8693); with service_account_impersonation_url the token so gained only impersonates. https://google.aip.dev/auth/4117
 */
#include "base/alloc.h"
#include "google/encode.h"
#include "google/jwt.h"
#include "google/oauth.h"
#include "google/subject.h"

#define GRANT "urn:ietf:params:oauth:grant-type:token-exchange"
#define ACCESS_TOKEN "urn:ietf:params:oauth:token-type:access_token"
#define LIFE_MIN_S 600
#define LIFE_MAX_S 43200

struct external_account {
    struct aldb_source base;
    struct aldb_subject *subject;
    char *audience;
    char *subject_token_type;
    char *token_url;
    char *client_id;
    struct aldb_secret client_secret;
    char *user_project;       /* workforce_pool_user_project */
    char *impersonated_email; /* for helpers that want to know */
};

static void free_members(struct aldb_source *s)
{
    struct external_account *e = (struct external_account *)s;
    aldb_subject_free(e->subject);
    aldb_free(e->audience);
    aldb_free(e->subject_token_type);
    aldb_free(e->token_url);
    aldb_free(e->client_id);
    aldb_free_secret(e->client_secret.value);
    aldb_free(e->user_project);
    aldb_free(e->impersonated_email);
}

static void write_form(const struct external_account *e, enum aldb_token_use use, const char *subject_token, struct aldb_buf *form)
{
    aldb_form_add(form, "grant_type", GRANT);
    aldb_form_add(form, "audience", e->audience);
    aldb_form_add(form, "scope", aldb_token_scope(use));
    aldb_form_add(form, "requested_token_type", ACCESS_TOKEN);
    aldb_form_add(form, "subject_token", subject_token);
    aldb_form_add(form, "subject_token_type", e->subject_token_type);
    if (e->user_project && e->client_id == NULL) {
        struct aldb_buf options;
        aldb_buf_init(&options, ALDB_MAX_NAME);
        aldb_buf_add_str(&options, "{\"userProject\":");
        aldb_json_add_string(&options, aldb_slice_of(e->user_project));
        aldb_buf_add_char(&options, '}');
        aldb_form_add(form, "options", aldb_buf_ok(&options) ? options.data : "");
        form->failed |= !aldb_buf_ok(&options);
        aldb_buf_clear(&options);
    }
}

static enum aldb_rc fetch(struct aldb_source *s, enum aldb_token_use use, const struct aldb_call *call, struct aldb_token *out, struct aldb_diag *diag)
{
    struct external_account *e = (struct external_account *)s;
    struct aldb_oauth_answer answer = {0};
    char *subject_token = NULL;
    struct aldb_buf form;
    aldb_buf_init(&form, 4 * ALDB_MAX_CONNSTR);
    enum aldb_rc rc = e->subject->type->fetch(e->subject, call, &subject_token, diag);
    if (rc == ALDB_ERR) {
        goto out;
    }
    if (aldb_buf_reserve(&form, 3 * strlen(subject_token) + 4096) == NULL) {
        rc = aldb_diag_post(diag, ALDB_ST_HY001, NULL);
        goto out;
    }
    write_form(e, use, subject_token, &form);
    struct aldb_oauth_request r = {
        .url = e->token_url, .form = aldb_buf_slice(&form), .client_id = e->client_id, .client_secret = e->client_secret.value, .who = s->who,
        .remedy = "Check \"audience\", \"subject_token_type\" and the provider's attribute conditions, and that the subject token has not expired."};
    rc = aldb_buf_ok(&form) ? aldb_oauth_ask(e->subject->sts_http ? e->subject->sts_http : s->http, &r, call, &answer, diag)
                            : aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    if (rc == ALDB_OK) {
        *out = answer.token;
        answer.token = (struct aldb_token){0};
    }
    aldb_oauth_answer_clear(&answer);
out:
    aldb_buf_wipe(&form);
    aldb_free_secret(subject_token);
    return rc;
}

static const struct aldb_source_type external_account_type = {.name = "external_account", .scopes = true, .fetch = fetch, .free = free_members};

/* "//iam.googleapis.com/locations/L/workforcePools/POOL/providers/P" */
static bool is_workforce(const char *audience)
{
    static const char head[] = "//iam.", middle[] = "/locations/", tail[] = "/workforcePools/";
    const char *at = strncmp(audience, head, sizeof head - 1) == 0 ? strstr(audience, middle) : NULL;
    at = at ? strchr(at + sizeof middle - 1, '/') : NULL;
    return at && strncmp(at, tail, sizeof tail - 1) == 0;
}

static enum aldb_rc parse_plain(const struct aldb_json *j, const struct aldb_source_env *env, const char *email, struct external_account **out,
                                struct aldb_diag *diag)
{
    struct external_account *e = NULL;
    enum aldb_rc rc = aldb_source_new(&external_account_type, sizeof *e, j, env, &e, diag);
    if (rc == ALDB_ERR) {
        return rc;
    }
    ALDB_TRY(aldb_source_take(j, "audience", ALDB_JSON_REQUIRED, &e->audience, diag));
    ALDB_TRY(aldb_source_take(j, "subject_token_type", ALDB_JSON_REQUIRED, &e->subject_token_type, diag));
    ALDB_TRY(aldb_source_take(j, "token_url", ALDB_JSON_OPTIONAL, &e->token_url, diag));
    ALDB_TRY(aldb_source_take(j, "client_id", ALDB_JSON_OPTIONAL, &e->client_id, diag));
    ALDB_TRY(aldb_source_take(j, "client_secret", ALDB_JSON_OPTIONAL, &e->client_secret.value, diag));
    ALDB_TRY(aldb_source_take(j, "workforce_pool_user_project", ALDB_JSON_OPTIONAL, &e->user_project, diag));
    e->impersonated_email = aldb_strdup(email);
    if (e->token_url == NULL) {
        e->token_url = aldb_source_text("https://sts.%s/v1/token", e->base.universe);
    }
    if (e->token_url == NULL || (email && e->impersonated_email == NULL)) {
        rc = aldb_diag_post(diag, ALDB_ST_HY001, NULL);
        goto out;
    }
    if (e->user_project && !is_workforce(e->audience)) {
        rc = aldb_diag_post(diag, ALDB_ST_28000, "%s: \"workforce_pool_user_project\" is for workforce pools, and \"audience\" names none", j->source);
        goto out;
    }
    struct aldb_subject base = {.who = e->base.who, .http = env->http, .audience = e->audience, .subject_token_type = e->subject_token_type,
                                .impersonated_email = e->impersonated_email};
    ALDB_TRY(aldb_subject_parse(j, &base, env, &e->subject, diag));
    *out = e;
out:
    if (rc == ALDB_ERR) {
        aldb_source_free(&e->base);
    }
    return rc;
}

enum aldb_rc aldb_external_account_parse(const struct aldb_json *j, const struct aldb_source_env *env, struct aldb_source **out, struct aldb_diag *diag)
{
    struct external_account *e = NULL;
    struct aldb_impersonation how = {0};
    char *email = NULL;
    enum aldb_rc rc;
    ALDB_TRY(aldb_json_string(j, "service_account_impersonation_url", ALDB_JSON_OPTIONAL, &how.url, diag));
    if (how.url == NULL) {
        ALDB_TRY(parse_plain(j, env, NULL, &e, diag));
        *out = &e->base;
        goto out;
    }
    ALDB_TRY(aldb_json_integer(j, "service_account_impersonation.token_lifetime_seconds", ALDB_JSON_OPTIONAL, &how.lifetime_s, diag));
    if (how.lifetime_s != 0 && (how.lifetime_s < LIFE_MIN_S || how.lifetime_s > LIFE_MAX_S)) {
        rc = aldb_diag_post(diag, ALDB_ST_28000, "%s: \"service_account_impersonation.token_lifetime_seconds\" is %lld; it can be %d to %d", j->source,
                            (long long)how.lifetime_s, LIFE_MIN_S, LIFE_MAX_S);
        goto out;
    }
    ALDB_TRY(aldb_impersonation_target(how.url, j->source, &email, diag));
    ALDB_TRY(parse_plain(j, env, email, &e, diag));
    rc = aldb_impersonated_new(&e->base, &how, j, env, out, diag);
out:
    aldb_free(email);
    return rc;
}
