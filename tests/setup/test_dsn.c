/* SPDX-License-Identifier: Apache-2.0 */
/* Data sources through SQLConfigDataSource: added, edited, renamed, removed, refused; then used. */
#include "installer.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define USER_INI read_text(installer_path("user.ini"))
#define SYSTEM_INI read_text(installer_path("sys/odbc.ini"))

static void add(void)
{
    installer_reset();
    CHECK_DONE(ODBC_ADD_DSN, LIST("DSN=sales\0Server=db.example.com\0Database=sales\0UID=reader\0"));
    CHECK_TEXT(USER_INI, "[sales]\nDriver=AlloyDB\nServer=db.example.com\nDatabase=sales\nUID=reader\n\n");
    CHECK_TEXT(SYSTEM_INI, "");
    CHECK_DONE(ODBC_ADD_SYS_DSN, LIST("DSN=sales\0InstanceUri=projects/p/locations/r/clusters/c/instances/i\0IAM=1\0"));
    CHECK_TEXT(SYSTEM_INI, "[sales]\nDriver=AlloyDB\nInstanceUri=projects/p/locations/r/clusters/c/instances/i\nEnableIamAuth=yes\n\n");
    CHECK_TEXT(USER_INI, "[sales]\nDriver=AlloyDB\nServer=db.example.com\nDatabase=sales\nUID=reader\n\n");
    /* Once more: what was there is gone. */
    CHECK_DONE(ODBC_ADD_DSN, LIST("DSN=sales\0Server=other\0"));
    CHECK_TEXT(USER_INI, "[sales]\nDriver=AlloyDB\nServer=other\n\n");
    UWORD mode = 0;
    CHECK(SQLGetConfigMode(&mode));
    CHECK_INT(mode, ODBC_BOTH_DSN);
}

/* One name a keyword, and its own words: what windows read, and what the driver takes for the same. */
static void own_words(void)
{
    installer_reset();
    CHECK_DONE(ODBC_ADD_DSN, LIST("dsn=w\0Servername=h\0Port Number= 5433 \0user id=u\0sslmode=VERIFY-FULL\0UseDeclareFetch=1\0Protocol=7.4-1\0Int8As=-5\0"
                                  "BoolsAsChar=0\0KeepaliveTime=-1\0Description=Sales, all of them\0Trace=yes\0CPTimeout=5\0Driver=alloydb\0Database=\0"));
    CHECK_TEXT(USER_INI, "[w]\nDriver=AlloyDB\nServer=h\nPort=5433\nUID=u\nSSLMode=verify-full\nFetchMode=CURSOR\nErrorRollback=TRANSACTION\nInt8As=BIGINT\n"
                         "BoolsAsChar=no\nKeepaliveIdle=0\nDescription=Sales, all of them\nTrace=yes\nCPTimeout=5\n\n");
}

static void values(void)
{
    installer_reset();
    CHECK_DONE(ODBC_ADD_DSN, LIST("DSN=Verk\xc3\xa4ufe\0Database=\xe6\x9d\xb1\xe4\xba\xac\0PWD={a}; b=c #d \"e\" 'f' \xf0\x9f\x98\x80\0InitSql=set a = 'x y'\0"
                                  "PqOpt=connect_timeout=3 keepalives=1\0"));
    CHECK_TEXT(USER_INI, "[Verk\xc3\xa4ufe]\nDriver=AlloyDB\nDatabase=\xe6\x9d\xb1\xe4\xba\xac\nPWD={a}; b=c #d \"e\" 'f' \xf0\x9f\x98\x80\nInitSql=set a = 'x y'\n"
                         "PqOpt=connect_timeout=3 keepalives=1\n\n");
    CHECK_DONE(ODBC_CONFIG_DSN, LIST("DSN=Verk\xc3\xa4ufe\0PWD=\0InitSql=\0PqOpt=\0"));
    CHECK_TEXT(USER_INI, "[Verk\xc3\xa4ufe]\nDriver=AlloyDB\nDatabase=\xe6\x9d\xb1\xe4\xba\xac\n\n");
}

static void edit(void)
{
    installer_reset();
    write_text(installer_path("user.ini"), "[before]\nDriver=Other\nx=1\n\n[d]\nServername=a\nPort=1\nDriver=" ALDB_DRIVER "\nmine=kept\nUID=u\n\n[behind]\nDriver=Other\n\n");
    CHECK_DONE(ODBC_CONFIG_DSN, LIST("DSN=d\0Server=b\0UID=\0Database=x\0"));
    CHECK_TEXT(USER_INI, "[before]\nDriver=Other\nx=1\n\n[d]\nPort=1\nDriver=" ALDB_DRIVER "\nmine=kept\nServer=b\nDatabase=x\n\n[behind]\nDriver=Other\n\n");
    CHECK_DONE(ODBC_CONFIG_DSN, LIST("DSN=D\0PORT=2\0"));
    CHECK_TEXT(USER_INI, "[before]\nDriver=Other\nx=1\n\n[d]\nPort=2\nDriver=" ALDB_DRIVER "\nmine=kept\nServer=b\nDatabase=x\n\n[behind]\nDriver=Other\n\n");
    /* A second DSN is the new name. */
    CHECK_DONE(ODBC_CONFIG_DSN, LIST("DSN=d\0DSN=e\0Port=\0"));
    CHECK_TEXT(USER_INI, "[before]\nDriver=Other\nx=1\n\n[behind]\nDriver=Other\n\n[e]\nDriver=" ALDB_DRIVER "\nmine=kept\nServer=b\nDatabase=x\n\n");
    CHECK_DONE(ODBC_CONFIG_DSN, LIST("DSN=e\0DSN=E\0"));
    CHECK_TEXT(USER_INI, "[before]\nDriver=Other\nx=1\n\n[behind]\nDriver=Other\n\n[E]\nDriver=" ALDB_DRIVER "\nmine=kept\nServer=b\nDatabase=x\n\n");
    CHECK_REFUSED(ODBC_CONFIG_DSN, LIST("DSN=e\0DSN=before\0"), ODBC_ERROR_INVALID_DSN,
                  "\"e\" cannot be renamed to \"before\": there is such a data source in the user's odbc.ini already; remove it first");
    CHECK_REFUSED(ODBC_CONFIG_DSN, LIST("DSN=e\0DSN=b[\0"), ODBC_ERROR_INVALID_DSN,
                  "\"b[\" cannot be the name of a data source: it has 1 to 32 bytes of UTF-8, and none of []{}(),;?*=!@\\ (attributes are separated by NUL)");
    /* What was there counts, too. */
    CHECK_REFUSED(ODBC_CONFIG_DSN, LIST("DSN=e\0InstanceUri=projects/p/locations/r/clusters/c/instances/i\0"), ODBC_ERROR_INVALID_KEYWORD_VALUE,
                  "Server and InstanceUri are both given: an AlloyDB instance is found by its URI alone; leave one of them out");
    CHECK_TEXT(USER_INI, "[before]\nDriver=Other\nx=1\n\n[behind]\nDriver=Other\n\n[E]\nDriver=" ALDB_DRIVER "\nmine=kept\nServer=b\nDatabase=x\n\n");
    CHECK_DONE(ODBC_CONFIG_DSN, LIST("DSN=e\0InstanceUri=projects/p/locations/r/clusters/c/instances/i\0Host=\0"));
}

/* A file that a person wrote: keywords more than once, in several spellings, and some that are none. */
static void edit_by_hand(void)
{
    installer_reset();
    write_text(installer_path("user.ini"), "# mine\n[d]\nDriver = AlloyDB\nserver = a\nServername = b\nSERVER = c\nuid = u\nuid = v\nx = 1\nx = 2\n");
    CHECK_DONE(ODBC_CONFIG_DSN, LIST("DSN=d\0Host=new\0UID=\0"));
    CHECK_TEXT(USER_INI, "[d]\nDriver=AlloyDB\nServer=new\nx=1\nx=2\n\n");
    /* What is wrong in it is told when it is edited; what is not known is left alone. */
    write_text(installer_path("user.ini"), "[d]\nDriver=AlloyDB\nSSLMode=on\nnonsense=1\n\n");
    CHECK_REFUSED(ODBC_CONFIG_DSN, LIST("DSN=d\0UID=u\0"), ODBC_ERROR_INVALID_KEYWORD_VALUE,
                  "The value \"on\" of SSLMode in the data source is not valid: choose one of disable, allow, prefer, require, verify-ca, verify-full");
    CHECK_TEXT(USER_INI, "[d]\nDriver=AlloyDB\nSSLMode=on\nnonsense=1\n\n");
    CHECK_DONE(ODBC_CONFIG_DSN, LIST("DSN=d\0UID=u\0sslmode=require\0"));
    CHECK_TEXT(USER_INI, "[d]\nDriver=AlloyDB\nSSLMode=require\nnonsense=1\nUID=u\n\n");
}

/* A section of more keys than any buffer of one value holds. */
static void large_section(void)
{
    static char text[1 << 16];
    installer_reset();
    int used = snprintf(text, sizeof text, "[large]\nDriver=AlloyDB\n");
    for (int i = 0; i < 500; i++) {
        used += snprintf(text + used, sizeof text - (size_t)used, "a_rather_long_key_%04d=%d\n", i, i);
    }
    write_text(installer_path("user.ini"), text);
    CHECK_DONE(ODBC_CONFIG_DSN, LIST("DSN=large\0UID=x\0"));
    snprintf(text + used, sizeof text - (size_t)used, "UID=x\n\n");
    CHECK_TEXT(USER_INI, text);
    CHECK_DONE(ODBC_REMOVE_DSN, LIST("DSN=large\0"));
    CHECK_TEXT(USER_INI, "");
}

static void removed(void)
{
    installer_reset();
    write_text(installer_path("user.ini"), "[a]\nDriver=AlloyDB\n\n[other]\nDriver=Other\n\n[default]\nDriver=AlloyDB\n\n");
    write_text(installer_path("sys/odbc.ini"), "[a]\nDriver=AlloyDB\n\n");
    CHECK_DONE(ODBC_REMOVE_DSN, LIST("DSN=a\0Server=whatever\0nonsense=1\0nothing\0"));
    CHECK_TEXT(USER_INI, "[other]\nDriver=Other\n\n[default]\nDriver=AlloyDB\n\n");
    CHECK_TEXT(SYSTEM_INI, "[a]\nDriver=AlloyDB\n\n");
    CHECK_REFUSED(ODBC_REMOVE_DSN, LIST("DSN=a\0"), ODBC_ERROR_INVALID_DSN,
                  "There is no data source \"a\" in the user's odbc.ini: odbcinst -q -s lists them, ODBC_ADD_DSN makes one");
    CHECK_DONE(ODBC_REMOVE_SYS_DSN, LIST("DSN=a\0"));
    CHECK_TEXT(SYSTEM_INI, "");
    CHECK_REFUSED(ODBC_REMOVE_SYS_DSN, LIST("DSN=a\0"), ODBC_ERROR_INVALID_DSN,
                  "There is no data source \"a\" in the system's odbc.ini: odbcinst -q -s lists them, ODBC_ADD_DSN makes one");
    CHECK_REFUSED(ODBC_REMOVE_DSN, LIST("DSN=other\0"), ODBC_ERROR_INVALID_DSN, "The data source \"other\" in the user's odbc.ini is of the driver \"Other\", not of \"AlloyDB\"");
    CHECK_REFUSED(ODBC_CONFIG_DSN, LIST("DSN=other\0UID=x\0"), ODBC_ERROR_INVALID_DSN,
                  "The data source \"other\" in the user's odbc.ini is of the driver \"Other\", not of \"AlloyDB\"");
    CHECK_DONE(ODBC_REMOVE_DEFAULT_DSN, LIST(""));
    CHECK_TEXT(USER_INI, "[other]\nDriver=Other\n\n");
}

static void refused(void)
{
#define NAME_RULE " cannot be the name of a data source: it has 1 to 32 bytes of UTF-8, and none of []{}(),;?*=!@\\ (attributes are separated by NUL)"
    static const struct {
        const char *attributes;
        DWORD code;
        const char *text;
    } cases[] = {
        {LIST(""), ODBC_ERROR_INVALID_DSN, "The attributes name no data source: give DSN=name"},
        {LIST("DSN=\0"), ODBC_ERROR_INVALID_DSN, "The attributes name no data source: give DSN=name"},
        {LIST("Server=h\0"), ODBC_ERROR_INVALID_DSN, "The attributes name no data source: give DSN=name"},
        {LIST("DSN=a;Server=h\0"), ODBC_ERROR_INVALID_DSN, "\"a;Server=h\"" NAME_RULE},
        {LIST("DSN=a\tb\nc\0"), ODBC_ERROR_INVALID_DSN, "\"a?b?c\"" NAME_RULE},
        {LIST("DSN=\xfc\0"), ODBC_ERROR_INVALID_DSN, "\"?\"" NAME_RULE},
        {LIST("DSN=abcdefghijklmnopqrstuvwxyz1234567\0"), ODBC_ERROR_INVALID_DSN, "\"abcdefghijklmnopqrstuvwxyz1234567\"" NAME_RULE},
        {LIST("DSN=odbc\0"), ODBC_ERROR_INVALID_DSN, "No data source can be named \"ODBC\": that section of odbc.ini is the driver manager's"},
        {LIST("DSN=a\0DSN=b\0"), ODBC_ERROR_INVALID_KEYWORD_VALUE, "DSN is given twice: only ODBC_CONFIG_DSN takes a second one, as the new name"},
        {LIST("DSN=a\0DSN=b\0DSN=c\0"), ODBC_ERROR_INVALID_KEYWORD_VALUE, "DSN is given more than twice"},
        {LIST("DSN=a\0Sever=h\0"), ODBC_ERROR_INVALID_KEYWORD_VALUE, "The keyword \"Sever\" is not known; did you mean Server?"},
        {LIST("DSN=a\0Quatsch=h\0"), ODBC_ERROR_INVALID_KEYWORD_VALUE, "The keyword \"Quatsch\" is not known"},
        {LIST("DSN=a\0=h\0"), ODBC_ERROR_INVALID_KEYWORD_VALUE, "The keyword \"\" is not known"},
        {LIST("DSN=a\0PWD=s3\0cret=x\0"), ODBC_ERROR_INVALID_KEYWORD_VALUE, "The keyword of attribute number 3, behind PWD, is not known (attributes are separated by NUL)"},
        {LIST("DSN=a\0PWD=s3\0cret\0"), ODBC_ERROR_INVALID_KEYWORD_VALUE, "Attribute number 3 has no '=': write keyword=value, and NUL between attributes"},
        {LIST("DSN=a\0UID=x\0User=y\0"), ODBC_ERROR_INVALID_KEYWORD_VALUE, "UID is given twice, the second time as attribute number 3: give it once"},
        {LIST("DSN=a\0Driver=Other\0"), ODBC_ERROR_INVALID_KEYWORD_VALUE,
         "The attributes say driver \"Other\" and the call \"AlloyDB\": leave Driver out of the attributes"},
        {LIST("DSN=a\0FileDSN=f\0"), ODBC_ERROR_INVALID_KEYWORD_VALUE, "FileDSN is for connection strings: a data source in odbc.ini has none"},
        {LIST("DSN=a\0SSLMode=on\0"), ODBC_ERROR_INVALID_KEYWORD_VALUE,
         "The value \"on\" of SSLMode in the data source is not valid: choose one of disable, allow, prefer, require, verify-ca, verify-full"},
        {LIST("DSN=a\0Port=0\0"), ODBC_ERROR_INVALID_KEYWORD_VALUE,
         "The value \"0\" of Port in the data source is not valid: a port is a number in 1..65535; several hosts may have one each, separated by commas"},
        {LIST("DSN=a\0QueryTimeout=soon\0"), ODBC_ERROR_INVALID_KEYWORD_VALUE,
         "The value \"soon\" of QueryTimeout in the data source is not valid: give a whole number in 0..2147483"},
        {LIST("DSN=a\0PWD=s3\xfc\0"), ODBC_ERROR_INVALID_KEYWORD_VALUE,
         "The value of PWD is not UTF-8, which the driver reads (SQLConfigDataSourceW of unixODBC damages what is not ASCII: call SQLConfigDataSource)"},
        {LIST("DSN=a\0PWD=s3\ncret\0"), ODBC_ERROR_INVALID_KEYWORD_VALUE, "The value of PWD has a control character in it, which odbc.ini cannot hold"},
        {LIST("DSN=a\0PWD= s3cret\0"), ODBC_ERROR_INVALID_KEYWORD_VALUE,
         "The value of PWD begins or ends with a blank, which odbc.ini does not keep: give it in the connection string, in braces"},
        {LIST("DSN=a\0PWD=s3cret\0EnableIamAuth=yes\0"), ODBC_ERROR_INVALID_KEYWORD_VALUE,
         "PWD and EnableIamAuth are both given: with IAM a token takes the place of the password; leave one of them out"},
        {LIST("DSN=a\0PqOpt=password=s3cret nonsense\0"), ODBC_ERROR_INVALID_KEYWORD_VALUE, NULL},
    };
    installer_reset();
    write_text(installer_path("user.ini"), "[a]\nDriver=AlloyDB\nUID=before\n\n");
    for (size_t i = 0; i < COUNT(cases); i++) {
        if (cases[i].text != NULL) {
            CHECK_REFUSED(ODBC_ADD_DSN, cases[i].attributes, cases[i].code, cases[i].text);
        } else {
            CHECK(!SQLConfigDataSource(NULL, ODBC_ADD_DSN, "AlloyDB", cases[i].attributes));
            CHECK_INT(fault_code(1), cases[i].code);
        }
        CHECK(strstr(fault_text(1), "s3") == NULL && strstr(fault_text(1), "cret") == NULL);
        CHECK_TEXT(USER_INI, "[a]\nDriver=AlloyDB\nUID=before\n\n");
    }
    /* All that is wrong is told, eight things at most. */
    CHECK(!SQLConfigDataSource(NULL, ODBC_ADD_DSN, "AlloyDB", LIST("DSN=a\0Sever=h\0SSLMode=on\0nothing\0")));
    CHECK_TEXT(fault_text(1), "The keyword \"Sever\" is not known; did you mean Server?");
    CHECK_CONTAINS(fault_text(2), "SSLMode");
    CHECK_CONTAINS(fault_text(3), "Attribute number 4");
    CHECK_TEXT(fault_text(4), "");
    CHECK(!SQLConfigDataSource(NULL, ODBC_ADD_DSN, "AlloyDB", LIST("a\0b\0c\0d\0e\0f\0g\0h\0i\0j\0")));
    CHECK_CONTAINS(fault_text(8), "Attribute number 8");
    CHECK_TEXT(fault_text(9), "");
}

/* A driver that is not there, and one whose entry names no set-up library: unixODBC's own refusals. */
static void drivers(void)
{
    installer_reset();
    CHECK(!SQLConfigDataSource(NULL, ODBC_ADD_DSN, "Nobody", LIST("DSN=a\0")));
    CHECK_INT(fault_code(1), ODBC_ERROR_GENERAL_ERR);
    installer_forget();
    CHECK(!SQLConfigDataSource(NULL, ODBC_ADD_DSN, "Plain", LIST("DSN=a\0")));
    CHECK_INT(fault_code(1), ODBC_ERROR_GENERAL_ERR);
    CHECK_TEXT(USER_INI, "");
}

/* unixODBC reads lines of 1000 bytes: what would be cut is refused, and what is not comes back whole. */
static void long_values(void)
{
    static char list[2048];
    static char wanted[2048];
    installer_reset();
    for (int len = 950; len <= 1100; len += 3) {
        size_t at = (size_t)snprintf(list, sizeof list, "DSN=long") + 1;
        int used = snprintf(list + at, sizeof list - at, "Database=%0*d", len, 7);
        memset(list + at + used, 0, 2);
        if (len + 8 <= 960) {
            CHECK_DONE(ODBC_ADD_DSN, list);
            snprintf(wanted, sizeof wanted, "[long]\nDriver=AlloyDB\nDatabase=%0*d\n\n", len, 7);
            CHECK_TEXT(USER_INI, wanted);
        } else {
            CHECK_REFUSED(ODBC_ADD_DSN, list, ODBC_ERROR_INVALID_KEYWORD_VALUE,
                          "The value of Database is too long for odbc.ini, of whose lines unixODBC reads 960 bytes: give it in the connection string");
        }
    }
}

/* Files that cannot be written: a folder that is missing, and one that belongs to somebody else. */
static void unwritable(void)
{
#define REFUSED(which) "The data source \"a\" cannot be written to the " which " odbc.ini: see that the file is there and may be written, and the disk not full (odbcinst -j names it)"
    installer_reset();
    setenv("ODBCINI", installer_path("missing/odbc.ini"), 1);
    CHECK_REFUSED(ODBC_ADD_DSN, LIST("DSN=a\0UID=x\0"), ODBC_ERROR_REQUEST_FAILED, REFUSED("user's"));
    setenv("ODBCINI", installer_path("user.ini"), 1);
    write_text(installer_path("user.ini"), "[a]\nDriver=AlloyDB\nUID=before\n\n");
    write_text(installer_path("sys/odbc.ini"), "[a]\nDriver=AlloyDB\nUID=before\n\n");
    chmod(installer_path("user.ini"), 0444);
    chmod(installer_path("sys/odbc.ini"), 0444);
    bool root = geteuid() == 0;
    void *kept = dlopen(ALDB_SETUP, RTLD_NOW | RTLD_LOCAL); /* another user may not be able to read it */
    CHECK(!root || seteuid(65534) == 0);
    CHECK_REFUSED(ODBC_CONFIG_DSN, LIST("DSN=a\0UID=x\0"), ODBC_ERROR_REQUEST_FAILED, REFUSED("user's"));
    CHECK_REFUSED(ODBC_CONFIG_DSN, LIST("DSN=a\0DSN=b\0"), ODBC_ERROR_REQUEST_FAILED,
                  "The data source \"b\" cannot be written to the user's odbc.ini: see that the file is there and may be written, and the disk not full (odbcinst -j names it)");
    CHECK_REFUSED(ODBC_CONFIG_SYS_DSN, LIST("DSN=a\0UID=x\0"), ODBC_ERROR_REQUEST_FAILED, REFUSED("system's"));
    CHECK_REFUSED(ODBC_REMOVE_DSN, LIST("DSN=a\0"), ODBC_ERROR_REMOVE_DSN_FAILED, REFUSED("user's"));
    CHECK(!root || seteuid(0) == 0);
    CHECK_TEXT(USER_INI, "[a]\nDriver=AlloyDB\nUID=before\n\n");
    CHECK_TEXT(SYSTEM_INI, "[a]\nDriver=AlloyDB\nUID=before\n\n");
    dlclose(kept);
    chmod(installer_path("user.ini"), 0644);
    chmod(installer_path("sys/odbc.ini"), 0644);
    /* The first system data source makes the file. */
    remove(installer_path("sys/odbc.ini"));
    CHECK_DONE(ODBC_ADD_SYS_DSN, LIST("DSN=first\0UID=x\0"));
    CHECK_TEXT(SYSTEM_INI, "[first]\nDriver=AlloyDB\nUID=x\n\n");
}

/* ---- wide text ----------------------------------------------------------------------------------------------------- */

/* UTF-16 of an attribute list whose texts are separated by '|'. */
static SQLWCHAR *wide_list(const char *text)
{
    SQLWCHAR *out = wide(text);
    size_t n = 0;
    for (; out[n] != 0; n++) {
        out[n] = out[n] == '|' ? 0 : out[n];
    }
    out[n + 1] = 0;
    return out;
}

static void wide_text(void)
{
    installer_reset();
    CHECK(SQLConfigDataSourceW(NULL, ODBC_ADD_DSN, wide("AlloyDB"), wide_list("DSN=w|Server=h|IAM=1|")));
    CHECK_TEXT(USER_INI, "[w]\nDriver=AlloyDB\nServer=h\nEnableIamAuth=yes\n\n");
    /* unixODBC cuts wide text to eight bits a character, and calls the narrow function. */
    CHECK(!SQLConfigDataSourceW(NULL, ODBC_ADD_DSN, wide("AlloyDB"), wide_list("DSN=w|Database=m\xc3\xbcller|")));
    CHECK_TEXT(fault_text(1),
               "The value of Database is not UTF-8, which the driver reads (SQLConfigDataSourceW of unixODBC damages what is not ASCII: call SQLConfigDataSource)");
    CHECK_TEXT(USER_INI, "[w]\nDriver=AlloyDB\nServer=h\nEnableIamAuth=yes\n\n");
}

static void *library;

static void *entry(const char *name)
{
    void *found = dlsym(library, name);
    if (found == NULL) {
        skip("%s is not in the set-up library", name);
    }
    return found;
}

/* The entry points without unixODBC in between, in the mode that reads both files. */
static void direct(void)
{
    BOOL (*config)(HWND, WORD, LPCSTR, LPCSTR);
    BOOL (*config_wide)(HWND, WORD, LPCWSTR, LPCWSTR);
    *(void **)&config = entry("ConfigDSN");
    *(void **)&config_wide = entry("ConfigDSNW");
    installer_reset();
    write_text(installer_path("sys/odbc.ini"), "[w]\nDriver=AlloyDB\nUID=system\n\n");
    CHECK(config_wide(NULL, ODBC_ADD_DSN, wide("AlloyDB"), wide_list("DSN=w|Database=\xe6\x9d\xb1\xf0\x9f\x98\x80|PWD=p\xc3\xa4|")));
    CHECK_TEXT(USER_INI, "[w]\nDriver=AlloyDB\nDatabase=\xe6\x9d\xb1\xf0\x9f\x98\x80\nPWD=p\xc3\xa4\n\n");
    CHECK(config((HWND)(uintptr_t)1, ODBC_CONFIG_DSN, "AlloyDB", LIST("DSN=w\0PWD=\0"))); /* with a window: none is opened */
    CHECK_TEXT(USER_INI, "[w]\nDriver=AlloyDB\nDatabase=\xe6\x9d\xb1\xf0\x9f\x98\x80\n\n");
    CHECK_TEXT(SYSTEM_INI, "[w]\nDriver=AlloyDB\nUID=system\n\n");
    UWORD mode = 0;
    CHECK(SQLGetConfigMode(&mode));
    CHECK_INT(mode, ODBC_BOTH_DSN);

    /* The mode says whose file it is. */
    CHECK(SQLSetConfigMode(ODBC_SYSTEM_DSN));
    CHECK(config(NULL, ODBC_CONFIG_DSN, "AlloyDB", LIST("DSN=w\0UID=\0Server=h\0")));
    CHECK_TEXT(SYSTEM_INI, "[w]\nDriver=AlloyDB\nServer=h\n\n");
    CHECK(config(NULL, ODBC_REMOVE_DSN, "AlloyDB", LIST("DSN=w\0")));
    CHECK_TEXT(SYSTEM_INI, "");
    CHECK_TEXT(USER_INI, "[w]\nDriver=AlloyDB\nDatabase=\xe6\x9d\xb1\xf0\x9f\x98\x80\n\n");
    CHECK(SQLGetConfigMode(&mode));
    CHECK_INT(mode, ODBC_SYSTEM_DSN);
    CHECK(SQLSetConfigMode(ODBC_BOTH_DSN));

    static const SQLWCHAR lone[] = {'D', 'S', 'N', '=', 0xd800, 0, 0};
    CHECK(!config_wide(NULL, ODBC_ADD_DSN, wide("AlloyDB"), lone));
    CHECK_INT(fault_code(1), ODBC_ERROR_INVALID_STR);
    CHECK_TEXT(fault_text(1), "The call's text is not valid UTF-16: half of a surrogate pair stands alone");
    CHECK(!config_wide(NULL, ODBC_ADD_DSN, NULL, NULL));
    CHECK_INT(fault_code(1), ODBC_ERROR_INVALID_NAME);
    CHECK(!config(NULL, ODBC_ADD_DSN, NULL, NULL));
    CHECK_TEXT(fault_text(1), "No driver is named: give its name in odbcinst.ini (odbcinst -q -d lists them)");
    CHECK(!config(NULL, ODBC_ADD_DSN, "Nobody", LIST("DSN=a\0")));
    CHECK_INT(fault_code(1), ODBC_ERROR_INVALID_NAME);
    CHECK_TEXT(fault_text(1), "odbcinst.ini has no driver \"Nobody\" (odbcinst -q -d lists them): register it first, with odbcinst -i -d -f FILE");
    CHECK(!config(NULL, ODBC_ADD_DSN, "AlloyDB", NULL));
    CHECK_TEXT(fault_text(1), "The attributes name no data source: give DSN=name");
    CHECK(!config(NULL, 9, "AlloyDB", LIST("DSN=a\0")));
    CHECK_INT(fault_code(1), ODBC_ERROR_INVALID_REQUEST_TYPE);
    CHECK_TEXT(fault_text(1), "ConfigDSN does not know request 9: it takes ODBC_ADD_DSN, ODBC_CONFIG_DSN and ODBC_REMOVE_DSN");
    CHECK_TEXT(fault_text(2), "");
}

/* ---- a manager that holds its lock ----------------------------------------------------------------------------------- */

static pthread_mutex_t held = PTHREAD_MUTEX_INITIALIZER;

/* Stands before libodbcinst's for the set-up library, and behaves as that of unixODBC 2.3.13. */
__attribute__((visibility("default"))) BOOL SQLGetConfigMode(UWORD *mode)
{
    BOOL (*real)(UWORD *);
    *(void **)&real = dlsym(RTLD_NEXT, "SQLGetConfigMode");
    pthread_mutex_lock(&held);
    BOOL done = real(mode);
    pthread_mutex_unlock(&held);
    return done;
}

static void locked(void)
{
    installer_reset();
    pthread_mutex_lock(&held);
    double began = seconds_now();
    CHECK_REFUSED(ODBC_ADD_DSN, LIST("DSN=a\0"), ODBC_ERROR_REQUEST_FAILED,
                  "unixODBC keeps odbc.ini locked while it calls set-up libraries, as versions 2.3.13 and 2.3.14 do: write the data source with odbcinst -i -s -f FILE, or take "
                  "another version");
    CHECK(seconds_now() - began >= 1.9);
    pthread_mutex_unlock(&held);
    CHECK_DONE(ODBC_ADD_DSN, LIST("DSN=a\0"));
}

/* ---- in use ---------------------------------------------------------------------------------------------------------- */

/* What isql says: the first line of what it writes. Its driver is the one that users build, since it knows no sanitizer. */
static const char *isql(const char *options)
{
    static char line[512];
    char command[256];
    snprintf(command, sizeof command, "echo 'select 6*7 as answer' | isql 'made here' %s 2>&1", options);
    line[0] = '\0';
    FILE *p = popen(command, "r");
    if (p == NULL || fgets(line, sizeof line, p) == NULL) {
        skip("isql does not answer");
    }
    while (fgetc(p) != EOF) {
    }
    (void)pclose(p);
    return line;
}

static void in_use(void)
{
    static char list[1024];
    char drivers[1024];
    installer_reset();
    int used = 0;
    const char *const parts[] = {"DSN", "made here", "Host", fact("HOST"), "PortNumber", fact("PORT"), "DB", fact("DATABASE"), "User", fact("USER"), "Password", fact("PASSWORD")};
    for (size_t i = 0; i < COUNT(parts); i += 2) {
        used += snprintf(list + used, sizeof list - (size_t)used, "%s=%s", parts[i], parts[i + 1]) + 1;
    }
    list[used] = '\0';
    CHECK_DONE(ODBC_ADD_DSN, list);
    struct link l = link_new(SQL_OV_ODBC3_80);
    CHECK_RC(l.dbc, SQLConnect(l.dbc, T("made here"), SQL_NTS, NULL, 0, NULL, 0), SQL_SUCCESS);
    l.stmt = new_stmt(l.dbc);
    CHECK_TEXT(query_text(l.stmt, "select current_user"), fact("USER"));
    link_close(&l);

    snprintf(drivers, sizeof drivers, "[AlloyDB]\nDriver=%s\nSetup=" ALDB_SETUP "\n", fact("LIBRARY"));
    write_text(installer_path("sys/odbcinst.ini"), drivers);
    CHECK_TEXT(isql("-b -d,"), "42\n");
    CHECK_DONE(ODBC_REMOVE_DSN, LIST("DSN=made here\0"));
    CHECK_CONTAINS(isql("-b -v"), "[IM002]");
}

int main(void)
{
    static const struct test tests[] = {
        {"a data source is added, for the user and for the system", add},
        {"keywords are written by their own names and in their own words", own_words},
        {"values are kept as they are", values},
        {"a data source is edited and renamed", edit},
        {"a file that a person wrote", edit_by_hand},
        {"a large section", large_section},
        {"a data source is removed", removed},
        {"what is wrong is refused, and changes nothing", refused},
        {"drivers that are not there", drivers},
        {"what unixODBC would cut is refused", long_values},
        {"files that cannot be written", unwritable},
        {"wide text", wide_text},
        {"the entry points themselves", direct},
        {"a manager that holds its lock is told, not waited for", locked},
        {"a data source that was made so connects", in_use},
    };
    (void)fact("DSN");
    installer_begin();
    library = dlopen(ALDB_SETUP, RTLD_NOW | RTLD_LOCAL);
    return run_tests("ConfigDSN", tests, COUNT(tests));
}
