/* SPDX-License-Identifier: Apache-2.0 */
/* The encodings that tokens, forms and signatures are written in. Pure; lengths are bytes; a buffer that failed tells at its end. */
#ifndef ALDB_GOOGLE_ENCODE_H
#define ALDB_GOOGLE_ENCODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/rc.h"
#include "base/str.h"

/* RFC 4648: section 4 with padding; section 5 (URL-safe) without. */
void aldb_base64_add(struct aldb_buf *b, const void *data, size_t len);
void aldb_base64url_add(struct aldb_buf *b, const void *data, size_t len);
/* Decodes either alphabet, padded or not. False when it is neither, or when the buffer failed. */
bool aldb_base64_decode(struct aldb_slice text, struct aldb_buf *out) ALDB_MUSTCHECK;
void aldb_hex_add(struct aldb_buf *b, const void *data, size_t len); /* lower case */

/* RFC 3986: all but the unreserved characters as %XX. */
void aldb_percent_add(struct aldb_buf *b, struct aldb_slice text);
/* One `name=value` of application/x-www-form-urlencoded (a blank is '+'), with '&' before it unless it is the first. */
void aldb_form_add(struct aldb_buf *b, const char *name, const char *value);
/* A JSON string with its quotes. Bytes that are not UTF-8 must not be given. */
void aldb_json_add_string(struct aldb_buf *b, struct aldb_slice text);

/* RFC 3339 ("2025-01-01T00:00:00.123Z", offsets too) -> seconds since 1970. False on anything else. */
bool aldb_rfc3339_parse(struct aldb_slice text, int64_t *out) ALDB_MUSTCHECK;
/* "20250101T000000Z" */
void aldb_iso_basic_format(int64_t epoch, char out[17]);

/*
 * Words of a command line as a POSIX shell without expansions splits it: blanks separate; '…' is literal; in "…" a backslash protects " \ $ `;
 * elsewhere it protects any character. *words is NULL-terminated (aldb_words_free).
 */
enum aldb_split {
    ALDB_SPLIT_OK,
    ALDB_SPLIT_OPEN,  /* a quote or a backslash has no end */
    ALDB_SPLIT_EMPTY, /* nothing but blanks */
    ALDB_SPLIT_MEMORY
};
enum aldb_split aldb_words_split(const char *command, char ***words) ALDB_MUSTCHECK;
void aldb_words_free(char **words);

/*
 * Text of a stranger (an error description, a helper's complaint) made fit for a message: one line, at most `max` bytes, and every run of 40 or more
 * characters that could be part of a token or key is left out, because servers like to repeat what they were sent; so are shorter ones that look like nothing else.
 */
void aldb_quote_add(struct aldb_buf *b, struct aldb_slice text, size_t max);

#endif
