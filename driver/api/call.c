/* SPDX-License-Identifier: Apache-2.0 */
#include "api/call.h"

#include <stdio.h>
#include <string.h>

#include "api/async.h"
#include "statement/statement.h"

const char *aldb_return_name(SQLRETURN ret)
{
    switch (ret) {
    case SQL_SUCCESS:
        return "SQL_SUCCESS";
    case SQL_SUCCESS_WITH_INFO:
        return "SQL_SUCCESS_WITH_INFO";
    case SQL_STILL_EXECUTING:
        return "SQL_STILL_EXECUTING";
    case SQL_NEED_DATA:
        return "SQL_NEED_DATA";
    case SQL_PARAM_DATA_AVAILABLE:
        return "SQL_PARAM_DATA_AVAILABLE";
    case SQL_NO_DATA:
        return "SQL_NO_DATA";
    case SQL_ERROR:
        return "SQL_ERROR";
    case SQL_INVALID_HANDLE:
        return "SQL_INVALID_HANDLE";
    default:
        return "?";
    }
}

/* What is asked for each row, column or attribute drowns everything else: TRACE. */
static enum aldb_log_level level_of(const char *name)
{
    static const char *const many[] = {"SQLFetch",  "SQLFetchScroll", "SQLExtendedFetch", "SQLColAttribute", "SQLDescribeCol",
                                       "SQLPutData", "SQLRowCount",    "SQLNumResultCols", "SQLNumParams"};
    if (strncmp(name, "SQLGet", 6) == 0) {
        return strcmp(name, "SQLGetTypeInfo") == 0 ? ALDB_LOG_DEBUG : ALDB_LOG_TRACE;
    }
    for (size_t i = 0; i < ALDB_COUNT(many); i++) {
        if (strcmp(name, many[i]) == 0) {
            return ALDB_LOG_TRACE;
        }
    }
    return ALDB_LOG_DEBUG;
}

static __attribute__((cold, noinline)) void trace_enter(struct aldb_call *c)
{
    c->level = aldb_log_on(ALDB_LOG_DEBUG, ALDB_LOG_API) ? level_of(c->name) : ALDB_LOG_TRACE; /* below nobody asks */
    (void)clock_gettime(CLOCK_MONOTONIC, &c->began);
}

void aldb_call_waits(const struct aldb_call *c)
{
    if (c->level != ALDB_LOG_OFF && !c->told) {
        ALDB_LOG(c->level, ALDB_LOG_API, "%s(%p)", c->name, (void *)c->h);
    }
}

/* ERROR for what failed, WARNING for what an application might overlook; that a value comes in parts (01004) is the way of things. */
static enum aldb_log_level gravity(const struct aldb_call *c, SQLRETURN ret, const struct aldb_diag_record *r)
{
    if (ret == SQL_ERROR) {
        return ALDB_LOG_ERROR;
    }
    return ret != SQL_SUCCESS_WITH_INFO || r == NULL || strcmp(r->state, aldb_state_code(ALDB_ST_01004)) == 0 ? c->level : ALDB_LOG_WARNING;
}

static bool quiet_outcome(SQLRETURN ret)
{
    return ret != SQL_ERROR && ret != SQL_SUCCESS_WITH_INFO;
}

static __attribute__((cold, noinline)) void trace_leave(struct aldb_call *c, SQLRETURN ret)
{
    enum { SHOWN = 20 };
    char took[48] = "";
    const struct aldb_diag_record *r = aldb_diag_get(c->diag, 1);
    if (c->level == ALDB_LOG_OFF) { /* logging began with this call */
        c->level = level_of(c->name);
    } else {
        struct timespec now;
        (void)clock_gettime(CLOCK_MONOTONIC, &now);
        (void)snprintf(took, sizeof took, ", %.3f ms", (double)(now.tv_sec - c->began.tv_sec) * 1e3 + (double)(now.tv_nsec - c->began.tv_nsec) / 1e6);
    }
    enum aldb_log_level level = gravity(c, ret, r);
    size_t count = aldb_diag_count(c->diag);
    if (r == NULL) {
        ALDB_LOG(level, ALDB_LOG_API, "%s(%p) = %s%s", c->name, (void *)c->h, aldb_return_name(ret), took);
    }
    for (size_t i = 1; i <= count && i <= SHOWN && (r = aldb_diag_get(c->diag, i)); i++) {
        ALDB_LOG(level, ALDB_LOG_API, "%s(%p) = %s %s%s: %s", c->name, (void *)c->h, aldb_return_name(ret), r->state, took, aldb_diag_message(r));
    }
    if (count > SHOWN) {
        ALDB_LOG(level, ALDB_LOG_API, "%s(%p): %zu more records", c->name, (void *)c->h, count - SHOWN);
    }
}

static __attribute__((cold, noinline)) bool refuse_handle(struct aldb_call *c, const void *handle)
{
    c->ret = SQL_INVALID_HANDLE;
    ALDB_LOG(ALDB_LOG_ERROR, ALDB_LOG_API, "%s(%p) = SQL_INVALID_HANDLE", c->name, handle);
    return false;
}

ALDB_INLINE void take_locks(struct aldb_call *c)
{
    if (c->outer) {
        aldb_mutex_lock(&c->outer->lock);
    }
    aldb_mutex_lock(&c->h->lock);
}

void aldb_unlock(struct aldb_call *c)
{
    for (size_t i = ALDB_COUNT(c->shared); i > 0; i--) {
        if (c->shared[i - 1]) {
            aldb_mutex_unlock(&c->shared[i - 1]->h.lock);
        }
    }
    aldb_mutex_unlock(&c->h->lock);
    if (c->outer) {
        aldb_mutex_unlock(&c->outer->lock);
    }
}

void aldb_relock(struct aldb_call *c)
{
    take_locks(c);
    for (size_t i = 0; i < ALDB_COUNT(c->shared); i++) {
        if (c->shared[i]) {
            aldb_mutex_lock(&c->shared[i]->h.lock);
        }
    }
}

/*
 * Takes the locks, outer first. False when the handle died while the call waited for them (SQLDisconnect on another thread), and when an asynchronous
 * call has something to say to this one.
 */
ALDB_INLINE bool lock(struct aldb_call *c, struct aldb_handle *h, struct aldb_handle *outer)
{
    struct aldb_handle *owner = outer && outer->type == SQL_HANDLE_STMT ? outer : h;
    uint32_t magic = atomic_load(&h->magic);
    c->h = h;
    c->diag = &h->diag;
    c->outer = outer;
    for (;;) {
        if (!aldb_async_idle(h, owner) && !aldb_async_admit(c, h, owner)) {
            return false;
        }
        take_locks(c);
        if (magic == ALDB_MAGIC_DEAD || atomic_load(&h->magic) != magic) {
            aldb_unlock(c);
            return refuse_handle(c, h);
        }
        if (aldb_handle_job(owner) == ALDB_JOB_NONE) {
            break;
        }
        aldb_unlock(c); /* another thread has begun one in the meantime */
    }
    aldb_diag_reset(c->diag);
    if (aldb_log_on(ALDB_LOG_ERROR, ALDB_LOG_API)) {
        trace_enter(c);
    }
    return true;
}

/*
 * Does the function begin something new (executing asks by itself), or say something of a text that has not run: the server, or what it said before? What says
 * something of a run that was (row counts, columns of the result) goes on doing so when the server is gone.
 */
ALDB_INLINE bool needs_link(const struct aldb_call *c, const struct aldb_stmt *stmt, enum aldb_fn fn)
{
    switch (fn) {
    case ALDB_FN_PREPARE:
    case ALDB_FN_TYPE_INFO:
        return true;
    case ALDB_FN_NUM_PARAMS:
    case ALDB_FN_DESCRIBE_PARAM:
    case ALDB_FN_NUM_RESULT_COLS:
    case ALDB_FN_DESCRIBE_COL:
    case ALDB_FN_COL_ATTRIBUTE:
        return stmt->state == ALDB_STMT_PREPARED;
    case ALDB_FN_GET_DESC_FIELD:
    case ALDB_FN_GET_DESC_REC:
        return stmt->state == ALDB_STMT_PREPARED && (c->desc == &stmt->ird || c->desc == &stmt->ipd);
    default:
        return false;
    }
}

/* On a connection that is known to be lost nothing new is begun, whether or not it would need the server right away. */
static enum aldb_rc check_link(struct aldb_call *c, const struct aldb_stmt *stmt)
{
    struct aldb_session *s = stmt->dbc ? stmt->dbc->session : NULL;
    return s ? aldb_session_check(s, c->diag) : ALDB_OK;
}

/* These exchange descriptors, or lock them one by one where they look at them. */
static bool locks_itself(enum aldb_fn fn)
{
    return fn == ALDB_FN_GET_STMT_ATTR || fn == ALDB_FN_SET_STMT_ATTR || fn == ALDB_FN_FREE_STMT;
}

/* Two of them in the order of their addresses, as base/mutex wants it. */
ALDB_INLINE void lock_shared(struct aldb_call *c, enum aldb_fn fn)
{
    struct aldb_desc *ard = c->stmt->ard->kind == ALDB_DESC_EXPLICIT ? c->stmt->ard : NULL;
    struct aldb_desc *apd = c->stmt->apd->kind == ALDB_DESC_EXPLICIT && c->stmt->apd != ard ? c->stmt->apd : NULL;
    if (locks_itself(fn)) {
        return;
    }
    bool swap = ard && apd && (uintptr_t)apd < (uintptr_t)ard;
    c->shared[0] = swap ? apd : ard;
    c->shared[1] = swap ? ard : apd;
    for (size_t i = 0; i < 2; i++) {
        if (c->shared[i]) {
            aldb_mutex_lock(&c->shared[i]->h.lock);
        }
    }
}

static bool in_use(const struct aldb_desc *d)
{
    return d->kind == ALDB_DESC_EXPLICIT && atomic_load(&((struct aldb_desc *)(uintptr_t)d)->jobs) > 0;
}

ALDB_INLINE bool check_state(struct aldb_call *c, struct aldb_stmt *stmt, enum aldb_fn fn)
{
    enum aldb_state verdict = aldb_statetable_verdict(stmt, fn);
    if (stmt->state == ALDB_STMT_CURSOR && verdict == ALDB_ST_24000) {
        aldb_stmt_close_cancelled(stmt);
        verdict = aldb_statetable_verdict(stmt, fn);
    }
    bool good = verdict == ALDB_ST_NONE || aldb_statetable_check(stmt, fn, c->diag) == ALDB_OK;
    if (good && (!needs_link(c, stmt, fn) || check_link(c, stmt) == ALDB_OK)) {
        return true;
    }
    c->ret = aldb_leave(c, ALDB_ERR);
    return false;
}

bool aldb_enter_env(struct aldb_call *c, SQLHENV handle, const char *name)
{
    *c = (struct aldb_call){.name = name};
    c->env = aldb_env_check(handle);
    if (c->env == NULL) {
        return refuse_handle(c, handle);
    }
    return lock(c, &c->env->h, NULL);
}

bool aldb_enter_dbc(struct aldb_call *c, SQLHDBC handle, const char *name)
{
    *c = (struct aldb_call){.name = name};
    c->dbc = aldb_dbc_check(handle);
    if (c->dbc == NULL) {
        return refuse_handle(c, handle);
    }
    return lock(c, &c->dbc->h, NULL);
}

bool aldb_enter_stmt(struct aldb_call *c, SQLHSTMT handle, enum aldb_fn fn)
{
    *c = (struct aldb_call){.name = aldb_fn_name(fn)};
    c->stmt = aldb_stmt_check(handle);
    if (c->stmt == NULL) {
        return refuse_handle(c, handle);
    }
    if (!lock(c, &c->stmt->h, NULL)) {
        return false;
    }
    if (in_use(c->stmt->ard) || in_use(c->stmt->apd)) {
        aldb_unlock(c);
        aldb_async_refuse(c, &c->stmt->h);
        return false;
    }
    lock_shared(c, fn);
    return check_state(c, c->stmt, fn);
}

bool aldb_enter_stmt_in_dbc(struct aldb_call *c, SQLHSTMT handle, enum aldb_fn fn)
{
    *c = (struct aldb_call){.name = aldb_fn_name(fn)};
    c->stmt = aldb_stmt_check(handle);
    if (c->stmt == NULL || c->stmt->dbc == NULL) {
        return refuse_handle(c, handle);
    }
    return lock(c, &c->stmt->h, &c->stmt->dbc->h) && check_state(c, c->stmt, fn);
}

bool aldb_enter_any(struct aldb_call *c, SQLHANDLE handle, const char *name)
{
    *c = (struct aldb_call){.name = name};
    if (!aldb_env_check(handle) && !aldb_dbc_check(handle) && !aldb_stmt_check(handle) && !aldb_desc_check(handle)) {
        return refuse_handle(c, handle);
    }
    return lock(c, handle, NULL);
}

bool aldb_enter_desc(struct aldb_call *c, SQLHDESC handle, enum aldb_fn fn)
{
    *c = (struct aldb_call){.name = aldb_fn_name(fn)};
    c->desc = aldb_desc_check(handle);
    if (c->desc == NULL) {
        return refuse_handle(c, handle);
    }
    struct aldb_stmt *owner = c->desc->stmt;
    if (in_use(c->desc)) {
        aldb_async_refuse(c, &c->desc->h);
        return false;
    }
    return lock(c, &c->desc->h, owner ? &owner->h : NULL) && (owner == NULL || check_state(c, owner, fn));
}

/* What the application gets told: a warning never goes unnoticed, an error never comes without a record. */
static SQLRETURN outcome(struct aldb_diag *diag, enum aldb_rc rc)
{
    switch (rc) {
    case ALDB_OK:
        return aldb_diag_count(diag) > 0 ? SQL_SUCCESS_WITH_INFO : SQL_SUCCESS;
    case ALDB_INFO:
        return SQL_SUCCESS_WITH_INFO;
    case ALDB_EXECUTING:
        return SQL_STILL_EXECUTING;
    case ALDB_NEED_DATA:
        return SQL_NEED_DATA;
    case ALDB_NO_DATA:
        return SQL_NO_DATA;
    case ALDB_PARAM_DATA:
        return SQL_PARAM_DATA_AVAILABLE;
    case ALDB_ERR:
        break;
    }
    if (aldb_diag_count(diag) == 0) {
        (void)aldb_diag_post(diag, ALDB_ST_HY000, NULL);
    }
    return SQL_ERROR;
}

SQLRETURN aldb_leave(struct aldb_call *c, enum aldb_rc rc)
{
    SQLRETURN ret = outcome(c->diag, rc);
    c->h->last_return = ret;
    if (aldb_log_on(ALDB_LOG_ERROR, ALDB_LOG_API) && (!quiet_outcome(ret) || aldb_log_on(ALDB_LOG_DEBUG, ALDB_LOG_API))) {
        trace_leave(c, ret);
    }
    aldb_unlock(c);
    return ret;
}
