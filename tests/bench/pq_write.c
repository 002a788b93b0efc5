/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What odbc_write is measured against: the same rows through libpq, in one transaction. Usage: pq_write copy|insert|single|update|delete|upsert ROWS CONNINFO
 * copy: COPY FROM STDIN in text; single: PQexecPrepared, a round trip a row; the others: a prepared statement in pipeline mode, with a Sync each thousand rows.
 * Prints one line: as usage.h says.
 */
#include <endian.h>

#include "pq.h"
#include "write.h"

static PGconn *conn;
static uint64_t affected;

static void check(bool good)
{
    must_be(good, conn);
}

static void command(const char *sql)
{
    PGresult *result = PQexec(conn, sql);
    check(PQresultStatus(result) == PGRES_COMMAND_OK);
    PQclear(result);
}

/* The parameters of a row in binary, which outlive the call's message. */
static struct {
    uint64_t id, at;
    uint32_t n;
    char name[NAME_ROOM];
    const char *values[4];
    int lengths[4];
} row;
static const int formats[] = {1, 1, 1, 1};

static void fill(long long id)
{
    uint64_t seconds = 7305u * 86400u + (uint64_t)(day_of(id) - 1) * 86400u + (uint64_t)second_of(id); /* from 2000-01-01 */
    row.id = htobe64((uint64_t)id);
    row.n = htobe32((uint32_t)n_of(id));
    row.at = htobe64(seconds * 1000000u);
    int len = name_of(id, row.name);
    const void *values[] = {&row.id, &row.n, row.name, &row.at};
    const int lengths[] = {sizeof row.id, sizeof row.n, len, sizeof row.at};
    memcpy(row.values, values, sizeof values);
    memcpy(row.lengths, lengths, sizeof lengths);
}

static void copy(long long rows)
{
    PGresult *result = PQexec(conn, "copy bench_write from stdin");
    check(PQresultStatus(result) == PGRES_COPY_IN);
    PQclear(result);
    for (long long id = 1; id <= rows; id++) {
        char line[128];
        char name[NAME_ROOM];
        int second = second_of(id);
        (void)name_of(id, name);
        int len = snprintf(line, sizeof line, "%lld\t%d\t%s\t2020-01-%02d %02d:%02d:%02d\n", id, n_of(id), name, day_of(id), second / 3600, second / 60 % 60, second % 60);
        check(PQputCopyData(conn, line, len) == 1);
    }
    check(PQputCopyEnd(conn, NULL) == 1);
    result = PQgetResult(conn);
    check(PQresultStatus(result) == PGRES_COMMAND_OK);
    affected = strtoull(PQcmdTuples(result), NULL, 10);
    PQclear(result);
    PQclear(PQgetResult(conn));
}

static void one_by_one(const struct work *work, long long rows)
{
    for (long long id = 1; id <= rows; id++) {
        fill(id);
        PGresult *result = PQexecPrepared(conn, "p", work->parameters, row.values, row.lengths, formats, 1);
        check(PQresultStatus(result) == PGRES_COMMAND_OK);
        affected += strtoull(PQcmdTuples(result), NULL, 10);
        PQclear(result);
    }
}

/* The answers of `count` statements and of the Sync behind them. */
static void take_answers(long long count)
{
    for (long long i = 0; i < count; i++) {
        PGresult *result = PQgetResult(conn);
        check(PQresultStatus(result) == PGRES_COMMAND_OK);
        affected += strtoull(PQcmdTuples(result), NULL, 10);
        PQclear(result);
        PQclear(PQgetResult(conn));
    }
    PGresult *result = PQgetResult(conn);
    check(PQresultStatus(result) == PGRES_PIPELINE_SYNC);
    PQclear(result);
}

static void in_pipeline(const struct work *work, long long rows)
{
    check(PQenterPipelineMode(conn) == 1);
    for (long long first = 1; first <= rows; first += BLOCK) {
        long long end = first + BLOCK <= rows + 1 ? first + BLOCK : rows + 1;
        for (long long id = first; id < end; id++) {
            fill(id);
            check(PQsendQueryPrepared(conn, "p", work->parameters, row.values, row.lengths, formats, 1) == 1);
        }
        check(PQpipelineSync(conn) == 1);
        take_answers(end - first);
    }
    check(PQexitPipelineMode(conn) == 1);
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: %s copy|insert|single|update|delete|upsert ROWS CONNINFO\n", argv[0]);
        return EXIT_FAILURE;
    }
    bool copies = strcmp(argv[1], "copy") == 0;
    const struct work *work = work_named(copies ? "insert" : argv[1]);
    long long rows = strtoll(argv[2], NULL, 10);
    conn = open_connection(argv[3]);

    struct usage start = usage_now();
    command("begin");
    if (copies) {
        copy(rows);
    } else {
        prepare(conn, "p", work->pq);
        (strcmp(work->name, "single") == 0 ? one_by_one : in_pipeline)(work, rows);
    }
    command("commit");
    usage_print((unsigned long long)rows, affected, usage_since(start), NULL);
    PQfinish(conn);
    return EXIT_SUCCESS;
}
