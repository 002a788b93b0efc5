/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Acting as a service account, with another identity's token: type impersonated_service_account, ImpersonateServiceAccount, and external accounts that
 * end in one. https://cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts/generateAccessToken
 */
#include "base/alloc.h"
#include "google/encode.h"
#include "google/oauth.h"
#include "google/source.h"

#define ACCOUNTS "projects/-/serviceAccounts/"
#define METHOD ":generateAccessToken"
#define LIFE_S 3600
#define LIFE_MIN_S 1
#define LIFE_MAX_S 43200 /* twelve hours, where an organisation allows it */
#define DELEGATES_MAX 64

struct impersonated {
    struct aldb_source base;
    struct aldb_source *inner;
    char *url;
    char *delegates[DELEGATES_MAX]; /* full names, caller first */
    size_t ndelegates;
    int64_t lifetime_s;
};

static void free_members(struct aldb_source *s)
{
    struct impersonated *i = (struct impersonated *)s;
    aldb_source_free(i->inner);
    aldb_free(i->url);
    for (size_t k = 0; k < i->ndelegates; k++) {
        aldb_free(i->delegates[k]);
    }
}

static void write_body(const struct impersonated *i, enum aldb_token_use use, struct aldb_buf *b)
{
    aldb_buf_add_str(b, "{\"delegates\":[");
    for (size_t k = 0; k < i->ndelegates; k++) {
        aldb_buf_add_str(b, k ? "," : "");
        aldb_json_add_string(b, aldb_slice_of(i->delegates[k]));
    }
    aldb_buf_add_str(b, "],\"scope\":[");
    aldb_json_add_string(b, aldb_slice_of(aldb_token_scope(use)));
    aldb_buf_addf(b, "],\"lifetime\":\"%llds\"}", (long long)i->lifetime_s);
}

static enum aldb_rc read_answer(const struct impersonated *i, const char *what, const struct aldb_http_answer *a, struct aldb_moment asked,
                                struct aldb_token *out, struct aldb_diag *diag)
{
    enum aldb_rc rc = ALDB_OK;
    struct aldb_json j = {0};
    const char *token = NULL, *expires = NULL;
    int64_t end = 0;
    char *source = aldb_source_text("%s: the answer to %s", i->base.who, what);
    if (source == NULL) {
        return aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    }
    ALDB_TRY(aldb_json_parse(aldb_buf_slice(&a->body), source, ALDB_ST_08001, &j, diag));
    ALDB_TRY(aldb_json_string(&j, "accessToken", ALDB_JSON_REQUIRED, &token, diag));
    ALDB_TRY(aldb_json_string(&j, "expireTime", ALDB_JSON_REQUIRED, &expires, diag));
    ALDB_TRY(aldb_oauth_check(token, source, "accessToken", ALDB_ST_08001, diag));
    if (!aldb_rfc3339_parse(aldb_slice_of(expires), &end)) {
        rc = aldb_diag_post(diag, ALDB_ST_08001, "%s: the field \"expireTime\" is no point in time (RFC 3339)", source);
        goto out;
    }
    /* The end is told by the server's clock, so it is compared with the server's clock; and never is it later than what was asked for. */
    int64_t life = end - (a->date ? a->date : asked.epoch);
    if (life <= 0) {
        rc = aldb_diag_post(diag, ALDB_ST_08001, "%s: the field \"expireTime\" lies %lld seconds in the past%s", source, (long long)-life,
                            a->date ? "" : "; is this machine's clock right?");
        goto out;
    }
    out->value.value = aldb_strdup(token);
    if (out->value.value == NULL) {
        rc = aldb_diag_post(diag, ALDB_ST_HY001, NULL);
        goto out;
    }
    aldb_token_live(out, asked, life < i->lifetime_s ? life : i->lifetime_s);
out:
    aldb_json_clear(&j);
    aldb_free(source);
    return rc;
}

/* *refused: the bearer is good no more. */
static enum aldb_rc ask(const struct impersonated *i, enum aldb_token_use use, const char *bearer, const struct aldb_call *call, struct aldb_token *out,
                        bool *refused, struct aldb_diag *diag)
{
    struct aldb_buf body, what, remedy, authorization;
    struct aldb_http_answer a = {0};
    enum aldb_rc rc;
    aldb_buf_init(&body, ALDB_MAX_CONNSTR);
    aldb_buf_init(&what, ALDB_MAX_NAME);
    aldb_buf_init(&remedy, ALDB_MAX_NAME);
    aldb_buf_init(&authorization, ALDB_MAX_CONNSTR);
    char *caller = aldb_source_principal(i->inner);
    write_body(i, use, &body);
    aldb_buf_addf(&what, "impersonation of %s at ", i->base.principal);
    aldb_http_origin_add(&what, i->url); /* its path repeats the name, and a driver manager gives 512 bytes of a message */
    aldb_buf_addf(&remedy, "%s needs the role roles/iam.serviceAccountTokenCreator on %s%s, that service account must exist, and the IAM Service Account "
                  "Credentials API must be enabled.", caller ? caller : "The caller",
                  i->ndelegates ? i->delegates[0] : i->base.principal, i->ndelegates ? ", each delegate on the next one and the last on the target" : "");
    if (aldb_buf_reserve(&authorization, strlen(bearer) + 8)) {
        aldb_buf_addf(&authorization, "Bearer %s", bearer);
    }
    if (!aldb_buf_ok(&body) || !aldb_buf_ok(&what) || !aldb_buf_ok(&remedy) || !aldb_buf_ok(&authorization)) {
        rc = aldb_diag_post(diag, ALDB_ST_HY001, NULL);
        goto out;
    }
    struct aldb_http_header headers[] = {
        {"Content-Type", "application/json"}, {"Authorization", authorization.data}, {"x-goog-user-project", i->inner->quota_project}};
    struct aldb_http_request r = {.url = i->url, .headers = headers, .nheaders = ALDB_COUNT(headers), .body = aldb_buf_slice(&body)};
    struct aldb_moment asked = aldb_moment_now();
    aldb_http_call(i->base.http, &r, &aldb_retry_token, call, &a);
    if (a.fault != ALDB_HTTP_ANSWERED) {
        rc = aldb_http_post_fault(&a, i->base.who, what.data, diag);
    } else if (a.status != 200) {
        *refused = a.status == 401;
        rc = aldb_refusal_post(&a, &(struct aldb_refusal){.who = i->base.who, .what = what.data,
                                                          .remedy = !*refused ? remedy.data : i->inner->type->given ? ALDB_REMEDY_GIVEN : ""}, diag);
    } else {
        rc = read_answer(i, what.data, &a, asked, out, diag);
    }
    aldb_http_answer_clear(&a);
out:
    aldb_free(caller);
    aldb_buf_wipe(&authorization);
    aldb_buf_clear(&body);
    aldb_buf_clear(&what);
    aldb_buf_clear(&remedy);
    return rc;
}

static enum aldb_rc fetch(struct aldb_source *s, enum aldb_token_use use, const struct aldb_call *call, struct aldb_token *out, struct aldb_diag *diag)
{
    struct impersonated *i = (struct impersonated *)s;
    struct aldb_token inner = {0};
    enum aldb_rc rc = aldb_source_token(i->inner, ALDB_TOKEN_API, call, &inner, diag);
    bool refused = false;
    if (rc == ALDB_OK) {
        rc = ask(i, use, inner.value.value, call, out, &refused, diag);
    }
    if (refused) {
        (void)aldb_source_reject(i->inner, ALDB_TOKEN_API, inner.serial); /* the next try begins with a new one */
    }
    aldb_token_clear(&inner);
    return rc;
}

static const struct aldb_source_type impersonated_type = {.name = "impersonated_service_account", .scopes = true, .fetch = fetch, .free = free_members};

enum aldb_rc aldb_impersonation_target(const char *url, const char *who, char **email, struct aldb_diag *diag)
{
    const char *from = strrchr(url, '/');
    const char *to = from ? strstr(from, METHOD) : NULL;
    if (to && to[strlen(METHOD)] == '\0') {
        char *name = aldb_strndup(from + 1, (size_t)(to - from) - 1);
        if (name == NULL) {
            return aldb_diag_post(diag, ALDB_ST_HY001, NULL);
        }
        if (aldb_email_ok(name)) {
            *email = name;
            return ALDB_OK;
        }
        aldb_free(name);
    }
    return aldb_diag_post(diag, ALDB_ST_28000, "%s: the field \"service_account_impersonation_url\" does not end in a service account's e-mail address and "
                          METHOD, who);
}

static enum aldb_rc add_delegate(struct impersonated *i, const char *name, struct aldb_diag *diag)
{
    const char *email = strncmp(name, ACCOUNTS, strlen(ACCOUNTS)) == 0 ? name + strlen(ACCOUNTS) : name;
    if (!aldb_email_ok(email)) {
        return aldb_diag_post(diag, ALDB_ST_28000, "%s: the delegate \"%.100s\" is not the e-mail address of a service account", i->base.who, name);
    }
    if (i->ndelegates == DELEGATES_MAX) {
        return aldb_diag_post(diag, ALDB_ST_28000, "%s: more than %d delegates", i->base.who, DELEGATES_MAX);
    }
    char *full = aldb_source_text(ACCOUNTS "%s", email);
    if (full == NULL) {
        return aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    }
    i->delegates[i->ndelegates++] = full;
    return ALDB_OK;
}

enum aldb_rc aldb_impersonated_new(struct aldb_source *inner, const struct aldb_impersonation *how, const struct aldb_json *j,
                                   const struct aldb_source_env *env, struct aldb_source **out, struct aldb_diag *diag)
{
    struct impersonated *i = NULL;
    enum aldb_rc rc = aldb_source_new(&impersonated_type, sizeof *i, j, env, &i, diag);
    if (rc == ALDB_ERR) {
        aldb_source_free(inner);
        return rc;
    }
    i->inner = inner;
    i->lifetime_s = how->lifetime_s ? how->lifetime_s : LIFE_S;
    if (how->target && !aldb_email_ok(how->target)) {
        rc = aldb_diag_post(diag, ALDB_ST_28000, "%s: \"%.100s\" is not the e-mail address of a service account", env->who, how->target);
        goto out;
    }
    if (i->lifetime_s < LIFE_MIN_S || i->lifetime_s > LIFE_MAX_S) {
        rc = aldb_diag_post(diag, ALDB_ST_28000, "%s: a token lifetime of %lld seconds cannot be asked for; at most %d", env->who, (long long)i->lifetime_s, LIFE_MAX_S);
        goto out;
    }
    if (how->target) {
        i->base.principal = aldb_strdup(how->target);
    } else {
        ALDB_TRY(aldb_impersonation_target(how->url, env->who, &i->base.principal, diag));
    }
    i->url = how->url ? aldb_strdup(how->url)
             : env->iam_endpoint ? aldb_source_text("%s/v1/" ACCOUNTS "%s" METHOD, env->iam_endpoint, how->target)
                                 : aldb_source_text("https://iamcredentials.%s/v1/" ACCOUNTS "%s" METHOD, inner->universe, how->target);
    if (i->url == NULL || i->base.principal == NULL) {
        rc = aldb_diag_post(diag, ALDB_ST_HY001, NULL);
        goto out;
    }
    for (size_t k = 0; how->delegates && how->delegates[k]; k++) {
        ALDB_TRY(add_delegate(i, how->delegates[k], diag));
    }
    if (j == NULL) { /* as the credentials it stands on */
        char *universe = aldb_strdup(inner->universe);
        aldb_free(i->base.quota_project);
        i->base.quota_project = aldb_strdup(inner->quota_project);
        if (universe == NULL || (inner->quota_project && i->base.quota_project == NULL)) {
            aldb_free(universe);
            rc = aldb_diag_post(diag, ALDB_ST_HY001, NULL);
            goto out;
        }
        aldb_free(i->base.universe);
        i->base.universe = universe;
    }
    *out = &i->base;
out:
    if (rc == ALDB_ERR) {
        aldb_source_free(&i->base);
    }
    return rc;
}

struct names {
    const char *at[DELEGATES_MAX + 2];
    size_t count;
};

static enum aldb_rc collect(void *ctx, const char *key, const char *value)
{
    struct names *n = ctx;
    (void)key;
    if (n->count <= DELEGATES_MAX) {
        n->at[n->count++] = value; /* one too many is told when they are added */
    }
    return ALDB_OK;
}

enum aldb_rc aldb_impersonated_parse(const struct aldb_json *j, const struct aldb_source_env *env, struct aldb_source **out, struct aldb_diag *diag)
{
    struct aldb_json source = {0};
    struct aldb_source *inner = NULL;
    struct names delegates = {0};
    struct aldb_impersonation how = {.delegates = delegates.at};
    struct aldb_source_env within = *env;
    within.nested = true;
    if (env->nested) {
        return aldb_diag_post(diag, ALDB_ST_28000, "%s: source_credentials that impersonate themselves are not supported; name the service accounts in between as "
                              "\"delegates\"", j->source);
    }
    enum aldb_rc rc;
    ALDB_TRY(aldb_json_string(j, "service_account_impersonation_url", ALDB_JSON_REQUIRED, &how.url, diag));
    ALDB_TRY(aldb_json_strings(j, "delegates", ALDB_JSON_OPTIONAL, collect, &delegates, diag));
    ALDB_TRY(aldb_json_object(j, "source_credentials", ALDB_JSON_REQUIRED, &source, diag));
    ALDB_TRY(aldb_source_parse(&source, &within, &inner, diag));
    rc = aldb_impersonated_new(inner, &how, j, env, out, diag);
out:
    return rc;
}
