/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Results read in every way at once, against a model that knows each value: several cursors on one connection in turn, bound and unbound, row by row and
 * in blocks, whole and in pieces, in any order, while other statements run, fail, commit and roll back between the pieces. The order is random and always
 * the same.
 */
#include "harness.h"

#include <stdlib.h>

enum { CURSORS = 3, MOST_ROWS = 60, MOST_BYTES = 4096, STEPS = 250 };

struct cursor {
    SQLHSTMT stmt;
    bool open;
    bool rolled_back;   /* a ROLLBACK has closed it */
    bool ended;         /* the last fetch met the end */
    int rows;           /* of the result */
    int next;           /* number of the row that comes next; a row holds its number and text_length(number) letters, or NULL */
    int position;       /* first row of the rowset, 0 = none */
    int size;           /* of a rowset */
    int bound;          /* columns */
    SQLULEN fetched;
    SQLUSMALLINT status[MOST_ROWS];
    SQLINTEGER number[MOST_ROWS];
    SQLLEN number_ind[MOST_ROWS];
    char text[MOST_ROWS][MOST_BYTES];
    SQLLEN text_ind[MOST_ROWS];
};

static uint32_t state;

/* 0 … n - 1 */
static int any(int n)
{
    state = state * 1103515245u + 12345u;
    return (int)((state >> 8) % (uint32_t)n);
}

/* ---- the model ----------------------------------------------------------------------------------------------------- */

#define QUERY "select g, case when g %% 7 <> 0 then repeat(chr(97 + g %% 26), g * 37 %% 4000) end from generate_series(1, %d) g"

static bool is_null(int row)
{
    return row % 7 == 0;
}

static int text_length(int row)
{
    return row * 37 % 4000;
}

static void check_text_of(int row, const char *text, SQLLEN length)
{
    CHECK_INT(length, text_length(row));
    bool same = true;
    for (SQLLEN i = 0; i < length && i < text_length(row); i++) {
        same &= text[i] == 'a' + row % 26;
    }
    CHECK(same);
}

/* ---- what is done -------------------------------------------------------------------------------------------------- */

static void begin(struct cursor *c)
{
    char sql[256];
    c->rows = any(4) ? any(300) : any(6000);
    c->size = any(3) ? 1 : 1 + any(MOST_ROWS);
    c->bound = any(3);
    c->next = 1;
    c->position = 0;
    snprintf(sql, sizeof sql, QUERY, c->rows);
    CHECK_OK(c->stmt, SQLFreeStmt(c->stmt, SQL_UNBIND));
    CHECK_OK(c->stmt, SQLSetStmtAttr(c->stmt, SQL_ATTR_ROW_ARRAY_SIZE, (SQLPOINTER)(SQLULEN)c->size, 0));
    CHECK_OK(c->stmt, SQLSetStmtAttr(c->stmt, SQL_ATTR_ROW_STATUS_PTR, c->status, 0));
    CHECK_OK(c->stmt, SQLSetStmtAttr(c->stmt, SQL_ATTR_ROWS_FETCHED_PTR, &c->fetched, 0));
    if (c->bound > 0) {
        CHECK_OK(c->stmt, SQLBindCol(c->stmt, 1, SQL_C_SLONG, c->number, 0, c->number_ind));
    }
    if (c->bound > 1) {
        CHECK_OK(c->stmt, SQLBindCol(c->stmt, 2, SQL_C_CHAR, c->text, MOST_BYTES, c->text_ind));
    }
    if (any(2)) {
        CHECK_OK(c->stmt, SQLExecDirect(c->stmt, T(sql), SQL_NTS));
    } else {
        CHECK_OK(c->stmt, SQLPrepare(c->stmt, T(sql), SQL_NTS));
        CHECK_OK(c->stmt, SQLExecute(c->stmt));
    }
    c->open = true;
    c->rolled_back = false;
    c->ended = false;
}

static void get_number(struct cursor *c, int row)
{
    SQLINTEGER value = -1;
    CHECK_OK(c->stmt, SQLGetData(c->stmt, 1, SQL_C_SLONG, &value, 0, NULL));
    CHECK_INT(value, row);
}

/* In pieces of one size; `between` is executed behind the first of them. */
static void get_text(struct cursor *c, int row, SQLHSTMT other, const char *between)
{
    char text[MOST_BYTES];
    SQLLEN have = 0;
    SQLLEN left = 0;
    SQLLEN piece = any(2) ? MOST_BYTES : 20 + any(2000);
    for (int i = 0;; i++) {
        SQLLEN room = piece < MOST_BYTES - have ? piece : MOST_BYTES - have;
        SQLRETURN rc = SQLGetData(c->stmt, 2, SQL_C_CHAR, text + have, room, &left);
        if (is_null(row)) {
            CHECK_RC(c->stmt, rc, SQL_SUCCESS);
            CHECK_INT(left, SQL_NULL_DATA);
            return;
        }
        CHECK_INT(left, text_length(row) - have);
        CHECK_RC(c->stmt, rc, left < room ? SQL_SUCCESS : SQL_SUCCESS_WITH_INFO);
        if (rc != SQL_SUCCESS_WITH_INFO) {
            break;
        }
        have += room - 1;
        if (i == 0 && other != NULL) {
            run(other, between);
        }
    }
    check_text_of(row, text, have + left);
}

/* Both columns of the rowset's `index`-th row in either order. */
static void get_row(struct cursor *c, int index, SQLHSTMT other)
{
    int row = c->position + index;
    CHECK_OK(c->stmt, SQLSetPos(c->stmt, (SQLSETPOSIROW)index + 1, SQL_POSITION, SQL_LOCK_NO_CHANGE));
    if (any(2)) {
        get_number(c, row);
        get_text(c, row, any(4) ? NULL : other, "select 1");
    } else {
        get_text(c, row, any(4) ? NULL : other, "select 1");
        get_number(c, row);
    }
}

static void check_bound(struct cursor *c, int index)
{
    int row = c->position + index;
    CHECK_INT(c->status[index], SQL_ROW_SUCCESS);
    if (c->bound > 0) {
        CHECK_INT(c->number[index], row);
    }
    if (c->bound > 1 && is_null(row)) {
        CHECK_INT(c->text_ind[index], SQL_NULL_DATA);
    } else if (c->bound > 1) {
        check_text_of(row, c->text[index], c->text_ind[index]);
    }
}

static void fetch(struct cursor *c, SQLHSTMT other)
{
    if (c->rolled_back && c->ended) {
        CHECK_RC(c->stmt, SQLFetch(c->stmt), SQL_NO_DATA);
        return;
    }
    if (c->rolled_back) {
        CHECK_STATE(c->stmt, SQLFetch(c->stmt), "24000");
        return;
    }
    int left = c->rows - c->next + 1;
    int wanted = left < c->size ? left : c->size;
    SQLRETURN rc = SQLFetch(c->stmt);
    CHECK_RC(c->stmt, rc, wanted > 0 ? SQL_SUCCESS : SQL_NO_DATA);
    CHECK_INT(c->fetched, wanted);
    c->position = wanted > 0 ? c->next : 0;
    c->next += wanted;
    c->ended = wanted < c->size;
    for (int i = 0; i < wanted && rc == SQL_SUCCESS; i++) {
        check_bound(c, i);
    }
    for (int i = 0; i < 2 && wanted > 0 && rc == SQL_SUCCESS; i++) {
        get_row(c, any(wanted), other);
    }
}

/* ---- all of it at once --------------------------------------------------------------------------------------------- */

static void one_round(const char *options, bool manual, uint32_t seed)
{
    struct link l = link_open(options);
    struct cursor *cursors = calloc(CURSORS, sizeof *cursors);
    int stored = 0;
    int committed = 0;
    state = seed;
    for (int i = 0; i < CURSORS; i++) {
        cursors[i].stmt = new_stmt(l.dbc);
    }
    CHECK_OK(l.dbc, SQLSetConnectAttr(l.dbc, SQL_ATTR_AUTOCOMMIT, manual ? SQL_AUTOCOMMIT_OFF : (SQLPOINTER)SQL_AUTOCOMMIT_ON, 0));
    run(l.stmt, "create temp table stored (a int)");
    CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_COMMIT));
    for (int step = 0; step < STEPS && CU_get_number_of_failures() == 0; step++) {
        struct cursor *c = &cursors[any(CURSORS)];
        if (!c->open) {
            begin(c);
            continue;
        }
        switch (any(13)) {
        case 0:
            CHECK_OK(c->stmt, SQLFreeStmt(c->stmt, SQL_CLOSE));
            c->open = false;
            break;
        case 1:
            run(l.stmt, "insert into stored values (1)");
            stored++;
            break;
        case 2:
            CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_COMMIT));
            committed = stored;
            break;
        case 4:
            if (manual && any(3) == 0) {
                run(l.stmt, "rollback"); /* which the driver manager knows nothing of */
                stored = committed;
                for (int i = 0; i < CURSORS; i++) {
                    cursors[i].rolled_back = true;
                }
            }
            break;
        case 3:
            CHECK_STATE(l.stmt, SQLExecDirect(l.stmt, T("select 1/0"), SQL_NTS), "22012");
            break;
        default:
            for (int i = any(8); i >= 0; i--) {
                fetch(c, l.stmt);
            }
            break;
        }
    }
    CHECK_INT(query_int(l.stmt, "select count(*) from stored"), stored);
    for (int i = 0; i < CURSORS; i++) {
        free_stmt(cursors[i].stmt);
    }
    free(cursors);
    link_close(&l);
}

static void streamed(void)
{
    for (uint32_t i = 0; i < 10; i++) {
        one_round("", i % 2 == 1, i * 2654435761u + 9);
    }
}

static void buffered(void)
{
    for (uint32_t i = 0; i < 4; i++) {
        one_round("FetchMode=BUFFER", i % 2 == 1, i * 2654435761u + 10);
    }
}

static void text_results(void)
{
    for (uint32_t i = 0; i < 4; i++) {
        one_round("UseServerSidePrepare=no", i % 2 == 1, i * 2654435761u + 11);
    }
}

int main(void)
{
    static const struct test tests[] = {
        {"streamed", streamed},
        {"FetchMode=BUFFER", buffered},
        {"UseServerSidePrepare=no", text_results},
    };
    return run_tests("interleaved results", tests, COUNT(tests));
}
