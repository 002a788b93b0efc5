/* SPDX-License-Identifier: Apache-2.0 */
/* Arguments by name: what SQL_DESC_NAME of the IPD makes of a call's markers, and which names the routine has for them. */
#include "statement/call.h"

#include "base/alloc.h"

/* ------------------------------------------------------------------ what the application says */

const char *aldb_names_asked(const struct aldb_stmt *stmt, uint32_t marker)
{
    const struct aldb_desc_rec *d = marker == ALDB_SQL_NO_MARKER ? NULL : aldb_desc_rec((struct aldb_desc *)&stmt->ipd, (SQLSMALLINT)(marker + 1));
    return d && d->unnamed == SQL_NAMED && !d->name_told ? d->name : NULL;
}

bool aldb_names_has(const struct aldb_call_part *c, size_t arg)
{
    return c->routine.args[arg].name.len > 0 || (c->names && c->names[arg]);
}

/* An identifier of the text, as the server reads it. */
static bool is_written(struct aldb_slice written, const char *name)
{
    struct aldb_slice is = aldb_slice_of(name);
    if (written.len < 2 || written.ptr[0] != '"') {
        return aldb_slice_eq_nocase(written, is);
    }
    size_t at = 0;
    for (size_t i = 1; i + 1 < written.len; i++, at++) {
        if (at >= is.len || written.ptr[i] != is.ptr[at]) {
            return false;
        }
        i += written.ptr[i] == '"'; /* doubled */
    }
    return at == is.len;
}

bool aldb_names_is(const struct aldb_stmt *stmt, const struct aldb_call_part *c, size_t arg, const char *name)
{
    const struct aldb_sql_arg *a = &c->routine.args[arg];
    return a->name.len > 0 ? is_written(aldb_sql_arg_name(&stmt->sql, &c->routine, a), name) : strcmp(c->names[arg], name) == 0;
}

/* SQL Server's parameters have an @ in front of their names, and applications bring it along. */
static const char *without_at(const char *asked)
{
    return asked[0] == '@' && asked[1] ? asked + 1 : asked;
}

static enum aldb_rc refuse_other_name(struct aldb_stmt *stmt, const struct aldb_call_part *c, const struct aldb_sql_arg *a, const char *asked)
{
    struct aldb_slice written = aldb_sql_arg_name(&stmt->sql, &c->routine, a);
    return aldb_diag_post(&stmt->h.diag, ALDB_ST_42000, "Parameter %u has two names: %.*s in the text, and \"%s\" as its SQL_DESC_NAME. Take one away "
                          "(SQL_DESC_UNNAMED set to SQL_UNNAMED), or let them be the same", a->marker + 1, (int)written.len, written.ptr, asked);
}

/* A marker that shares its argument with others cannot name it. */
static enum aldb_rc refuse_shared(struct aldb_stmt *stmt, const struct aldb_sql_part *p, const struct aldb_call_part *c)
{
    for (uint32_t m = p->first_param; m < p->first_param + p->nparams; m++) {
        bool alone = aldb_names_asked(stmt, m) == NULL;
        for (size_t i = 0; !alone && i < c->routine.nargs; i++) {
            alone = c->routine.args[i].marker == m;
        }
        if (!alone) {
            return aldb_diag_post(&stmt->h.diag, ALDB_ST_42000, "Parameter %u has a name (SQL_DESC_NAME \"%s\"), but its argument has other markers, too: "
                                  "name the argument in the text (name => …), and set SQL_DESC_UNNAMED to SQL_UNNAMED", m + 1, aldb_names_asked(stmt, m));
        }
    }
    return ALDB_OK;
}

void aldb_names_clear(struct aldb_call_part *c)
{
    for (size_t i = 0; c->names && i < c->routine.nargs; i++) {
        aldb_free(c->names[i]);
    }
    aldb_free(c->names);
    c->names = NULL;
    c->names_version = 0;
}

static uint32_t count_asked(const struct aldb_stmt *stmt, const struct aldb_sql_part *p)
{
    uint32_t n = 0;
    for (uint32_t m = p->first_param; m < p->first_param + p->nparams; m++) {
        n += aldb_names_asked(stmt, m) != NULL;
    }
    return n;
}

enum aldb_rc aldb_names_take(struct aldb_stmt *stmt, size_t part, struct aldb_call_part *c)
{
    const struct aldb_sql_part *p = &stmt->sql.parts[part];
    if (c->names_version == stmt->ipd.version) {
        return ALDB_OK;
    }
    aldb_names_clear(c);
    uint32_t left = count_asked(stmt, p);
    if (left > 0) {
        c->names = aldb_alloc_array(c->routine.nargs, sizeof *c->names);
        if (c->names == NULL) {
            return aldb_diag_post(&stmt->h.diag, ALDB_ST_HY001, NULL);
        }
    }
    for (size_t i = 0; left > 0 && i < c->routine.nargs; i++) {
        const struct aldb_sql_arg *a = &c->routine.args[i];
        const char *asked = aldb_names_asked(stmt, a->marker);
        if (asked == NULL) {
            continue;
        }
        left--;
        if (a->name.len == 0) {
            c->names[i] = aldb_strdup(asked);
            if (c->names[i] == NULL) {
                return aldb_diag_post(&stmt->h.diag, ALDB_ST_HY001, NULL);
            }
        } else {
            struct aldb_slice written = aldb_sql_arg_name(&stmt->sql, &c->routine, a);
            if (!is_written(written, asked) && !aldb_slice_eq_nocase(written, aldb_slice_of(without_at(asked)))) {
                return refuse_other_name(stmt, c, a, asked);
            }
        }
    }
    if (left > 0) {
        return refuse_shared(stmt, p, c);
    }
    c->names_version = stmt->ipd.version;
    return ALDB_OK;
}

void aldb_names_give(struct aldb_call_part *c)
{
    for (size_t i = 0; i < c->routine.nargs; i++) {
        c->routine.args[i].given = aldb_slice_of(c->names ? c->names[i] : NULL);
    }
}

/* ------------------------------------------------------------------ names as the connection remembers them */

void aldb_names_write(const struct aldb_call_part *c, struct aldb_buf *out)
{
    for (size_t i = 0; c->names && i < c->routine.nargs; i++) {
        aldb_buf_add_str(out, c->names[i] ? c->names[i] : "");
        aldb_buf_add_char(out, '\0');
    }
}

bool aldb_names_read(struct aldb_call_part *c, struct aldb_slice kept)
{
    const char *at = kept.ptr;
    for (size_t i = 0; kept.len > 0 && c->names && i < c->routine.nargs; at += strlen(at) + 1, i++) {
        char *name = c->names[i] ? aldb_strdup(at) : NULL;
        if (c->names[i] && name == NULL) {
            return false;
        }
        aldb_free(c->names[i]);
        c->names[i] = name;
    }
    return true;
}

/* ------------------------------------------------------------------ names as the routine has them */

enum likeness { UNLIKE, LIKE_FOLDED, LIKE_BARE, LIKE_EXACT };

static enum likeness likeness(const char *asked, const char *name)
{
    const char *bare = without_at(asked);
    if (strcmp(asked, name) == 0) {
        return LIKE_EXACT;
    }
    if (strcmp(bare, name) == 0) {
        return LIKE_BARE;
    }
    return name[0] && aldb_slice_eq_nocase(aldb_slice_of(bare), aldb_slice_of(name)) ? LIKE_FOLDED : UNLIKE;
}

/* What comes nearest to the name that an argument was given. */
struct nearest {
    const char *asked;
    char *name;
    enum likeness likeness;
    bool several;
};

struct search {
    const struct aldb_call_part *call;
    struct nearest *args;
    struct aldb_buf known; /* names of all parameters, quoted, for people to read */
    bool any, no_memory;
};

#define KNOWN_MOST 1000 /* bytes of names that a message is to have */

static void note(struct search *s, const char *name)
{
    struct aldb_buf quoted;
    aldb_buf_init(&quoted, ALDB_MAX_NAME);
    aldb_sql_quote_ident(&quoted, aldb_slice_of(name));
    if (name[0] && aldb_buf_ok(&quoted) && s->known.len < KNOWN_MOST && strstr(aldb_buf_cstr(&s->known), quoted.data) == NULL) {
        aldb_buf_add_str(&s->known, s->known.len > 0 ? ", " : "");
        aldb_buf_add_slice(&s->known, aldb_buf_slice(&quoted));
    }
    aldb_buf_clear(&quoted);
}

static void compare(struct search *s, struct nearest *n, const char *name)
{
    enum likeness how = n->asked ? likeness(n->asked, name) : UNLIKE;
    if (how > n->likeness) {
        aldb_free(n->name);
        n->name = aldb_strdup(name);
        n->likeness = how;
        n->several = false;
        s->no_memory |= n->name == NULL;
    } else if (how == n->likeness && n->name) {
        n->several |= how != UNLIKE && strcmp(n->name, name) != 0;
    }
}

static void see(void *ctx, const struct aldb_signature *routine)
{
    struct search *s = ctx;
    s->any = true;
    for (size_t i = 0; i < routine->modes.len; i++) {
        const char *name = aldb_signature_name(routine, i);
        if (routine->modes.data[i] == 't') {
            continue; /* a column of RETURNS TABLE, no parameter */
        }
        note(s, name);
        for (size_t a = 0; a < s->call->routine.nargs; a++) {
            compare(s, &s->args[a], name);
        }
    }
}

static void advise(const struct aldb_stmt *stmt, const struct search *s, size_t arg, struct aldb_buf *advice)
{
    const struct aldb_sql_routine *r = &s->call->routine;
    const struct nearest *n = &s->args[arg];
    struct aldb_slice name = aldb_slice(stmt->sql.text.data + r->name.at, r->name.len);
    uint32_t number = r->args[arg].marker + 1;
    if (advice->len > 0 || !s->any) {
        return;
    }
    if (s->known.len == 0) {
        aldb_buf_addf(advice, "The parameters of %.*s have no names: set SQL_DESC_UNNAMED of parameter %u to SQL_UNNAMED", (int)name.len, name.ptr, number);
    } else {
        aldb_buf_addf(advice, n->several ? "More than one parameter of %.*s may be \"%s\" (SQL_DESC_NAME of parameter %u): there are %s"
                                         : "No parameter of %.*s is named \"%s\" (SQL_DESC_NAME of parameter %u): there are %s",
                      (int)name.len, name.ptr, n->asked, number, aldb_buf_cstr(&s->known));
    }
}

/* The names that were found take the places of those that were given. ALDB_NO_DATA: these are no others. */
static enum aldb_rc take_nearest(const struct aldb_stmt *stmt, struct aldb_call_part *c, struct search *s, struct aldb_buf *advice)
{
    enum aldb_rc rc = ALDB_NO_DATA;
    for (size_t i = 0; i < c->routine.nargs; i++) {
        struct nearest *n = &s->args[i];
        if (n->asked == NULL) {
            continue;
        }
        if (n->name == NULL || n->several) {
            advise(stmt, s, i, advice);
        } else if (strcmp(n->name, c->names[i]) != 0) {
            aldb_free(c->names[i]);
            c->names[i] = n->name;
            n->name = NULL;
            rc = ALDB_OK;
        }
    }
    return advice->len > 0 ? ALDB_NO_DATA : rc;
}

enum aldb_rc aldb_names_search(struct aldb_stmt *stmt, struct aldb_call_part *c, const struct aldb_wait *wait, struct aldb_buf *advice)
{
    struct search s = {.call = c, .args = aldb_alloc_array(c->routine.nargs, sizeof *s.args)};
    enum aldb_rc rc = s.args ? ALDB_OK : aldb_diag_post(&stmt->h.diag, ALDB_ST_HY001, NULL);
    aldb_buf_init(&s.known, ALDB_MAX_MESSAGE);
    for (size_t i = 0; s.args && i < c->routine.nargs; i++) {
        s.args[i].asked = c->names[i] ? aldb_names_asked(stmt, c->routine.args[i].marker) : NULL;
    }
    if (rc == ALDB_OK) {
        rc = aldb_signatures_ask(stmt, &c->routine, see, &s, wait);
    }
    if (rc == ALDB_OK && s.no_memory) {
        rc = aldb_diag_post(&stmt->h.diag, ALDB_ST_HY001, NULL);
    } else if (rc == ALDB_OK) {
        rc = take_nearest(stmt, c, &s, advice);
    }
    for (size_t i = 0; s.args && i < c->routine.nargs; i++) {
        aldb_free(s.args[i].name);
    }
    aldb_free(s.args);
    aldb_buf_clear(&s.known);
    return rc;
}

/* What is left to its default is not given at all. An output that a function is not given would be taken for one that is. */
enum aldb_rc aldb_names_check_order(struct aldb_stmt *stmt, const struct aldb_call_part *c)
{
    bool named = false, asked = false;
    for (size_t i = 0; i < c->routine.nargs; i++) {
        const struct aldb_sql_arg *a = &c->routine.args[i];
        bool output = aldb_call_is_pure_output(stmt, a->marker);
        if (c->defaults && c->defaults[i]) {
            continue;
        }
        if (aldb_names_has(c, i)) {
            named = true;
            asked |= c->names && c->names[i];
        } else if (asked || (named && output)) {
            return aldb_diag_post(&stmt->h.diag, ALDB_ST_42000, "Argument %zu of the call has no name, but one in front of it has: PostgreSQL takes arguments by "
                                  "position only before those by name. Name it, too (SQL_DESC_NAME, or name => … in the text), or write it first", i + 1);
        }
    }
    return ALDB_OK;
}

/* ------------------------------------------------------------------ names for the application to read */

struct telling {
    struct aldb_stmt *stmt;
    uint32_t first_param;
    const struct aldb_call_part *call;
    const struct aldb_plan *plan;
    size_t *parameters;
    char **names; /* by argument; NULL: none, or routines differ */
    bool any;     /* some routine met the call, */
    bool exact;   /* with just the types that the markers have */
    bool no_memory;
};

static bool has_types(const struct telling *t, const struct aldb_signature *routine)
{
    for (size_t i = 0; i < t->call->routine.nargs; i++) {
        uint32_t marker = t->call->routine.args[i].marker;
        if (marker != ALDB_SQL_NO_MARKER && aldb_signature_type(routine, t->parameters[i]) != t->plan->param_oids[marker - t->first_param]) {
            return false;
        }
    }
    return true;
}

static void tell(void *ctx, const struct aldb_signature *routine)
{
    struct telling *t = ctx;
    if (!aldb_signature_meets(t->stmt, t->call, t->plan, routine, t->parameters)) {
        return;
    }
    bool exact = has_types(t, routine);
    if (t->exact && !exact) {
        return;
    }
    bool first = !t->any || (exact && !t->exact);
    for (size_t i = 0; i < t->call->routine.nargs; i++) {
        const char *name = aldb_signature_name(routine, t->parameters[i]);
        if (first || (t->names[i] && strcmp(t->names[i], name) != 0)) {
            aldb_free(t->names[i]);
            t->names[i] = first && name[0] ? aldb_strdup(name) : NULL;
            t->no_memory |= first && name[0] && t->names[i] == NULL;
        }
    }
    t->any = true;
    t->exact = exact;
}

static void fill(struct telling *t)
{
    for (size_t i = 0; i < t->call->routine.nargs; i++) {
        uint32_t marker = t->call->routine.args[i].marker;
        struct aldb_desc_rec *d = marker == ALDB_SQL_NO_MARKER ? NULL : aldb_desc_rec(&t->stmt->ipd, (SQLSMALLINT)(marker + 1));
        if (d && t->names[i] && d->unnamed == SQL_UNNAMED) {
            aldb_free(d->name);
            d->name = t->names[i];
            d->unnamed = SQL_NAMED;
            d->name_told = true;
            t->names[i] = NULL;
        }
    }
}

enum aldb_rc aldb_names_tell(struct aldb_stmt *stmt, size_t part, const struct aldb_plan *plan, const struct aldb_wait *wait)
{
    bool no_memory;
    struct aldb_call_part *c = aldb_call_of(stmt, part, &no_memory);
    if (c == NULL) {
        return no_memory ? ALDB_ERR : ALDB_OK;
    }
    struct telling t = {
        .stmt = stmt,
        .first_param = stmt->sql.parts[part].first_param,
        .call = c,
        .plan = plan,
        .parameters = aldb_alloc_array(c->routine.nargs, sizeof *t.parameters),
        .names = aldb_alloc_array(c->routine.nargs, sizeof *t.names),
    };
    bool room = t.parameters && t.names;
    enum aldb_rc rc = room ? aldb_signatures_ask(stmt, &c->routine, tell, &t, wait) : ALDB_OK;
    if (!room || t.no_memory) {
        rc = aldb_diag_post(&stmt->h.diag, ALDB_ST_HY001, NULL);
    } else if (rc == ALDB_OK) {
        fill(&t);
    }
    for (size_t i = 0; t.names && i < c->routine.nargs; i++) {
        aldb_free(t.names[i]);
    }
    aldb_free(t.names);
    aldb_free(t.parameters);
    return rc;
}
