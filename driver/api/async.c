/* SPDX-License-Identifier: Apache-2.0 */
#include "api/async.h"

#include <dlfcn.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "statement/statement.h"

#define FIRST_WAIT_NS 400000 /* what a server nearby answers in that time is answered without a second call */
#define NEXT_WAIT_NS 50000   /* for those who ask again and again without a pause */
#define END_ALL_MS 5000      /* for all that a connection's last user has left running */

/* At the beginning of job->work. */
struct work {
    struct aldb_call c;
    const struct aldb_step *step;
    struct aldb_handle *owner;
    max_align_t args[];
};

/* ------------------------------------------------------------------ whose job */

static struct aldb_handle *owner_of(const struct aldb_call *c)
{
    return c->outer && c->outer->type == SQL_HANDLE_STMT ? c->outer : c->h;
}

static bool is_asynchronous(const struct aldb_call *c, const struct aldb_step *step)
{
    const struct aldb_handle *owner = owner_of(c);
    const struct aldb_dbc *dbc = NULL;
    bool on = false;
    if (owner->type == SQL_HANDLE_STMT) {
        const struct aldb_stmt *stmt = (const struct aldb_stmt *)owner;
        dbc = stmt->dbc;
        on = stmt->async_enable == SQL_ASYNC_ENABLE_ON;
    } else if (owner->type == SQL_HANDLE_DBC) {
        dbc = (const struct aldb_dbc *)owner;
        on = dbc->async_functions == SQL_ASYNC_DBC_ENABLE_ON;
    }
    return on && dbc && (step->resumed || dbc->env->resumes);
}

/* ------------------------------------------------------------------ polling */

static void await(struct aldb_job *job, struct aldb_handle *owner, long ns)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += ns;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    while (aldb_handle_job(owner) == ALDB_JOB_RUNNING && pthread_cond_timedwait(&job->ended, &job->lock, &until) != ETIMEDOUT) {
    }
}

/* Cancels what a running job is at, if that can be cancelled. Its lock held, so that it does not end meanwhile. */
static void press_cancel(struct aldb_handle *owner, struct aldb_job *job)
{
    if (owner->type == SQL_HANDLE_STMT) {
        aldb_stmt_press_cancel((struct aldb_stmt *)owner);
    } else if (job->worker && atomic_load(&((struct aldb_dbc *)owner)->connecting)) {
        aldb_worker_stop(job->worker);
    }
}

/* c->ret: what the job has to say to a call of its own function. False: it is another function's, or nobody's by now. */
static bool ask(struct aldb_call *c, struct aldb_handle *h, struct aldb_handle *owner, long ns)
{
    struct aldb_job *job = owner->job;
    (void)pthread_mutex_lock(&job->lock);
    bool same = aldb_handle_job(owner) != ALDB_JOB_NONE && job->on == h && strcmp(job->name, c->name) == 0;
    if (same) {
        await(job, owner, ns);
        bool done = aldb_handle_job(owner) == ALDB_JOB_DONE;
        c->ret = done ? job->ret : SQL_STILL_EXECUTING;
        if (done) {
            atomic_store(&owner->job_phase, ALDB_JOB_NONE);
        } else if (job->cancelled) {
            press_cancel(owner, job); /* the cancel may have come between two steps of the call */
        }
        atomic_store(&h->refused, NULL);
    }
    (void)pthread_mutex_unlock(&job->lock);
    return same;
}

void aldb_async_refuse(struct aldb_call *c, struct aldb_handle *h)
{
    atomic_store(&h->refused, c->name);
    c->ret = SQL_ERROR;
    ALDB_LOG(ALDB_LOG_ERROR, ALDB_LOG_API, "%s(%p) = SQL_ERROR: an asynchronous call has not ended", c->name, (void *)h);
}

bool aldb_async_admit(struct aldb_call *c, struct aldb_handle *h, struct aldb_handle *owner)
{
    const struct aldb_handle *parent = aldb_async_parent(owner);
    if (aldb_handle_job(owner) != ALDB_JOB_NONE && !aldb_handle_orphaned(owner) && ask(c, h, owner, NEXT_WAIT_NS)) {
        return false;
    }
    if (aldb_handle_job(owner) != ALDB_JOB_NONE || (parent && aldb_handle_job(parent) != ALDB_JOB_NONE)) {
        aldb_async_refuse(c, h);
        return false;
    }
    if (atomic_load_explicit(&h->refused, memory_order_relaxed) != NULL) { /* a store is dear, and there hardly ever is one */
        atomic_store(&h->refused, NULL);
    }
    return true;
}

bool aldb_async_cancel(struct aldb_handle *h)
{
    if (aldb_handle_job(h) == ALDB_JOB_NONE || aldb_handle_orphaned(h)) {
        return aldb_handle_job(h) != ALDB_JOB_NONE;
    }
    struct aldb_job *job = h->job;
    (void)pthread_mutex_lock(&job->lock);
    bool running = aldb_handle_job(h) == ALDB_JOB_RUNNING;
    job->cancelled = true;
    if (running) {
        press_cancel(h, job);
    }
    (void)pthread_mutex_unlock(&job->lock);
    return true;
}

/* ------------------------------------------------------------------ running */

static enum aldb_rc give_up(struct aldb_call *c, struct aldb_handle *owner)
{
    if (owner->type == SQL_HANDLE_STMT) {
        aldb_stmt_wait_no_more((struct aldb_stmt *)owner);
    }
    return aldb_diag_post(c->diag, ALDB_ST_HY008, "Cancelled before it had begun");
}

static void work_on(void *ctx)
{
    struct aldb_job *job = ctx;
    struct work *w = job->work;
    struct aldb_handle *owner = w->owner;
    struct aldb_call *c = &w->c;
    aldb_relock(c);
    (void)pthread_mutex_lock(&job->lock);
    bool cancelled = job->cancelled && !w->step->started_anyway;
    (void)pthread_mutex_unlock(&job->lock);
    enum aldb_rc rc = cancelled ? give_up(c, owner) : w->step->run(c, w->args);
    if (w->step->end) {
        w->step->end(w->args);
    }
    for (size_t i = 0; i < ALDB_COUNT(c->shared); i++) {
        if (c->shared[i]) {
            atomic_fetch_sub(&c->shared[i]->jobs, 1);
        }
    }
    SQLRETURN ret = aldb_leave(c, rc);
    (void)pthread_mutex_lock(&job->lock);
    job->ret = ret;
    job->worker = NULL;
    atomic_store(&owner->job_phase, ALDB_JOB_DONE);
    (void)pthread_cond_broadcast(&job->ended);
    (void)pthread_mutex_unlock(&job->lock);
}

/* The handle's job with room for the arguments. NULL: out of memory. */
static struct aldb_job *job_for(struct aldb_handle *owner, size_t size)
{
    struct aldb_job *job = owner->job ? owner->job : aldb_job_new();
    size_t need = sizeof(struct work) + size;
    if (job == NULL) {
        return NULL;
    }
    owner->job = job;
    if (job->room < need) {
        void *work = aldb_realloc_array(job->work, need, 1);
        if (work == NULL) {
            return NULL;
        }
        job->work = work;
        job->room = need;
    }
    return job;
}

/* Lets go of the call's locks and has the step run by a worker; by this thread where none can be had. */
static SQLRETURN begin(struct aldb_call *c, const struct aldb_step *step, struct aldb_job *job, const void *args, size_t size)
{
    struct aldb_handle *owner = owner_of(c);
    struct aldb_handle *h = c->h;
    struct work *w = job->work;
    *w = (struct work){.c = *c, .step = step, .owner = owner};
    if (size > 0) {
        memcpy(w->args, args, size);
    }
    for (size_t i = 0; i < ALDB_COUNT(c->shared); i++) {
        if (c->shared[i]) {
            atomic_fetch_add(&c->shared[i]->jobs, 1);
        }
    }
    (void)pthread_mutex_lock(&job->lock);
    job->owner = aldb_process();
    job->name = c->name;
    job->on = h;
    job->cancelled = false;
    job->worker = NULL;
    atomic_store(&owner->job_phase, ALDB_JOB_RUNNING);
    aldb_unlock(c);
    bool begun = aldb_worker_run(work_on, job, &job->worker);
    (void)pthread_mutex_unlock(&job->lock);
    if (!begun) {
        work_on(job);
    }
    struct aldb_call again = {.name = c->name};
    (void)!ask(&again, h, owner, FIRST_WAIT_NS);
    if (again.ret == SQL_STILL_EXECUTING) {
        ALDB_LOG(ALDB_LOG_DEBUG, ALDB_LOG_API, "%s(%p) = SQL_STILL_EXECUTING", again.name, (void *)h);
    }
    return again.ret;
}

bool aldb_not_connected(const struct aldb_call *c, const void *args)
{
    (void)args;
    return c->dbc->session == NULL;
}

SQLRETURN aldb_go(struct aldb_call *c, const struct aldb_step *step, void *args, size_t size)
{
    bool waits = !(step->at_hand && step->at_hand(c, args));
    if (waits) {
        aldb_call_waits(c);
    }
    if (waits && is_asynchronous(c, step) && (step->keep == NULL || step->keep(args))) {
        struct aldb_job *job = job_for(owner_of(c), size);
        if (job) {
            return begin(c, step, job, args, size);
        }
    }
    enum aldb_rc rc = step->run(c, args);
    if (step->end) {
        step->end(args);
    }
    return aldb_leave(c, rc);
}

void aldb_async_end_all(struct aldb_dbc *dbc)
{
    const struct timespec pause = {.tv_nsec = 1000000};
    struct aldb_deadline until = aldb_deadline_in_ms(END_ALL_MS);
    for (struct aldb_stmt *stmt = dbc->stmts; stmt; stmt = stmt->next) {
        while (aldb_handle_job(&stmt->h) == ALDB_JOB_RUNNING && aldb_async_cancel(&stmt->h) && !aldb_deadline_over(until)) {
            (void)nanosleep(&pause, NULL);
        }
        if (aldb_handle_job(&stmt->h) == ALDB_JOB_DONE) {
            (void)pthread_mutex_lock(&stmt->h.job->lock); /* which the worker lets go of last */
            atomic_store(&stmt->h.job_phase, ALDB_JOB_NONE);
            (void)pthread_mutex_unlock(&stmt->h.job->lock);
        }
    }
}

/* ------------------------------------------------------------------ diagnostics */

bool aldb_async_diag(struct aldb_handle *h, struct aldb_diag *diag, SQLRETURN *ret)
{
    struct aldb_stmt *stmt = h->type == SQL_HANDLE_DESC ? ((struct aldb_desc *)h)->stmt : NULL;
    struct aldb_handle *owner = stmt ? &stmt->h : h;
    const struct aldb_handle *parent = aldb_async_parent(owner);
    const char *refused = atomic_load(&h->refused);
    bool busy = aldb_handle_job(owner) != ALDB_JOB_NONE || (parent && aldb_handle_job(parent) != ALDB_JOB_NONE);
    if (refused == NULL && !busy) {
        return false;
    }
    aldb_diag_init(diag);
    *ret = refused ? SQL_ERROR : SQL_STILL_EXECUTING;
    if (refused && aldb_handle_orphaned(owner)) {
        (void)aldb_diag_post(diag, ALDB_ST_08S01, "%s cannot be called: an asynchronous call of this handle was under way in the parent process, which alone can end it; "
                             "free the handle", refused);
    } else if (refused) {
        (void)aldb_diag_post(diag, ALDB_ST_HY010, "%s cannot be called now: an asynchronous call of this handle, of its connection, or of a statement that uses it has not "
                             "ended; call that function again until it has, or end it with SQLCancelHandle", refused);
    }
    return true;
}

/* ------------------------------------------------------------------ driver managers */

bool aldb_manager_resumes(const void *caller)
{
    static const char unixodbc[] = "libodbc.so";
    Dl_info info;
    if (dladdr(caller, &info) == 0 || info.dli_fname == NULL) {
        return true;
    }
    const char *slash = strrchr(info.dli_fname, '/');
    return strncmp(slash ? slash + 1 : info.dli_fname, unixodbc, sizeof unixodbc - 1) != 0;
}
