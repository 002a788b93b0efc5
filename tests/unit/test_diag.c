/* SPDX-License-Identifier: Apache-2.0 */
#include <CUnit/Basic.h>
#include <CUnit/CUnit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/str.h"
#include "base/utf.h"
#include "diag/diag.h"
#include "suites.h"

#define OWN "[AlloyDB][ODBC Driver] "
#define SERVER "[AlloyDB][ODBC Driver][PostgreSQL] "

static const struct aldb_server_context at_statement = {.moment = ALDB_AT_STATEMENT};

static const char *state_at(struct aldb_diag *d, size_t number)
{
    const struct aldb_diag_record *r = aldb_diag_get(d, number);
    return r ? r->state : "none";
}

static const char *text_at(struct aldb_diag *d, size_t number)
{
    const struct aldb_diag_record *r = aldb_diag_get(d, number);
    return r ? aldb_diag_message(r) : "none";
}

static enum aldb_rc post_at(struct aldb_diag *d, int64_t row, enum aldb_state st)
{
    aldb_diag_at(d, row, 1);
    return aldb_diag_post(d, st, NULL);
}

static void test_states(void)
{
    const char *before = "";
    for (int st = ALDB_ST_NONE + 1; st < ALDB_ST_COUNT; st++) {
        const char *code = aldb_state_code((enum aldb_state)st);
        CU_ASSERT_EQUAL(strlen(code), 5);
        bool of_two = st == ALDB_ST_22007_ZONE;
        CU_ASSERT(of_two ? strcmp(before, code) == 0 : strcmp(before, code) < 0); /* sorted, so no other twice */
        CU_ASSERT(strlen(aldb_state_text((enum aldb_state)st)) > 3);
        CU_ASSERT_EQUAL(aldb_state_is_warning((enum aldb_state)st), strncmp(code, "01", 2) == 0);
        before = code;
    }
    CU_ASSERT_STRING_EQUAL(aldb_state_code(ALDB_ST_22003), "22003");
    CU_ASSERT_STRING_EQUAL(aldb_state_text(ALDB_ST_22003), "Numeric value out of range");
}

static void test_post(void)
{
    struct aldb_diag d;
    aldb_diag_init(&d);
    CU_ASSERT_EQUAL(aldb_diag_count(&d), 0);
    CU_ASSERT_FALSE(aldb_diag_has_error(&d));
    CU_ASSERT_PTR_NULL(aldb_diag_get(&d, 1));
    CU_ASSERT_STRING_EQUAL(aldb_diag_first_message(&d), "out of memory");
    CU_ASSERT_STRING_EQUAL(d.dynamic_function, "");

    CU_ASSERT_EQUAL(aldb_diag_post(&d, ALDB_ST_01004, NULL), ALDB_INFO);
    CU_ASSERT_FALSE(aldb_diag_has_error(&d));
    aldb_diag_at(&d, 7, 3);
    CU_ASSERT_EQUAL(aldb_diag_post_native(&d, ALDB_ST_22003, 42, "column %d: %s", 3, "too big"), ALDB_ERR);
    CU_ASSERT_TRUE(aldb_diag_has_error(&d));
    CU_ASSERT_EQUAL(aldb_diag_count(&d), 2);

    const struct aldb_diag_record *r = aldb_diag_get(&d, 1);
    CU_ASSERT_STRING_EQUAL(r->state, "01004");
    CU_ASSERT_EQUAL(r->row, ALDB_ROW_NONE);
    CU_ASSERT_EQUAL(r->column, ALDB_COL_NONE);
    CU_ASSERT_EQUAL(r->native, 0);
    CU_ASSERT_FALSE(r->from_server);
    CU_ASSERT_STRING_EQUAL(aldb_diag_message(r), OWN "String data, right truncated");
    CU_ASSERT_STRING_EQUAL(aldb_diag_first_message(&d), OWN "String data, right truncated");
    r = aldb_diag_get(&d, 2);
    CU_ASSERT_STRING_EQUAL(r->state, "22003");
    CU_ASSERT_EQUAL(r->row, 7);
    CU_ASSERT_EQUAL(r->column, 3);
    CU_ASSERT_EQUAL(r->native, 42);
    CU_ASSERT_STRING_EQUAL(aldb_diag_message(r), OWN "column 3: too big");
    CU_ASSERT_PTR_NULL(aldb_diag_get(&d, 3));
    CU_ASSERT_PTR_NULL(aldb_diag_get(&d, 0));
    CU_ASSERT_PTR_NULL(aldb_diag_get(&d, SIZE_MAX));

    d.row_count = 5;
    d.dynamic_function = "INSERT";
    aldb_diag_reset(&d);
    CU_ASSERT_EQUAL(aldb_diag_count(&d), 0);
    CU_ASSERT_EQUAL(d.row, ALDB_ROW_NONE);
    CU_ASSERT_EQUAL(d.column, ALDB_COL_NONE);
    CU_ASSERT_EQUAL(d.row_count, 5);
    CU_ASSERT_STRING_EQUAL(d.dynamic_function, "INSERT");
    aldb_diag_clear(&d);
    CU_ASSERT_EQUAL(d.row_count, 0);
}

static void test_ranking(void)
{
    struct aldb_diag d;
    aldb_diag_init(&d);
    (void)post_at(&d, 2, ALDB_ST_22003);
    (void)post_at(&d, 1, ALDB_ST_01004);
    (void)post_at(&d, 1, ALDB_ST_01S07);
    (void)post_at(&d, 1, ALDB_ST_22018);
    (void)post_at(&d, ALDB_ROW_NONE, ALDB_ST_01S02);
    (void)post_at(&d, ALDB_ROW_NONE, ALDB_ST_01000);
    (void)post_at(&d, ALDB_ROW_NONE, ALDB_ST_IM001);
    (void)post_at(&d, ALDB_ROW_NONE, ALDB_ST_HY000);
    (void)post_at(&d, ALDB_ROW_NONE, ALDB_ST_42S02);
    (void)post_at(&d, ALDB_ROW_NONE, ALDB_ST_08S01);
    (void)post_at(&d, ALDB_ROW_NONE, ALDB_ST_25S03);
    (void)post_at(&d, ALDB_ROW_UNKNOWN, ALDB_ST_01000);
    (void)post_at(&d, ALDB_ROW_NONE, ALDB_ST_40001);
    static const struct {
        int64_t row;
        const char *state;
    } expected[] = {
        {ALDB_ROW_UNKNOWN, "01000"},
        {ALDB_ROW_NONE, "08S01"}, /* the transaction failed: first, in the order posted */
        {ALDB_ROW_NONE, "25S03"},
        {ALDB_ROW_NONE, "40001"},
        {ALDB_ROW_NONE, "HY000"}, /* classes 03 to HZ */
        {ALDB_ROW_NONE, "42S02"},
        {ALDB_ROW_NONE, "IM001"}, /* other errors */
        {ALDB_ROW_NONE, "01000"}, /* warnings of the standard, then of ODBC */
        {ALDB_ROW_NONE, "01S02"},
        {1, "22018"},
        {1, "01004"},
        {1, "01S07"},
        {2, "22003"},
    };
    CU_ASSERT_EQUAL(aldb_diag_count(&d), ALDB_COUNT(expected));
    for (size_t i = 0; i < ALDB_COUNT(expected); i++) {
        const struct aldb_diag_record *r = aldb_diag_get(&d, i + 1);
        CU_ASSERT_EQUAL(r->row, expected[i].row);
        CU_ASSERT_STRING_EQUAL(r->state, expected[i].state);
    }
    (void)post_at(&d, ALDB_ROW_UNKNOWN, ALDB_ST_08S01); /* posting after reading sorts again */
    CU_ASSERT_STRING_EQUAL(state_at(&d, 1), "08S01");

    aldb_diag_reset(&d);
    (void)post_at(&d, 2, ALDB_ST_22003);
    (void)post_at(&d, 1, ALDB_ST_22018);
    d.sorted = true; /* as SQLExtendedFetch wants it */
    CU_ASSERT_STRING_EQUAL(state_at(&d, 1), "22003");
    CU_ASSERT_STRING_EQUAL(state_at(&d, 2), "22018");
    aldb_diag_clear(&d);
}

static void test_cap(void)
{
    struct aldb_diag d;
    aldb_diag_init(&d);
    for (int i = 1; i <= ALDB_DIAG_MAX + 10; i++) {
        CU_ASSERT_EQUAL(post_at(&d, i, ALDB_ST_01004), ALDB_INFO);
    }
    CU_ASSERT_EQUAL(aldb_diag_count(&d), ALDB_DIAG_MAX + 1);
    CU_ASSERT_FALSE(aldb_diag_has_error(&d));
    const struct aldb_diag_record *r = aldb_diag_get(&d, ALDB_DIAG_MAX + 1);
    CU_ASSERT_STRING_EQUAL(r->state, "01000");
    CU_ASSERT_STRING_EQUAL(aldb_diag_message(r), OWN "10 more diagnostics were left out, 0 of them errors");
    CU_ASSERT_EQUAL(aldb_diag_get(&d, ALDB_DIAG_MAX)->row, ALDB_DIAG_MAX);

    /* An error pushes the last warning out. */
    aldb_diag_at(&d, 5000, 1);
    CU_ASSERT_EQUAL(aldb_diag_post(&d, ALDB_ST_22003, "row %d", 5000), ALDB_ERR);
    CU_ASSERT_TRUE(aldb_diag_has_error(&d));
    CU_ASSERT_EQUAL(aldb_diag_count(&d), ALDB_DIAG_MAX + 1);
    CU_ASSERT_STRING_EQUAL(state_at(&d, ALDB_DIAG_MAX), "22003");
    CU_ASSERT_EQUAL(aldb_diag_get(&d, ALDB_DIAG_MAX)->row, 5000);
    CU_ASSERT_EQUAL(aldb_diag_get(&d, ALDB_DIAG_MAX - 1)->row, ALDB_DIAG_MAX - 1);
    CU_ASSERT_STRING_EQUAL(text_at(&d, ALDB_DIAG_MAX + 1), OWN "11 more diagnostics were left out, 0 of them errors");

    /* Only errors: the rest is counted. */
    aldb_diag_reset(&d);
    for (int i = 1; i <= ALDB_DIAG_MAX + 3; i++) {
        aldb_diag_at(&d, i, 1);
        CU_ASSERT_EQUAL(aldb_diag_post(&d, ALDB_ST_23000, "row %d", i), ALDB_ERR);
    }
    CU_ASSERT_EQUAL(aldb_diag_count(&d), ALDB_DIAG_MAX + 1);
    CU_ASSERT_STRING_EQUAL(state_at(&d, ALDB_DIAG_MAX + 1), "HY000");
    CU_ASSERT_STRING_EQUAL(text_at(&d, ALDB_DIAG_MAX + 1), OWN "3 more diagnostics were left out, 3 of them errors");
    CU_ASSERT_STRING_EQUAL(text_at(&d, 1), OWN "row 1");
    CU_ASSERT_PTR_NULL(aldb_diag_get(&d, ALDB_DIAG_MAX + 2));
    aldb_diag_clear(&d);
}

static void test_move(void)
{
    struct aldb_diag to;
    struct aldb_diag from;
    aldb_diag_init(&to);
    aldb_diag_init(&from);
    (void)post_at(&to, ALDB_ROW_NONE, ALDB_ST_01000);
    aldb_diag_at(&from, 4, 2);
    (void)aldb_diag_post(&from, ALDB_ST_22012, "moved %s", "text");
    struct aldb_diag copy;
    aldb_diag_init(&copy);
    aldb_diag_copy(&copy, &from);
    CU_ASSERT_EQUAL(aldb_diag_count(&from), 1);
    CU_ASSERT_EQUAL(aldb_diag_count(&copy), 1);
    CU_ASSERT_STRING_EQUAL(text_at(&copy, 1), OWN "moved text");
    CU_ASSERT_EQUAL(aldb_diag_get(&copy, 1)->row, 4);
    CU_ASSERT_PTR_NOT_EQUAL(aldb_diag_get(&copy, 1)->message, aldb_diag_get(&from, 1)->message);
    aldb_diag_clear(&copy);
    aldb_diag_move(&to, &from);
    CU_ASSERT_EQUAL(aldb_diag_count(&from), 0);
    CU_ASSERT_FALSE(aldb_diag_has_error(&from));
    CU_ASSERT_EQUAL(aldb_diag_count(&to), 2);
    CU_ASSERT_STRING_EQUAL(text_at(&to, 2), OWN "moved text");
    CU_ASSERT_EQUAL(aldb_diag_get(&to, 2)->row, 4);
    CU_ASSERT_TRUE(aldb_diag_has_error(&to));
    aldb_diag_move(&to, &from); /* nothing */
    CU_ASSERT_EQUAL(aldb_diag_count(&to), 2);
    for (int i = 0; i < ALDB_DIAG_MAX + 5; i++) {
        (void)post_at(&from, 1, ALDB_ST_22012);
    }
    aldb_diag_move(&to, &from);
    CU_ASSERT_EQUAL(aldb_diag_count(&to), ALDB_DIAG_MAX + 1);
    CU_ASSERT_EQUAL(to.dropped, 7); /* the warning too */
    CU_ASSERT_EQUAL(to.dropped_errors, 6);
    aldb_diag_clear(&to);
    aldb_diag_clear(&from);
}

static void test_long_text(void)
{
    struct aldb_diag d;
    aldb_diag_init(&d);
    size_t len = 3u << 20;
    char *big = aldb_alloc(len + 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(big);
    for (size_t i = 0; i < len; i += 3) {
        memcpy(big + i, "\xe2\x82\xac", 3);
    }
    CU_ASSERT_EQUAL(aldb_diag_post(&d, ALDB_ST_HY000, "%s", big), ALDB_ERR);
    const char *text = text_at(&d, 1);
    CU_ASSERT(strlen(text) < ALDB_MAX_MESSAGE && strlen(text) > ALDB_MAX_MESSAGE - 10);
    CU_ASSERT_TRUE(aldb_utf8_valid(text, strlen(text)));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, " [... cut here]"));

    aldb_diag_reset(&d);
    struct aldb_server_error e = {.severity = "ERROR", .sqlstate = "P0001", .message = big, .detail = big, .hint = big, .context = big};
    CU_ASSERT_EQUAL(aldb_diag_post_server(&d, &e, &at_statement), ALDB_ERR);
    text = text_at(&d, 1);
    CU_ASSERT_STRING_EQUAL(state_at(&d, 1), "HY000");
    CU_ASSERT_TRUE(aldb_utf8_valid(text, strlen(text)));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, " [... cut here]\nDETAIL: "));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "\n(SQLSTATE P0001)"));
    aldb_free(big);
    aldb_diag_clear(&d);
}

static void test_origins(void)
{
    static const struct {
        const char *state, *class_origin, *subclass_origin;
    } cases[] = {
        {"22003", "ISO 9075", "ISO 9075"}, {"42S02", "ISO 9075", "ODBC 3.0"}, {"IM001", "ODBC 3.0", "ODBC 3.0"},
        {"HYT00", "ISO 9075", "ODBC 3.0"}, {"HY000", "ISO 9075", "ISO 9075"}, {"HY102", "ISO 9075", "ISO 9075"},
        {"01S07", "ISO 9075", "ODBC 3.0"}, {"25S03", "ISO 9075", "ODBC 3.0"}, {"HYC00", "ISO 9075", "ISO 9075"},
        {"HY111", "ISO 9075", "ODBC 3.0"}, {"HY090", "ISO 9075", "ISO 9075"}, {"ABS01", "ISO 9075", "ISO 9075"},
    };
    for (size_t i = 0; i < ALDB_COUNT(cases); i++) {
        struct aldb_diag_record r = {0};
        memcpy(r.state, cases[i].state, 6);
        CU_ASSERT_STRING_EQUAL(aldb_diag_class_origin(&r), cases[i].class_origin);
        CU_ASSERT_STRING_EQUAL(aldb_diag_subclass_origin(&r), cases[i].subclass_origin);
    }
}

static void test_no_memory(void)
{
    struct aldb_diag d;
    struct aldb_server_error e = {.severity = "ERROR", .sqlstate = "42P01", .message = "relation \"x\" does not exist"};
    for (int64_t after = 0; after < 12; after++) {
        aldb_diag_init(&d);
        aldb_alloc_fail_after(after);
        CU_ASSERT_EQUAL(aldb_diag_post(&d, ALDB_ST_22003, "row %d", 1), ALDB_ERR);
        CU_ASSERT_EQUAL(aldb_diag_post_server(&d, &e, &at_statement), ALDB_ERR);
        for (int i = 0; i < 6; i++) {
            CU_ASSERT_EQUAL(post_at(&d, 1, ALDB_ST_22018), ALDB_ERR);
        }
        size_t n = aldb_diag_count(&d);
        CU_ASSERT(n >= 1 && n <= 8);
        bool memory = false;
        for (size_t i = 1; i <= n; i++) {
            const struct aldb_diag_record *r = aldb_diag_get(&d, i);
            CU_ASSERT_PTR_NOT_NULL_FATAL(r);
            CU_ASSERT(strlen(aldb_diag_message(r)) > strlen(OWN));
            if (strcmp(r->state, "HY001") == 0) {
                CU_ASSERT_FALSE(memory); /* one */
                memory = true;
                CU_ASSERT_STRING_EQUAL(aldb_diag_message(r), OWN "Memory allocation error");
                CU_ASSERT_EQUAL(r->row, ALDB_ROW_NONE);
                CU_ASSERT(i == 1 || aldb_diag_get(&d, i - 1)->row <= ALDB_ROW_NONE);
            }
        }
        CU_ASSERT_EQUAL(memory, n < 8);
        CU_ASSERT_PTR_NULL(aldb_diag_get(&d, n + 1));
        CU_ASSERT_TRUE(aldb_diag_has_error(&d));
        aldb_alloc_fail_after(-1);
        aldb_diag_clear(&d);
    }

    /* A warning keeps its state and gets the default text; HY001 itself needs no memory once there are records. */
    aldb_diag_init(&d);
    (void)aldb_diag_post(&d, ALDB_ST_01000, NULL);
    aldb_alloc_fail_after(0);
    CU_ASSERT_EQUAL(aldb_diag_post(&d, ALDB_ST_01004, "column %d", 1), ALDB_INFO);
    CU_ASSERT_EQUAL(aldb_diag_post(&d, ALDB_ST_HY001, "for %d bytes", 1), ALDB_ERR);
    CU_ASSERT_FALSE(d.out_of_memory);
    CU_ASSERT_EQUAL(aldb_diag_count(&d), 3);
    CU_ASSERT_STRING_EQUAL(text_at(&d, 1), OWN "Memory allocation error");
    CU_ASSERT_STRING_EQUAL(text_at(&d, 3), OWN "String data, right truncated");
    struct aldb_diag other;
    aldb_diag_init(&other);
    aldb_diag_move(&other, &d); /* no room for them: lost, and said */
    CU_ASSERT_EQUAL(aldb_diag_count(&other), 1);
    CU_ASSERT_STRING_EQUAL(state_at(&other, 1), "HY001");
    aldb_alloc_fail_after(-1);
    aldb_diag_clear(&other);
    aldb_diag_clear(&d);
}

static void test_server_text(void)
{
    struct aldb_diag d;
    aldb_diag_init(&d);
    struct aldb_server_error e = {
        .severity = "ERROR",
        .sqlstate = "42P01",
        .message = "relation \"nope\" does not exist\n",
        .detail = "Some detail.",
        .hint = "Some hint.\n",
        .position = "15",
    };
    CU_ASSERT_EQUAL(aldb_diag_post_server(&d, &e, &at_statement), ALDB_ERR);
    const struct aldb_diag_record *r = aldb_diag_get(&d, 1);
    CU_ASSERT_STRING_EQUAL(r->state, "42S02");
    CU_ASSERT_TRUE(r->from_server);
    CU_ASSERT_EQUAL(r->native, 16908420); /* MAKE_SQLSTATE('4','2','P','0','1') */
    CU_ASSERT_STRING_EQUAL(aldb_diag_message(r), SERVER "ERROR: relation \"nope\" does not exist\nDETAIL: Some detail.\n"
                                                        "HINT: Some hint.\n(SQLSTATE 42P01, character 15)");
    aldb_diag_reset(&d);
    struct aldb_server_error raised = {
        .severity = "ERROR", .sqlstate = "P0001", .message = "stop", .context = "PL/pgSQL function f() line 1 at RAISE"};
    (void)aldb_diag_post_server(&d, &raised, &at_statement);
    CU_ASSERT_STRING_EQUAL(text_at(&d, 1), SERVER "ERROR: stop\nCONTEXT: PL/pgSQL function f() line 1 at RAISE\n(SQLSTATE P0001)");

    aldb_diag_reset(&d);
    struct aldb_server_error notice = {
        .severity = "NOTICE", .sqlstate = "00000", .message = "table \"t\" does not exist, skipping", .context = "somewhere"};
    CU_ASSERT_EQUAL(aldb_diag_post_server(&d, &notice, &at_statement), ALDB_INFO);
    CU_ASSERT_FALSE(aldb_diag_has_error(&d));
    CU_ASSERT_STRING_EQUAL(state_at(&d, 1), "01000");
    CU_ASSERT_STRING_EQUAL(text_at(&d, 1), SERVER "NOTICE: table \"t\" does not exist, skipping");

    aldb_diag_reset(&d);
    struct aldb_server_error empty = {0};
    CU_ASSERT_EQUAL(aldb_diag_post_server(&d, &empty, &at_statement), ALDB_ERR);
    CU_ASSERT_STRING_EQUAL(state_at(&d, 1), "HY000");
    CU_ASSERT_EQUAL(aldb_diag_get(&d, 1)->native, 0);
    CU_ASSERT_STRING_EQUAL(text_at(&d, 1), SERVER "ERROR: the server gave no message");
    aldb_diag_clear(&d);
}

static void test_native(void)
{
    CU_ASSERT_EQUAL(aldb_pgstate_native("00000"), 0);
    CU_ASSERT_EQUAL(aldb_pgstate_native("23505"), 83906754);
    CU_ASSERT_EQUAL(aldb_pgstate_native("XX000"), 2600);
    CU_ASSERT_EQUAL(aldb_pgstate_native(NULL), 0);
    CU_ASSERT_EQUAL(aldb_pgstate_native(""), 0);
    CU_ASSERT_EQUAL(aldb_pgstate_native("2350"), 0);
    CU_ASSERT_EQUAL(aldb_pgstate_native("235055"), 0);
    CU_ASSERT_EQUAL(aldb_pgstate_native("2350a"), 0);
    CU_ASSERT_EQUAL(aldb_pgstate_native("2350 "), 0);
    CU_ASSERT(aldb_pgstate_native("ZZZZZ") > 0);
}

#define FIRST ALDB_AT_CONNECT
#define RUN ALDB_AT_STATEMENT
#define END ALDB_AT_COMMIT

static const struct {
    const char *pg;
    const char *severity; /* NULL: not given */
    const char *routine;
    enum aldb_server_moment moment;
    const char *odbc;
} map_cases[] = {
    /* constraints */
    {"23505", "ERROR", NULL, RUN, "23000"}, {"23502", "ERROR", NULL, RUN, "23000"}, {"23P01", "ERROR", NULL, RUN, "23000"},
    {"23503", "ERROR", NULL, END, "40002"}, {"44000", "ERROR", NULL, RUN, "44000"}, {"23505", NULL, NULL, RUN, "23000"},
    /* objects and syntax */
    {"42P01", "ERROR", NULL, RUN, "42S02"}, {"42703", "ERROR", NULL, RUN, "42S22"}, {"42701", "ERROR", NULL, RUN, "42S21"},
    {"42P07", "ERROR", "heap_create_with_catalog", RUN, "42S01"}, {"42P07", "ERROR", "index_create", RUN, "42S11"},
    {"42704", "ERROR", "DropErrorMsgNonExistent", RUN, "42S12"}, {"42704", "ERROR", "typenameType", RUN, "42000"},
    {"42601", "ERROR", "scanner_yyerror", RUN, "42000"}, {"42601", "ERROR", "transformInsertRow", RUN, "21S01"},
    {"42601", "ERROR", "DefineView", RUN, "21S02"}, {"42601", "ERROR", NULL, RUN, "42000"},
    {"42501", "ERROR", NULL, RUN, "42000"}, {"42883", "ERROR", NULL, RUN, "42000"}, {"42P02", "ERROR", NULL, RUN, "07002"},
    {"42804", "ERROR", NULL, RUN, "42000"}, {"2BP01", "ERROR", NULL, RUN, "42000"}, {"3F000", "ERROR", NULL, RUN, "3F000"},
    {"3D000", "ERROR", NULL, RUN, "3D000"}, {"21000", "ERROR", NULL, RUN, "21000"}, {"0A000", "ERROR", NULL, RUN, "HYC00"},
    {"0A000", "ERROR", "RevalidateCachedQuery", RUN, "HY000"}, {"03000", "ERROR", NULL, RUN, "HYC00"},
    /* data */
    {"22001", "ERROR", NULL, RUN, "22001"}, {"22003", "ERROR", NULL, RUN, "22003"}, {"22P02", "ERROR", NULL, RUN, "22018"},
    {"22P03", "ERROR", NULL, RUN, "22018"}, {"22P05", "ERROR", NULL, RUN, "22018"}, {"22021", "ERROR", NULL, RUN, "22018"},
    {"22009", "ERROR", NULL, RUN, "22007"}, {"22012", "ERROR", NULL, RUN, "22012"}, {"22P01", "ERROR", NULL, RUN, "22003"},
    {"2201E", "ERROR", NULL, RUN, "22003"}, {"2201F", "ERROR", NULL, RUN, "22003"}, {"2201W", "ERROR", NULL, RUN, "2201W"},
    {"22023", "ERROR", NULL, RUN, "22023"}, {"22P04", "ERROR", NULL, RUN, "22000"}, {"22026", "ERROR", NULL, RUN, "22026"},
    /* transactions */
    {"40001", "ERROR", NULL, RUN, "40001"}, {"40P01", "ERROR", NULL, RUN, "40001"}, {"40001", "ERROR", NULL, END, "40001"},
    {"40003", "ERROR", NULL, RUN, "40003"}, {"25P02", "ERROR", NULL, RUN, "25000"}, {"25006", "ERROR", NULL, RUN, "25000"},
    {"25001", "ERROR", NULL, RUN, "25000"}, {"2D000", "ERROR", NULL, RUN, "25000"}, {"24000", "ERROR", NULL, RUN, "24000"},
    {"34000", "ERROR", NULL, RUN, "34000"}, {"26000", "ERROR", NULL, RUN, "HY000"}, {"3B001", "ERROR", NULL, RUN, "HY000"},
    {"55P03", "ERROR", "ProcessInterrupts", RUN, "HYT00"}, {"55P03", "ERROR", "RangeVarGetRelidExtended", RUN, "HY000"},
    /* the session ends */
    {"57P01", "FATAL", NULL, RUN, "08S01"}, {"57P01", "FATAL", NULL, END, "08007"}, {"57P02", NULL, NULL, RUN, "08S01"},
    {"25P03", "FATAL", NULL, RUN, "08S01"}, {"57P05", "FATAL", NULL, RUN, "08S01"}, {"40001", "FATAL", NULL, RUN, "08S01"},
    {"XX000", "PANIC", NULL, RUN, "08S01"}, {"08006", NULL, NULL, RUN, "08S01"}, {"08006", NULL, NULL, END, "08007"},
    {"08P01", "FATAL", NULL, RUN, "08S01"}, {NULL, "FATAL", NULL, RUN, "08S01"}, {"57014", "FATAL", NULL, RUN, "08S01"},
    {"08006", "ERROR", NULL, RUN, "HY000"}, /* a foreign server's link */
    {"08P01", "ERROR", "exec_bind_message", RUN, "HY000"},
    /* connecting */
    {"28P01", "FATAL", NULL, FIRST, "28000"}, {"28000", "FATAL", NULL, FIRST, "28000"}, {"3D000", "FATAL", NULL, FIRST, "08004"},
    {"53300", "FATAL", NULL, FIRST, "08004"}, {"57P03", "FATAL", NULL, FIRST, "08004"}, {"55000", "FATAL", NULL, FIRST, "08004"},
    {"08006", NULL, NULL, FIRST, "08001"}, {"08001", NULL, NULL, FIRST, "08001"}, {"08004", "FATAL", NULL, FIRST, "08004"},
    {"08P01", "FATAL", NULL, FIRST, "08004"}, {NULL, NULL, NULL, FIRST, "08001"}, {"57014", "FATAL", NULL, FIRST, "HYT00"},
    /* everything else of the server */
    {"P0001", "ERROR", NULL, RUN, "HY000"}, {"P0002", "ERROR", NULL, RUN, "HY000"}, {"XX000", "ERROR", NULL, RUN, "HY000"},
    {"53200", "ERROR", NULL, RUN, "HY000"}, {"54001", "ERROR", NULL, RUN, "HY000"}, {"58030", "ERROR", NULL, RUN, "HY000"},
    {"F0000", "ERROR", NULL, RUN, "HY000"}, {"HV00J", "ERROR", NULL, RUN, "HY000"}, {"38000", "ERROR", NULL, RUN, "HY000"},
    {"39004", "ERROR", NULL, RUN, "HY000"}, {"2F003", "ERROR", NULL, RUN, "HY000"}, {"72000", "ERROR", NULL, RUN, "HY000"},
    {"00000", "ERROR", NULL, RUN, "HY000"}, {"01000", "ERROR", NULL, RUN, "HY000"}, {"02000", "ERROR", NULL, RUN, "HY000"},
    {NULL, "ERROR", NULL, RUN, "HY000"}, {"bad", "ERROR", NULL, RUN, "HY000"}, {"4270\xc3", "ERROR", NULL, RUN, "HY000"},
    /* an application's own */
    {"ZZ123", "ERROR", NULL, RUN, "ZZ123"}, {"MYERR", "ERROR", NULL, RUN, "MYERR"}, {"90001", "ERROR", NULL, RUN, "90001"},
    {"45000", "ERROR", NULL, RUN, "45000"}, {"AB123", "ERROR", NULL, RUN, "HY000"}, {"IM001", "ERROR", NULL, RUN, "HY000"},
    {"S1000", "ERROR", NULL, RUN, "HY000"}, {"HY001", "ERROR", NULL, RUN, "HY000"},
    /* notices and warnings */
    {"00000", "NOTICE", NULL, RUN, "01000"}, {"01000", "WARNING", NULL, RUN, "01000"}, {"25001", "WARNING", NULL, RUN, "01000"},
    {"01003", "WARNING", NULL, RUN, "01003"}, {"01007", "WARNING", NULL, RUN, "01007"}, {"01P01", "WARNING", NULL, RUN, "01000"},
    {"00000", "INFO", NULL, END, "01000"}, {"00000", "LOG", NULL, FIRST, "01000"}, {"57P01", "DEBUG1", NULL, RUN, "01000"},
    {"57014", "WARNING", NULL, RUN, "01000"},
};

static void test_map(void)
{
    for (size_t i = 0; i < ALDB_COUNT(map_cases); i++) {
        struct aldb_server_error e = {
            .severity = map_cases[i].severity, .sqlstate = map_cases[i].pg, .routine = map_cases[i].routine};
        struct aldb_server_context ctx = {.moment = map_cases[i].moment};
        char out[6] = "?????";
        aldb_pgstate_map(&e, &ctx, out);
        if (strcmp(out, map_cases[i].odbc) != 0) {
            (void)printf("\n  %s %s: %s, not %s", map_cases[i].severity ? map_cases[i].severity : "-",
                         map_cases[i].pg ? map_cases[i].pg : "-", out, map_cases[i].odbc);
        }
        CU_ASSERT_STRING_EQUAL(out, map_cases[i].odbc);
    }
}

static void test_canceled(void)
{
    struct aldb_server_error e = {.severity = "ERROR", .sqlstate = "57014", .routine = "ProcessInterrupts"};
    static const struct {
        bool timeout, cancel;
        const char *odbc;
    } cases[] = {{true, false, "HYT00"}, {false, true, "HY008"}, {false, false, "HYT00"}, {true, true, "HYT00"}};
    for (size_t i = 0; i < ALDB_COUNT(cases); i++) {
        struct aldb_server_context ctx = {
            .moment = ALDB_AT_STATEMENT, .own_timeout = cases[i].timeout, .own_cancel = cases[i].cancel};
        char out[6];
        aldb_pgstate_map(&e, &ctx, out);
        CU_ASSERT_STRING_EQUAL(out, cases[i].odbc);
    }
}

/* Whatever a server says, five characters of [0-9A-Z] come out, and only a warning's severity makes a warning. */
static void test_any_state(void)
{
    static const char alphabet[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    static const char *const severities[] = {"ERROR", "FATAL", "WARNING", NULL};
    size_t wrong = 0;
    for (size_t a = 0; a < 36; a++) {
        for (size_t b = 0; b < 36; b++) {
            for (size_t c = 0; c < 36; c++) {
                char state[6] = {alphabet[a], alphabet[b], alphabet[c], '0', '0', '\0'};
                for (size_t s = 0; s < ALDB_COUNT(severities); s++) {
                    struct aldb_server_error e = {.severity = severities[s], .sqlstate = state};
                    char out[6];
                    aldb_pgstate_map(&e, &at_statement, out);
                    wrong += strlen(out) != 5 || strspn(out, alphabet) != 5;
                    wrong += (strncmp(out, "01", 2) == 0) != (s == 2);
                    wrong += strncmp(out, "00", 2) == 0 || strncmp(out, "02", 2) == 0 || strncmp(out, "IM", 2) == 0;
                    wrong += s == 1 && strcmp(out, "08S01") != 0;
                }
            }
        }
    }
    CU_ASSERT_EQUAL(wrong, 0);
}

/* What is found out afterwards is added to one record, and to no other. */
static void test_hint(void)
{
    struct aldb_diag d;
    aldb_diag_init(&d);
    aldb_diag_hint(&d, 1, "lost");
    CU_ASSERT_EQUAL(aldb_diag_count(&d), 0);
    (void)!aldb_diag_post(&d, ALDB_ST_01000, "a warning");
    (void)!aldb_diag_post_native(&d, ALDB_ST_28000, 7, "refused");
    aldb_diag_hint(&d, 1, "is it %s?", "you");
    aldb_diag_hint(&d, 3, "lost");
    CU_ASSERT_STRING_EQUAL(aldb_diag_message(aldb_diag_get(&d, 1)), "[AlloyDB][ODBC Driver] refused\nHINT: is it you?");
    CU_ASSERT_EQUAL(aldb_diag_get(&d, 1)->native, 7);
    CU_ASSERT_STRING_EQUAL(aldb_diag_message(aldb_diag_get(&d, 2)), "[AlloyDB][ODBC Driver] a warning");
    (void)!aldb_diag_post(&d, ALDB_ST_HY010, NULL);
    aldb_diag_hint(&d, 2, "to a text that was ready-made");
    CU_ASSERT_PTR_NOT_NULL(strstr(aldb_diag_message(aldb_diag_get(&d, 2)), "\nHINT: to a text"));
    aldb_diag_clear(&d);
}

int main(void)
{
    static CU_TestInfo records[] = {
        {"states", test_states},       {"post", test_post},         {"ranking", test_ranking},
        {"cap", test_cap},             {"move", test_move},         {"long texts", test_long_text},
        {"origins", test_origins},     {"out of memory", test_no_memory}, {"hint", test_hint}, CU_TEST_INFO_NULL};
    static CU_TestInfo server[] = {{"text", test_server_text},  {"native code", test_native}, {"map", test_map},
                                   {"canceled", test_canceled}, {"any state", test_any_state}, CU_TEST_INFO_NULL};
    CU_SuiteInfo suites[] = {
        {"records", NULL, NULL, NULL, NULL, records}, {"server", NULL, NULL, NULL, NULL, server}, CU_SUITE_INFO_NULL};
    return run_suites(suites);
}
