/* SPDX-License-Identifier: Apache-2.0 */
#include "handle/iam.h"

#include "base/worker.h"
#include "base/alloc.h"

struct aldb_credentials_options aldb_iam_options(const struct aldb_options *o)
{
    return (struct aldb_credentials_options){
        .CredentialsFile = o->CredentialsFile,
        .CredentialsJson = o->CredentialsJson,
        .AccessToken = o->AccessToken,
        .LoginToken = o->LoginToken,
        .ImpersonateServiceAccount = o->ImpersonateServiceAccount,
        .Delegates = o->Delegates,
        .QuotaProject = o->QuotaProject,
        .UniverseDomain = o->UniverseDomain,
        .ProxyUrl = o->ProxyUrl,
        .NoProxy = o->NoProxy,
    };
}

enum aldb_rc aldb_iam_post_nobody(struct aldb_diag *diag)
{
    return aldb_diag_post(diag, ALDB_ST_28000, "EnableIamAuth: the credentials do not say whose they are; give the database user in UID: the e-mail address, "
                          "a service account's without \".gserviceaccount.com\"");
}

enum aldb_rc aldb_iam_open(struct aldb_options *o, struct aldb_deadline deadline, struct aldb_trail *trail, struct aldb_credentials **out, struct aldb_token *token,
                           struct aldb_diag *diag)
{
    struct aldb_credentials_options options = aldb_iam_options(o);
    struct aldb_stop stop = {.flag = aldb_worker_stop_flag(), .fd = aldb_worker_stop_fd()};
    struct aldb_call call = {.deadline = deadline, .stop = stop.flag ? &stop : NULL, .trail = trail};
    struct aldb_credentials *credentials = NULL;
    char *agent = NULL;
    char *user = NULL;
    enum aldb_rc rc;
    if (o->UserAgent && !aldb_http_text_ok(o->UserAgent)) {
        return aldb_diag_post(diag, ALDB_ST_HY024, "UserAgent has blanks at an end, or control characters");
    }
    if ((agent = aldb_credentials_user_agent(o->UserAgent)) == NULL) {
        return aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    }
    options.user_agent = agent;
    aldb_trail_begin(trail, "credentials");
    ALDB_TRY(aldb_credentials_open(&options, &call, &credentials, diag));
    if (o->UID == NULL || o->UID[0] == '\0') {
        ALDB_TRY(aldb_credentials_user(credentials, &call, &user, diag));
        if (user == NULL) {
            rc = aldb_iam_post_nobody(diag);
            goto out;
        }
        aldb_free(o->UID);
        o->UID = user;
    }
    ALDB_TRY(aldb_credentials_token(credentials, ALDB_TOKEN_LOGIN, &call, token, diag));
    aldb_trail_end(trail, "%s", aldb_credentials_who(credentials));
    *out = credentials;
    credentials = NULL;
out:
    aldb_credentials_unref(credentials);
    aldb_free(agent);
    return rc;
}
