/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What odbc_threads is measured against: the same with libpq, binary both ways. Usage: pq_threads point|fetch THREADS COUNT CONNINFO QUERY
 * Prints one line: as usage.h says.
 */
#include <endian.h>

#include "pq.h"
#include "threads.h"

static bool point;
static const char *target, *query;

/* fetch: row by row, as it comes */
static void one(struct worker *w, unsigned long long number)
{
    PGconn *conn = w->own;
    uint64_t value = htobe64(number);
    const char *values[] = {(const char *)&value};
    const int lengths[] = {sizeof value};
    const int formats[] = {1};
    PGresult *result;
    must_be(PQsendQueryPrepared(conn, "p", point ? 1 : 0, values, lengths, formats, 1) == 1 && (point || PQsetSingleRowMode(conn) == 1), conn);
    while ((result = PQgetResult(conn)) != NULL) {
        must_be(PQresultStatus(result) == PGRES_TUPLES_OK || PQresultStatus(result) == PGRES_SINGLE_TUPLE, conn);
        for (int r = 0; r < PQntuples(result); r++) {
            for (int c = 0; c < PQnfields(result); c++) {
                w->sum += (uint64_t)PQgetlength(result, r, c);
            }
        }
        PQclear(result);
    }
}

static void *begin(struct worker *w)
{
    w->own = open_connection(target);
    prepare(w->own, "p", query);
    one(w, 1);
    return w->own;
}

static void end(struct worker *w)
{
    PQfinish(w->own);
}

int main(int argc, char **argv)
{
    if (argc != 6 || strchr("pf", argv[1][0]) == NULL) {
        fprintf(stderr, "usage: %s point|fetch THREADS COUNT CONNINFO QUERY\n", argv[0]);
        return EXIT_FAILURE;
    }
    point = argv[1][0] == 'p';
    target = argv[4];
    query = argv[5];
    threads.begin = begin;
    threads.one = one;
    threads.end = end;
    threads_run(strtoul(argv[2], NULL, 10), strtoull(argv[3], NULL, 10));
    return EXIT_SUCCESS;
}
