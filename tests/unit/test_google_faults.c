/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every step of every kind of credentials, with every fault: the right state, within the time allowed, no crash when memory ends, and never a secret in a
 * message or in the log at its most talkative.
 */
#include "google_support.h"

#include "log/log.h"

/* All secrets have this in them; long ones look like tokens. */
#define MARK "s3cr3t"
#define LONG MARK "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJ"

static char *rsa_pem; /* as a JSON string's content */
static char pem_part[24];

/* One kind: its document, and the answers it asks for, in order. */
struct step {
    const char *method, *path, *body;
};
struct kind {
    const char *name;
    char json[8192];
    bool metadata;
    struct step steps[6];
};
static struct kind kinds[12];
static size_t nkinds;

#define TOKEN_OK "{\"access_token\":\"" LONG "\",\"expires_in\":3599,\"refresh_token\":\"" LONG "r\",\"id_token\":\"e30.eyJlbWFpbCI6ImFAYi5jIn0." LONG "\"}"
#define IAM_PATH "/x/" SA ":generateAccessToken"
#define IAM_OK "{\"accessToken\":\"" LONG "\",\"expireTime\":\"2999-01-01T00:00:00Z\"}"
#define EXTERNAL "\"type\":\"external_account\",\"audience\":\"//iam.googleapis.com/a\",\"subject_token_type\":\"t\",\"client_id\":\"c\",\"client_secret\":\"" LONG "\""

static void add_kind(const char *name, const struct step *steps, const char *fmt, ...) ALDB_PRINTF(3, 4);
static void add_kind(const char *name, const struct step *steps, const char *fmt, ...)
{
    struct kind *k = &kinds[nkinds++];
    va_list ap;
    va_start(ap, fmt);
    k->name = name;
    (void)vsnprintf(k->json, sizeof k->json, fmt, ap);
    va_end(ap);
    for (size_t i = 0; steps[i].path; i++) {
        k->steps[i] = steps[i];
    }
}

static void make_kinds(void)
{
    const char *u = server->url;
    static const struct step token[] = {{"POST", "/token", TOKEN_OK}, {0}};
    static const struct step impersonated[] = {{"POST", "/token", TOKEN_OK}, {"POST", IAM_PATH, IAM_OK}, {0}};
    static const struct step url[] = {{"GET", "/identity", "{\"f\":\"" LONG "\"}"}, {"POST", "/sts", TOKEN_OK}, {"POST", IAM_PATH, IAM_OK}, {0}};
    static const struct step aws[] = {{"PUT", "/session", LONG}, {"GET", "/zone", "eu-west-1a"}, {"GET", "/roles", "role"},
                                      {"GET", "/roles/role", "{\"AccessKeyId\":\"AK" LONG "\",\"SecretAccessKey\":\"" LONG "\",\"Token\":\"" LONG "\"}"},
                                      {"POST", "/sts", TOKEN_OK}, {0}};
    static const struct step sts[] = {{"POST", "/sts", TOKEN_OK}, {0}};
    static const struct step metadata[] = {{"GET", "/computeMetadata/v1/instance/service-accounts/default/token", TOKEN_OK}, {0}};
    add_kind("service_account", token, "{\"type\":\"service_account\",\"client_email\":\"" SA "\",\"private_key\":\"%s\",\"token_uri\":\"%s/token\"}", rsa_pem, u);
    add_kind("authorized_user", token, "{\"type\":\"authorized_user\",\"client_id\":\"i\",\"client_secret\":\"" LONG "\",\"refresh_token\":\"" LONG "\","
             "\"token_uri\":\"%s/token\"}", u);
    add_kind("external_account_authorized_user", token, "{\"type\":\"external_account_authorized_user\",\"client_id\":\"i\",\"client_secret\":\"" LONG "\","
             "\"refresh_token\":\"" LONG "\",\"token_url\":\"%s/token\"}", u);
    add_kind("impersonated_service_account", impersonated, "{\"type\":\"impersonated_service_account\",\"service_account_impersonation_url\":\"%s" IAM_PATH "\","
             "\"source_credentials\":{\"type\":\"authorized_user\",\"client_id\":\"i\",\"client_secret\":\"" LONG "\",\"refresh_token\":\"" LONG "\","
             "\"token_uri\":\"%s/token\"}}", u, u);
    add_kind("external_account url", url, "{" EXTERNAL ",\"token_url\":\"%s/sts\",\"service_account_impersonation_url\":\"%s" IAM_PATH "\",\"credential_source\":"
             "{\"url\":\"%s/identity?k=" LONG "\",\"headers\":{\"X-Key\":\"" LONG "\"},\"format\":{\"type\":\"json\",\"subject_token_field_name\":\"f\"}}}", u, u, u);
    add_kind("external_account aws", aws, "{" EXTERNAL ",\"token_url\":\"%s/sts\",\"credential_source\":{\"environment_id\":\"aws1\",\"region_url\":\"%s/zone\","
             "\"url\":\"%s/roles\",\"imdsv2_session_token_url\":\"%s/session\",\"regional_cred_verification_url\":\"https://sts.{region}.amazonaws.com?A=B\"}}",
             u, u, u, u);
    add_kind("external_account file", sts, "{" EXTERNAL ",\"token_url\":\"%s/sts\",\"credential_source\":{\"file\":\"%s\"}}", u, gt_write("subject", LONG));
    const char *helper = gt_write("helper", "#!/bin/sh\necho '{\"version\":1,\"success\":true,\"token_type\":\"urn:ietf:params:oauth:token-type:jwt\",\"id_token\":\""
                                  LONG "\"}'\n");
    (void)chmod(helper, 0700);
    add_kind("external_account executable", sts, "{" EXTERNAL ",\"token_url\":\"%s/sts\",\"credential_source\":{\"executable\":{\"command\":\"%s\"}}}", u, helper);
    add_kind("metadata", metadata, "%s", "");
    kinds[nkinds - 1].metadata = true;
}

static void check_secret(const char *what, const char *text)
{
    bool clean = text && strstr(text, MARK) == NULL && strstr(text, pem_part) == NULL;
    if (!clean) {
        (void)printf("\n  %s: a secret in: %s", what, text ? text : "(null)");
    }
    CU_ASSERT(clean);
}

/* Good answers for all steps, behind whatever was put there before. */
static void good_answers(const struct kind *k)
{
    for (size_t i = 0; k->steps[i].path; i++) {
        gt_answer(server, k->steps[i].method, k->steps[i].path, -1, 200, k->steps[i].body);
    }
}

/* Opens and asks once within `ms`. The state of what was said ("" for success); its text is checked for secrets. */
static const char *attempt(const struct kind *k, int64_t ms, const char *what)
{
    static char state[6];
    struct aldb_credentials *c = NULL;
    struct aldb_token t = {0};
    struct aldb_call call = gt_call(ms);
    struct aldb_credentials_options o = {.CredentialsJson = {k->metadata ? NULL : (char *)k->json}, .UniverseDomain = "googleapis.com"};
    enum aldb_rc rc = aldb_credentials_open(&o, &call, &c, &diag);
    if (rc == ALDB_OK) {
        rc = aldb_credentials_token(c, ALDB_TOKEN_API, &call, &t, &diag);
    }
    CU_ASSERT_EQUAL(rc == ALDB_OK, t.value.value != NULL);
    CU_ASSERT_EQUAL(rc == ALDB_OK, aldb_diag_count(&diag) == 0);
    const struct aldb_diag_record *r = aldb_diag_get(&diag, 1);
    (void)aldb_copy(state, sizeof state, aldb_slice_of(r ? r->state : ""));
    for (size_t i = 1; (r = aldb_diag_get(&diag, i)) != NULL; i++) {
        check_secret(what, aldb_diag_message(r));
        if (getenv("ALDB_TEST_SHOW")) {
            (void)printf("\n    %s: %s %s", what, r->state, aldb_diag_message(r));
        }
    }
    aldb_diag_reset(&diag);
    aldb_token_clear(&t);
    aldb_credentials_unref(c);
    return state;
}

#define ECHO "{\"error\":\"invalid_grant\",\"error_description\":\"You sent " LONG "\"}"
#define API_ECHO "{\"error\":{\"code\":403,\"status\":\"PERMISSION_DENIED\",\"message\":\"Bearer ya29." LONG " may not\"}}"
#define HTML "<html>" LONG "</html>"

static const struct {
    const char *name;
    int status;
    enum gt_fault fault;
    const char *type, *body;
    const char *state;
} faults[] = {
    {"closed", 0, GT_CLOSE, NULL, "", "08001"},
    {"hangs", 0, GT_HANG, NULL, "", "HYT00"},
    {"no HTTP", 0, GT_GARBAGE, NULL, "", "08001"},
    {"cut", 200, GT_TRUNCATE, "application/json", TOKEN_OK, "08001"},
    {"400 JSON", 400, GT_ANSWER, "application/json", ECHO, "28000"},
    {"401 JSON", 401, GT_ANSWER, "application/json; charset=utf-8", API_ECHO, "28000"},
    {"403 JSON", 403, GT_ANSWER, "application/json", API_ECHO, "28000"},
    {"404 JSON", 404, GT_ANSWER, "application/json", API_ECHO, "08001"},
    {"429 JSON", 429, GT_ANSWER, "application/json", API_ECHO, "08001"},
    {"500 JSON", 500, GT_ANSWER, "application/json", ECHO, "08001"},
    {"503 JSON", 503, GT_ANSWER, "application/json", API_ECHO, "08001"},
    {"400 HTML", 400, GT_ANSWER, "text/html", HTML, "28000"},
    {"403 HTML", 403, GT_ANSWER, "text/html; x=" LONG, HTML, "28000"},
    {"404 HTML", 404, GT_ANSWER, "text/html", HTML, "08001"},
    {"502 HTML", 502, GT_ANSWER, "text/html", HTML, "08001"},
    {"503 empty", 503, GT_ANSWER, NULL, "", "08001"},
    {"400 broken JSON", 400, GT_ANSWER, "application/json", "{\"error\":\"" LONG, "28000"},
    {"400 odd JSON", 400, GT_ANSWER, "application/json", "{\"error\":[\"" LONG "\"]}", "28000"},
    {"302", 302, GT_ANSWER, NULL, "", "08001"},
    {"204", 204, GT_ANSWER, NULL, "", "08001"},
};

static void test_every_fault(void)
{
    char what[128];
    for (size_t k = 0; k < nkinds; k++) {
        for (size_t s = 0; kinds[k].steps[s].path; s++) {
            for (size_t f = 0; f < ALDB_COUNT(faults); f++) {
                gt_forget(server);
                struct gt_route *r = gt_answer(server, kinds[k].steps[s].method, kinds[k].steps[s].path, -1, faults[f].status, faults[f].body);
                r->fault = faults[f].fault;
                r->type = faults[f].type;
                good_answers(&kinds[k]);
                (void)snprintf(what, sizeof what, "%s, step %zu, %s", kinds[k].name, s, faults[f].name);
                int64_t began = aldb_now_ms();
                /* So little time that no request is tried again; where even that was not there, on a busy machine, all of them may be. */
                const char *state = attempt(&kinds[k], 700, what);
                if (strcmp(state, "HYT00") == 0 && strcmp(faults[f].state, state) != 0) {
                    state = attempt(&kinds[k], 60000, what);
                }
                int64_t took = aldb_now_ms() - began;
                if (strcmp(state, faults[f].state) != 0 || took > 50000) {
                    (void)printf("\n  %s: state \"%s\", not %s, in %lld ms", what, state, faults[f].state, (long long)took);
                    CU_FAIL("another state, or too late");
                }
            }
        }
        gt_forget(server);
        good_answers(&kinds[k]);
        GT_TEXT(attempt(&kinds[k], 60000, kinds[k].name), "");
    }
}

/* Answers with status 200 that make no sense, at the last step. */
static void test_nonsense(void)
{
    static const struct {
        const char *token, *iam; /* for token endpoints and for generateAccessToken */
    } cases[] = {
        {"", ""},
        {"null", "null"},
        {"[]", "[]"},
        {"{\"access_token\":\"" LONG, "{\"accessToken\":\"" LONG},
        {"{\"access_token\":5,\"expires_in\":3600}", "{\"accessToken\":5,\"expireTime\":\"2999-01-01T00:00:00Z\"}"},
        {"{\"access_token\":\"\",\"expires_in\":3600}", "{\"accessToken\":\"\",\"expireTime\":\"2999-01-01T00:00:00Z\"}"},
        {"{\"access_token\":\"a\\nX: " LONG "\",\"expires_in\":3600}", "{\"accessToken\":\"a\\nX: " LONG "\",\"expireTime\":\"2999-01-01T00:00:00Z\"}"},
        {"{\"access_token\":\"" LONG "\",\"expires_in\":\"soon\"}", "{\"accessToken\":\"" LONG "\",\"expireTime\":\"soon\"}"},
        {"{\"access_token\":\"" LONG "\",\"expires_in\":{}}", "{\"accessToken\":\"" LONG "\",\"expireTime\":{}}"},
        {"{\"access_token\":\"" LONG "\",\"expires_in\":0}", "{\"accessToken\":\"" LONG "\",\"expireTime\":\"2001-01-01T00:00:00Z\"}"},
        {"{\"access_token\":\"" LONG "\",\"expires_in\":-60}", "{\"accessToken\":\"" LONG "\"}"},
        {"{\"access_token\":{\"" LONG "\":1}}", "{\"accessToken\":[\"" LONG "\"]}"},
        {"{\"access_token\":\"a\",\"access_token\":\"b\",\"expires_in\":5}", "{\"accessToken\":\"a\",\"accessToken\":\"b\"}"},
        {"{\"access_token\":\"\\ud800\",\"expires_in\":5}", "{\"accessToken\":\"\\ud800\"}"},
    };
    char *huge = malloc((2u << 20) + 1);
    memset(huge, '{', 2u << 20);
    huge[2u << 20] = '\0';
    for (size_t k = 0; k < nkinds; k++) {
        size_t last = 0;
        while (kinds[k].steps[last + 1].path) {
            last++;
        }
        bool iam = strstr(kinds[k].steps[last].path, "generateAccessToken") != NULL;
        for (size_t i = 0; i <= ALDB_COUNT(cases); i++) {
            gt_forget(server);
            gt_answer(server, kinds[k].steps[last].method, kinds[k].steps[last].path, -1, 200,
                      i == ALDB_COUNT(cases) ? huge : iam ? cases[i].iam : cases[i].token);
            good_answers(&kinds[k]);
            const char *state = attempt(&kinds[k], 60000, kinds[k].name);
            if (strcmp(state, "08001") != 0) {
                (void)printf("\n  %s, case %zu: state \"%s\"", kinds[k].name, i, state);
                CU_FAIL("another state");
            }
        }
    }
    free(huge);
}

/* Memory may end at any allocation: an error that says so, and nothing lost (the sanitizers look). */
static void test_no_memory(void)
{
    if (aldb_alloc_count() == 0) {
        (void)printf("(not a debug build) ");
        return;
    }
    for (size_t k = 0; k < nkinds; k++) {
        gt_forget(server);
        good_answers(&kinds[k]);
        int64_t n = 0;
        const char *state;
        do {
            aldb_alloc_fail_after(n++);
            state = attempt(&kinds[k], 20000, kinds[k].name);
            aldb_alloc_fail_after(-1);
            if (state[0] && strcmp(state, "HY001") != 0) {
                (void)printf("\n  %s, allocation %lld: %s", kinds[k].name, (long long)n - 1, state);
                CU_FAIL("another state");
            }
        } while (state[0] && n < 5000);
        CU_ASSERT_TRUE(n > 10 && n < 5000);
        if (server->nworkers > GT_REQUESTS - 100 || gt_count(server) > GT_REQUESTS - 50) {
            gt_stop(server);
            CU_FAIL("the test server has no room left");
        }
    }
}

/* Last: all that was done above is in the log. */
static void test_log(void)
{
    char *log = gt_read(gt_path("driver.log"));
    CU_ASSERT_PTR_NOT_NULL_FATAL(log);
    CU_ASSERT_PTR_NOT_NULL(strstr(log, "POST http://127.0.0.1:"));
    CU_ASSERT_PTR_NOT_NULL(strstr(log, "GET http://127.0.0.1:"));
    CU_ASSERT_PTR_NOT_NULL(strstr(log, "type service_account"));
    check_secret("the log", strstr(log, MARK) ? strstr(log, MARK) : strstr(log, pem_part) ? "key" MARK : "");
    aldb_free(log);
}

/* A file with a key that others may read is used, and warned of. */
static void test_readable_key(void)
{
    struct aldb_credentials *c = NULL;
    struct aldb_call call = gt_call(30000);
    struct aldb_credentials_options o = {.CredentialsFile = gt_write("open.json", kinds[1].json)};
    (void)chmod(o.CredentialsFile, 0644);
    CU_ASSERT_EQUAL(aldb_credentials_open(&o, &call, &c, &diag), ALDB_OK);
    CU_ASSERT_EQUAL(aldb_diag_count(&diag), 0);
    aldb_credentials_unref(c);
    char *log = gt_read(gt_path("driver.log"));
    CU_ASSERT_PTR_NOT_NULL(log ? strstr(log, "open.json\" holds secrets and may be read by others than its owner (mode 644); chmod 600 it") : NULL);
    aldb_free(log);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"every fault at every step", test_every_fault},
        {"answers without sense", test_nonsense},
        {"no memory", test_no_memory},
        {"a key that others may read", test_readable_key},
        {"no secret in the log", test_log},
        CU_TEST_INFO_NULL,
    };
    gt_begin();
    server = gt_start(false);
    char *pem = gt_pem_of(gt_rsa);
    (void)aldb_copy(pem_part, sizeof pem_part, aldb_slice(pem + 400, 20));
    free(pem);
    rsa_pem = gt_json_pem_of(gt_rsa);
    use_metadata();
    (void)setenv("GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES", "1", 1);
    make_kinds();
    struct aldb_log_config log = {.level = ALDB_LOG_TRACE, .components = ALDB_LOG_ALL, .path = gt_path("driver.log"), .query_text = true, .parameters = true};
    aldb_log_configure(&log);
    int rc = gt_run("google/faults", tests);
    gt_stop(server);
    free(rsa_pem);
    return rc;
}
