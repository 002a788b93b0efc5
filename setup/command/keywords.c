/* SPDX-License-Identifier: Apache-2.0 */
/* The table of keywords, as the driver has it. */
#include "setup/command/commands.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "config/options.h"
#include "setup/command/terminal.h"

static const char *type_name(enum aldb_value_type type)
{
    static const char *const names[] = {
        [ALDB_VT_STRING] = "text", [ALDB_VT_SECRET] = "secret", [ALDB_VT_BOOL] = "yes or no", [ALDB_VT_UINT] = "number", [ALDB_VT_ENUM] = "word", [ALDB_VT_IGNORED] = "ignored",
    };
    return names[type];
}

/* The words of a value, each once, separated by blanks. Owned. */
static char *words(enum aldb_keyword kw)
{
    struct aldb_buf text;
    struct aldb_slice word;
    aldb_buf_init(&text, ALDB_MAX_NAME);
    aldb_buf_add_str(&text, aldb_keyword_info(kw)->type == ALDB_VT_UINT ? aldb_keyword_info(kw)->choices : "");
    for (size_t n = 0; aldb_keyword_word(kw, n, &word); n++) {
        aldb_buf_add_str(&text, n > 0 ? " " : "");
        aldb_buf_add_slice(&text, word);
    }
    if (text.len == 0) {
        aldb_buf_add_str(&text, "");
    }
    return aldb_buf_take(&text);
}

/* Is it asked for: all, those of a group, or one by any of its names? */
static bool is_asked(enum aldb_keyword kw, const struct aldb_arguments *a, int one)
{
    const char *group = aldb_flag_value(a, "group");
    return (one < 0 || one == (int)kw) && (group == NULL || strcmp(aldb_keyword_info(kw)->group, group) == 0);
}

static json_t *as_json(enum aldb_keyword kw, const char *choices)
{
    const struct aldb_keyword_info *k = aldb_keyword_info(kw);
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s?, s:s}", "name", k->name, "aliases", k->aliases, "group", k->group, "type", type_name(k->type), "values", choices, "default", k->fallback, "help",
                     k->help);
}

static void print_one(enum aldb_keyword kw, const char *choices)
{
    const struct aldb_keyword_info *k = aldb_keyword_info(kw);
    (void)printf("%s%s%s\n  %s\n  type     %s%s%s\n", aldb_colour(stdout, ALDB_BOLD), k->name, aldb_colour(stdout, ALDB_PLAIN), k->help, type_name(k->type), choices[0] != '\0' ? ": " : "", choices);
    (void)printf("  default  %s\n", k->fallback != NULL ? k->fallback : "none");
    if (k->aliases[0] != '\0') {
        (void)printf("  aliases  %s\n", k->aliases);
    }
    (void)printf("  group    %s\n", k->group);
}

int aldb_run_keywords(const struct aldb_arguments *a)
{
    bool json = aldb_flag_given(a, "json"), names = aldb_flag_given(a, "names");
    const char *group = NULL;
    int one = -1;
    if (a->count > 0) {
        one = aldb_keyword_find(aldb_slice_of(a->at[0]));
        if (one < 0) {
            const char *near = aldb_keyword_nearest(aldb_slice_of(a->at[0]));
            return aldb_failed("There is no keyword %s%s%s%s", a->at[0], near != NULL ? "; did you mean " : "", near != NULL ? near : "", near != NULL ? "?" : "");
        }
    }
    json_t *all = json ? json_array() : NULL;
    size_t shown = 0;
    for (int i = 0; i < ALDB_KW_COUNT; i++) {
        enum aldb_keyword kw = (enum aldb_keyword)i;
        const struct aldb_keyword_info *k = aldb_keyword_info(kw);
        if (!is_asked(kw, a, one)) {
            continue;
        }
        char *choices = words(kw);
        if (choices == NULL) {
            json_decref(all);
            return aldb_failed_no_memory();
        }
        shown++;
        if (json) {
            (void)json_array_append_new(all, as_json(kw, choices));
        } else if (names) {
            (void)puts(k->name);
        } else if (one >= 0) {
            print_one(kw, choices);
        } else {
            if (group == NULL || strcmp(group, k->group) != 0) {
                (void)printf("%s%s%s%s\n", group != NULL ? "\n" : "", aldb_colour(stdout, ALDB_BOLD), k->group, aldb_colour(stdout, ALDB_PLAIN));
                group = k->group;
            }
            (void)printf("  %-26s %-12s %s\n", k->name, k->fallback != NULL ? k->fallback : "", k->help);
        }
        aldb_free(choices);
    }
    if (json) {
        (void)json_dumpf(all, stdout, JSON_INDENT(2));
        (void)putchar('\n');
        json_decref(all);
    }
    return shown > 0 ? ALDB_EXIT_GOOD : aldb_failed("There is no group %s: " ALDB_PROGRAM " keywords lists them", aldb_flag_value(a, "group"));
}
