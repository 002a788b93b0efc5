/* SPDX-License-Identifier: Apache-2.0 */
#include "setup/command/places.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <odbcinst.h>

#include "base/alloc.h"
#include "base/buf.h"

/* What odbcinst -j tells. libodbcinst exports them; its headers declare them for itself alone. */
BOOL _odbcinst_UserINI(char *path, BOOL verify);
BOOL _odbcinst_SystemINI(char *path, BOOL verify);
char *odbcinst_system_file_path(char *buffer);
char *odbcinst_system_file_name(char *buffer);
char *odbcinst_user_file_path(char *buffer);
char *odbcinst_user_file_name(char *buffer);

/* They write without asking for the size: at most FILENAME_MAX, and a name behind it. */
#define ROOM (2 * FILENAME_MAX + 2)

static char *joined(const char *folder, const char *name)
{
    struct aldb_buf path;
    aldb_buf_init(&path, ALDB_MAX_NAME);
    aldb_buf_addf(&path, "%s/%s", folder, name);
    return aldb_buf_take(&path);
}

char *aldb_odbc_ini(enum aldb_place place)
{
    char path[ROOM] = "";
    (void)(place == ALDB_PLACE_USER ? _odbcinst_UserINI(path, 0) : _odbcinst_SystemINI(path, 0));
    return aldb_strdup(path);
}

char *aldb_odbcinst_ini(enum aldb_place place)
{
    char folder[ROOM] = "", name[ROOM] = "";
    if (place == ALDB_PLACE_USER) {
        return joined(odbcinst_user_file_path(folder), odbcinst_user_file_name(name));
    }
    return joined(odbcinst_system_file_path(folder), odbcinst_system_file_name(name));
}

bool aldb_one_odbc_ini(void)
{
    struct stat user_file, system_file;
    char *user = aldb_odbc_ini(ALDB_PLACE_USER), *system = aldb_odbc_ini(ALDB_PLACE_SYSTEM);
    bool same = user != NULL && system != NULL
                && (strcmp(user, system) == 0 || (stat(user, &user_file) == 0 && stat(system, &system_file) == 0 && user_file.st_ino == system_file.st_ino && user_file.st_dev == system_file.st_dev));
    aldb_free(system);
    aldb_free(user);
    return same;
}

const char *aldb_place_name(enum aldb_place place)
{
    return place == ALDB_PLACE_USER ? "the user's" : "the system's";
}

mode_t aldb_place_mode(enum aldb_place place)
{
    return place == ALDB_PLACE_USER ? 0600 : 0644;
}

/* The folder that the command is in; owned. */
static char *own_folder(void)
{
    char path[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path);
    while (n > 0 && path[n - 1] != '/') {
        n--;
    }
    return n > 1 && (size_t)n < sizeof path ? aldb_strndup(path, (size_t)n - 1) : NULL;
}

char *aldb_own_library(bool setup)
{
    /* Beside the command as it is installed, unpacked, and built. */
    static const char *const folders[] = {"../" ALDB_LIBDIR "/odbc", "../lib/odbc", "../lib", "../driver", "."};
    const char *name = setup ? "liballoydbodbcS.so" : "liballoydbodbc.so";
    char *own = own_folder(), *found = NULL;
    for (size_t i = 0; own != NULL && found == NULL && i < ALDB_COUNT(folders); i++) {
        char real[PATH_MAX];
        char *folder = joined(own, folders[i]);
        char *path = folder != NULL ? joined(folder, name) : NULL;
        if (path != NULL && realpath(path, real) != NULL) {
            found = aldb_strdup(real);
        }
        aldb_free(path);
        aldb_free(folder);
    }
    aldb_free(own);
    return found;
}

enum aldb_place aldb_place_asked(const struct aldb_arguments *a, enum aldb_place fallback)
{
    return aldb_flag_given(a, "system") ? ALDB_PLACE_SYSTEM : aldb_flag_given(a, "user") ? ALDB_PLACE_USER : fallback;
}

int aldb_place_check(const struct aldb_arguments *a)
{
    return aldb_flag_given(a, "system") && aldb_flag_given(a, "user") ? aldb_usage_error(a->command, "--user and --system exclude each other") : ALDB_EXIT_GOOD;
}
