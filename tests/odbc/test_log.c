/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The driver's log as an application gets it: what is in it, and what never is. One process has one log, so that the tests here follow one another: first
 * at TRACE with everything allowed, whatever the application does, no secret is written.
 */
#include "harness.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/aldb-log-XXXXXX";
static char path[64];

/* Passwords that are used below, each of its own make; the server knows none of them. */
static const char *const secrets[] = {"Hush1}x;y", "Hush2", "Hush3", "Hush4", "Hush5", "Hush6", "Hush7", "Hush8", "Hush9", "Hush0", "HushA", "HushB"};

static char *read_log(size_t *size)
{
    FILE *f = fopen(path, "r");
    char *text = calloc(1, 1 << 22);
    *size = f != NULL ? fread(text, 1, (1 << 22) - 1, f) : 0;
    if (f != NULL) {
        fclose(f);
    }
    return text;
}

static bool contains(const char *text, size_t size, const void *part, size_t len)
{
    return memmem(text, size, part, len) != NULL;
}

/* In UTF-8, in UTF-16, in hexadecimal: not there. */
static void has_no(const char *text, size_t size, const char *secret)
{
    size_t len = strlen(secret);
    char wide_form[128];
    char hex[128];
    for (size_t i = 0; i < len; i++) {
        wide_form[2 * i] = secret[i];
        wide_form[2 * i + 1] = '\0';
        snprintf(hex + 2 * i, 3, "%02x", (unsigned)(unsigned char)secret[i]);
    }
    check_true(!contains(text, size, secret, len), secret, __FILE__, __LINE__);
    check_true(!contains(text, size, wide_form, 2 * len), secret, __FILE__, __LINE__);
    check_true(!contains(text, size, hex, 2 * len), secret, __FILE__, __LINE__);
}

/* Every record of the handle. */
static void check_records(SQLHANDLE handle)
{
    for (SQLSMALLINT n = 1; diag_state(handle, n)[0] != '\0'; n++) {
        char text[8192];
        snprintf(text, sizeof text, "%s", diag_message(handle, n));
        has_no(text, strlen(text), "Hush");
        has_no(text, strlen(text), fact("PASSWORD"));
    }
}

static void attempt(SQLHDBC dbc, const char *keywords)
{
    SQLRETURN rc = try_connect(dbc, keywords);
    check_records(dbc);
    if (SQL_SUCCEEDED(rc)) {
        SQLDisconnect(dbc);
    }
}

/* ---- tests ---------------------------------------------------------------------------------------------------------- */

/* A log that cannot be written is told, and is no reason not to connect. */
static void no_log(void)
{
    struct link l = link_new(SQL_OV_ODBC3_80);
    char keywords[256];
    CHECK_INFO(l.dbc, try_connect(l.dbc, connstr("LogLevel=DEBUG")), "01000");
    CHECK_CONTAINS(diag_message(l.dbc, 1), "neither LogPath nor LogFile");
    CHECK_OK(l.dbc, SQLDisconnect(l.dbc));
    CHECK_INFO(l.dbc, try_connect(l.dbc, connstr("LogLevel=DEBUG;LogFile=/nonexistent/log")), "01000");
    CHECK_CONTAINS(diag_message(l.dbc, 1), "/nonexistent/log\" cannot be opened: No such file or directory");
    CHECK_OK(l.dbc, SQLDisconnect(l.dbc));
    snprintf(keywords, sizeof keywords, "%s/link", folder);
    CHECK_INT(symlink("elsewhere", keywords), 0);
    CHECK_INFO(l.dbc, try_connect(l.dbc, connstr("LogLevel=DEBUG;LogPath=%s;LogFile=link", folder)), "01000");
    CHECK_OK(l.dbc, SQLDisconnect(l.dbc));
    CHECK_STATE(l.dbc, try_connect(l.dbc, connstr("LogLevel=LOUD")), "HY024");
    link_close(&l);
}

static void secrets_stay_out(void)
{
    struct link l = link_new(SQL_OV_ODBC3_80);
    static const char log[] = "LogLevel=TRACE;LogQueryText=yes;LogParameters=yes;LogComponents=ALL;LogFile=";
    char passfile[128];
    CHECK_OK(l.dbc, try_connect(l.dbc, connstr("%s%s;UID=aldb_test;PWD=$PASSWORD", log, path)));
    CHECK_OK(l.dbc, SQLDisconnect(l.dbc));

    attempt(l.dbc, connstr("PWD={Hush1}}x;y}"));
    attempt(l.dbc, connstr("PWD=a;Hush2=b"));
    attempt(l.dbc, connstr("PWD=a;Hush2"));
    attempt(l.dbc, connstr("PWD={Hush2"));
    attempt(l.dbc, connstr("PWD={a}Hush2;"));
    attempt(l.dbc, connstr("Password=Hush2;Foo=bar;ConnectRetryCount=1;ConnectRetryInterval=0;Port=$DEAD_PORT"));
    attempt(l.dbc, connstr("DRIVER=AlloyDB;Server=$HOST;Port=$PORT;UID=aldb_test;PqOpt={password=Hush3}"));
    attempt(l.dbc, connstr("DRIVER=AlloyDB;Server=$HOST;Port=$PORT;UID=aldb_test;PqOpt={password='Hush3}"));
    attempt(l.dbc, connstr("DRIVER=AlloyDB;Server=$HOST;Port=$PORT;UID=aldb_test;PqOpt={Hush3}"));
    attempt(l.dbc, connstr("UID=aldb_cert;SSLMode=require;SSLCert=$CERT;SSLKey=$ENCRYPTED_KEY;SSLPassword=Hush4"));
    attempt(l.dbc, connstr("Server={127.0.0.1:$DEAD_PORT,127.0.0.1:$PORT};PWD=Hush4"));
    attempt(l.dbc, connstr("EnableIamAuth=1;PWD=Hush5"));
    attempt(l.dbc, connstr("DRIVER=AlloyDB;InstanceUri=projects/p/locations/r/clusters/c/instances/i;AccessToken=Hush5;LoginToken=Hush6;CredentialsJson={{\"Hush6\":1}}}"));
    CHECK_INT(SQLConnect(l.dbc, T(fact("DSN")), SQL_NTS, T("aldb_test"), SQL_NTS, T("Hush7"), SQL_NTS), SQL_ERROR);
    check_records(l.dbc);
    CHECK_INT(SQLConnectW(l.dbc, wide(fact("DSN")), SQL_NTS, wide("aldb_test"), SQL_NTS, wide("Hush8"), SQL_NTS), SQL_ERROR);
    check_records(l.dbc);
    CHECK_INT(SQLDriverConnectW(l.dbc, NULL, wide(connstr("PWD=Hush9")), SQL_NTS, NULL, 0, NULL, SQL_DRIVER_NOPROMPT), SQL_ERROR);
    check_records(l.dbc);
    CHECK_INT(SQLBrowseConnect(l.dbc, T(connstr("DSN=$DSN;PWD=Hush0")), SQL_NTS, NULL, 0, NULL), SQL_ERROR);
    check_records(l.dbc);
    setenv("PGPASSWORD", "HushA", 1);
    attempt(l.dbc, connstr("DRIVER=AlloyDB;Server=$HOST;Port=$PORT;UID=aldb_test"));
    unsetenv("PGPASSWORD");
    snprintf(passfile, sizeof passfile, "%s/pass", folder);
    int fd = open(passfile, O_WRONLY | O_CREAT, 0600);
    dprintf(fd, "*:*:*:*:HushB\n");
    close(fd);
    attempt(l.dbc, connstr("DRIVER=AlloyDB;Server=$HOST;Port=$PORT;UID=aldb_test;PassFile=%s", passfile));
    unlink(passfile);
    /* A password that works leaves no more of itself, nor does the next call. */
    struct link boss = link_new(SQL_OV_ODBC3_80);
    CHECK_OK(boss.dbc, try_connect(boss.dbc, connstr("DRIVER=AlloyDB;Server=$SOCKETDIR;Port=$PORT;Database=$DATABASE;UID=postgres")));
    boss.stmt = new_stmt(boss.dbc);
    run(boss.stmt, "drop role if exists odbc_log; create role odbc_log login; select 1");
    link_close(&boss);

    size_t size;
    char *text = read_log(&size);
    CHECK(size > 1000);
    for (size_t i = 0; i < COUNT(secrets); i++) {
        has_no(text, size, secrets[i]);
    }
    has_no(text, size, "Hush");
    has_no(text, size, fact("PASSWORD"));
    CHECK(strstr(text, "SQLDriverConnect(") != NULL);
    CHECK(strstr(text, "connected to 127.0.0.1 port ") != NULL);
    CHECK(strstr(text, "password authentication failed for user") != NULL);
    CHECK(strstr(text, "trying again in 0 s") != NULL);
    free(text);
    struct stat st;
    CHECK_INT(stat(path, &st), 0);
    CHECK_INT(st.st_mode & 0777, 0600);
    link_close(&l);
}

/* Texts and values, since the first connection allowed them. */
static void texts_and_values(void)
{
    struct link l = link_open("");
    SQLINTEGER number = -4711;
    SQLLEN lengths[3] = {0, SQL_NTS, SQL_NULL_DATA};
    SQLCHAR word[] = "a\nnew line";
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, &number, 0, &lengths[0]));
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 2, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, 100, 0, word, sizeof word, &lengths[1]));
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 3, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, 100, 0, word, sizeof word, &lengths[2]));
    CHECK_OK(l.stmt, SQLExecDirect(l.stmt, T("select ?::int, ?::text, ?::text /* seen */"), SQL_NTS));
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    size_t size;
    char *text = read_log(&size);
    CHECK(strstr(text, "text: select ?::int, ?::text, ?::text /* seen */") != NULL);
    CHECK(strstr(text, "$1 = -4711 (4 bytes)") != NULL);
    CHECK(strstr(text, "$2 = 'a\\nnew line' (10 bytes)") != NULL);
    CHECK(strstr(text, "$3 = NULL (0 bytes)") != NULL);
    free(text);
    link_close(&l);
}

int main(void)
{
    static const struct test tests[] = {
        {"a log that cannot be written", no_log},
        {"secrets stay out of it", secrets_stay_out},
        {"texts and values", texts_and_values},
    };
    if (mkdtemp(folder) == NULL) {
        perror(folder);
        return EXIT_FAILURE;
    }
    snprintf(path, sizeof path, "%s/log", folder);
    int status = run_tests("the log", tests, COUNT(tests));
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    (void)!system(command);
    return status;
}
