/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The floor that fetch_bench is measured against: libpq's single-row mode in binary, adding up lengths and converting nothing.
 * Usage: pq_single_row CONNINFO QUERY
 * Prints one line: as usage.h says; the time is that from sending the query to the end of data.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <libpq-fe.h>

#include "usage.h"

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: %s CONNINFO QUERY\n", argv[0]);
        return EXIT_FAILURE;
    }
    PGconn *conn = PQconnectdb(argv[1]);
    if (PQstatus(conn) != CONNECTION_OK) {
        fprintf(stderr, "%s", PQerrorMessage(conn));
        return EXIT_FAILURE;
    }
    struct usage start = usage_now();
    if (!PQsendQueryParams(conn, argv[2], 0, NULL, NULL, NULL, NULL, 1) || !PQsetSingleRowMode(conn)) {
        fprintf(stderr, "%s", PQerrorMessage(conn));
        return EXIT_FAILURE;
    }
    uint64_t rows = 0;
    uint64_t bytes = 0;
    PGresult *result;
    while ((result = PQgetResult(conn)) != NULL) {
        ExecStatusType status = PQresultStatus(result);
        if (status != PGRES_SINGLE_TUPLE && status != PGRES_TUPLES_OK) {
            fprintf(stderr, "%s", PQerrorMessage(conn));
            return EXIT_FAILURE;
        }
        int columns = PQnfields(result);
        for (int r = 0; r < PQntuples(result); r++, rows++) {
            for (int c = 0; c < columns; c++) {
                bytes += (uint64_t)PQgetlength(result, r, c);
            }
        }
        PQclear(result);
    }
    struct usage took = usage_since(start);
    usage_print(rows, bytes, took, NULL);
    PQfinish(conn);
    return EXIT_SUCCESS;
}
