/* SPDX-License-Identifier: Apache-2.0 */
#include "setup/command/source.h"

#include <strings.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "setup/command/terminal.h"

bool aldb_is_source(const char *section)
{
    return strcasecmp(section, ALDB_LIST_OF_SOURCES) != 0 && strcasecmp(section, "ODBC") != 0;
}

bool aldb_source_file(struct aldb_ini *ini, enum aldb_place place, bool change)
{
    char *path = aldb_odbc_ini(place);
    bool good = path != NULL ? aldb_ini_open(ini, path, change, "Cannot read") : aldb_failed_no_memory() == ALDB_EXIT_GOOD;
    aldb_free(path);
    return good;
}

bool aldb_source_find(struct aldb_ini *ini, const struct aldb_arguments *a, const char *name, enum aldb_place *place, bool change)
{
    bool asked = aldb_flag_given(a, "user") || aldb_flag_given(a, "system");
    for (*place = aldb_place_asked(a, ALDB_PLACE_USER);; *place = ALDB_PLACE_SYSTEM) {
        if (!aldb_source_file(ini, *place, change)) {
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

bool aldb_source_is_open(const struct aldb_ini *ini, const struct aldb_pairs *pairs)
{
    struct stat s;
    return holds_secret(pairs) && stat(ini->path, &s) == 0 && (s.st_mode & (S_IRGRP | S_IROTH)) != 0;
}

const char *aldb_origin_name(uint8_t origin)
{
    static const char *const names[] = {
        [ALDB_FROM_STRING] = "connection string", [ALDB_FROM_DSN] = "odbc.ini", [ALDB_FROM_INI] = "alloydb-odbc.ini", [ALDB_FROM_ENV] = "environment", [ALDB_FROM_DEFAULT] = "default"};
    return names[origin];
}
