/* SPDX-License-Identifier: Apache-2.0 */
/* Can the rows of this text be changed, and by which statements? */
#include "statement/edit.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"

/* ------------------------------------------------------------------ the table */

struct attribute {
    int64_t number;
    char *name, *type; /* quoted; as in a cast, where "character" would be one character */
    char *equals;      /* OPERATOR(…): of a column of the key, what its index takes for equal; else NULL */
    bool writable;
    bool scalar;       /* no array, no composite: unnest() takes these apart */
    int64_t key;       /* place in the primary key, from 1; 0 = not part of it */
};

struct table {
    char *name;        /* qualified and quoted: what the application wrote may come to mean another table */
    bool plain;        /* a table, which has rows of its own, or partitions that have */
    struct attribute *attributes;
    size_t count, cap;
    bool no_memory;
};

static void table_clear(struct table *t)
{
    for (size_t i = 0; i < t->count; i++) {
        aldb_free(t->attributes[i].name);
        aldb_free(t->attributes[i].type);
        aldb_free(t->attributes[i].equals);
    }
    aldb_free(t->attributes);
    aldb_free(t->name);
}

static const char attributes_of[] =
    "SELECT (c.relkind OPERATOR(pg_catalog.=) ANY ('{r,p}'))::pg_catalog.text, a.attnum::pg_catalog.text, pg_catalog.quote_ident(a.attname),"
    " pg_catalog.format_type(a.atttypid, -1), (a.attgenerated OPERATOR(pg_catalog.=) ''"
    " AND a.attidentity OPERATOR(pg_catalog.<>) 'a')::pg_catalog.text,"
    " x.ord::pg_catalog.text, pg_catalog.format('%I.%I', n.nspname, c.relname),"
    " (t.typcategory OPERATOR(pg_catalog.<>) ALL ('{A,C}'))::pg_catalog.text, x.equals"
    " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace"
    " JOIN pg_catalog.pg_attribute a ON a.attrelid OPERATOR(pg_catalog.=) c.oid"
    " JOIN pg_catalog.pg_type t ON t.oid OPERATOR(pg_catalog.=) a.atttypid LEFT JOIN LATERAL (SELECT k.ord,"
    /* Strategy 3 of a B-tree. What compares otherwise has PostgreSQL's own types. */
    " COALESCE((SELECT pg_catalog.format('OPERATOR(%I.%s)', s.nspname, o.oprname) FROM pg_catalog.pg_opclass f"
    " JOIN pg_catalog.pg_amop p ON p.amopfamily OPERATOR(pg_catalog.=) f.opcfamily AND p.amoplefttype OPERATOR(pg_catalog.=) f.opcintype"
    " AND p.amoprighttype OPERATOR(pg_catalog.=) f.opcintype AND p.amopstrategy OPERATOR(pg_catalog.=) 3 AND p.amopmethod OPERATOR(pg_catalog.=) 403"
    " JOIN pg_catalog.pg_operator o ON o.oid OPERATOR(pg_catalog.=) p.amopopr"
    " JOIN pg_catalog.pg_namespace s ON s.oid OPERATOR(pg_catalog.=) o.oprnamespace"
    " WHERE f.oid OPERATOR(pg_catalog.=) k.class), 'OPERATOR(pg_catalog.=)') AS equals"
    " FROM pg_catalog.pg_index i, LATERAL ROWS FROM (pg_catalog.unnest(i.indkey), pg_catalog.unnest(i.indclass)) WITH ORDINALITY k(num, class, ord)"
    /* The key of a table with children, which is no partitioned one, says nothing of their rows. */
    " WHERE i.indrelid OPERATOR(pg_catalog.=) c.oid AND i.indisprimary AND k.num OPERATOR(pg_catalog.=) a.attnum"
    " AND k.ord OPERATOR(pg_catalog.<=) i.indnkeyatts"
    " AND (c.relkind OPERATOR(pg_catalog.=) 'p' OR NOT c.relhassubclass)) AS x ON true"
    " WHERE c.oid OPERATOR(pg_catalog.=) $1::pg_catalog.oid AND a.attnum OPERATOR(pg_catalog.>) 0 AND NOT a.attisdropped";

static void take_attribute(void *ctx, const struct aldb_cell *cells, uint16_t ncells)
{
    struct table *t = ctx;
    (void)ncells;
    if (t->count == t->cap) {
        size_t cap = t->cap ? t->cap * 2 : 16;
        struct attribute *more = aldb_realloc_array(t->attributes, cap, sizeof *more);
        if (more == NULL) {
            t->no_memory = true;
            return;
        }
        t->attributes = more;
        t->cap = cap;
    }
    struct attribute *a = &t->attributes[t->count];
    *a = (struct attribute){.name = aldb_strndup(cells[2].data, cells[2].len), .type = aldb_strndup(cells[3].data, cells[3].len)};
    t->count++;
    t->name = t->name ? t->name : aldb_strndup(cells[6].data, cells[6].len);
    t->no_memory |= a->name == NULL || a->type == NULL || t->name == NULL;
    t->plain = aldb_cell_true(&cells[0]);
    a->writable = aldb_cell_true(&cells[4]);
    a->scalar = aldb_cell_true(&cells[7]);
    bool numbers = aldb_parse_i64(aldb_slice(cells[1].data, cells[1].len), &a->number);
    if (cells[5].data) {
        numbers = aldb_parse_i64(aldb_slice(cells[5].data, cells[5].len), &a->key) && numbers;
        a->equals = aldb_strndup(cells[8].data, cells[8].len);
        t->no_memory |= a->equals == NULL;
    }
    t->no_memory |= !numbers; /* cannot be */
}

static enum aldb_rc read_table(struct aldb_stmt *stmt, uint32_t oid, const struct aldb_wait *wait, struct table *t)
{
    char text[16];
    (void)snprintf(text, sizeof text, "%u", oid);
    const char *const values[] = {text};
    int length = 0, format = 0;
    struct aldb_params params = {.count = 1, .values = values, .lengths = &length, .formats = &format};
    struct aldb_session *s = aldb_stmt_session(stmt);
    if (s == NULL) {
        return ALDB_ERR;
    }
    enum aldb_rc rc = aldb_session_query(s, aldb_slice_of(attributes_of), &params, take_attribute, t, wait, &stmt->h.diag);
    return rc == ALDB_OK && t->no_memory ? aldb_diag_post(&stmt->h.diag, ALDB_ST_HY001, NULL) : rc;
}

static const struct attribute *by_number(const struct table *t, int16_t number)
{
    for (size_t i = 0; i < t->count; i++) {
        if (t->attributes[i].number == number) {
            return &t->attributes[i];
        }
    }
    return NULL;
}

static const struct attribute *key_column(const struct table *t, int64_t place)
{
    for (size_t i = 0; i < t->count; i++) {
        if (t->attributes[i].key == place) {
            return &t->attributes[i];
        }
    }
    return NULL;
}

/* The one table that result columns are columns of; 0 = none, or several. */
static uint32_t table_of(const struct aldb_plan *plan)
{
    uint32_t table = 0;
    for (uint16_t i = 0; i < plan->ncolumns; i++) {
        uint32_t t = plan->columns[i].table_oid;
        if (t != 0 && table != 0 && t != table) {
            return 0;
        }
        table = t ? t : table;
    }
    return table;
}

/* ------------------------------------------------------------------ the texts */

static char *take_text(struct aldb_buf *b)
{
    char *text = aldb_buf_ok(b) ? aldb_strndup(b->data, b->len) : NULL;
    aldb_buf_reset(b);
    return text;
}

static void edit_free(struct aldb_edit *e)
{
    aldb_stmt_free_inner(e->inner[0]);
    aldb_stmt_free_inner(e->inner[1]);
    aldb_free(e->inner_text[0]);
    aldb_free(e->inner_text[1]);
    aldb_free(e->relation);
    aldb_free(e->target);
    aldb_free(e->list);
    aldb_free(e->by_version);
    aldb_free(e->by_key);
    aldb_free(e->by_keys);
    aldb_stmt_free_inner(e->rereader);
    for (uint16_t i = 0; e->columns && i < e->ncolumns; i++) {
        aldb_free(e->columns[i]);
    }
    aldb_free(e->columns);
    aldb_free(e->written);
    aldb_plan_release(e->plan);
    aldb_buf_clear(&e->keys);
    aldb_free(e);
}

/* Text is what every result can carry in binary; the name is one that ORDER BY means nothing else by. */
static void add_hidden_column(struct aldb_buf *b, struct aldb_slice q, const char *column)
{
    aldb_buf_addf(b, ", %.*s.%s::pg_catalog.text AS \"alloydb: %s\"", (int)q.len, q.ptr, column, column[0] == '"' ? "key" : column);
}

/* ", q.ctid::pg_catalog.text AS …", as it stands behind the list of the SELECT. */
static void add_hidden(struct aldb_buf *b, struct aldb_slice qualifier, const struct table *t, uint16_t *nkeys)
{
    static const char *const system[] = {"ctid", "tableoid", "xmin"};
    for (size_t i = 0; i < ALDB_COUNT(system); i++) {
        add_hidden_column(b, qualifier, system[i]);
    }
    const struct attribute *a;
    for (*nkeys = 0; *nkeys < ALDB_INDEX_KEYS && (a = key_column(t, *nkeys + 1)) != NULL; (*nkeys)++) {
        add_hidden_column(b, qualifier, a->name);
    }
}

static void add_alias(struct aldb_buf *b, struct aldb_slice alias)
{
    if (alias.len > 0) {
        aldb_buf_add_str(b, " AS ");
        aldb_buf_add_slice(b, alias);
    }
}

static void add_place(struct aldb_buf *b, struct aldb_slice q)
{
    aldb_buf_addf(b, " WHERE %.*s.ctid OPERATOR(pg_catalog.=) ?::pg_catalog.tid"
                     " AND %.*s.tableoid OPERATOR(pg_catalog.=) ?::pg_catalog.oid", (int)q.len, q.ptr, (int)q.len, q.ptr);
}

static bool can_be_arrays(uint16_t nkeys, const struct table *t)
{
    for (uint16_t i = 0; i < nkeys; i++) {
        if (!key_column(t, i + 1)->scalar) {
            return false;
        }
    }
    return true;
}

/* Arrays of what tells a row, one a column: the server looks each up by the index, or goes to its place. */
static void add_keys(struct aldb_buf *b, struct aldb_slice q, uint16_t nkeys, const struct table *t)
{
    static char equals[] = "OPERATOR(pg_catalog.=)";
    static const struct attribute places[] = {{.name = "ctid", .type = "pg_catalog.tid", .equals = equals},
                                              {.name = "tableoid", .type = "pg_catalog.oid", .equals = equals}};
    size_t n = nkeys ? nkeys : ALDB_COUNT(places);
    const struct attribute *a;
    for (size_t i = 0; i < n; i++) {
        a = nkeys ? key_column(t, (int64_t)i + 1) : &places[i];
        aldb_buf_addf(b, "%spg_catalog.unnest(?::%s[])", i ? ", " : " WHERE EXISTS (SELECT FROM ROWS FROM (", a->type);
    }
    aldb_buf_add_str(b, ") AS \"alloydb: keys\"");
    for (size_t i = 0; i < n; i++) {
        aldb_buf_addf(b, "%s\"%zu\"", i ? ", " : "(", i + 1);
    }
    for (size_t i = 0; i < n; i++) {
        a = nkeys ? key_column(t, (int64_t)i + 1) : &places[i];
        aldb_buf_addf(b, "%s%.*s.%s %s \"alloydb: keys\".\"%zu\"", i ? " AND " : ") WHERE ", (int)q.len, q.ptr, a->name, a->equals, i + 1);
    }
    aldb_buf_add_char(b, ')');
}

static bool make_texts(struct aldb_edit *e, const struct aldb_sql *sql, const struct aldb_sql_selection *sel, struct aldb_slice hidden, const struct table *t)
{
    struct aldb_buf b;
    aldb_buf_init(&b, ALDB_MAX_SQL);
    struct aldb_slice q = aldb_slice(sql->text.data + sel->qualifier.at, sel->qualifier.len);
    struct aldb_slice alias = sel->aliased ? q : aldb_slice("", 0);
    aldb_buf_add_str(&b, sel->only ? "ONLY " : "");
    aldb_buf_add_str(&b, t->name);
    add_alias(&b, alias);
    e->relation = take_text(&b);
    aldb_buf_add_str(&b, t->name);
    add_alias(&b, alias);
    e->target = take_text(&b);
    aldb_sql_add_span(&b, sql, sel->list);
    aldb_buf_add_slice(&b, hidden);
    e->list = take_text(&b);
    add_place(&b, q);
    aldb_buf_addf(&b, " AND %.*s.xmin OPERATOR(pg_catalog.=) ?::pg_catalog.xid", (int)q.len, q.ptr);
    e->by_version = take_text(&b);
    for (uint16_t i = 0; i < e->nkeys; i++) {
        const struct attribute *a = key_column(t, i + 1);
        aldb_buf_addf(&b, " %s %.*s.%s %s ?::%s", i ? "AND" : "WHERE", (int)q.len, q.ptr, a->name, a->equals, a->type);
    }
    if (e->nkeys == 0) {
        add_place(&b, q);
    }
    e->by_key = take_text(&b);
    bool arrays = can_be_arrays(e->nkeys, t);
    if (arrays) {
        add_keys(&b, q, e->nkeys, t);
        e->by_keys = take_text(&b);
    }
    aldb_buf_clear(&b);
    return e->relation && e->target && e->list && e->by_version && e->by_key && (e->by_keys || !arrays);
}

/* Which columns of the result are columns of the table that can be written. */
static bool make_columns(struct aldb_edit *e, struct aldb_plan *plan, uint16_t count, const struct table *t)
{
    e->plan = aldb_plan_ref(plan);
    e->ncolumns = count;
    e->columns = aldb_alloc_array(count ? count : 1, sizeof *e->columns);
    e->written = aldb_alloc_array(count ? count : 1, sizeof *e->written);
    if (e->columns == NULL || e->written == NULL) {
        return false;
    }
    for (uint16_t i = 0; i < count; i++) {
        const struct attribute *a = plan->columns[i].table_oid == e->table ? by_number(t, plan->columns[i].attnum) : NULL;
        if (a && a->writable && (e->columns[i] = aldb_strdup(a->name)) == NULL) {
            return false;
        }
    }
    return true;
}

/* ------------------------------------------------------------------ settling */

static bool wanted(const struct aldb_stmt *stmt)
{
    return stmt->cursor_type == SQL_CURSOR_KEYSET_DRIVEN || stmt->concurrency != SQL_CONCUR_READ_ONLY;
}

/* The plan of the text with hidden columns; where the server refuses it the text is as it was, and nothing is said. */
static enum aldb_rc try_hidden(struct aldb_stmt *stmt, const struct aldb_wait *wait, struct aldb_plan **plan)
{
    struct aldb_diag *diag = &stmt->h.diag;
    struct aldb_diag kept = aldb_diag_aside(diag);
    aldb_plan_release(stmt->plans[0]);
    stmt->plans[0] = NULL;
    enum aldb_rc rc = aldb_stmt_plan(stmt, 0, NULL, wait, plan);
    const struct aldb_diag_record *r = rc == ALDB_ERR ? aldb_diag_get(diag, 1) : NULL;
    int32_t limit = aldb_pgstate_native("54011");
    if (r && r->from_server && (memcmp(r->state, "42", 2) == 0 || r->native == limit)) { /* aggregates: no such columns here; or there are too many */
        aldb_diag_clear(diag);
        rc = ALDB_NO_DATA;
    }
    aldb_diag_back_with(diag, &kept);
    return rc;
}

/* The table that the text selects from. ALDB_NO_DATA: there is none whose rows can be told. */
static enum aldb_rc find_table(struct aldb_stmt *stmt, struct aldb_edit *e, struct table *t, const struct aldb_wait *wait)
{
    struct aldb_plan *plan;
    enum aldb_rc rc;
    for (int attempt = 0; attempt < 2; attempt++) {
        ALDB_TRY(aldb_stmt_plan(stmt, 0, NULL, wait, &plan));
        e->table = table_of(plan);
        if (e->table == 0) {
            return ALDB_NO_DATA;
        }
        rc = read_table(stmt, e->table, wait, t);
        if (rc != ALDB_OK || t->count > 0) {
            break;
        }
        aldb_plan_forget(stmt->dbc->session, plan); /* of a table that is gone: another one may have taken its name */
        aldb_plan_release(stmt->plans[0]);
        stmt->plans[0] = NULL;
    }
out:
    return rc == ALDB_OK && !t->plain ? ALDB_NO_DATA : rc;
}

static enum aldb_rc settle(struct aldb_stmt *stmt, struct aldb_edit *e, const struct aldb_sql_selection *sel, struct table *t, const struct aldb_wait *wait)
{
    struct aldb_plan *plan;
    struct aldb_buf hidden;
    aldb_buf_init(&hidden, ALDB_MAX_SQL);
    enum aldb_rc rc = find_table(stmt, e, t, wait);
    if (rc != ALDB_OK) {
        goto out;
    }
    add_hidden(&hidden, aldb_slice(stmt->sql.text.data + sel->qualifier.at, sel->qualifier.len), t, &e->nkeys);
    if (!aldb_buf_ok(&hidden) || !make_texts(e, &stmt->sql, sel, aldb_buf_slice(&hidden), t) ||
        !aldb_sql_insert(&stmt->sql, sel->list.at + sel->list.len, aldb_buf_slice(&hidden))) {
        rc = aldb_diag_post(&stmt->h.diag, ALDB_ST_HY001, NULL);
        goto out;
    }
    rc = try_hidden(stmt, wait, &plan);
    uint16_t count = (uint16_t)(ALDB_HIDDEN_KEY + e->nkeys);
    if (aldb_done(rc) && !make_columns(e, plan, (uint16_t)(plan->ncolumns - count), t)) {
        rc = aldb_diag_post(&stmt->h.diag, ALDB_ST_HY001, NULL);
    }
    if (aldb_done(rc)) {
        stmt->hidden = count;
    } else {
        aldb_sql_take_out(&stmt->sql);
        aldb_plan_release(stmt->plans[0]); /* of the text with them */
        stmt->plans[0] = NULL;
    }
out:
    aldb_buf_clear(&hidden);
    return rc;
}

enum aldb_rc aldb_edit_settle(struct aldb_stmt *stmt, const struct aldb_wait *wait)
{
    struct aldb_sql_selection sel;
    if (!stmt->dbc->options.UpdatableCursors || stmt->edit_settled || !wanted(stmt) || !stmt->has_sql || stmt->sql.nparts != 1 || !aldb_sql_selection(&stmt->sql, 0, &sel)) {
        return ALDB_OK;
    }
    struct table t = {0};
    struct aldb_edit *e = aldb_alloc(sizeof *e);
    if (e == NULL) {
        return aldb_diag_post(&stmt->h.diag, ALDB_ST_HY001, NULL);
    }
    aldb_buf_init(&e->keys, ALDB_MAX_VALUE);
    enum aldb_rc rc = settle(stmt, e, &sel, &t, wait);
    table_clear(&t);
    stmt->edit_settled = rc != ALDB_ERR;
    if (!aldb_done(rc)) {
        edit_free(e);
        return rc == ALDB_ERR ? ALDB_ERR : ALDB_OK;
    }
    stmt->edit = e;
    stmt->edit_free = edit_free;
    return rc;
}

void aldb_edit_downgrade(struct aldb_stmt *stmt)
{
    if (stmt->edit || !wanted(stmt)) {
        return;
    }
    stmt->asked_type = stmt->cursor_type;
    stmt->asked_concurrency = stmt->concurrency;
    stmt->cursor_type = stmt->cursor_type == SQL_CURSOR_KEYSET_DRIVEN ? SQL_CURSOR_STATIC : stmt->cursor_type;
    stmt->concurrency = SQL_CONCUR_READ_ONLY;
}

enum aldb_rc aldb_edit_tell_downgrade(struct aldb_stmt *stmt)
{
    if (stmt->asked_concurrency == 0) {
        return ALDB_OK;
    }
    (void)aldb_diag_post(&stmt->h.diag, ALDB_ST_01S02, "The cursor is %s and read-only: %s", stmt->cursor_type == SQL_CURSOR_STATIC ? "static" : "forward-only",
                         stmt->dbc->options.UpdatableCursors ? "only a plain SELECT from one table tells which rows its own rows are" : "UpdatableCursors=no");
    return ALDB_INFO;
}

bool aldb_edit_matches(const struct aldb_stmt *stmt, const struct aldb_outcome *o)
{
    const struct aldb_edit *e = stmt->edit;
    if (o->exec.ncolumns != e->ncolumns + stmt->hidden) {
        return false;
    }
    for (uint16_t i = 0; i < e->ncolumns; i++) {
        const struct aldb_column *has = &o->exec.columns[i], *made = &e->plan->columns[i];
        if (has->table_oid != made->table_oid || has->attnum != made->attnum || has->oid != made->oid || strcmp(has->name, made->name) != 0) {
            return false;
        }
    }
    return true;
}

enum aldb_rc aldb_edit_check(struct aldb_stmt *stmt, const struct aldb_outcome *o)
{
    const struct aldb_edit *e = stmt->edit;
    if (e == NULL || o->scroll == NULL || stmt->concurrency == SQL_CONCUR_READ_ONLY) {
        return aldb_diag_post(&stmt->h.diag, ALDB_ST_HY092, "The cursor is read-only. Rows are changed through cursors with SQL_ATTR_CONCURRENCY SQL_CONCUR_ROWVER, "
                              "of a plain SELECT from one table");
    }
    if (!aldb_edit_matches(stmt, o)) {
        return aldb_diag_post(&stmt->h.diag, ALDB_ST_HY000, "The table's columns have changed since the statement was prepared; prepare it again");
    }
    return ALDB_OK;
}
