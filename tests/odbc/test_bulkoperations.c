/* SPDX-License-Identifier: Apache-2.0 */
/* SQLBulkOperations: adding rows, and updating, deleting and fetching them by their bookmarks. */
#include "rows.h"

enum { ROWS = 5 };

static SQLINTEGER id[ROWS];
static char name[ROWS][24];
static SQLLEN id_ind[ROWS], name_ind[ROWS], mark_ind[ROWS];
static char mark[ROWS][8];
static SQLUSMALLINT status[ROWS];
static SQLULEN fetched;

static void set(SQLHSTMT stmt, SQLINTEGER attribute, SQLULEN value)
{
    CHECK_OK(stmt, SQLSetStmtAttr(stmt, attribute, (SQLPOINTER)value, 0));
}

static struct link open_cursor(const char *table, SQLULEN type, SQLULEN bookmarks)
{
    struct link l = link_open("");
    char text[300];
    snprintf(text, sizeof text, "create temp table %s (id serial primary key, name varchar(20) default 'nobody')", table);
    run(l.stmt, text);
    snprintf(text, sizeof text, "insert into %s (name) select 'one ' || g from generate_series(1, 10) g", table);
    run(l.stmt, text);
    set(l.stmt, SQL_ATTR_CURSOR_TYPE, type);
    set(l.stmt, SQL_ATTR_CONCURRENCY, SQL_CONCUR_ROWVER);
    set(l.stmt, SQL_ATTR_USE_BOOKMARKS, bookmarks);
    set(l.stmt, SQL_ATTR_ROW_ARRAY_SIZE, ROWS);
    set(l.stmt, SQL_ATTR_ROW_STATUS_PTR, (SQLULEN)(uintptr_t)status);
    set(l.stmt, SQL_ATTR_ROWS_FETCHED_PTR, (SQLULEN)(uintptr_t)&fetched);
    if (bookmarks != SQL_UB_OFF) {
        CHECK_OK(l.stmt, SQLBindCol(l.stmt, 0, SQL_C_VARBOOKMARK, mark, sizeof mark[0], mark_ind));
    }
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_SLONG, id, 0, id_ind));
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 2, SQL_C_CHAR, name, sizeof name[0], name_ind));
    snprintf(text, sizeof text, "select id, name from %s order by id", table);
    CHECK_OK(l.stmt, SQLExecDirect(l.stmt, T(text), SQL_NTS));
    return l;
}

static void write_name(SQLULEN row, const char *text)
{
    snprintf(name[row], sizeof name[row], "%s", text);
    name_ind[row] = SQL_NTS;
}

static void add(void)
{
    static const SQLULEN types[] = {SQL_CURSOR_STATIC, SQL_CURSOR_KEYSET_DRIVEN, SQL_CURSOR_FORWARD_ONLY};
    for (size_t t = 0; t < COUNT(types); t++) {
        struct link l = open_cursor("bulk_add", types[t], types[t] == SQL_CURSOR_FORWARD_ONLY ? SQL_UB_OFF : SQL_UB_VARIABLE);
        SQLHSTMT other = new_stmt(l.dbc);
        for (SQLULEN i = 0; i < ROWS; i++) { /* before any fetch */
            id_ind[i] = SQL_COLUMN_IGNORE;
            char text[24];
            snprintf(text, sizeof text, "added %d", (int)i);
            write_name(i, text);
            memset(mark[i], 0, sizeof mark[i]);
        }
        name_ind[3] = SQL_COLUMN_IGNORE; /* its default */
        name_ind[4] = SQL_NULL_DATA;
        CHECK_OK(l.stmt, SQLBulkOperations(l.stmt, SQL_ADD));
        CHECK_INT(row_count(l.stmt), ROWS);
        for (int i = 0; i < ROWS; i++) {
            CHECK_INT(status[i], SQL_ROW_ADDED);
        }
        CHECK_TEXT(query_text(other, "select string_agg(id || coalesce(name, '~'), ',' order by id) from bulk_add where id > 10"),
                   "11added 0,12added 1,13added 2,14nobody,15~");
        if (types[t] == SQL_CURSOR_FORWARD_ONLY) {
            CHECK_OK(l.stmt, SQLFetch(l.stmt));
            CHECK_INT(id[0], 1);
        } else { /* the cursor shows them, at its end, with the values that the server gave them */
            char saved[8];
            CHECK_INT(mark_ind[1], sizeof mark[1]);
            memcpy(saved, mark[1], sizeof saved);
            CHECK_OK(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_LAST, 0));
            CHECK(id[0] == 11 && id[4] == 15);
            CHECK_TEXT(name[3], "nobody");
            CHECK_INT(name_ind[4], SQL_NULL_DATA);
            set(l.stmt, SQL_ATTR_FETCH_BOOKMARK_PTR, (SQLULEN)(uintptr_t)saved);
            CHECK_OK(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_BOOKMARK, 0));
            CHECK_INT(id[0], 12);
            write_name(0, "changed");
            CHECK_OK(l.stmt, SQLSetPos(l.stmt, 1, SQL_UPDATE, SQL_LOCK_NO_CHANGE));
            CHECK_OK(l.stmt, SQLSetPos(l.stmt, 2, SQL_DELETE, SQL_LOCK_NO_CHANGE));
            CHECK_TEXT(query_text(other, "select string_agg(name, ',' order by id) from bulk_add where id > 10"), "added 0,changed,nobody");
            CHECK_RC(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_ABSOLUTE, 16), SQL_NO_DATA);
        }
        link_close(&l);
    }
}

/* Some rows fail: the others are stored, and which is which is said. */
static void bad_rows(void)
{
    struct link l = open_cursor("bulk_bad", SQL_CURSOR_STATIC, SQL_UB_OFF);
    SQLHSTMT other = new_stmt(l.dbc);
    for (SQLULEN i = 0; i < ROWS; i++) {
        id[i] = i == 2 ? 1 : 100 + (SQLINTEGER)i;
        id_ind[i] = 0;
        write_name(i, "x");
    }
    CHECK_INFO(l.stmt, SQLBulkOperations(l.stmt, SQL_ADD), "01S01");
    CHECK(diag_has(l.stmt, "23000"));
    CHECK(status[1] == SQL_ROW_ADDED && status[2] == SQL_ROW_ERROR && status[3] == SQL_ROW_ADDED);
    CHECK_INT(row_count(l.stmt), 4);
    CHECK_INT(query_int(other, "select count(*) from bulk_bad where id > 99"), 4);
    set(l.stmt, SQL_ATTR_ROW_ARRAY_SIZE, 1);
    id[0] = 1;
    CHECK_STATE(l.stmt, SQLBulkOperations(l.stmt, SQL_ADD), "23000");
    link_close(&l);
}

static void by_bookmark(void)
{
    struct link l = open_cursor("bulk_mark", SQL_CURSOR_KEYSET_DRIVEN, SQL_UB_VARIABLE);
    SQLHSTMT other = new_stmt(l.dbc);
    char saved[10][8];
    for (int block = 0; block < 2; block++) {
        CHECK_OK(l.stmt, SQLFetch(l.stmt));
        memcpy(saved[(size_t)block * ROWS], mark, sizeof mark);
    }
    /* Rows 9, 2, 5 of the result, wherever the cursor is. */
    memcpy(mark[0], saved[8], sizeof mark[0]);
    memcpy(mark[1], saved[1], sizeof mark[1]);
    memcpy(mark[2], saved[4], sizeof mark[2]);
    set(l.stmt, SQL_ATTR_ROW_ARRAY_SIZE, 3);
    memset(id, 0, sizeof id);
    fetched = 99;
    run(other, "update bulk_mark set name = 'theirs' where id = 2");
    CHECK_OK(l.stmt, SQLBulkOperations(l.stmt, SQL_FETCH_BY_BOOKMARK));
    CHECK(id[0] == 9 && id[1] == 2 && id[2] == 5);
    CHECK_TEXT(name[1], "theirs");
    CHECK_INT(fetched, 3);
    CHECK_INT(status[1], SQL_ROW_SUCCESS);
    for (SQLULEN i = 0; i < 3; i++) {
        id_ind[i] = SQL_COLUMN_IGNORE;
        write_name(i, "by mark");
    }
    CHECK_OK(l.stmt, SQLBulkOperations(l.stmt, SQL_UPDATE_BY_BOOKMARK));
    CHECK(status[0] == SQL_ROW_UPDATED && status[2] == SQL_ROW_UPDATED);
    CHECK_TEXT(query_text(other, "select string_agg(id::text, ',' order by id) from bulk_mark where name = 'by mark'"), "2,5,9");
    memset(mark[1], 0xee, sizeof mark[1]); /* none of this result */
    CHECK_INFO(l.stmt, SQLBulkOperations(l.stmt, SQL_DELETE_BY_BOOKMARK), "01S01");
    CHECK(diag_has(l.stmt, "HY111"));
    CHECK(status[0] == SQL_ROW_DELETED && status[1] == SQL_ROW_ERROR && status[2] == SQL_ROW_DELETED);
    CHECK_TEXT(query_text(other, "select string_agg(id::text, ',' order by id) from bulk_mark"), "1,2,3,4,6,7,8,10");
    CHECK_INFO(l.stmt, SQLBulkOperations(l.stmt, SQL_FETCH_BY_BOOKMARK), "HY111");
    CHECK_INT(status[0], SQL_ROW_DELETED);
    CHECK_INT(fetched, 2);
    /* Null is none, whatever the buffer holds. */
    memcpy(mark[0], saved[0], sizeof mark[0]);
    memcpy(mark[1], saved[2], sizeof mark[1]);
    memcpy(mark[2], saved[3], sizeof mark[2]);
    mark_ind[1] = SQL_NULL_DATA;
    CHECK_INFO(l.stmt, SQLBulkOperations(l.stmt, SQL_DELETE_BY_BOOKMARK), "01S01");
    CHECK(diag_has(l.stmt, "HY111"));
    CHECK_INT(status[1], SQL_ROW_ERROR);
    CHECK_TEXT(query_text(other, "select string_agg(id::text, ',' order by id) from bulk_mark"), "2,3,6,7,8,10");
    link_close(&l);
}

static void data_at_execution(void)
{
    struct link l = open_cursor("bulk_dae", SQL_CURSOR_STATIC, SQL_UB_OFF);
    SQLHSTMT other = new_stmt(l.dbc);
    SQLPOINTER token = NULL;
    SQLRETURN rc;
    int asked = 0;
    set(l.stmt, SQL_ATTR_ROW_ARRAY_SIZE, 3);
    for (SQLULEN i = 0; i < 3; i++) {
        id_ind[i] = SQL_COLUMN_IGNORE;
        name_ind[i] = i == 1 ? SQL_NULL_DATA : SQL_DATA_AT_EXEC;
    }
    CHECK_RC(l.stmt, SQLBulkOperations(l.stmt, SQL_ADD), SQL_NEED_DATA);
    while ((rc = SQLParamData(l.stmt, &token)) == SQL_NEED_DATA) {
        CHECK(token == name[asked ? 2 : 0]);
        CHECK_OK(l.stmt, SQLPutData(l.stmt, T(asked ? "second" : "first"), SQL_NTS));
        asked++;
    }
    CHECK_RC(l.stmt, rc, SQL_SUCCESS);
    CHECK_INT(row_count(l.stmt), 3);
    CHECK_TEXT(query_text(other, "select string_agg(coalesce(name, '~'), ',' order by id) from bulk_dae where id > 10"), "first,~,second");
    /* Cancelled between: the rows before are stored, in autocommit. */
    CHECK_RC(l.stmt, SQLBulkOperations(l.stmt, SQL_ADD), SQL_NEED_DATA);
    CHECK_OK(l.stmt, SQLCancel(l.stmt));
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_INT(id[0], 1);
    link_close(&l);
}

static void wrong_use(void)
{
    struct link l = open_cursor("bulk_use", SQL_CURSOR_STATIC, SQL_UB_OFF);
    CHECK_STATE(l.stmt, SQLBulkOperations(l.stmt, 99), "HY092");
    CHECK_STATE(l.stmt, SQLBulkOperations(l.stmt, SQL_UPDATE_BY_BOOKMARK), "HY092"); /* they are off */
    CHECK_STATE(l.stmt, SQLBulkOperations(l.stmt, SQL_FETCH_BY_BOOKMARK), "HY092");
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    CHECK_STATE(l.stmt, SQLBulkOperations(l.stmt, SQL_ADD), "HY010");
    set(l.stmt, SQL_ATTR_USE_BOOKMARKS, SQL_UB_VARIABLE);
    query(l.stmt, "select id, name from bulk_use");
    CHECK_STATE(l.stmt, SQLBulkOperations(l.stmt, SQL_DELETE_BY_BOOKMARK), "HY092"); /* column 0 is not bound */
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    set(l.stmt, SQL_ATTR_CONCURRENCY, SQL_CONCUR_READ_ONLY);
    query(l.stmt, "select id, name from bulk_use");
    CHECK_STATE(l.stmt, SQLBulkOperations(l.stmt, SQL_ADD), "HY092"); /* read-only */
    CHECK_INT(SQLBulkOperations(SQL_NULL_HSTMT, SQL_ADD), SQL_INVALID_HANDLE);
    link_close(&l);
}

/* Rows lie one behind the other, and all of them elsewhere. */
static void by_row(void)
{
    struct record {
        SQLLEN id_ind;
        char name[20];
        SQLLEN name_ind;
        SQLINTEGER id;
    } rows[7];
    struct link l = open_cursor("bulk_row", SQL_CURSOR_STATIC, SQL_UB_OFF);
    SQLHSTMT other = new_stmt(l.dbc);
    SQLLEN offset = 2 * sizeof rows[0];
    memset(rows, 0, sizeof rows);
    set(l.stmt, SQL_ATTR_ROW_BIND_TYPE, sizeof rows[0]);
    set(l.stmt, SQL_ATTR_ROW_BIND_OFFSET_PTR, (SQLULEN)(uintptr_t)&offset);
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_SLONG, &rows[0].id, 0, &rows[0].id_ind));
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 2, SQL_C_CHAR, rows[0].name, sizeof rows[0].name, &rows[0].name_ind));
    for (int i = 0; i < 7; i++) {
        rows[i].id = 200 + i;
        snprintf(rows[i].name, sizeof rows[i].name, "row %d", i);
        rows[i].name_ind = SQL_NTS;
    }
    CHECK_OK(l.stmt, SQLBulkOperations(l.stmt, SQL_ADD));
    CHECK_TEXT(query_text(other, "select string_agg(id || name, ',' order by id) from bulk_row where id >= 200"), "202row 2,203row 3,204row 4,205row 5,206row 6");
    link_close(&l);
}

int main(void)
{
    static const struct test tests[] = {
        {"add", add}, {"bad rows", bad_rows}, {"by bookmark", by_bookmark}, {"data at execution", data_at_execution}, {"wrong use", wrong_use}, {"by row", by_row},
    };
    return run_tests("SQLBulkOperations", tests, COUNT(tests));
}
