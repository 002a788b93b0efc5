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
        if (aldb_stmt_results_left(stmt)) {
            return RESULTS_LEFT;
        }
        return stmt->prepared ? S4_PREPARED : S4_DIRECT;
    case ALDB_STMT_CURSOR:
        return stmt->prepared ? S5_PREPARED : S5_DIRECT;
    case ALDB_STMT_NEED_DATA:
    case ALDB_STMT_PARAM_DATA:
        break;
    }
    return S8;
}

const char *aldb_fn_name(enum aldb_fn fn)
{
    return table[fn].name;
}

/* S13 to S15 forbid what S8 to S10 do, except what reads streamed output parameters and what leaves them behind. */
static bool reads_streamed(enum aldb_fn fn)
{
    return fn == ALDB_FN_PARAM_DATA || fn == ALDB_FN_GET_DATA || fn == ALDB_FN_MORE_RESULTS;
}

enum aldb_state aldb_statetable_verdict(const struct aldb_stmt *stmt, enum aldb_fn fn)
{
    if (stmt->state == ALDB_STMT_PARAM_DATA) {
        return reads_streamed(fn) ? ALDB_ST_NONE : ALDB_ST_HY010;
    }
    return table[fn].verdict[place_of(stmt)];
}

enum aldb_rc aldb_statetable_check(struct aldb_stmt *stmt, enum aldb_fn fn, struct aldb_diag *diag)
{
    enum aldb_state verdict = aldb_statetable_verdict(stmt, fn);
    if (verdict == ALDB_ST_NONE) {
        return ALDB_OK;
    }
    const char *remedy = stmt->state == ALDB_STMT_PARAM_DATA
                             ? "streamed output parameters wait; read them with SQLParamData and SQLGetData, or drop them with SQLMoreResults or SQLCancel"
                             : remedies[place_of(stmt)];
    return aldb_diag_post(diag, verdict, "%s cannot be called now: %s", table[fn].name, remedy);
}
