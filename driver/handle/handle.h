/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The four handles: lifetime, lock, diagnostics.
 *
 * Memory is freed by SQLFreeHandle alone. SQLDisconnect detaches and invalidates a connection's statements and explicit descriptors and puts them on its
 * graveyard: the driver manager forgets them without telling the driver, so they go with the connection handle.
 * Lock order: env < dbc < stmt < explicit desc < session < leaf. A statement's lock is held through each of its calls, with
 * those of the explicit descriptors that it uses; SQLCancel takes none.
 * The dbc lock covers its lists and attributes and is not held across I/O, except by connect, disconnect, SQLEndTran and the attributes that talk to the server.
 */
#ifndef ALDB_HANDLE_HANDLE_H
#define ALDB_HANDLE_HANDLE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sql.h>
#include <sqlext.h>

#include "base/buf.h"
#include "base/cellrows.h"
#include "base/list.h"
#include "base/map.h"
#include "base/mutex.h"
#include "base/rc.h"
#include "config/options.h"
#include "convert/convert.h"
#include "diag/diag.h"
#include "pg/session.h"
#include "sqltext/sqltext.h"
#include "types/types.h"

#define ALDB_MAGIC_ENV 0x414c4501u
#define ALDB_MAGIC_DBC 0x414c4402u
#define ALDB_MAGIC_STMT 0x414c5303u
#define ALDB_MAGIC_DESC 0x414c4404u
#define ALDB_MAGIC_DEAD 0xdeadbeefu

struct aldb_job; /* job.h */

/* First member of every handle. */
struct aldb_handle {
    _Atomic uint32_t magic;
    SQLSMALLINT type; /* SQL_HANDLE_* */
    SQLRETURN last_return; /* SQL_DIAG_RETURNCODE */
    struct aldb_mutex lock;
    struct aldb_diag diag;
    /* job.h */
    struct aldb_job *job;          /* NULL until its first asynchronous call; kept for the next ones */
    _Atomic int job_phase;
    _Atomic(const char *) refused; /* the function that could not be called while a job ran, until the next call; static */
};

struct aldb_env {
    struct aldb_handle h;
    SQLINTEGER odbc_version; /* 2, 3, 380; 0 = not set */
    bool resumes;            /* the driver manager can resume every asynchronous function (api/async.h) */
    struct aldb_dbc *dbcs;   /* list through next */
};

/* ------------------------------------------------------------------ descriptors */

enum aldb_desc_kind { ALDB_DESC_ARD, ALDB_DESC_APD, ALDB_DESC_IRD, ALDB_DESC_IPD, ALDB_DESC_EXPLICIT /* serves as ARD or APD */ };

/* One record. Application descriptors use the C-type half, implementation ones all. Strings are owned, NULL = "". */
struct aldb_desc_rec {
    SQLSMALLINT concise_type, type, datetime_code;
    SQLSMALLINT sql_type; /* IRD: what its values are bound as, where the concise type is a code of the driver's own */
    SQLULEN length;
    SQLLEN octet_length;
    SQLSMALLINT precision, scale;
    SQLINTEGER datetime_interval_precision, num_prec_radix;
    SQLSMALLINT parameter_type; /* IPD */
    SQLSMALLINT nullable, unnamed;
    bool name_told; /* IPD: the name is the server's word, for the application to read: it names no argument of a call */
    /* deferred (application descriptors) */
    SQLPOINTER data_ptr;
    SQLLEN *indicator_ptr, *octet_length_ptr;
    bool numeric_set; /* application set PRECISION or SCALE by itself: SQL_C_NUMERIC uses them */
    /* implementation */
    char *name, *label, *base_column, *base_table, *table, *schema, *catalog, *type_name, *local_type_name;
    const char *literal_prefix, *literal_suffix; /* static */
    SQLINTEGER auto_unique, case_sensitive;
    SQLSMALLINT fixed_prec_scale, is_unsigned, searchable, updatable, rowver;
    SQLLEN display_size;
    SQLULEN column_size;        /* SQLDescribeCol / SQLDescribeParam */
    SQLSMALLINT decimal_digits;
    /* where it came from, for lazy details */
    uint32_t oid, table_oid;
    int32_t typmod;
    int16_t attnum;
    bool details_known;         /* table, schema, nullable, auto_unique were looked up */
    bool large_object;          /* IRD: the server's oid is the number of a large object, and that is what the column is to the application */
    bool bound;                 /* IPD/APD: SQLBindParameter was called for it (or a descriptor set DATA_PTR) */
};

struct aldb_desc {
    struct aldb_handle h;
    struct aldb_dbc *dbc;
    enum aldb_desc_kind kind;
    struct aldb_stmt *stmt; /* owner of an implicit one; NULL for explicit ones */
    SQLSMALLINT alloc_type; /* SQL_DESC_ALLOC_AUTO / USER */
    /* header */
    SQLULEN array_size;
    SQLUSMALLINT *array_status_ptr;
    SQLLEN *bind_offset_ptr;
    SQLINTEGER bind_type;
    SQLULEN *rows_processed_ptr;
    /* records 1…count at recs[1…]; recs[0] is the bookmark record; nrecs = slots allocated */
    SQLSMALLINT count;
    struct aldb_desc_rec *recs;
    size_t nrecs;
    /* Rises with every change, so that plans made for bound columns and parameters know when they are stale; no two descriptors ever have the same. */
    uint64_t version;
    _Atomic int jobs;       /* explicit ones: asynchronous calls of statements that hold its lock */
    struct aldb_desc *next, **prev; /* explicit ones of the connection */
};

void aldb_desc_init(struct aldb_desc *d, struct aldb_dbc *dbc, struct aldb_stmt *stmt, enum aldb_desc_kind kind);
void aldb_desc_clear(struct aldb_desc *d);
/* Makes records up to `n` exist (initialised as attributes.md says) and raises count. HY001 posted to diag. */
enum aldb_rc aldb_desc_extend(struct aldb_desc *d, SQLSMALLINT n, struct aldb_diag *diag) ALDB_MUSTCHECK;
/* Lowers (frees) or empties: count = n. The application said so, and what was in the records above is gone. */
void aldb_desc_truncate(struct aldb_desc *d, SQLSMALLINT n);
/*
 * An IPD's names have changed, and with them which parameters of a call the markers are: what was described to the application is to be found out anew, and the
 * names that it was told go. Others: nothing happens.
 */
void aldb_desc_renamed(struct aldb_desc *d);
/* The names that an IPD was told go. */
void aldb_desc_untell(struct aldb_desc *d);
/* Something was unbound: count falls to the highest record with a buffer, length or indicator. Those above keep their fields. Application descriptors. */
void aldb_desc_lower(struct aldb_desc *d);
/* Record `n` (0 = bookmark) or NULL beyond count. */
struct aldb_desc_rec *aldb_desc_rec(struct aldb_desc *d, SQLSMALLINT n);
/* Sets TYPE, CONCISE_TYPE, code and their dependent defaults. False: unknown type. */
bool aldb_desc_rec_set_type(struct aldb_desc *d, struct aldb_desc_rec *r, SQLSMALLINT concise);
/* SQL_DESC_OCTET_LENGTH of an IPD record from its type, column_size and decimal_digits; 0 where a length is not known. */
void aldb_desc_rec_measure(const struct aldb_desc *d, struct aldb_desc_rec *r);
/* A copy to work on, and its end: put back (the record's strings are freed) or dropped. False: out of memory. */
bool aldb_desc_rec_copy(const struct aldb_desc_rec *from, struct aldb_desc_rec *to) ALDB_MUSTCHECK;
void aldb_desc_rec_clear(struct aldb_desc_rec *r);
/* Fills an implementation record from a type: IRD and IPD. */
void aldb_desc_rec_describe(struct aldb_desc_rec *r, const struct aldb_type_desc *t, uint32_t oid, int32_t typmod);
enum aldb_rc aldb_desc_copy(struct aldb_desc *from, struct aldb_desc *to, struct aldb_diag *diag) ALDB_MUSTCHECK;

/* ------------------------------------------------------------------ connections */

#define ALDB_STMT_OPTIONS (SQL_USE_BOOKMARKS + 1) /* SQL_QUERY_TIMEOUT to SQL_USE_BOOKMARKS */

struct aldb_dbc {
    struct aldb_handle h;
    struct aldb_env *env;
    struct aldb_dbc *next, **prev;
    struct aldb_options options;      /* valid while connected */
    struct aldb_type_options types;   /* from options */
    struct aldb_session *session;     /* NULL = not connected */
    struct aldb_credentials *iam;     /* iam.h: held so that the next connection shares their tokens; NULL = none */
    char *dsn;                        /* data source name used, NULL */
    struct aldb_stmt *stmts;          /* live statements */
    struct aldb_desc *descs;          /* live explicit descriptors */
    struct aldb_stmt *dead_stmts;     /* graveyard, freed with the handle */
    struct aldb_desc *dead_descs;
    struct aldb_buf browse;           /* SQLBrowseConnect's pairs so far */
    struct aldb_trail trail;          /* of connecting, the last time */
    bool browsing;
    bool unfit;                       /* for another user: what the last one left running did not end */
    _Atomic bool connecting;          /* one of the three functions that connect is at work */
    /* attributes */
    SQLUINTEGER access_mode, autocommit, login_timeout, connection_timeout, txn_isolation, packet_size, metadata_id;
    SQLULEN async_enable;             /* what its statements begin with */
    SQLUINTEGER async_functions;      /* SQL_ATTR_ASYNC_DBC_FUNCTIONS_ENABLE */
    SQLPOINTER quiet_mode;
    char *current_catalog;            /* set before connecting, NULL = not */
    bool login_timeout_set;
    _Atomic uint32_t next_cursor;     /* SQL_CURnnn */
    SQLULEN query_timeout;            /* default for new statements: QueryTimeout=, or the option below */
    SQLUINTEGER notification_wait;    /* milliseconds */
    /* ODBC 2's statement options as a connection has them, by number: what statements begin with. Bits of stmt_options_set: which were set. */
    SQLULEN stmt_options[ALDB_STMT_OPTIONS];
    uint32_t stmt_options_set;
    /* What was looked up of table columns and types, so that describing the same columns again costs nothing. */
    struct aldb_mutex facts_lock;     /* leaf */
    struct aldb_map facts;            /* (OID, column number) -> struct aldb_fact *, one allocation each */
    int64_t facts_since;              /* aldb_now_ms() of the first of them: nobody tells what other sessions change */
    _Atomic uint32_t facts_epoch;     /* raised when they are forgotten, so that descriptors know when their copies are stale */
};

/* A table column, or a type (column number 0: name and base are the type's, the rest is empty). Strings lie behind it in the same allocation. */
struct aldb_fact {
    const char *schema, *table, *name;
    SQLSMALLINT nullable;
    SQLINTEGER auto_unique;
    bool large_object;  /* a column: its values are the numbers of large objects */
    uint32_t base_oid;  /* a type: what a domain is made of, in the end (of lo it is ALDB_OID_LO); else the type itself */
    int32_t base_typmod;
};
/* PostgreSQL's NAMEDATALEN, less one: bytes of a cursor's name, with its quotes if it has any. */
#define ALDB_MAX_CURSOR_NAME 63
/* The statement whose cursor has that name, as PostgreSQL reads identifiers: in quotes as they are, else in lower case. `but`: not that one. NULL: none. dbc lock held. */
struct aldb_stmt *aldb_dbc_find_cursor(struct aldb_dbc *dbc, struct aldb_slice name, const struct aldb_stmt *but);
/* Forgets all: tables may have changed, or another database is open. */
void aldb_dbc_forget_facts(struct aldb_dbc *dbc);

/* ------------------------------------------------------------------ statements */

enum aldb_stmt_state {
    ALDB_STMT_ALLOCATED,  /* S1 */
    ALDB_STMT_PREPARED,   /* S2, S3 */
    ALDB_STMT_EXECUTED,   /* S4: no cursor open */
    ALDB_STMT_CURSOR,     /* S5 to S7 */
    ALDB_STMT_NEED_DATA,  /* S8 to S10 */
    ALDB_STMT_PARAM_DATA, /* S13 to S15: streamed output parameters are being read */
};

/* COPY FROM STDIN that waits for its data (statement/copy.c), the state being NEED_DATA. */
enum aldb_copying {
    ALDB_COPYING_NOT,
    ALDB_COPYING_BEGUN, /* SQLParamData is to ask for it */
    ALDB_COPYING_ASKED,
    ALDB_COPYING_FED,   /* SQLPutData was called */
};

/* A result set's columns when the driver makes it (catalog functions, SQLGetTypeInfo). Static. */
struct aldb_shape_column {
    const char *name;
    uint32_t oid;        /* how it is described and converted: varchar, int2, int4 */
    int32_t typmod;      /* varchar: length + 4 */
    SQLSMALLINT nullable;
};
struct aldb_shape {
    const struct aldb_shape_column *columns;
    uint16_t ncolumns;
};

/*
 * Turns a row of the server's text cells into the cells of the shape (text form): types are described by the driver, so that SQLColumns says what
 * SQLDescribeCol says. Cells may point into `in`, static text or `scratch`. False: out of memory.
 */
typedef bool (*aldb_row_map)(const struct aldb_type_options *types, const struct aldb_cell *in, struct aldb_cell *out, struct aldb_buf *scratch);

/* A driver-made query: what catalog/ builds and statement/ runs. Parameters are text. */
struct aldb_query {
    struct aldb_buf sql;
    char *params[16]; /* owned; NULL = SQL NULL */
    uint32_t nparams;
    const struct aldb_shape *shape;
    aldb_row_map map; /* NULL: the server's cells are the result's */
    /* Rows made by the driver itself (SQLGetTypeInfo): text cells, row after row; NULL = run sql. */
    struct aldb_buf *local; /* per cell: int32 length (native order), -1 = NULL, then bytes */
    size_t nlocal;
};
void aldb_query_init(struct aldb_query *q, const struct aldb_shape *shape);
void aldb_query_clear(struct aldb_query *q);

/* One result of a statement's execution: a row count or a result set. */
struct aldb_outcome {
    struct aldb_exec exec;
    const struct aldb_shape *shape; /* overrides the server's column names and types */
    struct aldb_buf local;          /* driver-made rows */
    size_t nlocal, at;              /* rows left, next row's byte offset */
    struct aldb_cell *local_cells;  /* of a local or mapped row */
    aldb_row_map map;
    bool is_local;
    bool has_rows;
    bool silent;                    /* nothing for the application to see, where there are others: a call's row went to parameters or was cursors' names */
    bool writes;                    /* not proven a plain read: its failure is told however it is closed */
    int64_t affected;               /* SQLRowCount; -1 unknown */
    int64_t *counts;                /* of the sets of an array, each a result without rows, where they are told one by one; NULL: `affected` is all */
    uint64_t ncounts, count;        /* `affected` is that of counts[count] */
    uint64_t set;                   /* 0-based set of parameters that it comes from */
    enum aldb_sql_class cls;
    struct aldb_scroll *scroll;     /* statement/scroll.c: rows that are kept for a scrollable cursor; NULL = forward-only */
};

/* The value of a streamed output parameter: a column of the current row of a call's execution. */
struct aldb_streamed {
    uint32_t param; /* 0-based */
    uint64_t set;
    struct aldb_outcome *outcome;
    uint16_t column;
    bool row; /* false: the call gave no row, so that the value is NULL */
};

/* A column as it is delivered: resolved once from IRD and ARD. */
struct aldb_bound {
    struct aldb_get get;
    SQLUSMALLINT column; /* 1-based; 0 = the bookmark */
    SQLLEN element;      /* bytes of one element, for strides */
    enum aldb_state refuse; /* the pair is not allowed: reported when a row is fetched */
    bool large;          /* the cell is the number of a large object, of which the bytes are wanted */
    void *data;
    SQLLEN *length, *indicator;
    SQLLEN buflen;
};

#define ALDB_NO_COLUMN ((SQLUSMALLINT)0xffff) /* no result has so many; 0 is the bookmark */

struct aldb_stmt {
    struct aldb_handle h;
    struct aldb_dbc *dbc;             /* NULL after SQLDisconnect */
    struct aldb_dbc *home;            /* the same, for ever, to be read without a lock; it outlives the statement */
    struct aldb_stmt *next, **prev;
    struct aldb_stmt *acts_for;       /* an inner statement, which no application knows: whose calls it serves; SQLCancel goes there */
    _Atomic uint32_t cancel_epoch;    /* raised by SQLCancel without a lock */
    uint32_t run_epoch;               /* cancel_epoch when its execution began */
    uint32_t open_epoch;              /* cancel_epoch when its cursor was opened */
    pthread_mutex_t cancel_lock;      /* guards `running` only; held by SQLCancel while it cancels. Taken inside any lock */
    struct aldb_exec asking;          /* stands for this statement while a plan is asked for */
    struct aldb_exec *running;        /* the execution a call of this statement is in right now, NULL = none */
    enum aldb_stmt_state state;
    bool prepared;                    /* text was given by SQLPrepare and its plan is kept */

    struct aldb_desc *ard, *apd;      /* current; implicit or explicit */
    struct aldb_desc own_ard, own_apd, ird, ipd;

    /* attributes */
    SQLULEN query_timeout, max_rows, max_length, noscan, cursor_type, concurrency, keyset_size, rowset_size, simulate_cursor, retrieve_data,
        use_bookmarks, enable_auto_ipd, metadata_id, async_enable, cursor_scrollable, cursor_sensitivity;
    SQLPOINTER fetch_bookmark_ptr;
    char *cursor_name;                /* NULL until set or asked for; under the dbc lock, since names are unique in a connection */

    /* text and plan */
    struct aldb_sql sql;              /* translated; empty when none */
    char *source;                     /* as prepared, where its meaning depends on standard_conforming_strings; else NULL */
    bool has_sql;
    struct aldb_plan **plans;         /* one a part, entries may be NULL until needed */
    struct aldb_call_part *calls;     /* statement/call.c: one a part; NULL until a call is met */
    void (*calls_free)(struct aldb_call_part *calls, size_t count);
    struct aldb_encoder *encoder;     /* statement/params.c: parameter encoding, kept between executions; NULL until needed */
    void (*encoder_free)(struct aldb_encoder *encoder);
    bool ird_current, ipd_current;    /* descriptors show this text */
    uint64_t ipd_named;               /* version of the IPD that was told the names of a call's parameters */
    bool ird_large;                   /* some column of the IRD holds large objects */
    uint32_t ird_facts;               /* the connection's facts_epoch of the IRD's details */
    bool wire_binary;                 /* format of the current result's cells: conversions are resolved for it */
    struct aldb_locale locale;        /* of the current result: conversions point here */

    /* results */
    struct aldb_outcome **outcomes;   /* executions do not move in memory while they are open */
    size_t noutcomes, outcome;        /* outcome = current one */
    size_t outcomes_room;
    int64_t row_count;
    struct aldb_streamed *streamed;   /* values of streamed output parameters, in the order in which they are told; their outcomes stay open for them */
    size_t nstreamed, streamed_room;
    size_t next_streamed;             /* the next to be told; the one before it is being read */
    bool streamed_ahead;              /* the SQLParamData that ended the data at execution has told the first already: the next one tells it once more */

    /* fetching */
    struct aldb_bound *bound;
    size_t nbound;
    uint64_t bound_ard_version, bound_ird_version;
    struct aldb_desc *bound_ard;
    SQLULEN bound_max_length;
    SQLULEN rowset_rows;              /* rows of the current rowset */
    SQLULEN rowset_pos;               /* current row in it, 0-based */
    int64_t row_number;               /* of the rowset's first row, 1-based; 0 = before the first */
    bool after_end;
    struct aldb_diag pending;         /* the server's error met behind rows that were delivered: posted by the next fetch */
    bool has_pending;                 /* or by closing, if the statement writes */
    struct aldb_cellrows kept;        /* rows of a block rowset, for SQLGetData; a scrollable cursor keeps its own */
    void (*scroll_free)(struct aldb_scroll *scroll);
    char bookmark[sizeof(uint64_t)];  /* of the row that is being delivered */
    struct aldb_cell bookmark_cell;

    /* SQLGetData */
    struct aldb_get *gets;            /* one a column, resolved when first asked for with a C type (c_type 0 = not yet) */
    size_t ngets;
    uint64_t gets_ird_version;
    SQLUSMALLINT get_column;          /* ALDB_NO_COLUMN = none */
    SQLULEN get_row;
    SQLSMALLINT get_c_type;
    struct aldb_chunk chunk;
    struct aldb_large *large;         /* statement/large.c: how large objects are read; NULL until one is */
    void (*large_free)(struct aldb_large *large);

    /* data at execution */
    struct aldb_dae *dae;             /* statement/putdata.c; NULL when none */
    void (*dae_free)(struct aldb_dae *dae);
    enum aldb_copying copying;        /* its execution is outcomes[0]->exec */

    struct aldb_bulk *bulk;           /* statement/bulk.c: the text for arrays of parameters as one statement; NULL until one comes */
    void (*bulk_free)(struct aldb_bulk *bulk);

    /* updatable cursors: statement/edit.c */
    struct aldb_edit *edit;           /* how rows of this text are changed; NULL = they are not */
    void (*edit_free)(struct aldb_edit *edit);
    bool edit_settled;                /* it is known whether they can be */
    /* UPDATE or DELETE … WHERE CURRENT OF: statement/positioned.c */
    struct aldb_sql_span cursor_of;   /* the cursor's name in the text; empty = no such statement */
    size_t cursor_where;              /* where its WHERE begins */
    struct aldb_stmt *positioned;     /* the inner statement that runs in its place; NULL until needed */
    uint16_t hidden;                  /* columns of the result behind the application's, which tell a row */
    SQLULEN asked_type, asked_concurrency; /* what the application set, where this text has less; 0 = it has it (both begin with other values) */
};

/* ------------------------------------------------------------------ lifetime */

/* ALDB_ERR: out of memory, nothing posted. The parent's lock is held by the caller when a handle is made, and by nobody when one is freed. */
enum aldb_rc aldb_env_new(struct aldb_env **out) ALDB_MUSTCHECK;
enum aldb_rc aldb_dbc_new(struct aldb_env *env, struct aldb_dbc **out) ALDB_MUSTCHECK;
enum aldb_rc aldb_stmt_new(struct aldb_dbc *dbc, struct aldb_stmt **out) ALDB_MUSTCHECK;
enum aldb_rc aldb_desc_new(struct aldb_dbc *dbc, struct aldb_desc **out) ALDB_MUSTCHECK;
void aldb_env_free(struct aldb_env *env);
void aldb_dbc_free(struct aldb_dbc *dbc);   /* with its graveyard */
void aldb_stmt_free(struct aldb_stmt *stmt); /* closes without waiting long; works on a broken or closed connection */
/*
 * A statement that serves calls of another one: it is in no list and no handle, the other's lock is its lock, and what cancels the other cancels it.
 * Freed by its owner, without I/O but what letting go of an execution needs.
 */
enum aldb_rc aldb_stmt_new_inner(struct aldb_stmt *owner, struct aldb_stmt **out) ALDB_MUSTCHECK;
void aldb_stmt_free_inner(struct aldb_stmt *stmt); /* NULL allowed */
void aldb_desc_free(struct aldb_desc *desc); /* statements that used it go back to their implicit one */
/* SQLDisconnect's half that concerns handles: abandons executions, moves children to the graveyard. dbc lock held. */
void aldb_dbc_detach_children(struct aldb_dbc *dbc);

/* Frees results, cursors and kept rows (no I/O beyond closing); the state stays. */
void aldb_stmt_drop_results(struct aldb_stmt *stmt);
/* Frees the collected data-at-execution values. */
void aldb_stmt_drop_dae(struct aldb_stmt *stmt);
/* Both; the statement is again what it was before SQLExecute or SQLExecDirect: PREPARED or ALLOCATED. */
void aldb_stmt_rest(struct aldb_stmt *stmt);
/* The outcome that is being fetched, NULL when there is none. */
struct aldb_outcome *aldb_stmt_outcome(const struct aldb_stmt *stmt);
/* Is there another result behind the current one? */
bool aldb_stmt_results_left(const struct aldb_stmt *stmt);
/* The outcome that the application sees at or behind number `from`; noutcomes when there is none. */
size_t aldb_stmt_next_outcome(const struct aldb_stmt *stmt, size_t from);
/* The last outcome goes, with what its execution holds; no I/O. */
void aldb_stmt_drop_outcome(struct aldb_stmt *stmt);
/* Nothing fetched, no position, no piece of a value. */
void aldb_stmt_reset_position(struct aldb_stmt *stmt);

/*
 * Ends the executions that are open, by class (pg/session.h), and keeps their outcomes. ALDB_ERR: what writes has failed behind the rows that were fetched,
 * also where the fetch that met it had rows to deliver.
 */
enum aldb_rc aldb_stmt_close_streams(struct aldb_stmt *stmt, const struct aldb_wait *wait, struct aldb_diag *diag) ALDB_MUSTCHECK;
/* The same for one outcome, the current one. */
enum aldb_rc aldb_stmt_close_stream(struct aldb_stmt *stmt, struct aldb_outcome *o, const struct aldb_wait *wait, struct aldb_diag *diag) ALDB_MUSTCHECK;

/* Every call into pg/ with an execution runs between these two, so that SQLCancel finds it. */
void aldb_stmt_running(struct aldb_stmt *stmt, struct aldb_exec *exec);
void aldb_stmt_idle(struct aldb_stmt *stmt);

/* What bounds one call that talks to the server: SQL_ATTR_CONNECTION_TIMEOUT, counted from now. Statements take the sooner of this and their own. */
struct aldb_wait aldb_dbc_wait(const struct aldb_dbc *dbc);

/*
 * Checks pointer, magic and type; NULL if not such a handle (then the caller returns SQL_INVALID_HANDLE).
 * The pointer is looked up among the live handles before anything behind it is read: stale and wild ones are refused, not followed.
 */
struct aldb_env *aldb_env_check(SQLHANDLE h);
struct aldb_dbc *aldb_dbc_check(SQLHANDLE h);
struct aldb_stmt *aldb_stmt_check(SQLHANDLE h);
struct aldb_desc *aldb_desc_check(SQLHANDLE h);

/* How often SQLCancel was called for it. */
static inline uint32_t aldb_stmt_cancels(const struct aldb_stmt *s)
{
    return atomic_load(&(s->acts_for ? s->acts_for : s)->cancel_epoch);
}

/* Has SQLCancel been called since its cursor was opened? unixODBC then believes it closed. */
static inline bool aldb_stmt_cancelled_since(const struct aldb_stmt *s)
{
    return s->open_epoch != aldb_stmt_cancels(s);
}

/* ODBC version the application asked for: 2, 3 or 380. */
static inline SQLINTEGER aldb_stmt_version(const struct aldb_stmt *s)
{
    return s->dbc && s->dbc->env ? s->dbc->env->odbc_version : (SQLINTEGER)SQL_OV_ODBC3;
}

#endif
