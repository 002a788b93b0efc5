/* SPDX-License-Identifier: Apache-2.0 */
/* What windows show: ODBCINSTConstructProperties, compared with the keyword table itself. */
#include "installer.h"

#include <stdlib.h>

/* ---- the table, as the tests read it: one line a row -------------------------------------------------------------- */

struct row {
    const char *name;
    const char *type;
    const char *choices;
    const char *fallback; /* NULL = none */
    const char *help;
};

static const struct row rows[] = {
#define ALDB_KEYWORD(name, type, aliases, choices, fallback, group, help) {#name, #type, choices, fallback, help},
#include "config/keywords.def"
#undef ALDB_KEYWORD
};

static bool is(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

static bool is_shown(const struct row *r)
{
    return !is(r->type, "IGNORED") && strstr(r->help, "has no effect") == NULL;
}

/* "A=0|B=0|C=1" has the words of each value as "A,C,". */
static const char *first_words(const char *choices)
{
    static char out[1024];
    char seen[1024] = ",";
    out[0] = '\0';
    char copy[1024];
    snprintf(copy, sizeof copy, "%s", choices);
    char *state = NULL;
    for (char *pair = strtok_r(copy, "|", &state); pair != NULL; pair = strtok_r(NULL, "|", &state)) {
        char value[64];
        char *equals = strchr(pair, '=');
        snprintf(value, sizeof value, ",%s,", equals + 1);
        *equals = '\0';
        if (strstr(seen, value) == NULL) {
            strcat(seen, value + 1);
            strcat(strcat(out, pair), ",");
        }
    }
    return out;
}

/* The choices of a property as "(first)word,word,"; "" without. */
static const char *words_of(const ODBCINSTPROPERTY *p)
{
    static char out[1024];
    out[0] = '\0';
    for (size_t i = 0; p->aPromptData != NULL && p->aPromptData[i] != NULL; i++) {
        if (i > 0) {
            strcat(strcat(out, p->aPromptData[i]), ",");
        } else if (p->aPromptData[0][0] != '\0') {
            strcat(out, "(the first is not empty)");
        }
    }
    return out;
}

static HODBCINSTPROPERTY construct(void)
{
    char name[] = "AlloyDB";
    HODBCINSTPROPERTY first = NULL;
    installer_reset();
    if (ODBCINSTConstructProperties(name, &first) != ODBCINST_SUCCESS) {
        skip("no properties: %s", fault_text(1));
    }
    return first;
}

static HODBCINSTPROPERTY find(HODBCINSTPROPERTY p, const char *name)
{
    while (p != NULL && !is(p->szName, name)) {
        p = p->pNext;
    }
    return p;
}

/* ---- tests -------------------------------------------------------------------------------------------------------- */

static void as_the_table(void)
{
    HODBCINSTPROPERTY first = construct();
    CHECK_TEXT(first->szName, "Name");
    CHECK_TEXT(first->pNext->szName, "Description");
    CHECK_TEXT(first->pNext->pNext->szName, "Driver");
    HODBCINSTPROPERTY p = first->pNext->pNext->pNext;
    size_t shown = 0;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct row *r = &rows[i];
        if (!is_shown(r)) {
            CHECK(find(first->pNext->pNext->pNext, r->name) == NULL);
            continue;
        }
        if (p == NULL) {
            CHECK_TEXT("", r->name);
            break;
        }
        CHECK_TEXT(p->szName, r->name);
        CHECK_TEXT(p->szValue, "");
        CHECK(strncmp(p->pszHelp, r->help, strlen(r->help)) == 0);
        if (r->fallback != NULL) {
            char wanted[128];
            snprintf(wanted, sizeof wanted, " Default: %s.", r->fallback);
            CHECK_CONTAINS(p->pszHelp, wanted);
        }
        CHECK_INT(p->nPromptType == ODBCINST_PROMPTTYPE_TEXTEDIT_PASSWORD, is(r->type, "SECRET"));
        CHECK_INT(p->nPromptType == ODBCINST_PROMPTTYPE_LISTBOX, is(r->type, "ENUM") || is(r->type, "BOOL"));
        CHECK_TEXT(words_of(p), is(r->type, "ENUM") ? first_words(r->choices) : is(r->type, "BOOL") ? "yes,no," : "");
        shown++;
        p = p->pNext;
    }
    CHECK(p == NULL);
    CHECK(shown > 80);
    CHECK_INT(ODBCINSTDestructProperties(&first), ODBCINST_SUCCESS);
}

static void kinds(void)
{
    static const struct {
        const char *name;
        int kind;
    } cases[] = {
        {"Server", ODBCINST_PROMPTTYPE_TEXTEDIT},       {"PWD", ODBCINST_PROMPTTYPE_TEXTEDIT_PASSWORD}, {"CredentialsJson", ODBCINST_PROMPTTYPE_TEXTEDIT_PASSWORD},
        {"AccessToken", ODBCINST_PROMPTTYPE_TEXTEDIT_PASSWORD}, {"SSLPassword", ODBCINST_PROMPTTYPE_TEXTEDIT_PASSWORD}, {"SSLRootCert", ODBCINST_PROMPTTYPE_FILENAME},
        {"CredentialsFile", ODBCINST_PROMPTTYPE_FILENAME}, {"LogFile", ODBCINST_PROMPTTYPE_FILENAME}, {"SSLMode", ODBCINST_PROMPTTYPE_LISTBOX},
        {"EnableIamAuth", ODBCINST_PROMPTTYPE_LISTBOX}, {"QueryTimeout", ODBCINST_PROMPTTYPE_TEXTEDIT},
    };
    HODBCINSTPROPERTY first = construct();
    for (size_t i = 0; i < COUNT(cases); i++) {
        HODBCINSTPROPERTY p = find(first, cases[i].name);
        CHECK_INT(p != NULL ? p->nPromptType : -1, cases[i].kind);
    }
    CHECK_TEXT(words_of(find(first, "SSLMode")), "disable,allow,prefer,require,verify-ca,verify-full,");
    CHECK_TEXT(find(first, "Port")->pszHelp, "TCP port, or one for each host separated by commas; libpq's default is 5432.");
    CHECK_TEXT(find(first, "LoginTimeout")->pszHelp, "Seconds for the whole of connecting: token, API, dialling, TLS, login; 0 = no limit. Default: 30. A number from 0 to 2147483.");
    /* As windows do: what a person set is written by its name, and the driver takes it. */
    char mode[] = "SSLMode";
    char value[] = "verify-full";
    CHECK_INT(ODBCINSTSetProperty(first, mode, value), ODBCINST_SUCCESS);
    CHECK_TEXT(find(first, "SSLMode")->szValue, "verify-full");
    CHECK_INT(ODBCINSTDestructProperties(&first), ODBCINST_SUCCESS);
}

/* Every choice of every window is one that ConfigDSN takes, and writes as it is. */
static void choices_are_taken(void)
{
    HODBCINSTPROPERTY first = construct();
    for (HODBCINSTPROPERTY p = first; p != NULL; p = p->pNext) {
        for (size_t i = 1; p->aPromptData != NULL && p->aPromptData[0] != NULL && p->aPromptData[i] != NULL; i++) {
            char list[2048];
            char wanted[2048];
            /* The one choice that another keyword's default excludes. */
            const char *low = is(p->szName, "SSLMaxProtocolVersion") ? "SSLMinProtocolVersion=TLSv1" : "Description=x";
            int used = snprintf(list, sizeof list, "DSN=d%c%s%c%s=%s", 0, low, 0, p->szName, p->aPromptData[i]);
            memset(list + used, 0, 2);
            CHECK_DONE(ODBC_ADD_DSN, list);
            snprintf(wanted, sizeof wanted, "[d]\nDriver=AlloyDB\n%s\n%s=%s\n\n", low, p->szName, p->aPromptData[i]);
            CHECK_TEXT(read_text(installer_path("user.ini")), wanted);
        }
    }
    CHECK_INT(ODBCINSTDestructProperties(&first), ODBCINST_SUCCESS);
}

/* Empty values, as windows write them for what was left alone, are as good as none. */
static void empty_values(void)
{
    HODBCINSTPROPERTY first = construct();
    static char list[8192];
    size_t used = (size_t)snprintf(list, sizeof list, "DSN=d") + 1;
    for (HODBCINSTPROPERTY p = first->pNext->pNext->pNext; p != NULL; p = p->pNext) {
        used += (size_t)snprintf(list + used, sizeof list - used, "%s=", p->szName) + 1;
    }
    list[used] = '\0';
    CHECK_DONE(ODBC_ADD_DSN, list);
    CHECK_TEXT(read_text(installer_path("user.ini")), "[d]\nDriver=AlloyDB\n\n");
    CHECK_INT(ODBCINSTDestructProperties(&first), ODBCINST_SUCCESS);
}

/* No text of a refused value is longer than what callers have room for. */
static void texts_fit(void)
{
    static char list[2048];
    installer_reset();
    for (size_t i = 0; i < COUNT(rows); i++) {
        size_t used = (size_t)snprintf(list, sizeof list, "DSN=d") + 1;
        used += (size_t)snprintf(list + used, sizeof list - used, "%s=%0*d", rows[i].name, 900, 0) + 1;
        list[used] = '\0';
        BOOL done = SQLConfigDataSource(NULL, ODBC_ADD_DSN, "AlloyDB", list);
        CHECK_INT(fault_code(1) == 0, done);
        CHECK(strlen(fault_text(1)) <= 510);
    }
}

/* ---- without memory ------------------------------------------------------------------------------------------------- */

static long allowance = -1; /* how many allocations succeed; negative: all */
static bool denied;

/* Debug builds ask it for leave. */
__attribute__((visibility("default"))) bool alloydb_odbc_test_allocation(void);
bool alloydb_odbc_test_allocation(void)
{
    denied = denied || allowance == 0;
    return allowance < 0 || (allowance > 0 && allowance-- > 0);
}

/* Each allocation fails once: all or nothing, and told. */
static void without_memory(void)
{
    HODBCINSTPROPERTY first;
    long after = 0;
    bool whole = false;
    for (; !whole && after < 2000; after++) {
        char name[] = "AlloyDB";
        first = NULL;
        allowance = after;
        denied = false;
        CHECK_INT(ODBCINSTConstructProperties(name, &first), ODBCINST_SUCCESS);
        whole = !denied;
        allowance = -1;
        CHECK_INT(find(first, "Server") != NULL, whole);
        CHECK_INT(find(first, "LogFile") != NULL, whole);
        CHECK_INT(fault_code(1) == ODBC_ERROR_OUT_OF_MEM, !whole);
        CHECK_INT(ODBCINSTDestructProperties(&first), ODBCINST_SUCCESS);
        installer_forget();
    }
    CHECK(after > 200);
    whole = false;
    for (after = 0; !whole && after < 2000; after++) {
        installer_reset();
        allowance = after;
        denied = false;
        BOOL done = SQLConfigDataSource(NULL, ODBC_ADD_DSN, "AlloyDB", LIST("DSN=d\0Server=h\0PWD=p\0"));
        whole = !denied;
        allowance = -1;
        CHECK(!whole || done);
        CHECK(done || fault_code(1) == ODBC_ERROR_OUT_OF_MEM || fault_code(1) == ODBC_ERROR_REQUEST_FAILED);
        CHECK_TEXT(read_text(installer_path("user.ini")), done ? "[d]\nDriver=AlloyDB\nServer=h\nPWD=p\n\n" : "");
    }
    CHECK(after > 10 && whole);
}

int main(void)
{
    static const struct test tests[] = {
        {"one property a keyword that has an effect", as_the_table},
        {"prompts, choices and help", kinds},
        {"each choice is taken, and written as it is", choices_are_taken},
        {"empty values are none", empty_values},
        {"texts fit into the buffers that callers have", texts_fit},
        {"without memory", without_memory},
    };
    (void)fact("DSN");
    installer_begin();
    return run_tests("ODBCINSTGetProperties", tests, COUNT(tests));
}
