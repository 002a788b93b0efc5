/* SPDX-License-Identifier: Apache-2.0 */
/* What the doctor finds: a line a stage as it comes, or one JSON object in the end. */
#ifndef ALDB_COMMAND_REPORT_H
#define ALDB_COMMAND_REPORT_H

#include <jansson.h>
#include <stdbool.h>

enum aldb_verdict { ALDB_WELL, ALDB_DOUBTFUL, ALDB_ILL };

struct aldb_report {
    json_t *json;   /* NULL: lines */
    json_t *stages; /* of json */
    bool ill;
};

/* `target` NULL: no connection is looked at. */
void aldb_report_begin(struct aldb_report *r, bool json, const char *target);
#define ALDB_NO_TIME (-1.0)
/* `fact` may have several lines. `remedy`: what to do, one sentence; NULL where nothing is to be done. */
void aldb_report_stage(struct aldb_report *r, enum aldb_verdict verdict, const char *stage, double ms, const char *fact, const char *remedy);
/* More about the stage told last. */
void aldb_report_detail(struct aldb_report *r, const char *name, const char *value, const char *origin);
/* Returns ALDB_EXIT_…. */
int aldb_report_end(struct aldb_report *r);

#endif
