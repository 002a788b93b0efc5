/* SPDX-License-Identifier: Apache-2.0 */
/* Return values and output parameters: which column of a call's row goes to which of them, and how it gets there. */
#include "statement/call.h"

#include "base/alloc.h"

/* ------------------------------------------------------------------ the catalog's word */

/* One routine of that name: its parameters, and how the call's arguments would meet them. */
struct candidate {
    char oid[16];
    struct aldb_buf modes; /* i, o, b, v, t, one a parameter */
    struct aldb_buf names; /* each with a NUL behind it */
};

struct search {
    struct aldb_stmt *stmt;
    size_t part;
    const struct aldb_call_part *call;
    const struct aldb_plan *plan;
    struct candidate now;
    uint16_t *columns; /* of the first that fits */
    uint16_t *scratch;
    uint32_t slots;
    bool found, differs, no_memory;
};

static const char *nth_name(const struct candidate *c, size_t n)
{
    const char *at = c->names.data;
    while (n-- > 0) {
        at += strlen(at) + 1;
    }
    return at;
}

static bool is_given_back(char mode)
{
    return mode == 'o' || mode == 'b' || mode == 't';
}

/* May an argument stand for a parameter of this mode? A function that is not told of its OUT parameters counts only the others. */
static bool takes_argument(enum aldb_call_form form, char mode)
{
    return mode != 't' && (mode != 'o' || form == ALDB_FORM_PROCEDURE || form == ALDB_FORM_INPUTS);
}

/* Do the result's columns have the names that the routine's parameters give them? */
static bool has_columns(const struct search *s)
{
    uint16_t n = 0;
    for (size_t i = 0; i < s->now.modes.len; i++) {
        if (!is_given_back(s->now.modes.data[i])) {
            continue;
        }
        const char *name = nth_name(&s->now, i);
        if (n >= s->plan->ncolumns || (name[0] && strcmp(name, s->plan->columns[n].name) != 0)) {
            return false;
        }
        n++;
    }
    return n == 0 || n == s->plan->ncolumns;
}

/* A name as the server reads it. */
static bool same_name(struct aldb_slice written, const char *name)
{
    size_t len = strlen(name);
    if (written.len >= 2 && written.ptr[0] == '"') {
        return aldb_slice_eq(aldb_slice(written.ptr + 1, written.len - 2), aldb_slice(name, len));
    }
    return aldb_slice_eq_nocase(written, aldb_slice(name, len));
}

/* The parameter that argument `a`, `place` arguments given by position before it, stands for; SIZE_MAX: none. */
static size_t parameter_of(const struct search *s, const struct aldb_sql_arg *a, size_t place)
{
    struct aldb_slice name = aldb_sql_arg_name(&s->stmt->sql, &s->call->routine, a);
    for (size_t i = 0; i < s->now.modes.len; i++) {
        char mode = s->now.modes.data[i];
        if (!takes_argument(s->call->form, mode)) {
            continue;
        }
        if (name.len > 0 ? same_name(name, nth_name(&s->now, i)) : place == 0 || mode == 'v') {
            return i;
        }
        place -= place > 0;
    }
    return SIZE_MAX;
}

static uint16_t column_of(const struct candidate *c, size_t parameter)
{
    uint16_t n = 0;
    for (size_t i = 0; i < parameter; i++) {
        n += is_given_back(c->modes.data[i]);
    }
    return n;
}

/* Fills scratch; false: the call cannot be one of this routine. */
static bool fits(struct search *s)
{
    const struct aldb_sql_routine *r = &s->call->routine;
    uint32_t first = s->stmt->sql.parts[s->part].first_param;
    size_t place = 0;
    if (!has_columns(s)) {
        return false;
    }
    for (uint32_t i = 0; i < s->slots; i++) {
        s->scratch[i] = ALDB_NO_COLUMN;
    }
    for (size_t i = 0; i < r->nargs; i++) {
        const struct aldb_sql_arg *a = &r->args[i];
        size_t parameter = parameter_of(s, a, place);
        place += a->name.len == 0;
        if (parameter == SIZE_MAX) {
            return false;
        }
        char mode = s->now.modes.data[parameter];
        if (a->marker != ALDB_SQL_NO_MARKER && (mode == 'o' || mode == 'b') && aldb_call_is_output(s->stmt, a->marker)) {
            s->scratch[a->marker - first + 1] = column_of(&s->now, parameter);
        }
    }
    return true;
}

static void judge(struct search *s)
{
    s->no_memory |= s->now.modes.failed || s->now.names.failed;
    if (s->now.oid[0] && !s->no_memory && fits(s)) {
        s->differs |= s->found && memcmp(s->columns, s->scratch, s->slots * sizeof *s->columns) != 0;
        memcpy(s->columns, s->scratch, s->slots * sizeof *s->columns);
        s->found = true;
    }
    aldb_buf_reset(&s->now.modes);
    aldb_buf_reset(&s->now.names);
}

static void take_parameter(void *ctx, const struct aldb_cell *cells, uint16_t ncells)
{
    struct search *s = ctx;
    if (ncells != 3) {
        return;
    }
    struct aldb_slice oid = aldb_slice(cells[0].data, cells[0].len);
    if (!aldb_slice_eq(oid, aldb_slice_of(s->now.oid))) {
        judge(s);
        (void)aldb_copy(s->now.oid, sizeof s->now.oid, oid);
    }
    if (cells[1].len == 1) {
        aldb_buf_add(&s->now.modes, cells[1].data, 1);
        aldb_buf_add(&s->now.names, cells[2].data, cells[2].len);
        aldb_buf_add_char(&s->now.names, '\0');
    }
}

/* A row a parameter, of those that have none one without. The name is the server's to read. */
static const char look_up[] =
    "SELECT p.oid, coalesce(p.proargmodes[a.i]::pg_catalog.text, CASE WHEN a.i > 0 THEN 'i' END), coalesce(p.proargnames[a.i], '')"
    " FROM (SELECT pg_catalog.parse_ident($1) AS n) w"
    " JOIN pg_catalog.pg_proc p ON p.proname = w.n[pg_catalog.array_upper(w.n, 1)]"
    " JOIN pg_catalog.pg_namespace s ON s.oid = p.pronamespace"
    " LEFT JOIN LATERAL pg_catalog.generate_series(1, coalesce(pg_catalog.array_length(p.proallargtypes, 1), p.pronargs)) AS a(i) ON true"
    " WHERE CASE WHEN pg_catalog.array_length(w.n, 1) = 1 THEN pg_catalog.pg_function_is_visible(p.oid)"
    " WHEN w.n[pg_catalog.array_upper(w.n, 1) - 1] = 'pg_temp' THEN s.oid = pg_catalog.pg_my_temp_schema()"
    " ELSE s.nspname = w.n[pg_catalog.array_upper(w.n, 1) - 1] END ORDER BY p.oid, a.i";

/* The look-up's own failure: a name that parse_ident() does not understand is none to look for; anything else is the call's. */
static enum aldb_rc judge_failure(struct aldb_stmt *stmt, struct aldb_diag *said)
{
    const struct aldb_diag_record *r = aldb_diag_get(said, 1);
    if (r && r->native == aldb_pgstate_native("22023")) {
        return ALDB_OK;
    }
    aldb_diag_move(&stmt->h.diag, said);
    return ALDB_ERR;
}

/* Asks the catalog. *found: it tells for certain. ALDB_NO_DATA: it cannot be asked, for the transaction has failed. */
static enum aldb_rc search_catalog(struct aldb_stmt *stmt, size_t part, const struct aldb_plan *plan, const struct aldb_wait *wait, uint16_t *columns,
                                   bool *found)
{
    struct aldb_call_part *c = &stmt->calls[part];
    uint32_t slots = stmt->sql.parts[part].nparams + 1;
    struct search s = {.stmt = stmt, .part = part, .call = c, .plan = plan, .columns = columns, .slots = slots};
    char *name = aldb_strndup(stmt->sql.text.data + c->routine.name.at, c->routine.name.len);
    s.scratch = aldb_alloc_array(slots, sizeof *s.scratch);
    aldb_buf_init(&s.now.modes, ALDB_MAX_NAME);
    aldb_buf_init(&s.now.names, ALDB_MAX_NAME);
    enum aldb_rc rc = name && s.scratch ? ALDB_OK : ALDB_ERR;
    if (rc == ALDB_OK) {
        struct aldb_diag said;
        const char *values[] = {name};
        int lengths[] = {(int)c->routine.name.len};
        int formats[] = {0};
        struct aldb_params params = {.count = 1, .values = values, .lengths = lengths, .formats = formats};
        aldb_diag_init(&said);
        rc = aldb_session_query(stmt->dbc->session, aldb_slice_of(look_up), &params, take_parameter, &s, wait, &said);
        rc = rc == ALDB_ERR ? judge_failure(stmt, &said) : rc;
        aldb_diag_clear(&said);
        judge(&s);
    }
    if (!(name && s.scratch) || s.no_memory) {
        rc = aldb_diag_post(&stmt->h.diag, ALDB_ST_HY001, NULL);
    }
    *found = s.found && !s.differs;
    aldb_free(name);
    aldb_free(s.scratch);
    aldb_buf_clear(&s.now.modes);
    aldb_buf_clear(&s.now.names);
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
static bool all_markers(const struct aldb_sql_routine *r)
{
    for (size_t i = 0; i < r->nargs; i++) {
        if (r->args[i].marker == ALDB_SQL_NO_MARKER || r->args[i].name.len > 0) {
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
    aldb_buf_add(key, stmt->sql.text.data + p->begin, p->end - p->begin);
    for (uint32_t i = 0; i < p->nparams; i++) {
        aldb_buf_add_char(key, aldb_call_is_output(stmt, p->first_param + i) ? 'o' : 'i');
    }
    return aldb_buf_ok(key);
}

static bool recall(struct aldb_stmt *stmt, const struct aldb_buf *key, const struct aldb_plan *plan, uint32_t slots, uint16_t *columns)
{
    struct aldb_dbc *dbc = stmt->dbc;
    aldb_facts_age(dbc);
    aldb_mutex_lock(&dbc->facts_lock);
    const struct map_fact *f = aldb_map_get(&dbc->facts, aldb_buf_slice(key));
    bool good = f && f->slots == slots && f->ncolumns == plan->ncolumns;
    if (good) {
        memcpy(columns, f->columns, slots * sizeof *columns);
    }
    aldb_mutex_unlock(&dbc->facts_lock);
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
        named |= r->args[i].name.len > 0;
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
    bool in_order = outputs == plan->ncolumns && all_markers(&c->routine) && p->call != ALDB_CALL_RETURN && c->form != ALDB_FORM_FUNCTION;
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
