/* SPDX-License-Identifier: Apache-2.0 */
#include "setup/command/rows.h"

#include <stdint.h>
#include <string.h>

#include "base/alloc.h"
#include "setup/command/connection.h"
#include "setup/command/progress.h"
#include "setup/command/terminal.h"

#define BLOCK_BYTES ((size_t)4 << 20) /* of values as long as can be; the driver keeps a copy of a block's rows, whole */
#define BLOCK_ROWS 1000
#define CELL_FIRST ((size_t)128) /* at first, where the longest value is longer */
#define CELL_MOST ((size_t)32 << 10)
#define NUMBER_FIRST ((size_t)48)
#define QUICK_MS 20.0 /* for a block, after which the next one may be larger */
#define SLOW_MS 200.0 /* and the next one is to be smaller, for those who look on */

SQLRETURN aldb_execute(SQLHSTMT stmt, const char *sql)
{
    SQLRETURN rc = SQLExecDirect(stmt, (SQLCHAR *)(uintptr_t)sql, SQL_NTS);
    return rc == SQL_NO_DATA ? SQL_SUCCESS_WITH_INFO : rc;
}

/* The driver's own warnings are that values did not fit their cells, which are read again, and how many warnings there are more; the server's are another matter. */
static bool is_own_warning(const SQLCHAR *state, const char *text)
{
    return memcmp(state, "01", 2) == 0 && strstr(text, "[PostgreSQL]") == NULL;
}

static void tell(SQLHSTMT stmt, bool fetched)
{
    SQLCHAR state[6];
    SQLINTEGER native;
    SQLSMALLINT length = 0;
    struct aldb_buf text;
    aldb_progress_hide();
    aldb_buf_init(&text, ALDB_MAX_MESSAGE);
    for (SQLSMALLINT n = 1; SQL_SUCCEEDED(SQLGetDiagRec(SQL_HANDLE_STMT, stmt, n, state, &native, NULL, 0, &length)); n++) {
        aldb_buf_reset(&text);
        char *room = aldb_buf_reserve(&text, (size_t)length + 1);
        bool good = room != NULL && SQL_SUCCEEDED(SQLGetDiagRec(SQL_HANDLE_STMT, stmt, n, state, &native, (SQLCHAR *)room, (SQLSMALLINT)(length + 1), &length));
        if (!good || !fetched || !is_own_warning(state, room)) {
            (void)aldb_failed("%s %s", (const char *)state, good ? room : "");
        }
    }
    aldb_buf_clear(&text);
}

void aldb_rows_tell(SQLHSTMT stmt)
{
    tell(stmt, false);
}

static char *text_attribute(SQLHSTMT stmt, SQLUSMALLINT column, SQLUSMALLINT what)
{
    struct aldb_buf text;
    SQLSMALLINT length = 0;
    aldb_buf_init(&text, ALDB_MAX_NAME);
    if (SQL_SUCCEEDED(SQLColAttribute(stmt, column, what, NULL, 0, &length, NULL))) {
        char *room = aldb_buf_reserve(&text, (size_t)length + 1);
        if (room != NULL && SQL_SUCCEEDED(SQLColAttribute(stmt, column, what, room, (SQLSMALLINT)(length + 1), &length, NULL))) {
            aldb_buf_commit(&text, strlen(room));
        }
    }
    return aldb_buf_take(&text);
}

static enum aldb_column_kind kind_of(SQLLEN type, const char *name)
{
    switch (type) {
    case SQL_SMALLINT:
    case SQL_INTEGER:
    case SQL_BIGINT:
    case SQL_REAL:
    case SQL_FLOAT:
    case SQL_DOUBLE:
    case SQL_NUMERIC:
    case SQL_DECIMAL:
        return ALDB_COLUMN_NUMBER;
    case SQL_BINARY:
    case SQL_VARBINARY:
    case SQL_LONGVARBINARY:
        return ALDB_COLUMN_BYTES;
    default: /* by its name, since a data source may have booleans as characters */
        return strcmp(name, "bool") == 0 ? ALDB_COLUMN_BOOLEAN : strcmp(name, "json") == 0 || strcmp(name, "jsonb") == 0 ? ALDB_COLUMN_JSON : ALDB_COLUMN_TEXT;
    }
}

static bool describe(struct aldb_rows *r, SQLUSMALLINT number, bool raw)
{
    struct aldb_rows_column *c = &r->columns[number - 1];
    SQLLEN type = SQL_WVARCHAR, octets = 0, display = 0;
    aldb_buf_init(&c->whole, (size_t)ALDB_MAX_VALUE * 2 + 2);
    char *type_name = text_attribute(r->stmt, number, SQL_DESC_TYPE_NAME);
    c->name = text_attribute(r->stmt, number, SQL_DESC_NAME);
    if (type_name == NULL || c->name == NULL) {
        aldb_free(type_name);
        return false;
    }
    (void)SQLColAttribute(r->stmt, number, SQL_DESC_CONCISE_TYPE, NULL, 0, NULL, &type);
    (void)SQLColAttribute(r->stmt, number, SQL_DESC_OCTET_LENGTH, NULL, 0, NULL, &octets);
    (void)SQLColAttribute(r->stmt, number, SQL_DESC_DISPLAY_SIZE, NULL, 0, NULL, &display);
    c->kind = raw ? ALDB_COLUMN_BYTES : kind_of(type, type_name);
    aldb_free(type_name);
    c->c_type = c->kind == ALDB_COLUMN_BYTES ? SQL_C_BINARY : SQL_C_CHAR;
    size_t first = c->kind == ALDB_COLUMN_NUMBER ? NUMBER_FIRST : CELL_FIRST;
    octets = display > octets ? display : octets; /* of numbers and times, the first is what ODBC's structures take */
    c->most = octets > 0 ? (size_t)octets : SIZE_MAX;
    c->cell = c->most < first ? c->most + 1 : first;
    return true;
}

static void free_cells(struct aldb_rows *r)
{
    for (size_t i = 0; i < r->count; i++) {
        aldb_free(r->columns[i].cells);
        aldb_free(r->columns[i].lengths);
        r->columns[i].cells = NULL;
        r->columns[i].lengths = NULL;
    }
}

/* Binds blocks of cells that are as large as they are to be now. False: said why. */
static bool bind(struct aldb_rows *r)
{
    size_t row = 0;
    free_cells(r);
    for (size_t i = 0; i < r->count; i++) {
        row += r->columns[i].most < BLOCK_BYTES ? r->columns[i].most + sizeof(SQLLEN) : BLOCK_BYTES;
    }
    r->most = BLOCK_BYTES / row;
    r->most = r->most < 1 ? 1 : r->most > BLOCK_ROWS ? BLOCK_ROWS : r->most;
    r->size = r->size < 1 ? 1 : r->size; /* it grows */
    for (size_t i = 0; i < r->count; i++) {
        struct aldb_rows_column *c = &r->columns[i];
        c->cells = aldb_alloc_array(r->most, c->cell);
        c->lengths = aldb_alloc_array(r->most, sizeof *c->lengths);
        if (c->cells == NULL || c->lengths == NULL) {
            return aldb_failed_no_memory(), false;
        }
        if (!SQL_SUCCEEDED(SQLBindCol(r->stmt, (SQLUSMALLINT)(i + 1), c->c_type, c->cells, (SQLLEN)c->cell, c->lengths))) {
            return aldb_rows_tell(r->stmt), false;
        }
    }
    if (!SQL_SUCCEEDED(SQLSetStmtAttr(r->stmt, SQL_ATTR_ROW_ARRAY_SIZE, (SQLPOINTER)r->size, 0))
        || !SQL_SUCCEEDED(SQLSetStmtAttr(r->stmt, SQL_ATTR_ROW_STATUS_PTR, r->states, 0))
        || !SQL_SUCCEEDED(SQLSetStmtAttr(r->stmt, SQL_ATTR_ROWS_FETCHED_PTR, &r->fetched, 0))) {
        return aldb_rows_tell(r->stmt), false;
    }
    return true;
}

bool aldb_rows_open(struct aldb_rows *r, SQLHSTMT stmt, bool raw)
{
    SQLSMALLINT count = 0;
    (void)SQLNumResultCols(stmt, &count);
    *r = (struct aldb_rows){.stmt = stmt};
    r->columns = aldb_alloc_array((size_t)count, sizeof *r->columns);
    r->values = aldb_alloc_array((size_t)count, sizeof *r->values);
    r->states = aldb_alloc_array(BLOCK_ROWS, sizeof *r->states);
    bool good = r->columns != NULL && r->values != NULL && r->states != NULL;
    for (r->count = 0; good && r->count < (size_t)count; r->count++) {
        good = describe(r, (SQLUSMALLINT)(r->count + 1), raw);
    }
    if (!good) {
        (void)aldb_failed_no_memory();
    }
    if (!good || !bind(r)) {
        aldb_rows_close(r);
        return false;
    }
    return true;
}

void aldb_rows_close(struct aldb_rows *r)
{
    if (r->stmt != SQL_NULL_HSTMT) {
        (void)SQLFreeStmt(r->stmt, SQL_UNBIND);
        (void)SQLSetStmtAttr(r->stmt, SQL_ATTR_ROW_ARRAY_SIZE, (SQLPOINTER)1, 0);
        (void)SQLSetStmtAttr(r->stmt, SQL_ATTR_ROWS_FETCHED_PTR, NULL, 0);
        (void)SQLSetStmtAttr(r->stmt, SQL_ATTR_ROW_STATUS_PTR, NULL, 0);
    }
    free_cells(r);
    aldb_free(r->states);
    for (size_t i = 0; i < r->count; i++) {
        aldb_buf_clear(&r->columns[i].whole);
        aldb_free(r->columns[i].name);
    }
    aldb_free(r->columns);
    aldb_free(r->values);
    *r = (struct aldb_rows){0};
}

/* A column whose values did not fit gets larger cells, once it is seen by how much. */
static bool widen(struct aldb_rows *r)
{
    bool wider = false;
    for (size_t i = 0; i < r->count; i++) {
        struct aldb_rows_column *c = &r->columns[i];
        if (c->longest >= c->cell && c->cell < CELL_MOST) {
            while (c->cell <= c->longest && c->cell < CELL_MOST) {
                c->cell *= 2;
            }
            wider = true;
        }
        c->longest = 0;
    }
    return !wider || bind(r);
}

/* Of the next block: a large one costs less, a small one is here sooner. */
static bool choose_size(struct aldb_rows *r)
{
    SQLULEN size = r->took < QUICK_MS ? r->size * 2 : r->took > SLOW_MS ? r->size / 2 : r->size;
    size = size < 1 ? 1 : size > r->most ? r->most : size;
    if (size == r->size) {
        return true;
    }
    r->size = size;
    return SQL_SUCCEEDED(SQLSetStmtAttr(r->stmt, SQL_ATTR_ROW_ARRAY_SIZE, (SQLPOINTER)size, 0));
}

static SQLRETURN fetch(struct aldb_rows *r, bool quiet)
{
    if (!widen(r) || (r->fetched > 0 && !choose_size(r))) {
        return SQL_ERROR;
    }
    r->fetched = 0;
    r->at = 0;
    double began = r->most > 1 ? aldb_clock_ms() : 0;
    SQLRETURN rc = SQLFetch(r->stmt);
    r->took = r->most > 1 ? aldb_clock_ms() - began : 0;
    if (rc == SQL_SUCCESS_WITH_INFO && !quiet) {
        tell(r->stmt, true);
    }
    return rc == SQL_SUCCESS_WITH_INFO ? SQL_SUCCESS : rc;
}

/* A value that did not fit, of the row where the statement now stands. */
static SQLRETURN read_whole(struct aldb_rows *r, size_t column)
{
    struct aldb_rows_column *c = &r->columns[column];
    SQLLEN length = c->lengths[r->at];
    size_t terminator = c->c_type == SQL_C_CHAR ? 1 : 0;
    aldb_buf_recycle(&c->whole);
    for (;;) {
        size_t room = length >= 0 ? (size_t)length + terminator : CELL_MOST;
        char *place = aldb_buf_reserve(&c->whole, room);
        if (place == NULL) {
            (void)aldb_failed_no_memory();
            return SQL_ERROR;
        }
        SQLRETURN rc = SQLGetData(r->stmt, (SQLUSMALLINT)(column + 1), c->c_type, place, (SQLLEN)room, &length);
        if (!SQL_SUCCEEDED(rc)) {
            return rc == SQL_NO_DATA ? SQL_SUCCESS : rc;
        }
        bool more = length == SQL_NO_TOTAL || (size_t)length + terminator > room;
        aldb_buf_commit(&c->whole, more ? room - terminator : (size_t)length);
        if (!more) {
            return SQL_SUCCESS;
        }
        length = length == SQL_NO_TOTAL ? length : length - (SQLLEN)(room - terminator);
    }
}

static bool fits(const struct aldb_rows_column *c, SQLLEN length)
{
    return length >= 0 && (size_t)length + (c->c_type == SQL_C_CHAR ? 1 : 0) <= c->cell;
}

static struct aldb_slice value_of(const struct aldb_rows_column *c, struct aldb_slice text)
{
    if (c->kind == ALDB_COLUMN_BOOLEAN && text.len > 0) {
        return text.ptr[0] == '1' || text.ptr[0] == 't' ? aldb_slice("t", 1) : aldb_slice("f", 1);
    }
    return text;
}

SQLRETURN aldb_rows_next(struct aldb_rows *r, bool quiet)
{
    if (r->at >= r->fetched) {
        SQLRETURN rc = r->ended != SQL_SUCCESS ? r->ended : fetch(r, quiet);
        if (rc != SQL_SUCCESS) {
            return r->ended = rc;
        }
    }
    if (r->states[r->at] == SQL_ROW_ERROR) {
        return r->ended = SQL_ERROR;
    }
    bool here = false;
    for (size_t i = 0; i < r->count; i++) {
        struct aldb_rows_column *c = &r->columns[i];
        SQLLEN length = c->lengths[r->at];
        if (length == SQL_NULL_DATA) {
            r->values[i] = aldb_slice(NULL, 0);
            continue;
        }
        if (fits(c, length)) {
            r->values[i] = value_of(c, aldb_slice(c->cells + r->at * c->cell, (size_t)length));
            continue;
        }
        SQLRETURN rc = here || r->size == 1 ? SQL_SUCCESS : SQLSetPos(r->stmt, (SQLSETPOSIROW)(r->at + 1), SQL_POSITION, SQL_LOCK_NO_CHANGE);
        here = true;
        if (!SQL_SUCCEEDED(rc) || !SQL_SUCCEEDED(read_whole(r, i))) {
            return r->ended = SQL_ERROR;
        }
        c->longest = c->whole.len > c->longest ? c->whole.len : c->longest;
        r->values[i] = aldb_slice(aldb_buf_cstr(&c->whole), c->whole.len);
    }
    r->at++;
    return SQL_SUCCESS;
}
