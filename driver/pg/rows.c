/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the rows of one execution are: arriving, in the queue, in the spool, or taken over by the reader.
 *
 * The order is batch, queue, spool. Once something went to the spool everything after it goes there too, until it is empty again.
 */
#include "pg/internal.h"

#include <string.h>

#include "base/alloc.h"
#include "base/tz.h"

/* ------------------------------------------------------------------ life */

struct aldb_result *result_new(struct aldb_session *s, struct aldb_exec *e)
{
    struct aldb_result *r = aldb_alloc(sizeof *r);
    if (r == NULL) {
        return NULL;
    }
    r->s = s;
    r->exec = e;
    r->affected = -1;
    r->epoch = atomic_load(&s->rollback_epoch);
    aldb_buf_init(&r->row, ALDB_MAX_VALUE);
    spool_init(&r->spool);
    ALDB_LIST_ADD(&s->results, r);
    return r;
}

void result_discard_queued(struct aldb_result *r)
{
    while (r->q_count > 0) {
        PQclear(r->queue[r->q_head]);
        r->q_head = (r->q_head + 1) % r->q_cap;
        r->q_count--;
    }
    r->q_bytes = 0;
    spool_clear(&r->spool);
}

void result_free(struct aldb_result *r)
{
    if (r == NULL) {
        return;
    }
    ALDB_LIST_REMOVE(r);
    result_discard_queued(r);
    while (r->batch_at < r->batch_n) {
        PQclear(r->batch[r->batch_at++]);
    }
    PQclear(r->current);
    aldb_free(r->queue);
    if (r->plan == NULL || r->columns != r->plan->columns) {
        aldb_free(r->columns);
    }
    aldb_plan_release(r->plan);
    aldb_free(r->cells);
    aldb_buf_clear(&r->row);
    PQclear(r->error);
    aldb_zone_release(r->locale.zone);
    aldb_free(r);
}

struct aldb_column *columns_new(size_t count, size_t names, char **name)
{
    struct aldb_column *c = aldb_alloc(count * sizeof *c + names + 1);
    *name = c ? (char *)(c + count) : NULL;
    return c;
}

struct aldb_column *columns_of(PGresult *res, uint16_t *count)
{
    size_t n = (size_t)PQnfields(res), names = 0;
    char *name;
    for (size_t i = 0; i < n; i++) {
        names += strlen(PQfname(res, (int)i)) + 1;
    }
    struct aldb_column *all = columns_new(n, names, &name);
    for (size_t i = 0; all && i < n; i++) {
        struct aldb_column *c = &all[i];
        const char *from = PQfname(res, (int)i);
        size_t len = strlen(from) + 1;
        c->name = memcpy(name, from, len);
        name += len;
        c->attnum = (int16_t)PQftablecol(res, (int)i);
        c->table_oid = c->attnum != 0 ? PQftable(res, (int)i) : 0; /* a whole row is no column of a table */
        c->oid = PQftype(res, (int)i);
        c->typmod = PQfmod(res, (int)i);
        c->binary = PQfformat(res, (int)i) == 1;
    }
    *count = (uint16_t)n;
    return all;
}

/* ------------------------------------------------------------------ arriving */

static void out_of_memory(struct aldb_result *r)
{
    session_die(r->s, "out of memory while reading a result");
}

void result_take_locale(struct aldb_result *r)
{
    struct aldb_zone *before = r->locale.zone;
    r->locale = r->s->locale;
    (void)aldb_zone_ref(r->locale.zone);
    aldb_zone_release(before);
}

/*
 * The server never gives a statement that it has described other names and types ("cached plan must not change result type"), but maybe columns of a table made anew, or a
 * type's modifier that shows when the planner has simplified an expression.
 */
static bool as_planned(const struct aldb_plan *p, const PGresult *res)
{
    if (p == NULL || p->columns == NULL || PQnfields(res) != (int)p->ncolumns) {
        return false;
    }
    for (int i = 0; i < (int)p->ncolumns; i++) {
        const struct aldb_column *c = &p->columns[i];
        if (PQfformat(res, i) != (int)c->binary || PQfmod(res, i) != c->typmod || PQftablecol(res, i) != c->attnum || (c->attnum != 0 && PQftable(res, i) != c->table_oid)) {
            return false;
        }
    }
    return true;
}

static bool describe(struct aldb_result *r, PGresult *res)
{
    if (r->has_rows) {
        return true;
    }
    if (as_planned(r->plan, res)) {
        r->columns = r->plan->columns;
        r->ncolumns = r->plan->ncolumns;
    } else {
        r->columns = columns_of(res, &r->ncolumns);
    }
    r->cells = aldb_alloc_array(r->ncolumns ? r->ncolumns : 1, sizeof *r->cells);
    if (r->columns == NULL || r->cells == NULL) {
        out_of_memory(r);
        return false;
    }
    result_take_locale(r);
    r->has_rows = true;
    return true;
}

static bool queue_push(struct aldb_result *r, PGresult *res)
{
    if (r->q_count == r->q_cap) {
        size_t cap = r->q_cap ? r->q_cap * 2 : 16;
        PGresult **q = aldb_alloc_array(cap, sizeof *q);
        if (q == NULL) {
            return false;
        }
        for (size_t i = 0; i < r->q_count; i++) {
            q[i] = r->queue[(r->q_head + i) % r->q_cap];
        }
        aldb_free(r->queue);
        r->queue = q;
        r->q_cap = cap;
        r->q_head = 0;
    }
    r->queue[(r->q_head + r->q_count) % r->q_cap] = res;
    r->q_count++;
    r->q_bytes += PQresultMemorySize(res);
    return true;
}

/*
 * Nobody is to see rows beyond SQL_ATTR_MAX_ROWS. They are thrown away, and a plain read that goes on with them is ended as one that is closed early; what is
 * nearly over ends sooner by itself.
 */
static bool beyond_limit(struct aldb_result *r, PGresult *res)
{
    if (r->max_rows == 0 || r->arrived < r->max_rows) {
        r->arrived += (uint64_t)PQntuples(res);
        return false;
    }
    int64_t now = aldb_now_ms();
    r->enough_at = r->enough_at ? r->enough_at : now;
    if (!r->cut_at_limit && now - r->enough_at > r->s->close_budget_ms && exec_may_cut(r->s, r)) {
        r->cut_at_limit = true;
        slot_cancel_async(r->s->slot);
    }
    return true;
}

void result_arrived(struct aldb_result *r, PGresult *res)
{
    if (r->discard || r->exec == NULL || PQntuples(res) == 0 || beyond_limit(r, res)) {
        PQclear(res);
        return;
    }
    bool to_file = !spool_empty(&r->spool) || r->q_bytes > r->s->options.buffer_memory;
    if (!to_file) {
        if (!queue_push(r, res)) {
            PQclear(res);
            out_of_memory(r);
        }
        return;
    }
    for (int i = 0; i < PQntuples(res); i++) {
        if (!spool_add(&r->spool, res, i)) {
            PQclear(res);
            out_of_memory(r);
            return;
        }
    }
    PQclear(res);
}

bool result_has_room(const struct aldb_result *r, size_t budget, bool spool)
{
    if (r->discard || r->exec == NULL) {
        return true;
    }
    if (!spool) {
        return r->q_bytes < budget && spool_empty(&r->spool);
    }
    uint64_t max = r->s->options.max_spool;
    return r->spool.full == 0 && (max == 0 || r->q_bytes + (r->spool.written - r->spool.read) < max);
}

static void take_error(struct aldb_result *r, PGresult *res)
{
    r->failed = true;
    r->error_posted |= r->cut_at_limit && strcmp(result_state(res), "57014") == 0; /* our own cancel: it is no news */
    if (r->error == NULL) {
        r->error = res;
    } else {
        PQclear(res);
    }
}

static void take_tag(struct aldb_result *r, PGresult *res)
{
    struct aldb_slice count = aldb_slice_of(PQcmdTuples(res));
    int64_t n;
    (void)aldb_copy(r->tag, sizeof r->tag, aldb_slice_of(PQcmdStatus(res)));
    r->affected = count.len > 0 && aldb_parse_i64(count, &n) ? n : -1;
}

/* The Sync of its batch: nothing more comes. */
static void over(struct aldb_session *s, struct aldb_result *r)
{
    if (copy_is_cut(r)) {
        session_die(s, "the server ended COPY without saying how");
        return;
    }
    r->wire_done = true;
    if (r->failed) {
        s->unhealed.pending = true;
        s->unhealed.savepoint = r->savepoint;
        s->unhealed.began = r->began;
    }
    if (s->wire == r) {
        s->wire = NULL;
        wire_nobody(s);
    }
    if (r->exec == NULL) {
        result_free(r);
        return;
    }
    atomic_store(&r->detached, true);
}

void result_on(struct aldb_session *s, void *ctx, const struct aldb_op *op, PGresult *res)
{
    struct aldb_result *r = ctx;
    if (res == NULL) {
        r->exec_answered |= op->kind == OP_EXEC;
        if (op->kind == OP_SIMPLE) {
            over(s, r);
        }
        return;
    }
    bool own = op->kind == OP_EXEC || op->kind == OP_SIMPLE;
    switch (PQresultStatus(res)) {
    case PGRES_PIPELINE_SYNC:
        PQclear(res);
        over(s, r);
        return;
    case PGRES_SINGLE_TUPLE:
        if (own && describe(r, res)) {
            result_arrived(r, res);
            return;
        }
        break;
    case PGRES_TUPLES_OK:
        if (own && describe(r, res)) {
            take_tag(r, res);
            result_arrived(r, res);
            return;
        }
        break;
    case PGRES_COMMAND_OK:
        if (own) {
            take_tag(r, res);
        }
        r->parsed |= op->kind == OP_PARSE;
        break;
    case PGRES_FATAL_ERROR:
    case PGRES_BAD_RESPONSE:
        take_error(r, res);
        return;
    case PGRES_PIPELINE_ABORTED:
        r->failed |= own;
        break;
    case PGRES_COPY_IN:
    case PGRES_COPY_OUT:
    case PGRES_COPY_BOTH:
        copy_on(s, r, res);
        return;
    default:
        break;
    }
    PQclear(res);
}

/* ------------------------------------------------------------------ leaving */

static void fill_cells(struct aldb_result *r)
{
    const PGresult *res = r->current;
    int row = r->current_row;
    for (int i = 0; i < (int)r->ncolumns; i++) {
        int len = PQgetlength(res, row, i);
        r->cells[i].len = (size_t)len;
        r->cells[i].data = len == 0 && PQgetisnull(res, row, i) ? NULL : PQgetvalue(res, row, i);
    }
}

/* As many as there are places for. */
static void take_queued(struct aldb_result *r)
{
    while (r->q_count > 0 && r->batch_n < BATCH_ROWS) {
        PGresult *res = r->queue[r->q_head];
        r->q_head = (r->q_head + 1) % r->q_cap;
        r->q_count--;
        r->q_bytes -= PQresultMemorySize(res);
        r->batch[r->batch_n++] = res;
    }
}

/* Moves what is queued to the reader's own hands. */
static void refill(struct aldb_result *r)
{
    r->batch_at = r->batch_n = 0;
    take_queued(r);
}

void result_top_up(struct aldb_result *r)
{
    size_t left = r->batch_n - r->batch_at;
    memmove(r->batch, r->batch + r->batch_at, left * sizeof *r->batch);
    r->batch_at = 0;
    r->batch_n = left;
    take_queued(r);
}

static enum aldb_rc take_spooled(struct aldb_result *r, struct aldb_diag *diag)
{
    enum aldb_rc rc = spool_take(&r->spool, &r->row, diag);
    if (rc != ALDB_OK) {
        return rc;
    }
    const char *at = r->row.data;
    for (uint16_t i = 0; i < r->ncolumns; i++) {
        int32_t len;
        memcpy(&len, at, sizeof len);
        at += sizeof len;
        r->cells[i] = (struct aldb_cell){len < 0 ? NULL : at, len < 0 ? 0 : (size_t)len};
        at += len < 0 ? 0 : len;
    }
    return ALDB_OK;
}

enum aldb_rc result_take(struct aldb_result *r, struct aldb_diag *diag)
{
    if (r->current && ++r->current_row < PQntuples(r->current)) {
        fill_cells(r);
        return ALDB_OK;
    }
    PQclear(r->current);
    r->current = NULL;
    if (r->batch_at == r->batch_n) {
        refill(r);
    }
    if (r->batch_at < r->batch_n) {
        r->current = r->batch[r->batch_at++];
        r->current_row = 0;
        fill_cells(r);
        return ALDB_OK;
    }
    return spool_empty(&r->spool) ? ALDB_NO_DATA : take_spooled(r, diag);
}
