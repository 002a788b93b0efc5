/* SPDX-License-Identifier: Apache-2.0 */
/* SQLSetPos: choosing a row of the rowset, and reading rows of it again. */
#include "statement/scroll.h"

/* The rows that an operation is for: one of the rowset, or all of them that SQL_ATTR_ROW_OPERATION_PTR does not leave out. */
static bool left_out(const struct aldb_stmt *stmt, SQLSETPOSIROW row, SQLULEN index)
{
    return row == 0 && stmt->ard->array_status_ptr && stmt->ard->array_status_ptr[index] == SQL_ROW_IGNORE;
}

static void mark(struct aldb_stmt *stmt, SQLULEN index, SQLUSMALLINT status)
{
    if (stmt->ird.array_status_ptr) {
        stmt->ird.array_status_ptr[index] = status;
    }
}

static enum aldb_rc refresh(struct aldb_stmt *stmt, struct aldb_outcome *o, SQLSETPOSIROW row)
{
    struct aldb_wait wait = aldb_dbc_wait(stmt->dbc);
    SQLULEN from = row ? row - 1 : 0, to = row ? row : stmt->rowset_rows;
    SQLULEN done = 0, failed = 0;
    bool info = false;
    if (aldb_fetch_rebind(stmt) == ALDB_ERR) {
        return ALDB_ERR;
    }
    for (SQLULEN i = from; i < to; i++) {
        if (left_out(stmt, row, i)) {
            continue;
        }
        enum aldb_rc rc = aldb_fetch_again(stmt, o, i, &wait);
        mark(stmt, i, rc == ALDB_ERR ? SQL_ROW_ERROR : rc == ALDB_INFO ? SQL_ROW_SUCCESS_WITH_INFO : SQL_ROW_SUCCESS);
        done++;
        failed += rc == ALDB_ERR;
        info |= rc != ALDB_OK;
    }
    if (failed > 0 && failed == done) {
        return ALDB_ERR;
    }
    return info ? ALDB_INFO : ALDB_OK;
}

static enum aldb_rc position(struct aldb_stmt *stmt, SQLSETPOSIROW row)
{
    if (row == 0) {
        return aldb_diag_post(&stmt->h.diag, ALDB_ST_HY109, "SQL_POSITION needs the number of one row of the rowset, not 0");
    }
    stmt->rowset_pos = row - 1;
    stmt->get_column = ALDB_NO_COLUMN;
    aldb_chunk_reset(&stmt->chunk);
    return ALDB_OK;
}

enum aldb_rc aldb_stmt_set_pos(struct aldb_stmt *stmt, SQLSETPOSIROW row, SQLUSMALLINT operation, SQLUSMALLINT lock)
{
    struct aldb_diag *diag = &stmt->h.diag;
    struct aldb_outcome *o = aldb_stmt_outcome(stmt);
    if (operation > SQL_ADD || lock > SQL_LCK_UNLOCK) {
        return aldb_diag_post(diag, ALDB_ST_HY092, "Operation %u or lock type %u is not one of SQLSetPos", operation, lock);
    }
    if (stmt->state != ALDB_STMT_CURSOR || stmt->rowset_rows == 0 || o == NULL) {
        return aldb_diag_post(diag, ALDB_ST_24000, "The cursor is not positioned on a rowset");
    }
    if (operation != SQL_POSITION && operation != SQL_REFRESH) {
        return aldb_diag_post(diag, ALDB_ST_HY092, "The cursor is read-only: rows can be changed by SQL statements only");
    }
    if (operation == SQL_REFRESH && o->scroll == NULL) {
        return aldb_diag_post(diag, ALDB_ST_HYC00, "SQL_REFRESH is not supported: the cursor is forward-only");
    }
    if (lock != SQL_LOCK_NO_CHANGE) {
        return aldb_diag_post(diag, ALDB_ST_HYC00, "Only SQL_LOCK_NO_CHANGE is supported");
    }
    if (row > stmt->rowset_rows) {
        return aldb_diag_post(diag, ALDB_ST_HY107, "Row %llu is outside the rowset, which has %llu rows", (unsigned long long)row,
                              (unsigned long long)stmt->rowset_rows);
    }
    return operation == SQL_POSITION ? position(stmt, row) : refresh(stmt, o, row);
}
