/* SPDX-License-Identifier: Apache-2.0 */
/* Connecting, continued: the operating system's authorities, files that libpq finds by itself, and more than one host. */
#include "harness.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* SQLDriverConnect with these keywords: `state` NULL means success without a word, else refused with it, `says` in the message. */
static void attempt(const char *keywords, const char *state, const char *says)
{
    struct link l = link_new(SQL_OV_ODBC3_80);
    SQLRETURN rc = try_connect(l.dbc, connstr("%s", keywords));
    if (state == NULL) {
        check_rc(l.dbc, rc, SQL_SUCCESS, keywords, __FILE__, __LINE__);
    } else if (check_state(l.dbc, rc, SQL_ERROR, state, keywords, __FILE__, __LINE__) && says != NULL) {
        check_contains(diag_message(l.dbc, 1), says, keywords, __FILE__, __LINE__);
    }
    if (SQL_SUCCEEDED(rc)) {
        l.stmt = new_stmt(l.dbc);
        CHECK_INT(query_int(l.stmt, "select 42"), 42);
    }
    link_close(&l);
}

/* Which server parameter the session sees: of the first row, as text. */
static void session_says(const char *keywords, const char *sql, const char *wanted)
{
    struct link l = link_open(keywords);
    check_text(query_text(l.stmt, sql), wanted, keywords, __FILE__, __LINE__);
    link_close(&l);
}

/* ---- SSLRootCert=system ---------------------------------------------------------------------------------------------- */

static void system_authorities(void)
{
    static const char full[] = "DRIVER=AlloyDB;PqOpt={hostaddr=$HOST};Server=localhost;Port=$PORT;Database=$DATABASE;UID=aldb_tls;PWD=$PASSWORD;"
                               "SSLRootCert=system";
    char with_mode[320];
    /* SSL_CERT_FILE says to OpenSSL what the system's authorities are. */
    setenv("SSL_CERT_FILE", fact("CA"), 1);
    snprintf(with_mode, sizeof with_mode, "%s;SSLMode=verify-full", full);
    attempt(with_mode, NULL, NULL);
    attempt(full, NULL, NULL); /* verify-full is what it means when nothing is said */
    attempt("UID=aldb_tls;SSLRootCert=system;SSLMode=verify-full", "08001", "127.0.0.1");
    snprintf(with_mode, sizeof with_mode, "%s;SSLMode=require", full);
    attempt(with_mode, "08001", "verify-full");
    snprintf(with_mode, sizeof with_mode, "%s;SSLMode=prefer", full);
    attempt(with_mode, "08001", "verify-full");
    setenv("SSL_CERT_FILE", fact("WRONG_CA"), 1);
    attempt(full, "08001", "certificate verify failed");
    unsetenv("SSL_CERT_FILE");
}

/* ---- revoked certificates ------------------------------------------------------------------------------------------- */

static void revocation(void)
{
    static const struct {
        const char *keywords, *state, *says;
    } rows[] = {
        /* A list that knows nothing bad of the server's certificate, as a file and as a directory. */
        {"SSLMode=verify-ca;SSLCrl=$CRLS/none.crl", NULL, NULL},
        {"SSLMode=verify-ca;SSLCrlDir=$CRLS/none.crls", NULL, NULL},
        {"SSLMode=require;SSLCrl=$CRLS/none.crl", NULL, NULL}, /* SSLRootCert makes verify-ca of it */
        /* The server's certificate is on it. */
        {"SSLMode=verify-ca;SSLCrl=$CRLS/revoked.crl", "08001", "certificate verify failed (certificate revoked)"},
        {"SSLMode=require;SSLCrl=$CRLS/revoked.crl", "08001", "certificate verify failed (certificate revoked)"},
        {"SSLMode=verify-ca;SSLCrlDir=$CRLS/revoked.crls", "08001", "certificate verify failed (certificate revoked)"},
        {"SSLMode=verify-ca;PqOpt={sslcrldir=$CRLS/revoked.crls}", "08001", "certificate verify failed (certificate revoked)"},
        {"SSLMode=verify-ca;PqOpt={sslcrl=$CRLS/revoked.crl}", "08001", "certificate verify failed (certificate revoked)"},
        {"SSLMode=verify-full;PqOpt={sslcrldir=$CRLS/revoked.crls hostaddr=$HOST};Server=localhost", "08001", "certificate verify failed (certificate revoked)"},
        {"SSLMode=verify-full;PqOpt={sslcrldir=$CRLS/none.crls hostaddr=$HOST};Server=localhost", NULL, NULL},
        /* The next host may be in order; one whose certificate is revoked is an answer nevertheless. */
        {"Server={$HOST,$HOST};SSLMode=verify-ca;SSLCrl=$CRLS/revoked.crl", "08001", "certificate verify failed (certificate revoked)"},
        /* A list that is not there would be no list for libpq. */
        {"SSLMode=verify-ca;SSLCrl=$CRLS/nowhere.crl", "08001", "nowhere.crl\" cannot be read: No such file"},
        {"SSLMode=verify-ca;SSLCrl=$CRLS", "08001", "holds no certificate revocation list"},
        {"SSLMode=verify-ca;SSLCrl=$CA", "08001", "holds no certificate revocation list"},
        {"SSLMode=verify-ca;SSLCrl=$KEY", "08001", "holds no certificate revocation list"},
        {"SSLMode=verify-ca;SSLCrlDir=$CRLS/nowhere.crls", "08001", "certificate verify failed (unable to get certificate CRL)"},
        {"SSLMode=verify-ca;SSLCrlDir=$CRLS", "08001", "certificate verify failed (unable to get certificate CRL)"},
        /* Where no certificate is checked, no list is. */
        {"SSLCrl=$CRLS/revoked.crl", "HY024", "SSLMode=prefer"},
        {"SSLMode=disable;SSLCrl=$CRLS/revoked.crl", "HY024", "SSLMode=disable"},
        {"SSLMode=allow;SSLCrlDir=$CRLS/revoked.crls", "HY024", "SSLMode=allow"},
        {"SSLMode=prefer;PqOpt={sslcrl=$CRLS/revoked.crl}", "HY024", "verify-full"},
    };
    char keywords[512];
    for (size_t i = 0; i < COUNT(rows); i++) {
        snprintf(keywords, sizeof keywords, "%s;UID=aldb_tls;SSLRootCert=$CA", rows[i].keywords);
        attempt(keywords, rows[i].state, rows[i].says);
    }
    attempt("UID=aldb_tls;SSLMode=require;SSLCrl=$CRLS/none.crl", "HY024", "no SSLRootCert");
}

/* ---- files that libpq finds ------------------------------------------------------------------------------------------ */

static void write_file(const char *path, mode_t mode, const char *text)
{
    FILE *f = fopen(path, "w");
    if (f == NULL || fputs(text, f) < 0 || fclose(f) != 0 || chmod(path, mode) != 0) {
        perror(path);
        exit(EXIT_FAILURE);
    }
}

/* ~/.pgpass, ~/.postgresql and ~/.pg_service.conf, with their rules about who may read them. */
static void home(void)
{
    char folder[] = "/tmp/aldb-home-XXXXXX";
    char path[256];
    char text[1024];
    char *old = getenv("HOME") ? strdup(getenv("HOME")) : NULL;
    if (mkdtemp(folder) == NULL) {
        perror(folder);
        exit(EXIT_FAILURE);
    }
    static const char bare[] = "DRIVER=AlloyDB;Server=$HOST;Port=$PORT;Database=$DATABASE;UID=$USER";
    setenv("HOME", folder, 1);
    attempt(bare, "28000", NULL);

    snprintf(path, sizeof path, "%s/.pgpass", folder);
    snprintf(text, sizeof text, "# a comment\n%s:%s:other:*:wrong\n%s:%s:*:%s:%s\n", fact("HOST"), fact("PORT"), fact("HOST"), fact("PORT"),
             fact("USER"), fact("PASSWORD"));
    write_file(path, 0600, text);
    attempt(bare, NULL, NULL);
    /* A password of the connection string stands above the file's. */
    attempt("DRIVER=AlloyDB;Server=$HOST;Port=$PORT;Database=$DATABASE;UID=$USER;PWD=wrong", "28000", NULL);
    /* The keyword names another file; one that others may read is not used. */
    attempt("DRIVER=AlloyDB;Server=$HOST;Port=$PORT;Database=$DATABASE;UID=$USER;PassFile=/nonexistent", "28000", NULL);
    if (chmod(path, 0644) == 0) {
        attempt(bare, "28000", NULL);
    }
    unlink(path);

    snprintf(path, sizeof path, "%s/.pg_service.conf", folder);
    snprintf(text, sizeof text, "[mine]\nhost=%s\nport=%s\ndbname=%s\nuser=%s\npassword=%s\n", fact("HOST"), fact("PORT"), fact("DATABASE"),
             fact("USER"), fact("PASSWORD"));
    write_file(path, 0600, text);
    attempt("DRIVER=AlloyDB;Service=mine", NULL, NULL);
    attempt("DRIVER=AlloyDB;Service=mine;PWD=wrong", "28000", NULL); /* the string stands above the service */
    attempt("DRIVER=AlloyDB;Service=yours", "08001", "yours");
    unlink(path);
    setenv("HOME", old ? old : "/", 1);
    free(old);
    rmdir(folder);
}

/* libpq's environment stands below everything else. */
static void environment(void)
{
    setenv("PGHOST", fact("HOST"), 1);
    setenv("PGPORT", fact("PORT"), 1);
    setenv("PGUSER", fact("USER"), 1);
    setenv("PGPASSWORD", fact("PASSWORD"), 1);
    setenv("PGDATABASE", fact("DATABASE"), 1);
    setenv("PGAPPNAME", "from the environment", 1);
    attempt("DRIVER=AlloyDB;", NULL, NULL);
    session_says("DRIVER=AlloyDB;", "show application_name", "from the environment");
    session_says("DRIVER=AlloyDB;ApplicationName=from the string", "show application_name", "from the string");
    setenv("PGPORT", fact("DEAD_PORT"), 1);
    attempt("DRIVER=AlloyDB;", "08001", NULL);
    attempt("DRIVER=AlloyDB;Port=$PORT", NULL, NULL);
    unsetenv("PGHOST");
    unsetenv("PGPORT");
    unsetenv("PGUSER");
    unsetenv("PGPASSWORD");
    unsetenv("PGDATABASE");
    unsetenv("PGAPPNAME");
}

/* ---- several hosts --------------------------------------------------------------------------------------------------- */

static void several_hosts(void)
{
    /* Hosts and ports in lists of their own, or together; a folder of sockets among them. */
    attempt("Server={127.0.0.1,127.0.0.1};Port={$DEAD_PORT,$PORT}", NULL, NULL);
    attempt("Server={127.0.0.1,$SOCKETDIR};Port={$DEAD_PORT,$PORT}", NULL, NULL);
    attempt("Server={/nonexistent,127.0.0.1};Port=$PORT", NULL, NULL);
    attempt("Server={127.0.0.1,127.0.0.1,127.0.0.1};Port={$PORT,$PORT}", "HY024", "3 hosts");
    session_says("Server={127.0.0.1,$SOCKETDIR};Port={$DEAD_PORT,$PORT}", "select coalesce(inet_server_addr()::text, 'socket')", "socket");
    /* All hosts are named when none answers; a server that refuses the password is not passed over. */
    attempt("Server={127.0.0.1:$DEAD_PORT,/nonexistent:$DEAD_PORT}", "08001", "/nonexistent");
    attempt("Server={127.0.0.1:$PORT,127.0.0.1:$PORT};PWD=wrong", "28000", NULL);
}

static void session_attributes(void)
{
    static const struct {
        const char *wanted;
        bool of_writer, of_reader; /* does a read-write session meet it, does a read-only one? */
    } rows[] = {
        {"any", true, true}, {"read-write", true, false}, {"read-only", false, true},
        {"primary", true, true}, {"standby", false, false}, {"prefer-standby", true, true},
    };
    char keywords[160];
    for (size_t i = 0; i < COUNT(rows); i++) {
        snprintf(keywords, sizeof keywords, "TargetSessionAttrs=%s", rows[i].wanted);
        attempt(keywords, rows[i].of_writer ? NULL : "08001", NULL);
        snprintf(keywords, sizeof keywords, "TargetSessionAttrs=%s;UID=aldb_readonly;PWD=$PASSWORD", rows[i].wanted);
        attempt(keywords, rows[i].of_reader ? NULL : "08001", NULL);
    }
    attempt("TargetSessionAttrs=sometimes", "HY024", NULL);
    /* Failover and the wish together. */
    attempt("Server={127.0.0.1:$DEAD_PORT,127.0.0.1:$PORT};TargetSessionAttrs=read-write", NULL, NULL);
}

/* ---- what the session is asked for ---------------------------------------------------------------------------------- */

/* Is refused with several records, one of which has that state and that text. (The driver manager turns their order round.) */
static void refused(const char *keywords, const char *state, const char *says)
{
    struct link l = link_new(SQL_OV_ODBC3_80);
    bool found = false;
    check_rc(l.dbc, try_connect(l.dbc, connstr("%s", keywords)), SQL_ERROR, keywords, __FILE__, __LINE__);
    for (SQLSMALLINT n = 1; diag_state(l.dbc, n)[0] != '\0'; n++) {
        found = found || (strcmp(diag_state(l.dbc, n), state) == 0 && strstr(diag_message(l.dbc, n), says) != NULL);
    }
    check_true(found, keywords, __FILE__, __LINE__);
    link_close(&l);
}

static void init_sql(void)
{
    session_says("options=-c statement_timeout=7s", "show statement_timeout", "7s"); /* libpq's word */
    session_says("InitSql={set application_name = 'a;b'; set statement_timeout = '5s'}", "select current_setting('application_name') || current_setting('statement_timeout')", "a;b5s");
    session_says("ConnSettings={  }", "select 1", "1");
    session_says("InitSql={;;-- nothing\n;}", "select 1", "1");
    session_says("InitSql={select 1; select 2}", "select 3", "3");
    session_says("InitSql={begin; create temp table t (a int); insert into t values (7); commit}", "select a from t", "7");
    session_says("InitSql={set client_encoding = 'latin1'}", "select 'é😀'", "é😀");
    session_says("Schema={pg_catalog, \"A b\", c d}", "show search_path", "pg_catalog, \"A b\", \"c d\"");
    /* Nothing is run behind what failed. */
    session_says(";", "select 1 from (select set_config('x.y', '', false)) s", "1");
    refused("InitSql={select 1/0; create table public.odbc_init_never (a int)}", "08004", "InitSql failed");
    refused("InitSql={select 1/0}", "22012", "division by zero");
    session_says(";", "select coalesce(to_regclass('public.odbc_init_never')::text, 'none')", "none");
    refused("InitSql=nonsense", "42000", "nonsense");
    attempt("InitSql={select ?}", "HY024", "??");
    /* An open transaction would swallow all that is done in autocommit mode. */
    attempt("InitSql=begin", "08004", "leaves a transaction open");
    refused("InitSql={begin; select 1/0}", "08004", "InitSql failed");
    /* COPY has nobody to talk to. */
    refused("InitSql={copy (select 1) to stdout}", "08S01", "COPY cannot be run");
    refused("InitSql={create temp table t (a int); copy t from stdin}", "08S01", "COPY cannot be run");
    refused("InitSql={select pg_terminate_backend(pg_backend_pid())}", "08S01", "terminating connection");
    refused("LoginTimeout=4;InitSql={select pg_sleep(60)}", "HYT00", "InitSql failed");
    refused("Schema={,}", "08004", "Schema");
    refused("ReadOnly=yes;InitSql={create table public.odbc_init_never (a int)}", "25000", "read-only transaction");
}

/* ---- trying again ---------------------------------------------------------------------------------------------------- */

static void retries(void)
{
    attempt("Port=$DEAD_PORT;ConnectRetryCount=2;ConnectRetryInterval=0", "08001", NULL);
    struct timespec before, after;
    clock_gettime(CLOCK_MONOTONIC, &before);
    attempt("Port=$DEAD_PORT;ConnectRetryCount=2;ConnectRetryInterval=1", "08001", NULL);
    clock_gettime(CLOCK_MONOTONIC, &after);
    CHECK(after.tv_sec - before.tv_sec >= 2 && after.tv_sec - before.tv_sec <= 15);
    /* No waiting for what the deadline will not allow. */
    attempt("Port=$DEAD_PORT;ConnectRetryCount=2;ConnectRetryInterval=60;LoginTimeout=30", "08001", NULL);
    clock_gettime(CLOCK_MONOTONIC, &before);
    CHECK(before.tv_sec - after.tv_sec <= 15);
    attempt("ConnectRetryCount=2;PWD=wrong", "28000", NULL);
    /* Every number is checked. */
    attempt("ConnectRetryCount=-1", "HY024", "ConnectRetryCount");
    attempt("LoginTimeout=soon", "HY024", "LoginTimeout");
}

int main(void)
{
    static const struct test tests[] = {
        {"SSLRootCert=system", system_authorities},
        {"revoked certificates", revocation},
        {"files in the home folder", home},
        {"libpq's environment", environment},
        {"several hosts", several_hosts},
        {"target_session_attrs", session_attributes},
        {"InitSql and Schema", init_sql},
        {"retries", retries},
    };
    return run_tests("connecting, continued", tests, COUNT(tests));
}
