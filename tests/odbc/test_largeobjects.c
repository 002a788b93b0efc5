/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Large objects: columns of the domain lo, read and written as bytes. The domain is one of the session's own, so that the database's other sessions see nothing of
 * it; PostgreSQL's module makes the same one.
 */
#include "harness.h"

#include <stdlib.h>

enum { MIB = 1 << 20 };

/* ---- helpers --------------------------------------------------------------------------------------------------------- */

static struct link open_link(const char *keywords)
{
    struct link l = link_open(keywords);
    run(l.stmt, "create domain pg_temp.lo as oid; create temp table pictures (id int primary key, image pg_temp.lo)");
    return l;
}

static void close_link(struct link *l)
{
    set_autocommit(l->dbc, true);
    run(l->stmt, "select lo_unlink(image) from pictures where image in (select oid from pg_largeobject_metadata)");
    link_close(l);
}

/* Byte `i` of an object of this kind; no two pieces are alike. */
static unsigned char byte_at(size_t i, unsigned kind)
{
    return (unsigned char)((i * 2654435761u >> 13) + kind);
}

static unsigned char *make_bytes(size_t size, unsigned kind)
{
    unsigned char *bytes = malloc(size + 1);
    for (size_t i = 0; bytes != NULL && i < size; i++) {
        bytes[i] = byte_at(i, kind);
    }
    return bytes;
}

static bool are_bytes(const unsigned char *got, size_t from, size_t size, unsigned kind)
{
    for (size_t i = 0; i < size; i++) {
        if (got[i] != byte_at(from + i, kind)) {
            return false;
        }
    }
    return true;
}

static void bind_int(SQLHSTMT stmt, SQLUSMALLINT n, SQLINTEGER *value)
{
    CHECK_OK(stmt, SQLBindParameter(stmt, n, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, value, 0, NULL));
}

static void bind_bytes(SQLHSTMT stmt, SQLUSMALLINT n, void *bytes, SQLLEN *length)
{
    CHECK_OK(stmt, SQLBindParameter(stmt, n, SQL_PARAM_INPUT, SQL_C_BINARY, SQL_LONGVARBINARY, 0, 0, bytes, *length < 0 ? 0 : *length, length));
}

static void store(SQLHSTMT stmt, SQLINTEGER id, size_t size, unsigned kind)
{
    unsigned char *bytes = make_bytes(size, kind);
    SQLLEN length = (SQLLEN)size;
    bind_int(stmt, 1, &id);
    bind_bytes(stmt, 2, bytes, &length);
    CHECK_OK(stmt, SQLExecDirect(stmt, T("insert into pictures values (?, ?)"), SQL_NTS));
    CHECK_INT(row_count(stmt), 1);
    CHECK_OK(stmt, SQLFreeStmt(stmt, SQL_RESET_PARAMS));
    free(bytes);
}

/* Objects that are this session's: of the test's tables, whatever others make meanwhile. */
static int64_t stored(SQLHSTMT stmt)
{
    return query_int(stmt, "select count(*) from pg_largeobject_metadata where oid in (select image from pictures)");
}

/* The whole object of the current row by SQLGetData in parts of `room` bytes; false where a length, a byte or an end is not what it should be. */
static bool reads_in_parts(SQLHSTMT stmt, SQLUSMALLINT column, size_t size, unsigned kind, size_t room)
{
    unsigned char *part = malloc(room + 1);
    size_t got = 0;
    bool good = part != NULL;
    SQLRETURN rc = SQL_SUCCESS_WITH_INFO;
    while (good && rc == SQL_SUCCESS_WITH_INFO) {
        SQLLEN left = -99;
        part[room] = 0xa5;
        rc = SQLGetData(stmt, column, SQL_C_BINARY, part, (SQLLEN)room, &left);
        size_t n = size - got < room ? size - got : room;
        good = left == (SQLLEN)(size - got) && rc == (size - got <= room ? SQL_SUCCESS : SQL_SUCCESS_WITH_INFO) && are_bytes(part, got, n, kind) && part[room] == 0xa5;
        got += n;
    }
    good = good && got == size && SQLGetData(stmt, column, SQL_C_BINARY, part, (SQLLEN)room, NULL) == SQL_NO_DATA;
    free(part);
    return good;
}

/* ---- what the application is told ------------------------------------------------------------------------------------ */

static void described(void)
{
    struct link l = open_link("");
    SQLCHAR name[64];
    SQLSMALLINT type = 0;
    SQLULEN size = 0;
    SQLSMALLINT digits = -1;
    SQLSMALLINT nullable = -1;
    SQLLEN number = 0;
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("select id, image, image::oid, image as again from pictures where id = ? or image = ?"), SQL_NTS));
    CHECK_OK(l.stmt, SQLDescribeCol(l.stmt, 2, name, sizeof name, NULL, &type, &size, &digits, &nullable));
    CHECK_TEXT(name, "image");
    CHECK_INT(type, SQL_LONGVARBINARY);
    CHECK(size > 1000000);
    CHECK_INT(nullable, SQL_NULLABLE);
    CHECK_OK(l.stmt, SQLColAttribute(l.stmt, 2, SQL_DESC_TYPE_NAME, name, sizeof name, NULL, NULL));
    CHECK_TEXT(name, "lo");
    CHECK_OK(l.stmt, SQLColAttribute(l.stmt, 2, SQL_DESC_SEARCHABLE, NULL, 0, NULL, &number));
    CHECK_INT(number, SQL_PRED_NONE);
    CHECK_OK(l.stmt, SQLColAttribute(l.stmt, 2, SQL_DESC_UNSIGNED, NULL, 0, NULL, &number));
    CHECK_INT(number, SQL_TRUE);
    /* What is no column of the table is a number. */
    CHECK_OK(l.stmt, SQLDescribeCol(l.stmt, 3, NULL, 0, NULL, &type, NULL, NULL, NULL));
    CHECK_INT(type, SQL_INTEGER);
    CHECK_OK(l.stmt, SQLDescribeCol(l.stmt, 4, NULL, 0, NULL, &type, NULL, NULL, NULL));
    CHECK_INT(type, SQL_LONGVARBINARY);
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("insert into pictures values (?, ?)"), SQL_NTS));
    CHECK_OK(l.stmt, SQLDescribeParam(l.stmt, 2, &type, NULL, NULL, NULL));
    CHECK_INT(type, SQL_LONGVARBINARY);
    SQLINTEGER id = 1;
    SQLLEN length = 3;
    bind_int(l.stmt, 1, &id);
    bind_bytes(l.stmt, 2, T("abc"), &length);
    CHECK_OK(l.stmt, SQLExecute(l.stmt));
    CHECK_OK(l.stmt, SQLDescribeParam(l.stmt, 2, &type, NULL, NULL, NULL)); /* and with them bound */
    CHECK_INT(type, SQL_LONGVARBINARY);
    CHECK_OK(l.stmt, SQLDescribeParam(l.stmt, 1, &type, NULL, NULL, NULL));
    CHECK_INT(type, SQL_INTEGER);
    close_link(&l);
}

static void in_the_catalog(void)
{
    struct link l = open_link("");
    SQLINTEGER type = 0;
    SQLCHAR name[64];
    CHECK_OK(l.stmt, SQLColumns(l.stmt, NULL, 0, NULL, 0, T("pictures"), SQL_NTS, T("image"), SQL_NTS));
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_OK(l.stmt, SQLGetData(l.stmt, 5, SQL_C_SLONG, &type, 0, NULL));
    CHECK_INT(type, SQL_LONGVARBINARY);
    CHECK_OK(l.stmt, SQLGetData(l.stmt, 6, SQL_C_CHAR, name, sizeof name, NULL));
    CHECK_TEXT(name, "lo");
    CHECK_RC(l.stmt, SQLFetch(l.stmt), SQL_NO_DATA);
    CHECK_OK(l.stmt, SQLCloseCursor(l.stmt));
    int found = 0;
    int bytea = 0;
    CHECK_OK(l.stmt, SQLGetTypeInfo(l.stmt, SQL_LONGVARBINARY));
    while (SQLFetch(l.stmt) == SQL_SUCCESS) {
        CHECK_OK(l.stmt, SQLGetData(l.stmt, 1, SQL_C_CHAR, name, sizeof name, NULL));
        found += strcmp((char *)name, "lo") == 0;
        bytea += found == 0 && strcmp((char *)name, "bytea") == 0; /* the better match stands first */
    }
    CHECK_INT(found, 1);
    CHECK_INT(bytea, 1);
    CHECK_OK(l.stmt, SQLCloseCursor(l.stmt));
    close_link(&l);
}

/* ---- writing and reading --------------------------------------------------------------------------------------------- */

static void in_parts(void)
{
    static const size_t sizes[] = {0, 1, 2047, 2048, 2049, 262143, 262144, 262145, 700001};
    static const size_t rooms[] = {1, 1000, 4096, 262144, 1 << 20};
    struct link l = open_link("");
    for (size_t i = 0; i < COUNT(sizes); i++) {
        store(l.stmt, (SQLINTEGER)i, sizes[i], (unsigned)i);
    }
    for (size_t r = 0; r < COUNT(rooms); r++) {
        query(l.stmt, "select id, image from pictures order by id");
        for (size_t i = 0; i < COUNT(sizes); i++) {
            CHECK_OK(l.stmt, SQLFetch(l.stmt));
            bool soon = sizes[i] / rooms[r] < 3000; /* a call a byte is for the small ones */
            CHECK(!soon || reads_in_parts(l.stmt, 2, sizes[i], (unsigned)i, rooms[r]));
        }
        CHECK_RC(l.stmt, SQLFetch(l.stmt), SQL_NO_DATA);
        CHECK_OK(l.stmt, SQLCloseCursor(l.stmt));
    }
    CHECK_INT(stored(l.stmt), COUNT(sizes));
    close_link(&l);
}

static void as_characters(void)
{
    struct link l = open_link("");
    SQLCHAR text[16];
    SQLWCHAR units[8];
    SQLLEN length = 0;
    SQLINTEGER id = 1;
    SQLLEN given = SQL_NTS;
    bind_int(l.stmt, 1, &id);
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 2, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_LONGVARBINARY, 0, 0, T("00ff10a5"), 0, &given));
    CHECK_OK(l.stmt, SQLExecDirect(l.stmt, T("insert into pictures values (?, ?)"), SQL_NTS));
    query(l.stmt, "select image from pictures");
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_OK(l.stmt, SQLGetData(l.stmt, 1, SQL_C_CHAR, text, sizeof text, &length));
    CHECK_TEXT(text, "00FF10A5");
    CHECK_INT(length, 8);
    CHECK_INFO(l.stmt, SQLGetData(l.stmt, 1, SQL_C_WCHAR, units, sizeof units - 2, &length), "01004");
    CHECK_TEXT(narrow(units), "00FF10");
    CHECK_INT(length, 16);
    CHECK_OK(l.stmt, SQLGetData(l.stmt, 1, SQL_C_WCHAR, units, sizeof units, &length));
    CHECK_TEXT(narrow(units), "A5");
    CHECK_INT(length, 4);
    CHECK_RC(l.stmt, SQLGetData(l.stmt, 1, SQL_C_WCHAR, units, sizeof units, &length), SQL_NO_DATA);
    /* The length alone; and the default is bytes. */
    CHECK_INFO(l.stmt, SQLGetData(l.stmt, 1, SQL_C_BINARY, text, 0, &length), "01004");
    CHECK_INT(length, 4);
    CHECK_OK(l.stmt, SQLGetData(l.stmt, 1, SQL_C_BINARY, text, sizeof text, &length));
    CHECK(length == 4 && memcmp(text, "\x00\xff\x10\xa5", 4) == 0);
    CHECK_OK(l.stmt, SQLGetData(l.stmt, 1, SQL_C_DEFAULT, text, sizeof text, &length));
    CHECK_INT(length, 4);
    CHECK_STATE(l.stmt, SQLGetData(l.stmt, 1, SQL_C_TYPE_DATE, text, sizeof text, &length), "07006");
    CHECK_OK(l.stmt, SQLCloseCursor(l.stmt));
    close_link(&l);
}

static void nulls(void)
{
    struct link l = open_link("");
    SQLINTEGER id = 1;
    SQLLEN length = SQL_NULL_DATA;
    SQLCHAR bytes[4];
    bind_int(l.stmt, 1, &id);
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 2, SQL_PARAM_INPUT, SQL_C_BINARY, SQL_LONGVARBINARY, 0, 0, bytes, 0, &length));
    CHECK_OK(l.stmt, SQLExecDirect(l.stmt, T("insert into pictures values (?, ?)"), SQL_NTS));
    CHECK_INT(query_int(l.stmt, "select count(*) from pictures where image is null"), 1);
    query(l.stmt, "select image from pictures");
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    length = 0;
    CHECK_OK(l.stmt, SQLGetData(l.stmt, 1, SQL_C_BINARY, bytes, sizeof bytes, &length));
    CHECK_INT(length, SQL_NULL_DATA);
    CHECK_STATE(l.stmt, SQLGetData(l.stmt, 1, SQL_C_CHAR, bytes, sizeof bytes, NULL), "22002");
    CHECK_OK(l.stmt, SQLCloseCursor(l.stmt));
    close_link(&l);
}

/* More than is read at once; into buffers that hold it, or less. */
static void bound(void)
{
    enum { SIZE = 9 * MIB + 17 };
    struct link l = open_link("");
    unsigned char *bytes = malloc(SIZE + 16);
    SQLCHAR *text = malloc(2 * SIZE + 1);
    SQLLEN lengths[2] = {-99, -99};
    char prefix[8];
    store(l.stmt, 1, SIZE, 3);
    store(l.stmt, 2, 2, 4);
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_BINARY, bytes, SIZE + 16, &lengths[0]));
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 2, SQL_C_CHAR, prefix, sizeof prefix, &lengths[1]));
    query(l.stmt, "select image, image from pictures order by id");
    CHECK_INFO(l.stmt, SQLFetch(l.stmt), "01004");
    CHECK_INT(lengths[0], SIZE);
    CHECK(are_bytes(bytes, 0, SIZE, 3));
    CHECK_INT(lengths[1], 2 * SIZE);
    CHECK_INT(strlen(prefix), 6);
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_INT(lengths[0], 2);
    CHECK(are_bytes(bytes, 0, 2, 4));
    CHECK_INT(lengths[1], 4);
    CHECK_RC(l.stmt, SQLFetch(l.stmt), SQL_NO_DATA);
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_UNBIND));
    /* The length without a buffer; a buffer that ends with the object; one that is a byte short; its text as a whole. */
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_BINARY, NULL, 0, &lengths[0]));
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 2, SQL_C_CHAR, text, 2 * SIZE + 1, &lengths[1]));
    query(l.stmt, "select image, image from pictures where id = 1");
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_INT(lengths[0], SIZE);
    CHECK_INT(lengths[1], 2 * SIZE);
    char last[8];
    snprintf(last, sizeof last, "%02X%02X", byte_at(SIZE - 2, 3), byte_at(SIZE - 1, 3));
    CHECK_TEXT(text + 2 * (SIZE - 2), last);
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    for (int spare = 0; spare <= 1; spare++) {
        CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_BINARY, bytes, SIZE - spare, &lengths[0]));
        CHECK_OK(l.stmt, SQLBindCol(l.stmt, 2, SQL_C_CHAR, NULL, 0, NULL));
        bytes[SIZE - 1] = (unsigned char)(byte_at(SIZE - 1, 3) + 1);
        query(l.stmt, "select image, 1 from pictures where id = 1");
        CHECK_RC(l.stmt, SQLFetch(l.stmt), spare ? SQL_SUCCESS_WITH_INFO : SQL_SUCCESS);
        CHECK_INT(lengths[0], SIZE);
        CHECK(are_bytes(bytes, 0, SIZE - (size_t)spare, 3));
        CHECK_INT(bytes[SIZE - 1] == byte_at(SIZE - 1, 3), !spare);
        CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    }
    free(bytes);
    free(text);
    close_link(&l);
}

static void limited(void)
{
    struct link l = open_link("");
    unsigned char bytes[64];
    SQLLEN length = -99;
    store(l.stmt, 1, 50, 9);
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_MAX_LENGTH, (SQLPOINTER)20, 0));
    query(l.stmt, "select image from pictures");
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_INFO(l.stmt, SQLGetData(l.stmt, 1, SQL_C_BINARY, bytes, 15, &length), "01004");
    CHECK_INT(length, 20);
    CHECK_OK(l.stmt, SQLGetData(l.stmt, 1, SQL_C_BINARY, bytes + 15, 15, &length));
    CHECK_INT(length, 5);
    CHECK(are_bytes(bytes, 0, 20, 9));
    CHECK_RC(l.stmt, SQLGetData(l.stmt, 1, SQL_C_BINARY, bytes, 15, &length), SQL_NO_DATA);
    CHECK_OK(l.stmt, SQLCloseCursor(l.stmt));
    close_link(&l);
}

/* ---- numbers --------------------------------------------------------------------------------------------------------- */

static void by_number(void)
{
    struct link l = open_link("");
    SQLUINTEGER number = 0;
    SQLINTEGER id = 2;
    SQLCHAR bytes[16];
    SQLLEN length = 0;
    store(l.stmt, 1, 10, 1);
    query(l.stmt, "select image from pictures");
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_OK(l.stmt, SQLGetData(l.stmt, 1, SQL_C_ULONG, &number, 0, NULL));
    CHECK_OK(l.stmt, SQLGetData(l.stmt, 1, SQL_C_BINARY, bytes, sizeof bytes, &length)); /* both, of one cell */
    CHECK(length == 10 && are_bytes(bytes, 0, 10, 1));
    CHECK_OK(l.stmt, SQLCloseCursor(l.stmt));
    CHECK_INT(number, query_int(l.stmt, "select image::oid from pictures"));
    /* A number is stored as one: a second row with the same object, which a comparison finds. */
    bind_int(l.stmt, 1, &id);
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 2, SQL_PARAM_INPUT, SQL_C_ULONG, SQL_BIGINT, 0, 0, &number, 0, NULL));
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("insert into pictures values (?, ?)"), SQL_NTS));
    CHECK_OK(l.stmt, SQLExecute(l.stmt));
    CHECK_INT(stored(l.stmt), 1);
    CHECK_INT(query_int(l.stmt, "select count(distinct image) * 10 + count(*) from pictures"), 12);
    /* The same text again with bytes, with nothing, and with the number. */
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("insert into pictures values (?, ?)"), SQL_NTS));
    for (id = 3; id < 9; id++) {
        SQLLEN three = id % 3 == 1 ? SQL_NULL_DATA : 3;
        if (id % 3 == 2) {
            CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 2, SQL_PARAM_INPUT, SQL_C_ULONG, SQL_BIGINT, 0, 0, &number, 0, NULL));
        } else {
            bind_bytes(l.stmt, 2, T("abc"), &three);
        }
        CHECK_OK(l.stmt, SQLExecute(l.stmt));
    }
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_RESET_PARAMS));
    CHECK_TEXT(query_text(l.stmt, "select string_agg(coalesce(convert_from(lo_get(image), 'SQL_ASCII'), '-'), ' ' order by id) from pictures where id in (3, 4, 6, 7)"),
               "abc - abc -");
    CHECK_INT(query_int(l.stmt, "select count(*) from pictures p where image = (select image from pictures where id = 1)"), 4);
    close_link(&l);
}

/* ---- in statements --------------------------------------------------------------------------------------------------- */

/* An object for each row that gets one, and none for nothing. */
static void statements(void)
{
    struct link l = open_link("");
    SQLLEN length = 3;
    int64_t before = query_int(l.stmt, "select count(*) from pg_largeobject_metadata m join pg_roles r on r.oid = m.lomowner where r.rolname = current_user");
    run(l.stmt, "insert into pictures select g, null from generate_series(1, 3) g");
    bind_bytes(l.stmt, 1, T("one"), &length);
    CHECK_RC(l.stmt, SQLExecDirect(l.stmt, T("update pictures set image = ? where id > 7"), SQL_NTS), SQL_NO_DATA);
    CHECK_INT(stored(l.stmt), 0);
    CHECK_OK(l.stmt, SQLExecDirect(l.stmt, T("update pictures set image = ? where id > 1"), SQL_NTS));
    CHECK_INT(row_count(l.stmt), 2);
    CHECK_INT(stored(l.stmt), 2);
    CHECK_INT(query_int(l.stmt, "select count(distinct image) from pictures"), 2);
    /* Rolled back with everything else. */
    set_autocommit(l.dbc, false);
    CHECK_OK(l.stmt, SQLExecDirect(l.stmt, T("update pictures set image = ? where id = 1"), SQL_NTS));
    CHECK_INT(stored(l.stmt), 3);
    CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_ROLLBACK));
    set_autocommit(l.dbc, true);
    CHECK_INT(stored(l.stmt), 2);
    /* A failed statement leaves none, either. */
    SQLINTEGER id = 1;
    bind_int(l.stmt, 1, &id);
    bind_bytes(l.stmt, 2, T("two"), &length);
    CHECK_STATE(l.stmt, SQLExecDirect(l.stmt, T("insert into pictures values (?, ?)"), SQL_NTS), "23000");
    /* RETURNING, a cast, several statements in one text, a marker beside what looks like one. */
    id = 10;
    CHECK_OK(l.stmt, SQLExecDirect(l.stmt, T("insert into pictures values (?, ?::pg_temp.lo) returning image, '?'"), SQL_NTS));
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    SQLCHAR bytes[8];
    CHECK_OK(l.stmt, SQLGetData(l.stmt, 1, SQL_C_BINARY, bytes, sizeof bytes, &length));
    CHECK(length == 3 && memcmp(bytes, "two", 3) == 0);
    CHECK_OK(l.stmt, SQLCloseCursor(l.stmt));
    SQLINTEGER other = 11;
    length = 3;
    id = 12;
    bind_int(l.stmt, 3, &other);
    bind_bytes(l.stmt, 4, T("six"), &length);
    CHECK_OK(l.stmt, SQLExecDirect(l.stmt, T("insert into pictures values (?, ?); insert into pictures (image, id) select y.b, y.a from (values (?, ?)) x(a, b), "
                                             "lateral (select x.a, null::pg_temp.lo) y(a, b)"), SQL_NTS));
    CHECK_OK(l.stmt, SQLMoreResults(l.stmt));
    CHECK_RC(l.stmt, SQLMoreResults(l.stmt), SQL_NO_DATA);
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_RESET_PARAMS));
    CHECK_INT(stored(l.stmt), 4);
    run(l.stmt, "select lo_unlink(image) from pictures where image is not null");
    CHECK_INT(query_int(l.stmt, "select count(*) from pg_largeobject_metadata m join pg_roles r on r.oid = m.lomowner where r.rolname = current_user"), before);
    run(l.stmt, "delete from pictures");
    close_link(&l);
}

/* Arrays of parameters, with the bytes at hand and sent in parts. */
static void arrays(void)
{
    enum { ROWS = 40, ROOM = 64 };
    struct link l = open_link("");
    SQLINTEGER ids[ROWS];
    unsigned char bytes[ROWS][ROOM];
    SQLLEN lengths[ROWS];
    SQLUSMALLINT status[ROWS];
    SQLULEN processed = 0;
    for (int i = 0; i < ROWS; i++) {
        ids[i] = i;
        lengths[i] = i % 7 == 6 ? SQL_NULL_DATA : i;
        for (size_t k = 0; k < ROOM; k++) {
            bytes[i][k] = byte_at(k, (unsigned)i);
        }
    }
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_PARAMSET_SIZE, (SQLPOINTER)ROWS, 0));
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_PARAM_STATUS_PTR, status, 0));
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_PARAMS_PROCESSED_PTR, &processed, 0));
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, ids, 0, NULL));
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 2, SQL_PARAM_INPUT, SQL_C_BINARY, SQL_VARBINARY, ROOM, 0, bytes, ROOM, lengths));
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("insert into pictures values (?, ?)"), SQL_NTS));
    CHECK_OK(l.stmt, SQLExecute(l.stmt));
    CHECK_INT(processed, ROWS);
    CHECK_INT(row_count(l.stmt), ROWS);
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_PARAMSET_SIZE, (SQLPOINTER)3, 0));
    for (int i = 0; i < 3; i++) {
        ids[i] = ROWS + i;
        lengths[i] = SQL_DATA_AT_EXEC;
    }
    CHECK_RC(l.stmt, SQLExecute(l.stmt), SQL_NEED_DATA);
    SQLPOINTER token = NULL;
    for (int i = 0; i < 3; i++) {
        CHECK_RC(l.stmt, SQLParamData(l.stmt, &token), SQL_NEED_DATA);
        CHECK_OK(l.stmt, SQLPutData(l.stmt, T("more "), 5));
        CHECK_OK(l.stmt, SQLPutData(l.stmt, T("data"), 4));
    }
    CHECK_OK(l.stmt, SQLParamData(l.stmt, &token));
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_RESET_PARAMS));
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_PARAMSET_SIZE, (SQLPOINTER)1, 0));
    CHECK_INT(query_int(l.stmt, "select count(*) from pictures where id >= 40 and lo_get(image) = 'more data'"), 3);

    /* And in one rowset of several rows. */
    memset(bytes, 0, sizeof bytes);
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_ROW_ARRAY_SIZE, (SQLPOINTER)ROWS, 0));
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 2, SQL_C_BINARY, bytes, ROOM, lengths));
    query(l.stmt, "select id, image from pictures order by id");
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    for (int i = 0; i < ROWS; i++) {
        CHECK_INT(lengths[i], i % 7 == 6 ? SQL_NULL_DATA : i);
        CHECK(lengths[i] < 0 || are_bytes(bytes[i], 0, (size_t)i, (unsigned)i));
    }
    CHECK_OK(l.stmt, SQLCloseCursor(l.stmt));
    close_link(&l);
}

/* ---- what is not there ----------------------------------------------------------------------------------------------- */

static void gone(const char *keywords)
{
    struct link l = open_link(keywords);
    SQLCHAR bytes[3][8];
    SQLLEN lengths[3];
    SQLUSMALLINT status[3];
    SQLULEN fetched = 0;
    store(l.stmt, 1, 5, 1);
    run(l.stmt, "insert into pictures values (2, 1)"); /* a number that no user's object has */
    store(l.stmt, 3, 5, 3);
    set_autocommit(l.dbc, false);
    run(l.stmt, "create temp table kept (a int)");
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_ROW_ARRAY_SIZE, (SQLPOINTER)3, 0));
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_ROW_STATUS_PTR, status, 0));
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_ROWS_FETCHED_PTR, &fetched, 0));
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 2, SQL_C_BINARY, bytes, sizeof bytes[0], lengths));
    query(l.stmt, "select id, image from pictures order by id");
    CHECK_RC(l.stmt, SQLFetch(l.stmt), SQL_SUCCESS_WITH_INFO);
    CHECK_TEXT(diag_state(l.stmt, 1), "42000");
    CHECK_CONTAINS(diag_message(l.stmt, 1), "large object 1 does not exist");
    SQLLEN at = 0;
    CHECK_OK(l.stmt, SQLGetDiagField(SQL_HANDLE_STMT, l.stmt, 1, SQL_DIAG_ROW_NUMBER, &at, 0, NULL));
    CHECK_INT(at, 2);
    SQLINTEGER column = 0;
    CHECK_OK(l.stmt, SQLGetDiagField(SQL_HANDLE_STMT, l.stmt, 1, SQL_DIAG_COLUMN_NUMBER, &column, 0, NULL));
    CHECK_INT(column, 2);
    CHECK_INT(fetched, 3);
    CHECK_INT(status[0], SQL_ROW_SUCCESS);
    CHECK_INT(status[1], SQL_ROW_ERROR);
    CHECK_INT(status[2], SQL_ROW_SUCCESS);
    CHECK(are_bytes(bytes[2], 0, 5, 3));
    CHECK_OK(l.stmt, SQLSetPos(l.stmt, 2, SQL_POSITION, SQL_LOCK_NO_CHANGE));
    CHECK_STATE(l.stmt, SQLGetData(l.stmt, 2, SQL_C_BINARY, bytes, 8, NULL), "42000");
    SQLINTEGER number = 0;
    CHECK_OK(l.stmt, SQLGetData(l.stmt, 2, SQL_C_SLONG, &number, 0, NULL));
    CHECK_INT(number, 1);
    CHECK_OK(l.stmt, SQLCloseCursor(l.stmt));
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_UNBIND));
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_ROW_ARRAY_SIZE, (SQLPOINTER)1, 0));
    CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_COMMIT)); /* the transaction is whole */
    CHECK_INT(query_int(l.stmt, "select count(*) from kept"), 0);
    close_link(&l);
}

static void gone_by_default(void)
{
    gone("");
}

static void gone_without_server_prepare(void)
{
    gone("UseServerSidePrepare=0");
}

/* ---- cursors --------------------------------------------------------------------------------------------------------- */

static void scrolled_and_changed(void)
{
    struct link l = open_link("");
    SQLINTEGER id = 0;
    unsigned char bytes[32];
    SQLLEN id_length = 0;
    SQLLEN length = 0;
    for (SQLINTEGER i = 1; i <= 4; i++) {
        store(l.stmt, i, (size_t)i, (unsigned)i);
    }
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_CURSOR_TYPE, (SQLPOINTER)SQL_CURSOR_KEYSET_DRIVEN, 0));
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_CONCURRENCY, (SQLPOINTER)SQL_CONCUR_ROWVER, 0));
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_SLONG, &id, 0, &id_length));
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 2, SQL_C_BINARY, bytes, sizeof bytes, &length));
    query(l.stmt, "select id, image from pictures order by id");
    CHECK_OK(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_LAST, 0));
    CHECK(id == 4 && length == 4 && are_bytes(bytes, 0, 4, 4));
    CHECK_OK(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_FIRST, 0));
    CHECK(id == 1 && length == 1 && are_bytes(bytes, 0, 1, 1));
    memcpy(bytes, "changed", 7);
    length = 7;
    CHECK_OK(l.stmt, SQLSetPos(l.stmt, 1, SQL_UPDATE, SQL_LOCK_NO_CHANGE));
    id = 5;
    memcpy(bytes, "added", 5);
    length = 5;
    CHECK_OK(l.stmt, SQLBulkOperations(l.stmt, SQL_ADD));
    CHECK_OK(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_ABSOLUTE, 1));
    CHECK(length == 7 && memcmp(bytes, "changed", 7) == 0);
    CHECK_OK(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_LAST, 0));
    CHECK(id == 5 && length == 5 && memcmp(bytes, "added", 5) == 0);
    CHECK_OK(l.stmt, SQLCloseCursor(l.stmt));
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_UNBIND));
    /* Bound as numbers they are numbers, of a row that is changed too. */
    SQLUINTEGER number = 0;
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 2, SQL_C_ULONG, &number, 0, &length));
    query(l.stmt, "select id, image from pictures order by id");
    CHECK_OK(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_FIRST, 0));
    SQLUINTEGER first = number;
    CHECK_OK(l.stmt, SQLFetchScroll(l.stmt, SQL_FETCH_NEXT, 0));
    CHECK(number != first);
    number = first;
    CHECK_OK(l.stmt, SQLSetPos(l.stmt, 1, SQL_UPDATE, SQL_LOCK_NO_CHANGE));
    CHECK_OK(l.stmt, SQLCloseCursor(l.stmt));
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_UNBIND));
    CHECK_INT(query_int(l.stmt, "select count(distinct image) from pictures"), 4);
    close_link(&l);
}

/* Objects are read while the result they stand in has not ended, and another statement's has not either. */
static void beside_streams(void)
{
    struct link l = open_link("");
    SQLHSTMT other = new_stmt(l.dbc);
    SQLINTEGER g = 0;
    store(l.stmt, 1, 100000, 1);
    store(l.stmt, 2, 3, 2);
    query(other, "select g from generate_series(1, 200000) g");
    query(l.stmt, "select g, image from pictures, generate_series(1, 50000) g where id = 1 or g = 50000 order by id, g");
    CHECK_OK(other, SQLFetch(other));
    for (int i = 1; i <= 3; i++) {
        CHECK_OK(l.stmt, SQLFetch(l.stmt));
        CHECK(reads_in_parts(l.stmt, 2, 100000, 1, 30000));
        CHECK_OK(l.stmt, SQLGetData(l.stmt, 1, SQL_C_SLONG, &g, 0, NULL));
        CHECK_INT(g, i);
    }
    int64_t rows = 3;
    while (SQLFetch(l.stmt) == SQL_SUCCESS) {
        rows++;
    }
    CHECK_INT(rows, 50001);
    rows = 1;
    while (SQLFetch(other) == SQL_SUCCESS) {
        rows++;
    }
    CHECK_INT(rows, 200000);
    free_stmt(other);
    CHECK_OK(l.stmt, SQLCloseCursor(l.stmt));
    close_link(&l);
}

int main(void)
{
    static const struct test tests[] = {
        {"columns and parameters are described", described},
        {"the catalog says the same", in_the_catalog},
        {"in parts", in_parts},
        {"as characters", as_characters},
        {"null", nulls},
        {"into bound buffers", bound},
        {"SQL_ATTR_MAX_LENGTH", limited},
        {"numbers", by_number},
        {"statements", statements},
        {"arrays and data at execution", arrays},
        {"objects that are gone", gone_by_default},
        {"objects that are gone, without plans at the server", gone_without_server_prepare},
        {"scrolled and changed", scrolled_and_changed},
        {"beside streams", beside_streams},
    };
    return run_tests("large objects", tests, COUNT(tests));
}
