/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For test_credentials_emulator.c and test_refusals_emulator.c: the emulator's credential files and principals, and an operating system that trusts the
 * emulator's authority. The driver trusts what the operating system trusts and has no option for another: in a program that calls credentials_begin() the
 * driver's calls of libcurl go through the program, which names that authority.
 */
#ifndef ALDB_TEST_CREDENTIALS_H
#define ALDB_TEST_CREDENTIALS_H

#include "emulator.h"

/* First of all; the program ends with 77 (skipped) where there is no emulator. */
void credentials_begin(void);

/* E-mail of a principal: app, target, far, delegate and vm are service accounts; alice is a person, and bob and workload are of pools. A ring of four buffers. */
const char *principal(const char *who);
/* The same as a role of the database. */
const char *role(const char *who);

/* The content of a file of the emulator's folder, without the newline at its end; where there is none the program ends. Static buffer of the latest call. */
const char *contents(const char *name);

/* Keywords for a credential file of the emulator's in which `from`, which must be there, is `to`. Each call writes the same file in the emulator's folder. */
const char *edited(const char *name, const char *from, const char *to);

/*
 * A connection string for the emulator's instance: `credentials` are keywords, "" for none; `options` come first. Logs in as aldb_test with its password,
 * unless `options` have EnableIamAuth. Static buffer of the latest call.
 */
const char *instance(const char *credentials, const char *project, const char *options);
/* For `project`, which becomes QuotaProject: a name that no connection has had, so that nothing kept in the process counts for this one. Static buffer. */
const char *fresh_project(void);

/*
 * The variables that Google's and Amazon's software reads, as at the emulator's start, and those of a file of the emulator's (NULL: none) for AWS;
 * GOOGLE_APPLICATION_CREDENTIALS only with `adc`.
 */
void use_environment(const char *file, bool adc);

#endif
