/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a call of the installer is told when it fails: codes and texts for SQLInstallerError.
 *
 * They are collected and posted at the end, since each function of the installer begins by forgetting what was said. Texts are UTF-8, one sentence that
 * says what to do, and never hold the value of a secret.
 */
#ifndef ALDB_SETUP_FAULTS_H
#define ALDB_SETUP_FAULTS_H

#include <stddef.h>

#include <odbcinst.h>

#include "base/rc.h"
#include "diag/diag.h"

/* As many as ODBC's installer keeps; what comes after them is left out. */
#define ALDB_FAULTS_MAX 8
/*
 * Bytes of a text. Applications ask with a buffer of SQL_MAX_MESSAGE_LENGTH (512), and unixODBC writes one byte behind the buffer for a text that fills it.
 */
#define ALDB_FAULT_TEXT_MAX 510

struct aldb_fault {
    DWORD code; /* ODBC_ERROR_… */
    char *text; /* owned; NULL: the installer's own for the code */
};
struct aldb_faults {
    struct aldb_fault at[ALDB_FAULTS_MAX];
    size_t count;
};

/* Adds one; a longer text is cut with "…". Always ALDB_ERR. Without memory for the text the code is ODBC_ERROR_OUT_OF_MEM. */
enum aldb_rc aldb_fault_add(struct aldb_faults *f, DWORD code, const char *format, ...) ALDB_PRINTF(3, 4);
enum aldb_rc aldb_fault_no_memory(struct aldb_faults *f);
/* The errors of `d`, which is empty afterwards, with `code`; warnings are no faults. ALDB_ERR if there was one. */
enum aldb_rc aldb_fault_take(struct aldb_faults *f, DWORD code, struct aldb_diag *d) ALDB_MUSTCHECK;
/* Makes them what SQLInstallerError answers, in place of what the installer said itself, and frees them. */
void aldb_faults_post(struct aldb_faults *f);

#endif
