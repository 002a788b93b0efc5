/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Strings between application and driver. Inside everything is UTF-8. Narrow entry points carry UTF-8 bytes, wide ones UTF-16 in units of
 * SQLWCHAR. ODBC counts characters in most functions and bytes in some (attributes, SQLGetInfo, descriptor and diagnostic fields): see `bytes`.
 */
#ifndef ALDB_API_TEXT_H
#define ALDB_API_TEXT_H

#include <stdbool.h>
#include <sql.h>
#include <sqlext.h>

#include "base/buf.h"
#include "base/rc.h"
#include "base/str.h"
#include "diag/diag.h"
#include "handle/value.h"

/* ------------------------------------------------------------------ in */

/* As the application gave it: NULL, or `length` units (or bytes), or SQL_NTS. */
struct aldb_in {
    const void *text;
    SQLLEN length;
    bool wide;
    bool bytes; /* length counts bytes in the wide entry point too */
};

enum aldb_in_kind {
    ALDB_IN_SQL,  /* statement text: NUL is the scanner's to refuse */
    ALDB_IN_NAME, /* identifiers, data source, user: no NUL, at most ALDB_MAX_NAME bytes */
};

/* A decoded argument. Borrowed from the application's memory where it was UTF-8 already. */
struct aldb_text {
    struct aldb_slice slice; /* ptr NULL: the application gave NULL */
    struct aldb_buf store;
};

/*
 * Decodes. `what` names the argument in messages. HY090: negative length that is not SQL_NTS, or too long; 22018: not valid UTF-8 or UTF-16 (with the
 * position), or a NUL in a name; HY001. Clear the result in every case.
 */
enum aldb_rc aldb_text_take(struct aldb_text *t, const struct aldb_in *in, enum aldb_in_kind kind, const char *what,
                            struct aldb_diag *diag) ALDB_MUSTCHECK;
/* Copies what is borrowed. False: out of memory. */
bool aldb_text_keep(struct aldb_text *t) ALDB_MUSTCHECK;
void aldb_text_clear(struct aldb_text *t); /* wipes: connection strings pass here */

/* ------------------------------------------------------------------ out */

/* Where a string goes. Either length pointer may be NULL, or both. */
struct aldb_out {
    void *buffer;  /* NULL: only the length is wanted */
    SQLLEN room;   /* with terminator */
    bool wide;
    bool bytes;    /* room and length count bytes in the wide entry point too */
    SQLSMALLINT *length16;
    SQLINTEGER *length32;
};

/*
 * Writes as much as fits and a terminator, cutting between characters (never inside a surrogate pair or a UTF-8 sequence); gives the full length, without
 * terminator, in the unit asked for, at most what the length's type can say. True when the whole text is in the buffer, or no buffer was given. Posts nothing.
 */
bool aldb_out_write(const struct aldb_out *o, struct aldb_slice text);
/* The same with diagnostics: 01004 (ALDB_INFO) when cut, HY090 when room is negative. */
enum aldb_rc aldb_out_text(const struct aldb_out *o, struct aldb_slice text, struct aldb_diag *diag) ALDB_MUSTCHECK;
/* Numbers and pointers are written in their own width whatever `room` says; strings as above. */
enum aldb_rc aldb_out_value(const struct aldb_out *o, const struct aldb_value *v, struct aldb_diag *diag) ALDB_MUSTCHECK;

#endif
