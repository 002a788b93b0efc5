/* SPDX-License-Identifier: Apache-2.0 */
/* The driver's section of odbcinst.ini. What somebody added to it stays. */
#include "setup/command/commands.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/alloc.h"
#include "setup/command/ini.h"
#include "setup/command/places.h"
#include "setup/command/terminal.h"

/* Whoever may write the system's files means those, without a word. */
static enum aldb_place place_of(const struct aldb_arguments *a)
{
    return aldb_place_asked(a, geteuid() == 0 ? ALDB_PLACE_SYSTEM : ALDB_PLACE_USER);
}

static const char *name_of(const struct aldb_arguments *a)
{
    const char *name = aldb_flag_value(a, "name");
    return name != NULL ? name : ALDB_DRIVER_NAME;
}

/* What brackets and lines of odbcinst.ini can hold; connection strings say it as DRIVER={…}. */
static bool name_is_good(const struct aldb_arguments *a)
{
    const char *name = name_of(a);
    struct aldb_slice text = aldb_slice_of(name);
    if (text.len > 0 && text.len <= 64 && strpbrk(name, "[]{}=;\n\r") == NULL && aldb_slice_trim(text).len == text.len && strcasecmp(name, "ODBC") != 0) {
        return true;
    }
    (void)aldb_usage_error(a->command, "--name %s: a driver's name has 1 to 64 bytes without brackets, braces, '=', ';' or blanks around it, and is not ODBC", name);
    return false;
}

/* Puts the value unless it is there; true if that changed something. */
static bool put(struct aldb_ini *ini, const char *section, const char *key, const char *value, bool only_new)
{
    char *old = aldb_ini_get(ini, section, key);
    bool change = old == NULL || (!only_new && strcmp(old, value) != 0);
    if (change) {
        aldb_ini_put(ini, section, key, value);
    }
    aldb_free(old);
    return change;
}

/* The library to register: the one that is named, or the one that came with this command. Owned; NULL: said why. */
static char *library(const struct aldb_arguments *a)
{
    const char *named = aldb_flag_value(a, "driver");
    char real[PATH_MAX];
    if (named == NULL) {
        char *own = aldb_own_library(false);
        if (own == NULL) {
            (void)aldb_failed("liballoydbodbc.so is not where this command was installed: name it with --driver PATH");
        }
        return own;
    }
    if (realpath(named, real) == NULL || access(real, R_OK) != 0) {
        (void)aldb_failed("%s: %s", named, strerror(errno));
        return NULL;
    }
    return aldb_strdup(real);
}

int aldb_run_register(const struct aldb_arguments *a)
{
    int status = aldb_place_check(a);
    if (status != ALDB_EXIT_GOOD || !name_is_good(a)) {
        return ALDB_EXIT_USAGE;
    }
    const char *name = name_of(a);
    enum aldb_place place = place_of(a);
    char *path = aldb_odbcinst_ini(place), *driver = library(a);
    char *setup = aldb_flag_given(a, "driver") ? NULL : aldb_own_library(true);
    struct aldb_ini ini;
    status = ALDB_EXIT_FAILED;
    if (path != NULL && driver != NULL && aldb_ini_open(&ini, path, true, "Cannot read")) {
        bool was_there = aldb_ini_has(&ini, name);
        bool changed = put(&ini, name, "Description", "ODBC driver for AlloyDB for PostgreSQL", true);
        changed = put(&ini, name, "Driver", driver, false) || changed;
        changed = (setup != NULL && put(&ini, name, "Setup", setup, false)) || changed;
        changed = put(&ini, name, "Threading", "0", true) || changed; /* the driver is thread-safe */
        changed = put(&ini, name, "UsageCount", "1", true) || changed;
        if (!changed || aldb_ini_save(&ini, 0644)) {
            (void)printf("%s [%s] in %s\n  Driver = %s\n", !changed ? "Already registered:" : was_there ? "Updated" : "Registered", name, ini.path, driver);
            status = ALDB_EXIT_GOOD;
        }
        aldb_ini_close(&ini);
    }
    aldb_free(setup);
    aldb_free(driver);
    aldb_free(path);
    return status;
}

int aldb_run_unregister(const struct aldb_arguments *a)
{
    int status = aldb_place_check(a);
    if (status != ALDB_EXIT_GOOD || !name_is_good(a)) {
        return ALDB_EXIT_USAGE;
    }
    const char *name = name_of(a);
    enum aldb_place place = place_of(a);
    char *path = aldb_odbcinst_ini(place);
    struct aldb_ini ini;
    status = ALDB_EXIT_FAILED;
    if (path != NULL && aldb_ini_open(&ini, path, true, "Cannot read")) {
        if (!aldb_ini_has(&ini, name)) {
            (void)printf("Not registered: there is no [%s] in %s\n", name, ini.path);
            status = ALDB_EXIT_GOOD;
        } else {
            aldb_ini_remove(&ini, name);
            if (aldb_ini_save(&ini, place == ALDB_PLACE_USER ? 0600 : 0644)) {
                (void)printf("Removed [%s] from %s\n", name, ini.path);
                status = ALDB_EXIT_GOOD;
            }
        }
        aldb_ini_close(&ini);
    }
    aldb_free(path);
    return status;
}
