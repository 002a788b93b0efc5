/* SPDX-License-Identifier: Apache-2.0 */
/* SQLSetPos: reading, updating, deleting and adding single rows through a cursor; what others change meanwhile; keyset-driven cursors. */
#include "rows.h"

enum { ROWSET = 4 };

static SQLINTEGER id[ROWSET];
static char name[ROWSET][24];
static SQLLEN id_ind[ROWSET], name_ind[ROWSET];
static SQLUSMALLINT status[ROWSET];
static SQLULEN fetched;

static void set(SQLHSTMT stmt, SQLINTEGER attribute, SQLULEN value)
{
    CHECK_OK(stmt, SQLSetStmtAttr(stmt, attribute, (SQLPOINTER)value, 0));
}

/* A fresh table of ten rows, (1, 'one 1') …, and a cursor over it that can change it. */
static struct link open_cursor(const char *keywords, const char *table, SQLULEN type, const char *sql)
{
    struct link l = link_open(keywords);
    char text[400];
    snprintf(text, sizeof text, "drop table if exists %s", table);
    run(l.stmt, text);
    snprintf(text, sizeof text, "create table %s (id int primary key, name varchar(20) default 'nobody', note text, twice int generated always as (id * 2) stored)", table);
    run(l.stmt, text);
    snprintf(text, sizeof text, "insert into %s select g, 'one ' || g, 'note ' || g from generate_series(1, 10) g", table);
    run(l.stmt, text);
    set(l.stmt, SQL_ATTR_CURSOR_TYPE, type);
    set(l.stmt, SQL_ATTR_CONCURRENCY, SQL_CONCUR_ROWVER);
    set(l.stmt, SQL_ATTR_ROW_ARRAY_SIZE, ROWSET);
    set(l.stmt, SQL_ATTR_ROW_STATUS_PTR, (SQLULEN)(uintptr_t)status);
    set(l.stmt, SQL_ATTR_ROWS_FETCHED_PTR, (SQLULEN)(uintptr_t)&fetched);
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_SLONG, id, 0, id_ind));
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 2, SQL_C_CHAR, name, sizeof name[0], name_ind));
    CHECK_OK(l.stmt, SQLExecDirect(l.stmt, T(sql), SQL_NTS));
    return l;
}

static void close_cursor(struct link *l, const char *table)
{
    char text[100];
    CHECK_OK(l->stmt, SQLFreeStmt(l->stmt, SQL_CLOSE));
    snprintf(text, sizeof text, "drop table %s", table);
    set_autocommit(l->dbc, true);
    run(l->stmt, text);
    link_close(l);
}

static void write_name(SQLULEN row, const char *text)
{
    snprintf(name[row], sizeof name[row], "%s", text);
    name_ind[row] = SQL_NTS;
}

#define OTHER_NAME(other, table, key) query_text(other, "select name from " table " where id = " #key)

/* ---- one row -------------------------------------------------------------------------------------------------------- */

static void update_and_delete(void)
{
    static const SQLULEN types[] = {SQL_CURSOR_STATIC, SQL_CURSOR_KEYSET_DRIVEN, SQL_CURSOR_FORWARD_ONLY};
    for (size_t i = 0; i < COUNT(types); i++) {
        struct link l = open_cursor("", "setpos_one", types[i], "select id, name, note from setpos_one order by id");
        SQLHSTMT other = new_stmt(l.dbc);
        SQLSMALLINT columns = 0;
        char note[20];
        CHECK_OK(l.stmt, SQLNumResultCols(l.stmt, &columns));
        CHECK_INT(columns, 3); /* what the driver asks for more is nobody's business */
        CHECK_OK(l.stmt, SQLFetch(l.stmt));
        write_name(1, "two!");
        CHECK_OK(l.stmt, SQLSetPos(l.stmt, 2, SQL_UPDATE, SQL_LOCK_NO_CHANGE));
        CHECK(status[0] == SQL_ROW_SUCCESS && status[1] == SQL_ROW_UPDATED);
        CHECK_INT(row_count(l.stmt), 1);
        CHECK_TEXT(OTHER_NAME(other, "setpos_one", 2), "two!");
        CHECK_TEXT(OTHER_NAME(other, "setpos_one", 1), "one 1");
        /* Its version is the new one: it can be changed again. */
        write_name(1, "again");
        CHECK_OK(l.stmt, SQLSetPos(l.stmt, 2, SQL_UPDATE, SQL_LOCK_NO_CHANGE));
        CHECK_TEXT(OTHER_NAME(other, "setpos_one", 2), "again");
        /* The cursor stands on the row, whose other columns are readable. */
        CHECK_OK(l.stmt, SQLGetData(l.stmt, 3, SQL_C_CHAR, note, sizeof note, NULL));
        CHECK_TEXT(note, "note 2");
        CHECK_OK(l.stmt, SQLSetPos(l.stmt, 3, SQL_DELETE, SQL_LOCK_NO_CHANGE));
        CHECK_INT(status[2], SQL_ROW_DELETED);
        CHECK_INT(query_int(other, "select count(*) from setpos_one"), 9);
        CHECK_INT(query_int(other, "select count(*) from setpos_one where id = 3"), 0);
        CHECK_STATE(l.stmt, SQLSetPos(l.stmt, 3, SQL_DELETE, SQL_LOCK_NO_CHANGE), "HY109");
        CHECK_STATE(l.stmt, SQLSetPos(l.stmt, 3, SQL_UPDATE, SQL_LOCK_NO_CHANGE), "HY109");
        CHECK_STATE(l.stmt, SQLSetPos(l.stmt, 3, SQL_POSITION, SQL_LOCK_NO_CHANGE), "HY109");
        CHECK_STATE(l.stmt, SQLGetData(l.stmt, 3, SQL_C_CHAR, note, sizeof note, NULL), "HY109");
        CHECK_STATE(l.stmt, SQLSetPos(l.stmt, 5, SQL_UPDATE, SQL_LOCK_NO_CHANGE), "HY107");
        if (types[i] != SQL_CURSOR_FORWARD_ONLY) { /* the cursor shows what it did */
            CHECK_OK(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_LAST, 0));
            CHECK_OK(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_FIRST, 0));
            CHECK_TEXT(name[1], "again");
            CHECK(status[1] == SQL_ROW_SUCCESS && status[2] == SQL_ROW_DELETED && status[3] == SQL_ROW_SUCCESS);
            CHECK_INT(fetched, 4);
            CHECK_OK(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_ABSOLUTE, 3));
            CHECK_STATE(l.stmt, SQLGetData(l.stmt, 3, SQL_C_CHAR, note, sizeof note, NULL), "HY109");
            CHECK_OK(l.stmt, SQLSetPos(l.stmt, 2, SQL_POSITION, SQL_LOCK_NO_CHANGE));
            CHECK_OK(l.stmt, SQLGetData(l.stmt, 3, SQL_C_CHAR, note, sizeof note, NULL));
            CHECK_TEXT(note, "note 4");
        } else {
            CHECK_STATE(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_FIRST, 0), "HY106");
            CHECK_OK(l.stmt, SQLFetch(l.stmt));
            CHECK_INT(id[0], 5);
        }
        close_cursor(&l, "setpos_one");
    }
}

/* All rows of the rowset, but for those left out. */
static void whole_rowset(void)
{
    struct link l = open_cursor("", "setpos_all", SQL_CURSOR_STATIC, "select id, name from setpos_all order by id");
    SQLHSTMT other = new_stmt(l.dbc);
    SQLUSMALLINT operation[ROWSET] = {SQL_ROW_PROCEED, SQL_ROW_IGNORE, SQL_ROW_PROCEED, SQL_ROW_PROCEED};
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    for (SQLULEN i = 0; i < ROWSET; i++) {
        write_name(i, "all");
    }
    set(l.stmt, SQL_ATTR_ROW_OPERATION_PTR, (SQLULEN)(uintptr_t)operation);
    CHECK_OK(l.stmt, SQLSetPos(l.stmt, 0, SQL_UPDATE, SQL_LOCK_NO_CHANGE));
    CHECK_INT(row_count(l.stmt), 3);
    CHECK(status[0] == SQL_ROW_UPDATED && status[1] == SQL_ROW_SUCCESS && status[3] == SQL_ROW_UPDATED);
    CHECK_INT(query_int(other, "select count(*) from setpos_all where name = 'all' and id in (1, 3, 4)"), 3);
    /* One bad row among good ones. */
    set(l.stmt, SQL_ATTR_ROW_OPERATION_PTR, 0);
    write_name(0, "fine");
    write_name(2, "much longer than twenty");
    CHECK_INFO(l.stmt, SQLSetPos(l.stmt, 0, SQL_UPDATE, SQL_LOCK_NO_CHANGE), "01S01");
    CHECK(diag_has(l.stmt, "22001"));
    SQLLEN row = 0;
    SQLSMALLINT n = strcmp(diag_state(l.stmt, 1), "22001") == 0 ? 1 : 2;
    CHECK_OK(l.stmt, SQLGetDiagField(SQL_HANDLE_STMT, l.stmt, n, SQL_DIAG_ROW_NUMBER, &row, 0, NULL));
    CHECK_INT(row, 3);
    CHECK(status[0] == SQL_ROW_UPDATED && status[2] == SQL_ROW_ERROR && status[3] == SQL_ROW_UPDATED);
    CHECK_INT(row_count(l.stmt), 3);
    CHECK_TEXT(OTHER_NAME(other, "setpos_all", 3), "all");
    CHECK_OK(l.stmt, SQLSetPos(l.stmt, 0, SQL_DELETE, SQL_LOCK_NO_CHANGE));
    CHECK_INT(query_int(other, "select count(*) from setpos_all"), 6);
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_INT(id[0], 5);
    close_cursor(&l, "setpos_all");
}

/* Which columns are written: those bound, that belong to the table and can be written, and that the row says something of. */
static void columns(void)
{
    struct link l = open_cursor("", "setpos_col", SQL_CURSOR_STATIC, "select id, name, note, twice, upper(name) up, 7 seven from setpos_col order by id");
    SQLHSTMT other = new_stmt(l.dbc);
    char up[20] = "UP";
    SQLINTEGER twice = 99;
    SQLLEN ignored = SQL_COLUMN_IGNORE;
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 4, SQL_C_SLONG, &twice, 0, NULL));
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 5, SQL_C_CHAR, up, sizeof up, NULL));
    set(l.stmt, SQL_ATTR_ROW_ARRAY_SIZE, 1);
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    write_name(0, "named");
    CHECK_OK(l.stmt, SQLSetPos(l.stmt, 1, SQL_UPDATE, SQL_LOCK_NO_CHANGE)); /* twice and up are read-only */
    CHECK_TEXT(OTHER_NAME(other, "setpos_col", 1), "named");
    CHECK_TEXT(query_text(other, "select note from setpos_col where id = 1"), "note 1");
    CHECK_OK(l.stmt, SQLSetPos(l.stmt, 1, SQL_REFRESH, SQL_LOCK_NO_CHANGE));
    CHECK_TEXT(up, "NAMED"); /* computed of the row as it is now */
    /* A key that changes is the row's key from then on. */
    id[0] = 100;
    name_ind[0] = SQL_COLUMN_IGNORE;
    CHECK_OK(l.stmt, SQLSetPos(l.stmt, 1, SQL_UPDATE, SQL_LOCK_NO_CHANGE));
    CHECK_TEXT(OTHER_NAME(other, "setpos_col", 100), "named");
    run(other, "update setpos_col set note = 'other' where id = 100");
    CHECK_OK(l.stmt, SQLSetPos(l.stmt, 1, SQL_REFRESH, SQL_LOCK_NO_CHANGE));
    CHECK(id[0] == 100 && twice == 200);
    /* NULL, by its indicator. */
    id_ind[0] = SQL_COLUMN_IGNORE;
    name_ind[0] = SQL_NULL_DATA;
    CHECK_OK(l.stmt, SQLSetPos(l.stmt, 1, SQL_UPDATE, SQL_LOCK_NO_CHANGE));
    CHECK_TEXT(OTHER_NAME(other, "setpos_col", 100), "NULL");
    /* Nothing to write. */
    name_ind[0] = SQL_COLUMN_IGNORE;
    CHECK_STATE(l.stmt, SQLSetPos(l.stmt, 1, SQL_UPDATE, SQL_LOCK_NO_CHANGE), "21S02");
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_UNBIND));
    CHECK_STATE(l.stmt, SQLSetPos(l.stmt, 1, SQL_UPDATE, SQL_LOCK_NO_CHANGE), "21S02");
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 6, SQL_C_SLONG, &twice, 0, &ignored));
    CHECK_STATE(l.stmt, SQLSetPos(l.stmt, 1, SQL_UPDATE, SQL_LOCK_NO_CHANGE), "21S02");
    close_cursor(&l, "setpos_col");
}

/* ---- others --------------------------------------------------------------------------------------------------------- */

/* What others have changed since it was read is left alone, and told. */
static void conflicts(void)
{
    struct link l = open_cursor("", "setpos_con", SQL_CURSOR_STATIC, "select id, name from setpos_con order by id");
    struct link o = link_open("");
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    run(o.stmt, "update setpos_con set name = 'theirs' where id in (2, 3)");
    run(o.stmt, "delete from setpos_con where id = 4");
    write_name(1, "mine");
    write_name(2, "mine");
    write_name(3, "mine");
    CHECK_STATE(l.stmt, SQLSetPos(l.stmt, 2, SQL_UPDATE, SQL_LOCK_NO_CHANGE), "01001");
    CHECK_CONTAINS(diag_message(l.stmt, 1), "SQL_REFRESH");
    CHECK_INT(status[1], SQL_ROW_ERROR);
    CHECK_INT(row_count(l.stmt), 0);
    CHECK_STATE(l.stmt, SQLSetPos(l.stmt, 3, SQL_DELETE, SQL_LOCK_NO_CHANGE), "01001");
    CHECK_STATE(l.stmt, SQLSetPos(l.stmt, 4, SQL_UPDATE, SQL_LOCK_NO_CHANGE), "01001");
    CHECK_TEXT(OTHER_NAME(o.stmt, "setpos_con", 2), "theirs");
    /* Reading it again shows theirs, by the key; then it is ours to change. */
    CHECK_OK(l.stmt, SQLSetPos(l.stmt, 2, SQL_REFRESH, SQL_LOCK_NO_CHANGE));
    CHECK_TEXT(name[1], "theirs");
    CHECK_INT(status[1], SQL_ROW_SUCCESS);
    write_name(1, "mine");
    CHECK_OK(l.stmt, SQLSetPos(l.stmt, 2, SQL_UPDATE, SQL_LOCK_NO_CHANGE));
    CHECK_TEXT(OTHER_NAME(o.stmt, "setpos_con", 2), "mine");
    CHECK_OK(l.stmt, SQLSetPos(l.stmt, 4, SQL_REFRESH, SQL_LOCK_NO_CHANGE));
    CHECK_INT(status[3], SQL_ROW_DELETED);
    /* A static cursor shows the rest as it was. */
    CHECK_OK(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_FIRST, 0));
    CHECK_TEXT(name[2], "one 3");
    link_close(&o);
    close_cursor(&l, "setpos_con");
}

/* A keyset-driven cursor shows its rows as they are when they are shown again; none comes, and none goes but as deleted. */
static void keyset(void)
{
    struct link l = open_cursor("", "setpos_key", SQL_CURSOR_KEYSET_DRIVEN, "select id, name from setpos_key order by id");
    struct link o = link_open("");
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_OK(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_LAST, 0));
    run(o.stmt, "update setpos_key set name = 'theirs' where id = 2");
    run(o.stmt, "delete from setpos_key where id = 3");
    run(o.stmt, "insert into setpos_key values (0, 'new')");
    CHECK_OK(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_FIRST, 0));
    CHECK(id[0] == 1 && status[0] == SQL_ROW_SUCCESS);
    CHECK_TEXT(name[1], "theirs");
    CHECK(status[2] == SQL_ROW_DELETED && status[3] == SQL_ROW_SUCCESS);
    char text[20];
    CHECK_OK(l.stmt, SQLSetPos(l.stmt, 2, SQL_POSITION, SQL_LOCK_NO_CHANGE));
    CHECK_OK(l.stmt, SQLGetData(l.stmt, 2, SQL_C_CHAR, text, sizeof text, NULL));
    CHECK_TEXT(text, "theirs");
    write_name(1, "mine"); /* its version is known, too */
    CHECK_OK(l.stmt, SQLSetPos(l.stmt, 2, SQL_UPDATE, SQL_LOCK_NO_CHANGE));
    CHECK_TEXT(OTHER_NAME(o.stmt, "setpos_key", 2), "mine");
    link_close(&o);
    close_cursor(&l, "setpos_key");
}

/* ---- which statements ----------------------------------------------------------------------------------------------- */

static void statements(void)
{
    static const struct {
        const char *sql;
        bool can;
    } list[] = {
        {"select id, name from setpos_txt order by id", true},
        {"select ALL id, name from only setpos_txt as t where id < 5 order by 1 limit 4", true},
        {"select t.id, t.name /* , */ from public.setpos_txt t -- all\n order by t.id", true},
        {"select id, \"name\" from \"setpos_txt\" \"T x\" where \"T x\".id is distinct from 4 order by id for update", true},
        {"select *, ctid, xmin from setpos_txt order by id", true},
        {"select id, name, (select count(*) from pg_class) from setpos_txt order by id", true},
        {"select id, name, '{\"a\":1}'::jsonb ?? 'a' from setpos_txt order by id", true},
        {"select id, name from setpos_txt union all select 1, 'x' order by 1", false},
        {"select max(id), max(name) from setpos_txt", false},
        {"select distinct id, name from setpos_txt order by id", false},
        {"select id, max(name) from setpos_txt group by id order by id", false},
        {"select a.id, b.name from setpos_txt a join setpos_txt b using (id) order by 1", false},
        {"select a.id, a.name from setpos_txt a, pg_class c where c.oid = 1259 order by 1", false},
        {"select id, name, row_number() over () from setpos_txt order by id", false},
        {"with w as (select * from setpos_txt) select id, name from w order by id", false},
        {"select id, name from (select * from setpos_txt) s order by id", false},
        {"select id, name from setpos_view order by id", false},
        {"select generate_series(1, 4), 'x'", false},
        {"values (1, 'x'), (2, 'y')", false},
        {"insert into setpos_txt (id) values (77) returning id, name", false},
    };
    struct link l = open_cursor("", "setpos_txt", SQL_CURSOR_KEYSET_DRIVEN, "select id, name from setpos_txt");
    SQLHSTMT other = new_stmt(l.dbc);
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    run(other, "create temp view setpos_view as select * from setpos_txt");
    for (size_t i = 0; i < COUNT(list); i++) {
        for (int prepared = 0; prepared < 2; prepared++) {
            SQLULEN type = 99, concurrency = 99;
            run(other, "delete from setpos_txt where id = 77");
            if (prepared) {
                CHECK_OK(l.stmt, SQLPrepare(l.stmt, T(list[i].sql), SQL_NTS));
            }
            SQLRETURN rc = prepared ? SQLExecute(l.stmt) : SQLExecDirect(l.stmt, T(list[i].sql), SQL_NTS);
            if (list[i].can) {
                check_rc(l.stmt, rc, SQL_SUCCESS, list[i].sql, __FILE__, __LINE__);
            } else {
                check_state(l.stmt, rc, SQL_SUCCESS_WITH_INFO, "01S02", list[i].sql, __FILE__, __LINE__);
            }
            CHECK_OK(l.stmt, SQLGetStmtAttr(l.stmt, SQL_ATTR_CURSOR_TYPE, &type, 0, NULL));
            CHECK_OK(l.stmt, SQLGetStmtAttr(l.stmt, SQL_ATTR_CONCURRENCY, &concurrency, 0, NULL));
            CHECK_INT(type, list[i].can ? SQL_CURSOR_KEYSET_DRIVEN : SQL_CURSOR_STATIC);
            CHECK_INT(concurrency, list[i].can ? SQL_CONCUR_ROWVER : SQL_CONCUR_READ_ONLY);
            CHECK_OK(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_FIRST, 0));
            SQLINTEGER first = id[0];
            char sql[100];
            snprintf(sql, sizeof sql, "changed %d", (int)i);
            write_name(0, sql);
            if (list[i].can) {
                check_rc(l.stmt, SQLSetPos(l.stmt, 1, SQL_UPDATE, SQL_LOCK_NO_CHANGE), SQL_SUCCESS, list[i].sql, __FILE__, __LINE__);
                CHECK_INT(first, 1);
                check_text(OTHER_NAME(other, "setpos_txt", 1), sql, list[i].sql, __FILE__, __LINE__);
                check_rc(l.stmt, SQLSetPos(l.stmt, 1, SQL_REFRESH, SQL_LOCK_NO_CHANGE), SQL_SUCCESS, list[i].sql, __FILE__, __LINE__);
            } else {
                CHECK_STATE(l.stmt, SQLSetPos(l.stmt, 1, SQL_UPDATE, SQL_LOCK_NO_CHANGE), "HY092");
            }
            CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
            CHECK_OK(l.stmt, SQLGetStmtAttr(l.stmt, SQL_ATTR_CURSOR_TYPE, &type, 0, NULL)); /* what was asked for, again */
            CHECK_INT(type, SQL_CURSOR_KEYSET_DRIVEN);
        }
    }
    /* An error in the text is told where it stands in the application's text. */
    CHECK_STATE(l.stmt, SQLExecDirect(l.stmt, T("select id from setpos_txt where nonsense = 1"), SQL_NTS), "42S22");
    CHECK_CONTAINS(diag_message(l.stmt, 1), "nonsense");
    run(other, "drop view setpos_view");
    close_cursor(&l, "setpos_txt");
}

/* Tables without a key, of several parts, with parameters in the statement. */
static void tables(void)
{
    struct link l = open_cursor("", "setpos_tab", SQL_CURSOR_KEYSET_DRIVEN, "select id, name from setpos_tab");
    SQLHSTMT other = new_stmt(l.dbc);
    SQLINTEGER least = 3;
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    static const char *const makers[] = {
        "create temp table setpos_t (id int, name varchar(20))",
        "create temp table setpos_t (id int, name varchar(20), primary key (name, id))",
        ("create temp table setpos_t (id int primary key, name varchar(20)) partition by range (id);"
         " create temp table setpos_t1 partition of setpos_t for values from (0) to (5); create temp table setpos_t2 partition of setpos_t for values from (5) to (100)"),
        "create temp table setpos_t (id int primary key, name varchar(20)); create temp table setpos_t1 () inherits (setpos_t)",
    };
    for (size_t i = 0; i < COUNT(makers); i++) {
        run(other, makers[i]);
        run(other, "insert into setpos_t select g, 'n' || g from generate_series(1, 8) g");
        CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("select id, name from setpos_t where id >= ? order by id"), SQL_NTS));
        CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, &least, 0, NULL));
        for (int round = 0; round < 2; round++) {
            CHECK_OK(l.stmt, SQLExecute(l.stmt));
            CHECK_OK(l.stmt, SQLFetch(l.stmt));
            CHECK_INT(id[0], 3);
            write_name(0, round ? "second" : "first");
            CHECK_OK(l.stmt, SQLSetPos(l.stmt, 1, SQL_UPDATE, SQL_LOCK_NO_CHANGE));
            CHECK_TEXT(OTHER_NAME(other, "setpos_t", 3), round ? "second" : "first");
            CHECK_OK(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_FIRST, 0));
            CHECK_TEXT(name[0], round ? "second" : "first");
            CHECK_OK(l.stmt, SQLSetPos(l.stmt, 4, SQL_DELETE, SQL_LOCK_NO_CHANGE));
            CHECK_INT(query_int(other, "select count(*) from setpos_t"), 7 - round);
            CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
        }
        CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_RESET_PARAMS));
        run(other, "drop table setpos_t cascade");
    }
    close_cursor(&l, "setpos_tab");
}

/* Whatever the key is made of, its value finds its row again. */
static void keys(void)
{
    static const char *const types[][2] = {
        {"char(5)", "'ab'"}, {"\"char\"", "'x'"}, {"varchar(20)", "'it''s {1}, \\x'"}, {"text", "'é😀 \" % '"}, {"bit(3)", "'101'"}, {"varbit", "'10101'"}, {"bytea", "'\\x00ff'"},
        {"numeric(10, 3)", "1.5"}, {"float8", "0.1"}, {"float4", "0.1"}, {"int8", "-9000000000"}, {"bool", "true"}, {"date", "'infinity'"}, {"timestamp", "'2024-02-29 23:59:59.999999'"},
        {"timestamptz", "'2024-10-27 01:30:00+00'"}, {"time", "'24:00'"}, {"timetz", "'12:00+05:30'"}, {"interval", "'1 year -3 days 04:05:06.7'"}, {"uuid", "'00112233-4455-6677-8899-aabbccddeeff'"},
        {"inet", "'10.0.0.1/8'"}, {"int[]", "'{1,2,null}'"}, {"text[]", "'{\"a,b\",c}'"}, {"int4range", "'[1,5)'"}, {"oid", "4000000000"}, {"name", "'n'"}, {"money", "'1.50'"},
        {"setpos_enum", "'b c'"}, {"setpos_domain", "'dd'"}, {"pg_lsn", "'1/2'"}, {"macaddr", "'08:00:2b:01:02:03'"}, {"jsonb", "'{\"a\":1}'"},
    };
    struct link l = open_cursor("", "setpos_any", SQL_CURSOR_KEYSET_DRIVEN, "select id, name from setpos_any");
    SQLHSTMT other = new_stmt(l.dbc);
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    run(other, "create type setpos_enum as enum ('a', 'b c'); create domain setpos_domain as char(4)");
    for (size_t i = 0; i < COUNT(types); i++) {
        char sql[300];
        snprintf(sql, sizeof sql, "create temp table setpos_k (id int, name text, k %s, j int default 7, primary key (j, k))", types[i][0]);
        run(other, sql);
        snprintf(sql, sizeof sql, "insert into setpos_k values (1, 'before', %s, 7), (2, 'before', %s, 8)", types[i][1], types[i][1]);
        run(other, sql);
        check_rc(l.stmt, SQLExecDirect(l.stmt, T("select id, name from setpos_k order by id"), SQL_NTS), SQL_SUCCESS, types[i][0], __FILE__, __LINE__);
        CHECK_OK(l.stmt, SQLFetch(l.stmt));
        run(other, "update setpos_k set name = 'theirs'");
        CHECK_OK(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_FIRST, 0));
        check_int(status[0], SQL_ROW_SUCCESS, types[i][0], __FILE__, __LINE__);
        check_text(name[0], "theirs", types[i][0], __FILE__, __LINE__); /* all rows in one statement */
        check_text(name[1], "theirs", types[i][0], __FILE__, __LINE__);
        run(other, "update setpos_k set name = 'again' where id = 1");
        CHECK_OK(l.stmt, SQLSetPos(l.stmt, 1, SQL_REFRESH, SQL_LOCK_NO_CHANGE)); /* and one by itself */
        check_text(name[0], "again", types[i][0], __FILE__, __LINE__);
        write_name(0, "mine");
        check_rc(l.stmt, SQLSetPos(l.stmt, 1, SQL_UPDATE, SQL_LOCK_NO_CHANGE), SQL_SUCCESS, types[i][0], __FILE__, __LINE__);
        CHECK_TEXT(query_text(other, "select string_agg(name, ',' order by id) from setpos_k"), "mine,theirs");
        CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
        run(other, "drop table setpos_k");
    }
    run(other, "drop type setpos_enum; drop domain setpos_domain");
    close_cursor(&l, "setpos_any");
}

/* The table is the one that the cursor was opened on, whatever its name comes to mean. */
static void names(void)
{
    struct link l = open_cursor("", "setpos_name", SQL_CURSOR_STATIC, "select id, name from setpos_name order by id");
    SQLHSTMT other = new_stmt(l.dbc);
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    run(other, "create temp table setpos_name as select * from public.setpos_name");
    write_name(0, "real");
    CHECK_OK(l.stmt, SQLSetPos(l.stmt, 1, SQL_UPDATE, SQL_LOCK_NO_CHANGE));
    id[1] = 50;
    CHECK_OK(l.stmt, SQLSetPos(l.stmt, 2, SQL_ADD, SQL_LOCK_NO_CHANGE));
    CHECK_TEXT(OTHER_NAME(other, "public.setpos_name", 1), "real");
    CHECK_INT(query_int(other, "select count(*) from public.setpos_name where id = 50"), 1);
    CHECK_INT(query_int(other, "select count(*) from pg_temp.setpos_name where id = 50 or name = 'real'"), 0);
    run(other, "drop table pg_temp.setpos_name");
    close_cursor(&l, "setpos_name");
}

/* A table that changes under a prepared statement: nothing is written by what is no longer true. */
static void altered(void)
{
    struct link l = open_cursor("", "setpos_alt", SQL_CURSOR_KEYSET_DRIVEN, "select id, name from setpos_alt");
    struct link o = link_open("");
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("select id, name, note from setpos_alt order by id"), SQL_NTS));
    CHECK_OK(l.stmt, SQLExecute(l.stmt));
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    run(o.stmt, "alter table setpos_alt rename name to was; alter table setpos_alt rename note to name; alter table setpos_alt rename was to note");
    CHECK_OK(l.stmt, SQLExecute(l.stmt));
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_TEXT(name[0], "note 1");
    write_name(0, "mine");
    CHECK_STATE(l.stmt, SQLSetPos(l.stmt, 1, SQL_UPDATE, SQL_LOCK_NO_CHANGE), "HY000");
    CHECK_CONTAINS(diag_message(l.stmt, 1), "prepare it again");
    CHECK_OK(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_FIRST, 0)); /* as it was read: nobody can say whose columns those are */
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("select id, name, note from setpos_alt order by id"), SQL_NTS));
    CHECK_OK(l.stmt, SQLExecute(l.stmt));
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    write_name(0, "mine");
    CHECK_OK(l.stmt, SQLSetPos(l.stmt, 1, SQL_UPDATE, SQL_LOCK_NO_CHANGE));
    CHECK_TEXT(query_text(o.stmt, "select name || note from setpos_alt where id = 1"), "mineone 1");
    /* Another table of that name. */
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    run(o.stmt, "drop table setpos_alt; create table setpos_alt (id int primary key, name varchar(20), note text); insert into setpos_alt values (1, 'x', 'y')");
    for (int prepare = 0; prepare < 2; prepare++) {
        if (prepare) {
            CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("select id, name, note from setpos_alt order by id"), SQL_NTS));
        }
        CHECK_OK(l.stmt, SQLExecute(l.stmt));
        CHECK_OK(l.stmt, SQLFetch(l.stmt));
        write_name(0, "mine");
        SQLRETURN rc = SQLSetPos(l.stmt, 1, SQL_UPDATE, SQL_LOCK_NO_CHANGE);
        CHECK_RC(l.stmt, rc, prepare ? SQL_SUCCESS : SQL_ERROR);
        CHECK_TEXT(query_text(o.stmt, "select name || note from setpos_alt where id = 1"), prepare ? "miney" : "xy");
        CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    }
    link_close(&o);
    close_cursor(&l, "setpos_alt");
}

/* As many columns as a SELECT can have leave no room for more. */
static void widest(void)
{
    struct link l = open_cursor("", "setpos_wide", SQL_CURSOR_KEYSET_DRIVEN, "select id, name from setpos_wide");
    static char sql[20000] = "select id";
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    for (int i = 1; i < 1664; i++) {
        strcat(sql, ", name");
    }
    strcat(sql, " from setpos_wide order by 1");
    CHECK_INFO(l.stmt, SQLExecDirect(l.stmt, T(sql), SQL_NTS), "01S02");
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_INT(id[3], 4);
    close_cursor(&l, "setpos_wide");
}

/* A connection that wants no cursors that change rows. */
static void switched_off(void)
{
    struct link l = link_open("C4=0");
    SQLULEN concurrency = 0;
    run(l.stmt, "create temp table setpos_off (id int primary key, name text)");
    run(l.stmt, "insert into setpos_off values (1, 'x')");
    set(l.stmt, SQL_ATTR_CURSOR_TYPE, SQL_CURSOR_KEYSET_DRIVEN);
    set(l.stmt, SQL_ATTR_CONCURRENCY, SQL_CONCUR_ROWVER);
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_SLONG, id, 0, id_ind));
    CHECK_INFO(l.stmt, SQLExecDirect(l.stmt, T("select id, name from setpos_off"), SQL_NTS), "01S02");
    CHECK_CONTAINS(diag_message(l.stmt, 1), "UpdatableCursors=no");
    CHECK_OK(l.stmt, SQLGetStmtAttr(l.stmt, SQL_ATTR_CONCURRENCY, &concurrency, 0, NULL));
    CHECK_INT(concurrency, SQL_CONCUR_READ_ONLY);
    CHECK_OK(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_LAST, 0));
    CHECK_STATE(l.stmt, SQLSetPos(l.stmt, 1, SQL_DELETE, SQL_LOCK_NO_CHANGE), "HY092");
    link_close(&l);
}

/* ---- data at execution ---------------------------------------------------------------------------------------------- */

static void data_at_execution(void)
{
    struct link l = open_cursor("", "setpos_dae", SQL_CURSOR_STATIC, "select id, name, note from setpos_dae order by id");
    SQLHSTMT other = new_stmt(l.dbc);
    char note[ROWSET][8];
    SQLLEN note_ind[ROWSET];
    SQLPOINTER token = NULL;
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 3, SQL_C_CHAR, note, sizeof note[0], note_ind));
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    for (SQLULEN i = 0; i < ROWSET; i++) {
        note_ind[i] = i % 2 ? SQL_LEN_DATA_AT_EXEC(0) : SQL_COLUMN_IGNORE;
    }
    CHECK_RC(l.stmt, SQLSetPos(l.stmt, 0, SQL_UPDATE, SQL_LOCK_NO_CHANGE), SQL_NEED_DATA);
    int asked = 0;
    SQLRETURN rc;
    while ((rc = SQLParamData(l.stmt, &token)) == SQL_NEED_DATA) {
        CHECK(token == note[asked ? 3 : 1]); /* the row's place in the buffer */
        CHECK_OK(l.stmt, SQLPutData(l.stmt, T("long and "), SQL_NTS));
        CHECK_OK(l.stmt, SQLPutData(l.stmt, T("longer"), SQL_NTS));
        asked++;
    }
    CHECK_RC(l.stmt, rc, SQL_SUCCESS);
    CHECK_INT(asked, 2);
    CHECK_INT(row_count(l.stmt), 4);
    CHECK_INT(status[1], SQL_ROW_UPDATED);
    CHECK_TEXT(query_text(other, "select string_agg(note, ',' order by id) from setpos_dae where id <= 4"), "note 1,long and longer,note 3,long and longer");
    /* Given up: the cursor is where it was. */
    CHECK_RC(l.stmt, SQLSetPos(l.stmt, 2, SQL_UPDATE, SQL_LOCK_NO_CHANGE), SQL_NEED_DATA);
    CHECK_RC(l.stmt, SQLParamData(l.stmt, &token), SQL_NEED_DATA);
    CHECK_OK(l.stmt, SQLCancel(l.stmt));
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_INT(id[0], 5);
    /* A piece that is refused ends it, too. */
    note_ind[0] = SQL_DATA_AT_EXEC;
    CHECK_RC(l.stmt, SQLSetPos(l.stmt, 1, SQL_UPDATE, SQL_LOCK_NO_CHANGE), SQL_NEED_DATA);
    CHECK_RC(l.stmt, SQLParamData(l.stmt, &token), SQL_NEED_DATA);
    CHECK_STATE(l.stmt, SQLPutData(l.stmt, T("x"), -77), "HY090");
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_INT(id[0], 9);
    close_cursor(&l, "setpos_dae");
}

/* ---- transactions --------------------------------------------------------------------------------------------------- */

/* A change that fails costs itself, not the transaction; what is rolled back is as it was. */
static void transactions(void)
{
    struct link l = open_cursor("", "setpos_txn", SQL_CURSOR_STATIC, "select id, name from setpos_txn order by id");
    struct link o = link_open("");
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    set_autocommit(l.dbc, false);
    CHECK_OK(l.stmt, SQLExecDirect(l.stmt, T("select id, name from setpos_txn order by id"), SQL_NTS));
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    write_name(0, "mine");
    CHECK_OK(l.stmt, SQLSetPos(l.stmt, 1, SQL_UPDATE, SQL_LOCK_NO_CHANGE));
    id[1] = 1; /* a key that is taken */
    CHECK_STATE(l.stmt, SQLSetPos(l.stmt, 2, SQL_UPDATE, SQL_LOCK_NO_CHANGE), "23000");
    write_name(2, "mine");
    CHECK_OK(l.stmt, SQLSetPos(l.stmt, 3, SQL_UPDATE, SQL_LOCK_NO_CHANGE));
    CHECK_TEXT(OTHER_NAME(o.stmt, "setpos_txn", 1), "one 1");
    CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_COMMIT));
    CHECK_TEXT(OTHER_NAME(o.stmt, "setpos_txn", 3), "mine");
    /* The cursor lives on behind the COMMIT. */
    write_name(3, "later");
    CHECK_OK(l.stmt, SQLSetPos(l.stmt, 4, SQL_UPDATE, SQL_LOCK_NO_CHANGE));
    CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_ROLLBACK));
    CHECK_TEXT(OTHER_NAME(o.stmt, "setpos_txn", 4), "one 4");
    CHECK_INT(SQLSetPos(l.stmt, 4, SQL_UPDATE, SQL_LOCK_NO_CHANGE), SQL_ERROR);
    link_close(&o);
    close_cursor(&l, "setpos_txn");
}

int main(void)
{
    static const struct test tests[] = {
        {"update and delete", update_and_delete},
        {"the whole rowset", whole_rowset},
        {"columns", columns},
        {"conflicts", conflicts},
        {"keyset-driven", keyset},
        {"which statements", statements},
        {"tables", tables},
        {"keys", keys},
        {"names", names},
        {"switched off", switched_off},
        {"altered", altered},
        {"the widest rows", widest},
        {"data at execution", data_at_execution},
        {"transactions", transactions},
    };
    return run_tests("SQLSetPos", tests, COUNT(tests));
}
