/* SPDX-License-Identifier: Apache-2.0 */
/* External accounts, each of their sources: the subject token, the exchange at the Security Token Service, and what goes wrong on the way. */
#include "google_support.h"

#define STS_GRANT "urn:ietf:params:oauth:grant-type:token-exchange"

/* ------------------------------------------------------------------ external_account */

#define WIF "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/pool/providers/p"

static const char *external(const char *source, const char *more)
{
    return document("{\"type\":\"external_account\",\"audience\":\"" WIF "\",\"subject_token_type\":\"urn:ietf:params:oauth:token-type:jwt\","
                    "\"token_url\":\"%s/v1/token\",\"credential_source\":{%s}%s}", server->url, source, more);
}

static void sts_answers(void)
{
    gt_answer(server, "POST", "/v1/token", -1, 200,
              "{\"access_token\":\"federated\",\"issued_token_type\":\"urn:ietf:params:oauth:token-type:access_token\",\"token_type\":\"Bearer\",\"expires_in\":3600}");
}

static void check_sts(const struct gt_request *r, const char *subject, const char *scope, int line)
{
    gt_check_field(r, "grant_type", STS_GRANT, line);
    gt_check_field(r, "audience", WIF, line);
    gt_check_field(r, "scope", scope, line);
    gt_check_field(r, "requested_token_type", "urn:ietf:params:oauth:token-type:access_token", line);
    gt_check_field(r, "subject_token", subject, line);
    gt_check_field(r, "subject_token_type", "urn:ietf:params:oauth:token-type:jwt", line);
}

static void test_external_file(void)
{
    char source[512];
    gt_forget(server);
    sts_answers();
    const char *path = gt_write("subject.jwt", "the subject\n"); /* taken whole */
    (void)snprintf(source, sizeof source, "\"file\":\"%s\"", path);
    struct aldb_credentials *c = open_json(external(source, ""));
    CU_ASSERT_PTR_NOT_NULL_FATAL(c);
    GT_TEXT(token(c, ALDB_TOKEN_API), "federated");
    GT_TEXT(token(c, ALDB_TOKEN_LOGIN), "federated");
    CU_ASSERT_EQUAL(gt_count(server), 2);
    check_sts(gt_request(server, 0), "the subject\n", SCOPE_API, __LINE__);
    check_sts(gt_request(server, 1), "the subject\n", SCOPE_LOGIN, __LINE__);
    GT_HEADER(gt_request(server, 0), "Authorization", NULL);
    GT_FIELD(gt_request(server, 0), "options", NULL);
    PRINCIPAL(c, NULL);
    aldb_credentials_unref(c);

    gt_write("subject.json", "{\"access_token\":\"from json\"}");
    (void)snprintf(source, sizeof source, "\"file\":\"%s\",\"format\":{\"type\":\"json\",\"subject_token_field_name\":\"access_token\"}", gt_path("subject.json"));
    c = open_json(external(source, ",\"client_id\":\"cid\",\"client_secret\":\"cs\""));
    GT_TEXT(token(c, ALDB_TOKEN_API), "federated");
    check_sts(gt_request(server, 2), "from json", SCOPE_API, __LINE__);
    GT_HEADER(gt_request(server, 2), "Authorization", "Basic Y2lkOmNz");
    /* Read anew each time. */
    REJECT(c, ALDB_TOKEN_API);
    gt_write("subject.json", "{\"token\":\"x\"}");
    CU_ASSERT_PTR_NULL(token(c, ALDB_TOKEN_API));
    GT_SAID(&diag, "28000", "the subject token's file", "the field \"access_token\" is missing");
    gt_write("subject.json", "");
    CU_ASSERT_PTR_NULL(token(c, ALDB_TOKEN_API));
    GT_SAID(&diag, "28000", "not valid JSON");
    (void)unlink(gt_path("subject.json"));
    CU_ASSERT_PTR_NULL(token(c, ALDB_TOKEN_API));
    GT_SAID(&diag, "28000", "subject.json\" was not found");
    aldb_credentials_unref(c);

    /* Workforce pools may name a project to bill. */
    gt_forget(server);
    sts_answers();
    (void)snprintf(source, sizeof source, "{\"file\":\"%s\"}", path);
    c = open_json(document("{\"type\":\"external_account\",\"audience\":\"//iam.googleapis.com/locations/global/workforcePools/w/providers/p\",\"subject_token_type\":"
                           "\"t\",\"token_url\":\"%s/v1/token\",\"workforce_pool_user_project\":\"12\",\"credential_source\":%s}", server->url, source));
    GT_TEXT(token(c, ALDB_TOKEN_API), "federated");
    GT_FIELD(gt_request(server, 0), "options", "{\"userProject\":\"12\"}");
    aldb_credentials_unref(c);
    (void)snprintf(source, sizeof source, "\"file\":\"%s\"", path);
    CU_ASSERT_PTR_NULL(open_json(external(source, ",\"workforce_pool_user_project\":\"12\"")));
    GT_SAID(&diag, "28000", "\"workforce_pool_user_project\" is for workforce pools");

    gt_forget(server);
    gt_answer(server, "POST", "/v1/token", -1, 400, "{\"error\":\"invalid_target\",\"error_description\":\"The target service indicated by the \\\"audience\\\" is invalid.\"}");
    c = open_json(external(source, ""));
    CU_ASSERT_PTR_NULL(token(c, ALDB_TOKEN_API));
    GT_SAID(&diag, "28000", "/v1/token refused: invalid_target: The target service", "Check \"audience\"");
    aldb_credentials_unref(c);
}

static void test_external_url(void)
{
    char source[512];
    gt_forget(server);
    sts_answers();
    gt_answer(server, "GET", "/identity", 1, 200, "{\"value\":\"azure token\"}");
    gt_answer(server, "GET", "/identity", -1, 400, "{\"error\":\"invalid_request\"}");
    (void)snprintf(source, sizeof source, "\"url\":\"%s/identity?sig=secret\",\"headers\":{\"Metadata\":\"True\",\"X-Other\":\"y\"},\"format\":{\"type\":\"json\","
                   "\"subject_token_field_name\":\"value\"}", server->url);
    struct aldb_credentials *c = open_json(external(source, ""));
    CU_ASSERT_PTR_NOT_NULL_FATAL(c);
    GT_TEXT(token(c, ALDB_TOKEN_API), "federated");
    GT_TEXT(gt_request(server, 0)->target, "/identity?sig=secret");
    GT_HEADER(gt_request(server, 0), "Metadata", "True");
    GT_HEADER(gt_request(server, 0), "X-Other", "y");
    check_sts(gt_request(server, 1), "azure token", SCOPE_API, __LINE__);
    CU_ASSERT_PTR_NULL(token(c, ALDB_TOKEN_LOGIN));
    const struct aldb_diag_record *r = aldb_diag_get(&diag, 1);
    CU_ASSERT_PTR_NULL(strstr(r ? aldb_diag_message(r) : "secret", "secret"));
    GT_SAID(&diag, "28000", "the subject token's URL http://127.0.0.1:", "/identity refused: invalid_request (HTTP 400). Check \"url\"");
    aldb_credentials_unref(c);
    static const struct {
        const char *source, *said;
    } bad[] = {
        {"\"url\":\"http://h/\",\"headers\":{\"A\":1}", "headers\" must be an object of strings"},
        {"\"url\":\"http://h/\",\"headers\":{\"A\":\"x\\r\\nB: y\"}", "has a name or value that is no HTTP header"},
        {"\"url\":\"http://h/\",\"headers\":{\"A B\":\"x\"}", "has a name or value that is no HTTP header"},
        {"\"url\":\"http://h/\",\"headers\":[\"x\"]", "has a name or value that is no HTTP header"},
        {"\"url\":\"http://h/\",\"format\":{\"type\":\"xml\"}", "\"credential_source.format.type\" is \"xml\""},
        {"\"url\":\"http://h/\",\"format\":{\"type\":\"json\"}", "\"credential_source.format.subject_token_field_name\" is missing"},
        {"\"url\":5", "\"credential_source.url\" must be a string, not a number"},
        {"", "has none of \"file\", \"url\""},
        {"\"file\":\"/f\",\"url\":\"http://h\"", "has both \"file\" and \"url\""},
        {"\"file\":\"/f\",\"executable\":{\"command\":\"x\"}", "has both \"file\" and \"executable\""},
        {"\"environment_id\":\"aws2\",\"regional_cred_verification_url\":\"x\"", "only aws1 is supported"},
        {"\"environment_id\":\"aws1\"", "\"credential_source.regional_cred_verification_url\" is missing"},
        {"\"executable\":{}", "\"credential_source.executable.command\" is missing"},
        {"\"executable\":{\"command\":\"  \"}", "is no command"},
        {"\"executable\":{\"command\":\"a 'b\"}", "is no command"},
        {"\"executable\":{\"command\":\"a\",\"timeout_millis\":4999}", "\"credential_source.executable.timeout_millis\" is 4999; it can be 5000 to 120000"},
        {"\"certificate\":{}", "must have either \"certificate_config_location\" or"},
        {"\"certificate\":{\"use_default_certificate_config\":true,\"certificate_config_location\":\"x\"}", "must have either"},
        {"\"certificate\":{\"certificate_config_location\":\"/nonexistent/c.json\"}", "\"/nonexistent/c.json\" was not found"},
    };
    for (size_t i = 0; i < ALDB_COUNT(bad); i++) {
        CU_ASSERT_PTR_NULL(open_json(external(bad[i].source, "")));
        gt_check_said(&diag, (int)i, "28000", bad[i].said, (const char *)NULL);
    }
}

static void test_external_impersonation(void)
{
    char source[256], more[512];
    gt_forget(server);
    sts_answers();
    gt_answer(server, "POST", "/" SA ":generateAccessToken", -1, 200, "{\"accessToken\":\"as-sa\",\"expireTime\":\"2999-01-01T00:00:00Z\"}");
    (void)snprintf(source, sizeof source, "\"file\":\"%s\"", gt_write("s", "sub"));
    (void)snprintf(more, sizeof more, ",\"service_account_impersonation_url\":\"%s/" SA ":generateAccessToken\",\"service_account_impersonation\":"
                   "{\"token_lifetime_seconds\":2800}", server->url);
    struct aldb_credentials *c = open_json(external(source, more));
    CU_ASSERT_PTR_NOT_NULL_FATAL(c);
    PRINCIPAL(c, SA);
    GT_TEXT(token(c, ALDB_TOKEN_LOGIN), "as-sa");
    GT_TEXT(token(c, ALDB_TOKEN_API), "as-sa");
    CU_ASSERT_EQUAL(gt_count(server), 3);
    check_sts(gt_request(server, 0), "sub", SCOPE_API, __LINE__);
    GT_HEADER(gt_request(server, 1), "Authorization", "Bearer federated");
    GT_TEXT(gt_request(server, 1)->body, "{\"delegates\":[],\"scope\":[\"" SCOPE_LOGIN "\"],\"lifetime\":\"2800s\"}");
    aldb_credentials_unref(c);
    (void)snprintf(more, sizeof more, ",\"service_account_impersonation_url\":\"%s/" SA ":generateAccessToken\",\"service_account_impersonation\":"
                   "{\"token_lifetime_seconds\":599}", server->url);
    CU_ASSERT_PTR_NULL(open_json(external(source, more)));
    GT_SAID(&diag, "28000", "token_lifetime_seconds\" is 599; it can be 600 to 43200");
}

/* ------------------------------------------------------------------ AWS */

/* The subject token's parts: JSON, whose headers are put into `headers` as "key=value\n…". */
static void read_aws(const char *encoded, char *headers, size_t size, char *url, size_t url_size)
{
    char *form = malloc(strlen(encoded) + 8);
    (void)sprintf(form, "x=%s", encoded);
    char *json = gt_field(form, "x");
    headers[0] = '\0';
    url[0] = '\0';
    for (const char *p = json; p && (p = strstr(p, "{\"key\":\"")) != NULL;) {
        char key[64], value[1024];
        p += 8;
        if (sscanf(p, "%63[^\"]\",\"value\":\"%1023[^\"]\"}", key, value) == 2) {
            size_t len = strlen(headers);
            (void)snprintf(headers + len, size - len, "%s=%s\n", key, value);
        }
    }
    const char *u = json ? strstr(json, "\"method\":\"POST\",\"url\":\"") : NULL;
    if (u) {
        (void)aldb_copy(url, url_size, aldb_slice(u + 23, strcspn(u + 23, "\"")));
    }
    free(json);
    free(form);
}

static void check_aws(const struct gt_request *r, bool session, const char *region, int line)
{
    char headers[4096], url[512], expected[512];
    char *subject = gt_field(r->body, "subject_token");
    read_aws(subject ? subject : "", headers, sizeof headers, url, sizeof url);
    free(subject);
    (void)snprintf(expected, sizeof expected, "https://sts.%s.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15", region);
    gt_check_text(url, expected, line);
    (void)snprintf(expected, sizeof expected, "host=sts.%s.amazonaws.com\n", region);
    CU_ASSERT_PTR_NOT_NULL(strstr(headers, expected));
    CU_ASSERT_PTR_NOT_NULL(strstr(headers, "x-goog-cloud-target-resource=" WIF "\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(headers, "\nx-amz-date="));
    CU_ASSERT_EQUAL(strstr(headers, "x-amz-security-token=session token\n") != NULL, session);
    (void)snprintf(expected, sizeof expected, "/%s/sts/aws4_request, SignedHeaders=host;x-amz-date;%sx-goog-cloud-target-resource, Signature=", region,
                   session ? "x-amz-security-token;" : "");
    CU_ASSERT_EQUAL(strncmp(headers, "Authorization=AWS4-HMAC-SHA256 Credential=AKID/", 47), 0);
    if (strstr(headers, expected) == NULL) {
        (void)printf("\n  line %d: %s", line, headers);
    }
    CU_ASSERT_PTR_NOT_NULL(strstr(headers, expected));
}

static void test_aws(void)
{
    char source[1024];
    (void)snprintf(source, sizeof source, "\"environment_id\":\"aws1\",\"region_url\":\"%s/zone\",\"url\":\"%s/roles\",\"imdsv2_session_token_url\":\"%s/session\","
                   "\"regional_cred_verification_url\":\"https://sts.{region}.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15\"", server->url, server->url,
                   server->url);
    gt_forget(server);
    sts_answers();
    gt_answer(server, "PUT", "/session", -1, 200, "imds-session");
    gt_answer(server, "GET", "/zone", -1, 200, "eu-west-3b\n");
    gt_answer(server, "GET", "/roles", -1, 200, "my-role");
    gt_answer(server, "GET", "/roles/my-role", -1, 200, "{\"AccessKeyId\":\"AKID\",\"SecretAccessKey\":\"s/e+c\",\"Token\":\"session token\",\"Code\":\"Success\"}");
    struct aldb_credentials *c = open_json(external(source, ""));
    CU_ASSERT_PTR_NOT_NULL_FATAL(c);
    GT_TEXT(token(c, ALDB_TOKEN_API), "federated");
    CU_ASSERT_EQUAL(gt_count(server), 5);
    GT_HEADER(gt_request(server, 0), "X-aws-ec2-metadata-token-ttl-seconds", "300");
    for (size_t i = 1; i < 4; i++) {
        GT_HEADER(gt_request(server, i), "X-aws-ec2-metadata-token", "imds-session");
    }
    check_aws(gt_request(server, 4), true, "eu-west-3", __LINE__);
    aldb_credentials_unref(c);

    /* The environment comes first, and then nobody is asked. */
    gt_forget(server);
    sts_answers();
    (void)setenv("AWS_DEFAULT_REGION", "us-east-1", 1);
    (void)setenv("AWS_ACCESS_KEY_ID", "AKID", 1);
    (void)setenv("AWS_SECRET_ACCESS_KEY", "secret", 1);
    c = open_json(external(source, ""));
    GT_TEXT(token(c, ALDB_TOKEN_API), "federated");
    CU_ASSERT_EQUAL(gt_count(server), 1);
    check_aws(gt_request(server, 0), false, "us-east-1", __LINE__);
    (void)setenv("AWS_REGION", "ap-south-1", 1);
    (void)setenv("AWS_SESSION_TOKEN", "session token", 1);
    GT_TEXT(token(c, ALDB_TOKEN_LOGIN), "federated");
    check_aws(gt_request(server, 1), true, "ap-south-1", __LINE__);
    aldb_credentials_unref(c);
    gt_clean_environment();

    /* Each step's fault has its words. */
    static const struct {
        const char *method, *path;
        int status;
        const char *body, *state, *said;
    } bad[] = {
        {"PUT", "/session", 403, "", "28000", "the AWS metadata session's URL refused: HTTP 403 without an explanation. Does this process run on EC2"},
        {"GET", "/zone", 404, "nope", "08001", "the AWS region's URL failed: HTTP 404 with 4 bytes"},
        {"GET", "/zone", 200, "", "08001", "the AWS region's URL answered nothing"},
        {"GET", "/roles", 404, "", "08001", "the AWS role's URL failed"},
        {"GET", "/roles", 200, "a/../b", "08001", "something else than the name of one role"},
        {"GET", "/roles/my-role", 200, "{\"AccessKeyId\":\"AKID\"}", "08001", "the AWS role's credentials: the field \"SecretAccessKey\" is missing"},
        {"GET", "/roles/my-role", 200, "<xml>", "08001", "the AWS role's credentials: it is not valid JSON"},
        {"GET", "/zone", 200, "x/evil.example/b", "28000", "the AWS region or keys hold characters"},
    };
    for (size_t i = 0; i < ALDB_COUNT(bad); i++) {
        gt_forget(server);
        gt_answer(server, bad[i].method, bad[i].path, -1, bad[i].status, bad[i].body);
        sts_answers();
        gt_answer(server, "PUT", "/session", -1, 200, "imds-session");
        gt_answer(server, "GET", "/zone", -1, 200, "eu-west-3b");
        gt_answer(server, "GET", "/roles", -1, 200, "my-role");
        gt_answer(server, "GET", "/roles/my-role", -1, 200, "{\"AccessKeyId\":\"AKID\",\"SecretAccessKey\":\"s\",\"Token\":\"t\"}");
        c = open_json(external(source, ""));
        CU_ASSERT_PTR_NULL(token(c, ALDB_TOKEN_API));
        gt_check_said(&diag, (int)i, bad[i].state, bad[i].said, (const char *)NULL);
        aldb_credentials_unref(c);
    }
    c = open_json(external("\"environment_id\":\"aws1\",\"regional_cred_verification_url\":\"https://x\"", ""));
    CU_ASSERT_PTR_NULL(token(c, ALDB_TOKEN_API));
    GT_SAID(&diag, "28000", "the AWS region is not known: set AWS_REGION");
    (void)setenv("AWS_REGION", "r", 1);
    CU_ASSERT_PTR_NULL(token(c, ALDB_TOKEN_API));
    GT_SAID(&diag, "28000", "no AWS keys: set AWS_ACCESS_KEY_ID");
    aldb_credentials_unref(c);
    gt_clean_environment();
}

/* ------------------------------------------------------------------ executable */

static const char *helper(const char *script)
{
    const char *path = gt_write("helper.sh", script);
    (void)chmod(path, 0700);
    return path;
}

/* Stops the call when the helper has written what it has to. */
static void *stop_the_helper(void *ctx)
{
    struct stat st;
    while (stat(gt_path("pid"), &st) != 0 || st.st_size == 0) {
        (void)usleep(1000);
    }
    return gt_stop_soon(ctx);
}

static void test_executable(void)
{
    char source[1024];
    const char *output = gt_path("output.json");
    (void)snprintf(source, sizeof source, "\"executable\":{\"command\":\"%s 'an argument' b\",\"timeout_millis\":5000,\"output_file\":\"%s\"}", gt_path("helper.sh"), output);
    gt_forget(server);
    sts_answers();
    helper("#!/bin/sh\n{ echo \"$#|$1|$2\"; env | grep ^GOOGLE_EXTERNAL | sort; ls /proc/self/fd | wc -l; cat; } > $(dirname $0)/seen\n"
           "echo '{\"version\":1,\"success\":true,\"token_type\":\"urn:ietf:params:oauth:token-type:jwt\",\"id_token\":\"exec-token\",\"expiration_time\":4102444800}'\n");
    struct aldb_credentials *c = open_json(external(source, ""));
    CU_ASSERT_PTR_NOT_NULL_FATAL(c);
    CU_ASSERT_PTR_NULL(token(c, ALDB_TOKEN_API));
    GT_SAID(&diag, "28000", "set the environment variable GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES=1");
    CU_ASSERT_NOT_EQUAL(access(gt_path("seen"), F_OK), 0);
    (void)setenv("GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES", "1", 1);
    (void)setenv("GOOGLE_EXTERNAL_ACCOUNT_REVOKE", "1", 1); /* of somebody else: replaced */
    GT_TEXT(token(c, ALDB_TOKEN_API), "federated");
    check_sts(gt_request(server, 0), "exec-token", SCOPE_API, __LINE__);
    char *seen = gt_read(gt_path("seen"));
    char expected[1024];
    (void)snprintf(expected, sizeof expected, "2|an argument|b\nGOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES=1\nGOOGLE_EXTERNAL_ACCOUNT_AUDIENCE=" WIF "\n"
                   "GOOGLE_EXTERNAL_ACCOUNT_ID=\nGOOGLE_EXTERNAL_ACCOUNT_INTERACTIVE=0\nGOOGLE_EXTERNAL_ACCOUNT_OUTPUT_FILE=%s\nGOOGLE_EXTERNAL_ACCOUNT_REVOKE=0\n"
                   "GOOGLE_EXTERNAL_ACCOUNT_TOKEN_TYPE=urn:ietf:params:oauth:token-type:jwt\n4\n", output);
    GT_TEXT(seen, expected); /* four descriptors: three, and the directory that ls reads */
    aldb_free(seen);
    (void)unsetenv("GOOGLE_EXTERNAL_ACCOUNT_REVOKE");

    /* The output file first, as long as it holds. */
    (void)unlink(gt_path("seen"));
    gt_write("output.json", "{\"version\":1,\"success\":true,\"token_type\":\"urn:ietf:params:oauth:token-type:saml2\",\"saml_response\":\"kept\",\"expiration_time\":4102444800}");
    GT_TEXT(token(c, ALDB_TOKEN_LOGIN), "federated");
    check_sts(gt_request(server, 1), "kept", SCOPE_LOGIN, __LINE__);
    CU_ASSERT_NOT_EQUAL(access(gt_path("seen"), F_OK), 0);
    static const char *const stale[] = {
        "", "{", "{\"version\":1,\"success\":true,\"token_type\":\"urn:ietf:params:oauth:token-type:jwt\",\"id_token\":\"old\",\"expiration_time\":1}",
        "{\"version\":1,\"success\":true,\"token_type\":\"urn:ietf:params:oauth:token-type:jwt\",\"id_token\":\"old\"}",
        "{\"version\":1,\"success\":false,\"code\":\"1\",\"message\":\"m\"}"};
    for (size_t i = 0; i < ALDB_COUNT(stale); i++) {
        gt_write("output.json", stale[i]);
        REJECT(c, ALDB_TOKEN_API);
        GT_TEXT(token(c, ALDB_TOKEN_API), "federated");
        check_sts(gt_request(server, 2 + i), "exec-token", SCOPE_API, __LINE__);
    }
    aldb_credentials_unref(c);
    (void)unlink(output);

    const struct {
        const char *script, *state, *said;
    } bad[] = {
        {"#!/bin/sh\necho out-secret; echo 'no login' >&2; exit 3\n", "28000", "Executable exited with non-zero return code 3. Error: no login"},
        {"#!/bin/sh\nkill -9 $$\n", "28000", "non-zero return code 137"},
        {NULL, "28000", gt_valgrind() ? "non-zero return code 127" : "cannot be started: No such file"}, /* whose vfork() cannot tell */
        {"#!/bin/sh\necho '{\"version\":1,\"success\":false,\"code\":\"401\",\"message\":\"Caller not authorized.\"}'\n", "28000",
         "Executable returned unsuccessful response: code: 401, message: Caller not authorized."},
        {"#!/bin/sh\necho '{\"version\":2,\"success\":true}'\n", "28000", "it is of version 2; up to 1 is supported"},
        {"#!/bin/sh\necho '{\"success\":true}'\n", "28000", "\"version\" is missing"},
        {"#!/bin/sh\necho '{\"version\":1,\"success\":\"yes\"}'\n", "28000", "\"success\" must be true or false"},
        {"#!/bin/sh\necho '{\"version\":1,\"success\":true,\"expiration_time\":4102444800,\"token_type\":\"x\"}'\n", "28000", "\"token_type\" is none of"},
        {"#!/bin/sh\necho '{\"version\":1,\"success\":true,\"expiration_time\":5,\"token_type\":\"x\"}'\n", "28000", "has expired"},
        {"#!/bin/sh\necho '{\"version\":1,\"success\":true,\"token_type\":\"urn:ietf:params:oauth:token-type:jwt\",\"id_token\":\"x\"}'\n", "28000",
         "\"expiration_time\" is missing"},
        {"#!/bin/sh\necho '{\"version\":1,\"success\":true,\"expiration_time\":4102444800,\"token_type\":\"urn:ietf:params:oauth:token-type:jwt\"}'\n", "28000",
         "\"id_token\" is missing"},
        {"#!/bin/sh\necho oops\n", "28000", "the helper program's answer: it is not valid JSON"},
        {"#!/bin/sh\nexec cat /dev/zero\n", "28000", "wrote more than"},
    };
    for (size_t i = 0; i < ALDB_COUNT(bad); i++) {
        (void)(bad[i].script ? helper(bad[i].script) : (unlink(gt_path("helper.sh")), NULL));
        c = open_json(external(source, ""));
        CU_ASSERT_PTR_NULL(token(c, ALDB_TOKEN_API));
        gt_check_said(&diag, (int)i, bad[i].state, bad[i].said, (const char *)NULL);
        aldb_credentials_unref(c);
    }
    /* A helper that hangs, with a child that keeps its output open: both are killed when the call's time is over. */
    helper("#!/bin/sh\nsleep 100 &\necho $! > $(dirname $0)/pid\nsleep 100\n");
    c = open_json(external(source, ""));
    struct aldb_call call = gt_call(2000);
    struct aldb_token t = {0};
    int64_t began = aldb_now_ms();
    CU_ASSERT_EQUAL(aldb_credentials_token(c, ALDB_TOKEN_API, &call, &t, &diag), ALDB_ERR);
    GT_SAID(&diag, "HYT00", "the helper program did not end within the time allowed");
    CU_ASSERT_TRUE(aldb_now_ms() - began < 20000);
    (void)unlink(gt_path("pid"));
    struct gt_stopper stopper = {.fd = -1};
    STOPPED(c, &stopper, stop_the_helper, "the call was cancelled while the helper program ran");
    char *pid = gt_read(gt_path("pid"));
    char stat[64], state = '?';
    (void)snprintf(stat, sizeof stat, "/proc/%d/stat", pid ? atoi(pid) : 0);
    for (int i = 0; i < 2000 && state != 'Z' && state != '-'; i++) { /* dead, even if nobody has looked after it yet */
        char *line = gt_read(stat);
        const char *behind = line ? strrchr(line, ')') : NULL;
        state = behind ? behind[2] : '-';
        aldb_free(line);
        (void)usleep(10000);
    }
    CU_ASSERT_TRUE(pid != NULL && (state == 'Z' || state == '-'));
    aldb_free(pid);
    aldb_credentials_unref(c);
    gt_clean_environment();
}

/* ------------------------------------------------------------------ X.509 */

static void test_x509(void)
{
    char config[512], json[2048];
    struct gt_server *tls = gt_start(true); /* writes client.pem and client.key */
    gt_answer(tls, "POST", "/v1/token", -1, 200, "{\"access_token\":\"federated\",\"expires_in\":3600}");
    (void)snprintf(config, sizeof config, "{\"version\":1,\"cert_configs\":{\"workload\":{\"cert_path\":\"%s\",\"key_path\":\"%s\"}}}", gt_path("client.pem"),
                   gt_path("client.key"));
    gt_write("certificate_config.json", config);
    char *leaf = gt_read(gt_path("client.pem")), *ca = gt_read(gt_path("ca.pem"));
    char chain[8192];
    (void)snprintf(chain, sizeof chain, "%s%s", leaf, ca); /* the leaf may stand first in it */
    gt_write("chain.pem", chain);
    (void)snprintf(json, sizeof json, "{\"type\":\"external_account\",\"audience\":\"" WIF "\",\"subject_token_type\":\"urn:ietf:params:oauth:token-type:mtls\","
                   "\"token_url\":\"%s/v1/token\",\"credential_source\":{\"certificate\":{\"certificate_config_location\":\"%s\",\"trust_chain_path\":\"%s\"}}}",
                   tls->url, gt_path("certificate_config.json"), gt_path("chain.pem"));
    struct aldb_credentials_options o = {.CredentialsJson = {json}, .ca_file = gt_path("ca.pem")};
    struct aldb_credentials *c = open_with(&o);
    CU_ASSERT_PTR_NOT_NULL_FATAL(c);
    GT_TEXT(token(c, ALDB_TOKEN_API), "federated");
    const struct gt_request *r = gt_request(tls, 0);
    CU_ASSERT_TRUE(r->client_certificate);
    char *subject = gt_field(r->body, "subject_token");
    struct aldb_buf expected;
    aldb_buf_init(&expected, 65536);
    const char *const pems[] = {leaf, ca};
    for (size_t i = 0; i < 2; i++) {
        BIO *bio = BIO_new_mem_buf(pems[i], -1);
        X509 *x = PEM_read_bio_X509(bio, NULL, NULL, NULL);
        unsigned char *der = NULL;
        int len = i2d_X509(x, &der);
        aldb_buf_add_str(&expected, i ? "\", \"" : "[\"");
        aldb_base64_add(&expected, der, (size_t)len);
        OPENSSL_free(der);
        X509_free(x);
        (void)BIO_free(bio);
    }
    aldb_buf_add_str(&expected, "\"]");
    GT_TEXT(subject, expected.data);
    free(subject);
    aldb_buf_clear(&expected);
    /* The certificate may be renewed at its place: each request is made with what is there, on a connection and a session of its own. */
    size_t links = gt_links(tls);
    for (size_t i = 1; i <= 2; i++) {
        REJECT(c, ALDB_TOKEN_API);
        GT_TEXT(token(c, ALDB_TOKEN_API), "federated");
        CU_ASSERT_EQUAL(gt_links(tls), links + i);
        CU_ASSERT_FALSE(gt_request(tls, i)->resumed);
    }
    /* A block that is encrypted is not read, and nobody is asked for its passphrase. */
    (void)snprintf(chain, sizeof chain, "-----BEGIN CERTIFICATE-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF\n\n"
                   "AAAAAAAAAAAAAAAAAAAAAA==\n-----END CERTIFICATE-----\n");
    gt_write("chain.pem", chain);
    REJECT(c, ALDB_TOKEN_API);
    CU_ASSERT_PTR_NULL(token(c, ALDB_TOKEN_API));
    GT_SAID(&diag, "28000", "chain.pem\" holds no certificate in PEM form");
    struct aldb_buf many;
    aldb_buf_init(&many, 1u << 20);
    for (size_t i = 0; i < 20; i++) {
        aldb_buf_add_str(&many, ca);
    }
    gt_write("chain.pem", aldb_buf_cstr(&many));
    CU_ASSERT_PTR_NULL(token(c, ALDB_TOKEN_API));
    GT_SAID(&diag, "28000", "chain.pem\" holds more than 20 certificates");
    aldb_buf_clear(&many);
    aldb_credentials_unref(c);

    /* The default place, by environment. */
    (void)setenv("GOOGLE_API_CERTIFICATE_CONFIG", gt_path("certificate_config.json"), 1);
    (void)snprintf(json, sizeof json, "{\"type\":\"external_account\",\"audience\":\"" WIF "\",\"subject_token_type\":\"t\",\"token_url\":\"%s/v1/token\","
                   "\"credential_source\":{\"certificate\":{\"use_default_certificate_config\":true}}}", tls->url);
    c = open_with(&o);
    GT_TEXT(token(c, ALDB_TOKEN_API), "federated");
    gt_write("client.pem", "no certificate");
    CU_ASSERT_PTR_NULL(token(c, ALDB_TOKEN_LOGIN));
    GT_SAID(&diag, "28000", "client.pem\" holds no certificate in PEM form");
    aldb_credentials_unref(c);
    gt_write("certificate_config.json", "{\"cert_configs\":{}}");
    CU_ASSERT_PTR_NULL(open_with(&o));
    GT_SAID(&diag, "28000", "certificate_config.json\": the field \"cert_configs.workload.cert_path\" is missing");
    gt_clean_environment();
    aldb_free(leaf);
    aldb_free(ca);
    gt_stop(tls);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"file", test_external_file},
        {"url", test_external_url},
        {"impersonation", test_external_impersonation},
        {"AWS", test_aws},
        {"executable", test_executable},
        {"X.509", test_x509},
        CU_TEST_INFO_NULL,
    };
    gt_begin();
    server = gt_start(false);
    int rc = gt_run("google/external", tests);
    gt_stop(server);
    return rc;
}
