/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How often an execution goes to the server and back. A new text of SQLExecDirect is described first where that costs little, for its rows to come in binary; far from the
 * server it is executed at once, and what the application gets is the same. And how long the rest of a closed result is read before it is cancelled.
 */
#include "relay.h"
#include "rows.h"

#define FAR_MS 6

static struct link through_relay(int delay_ms, const char *options)
{
    struct link l = link_new(SQL_OV_ODBC3_80);
    CHECK(relay_start(delay_ms));
    CHECK_OK(l.dbc, try_connect(l.dbc, connstr("Server=127.0.0.1;Port=%d;SSLMode=disable;%s", relay_port(), options)));
    l.stmt = new_stmt(l.dbc);
    return l;
}

static void end(struct link *l)
{
    link_close(l);
    relay_stop();
}

/* Two descriptions tell how far away the server is. */
static void learn(struct link *l)
{
    CHECK_INT(query_int(l->stmt, "select 1"), 1);
    CHECK_INT(query_int(l->stmt, "select 2"), 2);
}

static void check_turns(SQLHSTMT stmt, const char *sql, int64_t rows, int turns)
{
    int before = relay_turns();
    check_rc(stmt, exec_direct(stmt, sql), SQL_SUCCESS, sql, __FILE__, __LINE__);
    check_int(count_rows(stmt), rows, sql, __FILE__, __LINE__);
    check_int(relay_turns() - before, turns, sql, __FILE__, __LINE__);
}

static void far_away(void)
{
    struct link l = through_relay(FAR_MS, "");
    learn(&l);
    check_turns(l.stmt, "select 3", 1, 1);
    check_turns(l.stmt, "select n, n::text from generate_series(1, 50) n", 50, 1);
    /* What comes again gets a name, and then needs no description any more. */
    check_turns(l.stmt, "select 'again'", 1, 1);
    check_turns(l.stmt, "select 'again'", 1, 2);
    check_turns(l.stmt, "select 'again'", 1, 1);
    set_autocommit(l.dbc, false);
    check_turns(l.stmt, "select 33", 1, 1);
    run(l.stmt, "create temp table far_away (a int)");
    check_turns(l.stmt, "insert into far_away values (1), (2) returning a", 2, 1);
    check_turns(l.stmt, "select n, n::text from generate_series(1, 550) n", 550, 1);
    CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_ROLLBACK));
    end(&l);
}

/* Described by SQLPrepare, a text is known to SQLExecDirect too. */
static void known_text(void)
{
    struct link l = through_relay(FAR_MS, "");
    SQLHSTMT other = new_stmt(l.dbc);
    SQLSMALLINT columns = 0;
    learn(&l);
    CHECK_OK(other, SQLPrepare(other, T("select 5, 'five'"), SQL_NTS));
    CHECK_OK(other, SQLNumResultCols(other, &columns));
    CHECK_INT(columns, 2);
    check_turns(l.stmt, "select 5, 'five'", 1, 1);
    free_stmt(other);
    end(&l);
}

/* A failure is the statement's, at its place in the text, and costs the transaction nothing. */
static void failures(void)
{
    struct link l = through_relay(FAR_MS, "");
    learn(&l);
    set_autocommit(l.dbc, false);
    run(l.stmt, "create temp table far_away (a int)");
    CHECK_STATE(l.stmt, exec_direct(l.stmt, "select a, nothing from far_away"), "42S22");
    CHECK_CONTAINS(diag_message(l.stmt, 1), "nothing");
    CHECK_STATE(l.stmt, exec_direct(l.stmt, "select 1 / a from (values (1), (0)) v(a) order by a"), "22012");
    run(l.stmt, "insert into far_away values (4)");
    CHECK_INT(query_int(l.stmt, "select a from far_away"), 4);
    end(&l);
}

static const char *const values[] = {
    "true", "1::int2", "-2::int4", "3::int8", "1.5::float4", "2.25::float8", "'Infinity'::float8", "12345.6789::numeric", "'NaN'::numeric", "'a text'", "'ab'::char(5)",
    "'\\xc3a9'::bytea", "'\xc3\xa9'::text", "date '2024-02-29'", "time '23:59:59.25'", "timestamp '2001-02-03 04:05:06.789'", "timestamptz '2001-02-03 04:05:06+03'",
    "'00112233-4455-6677-8899-aabbccddeeff'::uuid", "interval '1 day 02:03:04'", "interval '3' year", "'{\"a\": 1}'::jsonb", "array[1, 2, null]", "array['x y', '\"']", "null::int4",
    "12.5::money", "B'101'", "'192.168.0.1'::inet", "int4range(1, 5)", "'(1,x)'::text", "time with time zone '10:11:12+02'", "pg_catalog.pg_class.oid from pg_catalog.pg_class where relname = 'pg_type'",
};

struct seen {
    unsigned char data[512];
    SQLLEN length;
    SQLSMALLINT type;
    SQLULEN size;
    char state[6];
};

static struct seen see(SQLHSTMT stmt, const char *value, int i, SQLSMALLINT c_type)
{
    struct seen s = {.length = -9};
    char sql[512];
    SQLSMALLINT digits, nullable;
    snprintf(sql, sizeof sql, "select /* %d */ %s", i, value);
    check_rc(stmt, exec_direct(stmt, sql), SQL_SUCCESS, sql, __FILE__, __LINE__);
    CHECK_OK(stmt, SQLDescribeCol(stmt, 1, NULL, 0, NULL, &s.type, &s.size, &digits, &nullable));
    CHECK_OK(stmt, SQLFetch(stmt));
    if (SQLGetData(stmt, 1, c_type, s.data, sizeof s.data, &s.length) != SQL_SUCCESS) {
        snprintf(s.state, sizeof s.state, "%s", diag_state(stmt, 1));
    }
    CHECK_OK(stmt, SQLFreeStmt(stmt, SQL_CLOSE));
    return s;
}

static void the_same_values(void)
{
    static const SQLSMALLINT types[] = {SQL_C_DEFAULT, SQL_C_CHAR, SQL_C_WCHAR, SQL_C_BINARY};
    static struct seen near[COUNT(values)][COUNT(types)];
    struct link l = link_open("");
    for (size_t i = 0; i < COUNT(values); i++) {
        for (size_t t = 0; t < COUNT(types); t++) {
            near[i][t] = see(l.stmt, values[i], (int)t, types[t]);
        }
    }
    link_close(&l);
    l = through_relay(FAR_MS, "");
    learn(&l);
    int before = relay_turns();
    for (size_t i = 0; i < COUNT(values); i++) {
        for (size_t t = 0; t < COUNT(types); t++) {
            struct seen far = see(l.stmt, values[i], (int)t, types[t]);
            check_true(memcmp(far.data, near[i][t].data, sizeof far.data) == 0, values[i], __FILE__, __LINE__);
            check_int(far.length, near[i][t].length, values[i], __FILE__, __LINE__);
            check_int(far.type, near[i][t].type, values[i], __FILE__, __LINE__);
            check_int((int64_t)far.size, (int64_t)near[i][t].size, values[i], __FILE__, __LINE__);
            check_text(far.state, near[i][t].state, values[i], __FILE__, __LINE__);
        }
    }
    CHECK(relay_turns() - before < 2 * (int)(COUNT(values) * COUNT(types)));
    end(&l);
}

static double close_after_a_row(SQLHSTMT stmt)
{
    query(stmt, "select generate_series(1, 1000000000), repeat('wide', 2000)");
    CHECK_OK(stmt, SQLFetch(stmt));
    double start = seconds_now();
    CHECK_OK(stmt, SQLCloseCursor(stmt));
    return seconds_now() - start;
}

/* Connecting takes longer than anything is read to be closed, 50 ms; what has been cancelled again and again is cancelled sooner, and what ended by itself is read again. */
static void closing(void)
{
    struct link l = through_relay(10 * FAR_MS, "");
    double soonest = 1;
    CHECK(close_after_a_row(l.stmt) >= 0.050);
    for (int i = 0; i < 20; i++) {
        double took = close_after_a_row(l.stmt);
        soonest = took < soonest ? took : soonest;
    }
    CHECK(soonest < 0.050 || under_valgrind());
    query(l.stmt, "select generate_series(1, 1000)");
    CHECK_OK(l.stmt, SQLFetch(l.stmt));
    CHECK_OK(l.stmt, SQLCloseCursor(l.stmt));
    CHECK(close_after_a_row(l.stmt) >= 0.050);
    end(&l);
}

int main(void)
{
    static const struct test tests[] = {
        {"far away", far_away},
        {"a known text", known_text},
        {"failures", failures},
        {"the same values", the_same_values},
        {"closing early", closing},
    };
    return run_tests("round trips", tests, COUNT(tests));
}
