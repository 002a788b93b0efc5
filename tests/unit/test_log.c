/* SPDX-License-Identifier: Apache-2.0 */
#include <CUnit/Basic.h>
#include <CUnit/CUnit.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/str.h"
#include "log/log.h"
#include "suites.h"

/* The log lives as long as its process: each case is a child, which returns how many checks failed. */
#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            (void)printf("\n  %s:%d: %s", __FILE__, __LINE__, #condition);                         \
            failures++;                                                                            \
        }                                                                                          \
    } while (0)

static int failures;
static char dir[64];

static void path_in(char *out, size_t size, const char *name)
{
    CHECK(snprintf(out, size, "%s/%s", dir, name) < (int)size);
}

/* NUL-terminated content, NULL if there is no such file; to be freed. */
static char *read_file(const char *path)
{
    FILE *f = fopen(path, "re");
    if (f == NULL) {
        return NULL;
    }
    struct aldb_buf b;
    aldb_buf_init(&b, 64u << 20);
    char chunk[4096];
    for (size_t n; (n = fread(chunk, 1, sizeof chunk, f)) > 0;) {
        aldb_buf_add(&b, chunk, n);
    }
    (void)fclose(f);
    return aldb_buf_take(&b);
}

static int count_lines(const char *text)
{
    int n = 0;
    for (; text && *text; text++) {
        n += *text == '\n';
    }
    return n;
}

static bool contains(const char *path, const char *what)
{
    char *text = read_file(path);
    bool found = text && strstr(text, what);
    aldb_free(text);
    return found;
}

static void run_case(void (*fn)(void))
{
    (void)strncpy(dir, "/tmp/aldb-log-XXXXXX", sizeof dir - 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(dir));
    (void)fflush(NULL);
    pid_t child = fork();
    CU_ASSERT_FATAL(child >= 0);
    if (child == 0) {
        fn();
        (void)fflush(NULL);
        _exit(failures > 100 ? 100 : failures);
    }
    int status = -1;
    CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
    CU_ASSERT_TRUE(WIFEXITED(status));
    CU_ASSERT_EQUAL(WEXITSTATUS(status), 0);
    DIR *d = opendir(dir);
    for (struct dirent *e; d && (e = readdir(d));) {
        (void)unlinkat(dirfd(d), e->d_name, 0);
    }
    if (d) {
        (void)closedir(d);
    }
    CU_ASSERT_EQUAL(rmdir(dir), 0);
}

static struct aldb_log_config config(enum aldb_log_level level, const char *path)
{
    return (struct aldb_log_config){.level = level, .components = ALDB_LOG_ALL, .path = path};
}

static void off_case(void)
{
    struct aldb_log_config c = config(ALDB_LOG_OFF, dir);
    aldb_log_configure(&c);
    CHECK(!aldb_log_on(ALDB_LOG_FATAL, ALDB_LOG_ALL));
    aldb_log_write(ALDB_LOG_FATAL, ALDB_LOG_API, "nowhere");
    c.level = ALDB_LOG_TRACE;
    c.path = NULL;
    aldb_log_configure(&c);
    c.path = "";
    aldb_log_configure(&c);
    CHECK(!aldb_log_on(ALDB_LOG_FATAL, ALDB_LOG_ALL));
    CHECK(!aldb_log_query_text());
    CHECK(!aldb_log_parameters());
    CHECK(!aldb_log_on(ALDB_LOG_OFF, ALDB_LOG_ALL));
}

static void format_case(void)
{
    char path[128];
    path_in(path, sizeof path, "driver.log");
    struct aldb_log_config c = config(ALDB_LOG_INFO, path);
    c.components = ALDB_LOG_API | ALDB_LOG_SESSION;
    c.query_text = true;
    (void)umask(0);
    aldb_log_configure(&c);
    struct stat st;
    CHECK(stat(path, &st) == 0 && (st.st_mode & 07777) == 0600);
    CHECK(aldb_log_on(ALDB_LOG_INFO, ALDB_LOG_API));
    CHECK(aldb_log_on(ALDB_LOG_ERROR, ALDB_LOG_SESSION));
    CHECK(!aldb_log_on(ALDB_LOG_DEBUG, ALDB_LOG_API));
    CHECK(!aldb_log_on(ALDB_LOG_INFO, ALDB_LOG_GOOGLE));
    CHECK(aldb_log_query_text());
    CHECK(!aldb_log_parameters());

    errno = 4711;
    aldb_log_write(ALDB_LOG_INFO, ALDB_LOG_SESSION, "one %d\ntwo\tthree\x01\x7f \xc3\xa4", 1);
    CHECK(errno == 4711);
    aldb_log_write(ALDB_LOG_DEBUG, ALDB_LOG_API, "too deep");
    aldb_log_write(ALDB_LOG_ERROR, ALDB_LOG_GOOGLE, "not this component");
    ALDB_LOG(ALDB_LOG_ERROR, ALDB_LOG_API, "by macro %s", "x");

    char *text = read_file(path);
    CHECK(text != NULL && count_lines(text) == 3);
    char program[256] = "", wanted[512];
    CHECK(readlink("/proc/self/exe", program, sizeof program - 1) > 0);
    (void)snprintf(wanted, sizeof wanted, "INFO    driver    AlloyDB ODBC driver " ALDB_VERSION " in %s; times are UTC; LogLevel=INFO, LogQueryText=yes, LogParameters=no\n", program);
    CHECK(text && strstr(text, wanted) != NULL);
    const char *second = text ? strchr(text, '\n') + 1 : "";
    int year = 0, month = 0, day = 0, h = 0, m = 0, s = 0, us = 0;
    long pid = 0, tid = 0;
    char level[16] = "", component[16] = "", rest[64] = "";
    CHECK(sscanf(second, "%4d-%2d-%2dT%2d:%2d:%2d.%6dZ %ld %ld %15s %15s %63[^\n]", &year, &month, &day, &h, &m, &s, &us,
                         &pid, &tid, level, component, rest) == 12);
    struct tm now_utc;
    time_t now = time(NULL);
    CHECK(gmtime_r(&now, &now_utc) != NULL);
    struct tm then_utc = {.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day, .tm_hour = h, .tm_min = m, .tm_sec = s};
    CHECK(now - timegm(&then_utc) >= 0 && now - timegm(&then_utc) < 60);
    CHECK(pid == getpid() && tid == gettid());
    CHECK(strcmp(level, "INFO") == 0);
    CHECK(strcmp(component, "session") == 0);
    CHECK(strcmp(rest, "one 1\\ntwo\\tthree\\x01\\x7f \xc3\xa4") == 0);
    CHECK(text && strstr(text, "ERROR   api       by macro x\n"));
    aldb_free(text);

    /* Later configurations raise, never lower; the texts allowed stay. */
    c.level = ALDB_LOG_ERROR;
    c.components = ALDB_LOG_GOOGLE;
    c.parameters = true;
    c.path = "/nonexistent/elsewhere";
    aldb_log_configure(&c);
    CHECK(aldb_log_on(ALDB_LOG_INFO, ALDB_LOG_API));
    CHECK(aldb_log_on(ALDB_LOG_INFO, ALDB_LOG_GOOGLE));
    CHECK(!aldb_log_parameters());
    CHECK(!contains(path, "slows the driver down"));
    c.level = ALDB_LOG_TRACE;
    aldb_log_configure(&c);
    aldb_log_configure(&c);
    CHECK(aldb_log_on(ALDB_LOG_TRACE, ALDB_LOG_API));
    text = read_file(path);
    CHECK(count_lines(text) == 7);
    CHECK(text && strstr(text, "WARNING driver    LogLevel=TRACE, LogQueryText=yes, LogParameters=no: this slows the driver down"));
    const char *warning = text ? strstr(text, "this slows the driver down") : NULL;
    CHECK(warning && strstr(warning + 1, "this slows the driver down") == NULL); /* once */
    const char *elsewhere = "WARNING driver    This process logs here, and not to \"/nonexistent/elsewhere\" as a later connection asked; "
                            "LogQueryText=yes, LogParameters=yes of a later connection have no effect; the first connection that logs has decided\n";
    CHECK(text && strstr(text, elsewhere));
    aldb_free(text);
}

static void long_case(void)
{
    char path[128];
    path_in(path, sizeof path, "long.log");
    struct aldb_log_config c = config(ALDB_LOG_INFO, path);
    aldb_log_configure(&c);
    size_t len = 2u << 20;
    char *big = aldb_alloc(len + 1);
    CHECK(big != NULL);
    if (big) {
        memset(big, 'x', len);
        aldb_log_write(ALDB_LOG_INFO, ALDB_LOG_API, "<%s>", big);
        char *text = read_file(path);
        CHECK(text && strlen(text) > len && strcmp(text + strlen(text) - 2, ">\n") == 0);
        aldb_free(text);
    }
    aldb_free(big);
    aldb_alloc_fail_after(0);
    aldb_log_write(ALDB_LOG_INFO, ALDB_LOG_API, "no memory");
    aldb_alloc_fail_after(1);
    aldb_log_write(ALDB_LOG_INFO, ALDB_LOG_API, "no memory");
    aldb_alloc_fail_after(-1);
    aldb_log_write(ALDB_LOG_INFO, ALDB_LOG_API, "again");
    CHECK(contains(path, "lost for want of memory"));
    CHECK(contains(path, " again\n"));
}

/* Names of files in the folder that begin with `name`, and the size of the largest. */
static int count_files(const char *name, off_t *largest)
{
    int n = 0;
    *largest = 0;
    DIR *d = opendir(dir);
    for (struct dirent *e; d && (e = readdir(d));) {
        struct stat st;
        if (strncmp(e->d_name, name, strlen(name)) == 0) {
            n++;
            CHECK(fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0);
            CHECK(!S_ISREG(st.st_mode) || (st.st_mode & 07777) == 0600);
            *largest = st.st_size > *largest ? st.st_size : *largest;
        }
    }
    if (d) {
        (void)closedir(d);
    }
    return n;
}

/* The file and those that were rotated, one behind the other; to be freed. */
static char *read_files(const char *name, int files)
{
    struct aldb_buf b;
    aldb_buf_init(&b, 64u << 20);
    for (int i = 0; i < files; i++) {
        char path[160];
        (void)snprintf(path, sizeof path, i ? "%s/%s.%d" : "%s/%s", dir, name, i);
        char *text = read_file(path);
        aldb_buf_add_str(&b, text ? text : "");
        aldb_free(text);
    }
    return aldb_buf_take(&b);
}

/* How often a line that ends like that is in the text. */
static int count_endings(const char *text, const char *ending)
{
    int n = 0;
    char wanted[64];
    (void)snprintf(wanted, sizeof wanted, " %s\n", ending);
    for (const char *at = text; at && (at = strstr(at, wanted)); at++) {
        n++;
    }
    return n;
}

/* Every line is whole: a time at its beginning and nowhere else. */
static void check_lines(const char *path)
{
    char *text = read_file(path);
    int year, pid;
    char zone;
    for (char *line = text, *end; line && *line; line = end + 1) {
        end = strchr(line, '\n');
        CHECK(end != NULL);
        if (end == NULL) {
            break;
        }
        *end = '\0';
        CHECK(sscanf(line, "%4d-%*2d-%*2dT%*2d:%*2d:%*2d.%*6d%c %d ", &year, &zone, &pid) == 3 && year > 2000 && zone == 'Z' && pid > 0);
        CHECK(strstr(line + 5, "Z ") == strchr(line, 'Z') && strstr(line + 28, "T1") == NULL);
    }
    aldb_free(text);
}

static void rotation_case(void)
{
    char path[128];
    char old[160];
    path_in(path, sizeof path, "r.log");
    for (int n = 1; n <= 4; n++) { /* of a run that kept more */
        (void)snprintf(old, sizeof old, "%s.%d", path, n);
        int fd = open(old, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
        CHECK(fd >= 0 && close(fd) == 0);
    }
    struct aldb_log_config c = config(ALDB_LOG_INFO, path);
    c.max_size = 1000;
    c.max_files = 2;
    aldb_log_configure(&c);
    for (int i = 0; i < 100; i++) {
        aldb_log_write(ALDB_LOG_INFO, ALDB_LOG_API, "line %03d", i);
    }
    off_t largest;
    CHECK(count_files("r.log", &largest) == 3);
    CHECK(largest <= 1000 && largest > 800);
    CHECK(contains(path, "line 099"));
    CHECK(!contains(path, "line 000"));
    struct stat st;
    for (int n = 0; n <= 2; n++) {
        (void)snprintf(old, sizeof old, n ? "%s.%d" : "%s", path, n);
        CHECK(stat(old, &st) == 0);
        check_lines(old);
        char *text = read_file(old);
        CHECK(text && strstr(text, "AlloyDB ODBC driver") != NULL && strstr(text, "AlloyDB ODBC driver") < strchr(text, '\n'));
        aldb_free(text);
    }
    /* What is longer than a file may be gets one of its own. */
    char big[3000];
    memset(big, 'x', sizeof big - 1);
    big[sizeof big - 1] = '\0';
    aldb_log_write(ALDB_LOG_INFO, ALDB_LOG_API, "%s", big);
    aldb_log_write(ALDB_LOG_INFO, ALDB_LOG_API, "behind it");
    CHECK(contains(path, "behind it"));
    (void)snprintf(old, sizeof old, "%s.1", path);
    CHECK(contains(old, big));
    CHECK(count_files("r.log", &largest) == 3);
}

#define WRITERS 4
#define THREADS 3
#define LINES 150

static void *write_numbered(void *arg)
{
    for (int i = 0; i < LINES; i++) {
        aldb_log_write(ALDB_LOG_INFO, ALDB_LOG_STMT, "writer %d of %ld line %03d", *(int *)arg, (long)getpid(), i);
    }
    return NULL;
}

/* Several processes of several threads, one file that is full every few lines: nothing is lost, torn, twice, or larger than told. */
static void crowd_case(void)
{
    char path[128];
    path_in(path, sizeof path, "crowd.log");
    pid_t children[WRITERS];
    for (int p = 0; p < WRITERS; p++) {
        children[p] = fork();
        if (children[p] == 0) {
            struct aldb_log_config c = config(ALDB_LOG_INFO, path);
            c.max_size = 4096;
            c.max_files = 1000;
            CHECK(aldb_log_configure(&c) == 0);
            pthread_t t[THREADS];
            int id[THREADS] = {0, 1, 2};
            for (int i = 0; i < THREADS; i++) {
                CHECK(pthread_create(&t[i], NULL, write_numbered, &id[i]) == 0);
            }
            for (int i = 0; i < THREADS; i++) {
                CHECK(pthread_join(t[i], NULL) == 0);
            }
            _exit(failures);
        }
    }
    for (int p = 0; p < WRITERS; p++) {
        int status;
        CHECK(waitpid(children[p], &status, 0) == children[p] && status == 0);
    }
    off_t largest;
    int files = count_files("crowd.log", &largest);
    CHECK(files > 20 && files < 1000);
    CHECK(largest <= 4096);
    for (int i = 0; i < files; i++) {
        char one[160];
        (void)snprintf(one, sizeof one, i ? "%s.%d" : "%s", path, i);
        check_lines(one);
    }
    char *all = read_files("crowd.log", files);
    for (int p = 0; p < WRITERS; p++) {
        for (int t = 0; t < THREADS; t++) {
            for (int i = 0; i < LINES; i++) {
                char ending[64];
                (void)snprintf(ending, sizeof ending, "writer %d of %ld line %03d", t, (long)children[p], i);
                CHECK(count_endings(all, ending) == 1);
            }
        }
    }
    aldb_free(all);
}

/* A child that never logs has the file's lock by its copy of the descriptor, unless the parent gives it back. */
static void held_case(void)
{
    char path[128];
    path_in(path, sizeof path, "held.log");
    struct aldb_log_config c = config(ALDB_LOG_INFO, path);
    c.max_size = 2000;
    CHECK(aldb_log_configure(&c) == 0);
    int until[2];
    CHECK(pipe2(until, O_CLOEXEC) == 0);
    (void)fflush(NULL);
    pid_t idle = fork();
    if (idle == 0) {
        char byte;
        (void)close(until[1]);
        (void)!read(until[0], &byte, 1);
        _exit(0);
    }
    pid_t writer = fork();
    if (writer == 0) {
        (void)close(until[1]);
        for (int i = 0; i < 100; i++) {
            aldb_log_write(ALDB_LOG_INFO, ALDB_LOG_API, "child %03d", i);
        }
        _exit(0);
    }
    for (int i = 0; i < 100; i++) {
        aldb_log_write(ALDB_LOG_INFO, ALDB_LOG_API, "parent %03d", i);
    }
    int status;
    CHECK(waitpid(writer, &status, 0) == writer && status == 0);
    int other = open(path, O_RDONLY | O_CLOEXEC);
    CHECK(other >= 0 && flock(other, LOCK_EX | LOCK_NB) == 0 && close(other) == 0);
    CHECK(close(until[1]) == 0);
    CHECK(waitpid(idle, &status, 0) == idle && status == 0);
    off_t largest;
    CHECK(count_files("held.log", &largest) == 6);
    CHECK(largest <= 2000);
}

/* One that was stopped with the lock in its hand delays a line, once, and rotating; nothing else. */
static void stopped_case(void)
{
    char path[128];
    char old[160];
    path_in(path, sizeof path, "stopped.log");
    struct aldb_log_config c = config(ALDB_LOG_INFO, path);
    c.max_size = 1000;
    CHECK(aldb_log_configure(&c) == 0);
    int holder = open(path, O_RDONLY | O_CLOEXEC);
    CHECK(holder >= 0 && flock(holder, LOCK_EX) == 0);
    struct timespec began, ended;
    (void)clock_gettime(CLOCK_MONOTONIC, &began);
    for (int i = 0; i < 50; i++) {
        aldb_log_write(ALDB_LOG_INFO, ALDB_LOG_API, "line %03d", i);
    }
    (void)clock_gettime(CLOCK_MONOTONIC, &ended);
    CHECK(ended.tv_sec - began.tv_sec < 20); /* and not fifty times a second */
    (void)snprintf(old, sizeof old, "%s.1", path);
    CHECK(access(old, F_OK) != 0);
    char *text = read_file(path);
    CHECK(count_endings(text, "line 000") == 1 && count_endings(text, "line 049") == 1);
    aldb_free(text);
    CHECK(close(holder) == 0);
    aldb_log_write(ALDB_LOG_INFO, ALDB_LOG_API, "and on");
    CHECK(contains(path, "and on") && !contains(path, "line 049") && contains(old, "line 049"));
}

/* What is left of a disk: lines that do not fit whole are not there at all, and told. */
static void limit_case(void)
{
    char path[128];
    path_in(path, sizeof path, "full.log");
    struct aldb_log_config c = config(ALDB_LOG_INFO, path);
    c.max_files = 1;
    CHECK(aldb_log_configure(&c) == 0);
    /* A limit on the size of files is as good as LogMaxSize, if a smaller one. */
    struct rlimit limit = {1000, RLIM_INFINITY};
    CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
    for (int i = 0; i < 30; i++) {
        aldb_log_write(ALDB_LOG_INFO, ALDB_LOG_API, "line %03d", i);
    }
    off_t largest;
    CHECK(count_files("full.log", &largest) == 2);
    CHECK(largest <= 1000);
    check_lines(path);
    CHECK(contains(path, "line 029"));
    /* Where nothing fits. */
    limit.rlim_cur = 10;
    CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
    errno = 4711;
    for (int i = 30; i < 33; i++) {
        aldb_log_write(ALDB_LOG_INFO, ALDB_LOG_API, "line %03d", i);
    }
    CHECK(errno == 4711);
    limit.rlim_cur = RLIM_INFINITY;
    CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
    aldb_log_write(ALDB_LOG_INFO, ALDB_LOG_API, "line 033");
    CHECK(contains(path, "WARNING driver    3 lines could not be written: File too large\n"));
    CHECK(contains(path, "line 033") && !contains(path, "line 03\n"));
    check_lines(path);
}

/* A real disk that is full, where one can be mounted. */
static void full_disk_case(void)
{
    char mount_point[128];
    char path[160];
    path_in(mount_point, sizeof mount_point, "disk");
    (void)snprintf(path, sizeof path, "%s/full.log", mount_point);
    CHECK(mkdir(mount_point, 0700) == 0);
    if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", "none", MS_REC | MS_PRIVATE, "") != 0 || mount("none", mount_point, "tmpfs", 0, "size=16k,mode=0700") != 0) {
        (void)printf(" (no tmpfs can be mounted here: %s; the limit on files stands for it) ", strerror(errno));
        CHECK(rmdir(mount_point) == 0);
        return;
    }
    struct aldb_log_config c = config(ALDB_LOG_INFO, path);
    CHECK(aldb_log_configure(&c) == 0);
    for (int i = 0; i < 1000; i++) {
        aldb_log_write(ALDB_LOG_INFO, ALDB_LOG_API, "line %04d", i);
    }
    check_lines(path);
    CHECK(contains(path, "line 0000") && !contains(path, "line 0999"));
    CHECK(truncate(path, 0) == 0);
    aldb_log_write(ALDB_LOG_INFO, ALDB_LOG_API, "there is room");
    CHECK(contains(path, "lines could not be written: No space left on device\n"));
    CHECK(contains(path, "there is room"));
    CHECK(umount2(mount_point, MNT_DETACH) == 0);
    CHECK(rmdir(mount_point) == 0);
}

/* Removed, moved away, its directory gone, its descriptor another file's by now: under its name again, or nowhere. */
static void vanished_case(void)
{
    char path[128];
    char away[128];
    char sub[128];
    char data[128];
    path_in(path, sizeof path, "v.log");
    path_in(away, sizeof away, "away");
    path_in(data, sizeof data, "data");
    struct aldb_log_config c = config(ALDB_LOG_INFO, path);
    CHECK(aldb_log_configure(&c) == 0);
    CHECK(unlink(path) == 0);
    aldb_log_write(ALDB_LOG_INFO, ALDB_LOG_API, "after unlink");
    CHECK(contains(path, "after unlink"));
    CHECK(rename(path, away) == 0);
    aldb_log_write(ALDB_LOG_INFO, ALDB_LOG_API, "after rename");
    CHECK(contains(path, "after rename") && !contains(away, "after rename"));

    (void)fflush(NULL);
    pid_t child = fork();
    if (child == 0) { /* as a daemon does it */
        aldb_log_write(ALDB_LOG_INFO, ALDB_LOG_API, "child");
        for (int fd = 3; fd < 100; fd++) {
            (void)close(fd);
        }
        int first = open(data, O_CREAT | O_RDWR, 0600); /* NOLINT(android-cloexec-open): it takes the place of what was closed */
        for (int i = 0; i < 20; i++) {
            CHECK(fcntl(first, F_DUPFD, 3) >= 0); /* NOLINT(android-cloexec-dup) */
        }
        aldb_log_write(ALDB_LOG_INFO, ALDB_LOG_API, "after close");
        CHECK(fcntl(first, F_GETFD) >= 0);
        for (int fd = 3; fd < 20; fd++) {
            CHECK(fcntl(fd, F_GETFD) >= 0); /* none of them was closed with it */
        }
        struct stat st;
        CHECK(stat(data, &st) == 0 && st.st_size == 0);
        CHECK(contains(path, "after close"));
        _exit(failures);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child && status == 0);

    path_in(sub, sizeof sub, "sub");
    (void)fflush(NULL);
    child = fork();
    if (child == 0) {
        CHECK(rename(path, away) == 0 && mkdir(path, 0700) == 0); /* a directory in its place holds a file a process */
        aldb_log_write(ALDB_LOG_INFO, ALDB_LOG_API, "in it");
        char own[256];
        (void)snprintf(own, sizeof own, "%s/alloydb-odbc-%ld.log", path, (long)getpid());
        CHECK(contains(own, "in it"));
        CHECK(unlink(own) == 0 && rmdir(path) == 0 && symlink(away, path) == 0); /* a link there is none */
        aldb_log_write(ALDB_LOG_INFO, ALDB_LOG_API, "nowhere");
        CHECK(!contains(away, "nowhere"));
        CHECK(!aldb_log_on(ALDB_LOG_FATAL, ALDB_LOG_ALL));
        CHECK(aldb_log_configure(&c) == EPERM);
        CHECK(unlink(path) == 0);
        CHECK(aldb_log_configure(&c) == 0); /* the next connection has it again */
        aldb_log_write(ALDB_LOG_INFO, ALDB_LOG_API, "again");
        CHECK(contains(path, "again"));
        _exit(failures);
    }
    CHECK(waitpid(child, &status, 0) == child && status == 0);
}

/* What stands in the way of rotation ends the log, which would grow for ever otherwise. */
static void obstacle_case(void)
{
    char path[128];
    char in_the_way[160];
    char in_it[192];
    path_in(path, sizeof path, "o.log");
    (void)snprintf(in_the_way, sizeof in_the_way, "%s.1", path);
    (void)snprintf(in_it, sizeof in_it, "%s/x", in_the_way);
    CHECK(mkdir(in_the_way, 0700) == 0 && mkdir(in_it, 0700) == 0);
    struct aldb_log_config c = config(ALDB_LOG_INFO, path);
    c.max_size = 1000;
    c.max_files = 1;
    CHECK(aldb_log_configure(&c) == 0);
    for (int i = 0; i < 100; i++) {
        aldb_log_write(ALDB_LOG_INFO, ALDB_LOG_API, "line %03d", i);
    }
    struct stat st;
    CHECK(stat(path, &st) == 0 && st.st_size < 1200);
    CHECK(contains(path, "ERROR   driver    The log ends here: it has come to LogMaxSize, and the file cannot be rotated: Is a directory\n"));
    CHECK(!aldb_log_on(ALDB_LOG_FATAL, ALDB_LOG_ALL));
    check_lines(path);
    CHECK(rmdir(in_it) == 0 && rmdir(in_the_way) == 0);
}

/* A file that was there is this user's alone from then on. */
static void mode_case(void)
{
    char path[128];
    struct stat st;
    path_in(path, sizeof path, "mode.log");
    int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    CHECK(fd >= 0 && fchmod(fd, 0664) == 0 && write(fd, "old\n", 4) == 4 && close(fd) == 0);
    struct aldb_log_config c = config(ALDB_LOG_INFO, path);
    CHECK(aldb_log_configure(&c) == 0);
    CHECK(stat(path, &st) == 0 && (st.st_mode & 07777) == 0600);
    CHECK(contains(path, "old\n"));
    CHECK(contains(path, "AlloyDB ODBC driver"));
}

/* A directory that may not be written to, another user's file: nothing of them is changed. As root there is nothing of the kind, so that another user tries. */
static void foreign_case(void)
{
    char path[128];
    char own[128];
    struct stat st;
    path_in(path, sizeof path, "foreign.log");
    path_in(own, sizeof own, "own.log");
    int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    CHECK(fd >= 0 && fchmod(fd, 0666) == 0 && close(fd) == 0);
    if (geteuid() == 0) { /* root may open what is not his, and does not */
        struct aldb_log_config theirs = config(ALDB_LOG_INFO, path);
        CHECK(chmod(path, 0600) == 0 && chown(path, 65534, 65534) == 0);
        CHECK(aldb_log_configure(&theirs) == EPERM);
        CHECK(stat(path, &st) == 0 && st.st_size == 0);
        CHECK(chown(path, 0, 0) == 0 && chmod(path, 0666) == 0);
        CHECK(chmod(dir, 0755) == 0);
        CHECK(setresgid(65534, 65534, 65534) == 0 && setresuid(65534, 65534, 65534) == 0);
        struct aldb_log_config c = config(ALDB_LOG_INFO, path);
        CHECK(aldb_log_configure(&c) == EPERM);
        CHECK(stat(path, &st) == 0 && st.st_size == 0 && (st.st_mode & 0777) == 0666);
    } else {
        CHECK(chmod(dir, 0555) == 0);
    }
    struct aldb_log_config c = config(ALDB_LOG_INFO, own);
    CHECK(aldb_log_configure(&c) == EACCES);
    CHECK(!aldb_log_on(ALDB_LOG_FATAL, ALDB_LOG_ALL));
    CHECK(geteuid() == 65534 || chmod(dir, 0700) == 0);
}

/* A program without standard output and error: the log must not take their places. */
static void no_standard_case(void)
{
    char path[128];
    char taken[128];
    path_in(path, sizeof path, "std.log");
    path_in(taken, sizeof taken, "taken");
    int keep = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 10);
    for (int fd = 0; fd <= 2; fd++) {
        CHECK(close(fd) == 0);
    }
    struct aldb_log_config c = config(ALDB_LOG_INFO, path);
    CHECK(aldb_log_configure(&c) == 0);
    for (int fd = 0; fd <= 2; fd++) {
        CHECK(fcntl(fd, F_GETFD) < 0 && errno == EBADF);
    }
    CHECK(write(STDOUT_FILENO, "stray", 5) < 0);
    aldb_log_write(ALDB_LOG_INFO, ALDB_LOG_API, "fine");
    for (int fd = 0; fd <= 2; fd++) {
        CHECK(fcntl(keep, F_DUPFD, fd) == fd); /* NOLINT(android-cloexec-dup) */
    }
    CHECK(contains(path, "fine") && !contains(path, "stray"));
}

static void asked_case(void)
{
    char path[128];
    path_in(path, sizeof path, "asked.log");
    struct aldb_log_config c = config(ALDB_LOG_INFO, path);
    c.asked = "Server = a\nDatabase = b";
    CHECK(aldb_log_configure(&c) == 0);
    c.asked = "Server = c\n";
    CHECK(aldb_log_configure(&c) == 0);
    CHECK(contains(path, "INFO    connect   Server = a\n") && contains(path, "INFO    connect   Database = b\n") && contains(path, "INFO    connect   Server = c\n"));
    char *text = read_file(path);
    CHECK(count_lines(text) == 4);
    aldb_free(text);
}

static void directory_case(void)
{
    char path[128];
    char name[64];
    struct aldb_log_config c = config(ALDB_LOG_INFO, dir);
    aldb_log_configure(&c);
    aldb_log_write(ALDB_LOG_INFO, ALDB_LOG_API, "parent 1");
    (void)snprintf(name, sizeof name, "alloydb-odbc-%ld.log", (long)getpid());
    path_in(path, sizeof path, name);
    CHECK(contains(path, "parent 1"));
    (void)fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        aldb_log_write(ALDB_LOG_INFO, ALDB_LOG_API, "child 1");
        _exit(0);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child && status == 0);
    aldb_log_write(ALDB_LOG_INFO, ALDB_LOG_API, "parent 2");
    CHECK(!contains(path, "child 1"));
    CHECK(contains(path, "parent 2"));
    (void)snprintf(name, sizeof name, "alloydb-odbc-%ld.log", (long)child);
    path_in(path, sizeof path, name);
    CHECK(contains(path, "child 1"));
    CHECK(!contains(path, "parent"));
}

static void refused(const char *path)
{
    struct aldb_log_config c = config(ALDB_LOG_TRACE, path);
    aldb_log_configure(&c);
    CHECK(!aldb_log_on(ALDB_LOG_FATAL, ALDB_LOG_ALL));
    aldb_log_write(ALDB_LOG_FATAL, ALDB_LOG_API, "secret");
}

static void refusal_case(void)
{
    char target[128];
    char link_path[128];
    char fifo[128];
    char hard[128];
    path_in(target, sizeof target, "target");
    path_in(link_path, sizeof link_path, "link.log");
    path_in(fifo, sizeof fifo, "fifo.log");
    path_in(hard, sizeof hard, "hard.log");
    int fd = open(target, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    CHECK(fd >= 0 && close(fd) == 0);
    CHECK(symlink(target, link_path) == 0);
    CHECK(mkfifo(fifo, 0600) == 0);
    refused(link_path);
    CHECK(link(target, hard) == 0);
    refused(hard);
    refused(fifo);
    refused("/dev/stderr");
    refused("/dev/null");
    refused("/nonexistent/dir/x.log");
    CHECK(!contains(target, "secret"));
    CHECK(unlink(hard) == 0);
    /* After a refusal a good path still works. */
    struct aldb_log_config c = config(ALDB_LOG_INFO, target);
    aldb_log_configure(&c);
    CHECK(aldb_log_on(ALDB_LOG_INFO, ALDB_LOG_API));
}

static void relative_case(void)
{
    CHECK(chdir(dir) == 0);
    struct aldb_log_config c = config(ALDB_LOG_INFO, "rel.log");
    c.max_size = 200;
    aldb_log_configure(&c);
    CHECK(chdir("/proc") == 0); /* where no file can be made */
    for (int i = 0; i < 10; i++) {
        aldb_log_write(ALDB_LOG_INFO, ALDB_LOG_API, "line %d", i);
    }
    char path[128];
    path_in(path, sizeof path, "rel.log");
    CHECK(contains(path, "line 9"));
}

static void descriptor_case(void)
{
    char path[128];
    path_in(path, sizeof path, "fd.log");
    struct aldb_log_config c = config(ALDB_LOG_INFO, path);
    int before = open("/dev/null", O_RDONLY | O_CLOEXEC);
    CHECK(before >= 0);
    aldb_log_configure(&c);
    int flags = fcntl(before + 1, F_GETFD);
    CHECK(flags >= 0 && (flags & FD_CLOEXEC)); /* the log's */
    (void)close(before);
}

static void *write_lines(void *arg)
{
    for (int i = 0; i < 200; i++) {
        aldb_log_write(ALDB_LOG_INFO, ALDB_LOG_STMT, "thread %d line %d", *(int *)arg, i);
    }
    return NULL;
}

static void threads_case(void)
{
    char path[128];
    path_in(path, sizeof path, "t.log");
    struct aldb_log_config c = config(ALDB_LOG_INFO, path);
    aldb_log_configure(&c);
    pthread_t t[4];
    int id[4] = {0, 1, 2, 3};
    for (int i = 0; i < 4; i++) {
        CHECK(pthread_create(&t[i], NULL, write_lines, &id[i]) == 0);
    }
    pid_t child = fork(); /* while others write: the child must not hang on the lock */
    if (child == 0) {
        aldb_log_write(ALDB_LOG_INFO, ALDB_LOG_STMT, "from the child");
        _exit(0);
    }
    for (int i = 0; i < 4; i++) {
        CHECK(pthread_join(t[i], NULL) == 0);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child && status == 0);
    char *text = read_file(path);
    CHECK(count_lines(text) == 803); /* and who writes, twice */
    for (char *line = text, *end; line && (end = strchr(line, '\n')); line = end + 1) {
        CHECK(end - line > 60 && line[4] == '-' && line[10] == 'T');
    }
    aldb_free(text);
}

static void test_levels(void)
{
    enum aldb_log_level l = ALDB_LOG_INFO;
    CU_ASSERT_TRUE(aldb_log_parse_level("error", &l));
    CU_ASSERT_EQUAL(l, ALDB_LOG_ERROR);
    CU_ASSERT_TRUE(aldb_log_parse_level("OFF", &l));
    CU_ASSERT_EQUAL(l, ALDB_LOG_OFF);
    CU_ASSERT_TRUE(aldb_log_parse_level("Trace", &l));
    CU_ASSERT_EQUAL(l, ALDB_LOG_TRACE);
    CU_ASSERT_FALSE(aldb_log_parse_level("loud", &l));
    CU_ASSERT_FALSE(aldb_log_parse_level("", &l));
    CU_ASSERT_FALSE(aldb_log_parse_level(NULL, &l));
    CU_ASSERT_EQUAL(l, ALDB_LOG_TRACE);
}

#define IN_CHILD(name)                                                                             \
    static void test_##name(void)                                                                  \
    {                                                                                              \
        run_case(name##_case);                                                                     \
    }
IN_CHILD(off)
IN_CHILD(format)
IN_CHILD(long)
IN_CHILD(rotation)
IN_CHILD(crowd)
IN_CHILD(held)
IN_CHILD(stopped)
IN_CHILD(limit)
IN_CHILD(full_disk)
IN_CHILD(vanished)
IN_CHILD(obstacle)
IN_CHILD(mode)
IN_CHILD(foreign)
IN_CHILD(no_standard)
IN_CHILD(asked)
IN_CHILD(directory)
IN_CHILD(refusal)
IN_CHILD(relative)
IN_CHILD(descriptor)
IN_CHILD(threads)

int main(void)
{
    static CU_TestInfo tests[] = {
        {"levels", test_levels},
        {"off", test_off},
        {"format", test_format},
        {"long lines, no memory", test_long},
        {"rotation", test_rotation},
        {"processes and threads with one file", test_crowd},
        {"a child that holds the file", test_held},
        {"a process that was stopped", test_stopped},
        {"a limit on files", test_limit},
        {"a full disk", test_full_disk},
        {"what vanishes", test_vanished},
        {"what stands in the way", test_obstacle},
        {"a mode that was wider", test_mode},
        {"what is not ours", test_foreign},
        {"no standard output", test_no_standard},
        {"what was asked for", test_asked},
        {"directory", test_directory},
        {"refused files", test_refusal},
        {"relative path", test_relative},
        {"descriptor", test_descriptor},
        {"threads and fork", test_threads},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"log", NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};
    return run_suites(suites);
}
