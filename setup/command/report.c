/* SPDX-License-Identifier: Apache-2.0 */
#include "setup/command/report.h"

#include <stdio.h>
#include <string.h>

#include "setup/command/args.h"
#include "setup/command/terminal.h"

#define STAGE_WIDTH 15 /* columns of a stage's name */

void aldb_report_begin(struct aldb_report *r, bool json, const char *target)
{
    *r = (struct aldb_report){.json = json ? json_object() : NULL};
    if (r->json != NULL) {
        r->stages = json_array();
        (void)json_object_set_new(r->json, "target", target != NULL ? json_string(target) : json_null());
    }
}

/* Lines but the first are indented under it. */
static void print_lines(const char *text, unsigned indent)
{
    for (const char *at = text; *at != '\0';) {
        size_t n = strcspn(at, "\n");
        (void)printf("%s%*s%.*s", at == text ? "" : "\n", at == text ? 0 : (int)indent, "", (int)n, at);
        at += n + (at[n] == '\n' ? 1 : 0);
    }
}

static const char *sign(enum aldb_verdict verdict)
{
    static const char *const signs[][2] = {{"ok  ", "\u2714"}, {"note", "!"}, {"FAIL", "\u2718"}};
    return signs[verdict][aldb_shows_utf8() ? 1 : 0];
}

void aldb_report_stage(struct aldb_report *r, enum aldb_verdict verdict, const char *stage, double ms, const char *fact, const char *remedy)
{
    static const char *const words[] = {"ok", "doubtful", "failed"};
    static const enum aldb_colour colours[] = {ALDB_GREEN, ALDB_YELLOW, ALDB_RED};
    r->ill = r->ill || verdict == ALDB_ILL;
    if (r->json != NULL) {
        json_t *s = json_pack("{s:s, s:s, s:s, s:s?}", "stage", stage, "verdict", words[verdict], "fact", fact, "remedy", remedy);
        if (ms >= 0) {
            (void)json_object_set_new(s, "milliseconds", json_real(ms));
        }
        (void)json_array_append_new(r->stages, s);
        return;
    }
    unsigned indent = STAGE_WIDTH + (aldb_shows_utf8() ? 2 : 5);
    (void)printf("%s%s%s %-*s", aldb_colour(stdout, colours[verdict]), sign(verdict), aldb_colour(stdout, ALDB_PLAIN), STAGE_WIDTH, stage);
    print_lines(fact, indent);
    if (ms >= 0) {
        (void)printf("  %s%.1f ms%s", aldb_colour(stdout, ALDB_FAINT), ms, aldb_colour(stdout, ALDB_PLAIN));
    }
    if (remedy != NULL) {
        (void)printf("\n%*s%s%s ", (int)indent, "", aldb_colour(stdout, ALDB_BOLD), aldb_shows_utf8() ? "\u2192" : "->");
        print_lines(remedy, indent + 2);
        (void)printf("%s", aldb_colour(stdout, ALDB_PLAIN));
    }
    (void)putchar('\n');
    (void)fflush(stdout);
}

void aldb_report_detail(struct aldb_report *r, const char *name, const char *value, const char *origin)
{
    if (r->json != NULL) {
        json_t *last = json_array_get(r->stages, json_array_size(r->stages) - 1), *details = json_object_get(last, "details");
        if (details == NULL) {
            details = json_object();
            (void)json_object_set_new(last, "details", details);
        }
        (void)json_object_set_new(details, name, json_pack("{s:s, s:s?}", "value", value, "origin", origin));
        return;
    }
    (void)printf("%*s%s%-24s %s%s%s%s%s\n", STAGE_WIDTH + (aldb_shows_utf8() ? 2 : 5), "", aldb_colour(stdout, ALDB_FAINT), name, value, origin != NULL ? "  (" : "", origin != NULL ? origin : "",
                 origin != NULL ? ")" : "", aldb_colour(stdout, ALDB_PLAIN));
}

int aldb_report_end(struct aldb_report *r)
{
    if (r->json != NULL) {
        (void)json_object_set_new(r->json, "well", json_boolean(!r->ill));
        (void)json_object_set_new(r->json, "stages", r->stages);
        (void)json_dumpf(r->json, stdout, JSON_INDENT(2));
        (void)putchar('\n');
        json_decref(r->json);
    }
    return r->ill ? ALDB_EXIT_FAILED : ALDB_EXIT_GOOD;
}
