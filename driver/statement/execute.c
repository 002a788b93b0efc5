/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Execution: parts of the text times sets of parameters, each giving one outcome (a row count or a result set).
 *
 * One part and one set is the plain case. One part without result set and many sets goes to the session as an array. Everything else runs one after
 * another inside a group (one transaction, or one savepoint), so that the text takes effect whole or not at all.
 */
#include "statement/internal.h"

#include <string.h>

#include "base/alloc.h"

/* ------------------------------------------------------------------ outcomes */

static struct aldb_outcome *add_outcome(struct aldb_stmt *stmt, enum aldb_sql_class cls)
{
    struct aldb_outcome *o = &stmt->outcomes[stmt->noutcomes++];
    aldb_exec_init(&o->exec);
    o->affected = -1;
    o->cls = cls;
    aldb_buf_init(&o->local, ALDB_MAX_VALUE);
    return o;
}

/* Room for all outcomes of this run at once: executions must not move in memory while they are open. */
static enum aldb_rc begin_outcomes(struct aldb_stmt *stmt, uint64_t count)
{
    struct aldb_outcome *all = count <= SIZE_MAX ? aldb_alloc_array((size_t)count, sizeof *all) : NULL;
    if (all == NULL) {
        return aldb_diag_post(&stmt->h.diag, ALDB_ST_HY001, NULL);
    }
    stmt->outcomes = all;
    stmt->noutcomes = 0;
    stmt->outcome = 0;
    return ALDB_OK;
}

/* SQL_DIAG_DYNAMIC_FUNCTION: the names and codes of ODBC's table. */
static const struct {
    enum aldb_sql_class cls;
    const char *name;
    int32_t code;
} functions[] = {
    {ALDB_SQL_SELECT, "SELECT CURSOR", SQL_DIAG_SELECT_CURSOR}, {ALDB_SQL_INSERT, "INSERT", SQL_DIAG_INSERT},
    {ALDB_SQL_UPDATE, "UPDATE WHERE", SQL_DIAG_UPDATE_WHERE},   {ALDB_SQL_DELETE, "DELETE WHERE", SQL_DIAG_DELETE_WHERE},
    {ALDB_SQL_CALL, "CALL", SQL_DIAG_CALL},
};

/* Of other statements the server's command tag is ODBC's name, where ODBC has one. */
static const struct {
    const char *tag;
    int32_t code;
} utilities[] = {
    {"ALTER DOMAIN", SQL_DIAG_ALTER_DOMAIN},     {"ALTER TABLE", SQL_DIAG_ALTER_TABLE},   {"CREATE COLLATION", SQL_DIAG_CREATE_COLLATION},
    {"CREATE DOMAIN", SQL_DIAG_CREATE_DOMAIN},   {"CREATE INDEX", SQL_DIAG_CREATE_INDEX}, {"CREATE SCHEMA", SQL_DIAG_CREATE_SCHEMA},
    {"CREATE TABLE", SQL_DIAG_CREATE_TABLE},     {"CREATE VIEW", SQL_DIAG_CREATE_VIEW},   {"DROP COLLATION", SQL_DIAG_DROP_COLLATION},
    {"DROP DOMAIN", SQL_DIAG_DROP_DOMAIN},       {"DROP INDEX", SQL_DIAG_DROP_INDEX},     {"DROP SCHEMA", SQL_DIAG_DROP_SCHEMA},
    {"DROP TABLE", SQL_DIAG_DROP_TABLE},         {"DROP VIEW", SQL_DIAG_DROP_VIEW},       {"GRANT", SQL_DIAG_GRANT},
    {"REVOKE", SQL_DIAG_REVOKE},
};

static void set_header(struct aldb_stmt *stmt, const struct aldb_outcome *o)
{
    struct aldb_diag *d = &stmt->h.diag;
    d->row_count = o->has_rows ? 0 : o->affected;
    d->cursor_row_count = o->has_rows ? o->affected : 0;
    d->dynamic_function = "";
    d->dynamic_function_code = SQL_DIAG_UNKNOWN_STATEMENT;
    for (size_t i = 0; i < ALDB_COUNT(functions); i++) {
        if (functions[i].cls == o->cls) {
            d->dynamic_function = functions[i].name;
            d->dynamic_function_code = functions[i].code;
        }
    }
    for (size_t i = 0; i < ALDB_COUNT(utilities); i++) {
        if (strcmp(o->exec.tag, utilities[i].tag) == 0) {
            d->dynamic_function = utilities[i].tag;
            d->dynamic_function_code = utilities[i].code;
        }
    }
}

/* Makes the current outcome visible: IRD, row count, state. */
static enum aldb_rc show_outcome(struct aldb_stmt *stmt)
{
    struct aldb_outcome *o = &stmt->outcomes[stmt->outcome];
    aldb_stmt_reset_position(stmt);
    stmt->row_count = o->affected;
    stmt->state = o->has_rows ? ALDB_STMT_CURSOR : ALDB_STMT_EXECUTED;
    set_header(stmt, o);
    bool binary = o->exec.ncolumns > 0 && o->exec.columns[0].binary;
    if (binary != stmt->wire_binary) {
        stmt->wire_binary = binary;
        stmt->ird.version++;
    }
    return aldb_stmt_set_ird(stmt, o->exec.columns, o->has_rows ? o->exec.ncolumns : 0, o->shape);
}

static bool counts_rows(enum aldb_sql_class cls)
{
    return cls == ALDB_SQL_INSERT || cls == ALDB_SQL_UPDATE || cls == ALDB_SQL_DELETE || cls == ALDB_SQL_MERGE || cls == ALDB_SQL_WITH_DML;
}

/* ------------------------------------------------------------------ one execution */

static struct aldb_exec_request request_of(const struct aldb_stmt *stmt, const struct aldb_sql_part *p)
{
    enum aldb_sql_class c = p->cls;
    return (struct aldb_exec_request){
        .sql = aldb_slice(stmt->sql.text.data + p->begin, p->end - p->begin),
        .utility = !aldb_sql_plannable(c) && c != ALDB_SQL_CALL,
        .rowless = aldb_sql_rowless(p),
        .transaction_control = c == ALDB_SQL_TXN_BEGIN || c == ALDB_SQL_TXN_COMMIT || c == ALDB_SQL_TXN_ROLLBACK,
        .rolls_back = c == ALDB_SQL_TXN_ROLLBACK,
        .unwrapped = c == ALDB_SQL_SAVEPOINT || c == ALDB_SQL_SET_TXN,
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
    int misfit;
    if (aldb_params_resolve(stmt, part, NULL) == ALDB_ERR || aldb_params_encode(stmt, part, NULL, set, &values, &misfit) == ALDB_ERR) {
        return ALDB_ERR;
    }
    size_t from = p->begin;
    for (size_t r = 0; r < stmt->sql.nrefs; r++) {
        size_t at = stmt->sql.refs[r].at;
        if (at < p->begin || at >= p->end) {
            continue;
        }
        uint32_t i = stmt->sql.refs[r].param - p->first_param;
        size_t end = at + 1;
        while (end < p->end && aldb_is_digit(stmt->sql.text.data[end])) {
            end++;
        }
        aldb_buf_add(out, stmt->sql.text.data + from, at - from);
        if (values.values[i] == NULL) {
            aldb_buf_add_str(out, "NULL");
        } else if (values.formats[i] != 0) {
            return aldb_diag_post(&stmt->h.diag, ALDB_ST_HYC00, "Parameter %u: binary data cannot be a parameter of this kind of statement",
                                  p->first_param + i + 1);
        } else {
            add_literal(stmt, p->first_param + i, aldb_slice(values.values[i], (size_t)values.lengths[i]), out);
        }
        from = end;
    }
    aldb_buf_add(out, stmt->sql.text.data + from, p->end - from);
    return aldb_buf_ok(out) ? ALDB_OK : aldb_diag_post(&stmt->h.diag, ALDB_ST_HY001, NULL);
}

/*
 * Encodes set `set`; when a value does not fit the inferred type, asks for a plan with its declared type, once a parameter. *force, NULL at first,
 * holds the types that were asked for: one plan may have to serve several sets. The caller frees it.
 */
static enum aldb_rc encode_fitting(struct aldb_stmt *stmt, size_t part, uint64_t set, const struct aldb_wait *wait, uint32_t **force,
                                   struct aldb_plan **plan, struct aldb_params *params)
{
    const struct aldb_sql_part *p = &stmt->sql.parts[part];
    for (;;) {
        int misfit;
        if (aldb_params_resolve(stmt, part, *plan) == ALDB_ERR) {
            return ALDB_ERR;
        }
        enum aldb_rc rc = aldb_params_encode(stmt, part, *plan, set, params, &misfit);
        if (rc != ALDB_ERR || misfit < 0) {
            return rc;
        }
        if (*force == NULL) {
            *force = aldb_alloc_array(p->nparams, sizeof **force);
            if (*force == NULL) {
                return aldb_diag_post(&stmt->h.diag, ALDB_ST_HY001, NULL);
            }
        }
        const struct aldb_desc_rec *d = aldb_desc_rec(&stmt->ipd, (SQLSMALLINT)(p->first_param + (uint32_t)misfit + 1));
        (*force)[misfit] = aldb_type_declared_oid(d->concise_type);
        if (aldb_stmt_plan(stmt, part, *force, wait, plan) == ALDB_ERR) {
            (*force)[misfit] = 0;
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
    int misfit;
    if (stmt->sql.parts[r->part].nparams > 0 && (aldb_params_resolve(stmt, r->part, plan) == ALDB_ERR ||
                                                 aldb_params_encode(stmt, r->part, plan, r->set, out, &misfit) == ALDB_ERR)) {
        return ALDB_ERR;
    }
    aldb_plan_release(stmt->plans[r->part]);
    stmt->plans[r->part] = aldb_plan_ref(plan);
    return ALDB_OK;
}

static enum aldb_rc finish_outcome(struct aldb_stmt *stmt, struct aldb_outcome *o, enum aldb_rc rc)
{
    if (rc == ALDB_ERR) {
        aldb_exec_abandon(&o->exec);
        stmt->noutcomes--;
        return rc;
    }
    o->has_rows = o->exec.has_rows;
    o->affected = o->exec.affected;
    return rc;
}

/* Runs one part with one set of parameters into a new outcome. */
static enum aldb_rc run_one(struct aldb_stmt *stmt, struct aldb_session *s, size_t part, uint64_t set, const struct aldb_wait *wait)
{
    const struct aldb_sql_part *p = &stmt->sql.parts[part];
    struct aldb_exec_request req = request_of(stmt, p);
    struct replan again = {.stmt = stmt, .part = part, .set = set};
    uint32_t *force = NULL;
    struct aldb_buf literal;
    aldb_buf_init(&literal, ALDB_MAX_SQL);
    enum aldb_rc rc;
    req.replanned = replanned;
    req.replanned_ctx = &again;

    if (req.utility && p->nparams > 0) {
        ALDB_TRY(substitute(stmt, part, set, &literal));
        req.sql = aldb_buf_slice(&literal);
    } else if (p->nparams > 0 || p->call == ALDB_CALL_PLAIN || (stmt->prepared && aldb_sql_plannable(p->cls))) {
        ALDB_TRY(aldb_stmt_plan(stmt, part, NULL, wait, &req.plan));
        if (p->nparams > 0) {
            ALDB_TRY(encode_fitting(stmt, part, set, wait, &force, &req.plan, &req.params));
        }
    }
    bool one_of_many = stmt->sql.nparams > 0 && stmt->apd->array_size > 1;
    struct aldb_outcome *o = add_outcome(stmt, p->cls);
    o->set = set;
    aldb_diag_at(&stmt->h.diag, one_of_many ? (int64_t)set + 1 : ALDB_ROW_NONE, ALDB_COL_NONE);
    aldb_stmt_running(stmt, &o->exec);
    aldb_stmt_speak_of(stmt, part);
    rc = aldb_exec_run(&o->exec, s, &req, wait, &stmt->h.diag);
    aldb_stmt_speak_plain(stmt);
    aldb_stmt_idle(stmt);
    if (req.invalidates_plans) {
        aldb_dbc_forget_facts(stmt->dbc);
    }
    rc = finish_outcome(stmt, o, rc);
out:
    aldb_diag_at(&stmt->h.diag, ALDB_ROW_NONE, ALDB_COL_NONE);
    aldb_buf_clear(&literal);
    aldb_free(force);
    return rc;
}

/* ------------------------------------------------------------------ arrays of parameters without result sets */

struct array_run {
    struct aldb_stmt *stmt;
    size_t part;
    struct aldb_plan *plan;
    uint64_t failed, done;
    int64_t affected;
};

static void set_status(struct aldb_stmt *stmt, uint64_t set, SQLUSMALLINT status)
{
    if (stmt->ipd.array_status_ptr) {
        stmt->ipd.array_status_ptr[set] = status;
    }
}

static enum aldb_rc array_encode(void *ctx, uint64_t set, struct aldb_params *out)
{
    struct array_run *run = ctx;
    if (aldb_params_ignored(run->stmt, set)) {
        return ALDB_NO_DATA;
    }
    int misfit;
    enum aldb_rc rc = aldb_params_encode(run->stmt, run->part, run->plan, set, out, &misfit);
    if (rc == ALDB_ERR) {
        if (misfit >= 0) {
            aldb_diag_at(&run->stmt->h.diag, (int64_t)set + 1, misfit + 1);
            (void)aldb_diag_post(&run->stmt->h.diag, ALDB_ST_22003, "The value does not fit the type that the server uses for this parameter");
            aldb_diag_at(&run->stmt->h.diag, ALDB_ROW_NONE, ALDB_COL_NONE);
        }
        run->failed++;
        run->done++;
        set_status(run->stmt, set, SQL_PARAM_ERROR);
    }
    return rc;
}

static void array_done(void *ctx, uint64_t set, enum aldb_set_status status, int64_t affected)
{
    static const SQLUSMALLINT codes[] = {
        [ALDB_SET_UNUSED] = SQL_PARAM_UNUSED,
        [ALDB_SET_OK] = SQL_PARAM_SUCCESS,
        [ALDB_SET_INFO] = SQL_PARAM_SUCCESS_WITH_INFO,
        [ALDB_SET_ERROR] = SQL_PARAM_ERROR,
    };
    struct array_run *run = ctx;
    set_status(run->stmt, set, codes[status]);
    if (status == ALDB_SET_UNUSED) {
        return;
    }
    run->done++;
    if (status == ALDB_SET_ERROR) {
        run->failed++;
    } else if (affected > 0) {
        run->affected += affected;
    }
}

/*
 * Widest need first: a value somewhere in the array may not fit the type that the server inferred, and one plan serves all sets.
 * Encoding everything twice is cheap beside sending it; only integer targets with wider declared types ask for it.
 */
static enum aldb_rc array_plan(struct aldb_stmt *stmt, size_t part, const struct aldb_wait *wait, struct aldb_plan **plan)
{
    const struct aldb_sql_part *p = &stmt->sql.parts[part];
    bool risky = false;
    for (uint32_t i = 0; i < p->nparams && i < (*plan)->nparams; i++) {
        const struct aldb_desc_rec *d = aldb_desc_rec(&stmt->ipd, (SQLSMALLINT)(p->first_param + i + 1));
        uint32_t declared = d ? aldb_type_declared_oid(d->concise_type) : 0;
        bool narrow = aldb_params_narrow(aldb_type_family((*plan)->param_oids[i]));
        risky |= narrow && declared != 0 && declared != (*plan)->param_oids[i];
    }
    if (!risky) {
        return aldb_params_resolve(stmt, part, *plan);
    }
    struct aldb_diag *diag = &stmt->h.diag;
    uint32_t *force = NULL;
    for (uint64_t set = 0; set < stmt->apd->array_size; set++) {
        struct aldb_params ignore;
        if (aldb_params_ignored(stmt, set)) {
            continue;
        }
        /* A set that cannot be encoded at all is reported when its turn comes. */
        struct aldb_diag kept = *diag;
        aldb_diag_init(diag);
        (void)!encode_fitting(stmt, part, set, wait, &force, plan, &ignore);
        aldb_diag_clear(diag);
        *diag = kept;
    }
    aldb_free(force);
    return aldb_params_resolve(stmt, part, *plan);
}

static enum aldb_rc run_array(struct aldb_stmt *stmt, struct aldb_session *s, struct aldb_plan *plan, const struct aldb_wait *wait)
{
    const struct aldb_sql_part *p = &stmt->sql.parts[0];
    if (array_plan(stmt, 0, wait, &plan) == ALDB_ERR) {
        return ALDB_ERR;
    }
    struct array_run run = {.stmt = stmt, .plan = plan};
    uint64_t count = stmt->apd->array_size;
    for (uint64_t i = 0; i < count; i++) {
        set_status(stmt, i, SQL_PARAM_UNUSED);
    }
    struct aldb_set_source source = {.ctx = &run, .count = count, .encode = array_encode, .done = array_done};
    struct aldb_exec_request req = request_of(stmt, p);
    req.plan = plan;
    if (begin_outcomes(stmt, 1) == ALDB_ERR) {
        return ALDB_ERR;
    }
    struct aldb_outcome *o = add_outcome(stmt, p->cls);
    aldb_stmt_running(stmt, &o->exec);
    enum aldb_rc rc = aldb_exec_sets(&o->exec, s, &req, &source, wait, &stmt->h.diag);
    aldb_stmt_idle(stmt);
    aldb_exec_abandon(&o->exec);
    o->affected = run.affected;
    if (stmt->ipd.rows_processed_ptr) {
        *stmt->ipd.rows_processed_ptr = run.done;
    }
    if (rc == ALDB_ERR || (run.done > 0 && run.failed == run.done)) {
        stmt->noutcomes--;
        return ALDB_ERR;
    }
    return run.failed > 0 || rc == ALDB_INFO ? ALDB_INFO : ALDB_OK;
}

/* ------------------------------------------------------------------ several executions */

static bool may_group(const struct aldb_stmt *stmt)
{
    for (size_t i = 0; i < stmt->sql.nparts; i++) {
        switch (stmt->sql.parts[i].cls) {
        case ALDB_SQL_TXN_BEGIN:
        case ALDB_SQL_TXN_COMMIT:
        case ALDB_SQL_TXN_ROLLBACK:
        case ALDB_SQL_SAVEPOINT:
        case ALDB_SQL_SET_TXN:
        case ALDB_SQL_NO_BLOCK:
        case ALDB_SQL_CALL:
            return false;
        default:
            break;
        }
    }
    return true;
}

static SQLUSMALLINT status_of(enum aldb_rc rc)
{
    return rc == ALDB_ERR ? SQL_PARAM_ERROR : rc == ALDB_INFO ? SQL_PARAM_SUCCESS_WITH_INFO : SQL_PARAM_SUCCESS;
}

static void set_all(struct aldb_stmt *stmt, SQLUSMALLINT status)
{
    for (uint64_t set = 0; set < stmt->apd->array_size; set++) {
        set_status(stmt, set, status);
    }
}

/* One after another as a unit: on failure nothing of it has happened. Markers give every set its status. */
static enum aldb_rc run_many(struct aldb_stmt *stmt, struct aldb_session *s, const struct aldb_wait *wait)
{
    bool group = may_group(stmt);
    bool info = false;
    enum aldb_rc rc = ALDB_OK;
    bool marked = stmt->sql.nparams > 0;
    uint64_t sets = marked ? stmt->apd->array_size : 1;
    uint64_t processed = 0;

    if (begin_outcomes(stmt, sets * stmt->sql.nparts) == ALDB_ERR) {
        return ALDB_ERR;
    }
    if (group && aldb_group_begin(s, wait, &stmt->h.diag) == ALDB_ERR) {
        return ALDB_ERR;
    }
    if (marked) {
        set_all(stmt, SQL_PARAM_UNUSED);
    }
    for (uint64_t set = 0; set < sets && rc != ALDB_ERR; set++) {
        if (marked && aldb_params_ignored(stmt, set)) {
            continue;
        }
        processed++;
        for (size_t part = 0; part < stmt->sql.nparts && rc != ALDB_ERR; part++) {
            rc = run_one(stmt, s, part, set, wait);
            info |= rc == ALDB_INFO;
        }
        if (marked && rc == ALDB_ERR && group) {
            set_all(stmt, SQL_PARAM_UNUSED); /* undone, or not reached */
        }
        if (marked) {
            set_status(stmt, set, rc == ALDB_ERR ? SQL_PARAM_ERROR : SQL_PARAM_SUCCESS);
        }
    }
    if (marked && stmt->ipd.rows_processed_ptr) {
        *stmt->ipd.rows_processed_ptr = processed;
    }
    bool ran = rc != ALDB_ERR;
    if (group && aldb_group_end(s, ran, wait, &stmt->h.diag) == ALDB_ERR) {
        rc = ALDB_ERR;
        if (marked && ran) {
            set_all(stmt, SQL_PARAM_ERROR);
        }
    }
    return rc == ALDB_ERR ? ALDB_ERR : info ? ALDB_INFO : ALDB_OK;
}

/* ------------------------------------------------------------------ arrays of parameters with result sets */

/* Is the first error the fault of one set's values, so that other sets may do better? */
static bool fault_of_values(struct aldb_stmt *stmt)
{
    static const char *const states[] = {"22", "23", "44", "07006", "HY009", "HY090"};
    const struct aldb_diag_record *r = aldb_diag_get(&stmt->h.diag, 1);
    for (size_t i = 0; r && i < ALDB_COUNT(states); i++) {
        if (strncmp(r->state, states[i], strlen(states[i])) == 0) {
            return true;
        }
    }
    return r && r->native == aldb_pgstate_native("P0001"); /* RAISE EXCEPTION, as in a trigger */
}

/* A failure may end the application's transaction; then there is nothing left to run in. */
static bool failures_end_nothing(struct aldb_stmt *stmt, struct aldb_session *s)
{
    return aldb_session_autocommit(s) || stmt->dbc->options.ErrorRollback == ALDB_ROLLBACK_STATEMENT;
}

/* Each set by itself; the failed ones leave no result. */
static enum aldb_rc run_each(struct aldb_stmt *stmt, struct aldb_session *s, const struct aldb_wait *wait)
{
    uint64_t sets = stmt->apd->array_size;
    uint64_t processed = 0;
    uint64_t failed = 0;
    bool info = false;
    bool go_on = true;

    if (begin_outcomes(stmt, sets) == ALDB_ERR) {
        return ALDB_ERR;
    }
    set_all(stmt, SQL_PARAM_UNUSED);
    for (uint64_t set = 0; set < sets && go_on; set++) {
        if (aldb_params_ignored(stmt, set)) {
            continue;
        }
        processed++;
        enum aldb_rc rc = run_one(stmt, s, 0, set, wait);
        info |= rc == ALDB_INFO;
        failed += rc == ALDB_ERR;
        go_on = rc != ALDB_ERR || (failures_end_nothing(stmt, s) && fault_of_values(stmt));
        set_status(stmt, set, status_of(rc));
    }
    if (stmt->ipd.rows_processed_ptr) {
        *stmt->ipd.rows_processed_ptr = processed;
    }
    return failed == processed ? ALDB_ERR : failed > 0 || info ? ALDB_INFO : ALDB_OK;
}

/*
 * All sets as a unit first: one transaction is cheaper than many. When a set's values make it fail, the unit is undone and each set runs by itself, so
 * that a failure is its own, as it is where there are no result sets.
 */
static enum aldb_rc run_result_array(struct aldb_stmt *stmt, struct aldb_session *s, const struct aldb_wait *wait)
{
    enum aldb_rc rc = run_many(stmt, s, wait);
    if (rc != ALDB_ERR || !failures_end_nothing(stmt, s) || !fault_of_values(stmt)) {
        return rc;
    }
    aldb_diag_clear(&stmt->h.diag);
    aldb_stmt_drop_results(stmt);
    return run_each(stmt, s, wait);
}

/* ------------------------------------------------------------------ {call …} and {? = call …} */

static bool is_output(struct aldb_stmt *stmt, SQLSMALLINT number)
{
    const struct aldb_desc_rec *d = aldb_desc_rec(&stmt->ipd, number);
    return d && (d->parameter_type == SQL_PARAM_OUTPUT || d->parameter_type == SQL_PARAM_INPUT_OUTPUT);
}

static bool has_outputs(struct aldb_stmt *stmt, const struct aldb_sql_part *part)
{
    bool any = false;
    for (uint32_t i = 0; i < part->nparams; i++) {
        any |= is_output(stmt, (SQLSMALLINT)(part->first_param + i + 1));
    }
    return any;
}

bool aldb_stmt_hides_result(struct aldb_stmt *stmt, const struct aldb_column *columns, uint16_t ncolumns)
{
    const struct aldb_sql_part *part = &stmt->sql.parts[0];
    switch (stmt->sql.call) {
    case ALDB_CALL_RETURN:
        return true;
    case ALDB_CALL_PLAIN:
        return (ncolumns == 1 && columns[0].oid == ALDB_OID_VOID) || (aldb_part_is_procedure(part) && has_outputs(stmt, part));
    default:
        return false;
    }
}

/* A column of the current row to a parameter's buffer. */
static enum aldb_rc deliver(struct aldb_stmt *stmt, const struct aldb_outcome *o, uint16_t column, bool row, uint32_t param, uint64_t set)
{
    struct aldb_param_at at;
    enum aldb_state st = ALDB_ST_NONE;
    aldb_params_at(stmt, param, set, &at);
    if (!row || o->exec.cells[column].data == NULL) {
        st = aldb_store_null(at.indicator);
    } else {
        SQLSMALLINT c_type = at.apd->concise_type;
        struct aldb_get get;
        struct aldb_get_spec spec = {
            .oid = o->exec.columns[column].oid,
            .typmod = o->exec.columns[column].typmod,
            .binary = o->exec.columns[column].binary,
            .c_type = c_type == SQL_C_DEFAULT && at.ipd ? aldb_type_default_c(at.ipd->concise_type) : c_type,
            .precision = at.apd->precision,
            .scale = at.apd->scale,
            .interval_precision = at.apd->datetime_interval_precision,
            .locale = aldb_session_locale(stmt->dbc->session),
            .options = &stmt->dbc->types,
        };
        st = aldb_get_resolve(&get, &spec);
        SQLLEN length = 0;
        if (st == ALDB_ST_NONE) {
            st = aldb_get_cell(&get, &o->exec.cells[column], at.data, at.apd->octet_length, &length, NULL);
        }
        if (st == ALDB_ST_NONE || aldb_state_is_warning(st)) {
            aldb_store_length(at.length, at.indicator, length);
        }
    }
    if (st == ALDB_ST_NONE) {
        return ALDB_OK;
    }
    aldb_diag_at(&stmt->h.diag, stmt->apd->array_size > 1 ? (int64_t)set + 1 : ALDB_ROW_NONE, (int32_t)param + 1);
    enum aldb_rc rc = aldb_diag_post(&stmt->h.diag, st, "%s (output parameter %u)", aldb_state_text(st), param + 1);
    aldb_diag_at(&stmt->h.diag, ALDB_ROW_NONE, ALDB_COL_NONE);
    return rc;
}

/* The one row of a call to the parameters that take it: its value to the return marker, or its columns to the output parameters in their order. */
static enum aldb_rc deliver_row(struct aldb_stmt *stmt, struct aldb_outcome *o, uint64_t set, const struct aldb_wait *wait)
{
    struct aldb_diag *diag = &stmt->h.diag;
    const struct aldb_sql_part *part = &stmt->sql.parts[0];
    bool any = o->has_rows && o->exec.ncolumns > 0;
    aldb_stmt_running(stmt, &o->exec);
    enum aldb_rc rc = any ? aldb_exec_next(&o->exec, wait, diag) : ALDB_NO_DATA;
    aldb_stmt_idle(stmt);
    if (rc == ALDB_ERR) {
        return rc;
    }
    bool row = rc != ALDB_NO_DATA;
    if (stmt->sql.call == ALDB_CALL_RETURN) {
        return deliver(stmt, o, 0, row, 0, set);
    }
    bool info = false;
    bool failed = false;
    uint16_t column = 0;
    for (uint32_t param = part->first_param; param < part->first_param + part->nparams; param++) {
        if (is_output(stmt, (SQLSMALLINT)(param + 1))) {
            rc = deliver(stmt, o, column, row && column < o->exec.ncolumns, param, set);
            info |= rc == ALDB_INFO;
            failed |= rc == ALDB_ERR;
            column++;
        }
    }
    return failed ? ALDB_ERR : info ? ALDB_INFO : ALDB_OK;
}

/* After a call: what is no result set for the application goes where it belongs. */
static enum aldb_rc deliver_outputs(struct aldb_stmt *stmt, const struct aldb_wait *wait)
{
    bool info = false;
    bool failed = false;
    for (size_t i = 0; i < stmt->noutcomes; i += stmt->sql.nparts) {
        struct aldb_outcome *o = &stmt->outcomes[i];
        if (!aldb_stmt_hides_result(stmt, o->exec.columns, o->exec.ncolumns)) {
            continue;
        }
        bool wanted = stmt->sql.call == ALDB_CALL_RETURN || has_outputs(stmt, &stmt->sql.parts[0]);
        enum aldb_rc rc = wanted ? deliver_row(stmt, o, o->set, wait) : ALDB_OK;
        info |= rc == ALDB_INFO;
        failed |= rc == ALDB_ERR;
        failed |= aldb_exec_close(&o->exec, wait, &stmt->h.diag) == ALDB_ERR;
        o->has_rows = false;
        o->affected = -1;
    }
    return failed ? ALDB_ERR : info ? ALDB_INFO : ALDB_OK;
}

/* ------------------------------------------------------------------ the whole */

static enum aldb_rc run_shaped(struct aldb_stmt *stmt, struct aldb_session *s, const struct aldb_wait *wait)
{
    bool array = stmt->sql.nparams > 0 && stmt->apd->array_size > 1;
    if (stmt->sql.nparts == 1 && !array) {
        if (begin_outcomes(stmt, 1) == ALDB_ERR) {
            return ALDB_ERR;
        }
        bool ignored = stmt->sql.nparams > 0 && aldb_params_ignored(stmt, 0);
        enum aldb_rc rc = ignored ? ALDB_OK : run_one(stmt, s, 0, 0, wait);
        if (stmt->sql.nparams > 0) {
            set_status(stmt, 0, ignored ? SQL_PARAM_UNUSED : status_of(rc));
            if (stmt->ipd.rows_processed_ptr) {
                *stmt->ipd.rows_processed_ptr = ignored ? 0 : 1;
            }
        }
        return rc;
    }
    if (stmt->sql.nparts == 1 && stmt->sql.parts[0].cls == ALDB_SQL_CALL && array) {
        return run_each(stmt, s, wait); /* a procedure may commit: no unit around it */
    }
    if (stmt->sql.nparts == 1 && aldb_sql_plannable(stmt->sql.parts[0].cls)) {
        struct aldb_plan *plan;
        if (aldb_stmt_plan(stmt, 0, NULL, wait, &plan) == ALDB_ERR) {
            set_all(stmt, SQL_PARAM_UNUSED);
            if (stmt->ipd.rows_processed_ptr) {
                *stmt->ipd.rows_processed_ptr = 0;
            }
            return ALDB_ERR;
        }
        return plan->ncolumns == 0 ? run_array(stmt, s, plan, wait) : run_result_array(stmt, s, wait);
    }
    return run_many(stmt, s, wait);
}

enum aldb_rc aldb_stmt_run(struct aldb_stmt *stmt)
{
    struct aldb_session *s = aldb_stmt_session(stmt);
    if (s == NULL) {
        return ALDB_ERR;
    }
    struct aldb_wait wait = aldb_stmt_wait(stmt);
    enum aldb_rc rc = run_shaped(stmt, s, &wait);
    if (rc != ALDB_ERR && stmt->sql.call != ALDB_CALL_NONE) {
        enum aldb_rc got = deliver_outputs(stmt, &wait);
        rc = got == ALDB_OK ? rc : got;
    }
    if (rc == ALDB_ERR) {
        aldb_stmt_discard_quietly(stmt);
        return rc;
    }
    if (stmt->noutcomes == 0) {
        /* Every set was ignored. */
        aldb_stmt_drop_results(stmt);
        stmt->state = ALDB_STMT_EXECUTED;
        stmt->row_count = 0;
        return rc;
    }
    if (show_outcome(stmt) == ALDB_ERR) {
        return ALDB_ERR;
    }
    const struct aldb_outcome *o = &stmt->outcomes[0];
    bool nothing_touched = stmt->noutcomes == 1 && !o->has_rows && counts_rows(o->cls) && o->affected == 0;
    if (nothing_touched && rc == ALDB_OK && aldb_stmt_version(stmt) != SQL_OV_ODBC2) {
        return ALDB_NO_DATA;
    }
    return rc;
}

/* Data-at-execution first, then the run. */
static enum aldb_rc start(struct aldb_stmt *stmt)
{
    if (stmt->sql.nparams > 0) {
        if (aldb_params_check_bound(stmt) == ALDB_ERR) {
            return ALDB_ERR;
        }
        enum aldb_rc rc = aldb_dae_begin(stmt);
        if (rc == ALDB_NEED_DATA) {
            stmt->state = ALDB_STMT_NEED_DATA;
        }
        if (rc != ALDB_OK) {
            return rc;
        }
    }
    return aldb_stmt_run(stmt);
}

enum aldb_rc aldb_stmt_execute(struct aldb_stmt *stmt)
{
    if (!stmt->has_sql || !stmt->prepared) {
        return aldb_diag_post(&stmt->h.diag, ALDB_ST_HY010, "SQLExecute needs a statement prepared by SQLPrepare");
    }
    if (aldb_stmt_discard(stmt) == ALDB_ERR) {
        return ALDB_ERR;
    }
    return start(stmt);
}

enum aldb_rc aldb_stmt_exec_direct(struct aldb_stmt *stmt, struct aldb_slice text)
{
    if (aldb_stmt_set_text(stmt, text) == ALDB_ERR) {
        return ALDB_ERR;
    }
    return start(stmt);
}

/* ------------------------------------------------------------------ driver-made queries */

static enum aldb_rc run_local(struct aldb_stmt *stmt, struct aldb_query *q)
{
    struct aldb_outcome *o = add_outcome(stmt, ALDB_SQL_SELECT);
    o->is_local = true;
    o->has_rows = true;
    o->shape = q->shape;
    o->nlocal = stmt->max_rows != 0 && stmt->max_rows < q->nlocal ? stmt->max_rows : q->nlocal;
    o->affected = (int64_t)o->nlocal;
    aldb_buf_clear(&o->local);
    o->local = *q->local;
    aldb_buf_init(q->local, ALDB_MAX_VALUE);
    o->local_cells = aldb_alloc_array(q->shape->ncolumns, sizeof *o->local_cells);
    return o->local_cells ? ALDB_OK : aldb_diag_post(&stmt->h.diag, ALDB_ST_HY001, NULL);
}

static enum aldb_rc run_remote(struct aldb_stmt *stmt, struct aldb_session *s, struct aldb_query *q)
{
    struct aldb_wait wait = aldb_stmt_wait(stmt);
    struct aldb_plan *plan;
    struct aldb_plan_request ask = {.sql = aldb_buf_slice(&q->sql), .nparams = q->nparams};
    if (aldb_plan_get(s, &ask, &wait, &plan, &stmt->h.diag) == ALDB_ERR) {
        return ALDB_ERR;
    }
    int lengths[ALDB_COUNT(q->params)] = {0};
    int formats[ALDB_COUNT(q->params)] = {0};
    struct aldb_exec_request req = {
        .plan = plan,
        .params = {.count = q->nparams, .values = (const char *const *)q->params, .lengths = lengths, .formats = formats},
        .max_rows = stmt->max_rows,
    };
    struct aldb_outcome *o = add_outcome(stmt, ALDB_SQL_SELECT);
    aldb_stmt_running(stmt, &o->exec);
    enum aldb_rc rc = aldb_exec_run(&o->exec, s, &req, &wait, &stmt->h.diag);
    aldb_stmt_idle(stmt);
    aldb_plan_release(plan);
    rc = finish_outcome(stmt, o, rc);
    if (rc != ALDB_ERR) {
        o->shape = q->shape;
        o->map = q->map;
        o->version2 = q->version2;
        o->local_cells = aldb_alloc_array(q->shape->ncolumns, sizeof *o->local_cells);
        if (o->local_cells == NULL) {
            return aldb_diag_post(&stmt->h.diag, ALDB_ST_HY001, NULL);
        }
    }
    return rc;
}

enum aldb_rc aldb_stmt_run_query(struct aldb_stmt *stmt, struct aldb_query *q)
{
    struct aldb_session *s = aldb_stmt_session(stmt);
    if (s == NULL || aldb_stmt_discard(stmt) == ALDB_ERR) {
        return ALDB_ERR;
    }
    /* A catalog function takes the place of a prepared statement. */
    stmt->prepared = false;
    stmt->ird_current = false;
    if (begin_outcomes(stmt, 1) == ALDB_ERR) {
        return ALDB_ERR;
    }
    enum aldb_rc rc = q->local ? run_local(stmt, q) : run_remote(stmt, s, q);
    if (rc == ALDB_ERR || show_outcome(stmt) == ALDB_ERR) {
        aldb_stmt_drop_results(stmt);
        stmt->state = ALDB_STMT_ALLOCATED;
        return ALDB_ERR;
    }
    return rc;
}

/* ------------------------------------------------------------------ results one after another, closing */

enum aldb_rc aldb_stmt_more_results(struct aldb_stmt *stmt)
{
    struct aldb_outcome *o = aldb_stmt_outcome(stmt);
    if (o == NULL || stmt->outcome + 1 >= stmt->noutcomes) {
        return aldb_stmt_discard(stmt) == ALDB_ERR ? ALDB_ERR : ALDB_NO_DATA;
    }
    struct aldb_wait wait = {.deadline = aldb_deadline_none()};
    aldb_stmt_running(stmt, &o->exec);
    enum aldb_rc closed = aldb_exec_close(&o->exec, &wait, &stmt->h.diag);
    aldb_stmt_idle(stmt);
    stmt->outcome++;
    if (show_outcome(stmt) == ALDB_ERR || closed == ALDB_ERR) {
        return ALDB_ERR;
    }
    return closed;
}

int64_t aldb_stmt_row_count(struct aldb_stmt *stmt)
{
    const struct aldb_outcome *o = aldb_stmt_outcome(stmt);
    if (o && o->has_rows && !o->is_local) {
        return o->exec.complete ? o->exec.affected : -1;
    }
    return o ? o->affected : stmt->row_count;
}

enum aldb_rc aldb_stmt_close(struct aldb_stmt *stmt, bool must_be_open)
{
    if (must_be_open && stmt->state != ALDB_STMT_CURSOR) {
        return aldb_diag_post(&stmt->h.diag, ALDB_ST_24000, "No cursor is open on this statement");
    }
    return aldb_stmt_discard(stmt);
}
