/* SPDX-License-Identifier: Apache-2.0 */
/*
 * EnableIamAuth without InstanceUri: a Google access token as the password of an ordinary TLS connection. The emulator's direct port stands for port 5432 of an
 * AlloyDB instance, and knows the tokens that its own endpoints hand out; the test server stands for itself. ALDB_TEST_EMULATOR names the emulator's folder.
 */
#include "emulator.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#define WHO "select current_user"

/* What a command prints, without the newline at its end. Static buffer of the latest call. */
static const char *output_of(const char *command)
{
    static char text[65536];
    FILE *out = popen(command, "r");
    size_t n = out ? fread(text, 1, sizeof text - 1, out) : 0;
    if (out == NULL || pclose(out) != 0) {
        printf("FATAL: %s failed\n", command);
        exit(EXIT_FAILURE);
    }
    text[n] = '\0';
    text[strcspn(text, "\n")] = '\0';
    return text;
}

/* Facts of the emulator: EMULATOR_URL, IAM_HOST, IAM_PORT, IAM_CA, LOGIN_TOKEN (of app, for logins alone), APP_TOKEN, ALICE_TOKEN. */
static void read_facts(void)
{
    static const struct {
        const char *name, *expression;
    } facts[] = {
        {"EMULATOR_URL", "f[\"http\"]"},
        {"IAM_HOST", "f[\"instances\"][0][\"private\"]"},
        {"IAM_PORT", "f[\"instances\"][0][\"direct_port\"]"},
        {"IAM_CA", "f[\"instances\"][0][\"ca\"]"},
        {"LOGIN_TOKEN", "open(d + \"/login-token\").read().strip()"},
        {"APP_TOKEN", "open(d + \"/access-token\").read().strip()"},
        {"ALICE_TOKEN", "open(d + \"/alice-token\").read().strip()"},
    };
    for (size_t i = 0; i < COUNT(facts); i++) {
        char command[512];
        char name[64];
        snprintf(command, sizeof command, "/usr/bin/python3 -c 'import json; d = \"%s\"; f = json.load(open(d + \"/emulator.json\")); print(%s)'", fact("EMULATOR"),
                 facts[i].expression);
        snprintf(name, sizeof name, "ALDB_TEST_%s", facts[i].name);
        setenv(name, output_of(command), 1);
    }
}

/* The text with the names of the emulator's own principals: "app@emulator.iam" becomes "app@PROJECT.iam", "@alice" her address. A ring of eight buffers. */
static const char *named(const char *text)
{
    static const char domain[] = "@emulator.iam", person[] = "@alice";
    static char ring[8][1024];
    static size_t next;
    char *out = ring[next++ % 8];
    size_t n = 0;
    for (const char *at; (at = strpbrk(text, "@")) != NULL;) {
        n += (size_t)snprintf(out + n, sizeof ring[0] - n, "%.*s", (int)(at - text), text);
        if (strncmp(at, domain, sizeof domain - 1) == 0) {
            n += (size_t)snprintf(out + n, sizeof ring[0] - n, "@%s.iam", emulator_fact("PROJECT"));
            text = at + sizeof domain - 1;
        } else if (strncmp(at, person, sizeof person - 1) == 0) {
            n += (size_t)snprintf(out + n, sizeof ring[0] - n, "%s", emulator_fact("ALICE"));
            text = at + sizeof person - 1;
        } else {
            n += (size_t)snprintf(out + n, sizeof ring[0] - n, "@");
            text = at + 1;
        }
    }
    snprintf(out + n, sizeof ring[0] - n, "%s", text);
    return out;
}

/* What `keywords` leave open: the emulator's direct port, its authority, and IAM. Credentials are the environment's: those of app. */
static const char *to(const char *keywords)
{
    return connstr("DRIVER=AlloyDB;%s;Server=$IAM_HOST;Port=$IAM_PORT;Database=$DATABASE;SSLRootCert=$IAM_CA;EnableIamAuth=1", named(keywords));
}

static void opens(const char *keywords, const char *user)
{
    struct link l = link_new(SQL_OV_ODBC3_80);
    if (check_rc(l.dbc, try_connect(l.dbc, to(keywords)), SQL_SUCCESS, keywords, __FILE__, __LINE__)) {
        l.stmt = new_stmt(l.dbc);
        check_text(query_text(l.stmt, WHO), named(user), keywords, __FILE__, __LINE__);
    }
    link_close(&l);
}

static void refuses(const char *keywords, const char *state, const char *says)
{
    struct link l = link_new(SQL_OV_ODBC3_80);
    if (check_state(l.dbc, try_connect(l.dbc, to(keywords)), SQL_ERROR, state, keywords, __FILE__, __LINE__)) {
        check_contains(diag_message(l.dbc, 1), named(says), keywords, __FILE__, __LINE__);
    }
    link_close(&l);
}

static const char *credentials(const char *name, const char *more)
{
    static char text[256];
    snprintf(text, sizeof text, "CredentialsFile=%s/credentials/%s.json;%s", fact("EMULATOR"), name, more);
    return text;
}

/* ---- logging in ------------------------------------------------------------------------------------------------------ */

static void principals(void)
{
    opens("ApplicationName=x", "app@emulator.iam"); /* Application Default Credentials */
    opens(credentials("service_account", ""), "app@emulator.iam");
    opens(credentials("impersonated_service_account", ""), "target@emulator.iam");
    opens(credentials("impersonated_with_delegate", ""), "far@emulator.iam");
    opens(credentials("authorized_user", "UID=@alice"), "@alice");
    opens(credentials("authorized_user", ""), "@alice"); /* Google says whose token it is, where gcloud's scopes were granted */
    opens("UID=app@emulator.iam", "app@emulator.iam");
    opens("AccessToken=$APP_TOKEN;UID=app@emulator.iam", "app@emulator.iam");
    opens("AccessToken=$ALICE_TOKEN;UID=@alice", "@alice");
    opens("AccessToken=unused;LoginToken=$LOGIN_TOKEN;UID=app@emulator.iam", "app@emulator.iam");
    refuses("AccessToken=$APP_TOKEN", "28000", "give the database user in UID");
    emulator_fault("{\"at\": \"token\", \"omit\": [\"id_token\"]}");
    refuses(credentials("authorized_user", "QuotaProject=unsaid"), "28000", "give the database user in UID");
    emulator_heal();
    refuses("AccessToken=nonsense;UID=app@emulator.iam", "28000", "UID must be the principal");
    refuses("UID=target@emulator.iam", "28000", "IAM user authentication failed for user \"target@emulator.iam\"");
    refuses("CredentialsFile=/nonexistent", "28000", "/nonexistent");
    refuses("AccessToken=a;CredentialsFile=b", "HY024", "CredentialsFile and AccessToken are both given");
    refuses("UserAgent={ x}", "HY024", "UserAgent");
}

static void verified_tls(void)
{
    opens("SSLMode=verify-full", "app@emulator.iam");
    opens("SSLMode=verify-ca", "app@emulator.iam");
    opens("Server=localhost;HostAddr=$IAM_HOST", "app@emulator.iam");
    opens("Server=db.example.com;HostAddr=$IAM_HOST;SSLMode=verify-ca", "app@emulator.iam");
    refuses("Server=db.example.com;HostAddr=$IAM_HOST", "08001", "does not match host name");
    refuses("SSLRootCert=$WRONG_CA", "08001", "certificate verify failed");
    refuses("SSLMode=verify-ca;SSLRootCert=$WRONG_CA", "08001", "certificate verify failed");
    refuses("SSLRootCert=/nonexistent/ca.crt", "08001", "Name a file with the certificates");
    refuses("Server=$HOST;Port=$PORT;SSLRootCert=$IAM_CA", "08001", "certificate verify failed");
}

/* A server of PostgreSQL's own, which asks for a password in clear text: what it gets is the token. */
static void the_token_is_the_password(void)
{
    static const char server[] = "Server=localhost;HostAddr=$HOST;Port=$PORT;SSLRootCert=$CA;UID=aldb_clear;AccessToken=unused";
    char keywords[256];
    snprintf(keywords, sizeof keywords, "%s;LoginToken=$PASSWORD", server);
    opens(keywords, "aldb_clear");
    snprintf(keywords, sizeof keywords, "%s;LoginToken=another", server);
    refuses(keywords, "28000", "password authentication failed for user \"aldb_clear\"");
    /* Neither the environment's password nor the password file's takes its place. */
    setenv("PGPASSWORD", fact("PASSWORD"), 1);
    refuses(keywords, "28000", "password authentication failed for user \"aldb_clear\"");
    unsetenv("PGPASSWORD");
}

/* ---- what keeps the token at home --------------------------------------------------------------------------------------- */

/* Nothing of this reaches a server, and no token is even asked for where the options alone say it. */
static void refused_roads(void)
{
    emulator_reset();
    refuses("PWD=x", "HY024", "PWD and EnableIamAuth are both given");
    refuses("PqOpt={password=x}", "HY024", "password beside EnableIamAuth");
    refuses("SSLMode=disable", "HY024", "choose verify-full or verify-ca");
    refuses("SSLMode=allow", "HY024", "choose verify-full or verify-ca");
    refuses("SSLMode=prefer", "HY024", "choose verify-full or verify-ca");
    refuses("SSLMode=require", "HY024", "choose verify-full or verify-ca");
    refuses("PqOpt={sslmode=require}", "HY024", "SSLMode");
    CHECK_INT(emulator_count("token"), 0);
    refuses("GssEncMode=prefer", "HY024", "GssEncMode would take the place of TLS");
    refuses("PqOpt={gssencmode=require}", "HY024", "GssEncMode would take the place of TLS");
    refuses("Server=$SOCKETDIR;Port=$PORT", "HY024", "no TLS on a Unix socket");
    refuses("Server=@abstract", "HY024", "no TLS on a Unix socket");
    refuses("Server={$IAM_HOST,$SOCKETDIR};Port={$IAM_PORT,$PORT}", "HY024", "no TLS on a Unix socket");
    CHECK_INT(emulator_count("front"), 0);
}

/* libpq's own sources of options: service file and environment. */
static void refused_by_libpq_sources(void)
{
    static const char bare[] = "DRIVER=AlloyDB;EnableIamAuth=1;Port=$PORT;Database=$DATABASE;SSLRootCert=$CA";
    char service[] = "/tmp/aldb-service-XXXXXX";
    int fd = mkstemp(service);
    dprintf(fd, "[socket]\nhost=%s\n[weak]\nhost=%s\nport=%s\nsslmode=disable\ngssencmode=prefer\nsslrootcert=%s\n", fact("SOCKETDIR"), fact("IAM_HOST"), fact("IAM_PORT"),
            fact("IAM_CA"));
    close(fd);
    struct link l = link_new(SQL_OV_ODBC3_80);
    CHECK_STATE(l.dbc, try_connect(l.dbc, connstr("%s", bare)), "HY024"); /* libpq's default is a socket */
    CHECK_CONTAINS(diag_message(l.dbc, 1), "no TLS on a Unix socket");
    setenv("PGHOST", fact("SOCKETDIR"), 1);
    CHECK_STATE(l.dbc, try_connect(l.dbc, connstr("%s", bare)), "HY024");
    CHECK_CONTAINS(diag_message(l.dbc, 1), "no TLS on a Unix socket");
    unsetenv("PGHOST");
    setenv("PGSERVICEFILE", service, 1);
    CHECK_STATE(l.dbc, try_connect(l.dbc, connstr("%s;Service=socket", bare)), "HY024");
    CHECK_CONTAINS(diag_message(l.dbc, 1), "no TLS on a Unix socket");
    /* What the service says of TLS and GSSAPI stands below the driver's own word. */
    setenv("PGSSLMODE", "disable", 1);
    setenv("PGGSSENCMODE", "prefer", 1);
    CHECK_OK(l.dbc, try_connect(l.dbc, connstr("DRIVER=AlloyDB;EnableIamAuth=1;Database=$DATABASE;Service=weak")));
    l.stmt = new_stmt(l.dbc);
    CHECK_TEXT(query_text(l.stmt, WHO), named("app@emulator.iam"));
    unsetenv("PGSSLMODE");
    unsetenv("PGGSSENCMODE");
    unsetenv("PGSERVICEFILE");
    unlink(service);
    link_close(&l);
}

/* A server whose certificate is wrong hears nothing of the token: the emulator writes down how far each connection came. */
static void nothing_before_tls(void)
{
    emulator_reset();
    refuses("SSLRootCert=$WRONG_CA", "08001", "certificate verify failed");
    char command[512];
    snprintf(command, sizeof command,
             "/usr/bin/python3 -c 'import json, time, urllib.request as u; "
             "read = lambda: [e[\"stage\"] for e in json.load(u.urlopen(\"%s/_emulator/requests?kind=front\"))[\"requests\"]]; "
             "end = time.time() + 20\nwhile not read() and time.time() < end: time.sleep(0.1)\nprint(*sorted(set(read())))'", fact("EMULATOR_URL"));
    CHECK_TEXT(output_of(command), "tls");
}

/* ---- fresh tokens -------------------------------------------------------------------------------------------------------- */

static void shared_and_fresh(void)
{
    struct link l = link_new(SQL_OV_ODBC3_80);
    emulator_reset();
    CHECK_OK(l.dbc, try_connect(l.dbc, to("QuotaProject=one")));
    CHECK_INT(emulator_count("token"), 1);
    opens("QuotaProject=one", "app@emulator.iam");
    CHECK_INT(emulator_count("token"), 1); /* as long as a connection with these credentials is open, the others share its token */
    emulator_revoke(named("{\"principal\": \"app@emulator.iam.gserviceaccount.com\"}"));
    refuses("QuotaProject=one", "28000", "IAM user authentication failed");
    opens("QuotaProject=one", "app@emulator.iam"); /* what was refused is not sent again */
    CHECK_INT(emulator_count("token"), 2);
    /* The connection that is open does not mind. */
    l.stmt = new_stmt(l.dbc);
    CHECK_TEXT(query_text(l.stmt, WHO), named("app@emulator.iam"));
    link_close(&l);

    /* Tokens that last eight seconds. */
    emulator_reset();
    emulator_fault("{\"at\": \"token\", \"expires_in\": 8}");
    l = link_new(SQL_OV_ODBC3_80);
    CHECK_OK(l.dbc, try_connect(l.dbc, to("QuotaProject=two")));
    sleep(9);
    opens("QuotaProject=two", "app@emulator.iam");
    CHECK_INT(emulator_count("token"), 2);
    link_close(&l);
    emulator_reset();
}

static void *connect_once(void *result)
{
    struct link l = link_new(SQL_OV_ODBC3_80);
    *(SQLRETURN *)result = SQLDriverConnect(l.dbc, NULL, T(getenv("ALDB_TEST_IAM_MANY")), SQL_NTS, NULL, 0, NULL, SQL_DRIVER_NOPROMPT);
    link_close(&l);
    return NULL;
}

static void at_once(void)
{
    struct link l = link_new(SQL_OV_ODBC3_80);
    pthread_t threads[8];
    SQLRETURN results[COUNT(threads)];
    emulator_reset();
    setenv("ALDB_TEST_IAM_MANY", to("QuotaProject=three"), 1);
    CHECK_OK(l.dbc, try_connect(l.dbc, to("QuotaProject=three")));
    for (size_t i = 0; i < COUNT(threads); i++) {
        CHECK_INT(pthread_create(&threads[i], NULL, connect_once, &results[i]), 0);
    }
    for (size_t i = 0; i < COUNT(threads); i++) {
        pthread_join(threads[i], NULL);
        CHECK_INT(results[i], SQL_SUCCESS);
    }
    CHECK_INT(emulator_count("token"), 1);
    link_close(&l);
}

static void token_out_of_reach(void)
{
    emulator_reset();
    emulator_fault("{\"at\": \"token\", \"status\": 400, \"reason\": \"invalid_grant\", \"message\": \"Token has been expired or revoked.\"}");
    refuses("QuotaProject=four", "28000", "invalid_grant");
    emulator_reset();
    emulator_fault("{\"at\": \"token\", \"delay\": 30}");
    refuses("QuotaProject=four;LoginTimeout=2", "HYT00", "");
    emulator_reset();
    CHECK_INT(emulator_count("front"), 0);
}

/* ---- afterwards ------------------------------------------------------------------------------------------------------------ */

static void cancel(void)
{
    struct link l = link_new(SQL_OV_ODBC3_80);
    CHECK_OK(l.dbc, try_connect(l.dbc, to("ApplicationName=x")));
    l.stmt = new_stmt(l.dbc);
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_QUERY_TIMEOUT, (SQLPOINTER)(intptr_t)1, 0));
    CHECK_STATE(l.stmt, SQLExecDirect(l.stmt, T("select pg_sleep(300)"), SQL_NTS), "HYT00");
    CHECK_INT(query_int(l.stmt, "select 42"), 42);
    link_close(&l);
}

/* The log at its most talkative, and the connection string that comes out. */
static void no_token_anywhere(void)
{
    char path[] = "/tmp/aldb-iam-log-XXXXXX";
    char keywords[256];
    char out[2048];
    char line[4096];
    SQLSMALLINT length = 0;
    int fd = mkstemp(path);
    bool wrote = false;
    close(fd);
    struct link l = link_new(SQL_OV_ODBC3_80);
    snprintf(keywords, sizeof keywords, "LogLevel=TRACE;LogQueryText=1;LogParameters=1;LogFile=%s", path);
    CHECK_OK(l.dbc, SQLDriverConnect(l.dbc, NULL, T(to(keywords)), SQL_NTS, T(out), sizeof out, &length, SQL_DRIVER_NOPROMPT));
    CHECK(strstr(out, "ya29") == NULL && strstr(out, "PWD") == NULL);
    CHECK_OK(l.dbc, SQLDisconnect(l.dbc));
    snprintf(keywords, sizeof keywords, "AccessToken=unused;LoginToken=$LOGIN_TOKEN;UID=app@emulator.iam;LogLevel=TRACE;LogFile=%s", path);
    CHECK_OK(l.dbc, try_connect(l.dbc, to(keywords)));
    CHECK_OK(l.dbc, SQLDisconnect(l.dbc));
    CHECK_STATE(l.dbc, try_connect(l.dbc, to("AccessToken=ya29.wrong;UID=app@emulator.iam")), "28000");
    CHECK(strstr(diag_message(l.dbc, 1), "ya29") == NULL);
    link_close(&l);
    FILE *log = fopen(path, "r");
    while (log != NULL && fgets(line, sizeof line, log) != NULL) {
        wrote = wrote || strstr(line, named("app@emulator.iam")) != NULL;
        CHECK(strstr(line, "ya29") == NULL && strstr(line, fact("LOGIN_TOKEN")) == NULL);
    }
    CHECK(log != NULL && wrote);
    if (log != NULL) {
        (void)fclose(log);
    }
    unlink(path);
}

/* SQLBrowseConnect asks for what is missing; a user and a password are not. */
static void browse(void)
{
    SQLCHAR out[1024];
    SQLSMALLINT length = 0;
    struct link l = link_new(SQL_OV_ODBC3_80);
    CHECK_RC(l.dbc, SQLBrowseConnect(l.dbc, T(connstr("DRIVER=AlloyDB;EnableIamAuth=1;SSLRootCert=$IAM_CA;Port=$IAM_PORT;Database=$DATABASE")), SQL_NTS, out, sizeof out,
                                     &length), SQL_NEED_DATA);
    CHECK_TEXT((const char *)out, "SERVER:Server=?");
    CHECK_OK(l.dbc, SQLBrowseConnect(l.dbc, T(connstr("DRIVER=AlloyDB;Server=$IAM_HOST")) + strlen("DRIVER=AlloyDB;"), SQL_NTS, out, sizeof out, &length));
    link_close(&l);
}

int main(void)
{
    static const struct test tests[] = {
        {"whose token", principals},
        {"verified TLS", verified_tls},
        {"the token is the password", the_token_is_the_password},
        {"roads that are refused", refused_roads},
        {"roads that service file and environment would take", refused_by_libpq_sources},
        {"nothing is said before TLS has verified the server", nothing_before_tls},
        {"no token in log and messages", no_token_anywhere},
        {"tokens are shared, and fresh", shared_and_fresh},
        {"eight at once", at_once},
        {"no token to be had", token_out_of_reach},
        {"cancel", cancel},
        {"SQLBrowseConnect", browse},
    };
    (void)fact("EMULATOR");
    read_facts();
    return run_tests("IAM without the connector", tests, COUNT(tests));
}
