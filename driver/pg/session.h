/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One libpq session. The only room that includes libpq-fe.h; nothing here knows ODBC or SQL.
 *
 * One state machine (session.c) owns: who is on the wire, unread Syncs, the cancel slot, the savepoint, the transaction status.
 * One batch builder (wire.c: messages up to a Sync, one handler a result) is the only way to send. Everything else is a view of the two.
 * libpq is always non-blocking, and in pipeline mode but for COPY FROM STDIN (copy.c); no call that waits inside libpq is used (lint-checked).
 *
 * Locks: every function takes the session lock itself (rank ALDB_LOCK_SESSION) and holds it across its I/O, except where noted.
 * Waiting for the lock, for the wire and for the server all obey `struct aldb_wait`.
 * Errors: 08S01 when the link is lost (and at every later call, without touching the socket), HYT00 when the wait's deadline ended
 * (a cancel was sent and its effect awaited; the session stays usable), HY008 when cancelled by aldb_exec_cancel, HY001; server errors through
 * aldb_diag_post_server.
 */
#ifndef ALDB_PG_SESSION_H
#define ALDB_PG_SESSION_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/cell.h"
#include "base/clock.h"
#include "base/rc.h"
#include "base/str.h"
#include "base/trail.h"
#include "diag/diag.h"

struct aldb_session; /* session.c */
struct aldb_stream;  /* connector/stream.h */
struct aldb_result;  /* rows.c: where the rows of one execution come from: wire, queue, spool */

enum aldb_txn { ALDB_TXN_IDLE, ALDB_TXN_OPEN, ALDB_TXN_FAILED, ALDB_TXN_UNKNOWN };

/*
 * Who reaches the server instead of libpq: libpq's bytes then go through a stream that is dialled, once for the session and once for each CancelRequest
 * (on a thread of its own, while the session is used, and perhaps after it is closed).
 */
struct aldb_session_dialer {
    void *ctx;
    const char *host, *port; /* what the server is called; live as long as ctx is held */
    /*
     * Any number of threads at once. A stream on which PostgreSQL's start-up packet comes next; gives up at `deadline`. Posts why.
     */
    enum aldb_rc (*dial)(void *ctx, struct aldb_deadline deadline, struct aldb_stream **out, struct aldb_diag *diag);
    void (*hold)(void *ctx);    /* one more who needs it */
    void (*release)(void *ctx); /* one less, on any thread */
};

struct aldb_session_options {
    int error_rollback;        /* enum aldb_error_rollback */
    int pooling;               /* enum aldb_pooling */
    int close_mode;            /* enum aldb_close_mode */
    int fetch_mode;            /* enum aldb_fetch_mode: BUFFER spools all at execute; the others stream */
    uint64_t buffer_memory;    /* bytes a spool keeps in memory before it goes to an unlinked temporary file */
    uint64_t max_spool;        /* bytes a spool may take at all; 0 = what the disk has */
    bool server_prepare;       /* UseServerSidePrepare: named statements and the plan cache */
    const char *search_path;   /* Schema=; NULL = leave. A list as in SET search_path: names are quoted when needed */
    const char *init_sql;      /* InitSql=; run after login, each statement; a failure fails the connect */
    const char *token;         /* NULL, or the password for this one login, which goes to nobody but a server that TLS has verified. Not with a dialer. Borrowed for the call */
    const struct aldb_session_dialer *dialer; /* NULL: libpq connects by itself. Borrowed for the call; held as long as needed */
    int isolation;             /* ODBC bit 1,2,4,8; 0 = server default */
    bool read_only;
    struct aldb_trail *trail;  /* where the steps of connecting are noted; NULL: nowhere. Borrowed for the call */
};

/* ------------------------------------------------------------------ life */

/*
 * Connects (connect.c) under `deadline`, which several hosts share. keywords/values as for PQconnectStartParams; they end with a NULL keyword.
 * Refuses servers without integer_datetimes=on. Session settings go in one batch, one round trip; none when none is needed. InitSql is run statement by
 * statement up to the first that fails, and must not leave a transaction open. With a dialer (inner.h) hosts and everything about TLS are not libpq's
 * business, and what the options say of it is not used.
 * Errors: HYT00 (deadline), 28000 (authentication), 08004 (server refuses: too many connections, no such database, starting up), HY024 (a revocation list
 * that could not matter, a token on a road without verified TLS), 08001 (everything else); libpq's text verbatim inside the message, of several hosts each one's. *out only on success.
 */
enum aldb_rc aldb_session_open(const char *const *keywords, const char *const *values,
                               const struct aldb_session_options *options, struct aldb_deadline deadline,
                               struct aldb_session **out, struct aldb_diag *diag) ALDB_MUSTCHECK;

/* Terminate, close, free. Never blocks longer than a second. Streams of other owners are detached: their next call is 08S01. NULL allowed. */
void aldb_session_close(struct aldb_session *s);

/* Cheap truth for SQL_ATTR_CONNECTION_DEAD: no round trip; looks at the flag and, if idle, polls the socket for EOF. */
bool aldb_session_dead(struct aldb_session *s);

/* Is another thread at work in it at this moment? */
bool aldb_session_busy(struct aldb_session *s);

/* 08S01 when the session is known to be lost; looks at nothing. For calls that would not need the server to answer. */
enum aldb_rc aldb_session_check(struct aldb_session *s, struct aldb_diag *diag) ALDB_MUSTCHECK;

/* ------------------------------------------------------------------ facts (no lock, no I/O) */

int aldb_session_server_version(const struct aldb_session *s); /* 150020 */
/* How results made from now on show timestamptz: enum aldb_timestamptz_as; SESSION until then. While nothing runs. */
void aldb_session_show_timestamptz(struct aldb_session *s, int as);
const char *aldb_session_parameter(const struct aldb_session *s, const char *name); /* ParameterStatus; NULL if absent; valid until the next call on the session */
const char *aldb_session_host(const struct aldb_session *s);
const char *aldb_session_port(const struct aldb_session *s);
const char *aldb_session_user(const struct aldb_session *s);
const char *aldb_session_database(const struct aldb_session *s);
int aldb_session_backend_pid(const struct aldb_session *s);
/* One line of the log at INFO: which server process, and which settings its answers depend on. `who` is the connection's handle. */
void aldb_session_log(const struct aldb_session *s, const void *who);
bool aldb_session_standard_strings(const struct aldb_session *s); /* standard_conforming_strings */
enum aldb_txn aldb_session_txn(const struct aldb_session *s);     /* as of the last Sync read */
bool aldb_session_pooled(const struct aldb_session *s);           /* treated as behind a transaction pooler; known after the first statement */

struct aldb_wait;
/* Pooling=auto: finds out now whether a pooler stands in front; by itself that travels with the first statement. */
enum aldb_rc aldb_session_know_pooler(struct aldb_session *s, const struct aldb_wait *wait, struct aldb_diag *diag) ALDB_MUSTCHECK;

/* ------------------------------------------------------------------ waiting and cancelling */

/* What bounds one ODBC call. */
struct aldb_wait {
    struct aldb_deadline deadline; /* SQL_ATTR_QUERY_TIMEOUT, from execute to first row or completion */
    bool link;                     /* it is SQL_ATTR_CONNECTION_TIMEOUT instead: its end is told as HYT01 */
};

/* ------------------------------------------------------------------ plans */

struct aldb_column {
    const char *name;   /* UTF-8; behind the columns, in their piece of memory */
    uint32_t table_oid; /* 0 = expression */
    int16_t attnum;
    uint32_t oid;
    int32_t typmod;
    bool binary;        /* format of this result's cells */
};

/*
 * What the server knows of a statement text: a hint for execution, the answer for SQLDescribeParam/SQLNumResultCols before it.
 * Reference-counted; immutable; usable after the session is gone.
 */
struct aldb_plan {
    _Atomic unsigned refs;
    char *sql;
    size_t sql_len;
    uint32_t nparams;
    uint32_t *param_oids;   /* as inferred, or as declared where that was needed; 0/705 = undetermined */
    uint32_t *told;         /* what an application is told of them where the text makes something else of a value first; NULL = param_oids */
    uint32_t *given;        /* OIDs in its Parse, 0 = inferred */
    uint32_t *asked;        /* OIDs that the bound SQL types declared when the plan was asked for; part of the cache key */
    uint32_t *forced;       /* OIDs that had to be declared at once; part of the cache key */
    uint16_t ncolumns;      /* 0 = returns no rows (a hint: utilities may still) */
    struct aldb_column *columns; /* one piece; `binary` as it is asked for if nothing speaks against it */
    bool binary, zoned;     /* all columns have a binary form; some of them is a timestamp with time zone. Private */
    bool undescribed;       /* more parameters than this libpq can be told of: their types are known, the columns only when it runs */
    bool own;               /* of a text of the driver's, about the server's catalog alone: nothing that the application alters makes it void; private */
    bool unparsed;          /* the server does not know the name yet; private */
    char server_name[64];   /* "" = not held on the server */
    struct aldb_doomed *doomed; /* where the server name goes when the last reference goes; private */
};
void aldb_plan_release(struct aldb_plan *p); /* NULL allowed */
struct aldb_plan *aldb_plan_ref(struct aldb_plan *p);

struct aldb_exec;

struct aldb_plan_request {
    struct aldb_slice sql;        /* PostgreSQL text with $1…$n */
    uint32_t nparams;
    const uint32_t *declared;     /* per parameter: the OID its bound SQL type declares, 0 = character/unknown/not bound; NULL = none bound */
    struct aldb_exec *exec;       /* what aldb_exec_cancel is called with to give up: Parse may wait for a lock; NULL = nobody cancels */
    const uint32_t *force;        /* per parameter: OID to put in Parse at once, 0 = infer; NULL = none */
    const uint32_t *told;         /* kept with the plan, see there: what the text says, and so no part of the key; NULL = none */
};
/* The type of parameter `i` (0-based) as an application is told it; 0: not known. `p` may be NULL. */
uint32_t aldb_plan_told(const struct aldb_plan *p, uint32_t i);

/*
 * Parse + Describe under one rule: first all OIDs 0; when that fails with 42725/42883/42804, again with the declared OIDs; when it infers text, or
 * a date or time, for a parameter declared as something else, again with that one's; when it fails with 42P18, again with the OID of the parameter
 * that the server names (varchar where none was declared). The first answer stands when no later one succeeds. Cached by text + declared classes
 * (64 plans, LRU, names never reused).
 * In a transaction it travels as SAVEPOINT · Sync · Parse · Describe · Sync · ROLLBACK TO · RELEASE · Sync (one round trip) so that
 * a failure leaves the transaction healthy. In a failed transaction: 25000 (server's 25P02).
 * On success *out is a new reference.
 */
enum aldb_rc aldb_plan_get(struct aldb_session *s, const struct aldb_plan_request *req, const struct aldb_wait *wait,
                           struct aldb_plan **out, struct aldb_diag *diag) ALDB_MUSTCHECK;

/* May a failure with this native code (diag/pgstate) come from a plan that does not hold any more: a table altered, a name forgotten? */
bool aldb_plan_doubtful(int32_t native);
/* Have both parameters of the same types? */
bool aldb_plan_same_params(const struct aldb_plan *a, const struct aldb_plan *b);

/* After such a failure: the next aldb_plan_get asks the server again. NULL: all plans, and what the server knows by name. */
void aldb_plan_forget(struct aldb_session *s, struct aldb_plan *p);

/* ------------------------------------------------------------------ executing */

/* Parameters of one execution; arrays of `count`. value NULL = SQL NULL. */
struct aldb_params {
    uint32_t count;
    const char *const *values;
    const int *lengths;
    const int *formats; /* 0 text, 1 binary */
};

/* Where our savepoint stands, when one is due: how the statement and it get along. */
enum aldb_guard {
    ALDB_GUARD_AROUND, /* before the statement, released behind it */
    ALDB_GUARD_BEFORE, /* before it, and ended by it: COMMIT, ROLLBACK, RELEASE, ROLLBACK TO. A wrong name need not cost the transaction */
    ALDB_GUARD_PARSE,  /* around its parsing only: BEGIN, SAVEPOINT, SET TRANSACTION, which a savepoint around them would undo or forbid */
};

/* Data of COPY that the server exchanges with its client: such a text, if it is not refused, gives rows or wants data. */
enum aldb_copy {
    ALDB_COPY_NONE, /* the server must not begin with it */
    ALDB_COPY_OUT,  /* TO STDOUT: a result of one column: of a text format text, a line (without its end) a row; else bytea, a piece a row */
    ALDB_COPY_IN,   /* FROM STDIN: aldb_exec_run ends with ALDB_NEED_DATA */
};

struct aldb_exec_request {
    struct aldb_plan *plan;      /* borrowed; NULL: one-shot of `sql` */
    struct aldb_slice sql;       /* used when plan is NULL */
    struct aldb_params params;   /* a one-shot with parameters is not described ahead: the server infers their types, and results are text */
    bool utility;                /* send as it is, no Describe ahead, text results */
    bool at_once;                /* a one-shot that returns rows, without Describe ahead: one round trip, text results */
    bool rowless;                /* proven to return no rows: no Describe ahead (one round trip) */
    enum aldb_guard guard;
    enum aldb_copy copy;         /* IN: no plan, and not in a group */
    bool transaction_control;    /* BEGIN, COMMIT, ROLLBACK: no implicit BEGIN before it */
    bool rolls_back;             /* ROLLBACK as text: the stream on the wire is cut short, and all cursors are closed, as by aldb_session_end */
    bool no_block;               /* VACUUM …, and the catalog's queries: no implicit BEGIN; in a transaction 25001 of the server passes */
    bool writes;                 /* not proven a plain read: closing early drains instead of cancelling */
    bool invalidates_plans;      /* DDL, SET, DISCARD: cached plans are dropped afterwards */
    uint64_t max_rows;           /* SQL_ATTR_MAX_ROWS, 0 = all: rows beyond are thrown away, and a plain read that goes on with them is cancelled */
    /*
     * The plan was stale (table altered, statement deallocated) and has been made anew: encode the parameters for `plan` into *out and keep the plan.
     * Called under the session lock; must not call into pg/. NULL: parameters fit any plan.
     */
    enum aldb_rc (*replanned)(void *ctx, struct aldb_plan *plan, struct aldb_params *out);
    void *replanned_ctx;
};

/* One execution and its result. Embedded in the statement; the caller zeroes it with aldb_exec_init. */
struct aldb_exec {
    _Atomic(struct aldb_session *) session; /* NULL = nothing executing or to fetch */
    struct aldb_result *result;
    uint16_t ncolumns;                      /* of this execution's own RowDescription; 0 = no result set */
    const struct aldb_column *columns;      /* owned by result */
    struct aldb_locale locale;              /* how its rows are written, however the session changes behind it; the zone is held by result */
    bool has_rows;                          /* a result set exists (even with 0 columns: "select") */
    const struct aldb_cell *cells;          /* current row, ncolumns cells; valid until the next pg call on this exec */
    int64_t affected;                       /* from the command tag; -1 = none known */
    char tag[64];                           /* "INSERT 0 1" */
    bool complete;                          /* the Sync behind it is read: completion is certain */
    atomic_bool cancel_requested;
    atomic_bool waiting;                    /* a call on it is under way, which a cancel can end */
};

void aldb_exec_init(struct aldb_exec *e);

/*
 * Sends [BEGIN] · [SAVEPOINT] · … · [RELEASE] · Sync as the session's mode asks and waits for the first row, or for completion when there are no rows
 * (never success before the Sync, except that rows are there). Streams of other statements are drained to their spool first.
 * Recovers once from 26000 / 0A000 / stale parameter types / a refusal to run behind a savepoint where that is safe. Notices go to diag as 01000 (ALDB_INFO).
 * One-shots that may return rows are described first (same lock), to choose the binary format, but with parameters or `at_once`.
 * ALDB_NEED_DATA: COPY FROM STDIN has begun; aldb_copy_put and aldb_copy_end are next, or aldb_exec_close or _abandon to give it up.
 */
enum aldb_rc aldb_exec_run(struct aldb_exec *e, struct aldb_session *s, const struct aldb_exec_request *req,
                           const struct aldb_wait *wait, struct aldb_diag *diag) ALDB_MUSTCHECK;

/* Next row into e->cells: ALDB_OK; ALDB_NO_DATA after the Sync; ALDB_ERR when the statement failed behind its rows (posted once). */
enum aldb_rc aldb_exec_next(struct aldb_exec *e, const struct aldb_wait *wait, struct aldb_diag *diag) ALDB_MUSTCHECK;

/* Has a rollback closed it, so that its next fetch is refused? No lock, no I/O. */
bool aldb_exec_closed(const struct aldb_exec *e);
/* 24000, as that fetch says it. */
enum aldb_rc aldb_exec_post_closed(struct aldb_diag *diag);

/*
 * Can aldb_exec_next be called `rows` times without waiting: rows, then perhaps their end, are here? Takes what has arrived, waits for nothing. More than a
 * few dozen are only told of a result that has arrived whole.
 */
bool aldb_exec_at_hand(struct aldb_exec *e, uint64_t rows) ALDB_MUSTCHECK;
/* Waits until what the next aldb_exec_next says is known, and leaves it there: the current row stays. ALDB_ERR: its wait ended the statement, which nobody will hear of again (HYT01, 08S01). */
enum aldb_rc aldb_exec_await(struct aldb_exec *e, const struct aldb_wait *wait, struct aldb_diag *diag) ALDB_MUSTCHECK;

/*
 * Closes what is left, by class, and frees the result. Safe when nothing is open. An error that the statement meets while being drained
 * is posted only when it was writing (its work is undone); the transaction is kept healthy by its savepoint.
 */
enum aldb_rc aldb_exec_close(struct aldb_exec *e, const struct aldb_wait *wait, struct aldb_diag *diag) ALDB_MUSTCHECK;
/* Frees without I/O: the session is gone or will be. Never fails. */
void aldb_exec_abandon(struct aldb_exec *e);

/*
 * Takes all rows that are left off the wire (memory, then temporary file), so that the wire is free. ALDB_ERR when the statement fails behind its first rows, or
 * when there is no room for them.
 */
enum aldb_rc aldb_exec_spool(struct aldb_exec *e, const struct aldb_wait *wait, struct aldb_diag *diag) ALDB_MUSTCHECK;

/*
 * From any thread, no lock of the driver but a leaf: if e's batch is on the wire a CancelRequest is sent (by a thread of its own) and the running call ends
 * with HY008; if e only waits for its turn it gives up with HY008 and nothing is sent; idle: nothing. True if there was something to cancel.
 */
bool aldb_exec_cancel(struct aldb_exec *e);

/* ------------------------------------------------------------------ COPY FROM STDIN (copy.c) */

/*
 * While one waits for its data the wire is its own: what else needs the server is refused with HY000, and rows that are here already can be read.
 * A failure of these two ends it, with nothing stored; so does giving it up, which waits for nothing (abandon) or for the server's word (close).
 */

/*
 * Sends some bytes of the data. No more than a piece of them is kept here: when the server is slower than that, it waits. Errors as every call on an exec;
 * of the data's faults only aldb_copy_end tells.
 */
enum aldb_rc aldb_copy_put(struct aldb_exec *e, struct aldb_slice data, const struct aldb_wait *wait, struct aldb_diag *diag) ALDB_MUSTCHECK;
/* That was all. The rows are in e->affected. */
enum aldb_rc aldb_copy_end(struct aldb_exec *e, const struct aldb_wait *wait, struct aldb_diag *diag) ALDB_MUSTCHECK;

/* ------------------------------------------------------------------ notifications (notify.c) */

/* One that came of a LISTEN. Texts are UTF-8. */
struct aldb_notification {
    const char *channel, *payload;
    int pid; /* the backend that sent it */
};

/*
 * Takes the oldest that has come: ALDB_NO_DATA when none does until `deadline`. While a transaction is open, rows are on their way or COPY waits for data, only
 * those that are here already can be had, and none is waited for: the server sends them between transactions. ALDB_INFO with 01000: some were lost before
 * this one, since nobody had asked for so many. 08S01. *out is valid until the next call.
 */
enum aldb_rc aldb_session_notification(struct aldb_session *s, struct aldb_deadline deadline, struct aldb_notification *out, struct aldb_diag *diag) ALDB_MUSTCHECK;
/* The one that was taken last, again; false: none was. No lock: not beside the function above. */
bool aldb_session_notified(const struct aldb_session *s, struct aldb_notification *out);

/* ------------------------------------------------------------------ arrays of parameters */

enum aldb_set_status { ALDB_SET_UNUSED, ALDB_SET_OK, ALDB_SET_INFO, ALDB_SET_ERROR };

struct aldb_set_source {
    void *ctx;
    uint64_t count;
    bool together; /* none is to take effect unless all do */
    /*
     * Encodes set `i`. ALDB_OK: *out is filled (borrowed until the next call). ALDB_NO_DATA: set is ignored (not executed, not reported).
     * ALDB_ERR: not executed; the source has posted why and marked it.
     */
    enum aldb_rc (*encode)(void *ctx, uint64_t i, struct aldb_params *out);
    /* Outcome of set `i`, in order. Posted to diag with its row before the call when status is ERROR or INFO. */
    void (*done)(void *ctx, uint64_t i, enum aldb_set_status status, int64_t affected);
};

/*
 * Executes a plan that returns no rows once per set, pipelined, unread Syncs bounded in bytes (1 MB in flight). One set's failure is its own: in autocommit the array is
 * one transaction with a savepoint for each set, told only after its COMMIT (good sets are stored, bad ones reported); in a transaction each set has the
 * savepoint that ErrorRollback asks for (TRANSACTION, NONE: the first failure ends it and the rest is UNUSED). ALDB_ERR only when the whole call failed
 * (link lost, cancelled, timed out: sets without outcome stay UNUSED). ALDB_ERR with *stale and nothing posted: the plan does not hold any more and
 * nothing has been run; forget it, plan anew, encode for the new plan.
 * ALDB_NO_DATA: they were to go together, where a failure can be undone, and one of them failed: nothing has happened, and what was posted is not the last word.
 */
enum aldb_rc aldb_exec_sets(struct aldb_exec *e, struct aldb_session *s, const struct aldb_exec_request *req,
                            const struct aldb_set_source *sets, bool *stale, const struct aldb_wait *wait,
                            struct aldb_diag *diag) ALDB_MUSTCHECK;

/* ------------------------------------------------------------------ transactions */

/* Takes effect with the next statement. ON while a transaction is open commits it (SQLSetConnectAttr); when that fails it stays OFF. */
enum aldb_rc aldb_session_set_autocommit(struct aldb_session *s, bool on, const struct aldb_wait *wait,
                                         struct aldb_diag *diag) ALDB_MUSTCHECK;
bool aldb_session_autocommit(const struct aldb_session *s);

/*
 * COMMIT: streams are spooled first. Answered with the tag ROLLBACK (transaction had failed): 25S03, ALDB_ERR. Link lost during it: 08007. Deferred constraint: 40002.
 * ROLLBACK: the stream on the wire is cancelled first; cursors of the session are closed (their next call says 24000). No transaction open: ALDB_OK, no round trip.
 */
enum aldb_rc aldb_session_end(struct aldb_session *s, bool commit, const struct aldb_wait *wait,
                              struct aldb_diag *diag) ALDB_MUSTCHECK;

/* Is there a transaction that SQLEndTran could commit? Unlike aldb_session_txn it knows of one begun by a statement whose rows are still coming. */
bool aldb_session_has_work(struct aldb_session *s);

/*
 * A group makes several executions one unit: BEGIN…COMMIT in autocommit, one savepoint for all inside a transaction (STATEMENT), nothing with NONE but
 * the BEGIN that is due. begin/end must pair; `ok` false undoes. No per-statement savepoint inside.
 */
enum aldb_rc aldb_group_begin(struct aldb_session *s, const struct aldb_wait *wait, struct aldb_diag *diag) ALDB_MUSTCHECK;
enum aldb_rc aldb_group_end(struct aldb_session *s, bool ok, const struct aldb_wait *wait,
                            struct aldb_diag *diag) ALDB_MUSTCHECK;

/* SET SESSION CHARACTERISTICS … (or BEGIN … options behind a pooler); refused with HY011 while a transaction is open. */
enum aldb_rc aldb_session_set_isolation(struct aldb_session *s, int odbc_bit, const struct aldb_wait *wait,
                                        struct aldb_diag *diag) ALDB_MUSTCHECK;
enum aldb_rc aldb_session_set_read_only(struct aldb_session *s, bool on, const struct aldb_wait *wait,
                                        struct aldb_diag *diag) ALDB_MUSTCHECK;

/* SQL_ATTR_RESET_CONNECTION: rolls back, DISCARD ALL (not behind a pooler), settings of the options again. Marks the session dead on failure. */
enum aldb_rc aldb_session_reset(struct aldb_session *s, const struct aldb_wait *wait, struct aldb_diag *diag) ALDB_MUSTCHECK;

/* ------------------------------------------------------------------ the driver's own look-ups */

/*
 * Runs the driver's own read (types, table names): text results, row by row to `row`. Never harms the user's transaction (savepoint inside one; ALDB_NO_DATA at once in a failed one).
 */
enum aldb_rc aldb_session_query(struct aldb_session *s, struct aldb_slice sql, const struct aldb_params *params,
                                void (*row)(void *ctx, const struct aldb_cell *cells, uint16_t ncells), void *ctx,
                                const struct aldb_wait *wait, struct aldb_diag *diag) ALDB_MUSTCHECK;

#endif
