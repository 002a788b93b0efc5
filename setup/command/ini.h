/* SPDX-License-Identifier: Apache-2.0 */
/*
 * odbc.ini and odbcinst.ini as text: what is changed changes, and comments, order and spacing of all the rest stay as they are (unixODBC's own writing drops comments).
 * Sections and keys are found as unixODBC's reading finds them: "[" at the start of a line, names without regard to case, the first section of a name.
 */
#ifndef ALDB_COMMAND_INI_H
#define ALDB_COMMAND_INI_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/buf.h"
#include "config/options.h"

#define ALDB_INI_MAX ((size_t)16 << 20) /* bytes of a file */

struct aldb_ini {
    char *path;  /* owned; symbolic links followed */
    struct aldb_buf text;
    int lock;    /* the file, locked while it is changed; -1 */
    bool is_new; /* it was not there */
};

/*
 * Reads it; a file that is not there is empty. `change`: it is going to be written, by nobody else meanwhile (flock; waits ten seconds). `what` is how
 * complaints call the file. False: said why on stderr.
 */
bool aldb_ini_open(struct aldb_ini *i, const char *path, bool change, const char *what);
/* Reads it, if it is there and may be read; else false, without a word. */
bool aldb_ini_peek(struct aldb_ini *i, const char *path);
/*
 * Writes it, beside the old one and then in its place, with its mode and owner; a new file gets `mode`. A file of the user's (0600) that has nothing left in it is
 * removed. False: said why on stderr, and the old one is there.
 */
bool aldb_ini_save(struct aldb_ini *i, mode_t mode);
void aldb_ini_close(struct aldb_ini *i);

bool aldb_ini_has(const struct aldb_ini *i, const char *section);
/* The value, owned; NULL: not there (or out of memory). */
char *aldb_ini_get(const struct aldb_ini *i, const char *section, const char *key);
/* The name of section number n (0 is the first), owned; NULL behind the last. */
char *aldb_ini_section(const struct aldb_ini *i, size_t n);
/* All keys of the section, in order, the first of each name. False: out of memory; said so on stderr. */
bool aldb_ini_pairs(const struct aldb_ini *i, const char *section, struct aldb_pairs *out);

/* Puts a value, at the end of the section if the key is new, at the end of the file if the section is; NULL takes the key out. */
void aldb_ini_put(struct aldb_ini *i, const char *section, const char *key, const char *value);
/* Takes the section out with the comments inside of it; comments behind its last key are the next section's. */
void aldb_ini_remove(struct aldb_ini *i, const char *section);
void aldb_ini_rename(struct aldb_ini *i, const char *section, const char *name);

#endif
