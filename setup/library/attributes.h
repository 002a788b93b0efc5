/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The attributes of ConfigDSN: keyword=value, each ended by NUL, the last by two, UTF-8. Values are literal, as in odbc.ini: no braces, no quotes.
 * https://learn.microsoft.com/sql/odbc/reference/syntax/configdsn-function
 */
#ifndef ALDB_SETUP_ATTRIBUTES_H
#define ALDB_SETUP_ATTRIBUTES_H

#include "config/options.h"
#include "setup/library/faults.h"

struct aldb_attributes {
    char *dsn;      /* owned; NULL = not given */
    char *new_name; /* owned; what a second DSN said */
    /*
     * The others as they are to stand in odbc.ini: under the keyword's own name, and in its own words (UseDeclareFetch=1 is FetchMode=CURSOR), so that one keyword
     * is in the file once, and windows that edit it by ODBCINSTGetProperties find it. An empty value takes the keyword out.
     */
    struct aldb_pairs settings;
};

/*
 * Everything that is wrong is told, and checked as the driver checks it: unknown keywords, one that comes twice, values. `driver`: lpszDriver, the one Driver that may
 * be said. `list` NULL is empty. *out is empty on entry, and after an error.
 */
enum aldb_rc aldb_attributes_parse(const char *list, const char *driver, struct aldb_attributes *out, struct aldb_faults *f) ALDB_MUSTCHECK;
/* The names alone; what else is in the list does not matter. */
enum aldb_rc aldb_attributes_names(const char *list, struct aldb_attributes *out, struct aldb_faults *f) ALDB_MUSTCHECK;
void aldb_attributes_clear(struct aldb_attributes *a);

/* Do two keys stand for the same entry of a data source? Keys that no keyword spells are their own. */
bool aldb_attribute_same(const char *a, const char *b);
/* What they mean together, as the driver sees it when it connects. Keys that no keyword spells are left out, as the driver does. */
enum aldb_rc aldb_attributes_check(const struct aldb_pairs *all, struct aldb_faults *f) ALDB_MUSTCHECK;

/* What unixODBC takes for the name of a data source, and writes as it is. ODBC_ERROR_INVALID_DSN. */
enum aldb_rc aldb_dsn_name_check(const char *name, struct aldb_faults *f) ALDB_MUSTCHECK;

#endif
