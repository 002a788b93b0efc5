/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nothing on the application's standard output and error, whatever goes wrong: libpq, libcurl, OpenSSL, iniparser and the C library would all like to tell somebody.
 * Each case runs in a child whose descriptors 1 and 2 are a file, which has to stay empty; what came of the case it leaves in shared memory.
 */
#include "allocations.h"
#include "credentials.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[] = "/tmp/aldb-quiet-XXXXXX";

/* ---- a child and what it says ------------------------------------------------------------------------------------------------ */

static struct outcome {
    char state[6]; /* of the first record, "" when connected */
    char all[4096]; /* every record */
    long allocations; /* refused, in turn */
} *outcome;

static const char *in_folder(const char *name)
{
    static char ring[4][128];
    static unsigned next;
    char *path = ring[next++ % COUNT(ring)];
    snprintf(path, sizeof ring[0], "%s/%s", folder, name);
    return path;
}

static const char *put_file(const char *name, const char *text, mode_t mode)
{
    const char *path = in_folder(name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text) || fchmod(fd, mode) != 0 || close(fd) != 0) {
        printf("FATAL: %s\n", path);
        exit(EXIT_FAILURE);
    }
    return path;
}

static void (*child_work)(const char *text);

/* The resolver may be busy still on a thread that nobody waits for; valgrind would call what it has a leak. */
static void await_threads(void)
{
    for (int tries = 0; tries < 1000; tries++) {
        int n = 0;
        DIR *tasks = opendir("/proc/self/task");
        while (tasks && readdir(tasks)) {
            n++;
        }
        if (tasks) {
            (void)closedir(tasks);
        }
        if (n <= 3) { /* . and .. and this one */
            break;
        }
        pause_ms(10);
    }
}

/* True if nothing was written. */
static bool is_silent(const char *text, const char *what)
{
    char path[64], said[2048];
    snprintf(path, sizeof path, "%s/said", folder);
    *outcome = (struct outcome){.state = "?"};
    (void)fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        if (fd < 0 || dup2(fd, STDOUT_FILENO) < 0 || dup2(fd, STDERR_FILENO) < 0) {
            _exit(2);
        }
        child_work(text);
        await_threads();
        (void)fflush(NULL);
        _exit(0);
    }
    int status = -1;
    check_true(child > 0 && waitpid(child, &status, 0) == child && status == 0, what, __FILE__, __LINE__);
    FILE *file = fopen(path, "re");
    size_t n = file ? fread(said, 1, sizeof said - 1, file) : 0;
    said[n] = '\0';
    check_true(file != NULL, path, __FILE__, __LINE__);
    if (file) {
        (void)fclose(file);
    }
    if (n > 0) {
        printf("\n    %s: it said: %s", what, said);
    }
    return n == 0;
}

static void note(SQLHANDLE handle)
{
    snprintf(outcome->state, sizeof outcome->state, "%s", diag_state(handle, 1));
    size_t used = 0;
    for (SQLSMALLINT n = 1; diag_state(handle, n)[0] && used < sizeof outcome->all - 1; n++) {
        used += (size_t)snprintf(outcome->all + used, sizeof outcome->all - used, "%s %s\n", diag_state(handle, n), diag_message(handle, n));
        used = used < sizeof outcome->all ? used : sizeof outcome->all - 1;
    }
}

/* Connects; where that succeeds has the server complain, fail, and end the session. */
static void connect_and_work(const char *text)
{
    static const char *const statements[] = {
        "do $$ begin raise notice 'a notice'; raise warning 'a warning'; end $$", "select 1/0", "select nonsense", "set client_min_messages = debug5", "select 1",
        "do $$ begin raise log 'told too'; end $$", "select pg_terminate_backend(pg_backend_pid())", "select 1",
    };
    struct link l = link_new(SQL_OV_ODBC3_80);
    SQLRETURN rc = try_connect(l.dbc, text);
    note(l.dbc);
    if (SQL_SUCCEEDED(rc)) {
        outcome->state[0] = '\0';
        l.stmt = new_stmt(l.dbc);
        for (size_t i = 0; i < COUNT(statements); i++) {
            (void)SQLExecDirect(l.stmt, T(statements[i]), SQL_NTS);
            (void)SQLFreeStmt(l.stmt, SQL_CLOSE);
        }
        (void)SQLFreeHandle(SQL_HANDLE_STMT, l.stmt);
        (void)SQLDisconnect(l.dbc);
    }
    (void)SQLFreeHandle(SQL_HANDLE_DBC, l.dbc);
    (void)SQLFreeHandle(SQL_HANDLE_ENV, l.env);
}

/* With ever more allocations of the driver's granted, until it connects. */
static void connect_without_memory(const char *text)
{
    struct link l = link_new(SQL_OV_ODBC3_80);
    for (long n = 0; outcome->allocations < 100000; n += 1 + n / 50) {
        atomic_store(&refused, false);
        atomic_store(&lasting, true);
        atomic_store(&left, n);
        SQLRETURN rc = try_connect(l.dbc, text);
        atomic_store(&left, -1);
        note(l.dbc);
        if (SQL_SUCCEEDED(rc)) {
            (void)SQLDisconnect(l.dbc);
        }
        if (!atomic_load(&refused)) {
            outcome->state[0] = SQL_SUCCEEDED(rc) ? '\0' : outcome->state[0];
            break;
        }
        outcome->allocations++;
    }
    (void)SQLFreeHandle(SQL_HANDLE_DBC, l.dbc);
    (void)SQLFreeHandle(SQL_HANDLE_ENV, l.env);
}

static void check_case(const char *text, const char *state, const char *what, unsigned line)
{
    check_true(is_silent(text, what), what, __FILE__, line);
    check_text(outcome->state, state, what, __FILE__, line);
}
#define CHECK_CASE(text, state, what) check_case(text, state, what, __LINE__)

/* ---- cases ------------------------------------------------------------------------------------------------------------------- */

/* Whoever writes is caught. */
static void say_something(const char *text)
{
    if (text[0] == 'o') {
        printf("%s\n", text);
    } else {
        fprintf(stderr, "%s\n", text);
    }
}

static void control(void)
{
    child_work = say_something;
    CHECK(!is_silent("out", "this is meant to be said on standard output"));
    CHECK(!is_silent("err", "and this on standard error"));
}

static void directly(void)
{
    static const char to[] = "DRIVER=AlloyDB;Server=$HOST;Port=$PORT;Database=$DATABASE";
    char keywords[600];
    child_work = connect_and_work;
    CHECK_CASE(connstr("%s;UID=$USER;PWD=$PASSWORD", to), "", "a password");
    CHECK_CASE(connstr("%s;UID=$USER;PWD=wrong", to), "28000", "a wrong password");
    CHECK_CASE(connstr("%s;UID=$USER;PWD=wrong;SSLMode=disable", to), "28000", "a wrong password, without TLS");
    CHECK_CASE(connstr("%s;UID=$USER;PWD=$PASSWORD;SSLMode=disable;InitSql={do $$ begin raise warning 'x'; end $$}", to), "", "a warning while connecting");
    CHECK_CASE(connstr("DRIVER=AlloyDB;Server=$HOST;Port=$DEAD_PORT;UID=$USER;PWD=x"), "08001", "nobody listens");
    CHECK_CASE(connstr("DRIVER=AlloyDB;Server=no-such-host.invalid;UID=$USER;PWD=x"), "08001", "no such host");
    CHECK_CASE(connstr("%s;UID=$USER;PWD=x;SSLMode=verify-full;SSLRootCert=$WRONG_CA", to), "08001", "a stranger's certificate");
    CHECK_CASE(connstr("%s;UID=$USER;PWD=x;SSLMode=verify-full;SSLRootCert=/nonexistent", to), "08001", "no authority");
    CHECK_CASE(connstr("%s;UID=$USER;PWD=x;GssEncMode=require", to), "08001", "no ticket");
    CHECK_CASE(connstr("%s;UID=aldb_cert;SSLMode=require;SSLCert=$CERT;SSLKey=$ENCRYPTED_KEY;SSLPassword=wrong", to), "08001", "a key that does not open");
    CHECK_CASE(connstr("%s;UID=aldb_cert;SSLMode=require;SSLCert=$CERT;SSLKey=%s", to, put_file("open.key", "x", 0644)), "08001", "a key that others may read");
    CHECK_CASE(connstr("%s;UID=$USER;PWD={open", to), "HY000", "a string that is none");
    CHECK_CASE(connstr("%s;UID=$USER;PqOpt={nonsense=1}", to), "08001", "an option that libpq does not know");

    /* Of a password file that it will not use libpq prints a warning. */
    snprintf(keywords, sizeof keywords, "*:*:*:*:%s\n", fact("PASSWORD"));
    const char *open_file = put_file("open", keywords, 0644);
    static const char unused[] = "01000 [AlloyDB][ODBC Driver] The password file \"%s\" is not used: %s\n";
    char wanted[512];
    CHECK_CASE(connstr("%s;UID=$USER;PassFile=%s", to, put_file("closed", keywords, 0600)), "", "a password file");
    CHECK_TEXT(outcome->all, "");
    snprintf(wanted, sizeof wanted, unused, open_file, "others than its owner may read it; chmod 600 it");
    CHECK_CASE(connstr("%s;UID=$USER;PassFile=%s", to, open_file), "28000", "a password file that others may read");
    CHECK_CONTAINS(outcome->all, wanted);
    CHECK_CASE(connstr("%s;UID=aldb_trust;PassFile=%s", to, open_file), "", "one that was not needed");
    CHECK_TEXT(outcome->all, wanted);
    CHECK_CASE(connstr("%s;UID=$USER;PWD=$PASSWORD;PassFile=%s", to, open_file), "", "one beside a password");
    CHECK_TEXT(outcome->all, "");
    snprintf(wanted, sizeof wanted, unused, folder, "it is not a plain file");
    CHECK_CASE(connstr("%s;UID=$USER;PassFile=%s", to, folder), "28000", "a password file that is a directory");
    CHECK_CONTAINS(outcome->all, wanted);
    setenv("PGPASSFILE", open_file, 1);
    CHECK_CASE(connstr("%s;UID=$USER", to), "28000", "PGPASSFILE");
    CHECK_CONTAINS(outcome->all, open_file);
    unsetenv("PGPASSFILE");
    char home[256];
    snprintf(home, sizeof home, "%s", getenv("HOME") ? getenv("HOME") : "");
    setenv("HOME", folder, 1);
    (void)put_file(".pgpass", keywords, 0640);
    CHECK_CASE(connstr("%s;UID=$USER", to), "28000", "~/.pgpass");
    CHECK_CONTAINS(outcome->all, "/.pgpass\" is not used: others");
    CHECK_INT(unlink(in_folder(".pgpass")), 0);
    setenv("HOME", home, 1);
}

/* iniparser prints its complaints unless it is told not to. */
static void ini_files(void)
{
    static char text[5000];
    child_work = connect_and_work;
    memset(text, 'x', sizeof text - 1);
    memcpy(text, "[Defaults]\nInitSql = ", 21);
    static const struct {
        const char *name, *text, *state;
    } files[] = {{"long.ini", text, "HY000"}, {"bad.ini", "[Defaults]\nno value here\n", "HY000"}, {"none.ini", NULL, "HY000"}, {"good.ini", "[Defaults]\nApplicationName = x\n", ""}};
    for (size_t i = 0; i < COUNT(files); i++) {
        setenv("ALLOYDB_ODBC_INI", files[i].text ? put_file(files[i].name, files[i].text, 0600) : in_folder(files[i].name), 1);
        CHECK_CASE(connstr(";"), files[i].state, files[i].name);
    }
    unsetenv("ALLOYDB_ODBC_INI");
    setenv("ALLOYDB_ODBC_LOG_LEVEL", "TRACE", 1);
    setenv("ALLOYDB_ODBC_LOG_FILE", "/dev/stderr", 1);
    CHECK_CASE(connstr(";"), "", "a log on standard error");
    CHECK_CONTAINS(outcome->all, "01000 [AlloyDB][ODBC Driver] Nothing is logged: \"/dev/stderr\" cannot be opened");
    setenv("ALLOYDB_ODBC_LOG_FILE", in_folder("trace.log"), 1);
    CHECK_CASE(connstr(";"), "", "a log elsewhere");
    CHECK_TEXT(outcome->all, "");
    unsetenv("ALLOYDB_ODBC_LOG_LEVEL");
    unsetenv("ALLOYDB_ODBC_LOG_FILE");
}

static void by_connector(void)
{
    static const struct {
        const char *fault, *state;
    } faults[] = {
        {"{\"at\": \"admin\", \"status\": 403, \"reason\": \"PERMISSION_DENIED\"}", "28000"},
        {"{\"at\": \"admin\", \"body\": \"<html>\"}", "08001"},
        {"{\"at\": \"token\", \"status\": 400, \"reason\": \"invalid_grant\"}", "28000"},
        {"{\"at\": \"generateClientCertificate\", \"chain\": \"garbage\"}", "08001"},
        {"{\"at\": \"front\", \"certificate\": \"wrong-san\"}", "08001"},
        {"{\"at\": \"front\", \"accept\": \"reset\"}", "08001"},
        {"{\"at\": \"front\", \"tls\": \"1.2\"}", "08001"},
        {"{\"at\": \"exchange\", \"reply\": \"garbage\"}", "08001"},
        {"{\"at\": \"login\", \"reply\": \"close\"}", "08001"},
        {"{\"at\": \"stream\", \"cut_after\": 2000}", ""},
    };
    char options[512];
    child_work = connect_and_work;
    use_environment(NULL, true);
    emulator_reset();
    CHECK_CASE(instance("", fresh_project(), ""), "", "an instance");
    CHECK_CASE(instance("", fresh_project(), "EnableIamAuth=1"), "", "IAM");
    for (size_t i = 0; i < COUNT(faults); i++) {
        emulator_reset();
        emulator_fault(faults[i].fault);
        CHECK_CASE(instance("", fresh_project(), ""), faults[i].state, faults[i].fault);
    }
    emulator_reset();
    CHECK_CASE(instance("CredentialsJson={{\"type\": 1}}}", fresh_project(), ""), "28000", "no credentials");
    snprintf(options, sizeof options, "ProxyUrl=http://u:p@127.0.0.1:%s", fact("DEAD_PORT"));
    CHECK_CASE(instance("", fresh_project(), options), "", "a proxy that is dead, and not asked for this machine");
    snprintf(options, sizeof options, "ApiEndpoint=https://127.0.0.1:%s", fact("DEAD_PORT"));
    CHECK_CASE(instance("", fresh_project(), options), "08001", "an API that is dead");
    (void)put_file("helper", "#!/bin/sh\necho 'on standard error' >&2\necho 'on standard output'\nexit 1\n", 0700);
    snprintf(options, sizeof options, "%s/subject-token-helper", emulator_fact("STATE"));
    CHECK_CASE(instance(edited("external_account_executable", options, in_folder("helper")), fresh_project(), ""), "28000", "a helper that talks");
    CHECK_CONTAINS(outcome->all, "on standard error");
}

static void without_memory(void)
{
    child_work = connect_without_memory;
    use_environment(NULL, true);
    emulator_reset();
    CHECK_CASE(connstr("DRIVER=AlloyDB;Server=$HOST;Port=$PORT;Database=$DATABASE;UID=$USER;PWD=$PASSWORD"), "", "a server, and no memory");
    CHECK(outcome->allocations >= 20);
    CHECK_CASE(instance("", fresh_project(), ""), "", "an instance, and no memory");
    CHECK(outcome->allocations >= 50);
}

int main(void)
{
    static const struct test tests[] = {
        {"what is said is noticed", control},
        {"directly", directly},
        {"ini files and logs", ini_files},
        {"by the connector", by_connector},
        {"without memory", without_memory},
    };
    credentials_begin();
    outcome = mmap(NULL, sizeof *outcome, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (outcome == MAP_FAILED || mkdtemp(folder) == NULL) {
        perror(folder);
        return EXIT_FAILURE;
    }
    int status = run_tests("standard output and error", tests, COUNT(tests));
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    (void)!system(command);
    return status;
}
