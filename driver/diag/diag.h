/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Diagnostic records of one handle. Knows neither handles nor sql.h, so every room above base/ may post.
 *
 * Texts are UTF-8 and are made where the fact is known, once. The driver's own get the prefix
 * "[AlloyDB][ODBC Driver] ", the server's "[AlloyDB][ODBC Driver][PostgreSQL] ".
 * Not thread-safe: the lock of the owning handle covers it.
 * ODBC: https://learn.microsoft.com/sql/odbc/reference/develop-app/diagnostic-records-and-fields
 */
#ifndef ALDB_DIAG_DIAG_H
#define ALDB_DIAG_DIAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/rc.h"

enum aldb_state {
    ALDB_ST_NONE = 0, /* no diagnostic; converters return it for "fine" */
#define ALDB_STATE(state, text) ALDB_ST_##state,
#define ALDB_STATE_OF(name, state, text) ALDB_ST_##name,
#include "diag/states.def"
#undef ALDB_STATE
#undef ALDB_STATE_OF
    ALDB_ST_COUNT
};

/* "22003"; static. */
const char *aldb_state_code(enum aldb_state st);
/* The default text of states.def; static. */
const char *aldb_state_text(enum aldb_state st);
/* States of class 01 are warnings. */
bool aldb_state_is_warning(enum aldb_state st);

#define ALDB_ROW_NONE (-1)    /* SQL_NO_ROW_NUMBER */
#define ALDB_ROW_UNKNOWN (-2) /* SQL_ROW_NUMBER_UNKNOWN */
#define ALDB_COL_NONE (-1)
#define ALDB_COL_UNKNOWN (-2)

/*
 * Records kept at most; the rest is counted and a last HY000/01000 record says how many were left out. An error takes the place of a warning
 * rather than be left out.
 */
#define ALDB_DIAG_MAX 1024

struct aldb_diag_record {
    char state[6];
    int32_t native;
    char *message; /* owned; with prefix; NULL means the ready-made default text of the state (so HY001 needs no memory) */
    int64_t row;   /* 1-based row of the rowset or parameter set, or ALDB_ROW_* */
    int32_t column;
    bool from_server;
};

struct aldb_diag {
    struct aldb_diag_record *records;
    size_t count;
    size_t cap;
    size_t warnings;       /* how many of the records are warnings: the first to be left out */
    size_t dropped;
    size_t dropped_errors; /* of them */
    struct aldb_diag_record left_out; /* made on reading; always the last */
    char left_out_text[128];
    bool out_of_memory; /* a record was lost for want of memory: one HY001 is reported without allocating */
    bool sorted;
    /* Header fields (statement handles). */
    int64_t row_count;
    int64_t cursor_row_count;
    const char *dynamic_function; /* static */
    int32_t dynamic_function_code;
    /* Position given to records posted from now on; converters set them. */
    int64_t row;
    int32_t column;
    /* How the server's error positions become positions in the application's text; NULL: they are the same. */
    size_t (*map_position)(const void *ctx, size_t part, size_t character);
    const void *map_ctx;
    size_t map_part;
};

void aldb_diag_init(struct aldb_diag *d);
void aldb_diag_clear(struct aldb_diag *d); /* frees all */
/* As on entering a function: no records, position none; keeps memory, row_count and dynamic function. */
void aldb_diag_reset(struct aldb_diag *d);

/*
 * Adds one record and returns ALDB_ERR, or ALDB_INFO when the state is a warning, so that
 * `return aldb_diag_post(...)` reads well. `fmt` == NULL: the default text. Never fails: out of memory is HY001 (a warning keeps its state and
 * gets the default text). Texts over ALDB_MAX_MESSAGE are cut and say so. Texts must never hold secrets.
 */
enum aldb_rc aldb_diag_post(struct aldb_diag *d, enum aldb_state st, const char *fmt, ...) ALDB_PRINTF(3, 4);
/* With an explicit native code. */
enum aldb_rc aldb_diag_post_native(struct aldb_diag *d, enum aldb_state st, int32_t native, const char *fmt, ...)
    ALDB_PRINTF(4, 5);
/* Sets the position for the records that follow. */
void aldb_diag_at(struct aldb_diag *d, int64_t row, int32_t column);

/* From now on the server speaks of part `part` of a translated text; `map` NULL: no longer. `ctx` is borrowed until then. */
void aldb_diag_map_positions(struct aldb_diag *d, size_t (*map)(const void *ctx, size_t part, size_t character), const void *ctx, size_t part);

/* What the server said, borrowed for the call; NULL where a field was absent. */
struct aldb_server_error {
    const char *severity; /* not localised: ERROR, FATAL, PANIC, WARNING, NOTICE, INFO, LOG, DEBUG */
    const char *sqlstate; /* 5 characters */
    const char *message;
    const char *detail;
    const char *hint;
    const char *position; /* characters into the statement text, 1-based, decimal */
    const char *context;
    const char *schema, *table, *column, *datatype, *constraint;
    const char *routine; /* C function of the server: locale-independent */
};

enum aldb_server_moment {
    ALDB_AT_CONNECT,
    ALDB_AT_STATEMENT,
    ALDB_AT_COMMIT,
};

/*
 * Maps the PostgreSQL SQLSTATE to ODBC's (table in pgstate.def: exact, then routine-specific, then class), posts
 * "SEVERITY: message" with DETAIL, HINT, position and the original state on further lines, native = the SQLSTATE packed
 * as PostgreSQL's MAKE_SQLSTATE. Notices and warnings become 01000. `own_timeout`/`own_cancel` tell what a 57014 was.
 */
struct aldb_server_context {
    enum aldb_server_moment moment;
    bool own_timeout; /* our deadline sent the cancel: 57014 -> HYT00 */
    bool link_timeout; /* and it was SQL_ATTR_CONNECTION_TIMEOUT: HYT01 */
    bool own_cancel;  /* SQLCancel sent it: 57014 -> HY008 */
};
enum aldb_rc aldb_diag_post_server(struct aldb_diag *d, const struct aldb_server_error *e,
                                   const struct aldb_server_context *ctx);
/* The pure mapping of the above: writes 5 characters and NUL. */
void aldb_pgstate_map(const struct aldb_server_error *e, const struct aldb_server_context *ctx, char out[6]);
/* MAKE_SQLSTATE packing; 0 for malformed input. */
int32_t aldb_pgstate_native(const char *sqlstate);

/* Moves all records of `from` behind those of `to`; `from` is empty afterwards. */
void aldb_diag_move(struct aldb_diag *to, struct aldb_diag *from);
/*
 * Sets what has been said aside, and leaves *d empty. Two ways back: without what has been said since, or with it behind. Either ends the life of `aside`.
 */
struct aldb_diag aldb_diag_aside(struct aldb_diag *d) ALDB_MUSTCHECK;
void aldb_diag_back(struct aldb_diag *d, struct aldb_diag *aside);
void aldb_diag_back_with(struct aldb_diag *d, struct aldb_diag *aside);
/* Adds copies of all records of `from` behind those of `to`. What cannot be copied for want of memory becomes HY001. */
void aldb_diag_copy(struct aldb_diag *to, const struct aldb_diag *from);

/*
 * Record `number` (1-based) in ODBC's rank order, NULL past the end. Sorting happens on first reading after posting;
 * SQLExtendedFetch asks for no sorting by setting `sorted`.
 */
/* Adds "\nHINT: text" to the message of record `number` (1 is the first), for what is found out afterwards. Left out when there is no memory or no such record. */
void aldb_diag_hint(struct aldb_diag *d, size_t number, const char *fmt, ...) ALDB_PRINTF(3, 4);
const struct aldb_diag_record *aldb_diag_get(struct aldb_diag *d, size_t number); /* borrowed until the next change of d */
size_t aldb_diag_count(const struct aldb_diag *d); /* including the HY001 and the "left out" record */
bool aldb_diag_has_error(const struct aldb_diag *d);
/* Message text, never NULL. */
const char *aldb_diag_message(const struct aldb_diag_record *r);
/* A message without the names of who says it: "[AlloyDB][ODBC Driver][PostgreSQL] ERROR: …" is "ERROR: …". Points into it. */
const char *aldb_diag_sentence(const char *message);
/* The first record's message, for a line of the log; "out of memory" where nothing was said. Borrowed until the next change of d. */
const char *aldb_diag_first_message(struct aldb_diag *d);
/* The first record's native code; 0: it is none of the server's, or nothing was said. */
int32_t aldb_diag_first_native(struct aldb_diag *d);
const char *aldb_diag_class_origin(const struct aldb_diag_record *r);    /* "ISO 9075" or "ODBC 3.0" */
const char *aldb_diag_subclass_origin(const struct aldb_diag_record *r);

#endif
