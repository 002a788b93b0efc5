/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An AWS identity: the subject token is a signed GetCallerIdentity request, which Google sends to AWS. https://google.aip.dev/auth/4117 (AWS);
 * instance metadata: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html
 */
#include "base/alloc.h"
#include "google/encode.h"
#include "google/jwt.h"
#include "google/oauth.h"
#include "google/sigv4.h"
#include "google/subject.h"

#define SESSION_TTL "300" /* seconds that an IMDSv2 session token lives */

struct aws {
    struct aldb_subject base;
    char *region_url;  /* NULL: none, as the next two */
    char *roles_url;   /* "url" */
    char *session_url; /* IMDSv2 */
    char *verify_url;  /* regional_cred_verification_url, with {region} */
};

/* What one signature needs. */
struct keys {
    char *region;
    char *id;
    char *secret;
    char *token; /* of the session; NULL: none */
};

static void keys_clear(struct keys *k)
{
    aldb_free(k->region);
    aldb_free_secret(k->id);
    aldb_free_secret(k->secret);
    aldb_free_secret(k->token);
}

static void free_members(struct aldb_subject *s)
{
    struct aws *a = (struct aws *)s;
    aldb_free(a->region_url);
    aldb_free(a->roles_url);
    aldb_free(a->session_url);
    aldb_free(a->verify_url);
}

/* One request to the instance metadata service. *out: its text, owned and secret. */
static enum aldb_rc ask(const struct aws *a, const char *method, const char *url, const char *session, const char *what, const struct aldb_call *call, char **out,
                        struct aldb_diag *diag)
{
    struct aldb_http_header headers[] = {{"X-aws-ec2-metadata-token-ttl-seconds", method ? SESSION_TTL : NULL}, {"X-aws-ec2-metadata-token", session}};
    /* In clear: such services are link-local, and the file's owner chose the address. */
    struct aldb_http_request r = {.method = method, .url = url, .headers = headers, .nheaders = ALDB_COUNT(headers), .cleartext = true};
    struct aldb_http_answer answer;
    enum aldb_rc rc = ALDB_OK;
    aldb_http_call(a->base.http, &r, &aldb_retry_token, call, &answer);
    if (answer.fault != ALDB_HTTP_ANSWERED) {
        rc = aldb_http_post_fault(&answer, a->base.who, what, diag);
    } else if (answer.status != 200) {
        rc = aldb_refusal_post(&answer, &(struct aldb_refusal){.who = a->base.who, .what = what, .remedy = "Does this process run on EC2 with a role attached? "
                               "Elsewhere set AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN."}, diag);
    } else {
        struct aldb_slice text = aldb_slice_trim(aldb_buf_slice(&answer.body));
        if (text.len == 0 || memchr(text.ptr, '\0', text.len)) {
            rc = aldb_diag_post(diag, ALDB_ST_08001, "%s: %s answered nothing", a->base.who, what);
        } else if ((*out = aldb_strndup(text.ptr, text.len)) == NULL) {
            rc = aldb_diag_post(diag, ALDB_ST_HY001, NULL);
        }
    }
    aldb_http_answer_clear(&answer);
    return rc;
}

static bool copy_env(char **to, const char *name)
{
    const char *value = aldb_source_env_get(name);
    *to = aldb_strdup(value);
    return *to || value == NULL;
}

/* From the environment, as far as it has them. False: out of memory. */
static bool read_environment(struct keys *k)
{
    bool ok = copy_env(&k->region, "AWS_REGION") && (k->region || copy_env(&k->region, "AWS_DEFAULT_REGION"));
    if (ok && aldb_source_env_get("AWS_ACCESS_KEY_ID") && aldb_source_env_get("AWS_SECRET_ACCESS_KEY")) {
        ok = copy_env(&k->id, "AWS_ACCESS_KEY_ID") && copy_env(&k->secret, "AWS_SECRET_ACCESS_KEY") && copy_env(&k->token, "AWS_SESSION_TOKEN");
    }
    return ok;
}

static enum aldb_rc ask_region(const struct aws *a, const char *session, const struct aldb_call *call, struct keys *k, struct aldb_diag *diag)
{
    if (a->region_url == NULL) {
        return aldb_diag_post(diag, ALDB_ST_28000, "%s: the AWS region is not known: set AWS_REGION, or \"credential_source.region_url\"", a->base.who);
    }
    enum aldb_rc rc = ask(a, NULL, a->region_url, session, "the AWS region's URL", call, &k->region, diag);
    if (rc == ALDB_OK) {
        k->region[strlen(k->region) - 1] = '\0'; /* the availability zone's letter */
    }
    return rc;
}

static enum aldb_rc read_keys(const struct aws *a, const char *text, struct keys *k, struct aldb_diag *diag)
{
    struct aldb_json j = {0};
    enum aldb_rc rc;
    char *source = aldb_source_text("%s: the AWS role's credentials", a->base.who);
    if (source == NULL) {
        return aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    }
    ALDB_TRY(aldb_json_parse(aldb_slice_of(text), source, ALDB_ST_08001, &j, diag));
    ALDB_TRY(aldb_source_take(&j, "AccessKeyId", ALDB_JSON_REQUIRED, &k->id, diag));
    ALDB_TRY(aldb_source_take(&j, "SecretAccessKey", ALDB_JSON_REQUIRED, &k->secret, diag));
    ALDB_TRY(aldb_source_take(&j, "Token", ALDB_JSON_OPTIONAL, &k->token, diag));
out:
    aldb_json_clear(&j);
    aldb_free(source);
    return rc;
}

static enum aldb_rc ask_keys(const struct aws *a, const char *session, const struct aldb_call *call, struct keys *k, struct aldb_diag *diag)
{
    char *role = NULL, *text = NULL, *url = NULL;
    enum aldb_rc rc;
    if (a->roles_url == NULL) {
        return aldb_diag_post(diag, ALDB_ST_28000, "%s: no AWS keys: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or \"credential_source.url\"", a->base.who);
    }
    ALDB_TRY(ask(a, NULL, a->roles_url, session, "the AWS role's URL", call, &role, diag));
    if (!aldb_http_text_ok(role) || strpbrk(role, "/?#% ")) {
        rc = aldb_diag_post(diag, ALDB_ST_08001, "%s: the AWS role's URL answered something else than the name of one role", a->base.who);
        goto out;
    }
    url = aldb_source_text("%s/%s", a->roles_url, role);
    if (url == NULL) {
        rc = aldb_diag_post(diag, ALDB_ST_HY001, NULL);
        goto out;
    }
    ALDB_TRY(ask(a, NULL, url, session, "the AWS role's credentials", call, &text, diag));
    ALDB_TRY(read_keys(a, text, k, diag));
out:
    aldb_free(role);
    aldb_free(url);
    aldb_free_secret(text);
    return rc;
}

static enum aldb_rc find_keys(const struct aws *a, const struct aldb_call *call, struct keys *k, struct aldb_diag *diag)
{
    char *session = NULL;
    if (!read_environment(k)) {
        return aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    }
    enum aldb_rc rc = ALDB_OK;
    if ((k->region == NULL || k->id == NULL) && a->session_url) {
        rc = ask(a, "PUT", a->session_url, NULL, "the AWS metadata session's URL", call, &session, diag);
    }
    if (rc == ALDB_OK && k->region == NULL) {
        rc = ask_region(a, session, call, k, diag);
    }
    if (rc == ALDB_OK && k->id == NULL) {
        rc = ask_keys(a, session, call, k, diag);
    }
    aldb_free_secret(session);
    return rc;
}

/* The URL with its {region}; NULL: out of memory. */
static char *verification_url(const struct aws *a, const char *region)
{
    struct aldb_buf b;
    aldb_buf_init(&b, ALDB_MAX_NAME);
    const char *at = a->verify_url, *mark;
    while ((mark = strstr(at, "{region}")) != NULL) {
        aldb_buf_add(&b, at, (size_t)(mark - at));
        aldb_buf_add_str(&b, region);
        at = mark + strlen("{region}");
    }
    aldb_buf_add_str(&b, at);
    return aldb_buf_take(&b);
}

static void add_pair(struct aldb_buf *b, const char *key, const char *value)
{
    aldb_buf_add_str(b, b->data[b->len - 1] == '[' ? "{\"key\":" : ",{\"key\":");
    aldb_json_add_string(b, aldb_slice_of(key));
    aldb_buf_add_str(b, ",\"value\":");
    aldb_json_add_string(b, aldb_slice_of(value));
    aldb_buf_add_char(b, '}');
}

/* The signed request as JSON: compact, keys in order. */
static bool write_request(const struct aws *a, const struct keys *k, const char *url, struct aldb_buf *json)
{
    char date[17];
    struct aldb_buf authorization;
    const char *host = strstr(url, "://");
    host = host ? host + 3 : url;
    size_t host_len = strcspn(host, "/?#");
    const char *path = host + host_len;
    size_t path_len = strcspn(path, "?#");
    const char *query = path[path_len] == '?' ? path + path_len + 1 : "";
    char *host_name = aldb_strndup(host, host_len);
    aldb_iso_basic_format(aldb_google_epoch(), date);
    struct aldb_sigv4_header headers[4] = {{"host", host_name}, {"x-amz-date", date}};
    size_t n = 2;
    if (k->token) {
        headers[n++] = (struct aldb_sigv4_header){"x-amz-security-token", k->token};
    }
    headers[n++] = (struct aldb_sigv4_header){"x-goog-cloud-target-resource", a->base.audience};
    struct aldb_sigv4 s = {.access_key_id = k->id, .secret_key = k->secret, .region = k->region, .service = "sts", .method = "POST", .date = date,
                           .path = aldb_slice(path, path_len), .query = aldb_slice(query, strcspn(query, "#")), .headers = headers, .nheaders = n};
    aldb_buf_init(&authorization, ALDB_MAX_NAME);
    bool ok = host_name && aldb_sigv4_sign(&s, &authorization);
    if (ok) {
        aldb_buf_add_str(json, "{\"headers\":[");
        add_pair(json, "Authorization", authorization.data);
        for (size_t i = 0; i < n; i++) {
            add_pair(json, headers[i].name, headers[i].value);
        }
        aldb_buf_add_str(json, "],\"method\":\"POST\",\"url\":");
        aldb_json_add_string(json, aldb_slice_of(url));
        aldb_buf_add_char(json, '}');
        ok = aldb_buf_ok(json);
    }
    aldb_buf_clear(&authorization);
    aldb_free(host_name);
    return ok;
}

static enum aldb_rc fetch(struct aldb_subject *s, const struct aldb_call *call, char **out, struct aldb_diag *diag)
{
    struct aws *a = (struct aws *)s;
    struct keys k = {0};
    struct aldb_buf json, token;
    char *url = NULL;
    enum aldb_rc rc;
    aldb_buf_init(&json, ALDB_MAX_CONNSTR);
    aldb_buf_init(&token, ALDB_MAX_CONNSTR);
    ALDB_TRY(find_keys(a, call, &k, diag));
    if (k.region[0] == '\0' || !aldb_universe_ok(k.region) || !aldb_http_text_ok(k.id) || (k.token && !aldb_http_text_ok(k.token))) {
        rc = aldb_diag_post(diag, ALDB_ST_28000, "%s: the AWS region or keys hold characters that they cannot have", s->who);
        goto out;
    }
    url = verification_url(a, k.region);
    bool made = url && aldb_buf_reserve(&json, 8192 + 2 * (k.token ? strlen(k.token) : 0)) && write_request(a, &k, url, &json) &&
                aldb_buf_reserve(&token, 3 * json.len);
    if (made) {
        aldb_percent_add(&token, aldb_buf_slice(&json));
        *out = aldb_buf_take(&token);
    }
    if (!made || *out == NULL) {
        rc = aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    }
out:
    aldb_buf_wipe(&json);
    aldb_buf_wipe(&token);
    aldb_free(url);
    keys_clear(&k);
    return rc;
}

static const struct aldb_subject_type aws_type = {.name = "aws", .fetch = fetch, .free = free_members};

enum aldb_rc aldb_subject_aws_parse(const struct aldb_json *j, const struct aldb_subject *base, const struct aldb_source_env *env, struct aldb_subject **out,
                                    struct aldb_diag *diag)
{
    struct aws *a = NULL;
    const char *version = NULL;
    (void)env;
    enum aldb_rc rc = aldb_subject_new(&aws_type, sizeof *a, base, &a, diag);
    if (rc == ALDB_ERR) {
        return rc;
    }
    ALDB_TRY(aldb_json_string(j, "environment_id", ALDB_JSON_REQUIRED, &version, diag));
    if (strcmp(version, "aws1") != 0) {
        rc = aldb_diag_post(diag, ALDB_ST_28000, "%s: the field \"credential_source.environment_id\" is \"%.40s\"; only aws1 is supported", j->source, version);
        goto out;
    }
    ALDB_TRY(aldb_source_take(j, "region_url", ALDB_JSON_OPTIONAL, &a->region_url, diag));
    ALDB_TRY(aldb_source_take(j, "url", ALDB_JSON_OPTIONAL, &a->roles_url, diag));
    ALDB_TRY(aldb_source_take(j, "imdsv2_session_token_url", ALDB_JSON_OPTIONAL, &a->session_url, diag));
    ALDB_TRY(aldb_source_take(j, "regional_cred_verification_url", ALDB_JSON_REQUIRED, &a->verify_url, diag));
    *out = &a->base;
out:
    if (rc == ALDB_ERR) {
        aldb_subject_free(&a->base);
    }
    return rc;
}
