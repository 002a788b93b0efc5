/* SPDX-License-Identifier: Apache-2.0 */
/* Arguments of catalog functions as conditions: ordinary values, patterns, identifiers. */
#include "catalog/internal.h"

#include <string.h>

#include "base/alloc.h"

bool aldb_arg_given(struct aldb_slice arg)
{
    return arg.ptr != NULL;
}

bool aldb_arg_empty(struct aldb_slice arg)
{
    return arg.ptr != NULL && arg.len == 0;
}

bool aldb_arg_is(struct aldb_slice arg, const char *text)
{
    return arg.ptr != NULL && aldb_slice_eq(arg, aldb_slice_of(text));
}

bool aldb_arg_names(struct aldb_slice arg)
{
    return arg.ptr != NULL && arg.len > 0 && !aldb_arg_is(arg, "%");
}

enum aldb_rc aldb_query_done(const struct aldb_catalog_context *c, const struct aldb_query *q)
{
    return aldb_buf_ok(&q->sql) ? ALDB_OK : aldb_diag_post(c->diag, ALDB_ST_HY001, NULL);
}

enum aldb_rc aldb_query_param(const struct aldb_catalog_context *c, struct aldb_query *q, struct aldb_slice value)
{
    if (q->nparams == ALDB_COUNT(q->params)) {
        return aldb_diag_post(c->diag, ALDB_ST_HY000, "Too many conditions in a catalog query");
    }
    char *copy = aldb_strndup(value.ptr, value.len);
    if (copy == NULL) {
        return aldb_diag_post(c->diag, ALDB_ST_HY001, NULL);
    }
    q->params[q->nparams++] = copy;
    aldb_buf_addf(&q->sql, "$%u::pg_catalog.text", q->nparams);
    return ALDB_OK;
}

/* True when the pattern has a wildcard that is not escaped. */
static bool has_wildcard(struct aldb_slice p)
{
    for (size_t i = 0; i < p.len; i++) {
        if (p.ptr[i] == '\\' && i + 1 < p.len && strchr("%_\\", p.ptr[i + 1]) != NULL) {
            i++;
        } else if (p.ptr[i] == '%' || p.ptr[i] == '_') {
            return true;
        }
    }
    return false;
}

/* A pattern as PostgreSQL's LIKE reads it (a backslash before an ordinary character is itself), or the plain text it stands for. */
static void rewrite(struct aldb_buf *out, struct aldb_slice p, bool like)
{
    for (size_t i = 0; i < p.len; i++) {
        bool escape = p.ptr[i] == '\\' && i + 1 < p.len && strchr("%_\\", p.ptr[i + 1]) != NULL;
        if (p.ptr[i] == '\\' && like) {
            aldb_buf_add_str(out, escape ? "\\" : "\\\\");
        } else if (p.ptr[i] == '\\' && !escape) {
            aldb_buf_add_char(out, '\\');
        } else if (p.ptr[i] != '\\') {
            aldb_buf_add_char(out, p.ptr[i]);
        }
        if (escape) {
            aldb_buf_add_char(out, p.ptr[++i]);
        }
    }
}

/* An identifier as written in SQL: quoted keeps its case, unquoted folds to lower case and loses trailing blanks. */
static void identifier(struct aldb_buf *out, struct aldb_slice s)
{
    while (s.len > 0 && s.ptr[s.len - 1] == ' ') {
        s.len--;
    }
    bool quoted = s.len >= 2 && s.ptr[0] == '"' && s.ptr[s.len - 1] == '"';
    for (size_t i = quoted ? 1 : 0; i < s.len - (quoted ? 1u : 0u); i++) {
        aldb_buf_add_char(out, quoted ? s.ptr[i] : aldb_lower(s.ptr[i]));
        if (quoted && s.ptr[i] == '"') {
            i++;
        }
    }
}

enum aldb_rc aldb_filter(const struct aldb_catalog_context *c, struct aldb_query *q, const char *expression, const char *what,
                         struct aldb_slice arg, enum aldb_arg kind)
{
    if (!aldb_arg_given(arg)) {
        if (c->metadata_id) {
            return aldb_diag_post(c->diag, ALDB_ST_HY009, "With SQL_ATTR_METADATA_ID the %s must be given", what);
        }
        return ALDB_OK;
    }
    if (arg.len > ALDB_MAX_NAME) {
        return aldb_diag_post(c->diag, ALDB_ST_HY090, "The %s is longer than %u bytes", what, ALDB_MAX_NAME);
    }
    if (kind == ALDB_ARG_PATTERN && !c->metadata_id && aldb_arg_is(arg, "%")) {
        return ALDB_OK;
    }
    struct aldb_buf value;
    aldb_buf_init(&value, 2 * (size_t)ALDB_MAX_NAME + 2);
    bool like = false;
    if (c->metadata_id) {
        identifier(&value, arg);
    } else if (kind == ALDB_ARG_PATTERN) {
        like = has_wildcard(arg);
        rewrite(&value, arg, like);
    } else {
        aldb_buf_add_slice(&value, arg);
    }
    enum aldb_rc rc = ALDB_ERR;
    if (!aldb_buf_ok(&value)) {
        rc = aldb_diag_post(c->diag, ALDB_ST_HY001, NULL);
    } else {
        aldb_buf_addf(&q->sql, " AND %s OPERATOR(pg_catalog.%s) ", expression, like ? "~~" : "=");
        rc = aldb_query_param(c, q, aldb_slice(aldb_buf_cstr(&value), value.len));
    }
    aldb_buf_clear(&value);
    return rc;
}

enum aldb_rc aldb_filter_catalog(const struct aldb_catalog_context *c, struct aldb_query *q, struct aldb_slice arg, enum aldb_arg kind)
{
    if (aldb_arg_empty(arg) && kind == ALDB_ARG_ORDINARY && !c->metadata_id) {
        return ALDB_OK;
    }
    return aldb_filter(c, q, "pg_catalog.current_database()", "catalog name", arg, kind);
}

/* Of a view too: it hides what stands behind it on the path. */
static const char visible_sql[] =
    " AND (pg_catalog.pg_table_is_visible(c.oid) OR NOT EXISTS (SELECT 1 FROM pg_catalog.pg_class v"
    " WHERE v.relname OPERATOR(pg_catalog.=) c.relname AND " ALDB_IS_RELATION("v") " AND pg_catalog.pg_table_is_visible(v.oid)))";

enum aldb_rc aldb_filter_relation(const struct aldb_catalog_context *c, struct aldb_query *q, const char *function, struct aldb_slice catalog,
                                  struct aldb_slice schema, struct aldb_slice table)
{
    if (!aldb_arg_given(table)) {
        return aldb_diag_post(c->diag, ALDB_ST_HY009, "%s needs a table name", function);
    }
    enum aldb_rc rc;
    if (aldb_arg_empty(schema) && !c->metadata_id) {
        schema = aldb_slice(NULL, 0);
    }
    ALDB_TRY(aldb_filter_catalog(c, q, catalog, ALDB_ARG_ORDINARY));
    ALDB_TRY(aldb_filter(c, q, "n.nspname", "schema name", schema, ALDB_ARG_ORDINARY));
    ALDB_TRY(aldb_filter(c, q, "c.relname", "table name", table, ALDB_ARG_ORDINARY));
    if (!aldb_arg_given(schema)) {
        aldb_buf_add_str(&q->sql, visible_sql);
    }
    rc = ALDB_OK;
out:
    return rc;
}
