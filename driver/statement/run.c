/* SPDX-License-Identifier: Apache-2.0 */
/* One part of the text with one set of parameters: its plan, its values, its execution. */
#include "statement/call.h"

#include "base/alloc.h"

static enum aldb_guard guard_of(enum aldb_sql_class c)
{
    switch (c) {
    case ALDB_SQL_TXN_COMMIT:
    case ALDB_SQL_TXN_ROLLBACK:
    case ALDB_SQL_SAVEPOINT_END:
        return ALDB_GUARD_BEFORE;
    case ALDB_SQL_TXN_BEGIN:
    case ALDB_SQL_SAVEPOINT:
    case ALDB_SQL_SET_TXN:
        return ALDB_GUARD_PARSE;
    default:
        return ALDB_GUARD_AROUND;
    }
}

struct aldb_exec_request aldb_run_request(const struct aldb_stmt *stmt, size_t part)
{
    const struct aldb_sql_part *p = &stmt->sql.parts[part];
    enum aldb_sql_class c = p->cls;
    return (struct aldb_exec_request){
        .sql = aldb_sql_part_text(&stmt->sql, part),
        .utility = !aldb_sql_plannable(c) && c != ALDB_SQL_CALL,
        .rowless = aldb_sql_rowless(p),
        .transaction_control = c == ALDB_SQL_TXN_BEGIN || c == ALDB_SQL_TXN_COMMIT || c == ALDB_SQL_TXN_ROLLBACK,
        .rolls_back = c == ALDB_SQL_TXN_ROLLBACK,
        .guard = guard_of(c),
        .copy = c == ALDB_SQL_COPY_IN ? ALDB_COPY_IN : c == ALDB_SQL_COPY_OUT ? ALDB_COPY_OUT : ALDB_COPY_NONE,
        .no_block = c == ALDB_SQL_NO_BLOCK,
        .writes = p->writes,
        .invalidates_plans = c == ALDB_SQL_DDL || c == ALDB_SQL_SET || c == ALDB_SQL_NO_BLOCK || c == ALDB_SQL_SELECT_INTO,
        .max_rows = stmt->max_rows,
    };
}

/*
 * Numbers stand bare, since some grammar takes nothing else (ALTER SEQUENCE … RESTART WITH 5); the blank keeps a minus sign from beginning a comment
 * with one before it. NaN and infinity have no literal but the quoted one.
 */
static void add_literal(const struct aldb_stmt *stmt, uint32_t param, struct aldb_slice text, struct aldb_buf *out)
{
    const struct aldb_desc_rec *d = aldb_desc_rec((struct aldb_desc *)&stmt->ipd, (SQLSMALLINT)(param + 1));
    enum aldb_family f = d ? aldb_type_family(aldb_type_declared_oid(d->concise_type)) : ALDB_FAM_OTHER;
    bool number = f == ALDB_FAM_INT2 || f == ALDB_FAM_INT4 || f == ALDB_FAM_INT8 || f == ALDB_FAM_FLOAT4 || f == ALDB_FAM_FLOAT8 ||
                  f == ALDB_FAM_NUMERIC;
    size_t sign = text.len > 0 && text.ptr[0] == '-' ? 1 : 0;
    if (number && text.len > sign && aldb_is_digit(text.ptr[sign])) {
        aldb_buf_add_char(out, ' ');
        aldb_buf_add_slice(out, text);
    } else {
        aldb_sql_quote_literal(out, text);
    }
}

/*
 * Markers in a statement that cannot be planned (SET x = ?, CREATE USER … PASSWORD ?): values become literals in the text.
 * Only what a literal can carry; bytea and NULL too.
 */
static enum aldb_rc substitute(struct aldb_stmt *stmt, size_t part, uint64_t set, struct aldb_buf *out)
{
    const struct aldb_sql_part *p = &stmt->sql.parts[part];
    struct aldb_params values;
    struct aldb_misfit misfit;
    if (aldb_params_resolve(stmt, part, NULL) == ALDB_ERR || aldb_params_encode(stmt, part, NULL, set, &values, &misfit) == ALDB_ERR) {
        return ALDB_ERR;
    }
    struct aldb_sql_walk w = {0};
    while (aldb_sql_next_marker(&stmt->sql, p, &w, out)) {
        uint32_t i = w.param;
        if (values.values[i] == NULL) {
            aldb_buf_add_str(out, "NULL");
        } else if (values.formats[i] != 0) {
            return aldb_diag_post(&stmt->h.diag, ALDB_ST_HYC00, "Parameter %u: binary data cannot be a parameter of this kind of statement",
                                  p->first_param + i + 1);
        } else {
            add_literal(stmt, p->first_param + i, aldb_slice(values.values[i], (size_t)values.lengths[i]), out);
        }
    }
    return aldb_buf_ok(out) ? ALDB_OK : aldb_diag_post(&stmt->h.diag, ALDB_ST_HY001, NULL);
}

/* Does the newest record say that the statement makes no sense with a type that it was asked about? */
static bool types_refused(struct aldb_diag *diag)
{
    static const char *const states[] = {"42804", "42883", "42725", "42P18", "42846"};
    int32_t native = aldb_diag_first_native(diag);
    for (size_t i = 0; i < ALDB_COUNT(states); i++) {
        if (native == aldb_pgstate_native(states[i])) {
            return true;
        }
    }
    return false;
}

/* A plan for the forced types, or the refusal of the value when the server knows none: what it thinks of the other type is of no use to anybody. */
static enum aldb_rc plan_otherwise(struct aldb_stmt *stmt, size_t part, uint64_t set, const struct aldb_misfit *misfit, const uint32_t *force,
                                   const struct aldb_wait *wait, struct aldb_plan **plan)
{
    struct aldb_diag *diag = &stmt->h.diag;
    struct aldb_diag kept = aldb_diag_aside(diag);
    enum aldb_rc rc = aldb_stmt_plan(stmt, part, force, wait, plan);
    bool refused = rc == ALDB_ERR && types_refused(diag);
    if (refused) {
        aldb_diag_clear(diag);
    }
    aldb_diag_back_with(diag, &kept);
    return refused ? aldb_params_refuse(stmt, part, set, misfit) : rc;
}

static bool make_forced(struct aldb_forced *f, size_t nparams)
{
    f->types = aldb_alloc_array(nparams, sizeof *f->types);
    f->hopeless = aldb_alloc_array(nparams, sizeof *f->hopeless);
    if (f->types && f->hopeless) {
        return true;
    }
    aldb_forced_clear(f);
    return false;
}

void aldb_forced_clear(struct aldb_forced *f)
{
    aldb_free(f->types);
    aldb_free(f->hopeless);
    *f = (struct aldb_forced){0};
}

enum aldb_rc aldb_run_encode(struct aldb_stmt *stmt, size_t part, uint64_t set, const struct aldb_wait *wait, struct aldb_forced *f,
                             struct aldb_plan **plan, struct aldb_params *params)
{
    const struct aldb_sql_part *p = &stmt->sql.parts[part];
    for (;;) {
        struct aldb_misfit misfit;
        if (aldb_params_resolve(stmt, part, *plan) == ALDB_ERR) {
            return ALDB_ERR;
        }
        enum aldb_rc rc = aldb_params_encode(stmt, part, *plan, set, params, &misfit);
        if (rc != ALDB_ERR || misfit.param < 0) {
            return rc;
        }
        if (f->types == NULL && !make_forced(f, p->nparams)) {
            return aldb_diag_post(&stmt->h.diag, ALDB_ST_HY001, NULL);
        }
        if (f->types[misfit.param] != 0 || f->hopeless[misfit.param]) {
            return aldb_params_refuse(stmt, part, set, &misfit);
        }
        f->types[misfit.param] = aldb_params_other_type(stmt, p->first_param + (uint32_t)misfit.param, (*plan)->param_oids[misfit.param]);
        if (plan_otherwise(stmt, part, set, &misfit, f->types, wait, plan) == ALDB_ERR) {
            f->types[misfit.param] = 0;
            f->hopeless[misfit.param] = true;
            return ALDB_ERR;
        }
    }
}

/* The server's side of a plan has changed under it (table altered, statement deallocated): values again, for the new one. */
struct replan {
    struct aldb_stmt *stmt;
    size_t part;
    uint64_t set;
};

static enum aldb_rc replanned(void *ctx, struct aldb_plan *plan, struct aldb_params *out)
{
    struct replan *r = ctx;
    struct aldb_stmt *stmt = r->stmt;
    struct aldb_misfit misfit;
    if (stmt->sql.parts[r->part].nparams > 0 && (aldb_params_resolve(stmt, r->part, plan) == ALDB_ERR ||
                                                 aldb_params_encode(stmt, r->part, plan, r->set, out, &misfit) == ALDB_ERR)) {
        return ALDB_ERR;
    }
    aldb_dbc_forget_facts(stmt->dbc); /* of tables that were altered */
    aldb_plan_release(stmt->plans[r->part]);
    stmt->plans[r->part] = aldb_plan_ref(plan);
    return ALDB_OK;
}

bool aldb_run_is_planned(const struct aldb_stmt *stmt, size_t part)
{
    const struct aldb_sql_part *p = &stmt->sql.parts[part];
    bool call = p->call != ALDB_CALL_NONE || (p->cls == ALDB_SQL_CALL && stmt->dbc->options.FetchRefcursors);
    return p->nparams > 0 || call || (stmt->prepared && aldb_sql_plannable(p->cls));
}

enum aldb_rc aldb_run_one(struct aldb_stmt *stmt, struct aldb_session *s, size_t part, uint64_t set, bool whole, const struct aldb_wait *wait)
{
    const struct aldb_sql_part *p = &stmt->sql.parts[part];
    struct aldb_exec_request req = aldb_run_request(stmt, part);
    struct replan again = {.stmt = stmt, .part = part, .set = set};
    struct aldb_forced forced = {0};
    struct aldb_buf literal;
    aldb_buf_init(&literal, ALDB_MAX_SQL);
    enum aldb_rc rc;
    req.replanned = replanned;
    req.replanned_ctx = &again;

    ALDB_TRY(aldb_stmt_check_cancel(stmt));
    if (whole && aldb_deadline_over(wait->deadline)) {
        rc = aldb_diag_post(&stmt->h.diag, wait->link ? ALDB_ST_HYT01 : ALDB_ST_HYT00, NULL);
        goto out;
    }
    if (req.utility && p->nparams > 0) {
        ALDB_TRY(substitute(stmt, part, set, &literal));
        req.sql = aldb_buf_slice(&literal);
    } else if (aldb_run_is_planned(stmt, part)) {
        ALDB_TRY(aldb_stmt_plan(stmt, part, NULL, wait, &req.plan));
        if (p->nparams > 0) {
            ALDB_TRY(aldb_run_encode(stmt, part, set, wait, &forced, &req.plan, &req.params));
        }
    }
    ALDB_TRY(aldb_stmt_check_cancel(stmt)); /* planning may have taken its time */
    bool one_of_many = stmt->sql.nparams > 0 && stmt->apd->array_size > 1;
    struct aldb_outcome *o = aldb_outcome_add(stmt, p->cls);
    if (o == NULL) {
        rc = ALDB_ERR;
        goto out;
    }
    o->set = set;
    o->writes = p->writes;
    aldb_diag_at(&stmt->h.diag, one_of_many ? (int64_t)set + 1 : ALDB_ROW_NONE, ALDB_COL_NONE);
    aldb_stmt_running(stmt, &o->exec);
    aldb_stmt_speak_of(stmt, part);
    rc = aldb_exec_run(&o->exec, s, &req, wait, &stmt->h.diag);
    if (whole && rc != ALDB_ERR) {
        enum aldb_rc kept = aldb_exec_spool(&o->exec, wait, &stmt->h.diag);
        rc = kept == ALDB_OK ? rc : kept;
    }
    aldb_stmt_speak_plain(stmt);
    aldb_stmt_idle(stmt);
    if (req.invalidates_plans) {
        aldb_dbc_forget_facts(stmt->dbc);
    }
    rc = aldb_outcome_finish(stmt, o, rc);
out:
    aldb_diag_at(&stmt->h.diag, ALDB_ROW_NONE, ALDB_COL_NONE);
    aldb_buf_clear(&literal);
    aldb_forced_clear(&forced);
    return rc;
}

enum aldb_rc aldb_run_part(struct aldb_stmt *stmt, struct aldb_session *s, size_t part, uint64_t set, bool whole, const struct aldb_wait *wait)
{
    bool call = stmt->sql.parts[part].cls == ALDB_SQL_CALL;
    return call ? aldb_call_run(stmt, s, part, set, whole, wait) : aldb_run_one(stmt, s, part, set, whole, wait);
}
