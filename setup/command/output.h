/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What rows look like: aligned for people, csv, tsv, json and jsonl for programs. All of them stream; aligned keeps the first rows until it knows how wide columns are.
 * Text is UTF-8.
 */
#ifndef ALDB_COMMAND_OUTPUT_H
#define ALDB_COMMAND_OUTPUT_H

#include <stdbool.h>

#include "setup/command/rows.h"
#include "setup/command/sink.h"

#define ALDB_OUTPUT_FORMATS "aligned csv tsv json jsonl"

struct aldb_output_options {
    const char *null; /* stands for NULL; NULL: the format's own */
    bool no_header, quiet;
};

/* A result set that is being written. */
struct aldb_output {
    const struct aldb_output_format *format;
    struct aldb_output_options options;
    struct aldb_sink *sink;
    const struct aldb_rows *rows; /* NULL between result sets */
    const char *null;
    size_t results;               /* begun so far */
    uint64_t count;               /* rows of this one */
    void *own;                    /* the format's, of a result set */
};

/* Each returns false without memory. What is written does not fail here, but in the sink. */
struct aldb_output_format {
    const char *name, *null;
    bool for_people; /* counts of rows stand among the rows */
    bool (*begin)(struct aldb_output *o);
    bool (*row)(struct aldb_output *o);
    bool (*end)(struct aldb_output *o, bool complete); /* and lets go of what `begin` took */
};

extern const struct aldb_output_format aldb_output_aligned, aldb_output_csv, aldb_output_tsv, aldb_output_json, aldb_output_jsonl;

/* `format`: one of ALDB_OUTPUT_FORMATS. */
void aldb_output_init(struct aldb_output *o, const char *format, struct aldb_output_options options, struct aldb_sink *sink);
/* A result set: its columns, each row that `rows` has come to, and its end. False: out of memory; said so, and `end` is still to be called. */
bool aldb_output_begin(struct aldb_output *o, const struct aldb_rows *rows);
bool aldb_output_row(struct aldb_output *o);
bool aldb_output_end(struct aldb_output *o, bool complete);

/* "\x…", as PostgreSQL writes bytea. */
void aldb_sink_add_hex(struct aldb_sink *s, struct aldb_slice bytes, const char *prefix);

#endif
