/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

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
