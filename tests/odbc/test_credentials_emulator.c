/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each kind of Google credentials at the emulator's endpoints, which share no code with the driver: a connection with a password, whose token only opens the
 * way, and an IAM login, as themselves or as the service account that they impersonate. Whose tokens reach API and exchange, and of which scopes, the emulator
 * writes down. What goes wrong is in test_refusals_emulator.c.
 */
#include "credentials.h"

#include <stdlib.h>

#define LOGIN_SCOPE "https://www.googleapis.com/auth/alloydb.login"
#define API_SCOPE "https://www.googleapis.com/auth/cloud-platform"

/* Files of the emulator's; NULL: none, but the metadata server. */
static const struct kind {
    const char *file;
    const char *who;         /* as principal() says */
    bool narrow;             /* the token of the login has its scope alone */
    const char *environment; /* a file of the emulator's that is to be sourced; NULL: none */
    const char *last;        /* the journal's kind of the call that brings the token */
    const char *saw;         /* in an entry of the journal that shows which way it came; NULL: that is seen already */
} kinds[] = {
    {"service_account", "app", true, NULL, "token", "jwt-bearer"},
    {"authorized_user", "alice", false, NULL, "token", "\"refresh_token\""},
    {"impersonated_service_account", "target", true, NULL, "impersonate", NULL},
    {"impersonated_from_service_account", "target", true, NULL, "impersonate", NULL},
    {"impersonated_with_delegate", "far", true, NULL, "impersonate", "projects/-/serviceAccounts/delegate@"},
    {"external_account_file", "workload", true, NULL, "sts", "oauth:token-type:jwt"},
    {"external_account_file_json", "workload", true, NULL, "sts", NULL},
    {"external_account_url", "workload", true, NULL, "sts", "/_emulator/subject-token"},
    {"external_account_url_json", "workload", true, NULL, "sts", "/_emulator/subject-token"},
    {"external_account_executable", "workload", true, NULL, "sts", NULL},
    {"external_account_executable_output_file", "workload", true, NULL, "sts", NULL},
    {"external_account_aws", "workload", true, NULL, "sts", "/latest/meta-data/iam/security-credentials/"},
    {"external_account_aws", "workload", true, "aws-environment", "sts", "aws:token-type:aws4_request"},
    {"external_account_aws", "workload", true, "aws-session-environment", "sts", NULL},
    {"external_account_aws_environment", "workload", true, "aws-environment", "sts", NULL},
    {"external_account_x509", "workload", true, NULL, "sts", "oauth:token-type:mtls"},
    {"external_account_x509_chain", "workload", true, NULL, "sts", NULL},
    {"external_account_impersonation", "target", true, NULL, "impersonate", "\"lifetime\": 2400"},
    {"external_account_authorized_user", "bob", false, NULL, "sts", "\"refresh_token\""},
    {NULL, "vm", true, NULL, "metadata", "/service-accounts/default/token"},
};

/* One that is used as `k` says. */
static const char *credentials(const struct kind *k)
{
    static char text[600];
    use_environment(k->environment, k->file != NULL);
    snprintf(text, sizeof text, "CredentialsFile=%s/%s.json", emulator_fact("CREDENTIALS"), k->file ? k->file : "");
    return k->file ? text : "";
}

static const char *name_of(const struct kind *k)
{
    return k->file ? k->file : "metadata server";
}

static bool has_user(const struct kind *k)
{
    return strcmp(k->who, "workload") != 0 && strcmp(k->who, "bob") != 0;
}

/* Connected, as that user of the database. */
static void opens(const char *text, const char *user, const char *what, unsigned line)
{
    struct link l = link_new(SQL_OV_ODBC3_80);
    if (check_rc(l.dbc, try_connect(l.dbc, text), SQL_SUCCESS, what, __FILE__, line)) {
        l.stmt = new_stmt(l.dbc);
        check_text(query_text(l.stmt, "select current_user"), user, what, __FILE__, line);
    }
    link_close(&l);
}

/* The journal's only exchange was with a token of that principal, and of the login's scope alone if `narrow`; the API's calls were, with the API's scope. */
static void saw_tokens_of(const char *who, bool narrow, const char *what, unsigned line)
{
    char wanted[512];
    snprintf(wanted, sizeof wanted, "\"principal\": \"%s\"", principal(who));
    check_int((int64_t)emulator_count("exchange"), 1, what, __FILE__, line);
    check_true(emulator_saw("exchange", wanted), wanted, __FILE__, line);
    check_int((int64_t)emulator_count("admin"), 2, what, __FILE__, line);
    check_true(emulator_saw("admin", wanted), wanted, __FILE__, line);
    check_true(emulator_saw("admin", API_SCOPE), what, __FILE__, line);
    check_true(!emulator_saw("admin", LOGIN_SCOPE), what, __FILE__, line);
    check_true(emulator_saw("exchange", LOGIN_SCOPE) == narrow, what, __FILE__, line);
    check_true(emulator_saw("exchange", API_SCOPE) == !narrow, what, __FILE__, line);
}

/* The token opens the way, the password logs in. */
static void passwords(void)
{
    for (size_t i = 0; i < COUNT(kinds); i++) {
        const struct kind *k = &kinds[i];
        emulator_reset();
        opens(instance(credentials(k), fresh_project(), ""), fact("USER"), name_of(k), __LINE__);
        saw_tokens_of(k->who, k->narrow, name_of(k), __LINE__);
        CHECK(emulator_saw("exchange", "DB_NATIVE"));
        check_true(emulator_count(k->last) > 0, name_of(k), __FILE__, __LINE__);
        check_true(k->saw == NULL || emulator_saw("", k->saw), name_of(k), __FILE__, __LINE__);
    }
}

/* As whom they log in the credentials say themselves, or they do not know. */
static void iam(void)
{
    for (size_t i = 0; i < COUNT(kinds); i++) {
        const struct kind *k = &kinds[i];
        emulator_reset();
        const char *text = instance(credentials(k), fresh_project(), "EnableIamAuth=1");
        if (has_user(k)) {
            opens(text, role(k->who), name_of(k), __LINE__);
            saw_tokens_of(k->who, k->narrow, name_of(k), __LINE__);
            CHECK(emulator_saw("exchange", "AUTO_IAM"));
        } else {
            emulator_refuses(text, "28000", "the credentials do not say whose they are", "UID");
            CHECK_INT(emulator_count("front"), 0);
        }
    }
}

/* Google's own address of the IAM API, which the emulator answers for as a proxy. */
static void impersonation(void)
{
    for (size_t i = 0; i < COUNT(kinds); i++) {
        const struct kind *k = &kinds[i];
        bool alone = strcmp(k->who, "far") == 0;
        char caller[256], options[1024];
        emulator_reset();
        snprintf(caller, sizeof caller, "\"caller\": \"%s\"", principal(k->who));
        snprintf(options, sizeof options, "EnableIamAuth=1;ProxyUrl=%s;ImpersonateServiceAccount=%s", emulator_fact("URL"), principal(alone ? "far" : "target"));
        opens(instance(credentials(k), fresh_project(), options), role(alone ? "far" : "target"), name_of(k), __LINE__);
        saw_tokens_of(alone ? "far" : "target", true, name_of(k), __LINE__);
        check_true(emulator_saw("impersonate", caller), caller, __FILE__, __LINE__);
        CHECK(emulator_saw("impersonate", "\"proxied\": true"));
    }
    static const char *const own[] = {"service_account", "authorized_user", "external_account_aws", "external_account_authorized_user"};
    for (size_t i = 0; i < COUNT(own); i++) {
        for (int way = 0; way < 2; way++) {
            char options[1024], file[512], delegate[256];
            emulator_reset();
            snprintf(file, sizeof file, "CredentialsFile=%s/%s.json", emulator_fact("CREDENTIALS"), own[i]);
            snprintf(delegate, sizeof delegate, "projects/-/serviceAccounts/%s", principal("delegate"));
            snprintf(options, sizeof options, "EnableIamAuth=1;ProxyUrl=%s;ImpersonateServiceAccount={%s%s%s}%s%s", emulator_fact("URL"),
                     way ? "" : delegate + strlen("projects/-/serviceAccounts/"), way ? "" : ", ", principal("far"), way ? ";Delegates=" : "",
                     way ? principal("delegate") : "");
            opens(instance(file, fresh_project(), options), role("far"), own[i], __LINE__);
            CHECK(emulator_saw("impersonate", delegate));
            /* Nobody reaches him without the one in between. */
            snprintf(options, sizeof options, "EnableIamAuth=1;ProxyUrl=%s;ImpersonateServiceAccount=%s", emulator_fact("URL"), principal("far"));
            emulator_refuses(instance(file, fresh_project(), options), "28000", "iam.serviceAccounts.getAccessToken", "roles/iam.serviceAccountTokenCreator on far@");
        }
    }
}

/* The same files with https:// in them. */
static void over_tls(void)
{
    for (size_t i = 0; i < COUNT(kinds); i++) {
        const struct kind *k = &kinds[i];
        char file[600], options[256];
        if (k->file == NULL) {
            continue;
        }
        emulator_reset();
        (void)credentials(k);
        snprintf(file, sizeof file, "CredentialsFile=%s/credentials-https/%s.json", emulator_fact("STATE"), k->file);
        snprintf(options, sizeof options, "ApiEndpoint=%s", emulator_fact("HTTPS"));
        opens(instance(file, fresh_project(), options), fact("USER"), k->file, __LINE__);
        saw_tokens_of(k->who, k->narrow, k->file, __LINE__);
        check_true(emulator_saw(k->last, "\"secure\": true") && !emulator_saw(k->last, "\"secure\": false"), k->file, __FILE__, __LINE__);
        CHECK(!emulator_saw("admin", "\"secure\": false"));
    }
    /* Google's own addresses, where the files name none; the emulator answers for them as a proxy. */
    static const struct {
        const char *file, *field, *who;
        bool narrow;
        const char *last;
    } bare[] = {{"service_account", "\"token_uri\"", "app", true, "token"},
                {"authorized_user", "\"token_uri\"", "alice", false, "token"},
                {"external_account_file", "\"token_url\"", "workload", true, "sts"},
                {"external_account_authorized_user", "\"token_url\"", "bob", false, "sts"}};
    use_environment(NULL, true);
    for (size_t i = 0; i < COUNT(bare); i++) {
        char options[256];
        emulator_reset();
        snprintf(options, sizeof options, "ProxyUrl=%s", emulator_fact("URL"));
        opens(instance(edited(bare[i].file, bare[i].field, "\"unknown\""), fresh_project(), options), fact("USER"), bare[i].file, __LINE__);
        saw_tokens_of(bare[i].who, bare[i].narrow, bare[i].file, __LINE__);
        CHECK(emulator_saw(bare[i].last, "\"proxied\": true"));
    }
}

static void given_tokens(void)
{
    char options[2048], both[2048];
    use_environment(NULL, true);
    snprintf(both, sizeof both, "AccessToken=%s", contents("access-token"));
    emulator_reset();
    opens(instance(both, fresh_project(), ""), fact("USER"), "AccessToken", __LINE__);
    saw_tokens_of("app", false, "AccessToken", __LINE__);
    emulator_reset();
    snprintf(options, sizeof options, "EnableIamAuth=1;UID=%s;LoginToken=%s", role("app"), contents("login-token"));
    opens(instance(both, fresh_project(), options), role("app"), "LoginToken", __LINE__);
    saw_tokens_of("app", true, "LoginToken", __LINE__);
}

/* What a helper program left the last time is used without it. */
static void output_file(void)
{
    static const char name[] = "external_account_executable_output_file";
    char file[512];
    use_environment(NULL, true);
    emulator_reset();
    snprintf(file, sizeof file, "CredentialsFile=%s/%s.json", emulator_fact("CREDENTIALS"), name);
    opens(instance(file, fresh_project(), ""), fact("USER"), "the helper", __LINE__);
    opens(instance(edited(name, "/subject-token-helper", "/gone"), fresh_project(), ""), fact("USER"), "its file", __LINE__);
    CHECK_INT(emulator_count("exchange"), 2);
}

/* Whose metadata server it is, and which scopes it gives. */
static void metadata(void)
{
    static const struct {
        const char *fault;
        bool narrow;
    } own[] = {
        {"{\"at\": \"metadata\", \"form\": \"gce\"}", true},
        {"{\"at\": \"metadata\", \"form\": \"gke\"}", true},
        {"{\"at\": \"metadata\", \"form\": \"cloud-run\"}", true},
        {"{\"at\": \"metadata\", \"scopes\": [\"" API_SCOPE "\"]}", false},
        {"{\"at\": \"metadata\", \"scopes\": [\"" API_SCOPE "\"], \"beyond\": \"refused\"}", false},
        {"{\"at\": \"metadata\", \"status\": 503, \"times\": 2}", true},
    };
    use_environment(NULL, false);
    for (size_t i = 0; i < COUNT(own); i++) {
        emulator_reset();
        emulator_fault(own[i].fault);
        opens(instance("", fresh_project(), "EnableIamAuth=1"), role("vm"), own[i].fault, __LINE__);
        saw_tokens_of("vm", own[i].narrow, own[i].fault, __LINE__);
    }
    emulator_reset();
    emulator_fault("{\"at\": \"metadata\", \"form\": \"gke-pool\"}");
    opens(instance("", fresh_project(), ""), fact("USER"), "a pod without a service account", __LINE__);
    saw_tokens_of("workload", true, "a pod without a service account", __LINE__);
    emulator_refuses(instance("", fresh_project(), "EnableIamAuth=1"), "28000", "the credentials do not say whose they are", "give the database user in UID");
    use_environment(NULL, true);
}

/* An answer that brings another refresh token: the old one is good no more, and the new one is used. */
static void rotation(void)
{
    static const char *const files[][2] = {{"authorized_user", "token"}, {"external_account_authorized_user", "sts"}};
    int seconds = under_valgrind() ? 40 : 2;
    use_environment(NULL, true);
    for (size_t i = 0; i < COUNT(files); i++) {
        char file[512], fault[100], text[4096];
        emulator_reset();
        snprintf(file, sizeof file, "CredentialsFile=%s/%s.json", emulator_fact("CREDENTIALS"), files[i][0]);
        snprintf(fault, sizeof fault, "{\"at\": \"%s\", \"rotate\": true, \"expires_in\": %d}", files[i][1], seconds);
        emulator_fault(fault);
        snprintf(text, sizeof text, "%s", instance(file, fresh_project(), ""));
        struct link l = emulator_link(text); /* keeps the credentials */
        pause_s(seconds + 0.1);
        opens(text, fact("USER"), files[i][0], __LINE__);
        CHECK_INT(emulator_count(files[i][1]), 2);
        CHECK(!emulator_saw(files[i][1], "invalid_grant"));
        link_close(&l);
        emulator_refuses(instance(file, fresh_project(), ""), "28000", "invalid_grant: Token has been expired or revoked.", "gcloud auth application-default login");
    }
    emulator_reset();
}

int main(void)
{
    static const struct test tests[] = {
        {"a password", passwords},
        {"IAM", iam},
        {"ImpersonateServiceAccount", impersonation},
        {"over TLS", over_tls},
        {"tokens that are given", given_tokens},
        {"a helper program's file", output_file},
        {"metadata servers", metadata},
        {"refresh tokens that change", rotation},
    };
    credentials_begin();
    return run_tests("kinds of credentials", tests, COUNT(tests));
}
