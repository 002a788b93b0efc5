/* SPDX-License-Identifier: Apache-2.0 */
/* Where keywords come from besides the connection string: odbc.ini, alloydb-odbc.ini, the environment. */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <odbcinst.h>
#include <odbcinstext.h>
#include <iniparser.h>

#include "base/alloc.h"
#include "config/internal.h"

/* ------------------------------------------------------------------ odbc.ini */

_Static_assert(ALDB_DSN_LINE_MAX == INI_MAX_LINE - 40, "what the driver manager reads");

/*
 * unixODBC remembers answers as they fitted into the buffer of the first asker. Larger than anything it can return, so that the first answer is a
 * whole one; grows nevertheless, for managers that know no limit.
 */
#define PROFILE_ROOM (64u << 10)

/* One question to the driver manager; the list of keys when `key` is NULL. *out is emptied first. */
static enum aldb_rc ask_profile(const char *section, const char *key, struct aldb_buf *out,
                                struct aldb_diag *diag)
{
    for (size_t room = PROFILE_ROOM; room <= out->max; room *= 2) {
        aldb_buf_reset(out);
        char *to = aldb_buf_reserve(out, room);
        if (to == NULL) {
            return aldb_config_no_memory(diag);
        }
        memset(to, 0, room);
        int got = SQLGetPrivateProfileString(section, key, "", to, (int)room - 1, "odbc.ini");
        size_t len = got > 0 ? (size_t)got : 0;
        if (len + INI_MAX_LINE < room) {
            aldb_buf_commit(out, key != NULL ? strlen(to) : len);
            return ALDB_OK;
        }
    }
    return aldb_diag_post(diag, ALDB_ST_HY000, "The data source \"%s\" in odbc.ini is too large",
                          section);
}

static enum aldb_rc read_key_of(const char *dsn, const char *key, struct aldb_buf *value,
                                struct aldb_pairs *out, struct aldb_diag *diag)
{
    enum aldb_rc rc;
    ALDB_TRY(ask_profile(dsn, key, value, diag));
    if (strlen(key) + value->len > ALDB_DSN_LINE_MAX) {
        char shown[ALDB_SHOWN_MAX + 4];
        return aldb_diag_post(diag, ALDB_ST_HY000,
                              "The line of \"%s\" in odbc.ini, data source \"%s\", is longer than "
                              "the driver manager reads (%d bytes): "
                              "give this keyword in the connection string",
                              aldb_shown(aldb_slice_of(key), shown), dsn, ALDB_DSN_LINE_MAX);
    }
    rc = aldb_pairs_add(out, aldb_slice_of(key), aldb_slice_trim(aldb_buf_slice(value)), diag);
out:
    return rc;
}

/* libodbcinst keeps its answers and its paths in static memory without a lock of its own. */
static pthread_mutex_t profile_lock = PTHREAD_MUTEX_INITIALIZER;

enum aldb_rc aldb_dsn_read(const char *dsn, struct aldb_pairs *out, struct aldb_diag *diag)
{
    enum aldb_rc rc;
    struct aldb_pairs pairs = {0};
    struct aldb_buf keys;
    struct aldb_buf value;
    aldb_buf_init(&keys, ALDB_MAX_CONNSTR);
    aldb_buf_init(&value, ALDB_MAX_CONNSTR);
    (void)pthread_mutex_lock(&profile_lock);
    ALDB_TRY(ask_profile(dsn, NULL, &keys, diag));
    for (size_t at = 0; at < keys.len; at += strlen(keys.data + at) + 1) {
        if (keys.data[at] != '\0') {
            ALDB_TRY(read_key_of(dsn, keys.data + at, &value, &pairs, diag));
        }
    }
    rc = ALDB_OK;
    *out = pairs;
    pairs = (struct aldb_pairs){0};
out:
    (void)pthread_mutex_unlock(&profile_lock);
    aldb_pairs_clear(&pairs);
    aldb_buf_wipe(&value);
    aldb_buf_wipe(&keys);
    return rc;
}

/* ------------------------------------------------------------------ alloydb-odbc.ini */

/* iniparser reports through one function for the whole process. The lock covers it and the text it leaves. */
static pthread_mutex_t ini_lock = PTHREAD_MUTEX_INITIALIZER;
static char ini_complaint[256];

/* The first complaint, without the offending line behind it. */
static int __attribute__((format(printf, 1, 2))) take_complaint(const char *format, ...)
{
    if (ini_complaint[0] != '\0') {
        return 0;
    }
    va_list ap;
    va_start(ap, format);
    int n = vsnprintf(ini_complaint, sizeof ini_complaint, format, ap);
    va_end(ap);
    ini_complaint[strcspn(ini_complaint, "\r\n")] = '\0';
    return n;
}

static bool ini_takes(enum aldb_keyword kw, bool log_section)
{
    const struct aldb_keyword_info *info = aldb_keyword_info(kw);
    if (log_section) {
        return strcmp(info->group, "log") == 0;
    }
    return strcmp(info->group, "core") != 0 && info->type != ALDB_VT_SECRET &&
           kw != ALDB_KW_InstanceUri;
}

/* `entry` is iniparser's "section:key". */
static enum aldb_rc apply_entry(struct aldb_options *o, const char *path, const char *entry,
                                const char *value, struct aldb_diag *diag)
{
    const char *colon = strchr(entry, ':');
    if (colon == NULL) {
        return ALDB_OK; /* the section itself */
    }
    struct aldb_slice section = aldb_slice(entry, (size_t)(colon - entry));
    struct aldb_slice key = aldb_slice_of(colon + 1);
    bool log_section = aldb_slice_is(section, "log");
    int kw = aldb_keyword_find(key);
    char shown[ALDB_SHOWN_MAX + 4];
    if (!log_section && !aldb_slice_is(section, "defaults")) {
        return aldb_diag_post(
            diag, ALDB_ST_01S00,
            "%s: \"%s\" was ignored: it stands outside of the sections [Defaults] and [Log]", path,
            aldb_shown(key, shown));
    }
    if (kw >= 0 && !ini_takes((enum aldb_keyword)kw, log_section)) {
        return aldb_diag_post(
            diag, ALDB_ST_01S00,
            "%s: %s was ignored: it is not among the keywords of the section [%s]", path,
            aldb_keyword_info((enum aldb_keyword)kw)->name, log_section ? "Log" : "Defaults");
    }
    return aldb_options_set(o, key, aldb_slice_of(value), ALDB_FROM_INI, diag);
}

static enum aldb_rc apply_all(struct aldb_options *o, const char *path, const dictionary *d,
                              struct aldb_diag *diag)
{
    enum aldb_rc worst = ALDB_OK;
    for (ssize_t i = 0; i < (ssize_t)d->size; i++) {
        if (d->key[i] == NULL) {
            continue;
        }
        enum aldb_rc rc = apply_entry(o, path, d->key[i], d->val[i] != NULL ? d->val[i] : "", diag);
        worst = rc == ALDB_ERR || worst == ALDB_OK ? rc : worst;
    }
    return worst;
}

static enum aldb_rc load_ini(struct aldb_options *o, const char *path, struct aldb_diag *diag)
{
    enum aldb_rc rc;
    (void)pthread_mutex_lock(&ini_lock);
    ini_complaint[0] = '\0';
    iniparser_set_error_callback(take_complaint);
    dictionary *d = iniparser_load(path);
    iniparser_set_error_callback(NULL);
    if (d == NULL) {
        rc = aldb_diag_post(diag, ALDB_ST_HY000, "%s cannot be read: %s", path,
                            ini_complaint[0] != '\0' ? ini_complaint : "no reason given");
    } else {
        rc = apply_all(o, path, d, diag);
        iniparser_freedict(d);
    }
    (void)pthread_mutex_unlock(&ini_lock);
    return rc;
}

enum aldb_rc aldb_ini_apply(struct aldb_options *o, struct aldb_diag *diag)
{
    const char *named = secure_getenv("ALLOYDB_ODBC_INI");
    if (named != NULL && named[0] != '\0') {
        return load_ini(o, named, diag);
    }
    enum aldb_rc rc;
    struct aldb_buf path;
    aldb_buf_init(&path, ALDB_MAX_NAME);
    const char *home = secure_getenv("HOME");
    if (home != NULL && home[0] != '\0') {
        aldb_buf_addf(&path, "%s/.alloydb-odbc.ini", home);
        if (!aldb_buf_ok(&path)) {
            rc = aldb_config_no_memory(diag);
            goto out;
        }
        /* A home that may not be entered, as services have it, holds no file for us. */
        if (access(aldb_buf_cstr(&path), R_OK) == 0) {
            rc = load_ini(o, aldb_buf_cstr(&path), diag);
            goto out;
        }
    }
    rc = access("/etc/alloydb-odbc.ini", F_OK) == 0 ? load_ini(o, "/etc/alloydb-odbc.ini", diag)
                                                    : ALDB_OK;
out:
    aldb_buf_clear(&path);
    return rc;
}

/* ------------------------------------------------------------------ environment */

/* LogLevel as ALLOYDB_ODBC_LOG_LEVEL, or as ALLOYDB_ODBC_LOGLEVEL. */
static const char *variable_of(const char *keyword, bool underscores)
{
    char name[sizeof "ALLOYDB_ODBC_" + 2 * ALDB_SPELLING_MAX] = "ALLOYDB_ODBC_";
    size_t n = strlen(name);
    for (const char *p = keyword; *p != '\0'; p++) {
        bool upper = aldb_is_alpha(*p) && aldb_lower(*p) != *p;
        if (underscores && upper && p != keyword) {
            name[n++] = '_';
        }
        name[n++] = aldb_is_alpha(*p) && !upper ? (char)(*p - 'a' + 'A') : *p;
    }
    name[n] = '\0';
    return secure_getenv(name);
}

enum aldb_rc aldb_environment_apply(struct aldb_options *o, struct aldb_diag *diag)
{
    enum aldb_rc worst = ALDB_OK;
    for (enum aldb_keyword kw = 0; kw < ALDB_KW_COUNT; kw++) {
        const struct aldb_keyword_info *info = aldb_keyword_info(kw);
        if (strcmp(info->group, "log") != 0) {
            continue;
        }
        const char *value = variable_of(info->name, true);
        value = value != NULL ? value : variable_of(info->name, false);
        if (value != NULL && aldb_options_set(o, aldb_slice_of(info->name), aldb_slice_of(value),
                                              ALDB_FROM_ENV, diag) == ALDB_ERR) {
            worst = ALDB_ERR;
        }
    }
    return worst;
}
