/* SPDX-License-Identifier: Apache-2.0 */
/* PostgreSQL's built-in types: OID, array, family, name, and whether their binary form is on the allow-list. No sql.h here: pg/ reads it. */
#ifndef ALDB_TYPES_OID_H
#define ALDB_TYPES_OID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum aldb_family {
#define ALDB_FAMILY(name, ...) ALDB_FAM_##name,
#include "types/families.def"
#undef ALDB_FAMILY
    ALDB_FAM_COUNT
};

#define ALDB_OID_BOOL 16u
#define ALDB_OID_BYTEA 17u
#define ALDB_OID_CHAR 18u
#define ALDB_OID_NAME 19u
#define ALDB_OID_INT8 20u
#define ALDB_OID_INT2 21u
#define ALDB_OID_INT4 23u
#define ALDB_OID_TEXT 25u
#define ALDB_OID_OID 26u
#define ALDB_OID_FLOAT4 700u
#define ALDB_OID_FLOAT8 701u
#define ALDB_OID_UNKNOWN 705u
#define ALDB_OID_BPCHAR 1042u
#define ALDB_OID_VARCHAR 1043u
#define ALDB_OID_DATE 1082u
#define ALDB_OID_TIME 1083u
#define ALDB_OID_TIMESTAMP 1114u
#define ALDB_OID_TIMESTAMPTZ 1184u
#define ALDB_OID_INTERVAL 1186u
#define ALDB_OID_TIMETZ 1266u
#define ALDB_OID_BIT 1560u
#define ALDB_OID_VARBIT 1562u
#define ALDB_OID_NUMERIC 1700u
#define ALDB_OID_REFCURSOR 1790u
#define ALDB_OID_VOID 2278u
#define ALDB_OID_UUID 2950u
/* No type of the server's has it: it stands for the domain `lo` over oid (PostgreSQL's module lo), whose values are the numbers of large objects. */
#define ALDB_OID_LO UINT32_MAX
#define ALDB_OID_LO_TEXT "4294967295"

/* What is made before that belongs to the server itself. */
#define ALDB_FIRST_USER_OID 16384u

/* Is row `t` of pg_type that domain, in whatever schema? */
#define ALDB_IS_LO(t) t ".typname OPERATOR(pg_catalog.=) 'lo' AND " t ".typtype OPERATOR(pg_catalog.=) 'd'" \
    " AND " t ".typbasetype OPERATOR(pg_catalog.=) 26"

/* One built-in type. Static. */
struct aldb_type {
    uint32_t oid;
    uint32_t array_oid;      /* 0 = none */
    uint32_t element_oid;    /* arrays: their element; else 0 */
    const char *name;        /* internal name, as CREATE TABLE takes it: int4, varchar, timestamptz, _int4, "char" */
    enum aldb_family family;
    bool binary;             /* on the allow-list of binary results */
    bool equality;           /* two of them can be compared with = */
    uint16_t room;           /* most characters of the text form where PostgreSQL bounds it, else 0; only for types reported as text */
};
/* NULL for OIDs that are not built in. O(log n) at most. */
const struct aldb_type *aldb_type_find(uint32_t oid);
/* All of them, by OID; NULL past the end. */
const struct aldb_type *aldb_type_builtin(size_t index);
enum aldb_family aldb_type_family(uint32_t oid); /* OTHER if unknown */
/* What every function reports as TYPE_NAME: the name, and of intervals their fields too, which are a part of the type. NULL for OIDs that are not built in. */
const char *aldb_type_name(uint32_t oid, int32_t typmod);
bool aldb_type_binary(uint32_t oid);

#endif
