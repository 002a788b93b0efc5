/* SPDX-License-Identifier: Apache-2.0 */
/* Handles: allocation, freeing, environment attributes, transactions, cancelling. */
#include "api/async.h"
#include "api/call.h"
#include "api/text.h"

#include "base/alloc.h"
#include "handle/attr.h"
#include "handle/connect.h"
#include "statement/statement.h"

/* ------------------------------------------------------------------ allocation */

static enum aldb_rc no_memory(struct aldb_call *c, enum aldb_rc rc)
{
    return rc == ALDB_ERR ? aldb_diag_post(c->diag, ALDB_ST_HY001, NULL) : rc;
}

static SQLRETURN alloc_env(SQLHANDLE *out, const void *caller)
{
    struct aldb_env *env;
    if (aldb_env_new(&env) == ALDB_ERR) {
        return SQL_ERROR; /* no handle yet that a diagnostic could be on */
    }
    env->resumes = aldb_manager_resumes(caller);
    *out = env;
    ALDB_LOG(ALDB_LOG_DEBUG, ALDB_LOG_API, "SQLAllocHandle(SQL_HANDLE_ENV) = %p", (void *)env);
    return SQL_SUCCESS;
}

static SQLRETURN alloc_dbc(SQLHENV henv, SQLHANDLE *out)
{
    struct aldb_call c;
    if (!aldb_enter_env(&c, henv, "SQLAllocHandle")) {
        return c.ret;
    }
    struct aldb_dbc *dbc;
    enum aldb_rc rc = aldb_dbc_new(c.env, &dbc);
    if (rc == ALDB_OK) {
        *out = dbc;
        ALDB_CALL_ARGS(&c, "new connection %p", (void *)dbc);
    }
    return aldb_leave(&c, no_memory(&c, rc));
}

static SQLRETURN alloc_child(SQLHDBC hdbc, SQLSMALLINT type, SQLHANDLE *out)
{
    struct aldb_call c;
    if (!aldb_enter_dbc(&c, hdbc, "SQLAllocHandle")) {
        return c.ret;
    }
    if (c.dbc->session == NULL) {
        return aldb_leave(&c, aldb_diag_post(c.diag, ALDB_ST_08003, "The connection must be open before a statement or descriptor can be allocated"));
    }
    enum aldb_rc rc;
    if (type == SQL_HANDLE_STMT) {
        struct aldb_stmt *stmt;
        rc = aldb_stmt_new(c.dbc, &stmt);
        if (rc == ALDB_OK) {
            *out = stmt;
            ALDB_CALL_ARGS(&c, "new statement %p", (void *)stmt);
        }
    } else {
        struct aldb_desc *desc;
        rc = aldb_desc_new(c.dbc, &desc);
        if (rc == ALDB_OK) {
            *out = desc;
            ALDB_CALL_ARGS(&c, "new descriptor %p", (void *)desc);
        }
    }
    return aldb_leave(&c, no_memory(&c, rc));
}

static SQLRETURN post_on(SQLHANDLE handle, const char *name, enum aldb_state state, const char *text)
{
    struct aldb_call c;
    return aldb_enter_any(&c, handle, name) ? aldb_leave(&c, aldb_diag_post(c.diag, state, "%s", text)) : c.ret;
}

ALDB_ENTRY SQLAllocHandle(SQLSMALLINT type, SQLHANDLE input, SQLHANDLE *output)
{
    if (output == NULL) {
        return type == SQL_HANDLE_ENV ? SQL_ERROR : post_on(input, "SQLAllocHandle", ALDB_ST_HY009, "OutputHandlePtr is NULL");
    }
    *output = SQL_NULL_HANDLE;
    switch (type) {
    case SQL_HANDLE_ENV:
        return alloc_env(output, __builtin_return_address(0));
    case SQL_HANDLE_DBC:
        return alloc_dbc(input, output);
    case SQL_HANDLE_STMT:
    case SQL_HANDLE_DESC:
        return alloc_child(input, type, output);
    default:
        return post_on(input, "SQLAllocHandle", ALDB_ST_HY092, "HandleType is not SQL_HANDLE_ENV, _DBC, _STMT or _DESC");
    }
}

/* ------------------------------------------------------------------ freeing */

static SQLRETURN free_env(SQLHENV henv)
{
    struct aldb_call c;
    if (!aldb_enter_env(&c, henv, "SQLFreeHandle")) {
        return c.ret;
    }
    if (c.env->dbcs) {
        return aldb_leave(&c, aldb_diag_post(c.diag, ALDB_ST_HY010, "Connection handles of this environment are still allocated"));
    }
    (void)aldb_leave(&c, ALDB_OK);
    aldb_env_free(henv);
    return SQL_SUCCESS;
}

static SQLRETURN free_dbc(SQLHDBC hdbc)
{
    struct aldb_call c;
    if (!aldb_enter_dbc(&c, hdbc, "SQLFreeHandle")) {
        return c.ret;
    }
    if (c.dbc->session) {
        return aldb_leave(&c, aldb_diag_post(c.diag, ALDB_ST_HY010, "The connection is open; call SQLDisconnect first"));
    }
    (void)aldb_leave(&c, ALDB_OK);
    aldb_dbc_free(hdbc);
    return SQL_SUCCESS;
}

static SQLRETURN free_stmt(SQLHSTMT hstmt)
{
    struct aldb_stmt *stmt = aldb_stmt_check(hstmt);
    if (stmt == NULL) {
        return SQL_INVALID_HANDLE;
    }
    struct aldb_call c = {.name = "SQLFreeHandle"};
    if (!aldb_handle_orphaned(&stmt->h) && !aldb_async_admit(&c, &stmt->h, &stmt->h)) {
        return c.ret;
    }
    aldb_stmt_free(stmt);
    ALDB_LOG(ALDB_LOG_DEBUG, ALDB_LOG_API, "SQLFreeHandle(%p) = SQL_SUCCESS", hstmt);
    return SQL_SUCCESS;
}

static SQLRETURN free_desc(SQLHDESC hdesc)
{
    struct aldb_desc *desc = aldb_desc_check(hdesc);
    if (desc == NULL) {
        return SQL_INVALID_HANDLE;
    }
    if (desc->kind != ALDB_DESC_EXPLICIT) {
        return post_on(hdesc, "SQLFreeHandle", ALDB_ST_HY017, "An implicit descriptor is freed with its statement");
    }
    if (atomic_load(&desc->jobs) > 0) {
        struct aldb_call c = {.name = "SQLFreeHandle"};
        aldb_async_refuse(&c, &desc->h);
        return c.ret;
    }
    aldb_desc_free(desc);
    return SQL_SUCCESS;
}

ALDB_ENTRY SQLFreeHandle(SQLSMALLINT type, SQLHANDLE handle)
{
    switch (type) {
    case SQL_HANDLE_ENV:
        return free_env(handle);
    case SQL_HANDLE_DBC:
        return free_dbc(handle);
    case SQL_HANDLE_STMT:
        return free_stmt(handle);
    case SQL_HANDLE_DESC:
        return free_desc(handle);
    default:
        return SQL_INVALID_HANDLE;
    }
}

/* Bindings of an application descriptor: COUNT = 0. Shared descriptors under their own lock. */
static void unbind(struct aldb_desc *d)
{
    bool shared = d->kind == ALDB_DESC_EXPLICIT;
    if (shared) {
        aldb_mutex_lock(&d->h.lock);
    }
    aldb_desc_truncate(d, 0);
    if (shared) {
        aldb_mutex_unlock(&d->h.lock);
    }
}

ALDB_ENTRY SQLFreeStmt(SQLHSTMT hstmt, SQLUSMALLINT option)
{
    if (option == SQL_DROP) {
        return free_stmt(hstmt);
    }
    struct aldb_call c;
    if (!aldb_enter_stmt(&c, hstmt, ALDB_FN_FREE_STMT)) {
        return c.ret;
    }
    ALDB_CALL_ARGS(&c, "option %u", option);
    switch (option) {
    case SQL_CLOSE:
        return aldb_leave(&c, aldb_stmt_close(c.stmt, false));
    case SQL_UNBIND:
        unbind(c.stmt->ard);
        return aldb_leave(&c, ALDB_OK);
    case SQL_RESET_PARAMS:
        unbind(c.stmt->apd);
        aldb_desc_truncate(&c.stmt->ipd, 0);
        return aldb_leave(&c, ALDB_OK);
    default:
        return aldb_leave(&c, aldb_diag_post(c.diag, ALDB_ST_HY092, "Option %u is not SQL_CLOSE, SQL_DROP, SQL_UNBIND or SQL_RESET_PARAMS", option));
    }
}

/* ------------------------------------------------------------------ environment */

ALDB_ENTRY SQLGetEnvAttr(SQLHENV henv, SQLINTEGER id, SQLPOINTER value, SQLINTEGER room, SQLINTEGER *length)
{
    struct aldb_call c;
    if (!aldb_enter_env(&c, henv, "SQLGetEnvAttr")) {
        return c.ret;
    }
    struct aldb_out out = {.buffer = value, .room = room, .length32 = length};
    struct aldb_value v;
    enum aldb_rc rc = aldb_env_get_attr(c.env, id, &v, c.diag);
    if (aldb_done(rc)) {
        rc = aldb_out_value(&out, &v, c.diag);
    }
    return aldb_leave(&c, rc);
}

ALDB_ENTRY SQLSetEnvAttr(SQLHENV henv, SQLINTEGER id, SQLPOINTER value, SQLINTEGER length)
{
    struct aldb_call c;
    if (!aldb_enter_env(&c, henv, "SQLSetEnvAttr")) {
        return c.ret;
    }
    ALDB_CALL_ARGS(&c, "attribute %d, value %p", (int)id, value);
    struct aldb_arg arg = {.raw = value, .length = length};
    return aldb_leave(&c, aldb_env_set_attr(c.env, id, &arg, c.diag));
}

/* ------------------------------------------------------------------ transactions */

struct end_args {
    bool commit;
};

static enum aldb_rc end_run(struct aldb_call *c, void *args)
{
    return aldb_dbc_end_transaction(c->dbc, ((const struct end_args *)args)->commit, c->diag);
}

static const struct aldb_step end_step = {.run = end_run, .at_hand = aldb_not_connected, .resumed = true};

/* `wait`: also where the connection's functions are asynchronous. */
static SQLRETURN end_dbc(SQLHDBC hdbc, bool commit, bool wait)
{
    struct aldb_call c;
    if (!aldb_enter_dbc(&c, hdbc, "SQLEndTran")) {
        return c.ret;
    }
    ALDB_CALL_ARGS(&c, "%s", commit ? "SQL_COMMIT" : "SQL_ROLLBACK");
    struct end_args a = {.commit = commit};
    return wait ? aldb_leave(&c, end_run(&c, &a)) : aldb_go(&c, &end_step, &a, sizeof a);
}

/* All open connections, one after the other; what went wrong on one stands on that one. */
static SQLRETURN end_env(SQLHENV henv, bool commit)
{
    struct aldb_call c;
    if (!aldb_enter_env(&c, henv, "SQLEndTran")) {
        return c.ret;
    }
    size_t failed = 0;
    size_t ended = 0;
    for (struct aldb_dbc *dbc = c.env->dbcs; dbc; dbc = dbc->next) {
        bool open = true; /* which one that is just being connected may be; SQLEndTran says what is wrong then */
        if (aldb_handle_job(&dbc->h) == ALDB_JOB_NONE) {
            aldb_mutex_lock(&dbc->h.lock);
            open = dbc->session != NULL;
            aldb_mutex_unlock(&dbc->h.lock);
        }
        if (open) {
            failed += !SQL_SUCCEEDED(end_dbc(dbc, commit, true));
            ended++;
        }
    }
    if (failed == 0) {
        return aldb_leave(&c, ALDB_OK);
    }
    return aldb_leave(&c, aldb_diag_post(c.diag, ALDB_ST_25S01, "%zu of %zu connections could not %s; their own diagnostics say why", failed, ended,
                                         commit ? "commit" : "roll back"));
}

ALDB_ENTRY SQLEndTran(SQLSMALLINT type, SQLHANDLE handle, SQLSMALLINT completion)
{
    if (type != SQL_HANDLE_ENV && type != SQL_HANDLE_DBC) {
        return post_on(handle, "SQLEndTran", ALDB_ST_HY092, "HandleType is not SQL_HANDLE_ENV or SQL_HANDLE_DBC");
    }
    if (completion != SQL_COMMIT && completion != SQL_ROLLBACK) {
        return post_on(handle, "SQLEndTran", ALDB_ST_HY012, "CompletionType is not SQL_COMMIT or SQL_ROLLBACK");
    }
    return type == SQL_HANDLE_ENV ? end_env(handle, completion == SQL_COMMIT) : end_dbc(handle, completion == SQL_COMMIT, false);
}

/* ------------------------------------------------------------------ cancelling */

/* Takes no lock and touches no diagnostics: the call to be cancelled holds both. */
ALDB_ENTRY SQLCancel(SQLHSTMT hstmt)
{
    struct aldb_stmt *stmt = aldb_stmt_check(hstmt);
    if (stmt == NULL) {
        return SQL_INVALID_HANDLE;
    }
    ALDB_LOG(ALDB_LOG_DEBUG, ALDB_LOG_API, "SQLCancel(%p) = SQL_SUCCESS", (void *)stmt);
    if (!aldb_async_cancel(&stmt->h)) {
        aldb_stmt_cancel(stmt);
    }
    return SQL_SUCCESS;
}

ALDB_ENTRY SQLCancelHandle(SQLSMALLINT type, SQLHANDLE handle)
{
    struct aldb_dbc *dbc;
    switch (type) {
    case SQL_HANDLE_STMT:
        return SQLCancel(handle);
    case SQL_HANDLE_DBC:
        dbc = aldb_dbc_check(handle);
        if (dbc == NULL) {
            return SQL_INVALID_HANDLE;
        }
        ALDB_LOG(ALDB_LOG_DEBUG, ALDB_LOG_API, "SQLCancelHandle(%p) = SQL_SUCCESS", (void *)dbc);
        (void)aldb_async_cancel(&dbc->h);
        return SQL_SUCCESS;
    default:
        return post_on(handle, "SQLCancelHandle", ALDB_ST_HY092, "HandleType is not SQL_HANDLE_STMT or SQL_HANDLE_DBC");
    }
}
