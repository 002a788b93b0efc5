/* SPDX-License-Identifier: Apache-2.0 */
#include "setup/command/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "setup/command/interrupt.h"
#include "setup/command/terminal.h"

#define SHOW_EVERY_MS 200.0

static mode_t mode_of_new(void)
{
    mode_t mask = umask(0);
    (void)umask(mask);
    return 0666 & ~mask;
}

/* Beside `s->path`, which symbolic links have been followed for. */
static bool open_beside(struct aldb_sink *s)
{
    struct aldb_buf name;
    struct stat old;
    bool is_there = stat(s->path, &old) == 0;
    if (is_there && access(s->path, W_OK) != 0) { /* which is not needed to put another in its place, but meant */
        return false;
    }
    aldb_buf_init(&name, ALDB_MAX_NAME);
    aldb_buf_addf(&name, "%s.XXXXXX", s->path);
    s->beside = aldb_buf_take(&name);
    if (s->beside == NULL) {
        errno = ENOMEM;
        return false;
    }
    s->fd = mkostemp(s->beside, O_CLOEXEC);
    if (s->fd < 0) {
        aldb_free(s->beside);
        s->beside = NULL;
        return false;
    }
    aldb_interrupt_remove(s->beside);
    (void)fchmod(s->fd, is_there ? old.st_mode & 07777 : mode_of_new());
    if (is_there && (old.st_uid != geteuid() || old.st_gid != getegid())) {
        (void)!fchown(s->fd, old.st_uid, old.st_gid); /* where we may not it is ours, as a new file would be */
    }
    return true;
}

static bool open_file(struct aldb_sink *s, const char *path, bool whole)
{
    struct stat there;
    char resolved[PATH_MAX];
    bool is_there = stat(path, &there) == 0;
    if (!whole || (is_there && !S_ISREG(there.st_mode))) {
        s->path = aldb_strdup(path);
        s->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
        return s->path != NULL && s->fd >= 0;
    }
    s->path = aldb_strdup(is_there && realpath(path, resolved) != NULL ? resolved : path);
    return s->path != NULL && open_beside(s);
}

bool aldb_sink_open(struct aldb_sink *s, const char *path, bool whole)
{
    *s = (struct aldb_sink){.fd = STDOUT_FILENO, .data = aldb_alloc_array(ALDB_SINK_SIZE, 1)};
    s->stdout_too = path == NULL || strcmp(path, "-") == 0;
    if (s->data == NULL) {
        (void)aldb_failed_no_memory();
        return false;
    }
    if (!s->stdout_too && !open_file(s, path, whole)) {
        int error = errno;
        bool other = whole && access(path, W_OK) == 0; /* it could be written, but no other one beside it */
        (void)aldb_failed("%s: %s%s", path, other ? "no file can be made beside it, to take its place: " : "", strerror(error));
        s->fd = -1;
        (void)aldb_sink_close(s, false);
        return false;
    }
    return true;
}

static void write_out(struct aldb_sink *s, const char *data, size_t length)
{
    while (length > 0 && s->error == 0) {
        ssize_t n = aldb_file_write(s->fd, data, length, -1);
        if (n < 0 && errno != EINTR) {
            s->error = errno;
        } else if (n > 0) {
            data += n;
            length -= (size_t)n;
            s->written += (uint64_t)n;
        }
    }
}

void aldb_sink_flush(struct aldb_sink *s)
{
    write_out(s, s->data, s->used);
    s->used = 0;
    s->flushed = aldb_clock_ms();
}

void aldb_sink_show(struct aldb_sink *s)
{
    if (s->used > 0 && aldb_clock_ms() - s->flushed > SHOW_EVERY_MS) {
        aldb_sink_flush(s);
    }
}

void aldb_sink_add_slowly(struct aldb_sink *s, const char *data, size_t length)
{
    aldb_sink_flush(s);
    if (length >= ALDB_SINK_SIZE) {
        write_out(s, data, length);
    } else {
        memcpy(s->data, data, length);
        s->used = length;
    }
}

void aldb_sink_add_spaces(struct aldb_sink *s, size_t count)
{
    static const char spaces[] = "                                                                ";
    for (; count >= sizeof spaces; count -= sizeof spaces - 1) {
        aldb_sink_add(s, spaces, sizeof spaces - 1);
    }
    aldb_sink_add(s, spaces, count);
}

bool aldb_sink_close(struct aldb_sink *s, bool good)
{
    if (s->fd >= 0) {
        aldb_sink_flush(s);
    }
    if (s->beside != NULL && good && s->error == 0 && fsync(s->fd) != 0) {
        s->error = errno;
    }
    if (!s->stdout_too && s->fd >= 0 && close(s->fd) != 0 && s->error == 0) {
        s->error = errno;
    }
    if (s->beside != NULL) {
        if (good && s->error == 0 && rename(s->beside, s->path) != 0) {
            s->error = errno;
        }
        if (!good || s->error != 0) {
            (void)unlink(s->beside);
        }
        aldb_interrupt_remove(NULL);
    }
    bool arrived = s->error == 0 || s->error == EPIPE;
    if (!arrived) {
        (void)aldb_failed("%s%sThe output could not be written: %s", s->path != NULL ? s->path : "", s->path != NULL ? ": " : "", strerror(s->error));
    }
    aldb_free(s->data);
    aldb_free(s->path);
    aldb_free(s->beside);
    *s = (struct aldb_sink){.fd = -1};
    return arrived;
}
