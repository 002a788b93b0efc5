/* SPDX-License-Identifier: Apache-2.0 */
/* Small pure readers and writers of text forms that both halves of convert/ need: GUIDs and hexadecimal. */
#ifndef ALDB_CONVERT_PARSE_H
#define ALDB_CONVERT_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sql.h>
#include <sqlext.h>

#include "base/rc.h"
#include "base/str.h"

#define ALDB_GUID_TEXT 36

/* xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx, either case, blanks around and one pair of braces allowed. 16 bytes in text order (as PostgreSQL's uuid). */
bool aldb_guid_parse(struct aldb_slice s, unsigned char out[16]) ALDB_MUSTCHECK;
/* Lower-case, 36 bytes, not terminated. */
void aldb_guid_format(const unsigned char in[16], char out[ALDB_GUID_TEXT]);
/* Between text order and the native-endian fields of SQLGUID. */
void aldb_guid_to_struct(const unsigned char in[16], SQLGUID *out);
void aldb_guid_from_struct(const SQLGUID *in, unsigned char out[16]);

/* Value of one hexadecimal digit, -1 if it is none. */
int aldb_hex_value(char c);
/* Writes 2 * len upper-case digits, not terminated. */
void aldb_hex_format(const void *data, size_t len, char *out);

/*
 * bytea in text format: "\x" and hex pairs, or the escape form (bytea_output = escape: \\ and \ooo). `out` has room for len bytes. False: malformed.
 */
bool aldb_bytea_parse(struct aldb_slice s, unsigned char *out, size_t *out_len) ALDB_MUSTCHECK;

#endif
