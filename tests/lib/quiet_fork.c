/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Part of every test program that AddressSanitizer watches. Its allocator, in the versions that Debian has, does not look after fork(): a child that begins
 * while another thread of its parent is inside malloc() waits for that thread's lock for good, which the C library's own allocator never does. So a
 * fork() waits here until all other threads sleep. The handler is registered before any other and so runs after all of them: who waits for a lock that
 * a fork() takes sleeps, too. Threads that never rest, say in a loop that writes, are given up on after a second: they fork as before.
 */
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LOOKS 3 /* in a row that must find everybody asleep */

/* No allocation: a handler of fork() may run with locks held. */
static bool sleeps(const char *task)
{
    char path[64], text[512];
    (void)snprintf(path, sizeof path, "/proc/self/task/%.20s/stat", task);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, text, sizeof text - 1) : 0;
    if (fd >= 0) {
        (void)close(fd);
    }
    if (n <= 0) {
        return true; /* gone */
    }
    text[n] = '\0';
    const char *name_end = strrchr(text, ')');
    return name_end && strchr("SZX", name_end[1] == ' ' ? name_end[2] : '?') != NULL;
}

static bool others_sleep(DIR *tasks)
{
    bool all = true;
    rewinddir(tasks);
    for (struct dirent *task; (task = readdir(tasks)) != NULL;) {
        if (isdigit((unsigned char)task->d_name[0]) && atol(task->d_name) != (long)gettid()) {
            all = sleeps(task->d_name) && all;
        }
    }
    return all;
}

static void before_fork(void)
{
    DIR *tasks = opendir("/proc/self/task");
    for (int i = 0, asleep = 0; tasks && asleep < LOOKS && i < 1000; i++) {
        asleep = others_sleep(tasks) ? asleep + 1 : 0;
        if (asleep < LOOKS) {
            (void)usleep(1000);
        }
    }
    if (tasks) {
        (void)closedir(tasks);
    }
}

__attribute__((constructor(200))) static void watch(void)
{
    (void)pthread_atfork(before_fork, NULL, NULL);
}
