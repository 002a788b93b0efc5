/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tests of the set-up library share: a folder of their own with odbcinst.ini and both odbc.ini, and libodbcinst's calls.
 * The driver of this build is registered there as AlloyDB, beside one without set-up library ("Plain") and one of another kind ("Other").
 */
#ifndef ALDB_TEST_INSTALLER_H
#define ALDB_TEST_INSTALLER_H

#include "../odbc/harness.h"

#include <odbcinst.h>
#include <odbcinstext.h>

/* An attribute list out of a literal: its NUL is the second one. */
#define LIST(text) (text "\0")

/* To be called first in main: unixODBC remembers the folders that it has once seen. */
void installer_begin(void);
/* Back to what installer_begin() made: no data source in either file. */
void installer_reset(void);

/* Drops all messages of the installer: its functions drop the last one only. */
void installer_forget(void);

/* A path in the folder: "user.ini", "sys/odbc.ini", "sys/odbcinst.ini". Static buffer of the latest call. */
const char *installer_path(const char *name);
void write_text(const char *path, const char *text);
/* A whole file; "(no file)" if it is not there. Static buffer of the latest call. */
const char *read_text(const char *path);

/* The code and the text of an installer's message; 0 and "" if there is none. */
DWORD fault_code(WORD number);
const char *fault_text(WORD number);

/* SQLConfigDataSource for AlloyDB: succeeds, or fails with exactly this one message. */
#define CHECK_DONE(request, attributes) check_done((request), (attributes), #attributes, __FILE__, __LINE__)
#define CHECK_REFUSED(request, attributes, code, text) check_refused((request), (attributes), (code), (text), #attributes, __FILE__, __LINE__)
void check_done(WORD request, const char *attributes, const char *what, const char *file, unsigned line);
void check_refused(WORD request, const char *attributes, DWORD code, const char *text, const char *what, const char *file, unsigned line);

#endif
