/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The floor that fetch_bench is measured against: libpq's single-row mode in binary, adding up lengths and converting nothing.
 * Usage: pq_single_row CONNINFO QUERY
 * Prints one line: rows, bytes, seconds, peak resident memory in kB.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <libpq-fe.h>

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static long peak_kb(void)
{
    char line[256];
    long kb = -1;
    FILE *file = fopen("/proc/self/status", "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, "VmHWM:", 6) == 0) {
            kb = strtol(line + 6, NULL, 10);
        }
    }
    if (file != NULL) {
        fclose(file);
    }
    return kb;
}

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
    double start = seconds();
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
    double took = seconds() - start;
    printf("%llu %llu %.3f %ld\n", (unsigned long long)rows, (unsigned long long)bytes, took, peak_kb());
    PQfinish(conn);
    return EXIT_SUCCESS;
}
