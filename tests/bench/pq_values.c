/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What odbc_values is measured against: the same with PQexecPrepared. Usage: pq_values COUNT PARAMETERS BYTES CONNINFO
 * Prints one line: as usage.h says.
 */
#include <endian.h>

#include "pq.h"
#include "values_query.h"

int main(int argc, char **argv)
{
    if (argc != 5) {
        fprintf(stderr, "usage: %s COUNT PARAMETERS BYTES CONNINFO\n", argv[0]);
        return EXIT_FAILURE;
    }
    unsigned long long count = strtoull(argv[1], NULL, 10);
    unsigned long parameters = strtoul(argv[2], NULL, 10);
    size_t bytes = strtoul(argv[3], NULL, 10);
    char *value = values_text(bytes);
    char *query = values_query(parameters, 1);
    const char **values = calloc(parameters, sizeof *values);
    int *lengths = calloc(parameters, sizeof *lengths);
    int *formats = calloc(parameters, sizeof *formats);
    unsigned long long sum = 0;
    PGconn *conn = open_connection(argv[4]);
    must_have(values);
    must_have(lengths);
    must_have(formats);
    for (unsigned long i = 0; i < parameters; i++) {
        values[i] = value;
        lengths[i] = (int)bytes;
        formats[i] = 1;
    }

    struct usage start = usage_now();
    prepare(conn, "p", query);
    for (unsigned long long i = 0; i < count; i++) {
        PGresult *result = PQexecPrepared(conn, "p", (int)parameters, values, lengths, formats, 1);
        uint64_t got;
        must_be(PQresultStatus(result) == PGRES_TUPLES_OK && PQntuples(result) == 1 && PQgetlength(result, 0, 0) == sizeof got, conn);
        memcpy(&got, PQgetvalue(result, 0, 0), sizeof got);
        sum += be64toh(got);
        PQclear(result);
    }
    usage_print(count, sum, usage_since(start), NULL);
    PQfinish(conn);
    free(query);
    free(value);
    free(values);
    free(lengths);
    free(formats);
    return EXIT_SUCCESS;
}
