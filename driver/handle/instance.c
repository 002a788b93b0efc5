/* SPDX-License-Identifier: Apache-2.0 */
#include "handle/instance.h"

#include <string.h>

#include "base/worker.h"
#include "base/alloc.h"
#include "connector/dial.h"
#include "handle/iam.h"

#define HINT_MS 2000
#define NEEDED "the instance needs the flag alloydb.iam_authentication=on and an IAM database user of %s, and the principal the role roles/alloydb.databaseUser"

struct aldb_instance {
    _Atomic unsigned refs;
    _Atomic bool dialled; /* the last time */
    struct aldb_trail *trail; /* while connecting */
    struct aldb_dialer *dialer;
    char *name;
    struct aldb_session_dialer base;
};

static enum aldb_rc dial(void *ctx, struct aldb_deadline deadline, struct aldb_stream **out, struct aldb_diag *diag)
{
    struct aldb_instance *in = ctx;
    struct aldb_stop stop = {.flag = aldb_worker_stop_flag(), .fd = aldb_worker_stop_fd()};
    struct aldb_call call = {.deadline = deadline, .stop = stop.flag ? &stop : NULL, .trail = in->trail};
    enum aldb_rc rc = aldb_dial(in->dialer, &call, out, diag);
    atomic_store(&in->dialled, rc != ALDB_ERR);
    return rc;
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
        .RefreshStrategy = o->RefreshStrategy == ALDB_REFRESH_BACKGROUND ? ALDB_RENEWAL_BACKGROUND : ALDB_RENEWAL_LAZY,
        .ApiEndpoint = o->ApiEndpoint,
        .StaticConnectionInfo = o->StaticConnectionInfo,
        .UserAgent = o->UserAgent,
        .tcp = {
            .keepalive = o->Keepalives,
            .idle_s = (unsigned)o->KeepaliveIdle,
            .interval_s = (unsigned)o->KeepaliveInterval,
            .count = (unsigned)o->KeepaliveCount,
            .user_timeout_ms = (unsigned)o->TcpUserTimeout,
        },
        .credentials = aldb_iam_options(o),
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
        rc = aldb_iam_post_nobody(diag);
    }
    if (rc != ALDB_ERR) {
        aldb_free(o->UID);
        o->UID = user;
    }
    return rc;
}

/* What the principal's database user is called, or NULL; nothing is posted. */
static char *principals_user(struct aldb_instance *in, struct aldb_deadline deadline)
{
    struct aldb_diag unheard;
    char *user = NULL;
    struct aldb_stop stop = {.flag = aldb_worker_stop_flag(), .fd = aldb_worker_stop_fd()};
    struct aldb_call call = {.deadline = aldb_deadline_sooner(deadline, aldb_deadline_in_ms(HINT_MS)), .stop = stop.flag ? &stop : NULL};
    aldb_diag_init(&unheard);
    (void)!aldb_dialer_user(in->dialer, &call, &user, &unheard);
    aldb_diag_clear(&unheard);
    return user;
}

void aldb_instance_hint(struct aldb_instance *in, const struct aldb_options *o, bool no_password, struct aldb_deadline deadline, struct aldb_diag *diag)
{
    if (!atomic_load(&in->dialled)) {
        return; /* the connector has said what is missing */
    }
    if (!o->EnableIamAuth) {
        if (no_password) {
            aldb_diag_hint(diag, 1, "No password was given: add PWD, or EnableIamAuth=1 to log in with the Google credentials");
        }
        return;
    }
    char *user = principals_user(in, deadline);
    if (user == NULL) {
        aldb_diag_hint(diag, 1, "With EnableIamAuth, UID is the principal's e-mail address, a service account's without \".gserviceaccount.com\"; " NEEDED,
                       "that name");
    } else if (strcmp(user, o->UID) != 0) {
        aldb_diag_hint(diag, 1, "With EnableIamAuth the user is the principal of the Google credentials, here \"%s\", and UID says \"%s\": leave UID out, "
                       "or give the credentials of that user", user, o->UID);
    } else {
        aldb_diag_hint(diag, 1, "For EnableIamAuth " NEEDED, user);
    }
    aldb_free(user);
}

void aldb_instance_settle(struct aldb_instance *in)
{
    if (in) {
        in->trail = NULL;
    }
}

enum aldb_rc aldb_instance_open(struct aldb_options *o, struct aldb_deadline deadline, struct aldb_trail *trail, struct aldb_instance **out, struct aldb_diag *diag)
{
    struct aldb_dial_options options = dial_options(o);
    struct aldb_stop stop = {.flag = aldb_worker_stop_flag(), .fd = aldb_worker_stop_fd()};
    struct aldb_call call = {.deadline = deadline, .stop = stop.flag ? &stop : NULL, .trail = trail};
    struct aldb_instance *in = aldb_alloc(sizeof *in);
    enum aldb_rc rc;
    if (in == NULL || (in->name = aldb_strdup(o->InstanceUri)) == NULL) {
        aldb_free(in);
        return aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    }
    atomic_init(&in->refs, 1);
    in->trail = trail;
    in->base = (struct aldb_session_dialer){.ctx = in, .host = in->name, .port = "5433", .dial = dial, .hold = hold, .release = release};
    ALDB_TRY(aldb_dialer_open(&options, &call, &in->dialer, diag));
    ALDB_TRY(find_user(in, o, &call, diag));
    *out = in;
    in = NULL;
out:
    aldb_instance_release(in);
    return rc;
}
