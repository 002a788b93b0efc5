/* SPDX-License-Identifier: Apache-2.0 */
/* SQLGetDiagRec and SQLGetDiagField: header and records, their order, rows and columns, texts in both widths, and what the server said. */
#include "direct.h"

#define NATIVE(a, b, c, d, e) (((a) - '0') | ((b) - '0') << 6 | ((c) - '0') << 12 | ((d) - '0') << 18 | ((e) - '0') << 24)

static const char *field_text(SQLSMALLINT type, SQLHANDLE handle, SQLSMALLINT record, SQLSMALLINT field)
{
    static char text[4096];
    SQLSMALLINT length = -1;
    text[0] = '\0';
    CHECK_INT(SQLGetDiagField(type, handle, record, field, text, sizeof text, &length), SQL_SUCCESS);
    CHECK_INT(length, strlen(text));
    return text;
}

static SQLLEN field_len(SQLHSTMT stmt, SQLSMALLINT record, SQLSMALLINT field)
{
    SQLLEN value[2];
    memset(value, 0xAA, sizeof value);
    CHECK_INT(SQLGetDiagField(SQL_HANDLE_STMT, stmt, record, field, value, 0, NULL), SQL_SUCCESS);
    CHECK(value[1] == (SQLLEN)0xAAAAAAAAAAAAAAAA); /* eight bytes */
    return value[0];
}

static SQLINTEGER field_int(SQLHSTMT stmt, SQLSMALLINT record, SQLSMALLINT field)
{
    SQLINTEGER value[2];
    memset(value, 0xAA, sizeof value);
    CHECK_INT(SQLGetDiagField(SQL_HANDLE_STMT, stmt, record, field, value, 0, NULL), SQL_SUCCESS);
    CHECK(value[1] == (SQLINTEGER)0xAAAAAAAA); /* four */
    return value[0];
}

/* ---- the header ---------------------------------------------------------------------------------------------------- */

static void header(void)
{
    static const struct {
        const char *sql, *function;
        SQLINTEGER code;
        SQLLEN rows; /* -2: not looked at */
    } list[] = {
        {"create temp table t (a int, b text)", "CREATE TABLE", SQL_DIAG_CREATE_TABLE, -2},
        {"insert into t values (1, 'x'), (2, 'y'), (3, 'z')", "INSERT", SQL_DIAG_INSERT, 3},
        {"update t set a = a + 1 where a > 1", "UPDATE WHERE", SQL_DIAG_UPDATE_WHERE, 2},
        {"delete from t where a = 3", "DELETE WHERE", SQL_DIAG_DELETE_WHERE, 1},
        {"select * from t", "SELECT CURSOR", SQL_DIAG_SELECT_CURSOR, -2},
        {"alter table t add c int", "ALTER TABLE", SQL_DIAG_ALTER_TABLE, -2},
        {"create index odbc_diag_i on t (a)", "CREATE INDEX", SQL_DIAG_CREATE_INDEX, -2},
        {"drop index odbc_diag_i", "DROP INDEX", SQL_DIAG_DROP_INDEX, -2},
        {"create temp view v as select 1 as a", "CREATE VIEW", SQL_DIAG_CREATE_VIEW, -2},
        {"drop view v", "DROP VIEW", SQL_DIAG_DROP_VIEW, -2},
        {"create schema odbc_diag", "CREATE SCHEMA", SQL_DIAG_CREATE_SCHEMA, -2},
        {"create domain odbc_diag.d as int", "CREATE DOMAIN", SQL_DIAG_CREATE_DOMAIN, -2},
        {"alter domain odbc_diag.d set default 1", "ALTER DOMAIN", SQL_DIAG_ALTER_DOMAIN, -2},
        {"drop domain odbc_diag.d", "DROP DOMAIN", SQL_DIAG_DROP_DOMAIN, -2},
        {"grant usage on schema odbc_diag to public", "GRANT", SQL_DIAG_GRANT, -2},
        {"revoke usage on schema odbc_diag from public", "REVOKE", SQL_DIAG_REVOKE, -2},
        {"drop schema odbc_diag", "DROP SCHEMA", SQL_DIAG_DROP_SCHEMA, -2},
        {"drop table t", "DROP TABLE", SQL_DIAG_DROP_TABLE, -2},
        {"set work_mem = '5MB'", "", SQL_DIAG_UNKNOWN_STATEMENT, -2},
    };
    struct link l = link_open("");
    run(l.stmt, "drop schema if exists odbc_diag cascade");
    for (size_t i = 0; i < COUNT(list); i++) {
        check_rc(l.stmt, SQLExecDirect(l.stmt, T(list[i].sql), SQL_NTS), SQL_SUCCESS, list[i].sql, __FILE__, __LINE__);
        check_text(field_text(SQL_HANDLE_STMT, l.stmt, 0, SQL_DIAG_DYNAMIC_FUNCTION), list[i].function, list[i].sql, __FILE__, __LINE__);
        check_int(field_int(l.stmt, 0, SQL_DIAG_DYNAMIC_FUNCTION_CODE), list[i].code, list[i].sql, __FILE__, __LINE__);
        if (list[i].rows != -2) {
            check_int(field_len(l.stmt, 0, SQL_DIAG_ROW_COUNT), list[i].rows, list[i].sql, __FILE__, __LINE__);
        }
        CHECK_INT(field_int(l.stmt, 0, SQL_DIAG_NUMBER), 0);
        CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    }
    CHECK_STATE(l.stmt, SQLExecDirect(l.stmt, T("selec 1"), SQL_NTS), "42000");
    CHECK_INT(field_int(l.stmt, 0, SQL_DIAG_NUMBER), 1);
    SQLRETURN rc = 99;
    CHECK_INT(SQLGetDiagField(SQL_HANDLE_STMT, l.stmt, 0, SQL_DIAG_RETURNCODE, &rc, 0, NULL), SQL_SUCCESS);
    CHECK_INT(rc, SQL_ERROR);

    /* Nothing is left of the statement before: the function from the text that failed, no rows. */
    run(l.stmt, "create temp table t (a int primary key)");
    CHECK_OK(l.stmt, SQLExecDirect(l.stmt, T("insert into t values (1), (2)"), SQL_NTS));
    CHECK_INT(field_len(l.stmt, 0, SQL_DIAG_ROW_COUNT), 2);
    CHECK_STATE(l.stmt, SQLExecDirect(l.stmt, T("selec 1"), SQL_NTS), "42000");
    CHECK_TEXT(field_text(SQL_HANDLE_STMT, l.stmt, 0, SQL_DIAG_DYNAMIC_FUNCTION), "");
    CHECK_INT(field_int(l.stmt, 0, SQL_DIAG_DYNAMIC_FUNCTION_CODE), SQL_DIAG_UNKNOWN_STATEMENT);
    CHECK_INT(field_len(l.stmt, 0, SQL_DIAG_ROW_COUNT), 0);
    CHECK_STATE(l.stmt, SQLExecDirect(l.stmt, T("update t set a = 1"), SQL_NTS), "23000");
    CHECK_TEXT(field_text(SQL_HANDLE_STMT, l.stmt, 0, SQL_DIAG_DYNAMIC_FUNCTION), "UPDATE WHERE");
    CHECK_INT(field_len(l.stmt, 0, SQL_DIAG_ROW_COUNT), 0);
    CHECK_STATE(l.stmt, SQLExecDirect(l.stmt, T("select '"), SQL_NTS), "42000");
    CHECK_TEXT(field_text(SQL_HANDLE_STMT, l.stmt, 0, SQL_DIAG_DYNAMIC_FUNCTION), "");
    /* Rows that come back were affected, and are rows of a cursor. */
    CHECK_OK(l.stmt, SQLExecDirect(l.stmt, T("update t set a = a + 10 returning a"), SQL_NTS));
    CHECK_INT(field_len(l.stmt, 0, SQL_DIAG_ROW_COUNT), 2);
    CHECK_INT(field_len(l.stmt, 0, SQL_DIAG_CURSOR_ROW_COUNT), 2);
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    CHECK_OK(l.stmt, SQLExecDirect(l.stmt, T("select * from t"), SQL_NTS));
    CHECK_INT(field_len(l.stmt, 0, SQL_DIAG_ROW_COUNT), 0);
    CHECK_INT(field_len(l.stmt, 0, SQL_DIAG_CURSOR_ROW_COUNT), 2);
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    CHECK_OK(l.stmt, SQLExecDirect(l.stmt, T("select generate_series(1, 300000)"), SQL_NTS));
    CHECK_INT(field_len(l.stmt, 0, SQL_DIAG_CURSOR_ROW_COUNT), -1); /* still coming in */
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    /* Of several statements each has its own. */
    CHECK_OK(l.stmt, SQLExecDirect(l.stmt, T("select 1; insert into t values (5)"), SQL_NTS));
    CHECK_TEXT(field_text(SQL_HANDLE_STMT, l.stmt, 0, SQL_DIAG_DYNAMIC_FUNCTION), "SELECT CURSOR");
    CHECK_OK(l.stmt, SQLMoreResults(l.stmt));
    CHECK_TEXT(field_text(SQL_HANDLE_STMT, l.stmt, 0, SQL_DIAG_DYNAMIC_FUNCTION), "INSERT");
    CHECK_INT(field_len(l.stmt, 0, SQL_DIAG_ROW_COUNT), 1);
    CHECK_STATE(l.stmt, SQLExecDirect(l.stmt, T("selec 1"), SQL_NTS), "42000");

    /* Fields of statements are not there on other handles, nor what does not exist at all. */
    SQLLEN rows = 0;
    CHECK_INT(SQLGetDiagField(SQL_HANDLE_DBC, l.dbc, 0, SQL_DIAG_ROW_COUNT, &rows, 0, NULL), SQL_ERROR);
    CHECK_INT(SQLGetDiagField(SQL_HANDLE_STMT, l.stmt, 1, 4711, &rows, 0, NULL), SQL_ERROR);
    CHECK_INT(SQLGetDiagField(SQL_HANDLE_STMT, l.stmt, 0, SQL_DIAG_SQLSTATE, &rows, 0, NULL), SQL_ERROR);
    CHECK_INT(SQLGetDiagField(SQL_HANDLE_STMT, l.stmt, -1, SQL_DIAG_SQLSTATE, &rows, 0, NULL), SQL_ERROR);
    link_close(&l);

    struct link d = direct_open(SQL_OV_ODBC3_80, true);
    CHECK_INT(DIRECT(SQLExecDirect)(d.stmt, T("selec 1"), SQL_NTS), SQL_ERROR);
    rc = 99;
    CHECK_INT(DIRECT(SQLGetDiagField)(SQL_HANDLE_STMT, d.stmt, 0, SQL_DIAG_RETURNCODE, &rc, 0, NULL), SQL_SUCCESS);
    CHECK_INT(rc, SQL_ERROR);
    SQLINTEGER number = 0;
    CHECK_INT(DIRECT(SQLGetDiagField)(SQL_HANDLE_STMT, d.stmt, 17, SQL_DIAG_NUMBER, &number, 0, NULL), SQL_SUCCESS);
    CHECK_INT(number, 1); /* a header field has no record number */
    CHECK_INT(DIRECT(SQLGetDiagField)(SQL_HANDLE_DBC, d.dbc, 0, SQL_DIAG_ROW_COUNT, &rows, 0, NULL), SQL_ERROR);
    CHECK_INT(DIRECT(SQLGetDiagField)(SQL_HANDLE_STMT, d.stmt, 1, 4711, &rows, 0, NULL), SQL_ERROR);
    CHECK_INT(DIRECT(SQLGetDiagField)(SQL_HANDLE_STMT, d.stmt, 0, SQL_DIAG_SQLSTATE, &rows, 0, NULL), SQL_ERROR);
    CHECK_INT(DIRECT(SQLGetDiagRec)(SQL_HANDLE_STMT, d.stmt, 0, NULL, NULL, NULL, 0, NULL), SQL_ERROR);
    CHECK_INT(DIRECT(SQLGetDiagRec)(SQL_HANDLE_STMT, d.stmt, -1, NULL, NULL, NULL, 0, NULL), SQL_ERROR);
    CHECK_INT(DIRECT(SQLGetDiagRec)(SQL_HANDLE_STMT, d.stmt, 2, NULL, NULL, NULL, 0, NULL), SQL_NO_DATA);
    CHECK_INT(DIRECT(SQLGetDiagRec)(SQL_HANDLE_STMT, d.stmt, 1, NULL, NULL, NULL, 0, NULL), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLGetDiagRec)(SQL_HANDLE_STMT, d.stmt, 1, NULL, NULL, T("x"), -1, NULL), SQL_ERROR);
    CHECK_INT(DIRECT(SQLGetDiagRec)(99, d.stmt, 1, NULL, NULL, NULL, 0, NULL), SQL_INVALID_HANDLE);
    CHECK_INT(DIRECT(SQLGetDiagRec)(SQL_HANDLE_DBC, d.stmt, 1, NULL, NULL, NULL, 0, NULL), SQL_INVALID_HANDLE);
    direct_close(&d);
}

/* ---- records ------------------------------------------------------------------------------------------------------- */

static void record_fields(void)
{
    static const struct {
        const char *sql, *state, *class_origin, *subclass_origin;
        SQLINTEGER native;
    } list[] = {
        {"selec 1", "42000", "ISO 9075", "ISO 9075", NATIVE('4', '2', '6' , '0', '1')},
        {"select * from nowhere", "42S02", "ISO 9075", "ODBC 3.0", 0},
        {"select nothing", "42S22", "ISO 9075", "ODBC 3.0", 0},
        {"select 1/0", "22012", "ISO 9075", "ISO 9075", 0},
        {"insert into pg_class values (1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 3, 4, 5, 6)", "21S01",
         "ISO 9075", "ODBC 3.0", 0},
        {"select 'x'::int", "22018", "ISO 9075", "ISO 9075", 0},
    };
    struct link l = link_open("");
    for (size_t i = 0; i < COUNT(list); i++) {
        check_state(l.stmt, SQLExecDirect(l.stmt, T(list[i].sql), SQL_NTS), SQL_ERROR, list[i].state, list[i].sql, __FILE__, __LINE__);
        CHECK_TEXT(field_text(SQL_HANDLE_STMT, l.stmt, 1, SQL_DIAG_SQLSTATE), list[i].state);
        CHECK_TEXT(field_text(SQL_HANDLE_STMT, l.stmt, 1, SQL_DIAG_CLASS_ORIGIN), list[i].class_origin);
        CHECK_TEXT(field_text(SQL_HANDLE_STMT, l.stmt, 1, SQL_DIAG_SUBCLASS_ORIGIN), list[i].subclass_origin);
        CHECK_TEXT(field_text(SQL_HANDLE_STMT, l.stmt, 1, SQL_DIAG_SERVER_NAME), fact("DSN"));
        CHECK_TEXT(field_text(SQL_HANDLE_STMT, l.stmt, 1, SQL_DIAG_CONNECTION_NAME), "");
        CHECK_TEXT(field_text(SQL_HANDLE_STMT, l.stmt, 1, SQL_DIAG_MESSAGE_TEXT), diag_message(l.stmt, 1));
        CHECK_CONTAINS(diag_message(l.stmt, 1), "[AlloyDB][ODBC Driver][PostgreSQL] ERROR: ");
        CHECK_INT(field_int(l.stmt, 1, SQL_DIAG_NATIVE), diag_native(l.stmt, 1));
        CHECK(diag_native(l.stmt, 1) != 0);
        if (list[i].native != 0) {
            CHECK_INT(diag_native(l.stmt, 1), list[i].native);
        }
        CHECK_INT(field_len(l.stmt, 1, SQL_DIAG_ROW_NUMBER), SQL_NO_ROW_NUMBER);
        CHECK_INT(field_int(l.stmt, 1, SQL_DIAG_COLUMN_NUMBER), SQL_NO_COLUMN_NUMBER);
    }
    /* The driver's own words have no server in front of them, and no native code. */
    CHECK_STATE(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_ROW_ARRAY_SIZE, (SQLPOINTER)0, 0), "HY024");
    CHECK_INT(diag_native(l.stmt, 1), 0);
    CHECK(strncmp(diag_message(l.stmt, 1), "[AlloyDB][ODBC Driver] ", 23) == 0);
    link_close(&l);
}

static void not_destructive(void)
{
    struct link l = link_open("");
    CHECK_STATE(l.stmt, SQLExecDirect(l.stmt, T("select 1/0"), SQL_NTS), "22012");
    char first[512];
    snprintf(first, sizeof first, "%s", diag_message(l.stmt, 1));
    for (int i = 0; i < 3; i++) {
        CHECK_TEXT(diag_state(l.stmt, 1), "22012");
        CHECK_TEXT(diag_message(l.stmt, 1), first);
        CHECK_TEXT(diag_state(l.stmt, 2), "");
    }
    /* Another handle's calls leave them alone; the next of this one does not. */
    CHECK_OK(l.dbc, SQLSetConnectAttr(l.dbc, SQL_ATTR_CONNECTION_TIMEOUT, (SQLPOINTER)0, 0));
    CHECK_TEXT(diag_state(l.stmt, 1), "22012");
    CHECK_TEXT(diag_state(l.dbc, 1), "");
    CHECK_OK(l.stmt, SQLExecDirect(l.stmt, T("select 1"), SQL_NTS));
    CHECK_TEXT(diag_state(l.stmt, 1), "");
    link_close(&l);
}

static void texts(void)
{
    struct link l = link_open("");
    struct link d = direct_open(SQL_OV_ODBC3_80, true);
    const char *sql = "select \"Spaltë 😀\"";
    CHECK_INT(DIRECT(SQLExecDirect)(d.stmt, T(sql), SQL_NTS), SQL_ERROR);
    char message[512];
    SQLWCHAR wmessage[512];
    SQLCHAR state[7];
    SQLSMALLINT full = 0;
    SQLSMALLINT length = 0;
    SQLINTEGER native = 0;
    memset(state, 'x', sizeof state);
    CHECK_INT(DIRECT(SQLGetDiagRec)(SQL_HANDLE_STMT, d.stmt, 1, state, &native, T(message), sizeof message, &full), SQL_SUCCESS);
    CHECK_INT(state[6], 'x');
    CHECK_TEXT(state, "42S22");
    CHECK_INT(full, strlen(message));
    CHECK_CONTAINS(message, "column \"Spaltë 😀\" does not exist");
    CHECK_CONTAINS(message, "(SQLSTATE 42703, character 8)");

    /* Every possible buffer: never more than it holds, ended by NUL, never half a character, always the full length. */
    for (SQLSMALLINT room = 1; room <= full + 1; room++) {
        char cut[512];
        memset(cut, 'x', sizeof cut);
        SQLRETURN rc = DIRECT(SQLGetDiagRec)(SQL_HANDLE_STMT, d.stmt, 1, NULL, NULL, T(cut), room, &length);
        bool held = length == full && rc == (room > full ? SQL_SUCCESS : SQL_SUCCESS_WITH_INFO) && cut[room] == 'x';
        size_t n = strnlen(cut, sizeof cut);
        held = held && n < (size_t)room && n + 4 >= (size_t)room && strncmp(cut, message, n) == 0;
        held = held && ((unsigned char)message[n] & 0xC0) != 0x80; /* the next one begins a character */
        check_true(held, "narrow buffer", __FILE__, __LINE__);
    }
    CHECK_INT(DIRECT(SQLGetDiagRecW)(SQL_HANDLE_STMT, d.stmt, 1, NULL, NULL, wmessage, 512, &full), SQL_SUCCESS);
    CHECK_TEXT(narrow(wmessage), message);
    CHECK_INT(full, strlen(message) - 3); /* ë: one byte more than units, 😀: two */
    for (SQLSMALLINT room = 1; room <= full + 1; room++) {
        SQLWCHAR cut[512];
        memset(cut, 'x', sizeof cut);
        SQLRETURN rc = DIRECT(SQLGetDiagRecW)(SQL_HANDLE_STMT, d.stmt, 1, NULL, NULL, cut, room, &length);
        bool held = length == full && rc == (room > full ? SQL_SUCCESS : SQL_SUCCESS_WITH_INFO) && cut[room] == 0x7878;
        SQLSMALLINT n = 0;
        while (n < room && cut[n] != 0) {
            n++;
        }
        held = held && n < room && n + 2 >= room && memcmp(cut, wmessage, (size_t)n * 2) == 0 && (n == 0 || (cut[n - 1] & 0xFC00) != 0xD800);
        check_true(held, "wide buffer", __FILE__, __LINE__);
    }
    /* Fields count bytes in both. */
    CHECK_INT(DIRECT(SQLGetDiagFieldW)(SQL_HANDLE_STMT, d.stmt, 1, SQL_DIAG_MESSAGE_TEXT, wmessage, sizeof wmessage, &length), SQL_SUCCESS);
    CHECK_INT(length, full * 2);
    CHECK_INT(DIRECT(SQLGetDiagFieldW)(SQL_HANDLE_STMT, d.stmt, 1, SQL_DIAG_SQLSTATE, wmessage, 12, &length), SQL_SUCCESS);
    CHECK_INT(length, 10);
    CHECK_TEXT(narrow(wmessage), "42S22");
    CHECK_INT(DIRECT(SQLGetDiagFieldW)(SQL_HANDLE_STMT, d.stmt, 1, SQL_DIAG_SQLSTATE, wmessage, 6, &length), SQL_SUCCESS_WITH_INFO);
    CHECK_INT(length, 10);
    CHECK_TEXT(narrow(wmessage), "42");
    SQLWCHAR wstate[6];
    CHECK_INT(DIRECT(SQLGetDiagRecW)(SQL_HANDLE_STMT, d.stmt, 1, wstate, NULL, NULL, 0, NULL), SQL_SUCCESS);
    CHECK_TEXT(narrow(wstate), "42S22");
    direct_close(&d);

    /* A long text arrives whole. */
    CHECK_STATE(l.stmt, SQLExecDirect(l.stmt, T("do $$ begin raise exception '%', repeat('wörd ', 1000); end $$"), SQL_NTS), "HY000");
    static char long_text[8192];
    CHECK_INT(SQLGetDiagRec(SQL_HANDLE_STMT, l.stmt, 1, NULL, NULL, T(long_text), sizeof long_text, &length), SQL_SUCCESS);
    CHECK(length > 6000);
    CHECK_CONTAINS(long_text, "wörd wörd");
    CHECK_CONTAINS(long_text, "(SQLSTATE P0001)");
    link_close(&l);
}

/* ---- rows and columns ---------------------------------------------------------------------------------------------- */

static void rows_of_results(void)
{
    enum { N = 4 };
    struct link l = link_open("");
    SQLSMALLINT small[N];
    char text[N][4];
    SQLLEN lengths[N];
    SQLLEN text_lengths[N];
    SQLUSMALLINT status[N];
    SQLULEN fetched = 0;
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_ROW_ARRAY_SIZE, (SQLPOINTER)N, 0));
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_ROW_STATUS_PTR, status, 0));
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_ROWS_FETCHED_PTR, &fetched, 0));
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_CHAR, text, 4, text_lengths));
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 2, SQL_C_SSHORT, small, 0, lengths));
    query(l.stmt, "select * from (values ('abc', 1), ('abcdef', 2), ('abc', 70000), ('abcdef', 80000)) v(t, n)");
    CHECK_RC(l.stmt, SQLFetch(l.stmt), SQL_SUCCESS_WITH_INFO);
    CHECK_INT(fetched, 4);
    CHECK_INT(status[0], SQL_ROW_SUCCESS);
    CHECK_INT(status[1], SQL_ROW_SUCCESS_WITH_INFO);
    CHECK_INT(status[2], SQL_ROW_ERROR);
    CHECK_INT(status[3], SQL_ROW_ERROR);
    /* By row; of a row the error first. */
    static const struct {
        const char *state;
        SQLLEN row;
        SQLINTEGER column;
    } wanted[] = {{"01004", 2, 1}, {"22003", 3, 2}, {"22003", 4, 2}, {"01004", 4, 1}};
    CHECK_INT(field_int(l.stmt, 0, SQL_DIAG_NUMBER), COUNT(wanted));
    for (SQLSMALLINT i = 1; i <= (SQLSMALLINT)COUNT(wanted); i++) {
        CHECK_TEXT(diag_state(l.stmt, i), wanted[i - 1].state);
        CHECK_INT(field_len(l.stmt, i, SQL_DIAG_ROW_NUMBER), wanted[i - 1].row);
        CHECK_INT(field_int(l.stmt, i, SQL_DIAG_COLUMN_NUMBER), wanted[i - 1].column);
    }
    link_close(&l);

    /* One row at a time: row 1, and the column. SQLGetData's too. */
    l = link_open("");
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 2, SQL_C_SSHORT, small, 0, lengths));
    query(l.stmt, "select 1, 70000");
    CHECK_STATE(l.stmt, SQLFetch(l.stmt), "22003");
    CHECK_INT(field_len(l.stmt, 1, SQL_DIAG_ROW_NUMBER), 1);
    CHECK_INT(field_int(l.stmt, 1, SQL_DIAG_COLUMN_NUMBER), 2);
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_UNBIND));
    query(l.stmt, "select 1, 70000, 'x'");
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_STATE(l.stmt, SQLGetData(l.stmt, 3, SQL_C_SLONG, small, 0, NULL), "22018");
    CHECK_INT(field_int(l.stmt, 1, SQL_DIAG_COLUMN_NUMBER), 3);
    link_close(&l);
}

static void rows_of_parameters(void)
{
    struct link l = link_open("");
    SQLINTEGER values[] = {1, 2, 2, 3, 1};
    SQLUSMALLINT status[5];
    SQLULEN processed = 0;
    run(l.stmt, "create temp table t (a int primary key)");
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_PARAMSET_SIZE, (SQLPOINTER)5, 0));
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_PARAM_STATUS_PTR, status, 0));
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_PARAMS_PROCESSED_PTR, &processed, 0));
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, values, 0, NULL));
    CHECK_RC(l.stmt, SQLExecDirect(l.stmt, T("insert into t values (?)"), SQL_NTS), SQL_SUCCESS_WITH_INFO);
    CHECK_INT(processed, 5);
    CHECK_INT(field_int(l.stmt, 0, SQL_DIAG_NUMBER), 2);
    CHECK_INT(field_len(l.stmt, 0, SQL_DIAG_ROW_COUNT), 3);
    CHECK_TEXT(diag_state(l.stmt, 1), "23000");
    CHECK_INT(field_len(l.stmt, 1, SQL_DIAG_ROW_NUMBER), 3);
    CHECK_INT(field_len(l.stmt, 2, SQL_DIAG_ROW_NUMBER), 5);
    CHECK_CONTAINS(diag_message(l.stmt, 2), "DETAIL: Key (a)=(1) already exists.");

    /* What the driver finds wrong with a value has its set and its parameter. */
    static char texts[][8] = {"1", "zwei", "70000"};
    SQLLEN lengths[] = {SQL_NTS, SQL_NTS, SQL_NTS};
    run(l.stmt, "truncate t");
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_PARAMSET_SIZE, (SQLPOINTER)3, 0));
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 1, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_SMALLINT, 0, 0, texts, sizeof texts[0], lengths));
    CHECK_RC(l.stmt, SQLExecDirect(l.stmt, T("insert into t values (?)"), SQL_NTS), SQL_SUCCESS_WITH_INFO);
    CHECK_INT(status[1], SQL_PARAM_ERROR);
    CHECK_TEXT(diag_state(l.stmt, 1), "22018");
    CHECK_INT(field_len(l.stmt, 1, SQL_DIAG_ROW_NUMBER), 2);
    CHECK_INT(field_int(l.stmt, 1, SQL_DIAG_COLUMN_NUMBER), 1);
    CHECK_TEXT(diag_state(l.stmt, 2), "22003");
    CHECK_INT(field_len(l.stmt, 2, SQL_DIAG_ROW_NUMBER), 3);
    link_close(&l);
}

static void very_many(void)
{
    enum { N = 1500 };
    static SQLINTEGER values[N];
    struct link l = link_open("");
    run(l.stmt, "create temp table t (a int check (a > 0))");
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_PARAMSET_SIZE, (SQLPOINTER)N, 0));
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, values, 0, NULL));
    CHECK_STATE(l.stmt, SQLExecDirect(l.stmt, T("insert into t values (?)"), SQL_NTS), "23000");
    SQLINTEGER n = field_int(l.stmt, 0, SQL_DIAG_NUMBER);
    CHECK(n > 1000 && n < N); /* the rest is counted in the last one */
    CHECK_CONTAINS(diag_message(l.stmt, (SQLSMALLINT)n), "more diagnostics were left out");
    link_close(&l);
}

/* ---- what the server says ------------------------------------------------------------------------------------------ */

static void server_says(void)
{
    struct link l = link_open("");
    run(l.stmt, "create temp table t (a int primary key, b text not null)");
    run(l.stmt, "insert into t values (1, 'x')");
    CHECK_STATE(l.stmt, SQLExecDirect(l.stmt, T("insert into t values (1, 'y')"), SQL_NTS), "23000");
    CHECK_CONTAINS(diag_message(l.stmt, 1), "ERROR: duplicate key value violates unique constraint \"t_pkey\"");
    CHECK_CONTAINS(diag_message(l.stmt, 1), "\nDETAIL: Key (a)=(1) already exists.");
    CHECK_CONTAINS(diag_message(l.stmt, 1), "\n(SQLSTATE 23505)");
    CHECK_INT(diag_native(l.stmt, 1), NATIVE('2', '3', '5', '0', '5'));
    CHECK_STATE(l.stmt, SQLExecDirect(l.stmt, T("select nosuch(1)"), SQL_NTS), "42000");
    CHECK_CONTAINS(diag_message(l.stmt, 1), "\nHINT: No function matches");
    CHECK_STATE(l.stmt, SQLExecDirect(l.stmt, T("do $$ begin raise exception 'own' using errcode = 'UA123', detail = 'd', hint = 'h'; end $$"), SQL_NTS),
                "UA123");
    CHECK_CONTAINS(diag_message(l.stmt, 1), "ERROR: own\nDETAIL: d\nHINT: h\nCONTEXT: PL/pgSQL");
    size_t end = strlen(diag_message(l.stmt, 1));
    CHECK(end > 0 && diag_message(l.stmt, 1)[end - 1] != '\n');
    link_close(&l);
}

/* Positions are those of the application's text, in characters. */
static void positions(void)
{
    static const char *const list[] = {
        "select nope",
        "select ?, nope",
        "select ?, 'é😀', nope",
        "select {fn ucase('a')}, nope",
        "select {d '2024-02-29'}, {ts '2024-02-29 01:02:03'}, ?, nope",
        "/* ? {fn } */ select '?', \"?column?\", nope from (select 1) x -- ?",
        "select 1; select ? ; select {fn lcase('é')}, nope",
        "select 1 ?? 2, nope",
        "select $$ ? {fn $$, ?, nope",
        "{call nope(?)}",
        "{? = call nope(?, ?)}",
        "select {fn left(nope, 2)}",
        "select {fn convert(nope, SQL_CHAR)}",
        "   \n\n\tselect\n\t?::int4 +\n nope",
    };
    struct link l = link_open("");
    SQLINTEGER value = 1;
    for (SQLUSMALLINT i = 1; i <= 4; i++) {
        CHECK_OK(l.stmt, SQLBindParameter(l.stmt, i, i == 1 ? SQL_PARAM_INPUT_OUTPUT : SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, &value, 0, NULL));
    }
    for (size_t i = 0; i < COUNT(list); i++) {
        char at[32];
        size_t characters = 1;
        for (const char *p = list[i]; p < strstr(list[i], "nope"); p++) {
            characters += ((unsigned char)*p & 0xC0) != 0x80;
        }
        if (strstr(list[i], "??")) {
            characters = (size_t)(strstr(list[i], "??") - list[i]) + 1; /* an operator that does not exist */
        }
        snprintf(at, sizeof at, ", character %zu)", characters);
        SQLRETURN rc = SQLExecDirect(l.stmt, T(list[i]), SQL_NTS);
        while (SQL_SUCCEEDED(rc)) { /* the first parts of several are fine */
            rc = SQLMoreResults(l.stmt);
        }
        check_int(rc, SQL_ERROR, list[i], __FILE__, __LINE__);
        check_contains(diag_message(l.stmt, 1), at, list[i], __FILE__, __LINE__);
        CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    }
    link_close(&l);
}

static void notices(void)
{
    struct link l = link_open("");
    CHECK_INFO(l.stmt, SQLExecDirect(l.stmt, T("do $$ begin raise notice 'Hinweis ü'; raise warning 'zweitens'; end $$"), SQL_NTS), "01000");
    CHECK_CONTAINS(diag_message(l.stmt, 1), "[AlloyDB][ODBC Driver][PostgreSQL] NOTICE: Hinweis ü");
    CHECK_TEXT(diag_state(l.stmt, 2), "01000");
    CHECK_CONTAINS(diag_message(l.stmt, 2), "WARNING: zweitens");
    CHECK_INFO(l.stmt, SQLExecDirect(l.stmt, T("drop table if exists odbc_diag_nothing"), SQL_NTS), "01000");
    CHECK_CONTAINS(diag_message(l.stmt, 1), "table \"odbc_diag_nothing\" does not exist, skipping");

    /* An error stands before the notices that came with it. */
    CHECK_STATE(l.stmt, SQLExecDirect(l.stmt, T("do $$ begin raise notice 'vorher'; raise exception 'Fehler'; end $$"), SQL_NTS), "HY000");
    CHECK_CONTAINS(diag_message(l.stmt, 1), "ERROR: Fehler");
    CHECK_TEXT(diag_state(l.stmt, 2), "01000");
    CHECK_CONTAINS(diag_message(l.stmt, 2), "NOTICE: vorher");

    /* Notices among rows come with the call that met them, and no row is lost. */
    run(l.stmt, "create function pg_temp.tell(i int) returns int language plpgsql as $$ begin raise notice 'row %', i; return i; end $$");
    SQLRETURN rc = SQLExecDirect(l.stmt, T("select pg_temp.tell(i) from generate_series(1, 3) i"), SQL_NTS);
    int seen = rc == SQL_SUCCESS_WITH_INFO && diag_has(l.stmt, "01000");
    int rows = 0;
    while (SQL_SUCCEEDED(rc = SQLFetch(l.stmt))) {
        seen += rc == SQL_SUCCESS_WITH_INFO && diag_has(l.stmt, "01000");
        rows++;
    }
    CHECK(seen > 0);
    CHECK_INT(rows, 3);
    link_close(&l);
}

/* Of errors and warnings on one handle the decisive one comes first, whatever the order in which they were met. */
static void ranking(void)
{
    struct link l = link_new(SQL_OV_ODBC3_80);
    struct link other = link_open("");
    CHECK_RC(l.dbc, try_connect(l.dbc, connstr("Sevrer=x;Paswd=y")), SQL_SUCCESS_WITH_INFO);
    CHECK_TEXT(diag_state(l.dbc, 1), "01S00");
    CHECK_TEXT(diag_state(l.dbc, 2), "01S00");
    CHECK_OK(l.dbc, SQLDisconnect(l.dbc));
    CHECK_STATE(l.dbc, try_connect(l.dbc, connstr("Sevrer=x;UID=aldb_nobody;PWD=x")), "28000");
    CHECK_OK(l.dbc, try_connect(l.dbc, connstr(";")));
    l.stmt = new_stmt(l.dbc);

    /* A lost connection is class 08, and comes before all else. */
    char sql[128];
    snprintf(sql, sizeof sql, "select pg_terminate_backend(%lld, 30000)", (long long)query_int(l.stmt, "select pg_backend_pid()"));
    CHECK_TEXT(query_text(other.stmt, sql), "1");
    CHECK_STATE(l.stmt, SQLExecDirect(l.stmt, T("select 1"), SQL_NTS), "08S01");
    CHECK_TEXT(field_text(SQL_HANDLE_STMT, l.stmt, 1, SQL_DIAG_SUBCLASS_ORIGIN), "ODBC 3.0");
    link_close(&other);
    link_close(&l);
}

int main(void)
{
    static const struct test tests[] = {
        {"header", header},
        {"fields of records", record_fields},
        {"reading changes nothing", not_destructive},
        {"texts", texts},
        {"rows and columns of results", rows_of_results},
        {"sets and numbers of parameters", rows_of_parameters},
        {"very many", very_many},
        {"detail, hint, context", server_says},
        {"positions", positions},
        {"notices", notices},
        {"ranking", ranking},
    };
    return run_tests("diagnostics", tests, COUNT(tests));
}
