/* SPDX-License-Identifier: Apache-2.0 */
/* What the lifetime files of handle/ share. */
#ifndef ALDB_HANDLE_LIFE_H
#define ALDB_HANDLE_LIFE_H

#include "handle/handle.h"

/* Makes a zeroed handle live: magic, lock, diagnostics, entry in the registry. False: out of memory, nothing to undo. */
bool aldb_handle_init(struct aldb_handle *h, uint32_t magic, SQLSMALLINT type, enum aldb_lock_rank rank) ALDB_MUSTCHECK;
/* From now on every check refuses it; its memory and lock stay. */
void aldb_handle_retire(struct aldb_handle *h);
/* Frees what aldb_handle_init made. The handle is retired. */
void aldb_handle_clear(struct aldb_handle *h);

/* Lets go of executions without I/O (the session is about to be closed), frees all contents and retires statement and implicit descriptors. */
void aldb_stmt_detach(struct aldb_stmt *stmt);
/* The end of a statement that nobody has seen and that ran nothing. dbc lock held. */
void aldb_stmt_unmake(struct aldb_stmt *stmt);
/* Frees a detached statement. */
void aldb_stmt_bury(struct aldb_stmt *stmt);
/* Frees what waits on the graveyard. */
void aldb_dbc_clear_graveyard(struct aldb_dbc *dbc);

#endif
