/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The status every internal function returns, and the few macros all rooms share.
 *
 * A function that can fail returns `enum aldb_rc` and is ALDB_MUSTCHECK. Out-pointers are set only on success.
 * Whoever knows the fact posts the text (diag/diag.h) before returning ALDB_ERR; callers only pass it on.
 */
#ifndef ALDB_BASE_RC_H
#define ALDB_BASE_RC_H

enum aldb_rc {
    ALDB_OK = 0,
    ALDB_INFO = 1,        /* done, with a warning posted */
    ALDB_EXECUTING = 2,   /* asynchronous call not finished: call again */
    ALDB_NEED_DATA = 99,  /* data-at-execution parameters are wanted */
    ALDB_NO_DATA = 100,   /* end of rows, of results, of a value in parts */
    ALDB_PARAM_DATA = 101, /* streamed output parameters are to be read */
    ALDB_ERR = -1,        /* failed, diagnostic posted */
};

#define ALDB_MUSTCHECK __attribute__((warn_unused_result))
#define ALDB_INLINE static inline __attribute__((always_inline)) /* what every call, or every cell, goes through */
#define ALDB_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

#define ALDB_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Runs `expr` (an enum aldb_rc); on ALDB_ERR jumps to the function's `out` label with `rc` set. */
#define ALDB_TRY(expr)                                                                             \
    do {                                                                                           \
        rc = (expr);                                                                               \
        if (rc == ALDB_ERR) {                                                                      \
            goto out;                                                                              \
        }                                                                                          \
    } while (0)

/* True for the two statuses that mean the work was done. */
static inline int aldb_done(enum aldb_rc rc)
{
    return rc == ALDB_OK || rc == ALDB_INFO;
}

#endif
