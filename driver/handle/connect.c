/* SPDX-License-Identifier: Apache-2.0 */
#include "handle/connect.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/map.h"
#include "handle/attr.h"
#include "handle/iam.h"
#include "handle/instance.h"
#include "handle/job.h"
#include "log/log.h"

/* ------------------------------------------------------------------ pairs */

static void drop_pair(struct aldb_pairs *pairs, size_t i)
{
    aldb_free(pairs->at[i].key);
    aldb_free_secret(pairs->at[i].value);
    pairs->count--;
    memmove(&pairs->at[i], &pairs->at[i + 1], (pairs->count - i) * sizeof *pairs->at);
}

/* Sets keyword `kw` for good: what the text said of it, by any alias, goes. */
static enum aldb_rc put_pair(struct aldb_pairs *pairs, enum aldb_keyword kw, struct aldb_slice value, struct aldb_diag *diag)
{
    for (size_t i = pairs->count; i > 0; i--) {
        if (aldb_keyword_find(aldb_slice_of(pairs->at[i - 1].key)) == (int)kw) {
            drop_pair(pairs, i - 1);
        }
    }
    struct aldb_pair *at = aldb_realloc_array(pairs->at, pairs->count + 1, sizeof *at);
    if (at == NULL) {
        return aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    }
    pairs->at = at;
    struct aldb_pair *p = &at[pairs->count];
    p->key = aldb_strdup(aldb_keyword_info(kw)->name);
    p->value = aldb_strndup(value.ptr, value.len);
    if (p->key == NULL || p->value == NULL) {
        aldb_free(p->key);
        aldb_free_secret(p->value);
        return aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    }
    pairs->count++;
    return ALDB_OK;
}

static const char *find_pair(const struct aldb_pairs *pairs, const char *key)
{
    for (size_t i = 0; i < pairs->count; i++) {
        if (aldb_slice_is(aldb_slice_of(pairs->at[i].key), key)) {
            return pairs->at[i].value;
        }
    }
    return NULL;
}

/* ------------------------------------------------------------------ options */

/* With codes of the driver's own, a moment's own form is text with its offset; one that is to come as UTC loses nothing in ODBC's. */
static int zoned_as(const struct aldb_options *o, bool server_types)
{
    return server_types && o->TimestampTzAs == ALDB_TZ_SESSION ? ALDB_TZ_TEXT : o->TimestampTzAs;
}

static struct aldb_type_options type_options(const struct aldb_dbc *dbc, const struct aldb_options *o, bool server_types)
{
    bool version2 = dbc->env->odbc_version == SQL_OV_ODBC2;
    server_types = server_types && !version2;
    return (struct aldb_type_options){
        .version2 = version2,
        .wide = o->UseUnicode && !version2,
        .bools_as_char = o->BoolsAsChar,
        .text_as_longvarchar = o->TextAsLongVarchar,
        .bytea_as_longvarbinary = o->ByteaAsLongVarBinary,
        .unknowns_as_longvarchar = o->UnknownsAsLongVarchar,
        .int8_as = o->Int8As,
        .numeric_as = o->NumericAs,
        .max_varchar = (uint32_t)o->MaxVarcharSize,
        .max_longvarchar = (uint32_t)o->MaxLongVarcharSize,
        .sizes_unknown = o->UnknownSizes == ALDB_SIZES_UNKNOWN,
        .timestamptz_as = zoned_as(o, server_types),
        .server_types = server_types,
    };
}

void aldb_dbc_report_types(struct aldb_dbc *dbc, bool server_types)
{
    dbc->types = type_options(dbc, &dbc->options, server_types);
    aldb_session_show_timestamptz(dbc->session, dbc->types.timestamptz_as);
}

static struct aldb_session_options session_options(const struct aldb_dbc *dbc, const struct aldb_options *o)
{
    return (struct aldb_session_options){
        .error_rollback = o->ErrorRollback,
        .pooling = o->Pooling,
        .close_mode = o->CloseMode,
        .fetch_mode = o->FetchMode,
        .buffer_memory = o->MaxBufferMemory << 20,
        .max_spool = o->MaxSpoolSize << 20,
        .server_prepare = o->UseServerSidePrepare,
        .search_path = o->Schema,
        .init_sql = o->InitSql,
        .isolation = (int)dbc->txn_isolation,
        .read_only = o->ReadOnly || dbc->access_mode == SQL_MODE_READ_ONLY,
    };
}

static enum aldb_rc configure_log(const struct aldb_options *o, struct aldb_diag *diag)
{
    if (o->LogLevel == ALDB_LOG_OFF) {
        return ALDB_OK;
    }
    struct aldb_buf path;
    struct aldb_log_config config;
    aldb_buf_init(&path, ALDB_MAX_NAME);
    enum aldb_rc rc = aldb_options_to_log(o, &config, &path, diag);
    if (rc == ALDB_OK) {
        char why[128];
        int error = aldb_log_configure(&config);
        if (error && config.path == NULL) {
            rc = aldb_diag_post(diag, ALDB_ST_01000, "Nothing is logged: LogLevel is on, but neither LogPath nor LogFile says where to");
        } else if (error) {
            rc = aldb_diag_post(diag, ALDB_ST_01000, "Nothing is logged: \"%s\" cannot be opened: %s", config.path,
                                error == EPERM ? "it must be a regular file of the user who runs the program" : strerror_r(error, why, sizeof why));
        }
    }
    aldb_buf_clear(&path);
    return rc;
}

/* What a dialog would have to ask for. libpq finds host and user in its own environment too. */
struct missing {
    bool server, user, password, port, database;
};

static struct missing what_is_missing(const struct aldb_options *o)
{
    bool elsewhere = o->Service || o->PqOpt.value || getenv("PGSERVICE"); /* may name them: libpq will see */
    return (struct missing){
        .server = o->Server == NULL && o->HostAddr == NULL && o->InstanceUri == NULL && !elsewhere && getenv("PGHOST") == NULL,
        .user = o->UID == NULL && !o->EnableIamAuth && !elsewhere && getenv("PGUSER") == NULL,
        .password = o->PWD.value == NULL && !o->EnableIamAuth,
        .port = o->Port == NULL,
        .database = o->Database == NULL,
    };
}

/* Pairs of the application, attribute SQL_ATTR_CURRENT_CATALOG laid over them, resolved into `o`. `o` needs clearing only after success. */
static enum aldb_rc resolve(struct aldb_dbc *dbc, struct aldb_pairs *pairs, const char *dsn, struct aldb_options *o, struct aldb_diag *diag)
{
    aldb_trail_reset(&dbc->trail); /* the last attempt's */
    if (dbc->current_catalog && put_pair(pairs, ALDB_KW_Database, aldb_slice_of(dbc->current_catalog), diag) == ALDB_ERR) {
        return ALDB_ERR;
    }
    aldb_options_init(o);
    enum aldb_rc rc = aldb_options_resolve(o, pairs, dsn, diag);
    if (rc == ALDB_ERR) {
        aldb_options_clear(o);
    }
    return rc;
}

/* ------------------------------------------------------------------ opening */

/* Nobody could be reached, or the server is there and will let us in later: it starts up, or has no connection left. */
static bool worth_another_try(struct aldb_diag *d)
{
    const struct aldb_diag_record *r = aldb_diag_get(d, 1);
    return r && (strcmp(r->state, aldb_state_code(ALDB_ST_08001)) == 0 || r->native == aldb_pgstate_native("57P03") ||
                 r->native == aldb_pgstate_native("53300"));
}

/* False, without waiting, when the deadline would be over first. */
static bool pause_for(uint64_t seconds, struct aldb_deadline deadline)
{
    int64_t ms = (int64_t)seconds * 1000; /* at most an hour */
    if (!aldb_deadline_is_none(deadline) && deadline.at - aldb_now_ms() <= ms) {
        return false;
    }
    struct timespec t = {.tv_sec = (time_t)seconds};
    (void)nanosleep(&t, NULL);
    return true;
}

/* ConnectRetryCount more tries while the server cannot be reached, all under one deadline. */
static enum aldb_rc open_with_retries(struct aldb_dbc *dbc, const struct aldb_options *o, const struct aldb_libpq_params *params,
                                      const struct aldb_session_dialer *dialer, const char *token, struct aldb_deadline deadline, struct aldb_session **session,
                                      struct aldb_diag *diag)
{
    struct aldb_session_options options = session_options(dbc, o);
    options.dialer = dialer;
    options.token = token;
    options.trail = &dbc->trail;
    struct aldb_diag attempt;
    aldb_diag_init(&attempt);
    enum aldb_rc rc;
    for (uint64_t tries = 0;; tries++) {
        rc = aldb_session_open(params->keywords, params->values, &options, deadline, session, &attempt);
        if (rc != ALDB_ERR || tries >= o->ConnectRetryCount || !worth_another_try(&attempt) || aldb_deadline_over(deadline)) {
            break;
        }
        ALDB_LOG(ALDB_LOG_WARNING, ALDB_LOG_CONNECT, "connecting failed, trying again in %llu s: %s", (unsigned long long)o->ConnectRetryInterval,
                 aldb_diag_first_message(&attempt));
        if (!pause_for(o->ConnectRetryInterval, deadline)) {
            break;
        }
        aldb_diag_reset(&attempt);
    }
    aldb_diag_move(diag, &attempt);
    aldb_diag_clear(&attempt);
    return rc;
}

static bool is_refusal(const struct aldb_diag_record *r)
{
    return r && strcmp(r->state, aldb_state_code(ALDB_ST_28000)) == 0;
}

/* The server asked for a password, and there was none: of libpq's own refusals the one in words that it translates into no language. */
static bool wants_password(struct aldb_diag *attempt)
{
    const struct aldb_diag_record *r = aldb_diag_get(attempt, 1);
    return is_refusal(r) && r->native == 0 && strstr(aldb_diag_message(r), "no password supplied") != NULL;
}

/* Opens the session that `o` asks for. On success the handle owns the options, else they are cleared. */
static enum aldb_rc open_session(struct aldb_dbc *dbc, struct aldb_options *o, const char *dsn, struct aldb_diag *diag)
{
    struct aldb_libpq_params params = {0};
    struct aldb_session *session = NULL;
    struct aldb_instance *instance = NULL;
    struct aldb_credentials *iam = NULL;
    struct aldb_token token = {0};
    struct aldb_deadline deadline = aldb_deadline_in_s(dbc->login_timeout_set ? dbc->login_timeout : o->LoginTimeout);
    char *name = NULL;
    enum aldb_rc rc = ALDB_OK;
    bool informed = false;

    ALDB_TRY(configure_log(o, diag));
    informed = rc == ALDB_INFO;
    if (dsn && (name = aldb_strdup(dsn)) == NULL) {
        rc = aldb_diag_post(diag, ALDB_ST_HY001, NULL);
        goto out;
    }
    if (o->InstanceUri) {
        ALDB_TRY(aldb_instance_open(o, deadline, &dbc->trail, &instance, diag));
    } else if (o->EnableIamAuth) {
        ALDB_TRY(aldb_iam_open(o, deadline, &dbc->trail, &iam, &token, diag));
    }
    ALDB_TRY(aldb_options_to_libpq(o, &params, diag));
    informed = informed || rc == ALDB_INFO;
    rc = open_with_retries(dbc, o, &params, aldb_instance_dialer(instance), token.value.value, deadline, &session, diag);
    if (rc == ALDB_ERR && instance && is_refusal(aldb_diag_get(diag, 1))) {
        aldb_instance_hint(instance, o, wants_password(diag), deadline, diag);
    }
    ALDB_TRY(rc);
    informed = informed || rc == ALDB_INFO;
    if (dbc->autocommit == SQL_AUTOCOMMIT_OFF) {
        struct aldb_wait wait = aldb_dbc_wait(dbc);
        ALDB_TRY(aldb_session_set_autocommit(session, false, &wait, diag));
    }
    dbc->session = session;
    dbc->iam = iam;
    dbc->options = *o;
    aldb_dbc_report_types(dbc, o->ServerTypes);
    aldb_free(dbc->dsn);
    dbc->dsn = name;
    if (o->ReadOnly) {
        dbc->access_mode = SQL_MODE_READ_ONLY;
    }
    if (dbc->query_timeout == 0) {
        dbc->query_timeout = o->QueryTimeout;
    }
    rc = informed ? ALDB_INFO : ALDB_OK;
    ALDB_LOG(ALDB_LOG_INFO, ALDB_LOG_CONNECT, "connected to %s port %s, database %s, user %s, server version %d", aldb_session_host(session),
             aldb_session_port(session), aldb_session_database(session), aldb_session_user(session), aldb_session_server_version(session));
out:
    aldb_libpq_params_clear(&params);
    aldb_instance_settle(instance);
    aldb_instance_release(instance);
    if (rc == ALDB_ERR) {
        aldb_trail_fail(&dbc->trail);
        if (iam && is_refusal(aldb_diag_get(diag, 1))) { /* the server may know that the token is good no more: the next connection has another */
            (void)aldb_credentials_reject(iam, ALDB_TOKEN_LOGIN, &token);
        }
        aldb_credentials_unref(iam);
        aldb_session_close(session);
        aldb_free(name);
        aldb_options_clear(o);
    }
    aldb_token_clear(&token);
    return rc;
}

/* The worse of two statuses that both mean "done". */
static enum aldb_rc merge(enum aldb_rc a, enum aldb_rc b)
{
    return b == ALDB_OK ? a : b;
}

static enum aldb_rc check_unconnected(struct aldb_dbc *dbc, struct aldb_diag *diag)
{
    if (dbc->session) {
        return aldb_diag_post(diag, ALDB_ST_08002, "The connection handle is connected already");
    }
    return ALDB_OK;
}

enum aldb_rc aldb_dbc_connect(struct aldb_dbc *dbc, struct aldb_slice dsn, struct aldb_slice user, struct aldb_slice password,
                              struct aldb_diag *diag)
{
    struct aldb_pairs pairs = {0};
    struct aldb_options o;
    char *name = NULL;
    enum aldb_rc rc;

    ALDB_TRY(check_unconnected(dbc, diag));
    name = dsn.len ? aldb_strndup(dsn.ptr, dsn.len) : aldb_strdup("DEFAULT");
    if (name == NULL) {
        rc = aldb_diag_post(diag, ALDB_ST_HY001, NULL);
        goto out;
    }
    if (user.len) {
        ALDB_TRY(put_pair(&pairs, ALDB_KW_UID, user, diag));
    }
    if (password.len) {
        ALDB_TRY(put_pair(&pairs, ALDB_KW_PWD, password, diag));
    }
    ALDB_TRY(resolve(dbc, &pairs, name, &o, diag));
    enum aldb_rc warned = rc;
    ALDB_TRY(open_session(dbc, &o, name, diag));
    rc = merge(warned, rc);
out:
    aldb_pairs_clear(&pairs);
    aldb_free(name);
    return rc;
}

/* SQL_DRIVER_PROMPT asks always, SQL_DRIVER_COMPLETE when what is there does not suffice; without a dialog this is what is left of either. */
static enum aldb_rc post_no_dialog(const struct missing *m, struct aldb_diag *diag)
{
    return aldb_diag_post(diag, ALDB_ST_IM008, "This driver has no dialog to ask in: add %s to the connection string or the data source",
                          m->server && m->user ? "Server= and UID=" : m->server ? "Server=" : "UID=");
}

enum aldb_rc aldb_dbc_driver_connect(struct aldb_dbc *dbc, struct aldb_slice text, SQLUSMALLINT completion,
                                     struct aldb_buf *completed, struct aldb_diag *diag)
{
    struct aldb_pairs pairs = {0};
    struct aldb_options o;
    enum aldb_rc rc;

    if (completion > SQL_DRIVER_COMPLETE_REQUIRED) {
        return aldb_diag_post(diag, ALDB_ST_HY110, "DriverCompletion %u is not SQL_DRIVER_NOPROMPT, _COMPLETE, _PROMPT or _COMPLETE_REQUIRED",
                              completion);
    }
    ALDB_TRY(check_unconnected(dbc, diag));
    ALDB_TRY(aldb_connstr_split(text, &pairs, diag));
    const char *dsn = find_pair(&pairs, "DSN");
    ALDB_TRY(resolve(dbc, &pairs, dsn, &o, diag));
    enum aldb_rc warned = rc;
    struct missing missing = what_is_missing(&o);
    if (completion == SQL_DRIVER_PROMPT && (missing.server || missing.user)) {
        aldb_options_clear(&o);
        rc = post_no_dialog(&missing, diag);
        goto out;
    }
    rc = open_session(dbc, &o, dsn, diag);
    if (rc == ALDB_ERR && completion != SQL_DRIVER_NOPROMPT && (missing.server || missing.user)) {
        rc = post_no_dialog(&missing, diag);
    }
    if (rc == ALDB_ERR) {
        goto out;
    }
    rc = merge(warned, rc);
    enum aldb_rc wrote = aldb_connstr_complete(&pairs, &dbc->options, completed, diag);
    if (wrote == ALDB_ERR) {
        (void)!aldb_dbc_disconnect(dbc, diag);
    }
    rc = merge(rc, wrote);
out:
    aldb_pairs_clear(&pairs);
    return rc;
}

/* ------------------------------------------------------------------ browsing */

static void end_browsing(struct aldb_dbc *dbc)
{
    aldb_buf_wipe(&dbc->browse);
    dbc->browsing = false;
}

/* "KEYWORD:Prompt=?;" with a star before what may be left out, as SQLBrowseConnect describes. `refused`: for want of a password. */
static enum aldb_rc ask_for(const struct missing *m, bool refused, struct aldb_buf *out, struct aldb_diag *diag)
{
    const struct {
        bool wanted;
        const char *text;
    } asks[] = {
        {m->server, "SERVER:Server=?;"},
        {m->port, "*PORT:Port=?;"},
        {m->database, "*DATABASE:Database=?;"},
        {m->user, "UID:User=?;"},
        {m->password, refused ? "PWD:Password=?;" : "*PWD:Password=?;"},
    };
    for (size_t i = 0; i < ALDB_COUNT(asks); i++) {
        if (asks[i].wanted) {
            aldb_buf_add_str(out, asks[i].text);
        }
    }
    if (out->len > 0) {
        out->data[--out->len] = '\0'; /* no ';' behind the last */
    }
    return aldb_buf_ok(out) ? ALDB_NEED_DATA : aldb_diag_post(diag, ALDB_ST_HY001, NULL);
}

enum aldb_rc aldb_dbc_browse(struct aldb_dbc *dbc, struct aldb_slice text, struct aldb_buf *out, struct aldb_diag *diag)
{
    struct aldb_pairs pairs = {0};
    struct aldb_options o;
    struct aldb_diag attempt;
    enum aldb_rc rc;
    aldb_diag_init(&attempt);

    ALDB_TRY(check_unconnected(dbc, diag));
    if (dbc->browse.len > 0) {
        aldb_buf_add_char(&dbc->browse, ';');
    }
    aldb_buf_add_slice(&dbc->browse, text);
    if (!aldb_buf_ok(&dbc->browse)) {
        rc = aldb_diag_post(diag, ALDB_ST_HY001, "The connection string is longer than %u bytes, or memory is short", ALDB_MAX_CONNSTR);
        goto out;
    }
    ALDB_TRY(aldb_connstr_split(aldb_buf_slice(&dbc->browse), &pairs, diag));
    const char *dsn = find_pair(&pairs, "DSN");
    ALDB_TRY(resolve(dbc, &pairs, dsn, &o, diag));
    enum aldb_rc warned = rc;
    struct missing missing = what_is_missing(&o);
    if (missing.server || missing.user) {
        aldb_options_clear(&o);
        rc = ask_for(&missing, false, out, diag);
        goto out;
    }
    rc = open_session(dbc, &o, dsn, &attempt);
    if (rc == ALDB_ERR && missing.password && wants_password(&attempt)) {
        rc = ask_for(&missing, true, out, diag);
        goto out;
    }
    aldb_diag_move(diag, &attempt);
    if (rc == ALDB_ERR) {
        goto out;
    }
    rc = merge(warned, rc);
    enum aldb_rc wrote = aldb_connstr_complete(&pairs, &dbc->options, out, diag);
    if (wrote == ALDB_ERR) {
        (void)!aldb_dbc_disconnect(dbc, diag);
    }
    rc = merge(rc, wrote);
out:
    dbc->browsing = rc == ALDB_NEED_DATA;
    if (!dbc->browsing) {
        end_browsing(dbc);
    }
    aldb_diag_clear(&attempt);
    aldb_pairs_clear(&pairs);
    return rc;
}

/* ------------------------------------------------------------------ disconnecting, transactions */

static bool waits_for_data(struct aldb_dbc *dbc)
{
    bool waits = false;
    for (struct aldb_stmt *stmt = dbc->stmts; stmt; stmt = stmt->next) {
        if (aldb_handle_orphaned(&stmt->h)) {
            continue; /* its lock was the parent's */
        }
        aldb_mutex_lock(&stmt->h.lock);
        waits = waits || stmt->state == ALDB_STMT_NEED_DATA;
        aldb_mutex_unlock(&stmt->h.lock);
    }
    return waits;
}

/*
 * Results that are still coming are closed as SQLCloseCursor does it: a statement that writes and returns rows would be undone by the server if the
 * connection went away before its last row. ALDB_ERR: such a statement failed behind the rows that were fetched.
 */
static enum aldb_rc close_streams(struct aldb_dbc *dbc, struct aldb_diag *diag)
{
    struct aldb_wait wait = aldb_dbc_wait(dbc);
    enum aldb_rc worst = ALDB_OK;
    for (struct aldb_stmt *stmt = dbc->stmts; stmt; stmt = stmt->next) {
        aldb_mutex_lock(&stmt->h.lock);
        if (aldb_stmt_close_streams(stmt, &wait, diag) == ALDB_ERR) {
            worst = ALDB_ERR;
        }
        aldb_mutex_unlock(&stmt->h.lock);
    }
    return worst;
}

enum aldb_rc aldb_dbc_disconnect(struct aldb_dbc *dbc, struct aldb_diag *diag)
{
    if (dbc->session == NULL) {
        if (dbc->browsing) {
            end_browsing(dbc);
            return ALDB_OK;
        }
        return aldb_diag_post(diag, ALDB_ST_08003, NULL);
    }
    if (aldb_dbc_check_jobs(dbc, "The connection cannot be closed", diag) == ALDB_ERR) {
        return ALDB_ERR;
    }
    if (waits_for_data(dbc)) {
        return aldb_diag_post(diag, ALDB_ST_HY010, "A statement of this connection waits for data at execution; cancel it with SQLCancel");
    }
    bool dead = aldb_session_dead(dbc->session);
    if (!dead && dbc->autocommit == SQL_AUTOCOMMIT_OFF && aldb_session_has_work(dbc->session)) {
        return aldb_diag_post(diag, ALDB_ST_25000, "A transaction is open: end it with SQLEndTran before SQLDisconnect");
    }
    if (!dead && close_streams(dbc, diag) == ALDB_ERR) {
        return ALDB_ERR;
    }
    aldb_dbc_detach_children(dbc);
    aldb_session_close(dbc->session);
    dbc->session = NULL;
    aldb_credentials_unref(dbc->iam);
    dbc->iam = NULL;
    /* What the connection string had set goes with it; what the application set by attribute stays. */
    if (dbc->options.ReadOnly) {
        dbc->access_mode = SQL_MODE_READ_WRITE;
    }
    if (dbc->query_timeout == dbc->options.QueryTimeout) {
        dbc->query_timeout = 0;
    }
    aldb_options_clear(&dbc->options);
    memset(&dbc->options, 0, sizeof dbc->options);
    aldb_free(dbc->dsn);
    dbc->dsn = NULL;
    aldb_dbc_forget_facts(dbc);
    if (dead) {
        return aldb_diag_post(diag, ALDB_ST_01002, "The server had closed the connection already");
    }
    return ALDB_OK;
}

enum aldb_rc aldb_dbc_end_transaction(struct aldb_dbc *dbc, bool commit, struct aldb_diag *diag)
{
    if (dbc->session == NULL) {
        return aldb_diag_post(diag, ALDB_ST_08003, NULL);
    }
    if (aldb_dbc_check_jobs(dbc, "The transaction cannot be ended", diag) == ALDB_ERR) {
        return ALDB_ERR;
    }
    if (waits_for_data(dbc)) {
        return aldb_diag_post(diag, ALDB_ST_HY010, "A statement of this connection waits for data at execution; cancel it with SQLCancel");
    }
    struct aldb_wait wait = aldb_dbc_wait(dbc);
    enum aldb_rc rc = aldb_session_end(dbc->session, commit, &wait, diag);
    if (!commit && aldb_done(rc)) {
        aldb_dbc_close_cursors(dbc);
    }
    return rc;
}
