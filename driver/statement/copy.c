/* SPDX-License-Identifier: Apache-2.0 */
/*
 * COPY with the application's data: TO STDOUT is a result set like others, FROM STDIN takes data at execution that belong to no parameter.
 * What SQLPutData gives goes to the server as it is, and at once.
 */
#include "statement/internal.h"

#include "alloydb_odbc.h"
#include "types/oid.h"

enum aldb_rc aldb_copy_check_text(const struct aldb_sql *sql, struct aldb_diag *diag)
{
    for (size_t i = 0; sql->nparts > 1 && i < sql->nparts; i++) {
        if (sql->parts[i].cls == ALDB_SQL_COPY_IN) {
            return aldb_diag_post(diag, ALDB_ST_HYC00, "COPY … FROM STDIN cannot be one of several statements; execute it alone");
        }
    }
    return ALDB_OK;
}

enum aldb_rc aldb_copy_check_sets(struct aldb_stmt *stmt)
{
    if (stmt->sql.parts[0].cls != ALDB_SQL_COPY_IN) {
        return ALDB_OK;
    }
    return aldb_diag_post(&stmt->h.diag, ALDB_ST_HYC00, "COPY … FROM STDIN cannot run with an array of parameters; set SQL_ATTR_PARAMSET_SIZE to 1");
}

enum aldb_rc aldb_copy_describe(struct aldb_stmt *stmt)
{
    struct aldb_column column = {.name = (char[]){"copy"}, .oid = stmt->sql.parts[0].binary ? ALDB_OID_BYTEA : ALDB_OID_TEXT, .typmod = -1};
    return aldb_stmt_set_ird(stmt, &column, 1, NULL);
}

/* ------------------------------------------------------------------ data */

enum aldb_rc aldb_copy_wait(struct aldb_stmt *stmt)
{
    stmt->state = ALDB_STMT_NEED_DATA;
    stmt->copying = ALDB_COPYING_BEGUN;
    return ALDB_NEED_DATA;
}

/* Ends it: with what the server says, after which the statement has been executed or rests. */
static enum aldb_rc finish(struct aldb_stmt *stmt)
{
    struct aldb_outcome *o = stmt->outcomes[0];
    struct aldb_wait wait = aldb_stmt_wait(stmt);
    enum aldb_rc rc = aldb_stmt_check_cancel(stmt);
    if (rc != ALDB_ERR) {
        aldb_stmt_running(stmt, &o->exec);
        aldb_stmt_speak_of(stmt, 0);
        rc = aldb_copy_end(&o->exec, &wait, &stmt->h.diag);
        aldb_stmt_speak_plain(stmt);
        aldb_stmt_idle(stmt);
    }
    if (stmt->sql.nparams > 0) {
        aldb_sets_mark(stmt, 0, aldb_sets_status(rc));
    }
    if (aldb_outcome_finish(stmt, o, rc) == ALDB_ERR) {
        aldb_stmt_discard_quietly(stmt);
        return ALDB_ERR;
    }
    stmt->copying = ALDB_COPYING_NOT;
    return aldb_outcome_show(stmt) == ALDB_ERR ? ALDB_ERR : rc;
}

enum aldb_rc aldb_copy_param_data(struct aldb_stmt *stmt, SQLPOINTER *token)
{
    switch (stmt->copying) {
    case ALDB_COPYING_BEGUN:
        stmt->copying = ALDB_COPYING_ASKED;
        if (token) {
            *token = SQL_ALLOYDB_COPY_DATA;
        }
        return ALDB_NEED_DATA;
    case ALDB_COPYING_FED:
        return finish(stmt);
    default:
        aldb_stmt_rest(stmt);
        return aldb_diag_post(&stmt->h.diag, ALDB_ST_HY010, "COPY got no SQLPutData; where there are no rows, send a piece of length 0");
    }
}

enum aldb_rc aldb_copy_put_data(struct aldb_stmt *stmt, SQLPOINTER data, SQLLEN len)
{
    struct aldb_diag *diag = &stmt->h.diag;
    enum aldb_rc rc = ALDB_OK;
    if (stmt->copying == ALDB_COPYING_BEGUN) {
        return aldb_diag_post(diag, ALDB_ST_HY010, "SQLPutData comes after SQLParamData has asked for the data of COPY");
    }
    if (len < 0 && len != SQL_NTS) {
        rc = aldb_diag_post(diag, ALDB_ST_HY090, "Data of COPY are bytes: their length is a number of them, or SQL_NTS");
    } else if (data == NULL && len != 0) {
        rc = aldb_diag_post(diag, ALDB_ST_HY009, "The data of COPY are NULL");
    } else {
        rc = aldb_stmt_check_cancel(stmt);
    }
    if (rc != ALDB_ERR) {
        struct aldb_wait wait = aldb_stmt_wait(stmt);
        struct aldb_exec *exec = &stmt->outcomes[0]->exec;
        stmt->copying = ALDB_COPYING_FED;
        aldb_stmt_running(stmt, exec);
        rc = aldb_copy_put(exec, aldb_slice(data, len == SQL_NTS ? strlen(data) : (size_t)len), &wait, diag);
        aldb_stmt_idle(stmt);
    }
    if (rc == ALDB_ERR) {
        aldb_stmt_discard_quietly(stmt);
    }
    return rc;
}

void aldb_copy_give_up(struct aldb_stmt *stmt)
{
    aldb_exec_abandon(&stmt->outcomes[0]->exec);
    aldb_stmt_rest(stmt);
}
