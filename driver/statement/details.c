/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What RowDescription does not say of a column: its table's and schema's name, nullability, identity, whether it holds large objects, and the names of types
 * that are not built in. Asked for when an application wants one of these fields, for all columns at once, in one round trip. Likewise of parameters: the names of
 * their types, and what domains are made of, which the server resolves for columns but not for parameters.
 */
#include "statement/internal.h"

#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"

/* Room for text cells such as "4294967295 32767". */
#define KEY_MAX 48

/* pg_catalog is spelled out so that no search_path can redirect it. */
static const char query[] =
    "SELECT 'c', a.attrelid::pg_catalog.text, a.attnum::pg_catalog.text, n.nspname::pg_catalog.text, c.relname::pg_catalog.text,"
    " a.attname::pg_catalog.text,"
    /* A domain may forbid nulls, and so may any that it is made of. */
    " (a.attnotnull OR EXISTS (WITH RECURSIVE d AS ("
    "SELECT y.typtype, y.typbasetype, y.typnotnull FROM pg_catalog.pg_type y WHERE y.oid OPERATOR(pg_catalog.=) a.atttypid"
    " UNION ALL SELECT y.typtype, y.typbasetype, y.typnotnull FROM d"
    " JOIN pg_catalog.pg_type y ON y.oid OPERATOR(pg_catalog.=) d.typbasetype WHERE d.typtype OPERATOR(pg_catalog.=) 'd')"
    " SELECT FROM d WHERE d.typtype OPERATOR(pg_catalog.=) 'd' AND d.typnotnull))::pg_catalog.text,"
    " (a.attidentity OPERATOR(pg_catalog.<>) '' OR EXISTS (SELECT 1 FROM pg_catalog.pg_attrdef d"
    " WHERE d.adrelid OPERATOR(pg_catalog.=) a.attrelid AND d.adnum OPERATOR(pg_catalog.=) a.attnum"
    " AND pg_catalog.pg_get_expr(d.adbin, d.adrelid) OPERATOR(pg_catalog.~~) 'nextval(%'))::pg_catalog.text,"
    " (EXISTS (SELECT FROM pg_catalog.pg_type y WHERE y.oid OPERATOR(pg_catalog.=) a.atttypid AND " ALDB_IS_LO("y") "))::pg_catalog.text"
    " FROM ROWS FROM (pg_catalog.unnest($1::pg_catalog.oid[]), pg_catalog.unnest($2::pg_catalog.int2[])) AS k(rel, num)"
    " JOIN pg_catalog.pg_attribute a ON a.attrelid OPERATOR(pg_catalog.=) k.rel AND a.attnum OPERATOR(pg_catalog.=) k.num"
    " JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) k.rel JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace"
    " UNION ALL"
    " SELECT 't', t.oid::pg_catalog.text, NULL, NULL, t.typname::pg_catalog.text, NULL, b.oid::pg_catalog.text, b.typmod::pg_catalog.text,"
    " (" ALDB_IS_LO("t") ")::pg_catalog.text"
    " FROM pg_catalog.pg_type t, LATERAL (WITH RECURSIVE d AS ("
    "SELECT y.oid, y.typtype, y.typbasetype, y.typtypmod AS typmod FROM pg_catalog.pg_type y WHERE y.oid OPERATOR(pg_catalog.=) t.oid"
    " UNION ALL SELECT y.oid, y.typtype, y.typbasetype, CASE WHEN d.typmod OPERATOR(pg_catalog.>=) 0 THEN d.typmod ELSE y.typtypmod END"
    " FROM d JOIN pg_catalog.pg_type y ON y.oid OPERATOR(pg_catalog.=) d.typbasetype WHERE d.typtype OPERATOR(pg_catalog.=) 'd')"
    " SELECT d.oid, d.typmod FROM d WHERE d.typtype OPERATOR(pg_catalog.<>) 'd') AS b"
    " WHERE t.oid OPERATOR(pg_catalog.=) ANY ($3::pg_catalog.oid[])";

/* ------------------------------------------------------------------ facts remembered by the connection */

/* More than these are not worth keeping: all are forgotten and collected anew. Not while those of one result come, of which there are two a column. */
#define FACT_KEY_MAX 4096 /* a call's text may be longer than is worth keeping */
#define FACTS_MAX 8192
#define FACTS_AT_ONCE 4096
/* This session's own changes are seen at once; of those that others make nobody tells. */
#define FACTS_AGE_MS 60000

struct fact_key {
    uint32_t oid;
    int32_t attnum; /* 0: a type */
};

static struct aldb_slice key_slice(const struct fact_key *k)
{
    return aldb_slice((const char *)k, sizeof *k);
}

static struct aldb_fact *fact_new(struct aldb_slice schema, struct aldb_slice table, struct aldb_slice name)
{
    struct aldb_fact *f = aldb_alloc(sizeof *f + schema.len + table.len + name.len + 3);
    if (f == NULL) {
        return NULL;
    }
    char *at = (char *)(f + 1);
    const char **fields[] = {&f->schema, &f->table, &f->name};
    const struct aldb_slice texts[] = {schema, table, name};
    for (size_t i = 0; i < ALDB_COUNT(texts); i++) {
        if (texts[i].len) {
            memcpy(at, texts[i].ptr, texts[i].len);
        }
        *fields[i] = at;
        at += texts[i].len + 1;
    }
    return f;
}

bool aldb_fact_remember(struct aldb_dbc *dbc, struct aldb_slice key, void *f)
{
    void *old = NULL;
    bool kept = true;
    if (key.len > FACT_KEY_MAX) {
        aldb_free(f);
        return false;
    }
    aldb_mutex_lock(&dbc->facts_lock);
    if (dbc->facts.count >= FACTS_MAX) {
        aldb_map_clear(&dbc->facts, aldb_free);
    }
    if (dbc->facts.count == 0) {
        dbc->facts_since = aldb_now_ms();
    }
    if (f == NULL || !aldb_map_put(&dbc->facts, key, f, &old)) {
        old = f;
        kept = false;
    }
    aldb_free(old);
    aldb_mutex_unlock(&dbc->facts_lock);
    return kept;
}

void aldb_facts_age(struct aldb_dbc *dbc)
{
    aldb_mutex_lock(&dbc->facts_lock);
    bool old = dbc->facts.count > 0 && (aldb_now_ms() - dbc->facts_since > FACTS_AGE_MS || dbc->facts.count > FACTS_MAX - FACTS_AT_ONCE);
    aldb_mutex_unlock(&dbc->facts_lock);
    if (old) {
        aldb_dbc_forget_facts(dbc);
    }
}

const void *aldb_fact_hold(struct aldb_dbc *dbc, struct aldb_slice key)
{
    aldb_mutex_lock(&dbc->facts_lock);
    return aldb_map_get(&dbc->facts, key);
}

void aldb_fact_let_go(struct aldb_dbc *dbc)
{
    aldb_mutex_unlock(&dbc->facts_lock);
}

static bool known(struct aldb_dbc *dbc, uint32_t oid, int32_t attnum)
{
    struct fact_key key = {oid, attnum};
    bool yes = aldb_fact_hold(dbc, key_slice(&key)) != NULL;
    aldb_fact_let_go(dbc);
    return yes;
}

/* ------------------------------------------------------------------ the answer */

static struct aldb_slice cell_slice(struct aldb_cell c)
{
    return aldb_slice(c.data, c.len);
}

struct taking {
    struct aldb_dbc *dbc;
    bool no_memory; /* what is not known would be taken for what is not there */
};

static void take_row(void *ctx, const struct aldb_cell *cells, uint16_t ncells)
{
    struct taking *t = ctx;
    int64_t oid;
    int64_t num = 0;
    int64_t base = 0;
    int64_t typmod = -1;
    bool column = ncells == 9 && cells[0].len == 1 && cells[0].data[0] == 'c';
    if (ncells != 9 || !aldb_parse_i64(cell_slice(cells[1]), &oid) || (column && !aldb_parse_i64(cell_slice(cells[2]), &num))) {
        return;
    }
    struct aldb_fact *f = column ? fact_new(cell_slice(cells[3]), cell_slice(cells[4]), cell_slice(cells[5]))
                                 : fact_new(aldb_slice("", 0), aldb_slice("", 0), cell_slice(cells[4]));
    if (f && column) {
        f->nullable = aldb_cell_true(&cells[6]) ? SQL_NO_NULLS : SQL_NULLABLE;
        f->auto_unique = aldb_cell_true(&cells[7]) ? SQL_TRUE : SQL_FALSE;
        f->large_object = aldb_cell_true(&cells[8]);
    }
    if (f && !column) {
        bool ok = aldb_parse_i64(cell_slice(cells[6]), &base) && aldb_parse_i64(cell_slice(cells[7]), &typmod);
        f->base_oid = !ok ? (uint32_t)oid : aldb_cell_true(&cells[8]) ? ALDB_OID_LO : (uint32_t)base;
        f->base_typmod = ok ? (int32_t)typmod : -1;
    }
    struct fact_key key = {(uint32_t)oid, (int32_t)num};
    t->no_memory |= !aldb_fact_remember(t->dbc, key_slice(&key), f);
}

/* ------------------------------------------------------------------ into the descriptor */

static bool set_field(char **field, const char *value)
{
    char *copy = aldb_strdup(value);
    if (copy == NULL) {
        return false;
    }
    aldb_free(*field);
    *field = copy;
    return true;
}

/* May the text make null what is never null in its table? */
static bool adds_nulls(const struct aldb_stmt *stmt)
{
    for (size_t i = 0; stmt->has_sql && i < stmt->sql.nparts; i++) {
        if (stmt->sql.parts[i].adds_nulls) {
            return true;
        }
    }
    return false;
}

/* What the application is told. The OID stays the server's, by which results are known again. */
static bool describe_large_object(struct aldb_dbc *dbc, struct aldb_desc_rec *r)
{
    struct aldb_type_desc t;
    aldb_type_describe(&dbc->types, ALDB_OID_LO, -1, &t);
    aldb_desc_rec_describe(r, &t, ALDB_OID_OID, -1);
    r->large_object = true;
    return set_field(&r->type_name, aldb_type_name(ALDB_OID_LO, -1));
}

/* Facts lock held, since a fact may be replaced by another thread. */
static bool apply(struct aldb_stmt *stmt, struct aldb_desc_rec *r, bool nulls)
{
    struct aldb_dbc *dbc = stmt->dbc;
    struct fact_key column = {r->table_oid, r->attnum};
    struct fact_key type = {r->oid, 0};
    const struct aldb_fact *f = r->table_oid ? aldb_map_get(&dbc->facts, key_slice(&column)) : NULL;
    bool ok = true;
    if (f && f->large_object && r->oid == ALDB_OID_OID) {
        ok = describe_large_object(dbc, r);
        stmt->ird_large = true;
    }
    if (f) {
        r->nullable = nulls ? SQL_NULLABLE : f->nullable;
        r->auto_unique = f->auto_unique;
        ok = ok && set_field(&r->schema, f->schema) && set_field(&r->table, f->table) && set_field(&r->base_table, f->table) &&
             set_field(&r->base_column, f->name) && set_field(&r->catalog, aldb_session_database(dbc->session));
    }
    f = r->type_name == NULL ? aldb_map_get(&dbc->facts, key_slice(&type)) : NULL;
    return ok && (f == NULL || set_field(&r->type_name, f->name));
}

/* False: out of memory. */
static bool apply_all(struct aldb_stmt *stmt)
{
    bool ok = true;
    bool nulls = adds_nulls(stmt);
    aldb_mutex_lock(&stmt->dbc->facts_lock);
    for (SQLSMALLINT i = 1; ok && i <= stmt->ird.count; i++) {
        struct aldb_desc_rec *r = aldb_desc_rec(&stmt->ird, i);
        if (!r->details_known) {
            ok = apply(stmt, r, nulls);
            r->details_known = ok;
        }
    }
    aldb_mutex_unlock(&stmt->dbc->facts_lock);
    return ok;
}

static void list_add(struct aldb_buf *list, int64_t value)
{
    char digits[KEY_MAX];
    aldb_buf_add_char(list, list->len ? ',' : '{');
    aldb_buf_add(list, digits, aldb_format_i64(digits, value));
}

/* The three array parameters; false when the connection knows all. */
static bool wanted(struct aldb_stmt *stmt, struct aldb_buf *rels, struct aldb_buf *nums, struct aldb_buf *types)
{
    bool any = false;
    for (SQLSMALLINT i = 1; i <= stmt->ird.count; i++) {
        struct aldb_desc_rec *r = aldb_desc_rec(&stmt->ird, i);
        if (r->details_known) {
            continue;
        }
        if (r->table_oid != 0 && !known(stmt->dbc, r->table_oid, r->attnum)) {
            list_add(rels, r->table_oid);
            list_add(nums, r->attnum);
            any = true;
        }
        if (r->type_name == NULL && !known(stmt->dbc, r->oid, 0)) {
            list_add(types, r->oid);
            any = true;
        }
    }
    return any;
}

/* Is the result still coming in? */
static bool is_streaming(const struct aldb_stmt *stmt)
{
    if (stmt->outcome >= stmt->noutcomes) {
        return false;
    }
    const struct aldb_exec *exec = &stmt->outcomes[stmt->outcome]->exec;
    return atomic_load(&exec->session) != NULL && !exec->complete;
}

bool aldb_stmt_details_cheap(struct aldb_stmt *stmt)
{
    /* Another statement's call may be at the server for long: who polls would not like to wait with it. */
    bool busy = stmt->async_enable == SQL_ASYNC_ENABLE_ON && stmt->dbc && stmt->dbc->session && aldb_session_busy(stmt->dbc->session);
    if (!is_streaming(stmt) && !busy) {
        return true;
    }
    for (SQLSMALLINT i = 1; stmt->dbc && i <= stmt->ird.count; i++) {
        const struct aldb_desc_rec *r = aldb_desc_rec(&stmt->ird, i);
        if (!r->details_known && ((r->table_oid != 0 && !known(stmt->dbc, r->table_oid, r->attnum)) ||
                                  (r->type_name == NULL && !known(stmt->dbc, r->oid, 0)))) {
            return false;
        }
    }
    return true;
}

static enum aldb_rc look_up(struct aldb_stmt *stmt, struct aldb_session *s, struct aldb_buf lists[3])
{
    const char *values[3];
    for (size_t i = 0; i < 3; i++) {
        aldb_buf_add_str(&lists[i], lists[i].len ? "}" : "{}");
        values[i] = aldb_buf_cstr(&lists[i]);
        if (!aldb_buf_ok(&lists[i])) {
            return aldb_diag_post(&stmt->h.diag, ALDB_ST_HY001, NULL);
        }
    }
    int zeros[3] = {0};
    struct aldb_params params = {.count = 3, .values = values, .lengths = zeros, .formats = zeros};
    struct aldb_wait wait = aldb_stmt_wait(stmt);
    struct taking t = {.dbc = stmt->dbc};
    enum aldb_rc rc = aldb_session_query(s, aldb_slice_of(query), &params, take_row, &t, &wait, &stmt->h.diag);
    return rc != ALDB_ERR && t.no_memory ? aldb_diag_post(&stmt->h.diag, ALDB_ST_HY001, NULL) : rc;
}

static void lists_init(struct aldb_buf lists[3])
{
    for (size_t i = 0; i < 3; i++) {
        aldb_buf_init(&lists[i], ALDB_MAX_NAME);
    }
}

static void lists_clear(struct aldb_buf lists[3])
{
    for (size_t i = 0; i < 3; i++) {
        aldb_buf_clear(&lists[i]);
    }
}

enum aldb_rc aldb_stmt_column_details(struct aldb_stmt *stmt)
{
    struct aldb_session *s = stmt->dbc ? stmt->dbc->session : NULL;
    struct aldb_buf lists[3];
    enum aldb_rc rc = ALDB_OK;
    if (s == NULL) {
        return ALDB_OK;
    }
    aldb_facts_age(stmt->dbc);
    lists_init(lists);
    if (wanted(stmt, &lists[0], &lists[1], &lists[2])) {
        rc = look_up(stmt, s, lists);
    }
    lists_clear(lists);
    /* ALDB_NO_DATA: nothing can be asked in a failed transaction; the fields stay empty and are asked for again later. */
    if (aldb_done(rc) && !apply_all(stmt)) {
        return aldb_diag_post(&stmt->h.diag, ALDB_ST_HY001, NULL);
    }
    return rc == ALDB_ERR ? ALDB_ERR : ALDB_OK;
}

/* ------------------------------------------------------------------ types of parameters */

enum aldb_rc aldb_stmt_know_types(struct aldb_stmt *stmt, const uint32_t *oids, uint32_t n)
{
    struct aldb_session *s = stmt->dbc ? stmt->dbc->session : NULL;
    struct aldb_buf lists[3];
    enum aldb_rc rc = ALDB_OK;
    bool any = false;
    lists_init(lists);
    if (s) {
        aldb_facts_age(stmt->dbc);
    }
    for (uint32_t i = 0; s && i < n; i++) {
        if (oids[i] != 0 && aldb_type_find(oids[i]) == NULL && !known(stmt->dbc, oids[i], 0)) {
            list_add(&lists[2], oids[i]);
            any = true;
        }
    }
    if (any) {
        rc = look_up(stmt, s, lists);
    }
    lists_clear(lists);
    return rc;
}

bool aldb_stmt_type_known(const struct aldb_stmt *stmt, uint32_t oid)
{
    return aldb_type_find(oid) != NULL || known(stmt->dbc, oid, 0);
}

uint32_t aldb_stmt_base_type(const struct aldb_stmt *stmt, uint32_t oid, int32_t *typmod)
{
    struct fact_key key = {oid, 0};
    *typmod = -1;
    if (aldb_type_find(oid) != NULL) {
        return oid;
    }
    const struct aldb_fact *f = aldb_fact_hold(stmt->dbc, key_slice(&key));
    if (f) {
        oid = f->base_oid;
        *typmod = f->base_typmod;
    }
    aldb_fact_let_go(stmt->dbc);
    return oid;
}

char *aldb_stmt_type_name(const struct aldb_stmt *stmt, uint32_t oid, bool *no_memory)
{
    const struct aldb_type *type = aldb_type_find(oid);
    struct fact_key key = {oid, 0};
    const struct aldb_fact *f = aldb_fact_hold(stmt->dbc, key_slice(&key));
    const char *name = type ? type->name : f ? f->name : NULL;
    char *copy = name ? aldb_strdup(name) : NULL;
    *no_memory = name && copy == NULL;
    aldb_fact_let_go(stmt->dbc);
    return copy;
}
