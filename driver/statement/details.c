/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What RowDescription does not say of a column: its table's and schema's name, nullability, identity, and the names of types that are not built in.
 * Asked for when an application wants one of these fields, for all columns at once, in one round trip.
 */
#include "statement/internal.h"

#include <string.h>

#include "base/alloc.h"

/* Room for text cells such as "4294967295 32767". */
#define KEY_MAX 48

/* pg_catalog is spelled out so that no search_path can redirect it. */
static const char query[] =
    "SELECT 'c', a.attrelid::text, a.attnum::text, n.nspname::text, c.relname::text, a.attname::text, a.attnotnull::text,"
    " (a.attidentity <> '' OR EXISTS (SELECT 1 FROM pg_catalog.pg_attrdef d WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum"
    " AND pg_catalog.pg_get_expr(d.adbin, d.adrelid) LIKE 'nextval(%'))::text"
    " FROM ROWS FROM (pg_catalog.unnest($1::pg_catalog.oid[]), pg_catalog.unnest($2::pg_catalog.int2[])) AS k(rel, num)"
    " JOIN pg_catalog.pg_attribute a ON a.attrelid = k.rel AND a.attnum = k.num"
    " JOIN pg_catalog.pg_class c ON c.oid = k.rel JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
    " UNION ALL"
    " SELECT 't', t.oid::text, NULL, NULL, t.typname::text, NULL, NULL, NULL"
    " FROM pg_catalog.pg_type t WHERE t.oid = ANY ($3::pg_catalog.oid[])";

struct answer {
    struct aldb_stmt *stmt;
    bool out_of_memory;
};

static struct aldb_slice cell_slice(struct aldb_cell c)
{
    return aldb_slice(c.data, c.len);
}

static void set_field(struct answer *a, char **field, struct aldb_cell value)
{
    char *copy = value.data ? aldb_strndup(value.data, value.len) : NULL;
    if (value.data && copy == NULL) {
        a->out_of_memory = true;
        return;
    }
    aldb_free(*field);
    *field = copy;
}

static void take_column(struct answer *a, const struct aldb_cell *cells)
{
    int64_t rel;
    int64_t num;
    if (!aldb_parse_i64(cell_slice(cells[1]), &rel) || !aldb_parse_i64(cell_slice(cells[2]), &num)) {
        return;
    }
    for (SQLSMALLINT i = 1; i <= a->stmt->ird.count; i++) {
        struct aldb_desc_rec *r = aldb_desc_rec(&a->stmt->ird, i);
        if (r->table_oid != (uint32_t)rel || r->attnum != (int16_t)num) {
            continue;
        }
        set_field(a, &r->schema, cells[3]);
        set_field(a, &r->table, cells[4]);
        set_field(a, &r->base_table, cells[4]);
        set_field(a, &r->base_column, cells[5]);
        r->nullable = cells[6].len > 0 && cells[6].data[0] == 't' ? SQL_NO_NULLS : SQL_NULLABLE;
        r->auto_unique = cells[7].len > 0 && cells[7].data[0] == 't' ? SQL_TRUE : SQL_FALSE;
        const char *db = aldb_session_database(a->stmt->dbc->session);
        set_field(a, &r->catalog, (struct aldb_cell){db, db ? strlen(db) : 0});
    }
}

static void take_type(struct answer *a, const struct aldb_cell *cells)
{
    int64_t oid;
    if (!aldb_parse_i64(cell_slice(cells[1]), &oid)) {
        return;
    }
    for (SQLSMALLINT i = 1; i <= a->stmt->ird.count; i++) {
        struct aldb_desc_rec *r = aldb_desc_rec(&a->stmt->ird, i);
        if (r->oid == (uint32_t)oid) {
            set_field(a, &r->type_name, cells[4]);
        }
    }
}

static void take_row(void *ctx, const struct aldb_cell *cells, uint16_t ncells)
{
    if (ncells == 8 && cells[0].data) {
        if (cells[0].data[0] == 'c') {
            take_column(ctx, cells);
        } else {
            take_type(ctx, cells);
        }
    }
}

static void list_add(struct aldb_buf *list, int64_t value)
{
    char digits[KEY_MAX];
    aldb_buf_add_char(list, list->len ? ',' : '{');
    aldb_buf_add(list, digits, aldb_format_i64(digits, value));
}

/* The three array parameters; false when no column needs anything. */
static bool wanted(struct aldb_stmt *stmt, struct aldb_buf *rels, struct aldb_buf *nums, struct aldb_buf *types)
{
    bool any = false;
    for (SQLSMALLINT i = 1; i <= stmt->ird.count; i++) {
        struct aldb_desc_rec *r = aldb_desc_rec(&stmt->ird, i);
        if (r->details_known) {
            continue;
        }
        if (r->table_oid != 0) {
            list_add(rels, r->table_oid);
            list_add(nums, r->attnum);
            any = true;
        }
        if (r->type_name == NULL) {
            list_add(types, r->oid);
            any = true;
        }
    }
    return any;
}

enum aldb_rc aldb_stmt_column_details(struct aldb_stmt *stmt)
{
    struct aldb_session *s = stmt->dbc ? stmt->dbc->session : NULL;
    struct aldb_buf lists[3];
    enum aldb_rc rc = ALDB_OK;
    for (size_t i = 0; i < ALDB_COUNT(lists); i++) {
        aldb_buf_init(&lists[i], ALDB_MAX_NAME);
    }
    if (s == NULL || !wanted(stmt, &lists[0], &lists[1], &lists[2])) {
        goto out;
    }
    const char *values[3];
    for (size_t i = 0; i < ALDB_COUNT(lists); i++) {
        aldb_buf_add_str(&lists[i], lists[i].len ? "}" : "{}");
        values[i] = aldb_buf_cstr(&lists[i]);
        if (!aldb_buf_ok(&lists[i])) {
            rc = aldb_diag_post(&stmt->h.diag, ALDB_ST_HY001, NULL);
            goto out;
        }
    }
    int zeros[3] = {0};
    struct aldb_params params = {.count = 3, .values = values, .lengths = zeros, .formats = zeros};
    struct answer answer = {.stmt = stmt};
    struct aldb_wait wait = aldb_stmt_wait(stmt);
    ALDB_TRY(aldb_session_query(s, aldb_slice_of(query), &params, take_row, &answer, &wait, &stmt->h.diag));
    if (answer.out_of_memory) {
        rc = aldb_diag_post(&stmt->h.diag, ALDB_ST_HY001, NULL);
        goto out;
    }
    if (rc == ALDB_NO_DATA) {
        /* In a failed transaction nothing can be asked: the fields stay empty, and are asked for again later. */
        rc = ALDB_OK;
        goto out;
    }
    for (SQLSMALLINT i = 1; i <= stmt->ird.count; i++) {
        aldb_desc_rec(&stmt->ird, i)->details_known = true;
    }
out:
    for (size_t i = 0; i < ALDB_COUNT(lists); i++) {
        aldb_buf_clear(&lists[i]);
    }
    return rc == ALDB_ERR ? ALDB_ERR : ALDB_OK;
}
