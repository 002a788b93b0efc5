/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"

/* The signal is sent to the thread that writes: blocked meanwhile, it is taken back where this write has caused it. */
ssize_t aldb_file_write(int fd, const void *data, size_t len, int64_t at)
{
    sigset_t limit, old, before;
    (void)sigemptyset(&limit);
    (void)sigaddset(&limit, SIGXFSZ);
    (void)pthread_sigmask(SIG_BLOCK, &limit, &old);
    (void)sigpending(&before);
    ssize_t n = at < 0 ? write(fd, data, len) : pwrite(fd, data, len, (off_t)at);
    int saved = errno;
    if (n < 0 && saved == EFBIG && sigismember(&before, SIGXFSZ) == 0) {
        static const struct timespec no_wait = {0};
        while (sigtimedwait(&limit, NULL, &no_wait) < 0 && errno == EINTR) {
        }
    }
    (void)pthread_sigmask(SIG_SETMASK, &old, NULL);
    errno = saved;
    return n;
}

bool aldb_file_write_all(int fd, const void *data, size_t len, int64_t at)
{
    for (size_t done = 0; done < len;) {
        ssize_t n = aldb_file_write(fd, (const char *)data + done, len - done, at < 0 ? at : at + (int64_t)done);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            errno = n < 0 ? errno : EIO;
            return false;
        }
        done += (size_t)n;
    }
    return true;
}

int aldb_file_temporary(void)
{
    const char *dir = getenv("TMPDIR");
    if (dir == NULL || dir[0] != '/') {
        dir = "/tmp";
    }
    int fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0) {
        char name[4096];
        struct aldb_buf path;
        aldb_buf_init(&path, sizeof name - 1);
        aldb_buf_addf(&path, "%s/alloydb-odbc-XXXXXX", dir);
        if (aldb_buf_ok(&path)) {
            memcpy(name, path.data, path.len + 1);
            fd = mkostemp(name, O_CLOEXEC);
            if (fd >= 0) {
                (void)unlink(name);
            }
        } else {
            errno = ENAMETOOLONG;
        }
        aldb_buf_clear(&path);
    }
    return fd;
}
