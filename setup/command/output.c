/* SPDX-License-Identifier: Apache-2.0 */
#include "setup/command/output.h"

#include <string.h>

#include "setup/command/terminal.h"

void aldb_output_init(struct aldb_output *o, const char *format, struct aldb_output_options options, struct aldb_sink *sink)
{
    static const struct aldb_output_format *const formats[] = {&aldb_output_aligned, &aldb_output_csv, &aldb_output_tsv, &aldb_output_json, &aldb_output_jsonl};
    *o = (struct aldb_output){.format = formats[0], .options = options, .sink = sink};
    for (size_t i = 0; i < ALDB_COUNT(formats); i++) {
        if (strcmp(formats[i]->name, format) == 0) {
            o->format = formats[i];
        }
    }
    o->null = options.null != NULL ? options.null : o->format->null;
}

static bool checked(bool good)
{
    return good || (aldb_failed_no_memory(), false);
}

bool aldb_output_begin(struct aldb_output *o, const struct aldb_rows *rows)
{
    o->rows = rows;
    o->count = 0;
    o->results++;
    return checked(o->format->begin(o));
}

bool aldb_output_row(struct aldb_output *o)
{
    o->count++;
    return checked(o->format->row(o));
}

bool aldb_output_end(struct aldb_output *o, bool complete)
{
    bool good = o->rows == NULL || checked(o->format->end(o, complete));
    o->rows = NULL;
    o->own = NULL;
    return good;
}

void aldb_sink_add_hex(struct aldb_sink *s, struct aldb_slice bytes, const char *prefix)
{
    static const char digits[] = "0123456789abcdef";
    char text[512];
    aldb_sink_add_str(s, prefix);
    for (size_t at = 0; at < bytes.len;) {
        size_t n = 0;
        for (; n < sizeof text && at < bytes.len; at++) {
            unsigned char byte = (unsigned char)bytes.ptr[at];
            text[n++] = digits[byte >> 4];
            text[n++] = digits[byte & 15];
        }
        aldb_sink_add(s, text, n);
    }
}
