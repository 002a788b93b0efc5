/* SPDX-License-Identifier: Apache-2.0 */
/* What SQLGetInfo promises beside the masks of test_promises.c: of the driver itself, its words, and lengths. Each is tried, the other way round
 * too where there is one. */
#include "harness.h"

#include <stdlib.h>

static SQLUINTEGER number(SQLHDBC dbc, SQLUSMALLINT type)
{
    SQLUINTEGER value = 0; /* a SQLUSMALLINT fills the low half */
    CHECK_OK(dbc, SQLGetInfo(dbc, type, &value, sizeof value, NULL));
    return value;
}

static const char *text(SQLHDBC dbc, SQLUSMALLINT type)
{
    static char value[128];
    CHECK_OK(dbc, SQLGetInfo(dbc, type, value, sizeof value, NULL));
    return value;
}

static bool works(SQLHSTMT stmt, const char *sql)
{
    SQLRETURN rc = exec_direct(stmt, sql);
    CHECK_OK(stmt, SQLFreeStmt(stmt, SQL_CLOSE));
    return SQL_SUCCEEDED(rc) || rc == SQL_NO_DATA;
}

/* ---- words and signs ----------------------------------------------------------------------------------------------- */

/* What the server calls them, in its own statements. */
static void terms(void)
{
    static const struct {
        SQLUSMALLINT type;
        const char *before, *behind;
    } list[] = {
        {SQL_CATALOG_TERM, "comment on", "aldb_test is 'x'"},
        {SQL_SCHEMA_TERM, "create", "odbc_terms"},
        {SQL_TABLE_TERM, "create", "odbc_terms.t (a int)"},
        {SQL_PROCEDURE_TERM, "create", "odbc_terms.p() language sql as 'select 1'"},
    };
    struct link l = link_open("");
    set_autocommit(l.dbc, false);
    for (size_t i = 0; i < COUNT(list); i++) {
        char sql[128];
        snprintf(sql, sizeof sql, "%s %s %s", list[i].before, text(l.dbc, list[i].type), list[i].behind);
        check_true(works(l.stmt, sql), sql, __FILE__, __LINE__);
    }
    CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_ROLLBACK));
    link_close(&l);
}

/* Behind the first character of a name: letters, digits, '_', and what SQL_SPECIAL_CHARACTERS has. */
static void special_characters(void)
{
    struct link l = link_open("");
    for (char c = '!'; c <= '~'; c++) {
        char sql[64], name[8] = "";
        bool ordinary = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
        if (c == ';' || c == '?') { /* ends the statement, and is a marker */
            continue;
        }
        snprintf(sql, sizeof sql, "select 1 as x%cy", c);
        bool is = false;
        if (SQL_SUCCEEDED(exec_direct(l.stmt, sql))) {
            CHECK_OK(l.stmt, SQLDescribeCol(l.stmt, 1, T(name), sizeof name, NULL, NULL, NULL, NULL, NULL));
            is = strlen(name) == 3;
        }
        CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
        check_int(is, ordinary || strchr(text(l.dbc, SQL_SPECIAL_CHARACTERS), c) != NULL, sql, __FILE__, __LINE__);
    }
    /* The quote makes a name of everything else, itself doubled. */
    char sql[64];
    const char *quote = text(l.dbc, SQL_IDENTIFIER_QUOTE_CHAR);
    snprintf(sql, sizeof sql, "select 7 as %sselect %s%s!%s", quote, quote, quote, quote);
    CHECK_INT(query_int(l.stmt, sql), 7);
    link_close(&l);
}

static void order_and_groups(void)
{
    struct link l = link_open("");
    CHECK_INT(number(l.dbc, SQL_NULL_COLLATION), SQL_NC_HIGH);
    run(l.stmt, "create temp table v as select x from (values (null), (1), (2)) as v (x)");
    CHECK_TEXT(query_text(l.stmt, "select string_agg(coalesce(x::text, 'null'), ' ') from (select x from v order by x) s"), "1 2 null");
    CHECK_TEXT(query_text(l.stmt, "select string_agg(coalesce(x::text, 'null'), ' ') from (select x from v order by x desc) s"), "null 2 1");
    /* A column that is selected has to be among the groups; others may be too. */
    CHECK_INT(number(l.dbc, SQL_GROUP_BY), SQL_GB_GROUP_BY_CONTAINS_SELECT);
    CHECK(works(l.stmt, "select x from (values (1, 2)) v(x, y) group by y, x"));
    CHECK(!works(l.stmt, "select x from (values (1, 2)) v(x, y) group by y"));
    /* A name that is an alias of another; a correlation name that is like it. */
    CHECK_INT(number(l.dbc, SQL_CORRELATION_NAME), SQL_CN_ANY);
    CHECK(works(l.stmt, "select pg_class.relname from pg_class as pg_class"));
    link_close(&l);
}

/* ---- the driver ---------------------------------------------------------------------------------------------------- */

/* 0: no limit. */
static void connections(void)
{
    enum { ENVIRONMENTS = 3, EACH = 10 };
    struct link links[ENVIRONMENTS];
    SQLHDBC more[ENVIRONMENTS][EACH];
    for (size_t i = 0; i < ENVIRONMENTS; i++) {
        links[i] = link_open("");
        CHECK_INT(number(links[i].dbc, SQL_ACTIVE_ENVIRONMENTS), 0);
        CHECK_INT(number(links[i].dbc, SQL_MAX_DRIVER_CONNECTIONS), 0);
        for (size_t k = 0; k < EACH; k++) {
            CHECK_OK(links[i].env, SQLAllocHandle(SQL_HANDLE_DBC, links[i].env, &more[i][k]));
            CHECK_RC(more[i][k], try_connect(more[i][k], connstr(";")), SQL_SUCCESS);
        }
    }
    for (size_t i = 0; i < ENVIRONMENTS; i++) {
        CHECK_INT(query_int(links[i].stmt, "select 5"), 5);
        for (size_t k = 0; k < EACH; k++) {
            CHECK_OK(more[i][k], SQLDisconnect(more[i][k]));
            CHECK_OK(more[i][k], SQLFreeHandle(SQL_HANDLE_DBC, more[i][k]));
        }
        link_close(&links[i]);
    }
}

/* Statements and connections, by polling, as many as there are at a time; tests/odbc/test_async.c does it. */
static void asynchronous(void)
{
    static const SQLUSMALLINT none[] = {SQL_ASYNC_NOTIFICATION, SQL_MAX_ASYNC_CONCURRENT_STATEMENTS, SQL_DRIVER_AWARE_POOLING_SUPPORTED, SQL_FILE_USAGE};
    struct link l = link_open("");
    for (size_t i = 0; i < COUNT(none); i++) {
        CHECK_INT(number(l.dbc, none[i]), 0);
    }
    CHECK_INT(number(l.dbc, SQL_ASYNC_MODE), SQL_AM_STATEMENT);
    CHECK_INT(number(l.dbc, SQL_ASYNC_DBC_FUNCTIONS), SQL_ASYNC_DBC_CAPABLE);
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_ASYNC_ENABLE, (SQLPOINTER)SQL_ASYNC_ENABLE_ON, 0));
    SQLRETURN rc;
    int polls = 0;
    while ((rc = SQLExecDirect(l.stmt, T("select pg_sleep(0.3)"), SQL_NTS)) == SQL_STILL_EXECUTING) {
        polls++;
    }
    CHECK_RC(l.stmt, rc, SQL_SUCCESS);
    CHECK(polls > 0);
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    CHECK_STATE(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_ASYNC_STMT_EVENT, (SQLPOINTER)1, 0), "S1118");
    link_close(&l);
}

/* What a cursor's mask lacks is refused; where all of it is empty, another cursor takes the place of the one that was asked for. */
static void movements(void)
{
    static const struct {
        SQLULEN cursor;
        SQLUSMALLINT first, second;
    } types[] = {
        {SQL_CURSOR_FORWARD_ONLY, SQL_FORWARD_ONLY_CURSOR_ATTRIBUTES1, SQL_FORWARD_ONLY_CURSOR_ATTRIBUTES2},
        {SQL_CURSOR_STATIC, SQL_STATIC_CURSOR_ATTRIBUTES1, SQL_STATIC_CURSOR_ATTRIBUTES2},
        {SQL_CURSOR_KEYSET_DRIVEN, SQL_KEYSET_CURSOR_ATTRIBUTES1, SQL_KEYSET_CURSOR_ATTRIBUTES2},
        {SQL_CURSOR_DYNAMIC, SQL_DYNAMIC_CURSOR_ATTRIBUTES1, SQL_DYNAMIC_CURSOR_ATTRIBUTES2},
    };
    static const struct {
        SQLSMALLINT orientation;
        SQLUINTEGER bit, old;
    } moves[] = {
        {SQL_FETCH_NEXT, SQL_CA1_NEXT, SQL_FD_FETCH_NEXT},
        {SQL_FETCH_FIRST, SQL_CA1_ABSOLUTE, SQL_FD_FETCH_FIRST},
        {SQL_FETCH_LAST, SQL_CA1_ABSOLUTE, SQL_FD_FETCH_LAST},
        {SQL_FETCH_PRIOR, SQL_CA1_RELATIVE, SQL_FD_FETCH_PRIOR},
        {SQL_FETCH_ABSOLUTE, SQL_CA1_ABSOLUTE, SQL_FD_FETCH_ABSOLUTE},
        {SQL_FETCH_RELATIVE, SQL_CA1_RELATIVE, SQL_FD_FETCH_RELATIVE},
    };
    struct link l = link_open("");
    SQLUINTEGER directions = 0;
    for (size_t i = 0; i < COUNT(types); i++) {
        SQLULEN cursor = 0;
        SQLUINTEGER mask = number(l.dbc, types[i].first);
        SQLHSTMT stmt = new_stmt(l.dbc);
        SQLRETURN rc = SQLSetStmtAttr(stmt, SQL_ATTR_CURSOR_TYPE, (SQLPOINTER)types[i].cursor, 0);
        CHECK_OK(stmt, SQLGetStmtAttr(stmt, SQL_ATTR_CURSOR_TYPE, &cursor, 0, NULL));
        CHECK_INT(rc == SQL_SUCCESS && cursor == types[i].cursor, mask != 0);
        CHECK_INT(mask != 0, number(l.dbc, types[i].second) != 0);
        for (size_t k = 0; k < COUNT(moves) && mask != 0; k++) {
            query(stmt, "select generate_series(1, 3)");
            CHECK_INT(SQLFetchScroll(stmt, moves[k].orientation, 1) != SQL_ERROR, (mask & moves[k].bit) != 0);
            CHECK_OK(stmt, SQLFreeStmt(stmt, SQL_CLOSE));
            directions |= mask & moves[k].bit ? moves[k].old : 0;
        }
        free_stmt(stmt);
    }
    CHECK_INT(number(l.dbc, SQL_FETCH_DIRECTION), directions | SQL_FD_FETCH_BOOKMARK);
    /* ODBC 2's word for what a cursor shows of its own changes. */
    SQLUINTEGER sensitivity = number(l.dbc, SQL_STATIC_SENSITIVITY);
    SQLUINTEGER attributes = number(l.dbc, SQL_STATIC_CURSOR_ATTRIBUTES2);
    CHECK_INT((sensitivity & SQL_SS_ADDITIONS) != 0, (attributes & SQL_CA2_SENSITIVITY_ADDITIONS) != 0);
    CHECK_INT((sensitivity & SQL_SS_DELETIONS) != 0, (attributes & SQL_CA2_SENSITIVITY_DELETIONS) != 0);
    CHECK_INT((sensitivity & SQL_SS_UPDATES) != 0, (attributes & SQL_CA2_SENSITIVITY_UPDATES) != 0);

    /* A bookmark outlives that the cursor moves away from its row. Updates and deletions: test_setpos.c. */
    unsigned char mark[64] = {0};
    SQLLEN length = 0;
    SQLINTEGER value = 0;
    CHECK(number(l.dbc, SQL_BOOKMARK_PERSISTENCE) & SQL_BP_SCROLL);
    SQLHSTMT marked = new_stmt(l.dbc);
    CHECK_OK(marked, SQLSetStmtAttr(marked, SQL_ATTR_CURSOR_TYPE, (SQLPOINTER)SQL_CURSOR_STATIC, 0));
    CHECK_OK(marked, SQLSetStmtAttr(marked, SQL_ATTR_USE_BOOKMARKS, (SQLPOINTER)SQL_UB_VARIABLE, 0));
    query(marked, "select generate_series(1, 5)");
    CHECK_OK(marked, SQLFetchScroll(marked, SQL_FETCH_ABSOLUTE, 2));
    CHECK_OK(marked, SQLGetData(marked, 0, SQL_C_VARBOOKMARK, mark, sizeof mark, &length));
    CHECK_OK(marked, SQLFetchScroll(marked, SQL_FETCH_LAST, 0));
    CHECK_OK(marked, SQLSetStmtAttr(marked, SQL_ATTR_FETCH_BOOKMARK_PTR, mark, 0));
    CHECK_OK(marked, SQLFetchScroll(marked, SQL_FETCH_BOOKMARK, 0));
    CHECK_OK(marked, SQLGetData(marked, 1, SQL_C_SLONG, &value, 0, NULL));
    CHECK_INT(value, 2);
    free_stmt(marked);

    /* Positioned statements, which ODBC 2's extended grammar asks for. */
    run(l.stmt, "create temp table positioned (a int); insert into positioned values (1)");
    SQLHSTMT other = new_stmt(l.dbc);
    set_autocommit(l.dbc, false);
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_CONCURRENCY, (SQLPOINTER)SQL_CONCUR_ROWVER, 0));
    CHECK_OK(l.stmt, SQLSetCursorName(l.stmt, T("here"), SQL_NTS));
    query(l.stmt, "select a from positioned for update");
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    bool positioned = works(other, "update positioned set a = 2 where current of here");
    positioned &= works(other, "delete from positioned where current of here");
    CHECK_INT(number(l.dbc, SQL_POSITIONED_STATEMENTS), positioned ? SQL_PS_POSITIONED_DELETE | SQL_PS_POSITIONED_UPDATE | SQL_PS_SELECT_FOR_UPDATE : 0);
    CHECK_INT(number(l.dbc, SQL_ODBC_SQL_CONFORMANCE), positioned ? SQL_OSC_EXTENDED : SQL_OSC_CORE);
    CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_ROLLBACK));
    link_close(&l);
}

/* ---- conformance --------------------------------------------------------------------------------------------------- */

static bool all_supported(SQLHDBC dbc, const SQLUSMALLINT *functions, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        SQLUSMALLINT supported = SQL_FALSE;
        CHECK_OK(dbc, SQLGetFunctions(dbc, functions[i], &supported));
        if (!supported) {
            return false;
        }
    }
    return true;
}

/* No more than SQLGetFunctions has. */
static void conformance(void)
{
    /* By the functions of ODBC 3 that the driver manager makes those of ODBC 2 of. */
    static const SQLUSMALLINT core[] = {SQL_API_SQLALLOCHANDLE, SQL_API_SQLBINDCOL, SQL_API_SQLCANCEL, SQL_API_SQLCOLATTRIBUTE, SQL_API_SQLCONNECT,
                                        SQL_API_SQLDESCRIBECOL, SQL_API_SQLDISCONNECT, SQL_API_SQLGETDIAGREC, SQL_API_SQLEXECDIRECT, SQL_API_SQLEXECUTE,
                                        SQL_API_SQLFETCH, SQL_API_SQLFREEHANDLE, SQL_API_SQLFREESTMT, SQL_API_SQLGETCURSORNAME, SQL_API_SQLNUMRESULTCOLS,
                                        SQL_API_SQLPREPARE, SQL_API_SQLROWCOUNT, SQL_API_SQLSETCURSORNAME, SQL_API_SQLBINDPARAMETER, SQL_API_SQLENDTRAN};
    static const SQLUSMALLINT level1[] = {SQL_API_SQLCOLUMNS, SQL_API_SQLDRIVERCONNECT, SQL_API_SQLGETCONNECTATTR, SQL_API_SQLGETDATA, SQL_API_SQLGETFUNCTIONS,
                                          SQL_API_SQLGETINFO, SQL_API_SQLGETSTMTATTR, SQL_API_SQLGETTYPEINFO, SQL_API_SQLPARAMDATA, SQL_API_SQLPUTDATA,
                                          SQL_API_SQLSETCONNECTATTR, SQL_API_SQLSETSTMTATTR, SQL_API_SQLSPECIALCOLUMNS, SQL_API_SQLSTATISTICS, SQL_API_SQLTABLES};
    static const SQLUSMALLINT level2[] = {SQL_API_SQLBROWSECONNECT, SQL_API_SQLCOLUMNPRIVILEGES, SQL_API_SQLDESCRIBEPARAM, SQL_API_SQLFETCHSCROLL,
                                          SQL_API_SQLFOREIGNKEYS, SQL_API_SQLMORERESULTS, SQL_API_SQLNATIVESQL, SQL_API_SQLNUMPARAMS, SQL_API_SQLPRIMARYKEYS,
                                          SQL_API_SQLPROCEDURECOLUMNS, SQL_API_SQLPROCEDURES, SQL_API_SQLSETPOS, SQL_API_SQLTABLEPRIVILEGES};
    static const char *const entry[] = {
        "create table odbc_entry (a integer not null primary key, b character(3) default 'x' check (b <> 'y'), c decimal(5,2), unique (b, c))",
        "create view odbc_entry_view (a) as select a from odbc_entry where a > 0 with check option",
        "grant select, update (b) on odbc_entry to public",
        "insert into odbc_entry (a, b, c) values (1, 'abc', 1.25)",
        "select distinct b, count(*), avg(c) from odbc_entry where b like 'a%' escape '!' group by b having max(a) >= all (select 1) order by 2 desc",
        "select x.a, y.b from odbc_entry x, odbc_entry y where x.a = y.a",
        "select a from odbc_entry where exists (select * from odbc_entry_view) union all select 2 from odbc_entry where b between 'a' and 'b' and c is not null",
        "update odbc_entry set b = user where a in (99, 100)",
        "delete from odbc_entry where a = any (select a from odbc_entry_view)",
        "set transaction isolation level serializable",
    };
    struct link l = link_open("");
    CHECK(all_supported(l.dbc, core, COUNT(core)));
    int level = all_supported(l.dbc, level1, COUNT(level1)) ? SQL_OAC_LEVEL1 : SQL_OAC_NONE;
    level = level == SQL_OAC_LEVEL1 && all_supported(l.dbc, level2, COUNT(level2)) ? SQL_OAC_LEVEL2 : level;
    CHECK((int)number(l.dbc, SQL_ODBC_API_CONFORMANCE) <= level);
    CHECK_INT(number(l.dbc, SQL_ODBC_SAG_CLI_CONFORMANCE), SQL_OSCC_COMPLIANT);
    /* ODBC 3's Level 1: stored procedures, scrolling, SQLSetPos, several results, SQLBrowseConnect, keys, asynchronous execution, transactions. */
    static const SQLUSMALLINT interface1[] = {SQL_API_SQLBROWSECONNECT, SQL_API_SQLFETCHSCROLL, SQL_API_SQLMORERESULTS, SQL_API_SQLPRIMARYKEYS, SQL_API_SQLPROCEDURES,
                                              SQL_API_SQLPROCEDURECOLUMNS, SQL_API_SQLSETPOS};
    SQLUINTEGER scrolls = number(l.dbc, SQL_STATIC_CURSOR_ATTRIBUTES1);
    bool first = all_supported(l.dbc, interface1, COUNT(interface1)) && scrolls & SQL_CA1_ABSOLUTE && scrolls & SQL_CA1_RELATIVE && scrolls & SQL_CA1_POS_REFRESH &&
                 number(l.dbc, SQL_ASYNC_MODE) != SQL_AM_NONE && strcmp(text(l.dbc, SQL_PROCEDURES), "Y") == 0;
    CHECK_INT(number(l.dbc, SQL_ODBC_INTERFACE_CONFORMANCE), first ? SQL_OIC_LEVEL1 : SQL_OIC_CORE);
    CHECK_INT(number(l.dbc, SQL_STANDARD_CLI_CONFORMANCE), SQL_SCC_XOPEN_CLI_VERSION1 | SQL_SCC_ISO92_CLI);
    CHECK_TEXT(text(l.dbc, SQL_XOPEN_CLI_YEAR), "1995");
    CHECK(strncmp(text(l.dbc, SQL_ODBC_VER), "03.", 3) == 0);

    CHECK_INT(number(l.dbc, SQL_SQL_CONFORMANCE), SQL_SC_SQL92_ENTRY);
    run(l.stmt, "drop table if exists odbc_entry cascade");
    for (size_t i = 0; i < COUNT(entry); i++) {
        set_autocommit(l.dbc, i + 1 == COUNT(entry)); /* the last one begins a transaction */
        check_true(works(l.stmt, entry[i]), entry[i], __FILE__, __LINE__);
    }
    run(l.stmt, "drop table odbc_entry cascade");

    /* SQLDescribeParam tells the type, which SQL_DESCRIBE_PARAMETER "N" does not forbid; "Y" would mean that precision and scale are the column's. */
    SQLSMALLINT type = 0;
    SQLULEN size = 0;
    SQLSMALLINT digits = 0;
    CHECK_TEXT(text(l.dbc, SQL_DESCRIBE_PARAMETER), "N");
    run(l.stmt, "create temp table described (m numeric(10,2))");
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("insert into described values (?)"), SQL_NTS));
    CHECK_OK(l.stmt, SQLDescribeParam(l.stmt, 1, &type, &size, &digits, NULL));
    CHECK_INT(type, SQL_NUMERIC);
    CHECK(size != 10 || digits != 2);
    link_close(&l);
}

/* ---- lengths ------------------------------------------------------------------------------------------------------- */

static void lengths(void)
{
    enum { LONG = 8 << 20 };
    static const SQLUSMALLINT none[] = {SQL_MAX_BINARY_LITERAL_LEN, SQL_MAX_CHAR_LITERAL_LEN, SQL_MAX_ROW_SIZE, SQL_MAX_INDEX_SIZE};
    struct link l = link_open("");
    for (size_t i = 0; i < COUNT(none); i++) {
        CHECK_INT(number(l.dbc, none[i]), 0);
    }
    CHECK_INT(number(l.dbc, SQL_MAX_STATEMENT_LEN), 256 << 20); /* one more is refused: unit/test_sqltext.c */
    char *sql = malloc(LONG + 200);
    char *digits = malloc(LONG + 1);
    if (sql == NULL || digits == NULL) {
        fprintf(stderr, "out of memory\n");
        exit(1);
    }
    memset(digits, 'a', LONG);
    digits[LONG] = '\0';
    snprintf(sql, LONG + 200, "select length('%s')", digits);
    CHECK_INT(query_int(l.stmt, sql), LONG);
    snprintf(sql, LONG + 200, "select length('\\x%s'::bytea)", digits);
    CHECK_INT(query_int(l.stmt, sql), LONG / 2);
    CHECK_TEXT(text(l.dbc, SQL_MAX_ROW_SIZE_INCLUDES_LONG), "Y");
    run(l.stmt, "create temp table wide (t text, u text, v text)");
    snprintf(sql, LONG + 200, "insert into wide select x, x, x from (select '%s'::text as x) s", digits);
    run(l.stmt, sql);
    CHECK_INT(query_int(l.stmt, "select length(t) + length(u) + length(v) from wide"), 3 * (int64_t)LONG);
    run(l.stmt, "create index on wide using hash (t)"); /* any length; a tree's pages set a limit to what is left of it when it is compressed */
    free(sql);
    free(digits);
    link_close(&l);
}

int main(void)
{
    static const struct test tests[] = {
        {"terms", terms},
        {"special characters", special_characters},
        {"order and groups", order_and_groups},
        {"environments and connections", connections},
        {"asynchronous execution", asynchronous},
        {"movements", movements},
        {"conformance", conformance},
        {"lengths", lengths},
    };
    return run_tests("what SQLGetInfo promises of the driver", tests, COUNT(tests));
}
