/* SPDX-License-Identifier: Apache-2.0 */
/* SQLNumResultCols, SQLDescribeCol and SQLColAttribute: every field, before and after execution, narrow and wide, for ODBC 3 and ODBC 2. */
#include "results.h"

/* Another program must not have it: schemas are seen by all. */
#define SCHEMA "aldb_describe"

static struct link open_with_table(void)
{
    struct link l = link_open("");
    run(l.stmt, "drop schema if exists " SCHEMA " cascade; create schema " SCHEMA ";"
                "create domain " SCHEMA ".code as varchar(3) not null;"
                "create type " SCHEMA ".\"Mood\" as enum ('sad', 'happy');"
                "create table " SCHEMA ".\"Order\" (id serial primary key, ident int8 generated always as identity, name varchar(20) not null,"
                " note text default 'x', amount numeric(10,2), at timestamptz(3), day date, raw bytea, u uuid, f float8, ok bool, code " SCHEMA ".code,"
                " o oid, iv interval day to second(2), m money, arr int[], js jsonb, c char(4), mood " SCHEMA ".\"Mood\","
                " \"Größe 😀\" int, double int generated always as (1) stored);"
                "create view " SCHEMA ".v as select id, name from " SCHEMA ".\"Order\"");
    return l;
}

static void close_with_table(struct link *l)
{
    run(l->stmt, "drop schema " SCHEMA " cascade");
    link_close(l);
}

static const char *text_of(SQLHSTMT stmt, SQLUSMALLINT column, SQLUSMALLINT field)
{
    static char text[128];
    SQLSMALLINT length = -1;
    memset(text, 0, sizeof text);
    CHECK_OK(stmt, SQLColAttribute(stmt, column, field, text, sizeof text, &length, NULL));
    CHECK_INT(length, (SQLSMALLINT)strlen(text));
    return text;
}

/* ---- SQLNumResultCols ---------------------------------------------------------------------------------------------- */

static void num_result_cols(void)
{
    static const struct {
        const char *sql;
        SQLSMALLINT count;
    } list[] = {
        {"select 1", 1},
        {"select 1, 2, 3", 3},
        {"values (1, 2)", 2},
        {"table pg_database", -1}, /* some */
        {"show timezone", 1},
        {"explain select 1", 1},
        {"create temp table t (a int, b text)", 0},
        {"insert into t values (1, 'x')", 0},
        {"insert into t values (1, 'x') returning *", 2},
        {"update t set a = 2 where false returning a", 1},
        {"with x as (delete from t returning a) select a, a from x", 2},
        {"delete from t", 0},
        {"begin", 0},
        {"commit", 0},
    };
    struct link l = link_open("");
    SQLSMALLINT count = 99;
    CHECK_STATE(l.stmt, SQLNumResultCols(l.stmt, &count), "HY010");
    for (size_t i = 0; i < COUNT(list); i++) {
        SQLSMALLINT before = 99;
        count = 99;
        CHECK_OK(l.stmt, SQLPrepare(l.stmt, T(list[i].sql), SQL_NTS));
        CHECK_OK(l.stmt, SQLNumResultCols(l.stmt, &before));
        SQLRETURN rc = SQLExecute(l.stmt);
        CHECK(SQL_SUCCEEDED(rc) || rc == SQL_NO_DATA);
        if (rc != SQL_NO_DATA) { /* the driver manager forgets the statement after SQL_NO_DATA */
            CHECK_OK(l.stmt, SQLNumResultCols(l.stmt, &count));
            CHECK_INT(count, before);
        }
        if (list[i].count >= 0) {
            check_int(before, list[i].count, list[i].sql, __FILE__, __LINE__);
        } else {
            CHECK(before > 5);
        }
        CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    }
    /* Text that the server refuses is known at the latest here. */
    SQLRETURN rc = SQLPrepare(l.stmt, T("select nothing from nowhere"), SQL_NTS);
    if (rc == SQL_SUCCESS) {
        rc = SQLNumResultCols(l.stmt, &count);
    }
    CHECK_INT(rc, SQL_ERROR);
    CHECK_TEXT(diag_state(l.stmt, 1), "42S02");
    CHECK_INT(query_int(l.stmt, "select 1"), 1);
    link_close(&l);
}

/* ---- SQLDescribeCol ------------------------------------------------------------------------------------------------ */

static void describe_col(void)
{
    struct link l = open_with_table();
    SQLCHAR name[32];
    SQLSMALLINT length = -1;
    SQLSMALLINT type = 0;
    SQLSMALLINT digits = -1;
    SQLSMALLINT nullable = -1;
    SQLULEN size = 0x5555555555555555;
    for (int executed = 0; executed < 2; executed++) { /* prepared only, and executed */
        CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("select id, amount, at, \"Größe 😀\", 1 + 1, note as \"A b\" from " SCHEMA ".\"Order\""), SQL_NTS));
        if (executed) {
            CHECK_OK(l.stmt, SQLExecute(l.stmt));
        }
        CHECK_OK(l.stmt, SQLDescribeCol(l.stmt, 1, name, sizeof name, &length, &type, &size, &digits, &nullable));
        CHECK_TEXT(name, "id");
        CHECK_INT(length, 2);
        CHECK_INT(type, SQL_INTEGER);
        CHECK_INT(size, 10);
        CHECK_INT(digits, 0);
        CHECK_INT(nullable, SQL_NO_NULLS);
        CHECK_OK(l.stmt, SQLDescribeCol(l.stmt, 2, name, sizeof name, &length, &type, &size, &digits, &nullable));
        CHECK_TEXT(name, "amount");
        CHECK_INT(type, SQL_NUMERIC);
        CHECK_INT(size, 10);
        CHECK_INT(digits, 2);
        CHECK_INT(nullable, SQL_NULLABLE);
        CHECK_OK(l.stmt, SQLDescribeCol(l.stmt, 3, name, sizeof name, &length, &type, &size, &digits, &nullable));
        CHECK_INT(type, SQL_TYPE_TIMESTAMP);
        CHECK_INT(size, 23);
        CHECK_INT(digits, 3);
        CHECK_OK(l.stmt, SQLDescribeCol(l.stmt, 5, name, sizeof name, &length, &type, &size, &digits, &nullable));
        CHECK_TEXT(name, "?column?");
        CHECK_INT(nullable, SQL_NULLABLE_UNKNOWN);
        CHECK_OK(l.stmt, SQLDescribeCol(l.stmt, 6, name, sizeof name, &length, NULL, NULL, NULL, NULL));
        CHECK_TEXT(name, "A b");

        /* Everything may be NULL; names are cut with 01004, whole characters only, and the full length is told. */
        CHECK_OK(l.stmt, SQLDescribeCol(l.stmt, 1, NULL, 0, NULL, NULL, NULL, NULL, NULL));
        CHECK_OK(l.stmt, SQLDescribeCol(l.stmt, 4, NULL, 0, &length, NULL, NULL, NULL, NULL));
        CHECK_INT(length, 12);
        CHECK_INFO(l.stmt, SQLDescribeCol(l.stmt, 4, name, 12, &length, &type, NULL, NULL, NULL), "01004");
        CHECK_TEXT(name, "Größe ");
        CHECK_INT(length, 12);
        CHECK_INT(type, SQL_INTEGER);
        CHECK_OK(l.stmt, SQLDescribeCol(l.stmt, 4, name, 13, &length, NULL, NULL, NULL, NULL));
        CHECK_TEXT(name, "Größe 😀");
        CHECK_INFO(l.stmt, SQLDescribeCol(l.stmt, 1, name, 1, &length, NULL, NULL, NULL, NULL), "01004");
        CHECK_TEXT(name, "");
        CHECK_INT(length, 2);

        /* Wide: in characters. */
        SQLWCHAR wname[16];
        CHECK_OK(l.stmt, SQLDescribeColW(l.stmt, 4, wname, 9, &length, NULL, NULL, NULL, NULL));
        CHECK_INT(length, 8);
        CHECK_TEXT(narrow(wname), "Größe 😀");
        CHECK_INFO(l.stmt, SQLDescribeColW(l.stmt, 4, wname, 8, &length, NULL, NULL, NULL, NULL), "01004"); /* the pair stays whole */
        CHECK_INT(length, 8);
        CHECK_TEXT(narrow(wname), "Größe ");

        CHECK_STATE(l.stmt, SQLDescribeCol(l.stmt, 0, name, sizeof name, NULL, NULL, NULL, NULL, NULL), "07009");
        CHECK_STATE(l.stmt, SQLDescribeCol(l.stmt, 7, name, sizeof name, NULL, NULL, NULL, NULL, NULL), "07009");
        CHECK_STATE(l.stmt, SQLDescribeCol(l.stmt, 65535, name, sizeof name, NULL, NULL, NULL, NULL, NULL), "07009");
        CHECK_STATE(l.stmt, SQLDescribeCol(l.stmt, 1, name, -1, NULL, NULL, NULL, NULL, NULL), "HY090");
        CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    }

    /* No result set. */
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("delete from " SCHEMA ".\"Order\""), SQL_NTS));
    CHECK_STATE(l.stmt, SQLDescribeCol(l.stmt, 1, name, sizeof name, NULL, NULL, NULL, NULL, NULL), "07005");
    CHECK_STATE(l.stmt, SQLColAttribute(l.stmt, 1, SQL_DESC_TYPE, NULL, 0, NULL, NULL), "07005");
    CHECK_INT(column_attribute(l.stmt, 0, SQL_DESC_COUNT), 0);
    SQLHSTMT fresh = new_stmt(l.dbc);
    CHECK_STATE(fresh, SQLDescribeCol(fresh, 1, name, sizeof name, NULL, NULL, NULL, NULL, NULL), "HY010");
    CHECK_STATE(fresh, SQLColAttribute(fresh, 1, SQL_DESC_TYPE, NULL, 0, NULL, NULL), "HY010");
    free_stmt(fresh);
    close_with_table(&l);
}

/* ---- SQLColAttribute ----------------------------------------------------------------------------------------------- */

/* What PostgreSQL's catalog says of each column of the table. */
struct column {
    const char *name, *type;
    SQLSMALLINT concise, verbose, code;
    SQLLEN length, octets, precision, scale, display, radix;
    SQLLEN nullable, autoinc, is_unsigned, searchable, case_sensitive, fixed_scale;
    const char *prefix, *suffix;
};

#define INT_MAXIMUM 1073741819

static const struct column columns[] = {
    {"id", "int4", SQL_INTEGER, SQL_INTEGER, 0, 10, 4, 10, 0, 11, 10, SQL_NO_NULLS, SQL_TRUE, SQL_FALSE, SQL_PRED_BASIC, SQL_FALSE, SQL_FALSE, "", ""},
    {"ident", "int8", SQL_BIGINT, SQL_BIGINT, 0, 19, 8, 19, 0, 20, 10, SQL_NO_NULLS, SQL_TRUE, SQL_FALSE, SQL_PRED_BASIC, SQL_FALSE, SQL_FALSE, "", ""},
    {"name", "varchar", SQL_WVARCHAR, SQL_WVARCHAR, 0, 20, 80, 0, 0, 20, 0, SQL_NO_NULLS, SQL_FALSE, SQL_TRUE, SQL_SEARCHABLE, SQL_TRUE, SQL_FALSE, "'", "'"},
    {"note", "text", SQL_WLONGVARCHAR, SQL_WLONGVARCHAR, 0, INT_MAXIMUM, 2LL * INT_MAXIMUM, 0, 0, INT_MAXIMUM, 0, SQL_NULLABLE, SQL_FALSE, SQL_TRUE,
     SQL_SEARCHABLE, SQL_TRUE, SQL_FALSE, "'", "'"},
    {"amount", "numeric", SQL_NUMERIC, SQL_NUMERIC, 0, 10, 12, 10, 2, 12, 10, SQL_NULLABLE, SQL_FALSE, SQL_FALSE, SQL_PRED_BASIC, SQL_FALSE, SQL_FALSE, "", ""},
    {"at", "timestamptz", SQL_TYPE_TIMESTAMP, SQL_DATETIME, SQL_CODE_TIMESTAMP, 23, 16, 3, 0, 26, 0, SQL_NULLABLE, SQL_FALSE, SQL_TRUE, SQL_PRED_BASIC,
     SQL_FALSE, SQL_FALSE, "'", "'"},
    {"day", "date", SQL_TYPE_DATE, SQL_DATETIME, SQL_CODE_DATE, 10, 6, 0, 0, 13, 0, SQL_NULLABLE, SQL_FALSE, SQL_TRUE, SQL_PRED_BASIC, SQL_FALSE, SQL_FALSE,
     "'", "'"},
    {"raw", "bytea", SQL_LONGVARBINARY, SQL_LONGVARBINARY, 0, INT_MAXIMUM, INT_MAXIMUM, 0, 0, 2LL * INT_MAXIMUM, 0, SQL_NULLABLE, SQL_FALSE, SQL_TRUE,
     SQL_PRED_BASIC, SQL_FALSE, SQL_FALSE, "'\\x", "'::bytea"},
    {"u", "uuid", SQL_GUID, SQL_GUID, 0, 36, 16, 0, 0, 36, 0, SQL_NULLABLE, SQL_FALSE, SQL_TRUE, SQL_PRED_BASIC, SQL_FALSE, SQL_FALSE, "'", "'"},
    {"f", "float8", SQL_DOUBLE, SQL_DOUBLE, 0, 53, 8, 53, 0, 24, 2, SQL_NULLABLE, SQL_FALSE, SQL_FALSE, SQL_PRED_BASIC, SQL_FALSE, SQL_FALSE, "", ""},
    {"ok", "bool", SQL_BIT, SQL_BIT, 0, 1, 1, 0, 0, 1, 0, SQL_NULLABLE, SQL_FALSE, SQL_TRUE, SQL_PRED_BASIC, SQL_FALSE, SQL_FALSE, "'", "'"},
    {"code", "varchar", SQL_WVARCHAR, SQL_WVARCHAR, 0, 3, 12, 0, 0, 3, 0, SQL_NO_NULLS, SQL_FALSE, SQL_TRUE, SQL_SEARCHABLE, SQL_TRUE, SQL_FALSE, "'", "'"},
    {"o", "oid", SQL_INTEGER, SQL_INTEGER, 0, 10, 4, 10, 0, 11, 10, SQL_NULLABLE, SQL_FALSE, SQL_TRUE, SQL_PRED_BASIC, SQL_FALSE, SQL_FALSE, "", ""},
    {"iv", "interval day to second", SQL_INTERVAL_DAY_TO_SECOND, SQL_INTERVAL, SQL_CODE_DAY_TO_SECOND, 22, 34, 2, 0, 100, 0, SQL_NULLABLE, SQL_FALSE, SQL_TRUE,
     SQL_PRED_BASIC, SQL_FALSE, SQL_FALSE, "{interval '", "' day to second}"},
    {"m", "money", SQL_WVARCHAR, SQL_WVARCHAR, 0, 31, 124, 0, 0, 31, 0, SQL_NULLABLE, SQL_FALSE, SQL_TRUE, SQL_PRED_BASIC, SQL_FALSE, SQL_TRUE, "'", "'"},
    {"arr", "_int4", SQL_WVARCHAR, SQL_WVARCHAR, 0, 8190, 32760, 0, 0, 8190, 0, SQL_NULLABLE, SQL_FALSE, SQL_TRUE, SQL_PRED_BASIC, SQL_TRUE, SQL_FALSE, "'", "'"},
    {"js", "jsonb", SQL_WLONGVARCHAR, SQL_WLONGVARCHAR, 0, INT_MAXIMUM, 2LL * INT_MAXIMUM, 0, 0, INT_MAXIMUM, 0, SQL_NULLABLE, SQL_FALSE, SQL_TRUE,
     SQL_PRED_BASIC, SQL_TRUE, SQL_FALSE, "'", "'"},
    {"c", "bpchar", SQL_WCHAR, SQL_WCHAR, 0, 4, 16, 0, 0, 4, 0, SQL_NULLABLE, SQL_FALSE, SQL_TRUE, SQL_SEARCHABLE, SQL_TRUE, SQL_FALSE, "'", "'"},
    {"mood", "Mood", SQL_WVARCHAR, SQL_WVARCHAR, 0, 8190, 32760, 0, 0, 8190, 0, SQL_NULLABLE, SQL_FALSE, SQL_TRUE, SQL_PRED_BASIC, SQL_TRUE, SQL_FALSE, "'", "'"},
    {"Größe 😀", "int4", SQL_INTEGER, SQL_INTEGER, 0, 10, 4, 10, 0, 11, 10, SQL_NULLABLE, SQL_FALSE, SQL_FALSE, SQL_PRED_BASIC, SQL_FALSE, SQL_FALSE, "", ""},
    {"double", "int4", SQL_INTEGER, SQL_INTEGER, 0, 10, 4, 10, 0, 11, 10, SQL_NULLABLE, SQL_FALSE, SQL_FALSE, SQL_PRED_BASIC, SQL_FALSE, SQL_FALSE, "", ""},
};

static void check_column(SQLHSTMT stmt, SQLUSMALLINT n, const struct column *c)
{
    const struct {
        SQLUSMALLINT field;
        SQLLEN wanted;
    } numbers[] = {
        {SQL_DESC_CONCISE_TYPE, c->concise},
        {SQL_DESC_TYPE, c->verbose},
        {SQL_DESC_LENGTH, c->length},
        {SQL_DESC_OCTET_LENGTH, c->octets},
        {SQL_DESC_PRECISION, c->precision},
        {SQL_DESC_SCALE, c->scale},
        {SQL_DESC_DISPLAY_SIZE, c->display},
        {SQL_DESC_NUM_PREC_RADIX, c->radix},
        {SQL_DESC_NULLABLE, c->nullable},
        {SQL_DESC_AUTO_UNIQUE_VALUE, c->autoinc},
        {SQL_DESC_UNSIGNED, c->is_unsigned},
        {SQL_DESC_SEARCHABLE, c->searchable},
        {SQL_DESC_CASE_SENSITIVE, c->case_sensitive},
        {SQL_DESC_FIXED_PREC_SCALE, c->fixed_scale},
        {SQL_DESC_UNNAMED, SQL_NAMED},
        {SQL_DESC_UPDATABLE, SQL_ATTR_READWRITE_UNKNOWN},
        {SQL_DESC_COUNT, COUNT(columns)},
        /* ODBC 2's numbers for what had another meaning then. */
        {SQL_COLUMN_COUNT, COUNT(columns)},
        {SQL_COLUMN_LENGTH, c->octets},
        {SQL_COLUMN_PRECISION, c->length},
        {SQL_COLUMN_SCALE, c->concise == SQL_TYPE_TIMESTAMP || c->concise == SQL_INTERVAL_DAY_TO_SECOND ? c->precision : c->scale},
        {SQL_COLUMN_NULLABLE, c->nullable},
    };
    const struct {
        SQLUSMALLINT field;
        const char *wanted;
    } texts[] = {
        {SQL_DESC_NAME, c->name},
        {SQL_COLUMN_NAME, c->name},
        {SQL_DESC_LABEL, c->name},
        {SQL_DESC_BASE_COLUMN_NAME, c->name},
        {SQL_DESC_TABLE_NAME, "Order"},
        {SQL_DESC_BASE_TABLE_NAME, "Order"},
        {SQL_DESC_SCHEMA_NAME, SCHEMA},
        {SQL_DESC_CATALOG_NAME, "aldb_test"},
        {SQL_DESC_TYPE_NAME, c->type},
        {SQL_DESC_LOCAL_TYPE_NAME, c->type},
        {SQL_DESC_LITERAL_PREFIX, c->prefix},
        {SQL_DESC_LITERAL_SUFFIX, c->suffix},
    };
    char what[64];
    for (size_t i = 0; i < COUNT(numbers); i++) {
        snprintf(what, sizeof what, "%s, field %u", c->name, numbers[i].field);
        check_int(column_attribute(stmt, n, numbers[i].field), numbers[i].wanted, what, __FILE__, __LINE__);
    }
    for (size_t i = 0; i < COUNT(texts); i++) {
        snprintf(what, sizeof what, "%s, field %u", c->name, texts[i].field);
        check_text(text_of(stmt, n, texts[i].field), texts[i].wanted, what, __FILE__, __LINE__);
    }
    /* The same from the descriptor. */
    SQLHDESC ird = SQL_NULL_HDESC;
    SQLSMALLINT code = -1;
    CHECK_OK(stmt, SQLGetStmtAttr(stmt, SQL_ATTR_IMP_ROW_DESC, &ird, 0, NULL));
    CHECK_OK(ird, SQLGetDescField(ird, (SQLSMALLINT)n, SQL_DESC_DATETIME_INTERVAL_CODE, &code, 0, NULL));
    check_int(code, c->code, c->name, __FILE__, __LINE__);
}

/* Prepared, executed, and while rows stream in: the same answers. */
static void every_field(void)
{
    enum { PREPARED, EXECUTED, STREAMING, STEPS };
    struct link l = open_with_table();
    run(l.stmt, "insert into " SCHEMA ".\"Order\" (name, code) select 'n', 'c' from generate_series(1, 20000)");
    for (int step = PREPARED; step < STEPS; step++) {
        SQLSMALLINT count = 0;
        CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("select * from " SCHEMA ".\"Order\" as x"), SQL_NTS));
        if (step >= EXECUTED) {
            CHECK_OK(l.stmt, SQLExecute(l.stmt));
        }
        if (step == STREAMING) {
            CHECK_OK(l.stmt, SQLFetch(l.stmt));
        }
        CHECK_OK(l.stmt, SQLNumResultCols(l.stmt, &count));
        CHECK_INT(count, COUNT(columns));
        for (SQLUSMALLINT n = 1; n <= COUNT(columns); n++) {
            check_column(l.stmt, n, &columns[n - 1]);
        }
        if (step == STREAMING) { /* and no row was lost over it */
            int rows = 1;
            while (SQLFetch(l.stmt) == SQL_SUCCESS) {
                rows++;
            }
            CHECK_INT(rows, 20000);
        }
        CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    }
    close_with_table(&l);
}

/* Columns that are no table's, and tables under other names. */
static void where_from(void)
{
    static const struct {
        const char *sql, *name, *base_column, *table, *schema;
        SQLLEN nullable, autoinc;
    } list[] = {
        {"select id + 1 from " SCHEMA ".\"Order\"", "?column?", "", "", "", SQL_NULLABLE_UNKNOWN, SQL_FALSE},
        {"select id as key from " SCHEMA ".\"Order\"", "key", "id", "Order", SCHEMA, SQL_NO_NULLS, SQL_TRUE},
        {"select x.name from " SCHEMA ".\"Order\" x", "name", "name", "Order", SCHEMA, SQL_NO_NULLS, SQL_FALSE},
        {"select id from (select id from " SCHEMA ".\"Order\") q", "id", "id", "Order", SCHEMA, SQL_NO_NULLS, SQL_TRUE},
        {"select id from " SCHEMA ".v", "id", "id", "v", SCHEMA, SQL_NULLABLE, SQL_FALSE},
        {"select max(id) from " SCHEMA ".\"Order\"", "max", "", "", "", SQL_NULLABLE_UNKNOWN, SQL_FALSE},
        {"insert into " SCHEMA ".\"Order\" (name, code) values ('a', 'b') returning id", "id", "id", "Order", SCHEMA, SQL_NO_NULLS, SQL_TRUE},
        {"select 1 as \"\x41\"", "A", "", "", "", SQL_NULLABLE_UNKNOWN, SQL_FALSE},
        {"select oid from pg_catalog.pg_class", "oid", "oid", "pg_class", "pg_catalog", SQL_NO_NULLS, SQL_FALSE},
        {"select tableoid from " SCHEMA ".\"Order\"", "tableoid", "tableoid", "Order", SCHEMA, SQL_NO_NULLS, SQL_FALSE},
        /* A column that is never null may be so in a result. */
        {"select o.id from (values (1)) v(a) left join " SCHEMA ".\"Order\" o on o.id = a", "id", "id", "Order", SCHEMA, SQL_NULLABLE, SQL_TRUE},
        {"select o.id from " SCHEMA ".\"Order\" o right outer join (values (1)) v(a) on o.id = a", "id", "id", "Order", SCHEMA, SQL_NULLABLE, SQL_TRUE},
        {"select id from (select o.id from " SCHEMA ".\"Order\" o natural full /* x */ join (values (1)) v(id)) q", "id", "id", "Order", SCHEMA, SQL_NULLABLE, SQL_TRUE},
        {"select o.id from {oj (values (1)) v(a) left outer join " SCHEMA ".\"Order\" o on o.id = a}", "id", "id", "Order", SCHEMA, SQL_NULLABLE, SQL_TRUE},
        {"select id from " SCHEMA ".\"Order\" group by rollup (id)", "id", "id", "Order", SCHEMA, SQL_NULLABLE, SQL_TRUE},
        {"select id from " SCHEMA ".\"Order\" union all select null", "id", "", "", "", SQL_NULLABLE_UNKNOWN, SQL_FALSE},
        {"select o.id, left('abc', 1) from " SCHEMA ".\"Order\" o join " SCHEMA ".\"Order\" p using (id)", "id", "id", "Order", SCHEMA, SQL_NO_NULLS, SQL_TRUE},
        /* A whole row is no column. */
        {"select row from " SCHEMA ".\"Order\" row", "row", "", "", "", SQL_NULLABLE_UNKNOWN, SQL_FALSE},
    };
    struct link l = open_with_table();
    for (size_t i = 0; i < COUNT(list); i++) {
        CHECK_OK(l.stmt, SQLPrepare(l.stmt, T(list[i].sql), SQL_NTS));
        check_text(text_of(l.stmt, 1, SQL_DESC_NAME), list[i].name, list[i].sql, __FILE__, __LINE__);
        check_text(text_of(l.stmt, 1, SQL_DESC_LABEL), list[i].name, list[i].sql, __FILE__, __LINE__);
        check_text(text_of(l.stmt, 1, SQL_DESC_BASE_COLUMN_NAME), list[i].base_column, list[i].sql, __FILE__, __LINE__);
        check_text(text_of(l.stmt, 1, SQL_DESC_TABLE_NAME), list[i].table, list[i].sql, __FILE__, __LINE__);
        check_text(text_of(l.stmt, 1, SQL_DESC_BASE_TABLE_NAME), list[i].table, list[i].sql, __FILE__, __LINE__);
        check_text(text_of(l.stmt, 1, SQL_DESC_SCHEMA_NAME), list[i].schema, list[i].sql, __FILE__, __LINE__);
        check_text(text_of(l.stmt, 1, SQL_DESC_CATALOG_NAME), list[i].schema[0] ? "aldb_test" : "", list[i].sql, __FILE__, __LINE__);
        check_int(column_attribute(l.stmt, 1, SQL_DESC_NULLABLE), list[i].nullable, list[i].sql, __FILE__, __LINE__);
        check_int(column_attribute(l.stmt, 1, SQL_DESC_AUTO_UNIQUE_VALUE), list[i].autoinc, list[i].sql, __FILE__, __LINE__);
    }
    close_with_table(&l);
}

static void buffers(void)
{
    struct link l = open_with_table();
    char text[32];
    SQLWCHAR units[32];
    SQLSMALLINT length = -1;
    query(l.stmt, "select \"Größe 😀\" from " SCHEMA ".\"Order\"");
    CHECK_OK(l.stmt, SQLColAttribute(l.stmt, 1, SQL_DESC_NAME, NULL, 0, &length, NULL));
    CHECK_INT(length, 12);
    CHECK_OK(l.stmt, SQLColAttribute(l.stmt, 1, SQL_DESC_NAME, text, 13, &length, NULL));
    CHECK_TEXT(text, "Größe 😀");
    CHECK_INFO(l.stmt, SQLColAttribute(l.stmt, 1, SQL_DESC_NAME, text, 12, &length, NULL), "01004");
    CHECK_TEXT(text, "Größe ");
    CHECK_INT(length, 12);
    CHECK_INFO(l.stmt, SQLColAttribute(l.stmt, 1, SQL_DESC_NAME, text, 4, &length, NULL), "01004");
    CHECK_TEXT(text, "Gr"); /* ö has two bytes */
    /* Wide: BufferLength and length are bytes. */
    CHECK_OK(l.stmt, SQLColAttributeW(l.stmt, 1, SQL_DESC_NAME, units, 18, &length, NULL));
    CHECK_INT(length, 16);
    CHECK_TEXT(narrow(units), "Größe 😀");
    CHECK_INFO(l.stmt, SQLColAttributeW(l.stmt, 1, SQL_DESC_NAME, units, 16, &length, NULL), "01004");
    CHECK_INT(length, 16);
    CHECK_TEXT(narrow(units), "Größe ");
    CHECK_OK(l.stmt, SQLColAttributeW(l.stmt, 1, SQL_DESC_TYPE_NAME, units, sizeof units, &length, NULL));
    CHECK_TEXT(narrow(units), "int4");
    CHECK_INT(length, 8);
    /* A number needs its pointer only, and all may be NULL. */
    CHECK_OK(l.stmt, SQLColAttribute(l.stmt, 1, SQL_DESC_TYPE, NULL, 0, NULL, NULL));
    CHECK_OK(l.stmt, SQLColAttribute(l.stmt, 1, SQL_DESC_NAME, NULL, 0, NULL, NULL));

    CHECK_STATE(l.stmt, SQLColAttribute(l.stmt, 0, SQL_DESC_TYPE, NULL, 0, NULL, NULL), "07009");
    CHECK_STATE(l.stmt, SQLColAttribute(l.stmt, 2, SQL_DESC_TYPE, NULL, 0, NULL, NULL), "07009");
    CHECK_STATE(l.stmt, SQLColAttribute(l.stmt, 1, 4711, NULL, 0, NULL, NULL), "HY091");
    CHECK_STATE(l.stmt, SQLColAttribute(l.stmt, 1, SQL_DESC_DATA_PTR, NULL, 0, NULL, NULL), "HY091"); /* application descriptors only */
    CHECK_STATE(l.stmt, SQLColAttribute(l.stmt, 1, SQL_DESC_ALLOC_TYPE, NULL, 0, NULL, NULL), "HY091"); /* no column's */
    CHECK_INT(column_attribute(l.stmt, 0, SQL_DESC_COUNT), 1);
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    close_with_table(&l);
}

static SQLSMALLINT columns_of(SQLHSTMT stmt)
{
    SQLSMALLINT count = -1;
    CHECK_OK(stmt, SQLNumResultCols(stmt, &count));
    return count;
}

/* Of several statements in one text the first is described until they run, and again when their results are closed. */
static void several_statements(void)
{
    struct link l = link_open("");
    run(l.stmt, "create temp table several (a int)");
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("select 1 as a; select 2 as b, 3 as c"), SQL_NTS));
    for (int way = 0; way < 4; way++) {
        CHECK_INT(columns_of(l.stmt), 1);
        CHECK_TEXT(text_of(l.stmt, 1, SQL_DESC_NAME), "a");
        CHECK_OK(l.stmt, SQLExecute(l.stmt));
        CHECK_OK(l.stmt, SQLMoreResults(l.stmt));
        CHECK_INT(columns_of(l.stmt), 2);
        CHECK_TEXT(text_of(l.stmt, 1, SQL_DESC_NAME), "b");
        switch (way) {
        case 0:
            CHECK_OK(l.stmt, SQLCloseCursor(l.stmt));
            break;
        case 1:
            CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
            break;
        case 2:
            CHECK_RC(l.stmt, SQLMoreResults(l.stmt), SQL_NO_DATA);
            break;
        default:
            CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_ROLLBACK));
            break;
        }
    }
    CHECK_INT(columns_of(l.stmt), 1);
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("delete from several; select 2, 3"), SQL_NTS));
    CHECK_INT(columns_of(l.stmt), 0);
    CHECK_OK(l.stmt, SQLExecute(l.stmt));
    CHECK_OK(l.stmt, SQLMoreResults(l.stmt));
    CHECK_INT(columns_of(l.stmt), 2);
    CHECK_RC(l.stmt, SQLMoreResults(l.stmt), SQL_NO_DATA);
    CHECK_INT(columns_of(l.stmt), 0);
    link_close(&l);
}

/* A prepared statement whose table changes: the next execution says what is, not what was; so does the description, when this session made the change. */
static void changed_table(void)
{
    struct link l = link_open("");
    SQLHSTMT ddl = new_stmt(l.dbc);
    SQLSMALLINT count = 0;
    run(ddl, "create temp table changing (a int, b varchar(5))");
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("select * from changing"), SQL_NTS));
    CHECK_OK(l.stmt, SQLNumResultCols(l.stmt, &count));
    CHECK_INT(count, 2);
    CHECK_INT(column_attribute(l.stmt, 2, SQL_DESC_LENGTH), 5);
    run(ddl, "alter table changing alter b type varchar(50)");
    CHECK_OK(l.stmt, SQLExecute(l.stmt));
    CHECK_INT(column_attribute(l.stmt, 2, SQL_DESC_LENGTH), 50);
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    run(ddl, "alter table changing add c date not null");
    CHECK_OK(l.stmt, SQLExecute(l.stmt));
    CHECK_OK(l.stmt, SQLNumResultCols(l.stmt, &count));
    CHECK_INT(count, 3);
    CHECK_INT(column_attribute(l.stmt, 3, SQL_DESC_CONCISE_TYPE), SQL_TYPE_DATE);
    CHECK_INT(column_attribute(l.stmt, 3, SQL_DESC_NULLABLE), SQL_NO_NULLS);
    run(ddl, "alter table changing add d int"); /* what is open stays what it is */
    CHECK_INT(columns_of(l.stmt), 3);
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    CHECK_INT(columns_of(l.stmt), 4);
    run(ddl, "alter table changing drop a, drop c");
    CHECK_INT(columns_of(l.stmt), 2);
    CHECK_TEXT(text_of(l.stmt, 2, SQL_DESC_NAME), "d");
    CHECK_OK(l.stmt, SQLExecute(l.stmt));
    CHECK_INT(columns_of(l.stmt), 2);
    free_stmt(ddl);
    link_close(&l);
}

/* What a table is called, and whether its columns may be null, is asked anew when the table has changed. */
static void altered_details(void)
{
    struct link l = link_open("");
    struct link other = link_open("");
    SQLHSTMT same = new_stmt(l.dbc);
    run(same, "drop table if exists describe_altered");
    run(same, "create table describe_altered (a int not null, b text)");
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("select * from describe_altered"), SQL_NTS));
    CHECK_INT(column_attribute(l.stmt, 1, SQL_DESC_NULLABLE), SQL_NO_NULLS);
    CHECK_OK(l.stmt, SQLExecute(l.stmt));
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    /* By this session, without a change of the result's shape. */
    run(same, "alter table describe_altered alter a drop not null");
    CHECK_OK(l.stmt, SQLExecute(l.stmt));
    CHECK_INT(column_attribute(l.stmt, 1, SQL_DESC_NULLABLE), SQL_NULLABLE);
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    /* By another one, which the server tells of when the result changes. */
    run(other.stmt, "alter table describe_altered rename b to c");
    CHECK_OK(l.stmt, SQLExecute(l.stmt));
    CHECK_TEXT(text_of(l.stmt, 2, SQL_DESC_NAME), "c");
    CHECK_TEXT(text_of(l.stmt, 2, SQL_DESC_BASE_COLUMN_NAME), "c");
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    /* And of another table of that name nobody tells: its result has the same shape. */
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("select a from describe_altered"), SQL_NTS));
    for (int i = 0; i < 2; i++) {
        CHECK_OK(l.stmt, SQLExecute(l.stmt));
        CHECK_INT(column_attribute(l.stmt, 1, SQL_DESC_NULLABLE), SQL_NULLABLE);
        CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    }
    run(other.stmt, "drop table describe_altered");
    run(other.stmt, "create table describe_altered (c text, a int not null)");
    CHECK_OK(l.stmt, SQLExecute(l.stmt));
    CHECK_INT(column_attribute(l.stmt, 1, SQL_DESC_NULLABLE), SQL_NO_NULLS);
    CHECK_TEXT(text_of(l.stmt, 1, SQL_DESC_BASE_COLUMN_NAME), "a");
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    run(same, "drop table describe_altered");
    free_stmt(same);
    link_close(&other);
    link_close(&l);
}

/* In a transaction that failed nothing can be looked up: what the server sent with the rows is there all the same. */
static void failed_transaction(void)
{
    struct link l = link_open("ErrorRollback=NONE");
    SQLHSTMT other = new_stmt(l.dbc);
    CHECK_OK(l.dbc, SQLSetConnectAttr(l.dbc, SQL_ATTR_AUTOCOMMIT, (SQLPOINTER)SQL_AUTOCOMMIT_OFF, 0));
    query(l.stmt, "select relname from pg_catalog.pg_class limit 1");
    CHECK_STATE(other, SQLExecDirect(other, T("select 1/0"), SQL_NTS), "22012");
    CHECK_TEXT(text_of(l.stmt, 1, SQL_DESC_NAME), "relname");
    CHECK_INT(column_attribute(l.stmt, 1, SQL_DESC_CONCISE_TYPE), SQL_WVARCHAR);
    CHECK_INT(column_attribute(l.stmt, 1, SQL_DESC_NULLABLE), SQL_NULLABLE_UNKNOWN);
    CHECK_TEXT(text_of(l.stmt, 1, SQL_DESC_TABLE_NAME), "");
    CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_ROLLBACK));
    free_stmt(other);
    link_close(&l);
}

/* ---- ODBC 2 -------------------------------------------------------------------------------------------------------- */

static void odbc2(void)
{
    struct link l = link_new(SQL_OV_ODBC2);
    SQLSMALLINT type = 0;
    SQLULEN size = 0;
    SQLSMALLINT digits = 0;
    CHECK_OK(l.dbc, try_connect(l.dbc, connstr(";")));
    l.stmt = new_stmt(l.dbc);
    static const SQLSMALLINT codes[] = {SQL_DATE, SQL_TIME, SQL_TIMESTAMP, SQL_INTEGER};
    query(l.stmt, "select date '2026-11-21', time '01:02:03', timestamp(3) '2026-11-21 01:02:03', 1");
    for (SQLUSMALLINT i = 1; i <= COUNT(codes); i++) {
        SQLLEN number = 0;
        CHECK_OK(l.stmt, SQLDescribeCol(l.stmt, i, NULL, 0, NULL, &type, &size, &digits, NULL));
        CHECK_INT(type, codes[i - 1]);
        CHECK_OK(l.stmt, SQLColAttributes(l.stmt, i, SQL_COLUMN_TYPE, NULL, 0, NULL, &number));
        CHECK_INT(number, codes[i - 1]);
    }
    SQLLEN number = 0;
    char text[16];
    SQLSMALLINT length = 0;
    CHECK_OK(l.stmt, SQLColAttributes(l.stmt, 3, SQL_COLUMN_PRECISION, NULL, 0, NULL, &number));
    CHECK_INT(number, 23);
    CHECK_OK(l.stmt, SQLColAttributes(l.stmt, 3, SQL_COLUMN_SCALE, NULL, 0, NULL, &number));
    CHECK_INT(number, 3);
    CHECK_OK(l.stmt, SQLColAttributes(l.stmt, 3, SQL_COLUMN_LENGTH, NULL, 0, NULL, &number));
    CHECK_INT(number, 16);
    CHECK_OK(l.stmt, SQLColAttributes(l.stmt, 3, SQL_COLUMN_DISPLAY_SIZE, NULL, 0, NULL, &number));
    CHECK_INT(number, 26);
    CHECK_OK(l.stmt, SQLColAttributes(l.stmt, 4, SQL_COLUMN_UNSIGNED, NULL, 0, NULL, &number));
    CHECK_INT(number, SQL_FALSE);
    CHECK_OK(l.stmt, SQLColAttributes(l.stmt, 4, SQL_COLUMN_AUTO_INCREMENT, NULL, 0, NULL, &number));
    CHECK_INT(number, SQL_FALSE);
    CHECK_OK(l.stmt, SQLColAttributes(l.stmt, 4, SQL_COLUMN_MONEY, NULL, 0, NULL, &number));
    CHECK_INT(number, SQL_FALSE);
    CHECK_OK(l.stmt, SQLColAttributes(l.stmt, 1, SQL_COLUMN_NAME, text, sizeof text, &length, NULL));
    CHECK_TEXT(text, "date");
    CHECK_OK(l.stmt, SQLColAttributes(l.stmt, 1, SQL_COLUMN_TYPE_NAME, text, sizeof text, &length, NULL));
    CHECK_TEXT(text, "date");
    CHECK_OK(l.stmt, SQLColAttributes(l.stmt, 0, SQL_COLUMN_COUNT, NULL, 0, NULL, &number));
    CHECK_INT(number, 4);
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    SQL_TIMESTAMP_STRUCT ts;
    CHECK_OK(l.stmt, SQLGetData(l.stmt, 3, SQL_C_DEFAULT, &ts, sizeof ts, NULL));
    CHECK_INT(ts.day, 21);
    link_close(&l);
}

/* As many columns as a table can have: described, written by as many parameters, read in blocks. */
static void widest(void)
{
    enum { COLUMNS = 1600, ROWS = 10 };
    static char sql[1 << 16];
    static SQLINTEGER out[COLUMNS][ROWS];
    static SQLLEN lengths[COLUMNS][ROWS];
    static SQLINTEGER in[COLUMNS];
    struct link l = link_open("");
    SQLHDESC ird = SQL_NULL_HDESC;
    SQLSMALLINT count = 0;
    SQLULEN fetched = 0;
    size_t used = (size_t)snprintf(sql, sizeof sql, "create temp table widest (");
    for (int i = 0; i < COLUMNS; i++) {
        used += (size_t)snprintf(sql + used, sizeof sql - used, "%sc%d int", i ? ", " : "", i);
    }
    snprintf(sql + used, sizeof sql - used, ")");
    run(l.stmt, sql);

    used = (size_t)snprintf(sql, sizeof sql, "insert into widest values (?");
    for (SQLUSMALLINT i = 0; i < COLUMNS; i++) {
        in[i] = i * 3;
        used += (size_t)snprintf(sql + used, sizeof sql - used, i ? ", ?" : "");
        CHECK_OK(l.stmt, SQLBindParameter(l.stmt, (SQLUSMALLINT)(i + 1), SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, &in[i], 0, NULL));
    }
    snprintf(sql + used, sizeof sql - used, ")");
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T(sql), SQL_NTS));
    CHECK_OK(l.stmt, SQLNumParams(l.stmt, &count));
    CHECK_INT(count, COLUMNS);
    for (int row = 0; row < ROWS; row++) {
        in[0] = row;
        CHECK_OK(l.stmt, SQLExecute(l.stmt));
    }
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_RESET_PARAMS));

    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("select * from widest order by c0"), SQL_NTS));
    CHECK_OK(l.stmt, SQLGetStmtAttr(l.stmt, SQL_ATTR_IMP_ROW_DESC, &ird, 0, NULL));
    CHECK_OK(l.stmt, SQLNumResultCols(l.stmt, &count));
    CHECK_INT(count, COLUMNS);
    bool right = true;
    for (SQLUSMALLINT i = 1; i <= COLUMNS; i++) {
        char name[16] = "";
        char wanted[16];
        char table[16] = "";
        SQLSMALLINT type = 0;
        SQLSMALLINT nullable = 0;
        snprintf(wanted, sizeof wanted, "c%d", i - 1);
        right = right && SQLDescribeCol(l.stmt, i, T(name), sizeof name, NULL, &type, NULL, NULL, &nullable) == SQL_SUCCESS && strcmp(name, wanted) == 0 &&
                type == SQL_INTEGER && nullable == SQL_NULLABLE;
        right = right && SQLColAttribute(l.stmt, i, SQL_DESC_BASE_TABLE_NAME, table, sizeof table, NULL, NULL) == SQL_SUCCESS && strcmp(table, "widest") == 0;
        right = right && SQLGetDescField(ird, (SQLSMALLINT)i, SQL_DESC_NAME, name, sizeof name, NULL) == SQL_SUCCESS && strcmp(name, wanted) == 0;
        CHECK_OK(l.stmt, SQLBindCol(l.stmt, i, SQL_C_SLONG, out[i - 1], 0, lengths[i - 1]));
    }
    CHECK(right);
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_ROW_ARRAY_SIZE, (SQLPOINTER)ROWS, 0));
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_ROWS_FETCHED_PTR, &fetched, 0));
    CHECK_OK(l.stmt, SQLExecute(l.stmt));
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_INT(fetched, ROWS);
    for (int i = 0; i < COLUMNS; i++) {
        for (int row = 0; row < ROWS; row++) {
            right = right && out[i][row] == (i ? i * 3 : row) && lengths[i][row] == 4;
        }
    }
    CHECK(right);
    CHECK_RC(l.stmt, SQLFetch(l.stmt), SQL_NO_DATA);
    link_close(&l);
}

int main(void)
{
    static const struct test tests[] = {
        {"SQLNumResultCols", num_result_cols},
        {"SQLDescribeCol", describe_col},
        {"every field of SQLColAttribute", every_field},
        {"where columns come from", where_from},
        {"buffers of SQLColAttribute", buffers},
        {"several statements in one text", several_statements},
        {"a changed table", changed_table},
        {"details of a changed table", altered_details},
        {"a failed transaction", failed_transaction},
        {"ODBC 2", odbc2},
        {"1,600 columns", widest},
    };
    return run_tests("describing columns", tests, COUNT(tests));
}
