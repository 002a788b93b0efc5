/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What odbc_calls is measured against: the same with libpq, binary both ways. Usage: pq_calls point|connect COUNT CONNINFO QUERY
 * Prints one line: as usage.h says.
 */
#include <endian.h>

#include "pq.h"

static uint64_t sum;

static void one_query(PGconn *conn, uint64_t number)
{
    uint64_t value = htobe64(number);
    const char *values[] = {(const char *)&value};
    const int lengths[] = {sizeof value};
    const int formats[] = {1};
    PGresult *result = PQexecPrepared(conn, "p", 1, values, lengths, formats, 1);
    must_be(PQresultStatus(result) == PGRES_TUPLES_OK && PQntuples(result) == 1, conn);
    for (int i = 0; i < PQnfields(result); i++) {
        sum += (uint64_t)PQgetlength(result, 0, i);
    }
    PQclear(result);
}

int main(int argc, char **argv)
{
    if (argc != 5) {
        fprintf(stderr, "usage: %s point|connect COUNT CONNINFO QUERY\n", argv[0]);
        return EXIT_FAILURE;
    }
    bool point = argv[1][0] == 'p';
    unsigned long long count = strtoull(argv[2], NULL, 10);
    double *each = calloc(count, sizeof *each);
    PGconn *conn = open_connection(argv[3]);
    must_have(each);
    if (point) {
        prepare(conn, "p", argv[4]);
        one_query(conn, 1);
    } else {
        PQfinish(conn);
    }
    sum = 0;
    struct usage start = usage_now();
    for (unsigned long long i = 0; i < count; i++) {
        double begun = usage_now().wall;
        if (point) {
            one_query(conn, i + 1);
        } else {
            PQfinish(open_connection(argv[3]));
        }
        each[i] = usage_now().wall - begun;
    }
    usage_print(count, sum, usage_since(start), each);
    if (point) {
        PQfinish(conn);
    }
    free(each);
    return EXIT_SUCCESS;
}
