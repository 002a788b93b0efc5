/* SPDX-License-Identifier: Apache-2.0 */
/* SQLPrepare and what can be known of a statement before it runs: markers, parameter types, result columns. */
#include "statement/call.h"
#include "statement/edit.h"

#include <limits.h>
#include <string.h>

#include "base/alloc.h"

/* ------------------------------------------------------------------ text */

static void drop_plans(struct aldb_stmt *stmt)
{
    if (stmt->bulk) {
        stmt->bulk_free(stmt->bulk);
        stmt->bulk = NULL;
    }
    for (size_t i = 0; stmt->plans && i < stmt->sql.nparts; i++) {
        aldb_plan_release(stmt->plans[i]);
    }
    aldb_free(stmt->plans);
    stmt->plans = NULL;
    if (stmt->calls) {
        stmt->calls_free(stmt->calls, stmt->sql.nparts);
        stmt->calls = NULL;
    }
}

static bool is_applications(const struct aldb_desc_rec *ipd)
{
    return ipd->bound || (ipd->unnamed == SQL_NAMED && !ipd->name_told);
}

/* The text's reading and what was learnt by it. Parameter records that the driver filled itself go; what the application bound or named stays. */
static void drop_reading(struct aldb_stmt *stmt)
{
    drop_plans(stmt);
    if (stmt->edit) {
        stmt->edit_free(stmt->edit);
        stmt->edit = NULL;
    }
    stmt->edit_settled = false;
    stmt->hidden = 0;
    aldb_stmt_free_inner(stmt->positioned);
    stmt->positioned = NULL;
    stmt->cursor_of = (struct aldb_sql_span){0};
    if (stmt->has_sql) {
        aldb_sql_clear(&stmt->sql);
        stmt->has_sql = false;
    }
    aldb_desc_renamed(&stmt->ipd); /* the IRD is another one, too */
    SQLSMALLINT n = stmt->ipd.count;
    while (n > 0 && !is_applications(aldb_desc_rec(&stmt->ipd, n))) {
        n--;
    }
    aldb_desc_truncate(&stmt->ipd, n);
}

void aldb_stmt_drop_text(struct aldb_stmt *stmt)
{
    drop_reading(stmt);
    aldb_free(stmt->source);
    stmt->source = NULL;
    stmt->prepared = false;
    stmt->state = ALDB_STMT_ALLOCATED;
}

/* Reads the text as the server would now; the statement's former reading stays when this one fails. */
static enum aldb_rc read_text(struct aldb_stmt *stmt, struct aldb_session *s, struct aldb_slice text)
{
    struct aldb_sql_flags flags = {
        .noscan = stmt->noscan == SQL_NOSCAN_ON,
        .standard_conforming_strings = aldb_session_standard_strings(s),
    };
    struct aldb_sql sql;
    enum aldb_rc rc;
    ALDB_TRY(aldb_sql_translate(text, flags, &sql, &stmt->h.diag));
    if (sql.nparams > SHRT_MAX) {
        rc = aldb_diag_post(&stmt->h.diag, ALDB_ST_42000,
                            "The text has %u parameter markers; ODBC's descriptors hold %d parameters. Split it, or use an array of parameters",
                            sql.nparams, SHRT_MAX);
        goto out;
    }
    ALDB_TRY(aldb_copy_check_text(&sql, &stmt->h.diag));
    struct aldb_plan **plans = aldb_alloc_array(sql.nparts, sizeof *plans);
    if (plans == NULL) {
        rc = aldb_diag_post(&stmt->h.diag, ALDB_ST_HY001, NULL);
        goto out;
    }
    drop_reading(stmt);
    stmt->sql = sql;
    stmt->has_sql = true;
    stmt->plans = plans;
    if (sql.nparts != 1 || !aldb_sql_current_of(&stmt->sql, 0, &stmt->cursor_of, &stmt->cursor_where)) {
        stmt->cursor_of = (struct aldb_sql_span){0};
    }
    return ALDB_OK;
out:
    aldb_sql_clear(&sql);
    return rc;
}

enum aldb_rc aldb_stmt_set_text(struct aldb_stmt *stmt, struct aldb_slice text)
{
    struct aldb_session *s = aldb_stmt_session(stmt);
    if (s == NULL || aldb_stmt_discard(stmt) == ALDB_ERR) {
        return ALDB_ERR;
    }
    aldb_stmt_drop_text(stmt);
    return read_text(stmt, s, text);
}

/* A backslash means what standard_conforming_strings says, which may change before the text is executed. */
static bool keep_source(struct aldb_stmt *stmt, struct aldb_slice text)
{
    if (text.len == 0 || memchr(text.ptr, '\\', text.len) == NULL) {
        return true;
    }
    stmt->source = aldb_strndup(text.ptr, text.len);
    return stmt->source != NULL;
}

enum aldb_rc aldb_stmt_prepare(struct aldb_stmt *stmt, struct aldb_slice text)
{
    if (aldb_stmt_set_text(stmt, text) == ALDB_ERR) {
        return ALDB_ERR;
    }
    if (!keep_source(stmt, text)) {
        aldb_stmt_drop_text(stmt);
        return aldb_diag_post(&stmt->h.diag, ALDB_ST_HY001, NULL);
    }
    stmt->prepared = true;
    stmt->state = ALDB_STMT_PREPARED;
    return ALDB_OK;
}

enum aldb_rc aldb_stmt_prepare_inner(struct aldb_stmt *owner, struct aldb_buf *text, struct aldb_stmt **out)
{
    struct aldb_stmt *inner;
    if (!aldb_buf_ok(text) || aldb_stmt_new_inner(owner, &inner) == ALDB_ERR) {
        aldb_buf_clear(text);
        return aldb_diag_post(&owner->h.diag, ALDB_ST_HY001, NULL);
    }
    enum aldb_rc rc = aldb_stmt_prepare(inner, aldb_buf_slice(text));
    aldb_buf_clear(text);
    if (rc == ALDB_ERR) {
        aldb_diag_move(&owner->h.diag, &inner->h.diag);
        aldb_stmt_free_inner(inner);
        return rc;
    }
    *out = inner;
    return ALDB_OK;
}

enum aldb_rc aldb_stmt_read_again(struct aldb_stmt *stmt)
{
    struct aldb_session *s = stmt->dbc ? stmt->dbc->session : NULL;
    bool same = s == NULL || stmt->source == NULL || stmt->state != ALDB_STMT_PREPARED ||
                stmt->sql.standard_conforming_strings == aldb_session_standard_strings(s);
    return same ? ALDB_OK : read_text(stmt, s, aldb_slice_of(stmt->source));
}

enum aldb_rc aldb_stmt_num_params(struct aldb_stmt *stmt, SQLSMALLINT *count)
{
    if (aldb_stmt_read_again(stmt) == ALDB_ERR) {
        return ALDB_ERR;
    }
    if (count) {
        *count = stmt->has_sql ? (SQLSMALLINT)stmt->sql.nparams : 0;
    }
    return ALDB_OK;
}

/* ------------------------------------------------------------------ plans */

/*
 * The OID each marker's bound SQL type declares; 0 for character types, unbound markers, outputs of a call, and those whose type the text settles: a column of type text
 * gets ODBC's text of a value, as one of type varchar does, and not PostgreSQL's cast of it. False: out of memory.
 */
static bool declared_types(struct aldb_stmt *stmt, size_t i, uint32_t *out)
{
    const struct aldb_sql_part *part = &stmt->sql.parts[i];
    bool any = false;
    for (uint32_t n = 0; n < part->nparams; n++) {
        const struct aldb_desc_rec *r = aldb_desc_rec((struct aldb_desc *)&stmt->ipd, (SQLSMALLINT)(part->first_param + n + 1));
        bool given = r && r->bound && !(part->cls == ALDB_SQL_CALL && aldb_call_is_pure_output(stmt, part->first_param + n));
        out[n] = given ? aldb_type_declared_oid(r->concise_type) : 0;
        any |= out[n] != 0;
    }
    const bool *settled = any ? aldb_sql_settled(&stmt->sql) : NULL;
    for (uint32_t n = 0; settled && n < part->nparams; n++) {
        out[n] = settled[part->first_param + n] ? 0 : out[n];
    }
    return settled || !any;
}

/* Was the plan asked for with these types? */
static bool answers(const struct aldb_plan *plan, const uint32_t *declared, const uint32_t *force)
{
    for (uint32_t i = 0; i < plan->nparams; i++) {
        if (plan->asked[i] != declared[i] || plan->forced[i] != (force ? force[i] : 0)) {
            return false;
        }
    }
    return true;
}

/* Asks the server, or the session that has asked it before, and keeps the answer. `types`: scratch for a call's, as many as parameters. */
static enum aldb_rc ask_for_plan(struct aldb_stmt *stmt, size_t i, const uint32_t *declared, const uint32_t *force, uint32_t *types,
                                 struct aldb_call_part *call, const struct aldb_wait *wait, struct aldb_plan **out)
{
    const struct aldb_sql_part *part = &stmt->sql.parts[i];
    struct aldb_session *s = aldb_stmt_session(stmt);
    if (s == NULL) {
        return ALDB_ERR;
    }
    uint32_t epoch = aldb_stmt_cancels(stmt);
    struct aldb_plan_request req = {
        .sql = aldb_sql_part_text(&stmt->sql, i),
        .nparams = part->nparams,
        .declared = declared,
        .force = force,
        .exec = &stmt->asking,
    };
    struct aldb_plan *plan;
    aldb_exec_init(&stmt->asking);
    aldb_stmt_running(stmt, &stmt->asking);
    aldb_stmt_speak_of(stmt, i);
    enum aldb_rc rc = call ? aldb_call_settle(stmt, i, call, s, &req, force, types, wait, &plan) : aldb_plan_get(s, &req, wait, &plan, &stmt->h.diag);
    if (rc != ALDB_ERR && call == NULL && aldb_large_plan(stmt, i, &req, wait, &plan) == ALDB_ERR) {
        aldb_plan_release(plan);
        rc = ALDB_ERR;
    }
    aldb_stmt_speak_plain(stmt);
    aldb_stmt_idle(stmt);
    if (rc == ALDB_ERR) {
        return rc;
    }
    if (aldb_stmt_cancels(stmt) != epoch) {
        aldb_plan_release(plan);
        return aldb_diag_post(&stmt->h.diag, ALDB_ST_HY008, "The statement was cancelled before it ran");
    }
    aldb_plan_release(stmt->plans[i]);
    stmt->plans[i] = plan;
    *out = plan;
    return rc;
}

enum aldb_rc aldb_stmt_plan(struct aldb_stmt *stmt, size_t i, const uint32_t *force, const struct aldb_wait *wait,
                            struct aldb_plan **out)
{
    const struct aldb_sql_part *part = &stmt->sql.parts[i];
    uint32_t few[2 * 16] = {0}; /* what is declared, and what a call has to force */
    uint32_t *declared = few;
    bool no_memory;
    enum aldb_rc rc = ALDB_OK;

    struct aldb_call_part *call = aldb_call_of(stmt, i, &no_memory);
    if (no_memory) {
        return ALDB_ERR;
    }
    if (2 * (size_t)part->nparams > ALDB_COUNT(few)) {
        declared = aldb_alloc_array(2 * (size_t)part->nparams, sizeof *declared);
        if (declared == NULL) {
            return aldb_diag_post(&stmt->h.diag, ALDB_ST_HY001, NULL);
        }
    }
    uint32_t *types = declared + part->nparams;
    if (!declared_types(stmt, i, declared)) {
        rc = aldb_diag_post(&stmt->h.diag, ALDB_ST_HY001, NULL);
        goto out;
    }
    bool settled = call == NULL || aldb_call_is_settled(stmt, call);
    if (call && settled) {
        aldb_call_types(stmt, i, call, force, types);
    }
    if (settled && stmt->plans[i] && answers(stmt->plans[i], declared, call ? types : force) && (call || aldb_large_answers(stmt, i, stmt->plans[i]))) {
        *out = stmt->plans[i];
    } else {
        rc = ask_for_plan(stmt, i, declared, force, types, call, wait, out);
    }
out:
    if (declared != few) {
        aldb_free(declared);
    }
    return rc;
}

/* ------------------------------------------------------------------ describing before execution */

/* Can the server describe it without running it, and is there anything to describe? */
static bool describable(const struct aldb_sql_part *part)
{
    return aldb_sql_plannable(part->cls) || part->cls == ALDB_SQL_UTILITY || part->cls == ALDB_SQL_CALL;
}

enum aldb_rc aldb_stmt_describe_result(struct aldb_stmt *stmt)
{
    if (aldb_stmt_read_again(stmt) == ALDB_ERR) {
        return ALDB_ERR;
    }
    bool altered = stmt->ird_facts != atomic_load(&stmt->dbc->facts_epoch);
    if (stmt->ird_current && !altered) {
        return ALDB_OK;
    }
    if (stmt->has_sql && stmt->sql.parts[0].cls == ALDB_SQL_COPY_OUT) {
        return aldb_copy_describe(stmt);
    }
    if (!stmt->has_sql || !describable(&stmt->sql.parts[0])) {
        return aldb_stmt_set_ird(stmt, NULL, 0, NULL);
    }
    if (altered) { /* the plan is from before, too */
        aldb_plan_release(stmt->plans[0]);
        stmt->plans[0] = NULL;
    }
    struct aldb_wait wait = aldb_stmt_wait(stmt);
    struct aldb_plan *plan;
    if (aldb_edit_settle(stmt, &wait) == ALDB_ERR || aldb_stmt_plan(stmt, 0, NULL, &wait, &plan) == ALDB_ERR) {
        return ALDB_ERR;
    }
    if (plan->undescribed && stmt->sql.parts[0].rows) {
        return aldb_diag_post(&stmt->h.diag, ALDB_ST_HYC00, "The columns of a statement with %u parameters are known only when it has run: the libpq "
                              "installed here cannot describe more than 7498; execute it first, or update libpq", plan->nparams);
    }
    if (aldb_outputs_map(stmt, 0, plan, &wait) == ALDB_ERR) {
        return ALDB_ERR;
    }
    bool hidden = aldb_call_hides_result(stmt, 0, plan->columns, plan->ncolumns);
    return aldb_stmt_set_ird(stmt, plan->columns, hidden ? 0 : (uint16_t)(plan->ncolumns - stmt->hidden), NULL);
}

/* Fills an IPD record which the application has not bound itself. */
static enum aldb_rc fill_ipd(struct aldb_stmt *stmt, uint32_t marker, uint32_t oid, SQLSMALLINT direction)
{
    struct aldb_desc_rec *r = aldb_desc_rec(&stmt->ipd, (SQLSMALLINT)(marker + 1));
    if (r->bound) {
        return ALDB_OK;
    }
    if (oid == 0 || oid == ALDB_OID_UNKNOWN) {
        oid = ALDB_OID_VARCHAR;
    }
    int32_t typmod;
    uint32_t base = aldb_stmt_base_type(stmt, oid, &typmod);
    struct aldb_type_desc t;
    aldb_type_describe_param(&stmt->dbc->types, base, typmod, &t);
    aldb_desc_rec_describe(r, &t, oid, typmod);
    bool no_memory;
    aldb_free(r->type_name);
    r->type_name = aldb_stmt_type_name(stmt, oid, &no_memory);
    if (no_memory) {
        return aldb_diag_post(&stmt->h.diag, ALDB_ST_HY001, NULL);
    }
    r->nullable = SQL_NULLABLE_UNKNOWN;
    r->parameter_type = direction;
    return ALDB_OK;
}

/* The type of a return value, 0 where it is not known. */
static uint32_t returned_oid(const struct aldb_plan *plan)
{
    return plan && plan->ncolumns > 0 ? plan->columns[0].oid : 0;
}

static enum aldb_rc fill_ipd_of(struct aldb_stmt *stmt, const struct aldb_sql_part *part, const struct aldb_plan *plan)
{
    if (part->call == ALDB_CALL_RETURN && fill_ipd(stmt, 0, returned_oid(plan), SQL_PARAM_OUTPUT) == ALDB_ERR) {
        return ALDB_ERR;
    }
    for (uint32_t i = 0; i < part->nparams; i++) {
        if (fill_ipd(stmt, part->first_param + i, aldb_plan_told(plan, i), SQL_PARAM_INPUT) == ALDB_ERR) {
            return ALDB_ERR;
        }
    }
    return ALDB_OK;
}

/* Names and base types of what is not built in. */
static enum aldb_rc know_param_types(struct aldb_stmt *stmt, const struct aldb_sql_part *part, const struct aldb_plan *plan)
{
    enum aldb_rc rc = plan ? aldb_stmt_know_types(stmt, plan->told ? plan->told : plan->param_oids, plan->nparams) : ALDB_OK;
    uint32_t returned = part->call == ALDB_CALL_RETURN ? returned_oid(plan) : 0;
    return rc == ALDB_OK && returned ? aldb_stmt_know_types(stmt, &returned, 1) : rc;
}

/*
 * The plan of a part for its parameters' types; NULL where there is none to be had. A server that cannot tell the types apart before it knows what is
 * bound (? + ?) has not refused the statement: its parameters are characters until then.
 */
static enum aldb_rc plan_for_params(struct aldb_stmt *stmt, size_t part, const struct aldb_wait *wait, struct aldb_plan **plan)
{
    *plan = NULL;
    if (!describable(&stmt->sql.parts[part]) || aldb_stmt_plan(stmt, part, NULL, wait, plan) != ALDB_ERR) {
        return ALDB_OK;
    }
    int32_t native = aldb_diag_first_native(&stmt->h.diag);
    if (native == aldb_pgstate_native("42725") || native == aldb_pgstate_native("42P18")) {
        aldb_diag_clear(&stmt->h.diag);
        return ALDB_OK;
    }
    return ALDB_ERR;
}

/* A record a marker. */
static enum aldb_rc extend_ipd(struct aldb_stmt *stmt)
{
    bool more = stmt->sql.nparams > (uint32_t)stmt->ipd.count;
    return more ? aldb_desc_extend(&stmt->ipd, (SQLSMALLINT)stmt->sql.nparams, &stmt->h.diag) : ALDB_OK;
}

/* Whatever the server may refuse: it is told when the call is executed, and until then its parameters have no names. */
enum aldb_rc aldb_stmt_name_params(struct aldb_stmt *stmt)
{
    if (aldb_stmt_read_again(stmt) == ALDB_ERR) {
        return ALDB_ERR;
    }
    if (stmt->ipd_named == stmt->ipd.version || !stmt->has_sql) {
        return ALDB_OK;
    }
    aldb_desc_untell(&stmt->ipd);
    if (extend_ipd(stmt) == ALDB_ERR) {
        return ALDB_ERR;
    }
    struct aldb_wait wait = aldb_stmt_wait(stmt);
    bool all_told = true;
    for (size_t i = 0; i < stmt->sql.nparts; i++) {
        struct aldb_plan *plan;
        if (stmt->sql.parts[i].cls != ALDB_SQL_CALL || stmt->sql.parts[i].nparams == 0) {
            continue;
        }
        enum aldb_rc rc = aldb_stmt_plan(stmt, i, NULL, &wait, &plan);
        rc = rc == ALDB_ERR ? rc : aldb_names_tell(stmt, i, plan, &wait);
        if (rc == ALDB_ERR && aldb_diag_first_native(&stmt->h.diag) == 0) {
            return rc;
        }
        if (rc == ALDB_ERR) {
            aldb_diag_clear(&stmt->h.diag);
        }
        all_told &= rc == ALDB_OK;
    }
    stmt->ipd_named = all_told ? stmt->ipd.version : 0;
    return ALDB_OK;
}

enum aldb_rc aldb_stmt_describe_params(struct aldb_stmt *stmt)
{
    if (aldb_stmt_read_again(stmt) == ALDB_ERR) {
        return ALDB_ERR;
    }
    if (stmt->ipd_current || !stmt->has_sql) {
        return ALDB_OK;
    }
    if (extend_ipd(stmt) == ALDB_ERR) {
        return ALDB_ERR;
    }
    struct aldb_wait wait = aldb_stmt_wait(stmt);
    bool all_known = true;
    for (size_t i = 0; i < stmt->sql.nparts; i++) {
        const struct aldb_sql_part *part = &stmt->sql.parts[i];
        struct aldb_plan *plan;
        if (part->nparams == 0 && part->call != ALDB_CALL_RETURN) {
            continue;
        }
        if (plan_for_params(stmt, i, &wait, &plan) == ALDB_ERR) {
            return ALDB_ERR;
        }
        enum aldb_rc rc = know_param_types(stmt, part, plan);
        if (rc == ALDB_ERR || fill_ipd_of(stmt, part, plan) == ALDB_ERR) {
            return ALDB_ERR;
        }
        all_known &= rc != ALDB_NO_DATA;
    }
    stmt->ipd_current = all_known;
    return ALDB_OK;
}

/* Also when the application has bound another type. */
enum aldb_rc aldb_stmt_param_type(struct aldb_stmt *stmt, SQLUSMALLINT number, uint32_t *oid, int32_t *typmod)
{
    if (number < 1 || !stmt->has_sql || number > stmt->sql.nparams) {
        return aldb_diag_post(&stmt->h.diag, ALDB_ST_07009, "There is no parameter %u: the statement has %u", number,
                              stmt->has_sql ? stmt->sql.nparams : 0);
    }
    if (aldb_stmt_describe_params(stmt) == ALDB_ERR) {
        return ALDB_ERR;
    }
    *oid = ALDB_OID_VARCHAR;
    *typmod = -1;
    if (number == 1 && stmt->sql.call == ALDB_CALL_RETURN && returned_oid(stmt->plans[0])) {
        *oid = aldb_stmt_base_type(stmt, returned_oid(stmt->plans[0]), typmod);
        return ALDB_OK;
    }
    for (size_t i = 0; i < stmt->sql.nparts; i++) {
        const struct aldb_sql_part *part = &stmt->sql.parts[i];
        uint32_t told = number > part->first_param ? aldb_plan_told(stmt->plans[i], number - 1u - part->first_param) : 0;
        if (told != 0 && told != ALDB_OID_UNKNOWN) {
            *oid = aldb_stmt_base_type(stmt, told, typmod);
        }
    }
    return ALDB_OK;
}
