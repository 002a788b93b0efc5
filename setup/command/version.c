/* SPDX-License-Identifier: Apache-2.0 */
#include "setup/command/commands.h"

#include <jansson.h>
#include <stdio.h>

#include "base/alloc.h"
#include "setup/command/terminal.h"

int aldb_run_version(const struct aldb_arguments *a)
{
    char *driver = aldb_own_library(false), *setup = aldb_own_library(true);
    if (aldb_flag_given(a, "json")) {
        json_t *all = json_pack("{s:s, s:s?, s:s?}", "version", ALDB_VERSION, "driver", driver, "setup", setup);
        (void)json_dumpf(all, stdout, JSON_INDENT(2));
        (void)putchar('\n');
        json_decref(all);
    } else {
        (void)printf(ALDB_PROGRAM " " ALDB_VERSION "\ndriver   %s\nset-up   %s\n", driver != NULL ? driver : "not where this command was installed",
                     setup != NULL ? setup : "not where this command was installed");
    }
    aldb_free(setup);
    aldb_free(driver);
    return ALDB_EXIT_GOOD;
}
