/* SPDX-License-Identifier: Apache-2.0 */
/* The commands, and what several of them share. */
#ifndef ALDB_COMMAND_COMMANDS_H
#define ALDB_COMMAND_COMMANDS_H

#include "setup/command/args.h"
#include "setup/command/places.h"

/* In the order of the help; ended by one without a name. */
extern const struct aldb_command aldb_commands[];

int aldb_run_register(const struct aldb_arguments *a);
int aldb_run_unregister(const struct aldb_arguments *a);
int aldb_run_dsn_add(const struct aldb_arguments *a);
int aldb_run_dsn_edit(const struct aldb_arguments *a);
int aldb_run_dsn_show(const struct aldb_arguments *a);
int aldb_run_dsn_list(const struct aldb_arguments *a);
int aldb_run_dsn_remove(const struct aldb_arguments *a);
int aldb_run_dsn_test(const struct aldb_arguments *a);
int aldb_run_doctor(const struct aldb_arguments *a);
int aldb_run_query(const struct aldb_arguments *a);
int aldb_run_load(const struct aldb_arguments *a);
int aldb_run_unload(const struct aldb_arguments *a);
int aldb_run_keywords(const struct aldb_arguments *a);
int aldb_run_version(const struct aldb_arguments *a);
int aldb_run_completion(const struct aldb_arguments *a);

/* Connects to `target` once, and says how that went; `more` as aldb_connect() takes it. */
int aldb_test_source(const char *target, const char *more);

#endif
