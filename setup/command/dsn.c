/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Data sources: sections of odbc.ini. What goes in is checked as the set-up library checks it (setup/library/attributes.h), and stands there under the keywords' own
 * names; comments and the order of all the rest stay as they are.
 */
#include "setup/command/commands.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "setup/command/connection.h"
#include "setup/command/ini.h"
#include "setup/command/questions.h"
#include "setup/command/terminal.h"
#include "setup/library/attributes.h"

#define LIST_OF_SOURCES "ODBC Data Sources" /* a section that unixODBC does not need and that is kept true where it is there */

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

static bool open_ini(struct aldb_ini *ini, enum aldb_place place, bool change)
{
    char *path = aldb_odbc_ini(place);
    bool good = path != NULL ? aldb_ini_open(ini, path, change, "Cannot read") : aldb_failed_no_memory() == ALDB_EXIT_GOOD;
    aldb_free(path);
    return good;
}

/* Where the data source is: the user's file comes first, as for connections. False: in neither, or not to be read; said why. The file is open then. */
static bool open_where(struct aldb_ini *ini, const struct aldb_arguments *a, const char *name, enum aldb_place *place, bool change)
{
    bool asked = aldb_flag_given(a, "user") || aldb_flag_given(a, "system");
    for (*place = aldb_place_asked(a, ALDB_PLACE_USER);; *place = ALDB_PLACE_SYSTEM) {
        if (!open_ini(ini, *place, change)) {
            return false;
        }
        if (aldb_ini_has(ini, name)) {
            return true;
        }
        bool last = asked || *place == ALDB_PLACE_SYSTEM;
        if (last) {
            (void)aldb_failed("There is no data source %s in %s odbc.ini%s: " ALDB_PROGRAM " dsn list lists them", name, asked ? aldb_place_name(*place) : "the user's", asked ? "" : " nor the system's");
        }
        aldb_ini_close(ini);
        if (last) {
            return false;
        }
    }
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
        if (path != NULL && access(path, R_OK) == 0 && aldb_ini_open(&ini, path, false, "Cannot read")) {
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

/* Is there a secret among what is written? */
static bool holds_secret(const struct aldb_pairs *pairs)
{
    for (size_t i = 0; i < pairs->count; i++) {
        int kw = aldb_keyword_find(aldb_slice_of(pairs->at[i].key));
        if (kw >= 0 && pairs->at[i].value[0] != '\0' && aldb_keyword_secret((enum aldb_keyword)kw, pairs->at[i].value)) {
            return true;
        }
    }
    return false;
}

static void warn_of_readers(const struct aldb_ini *ini, const struct aldb_pairs *pairs)
{
    struct stat s;
    if (holds_secret(pairs) && stat(ini->path, &s) == 0 && (s.st_mode & (S_IRGRP | S_IROTH)) != 0) {
        (void)aldb_failed("Note: others may read %s, which holds a password now: chmod 600 it, or name a PassFile instead", ini->path);
    }
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
        if (aldb_ini_has(ini, LIST_OF_SOURCES)) {
            if (rename != NULL) {
                aldb_ini_put(ini, LIST_OF_SOURCES, name, NULL);
            }
            aldb_ini_put(ini, LIST_OF_SOURCES, now, driver_of(a));
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
    if (!open_ini(&ini, place, false)) {
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
    if (open_ini(&ini, place, true)) {
        status = put_source(&ini, a, &more, true);
        if (status == ALDB_EXIT_GOOD && aldb_ini_save(&ini, aldb_place_mode(place))) {
            struct aldb_pairs written = {0};
            (void)printf("%s [%s] in %s\n", exists ? "Replaced" : "Added", name, ini.path);
            if (aldb_ini_pairs(&ini, name, &written)) {
                warn_of_readers(&ini, &written);
            }
            aldb_pairs_clear(&written);
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
    if (!open_where(&ini, a, name, &place, false)) {
        return ALDB_EXIT_FAILED;
    }
    bool good = aldb_ini_pairs(&ini, name, &old);
    aldb_ini_close(&ini);
    good = good && take_password(a, &more) && (!ask || aldb_ask_for_source(&more, &old));
    status = ALDB_EXIT_FAILED;
    if (good && open_ini(&ini, place, true)) {
        if (!aldb_ini_has(&ini, name)) {
            (void)aldb_failed("Meanwhile the data source %s has gone", name);
        } else if (put_source(&ini, a, &more, false) == ALDB_EXIT_GOOD && aldb_ini_save(&ini, aldb_place_mode(place))) {
            const char *now = aldb_flag_value(a, "rename") != NULL ? aldb_flag_value(a, "rename") : name;
            struct aldb_pairs written = {0};
            (void)printf("Changed [%s] in %s\n", now, ini.path);
            if (aldb_ini_pairs(&ini, now, &written)) {
                warn_of_readers(&ini, &written);
            }
            aldb_pairs_clear(&written);
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
    if (!open_where(&ini, a, a->at[0], &place, true)) {
        return ALDB_EXIT_FAILED;
    }
    aldb_ini_remove(&ini, a->at[0]);
    aldb_ini_put(&ini, LIST_OF_SOURCES, a->at[0], NULL);
    status = ALDB_EXIT_FAILED;
    if (aldb_ini_save(&ini, aldb_place_mode(place))) {
        (void)printf("Removed [%s] from %s\n", a->at[0], ini.path);
        status = ALDB_EXIT_GOOD;
    }
    aldb_ini_close(&ini);
    return status;
}

/* ------------------------------------------------------------------ list, show */

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
    bool good = open_ini(&ini, place, false);
    char *name;
    for (size_t n = 0; good && (name = aldb_ini_section(&ini, n)) != NULL; n++) {
        struct aldb_pairs pairs = {0};
        struct aldb_buf target;
        aldb_buf_init(&target, ALDB_MAX_NAME);
        char *driver = aldb_ini_get(&ini, name, "Driver");
        if (strcasecmp(name, LIST_OF_SOURCES) != 0 && strcasecmp(name, "ODBC") != 0) {
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

int aldb_run_dsn_show(const struct aldb_arguments *a)
{
    static const char *const origins[] = {
        [ALDB_FROM_STRING] = "", [ALDB_FROM_DSN] = "odbc.ini", [ALDB_FROM_INI] = "alloydb-odbc.ini", [ALDB_FROM_ENV] = "environment", [ALDB_FROM_DEFAULT] = "default"};
    struct aldb_ini ini;
    enum aldb_place place;
    struct aldb_pairs there = {0};
    struct aldb_options options;
    struct aldb_diag diag;
    int status = aldb_place_check(a);
    if (status != ALDB_EXIT_GOOD) {
        return status;
    }
    if (!open_where(&ini, a, a->at[0], &place, false)) {
        return ALDB_EXIT_FAILED;
    }
    json_t *all = aldb_flag_given(a, "json") ? json_object() : NULL;
    json_t *settings = all != NULL ? json_object() : NULL;
    bool good = aldb_ini_pairs(&ini, a->at[0], &there);
    aldb_options_init(&options);
    aldb_diag_init(&diag);
    /* As a connection gets them; what is wrong with the whole is told beside what is there. */
    enum aldb_rc rc = aldb_options_resolve(&options, &(struct aldb_pairs){0}, a->at[0], &diag);
    for (size_t i = 1; aldb_diag_get(&diag, i) != NULL; i++) {
        (void)aldb_failed("%s", aldb_diag_message(aldb_diag_get(&diag, i)));
    }
    if (all == NULL) {
        (void)printf("[%s] in %s\n", a->at[0], ini.path);
    }
    for (int i = 0; good && i < ALDB_KW_COUNT; i++) {
        enum aldb_keyword kw = (enum aldb_keyword)i;
        const struct aldb_keyword_info *k = aldb_keyword_info(kw);
        struct aldb_buf value;
        aldb_buf_init(&value, ALDB_MAX_CONNSTR);
        uint8_t origin = rc == ALDB_ERR ? ALDB_FROM_DEFAULT : options.origin[kw];
        if (rc == ALDB_ERR || k->type == ALDB_VT_IGNORED) {
            for (size_t n = 0; n < there.count; n++) {
                if (aldb_keyword_find(aldb_slice_of(there.at[n].key)) == i) {
                    aldb_buf_add_str(&value, there.at[n].value);
                    origin = ALDB_FROM_DSN;
                    break;
                }
            }
        } else if (origin != ALDB_FROM_DEFAULT || aldb_flag_given(a, "all")) {
            aldb_option_format(&options, kw, &value);
        }
        if (value.len > 0) {
            const char *text = aldb_keyword_secret(kw, aldb_buf_cstr(&value)) ? "***" : aldb_buf_cstr(&value);
            if (all != NULL) {
                (void)json_object_set_new(settings, k->name, json_pack("{s:s, s:s}", "value", text, "origin", origins[origin]));
            } else {
                (void)printf("  %-26s %-40s %s%s%s\n", k->name, text, aldb_colour(stdout, ALDB_FAINT), origins[origin], aldb_colour(stdout, ALDB_PLAIN));
            }
        }
        aldb_buf_wipe(&value);
    }
    if (all != NULL) {
        (void)json_object_set_new(all, "name", json_string(a->at[0]));
        (void)json_object_set_new(all, "file", json_string(ini.path));
        (void)json_object_set_new(all, "settings", settings);
        (void)json_dumpf(all, stdout, JSON_INDENT(2));
        (void)putchar('\n');
        json_decref(all);
    }
    if (rc != ALDB_ERR) {
        aldb_options_clear(&options);
    }
    aldb_diag_clear(&diag);
    aldb_pairs_clear(&there);
    aldb_ini_close(&ini);
    return good && rc != ALDB_ERR ? ALDB_EXIT_GOOD : ALDB_EXIT_FAILED;
}

/* ------------------------------------------------------------------ test */

int aldb_test_source(const char *target, const char *more)
{
    struct aldb_connection c;
    struct aldb_buf name, version, database, user;
    double began = aldb_clock_ms();
    if (!aldb_connect(&c, target, more)) {
        return aldb_failed("No connection. " ALDB_PROGRAM " doctor %s looks for the reason, stage by stage", strchr(target, '=') != NULL ? "'CONNECTION STRING'" : target);
    }
    double connected = aldb_clock_ms();
    SQLHSTMT stmt = SQL_NULL_HSTMT;
    bool good = SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_STMT, c.dbc, &stmt));
    if (good) {
        good = SQL_SUCCEEDED(SQLExecDirect(stmt, (SQLCHAR *)"SELECT 1", SQL_NTS)) && SQL_SUCCEEDED(SQLFetch(stmt));
        if (!good) {
            aldb_print_diagnostics(SQL_HANDLE_STMT, stmt);
        }
        (void)SQLFreeHandle(SQL_HANDLE_STMT, stmt);
    }
    double asked = aldb_clock_ms();
    aldb_buf_init(&name, ALDB_MAX_NAME);
    aldb_buf_init(&version, ALDB_MAX_NAME);
    aldb_buf_init(&database, ALDB_MAX_NAME);
    aldb_buf_init(&user, ALDB_MAX_NAME);
    aldb_info_text(&c, SQL_DBMS_NAME, &name);
    aldb_info_text(&c, SQL_DBMS_VER, &version);
    aldb_info_text(&c, SQL_DATABASE_NAME, &database);
    aldb_info_text(&c, SQL_USER_NAME, &user);
    if (good) {
        (void)printf("Connected to %s %s, database %s, as %s, in %.1f ms; SELECT 1 took %.1f ms\n", aldb_buf_cstr(&name), aldb_buf_cstr(&version), aldb_buf_cstr(&database), aldb_buf_cstr(&user),
                     connected - began, asked - connected);
    }
    aldb_buf_clear(&user);
    aldb_buf_clear(&database);
    aldb_buf_clear(&version);
    aldb_buf_clear(&name);
    aldb_disconnect(&c);
    return good ? ALDB_EXIT_GOOD : ALDB_EXIT_FAILED;
}

int aldb_run_dsn_test(const struct aldb_arguments *a)
{
    struct aldb_buf password;
    aldb_buf_init(&password, ALDB_MAX_NAME);
    int status = aldb_password_asked(a, &password) ? aldb_test_source(a->at[0], aldb_buf_cstr(&password)) : ALDB_EXIT_FAILED;
    aldb_buf_wipe(&password);
    return status;
}
