/* SPDX-License-Identifier: Apache-2.0 */
/* A token that the user gives: AccessToken, LoginToken. Nothing is known of its end, and whoever refuses it cannot be given another. */
#include "base/alloc.h"
#include "google/oauth.h"
#include "google/source.h"

struct static_token {
    struct aldb_source base;
    struct aldb_secret token;
};

static void free_members(struct aldb_source *s)
{
    aldb_free_secret(((struct static_token *)s)->token.value);
}

static enum aldb_rc fetch(struct aldb_source *s, enum aldb_token_use use, const struct aldb_call *call, struct aldb_token *out, struct aldb_diag *diag)
{
    struct static_token *t = (struct static_token *)s;
    (void)use;
    (void)call;
    *out = (struct aldb_token){.value = {aldb_strdup(t->token.value)}, .end_ms = ALDB_TOKEN_NO_END, .end_epoch = ALDB_TOKEN_NO_END};
    return out->value.value ? ALDB_OK : aldb_diag_post(diag, ALDB_ST_HY001, NULL);
}

static const struct aldb_source_type static_token_type = {.name = "access_token", .given = true, .fetch = fetch, .free = free_members};

enum aldb_rc aldb_static_token_new(const char *token, const struct aldb_source_env *env, struct aldb_source **out, struct aldb_diag *diag)
{
    struct static_token *t = NULL;
    enum aldb_rc rc = aldb_source_new(&static_token_type, sizeof *t, NULL, env, &t, diag);
    if (rc == ALDB_ERR) {
        return rc;
    }
    ALDB_TRY(aldb_oauth_check(token, env->who, "token", ALDB_ST_28000, diag));
    t->token.value = aldb_strdup(token);
    if (t->token.value == NULL) {
        rc = aldb_diag_post(diag, ALDB_ST_HY001, NULL);
        goto out;
    }
    *out = &t->base;
out:
    if (rc == ALDB_ERR) {
        aldb_source_free(&t->base);
    }
    return rc;
}
