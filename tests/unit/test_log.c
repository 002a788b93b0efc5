/* SPDX-License-Identifier: Apache-2.0 */
#include <CUnit/Basic.h>
#include <CUnit/CUnit.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/str.h"
#include "log/log.h"

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
    CHECK(text != NULL && count_lines(text) == 2);
    int year = 0, month = 0, day = 0, h = 0, m = 0, s = 0, us = 0;
    long pid = 0, tid = 0;
    char level[16] = "", component[16] = "", rest[64] = "";
    CHECK(text && sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d.%6dZ %ld %ld %15s %15s %63[^\n]", &year, &month, &day, &h, &m, &s, &us,
                         &pid, &tid, level, component, rest) == 12);
    CHECK(year >= 2024 && month >= 1 && month <= 12);
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
    CHECK(!contains(path, "Logging at DEBUG"));
    c.level = ALDB_LOG_TRACE;
    aldb_log_configure(&c);
    aldb_log_configure(&c);
    CHECK(aldb_log_on(ALDB_LOG_TRACE, ALDB_LOG_API));
    text = read_file(path);
    CHECK(count_lines(text) == 3); /* warned once */
    CHECK(text && strstr(text, "WARNING connect   Logging at DEBUG or TRACE is on"));
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

static void rotation_case(void)
{
    char path[128];
    char old[160];
    path_in(path, sizeof path, "r.log");
    struct aldb_log_config c = config(ALDB_LOG_INFO, path);
    c.max_size = 1000;
    c.max_files = 2;
    aldb_log_configure(&c);
    for (int i = 0; i < 100; i++) {
        aldb_log_write(ALDB_LOG_INFO, ALDB_LOG_API, "line %03d", i);
    }
    struct stat st;
    CHECK(stat(path, &st) == 0 && st.st_size < 1100);
    for (int n = 1; n <= 2; n++) {
        (void)snprintf(old, sizeof old, "%s.%d", path, n);
        CHECK(stat(old, &st) == 0 && st.st_size >= 1000 && st.st_size < 1100 && (st.st_mode & 0777) == 0600);
    }
    (void)snprintf(old, sizeof old, "%s.3", path);
    CHECK(stat(old, &st) != 0);
    CHECK(contains(path, "line 099"));
    CHECK(!contains(path, "line 000"));

    /* Another process shares the file: neither loses a line, and the log goes on under its name. */
    c.max_size = 0;
    (void)fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        for (int i = 0; i < 10; i++) {
            aldb_log_write(ALDB_LOG_INFO, ALDB_LOG_API, "child %02d", i);
        }
        _exit(0);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child && status == 0);
    aldb_log_write(ALDB_LOG_INFO, ALDB_LOG_API, "parent");
    (void)snprintf(old, sizeof old, "%s.1", path);
    CHECK(contains(path, "child 09") || contains(old, "child 09"));
    CHECK(contains(path, "parent") || contains(old, "parent"));
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
    CHECK(count_lines(text) == 801);
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
IN_CHILD(directory)
IN_CHILD(refusal)
IN_CHILD(relative)
IN_CHILD(descriptor)
IN_CHILD(threads)

int main(void)
{
    static CU_TestInfo tests[] = {
        {"levels", test_levels},       {"off", test_off},         {"format", test_format},       {"long lines, no memory", test_long},
        {"rotation", test_rotation},   {"directory", test_directory}, {"refused files", test_refusal}, {"relative path", test_relative},
        {"descriptor", test_descriptor}, {"threads and fork", test_threads}, CU_TEST_INFO_NULL};
    CU_SuiteInfo suites[] = {{"log", NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};
    if (CU_initialize_registry() != CUE_SUCCESS || CU_register_suites(suites) != CUE_SUCCESS) {
        return 2;
    }
    CU_basic_set_mode(CU_BRM_VERBOSE);
    (void)CU_basic_run_tests();
    unsigned failed = CU_get_number_of_failures();
    CU_cleanup_registry();
    return failed ? 1 : 0;
}
