/* SPDX-License-Identifier: Apache-2.0 */
/* What the server is sent for a call. */
#include "statement/call.h"

#include "base/alloc.h"

/* ------------------------------------------------------------------ directions */

static SQLSMALLINT direction(const struct aldb_stmt *stmt, uint32_t marker)
{
    const struct aldb_desc_rec *d = aldb_desc_rec((struct aldb_desc *)&stmt->ipd, (SQLSMALLINT)(marker + 1));
    return d ? d->parameter_type : SQL_PARAM_INPUT;
}

bool aldb_call_is_streamed(const struct aldb_stmt *stmt, uint32_t marker)
{
    SQLSMALLINT io = direction(stmt, marker);
    return io == SQL_PARAM_OUTPUT_STREAM || io == SQL_PARAM_INPUT_OUTPUT_STREAM;
}

bool aldb_call_is_pure_output(const struct aldb_stmt *stmt, uint32_t marker)
{
    SQLSMALLINT io = direction(stmt, marker);
    return io == SQL_PARAM_OUTPUT || io == SQL_PARAM_OUTPUT_STREAM;
}

bool aldb_call_is_output(const struct aldb_stmt *stmt, uint32_t marker)
{
    return direction(stmt, marker) == SQL_PARAM_INPUT_OUTPUT || aldb_call_is_pure_output(stmt, marker) || aldb_call_is_streamed(stmt, marker);
}

/* ------------------------------------------------------------------ what is known of a part */

static void calls_free(struct aldb_call_part *calls, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        aldb_names_clear(&calls[i]);
        aldb_sql_routine_clear(&calls[i].routine);
        aldb_free(calls[i].defaults);
        aldb_free(calls[i].columns);
        aldb_plan_release(calls[i].columns_of);
    }
    aldb_free(calls);
}

struct aldb_call_part *aldb_call_of(struct aldb_stmt *stmt, size_t part, bool *no_memory)
{
    const struct aldb_sql_part *p = &stmt->sql.parts[part];
    *no_memory = false;
    if (p->cls != ALDB_SQL_CALL) {
        return NULL;
    }
    if (stmt->calls == NULL) {
        stmt->calls = aldb_alloc_array(stmt->sql.nparts, sizeof *stmt->calls);
        stmt->calls_free = calls_free;
    }
    struct aldb_call_part *c = stmt->calls ? &stmt->calls[part] : NULL;
    enum aldb_rc rc = c == NULL ? ALDB_ERR : c->read ? ALDB_OK : aldb_sql_read_call(&stmt->sql, part, &c->routine);
    if (rc == ALDB_ERR) {
        *no_memory = true;
        (void)aldb_diag_post(&stmt->h.diag, ALDB_ST_HY001, NULL);
        return NULL;
    }
    if (!c->read) {
        c->read = true;
        c->is_call = rc == ALDB_OK;
        c->form = p->call == ALDB_CALL_NONE ? ALDB_FORM_PROCEDURE : ALDB_FORM_FUNCTION;
    }
    return c->is_call ? c : NULL;
}

bool aldb_call_leaves_out(struct aldb_stmt *stmt, size_t part, uint32_t marker)
{
    const struct aldb_call_part *c = stmt->calls && stmt->calls[part].is_call ? &stmt->calls[part] : NULL;
    for (size_t i = 0; c && i < c->routine.nargs; i++) {
        if (c->routine.args[i].marker == marker) {
            return c->routine.args[i].left_out;
        }
    }
    return false;
}

/* The part's text becomes that of the form, without the arguments that it or SQL_DEFAULT_PARAM leaves out, and with names for those that have some. */
static enum aldb_rc write_form(struct aldb_stmt *stmt, size_t part, struct aldb_call_part *c, enum aldb_call_form form)
{
    static const enum aldb_sql_call_text texts[ALDB_FORM_COUNT] = {
        [ALDB_FORM_FUNCTION] = ALDB_CALL_TEXT_FUNCTION,
        [ALDB_FORM_INPUTS] = ALDB_CALL_TEXT_FUNCTION,
        [ALDB_FORM_PROCEDURE] = ALDB_CALL_TEXT_PROCEDURE,
        [ALDB_FORM_VALUE] = ALDB_CALL_TEXT_VALUE,
    };
    for (size_t i = 0; i < c->routine.nargs; i++) {
        struct aldb_sql_arg *a = &c->routine.args[i];
        bool output = form == ALDB_FORM_INPUTS && a->marker != ALDB_SQL_NO_MARKER && aldb_call_is_pure_output(stmt, a->marker);
        a->left_out = output || (c->defaults && c->defaults[i]);
    }
    aldb_names_give(c);
    c->form = form;
    enum aldb_rc rc = aldb_sql_write_call(&stmt->sql, part, &c->routine, texts[form]);
    return rc == ALDB_ERR ? aldb_diag_post(&stmt->h.diag, ALDB_ST_HY001, NULL) : rc;
}

/* ------------------------------------------------------------------ which form */

/* What the connection remembers: the form that the server took last for such a text with such bindings, and its names for the parameters. */
struct form_fact {
    enum aldb_call_form form;
    size_t len;
    char names[];
};

static bool make_key(struct aldb_stmt *stmt, size_t part, const struct aldb_call_part *c, struct aldb_buf *key)
{
    const struct aldb_sql_part *p = &stmt->sql.parts[part];
    const struct aldb_sql_routine *r = &c->routine;
    aldb_buf_init(key, ALDB_MAX_SQL);
    aldb_buf_add_str(key, p->call == ALDB_CALL_RETURN ? "call returns " : "call form ");
    aldb_buf_add(key, stmt->sql.text.data + r->name.at, r->name.len);
    aldb_buf_add_char(key, '(');
    aldb_buf_add_slice(key, aldb_sql_all_args(&stmt->sql, r));
    aldb_buf_add_char(key, ')');
    for (size_t i = 0; i < r->nargs; i++) {
        bool output = r->args[i].marker != ALDB_SQL_NO_MARKER && aldb_call_is_pure_output(stmt, r->args[i].marker);
        aldb_buf_add_char(key, c->defaults && c->defaults[i] ? 'd' : output ? 'o' : 'i');
        if (c->names && c->names[i]) {
            aldb_sql_quote_ident(key, aldb_slice_of(aldb_names_asked(stmt, r->args[i].marker)));
        }
    }
    return aldb_buf_ok(key);
}

/* ALDB_FORM_COUNT: nothing is remembered. */
static enum aldb_call_form remembered(struct aldb_stmt *stmt, struct aldb_call_part *c, const struct aldb_buf *key)
{
    aldb_facts_age(stmt->dbc);
    const struct form_fact *f = aldb_fact_hold(stmt->dbc, aldb_buf_slice(key));
    bool good = f && aldb_names_read(c, aldb_slice(f->names, f->len));
    enum aldb_call_form form = good ? f->form : ALDB_FORM_COUNT;
    aldb_fact_let_go(stmt->dbc);
    return form;
}

static void remember(struct aldb_stmt *stmt, const struct aldb_call_part *c, const struct aldb_buf *key)
{
    struct aldb_buf names;
    aldb_buf_init(&names, ALDB_MAX_SQL);
    aldb_names_write(c, &names);
    struct form_fact *f = aldb_buf_ok(&names) ? aldb_alloc(sizeof *f + names.len) : NULL;
    if (f) {
        f->form = c->form;
        f->len = names.len;
        if (names.len > 0) {
            memcpy(f->names, names.data, names.len);
        }
        (void)aldb_fact_remember(stmt->dbc, aldb_buf_slice(key), f);
    }
    aldb_buf_clear(&names);
}

static bool has_pure_output(const struct aldb_stmt *stmt, const struct aldb_call_part *c)
{
    for (size_t i = 0; i < c->routine.nargs; i++) {
        if (c->routine.args[i].marker != ALDB_SQL_NO_MARKER && aldb_call_is_pure_output(stmt, c->routine.args[i].marker)) {
            return true;
        }
    }
    return false;
}

/* The forms worth trying, the likeliest first. Returns how many. */
static size_t candidates(const struct aldb_stmt *stmt, size_t part, const struct aldb_call_part *c, enum aldb_call_form *out)
{
    size_t n = 0;
    if (stmt->sql.parts[part].call == ALDB_CALL_NONE) {
        out[n++] = ALDB_FORM_PROCEDURE;
        return n;
    }
    bool outputs = has_pure_output(stmt, c);
    bool procedure = stmt->sql.parts[part].call == ALDB_CALL_PLAIN;
    if (outputs && procedure) {
        out[n++] = ALDB_FORM_PROCEDURE;
    }
    if (outputs) {
        out[n++] = ALDB_FORM_INPUTS;
    }
    out[n++] = ALDB_FORM_FUNCTION;
    if (!outputs && procedure) {
        out[n++] = ALDB_FORM_PROCEDURE;
    }
    out[n++] = ALDB_FORM_VALUE;
    return n;
}

static void move_to_front(enum aldb_call_form *forms, size_t n, enum aldb_call_form first)
{
    size_t at = 0;
    while (at < n && forms[at] != first) {
        at++;
    }
    for (; at > 0 && at < n; at--) {
        forms[at] = forms[at - 1];
        forms[at - 1] = first;
    }
}

void aldb_call_types(const struct aldb_stmt *stmt, size_t part, const struct aldb_call_part *c, const uint32_t *force, uint32_t *out)
{
    const struct aldb_sql_part *p = &stmt->sql.parts[part];
    for (uint32_t i = 0; i < p->nparams; i++) {
        out[i] = force ? force[i] : 0;
    }
    for (size_t i = 0; i < c->routine.nargs; i++) {
        uint32_t marker = c->routine.args[i].marker;
        if (marker != ALDB_SQL_NO_MARKER && c->routine.args[i].left_out) {
            out[marker - p->first_param] = ALDB_OID_TEXT;
        }
    }
}

/* The native code of what has just been posted; 0: none of the server's. */
static int32_t posted(struct aldb_diag *diag)
{
    const struct aldb_diag_record *r = aldb_diag_get(diag, 1);
    return r ? r->native : 0;
}

static bool is_unknown(int32_t native)
{
    return native == aldb_pgstate_native("42809") || native == aldb_pgstate_native("42883");
}

/* What the forms refused so far have to tell. */
struct refusals {
    struct aldb_diag told; /* the most telling of them */
    int32_t native;
    bool is_procedure;
    struct aldb_buf advice; /* names.c: what is wrong with a name; empty = nothing */
};

static void refuse_form(struct refusals *r, struct aldb_diag *diag, enum aldb_call_form form)
{
    int32_t native = posted(diag);
    r->is_procedure |= native == aldb_pgstate_native("42809") && form != ALDB_FORM_PROCEDURE;
    bool better = r->told.count == 0 || (is_unknown(r->native) && !is_unknown(native)) ||
                  (r->native == aldb_pgstate_native("42809") && native == aldb_pgstate_native("42883"));
    if (better) {
        aldb_diag_clear(&r->told);
        r->told = *diag;
        r->native = native;
        aldb_diag_init(diag);
    } else {
        aldb_diag_clear(diag);
    }
}

/* May another form do better after such a refusal? The last resort is for functions that would need a list of columns. */
static bool is_worth_trying(const struct refusals *r, enum aldb_call_form form, int32_t last)
{
    if (form == ALDB_FORM_VALUE) {
        return r->native == aldb_pgstate_native("42601");
    }
    return is_unknown(last) || last == aldb_pgstate_native("42601");
}

/* What no form helps against: what that means for a call. */
static void explain(struct aldb_stmt *stmt, size_t part, const struct aldb_call_part *c, const struct refusals *r)
{
    enum aldb_sql_call call = stmt->sql.parts[part].call;
    struct aldb_slice name = aldb_slice(stmt->sql.text.data + c->routine.name.at, c->routine.name.len);
    if (r->advice.len > 0) {
        aldb_diag_hint(&stmt->h.diag, 1, "%s", aldb_buf_cstr(&r->advice));
    } else if (call == ALDB_CALL_RETURN && r->is_procedure) {
        aldb_diag_hint(&stmt->h.diag, 1, "A procedure has no return value: write {call %.*s(…)} and bind its INOUT and OUT parameters", (int)name.len,
                       name.ptr);
    } else if (call == ALDB_CALL_PLAIN && r->native == aldb_pgstate_native("42883")) {
        aldb_diag_hint(&stmt->h.diag, 1, "There is neither a function nor a procedure %.*s that takes these arguments", (int)name.len, name.ptr);
    }
}

/* What aldb_call_settle was given. */
struct trial {
    struct aldb_stmt *stmt;
    size_t part;
    struct aldb_call_part *c;
    struct aldb_session *s;
    struct aldb_plan_request *req;
    const uint32_t *force;
    uint32_t *types;
    const struct aldb_wait *wait;
    struct aldb_plan **plan;
};

static enum aldb_rc try_form(const struct trial *t, enum aldb_call_form form)
{
    struct aldb_stmt *stmt = t->stmt;
    if (write_form(stmt, t->part, t->c, form) == ALDB_ERR) {
        return ALDB_ERR;
    }
    aldb_call_types(stmt, t->part, t->c, t->force, t->types);
    t->req->sql = aldb_sql_part_text(&stmt->sql, t->part);
    t->req->force = t->types;
    aldb_stmt_speak_of(stmt, t->part);
    return aldb_plan_get(t->s, t->req, t->wait, t->plan, &stmt->h.diag);
}

/* Tries them in their order, until one is taken. */
static enum aldb_rc try_forms(const struct trial *t, const enum aldb_call_form *forms, size_t n, struct refusals *refusals)
{
    struct aldb_diag *diag = &t->stmt->h.diag;
    enum aldb_rc rc = ALDB_ERR;
    int32_t last = aldb_pgstate_native("42883");
    for (size_t i = 0; i < n && rc == ALDB_ERR; i++) {
        if (i > 0 && !is_worth_trying(refusals, forms[i], last)) {
            continue;
        }
        rc = try_form(t, forms[i]);
        if (rc == ALDB_ERR) {
            last = posted(diag);
            refuse_form(refusals, diag, forms[i]);
        }
    }
    return rc;
}

/* Once more with other names for the parameters, if the server may have refused the call for the sake of these. */
static enum aldb_rc try_names(const struct trial *t, const enum aldb_call_form *forms, size_t n, struct refusals *refusals)
{
    enum aldb_rc rc = ALDB_NO_DATA;
    if (t->c->names && is_unknown(refusals->native)) {
        aldb_stmt_speak_plain(t->stmt);
        rc = aldb_names_search(t->stmt, t->c, t->wait, &refusals->advice);
    }
    if (rc == ALDB_NO_DATA) {
        return ALDB_ERR;
    }
    aldb_diag_clear(&refusals->told);
    refusals->native = 0;
    if (rc == ALDB_ERR) { /* of the search itself */
        refuse_form(refusals, &t->stmt->h.diag, forms[0]);
        return rc;
    }
    return try_forms(t, forms, n, refusals);
}

bool aldb_call_is_settled(const struct aldb_stmt *stmt, const struct aldb_call_part *c)
{
    return c->settled && c->ipd_version == stmt->ipd.version && c->facts == atomic_load(&stmt->dbc->facts_epoch);
}

enum aldb_rc aldb_call_settle(struct aldb_stmt *stmt, size_t part, struct aldb_call_part *c, struct aldb_session *s, struct aldb_plan_request *req,
                              const uint32_t *force, uint32_t *types, const struct aldb_wait *wait, struct aldb_plan **plan)
{
    const struct trial t = {stmt, part, c, s, req, force, types, wait, plan};
    struct aldb_diag *diag = &stmt->h.diag;
    enum aldb_call_form forms[ALDB_FORM_COUNT];
    struct refusals refusals = {0};
    struct aldb_buf key;

    /* Only the facts have been forgotten, as by SET: what it was it will be, unless the last resort would hide that it is more by now. */
    bool again = c->settled && c->ipd_version == stmt->ipd.version && c->form != ALDB_FORM_VALUE;
    enum aldb_call_form before = c->form;
    c->settled = false;
    if (aldb_names_take(stmt, part, c) == ALDB_ERR || aldb_names_check_order(stmt, c) == ALDB_ERR) {
        return ALDB_ERR;
    }
    if (!make_key(stmt, part, c, &key)) {
        aldb_buf_clear(&key);
        return aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    }
    size_t n = candidates(stmt, part, c, forms);
    enum aldb_call_form likeliest = forms[0];
    enum aldb_call_form known = n > 1 || c->names ? remembered(stmt, c, &key) : ALDB_FORM_COUNT;
    move_to_front(forms, n, known == ALDB_FORM_COUNT && again ? before : known);
    struct aldb_diag kept = aldb_diag_aside(diag);
    aldb_diag_init(&refusals.told);
    aldb_buf_init(&refusals.advice, ALDB_MAX_MESSAGE);
    bool other_names = false;
    enum aldb_rc rc = try_forms(&t, forms, n, &refusals);
    if (rc == ALDB_ERR) {
        rc = try_names(&t, forms, n, &refusals);
        other_names = rc != ALDB_ERR;
    }
    if (rc == ALDB_ERR) {
        aldb_diag_move(diag, &refusals.told);
        explain(stmt, part, c, &refusals);
        (void)!write_form(stmt, part, c, likeliest);
    } else if (other_names || c->form != (known != ALDB_FORM_COUNT ? known : likeliest)) {
        remember(stmt, c, &key);
    }
    aldb_diag_clear(&refusals.told);
    aldb_buf_clear(&refusals.advice);
    aldb_diag_back_with(diag, &kept);
    c->settled = rc != ALDB_ERR;
    c->ipd_version = stmt->ipd.version;
    c->facts = atomic_load(&stmt->dbc->facts_epoch);
    aldb_plan_release(c->columns_of); /* other directions, another map */
    c->columns_of = NULL;
    aldb_buf_clear(&key);
    return rc;
}

/* ------------------------------------------------------------------ parameters left to their defaults */

static bool asks_for_default(const struct aldb_stmt *stmt, uint32_t marker, uint64_t set)
{
    struct aldb_param_at at;
    if (marker == ALDB_SQL_NO_MARKER || aldb_call_is_pure_output(stmt, marker)) {
        return false;
    }
    aldb_params_at(stmt, marker, set, &at);
    return (at.length && aldb_length_at(at.length) == SQL_DEFAULT_PARAM) || aldb_dae_is_default(stmt, marker, set);
}

/* PostgreSQL takes a default where an argument is not given: behind the last one, or among those given by name. */
static enum aldb_rc check_defaults(struct aldb_stmt *stmt, const struct aldb_call_part *c)
{
    const struct aldb_sql_routine *r = &c->routine;
    const struct aldb_sql_arg *hole = NULL;
    for (size_t i = 0; c->defaults && i < r->nargs; i++) {
        bool named = aldb_names_has(c, i);
        hole = hole == NULL && !named && c->defaults[i] ? &r->args[i] : hole;
        if (hole && !named && !c->defaults[i]) {
            return aldb_diag_post(&stmt->h.diag, ALDB_ST_07S01,
                                  "Parameter %u asks for a default (SQL_DEFAULT_PARAM), but an argument behind it does not: only the last arguments of a call "
                                  "can be left to their defaults; name those behind it, as in {call f(?, c => ?)}, or by SQL_DESC_NAME", hole->marker + 1);
        }
    }
    return ALDB_OK;
}

/* Reads the indicators of a set: to be called when the statement is executed, and not before. */
static enum aldb_rc take_defaults(struct aldb_stmt *stmt, struct aldb_call_part *c, uint64_t set)
{
    for (size_t i = 0; i < c->routine.nargs; i++) {
        bool wanted = asks_for_default(stmt, c->routine.args[i].marker, set);
        if (wanted && c->defaults == NULL) {
            c->defaults = aldb_alloc_array(c->routine.nargs, sizeof *c->defaults);
            if (c->defaults == NULL) {
                return aldb_diag_post(&stmt->h.diag, ALDB_ST_HY001, NULL);
            }
        }
        if (c->defaults && c->defaults[i] != wanted) {
            c->defaults[i] = wanted;
            c->settled = false;
        }
    }
    return check_defaults(stmt, c);
}

/* ------------------------------------------------------------------ running */

bool aldb_call_hides_result(struct aldb_stmt *stmt, size_t part, const struct aldb_column *columns, uint16_t ncolumns)
{
    const struct aldb_sql_part *p = &stmt->sql.parts[part];
    const struct aldb_call_part *c = stmt->calls ? &stmt->calls[part] : NULL;
    if (c == NULL || !c->is_call) {
        return false;
    }
    bool nothing = p->call != ALDB_CALL_NONE && ncolumns == 1 && columns[0].oid == ALDB_OID_VOID;
    return nothing || p->call == ALDB_CALL_RETURN || aldb_outputs_wanted(stmt, part) || aldb_refcursor_named(stmt, columns, ncolumns);
}

/* The next row of a call's result. ALDB_NO_DATA: there is none. */
static enum aldb_rc next_row(struct aldb_stmt *stmt, struct aldb_outcome *o, const struct aldb_wait *wait)
{
    if (!o->has_rows || o->exec.ncolumns == 0) {
        return ALDB_NO_DATA;
    }
    aldb_stmt_running(stmt, &o->exec);
    enum aldb_rc rc = aldb_exec_next(&o->exec, wait, &stmt->h.diag);
    aldb_stmt_idle(stmt);
    return rc;
}

/* All rows: the first to the parameters, the cursors that they name to *names. */
static enum aldb_rc take_rows(struct aldb_stmt *stmt, struct aldb_outcome *o, size_t part, struct aldb_buf *names, const struct aldb_wait *wait)
{
    bool cursors = aldb_refcursor_named(stmt, o->exec.columns, o->exec.ncolumns);
    bool first = true;
    bool info = false;
    for (;;) {
        enum aldb_rc rc = next_row(stmt, o, wait);
        if (rc == ALDB_ERR) {
            return rc;
        }
        info |= rc == ALDB_INFO;
        bool row = rc != ALDB_NO_DATA;
        if (first) {
            rc = aldb_outputs_deliver(stmt, o, part, row);
            info |= rc == ALDB_INFO;
        } else if (row && !cursors) {
            rc = aldb_diag_post(&stmt->h.diag, ALDB_ST_01000, "The function returned more than one row: the parameters have the values of the first, "
                                "and the others are dropped; {call …} without output parameters has them as a result set");
            return rc;
        }
        if (rc == ALDB_ERR) {
            return rc;
        }
        if (row && cursors) {
            aldb_refcursor_collect(o, names);
        }
        /* Values that are told in parts are read from where the result stands. */
        if (!row || (first && aldb_outputs_streamed(stmt, part))) {
            return info ? ALDB_INFO : ALDB_OK;
        }
        first = false;
    }
}

/* What is no result set for the application goes where it belongs. */
static enum aldb_rc dispose(struct aldb_stmt *stmt, struct aldb_session *s, struct aldb_outcome *o, size_t part, const struct aldb_wait *wait)
{
    bool array = stmt->sql.nparams > 0 && stmt->apd->array_size > 1;
    struct aldb_buf names;
    enum aldb_rc rc = ALDB_OK;
    bool info = false;
    /* The plan may have been made anew while it ran: what the outputs are is to be seen anew, too. */
    if (stmt->plans[part] && stmt->calls[part].columns_of != stmt->plans[part] && aldb_outputs_map(stmt, part, stmt->plans[part], wait) == ALDB_ERR) {
        return ALDB_ERR;
    }
    if (!aldb_call_hides_result(stmt, part, o->exec.columns, o->exec.ncolumns)) {
        o->silent = array && !o->has_rows;
        return ALDB_OK;
    }
    aldb_buf_init(&names, ALDB_MAX_VALUE);
    bool void_only = stmt->sql.parts[part].call != ALDB_CALL_RETURN && o->exec.ncolumns == 1 && o->exec.columns[0].oid == ALDB_OID_VOID;
    if (!void_only || aldb_outputs_wanted(stmt, part)) {
        ALDB_TRY(take_rows(stmt, o, part, &names, wait));
        info |= rc == ALDB_INFO;
    }
    o->has_rows = false;
    o->affected = -1;
    o->silent = array || names.len > 0;
    if (stmt->nstreamed == 0 || stmt->streamed[stmt->nstreamed - 1].outcome != o) {
        ALDB_TRY(aldb_exec_close(&o->exec, wait, &stmt->h.diag));
        info |= rc == ALDB_INFO;
    }
    if (names.len > 0 || names.failed) {
        ALDB_TRY(aldb_refcursor_fetch(stmt, s, &names, o->set, wait));
        info |= rc == ALDB_INFO;
    }
    rc = info ? ALDB_INFO : ALDB_OK;
out:
    aldb_buf_clear(&names);
    return rc;
}

/* Back to what the statement had before. */
static void forget_outcomes(struct aldb_stmt *stmt, size_t noutcomes, size_t nstreamed)
{
    while (stmt->noutcomes > noutcomes) {
        aldb_stmt_drop_outcome(stmt);
    }
    stmt->nstreamed = nstreamed;
}

/* `cursors`: in a transaction or under a savepoint of its own, for cursors live no longer than a transaction. */
static enum aldb_rc run_once(struct aldb_stmt *stmt, struct aldb_session *s, size_t part, uint64_t set, bool whole, bool cursors, const struct aldb_wait *wait)
{
    size_t noutcomes = stmt->noutcomes;
    size_t nstreamed = stmt->nstreamed;
    if (cursors && aldb_group_begin(s, wait, &stmt->h.diag) == ALDB_ERR) {
        return ALDB_ERR;
    }
    enum aldb_rc rc = aldb_run_one(stmt, s, part, set, whole || cursors || aldb_outputs_streamed(stmt, part), wait);
    if (rc != ALDB_ERR) {
        bool one_of_many = stmt->sql.nparams > 0 && stmt->apd->array_size > 1;
        aldb_diag_at(&stmt->h.diag, one_of_many ? (int64_t)set + 1 : ALDB_ROW_NONE, ALDB_COL_NONE);
        enum aldb_rc got = dispose(stmt, s, stmt->outcomes[noutcomes], part, wait);
        aldb_diag_at(&stmt->h.diag, ALDB_ROW_NONE, ALDB_COL_NONE);
        rc = got == ALDB_OK ? rc : got;
    }
    bool ran = rc != ALDB_ERR;
    /* Undoing has a time of its own: that of the statement may be over. */
    if (cursors && aldb_group_end(s, ran, ran ? wait : NULL, &stmt->h.diag) == ALDB_ERR) {
        rc = ALDB_ERR;
    }
    if (rc == ALDB_ERR) {
        forget_outcomes(stmt, noutcomes, nstreamed);
    }
    return rc;
}

/* What the call's name stands for may have changed, of which others tell nobody: the next execution finds out. */
static void doubt(struct aldb_stmt *stmt, struct aldb_session *s, size_t part)
{
    if (is_unknown(posted(&stmt->h.diag)) && stmt->plans[part]) {
        stmt->calls[part].settled = false;
        aldb_plan_forget(s, stmt->plans[part]);
    }
}

/* A procedure that ends transactions can do so where the transaction is its own only; the server says no more than that it cannot. */
static void explain_failure(struct aldb_stmt *stmt, struct aldb_session *s, bool cursors)
{
    if (posted(&stmt->h.diag) != aldb_pgstate_native("2D000")) {
        return;
    }
    if (!aldb_session_autocommit(s)) {
        aldb_diag_hint(&stmt->h.diag, 1, "The procedure ends transactions by itself: call it with SQL_ATTR_AUTOCOMMIT on");
    } else if (cursors) {
        aldb_diag_hint(&stmt->h.diag, 1, "The procedure ends transactions by itself, and gives back cursors, which FetchRefcursors reads in the same transaction: "
                       "call it with FetchRefcursors off");
    }
}

enum aldb_rc aldb_call_run(struct aldb_stmt *stmt, struct aldb_session *s, size_t part, uint64_t set, bool whole, const struct aldb_wait *wait)
{
    bool no_memory;
    bool cursors = false;
    struct aldb_call_part *c = aldb_call_of(stmt, part, &no_memory);
    if (c == NULL) {
        return no_memory ? ALDB_ERR : aldb_run_one(stmt, s, part, set, whole, wait);
    }
    if (aldb_names_take(stmt, part, c) == ALDB_ERR || take_defaults(stmt, c, set) == ALDB_ERR) {
        return ALDB_ERR;
    }
    if (aldb_run_is_planned(stmt, part)) {
        struct aldb_plan *plan;
        if (aldb_stmt_plan(stmt, part, NULL, wait, &plan) == ALDB_ERR || aldb_outputs_map(stmt, part, plan, wait) == ALDB_ERR) {
            return ALDB_ERR;
        }
        cursors = aldb_refcursor_named(stmt, plan->columns, plan->ncolumns);
    }
    enum aldb_rc rc = run_once(stmt, s, part, set, whole, cursors, wait);
    if (rc == ALDB_ERR && cursors && aldb_sets_replan(stmt, s, wait)) {
        aldb_diag_clear(&stmt->h.diag);
        rc = run_once(stmt, s, part, set, whole, true, wait);
    }
    if (rc == ALDB_ERR) {
        doubt(stmt, s, part);
        explain_failure(stmt, s, cursors);
    }
    return rc;
}
