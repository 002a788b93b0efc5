/* SPDX-License-Identifier: Apache-2.0 */
#include "setup/command/ini.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/file.h"
#include "setup/command/terminal.h"

#define LOCK_MS 10000

/* ------------------------------------------------------------------ the file */

static bool refuse(const struct aldb_ini *i, const char *what, int error)
{
    (void)aldb_failed("%s %s: %s", what, i->path, strerror(error));
    return false;
}

/* The file that the path means, which need not be there. Owned; NULL: out of memory. */
static char *resolved(const char *path)
{
    char real[PATH_MAX];
    return aldb_strdup(realpath(path, real) != NULL ? real : path);
}

/* Waits for the lock; false with errno. */
static bool lock(int fd, struct aldb_deadline until)
{
    while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK) {
            return false;
        }
        if (aldb_deadline_over(until)) {
            errno = ETIMEDOUT;
            return false;
        }
        (void)usleep(20000);
    }
    return true;
}

/* Is that descriptor the file of this name still? Another one may have taken its place while we waited. */
static bool is_current(int fd, const char *path)
{
    struct stat ours, there;
    return fstat(fd, &ours) == 0 && stat(path, &there) == 0 && ours.st_ino == there.st_ino && ours.st_dev == there.st_dev;
}

/* The file, locked, and made where it was not there (*is_new), for there is nothing else to lock. -1 with errno. */
static int open_locked(const char *path, bool *is_new)
{
    struct aldb_deadline until = aldb_deadline_in_ms(LOCK_MS);
    for (;;) {
        int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        *is_new = fd >= 0;
        if (fd < 0 && errno == EEXIST) {
            fd = open(path, O_RDWR | O_CLOEXEC);
        }
        if (fd < 0 && errno == EACCES) {
            fd = open(path, O_RDONLY | O_CLOEXEC); /* the folder may let us replace it all the same */
        }
        if (fd < 0 && (errno != ENOENT || aldb_deadline_over(until) || access(path, F_OK) != 0)) {
            return -1;
        }
        if (fd >= 0 && !lock(fd, until)) {
            int error = errno;
            (void)close(fd);
            errno = error;
            return -1;
        }
        if (fd >= 0 && is_current(fd, path)) {
            return fd;
        }
        if (fd >= 0) {
            (void)close(fd);
        }
    }
}

static bool read_all(struct aldb_ini *i, int fd)
{
    for (;;) {
        char *room = aldb_buf_reserve(&i->text, 64u << 10);
        ssize_t n = room != NULL ? read(fd, room, 64u << 10) : -1;
        if (room == NULL) {
            errno = i->text.len + (64u << 10) > ALDB_INI_MAX ? EFBIG : ENOMEM;
        }
        if (n <= 0) {
            return n == 0;
        }
        aldb_buf_commit(&i->text, (size_t)n);
    }
}

bool aldb_ini_open(struct aldb_ini *i, const char *path, bool change, const char *what)
{
    *i = (struct aldb_ini){.path = resolved(path), .lock = -1};
    aldb_buf_init(&i->text, ALDB_INI_MAX);
    if (i->path == NULL) {
        (void)aldb_failed_no_memory();
        return false;
    }
    int fd = change ? open_locked(i->path, &i->is_new) : open(i->path, O_RDONLY | O_CLOEXEC);
    bool good = fd >= 0 ? read_all(i, fd) : !change && errno == ENOENT;
    int error = errno;
    if (change) {
        i->lock = fd;
    } else if (fd >= 0) {
        (void)close(fd);
    }
    if (!good) {
        (void)refuse(i, what, error);
        aldb_ini_close(i);
    }
    return good;
}

bool aldb_ini_peek(struct aldb_ini *i, const char *path)
{
    return access(path, R_OK) == 0 && aldb_ini_open(i, path, false, "Cannot read");
}

void aldb_ini_close(struct aldb_ini *i)
{
    if (i->lock >= 0) {
        if (i->is_new) { /* and nothing was saved */
            (void)unlink(i->path);
        }
        (void)close(i->lock);
    }
    i->lock = -1;
    aldb_buf_wipe(&i->text);
    aldb_free(i->path);
    i->path = NULL;
}

static bool write_all(int fd, const struct aldb_buf *text)
{
    return aldb_file_write_all(fd, text->data, text->len, -1) && fsync(fd) == 0;
}

/* Where no second file may be made, but the file itself be written: as unixODBC does it. */
static bool write_over(const struct aldb_ini *i)
{
    int fd = open(i->path, O_WRONLY | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    bool good = write_all(fd, &i->text) && ftruncate(fd, (off_t)i->text.len) == 0;
    int error = errno;
    (void)close(fd);
    errno = error;
    return good;
}

static bool replace(const struct aldb_ini *i, mode_t mode)
{
    struct aldb_buf name;
    aldb_buf_init(&name, ALDB_MAX_NAME);
    aldb_buf_addf(&name, "%s.XXXXXX", i->path);
    if (!aldb_buf_ok(&name)) {
        errno = ENOMEM;
        return false;
    }
    struct stat old;
    bool is_there = !i->is_new && fstat(i->lock, &old) == 0;
    int fd = mkostemp(name.data, O_CLOEXEC);
    if (fd < 0) {
        bool written = is_there && (errno == EACCES || errno == EROFS || errno == EPERM) && write_over(i);
        aldb_buf_clear(&name);
        return written;
    }
    bool good = (!is_there || (old.st_uid == geteuid() && old.st_gid == getegid()) || fchown(fd, old.st_uid, old.st_gid) == 0)
                && fchmod(fd, is_there ? old.st_mode & 07777 : mode) == 0 && write_all(fd, &i->text);
    int error = errno;
    (void)close(fd);
    if (good) {
        errno = 0;
        good = rename(name.data, i->path) == 0;
        error = errno;
    }
    if (!good) {
        (void)unlink(name.data);
        errno = error;
        good = is_there && error == EPERM && write_over(i); /* another's file in a folder of ours */
    }
    aldb_buf_clear(&name);
    return good;
}

bool aldb_ini_save(struct aldb_ini *i, mode_t mode)
{
    if (!aldb_buf_ok(&i->text)) {
        errno = ENOMEM;
    } else if (i->text.len == 0 && (i->is_new || (mode == 0600 && unlink(i->path) == 0))) {
        return true;
    } else if (replace(i, mode)) {
        i->is_new = false;
        return true;
    }
    return refuse(i, "Cannot write", errno);
}

/* ------------------------------------------------------------------ its lines */

/* The line at `at`, with its end; empty behind the last. */
static struct aldb_slice line_at(const struct aldb_ini *i, size_t at)
{
    if (at >= i->text.len) {
        return aldb_slice(NULL, 0);
    }
    const char *start = i->text.data + at;
    const char *end = memchr(start, '\n', i->text.len - at);
    return aldb_slice(start, end != NULL ? (size_t)(end - start) + 1 : i->text.len - at);
}

static bool is_header(struct aldb_slice line)
{
    return line.len > 0 && line.ptr[0] == '[';
}

static bool is_blank(struct aldb_slice line)
{
    return aldb_slice_trim(line).len == 0;
}

static struct aldb_slice header_name(struct aldb_slice line)
{
    const char *end = memchr(line.ptr, ']', line.len);
    return aldb_slice_trim(aldb_slice(line.ptr + 1, end != NULL ? (size_t)(end - line.ptr) - 1 : line.len - 1));
}

/* A key's name and value; false for comments and blank lines. */
static bool split(struct aldb_slice line, struct aldb_slice *key, struct aldb_slice *value)
{
    struct aldb_slice text = aldb_slice_trim(line);
    if (text.len == 0 || text.ptr[0] == '#' || text.ptr[0] == ';') {
        return false;
    }
    const char *equals = memchr(text.ptr, '=', text.len);
    size_t n = equals != NULL ? (size_t)(equals - text.ptr) : text.len;
    *key = aldb_slice_trim(aldb_slice(text.ptr, n));
    *value = equals != NULL ? aldb_slice_trim(aldb_slice(equals + 1, text.len - n - 1)) : aldb_slice("", 0);
    return key->len > 0;
}

/* A section: its header's place, the first line behind it, and the next header or the end. */
struct span {
    size_t header, body, end;
};

static bool find(const struct aldb_ini *i, const char *section, struct span *out)
{
    bool found = false;
    struct aldb_slice line;
    size_t at = 0;
    for (; (line = line_at(i, at)).len > 0; at += line.len) {
        if (!is_header(line)) {
            continue;
        }
        if (found) {
            break;
        }
        if (aldb_slice_is(header_name(line), section)) {
            found = true;
            out->header = at;
            out->body = at + line.len;
        }
    }
    out->end = at;
    return found;
}

/* Where the key's line is, from `at` on. */
static bool find_key(const struct aldb_ini *i, struct span *s, const char *key, struct aldb_slice *line, struct aldb_slice *value)
{
    struct aldb_slice name;
    for (size_t at = s->body; at < s->end; at += line->len) {
        *line = line_at(i, at);
        if (split(*line, &name, value) && aldb_slice_is(name, key)) {
            return true;
        }
    }
    return false;
}

bool aldb_ini_has(const struct aldb_ini *i, const char *section)
{
    struct span s;
    return find(i, section, &s);
}

char *aldb_ini_get(const struct aldb_ini *i, const char *section, const char *key)
{
    struct span s;
    struct aldb_slice line, value;
    return find(i, section, &s) && find_key(i, &s, key, &line, &value) ? aldb_strndup(value.ptr, value.len) : NULL;
}

char *aldb_ini_section(const struct aldb_ini *i, size_t n)
{
    struct aldb_slice line;
    for (size_t at = 0; (line = line_at(i, at)).len > 0; at += line.len) {
        if (is_header(line) && n-- == 0) {
            struct aldb_slice name = header_name(line);
            return aldb_strndup(name.ptr, name.len);
        }
    }
    return NULL;
}

bool aldb_ini_pairs(const struct aldb_ini *i, const char *section, struct aldb_pairs *out)
{
    struct span s;
    struct aldb_slice line, key, value, first_line, first;
    struct aldb_diag diag;
    bool good = true;
    if (!find(i, section, &s)) {
        return true;
    }
    aldb_diag_init(&diag);
    for (size_t at = s.body; good && at < s.end; at += line.len) {
        line = line_at(i, at);
        if (!split(line, &key, &value)) {
            continue;
        }
        char *name = aldb_strndup(key.ptr, key.len);
        good = name != NULL && find_key(i, &s, name, &first_line, &first);
        if (good && first_line.ptr == line.ptr) {
            good = aldb_pairs_add(out, key, value, &diag) == ALDB_OK;
        }
        aldb_free(name);
    }
    aldb_diag_clear(&diag);
    if (!good) {
        (void)aldb_failed_no_memory();
    }
    return good;
}

/* ------------------------------------------------------------------ changing */

/* In place of the bytes from `at` to `end`. */
static void change(struct aldb_ini *i, size_t at, size_t end, struct aldb_slice text)
{
    if (text.len > end - at) {
        size_t more = text.len - (end - at);
        if (aldb_buf_reserve(&i->text, more) == NULL) {
            return; /* the buffer has failed, and is not saved */
        }
        memmove(i->text.data + end + more, i->text.data + end, i->text.len - end);
        aldb_buf_commit(&i->text, more);
    } else {
        memmove(i->text.data + at + text.len, i->text.data + end, i->text.len - end);
        i->text.len -= end - at - text.len;
    }
    if (text.len > 0) {
        memcpy(i->text.data + at, text.ptr, text.len);
    }
    if (i->text.data != NULL) {
        i->text.data[i->text.len] = '\0';
    }
}

/* Behind the section's last key; the comments and empty lines that follow are the next one's. */
static size_t end_of_keys(const struct aldb_ini *i, const struct span *s)
{
    size_t end = s->body;
    struct aldb_slice line, key, value;
    for (size_t at = s->body; at < s->end; at += line.len) {
        line = line_at(i, at);
        if (split(line, &key, &value)) {
            end = at + line.len;
        }
    }
    return end;
}

static bool ends_line(const struct aldb_ini *i, size_t at)
{
    return at == 0 || i->text.data[at - 1] == '\n';
}

static void take_out(struct aldb_ini *i, const char *section, const char *key)
{
    struct span s;
    struct aldb_slice line, value;
    while (find(i, section, &s) && find_key(i, &s, key, &line, &value)) {
        size_t at = (size_t)(line.ptr - i->text.data);
        change(i, at, at + line.len, aldb_slice("", 0));
    }
}

void aldb_ini_put(struct aldb_ini *i, const char *section, const char *key, const char *value)
{
    struct span s;
    struct aldb_slice line, old;
    struct aldb_buf text; /* to stand from `at` to `end` */
    size_t at, end;
    if (value == NULL) {
        take_out(i, section, key);
        return;
    }
    aldb_buf_init(&text, ALDB_INI_MAX);
    bool has_section = find(i, section, &s);
    if (has_section && find_key(i, &s, key, &line, &old) && old.len > 0) {
        at = (size_t)(old.ptr - i->text.data); /* its spacing stays */
        end = at + old.len;
        aldb_buf_add_str(&text, value);
    } else {
        bool has_key = has_section && find_key(i, &s, key, &line, &old);
        at = has_key ? (size_t)(line.ptr - i->text.data) : has_section ? end_of_keys(i, &s) : i->text.len;
        end = at + (has_key ? line.len : 0);
        aldb_buf_add_str(&text, ends_line(i, at) ? "" : "\n");
        if (!has_section) {
            aldb_buf_addf(&text, "%s[%s]\n", i->text.len > 0 ? "\n" : "", section);
        }
        aldb_buf_addf(&text, "%s = %s\n", key, value);
    }
    if (aldb_buf_ok(&text)) {
        change(i, at, end, aldb_buf_slice(&text));
    } else {
        i->text.failed = true;
    }
    aldb_buf_wipe(&text);
}

void aldb_ini_remove(struct aldb_ini *i, const char *section)
{
    struct span s;
    if (!find(i, section, &s)) {
        return;
    }
    size_t start = s.header, end = end_of_keys(i, &s);
    struct aldb_slice next = line_at(i, end);
    if (next.len > 0) {
        end += is_blank(next) ? next.len : 0;
    } else if (start > 0) { /* the last one: the empty line goes that aldb_ini_put() put before it */
        size_t before = start - 1;
        while (before > 0 && i->text.data[before - 1] != '\n') {
            before--;
        }
        start = is_blank(line_at(i, before)) ? before : start;
    }
    change(i, start, end, aldb_slice("", 0));
}

void aldb_ini_rename(struct aldb_ini *i, const char *section, const char *name)
{
    struct span s;
    if (find(i, section, &s)) {
        struct aldb_slice old = header_name(line_at(i, s.header));
        size_t at = (size_t)(old.ptr - i->text.data);
        change(i, at, at + old.len, aldb_slice_of(name));
    }
}
