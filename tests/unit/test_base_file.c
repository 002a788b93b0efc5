/* SPDX-License-Identifier: Apache-2.0 */
/* base/file: files that nobody else sees, and writing without dying of it. */
#include <CUnit/Basic.h>
#include <CUnit/CUnit.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "suites.h"

static int entries(const char *path)
{
    int n = 0;
    DIR *d = opendir(path);
    CU_ASSERT_PTR_NOT_NULL_FATAL(d);
    for (const struct dirent *e; (e = readdir(d));) {
        n += e->d_name[0] != '.';
    }
    (void)closedir(d);
    return n;
}

static void check_hidden(const char *dir)
{
    struct stat st, there;
    char text[6] = "";
    (void)umask(0);
    int fd = aldb_file_temporary();
    (void)umask(022);
    CU_ASSERT_TRUE_FATAL(fd >= 0);
    CU_ASSERT_EQUAL(fstat(fd, &st), 0);
    CU_ASSERT_EQUAL(stat(dir, &there), 0);
    CU_ASSERT_EQUAL(st.st_dev, there.st_dev);
    CU_ASSERT_TRUE(S_ISREG(st.st_mode));
    CU_ASSERT_EQUAL(st.st_mode & 07777, 0600);
    CU_ASSERT_EQUAL(st.st_nlink, 0);
    CU_ASSERT_TRUE((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
    CU_ASSERT_EQUAL(aldb_file_write(fd, "hello", 5, 0), 5);
    CU_ASSERT_EQUAL(pread(fd, text, 5, 0), 5);
    CU_ASSERT_STRING_EQUAL(text, "hello");
    CU_ASSERT_EQUAL(close(fd), 0);
}

/* In TMPDIR; without one, or with one that is relative, in /tmp. */
static void test_temporary(void)
{
    char dir[] = "/tmp/aldb-file-XXXXXX";
    char saved[256];
    const char *tmpdir = getenv("TMPDIR");
    (void)snprintf(saved, sizeof saved, "%s", tmpdir ? tmpdir : "");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(dir));
    (void)setenv("TMPDIR", dir, 1);
    check_hidden(dir);
    CU_ASSERT_EQUAL(entries(dir), 0);
    if (access("/dev/shm", W_OK) == 0) {
        (void)setenv("TMPDIR", "/dev/shm", 1);
        check_hidden("/dev/shm");
    }
    (void)setenv("TMPDIR", "relative", 1);
    check_hidden("/tmp");
    (void)unsetenv("TMPDIR");
    check_hidden("/tmp");
    (void)setenv("TMPDIR", "/nonexistent", 1);
    CU_ASSERT_EQUAL(aldb_file_temporary(), -1);
    CU_ASSERT_EQUAL(errno, ENOENT);
    if (saved[0]) {
        (void)setenv("TMPDIR", saved, 1);
    } else {
        (void)unsetenv("TMPDIR");
    }
    CU_ASSERT_EQUAL(rmdir(dir), 0);
}

/* A limit on files is an error and no signal; a signal that was waiting already is left alone. */
static void test_limit(void)
{
    (void)fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        struct rlimit limit = {4, 4};
        sigset_t pending, set;
        int fd = aldb_file_temporary();
        (void)signal(SIGXFSZ, SIG_DFL);
        int failed = setrlimit(RLIMIT_FSIZE, &limit) != 0;
        failed += aldb_file_write(fd, "hello", 5, 0) != 4;
        failed += aldb_file_write(fd, "o", 1, 4) != -1 || errno != EFBIG;
        (void)sigemptyset(&set);
        (void)sigaddset(&set, SIGXFSZ);
        (void)sigprocmask(SIG_BLOCK, &set, NULL);
        failed += sigpending(&pending) != 0 || sigismember(&pending, SIGXFSZ);
        (void)raise(SIGXFSZ);
        failed += aldb_file_write(fd, "o", 1, 4) != -1 || errno != EFBIG;
        failed += sigpending(&pending) != 0 || !sigismember(&pending, SIGXFSZ);
        _exit(failed);
    }
    int status = -1;
    CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
    CU_ASSERT_TRUE(WIFEXITED(status));
    CU_ASSERT_EQUAL(WEXITSTATUS(status), 0);
}

int main(void)
{
    static CU_TestInfo tests[] = {{"temporary", test_temporary}, {"a limit", test_limit}, CU_TEST_INFO_NULL};
    CU_SuiteInfo suites[] = {{"files", NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};
    return run_suites(suites);
}
