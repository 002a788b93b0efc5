/* SPDX-License-Identifier: Apache-2.0 */
/* Private to types/: the one place that knows the sizes of SQL types, shared by sqltype.c, types.c and typeinfo.c. */
#ifndef ALDB_TYPES_DESCRIBE_H
#define ALDB_TYPES_DESCRIBE_H

#include "types/types.h"

/*
 * Reported sizes where PostgreSQL declares none. They bound nothing: longer values are delivered whole through
 * SQLGetData and with 01004 into a short buffer. LONG is PostgreSQL's own limit of one value; applications treat
 * such types as "read in pieces". UNLIMITED is for varchar without a length and for types known only as text:
 * applications allocate that much per row when they bind, so it is what psqlODBC's users are accustomed to.
 */
#define ALDB_SIZE_LONG 1073741819u
#define ALDB_SIZE_UNLIMITED 8190u
#define ALDB_SIZE_VARCHAR_MAX 10485760u /* largest n of varchar(n) and char(n) */
#define ALDB_SIZE_BIT_MAX 83886080u     /* largest n of bit(n) and varbit(n) */

/*
 * Unconstrained numeric: the largest precision that can be declared, half of it behind the point, so that nobody who
 * trusts the scale cuts a fraction.
 */
#define ALDB_NUMERIC_PRECISION 1000
#define ALDB_NUMERIC_SCALE 500

#define ALDB_INTERVAL_LEADING 10 /* digits of a leading field: 2147483648 days */
#define ALDB_INTERVAL_ROOM 100
#define ALDB_UUID_ROOM 36
#define ALDB_CHAR_ROOM 4 /* "\377" */
#define ALDB_BOOL_ROOM 5 /* "false", as psqlODBC's BoolsAsChar */
#define ALDB_TIME_ROOM 8
#define ALDB_TIMESTAMP_ROOM 22 /* "294276-12-31 23:59:59" and "4713-01-01 00:00:00 BC" */
#define ALDB_OFFSET_ROOM 9     /* "+hh:mm:ss" */

/* What decides how sizes are worked out. */
enum aldb_sql_class {
    ALDB_SQL_UNKNOWN,
    ALDB_SQL_CHARACTER, /* sizes in characters */
    ALDB_SQL_BINARY,
    ALDB_SQL_DECIMAL,
    ALDB_SQL_NUMBER, /* fixed sizes; signed or not */
    ALDB_SQL_PLAIN,  /* fixed sizes, no number */
    ALDB_SQL_TIME,
    ALDB_SQL_TIMESTAMP,
    ALDB_SQL_INTERVAL,
};
enum aldb_sql_class aldb_sql_class_of(SQLSMALLINT sql_type);

/* Fields of an interval's typmod, as in PostgreSQL's INTERVAL_MASK: 1 << field code. */
enum {
    ALDB_FIELD_MONTH = 1 << 1,
    ALDB_FIELD_YEAR = 1 << 2,
    ALDB_FIELD_DAY = 1 << 3,
    ALDB_FIELD_HOUR = 1 << 10,
    ALDB_FIELD_MINUTE = 1 << 11,
    ALDB_FIELD_SECOND = 1 << 12
};

/* An interval type of ODBC. Static. */
struct aldb_interval_type {
    SQLSMALLINT type;
    int fields;
    int behind;         /* characters of the column size behind the leading field */
    const char *name;   /* "interval day to hour" */
    const char *suffix; /* of its literals: "' day to hour}" */
    const char *c_name; /* "SQL_C_INTERVAL_DAY_TO_HOUR": C types have the same codes */
};
/* NULL: no interval type. */
const struct aldb_interval_type *aldb_interval_type_find(SQLSMALLINT type);
/* Of an interval's typmod; NULL when its fields are not restricted. */
const struct aldb_interval_type *aldb_interval_type_of(int32_t typmod);

#endif
