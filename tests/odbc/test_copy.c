/* SPDX-License-Identifier: Apache-2.0 */
/*
 * COPY TO STDOUT is a result set; COPY FROM STDIN takes data at execution. Beside an emulator of AlloyDB all of it goes through the connector.
 */
#include "direct.h"
#include "emulator.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "alloydb_odbc.h"

/* ---- helpers --------------------------------------------------------------------------------------------------------- */

/* What so many rows may take more than the first of them. AddressSanitizer keeps what is freed. */
#if defined(__SANITIZE_ADDRESS__)
enum { FLAT_KB = 400 * 1024 };
#else
enum { FLAT_KB = 4 * 1024 };
#endif

/* Under valgrind, which keeps what it knows of memory there too, the peak says nothing. */
static bool is_flat(long before)
{
    return peak_kb() - before < FLAT_KB || under_valgrind();
}

static struct link copy_link(const char *extra)
{
    return getenv("ALDB_TEST_EMULATOR") ? emulator_link(emulator_connstr("", extra)) : link_open(extra);
}

/* COPY has begun, and the driver has asked for its data. */
static void begin(SQLHSTMT stmt, const char *sql)
{
    SQLPOINTER token = NULL;
    CHECK_RC(stmt, exec_direct(stmt, sql), SQL_NEED_DATA);
    CHECK_RC(stmt, SQLParamData(stmt, &token), SQL_NEED_DATA);
    CHECK(token == SQL_ALLOYDB_COPY_DATA);
}

static void put(SQLHSTMT stmt, const char *text)
{
    CHECK_OK(stmt, SQLPutData(stmt, T(text), SQL_NTS));
}

static void end(SQLHSTMT stmt, SQLLEN rows)
{
    CHECK_OK(stmt, SQLParamData(stmt, NULL));
    CHECK_INT(row_count(stmt), rows);
}

/* A table of this program's own that other connections see, emptied. */
static void fresh_table(SQLHSTMT stmt)
{
    run(stmt, "drop table if exists copy_target");
    run(stmt, "create table copy_target (a int check (a > 0), b text)");
}

/* The rest of the open cursor's only column, joined by '|'; closes it. */
static const char *rest(SQLHSTMT stmt)
{
    static char all[4096];
    char text[1024];
    SQLLEN length = 0;
    all[0] = '\0';
    while (SQL_SUCCEEDED(SQLFetch(stmt))) {
        CHECK_OK(stmt, SQLGetData(stmt, 1, SQL_C_CHAR, text, sizeof text, &length));
        CHECK_INT(length, strlen(text));
        snprintf(all + strlen(all), sizeof all - strlen(all), "%s%s", all[0] ? "|" : "", text);
    }
    CHECK_OK(stmt, SQLCloseCursor(stmt));
    return all;
}

/* ---- TO STDOUT ------------------------------------------------------------------------------------------------------- */

static void rows_out(void)
{
    struct link l = copy_link("");
    SQLSMALLINT columns = 0, type = 0, nullable = 0;
    SQLULEN size = 0;
    SQLCHAR name[32];
    query(l.stmt, "copy (values (1, 'a'), (2, null), (3, E'tab\\there'), (4, 'ü')) to stdout");
    CHECK_OK(l.stmt, SQLNumResultCols(l.stmt, &columns));
    CHECK_INT(columns, 1);
    CHECK_OK(l.stmt, SQLDescribeCol(l.stmt, 1, name, sizeof name, NULL, &type, &size, NULL, &nullable));
    CHECK_TEXT(name, "copy");
    CHECK(type == SQL_LONGVARCHAR || type == SQL_WLONGVARCHAR);
    CHECK_TEXT(rest(l.stmt), "1\ta|2\t\\N|3\ttab\\there|4\t\xc3\xbc");

    /* A row of csv may hold line ends; its header is the first row. */
    query(l.stmt, "copy (values (1, E'two\\nlines'), (2, ''), (3, null)) to stdout with (format csv, header)");
    CHECK_TEXT(rest(l.stmt), "column1,column2|1,\"two\nlines\"|2,\"\"|3,");
    query(l.stmt, "copy (select 1 where false) to stdout");
    CHECK_INT(row_count(l.stmt), 0);
    CHECK_TEXT(rest(l.stmt), "");
    /* Rows without columns are empty lines. */
    query(l.stmt, "copy (select from generate_series(1, 2)) to stdout");
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_RC(l.stmt, SQLFetch(l.stmt), SQL_NO_DATA);
    CHECK_INT(row_count(l.stmt), 2);
    CHECK_OK(l.stmt, SQLCloseCursor(l.stmt));
    CHECK_STATE(l.stmt, exec_direct(l.stmt, "copy no_such_table to stdout"), "42S02");
    CHECK_STATE(l.stmt, exec_direct(l.stmt, "copy (select 1) to stdout with (format nonsense)"), "22023");

    /* Wide, with a parameter, which becomes a literal; prepared, described before it runs; in blocks; scrolled. */
    SQLINTEGER number = 2;
    SQLWCHAR text[32];
    SQLLEN length = 0;
    CHECK_OK(l.stmt, SQLPrepareW(l.stmt, wide("copy (select g from generate_series(1, 5) g where g > ?) to stdout"), SQL_NTS));
    CHECK_OK(l.stmt, SQLNumResultCols(l.stmt, &columns));
    CHECK_INT(columns, 1);
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, &number, 0, NULL));
    for (number = 2; number < 4; number++) {
        CHECK_OK(l.stmt, SQLExecute(l.stmt));
        CHECK_OK(l.stmt, SQLFetch(l.stmt));
        CHECK_OK(l.stmt, SQLGetData(l.stmt, 1, SQL_C_WCHAR, text, sizeof text, &length));
        CHECK_INT(text[0], '1' + number);
        CHECK_OK(l.stmt, SQLCloseCursor(l.stmt));
    }
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_RESET_PARAMS));
    SQLHSTMT scrolled = new_stmt(l.dbc);
    CHECK_OK(scrolled, SQLSetStmtAttr(scrolled, SQL_ATTR_CURSOR_TYPE, (SQLPOINTER)SQL_CURSOR_STATIC, 0));
    query(scrolled, "copy (select generate_series(1, 100)) to stdout");
    CHECK_OK(scrolled, SQLFetchScroll(scrolled, SQL_FETCH_LAST, 0));
    CHECK_OK(scrolled, SQLGetData(scrolled, 1, SQL_C_SLONG, &number, 0, NULL));
    CHECK_INT(number, 100);
    CHECK_OK(scrolled, SQLFetchScroll(scrolled, SQL_FETCH_ABSOLUTE, 7));
    CHECK_OK(scrolled, SQLGetData(scrolled, 1, SQL_C_SLONG, &number, 0, NULL));
    CHECK_INT(number, 7);
    free_stmt(scrolled);

    /* SQL_ATTR_MAX_ROWS; among other statements. */
    run(l.stmt, "select 1");
    struct link whole = copy_link("FetchMode=BUFFER");
    query(whole.stmt, "copy (select generate_series(1, 3)) to stdout");
    CHECK_INT(row_count(whole.stmt), 3);
    CHECK_TEXT(rest(whole.stmt), "1|2|3");
    link_close(&whole);
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_MAX_ROWS, (SQLPOINTER)3, 0));
    query(l.stmt, "copy (select generate_series(1, 1000)) to stdout");
    CHECK_TEXT(rest(l.stmt), "1|2|3");
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_MAX_ROWS, (SQLPOINTER)0, 0));
    query(l.stmt, "select 'before'; copy (select 'between') to stdout; select 'behind'");
    CHECK_OK(l.stmt, SQLMoreResults(l.stmt));
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_OK(l.stmt, SQLGetData(l.stmt, 1, SQL_C_WCHAR, text, sizeof text, &length));
    CHECK_TEXT(narrow(text), "between");
    CHECK_OK(l.stmt, SQLMoreResults(l.stmt));
    CHECK_TEXT(rest(l.stmt), "behind");
    link_close(&l);
}

/* The messages joined are the file: signature, rows, trailer. */
static void binary_out_and_in(void)
{
    static unsigned char file[65536];
    struct link l = copy_link("");
    SQLSMALLINT type = 0;
    SQLLEN size = 0, length = 0;
    run(l.stmt, "create temp table from_binary (a int, b text)");
    for (int prepared = 0; prepared < 2; prepared++) {
        static const char sql[] = "copy (select g, repeat('x', g) from generate_series(1, 200) g) to stdout (format binary)";
        if (prepared) {
            CHECK_OK(l.stmt, SQLPrepare(l.stmt, T(sql), SQL_NTS));
            CHECK_OK(l.stmt, SQLDescribeCol(l.stmt, 1, NULL, 0, NULL, &type, NULL, NULL, NULL));
            CHECK_INT(type, SQL_LONGVARBINARY);
            CHECK_OK(l.stmt, SQLExecute(l.stmt));
        } else {
            query(l.stmt, sql);
        }
        CHECK_OK(l.stmt, SQLDescribeCol(l.stmt, 1, NULL, 0, NULL, &type, NULL, NULL, NULL));
        CHECK_INT(type, SQL_LONGVARBINARY);
        for (size = 0; SQL_SUCCEEDED(SQLFetch(l.stmt)); size += length) {
            CHECK_OK(l.stmt, SQLGetData(l.stmt, 1, SQL_C_BINARY, file + size, (SQLLEN)sizeof file - size, &length));
        }
        CHECK_OK(l.stmt, SQLCloseCursor(l.stmt));
        CHECK(memcmp(file, "PGCOPY\n\xff\r\n", 11) == 0);
        CHECK_INT(file[size - 1], 0xff);
    }
    begin(l.stmt, "copy from_binary from stdin (format binary)");
    for (SQLLEN at = 0; at < size; at += 7) {
        CHECK_OK(l.stmt, SQLPutData(l.stmt, file + at, size - at < 7 ? size - at : 7));
    }
    end(l.stmt, 200);
    CHECK_INT(query_int(l.stmt, "select sum(length(b)) from from_binary where length(b) = a"), 200 * 201 / 2);
    link_close(&l);
}

static void many_out(void)
{
    struct link l = copy_link("");
    struct link other = copy_link("");
    char text[64];
    SQLLEN length = 0;
    long rows = under_valgrind() ? 20000 : 1000000;
    long wrong = 0;
    char sql[128];
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_CHAR, text, sizeof text, &length));
    snprintf(sql, sizeof sql, "copy (select g, repeat('y', 30) from generate_series(1, %ld) g) to stdout", rows);
    CHECK_OK(l.stmt, exec_direct(l.stmt, sql));
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    long before = peak_kb();
    for (long n = 2; n <= rows; n++) {
        wrong += SQLFetch(l.stmt) != SQL_SUCCESS || strtol(text, NULL, 10) != n;
    }
    CHECK_INT(wrong, 0);
    CHECK_RC(l.stmt, SQLFetch(l.stmt), SQL_NO_DATA);
    CHECK_INT(row_count(l.stmt), rows);
    CHECK(is_flat(before));
    CHECK_OK(l.stmt, SQLCloseCursor(l.stmt));

    /* Another statement takes the wire in the middle; closed early; closed in a transaction, which goes on. */
    SQLHSTMT second = new_stmt(l.dbc);
    for (int manual = 0; manual < 2; manual++) {
        set_autocommit(l.dbc, !manual);
        CHECK_OK(l.stmt, exec_direct(l.stmt, "copy (select generate_series(1, 50000)) to stdout"));
        CHECK_OK(l.stmt, SQLFetch(l.stmt));
        CHECK_INT(query_int(second, "select 41 + 1"), 42);
        long n = 1;
        while (SQL_SUCCEEDED(SQLFetch(l.stmt))) {
            n++;
            wrong += strtol(text, NULL, 10) != n;
        }
        CHECK_INT(n, 50000);
        CHECK_INT(wrong, 0);
        CHECK_OK(l.stmt, SQLCloseCursor(l.stmt));
        double start = seconds_now();
        CHECK_OK(l.stmt, exec_direct(l.stmt, "copy (select generate_series(1, 1000000000)) to stdout"));
        CHECK_OK(l.stmt, SQLFetch(l.stmt));
        CHECK_OK(l.stmt, SQLCloseCursor(l.stmt));
        CHECK(seconds_now() - start < 30);
        CHECK_INT(query_int(l.stmt, "select 7"), 7);
        CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_COMMIT));
    }
    /* A failure behind the first rows costs the statement, not the transaction. */
    run(second, "create temp table kept (a int)");
    CHECK_OK(l.stmt, exec_direct(l.stmt, "copy (select 1000 / (200000 - g) from generate_series(1, 200001) g) to stdout"));
    SQLRETURN rc = SQL_SUCCESS;
    for (long n = 0; n < 300000 && rc == SQL_SUCCESS; n++) {
        rc = SQLFetch(l.stmt);
    }
    CHECK_STATE(l.stmt, rc, "22012");
    CHECK_OK(l.stmt, SQLCloseCursor(l.stmt));
    run(second, "insert into kept values (1)");
    CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_COMMIT));
    CHECK_INT(query_int(second, "select count(*) from kept"), 1);
    CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_COMMIT));

    /* Timed out, and lost. */
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_QUERY_TIMEOUT, (SQLPOINTER)1, 0));
    CHECK_STATE(l.stmt, exec_direct(l.stmt, "copy (select pg_sleep(60)) to stdout"), "HYT00");
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_QUERY_TIMEOUT, (SQLPOINTER)0, 0));
    int64_t pid = query_int(second, "select pg_backend_pid()");
    CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_ROLLBACK));
    CHECK_OK(l.stmt, exec_direct(l.stmt, "copy (select generate_series(1, 1000000000)) to stdout"));
    snprintf(sql, sizeof sql, "select pg_terminate_backend(%lld)", (long long)pid);
    CHECK_TEXT(query_text(other.stmt, sql), "1");
    do {
        rc = SQLFetch(l.stmt);
    } while (rc == SQL_SUCCESS);
    CHECK_STATE(l.stmt, rc, "08S01");
    link_close(&other);
    link_close(&l);
}

/* ---- FROM STDIN ------------------------------------------------------------------------------------------------------ */

static void rows_in(void)
{
    struct link l = copy_link("");
    run(l.stmt, "create temp table t (a int, b text)");
    begin(l.stmt, "copy t from stdin");
    put(l.stmt, "1\tone\n2\ttw");
    put(l.stmt, "o\n3\t\xc3"); /* a character may stand across two pieces */
    CHECK_OK(l.stmt, SQLPutData(l.stmt, T("\xbc\n4\t\\Nxxxx"), 6));
    end(l.stmt, 4);
    CHECK_TEXT(query_text(l.stmt, "select string_agg(a || coalesce(b, '-'), ',' order by a) from t"), "1one,2two,3\xc3\xbc,4-");
    begin(l.stmt, "copy t from stdin with (format csv, header)");
    put(l.stmt, "a,b\n5,\"five, six\"\n6,\n");
    put(l.stmt, "");
    end(l.stmt, 2);
    CHECK_TEXT(query_text(l.stmt, "select string_agg(coalesce(b, '-'), ',' order by a) from t where a > 4"), "five, six,-");
    /* No rows; a wide text; prepared and run twice; with a parameter in it. */
    begin(l.stmt, "copy t from stdin");
    CHECK_OK(l.stmt, SQLPutData(l.stmt, NULL, 0));
    end(l.stmt, 0);
    SQLPOINTER token = NULL;
    CHECK_RC(l.stmt, SQLExecDirectW(l.stmt, wide("copy t (a) from stdin"), SQL_NTS), SQL_NEED_DATA);
    CHECK_RC(l.stmt, SQLParamData(l.stmt, &token), SQL_NEED_DATA);
    put(l.stmt, "10\n11\n");
    end(l.stmt, 2);
    SQLINTEGER least = 21;
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("copy t (a) from stdin where a > ?"), SQL_NTS));
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, &least, 0, NULL));
    for (int i = 0; i < 2; i++) {
        CHECK_RC(l.stmt, SQLExecute(l.stmt), SQL_NEED_DATA);
        CHECK_RC(l.stmt, SQLParamData(l.stmt, &token), SQL_NEED_DATA);
        put(l.stmt, "20\n21\n22\n23\n");
        end(l.stmt, 2);
    }
    /* That parameter may itself be data at execution: it is asked for first. */
    SQLLEN later = SQL_DATA_AT_EXEC;
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, &least, 0, &later));
    CHECK_RC(l.stmt, SQLExecute(l.stmt), SQL_NEED_DATA);
    CHECK_RC(l.stmt, SQLParamData(l.stmt, &token), SQL_NEED_DATA);
    CHECK(token == &least);
    CHECK_OK(l.stmt, SQLPutData(l.stmt, &least, 0));
    CHECK_RC(l.stmt, SQLParamData(l.stmt, &token), SQL_NEED_DATA);
    CHECK(token == SQL_ALLOYDB_COPY_DATA);
    put(l.stmt, "30\n2\n");
    end(l.stmt, 1);
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_RESET_PARAMS));

    /* Triggers may say something. */
    run(l.stmt, "create function pg_temp.speak() returns trigger language plpgsql as $$begin raise notice 'row %', new.a; return new; end$$");
    run(l.stmt, "create trigger speaks before insert on t for each row execute function pg_temp.speak()");
    begin(l.stmt, "copy t (a) from stdin");
    put(l.stmt, "41\n42\n");
    CHECK_INFO(l.stmt, SQLParamData(l.stmt, NULL), "01000");
    CHECK_INT(row_count(l.stmt), 2);
    link_close(&l);
}

static void many_in(void)
{
    struct link l = copy_link("");
    static char block[64 * 1000];
    long rows = under_valgrind() ? 20000 : 1000000;
    long before = 0;
    run(l.stmt, "create temp table t (a int, b text)");
    begin(l.stmt, "copy t from stdin");
    for (long n = 0; n < rows; n += 1000) {
        size_t len = 0;
        for (long i = 1; i <= 1000; i++) {
            len += (size_t)snprintf(block + len, sizeof block - len, "%ld\t%050ld\n", n + i, n + i);
        }
        CHECK_OK(l.stmt, SQLPutData(l.stmt, block, (SQLLEN)len));
        before = n == 1000 ? peak_kb() : before;
    }
    end(l.stmt, rows);
    CHECK(is_flat(before));
    CHECK_INT(query_int(l.stmt, "select count(*) from t where a = b::int"), rows);
    link_close(&l);
    /* One piece of many megabytes is cut here; and line by line. */
    l = copy_link("");
    run(l.stmt, "create temp table t (b text)");
    size_t size = (size_t)32 << 20;
    char *large = malloc(size + 1);
    memset(large, 'z', size);
    large[size] = '\n';
    begin(l.stmt, "copy t from stdin");
    CHECK_OK(l.stmt, SQLPutData(l.stmt, large, (SQLLEN)size + 1));
    for (int i = 0; i < 5000; i++) {
        if (SQLPutData(l.stmt, T("line\n"), 5) != SQL_SUCCESS) {
            CHECK(false);
        }
    }
    end(l.stmt, 5001);
    CHECK_INT(query_int(l.stmt, "select max(length(b)) from t"), (int64_t)size);
    free(large);
    link_close(&l);
}

/* ---- failing --------------------------------------------------------------------------------------------------------- */

static void errors_in(void)
{
    struct link l = copy_link("");
    struct link other = copy_link("");
    fresh_table(l.stmt);
    for (int manual = 0; manual < 2; manual++) {
        set_autocommit(l.dbc, !manual);
        run(l.stmt, "truncate copy_target");
        begin(l.stmt, "copy copy_target from stdin");
        put(l.stmt, "1\tkept\n");
        end(l.stmt, 1);
        CHECK_STATE(l.stmt, exec_direct(l.stmt, "copy no_such_table from stdin"), "42S02");
        CHECK_STATE(l.stmt, exec_direct(l.stmt, "copy copy_target from stdin with (nonsense)"), "42000");
        CHECK_STATE(l.stmt, exec_direct(l.stmt, "copy copy_target from stdin where"), "42000");

        static const struct {
            const char *data, *state, *says;
        } bad[] = {
            {"2\tx\nthree\ty\n", "22018", "line 2"}, {"2\n", "22000", "missing data"}, {"-2\tx\n", "23000", "check constraint"},
            {"2\t\xff\n", "22018", "invalid byte sequence"},
        };
        for (size_t i = 0; i < COUNT(bad); i++) {
            begin(l.stmt, "copy copy_target from stdin");
            put(l.stmt, bad[i].data);
            for (int n = 0; n < 100; n++) {
                put(l.stmt, "3\tgood, but too late\n");
            }
            CHECK_STATE(l.stmt, SQLParamData(l.stmt, NULL), bad[i].state);
            CHECK_CONTAINS(diag_message(l.stmt, 1), bad[i].says);
            CHECK_INT(query_int(l.stmt, "select count(*) from copy_target"), 1);
        }
        /* Before any of the data is read. */
        run(l.stmt, "create or replace function copy_refuse() returns trigger language plpgsql as $$begin raise exception 'closed today'; end$$");
        run(l.stmt, "create trigger refuses before insert on copy_target execute function copy_refuse()");
        SQLRETURN rc = exec_direct(l.stmt, "copy copy_target from stdin");
        if (rc == SQL_NEED_DATA) {
            CHECK_RC(l.stmt, SQLParamData(l.stmt, NULL), SQL_NEED_DATA);
            put(l.stmt, "5\tx\n");
            rc = SQLParamData(l.stmt, NULL);
        }
        CHECK_STATE(l.stmt, rc, "HY000");
        CHECK_CONTAINS(diag_message(l.stmt, 1), "closed today");
        run(l.stmt, "drop trigger refuses on copy_target");
        /* All of it, and more than libpq and the sockets hold, behind the fault. */
        begin(l.stmt, "copy copy_target from stdin");
        put(l.stmt, "bad\tx\n");
        static char much[1 << 20];
        memset(much, 'm', sizeof much);
        for (int i = 0; i < 20; i++) {
            CHECK_OK(l.stmt, SQLPutData(l.stmt, much, sizeof much));
        }
        CHECK_STATE(l.stmt, SQLParamData(l.stmt, NULL), "22018");
        CHECK_INT(query_int(l.stmt, "select count(*) from copy_target"), 1);
        CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_COMMIT));
        CHECK_INT(query_int(other.stmt, "select count(*) from copy_target"), 1);
    }

    /* Rolled back with its transaction; its own failure by the mode. */
    run(l.stmt, "truncate copy_target");
    CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_COMMIT));
    begin(l.stmt, "copy copy_target from stdin"); /* begins the transaction, too */
    put(l.stmt, "1\tx\n");
    end(l.stmt, 1);
    CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_ROLLBACK));
    begin(l.stmt, "copy copy_target from stdin");
    put(l.stmt, "x\tx\n");
    CHECK_STATE(l.stmt, SQLParamData(l.stmt, NULL), "22018");
    CHECK_INT(query_int(l.stmt, "select count(*) from copy_target"), 0);
    CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_COMMIT));
    static const struct {
        const char *mode, *state;
        int left;
    } modes[] = {{"ErrorRollback=NONE", "25000", -1}, {"ErrorRollback=TRANSACTION", "", 0}, {"ErrorRollback=STATEMENT", "", 1}};
    for (size_t i = 0; i < COUNT(modes); i++) {
        struct link m = copy_link(modes[i].mode);
        set_autocommit(m.dbc, false);
        run(m.stmt, "insert into copy_target values (1, 'x')");
        begin(m.stmt, "copy copy_target from stdin");
        put(m.stmt, "x\tx\n");
        CHECK_STATE(m.stmt, SQLParamData(m.stmt, NULL), "22018");
        if (modes[i].state[0]) {
            CHECK_STATE(m.stmt, exec_direct(m.stmt, "select 1"), modes[i].state);
        } else {
            CHECK_INT(query_int(m.stmt, "select count(*) from copy_target"), modes[i].left);
        }
        CHECK_OK(m.dbc, SQLEndTran(SQL_HANDLE_DBC, m.dbc, SQL_ROLLBACK));
        link_close(&m);
    }
    link_close(&other);
    link_close(&l);
}

static void wrong_order(void)
{
    struct link l = copy_link("");
    struct link d = direct_open(SQL_OV_ODBC3_80, true);
    SQLPOINTER token = NULL;
    run(l.stmt, "create temp table t (a int)");
    CHECK_STATE(l.stmt, exec_direct(l.stmt, "select 1; copy t from stdin"), "HYC00");
    CHECK_STATE(l.stmt, SQLPrepare(l.stmt, T("copy t from stdin; copy t from stdin"), SQL_NTS), "HYC00");
    /* An array of parameters has no data of its own for each set. */
    SQLINTEGER sets[2] = {1, 2};
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_PARAMSET_SIZE, (SQLPOINTER)2, 0));
    CHECK_OK(l.stmt, SQLBindParameter(l.stmt, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, sets, 0, NULL));
    CHECK_STATE(l.stmt, exec_direct(l.stmt, "copy t from stdin where a > ?"), "HYC00");
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_PARAMSET_SIZE, (SQLPOINTER)1, 0));
    CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_RESET_PARAMS));

    /* Calls that the waiting statement forbids, and bad arguments, which give it up. */
    begin(l.stmt, "copy t from stdin");
    CHECK_STATE(l.stmt, SQLFetch(l.stmt), "HY010");
    CHECK_STATE(l.stmt, exec_direct(l.stmt, "select 1"), "HY010");
    CHECK_STATE(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_COMMIT), "HY010");
    CHECK_STATE(l.dbc, SQLDisconnect(l.dbc), "HY010");
    put(l.stmt, "1\n");
    end(l.stmt, 1);
    static const struct {
        SQLPOINTER data;
        SQLLEN length;
        const char *state;
    } bad[] = {{"x", -7, "HY090"}, {"x", SQL_NULL_DATA, "HY090"}, {NULL, 3, "HY009"}, {"x", SQL_DEFAULT_PARAM, "HY090"}};
    for (size_t i = 0; i < COUNT(bad); i++) {
        CHECK_INT(DIRECT(SQLExecDirect)(d.stmt, T("create temp table if not exists t (a int)"), SQL_NTS) >= 0, 1);
        CHECK_INT(DIRECT(SQLExecDirect)(d.stmt, T("copy t from stdin"), SQL_NTS), SQL_NEED_DATA);
        CHECK_INT(DIRECT(SQLParamData)(d.stmt, &token), SQL_NEED_DATA);
        CHECK_INT(DIRECT(SQLPutData)(d.stmt, T("1\n"), 2), SQL_SUCCESS);
        DIRECT_STATE(SQL_HANDLE_STMT, d.stmt, DIRECT(SQLPutData)(d.stmt, bad[i].data, bad[i].length), bad[i].state);
        DIRECT_STATE(SQL_HANDLE_STMT, d.stmt, DIRECT(SQLParamData)(d.stmt, &token), "HY010");
    }
    /* SQLPutData before it was asked for; SQLParamData twice; what ends the connection. */
    CHECK_INT(DIRECT(SQLExecDirect)(d.stmt, T("copy t from stdin"), SQL_NTS), SQL_NEED_DATA);
    DIRECT_STATE(SQL_HANDLE_STMT, d.stmt, DIRECT(SQLPutData)(d.stmt, T("1\n"), 2), "HY010");
    CHECK_INT(DIRECT(SQLParamData)(d.stmt, NULL), SQL_NEED_DATA);
    DIRECT_STATE(SQL_HANDLE_STMT, d.stmt, DIRECT(SQLParamData)(d.stmt, NULL), "HY010");
    CHECK_INT(DIRECT(SQLExecDirect)(d.stmt, T("select count(*) from t"), SQL_NTS), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLFetch)(d.stmt), SQL_SUCCESS);
    SQLINTEGER count = -1;
    CHECK_INT(DIRECT(SQLGetData)(d.stmt, 1, SQL_C_SLONG, &count, 0, NULL), SQL_SUCCESS);
    CHECK_INT(count, 0);
    CHECK_INT(DIRECT(SQLCloseCursor)(d.stmt), SQL_SUCCESS);
    CHECK_INT(DIRECT(SQLExecDirect)(d.stmt, T("copy t from stdin"), SQL_NTS), SQL_NEED_DATA);
    DIRECT_STATE(SQL_HANDLE_DBC, d.dbc, DIRECT(SQLDisconnect)(d.dbc), "HY010");
    DIRECT_STATE(SQL_HANDLE_DBC, d.dbc, DIRECT(SQLSetConnectAttr)(d.dbc, SQL_ATTR_TXN_ISOLATION, (SQLPOINTER)SQL_TXN_SERIALIZABLE, 0), "HY000");
    DIRECT_STATE(SQL_HANDLE_DBC, d.dbc, DIRECT(SQLEndTran)(SQL_HANDLE_DBC, d.dbc, SQL_ROLLBACK), "HY010");
    direct_close(&d);
    link_close(&l);
}

/* The connection goes with handles that wait, however it is reset, dropped or left. */
static void given_up(void)
{
    struct link l = copy_link("");
    struct link other = copy_link("");
    fresh_table(l.stmt);
    for (int manual = 0; manual < 2; manual++) {
        set_autocommit(l.dbc, !manual);
        run(l.stmt, "select 1");
        for (int fed = 0; fed < 2; fed++) {
            CHECK_RC(l.stmt, exec_direct(l.stmt, "copy copy_target from stdin"), SQL_NEED_DATA);
            if (fed) {
                CHECK_RC(l.stmt, SQLParamData(l.stmt, NULL), SQL_NEED_DATA);
                put(l.stmt, "1\tx\n");
            }
            double start = seconds_now();
            CHECK_OK(l.stmt, SQLCancel(l.stmt));
            CHECK(seconds_now() - start < 10);
            CHECK_INT(query_int(l.stmt, "select count(*) from copy_target"), 0);
            CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_COMMIT));
        }
    }
    set_autocommit(l.dbc, true);
    /* The statement dropped, the connection reset and left: straight through the driver, since the manager lets nobody. */
    for (int way = 0; way < 3; way++) {
        struct link d = direct_open(SQL_OV_ODBC3_80, true);
        CHECK_INT(DIRECT(SQLExecDirect)(d.stmt, T("copy copy_target from stdin"), SQL_NTS), SQL_NEED_DATA);
        CHECK_INT(DIRECT(SQLParamData)(d.stmt, NULL), SQL_NEED_DATA);
        CHECK_INT(DIRECT(SQLPutData)(d.stmt, T("1\tx\n"), 4), SQL_SUCCESS);
        if (way == 0) {
            CHECK_INT(DIRECT(SQLFreeHandle)(SQL_HANDLE_STMT, d.stmt), SQL_SUCCESS);
        } else if (way == 1) {
            CHECK_INT(DIRECT(SQLSetConnectAttr)(d.dbc, SQL_ATTR_RESET_CONNECTION, (SQLPOINTER)SQL_RESET_CONNECTION_YES, 0), SQL_SUCCESS);
        } else {
            CHECK_INT(DIRECT(SQLCancel)(d.stmt), SQL_SUCCESS);
            CHECK_INT(DIRECT(SQLFreeHandle)(SQL_HANDLE_STMT, d.stmt), SQL_SUCCESS);
        }
        d.stmt = NULL;
        if (way < 2) {
            CHECK_INT(DIRECT(SQLAllocHandle)(SQL_HANDLE_STMT, d.dbc, &d.stmt), SQL_SUCCESS);
            CHECK_INT(DIRECT(SQLExecDirect)(d.stmt, T("select 1"), SQL_NTS), SQL_SUCCESS);
        }
        direct_close(&d);
        CHECK_INT(query_int(other.stmt, "select count(*) from copy_target"), 0);
    }
    link_close(&other);
    link_close(&l);
}

/* ---- other statements meanwhile -------------------------------------------------------------------------------------- */

static void meanwhile(void)
{
    struct link l = copy_link("");
    SQLHSTMT reader = new_stmt(l.dbc);
    SQLHSTMT other = new_stmt(l.dbc);
    SQLUINTEGER value = 0;
    run(l.stmt, "create temp table t (a int)");
    query(reader, "select g from generate_series(1, 10000) g");
    CHECK_OK(reader, SQLFetch(reader));
    begin(l.stmt, "copy t from stdin");
    put(l.stmt, "1\n");
    /* Rows that are here already can be read. */
    SQLINTEGER number = 0;
    CHECK_OK(reader, SQLBindCol(reader, 1, SQL_C_SLONG, &number, 0, NULL));
    for (int n = 2; n <= 10000; n++) {
        if (SQLFetch(reader) != SQL_SUCCESS || number != n) {
            CHECK_INT(number, n);
            break;
        }
    }
    CHECK_OK(reader, SQLCloseCursor(reader));
    CHECK_STATE(other, exec_direct(other, "select 1"), "HY000");
    CHECK_CONTAINS(diag_message(other, 1), "COPY FROM STDIN");
    CHECK_STATE(other, exec_direct(other, "rollback"), "HY000");
    CHECK_STATE(other, exec_direct(other, "copy t from stdin"), "HY000");
    CHECK_STATE(other, exec_direct(other, "copy t to stdout"), "HY000");
    CHECK_STATE(other, exec_direct(other, "select 1; select 2"), "HY000");
    CHECK_STATE(other, SQLTables(other, NULL, 0, NULL, 0, T("t"), 1, NULL, 0), "HY000");
    CHECK_STATE(l.dbc, SQLGetConnectAttr(l.dbc, SQL_ATTR_ALLOYDB_BACKEND_PID, &value, 0, NULL), "HY000");
    CHECK_OK(l.dbc, SQLGetConnectAttr(l.dbc, SQL_ATTR_CONNECTION_DEAD, &value, 0, NULL));
    CHECK_INT(value, SQL_CD_FALSE);
    CHECK_RC(l.dbc, SQLGetConnectAttr(l.dbc, SQL_ATTR_ALLOYDB_NOTIFICATION, &value, 0, NULL), SQL_NO_DATA);
    put(l.stmt, "2\n");
    end(l.stmt, 2);
    CHECK_INT(query_int(other, "select count(*) from t"), 2);
    link_close(&l);
}

/* ---- cancelled, timed out, lost -------------------------------------------------------------------------------------- */

static struct link watch;

static void *cancel_when_asleep(void *arg)
{
    SQLHSTMT stmt = arg;
    await_waiting(watch.stmt, query_int(watch.stmt, "select pid from pg_stat_activity where query like 'copy slow%' and pid <> pg_backend_pid() order by query_start desc limit 1"));
    pause_ms(200);
    return SQLCancel(stmt) == SQL_SUCCESS ? stmt : NULL;
}

static void sleepy_table(SQLHSTMT stmt)
{
    run(stmt, "create temp table slow (a int, b text)");
    run(stmt, "create function pg_temp.nap() returns trigger language plpgsql as $$begin perform pg_sleep(60); return new; end$$");
    run(stmt, "create trigger naps before insert on slow for each row execute function pg_temp.nap()");
}

/* Sends rows until the server takes no more; the result of the call that did not succeed. */
static SQLRETURN fill(SQLHSTMT stmt)
{
    static char much[1 << 20];
    SQLRETURN rc = SQL_SUCCESS;
    for (size_t i = 0; i < sizeof much; i += 1024) {
        memset(much + i, 'm', 1024);
        memcpy(much + i, "1\t", 2);
        much[i + 1023] = '\n';
    }
    for (int i = 0; i < 1000 && rc == SQL_SUCCESS; i++) {
        rc = SQLPutData(stmt, much, sizeof much);
    }
    return rc;
}

static void interrupted(const char *extra)
{
    struct link l = copy_link(extra);
    watch = copy_link("");
    pthread_t thread;
    void *done;
    sleepy_table(l.stmt);
    for (int manual = 0; manual < 2; manual++) {
        set_autocommit(l.dbc, !manual);
        run(l.stmt, "select 1");
        /* In SQLPutData, which waits for the server, and in the last SQLParamData. */
        for (int last = 0; last < 2; last++) {
            double start = seconds_now();
            begin(l.stmt, "copy slow from stdin");
            put(l.stmt, "1\tx\n");
            CHECK_INT(pthread_create(&thread, NULL, cancel_when_asleep, l.stmt), 0);
            SQLRETURN rc = last ? SQLParamData(l.stmt, NULL) : fill(l.stmt);
            pthread_join(thread, &done);
            if (!diag_has(l.stmt, "HY010") || last) { /* it came between two calls of SQLPutData */
                CHECK_STATE(l.stmt, rc, "HY008");
            }
            CHECK(done != NULL);
            CHECK_INT(query_int(l.stmt, "select count(*) from slow"), 0);
            CHECK(seconds_now() - start < 45);

            start = seconds_now();
            CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_QUERY_TIMEOUT, (SQLPOINTER)1, 0));
            begin(l.stmt, "copy slow from stdin");
            put(l.stmt, "1\tx\n");
            CHECK_STATE(l.stmt, last ? SQLParamData(l.stmt, NULL) : fill(l.stmt), "HYT00");
            CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_QUERY_TIMEOUT, (SQLPOINTER)0, 0));
            CHECK_INT(query_int(l.stmt, "select count(*) from slow"), 0);
            CHECK(seconds_now() - start < 45);
        }
    }
    CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_COMMIT));

    /* Between two calls, while the server is busy with rows for hours. */
    double began = seconds_now();
    begin(l.stmt, "copy slow from stdin");
    static char rows[20000];
    memset(rows, '\n', sizeof rows);
    for (size_t i = 0; i < sizeof rows; i += 4) {
        memcpy(rows + i, "1\tx", 3);
    }
    CHECK_OK(l.stmt, SQLPutData(l.stmt, rows, sizeof rows));
    pause_ms(300);
    CHECK_OK(l.stmt, SQLCancel(l.stmt));
    CHECK_INT(query_int(l.stmt, "select count(*) from slow"), 0);
    CHECK(seconds_now() - began < 45);
    CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_COMMIT));

    /* Before it begins: another transaction holds a lock. */
    fresh_table(watch.stmt);
    set_autocommit(watch.dbc, false);
    run(watch.stmt, "lock table copy_target in access exclusive mode");
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_QUERY_TIMEOUT, (SQLPOINTER)1, 0));
    CHECK_STATE(l.stmt, exec_direct(l.stmt, "copy copy_target from stdin"), "HYT00");
    CHECK_OK(l.stmt, SQLSetStmtAttr(l.stmt, SQL_ATTR_QUERY_TIMEOUT, (SQLPOINTER)0, 0));
    CHECK_OK(watch.dbc, SQLEndTran(SQL_HANDLE_DBC, watch.dbc, SQL_ROLLBACK));
    begin(l.stmt, "copy copy_target from stdin");
    put(l.stmt, "1\tx\n");
    end(l.stmt, 1);
    link_close(&watch);
    link_close(&l);
}

static void interrupted_plain(void)
{
    interrupted("");
}

struct late_cancel {
    SQLHSTMT stmt;
    long after_us;
};

static void *cancel_after(void *arg)
{
    const struct late_cancel *c = arg;
    pause_s((double)c->after_us / 1e6);
    DIRECT(SQLCancel)(c->stmt);
    return NULL;
}

/* Whenever SQLCancel comes: either all rows are stored and the last call says so, or none. */
static void cancelled_at_any_moment(void)
{
    static char block[10000];
    struct link l = copy_link("");
    struct link d = direct_open(SQL_OV_ODBC3_80, true);
    int stored = 0, given_up = 0;
    for (size_t i = 0; i < sizeof block; i += 10) {
        memcpy(block + i, "1\tabcdefg\n", 10);
    }
    fresh_table(l.stmt);
    for (int round = 0; round < (under_valgrind() ? 20 : 200); round++) {
        bool manual = round % 2 == 1;
        pthread_t thread;
        struct late_cancel late = {.stmt = d.stmt, .after_us = round * 37 % 100 * 60};
        CHECK_INT(DIRECT(SQLSetConnectAttr)(d.dbc, SQL_ATTR_AUTOCOMMIT, (SQLPOINTER)(uintptr_t)!manual, 0), SQL_SUCCESS);
        CHECK_INT(pthread_create(&thread, NULL, cancel_after, &late), 0);
        SQLRETURN rc = DIRECT(SQLExecDirect)(d.stmt, T("copy copy_target from stdin"), SQL_NTS);
        rc = rc == SQL_NEED_DATA ? DIRECT(SQLParamData)(d.stmt, NULL) : rc;
        for (int i = 0; i < 5 && (rc == SQL_NEED_DATA || rc == SQL_SUCCESS); i++) {
            rc = DIRECT(SQLPutData)(d.stmt, block, sizeof block);
        }
        rc = rc == SQL_SUCCESS ? DIRECT(SQLParamData)(d.stmt, NULL) : rc;
        if (rc == SQL_SUCCESS) {
            stored++;
        } else {
            const char *state = direct_state(SQL_HANDLE_STMT, d.stmt);
            given_up++;
            if (rc != SQL_ERROR || (strcmp(state, "HY008") != 0 && strcmp(state, "HY010") != 0)) { /* between two calls it leaves nothing to go on with */
                CHECK_TEXT(state, "HY008");
            }
        }
        pthread_join(thread, NULL);
        CHECK_INT(DIRECT(SQLEndTran)(SQL_HANDLE_DBC, d.dbc, SQL_COMMIT), SQL_SUCCESS);
    }
    CHECK_INT(query_int(l.stmt, "select count(*) from copy_target"), stored * 5000);
    printf("(%d stored, %d given up) ", stored, given_up);
    CHECK_INT(DIRECT(SQLExecDirect)(d.stmt, T("select 1"), SQL_NTS), SQL_SUCCESS);
    direct_close(&d);
    link_close(&l);
}

static void killed(void)
{
    struct link other = copy_link("");
    fresh_table(other.stmt);
    for (int last = 0; last < 2; last++) {
        struct link l = copy_link("");
        char sql[128];
        int64_t pid = query_int(l.stmt, "select pg_backend_pid()");
        begin(l.stmt, "copy copy_target from stdin");
        put(l.stmt, "1\tx\n");
        snprintf(sql, sizeof sql, "select pg_terminate_backend(%lld, 30000)", (long long)pid);
        CHECK_TEXT(query_text(other.stmt, sql), "1");
        CHECK_STATE(l.stmt, last ? SQLParamData(l.stmt, NULL) : fill(l.stmt), "08S01");
        CHECK_CONTAINS(diag_message(l.stmt, 1), "terminating connection");
        CHECK_STATE(l.stmt, exec_direct(l.stmt, "select 1"), "08S01");
        link_close(&l);
        CHECK_INT(query_int(other.stmt, "select count(*) from copy_target"), 0);
    }
    link_close(&other);
}

int main(void)
{
    static const struct test tests[] = {
        {"COPY TO is a result set", rows_out},
        {"binary, out and in", binary_out_and_in},
        {"a million rows out", many_out},
        {"COPY FROM takes data at execution", rows_in},
        {"a million rows in", many_in},
        {"errors in the data", errors_in},
        {"wrong order of calls", wrong_order},
        {"given up", given_up},
        {"other statements meanwhile", meanwhile},
        {"cancelled and timed out", interrupted_plain},
        {"cancelled at any moment", cancelled_at_any_moment},
        {"a server that is killed", killed},
    };
    return run_tests("COPY", tests, COUNT(tests));
}
