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
#include "base/clock.h"
#include "base/file.h"
#include "base/mutex.h"
#include "base/process.h"
#include "base/str.h"

#define DEFAULT_MAX_SIZE (UINT64_C(50) << 20)
#define DEFAULT_MAX_FILES 5
#define PAUSE_NS 50000 /* between two tries for the lock of the file */
#define PATIENCE_MS 1000
#define ROUNDS 1000    /* in which others may rotate the file before we have written */

static const char *const level_names[] = {"OFF", "FATAL", "ERROR", "WARNING", "INFO", "DEBUG", "TRACE"};
static const char *const component_names[] = {"api", "connect", "session", "stmt", "google", "connector"};

/* Read without the lock. */
_Atomic int aldb_log_current_level = ALDB_LOG_OFF;
_Atomic uint32_t aldb_log_current_components;
static _Atomic bool may_log_text;
static _Atomic bool may_log_values;

/* Under the lock. Lives as long as the process. */
static struct aldb_mutex lock = {.m = PTHREAD_MUTEX_INITIALIZER, .rank = ALDB_LOCK_LEAF};
static struct {
    char *given;      /* path of the configuration */
    char *path;       /* the file */
    int fd;           /* -1: not open */
    dev_t dev;        /* what was opened: a program that closes all descriptors may have another file there by now */
    ino_t ino;
    pid_t pid;        /* of the process that opened it */
    uint64_t max_size;
    unsigned max_files;
    bool warned;
    bool impatient;   /* somebody has held the file's lock for too long: it is not waited for until it has been had again */
    unsigned long lost; /* lines since the last one that was written */
    int why_lost;     /* errno */
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

/* ------------------------------------------------------------------ the file */

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

/* Out of the way of a program that has closed its standard output and believes it still. */
static int above_standard(int fd)
{
    if (fd > STDERR_FILENO) {
        return fd;
    }
    int other = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    int saved = errno;
    (void)close(fd);
    errno = saved;
    return other;
}

/*
 * Only a regular file of this user's own: not one that somebody put in the way to read along, no device, no link. Nobody else may read it, who made it or not.
 */
static int open_file(const char *path, struct stat *st)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0600);
    if (fd < 0) {
        int saved = errno;
        errno = lstat(path, st) == 0 && !S_ISREG(st->st_mode) && !S_ISDIR(st->st_mode) ? EPERM : saved;
        return -1;
    }
    bool good = fstat(fd, st) == 0 && S_ISREG(st->st_mode) && st->st_uid == geteuid() && st->st_nlink == 1;
    if (!good || ((st->st_mode & 077) != 0 && fchmod(fd, 0600) != 0)) {
        (void)close(fd);
        errno = EPERM;
        return -1;
    }
    return above_standard(fd);
}

/* getpid() and gettid() are calls of the kernel, and a line needs both. */
static pid_t own_process(void)
{
    static int64_t of = -1; /* aldb_process() */
    static pid_t pid;
    if (of != aldb_process()) {
        of = aldb_process();
        pid = getpid();
    }
    return pid;
}

static pid_t own_thread(void)
{
    static _Thread_local int64_t of = -1;
    static _Thread_local pid_t tid;
    if (of != aldb_process()) {
        of = aldb_process();
        tid = gettid();
    }
    return tid;
}

static bool is_opened(const struct stat *st)
{
    return st->st_dev == file.dev && st->st_ino == file.ino;
}

/* Does the descriptor lead to the file that was opened? */
static bool is_ours(void)
{
    struct stat st;
    return file.fd >= 0 && fstat(file.fd, &st) == 0 && is_opened(&st);
}

static void close_file(void)
{
    if (is_ours()) {
        (void)close(file.fd);
    }
    file.fd = -1;
    aldb_free(file.path);
    file.path = NULL;
}

static void turn_off(void)
{
    close_file();
    atomic_store_explicit(&aldb_log_current_level, ALDB_LOG_OFF, memory_order_relaxed);
}

static bool reopen(void)
{
    struct stat st = {0};
    close_file();
    file.pid = own_process();
    file.path = file_path(file.given);
    if (file.path) {
        file.fd = open_file(file.path, &st);
        file.dev = st.st_dev;
        file.ino = st.st_ino;
    }
    if (file.fd < 0) {
        int saved = errno;
        turn_off();
        errno = saved;
        return false;
    }
    return true;
}

static char *numbered(const char *path, unsigned n)
{
    struct aldb_buf b;
    aldb_buf_init(&b, ALDB_MAX_NAME);
    aldb_buf_add_str(&b, path);
    if (n > 0) {
        aldb_buf_addf(&b, ".%u", n);
    }
    return aldb_buf_take(&b);
}

/* False: the file could not be moved; errno. One that is not there leaves a gap. */
static bool move(unsigned from, unsigned to)
{
    char *old = numbered(file.path, from);
    char *new = numbered(file.path, to);
    errno = ENOMEM;
    bool moved = old && new && (rename(old, new) == 0 || errno == ENOENT);
    int saved = errno;
    aldb_free(old);
    aldb_free(new);
    errno = saved;
    return moved;
}

static bool drop(unsigned n)
{
    char *path = numbered(file.path, n);
    bool gone = path && unlink(path) == 0;
    aldb_free(path);
    return gone;
}

/* path -> path.1 -> path.2 … ; the last one is overwritten, and what an earlier run kept beyond it goes. False: errno. */
static bool shift_files(void)
{
    for (unsigned n = file.max_files + 1; drop(n); n++) {
    }
    for (unsigned n = file.max_files; n > 0; n--) {
        if (!move(n - 1, n)) {
            return false;
        }
    }
    return true;
}

/* ------------------------------------------------------------------ sharing it */

/*
 * The lock of the file, which is held while a line is written: between processes it is what the mutex is between threads. False: one that was stopped meanwhile has it, and
 * must not stop us; the line is appended, and whatever else the lock is for waits. A file system without locks is taken for one that nobody shares.
 */
static bool lock_file(void)
{
    static const struct timespec pause = {.tv_nsec = PAUSE_NS};
    struct aldb_deadline until = aldb_deadline_in_ms(file.impatient ? 0 : PATIENCE_MS);
    for (;;) {
        if (flock(file.fd, LOCK_EX | LOCK_NB) == 0) {
            file.impatient = false;
            return true;
        }
        if (errno != EWOULDBLOCK && errno != EINTR) {
            return true;
        }
        if (aldb_deadline_over(until)) {
            file.impatient = true;
            return false;
        }
        (void)nanosleep(&pause, NULL);
    }
}

/* Closing alone would not do: a child of fork() has the same lock through its copy of the descriptor. */
static void unlock_file(bool locked)
{
    if (locked) {
        (void)flock(file.fd, LOCK_UN);
    }
}

/* Is the open file the one of that name? Another process may have moved it, or somebody has removed it. */
static bool is_named(struct stat *st)
{
    return lstat(file.path, st) == 0 && is_opened(st);
}

static bool write_all(const char *data, size_t len)
{
    return aldb_file_write_all(file.fd, data, len, -1);
}

static bool greet(off_t size);
static void tell_end(int error);

/* The file under its name, locked if it can be, and where it stands; false: there is none any more. */
static bool settle(struct stat *st, bool *locked)
{
    for (int rounds = 0; rounds < ROUNDS; rounds++) {
        if (file.pid == own_process() && is_ours()) {
            *locked = lock_file();
            if (is_named(st)) {
                return true;
            }
            unlock_file(*locked);
        }
        if (!reopen()) {
            return false;
        }
        *locked = lock_file();
        if (is_named(st)) {
            if (!greet(st->st_size) && *locked) {
                (void)!ftruncate(file.fd, st->st_size);
            }
            return fstat(file.fd, st) == 0;
        }
        unlock_file(*locked);
    }
    *locked = false;
    return true;
}

/*
 * A line goes whole or not at all into a file that has room for it. What a full disk, or a limit, takes only a part of is taken back, counted, and told when there is room
 * again: an application must not be disturbed by its log.
 */
static void put(const char *data, size_t len)
{
    struct stat st;
    bool locked = false;
    for (int rounds = 0; settle(&st, &locked); rounds++) {
        bool again = len > file.max_size / 2 ? rounds < 1 : rounds < ROUNDS; /* others may have filled the new file; what no file has room for is written all the same */
        bool full = st.st_size > 0 && (uint64_t)st.st_size + len > file.max_size;
        if (!full || !locked || !again) {
            bool written = write_all(data, len);
            int error = written ? 0 : errno;
            if (!written && locked) {
                (void)!ftruncate(file.fd, st.st_size);
            }
            if (written || error != EFBIG || !locked || rounds > 0) {
                file.lost += !written;
                file.why_lost = error;
                unlock_file(locked);
                return;
            }
        }
        bool shifted = shift_files();
        if (!shifted) {
            tell_end(errno);
        }
        unlock_file(locked);
        if (!shifted) {
            turn_off();
            return;
        }
    }
}

/* ------------------------------------------------------------------ lines */

static const char *component_name(uint32_t component)
{
    size_t bit = component ? (size_t)__builtin_ctz(component) : ALDB_COUNT(component_names);
    return bit < ALDB_COUNT(component_names) ? component_names[bit] : "driver";
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
                  tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, now.tv_nsec / 1000, (long)own_process(), (long)own_thread(),
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

static void add_line(struct aldb_buf *b, enum aldb_log_level level, uint32_t component, const char *text)
{
    add_head(b, level, component);
    add_escaped(b, text);
    aldb_buf_add_char(b, '\n');
}

static const char *yes_no(bool yes)
{
    return yes ? "yes" : "no";
}

/* What the file is allowed to hold. */
static void add_settings(struct aldb_buf *b)
{
    aldb_buf_addf(b, "LogLevel=%s, LogQueryText=%s, LogParameters=%s", level_names[atomic_load_explicit(&aldb_log_current_level, memory_order_relaxed)],
                  yes_no(aldb_log_query_text()), yes_no(aldb_log_parameters()));
}

/* The first line of each file, and of each process in it; where there is no more room for it the next file has it. */
static bool greet(off_t size)
{
    char program[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
    struct aldb_buf text;
    struct aldb_buf line;
    aldb_buf_init(&text, 2 * PATH_MAX);
    aldb_buf_init(&line, 8 * PATH_MAX);
    aldb_buf_addf(&text, "AlloyDB ODBC driver " ALDB_VERSION " in %.*s; times are UTC; ", n > 0 ? (int)n : 1, n > 0 ? program : "?");
    add_settings(&text);
    add_line(&line, ALDB_LOG_INFO, 0, aldb_buf_cstr(&text));
    bool fits = aldb_buf_ok(&line) && (size == 0 || (uint64_t)size + line.len <= file.max_size);
    bool written = !fits || write_all(line.data, line.len);
    aldb_buf_clear(&text);
    aldb_buf_clear(&line);
    return written;
}

/* A file that cannot be rotated would grow for ever. */
static void tell_end(int error)
{
    struct aldb_buf b;
    char text[128];
    char why[64];
    aldb_buf_init(&b, 512);
    (void)snprintf(text, sizeof text, "The log ends here: it has come to LogMaxSize, and the file cannot be rotated: %s", strerror_r(error, why, sizeof why));
    add_line(&b, ALDB_LOG_ERROR, 0, text);
    if (aldb_buf_ok(&b)) {
        (void)write_all(b.data, b.len);
    }
    aldb_buf_clear(&b);
}

/* Without memory for it the line says so, and what was lost before is told first: a gap in a log must show. */
static void write_line(enum aldb_log_level level, uint32_t component, const char *text)
{
    struct aldb_buf b;
    aldb_buf_init(&b, 4 * ALDB_MAX_SQL);
    unsigned long lost = file.lost;
    file.lost = 0;
    if (lost > 0) {
        char told[128];
        char why[64];
        (void)snprintf(told, sizeof told, "%lu lines could not be written: %s", lost, strerror_r(file.why_lost, why, sizeof why));
        add_line(&b, ALDB_LOG_WARNING, 0, told);
    }
    add_line(&b, level, component, text);
    if (aldb_buf_ok(&b)) {
        put(b.data, b.len);
    } else {
        static const char none[] = "(a line was lost for want of memory)\n";
        put(none, sizeof none - 1);
        file.lost += lost;
        lost = 0;
    }
    file.lost += file.lost > 0 ? lost : 0;
    aldb_buf_clear(&b);
}

/* Once a process: at these levels, and with what an application would rather keep to itself. */
static void warn_once(void)
{
    if (file.warned || atomic_load_explicit(&aldb_log_current_level, memory_order_relaxed) < ALDB_LOG_DEBUG) {
        return;
    }
    struct aldb_buf b;
    aldb_buf_init(&b, 512);
    file.warned = true;
    add_settings(&b);
    aldb_buf_add_str(&b, ": this slows the driver down, and the file may hold what the application would rather keep to itself. Turn it off when done");
    write_line(ALDB_LOG_WARNING, 0, aldb_buf_cstr(&b));
    aldb_buf_clear(&b);
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

static int take_configuration(const struct aldb_log_config *c, char **path)
{
    if (*path == NULL) {
        return ENOMEM;
    }
    aldb_free(file.given);
    file.given = *path;
    *path = NULL;
    file.max_size = c->max_size ? c->max_size : DEFAULT_MAX_SIZE;
    file.max_files = c->max_files ? c->max_files : DEFAULT_MAX_FILES;
    errno = ENOMEM;
    if (!reopen()) {
        int error = errno;
        aldb_free(file.given);
        file.given = NULL;
        return error;
    }
    atomic_store_explicit(&may_log_text, c->query_text, memory_order_relaxed);
    atomic_store_explicit(&may_log_values, c->parameters, memory_order_relaxed);
    return 0;
}

/* A later connection that wants it elsewhere, or more in it. */
static void tell_difference(const struct aldb_log_config *c, const char *path)
{
    struct aldb_buf b;
    aldb_buf_init(&b, 4 * ALDB_MAX_NAME);
    if (path && strcmp(path, file.given) != 0) {
        aldb_buf_addf(&b, "This process logs here, and not to \"%s\" as a later connection asked; ", path);
    }
    if ((c->query_text && !aldb_log_query_text()) || (c->parameters && !aldb_log_parameters())) {
        aldb_buf_addf(&b, "LogQueryText=%s, LogParameters=%s of a later connection have no effect; ", yes_no(c->query_text), yes_no(c->parameters));
    }
    if (b.len > 0) {
        aldb_buf_add_str(&b, "the first connection that logs has decided");
        write_line(ALDB_LOG_WARNING, 0, aldb_buf_cstr(&b));
    }
    aldb_buf_clear(&b);
}

static void write_asked(const char *text)
{
    while (text && *text) {
        size_t len = strcspn(text, "\n");
        ALDB_LOG(ALDB_LOG_INFO, ALDB_LOG_CONNECT, "%.*s", (int)len, text);
        text += len + (text[len] == '\n');
    }
}

int aldb_log_configure(const struct aldb_log_config *c)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    if (c->level == ALDB_LOG_OFF) {
        return 0;
    }
    int saved = errno;
    bool named = c->path && c->path[0];
    char *path = named ? absolute(c->path) : NULL;
    int error = 0;
    (void)pthread_once(&once, watch_forks);
    aldb_mutex_lock(&lock);
    bool on = file.given && atomic_load_explicit(&aldb_log_current_level, memory_order_relaxed) > ALDB_LOG_OFF;
    if (!on) {
        error = named ? take_configuration(c, &path) : EINVAL;
    }
    if (error == 0) {
        atomic_fetch_or_explicit(&aldb_log_current_components, c->components, memory_order_relaxed);
        if ((int)c->level > atomic_load_explicit(&aldb_log_current_level, memory_order_relaxed)) {
            atomic_store_explicit(&aldb_log_current_level, (int)c->level, memory_order_relaxed);
        }
        if (on) {
            tell_difference(c, path);
        } else {
            close_file(); /* opened again it begins with who writes */
            put("", 0);
        }
        warn_once();
    }
    aldb_mutex_unlock(&lock);
    if (error == 0) {
        write_asked(c->asked);
    }
    aldb_free(path);
    errno = saved;
    return error;
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
    if (aldb_log_on(level, component)) {
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
