/* SPDX-License-Identifier: Apache-2.0 */
#include "connector/admin.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "base/alloc.h"
#include "base/thread.h"
#include "google/encode.h"
#include "google/json.h"
#include "google/oauth.h"
#include "log/log.h"

#define VERSION_PATH "v1beta"

enum { INFO, CERTIFICATE, ERRANDS };

/* One of the two calls. */
struct errand {
    struct errands *all;
    char *url;
    char *params; /* x-goog-request-params */
    char *what;   /* for messages */
    struct aldb_slice body;
    struct aldb_http_answer answer;
    bool ran;  /* answer is to be cleared */
    bool done; /* under google/'s lock, while the threads run */
    bool threaded;
    pthread_t thread;
    const struct aldb_call *call;
};

struct errands {
    const struct aldb_admin_request *request;
    struct errand at[ERRANDS];
    char *who;
    struct aldb_buf body;          /* of the certificate's */
    struct aldb_buf authorization; /* secret */
    struct aldb_call call;         /* the threads' */
    struct aldb_stop stop;
    _Atomic bool abandon;
    bool renewed; /* the token is the second one */
    bool given;   /* it was refused, and there is no second one */
};

static char *text_of(struct aldb_buf *b)
{
    char *text = aldb_buf_ok(b) ? aldb_buf_take(b) : NULL;
    aldb_buf_clear(b);
    return text;
}

char *aldb_admin_base(const struct aldb_admin_request *r)
{
    struct aldb_buf b;
    aldb_buf_init(&b, ALDB_MAX_NAME);
    const char *given = r->endpoint && r->endpoint[0] ? r->endpoint : NULL;
    aldb_buf_add_str(&b, given && strstr(given, "://") ? "" : "https://");
    if (given) {
        size_t len = strlen(given);
        while (len > 0 && given[len - 1] == '/') {
            len--;
        }
        aldb_buf_add(&b, given, len);
    } else {
        aldb_buf_addf(&b, "alloydb.%s", aldb_credentials_universe(r->credentials));
    }
    return text_of(&b);
}

/* ------------------------------------------------------------------ what is asked */

static char *make_url(const char *base, const char *name, const char *method)
{
    struct aldb_buf b;
    aldb_buf_init(&b, ALDB_MAX_NAME);
    aldb_buf_addf(&b, "%s/" VERSION_PATH "/", base);
    aldb_instance_path_add(&b, name);
    aldb_buf_add_str(&b, method);
    return text_of(&b);
}

static char *make_params(const char *name)
{
    struct aldb_buf b;
    aldb_buf_init(&b, ALDB_MAX_NAME);
    aldb_buf_add_str(&b, "parent=");
    aldb_percent_add(&b, aldb_slice_of(name));
    return text_of(&b);
}

static char *make_text(const char *before, const char *name)
{
    struct aldb_buf b;
    aldb_buf_init(&b, ALDB_MAX_NAME);
    aldb_buf_addf(&b, "%s%s", before, name);
    return text_of(&b);
}

static enum aldb_rc prepare(struct errands *all, const struct aldb_admin_request *r, const char *public_key, struct aldb_diag *diag)
{
    char *base = aldb_admin_base(r);
    struct aldb_buf who;
    aldb_buf_init(&who, ALDB_MAX_NAME);
    aldb_buf_add_str(&who, "AlloyDB Admin API at ");
    aldb_http_name_add(&who, base ? base : "");
    all->request = r;
    all->who = text_of(&who);
    aldb_buf_add_str(&all->body, "{\"publicKey\":");
    aldb_json_add_string(&all->body, aldb_slice_of(public_key));
    aldb_buf_add_str(&all->body, ",\"certDuration\":\"3600s\",\"useMetadataExchange\":true}");
    bool good = base && all->who && aldb_buf_ok(&all->body);
    for (size_t i = 0; good && i < ERRANDS; i++) {
        struct errand *e = &all->at[i];
        const char *name = i == INFO ? r->instance->uri : r->instance->cluster;
        e->all = all;
        e->url = make_url(base, name, i == INFO ? "/connectionInfo" : ":generateClientCertificate");
        e->params = make_params(name);
        e->what = make_text(i == INFO ? "connectionInfo of " : "generateClientCertificate of ", name);
        e->body = i == INFO ? aldb_slice(NULL, 0) : aldb_buf_slice(&all->body);
        good = e->url && e->params && e->what;
    }
    aldb_free(base);
    return good ? ALDB_OK : aldb_diag_post(diag, ALDB_ST_HY001, NULL);
}

/* ------------------------------------------------------------------ asking */

static void forget_answers(struct errands *all)
{
    for (size_t i = 0; i < ERRANDS; i++) {
        if (all->at[i].ran) {
            aldb_http_answer_clear(&all->at[i].answer);
        }
        all->at[i].ran = all->at[i].done = all->at[i].threaded = false;
    }
}

static void *run(void *ctx)
{
    struct errand *e = ctx;
    struct errands *all = e->all;
    struct aldb_credentials *c = all->request->credentials;
    struct aldb_http_header headers[] = {
        {"Authorization", all->authorization.data},
        {"x-goog-request-params", e->params},
        {"x-goog-api-client", "gl-c/17 alloydb-odbc/" ALDB_VERSION},
        {"x-goog-user-project", aldb_credentials_quota_project(c)},
        {"Content-Type", e->body.ptr ? "application/json" : NULL},
        {"Accept", "application/json"},
    };
    struct aldb_http_request request = {.url = e->url, .headers = headers, .nheaders = ALDB_COUNT(headers), .body = e->body};
    aldb_http_call(aldb_credentials_http(c), &request, &aldb_retry_api, e->call, &e->answer);
    aldb_google_lock();
    e->done = true;
    aldb_google_wake();
    aldb_google_unlock();
    return NULL;
}

static bool is_good(const struct errand *e)
{
    return e->done && e->answer.fault == ALDB_HTTP_ANSWERED && e->answer.status == 200;
}

/* Under the lock: is there something left to wait for? */
static bool go_on(const struct errands *all)
{
    size_t good = 0, done = 0;
    for (size_t i = 0; i < ERRANDS; i++) {
        good += is_good(&all->at[i]);
        done += all->at[i].done;
    }
    return done < ERRANDS && good == done;
}

static void run_all(struct errands *all, const struct aldb_call *call)
{
    atomic_store(&all->abandon, false);
    all->stop = (struct aldb_stop){.flag = &all->abandon, .fd = -1};
    all->call = (struct aldb_call){.deadline = call->deadline, .stop = &all->stop};
    for (size_t i = 0; i < ERRANDS; i++) {
        all->at[i].ran = true;
        all->at[i].call = &all->call;
        all->at[i].threaded = aldb_thread_start("aldb-admin", run, &all->at[i], &all->at[i].thread);
    }
    for (size_t i = 0; i < ERRANDS; i++) {
        if (!all->at[i].threaded) { /* where no thread can be had: here, and one after the other */
            all->at[i].call = call;
            (void)run(&all->at[i]);
        }
    }
    aldb_google_lock();
    while (go_on(all) && !aldb_call_stopped(call) && !aldb_deadline_over(call->deadline)) {
        aldb_google_wait(call->deadline, call->stop != NULL);
    }
    bool late = go_on(all) && !aldb_call_stopped(call); /* each thread sees the deadline for itself, and says so */
    aldb_google_unlock();
    atomic_store(&all->abandon, !late);
    for (size_t i = 0; i < ERRANDS; i++) {
        if (all->at[i].threaded) {
            (void)pthread_join(all->at[i].thread, NULL);
        }
    }
}

/* ------------------------------------------------------------------ what is answered */

static const char *remedy(struct aldb_buf *b, const struct errands *all, const struct aldb_http_answer *a)
{
    const struct aldb_admin_request *r = all->request;
    const char *quota = aldb_credentials_quota_project(r->credentials);
    switch (a->status) {
    case 400:
        return "Is the instance URI right?";
    case 401:
        if (all->given) {
            return ALDB_REMEDY_GIVEN;
        }
        aldb_buf_addf(b, all->renewed ? "A new token of %s was refused as well." : "The token came from %s.", aldb_credentials_who(r->credentials));
        return aldb_buf_cstr(b);
    case 403:
        if (strstr(aldb_buf_cstr(&a->body), "\"ACCESS_TOKEN_SCOPE_INSUFFICIENT\"")) {
            aldb_buf_addf(b, "The token of %s does not have the scope %s: a virtual machine needs it among its access scopes, and a token that is given must be "
                          "made with it.", aldb_credentials_who(r->credentials), aldb_token_scope(ALDB_TOKEN_API));
            return aldb_buf_cstr(b);
        }
        aldb_buf_addf(b, "The principal of %s needs the roles roles/alloydb.client and roles/serviceusage.serviceUsageConsumer in the instance's project",
                      aldb_credentials_who(r->credentials));
        if (quota) {
            aldb_buf_addf(b, ", and serviceusage.services.use in the quota project %s", quota);
        }
        aldb_buf_addf(b, "; the AlloyDB API must be enabled in %s.", quota ? "both" : "that project");
        return aldb_buf_cstr(b);
    case 404:
        return "There is no such instance: check project, region, cluster and instance in the URI.";
    default:
        return "";
    }
}

static enum aldb_rc post_failure(const struct errands *all, const struct errand *e, struct aldb_diag *diag)
{
    if (e->answer.fault != ALDB_HTTP_ANSWERED) {
        return aldb_http_post_fault(&e->answer, all->who, e->what, diag);
    }
    struct aldb_buf b;
    aldb_buf_init(&b, ALDB_MAX_NAME);
    struct aldb_refusal refusal = {.who = all->who, .what = e->what, .remedy = remedy(&b, all, &e->answer)};
    enum aldb_rc rc = aldb_buf_ok(&b) ? aldb_refusal_post(&e->answer, &refusal, diag) : aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    aldb_buf_clear(&b);
    return rc;
}

/* The one whose failure ended the others; NULL: all are good. */
static const struct errand *find_failure(const struct errands *all)
{
    const struct errand *found = NULL;
    for (size_t i = 0; i < ERRANDS; i++) {
        const struct errand *e = &all->at[i];
        if (!is_good(e) && (found == NULL || (found->answer.fault == ALDB_HTTP_STOPPED && e->answer.fault != ALDB_HTTP_STOPPED))) {
            found = e;
        }
    }
    return found;
}

/* ALDB_NO_DATA: the token was refused. */
static enum aldb_rc ask_with(struct errands *all, const struct aldb_call *call, const struct aldb_token *token, struct aldb_diag *diag)
{
    struct aldb_credentials *c = all->request->credentials;
    size_t len = strlen(token->value.value) + sizeof "Bearer ";
    if (aldb_buf_reserve(&all->authorization, len) == NULL) {
        return aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    }
    aldb_buf_addf(&all->authorization, "Bearer %s", token->value.value);
    run_all(all, call);
    aldb_buf_wipe(&all->authorization);
    const struct errand *bad = find_failure(all);
    if (bad == NULL) {
        return ALDB_OK;
    }
    if (bad->answer.fault == ALDB_HTTP_ANSWERED && bad->answer.status == 401) {
        all->given = !aldb_credentials_reject(c, ALDB_TOKEN_API, token);
        if (!all->given) {
            return ALDB_NO_DATA;
        }
    }
    return post_failure(all, bad, diag);
}

/* Once more with a new token, after the first was refused. */
static enum aldb_rc ask_again(struct errands *all, const struct aldb_call *call, struct aldb_diag *diag)
{
    struct aldb_token token = {0};
    struct aldb_diag said;
    aldb_diag_init(&said);
    enum aldb_rc rc = aldb_credentials_token(all->request->credentials, ALDB_TOKEN_API, call, &token, &said);
    if (rc == ALDB_ERR) {
        (void)post_failure(all, find_failure(all), diag); /* that comes first, then why nothing can be done about it */
    } else {
        ALDB_LOG(ALDB_LOG_INFO, ALDB_LOG_CONNECTOR, "%s: the access token was refused; a new one is tried", all->who);
        all->renewed = true;
        forget_answers(all);
        rc = ask_with(all, call, &token, diag);
    }
    if (rc == ALDB_NO_DATA) {
        rc = post_failure(all, find_failure(all), diag);
    }
    aldb_token_clear(&token);
    aldb_diag_move(diag, &said);
    aldb_diag_clear(&said);
    return rc;
}

static enum aldb_rc add_pem(void *ctx, const char *key, const char *value)
{
    struct aldb_buf *b = ctx;
    size_t len = strlen(value);
    (void)key;
    aldb_buf_add(b, value, len);
    if (len == 0 || value[len - 1] != '\n') {
        aldb_buf_add_char(b, '\n');
    }
    return ALDB_OK;
}

/* Under either of its names: protobuf's JSON has two. */
static enum aldb_rc read_address(const struct aldb_json *j, const char *name, const char *other, enum aldb_address_type t, struct aldb_connection_facts *f,
                                 struct aldb_diag *diag)
{
    const char *text = NULL;
    enum aldb_rc rc = aldb_json_string(j, other, ALDB_JSON_OPTIONAL, &text, diag);
    if (rc == ALDB_OK) {
        rc = aldb_json_string(j, name, ALDB_JSON_OPTIONAL, &text, diag);
    }
    return rc == ALDB_OK ? aldb_connection_facts_address(f, t, text, j->source, name, diag) : rc;
}

static enum aldb_rc read_info(const struct errand *e, const char *source, struct aldb_connection_facts *f, struct aldb_diag *diag)
{
    struct aldb_json j = {0};
    enum aldb_rc rc;
    ALDB_TRY(aldb_json_parse(aldb_buf_slice(&e->answer.body), source, ALDB_ST_08001, &j, diag));
    ALDB_TRY(read_address(&j, "ipAddress", "ip_address", ALDB_ADDRESS_PRIVATE, f, diag));
    ALDB_TRY(read_address(&j, "publicIpAddress", "public_ip_address", ALDB_ADDRESS_PUBLIC, f, diag));
    ALDB_TRY(read_address(&j, "pscDnsName", "psc_dns_name", ALDB_ADDRESS_PSC, f, diag));
out:
    aldb_json_clear(&j);
    return rc;
}

static enum aldb_rc read_certificate(const struct errand *e, const char *source, struct aldb_connection_facts *f, struct aldb_diag *diag)
{
    struct aldb_json j = {0};
    struct aldb_buf chain;
    const char *authority = NULL;
    enum aldb_rc rc;
    aldb_buf_init(&chain, ALDB_HTTP_MAX_ANSWER + ALDB_MAX_NAME);
    ALDB_TRY(aldb_json_parse(aldb_buf_slice(&e->answer.body), source, ALDB_ST_08001, &j, diag));
    ALDB_TRY(aldb_json_strings(&j, "pem_certificate_chain", ALDB_JSON_OPTIONAL, add_pem, &chain, diag));
    ALDB_TRY(aldb_json_strings(&j, "pemCertificateChain", chain.len ? ALDB_JSON_OPTIONAL : ALDB_JSON_REQUIRED, add_pem, &chain, diag));
    ALDB_TRY(aldb_json_string(&j, "ca_cert", ALDB_JSON_OPTIONAL, &authority, diag));
    ALDB_TRY(aldb_json_string(&j, "caCert", authority ? ALDB_JSON_OPTIONAL : ALDB_JSON_REQUIRED, &authority, diag));
    f->authority = aldb_strdup(authority);
    f->chain = aldb_buf_ok(&chain) ? aldb_strdup(aldb_buf_cstr(&chain)) : NULL;
    f->date = e->answer.date;
    if (f->authority == NULL || f->chain == NULL) {
        rc = aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    }
out:
    aldb_json_clear(&j);
    aldb_buf_clear(&chain);
    return rc;
}

static char *source_of(const struct errands *all, const struct errand *e)
{
    struct aldb_buf b;
    aldb_buf_init(&b, ALDB_MAX_NAME);
    aldb_buf_addf(&b, "%s: the answer for %s", all->who, e->what);
    return text_of(&b);
}

void aldb_admin_doubt(struct aldb_diag *diag)
{
    const struct aldb_diag_record *last = aldb_diag_get(diag, aldb_diag_count(diag));
    if (last && strcmp(last->state, "08001") == 0) {
        aldb_diag_hint(diag, aldb_diag_count(diag),
                       "The AlloyDB Admin API does not answer so. Does ApiEndpoint lead to it, or does something answer in its place, as a proxy?");
    }
}

static enum aldb_rc read_answers(const struct errands *all, struct aldb_connection_facts *f, struct aldb_diag *diag)
{
    char *info = source_of(all, &all->at[INFO]);
    char *certificate = source_of(all, &all->at[CERTIFICATE]);
    enum aldb_rc rc = info && certificate ? ALDB_OK : aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    if (rc == ALDB_OK) {
        rc = read_info(&all->at[INFO], info, f, diag);
    }
    if (rc == ALDB_OK) {
        rc = read_certificate(&all->at[CERTIFICATE], certificate, f, diag);
    }
    if (rc == ALDB_ERR) {
        aldb_admin_doubt(diag);
    }
    aldb_free(info);
    aldb_free(certificate);
    return rc;
}

static void clear(struct errands *all)
{
    forget_answers(all);
    for (size_t i = 0; i < ERRANDS; i++) {
        aldb_free(all->at[i].url);
        aldb_free(all->at[i].params);
        aldb_free(all->at[i].what);
    }
    aldb_free(all->who);
    aldb_buf_clear(&all->body);
    aldb_buf_wipe(&all->authorization);
}

enum aldb_rc aldb_admin_ask(const struct aldb_admin_request *r, const char *public_key, const struct aldb_call *call, struct aldb_connection_facts *out,
                            struct aldb_diag *diag)
{
    struct errands all = {.who = NULL};
    struct aldb_connection_facts facts = {0};
    struct aldb_token token = {0};
    enum aldb_rc rc;
    int64_t began = aldb_now_ms();
    aldb_buf_init(&all.body, ALDB_MAX_NAME);
    aldb_buf_init(&all.authorization, ALDB_MAX_CONNSTR);
    ALDB_TRY(prepare(&all, r, public_key, diag));
    aldb_trail_begin(call->trail, "credentials");
    ALDB_TRY(aldb_credentials_token(r->credentials, ALDB_TOKEN_API, call, &token, diag));
    aldb_trail_end(call->trail, "%s", aldb_credentials_who(r->credentials));
    aldb_trail_begin(call->trail, "API");
    facts.asked = aldb_moment_now();
    ALDB_TRY(ask_with(&all, call, &token, diag));
    if (rc == ALDB_NO_DATA) {
        ALDB_TRY(ask_again(&all, call, diag));
    }
    ALDB_TRY(read_answers(&all, &facts, diag));
    rc = ALDB_OK;
    *out = facts;
    facts = (struct aldb_connection_facts){0};
    ALDB_LOG(ALDB_LOG_INFO, ALDB_LOG_CONNECTOR, "%s: addresses and a certificate for %s in %lld ms", all.who, r->instance->uri,
             (long long)(aldb_now_ms() - began));
out:
    aldb_token_clear(&token);
    aldb_connection_facts_clear(&facts);
    clear(&all);
    return rc;
}
