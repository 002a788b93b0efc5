/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of statement/ share. Statement lock held throughout, except where noted. */
#ifndef ALDB_STATEMENT_INTERNAL_H
#define ALDB_STATEMENT_INTERNAL_H

#include <string.h>

#include "statement/statement.h"

/* ------------------------------------------------------------------ link.c: the way to the session */

/* The open session, or NULL with 08003 posted (SQLDisconnect came in between). */
struct aldb_session *aldb_stmt_session(struct aldb_stmt *stmt) ALDB_MUSTCHECK;

/* HY008 when SQLCancel was called since the execution began. Looked at before each of several parts and sets: a cancel may come between two. */
enum aldb_rc aldb_stmt_check_cancel(struct aldb_stmt *stmt) ALDB_MUSTCHECK;

/* Between these two the server's error positions are those of part `part`, and are told as positions in the application's text. */
void aldb_stmt_speak_of(struct aldb_stmt *stmt, size_t part);
void aldb_stmt_speak_plain(struct aldb_stmt *stmt);

/* The sooner of SQL_ATTR_QUERY_TIMEOUT and SQL_ATTR_CONNECTION_TIMEOUT, counted from now. */
struct aldb_wait aldb_stmt_wait(const struct aldb_stmt *stmt);

/* Columns of the current result into the IRD; cheap when nothing changed. */
enum aldb_rc aldb_stmt_set_ird(struct aldb_stmt *stmt, const struct aldb_column *columns, uint16_t ncolumns,
                               const struct aldb_shape *shape) ALDB_MUSTCHECK;

/* Closes executions (I/O by class) and lets the statement rest: no results, no cursor, no collected data. */
enum aldb_rc aldb_stmt_discard(struct aldb_stmt *stmt) ALDB_MUSTCHECK;
/* The same, leaving the diagnostics as they are: what failed before is what the application must read. */
void aldb_stmt_discard_quietly(struct aldb_stmt *stmt);

/* ------------------------------------------------------------------ prepare.c */

/* The statement has no text any more, nor what was made of it; what the application bound stays. */
void aldb_stmt_drop_text(struct aldb_stmt *stmt);
/* Translates and keeps `text`; refuses what cannot be run (COPY FROM STDIN beside other statements). */
enum aldb_rc aldb_stmt_set_text(struct aldb_stmt *stmt, struct aldb_slice text) ALDB_MUSTCHECK;
/* A new inner statement of `owner` with this text prepared; `text` is cleared. Errors are posted on the owner, and *out stays as it was. */
enum aldb_rc aldb_stmt_prepare_inner(struct aldb_stmt *owner, struct aldb_buf *text, struct aldb_stmt **out) ALDB_MUSTCHECK;
/* Before a prepared text is used: reads it anew if standard_conforming_strings has changed since. It stays as it was when that fails. */
enum aldb_rc aldb_stmt_read_again(struct aldb_stmt *stmt) ALDB_MUSTCHECK;

/* The plan of part `i` for the types bound now; borrowed, kept by the statement. `force`: OIDs to declare at once, NULL = none. */
enum aldb_rc aldb_stmt_plan(struct aldb_stmt *stmt, size_t i, const uint32_t *force, const struct aldb_wait *wait,
                            struct aldb_plan **out) ALDB_MUSTCHECK;

/* ------------------------------------------------------------------ params.c: application buffers -> wire values */

/* A length or indicator of the application's: its rows may be packed, so that it lies anywhere. */
static inline SQLLEN aldb_length_at(const SQLLEN *place)
{
    SQLLEN length;
    memcpy(&length, place, sizeof length);
    return length;
}

struct aldb_encoder;

/* Checks that every marker is bound (07002) and resolves the conversions of part `part` against `plan` (07006 …). */
enum aldb_rc aldb_params_resolve(struct aldb_stmt *stmt, size_t part, struct aldb_plan *plan) ALDB_MUSTCHECK;

/*
 * Encodes set `set` (0-based) of part `part`. *out is borrowed until the next call. When a value does not fit the type that the server inferred but
 * may fit the type it was declared with, *misfit says which (else param is -1) and ALDB_ERR comes without a diagnostic: the caller re-plans, or has
 * the value refused.
 */
struct aldb_misfit {
    int param; /* in the part, -1 = none */
    enum aldb_state state;
};
enum aldb_rc aldb_params_encode(struct aldb_stmt *stmt, size_t part, const struct aldb_plan *plan, uint64_t set,
                                struct aldb_params *out, struct aldb_misfit *misfit) ALDB_MUSTCHECK;
/* Posts that the value does not fit, as ODBC has it. */
enum aldb_rc aldb_params_refuse(struct aldb_stmt *stmt, size_t part, uint64_t set, const struct aldb_misfit *misfit);

/* The values have been sent: long ones are not kept. */
void aldb_params_done(struct aldb_stmt *stmt);

/* The type to plan such a parameter with: the declared one, or numeric where only that becomes the server's type (money). 0: nothing else to try. */
uint32_t aldb_params_other_type(const struct aldb_stmt *stmt, uint32_t param, uint32_t server_oid);

/* May some value of the part call for a plan with other types? Resolved for this plan. */
bool aldb_params_risky(const struct aldb_stmt *stmt, size_t part, const struct aldb_plan *plan);

/* Is set `set` to be left out (SQL_PARAM_IGNORE)? */
bool aldb_params_ignored(const struct aldb_stmt *stmt, uint64_t set);

/* 07002 when a marker has no binding. */
enum aldb_rc aldb_params_check_bound(struct aldb_stmt *stmt) ALDB_MUSTCHECK;

/* What SQLParamData says of a parameter: the value that the application gave at binding, or the element's address where it lies in an array. */
SQLPOINTER aldb_params_token(const struct aldb_stmt *stmt, uint32_t param, uint64_t set);

/* Base addresses of one parameter's element in a set: offset and stride applied. */
struct aldb_param_at {
    const struct aldb_desc_rec *apd;
    const struct aldb_desc_rec *ipd;
    void *data;
    SQLLEN *length;    /* NULL = none */
    SQLLEN *indicator; /* NULL = none */
};
void aldb_params_at(const struct aldb_stmt *stmt, uint32_t param, uint64_t set, struct aldb_param_at *out);

/* ------------------------------------------------------------------ putdata.c */

/* Finds data-at-execution parameters in all sets; ALDB_NEED_DATA when there are some (then the statement waits), ALDB_OK when none. */
enum aldb_rc aldb_dae_begin(struct aldb_stmt *stmt) ALDB_MUSTCHECK;

/* The piecewise data collected for a parameter of a set; false if it was not data-at-execution. */
bool aldb_dae_value(const struct aldb_stmt *stmt, uint32_t param, uint64_t set, struct aldb_slice *value, bool *null);
/* Was its piece SQL_DEFAULT_PARAM? Then it has no value. */
bool aldb_dae_is_default(const struct aldb_stmt *stmt, uint32_t param, uint64_t set);

/* ------------------------------------------------------------------ setpos.c: data at execution of a row that is being changed */

/* Does such a row wait for its data? Then SQLParamData and SQLPutData are its. */
bool aldb_stmt_edit_waits(const struct aldb_stmt *stmt);
enum aldb_rc aldb_stmt_edit_param_data(struct aldb_stmt *stmt, SQLPOINTER *token) ALDB_MUSTCHECK;
enum aldb_rc aldb_stmt_edit_put_data(struct aldb_stmt *stmt, SQLPOINTER data, SQLLEN len) ALDB_MUSTCHECK;
/* The row is left as it is, and those behind it; the cursor is where it was. */
void aldb_stmt_edit_give_up(struct aldb_stmt *stmt);

/* ------------------------------------------------------------------ positioned.c */

/*
 * Runs UPDATE or DELETE … WHERE CURRENT OF: the row that the named cursor of this connection is on, in the version that it read. 34000: there is no such
 * cursor; 24000: it is on no row; 42000: it is read-only; 01001 (an error): the row has been changed or deleted since; HYC00: an array of parameters.
 */
enum aldb_rc aldb_positioned_run(struct aldb_stmt *stmt, const struct aldb_wait *wait) ALDB_MUSTCHECK;

/* ------------------------------------------------------------------ copy.c: COPY with the application's data */

/* HYC00: COPY FROM STDIN is a text of its own. */
enum aldb_rc aldb_copy_check_text(const struct aldb_sql *sql, struct aldb_diag *diag) ALDB_MUSTCHECK;
/* Does the statement run it, from an array of parameters? HYC00. */
enum aldb_rc aldb_copy_check_sets(struct aldb_stmt *stmt) ALDB_MUSTCHECK;
/* The column that COPY TO STDOUT will have, into the IRD. */
enum aldb_rc aldb_copy_describe(struct aldb_stmt *stmt) ALDB_MUSTCHECK;
/* COPY FROM STDIN has begun: SQLParamData, SQLPutData and SQLCancel are its while stmt->copying. ALDB_NEED_DATA. */
enum aldb_rc aldb_copy_wait(struct aldb_stmt *stmt) ALDB_MUSTCHECK;
enum aldb_rc aldb_copy_param_data(struct aldb_stmt *stmt, SQLPOINTER *token) ALDB_MUSTCHECK;
enum aldb_rc aldb_copy_put_data(struct aldb_stmt *stmt, SQLPOINTER data, SQLLEN len) ALDB_MUSTCHECK;
/* Gives it up without waiting. */
void aldb_copy_give_up(struct aldb_stmt *stmt);

/* ------------------------------------------------------------------ outcome.c */

/* Room for the outcomes of this run; more may come. HY001. */
enum aldb_rc aldb_outcomes_begin(struct aldb_stmt *stmt, uint64_t count) ALDB_MUSTCHECK;
/* The next of them, empty. NULL: HY001 is posted. */
struct aldb_outcome *aldb_outcome_add(struct aldb_stmt *stmt, enum aldb_sql_class cls);
/* After its execution ended with `rc`: takes over what is known of the result; a failed one, the last, is taken off the list. Returns rc. */
enum aldb_rc aldb_outcome_finish(struct aldb_stmt *stmt, struct aldb_outcome *o, enum aldb_rc rc);
/* Before the first: of the diagnostics header nothing may be left of the execution before; the function is known from the text. */
void aldb_outcome_expect(struct aldb_stmt *stmt);
/* Makes the current outcome visible: IRD, row count, diagnostics header, state. HY001: the results are gone. */
enum aldb_rc aldb_outcome_show(struct aldb_stmt *stmt) ALDB_MUSTCHECK;

/* ------------------------------------------------------------------ run.c */

/* How the session is to run a part, as far as its text says. */
struct aldb_exec_request aldb_run_request(const struct aldb_stmt *stmt, size_t part);
/* Types that parameters were declared with because a value did not fit the inferred one: one plan may have to serve several sets. Begins as {0}. */
struct aldb_forced {
    uint32_t *types; /* OIDs by number in the part, 0 = the inferred one; NULL before the first */
    bool *hopeless;  /* the server knows no other type */
};
void aldb_forced_clear(struct aldb_forced *f);
/* Encodes set `set`; when a value does not fit the inferred type, asks for a plan with its declared type, once a parameter and `f`. */
enum aldb_rc aldb_run_encode(struct aldb_stmt *stmt, size_t part, uint64_t set, const struct aldb_wait *wait, struct aldb_forced *f,
                             struct aldb_plan **plan, struct aldb_params *params) ALDB_MUSTCHECK;
/* Is the part to be planned by name before it runs? */
bool aldb_run_is_planned(const struct aldb_stmt *stmt, size_t part);
/* Runs one part with one set of parameters into a new outcome. `whole`: up to the last of its rows, which are kept, so that its failure is known. */
enum aldb_rc aldb_run_one(struct aldb_stmt *stmt, struct aldb_session *s, size_t part, uint64_t set, bool whole, const struct aldb_wait *wait) ALDB_MUSTCHECK;

/* The same, and what a call gives back besides: outputs to their buffers, cursors as further outcomes. */
enum aldb_rc aldb_run_part(struct aldb_stmt *stmt, struct aldb_session *s, size_t part, uint64_t set, bool whole, const struct aldb_wait *wait) ALDB_MUSTCHECK;

/* ------------------------------------------------------------------ sets.c */

/* The status of one set, and the number of the last set that was run or refused (sets left out before it count), to where the application wants them. */
void aldb_sets_mark(struct aldb_stmt *stmt, uint64_t set, SQLUSMALLINT status);
void aldb_sets_mark_all(struct aldb_stmt *stmt, SQLUSMALLINT status);
void aldb_sets_processed(struct aldb_stmt *stmt, uint64_t count);
SQLUSMALLINT aldb_sets_status(enum aldb_rc rc);

/* Does the transaction outlive a failure? Where it does not there is nothing left to run in. */
bool aldb_sets_failures_end_nothing(struct aldb_stmt *stmt, struct aldb_session *s);
/* Is the first error the fault of one set's values, so that other sets may do better? */
bool aldb_sets_fault_of_values(struct aldb_stmt *stmt);
/* Is some error none of a set, but one of the call: cancelled, timed out, the link lost? */
bool aldb_sets_end_of_call(struct aldb_stmt *stmt);
/* One part, many sets, no result set: one array for the session. */
enum aldb_rc aldb_sets_run(struct aldb_stmt *stmt, struct aldb_session *s, struct aldb_plan *plan, const struct aldb_wait *wait) ALDB_MUSTCHECK;
/* Parts times sets one after another, as a unit: on failure nothing of it has happened. */
enum aldb_rc aldb_sets_run_unit(struct aldb_stmt *stmt, struct aldb_session *s, const struct aldb_wait *wait) ALDB_MUSTCHECK;
/* After a failure that has been undone: may it come from plans that do not hold any more? Then they are made anew. Nothing else is posted. */
bool aldb_sets_replan(struct aldb_stmt *stmt, struct aldb_session *s, const struct aldb_wait *wait);
/* One part, each set by itself; the failed ones leave no result. */
enum aldb_rc aldb_sets_run_each(struct aldb_stmt *stmt, struct aldb_session *s, const struct aldb_wait *wait) ALDB_MUSTCHECK;
/* One part with result sets, many sets: as a unit, and each by itself when one set's values make the unit fail. */
enum aldb_rc aldb_sets_run_results(struct aldb_stmt *stmt, struct aldb_session *s, const struct aldb_wait *wait) ALDB_MUSTCHECK;

/* ------------------------------------------------------------------ bulk.c */

/*
 * An array for an INSERT as one statement, or a few, which are a unit; statuses and counts as the pipeline's. ALDB_NO_DATA: it does not suit, or a row is to blame
 * for its failure: nothing has happened, and the pipeline is to run it. ALDB_ERR: no set has taken effect. `plan` is that of a single row, resolved.
 */
enum aldb_rc aldb_bulk_run(struct aldb_stmt *stmt, struct aldb_session *s, struct aldb_plan *plan, struct aldb_outcome *o, const struct aldb_wait *wait) ALDB_MUSTCHECK;

/* ------------------------------------------------------------------ call.c (more of calls: call.h) */

/* Is a part's result with these columns none for the application: a return value, output parameters, cursors, nothing (void)? aldb_outputs_map first. */
bool aldb_call_hides_result(struct aldb_stmt *stmt, size_t part, const struct aldb_column *columns, uint16_t ncolumns);
/* Is the marker (0-based ordinal) one that the text sent to the server does not have: an output of a function, a default? */
bool aldb_call_leaves_out(struct aldb_stmt *stmt, size_t part, uint32_t marker);

/* ------------------------------------------------------------------ streamed.c */

/* All result sets are behind the application: its streamed output parameters come next. ALDB_PARAM_DATA. */
enum aldb_rc aldb_streamed_begin(struct aldb_stmt *stmt) ALDB_MUSTCHECK;
/* SQLParamData while they are read: ALDB_PARAM_DATA with the token of the next, ALDB_OK behind the last. */
enum aldb_rc aldb_streamed_next(struct aldb_stmt *stmt, SQLPOINTER *token) ALDB_MUSTCHECK;

/* ------------------------------------------------------------------ execute.c */

/* Runs the translated text with the values at hand: the common end of SQLExecute, SQLExecDirect and the last SQLParamData. */
enum aldb_rc aldb_stmt_run(struct aldb_stmt *stmt) ALDB_MUSTCHECK;

/* ------------------------------------------------------------------ refuse.c */

/* Posts what became of converting `what` ("column", "output parameter") `number` of the server's type `type`, NULL = not known, to a C type. */
enum aldb_rc aldb_conversion_post(struct aldb_diag *diag, enum aldb_state st, const char *what, unsigned number, const char *type, SQLSMALLINT c_type);

/* ------------------------------------------------------------------ details.c */

/*
 * Asks the server, in one round trip, for the names and base types of those that are neither built in nor known to the connection. ALDB_NO_DATA: nothing
 * can be asked in a failed transaction.
 */
enum aldb_rc aldb_stmt_know_types(struct aldb_stmt *stmt, const uint32_t *oids, uint32_t n) ALDB_MUSTCHECK;
/* Is it built in, or was it asked for? No I/O. */
bool aldb_stmt_type_known(const struct aldb_stmt *stmt, uint32_t oid);
/* What a domain is made of, with the modifier of its base; other types are themselves. No I/O: of a type not known yet, itself. */
uint32_t aldb_stmt_base_type(const struct aldb_stmt *stmt, uint32_t oid, int32_t *typmod);
/* Keeps `fact`, one allocation that it takes over (NULL: there was no memory for it), for the connection. False: it is not kept. Forgotten with all facts. */
bool aldb_fact_remember(struct aldb_dbc *dbc, struct aldb_slice key, void *fact);
/*
 * The fact of that key, NULL: there is none. Until it is let go of, in either case, it stays and the facts' lock is held: a leaf, so that nothing is done meanwhile but reading it.
 */
const void *aldb_fact_hold(struct aldb_dbc *dbc, struct aldb_slice key);
void aldb_fact_let_go(struct aldb_dbc *dbc);
/* Forgets all facts when they are old, or so many that those of another result might not find room. Before they are used. */
void aldb_facts_age(struct aldb_dbc *dbc);
/* The type's name, owned by the caller; NULL while it is not known, or *no_memory. No I/O. */
char *aldb_stmt_type_name(const struct aldb_stmt *stmt, uint32_t oid, bool *no_memory);

/* ------------------------------------------------------------------ large.c */

/* Is it the bytes of large objects that the application wants of that result column as `c_type`? Else the cell, which is the object's number. */
bool aldb_large_is(struct aldb_stmt *stmt, SQLUSMALLINT column, SQLSMALLINT c_type);
/*
 * Reads the object whose number is in `cell` and delivers it as aldb_get_cell does bytea, to `target` of `room` bytes; *full: length in bytes of the whole.
 * `get` is that of bytea in binary format. One round trip for each 4 MB. ALDB_ERR: the server refused, and the position of stmt's diagnostics is said with it;
 * else *state is what became of the conversion.
 */
enum aldb_rc aldb_large_bound(struct aldb_stmt *stmt, const struct aldb_get *get, const struct aldb_cell *cell, void *target, SQLLEN room, SQLLEN *full,
                              enum aldb_state *state) ALDB_MUSTCHECK;
/* The same for the next part that SQLGetData asks for, with stmt->chunk; *left: what was left before it. */
enum aldb_rc aldb_large_get(struct aldb_stmt *stmt, const struct aldb_get *get, const struct aldb_cell *cell, void *target, SQLLEN room, SQLLEN *left,
                            enum aldb_state *state) ALDB_MUSTCHECK;
/* Does the plan of part `i` make objects of just those parameters that are to become some, as they are bound now? False also while that is not known. No I/O. */
bool aldb_large_answers(struct aldb_stmt *stmt, size_t i, const struct aldb_plan *plan);
/*
 * After a plan for part `i` was asked for: another one in its place if the application gives bytes where the server takes the number of a large object. Its text makes
 * an object of the bytes. May ask the server.
 */
enum aldb_rc aldb_large_plan(struct aldb_stmt *stmt, size_t i, const struct aldb_plan_request *asked, const struct aldb_wait *wait,
                             struct aldb_plan **plan) ALDB_MUSTCHECK;

/* ------------------------------------------------------------------ fetch.c */

/* The next row of the outcome off the wire (or of the driver's own): *cells is valid until the next call. Errors and notices go to `diag`. */
enum aldb_rc aldb_fetch_next_row(const struct aldb_stmt *stmt, struct aldb_outcome *o, const struct aldb_wait *wait, struct aldb_diag *diag,
                                 const struct aldb_cell **cells) ALDB_MUSTCHECK;

/* Row `number` (1-based) of a scrollable cursor into row `index` (0-based) of the bound buffers, which aldb_fetch_rebind has looked at. */
enum aldb_rc aldb_fetch_again(struct aldb_stmt *stmt, struct aldb_outcome *o, int64_t number, SQLULEN index, const struct aldb_wait *wait) ALDB_MUSTCHECK;

/* The bookmark of row `row` (1-based) as a cell for `c_type`: SQL_C_BOOKMARK an integer, else bytes. Valid until the next call. */
const struct aldb_cell *aldb_fetch_bookmark(struct aldb_stmt *stmt, int64_t row, SQLSMALLINT c_type);

/* Makes the list of bound columns match IRD and ARD. */
enum aldb_rc aldb_fetch_rebind(struct aldb_stmt *stmt) ALDB_MUSTCHECK;

/* The conversion of a result column to `c_type`; ARD record `r` gives precision and scale, NULL: defaults. 07006. */
enum aldb_rc aldb_get_resolve_column(struct aldb_stmt *stmt, SQLUSMALLINT column, SQLSMALLINT c_type, const struct aldb_desc_rec *r,
                                     struct aldb_get *out) ALDB_MUSTCHECK;

/* Writes what a NULL means; 22002 when the application gave no indicator. */
enum aldb_state aldb_store_null(SQLLEN *indicator);
/* Writes length and indicator of a non-NULL value. */
void aldb_store_length(SQLLEN *length, SQLLEN *indicator, SQLLEN value);

#endif
