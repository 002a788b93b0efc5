/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ways to log in that need somebody else's server: tests/lib/ways.sh starts it, and a PostgreSQL that asks it. */
#ifndef ALDB_TEST_WAYS_H
#define ALDB_TEST_WAYS_H

#include "harness.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

/* Starts both; what ways.sh prints become facts. They end with this program. */
static inline void way_start(const char *way)
{
    char folder[] = "/tmp/aldb-way-XXXXXX";
    char command[128];
    char line[512];
    char name[64];
    (void)fact("PGDATA"); /* without a server: skipped at once */
    if (mkdtemp(folder) == NULL) {
        perror(folder);
        exit(EXIT_FAILURE);
    }
    snprintf(command, sizeof command, "lib/ways.sh %s %s %d", way, folder, (int)getpid());
    FILE *out = popen(command, "r");
    while (out != NULL && fgets(line, sizeof line, out) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (strncmp(line, "SKIP", 4) == 0) {
            puts(line);
            (void)pclose(out);
            exit(77);
        }
        size_t equals = strcspn(line, "=");
        snprintf(name, sizeof name, "ALDB_TEST_%.*s", (int)(equals < 48 ? equals : 48), line);
        setenv(name, line + equals + (line[equals] == '='), 1);
    }
    if (out == NULL || pclose(out) != 0) {
        printf("FATAL: %s failed\n", command);
        exit(EXIT_FAILURE);
    }
}

/* Keywords for that server: these, then Server (by name), Port and Database. */
static inline const char *way_to(const char *keywords)
{
    return connstr("DRIVER=AlloyDB;%s;Server=localhost;HostAddr=127.0.0.1;Port=$WAY_PORT;Database=postgres;LoginTimeout=60", keywords);
}

/* Connects, and `sql` gives `wanted`. */
static inline void way_opens(const char *keywords, const char *sql, const char *wanted)
{
    struct link l = link_new(SQL_OV_ODBC3_80);
    if (check_rc(l.dbc, try_connect(l.dbc, way_to(keywords)), SQL_SUCCESS, keywords, __FILE__, __LINE__)) {
        l.stmt = new_stmt(l.dbc);
        check_text(query_text(l.stmt, sql), wanted, keywords, __FILE__, __LINE__);
    }
    link_close(&l);
}

/* Is refused with that state, and with `says` and `remedy` (may be NULL) in the message. */
static inline void way_refuses(const char *keywords, const char *state, const char *says, const char *remedy)
{
    struct link l = link_new(SQL_OV_ODBC3_80);
    if (check_state(l.dbc, try_connect(l.dbc, way_to(keywords)), SQL_ERROR, state, keywords, __FILE__, __LINE__)) {
        check_contains(diag_message(l.dbc, 1), says, keywords, __FILE__, __LINE__);
        if (remedy != NULL) {
            check_contains(diag_message(l.dbc, 1), remedy, keywords, __FILE__, __LINE__);
        }
    }
    link_close(&l);
}

#endif
