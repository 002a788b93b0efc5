/* SPDX-License-Identifier: Apache-2.0 */
/* SQLTables: patterns, escapes, identifiers, type lists, the three enumerations, every kind of relation, and names with any character. */
#include "rows.h"

#include <time.h>

#define SCHEMA "odbc_tables"
#define S T(SCHEMA)

/* The database's superuser, through the socket: foreign tables are his. */
static struct link superuser(void)
{
    struct link l = link_new(SQL_OV_ODBC3_80);
    const char *string = connstr("DRIVER=AlloyDB;Server=$SOCKETDIR;Port=$PORT;Database=$DATABASE;UID=postgres");
    CHECK_OK(l.dbc, try_connect(l.dbc, string));
    l.stmt = new_stmt(l.dbc);
    return l;
}

static void drop_all(SQLHSTMT stmt)
{
    run(stmt, "drop schema if exists " SCHEMA " cascade; drop schema if exists " SCHEMA "_ cascade;"
              " drop foreign data wrapper if exists " SCHEMA "_fdw cascade");
}

static void create_all(void)
{
    struct link l = superuser();
    drop_all(l.stmt);
    run(l.stmt, "create schema " SCHEMA " authorization aldb_test; create schema " SCHEMA "_ authorization aldb_test;"
                " create table " SCHEMA ".plain (a int); comment on table " SCHEMA ".plain is 'grüße 😀';"
                " create view " SCHEMA ".view_ as select 1 as a; comment on view " SCHEMA ".view_ is 'a view';"
                " create materialized view " SCHEMA ".mat as select 1 as a;"
                " create table " SCHEMA ".part (a int) partition by range (a);"
                " create table " SCHEMA ".part1 partition of " SCHEMA ".part for values from (0) to (10);"
                " create unlogged table " SCHEMA ".unlogged (a int primary key);"
                " create foreign data wrapper " SCHEMA "_fdw; create server " SCHEMA "_server foreign data wrapper " SCHEMA "_fdw;"
                " create foreign table " SCHEMA ".far (a int) server " SCHEMA "_server;"
                " create sequence " SCHEMA ".seq; create type " SCHEMA ".composite as (a int);"
                " create table " SCHEMA "_.plain (a int)");
    /* Names with every character that means something to somebody. */
    run(l.stmt, "create table " SCHEMA ".\"a\"\"b\" (a int); create table " SCHEMA ".\"a%b\" (a int); create table " SCHEMA ".\"a_b\" (a int);"
                " create table " SCHEMA ".\"a\\b\" (a int); create table " SCHEMA ".\"axb\" (a int); create table " SCHEMA ".\"it's\" (a int);"
                " create table " SCHEMA ".\"UPPER\" (a int); create table " SCHEMA ".\"été\" (a int); create table " SCHEMA ".\"𝒯😀\" (a int);"
                " create table " SCHEMA ".\" lead\" (a int); create table " SCHEMA ".\"trail \" (a int); create table " SCHEMA ".\"?;{}$1\" (a int);"
                " create table " SCHEMA ".\"n123456789012345678901234567890123456789012345678901234567890ab\" (a int)");
    link_close(&l);
}

static void forget_all(void)
{
    struct link l = superuser();
    drop_all(l.stmt);
    link_close(&l);
}

/* The names that a table pattern finds in the schema. */
static const char *found(SQLHSTMT stmt, const char *pattern)
{
    SQLRETURN rc = SQLTables(stmt, NULL, 0, S, SQL_NTS, T(pattern), SQL_NTS, NULL, 0);
    check_rc(stmt, rc, SQL_SUCCESS, pattern, __FILE__, __LINE__);
    return SQL_SUCCEEDED(rc) ? rows_of(stmt, "3") : "";
}

/* ---- the result set ------------------------------------------------------------------------------------------------ */

static void shape(void)
{
    static const struct shape v3[] = {
        {"TABLE_CAT", SQL_WVARCHAR, SQL_NULLABLE},  {"TABLE_SCHEM", SQL_WVARCHAR, SQL_NULLABLE}, {"TABLE_NAME", SQL_WVARCHAR, SQL_NULLABLE},
        {"TABLE_TYPE", SQL_WVARCHAR, SQL_NULLABLE}, {"REMARKS", SQL_WVARCHAR, SQL_NULLABLE},
    };
    static const struct shape v2[] = {
        {"TABLE_QUALIFIER", SQL_VARCHAR, SQL_NULLABLE}, {"TABLE_OWNER", SQL_VARCHAR, SQL_NULLABLE}, {"TABLE_NAME", SQL_VARCHAR, SQL_NULLABLE},
        {"TABLE_TYPE", SQL_VARCHAR, SQL_NULLABLE},      {"REMARKS", SQL_VARCHAR, SQL_NULLABLE},
    };
    struct link l = link_open("");
    CHECK_OK(l.stmt, SQLTables(l.stmt, NULL, 0, S, SQL_NTS, T("plain"), SQL_NTS, NULL, 0));
    check_shape(l.stmt, v3, COUNT(v3));
    CHECK_TEXT(rows_of(l.stmt, "1 2 3 4 5"), "aldb_test|odbc_tables|plain|TABLE|grüße 😀");
    link_close(&l);

    l = link_new(SQL_OV_ODBC2);
    CHECK_OK(l.dbc, try_connect(l.dbc, connstr(";")));
    l.stmt = new_stmt(l.dbc);
    CHECK_OK(l.stmt, SQLTables(l.stmt, NULL, 0, S, SQL_NTS, T("plain"), SQL_NTS, NULL, 0));
    check_shape(l.stmt, v2, COUNT(v2));
    CHECK_TEXT(rows_of(l.stmt, "1 2 3 4 5"), "aldb_test|odbc_tables|plain|TABLE|grüße 😀");
    link_close(&l);
}

static void kinds_and_order(void)
{
    struct link l = link_open("");
    CHECK_OK(l.stmt, SQLTables(l.stmt, NULL, 0, S, SQL_NTS, T("%"), SQL_NTS, T(""), SQL_NTS));
    /* By type, catalog, schema, name; no sequences, indexes, composite types. */
    CHECK_TEXT(rows_of(l.stmt, "4 3"), "FOREIGN TABLE|far\nMATERIALIZED VIEW|mat\nTABLE| lead\nTABLE|?;{}$1\nTABLE|UPPER\nTABLE|a\"b\nTABLE|a%b\n"
                                       "TABLE|a\\b\nTABLE|a_b\nTABLE|axb\nTABLE|it's\n"
                                       "TABLE|n123456789012345678901234567890123456789012345678901234567890ab\n"
                                       "TABLE|part\nTABLE|part1\nTABLE|plain\nTABLE|trail \nTABLE|unlogged\nTABLE|été\nTABLE|𝒯😀\nVIEW|view_");

    /* All of them have columns. */
    static const char *const relations[] = {"plain", "view_", "mat", "part", "part1", "far", "unlogged"};
    for (size_t i = 0; i < COUNT(relations); i++) {
        char wanted[64];
        CHECK_OK(l.stmt, SQLColumns(l.stmt, NULL, 0, S, SQL_NTS, T(relations[i]), SQL_NTS, NULL, 0));
        snprintf(wanted, sizeof wanted, "%s|a|int4|1", relations[i]);
        CHECK_TEXT(rows_of(l.stmt, "3 4 6 17"), wanted);
    }

    run(l.stmt, "create temp table odbc_tables_temp (a int primary key); create temp view odbc_tables_tempview as select 1 as a");
    CHECK_OK(l.stmt, SQLTables(l.stmt, NULL, 0, NULL, 0, T("odbc\\_tables\\_temp%"), SQL_NTS, NULL, 0));
    CHECK_TEXT(rows_of(l.stmt, "4 3"), "LOCAL TEMPORARY|odbc_tables_temp\nLOCAL TEMPORARY|odbc_tables_tempview");
    /* Their schema is listed like theirs; another session sees neither, for it could do nothing with them. */
    char schema[64];
    snprintf(schema, sizeof schema, "~|%s|~", query_text(l.stmt, "select pg_catalog.pg_my_temp_schema()::pg_catalog.regnamespace"));
    CHECK_OK(l.stmt, SQLTables(l.stmt, T(""), 0, T("%"), 1, T(""), 0, NULL, 0));
    CHECK_CONTAINS(rows_of(l.stmt, "1 2 3"), schema);
    struct link other = link_open("");
    CHECK_OK(other.stmt, SQLTables(other.stmt, NULL, 0, NULL, 0, T("odbc\\_tables\\_temp%"), SQL_NTS, NULL, 0));
    CHECK_INT(count_rows(other.stmt), 0);
    CHECK_OK(other.stmt, SQLColumns(other.stmt, NULL, 0, NULL, 0, T("odbc\\_tables\\_temp%"), SQL_NTS, NULL, 0));
    CHECK_INT(count_rows(other.stmt), 0);
    CHECK_OK(other.stmt, SQLPrimaryKeys(other.stmt, NULL, 0, NULL, 0, T("odbc_tables_temp"), SQL_NTS));
    CHECK_INT(count_rows(other.stmt), 0);
    CHECK_OK(other.stmt, SQLTablePrivileges(other.stmt, NULL, 0, NULL, 0, T("odbc\\_tables\\_temp%"), SQL_NTS));
    CHECK_INT(count_rows(other.stmt), 0);
    link_close(&other);

    /* The system's own tables come when asked for by type or by schema, not otherwise. */
    CHECK_OK(l.stmt, SQLTables(l.stmt, NULL, 0, NULL, 0, T("pg_class"), SQL_NTS, NULL, 0));
    CHECK_TEXT(rows_of(l.stmt, "2 3 4"), "");
    CHECK_OK(l.stmt, SQLTables(l.stmt, NULL, 0, T("pg_catalog"), SQL_NTS, T("pg_class"), SQL_NTS, NULL, 0));
    CHECK_TEXT(rows_of(l.stmt, "2 3 4"), "pg_catalog|pg_class|SYSTEM TABLE");
    CHECK_OK(l.stmt, SQLTables(l.stmt, NULL, 0, NULL, 0, T("pg_tables"), SQL_NTS, T("SYSTEM TABLE"), SQL_NTS));
    CHECK_TEXT(rows_of(l.stmt, "2 3 4"), "pg_catalog|pg_tables|SYSTEM TABLE");
    CHECK_OK(l.stmt, SQLTables(l.stmt, NULL, 0, T("information_schema"), SQL_NTS, T("tables"), SQL_NTS, T("'SYSTEM TABLE'"), SQL_NTS));
    CHECK_TEXT(rows_of(l.stmt, "2 3 4"), "information_schema|tables|SYSTEM TABLE");
    link_close(&l);

    l = link_open("ShowSystemTables=1");
    CHECK_OK(l.stmt, SQLTables(l.stmt, NULL, 0, NULL, 0, T("pg_class"), SQL_NTS, NULL, 0));
    CHECK_TEXT(rows_of(l.stmt, "2 3 4"), "pg_catalog|pg_class|SYSTEM TABLE");
    link_close(&l);
}

/* ---- arguments ----------------------------------------------------------------------------------------------------- */

static void patterns(void)
{
    static const struct {
        const char *pattern, *names;
    } list[] = {
        {"plain", "plain"},
        {"Plain", ""},
        {"pla%", "plain"},
        {"%lai%", "plain"},
        {"_lain", "plain"},
        {"plain_", ""},
        {"a_b", "a\"b\na%b\na\\b\na_b\naxb"},
        {"a\\_b", "a_b"},
        {"a\\%b", "a%b"},
        {"a\\\\b", "a\\b"},
        {"a\\b", "a\\b"},       /* a backslash before an ordinary character is itself */
        {"a\\\\%", "a\\b"},
        {"a\\b%", "a\\b"},
        {"%\\", ""},            /* … and so is one at the end */
        {"a\"b", "a\"b"},
        {"it's", "it's"},
        {"é%", "été"},
        {"_t_", "été"},         /* one character, not one byte */
        {"𝒯_", "𝒯😀"},
        {" lead", " lead"},
        {"trail ", "trail "},   /* blanks are part of a name here */
        {"trail", ""},
        {"?;{}$1", "?;{}$1"},
        {"n123456789012345678901234567890123456789012345678901234567890ab", "n123456789012345678901234567890123456789012345678901234567890ab"},
        {"part%", "part\npart1"},
        {"", ""},               /* tables without a name: none */
        {"nothing", ""},
    };
    struct link l = link_open("");
    for (size_t i = 0; i < COUNT(list); i++) {
        check_text(found(l.stmt, list[i].pattern), list[i].names, list[i].pattern, __FILE__, __LINE__);
        CHECK_OK(l.stmt, SQLTablesW(l.stmt, NULL, 0, wide(SCHEMA), SQL_NTS, wide(list[i].pattern), SQL_NTS, NULL, 0));
        check_text(rows_of(l.stmt, "3"), list[i].names, list[i].pattern, __FILE__, __LINE__);
    }

    /* Schemas are patterns too: "_" means any character. */
    CHECK_OK(l.stmt, SQLTables(l.stmt, NULL, 0, T(SCHEMA "%"), SQL_NTS, T("plain"), SQL_NTS, NULL, 0));
    CHECK_TEXT(rows_of(l.stmt, "2"), "odbc_tables\nodbc_tables_");
    CHECK_OK(l.stmt, SQLTables(l.stmt, NULL, 0, T("odbc\\_tables"), SQL_NTS, T("plain"), SQL_NTS, NULL, 0));
    CHECK_TEXT(rows_of(l.stmt, "2"), "odbc_tables");
    CHECK_OK(l.stmt, SQLTables(l.stmt, NULL, 0, T(""), SQL_NTS, T("plain"), SQL_NTS, NULL, 0));
    CHECK_TEXT(rows_of(l.stmt, "2"), ""); /* tables without a schema: none */
    CHECK_OK(l.stmt, SQLTables(l.stmt, NULL, 0, NULL, 0, T("unlogged"), SQL_NTS, NULL, 0));
    CHECK_CONTAINS(rows_of(l.stmt, "2 3"), "odbc_tables|unlogged");

    /* So is the catalog; one that is not this database has no tables here, and that is no error. */
    static const struct {
        const char *catalog, *names;
    } catalogs[] = {{"aldb_test", "plain"}, {"aldb\\_test", "plain"}, {"%", "plain"}, {"aldb%", "plain"}, {"ALDB_TEST", ""},
                    {"postgres", ""},       {"", ""}};
    for (size_t i = 0; i < COUNT(catalogs); i++) {
        CHECK_OK(l.stmt, SQLTables(l.stmt, T(catalogs[i].catalog), SQL_NTS, S, SQL_NTS, T("plain"), SQL_NTS, NULL, 0));
        check_text(rows_of(l.stmt, "3"), catalogs[i].names, catalogs[i].catalog, __FILE__, __LINE__);
    }

    /* Lengths need no terminator; that of a NULL argument means nothing. */
    CHECK_OK(l.stmt, SQLTables(l.stmt, NULL, -77, T(SCHEMA "XXX"), (SQLSMALLINT)strlen(SCHEMA), T("plainXXX"), 5, NULL, 12345));
    CHECK_TEXT(rows_of(l.stmt, "3"), "plain");
    CHECK_OK(l.stmt, SQLTablesW(l.stmt, NULL, 0, wide(SCHEMA "XXX"), (SQLSMALLINT)strlen(SCHEMA), wide("étéXXX"), 3, NULL, 0));
    CHECK_TEXT(rows_of(l.stmt, "3"), "été");
    link_close(&l);
}

static void type_lists(void)
{
    static const struct {
        const char *types, *kinds;
    } list[] = {
        {"TABLE", "TABLE"},
        {"'TABLE'", "TABLE"},
        {"table", "TABLE"},
        {"VIEW", "VIEW"},
        {"TABLE,VIEW", "TABLE VIEW"},
        {"'TABLE','VIEW'", "TABLE VIEW"},
        {" 'VIEW' ,  TABLE ", "TABLE VIEW"},
        {"VIEW,VIEW", "VIEW"},
        {"MATERIALIZED VIEW", "MATERIALIZED VIEW"},
        {"'FOREIGN TABLE','MATERIALIZED VIEW'", "FOREIGN TABLE MATERIALIZED VIEW"},
        {"ALIAS,SYNONYM,GLOBAL TEMPORARY", ""},
        {"TABLE,ALIAS", "TABLE"},
        {"TABLE VIEW", ""},
        {"it's", ""},
        {",", ""},
        {"%", "FOREIGN TABLE MATERIALIZED VIEW TABLE VIEW"},
        {"", "FOREIGN TABLE MATERIALIZED VIEW TABLE VIEW"},
        {NULL, "FOREIGN TABLE MATERIALIZED VIEW TABLE VIEW"},
        {"A,B,C,D,E,F,G,H,I,J,K,L,M,N,O,P,Q,R,S,T,U,V,W,X,Y,Z,'TABLE','VIEW'", "TABLE VIEW"},
    };
    struct link l = link_open("");
    for (size_t i = 0; i < COUNT(list); i++) {
        char kinds[256] = "";
        char last[64] = "";
        SQLRETURN rc = SQLTables(l.stmt, NULL, 0, S, SQL_NTS, NULL, 0, T(list[i].types), SQL_NTS);
        check_rc(l.stmt, rc, SQL_SUCCESS, list[i].types, __FILE__, __LINE__);
        while (SQL_SUCCEEDED(rc) && SQLFetch(l.stmt) == SQL_SUCCESS) {
            char kind[64];
            CHECK_OK(l.stmt, SQLGetData(l.stmt, 4, SQL_C_CHAR, kind, sizeof kind, NULL));
            if (strcmp(kind, last) != 0) {
                snprintf(kinds + strlen(kinds), sizeof kinds - strlen(kinds), "%s%s", kinds[0] ? " " : "", kind);
                snprintf(last, sizeof last, "%s", kind);
            }
        }
        check_text(kinds, list[i].kinds, list[i].types, __FILE__, __LINE__);
        CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    }
    link_close(&l);
}

static void enumerations(void)
{
    struct link l = link_open("");
    CHECK_OK(l.stmt, SQLTables(l.stmt, T(SQL_ALL_CATALOGS), SQL_NTS, T(""), SQL_NTS, T(""), SQL_NTS, NULL, 0));
    CHECK_CONTAINS(rows_of(l.stmt, "1 2 3 4 5"), "aldb_latin1|~|~|~|~\naldb_test|~|~|~|~\n");
    CHECK_OK(l.stmt, SQLTables(l.stmt, T("%"), 1, T("x"), 0, T("x"), 0, T("x"), 0));
    CHECK_CONTAINS(rows_of(l.stmt, "1 2 3 4 5"), "aldb_test|~|~|~|~");

    CHECK_OK(l.stmt, SQLTables(l.stmt, T(""), SQL_NTS, T(SQL_ALL_SCHEMAS), SQL_NTS, T(""), SQL_NTS, NULL, 0));
    const char *schemas = rows_of(l.stmt, "1 2 3 4 5");
    CHECK_CONTAINS(schemas, "~|odbc_tables|~|~|~");
    CHECK_CONTAINS(schemas, "~|pg_catalog|~|~|~");
    CHECK(strstr(schemas, "pg_temp") == NULL && strstr(schemas, "pg_toast") == NULL);

    CHECK_OK(l.stmt, SQLTables(l.stmt, T(""), SQL_NTS, T(""), SQL_NTS, T(""), SQL_NTS, T(SQL_ALL_TABLE_TYPES), SQL_NTS));
    CHECK_TEXT(rows_of(l.stmt, "1 2 3 4 5"), "~|~|~|FOREIGN TABLE|~\n~|~|~|LOCAL TEMPORARY|~\n~|~|~|MATERIALIZED VIEW|~\n~|~|~|SYSTEM TABLE|~\n"
                                             "~|~|~|TABLE|~\n~|~|~|VIEW|~");
    CHECK_OK(l.stmt, SQLTablesW(l.stmt, wide(""), SQL_NTS, wide(""), SQL_NTS, wide(""), SQL_NTS, wide("%"), SQL_NTS));
    CHECK_INT(count_rows(l.stmt), 6);

    /* All empty, and no type: not an enumeration, and there are no tables without name. */
    CHECK_OK(l.stmt, SQLTables(l.stmt, T(""), SQL_NTS, T(""), SQL_NTS, T(""), SQL_NTS, NULL, 0));
    CHECK_INT(count_rows(l.stmt), 0);
    /* NULL is not "": these list tables. */
    CHECK_OK(l.stmt, SQLTables(l.stmt, T("%"), SQL_NTS, NULL, 0, T("plain"), SQL_NTS, NULL, 0));
    CHECK_CONTAINS(rows_of(l.stmt, "2 3"), "odbc_tables|plain");
    CHECK_OK(l.stmt, SQLTables(l.stmt, NULL, 0, T("%"), SQL_NTS, NULL, 0, T("%"), SQL_NTS));
    CHECK_CONTAINS(rows_of(l.stmt, "2 3 4"), "odbc_tables|plain|TABLE");
    CHECK_OK(l.stmt, SQLTables(l.stmt, NULL, 0, NULL, 0, NULL, 0, NULL, 0));
    CHECK_CONTAINS(rows_of(l.stmt, "2 3 4"), "odbc_tables|plain|TABLE");
    link_close(&l);
}

static void identifiers(void)
{
    struct link l = link_open("");
    SQLCHAR *db = T("ALDB_TEST");
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_METADATA_ID, (SQLPOINTER)SQL_TRUE, 0));
    static const struct {
        const char *name, *names;
    } list[] = {
        {"plain", "plain"},       {"PLAIN", "plain"},     {"Plain  ", "plain"},   {"\"plain\"", "plain"}, {"\"PLAIN\"", ""},
        {"\"UPPER\"", "UPPER"},   {"UPPER", ""},          {"a_b", "a_b"},         {"a%b", "a%b"},         {"%", ""},
        {"\"a\"\"b\"", "a\"b"},   {"\"trail \"", "trail "}, {"été", "été"},       {"a\\b", "a\\b"},       {"\"it's\"", "it's"},
    };
    for (size_t i = 0; i < COUNT(list); i++) {
        CHECK_OK(l.stmt, SQLTables(l.stmt, db, SQL_NTS, T("ODBC_TABLES"), SQL_NTS, T(list[i].name), SQL_NTS, NULL, 0));
        check_text(rows_of(l.stmt, "3"), list[i].names, list[i].name, __FILE__, __LINE__);
    }
    /* Identifiers must be given; the type list is no identifier. */
    CHECK_STATE(l.stmt, SQLTables(l.stmt, NULL, 0, S, SQL_NTS, T("plain"), SQL_NTS, NULL, 0), "HY009");
    CHECK_STATE(l.stmt, SQLTables(l.stmt, db, SQL_NTS, NULL, 0, T("plain"), SQL_NTS, NULL, 0), "HY009");
    CHECK_STATE(l.stmt, SQLTables(l.stmt, db, SQL_NTS, S, SQL_NTS, NULL, 0, NULL, 0), "HY009");
    CHECK_OK(l.stmt, SQLTables(l.stmt, db, SQL_NTS, S, SQL_NTS, T("plain"), SQL_NTS, T("VIEW"), SQL_NTS));
    CHECK_INT(count_rows(l.stmt), 0);

    /* Off again; and as the connection's default for statements to come. */
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_METADATA_ID, (SQLPOINTER)SQL_FALSE, 0));
    CHECK_TEXT(found(l.stmt, "PLAIN"), "");
    CHECK_OK(l.dbc, SQLSetConnectAttr(l.dbc, SQL_ATTR_METADATA_ID, (SQLPOINTER)SQL_TRUE, 0));
    SQLHSTMT other = new_stmt(l.dbc);
    CHECK_OK(other, SQLTables(other, db, SQL_NTS, S, SQL_NTS, T("PLAIN"), SQL_NTS, NULL, 0));
    CHECK_TEXT(rows_of(other, "3"), "plain");
    free_stmt(other);
    link_close(&l);
}

static void bad_arguments(void)
{
    static char endless[1 << 15];
    memset(endless, 'x', sizeof endless - 1);
    struct link l = link_open("");
    CHECK_STATE(l.stmt, SQLTables(l.stmt, NULL, 0, NULL, 0, T("x"), -5, NULL, 0), "HY090");
    CHECK_STATE(l.stmt, SQLTables(l.stmt, T("x"), -1, NULL, 0, NULL, 0, NULL, 0), "HY090");
    CHECK_STATE(l.stmt, SQLTables(l.stmt, NULL, 0, NULL, 0, T("bad \xff name"), SQL_NTS, NULL, 0), "22018");
    CHECK_STATE(l.stmt, SQLTables(l.stmt, NULL, 0, NULL, 0, T("nul\0inside"), 10, NULL, 0), "22018");
    SQLWCHAR lone[] = {'a', 0xD83D, 'b', 0};
    CHECK_STATE(l.stmt, SQLTablesW(l.stmt, NULL, 0, NULL, 0, lone, SQL_NTS, NULL, 0), "22018");
    CHECK_OK(l.stmt, SQLTables(l.stmt, NULL, 0, NULL, 0, T(endless), SQL_NTS, NULL, 0)); /* no table is called so */
    CHECK_INT(count_rows(l.stmt), 0);

    query(l.stmt, "select 1");
    CHECK_STATE(l.stmt, SQLTables(l.stmt, NULL, 0, NULL, 0, NULL, 0, NULL, 0), "24000");
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));

    /* In a failed transaction the server answers nothing, and says so. */
    link_close(&l);
    l = link_open("ErrorRollback=none");
    CHECK_OK(l.dbc, SQLSetConnectAttr(l.dbc, SQL_ATTR_AUTOCOMMIT, (SQLPOINTER)SQL_AUTOCOMMIT_OFF, 0));
    CHECK_INT(query_int(l.stmt, "select 1"), 1);
    CHECK_STATE(l.stmt, SQLExecDirect(l.stmt, T("select 1/0"), SQL_NTS), "22012");
    CHECK_STATE(l.stmt, SQLTables(l.stmt, NULL, 0, S, SQL_NTS, NULL, 0, NULL, 0), "25000");
    CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_ROLLBACK));
    CHECK_TEXT(found(l.stmt, "plain"), "plain");
    link_close(&l);
}

/* ---- as any other result ------------------------------------------------------------------------------------------- */

static void like_a_select(void)
{
    struct link l = link_open("");
    SQLULEN fetched = 0;
    SQLCHAR names[8][130];
    SQLLEN lengths[8];
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_ROW_ARRAY_SIZE, (SQLPOINTER)8, 0));
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_ROWS_FETCHED_PTR, &fetched, 0));
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 3, SQL_C_CHAR, names, sizeof names[0], lengths));
    CHECK_OK(l.stmt, SQLTables(l.stmt, NULL, 0, S, SQL_NTS, T("part%"), SQL_NTS, NULL, 0));
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_INT(fetched, 2);
    CHECK_TEXT(names[0], "part");
    CHECK_TEXT(names[1], "part1");
    CHECK_INT(lengths[1], 5);
    CHECK_RC(l.stmt, SQLFetch(l.stmt), SQL_NO_DATA);
    CHECK_RC(l.stmt, SQLMoreResults(l.stmt), SQL_NO_DATA);
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_UNBIND));
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_ROW_ARRAY_SIZE, (SQLPOINTER)1, 0));

    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_MAX_ROWS, (SQLPOINTER)3, 0));
    CHECK_OK(l.stmt, SQLTables(l.stmt, NULL, 0, S, SQL_NTS, NULL, 0, NULL, 0));
    CHECK_INT(count_rows(l.stmt), 3);
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_MAX_ROWS, (SQLPOINTER)0, 0));

    /* Nobody's search_path, operators or functions change what is found. */
    run(l.stmt, "create function " SCHEMA ".upper(text) returns text language sql as 'select ''evil''';"
                " create function " SCHEMA ".obj_description(oid, name) returns text language sql as 'select ''evil'''");
    run(l.stmt, "set search_path = " SCHEMA ", pg_catalog");
    CHECK_OK(l.stmt, SQLTables(l.stmt, NULL, 0, S, SQL_NTS, T("plain"), SQL_NTS, T("TABLE"), SQL_NTS));
    CHECK_TEXT(rows_of(l.stmt, "3 4 5"), "plain|TABLE|grüße 😀");
    run(l.stmt, "drop function " SCHEMA ".upper(text); drop function " SCHEMA ".obj_description(oid, name)");
    link_close(&l);
}

/* What an application has prepared and bound for its own statements means nothing here. */
static void beside_other_work(void)
{
    struct link l = link_open("");
    SQLINTEGER values[5] = {1, 2, 3, 4, 5};
    SQLUSMALLINT status[5] = {9, 9, 9, 9, 9};
    SQLULEN processed = 77;
    SQLLEN rows = 0;
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("select ?::int"), SQL_NTS));
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, values, 0, NULL));
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_PARAMSET_SIZE, (SQLPOINTER)5, 0));
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_PARAM_STATUS_PTR, status, 0));
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_PARAMS_PROCESSED_PTR, &processed, 0));
    CHECK_TEXT(found(l.stmt, "part%"), "part\npart1");
    CHECK_INT(status[0], 9);
    CHECK_INT(processed, 77);
    CHECK_OK(l.stmt, SQLTables(l.stmt, NULL, 0, S, SQL_NTS, T("part%"), SQL_NTS, NULL, 0));
    CHECK_RC(l.stmt, SQLRowCount(l.stmt, &rows), SQL_SUCCESS);
    CHECK(rows == -1 || rows == 2);
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    /* The prepared statement is gone, as after SQLExecDirect. */
    CHECK_STATE(l.stmt, SQLExecute(l.stmt), "HY010");
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_PARAMSET_SIZE, (SQLPOINTER)1, 0));
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("select ?::int"), SQL_NTS));
    CHECK_OK(l.stmt, SQLExecute(l.stmt));
    CHECK_INT(count_rows(l.stmt), 1);

    /* SQL_NOSCAN, another statement that streams, and an open transaction change nothing either. */
    SQLHSTMT stream = new_stmt(l.dbc);
    CHECK_OK(l.dbc, SQLSetConnectAttr(l.dbc, SQL_ATTR_AUTOCOMMIT, (SQLPOINTER)SQL_AUTOCOMMIT_OFF, 0));
    query(stream, "select generate_series(1, 200000)");
    CHECK_OK(stream, SQLFetch(stream));
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_NOSCAN, (SQLPOINTER)SQL_NOSCAN_ON, 0));
    CHECK_TEXT(found(l.stmt, "part%"), "part\npart1");
    CHECK_OK(stream, SQLFetch(stream));
    SQLINTEGER value = 0;
    CHECK_OK(stream, SQLGetData(stream, 1, SQL_C_SLONG, &value, 0, NULL));
    CHECK_INT(value, 2);
    free_stmt(stream);
    link_close(&l);
}

/* ---- many tables --------------------------------------------------------------------------------------------------- */

/* One of fifty takes less than a tenth of a second, so that a busy machine does not decide. */
static bool quick(SQLHSTMT stmt, bool columns)
{
    double best = 1e9;
    for (int i = 0; i < 50 && best >= 0.1; i++) {
        double start = seconds_now();
        if (columns) {
            CHECK_OK(stmt, SQLColumns(stmt, NULL, 0, T("odbc_many"), SQL_NTS, T("t4321"), SQL_NTS, NULL, 0));
            CHECK_INT(count_rows(stmt), 4);
        } else {
            CHECK_OK(stmt, SQLTables(stmt, NULL, 0, T("odbc_many"), SQL_NTS, T("t4321"), SQL_NTS, NULL, 0));
            CHECK_INT(count_rows(stmt), 1);
        }
        double took = seconds_now() - start;
        best = took < best ? took : best;
    }
    return best < 0.1;
}

static void five_thousand_tables(void)
{
    struct link l = link_open("");
    run(l.stmt, "drop schema if exists odbc_many cascade");
    run(l.stmt, "create schema odbc_many");
    run(l.stmt, "do $$ begin for i in 1..5000 loop execute format('create table odbc_many.t%s (a int, b varchar(20), c numeric(9,2), d date)', i);"
                " if i % 500 = 0 then commit; end if; end loop; end $$");
    CHECK(quick(l.stmt, false));
    CHECK(quick(l.stmt, true));
    CHECK_OK(l.stmt, SQLTables(l.stmt, NULL, 0, T("odbc_many"), SQL_NTS, T("%"), SQL_NTS, T("TABLE"), SQL_NTS));
    CHECK_INT(count_rows(l.stmt), 5000);
    CHECK_OK(l.stmt, SQLColumns(l.stmt, NULL, 0, T("odbc\\_many"), SQL_NTS, NULL, 0, NULL, 0));
    CHECK_INT(count_rows(l.stmt), 20000);
    /* Dropped in pieces: one transaction has room for so many locks only. */
    run(l.stmt, "do $$ begin for i in 1..5000 loop execute format('drop table odbc_many.t%s', i);"
                " if i % 500 = 0 then commit; end if; end loop; end $$");
    run(l.stmt, "drop schema odbc_many");
    link_close(&l);
}

int main(void)
{
    static const struct test tests[] = {
        {"(tables)", create_all},
        {"columns of the result", shape},
        {"kinds of relations, and their order", kinds_and_order},
        {"patterns", patterns},
        {"type lists", type_lists},
        {"enumerations", enumerations},
        {"SQL_ATTR_METADATA_ID", identifiers},
        {"bad arguments", bad_arguments},
        {"like a SELECT", like_a_select},
        {"beside other work", beside_other_work},
        {"five thousand tables", five_thousand_tables},
        {"(no tables)", forget_all},
    };
    return run_tests("SQLTables", tests, COUNT(tests));
}
