/* SPDX-License-Identifier: Apache-2.0 */
/* Environments, and what all handles have in common: registration, magic, lock, diagnostics. */
#include "handle/life.h"

#include "base/alloc.h"
#include "handle/job.h"
#include "handle/registry.h"

bool aldb_handle_init(struct aldb_handle *h, uint32_t magic, SQLSMALLINT type, enum aldb_lock_rank rank)
{
    if (!aldb_registry_add(h)) {
        return false;
    }
    h->type = type;
    aldb_mutex_init(&h->lock, rank);
    aldb_diag_init(&h->diag);
    atomic_store(&h->magic, magic);
    return true;
}

void aldb_handle_retire(struct aldb_handle *h)
{
    aldb_registry_remove(h);
    atomic_store(&h->magic, ALDB_MAGIC_DEAD);
}

void aldb_handle_clear(struct aldb_handle *h)
{
    aldb_handle_retire(h);
    aldb_job_free(h->job);
    aldb_diag_clear(&h->diag);
    aldb_mutex_clear(&h->lock);
}

static void *check(SQLHANDLE handle, uint32_t magic)
{
    if (handle == NULL || !aldb_registry_has(handle)) {
        return NULL;
    }
    struct aldb_handle *h = handle;
    return atomic_load(&h->magic) == magic ? handle : NULL;
}

struct aldb_env *aldb_env_check(SQLHANDLE h)
{
    return check(h, ALDB_MAGIC_ENV);
}

struct aldb_dbc *aldb_dbc_check(SQLHANDLE h)
{
    return check(h, ALDB_MAGIC_DBC);
}

struct aldb_stmt *aldb_stmt_check(SQLHANDLE h)
{
    return check(h, ALDB_MAGIC_STMT);
}

struct aldb_desc *aldb_desc_check(SQLHANDLE h)
{
    return check(h, ALDB_MAGIC_DESC);
}

enum aldb_rc aldb_env_new(struct aldb_env **out)
{
    struct aldb_env *env = aldb_alloc(sizeof *env);
    if (env == NULL) {
        return ALDB_ERR;
    }
    if (!aldb_handle_init(&env->h, ALDB_MAGIC_ENV, SQL_HANDLE_ENV, ALDB_LOCK_ENV)) {
        aldb_free(env);
        return ALDB_ERR;
    }
    *out = env;
    return ALDB_OK;
}

void aldb_env_free(struct aldb_env *env)
{
    aldb_handle_clear(&env->h);
    aldb_free(env);
}
