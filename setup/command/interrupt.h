/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ctrl-C, and other requests to end, while a statement runs: it is cancelled at the server, and what came until then is kept. A thread waits for the signals, so that
 * nothing is done inside of a handler; it draws the progress, too. A second signal ends the program as it would any other.
 */
#ifndef ALDB_COMMAND_INTERRUPT_H
#define ALDB_COMMAND_INTERRUPT_H

#include <stdbool.h>

#include <sql.h>

/* From here on signals cancel; before, they end the program. SIGINT, SIGTERM and SIGHUP, but those that the program was started without. False: said why. */
bool aldb_interrupt_begin(void);
/* Signals end the program again; those that came are not forgotten. Without a begin it does nothing. */
void aldb_interrupt_end(void);

/* The statement to be cancelled; SQL_NULL_HSTMT: none any more, which is to be said before it is freed. */
void aldb_interrupt_watch(SQLHSTMT stmt);
/* A file to be removed should a second signal end the program; NULL: none any more. Not copied. */
void aldb_interrupt_remove(const char *path);

/* The signal that came; 0: none. */
int aldb_interrupted(void);
/* Readable once a signal has come, for poll(2); -1 without a begin. */
int aldb_interrupt_fd(void);
/* What the program ends with: `status`, or where that is a failure and a signal had come, what shells have for it; says so. */
int aldb_interrupt_status(int status);

#endif
