/* SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"

#include <stdarg.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <CUnit/Basic.h>

enum { SKIPPED = 77, TEXT_MAX = 8192 };

/* ---- the program --------------------------------------------------------------------------------------------------- */

static bool begun;

int run_tests(const char *suite, const struct test *tests, size_t count)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    (void)fact("DSN"); /* without a server: skipped at once */
    if (CU_initialize_registry() != CUE_SUCCESS) {
        return EXIT_FAILURE;
    }
    CU_pSuite s = CU_add_suite(suite, NULL, NULL);
    for (size_t i = 0; s != NULL && i < count; i++) {
        if (CU_add_test(s, tests[i].name, tests[i].function) == NULL) {
            fprintf(stderr, "cannot register \"%s\": %s\n", tests[i].name, CU_get_error_msg());
            return EXIT_FAILURE;
        }
    }
    CU_basic_set_mode(CU_BRM_VERBOSE);
    begun = true;
    CU_ErrorCode error = CU_basic_run_tests();
    unsigned ran = CU_get_number_of_tests_run();
    unsigned failures = CU_get_number_of_failures();
    CU_cleanup_registry();
    return error == CUE_SUCCESS && failures == 0 && ran == count ? EXIT_SUCCESS : EXIT_FAILURE;
}

const char *fact(const char *name)
{
    char variable[64];
    snprintf(variable, sizeof variable, "ALDB_TEST_%s", name);
    const char *value = getenv(variable);
    if (value == NULL) {
        skip("%s is not set; tests/run starts a server and sets it", variable);
    }
    return value;
}

void skip(const char *why, ...)
{
    va_list ap;
    va_start(ap, why);
    printf("%s: ", begun ? "\n    FATAL" : "SKIP");
    vprintf(why, ap);
    printf("\n");
    va_end(ap);
    exit(begun ? EXIT_FAILURE : SKIPPED);
}

bool under_valgrind(void)
{
    const char *preload = getenv("LD_PRELOAD");
    return preload != NULL && strstr(preload, "vgpreload") != NULL;
}

long peak_kb(void)
{
    char line[256];
    long kb = -1;
    FILE *f = fopen("/proc/self/status", "r");
    while (f != NULL && fgets(line, sizeof line, f) != NULL) {
        if (strncmp(line, "VmHWM:", 6) == 0) {
            kb = strtol(line + 6, NULL, 10);
        }
    }
    if (f != NULL) {
        fclose(f);
    }
    return kb;
}

double seconds_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

void pause_s(double seconds)
{
    if (seconds > 0) {
        struct timespec t = {.tv_sec = (time_t)seconds};
        t.tv_nsec = (long)((seconds - (double)t.tv_sec) * 1e9);
        nanosleep(&t, NULL);
    }
}

void pause_ms(long ms)
{
    pause_s(1e-3 * (double)ms);
}

/* ---- diagnostics --------------------------------------------------------------------------------------------------- */

static SQLRETURN diag_read(SQLHANDLE handle, SQLSMALLINT n, SQLCHAR state[6], SQLINTEGER *native, SQLCHAR *text,
                           SQLSMALLINT size)
{
    /* The driver manager knows its handles by kind, and refuses every other kind. */
    static const SQLSMALLINT kinds[] = {SQL_HANDLE_STMT, SQL_HANDLE_DBC, SQL_HANDLE_ENV, SQL_HANDLE_DESC};
    SQLRETURN rc = SQL_INVALID_HANDLE;
    SQLSMALLINT length = 0;
    for (size_t i = 0; rc == SQL_INVALID_HANDLE && i < COUNT(kinds); i++) {
        rc = SQLGetDiagRec(kinds[i], handle, n, state, native, text, size, &length);
    }
    return rc;
}

const char *diag_state(SQLHANDLE handle, SQLSMALLINT n)
{
    static SQLCHAR state[6];
    SQLCHAR text[TEXT_MAX];
    SQLINTEGER native = 0;
    return SQL_SUCCEEDED(diag_read(handle, n, state, &native, text, TEXT_MAX)) ? (const char *)state : "";
}

const char *diag_message(SQLHANDLE handle, SQLSMALLINT n)
{
    static SQLCHAR text[TEXT_MAX];
    SQLCHAR state[6];
    SQLINTEGER native = 0;
    return SQL_SUCCEEDED(diag_read(handle, n, state, &native, text, TEXT_MAX)) ? (const char *)text : "";
}

SQLINTEGER diag_native(SQLHANDLE handle, SQLSMALLINT n)
{
    SQLCHAR state[6];
    SQLCHAR text[TEXT_MAX];
    SQLINTEGER native = 0;
    return SQL_SUCCEEDED(diag_read(handle, n, state, &native, text, TEXT_MAX)) ? native : 0;
}

bool diag_has(SQLHANDLE handle, const char *state)
{
    for (SQLSMALLINT n = 1; diag_state(handle, n)[0] != '\0'; n++) {
        if (strcmp(diag_state(handle, n), state) == 0) {
            return true;
        }
    }
    return false;
}

static void print_diagnostics(SQLHANDLE handle)
{
    SQLSMALLINT n = 1;
    for (; diag_state(handle, n)[0] != '\0'; n++) {
        printf("\n      [%s] %d: %s", diag_state(handle, n), (int)diag_native(handle, n), diag_message(handle, n));
    }
    printf("%s\n", n == 1 ? "\n      (no diagnostic record)" : "");
}

/* ---- checks -------------------------------------------------------------------------------------------------------- */

static const char *rc_name(SQLRETURN rc)
{
    switch (rc) {
    case SQL_SUCCESS:
        return "SQL_SUCCESS";
    case SQL_SUCCESS_WITH_INFO:
        return "SQL_SUCCESS_WITH_INFO";
    case SQL_ERROR:
        return "SQL_ERROR";
    case SQL_INVALID_HANDLE:
        return "SQL_INVALID_HANDLE";
    case SQL_NO_DATA:
        return "SQL_NO_DATA";
    case SQL_NEED_DATA:
        return "SQL_NEED_DATA";
    case SQL_STILL_EXECUTING:
        return "SQL_STILL_EXECUTING";
    case SQL_PARAM_DATA_AVAILABLE:
        return "SQL_PARAM_DATA_AVAILABLE";
    default:
        return "an unknown return code";
    }
}

/* Tells CUnit, which prints what failed and where. */
static bool record(bool held, unsigned line, const char *file, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

static bool record(bool held, unsigned line, const char *file, const char *format, ...)
{
    char text[2048];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    CU_assertImplementation(held ? CU_TRUE : CU_FALSE, line, text, file, "", CU_FALSE);
    return held;
}

bool check_rc(SQLHANDLE handle, SQLRETURN rc, SQLRETURN wanted, const char *what, const char *file, unsigned line)
{
    if (rc != wanted) {
        printf("\n    %s:%u: %s", file, line, what);
        print_diagnostics(handle);
    }
    return record(rc == wanted, line, file, "%s: %s, not %s", what, rc_name(rc), rc_name(wanted));
}

bool check_state(SQLHANDLE handle, SQLRETURN rc, SQLRETURN wanted, const char *state, const char *what, const char *file,
                 unsigned line)
{
    /* An error must come first; information may stand behind other information. */
    bool there = wanted == SQL_ERROR ? strcmp(diag_state(handle, 1), state) == 0 : diag_has(handle, state);
    bool held = rc == wanted && there;
    if (!held) {
        printf("\n    %s:%u: %s", file, line, what);
        print_diagnostics(handle);
    }
    return record(held, line, file, "%s: %s with \"%s\", not %s with \"%s\"", what, rc_name(rc), diag_state(handle, 1),
                  rc_name(wanted), state);
}

bool check_true(bool condition, const char *what, const char *file, unsigned line)
{
    return record(condition, line, file, "%s", what);
}

bool check_int(int64_t actual, int64_t wanted, const char *what, const char *file, unsigned line)
{
    return record(actual == wanted, line, file, "%s: %lld, not %lld", what, (long long)actual, (long long)wanted);
}

bool check_text(const char *actual, const char *wanted, const char *what, const char *file, unsigned line)
{
    bool held = actual != NULL && strcmp(actual, wanted) == 0;
    return record(held, line, file, "%s: \"%s\", not \"%s\"", what, actual != NULL ? actual : "(null)", wanted);
}

bool check_contains(const char *where, const char *part, const char *what, const char *file, unsigned line)
{
    bool held = where != NULL && strstr(where, part) != NULL;
    return record(held, line, file, "%s: \"%s\" does not contain \"%s\"", what, where != NULL ? where : "(null)", part);
}

/* For helpers whose failure leaves nothing to test. */
static void must(SQLHANDLE handle, SQLRETURN rc, const char *what)
{
    if (SQL_SUCCEEDED(rc) || rc == SQL_NO_DATA) {
        return;
    }
    printf("\n    FATAL: %s: %s", what, rc_name(rc));
    print_diagnostics(handle);
    exit(EXIT_FAILURE);
}

/* ---- connections --------------------------------------------------------------------------------------------------- */

struct link link_new(SQLINTEGER odbc_version)
{
    struct link l = {SQL_NULL_HENV, SQL_NULL_HDBC, SQL_NULL_HSTMT};
    must(NULL, SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &l.env), "SQLAllocHandle(ENV)");
    must(l.env, SQLSetEnvAttr(l.env, SQL_ATTR_ODBC_VERSION, (SQLPOINTER)(intptr_t)odbc_version, 0), "SQLSetEnvAttr");
    must(l.env, SQLAllocHandle(SQL_HANDLE_DBC, l.env, &l.dbc), "SQLAllocHandle(DBC)");
    return l;
}

struct link link_open(const char *extra)
{
    struct link l = link_new(SQL_OV_ODBC3_80);
    must(l.dbc, try_connect(l.dbc, connstr("%s", extra)), "connecting to the test server");
    l.stmt = new_stmt(l.dbc);
    return l;
}

void link_close(struct link *l)
{
    if (l->stmt != SQL_NULL_HSTMT) {
        free_stmt(l->stmt);
    }
    if (l->dbc != SQL_NULL_HDBC) {
        SQLEndTran(SQL_HANDLE_DBC, l->dbc, SQL_ROLLBACK);
        SQLDisconnect(l->dbc);
        must(l->dbc, SQLFreeHandle(SQL_HANDLE_DBC, l->dbc), "SQLFreeHandle(DBC)");
    }
    if (l->env != SQL_NULL_HENV) {
        must(l->env, SQLFreeHandle(SQL_HANDLE_ENV, l->env), "SQLFreeHandle(ENV)");
    }
    *l = (struct link){SQL_NULL_HENV, SQL_NULL_HDBC, SQL_NULL_HSTMT};
}

const char *connstr(const char *format, ...)
{
    static char text[TEXT_MAX];
    char raw[TEXT_MAX];
    va_list args;
    va_start(args, format);
    vsnprintf(raw, sizeof raw, format, args);
    va_end(args);

    size_t used = 0;
    for (const char *p = raw; *p != '\0' && used < sizeof text - 1;) {
        size_t length = p[0] == '$' ? strspn(p + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_") : 0;
        if (length == 0) {
            text[used++] = *p++;
            continue;
        }
        char name[48];
        snprintf(name, sizeof name, "%.*s", (int)length, p + 1);
        used += (size_t)snprintf(text + used, sizeof text - used, "%s", fact(name));
        p += 1 + length;
    }
    text[used] = '\0';
    if (strncmp(text, "DRIVER=", 7) != 0 && strncmp(text, "DSN=", 4) != 0) {
        snprintf(text + used, sizeof text - used, "%sDSN=%s", used > 0 && text[used - 1] != ';' ? ";" : "", fact("DSN"));
    }
    return text;
}

SQLRETURN try_connect(SQLHDBC dbc, const char *connection_string)
{
    return SQLDriverConnect(dbc, NULL, T(connection_string), SQL_NTS, NULL, 0, NULL, SQL_DRIVER_NOPROMPT);
}

SQLHSTMT new_stmt(SQLHDBC dbc)
{
    SQLHSTMT stmt = SQL_NULL_HSTMT;
    must(dbc, SQLAllocHandle(SQL_HANDLE_STMT, dbc, &stmt), "SQLAllocHandle(STMT)");
    return stmt;
}

void free_stmt(SQLHSTMT stmt)
{
    must(stmt, SQLFreeHandle(SQL_HANDLE_STMT, stmt), "SQLFreeHandle(STMT)");
}

/* ---- statements ---------------------------------------------------------------------------------------------------- */

void query(SQLHSTMT stmt, const char *sql)
{
    must(stmt, SQLExecDirect(stmt, T(sql), SQL_NTS), sql);
}

SQLRETURN exec_direct(SQLHSTMT stmt, const char *sql)
{
    return SQLExecDirect(stmt, T(sql), SQL_NTS);
}

SQLLEN row_count(SQLHSTMT stmt)
{
    SQLLEN rows[2];
    memset(rows, 0xAA, sizeof rows);
    CHECK_OK(stmt, SQLRowCount(stmt, rows));
    CHECK(rows[1] == (SQLLEN)0xAAAAAAAAAAAAAAAA); /* eight bytes */
    return rows[0];
}

void set_autocommit(SQLHDBC dbc, bool on)
{
    CHECK_OK(dbc, SQLSetConnectAttr(dbc, SQL_ATTR_AUTOCOMMIT, (SQLPOINTER)(intptr_t)(on ? SQL_AUTOCOMMIT_ON : SQL_AUTOCOMMIT_OFF), 0));
}

void run(SQLHSTMT stmt, const char *sql)
{
    query(stmt, sql);
    SQLRETURN rc = SQL_SUCCESS;
    while (rc != SQL_NO_DATA) {
        rc = SQLMoreResults(stmt);
        must(stmt, rc, sql);
    }
    must(stmt, SQLFreeStmt(stmt, SQL_CLOSE), "SQLFreeStmt(CLOSE)");
}

const char *query_text(SQLHSTMT stmt, const char *sql)
{
    static char text[TEXT_MAX];
    SQLLEN length = 0;
    query(stmt, sql);
    SQLRETURN rc = SQLFetch(stmt);
    must(stmt, rc == SQL_NO_DATA ? SQL_ERROR : rc, sql);
    must(stmt, SQLGetData(stmt, 1, SQL_C_CHAR, text, sizeof text, &length), sql);
    must(stmt, SQLFreeStmt(stmt, SQL_CLOSE), "SQLFreeStmt(CLOSE)");
    return length == SQL_NULL_DATA ? "NULL" : text;
}

int64_t query_int(SQLHSTMT stmt, const char *sql)
{
    return strtoll(query_text(stmt, sql), NULL, 10);
}

bool is_waiting(SQLHSTMT watch, int64_t pid)
{
    char sql[160];
    SQLINTEGER count = 0;
    snprintf(sql, sizeof sql, "select count(*) from pg_stat_activity where pid = %lld and (wait_event = 'PgSleep' or wait_event_type = 'Lock')", (long long)pid);
    query(watch, sql);
    must(watch, SQLFetch(watch), sql);
    must(watch, SQLGetData(watch, 1, SQL_C_LONG, &count, 0, NULL), sql);
    must(watch, SQLFreeStmt(watch, SQL_CLOSE), "SQLFreeStmt(CLOSE)");
    return count > 0;
}

void await_waiting(SQLHSTMT watch, int64_t pid)
{
    for (int i = 0; !is_waiting(watch, pid); i++) {
        if (i == 6000) {
            printf("\n    FATAL: backend %lld never waited\n", (long long)pid);
            exit(EXIT_FAILURE);
        }
        usleep(10000);
    }
}

/* ---- wide text ----------------------------------------------------------------------------------------------------- */

enum { WIDE_RING = 8, WIDE_MAX = 4096 };

SQLWCHAR *wide(const char *utf8)
{
    static SQLWCHAR ring[WIDE_RING][WIDE_MAX];
    static unsigned next;
    SQLWCHAR *out = ring[next++ % WIDE_RING];
    const unsigned char *p = (const unsigned char *)utf8;
    size_t n = 0;
    while (*p != '\0' && n < WIDE_MAX - 2) {
        unsigned extra = *p < 0x80 ? 0 : *p < 0xE0 ? 1 : *p < 0xF0 ? 2 : 3;
        uint32_t c = extra == 0 ? *p : *p & (0x3FU >> extra);
        for (p++; extra > 0; extra--) {
            c = c << 6 | (*p++ & 0x3FU);
        }
        if (c >= 0x10000) {
            out[n++] = (SQLWCHAR)(0xD800 + ((c - 0x10000) >> 10));
            c = 0xDC00 + ((c - 0x10000) & 0x3FF);
        }
        out[n++] = (SQLWCHAR)c;
    }
    out[n] = 0;
    return out;
}

const char *narrow(const SQLWCHAR *utf16)
{
    static char ring[WIDE_RING][WIDE_MAX];
    static unsigned next;
    char *out = ring[next++ % WIDE_RING];
    size_t n = 0;
    while (*utf16 != 0 && n < WIDE_MAX - 5) {
        uint32_t c = *utf16++;
        if (c >= 0xD800 && c < 0xDC00 && *utf16 >= 0xDC00 && *utf16 < 0xE000) {
            c = 0x10000 + ((c - 0xD800) << 10) + (*utf16++ - 0xDC00U);
        }
        if (c < 0x80) {
            out[n++] = (char)c;
        } else {
            unsigned extra = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
            out[n++] = (char)((0xFFU << (7 - extra) & 0xFFU) | c >> (6 * extra));
            while (extra-- > 0) {
                out[n++] = (char)(0x80U | (c >> (6 * extra) & 0x3FU));
            }
        }
    }
    out[n] = '\0';
    return out;
}
