/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls: {call …}, {? = call …}, and CALL as text. Statement lock held throughout.
 *
 * call.c decides what the server is sent, outputs.c where the row that comes back goes, refcursor.c opens the cursors that it names, streamed.c tells
 * values in parts.
 */
#ifndef ALDB_STATEMENT_CALL_H
#define ALDB_STATEMENT_CALL_H

#include "statement/internal.h"

/* What the text of a {call} can be to the server, which alone knows what the name stands for. CALL as text is a PROCEDURE from the start. */
enum aldb_call_form {
    ALDB_FORM_FUNCTION,  /* SELECT * FROM name(all arguments) */
    ALDB_FORM_INPUTS,    /* the same without the markers bound as output: PostgreSQL's functions are not given their OUT parameters */
    ALDB_FORM_PROCEDURE, /* CALL name(all arguments) */
    ALDB_FORM_VALUE,     /* SELECT name(all arguments): of a function that returns "record" without saying of which columns */
    ALDB_FORM_COUNT
};

/* What is known of one part of the text. */
struct aldb_call_part {
    bool read;                   /* the text has been looked at */
    bool is_call;
    struct aldb_sql_routine routine;
    bool *defaults;              /* by argument: SQL_DEFAULT_PARAM; NULL: none */
    enum aldb_call_form form;    /* of the text as it is now */
    bool settled;                /* the server took it, with parameters bound in these directions: */
    uint64_t ipd_version;
    uint16_t *columns;           /* outputs.c: by marker, the return value's in front: the column that it takes, or ALDB_NO_COLUMN */
    struct aldb_plan *columns_of; /* the plan that they belong to; a reference */
};

/* ------------------------------------------------------------------ call.c */

/* Part `part`, or NULL: no call. *no_memory: HY001 is posted, and nothing known. No I/O. */
struct aldb_call_part *aldb_call_of(struct aldb_stmt *stmt, size_t part, bool *no_memory);
/* Is the marker (0-based ordinal) bound for output, in whatever way? And for nothing else? And in parts? */
bool aldb_call_is_output(const struct aldb_stmt *stmt, uint32_t marker);
bool aldb_call_is_pure_output(const struct aldb_stmt *stmt, uint32_t marker);
bool aldb_call_is_streamed(const struct aldb_stmt *stmt, uint32_t marker);
/*
 * The plan of a call: tries the forms of its text that its bindings leave open, the one that the connection remembers first, and leaves the text in the
 * form that the server took. `force` as for aldb_stmt_plan; `types`: scratch for as many OIDs as there are parameters. Posts the most telling refusal.
 */
enum aldb_rc aldb_call_settle(struct aldb_stmt *stmt, size_t part, struct aldb_call_part *c, struct aldb_session *s, struct aldb_plan_request *req,
                              const uint32_t *force, uint32_t *types, const struct aldb_wait *wait, struct aldb_plan **plan) ALDB_MUSTCHECK;
/* What Parse has to be told of its parameters: those that are forced, and any type for what is left out, since nothing in the text tells it. */
void aldb_call_types(const struct aldb_stmt *stmt, size_t part, const struct aldb_call_part *c, const uint32_t *force, uint32_t *out);
/* Runs a part that is a call with one set of parameters; delivers its outputs. */
enum aldb_rc aldb_call_run(struct aldb_stmt *stmt, struct aldb_session *s, size_t part, uint64_t set, bool whole, const struct aldb_wait *wait) ALDB_MUSTCHECK;

/* ------------------------------------------------------------------ outputs.c */

/*
 * Finds out which column each output parameter takes. In order, where all that the call is given are markers and there are as many columns as outputs;
 * else the catalog says which parameters the columns are (one round trip, remembered by the connection). HY000: it cannot tell.
 */
enum aldb_rc aldb_outputs_map(struct aldb_stmt *stmt, size_t part, struct aldb_plan *plan, const struct aldb_wait *wait) ALDB_MUSTCHECK;
/* The current row of `o` (`row` false: there was none, NULLs) to the parameters. */
enum aldb_rc aldb_outputs_deliver(struct aldb_stmt *stmt, struct aldb_outcome *o, size_t part, bool row) ALDB_MUSTCHECK;
/* Does some parameter take a column? And in parts? Mapped. */
bool aldb_outputs_wanted(struct aldb_stmt *stmt, size_t part);
bool aldb_outputs_streamed(struct aldb_stmt *stmt, size_t part);

/* ------------------------------------------------------------------ refcursor.c */

/* Does a result with these columns name cursors that are to become result sets (FetchRefcursors)? */
bool aldb_refcursor_named(const struct aldb_stmt *stmt, const struct aldb_column *columns, uint16_t ncolumns);
/* Adds the names in the current row of `o` to `names`, each once and with a NUL behind it. */
void aldb_refcursor_collect(const struct aldb_outcome *o, struct aldb_buf *names);
/* All rows of each cursor as an outcome of its own; the cursors are closed. */
enum aldb_rc aldb_refcursor_fetch(struct aldb_stmt *stmt, struct aldb_session *s, const struct aldb_buf *names, uint64_t set, const struct aldb_wait *wait)
    ALDB_MUSTCHECK;

/* ------------------------------------------------------------------ streamed.c */

/* One more value that will be told in parts: column `column` of the current row of `o`, which stays open for it. HY001. */
enum aldb_rc aldb_streamed_add(struct aldb_stmt *stmt, struct aldb_outcome *o, uint32_t param, uint16_t column, bool row) ALDB_MUSTCHECK;

#endif
