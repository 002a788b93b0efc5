/* SPDX-License-Identifier: Apache-2.0 */
/* Names and texts of SQL: read as SQL has them, and written so that they can be nothing else. */
#ifndef ALDB_COMMAND_NAMES_H
#define ALDB_COMMAND_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct aldb_names {
    char **at; /* each owned, as all of it is */
    size_t count;
};

void aldb_names_clear(struct aldb_names *n);
/* Adds a copy. False: out of memory. */
bool aldb_names_add(struct aldb_names *n, const char *name, size_t length);
bool aldb_names_has(const struct aldb_names *n, const char *name);

/*
 * Reads names that `separator` stands between, with blanks around it: of letters, digits, "_" and "$", which become lower case, or anything in double quotes, one of
 * which is written as two. `out` is empty before. NULL; or what is wrong, half a sentence; or aldb_names_no_memory.
 */
extern const char aldb_names_no_memory[];
const char *aldb_names_parse(struct aldb_names *out, const char *text, char separator);

/* "name", quotes in it doubled. */
void aldb_add_name(struct aldb_buf *out, const char *name);
void aldb_add_names(struct aldb_buf *out, const struct aldb_names *n, const char *separator);
/* E'text', whatever standard_conforming_strings is. */
void aldb_add_literal(struct aldb_buf *out, const char *text);

#endif
