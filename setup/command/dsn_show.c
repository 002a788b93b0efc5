/* SPDX-License-Identifier: Apache-2.0 */
/* What data sources there are, and what they say. Secrets are not shown. */
#include "setup/command/commands.h"

#include <jansson.h>
#include <stdio.h>

#include "base/alloc.h"
#include "setup/command/source.h"
#include "setup/command/terminal.h"

/* Where it leads, for a list: the instance, or server and database. */
static void add_target(struct aldb_buf *out, const struct aldb_pairs *pairs)
{
    static const enum aldb_keyword shown[] = {ALDB_KW_InstanceUri, ALDB_KW_Server, ALDB_KW_Port, ALDB_KW_Database};
    static const char *const before[] = {"", "", ":", "/"};
    for (size_t k = 0; k < ALDB_COUNT(shown); k++) {
        for (size_t i = 0; i < pairs->count; i++) {
            if (aldb_keyword_find(aldb_slice_of(pairs->at[i].key)) == (int)shown[k]) {
                aldb_buf_addf(out, "%s%s", out->len > 0 || shown[k] == ALDB_KW_Database ? before[k] : "", pairs->at[i].value);
                break;
            }
        }
    }
}

/* One file's data sources. */
static bool list_place(enum aldb_place place, const struct aldb_arguments *a, json_t *all)
{
    struct aldb_ini ini;
    bool good = aldb_source_file(&ini, place, false);
    char *name;
    for (size_t n = 0; good && (name = aldb_ini_section(&ini, n)) != NULL; n++) {
        struct aldb_pairs pairs = {0};
        struct aldb_buf target;
        aldb_buf_init(&target, ALDB_MAX_NAME);
        char *driver = aldb_ini_get(&ini, name, "Driver");
        if (aldb_is_source(name)) {
            good = aldb_ini_pairs(&ini, name, &pairs);
            add_target(&target, &pairs);
            if (all != NULL) {
                (void)json_array_append_new(all, json_pack("{s:s, s:s?, s:s, s:s}", "name", name, "driver", driver, "target", aldb_buf_cstr(&target), "file", ini.path));
            } else if (aldb_flag_given(a, "names")) {
                (void)puts(name);
            } else {
                (void)printf("%-20s %-7s %-20s %s\n", name, place == ALDB_PLACE_USER ? "user" : "system", driver != NULL ? driver : "", aldb_buf_cstr(&target));
            }
        }
        aldb_buf_clear(&target);
        aldb_pairs_clear(&pairs);
        aldb_free(driver);
        aldb_free(name);
    }
    if (good) {
        aldb_ini_close(&ini);
    }
    return good;
}

int aldb_run_dsn_list(const struct aldb_arguments *a)
{
    int status = aldb_place_check(a);
    if (status != ALDB_EXIT_GOOD) {
        return status;
    }
    json_t *all = aldb_flag_given(a, "json") ? json_array() : NULL;
    bool user = !aldb_flag_given(a, "system"), system = !aldb_flag_given(a, "user") && !(user && aldb_one_odbc_ini());
    bool good = (!user || list_place(ALDB_PLACE_USER, a, all)) && (!system || list_place(ALDB_PLACE_SYSTEM, a, all));
    if (all != NULL) {
        (void)json_dumpf(all, stdout, JSON_INDENT(2));
        (void)putchar('\n');
        json_decref(all);
    }
    return good ? ALDB_EXIT_GOOD : ALDB_EXIT_FAILED;
}

/* What one keyword comes to, and where that is from; "" where nothing is to be shown. `options` NULL: they cannot be had, and what the section says is shown. */
static uint8_t show_value(const struct aldb_options *options, enum aldb_keyword kw, const struct aldb_pairs *there, bool all, struct aldb_buf *out)
{
    bool kept = aldb_keyword_info(kw)->type != ALDB_VT_IGNORED;
    if (options != NULL && kept) {
        if (all || options->origin[kw] != ALDB_FROM_DEFAULT) {
            aldb_option_format(options, kw, out);
        }
        return options->origin[kw];
    }
    for (size_t i = 0; i < there->count; i++) {
        if (aldb_keyword_find(aldb_slice_of(there->at[i].key)) == (int)kw) {
            aldb_buf_add_str(out, there->at[i].value);
            return ALDB_FROM_DSN;
        }
    }
    return ALDB_FROM_DEFAULT;
}

/* As lines, or into `settings` if that is not NULL. */
static void show_settings(const struct aldb_options *options, const struct aldb_pairs *there, bool all, json_t *settings)
{
    for (int i = 0; i < ALDB_KW_COUNT; i++) {
        enum aldb_keyword kw = (enum aldb_keyword)i;
        const char *name = aldb_keyword_info(kw)->name;
        struct aldb_buf value;
        aldb_buf_init(&value, ALDB_MAX_CONNSTR);
        const char *origin = aldb_origin_name(show_value(options, kw, there, all, &value));
        const char *text = aldb_keyword_secret(kw, aldb_buf_cstr(&value)) ? "***" : aldb_buf_cstr(&value);
        if (value.len > 0 && settings != NULL) {
            (void)json_object_set_new(settings, name, json_pack("{s:s, s:s}", "value", text, "origin", origin));
        } else if (value.len > 0) {
            (void)printf("  %-26s %-40s %s%s%s\n", name, text, aldb_colour(stdout, ALDB_FAINT), origin, aldb_colour(stdout, ALDB_PLAIN));
        }
        aldb_buf_wipe(&value);
    }
}

int aldb_run_dsn_show(const struct aldb_arguments *a)
{
    const char *name = a->at[0];
    struct aldb_ini ini;
    enum aldb_place place;
    struct aldb_pairs there = {0};
    struct aldb_options options;
    struct aldb_diag diag;
    int status = aldb_place_check(a);
    if (status != ALDB_EXIT_GOOD) {
        return status;
    }
    if (!aldb_source_find(&ini, a, name, &place, false)) {
        return ALDB_EXIT_FAILED;
    }
    bool good = aldb_ini_pairs(&ini, name, &there), json = aldb_flag_given(a, "json");
    aldb_options_init(&options);
    aldb_diag_init(&diag);
    /* As a connection gets them; what is wrong with the whole is told beside what is there. */
    bool resolved = aldb_options_resolve(&options, &(struct aldb_pairs){0}, name, &diag) != ALDB_ERR;
    for (size_t i = 1; aldb_diag_get(&diag, i) != NULL; i++) {
        (void)aldb_failed("%s", aldb_diag_message(aldb_diag_get(&diag, i)));
    }
    json_t *settings = json ? json_object() : NULL;
    if (!json) {
        (void)printf("[%s] in %s\n", name, ini.path);
    }
    show_settings(resolved ? &options : NULL, &there, aldb_flag_given(a, "all"), settings);
    if (json) {
        json_t *all = json_pack("{s:s, s:s, s:o}", "name", name, "file", ini.path, "settings", settings);
        (void)json_dumpf(all, stdout, JSON_INDENT(2));
        (void)putchar('\n');
        json_decref(all);
    }
    if (resolved) {
        aldb_options_clear(&options);
    }
    aldb_diag_clear(&diag);
    aldb_pairs_clear(&there);
    aldb_ini_close(&ini);
    return good && resolved ? ALDB_EXIT_GOOD : ALDB_EXIT_FAILED;
}
