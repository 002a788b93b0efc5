/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Streamed output parameters: SQL_PARAM_DATA_AVAILABLE, SQLParamData, SQLGetData.
 * https://learn.microsoft.com/sql/odbc/reference/develop-app/retrieving-output-parameters-using-sqlgetdata
 */
#include "statement/call.h"

#include "base/alloc.h"

#define APD_TYPE (-100) /* SQL_APD_TYPE, which unixODBC's headers lack */

enum aldb_rc aldb_streamed_add(struct aldb_stmt *stmt, struct aldb_outcome *o, uint32_t param, uint16_t column, bool row)
{
    if (stmt->nstreamed == stmt->streamed_room) {
        size_t room = stmt->streamed_room ? stmt->streamed_room * 2 : 4;
        struct aldb_streamed *all = aldb_realloc_array(stmt->streamed, room, sizeof *all);
        if (all == NULL) {
            return aldb_diag_post(&stmt->h.diag, ALDB_ST_HY001, NULL);
        }
        stmt->streamed = all;
        stmt->streamed_room = room;
    }
    stmt->streamed[stmt->nstreamed++] = (struct aldb_streamed){param, o->set, o, column, row};
    return ALDB_OK;
}

enum aldb_rc aldb_streamed_begin(struct aldb_stmt *stmt)
{
    struct aldb_wait wait = aldb_dbc_wait(stmt->dbc);
    struct aldb_outcome *o = aldb_stmt_outcome(stmt);
    if (o && o->has_rows && aldb_stmt_close_stream(stmt, o, &wait, &stmt->h.diag) == ALDB_ERR) {
        aldb_stmt_discard_quietly(stmt);
        return ALDB_ERR;
    }
    stmt->outcome = stmt->noutcomes;
    stmt->row_count = -1;
    stmt->next_streamed = 0;
    stmt->streamed_ahead = false;
    aldb_stmt_reset_position(stmt);
    if (aldb_stmt_set_ird(stmt, NULL, 0, NULL) == ALDB_ERR) {
        aldb_stmt_discard_quietly(stmt);
        return ALDB_ERR;
    }
    stmt->state = ALDB_STMT_PARAM_DATA;
    return ALDB_PARAM_DATA;
}

enum aldb_rc aldb_streamed_next(struct aldb_stmt *stmt, SQLPOINTER *token)
{
    aldb_chunk_reset(&stmt->chunk);
    stmt->get_c_type = 0;
    stmt->next_streamed -= stmt->streamed_ahead;
    stmt->streamed_ahead = false;
    if (stmt->next_streamed == stmt->nstreamed) {
        stmt->next_streamed++;
        stmt->state = ALDB_STMT_EXECUTED;
        return ALDB_OK;
    }
    const struct aldb_streamed *v = &stmt->streamed[stmt->next_streamed++];
    if (token) {
        *token = aldb_params_token(stmt, v->param, v->set);
    }
    if (stmt->apd->array_size > 1) {
        aldb_sets_processed(stmt, v->set + 1);
    }
    return ALDB_PARAM_DATA;
}

static enum aldb_rc refuse(struct aldb_stmt *stmt, const struct aldb_streamed *v, enum aldb_state st, SQLSMALLINT c_type)
{
    const struct aldb_type *type = v->row ? aldb_type_find(v->outcome->exec.columns[v->column].oid) : NULL;
    aldb_diag_at(&stmt->h.diag, stmt->apd->array_size > 1 ? (int64_t)v->set + 1 : ALDB_ROW_NONE, (int32_t)v->param + 1);
    enum aldb_rc rc = aldb_conversion_post(&stmt->h.diag, st, "output parameter", v->param + 1, type ? type->name : NULL, c_type);
    aldb_diag_at(&stmt->h.diag, ALDB_ROW_NONE, ALDB_COL_NONE);
    return rc;
}

/* The C type that is meant, by the descriptors where the application leaves it to them. */
static SQLSMALLINT meant_type(const struct aldb_param_at *at, SQLSMALLINT c_type)
{
    c_type = c_type == APD_TYPE && at->apd ? at->apd->concise_type : c_type;
    return c_type == SQL_C_DEFAULT && at->ipd ? aldb_type_default_c(at->ipd->concise_type) : c_type;
}

enum aldb_rc aldb_stmt_get_param_data(struct aldb_stmt *stmt, SQLUSMALLINT number, SQLSMALLINT c_type, SQLPOINTER value, SQLLEN buflen, SQLLEN *ind)
{
    struct aldb_diag *diag = &stmt->h.diag;
    if (stmt->next_streamed == 0) {
        return aldb_diag_post(diag, ALDB_ST_HY010, "SQLParamData says first which streamed output parameter comes next");
    }
    stmt->streamed_ahead = false;
    const struct aldb_streamed *v = &stmt->streamed[stmt->next_streamed - 1];
    if (number != v->param + 1) {
        return aldb_diag_post(diag, ALDB_ST_07009, "Parameter %u is not the one that is being read, which is %u", number, v->param + 1);
    }
    if (value == NULL) {
        return aldb_diag_post(diag, ALDB_ST_HY009, "SQLGetData needs a buffer; ask for the length alone with a BufferLength of 0");
    }
    if (buflen < 0) {
        return aldb_diag_post(diag, ALDB_ST_HY090, "BufferLength %lld is negative", (long long)buflen);
    }
    struct aldb_param_at at;
    aldb_params_at(stmt, v->param, v->set, &at);
    c_type = meant_type(&at, aldb_type_from_v2(c_type));
    if (!aldb_c_type_valid(c_type)) {
        return aldb_diag_post(diag, ALDB_ST_HY003, "%d is not a C type", c_type);
    }
    if (stmt->get_c_type != c_type) {
        stmt->get_c_type = c_type;
        aldb_chunk_reset(&stmt->chunk);
    } else if (stmt->chunk.done) {
        return ALDB_NO_DATA;
    }
    const struct aldb_exec *e = &v->outcome->exec;
    if (!v->row || e->cells[v->column].data == NULL) {
        enum aldb_state st = aldb_store_null(ind);
        stmt->chunk.done = st == ALDB_ST_NONE;
        return st == ALDB_ST_NONE ? ALDB_OK : refuse(stmt, v, st, c_type);
    }
    struct aldb_get get;
    struct aldb_get_spec spec = {
        .oid = e->columns[v->column].oid,
        .typmod = e->columns[v->column].typmod,
        .binary = e->columns[v->column].binary,
        .c_type = c_type,
        .precision = at.apd ? at.apd->precision : 0,
        .scale = at.apd ? at.apd->scale : 0,
        .interval_precision = at.apd ? at.apd->datetime_interval_precision : 2,
        .locale = &e->locale,
        .options = &stmt->dbc->types,
    };
    SQLLEN length = 0;
    enum aldb_state st = aldb_get_resolve(&get, &spec);
    st = st == ALDB_ST_NONE ? aldb_get_cell(&get, &e->cells[v->column], value, buflen, &length, &stmt->chunk) : st;
    if (st == ALDB_ST_NONE || aldb_state_is_warning(st)) {
        aldb_store_length(ind, ind, length);
    } else {
        stmt->get_c_type = 0; /* what failed may be tried again with another type or buffer */
    }
    return st == ALDB_ST_NONE ? ALDB_OK : refuse(stmt, v, st, c_type);
}
