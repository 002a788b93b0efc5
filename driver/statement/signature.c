/* SPDX-License-Identifier: Apache-2.0 */
/* What the catalog says of the routines that a call may mean. */
#include "statement/call.h"

#include "base/alloc.h"

struct walk {
    struct aldb_signature now;
    aldb_signature_fn *fn;
    void *ctx;
    bool no_memory;
};

const char *aldb_signature_name(const struct aldb_signature *s, size_t n)
{
    const char *at = s->names.data;
    while (n-- > 0) {
        at += strlen(at) + 1;
    }
    return at;
}

bool aldb_signature_gives_back(const struct aldb_signature *s, size_t n)
{
    char mode = s->modes.data[n];
    return mode == 'o' || mode == 'b' || mode == 't';
}

uint32_t aldb_signature_type(const struct aldb_signature *s, size_t n)
{
    uint32_t oid;
    memcpy(&oid, s->types.data + n * sizeof oid, sizeof oid);
    return oid;
}

/* ------------------------------------------------------------------ is it the one that is called? */

/* May an argument stand for a parameter of this mode? A function that is not told of its OUT parameters counts only the others. */
static bool takes_argument(enum aldb_call_form form, char mode)
{
    return mode != 't' && (mode != 'o' || form == ALDB_FORM_PROCEDURE || form == ALDB_FORM_INPUTS);
}

/* Do the result's columns have the names that the routine's parameters give them? */
static bool has_columns(const struct aldb_signature *s, const struct aldb_plan *plan)
{
    uint16_t n = 0;
    for (size_t i = 0; i < s->modes.len; i++) {
        if (!aldb_signature_gives_back(s, i)) {
            continue;
        }
        const char *name = aldb_signature_name(s, i);
        if (n >= plan->ncolumns || (name[0] && strcmp(name, plan->columns[n].name) != 0)) {
            return false;
        }
        n++;
    }
    return n == 0 || n == plan->ncolumns;
}

/* The parameter that argument `arg`, `place` arguments given by position before it, stands for; SIZE_MAX: none. */
static size_t parameter_of(const struct aldb_stmt *stmt, const struct aldb_call_part *c, const struct aldb_signature *s, size_t arg, size_t place)
{
    for (size_t i = 0; i < s->modes.len; i++) {
        char mode = s->modes.data[i];
        if (!takes_argument(c->form, mode)) {
            continue;
        }
        if (aldb_names_has(c, arg) ? aldb_names_is(stmt, c, arg, aldb_signature_name(s, i)) : place == 0 || mode == 'v') {
            return i;
        }
        place -= place > 0;
    }
    return SIZE_MAX;
}

bool aldb_signature_meets(const struct aldb_stmt *stmt, const struct aldb_call_part *c, const struct aldb_plan *plan, const struct aldb_signature *s,
                          size_t *parameters)
{
    size_t place = 0;
    uint64_t given = 0;
    if (!has_columns(s, plan)) {
        return false;
    }
    for (size_t i = 0; i < c->routine.nargs; i++) {
        size_t parameter = parameter_of(stmt, c, s, i, place);
        place += !aldb_names_has(c, i);
        if (parameter == SIZE_MAX) {
            return false;
        }
        given += s->modes.data[parameter] != 'o' && !c->routine.args[i].left_out;
        parameters[i] = parameter;
    }
    return given >= s->required;
}

/* ------------------------------------------------------------------ asking */

static void tell(struct walk *w)
{
    w->no_memory |= w->now.modes.failed || w->now.names.failed || w->now.types.failed;
    if (w->now.oid[0] && !w->no_memory) {
        w->fn(w->ctx, &w->now);
    }
    aldb_buf_reset(&w->now.modes);
    aldb_buf_reset(&w->now.names);
    aldb_buf_reset(&w->now.types);
}

static uint64_t number_in(const struct aldb_cell *cell)
{
    uint64_t n = 0;
    return cell->data && aldb_parse_u64(aldb_slice(cell->data, cell->len), &n) ? n : 0;
}

static void take_parameter(void *ctx, const struct aldb_cell *cells, uint16_t ncells)
{
    struct walk *w = ctx;
    if (ncells != 5) {
        return;
    }
    struct aldb_slice oid = aldb_slice(cells[0].data, cells[0].len);
    if (!aldb_slice_eq(oid, aldb_slice_of(w->now.oid))) {
        tell(w);
        (void)aldb_copy(w->now.oid, sizeof w->now.oid, oid);
        w->now.required = number_in(&cells[4]);
    }
    if (cells[1].len == 1) {
        uint32_t type = (uint32_t)number_in(&cells[3]);
        aldb_buf_add(&w->now.types, &type, sizeof type);
        aldb_buf_add(&w->now.modes, cells[1].data, 1);
        aldb_buf_add(&w->now.names, cells[2].data, cells[2].len);
        aldb_buf_add_char(&w->now.names, '\0');
    }
}

/* A row a parameter, of those that have none one without. The name is the server's to read. */
static const char look_up[] =
    "SELECT p.oid, coalesce(p.proargmodes[a.i]::pg_catalog.text, CASE WHEN a.i OPERATOR(pg_catalog.>) 0"
    " THEN 'i' END), coalesce(p.proargnames[a.i], ''),"
    " coalesce(p.proallargtypes[a.i], p.proargtypes[a.i OPERATOR(pg_catalog.-) 1]), p.pronargs OPERATOR(pg_catalog.-) p.pronargdefaults"
    " FROM (SELECT pg_catalog.parse_ident($1) AS n) w"
    " JOIN pg_catalog.pg_proc p ON p.proname OPERATOR(pg_catalog.=) w.n[pg_catalog.array_upper(w.n, 1)]"
    " JOIN pg_catalog.pg_namespace s ON s.oid OPERATOR(pg_catalog.=) p.pronamespace"
    " LEFT JOIN LATERAL pg_catalog.generate_series(1, coalesce(pg_catalog.array_length(p.proallargtypes, 1), p.pronargs)) AS a(i) ON true"
    " WHERE CASE WHEN pg_catalog.array_length(w.n, 1) OPERATOR(pg_catalog.=) 1 THEN pg_catalog.pg_function_is_visible(p.oid)"
    " WHEN w.n[pg_catalog.array_upper(w.n, 1) OPERATOR(pg_catalog.-) 1] OPERATOR(pg_catalog.=) 'pg_temp'"
    " THEN s.oid OPERATOR(pg_catalog.=) pg_catalog.pg_my_temp_schema()"
    " ELSE s.nspname OPERATOR(pg_catalog.=) w.n[pg_catalog.array_upper(w.n, 1) OPERATOR(pg_catalog.-) 1] END ORDER BY p.oid, a.i";

/* The look-up's own failure: a name that parse_ident() does not understand is none to look for; anything else is the call's. */
static enum aldb_rc judge_failure(struct aldb_stmt *stmt, struct aldb_diag *said)
{
    if (aldb_diag_first_native(said) == aldb_pgstate_native("22023")) {
        return ALDB_OK;
    }
    aldb_diag_move(&stmt->h.diag, said);
    return ALDB_ERR;
}

enum aldb_rc aldb_signatures_ask(struct aldb_stmt *stmt, const struct aldb_sql_routine *r, aldb_signature_fn *fn, void *ctx, const struct aldb_wait *wait)
{
    struct walk w = {.fn = fn, .ctx = ctx};
    struct aldb_diag said;
    char *name = aldb_strndup(stmt->sql.text.data + r->name.at, r->name.len);
    if (name == NULL) {
        return aldb_diag_post(&stmt->h.diag, ALDB_ST_HY001, NULL);
    }
    const char *values[] = {name};
    int lengths[] = {(int)r->name.len};
    int formats[] = {0};
    struct aldb_params params = {.count = 1, .values = values, .lengths = lengths, .formats = formats};
    aldb_buf_init(&w.now.modes, ALDB_MAX_NAME);
    aldb_buf_init(&w.now.names, ALDB_MAX_NAME);
    aldb_buf_init(&w.now.types, ALDB_MAX_NAME);
    aldb_diag_init(&said);
    enum aldb_rc rc = aldb_session_query(stmt->dbc->session, aldb_slice_of(look_up), &params, take_parameter, &w, wait, &said);
    rc = rc == ALDB_ERR ? judge_failure(stmt, &said) : rc;
    tell(&w);
    if (w.no_memory) {
        rc = aldb_diag_post(&stmt->h.diag, ALDB_ST_HY001, NULL);
    }
    aldb_diag_clear(&said);
    aldb_free(name);
    aldb_buf_clear(&w.now.modes);
    aldb_buf_clear(&w.now.names);
    aldb_buf_clear(&w.now.types);
    return rc;
}
