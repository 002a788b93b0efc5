/* SPDX-License-Identifier: Apache-2.0 */
#include "log/log.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/mutex.h"
#include "base/str.h"

#define DEFAULT_MAX_SIZE (UINT64_C(50) << 20)
#define DEFAULT_MAX_FILES 5

static const char *const level_names[] = {"OFF", "FATAL", "ERROR", "WARNING", "INFO", "DEBUG", "TRACE"};
static const char *const component_names[] = {"api", "connect", "session", "stmt", "google", "connector"};

/* Read without the lock. */
static _Atomic int current_level = ALDB_LOG_OFF;
static _Atomic uint32_t current_components;
static _Atomic bool may_log_text;
static _Atomic bool may_log_values;

/* Under the lock. Lives as long as the process. */
static struct aldb_mutex lock = {.m = PTHREAD_MUTEX_INITIALIZER, .rank = ALDB_LOCK_LEAF};
static struct {
    char *given;    /* path of the configuration */
    char *path;     /* the file */
    int fd;         /* -1: not open */
    pid_t pid;      /* of the process that opened it */
    uint64_t max_size;
    unsigned max_files;
    bool warned;
} file = {.fd = -1};

static void before_fork(void)
{
    aldb_mutex_lock(&lock);
}

static void after_fork(void)
{
    aldb_mutex_unlock(&lock);
}

static void watch_forks(void)
{
    (void)pthread_atfork(before_fork, after_fork, after_fork);
}

/* The file for this process; NULL when out of memory. */
static char *file_path(const char *given)
{
    struct stat st;
    struct aldb_buf b;
    aldb_buf_init(&b, ALDB_MAX_NAME);
    aldb_buf_add_str(&b, given);
    if (stat(given, &st) == 0 && S_ISDIR(st.st_mode)) {
        aldb_buf_addf(&b, "/alloydb-odbc-%ld.log", (long)getpid());
    }
    return aldb_buf_take(&b);
}

/* Only a regular file of this user's own: not one that somebody put in the way to read along, no device, no link. */
static int open_file(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0600);
    struct stat st;
    if (fd >= 0 && (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_uid != geteuid() || st.st_nlink != 1)) {
        (void)close(fd);
        errno = EPERM;
        return -1;
    }
    return fd;
}

static void close_file(void)
{
    if (file.fd >= 0) {
        (void)close(file.fd);
    }
    file.fd = -1;
    aldb_free(file.path);
    file.path = NULL;
}

static bool reopen(void)
{
    close_file();
    file.pid = getpid();
    file.path = file_path(file.given);
    if (file.path) {
        file.fd = open_file(file.path);
    }
    if (file.fd < 0) {
        atomic_store_explicit(&current_level, ALDB_LOG_OFF, memory_order_relaxed);
        return false;
    }
    return true;
}

static char *numbered(const char *path, unsigned n)
{
    struct aldb_buf b;
    aldb_buf_init(&b, ALDB_MAX_NAME);
    aldb_buf_addf(&b, "%s.%u", path, n);
    return aldb_buf_take(&b);
}

/* path -> path.1 -> path.2 … ; the last one is overwritten. */
static void shift_files(void)
{
    for (unsigned n = file.max_files; n > 0; n--) {
        char *from = n > 1 ? numbered(file.path, n - 1) : aldb_strdup(file.path);
        char *to = numbered(file.path, n);
        if (from && to) {
            (void)rename(from, to);
        }
        aldb_free(from);
        aldb_free(to);
    }
}

/*
 * Several processes may share one file. The lock on the old file makes one of them rotate; the others find another file under the name and only
 * open that.
 */
static bool rotate(void)
{
    struct stat named;
    struct stat opened;
    (void)flock(file.fd, LOCK_EX);
    if (fstat(file.fd, &opened) == 0 && lstat(file.path, &named) == 0 && named.st_ino == opened.st_ino &&
        named.st_dev == opened.st_dev) {
        shift_files();
    }
    return reopen(); /* closing releases the lock */
}

static bool ready(void)
{
    struct stat st;
    if (file.given == NULL || ((file.fd < 0 || file.pid != getpid()) && !reopen())) {
        return false;
    }
    return fstat(file.fd, &st) != 0 || (uint64_t)st.st_size < file.max_size || rotate();
}

static void write_all(const char *data, size_t len)
{
    while (len > 0) {
        ssize_t n = aldb_file_write(file.fd, data, len, -1);
        if (n <= 0) {
            if (n < 0 && errno == EINTR) {
                continue;
            }
            return; /* a full disk must not disturb the application */
        }
        data += n;
        len -= (size_t)n;
    }
}

static const char *component_name(uint32_t component)
{
    int bit = component ? __builtin_ctz(component) : 0;
    return (size_t)bit < ALDB_COUNT(component_names) ? component_names[bit] : "driver";
}

static void add_head(struct aldb_buf *b, enum aldb_log_level level, uint32_t component)
{
    struct timespec now;
    struct tm tm;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    if (gmtime_r(&now.tv_sec, &tm) == NULL) {
        tm = (struct tm){.tm_year = 70, .tm_mday = 1};
    }
    aldb_buf_addf(b, "%04d-%02d-%02dT%02d:%02d:%02d.%06ldZ %ld %ld %-7s %-9s ", tm.tm_year + 1900, tm.tm_mon + 1,
                  tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, now.tv_nsec / 1000, (long)getpid(), (long)gettid(),
                  level_names[level], component_name(component));
}

static void add_escaped(struct aldb_buf *b, const char *s)
{
    while (*s) {
        size_t plain = 0;
        while ((unsigned char)s[plain] >= 0x20 && s[plain] != 0x7f) {
            plain++;
        }
        aldb_buf_add(b, s, plain);
        s += plain;
        if (*s == '\n') {
            aldb_buf_add_str(b, "\\n");
        } else if (*s == '\t') {
            aldb_buf_add_str(b, "\\t");
        } else if (*s) {
            aldb_buf_addf(b, "\\x%02x", (unsigned)(unsigned char)*s);
        }
        s += *s != '\0';
    }
}

/* Without memory for it the line says so: a gap in a log must show. */
static void write_line(enum aldb_log_level level, uint32_t component, const char *text)
{
    struct aldb_buf b;
    aldb_buf_init(&b, 4 * ALDB_MAX_SQL);
    add_head(&b, level, component);
    add_escaped(&b, text);
    aldb_buf_add_char(&b, '\n');
    if (aldb_buf_ok(&b)) {
        write_all(b.data, b.len);
    } else {
        static const char lost[] = "(a line was lost for want of memory)\n";
        write_all(lost, sizeof lost - 1);
    }
    aldb_buf_clear(&b);
}

static void warn_once(void)
{
    if (!file.warned && ready()) {
        file.warned = true;
        write_line(ALDB_LOG_WARNING, ALDB_LOG_CONNECT,
                   "Logging at DEBUG or TRACE is on: it slows the driver down, and the file may hold SQL text or data. "
                   "Turn it off when done.");
    }
}

static bool is_verbose(enum aldb_log_level level)
{
    return level >= ALDB_LOG_DEBUG;
}

/* A relative path means the directory of now, also after a chdir(). */
static char *absolute(const char *path)
{
    char here[PATH_MAX];
    if (path[0] == '/' || getcwd(here, sizeof here) == NULL) {
        return aldb_strdup(path);
    }
    struct aldb_buf b;
    aldb_buf_init(&b, ALDB_MAX_NAME);
    aldb_buf_addf(&b, "%s/%s", here, path);
    return aldb_buf_take(&b);
}

static int take_configuration(const struct aldb_log_config *c)
{
    aldb_free(file.given);
    file.given = absolute(c->path);
    file.max_size = c->max_size ? c->max_size : DEFAULT_MAX_SIZE;
    file.max_files = c->max_files ? c->max_files : DEFAULT_MAX_FILES;
    errno = ENOMEM;
    if (file.given == NULL || !reopen()) {
        int error = errno;
        aldb_free(file.given);
        file.given = NULL;
        return error;
    }
    atomic_store_explicit(&may_log_text, c->query_text, memory_order_relaxed);
    atomic_store_explicit(&may_log_values, c->parameters, memory_order_relaxed);
    return 0;
}

int aldb_log_configure(const struct aldb_log_config *c)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    if (c->level == ALDB_LOG_OFF) {
        return 0;
    }
    int saved = errno;
    int error = c->path == NULL || c->path[0] == '\0' ? EINVAL : 0;
    (void)pthread_once(&once, watch_forks);
    aldb_mutex_lock(&lock);
    if (file.fd < 0 && error == 0) {
        error = take_configuration(c);
    }
    if (file.fd >= 0) {
        error = 0;
        atomic_fetch_or_explicit(&current_components, c->components, memory_order_relaxed);
        if ((int)c->level > atomic_load_explicit(&current_level, memory_order_relaxed)) {
            atomic_store_explicit(&current_level, (int)c->level, memory_order_relaxed);
        }
        if (is_verbose(c->level)) {
            warn_once();
        }
    }
    aldb_mutex_unlock(&lock);
    errno = saved;
    return error;
}

bool aldb_log_on(enum aldb_log_level level, uint32_t component)
{
    return level != ALDB_LOG_OFF && (int)level <= atomic_load_explicit(&current_level, memory_order_relaxed) &&
           (atomic_load_explicit(&current_components, memory_order_relaxed) & component) != 0;
}

bool aldb_log_query_text(void)
{
    return atomic_load_explicit(&may_log_text, memory_order_relaxed);
}

bool aldb_log_parameters(void)
{
    return atomic_load_explicit(&may_log_values, memory_order_relaxed);
}

void aldb_log_write(enum aldb_log_level level, uint32_t component, const char *fmt, ...)
{
    if (!aldb_log_on(level, component)) {
        return;
    }
    int saved = errno;
    struct aldb_buf text;
    va_list ap;
    aldb_buf_init(&text, ALDB_MAX_SQL);
    va_start(ap, fmt);
    aldb_buf_vaddf(&text, fmt, ap);
    va_end(ap);
    aldb_mutex_lock(&lock);
    if (ready()) {
        write_line(level, component, aldb_buf_ok(&text) ? aldb_buf_cstr(&text) : "(a text was lost for want of memory)");
    }
    aldb_mutex_unlock(&lock);
    aldb_buf_clear(&text);
    errno = saved;
}

bool aldb_log_parse_level(const char *s, enum aldb_log_level *out)
{
    for (size_t i = 0; i < ALDB_COUNT(level_names); i++) {
        if (aldb_slice_is(aldb_slice_of(s), level_names[i])) {
            *out = (enum aldb_log_level)i;
            return true;
        }
    }
    return false;
}
