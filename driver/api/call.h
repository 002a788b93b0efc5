/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The frame of every entry point: enter (check handle, lock, clear diagnostics, state table, trace) · body · leave (map status, trace, unlock).
 *
 *     struct aldb_call c;
 *     if (!aldb_enter_stmt(&c, hstmt, ALDB_FN_EXECUTE)) {
 *         return c.ret;
 *     }
 *     return aldb_leave(&c, aldb_stmt_execute(c.stmt));
 */
#ifndef ALDB_API_CALL_H
#define ALDB_API_CALL_H

#include <time.h>

#include "handle/handle.h"
#include "handle/statetable.h"
#include "log/log.h"

/* On each definition of an entry point: everything else of the library is hidden. */
#define ALDB_ENTRY __attribute__((visibility("default"))) SQLRETURN SQL_API

struct aldb_call {
    const char *name;
    struct aldb_handle *h; /* whose diagnostics the call writes */
    union {
        struct aldb_env *env;
        struct aldb_dbc *dbc;
        struct aldb_stmt *stmt;
        struct aldb_desc *desc;
    };
    struct aldb_diag *diag;  /* = &h->diag */
    struct aldb_handle *outer; /* locked around h: the connection, or the statement of an implicit descriptor; NULL */
    struct aldb_desc *shared[2]; /* locked within h: explicit descriptors that the statement uses and others may use too */
    SQLRETURN ret;           /* what to return when enter says false */
    enum aldb_log_level level; /* of its lines in the log; OFF: none is written, and the rest is not looked at */
    bool told; /* a line says already that it is under way */
    struct timespec began;
};

/* False: c->ret is to be returned and nothing is locked. */
bool aldb_enter_env(struct aldb_call *c, SQLHENV handle, const char *name) ALDB_MUSTCHECK;
bool aldb_enter_dbc(struct aldb_call *c, SQLHDBC handle, const char *name) ALDB_MUSTCHECK;
/* With the explicit descriptors that it uses: statements that share one take turns. */
bool aldb_enter_stmt(struct aldb_call *c, SQLHSTMT handle, enum aldb_fn fn) ALDB_MUSTCHECK;
/* With the connection locked too, for what is unique in a connection. */
bool aldb_enter_stmt_in_dbc(struct aldb_call *c, SQLHSTMT handle, enum aldb_fn fn) ALDB_MUSTCHECK;
/* Any kind of handle in any state, to post on it what is wrong with a call that names the wrong kind. */
bool aldb_enter_any(struct aldb_call *c, SQLHANDLE handle, const char *name) ALDB_MUSTCHECK;
/* An implicit descriptor's statement is locked too, and its state is what the table looks at. */
bool aldb_enter_desc(struct aldb_call *c, SQLHDESC handle, enum aldb_fn fn) ALDB_MUSTCHECK;

SQLRETURN aldb_leave(struct aldb_call *c, enum aldb_rc rc);

/* For api/async: the locks of an entered call, let go of by one thread and taken over by another. */
void aldb_unlock(struct aldb_call *c);
void aldb_relock(struct aldb_call *c);

/* One trace line with the arguments of a call, or with what it gives back. */
#define ALDB_CALL_ARGS(c, fmt, ...)                                                                                              \
    do {                                                                                                                         \
        if ((c)->level != ALDB_LOG_OFF) {                                                                                        \
            (c)->told = true;                                                                                                    \
            ALDB_LOG((c)->level, ALDB_LOG_API, "%s(%p) " fmt, (c)->name, (void *)(c)->h, __VA_ARGS__);                           \
        }                                                                                                                        \
    } while (0)

/* What may wait for others says so in the log before it does: the one that never comes back is the last line of its thread. aldb_go() calls it. */
void aldb_call_waits(const struct aldb_call *c);

/* "SQL_SUCCESS" and the like; static. */
const char *aldb_return_name(SQLRETURN ret);

#endif
