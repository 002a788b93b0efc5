/* SPDX-License-Identifier: Apache-2.0 */
#include "handle/statetable.h"

enum place { S1, S2, S4_PREPARED, S4_DIRECT, S5_PREPARED, S5_DIRECT, S8, RESULTS_LEFT, PLACES };

#define ALDB_ST_OK ALDB_ST_NONE

static const struct {
    const char *name;
    enum aldb_state verdict[PLACES];
} table[] = {
#define ALDB_FN(id, name, s1, s2, s4p, s4d, s5p, s5d, s8, left)                                            \
    {name,                                                                                                 \
     {ALDB_ST_##s1, ALDB_ST_##s2, ALDB_ST_##s4p, ALDB_ST_##s4d, ALDB_ST_##s5p, ALDB_ST_##s5d, ALDB_ST_##s8, \
      ALDB_ST_##left}},
#include "handle/statetable.def"
#undef ALDB_FN
};

static const char *const remedies[PLACES] = {
    [S1] = "nothing has been prepared or executed on this statement",
    [S2] = "the statement is prepared, but has not been executed",
    [S4_PREPARED] = "the statement has no open cursor: what it ran returned no result set",
    [S4_DIRECT] = "the statement has no open cursor and no prepared text: it ran by SQLExecDirect and returned no result set",
    [S5_PREPARED] = "a cursor is open; close it with SQLCloseCursor or SQLFreeStmt(SQL_CLOSE) first",
    [S5_DIRECT] = "the cursor of SQLExecDirect or of a catalog function is open; close it with SQLCloseCursor or SQLFreeStmt(SQL_CLOSE) first",
    [S8] = "the statement waits for data at execution; go on with SQLParamData and SQLPutData, or give up with SQLCancel",
    [RESULTS_LEFT] = "results of the last execution are left; take them with SQLMoreResults or drop them with SQLFreeStmt(SQL_CLOSE)",
};

static enum place place_of(const struct aldb_stmt *stmt)
{
    switch (stmt->state) {
    case ALDB_STMT_ALLOCATED:
        return S1;
    case ALDB_STMT_PREPARED:
        return S2;
    case ALDB_STMT_EXECUTED:
        if (stmt->outcome + 1 < stmt->noutcomes) {
            return RESULTS_LEFT;
        }
        return stmt->prepared ? S4_PREPARED : S4_DIRECT;
    case ALDB_STMT_CURSOR:
        return stmt->prepared ? S5_PREPARED : S5_DIRECT;
    case ALDB_STMT_NEED_DATA:
        break;
    }
    return S8;
}

const char *aldb_fn_name(enum aldb_fn fn)
{
    return table[fn].name;
}

enum aldb_state aldb_statetable_verdict(const struct aldb_stmt *stmt, enum aldb_fn fn)
{
    return table[fn].verdict[place_of(stmt)];
}

enum aldb_rc aldb_statetable_check(struct aldb_stmt *stmt, enum aldb_fn fn, struct aldb_diag *diag)
{
    enum place place = place_of(stmt);
    enum aldb_state verdict = table[fn].verdict[place];
    if (verdict == ALDB_ST_NONE) {
        return ALDB_OK;
    }
    return aldb_diag_post(diag, verdict, "%s cannot be called now: %s", table[fn].name, remedies[place]);
}
