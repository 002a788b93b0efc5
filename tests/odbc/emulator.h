/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For programs test_*_emulator.c, which run beside an emulator of AlloyDB (tests/emulator/around): where it is, what goes wrong in it, what it has seen.
 * Without one a program ends with 77 (skipped). A call that the emulator does not obey ends the program.
 */
#ifndef ALDB_TEST_EMULATOR_H
#define ALDB_TEST_EMULATOR_H

#include "harness.h"

/* A fact about it: the environment variable ALLOYDB_EMULATOR_<name>. Names: URL, STATE, INSTANCE, CREDENTIALS (the folder). */
const char *emulator_fact(const char *name);

/* Removes all faults, opens what was closed, empties the journal. */
void emulator_reset(void);
/* One fault, or a list of them: packaging/docs/emulator.md. */
void emulator_fault(const char *json);
/* No fault any more; the journal stays. */
void emulator_heal(void);

/* How many entries of that kind, "" of any, the journal holds. Those of kind "front" are written when a connection has ended. */
size_t emulator_count(const char *kind);
/* Waits until there are so many, `seconds` at most; how many there are then. */
size_t emulator_wait(const char *kind, size_t count, int seconds);
/* Does any entry of that kind hold this text of JSON, as in "\"tls\": \"TLSv1.3\""? */
bool emulator_saw(const char *kind, const char *json);
/* Sessions that are open now. */
size_t emulator_sessions(void);

/*
 * A connection string for the emulator's instance with the service account's credentials, and `extra` in front of it. QuotaProject is `project`, which makes it
 * an entry of the cache of its own; "" leaves it out. Logs in as aldb_test with its password unless `extra` says EnableIamAuth. Static buffer.
 */
const char *emulator_connstr(const char *project, const char *extra);

/* Seconds since some moment in the past. */
double seconds_now(void);
void pause_s(double seconds);

#endif
