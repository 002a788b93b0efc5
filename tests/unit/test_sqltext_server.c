/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is known of statements, asked of a real PostgreSQL: where they end, which take parameters, which it refuses inside a transaction block, and the
 * places of its errors. What escapes mean is asked in odbc/test_escapes.c. Needs ALDB_TEST_CONNINFO (a libpq conninfo for a superuser of
 * PostgreSQL 15 or newer); exits with 77 without it.
 */
#include <CUnit/Basic.h>
#include <CUnit/CUnit.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sqltext/sqltext.h"

static PGconn *conn;
static int failures_shown;

static void quiet(void *ctx, const char *message)
{
    (void)ctx;
    (void)message;
}

static void complain(const char *what, const char *sql, const char *got, const char *wanted)
{
    if (failures_shown++ < 60) {
        fprintf(stderr, "\n  %s\n    text   %s\n    got    %s\n    wanted %s\n", what, sql, got, wanted);
    }
}

/* Translates one statement; the caller clears. */
static bool translated(const char *odbc, struct aldb_sql *out)
{
    struct aldb_diag diag;
    aldb_diag_init(&diag);
    struct aldb_sql_flags flags = {.standard_conforming_strings = true};
    enum aldb_rc rc = aldb_sql_translate(aldb_slice_of(odbc), flags, out, &diag);
    if (rc == ALDB_ERR) {
        complain("refused", odbc, aldb_diag_message(aldb_diag_get(&diag, 1)), "a translation");
    }
    aldb_diag_clear(&diag);
    return rc != ALDB_ERR;
}

/* Run behind BEGIN: does the server say 25001? Statements may fail otherwise; nothing is kept. */
static const struct {
    const char *sql;
    bool refused;
} BLOCKS[] = {
    {"VACUUM", true},
    {"VACUUM (ANALYZE) pg_class", true},
    {"CREATE DATABASE aldb_x", true},
    {"DROP DATABASE aldb_x", true},
    {"CREATE TABLESPACE aldb_x LOCATION '/nowhere'", true},
    {"DROP TABLESPACE aldb_x", true},
    {"ALTER SYSTEM SET work_mem = '4MB'", true},
    {"ALTER DATABASE postgres SET TABLESPACE pg_default", true},
    {"ALTER DATABASE postgres SET work_mem = '4MB'", false},
    {"CREATE INDEX CONCURRENTLY ON t (a)", true},
    {"CREATE UNIQUE INDEX CONCURRENTLY i2 ON t (a)", true},
    {"CREATE INDEX ON t (a)", false},
    {"DROP INDEX CONCURRENTLY i", true},
    {"DROP INDEX i", false},
    {"REINDEX INDEX CONCURRENTLY i", true},
    {"REINDEX (CONCURRENTLY) TABLE t", true},
    {"REINDEX TABLE t", false},
    {"REINDEX DATABASE postgres", true},
    {"REINDEX SYSTEM postgres", true},
    {"REINDEX (VERBOSE) SCHEMA public", true},
    {"CLUSTER", true},
    {"CLUSTER VERBOSE", true},
    {"CLUSTER t USING i", false},
    {"CLUSTER (VERBOSE) t USING i", false},
    {"DISCARD ALL", true},
    {"DISCARD PLANS", false},
    {"ALTER TABLE pt DETACH PARTITION pt1 CONCURRENTLY", true},
    {"ALTER TABLE pt DETACH PARTITION pt1", false},
    {"REFRESH MATERIALIZED VIEW CONCURRENTLY mv", false},
    {"ALTER TYPE mood ADD VALUE 'meh'", false},
    {"COMMIT PREPARED 'x'", true},
    {"ROLLBACK PREPARED 'x'", true},
    {"CREATE SUBSCRIPTION sb CONNECTION 'host=/nowhere' PUBLICATION p", true},
    {"CREATE SUBSCRIPTION sb CONNECTION 'host=/nowhere' PUBLICATION p WITH (connect = false)", false},
    {"CREATE SUBSCRIPTION sb CONNECTION 'host=/nowhere' PUBLICATION p WITH (create_slot = off, connect = false)", false},
    {"ALTER SUBSCRIPTION s0 REFRESH PUBLICATION", true},
    {"ALTER SUBSCRIPTION s0 REFRESH PUBLICATION WITH (copy_data = false)", true},
    {"ALTER SUBSCRIPTION s0 SET PUBLICATION p", true},
    {"ALTER SUBSCRIPTION s0 SET PUBLICATION p WITH (refresh = false)", false},
    {"ALTER SUBSCRIPTION s0 SET (binary = true)", false},
    {"ANALYZE t", false},
    {"TRUNCATE t", false},
    {"CREATE TABLE t2 (a int)", false},
    {"COMMENT ON TABLE t IS 'x'", false},
    {"LOCK TABLE t", false},
    {"LISTEN x", false},
};

static void exec(const char *sql)
{
    PQclear(PQexec(conn, sql));
}

static void test_blocks(void)
{
    exec("CREATE TABLE t (a int); CREATE UNIQUE INDEX i ON t (a); CREATE MATERIALIZED VIEW mv AS SELECT a FROM t; CREATE UNIQUE INDEX ON mv (a); "
         "CREATE TYPE mood AS ENUM ('sad'); CREATE TABLE pt (a int) PARTITION BY LIST (a); CREATE TABLE pt1 PARTITION OF pt FOR VALUES IN (1)");
    exec("CREATE SUBSCRIPTION s0 CONNECTION 'host=/nowhere' PUBLICATION p WITH (connect = false)");
    exec("ALTER SUBSCRIPTION s0 ENABLE"); /* a disabled one is refused for that reason first */
    for (size_t i = 0; i < ALDB_COUNT(BLOCKS); i++) {
        struct aldb_sql sql;
        if (!translated(BLOCKS[i].sql, &sql)) {
            CU_FAIL("refused");
            continue;
        }
        exec("BEGIN");
        PGresult *r = PQexec(conn, BLOCKS[i].sql);
        const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE);
        bool refused = state != NULL && strcmp(state, "25001") == 0;
        PQclear(r);
        exec("ROLLBACK");
        bool guessed = sql.parts[0].cls == ALDB_SQL_NO_BLOCK;
        if (refused != BLOCKS[i].refused || guessed != BLOCKS[i].refused) {
            complain("transaction block", BLOCKS[i].sql, refused ? "server refuses" : "server takes it", guessed ? "NO_BLOCK" : "not NO_BLOCK");
        }
        CU_ASSERT(refused == BLOCKS[i].refused);
        CU_ASSERT(guessed == BLOCKS[i].refused);
        aldb_sql_clear(&sql);
    }
    exec("ALTER SUBSCRIPTION s0 DISABLE");
    exec("ALTER SUBSCRIPTION s0 SET (slot_name = NONE)");
    exec("DROP SUBSCRIPTION s0");
    exec("DROP TABLE pt; DROP MATERIALIZED VIEW mv; DROP TABLE t; DROP TYPE mood");
}

/* What is called plannable must take its markers as $n. */
static void test_plannable(void)
{
    static const char *const texts[] = {
        "SELECT ?::int",
        "VALUES (?::int)",
        "INSERT INTO pl VALUES (?)",
        "UPDATE pl SET a = ?",
        "DELETE FROM pl WHERE a = ?",
        "MERGE INTO pl USING (SELECT ?::int AS x) s ON a = x WHEN NOT MATCHED THEN INSERT VALUES (x)",
        "WITH w AS (INSERT INTO pl VALUES (?) RETURNING a) SELECT * FROM w",
        "SELECT ?::int AS a INTO TEMP pl2",
        "CALL pp(?)",
        "{call pf(?)}",
        "SELECT * FROM pl {limit ? offset 0}",
        "SELECT * FROM {oj pl x LEFT OUTER JOIN {oj pl y LEFT OUTER JOIN pl z ON y.a = z.a} ON x.a = y.a} WHERE x.a = ?",
    };
    exec("CREATE TABLE pl (a int); CREATE PROCEDURE pp(int) LANGUAGE sql AS 'SELECT 1'; CREATE FUNCTION pf(int) RETURNS int LANGUAGE sql AS 'SELECT 1'");
    for (size_t i = 0; i < ALDB_COUNT(texts); i++) {
        struct aldb_sql sql;
        if (!translated(texts[i], &sql)) {
            CU_FAIL("refused");
            continue;
        }
        CU_ASSERT(aldb_sql_plannable(sql.parts[0].cls));
        static const char *const seven[] = {"7"};
        PGresult *r = PQexecParams(conn, sql.text.data, 1, NULL, seven, NULL, NULL, 0);
        bool good = PQresultStatus(r) == PGRES_TUPLES_OK || PQresultStatus(r) == PGRES_COMMAND_OK;
        if (!good) {
            complain("plannable", sql.text.data, PQerrorMessage(conn), "success");
        }
        CU_ASSERT(good);
        CU_ASSERT((PQnfields(r) > 0) == !aldb_sql_rowless(&sql.parts[0]) || sql.parts[0].cls == ALDB_SQL_CALL);
        PQclear(r);
        aldb_sql_clear(&sql);
    }
    exec("DROP TABLE pl; DROP PROCEDURE pp; DROP FUNCTION pf; DROP TABLE pl2");
}

/* The server's error position, mapped back, points at the wrong word in what the application wrote. */
static void test_positions(void)
{
    static const char *const texts[] = {
        "SELECT ?, 'é', {fn UCASE('x')}, {d '2024-01-01'}, nocolumn FROM pg_class",
        "SELECT 1; /* ü */ SELECT {fn LOCATE('ä', nocolumn)}",
        "SELECT ? + ?::int, ?? nocolumn",
        "  \n SELECT {fn CONCAT({fn LCASE('Ü')}, {fn RTRIM( /* x */ nocolumn)})}",
    };
    for (size_t i = 0; i < ALDB_COUNT(texts); i++) {
        struct aldb_sql sql;
        if (!translated(texts[i], &sql)) {
            CU_FAIL("refused");
            continue;
        }
        size_t part = sql.nparts - 1;
        PGresult *r = PQprepare(conn, "", sql.text.data + sql.parts[part].begin, 0, NULL);
        const char *position = PQresultErrorField(r, PG_DIAG_STATEMENT_POSITION);
        size_t mapped = position ? aldb_sql_map_position(&sql, part, (size_t)strtoul(position, NULL, 10)) : 0;
        const char *found = strstr(texts[i], "nocolumn");
        size_t wanted = 1;
        for (const char *p = texts[i]; p < found; p++) {
            wanted += ((unsigned char)*p & 0xC0) != 0x80;
        }
        if (mapped != wanted) {
            complain("position", sql.text.data + sql.parts[part].begin, PQerrorMessage(conn), texts[i]);
        }
        CU_ASSERT_EQUAL(mapped, wanted);
        PQclear(r);
        aldb_sql_clear(&sql);
    }
}

/* Quoting survives the server under both settings. */
static void test_quoting(void)
{
    static const char *const texts[] = {"", "plain", "it's", "back\\slash", "\\'", "é\n\"q\"", "''", "\\\\"};
    for (int off = 0; off < 2; off++) {
        exec(off ? "SET standard_conforming_strings = off; SET escape_string_warning = off" : "SET standard_conforming_strings = on");
        for (size_t i = 0; i < ALDB_COUNT(texts); i++) {
            struct aldb_buf b;
            aldb_buf_init(&b, ALDB_MAX_SQL);
            aldb_buf_add_str(&b, "SELECT ");
            aldb_sql_quote_literal(&b, aldb_slice_of(texts[i]));
            if (texts[i][0] != '\0') {
                aldb_buf_add_str(&b, " AS ");
                aldb_sql_quote_ident(&b, aldb_slice_of(texts[i]));
            }
            PGresult *r = PQexec(conn, aldb_buf_cstr(&b));
            CU_ASSERT_EQUAL_FATAL(PQresultStatus(r), PGRES_TUPLES_OK);
            CU_ASSERT_STRING_EQUAL(PQgetvalue(r, 0, 0), texts[i]);
            if (texts[i][0] != '\0') {
                CU_ASSERT_STRING_EQUAL(PQfname(r, 0), texts[i]);
            }
            PQclear(r);
            aldb_buf_clear(&b);
        }
    }
    exec("SET standard_conforming_strings = on");
}

/* SQL-standard bodies and rules hold semicolons: each text must arrive as one statement that the server takes. */
static void test_splitting(void)
{
    static const struct {
        const char *text;
        size_t parts;
    } texts[] = {
        {"CREATE TABLE sp (a int); CREATE TABLE sp_log (a int);", 2},
        {"CREATE OR REPLACE FUNCTION sp_f(x int) RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT CASE WHEN x > 1 THEN CASE x WHEN 2 THEN 1 ELSE 0 END END; "
         "SELECT x; END; SELECT sp_f(1)",
         2},
        {"CREATE PROCEDURE sp_p(x int) BEGIN ATOMIC INSERT INTO sp VALUES (x); DELETE FROM sp; END; CALL sp_p(1)", 2},
        {"CREATE RULE sp_r AS ON INSERT TO sp DO ALSO (INSERT INTO sp_log VALUES (1); INSERT INTO sp_log VALUES (2)); INSERT INTO sp VALUES (1)", 2},
        {"DO $x$ BEGIN PERFORM 1; PERFORM ';'; END; $x$; SELECT E'\\';' AS a, ';', \"b;c\" FROM (SELECT 1 AS \"b;c\") t -- ;\n; /* ; /* ; */ */", 2},
        {"DROP PROCEDURE sp_p; DROP FUNCTION sp_f; DROP TABLE sp; DROP TABLE sp_log", 4},
    };
    for (size_t i = 0; i < ALDB_COUNT(texts); i++) {
        struct aldb_sql sql;
        if (!translated(texts[i].text, &sql)) {
            CU_FAIL("refused");
            continue;
        }
        CU_ASSERT_EQUAL(sql.nparts, texts[i].parts);
        for (size_t p = 0; p < sql.nparts; p++) {
            PGresult *r = PQexecParams(conn, sql.text.data + sql.parts[p].begin, 0, NULL, NULL, NULL, NULL, 0);
            bool good = PQresultStatus(r) == PGRES_TUPLES_OK || PQresultStatus(r) == PGRES_COMMAND_OK;
            if (!good) {
                complain("splitting", sql.text.data + sql.parts[p].begin, PQerrorMessage(conn), "success");
            }
            CU_ASSERT(good);
            PQclear(r);
        }
        aldb_sql_clear(&sql);
    }
}

int main(void)
{
    const char *conninfo = getenv("ALDB_TEST_SUPER_CONNINFO") ? getenv("ALDB_TEST_SUPER_CONNINFO") : getenv("ALDB_TEST_CONNINFO");
    if (conninfo == NULL || conninfo[0] == '\0') {
        puts("SKIP: ALDB_TEST_CONNINFO is not set");
        return 77;
    }
    conn = PQconnectdb(conninfo);
    if (PQstatus(conn) != CONNECTION_OK) {
        fprintf(stderr, "%s", PQerrorMessage(conn));
        return 1;
    }
    (void)PQsetNoticeProcessor(conn, quiet, NULL);
    exec("SET client_min_messages = error; SET client_encoding = utf8; SET DateStyle = ISO; SET IntervalStyle = postgres");
    exec("DROP SCHEMA IF EXISTS aldb_sqltext CASCADE; CREATE SCHEMA aldb_sqltext");
    exec("SET search_path = aldb_sqltext");
    if (CU_initialize_registry() != CUE_SUCCESS) {
        return 1;
    }
    CU_pSuite suite = CU_add_suite("sqltext against a server", NULL, NULL);
    CU_add_test(suite, "transaction blocks", test_blocks);
    CU_add_test(suite, "plannable", test_plannable);
    CU_add_test(suite, "positions", test_positions);
    CU_add_test(suite, "quoting", test_quoting);
    CU_add_test(suite, "splitting", test_splitting);
    CU_basic_run_tests();
    unsigned failed = CU_get_number_of_failures();
    CU_cleanup_registry();
    exec("DROP SCHEMA aldb_sqltext CASCADE");
    PQfinish(conn);
    return failed != 0;
}
