/* SPDX-License-Identifier: Apache-2.0 */
#include "setup/library/dsn.h"

#include <strings.h>

#include "setup/library/attributes.h"
#include "setup/library/manager.h"

#define ODBC_INI "odbc.ini"

/* One request. */
struct change {
    const char *driver;
    UWORD mode;
    struct aldb_attributes attributes;
    struct aldb_pairs before; /* the section as it is */
    struct aldb_pairs after;  /* and as it is to be, Driver too where it was there */
    struct aldb_faults *faults;
};

/* ------------------------------------------------------------------ the file */

static const char *whose(const struct change *c)
{
    return c->mode == ODBC_SYSTEM_DSN ? "the system's odbc.ini" : "the user's odbc.ini";
}

static const char *get(const struct aldb_pairs *pairs, const char *key)
{
    for (size_t i = 0; i < pairs->count; i++) {
        if (strcasecmp(pairs->at[i].key, key) == 0) {
            return pairs->at[i].value;
        }
    }
    return NULL;
}

static enum aldb_rc read_section(const struct change *c, const char *name, struct aldb_pairs *out)
{
    struct aldb_diag diag;
    aldb_diag_init(&diag);
    enum aldb_rc rc = aldb_dsn_read(name, out, &diag);
    if (rc == ALDB_ERR) {
        rc = aldb_fault_take(c->faults, ODBC_ERROR_REQUEST_FAILED, &diag);
    }
    aldb_diag_clear(&diag);
    return rc;
}

/* The library's own writing: value NULL takes the key out. */
static bool put(const char *name, const char *key, const char *value)
{
    return SQLWritePrivateProfileString(name, key, value, ODBC_INI);
}

/* SQLRemoveDSNFromIni would leave answers in unixODBC's cache. */
static bool erase(const char *name)
{
    return SQLWritePrivateProfileString(name, NULL, NULL, ODBC_INI);
}

/* In place of what the section says. */
static bool put_section(const char *name, const char *driver, const struct aldb_pairs *pairs)
{
    bool good = SQLWriteDSNToIni(name, driver);
    for (size_t i = 0; good && i < pairs->count; i++) {
        good = strcasecmp(pairs->at[i].key, "Driver") == 0 || put(name, pairs->at[i].key, pairs->at[i].value);
    }
    return good;
}

/* Is all of it there, and nothing else but Driver? */
static bool stands(const struct change *c, const char *name, const struct aldb_pairs *wanted)
{
    struct aldb_pairs found = {0};
    if (read_section(c, name, &found) == ALDB_ERR) {
        return false;
    }
    size_t more = get(wanted, "Driver") == NULL && get(&found, "Driver") != NULL ? 1 : 0;
    bool good = found.count == wanted->count + more;
    for (size_t i = 0; good && i < wanted->count; i++) {
        const char *value = get(&found, wanted->at[i].key);
        good = value != NULL && strcmp(value, wanted->at[i].value) == 0;
    }
    aldb_pairs_clear(&found);
    return good;
}

/* As it was, as far as that can still be written. */
static void put_back(const struct change *c, const char *name)
{
    const char *driver = get(&c->before, "Driver");
    bool done = c->before.count == 0 ? erase(name) : put_section(name, driver != NULL ? driver : c->driver, &c->before);
    (void)done;
}

static enum aldb_rc refuse_file(const struct change *c, const char *name, DWORD code)
{
    return aldb_fault_add(c->faults, code, "The data source \"%s\" cannot be written to %s: see that the file is there and may be written, and the disk not full (odbcinst -j names it)", name,
                          whose(c));
}

/* ------------------------------------------------------------------ what is to be there */

static enum aldb_rc add_pair(const struct change *c, struct aldb_pairs *to, const struct aldb_pair *pair)
{
    struct aldb_diag diag;
    aldb_diag_init(&diag);
    enum aldb_rc rc = aldb_pairs_add(to, aldb_slice_of(pair->key), aldb_slice_of(pair->value), &diag);
    if (rc == ALDB_ERR) {
        rc = aldb_fault_take(c->faults, ODBC_ERROR_OUT_OF_MEM, &diag);
    }
    aldb_diag_clear(&diag);
    return rc;
}

static bool is_replaced(const struct change *c, const char *key)
{
    for (size_t i = 0; i < c->attributes.settings.count; i++) {
        if (aldb_attribute_same(c->attributes.settings.at[i].key, key)) {
            return true;
        }
    }
    return false;
}

/* c->after: what was there and is not given anew, then what is given. */
static enum aldb_rc merge(struct change *c, bool keep)
{
    enum aldb_rc rc = ALDB_OK;
    for (size_t i = 0; keep && i < c->before.count; i++) {
        if (!is_replaced(c, c->before.at[i].key)) {
            ALDB_TRY(add_pair(c, &c->after, &c->before.at[i]));
        }
    }
    for (size_t i = 0; i < c->attributes.settings.count; i++) {
        if (c->attributes.settings.at[i].value[0] != '\0') {
            ALDB_TRY(add_pair(c, &c->after, &c->attributes.settings.at[i]));
        }
    }
    ALDB_TRY(aldb_attributes_check(&c->after, c->faults));
out:
    return rc;
}

/* ------------------------------------------------------------------ requests */

/* A data source of another driver is its set-up library's. */
static enum aldb_rc check_owner(const struct change *c, const char *name, const char *said)
{
    if (said == NULL || said[0] == '\0' || aldb_driver_is(c->driver, said)) {
        return ALDB_OK;
    }
    char shown[ALDB_SHOWN_MAX + 4];
    return aldb_fault_add(c->faults, ODBC_ERROR_INVALID_DSN, "The data source \"%s\" in %s is of the driver \"%s\", not of \"%s\"", name, whose(c), aldb_shown(aldb_slice_of(said), shown),
                          c->driver);
}

static enum aldb_rc refuse_missing(const struct change *c, const char *name)
{
    return aldb_fault_add(c->faults, ODBC_ERROR_INVALID_DSN, "There is no data source \"%s\" in %s: odbcinst -q -s lists them, ODBC_ADD_DSN makes one", name, whose(c));
}

static enum aldb_rc refuse_second_name(const struct change *c)
{
    return aldb_fault_add(c->faults, ODBC_ERROR_INVALID_KEYWORD_VALUE, "DSN is given twice: only ODBC_CONFIG_DSN takes a second one, as the new name");
}

static enum aldb_rc add_dsn(struct change *c)
{
    enum aldb_rc rc;
    const char *name = c->attributes.dsn;
    ALDB_TRY(aldb_dsn_name_check(name, c->faults));
    if (c->attributes.new_name != NULL) {
        return refuse_second_name(c);
    }
    ALDB_TRY(merge(c, false));
    ALDB_TRY(read_section(c, name, &c->before));
    if (!put_section(name, c->driver, &c->after) || !stands(c, name, &c->after)) {
        put_back(c, name);
        rc = refuse_file(c, name, ODBC_ERROR_REQUEST_FAILED);
    }
out:
    return rc;
}

/* Did the same key stand before it? */
static bool is_repeated(const struct aldb_pairs *pairs, size_t at)
{
    const struct aldb_pairs before = {pairs->at, at};
    return get(&before, pairs->at[at].key) != NULL;
}

/* Writes what differs. Other spellings of what is given go first, and what is there more than once: the driver takes the first one that it meets. */
static bool put_changes(const struct change *c, const char *name)
{
    for (size_t i = 0; i < c->before.count; i++) {
        const char *key = c->before.at[i].key;
        if (is_replaced(c, key) && (get(&c->after, key) == NULL || is_repeated(&c->before, i)) && !put(name, key, NULL)) {
            return false;
        }
    }
    for (size_t i = 0; i < c->after.count; i++) {
        const struct aldb_pair *pair = &c->after.at[i];
        const char *old = get(&c->before, pair->key);
        if ((old == NULL || strcmp(old, pair->value) != 0) && !put(name, pair->key, pair->value)) {
            return false;
        }
    }
    return true;
}

/* The new one is whole before the old one goes. */
static enum aldb_rc rename_dsn(struct change *c)
{
    enum aldb_rc rc;
    struct aldb_pairs there = {0};
    const char *name = c->attributes.dsn;
    const char *new_name = c->attributes.new_name;
    const char *driver = get(&c->before, "Driver");
    bool same = strcasecmp(name, new_name) == 0; /* but for its capitals: one section to unixODBC */
    ALDB_TRY(read_section(c, new_name, &there));
    if (!same && there.count > 0) {
        rc = aldb_fault_add(c->faults, ODBC_ERROR_INVALID_DSN, "\"%s\" cannot be renamed to \"%s\": there is such a data source in %s already; remove it first", name, new_name, whose(c));
        goto out;
    }
    if (!put_section(new_name, driver != NULL ? driver : c->driver, &c->after) || !stands(c, new_name, &c->after) || (!same && !erase(name))) {
        bool gone = erase(new_name);
        (void)gone;
        put_back(c, name);
        rc = refuse_file(c, new_name, ODBC_ERROR_REQUEST_FAILED);
    }
out:
    aldb_pairs_clear(&there);
    return rc;
}

static enum aldb_rc edit_dsn(struct change *c)
{
    enum aldb_rc rc;
    const char *name = c->attributes.dsn;
    const char *new_name = c->attributes.new_name;
    ALDB_TRY(aldb_dsn_name_check(name, c->faults));
    if (new_name != NULL) {
        ALDB_TRY(aldb_dsn_name_check(new_name, c->faults));
    }
    ALDB_TRY(read_section(c, name, &c->before));
    if (c->before.count == 0) {
        return refuse_missing(c, name);
    }
    ALDB_TRY(check_owner(c, name, get(&c->before, "Driver")));
    ALDB_TRY(merge(c, true));
    if (new_name != NULL && strcmp(name, new_name) != 0) {
        return rename_dsn(c);
    }
    if (!put_changes(c, name) || !stands(c, name, &c->after)) {
        put_back(c, name);
        rc = refuse_file(c, name, ODBC_ERROR_REQUEST_FAILED);
    }
out:
    return rc;
}

/* Its lines need not be readable for that. */
static enum aldb_rc remove_named(struct change *c, const char *name)
{
    enum aldb_rc rc;
    char keys[ALDB_INI_VALUE];
    char said[ALDB_INI_VALUE];
    aldb_manager_get(ODBC_INI, name, NULL, keys);
    if (keys[0] == '\0') {
        return refuse_missing(c, name);
    }
    aldb_manager_get(ODBC_INI, name, "Driver", said);
    ALDB_TRY(check_owner(c, name, said));
    bool gone = erase(name);
    aldb_manager_get(ODBC_INI, name, NULL, keys);
    rc = gone && keys[0] == '\0' ? ALDB_OK : refuse_file(c, name, ODBC_ERROR_REMOVE_DSN_FAILED);
out:
    return rc;
}

static enum aldb_rc remove_dsn(struct change *c)
{
    enum aldb_rc rc;
    ALDB_TRY(aldb_dsn_name_check(c->attributes.dsn, c->faults));
    rc = c->attributes.new_name == NULL ? remove_named(c, c->attributes.dsn) : refuse_second_name(c);
out:
    return rc;
}

static enum aldb_rc remove_default(struct change *c)
{
    return remove_named(c, ALDB_DEFAULT_DSN);
}

static const struct {
    WORD request;
    bool takes_settings; /* else the attributes beside DSN are not looked at */
    enum aldb_rc (*run)(struct change *c);
} requests[] = {
    {ODBC_ADD_DSN, true, add_dsn},
    {ODBC_CONFIG_DSN, true, edit_dsn},
    {ODBC_REMOVE_DSN, false, remove_dsn},
    {ODBC_REMOVE_DEFAULT_DSN, false, remove_default},
};

static enum aldb_rc run_request(struct change *c, size_t which, const char *attributes)
{
    enum aldb_rc rc;
    ALDB_TRY(aldb_driver_check(c->driver, c->faults));
    if (requests[which].takes_settings) {
        ALDB_TRY(aldb_attributes_parse(attributes, c->driver, &c->attributes, c->faults));
    } else {
        ALDB_TRY(aldb_attributes_names(attributes, &c->attributes, c->faults));
    }
    rc = requests[which].run(c);
out:
    return rc;
}

enum aldb_rc aldb_dsn_configure(WORD request, const char *driver, const char *attributes, struct aldb_faults *f)
{
    struct change c = {.driver = driver, .mode = ODBC_USER_DSN, .faults = f};
    size_t which = 0;
    while (which < ALDB_COUNT(requests) && requests[which].request != request) {
        which++;
    }
    if (which == ALDB_COUNT(requests)) {
        return aldb_fault_add(f, ODBC_ERROR_INVALID_REQUEST_TYPE, "ConfigDSN does not know request %u: it takes ODBC_ADD_DSN, ODBC_CONFIG_DSN and ODBC_REMOVE_DSN", (unsigned)request);
    }
    (void)SQLGetConfigMode(&c.mode);
    bool both = c.mode == ODBC_BOTH_DSN; /* unixODBC then reads both files at once, and writes to the user's */
    if (both) {
        (void)SQLSetConfigMode(ODBC_USER_DSN);
    }
    enum aldb_rc rc = run_request(&c, which, attributes);
    if (both) {
        (void)SQLSetConfigMode(ODBC_BOTH_DSN);
    }
    aldb_pairs_clear(&c.after);
    aldb_pairs_clear(&c.before);
    aldb_attributes_clear(&c.attributes);
    return rc;
}
