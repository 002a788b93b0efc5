/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls that an application polls for: what every room above needs to know of them. api/async.h begins, polls and ends them.
 *
 * A job belongs to a handle: a statement (also for its implicit descriptors) or a connection. While it runs a worker holds that handle's lock, so that
 * whoever polls must not wait for it: a handle is asked here first, and refuses (HY010) whatever is neither the same call again nor a cancel.
 */
#ifndef ALDB_HANDLE_JOB_H
#define ALDB_HANDLE_JOB_H

#include <pthread.h>
#include <sys/types.h>

#include "base/process.h"
#include "base/worker.h"
#include "handle/handle.h"

enum aldb_job_phase {
    ALDB_JOB_NONE,
    ALDB_JOB_RUNNING,
    ALDB_JOB_DONE, /* its result waits for the application to call again */
};

struct aldb_job {
    pthread_mutex_t lock;       /* a leaf that is never held across a wait */
    pthread_cond_t ended;
    int64_t owner;              /* the process that began it (base/process.h) */
    const char *name;           /* of the function; static */
    const void *on;             /* the handle that it was called with */
    bool cancelled;             /* the application asked for its end */
    struct aldb_worker *worker; /* while it runs; NULL: none could be had */
    SQLRETURN ret;              /* when it is done */
    void *work;                 /* api/async.c: what is to be run, and how much room for it there is */
    size_t room;
};
struct aldb_job *aldb_job_new(void) ALDB_MUSTCHECK; /* NULL: out of memory */
void aldb_job_free(struct aldb_job *job);           /* NULL allowed; it does not run */

/* The phase of the handle's job. Any thread, no lock. */
ALDB_INLINE enum aldb_job_phase aldb_handle_job(const struct aldb_handle *h)
{
    return (enum aldb_job_phase)atomic_load(&((struct aldb_handle *)(uintptr_t)h)->job_phase);
}

/* Does any statement of the connection have a job, or a result to be picked up? Connection's lock held. */
bool aldb_dbc_has_jobs(const struct aldb_dbc *dbc);
/* The same as an error: HY010, saying what cannot be done meanwhile. Connection's lock held. */
enum aldb_rc aldb_dbc_check_jobs(const struct aldb_dbc *dbc, const char *what, struct aldb_diag *diag) ALDB_MUSTCHECK;

/* Was the job begun before fork(), in the parent? Then nobody in this process will end it, and what it works on is as it was in mid-work. */
bool aldb_handle_orphaned(const struct aldb_handle *h);

#endif
