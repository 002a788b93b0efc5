/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON of others (credential files, answers of servers) behind getters whose errors name where the text came from and the field.
 * No message ever holds a value. Duplicate keys are refused: two readers could see two things.
 */
#ifndef ALDB_GOOGLE_JSON_H
#define ALDB_GOOGLE_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/rc.h"
#include "base/str.h"
#include "diag/diag.h"

struct json_t;

/* A document or an object in one. */
struct aldb_json {
    struct json_t *node; /* always an object */
    const char *source;  /* borrowed: begins every message */
    const char *prefix;  /* borrowed: path of the object in the document, "" at the top */
    enum aldb_state state; /* of errors: 28000 for what the user gave, 08001 for what a server answered */
    bool owner;
};

/* `text` must hold one object. Messages name line and column, not what stands there. */
enum aldb_rc aldb_json_parse(struct aldb_slice text, const char *source, enum aldb_state state, struct aldb_json *out, struct aldb_diag *diag)
    ALDB_MUSTCHECK;
/* Wipes every string, then frees. A zeroed or sub-object is allowed and does nothing. */
void aldb_json_clear(struct aldb_json *j);

enum aldb_json_need { ALDB_JSON_OPTIONAL, ALDB_JSON_REQUIRED };
/*
 * `path`: keys with dots between. Results are borrowed from the document. An absent field or null is no error when it is optional, and leaves
 * *out as it was. A required string must not be empty; an optional one that is empty counts as absent. Strings with NUL inside are refused.
 */
enum aldb_rc aldb_json_string(const struct aldb_json *j, const char *path, enum aldb_json_need need, const char **out, struct aldb_diag *diag)
    ALDB_MUSTCHECK;
/* A required string whose key is the user's own text: no path. */
enum aldb_rc aldb_json_member(const struct aldb_json *j, const char *key, const char **out, struct aldb_diag *diag) ALDB_MUSTCHECK;
/* The object under such a key; out->node NULL: there is none, or something else. Messages name its fields as if it stood alone. */
void aldb_json_member_object(const struct aldb_json *j, const char *key, struct aldb_json *out);
/* A whole number, or a string or real that holds one, as servers write expires_in. */
enum aldb_rc aldb_json_integer(const struct aldb_json *j, const char *path, enum aldb_json_need need, int64_t *out, struct aldb_diag *diag)
    ALDB_MUSTCHECK;
enum aldb_rc aldb_json_bool(const struct aldb_json *j, const char *path, enum aldb_json_need need, bool *out, struct aldb_diag *diag) ALDB_MUSTCHECK;
/* out->node NULL: absent. `path` is borrowed as the object's prefix. */
enum aldb_rc aldb_json_object(const struct aldb_json *j, const char *path, enum aldb_json_need need, struct aldb_json *out, struct aldb_diag *diag)
    ALDB_MUSTCHECK;
/* Calls `each` for the members of an object of strings, or (key NULL) the elements of an array of strings; stops at the first ALDB_ERR. */
enum aldb_rc aldb_json_strings(const struct aldb_json *j, const char *path, enum aldb_json_need need,
                               enum aldb_rc (*each)(void *ctx, const char *key, const char *value), void *ctx, struct aldb_diag *diag) ALDB_MUSTCHECK;
/* The object written compactly with sorted keys: owned, to be wiped; NULL when out of memory. */
char *aldb_json_canonical(const struct aldb_json *j) ALDB_MUSTCHECK;

#endif
