/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a program for its output: no shell, own process group, no inherited descriptors, killed with its children when its time is over. */
#ifndef ALDB_GOOGLE_RUN_H
#define ALDB_GOOGLE_RUN_H

#include "base/buf.h"
#include "base/rc.h"
#include "google/room.h"

enum aldb_run {
    ALDB_RUN_ENDED,
    ALDB_RUN_NOT_STARTED,
    ALDB_RUN_TIMEOUT, /* the program's own time, or the call's deadline: which, the caller sees at its call */
    ALDB_RUN_STOPPED,
    ALDB_RUN_TOO_MUCH, /* output */
    ALDB_RUN_MEMORY,
};

struct aldb_run_result {
    enum aldb_run outcome;
    int status;          /* exit status of ALDB_RUN_ENDED; 128 + signal when one killed it; 0 when the application reaps all children and it is not known */
    int error;           /* errno of ALDB_RUN_NOT_STARTED */
    struct aldb_buf out; /* initialised by the caller with its maximum; secret */
    struct aldb_buf err; /* the beginning of standard error, as much as has room */
};

/* `argv` and `env` as for execvpe. Standard input is empty. */
void aldb_run(char *const argv[], char *const env[], int64_t timeout_ms, const struct aldb_call *call, struct aldb_run_result *result);

#endif
