/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the session says of dates and zones, and results that are open when it says something else: rows are read as they were written. A regclass in a row makes
 * it come as text, in the session's DateStyle.
 */
#include "harness.h"

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

int main(void)
{
    static const struct test tests[] = {
        {"several results in one text", several_in_one_text},
        {"SET LOCAL and COMMIT", set_local},
        {"DateStyle changed between fetches", between_fetches},
        {"executed again in another DateStyle", executed_again},
        {"DateStyle changed by the query itself", changed_by_the_query_itself},
        {"TimeZone changed between fetches", zone_between_fetches},
        {"many time zones", many_zones},
    };
    return run_tests("styles", tests, COUNT(tests));
}
