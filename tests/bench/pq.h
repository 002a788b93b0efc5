/* SPDX-License-Identifier: Apache-2.0 */
/* What the libpq programs share: errors end them. */
#ifndef BENCH_PQ_H
#define BENCH_PQ_H

#include <stdbool.h>
#include <stdint.h>

#include <libpq-fe.h>

#include "usage.h"

static inline void must_be(bool good, PGconn *conn)
{
    if (!good) {
        fprintf(stderr, "%s", PQerrorMessage(conn));
        exit(EXIT_FAILURE);
    }
}

static inline PGconn *open_connection(const char *text)
{
    PGconn *conn = PQconnectdb(text);
    must_be(PQstatus(conn) == CONNECTION_OK, conn);
    return conn;
}

static inline void prepare(PGconn *conn, const char *name, const char *query)
{
    PGresult *result = PQprepare(conn, name, query, 0, NULL);
    must_be(PQresultStatus(result) == PGRES_COMMAND_OK, conn);
    PQclear(result);
}

#endif
