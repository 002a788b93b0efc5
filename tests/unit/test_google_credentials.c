/* SPDX-License-Identifier: Apache-2.0 */
/* Each kind of credentials against a server: what it sends, byte by byte; what it makes of the answers; where Application Default Credentials are looked for. */
#include "google_support.h"

static char *rsa_pem; /* as a JSON string's content */

static const char *service_account(const char *more)
{
    return document("{\"type\":\"service_account\",\"client_email\":\"" SA "\",\"private_key_id\":\"key-1\",\"private_key\":\"%s\",\"token_uri\":\"%s/token\"%s}",
                    rsa_pem, server->url, more);
}

/* ------------------------------------------------------------------ service_account */

static void check_assertion(const struct gt_request *r, const char *scope, int line)
{
    struct aldb_json j = {0};
    const char *s = NULL;
    int64_t iat = 0, exp = 0, now = (int64_t)time(NULL);
    char *jwt = gt_field(r->body, "assertion");
    CU_ASSERT_TRUE(gt_jwt_verify(jwt, gt_rsa));
    char *part = gt_jwt_part(jwt, 0);
    gt_check_text(part, "{\"typ\":\"JWT\",\"alg\":\"RS256\",\"kid\":\"key-1\"}", line);
    aldb_free(part);
    part = gt_jwt_part(jwt, 1);
    CU_ASSERT_EQUAL_FATAL(aldb_json_parse(aldb_slice_of(part ? part : ""), "claims", ALDB_ST_08001, &j, &diag), ALDB_OK);
    CU_ASSERT_EQUAL(aldb_json_string(&j, "iss", ALDB_JSON_REQUIRED, &s, &diag), ALDB_OK);
    gt_check_text(s, SA, line);
    CU_ASSERT_EQUAL(aldb_json_string(&j, "scope", ALDB_JSON_REQUIRED, &s, &diag), ALDB_OK);
    gt_check_text(s, scope, line);
    CU_ASSERT_EQUAL(aldb_json_string(&j, "aud", ALDB_JSON_REQUIRED, &s, &diag), ALDB_OK);
    gt_check_text(s, "https://oauth2.googleapis.com/token", line);
    CU_ASSERT_EQUAL(aldb_json_integer(&j, "iat", ALDB_JSON_REQUIRED, &iat, &diag), ALDB_OK);
    CU_ASSERT_EQUAL(aldb_json_integer(&j, "exp", ALDB_JSON_REQUIRED, &exp, &diag), ALDB_OK);
    CU_ASSERT_EQUAL(exp - iat, 3600);
    CU_ASSERT_TRUE(iat <= now - 10 && iat >= now - 40);
    s = NULL;
    CU_ASSERT_EQUAL(aldb_json_string(&j, "sub", ALDB_JSON_OPTIONAL, &s, &diag), ALDB_OK);
    CU_ASSERT_PTR_NULL(s);
    aldb_json_clear(&j);
    aldb_free(part);
    free(jwt);
}

static void test_service_account(void)
{
    gt_forget(server);
    gt_answer(server, "POST", "/token", 1, 200, "{\"access_token\":\"api\",\"expires_in\":3599,\"token_type\":\"Bearer\"}");
    gt_answer(server, "POST", "/token", 1, 200, "{\"access_token\":\"login\",\"expires_in\":\"3599\"}");
    struct aldb_credentials *c = open_json(service_account(",\"quota_project_id\":\"quota\",\"project_id\":\"p\""));
    CU_ASSERT_PTR_NOT_NULL_FATAL(c);
    CU_ASSERT_EQUAL(gt_count(server), 0);
    GT_TEXT(aldb_credentials_type(c), "service_account");
    GT_TEXT(aldb_credentials_who(c), "Google credentials (CredentialsJson)");
    GT_TEXT(aldb_credentials_quota_project(c), "quota");
    GT_TEXT(aldb_credentials_universe(c), "googleapis.com");
    PRINCIPAL(c, SA);
    for (int i = 0; i < 3; i++) {
        GT_TEXT(token(c, ALDB_TOKEN_API), "api");
        GT_TEXT(token(c, ALDB_TOKEN_LOGIN), "login");
    }
    CU_ASSERT_EQUAL(gt_count(server), 2);
    for (size_t i = 0; i < 2; i++) {
        const struct gt_request *r = gt_request(server, i);
        GT_TEXT(r->target, "/token");
        GT_HEADER(r, "Content-Type", "application/x-www-form-urlencoded");
        GT_HEADER(r, "User-Agent", "alloydb-odbc/test");
        GT_HEADER(r, "Authorization", NULL);
        CU_ASSERT_EQUAL(strncmp(r->body, "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=ey", 76), 0);
        check_assertion(r, i ? SCOPE_LOGIN : SCOPE_API, __LINE__);
    }
    aldb_credentials_unref(c);
}

static void test_other_universe(void)
{
    gt_forget(server);
    gt_answer(server, "POST", "/token", -1, 200, "{\"access_token\":\"login\",\"expires_in\":3599}");
    struct aldb_credentials *c = open_json(service_account(",\"universe_domain\":\"example.cloud\""));
    CU_ASSERT_PTR_NOT_NULL_FATAL(c);
    GT_TEXT(aldb_credentials_universe(c), "example.cloud");
    struct aldb_token t = {0};
    struct aldb_call call = gt_call(30000);
    GT_OK(aldb_credentials_token(c, ALDB_TOKEN_API, &call, &t, &diag), &diag);
    CU_ASSERT_EQUAL(gt_count(server), 0); /* signed here */
    CU_ASSERT_TRUE(gt_jwt_verify(t.value.value, gt_rsa));
    char *claims = gt_jwt_part(t.value.value, 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(claims, "{\"iss\":\"" SA "\",\"sub\":\"" SA "\",\"scope\":\"" SCOPE_API "\",\"iat\":"));
    CU_ASSERT_PTR_NULL(strstr(claims, "\"aud\""));
    aldb_free(claims);
    aldb_token_clear(&t);
    GT_TEXT(token(c, ALDB_TOKEN_LOGIN), "login");
    aldb_credentials_unref(c);
    struct aldb_credentials_options o = {.CredentialsJson = {(char *)service_account(",\"universe_domain\":\"example.cloud\"")}, .UniverseDomain = "googleapis.com"};
    CU_ASSERT_PTR_NULL(open_with(&o));
    GT_SAID(&diag, "HY024", "belong to the universe example.cloud, but UniverseDomain is googleapis.com");
}

/* A clock that is wrong: the server's own is believed once. */
static void test_clock(void)
{
    gt_forget(server);
    struct gt_route *r = gt_answer(server, "POST", "/token", 1, 400, "{\"error\":\"invalid_grant\",\"error_description\":\"Invalid JWT: Token must be short-lived\"}");
    (void)snprintf(r->headers, sizeof r->headers, "Date: Wed, 01 Jan 2025 00:00:00 GMT\r\n");
    gt_answer(server, "POST", "/token", 1, 200, "{\"access_token\":\"second\",\"expires_in\":3599}");
    struct aldb_credentials *c = open_json(service_account(""));
    GT_TEXT(token(c, ALDB_TOKEN_API), "second");
    char *jwt = gt_field(gt_request(server, 1)->body, "assertion");
    char *claims = gt_jwt_part(jwt, 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(claims, "\"iat\":1735689590,\"exp\":1735693190"));
    aldb_free(claims);
    free(jwt);
    aldb_credentials_unref(c);
    gt_forget(server);
    r = gt_answer(server, "POST", "/token", -1, 400, "{\"error\":\"invalid_grant\",\"error_description\":\"Invalid JWT\"}");
    (void)snprintf(r->headers, sizeof r->headers, "Date: Wed, 01 Jan 2025 00:00:00 GMT\r\n");
    c = open_json(service_account(""));
    CU_ASSERT_PTR_NULL(token(c, ALDB_TOKEN_API));
    GT_SAID(&diag, "28000", "refused: invalid_grant: Invalid JWT (HTTP 400).", "may have been deleted", "seconds ahead of the server's: set it right.");
    CU_ASSERT_EQUAL(gt_count(server), 2);
    aldb_credentials_unref(c);
}

/* ------------------------------------------------------------------ authorized_user */

#define USER(more)                                                                                                                                     \
    document("{\"type\":\"authorized_user\",\"client_id\":\"id&1\",\"client_secret\":\"GOCSPX-se+cret\",\"refresh_token\":\"1//re fresh\","            \
             "\"token_uri\":\"%s/token\"%s}", server->url, more)

static void test_authorized_user(void)
{
    /* {"email":"alice@example.com"} in an id_token, as Google answers after gcloud's login */
    gt_forget(server);
    gt_answer(server, "POST", "/token", 1, 200, "{\"access_token\":\"user\",\"expires_in\":3599,\"refresh_token\":\"rotated\","
              "\"id_token\":\"e30.eyJlbWFpbCI6ImFsaWNlQGV4YW1wbGUuY29tIn0.sig\"}");
    gt_answer(server, "POST", "/token", 1, 200, "{\"access_token\":\"user2\",\"expires_in\":3599}");
    struct aldb_credentials *c = open_json(USER(",\"quota_project_id\":\"q\",\"account\":\"\""));
    CU_ASSERT_PTR_NOT_NULL_FATAL(c);
    PRINCIPAL(c, "alice@example.com");
    GT_TEXT(token(c, ALDB_TOKEN_API), "user");
    GT_TEXT(token(c, ALDB_TOKEN_LOGIN), "user"); /* cannot be narrowed */
    CU_ASSERT_EQUAL(gt_count(server), 1);
    const struct gt_request *r = gt_request(server, 0);
    GT_TEXT(r->method, "POST");
    GT_TEXT(r->body, "grant_type=refresh_token&client_id=id%261&client_secret=GOCSPX-se%2Bcret&refresh_token=1%2F%2Fre+fresh");
    GT_HEADER(r, "Content-Type", "application/x-www-form-urlencoded");
    GT_HEADER(r, "Authorization", NULL);
    REJECT(c, ALDB_TOKEN_LOGIN);
    GT_TEXT(token(c, ALDB_TOKEN_API), "user2");
    GT_FIELD(gt_request(server, 1), "refresh_token", "rotated");
    aldb_credentials_unref(c);

    gt_forget(server);
    gt_answer(server, "POST", "/token", 1, 400, "{\"error\":\"invalid_grant\",\"error_description\":\"reauth related error (invalid_rapt)\",\"error_subtype\":\"invalid_rapt\"}");
    gt_answer(server, "POST", "/token", 1, 400, "{\"error\":\"invalid_grant\",\"error_description\":\"Token has been expired or revoked.\"}");
    gt_answer(server, "POST", "/token", 1, 401, "{\"error\":\"invalid_client\",\"error_description\":\"The OAuth client was not found.\"}");
    c = open_json(USER(""));
    CU_ASSERT_PTR_NULL(token(c, ALDB_TOKEN_API));
    GT_SAID(&diag, "28000", "Reauthentication is needed: run `gcloud auth application-default login`.");
    CU_ASSERT_PTR_NULL(token(c, ALDB_TOKEN_API));
    GT_SAID(&diag, "28000", "invalid_grant: Token has been expired or revoked. (HTTP 400). The refresh token has expired or was revoked: run `gcloud");
    CU_ASSERT_PTR_NULL(token(c, ALDB_TOKEN_API));
    GT_SAID(&diag, "28000", "invalid_client: The OAuth client was not found. (HTTP 401). The client that the credentials name");
    CU_ASSERT_EQUAL(gt_count(server), 3);
    aldb_credentials_unref(c);
}

static void test_external_user(void)
{
    gt_forget(server);
    gt_answer(server, "POST", "/oauthtoken", -1, 200, "{\"access_token\":\"w\",\"expires_in\":3600}");
    struct aldb_credentials *c = open_json(document("{\"type\":\"external_account_authorized_user\",\"audience\":\"//iam.googleapis.com/x\",\"client_id\":\"cid\","
                                                    "\"client_secret\":\"cs\",\"refresh_token\":\"rt\",\"token_url\":\"%s/oauthtoken\",\"token_info_url\":\"x\"}",
                                                    server->url));
    CU_ASSERT_PTR_NOT_NULL_FATAL(c);
    GT_TEXT(token(c, ALDB_TOKEN_API), "w");
    GT_TEXT(gt_request(server, 0)->body, "grant_type=refresh_token&refresh_token=rt");
    GT_HEADER(gt_request(server, 0), "Authorization", "Basic Y2lkOmNz");
    PRINCIPAL(c, NULL);
    aldb_credentials_unref(c);
}

/* ------------------------------------------------------------------ tokens given */

static void test_static_tokens(void)
{
    gt_forget(server);
    struct aldb_credentials_options o = {.AccessToken = {"ya29.access"}};
    struct aldb_credentials *c = open_with(&o);
    CU_ASSERT_PTR_NOT_NULL_FATAL(c);
    GT_TEXT(token(c, ALDB_TOKEN_API), "ya29.access");
    GT_TEXT(token(c, ALDB_TOKEN_LOGIN), "ya29.access");
    PRINCIPAL(c, NULL);
    /* There is no other: one service that refuses it leaves it to the others. */
    struct aldb_token t = {0};
    struct aldb_call call = gt_call(20000);
    GT_OK(aldb_credentials_token(c, ALDB_TOKEN_API, &call, &t, &diag), &diag);
    CU_ASSERT_FALSE(aldb_credentials_reject(c, ALDB_TOKEN_API, &t));
    CU_ASSERT_FALSE(aldb_credentials_reject(c, ALDB_TOKEN_LOGIN, &t));
    aldb_token_clear(&t);
    GT_TEXT(token(c, ALDB_TOKEN_API), "ya29.access");
    GT_TEXT(token(c, ALDB_TOKEN_LOGIN), "ya29.access");
    aldb_credentials_unref(c);

    o.LoginToken.value = "ya29.login";
    c = open_with(&o);
    GT_TEXT(token(c, ALDB_TOKEN_API), "ya29.access");
    GT_TEXT(token(c, ALDB_TOKEN_LOGIN), "ya29.login");
    aldb_credentials_unref(c);

    static char *const bad[] = {"two words", "trailing\n", "tab\there", "\xc3\xa9"};
    for (size_t i = 0; i < ALDB_COUNT(bad); i++) {
        o = (struct aldb_credentials_options){.AccessToken = {bad[i]}};
        CU_ASSERT_PTR_NULL(open_with(&o));
        GT_SAID(&diag, "28000", "Google credentials (AccessToken): \"token\" is no token");
    }
    o = (struct aldb_credentials_options){.CredentialsJson = {(char *)USER("")}, .LoginToken = {"bad token"}};
    CU_ASSERT_PTR_NULL(open_with(&o));
    GT_SAID(&diag, "28000", "(LoginToken)");
}

static void test_contradictions(void)
{
    static const struct {
        struct aldb_credentials_options o;
        const char *said;
    } cases[] = {
        {{.CredentialsFile = "/f", .CredentialsJson = {"{}"}}, "CredentialsFile and CredentialsJson are both given"},
        {{.CredentialsFile = "/f", .AccessToken = {"t"}}, "CredentialsFile and AccessToken are both given"},
        {{.CredentialsJson = {"{}"}, .AccessToken = {"t"}}, "CredentialsJson and AccessToken are both given"},
        {{.AccessToken = {"t"}, .Delegates = "a@b"}, "Delegates are given without ImpersonateServiceAccount"},
        {{.AccessToken = {"t"}, .ImpersonateServiceAccount = "a@b,c@d", .Delegates = "e@f"}, "write the delegates in one of them only"},
        {{.AccessToken = {"t"}, .ImpersonateServiceAccount = "a@b,,c@d"}, "ImpersonateServiceAccount has an empty name"},
        {{.AccessToken = {"t"}, .ImpersonateServiceAccount = "a@b,"}, "ImpersonateServiceAccount has an empty name"},
        {{.AccessToken = {"t"}, .UniverseDomain = "evil/path"}, "UniverseDomain is not a domain name"},
        {{.AccessToken = {"t"}, .QuotaProject = "a\r\nb"}, "QuotaProject has characters"},
    };
    for (size_t i = 0; i < ALDB_COUNT(cases); i++) {
        CU_ASSERT_PTR_NULL(open_with(&cases[i].o));
        GT_SAID(&diag, "HY024", cases[i].said);
    }
    struct aldb_credentials_options o = {.AccessToken = {"t"}, .ImpersonateServiceAccount = "not-an-address"};
    CU_ASSERT_PTR_NULL(open_with(&o));
    GT_SAID(&diag, "28000", "\"not-an-address\" is not the e-mail address of a service account");
}

/* ------------------------------------------------------------------ impersonation */

#define IAM_PATH "/v1/projects/-/serviceAccounts/target@p.iam.gserviceaccount.com:generateAccessToken"

static void test_impersonate_option(void)
{
    gt_forget(server);
    struct gt_route *r = gt_answer(server, "POST", IAM_PATH, 1, 200, "{\"accessToken\":\"as-target\",\"expireTime\":\"2025-01-01T01:00:00Z\"}");
    (void)snprintf(r->headers, sizeof r->headers, "Date: Wed, 01 Jan 2025 00:00:00 GMT\r\n");
    r = gt_answer(server, "POST", IAM_PATH, 1, 200, "{\"accessToken\":\"login-as-target\",\"expireTime\":\"2025-01-01T01:00:00Z\"}");
    (void)snprintf(r->headers, sizeof r->headers, "Date: Wed, 01 Jan 2025 00:00:00 GMT\r\n");
    struct aldb_credentials_options o = {.AccessToken = {"base"}, .ImpersonateServiceAccount = " target@p.iam.gserviceaccount.com ",
                                         .Delegates = "first@p.iam.gserviceaccount.com, projects/-/serviceAccounts/second@p.iam.gserviceaccount.com",
                                         .iam_endpoint = server->url};
    struct aldb_credentials *c = open_with(&o);
    CU_ASSERT_PTR_NOT_NULL_FATAL(c);
    PRINCIPAL(c, "target@p.iam.gserviceaccount.com");
    struct aldb_token t = {0};
    struct aldb_call call = gt_call(30000);
    GT_OK(aldb_credentials_token(c, ALDB_TOKEN_API, &call, &t, &diag), &diag);
    GT_TEXT(t.value.value, "as-target");
    int64_t left = (t.end_ms - aldb_now_ms()) / 1000; /* by the server's clock: an hour */
    CU_ASSERT_TRUE(left > 3540 && left <= 3600);
    aldb_token_clear(&t);
    GT_TEXT(token(c, ALDB_TOKEN_LOGIN), "login-as-target");
    const struct gt_request *q = gt_request(server, 0);
    GT_HEADER(q, "Authorization", "Bearer base");
    GT_HEADER(q, "Content-Type", "application/json");
    GT_TEXT(q->body, "{\"delegates\":[\"projects/-/serviceAccounts/first@p.iam.gserviceaccount.com\",\"projects/-/serviceAccounts/second@p.iam.gserviceaccount.com\"],"
            "\"scope\":[\"" SCOPE_API "\"],\"lifetime\":\"3600s\"}");
    CU_ASSERT_PTR_NOT_NULL(strstr(gt_request(server, 1)->body, "\"scope\":[\"" SCOPE_LOGIN "\"]"));
    aldb_credentials_unref(c);
    /* The list form of the first keyword says the same. */
    gt_forget(server);
    gt_answer(server, "POST", IAM_PATH, 1, 200, "{\"accessToken\":\"a\",\"expireTime\":\"2999-01-01T01:00:00Z\"}");
    o.Delegates = NULL;
    o.ImpersonateServiceAccount = "first@p.iam.gserviceaccount.com,second@p.iam.gserviceaccount.com,target@p.iam.gserviceaccount.com";
    c = open_with(&o);
    GT_OK(aldb_credentials_token(c, ALDB_TOKEN_API, &call, &t, &diag), &diag);
    CU_ASSERT_TRUE((t.end_ms - aldb_now_ms()) / 1000 <= 3600); /* never longer than asked for */
    aldb_token_clear(&t);
    CU_ASSERT_PTR_NOT_NULL(strstr(gt_request(server, 0)->body, "{\"delegates\":[\"projects/-/serviceAccounts/first@p.iam.gserviceaccount.com\",\"projects/-/"
                                  "serviceAccounts/second@p.iam.gserviceaccount.com\"],"));
    aldb_credentials_unref(c);
}

/* The user's word goes before the file's for every call, the impersonation's too. */
static void test_impersonate_quota(void)
{
    static const struct {
        const char *option, *variable, *expected;
    } cases[] = {{NULL, NULL, "of-file"}, {NULL, "of-env", "of-env"}, {"of-option", "of-env", "of-option"}};
    struct aldb_credentials_options o = {.ImpersonateServiceAccount = "target@p.iam.gserviceaccount.com", .iam_endpoint = server->url};
    o.CredentialsJson.value = (char *)document("{\"type\":\"authorized_user\",\"client_id\":\"i\",\"client_secret\":\"s\",\"refresh_token\":\"r\",\"quota_project_id\":\"of-file\","
                                               "\"token_uri\":\"%s/token\"}", server->url);
    for (size_t i = 0; i < ALDB_COUNT(cases); i++) {
        gt_forget(server);
        gt_answer(server, "POST", "/token", 1, 200, "{\"access_token\":\"a\",\"expires_in\":3599}");
        gt_answer(server, "POST", IAM_PATH, 1, 200, "{\"accessToken\":\"b\",\"expireTime\":\"2999-01-01T01:00:00Z\"}");
        if (cases[i].variable) {
            (void)setenv("GOOGLE_CLOUD_QUOTA_PROJECT", cases[i].variable, 1);
        }
        o.QuotaProject = cases[i].option;
        struct aldb_credentials *c = open_with(&o);
        CU_ASSERT_PTR_NOT_NULL_FATAL(c);
        GT_TEXT(token(c, ALDB_TOKEN_API), "b");
        GT_HEADER(gt_request(server, 1), "x-goog-user-project", cases[i].expected);
        GT_TEXT(aldb_credentials_quota_project(c), cases[i].expected);
        aldb_credentials_unref(c);
    }
    (void)setenv("GOOGLE_CLOUD_QUOTA_PROJECT", "a\nb", 1);
    o.QuotaProject = NULL;
    CU_ASSERT_PTR_NULL(open_with(&o));
    GT_SAID(&diag, "28000", "the quota project has characters that no project has");
    (void)unsetenv("GOOGLE_CLOUD_QUOTA_PROJECT");
}

/* What fails for another reason than the token that it is asked with leaves that token alone. */
static void test_impersonate_failures(void)
{
    static const int statuses[] = {503, 503, 503, 403, 404, 401}; /* 503: three tries */
    gt_forget(server);
    for (size_t i = 0; i < ALDB_COUNT(statuses); i++) {
        gt_answer(server, "POST", IAM_PATH, 1, statuses[i], "");
    }
    gt_answer(server, "POST", IAM_PATH, 1, 200, "{\"accessToken\":\"at-last\",\"expireTime\":\"2999-01-01T01:00:00Z\"}");
    struct aldb_credentials_options o = {.AccessToken = {"base"}, .ImpersonateServiceAccount = "target@p.iam.gserviceaccount.com", .iam_endpoint = server->url};
    struct aldb_credentials *c = open_with(&o);
    static const char *const said[][2] = {{"08001", "HTTP 503"}, {"28000", "serviceAccountTokenCreator"}, {"08001", "HTTP 404"}, {"28000", "cannot be renewed: give a new one"}};
    for (size_t i = 0; i < ALDB_COUNT(said); i++) {
        CU_ASSERT_PTR_NULL(token(c, ALDB_TOKEN_API));
        GT_SAID(&diag, said[i][0], said[i][1]);
    }
    GT_TEXT(token(c, ALDB_TOKEN_API), "at-last");
    for (size_t i = 0; i < gt_count(server); i++) {
        GT_HEADER(gt_request(server, i), "Authorization", "Bearer base");
    }
    aldb_credentials_unref(c);
    /* A token that can be had again is asked for anew when it is refused, and only then. */
    gt_forget(server);
    gt_answer(server, "POST", "/token", 1, 200, "{\"access_token\":\"first\",\"expires_in\":3599}");
    gt_answer(server, "POST", "/token", 1, 200, "{\"access_token\":\"second\",\"expires_in\":3599}");
    gt_answer(server, "POST", IAM_PATH, 1, 403, "");
    gt_answer(server, "POST", IAM_PATH, 1, 401, "");
    gt_answer(server, "POST", IAM_PATH, 1, 200, "{\"accessToken\":\"t\",\"expireTime\":\"2999-01-01T01:00:00Z\"}");
    o = (struct aldb_credentials_options){.ImpersonateServiceAccount = "target@p.iam.gserviceaccount.com", .iam_endpoint = server->url};
    o.CredentialsJson.value = (char *)document("{\"type\":\"authorized_user\",\"client_id\":\"i\",\"client_secret\":\"s\",\"refresh_token\":\"r\",\"token_uri\":\"%s/token\"}", server->url);
    c = open_with(&o);
    CU_ASSERT_PTR_NULL(token(c, ALDB_TOKEN_API));
    GT_SAID(&diag, "28000", "HTTP 403");
    CU_ASSERT_PTR_NULL(token(c, ALDB_TOKEN_API));
    GT_SAID(&diag, "28000", "HTTP 401");
    GT_TEXT(token(c, ALDB_TOKEN_API), "t");
    static const char *const bearers[] = {NULL, "Bearer first", "Bearer first", NULL, "Bearer second"};
    CU_ASSERT_EQUAL(gt_count(server), ALDB_COUNT(bearers));
    for (size_t i = 0; i < ALDB_COUNT(bearers); i++) {
        GT_HEADER(gt_request(server, i), "Authorization", bearers[i]);
    }
    aldb_credentials_unref(c);
}

static void test_impersonated_file(void)
{
    gt_forget(server);
    gt_answer(server, "POST", "/token", -1, 200, "{\"access_token\":\"inner\",\"expires_in\":3599}");
    gt_answer(server, "POST", "/custom/" SA ":generateAccessToken", 2, 200, "{\"accessToken\":\"outer\",\"expireTime\":\"2999-01-01T00:00:00Z\"}");
    gt_answer(server, "POST", "/custom/" SA ":generateAccessToken", -1, 403,
              "{\"error\":{\"code\":403,\"message\":\"Permission 'iam.serviceAccounts.getAccessToken' denied on resource (or it may not exist).\",\"status\":\"PERMISSION_DENIED\"}}");
    struct aldb_credentials *c = open_json(document(
        "{\"type\":\"impersonated_service_account\",\"service_account_impersonation_url\":\"%s/custom/" SA ":generateAccessToken\",\"delegates\":[\"d@p.iam\"],"
        "\"quota_project_id\":\"outer-quota\",\"source_credentials\":{\"type\":\"authorized_user\",\"client_id\":\"i\",\"client_secret\":\"s\","
        "\"refresh_token\":\"r\",\"quota_project_id\":\"inner-quota\",\"token_uri\":\"%s/token\"}}", server->url, server->url));
    CU_ASSERT_PTR_NOT_NULL_FATAL(c);
    PRINCIPAL(c, SA);
    GT_TEXT(aldb_credentials_quota_project(c), "outer-quota");
    GT_TEXT(token(c, ALDB_TOKEN_API), "outer");
    GT_TEXT(token(c, ALDB_TOKEN_LOGIN), "outer");
    CU_ASSERT_EQUAL(gt_count(server), 3); /* one token of the user serves both */
    GT_HEADER(gt_request(server, 1), "Authorization", "Bearer inner");
    GT_HEADER(gt_request(server, 1), "x-goog-user-project", "inner-quota");
    GT_HEADER(gt_request(server, 2), "x-goog-user-project", "inner-quota");
    GT_TEXT(gt_request(server, 2)->body, "{\"delegates\":[\"projects/-/serviceAccounts/d@p.iam\"],\"scope\":[\"" SCOPE_LOGIN "\"],\"lifetime\":\"3600s\"}");
    REJECT(c, ALDB_TOKEN_API);
    CU_ASSERT_PTR_NULL(token(c, ALDB_TOKEN_API));
    GT_SAID(&diag, "28000", "impersonation of " SA " at http://127.0.0.1:", "refused: PERMISSION_DENIED: Permission 'iam.serviceAccounts.getAccessToken' denied",
            "The caller needs the role roles/iam.serviceAccountTokenCreator on projects/-/serviceAccounts/d@p.iam, each delegate on the next");
    aldb_credentials_unref(c);
    static const struct {
        const char *url, *more, *said;
    } bad[] = {
        {"https://h/v1/x@y", "", "does not end in a service account's e-mail address and :generateAccessToken"},
        {"https://h/v1/x:generateAccessToken", "", "does not end in a service account's e-mail"},
        {"https://h/v1/x@y:generateAccessToken", ",\"delegates\":\"a@b\"", "\"delegates\" must be a list"},
        {"https://h/v1/x@y:generateAccessToken", ",\"delegates\":[1]", "\"delegates\" must be a list of strings, not a number"},
        {"https://h/v1/x@y:generateAccessToken", ",\"delegates\":[\"a\"]", "the delegate \"a\" is not the e-mail address"},
    };
    for (size_t i = 0; i < ALDB_COUNT(bad); i++) {
        CU_ASSERT_PTR_NULL(open_json(document("{\"type\":\"impersonated_service_account\",\"service_account_impersonation_url\":\"%s\"%s,\"source_credentials\":"
                                              "{\"type\":\"authorized_user\",\"client_id\":\"i\",\"client_secret\":\"s\",\"refresh_token\":\"r\"}}",
                                              bad[i].url, bad[i].more)));
        GT_SAID(&diag, "28000", bad[i].said);
    }
    CU_ASSERT_PTR_NULL(open_json("{\"type\":\"impersonated_service_account\",\"service_account_impersonation_url\":\"https://h/a@b:generateAccessToken\","
                                 "\"source_credentials\":{\"type\":\"impersonated_service_account\"}}"));
    GT_SAID(&diag, "28000", "name the service accounts in between as \"delegates\"");
    CU_ASSERT_PTR_NULL(open_json("{\"type\":\"impersonated_service_account\",\"service_account_impersonation_url\":\"https://h/a@b:generateAccessToken\","
                                 "\"source_credentials\":{\"type\":\"authorized_user\",\"client_id\":\"x\"}}"));
    GT_SAID(&diag, "28000", "the field \"source_credentials.client_secret\" is missing");
}

static void test_impersonation_answers(void)
{
    static const struct {
        int status;
        const char *body, *state, *said;
    } cases[] = {
        {200, "{\"accessToken\":\"a\"}", "08001", "the field \"expireTime\" is missing"},
        {200, "{\"accessToken\":\"a\",\"expireTime\":\"soon\"}", "08001", "\"expireTime\" is no point in time"},
        {200, "{\"accessToken\":\"a\",\"expireTime\":\"2001-01-01T00:00:00Z\"}", "08001", "seconds in the past"},
        {200, "{\"accessToken\":\"a b\",\"expireTime\":\"2999-01-01T00:00:00Z\"}", "08001", "\"accessToken\" is no token"},
        {200, "{\"expireTime\":\"2999-01-01T00:00:00Z\"}", "08001", "the field \"accessToken\" is missing"},
        {200, "{", "08001", "not valid JSON"},
        {404, "{\"error\":{\"message\":\"Not found; Gaia id not found for email x\",\"status\":\"NOT_FOUND\"}}", "08001", "NOT_FOUND: Not found; Gaia id"},
        {401, "{\"error\":{\"message\":\"Request had invalid authentication credentials.\",\"status\":\"UNAUTHENTICATED\"}}", "28000", "UNAUTHENTICATED"},
    };
    struct aldb_credentials_options o = {.AccessToken = {"base"}, .ImpersonateServiceAccount = "target@p.iam.gserviceaccount.com", .iam_endpoint = server->url};
    for (size_t i = 0; i < ALDB_COUNT(cases); i++) {
        gt_forget(server);
        gt_answer(server, "POST", IAM_PATH, -1, cases[i].status, cases[i].body);
        struct aldb_credentials *c = open_with(&o);
        CU_ASSERT_PTR_NULL(token(c, ALDB_TOKEN_API));
        gt_check_said(&diag, (int)i, cases[i].state, "target@p.iam.gserviceaccount.com", cases[i].said, (const char *)NULL);
        aldb_credentials_unref(c);
    }
}

/* ------------------------------------------------------------------ metadata server */

#define MDS "/computeMetadata/v1/instance/service-accounts/default/"

static void test_metadata(void)
{
    gt_forget(server);
    use_metadata();
    gt_answer(server, "GET", "/computeMetadata/v1/universe/universe-domain", -1, 404, "");
    gt_answer(server, "GET", MDS "token", 1, 200, "{\"access_token\":\"vm\",\"expires_in\":3599,\"token_type\":\"Bearer\"}");
    gt_answer(server, "GET", MDS "token", 1, 200, "{\"access_token\":\"vm-login\",\"expires_in\":200}");
    gt_answer(server, "GET", MDS "email", -1, 200, SA "\n");
    struct aldb_credentials_options o = {.user_agent = "ua"};
    struct aldb_credentials *c = open_with(&o);
    CU_ASSERT_PTR_NOT_NULL_FATAL(c);
    char who[128];
    (void)snprintf(who, sizeof who, "Google credentials (metadata server 127.0.0.1:%d)", server->port);
    GT_TEXT(aldb_credentials_who(c), who);
    GT_TEXT(aldb_credentials_universe(c), "googleapis.com");
    GT_TEXT(token(c, ALDB_TOKEN_API), "vm");
    GT_TEXT(token(c, ALDB_TOKEN_LOGIN), "vm-login");
    GT_TEXT(token(c, ALDB_TOKEN_LOGIN), "vm-login"); /* with less left than the margin: used all the same */
    PRINCIPAL(c, SA);
    PRINCIPAL(c, SA);
    CU_ASSERT_EQUAL(gt_count(server), 4);
    GT_TEXT(gt_request(server, 1)->target, MDS "token?scopes=https%3A%2F%2Fwww.googleapis.com%2Fauth%2Fcloud-platform");
    GT_TEXT(gt_request(server, 2)->target, MDS "token?scopes=https%3A%2F%2Fwww.googleapis.com%2Fauth%2Falloydb.login");
    for (size_t i = 0; i < 4; i++) {
        GT_HEADER(gt_request(server, i), "Metadata-Flavor", "Google");
    }
    aldb_credentials_unref(c);

    /* A VM whose scopes are fixed: the API's token serves the login. A pool's name is no e-mail address. Another universe is told. */
    gt_forget(server);
    gt_answer(server, "GET", "/computeMetadata/v1/universe/universe-domain", -1, 200, "example.cloud");
    gt_answer(server, "GET", MDS "token", 1, 400, "invalid scope");
    gt_answer(server, "GET", MDS "token", 1, 200, "{\"access_token\":\"vm\",\"expires_in\":3599}");
    gt_answer(server, "GET", MDS "email", -1, 200, "proj.svc.id.goog");
    c = open_with(&o);
    GT_TEXT(aldb_credentials_universe(c), "example.cloud");
    GT_TEXT(token(c, ALDB_TOKEN_LOGIN), "vm");
    PRINCIPAL(c, NULL);
    aldb_credentials_unref(c);

    /* A proxy of the environment is not asked for it. */
    gt_forget(server);
    (void)setenv("http_proxy", "http://127.0.0.1:1", 1);
    gt_answer(server, NULL, NULL, -1, 200, "{\"access_token\":\"vm\",\"expires_in\":3599}");
    o.UniverseDomain = "googleapis.com";
    c = open_with(&o);
    GT_TEXT(token(c, ALDB_TOKEN_API), "vm");
    aldb_credentials_unref(c);
    (void)unsetenv("http_proxy");

    gt_forget(server);
    struct gt_route *r = gt_answer(server, "GET", NULL, -1, 404, "<html>Not Found</html>");
    r->type = "text/html";
    c = open_with(&o);
    CU_ASSERT_PTR_NULL(token(c, ALDB_TOKEN_API));
    GT_SAID(&diag, "08001", "the metadata server failed: HTTP 404 with 22 bytes of text/html", "Does this machine have a service account?");
    aldb_credentials_unref(c);
    (void)setenv("GCE_METADATA_MTLS_MODE", "strict", 1);
    CU_ASSERT_PTR_NULL(open_with(&o));
    GT_SAID(&diag, "28000", "GCE_METADATA_MTLS_MODE=strict");
    gt_clean_environment();
}

static void test_metadata_detection(void)
{
    char ip[64];
    (void)snprintf(ip, sizeof ip, "127.0.0.1:%d", server->port);
    (void)setenv("GCE_METADATA_IP", ip, 1);
    struct aldb_credentials_options o = {.UniverseDomain = "googleapis.com"};
    struct aldb_credentials *c;
    /* Another cloud's server at that address: asked once. */
    gt_forget(server);
    gt_answer(server, "GET", "/", -1, 200, "hello");
    CU_ASSERT_PTR_NULL(open_with(&o));
    GT_SAID(&diag, "28000", "Google credentials were not found", "GOOGLE_APPLICATION_CREDENTIALS is not set", gt_dir,
            "/.config/gcloud/application_default_credentials.json\"", "gcloud auth application-default login");
    CU_ASSERT_EQUAL(gt_count(server), 1);
    GT_HEADER(gt_request(server, 0), "Metadata-Flavor", "Google");
    /* Nobody answers: as many tries as the environment says, each as long as it says. */
    gt_forget(server);
    gt_answer(server, "GET", "/", -1, 200, "")->fault = GT_HANG;
    (void)setenv("GCE_METADATA_TIMEOUT", "1", 1);
    (void)setenv("GCE_METADATA_DETECT_RETRIES", "2", 1);
    int64_t began = aldb_now_ms();
    CU_ASSERT_PTR_NULL(open_with(&o));
    GT_SAID(&diag, "28000", "were not found");
    CU_ASSERT_TRUE(aldb_now_ms() - began > 1900 && aldb_now_ms() - began < 20000);
    struct aldb_call call = gt_call(300);
    CU_ASSERT_EQUAL(aldb_credentials_open(&o, &call, &c, &diag), ALDB_ERR);
    GT_SAID(&diag, "HYT00", "looking for the metadata server");
    gt_forget(server);
    struct gt_route *r = gt_answer(server, "GET", "/", -1, 200, "0.1/\ncomputeMetadata/\n");
    (void)snprintf(r->headers, sizeof r->headers, "Metadata-Flavor: Google\r\n");
    c = open_with(&o);
    CU_ASSERT_PTR_NOT_NULL(c);
    GT_TEXT(c ? aldb_credentials_who(c) : "", "Google credentials (metadata server metadata.google.internal)");
    aldb_credentials_unref(c);
    /* That is kept, and asked for no more. */
    c = open_with(&o);
    CU_ASSERT_PTR_NOT_NULL(c);
    aldb_credentials_unref(c);
    (void)setenv("NO_GCE_CHECK", "true", 1);
    CU_ASSERT_PTR_NULL(open_with(&o));
    aldb_diag_reset(&diag);
    CU_ASSERT_EQUAL(gt_count(server), 1);
    (void)unsetenv("NO_GCE_CHECK");
    gt_clean_environment();
}

/* ------------------------------------------------------------------ files and the search */

static void test_files(void)
{
    struct aldb_credentials_options o = {.CredentialsFile = "/nonexistent/key.json"};
    CU_ASSERT_PTR_NULL(open_with(&o));
    GT_SAID(&diag, "28000", "Google credentials (CredentialsFile \"/nonexistent/key.json\"): the file \"/nonexistent/key.json\" was not found; check the path");
    o.CredentialsFile = gt_dir;
    CU_ASSERT_PTR_NULL(open_with(&o));
    GT_SAID(&diag, "28000", "is a directory, not a regular file");
    o.CredentialsFile = "/dev/null";
    CU_ASSERT_PTR_NULL(open_with(&o));
    GT_SAID(&diag, "28000", "is a device or pipe");
    CU_ASSERT_EQUAL(mkfifo(gt_path("fifo"), 0600), 0);
    o.CredentialsFile = gt_path("fifo"); /* would block for ever */
    CU_ASSERT_PTR_NULL(open_with(&o));
    GT_SAID(&diag, "28000", "is a device or pipe");
    o.CredentialsFile = gt_write("empty.json", "");
    CU_ASSERT_PTR_NULL(open_with(&o));
    GT_SAID(&diag, "28000", "empty.json\"): it is empty");
    char *big = malloc((1u << 20) + 2);
    memset(big, ' ', (1u << 20) + 1);
    big[(1u << 20) + 1] = '\0';
    o.CredentialsFile = gt_write("big.json", big);
    CU_ASSERT_PTR_NULL(open_with(&o));
    GT_SAID(&diag, "28000", "is larger than 1048575 bytes");
    free(big);
    if (geteuid() != 0) {
        o.CredentialsFile = gt_write("locked.json", "{}");
        (void)chmod(o.CredentialsFile, 0);
        CU_ASSERT_PTR_NULL(open_with(&o));
        GT_SAID(&diag, "28000", "may not be read by user ID");
    }
    static const struct {
        const char *json, *said;
    } bad[] = {
        {"{}", "the field \"type\" is missing; expected is one of service_account"},
        {"{\"installed\":{\"client_id\":\"x\"}}", "An OAuth client file, with \"installed\" or \"web\", is no credential"},
        {"{\"type\":\"robot\"}", "the type \"robot\" is not known; expected is one of"},
        {"{\"type\":1}", "\"type\" must be a string, not a number"},
        {"{\"type\":\"gdch_service_account\"}", "belong to Google Distributed Cloud"},
        {"{\"type\":\"service_account\"}", "\"client_email\" is missing"},
        {"{\"type\":\"service_account\",\"client_email\":\"a@b\"}", "\"private_key\" is missing"},
        {"{\"type\":\"service_account\",\"client_email\":\"a@b\",\"private_key\":\"x\"}", "\"private_key\" holds no private key in PEM form"},
        {"{\"type\":\"authorized_user\"}", "\"client_id\" is missing"},
        {"{\"type\":\"authorized_user\",\"client_id\":\"a\",\"client_secret\":{}}", "\"client_secret\" must be a string, not an object"},
        {"{\"type\":\"authorized_user\",\"client_id\":\"a\",\"client_secret\":\"b\"}", "\"refresh_token\" is missing"},
        {"{\"type\":\"authorized_user\",\"client_id\":\"a\",\"client_secret\":\"b\",\"refresh_token\":\"c\",\"universe_domain\":\"a b\"}", "the universe domain is not a domain name"},
        {"{\"type\":\"external_account\"}", "\"audience\" is missing"},
        {"{\"type\":\"external_account\",\"audience\":\"a\"}", "\"subject_token_type\" is missing"},
        {"{\"type\":\"external_account\",\"audience\":\"a\",\"subject_token_type\":\"b\"}", "\"credential_source\" is missing"},
        {"{\"type\":\"external_account\",\"audience\":\"a\",\"subject_token_type\":\"b\",\"credential_source\":7}", "\"credential_source\" must be an object, not a number"},
        {"{\"type\":\"external_account_authorized_user\"}", "\"client_id\" is missing"},
        {"{\"type\":\"impersonated_service_account\"}", "\"service_account_impersonation_url\" is missing"},
        {"{\"type\":\"impersonated_service_account\",\"service_account_impersonation_url\":\"u\"}", "\"source_credentials\" is missing"},
        {"not json", "it is not valid JSON: a syntax error (line 1"},
    };
    for (size_t i = 0; i < ALDB_COUNT(bad); i++) {
        o.CredentialsFile = gt_write("bad.json", bad[i].json);
        CU_ASSERT_PTR_NULL(open_with(&o));
        gt_check_said(&diag, (int)i, "28000", "Google credentials (CredentialsFile \"", "bad.json\"): ", bad[i].said, (const char *)NULL);
    }
}

static void test_search(void)
{
    struct aldb_credentials_options o = {.user_agent = "search"};
    struct aldb_credentials *c;
    (void)setenv("NO_GCE_CHECK", "true", 1);
    /* 1: the variable, whose file is final. */
    const char *path = gt_write("adc.json", USER(",\"quota_project_id\":\"of-file\""));
    (void)setenv("GOOGLE_APPLICATION_CREDENTIALS", path, 1);
    c = open_with(&o);
    CU_ASSERT_PTR_NOT_NULL_FATAL(c);
    char who[256];
    (void)snprintf(who, sizeof who, "Google credentials (GOOGLE_APPLICATION_CREDENTIALS=\"%s\")", path);
    GT_TEXT(aldb_credentials_who(c), who);
    GT_TEXT(aldb_credentials_quota_project(c), "of-file");
    aldb_credentials_unref(c);
    (void)setenv("GOOGLE_CLOUD_QUOTA_PROJECT", "of-env", 1);
    c = open_with(&o);
    GT_TEXT(aldb_credentials_quota_project(c), "of-env");
    aldb_credentials_unref(c);
    o.QuotaProject = "of-option";
    c = open_with(&o);
    GT_TEXT(aldb_credentials_quota_project(c), "of-option");
    aldb_credentials_unref(c);
    (void)unsetenv("GOOGLE_CLOUD_QUOTA_PROJECT");
    (void)setenv("GOOGLE_APPLICATION_CREDENTIALS", "/nonexistent", 1);
    CU_ASSERT_PTR_NULL(open_with(&o));
    GT_SAID(&diag, "28000", "(GOOGLE_APPLICATION_CREDENTIALS=\"/nonexistent\"): the file \"/nonexistent\" was not found");
    /* 2: gcloud's file. An empty variable counts as none. */
    (void)setenv("GOOGLE_APPLICATION_CREDENTIALS", "", 1);
    (void)mkdir(gt_path(".config"), 0700);
    (void)mkdir(gt_path(".config/gcloud"), 0700);
    gt_write(".config/gcloud/application_default_credentials.json", USER(""));
    c = open_with(&o);
    CU_ASSERT_PTR_NOT_NULL(c);
    CU_ASSERT_PTR_NOT_NULL(strstr(aldb_credentials_who(c), "Google credentials (gcloud's default file \"/tmp/"));
    aldb_credentials_unref(c);
    (void)mkdir(gt_path("sdk"), 0700);
    (void)setenv("CLOUDSDK_CONFIG", gt_path("sdk"), 1);
    CU_ASSERT_PTR_NULL(open_with(&o)); /* HOME's is not looked at then */
    GT_SAID(&diag, "28000", "/sdk/application_default_credentials.json\", and this is no machine");
    gt_write("sdk/application_default_credentials.json", "{");
    CU_ASSERT_PTR_NULL(open_with(&o)); /* there, and bad: final */
    GT_SAID(&diag, "28000", "(gcloud's default file \"", "/sdk/application_default_credentials.json\"): it is not valid JSON");
    (void)setenv("CLOUDSDK_CONFIG", "/dev/null/not/a/folder", 1); /* where nothing can be looked for is nothing */
    CU_ASSERT_PTR_NULL(open_with(&o));
    GT_SAID(&diag, "28000", "Google credentials were not found");
    (void)unsetenv("CLOUDSDK_CONFIG");
    if (geteuid() != 0) {
        (void)chmod(gt_path(".config"), 0);
        CU_ASSERT_PTR_NULL(open_with(&o));
        GT_SAID(&diag, "28000", "Google credentials were not found");
        (void)chmod(gt_path(".config"), 0700);
    }
    (void)unsetenv("HOME"); /* the user's own directory then */
    c = open_with(&o);
    if (c == NULL) {
        GT_SAID(&diag, "28000", "/.config/gcloud/application_default_credentials.json\"");
    }
    aldb_credentials_unref(c);
    gt_clean_environment();
    (void)unlink(gt_path(".config/gcloud/application_default_credentials.json"));
}

/* ------------------------------------------------------------------ stopping */

/* Wherever the call is: at the first step of several, at the second, or before it began. Nothing of it is kept. */
static void test_stopped(void)
{
    for (int step = 0; step < 3; step++) {
        gt_forget(server);
        gt_answer(server, "POST", step == 0 ? "/token" : "/unused", -1, 200, "")->fault = GT_HANG;
        gt_answer(server, "POST", "/token", -1, 200, "{\"access_token\":\"inner\",\"expires_in\":3599}");
        gt_answer(server, "POST", "/x/" SA ":generateAccessToken", step == 1 ? 1 : 0, 200, "")->fault = GT_HANG;
        gt_answer(server, "POST", "/x/" SA ":generateAccessToken", -1, 200, "{\"accessToken\":\"outer\",\"expireTime\":\"2999-01-01T00:00:00Z\"}");
        struct aldb_credentials *c = open_json(document(
            "{\"type\":\"impersonated_service_account\",\"service_account_impersonation_url\":\"%s/x/" SA ":generateAccessToken\",\"source_credentials\":"
            "{\"type\":\"authorized_user\",\"client_id\":\"i\",\"client_secret\":\"s\",\"refresh_token\":\"r%d\",\"token_uri\":\"%s/token\"}}",
            server->url, step, server->url));
        CU_ASSERT_PTR_NOT_NULL_FATAL(c);
        struct gt_stopper stopper = {.flag = step == 2, .fd = -1, .server = server, .requests = step == 1 ? 2 : 1};
        STOPPED(c, &stopper, gt_stop_soon, "the call was cancelled");
        if (step > 0) {
            GT_TEXT(token(c, ALDB_TOKEN_API), "outer");
        }
        aldb_credentials_unref(c);
    }
}

/* ------------------------------------------------------------------ sharing */

static void test_sharing(void)
{
    gt_forget(server);
    gt_answer(server, "POST", "/token", -1, 200, "{\"access_token\":\"t\",\"expires_in\":3599}");
    char one[8192];
    (void)aldb_copy(one, sizeof one, aldb_slice_of(USER("")));
    struct aldb_credentials *a = open_json(one), *b = open_json(one);
    CU_ASSERT_PTR_NOT_NULL_FATAL(a);
    CU_ASSERT_PTR_EQUAL(a, b);
    struct aldb_credentials_options o = {.CredentialsJson = {one}, .user_agent = "alloydb-odbc/test", .QuotaProject = "other"};
    struct aldb_credentials *c = open_with(&o);
    CU_ASSERT_PTR_NOT_EQUAL(a, c);
    CU_ASSERT_STRING_NOT_EQUAL(aldb_credentials_identity(a), aldb_credentials_identity(c));
    CU_ASSERT_EQUAL(strlen(aldb_credentials_identity(a)), 71);
    char before[80];
    (void)aldb_copy(before, sizeof before, aldb_slice_of(aldb_credentials_identity(a)));
    GT_TEXT(token(a, ALDB_TOKEN_API), "t");
    GT_TEXT(token(b, ALDB_TOKEN_API), "t");
    CU_ASSERT_EQUAL(gt_count(server), 1);
    aldb_credentials_unref(aldb_credentials_ref(a));
    aldb_credentials_unref(a);
    GT_TEXT(token(b, ALDB_TOKEN_API), "t");
    aldb_credentials_unref(b);
    aldb_credentials_unref(c);
    aldb_credentials_unref(NULL);
    a = open_json(one); /* nobody held it: a new one, of the same identity */
    GT_TEXT(aldb_credentials_identity(a), before);
    GT_TEXT(token(a, ALDB_TOKEN_API), "t");
    CU_ASSERT_EQUAL(gt_count(server), 2);
    aldb_credentials_unref(a);
}

struct opener {
    pthread_t thread;
    char document[8192];
    struct aldb_credentials *c;
    bool good;
};

static void *open_and_ask(void *ctx)
{
    struct opener *o = ctx;
    struct aldb_diag d;
    struct aldb_token t = {0};
    struct aldb_call call = gt_call(20000);
    struct aldb_credentials_options options = {.CredentialsJson = {o->document}, .user_agent = "threads"};
    aldb_diag_init(&d);
    o->good = aldb_credentials_open(&options, &call, &o->c, &d) == ALDB_OK && aldb_credentials_token(o->c, ALDB_TOKEN_API, &call, &t, &d) == ALDB_OK &&
              strcmp(t.value.value, "t") == 0;
    aldb_token_clear(&t);
    aldb_diag_clear(&d);
    return NULL;
}

static void test_32_threads(void)
{
    static struct opener all[32];
    gt_forget(server);
    gt_answer(server, "POST", "/token", -1, 200, "{\"access_token\":\"t\",\"expires_in\":3599}")->delay_ms = 100;
    const char *json = USER("");
    for (size_t i = 0; i < ALDB_COUNT(all); i++) {
        (void)aldb_copy(all[i].document, sizeof all[i].document, aldb_slice_of(json));
        (void)pthread_create(&all[i].thread, NULL, open_and_ask, &all[i]);
    }
    for (size_t i = 0; i < ALDB_COUNT(all); i++) {
        (void)pthread_join(all[i].thread, NULL);
        CU_ASSERT_TRUE(all[i].good);
        CU_ASSERT_PTR_EQUAL(all[i].c, all[0].c);
    }
    CU_ASSERT_EQUAL(gt_count(server), 1);
    for (size_t i = 0; i < ALDB_COUNT(all); i++) {
        aldb_credentials_unref(all[i].c);
    }
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"service_account", test_service_account},
        {"another universe", test_other_universe},
        {"a wrong clock", test_clock},
        {"authorized_user", test_authorized_user},
        {"external_account_authorized_user", test_external_user},
        {"AccessToken and LoginToken", test_static_tokens},
        {"contradictions", test_contradictions},
        {"ImpersonateServiceAccount", test_impersonate_option},
        {"impersonation's quota project", test_impersonate_quota},
        {"impersonation that fails", test_impersonate_failures},
        {"impersonated_service_account", test_impersonated_file},
        {"answers to impersonation", test_impersonation_answers},
        {"metadata server", test_metadata},
        {"metadata server's detection", test_metadata_detection},
        {"files", test_files},
        {"the search", test_search},
        {"stopped", test_stopped},
        {"sharing", test_sharing},
        {"32 threads", test_32_threads},
        CU_TEST_INFO_NULL,
    };
    gt_begin();
    server = gt_start(false);
    rsa_pem = gt_json_pem_of(gt_rsa);
    int rc = gt_run("google/credentials", tests);
    gt_stop(server);
    free(rsa_pem);
    return rc;
}
