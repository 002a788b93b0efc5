/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What connecting did, stage by stage, for whoever wants to know where it ended or where its time went: SQL_ATTR_ALLOYDB_CONNECT_TRAIL.
 *
 * Stages follow each other; one that begins while another is under way takes its place without a trace (asking for a token is no part of asking the API). A second attempt appends its
 * stages behind the first one's. Facts are for other eyes: addresses, versions, names; never a secret. Lines for which there is no memory, or no room, are left out. One thread at a time. NULL stands for no trail in every function.
 */
#ifndef ALDB_BASE_TRAIL_H
#define ALDB_BASE_TRAIL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

struct aldb_trail {
    struct aldb_buf text; /* a line a stage: name, "done" or "failed", milliseconds, fact, with tabs between them and "\n" behind */
    const char *stage;    /* under way; NULL: none */
    int64_t began_us;
};

/* No allocation. */
void aldb_trail_init(struct aldb_trail *t);
void aldb_trail_clear(struct aldb_trail *t);
/* Forgets all, keeps the memory. */
void aldb_trail_reset(struct aldb_trail *t);

/* `stage` is static: a word, or a few. */
void aldb_trail_begin(struct aldb_trail *t, const char *stage);
/* The stage under way is done; without one nothing happens. Control characters of the fact become blanks. */
void aldb_trail_end(struct aldb_trail *t, const char *format, ...) ALDB_PRINTF(2, 3);
/* What is under way has failed. Why, the diagnostic tells. */
void aldb_trail_fail(struct aldb_trail *t);

/* One line of a trail's text. */
struct aldb_trail_step {
    struct aldb_slice stage, how, ms, fact;
};
/* Takes the first line off `text`. False: there is none, or none of a trail's. Pure. */
bool aldb_trail_step(struct aldb_slice *text, struct aldb_trail_step *out) ALDB_MUSTCHECK;

#endif
