/* SPDX-License-Identifier: Apache-2.0 */
/* Statement handles: lifetime, and the memory of their results. */
#include "handle/life.h"

#include "base/alloc.h"
#include "handle/attr.h"
#include "handle/job.h"
#include "handle/registry.h"

void aldb_query_init(struct aldb_query *q, const struct aldb_shape *shape)
{
    *q = (struct aldb_query){.shape = shape};
    aldb_buf_init(&q->sql, ALDB_MAX_SQL);
}

void aldb_query_clear(struct aldb_query *q)
{
    aldb_buf_clear(&q->sql);
    for (uint32_t i = 0; i < q->nparams; i++) {
        aldb_free(q->params[i]);
        q->params[i] = NULL;
    }
    q->nparams = 0;
    if (q->local) {
        aldb_buf_clear(q->local);
        aldb_free(q->local);
        q->local = NULL;
    }
    q->nlocal = 0;
}

/* ------------------------------------------------------------------ birth */

static void implicit_descriptors(struct aldb_stmt *stmt, struct aldb_desc *out[4])
{
    out[0] = &stmt->own_ard;
    out[1] = &stmt->own_apd;
    out[2] = &stmt->ird;
    out[3] = &stmt->ipd;
}

static const enum aldb_desc_kind implicit_kinds[4] = {ALDB_DESC_ARD, ALDB_DESC_APD, ALDB_DESC_IRD, ALDB_DESC_IPD};

static bool register_descriptors(struct aldb_stmt *stmt)
{
    struct aldb_desc *all[4];
    implicit_descriptors(stmt, all);
    for (size_t i = 0; i < 4; i++) {
        if (!aldb_registry_add(all[i])) {
            while (i > 0) {
                aldb_registry_remove(all[--i]);
            }
            return false;
        }
    }
    return true;
}

/* Before the handle is anybody's: nothing of what was accepted for the connection can be refused here. */
static void set_options(struct aldb_stmt *stmt)
{
    struct aldb_diag unheard;
    aldb_diag_init(&unheard);
    for (SQLINTEGER id = 0; id < ALDB_STMT_OPTIONS; id++) {
        if (stmt->dbc->stmt_options_set >> id & 1u) {
            struct aldb_arg arg = {.raw = (SQLPOINTER)(uintptr_t)stmt->dbc->stmt_options[id]};
            (void)!aldb_stmt_set_attr(stmt, id, &arg, &unheard);
        }
    }
    aldb_diag_clear(&unheard);
}

static void set_defaults(struct aldb_stmt *stmt)
{
    const struct aldb_dbc *dbc = stmt->dbc;
    stmt->state = ALDB_STMT_ALLOCATED;
    stmt->query_timeout = dbc->query_timeout;
    stmt->metadata_id = dbc->metadata_id;
    stmt->async_enable = dbc->async_enable;
    stmt->cursor_type = SQL_CURSOR_FORWARD_ONLY;
    stmt->concurrency = SQL_CONCUR_READ_ONLY;
    stmt->rowset_size = 1;
    stmt->simulate_cursor = SQL_SC_NON_UNIQUE;
    stmt->retrieve_data = SQL_RD_ON;
    stmt->use_bookmarks = SQL_UB_OFF;
    stmt->enable_auto_ipd = SQL_TRUE;
    stmt->cursor_scrollable = SQL_NONSCROLLABLE;
    stmt->cursor_sensitivity = SQL_UNSPECIFIED;
    stmt->row_count = -1;
}

static struct aldb_stmt *make(struct aldb_dbc *dbc)
{
    struct aldb_stmt *stmt = aldb_alloc(sizeof *stmt);
    if (stmt == NULL || !aldb_handle_init(&stmt->h, ALDB_MAGIC_STMT, SQL_HANDLE_STMT, ALDB_LOCK_STMT)) {
        aldb_free(stmt);
        return NULL;
    }
    struct aldb_desc *all[4];
    implicit_descriptors(stmt, all);
    for (size_t i = 0; i < 4; i++) {
        aldb_desc_init(all[i], dbc, stmt, implicit_kinds[i]);
    }
    stmt->ard = &stmt->own_ard;
    stmt->apd = &stmt->own_apd;
    stmt->dbc = stmt->home = dbc;
    (void)pthread_mutex_init(&stmt->cancel_lock, NULL);
    aldb_diag_init(&stmt->pending);
    aldb_cellrows_init(&stmt->kept);
    aldb_chunk_init(&stmt->chunk);
    set_defaults(stmt);
    return stmt;
}

enum aldb_rc aldb_stmt_new(struct aldb_dbc *dbc, struct aldb_stmt **out)
{
    struct aldb_stmt *stmt = make(dbc);
    if (stmt == NULL) {
        return ALDB_ERR;
    }
    if (!register_descriptors(stmt)) {
        aldb_handle_retire(&stmt->h);
        aldb_stmt_bury(stmt);
        return ALDB_ERR;
    }
    set_options(stmt);
    ALDB_LIST_ADD(&dbc->stmts, stmt);
    *out = stmt;
    return ALDB_OK;
}

enum aldb_rc aldb_stmt_new_inner(struct aldb_stmt *owner, struct aldb_stmt **out)
{
    struct aldb_stmt *stmt = make(owner->dbc);
    if (stmt == NULL) {
        return ALDB_ERR;
    }
    aldb_handle_retire(&stmt->h);
    stmt->acts_for = owner;
    *out = stmt;
    return ALDB_OK;
}

/* ------------------------------------------------------------------ contents */

void aldb_stmt_reset_position(struct aldb_stmt *stmt)
{
    aldb_cellrows_reset(&stmt->kept);
    stmt->rowset_rows = 0;
    stmt->rowset_pos = 0;
    stmt->row_number = 0;
    stmt->after_end = false;
    stmt->get_column = ALDB_NO_COLUMN;
    stmt->has_pending = false;
    aldb_diag_reset(&stmt->pending);
    aldb_chunk_reset(&stmt->chunk);
}

void aldb_stmt_drop_outcome(struct aldb_stmt *stmt)
{
    struct aldb_outcome *o = stmt->outcomes[--stmt->noutcomes];
    aldb_exec_abandon(&o->exec);
    aldb_buf_clear(&o->local);
    aldb_free(o->local_cells);
    aldb_free(o->counts);
    if (o->scroll) {
        stmt->scroll_free(o->scroll);
    }
    aldb_free(o);
}

/* Frees the outcomes; what their executions still hold is let go without I/O. */
static void free_outcomes(struct aldb_stmt *stmt)
{
    while (stmt->noutcomes > 0) {
        aldb_stmt_drop_outcome(stmt);
    }
    aldb_free(stmt->outcomes);
    aldb_free(stmt->streamed);
    stmt->outcomes = NULL;
    stmt->outcomes_room = 0;
    stmt->outcome = 0;
    stmt->streamed = NULL;
    stmt->nstreamed = stmt->streamed_room = stmt->next_streamed = 0;
}

size_t aldb_stmt_next_outcome(const struct aldb_stmt *stmt, size_t from)
{
    while (from < stmt->noutcomes && stmt->outcomes[from]->silent) {
        from++;
    }
    return from;
}

struct aldb_outcome *aldb_stmt_outcome(const struct aldb_stmt *stmt)
{
    return stmt->outcome < stmt->noutcomes ? stmt->outcomes[stmt->outcome] : NULL;
}

bool aldb_stmt_results_left(const struct aldb_stmt *stmt)
{
    const struct aldb_outcome *o = aldb_stmt_outcome(stmt);
    bool counts_left = o && o->count + 1 < o->ncounts;
    return counts_left || aldb_stmt_next_outcome(stmt, stmt->outcome + 1) < stmt->noutcomes;
}

void aldb_stmt_running(struct aldb_stmt *stmt, struct aldb_exec *exec)
{
    stmt = stmt->acts_for ? stmt->acts_for : stmt;
    pthread_mutex_lock(&stmt->cancel_lock);
    stmt->running = exec;
    pthread_mutex_unlock(&stmt->cancel_lock);
}

void aldb_stmt_idle(struct aldb_stmt *stmt)
{
    aldb_stmt_running(stmt, NULL);
}

enum aldb_rc aldb_stmt_close_stream(struct aldb_stmt *stmt, struct aldb_outcome *o, const struct aldb_wait *wait, struct aldb_diag *diag)
{
    enum aldb_rc rc = ALDB_OK;
    if (atomic_load(&o->exec.session)) {
        aldb_stmt_running(stmt, &o->exec);
        rc = aldb_exec_close(&o->exec, wait, diag);
        aldb_stmt_idle(stmt);
    }
    if (stmt->has_pending && o == stmt->outcomes[stmt->outcome]) {
        stmt->has_pending = false;
        if (o->writes) {
            aldb_diag_move(diag, &stmt->pending);
            rc = ALDB_ERR;
        }
    }
    return rc;
}

enum aldb_rc aldb_stmt_close_streams(struct aldb_stmt *stmt, const struct aldb_wait *wait, struct aldb_diag *diag)
{
    enum aldb_rc worst = ALDB_OK;
    for (size_t i = 0; i < stmt->noutcomes; i++) {
        enum aldb_rc rc = aldb_stmt_close_stream(stmt, stmt->outcomes[i], wait, diag);
        if (rc == ALDB_ERR || (rc == ALDB_INFO && worst == ALDB_OK)) {
            worst = rc;
        }
    }
    return worst;
}

void aldb_stmt_drop_results(struct aldb_stmt *stmt)
{
    /* No deadline: a SELECT left open is cancelled at once, but a statement that writes is read to its end, for cutting it short would undo it. */
    struct aldb_wait wait = {.deadline = aldb_deadline_none()};
    struct aldb_diag unheard;
    aldb_diag_init(&unheard);
    (void)!aldb_stmt_close_streams(stmt, &wait, &unheard);
    aldb_diag_clear(&unheard);
    free_outcomes(stmt);
    aldb_stmt_reset_position(stmt);
}

void aldb_stmt_drop_dae(struct aldb_stmt *stmt)
{
    if (stmt->dae) {
        stmt->dae_free(stmt->dae);
        stmt->dae = NULL;
    }
}

void aldb_stmt_rest(struct aldb_stmt *stmt)
{
    stmt->ird_current = stmt->ird_current && stmt->outcome == 0; /* later ones have other columns than the text's first */
    aldb_stmt_drop_results(stmt);
    aldb_stmt_drop_dae(stmt);
    stmt->copying = ALDB_COPYING_NOT;
    if (stmt->asked_concurrency) { /* the cursor that was less than what was asked for is closed */
        stmt->cursor_type = stmt->asked_type;
        stmt->concurrency = stmt->asked_concurrency;
        stmt->asked_type = stmt->asked_concurrency = 0;
    }
    stmt->state = stmt->prepared ? ALDB_STMT_PREPARED : ALDB_STMT_ALLOCATED;
}

/* Everything a statement owns besides lock, diagnostics and descriptors. */
static void clear_contents(struct aldb_stmt *stmt)
{
    if (stmt->edit) {
        stmt->edit_free(stmt->edit);
        stmt->edit = NULL;
    }
    aldb_stmt_free_inner(stmt->positioned);
    stmt->positioned = NULL;
    if (stmt->large) {
        stmt->large_free(stmt->large);
        stmt->large = NULL;
    }
    if (stmt->bulk) {
        stmt->bulk_free(stmt->bulk);
        stmt->bulk = NULL;
    }
    free_outcomes(stmt);
    aldb_stmt_reset_position(stmt);
    aldb_diag_clear(&stmt->pending);
    aldb_stmt_drop_dae(stmt);
    for (size_t i = 0; stmt->plans && i < stmt->sql.nparts; i++) {
        aldb_plan_release(stmt->plans[i]);
    }
    aldb_free(stmt->plans);
    stmt->plans = NULL;
    if (stmt->calls) {
        stmt->calls_free(stmt->calls, stmt->sql.nparts);
        stmt->calls = NULL;
    }
    if (stmt->has_sql) {
        aldb_sql_clear(&stmt->sql);
        stmt->has_sql = false;
    }
    aldb_free(stmt->source);
    stmt->source = NULL;
    if (stmt->encoder) {
        stmt->encoder_free(stmt->encoder);
        stmt->encoder = NULL;
    }
    aldb_free(stmt->bound);
    stmt->bound = NULL;
    stmt->nbound = 0;
    aldb_free(stmt->gets);
    stmt->gets = NULL;
    stmt->ngets = 0;
    aldb_cellrows_clear(&stmt->kept);
    aldb_chunk_clear(&stmt->chunk);
    aldb_free(stmt->cursor_name);
    stmt->cursor_name = NULL;
    stmt->copying = ALDB_COPYING_NOT;
    stmt->prepared = false;
    stmt->state = ALDB_STMT_ALLOCATED;
}

/* ------------------------------------------------------------------ death */

void aldb_stmt_detach(struct aldb_stmt *stmt)
{
    struct aldb_desc *all[4];
    implicit_descriptors(stmt, all);
    bool orphaned = aldb_handle_orphaned(&stmt->h);
    if (!orphaned) {
        aldb_mutex_lock(&stmt->h.lock); /* waits for a call that is inside */
    }
    aldb_handle_retire(&stmt->h);
    for (size_t i = 0; i < 4; i++) {
        aldb_handle_retire(&all[i]->h);
    }
    if (orphaned) {
        return; /* the parent's worker was at it: what it holds is not fit to be freed */
    }
    (void)pthread_mutex_lock(&stmt->cancel_lock);
    stmt->running = NULL;
    (void)pthread_mutex_unlock(&stmt->cancel_lock);
    clear_contents(stmt);
    stmt->dbc = NULL;
    stmt->ard = &stmt->own_ard;
    stmt->apd = &stmt->own_apd;
    aldb_mutex_unlock(&stmt->h.lock);
}

void aldb_stmt_bury(struct aldb_stmt *stmt)
{
    struct aldb_desc *all[4];
    if (aldb_handle_orphaned(&stmt->h)) {
        return;
    }
    implicit_descriptors(stmt, all);
    for (size_t i = 0; i < 4; i++) {
        aldb_desc_clear(all[i]);
    }
    (void)pthread_mutex_destroy(&stmt->cancel_lock);
    aldb_handle_clear(&stmt->h);
    aldb_free(stmt);
}

void aldb_stmt_free_inner(struct aldb_stmt *stmt)
{
    if (stmt) {
        clear_contents(stmt);
        aldb_stmt_bury(stmt);
    }
}

void aldb_stmt_unmake(struct aldb_stmt *stmt)
{
    ALDB_LIST_REMOVE(stmt);
    aldb_stmt_detach(stmt);
    aldb_stmt_bury(stmt);
}

void aldb_stmt_free(struct aldb_stmt *stmt)
{
    struct aldb_dbc *dbc = stmt->dbc;
    if (dbc) {
        aldb_mutex_lock(&dbc->h.lock);
        ALDB_LIST_REMOVE(stmt);
        aldb_mutex_unlock(&dbc->h.lock);
    }
    if (!aldb_handle_orphaned(&stmt->h)) {
        aldb_mutex_lock(&stmt->h.lock);
        aldb_stmt_drop_results(stmt);
        aldb_mutex_unlock(&stmt->h.lock);
    }
    aldb_stmt_detach(stmt);
    aldb_stmt_bury(stmt);
}
