/* SPDX-License-Identifier: Apache-2.0 */
/* ConfigDriver, by itself: SQLConfigDriver of unixODBC seldom comes so far. */
#include "installer.h"

#include <dlfcn.h>
#include <sys/stat.h>
#include <unistd.h>

#define DRIVERS read_text(installer_path("sys/odbcinst.ini"))
#define ENTRY "[AlloyDB]\nDriver=" ALDB_DRIVER "\nSetup=" ALDB_SETUP "\n"
#define REST "\n[Plain]\nDriver=" ALDB_DRIVER "\n\n[Other]\nDriver=libother.so\nSetup=" ALDB_SETUP "\n\n"

static BOOL (*config)(HWND, WORD, LPCSTR, LPCSTR, LPSTR, WORD, WORD *);
static BOOL (*config_wide)(HWND, WORD, LPCWSTR, LPCWSTR, LPWSTR, WORD, WORD *);

static void messages(void)
{
    char text[200];
    WORD length = 0;
    installer_reset();
    CHECK(config(NULL, ODBC_INSTALL_DRIVER, "AlloyDB", NULL, text, sizeof text, &length));
    CHECK_TEXT(text, "AlloyDB: AlloyDB ODBC driver " ALDB_VERSION ".");
    CHECK_INT(length, strlen(text));
    CHECK(config(NULL, ODBC_REMOVE_DRIVER, "AlloyDB", NULL, text, sizeof text, &length));
    CHECK_TEXT(text, "AlloyDB: its data sources stay in odbc.ini.");
    CHECK_INT(length, strlen(text));
    CHECK(config(NULL, ODBC_INSTALL_DRIVER, "AlloyDB", NULL, NULL, 0, NULL));
    CHECK_TEXT(DRIVERS, ENTRY REST);
}

/* On 64-bit machines unixODBC (2.3.11 to 2.3.14) refuses every driver that has a set-up library; one that does not gets its answer. */
static void through_the_manager(void)
{
    char text[200] = "";
    SQLWCHAR wide_text[200] = {0};
    WORD length = 0;
    installer_reset();
    if (SQLConfigDriver(NULL, ODBC_INSTALL_DRIVER, "AlloyDB", NULL, text, sizeof text, &length)) {
        CHECK_TEXT(text, "AlloyDB: AlloyDB ODBC driver " ALDB_VERSION ".");
        CHECK_INT(length, strlen(text));
        CHECK(SQLConfigDriverW(NULL, ODBC_INSTALL_DRIVER, wide("AlloyDB"), NULL, wide_text, COUNT(wide_text), &length));
        CHECK_TEXT(narrow(wide_text), "AlloyDB: AlloyDB ODBC driver " ALDB_VERSION ".");
    } else {
        CHECK_INT(fault_code(1), ODBC_ERROR_INVALID_NAME);
        CHECK_TEXT(fault_text(1), "Invalid driver or translator name");
    }
    CHECK_TEXT(DRIVERS, ENTRY REST);
}

/* A buffer that is too short: the message is cut, nothing is written behind it, and two characters are left to unixODBC's copying. */
static void short_buffers(void)
{
    installer_reset();
    for (WORD room = 0; room < 60; room++) {
        char text[64];
        SQLWCHAR wide_text[64];
        WORD length = 99;
        memset(text, '#', sizeof text);
        CHECK(config(NULL, ODBC_INSTALL_DRIVER, "AlloyDB", NULL, text, room, &length));
        CHECK(length < 60 && (room == 0 || (length + (room > 1) < room && text[length] == '\0')));
        CHECK_INT(text[room], '#');
        CHECK_INT(fault_code(1) == ODBC_ERROR_OUTPUT_STRING_TRUNCATED, room > 0 && room < sizeof "AlloyDB: AlloyDB ODBC driver " ALDB_VERSION "." + 1);
        installer_forget();
        memset(wide_text, '#', sizeof wide_text);
        CHECK(config_wide(NULL, ODBC_INSTALL_DRIVER, wide("AlloyDB"), NULL, wide_text, room, &length));
        CHECK(length < 60 && (room == 0 || (length + (room > 1) < room && wide_text[length] == 0)));
        CHECK_INT(wide_text[room], 0x2323);
        installer_forget();
    }
}

static void pool(void)
{
    char text[200];
    WORD length = 0;
    installer_reset();
    CHECK(config(NULL, ODBC_CONFIG_DRIVER, "AlloyDB", LIST("CPTimeout=60\0cptimetolive = 120 \0CPProbe=select 1\0"), text, sizeof text, &length));
    CHECK_TEXT(text, "AlloyDB: the connection pool's settings are written.");
    CHECK_TEXT(DRIVERS, ENTRY "CPTimeout=60\nCPTimeToLive=120\nCPProbe=select 1\n" REST);
    CHECK(config_wide(NULL, ODBC_CONFIG_DRIVER, wide("AlloyDB"), (const SQLWCHAR[]){'C', 'P', 'P', 'r', 'o', 'b', 'e', '=', 0, 'C', 'P', 'T', 'i', 'm', 'e', 'o', 'u', 't', '=', '5', 0, 0},
                      NULL, 0, NULL));
    CHECK_TEXT(DRIVERS, ENTRY "CPTimeout=5\nCPTimeToLive=120\n" REST);
}

static void refused(void)
{
    static const struct {
        WORD request;
        const char *driver;
        const char *arguments;
        DWORD code;
        const char *text;
    } cases[] = {
        {ODBC_CONFIG_DRIVER, "AlloyDB", NULL, ODBC_ERROR_INVALID_KEYWORD_VALUE,
         "ODBC_CONFIG_DRIVER has nothing to write: give CPTimeout=seconds, CPTimeToLive=seconds or CPProbe=SQL"},
        {ODBC_CONFIG_DRIVER, "AlloyDB", LIST("CPTimeout=1\0Server=h\0"), ODBC_ERROR_INVALID_KEYWORD_VALUE,
         "ODBC_CONFIG_DRIVER does not take \"Server\", only CPTimeout, CPTimeToLive and CPProbe: what connections are to use belongs into a data source"},
        {ODBC_CONFIG_DRIVER, "AlloyDB", LIST("CPTimeout=soon\0"), ODBC_ERROR_INVALID_KEYWORD_VALUE,
         "The value \"soon\" of CPTimeout is not valid: give a number of seconds, 0 for none"},
        {ODBC_CONFIG_DRIVER, "AlloyDB", LIST("CPTimeout\0"), ODBC_ERROR_INVALID_KEYWORD_VALUE,
         "An argument of ODBC_CONFIG_DRIVER has no '=': write CPTimeout=60, and NUL between arguments"},
        {ODBC_CONFIG_DRIVER, "AlloyDB", LIST("CPProbe=a\nb\0"), ODBC_ERROR_INVALID_KEYWORD_VALUE, "The value of CPProbe does not fit into a line of odbcinst.ini"},
        {ODBC_CONFIG_DRIVER, "Nobody", LIST("CPTimeout=1\0"), ODBC_ERROR_INVALID_NAME,
         "odbcinst.ini has no driver \"Nobody\" (odbcinst -q -d lists them): register it first, with odbcinst -i -d -f FILE"},
        {ODBC_INSTALL_DRIVER, NULL, NULL, ODBC_ERROR_INVALID_NAME, "No driver is named: give its name in odbcinst.ini (odbcinst -q -d lists them)"},
        {4, "AlloyDB", NULL, ODBC_ERROR_INVALID_REQUEST_TYPE,
         "ConfigDriver does not know request 4: it takes ODBC_INSTALL_DRIVER, ODBC_REMOVE_DRIVER and ODBC_CONFIG_DRIVER"},
    };
    installer_reset();
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[64] = "#";
        WORD length = 99;
        CHECK(!config(NULL, cases[i].request, cases[i].driver, cases[i].arguments, text, sizeof text, &length));
        CHECK_TEXT(fault_text(1), cases[i].text);
        CHECK_INT(fault_code(1), cases[i].code);
        CHECK_TEXT(fault_text(2), "");
        CHECK_TEXT(text, "");
        CHECK_INT(length, 0);
        CHECK_TEXT(DRIVERS, ENTRY REST);
    }
    chmod(installer_path("sys/odbcinst.ini"), 0444);
    bool root = geteuid() == 0;
    CHECK(!root || seteuid(65534) == 0);
    CHECK(!config(NULL, ODBC_CONFIG_DRIVER, "AlloyDB", LIST("CPTimeout=1\0"), NULL, 0, NULL));
    CHECK(!root || seteuid(0) == 0);
    CHECK_TEXT(fault_text(1), "CPTimeout cannot be written to odbcinst.ini: see that the file may be written (odbcinst -j names it)");
    CHECK_INT(fault_code(1), ODBC_ERROR_REQUEST_FAILED);
    CHECK_TEXT(DRIVERS, ENTRY REST);
    chmod(installer_path("sys/odbcinst.ini"), 0644);
}

int main(void)
{
    static const struct test tests[] = {
        {"installing and removing", messages},
        {"through SQLConfigDriver", through_the_manager},
        {"messages are cut, not written beyond their buffer", short_buffers},
        {"the connection pool", pool},
        {"what is wrong is refused", refused},
    };
    (void)fact("DSN");
    installer_begin();
    void *library = dlopen(ALDB_SETUP, RTLD_NOW | RTLD_LOCAL);
    *(void **)&config = library != NULL ? dlsym(library, "ConfigDriver") : NULL;
    *(void **)&config_wide = library != NULL ? dlsym(library, "ConfigDriverW") : NULL;
    if (config == NULL || config_wide == NULL) {
        skip("%s", dlerror());
    }
    return run_tests("ConfigDriver", tests, COUNT(tests));
}
