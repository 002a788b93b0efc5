/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows of a result set, as text. They are fetched into bound columns, in blocks where no value can be long; a value that is longer than its column's cell is read again
 * by itself, whole. Memory is a block, or a row.
 */
#ifndef ALDB_COMMAND_ROWS_H
#define ALDB_COMMAND_ROWS_H

#include <stdbool.h>
#include <stddef.h>

#include <sql.h>
#include <sqlext.h>

#include "base/buf.h"
#include "base/str.h"

enum aldb_column_kind {
    ALDB_COLUMN_TEXT,
    ALDB_COLUMN_NUMBER,  /* digits as the server writes them; NaN and Infinity too */
    ALDB_COLUMN_BOOLEAN, /* the value is "t" or "f" */
    ALDB_COLUMN_BYTES,   /* the value is the bytes themselves */
    ALDB_COLUMN_JSON,
};

struct aldb_rows_column {
    char *name; /* owned; UTF-8 */
    enum aldb_column_kind kind;
    SQLSMALLINT c_type;
    size_t most;         /* bytes that a value may have, as far as the driver knows; SIZE_MAX = any number */
    size_t cell;         /* bytes of one, with the terminator that characters have */
    char *cells;         /* of a block; owned */
    SQLLEN *lengths;     /* of a block; owned */
    size_t longest;      /* value of the block that did not fit; 0: all did */
    struct aldb_buf whole; /* such a value */
};

struct aldb_rows {
    SQLHSTMT stmt;
    struct aldb_rows_column *columns; /* owned */
    size_t count;                     /* of columns */
    struct aldb_slice *values;        /* of the row: `ptr` NULL is NULL; owned */
    SQLULEN most, size, fetched, at;  /* rows: that a block has room for, of this block, in it, given out */
    double took;                      /* milliseconds, the block */
    SQLUSMALLINT *states;             /* of the rows of a block; owned */
    SQLRETURN ended;                  /* what the fetch said that gave the last of them; SQL_SUCCESS: there may be more */
};

/* Of the result set that the statement has. `raw`: text is taken byte by byte, as COPY gives it. False: out of memory or refused; said why. */
bool aldb_rows_open(struct aldb_rows *r, SQLHSTMT stmt, bool raw);
void aldb_rows_close(struct aldb_rows *r);
/*
 * The next row's values, good until the next call. SQL_SUCCESS; SQL_NO_DATA; SQL_ERROR: the statement's diagnostics say why (not yet printed). What the server said beside
 * rows has been printed, unless `quiet`.
 */
SQLRETURN aldb_rows_next(struct aldb_rows *r, bool quiet);

/* SQLExecDirect; but a statement that has changed no rows, which ODBC calls SQL_NO_DATA, is SQL_SUCCESS_WITH_INFO: more results may follow, and notices be there. */
SQLRETURN aldb_execute(SQLHSTMT stmt, const char *sql);
/* What the last call on the statement had to say, behind an erased progress. */
void aldb_rows_tell(SQLHSTMT stmt);

#endif
