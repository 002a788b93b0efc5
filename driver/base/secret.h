/* SPDX-License-Identifier: Apache-2.0 */
/* The type of passwords, tokens and keys, which no log function and no diagnostic takes. */
#ifndef ALDB_BASE_SECRET_H
#define ALDB_BASE_SECRET_H

/* A value that must never be logged or echoed. No formatter exists for it on purpose. */
struct aldb_secret {
    char *value; /* owned, wiped when freed (aldb_free_secret); NULL = not given */
};

#endif
