/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json: an array of objects for each result set, an object a line; jsonl: the objects alone. The array is closed whatever happens, so that what was written is JSON.
 *
 * Numbers are written digit by digit as the server wrote them, json and jsonb as they are. Columns of one name get different keys.
 */
#include <string.h>

#include "base/alloc.h"
#include "base/utf.h"
#include "setup/command/output.h"

#define KEY_MAX ((size_t)1 << 20)

/* ------------------------------------------------------------------ pieces */

/* What a string has in place of a control character, a quote or a backslash. */
static size_t escaped(unsigned char c, char out[7])
{
    static const char special[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt", digits[] = "0123456789abcdef";
    const char *found = c != '\0' ? strchr(special, c) : NULL;
    out[0] = '\\';
    if (found != NULL) {
        out[1] = letters[found - special];
        return 2;
    }
    memcpy(out + 1, "u00", 3);
    out[4] = digits[c >> 4];
    out[5] = digits[c & 15];
    return 6;
}

static void add_valid(struct aldb_sink *s, struct aldb_slice text)
{
    size_t from = 0;
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (c < ' ' || c == '"' || c == '\\') {
            char in_place[7];
            aldb_sink_add(s, text.ptr + from, i - from);
            aldb_sink_add(s, in_place, escaped(c, in_place));
            from = i + 1;
        }
    }
    aldb_sink_add(s, text.ptr + from, text.len - from);
}

/* Bytes of the character at the beginning of `text`; 0: it is none. */
static size_t character(struct aldb_slice text)
{
    for (size_t n = 1; n <= 4 && n <= text.len; n++) {
        if (aldb_utf8_valid(text.ptr, n)) {
            return n;
        }
    }
    return 0;
}

/* What is not UTF-8 (a database of encoding SQL_ASCII may have it) becomes U+FFFD: JSON has no way to say it. */
static void add_string(struct aldb_sink *s, struct aldb_slice text)
{
    aldb_sink_add_char(s, '"');
    if (aldb_utf8_valid(text.ptr, text.len)) {
        add_valid(s, text);
    } else {
        while (text.len > 0) {
            size_t n = character(text);
            if (n > 0) {
                add_valid(s, aldb_slice(text.ptr, n));
            } else {
                aldb_sink_add_str(s, "\xEF\xBF\xBD");
            }
            n = n > 0 ? n : 1;
            text = aldb_slice(text.ptr + n, text.len - n);
        }
    }
    aldb_sink_add_char(s, '"');
}

static size_t digits_at(struct aldb_slice text, size_t at)
{
    size_t n = 0;
    while (at + n < text.len && aldb_is_digit(text.ptr[at + n])) {
        n++;
    }
    return n;
}

/* Is it a number by JSON's grammar? NaN and Infinity are none. */
static bool is_number(struct aldb_slice text)
{
    size_t at = text.len > 0 && text.ptr[0] == '-' ? 1 : 0;
    size_t n = digits_at(text, at);
    if (n == 0 || (n > 1 && text.ptr[at] == '0')) {
        return false;
    }
    at += n;
    if (at < text.len && text.ptr[at] == '.') {
        n = digits_at(text, at + 1);
        if (n == 0) {
            return false;
        }
        at += 1 + n;
    }
    if (at < text.len && (text.ptr[at] == 'e' || text.ptr[at] == 'E')) {
        at++;
        at += at < text.len && (text.ptr[at] == '+' || text.ptr[at] == '-') ? 1 : 0;
        n = digits_at(text, at);
        if (n == 0) {
            return false;
        }
        at += n;
    }
    return at == text.len;
}

/* A column of type json may have line ends, between its tokens alone: an object has one line. */
static void add_json(struct aldb_sink *s, struct aldb_slice text)
{
    size_t from = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '\n' || text.ptr[i] == '\r') {
            aldb_sink_add(s, text.ptr + from, i - from);
            aldb_sink_add_char(s, ' ');
            from = i + 1;
        }
    }
    aldb_sink_add(s, text.ptr + from, text.len - from);
}

/* ------------------------------------------------------------------ keys */

struct keys {
    struct aldb_buf *at; /* of each column, "\"name\":" as it is written */
    size_t count;
};

static void free_keys(struct keys *k)
{
    for (size_t i = 0; i < k->count; i++) {
        aldb_buf_clear(&k->at[i]);
    }
    aldb_free(k->at);
    aldb_free(k);
}

static bool is_name_before(const struct aldb_buf *names, size_t count, const struct aldb_rows *r, const char *name)
{
    for (size_t i = 0; i < r->count; i++) {
        if (strcmp(i < count ? aldb_buf_cstr(&names[i]) : r->columns[i].name, name) == 0 && i != count) {
            return true;
        }
    }
    return false;
}

/* The first column of a name has it, the next ones have name_2, name_3 … but for those that are columns themselves. */
static bool name_keys(struct keys *k, const struct aldb_rows *r)
{
    for (; k->count < r->count; k->count++) {
        struct aldb_buf *key = &k->at[k->count];
        const char *name = r->columns[k->count].name;
        bool again = false;
        aldb_buf_init(key, KEY_MAX);
        for (size_t i = 0; i < k->count && !again; i++) {
            again = strcmp(aldb_buf_cstr(&k->at[i]), name) == 0;
        }
        aldb_buf_add_str(key, name);
        for (unsigned n = 2; again && aldb_buf_ok(key); n++) {
            aldb_buf_reset(key);
            aldb_buf_addf(key, "%s_%u", name, n);
            again = is_name_before(k->at, k->count, r, aldb_buf_cstr(key));
        }
        if (!aldb_buf_ok(key)) {
            k->count++;
            return false;
        }
    }
    return true;
}

static bool begin_jsonl(struct aldb_output *o)
{
    struct keys *k = aldb_alloc(sizeof *k);
    if (k == NULL) {
        return false;
    }
    o->own = k;
    k->at = aldb_alloc_array(o->rows->count, sizeof *k->at);
    return k->at != NULL && name_keys(k, o->rows);
}

static bool begin_json(struct aldb_output *o)
{
    aldb_sink_add_char(o->sink, '[');
    return begin_jsonl(o);
}

/* ------------------------------------------------------------------ rows */

static void add_value(struct aldb_output *o, const struct aldb_rows_column *c, struct aldb_slice value)
{
    if (value.ptr == NULL) {
        aldb_sink_add_str(o->sink, "null");
        return;
    }
    switch (c->kind) {
    case ALDB_COLUMN_BOOLEAN:
        aldb_sink_add_str(o->sink, value.ptr[0] == 't' ? "true" : "false");
        return;
    case ALDB_COLUMN_BYTES:
        aldb_sink_add_hex(o->sink, value, "\"\\\\x");
        aldb_sink_add_char(o->sink, '"');
        return;
    case ALDB_COLUMN_JSON:
        add_json(o->sink, value);
        return;
    case ALDB_COLUMN_NUMBER:
        if (is_number(value)) {
            aldb_sink_add(o->sink, value.ptr, value.len);
            return;
        }
        break;
    case ALDB_COLUMN_TEXT:
        break;
    }
    add_string(o->sink, value);
}

static void add_object(struct aldb_output *o)
{
    const struct keys *k = o->own;
    aldb_sink_add_char(o->sink, '{');
    for (size_t i = 0; i < o->rows->count; i++) {
        if (i > 0) {
            aldb_sink_add_char(o->sink, ',');
        }
        add_string(o->sink, aldb_buf_slice(&k->at[i]));
        aldb_sink_add_char(o->sink, ':');
        add_value(o, &o->rows->columns[i], o->rows->values[i]);
    }
    aldb_sink_add_char(o->sink, '}');
}

static bool row_json(struct aldb_output *o)
{
    aldb_sink_add_str(o->sink, o->count > 1 ? ",\n" : "\n");
    add_object(o);
    return true;
}

static bool row_jsonl(struct aldb_output *o)
{
    add_object(o);
    aldb_sink_add_char(o->sink, '\n');
    return true;
}

static bool end_jsonl(struct aldb_output *o, bool complete)
{
    (void)complete;
    if (o->own != NULL) {
        free_keys(o->own);
    }
    return true;
}

static bool end_json(struct aldb_output *o, bool complete)
{
    aldb_sink_add_str(o->sink, o->count > 0 ? "\n]\n" : "]\n");
    return end_jsonl(o, complete);
}

const struct aldb_output_format aldb_output_json = {"json", "null", false, begin_json, row_json, end_json};
const struct aldb_output_format aldb_output_jsonl = {"jsonl", "null", false, begin_jsonl, row_jsonl, end_jsonl};
