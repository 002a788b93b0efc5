/* SPDX-License-Identifier: Apache-2.0 */
/* What the writing programs write: rows of bench_write (id bigint, n integer, name varchar(60), at timestamp), and the statements that do it. */
#ifndef BENCH_WRITE_H
#define BENCH_WRITE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 1000, NAME_ROOM = 40 };

/* Kinds of work; `odbc` and `pq` differ in how they write a parameter. insert: in arrays; single: one row an execution. */
static const struct work {
    const char *name, *odbc, *pq;
    int parameters; /* those first ones of id, n, name, at */
} works[] = {
    {"insert", "insert into bench_write values (?, ?, ?, ?)", "insert into bench_write values ($1, $2, $3, $4)", 4},
    {"single", "insert into bench_write values (?, ?, ?, ?)", "insert into bench_write values ($1, $2, $3, $4)", 4},
    {"update", "update bench_write set n = n + 1 where id = ?", "update bench_write set n = n + 1 where id = $1", 1},
    {"delete", "delete from bench_write where id = ?", "delete from bench_write where id = $1", 1},
    {"upsert", "insert into bench_write values (?, ?, ?, ?) on conflict (id) do update set n = excluded.n",
     "insert into bench_write values ($1, $2, $3, $4) on conflict (id) do update set n = excluded.n", 4},
};

static inline const struct work *work_named(const char *name)
{
    for (size_t i = 0; i < sizeof works / sizeof works[0]; i++) {
        if (strcmp(works[i].name, name) == 0) {
            return &works[i];
        }
    }
    fprintf(stderr, "no such work: %s\n", name);
    exit(EXIT_FAILURE);
}

static inline int n_of(long long id)
{
    return (int)(id * 7919 % 1000003);
}

static inline int name_of(long long id, char name[NAME_ROOM])
{
    return snprintf(name, NAME_ROOM, "customer number %lld", id);
}

/* at: 2020-01-01 and so many seconds, of one day and the days of January */
static inline int day_of(long long id)
{
    return (int)(id % 31) + 1;
}

static inline int second_of(long long id)
{
    return (int)(id * 37 % 86400);
}

#endif
