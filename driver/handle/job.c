/* SPDX-License-Identifier: Apache-2.0 */
#include "handle/job.h"

#include <unistd.h>

#include "base/alloc.h"
#include "base/mutex.h"

struct aldb_job *aldb_job_new(void)
{
    struct aldb_job *job = aldb_alloc(sizeof *job);
    if (job) {
        (void)pthread_mutex_init(&job->lock, NULL);
        aldb_cond_init(&job->ended);
    }
    return job;
}

void aldb_job_free(struct aldb_job *job)
{
    if (job) {
        (void)pthread_cond_destroy(&job->ended);
        (void)pthread_mutex_destroy(&job->lock);
        aldb_free(job->work);
        aldb_free(job);
    }
}

bool aldb_dbc_has_jobs(const struct aldb_dbc *dbc)
{
    for (const struct aldb_stmt *stmt = dbc->stmts; stmt; stmt = stmt->next) {
        if (aldb_handle_job(&stmt->h) != ALDB_JOB_NONE && !aldb_handle_orphaned(&stmt->h)) {
            return true;
        }
    }
    return false;
}

enum aldb_rc aldb_dbc_check_jobs(const struct aldb_dbc *dbc, const char *what, struct aldb_diag *diag)
{
    return aldb_dbc_has_jobs(dbc) ? aldb_diag_post(diag, ALDB_ST_HY010, "%s while a statement of this connection executes asynchronously; "
                                                   "call its function again until it has ended, or end it with SQLCancel", what)
                                  : ALDB_OK;
}

bool aldb_handle_orphaned(const struct aldb_handle *h)
{
    return aldb_handle_job(h) != ALDB_JOB_NONE && h->job->owner != aldb_process();
}
