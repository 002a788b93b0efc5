/* SPDX-License-Identifier: Apache-2.0 */
#include "installer.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/alloydb-setup.XXXXXX";

const char *installer_path(const char *name)
{
    static char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

void write_text(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");
    if (f == NULL || fputs(text, f) < 0 || fclose(f) != 0) {
        skip("%s cannot be written", path);
    }
}

const char *read_text(const char *path)
{
    static char text[1 << 18];
    FILE *f = fopen(path, "r");
    if (f == NULL) {
        return "(no file)";
    }
    text[fread(text, 1, sizeof text - 1, f)] = '\0';
    fclose(f);
    return text;
}

static void clean(void)
{
    static const char *const names[] = {"user.ini", "sys/odbc.ini", "sys/odbcinst.ini", "sys", ""};
    for (size_t i = 0; i < COUNT(names); i++) {
        (void)remove(installer_path(names[i]));
    }
}

void installer_begin(void)
{
    if (mkdtemp(folder) == NULL || mkdir(installer_path("sys"), 0755) != 0) {
        skip("no folder in /tmp");
    }
    atexit(clean);
    (void)chmod(folder, 0755);
    setenv("ODBCSYSINI", installer_path("sys"), 1);
    setenv("ODBCINI", installer_path("user.ini"), 1);
    unsetenv("ODBCINSTINI");
    unsetenv("ODBCSEARCH");
    installer_reset();
}

void installer_reset(void)
{
    write_text(installer_path("user.ini"), "");
    write_text(installer_path("sys/odbc.ini"), "");
    write_text(installer_path("sys/odbcinst.ini"), "[AlloyDB]\nDriver=" ALDB_DRIVER "\nSetup=" ALDB_SETUP "\n\n[Plain]\nDriver=" ALDB_DRIVER
                                                   "\n\n[Other]\nDriver=libother.so\nSetup=" ALDB_SETUP "\n\n");
    (void)SQLSetConfigMode(ODBC_BOTH_DSN);
    /* Clears unixODBC's cache, which remembers answers for a while. */
    (void)SQLWritePrivateProfileString("nothing", NULL, NULL, "odbc.ini");
    installer_forget();
}

static char message[1024];

void installer_forget(void)
{
    for (int i = 0; i < 64 && fault_code(1) != 0; i++) {
        (void)SQLValidDSN("");
    }
}

DWORD fault_code(WORD number)
{
    DWORD code = 0;
    SQLRETURN rc = SQLInstallerError(number, &code, message, sizeof message - 1, NULL);
    return rc == SQL_SUCCESS ? code : 0;
}

const char *fault_text(WORD number)
{
    return fault_code(number) != 0 ? message : "";
}

void check_done(WORD request, const char *attributes, const char *what, const char *file, unsigned line)
{
    if (!check_true(SQLConfigDataSource(NULL, request, "AlloyDB", attributes), what, file, line)) {
        check_text(fault_text(1), "", what, file, line);
    }
}

void check_refused(WORD request, const char *attributes, DWORD code, const char *text, const char *what, const char *file, unsigned line)
{
    check_true(!SQLConfigDataSource(NULL, request, "AlloyDB", attributes), what, file, line);
    check_text(fault_text(1), text, what, file, line);
    check_int(fault_code(1), code, what, file, line);
    check_text(fault_text(2), "", what, file, line);
}
