/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls: {call …}, {? = call …}, and CALL as text. Statement lock held throughout.
 *
 * call.c runs them, form.c decides what the server is sent, names.c which arguments have names, outputs.c where the row that comes back goes, signature.c what the
 * catalog says of routines; refcursor.c opens the cursors that a row names, streamed.c tells values in parts.
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
    char **names;                /* names.c: by argument: the name that it is given for its marker's sake; NULL: none */
    uint64_t names_version;      /* of the IPD that they are from */
    enum aldb_call_form form;    /* of the text as it is now */
    bool settled;                /* the server took it, with parameters bound in these directions, when so much was known of the catalog: */
    uint64_t ipd_version;
    uint32_t facts;              /* the connection's facts_epoch */
    uint16_t *columns;           /* outputs.c: by marker, the return value's in front: the column that it takes, or ALDB_NO_COLUMN */
    struct aldb_plan *columns_of; /* the plan that they belong to; a reference */
};

/* ------------------------------------------------------------------ call.c */

/* Part `part`, or NULL: no call. *no_memory: HY001 is posted, and nothing known. No I/O. */
struct aldb_call_part *aldb_call_of(struct aldb_stmt *stmt, size_t part, bool *no_memory);
/* Is the marker (0-based ordinal; ALDB_SQL_NO_MARKER is not) bound for output, in whatever way? And for nothing else? And in parts? */
bool aldb_call_is_output(const struct aldb_stmt *stmt, uint32_t marker);
bool aldb_call_is_pure_output(const struct aldb_stmt *stmt, uint32_t marker);
bool aldb_call_is_streamed(const struct aldb_stmt *stmt, uint32_t marker);
/* Runs a part that is a call with one set of parameters; delivers its outputs. */
enum aldb_rc aldb_call_run(struct aldb_stmt *stmt, struct aldb_session *s, size_t part, uint64_t set, bool whole, const struct aldb_wait *wait) ALDB_MUSTCHECK;

/* ------------------------------------------------------------------ form.c */

/*
 * The plan of a call: tries the forms of its text that its bindings leave open, the one that the connection remembers first, and leaves the text in the
 * form that the server took. `force` as for aldb_stmt_plan; `types`: scratch for as many OIDs as there are parameters. Posts the most telling refusal.
 */
enum aldb_rc aldb_call_settle(struct aldb_stmt *stmt, size_t part, struct aldb_call_part *c, struct aldb_session *s, struct aldb_plan_request *req,
                              const uint32_t *force, uint32_t *types, const struct aldb_wait *wait, struct aldb_plan **plan) ALDB_MUSTCHECK;
/* Is what was settled still so? Else the forms are to be tried again. No I/O. */
bool aldb_call_is_settled(const struct aldb_stmt *stmt, const struct aldb_call_part *c);
/* What Parse has to be told of its parameters: those that are forced, and any type for what is left out, since nothing in the text tells it. */
void aldb_call_types(const struct aldb_stmt *stmt, size_t part, const struct aldb_call_part *c, const uint32_t *force, uint32_t *out);
/*
 * After an execution that has failed: what the call's name stands for may have changed, of which others tell nobody. Then the next one finds out.
 */
void aldb_call_doubt(struct aldb_stmt *stmt, struct aldb_session *s, size_t part);

/* ------------------------------------------------------------------ names.c */

/*
 * Named parameters: https://learn.microsoft.com/sql/odbc/reference/develop-app/binding-parameters-by-name-named-parameters
 * A marker whose IPD record has a name (SQL_DESC_UNNAMED is SQL_NAMED) is that argument of the call, wherever it stands.
 */

/* The marker's name, borrowed from the IPD; NULL: it has none. */
const char *aldb_names_asked(const struct aldb_stmt *stmt, uint32_t marker);
/*
 * Reads the names, if the IPD has changed since. 42000: a marker has another name in the text, or is not all that its argument is made of; HY001.
 */
enum aldb_rc aldb_names_take(struct aldb_stmt *stmt, size_t part, struct aldb_call_part *c) ALDB_MUSTCHECK;
void aldb_names_clear(struct aldb_call_part *c);
/* Has the argument a name, by the text or by the IPD? And is it this one? */
bool aldb_names_has(const struct aldb_call_part *c, size_t arg);
bool aldb_names_is(const struct aldb_stmt *stmt, const struct aldb_call_part *c, size_t arg, const char *name);
/* Gives the arguments their names, for aldb_sql_write_call. */
void aldb_names_give(struct aldb_call_part *c);
/* What the connection remembers of them: names by argument, a NUL behind each, "" for none. False: out of memory, nothing posted. */
void aldb_names_write(const struct aldb_call_part *c, struct aldb_buf *out);
bool aldb_names_read(struct aldb_call_part *c, struct aldb_slice kept) ALDB_MUSTCHECK;
/*
 * After the server has refused them: looks them up in the catalog, without an @ in front and in other letters' case where they are not there as they are. ALDB_OK: there are
 * others to try, which the arguments have now. ALDB_NO_DATA: there are none, *advice may say why. One round trip.
 */
enum aldb_rc aldb_names_search(struct aldb_stmt *stmt, struct aldb_call_part *c, const struct aldb_wait *wait, struct aldb_buf *advice) ALDB_MUSTCHECK;
/*
 * The names of the parameters that the markers of a call planned as `plan` are, to those of their IPD records that the application has not named: told, not asked for.
 * Nothing where routines that may be meant differ. One round trip. ALDB_NO_DATA: nothing can be asked in a failed transaction.
 */
enum aldb_rc aldb_names_tell(struct aldb_stmt *stmt, size_t part, const struct aldb_plan *plan, const struct aldb_wait *wait) ALDB_MUSTCHECK;
/* 42000: an argument without a name behind one that has one. Where that is plain from the text it is left to the server, which says where it stands. */
enum aldb_rc aldb_names_check_order(struct aldb_stmt *stmt, const struct aldb_call_part *c) ALDB_MUSTCHECK;

/* ------------------------------------------------------------------ signature.c */

/* One routine: its parameters. */
struct aldb_signature {
    char oid[16];
    struct aldb_buf modes; /* i, o, b, v, t, one a parameter */
    struct aldb_buf names; /* private: each with a NUL behind it */
    struct aldb_buf types; /* private: their OIDs */
    uint64_t required;     /* so many arguments that go in have no default */
};
const char *aldb_signature_name(const struct aldb_signature *s, size_t n); /* of parameter `n`; "" = none */
uint32_t aldb_signature_type(const struct aldb_signature *s, size_t n);
bool aldb_signature_gives_back(const struct aldb_signature *s, size_t n);
/*
 * May the call, planned as `plan`, be one of this routine, as far as names, numbers and columns tell? Then which parameter each argument is, to `parameters`: as many
 * entries as arguments.
 */
bool aldb_signature_meets(const struct aldb_stmt *stmt, const struct aldb_call_part *c, const struct aldb_plan *plan, const struct aldb_signature *s,
                          size_t *parameters);

typedef void aldb_signature_fn(void *ctx, const struct aldb_signature *s);
/* Tells `fn` each routine that the call's name may mean. One round trip. ALDB_NO_DATA: none can be asked for, the transaction has failed. */
enum aldb_rc aldb_signatures_ask(struct aldb_stmt *stmt, const struct aldb_sql_routine *r, aldb_signature_fn *fn, void *ctx, const struct aldb_wait *wait)
    ALDB_MUSTCHECK;

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
