/* SPDX-License-Identifier: Apache-2.0 */
/* Return values and output parameters: which column of a call's row goes to which of them, and how it gets there. */
#include "statement/call.h"

#include "base/alloc.h"

/* ------------------------------------------------------------------ the catalog's word */

struct search {
    struct aldb_stmt *stmt;
    size_t part;
    const struct aldb_call_part *call;
    const struct aldb_plan *plan;
    uint16_t *columns; /* of the first that fits */
    uint16_t *scratch;
    size_t *parameters; /* by argument: which of the routine's it is */
    uint32_t slots;
    bool found, differs;
};

static uint16_t column_of(const struct aldb_signature *routine, size_t parameter)
{
    uint16_t n = 0;
    for (size_t i = 0; i < parameter; i++) {
        n += aldb_signature_gives_back(routine, i);
    }
    return n;
}

static void judge(void *ctx, const struct aldb_signature *routine)
{
    struct search *s = ctx;
    const struct aldb_sql_routine *r = &s->call->routine;
    uint32_t first = s->stmt->sql.parts[s->part].first_param;
    if (!aldb_signature_meets(s->stmt, s->call, s->plan, routine, s->parameters)) {
        return;
    }
    for (uint32_t i = 0; i < s->slots; i++) {
        s->scratch[i] = ALDB_NO_COLUMN;
    }
    for (size_t i = 0; i < r->nargs; i++) {
        uint32_t marker = r->args[i].marker;
        char mode = routine->modes.data[s->parameters[i]];
        if (marker != ALDB_SQL_NO_MARKER && (mode == 'o' || mode == 'b') && aldb_call_is_output(s->stmt, marker)) {
            s->scratch[marker - first + 1] = column_of(routine, s->parameters[i]);
        }
    }
    s->differs |= s->found && memcmp(s->columns, s->scratch, s->slots * sizeof *s->columns) != 0;
    memcpy(s->columns, s->scratch, s->slots * sizeof *s->columns);
    s->found = true;
}

/* Asks the catalog. *found: it tells for certain. ALDB_NO_DATA: it cannot be asked, for the transaction has failed. */
static enum aldb_rc search_catalog(struct aldb_stmt *stmt, size_t part, const struct aldb_plan *plan, const struct aldb_wait *wait, uint16_t *columns,
                                   bool *found)
{
    struct aldb_call_part *c = &stmt->calls[part];
    uint32_t slots = stmt->sql.parts[part].nparams + 1;
    struct search s = {.stmt = stmt, .part = part, .call = c, .plan = plan, .columns = columns, .slots = slots};
    s.scratch = aldb_alloc_array(slots, sizeof *s.scratch);
    s.parameters = aldb_alloc_array(c->routine.nargs, sizeof *s.parameters);
    enum aldb_rc rc = s.scratch && s.parameters ? aldb_signatures_ask(stmt, &c->routine, judge, &s, wait) : aldb_diag_post(&stmt->h.diag, ALDB_ST_HY001, NULL);
    *found = s.found && !s.differs;
    aldb_free(s.scratch);
    aldb_free(s.parameters);
    return rc;
}

/* ------------------------------------------------------------------ the map */

static uint32_t count_outputs(const struct aldb_stmt *stmt, const struct aldb_sql_part *p)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < p->nparams; i++) {
        n += aldb_call_is_output(stmt, p->first_param + i);
    }
    return n;
}

/* Do all arguments stand in the order of the parameters, as markers? */
static bool all_markers(const struct aldb_call_part *c)
{
    for (size_t i = 0; i < c->routine.nargs; i++) {
        if (c->routine.args[i].marker == ALDB_SQL_NO_MARKER || aldb_names_has(c, i)) {
            return false;
        }
    }
    return true;
}

static void map_in_order(const struct aldb_stmt *stmt, const struct aldb_sql_part *p, uint16_t *columns)
{
    uint16_t next = 0;
    for (uint32_t i = 0; i < p->nparams; i++) {
        columns[i + 1] = aldb_call_is_output(stmt, p->first_param + i) ? next++ : ALDB_NO_COLUMN;
    }
}

/* What the catalog said, kept by the connection. */
struct map_fact {
    uint32_t slots;
    uint16_t ncolumns;
    uint16_t columns[];
};

static bool make_key(const struct aldb_stmt *stmt, size_t part, struct aldb_buf *key)
{
    const struct aldb_sql_part *p = &stmt->sql.parts[part];
    aldb_buf_init(key, ALDB_MAX_SQL);
    aldb_buf_add_str(key, "call outputs ");
    aldb_buf_add_slice(key, aldb_sql_part_text(&stmt->sql, part));
    for (uint32_t i = 0; i < p->nparams; i++) {
        aldb_buf_add_char(key, aldb_call_is_output(stmt, p->first_param + i) ? 'o' : 'i');
    }
    return aldb_buf_ok(key);
}

static bool recall(struct aldb_stmt *stmt, const struct aldb_buf *key, const struct aldb_plan *plan, uint32_t slots, uint16_t *columns)
{
    aldb_facts_age(stmt->dbc);
    const struct map_fact *f = aldb_fact_hold(stmt->dbc, aldb_buf_slice(key));
    bool good = f && f->slots == slots && f->ncolumns == plan->ncolumns;
    if (good) {
        memcpy(columns, f->columns, slots * sizeof *columns);
    }
    aldb_fact_let_go(stmt->dbc);
    return good;
}

static void remember(struct aldb_stmt *stmt, const struct aldb_buf *key, const struct aldb_plan *plan, uint32_t slots, const uint16_t *columns)
{
    struct map_fact *f = aldb_alloc(sizeof *f + slots * sizeof *columns);
    if (f) {
        f->slots = slots;
        f->ncolumns = plan->ncolumns;
        memcpy(f->columns, columns, slots * sizeof *columns);
        (void)aldb_fact_remember(stmt->dbc, aldb_buf_slice(key), f);
    }
}

/* Where the catalog has no word: in order, if each column has its marker. */
static enum aldb_rc map_by_count(struct aldb_stmt *stmt, size_t part, const struct aldb_plan *plan, uint16_t *columns)
{
    const struct aldb_sql_part *p = &stmt->sql.parts[part];
    const struct aldb_sql_routine *r = &stmt->calls[part].routine;
    bool named = false;
    for (size_t i = 0; i < r->nargs; i++) {
        named |= aldb_names_has(&stmt->calls[part], i);
    }
    if (named || count_outputs(stmt, p) != plan->ncolumns || p->call == ALDB_CALL_RETURN) {
        return aldb_diag_post(&stmt->h.diag, ALDB_ST_HY000, "The catalog does not tell for certain which of the parameters bound as output the columns of %.*s "
                              "belong to: use {call} without a return value, write all arguments by position, and bind every INOUT and OUT parameter",
                              (int)r->name.len, stmt->sql.text.data + r->name.at);
    }
    map_in_order(stmt, p, columns);
    return ALDB_OK;
}

/* By the catalog's word. ALDB_NO_DATA: it cannot be asked now, and the call will not succeed either. */
static enum aldb_rc map_by_catalog(struct aldb_stmt *stmt, size_t part, const struct aldb_plan *plan, const struct aldb_wait *wait, uint16_t *columns)
{
    uint32_t slots = stmt->sql.parts[part].nparams + 1;
    bool found = false;
    struct aldb_buf key;
    enum aldb_rc rc = make_key(stmt, part, &key) ? ALDB_OK : aldb_diag_post(&stmt->h.diag, ALDB_ST_HY001, NULL);
    if (rc == ALDB_OK && !recall(stmt, &key, plan, slots, columns)) {
        rc = search_catalog(stmt, part, plan, wait, columns, &found);
        if (rc == ALDB_OK && found) {
            remember(stmt, &key, plan, slots, columns);
        } else if (rc == ALDB_OK) {
            rc = map_by_count(stmt, part, plan, columns);
        }
    }
    aldb_buf_clear(&key);
    return rc;
}

enum aldb_rc aldb_outputs_map(struct aldb_stmt *stmt, size_t part, struct aldb_plan *plan, const struct aldb_wait *wait)
{
    const struct aldb_sql_part *p = &stmt->sql.parts[part];
    struct aldb_call_part *c = stmt->calls ? &stmt->calls[part] : NULL;
    if (c == NULL || !c->is_call || c->columns_of == plan) {
        return ALDB_OK;
    }
    uint16_t *columns = aldb_realloc_array(c->columns, p->nparams + 1, sizeof *columns);
    if (columns == NULL) {
        return aldb_diag_post(&stmt->h.diag, ALDB_ST_HY001, NULL);
    }
    c->columns = columns;
    aldb_plan_release(c->columns_of);
    c->columns_of = NULL;
    uint32_t outputs = count_outputs(stmt, p);
    bool in_order = outputs == plan->ncolumns && all_markers(c) && p->call != ALDB_CALL_RETURN && c->form != ALDB_FORM_FUNCTION;
    enum aldb_rc rc = ALDB_OK;
    if (outputs == 0 || in_order) {
        map_in_order(stmt, p, columns);
    } else {
        rc = map_by_catalog(stmt, part, plan, wait, columns);
    }
    if (rc != ALDB_OK) {
        return rc == ALDB_NO_DATA ? ALDB_OK : ALDB_ERR;
    }
    columns[0] = p->call == ALDB_CALL_RETURN ? 0 : ALDB_NO_COLUMN;
    c->columns_of = aldb_plan_ref(plan);
    return ALDB_OK;
}

bool aldb_outputs_wanted(struct aldb_stmt *stmt, size_t part)
{
    const struct aldb_call_part *c = stmt->calls ? &stmt->calls[part] : NULL;
    for (uint32_t i = 0; c && c->columns_of && i <= stmt->sql.parts[part].nparams; i++) {
        if (c->columns[i] != ALDB_NO_COLUMN) {
            return true;
        }
    }
    return false;
}

/* The marker that a slot of the map is for. */
static uint32_t marker_of(const struct aldb_sql_part *p, uint32_t slot)
{
    return slot == 0 ? 0 : p->first_param + slot - 1;
}

bool aldb_outputs_streamed(struct aldb_stmt *stmt, size_t part)
{
    const struct aldb_call_part *c = stmt->calls ? &stmt->calls[part] : NULL;
    for (uint32_t i = 0; c && c->columns_of && i <= stmt->sql.parts[part].nparams; i++) {
        if (c->columns[i] != ALDB_NO_COLUMN && aldb_call_is_streamed(stmt, marker_of(&stmt->sql.parts[part], i))) {
            return true;
        }
    }
    return false;
}

/* ------------------------------------------------------------------ delivery */

/* A column of the current row to a parameter's buffer. */
static enum aldb_rc deliver(struct aldb_stmt *stmt, const struct aldb_outcome *o, uint16_t column, bool row, uint32_t param)
{
    struct aldb_param_at at;
    enum aldb_state st = ALDB_ST_NONE;
    aldb_params_at(stmt, param, o->set, &at);
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
            .locale = &o->exec.locale,
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
    aldb_diag_at(&stmt->h.diag, stmt->apd->array_size > 1 ? (int64_t)o->set + 1 : ALDB_ROW_NONE, (int32_t)param + 1);
    const struct aldb_type *type = row ? aldb_type_find(o->exec.columns[column].oid) : NULL;
    enum aldb_rc rc = aldb_conversion_post(&stmt->h.diag, st, "output parameter", param + 1, type ? type->name : NULL, at.apd->concise_type);
    aldb_diag_at(&stmt->h.diag, ALDB_ROW_NONE, ALDB_COL_NONE);
    return rc;
}

enum aldb_rc aldb_outputs_deliver(struct aldb_stmt *stmt, struct aldb_outcome *o, size_t part, bool row)
{
    const struct aldb_sql_part *p = &stmt->sql.parts[part];
    const struct aldb_call_part *c = &stmt->calls[part];
    bool info = false;
    bool failed = false;
    for (uint32_t slot = 0; slot <= p->nparams; slot++) {
        uint16_t column = c->columns_of ? c->columns[slot] : ALDB_NO_COLUMN;
        uint32_t marker = marker_of(p, slot);
        bool there = row && column < o->exec.ncolumns;
        /* What goes in as well stays as it is where the call has nothing for it. */
        if (column == ALDB_NO_COLUMN || (slot > 0 && row && !there && !aldb_call_is_pure_output(stmt, marker))) {
            continue;
        }
        bool nothing = !there || o->exec.columns[column].oid == ALDB_OID_VOID;
        enum aldb_rc rc = aldb_call_is_streamed(stmt, marker) ? aldb_streamed_add(stmt, o, marker, column, !nothing) : deliver(stmt, o, column, !nothing, marker);
        info |= rc == ALDB_INFO;
        failed |= rc == ALDB_ERR;
    }
    return failed ? ALDB_ERR : info ? ALDB_INFO : ALDB_OK;
}
