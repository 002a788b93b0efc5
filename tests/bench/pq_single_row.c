/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The floor that odbc_fetch is measured against: libpq's single-row mode in binary, adding up lengths and converting nothing.
 * Usage: pq_single_row CONNINFO QUERY [first]
 * first: only the first row is waited for. Prints one line: as usage.h says; the time is that from sending the query to the end of data. With BENCH_VALUES in the
 * environment the check sum is that of values.h, of text.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <libpq-fe.h>

#include "usage.h"
#include "values.h"

static enum value_kind kind_of(Oid type)
{
    switch (type) {
    case 16:
        return VALUE_BOOL;
    case 700:
    case 701:
        return VALUE_REAL;
    case 1082:
    case 1114:
    case 1184:
        return VALUE_MOMENT;
    default:
        return VALUE_TEXT;
    }
}

static void add_row(struct values *values, const PGresult *result, int r)
{
    for (int c = 0; c < PQnfields(result); c++) {
        if (PQgetisnull(result, r, c)) {
            value_null(values);
        } else {
            value_text(values, kind_of(PQftype(result, c)), PQgetvalue(result, r, c), (size_t)PQgetlength(result, r, c));
        }
    }
    value_row(values);
}

int main(int argc, char **argv)
{
    if (argc != 3 && argc != 4) {
        fprintf(stderr, "usage: %s CONNINFO QUERY [first]\n", argv[0]);
        return EXIT_FAILURE;
    }
    bool of_values = getenv("BENCH_VALUES") != NULL;
    struct values values = values_new();
    PGconn *conn = PQconnectdb(argv[1]);
    if (PQstatus(conn) != CONNECTION_OK) {
        fprintf(stderr, "%s", PQerrorMessage(conn));
        return EXIT_FAILURE;
    }
    struct usage start = usage_now();
    if (!PQsendQueryParams(conn, argv[2], 0, NULL, NULL, NULL, NULL, of_values ? 0 : 1) || !PQsetSingleRowMode(conn)) {
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
            if (of_values) {
                add_row(&values, result, r);
            }
        }
        PQclear(result);
        if (argc == 4) {
            break;
        }
    }
    struct usage took = usage_since(start);
    usage_print(rows, of_values ? values.sum : bytes, took, NULL);
    PQfinish(conn);
    return EXIT_SUCCESS;
}
