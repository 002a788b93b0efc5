/* SPDX-License-Identifier: Apache-2.0 */
/* What the server is sent for a call: the forms of its text are tried until the server takes one. */
#include "statement/call.h"

#include "base/alloc.h"

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
        bool output = form == ALDB_FORM_INPUTS && aldb_call_is_pure_output(stmt, a->marker);
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
        bool output = aldb_call_is_pure_output(stmt, r->args[i].marker);
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
        if (aldb_call_is_pure_output(stmt, c->routine.args[i].marker)) {
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
    int32_t native = aldb_diag_first_native(diag);
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
            last = aldb_diag_first_native(diag);
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

void aldb_call_doubt(struct aldb_stmt *stmt, struct aldb_session *s, size_t part)
{
    if (is_unknown(aldb_diag_first_native(&stmt->h.diag)) && stmt->plans[part]) {
        stmt->calls[part].settled = false;
        aldb_plan_forget(s, stmt->plans[part]);
    }
}
