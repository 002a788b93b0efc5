/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the session says of dates and zones, and results that are open when it says something else: rows are read as they were written. A regclass in a row makes
 * it come as text, in the session's DateStyle.
 */
#include "harness.h"

#include <pthread.h>
#include <stdatomic.h>

#define TEXT_ROW ", 'pg_class'::pg_catalog.regclass"

static const char *get_text(SQLHSTMT stmt, SQLUSMALLINT column)
{
    static char text[128];
    SQLLEN length = 0;
    text[0] = '\0';
    CHECK_OK(stmt, SQLGetData(stmt, column, SQL_C_CHAR, text, sizeof text, &length));
    return text;
}

static const char *next_text(SQLHSTMT stmt)
{
    CHECK_OK(stmt, SQLFetch(stmt));
    return get_text(stmt, 1);
}

static const char *next_date(SQLHSTMT stmt)
{
    static char text[32];
    SQL_DATE_STRUCT date = {0};
    SQLLEN length = 0;
    CHECK_OK(stmt, SQLFetch(stmt));
    CHECK_OK(stmt, SQLGetData(stmt, 1, SQL_C_TYPE_DATE, &date, sizeof date, &length));
    snprintf(text, sizeof text, "%d-%u-%u", date.year, date.month, date.day);
    return text;
}

static void end(SQLHSTMT stmt)
{
    CHECK_RC(stmt, SQLFetch(stmt), SQL_NO_DATA);
    CHECK_OK(stmt, SQLFreeStmt(stmt, SQL_CLOSE));
}

/* ---- results and later statements ---------------------------------------------------------------------------------- */

static void several_in_one_text(void)
{
    struct link l = link_open("");
    run(l.stmt, "set datestyle = 'SQL, DMY'");
    query(l.stmt, "select date '2024-02-01'" TEXT_ROW "; set datestyle = 'SQL, MDY'; select date '2024-02-01'" TEXT_ROW "; set datestyle = 'SQL, DMY'");
    CHECK_TEXT(next_date(l.stmt), "2024-2-1");
    CHECK_OK(l.stmt, SQLMoreResults(l.stmt));
    CHECK_OK(l.stmt, SQLMoreResults(l.stmt));
    CHECK_TEXT(next_date(l.stmt), "2024-2-1");
    CHECK_OK(l.stmt, SQLMoreResults(l.stmt));
    CHECK_RC(l.stmt, SQLMoreResults(l.stmt), SQL_NO_DATA);
    link_close(&l);
}

static void set_local(void)
{
    struct link l = link_open("");
    run(l.stmt, "set datestyle = 'SQL, DMY'");
    CHECK_OK(l.dbc, SQLSetConnectAttr(l.dbc, SQL_ATTR_AUTOCOMMIT, (SQLPOINTER)SQL_AUTOCOMMIT_OFF, 0));
    run(l.stmt, "set local datestyle = 'SQL, MDY'");
    query(l.stmt, "select date '2024-02-01'" TEXT_ROW " from generate_series(1, 3)");
    CHECK_TEXT(next_date(l.stmt), "2024-2-1");
    CHECK_OK(l.dbc, SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_COMMIT));
    CHECK_TEXT(next_date(l.stmt), "2024-2-1");
    CHECK_TEXT(next_text(l.stmt), "2024-02-01");
    end(l.stmt);
    query(l.stmt, "select date '2024-02-01'" TEXT_ROW);
    CHECK_TEXT(next_date(l.stmt), "2024-2-1");
    end(l.stmt);
    link_close(&l);
}

/* More rows than are read ahead: the rest goes to the spool when another statement needs the wire. One result is read a little before that, one not at all. */
static void between_fetches(void)
{
    enum { ROWS = 100000 };
    struct link l = link_open("");
    SQLHSTMT other = new_stmt(l.dbc);
    SQLHSTMT unread = new_stmt(l.dbc);
    run(l.stmt, "set datestyle = 'SQL, DMY'");
    for (int rows = 2; rows <= ROWS; rows *= ROWS / 2) {
        char sql[160];
        snprintf(sql, sizeof sql, "select date '2024-02-01', repeat('x', 100)" TEXT_ROW " from generate_series(1, %d)", rows);
        query(unread, sql);
        query(l.stmt, sql);
        CHECK_TEXT(next_date(l.stmt), "2024-2-1");
        run(other, "set datestyle = 'SQL, MDY'");
        SQL_DATE_STRUCT date;
        SQLHSTMT both[] = {l.stmt, unread};
        for (size_t i = 0; i < COUNT(both); i++) {
            int wrong = 0;
            CHECK_OK(both[i], SQLBindCol(both[i], 1, SQL_C_TYPE_DATE, &date, sizeof date, NULL));
            for (int n = i == 0; n < rows; n++) {
                date = (SQL_DATE_STRUCT){0};
                wrong += SQLFetch(both[i]) != SQL_SUCCESS || date.month != 2 || date.day != 1;
            }
            CHECK_INT(wrong, 0);
            end(both[i]);
            CHECK_OK(both[i], SQLFreeStmt(both[i], SQL_UNBIND));
        }
        run(other, "set datestyle = 'SQL, DMY'");
    }
    free_stmt(unread);
    free_stmt(other);
    link_close(&l);
}

/* Columns stay bound and their conversions resolved from one execution to the next. */
static void executed_again(void)
{
    static const char *const sets[] = {"set datestyle = 'SQL, DMY'", "set datestyle = 'SQL, MDY'", "set datestyle = 'Postgres, DMY'", "set datestyle = 'German'"};
    struct link l = link_open("");
    SQLHSTMT other = new_stmt(l.dbc);
    SQL_DATE_STRUCT date;
    CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("select date '2024-02-01'" TEXT_ROW), SQL_NTS));
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_TYPE_DATE, &date, sizeof date, NULL));
    for (size_t i = 0; i < 3 * COUNT(sets); i++) {
        run(other, sets[i % COUNT(sets)]);
        CHECK_OK(l.stmt, SQLExecute(l.stmt));
        date = (SQL_DATE_STRUCT){0};
        CHECK_OK(l.stmt, SQLFetch(l.stmt));
        CHECK(date.year == 2024 && date.month == 2 && date.day == 1);
        CHECK_TEXT(get_text(l.stmt, 1), "2024-02-01");
        CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    }
    free_stmt(other);
    link_close(&l);
}

/* By the time a row is written everything in it is computed. */
static void changed_by_the_query_itself(void)
{
    struct link l = link_open("");
    run(l.stmt, "set datestyle = 'SQL, DMY'");
    query(l.stmt, "select date '2024-02-01', pg_catalog.set_config('datestyle', 'SQL, MDY', false)" TEXT_ROW " from generate_series(1, 2)");
    CHECK_TEXT(next_date(l.stmt), "2024-2-1");
    CHECK_TEXT(next_date(l.stmt), "2024-2-1");
    end(l.stmt);
    link_close(&l);
}

static void zone_between_fetches(void)
{
    static const char *const options[] = {"", "TimestampTzAs=TEXT", "TimestampTzAs=UTC"};
    static const char *const wanted[] = {"2024-01-01 21:00:00", "2024-01-01 21:00:00+09", "2024-01-01 12:00:00"};
    static const char *const rows[] = {"", TEXT_ROW};
    for (size_t i = 0; i < COUNT(options); i++) {
        struct link l = link_open(options[i]);
        SQLHSTMT other = new_stmt(l.dbc);
        for (size_t k = 0; k < COUNT(rows); k++) {
            char sql[160];
            snprintf(sql, sizeof sql, "select timestamptz '2024-01-01 12:00:00+00'%s from generate_series(1, 3)", rows[k]);
            run(other, "set timezone = 'Asia/Tokyo'");
            query(l.stmt, sql);
            CHECK_TEXT(next_text(l.stmt), wanted[i]);
            run(other, "set timezone = 'Europe/Berlin'");
            CHECK_TEXT(next_text(l.stmt), wanted[i]);
            run(other, "set timezone = '<A B>-1'");
            CHECK_TEXT(next_text(l.stmt), wanted[i]);
            end(l.stmt);
        }
        free_stmt(other);
        link_close(&l);
    }
}

static atomic_bool enough;

static void *keep_changing(void *stmt)
{
    static const char *const sets[] = {"set datestyle = 'SQL, MDY'", "set timezone = 'Asia/Tokyo'", "set datestyle = 'German'", "set timezone = '<A B>-1'",
                                       "set datestyle = 'SQL, DMY'", "set timezone = 'Europe/Berlin'"};
    for (size_t i = 0; !atomic_load(&enough); i++) {
        SQLExecDirect(stmt, T(sets[i % COUNT(sets)]), SQL_NTS);
    }
    return NULL;
}

/* Which style a result has nobody knows before, but it has one from its first row to its last, and dates are right in any. */
static void changed_by_another_thread(void)
{
    enum { ROWS = 200 };
    struct link l = link_open("");
    pthread_t thread;
    SQLHSTMT other = new_stmt(l.dbc);
    int rounds = under_valgrind() ? 10 : 200;
    int wrong = 0;
    char first[64];
    atomic_store(&enough, false);
    CHECK_INT(pthread_create(&thread, NULL, keep_changing, other), 0);
    for (int i = 0; i < rounds; i++) {
        SQL_DATE_STRUCT date = {0};
        char text[64] = "";
        SQLLEN length = 0;
        query(l.stmt, i % 2 ? "select date '2024-02-01', timestamptz '2024-01-01 12:00+00' from generate_series(1, 200)"
                            : "select date '2024-02-01', timestamptz '2024-01-01 12:00+00'" TEXT_ROW " from generate_series(1, 200)");
        CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_TYPE_DATE, &date, sizeof date, NULL));
        CHECK_OK(l.stmt, SQLBindCol(l.stmt, 2, SQL_C_CHAR, text, sizeof text, &length));
        for (int k = 0; k < ROWS; k++) {
            wrong += SQLFetch(l.stmt) != SQL_SUCCESS || date.month != 2 || date.day != 1;
            if (k == 0) {
                snprintf(first, sizeof first, "%s", text);
            }
            wrong += strcmp(text, first) != 0;
        }
        CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_UNBIND));
        CHECK_OK(l.stmt, SQLFreeStmt(l.stmt, SQL_CLOSE));
    }
    CHECK_INT(wrong, 0);
    atomic_store(&enough, true);
    pthread_join(thread, NULL);
    free_stmt(other);
    link_close(&l);
}

static void many_zones(void)
{
    struct link l = link_open("TimestampTzAs=UTC");
    run(l.stmt, "set datestyle = 'German'");
    for (int i = 0; i < 40; i++) {
        char sql[64];
        snprintf(sql, sizeof sql, "set timezone = '%s'", i % 2 ? "Asia/Tokyo" : "Europe/Berlin");
        run(l.stmt, sql);
        snprintf(sql, sizeof sql, "set timezone = '<+%02d>-%02d'", i % 20, i % 20);
        run(l.stmt, sql);
    }
    run(l.stmt, "set timezone = 'Europe/Berlin'");
    CHECK_TEXT(query_text(l.stmt, "select timestamptz '2024-01-01 12:00:00+00'"), "2024-01-01 12:00:00");
    CHECK_TEXT(query_text(l.stmt, "select timestamptz '2024-01-01 12:00:00+00'" TEXT_ROW), "2024-01-01 12:00:00");
    CHECK_TEXT(query_text(l.stmt, "select tstzrange('2024-01-01 12:00:00+00', null)"), "[\"2024-01-01 12:00:00+00\",)");
    link_close(&l);
}

/* ---- zones --------------------------------------------------------------------------------------------------------- */

/* Around changes of local time, and long ago. */
#define INSTANTS                                                                                                                              \
    "(select generate_series('2024-11-03 04:00:00+00'::timestamptz, '2024-11-03 08:00:00+00', '10 min') union all"                          \
    " select generate_series('2024-04-06 12:00:00+00'::timestamptz, '2024-04-06 18:00:00+00', '15 min') union all"                          \
    " select generate_series('2024-10-26 22:00:00+00'::timestamptz, '2024-10-27 03:00:00+00', '30 min') union all"                          \
    " select generate_series('1850-07-01 00:00:00+00'::timestamptz, '2100-01-01 00:00:00+00', '1 year') union all"                          \
    " select generate_series('1851-01-01 00:00:00+00'::timestamptz, '2101-01-01 00:00:00+00', '5 years') union all"                         \
    " select '0044-03-15 12:00:00+00 BC'::timestamptz)"

/* Of the rows of `sql`, how many have another text in the first column than in the second? */
static int count_wrong(SQLHSTMT stmt, const char *zone, const char *sql)
{
    char is[64], wanted[64];
    SQLLEN length = 0;
    int wrong = 0;
    query(stmt, sql);
    CHECK_OK(stmt, SQLBindCol(stmt, 1, SQL_C_CHAR, is, sizeof is, &length));
    CHECK_OK(stmt, SQLBindCol(stmt, 2, SQL_C_CHAR, wanted, sizeof wanted, &length));
    SQLRETURN rc;
    for (;;) {
        is[0] = '\0';
        rc = SQLFetch(stmt);
        if (rc == SQL_NO_DATA) {
            break;
        }
        if (rc != SQL_SUCCESS || strcmp(is, wanted) != 0) {
            printf("%s", wrong == 0 ? "\n" : "");
            printf("  zone %s: \"%s\", not \"%s\"\n", zone, is, wanted);
            wrong++;
        }
    }
    CHECK_OK(stmt, SQLFreeStmt(stmt, SQL_CLOSE));
    CHECK_OK(stmt, SQLFreeStmt(stmt, SQL_UNBIND));
    return wrong;
}

/* The server says what a moment is there; the driver says it of binary values, and reads it back from each style. */
static void check_zone(struct link *text, struct link *utc, const char *zone, bool all_styles)
{
    static const char *const styles[] = {"German", "SQL, DMY", "SQL, MDY", "Postgres, DMY", "Postgres, MDY"};
    char sql[2048];
    snprintf(sql, sizeof sql, "set timezone = '%s'", zone);
    run(text->stmt, sql);
    run(utc->stmt, sql);
    CHECK_INT(count_wrong(text->stmt, zone, "select t, t::text from " INSTANTS " s(t)"), 0);
    for (size_t i = 0; i < (all_styles ? COUNT(styles) : 1); i++) {
        snprintf(sql, sizeof sql, "set datestyle = '%s'", styles[i]);
        run(utc->stmt, sql);
        snprintf(sql, sizeof sql, "select t, to_char(t at time zone 'UTC', case when t < '0001-01-01+00' then 'YYYY-MM-DD HH24:MI:SS BC' else 'YYYY-MM-DD HH24:MI:SS' end)%s from %s s(t)",
                 TEXT_ROW, INSTANTS);
        CHECK_INT(count_wrong(utc->stmt, zone, sql), 0);
    }
}

/* Names of files: the server's machine may be without them, since newer distributions have a package of their own for old ones (tzdata-legacy). */
static bool server_has(SQLHSTMT stmt, const char *zone)
{
    static const char *const files[] = {"posix/Europe/London", "GMT0", "Greenwich", "Factory", "EST5EDT", "localtime", "posixrules"};
    char sql[128];
    bool has = true;
    snprintf(sql, sizeof sql, "select count(*) from pg_catalog.pg_timezone_names where name = '%s'", zone);
    for (size_t i = 0; i < COUNT(files); i++) {
        has = has && (strcmp(files[i], zone) != 0 || query_int(stmt, sql) == 1);
    }
    return has;
}

static void zones(void)
{
    static const char *const list[] = {
        "UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/St_Johns", "Africa/Monrovia", "America/Sao_Paulo", "Asia/Kathmandu",
        "posix/Europe/London", "Etc/GMT+5", "Etc/GMT-14", "Etc/GMT+13", "GMT0", "Greenwich", "Factory", "EST5EDT", "5.5", "+5", "-3", "+05:30", "-3:30",
        "5:30", "<+05:30>-05:30", "<+05>+07", "<A B>-1", "A B-1", "UTC+3", "X5", "<>3", "ABCDEFGHIJKLMNO-1", "Europe/Nowhere-1",
        "ABC-2DEF,M3.5.0,M10.5.0", "ABC-2DEF-2:30,J60/25,300/-3", "<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "+05:30XYZ,M3.2.0,M11.1.0",
    };
    struct link text = link_open("TimestampTzAs=TEXT");
    struct link utc = link_open("TimestampTzAs=UTC");
    for (size_t i = 0; i < COUNT(list); i++) {
        if (server_has(text.stmt, list[i])) {
            check_zone(&text, &utc, list[i], true);
        }
    }
    link_close(&utc);
    link_close(&text);
}

/* Of a parameter the digits are told also where it is characters: a program cuts the fraction of what it binds to them. */
static void described_parameters(void)
{
    static const char *const options[] = {"TimestampTzAs=SESSION", "TimestampTzAs=UTC", "TimestampTzAs=TEXT"};
    for (size_t i = 0; i < COUNT(options); i++) {
        struct link l = link_open(options[i]);
        CHECK_OK(l.stmt, SQLPrepare(l.stmt, T("select ?::timestamptz, ?::timetz"), SQL_NTS));
        for (SQLUSMALLINT n = 1; n <= 2; n++) {
            SQLSMALLINT type;
            SQLSMALLINT digits = 4711;
            CHECK_OK(l.stmt, SQLDescribeParam(l.stmt, n, &type, NULL, &digits, NULL));
            CHECK_INT(type, i == 2 ? SQL_WVARCHAR : n == 1 ? SQL_TYPE_TIMESTAMP : SQL_TYPE_TIME);
            CHECK_INT(digits, 6);
        }
        link_close(&l);
    }
}

/* What they mean the server alone says: their local times come as text. */
static void unknown_zones(void)
{
    static const char *const list[] = {"localtime", "posixrules", "FOO5BAR", "Foo-25"};
    struct link text = link_open("TimestampTzAs=TEXT");
    struct link utc = link_open("TimestampTzAs=UTC");
    for (size_t i = 0; i < COUNT(list); i++) {
        char sql[64];
        char value[64];
        if (!server_has(text.stmt, list[i])) {
            continue;
        }
        snprintf(sql, sizeof sql, "set timezone = '%s'", list[i]);
        run(text.stmt, sql);
        run(utc.stmt, sql);
        CHECK_INT(count_wrong(text.stmt, list[i], "select t, t::text from " INSTANTS " s(t)"), 0);
        run(utc.stmt, "set datestyle = 'German'");
        CHECK_TEXT(query_text(utc.stmt, "select timestamptz '2024-07-01 12:00:00+00'"), "2024-07-01 12:00:00");
        query(utc.stmt, "select timestamptz '2024-07-01 12:00:00+00'" TEXT_ROW);
        CHECK_OK(utc.stmt, SQLFetch(utc.stmt));
        CHECK_STATE(utc.stmt, SQLGetData(utc.stmt, 1, SQL_C_CHAR, value, sizeof value, NULL), "22007");
        CHECK_CONTAINS(diag_message(utc.stmt, 1), "TimeZone");
        CHECK_OK(utc.stmt, SQLFreeStmt(utc.stmt, SQL_CLOSE));
    }
    run(utc.stmt, "set datestyle = 'ISO'; set timezone = 'posixrules'");
    CHECK_TEXT(query_text(utc.stmt, "select timestamptz '2024-07-01 12:00:00+00'" TEXT_ROW), "2024-07-01 12:00:00");
    link_close(&utc);
    link_close(&text);
}

/* Every zone that the server knows by name. */
static void named_zones(void)
{
    struct link l = link_open("");
    struct link text = link_open("TimestampTzAs=TEXT");
    struct link utc = link_open("TimestampTzAs=UTC");
    char name[128];
    SQLLEN length = 0;
    query(l.stmt, "select name from pg_catalog.pg_timezone_names where name !~ 'localtime|posixrules' and name !~ '^posix/' order by name");
    CHECK_OK(l.stmt, SQLBindCol(l.stmt, 1, SQL_C_CHAR, name, sizeof name, &length));
    int count = 0;
    while (SQLFetch(l.stmt) == SQL_SUCCESS) {
        if (count++ % (under_valgrind() ? 50 : 4) == 0) {
            check_zone(&text, &utc, name, false);
        }
    }
    CHECK(count > 300);
    link_close(&utc);
    link_close(&text);
    link_close(&l);
}

/* Whatever it is bound as. */
static void utc_parameters(void)
{
    struct link l = link_open("TimestampTzAs=UTC");
    SQLHSTMT put = new_stmt(l.dbc);
    SQLLEN nts = SQL_NTS;
    SQL_TIMESTAMP_STRUCT value = {2024, 1, 2, 3, 4, 5, 0};
    run(l.stmt, "set timezone = 'Asia/Tokyo'; create temp table moments (t timestamptz)");
    CHECK_OK(put, SQLPrepare(put, T("insert into moments values (?)"), SQL_NTS));
    CHECK_OK(put, SQLBindParameter(put, 1, SQL_PARAM_INPUT, SQL_C_TYPE_TIMESTAMP, SQL_TYPE_TIMESTAMP, 0, 0, &value, 0, NULL));
    CHECK_OK(put, SQLExecute(put));
    CHECK_OK(put, SQLBindParameter(put, 1, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_TYPE_TIMESTAMP, 0, 0, T("2024-01-02 03:04:05"), 0, &nts));
    CHECK_OK(put, SQLExecute(put));
    CHECK_OK(put, SQLBindParameter(put, 1, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, 0, 0, T("2024-01-02 03:04:05"), 0, &nts));
    CHECK_OK(put, SQLExecute(put));
    CHECK_OK(put, SQLBindParameter(put, 1, SQL_PARAM_INPUT, SQL_C_WCHAR, SQL_WVARCHAR, 0, 0, wide("2024-01-02 03:04:05"), 0, &nts));
    CHECK_OK(put, SQLExecute(put));
    CHECK_TEXT(query_text(l.stmt, "select string_agg(distinct t::text, ' ') || ' ' || count(*) from moments"), "2024-01-02 12:04:05+09 4");
    CHECK_TEXT(query_text(l.stmt, "select t from moments"), "2024-01-02 03:04:05");
    free_stmt(put);
    link_close(&l);
}

/* The hour that comes twice, inside of others and beside what makes the row text. */
static void repeated_hour(void)
{
    static const char *const styles[] = {"ISO", "German", "SQL, DMY", "SQL, MDY", "Postgres, MDY"};
    struct link l = link_open("");
    struct link utc = link_open("TimestampTzAs=UTC");
    run(l.stmt, "set timezone = 'America/New_York'");
    run(utc.stmt, "set timezone = 'America/New_York'");
    for (size_t i = 0; i < COUNT(styles); i++) {
        char sql[64];
        snprintf(sql, sizeof sql, "set datestyle = '%s'", styles[i]);
        run(l.stmt, sql);
        run(utc.stmt, sql);
        CHECK_TEXT(query_text(l.stmt, "select array['2024-11-03 05:00+00', '2024-11-03 06:00+00']::timestamptz[]" TEXT_ROW),
                   "{\"2024-11-03 01:00:00-04\",\"2024-11-03 01:00:00-05\"}");
        CHECK_TEXT(query_text(l.stmt, "select tstzrange('2024-11-03 05:50+00', '2024-11-03 06:50+00')"),
                   "[\"2024-11-03 01:50:00-04\",\"2024-11-03 01:50:00-05\")");
        CHECK_TEXT(query_text(utc.stmt, "select timestamptz '2024-11-03 06:00+00'" TEXT_ROW), "2024-11-03 06:00:00");
        CHECK_TEXT(query_text(utc.stmt, "select timestamptz '2024-11-03 05:00+00'" TEXT_ROW), "2024-11-03 05:00:00");
    }
    link_close(&utc);
    link_close(&l);
}

int main(void)
{
    static const struct test tests[] = {
        {"several results in one text", several_in_one_text},
        {"SET LOCAL and COMMIT", set_local},
        {"DateStyle changed between fetches", between_fetches},
        {"executed again in another DateStyle", executed_again},
        {"DateStyle changed by the query itself", changed_by_the_query_itself},
        {"TimeZone changed between fetches", zone_between_fetches},
        {"changed by another thread", changed_by_another_thread},
        {"many time zones", many_zones},
        {"zones as the server reads them", zones},
        {"zones that only the server knows", unknown_zones},
        {"digits of described parameters", described_parameters},
        {"zones by name", named_zones},
        {"the hour that comes twice", repeated_hour},
        {"parameters of UTC", utc_parameters},
    };
    return run_tests("styles", tests, COUNT(tests));
}
