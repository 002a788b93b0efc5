/* SPDX-License-Identifier: Apache-2.0 */
/* Calls as lines of a table: what is executed, what is bound, what becomes of it. */
#ifndef ALDB_TEST_CALLS_H
#define ALDB_TEST_CALLS_H

#include "harness.h"

struct place {
    char direction; /* i, o, b (both) */
    char type;      /* i: SQL_INTEGER, t: SQL_VARCHAR */
    SQLINTEGER number;
    char text[64];
    SQLLEN length;
};

/* What bind_places bound last. */
extern struct place places[8];
extern size_t nplaces;

/*
 * "ii=4 ot bi=NULL": direction and type, and what goes in: a value, NULL, DEFAULT. "ii:c=4": the parameter's record has the name c (SQL_DESC_NAME).
 */
void bind_places(SQLHSTMT stmt, const char *spec);
/*
 * What became of an execution: "[2=5 3=b4]" outputs as they are at once, "{a|b: 1|x 2|y}" each result set, "{}" a result without, "+01000" information,
 * "!42000" failure. Static buffer of the latest call.
 */
const char *outcome(SQLHSTMT stmt, SQLRETURN rc);
/* Bound and executed directly. */
const char *call(SQLHSTMT stmt, const char *sql, const char *spec);

struct example {
    const char *sql, *spec, *wanted;
};
/* Each example directly, and prepared once and executed twice. */
void examples(struct link *l, const struct example *all, size_t count);

/*
 * What the session asks of the server and executes, as its log tells: log_begin gives the keywords for a log of its own (static buffer), `logged` counts its lines
 * that hold `what` ("describe" for a question, "execute" for an execution), log_end removes it.
 */
const char *log_begin(const char *name);
int logged(const char *what);
void log_end(void);
/* Each example, once it has been run, is executed by further statements without another question. */
void examples_asked_once(struct link *l, const struct example *all, size_t count);

/* A connection whose search path begins with a new schema of that name, which close_with drops. */
struct link open_with(const char *keywords, const char *schema);
void close_with(struct link *l, const char *schema);

#endif
