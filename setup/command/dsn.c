/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making and changing data sources: sections of odbc.ini. What goes in is checked as the set-up library checks it (setup/library/attributes.h), and stands there under the keywords' own
 * names; comments and the order of all the rest stay as they are.
 */
#include "setup/command/commands.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/alloc.h"
#include "setup/command/connection.h"
#include "setup/command/questions.h"
#include "setup/command/source.h"
#include "setup/command/terminal.h"
#include "setup/library/attributes.h"

/* ------------------------------------------------------------------ what several of them do */

/* Tells what was collected. */
static int tell(struct aldb_faults *f)
{
    for (size_t i = 0; i < f->count; i++) {
        (void)aldb_failed("%s", f->at[i].text != NULL ? f->at[i].text : "Out of memory");
        aldb_free(f->at[i].text);
    }
    f->count = 0;
    return ALDB_EXIT_FAILED;
}

/* What aldb_attributes_parse() reads: NAME, then KEYWORD=VALUE of the command line and of `more`. */
static bool make_list(struct aldb_buf *list, const struct aldb_arguments *a, const struct aldb_pairs *more)
{
    aldb_buf_addf(list, "DSN=%s", a->at[0]);
    aldb_buf_add_char(list, '\0');
    for (size_t i = 1; i < a->count; i++) {
        aldb_buf_add(list, a->at[i], strlen(a->at[i]) + 1);
    }
    for (size_t i = 0; i < more->count; i++) {
        aldb_buf_addf(list, "%s=%s", more->at[i].key, more->at[i].value);
        aldb_buf_add_char(list, '\0');
    }
    aldb_buf_add_char(list, '\0');
    return aldb_buf_ok(list);
}

static const char *driver_of(const struct aldb_arguments *a)
{
    const char *name = aldb_flag_value(a, "driver-name");
    return name != NULL ? name : ALDB_DRIVER_NAME;
}

static bool is_registered(const char *driver)
{
    bool found = false;
    for (int place = ALDB_PLACE_USER; !found && place <= ALDB_PLACE_SYSTEM; place++) {
        struct aldb_ini ini;
        char *path = aldb_odbcinst_ini((enum aldb_place)place);
        if (path != NULL && aldb_ini_peek(&ini, path)) {
            found = aldb_ini_has(&ini, driver);
            aldb_ini_close(&ini);
        }
        aldb_free(path);
    }
    return found;
}

/* KEYWORD=VALUE everywhere, no name of another data source, and nothing that a shell's history should not hold without a word about it. */
static int check_words(const struct aldb_arguments *a)
{
    int status = aldb_place_check(a);
    for (size_t i = 1; status == ALDB_EXIT_GOOD && i < a->count; i++) {
        const char *equals = strchr(a->at[i], '=');
        struct aldb_slice key = aldb_slice(a->at[i], equals != NULL ? (size_t)(equals - a->at[i]) : 0);
        if (equals == NULL) {
            status = aldb_usage_error(a->command, "%s: settings are KEYWORD=VALUE", a->at[i]);
        } else if (aldb_keyword_find(key) == ALDB_KW_DSN) {
            status = aldb_usage_error(a->command, "DSN is no setting: the data source's name stands first%s", aldb_flag_value(a, "rename") == NULL ? "" : ", the new one is --rename's");
        }
    }
    return status;
}

/* The password that the flags say, among `out`. */
static bool take_password(const struct aldb_arguments *a, struct aldb_pairs *out)
{
    struct aldb_buf text;
    struct aldb_diag diag;
    aldb_buf_init(&text, ALDB_MAX_NAME);
    aldb_diag_init(&diag);
    bool good = aldb_password_asked(a, &text);
    if (good && text.len > 0 && aldb_connstr_split(aldb_buf_slice(&text), out, &diag) == ALDB_ERR) {
        good = aldb_failed_no_memory() == ALDB_EXIT_GOOD;
    }
    aldb_diag_clear(&diag);
    aldb_buf_wipe(&text);
    return good;
}

static void warn_of_readers(const struct aldb_ini *ini, const char *name)
{
    struct aldb_pairs pairs = {0};
    if (aldb_ini_pairs(ini, name, &pairs) && aldb_source_is_open(ini, &pairs)) {
        (void)aldb_failed("Note: others may read %s, which holds a password now: chmod 600 it, or name a PassFile instead", ini->path);
    }
    aldb_pairs_clear(&pairs);
}

/* Puts all into the section; an empty value takes a keyword out, under whatever spelling it is there. */
static bool put_all(struct aldb_ini *ini, const char *name, const struct aldb_pairs *settings)
{
    struct aldb_pairs there = {0};
    bool good = aldb_ini_pairs(ini, name, &there);
    for (size_t i = 0; good && i < settings->count; i++) {
        const struct aldb_pair *set = &settings->at[i];
        for (size_t k = 0; k < there.count; k++) {
            if (aldb_attribute_same(there.at[k].key, set->key) && (set->value[0] == '\0' || strcasecmp(there.at[k].key, set->key) != 0)) {
                aldb_ini_put(ini, name, there.at[k].key, NULL);
            }
        }
        if (set->value[0] != '\0') {
            aldb_ini_put(ini, name, set->key, set->value);
        }
    }
    aldb_pairs_clear(&there);
    return good;
}

/* Does the whole make sense, as a connection would see it? */
static bool check_whole(const struct aldb_ini *ini, const char *name)
{
    struct aldb_pairs all = {0};
    struct aldb_faults faults = {0};
    bool good = aldb_ini_pairs(ini, name, &all) && aldb_attributes_check(&all, &faults) != ALDB_ERR;
    if (!good) {
        (void)tell(&faults);
    }
    aldb_pairs_clear(&all);
    return good;
}

/* ------------------------------------------------------------------ add, edit, remove */

/* Makes or changes the section, in memory; `settings` are what goes in. */
static int put_source(struct aldb_ini *ini, const struct aldb_arguments *a, const struct aldb_pairs *more, bool add)
{
    struct aldb_buf list;
    struct aldb_attributes attributes = {0};
    struct aldb_faults faults = {0};
    const char *name = a->at[0], *rename = add ? NULL : aldb_flag_value(a, "rename");
    int status = ALDB_EXIT_GOOD;
    aldb_buf_init(&list, ALDB_MAX_CONNSTR);
    if (!make_list(&list, a, more)) {
        status = aldb_failed_no_memory();
    } else if (aldb_attributes_parse(list.data, driver_of(a), &attributes, &faults) == ALDB_ERR || aldb_dsn_name_check(name, &faults) == ALDB_ERR
               || (rename != NULL && aldb_dsn_name_check(rename, &faults) == ALDB_ERR)) {
        status = tell(&faults);
    } else if (rename != NULL && strcasecmp(rename, name) != 0 && aldb_ini_has(ini, rename)) {
        status = aldb_failed("%s: there is such a data source in %s already", rename, ini->path);
    } else {
        if (add) {
            aldb_ini_remove(ini, name);
            aldb_ini_put(ini, name, "Driver", driver_of(a));
        }
        bool good = put_all(ini, name, &attributes.settings) && check_whole(ini, name);
        if (good && rename != NULL) {
            aldb_ini_rename(ini, name, rename);
        }
        status = good ? ALDB_EXIT_GOOD : ALDB_EXIT_FAILED;
    }
    if (status == ALDB_EXIT_GOOD) {
        const char *now = rename != NULL ? rename : name;
        if (aldb_ini_has(ini, ALDB_LIST_OF_SOURCES)) {
            if (rename != NULL) {
                aldb_ini_put(ini, ALDB_LIST_OF_SOURCES, name, NULL);
            }
            aldb_ini_put(ini, ALDB_LIST_OF_SOURCES, now, driver_of(a));
        }
    }
    aldb_attributes_clear(&attributes);
    aldb_buf_wipe(&list);
    return status;
}

int aldb_run_dsn_add(const struct aldb_arguments *a)
{
    const char *name = a->at[0];
    struct aldb_pairs more = {0};
    struct aldb_ini ini;
    int status = check_words(a);
    if (status != ALDB_EXIT_GOOD) {
        return status;
    }
    enum aldb_place place = aldb_place_asked(a, ALDB_PLACE_USER);
    bool ask = a->count == 1 && aldb_may_ask();
    if (!aldb_source_file(&ini, place, false)) {
        return ALDB_EXIT_FAILED;
    }
    bool exists = aldb_ini_has(&ini, name);
    aldb_ini_close(&ini);
    if (exists && !aldb_flag_given(a, "replace")) {
        return aldb_failed("There is a data source %s in %s odbc.ini already: dsn edit changes it, --replace writes it anew", name, aldb_place_name(place));
    }
    /* Questions first, and the file only then: it is locked while it is open. */
    if (!take_password(a, &more) || (ask && !aldb_ask_for_source(&more, NULL))) {
        aldb_pairs_clear(&more);
        return ALDB_EXIT_FAILED;
    }
    status = ALDB_EXIT_FAILED;
    if (aldb_source_file(&ini, place, true)) {
        status = put_source(&ini, a, &more, true);
        if (status == ALDB_EXIT_GOOD && aldb_ini_save(&ini, aldb_place_mode(place))) {
            (void)printf("%s [%s] in %s\n", exists ? "Replaced" : "Added", name, ini.path);
            warn_of_readers(&ini, name);
            if (!is_registered(driver_of(a))) {
                (void)aldb_failed("Note: no driver %s is registered: " ALDB_PROGRAM " register", driver_of(a));
            }
        } else {
            status = ALDB_EXIT_FAILED;
        }
        aldb_ini_close(&ini);
    }
    aldb_pairs_clear(&more);
    if (status == ALDB_EXIT_GOOD && ask && aldb_ask_yes("Connect now, to see that it works?", true)) {
        status = aldb_test_source(name, NULL);
    }
    return status;
}

int aldb_run_dsn_edit(const struct aldb_arguments *a)
{
    const char *name = a->at[0];
    struct aldb_pairs more = {0}, old = {0};
    struct aldb_ini ini;
    enum aldb_place place;
    int status = check_words(a);
    if (status != ALDB_EXIT_GOOD) {
        return status;
    }
    bool other = aldb_flag_given(a, "rename") || aldb_flag_given(a, "ask-password") || aldb_flag_given(a, "password-stdin");
    bool ask = a->count == 1 && !other && aldb_may_ask();
    if (a->count == 1 && !other && !ask) {
        return aldb_usage_error(a->command, "There is nothing to change: give KEYWORD=VALUE, or run it on a terminal");
    }
    if (!aldb_source_find(&ini, a, name, &place, false)) {
        return ALDB_EXIT_FAILED;
    }
    bool good = aldb_ini_pairs(&ini, name, &old);
    aldb_ini_close(&ini);
    good = good && take_password(a, &more) && (!ask || aldb_ask_for_source(&more, &old));
    status = ALDB_EXIT_FAILED;
    if (good && aldb_source_file(&ini, place, true)) {
        if (!aldb_ini_has(&ini, name)) {
            (void)aldb_failed("Meanwhile the data source %s has gone", name);
        } else if (put_source(&ini, a, &more, false) == ALDB_EXIT_GOOD && aldb_ini_save(&ini, aldb_place_mode(place))) {
            const char *now = aldb_flag_value(a, "rename") != NULL ? aldb_flag_value(a, "rename") : name;
            (void)printf("Changed [%s] in %s\n", now, ini.path);
            warn_of_readers(&ini, now);
            status = ALDB_EXIT_GOOD;
        }
        aldb_ini_close(&ini);
    }
    aldb_pairs_clear(&old);
    aldb_pairs_clear(&more);
    return status;
}

int aldb_run_dsn_remove(const struct aldb_arguments *a)
{
    struct aldb_ini ini;
    enum aldb_place place;
    int status = aldb_place_check(a);
    if (status != ALDB_EXIT_GOOD) {
        return status;
    }
    if (!aldb_source_find(&ini, a, a->at[0], &place, true)) {
        return ALDB_EXIT_FAILED;
    }
    aldb_ini_remove(&ini, a->at[0]);
    aldb_ini_put(&ini, ALDB_LIST_OF_SOURCES, a->at[0], NULL);
    status = ALDB_EXIT_FAILED;
    if (aldb_ini_save(&ini, aldb_place_mode(place))) {
        (void)printf("Removed [%s] from %s\n", a->at[0], ini.path);
        status = ALDB_EXIT_GOOD;
    }
    aldb_ini_close(&ini);
    return status;
}
