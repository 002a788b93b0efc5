/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Driver log: one rotating file, OFF by default, never stdout or stderr. Redacted by construction: secrets have their own type (base/secret.h: struct aldb_secret),
 * which no log function takes; SQL text and parameter values are logged only when LogQueryText / LogParameters say so. packaging/doc/logging.md says what is in it.
 * Thread-safe; one leaf lock around a write; where a level is off, asking for it is one relaxed atomic load. Processes may share a file: no line is torn or lost.
 */
#ifndef ALDB_LOG_LOG_H
#define ALDB_LOG_LOG_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/rc.h"

enum aldb_log_level { ALDB_LOG_OFF, ALDB_LOG_FATAL, ALDB_LOG_ERROR, ALDB_LOG_WARNING, ALDB_LOG_INFO, ALDB_LOG_DEBUG, ALDB_LOG_TRACE };

enum aldb_log_component {
    ALDB_LOG_API = 1u << 0,       /* ODBC calls, their arguments and what they return */
    ALDB_LOG_CONNECT = 1u << 1,   /* options, hosts, login */
    ALDB_LOG_SESSION = 1u << 2,   /* what is sent to the server, transactions, cancel, loss */
    ALDB_LOG_STMT = 1u << 3,      /* what came of statements */
    ALDB_LOG_GOOGLE = 1u << 4,    /* credentials, tokens, HTTP */
    ALDB_LOG_CONNECTOR = 1u << 5, /* addresses, certificates, TLS to an instance */
    ALDB_LOG_ALL = 0xffffffffu,
};

struct aldb_log_config {
    enum aldb_log_level level;
    uint32_t components; /* mask */
    const char *path;    /* directory or file; NULL: no file */
    uint64_t max_size;   /* bytes before rotation, 0 = 50 MiB; a single line that is longer has a file of its own */
    unsigned max_files;  /* rotated files kept, 0 = 5 */
    bool query_text;     /* SQL text may be logged at DEBUG and below */
    bool parameters;     /* parameter values too */
    const char *asked;   /* what a connection was asked for, without secrets: lines of text, each a line of the log at INFO; NULL: none */
};

/*
 * First connection that turns logging on opens the file; later ones may only raise the level and add components: where it is and what texts may be logged
 * stays as the first one said, and a warning in the log tells who wanted otherwise. Returns 0, or the errno of a file that cannot be opened (EPERM: not a regular file of this
 * user's own), or EINVAL without a path; then nothing is logged. After fork() the child opens the file anew, under its own name if `path` is a directory
 * (alloydb-odbc-<pid>.log). Each file begins with a line that says which driver and program write it, and how much. A file that can be written no more turns the log
 * off, until a later connection asks for it again; what a full disk has swallowed is counted and told.
 */
int aldb_log_configure(const struct aldb_log_config *c);
/* Private. */
extern _Atomic int aldb_log_current_level;
extern _Atomic uint32_t aldb_log_current_components;
static inline bool aldb_log_on(enum aldb_log_level level, uint32_t component)
{
    return (int)level <= atomic_load_explicit(&aldb_log_current_level, memory_order_relaxed) && level != ALDB_LOG_OFF &&
           (atomic_load_explicit(&aldb_log_current_components, memory_order_relaxed) & component) != 0;
}
bool aldb_log_query_text(void);
bool aldb_log_parameters(void);
/* One line; control characters are escaped, so that no text can forge another. errno is kept. */
void aldb_log_write(enum aldb_log_level level, uint32_t component, const char *fmt, ...) ALDB_PRINTF(3, 4);
/* "ERROR" and the like, any case; false if unknown. */
bool aldb_log_parse_level(const char *s, enum aldb_log_level *out) ALDB_MUSTCHECK;

#define ALDB_LOG(level, component, ...)                                                            \
    do {                                                                                           \
        if (aldb_log_on(level, component)) {                                                       \
            aldb_log_write(level, component, __VA_ARGS__);                                         \
        }                                                                                          \
    } while (0)

#endif
