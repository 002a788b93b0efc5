/* SPDX-License-Identifier: Apache-2.0 */
/* {call …} and {? = call …}: return values and output parameters. */
#include "statement/internal.h"

static bool is_output(struct aldb_stmt *stmt, SQLSMALLINT number)
{
    const struct aldb_desc_rec *d = aldb_desc_rec(&stmt->ipd, number);
    return d && (d->parameter_type == SQL_PARAM_OUTPUT || d->parameter_type == SQL_PARAM_INPUT_OUTPUT);
}

static bool has_outputs(struct aldb_stmt *stmt, const struct aldb_sql_part *part)
{
    bool any = false;
    for (uint32_t i = 0; i < part->nparams; i++) {
        any |= is_output(stmt, (SQLSMALLINT)(part->first_param + i + 1));
    }
    return any;
}

bool aldb_call_hides_result(struct aldb_stmt *stmt, const struct aldb_column *columns, uint16_t ncolumns)
{
    const struct aldb_sql_part *part = &stmt->sql.parts[0];
    switch (stmt->sql.call) {
    case ALDB_CALL_RETURN:
        return true;
    case ALDB_CALL_PLAIN:
        return (ncolumns == 1 && columns[0].oid == ALDB_OID_VOID) || (aldb_part_is_procedure(part) && has_outputs(stmt, part));
    default:
        return false;
    }
}

/* A column of the current row to a parameter's buffer. */
static enum aldb_rc deliver(struct aldb_stmt *stmt, const struct aldb_outcome *o, uint16_t column, bool row, uint32_t param, uint64_t set)
{
    struct aldb_param_at at;
    enum aldb_state st = ALDB_ST_NONE;
    aldb_params_at(stmt, param, set, &at);
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
    aldb_diag_at(&stmt->h.diag, stmt->apd->array_size > 1 ? (int64_t)set + 1 : ALDB_ROW_NONE, (int32_t)param + 1);
    const struct aldb_type *type = row ? aldb_type_find(o->exec.columns[column].oid) : NULL;
    enum aldb_rc rc = aldb_conversion_post(&stmt->h.diag, st, "output parameter", param + 1, type ? type->name : NULL, at.apd->concise_type);
    aldb_diag_at(&stmt->h.diag, ALDB_ROW_NONE, ALDB_COL_NONE);
    return rc;
}

/* The one row of a call to the parameters that take it: its value to the return marker, or its columns to the output parameters in their order. */
static enum aldb_rc deliver_row(struct aldb_stmt *stmt, struct aldb_outcome *o, uint64_t set, const struct aldb_wait *wait)
{
    struct aldb_diag *diag = &stmt->h.diag;
    const struct aldb_sql_part *part = &stmt->sql.parts[0];
    bool any = o->has_rows && o->exec.ncolumns > 0;
    aldb_stmt_running(stmt, &o->exec);
    enum aldb_rc rc = any ? aldb_exec_next(&o->exec, wait, diag) : ALDB_NO_DATA;
    aldb_stmt_idle(stmt);
    if (rc == ALDB_ERR) {
        return rc;
    }
    bool row = rc != ALDB_NO_DATA;
    if (stmt->sql.call == ALDB_CALL_RETURN) {
        return deliver(stmt, o, 0, row, 0, set);
    }
    bool info = false;
    bool failed = false;
    uint16_t column = 0;
    for (uint32_t param = part->first_param; param < part->first_param + part->nparams; param++) {
        if (is_output(stmt, (SQLSMALLINT)(param + 1))) {
            rc = deliver(stmt, o, column, row && column < o->exec.ncolumns, param, set);
            info |= rc == ALDB_INFO;
            failed |= rc == ALDB_ERR;
            column++;
        }
    }
    return failed ? ALDB_ERR : info ? ALDB_INFO : ALDB_OK;
}

/* After a call: what is no result set for the application goes where it belongs. */
enum aldb_rc aldb_call_deliver(struct aldb_stmt *stmt, const struct aldb_wait *wait)
{
    bool info = false;
    bool failed = false;
    for (size_t i = 0; i < stmt->noutcomes; i += stmt->sql.nparts) {
        struct aldb_outcome *o = &stmt->outcomes[i];
        if (!aldb_call_hides_result(stmt, o->exec.columns, o->exec.ncolumns)) {
            continue;
        }
        bool wanted = stmt->sql.call == ALDB_CALL_RETURN || has_outputs(stmt, &stmt->sql.parts[0]);
        enum aldb_rc rc = wanted ? deliver_row(stmt, o, o->set, wait) : ALDB_OK;
        info |= rc == ALDB_INFO;
        failed |= rc == ALDB_ERR;
        failed |= aldb_exec_close(&o->exec, wait, &stmt->h.diag) == ALDB_ERR;
        o->has_rows = false;
        o->affected = -1;
    }
    return failed ? ALDB_ERR : info ? ALDB_INFO : ALDB_OK;
}
