/* SPDX-License-Identifier: Apache-2.0 */
/* How far long work has come: one line on stderr, drawn anew by the thread of interrupt.h, and erased at the end. */
#ifndef ALDB_COMMAND_PROGRESS_H
#define ALDB_COMMAND_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

/*
 * Begins, with all counts 0. `total`: the bytes that there are, 0 = nobody knows. Nothing is drawn with `quiet`, where stderr is no terminal, or where `data` (a
 * descriptor, -1 = none) is one, since the rows show there. False then: counts are not needed.
 */
bool aldb_progress_begin(uint64_t total, bool quiet, int data);
/* Counts so far. */
void aldb_progress_at(uint64_t rows, uint64_t bytes);
/* Draws, unless not shown. */
void aldb_progress_draw(void);
/* Erases what is drawn, since something else is to be written; it comes again. */
void aldb_progress_hide(void);
/* Erases it for good. */
void aldb_progress_end(void);

/* "1,234,567", "12.3 MB", "1:02:03". */
void aldb_add_count(struct aldb_buf *out, uint64_t count);
void aldb_add_bytes(struct aldb_buf *out, double bytes);
void aldb_add_duration(struct aldb_buf *out, double seconds);

#endif
