/* SPDX-License-Identifier: Apache-2.0 */
/* Arrays of parameters: SQL_ATTR_PARAMSET_SIZE and everything around it, above all what is told when some of the sets fail. */
#include "results.h"

#include <stdlib.h>

/* ---- helpers ------------------------------------------------------------------------------------------------------- */

enum { MAX_SETS = 32 };

/* The usual arrays: a number, a text, and what the driver tells. */
struct sets {
    SQLINTEGER n[MAX_SETS];
    SQLLEN n_length[MAX_SETS];
    char text[MAX_SETS][16];
    SQLLEN length[MAX_SETS];
    SQLUSMALLINT status[MAX_SETS];
    SQLUSMALLINT operation[MAX_SETS];
    SQLULEN processed;
};

/* `count` sets (i + 1, "t<i + 1>") bound to parameters 1 and 2, column by column. */
static void bind_sets(SQLHSTMT stmt, struct sets *s, SQLULEN count)
{
    memset(s, 0, sizeof *s);
    s->processed = 4711;
    for (size_t i = 0; i < MAX_SETS; i++) {
        s->n[i] = (SQLINTEGER)i + 1;
        s->length[i] = snprintf(s->text[i], sizeof s->text[i], "t%zu", i + 1);
        s->status[i] = 4711;
    }
    CHECK_OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_PARAMSET_SIZE, (SQLPOINTER)count, 0));
    CHECK_OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_PARAM_STATUS_PTR, s->status, 0));
    CHECK_OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_PARAMS_PROCESSED_PTR, &s->processed, 0));
    CHECK_OK(stmt, SQLBindParameter(stmt, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, s->n, 1, s->n_length));
    CHECK_OK(stmt, SQLBindParameter(stmt, 2, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, 15, 0, s->text, sizeof s->text[0], s->length));
}

/* One character a set: S success, I success with info, E error, U unused, D unavailable, ? anything else. */
static const char *statuses(const struct sets *s, size_t count)
{
    static char text[MAX_SETS + 1];
    for (size_t i = 0; i < count; i++) {
        switch (s->status[i]) {
        case SQL_PARAM_SUCCESS:
            text[i] = 'S';
            break;
        case SQL_PARAM_SUCCESS_WITH_INFO:
            text[i] = 'I';
            break;
        case SQL_PARAM_ERROR:
            text[i] = 'E';
            break;
        case SQL_PARAM_UNUSED:
            text[i] = 'U';
            break;
        case SQL_PARAM_DIAG_UNAVAILABLE:
            text[i] = 'D';
            break;
        default:
            text[i] = '?';
            break;
        }
    }
    text[count] = '\0';
    return text;
}

static SQLLEN diag_row(SQLHSTMT stmt, SQLSMALLINT record)
{
    SQLLEN row = -4711;
    CHECK(SQL_SUCCEEDED(SQLGetDiagField(SQL_HANDLE_STMT, stmt, record, SQL_DIAG_ROW_NUMBER, &row, 0, NULL)));
    return row;
}

static SQLINTEGER diag_column(SQLHSTMT stmt, SQLSMALLINT record)
{
    SQLINTEGER column = -4711;
    CHECK(SQL_SUCCEEDED(SQLGetDiagField(SQL_HANDLE_STMT, stmt, record, SQL_DIAG_COLUMN_NUMBER, &column, 0, NULL)));
    return column;
}

/* The whole table as "n:text n:text …". */
static const char *table(SQLHDBC dbc)
{
    SQLHSTMT stmt = new_stmt(dbc);
    const char *text = query_text(stmt, "select coalesce(string_agg(n || ':' || coalesce(t, '-'), ' ' order by n), '') from arr");
    free_stmt(stmt);
    return text;
}

static struct link open_table(const char *extra)
{
    struct link l = link_open(extra);
    run(l.stmt, "create temp table arr (n int primary key, t varchar(8))");
    return l;
}

static void manual(struct link *l)
{
    CHECK_OK(l->dbc, SQLSetConnectAttr(l->dbc, SQL_ATTR_AUTOCOMMIT, (SQLPOINTER)SQL_AUTOCOMMIT_OFF, 0));
}

/* ---- bindings ------------------------------------------------------------------------------------------------------ */

static void by_column(void)
{
    struct link l = open_table("");
    struct sets s;
    bind_sets(l.stmt, &s, 5);
    s.length[1] = SQL_NTS;
    s.length[2] = SQL_NULL_DATA;
    s.length[3] = 1;
    s.length[4] = 0;
    CHECK_OK(l.stmt, SQLExecDirect(l.stmt, T("insert into arr values (?, ?)"), SQL_NTS));
    CHECK_INT(row_count(l.stmt), 5);
    CHECK_INT(s.processed, 5);
    CHECK_TEXT(statuses(&s, 6), "SSSSS?"); /* nothing behind the last set is written */
    CHECK_TEXT(table(l.dbc), "1:t1 2:t2 3:- 4:t 5:");

    /* Without lengths: NUL-terminated text; prepared; size changed after SQLPrepare and between executions. */
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 2, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, 15, 0, s.text, sizeof s.text[0], NULL));
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_PARAMSET_SIZE, (SQLPOINTER)1, 0));
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("insert into arr values (100 + ?, ?)"), SQL_NTS));
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_PARAMSET_SIZE, (SQLPOINTER)2, 0));
    CHECK_OK(l.stmt, SQLExecute(l.stmt));
    CHECK_INT(row_count(l.stmt), 2);
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_PARAMSET_SIZE, (SQLPOINTER)1, 0));
    s.n[0] = 3;
    CHECK_OK(l.stmt, SQLExecute(l.stmt));
    CHECK_INT(row_count(l.stmt), 1);
    CHECK_INT(s.processed, 1);
    s.n[0] = 4;
    s.n[1] = 5;
    s.n[2] = 6;
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_PARAMSET_SIZE, (SQLPOINTER)3, 0));
    CHECK_OK(l.stmt, SQLExecute(l.stmt));
    CHECK_INT(row_count(l.stmt), 3);
    CHECK_TEXT(table(l.dbc), "1:t1 2:t2 3:- 4:t 5: 101:t1 102:t2 103:t1 104:t1 105:t2 106:t3");
    CHECK_STATE(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_PARAMSET_SIZE, (SQLPOINTER)0, 0), "HY024");
    SQLULEN size = 0;
    CHECK_OK(l.stmt, SQLGetStmtAttr(l.stmt, SQL_ATTR_PARAMSET_SIZE, &size, 0, NULL));
    CHECK_INT(size, 3);

    /* A text without markers runs once. */
    CHECK_OK(l.stmt, SQLExecDirect(l.stmt, T("insert into arr values (999)"), SQL_NTS));
    CHECK_INT(row_count(l.stmt), 1);
    link_close(&l);
}

/* Every C type steps by its own size; BufferLength is for characters and bytes alone. */
static void element_sizes(void)
{
    static const SQLSCHAR i1[] = {1, 2, 3};
    static const SQLSMALLINT i2[] = {1, 2, 3};
    static const SQLBIGINT i8[] = {1, 2, 3};
    static const SQLREAL f4[] = {1, 2, 3};
    static const SQLDOUBLE f8[] = {1, 2, 3};
    static const SQLCHAR bit[] = {1, 0, 1};
    static const SQL_NUMERIC_STRUCT num[] = {{5, 0, 1, {1}}, {5, 0, 1, {2}}, {5, 0, 1, {3}}};
    static const SQL_DATE_STRUCT date[] = {{2026, 1, 1}, {2026, 1, 2}, {2026, 1, 3}};
    static const SQL_TIME_STRUCT time[] = {{1, 0, 0}, {2, 0, 0}, {3, 0, 0}};
    static const SQL_TIMESTAMP_STRUCT ts[] = {{2026, 1, 1, 0, 0, 0, 0}, {2026, 1, 2, 0, 0, 0, 0}, {2026, 1, 3, 0, 0, 0, 0}};
    static const SQLGUID guid[] = {{.Data1 = 1}, {.Data1 = 2}, {.Data1 = 3}};
    static const SQL_INTERVAL_STRUCT iv[] = {{.interval_type = SQL_IS_DAY, .intval.day_second = {.day = 1}},
                                             {.interval_type = SQL_IS_DAY, .intval.day_second = {.day = 2}},
                                             {.interval_type = SQL_IS_DAY, .intval.day_second = {.day = 3}}};
    static const SQLWCHAR w[][2] = {{'a', 0}, {'b', 0}, {0xe9, 0}};
    static const struct {
        const char *type;
        SQLSMALLINT c_type, sql_type;
        const void *data;
        SQLLEN room;
        const char *wanted;
    } list[] = {
        {"int2", SQL_C_STINYINT, SQL_TINYINT, i1, 8, "1,2,3"},
        {"int2", SQL_C_SSHORT, SQL_SMALLINT, i2, 1, "1,2,3"},
        {"int8", SQL_C_SBIGINT, SQL_BIGINT, i8, 4, "1,2,3"},
        {"float4", SQL_C_FLOAT, SQL_REAL, f4, 0, "1,2,3"},
        {"float8", SQL_C_DOUBLE, SQL_DOUBLE, f8, 0, "1,2,3"},
        {"bool", SQL_C_BIT, SQL_BIT, bit, 0, "true,false,true"},
        {"numeric", SQL_C_NUMERIC, SQL_NUMERIC, num, 0, "1,2,3"},
        {"date", SQL_C_TYPE_DATE, SQL_TYPE_DATE, date, 0, "2026-01-01,2026-01-02,2026-01-03"},
        {"time", SQL_C_TYPE_TIME, SQL_TYPE_TIME, time, 0, "01:00:00,02:00:00,03:00:00"},
        {"timestamp", SQL_C_TYPE_TIMESTAMP, SQL_TYPE_TIMESTAMP, ts, 0, "2026-01-01 00:00:00,2026-01-02 00:00:00,2026-01-03 00:00:00"},
        {"uuid", SQL_C_GUID, SQL_GUID, guid, 0,
         "00000001-0000-0000-0000-000000000000,00000002-0000-0000-0000-000000000000,00000003-0000-0000-0000-000000000000"},
        {"interval", SQL_C_INTERVAL_DAY, SQL_INTERVAL_DAY, iv, 0, "1 day,2 days,3 days"},
        {"text", SQL_C_WCHAR, SQL_WVARCHAR, w, sizeof w[0], "a,b,\xc3\xa9"},
        {"text", SQL_C_CHAR, SQL_VARCHAR, "a\0b\0c", 2, "a,b,c"},
        {"bytea", SQL_C_BINARY, SQL_VARBINARY, "abcdef", 2, "\\x6162,\\x6364,\\x6566"},
        {"int8", SQL_C_DEFAULT, SQL_BIGINT, i8, 1, "1,2,3"},
    };
    struct link l = link_open("");
    for (size_t i = 0; i < COUNT(list); i++) {
        char sql[256];
        snprintf(sql, sizeof sql, "drop table if exists pg_temp.el; create temp table el (id serial, a %s)", list[i].type);
        run(l.stmt, sql);
        CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_PARAMSET_SIZE, (SQLPOINTER)3, 0));
        CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 1, SQL_PARAM_INPUT, list[i].c_type, list[i].sql_type, 0, 0,
                                          (SQLPOINTER)(uintptr_t)list[i].data, list[i].room, NULL));
        CHECK_OK(l.stmt, SQLExecDirect(l.stmt, T("insert into el (a) values (?)"), SQL_NTS));
        CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_PARAMSET_SIZE, (SQLPOINTER)1, 0));
        CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_RESET_PARAMS));
        CHECK_TEXT(query_text(l.stmt, "select string_agg(a::text, ',' order by id) from el"), list[i].wanted);
    }
    link_close(&l);
}

static void by_row(void)
{
    struct row {
        SQLINTEGER n;
        SQLLEN n_length;
        char text[7];
        SQLLEN length;
    } rows[6];
    SQLLEN offset = 0;
    struct link l = open_table("");
    for (int i = 0; i < 6; i++) {
        rows[i] = (struct row){.n = i + 1, .length = i == 2 ? SQL_NULL_DATA : SQL_NTS};
        snprintf(rows[i].text, sizeof rows[i].text, "r%d", i + 1);
    }
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_PARAM_BIND_TYPE, (SQLPOINTER)sizeof(struct row), 0));
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_PARAMSET_SIZE, (SQLPOINTER)3, 0));
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, &rows[0].n, 0, &rows[0].n_length));
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 2, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, 8, 0, rows[0].text, sizeof rows[0].text,
                                      &rows[0].length));
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("insert into arr values (?, ?)"), SQL_NTS));
    rows[0].n_length = rows[1].n_length = rows[2].n_length = sizeof(SQLINTEGER);
    CHECK_OK(l.stmt, SQLExecute(l.stmt));
    CHECK_TEXT(table(l.dbc), "1:r1 2:r2 3:-");

    /* The offset is added to every address, and is read at each execution. */
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_PARAM_BIND_OFFSET_PTR, &offset, 0));
    offset = 3 * sizeof(struct row);
    CHECK_OK(l.stmt, SQLExecute(l.stmt));
    CHECK_INT(row_count(l.stmt), 3);
    CHECK_TEXT(table(l.dbc), "1:r1 2:r2 3:- 4:r4 5:r5 6:r6");

    /* With columns the offset comes on top of the stride. */
    struct sets s;
    bind_sets(l.stmt, &s, 2);
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_PARAM_BIND_TYPE, (SQLPOINTER)SQL_PARAM_BIND_BY_COLUMN, 0));
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 2, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, s.n, 0, NULL));
    offset = 10 * sizeof s.n[0];
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, s.n, 0, NULL));
    CHECK_OK(l.stmt, SQLExecute(l.stmt));
    CHECK_TEXT(table(l.dbc), "1:r1 2:r2 3:- 4:r4 5:r5 6:r6 11:11 12:12");
    link_close(&l);
}

static void ignored(void)
{
    struct link l = open_table("");
    struct sets s;
    bind_sets(l.stmt, &s, 5);
    s.operation[0] = s.operation[3] = SQL_PARAM_IGNORE;
    s.length[3] = -77; /* not looked at */
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_PARAM_OPERATION_PTR, s.operation, 0));
    CHECK_OK(l.stmt, SQLExecDirect(l.stmt, T("insert into arr values (?, ?)"), SQL_NTS));
    CHECK_INT(row_count(l.stmt), 3);
    CHECK_TEXT(statuses(&s, 5), "USSUS");
    CHECK_INT(s.processed, 5); /* the statuses to look at */
    CHECK_TEXT(table(l.dbc), "2:t2 3:t3 5:t5");

    /* Also of statements that return rows. */
    CHECK_OK(l.stmt, SQLExecDirect(l.stmt, T("select ? * 2, ?"), SQL_NTS));
    CHECK_TEXT(statuses(&s, 5), "USSUS");
    CHECK_INT(s.processed, 5);
    for (int i = 0; i < 3; i++) {
        CHECK_OK(l.stmt, SQLFetch(l.stmt));
        CHECK_RC(l.stmt, SQLMoreResults(l.stmt), i < 2 ? SQL_SUCCESS : SQL_NO_DATA);
    }

    /* All left out: nothing runs. */
    memset(s.operation, 0, sizeof s.operation);
    for (size_t i = 0; i < 5; i++) {
        s.operation[i] = SQL_PARAM_IGNORE;
    }
    SQLRETURN rc = SQLExecDirect(l.stmt, T("delete from arr where n > ? or t = ?"), SQL_NTS);
    CHECK(rc == SQL_SUCCESS || rc == SQL_NO_DATA);
    CHECK_TEXT(statuses(&s, 5), "UUUUU");
    CHECK_INT(row_count(l.stmt), 0);
    CHECK_OK(l.stmt, SQLExecDirect(l.stmt, T("{call concat(?, ?)}"), SQL_NTS));
    CHECK_TEXT(statuses(&s, 5), "UUUUU");
    CHECK_INT(s.processed, 0);
    CHECK_TEXT(table(l.dbc), "2:t2 3:t3 5:t5");
    link_close(&l);
}

/* ---- failures ------------------------------------------------------------------------------------------------------ */

/* One set fails on the server, one before it gets there; the others stay. Autocommit, and inside a transaction that stays alive. */
static void some_fail(void)
{
    for (int in_transaction = 0; in_transaction < 2; in_transaction++) {
        struct link l = open_table("");
        struct sets s;
        if (in_transaction) {
            manual(&l);
            run(l.stmt, "insert into arr values (100, 'before')");
        }
        bind_sets(l.stmt, &s, 6);
        s.n[2] = 1;                               /* set 3: 23505 */
        snprintf(s.text[4], sizeof s.text[4], "\xff"); /* set 5: no UTF-8 */
        s.length[4] = 1;
        CHECK_RC(l.stmt, SQLExecDirect(l.stmt, T("insert into arr values (?, ?)"), SQL_NTS), SQL_SUCCESS_WITH_INFO);
        CHECK_TEXT(statuses(&s, 6), "SSESES");
        CHECK_INT(s.processed, 6);
        bool order = strcmp(diag_state(l.stmt, 1), "23000") == 0;
        CHECK_INT(diag_row(l.stmt, order ? 1 : 2), 3);
        CHECK_TEXT(diag_state(l.stmt, order ? 1 : 2), "23000");
        CHECK_TEXT(diag_state(l.stmt, order ? 2 : 1), "22018");
        CHECK_INT(diag_row(l.stmt, order ? 2 : 1), 5);
        CHECK_INT(diag_column(l.stmt, order ? 2 : 1), 2);
        CHECK_TEXT(diag_state(l.stmt, 3), "");
        CHECK_INT(row_count(l.stmt), 4);
        CHECK_TEXT(table(l.dbc), in_transaction ? "1:t1 2:t2 4:t4 6:t6 100:before" : "1:t1 2:t2 4:t4 6:t6");
        if (in_transaction) {
            CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_COMMIT));
            CHECK_TEXT(table(l.dbc), "1:t1 2:t2 4:t4 6:t6 100:before");
        }
        link_close(&l);
    }
}

/* Without SQL_ATTR_PARAM_STATUS_PTR a set that failed is an error of the call: the application has no other way to see it. */
static void fail_unseen(void)
{
    static const char *const options[] = {"", "BatchMode=PIPELINE", "ErrorRollback=NONE"};
    static const char *const texts[] = {"insert into arr values (?, ?)", "insert into arr values (?, ?) returning n"};
    for (size_t i = 0; i < COUNT(options) * COUNT(texts); i++) {
        struct link l = open_table(options[i / COUNT(texts)]);
        struct sets s;
        bind_sets(l.stmt, &s, 20);
        CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_PARAM_STATUS_PTR, NULL, 0));
        s.n[2] = 1;
        CHECK_STATE(l.stmt, SQLExecDirect(l.stmt, T(texts[i % COUNT(texts)]), SQL_NTS), "23000");
        CHECK_INT(diag_row(l.stmt, 1), 3);
        CHECK_INT(s.processed, 20);
        CHECK_INT(query_int(l.stmt, "select count(*) from arr"), 19);
        /* Where all is well nothing is different. */
        s.n[2] = 3;
        run(l.stmt, "truncate arr");
        CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_PARAMSET_SIZE, (SQLPOINTER)20, 0));
        CHECK_OK(l.stmt, SQLExecDirect(l.stmt, T("insert into arr values (?, ?)"), SQL_NTS));
        CHECK_INT(row_count(l.stmt), 20);
        link_close(&l);
    }
}

static void first_and_last_fail(void)
{
    struct link l = open_table("");
    struct sets s;
    run(l.stmt, "insert into arr values (1), (4)");
    bind_sets(l.stmt, &s, 4);
    CHECK_RC(l.stmt, SQLExecDirect(l.stmt, T("insert into arr values (?, ?)"), SQL_NTS), SQL_SUCCESS_WITH_INFO);
    CHECK_TEXT(statuses(&s, 4), "ESSE");
    CHECK_INT(diag_row(l.stmt, 1), 1);
    CHECK_INT(diag_row(l.stmt, 2), 4);
    CHECK_INT(row_count(l.stmt), 2);
    CHECK_TEXT(table(l.dbc), "1:- 2:t2 3:t3 4:-");
    link_close(&l);
}

static void all_fail(void)
{
    for (int in_transaction = 0; in_transaction < 2; in_transaction++) {
        struct link l = open_table("");
        struct sets s;
        if (in_transaction) {
            manual(&l);
        }
        run(l.stmt, "insert into arr values (1), (2), (3)");
        bind_sets(l.stmt, &s, 3);
        CHECK_STATE(l.stmt, SQLExecDirect(l.stmt, T("insert into arr values (?, ?)"), SQL_NTS), "23000");
        CHECK_TEXT(statuses(&s, 3), "EEE");
        CHECK_INT(s.processed, 3);
        for (SQLSMALLINT i = 1; i <= 3; i++) {
            CHECK_TEXT(diag_state(l.stmt, i), "23000");
            CHECK_INT(diag_row(l.stmt, i), i);
        }
        CHECK_TEXT(table(l.dbc), "1:- 2:- 3:-");

        /* What no set survives is said, too, when it is the text that is wrong. */
        CHECK_STATE(l.stmt, SQLExecDirect(l.stmt, T("insert into no_such_table values (?, ?)"), SQL_NTS), "42S02");
        CHECK_TEXT(statuses(&s, 3), "UUU");
        CHECK_INT(s.processed, 0);
        CHECK_TEXT(table(l.dbc), "1:- 2:- 3:-");
        CHECK_STATE(l.stmt, SQLExecDirect(l.stmt, T("insert into arr values (?, ?, ?)"), SQL_NTS), "07002");
        link_close(&l);
    }
}

/* ErrorRollback=NONE leaves PostgreSQL's own behaviour: the first failure ends the transaction, and no later set is tried. */
static void without_savepoints(void)
{
    struct link l = open_table("ErrorRollback=NONE");
    struct sets s;
    manual(&l);
    bind_sets(l.stmt, &s, 5);
    s.n[2] = 1;
    CHECK_RC(l.stmt, SQLExecDirect(l.stmt, T("insert into arr values (?, ?)"), SQL_NTS), SQL_SUCCESS_WITH_INFO);
    CHECK_TEXT(statuses(&s, 5), "SSEUU");
    CHECK_INT(s.processed, 3);
    CHECK_TEXT(diag_state(l.stmt, 1), "23000");
    CHECK_INT(diag_row(l.stmt, 1), 3);
    CHECK_STATE(l.stmt, SQLExecDirect(l.stmt, T("select 1 where ? > 0 and ? <> ''"), SQL_NTS), "25000");
    CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_ROLLBACK));
    CHECK_TEXT(table(l.dbc), "");
    link_close(&l);

    /* TRANSACTION: the same, and what the sets before it did is undone at once. */
    l = open_table("ErrorRollback=TRANSACTION");
    run(l.stmt, "create procedure pg_temp.add(int, text) language sql as $$ insert into arr values ($1, $2) $$");
    manual(&l);
    static const char *const texts[] = {"insert into arr values (?, ?)", "insert into arr values (?, ?) returning n", "insert into arr values (?, ?); select 1",
                                        "{call pg_temp.add(?, ?)}"};
    for (size_t i = 0; i < COUNT(texts); i++) {
        bind_sets(l.stmt, &s, 5);
        s.n[2] = 1;
        CHECK_STATE(l.stmt, SQLExecDirect(l.stmt, T(texts[i]), SQL_NTS), "23000");
        CHECK_TEXT(statuses(&s, 5), "UUEUU");
        CHECK_INT(s.processed, 3);
        CHECK_INT(diag_row(l.stmt, 1), 3);
        CHECK_TEXT(table(l.dbc), "");
    }
    link_close(&l);

    /* In autocommit there is no transaction of the application that could suffer. */
    l = open_table("ErrorRollback=NONE");
    bind_sets(l.stmt, &s, 3);
    s.n[1] = 1;
    CHECK_RC(l.stmt, SQLExecDirect(l.stmt, T("insert into arr values (?, ?)"), SQL_NTS), SQL_SUCCESS_WITH_INFO);
    CHECK_TEXT(statuses(&s, 3), "SES");
    CHECK_TEXT(table(l.dbc), "1:t1 3:t3");
    link_close(&l);
}

/* ErrorRollback=TRANSACTION: the failure undoes everything, and the application hears that nothing is left. */
static void whole_transaction(void)
{
    struct link l = open_table("ErrorRollback=TRANSACTION");
    struct sets s;
    manual(&l);
    run(l.stmt, "insert into arr values (100, 'before')");
    bind_sets(l.stmt, &s, 4);
    s.n[1] = 1;
    CHECK_STATE(l.stmt, SQLExecDirect(l.stmt, T("insert into arr values (?, ?)"), SQL_NTS), "23000");
    CHECK_TEXT(statuses(&s, 4), "UEUU");
    CHECK_TEXT(table(l.dbc), "");
    CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_COMMIT));
    link_close(&l);
}

static void deferred(void)
{
    struct link l = link_open("");
    struct sets s;
    run(l.stmt, "create temp table arr (n int, t text, unique (n) deferrable initially deferred)");
    bind_sets(l.stmt, &s, 3);
    s.n[2] = 1;
    /* The server says so at its COMMIT only, which undoes every set. */
    CHECK_RC(l.stmt, SQLExecDirect(l.stmt, T("insert into arr values (?, ?)"), SQL_NTS), SQL_ERROR);
    CHECK(strcmp(diag_state(l.stmt, 1), "23000") == 0 || strcmp(diag_state(l.stmt, 1), "40002") == 0);
    CHECK_CONTAINS(diag_message(l.stmt, 1), "duplicate key");
    CHECK_TEXT(statuses(&s, 3), "EEE");
    CHECK_TEXT(table(l.dbc), "");

    manual(&l);
    CHECK_OK(l.stmt, SQLExecDirect(l.stmt, T("insert into arr values (?, ?)"), SQL_NTS));
    CHECK_TEXT(statuses(&s, 3), "SSS");
    CHECK_STATE(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_COMMIT), "40002");
    CHECK_TEXT(table(l.dbc), "");
    link_close(&l);
}

/* ---- other statements ---------------------------------------------------------------------------------------------- */

static void update_and_delete(void)
{
    struct link l = open_table("");
    struct sets s;
    run(l.stmt, "insert into arr select g from generate_series(1, 20) g");
    bind_sets(l.stmt, &s, 4);
    CHECK_OK(l.stmt, SQLExecDirect(l.stmt, T("update arr set t = 'u' where n between ? and length(?) + 2"), SQL_NTS));
    CHECK_INT(row_count(l.stmt), 4 + 3 + 2 + 1);
    CHECK_TEXT(statuses(&s, 4), "SSSS");
    s.n[0] = 1000;
    s.n[1] = 1001;
    CHECK_OK(l.stmt, SQLExecDirect(l.stmt, T("delete from arr where n = ? and 'x' <> ?"), SQL_NTS));
    CHECK_INT(row_count(l.stmt), 2);
    /* None touched by any set. */
    CHECK_RC(l.stmt, SQLExecDirect(l.stmt, T("delete from arr where n = -? and 'x' <> ?"), SQL_NTS), SQL_NO_DATA);
    CHECK_INT(row_count(l.stmt), 0);
    CHECK_TEXT(statuses(&s, 4), "SSSS");
    /* Sets see what earlier sets did. */
    s.n[0] = 1;
    s.n[1] = 2;
    run(l.stmt, "truncate arr");
    CHECK_OK(l.stmt, SQLExecDirect(l.stmt, T("insert into arr select ?, count(*)::text || ? from arr"), SQL_NTS));
    CHECK_TEXT(table(l.dbc), "1:0t1 2:1t2 3:2t3 4:3t4");
    link_close(&l);
}

/* A value outside the inferred type in one set, for one parameter, then for another: the whole array is planned for all of them. */
static void replanning(void)
{
    struct link l = open_table("");
    SQLBIGINT a[] = {3000000000, 1, 5, -3000000000};
    SQLBIGINT b[] = {1, 3000000000, 5, 7};
    SQLDOUBLE d[] = {0.5, 1, 2.5, 1e10};
    SQLUSMALLINT status[4] = {99, 99, 99, 99};
    run(l.stmt, "insert into arr select g from generate_series(1, 9) g");
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_PARAMSET_SIZE, (SQLPOINTER)4, 0));
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_PARAM_STATUS_PTR, status, 0));
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 1, SQL_PARAM_INPUT, SQL_C_SBIGINT, SQL_BIGINT, 0, 0, a, 0, NULL));
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 2, SQL_PARAM_INPUT, SQL_C_SBIGINT, SQL_BIGINT, 0, 0, b, 0, NULL));
    CHECK_OK(l.stmt, SQLExecDirect(l.stmt, T("update arr set t = 'x' where n > ? and n < ?"), SQL_NTS));
    CHECK_INT(row_count(l.stmt), 0 + 8 + 0 + 6);
    for (size_t i = 0; i < 4; i++) {
        CHECK_INT(status[i], SQL_PARAM_SUCCESS);
    }
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 2, SQL_PARAM_INPUT, SQL_C_DOUBLE, SQL_DOUBLE, 0, 0, d, 0, NULL));
    CHECK_OK(l.stmt, SQLExecDirect(l.stmt, T("update arr set t = 'y' where n > ? and n < ?"), SQL_NTS));
    CHECK_INT(row_count(l.stmt), 9);

    /* Where the column decides, the set that does not fit fails alone. */
    SQLBIGINT c[] = {101, 3000000000, 103};
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_RESET_PARAMS));
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_PARAMSET_SIZE, (SQLPOINTER)3, 0));
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 1, SQL_PARAM_INPUT, SQL_C_SBIGINT, SQL_BIGINT, 0, 0, c, 0, NULL));
    CHECK_INFO(l.stmt, SQLExecDirect(l.stmt, T("insert into arr (n) values (?)"), SQL_NTS), "22003");
    CHECK_INT(diag_row(l.stmt, 1), 2);
    CHECK_INT(status[0], SQL_PARAM_SUCCESS);
    CHECK_INT(status[1], SQL_PARAM_ERROR);
    CHECK_INT(status[2], SQL_PARAM_SUCCESS);
    SQLHSTMT other = new_stmt(l.dbc);
    CHECK_INT(query_int(other, "select sum(n) from arr where n > 100"), 204);
    free_stmt(other);
    link_close(&l);
}

/* ---- statements that return rows ----------------------------------------------------------------------------------- */

static void selects(void)
{
    struct link l = link_open("");
    struct sets s;
    bind_sets(l.stmt, &s, 4);
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("select g, ? from generate_series(1, ?) g"), SQL_NTS));
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 2, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, s.n, 0, NULL));
    for (int again = 0; again < 2; again++) {
        CHECK_OK(l.stmt, SQLExecute(l.stmt));
        CHECK_TEXT(statuses(&s, 4), "SSSS");
        CHECK_INT(s.processed, 4);
        for (SQLINTEGER set = 1; set <= 4; set++) {
            for (SQLINTEGER row = 1; row <= set; row++) {
                CHECK_INT(fetch_int(l.stmt), row);
            }
            CHECK_RC(l.stmt, SQLFetch(l.stmt), SQL_NO_DATA);
            CHECK_RC(l.stmt, SQLMoreResults(l.stmt), set < 4 ? SQL_SUCCESS : SQL_NO_DATA);
        }
        CHECK_STATE(l.stmt, SQLFetch(l.stmt), "HY010"); /* prepared, no longer executed */
    }

    /* Left in the middle, and prepared for something else. */
    CHECK_OK(l.stmt, SQLExecute(l.stmt));
    CHECK_OK(l.stmt, SQLMoreResults(l.stmt));
    CHECK_INT(fetch_int(l.stmt), 1);
    CHECK_OK(l.stmt, SQLCloseCursor(l.stmt));
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_RESET_PARAMS));
    CHECK_INT(query_int(l.stmt, "select 42"), 42);
    link_close(&l);
}

static void returning(void)
{
    struct link l = open_table("");
    struct sets s;
    bind_sets(l.stmt, &s, 3);
    CHECK_OK(l.stmt, SQLExecDirect(l.stmt, T("insert into arr values (?, ?) returning n * 10"), SQL_NTS));
    CHECK_TEXT(statuses(&s, 3), "SSS");
    CHECK_INT(s.processed, 3);
    for (SQLINTEGER i = 1; i <= 3; i++) {
        CHECK_INT(fetch_int(l.stmt), 10 * i);
        CHECK_RC(l.stmt, SQLMoreResults(l.stmt), i < 3 ? SQL_SUCCESS : SQL_NO_DATA);
    }
    CHECK_TEXT(table(l.dbc), "1:t1 2:t2 3:t3");
    /* All of it has happened when SQLExecDirect returns, whether the rows are read or not. */
    s.n[0] = 11;
    s.n[1] = 12;
    s.n[2] = 13;
    CHECK_OK(l.stmt, SQLExecDirect(l.stmt, T("insert into arr values (?, ?) returning n"), SQL_NTS));
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    CHECK_TEXT(table(l.dbc), "1:t1 2:t2 3:t3 11:t1 12:t2 13:t3");
    link_close(&l);
}

/* One failing set is its own failure here, too. */
static void returning_fails(void)
{
    for (int in_transaction = 0; in_transaction < 2; in_transaction++) {
        struct link l = open_table("");
        struct sets s;
        if (in_transaction) {
            manual(&l);
            run(l.stmt, "insert into arr values (100, 'before')");
        }
        bind_sets(l.stmt, &s, 5);
        s.n[1] = 1;
        s.length[3] = -77;
        CHECK_RC(l.stmt, SQLExecDirect(l.stmt, T("insert into arr values (?, ?) returning n * 10"), SQL_NTS), SQL_SUCCESS_WITH_INFO);
        CHECK_TEXT(statuses(&s, 5), "SESES");
        CHECK_INT(s.processed, 5);
        CHECK(diag_has(l.stmt, "23000"));
        CHECK(diag_has(l.stmt, "HY090"));
        SQLSMALLINT at = strcmp(diag_state(l.stmt, 1), "23000") == 0 ? 1 : 2;
        CHECK_INT(diag_row(l.stmt, at), 2);
        CHECK_INT(diag_row(l.stmt, (SQLSMALLINT)(3 - at)), 4);
        CHECK_INT(diag_column(l.stmt, (SQLSMALLINT)(3 - at)), 2);
        CHECK_INT(fetch_int(l.stmt), 10);
        CHECK_OK(l.stmt, SQLMoreResults(l.stmt));
        CHECK_INT(fetch_int(l.stmt), 30);
        CHECK_OK(l.stmt, SQLMoreResults(l.stmt));
        CHECK_INT(fetch_int(l.stmt), 50);
        CHECK_RC(l.stmt, SQLMoreResults(l.stmt), SQL_NO_DATA);
        CHECK_TEXT(table(l.dbc), in_transaction ? "1:t1 3:t3 5:t5 100:before" : "1:t1 3:t3 5:t5");
        if (in_transaction) {
            CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_COMMIT));
        }
        CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_PARAMSET_SIZE, (SQLPOINTER)3, 0));
        s.n[0] = s.n[1] = s.n[2] = 1;
        CHECK_STATE(l.stmt, SQLExecDirect(l.stmt, T("insert into arr values (?, ?) returning n"), SQL_NTS), "23000");
        CHECK_TEXT(statuses(&s, 3), "EEE");
        link_close(&l);
    }
}

/* A set's result fails behind its first row: that is the set's failure, and the others have theirs. */
static void rows_fail(void)
{
    for (int in_transaction = 0; in_transaction < 2; in_transaction++) {
        struct link l = open_table("");
        struct sets s;
        if (in_transaction) {
            manual(&l);
        }
        bind_sets(l.stmt, &s, 4);
        s.n[0] = 100;
        s.n[1] = 3;
        s.n[2] = 30000;
        s.n[3] = 200000;
        CHECK_RC(l.stmt, SQLExecDirect(l.stmt, T("select 10 / (? - g), ?::text from generate_series(1, 50000) g"), SQL_NTS), SQL_SUCCESS_WITH_INFO);
        CHECK_TEXT(statuses(&s, 4), "EEES");
        CHECK_INT(s.processed, 4);
        for (SQLSMALLINT n = 1; n <= 3; n++) {
            CHECK_TEXT(diag_state(l.stmt, n), "22012");
            CHECK_INT(diag_row(l.stmt, n), n);
        }
        int rows = 0;
        while (SQLFetch(l.stmt) == SQL_SUCCESS) {
            rows++;
        }
        CHECK_INT(rows, 50000);
        CHECK_RC(l.stmt, SQLMoreResults(l.stmt), SQL_NO_DATA);
        if (in_transaction) {
            CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_COMMIT));
        }
        link_close(&l);
    }
}

/* Several statements in the text: for each set all of them, and the whole array takes effect or nothing of it. */
static void several_statements(void)
{
    struct link l = open_table("");
    struct sets s;
    bind_sets(l.stmt, &s, 3);
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 3, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, s.n, 0, NULL));
    CHECK_OK(l.stmt, SQLExecDirect(l.stmt, T("insert into arr values (?, ?); update arr set t = t || '+' where n <= ?"), SQL_NTS));
    CHECK_TEXT(statuses(&s, 3), "SSS");
    for (SQLINTEGER i = 1; i <= 3; i++) {
        CHECK_INT(row_count(l.stmt), 1);
        CHECK_OK(l.stmt, SQLMoreResults(l.stmt));
        CHECK_INT(row_count(l.stmt), i);
        CHECK_RC(l.stmt, SQLMoreResults(l.stmt), i < 3 ? SQL_SUCCESS : SQL_NO_DATA);
    }
    CHECK_TEXT(table(l.dbc), "1:t1+++ 2:t2++ 3:t3+");

    s.n[0] = 11;
    s.n[1] = 2; /* there already */
    s.n[2] = 13;
    CHECK_STATE(l.stmt, SQLExecDirect(l.stmt, T("insert into arr values (?, ?); update arr set t = 'x' where n <= ?"), SQL_NTS), "23000");
    CHECK_INT(diag_row(l.stmt, 1), 2);
    CHECK_TEXT(statuses(&s, 3), "UEU"); /* what the first set did is undone */
    CHECK_TEXT(table(l.dbc), "1:t1+++ 2:t2++ 3:t3+");
    link_close(&l);
}

/* Procedures may commit, so that each call stands alone. */
static void calls(void)
{
    struct link l = open_table("");
    struct sets s;
    run(l.stmt, "create function pg_temp.add_one(int, text) returns int language sql as $$ insert into arr values ($1, $2) returning n + 1 $$");
    run(l.stmt, "create procedure pg_temp.add(int, text) language sql as $$ insert into arr values ($1, $2) $$");
    bind_sets(l.stmt, &s, 4);
    s.n[2] = 1;
    CHECK_INFO(l.stmt, SQLExecDirect(l.stmt, T("{call pg_temp.add(?, ?)}"), SQL_NTS), "23000");
    CHECK_INT(diag_row(l.stmt, 1), 3);
    CHECK_TEXT(statuses(&s, 4), "SSES");
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    CHECK_TEXT(table(l.dbc), "1:t1 2:t2 4:t4");
    /* Each is judged by its own error: what is no fault of its values ends the call, whatever the one before had. */
    run(l.stmt, "create procedure pg_temp.add_or_raise(n int, code text) language plpgsql as "
                "$$ begin if code like '_____' then raise exception using errcode = code; end if; insert into arr values (n, code); end $$");
    snprintf(s.text[0], sizeof s.text[0], "22012");
    snprintf(s.text[2], sizeof s.text[2], "42501");
    s.length[0] = s.length[2] = SQL_NTS;
    for (int i = 0; i < 4; i++) {
        s.n[i] = 20 + i;
    }
    CHECK_INFO(l.stmt, SQLExecDirect(l.stmt, T("{call pg_temp.add_or_raise(?, ?)}"), SQL_NTS), "22012");
    CHECK(diag_has(l.stmt, "42000"));
    CHECK_TEXT(statuses(&s, 4), "ESEU");
    CHECK_INT(s.processed, 3);
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    CHECK_TEXT(table(l.dbc), "1:t1 2:t2 4:t4 21:t2");
    run(l.stmt, "delete from arr where n > 20");

    /* Return values go to their own elements. */
    SQLINTEGER results[4] = {-1, -1, -1, -1};
    SQLLEN lengths[4] = {0, 0, 0, 0};
    s.n[0] = 11;
    s.n[1] = 1;
    s.n[2] = 13;
    s.n[3] = 14;
    s.operation[3] = SQL_PARAM_IGNORE;
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_PARAM_OPERATION_PTR, s.operation, 0));
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 1, SQL_PARAM_OUTPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, results, 0, lengths));
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 2, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, s.n, 0, NULL));
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 3, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, 15, 0, s.text, sizeof s.text[0], NULL));
    CHECK_INFO(l.stmt, SQLExecDirect(l.stmt, T("{? = call pg_temp.add_one(?, ?)}"), SQL_NTS), "23000");
    CHECK_TEXT(statuses(&s, 4), "SESU");
    CHECK_INT(results[0], 12);
    CHECK_INT(results[1], -1);
    CHECK_INT(results[2], 14);
    CHECK_INT(results[3], -1);
    link_close(&l);
}

/* ---- calls: outputs, results ------------------------------------------------------------------------------------------ */

/* One row of row-wise bindings: what goes in, what comes out. */
struct call_row {
    SQLINTEGER a;
    SQLLEN a_length;
    SQLINTEGER b;
    SQLLEN b_length;
    char c[4];
    SQLLEN c_length;
};

static void bind_call_rows(SQLHSTMT stmt, struct call_row *rows, SQLULEN count, SQLUSMALLINT *status, SQLUSMALLINT *operation, SQLULEN *processed)
{
    CHECK_OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_PARAM_BIND_TYPE, (SQLPOINTER)sizeof *rows, 0));
    CHECK_OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_PARAMSET_SIZE, (SQLPOINTER)count, 0));
    CHECK_OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_PARAM_STATUS_PTR, status, 0));
    CHECK_OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_PARAM_OPERATION_PTR, operation, 0));
    CHECK_OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_PARAMS_PROCESSED_PTR, processed, 0));
    CHECK_OK(stmt, SQLBindParameter(stmt, 1, SQL_PARAM_INPUT_OUTPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, &rows->a, 0, &rows->a_length));
    CHECK_OK(stmt, SQLBindParameter(stmt, 2, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, &rows->b, 0, &rows->b_length));
    CHECK_OK(stmt, SQLBindParameter(stmt, 3, SQL_PARAM_OUTPUT, SQL_C_CHAR, SQL_VARCHAR, 3, 0, rows->c, sizeof rows->c, &rows->c_length));
}

/* Each set has outputs of its own, row by row; a failing one has none, and what is wrong with an output is wrong with its set. */
static void outputs(void)
{
    enum { SETS = 6 };
    static const char *const texts[] = {"{call pg_temp.change(?, ?, ?)}", "CALL pg_temp.change(?, ?, ?)", "{call pg_temp.changed(?, ?, ?)}"};
    struct link l = open_table("");
    run(l.stmt, "create procedure pg_temp.change(inout a int, in b int, out c text) language plpgsql as "
                "$$ begin a := 100 / b; c := 'c' || a; end $$");
    run(l.stmt, "create function pg_temp.changed(inout a int, in b int default 50, out c text) language plpgsql as "
                "$$ begin a := 100 / b; c := 'c' || a; end $$");
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct call_row rows[SETS];
        struct sets told;
        SQLUSMALLINT operation[SETS] = {SQL_PARAM_PROCEED, SQL_PARAM_PROCEED, SQL_PARAM_IGNORE, SQL_PARAM_PROCEED, SQL_PARAM_PROCEED, SQL_PARAM_PROCEED};
        SQLULEN processed = 99;
        for (int n = 0; n < SETS; n++) {
            rows[n] = (struct call_row){.a = -n, .b = n, .c = "?", .c_length = -99}; /* 100/0 1 2 3 4 5 */
        }
        rows[5].b_length = SQL_NULL_DATA;
        bind_call_rows(l.stmt, rows, SETS, told.status, operation, &processed);
        CHECK_INFO(l.stmt, exec_direct(l.stmt, texts[i]), "22012");
        CHECK_TEXT(statuses(&told, SETS), "EIUSSS");
        CHECK_INT(processed, SETS);
        CHECK_INT(diag_row(l.stmt, 1), 1);
        CHECK_TEXT(diag_state(l.stmt, 2), "01004");
        CHECK_INT(diag_row(l.stmt, 2), 2);
        CHECK_INT(diag_column(l.stmt, 2), 3);
        CHECK_INT(rows[0].c_length, -99);
        CHECK_INT(rows[1].a, 100);
        CHECK_TEXT(rows[1].c, "c10"); /* c100 */
        CHECK_INT(rows[1].c_length, 4);
        CHECK_INT(rows[2].a, -2);
        CHECK_INT(rows[3].a, 33);
        CHECK_TEXT(rows[3].c, "c33");
        CHECK_INT(rows[4].a, 25);
        CHECK_INT(rows[5].a_length, SQL_NULL_DATA);
        CHECK_INT(rows[5].c_length, SQL_NULL_DATA);
        /* There is nothing else to see. */
        SQLSMALLINT columns = -1;
        CHECK_OK(l.stmt, SQLNumResultCols(l.stmt, &columns));
        CHECK_INT(columns, 0);
        CHECK_RC(l.stmt, SQLMoreResults(l.stmt), SQL_NO_DATA);
    }
    /* A value that the buffer cannot take fails its set, but not the others. */
    SQLINTEGER in[3] = {1, 300, 3};
    SQLCHAR tiny[3] = {0, 0, 0};
    struct sets told;
    run(l.stmt, "create procedure pg_temp.give(in int, out int) language plpgsql as $$ begin $2 := $1; end $$");
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_RESET_PARAMS));
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_PARAM_BIND_TYPE, (SQLPOINTER)SQL_PARAM_BIND_BY_COLUMN, 0));
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_PARAM_OPERATION_PTR, NULL, 0));
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_PARAMS_PROCESSED_PTR, NULL, 0));
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_PARAM_STATUS_PTR, told.status, 0));
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_PARAMSET_SIZE, (SQLPOINTER)3, 0));
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, in, 0, NULL));
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 2, SQL_PARAM_OUTPUT, SQL_C_UTINYINT, SQL_INTEGER, 0, 0, tiny, 0, NULL));
    CHECK_INFO(l.stmt, exec_direct(l.stmt, "{call pg_temp.give(?, ?)}"), "22003");
    CHECK_TEXT(statuses(&told, 3), "SES");
    CHECK_INT(diag_row(l.stmt, 1), 2);
    CHECK_INT(diag_column(l.stmt, 1), 2);
    CHECK_INT(tiny[0], 1);
    CHECK_INT(tiny[2], 3);

    /* One set may ask for a default, another not. */
    struct call_row rows[3] = {{.b = 5, .c_length = 0}, {.b_length = SQL_DEFAULT_PARAM}, {.b = 10}};
    SQLUSMALLINT all[3] = {SQL_PARAM_PROCEED, SQL_PARAM_PROCEED, SQL_PARAM_PROCEED};
    SQLULEN processed = 0;
    bind_call_rows(l.stmt, rows, 3, told.status, all, &processed);
    CHECK_OK(l.stmt, exec_direct(l.stmt, "{call pg_temp.changed(a => ?, b => ?, c => ?)}"));
    CHECK_INT(rows[0].a, 20);
    CHECK_INT(rows[1].a, 2);
    CHECK_INT(rows[2].a, 10);
    CHECK_TEXT(rows[1].c, "c2");
    link_close(&l);
}

/* A result set for each set that has one: rows of a function, cursors. */
static void call_results(void)
{
    struct link l = link_open("FetchRefcursors=1");
    struct sets s;
    SQLINTEGER n[4] = {2, 0, -1, 1};
    SQLLEN lengths[4] = {0, 0, 0, 0};
    SQLUSMALLINT status[4];
    run(l.stmt, "create function pg_temp.rows(int) returns setof int language plpgsql as "
                "$$ begin if $1 < 0 then raise exception using errcode = '22023'; end if; return query select generate_series(1, $1); end $$");
    run(l.stmt, "create procedure pg_temp.open(inout n int, inout c refcursor default null) language plpgsql as "
                "$$ begin if n > 0 then open c for select generate_series(1, n); end if; n := 10 / (n + 1); end $$");
    bind_sets(l.stmt, &s, 4);
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_RESET_PARAMS));
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_PARAM_STATUS_PTR, status, 0));
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 1, SQL_PARAM_INPUT_OUTPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, n, 0, lengths));
    CHECK_INFO(l.stmt, exec_direct(l.stmt, "{call pg_temp.rows(?)}"), "22023");
    memcpy(s.status, status, sizeof status);
    CHECK_TEXT(statuses(&s, 4), "SSES");
    CHECK_INT(fetch_int(l.stmt), 1);
    CHECK_INT(fetch_int(l.stmt), 2);
    CHECK_RC(l.stmt, SQLFetch(l.stmt), SQL_NO_DATA);
    CHECK_OK(l.stmt, SQLMoreResults(l.stmt));
    CHECK_RC(l.stmt, SQLFetch(l.stmt), SQL_NO_DATA);
    CHECK_OK(l.stmt, SQLMoreResults(l.stmt));
    CHECK_INT(fetch_int(l.stmt), 1);
    CHECK_RC(l.stmt, SQLMoreResults(l.stmt), SQL_NO_DATA);

    for (int in_transaction = 0; in_transaction < 2; in_transaction++) {
        set_autocommit(l.dbc, !in_transaction);
        n[0] = 2;
        n[1] = 0;
        n[2] = -1;
        n[3] = 1;
        CHECK_INFO(l.stmt, exec_direct(l.stmt, "{call pg_temp.open(?)}"), "22012");
        memcpy(s.status, status, sizeof status);
        CHECK_TEXT(statuses(&s, 4), "SSES");
        CHECK_INT(n[0], 3);
        CHECK_INT(n[1], 10);
        CHECK_INT(n[2], -1);
        CHECK_INT(n[3], 5);
        CHECK_INT(fetch_int(l.stmt), 1);
        CHECK_INT(fetch_int(l.stmt), 2);
        CHECK_RC(l.stmt, SQLFetch(l.stmt), SQL_NO_DATA);
        CHECK_OK(l.stmt, SQLMoreResults(l.stmt)); /* the second set has no cursor */
        CHECK_INT(fetch_int(l.stmt), 1);
        CHECK_RC(l.stmt, SQLFetch(l.stmt), SQL_NO_DATA);
        CHECK_RC(l.stmt, SQLMoreResults(l.stmt), SQL_NO_DATA);
    }
    CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_COMMIT));
    link_close(&l);
}

/* ---- data at execution -------------------------------------------------------------------------------------------------- */

/* Row by row, some sets with data at execution, some left out, some failing; with results and without. */
static void data_at_execution(void)
{
    enum { SETS = 6 };
    struct item {
        SQLINTEGER n;
        char place[12];
        SQLLEN length;
    } items[SETS];
    static const struct {
        const char *sql;
        bool results;
    } all[] = {{"insert into arr values (?, ?)", false}, {"insert into arr values (?, ?) returning n", true}, {"{call pg_temp.add(?, ?)}", false},
               {"insert into arr values (?, ?); select 1", false}};
    struct link l = open_table("");
    SQLHSTMT other = new_stmt(l.dbc);
    struct sets told;
    SQLULEN processed = 99;
    SQLUSMALLINT operation[SETS] = {SQL_PARAM_PROCEED, SQL_PARAM_PROCEED, SQL_PARAM_IGNORE, SQL_PARAM_PROCEED, SQL_PARAM_PROCEED, SQL_PARAM_PROCEED};
    run(l.stmt, "create procedure pg_temp.add(int, text) language sql as $$ insert into arr values ($1, $2) $$");
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_PARAM_BIND_TYPE, (SQLPOINTER)sizeof items[0], 0));
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_PARAMSET_SIZE, (SQLPOINTER)SETS, 0));
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_PARAM_STATUS_PTR, told.status, 0));
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_PARAM_OPERATION_PTR, operation, 0));
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_PARAMS_PROCESSED_PTR, &processed, 0));
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, &items[0].n, 0, NULL));
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 2, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, 8, 0, items[0].place, sizeof items[0].place, &items[0].length));
    for (size_t i = 0; i < COUNT(all); i++) {
        bool as_one = strchr(all[i].sql, ';') != NULL;
        SQLPOINTER token = NULL;
        SQLRETURN rc;
        int asked = 0;
        run(other, "delete from arr");
        for (int n = 0; n < SETS; n++) {
            items[n] = (struct item){.n = n + 1, .place = "here", .length = n % 2 == 0 && n > 0 ? SQL_NTS : SQL_DATA_AT_EXEC};
        }
        items[3].n = as_one ? 4 : 1; /* there already */
        CHECK_RC(l.stmt, exec_direct(l.stmt, all[i].sql), SQL_NEED_DATA);
        while ((rc = SQLParamData(l.stmt, &token)) == SQL_NEED_DATA) {
            static const int asking[] = {0, 1, 3, 5};
            char piece[8];
            CHECK(asked < 4 && token == items[asking[asked]].place);
            CHECK_INT(processed, asking[asked] + 1);
            snprintf(piece, sizeof piece, "s%d", asking[asked] + 1);
            CHECK_OK(l.stmt, SQLPutData(l.stmt, piece, 2));
            CHECK_OK(l.stmt, SQLPutData(l.stmt, T("+"), 1));
            asked++;
        }
        CHECK_INT(asked, 4);
        CHECK_INT(processed, SETS);
        if (as_one) {
            CHECK_INT(rc, SQL_SUCCESS);
            CHECK_TEXT(statuses(&told, SETS), "SSUSSS");
            CHECK_TEXT(table(l.dbc), "1:s1+ 2:s2+ 4:s4+ 5:here 6:s6+");
        } else {
            CHECK_INT(rc, SQL_SUCCESS_WITH_INFO);
            CHECK_TEXT(diag_state(l.stmt, 1), "23000");
            CHECK_INT(diag_row(l.stmt, 1), 4);
            CHECK_TEXT(statuses(&told, SETS), "SSUESS");
            CHECK_TEXT(table(l.dbc), "1:s1+ 2:s2+ 5:here 6:s6+");
        }
        static const SQLINTEGER returned[] = {1, 2, 5, 6};
        for (int n = 0; all[i].results && n < 4; n++) {
            CHECK_INT(fetch_int(l.stmt), returned[n]);
            CHECK_RC(l.stmt, SQLMoreResults(l.stmt), n < 3 ? SQL_SUCCESS : SQL_NO_DATA);
        }
        CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    }
    /* A set that no value came for: nothing is run. */
    items[3].n = 4;
    CHECK_RC(l.stmt, exec_direct(l.stmt, all[0].sql), SQL_NEED_DATA);
    CHECK_RC(l.stmt, SQLParamData(l.stmt, NULL), SQL_NEED_DATA);
    CHECK_STATE(l.stmt, SQLParamData(l.stmt, NULL), "HY010");
    CHECK_OK(l.stmt, SQLCancel(l.stmt));
    free_stmt(other);
    link_close(&l);
}

static void utilities(void)
{
    struct link l = link_open("");
    struct sets s;
    bind_sets(l.stmt, &s, 3);
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 1, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, 15, 0, s.text, sizeof s.text[0], s.length));
    CHECK_OK(l.stmt, SQLExecDirect(l.stmt, T("set application_name = ?"), SQL_NTS));
    CHECK_TEXT(statuses(&s, 3), "SSS");
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_PARAMSET_SIZE, (SQLPOINTER)1, 0));
    CHECK_TEXT(query_text(l.stmt, "show application_name"), "t3");
    link_close(&l);
}

/* ---- size ---------------------------------------------------------------------------------------------------------- */

static void many(void)
{
    enum { SETS = 20000, TEXT = 24 };
    struct link l = link_open("");
    SQLINTEGER *n = calloc(SETS, sizeof *n);
    char(*text)[TEXT] = calloc(SETS, sizeof *text);
    SQLLEN *length = calloc(SETS, sizeof *length);
    SQLUSMALLINT *status = calloc(SETS, sizeof *status);
    SQLULEN processed = 0;
    run(l.stmt, "create temp table many (n int primary key, t text)");
    for (int i = 0; i < SETS; i++) {
        n[i] = i;
        length[i] = snprintf(text[i], sizeof text[i], "text number %d", i);
        status[i] = 99;
    }
    n[7777] = 0; /* fails */
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_PARAMSET_SIZE, (SQLPOINTER)SETS, 0));
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_PARAM_STATUS_PTR, status, 0));
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_PARAMS_PROCESSED_PTR, &processed, 0));
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, n, 0, NULL));
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 2, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, TEXT, 0, text, TEXT, length));
    CHECK_INFO(l.stmt, SQLExecDirect(l.stmt, T("insert into many values (?, ?)"), SQL_NTS), "23000");
    CHECK_INT(diag_row(l.stmt, 1), 7778);
    CHECK_INT(row_count(l.stmt), SETS - 1);
    CHECK_INT(processed, SETS);
    size_t errors = 0;
    size_t successes = 0;
    for (int i = 0; i < SETS; i++) {
        errors += status[i] == SQL_PARAM_ERROR;
        successes += status[i] == SQL_PARAM_SUCCESS;
    }
    CHECK_INT(errors, 1);
    CHECK_INT(status[7777], SQL_PARAM_ERROR);
    CHECK_INT(successes, SETS - 1);
    SQLHSTMT other = new_stmt(l.dbc);
    CHECK_INT(query_int(other, "select count(*) from many where t = 'text number ' || n"), SETS - 1);

    /* Each set failing leaves as many records as there is room for, and every status. */
    CHECK_RC(l.stmt, SQLExecDirect(l.stmt, T("insert into many values (? * 0, ?)"), SQL_NTS), SQL_ERROR);
    CHECK_TEXT(diag_state(l.stmt, 1), "23000");
    errors = 0;
    for (int i = 0; i < SETS; i++) {
        errors += status[i] == SQL_PARAM_ERROR;
    }
    CHECK_INT(errors, SETS);
    CHECK_INT(query_int(other, "select count(*) from many"), SETS - 1);
    free_stmt(other);
    free(n);
    free(text);
    free(length);
    free(status);
    link_close(&l);
}

int main(void)
{
    static const struct test tests[] = {
        {"column by column", by_column},
        {"element sizes of all C types", element_sizes},
        {"row by row, with an offset", by_row},
        {"sets left out", ignored},
        {"some sets fail", some_fail},
        {"some sets fail, and nobody asks for statuses", fail_unseen},
        {"the first and the last set fail", first_and_last_fail},
        {"all sets fail", all_fail},
        {"ErrorRollback=NONE", without_savepoints},
        {"ErrorRollback=TRANSACTION", whole_transaction},
        {"a deferred constraint", deferred},
        {"UPDATE and DELETE", update_and_delete},
        {"values outside the inferred types", replanning},
        {"SELECT: one result a set", selects},
        {"RETURNING: one result a set", returning},
        {"RETURNING: some sets fail", returning_fails},
        {"SELECT: some sets fail behind rows", rows_fail},
        {"several statements", several_statements},
        {"procedure calls", calls},
        {"outputs of each set", outputs},
        {"results of calls", call_results},
        {"data at execution", data_at_execution},
        {"a utility statement", utilities},
        {"20000 sets", many},
    };
    return run_tests("arrays of parameters", tests, COUNT(tests));
}
