/* SPDX-License-Identifier: Apache-2.0 */
/* Where SQLFetchScroll goes: ODBC's cursor positioning rules as arithmetic (https://learn.microsoft.com/sql/odbc/reference/syntax/sqlfetchscroll-function). Pure. */
#ifndef ALDB_STATEMENT_POSITION_H
#define ALDB_STATEMENT_POSITION_H

#include <stdbool.h>
#include <stdint.h>

/* Where the cursor stands. Rows are counted from 1. */
struct aldb_position {
    int64_t first; /* of the current rowset; 0: before the first row, or after the last */
    int64_t rows;  /* of the current rowset */
    bool after;    /* after the last row; else, with first == 0, before the first */
};

enum aldb_place { ALDB_PLACE_ROW, ALDB_PLACE_BEFORE, ALDB_PLACE_AFTER };

struct aldb_move {
    enum aldb_place place;
    int64_t first; /* of the new rowset, with ALDB_PLACE_ROW; it may still lie behind the last row, which is ALDB_PLACE_AFTER then */
    bool cut;      /* 01S06: it would have begun before the first row, and begins with it */
};

/* Must the number of the last row be known for this move? */
bool aldb_position_needs_last(int orientation, int64_t offset, const struct aldb_position *at);

/*
 * `size`: rows of the new rowset; `last`: number of the last row, if aldb_position_needs_last; `bookmark`: the row that SQL_FETCH_BOOKMARK starts from.
 * The orientation is one of SQLFetchScroll's.
 */
struct aldb_move aldb_position_move(int orientation, int64_t offset, const struct aldb_position *at, int64_t size, int64_t last, int64_t bookmark);

#endif
