/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What makes a cursor scrollable: the rows of an outcome as far as they have come off the wire, kept so that they can be read again (base/rowstore). Rows are
 * taken as they are asked for: the first rowset comes before the last row, and only SQL_FETCH_LAST and its kin read to the end.
 * Statement lock held throughout.
 */
#ifndef ALDB_STATEMENT_SCROLL_H
#define ALDB_STATEMENT_SCROLL_H

#include "base/rowstore.h"
#include "statement/internal.h"

struct aldb_scroll {
    struct aldb_rowstore rows;
    const struct aldb_cell *taken; /* a row that came off the wire and is not kept yet; NULL = none */
    bool ended;                    /* all rows are kept */
    bool failed;                   /* the server's rows ended with an error, which was told: those that are kept are not all */
    /* What the cursor itself has changed: rows as they are now, behind the numbers of those that they replace. */
    struct aldb_rowstore changed;
    struct aldb_map changes;       /* row (uint64_t, 0-based) -> struct aldb_change */
    struct aldb_change *added;     /* rows behind the last one of the server, in the order in which they were added */
    size_t nadded, added_cap;
};

struct aldb_change {
    uint64_t at; /* in `changed` */
    bool deleted;
};

/* Does the statement ask for a cursor whose rows are kept? */
bool aldb_stmt_scrolls(const struct aldb_stmt *stmt);

/* Gives the outcome its store, if the statement's cursor is to have one. HY001. */
enum aldb_rc aldb_scroll_open(struct aldb_stmt *stmt, struct aldb_outcome *o) ALDB_MUSTCHECK;

/*
 * Row `i` (0-based): *cells is valid until the next call. Takes rows off the wire up to it. ALDB_NO_DATA: there is no such row. ALDB_INFO: the server said
 * something on the way. HY000: there is no room for more rows, or the file with those kept could not be read. 24000: closed by a rollback.
 */
enum aldb_rc aldb_scroll_row(struct aldb_stmt *stmt, struct aldb_outcome *o, uint64_t i, const struct aldb_wait *wait, struct aldb_diag *diag,
                             const struct aldb_cell **cells) ALDB_MUSTCHECK;
/* Has row `i`, which exists, been deleted, by this cursor or before this cursor read it again? Its cells are what they were. */
bool aldb_scroll_deleted(const struct aldb_scroll *sc, uint64_t i);
/* Row `i` is another one from now on; cells NULL: it is deleted. They must not be cells of this store. HY001, HY000. */
enum aldb_rc aldb_scroll_change(struct aldb_scroll *sc, uint64_t i, const struct aldb_cell *cells, struct aldb_diag *diag) ALDB_MUSTCHECK;
/* One more row, behind all others. HY001, HY000. */
enum aldb_rc aldb_scroll_add(struct aldb_scroll *sc, const struct aldb_cell *cells, struct aldb_diag *diag) ALDB_MUSTCHECK;
/* Takes rows off the wire up to the last. *count: of all rows. */
enum aldb_rc aldb_scroll_count(struct aldb_stmt *stmt, struct aldb_outcome *o, const struct aldb_wait *wait, struct aldb_diag *diag, uint64_t *count) ALDB_MUSTCHECK;

#endif
