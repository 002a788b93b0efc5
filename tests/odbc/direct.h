/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The driver without the driver manager in between: what a hostile or careless manager could do to it. The library is the one that the
 * driver manager loads, found where it looks: section AlloyDB of odbcinst.ini.
 */
#ifndef ALDB_TEST_DIRECT_H
#define ALDB_TEST_DIRECT_H

#include "harness.h"

#include <dlfcn.h>
#include <stdlib.h>

static inline void *driver_library(void)
{
    static void *library;
    if (library != NULL) {
        return library;
    }
    const char *folder = getenv("ODBCSYSINI");
    char path[4096];
    char line[4096];
    char file[4096] = "";
    bool section = false;
    snprintf(path, sizeof path, "%s/odbcinst.ini", folder != NULL ? folder : "/etc");
    FILE *ini = fopen(path, "r");
    while (ini != NULL && fgets(line, sizeof line, ini) != NULL) {
        line[strcspn(line, "\r\n")] = '\0';
        if (line[0] == '[') {
            section = strcmp(line, "[AlloyDB]") == 0;
        } else if (section && strncmp(line, "Driver", 6) == 0 && (line[6] == '=' || line[6] == ' ')) {
            snprintf(file, sizeof file, "%s", strchr(line, '=') + 1 + strspn(strchr(line, '=') + 1, " "));
        }
    }
    if (ini != NULL) {
        fclose(ini);
    }
    library = dlopen(file, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        printf("FATAL: cannot load \"%s\" (from %s): %s\n", file, path, dlerror());
        exit(EXIT_FAILURE);
    }
    return library;
}

/* NULL: not exported. A symbol of the driver itself, not one of a library that it needs. */
static inline void *driver_symbol(const char *name)
{
    void *symbol = dlsym(driver_library(), name);
    Dl_info of_symbol;
    Dl_info of_driver;
    if (symbol == NULL || dladdr(symbol, &of_symbol) == 0 || dladdr(dlsym(driver_library(), "SQLAllocHandle"), &of_driver) == 0) {
        return NULL;
    }
    return of_symbol.dli_fbase == of_driver.dli_fbase ? symbol : NULL;
}

/* Calls the driver's own function: DIRECT(SQLFetch)(stmt). */
#define DIRECT(function) ((__typeof__(&function))(uintptr_t)must_export(#function))

static inline void *must_export(const char *name)
{
    void *symbol = driver_symbol(name);
    if (symbol == NULL) {
        printf("FATAL: the driver does not export %s\n", name);
        exit(EXIT_FAILURE);
    }
    return symbol;
}

/* First record's SQLSTATE, read from the driver itself. */
static inline const char *direct_state(SQLSMALLINT type, SQLHANDLE handle)
{
    static SQLCHAR state[6];
    state[0] = '\0';
    SQLRETURN rc = DIRECT(SQLGetDiagRec)(type, handle, 1, state, NULL, NULL, 0, NULL);
    return SQL_SUCCEEDED(rc) ? (const char *)state : "";
}

/* Environment, connection and statement of the driver itself; stmt is connected unless `connect` is false. */
static inline struct link direct_open(SQLINTEGER version, bool connect)
{
    struct link l = {NULL, NULL, NULL};
    SQLRETURN rc = DIRECT(SQLAllocHandle)(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &l.env);
    rc = SQL_SUCCEEDED(rc) ? DIRECT(SQLSetEnvAttr)(l.env, SQL_ATTR_ODBC_VERSION, (SQLPOINTER)(intptr_t)version, 0) : rc;
    rc = SQL_SUCCEEDED(rc) ? DIRECT(SQLAllocHandle)(SQL_HANDLE_DBC, l.env, &l.dbc) : rc;
    if (connect && SQL_SUCCEEDED(rc)) {
        rc = DIRECT(SQLDriverConnect)(l.dbc, NULL, T(connstr(";")), SQL_NTS, NULL, 0, NULL, SQL_DRIVER_NOPROMPT);
        rc = SQL_SUCCEEDED(rc) ? DIRECT(SQLAllocHandle)(SQL_HANDLE_STMT, l.dbc, &l.stmt) : rc;
    }
    if (!SQL_SUCCEEDED(rc)) {
        printf("FATAL: the driver alone does not connect: %s\n", l.dbc != NULL ? direct_state(SQL_HANDLE_DBC, l.dbc) : "");
        exit(EXIT_FAILURE);
    }
    return l;
}

static inline void direct_close(struct link *l)
{
    if (l->stmt != NULL) {
        CHECK_INT(DIRECT(SQLFreeHandle)(SQL_HANDLE_STMT, l->stmt), SQL_SUCCESS);
    }
    if (l->dbc != NULL) {
        DIRECT(SQLEndTran)(SQL_HANDLE_DBC, l->dbc, SQL_ROLLBACK);
        DIRECT(SQLDisconnect)(l->dbc);
        CHECK_INT(DIRECT(SQLFreeHandle)(SQL_HANDLE_DBC, l->dbc), SQL_SUCCESS);
    }
    if (l->env != NULL) {
        CHECK_INT(DIRECT(SQLFreeHandle)(SQL_HANDLE_ENV, l->env), SQL_SUCCESS);
    }
    *l = (struct link){NULL, NULL, NULL};
}

/* The driver's call fails with that state. */
#define DIRECT_STATE(type, handle, call, state) direct_check((call), (type), (handle), (state), #call, __FILE__, __LINE__)

static inline void direct_check(SQLRETURN rc, SQLSMALLINT type, SQLHANDLE handle, const char *state, const char *what, const char *file, unsigned line)
{
    check_int(rc, SQL_ERROR, what, file, line);
    check_text(direct_state(type, handle), state, what, file, line);
}

#endif
