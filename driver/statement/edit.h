/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Updatable cursors. Where the text is a plain SELECT from one table, the driver asks for some columns more, behind the application's: where a row lies (ctid and
 * tableoid), its version (xmin), and its primary key if there is one. With these a single row is updated, deleted, or read again, by statements of their own.
 *
 *   edit.c       can the rows of this text be changed, and by which statements
 *   edit_row.c   one row through such a statement
 *   edit_rows.c  all rows of a rowset read again, in one round trip
 *   setpos.c     SQLSetPos and SQLBulkOperations: many rows, statuses, data at execution
 *
 * A row that others have changed or deleted since it was read is left alone: the statements look for the version that was read.
 * Statement lock held throughout.
 */
#ifndef ALDB_STATEMENT_EDIT_H
#define ALDB_STATEMENT_EDIT_H

#include "statement/scroll.h"

/* Hidden columns in their order; those of the key follow. All of type text. */
enum aldb_hidden { ALDB_HIDDEN_CTID, ALDB_HIDDEN_TABLE, ALDB_HIDDEN_VERSION, ALDB_HIDDEN_KEY };

/* PostgreSQL's INDEX_MAX_KEYS: columns that a key can have. */
#define ALDB_INDEX_KEYS 32

enum aldb_edit_kind { ALDB_EDIT_UPDATE, ALDB_EDIT_DELETE, ALDB_EDIT_INSERT, ALDB_EDIT_READ };

/* An operation of SQLSetPos or SQLBulkOperations over rows of the bound buffers. */
struct aldb_edit_run {
    enum aldb_edit_kind kind;
    bool bookmarks;            /* rows are told by bookmarks in the buffers, not by the rowset */
    bool all;                  /* of the rowset: SQL_ATTR_ROW_OPERATION_PTR counts */
    SQLULEN index, end;        /* 0-based: the row at work, and behind the last */
    int64_t row;               /* its number in the result */
    SQLULEN done, failed;
    int64_t affected;
    bool info;
    bool waiting;              /* for data at execution of the row at work */
};

struct aldb_edit {
    uint32_t table;            /* OID */
    char *relation;            /* behind FROM and UPDATE: [ONLY] schema.name [AS alias] */
    char *target;              /* behind INSERT INTO: schema.name [AS alias] */
    char *list;                /* what the SELECT returns, hidden columns included */
    char *by_version, *by_key; /* WHERE …: the version that was read; the row, whatever its version */
    char *by_keys;             /* WHERE …: the rows of arrays of keys; NULL: they cannot be arrays */
    char **columns;            /* of the result: the quoted name of a column that can be written, or NULL */
    struct aldb_plan *plan;    /* what all this was made for */
    uint16_t ncolumns, nkeys;
    struct aldb_stmt *inner[2]; /* one that reads, and one that writes; NULL until needed */
    char *inner_text[2];       /* what they have prepared */
    struct aldb_stmt *rereader; /* one that reads rowsets; NULL until needed */
    struct aldb_buf keys;      /* values that tell the row at work, and where each begins and how long it is */
    size_t key_at[ALDB_HIDDEN_KEY + ALDB_INDEX_KEYS];
    SQLLEN key_len[ALDB_HIDDEN_KEY + ALDB_INDEX_KEYS];
    SQLUSMALLINT *written;     /* columns behind the inner statement's first parameters */
    uint16_t nwritten;
    struct aldb_edit_run run;
};

/* edit.c */

/*
 * Finds out, once for a text, whether its rows can be changed, if the statement's cursor is to be able to, and puts the hidden columns into the text.
 * Asks the server; ALDB_ERR when that fails, or when the text is wrong by itself.
 */
enum aldb_rc aldb_edit_settle(struct aldb_stmt *stmt, const struct aldb_wait *wait) ALDB_MUSTCHECK;
/* Before an execution: where rows cannot be changed the cursor is a read-only one, and no keyset-driven one, until it is closed. */
void aldb_edit_downgrade(struct aldb_stmt *stmt);
/* Behind it: 01S02 if that was done. */
enum aldb_rc aldb_edit_tell_downgrade(struct aldb_stmt *stmt) ALDB_MUSTCHECK;
/* Has the result the columns that the statement's texts were made for? A table may change under a prepared text. */
bool aldb_edit_matches(const struct aldb_stmt *stmt, const struct aldb_outcome *o);
/* HY092 where the cursor is read-only; HY000 where the table has changed. */
enum aldb_rc aldb_edit_check(struct aldb_stmt *stmt, const struct aldb_outcome *o) ALDB_MUSTCHECK;

/* edit_row.c */

/*
 * Begins to change (or to read again) row `number` of the result by the values bound in row `index` of the buffers. ALDB_NEED_DATA: some are to be sent in parts,
 * to the inner statement. ALDB_NO_DATA: there is no such row any more, or not in the version that was read.
 */
enum aldb_rc aldb_edit_row(struct aldb_stmt *stmt, struct aldb_outcome *o, enum aldb_edit_kind kind, int64_t number, SQLULEN index) ALDB_MUSTCHECK;
/* What became of it, once the inner statement has been executed with `rc`: the row that the cursor shows from now on. Diagnostics are the statement's. */
enum aldb_rc aldb_edit_row_done(struct aldb_stmt *stmt, struct aldb_outcome *o, enum aldb_edit_kind kind, int64_t number, SQLULEN index, enum aldb_rc rc)
    ALDB_MUSTCHECK;
/* The row as the server has it now, in place of the one kept; one that is not there any more is deleted from now on. Nothing where rows tell not which they are. */
enum aldb_rc aldb_edit_read_again(struct aldb_stmt *stmt, struct aldb_outcome *o, int64_t number, SQLULEN index) ALDB_MUSTCHECK;
/* Has the row that an inner statement returned the cells of the cursor's rows, in the same form? */
bool aldb_edit_fits(const struct aldb_outcome *o, const struct aldb_outcome *got);
/* The first hidden cell that tells a row whatever its version, and how many there are. */
size_t aldb_edit_key(const struct aldb_edit *e, size_t *count);
/* The one that serves such operations. */
struct aldb_stmt *aldb_edit_inner(struct aldb_edit *e, enum aldb_edit_kind kind);

/* edit_rows.c */

/* Rows `first` to `first + count - 1` (1-based), which the cursor has, as the server has them now; those that are not there any more are deleted from now on. */
enum aldb_rc aldb_edit_read_rows_again(struct aldb_stmt *stmt, struct aldb_outcome *o, int64_t first, uint64_t count) ALDB_MUSTCHECK;

#endif
