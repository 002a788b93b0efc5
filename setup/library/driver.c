/* SPDX-License-Identifier: Apache-2.0 */
#include "setup/library/driver.h"

#include "setup/library/manager.h"

#define ODBCINST_INI "odbcinst.ini"

/* What unixODBC reads of a driver's section for its connection pool. */
static const struct {
    const char *name;
    bool seconds;
} pool_keys[] = {{"CPTimeout", true}, {"CPTimeToLive", true}, {"CPProbe", false}};

static enum aldb_rc check_argument(struct aldb_slice key, struct aldb_slice value, size_t *which, struct aldb_faults *f)
{
    char shown[ALDB_SHOWN_MAX + 4];
    uint64_t seconds;
    *which = 0;
    while (*which < ALDB_COUNT(pool_keys) && !aldb_slice_is(key, pool_keys[*which].name)) {
        (*which)++;
    }
    if (*which == ALDB_COUNT(pool_keys)) {
        return aldb_fault_add(f, ODBC_ERROR_INVALID_KEYWORD_VALUE,
                              "ODBC_CONFIG_DRIVER does not take \"%s\", only CPTimeout, CPTimeToLive and CPProbe: what connections are to use belongs into a data source",
                              aldb_shown(key, shown));
    }
    if (pool_keys[*which].seconds && (!aldb_parse_u64(value, &seconds) || seconds > INT32_MAX)) {
        return aldb_fault_add(f, ODBC_ERROR_INVALID_KEYWORD_VALUE, "The value \"%s\" of %s is not valid: give a number of seconds, 0 for none", aldb_shown(value, shown), pool_keys[*which].name);
    }
    if (strlen(pool_keys[*which].name) + value.len > ALDB_DSN_LINE_MAX || memchr(value.ptr, '\n', value.len) != NULL) {
        return aldb_fault_add(f, ODBC_ERROR_INVALID_KEYWORD_VALUE, "The value of %s does not fit into a line of odbcinst.ini", pool_keys[*which].name);
    }
    return ALDB_OK;
}

static enum aldb_rc set_argument(const char *driver, const char *text, bool write, struct aldb_faults *f)
{
    const char *equals = strchr(text, '=');
    if (equals == NULL) {
        return aldb_fault_add(f, ODBC_ERROR_INVALID_KEYWORD_VALUE, "An argument of ODBC_CONFIG_DRIVER has no '=': write CPTimeout=60, and NUL between arguments");
    }
    enum aldb_rc rc;
    size_t which;
    struct aldb_slice value = aldb_slice_trim(aldb_slice_of(equals + 1));
    ALDB_TRY(check_argument(aldb_slice_trim(aldb_slice(text, (size_t)(equals - text))), value, &which, f));
    if (!write) {
        return ALDB_OK;
    }
    const char *key = pool_keys[which].name;
    struct aldb_buf copy; /* without the blanks behind it */
    aldb_buf_init(&copy, ALDB_MAX_NAME);
    aldb_buf_add_slice(&copy, value);
    if (!aldb_buf_ok(&copy)) {
        rc = aldb_fault_no_memory(f);
    } else if (!SQLWritePrivateProfileString(driver, key, value.len > 0 ? copy.data : NULL, ODBCINST_INI)) {
        rc = aldb_fault_add(f, ODBC_ERROR_REQUEST_FAILED, "%s cannot be written to odbcinst.ini: see that the file may be written (odbcinst -j names it)", key);
    }
    aldb_buf_clear(&copy);
out:
    return rc;
}

/* All of it is checked before any of it is written. */
static enum aldb_rc configure(const char *driver, const char *arguments, struct aldb_buf *message, struct aldb_faults *f)
{
    enum aldb_rc rc = ALDB_OK;
    if (arguments == NULL || arguments[0] == '\0') {
        return aldb_fault_add(f, ODBC_ERROR_INVALID_KEYWORD_VALUE, "ODBC_CONFIG_DRIVER has nothing to write: give CPTimeout=seconds, CPTimeToLive=seconds or CPProbe=SQL");
    }
    for (int write = 0; write < 2; write++) {
        for (const char *at = arguments; *at != '\0'; at += strlen(at) + 1) {
            ALDB_TRY(set_argument(driver, at, write, f));
        }
    }
    aldb_buf_addf(message, "%s: the connection pool's settings are written.", driver);
out:
    return rc;
}

static enum aldb_rc greet(const char *driver, const char *arguments, struct aldb_buf *message, struct aldb_faults *f)
{
    (void)arguments;
    (void)f;
    aldb_buf_addf(message, "%s: AlloyDB ODBC driver " ALDB_VERSION ".", driver);
    return ALDB_OK;
}

static enum aldb_rc leave(const char *driver, const char *arguments, struct aldb_buf *message, struct aldb_faults *f)
{
    (void)arguments;
    (void)f;
    aldb_buf_addf(message, "%s: its data sources stay in odbc.ini.", driver);
    return ALDB_OK;
}

static const struct {
    WORD request;
    enum aldb_rc (*run)(const char *driver, const char *arguments, struct aldb_buf *message, struct aldb_faults *f);
} requests[] = {{ODBC_INSTALL_DRIVER, greet}, {ODBC_REMOVE_DRIVER, leave}, {ODBC_CONFIG_DRIVER, configure}};

enum aldb_rc aldb_driver_configure(WORD request, const char *driver, const char *arguments, struct aldb_buf *message, struct aldb_faults *f)
{
    for (size_t i = 0; i < ALDB_COUNT(requests); i++) {
        if (requests[i].request == request) {
            enum aldb_rc rc = aldb_driver_check(driver, f);
            return rc == ALDB_ERR ? rc : requests[i].run(driver, arguments, message, f);
        }
    }
    return aldb_fault_add(f, ODBC_ERROR_INVALID_REQUEST_TYPE, "ConfigDriver does not know request %u: it takes ODBC_INSTALL_DRIVER, ODBC_REMOVE_DRIVER and ODBC_CONFIG_DRIVER",
                          (unsigned)request);
}
