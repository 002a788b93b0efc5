/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asynchronous calls, by polling. An entry point does at once what cannot wait (handle, state, arguments), and hands the rest to aldb_go():
 *
 *     static enum aldb_rc execute(struct aldb_call *c, void *args) { … return aldb_stmt_execute(c->stmt); }
 *     static const struct aldb_step execute_step = {.run = execute, .resumed = true};
 *     …
 *     return aldb_go(&c, &execute_step, NULL, 0);
 *
 * Where the handle's calls are not asynchronous that runs it here and leaves. Else a worker (base/worker.h) takes the locks over and runs it, and the
 * application gets SQL_STILL_EXECUTING until a call of the same function finds it done; aldb_async_admit() at the head of every call is where that happens.
 * Nothing on that side waits for a handle's or a session's lock, only for a fraction of a millisecond in case the step is as good as done.
 *
 * unixODBC (all versions up to 2.3.14) cannot resume some functions: having passed SQL_STILL_EXECUTING on, it refuses every other call of the statement for good
 * (SQLNumParams, SQLDescribeParam, SQLNumResultCols, SQLDescribeCol, SQLColAttribute), the same call (SQLMoreResults), or throws the handle away (the three that
 * connect). Called by it these run to their end at once. Of SQLFetch and SQLFetchScroll it must not hear SQL_NO_DATA or SQL_ERROR after SQL_STILL_EXECUTING: see
 * statement/ahead.c.
 * ODBC: https://learn.microsoft.com/sql/odbc/reference/develop-app/asynchronous-execution-polling-method
 */
#ifndef ALDB_API_ASYNC_H
#define ALDB_API_ASYNC_H

#include "api/call.h"
#include "handle/job.h"

struct aldb_step {
    enum aldb_rc (*run)(struct aldb_call *c, void *args);           /* with the locks of the call */
    void (*end)(void *args);                                        /* frees what the arguments own, in every case; NULL: nothing */
    bool (*keep)(void *args);                                       /* makes them independent of the application's strings; false: out of memory; NULL: they are */
    bool (*at_hand)(const struct aldb_call *c, const void *args);   /* will it certainly not wait? NULL: it may */
    bool resumed;                                                   /* by unixODBC too */
    bool started_anyway;                                            /* a cancel that comes before it has begun does not keep it from running */
};

/* For at_hand: what a connection that is not open has to say takes no time. */
bool aldb_not_connected(const struct aldb_call *c, const void *args);

/* Runs the step, here or on a worker, and leaves. `args`, `size` bytes, are copied. */
SQLRETURN aldb_go(struct aldb_call *c, const struct aldb_step *step, void *args, size_t size);

/* The connection whose job would be in the way of `owner`; NULL. */
ALDB_INLINE struct aldb_handle *aldb_async_parent(const struct aldb_handle *owner)
{
    return owner->type == SQL_HANDLE_STMT ? &((const struct aldb_stmt *)owner)->home->h : NULL;
}

/* Is there no job near, and no refusal to be forgotten? So nearly every call finds it, and aldb_async_admit need not be asked. */
ALDB_INLINE bool aldb_async_idle(const struct aldb_handle *h, const struct aldb_handle *owner)
{
    const struct aldb_handle *parent = aldb_async_parent(owner);
    return aldb_handle_job(owner) == ALDB_JOB_NONE && (parent == NULL || aldb_handle_job(parent) == ALDB_JOB_NONE) &&
           atomic_load_explicit(&((struct aldb_handle *)(uintptr_t)h)->refused, memory_order_relaxed) == NULL;
}

/*
 * At the head of a call of `h` (c->name), before any lock: true when no job is in the way. False: c->ret is the job's answer, or SQL_ERROR for a call
 * that must wait for its end. `owner`: whose job it would be (the statement of an implicit descriptor; else `h`).
 */
bool aldb_async_admit(struct aldb_call *c, struct aldb_handle *h, struct aldb_handle *owner) ALDB_MUSTCHECK;
/* The same for what a job uses besides its handle. */
void aldb_async_refuse(struct aldb_call *c, struct aldb_handle *h);

/* SQLCancel, SQLCancelHandle: true when a job was there to be cancelled. */
bool aldb_async_cancel(struct aldb_handle *h);

/*
 * SQL_ATTR_RESET_CONNECTION: the jobs of the connection's statements are nobody's any more. Cancels them and waits for their end, but not for ever. Connection's
 * lock held.
 */
void aldb_async_end_all(struct aldb_dbc *dbc);

/*
 * What SQLGetDiagRec and SQLGetDiagField show while a job has the handle's own diagnostics, and after a call that was refused for it: *diag, initialised here, and
 * *ret. False: the handle's own ones are to be shown.
 */
bool aldb_async_diag(struct aldb_handle *h, struct aldb_diag *diag, SQLRETURN *ret);

/* May a driver manager at that address (the return address of SQLAllocHandle) resume every asynchronous function? */
bool aldb_manager_resumes(const void *caller);

#endif
