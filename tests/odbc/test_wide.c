/* SPDX-License-Identifier: Apache-2.0 */
/*
 * UTF-16 and UTF-8: every function that carries strings, with characters of one to four bytes, lengths in the right unit, short buffers, and halves of
 * characters refused. Called in the driver itself too, since the driver manager converts some of it.
 */
#include "direct.h"

#define NAME "Tablé_表_😀"   /* 9 characters, 10 units, 15 bytes */
#define UNITS 10
#define BYTES 15

static const SQLWCHAR lone_high[] = {'a', 0xD83D, 'b', 0};
static const SQLWCHAR lone_low[] = {'a', 0xDE00, 'b', 0};
static const SQLWCHAR high_at_end[] = {'a', 0xD83D, 0};
static const SQLWCHAR swapped[] = {0xDE00, 0xD83D, 0};

#define UNCONST(text) ((SQLWCHAR *)(uintptr_t)(text))

static struct link wide_link(void)
{
    struct link l = link_new(SQL_OV_ODBC3_80);
    CHECK_OK(l.dbc, SQLDriverConnectW(l.dbc, NULL, wide(connstr(";")), SQL_NTS, NULL, 0, NULL, SQL_DRIVER_NOPROMPT));
    l.stmt = new_stmt(l.dbc);
    return l;
}

static void lengths_of_the_test(void)
{
    SQLSMALLINT n = 0;
    for (const SQLWCHAR *p = wide(NAME); *p; p++) {
        n++;
    }
    CHECK_INT(n, UNITS);
    CHECK_INT(strlen(NAME), BYTES);
}

/* ---- statements ---------------------------------------------------------------------------------------------------- */

static void statements(void)
{
    struct link l = wide_link();
    SQLWCHAR text[64];
    SQLLEN length = 0;
    CHECK_OK(l.stmt, SQLExecDirectW(l.stmt, wide("create temp table \"" NAME "\" (\"" NAME "\" text)"), SQL_NTS));
    CHECK_OK(l.stmt, SQLExecDirectW(l.stmt, wide("insert into \"" NAME "\" values ('ü😀') garbage behind the length"), 39));
    CHECK_OK(l.stmt, SQLPrepareW(l.stmt, wide("select \"" NAME "\", '" NAME "' as \"é\" from \"" NAME "\" where \"" NAME "\" = ?"), SQL_NTS));
    SQLWCHAR *value = wide("ü😀");
    SQLLEN value_length = 3 * sizeof(SQLWCHAR);
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 1, SQL_PARAM_INPUT, SQL_C_WCHAR, SQL_WVARCHAR, 10, 0, value, 0, &value_length));
    CHECK_OK(l.stmt, SQLExecute(l.stmt));
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_OK(l.stmt, SQLGetData(l.stmt, 1, SQL_C_WCHAR, text, sizeof text, &length));
    CHECK_TEXT(narrow(text), "ü😀");
    CHECK_INT(length, 6); /* bytes, without the end */
    CHECK_OK(l.stmt, SQLGetData(l.stmt, 2, SQL_C_WCHAR, text, sizeof text, &length));
    CHECK_TEXT(narrow(text), NAME);
    CHECK_INT(length, UNITS * 2);
    char utf8[64];
    CHECK_OK(l.stmt, SQLGetData(l.stmt, 1, SQL_C_CHAR, utf8, sizeof utf8, &length));
    CHECK_TEXT(utf8, "ü😀");
    CHECK_INT(length, 6);
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));

    /* Halves of characters are no text, wherever they stand. */
    static const SQLWCHAR *const bad[] = {lone_high, lone_low, high_at_end, swapped};
    for (size_t i = 0; i < COUNT(bad); i++) {
        CHECK_STATE(l.stmt, SQLExecDirectW(l.stmt, UNCONST(bad[i]), SQL_NTS), "22018");
        CHECK_CONTAINS(diag_message(l.stmt, 1), "position");
        CHECK_STATE(l.stmt, SQLPrepareW(l.stmt, UNCONST(bad[i]), SQL_NTS), "22018");
        value_length = SQL_NTS;
        CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 1, SQL_PARAM_INPUT, SQL_C_WCHAR, SQL_WVARCHAR, 10, 0, UNCONST(bad[i]), 0, &value_length));
        CHECK_STATE(l.stmt, SQLExecDirectW(l.stmt, wide("select ?::text"), SQL_NTS), "22018");
    }
    /* A length that cuts a pair leaves a half. */
    CHECK_STATE(l.stmt, SQLExecDirectW(l.stmt, wide("select '😀'"), 9), "22018");
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_RESET_PARAMS));
    CHECK_STATE(l.stmt, SQLExecDirectW(l.stmt, wide("select 1"), -5), "HY090");
    CHECK_STATE(l.stmt, SQLExecDirectW(l.stmt, NULL, SQL_NTS), "HY009");

    /* The position is counted in characters. */
    CHECK_STATE(l.stmt, SQLExecDirectW(l.stmt, wide("select '😀😀', nope"), SQL_NTS), "42S22");
    CHECK_CONTAINS(diag_message(l.stmt, 1), "character 14)");
    link_close(&l);

    /* The same in UTF-8. */
    l = link_open("");
    run(l.stmt, "create temp table \"" NAME "\" (\"" NAME "\" text)");
    run(l.stmt, "insert into \"" NAME "\" values ('ü😀')");
    CHECK_TEXT(query_text(l.stmt, "select \"" NAME "\" from \"" NAME "\""), "ü😀");
    static const char *const broken[] = {"select '\xff'", "select '\xc3'", "select '\xed\xa0\xbd'", "select '\xf4\x90\x80\x80'", "select '\xc0\x80'",
                                         "select '\xf0\x9f\x98'"};
    for (size_t i = 0; i < COUNT(broken); i++) {
        CHECK_STATE(l.stmt, SQLExecDirect(l.stmt, T(broken[i]), SQL_NTS), "22018");
        CHECK_CONTAINS(diag_message(l.stmt, 1), "position 9");
    }
    link_close(&l);
}

static void native_sql(void)
{
    struct link d = direct_open(SQL_OV_ODBC3_80, true);
    SQLWCHAR out[64];
    SQLINTEGER length = 0;
    memset(out, 'x', sizeof out);
    CHECK_INT(DIRECT(SQLNativeSqlW)(d.dbc, wide("select {fn ucase('é😀')}"), SQL_NTS, out, 64, &length), SQL_SUCCESS);
    const char *native = narrow(out);
    CHECK_CONTAINS(native, "'é😀'");
    SQLINTEGER full = length;
    CHECK_INT(out[full], 0);
    CHECK_INT(DIRECT(SQLNativeSqlW)(d.dbc, wide("select {fn ucase('é😀')}"), SQL_NTS, NULL, 0, &length), SQL_SUCCESS);
    CHECK_INT(length, full);
    /* Cut before the pair, not through it. */
    SQLINTEGER pair = 0;
    while ((out[pair] & 0xFC00) != 0xD800) {
        pair++;
    }
    CHECK_INT(DIRECT(SQLNativeSqlW)(d.dbc, wide("select {fn ucase('é😀')}"), SQL_NTS, out, pair + 2, &length), SQL_SUCCESS_WITH_INFO);
    CHECK_TEXT(direct_state(SQL_HANDLE_DBC, d.dbc), "01004");
    CHECK_INT(length, full);
    CHECK_INT(out[pair], 0);
    DIRECT_STATE(SQL_HANDLE_DBC, d.dbc, DIRECT(SQLNativeSqlW)(d.dbc, UNCONST(lone_low), SQL_NTS, out, 64, &length), "22018");
    DIRECT_STATE(SQL_HANDLE_DBC, d.dbc, DIRECT(SQLNativeSqlW)(d.dbc, NULL, SQL_NTS, out, 64, &length), "HY009");
    direct_close(&d);
}

/* ---- columns ------------------------------------------------------------------------------------------------------- */

static void columns(void)
{
    struct link d = direct_open(SQL_OV_ODBC3_80, true);
    SQLWCHAR name[16];
    char text[32];
    SQLSMALLINT length = 0;
    CHECK_INT(DIRECT(SQLExecDirectW)(d.stmt, wide("create temp table \"" NAME "\" (\"" NAME "\" text)"), SQL_NTS), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLPrepareW)(d.stmt, wide("select * from \"" NAME "\""), SQL_NTS), SQL_SUCCESS);

    /* SQLDescribeCol counts characters of its width, SQLColAttribute bytes. */
    CHECK_INT(DIRECT(SQLDescribeColW)(d.stmt, 1, name, UNITS + 1, &length, NULL, NULL, NULL, NULL), SQL_SUCCESS);
    CHECK_TEXT(narrow(name), NAME);
    CHECK_INT(length, UNITS);
    CHECK_INT(DIRECT(SQLDescribeColW)(d.stmt, 1, NULL, 0, &length, NULL, NULL, NULL, NULL), SQL_SUCCESS);
    CHECK_INT(length, UNITS);
    memset(name, 'x', sizeof name);
    CHECK_INT(DIRECT(SQLDescribeColW)(d.stmt, 1, name, UNITS, &length, NULL, NULL, NULL, NULL), SQL_SUCCESS_WITH_INFO);
    CHECK_TEXT(direct_state(SQL_HANDLE_STMT, d.stmt), "01004");
    CHECK_TEXT(narrow(name), "Tablé_表_"); /* no half of the pair */
    CHECK_INT(length, UNITS);
    CHECK_INT(name[UNITS], 0x7878);
    CHECK_INT(DIRECT(SQLDescribeCol)(d.stmt, 1, T(text), sizeof text, &length, NULL, NULL, NULL, NULL), SQL_SUCCESS);
    CHECK_TEXT(text, NAME);
    CHECK_INT(length, BYTES);
    CHECK_INT(DIRECT(SQLDescribeCol)(d.stmt, 1, T(text), 15, &length, NULL, NULL, NULL, NULL), SQL_SUCCESS_WITH_INFO);
    CHECK_TEXT(text, "Tablé_表_");
    CHECK_INT(length, BYTES);

    static const SQLUSMALLINT fields[] = {SQL_DESC_NAME, SQL_DESC_LABEL, SQL_DESC_BASE_COLUMN_NAME, SQL_DESC_TABLE_NAME, SQL_DESC_BASE_TABLE_NAME};
    SQLHDESC ird = NULL;
    CHECK_INT(DIRECT(SQLGetStmtAttrW)(d.stmt, SQL_ATTR_IMP_ROW_DESC, &ird, 0, NULL), SQL_SUCCESS);
    for (size_t i = 0; i < COUNT(fields); i++) {
        SQLINTEGER length32 = 0;
        CHECK_INT(DIRECT(SQLColAttributeW)(d.stmt, 1, fields[i], name, sizeof name, &length, NULL), SQL_SUCCESS);
        CHECK_TEXT(narrow(name), NAME);
        CHECK_INT(length, UNITS * 2);
        memset(name, 'x', sizeof name);
        CHECK_INT(DIRECT(SQLColAttributeW)(d.stmt, 1, fields[i], name, UNITS * 2, &length, NULL), SQL_SUCCESS_WITH_INFO);
        CHECK_TEXT(narrow(name), "Tablé_表_");
        CHECK_INT(length, UNITS * 2);
        CHECK_INT(name[UNITS], 0x7878);
        CHECK_INT(DIRECT(SQLColAttribute)(d.stmt, 1, fields[i], text, sizeof text, &length, NULL), SQL_SUCCESS);
        CHECK_TEXT(text, NAME);
        CHECK_INT(length, BYTES);
        CHECK_INT(DIRECT(SQLGetDescFieldW)(ird, 1, (SQLSMALLINT)fields[i], name, sizeof name, &length32), SQL_SUCCESS);
        CHECK_TEXT(narrow(name), NAME);
        CHECK_INT(length32, UNITS * 2);
        CHECK_INT(DIRECT(SQLGetDescField)(ird, 1, (SQLSMALLINT)fields[i], text, sizeof text, &length32), SQL_SUCCESS);
        CHECK_TEXT(text, NAME);
        CHECK_INT(length32, BYTES);
    }
    CHECK_INT(DIRECT(SQLGetDescRecW)(ird, 1, name, 16, &length, NULL, NULL, NULL, NULL, NULL, NULL), SQL_SUCCESS);
    CHECK_TEXT(narrow(name), NAME);
    CHECK_INT(length, UNITS);
    CHECK_INT(DIRECT(SQLGetDescRec)(ird, 1, T(text), sizeof text, &length, NULL, NULL, NULL, NULL, NULL, NULL), SQL_SUCCESS);
    CHECK_TEXT(text, NAME);
    CHECK_INT(length, BYTES);

    SQLHDESC ipd = NULL;
    SQLINTEGER length32 = 0;
    CHECK_INT(DIRECT(SQLGetStmtAttrW)(d.stmt, SQL_ATTR_IMP_PARAM_DESC, &ipd, 0, NULL), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLSetDescFieldW)(ipd, 1, SQL_DESC_NAME, wide(NAME "xyz"), UNITS * 2), SQL_SUCCESS); /* bytes */
    CHECK_INT(DIRECT(SQLGetDescFieldW)(ipd, 1, SQL_DESC_NAME, name, sizeof name, &length32), SQL_SUCCESS);
    CHECK_TEXT(narrow(name), NAME);
    CHECK_INT(DIRECT(SQLSetDescField)(ipd, 1, SQL_DESC_NAME, T(NAME "xyz"), BYTES), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLGetDescField)(ipd, 1, SQL_DESC_NAME, text, sizeof text, &length32), SQL_SUCCESS);
    CHECK_TEXT(text, NAME);
    DIRECT_STATE(SQL_HANDLE_DESC, ipd, DIRECT(SQLSetDescFieldW)(ipd, 1, SQL_DESC_NAME, UNCONST(lone_high), SQL_NTS), "22018");
    DIRECT_STATE(SQL_HANDLE_DESC, ipd, DIRECT(SQLSetDescField)(ipd, 1, SQL_DESC_NAME, T("\xe9"), SQL_NTS), "22018");
    CHECK_INT(DIRECT(SQLGetDescField)(ipd, 1, SQL_DESC_NAME, text, sizeof text, &length32), SQL_SUCCESS);
    CHECK_TEXT(text, NAME);
    direct_close(&d);
}

static void cursor_names(void)
{
    struct link d = direct_open(SQL_OV_ODBC3_80, true);
    SQLWCHAR name[32];
    char text[32];
    SQLSMALLINT length = 0;
    CHECK_INT(DIRECT(SQLGetCursorNameW)(d.stmt, name, 32, &length), SQL_SUCCESS);
    CHECK(strncmp(narrow(name), "SQL_CUR", 7) == 0);
    CHECK_INT(DIRECT(SQLSetCursorNameW)(d.stmt, wide(NAME "xyz"), UNITS), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLGetCursorNameW)(d.stmt, name, UNITS + 1, &length), SQL_SUCCESS);
    CHECK_INT(length, UNITS);
    CHECK_TEXT(narrow(name), "Tablé_表_😀");
    CHECK_INT(DIRECT(SQLGetCursorName)(d.stmt, T(text), sizeof text, &length), SQL_SUCCESS);
    CHECK_INT(length, BYTES);
    CHECK_INT(DIRECT(SQLGetCursorNameW)(d.stmt, name, UNITS, &length), SQL_SUCCESS_WITH_INFO);
    CHECK_TEXT(direct_state(SQL_HANDLE_STMT, d.stmt), "01004");
    CHECK_TEXT(narrow(name), "Tablé_表_");
    CHECK_INT(DIRECT(SQLGetCursorNameW)(d.stmt, NULL, 0, &length), SQL_SUCCESS);
    CHECK_INT(length, UNITS);
    DIRECT_STATE(SQL_HANDLE_STMT, d.stmt, DIRECT(SQLSetCursorNameW)(d.stmt, UNCONST(lone_high), SQL_NTS), "22018");
    DIRECT_STATE(SQL_HANDLE_STMT, d.stmt, DIRECT(SQLSetCursorNameW)(d.stmt, wide("SQL_CURx"), SQL_NTS), "34000");
    DIRECT_STATE(SQL_HANDLE_STMT, d.stmt, DIRECT(SQLSetCursorNameW)(d.stmt, wide(""), SQL_NTS), "34000");
    direct_close(&d);
}

/* ---- connections --------------------------------------------------------------------------------------------------- */

static void connections(void)
{
    struct link d = direct_open(SQL_OV_ODBC3_80, false);
    SQLWCHAR out[1024];
    char text[1024];
    SQLSMALLINT length = 0;
    /* Application names are ASCII on the server, but not in the string. */
    const char *string = connstr("UID=aldb_trust;ApplicationName={Prögramm 😀}");
    CHECK_INT(DIRECT(SQLDriverConnectW)(d.dbc, NULL, wide(string), SQL_NTS, out, COUNT(out), &length, SQL_DRIVER_NOPROMPT), SQL_SUCCESS);
    CHECK_CONTAINS(narrow(out), "Prögramm 😀");
    SQLSMALLINT full = 0;
    while (out[full]) {
        full++;
    }
    CHECK_INT(length, full);
    CHECK_INT(DIRECT(SQLDisconnect)(d.dbc), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLDriverConnect)(d.dbc, NULL, T(string), SQL_NTS, T(text), sizeof text, &length, SQL_DRIVER_NOPROMPT), SQL_SUCCESS);
    CHECK_CONTAINS(text, "Prögramm 😀");
    CHECK_INT(length, strlen(text));
    CHECK_INT(DIRECT(SQLDisconnect)(d.dbc), SQL_SUCCESS);
    memset(out, 'x', sizeof out);
    CHECK_INT(DIRECT(SQLDriverConnectW)(d.dbc, NULL, wide(string), SQL_NTS, out, 10, &length, SQL_DRIVER_NOPROMPT), SQL_SUCCESS_WITH_INFO);
    CHECK_TEXT(direct_state(SQL_HANDLE_DBC, d.dbc), "01004");
    CHECK_INT(length, full);
    CHECK_INT(out[9], 0);
    CHECK_INT(out[10], 0x7878);
    CHECK_INT(DIRECT(SQLDisconnect)(d.dbc), SQL_SUCCESS);
    DIRECT_STATE(SQL_HANDLE_DBC, d.dbc, DIRECT(SQLDriverConnectW)(d.dbc, NULL, UNCONST(lone_low), SQL_NTS, NULL, 0, NULL, SQL_DRIVER_NOPROMPT), "22018");
    DIRECT_STATE(SQL_HANDLE_DBC, d.dbc, DIRECT(SQLConnectW)(d.dbc, UNCONST(lone_low), SQL_NTS, NULL, 0, NULL, 0), "22018");
    DIRECT_STATE(SQL_HANDLE_DBC, d.dbc, DIRECT(SQLConnect)(d.dbc, T("\xff"), SQL_NTS, NULL, 0, NULL, 0), "22018");

    /* Browsing: the wanted keywords come back in the width asked in. */
    CHECK_INT(DIRECT(SQLBrowseConnectW)(d.dbc, wide("DRIVER=AlloyDB"), SQL_NTS, out, COUNT(out), &length), SQL_NEED_DATA);
    full = 0;
    while (out[full]) {
        full++;
    }
    CHECK_INT(length, full);
    CHECK_CONTAINS(narrow(out), "UID");
    CHECK_INT(DIRECT(SQLDisconnect)(d.dbc), SQL_SUCCESS);

    /* Attributes count bytes. */
    SQLINTEGER length32 = 0;
    CHECK_INT(DIRECT(SQLSetConnectAttrW)(d.dbc, SQL_ATTR_CURRENT_CATALOG, wide("aldb_testxyz"), 18), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLGetConnectAttrW)(d.dbc, SQL_ATTR_CURRENT_CATALOG, out, sizeof out, &length32), SQL_SUCCESS);
    CHECK_TEXT(narrow(out), "aldb_test");
    CHECK_INT(length32, 18);
    CHECK_INT(DIRECT(SQLSetConnectAttrW)(d.dbc, SQL_ATTR_CURRENT_CATALOG, wide(NAME), SQL_NTS), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLGetConnectAttr)(d.dbc, SQL_ATTR_CURRENT_CATALOG, text, sizeof text, &length32), SQL_SUCCESS);
    CHECK_TEXT(text, NAME);
    CHECK_INT(length32, BYTES);
    CHECK_INT(DIRECT(SQLGetConnectAttrW)(d.dbc, SQL_ATTR_CURRENT_CATALOG, out, UNITS * 2, &length32), SQL_SUCCESS_WITH_INFO);
    CHECK_TEXT(narrow(out), "Tablé_表_");
    CHECK_INT(length32, UNITS * 2);
    DIRECT_STATE(SQL_HANDLE_DBC, d.dbc, DIRECT(SQLSetConnectAttrW)(d.dbc, SQL_ATTR_CURRENT_CATALOG, UNCONST(swapped), SQL_NTS), "22018");
    /* It names the database to connect to; there is none of that name, and the message has it whole. */
    DIRECT_STATE(SQL_HANDLE_DBC, d.dbc, DIRECT(SQLDriverConnectW)(d.dbc, NULL, wide(connstr(";")), SQL_NTS, NULL, 0, NULL, SQL_DRIVER_NOPROMPT), "08004");
    CHECK_INT(DIRECT(SQLGetDiagRecW)(SQL_HANDLE_DBC, d.dbc, 1, NULL, NULL, out, COUNT(out), &length), SQL_SUCCESS);
    CHECK_CONTAINS(narrow(out), "\"" NAME "\"");
    direct_close(&d);
}

/* ---- data ---------------------------------------------------------------------------------------------------------- */

/* Every code point but the surrogates goes there and comes back, in both encodings. */
static void all_characters(void)
{
    struct link l = wide_link();
    enum { CHUNK = 4096 };
    static SQLWCHAR in[2 * CHUNK];
    static SQLWCHAR out[2 * CHUNK + 1];
    SQLLEN in_length = 0;
    SQLLEN out_length = 0;
    CHECK_OK(l.stmt, SQLPrepareW(l.stmt, wide("select ?::text"), SQL_NTS));
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 1, SQL_PARAM_INPUT, SQL_C_WCHAR, SQL_WLONGVARCHAR, 0, 0, in, sizeof in, &in_length));
    for (uint32_t c = 1; c < 0x110000;) {
        size_t n = 0;
        for (uint32_t end = c + CHUNK; c < end && c < 0x110000; c++) {
            if (c >= 0x10000) {
                in[n++] = (SQLWCHAR)(0xD800 + ((c - 0x10000) >> 10));
                in[n++] = (SQLWCHAR)(0xDC00 + ((c - 0x10000) & 0x3FF));
            } else if (c < 0xD800 || c > 0xDFFF) {
                in[n++] = (SQLWCHAR)c;
            }
        }
        in_length = (SQLLEN)(n * sizeof in[0]);
        CHECK_OK(l.stmt, SQLExecute(l.stmt));
        CHECK_OK(l.stmt, SQLFetch(l.stmt));
        CHECK_OK(l.stmt, SQLGetData(l.stmt, 1, SQL_C_WCHAR, out, sizeof out, &out_length));
        CHECK_INT(out_length, in_length);
        CHECK(memcmp(in, out, (size_t)in_length) == 0);
        CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    }
    link_close(&l);
}

/* Pieces are full to their last unit, with half a pair if need be; together they are the whole. */
static void pieces(void)
{
    struct link l = wide_link();
    for (SQLLEN room = 4; room <= 14; room++) { /* bytes; odd ones have half a unit too many */
        SQLWCHAR all[64];
        size_t n = 0;
        SQLLEN left = 0;
        SQLRETURN rc;
        CHECK_OK(l.stmt, SQLExecDirectW(l.stmt, wide("select 'a😀b😀😀é表c'"), SQL_NTS));
        CHECK_OK(l.stmt, SQLFetch(l.stmt));
        do {
            SQLWCHAR piece[16];
            memset(piece, 'x', sizeof piece);
            SQLLEN before = (SQLLEN)((11 - n) * sizeof(SQLWCHAR));
            rc = SQLGetData(l.stmt, 1, SQL_C_WCHAR, piece, room < 6 ? 6 : room, &left);
            CHECK(SQL_SUCCEEDED(rc));
            CHECK_INT(left, before);
            size_t k = 0;
            while (piece[k]) {
                all[n++] = piece[k++];
            }
            CHECK(rc == SQL_SUCCESS || (SQLLEN)k == (room < 6 ? 6 : room) / (SQLLEN)sizeof *piece - 1);
        } while (rc == SQL_SUCCESS_WITH_INFO && n < 32);
        all[n] = 0;
        CHECK_TEXT(narrow(all), "a😀b😀😀é表c");
        CHECK_RC(l.stmt, SQLGetData(l.stmt, 1, SQL_C_WCHAR, all, sizeof all, &left), SQL_NO_DATA);
        CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    }
    link_close(&l);
}

int main(void)
{
    static const struct test tests[] = {
        {"(lengths)", lengths_of_the_test}, {"statements", statements}, {"SQLNativeSql", native_sql}, {"columns", columns},
        {"cursor names", cursor_names},     {"connections", connections}, {"all characters", all_characters}, {"pieces", pieces},
    };
    return run_tests("UTF-16 and UTF-8", tests, COUNT(tests));
}
