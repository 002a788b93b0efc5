/* SPDX-License-Identifier: Apache-2.0 */
#include "handle/instance.h"

#include "base/alloc.h"
#include "connector/dial.h"

struct aldb_instance {
    _Atomic unsigned refs;
    struct aldb_dialer *dialer;
    char *name;
    struct aldb_session_dialer base;
};

static enum aldb_rc dial(void *ctx, struct aldb_deadline deadline, struct aldb_stream **out, struct aldb_diag *diag)
{
    struct aldb_instance *in = ctx;
    struct aldb_call call = {.deadline = deadline};
    return aldb_dial(in->dialer, &call, out, diag);
}

static void hold(void *ctx)
{
    atomic_fetch_add(&((struct aldb_instance *)ctx)->refs, 1);
}

static void release(void *ctx)
{
    aldb_instance_release(ctx);
}

void aldb_instance_release(struct aldb_instance *in)
{
    if (in && atomic_fetch_sub(&in->refs, 1) == 1) {
        aldb_dialer_close(in->dialer);
        aldb_free(in->name);
        aldb_free(in);
    }
}

const struct aldb_session_dialer *aldb_instance_dialer(const struct aldb_instance *in)
{
    return in ? &in->base : NULL;
}

static struct aldb_dial_options dial_options(const struct aldb_options *o)
{
    return (struct aldb_dial_options){
        .InstanceUri = o->InstanceUri,
        .IpType = (enum aldb_address_type)o->IpType,
        .EnableIamAuth = o->EnableIamAuth,
        .ApiEndpoint = o->ApiEndpoint,
        .StaticConnectionInfo = o->StaticConnectionInfo,
        .UserAgent = o->UserAgent,
        .credentials = {
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
        },
    };
}

static enum aldb_rc find_user(struct aldb_instance *in, struct aldb_options *o, const struct aldb_call *call, struct aldb_diag *diag)
{
    if (!o->EnableIamAuth || (o->UID && o->UID[0])) {
        return ALDB_OK;
    }
    char *user = NULL;
    enum aldb_rc rc = aldb_dialer_user(in->dialer, call, &user, diag);
    if (rc != ALDB_ERR && user == NULL) {
        rc = aldb_diag_post(diag, ALDB_ST_28000, "EnableIamAuth: the credentials do not say whose they are; give the database user in UID: the e-mail address, "
                            "a service account's without \".gserviceaccount.com\"");
    }
    if (rc != ALDB_ERR) {
        aldb_free(o->UID);
        o->UID = user;
    }
    return rc;
}

enum aldb_rc aldb_instance_open(struct aldb_options *o, struct aldb_deadline deadline, struct aldb_instance **out, struct aldb_diag *diag)
{
    struct aldb_dial_options options = dial_options(o);
    struct aldb_call call = {.deadline = deadline};
    struct aldb_instance *in = aldb_alloc(sizeof *in);
    enum aldb_rc rc;
    if (in == NULL || (in->name = aldb_strdup(o->InstanceUri)) == NULL) {
        aldb_free(in);
        return aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    }
    atomic_init(&in->refs, 1);
    in->base = (struct aldb_session_dialer){.ctx = in, .host = in->name, .port = "5433", .dial = dial, .hold = hold, .release = release};
    ALDB_TRY(aldb_dialer_open(&options, &call, &in->dialer, diag));
    ALDB_TRY(find_user(in, o, &call, diag));
    *out = in;
    in = NULL;
out:
    aldb_instance_release(in);
    return rc;
}
