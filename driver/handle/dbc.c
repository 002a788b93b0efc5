/* SPDX-License-Identifier: Apache-2.0 */
/* Connection handles and explicit descriptors: lifetime, lists of children, graveyard. */
#include "handle/life.h"

#include <string.h>

#include "base/alloc.h"
#include "base/map.h"
#include "google/credentials.h"
#include "handle/job.h"
#include "handle/registry.h"

enum aldb_rc aldb_dbc_new(struct aldb_env *env, struct aldb_dbc **out)
{
    struct aldb_dbc *dbc = aldb_alloc(sizeof *dbc);
    if (dbc == NULL) {
        return ALDB_ERR;
    }
    if (!aldb_handle_init(&dbc->h, ALDB_MAGIC_DBC, SQL_HANDLE_DBC, ALDB_LOCK_DBC)) {
        aldb_free(dbc);
        return ALDB_ERR;
    }
    dbc->env = env;
    dbc->access_mode = SQL_MODE_READ_WRITE;
    dbc->autocommit = SQL_AUTOCOMMIT_ON;
    dbc->metadata_id = SQL_FALSE;
    dbc->async_enable = SQL_ASYNC_ENABLE_OFF;
    dbc->async_functions = SQL_ASYNC_DBC_ENABLE_OFF;
    aldb_buf_init(&dbc->browse, ALDB_MAX_CONNSTR);
    aldb_trail_init(&dbc->trail);
    aldb_mutex_init(&dbc->facts_lock, ALDB_LOCK_LEAF);
    aldb_map_init(&dbc->facts);
    ALDB_LIST_ADD(&env->dbcs, dbc);
    *out = dbc;
    return ALDB_OK;
}

void aldb_dbc_clear_graveyard(struct aldb_dbc *dbc)
{
    while (dbc->dead_stmts) {
        struct aldb_stmt *stmt = dbc->dead_stmts;
        ALDB_LIST_REMOVE(stmt);
        aldb_stmt_bury(stmt);
    }
    while (dbc->dead_descs) {
        struct aldb_desc *desc = dbc->dead_descs;
        ALDB_LIST_REMOVE(desc);
        aldb_desc_clear(desc);
        aldb_free(desc);
    }
}

void aldb_dbc_detach_children(struct aldb_dbc *dbc)
{
    while (dbc->stmts) {
        struct aldb_stmt *stmt = dbc->stmts;
        ALDB_LIST_REMOVE(stmt);
        aldb_stmt_detach(stmt);
        ALDB_LIST_ADD(&dbc->dead_stmts, stmt);
    }
    while (dbc->descs) {
        struct aldb_desc *desc = dbc->descs;
        ALDB_LIST_REMOVE(desc);
        aldb_mutex_lock(&desc->h.lock); /* waits for a call that is inside */
        aldb_handle_retire(&desc->h);
        desc->dbc = NULL;
        aldb_mutex_unlock(&desc->h.lock);
        ALDB_LIST_ADD(&dbc->dead_descs, desc);
    }
}

static size_t fold_name(struct aldb_slice name, char out[ALDB_MAX_CURSOR_NAME])
{
    bool quoted = name.len >= 2 && name.ptr[0] == '"' && name.ptr[name.len - 1] == '"';
    size_t n = 0;
    for (size_t i = quoted ? 1 : 0; i < name.len - (quoted ? 1 : 0); i++) {
        out[n++] = quoted ? name.ptr[i] : aldb_lower(name.ptr[i]);
    }
    return n;
}

struct aldb_stmt *aldb_dbc_find_cursor(struct aldb_dbc *dbc, struct aldb_slice name, const struct aldb_stmt *but)
{
    char wanted[ALDB_MAX_CURSOR_NAME];
    char has[ALDB_MAX_CURSOR_NAME];
    if (name.len > sizeof wanted) {
        return NULL;
    }
    size_t n = fold_name(name, wanted);
    for (struct aldb_stmt *s = dbc->stmts; s; s = s->next) {
        if (s != but && s->cursor_name && fold_name(aldb_slice_of(s->cursor_name), has) == n && memcmp(has, wanted, n) == 0) {
            return s;
        }
    }
    return NULL;
}

static void unlink_from_env(struct aldb_dbc *dbc)
{
    struct aldb_env *env = dbc->env;
    aldb_mutex_lock(&env->h.lock);
    ALDB_LIST_REMOVE(dbc);
    aldb_mutex_unlock(&env->h.lock);
}

void aldb_dbc_free(struct aldb_dbc *dbc)
{
    unlink_from_env(dbc);
    aldb_handle_retire(&dbc->h);
    aldb_dbc_detach_children(dbc);
    aldb_dbc_clear_graveyard(dbc);
    if (dbc->session) {
        aldb_session_close(dbc->session);
        aldb_credentials_unref(dbc->iam);
        aldb_options_clear(&dbc->options);
    }
    aldb_dbc_forget_facts(dbc);
    aldb_mutex_clear(&dbc->facts_lock);
    aldb_buf_wipe(&dbc->browse);
    aldb_trail_clear(&dbc->trail);
    aldb_free(dbc->dsn);
    aldb_free(dbc->current_catalog);
    aldb_handle_clear(&dbc->h);
    aldb_free(dbc);
}

void aldb_dbc_forget_facts(struct aldb_dbc *dbc)
{
    aldb_mutex_lock(&dbc->facts_lock);
    aldb_map_clear(&dbc->facts, aldb_free);
    atomic_fetch_add(&dbc->facts_epoch, 1);
    aldb_mutex_unlock(&dbc->facts_lock);
}

struct aldb_wait aldb_dbc_wait(const struct aldb_dbc *dbc)
{
    return (struct aldb_wait){.deadline = aldb_deadline_in_s(dbc->connection_timeout), .link = true};
}

/* ------------------------------------------------------------------ explicit descriptors */

enum aldb_rc aldb_desc_new(struct aldb_dbc *dbc, struct aldb_desc **out)
{
    struct aldb_desc *desc = aldb_alloc(sizeof *desc);
    if (desc == NULL || !aldb_registry_add(desc)) {
        aldb_free(desc);
        return ALDB_ERR;
    }
    aldb_desc_init(desc, dbc, NULL, ALDB_DESC_EXPLICIT);
    ALDB_LIST_ADD(&dbc->descs, desc);
    *out = desc;
    return ALDB_OK;
}

/* Statements that used `desc` go back to their own. dbc lock held. */
static void forget_descriptor(struct aldb_dbc *dbc, const struct aldb_desc *desc)
{
    for (struct aldb_stmt *stmt = dbc->stmts; stmt; stmt = stmt->next) {
        if (aldb_handle_job(&stmt->h) == ALDB_JOB_RUNNING) {
            continue; /* its lock is held, and whoever frees the descriptor has seen that it uses others */
        }
        aldb_mutex_lock(&stmt->h.lock);
        if (stmt->ard == desc) {
            stmt->ard = &stmt->own_ard;
            stmt->own_ard.version++;
        }
        if (stmt->apd == desc) {
            stmt->apd = &stmt->own_apd;
            stmt->own_apd.version++;
        }
        if (stmt->bound_ard == desc) {
            stmt->bound_ard = NULL;
        }
        aldb_mutex_unlock(&stmt->h.lock);
    }
}

void aldb_desc_free(struct aldb_desc *desc)
{
    struct aldb_dbc *dbc = desc->dbc;
    aldb_mutex_lock(&dbc->h.lock);
    ALDB_LIST_REMOVE(desc);
    forget_descriptor(dbc, desc);
    aldb_mutex_unlock(&dbc->h.lock);

    aldb_handle_retire(&desc->h);
    aldb_mutex_lock(&desc->h.lock); /* waits for a call that is inside */
    aldb_mutex_unlock(&desc->h.lock);
    aldb_desc_clear(desc);
    aldb_free(desc);
}
