/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The metadata server of Compute Engine, GKE, Cloud Run and Functions: tokens of the service account that the machine or pod runs as.
 * https://cloud.google.com/compute/docs/metadata/overview, https://google.aip.dev/auth/4115
 */
#include <fcntl.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/alloc.h"
#include "google/encode.h"
#include "google/oauth.h"
#include "google/source.h"
#include "log/log.h"

#define HOST "metadata.google.internal"
#define ADDRESS "169.254.169.254"
#define PRODUCT_NAME "/sys/class/dmi/id/product_name"
#define ACCOUNT "/computeMetadata/v1/instance/service-accounts/default/"
#define TIMEOUT_S 3
#define DETECT_TRIES 3

static const struct aldb_http_header flavor[] = {{"Metadata-Flavor", "Google"}};

static const char *either(const char *name, const char *older, const char *fallback)
{
    const char *value = aldb_source_env_get(name);
    value = value || older == NULL ? value : aldb_source_env_get(older);
    return value ? value : fallback;
}

const char *aldb_metadata_host(void)
{
    return either("GCE_METADATA_HOST", "GCE_METADATA_ROOT", HOST);
}

static int64_t setting(const char *name, int64_t fallback, int64_t most)
{
    int64_t v;
    return aldb_parse_i64(aldb_slice_of(aldb_source_env_get(name)), &v) && v > 0 && v <= most ? v : fallback;
}

/* Direct and in clear whatever the environment calls the server: a proxy would answer for another machine. */
static struct aldb_http_request request_for(const char *url)
{
    return (struct aldb_http_request){.url = url, .headers = flavor, .nheaders = ALDB_COUNT(flavor), .max_answer = 256u << 10,
                                      .try_ms = setting("GCE_METADATA_TIMEOUT", TIMEOUT_S, 120) * 1000, .direct = true, .cleartext = true};
}

/* The firmware of Google's machines says so, whatever the network does. */
static bool is_google_machine(void)
{
    char name[7] = "";
    int fd = open(PRODUCT_NAME, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, name, sizeof name - 1) : -1;
    if (fd >= 0) {
        (void)close(fd);
    }
    return n == sizeof name - 1 && strcmp(name, "Google") == 0;
}

enum aldb_rc aldb_metadata_detect(struct aldb_http *h, const struct aldb_call *call, struct aldb_diag *diag)
{
    static _Atomic bool answered_once; /* machines do not change hands while a process lives: the next connect asks nobody */
    const char *off = aldb_source_env_get("NO_GCE_CHECK");
    if (off && strcmp(off, "true") == 0) {
        return ALDB_NO_DATA;
    }
    if (either("GCE_METADATA_HOST", "GCE_METADATA_ROOT", NULL) || is_google_machine() || atomic_load(&answered_once)) {
        return ALDB_OK;
    }
    char *url = aldb_source_text("http://%s/", either("GCE_METADATA_IP", NULL, ADDRESS));
    if (url == NULL) {
        return aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    }
    enum aldb_rc rc = ALDB_NO_DATA;
    int64_t tries = setting("GCE_METADATA_DETECT_RETRIES", DETECT_TRIES, 10);
    struct aldb_http_request r = request_for(url);
    for (int64_t i = 0; i < tries && rc == ALDB_NO_DATA; i++) {
        struct aldb_http_answer a;
        aldb_http_perform(h, &r, call, &a);
        bool answered = a.fault == ALDB_HTTP_ANSWERED;
        if (answered && a.status == 200 && a.metadata_flavor) {
            rc = ALDB_OK;
            atomic_store(&answered_once, true);
        } else if (a.fault == ALDB_HTTP_DEADLINE || a.fault == ALDB_HTTP_STOPPED || a.fault == ALDB_HTTP_MEMORY) {
            rc = aldb_http_post_fault(&a, "Google credentials", "looking for the metadata server", diag);
        }
        aldb_http_answer_clear(&a);
        if (answered) {
            break; /* somebody else's server: another cloud has one at the same address */
        }
    }
    aldb_free(url);
    return rc;
}

struct metadata {
    struct aldb_source base;
    char *host;
};

static void free_members(struct aldb_source *s)
{
    aldb_free(((struct metadata *)s)->host);
}

/* GET of a path on the server; *answer is to be cleared whatever becomes of it. Only faults are errors. */
static enum aldb_rc get(const struct metadata *m, const char *path, const struct aldb_call *call, struct aldb_http_answer *answer, struct aldb_diag *diag)
{
    *answer = (struct aldb_http_answer){0};
    char *url = aldb_source_text("http://%s%s", m->host, path);
    if (url == NULL) {
        return aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    }
    struct aldb_http_request r = request_for(url);
    aldb_http_call(m->base.http, &r, &aldb_retry_metadata, call, answer);
    aldb_free(url);
    return answer->fault == ALDB_HTTP_ANSWERED ? ALDB_OK : aldb_http_post_fault(answer, m->base.who, "asking the metadata server", diag);
}

static enum aldb_rc read_token(const struct metadata *m, const struct aldb_http_answer *a, struct aldb_moment asked, struct aldb_token *out,
                               struct aldb_diag *diag)
{
    enum aldb_rc rc = ALDB_OK;
    struct aldb_json j = {0};
    const char *token = NULL;
    int64_t life = 0;
    char *source = aldb_source_text("%s: the token's answer", m->base.who);
    if (source == NULL) {
        return aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    }
    ALDB_TRY(aldb_json_parse(aldb_buf_slice(&a->body), source, ALDB_ST_08001, &j, diag));
    ALDB_TRY(aldb_json_string(&j, "access_token", ALDB_JSON_REQUIRED, &token, diag));
    ALDB_TRY(aldb_json_integer(&j, "expires_in", ALDB_JSON_REQUIRED, &life, diag));
    ALDB_TRY(aldb_oauth_check(token, source, "access_token", ALDB_ST_08001, diag));
    if (life <= 0) {
        rc = aldb_diag_post(diag, ALDB_ST_08001, "%s: \"expires_in\" is %lld: the token has expired already", source, (long long)life);
        goto out;
    }
    out->value.value = aldb_strdup(token);
    if (out->value.value == NULL) {
        rc = aldb_diag_post(diag, ALDB_ST_HY001, NULL);
        goto out;
    }
    aldb_token_live(out, asked, life);
out:
    aldb_json_clear(&j);
    aldb_free(source);
    return rc;
}

static enum aldb_rc ask(struct metadata *m, enum aldb_token_use use, const struct aldb_call *call, struct aldb_http_answer *a, struct aldb_diag *diag)
{
    struct aldb_buf path;
    aldb_buf_init(&path, ALDB_MAX_NAME);
    aldb_buf_add_str(&path, ACCOUNT "token?scopes=");
    aldb_percent_add(&path, aldb_slice_of(aldb_token_scope(use)));
    enum aldb_rc rc = aldb_buf_ok(&path) ? get(m, path.data, call, a, diag) : aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    aldb_buf_clear(&path);
    return rc;
}

static enum aldb_rc fetch(struct aldb_source *s, enum aldb_token_use use, const struct aldb_call *call, struct aldb_token *out, struct aldb_diag *diag)
{
    struct metadata *m = (struct metadata *)s;
    struct aldb_http_answer a = {0};
    struct aldb_moment asked = aldb_moment_now();
    enum aldb_rc rc = ask(m, use, call, &a, diag);
    if (rc == ALDB_OK && use == ALDB_TOKEN_LOGIN && a.status >= 400 && a.status < 404) {
        /* A virtual machine gives the scopes that it was created with. */
        ALDB_LOG(ALDB_LOG_INFO, ALDB_LOG_GOOGLE, "%s: no token of the login scope (HTTP %d); the API's is used for the login too", s->who, a.status);
        aldb_http_answer_clear(&a);
        asked = aldb_moment_now();
        rc = ask(m, ALDB_TOKEN_API, call, &a, diag);
    }
    if (rc == ALDB_OK && a.status != 200) {
        struct aldb_refusal refusal = {
            .who = s->who, .what = "the metadata server",
            .remedy = "Does this machine have a service account? Attach one to the VM or the Cloud Run service, or set up Workload Identity for the pod."};
        rc = aldb_refusal_post(&a, &refusal, diag);
    } else if (rc == ALDB_OK) {
        rc = read_token(m, &a, asked, out, diag);
    }
    aldb_http_answer_clear(&a);
    return rc;
}

static enum aldb_rc find_principal(struct aldb_source *s, const struct aldb_call *call, struct aldb_diag *diag)
{
    struct aldb_http_answer a;
    enum aldb_rc rc = get((struct metadata *)s, ACCOUNT "email", call, &a, diag);
    if (rc == ALDB_OK && a.status == 200) {
        struct aldb_slice text = aldb_slice_trim(aldb_buf_slice(&a.body));
        char *email = aldb_strndup(text.ptr, text.len);
        if (email && aldb_email_ok(email)) { /* a pod without a service account of its own has a pool's name instead */
            aldb_source_learn_principal(s, email);
        }
        aldb_free(email);
    }
    aldb_http_answer_clear(&a);
    return rc;
}

static const struct aldb_source_type metadata_type = {
    .name = "metadata", .scopes = true, .fetch = fetch, .find_principal = find_principal, .free = free_members};

/* Other universes say so; older servers do not know the path. */
static enum aldb_rc ask_universe(struct metadata *m, const struct aldb_call *call, struct aldb_diag *diag)
{
    struct aldb_http_answer a;
    enum aldb_rc rc = get(m, "/computeMetadata/v1/universe/universe-domain", call, &a, diag);
    struct aldb_slice text = rc == ALDB_OK && a.status == 200 ? aldb_slice_trim(aldb_buf_slice(&a.body)) : aldb_slice(NULL, 0);
    if (text.len > 0) {
        char *universe = aldb_strndup(text.ptr, text.len);
        if (universe == NULL) {
            rc = aldb_diag_post(diag, ALDB_ST_HY001, NULL);
        } else if (!aldb_universe_ok(universe)) {
            rc = aldb_diag_post(diag, ALDB_ST_08001, "%s: the metadata server's universe is not a domain name; something else may be answering there",
                                m->base.who);
            aldb_free(universe);
        } else {
            aldb_free(m->base.universe);
            m->base.universe = universe;
        }
    }
    aldb_http_answer_clear(&a);
    return rc;
}

enum aldb_rc aldb_metadata_new(const struct aldb_source_env *env, const struct aldb_call *call, struct aldb_source **out, struct aldb_diag *diag)
{
    const char *mtls = aldb_source_env_get("GCE_METADATA_MTLS_MODE");
    if (mtls && strcmp(mtls, "strict") == 0) {
        return aldb_diag_post(diag, ALDB_ST_28000, "%s: GCE_METADATA_MTLS_MODE=strict asks for client certificates towards the metadata server, which this "
                              "driver does not offer; use another mode or a CredentialsFile", env->who);
    }
    struct metadata *m = NULL;
    enum aldb_rc rc = aldb_source_new(&metadata_type, sizeof *m, NULL, env, &m, diag);
    if (rc == ALDB_ERR) {
        return rc;
    }
    m->host = aldb_strdup(aldb_metadata_host());
    if (m->host == NULL) {
        rc = aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    } else if (env->universe == NULL) {
        rc = ask_universe(m, call, diag);
    }
    if (rc == ALDB_ERR) {
        aldb_source_free(&m->base);
    } else {
        *out = &m->base;
    }
    return rc;
}
