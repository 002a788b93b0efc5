/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What goes wrong with each kind of Google credentials, and what a user is told: as much of the message as comes through the driver manager, which cuts it at
 * 512 bytes. The emulator refuses by itself wherever something is wrong with what it gets; what only its endpoints can do wrong is a fault.
 */
#include "credentials.h"

#include <stdlib.h>
#include <sys/stat.h>

struct refusal {
    const char *file;        /* of the emulator's credentials; NULL: none */
    const char *from, *to;   /* an edit of it; NULL: none */
    const char *fault;       /* of the emulator; NULL: none */
    const char *set[2];      /* one variable of the environment, NULL for its value: not set; NULL: none */
    const char *state;
    const char *says[3];
};

/* `environment`: as use_environment() takes it; `options`: as instance() does. */
static void refused(const struct refusal *r, const char *environment, const char *options)
{
    char credentials[600], what[900];
    emulator_reset();
    use_environment(environment, r->file != NULL);
    if (r->fault != NULL) {
        emulator_fault(r->fault);
    }
    if (r->set[0] != NULL && r->set[1] != NULL) {
        setenv(r->set[0], r->set[1], 1);
    } else if (r->set[0] != NULL) {
        unsetenv(r->set[0]);
    }
    if (r->file == NULL) {
        credentials[0] = '\0';
    } else if (r->from != NULL) {
        snprintf(credentials, sizeof credentials, "%s", edited(r->file, r->from, r->to));
    } else {
        snprintf(credentials, sizeof credentials, "CredentialsFile=%s/%s.json", emulator_fact("CREDENTIALS"), r->file);
    }
    snprintf(what, sizeof what, "%s, %s -> %s, %s, %s", r->file ? r->file : "none", r->from ? r->from : "", r->to ? r->to : "", r->fault ? r->fault : "",
             r->set[0] ? r->set[0] : "");
    struct link l = link_new(SQL_OV_ODBC3_80);
    if (check_state(l.dbc, try_connect(l.dbc, instance(credentials, fresh_project(), options)), SQL_ERROR, r->state, what, __FILE__, __LINE__)) {
        for (size_t i = 0; i < COUNT(r->says) && r->says[i] != NULL; i++) {
            check_contains(diag_message(l.dbc, 1), r->says[i], what, __FILE__, __LINE__);
        }
        check_text(diag_state(l.dbc, 2), "", what, __FILE__, __LINE__);
        check_true(strstr(diag_message(l.dbc, 1), "ya29.") == NULL && strstr(diag_message(l.dbc, 1), "eyJ") == NULL, what, __FILE__, __LINE__); /* no token */
    }
    link_close(&l);
    if (r->set[0] != NULL) {
        unsetenv(r->set[0]);
    }
}

static void all_refused(const struct refusal *table, size_t count, const char *environment, const char *options)
{
    for (size_t i = 0; i < count; i++) {
        refused(&table[i], environment, options);
    }
}

/* An executable file beside the emulator's own helper, with that text. */
static void script(const char *name, const char *text)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", emulator_fact("STATE"), name);
    FILE *file = fopen(path, "w");
    CHECK(file != NULL);
    if (file != NULL) {
        fprintf(file, "#!/bin/sh\n%s\n", text);
        CHECK(fchmod(fileno(file), 0700) == 0);
        (void)fclose(file);
    }
}

static void files(void)
{
    static const struct refusal table[] = {
        {"service_account", "\"type\"", "\"kind\"", NULL, {0}, "28000", {"Google credentials (CredentialsFile \"", "the field \"type\" is missing", "gcloud auth application-default login"}},
        {"service_account", "\"service_account\"", "\"robot\"", NULL, {0}, "28000", {"the type \"robot\" is not known", "expected is one of service_account, authorized_user"}},
        {"service_account", "{", "", NULL, {0}, "28000", {"Google credentials (CredentialsFile \"", "not valid JSON"}},
        {"gdch_service_account", NULL, NULL, NULL, {0}, "28000", {"type gdch_service_account belong to Google Distributed Cloud", "Server and a password"}},
        {NULL, NULL, NULL, NULL, {"GOOGLE_APPLICATION_CREDENTIALS", "/nonexistent/adc.json"}, "28000",
         {"GOOGLE_APPLICATION_CREDENTIALS=\"/nonexistent/adc.json\"", "was not found"}},
        {NULL, NULL, NULL, NULL, {"GOOGLE_APPLICATION_CREDENTIALS", "/dev/null"}, "28000", {"GOOGLE_APPLICATION_CREDENTIALS=\"/dev/null\""}},
    };
    all_refused(table, COUNT(table), NULL, "");
}

static void service_account(void)
{
    static const struct refusal table[] = {
        /* Another key: what it signs cannot be verified. */
        {"service_account", "\"private_key_id\": \"", "\"private_key_id\": \"0", NULL, {0}, "28000", {"the token endpoint http://127.", "invalid_grant: Invalid JWT Signature.", "look at its keys"}},
        {"service_account", "\"client_email\": \"app@", "\"client_email\": \"gone@", NULL, {0}, "28000", {"invalid_grant: Invalid grant: account not found (HTTP 400)", "may be gone"}},
        {"service_account", "\"client_email\": \"app@", "\"client_email\": \"app", NULL, {0}, "28000", {"the field \"client_email\" is not an e-mail address"}},
        {"service_account", "\"private_key\"", "\"no_key\"", NULL, {0}, "28000", {"the field \"private_key\" is missing"}},
        {"service_account", "BEGIN PRIVATE KEY", "BEGIN SECRET KEY", NULL, {0}, "28000", {"\"private_key\"", "PEM"}},
        {"service_account", "/token\"", "/nothing\"", NULL, {0}, "08001", {"/nothing failed", "HTTP 404"}},
        {"service_account", "\"token_uri\": \"http://127.0.0.1", "\"token_uri\": \"http://oauth2.invalid", NULL, {0}, "08001", {"secrets are not sent over http://; write https://"}},
        {"service_account", NULL, NULL, "{\"at\": \"token\", \"status\": 401, \"reason\": \"unauthorized_client\", \"message\": \"not for you\"}", {0}, "28000",
         {"unauthorized_client: not for you (HTTP 401)", "unknown, disabled or not allowed"}},
        {"service_account", NULL, NULL, "{\"at\": \"token\", \"status\": 403}", {0}, "28000", {"access_denied", "organisation may not allow this scope", "LoginToken"}},
        {"service_account", NULL, NULL, "{\"at\": \"token\", \"status\": 429}", {0}, "08001", {"cannot answer now", "HTTP 429", "A quota is used up"}},
        {"service_account", NULL, NULL, "{\"at\": \"token\", \"status\": 500}", {0}, "08001", {"cannot answer now: internal_failure", "HTTP 500", "The fault is on that side"}},
        {"service_account", NULL, NULL, "{\"at\": \"token\", \"status\": 503}", {0}, "08001", {"temporarily_unavailable", "HTTP 503", "try again later"}},
        {"service_account", NULL, NULL, "{\"at\": \"token\", \"body\": \"<html>\"}", {0}, "08001", {"the answer of the token endpoint http://127.", "not valid JSON"}},
        {"service_account", NULL, NULL, "{\"at\": \"token\", \"status\": 502, \"body\": \"<html>\", \"headers\": {\"Content-Type\": \"text/html\"}}", {0}, "08001",
         {"HTTP 502 with 6 bytes of text/html", "something else may be answering there, as a proxy"}},
        {"service_account", NULL, NULL, "{\"at\": \"token\", \"omit\": [\"access_token\"]}", {0}, "08001", {"the field \"access_token\" is missing"}},
        {"service_account", NULL, NULL, "{\"at\": \"token\", \"expires_in\": -5}", {0}, "08001", {"\"expires_in\" is -5: the token has expired already"}},
        {"service_account", NULL, NULL, "{\"at\": \"token\", \"drop\": true}", {0}, "08001", {"the token endpoint http://127.", "does a firewall or a proxy on the way cut the connection?"}},
    };
    all_refused(table, COUNT(table), NULL, "");
    all_refused(table, COUNT(table), NULL, "EnableIamAuth=1");
    static const struct refusal late = {"service_account", NULL, NULL, "{\"at\": \"token\", \"delay\": 60}", {0}, "HYT00", {"the token endpoint http://127.", "LoginTimeout"}};
    refused(&late, NULL, "LoginTimeout=2");
}

static void authorized_user(void)
{
    static const struct refusal table[] = {
        {"authorized_user", "\"refresh_token\": \"1//", "\"refresh_token\": \"1/", NULL, {0}, "28000",
         {"invalid_grant: Token has been expired or revoked. (HTTP 400)", "The refresh token has expired or was revoked", "gcloud auth application-default login"}},
        {"authorized_user", "\"client_secret\": \"", "\"client_secret\": \"x", NULL, {0}, "28000",
         {"invalid_client: The provided client secret is invalid. (HTTP 401)", "client_id, client_secret"}},
        {"authorized_user", "\"refresh_token\"", "\"token\"", NULL, {0}, "28000", {"the field \"refresh_token\" is missing"}},
        {"authorized_user", NULL, NULL,
         "{\"at\": \"token\", \"status\": 400, \"body\": \"{\\\"error\\\": \\\"invalid_grant\\\", \\\"error_subtype\\\": \\\"invalid_rapt\\\", \\\"error_description\\\": \\\"reauth\\\"}\"}",
         {0}, "28000", {"invalid_grant: reauth", "Reauthentication is needed: run `gcloud auth application-default login`."}},
        {"authorized_user", NULL, NULL, "{\"at\": \"token\", \"status\": 400, \"reason\": \"admin_policy_enforced\", \"message\": \"app is blocked\"}", {0}, "28000",
         {"admin_policy_enforced: app is blocked", "another token for the database login can be given as LoginToken"}},
        /* A user is nobody's quota project. */
        {"authorized_user", NULL, NULL, "{\"at\": \"admin\", \"status\": 403, \"message\": \"The alloydb.googleapis.com API requires a quota project, which is not set by default.\"}", {0},
         "28000", {"AlloyDB Admin API", "requires a quota project", "HTTP 403"}},
    };
    all_refused(table, COUNT(table), NULL, "");
    static const struct refusal external[] = {
        {"external_account_authorized_user", "\"refresh_token\": \"1//", "\"refresh_token\": \"1/", NULL, {0}, "28000",
         {"/v1/oauthtoken refused: invalid_grant: Token has been expired or revoked.", "gcloud auth application-default login"}},
        {"external_account_authorized_user", "\"client_secret\": \"", "\"client_secret\": \"x", NULL, {0}, "28000",
         {"invalid_client: The provided client secret is invalid. (HTTP 401)", "client_id, client_secret"}},
        {"external_account_authorized_user", "\"client_id\"", "\"client\"", NULL, {0}, "28000", {"the field \"client_id\" is missing"}},
        {"external_account_authorized_user", NULL, NULL, "{\"at\": \"sts\", \"status\": 503}", {0}, "08001", {"temporarily_unavailable", "HTTP 503"}},
        {"external_account_authorized_user", NULL, NULL, "{\"at\": \"sts\", \"omit\": [\"access_token\"]}", {0}, "08001", {"the field \"access_token\" is missing"}},
    };
    all_refused(external, COUNT(external), NULL, "");
}

static void impersonated(void)
{
    static const struct refusal table[] = {
        {"impersonated_with_delegate", "delegate@", "vm@", NULL, {0}, "28000",
         {"impersonation of far@", "Permission 'iam.serviceAccounts.getAccessToken' denied", "needs the role roles/iam.serviceAccountTokenCreator on projects/-/serviceAccounts/vm@"}},
        {"impersonated_from_service_account", "serviceAccounts/target@", "serviceAccounts/far@", NULL, {0}, "28000",
         {"impersonation of far@", "refused: PERMISSION_DENIED", "roles/iam.serviceAccountTokenCreator on far@"}},
        {"impersonated_from_service_account", ":generateAccessToken", ":other", NULL, {0}, "28000",
         {"the field \"service_account_impersonation_url\" does not end in a service account's e-mail address and :generateAccessToken"}},
        {"impersonated_with_delegate", "serviceAccounts/delegate@", "serviceAccounts/delegate", NULL, {0}, "28000", {"the delegate \"", "is not the e-mail address of a service account"}},
        {"impersonated_service_account", "\"source_credentials\"", "\"source\"", NULL, {0}, "28000", {"the field \"source_credentials\" is missing"}},
        {"impersonated_service_account", "\"authorized_user\"", "\"impersonated_service_account\"", NULL, {0}, "28000",
         {"source_credentials that impersonate themselves are not supported", "\"delegates\""}},
        {"impersonated_service_account", "\"refresh_token\": \"1//", "\"refresh_token\": \"1/", NULL, {0}, "28000", {"invalid_grant: Token has been expired or revoked."}},
        {"impersonated_service_account", NULL, NULL, "{\"at\": \"impersonate\", \"status\": 401}", {0}, "28000", {"impersonation of target@", "UNAUTHENTICATED", "HTTP 401"}},
        {"impersonated_service_account", NULL, NULL, "{\"at\": \"impersonate\", \"status\": 404}", {0}, "08001", {"impersonation of target@", "NOT_FOUND", "that service account must exist"}},
        {"impersonated_service_account", NULL, NULL, "{\"at\": \"impersonate\", \"status\": 400, \"message\": \"scope is required.\"}", {0}, "28000", {"INVALID_ARGUMENT: scope is required."}},
        {"impersonated_service_account", NULL, NULL, "{\"at\": \"impersonate\", \"status\": 503}", {0}, "08001", {"impersonation of target@", "cannot answer now: UNAVAILABLE"}},
        {"impersonated_service_account", NULL, NULL, "{\"at\": \"impersonate\", \"omit\": [\"expireTime\"]}", {0}, "08001", {"the answer to impersonation of target@", "the field \"expireTime\" is missing"}},
        {"impersonated_service_account", NULL, NULL, "{\"at\": \"impersonate\", \"omit\": [\"accessToken\"]}", {0}, "08001", {"the field \"accessToken\" is missing"}},
        {"impersonated_service_account", NULL, NULL, "{\"at\": \"impersonate\", \"expires_in\": -60}", {0}, "08001", {"the field \"expireTime\" lies 6", "seconds in the past"}},
        {"external_account_impersonation", "2400", "60", NULL, {0}, "28000", {"token_lifetime_seconds\" is 60; it can be 600 to 43200"}},
        {"external_account_impersonation", "2400", "7200", NULL, {0}, "28000", {"impersonation of target@", "The token lifetime can be at most 3600s"}},
        {"external_account_impersonation", "serviceAccounts/target@", "serviceAccounts/far@", NULL, {0}, "28000", {"impersonation of far@", "roles/iam.serviceAccountTokenCreator on far@"}},
    };
    all_refused(table, COUNT(table), NULL, "");
}

static void external_file(void)
{
    static const struct refusal table[] = {
        {"external_account_file", "/subject-token\"", "/nothing\"", NULL, {0}, "28000", {"Google credentials (CredentialsFile \"", "/nothing\" was not found"}},
        {"external_account_file", "/subject-token\"", "/api-ca.pem\"", NULL, {0}, "28000", {"/v1/token refused: invalid_grant", "the JWT cannot be parsed", "the subject token has not expired"}},
        {"external_account_file", "workloadIdentityPools/emulator", "workloadIdentityPools/other", NULL, {0}, "28000", {"invalid_target: The target service", "Check \"audience\""}},
        {"external_account_file", "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/", "//iam.googleapis.com/locations/global/workforcePools/", NULL, {0}, "28000",
         {"invalid_grant", "Check \"audience\", \"subject_token_type\""}},
        {"external_account_file", "token-type:jwt", "token-type:saml2", NULL, {0}, "28000", {"the subject_token_type 'urn:ietf:params:oauth:token-type:saml2' is not configured", "\"subject_token_type\""}},
        {"external_account_file", "\"audience\"", "\"audiences\"", NULL, {0}, "28000", {"the field \"audience\" is missing"}},
        {"external_account_file", "\"file\":", "\"other\":", NULL, {0}, "28000", {"\"credential_source\" has none of \"file\", \"url\", \"executable\", \"certificate\""}},
        {"external_account_file", "\"file\":", "\"url\": \"http://127.0.0.1:1/\", \"file\":", NULL, {0}, "28000", {"has both \"file\" and \"url\"", "only one source can be meant"}},
        {"external_account_file", "\"universe_domain\"", "\"workforce_pool_user_project\": \"1\", \"universe_domain\"", NULL, {0}, "28000", {"\"workforce_pool_user_project\" is for workforce pools"}},
        {"external_account_file_json", "\"id_token\"", "\"token\"", NULL, {0}, "28000", {"the subject token's file \"", "the field \"token\" is missing"}},
        {"external_account_file_json", "\"json\"", "\"xml\"", NULL, {0}, "28000", {"\"credential_source.format.type\" is \"xml\"; it can be text or json"}},
        {"external_account_file_json", "/subject-token.json\"", "/subject-token\"", NULL, {0}, "28000", {"the subject token's file \"", "not valid JSON"}},
        {"external_account_file", NULL, NULL, "{\"at\": \"sts\", \"status\": 401}", {0}, "28000", {"invalid_client", "HTTP 401"}},
        {"external_account_file", NULL, NULL, "{\"at\": \"sts\", \"status\": 500}", {0}, "08001", {"internal_failure", "HTTP 500"}},
        {"external_account_file", NULL, NULL, "{\"at\": \"sts\", \"omit\": [\"access_token\"]}", {0}, "08001", {"the answer of the token endpoint", "the field \"access_token\" is missing"}},
        {"external_account_file", NULL, NULL, "{\"at\": \"sts\", \"drop\": true}", {0}, "08001", {"/v1/token", "cut the connection?"}},
    };
    all_refused(table, COUNT(table), NULL, "");
}

static void external_url(void)
{
    static const struct refusal table[] = {
        {"external_account_url", "X-Emulator-Workload", "X-Another", NULL, {0}, "28000",
         {"the subject token's URL http://127.", "refused: the header X-Emulator-Workload: yes is missing (HTTP 403)", "Check \"url\" and \"headers\" of credential_source."}},
        {"external_account_url", "subject-token", "nothing", NULL, {0}, "08001", {"/_emulator/nothing failed", "HTTP 404", "Check \"url\""}},
        {"external_account_url_json", "?format=json", "", NULL, {0}, "28000", {"the answer of the subject token's URL", "not valid JSON"}},
        {"external_account_url_json", "\"subject_token_field_name\": \"id_token\"", "\"subject_token_field_name\": \"token\"", NULL, {0}, "28000", {"the field \"token\" is missing"}},
        {"external_account_url", "\"yes\"", "1", NULL, {0}, "28000", {"\"credential_source.headers\" must be an object of strings"}},
        {"external_account_url", NULL, NULL, "{\"at\": \"subjectToken\", \"status\": 500}", {0}, "08001", {"the subject token's URL", "cannot answer now", "HTTP 500"}},
        {"external_account_url", NULL, NULL, "{\"at\": \"subjectToken\", \"drop\": true}", {0}, "08001", {"the subject token's URL"}},
        {"external_account_url", NULL, NULL, "{\"at\": \"subjectToken\", \"body\": \"\"}", {0}, "28000", {"the answer of the subject token's URL", "there is no token in it; it is empty"}},
        {"external_account_url", NULL, NULL, "{\"at\": \"subjectToken\", \"body\": \"nonsense\"}", {0}, "28000", {"invalid_grant", "the JWT cannot be parsed"}},
    };
    all_refused(table, COUNT(table), NULL, "");
}

static void external_executable(void)
{
    static const struct refusal table[] = {
        {"external_account_executable", NULL, NULL, NULL, {"GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES", NULL}, "28000",
         {"programs need to be allowed", "GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES=1"}},
        {"external_account_executable", NULL, NULL, NULL, {"GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES", "true"}, "28000", {"GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES=1"}},
        {"external_account_executable", "--for", "--against", NULL, {0}, "28000", {"Executable exited with non-zero return code 3. Error: the arguments are wrong: --against the emulator"}},
        {"external_account_executable", "\\\"the emulator\\\"", "\\\"the emulator", NULL, {0}, "28000", {"credential_source.executable.command\" is no command", "a quote has no end"}},
        {"external_account_executable", "5000", "4999", NULL, {0}, "28000", {"timeout_millis\" is 4999; it can be 5000 to 120000"}},
        {"external_account_executable", "subject-token-helper", "refusing-helper", NULL, {0}, "28000",
         {"the helper program's answer: Executable returned unsuccessful response: code: 401, message: Caller not authorized."}},
        {"external_account_executable", "subject-token-helper", "future-helper", NULL, {0}, "28000", {"it is of version 2; up to 1 is supported"}},
        {"external_account_executable", "subject-token-helper", "stale-helper", NULL, {0}, "28000", {"the token in it has expired"}},
        {"external_account_executable", "subject-token-helper", "odd-helper", NULL, {0}, "28000", {"the field \"token_type\" is none of urn:ietf:params:oauth:token-type:jwt"}},
        {"external_account_executable", "subject-token-helper", "empty-helper", NULL, {0}, "28000", {"the helper program's answer", "not valid JSON"}},
        {"external_account_executable", "subject-token-helper", "other-helper", NULL, {0}, "28000", {"/v1/token refused: invalid_grant", "the JWT cannot be parsed"}},
        {"external_account_executable", "subject-token-helper", "slow-helper", NULL, {0}, "08001", {"the helper program did not end within 5000 ms", "timeout_millis"}},
    };
#define JWT "\"token_type\": \"urn:ietf:params:oauth:token-type:jwt\""
    script("refusing-helper", "echo '{\"version\": 1, \"success\": false, \"code\": \"401\", \"message\": \"Caller not authorized.\"}'");
    script("future-helper", "echo '{\"version\": 2, \"success\": true, " JWT ", \"id_token\": \"x\"}'");
    script("stale-helper", "echo '{\"version\": 1, \"success\": true, " JWT ", \"id_token\": \"x\", \"expiration_time\": 1000000000}'");
    script("odd-helper", "echo '{\"version\": 1, \"success\": true, \"token_type\": \"urn:other\", \"id_token\": \"x\"}'");
    script("empty-helper", "");
    script("other-helper", "echo '{\"version\": 1, \"success\": true, " JWT ", \"id_token\": \"x\"}'");
    script("slow-helper", "exec sleep 60");
    all_refused(table, COUNT(table), NULL, "");
    static const struct refusal missing = {"external_account_executable", "subject-token-helper", "no-helper", NULL, {0}, "28000",
                                           {"the helper program \"", "no-helper\" cannot be started: No such file or directory"}};
    if (!under_valgrind()) { /* where posix_spawn() does not tell */
        refused(&missing, NULL, "");
    }
}

static void external_aws(void)
{
    static const struct refusal table[] = {
        {"external_account_aws_environment", NULL, NULL, NULL, {0}, "28000", {"the AWS region is not known: set AWS_REGION, or \"credential_source.region_url\""}},
        {"external_account_aws_environment", NULL, NULL, NULL, {"AWS_REGION", "us-east-2"}, "28000", {"no AWS keys: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"}},
        {"external_account_aws", "aws1", "aws2", NULL, {0}, "28000", {"\"credential_source.environment_id\" is \"aws2\"; only aws1 is supported"}},
        {"external_account_aws", "\"regional_cred_verification_url\"", "\"other\"", NULL, {0}, "28000", {"regional_cred_verification_url\" is missing"}},
        /* Without a session the metadata service says nothing. */
        {"external_account_aws", "\"imdsv2_session_token_url\"", "\"other\"", NULL, {0}, "28000", {"the AWS region's URL refused: HTTP 401", "Does this process run on EC2 with a role attached?", "AWS_ACCESS_KEY_ID"}},
        {"external_account_aws", "api/token", "api/nothing", NULL, {0}, "08001", {"the AWS metadata session's URL", "HTTP 404", "Does this process run on EC2"}},
        {"external_account_aws", "/availability-zone", "/nothing", NULL, {0}, "08001", {"the AWS region's URL failed", "HTTP 404"}},
        {"external_account_aws", "/security-credentials", "/nothing", NULL, {0}, "08001", {"the AWS role's URL failed", "HTTP 404", "with a role attached?"}},
        {"external_account_aws", NULL, NULL, "{\"at\": \"aws\", \"status\": 500}", {0}, "08001", {"the AWS metadata session's URL cannot answer now", "HTTP 500"}},
        {"external_account_aws", NULL, NULL, "{\"at\": \"aws\", \"skip\": 3, \"status\": 403}", {0}, "28000", {"the AWS role's credentials refused", "HTTP 403"}},
        {"external_account_aws", NULL, NULL, "{\"at\": \"aws\", \"skip\": 3, \"body\": \"{}\"}", {0}, "08001", {"the AWS role's credentials: the field \"AccessKeyId\" is missing"}},
        {"external_account_aws", NULL, NULL, "{\"at\": \"aws\", \"skip\": 2, \"body\": \"a b/c\"}", {0}, "08001", {"the AWS role's URL answered something else than the name of one role"}},
        {"external_account_aws", NULL, NULL, "{\"at\": \"aws\", \"body\": \"\"}", {0}, "08001", {"the AWS metadata session's URL answered nothing"}},
    };
    all_refused(table, COUNT(table), NULL, "");
    static const struct refusal keyed[] = {
        {"external_account_aws_environment", NULL, NULL, NULL, {"AWS_SECRET_ACCESS_KEY", "another"}, "28000", {"/v1/token refused: invalid_grant", "the AWS signature is wrong", "Check \"audience\""}},
        {"external_account_aws_environment", NULL, NULL, NULL, {"AWS_ACCESS_KEY_ID", "AKIAUNKNOWN"}, "28000", {"the AWS keys are not known"}},
        {"external_account_aws_environment", NULL, NULL, NULL, {"AWS_SESSION_TOKEN", "another"}, "28000", {"the AWS keys are not known"}},
        {"external_account_aws_environment", NULL, NULL, NULL, {"AWS_REGION", "us-east-2/x"}, "28000", {"the AWS region or keys hold characters that they cannot have"}},
        {"external_account_aws_environment", "Action=GetCallerIdentity", "Action=Other", NULL, {0}, "28000", {"the AWS subject token does not ask for GetCallerIdentity"}},
        {"external_account_aws_environment", "sts.{region}.amazonaws.com", "sts.example.com", NULL, {0}, "28000", {"the AWS subject token is not for the regional STS"}},
        {"external_account_aws_environment", "aws4_request", "aws5_request", NULL, {0}, "28000", {"subject_token_type 'urn:ietf:params:aws:token-type:aws5_request' is not configured"}},
        {"external_account_aws_environment", NULL, NULL, "{\"at\": \"clock\", \"offset\": 7200}", {0}, "28000",
         {"the AWS signature has expired, or is not yet valid", "This machine's clock is 7", "seconds behind the server's: set it right."}},
    };
    all_refused(keyed, COUNT(keyed), "aws-environment", "");
}

static void external_x509(void)
{
    static const struct refusal table[] = {
        {"external_account_x509", "certificate_config.json", "no_config.json", NULL, {0}, "28000", {"no_config.json\" was not found"}},
        {"external_account_x509", "certificate_config.json", "emulator.json", NULL, {0}, "28000", {"the certificate configuration \"", "the field \"cert_configs.workload.cert_path\" is missing"}},
        {"external_account_x509", "\"certificate_config_location\"", "\"other\"", NULL, {0}, "28000", {"must have either \"certificate_config_location\" or \"use_default_certificate_config\": true"}},
        {"external_account_x509", "certificate_config.json", "certificate_config_stranger.json", NULL, {0}, "08001", {"the token endpoint https://127.", "unknown ca", "does the server accept the client's certificate?"}},
        {"external_account_x509_chain", "\"trust_chain_path\"", "\"other\"", NULL, {0}, "28000", {"/v1/token refused: invalid_grant", "the certificate is not of the workload's authority"}},
        {"external_account_x509_chain", "workload-chain.pem", "no-chain.pem", NULL, {0}, "28000", {"no-chain.pem\" was not found"}},
        {"external_account_x509_chain", "workload-chain.pem", "subject-token", NULL, {0}, "28000", {"subject-token\" holds no certificate in PEM form"}},
        {"external_account_x509_chain", "workload-chain.pem", "api-ca.pem", NULL, {0}, "28000", {"invalid_grant"}},
    };
    all_refused(table, COUNT(table), NULL, "");
    /* An endpoint that asks for no certificate. */
    char port[32], other[32];
    snprintf(port, sizeof port, ":%s/v1/token", strrchr(emulator_fact("MTLS"), ':') + 1);
    snprintf(other, sizeof other, ":%s/v1/token", strrchr(emulator_fact("HTTPS"), ':') + 1);
    const struct refusal plain = {"external_account_x509", port, other, NULL, {0}, "28000", {"invalid_grant", "this connection has no client certificate"}};
    refused(&plain, NULL, "");
}

static void metadata(void)
{
    static const struct refusal table[] = {
        {NULL, NULL, NULL, "{\"at\": \"metadata\", \"skip\": 1, \"status\": 404, \"body\": \"<!DOCTYPE html>\"}", {0}, "08001",
         {"Google credentials (metadata server 127.", "the metadata server failed: HTTP 404", "Does this machine have a service account?"}},
        {NULL, NULL, NULL, "{\"at\": \"metadata\", \"skip\": 1, \"status\": 403}", {0}, "28000", {"the metadata server refused", "set up Workload Identity for the pod"}},
        {NULL, NULL, NULL, "{\"at\": \"metadata\", \"omit\": [\"access_token\"]}", {0}, "08001", {"the token's answer: the field \"access_token\" is missing"}},
        {NULL, NULL, NULL, "{\"at\": \"metadata\", \"expires_in\": 0}", {0}, "08001", {"\"expires_in\" is 0: the token has expired already"}},
        {NULL, NULL, NULL, "{\"at\": \"metadata\", \"skip\": 1, \"body\": \"nonsense\"}", {0}, "08001", {"the token's answer", "not valid JSON"}},
        {NULL, NULL, NULL, "{\"at\": \"metadata\", \"body\": \"a captive portal\"}", {0}, "08001", {"the metadata server's universe is not a domain name", "something else may be answering there"}},
        {NULL, NULL, NULL, NULL, {"GCE_METADATA_MTLS_MODE", "strict"}, "28000", {"GCE_METADATA_MTLS_MODE=strict asks for client certificates", "CredentialsFile"}},
        {NULL, NULL, NULL, NULL, {"NO_GCE_CHECK", "true"}, "28000",
         {"Google credentials were not found: the environment variable GOOGLE_APPLICATION_CREDENTIALS is not set", "gcloud/application_default_credentials.json\"", "run `gcloud auth application-default login`"}},
        {NULL, NULL, NULL, NULL, {"GCE_METADATA_HOST", "127.0.0.1:1"}, "08001", {"Google credentials (metadata server 127.0.0.1:1): asking the metadata server: ", "127.0.0.1 port 1"}},
        {NULL, NULL, NULL, "{\"at\": \"metadata\", \"scopes\": [\"https://www.googleapis.com/auth/devstorage.read_only\"]}", {0}, "28000",
         {"AlloyDB Admin API", "Request had insufficient authentication scopes.", "a virtual machine needs it among its access scopes"}},
    };
    all_refused(table, COUNT(table), NULL, "");
    /* Who answers there is no metadata server; a machine of Google's would know of another one. */
    static const struct refusal stranger = {NULL, NULL, NULL, "{\"at\": \"metadata\", \"flavor\": false}", {"GCE_METADATA_HOST", NULL}, "28000",
                                            {"Google credentials were not found", "this is no machine of Google Cloud with a metadata server. Give CredentialsFile"}};
    FILE *firmware = fopen("/sys/class/dmi/id/product_name", "r");
    char name[7] = "";
    bool google = firmware != NULL && fread(name, 1, 6, firmware) == 6 && strcmp(name, "Google") == 0;
    if (firmware != NULL) {
        (void)fclose(firmware);
    }
    if (!google) {
        refused(&stranger, NULL, "");
    }
}

int main(void)
{
    static const struct test tests[] = {
        {"files", files},
        {"service_account", service_account},
        {"authorized_user", authorized_user},
        {"impersonated_service_account", impersonated},
        {"external_account: file", external_file},
        {"external_account: url", external_url},
        {"external_account: executable", external_executable},
        {"external_account: AWS", external_aws},
        {"external_account: X.509", external_x509},
        {"metadata server", metadata},
    };
    credentials_begin();
    return run_tests("refusals of credentials", tests, COUNT(tests));
}
