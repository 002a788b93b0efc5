/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any function in any order with any arguments, in the driver itself. Whatever comes of it: no crash, nothing written where nothing was offered, an error
 * never without a record, a success never with one, and the connection works when all is over. The walk is the same in each run: ALDB_TEST_SEED and
 * ALDB_TEST_STEPS make another.
 */
#include "direct.h"

enum { ROOM = 1 << 16, GUARD = 64, STMTS = 3, DESCS = 2, ROWS = 8 };

static uint64_t seed;

static uint32_t any(uint32_t below)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(seed >> 33) % below;
}

#define PICK(list) ((list)[any((uint32_t)COUNT(list))])

/* Buffers for data and for lengths that stay bound; whoever writes beyond an end is seen. */
static unsigned char room[ROOM + GUARD];
static SQLLEN lengths[ROWS * 16];
static SQLUSMALLINT statuses[ROWS + 4];
static SQLULEN processed, fetched, offset;

static void guard(void)
{
    memset(room + ROOM, 0xA5, GUARD);
}

static bool guarded(void)
{
    for (int i = 0; i < GUARD; i++) {
        if (room[ROOM + i] != 0xA5) {
            return false;
        }
    }
    return true;
}

static const char *const texts[] = {
    "select 1",
    "select g, g::text, repeat('x', g) from generate_series(1, 20) g",
    "select ?::int, ?::text",
    "insert into anything values (?, ?)",
    "insert into anything values (1, 'a') returning *",
    "update anything set b = b",
    "delete from anything where a > ?",
    "select * from anything where b = ?",
    "select a, b from anything order by a",
    "select 1; select 2; update anything set a = a",
    "select 1/0",
    "selec",
    "",
    "  ",
    "select '",
    "select {fn ucase('a')}, {d '2024-02-29'}",
    "{call anything_f(?)}",
    "{? = call anything_f(?)}",
    "select null, true, 1.5::numeric, now(), interval '1 day', '\\x00ff'::bytea, gen_random_uuid(), '{1,2}'::int[]",
    "savepoint s",
    "set work_mem = '5MB'",
    "select \xff",
    "select 1, 'two', 3.0",
    "select g, 'x' || g from generate_series(1, 50) g",
    "insert into anything values (1, ?)",
    "select ?::text, ?::bytea",
    "select 'é😀' as \"é😀\"",
    "declare c cursor for select 1",
    "do $$ begin raise notice 'n'; end $$",
};

static const SQLSMALLINT c_types[] = {
    SQL_C_CHAR, SQL_C_WCHAR, SQL_C_SLONG, SQL_C_SSHORT, SQL_C_STINYINT, SQL_C_SBIGINT, SQL_C_DOUBLE, SQL_C_FLOAT, SQL_C_BIT, SQL_C_BINARY, SQL_C_TYPE_DATE,
    SQL_C_TYPE_TIME, SQL_C_TYPE_TIMESTAMP, SQL_C_NUMERIC, SQL_C_GUID, SQL_C_INTERVAL_DAY, SQL_C_INTERVAL_YEAR_TO_MONTH, SQL_C_DEFAULT, SQL_C_LONG,
    SQL_C_DATE, 0, -1, 4711, SQL_ARD_TYPE, SQL_C_ULONG, SQL_C_UBIGINT,
};
static const SQLSMALLINT sql_types[] = {
    SQL_INTEGER, SQL_BIGINT, SQL_SMALLINT, SQL_VARCHAR, SQL_WVARCHAR, SQL_LONGVARCHAR, SQL_NUMERIC, SQL_DECIMAL, SQL_DOUBLE, SQL_REAL, SQL_BIT,
    SQL_BINARY, SQL_TYPE_DATE, SQL_TYPE_TIMESTAMP, SQL_GUID, SQL_INTERVAL_DAY, SQL_DATE, 0, 4711, SQL_UNKNOWN_TYPE,
};
static const SQLINTEGER attributes[] = {
    SQL_ATTR_QUERY_TIMEOUT, SQL_ATTR_MAX_ROWS, SQL_ATTR_NOSCAN, SQL_ATTR_MAX_LENGTH, SQL_ATTR_ASYNC_ENABLE, SQL_ATTR_CURSOR_TYPE, SQL_ATTR_CONCURRENCY,
    SQL_ATTR_KEYSET_SIZE, SQL_ROWSET_SIZE, SQL_ATTR_SIMULATE_CURSOR, SQL_ATTR_RETRIEVE_DATA, SQL_ATTR_USE_BOOKMARKS, SQL_ATTR_ROW_NUMBER,
    SQL_ATTR_ENABLE_AUTO_IPD, SQL_ATTR_FETCH_BOOKMARK_PTR, SQL_ATTR_ROW_ARRAY_SIZE, SQL_ATTR_PARAMSET_SIZE, SQL_ATTR_METADATA_ID,
    SQL_ATTR_CURSOR_SCROLLABLE, SQL_ATTR_CURSOR_SENSITIVITY, SQL_ATTR_IMP_ROW_DESC, SQL_ATTR_IMP_PARAM_DESC, 4711, -99, 65540,
};
static const SQLSMALLINT fields[] = {
    SQL_DESC_ALLOC_TYPE, SQL_DESC_ARRAY_SIZE, SQL_DESC_COUNT, SQL_DESC_AUTO_UNIQUE_VALUE, SQL_DESC_BASE_COLUMN_NAME, SQL_DESC_CASE_SENSITIVE,
    SQL_DESC_CATALOG_NAME, SQL_DESC_CONCISE_TYPE, SQL_DESC_DATETIME_INTERVAL_CODE, SQL_DESC_DATETIME_INTERVAL_PRECISION, SQL_DESC_DISPLAY_SIZE,
    SQL_DESC_FIXED_PREC_SCALE, SQL_DESC_LABEL, SQL_DESC_LENGTH, SQL_DESC_LITERAL_PREFIX, SQL_DESC_LOCAL_TYPE_NAME, SQL_DESC_NAME, SQL_DESC_NULLABLE,
    SQL_DESC_NUM_PREC_RADIX, SQL_DESC_OCTET_LENGTH, SQL_DESC_PARAMETER_TYPE, SQL_DESC_PRECISION, SQL_DESC_ROWVER, SQL_DESC_SCALE, SQL_DESC_SCHEMA_NAME,
    SQL_DESC_SEARCHABLE, SQL_DESC_TABLE_NAME, SQL_DESC_TYPE, SQL_DESC_TYPE_NAME, SQL_DESC_UNNAMED, SQL_DESC_UNSIGNED, SQL_DESC_UPDATABLE, 4711, 0, -1,
    SQL_COLUMN_LENGTH, SQL_COLUMN_PRECISION, SQL_COLUMN_NAME,
};
static const SQLSMALLINT numbers[] = {0, -1, 4, 7, 32767, -32768};
static const SQLSMALLINT small_lengths[] = {0, 1, 3, -1, -5, -32768};
static const SQLSMALLINT rooms[] = {0, 1, 2, 3, 5, -1, -32768};
static const SQLSMALLINT directions[] = {SQL_PARAM_OUTPUT, SQL_PARAM_INPUT_OUTPUT, SQL_PARAM_OUTPUT_STREAM, 0, 77};
static const intptr_t values[] = {0, 1, 2, 3, 4, 5, 8, 10, 12, 99, -1, -2, 91, 4711, 100000};

/* Right three times of four, that the walk may come far. */
static SQLSMALLINT number(void)
{
    return any(4) ? (SQLSMALLINT)(1 + any(3)) : PICK(numbers);
}

static SQLSMALLINT input_length(void)
{
    return any(8) ? SQL_NTS : PICK(small_lengths);
}

static SQLSMALLINT output_room(void)
{
    return any(4) ? (SQLSMALLINT)(16 + any(400)) : PICK(rooms);
}

/* The state of the walk. */
static struct link d;
static SQLHSTMT stmts[STMTS];
static SQLHDESC explicit[DESCS];

static SQLHDESC any_desc(SQLHSTMT stmt)
{
    SQLHDESC desc = NULL;
    uint32_t n = any(4 + DESCS);
    if (n >= 4) {
        return explicit[n - 4];
    }
    return SQL_SUCCEEDED(DIRECT(SQLGetStmtAttr)(stmt, SQL_ATTR_APP_ROW_DESC + (SQLINTEGER)n, &desc, 0, NULL)) ? desc : explicit[0];
}

static void *maybe(void *pointer)
{
    return any(4) ? pointer : NULL;
}

/* With room behind the end: a length that is given may be longer than the text. */
static const char *padded(const char *text)
{
    static char ring[8][256];
    static int at;
    char *copy = ring[at++ % 8];
    memset(copy, 0, sizeof ring[0]);
    return strcpy(copy, text);
}

static const char *text(void)
{
    return any(12) ? padded(PICK(texts)) : NULL;
}

static const char *name(void)
{
    static const char *const names[] = {"anything", "%", "", "a", "public", "aldb_test", "\xff", "SQL_CUR1", "x_y", "TABLE", "'TABLE','VIEW'"};
    return any(5) ? padded(PICK(names)) : NULL;
}

/* A place for one value of any type: what lies behind it in `room` is enough for all rows of a block. */
static void *place(void)
{
    return room + any(8) * 4096;
}

struct called {
    SQLSMALLINT type;
    SQLHANDLE handle;
    const char *name;
    SQLRETURN rc;
};

/* A call that has become asynchronous is asked for its end, with the same arguments. */
#define ENDED(call)                                                \
    __extension__({                                                \
        uint64_t arguments_ = seed;                                \
        SQLRETURN rc_;                                             \
        do {                                                       \
            seed = arguments_;                                     \
            rc_ = (call);                                          \
        } while (rc_ == SQL_STILL_EXECUTING);                      \
        rc_;                                                       \
    })

#define CALL(type_, handle_, function, ...)                                                                                       \
    ((struct called){.type = SQL_HANDLE_##type_, .handle = (handle_), .name = #function,                                          \
                     .rc = ENDED(DIRECT(function)((handle_)__VA_OPT__(, ) __VA_ARGS__))})

/* Cases of step() that lead somewhere one after the other, on one statement: rows, parts of values, blocks, parameters, data at execution. */
static const unsigned char ways[][10] = {
    {17, 0, 7, 11, 12, 23, 24, 7, 11, 18},
    {17, 3, 21, 24, 37, 5, 22, 7, 12, 19},
    {17, 33, 13, 1, 7, 26, 11, 26, 12, 10},
    {17, 15, 16, 4, 25, 6, 7, 11, 5, 22},
    {17, 15, 2, 27, 28, 28, 27, 28, 27, 8},
    {17, 35, 35, 32, 13, 14, 0, 8, 10, 9},
    {17, 41, 39, 42, 3, 37, 38, 5, 7, 40},
    {17, 32, 32, 13, 0, 7, 26, 26, 9, 26},
    {17, 32, 33, 14, 0, 9, 26, 27, 28, 27},
};
static const unsigned char *way;
static size_t at_way;
static uint32_t of_way;

static uint32_t next_case(void)
{
    if (way == NULL || at_way == sizeof ways[0]) {
        way = any(3) ? PICK(ways) : NULL;
        at_way = 0;
        of_way = any(STMTS);
    }
    return way && any(10) ? way[at_way++] : any(46);
}

static struct called step(void)
{
    uint32_t next = next_case();
    SQLHSTMT s = stmts[way ? of_way : any(STMTS)];
    SQLHDBC c = d.dbc;
    SQLHDESC desc = any_desc(s);
    SQLSMALLINT s16 = 0;
    SQLINTEGER s32 = 0;
    SQLLEN len = 0;
    SQLULEN ulen = 0;
    SQLPOINTER pointer = NULL;
    SQLUSMALLINT n = (SQLUSMALLINT)number();
    SQLSMALLINT in = input_length();
    SQLSMALLINT out = output_room();
    bool is_wide = any(2);
    SQLWCHAR *wtext = NULL;
    const char *t = text();
    unsigned char *o = maybe(place());
    switch (next) {
    case 0:
    case 1:
    case 2:
        wtext = t && is_wide && strchr(t, '\xff') == NULL ? wide(t) : NULL;
        return wtext ? CALL(STMT, s, SQLExecDirectW, wtext, in) : CALL(STMT, s, SQLExecDirect, T(t), in);
    case 3:
    case 4:
        wtext = t && is_wide && strchr(t, '\xff') == NULL ? wide(t) : NULL;
        return wtext ? CALL(STMT, s, SQLPrepareW, wtext, in) : CALL(STMT, s, SQLPrepare, T(t), in);
    case 5:
    case 6:
        return CALL(STMT, s, SQLExecute);
    case 7:
    case 8:
        return CALL(STMT, s, SQLFetch);
    case 9:
        return CALL(STMT, s, SQLFetchScroll, any(4) ? SQL_FETCH_NEXT : number(), PICK(values));
    case 10:
        return CALL(STMT, s, SQLExtendedFetch, any(4) ? SQL_FETCH_NEXT : n, PICK(values), maybe(&fetched), maybe(statuses));
    case 11:
    case 12:
        return CALL(STMT, s, SQLGetData, any(2) ? 1 : n, any(3) ? c_types[any(4)] : PICK(c_types), o, out, maybe(&len));
    case 13:
    case 14:
        return CALL(STMT, s, SQLBindCol, any(8) ? 1 : n, any(3) ? c_types[any(4)] : PICK(c_types), o, out, maybe(lengths + any(4) * ROWS));
    case 15:
    case 16:
        return CALL(STMT, s, SQLBindParameter, n, any(4) ? SQL_PARAM_INPUT : PICK(directions), any(3) ? c_types[any(3)] : PICK(c_types),
                    any(3) ? sql_types[any(6)] : PICK(sql_types), (SQLULEN)(any(2) ? 10 : PICK(values)), (SQLSMALLINT)(any(2) ? 0 : PICK(values)), o, out,
                    maybe(lengths + any(4) * ROWS));
    case 17:
        return CALL(STMT, s, SQLFreeStmt, (SQLUSMALLINT)(any(6) == 0 ? 77 : any(3) == 0 ? SQL_UNBIND : any(2) ? SQL_CLOSE : SQL_RESET_PARAMS));
    case 18:
        return CALL(STMT, s, SQLCloseCursor);
    case 19:
        return CALL(STMT, s, SQLMoreResults);
    case 20:
        return CALL(STMT, s, SQLNumParams, maybe(&s16));
    case 21:
        return CALL(STMT, s, SQLNumResultCols, maybe(&s16));
    case 22:
        return CALL(STMT, s, SQLRowCount, maybe(&len));
    case 23:
        return is_wide ? CALL(STMT, s, SQLDescribeColW, n, (SQLWCHAR *)o, out, maybe(&s16), maybe(&s16), maybe(&ulen), maybe(&s16), maybe(&s16))
                       : CALL(STMT, s, SQLDescribeCol, n, o, out, maybe(&s16), maybe(&s16), maybe(&ulen), maybe(&s16), maybe(&s16));
    case 24:
        return is_wide ? CALL(STMT, s, SQLColAttributeW, n, (SQLUSMALLINT)PICK(fields), o, out, maybe(&s16), maybe(&len))
                       : CALL(STMT, s, SQLColAttribute, n, (SQLUSMALLINT)PICK(fields), o, out, maybe(&s16), maybe(&len));
    case 25:
        return CALL(STMT, s, SQLDescribeParam, n, maybe(&s16), maybe(&ulen), maybe(&s16), maybe(&s16));
    case 26:
        if (any(3) == 0) {
            return CALL(STMT, s, SQLBulkOperations, (SQLSMALLINT)(any(8) ? SQL_ADD + any(4) : any(20)));
        }
        return CALL(STMT, s, SQLSetPos, (SQLSETPOSIROW)PICK(values), (SQLUSMALLINT)(any(2) ? SQL_POSITION : any(6)), (SQLUSMALLINT)(any(2) ? 0 : any(4)));
    case 27:
        return CALL(STMT, s, SQLParamData, maybe(&pointer));
    case 28:
        return CALL(STMT, s, SQLPutData, o, out);
    case 29:
        return is_wide ? CALL(STMT, s, SQLGetCursorNameW, (SQLWCHAR *)o, out, maybe(&s16)) : CALL(STMT, s, SQLGetCursorName, o, out, maybe(&s16));
    case 30:
        return CALL(STMT, s, SQLSetCursorName, T(name()), in);
    case 31:
        return CALL(STMT, s, SQLGetStmtAttr, PICK(attributes), any(4) ? room : NULL, out, maybe(&s32));
    case 32:
    case 33: {
        SQLINTEGER id = PICK(attributes);
        intptr_t value = PICK(values);
        /* What is bound has room for so many rows. */
        bool rows = id == SQL_ATTR_ROW_ARRAY_SIZE || id == SQL_ATTR_PARAMSET_SIZE || id == SQL_ROWSET_SIZE;
        if (id == SQL_ATTR_FETCH_BOOKMARK_PTR) {
            return CALL(STMT, s, SQLSetStmtAttr, id, maybe(lengths), 0);
        }
        return CALL(STMT, s, SQLSetStmtAttr, id, (SQLPOINTER)(rows && (value < 0 || value > ROWS) ? ROWS : value), 0);
    }
    case 34: {
        static const SQLINTEGER descs[] = {SQL_ATTR_APP_ROW_DESC, SQL_ATTR_APP_PARAM_DESC};
        return CALL(STMT, s, SQLSetStmtAttr, PICK(descs), maybe(desc), 0);
    }
    case 35: {
        static const SQLINTEGER pointers[] = {SQL_ATTR_ROW_STATUS_PTR, SQL_ATTR_PARAM_STATUS_PTR, SQL_ATTR_ROWS_FETCHED_PTR, SQL_ATTR_PARAMS_PROCESSED_PTR,
                                              SQL_ATTR_ROW_BIND_OFFSET_PTR, SQL_ATTR_PARAM_BIND_OFFSET_PTR};
        SQLPOINTER const places[] = {statuses, statuses, &fetched, &processed, &offset, &offset};
        uint32_t k = any((uint32_t)COUNT(pointers));
        return CALL(STMT, s, SQLSetStmtAttr, pointers[k], maybe(places[k]), 0);
    }
    case 36:
        switch (any(11)) {
        case 0:
            return CALL(STMT, s, SQLTables, T(name()), in, T(name()), in, T(name()), in, T(name()), in);
        case 1:
            return CALL(STMT, s, SQLColumns, T(name()), in, T(name()), in, T("anything"), SQL_NTS, T(name()), in);
        case 2:
            return CALL(STMT, s, SQLPrimaryKeys, T(name()), in, T(name()), in, T(name()), in);
        case 3:
            return CALL(STMT, s, SQLTablePrivileges, T(name()), in, T(name()), in, T("anything"), SQL_NTS);
        case 4:
            return CALL(STMT, s, SQLForeignKeys, T(name()), in, T(name()), in, T(name()), in, T(name()), in, T(name()), in, T("anything"), SQL_NTS);
        case 5:
            return CALL(STMT, s, SQLStatistics, T(name()), in, T(name()), in, T("anything"), SQL_NTS, (SQLUSMALLINT)any(3), (SQLUSMALLINT)any(3));
        case 6:
            return CALL(STMT, s, SQLSpecialColumns, (SQLUSMALLINT)any(4), T(name()), in, T(name()), in, T("anything"), SQL_NTS, (SQLUSMALLINT)any(4),
                        (SQLUSMALLINT)any(3));
        case 7:
            return CALL(STMT, s, SQLProcedures, T(name()), in, T(name()), in, T(name()), in);
        case 8:
            return CALL(STMT, s, SQLProcedureColumns, T(name()), in, T(name()), in, T("abs"), SQL_NTS, T(name()), in);
        case 9:
            return CALL(STMT, s, SQLColumnPrivileges, T(name()), in, T(name()), in, T("anything"), SQL_NTS, T(name()), in);
        default:
            return CALL(STMT, s, SQLGetTypeInfo, PICK(sql_types));
        }
    case 37:
    case 38:
        return is_wide ? CALL(DESC, desc, SQLGetDescFieldW, number(), PICK(fields), o, out, maybe(&s32))
                       : CALL(DESC, desc, SQLGetDescField, number(), PICK(fields), o, out, maybe(&s32));
    case 39: {
        SQLSMALLINT field = PICK(fields);
        SQLSMALLINT record = number();
        intptr_t value = field == SQL_DESC_NAME ? (intptr_t)name() : field == SQL_DESC_ARRAY_SIZE ? (intptr_t)any(ROWS) : PICK(values);
        return CALL(DESC, desc, SQLSetDescField, record, field, (SQLPOINTER)value, in);
    }
    case 40:
        return CALL(DESC, desc, SQLGetDescRec, number(), o, out, maybe(&s16), maybe(&s16), maybe(&s16), maybe(&len), maybe(&s16), maybe(&s16),
                    maybe(&s16));
    case 41:
        return CALL(DESC, desc, SQLSetDescRec, number(), PICK(c_types), (SQLSMALLINT)any(14), out, (SQLSMALLINT)PICK(values),
                    (SQLSMALLINT)PICK(values), o, maybe(lengths), maybe(lengths + ROWS));
    case 42: {
        SQLHDESC target = any_desc(stmts[any(STMTS)]);
        struct called copy = {SQL_HANDLE_DESC, target, "SQLCopyDesc", DIRECT(SQLCopyDesc)(desc, target)};
        return copy;
    }
    case 43:
        return CALL(DBC, c, SQLGetInfo, (SQLUSMALLINT)any(300), o, out, maybe(&s16));
    case 44:
        return CALL(DBC, c, SQLNativeSql, T(t), in, o, out, maybe(&s32));
    default:
        if (any(4) == 0) {
            struct called end = {SQL_HANDLE_DBC, c, "SQLEndTran", DIRECT(SQLEndTran)(SQL_HANDLE_DBC, c, any(2) ? SQL_COMMIT : SQL_ROLLBACK)};
            return end;
        }
        return CALL(DBC, c, SQLSetConnectAttr, SQL_ATTR_AUTOCOMMIT, (SQLPOINTER)(uintptr_t)any(3), 0);
    }
}

/* Now and then a statement begins anew, so that the walk does not end in one that waits for data or is bound beyond any result. */
static void help_on(void)
{
    SQLHSTMT s = stmts[any(STMTS)];
    if (any(24) == 0) {
        CHECK_INT(DIRECT(SQLCancel)(s), SQL_SUCCESS);
        CHECK_INT(DIRECT(SQLFreeStmt)(s, SQL_CLOSE), SQL_SUCCESS);
        CHECK_INT(DIRECT(SQLSetStmtAttr)(s, SQL_ATTR_APP_ROW_DESC, NULL, 0), SQL_SUCCESS);
        CHECK_INT(DIRECT(SQLSetStmtAttr)(s, SQL_ATTR_APP_PARAM_DESC, NULL, 0), SQL_SUCCESS);
        CHECK_INT(DIRECT(SQLFreeStmt)(s, SQL_UNBIND), SQL_SUCCESS);
        CHECK_INT(DIRECT(SQLFreeStmt)(s, SQL_RESET_PARAMS), SQL_SUCCESS);
    }
}

static void walk(void)
{
    const char *wanted = getenv("ALDB_TEST_SEED");
    const char *length = getenv("ALDB_TEST_STEPS");
    int steps = length ? atoi(length) : under_valgrind() ? 1500 : 8000;
    seed = wanted ? strtoull(wanted, NULL, 10) : 20240229;
    guard();
    for (size_t i = 0; i < COUNT(lengths); i++) {
        lengths[i] = SQL_NTS;
    }
    d = direct_open(SQL_OV_ODBC3_80, true);
    CHECK_INT(DIRECT(SQLExecDirect)(d.stmt, T("create temp table anything (a int, b text)"), SQL_NTS), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLExecDirect)(d.stmt, T("insert into anything select g, 'b' || g from generate_series(1, 30) g"), SQL_NTS), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLExecDirect)(d.stmt, T("create function pg_temp.anything_f(a int) returns int language sql as 'select a'"), SQL_NTS), SQL_SUCCESS);
    for (int i = 0; i < STMTS; i++) {
        CHECK_INT(DIRECT(SQLAllocHandle)(SQL_HANDLE_STMT, d.dbc, &stmts[i]), SQL_SUCCESS);
    }
    for (int i = 0; i < DESCS; i++) {
        CHECK_INT(DIRECT(SQLAllocHandle)(SQL_HANDLE_DESC, d.dbc, &explicit[i]), SQL_SUCCESS);
    }
    int failures = 0;
    for (int i = 0; i < steps && failures < 20; i++) {
        struct called c = step();
        char what[128];
        SQLCHAR state[6] = "";
        SQLRETURN record = DIRECT(SQLGetDiagRec)(c.type, c.handle, 1, state, NULL, NULL, 0, NULL);
        snprintf(what, sizeof what, "step %d, %s", i, c.name);
        bool fine = c.rc == SQL_SUCCESS           ? record == SQL_NO_DATA
                    : c.rc == SQL_SUCCESS_WITH_INFO ? record == SQL_SUCCESS /* also errors, of some rows or sets */
                    : c.rc == SQL_ERROR             ? record == SQL_SUCCESS && strlen((char *)state) == 5 && strncmp((char *)state, "01", 2) != 0
                                                    : c.rc == SQL_NO_DATA || c.rc == SQL_NEED_DATA;
        if (!fine) {
            failures++;
            snprintf(what, sizeof what, "step %d, %s = %d, record %d, state %s", i, c.name, c.rc, record, (char *)state);
            check_true(fine, what, __FILE__, __LINE__);
        }
        if (!guarded()) {
            failures++;
            check_true(false, what, __FILE__, __LINE__);
            guard();
        }
        if (c.rc == SQL_ERROR && strcmp((char *)state, "08S01") == 0) {
            check_text((char *)state, "", what, __FILE__, __LINE__); /* nothing here ends the connection */
            break;
        }
        for (size_t k = 0; i % 16 == 0 && k < COUNT(lengths); k++) {
            static const SQLLEN given[] = {SQL_NTS, SQL_NULL_DATA, 0, 4, SQL_DATA_AT_EXEC, SQL_LEN_DATA_AT_EXEC(3)};
            lengths[k] = any(8) ? SQL_NTS : PICK(given);
        }
        help_on();
    }
    /* All is well. */
    for (int i = 0; i < STMTS; i++) {
        CHECK_INT(DIRECT(SQLFreeHandle)(SQL_HANDLE_STMT, stmts[i]), SQL_SUCCESS);
    }
    CHECK_INT(DIRECT(SQLEndTran)(SQL_HANDLE_DBC, d.dbc, SQL_ROLLBACK), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLSetConnectAttr)(d.dbc, SQL_ATTR_AUTOCOMMIT, (SQLPOINTER)SQL_AUTOCOMMIT_ON, 0), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLExecDirect)(d.stmt, T("select count(*) >= 0 from anything"), SQL_NTS), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLFetch)(d.stmt), SQL_SUCCESS);
    direct_close(&d);
}

int main(void)
{
    static const struct test tests[] = {{"any calls", walk}};
    return run_tests("anything", tests, COUNT(tests));
}
