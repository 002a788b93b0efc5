/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tests through the driver manager share. One file tests one ODBC function (or one theme), as an application would:
 *
 *     static void empty_table(void)
 *     {
 *         struct link l = link_open("");
 *         run(l.stmt, "create temp table t (a int)");
 *         CHECK_OK(l.stmt, SQLExecDirect(l.stmt, T("select a from t"), SQL_NTS));
 *         CHECK_RC(l.stmt, SQLFetch(l.stmt), SQL_NO_DATA);
 *         CHECK_STATE(l.stmt, SQLFetch(l.stmt), "24000");
 *         link_close(&l);
 *     }
 *
 *     int main(void)
 *     {
 *         static const struct test tests[] = {{"an empty table has no rows", empty_table}};
 *         return run_tests("SQLFetch", tests, COUNT(tests));
 *     }
 *
 * A failed check is recorded, prints the diagnostics of its handle, and lets the test go on; the helpers that are no checks
 * (link_open, run …) end the program when they fail, since nothing after them could mean anything.
 * Programs run beside each other on one database: use temporary tables, or name tables after the program.
 */
#ifndef ALDB_TEST_HARNESS_H
#define ALDB_TEST_HARNESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <sql.h>
#include <sqlext.h>
#include <CUnit/CUnit.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A C string as ODBC's narrow entry points take it. */
#define T(text) ((SQLCHAR *)(uintptr_t)(const char *)(text))

/* ---- the program --------------------------------------------------------------------------------------------------- */

struct test {
    const char *name;
    void (*function)(void);
};

/* Runs them in order and returns main's result: 0 if every check of every test held. */
int run_tests(const char *suite, const struct test *tests, size_t count);

/*
 * A fact about the test server: the environment variable ALDB_TEST_<name>. Where it is missing the program ends: with 77 (skipped) if no test has begun, else as
 * failed. What a server may lack is therefore asked for in main.
 * Names: DSN, CONNSTR (without DSN), HOST, PORT, SOCKETDIR, DATABASE, USER, PASSWORD, CONNINFO (for libpq), SUPER_CONNINFO, PGDATA, PGBIN,
 * POOLER_PORT (PgBouncer; databases pool_one, pool_two, pool_session), DEAD_PORT (nobody listens), CA, WRONG_CA, CERT, KEY (of role aldb_cert),
 * ENCRYPTED_KEY, KEY_PASSWORD, ODD_PASSWORD (of role aldb_odd), CRLS (folder: none.crl and revoked.crl, the latter with the server's certificate;
 * none.crls and revoked.crls, the same as directories).
 * Roles: aldb_test (the main one; owns the database, is no superuser), aldb_trust, aldb_md5, aldb_clear, aldb_cert, aldb_tls (TLS
 * only), aldb_plain (no TLS only), aldb_odd, aldb_reject, aldb_readonly (its transactions are read-only). Databases: aldb_test, aldb_latin1.
 */
const char *fact(const char *name);
/* Where everything costs fifty times as much: fewer rounds will do. */
bool under_valgrind(void);
/* Peak resident size of this process in kB. */
long peak_kb(void);
/* Ends the program as skipped if no test has begun, as failed otherwise; `why` begins with what is missing. */
_Noreturn void skip(const char *why, ...) __attribute__((format(printf, 1, 2)));

double seconds_now(void); /* of a clock that is never set */
void pause_s(double seconds); /* none or less: not at all */
void pause_ms(long ms);

/* ---- connections --------------------------------------------------------------------------------------------------- */

/* An ODBC 3.8 environment, a connection, a statement. */
struct link {
    SQLHENV env;
    SQLHDBC dbc;
    SQLHSTMT stmt;
};

/* Environment and connection handle, not connected; stmt is SQL_NULL_HSTMT. */
struct link link_new(SQLINTEGER odbc_version);
/* Connected by connstr("%s", extra), and one statement. */
struct link link_open(const char *extra);
/* Frees whatever is there, rolling back and disconnecting first. */
void link_close(struct link *l);

/*
 * Keywords, printf-formatted, then with $NAME replaced by fact("NAME"), then ";DSN=…" behind it: of a keyword that comes twice the first
 * one wins. connstr(";") is the DSN alone; behind "DRIVER=" or "DSN=" at the beginning nothing is added.
 * Static buffer of the latest call.
 */
const char *connstr(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* SQLDriverConnect(NOPROMPT) with exactly this string; returns its result. */
SQLRETURN try_connect(SQLHDBC dbc, const char *connection_string);

SQLHSTMT new_stmt(SQLHDBC dbc);
void free_stmt(SQLHSTMT stmt);

/* ---- statements ---------------------------------------------------------------------------------------------------- */

/* SQLExecDirect as it is. */
SQLRETURN exec_direct(SQLHSTMT stmt, const char *sql);
/* SQLRowCount, which must succeed and write nothing beside the eight bytes. */
SQLLEN row_count(SQLHSTMT stmt);
void set_autocommit(SQLHDBC dbc, bool on);
/* Executes `sql` and drops its results; SQL_NO_DATA and information are fine. */
void run(SQLHSTMT stmt, const char *sql);
/* Executes `sql` and leaves the cursor before the first row. */
void query(SQLHSTMT stmt, const char *sql);
/* First column of the first row, as an integer or as text ("NULL" for null; static buffer of the latest call); closes the cursor. */
int64_t query_int(SQLHSTMT stmt, const char *sql);
const char *query_text(SQLHSTMT stmt, const char *sql);
/*
 * Is the backend with that process number in pg_sleep, or does it wait for a lock? Then what another thread executes has come to the server. `watch` is a
 * statement of a connection of its own, which no other thread uses meanwhile.
 */
bool is_waiting(SQLHSTMT watch, int64_t pid);
/* Returns as soon as it is; where it never is, the program ends after a minute. */
void await_waiting(SQLHSTMT watch, int64_t pid);

/* ---- diagnostics --------------------------------------------------------------------------------------------------- */

/* SQLSTATE or message of record `n`, "" if there is none. Static buffers of the latest call. Any kind of handle. */
const char *diag_state(SQLHANDLE handle, SQLSMALLINT n);
const char *diag_message(SQLHANDLE handle, SQLSMALLINT n);
SQLINTEGER diag_native(SQLHANDLE handle, SQLSMALLINT n);
/* Is there a record with that state? */
bool diag_has(SQLHANDLE handle, const char *state);

/* ---- wide text ----------------------------------------------------------------------------------------------------- */

/* UTF-8 to UTF-16 and back, ending in 0. The results live in a ring of eight buffers of 4096 units. */
SQLWCHAR *wide(const char *utf8);
const char *narrow(const SQLWCHAR *utf16);

/* ---- checks -------------------------------------------------------------------------------------------------------- */

/* The call returns SQL_SUCCESS. */
#define CHECK_OK(handle, call) CHECK_RC(handle, call, SQL_SUCCESS)
/* The call returns exactly `wanted`. */
#define CHECK_RC(handle, call, wanted) check_rc((handle), (call), (wanted), #call, __FILE__, __LINE__)
/* The call returns SQL_ERROR, and its first record has that SQLSTATE. */
#define CHECK_STATE(handle, call, state) check_state((handle), (call), SQL_ERROR, (state), #call, __FILE__, __LINE__)
/* The call returns SQL_SUCCESS_WITH_INFO, and some record has that SQLSTATE. */
#define CHECK_INFO(handle, call, state) \
    check_state((handle), (call), SQL_SUCCESS_WITH_INFO, (state), #call, __FILE__, __LINE__)
/* Plain conditions and values; both sides are shown when they differ. */
#define CHECK(condition) check_true((condition), #condition, __FILE__, __LINE__)
#define CHECK_INT(actual, wanted) check_int((int64_t)(actual), (int64_t)(wanted), #actual, __FILE__, __LINE__)
#define CHECK_TEXT(actual, wanted) check_text((const char *)(actual), (wanted), #actual, __FILE__, __LINE__)
/* The text `where` contains `what`. */
#define CHECK_CONTAINS(where, what) check_contains((const char *)(where), (what), #where, __FILE__, __LINE__)

/* The functions behind the macros; they return whether the check held. */
bool check_rc(SQLHANDLE handle, SQLRETURN rc, SQLRETURN wanted, const char *what, const char *file, unsigned line);
bool check_state(SQLHANDLE handle, SQLRETURN rc, SQLRETURN wanted, const char *state, const char *what, const char *file,
                 unsigned line);
bool check_true(bool condition, const char *what, const char *file, unsigned line);
bool check_int(int64_t actual, int64_t wanted, const char *what, const char *file, unsigned line);
bool check_text(const char *actual, const char *wanted, const char *what, const char *file, unsigned line);
bool check_contains(const char *where, const char *part, const char *what, const char *file, unsigned line);

#endif
