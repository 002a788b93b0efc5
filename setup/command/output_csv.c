/* SPDX-License-Identifier: Apache-2.0 */
/*
 * csv and tsv, as PostgreSQL's COPY writes its formats csv and text: so `load` and COPY read them. Between the result sets of csv and tsv nothing stands.
 */
#include <string.h>

#include "setup/command/output.h"

/* Does COPY quote it? */
static bool needs_quotes(const struct aldb_output *o, struct aldb_slice value)
{
    for (size_t i = 0; i < value.len; i++) {
        char c = value.ptr[i];
        if (c == ',' || c == '"' || c == '\n' || c == '\r') {
            return true;
        }
    }
    bool is_null = strlen(o->null) == value.len && memcmp(o->null, value.ptr, value.len) == 0;
    return is_null || (o->rows->count == 1 && value.len == 2 && memcmp(value.ptr, "\\.", 2) == 0);
}

static void add_quoted(struct aldb_sink *s, struct aldb_slice value)
{
    aldb_sink_add_char(s, '"');
    while (value.len > 0) {
        const char *quote = memchr(value.ptr, '"', value.len);
        size_t n = quote != NULL ? (size_t)(quote - value.ptr) + 1 : value.len;
        aldb_sink_add(s, value.ptr, n);
        if (quote != NULL) {
            aldb_sink_add_char(s, '"');
        }
        value = aldb_slice(value.ptr + n, value.len - n);
    }
    aldb_sink_add_char(s, '"');
}

static void add_csv(struct aldb_output *o, struct aldb_slice value)
{
    if (needs_quotes(o, value)) {
        add_quoted(o->sink, value);
    } else {
        aldb_sink_add(o->sink, value.ptr, value.len);
    }
}

/* Backslash sequences of COPY's text format. */
static void add_tsv(struct aldb_output *o, struct aldb_slice value)
{
    static const char special[] = "\b\f\n\r\t\v\\", letters[] = "bfnrtv\\";
    size_t from = 0;
    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.ptr[i];
        const char *found = (c < ' ' || c == '\\') && c != '\0' ? strchr(special, c) : NULL;
        if (found != NULL) {
            char pair[2] = {'\\', letters[found - special]};
            aldb_sink_add(o->sink, value.ptr + from, i - from);
            aldb_sink_add(o->sink, pair, 2);
            from = i + 1;
        }
    }
    aldb_sink_add(o->sink, value.ptr + from, value.len - from);
}

static bool begin(struct aldb_output *o, char delimiter, void (*add)(struct aldb_output *, struct aldb_slice))
{
    for (size_t i = 0; !o->options.no_header && i < o->rows->count; i++) {
        if (i > 0) {
            aldb_sink_add_char(o->sink, delimiter);
        }
        add(o, aldb_slice_of(o->rows->columns[i].name));
    }
    if (!o->options.no_header) {
        aldb_sink_add_char(o->sink, '\n');
    }
    return true;
}

ALDB_INLINE bool row(struct aldb_output *o, char delimiter, const char *hex, void (*add)(struct aldb_output *, struct aldb_slice))
{
    const struct aldb_rows *r = o->rows;
    for (size_t i = 0; i < r->count; i++) {
        if (i > 0) {
            aldb_sink_add_char(o->sink, delimiter);
        }
        if (r->values[i].ptr == NULL) {
            aldb_sink_add_str(o->sink, o->null);
        } else if (r->columns[i].kind == ALDB_COLUMN_BYTES) {
            aldb_sink_add_hex(o->sink, r->values[i], hex);
        } else {
            add(o, r->values[i]);
        }
    }
    aldb_sink_add_char(o->sink, '\n');
    return true;
}

static bool begin_csv(struct aldb_output *o)
{
    return begin(o, ',', add_csv);
}

static bool begin_tsv(struct aldb_output *o)
{
    return begin(o, '\t', add_tsv);
}

static bool row_csv(struct aldb_output *o)
{
    return row(o, ',', "\\x", add_csv);
}

static bool row_tsv(struct aldb_output *o)
{
    return row(o, '\t', "\\\\x", add_tsv);
}

static bool end(struct aldb_output *o, bool complete)
{
    (void)o;
    (void)complete;
    return true;
}

const struct aldb_output_format aldb_output_csv = {"csv", "", false, begin_csv, row_csv, end};
const struct aldb_output_format aldb_output_tsv = {"tsv", "\\N", false, begin_tsv, row_tsv, end};
