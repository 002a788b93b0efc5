/* SPDX-License-Identifier: Apache-2.0 */
/* An AlloyDB instance by connection string: where each option of the credentials arrives, and what a refused login is told. */
#include "emulator.h"

#include "alloydb_odbc.h"

#include <stdlib.h>
#include <unistd.h>

#define HIDDEN "hunter2"

/* Fails, says `word`, and says nothing of `unsaid`. */
static void refuses_quietly(const char *connstr, const char *state, const char *word, const char *unsaid)
{
    struct link l = link_new(SQL_OV_ODBC3_80);
    CHECK_STATE(l.dbc, try_connect(l.dbc, connstr), state);
    CHECK_CONTAINS(diag_message(l.dbc, 1), word);
    CHECK(strstr(diag_message(l.dbc, 1), unsaid) == NULL);
    link_close(&l);
}

/* Of an instance that the emulator does not have, with these options and nothing else. */
static const char *elsewhere(const char *options)
{
    static char text[2048];
    snprintf(text, sizeof text, "DRIVER=AlloyDB;%s;InstanceUri=projects/p/locations/l/clusters/c/instances/i;UID=u;LoginTimeout=60", options);
    return text;
}

static void passwords(void)
{
    static const char hint[] = "No password was given";
    char none[1024];
    snprintf(none, sizeof none, "DRIVER=AlloyDB;Server=%s;ApiEndpoint=%s;CredentialsFile=%s/service_account.json;Database=%s;UID=%s%s", emulator_fact("INSTANCE"),
             emulator_fact("URL"), emulator_fact("CREDENTIALS"), fact("DATABASE"), fact("USER"), under_valgrind() ? ";LoginTimeout=900" : "");
    emulator_refuses(none, "28000", hint, "EnableIamAuth=1");
    /* The environment's is one. */
    setenv("PGPASSWORD", "wrong", 1);
    refuses_quietly(none, "28000", "password authentication failed", hint);
    setenv("PGPASSWORD", fact("PASSWORD"), 1);
    emulator_connects(none);
    unsetenv("PGPASSWORD");
    refuses_quietly(emulator_connstr("", "PWD=wrong"), "28000", "password authentication failed", hint);
}

/* Proxies are asked for what lies beyond this machine. */
static void proxies(void)
{
    static const char api[] = "AccessToken=t;ApiEndpoint=api.invalid;ProxyUrl=http://127.0.0.1:1";
    char text[512];
    emulator_refuses(elsewhere(api), "08001", "AlloyDB Admin API at https://api.invalid", "127.0.0.1 port 1");
    snprintf(text, sizeof text, "%s;NoProxy=api.invalid", api);
    refuses_quietly(elsewhere(text), "08001", "Could not resolve host: api.invalid", "port 1");
    emulator_connects(emulator_connstr("", "ProxyUrl=http://127.0.0.1:1"));
}

/* A proxy's password is in no message, however it is written, and in no log at its most talkative. */
static void proxy_password(void)
{
    static const char *const urls[] = {"http://u:" HIDDEN "#1@127.0.0.1:1", "http://u:" HIDDEN "/1@127.0.0.1:1", "ftp://u:" HIDDEN "@127.0.0.1:1",
                                       "http://u:" HIDDEN "@127.0.0.1:99999", "http://u:" HIDDEN " 1@127.0.0.1:1", "http://u:" HIDDEN "@127.0.0.1:1"};
    char path[] = "/tmp/aldb-proxy-log-XXXXXX";
    char options[512];
    char line[4096];
    int fd = mkstemp(path);
    size_t lines = 0;
    close(fd);
    for (size_t i = 0; i < COUNT(urls); i++) {
        bool good = i == COUNT(urls) - 1;
        snprintf(options, sizeof options, "AccessToken=t;ApiEndpoint=api.invalid;ProxyUrl={%s};LogLevel=TRACE;LogFile=%s", urls[i], path);
        refuses_quietly(elsewhere(options), good ? "08001" : "HY024", good ? "port 1" : "ProxyUrl is not the URL of a proxy", HIDDEN);
        setenv("https_proxy", urls[i], 1);
        snprintf(options, sizeof options, "AccessToken=t;ApiEndpoint=api.invalid;LogLevel=TRACE;LogFile=%s", path);
        refuses_quietly(elsewhere(options), "08001", good ? "port 1" : "the environment variable https_proxy is not the URL of a proxy", HIDDEN);
        unsetenv("https_proxy");
    }
    FILE *log = fopen(path, "r");
    for (; log != NULL && fgets(line, sizeof line, log) != NULL; lines++) {
        CHECK(strstr(line, HIDDEN) == NULL);
    }
    CHECK(log != NULL && lines > 0);
    if (log != NULL) {
        (void)fclose(log);
    }
    unlink(path);
}

static void universe(void)
{
    emulator_refuses(emulator_connstr("", "UniverseDomain=other.example"), "HY024", "belong to the universe googleapis.com", "UniverseDomain is other.example");
    emulator_connects(emulator_connstr("", "UniverseDomain=googleapis.com"));
    emulator_refuses(elsewhere("AccessToken=t;UniverseDomain=universe.invalid"), "08001", "AlloyDB Admin API at https://alloydb.universe.invalid", "resolve");
}

/* The document itself in place of its file. */
static void json(void)
{
    char path[512];
    char document[8192];
    char text[16384];
    snprintf(path, sizeof path, "%s/service_account.json", emulator_fact("CREDENTIALS"));
    FILE *file = fopen(path, "r");
    size_t length = file ? fread(document, 1, sizeof document - 1, file) : 0;
    document[length] = '\0';
    CHECK(file != NULL && length > 0);
    if (file != NULL) {
        (void)fclose(file);
    }
    int n = snprintf(text, sizeof text, "DRIVER=AlloyDB;Server=%s;ApiEndpoint=%s;Database=%s;EnableIamAuth=1;CredentialsJson={", emulator_fact("INSTANCE"),
                     emulator_fact("URL"), fact("DATABASE"));
    for (const char *p = document; *p != '\0'; p++) {
        n += snprintf(text + n, sizeof text - (size_t)n, "%c%s", *p, *p == '}' ? "}" : "");
    }
    snprintf(text + n, sizeof text - (size_t)n, "}%s", under_valgrind() ? ";LoginTimeout=900" : "");
    struct link l = link_new(SQL_OV_ODBC3_80);
    CHECK(SQL_SUCCEEDED(SQLDriverConnect(l.dbc, NULL, T(text), SQL_NTS, NULL, 0, NULL, SQL_DRIVER_NOPROMPT))); /* unixODBC has a buffer too small for it */
    l.stmt = new_stmt(l.dbc);
    CHECK_CONTAINS(query_text(l.stmt, "select current_user"), "app@");
    link_close(&l);
}

/* Of gcloud's credentials, as the README has it: no UID, for Google says whose they are. */
static void person(void)
{
    char text[1024];
    snprintf(text, sizeof text, "DRIVER=AlloyDB;Server=%s;ApiEndpoint=%s;Database=%s;EnableIamAuth=1;CredentialsFile=%s/authorized_user.json%s",
             emulator_fact("INSTANCE"), emulator_fact("URL"), fact("DATABASE"), emulator_fact("CREDENTIALS"), under_valgrind() ? ";LoginTimeout=900" : "");
    struct link l = emulator_link(text);
    CHECK_TEXT(query_text(l.stmt, "select current_user"), emulator_fact("ALICE"));
    link_close(&l);
    emulator_fault("{\"at\": \"token\", \"omit\": [\"id_token\"]}");
    strcat(text, ";QuotaProject=unsaid");
    emulator_refuses(text, "28000", "the credentials do not say whose they are", "UID");
    emulator_heal();
}

/* Google's own address, behind a proxy that is not there: the message says who was to be impersonated. */
static void impersonation(void)
{
    emulator_refuses(elsewhere("AccessToken=t;ProxyUrl=http://127.0.0.1:1;ImpersonateServiceAccount=target@p.iam.gserviceaccount.com"), "08001",
                     "impersonation of target@p.iam.gserviceaccount.com at https://iamcredentials.googleapis.com: ", "port 1");
    emulator_refuses(elsewhere("AccessToken=t;ImpersonateServiceAccount=target@p.iam;Delegates=nobody"), "28000", "the delegate \"nobody\"", "e-mail address");
    emulator_refuses(elsewhere("AccessToken=t;Delegates=first@p.iam"), "HY024", "Delegates", "without ImpersonateServiceAccount");
}

/* Who asks is in every request, and in the exchange; for whose account in the API's; and certificates are asked for that begin with an exchange. */
static void told(void)
{
    static const char *const kinds[] = {"token", "admin", "exchange"};
    emulator_reset();
    emulator_connects(emulator_connstr("billed", "UserAgent=myapp/1.0"));
    for (size_t i = 0; i < COUNT(kinds); i++) {
        CHECK(emulator_saw(kinds[i], "\"user_agent\": \"alloydb-odbc/"));
        CHECK(emulator_saw(kinds[i], " myapp/1.0\""));
    }
    CHECK(emulator_saw("admin", "\"quota_project\": \"billed\""));
    CHECK(emulator_saw("admin", "\"use_metadata_exchange\": true"));
    CHECK(emulator_saw("admin", "\"version\": \"v1beta\""));
}

/* Stages of the trail and how they went, without times and facts. */
static const char *stages_of(SQLHDBC dbc)
{
    static char stages[512];
    char text[8192] = "";
    char *rest = NULL;
    stages[0] = '\0';
    CHECK_OK(dbc, SQLGetConnectAttr(dbc, SQL_ATTR_ALLOYDB_CONNECT_TRAIL, text, sizeof text, NULL));
    CHECK(strstr(text, fact("PASSWORD")) == NULL);
    for (char *line = strtok_r(text, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest)) {
        char stage[32], how[16];
        CHECK_INT(sscanf(line, "%31[^\t]\t%15[a-z]", stage, how), 2);
        snprintf(stages + strlen(stages), sizeof stages - strlen(stages), "%s%s%s", stages[0] ? ", " : "", stage, strcmp(how, "done") == 0 ? "" : " failed");
    }
    return stages;
}

/* What was asked of Google once is known the second time; a CancelRequest, which dials as well, leaves no trail. */
static void trail(void)
{
    static const char dialled[] = "address, login token, TCP, TLS, exchange, login, session";
    char wanted[256];
    for (int i = 0; i < 2; i++) {
        struct link l = link_new(SQL_OV_ODBC3_80);
        CHECK_OK(l.dbc, try_connect(l.dbc, emulator_connstr("trail", "")));
        snprintf(wanted, sizeof wanted, "%sAPI, %s", i == 0 ? "key, credentials, " : "", dialled);
        CHECK_TEXT(stages_of(l.dbc), wanted);
        l.stmt = new_stmt(l.dbc);
        CHECK_OK(l.stmt, SQLExecDirect(l.stmt, T("select generate_series(1, 1000000)"), SQL_NTS));
        CHECK_OK(l.stmt, SQLFetch(l.stmt));
        CHECK_OK(l.stmt, SQLCancel(l.stmt));
        CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
        CHECK_TEXT(stages_of(l.dbc), wanted);
        link_close(&l);
    }
}

int main(void)
{
    static const struct test tests[] = {
        {"the trail of connecting", trail},
        {"a password that is missing, and one that is wrong", passwords},
        {"proxies", proxies},
        {"a proxy's password", proxy_password},
        {"UniverseDomain", universe},
        {"CredentialsJson", json},
        {"a person's credentials", person},
        {"impersonation", impersonation},
        {"what Google is told", told},
    };
    (void)emulator_fact("URL");
    return run_tests("options of an instance", tests, COUNT(tests));
}
