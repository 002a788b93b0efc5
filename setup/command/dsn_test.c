/* SPDX-License-Identifier: Apache-2.0 */
/* One connection, and one query. */
#include "setup/command/commands.h"

#include <stdio.h>
#include <string.h>

#include "setup/command/connection.h"
#include "setup/command/terminal.h"

int aldb_test_source(const char *target, const char *more)
{
    struct aldb_connection c;
    struct aldb_buf name, version, database, user, said;
    double began = aldb_clock_ms();
    if (!aldb_connect(&c, target, more)) {
        return aldb_failed("No connection. " ALDB_PROGRAM " doctor %s looks for the reason, stage by stage", strchr(target, '=') != NULL ? "'CONNECTION STRING'" : target);
    }
    double connected = aldb_clock_ms();
    aldb_buf_init(&said, ALDB_MAX_MESSAGE);
    bool good = aldb_ask_one(&c, &said);
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
    if (!good) {
        (void)aldb_failed("%s", aldb_buf_cstr(&said));
    }
    aldb_buf_clear(&said);
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
