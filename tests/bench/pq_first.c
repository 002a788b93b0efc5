/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What odbc_first is measured against: libpq's single-row mode, and PQcancel with the rest read away. Usage: pq_first row|close COUNT CONNINFO QUERY
 * Prints one line: as usage.h says.
 */
#include "first.h"
#include "pq.h"

static PGconn *conn;

static void check(bool good)
{
    must_be(good, conn);
}

static uint64_t first_row(const char *query)
{
    uint64_t bytes = 0;
    check(PQsendQueryParams(conn, query, 0, NULL, NULL, NULL, NULL, 1) == 1 && PQsetSingleRowMode(conn) == 1);
    PGresult *result = PQgetResult(conn);
    check(PQresultStatus(result) == PGRES_SINGLE_TUPLE);
    for (int i = 0; i < PQnfields(result); i++) {
        bytes += (uint64_t)PQgetlength(result, 0, i);
    }
    PQclear(result);
    return bytes;
}

static void close_early(void)
{
    char text[256];
    PGresult *result;
    PGcancel *cancel = PQgetCancel(conn);
    check(cancel != NULL && PQcancel(cancel, text, sizeof text) == 1);
    PQfreeCancel(cancel);
    while ((result = PQgetResult(conn)) != NULL) {
        PQclear(result);
    }
}

int main(int argc, char **argv)
{
    if (argc != 5 || (strcmp(argv[1], "row") != 0 && strcmp(argv[1], "close") != 0)) {
        fprintf(stderr, "usage: %s row|close COUNT CONNINFO QUERY\n", argv[0]);
        return EXIT_FAILURE;
    }
    bool closing = argv[1][0] == 'c';
    unsigned long long count = strtoull(argv[2], NULL, 10);
    double *each = calloc(count, sizeof *each);
    struct usage took = {0};
    uint64_t sum = 0;
    conn = open_connection(argv[3]);
    must_have(each);
    for (unsigned long long i = 0; i < count; i++) {
        struct usage start = usage_now();
        sum += first_row(argv[4]);
        struct usage row = usage_since(start);
        close_early();
        struct usage all = usage_since(start);
        each[i] = closing ? all.wall : row.wall;
        usage_add(&took, closing ? all : row);
        rest(closing ? 0 : SETTLE_MS);
    }
    usage_print(count, sum, took, each);
    PQfinish(conn);
    free(each);
    return EXIT_SUCCESS;
}
