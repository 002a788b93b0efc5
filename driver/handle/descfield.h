/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Descriptor fields as SQLGetDescField, SQLSetDescField, SQLSetDescRec and SQLColAttribute see them: one table says identifier, width, place and who may
 * read and write. Lock of the descriptor (and of the owning statement of an implicit one) held.
 * ODBC: https://learn.microsoft.com/sql/odbc/reference/syntax/sqlsetdescfield-function
 */
#ifndef ALDB_HANDLE_DESCFIELD_H
#define ALDB_HANDLE_DESCFIELD_H

#include "handle/handle.h"
#include "handle/value.h"

/* Is it a character field that can be set there, so that SQLSetDescField's argument is a string? Else nothing may be read behind it. */
bool aldb_descfield_takes_text(const struct aldb_desc *d, SQLSMALLINT field);
bool aldb_descfield_is_header(SQLSMALLINT field);

/* What must be looked up on the server before the field of this record says the truth. */
enum aldb_descfield_need { ALDB_NEED_NOTHING, ALDB_NEED_CATALOG };
enum aldb_descfield_need aldb_descfield_need(const struct aldb_desc_rec *rec, SQLSMALLINT field);

/*
 * Errors: HY091 unknown field, or one that this kind of descriptor has not; 07009 bad record; HY007 record of the IRD of a statement without text.
 * ALDB_NO_DATA when the record lies beyond SQL_DESC_COUNT.
 */
enum aldb_rc aldb_desc_get(struct aldb_desc *d, SQLSMALLINT number, SQLSMALLINT field, struct aldb_value *out,
                           struct aldb_diag *diag) ALDB_MUSTCHECK;

/* Record `number` for SQLGetDescRec; the same errors. */
enum aldb_rc aldb_desc_get_rec(struct aldb_desc *d, SQLSMALLINT number, struct aldb_desc_rec **out,
                               struct aldb_diag *diag) ALDB_MUSTCHECK;

/*
 * Sets one field with all that ODBC ties to it: types set their dependents, a record beyond SQL_DESC_COUNT raises it, setting anything but a deferred field
 * unbinds the record, SQL_DESC_DATA_PTR checks the record's consistency.
 * Errors: HY016 (IRD), HY091 (unknown, read-only), 07009, HY021 (inconsistent), HY024 (value), HY105, 22001 (name too long), HYC00, HY001.
 */
enum aldb_rc aldb_desc_set(struct aldb_desc *d, SQLSMALLINT number, SQLSMALLINT field, const struct aldb_arg *arg,
                           struct aldb_diag *diag) ALDB_MUSTCHECK;

struct aldb_desc_rec_arg {
    SQLSMALLINT type, subtype;
    SQLLEN octet_length;
    SQLSMALLINT precision, scale;
    SQLPOINTER data;
    SQLLEN *octet_length_ptr, *indicator_ptr;
};
/* SQLSetDescRec: all or nothing. */
enum aldb_rc aldb_desc_set_rec(struct aldb_desc *d, SQLSMALLINT number, const struct aldb_desc_rec_arg *arg,
                               struct aldb_diag *diag) ALDB_MUSTCHECK;

#endif
