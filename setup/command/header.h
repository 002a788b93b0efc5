/* SPDX-License-Identifier: Apache-2.0 */
/* The first line of what COPY is going to read, for the names that stand in it, and where rows end, for the progress. All else of the data is the server's to read. */
#ifndef ALDB_COMMAND_HEADER_H
#define ALDB_COMMAND_HEADER_H

#include "setup/command/copy.h"

#define ALDB_HEADER_MAX ((size_t)1 << 20)

/*
 * Takes the first line apart, by the rules of COPY's format. `at_end`: nothing comes behind `data`. False: it does not end in `data`. `out`, which is empty before, is
 * then empty; it may hold less names than there are when memory has run out (*failed).
 */
bool aldb_header_parse(const struct aldb_copy *k, struct aldb_slice data, bool at_end, struct aldb_names *out, bool *failed);

/* Counts rows in pieces of data: line ends that stand neither in quotes nor behind a backslash. */
struct aldb_row_counter {
    bool csv, quoted, escaped;
    char quote, escape;
    uint64_t rows;
};
void aldb_row_counter_init(struct aldb_row_counter *c, const struct aldb_copy *k);
void aldb_row_counter_add(struct aldb_row_counter *c, struct aldb_slice piece);

#endif
