/* SPDX-License-Identifier: Apache-2.0 */
#include "google/source.h"

#include <stdarg.h>
#include <stdlib.h>

#include "base/alloc.h"

static const struct {
    const char *type;
    aldb_source_parser *parse;
} types[] = {
    {"service_account", aldb_service_account_parse},
    {"authorized_user", aldb_authorized_user_parse},
    {"external_account", aldb_external_account_parse},
    {"external_account_authorized_user", aldb_external_user_parse},
    {"impersonated_service_account", aldb_impersonated_parse},
};

const char *aldb_source_env_get(const char *name)
{
    const char *value = secure_getenv(name);
    return value && value[0] ? value : NULL;
}

char *aldb_source_text(const char *fmt, ...)
{
    struct aldb_buf b;
    va_list ap;
    aldb_buf_init(&b, ALDB_MAX_CONNSTR);
    va_start(ap, fmt);
    aldb_buf_vaddf(&b, fmt, ap);
    va_end(ap);
    return aldb_buf_take(&b);
}

enum aldb_rc aldb_source_parse(const struct aldb_json *j, const struct aldb_source_env *env, struct aldb_source **out, struct aldb_diag *diag)
{
    const char *type = NULL;
    if (aldb_json_string(j, "type", ALDB_JSON_OPTIONAL, &type, diag) == ALDB_ERR) {
        return ALDB_ERR;
    }
    for (size_t i = 0; type && i < ALDB_COUNT(types); i++) {
        if (strcmp(types[i].type, type) == 0) {
            return types[i].parse(j, env, out, diag);
        }
    }
    if (type && strcmp(type, "gdch_service_account") == 0) {
        return aldb_diag_post(diag, ALDB_ST_28000, "%s: credentials of type gdch_service_account belong to Google Distributed Cloud, which has no AlloyDB Admin "
                              "API; connect to AlloyDB Omni with Server and a password", j->source);
    }
    const char *remedy = "expected is one of service_account, authorized_user, impersonated_service_account, external_account, "
                         "external_account_authorized_user";
    if (type) {
        return aldb_diag_post(diag, ALDB_ST_28000, "%s: the type \"%.60s\" is not known; %s", j->source, type, remedy);
    }
    return aldb_diag_post(diag, ALDB_ST_28000, "%s: the field \"type\" is missing; %s. (An OAuth client file, with \"installed\" or \"web\", is no credential: run "
                          "`gcloud auth application-default login`.)", j->source, remedy);
}

bool aldb_email_ok(const char *s)
{
    const char *at = strchr(s, '@');
    return at && at != s && at[1] && strpbrk(s, "\"\\ /:?#%") == NULL && aldb_http_text_ok(s);
}

bool aldb_universe_ok(const char *s)
{
    for (size_t i = 0; s[i]; i++) {
        if (!aldb_is_alpha(s[i]) && !aldb_is_digit(s[i]) && s[i] != '-' && s[i] != '.') {
            return false;
        }
    }
    return true;
}

enum aldb_rc aldb_source_new(const struct aldb_source_type *type, size_t size, const struct aldb_json *j, const struct aldb_source_env *env, void *out,
                             struct aldb_diag *diag)
{
    enum aldb_rc rc = ALDB_OK;
    struct aldb_source *s = aldb_alloc(size);
    if (s == NULL) {
        return aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    }
    s->type = type;
    s->http = env->http;
    s->who = aldb_strdup(env->who);
    s->quota_project = aldb_strdup(env->quota_project);
    if (j) {
        if (env->quota_project == NULL) {
            ALDB_TRY(aldb_source_take(j, "quota_project_id", ALDB_JSON_OPTIONAL, &s->quota_project, diag));
        }
        ALDB_TRY(aldb_source_take(j, "universe_domain", ALDB_JSON_OPTIONAL, &s->universe, diag));
    }
    if (s->universe == NULL) {
        s->universe = aldb_strdup(j == NULL && env->universe ? env->universe : ALDB_DEFAULT_UNIVERSE);
    }
    if (s->who == NULL || s->universe == NULL || (env->quota_project && s->quota_project == NULL)) {
        rc = aldb_diag_post(diag, ALDB_ST_HY001, NULL);
        goto out;
    }
    if (!aldb_universe_ok(s->universe)) {
        rc = aldb_diag_post(diag, ALDB_ST_28000, "%s: the universe domain is not a domain name", env->who);
        goto out;
    }
    if (s->quota_project && !aldb_http_text_ok(s->quota_project)) {
        rc = aldb_diag_post(diag, ALDB_ST_28000, "%s: the quota project has characters that no project has", env->who);
        goto out;
    }
    *(struct aldb_source **)out = s;
out:
    if (rc == ALDB_ERR) {
        aldb_source_free(s);
    }
    return rc;
}

void aldb_source_free(struct aldb_source *s)
{
    if (s == NULL) {
        return;
    }
    if (s->type->free) {
        s->type->free(s);
    }
    for (int use = 0; use < ALDB_TOKEN_USES; use++) {
        aldb_token_cache_clear(&s->cache[use]);
    }
    aldb_free(s->who);
    aldb_free(s->principal);
    aldb_free(s->quota_project);
    aldb_free(s->universe);
    aldb_free(s);
}

enum aldb_rc aldb_source_take(const struct aldb_json *j, const char *path, enum aldb_json_need need, char **out, struct aldb_diag *diag)
{
    const char *value = NULL;
    if (aldb_json_string(j, path, need, &value, diag) == ALDB_ERR) {
        return ALDB_ERR;
    }
    *out = aldb_strdup(value);
    return *out || value == NULL ? ALDB_OK : aldb_diag_post(diag, ALDB_ST_HY001, NULL);
}

void aldb_source_learn_principal(struct aldb_source *s, const char *email)
{
    char *copy = aldb_strdup(email);
    aldb_google_lock();
    if (s->principal == NULL) {
        s->principal = copy; /* never replaced: others may have borrowed it */
        copy = NULL;
    }
    aldb_google_unlock();
    aldb_free(copy);
}

char *aldb_source_principal(struct aldb_source *s)
{
    aldb_google_lock();
    char *copy = aldb_strdup(s->principal);
    aldb_google_unlock();
    return copy;
}

static enum aldb_token_use use_of(const struct aldb_source *s, enum aldb_token_use use)
{
    return s->type->scopes ? use : ALDB_TOKEN_API;
}

struct fetch_ctx {
    struct aldb_source *s;
    enum aldb_token_use use;
};

static enum aldb_rc fetch(void *ctx, const struct aldb_call *call, struct aldb_token *out, struct aldb_diag *diag)
{
    const struct fetch_ctx *f = ctx;
    return f->s->type->fetch(f->s, f->use, call, out, diag);
}

enum aldb_rc aldb_source_token(struct aldb_source *s, enum aldb_token_use use, const struct aldb_call *call, struct aldb_token *out, struct aldb_diag *diag)
{
    struct fetch_ctx ctx = {.s = s, .use = use_of(s, use)};
    return aldb_token_cache_get(&s->cache[ctx.use], fetch, &ctx, s->who, call, out, diag);
}

bool aldb_source_reject(struct aldb_source *s, enum aldb_token_use use, uint64_t serial)
{
    if (!s->type->given) {
        aldb_token_cache_reject(&s->cache[use_of(s, use)], serial);
    }
    return !s->type->given;
}
