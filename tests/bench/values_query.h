/* SPDX-License-Identifier: Apache-2.0 */
/* The statement of odbc_values and pq_values, and its parameter. Both are the caller's to free. */
#ifndef BENCH_VALUES_QUERY_H
#define BENCH_VALUES_QUERY_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "usage.h"

/* With markers of ODBC, or numbered as PostgreSQL's. */
static inline char *values_query(unsigned long parameters, int numbered)
{
    char *query = malloc(32 + parameters * 40);
    must_have(query);
    size_t len = (size_t)sprintf(query, "select 0::bigint");
    for (unsigned long i = 1; i <= parameters; i++) {
        len += (size_t)(numbered ? sprintf(query + len, " + length($%lu::text)", i) : sprintf(query + len, " + length(?::text)"));
    }
    return query;
}

static inline char *values_text(size_t bytes)
{
    char *text = malloc(bytes + 1);
    must_have(text);
    memset(text, 'v', bytes);
    text[bytes] = '\0';
    return text;
}

#endif
