/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The session as its own files see it. Unless said otherwise every function here is called with the session held (session_enter).
 *
 * Holding a session is a flag under the leaf mutex `mu`, not the mutex itself, so that waiting for it obeys deadlines and SQLCancel.
 */
#ifndef ALDB_PG_INTERNAL_H
#define ALDB_PG_INTERNAL_H

#include <libpq-fe.h>
#include <pthread.h>
#include <sys/types.h>

#include "base/list.h"
#include "base/map.h"
#include "base/mutex.h"
#include "base/process.h"
#include "base/worker.h"
#include "config/options.h"
#include "pg/pump.h"
#include "log/log.h"
#include "pg/session.h"

/* ------------------------------------------------------------------ what is awaited from the server */

struct aldb_op;

/* SIMPLE: a query outside of pipeline mode, alone; the NULL behind its results is its Sync, and pipeline mode has been entered again when its handler gets it. */
enum op_kind { OP_HOUSEKEEPING, OP_PARSE, OP_DESCRIBE, OP_EXEC, OP_SYNC, OP_SIMPLE };

/*
 * Gets each result of its operation and owns it; NULL comes once after the last one (not for OP_SYNC, whose only result ends it).
 */
typedef void (*op_handler)(struct aldb_session *s, void *ctx, const struct aldb_op *op, PGresult *res);

struct aldb_op {
    enum op_kind kind;
    bool rows;   /* single-row mode */
    int tag;     /* for the handler */
    op_handler on;
    void *ctx;
};

/* The driver's own statements, prepared under a name when first used. */
enum housekeeping {
    HK_BEGIN, HK_COMMIT, HK_ROLLBACK,
    HK_SAVE, HK_RELEASE, HK_BACK,             /* around one statement */
    HK_GROUP_SAVE, HK_GROUP_RELEASE, HK_GROUP_BACK,
    HK_SET_SAVE, HK_SET_RELEASE, HK_SET_BACK, /* between sets of parameters */
    HK_COUNT
};

/* ------------------------------------------------------------------ cancelling */

/* Outlives the session while a cancel thread runs. */
struct cancel_slot {
    _Atomic unsigned refs;
#ifdef LIBPQ_HAS_ASYNC_CANCEL
    PGcancelConn *cancel; /* NULL: through the dialer */
#else
    PGcancel *cancel;
#endif
    struct aldb_session_dialer dialer; /* held; dial NULL: none */
    struct pump_key key;               /* for it */
    pthread_mutex_t mu;
    pthread_cond_t changed;
    bool in_flight; /* a CancelRequest is under way: nothing may be sent, and no second one is needed */
    bool astray;    /* one was given up after it was sent: it may arrive at any time, and nothing may be sent any more */
};

/* ------------------------------------------------------------------ names that the server may forget */

struct aldb_doomed {
    _Atomic unsigned refs;
    pthread_mutex_t mu;
    struct aldb_buf names; /* NUL-terminated, one behind the other */
};

/* ------------------------------------------------------------------ the session */

#define ZONES_KNOWN 8 /* an application that changes between these reads no file again */

struct known_zone {
    char name[256]; /* PostgreSQL's own limit; "" = free */
    struct aldb_zone *zone; /* NULL: not known here */
};

enum group_kind { GROUP_NONE, GROUP_TRANSACTION, GROUP_SAVEPOINT, GROUP_NOTHING };

struct aldb_session {
    PGconn *conn;
    struct pump *pump;  /* NULL: libpq's socket leads to the server itself */
    int64_t owner;      /* the process that opened it (base/process.h) */
    int wake_fd;        /* eventfd: SQLCancel wakes a waiter */
    pthread_mutex_t mu; /* leaf: held, wire_exec, left */
    pthread_cond_t freed;
    bool held;
    struct aldb_result *left; /* closed while another thread held the session, which frees them */

    _Atomic bool dead;
    struct aldb_buf why_dead;

    struct aldb_session_options options; /* strings owned */
    char *search_path, *init_sql;
    struct aldb_locale locale; /* as of the last Sync read; results have copies */
    struct known_zone zones[ZONES_KNOWN];
    size_t zone;               /* the one that `locale` has */
    _Atomic bool standard_strings;
    bool wrong_encoding; /* client_encoding is not UTF8 any more: set back before the next statement */
    char prefix[24];     /* of names: random part of this connection */
    uint64_t next_name;
    bool pooled;         /* statements parsed before may be unknown to the backend that runs the next one */
    bool pooler_unknown; /* not asked yet */
    bool pooler_asked;   /* the answer is on its way: nothing gets a name meanwhile */

    /* operations sent and not yet answered, a ring */
    struct aldb_op *ops;
    size_t ops_cap, ops_head, nops;
    bool look_again;      /* something came: it may not be all */
    bool said;            /* libpq was given something since the pump has looked: its socket is worth a read */
    unsigned widened;     /* how often libpq was made to widen its input buffer, of WIDEN_TIMES */
    int64_t heard_at;     /* when something arrived last (aldb_now_ms): tells a slow link from a silent one */
    unsigned stray_nulls; /* end-of-result marks in a row that no operation accounts for */
    enum { HK_UNKNOWN, HK_SENT, HK_READY } hk[HK_COUNT];
    uint64_t hk_number[HK_COUNT]; /* of its name; never used again */

    /* transaction */
    _Atomic int txn; /* enum aldb_txn after the last Sync read */
    _Atomic bool autocommit;
    int isolation;   /* ODBC bit, 0 = server's */
    bool read_only;
    enum group_kind group;
    bool ddl_in_txn; /* descriptions made in this transaction are void if it is rolled back */
    _Atomic uint64_t rollback_epoch;
    /* A failed batch has been read to its Sync, and what it did to the transaction is not yet undone: how it was wrapped. */
    struct {
        bool pending, savepoint, began;
    } unhealed;

    /* the result whose Sync is not read yet */
    struct aldb_result *wire;
    struct aldb_exec *wire_exec; /* under mu: whom a CancelRequest would hit */
    struct aldb_result *results; /* all live ones */

    bool copying; /* rows of COPY TO STDOUT are on their way */

    struct cancel_slot *slot;
    /*
     * How long what is left of a closed result is read before it is cancelled: as long as connecting took, which a cancel does as well. What ends by itself in that time
     * would not have been cheaper to cancel, and what does not costs at most twice what it had to. Each cancel halves that for the next result, which is likely
     * as long; one that ends by itself makes it whole again.
     */
    int64_t close_budget_ms, close_patience_ms;
    struct aldb_diag notices;

    /* notify.c: a ring of what has come and nobody has asked for */
    PGnotify **notified;
    size_t notified_cap, notified_head, nnotified, notified_bytes;
    uint64_t notified_lost;
    PGnotify *notification; /* the one that was told last */

    /* plans */
    struct aldb_map plans;
    struct plan_entry *lru_first, *lru_last;
    size_t nplans;
    struct aldb_doomed *doomed;
    uint64_t seen[64]; /* hashes of one-shot texts met once */
    uint32_t asked;    /* descriptions that the server was asked for */
    int64_t ask_ms;    /* what the fastest of them took */
};

/* ------------------------------------------------------------------ results */

struct spool {
    int fd; /* -1 = none */
    int full; /* errno of a write that failed: no more rows should come; 0 = none has */
    uint64_t written, read;
    struct aldb_buf out; /* not yet in the file, or never */
    struct aldb_buf in;  /* read ahead */
    size_t in_at;
};

#define BATCH_ROWS 32

struct aldb_result {
    struct aldb_result *next, **prev;
    struct aldb_result *left;
    struct aldb_session *s; /* NULL when the session is gone */
    struct aldb_exec *exec; /* NULL: abandoned, rows are thrown away */

    struct aldb_plan *plan;      /* executed by the name under which it was described; else NULL */
    struct aldb_column *columns; /* the plan's, or its own */
    uint16_t ncolumns;
    bool has_rows;
    struct aldb_locale locale; /* its zone is held */
    struct aldb_cell *cells;
    struct aldb_buf row; /* a row read from the spool */

    PGresult *current; /* the row that cells point into, or more rows behind it */
    int current_row;
    PGresult *batch[BATCH_ROWS]; /* taken over by the reader: no lock needed */
    size_t batch_at, batch_n;

    PGresult **queue; /* ring: arrived, not taken */
    size_t q_cap, q_head, q_count, q_bytes;
    struct spool spool;

    bool parsed;             /* a Parse that was sent with it is done */
    bool exec_answered;      /* the execution's own result has come; its Sync perhaps not */
    bool wire_done;          /* the Sync is read */
    _Atomic bool cut;        /* by a rollback, perhaps another thread's: its end is none */
    _Atomic bool detached;   /* nobody but the reader touches it any more */
    bool failed;
    bool lost;               /* with the session: no end of rows is ever reported */
    PGresult *error;         /* the server's, NULL when there is none to tell */
    bool error_posted;
    bool timed_out;          /* our deadline sent a cancel */
    bool link_timeout;       /* that deadline was the connection's */
    bool control;            /* BEGIN, COMMIT, ROLLBACK as text */
    bool savepoint, began;   /* how its batch was wrapped */
    bool writes;
    bool discard;            /* rows are thrown away as they come */
    enum aldb_copy copy;     /* that may begin it */
    bool copy_begun;         /* the server has */
    bool copy_waits;         /* IN: for data */
    size_t copy_unseen;      /* bytes given to libpq since the server was last looked at */
    bool copy_refused;
    int64_t affected;
    char tag[64];
    uint64_t max_rows, arrived, delivered;
    int64_t enough_at;       /* when the first row beyond max_rows came; 0 = none did */
    bool cut_at_limit;       /* and then we sent a cancel */
    uint64_t epoch;
};

/* ------------------------------------------------------------------ session.c */

/* What the end of that wait is called. */
static inline enum aldb_state late_state(const struct aldb_wait *wait)
{
    return wait && wait->link ? ALDB_ST_HYT01 : ALDB_ST_HYT00;
}

/* Waits for the session to be free and holds it. ALDB_ERR: HYT00, HY008 (exec cancelled meanwhile), 08S01 (dead, or another process). */
enum aldb_rc session_enter(struct aldb_session *s, struct aldb_exec *e, const struct aldb_wait *wait, struct aldb_diag *diag) ALDB_MUSTCHECK;
void session_leave(struct aldb_session *s);
/* Without holding it: leaves a result that has arrived whole, and that nobody reads any more, to whoever does. False: nobody does. */
bool session_leave_behind(struct aldb_session *s, struct aldb_result *r) ALDB_MUSTCHECK;
/* Marks it dead with libpq's text; every awaited operation is over. */
void session_die(struct aldb_session *s, const char *why);
enum aldb_rc session_post_dead(struct aldb_session *s, struct aldb_diag *diag);
/* Reads ParameterStatus into the locale; after each Sync, before which servers from 14 on tell of changes. */
void session_refresh(struct aldb_session *s);
/* "READ COMMITTED" for ODBC's bit; NULL for none of them. */
const char *isolation_words(int bit);
/* Pooling=auto: the question whether a pooler stands in front travels with the first batch, without a round trip of its own … */
bool session_ask_pooler(struct aldb_session *s) ALDB_MUSTCHECK;
/* … or is asked and awaited now, where the answer decides what may be sent. */
enum aldb_rc session_know_pooler(struct aldb_session *s, const struct aldb_wait *wait, struct aldb_diag *diag) ALDB_MUSTCHECK;
/* What the options ask of a fresh session, in one batch; nothing when they ask nothing. */
enum aldb_rc session_settings(struct aldb_session *s, struct aldb_deadline deadline, struct aldb_diag *diag) ALDB_MUSTCHECK;
/* InitSql; nothing when there is none. */
enum aldb_rc session_init_sql(struct aldb_session *s, struct aldb_deadline deadline, struct aldb_diag *diag) ALDB_MUSTCHECK;
/* ALDB_INFO when notices were moved to diag, else rc. */
enum aldb_rc session_notices(struct aldb_session *s, enum aldb_rc rc, struct aldb_diag *diag);

/* ------------------------------------------------------------------ wire.c */

enum wake { WAKE_DONE, WAKE_PAUSED, WAKE_DEADLINE, WAKE_CANCEL, WAKE_DEAD };

/* Remembers what was just sent. False: out of memory, session dead. */
bool wire_expect(struct aldb_session *s, enum op_kind kind, bool rows, int tag, op_handler on, void *ctx) ALDB_MUSTCHECK;

/* Senders: libpq call plus wire_expect. False: session dead. Before the first of a batch call wire_ready. */
bool wire_ready(struct aldb_session *s, struct aldb_exec *e);
/* A CancelRequest would hit nobody any more. */
void wire_nobody(struct aldb_session *s);
bool wire_housekeeping(struct aldb_session *s, enum housekeeping hk, op_handler on, void *ctx) ALDB_MUSTCHECK;
/* As text, under the empty name: where the server may have forgotten the prepared one. Never between Parse and Bind of an unnamed statement. */
bool wire_housekeeping_text(struct aldb_session *s, enum housekeeping hk, op_handler on, void *ctx) ALDB_MUSTCHECK;
/* Has it prepared ahead of a pipeline in which its first use might be skipped after an error. */
bool wire_prepare_housekeeping(struct aldb_session *s, enum housekeeping hk) ALDB_MUSTCHECK;
bool wire_text(struct aldb_session *s, const char *sql, op_handler on, void *ctx) ALDB_MUSTCHECK;
bool wire_sync(struct aldb_session *s, op_handler on, void *ctx) ALDB_MUSTCHECK;

/* Takes what has arrived, without waiting. Stops early when the result on the wire has `budget` bytes queued and spooling is not asked for. */
enum wake wire_pump(struct aldb_session *s, size_t budget, bool spool);
/* The same, with a look at the socket: what the kernel has, without waiting. */
enum wake wire_take(struct aldb_session *s, size_t budget);
/*
 * Pumps until done(ctx), waiting as long as the deadline allows. `e` may be NULL; its cancel flag ends the wait unless it owns the wire. Once the owner of the
 * wire is cancelled the server has GRACE_MS to say so (GRACE_TOTAL_MS while anything still arrives); else the session is given up.
 */
enum wake wire_until(struct aldb_session *s, bool (*done)(void *ctx), void *ctx, struct aldb_deadline deadline, struct aldb_exec *e,
                     size_t budget, bool spool);

/* One round without waiting: what is to be sent goes as far as it can, and what has come is taken in. WAKE_DONE, WAKE_DEAD. */
enum wake wire_look(struct aldb_session *s);
/* The link is gone. The server may have said why before that. */
void wire_lost(struct aldb_session *s);
/* Nothing is awaited: waits until something has come that makes done(ctx) true. WAKE_DONE, WAKE_DEADLINE, WAKE_DEAD. */
enum wake wire_idle(struct aldb_session *s, bool (*done)(void *ctx), void *ctx, struct aldb_deadline deadline);

/* When a server that was asked to cancel at `since` is given up: after GRACE_MS of silence, or GRACE_TOTAL_MS in all. */
struct aldb_deadline wire_patience(const struct aldb_session *s, int64_t since);

/* Frees the wire for a new batch: the streaming result goes to its queue and spool. HY000 past max_spool, HY008, HYT00, 08S01. */
enum aldb_rc wire_acquire(struct aldb_session *s, struct aldb_exec *e, const struct aldb_wait *wait, struct aldb_diag *diag) ALDB_MUSTCHECK;
/* There is no room for rows that must be kept, of the stream on the wire: `own`, or another statement's. HY000. */
enum aldb_rc wire_post_full(struct aldb_session *s, bool own, struct aldb_diag *diag);

/* ------------------------------------------------------------------ unit.c */

/* A batch without rows, run to its Sync. */
struct unit {
    PGresult *error; /* first error */
    char tag[64];    /* of the last command */
    bool done;
};
void unit_on(struct aldb_session *s, void *ctx, const struct aldb_op *op, PGresult *res);
/* The same for a Sync that does not end the unit: several batches, one wait. */
void unit_error_on(struct aldb_session *s, void *ctx, const struct aldb_op *op, PGresult *res);
/* Waits for the unit's Sync however long the deadline allows; on its end cancels and waits a grace period more. ALDB_ERR: 08S01, HYT00; not for unit->error. */
enum aldb_rc unit_finish(struct aldb_session *s, struct unit *u, const struct aldb_wait *wait, struct aldb_diag *diag) ALDB_MUSTCHECK;
/* Posts the error that the server answered it with, if there was one and `rc` is not ALDB_ERR already; what is to be returned then. */
enum aldb_rc unit_post(struct aldb_session *s, const struct unit *u, enum aldb_rc rc, enum aldb_server_moment moment, struct aldb_diag *diag);
void unit_clear(struct unit *u);

/* ------------------------------------------------------------------ txn.c */

/* After a failed batch: ROLLBACK TO the savepoint, or ROLLBACK, as the mode asks. */
enum aldb_rc txn_restore(struct aldb_session *s, bool savepoint, bool began, struct aldb_diag *diag) ALDB_MUSTCHECK;
/* The same for the last failed result, once: by whoever comes first, its reader or the next batch. */
enum aldb_rc txn_heal(struct aldb_session *s, struct aldb_diag *diag) ALDB_MUSTCHECK;
/* Undoes to our savepoint, or the whole transaction. */
enum aldb_rc txn_undo(struct aldb_session *s, bool whole, struct aldb_diag *diag) ALDB_MUSTCHECK;

/* ------------------------------------------------------------------ rows.c */

struct aldb_result *result_new(struct aldb_session *s, struct aldb_exec *e) ALDB_MUSTCHECK;
void result_free(struct aldb_result *r);
/* Its rows are read as the session is now; before any of them has been. */
void result_take_locale(struct aldb_result *r);
/* Keeps or throws away rows that have come; owns res. */
void result_arrived(struct aldb_result *r, PGresult *res);
void result_on(struct aldb_session *s, void *ctx, const struct aldb_op *op, PGresult *res);
/* Can the wire deliver another row to it without exceeding `budget` (queue) or max_spool? */
bool result_has_room(const struct aldb_result *r, size_t budget, bool spool);
/* Next row into r->cells; ALDB_NO_DATA when nothing is queued now; ALDB_ERR with HY001/HY000 (spool file) posted. */
enum aldb_rc result_take(struct aldb_result *r, struct aldb_diag *diag) ALDB_MUSTCHECK;
/* Moves what is queued to the reader's hands, behind what is there. */
void result_top_up(struct aldb_result *r);
/* What nobody has taken yet; the reader's own rows stay: another thread may be reading them. */
void result_discard_queued(struct aldb_result *r);
/* Room for columns and, at *name, for `names` bytes of names behind them: one piece, for it is made at each execution. NULL: out of memory. */
struct aldb_column *columns_new(size_t count, size_t names, char **name);
/* Columns of a description, one piece. NULL: out of memory. */
struct aldb_column *columns_of(PGresult *res, uint16_t *count);

void spool_init(struct spool *sp);
void spool_clear(struct spool *sp);
bool spool_empty(const struct spool *sp);
bool spool_add(struct spool *sp, PGresult *res, int row);
enum aldb_rc spool_take(struct spool *sp, struct aldb_buf *row, struct aldb_diag *diag) ALDB_MUSTCHECK;

/* ------------------------------------------------------------------ plan.c */

#define PLAN_TEXT_MAX (64u << 10) /* bytes; the plan of a longer text is held by the statements that use it, and by nobody behind them */

enum aldb_rc plan_get_held(struct aldb_session *s, const struct aldb_plan_request *req, bool named, const struct aldb_wait *wait,
                           struct aldb_plan **out, struct aldb_diag *diag) ALDB_MUSTCHECK;
/*
 * The plan of a text of the driver's own, with parameters of no declared type, under a name that the server has learnt or is yet to learn: nothing is asked. The
 * caller sends the Parse (`unparsed`) before the execution. ALDB_NO_DATA: there is none, and a new one is not wanted. HY001.
 */
enum aldb_rc plan_own(struct aldb_session *s, struct aldb_slice sql, uint32_t nparams, bool make, struct aldb_plan **out, struct aldb_diag *diag) ALDB_MUSTCHECK;
/* Forgets all descriptions but those of the driver's own texts; `lost`: the server has forgotten the names, theirs too. */
void plans_forget(struct aldb_session *s, bool lost);
void plan_forget(struct aldb_session *s, struct aldb_plan *p);
void plans_clear(struct aldb_session *s);
struct aldb_doomed *doomed_new(void) ALDB_MUSTCHECK;
void doomed_release(struct aldb_doomed *d);
/* May this plan's result come in binary here? */
bool plan_binary(const struct aldb_session *s, const struct aldb_plan *p);
/* The plan that is known already, a reference; NULL: the server would have to be asked. */
struct aldb_plan *plan_known(struct aldb_session *s, const struct aldb_plan_request *req);
/* Is the server so far away that a description is not worth its round trip for a text which may never come again? */
bool plan_is_dear(const struct aldb_session *s);

/* ------------------------------------------------------------------ stale.c */

/* May this failure of an execution of `plan` (NULL: a one-shot, `described` or not) with `nparams` values come from a description that no longer holds? */
bool plan_may_be_stale(const struct aldb_session *s, const struct aldb_plan *plan, bool described, uint32_t nparams, const PGresult *error);
/* Has the server forgotten what the driver named? */
bool plan_name_lost(const struct aldb_session *s, const struct aldb_plan *plan, const PGresult *error);
/*
 * Plans the text of `old` anew. ALDB_OK and *fresh, a new reference, when the statement may succeed now: something has changed, or `error` says that the
 * old plan is void whatever the new one looks like. ALDB_NO_DATA: nothing has changed, the failure stands. ALDB_ERR: it cannot be planned any more;
 * why is in `diag` when a lost name led here, for that says nothing to the application, and untold when `error` is the one to tell.
 */
enum aldb_rc plan_renew(struct aldb_session *s, struct aldb_plan *old, const PGresult *error, const struct aldb_wait *wait,
                        struct aldb_plan **fresh, struct aldb_diag *diag) ALDB_MUSTCHECK;

/* ------------------------------------------------------------------ exec.c */

/* How a statement is wrapped, by autocommit, transaction and mode. */
struct wrap {
    bool begin, savepoint;
    enum aldb_guard guard;
    bool text_release; /* the statement may make the server forget the prepared RELEASE */
};
struct wrap exec_wrap(const struct aldb_session *s, const struct aldb_exec_request *req, bool own, bool rows, bool bare);
/* As aldb_exec_run, session held. `own`: the driver's look-up: no implicit BEGIN, always a savepoint inside a transaction, text results. */
enum aldb_rc exec_run_held(struct aldb_exec *e, struct aldb_session *s, const struct aldb_exec_request *req, bool own,
                           const struct aldb_wait *wait, struct aldb_diag *diag) ALDB_MUSTCHECK;

/* ------------------------------------------------------------------ fetch.c */

/* May a result be cut short by a cancel? A plain read that has nothing of the transaction's to lose. */
bool exec_may_cut(const struct aldb_session *s, const struct aldb_result *r);
/* For exec_wait: the result's first row is there, or its Sync is read; its Sync is read. */
bool exec_started(void *result);
bool exec_ended(void *result);
/*
 * Waits until done(r). The deadline's end cancels the statement and waits a grace period for the server to say so. ALDB_ERR only when the session is
 * lost without the statement having an error of its own: exec_post_no_answer says which way.
 */
enum aldb_rc exec_wait(struct aldb_session *s, struct aldb_result *r, bool (*done)(void *), struct aldb_deadline deadline, struct aldb_exec *e,
                       size_t budget, bool spool) ALDB_MUSTCHECK;
enum aldb_rc exec_post_no_answer(struct aldb_session *s, const struct aldb_result *r, struct aldb_diag *diag);
/* Posts what the failed statement said, then makes the transaction usable again. ALDB_ERR. */
enum aldb_rc exec_post_failure(struct aldb_session *s, struct aldb_exec *e, struct aldb_diag *diag);
/* What is known of the result by now, to the fields of `e`. */
void exec_show(struct aldb_exec *e);
/* Leaves no half-open result behind a failed run. */
void exec_give_up(struct aldb_exec *e);
enum aldb_rc exec_next_held(struct aldb_exec *e, const struct aldb_wait *wait, struct aldb_diag *diag) ALDB_MUSTCHECK;
enum aldb_rc exec_close_held(struct aldb_exec *e, bool rolling_back, const struct aldb_wait *wait, struct aldb_diag *diag) ALDB_MUSTCHECK;

/* ------------------------------------------------------------------ copy.c */

/* The server begins with COPY for `r`, or, where that may not be, is kept from it. Owns res. */
void copy_on(struct aldb_session *s, struct aldb_result *r, PGresult *res);
/* While s->copying: takes rows that have come. False: none without waiting. */
bool copy_take(struct aldb_session *s);
/* At its Sync: does the server's word on it lack, so that rows of it may? */
bool copy_is_cut(const struct aldb_result *r);
/* COPY FROM STDIN: ALDB_NEED_DATA, or ALDB_ERR with e->result closed or still on the wire. */
enum aldb_rc copy_begin_held(struct aldb_exec *e, struct aldb_session *s, const struct aldb_exec_request *req, const struct aldb_wait *wait,
                             struct aldb_diag *diag) ALDB_MUSTCHECK;
/* Does one wait for data? */
bool copy_waits(const struct aldb_session *s);
/* HY000: the wire is not to be had. */
enum aldb_rc copy_post_busy(struct aldb_diag *diag);
/* Gives up the one that waits, without waiting; what the server says is read by whoever needs the wire next. `r` may be gone then if nobody has it. */
void copy_fail(struct aldb_session *s);

/* ------------------------------------------------------------------ notify.c */

/* Those that libpq has read. */
void notify_keep(struct aldb_session *s);
void notify_clear(struct aldb_session *s);

/* ------------------------------------------------------------------ cancel.c */

/* `dialer` NULL: libpq sends the CancelRequests, by what it knows of its server. */
struct cancel_slot *slot_new(PGconn *conn, const struct aldb_session_dialer *dialer, const struct pump *pump) ALDB_MUSTCHECK;
void slot_release(struct cancel_slot *slot);
/* Sends a CancelRequest from a thread of its own, unless one is under way; the caller goes on reading. */
void slot_cancel_async(struct cancel_slot *slot);
/* Waits until no CancelRequest is under way. False: one still is, after GRACE_MS, or may be without anybody knowing. */
bool slot_settle(struct cancel_slot *slot) ALDB_MUSTCHECK;

/* ------------------------------------------------------------------ error.c */

/* `s` (NULL: gone) may know why a connection ended. */
enum aldb_rc post_result_error(const struct aldb_session *s, const PGresult *res, const struct aldb_server_context *ctx, struct aldb_diag *diag);
const char *result_state(const PGresult *res); /* SQLSTATE, "" if none */
void notice_receiver(void *session, const PGresult *res);
/* The same before there is a session: to a diag. Without a receiver libpq prints. */
void login_notice_receiver(void *diag, const PGresult *res);
/* What libpq says of a connection that could not be made: text without state and source lines, native code (0: not from the server), ODBC's state. */
enum aldb_state connect_error(PGconn *conn, struct aldb_buf *text, int32_t *native);
enum aldb_rc post_connect_error(PGconn *conn, struct aldb_diag *diag);

/* ------------------------------------------------------------------ advice.c */

/*
 * Adds what to do to the text of a connect that failed, as a line of its own that begins with a tab, where the text says what is wrong and not what helps.
 * Returns ODBC's state for it: `st`, or a better one. Knows English texts only: in other languages libpq's own words must do.
 */
enum aldb_state connect_advise(struct aldb_buf *text, enum aldb_state st);

/* ------------------------------------------------------------------ trace.c */

/* A line of the log that says which server process it is about: pg_stat_activity and the server's own log know it by that number. */
#define SESSION_LOG(level, s, fmt, ...) ALDB_LOG(level, ALDB_LOG_SESSION, "backend %d: " fmt, PQbackendPID((s)->conn) __VA_OPT__(, ) __VA_ARGS__)

/* Logs the values as they are sent, when LogParameters allows it. `plan` NULL: their types are not known. */
void trace_params(const struct aldb_session *s, const struct aldb_plan *plan, const struct aldb_params *p);

/* ------------------------------------------------------------------ connect.c */

/*
 * A connection that is logged in, for options as PQconnectStartParams takes them. Hosts are tried in libpq's order and by its rules, but each for its
 * fair share of the time only. Errors as aldb_session_open says; what every host said is in the message. Of `options` token and trail count.
 */
enum aldb_rc connect_dial(const char *const *keywords, const char *const *values, const struct aldb_session_options *options, struct aldb_deadline deadline, PGconn **out,
                          struct aldb_diag *diag) ALDB_MUSTCHECK;
/* The stage "login" is done: with whom, and as whom. */
void connect_note_login(struct aldb_trail *trail, PGconn *conn);

/* Has libpq decrypted bytes that it has not read yet, so that poll() will not tell of them? */
bool connect_holds_input(PGconn *conn);

/* What came with a later libpq than the one that is loaded: HYC00, named as the user wrote it. */
enum aldb_rc connect_check_version(const char *const *keywords, const char *const *values, struct aldb_diag *diag) ALDB_MUSTCHECK;

/* What libpq accepts as a server may be none, or one of a kind that is not supported: 08001, 08004. */
bool connect_supported(PGconn *conn, struct aldb_diag *diag);

#define CLOSE_BUDGET_MIN_MS 2 /* bounds of close_budget_ms */
#define CLOSE_BUDGET_MAX_MS 50
#define GRACE_MS 10000 /* how long a cancelled statement may take to say so */
#define LINK_GRACE_MS 1000 /* the same after SQL_ATTR_CONNECTION_TIMEOUT, whose point is not to wait for a link that is silent */
#define GRACE_TOTAL_MS 120000 /* the same while its rows, megabytes of which are on their way, still come in over a slow link */
static inline int64_t grace_of(bool link)
{
    return link ? LINK_GRACE_MS : GRACE_MS;
}
#define READ_AHEAD ((size_t)32 << 10) /* queued at most when the first row is awaited: a result of few rows is off the wire with it */
#define READ_ON ((size_t)10 << 10) /* and later: no more rows than malloc() keeps at hand for the thread, a few of a size, and that are still in the processor's cache when they are converted */
#define IN_FLIGHT_MAX ((size_t)1 << 20)

#endif
