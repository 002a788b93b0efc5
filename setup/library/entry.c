/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The entry points: texts become UTF-8, faults what SQLInstallerError answers.
 *
 * unixODBC calls the narrow ones, also for SQLConfigDataSourceW, whose text it cuts to eight bits a character before. Narrow text is UTF-8 here, as in the driver.
 */
#include <odbcinst.h>
#include <odbcinstext.h>
#include <pthread.h>

#include "base/utf.h"
#include "setup/library/driver.h"
#include "setup/library/dsn.h"
#include "setup/library/manager.h"
#include "setup/library/properties.h"

#define ALDB_SETUP_ENTRY __attribute__((visibility("default")))

/* libodbcinst has static memory: one call at a time. Taken inside of no lock of unixODBC's, and outside of all: see configure_dsn. */
static pthread_mutex_t setup_lock = PTHREAD_MUTEX_INITIALIZER;

/* ------------------------------------------------------------------ texts */

/* Units of a text, or of texts each ended by zero with one more at the end. */
static size_t text_units(LPCWSTR text, bool list)
{
    size_t n = 0;
    do {
        n += aldb_utf16_len(text + n) + 1;
    } while (list && text[n] != 0);
    return n;
}

/* `text` as UTF-8, with the zeros at its end. NULL gives "". */
static enum aldb_rc decode(LPCWSTR text, bool list, struct aldb_buf *out, struct aldb_faults *f)
{
    static const SQLWCHAR none[2];
    const SQLWCHAR *from = text != NULL ? text : none;
    if (list && from[0] == 0) {
        from = none;
    }
    size_t units = text_units(from, list);
    if (aldb_buf_reserve(out, 3 * units + 2) == NULL) { /* all room at once: growing would leave copies of secrets behind */
        return aldb_fault_no_memory(f);
    }
    if (!aldb_utf16_to_utf8(out, from, units)) {
        return aldb_buf_ok(out) ? aldb_fault_add(f, ODBC_ERROR_INVALID_STR, "The call's text is not valid UTF-16: half of a surrogate pair stands alone") : aldb_fault_no_memory(f);
    }
    aldb_buf_add(out, "", 1);
    return aldb_buf_ok(out) ? ALDB_OK : aldb_fault_no_memory(f);
}

/* ------------------------------------------------------------------ data sources */

/* The manager is asked first: one that holds its lock must not be made to wait for a call that waits for it. */
static enum aldb_rc configure_dsn(WORD request, const char *driver, const char *attributes, struct aldb_faults *f)
{
    enum aldb_rc rc;
    ALDB_TRY(aldb_manager_check(f));
    (void)pthread_mutex_lock(&setup_lock);
    rc = aldb_dsn_configure(request, driver, attributes, f);
    (void)pthread_mutex_unlock(&setup_lock);
out:
    return rc;
}

static BOOL answer(enum aldb_rc rc, struct aldb_faults *f)
{
    if (f->count > 0) { /* a message that was cut is told, but is no failure */
        aldb_faults_post(f);
    }
    return rc != ALDB_ERR;
}

ALDB_SETUP_ENTRY BOOL INSTAPI ConfigDSN(HWND hwndParent, WORD fRequest, LPCSTR lpszDriver, LPCSTR lpszAttributes)
{
    struct aldb_faults f = {.count = 0};
    (void)hwndParent;
    return answer(configure_dsn(fRequest, lpszDriver != NULL ? lpszDriver : "", lpszAttributes, &f), &f);
}

ALDB_SETUP_ENTRY BOOL INSTAPI ConfigDSNW(HWND hwndParent, WORD fRequest, LPCWSTR lpszDriver, LPCWSTR lpszAttributes)
{
    struct aldb_faults f = {.count = 0};
    struct aldb_buf driver;
    struct aldb_buf attributes;
    enum aldb_rc rc;
    (void)hwndParent;
    aldb_buf_init(&driver, ALDB_MAX_NAME);
    aldb_buf_init(&attributes, ALDB_MAX_CONNSTR);
    ALDB_TRY(decode(lpszDriver, false, &driver, &f));
    ALDB_TRY(decode(lpszAttributes, true, &attributes, &f));
    rc = configure_dsn(fRequest, driver.data, attributes.data, &f);
out:
    aldb_buf_wipe(&attributes);
    aldb_buf_clear(&driver);
    return answer(rc, &f);
}

/* ------------------------------------------------------------------ the driver */

/*
 * Characters of `message` that a buffer of `room` gets. For SQLConfigDriverW unixODBC copies two more than are said here out of a buffer and into one that have room
 * for no more: two are left to it.
 */
static size_t message_room(const struct aldb_buf *message, WORD room)
{
    size_t most = room > 2 ? (size_t)room - 2 : 0;
    return message->len <= most ? message->len : aldb_utf8_floor(message->data, message->len, most);
}

static enum aldb_rc check_cut(size_t given, const struct aldb_buf *message, struct aldb_faults *f)
{
    if (given == message->len) {
        return ALDB_OK;
    }
    return aldb_fault_add(f, ODBC_ERROR_OUTPUT_STRING_TRUNCATED, "The message for the user has %zu characters, and was cut: give a larger buffer", message->len);
}

static enum aldb_rc configure_driver(WORD request, const char *driver, const char *arguments, struct aldb_buf *message, struct aldb_faults *f)
{
    (void)pthread_mutex_lock(&setup_lock);
    enum aldb_rc rc = aldb_driver_configure(request, driver, arguments, message, f);
    (void)pthread_mutex_unlock(&setup_lock);
    return rc;
}

/* As bytes, or with `wide` as units. */
static void give_message(const struct aldb_buf *message, void *to, bool wide, WORD max, WORD *out, struct aldb_faults *f)
{
    size_t given = 0;
    if (to != NULL && max > 0) {
        given = message_room(message, max);
        if (wide) {
            given = aldb_utf8_to_utf16(to, given, aldb_buf_cstr(message), given, &(size_t){0}, NULL);
            ((SQLWCHAR *)to)[given] = 0;
        } else {
            memcpy(to, aldb_buf_cstr(message), given);
            ((char *)to)[given] = '\0';
        }
        enum aldb_rc rc = check_cut(given, message, f);
        (void)rc;
    }
    if (out != NULL) {
        *out = (WORD)given;
    }
}

ALDB_SETUP_ENTRY BOOL INSTAPI ConfigDriver(HWND hwndParent, WORD fRequest, LPCSTR lpszDriver, LPCSTR lpszArgs, LPSTR lpszMsg, WORD cbMsgMax, WORD *pcbMsgOut)
{
    struct aldb_faults f = {.count = 0};
    struct aldb_buf message;
    (void)hwndParent;
    aldb_buf_init(&message, ALDB_MAX_NAME);
    enum aldb_rc rc = configure_driver(fRequest, lpszDriver != NULL ? lpszDriver : "", lpszArgs, &message, &f);
    give_message(&message, lpszMsg, false, cbMsgMax, pcbMsgOut, &f);
    aldb_buf_clear(&message);
    return answer(rc, &f);
}

ALDB_SETUP_ENTRY BOOL INSTAPI ConfigDriverW(HWND hwndParent, WORD fRequest, LPCWSTR lpszDriver, LPCWSTR lpszArgs, LPWSTR lpszMsg, WORD cbMsgMax, WORD *pcbMsgOut)
{
    struct aldb_faults f = {.count = 0};
    struct aldb_buf message;
    struct aldb_buf driver;
    struct aldb_buf arguments;
    enum aldb_rc rc;
    (void)hwndParent;
    aldb_buf_init(&message, ALDB_MAX_NAME);
    aldb_buf_init(&driver, ALDB_MAX_NAME);
    aldb_buf_init(&arguments, ALDB_MAX_CONNSTR);
    ALDB_TRY(decode(lpszDriver, false, &driver, &f));
    ALDB_TRY(decode(lpszArgs, true, &arguments, &f));
    rc = configure_driver(fRequest, driver.data, arguments.data, &message, &f);
out:
    give_message(&message, lpszMsg, true, cbMsgMax, pcbMsgOut, &f);
    aldb_buf_clear(&arguments);
    aldb_buf_clear(&driver);
    aldb_buf_clear(&message);
    return answer(rc, &f);
}

/* ------------------------------------------------------------------ properties */

ALDB_SETUP_ENTRY int INSTAPI ODBCINSTGetProperties(HODBCINSTPROPERTY hFirstProperty)
{
    if (hFirstProperty == NULL) {
        return ODBCINST_ERROR;
    }
    HODBCINSTPROPERTY last = hFirstProperty;
    while (last->pNext != NULL) {
        last = last->pNext;
    }
    if (aldb_properties_append(last) == ALDB_ERR) {
        struct aldb_faults f = {.count = 0};
        enum aldb_rc rc = aldb_fault_no_memory(&f);
        (void)rc;
        aldb_faults_post(&f);
        return ODBCINST_ERROR;
    }
    return ODBCINST_SUCCESS;
}
