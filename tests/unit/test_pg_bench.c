/* SPDX-License-Identifier: Apache-2.0 */
/* Rows through the session against plain libpq (single-row mode, binary), in the same process. Runs only when ALDB_BENCH is set. */
#include "pg_support.h"

#include <float.h>

#define ROUNDS 3
#define COLUMNS                                                                                                                                     \
    "g::int4 a, g::int8 b, g * 1.5::float8 c, (g % 1000)::numeric(10, 2) d, 'text ' || g e, repeat('v', 20)::varchar f, "                            \
    "date '2020-01-01' + g % 1000 g, timestamp '2020-01-01' + g * interval '1 second' h, g % 2 = 0 i, case when g % 7 > 0 then g end j"

static double seconds(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* Touches each value's length, as any reader must. */
static uint64_t read_plain(const char *sql, uint64_t *rows)
{
    uint64_t bytes = 0;
    *rows = 0;
    if (!PQsendQueryParams(pgt.observer, sql, 0, NULL, NULL, NULL, NULL, 1) || !PQsetSingleRowMode(pgt.observer)) {
        return 0;
    }
    for (PGresult *r; (r = PQgetResult(pgt.observer)) != NULL; PQclear(r)) {
        if (PQresultStatus(r) == PGRES_SINGLE_TUPLE) {
            ++*rows;
            for (int c = 0; c < PQnfields(r); c++) {
                bytes += PQgetisnull(r, 0, c) ? 0 : (uint64_t)PQgetlength(r, 0, c);
            }
        }
    }
    return bytes;
}

static uint64_t read_session(struct aldb_session *s, const char *sql, uint64_t *rows)
{
    struct aldb_exec e;
    uint64_t bytes = 0;
    *rows = 0;
    OK(pgt_start(&e, s, sql));
    while (aldb_exec_next(&e, &pgt_forever, &pgt.diag) == ALDB_OK) {
        ++*rows;
        for (uint16_t c = 0; c < e.ncolumns; c++) {
            bytes += e.cells[c].data ? e.cells[c].len : 0;
        }
    }
    OK(pgt_close(&e));
    return bytes;
}

static void test_million_rows(void)
{
    struct aldb_session *s = pgt_open();
    const char *sql = "select * from million";
    double plain = DBL_MAX, session = DBL_MAX;
    uint64_t rows, bytes = 0;
    OBSERVE("create table million as select %s from generate_series(1, 1000000) g", COLUMNS);
    OBSERVE("analyze million");
    for (int i = 0; i < ROUNDS; i++) {
        double start = seconds();
        bytes = read_plain(sql, &rows);
        double took = seconds() - start;
        plain = took < plain ? took : plain;
        SAME(rows, 1000000);
        start = seconds();
        SAME(read_session(s, sql, &rows), bytes);
        took = seconds() - start;
        session = took < session ? took : session;
        SAME(rows, 1000000);
    }
    printf("\n1 M rows x 10 columns, best of %d: libpq %.3f s, session %.3f s, ratio %.2f\n", ROUNDS, plain, session, session / plain);
    aldb_session_close(s);
}

int main(void)
{
    if (getenv("ALDB_BENCH") == NULL) {
        printf("SKIP: ALDB_BENCH is not set\n");
        return PGT_SKIPPED;
    }
    CU_TestInfo bench[] = {
        {"a million rows", test_million_rows},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {
        {"bench", NULL, NULL, NULL, NULL, bench},
        CU_SUITE_INFO_NULL,
    };
    return pgt_main("bench", suites);
}
