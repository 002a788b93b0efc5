/* SPDX-License-Identifier: Apache-2.0 */
/* SQLGetInfo: every information type in its exact width, and the truth where the server can tell it. */
#include "direct.h"

#include <ctype.h>

/* ---- widths -------------------------------------------------------------------------------------------------------- */

enum kind { NONE, S, U16, U32, H };

struct range {
    SQLUSMALLINT first, last;
    enum kind kind;
};

/* As the ODBC reference says of each. What is not here does not exist. */
static const struct range kinds[] = {
    {0, 1, U16},     {2, 2, S},       {3, 4, H},       {6, 7, S},       {8, 8, U32},     {9, 9, U16},     {10, 11, S},     {12, 12, U16},
    {13, 14, S},     {15, 15, U16},   {16, 21, S},     {22, 24, U16},   {25, 25, S},     {26, 26, U32},   {27, 27, S},     {28, 28, U16},
    {29, 29, S},     {30, 35, U16},   {36, 42, S},     {43, 44, U32},   {45, 45, S},     {46, 46, U16},   {47, 47, S},     {48, 72, U32},
    {73, 73, S},     {74, 75, U16},   {76, 76, H},     {77, 77, S},     {78, 83, U32},   {84, 85, U16},   {86, 86, U32},   {87, 87, S},
    {88, 88, U16},   {89, 90, S},     {91, 92, U32},   {93, 93, U16},   {94, 94, S},     {95, 96, U32},   {97, 101, U16},  {102, 102, U32},
    {103, 103, S},   {104, 105, U32}, {106, 107, U16}, {108, 110, U32}, {111, 111, S},   {112, 112, U32}, {113, 113, S},   {114, 114, U16},
    {115, 115, U32}, {116, 116, U16}, {117, 134, U32}, {136, 170, U32}, {171, 171, S},   {172, 173, U32}, {10000, 10000, S}, {10001, 10001, U32},
    {10002, 10004, S}, {10005, 10005, U16}, {10021, 10025, U32},
};

static enum kind kind_of(SQLUSMALLINT type)
{
    for (size_t i = 0; i < COUNT(kinds); i++) {
        if (type >= kinds[i].first && type <= kinds[i].last) {
            return kinds[i].kind;
        }
    }
    return NONE;
}

static bool untouched(const unsigned char *buffer, size_t from, size_t size)
{
    for (size_t i = from; i < size; i++) {
        if (buffer[i] != 0xAA) {
            return false;
        }
    }
    return true;
}

static void exact_width(struct link *l, SQLUSMALLINT type, bool direct)
{
    static const size_t sizes[] = {[U16] = 2, [U32] = 4, [H] = 8};
    unsigned char buffer[4096];
    SQLSMALLINT length = -1;
    char what[64];
    enum kind kind = kind_of(type);
    snprintf(what, sizeof what, "information type %u", type);
    memset(buffer, 0xAA, sizeof buffer);
    SQLRETURN rc = direct ? DIRECT(SQLGetInfo)(l->dbc, type, buffer, sizeof buffer, &length) : SQLGetInfo(l->dbc, type, buffer, sizeof buffer, &length);
    if (kind == NONE) {
        check_int(rc, SQL_ERROR, what, __FILE__, __LINE__);
        const char *state = direct ? direct_state(SQL_HANDLE_DBC, l->dbc) : diag_state(l->dbc, 1);
        check_text(state, type >= 1000 ? "HYC00" : "HY096", what, __FILE__, __LINE__);
        check_true(untouched(buffer, 0, sizeof buffer), what, __FILE__, __LINE__);
        return;
    }
    check_int(rc, SQL_SUCCESS, what, __FILE__, __LINE__);
    if (kind == S) {
        size_t n = strnlen((char *)buffer, sizeof buffer);
        check_int(length, (int64_t)n, what, __FILE__, __LINE__);
        check_true(untouched(buffer, n + 1, sizeof buffer), what, __FILE__, __LINE__);
    } else {
        check_true(untouched(buffer, sizes[kind], sizeof buffer), what, __FILE__, __LINE__);
        /* The last byte that is the value's: its high one is 0, since no value is that large. */
        check_true(kind == H || buffer[sizes[kind] - 1] != 0xAA, what, __FILE__, __LINE__);
    }
}

static void widths(void)
{
    struct link l = link_open("");
    for (SQLUSMALLINT type = 0; type < 10100; type = (SQLUSMALLINT)(type == 300 ? 9990 : type + 1)) {
        if (type != SQL_DRIVER_HSTMT && type != SQL_DRIVER_HDESC) { /* these take a handle as well */
            exact_width(&l, type, false);
        }
    }
    link_close(&l);

    /* Of the driver alone: the same, but for what only a driver manager can know. */
    l = direct_open(SQL_OV_ODBC3_80, true);
    for (SQLUSMALLINT type = 0; type < 10100; type = (SQLUSMALLINT)(type == 300 ? 9990 : type + 1)) {
        if (type != SQL_DRIVER_HSTMT && type != SQL_DRIVER_HDESC && type != SQL_DRIVER_HLIB && type != SQL_DM_VER) {
            exact_width(&l, type, true);
        }
    }
    DIRECT_STATE(SQL_HANDLE_DBC, l.dbc, DIRECT(SQLGetInfo)(l.dbc, SQL_DM_VER, NULL, 0, NULL), "HY096");
    DIRECT_STATE(SQL_HANDLE_DBC, l.dbc, DIRECT(SQLGetInfo)(l.dbc, 65535, NULL, 0, NULL), "HYC00");
    direct_close(&l);
}

/* ---- strings ------------------------------------------------------------------------------------------------------- */

static void strings(void)
{
    struct link l = link_open("");
    char buffer[64];
    SQLWCHAR wbuffer[64];
    SQLSMALLINT length = -1;

    CHECK_OK(l.dbc, SQLGetInfo(l.dbc, SQL_DBMS_NAME, buffer, sizeof buffer, &length));
    CHECK_TEXT(buffer, "PostgreSQL");
    CHECK_INT(length, 10);
    CHECK_OK(l.dbc, SQLGetInfo(l.dbc, SQL_DBMS_NAME, NULL, 0, &length));
    CHECK_INT(length, 10);
    CHECK_OK(l.dbc, SQLGetInfo(l.dbc, SQL_DBMS_NAME, buffer, sizeof buffer, NULL));

    /* Just enough, one too little, one, none. */
    CHECK_OK(l.dbc, SQLGetInfo(l.dbc, SQL_DBMS_NAME, buffer, 11, &length));
    memset(buffer, 'x', sizeof buffer);
    CHECK_INFO(l.dbc, SQLGetInfo(l.dbc, SQL_DBMS_NAME, buffer, 10, &length), "01004");
    CHECK_TEXT(buffer, "PostgreSQ");
    CHECK_INT(length, 10);
    CHECK_INT(buffer[10], 'x');
    CHECK_INFO(l.dbc, SQLGetInfo(l.dbc, SQL_DBMS_NAME, buffer, 1, &length), "01004");
    CHECK_TEXT(buffer, "");
    buffer[0] = 'x';
    CHECK_INFO(l.dbc, SQLGetInfo(l.dbc, SQL_DBMS_NAME, buffer, 0, &length), "01004");
    CHECK_INT(buffer[0], 'x');
    CHECK_INT(length, 10);
    CHECK_STATE(l.dbc, SQLGetInfo(l.dbc, SQL_DBMS_NAME, buffer, -2, &length), "HY090");

    /* Wide: all lengths in bytes. */
    CHECK_OK(l.dbc, SQLGetInfoW(l.dbc, SQL_DBMS_NAME, wbuffer, sizeof wbuffer, &length));
    CHECK_TEXT(narrow(wbuffer), "PostgreSQL");
    CHECK_INT(length, 20);
    CHECK_OK(l.dbc, SQLGetInfoW(l.dbc, SQL_DBMS_NAME, NULL, 0, &length));
    CHECK_INT(length, 20);
    CHECK_OK(l.dbc, SQLGetInfoW(l.dbc, SQL_DBMS_NAME, wbuffer, 22, &length));
    memset(wbuffer, 'x', sizeof wbuffer);
    CHECK_INFO(l.dbc, SQLGetInfoW(l.dbc, SQL_DBMS_NAME, wbuffer, 20, &length), "01004");
    CHECK_TEXT(narrow(wbuffer), "PostgreSQ");
    CHECK_INT(length, 20);
    CHECK_INT(wbuffer[10], 0x7878);
    /* Half a character has no room in an odd byte. */
    memset(wbuffer, 'x', sizeof wbuffer);
    struct link d = direct_open(SQL_OV_ODBC3_80, true);
    CHECK_INT(DIRECT(SQLGetInfoW)(d.dbc, SQL_DBMS_NAME, wbuffer, 21, &length), SQL_SUCCESS_WITH_INFO);
    CHECK_TEXT(direct_state(SQL_HANDLE_DBC, d.dbc), "01004");
    CHECK_TEXT(narrow(wbuffer), "PostgreSQ");
    CHECK_INT(wbuffer[10], 0x7878);
    /* Numbers: the length of the buffer means nothing, its own is told. */
    SQLUINTEGER number = 0;
    CHECK_INT(DIRECT(SQLGetInfo)(d.dbc, SQL_TXN_ISOLATION_OPTION, &number, 0, &length), SQL_SUCCESS);
    CHECK_INT(number, 15);
    CHECK_INT(length, 4);
    CHECK_INT(DIRECT(SQLGetInfo)(d.dbc, SQL_TXN_ISOLATION_OPTION, NULL, 0, NULL), SQL_SUCCESS);
    /* The driver's handles are its own ones, of which the driver manager has others. */
    SQLHANDLE own = SQL_NULL_HANDLE;
    CHECK_INT(DIRECT(SQLGetInfo)(d.dbc, SQL_DRIVER_HDBC, (SQLPOINTER)&own, sizeof own, &length), SQL_SUCCESS);
    CHECK(own == d.dbc);
    CHECK_INT(length, sizeof own);
    CHECK_INT(DIRECT(SQLGetInfo)(d.dbc, SQL_DRIVER_HENV, (SQLPOINTER)&own, sizeof own, &length), SQL_SUCCESS);
    CHECK(own == d.env);
    /* Before it is connected a driver knows what is constant, and says so of the rest. */
    direct_close(&d);
    d = direct_open(SQL_OV_ODBC3_80, false);
    CHECK_INT(DIRECT(SQLGetInfo)(d.dbc, SQL_DRIVER_ODBC_VER, buffer, sizeof buffer, NULL), SQL_SUCCESS);
    CHECK_TEXT(buffer, "03.80");
    DIRECT_STATE(SQL_HANDLE_DBC, d.dbc, DIRECT(SQLGetInfo)(d.dbc, SQL_DBMS_VER, buffer, sizeof buffer, NULL), "08003");
    direct_close(&d);
    link_close(&l);
}

/* ---- values -------------------------------------------------------------------------------------------------------- */

static const char *info_text(SQLHDBC dbc, SQLUSMALLINT type)
{
    static char text[8192];
    CHECK_OK(dbc, SQLGetInfo(dbc, type, text, sizeof text, NULL));
    return text;
}

static SQLUINTEGER info_number(SQLHDBC dbc, SQLUSMALLINT type)
{
    SQLUINTEGER number = 0; /* a SQLUSMALLINT fills the low half */
    CHECK_OK(dbc, SQLGetInfo(dbc, type, &number, sizeof number, NULL));
    return number;
}

static void from_the_server(void)
{
    struct link l = link_open("");
    CHECK_TEXT(info_text(l.dbc, SQL_DATABASE_NAME), query_text(l.stmt, "select current_database()"));
    CHECK_TEXT(info_text(l.dbc, SQL_USER_NAME), query_text(l.stmt, "select current_user"));
    CHECK_TEXT(info_text(l.dbc, SQL_COLLATION_SEQ), query_text(l.stmt, "select datcollate from pg_database where datname = current_database()"));
    CHECK_TEXT(info_text(l.dbc, SQL_SERVER_NAME), fact("HOST"));
    CHECK_TEXT(info_text(l.dbc, SQL_DATA_SOURCE_NAME), fact("DSN"));
    CHECK_TEXT(info_text(l.dbc, SQL_DRIVER_ODBC_VER), "03.80");
    CHECK_TEXT(info_text(l.dbc, SQL_DRIVER_NAME), "liballoydbodbc.so");
    CHECK_TEXT(info_text(l.dbc, SQL_SEARCH_PATTERN_ESCAPE), "\\");
    CHECK_TEXT(info_text(l.dbc, SQL_IDENTIFIER_QUOTE_CHAR), "\"");
    char version[128];
    char wanted[128];
    snprintf(version, sizeof version, "%s", info_text(l.dbc, SQL_DBMS_VER));
    int number = (int)query_int(l.stmt, "show server_version_num");
    snprintf(wanted, sizeof wanted, "%02d.00.%04d %s", number / 10000, number % 10000, query_text(l.stmt, "show server_version"));
    CHECK_TEXT(version, wanted);
    snprintf(version, sizeof version, "%s", info_text(l.dbc, SQL_DRIVER_VER));
    CHECK(strlen(version) >= 10 && isdigit(version[0]) && isdigit(version[1]) && version[2] == '.' && version[5] == '.');

    SQLUINTEGER identifier = (SQLUINTEGER)query_int(l.stmt, "show max_identifier_length");
    static const SQLUSMALLINT lengths[] = {SQL_MAX_COLUMN_NAME_LEN, SQL_MAX_SCHEMA_NAME_LEN,    SQL_MAX_TABLE_NAME_LEN, SQL_MAX_CATALOG_NAME_LEN,
                                           SQL_MAX_USER_NAME_LEN,   SQL_MAX_PROCEDURE_NAME_LEN, SQL_MAX_IDENTIFIER_LEN};
    for (size_t i = 0; i < COUNT(lengths); i++) {
        CHECK_INT(info_number(l.dbc, lengths[i]), identifier);
    }
    CHECK_INT(info_number(l.dbc, SQL_MAX_COLUMNS_IN_INDEX), query_int(l.stmt, "show max_index_keys"));
    CHECK_INT(info_number(l.dbc, SQL_DEFAULT_TXN_ISOLATION), SQL_TXN_READ_COMMITTED);
    CHECK_INT(info_number(l.dbc, SQL_MAX_COLUMNS_IN_SELECT), 1664);
    CHECK_INT(info_number(l.dbc, SQL_MAX_COLUMNS_IN_TABLE), 1600);

    /* What SQL does. */
    CHECK_INT(info_number(l.dbc, SQL_CONCAT_NULL_BEHAVIOR), SQL_CB_NULL);
    CHECK_TEXT(query_text(l.stmt, "select 'a' || null"), "NULL");
    CHECK_TEXT(query_text(l.stmt, "select {fn concat('a', null)}"), "NULL");
    CHECK_INT(info_number(l.dbc, SQL_NULL_COLLATION), SQL_NC_HIGH);
    CHECK_TEXT(query_text(l.stmt, "select x from (values (null), (1)) v(x) order by x desc"), "NULL");
    CHECK_INT(info_number(l.dbc, SQL_IDENTIFIER_CASE), SQL_IC_LOWER);
    CHECK_INT(info_number(l.dbc, SQL_QUOTED_IDENTIFIER_CASE), SQL_IC_SENSITIVE);
    CHECK_TEXT(info_text(l.dbc, SQL_SPECIAL_CHARACTERS), "$");
    CHECK_INT(query_int(l.stmt, "select a$b from (values (5)) v(a$b)"), 5);
    CHECK_TEXT(info_text(l.dbc, SQL_EXPRESSIONS_IN_ORDERBY), "Y");
    CHECK_TEXT(info_text(l.dbc, SQL_ORDER_BY_COLUMNS_IN_SELECT), "N");
    CHECK_INT(query_int(l.stmt, "select x from (values (1, 2), (2, 1)) v(x, y) order by y + 0"), 2);
    CHECK_TEXT(info_text(l.dbc, SQL_CATALOG_NAME), "Y");
    CHECK_TEXT(info_text(l.dbc, SQL_CATALOG_NAME_SEPARATOR), ".");
    CHECK_INT(info_number(l.dbc, SQL_CATALOG_LOCATION), SQL_CL_START);
    CHECK(query_int(l.stmt, "select count(*) from aldb_test.pg_catalog.pg_class") > 100);
    CHECK_INT(info_number(l.dbc, SQL_GROUP_BY), SQL_GB_GROUP_BY_CONTAINS_SELECT);
    CHECK_INT(query_int(l.stmt, "select count(*) from (values (1, 2)) v(x, y) group by x, y"), 1);
    link_close(&l);

    l = link_open("ReadOnly=1");
    CHECK_TEXT(info_text(l.dbc, SQL_DATA_SOURCE_READ_ONLY), "Y");
    link_close(&l);
    l = link_open("UID=aldb_readonly;PWD=$PASSWORD");
    CHECK_TEXT(info_text(l.dbc, SQL_DATA_SOURCE_READ_ONLY), "Y");
    CHECK_TEXT(info_text(l.dbc, SQL_USER_NAME), "aldb_readonly");
    link_close(&l);
    l = link_open("DbmsName=AlloyDB");
    CHECK_TEXT(info_text(l.dbc, SQL_DATA_SOURCE_READ_ONLY), "N");
    CHECK_TEXT(info_text(l.dbc, SQL_DBMS_NAME), "AlloyDB");
    link_close(&l);
    l = link_open("ErrorRollback=NONE;PqOpt={options=-cdefault_transaction_isolation=serializable}");
    CHECK_INT(info_number(l.dbc, SQL_DEFAULT_TXN_ISOLATION), SQL_TXN_SERIALIZABLE);
    /* In a failed transaction the server says nothing: then that is said, and not what is usual. */
    SQLUINTEGER level = 99;
    CHECK_OK(l.dbc, SQLSetConnectAttr(l.dbc, SQL_ATTR_AUTOCOMMIT, (SQLPOINTER)SQL_AUTOCOMMIT_OFF, 0));
    CHECK_STATE(l.stmt, SQLExecDirect(l.stmt, T("select 1/0"), SQL_NTS), "22012");
    CHECK_STATE(l.dbc, SQLGetInfo(l.dbc, SQL_DEFAULT_TXN_ISOLATION, &level, sizeof level, NULL), "25000");
    CHECK_INT(level, 99);
    CHECK_TEXT(info_text(l.dbc, SQL_COLLATION_SEQ), "");
    CHECK_TEXT(info_text(l.dbc, SQL_DBMS_NAME), "PostgreSQL");
    CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_ROLLBACK));
    CHECK_INT(info_number(l.dbc, SQL_DEFAULT_TXN_ISOLATION), SQL_TXN_SERIALIZABLE);
    CHECK(info_text(l.dbc, SQL_COLLATION_SEQ)[0] != '\0');
    link_close(&l);
}

/* SQL_KEYWORDS: exactly the words that this server reserves and ODBC does not list itself. */
static void keywords(void)
{
    struct link l = link_open("");
    char sql[8192];
    snprintf(sql, sizeof sql,
             "with ours as (select unnest(string_to_array('%s', ',')) as w), odbc as (select unnest(string_to_array('%s', ',')) as w),"
             " server as (select upper(word) as w from pg_get_keywords() where catcode in ('R', 'T'))"
             " select coalesce(string_agg(w, ','), 'same') from ((select w from server except select w from odbc except select w from ours)"
             " union all (select w from ours except select w from server) union all (select w from ours intersect select w from odbc)) d",
             info_text(l.dbc, SQL_KEYWORDS),
             "ABSOLUTE,ACTION,ADA,ADD,ALL,ALLOCATE,ALTER,AND,ANY,ARE,AS,ASC,ASSERTION,AT,AUTHORIZATION,AVG,BEGIN,BETWEEN,BIT,BIT_LENGTH,BOTH,BY,CASCADE,"
             "CASCADED,CASE,CAST,CATALOG,CHAR,CHAR_LENGTH,CHARACTER,CHARACTER_LENGTH,CHECK,CLOSE,COALESCE,COLLATE,COLLATION,COLUMN,COMMIT,CONNECT,"
             "CONNECTION,CONSTRAINT,CONSTRAINTS,CONTINUE,CONVERT,CORRESPONDING,COUNT,CREATE,CROSS,CURRENT,CURRENT_DATE,CURRENT_TIME,CURRENT_TIMESTAMP,"
             "CURRENT_USER,CURSOR,DATE,DAY,DEALLOCATE,DEC,DECIMAL,DECLARE,DEFAULT,DEFERRABLE,DEFERRED,DELETE,DESC,DESCRIBE,DESCRIPTOR,DIAGNOSTICS,"
             "DISCONNECT,DISTINCT,DOMAIN,DOUBLE,DROP,ELSE,END,END-EXEC,ESCAPE,EXCEPT,EXCEPTION,EXEC,EXECUTE,EXISTS,EXTERNAL,EXTRACT,FALSE,FETCH,FIRST,"
             "FLOAT,FOR,FOREIGN,FORTRAN,FOUND,FROM,FULL,GET,GLOBAL,GO,GOTO,GRANT,GROUP,HAVING,HOUR,IDENTITY,IMMEDIATE,IN,INCLUDE,INDEX,INDICATOR,"
             "INITIALLY,INNER,INPUT,INSENSITIVE,INSERT,INT,INTEGER,INTERSECT,INTERVAL,INTO,IS,ISOLATION,JOIN,KEY,LANGUAGE,LAST,LEADING,LEFT,LEVEL,LIKE,"
             "LOCAL,LOWER,MATCH,MAX,MIN,MINUTE,MODULE,MONTH,NAMES,NATIONAL,NATURAL,NCHAR,NEXT,NO,NONE,NOT,NULL,NULLIF,NUMERIC,OCTET_LENGTH,OF,ON,ONLY,"
             "OPEN,OPTION,OR,ORDER,OUTER,OUTPUT,OVERLAPS,PAD,PARTIAL,PASCAL,PLI,POSITION,PRECISION,PREPARE,PRESERVE,PRIMARY,PRIOR,PRIVILEGES,PROCEDURE,"
             "PUBLIC,READ,REAL,REFERENCES,RELATIVE,RESTRICT,REVOKE,RIGHT,ROLLBACK,ROWS,SCHEMA,SCROLL,SECOND,SECTION,SELECT,SESSION,SESSION_USER,SET,SIZE,"
             "SMALLINT,SOME,SPACE,SQL,SQLCA,SQLCODE,SQLERROR,SQLSTATE,SQLWARNING,SUBSTRING,SUM,SYSTEM_USER,TABLE,TEMPORARY,THEN,TIME,TIMESTAMP,"
             "TIMEZONE_HOUR,TIMEZONE_MINUTE,TO,TRAILING,TRANSACTION,TRANSLATE,TRANSLATION,TRIM,TRUE,UNION,UNIQUE,UNKNOWN,UPDATE,UPPER,USAGE,USER,USING,"
             "VALUE,VALUES,VARCHAR,VARYING,VIEW,WHEN,WHENEVER,WHERE,WITH,WORK,WRITE,YEAR,ZONE");
    CHECK_TEXT(query_text(l.stmt, sql), "same");
    link_close(&l);
}

/* {fn CONVERT(value, type)}: what the masks promise works, and nothing else does that keeps the value. */
static void conversions(void)
{
    static const struct {
        SQLUSMALLINT type;
        const char *value;   /* NULL: text that is a value of the target */
        SQLUINTEGER beyond;  /* also works, but what comes out is not the value: the months of an hour, the day of a number with an exponent */
    } from[] = {
        {SQL_CONVERT_BIGINT, "1::int8", 0},
        {SQL_CONVERT_BINARY, "'\\x31'::bytea", 0},
        {SQL_CONVERT_BIT, "true", 0},
        {SQL_CONVERT_CHAR, NULL, 0},
        {SQL_CONVERT_DATE, "date '2024-02-29'", 0},
        {SQL_CONVERT_DECIMAL, "1.0", 0},
        {SQL_CONVERT_DOUBLE, "1::float8", SQL_CVT_INTERVAL_YEAR_MONTH | SQL_CVT_INTERVAL_DAY_TIME},
        {SQL_CONVERT_FLOAT, "1::float8", SQL_CVT_INTERVAL_YEAR_MONTH | SQL_CVT_INTERVAL_DAY_TIME},
        {SQL_CONVERT_GUID, "'00000000-0000-0000-0000-000000000001'::uuid", 0},
        {SQL_CONVERT_INTEGER, "1", 0},
        {SQL_CONVERT_INTERVAL_DAY_TIME, "interval '1' second", SQL_CVT_INTERVAL_YEAR_MONTH},
        {SQL_CONVERT_INTERVAL_YEAR_MONTH, "interval '1' year", SQL_CVT_INTERVAL_DAY_TIME | SQL_CVT_TIME},
        {SQL_CONVERT_LONGVARBINARY, "'\\x31'::bytea", 0},
        {SQL_CONVERT_LONGVARCHAR, NULL, 0},
        {SQL_CONVERT_NUMERIC, "1::numeric", 0},
        {SQL_CONVERT_REAL, "1::float4", SQL_CVT_INTERVAL_YEAR_MONTH | SQL_CVT_INTERVAL_DAY_TIME},
        {SQL_CONVERT_SMALLINT, "1::int2", 0},
        {SQL_CONVERT_TIME, "time '1:2:3'", SQL_CVT_INTERVAL_YEAR_MONTH},
        {SQL_CONVERT_TIMESTAMP, "timestamp '2024-02-29 1:2:3'", 0},
        {SQL_CONVERT_TINYINT, "1::int2", 0},
        {SQL_CONVERT_VARBINARY, "'\\x31'::bytea", 0},
        {SQL_CONVERT_VARCHAR, NULL, 0},
        {SQL_CONVERT_WCHAR, NULL, 0},
        {SQL_CONVERT_WLONGVARCHAR, NULL, 0},
        {SQL_CONVERT_WVARCHAR, NULL, 0},
    };
    static const struct {
        SQLUINTEGER bit;
        const char *type, *text; /* text: what a string holds to be one */
    } to[] = {
        {SQL_CVT_BIGINT, "SQL_BIGINT", "1"}, {SQL_CVT_BINARY, "SQL_BINARY", "1"}, {SQL_CVT_BIT, "SQL_BIT", "1"}, {SQL_CVT_CHAR, "SQL_CHAR", "1"},
        {SQL_CVT_DATE, "SQL_DATE", "2024-02-29"}, {SQL_CVT_DECIMAL, "SQL_DECIMAL", "1"}, {SQL_CVT_DOUBLE, "SQL_DOUBLE", "1"}, {SQL_CVT_FLOAT, "SQL_FLOAT", "1"},
        {SQL_CVT_INTEGER, "SQL_INTEGER", "1"}, {SQL_CVT_LONGVARBINARY, "SQL_LONGVARBINARY", "1"}, {SQL_CVT_LONGVARCHAR, "SQL_LONGVARCHAR", "1"},
        {SQL_CVT_NUMERIC, "SQL_NUMERIC", "1"}, {SQL_CVT_REAL, "SQL_REAL", "1"}, {SQL_CVT_SMALLINT, "SQL_SMALLINT", "1"}, {SQL_CVT_TIME, "SQL_TIME", "1:2:3"},
        {SQL_CVT_TIMESTAMP, "SQL_TIMESTAMP", "2024-02-29 1:2:3"}, {SQL_CVT_TINYINT, "SQL_TINYINT", "1"}, {SQL_CVT_VARBINARY, "SQL_VARBINARY", "1"},
        {SQL_CVT_VARCHAR, "SQL_VARCHAR", "1"}, {SQL_CVT_WCHAR, "SQL_WCHAR", "1"}, {SQL_CVT_WLONGVARCHAR, "SQL_WLONGVARCHAR", "1"},
        {SQL_CVT_WVARCHAR, "SQL_WVARCHAR", "1"}, {SQL_CVT_GUID, "SQL_GUID", "00000000-0000-0000-0000-000000000001"},
        {SQL_CVT_INTERVAL_YEAR_MONTH, "SQL_INTERVAL_YEAR", "1 year"}, {SQL_CVT_INTERVAL_DAY_TIME, "SQL_INTERVAL_SECOND", "1 second"},
    };
    struct link l = link_open("");
    CHECK_INT(info_number(l.dbc, SQL_CONVERT_FUNCTIONS), SQL_FN_CVT_CAST | SQL_FN_CVT_CONVERT);
    for (size_t i = 0; i < COUNT(from); i++) {
        SQLUINTEGER mask = info_number(l.dbc, from[i].type);
        SQLUINTEGER works = 0;
        SQLUINTEGER all = 0;
        for (size_t k = 0; k < COUNT(to); k++) {
            char sql[256];
            if (from[i].value) {
                snprintf(sql, sizeof sql, "select {fn convert(%s, %s)}", from[i].value, to[k].type);
            } else {
                snprintf(sql, sizeof sql, "select {fn convert('%s'::text, %s)}", to[k].text, to[k].type);
            }
            all |= to[k].bit;
            works |= SQL_SUCCEEDED(SQLExecDirect(l.stmt, T(sql), SQL_NTS)) ? to[k].bit : 0;
            SQLFreeStmt(l.stmt, SQL_CLOSE);
        }
        char what[64];
        snprintf(what, sizeof what, "conversions of information type %u", from[i].type);
        check_int(works, mask | from[i].beyond, what, __FILE__, __LINE__);
        check_int(mask & ~all, 0, what, __FILE__, __LINE__);
        check_int(mask & from[i].beyond, 0, what, __FILE__, __LINE__);
    }
    link_close(&l);
}

/* The masks of scalar functions, and one call of each. */
static void functions_of_sql(void)
{
    static const struct {
        SQLUSMALLINT type;
        const char *calls[24]; /* by bit */
    } masks[] = {
        {SQL_STRING_FUNCTIONS,
         {"concat('a','b')", "insert('abc',1,1,'x')", "left('abc',1)", "ltrim(' a')", "length('a')", "locate('b','ab')", "lcase('A')", "repeat('a',2)",
          "replace('a','a','b')", "right('ab',1)", "rtrim('a ')", "substring('abc',1,1)", "ucase('a')", "ascii('a')", "char(65)", "difference('a','b')",
          "locate('b','ab',1)", "soundex('a')", "space(1)", "bit_length('a')", "char_length('a')", "character_length('a')", "octet_length('a')",
          "position('a' in 'ba')"}},
        {SQL_NUMERIC_FUNCTIONS,
         {"abs(1)", "acos(1)", "asin(1)", "atan(1)", "atan2(1,1)", "ceiling(1)", "cos(1)", "cot(1)", "exp(1)", "floor(1)", "log(1)", "mod(1,1)", "sign(1)",
          "sin(1)", "sqrt(1)", "tan(1)", "pi()", "rand()", "degrees(1)", "log10(1)", "power(1,1)", "radians(1)", "round(1,1)", "truncate(1,1)"}},
        {SQL_TIMEDATE_FUNCTIONS,
         {"now()", "curdate()", "dayofmonth(current_date)", "dayofweek(current_date)", "dayofyear(current_date)", "month(current_date)", "quarter(current_date)",
          "week(current_date)", "year(current_date)", "curtime()", "hour(now())", "minute(now())", "second(now())", "timestampadd(SQL_TSI_DAY,1,now())",
          "timestampdiff(SQL_TSI_DAY,now(),now())", "dayname(now())", "monthname(now())", "current_date", "current_time", "current_timestamp",
          "extract(year from now())"}},
        {SQL_SYSTEM_FUNCTIONS, {"user()", "database()", "ifnull(1,2)"}},
    };
    struct link l = link_open("");
    for (size_t i = 0; i < COUNT(masks); i++) {
        SQLUINTEGER mask = info_number(l.dbc, masks[i].type);
        for (unsigned bit = 0; bit < 24; bit++) {
            char sql[256];
            bool has = mask & 1u << bit;
            if (!has) {
                continue;
            }
            CHECK(masks[i].calls[bit] != NULL);
            snprintf(sql, sizeof sql, "select {fn %s}", masks[i].calls[bit]);
            check_rc(l.stmt, SQLExecDirect(l.stmt, T(sql), SQL_NTS), SQL_SUCCESS, sql, __FILE__, __LINE__);
            SQLFreeStmt(l.stmt, SQL_CLOSE);
        }
        CHECK((mask & 0xff000000u) == 0);
    }
    CHECK_INT(info_number(l.dbc, SQL_NUMERIC_FUNCTIONS), 0xffffff);
    CHECK_INT(info_number(l.dbc, SQL_TIMEDATE_FUNCTIONS), 0x1fffff);
    CHECK_INT(info_number(l.dbc, SQL_SYSTEM_FUNCTIONS), 7);
    CHECK_INT(info_number(l.dbc, SQL_STRING_FUNCTIONS), 0xffffff);
    CHECK_INT(info_number(l.dbc, SQL_TIMEDATE_ADD_INTERVALS), 0x1ff);
    CHECK_INT(info_number(l.dbc, SQL_TIMEDATE_DIFF_INTERVALS), 0x1ff);
    link_close(&l);
}

/* Cursors at the end of a transaction, as told. */
static void cursor_behaviour(void)
{
    struct link l = link_open("");
    CHECK_INT(info_number(l.dbc, SQL_CURSOR_COMMIT_BEHAVIOR), SQL_CB_PRESERVE);
    CHECK_INT(info_number(l.dbc, SQL_CURSOR_ROLLBACK_BEHAVIOR), SQL_CB_CLOSE);
    CHECK_OK(l.dbc, SQLSetConnectAttr(l.dbc, SQL_ATTR_AUTOCOMMIT, (SQLPOINTER)SQL_AUTOCOMMIT_OFF, 0));
    query(l.stmt, "select generate_series(1, 100000)");
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_COMMIT));
    SQLINTEGER value = 0;
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_OK(l.stmt, SQLGetData(l.stmt, 1, SQL_C_SLONG, &value, 0, NULL));
    CHECK_INT(value, 2);
    CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_ROLLBACK));
    CHECK_STATE(l.stmt, SQLFetch(l.stmt), "HY010");
    CHECK_INT(query_int(l.stmt, "select 7"), 7);
    link_close(&l);
}

int main(void)
{
    static const struct test tests[] = {
        {"widths", widths},
        {"strings", strings},
        {"what the server says", from_the_server},
        {"keywords", keywords},
        {"conversions", conversions},
        {"scalar functions", functions_of_sql},
        {"cursor behaviour", cursor_behaviour},
    };
    return run_tests("SQLGetInfo", tests, COUNT(tests));
}
