/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What SQLRowCount tells behind an array of parameters: the sum of all sets, or with ArrayRowCounts=EACH the count of each one that took effect, to which
 * SQLMoreResults goes on. However the array was sent.
 */
#include "sets.h"

enum { SETS = 40 };

static struct {
    SQLINTEGER ids[SETS], values[SETS];
    SQLUSMALLINT status[SETS], operation[SETS];
    SQLULEN processed;
} p;

/* ---- helpers --------------------------------------------------------------------------------------------------------- */

/* Ids from 1, each with ten times itself. */
static void bind_sets(SQLHSTMT stmt, SQLULEN count)
{
    memset(&p, 0, sizeof p);
    for (int i = 0; i < SETS; i++) {
        p.ids[i] = i + 1;
        p.values[i] = 10 * (i + 1);
    }
    CHECK_OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_PARAMSET_SIZE, (SQLPOINTER)count, 0));
    CHECK_OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_PARAM_STATUS_PTR, p.status, 0));
    CHECK_OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_PARAM_OPERATION_PTR, p.operation, 0));
    CHECK_OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_PARAMS_PROCESSED_PTR, &p.processed, 0));
    CHECK_OK(stmt, SQLBindParameter(stmt, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, p.ids, 0, NULL));
    CHECK_OK(stmt, SQLBindParameter(stmt, 2, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, p.values, 0, NULL));
}

static SQLLEN header_count(SQLHSTMT stmt)
{
    SQLLEN count = -77;
    CHECK_OK(stmt, SQLGetDiagField(SQL_HANDLE_STMT, stmt, 0, SQL_DIAG_ROW_COUNT, &count, 0, NULL));
    return count;
}

/* The counts that come one after another, the current one first, are these and no more. */
static void check_counts(SQLHSTMT stmt, const SQLLEN *counts, size_t n, const char *what)
{
    for (size_t i = 0; i < n; i++) {
        SQLSMALLINT columns = -1;
        check_int(header_count(stmt), counts[i], what, __FILE__, __LINE__);
        check_int(row_count(stmt), counts[i], what, __FILE__, __LINE__);
        CHECK_OK(stmt, SQLNumResultCols(stmt, &columns));
        CHECK_INT(columns, 0);
        check_rc(stmt, SQLMoreResults(stmt), i + 1 < n ? SQL_SUCCESS : SQL_NO_DATA, what, __FILE__, __LINE__);
    }
}

static void check_ones(SQLHSTMT stmt, size_t n, const char *what)
{
    SQLLEN ones[SETS];
    for (size_t i = 0; i < n; i++) {
        ones[i] = 1;
    }
    check_counts(stmt, ones, n, what);
}

static SQLUINTEGER told(SQLHDBC dbc)
{
    SQLUINTEGER v = 0;
    CHECK_OK(dbc, SQLGetInfo(dbc, SQL_PARAM_ARRAY_ROW_COUNTS, &v, sizeof v, NULL));
    return v;
}

/* ---- what is told ---------------------------------------------------------------------------------------------------- */

static void the_sum(void)
{
    static const char *const ways[] = {"", "ArrayRowCounts=SUM", "ArrayRowCounts=sum;BatchMode=PIPELINE"};
    for (size_t i = 0; i < COUNT(ways); i++) {
        struct link l = link_open(ways[i]);
        const SQLLEN sum = SETS;
        CHECK_INT(told(l.dbc), SQL_PARC_NO_BATCH);
        run(l.stmt, "create temp table counted (id int, v int)");
        bind_sets(l.stmt, SETS);
        CHECK_OK(l.stmt, exec_direct(l.stmt, "insert into counted values (?, ?)"));
        check_counts(l.stmt, &sum, 1, ways[i]);
        unbind_sets(l.stmt);
        link_close(&l);
    }
}

/* Where each set stores one row they go as one statement; where a set may store none, each has to tell by itself. */
static void inserts(void)
{
    static const struct {
        const char *what, *set_up, *sql;
        bool at_once;
        int every; /* of so many sets one stores a row; 0: all */
    } list[] = {
        {"plain", "create temp table counted (id int, v int)", "insert into counted values (?, ?)", true, 0},
        {"row triggers after", "create temp table counted (id int, v int); create trigger t after insert on counted for each row execute function pg_temp.skip()",
         "insert into counted values (?, ?)", true, 0},
        {"partitions", "create temp table counted (id int, v int) partition by range (id); create temp table counted_1 partition of counted for values from (0) to (100)",
         "insert into counted values (?, ?)", true, 0},
        {"on conflict", "create temp table counted (id int unique, v int); insert into counted select 4 * n + k, 0 from generate_series(0, 9) n, generate_series(1, 3) k",
         "insert into counted values (?, ?) on conflict do nothing", false, 4},
        {"a trigger that leaves rows out",
         "create temp table counted (id int, v int); create trigger t before insert on counted for each row execute function pg_temp.skip()",
         "insert into counted values (?, ?)", false, 4},
        {"such a trigger of a partition",
         "create temp table counted (id int, v int) partition by range (id); create temp table counted_1 partition of counted for values from (0) to (100);"
         " create trigger t before insert on counted_1 for each row execute function pg_temp.skip()",
         "insert into counted values (?, ?)", false, 4},
        {"few", "create temp table counted (id int, v int)", "insert into counted values (?, ? + 1)", false, 0},
    };
    for (size_t i = 0; i < COUNT(list); i++) {
        struct link l = link_open("ArrayRowCounts=EACH");
        SQLLEN counts[SETS];
        CHECK_INT(told(l.dbc), SQL_PARC_BATCH);
        run(l.stmt, "create function pg_temp.skip() returns trigger language plpgsql as $$begin if tg_when = 'BEFORE' and new.id % 4 <> 0 then return null; end if;"
                    " return new; end$$");
        run(l.stmt, list[i].set_up);
        bind_sets(l.stmt, SETS);
        check_rc(l.stmt, exec_direct(l.stmt, list[i].sql), SQL_SUCCESS, list[i].what, __FILE__, __LINE__);
        CHECK_INT(p.processed, SETS);
        for (int k = 0; k < SETS; k++) {
            counts[k] = list[i].every == 0 || p.ids[k] % list[i].every == 0;
            CHECK_INT(p.status[k], SQL_PARAM_SUCCESS);
        }
        check_counts(l.stmt, counts, SETS, list[i].what);
        unbind_sets(l.stmt);
        check_int(sent_at_once(l.stmt), list[i].at_once, list[i].what, __FILE__, __LINE__);
        link_close(&l);
    }
}

/* Counts of all sizes; a first one of none is a result like the others, not SQL_NO_DATA. */
static void updates(void)
{
    static const char *const modes[] = {"ArrayRowCounts=EACH", "ArrayRowCounts=EACH;BatchMode=PIPELINE", "ArrayRowCounts=EACH;ErrorRollback=NONE"};
    static const SQLLEN counts[] = {0, 1, 2, 3, 4};
    for (size_t i = 0; i < COUNT(modes); i++) {
        struct link l = link_open(modes[i]);
        run(l.stmt, "create temp table counted as select n as v from generate_series(0, 4) n, generate_series(1, n)");
        set_autocommit(l.dbc, i == 1);
        for (int round = 0; round < 2; round++) {
            bind_sets(l.stmt, COUNT(counts));
            for (int k = 0; k < SETS; k++) {
                p.ids[k] = p.values[k] = k;
            }
            CHECK_OK(l.stmt, exec_direct(l.stmt, "update counted set v = ? where v = ?"));
            check_counts(l.stmt, counts, COUNT(counts), modes[i]);
            unbind_sets(l.stmt);
        }
        link_close(&l);
    }
}

static void nothing_touched(void)
{
    static const SQLLEN none[3] = {0};
    struct link l = link_open("ArrayRowCounts=EACH");
    run(l.stmt, "create temp table counted (id int, v int)");
    bind_sets(l.stmt, 3);
    CHECK_OK(l.stmt, exec_direct(l.stmt, "delete from counted where id = ? and v = ?"));
    check_counts(l.stmt, none, 3, "nothing there");
    unbind_sets(l.stmt);
    link_close(&l);
}

/* Sets that failed or were left out have their status, and no count. */
static void some_sets(void)
{
    static const char *const modes[] = {"ArrayRowCounts=EACH", "ArrayRowCounts=EACH;BatchMode=PIPELINE"};
    for (size_t i = 0; i < COUNT(modes); i++) {
        struct link l = link_open(modes[i]);
        run(l.stmt, "create temp table counted (id int primary key, v int)");
        bind_sets(l.stmt, SETS);
        p.ids[5] = p.ids[39] = 1;
        p.operation[0] = p.operation[7] = SQL_PARAM_IGNORE;
        p.ids[0] = 1;
        p.ids[1] = 1;
        CHECK_RC(l.stmt, exec_direct(l.stmt, "insert into counted values (?, ?)"), SQL_SUCCESS_WITH_INFO);
        CHECK_INT(p.status[0], SQL_PARAM_UNUSED);
        CHECK_INT(p.status[1], SQL_PARAM_SUCCESS);
        CHECK_INT(p.status[5], SQL_PARAM_ERROR);
        CHECK_INT(p.status[7], SQL_PARAM_UNUSED);
        CHECK_INT(p.status[39], SQL_PARAM_ERROR);
        check_ones(l.stmt, SETS - 4, modes[i]);
        unbind_sets(l.stmt);
        CHECK_INT(query_int(l.stmt, "select count(*) from counted"), SETS - 4);
        link_close(&l);
    }
}

/* One set of many is one result. */
static void one_left(void)
{
    struct link l = link_open("ArrayRowCounts=EACH");
    run(l.stmt, "create temp table counted (id int primary key, v int)");
    bind_sets(l.stmt, 2);
    p.operation[1] = SQL_PARAM_IGNORE;
    CHECK_OK(l.stmt, exec_direct(l.stmt, "insert into counted values (?, ?)"));
    check_ones(l.stmt, 1, "one of two");
    CHECK_RC(l.stmt, exec_direct(l.stmt, "delete from counted where id = ? and v = ? + 1"), SQL_NO_DATA);
    unbind_sets(l.stmt);
    link_close(&l);
}

/* Counts that nobody asks for are dropped with the others' results: closed, or in the way of the next execution, as those of several statements are. */
static void left_behind(void)
{
    struct link l = link_open("ArrayRowCounts=EACH");
    run(l.stmt, "create temp table counted (id int, v int)");
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("insert into counted values (?, ?)"), SQL_NTS));
    bind_sets(l.stmt, SETS);
    CHECK_OK(l.stmt, SQLExecute(l.stmt));
    CHECK_OK(l.stmt, SQLMoreResults(l.stmt));
    CHECK_STATE(l.stmt, SQLExecute(l.stmt), "24000");
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    CHECK_OK(l.stmt, SQLExecute(l.stmt));
    check_ones(l.stmt, SETS, "again");
    CHECK_OK(l.stmt, SQLExecute(l.stmt));
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    unbind_sets(l.stmt);
    CHECK_INT(query_int(l.stmt, "select count(*) from counted"), 3 * SETS);
    link_close(&l);
}

/* The values that come at execution are no different. */
static void data_at_execution(void)
{
    struct link l = link_open("ArrayRowCounts=EACH");
    static const SQLLEN counts[] = {1, 0, 1};
    SQLLEN lengths[3] = {SQL_DATA_AT_EXEC, SQL_DATA_AT_EXEC, SQL_DATA_AT_EXEC};
    run(l.stmt, "create temp table counted (id int unique, v int)");
    bind_sets(l.stmt, 3);
    p.ids[1] = 1;
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 2, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, p.values, 0, lengths));
    CHECK_RC(l.stmt, exec_direct(l.stmt, "insert into counted values (?, ?) on conflict do nothing"), SQL_NEED_DATA);
    SQLPOINTER token;
    SQLRETURN rc;
    while ((rc = SQLParamData(l.stmt, &token)) == SQL_NEED_DATA) {
        CHECK_OK(l.stmt, SQLPutData(l.stmt, token, 0));
    }
    CHECK_RC(l.stmt, rc, SQL_SUCCESS);
    check_counts(l.stmt, counts, 3, "data at execution");
    unbind_sets(l.stmt);
    link_close(&l);
}

int main(void)
{
    static const struct test tests[] = {
        {"the sum", the_sum},
        {"inserts", inserts},
        {"updates", updates},
        {"nothing touched", nothing_touched},
        {"failed sets and ignored ones", some_sets},
        {"one set left", one_left},
        {"counts left behind", left_behind},
        {"data at execution", data_at_execution},
    };
    return run_tests("counts of arrays", tests, COUNT(tests));
}
