/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The connector against tests/emulator/, which shares no code with it: each kind of credentials, each fault, PostgreSQL behind. ALDB_TEST_EMULATOR names the
 * state folder of one that runs, with a server behind it.
 */
#include "connector_support.h"

static const char *folder;
static struct aldb_json facts;
static struct aldb_buf facts_text;
static const char *uri, *http_url;
static struct aldb_http *client;

static const char *fact(const char *path)
{
    const char *text = NULL;
    GT_OK(aldb_json_string(&facts, path, ALDB_JSON_REQUIRED, &text, &diag), &diag);
    return text ? text : "";
}

/* The first instance's object is in a list, which json.h's paths do not lead into. */
static char *instance_field(const char *name)
{
    char key[64];
    (void)snprintf(key, sizeof key, "\"%s\": \"", name);
    const char *at = strstr(facts_text.data, "\"instances\"");
    at = at ? strstr(at, key) : NULL;
    return at ? strndup(at + strlen(key), strcspn(at + strlen(key), "\"")) : NULL;
}

/* To the emulator's own calls. The body of its answer is the caller's. */
static char *control(const char *method, const char *path, const char *body)
{
    char url[256];
    struct aldb_call call = gt_call(20000);
    struct aldb_http_answer a;
    struct aldb_http_request r = {.method = method, .url = url, .body = aldb_slice_of(body), .max_answer = 32u << 20};
    (void)snprintf(url, sizeof url, "%s/_emulator/%s", http_url, path);
    aldb_http_perform(client, &r, &call, &a);
    if (a.fault != ALDB_HTTP_ANSWERED || a.status / 100 != 2) {
        (void)printf("\n  %s %s: %d %s %s", method, path, a.status, aldb_buf_cstr(&a.why), aldb_buf_cstr(&a.body));
        CU_FAIL("the emulator does not obey");
    }
    char *text = strdup(aldb_buf_cstr(&a.body));
    aldb_http_answer_clear(&a);
    return text;
}

static void reset(void)
{
    free(control("POST", "reset", ""));
}

static void fault(const char *json)
{
    free(control("POST", "faults", json));
}

/* Entries of the journal of that kind. */
static size_t count(const char *kind)
{
    char path[100], word[100];
    (void)snprintf(path, sizeof path, "requests?kind=%s", kind);
    (void)snprintf(word, sizeof word, "\"kind\": \"%s\"", kind);
    char *text = control("GET", path, NULL);
    size_t n = 0;
    for (const char *p = text; (p = strstr(p, word)) != NULL; p++) {
        n++;
    }
    free(text);
    return n;
}

static struct aldb_dial_options options(const char *credentials)
{
    static unsigned quota; /* makes the cache's entry a new one */
    static char project[32], file[2][256];
    char *f = file[quota % 2];
    (void)snprintf(project, sizeof project, "q%u", quota++);
    (void)snprintf(f, sizeof file[0], "%s/credentials/%s.json", folder, credentials);
    return (struct aldb_dial_options){.InstanceUri = uri, .ApiEndpoint = http_url, .credentials = {.CredentialsFile = f, .QuotaProject = project}};
}

static enum aldb_rc connect_with(const struct aldb_dial_options *o, int64_t ms, struct aldb_stream **s)
{
    struct aldb_call call = gt_call(ms);
    struct aldb_dialer *d = NULL;
    *s = NULL;
    enum aldb_rc rc = aldb_dialer_open(o, &call, &d, &diag);
    if (rc == ALDB_OK) {
        rc = aldb_dial(d, &call, s, &diag);
    }
    aldb_dialer_close(d);
    return rc;
}

static void done(struct aldb_stream *s)
{
    if (s) {
        s->type->close(s, 1000);
    }
}

/* All of it, within half a minute. */
static bool transfer(struct aldb_stream *s, char *data, size_t len, bool out)
{
    struct aldb_deadline until = aldb_deadline_in_ms(30000);
    while (len > 0 && !aldb_deadline_over(until)) {
        short events = 0;
        ssize_t n = out ? s->type->write(s, data, len, &events) : s->type->read(s, data, len, &events);
        if (n < 0) {
            return false;
        }
        if (n == 0) {
            struct pollfd p = {.fd = s->type->fd(s), .events = events};
            (void)poll(&p, 1, 1000);
        }
        data += n;
        len -= (size_t)n;
    }
    return len == 0;
}

/* PostgreSQL's answer to the start-up message of that user: its type and, for 'R', the kind of authentication. */
static void start_up(struct aldb_stream *s, const char *user, char *type, unsigned *authentication)
{
    struct aldb_buf b;
    unsigned char head[9] = {0};
    aldb_buf_init(&b, 1000);
    aldb_buf_add_be32(&b, (uint32_t)(4 + 4 + 5 + strlen(user) + 1 + 18 + 1));
    aldb_buf_add_be32(&b, 196608);
    aldb_buf_add(&b, "user", 5);
    aldb_buf_add(&b, user, strlen(user) + 1);
    aldb_buf_add(&b, "database\0postgres\0", 18);
    aldb_buf_add_char(&b, '\0');
    CU_ASSERT_TRUE(transfer(s, b.data, b.len, true));
    CU_ASSERT_TRUE(transfer(s, (char *)head, sizeof head, false));
    *type = (char)head[0];
    *authentication = (unsigned)head[7] << 8 | head[8];
    aldb_buf_clear(&b);
}

/* Each kind; `file` NULL: none, but the metadata server. */
static const struct kind {
    const char *file;
    const char *who;  /* a fact: whose database user they are; NULL: they do not say */
    bool narrow;      /* a token for logins alone can be had */
    bool environment; /* AWS keys come from it */
} kinds[] = {
    {"service_account", "app", true, false},
    {"authorized_user", "alice", false, false},
    {"impersonated_service_account", "target", true, false},
    {"impersonated_from_service_account", "target", true, false},
    {"impersonated_with_delegate", "far", true, false},
    {"external_account_file", NULL, true, false},
    {"external_account_file_json", NULL, true, false},
    {"external_account_url", NULL, true, false},
    {"external_account_url_json", NULL, true, false},
    {"external_account_executable", NULL, true, false},
    {"external_account_executable_output_file", NULL, true, false},
    {"external_account_aws", NULL, true, false},
    {"external_account_aws", NULL, true, true},
    {"external_account_aws_environment", NULL, true, true},
    {"external_account_x509", NULL, true, false},
    {"external_account_x509_chain", NULL, true, false},
    {"external_account_impersonation", "target", true, false},
    {"external_account_authorized_user", NULL, false, false},
    {NULL, "vm", true, false},
};

/* A fact about a principal: "role" or "email". */
static const char *named(const char *who, const char *what)
{
    char path[64];
    (void)snprintf(path, sizeof path, "principals.%s.%s", who, what);
    return fact(path);
}

static void use_aws_keys(bool wanted)
{
    static const char *const names[] = {"AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"};
    char path[256];
    (void)snprintf(path, sizeof path, "%s/aws-environment", folder);
    char *text = gt_read(path);
    for (size_t i = 0; i < ALDB_COUNT(names); i++) {
        char key[64];
        (void)snprintf(key, sizeof key, "export %s=", names[i]);
        char *at = text ? strstr(text, key) : NULL;
        CU_ASSERT_PTR_NOT_NULL(at);
        (void)unsetenv(names[i]);
        if (at && wanted) {
            char *value = strndup(at + strlen(key), strcspn(at + strlen(key), "\n"));
            (void)setenv(names[i], value, 1);
            free(value);
        }
    }
    aldb_free(text);
}

/* Options for that kind, and the environment that it lives in. */
static struct aldb_dial_options options_of(const struct kind *k)
{
    struct aldb_dial_options o = options(k->file ? k->file : "none");
    use_aws_keys(k->environment);
    (void)setenv("GCE_METADATA_HOST", fact("metadata"), 1);
    (void)setenv("GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES", "1", 1);
    o.credentials.ca_file = fact("api_ca"); /* of the endpoint that asks for a workload's certificate */
    if (k->file == NULL) {
        o.credentials.CredentialsFile = NULL;
    }
    return o;
}

static void test_credentials(void)
{
    reset();
    for (size_t i = 0; i < ALDB_COUNT(kinds); i++) {
        struct aldb_dial_options o = options_of(&kinds[i]);
        struct aldb_stream *s;
        struct aldb_dialer *d = NULL;
        struct aldb_call call = gt_call(30000);
        char *user = NULL;
        GT_OK(aldb_dialer_open(&o, &call, &d, &diag), &diag);
        CU_ASSERT_PTR_NOT_NULL_FATAL(d);
        GT_OK(aldb_dialer_user(d, &call, &user, &diag), &diag);
        GT_TEXT(user, kinds[i].who ? named(kinds[i].who, "role") : NULL);
        GT_OK(aldb_dial(d, &call, &s, &diag), &diag);
        done(s);
        aldb_free(user);
        aldb_dialer_close(d);
    }
    CU_ASSERT_EQUAL(count("exchange"), ALDB_COUNT(kinds));
    CU_ASSERT_EQUAL(count("admin"), 2 * ALDB_COUNT(kinds));
}

/* Is that text in any entry of that kind? */
static bool saw(const char *kind, const char *text)
{
    char path[100];
    (void)snprintf(path, sizeof path, "requests?kind=%s", kind);
    char *journal = control("GET", path, NULL);
    bool found = strstr(journal, text) != NULL;
    free(journal);
    return found;
}

/* Both tokens: of these credentials, and of a service account that they impersonate. */
static void check_tokens(const struct aldb_credentials_options *o, bool narrow, const char *last, const char *name)
{
    struct aldb_credentials *c = NULL;
    struct aldb_call call = gt_call(30000);
    struct aldb_token tokens[ALDB_TOKEN_USES] = {0};
    GT_OK(aldb_credentials_open(o, &call, &c, &diag), &diag);
    CU_ASSERT_PTR_NOT_NULL_FATAL(c);
    GT_OK(aldb_credentials_token(c, ALDB_TOKEN_API, &call, &tokens[ALDB_TOKEN_API], &diag), &diag);
    bool api = saw(last, "auth/cloud-platform") && !saw(last, "auth/alloydb.login");
    reset();
    GT_OK(aldb_credentials_token(c, ALDB_TOKEN_LOGIN, &call, &tokens[ALDB_TOKEN_LOGIN], &diag), &diag);
    bool login = narrow ? saw(last, "auth/alloydb.login") && !saw(last, "auth/cloud-platform") : count(last) == 0;
    const char *const values[] = {tokens[0].value.value, tokens[1].value.value};
    bool differ = values[0] && values[1] && strcmp(values[0], values[1]) != 0;
    if (!api || !login || differ != narrow) {
        (void)printf("\n  %s: api %d, login %d, differ %d", name, api, login, differ);
        CU_FAIL("other tokens");
    }
    aldb_token_clear(&tokens[0]);
    aldb_token_clear(&tokens[1]);
    aldb_credentials_unref(c);
}

static void test_tokens(void)
{
    for (size_t i = 0; i < ALDB_COUNT(kinds); i++) {
        const struct kind *k = &kinds[i];
        const char *name = k->file ? k->file : "metadata server";
        bool external = strncmp(name, "external", 8) == 0, acts = k->who && (strcmp(k->who, "target") == 0 || strcmp(k->who, "far") == 0);
        struct aldb_credentials_options o = options_of(k).credentials;
        reset();
        check_tokens(&o, k->narrow, acts ? "impersonate" : external ? "sts" : k->file ? "token" : "metadata", name);
        char *target = strdup(named(k->who && strcmp(k->who, "far") == 0 ? "far" : "target", "email"));
        o = options_of(k).credentials;
        o.ImpersonateServiceAccount = target;
        o.iam_endpoint = http_url;
        if (!acts) { /* else both steps are in the journal */
            reset();
            check_tokens(&o, true, "impersonate", name);
        }
        free(target);
    }
    /* Through somebody else, in both ways of writing it. */
    char *delegate = strdup(named("delegate", "email"));
    char *far = strdup(named("far", "email"));
    char both[512];
    (void)snprintf(both, sizeof both, "%s,%s", delegate, far);
    for (int way = 0; way < 2; way++) {
        struct aldb_credentials_options o = options_of(&kinds[way]).credentials;
        o.iam_endpoint = http_url;
        o.ImpersonateServiceAccount = way ? far : both;
        o.Delegates = way ? delegate : NULL;
        reset();
        check_tokens(&o, true, "impersonate", "delegates");
        CU_ASSERT_TRUE(saw("impersonate", delegate));
    }
    free(delegate);
    free(far);
    use_aws_keys(false);
}

static void test_login(void)
{
    char type = 0;
    unsigned authentication = 99;
    reset();
    struct aldb_dial_options o = options("service_account");
    struct aldb_stream *s;
    GT_OK(connect_with(&o, 30000, &s), &diag);
    CU_ASSERT_PTR_NOT_NULL_FATAL(s);
    start_up(s, "aldb_test", &type, &authentication); /* the test server wants its password */
    CU_ASSERT_EQUAL(type, 'R');
    CU_ASSERT_EQUAL(authentication, 10); /* the server's own SCRAM passes through */
    done(s);
    o.EnableIamAuth = true;
    struct aldb_dialer *d = NULL;
    struct aldb_call call = gt_call(30000);
    char *user = NULL;
    GT_OK(aldb_dialer_open(&o, &call, &d, &diag), &diag);
    GT_OK(aldb_dialer_user(d, &call, &user, &diag), &diag);
    GT_TEXT(user, fact("principals.app.role"));
    GT_OK(aldb_dial(d, &call, &s, &diag), &diag);
    start_up(s, user, &type, &authentication);
    CU_ASSERT_EQUAL(type, 'R');
    CU_ASSERT_EQUAL(authentication, 0); /* logged in, and nobody asked for a password */
    done(s);
    aldb_free(user);
    aldb_dialer_close(d);
    CU_ASSERT_EQUAL(count("admin"), 2);
}

/* Tokens and the Admin API over TLS, whose authority is the emulator's own; with and without https:// in ApiEndpoint. */
static void test_tls(void)
{
    const char *const endpoints[] = {fact("https"), fact("https") + strlen("https://")};
    struct aldb_stream *s;
    reset();
    for (size_t i = 0; i < ALDB_COUNT(endpoints); i++) {
        struct aldb_dial_options o = options("../credentials-https/service_account");
        o.ApiEndpoint = endpoints[i];
        o.credentials.ca_file = fact("api_ca");
        GT_OK(connect_with(&o, 30000, &s), &diag);
        done(s);
    }
    CU_ASSERT_EQUAL(count("admin"), 2 * ALDB_COUNT(endpoints));
    char *journal = control("GET", "requests", NULL);
    CU_ASSERT_PTR_NOT_NULL(strstr(journal, "\"secure\": true"));
    CU_ASSERT_PTR_NULL(strstr(journal, "\"secure\": false"));
    free(journal);
    /* Nobody else's word counts for it. */
    struct aldb_dial_options o = options("service_account");
    o.ApiEndpoint = fact("https");
    CU_ASSERT_EQUAL(connect_with(&o, 30000, &s), ALDB_ERR);
    GT_SAID(&diag, "08001", "AlloyDB Admin API at https://127.0.0.1:", "certificate", "ca-certificates");
    CU_ASSERT_EQUAL(count("admin"), 2 * ALDB_COUNT(endpoints));
}

static void test_static(void)
{
    reset();
    struct aldb_dial_options o = options("service_account");
    o.ApiEndpoint = NULL;
    o.StaticConnectionInfo = fact("static_info");
    struct aldb_stream *s;
    for (int i = 0; i < 2; i++) {
        GT_OK(connect_with(&o, 30000, &s), &diag);
        done(s);
    }
    CU_ASSERT_EQUAL(count("admin"), 0);
}

/* What goes wrong and what is said. */
static void test_faults(void)
{
    static const struct {
        const char *fault, *state;
        const char *words[3];
    } cases[] = {
        {"{\"at\":\"admin\",\"status\":400,\"message\":\"bad name\"}", "28000", {"AlloyDB Admin API", "bad name", "HTTP 400"}},
        {"{\"at\":\"admin\",\"status\":401}", "28000", {"AlloyDB Admin API", "HTTP 401", "refused as well"}},
        {"{\"at\":\"connectionInfo\",\"status\":403}", "28000", {"connectionInfo of ", "HTTP 403", "roles/alloydb.client"}},
        {"{\"at\":\"generateClientCertificate\",\"status\":403}", "28000", {"generateClientCertificate of ", "HTTP 403", "roles/alloydb.client"}},
        {"{\"at\":\"admin\",\"status\":404}", "08001", {"HTTP 404", "check project"}},
        {"{\"at\":\"admin\",\"status\":429}", "08001", {"HTTP 429"}},
        {"{\"at\":\"admin\",\"status\":500}", "08001", {"HTTP 500"}},
        {"{\"at\":\"admin\",\"body\":\"<html>\"}", "08001", {"the answer for connectionInfo"}},
        {"{\"at\":\"admin\",\"drop\":true}", "08001", {"AlloyDB Admin API"}},
        {"{\"at\":\"connectionInfo\",\"omit\":[\"ipAddress\"]}", "08001", {"IpType=PRIVATE", "it offers PUBLIC"}},
        {"{\"at\":\"connectionInfo\",\"omit\":[\"ipAddress\",\"publicIpAddress\",\"pscDnsName\"]}", "08001", {"no address at all"}},
        {"{\"at\":\"generateClientCertificate\",\"lifetime\":-60}", "08001", {"expired"}},
        {"{\"at\":\"generateClientCertificate\",\"leaf\":\"other-key\"}", "08001", {"not for this process's key"}},
        {"{\"at\":\"generateClientCertificate\",\"leaf\":\"stranger\"}", "08001", {"Metadata exchange", "does not accept the client's certificate"}},
        {"{\"at\":\"generateClientCertificate\",\"chain\":\"reversed\"}", "08001", {"not for this process's key"}},
        {"{\"at\":\"generateClientCertificate\",\"chain\":\"empty\"}", "08001", {"pemCertificateChain"}},
        {"{\"at\":\"generateClientCertificate\",\"chain\":\"garbage\"}", "08001", {"pemCertificateChain"}},
        {"{\"at\":\"generateClientCertificate\",\"ca\":\"stranger\"}", "08001", {"TLS with", "certificate is not accepted"}},
        {"{\"at\":\"generateClientCertificate\",\"ca\":\"garbage\"}", "08001", {"caCert"}},
        {"{\"at\":\"generateClientCertificate\",\"omit\":[\"caCert\"]}", "08001", {"\"caCert\" is missing"}},
        {"{\"at\":\"front\",\"listen\":\"closed\"}", "08001", {"TCP connection with", "Connection refused", "5433"}},
        {"{\"at\":\"front\",\"accept\":\"close\"}", "08001", {"TLS with", "closed"}},
        {"{\"at\":\"front\",\"accept\":\"reset\"}", "08001", {"with 127.", "reset"}},
        {"{\"at\":\"front\",\"tls\":\"1.2\"}", "08001", {"TLS with", "TLS 1.3"}},
        {"{\"at\":\"front\",\"certificate\":\"wrong-san\"}", "08001", {"TLS with", "IP address mismatch"}},
        {"{\"at\":\"front\",\"certificate\":\"no-san\"}", "08001", {"TLS with", "IP address mismatch"}},
        {"{\"at\":\"front\",\"certificate\":\"stranger\"}", "08001", {"TLS with", "certificate is not accepted"}},
        {"{\"at\":\"front\",\"certificate\":\"expired\"}", "08001", {"TLS with", "expired", "clock"}},
        {"{\"at\":\"front\",\"certificate\":\"not-yet-valid\"}", "08001", {"TLS with", "not yet valid", "clock"}},
        {"{\"at\":\"exchange\",\"reply\":\"error\",\"text\":\"nobody may\"}", "28000", {"Metadata exchange", "refused: nobody may", "roles/alloydb.client"}},
        {"{\"at\":\"exchange\",\"reply\":\"pg-error\",\"text\":\"no pooling\",\"sqlstate\":\"28000\"}", "28000", {"[PostgreSQL]", "no pooling", "Metadata exchange"}},
        {"{\"at\":\"exchange\",\"reply\":\"close\"}", "08001", {"Metadata exchange", "without an answer"}},
        {"{\"at\":\"exchange\",\"reply\":\"truncated-length\"}", "08001", {"Metadata exchange", "within the length"}},
        {"{\"at\":\"exchange\",\"reply\":\"truncated\"}", "08001", {"Metadata exchange", "within its answer"}},
        {"{\"at\":\"exchange\",\"reply\":\"oversize\"}", "08001", {"Metadata exchange", "limit"}},
        {"{\"at\":\"exchange\",\"reply\":\"over-limit\"}", "08001", {"Metadata exchange", "limit"}},
        {"{\"at\":\"exchange\",\"reply\":\"empty\"}", "28000", {"Metadata exchange", "without a reason (code 0)"}},
        {"{\"at\":\"exchange\",\"reply\":\"unspecified\"}", "28000", {"Metadata exchange", "refused"}},
        {"{\"at\":\"exchange\",\"reply\":\"unknown-code\"}", "28000", {"Metadata exchange", "refused"}},
        {"{\"at\":\"exchange\",\"reply\":\"garbage\"}", "08001", {"Metadata exchange"}},
        {"{\"at\":\"token\",\"status\":400,\"reason\":\"invalid_grant\",\"message\":\"gone\"}", "28000", {"Google credentials (CredentialsFile", "invalid_grant", "gone"}},
    };
    for (size_t i = 0; i < ALDB_COUNT(cases); i++) {
        reset();
        fault(cases[i].fault);
        if (strstr(cases[i].fault, "\"token\"")) {
            free(control("POST", "revoke", "{}"));
        }
        struct aldb_dial_options o = options("service_account");
        struct aldb_stream *s;
        CU_ASSERT_EQUAL(connect_with(&o, 20000, &s), ALDB_ERR);
        if (s || aldb_diag_count(&diag) != 1) {
            (void)printf("\n  %s: %zu records", cases[i].fault, aldb_diag_count(&diag));
        }
        const char *const *w = cases[i].words;
        gt_check_said(&diag, __LINE__, cases[i].state, w[0], w[1], w[2], (const char *)NULL);
        done(s);
    }
    reset();
}

/* What is survived. */
static void test_survived(void)
{
    static const char *const faults[] = {
        "{\"at\":\"admin\",\"status\":503,\"times\":1}",
        "{\"at\":\"admin\",\"status\":401,\"times\":1}",
        "{\"at\":\"exchange\",\"reply\":\"unknown-fields\"}",
        "{\"at\":\"exchange\",\"slow\":0.02}",
        "{\"at\":\"generateClientCertificate\",\"chain\":\"no-newlines\"}",
        "{\"at\":\"front\",\"delay\":0.5}",
    };
    for (size_t i = 0; i < ALDB_COUNT(faults); i++) {
        reset();
        fault(faults[i]);
        struct aldb_dial_options o = options("service_account");
        struct aldb_stream *s;
        GT_OK(connect_with(&o, 30000, &s), &diag);
        done(s);
    }
    reset();
    /* A warm cache: certificates expire behind its back, the front breaks once, and no caller sees it. */
    struct aldb_dial_options o = options("service_account");
    struct aldb_stream *s;
    GT_OK(connect_with(&o, 30000, &s), &diag);
    done(s);
    fault("{\"at\":\"exchange\",\"reply\":\"close\",\"times\":1}");
    GT_OK(connect_with(&o, 30000, &s), &diag);
    done(s);
    CU_ASSERT_EQUAL(count("admin"), 4);
}

static void test_silence(void)
{
    static const struct {
        const char *fault, *stage;
    } cases[] = {
        {"{\"at\":\"admin\",\"delay\":20}", "AlloyDB Admin API"},
        {"{\"at\":\"front\",\"accept\":\"silent\"}", "TLS with"},
        {"{\"at\":\"exchange\",\"reply\":\"silent\"}", "Metadata exchange"},
    };
    for (size_t i = 0; i < ALDB_COUNT(cases); i++) {
        reset();
        fault(cases[i].fault);
        struct aldb_dial_options o = options("service_account");
        struct aldb_stream *s;
        int64_t began = aldb_now_ms();
        CU_ASSERT_EQUAL(connect_with(&o, 5000, &s), ALDB_ERR);
        CU_ASSERT(aldb_now_ms() - began < 15000);
        GT_SAID(&diag, "HYT00", cases[i].stage);
    }
    reset();
}

int main(void)
{
    folder = getenv("ALDB_TEST_EMULATOR");
    if (folder == NULL) {
        (void)printf("SKIP: ALDB_TEST_EMULATOR does not name the state folder of a running emulator\n");
        return 77;
    }
    ct_begin();
    char path[256];
    (void)snprintf(path, sizeof path, "%s/emulator.json", folder);
    char *text = gt_read(path);
    aldb_buf_init(&facts_text, 1u << 20);
    aldb_buf_add_str(&facts_text, text ? text : "");
    aldb_free(text);
    if (aldb_json_parse(aldb_buf_slice(&facts_text), path, ALDB_ST_HY000, &facts, &diag) != ALDB_OK || aldb_json_string(&facts, "http", ALDB_JSON_REQUIRED, &http_url, &diag) != ALDB_OK ||
        aldb_http_open(&(struct aldb_http_options){.user_agent = "test"}, &client, &diag) != ALDB_OK) {
        (void)printf("%s cannot be used\n", path);
        return EXIT_FAILURE;
    }
    char *name = instance_field("name");
    uri = name;
    CU_pSuite s = CU_add_suite("connector emulator", NULL, NULL);
    CU_add_test(s, "credentials", test_credentials);
    CU_add_test(s, "tokens", test_tokens);
    CU_add_test(s, "login", test_login);
    CU_add_test(s, "TLS of the API", test_tls);
    CU_add_test(s, "static connection info", test_static);
    CU_add_test(s, "faults", test_faults);
    CU_add_test(s, "what is survived", test_survived);
    CU_add_test(s, "silence", test_silence);
    int status = ct_end();
    aldb_http_close(client);
    aldb_json_clear(&facts);
    aldb_buf_clear(&facts_text);
    free(name);
    return status;
}
