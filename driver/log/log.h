/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Driver log: one rotating file per process, OFF by default, never stderr. Redacted by construction: secrets have their own
 * type (base/secret.h: struct aldb_secret) and no log function takes it; SQL text and parameter values are logged only when
 * LogQueryText / LogParameters say so.
 * Thread-safe; one leaf lock around a write; when the level is off a call costs one relaxed atomic load.
 */
#ifndef ALDB_LOG_LOG_H
#define ALDB_LOG_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/rc.h"

enum aldb_log_level { ALDB_LOG_OFF, ALDB_LOG_FATAL, ALDB_LOG_ERROR, ALDB_LOG_WARNING, ALDB_LOG_INFO, ALDB_LOG_DEBUG, ALDB_LOG_TRACE };

enum aldb_log_component {
    ALDB_LOG_API = 1u << 0,     /* ODBC calls and their returns */
    ALDB_LOG_CONNECT = 1u << 1, /* options, DSN, dialling, login */
    ALDB_LOG_SESSION = 1u << 2, /* batches, transactions, cancel */
    ALDB_LOG_STMT = 1u << 3,
    ALDB_LOG_GOOGLE = 1u << 4,
    ALDB_LOG_CONNECTOR = 1u << 5,
    ALDB_LOG_ALL = 0xffffffffu,
};

struct aldb_log_config {
    enum aldb_log_level level;
    uint32_t components; /* mask */
    const char *path;    /* directory or file; NULL: no file */
    uint64_t max_size;   /* bytes before rotation, 0 = 50 MiB */
    unsigned max_files;  /* rotated files kept, 0 = 5 */
    bool query_text;     /* SQL text may be logged at DEBUG and below */
    bool parameters;     /* parameter values too */
};

/*
 * First connection that turns logging on opens the file; later ones may only raise the level and add components: where it is and what texts may be logged
 * stays as the first one said. Returns 0, or the errno of a file that cannot be opened (EPERM: not a regular file of this user's own), or EINVAL without a
 * path; then nothing is logged. The file is the process's own: after fork() the child opens it anew, under
 * its own name if `path` is a directory (alloydb-odbc-<pid>.log).
 */
int aldb_log_configure(const struct aldb_log_config *c);
bool aldb_log_on(enum aldb_log_level level, uint32_t component);
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
