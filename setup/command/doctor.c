/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the driver manager's files to SELECT 1, stage by stage, and what to do about the first that fails. The driver that is registered is loaded and connects itself, so that
 * what is looked at is what applications get; it tells its own stages by SQL_ATTR_ALLOYDB_CONNECT_TRAIL.
 */
#include "setup/command/commands.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <odbcinst.h>

#include "alloydb_odbc.h"
#include "base/alloc.h"
#include "base/trail.h"
#include "setup/command/connection.h"
#include "setup/command/library.h"
#include "setup/command/remedy.h"
#include "setup/command/report.h"
#include "setup/command/source.h"
#include "setup/command/terminal.h"
#include "setup/library/manager.h"

struct visit {
    struct aldb_report report;
    const char *target;       /* a data source or a connection string; NULL: none */
    struct aldb_pairs string; /* the connection string's */
    char *dsn, *driver;       /* owned; NULL: not said */
    struct aldb_buf more;     /* for connecting: a password, a time */
    bool may_connect;
};

/* ------------------------------------------------------------------ the driver manager's files */

/* The same text for a file, wherever it is told. */
static const char *file_state(const char *path, struct aldb_buf *fault)
{
    struct stat s;
    aldb_buf_reset(fault);
    if (stat(path, &s) != 0) {
        return errno == ENOENT ? "not there" : strerror(errno);
    }
    if (access(path, R_OK) != 0) {
        aldb_buf_addf(fault, "%s cannot be read: %s", path, strerror(errno));
        return strerror(errno);
    }
    FILE *file = fopen(path, "re");
    char line[INI_MAX_LINE + 2];
    for (size_t number = 1; file != NULL && fgets(line, sizeof line, file) != NULL; number++) {
        struct aldb_slice text = aldb_slice_trim(aldb_slice_of(line));
        if (strlen(line) > INI_MAX_LINE) {
            aldb_buf_addf(fault, "Line %zu of %s is longer than %d bytes, which the driver manager breaks in two", number, path, INI_MAX_LINE);
            break;
        }
        if (number == 1 && strncmp(line, "\xef\xbb\xbf", 3) == 0) {
            aldb_buf_addf(fault, "%s begins with a byte order mark, so that the driver manager does not see its first section", path);
            break;
        }
        if (line[0] == '[') {
            break;
        }
        if (text.len > 0 && line[0] != '#' && line[0] != ';') {
            aldb_buf_addf(fault, "Line %zu of %s stands before the first section, so that the driver manager reads nothing of that file", number, path);
            break;
        }
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    return "there";
}

static void manager_version(struct aldb_buf *out)
{
    SQLHENV env = SQL_NULL_HENV;
    SQLHDBC dbc = SQL_NULL_HDBC;
    char version[64] = "";
    if (SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &env)) && SQL_SUCCEEDED(SQLSetEnvAttr(env, SQL_ATTR_ODBC_VERSION, (SQLPOINTER)SQL_OV_ODBC3, 0))
        && SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_DBC, env, &dbc))) {
        (void)SQLGetInfo(dbc, SQL_DM_VER, version, sizeof version, NULL);
        (void)SQLFreeHandle(SQL_HANDLE_DBC, dbc);
    }
    if (env != SQL_NULL_HENV) {
        (void)SQLFreeHandle(SQL_HANDLE_ENV, env);
    }
    /* "03.52.0002.0003": ODBC's version, which the driver manager knows, then its own. */
    unsigned major = 0, minor = 0;
    if (sscanf(version, "%*u.%*u.%4u.%4u", &major, &minor) == 2) {
        aldb_buf_addf(out, "unixODBC %u.%u", major, minor);
    } else {
        aldb_buf_add_str(out, "unixODBC");
    }
}

static void visit_manager(struct visit *v)
{
    struct aldb_buf fact, fault;
    aldb_buf_init(&fact, ALDB_MAX_MESSAGE);
    aldb_buf_init(&fault, ALDB_MAX_MESSAGE);
    manager_version(&fact);
    char *paths[] = {aldb_odbcinst_ini(ALDB_PLACE_SYSTEM), aldb_odbcinst_ini(ALDB_PLACE_USER), aldb_odbc_ini(ALDB_PLACE_SYSTEM), aldb_odbc_ini(ALDB_PLACE_USER)};
    static const char *const names[] = {"drivers, system", "drivers, user", "data sources, system", "data sources, user"};
    struct aldb_buf faults;
    aldb_buf_init(&faults, ALDB_MAX_MESSAGE);
    const char *states[ALDB_COUNT(paths)] = {NULL};
    for (size_t i = 0; i < ALDB_COUNT(paths); i++) {
        states[i] = paths[i] != NULL ? file_state(paths[i], &fault) : "";
        if (fault.len > 0) {
            aldb_buf_addf(&faults, "%s%s", faults.len > 0 ? "\n" : "", aldb_buf_cstr(&fault));
        }
    }
    if (faults.len > 0) {
        aldb_buf_addf(&fact, "\n%s", aldb_buf_cstr(&faults));
    }
    aldb_report_stage(&v->report, faults.len > 0 ? ALDB_ILL : ALDB_WELL, "driver manager", ALDB_NO_TIME, aldb_buf_cstr(&fact),
                      faults.len > 0 ? "Correct that file: sections in brackets, KEY = VALUE below, comments with # or ;, readable for who runs the application" : NULL);
    for (size_t i = 0; i < ALDB_COUNT(paths); i++) {
        aldb_report_detail(&v->report, names[i], paths[i] != NULL ? paths[i] : "", states[i]);
        aldb_free(paths[i]);
    }
    aldb_buf_clear(&faults);
    aldb_buf_clear(&fault);
    aldb_buf_clear(&fact);
}

/* ------------------------------------------------------------------ the data source */

/* Names of a file's sections, as far as they are other than unixODBC's own. Frees `path`, which may be NULL. */
static void add_sections(struct aldb_buf *out, char *path)
{
    struct aldb_ini ini;
    char *name;
    if (path != NULL && aldb_ini_peek(&ini, path)) {
        for (size_t n = 0; (name = aldb_ini_section(&ini, n)) != NULL; n++) {
            if (aldb_is_source(name)) {
                aldb_buf_addf(out, "%s%s", out->len > 0 ? ", " : "", name);
            }
            aldb_free(name);
        }
        aldb_ini_close(&ini);
    }
    aldb_free(path);
}

/* The section of the data source; false: there is none. `ini` is open afterwards if there is. */
static bool find_source(const char *dsn, struct aldb_ini *ini)
{
    for (int place = ALDB_PLACE_USER; place <= ALDB_PLACE_SYSTEM; place++) {
        char *path = aldb_odbc_ini((enum aldb_place)place);
        bool open = path != NULL && aldb_ini_peek(ini, path);
        aldb_free(path);
        if (open && aldb_ini_has(ini, dsn)) {
            return true;
        }
        if (open) {
            aldb_ini_close(ini);
        }
    }
    return false;
}

static void told(struct visit *v, const char *stage, enum aldb_verdict verdict, const char *fact, const char *remedy)
{
    aldb_report_stage(&v->report, verdict, stage, ALDB_NO_TIME, fact, remedy);
    v->may_connect = v->may_connect && verdict != ALDB_ILL;
}

/* What the connection is going to be asked for. */
static void visit_options(struct visit *v, const char *where, bool open_secret)
{
    struct aldb_options options;
    struct aldb_diag diag;
    struct aldb_buf fact;
    aldb_options_init(&options);
    aldb_diag_init(&diag);
    aldb_buf_init(&fact, ALDB_MAX_MESSAGE);
    enum aldb_rc rc = aldb_options_resolve(&options, &v->string, NULL, &diag);
    aldb_buf_add_str(&fact, where);
    for (size_t i = 1; aldb_diag_get(&diag, i) != NULL; i++) {
        aldb_buf_addf(&fact, "\n%s", aldb_diag_sentence(aldb_diag_message(aldb_diag_get(&diag, i))));
    }
    if (open_secret) {
        aldb_buf_add_str(&fact, "\nOthers may read that file, and there is a password in it");
    }
    bool doubt = open_secret || aldb_diag_get(&diag, 1) != NULL;
    told(v, "settings", rc == ALDB_ERR ? ALDB_ILL : doubt ? ALDB_DOUBTFUL : ALDB_WELL, aldb_buf_cstr(&fact),
         rc == ALDB_ERR ? aldb_remedy("options", aldb_diag_get(&diag, 1)->state, "")
         : open_secret  ? "chmod 600 it, or name a PassFile instead of the password"
         : doubt        ? "Correct those keywords: \"alloydb-odbc keywords\" lists them"
                        : NULL);
    for (int i = 0; rc != ALDB_ERR && i < ALDB_KW_COUNT; i++) {
        struct aldb_buf value;
        aldb_buf_init(&value, ALDB_MAX_CONNSTR);
        enum aldb_keyword kw = (enum aldb_keyword)i;
        if (options.origin[kw] != ALDB_FROM_DEFAULT && aldb_keyword_info(kw)->type != ALDB_VT_IGNORED) {
            aldb_option_format(&options, kw, &value);
            aldb_report_detail(&v->report, aldb_keyword_info(kw)->name, aldb_keyword_secret(kw, aldb_buf_cstr(&value)) ? "***" : aldb_buf_cstr(&value), aldb_origin_name(options.origin[kw]));
        }
        aldb_buf_wipe(&value);
    }
    if (rc != ALDB_ERR) {
        aldb_options_clear(&options);
    }
    aldb_buf_clear(&fact);
    aldb_diag_clear(&diag);
}

static void visit_source(struct visit *v)
{
    struct aldb_ini ini;
    struct aldb_pairs pairs = {0};
    struct aldb_buf fact;
    aldb_buf_init(&fact, ALDB_MAX_MESSAGE);
    if (v->dsn == NULL) {
        visit_options(v, "a connection string without a data source", false);
    } else if (!find_source(v->dsn, &ini)) {
        aldb_buf_addf(&fact, "There is no data source %s in the user's odbc.ini nor the system's", v->dsn);
        struct aldb_buf there;
        aldb_buf_init(&there, ALDB_MAX_MESSAGE);
        add_sections(&there, aldb_odbc_ini(ALDB_PLACE_USER));
        add_sections(&there, aldb_one_odbc_ini() ? NULL : aldb_odbc_ini(ALDB_PLACE_SYSTEM));
        aldb_buf_addf(&fact, "\n%s%s", there.len > 0 ? "There are: " : "There is none at all", aldb_buf_cstr(&there));
        told(v, "data source", ALDB_ILL, aldb_buf_cstr(&fact), "Make it (alloydb-odbc dsn add), or correct the name; ODBCINI and ODBCSYSINI say where the files are");
        aldb_buf_clear(&there);
    } else {
        char *driver = aldb_ini_get(&ini, v->dsn, "Driver");
        if (v->driver == NULL) {
            v->driver = driver;
        } else {
            aldb_free(driver);
        }
        (void)aldb_ini_pairs(&ini, v->dsn, &pairs);
        aldb_buf_addf(&fact, "[%s] in %s", v->dsn, ini.path);
        if (v->driver == NULL || v->driver[0] == '\0') {
            aldb_buf_add_str(&fact, ", without a line Driver");
            told(v, "data source", ALDB_ILL, aldb_buf_cstr(&fact), "Add the line \"Driver = AlloyDB\" to it");
        } else {
            visit_options(v, aldb_buf_cstr(&fact), aldb_source_is_open(&ini, &pairs));
        }
        aldb_ini_close(&ini);
    }
    aldb_pairs_clear(&pairs);
    aldb_buf_clear(&fact);
}

/* ------------------------------------------------------------------ the driver */

/* Loads what the driver manager would load. */
static bool visit_driver(struct visit *v, struct aldb_library *l)
{
    const char *name = v->driver != NULL ? v->driver : ALDB_DRIVER_NAME, *remedy = NULL;
    char path[ALDB_INI_VALUE] = "";
    struct aldb_buf fault;
    bool good = false;
    aldb_buf_init(&fault, ALDB_MAX_MESSAGE);
    if (strchr(name, '/') != NULL) {
        (void)aldb_copy(path, sizeof path, aldb_slice_of(name));
    } else {
        aldb_manager_get("odbcinst.ini", name, sizeof(void *) == 8 ? "Driver64" : "Driver", path);
        if (path[0] == '\0') {
            aldb_manager_get("odbcinst.ini", name, "Driver", path);
        }
    }
    if (path[0] == '\0') {
        struct aldb_buf there;
        aldb_buf_init(&there, ALDB_MAX_MESSAGE);
        add_sections(&there, aldb_odbcinst_ini(ALDB_PLACE_SYSTEM));
        add_sections(&there, aldb_odbcinst_ini(ALDB_PLACE_USER));
        aldb_buf_addf(&fault, "No driver %s is registered in odbcinst.ini\n%s%s", name, there.len > 0 ? "There are: " : "There is none at all", aldb_buf_cstr(&there));
        aldb_buf_clear(&there);
        remedy = "Register it: alloydb-odbc register; ODBCSYSINI says where the file is";
    } else {
        good = aldb_library_open(l, path, &fault, &remedy);
    }
    if (good) {
        aldb_buf_addf(&fault, "%s is %s", name, path);
    }
    told(v, "driver", good ? ALDB_WELL : ALDB_ILL, aldb_buf_cstr(&fault), remedy);
    aldb_buf_clear(&fault);
    return good;
}

/* ------------------------------------------------------------------ connecting */

/* The trail's lines, as stages; `message` NULL: it ended in a connection. False: the last one is not what failed. */
static bool tell_trail(struct visit *v, struct aldb_slice text, const char *state, const char *message)
{
    struct aldb_trail_step t;
    struct aldb_buf fact;
    bool told_why = false;
    aldb_buf_init(&fact, ALDB_MAX_MESSAGE);
    while (aldb_trail_step(&text, &t)) {
        char stage[40];
        double took = 0;
        bool bad = aldb_slice_is(t.how, "failed");
        (void)aldb_copy(stage, sizeof stage, t.stage);
        bool timed = aldb_parse_double(t.ms, &took);
        aldb_buf_reset(&fact);
        aldb_buf_add_slice(&fact, t.fact);
        told_why = bad && message != NULL && text.len == 0;
        if (told_why) {
            aldb_report_stage(&v->report, ALDB_ILL, stage, timed ? took : ALDB_NO_TIME, message, aldb_remedy(stage, state, message));
        } else {
            aldb_report_stage(&v->report, bad ? ALDB_DOUBTFUL : ALDB_WELL, stage, timed ? took : ALDB_NO_TIME, bad ? "failed, and something else was tried" : aldb_buf_cstr(&fact), NULL);
        }
    }
    aldb_buf_clear(&fact);
    return told_why;
}

/* The driver's errors, a line each; `state` is the first one's. */
static void read_errors(const struct aldb_library *l, SQLHDBC dbc, SQLCHAR state[6], struct aldb_buf *out)
{
    SQLCHAR this_state[6];
    SQLINTEGER native;
    SQLSMALLINT length = 0;
    struct aldb_buf text;
    aldb_buf_init(&text, ALDB_MAX_MESSAGE);
    char *room = aldb_buf_reserve(&text, SHRT_MAX);
    for (SQLSMALLINT n = 1; room != NULL && SQL_SUCCEEDED(l->GetDiagRec(SQL_HANDLE_DBC, dbc, n, this_state, &native, (SQLCHAR *)room, SHRT_MAX, &length)); n++) {
        if (n == 1) {
            memcpy(state, this_state, 6);
        }
        if (memcmp(this_state, "01", 2) != 0) {
            aldb_buf_addf(out, "%s%s", out->len > 0 ? "\n" : "", aldb_diag_sentence(room));
        }
    }
    aldb_buf_clear(&text);
}

/* Connects by the driver itself. */
static bool visit_connection(struct visit *v, const struct aldb_library *l)
{
    SQLHENV env = SQL_NULL_HENV;
    SQLHDBC dbc = SQL_NULL_HDBC;
    struct aldb_buf string, trail, message;
    SQLCHAR state[6] = "";
    bool good = false;
    aldb_buf_init(&string, ALDB_MAX_CONNSTR);
    aldb_buf_init(&trail, ALDB_MAX_MESSAGE);
    aldb_buf_init(&message, ALDB_MAX_MESSAGE);
    aldb_target_string(v->target, aldb_buf_cstr(&v->more), &string);
    if (aldb_buf_ok(&string) && SQL_SUCCEEDED(l->AllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &env))
        && SQL_SUCCEEDED(l->SetEnvAttr(env, SQL_ATTR_ODBC_VERSION, (SQLPOINTER)SQL_OV_ODBC3, 0)) && SQL_SUCCEEDED(l->AllocHandle(SQL_HANDLE_DBC, env, &dbc))) {
        good = SQL_SUCCEEDED(l->DriverConnect(dbc, NULL, (SQLCHAR *)string.data, SQL_NTS, NULL, 0, NULL, SQL_DRIVER_NOPROMPT));
        SQLINTEGER length = 0;
        if (!good) {
            read_errors(l, dbc, state, &message);
        }
        char *room = aldb_buf_reserve(&trail, 65536);
        if (room != NULL && SQL_SUCCEEDED(l->GetConnectAttr(dbc, SQL_ATTR_ALLOYDB_CONNECT_TRAIL, room, 65536, &length))) {
            aldb_buf_commit(&trail, strlen(room));
        }
        if (good) {
            (void)l->Disconnect(dbc);
        }
        (void)l->FreeHandle(SQL_HANDLE_DBC, dbc);
    }
    if (env != SQL_NULL_HENV) {
        (void)l->FreeHandle(SQL_HANDLE_ENV, env);
    }
    const char *said = aldb_buf_cstr(&message);
    struct aldb_buf fact;
    aldb_buf_init(&fact, ALDB_MAX_MESSAGE);
    aldb_buf_addf(&fact, "%s %s", (const char *)state, said);
    bool told_why = tell_trail(v, aldb_buf_slice(&trail), (const char *)state, good ? NULL : aldb_buf_cstr(&fact));
    if (!good && !told_why) {
        aldb_report_stage(&v->report, ALDB_ILL, "connection", ALDB_NO_TIME, said[0] != '\0' ? aldb_buf_cstr(&fact) : "The driver refused without a word",
                          aldb_remedy("options", (const char *)state, said));
    }
    aldb_buf_clear(&fact);
    aldb_buf_clear(&message);
    aldb_buf_clear(&trail);
    aldb_buf_wipe(&string);
    return good;
}

/* And once more as applications do it. */
static void visit_query(struct visit *v)
{
    struct aldb_connection c;
    struct aldb_buf fact, info;
    aldb_buf_init(&fact, ALDB_MAX_MESSAGE);
    aldb_buf_init(&info, ALDB_MAX_NAME);
    double began = aldb_clock_ms();
    if (!aldb_connect_quietly(&c, v->target, aldb_buf_cstr(&v->more), &fact)) {
        aldb_report_stage(&v->report, ALDB_ILL, "through manager", aldb_clock_ms() - began, aldb_buf_cstr(&fact), "The driver connects by itself, and the driver manager does not: see its own "
                          "settings in odbcinst.ini (IconvEncoding, FakeUnicode, Pooling), and whether the application uses another driver manager");
    } else {
        double connected = aldb_clock_ms();
        bool good = aldb_ask_one(&c, &fact);
        double answered = aldb_clock_ms();
        if (good) {
            aldb_info_text(&c, SQL_DRIVER_VER, &info);
            aldb_buf_reset(&fact); /* warnings of connecting, which the settings' stage has told */
            aldb_buf_addf(&fact, "driver %s connected in %.1f ms; SELECT 1 answered", aldb_buf_cstr(&info), connected - began);
        }
        aldb_report_stage(&v->report, good ? ALDB_WELL : ALDB_ILL, "query", answered - connected, aldb_buf_cstr(&fact), good ? NULL : "The login works, and queries do not: the message is the server's own");
        aldb_disconnect(&c);
    }
    aldb_buf_clear(&info);
    aldb_buf_clear(&fact);
}

/* ------------------------------------------------------------------ the whole visit */

/* Whom the target means: DSN, or Driver of a connection string. False: it cannot be read; said why. */
static bool read_target(struct visit *v)
{
    struct aldb_diag diag;
    aldb_diag_init(&diag);
    bool good = true;
    if (strchr(v->target, '=') == NULL) {
        good = aldb_pairs_add(&v->string, aldb_slice_of("DSN"), aldb_slice_of(v->target), &diag) == ALDB_OK;
    } else if (aldb_connstr_split(aldb_slice_of(v->target), &v->string, &diag) == ALDB_ERR) {
        told(v, "settings", ALDB_ILL, aldb_diag_sentence(aldb_diag_first_message(&diag)), "KEYWORD=VALUE;KEYWORD=VALUE: a value with ; { or } in it stands in braces, with each } doubled");
        good = false;
    }
    for (size_t i = 0; good && i < v->string.count; i++) {
        int kw = aldb_keyword_find(aldb_slice_of(v->string.at[i].key));
        char **to = kw == ALDB_KW_DSN ? &v->dsn : kw == ALDB_KW_Driver ? &v->driver : NULL;
        if (to != NULL && *to == NULL) {
            *to = aldb_strdup(v->string.at[i].value);
        }
    }
    aldb_diag_clear(&diag);
    return good;
}

int aldb_run_doctor(const struct aldb_arguments *a)
{
    struct visit v = {.target = a->count > 0 ? a->at[0] : NULL, .may_connect = true};
    struct aldb_library l = {0};
    uint64_t seconds;
    const char *timeout = aldb_flag_value(a, "timeout");
    if (timeout != NULL && (!aldb_parse_u64(aldb_slice_of(timeout), &seconds) || seconds == 0 || seconds > 3600)) {
        return aldb_usage_error(a->command, "--timeout %s: seconds, 1 to 3600", timeout);
    }
    aldb_buf_init(&v.more, ALDB_MAX_CONNSTR);
    if (!aldb_password_asked(a, &v.more)) {
        aldb_buf_wipe(&v.more);
        return ALDB_EXIT_FAILED;
    }
    if (timeout != NULL) {
        aldb_connstr_add(&v.more, "LoginTimeout", timeout);
    }
    /* A connection string may hold a password. */
    aldb_report_begin(&v.report, aldb_flag_given(a, "json"), v.target != NULL && strchr(v.target, '=') != NULL ? "connection string" : v.target);
    visit_manager(&v);
    if (v.target == NULL) {
        (void)visit_driver(&v, &l);
    } else if (read_target(&v)) {
        visit_source(&v);
        bool loaded = (v.dsn == NULL || v.driver != NULL) && visit_driver(&v, &l);
        if (loaded && v.may_connect && visit_connection(&v, &l)) {
            visit_query(&v);
        }
    }
    aldb_pairs_clear(&v.string);
    aldb_free(v.dsn);
    aldb_free(v.driver);
    aldb_buf_wipe(&v.more);
    return aldb_report_end(&v.report);
}
