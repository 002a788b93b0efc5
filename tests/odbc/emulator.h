/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For programs test_*_emulator.c, which run beside an emulator of AlloyDB (tests/emulator/around): where it is, what goes wrong in it, what it has seen.
 * Without one a program ends with 77 (skipped). A call that the emulator does not obey ends the program.
 */
#ifndef ALDB_TEST_EMULATOR_H
#define ALDB_TEST_EMULATOR_H

#include "harness.h"

/*
 * A fact about it: the environment variable ALLOYDB_EMULATOR_<name>. Names: URL, STATE, INSTANCE, CREDENTIALS (the folder), PROJECT,
 * ALICE (the person's address).
 */
const char *emulator_fact(const char *name);

/* Under valgrind the program ends with 77 (skipped): what it shows needs a connect to take a second or two. */
void emulator_real_time(void);

/* Removes all faults, opens what was closed, empties the journal. */
void emulator_reset(void);
/* One fault, or a list of them: packaging/doc/emulator.md. */
void emulator_fault(const char *json);
/* No fault any more; the journal stays. */
void emulator_heal(void);
/* Forgets the tokens of a principal: {"principal": "E-MAIL"}. */
void emulator_revoke(const char *json);

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

/* Connected as that says, with one statement, or the program ends. */
struct link emulator_link(const char *connstr);
/* How many seconds a connect took, which must succeed, and is closed again; or must fail with that state ("": any) and these words. */
double emulator_connects(const char *connstr);
double emulator_refuses(const char *connstr, const char *state, const char *word, const char *another);
/* A connect that waits for nobody who is down, on a busy machine. */
#define EMULATOR_AT_ONCE_S 5.0

/* From now on the API's certificates last so many seconds. */
void emulator_certificates_last(int seconds);

#endif
