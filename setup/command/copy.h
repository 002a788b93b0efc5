/* SPDX-License-Identifier: Apache-2.0 */
/* What `load` and `unload` share: the table, and how COPY is to read or write its rows. https://www.postgresql.org/docs/current/sql-copy.html */
#ifndef ALDB_COMMAND_COPY_H
#define ALDB_COMMAND_COPY_H

#include <stdbool.h>

#include "setup/command/args.h"
#include "setup/command/connection.h"
#include "setup/command/names.h"

struct aldb_copy {
    const struct aldb_arguments *a;
    struct aldb_connection c;
    SQLHSTMT stmt;
    bool csv, header, quiet;
    char delimiter, quote, escape;
    const char *null, *encoding;  /* NULL: COPY's own */
    struct aldb_names table;      /* schema and table, or table */
    struct aldb_names columns;    /* that are asked for; none: all */
    struct aldb_names there;      /* columns of the table that COPY takes: not the generated ones */
    bool stored;                  /* a table whose rows are all its own; else COPY has to be given a query for them */
    bool begun;                   /* there is `stmt` */
};

/* Reads the flags, and the names: of the table where `table` is not NULL. ALDB_EXIT_GOOD, or what to end with. aldb_copy_close() is due in any case. */
int aldb_copy_open(struct aldb_copy *k, const struct aldb_arguments *a, const char *table);
/* Connects to a->at[0]; from here on signals cancel. False: said why. */
bool aldb_copy_connect(struct aldb_copy *k);
void aldb_copy_close(struct aldb_copy *k);

/* Asks the server about the table. False: said why; so also where --columns names what it has not. */
bool aldb_copy_look(struct aldb_copy *k);
/* The table as the user may write it: for messages. */
void aldb_copy_add_table(const struct aldb_copy *k, struct aldb_buf *out);
/* "There is no column …", with those that there are. `where` is what stands in front. */
void aldb_copy_refuse_column(const struct aldb_copy *k, const char *where, const char *name);
/* " WITH (FORMAT …)". */
void aldb_copy_add_options(const struct aldb_copy *k, struct aldb_buf *out, const char *more);

/* Executes, and goes through all results without looking at them. False: the diagnostics have been printed, unless a signal was the reason. */
bool aldb_copy_execute(struct aldb_copy *k, const char *sql);
/* The statement's diagnostics, behind an erased progress. */
void aldb_copy_complain(struct aldb_copy *k);

#endif
