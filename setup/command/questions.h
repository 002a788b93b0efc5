/* SPDX-License-Identifier: Apache-2.0 */
/* What a person is asked about a data source, on a terminal. */
#ifndef ALDB_COMMAND_QUESTIONS_H
#define ALDB_COMMAND_QUESTIONS_H

#include <stdbool.h>

#include "config/options.h"

/*
 * Appends what is answered to `out`: only what changes something. `old`: what the data source says already, as answers to fall back on; NULL: it is new. A password is
 * kept only when that is asked for. False: input ended, or out of memory; said so.
 */
bool aldb_ask_for_source(struct aldb_pairs *out, const struct aldb_pairs *old);

#endif
