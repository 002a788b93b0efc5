/* SPDX-License-Identifier: Apache-2.0 */
#include "google/json.h"

#include <jansson.h>
#include <math.h>

#include "base/alloc.h"
#include "base/buf.h"

#define MAX_PATH_KEY 64

/* jansson's own text may quote what stands beside the error, which may be a key. */
static const char *error_text(const json_error_t *e)
{
    switch (json_error_code(e)) {
    case json_error_invalid_utf8:
        return "bytes that are not UTF-8";
    case json_error_premature_end_of_input:
        return "the text ends too early";
    case json_error_end_of_input_expected:
        return "something stands behind the end of the object";
    case json_error_duplicate_key:
        return "a key appears twice";
    case json_error_numeric_overflow:
        return "a number is too large";
    case json_error_stack_overflow:
        return "it is nested too deep";
    case json_error_null_character:
    case json_error_null_byte_in_key:
        return "a string with a zero byte";
    default:
        return "a syntax error";
    }
}

enum aldb_rc aldb_json_parse(struct aldb_slice text, const char *source, enum aldb_state state, struct aldb_json *out, struct aldb_diag *diag)
{
    json_error_t e;
    json_t *root = json_loadb(text.ptr ? text.ptr : "", text.len, JSON_REJECT_DUPLICATES, &e);
    if (root == NULL) {
        if (json_error_code(&e) == json_error_out_of_memory) {
            return aldb_diag_post(diag, ALDB_ST_HY001, NULL);
        }
        return aldb_diag_post(diag, state, "%s: it is not valid JSON: %s (line %d, column %d)", source, error_text(&e), e.line, e.column);
    }
    if (!json_is_object(root)) {
        json_decref(root);
        return aldb_diag_post(diag, state, "%s: it is JSON, but not an object in braces", source);
    }
    *out = (struct aldb_json){.node = (struct json_t *)root, .source = source, .prefix = "", .state = state, .owner = true};
    return ALDB_OK;
}

static void wipe(json_t *v)
{
    void *at;
    const char *key;
    json_t *member;
    size_t i;
    if (json_is_string(v)) {
        aldb_wipe((char *)json_string_value(v), json_string_length(v)); /* its own block on the heap */
    }
    json_object_foreach_safe(v, at, key, member) {
        wipe(member);
    }
    json_array_foreach(v, i, member) {
        wipe(member);
    }
}

void aldb_json_clear(struct aldb_json *j)
{
    if (j->owner) {
        wipe((json_t *)j->node);
        json_decref((json_t *)j->node);
    }
    *j = (struct aldb_json){0};
}

static const char *type_name(const json_t *v)
{
    static const char *const names[] = {[JSON_OBJECT] = "an object", [JSON_ARRAY] = "a list", [JSON_STRING] = "a string", [JSON_INTEGER] = "a number",
                                        [JSON_REAL] = "a number", [JSON_TRUE] = "true", [JSON_FALSE] = "false", [JSON_NULL] = "null"};
    return names[json_typeof(v)];
}

static const char *dot(const struct aldb_json *j)
{
    return j->prefix[0] ? "." : "";
}

static enum aldb_rc wrong_type(const struct aldb_json *j, const char *path, const char *wanted, const json_t *v, struct aldb_diag *diag)
{
    return aldb_diag_post(diag, j->state, "%s: the field \"%s%s%s\" must be %s, not %s", j->source, j->prefix, dot(j), path, wanted, type_name(v));
}

/* The value at `path`; *out NULL when it is absent (or null) and may be. */
static enum aldb_rc find(const struct aldb_json *j, const char *path, enum aldb_json_need need, json_t **out, struct aldb_diag *diag)
{
    json_t *v = (json_t *)j->node;
    const char *rest = path;
    while (v && *rest) {
        char key[MAX_PATH_KEY];
        size_t len = strcspn(rest, ".");
        if (!aldb_copy(key, sizeof key, aldb_slice(rest, len))) {
            return aldb_diag_post(diag, ALDB_ST_HY000, "%s: internal error: too long a path \"%s\"", j->source, path);
        }
        if (!json_is_object(v)) {
            char parent[4 * MAX_PATH_KEY];
            (void)aldb_copy(parent, sizeof parent, aldb_slice(path, (size_t)(rest - path) - 1));
            return wrong_type(j, parent, "an object", v, diag);
        }
        v = json_object_get(v, key);
        v = json_is_null(v) ? NULL : v;
        rest += len + (rest[len] == '.');
    }
    if (v == NULL && need == ALDB_JSON_REQUIRED) {
        return aldb_diag_post(diag, j->state, "%s: the field \"%s%s%s\" is missing", j->source, j->prefix, dot(j), path);
    }
    *out = v;
    return ALDB_OK;
}

enum aldb_rc aldb_json_string(const struct aldb_json *j, const char *path, enum aldb_json_need need, const char **out, struct aldb_diag *diag)
{
    json_t *v = NULL;
    if (find(j, path, need, &v, diag) == ALDB_ERR) {
        return ALDB_ERR;
    }
    if (v && !json_is_string(v)) {
        return wrong_type(j, path, "a string", v, diag);
    }
    if (v && json_string_length(v) == 0) {
        if (need == ALDB_JSON_REQUIRED) {
            return aldb_diag_post(diag, j->state, "%s: the field \"%s%s%s\" is empty", j->source, j->prefix, dot(j), path);
        }
        v = NULL;
    }
    if (v) {
        *out = json_string_value(v);
    }
    return ALDB_OK;
}

enum aldb_rc aldb_json_member(const struct aldb_json *j, const char *key, const char **out, struct aldb_diag *diag)
{
    const json_t *v = json_object_get((json_t *)j->node, key);
    if (!json_is_string(v) || json_string_length(v) == 0) {
        return aldb_diag_post(diag, j->state, "%s: the field \"%.100s\" %s", j->source, key, v == NULL ? "is missing" : "is not a string, or empty");
    }
    *out = json_string_value(v);
    return ALDB_OK;
}

void aldb_json_member_object(const struct aldb_json *j, const char *key, struct aldb_json *out)
{
    json_t *v = json_object_get((json_t *)j->node, key);
    *out = (struct aldb_json){.node = json_is_object(v) ? (struct json_t *)v : NULL, .source = j->source, .prefix = "", .state = j->state};
}

enum aldb_rc aldb_json_integer(const struct aldb_json *j, const char *path, enum aldb_json_need need, int64_t *out, struct aldb_diag *diag)
{
    json_t *v = NULL;
    if (find(j, path, need, &v, diag) == ALDB_ERR) {
        return ALDB_ERR;
    }
    if (v == NULL) {
        return ALDB_OK;
    }
    if (json_is_integer(v)) {
        *out = json_integer_value(v);
        return ALDB_OK;
    }
    if (json_is_real(v) && fabs(json_real_value(v)) < 1e15) {
        *out = (int64_t)json_real_value(v);
        return ALDB_OK;
    }
    if (json_is_string(v) && aldb_parse_i64(aldb_slice(json_string_value(v), json_string_length(v)), out)) {
        return ALDB_OK;
    }
    return json_is_string(v) ? aldb_diag_post(diag, j->state, "%s: the field \"%s%s%s\" must be a whole number", j->source, j->prefix, dot(j), path)
                             : wrong_type(j, path, "a whole number", v, diag);
}

enum aldb_rc aldb_json_bool(const struct aldb_json *j, const char *path, enum aldb_json_need need, bool *out, struct aldb_diag *diag)
{
    json_t *v = NULL;
    if (find(j, path, need, &v, diag) == ALDB_ERR) {
        return ALDB_ERR;
    }
    if (v && !json_is_boolean(v)) {
        return wrong_type(j, path, "true or false", v, diag);
    }
    if (v) {
        *out = json_is_true(v);
    }
    return ALDB_OK;
}

enum aldb_rc aldb_json_object(const struct aldb_json *j, const char *path, enum aldb_json_need need, struct aldb_json *out, struct aldb_diag *diag)
{
    json_t *v = NULL;
    if (find(j, path, need, &v, diag) == ALDB_ERR) {
        return ALDB_ERR;
    }
    if (v && !json_is_object(v)) {
        return wrong_type(j, path, "an object", v, diag);
    }
    *out = (struct aldb_json){.node = (struct json_t *)v, .source = j->source, .prefix = path, .state = j->state};
    return ALDB_OK;
}

enum aldb_rc aldb_json_strings(const struct aldb_json *j, const char *path, enum aldb_json_need need,
                               enum aldb_rc (*each)(void *ctx, const char *key, const char *value), void *ctx, struct aldb_diag *diag)
{
    json_t *v = NULL;
    if (find(j, path, need, &v, diag) == ALDB_ERR) {
        return ALDB_ERR;
    }
    void *at;
    const char *key;
    json_t *member;
    size_t i;
    if (v && !json_is_object(v) && !json_is_array(v)) {
        return wrong_type(j, path, "a list or object of strings", v, diag);
    }
    json_object_foreach_safe(v, at, key, member) {
        if (!json_is_string(member)) {
            return wrong_type(j, path, "an object of strings", member, diag);
        }
        if (each(ctx, key, json_string_value(member)) == ALDB_ERR) {
            return ALDB_ERR;
        }
    }
    json_array_foreach(v, i, member) {
        if (!json_is_string(member)) {
            return wrong_type(j, path, "a list of strings", member, diag);
        }
        if (each(ctx, NULL, json_string_value(member)) == ALDB_ERR) {
            return ALDB_ERR;
        }
    }
    return ALDB_OK;
}

static int add_chunk(const char *data, size_t len, void *ctx)
{
    aldb_buf_add(ctx, data, len);
    return 0;
}

char *aldb_json_canonical(const struct aldb_json *j)
{
    struct aldb_buf b;
    aldb_buf_init(&b, ALDB_MAX_CONNSTR * 4);
    size_t len = json_dumpb((json_t *)j->node, NULL, 0, JSON_COMPACT | JSON_SORT_KEYS);
    char *text = NULL;
    if (len > 0 && aldb_buf_reserve(&b, len) && json_dump_callback((json_t *)j->node, add_chunk, &b, JSON_COMPACT | JSON_SORT_KEYS) == 0) {
        text = aldb_buf_take(&b);
    }
    aldb_buf_wipe(&b);
    return text;
}
