/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Arrays of parameters as one statement: INSERT … VALUES (?, …) becomes INSERT … SELECT from arrays, one a parameter, which the server takes apart. What a row
 * at a time would be must be all that it does: one row of markers and literals into a table without rules and without triggers for the statement, of types that
 * have a binary form. Everything else, and arrays of a few sets, are pipelined (pg/sets.c); so is an array that fails by the fault of some row, undone first: only
 * there each set has its own word. Where the application wants the count of each set (ArrayRowCounts), each must be known to store its one row.
 */
#include "statement/internal.h"

#include "base/alloc.h"
#include "base/be.h"

/* An array of fewer sets is through before the server has planned the other statement. */
#define SETS_MIN 16
/* What one statement takes: all values lie in memory at both ends. */
#define CHUNK_SETS 10000
#define CHUNK_BYTES ((size_t)8 << 20)

/* How elements stand in their array. */
enum form {
    FORM_BINARY, /* as the conversion makes them */
    FORM_BYTES,  /* characters, whose binary form they are */
    FORM_TEXT,   /* in an array literal */
};

struct column {
    enum form form;
    uint32_t element; /* OID */
    struct aldb_buf values;
    bool nulls;
};

struct aldb_bulk {
    struct aldb_plan *made_for; /* the plan of a single row */
    struct aldb_plan *plan;     /* of the arrays; NULL: they do not suit */
    uint32_t facts;             /* the connection's facts_epoch then */
    struct column *columns;
    uint32_t ncolumns;
    const char **values;
    int *lengths, *formats;
    size_t bytes;               /* of all columns */
    uint32_t count;             /* sets in them */
};

static void forget(struct aldb_bulk *b)
{
    for (uint32_t i = 0; b->columns && i < b->ncolumns; i++) {
        aldb_buf_clear(&b->columns[i].values);
    }
    aldb_free(b->columns);
    aldb_free(b->values);
    aldb_free(b->lengths);
    aldb_free(b->formats);
    aldb_plan_release(b->made_for);
    aldb_plan_release(b->plan);
    *b = (struct aldb_bulk){0};
}

static void bulk_free(struct aldb_bulk *b)
{
    forget(b);
    aldb_free(b);
}

/* ------------------------------------------------------------------ does it suit? */

/* What a table does with rows that arrays bring. */
struct target {
    bool takes_arrays; /* as if they came one by one */
    bool keeps_rows;   /* no trigger and no foreign server on the way leaves one out */
};

static const char target_sql[] =
    "SELECT (c.relkind OPERATOR(pg_catalog.=) ANY ('{r,p}') AND NOT EXISTS (SELECT FROM pg_catalog.pg_rewrite r"
    " WHERE r.ev_class OPERATOR(pg_catalog.=) c.oid)"
    /* Of pg_trigger.tgtype: bit 0 for each row, bit 1 before, bit 2 on insert. */
    " AND NOT EXISTS (SELECT FROM pg_catalog.pg_trigger t WHERE t.tgrelid OPERATOR(pg_catalog.=) c.oid AND NOT t.tgisinternal"
    " AND t.tgtype OPERATOR(pg_catalog.&) 5 OPERATOR(pg_catalog.=) 4))::pg_catalog.text,"
    " (NOT EXISTS (SELECT FROM pg_catalog.pg_trigger t WHERE t.tgtype OPERATOR(pg_catalog.&) 7 OPERATOR(pg_catalog.=) 7 AND NOT t.tgisinternal"
    " AND (t.tgrelid OPERATOR(pg_catalog.=) c.oid OR t.tgrelid OPERATOR(pg_catalog.=) ANY (SELECT p.relid"
    " FROM pg_catalog.pg_partition_tree(c.oid) p)))"
    " AND NOT EXISTS (SELECT FROM pg_catalog.pg_partition_tree(c.oid) p JOIN pg_catalog.pg_class f ON f.oid OPERATOR(pg_catalog.=) p.relid"
    " WHERE f.relkind OPERATOR(pg_catalog.=) 'f'))::pg_catalog.text"
    " FROM pg_catalog.pg_class c WHERE c.oid OPERATOR(pg_catalog.=) pg_catalog.to_regclass($1)";

static void take_answer(void *out, const struct aldb_cell *cells, uint16_t ncells)
{
    struct target *t = out;
    t->takes_arrays = ncells == 2 && aldb_cell_true(&cells[0]);
    t->keeps_rows = ncells == 2 && aldb_cell_true(&cells[1]);
}

/* Asked once, and remembered by the name as it is written. ALDB_NO_DATA: it cannot be asked. */
static enum aldb_rc ask_target(struct aldb_stmt *stmt, struct aldb_slice name, const struct aldb_wait *wait, struct target *target)
{
    struct aldb_dbc *dbc = stmt->dbc;
    struct aldb_buf key;
    struct target *f;
    enum aldb_rc rc = ALDB_OK;
    aldb_facts_age(dbc);
    aldb_buf_init(&key, ALDB_MAX_SQL);
    aldb_buf_add_str(&key, "rows into ");
    aldb_buf_add_slice(&key, name);
    if (!aldb_buf_ok(&key)) {
        rc = aldb_diag_post(&stmt->h.diag, ALDB_ST_HY001, NULL);
        goto out;
    }
    const struct target *known = aldb_fact_hold(dbc, aldb_buf_slice(&key));
    bool asked = known != NULL;
    *target = asked ? *known : (struct target){0};
    aldb_fact_let_go(dbc);
    if (asked) {
        goto out;
    }
    const char *values[] = {key.data + key.len - name.len};
    int zero = 0;
    struct aldb_params params = {.count = 1, .values = values, .lengths = &zero, .formats = &zero};
    rc = aldb_session_query(dbc->session, aldb_slice_of(target_sql), &params, take_answer, target, wait, &stmt->h.diag);
    f = rc == ALDB_OK ? aldb_alloc(sizeof *f) : NULL;
    if (f) {
        *f = *target;
        (void)aldb_fact_remember(dbc, aldb_buf_slice(&key), f);
    }
out:
    aldb_buf_clear(&key);
    return rc;
}

/* The array type of a parameter's type; 0: it stays outside. */
static uint32_t array_of(uint32_t oid)
{
    const struct aldb_type *t = aldb_type_find(oid);
    return t && t->binary && t->element_oid == 0 ? t->array_oid : 0;
}

static enum form form_of(uint32_t oid)
{
    return oid == ALDB_OID_TEXT || oid == ALDB_OID_VARCHAR || oid == ALDB_OID_BPCHAR ? FORM_BYTES : FORM_TEXT;
}

/* The statement of arrays, planned. ALDB_NO_DATA: the server will not have it, or the table does not suit. */
static enum aldb_rc make_plan(struct aldb_stmt *stmt, struct aldb_session *s, const struct aldb_plan *plan, const struct aldb_wait *wait, struct aldb_plan **out)
{
    struct aldb_sql_row row;
    struct aldb_buf text;
    uint32_t *types = NULL;
    struct target target = {0};
    bool each = stmt->dbc->options.ArrayRowCounts == ALDB_COUNTS_EACH;
    enum aldb_rc rc = aldb_sql_read_row(&stmt->sql, 0, &row);
    if (rc != ALDB_OK) {
        return rc == ALDB_ERR ? aldb_diag_post(&stmt->h.diag, ALDB_ST_HY001, NULL) : rc;
    }
    aldb_buf_init(&text, ALDB_MAX_SQL);
    rc = ask_target(stmt, aldb_slice(stmt->sql.text.data + row.target.at, row.target.len), wait, &target);
    bool countable = target.keeps_rows && row.tail.len == 0; /* a tail is ON CONFLICT DO NOTHING */
    if (rc != ALDB_OK || !target.takes_arrays || (each && !countable)) {
        rc = rc == ALDB_ERR ? rc : ALDB_NO_DATA;
        goto out;
    }
    types = aldb_alloc_array(plan->nparams, sizeof *types);
    aldb_sql_write_rows(&stmt->sql, &row, &text);
    if (types == NULL || !aldb_buf_ok(&text)) {
        rc = aldb_diag_post(&stmt->h.diag, ALDB_ST_HY001, NULL);
        goto out;
    }
    for (uint32_t i = 0; i < plan->nparams; i++) {
        types[i] = array_of(plan->param_oids[i]);
    }
    struct aldb_plan_request req = {.sql = aldb_buf_slice(&text), .nparams = plan->nparams, .force = types, .exec = &stmt->asking};
    aldb_exec_init(&stmt->asking);
    aldb_stmt_running(stmt, &stmt->asking);
    rc = aldb_plan_get(s, &req, wait, out, &stmt->h.diag);
    aldb_stmt_idle(stmt);
out:
    aldb_free(types);
    aldb_buf_clear(&text);
    aldb_sql_row_clear(&row);
    return rc == ALDB_INFO ? ALDB_OK : rc;
}

static bool make_room(struct aldb_bulk *b, const struct aldb_plan *plan)
{
    uint32_t n = plan->nparams;
    b->columns = aldb_alloc_array(n, sizeof *b->columns);
    b->values = aldb_alloc_array(n, sizeof *b->values);
    b->lengths = aldb_alloc_array(n, sizeof *b->lengths);
    b->formats = aldb_alloc_array(n, sizeof *b->formats);
    if (!b->columns || !b->values || !b->lengths || !b->formats) {
        return false;
    }
    b->ncolumns = n;
    for (uint32_t i = 0; i < n; i++) {
        aldb_buf_init(&b->columns[i].values, ALDB_MAX_VALUE);
        b->columns[i].element = plan->param_oids[i];
    }
    return true;
}

/* May the text be one for arrays, as far as the plan of a single row tells? */
static bool may_suit(const struct aldb_stmt *stmt, const struct aldb_plan *plan)
{
    bool suits = stmt->sql.parts[0].cls == ALDB_SQL_INSERT && plan->told == NULL && plan->nparams > 0 && stmt->apd->array_size >= SETS_MIN;
    for (uint32_t i = 0; suits && i < plan->nparams; i++) {
        suits = array_of(plan->param_oids[i]) != 0;
    }
    return suits;
}

/* stmt->bulk for this plan; its plan is NULL where arrays do not suit. What the server says of the attempt is of no interest to anybody. */
static enum aldb_rc prepare(struct aldb_stmt *stmt, struct aldb_session *s, struct aldb_plan *plan, const struct aldb_wait *wait)
{
    struct aldb_bulk *b = stmt->bulk;
    uint32_t facts = atomic_load(&stmt->dbc->facts_epoch);
    if (b && b->made_for == plan && b->facts == facts) {
        return ALDB_OK;
    }
    if (b == NULL) {
        b = aldb_alloc(sizeof *b);
        if (b == NULL) {
            return aldb_diag_post(&stmt->h.diag, ALDB_ST_HY001, NULL);
        }
        stmt->bulk = b;
        stmt->bulk_free = bulk_free;
    }
    forget(b);
    struct aldb_diag kept = aldb_diag_aside(&stmt->h.diag);
    uint32_t epoch = aldb_stmt_cancels(stmt);
    enum aldb_rc rc = make_plan(stmt, s, plan, wait, &b->plan);
    aldb_diag_back(&stmt->h.diag, &kept);
    if (aldb_stmt_cancels(stmt) != epoch) {
        return aldb_diag_post(&stmt->h.diag, ALDB_ST_HY008, "The statement was cancelled before it ran");
    }
    if (rc == ALDB_OK && !make_room(b, plan)) {
        forget(b);
        return aldb_diag_post(&stmt->h.diag, ALDB_ST_HY001, NULL);
    }
    b->made_for = aldb_plan_ref(plan);
    b->facts = facts;
    return ALDB_OK;
}

/* ------------------------------------------------------------------ the arrays */

/* Dimensions, whether there are nulls, the elements' type, how many, and the first one's number. */
enum { HEADER = 5 * sizeof(uint32_t) };

static void begin_arrays(struct aldb_bulk *b, const struct aldb_params *row)
{
    static const char header[HEADER];
    for (uint32_t i = 0; i < b->ncolumns; i++) {
        struct column *c = &b->columns[i];
        aldb_buf_reset(&c->values);
        c->nulls = false;
        c->form = row->formats[i] ? FORM_BINARY : form_of(c->element);
        if (c->form != FORM_TEXT) {
            aldb_buf_add(&c->values, header, sizeof header);
        }
    }
    b->count = 0;
    b->bytes = 0;
}

static void add_text(struct aldb_buf *out, const char *value, size_t len, bool first)
{
    aldb_buf_add_char(out, first ? '{' : ',');
    if (value == NULL) {
        aldb_buf_add_str(out, "NULL");
        return;
    }
    aldb_buf_add_char(out, '"');
    for (size_t i = 0; i < len; i++) {
        if (value[i] == '"' || value[i] == '\\') {
            aldb_buf_add_char(out, '\\');
        }
        aldb_buf_add_char(out, value[i]);
    }
    aldb_buf_add_char(out, '"');
}

static void add_row(struct aldb_bulk *b, const struct aldb_params *row)
{
    for (uint32_t i = 0; i < b->ncolumns; i++) {
        struct column *c = &b->columns[i];
        const char *value = row->values[i];
        size_t len = value ? (size_t)row->lengths[i] : 0;
        size_t before = c->values.len;
        if (c->form == FORM_TEXT) {
            add_text(&c->values, value, len, b->count == 0);
        } else {
            aldb_buf_add_be32(&c->values, value ? (uint32_t)len : UINT32_MAX);
            aldb_buf_add(&c->values, value, len);
            c->nulls |= value == NULL;
        }
        b->bytes += c->values.len - before;
    }
    b->count++;
}

/* HY001. */
static enum aldb_rc end_arrays(struct aldb_stmt *stmt, struct aldb_bulk *b, struct aldb_params *out)
{
    for (uint32_t i = 0; i < b->ncolumns; i++) {
        struct column *c = &b->columns[i];
        aldb_buf_add_char(&c->values, c->form == FORM_TEXT ? '}' : '\0');
        if (!aldb_buf_ok(&c->values)) {
            return aldb_diag_post(&stmt->h.diag, ALDB_ST_HY001, "The parameter values of one execution do not fit in memory");
        }
        if (c->form != FORM_TEXT) {
            const uint32_t header[] = {1, c->nulls, c->element, b->count, 1};
            for (size_t k = 0; k < ALDB_COUNT(header); k++) {
                aldb_store_be32(c->values.data + k * sizeof(uint32_t), header[k]);
            }
        }
        b->values[i] = aldb_buf_cstr(&c->values);
        b->lengths[i] = (int)(c->values.len - (c->form != FORM_TEXT));
        b->formats[i] = c->form != FORM_TEXT;
    }
    *out = (struct aldb_params){.count = b->ncolumns, .values = b->values, .lengths = b->lengths, .formats = b->formats};
    return ALDB_OK;
}

/* ------------------------------------------------------------------ running */

struct chunk_run {
    struct aldb_stmt *stmt;
    struct aldb_session *s;
    struct aldb_plan *plan; /* of a single row: what values are made for */
    struct aldb_outcome *outcome;
    const struct aldb_wait *wait;
    int64_t affected;
    uint64_t last;          /* behind the last set that is in */
    bool info;
};

/* Values from set *set on into the arrays, as far as one statement takes them. ALDB_NO_DATA: some set has no good values. */
static enum aldb_rc fill(struct chunk_run *run, uint64_t *set)
{
    struct aldb_stmt *stmt = run->stmt;
    struct aldb_bulk *b = stmt->bulk;
    b->count = 0;
    b->bytes = 0;
    for (; *set < stmt->apd->array_size && b->count < CHUNK_SETS && b->bytes < CHUNK_BYTES; (*set)++) {
        struct aldb_params row;
        struct aldb_misfit misfit;
        if (aldb_params_ignored(stmt, *set)) {
            continue;
        }
        if (aldb_params_encode(stmt, 0, run->plan, *set, &row, &misfit) == ALDB_ERR) {
            return ALDB_NO_DATA;
        }
        if (b->count == 0) {
            begin_arrays(b, &row);
        }
        add_row(b, &row);
        run->last = *set + 1;
    }
    return ALDB_OK;
}

static enum aldb_rc send(struct chunk_run *run)
{
    struct aldb_stmt *stmt = run->stmt;
    struct aldb_exec *e = &run->outcome->exec;
    struct aldb_exec_request req = aldb_run_request(stmt, 0);
    req.plan = stmt->bulk->plan;
    if (end_arrays(stmt, stmt->bulk, &req.params) == ALDB_ERR || aldb_stmt_check_cancel(stmt) == ALDB_ERR) {
        return ALDB_ERR;
    }
    aldb_stmt_running(stmt, e);
    enum aldb_rc rc = aldb_exec_run(e, run->s, &req, run->wait, &stmt->h.diag);
    aldb_stmt_idle(stmt);
    if (rc != ALDB_ERR) {
        run->affected += e->affected > 0 ? e->affected : 0;
        run->info |= rc == ALDB_INFO;
    }
    aldb_exec_abandon(e);
    return rc == ALDB_ERR ? ALDB_ERR : ALDB_OK;
}

/* One chunk after another; more than one are a unit. */
static enum aldb_rc run_chunks(struct chunk_run *run)
{
    struct aldb_diag *diag = &run->stmt->h.diag;
    uint64_t set = 0;
    bool group = false;
    enum aldb_rc rc = fill(run, &set);
    if (rc == ALDB_OK && set < run->stmt->apd->array_size) {
        rc = aldb_group_begin(run->s, run->wait, diag);
        group = rc != ALDB_ERR;
    }
    while (aldb_done(rc) && run->stmt->bulk->count > 0) {
        rc = send(run);
        rc = rc == ALDB_OK ? fill(run, &set) : rc;
    }
    /* Undoing has a time of its own: that of the statement may be over. */
    if (group && aldb_group_end(run->s, aldb_done(rc), aldb_done(rc) ? run->wait : NULL, diag) == ALDB_ERR) {
        rc = ALDB_ERR;
    }
    return rc;
}

/* After a failure that has been undone: may it be the fault of a row, or of a plan that does not hold any more? Then the pipeline can tell more. */
static bool pipeline_knows_more(struct aldb_stmt *stmt)
{
    return aldb_sets_fault_of_values(stmt) || aldb_plan_doubtful(aldb_diag_first_native(&stmt->h.diag));
}

enum aldb_rc aldb_bulk_run(struct aldb_stmt *stmt, struct aldb_session *s, struct aldb_plan *plan, struct aldb_outcome *o, const struct aldb_wait *wait)
{
    if (!may_suit(stmt, plan) || !aldb_sets_failures_end_nothing(stmt, s)) {
        return ALDB_NO_DATA;
    }
    if (prepare(stmt, s, plan, wait) == ALDB_ERR) {
        return ALDB_ERR;
    }
    if (stmt->bulk->plan == NULL) {
        return ALDB_NO_DATA;
    }
    struct aldb_diag kept = aldb_diag_aside(&stmt->h.diag);
    struct chunk_run run = {.stmt = stmt, .s = s, .plan = plan, .outcome = o, .wait = wait};
    enum aldb_rc rc = run_chunks(&run);
    bool again = rc == ALDB_NO_DATA || (rc == ALDB_ERR && pipeline_knows_more(stmt));
    bool ended = rc == ALDB_ERR && aldb_sets_end_of_call(stmt);
    if (again) {
        aldb_diag_clear(&stmt->h.diag);
    }
    aldb_diag_back_with(&stmt->h.diag, &kept);
    for (uint32_t i = 0; i < stmt->bulk->ncolumns; i++) {
        aldb_buf_recycle(&stmt->bulk->columns[i].values);
    }
    if (again) {
        return ALDB_NO_DATA;
    }
    for (uint64_t set = 0; set < stmt->apd->array_size && !ended; set++) {
        if (!aldb_params_ignored(stmt, set)) {
            aldb_sets_mark(stmt, set, rc == ALDB_ERR ? SQL_PARAM_ERROR : SQL_PARAM_SUCCESS);
            if (o->counts) {
                o->counts[o->ncounts++] = 1;
            }
        }
    }
    o->affected = run.affected;
    aldb_sets_processed(stmt, ended ? 0 : run.last);
    return rc == ALDB_ERR ? ALDB_ERR : run.info ? ALDB_INFO : ALDB_OK;
}
