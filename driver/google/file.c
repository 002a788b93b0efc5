/* SPDX-License-Identifier: Apache-2.0 */
#include "google/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log/log.h"

bool aldb_file_exists(const char *path)
{
    struct stat st;
    if (stat(path, &st) == 0) {
        return true;
    }
    if (errno != ENOENT && errno != ENOTDIR) {
        char text[128];
        ALDB_LOG(ALDB_LOG_INFO, ALDB_LOG_GOOGLE, "\"%s\" cannot be looked for: %s", path, strerror_r(errno, text, sizeof text));
    }
    return false;
}

static enum aldb_rc refuse(const char *path, const char *who, struct aldb_diag *diag, int error)
{
    switch (error) {
    case ENOENT:
    case ENOTDIR:
        return aldb_diag_post(diag, ALDB_ST_28000, "%s: the file \"%s\" was not found; check the path (this process runs with user ID %ld)", who, path,
                              (long)geteuid());
    case EACCES:
    case EPERM:
        return aldb_diag_post(diag, ALDB_ST_28000, "%s: the file \"%s\" may not be read by user ID %ld; change its permissions or owner", who, path,
                              (long)geteuid());
    default:
        break;
    }
    char text[128];
    const char *why = strerror_r(error, text, sizeof text);
    return aldb_diag_post(diag, ALDB_ST_28000, "%s: the file \"%s\" cannot be read: %s", who, path, why);
}

static enum aldb_rc read_all(int fd, const char *path, const char *who, struct aldb_buf *out, struct aldb_diag *diag)
{
    for (;;) {
        char *room = aldb_buf_reserve(out, 4096 < out->max - out->len ? 4096 : out->max - out->len);
        if (room == NULL) {
            return aldb_diag_post(diag, ALDB_ST_HY001, NULL);
        }
        ssize_t n = read(fd, room, out->cap - out->len - 1);
        if (n == 0) {
            return ALDB_OK;
        }
        if (n < 0 && errno != EINTR) {
            return refuse(path, who, diag, errno);
        }
        if (n > 0) {
            aldb_buf_commit(out, (size_t)n);
        }
        if (out->len >= out->max) {
            return aldb_diag_post(diag, ALDB_ST_28000, "%s: the file \"%s\" is larger than %zu bytes: this is no file of that kind", who, path,
                                  out->max - 1);
        }
    }
}

enum aldb_rc aldb_file_read(const char *path, const char *who, bool secret, struct aldb_buf *out, struct aldb_diag *diag)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) {
        return refuse(path, who, diag, errno);
    }
    enum aldb_rc rc;
    if (fstat(fd, &st) != 0) {
        rc = refuse(path, who, diag, errno);
    } else if (!S_ISREG(st.st_mode)) {
        rc = aldb_diag_post(diag, ALDB_ST_28000, "%s: \"%s\" is %s, not a regular file", who, path, S_ISDIR(st.st_mode) ? "a directory" : "a device or pipe");
    } else if (st.st_size > 0 && (size_t)st.st_size < out->max && aldb_buf_reserve(out, (size_t)st.st_size + 1) == NULL) {
        rc = aldb_diag_post(diag, ALDB_ST_HY001, NULL); /* room at once, so that growing leaves no copy behind */
    } else {
        rc = read_all(fd, path, who, out, diag);
    }
    (void)close(fd);
    if (rc == ALDB_OK && secret && (st.st_mode & (S_IRGRP | S_IROTH)) != 0) {
        ALDB_LOG(ALDB_LOG_WARNING, ALDB_LOG_GOOGLE, "%s: the file \"%s\" holds secrets and may be read by others than its owner (mode %03o); chmod 600 it", who,
                 path, (unsigned)(st.st_mode & 0777));
    }
    return rc;
}
