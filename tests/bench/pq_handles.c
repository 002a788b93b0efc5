/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What odbc_handles is measured against, where libpq has the like: COUNT connections, with a query on each. Usage: pq_handles connections COUNT CONNINFO QUERY
 * Prints as handles.h says.
 */
#include "handles.h"
#include "pq.h"

static const char *target, *query;

static void *new_connection(void)
{
    PGconn *conn = open_connection(target);
    PGresult *result = PQexecParams(conn, query, 0, NULL, NULL, NULL, NULL, 1);
    must_be(PQresultStatus(result) == PGRES_TUPLES_OK, conn);
    PQclear(result);
    return conn;
}

static void free_connection(void *conn)
{
    PQfinish(conn);
}

int main(int argc, char **argv)
{
    if (argc != 5 || strcmp(argv[1], "connections") != 0) {
        fprintf(stderr, "usage: %s connections COUNT CONNINFO QUERY\n", argv[0]);
        return EXIT_FAILURE;
    }
    target = argv[3];
    query = argv[4];
    handles_measure(strtoull(argv[2], NULL, 10), new_connection, free_connection);
}
