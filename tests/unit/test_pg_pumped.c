/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions whose bytes go through a dialled stream: the inner connection, the environment, cancels, ends. */
#include "pg_support.h"

#include <dirent.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "pg/inner.h"

static struct aldb_session *open_through(struct pgt_dialer *d)
{
    struct aldb_session_options o = pgt_options();
    o.dialer = pgt_dialer(d);
    return pgt_open_with(&o);
}

static enum aldb_rc try_open(struct pgt_dialer *d, int64_t ms, struct aldb_session **s)
{
    struct aldb_session_options o = pgt_options();
    o.dialer = pgt_dialer(d);
    return aldb_session_open(pgt.keywords, pgt.values, &o, aldb_deadline_in_ms(ms), s, DIAG);
}

static int open_files(void)
{
    int n = 0;
    DIR *dir = opendir("/proc/self/fd");
    while (dir && readdir(dir)) {
        n++;
    }
    (void)closedir(dir);
    return n;
}

/* ------------------------------------------------------------------ the session */

static void add(void *sum, const struct aldb_cell *cells, uint16_t ncells)
{
    TRUE(ncells == 1);
    *(int64_t *)sum += strtoll(cells[0].data, NULL, 10);
}

static int64_t sum_of(struct aldb_session *s, const char *sql)
{
    int64_t sum = 0;
    OK(aldb_session_query(s, aldb_slice_of(sql), NULL, add, &sum, &pgt_forever, DIAG));
    return sum;
}

static void test_session(void)
{
    int files = open_files();
    for (int how = 0; how < 3; how++) {
        struct pgt_dialer d = {.piece = how == 1 ? 777 : 0, .stutters = how == 2};
        struct aldb_session *s = open_through(&d);
        int pid = aldb_session_backend_pid(s);
        SAME(d.held, 1);
        SAME_TEXT(aldb_session_host(s), "the instance");
        SAME_TEXT(aldb_session_port(s), "5433");
        SAME(sum_of(s, "select pg_catalog.pg_backend_pid()"), pid);
        SAME(sum_of(s, "select g from pg_catalog.generate_series(1, 100000) g"), 5000050000);
        TRUE(!aldb_session_dead(s));
        aldb_session_close(s);
        char gone[128];
        snprintf(gone, sizeof gone, "select count(*) from pg_stat_activity where pid = %d", pid);
        TRUE(pgt_await(gone, "0"));
        SAME(d.held, 0);
        SAME(d.dials, 1);
    }
    SAME(open_files(), files);
}

/* 30 MB up and as much down in one round trip: each side must read while it writes. */
static void test_large(void)
{
    struct pgt_dialer d = {0};
    struct aldb_session *s = open_through(&d);
    size_t size = (size_t)30 << 20;
    char *text = malloc(size + 1);
    memset(text, 'x', size);
    text[size] = '\0';
    const char *values[] = {text, text};
    struct aldb_params params = {.count = 2, .values = values, .lengths = (int[]){(int)size, 7}, .formats = (int[]){0, 0}};
    int64_t sum = 0;
    OK(aldb_session_query(s, aldb_slice_of("select pg_catalog.length($1::text) from pg_catalog.generate_series(1, 2)"),
                          &(struct aldb_params){.count = 1, .values = values, .lengths = params.lengths, .formats = params.formats}, add, &sum, &pgt_forever, DIAG));
    SAME(sum, 2 * (int64_t)size);
    sum = 0;
    OK(aldb_session_query(s, aldb_slice_of("select '1' || pg_catalog.right($1::text, 0) || pg_catalog.repeat(' ', 30000000)"),
                          &(struct aldb_params){.count = 1, .values = values, .lengths = params.lengths, .formats = params.formats}, add, &sum, &pgt_forever, DIAG));
    SAME(sum, 1);
    free(text);
    aldb_session_close(s);
}

/* The server says nothing while it takes data: whoever waits for more than room waits for ever. */
static void test_copy(void)
{
    enum { ROWS = 64, ROW = 256 << 10 };
    static char row[ROW];
    memset(row, 'x', sizeof row - 1);
    row[sizeof row - 1] = '\n';
    for (int how = 0; how < 4; how++) {
        struct pgt_dialer d = {.piece = how == 1 ? 7777 : 0, .stutters = how == 2, .stalls = how == 3};
        struct aldb_session *s = open_through(&d);
        struct aldb_wait wait = pgt_for_ms(60000); /* each time */
        struct aldb_exec e;
        struct aldb_exec_request req = pgt_request("copy pg_temp.copied from stdin");
        req.copy = ALDB_COPY_IN;
        OK(pgt_do(s, "create temp table copied (t text)"));
        aldb_exec_init(&e);
        SAME(aldb_exec_run(&e, s, &req, &wait, DIAG), ALDB_NEED_DATA);
        for (int i = 0; i < ROWS; i++) {
            int64_t start = aldb_now_ms();
            wait = pgt_for_ms(60000);
            OK(aldb_copy_put(&e, aldb_slice(row, sizeof row), &wait, DIAG));
            WITHIN(start, pgt_prompt_ms());
        }
        OK(aldb_copy_end(&e, &wait, DIAG));
        OK(aldb_exec_close(&e, &wait, DIAG));
        SAME(sum_of(s, "select sum(length(t)) from copied"), (int64_t)ROWS * (ROW - 1));
        aldb_session_close(s);
    }
}

/* ------------------------------------------------------------------ opening */

static void test_dial_refused(void)
{
    struct pgt_dialer d = {.most_dials = -1};
    struct aldb_session *s = NULL;
    int files = open_files();
    FAILS(try_open(&d, 30000, &s), "28000");
    SAME_TEXT(pgt_message(&pgt.diag), "[AlloyDB][ODBC Driver] the test's dialer refuses");
    SAME(d.held, 0);
    SAME(open_files(), files);
}

/* A login without an answer ends with the deadline. */
static void test_silent(void)
{
    struct pgt_dialer d = {.silent = true};
    struct aldb_session *s = NULL;
    int64_t start = aldb_now_ms();
    FAILS(try_open(&d, 300, &s), "HYT00");
    WITHIN(start, pgt_prompt_ms());
    TRUE(aldb_now_ms() - start >= 300);
    TRUE(strstr(pgt_message(&pgt.diag), "the instance") != NULL);
    SAME(d.held, 0);
}

/* What the server refuses, and a session that is refused behind the login: nothing stays behind, and the name of the local socket is not told. */
static void test_refused(void)
{
    int files = open_files();
    struct pgt_dialer d = {0};
    struct aldb_session *s = NULL;
    struct aldb_session_options o = pgt_options();
    const char *keywords[ALDB_COUNT(pgt.keywords) + 1] = {NULL};
    const char *values[ALDB_COUNT(pgt.values) + 1] = {NULL};
    memcpy(keywords, pgt.keywords, sizeof pgt.keywords);
    memcpy(values, pgt.values, sizeof pgt.values);
    size_t n = 0;
    for (; keywords[n]; n++) {
    }
    keywords[n] = "dbname";
    values[n] = "no such 'database\\";
    o.dialer = pgt_dialer(&d);
    FAILS(aldb_session_open(keywords, values, &o, aldb_deadline_in_ms(20000), &s, DIAG), "08004");
    TRUE(strstr(pgt_message(&pgt.diag), "connection to server at \"the instance\" failed: FATAL:") != NULL);
    TRUE(strstr(pgt_message(&pgt.diag), "no such 'database\\") != NULL);
    TRUE(strstr(pgt_message(&pgt.diag), "alloydbodbc") == NULL);
    keywords[n] = "channel_binding";
    values[n] = "require";
    FAILS(aldb_session_open(keywords, values, &o, aldb_deadline_in_ms(20000), &s, DIAG), "HY024");
    o.init_sql = "select 1/0";
    FAILS(aldb_session_open(pgt.keywords, pgt.values, &o, aldb_deadline_in_ms(20000), &s, DIAG), "08004");
    SAME(d.held, 0);
    SAME(open_files(), files);
}

/* ------------------------------------------------------------------ the environment */

/* None of them leads libpq elsewhere, nor makes it expect what the local socket is not. */
static void test_environment(void)
{
    static const char *const variables[][2] = {
        {"PGHOSTADDR", "127.0.0.9"}, {"PGHOST", "nobody.invalid"}, {"PGPORT", "1"}, {"PGREQUIREPEER", "nobody"}, {"PGSSLMODE", "verify-full"},
        {"PGREQUIRESSL", "1"}, {"PGSSLROOTCERT", "/none"}, {"PGSSLCERT", "/none"}, {"PGSSLKEY", "/none"}, {"PGSSLCRL", "/none"}, {"PGSSLCRLDIR", "/none"},
        {"PGSSLSNI", "0"}, {"PGSSLCOMPRESSION", "1"}, {"PGSSLMINPROTOCOLVERSION", "TLSv1.3"}, {"PGSSLMAXPROTOCOLVERSION", "TLSv1"},
        {"PGGSSENCMODE", "require"}, {"PGGSSLIB", "none"}, {"PGKRBSRVNAME", "none"}, {"PGCHANNELBINDING", "require"}, {"PGCONNECT_TIMEOUT", "none"},
        {"PGTARGETSESSIONATTRS", "standby"}, {"PGPASSFILE", "/none"}, {"PGCLIENTENCODING", "LATIN1"}, {"PGREQUIREAUTH", "none"},
        {"PGSSLCERTMODE", "require"}, {"PGSSLNEGOTIATION", "direct"}, {"PGLOADBALANCEHOSTS", "none"}, {"PGMINPROTOCOLVERSION", "3.2"},
    };
    char service[] = "/tmp/pgt-service-XXXXXX";
    int fd = mkstemp(service);
    FILE *file = fdopen(fd, "w");
    fprintf(file, "[elsewhere]\nhost=nobody.invalid\nhostaddr=127.0.0.9\nport=1\nsslmode=verify-full\nrequirepeer=nobody\n");
    fclose(file);
    for (size_t i = 0; i <= ALDB_COUNT(variables) + 1; i++) {
        bool all = i == ALDB_COUNT(variables) + 1;
        for (size_t j = 0; j < ALDB_COUNT(variables); j++) {
            if (i == j || all) {
                setenv(variables[j][0], variables[j][1], 1);
            }
        }
        if (i == ALDB_COUNT(variables)) {
            setenv("PGSERVICEFILE", service, 1);
            setenv("PGSERVICE", "elsewhere", 1);
        }
        struct pgt_dialer d = {0};
        struct aldb_session *s = NULL;
        if (!OK(try_open(&d, 10000, &s))) {
            fprintf(stderr, "%s\n", i < ALDB_COUNT(variables) ? variables[i][0] : all ? "all" : "PGSERVICE");
        } else {
            SAME(sum_of(s, "select 42"), 42);
            SAME_TEXT(aldb_session_parameter(s, "client_encoding"), "UTF8");
            aldb_session_close(s);
        }
        SAME(d.dials, 1);
        for (size_t j = 0; j < ALDB_COUNT(variables); j++) {
            unsetenv(variables[j][0]);
        }
        unsetenv("PGSERVICE");
        unsetenv("PGSERVICEFILE");
    }
    unlink(service);
}

static const char *parsed(PQconninfoOption *all, const char *option)
{
    for (PQconninfoOption *o = all; o->keyword; o++) {
        if (strcmp(o->keyword, option) == 0) {
            return o->val;
        }
    }
    return NULL;
}

/* Every option that has a variable is given, and what the user says of his login arrives as he wrote it. */
static void test_options(void)
{
    static const char *const own[] = {"user", "password", "dbname", "options", "application_name", "service"};
    static const char *const keywords[] = {"user", "password", "host", "hostaddr", "sslmode", "target_session_attrs", "dbname", NULL};
    static const char *const values[] = {"a b", "it's \\ a 'secret' = \\'", "elsewhere", "10.0.0.1", "require", "read-write", "host=elsewhere"};
    struct aldb_buf text;
    char *error = NULL;
    aldb_buf_init(&text, ALDB_MAX_CONNSTR);
    OK(inner_options(keywords, values, "@here", &text, DIAG));
    PQconninfoOption *all = PQconninfoParse(aldb_buf_cstr(&text), &error);
    TRUE(all != NULL);
    for (PQconninfoOption *o = all; o && o->keyword; o++) {
        bool mine = false;
        for (size_t i = 0; i < ALDB_COUNT(own); i++) {
            mine = mine || strcmp(o->keyword, own[i]) == 0;
        }
        if (o->envvar && !mine && !TRUE(o->val != NULL)) {
            fprintf(stderr, "%s is left to %s\n", o->keyword, o->envvar);
        }
    }
    if (all) {
        SAME_TEXT(parsed(all, "user"), values[0]);
        SAME_TEXT(parsed(all, "password"), values[1]);
        SAME_TEXT(parsed(all, "host"), "@here");
        SAME_TEXT(parsed(all, "hostaddr"), "");
        SAME_TEXT(parsed(all, "sslmode"), "disable");
        SAME_TEXT(parsed(all, "target_session_attrs"), "read-write");
        SAME_TEXT(parsed(all, "dbname"), "host=elsewhere");
    }
    PQconninfoFree(all);
    PQfreemem(error);
    aldb_buf_wipe(&text);
}

/* ------------------------------------------------------------------ the listener */

static int connect_to(const char *host)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    int len = snprintf(a.sun_path, sizeof a.sun_path, "%s/.s.PGSQL.5432", host);
    a.sun_path[0] = a.sun_path[0] == '@' ? '\0' : a.sun_path[0];
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (connect(fd, (struct sockaddr *)&a, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + (size_t)len)) != 0) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

/* Strangers come first, and stay: they are sent away, and who belongs here is let in; with an abstract name and without. */
static void test_strangers(void)
{
    for (int abstract = 0; abstract < 2; abstract++) {
        struct inner in;
        int ready[2];
        char c = 0;
        OK(inner_listen(&in, abstract, DIAG));
        SAME(in.host[0], abstract ? '@' : '/');
        SAME(inner_accept(&in), -1);
        if (!abstract) {
            struct stat st;
            SAME(stat(in.host, &st), 0);
            SAME(st.st_mode & 0777, 0700);
        }
        TRUE(pipe(ready) == 0);
        pid_t child = fork();
        if (child == 0) {
            bool all = true;
            int fds[10];
            for (int i = 0; i < 10; i++) {
                fds[i] = connect_to(in.host);
                all = all && fds[i] >= 0;
            }
            (void)!write(ready[1], all ? "y" : "n", 1);
            bool sent_away = true;
            for (int i = 0; i < 10; i++) {
                struct pollfd fd = {.fd = fds[i], .events = POLLIN};
                sent_away = sent_away && poll(&fd, 1, 10000) == 1 && recv(fds[i], &c, 1, 0) == 0;
            }
            _exit(sent_away ? 0 : 1);
        }
        TRUE(read(ready[0], &c, 1) == 1 && c == 'y');
        SAME(inner_accept(&in), -1);
        int mine = connect_to(in.host);
        int fd = inner_accept(&in);
        TRUE(mine >= 0 && fd >= 0);
        TRUE(send(mine, "x", 1, MSG_NOSIGNAL) == 1 && recv(fd, &c, 1, 0) == 1 && c == 'x');
        int status = -1;
        TRUE(waitpid(child, &status, 0) == child && status == 0);
        char host[sizeof in.host];
        memcpy(host, in.host, sizeof host);
        inner_clear(&in);
        inner_clear(&in);
        SAME(connect_to(host), -1);
        TRUE(abstract || access(host, F_OK) != 0);
        (void)close(mine);
        (void)close(fd);
        (void)close(ready[0]);
        (void)close(ready[1]);
    }
}

/* Another process that looks for the listener all the time and takes every chance: it fills the queue, for what waits there is listed under the same name. */
static void test_intruder(void)
{
    pid_t child = fork();
    if (child == 0) {
        alarm(300);
        for (;;) {
            char line[256];
            FILE *f = fopen("/proc/net/unix", "re");
            while (f && fgets(line, sizeof line, f)) {
                char *at = strstr(line, "@alloydbodbc-");
                if (at) {
                    at[strcspn(at, "/")] = '\0';
                    (void)connect_to(at);
                }
            }
            if (f) {
                fclose(f);
            }
        }
    }
    for (int i = 0; i < 60; i++) {
        struct pgt_dialer d = {0};
        struct aldb_session *s = NULL;
        if (!OK(try_open(&d, 30000, &s))) {
            break;
        }
        SAME(sum_of(s, "select 1"), 1);
        aldb_session_close(s);
    }
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
}

/* ------------------------------------------------------------------ ends */

static void test_stream_fails(void)
{
    for (int how = 0; how < 2; how++) {
        struct pgt_dialer d = {0};
        struct aldb_session *s = open_through(&d);
        int64_t sum = 0;
        *(how ? &d.last->read_fails : &d.last->write_fails) = true;
        FAILS(aldb_session_query(s, aldb_slice_of("select 1"), NULL, add, &sum, &pgt_forever, DIAG), "08S01");
        TRUE(strstr(pgt_message(&pgt.diag), "server closed the connection unexpectedly") != NULL);
        TRUE(strstr(pgt_message(&pgt.diag), how ? "the test's stream cannot be read" : "the test's stream cannot be written") != NULL);
        TRUE(aldb_session_dead(s));
        aldb_session_close(s);
        SAME(d.held, 0);
    }
}

/* The server ends the session: found without asking it, and its own words are told. */
static void test_killed(void)
{
    for (int busy = 0; busy < 2; busy++) {
        struct pgt_dialer d = {0};
        struct aldb_session *s = open_through(&d);
        OBSERVE("select pg_terminate_backend(%d)", aldb_session_backend_pid(s));
        if (busy) {
            int64_t sum = 0;
            FAILS(aldb_session_query(s, aldb_slice_of("select pg_catalog.pg_sleep(60)"), NULL, add, &sum, &pgt_forever, DIAG), "08S01");
            TRUE(strstr(pgt_message(&pgt.diag), "terminating connection due to administrator command") != NULL);
        }
        int64_t start = aldb_now_ms();
        while (!aldb_session_dead(s) && aldb_now_ms() - start < pgt_prompt_ms()) {
            pgt_sleep_ms(5);
        }
        TRUE(aldb_session_dead(s));
        aldb_session_close(s);
    }
}

/* The child leaves the parent's session and stream alone. */
static void test_fork(void)
{
    struct pgt_dialer d = {0};
    struct aldb_session *s = open_through(&d);
    int closed = st_closed;
    pid_t child = fork();
    if (child == 0) {
        int64_t sum = 0;
        struct aldb_diag diag;
        aldb_diag_init(&diag);
        bool ok = aldb_session_dead(s) && aldb_session_query(s, aldb_slice_of("select 1"), NULL, add, &sum, &pgt_forever, &diag) == ALDB_ERR &&
                  strcmp(pgt_state(&diag), "08S01") == 0;
        aldb_diag_clear(&diag);
        aldb_session_close(s);
        _exit(ok && st_abandoned == 1 && st_closed == closed ? 0 : 1);
    }
    int status = -1;
    TRUE(waitpid(child, &status, 0) == child);
    SAME(status, 0);
    SAME(sum_of(s, "select 7"), 7);
    aldb_session_close(s);
    SAME(st_closed, closed + 1);
}

/* ------------------------------------------------------------------ cancelling */

/* The thread of a CancelRequest may hold the dialer a moment longer than anybody waits for it. */
static void all_released(const struct pgt_dialer *d)
{
    for (int64_t start = aldb_now_ms(); d->held > 0 && aldb_now_ms() - start < 10000;) {
        pgt_sleep_ms(5);
    }
    SAME(d->held, 0);
}

/* A deadline's end cancels through a second stream, and the session goes on. */
static void test_deadline(void)
{
    struct pgt_dialer d = {0};
    struct aldb_session *s = open_through(&d);
    struct aldb_wait wait = pgt_for_ms(1000);
    int64_t sum = 0;
    int64_t start = aldb_now_ms();
    IS_RC(aldb_session_query(s, aldb_slice_of("select pg_catalog.pg_sleep(30)"), NULL, add, &sum, &wait, DIAG), ALDB_ERR);
    WITHIN(start, pgt_prompt_ms());
    SAME(d.dials, 2);
    SAME(sum_of(s, "select 3"), 3);
    aldb_session_close(s);
    all_released(&d);
}

/* Nothing is sent while the CancelRequest is dialled, however long that takes: it would hit the wrong statement. */
static void test_slow_cancel(void)
{
    struct pgt_dialer d = {0};
    struct aldb_session *s = open_through(&d);
    d.slow_ms = 1000;
    for (int i = 0; i < 3; i++) {
        struct aldb_wait wait = pgt_for_ms(1000);
        int64_t sum = 0;
        (void)!aldb_session_query(s, aldb_slice_of("select pg_catalog.pg_sleep(1.5)"), NULL, add, &sum, &wait, DIAG); /* ended before the cancel, mostly */
        SAME(sum_of(s, "select g from pg_catalog.generate_series(1, 3) g where pg_catalog.pg_sleep(0.05) is not null"), 6);
    }
    TRUE(d.dials > 1 && d.dials <= 4); /* one that was held up itself may have seen the end before the deadline */
    aldb_session_close(s);
    all_released(&d);
}

int main(void)
{
    CU_TestInfo session[] = {
        {"all of it", test_session},
        {"much up and much down", test_large},
        {"data that the server takes and says nothing", test_copy},
        CU_TEST_INFO_NULL,
    };
    CU_TestInfo opening[] = {
        {"dial refused", test_dial_refused},
        {"silent", test_silent},
        {"refused", test_refused},
        {"environment", test_environment},
        {"options", test_options},
        {"strangers", test_strangers},
        {"intruder", test_intruder},
        CU_TEST_INFO_NULL,
    };
    CU_TestInfo ends[] = {
        {"stream fails", test_stream_fails},
        {"killed", test_killed},
        {"fork", test_fork},
        CU_TEST_INFO_NULL,
    };
    CU_TestInfo cancelling[] = {
        {"deadline", test_deadline},
        {"slow dial", test_slow_cancel},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {
        {"session", NULL, NULL, NULL, NULL, session},
        {"opening", NULL, NULL, NULL, NULL, opening},
        {"ends", NULL, NULL, NULL, NULL, ends},
        {"cancelling", NULL, NULL, NULL, NULL, cancelling},
        CU_SUITE_INFO_NULL,
    };
    return pgt_main("pumped", suites);
}
