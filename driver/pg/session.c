/* SPDX-License-Identifier: Apache-2.0 */
/* Opening, closing, holding; facts and settings. */
#include "pg/internal.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/tz.h"
#include "log/log.h"
#include "pg/inner.h"
#include "sqltext/sqltext.h"

/* ------------------------------------------------------------------ dead or alive */

/* libpq's text without its trailing newline. */
static struct aldb_slice tidy(const char *why)
{
    return aldb_slice_trim(aldb_slice_of(why && why[0] ? why : "server closed the connection"));
}

void session_die(struct aldb_session *s, const char *why)
{
    if (atomic_exchange(&s->dead, true)) {
        return;
    }
    if (s->why_dead.len == 0) {
        aldb_buf_add_slice(&s->why_dead, tidy(why));
    }
    if (s->pump && pump_error(s->pump)[0]) {
        aldb_buf_addf(&s->why_dead, "\n%s", pump_error(s->pump)); /* libpq has seen no more than the end */
    }
    atomic_store(&s->txn, ALDB_TXN_UNKNOWN);
    s->nops = 0;
    wire_nobody(s);
    struct aldb_result *r = s->wire;
    s->wire = NULL;
    if (r) {
        r->failed = true;
        r->lost = true;
        r->wire_done = true;
        if (r->exec == NULL) {
            result_free(r);
        } else {
            atomic_store(&r->detached, true);
        }
    }
    SESSION_LOG(ALDB_LOG_ERROR, s, "lost: %s", aldb_buf_cstr(&s->why_dead));
}

enum aldb_rc session_post_dead(struct aldb_session *s, struct aldb_diag *diag)
{
    if (s->owner != aldb_process()) {
        return aldb_diag_post(diag, ALDB_ST_08S01, "This connection was opened by the parent process and cannot be used after fork(); connect again");
    }
    struct aldb_slice why = tidy(aldb_buf_cstr(&s->why_dead));
    return aldb_diag_post(diag, ALDB_ST_08S01, "The connection to the server was lost: %.*s", (int)why.len, why.ptr);
}

static bool has_input(struct aldb_session *s, struct pollfd *fd)
{
    if (s->pump) {
        (void)pump_retry(s->pump, PUMP_TO_LIBPQ);
    }
    return poll(fd, 1, 0) > 0;
}

bool aldb_session_busy(struct aldb_session *s)
{
    (void)pthread_mutex_lock(&s->mu);
    bool busy = s->held;
    (void)pthread_mutex_unlock(&s->mu);
    return busy;
}

bool session_leave_behind(struct aldb_session *s, struct aldb_result *r)
{
    (void)pthread_mutex_lock(&s->mu);
    bool held = s->held;
    if (held) {
        r->exec = NULL;
        r->left = s->left;
        s->left = r;
    }
    (void)pthread_mutex_unlock(&s->mu);
    return held;
}

bool aldb_session_dead(struct aldb_session *s)
{
    if (atomic_load(&s->dead) || s->owner != aldb_process()) {
        return true;
    }
    struct aldb_diag unheard;
    aldb_diag_init(&unheard);
    struct aldb_wait no_wait = {.deadline = aldb_deadline_in_ms(0)};
    /* Busy in another thread: that thread will find out. */
    if (session_enter(s, NULL, &no_wait, &unheard) == ALDB_OK) {
        struct pollfd fd = {.fd = PQsocket(s->conn), .events = POLLIN};
        /* Something without being asked: notices, notifications, or the end, which TLS announces before the socket closes. */
        for (int i = 0; i < 64 && s->nops == 0 && !atomic_load(&s->dead) && has_input(s, &fd); i++) {
            if (!PQconsumeInput(s->conn) || PQstatus(s->conn) == CONNECTION_BAD) {
                session_die(s, PQerrorMessage(s->conn));
            } else {
                (void)PQisBusy(s->conn);
                notify_keep(s);
            }
        }
        session_leave(s);
    }
    aldb_diag_clear(&unheard);
    return atomic_load(&s->dead);
}

/* ------------------------------------------------------------------ holding */

#define LOOK_MS 100 /* how often a worker that waits for its turn looks whether it is to stop */

enum aldb_rc session_enter(struct aldb_session *s, struct aldb_exec *e, const struct aldb_wait *wait, struct aldb_diag *diag)
{
    struct aldb_deadline deadline = wait ? wait->deadline : aldb_deadline_none();
    enum aldb_state st = ALDB_ST_NONE;
    if (s->owner != aldb_process()) {
        return session_post_dead(s, diag);
    }
    (void)pthread_mutex_lock(&s->mu);
    while (s->held && st == ALDB_ST_NONE) {
        bool on_worker = aldb_worker_stop_flag() != NULL;
        struct aldb_deadline look = on_worker ? aldb_deadline_sooner(deadline, aldb_deadline_in_ms(LOOK_MS)) : deadline;
        if (!aldb_cond_wait(&s->freed, &s->mu, look) && s->held && aldb_deadline_over(deadline)) {
            st = late_state(wait);
        } else if (aldb_worker_stopped()) {
            st = ALDB_ST_08S01;
        } else if (e && atomic_load(&e->cancel_requested)) {
            st = ALDB_ST_HY008;
        }
    }
    if (st == ALDB_ST_NONE) {
        s->held = true;
    }
    (void)pthread_mutex_unlock(&s->mu);
    if (st == ALDB_ST_HYT00 || st == ALDB_ST_HYT01) {
        return aldb_diag_post(diag, st, "Timed out while another thread used this connection; nothing was sent");
    }
    if (st == ALDB_ST_08S01) {
        return aldb_diag_post(diag, st, "The process exits; nothing was sent");
    }
    if (st == ALDB_ST_HY008) {
        return aldb_diag_post(diag, st, "Cancelled while another thread used this connection; nothing was sent");
    }
    if (atomic_load(&s->dead)) {
        session_leave(s);
        return session_post_dead(s, diag);
    }
    return ALDB_OK;
}

void session_leave(struct aldb_session *s)
{
    (void)pthread_mutex_lock(&s->mu);
    while (s->left) {
        struct aldb_result *r = s->left;
        s->left = r->left;
        (void)pthread_mutex_unlock(&s->mu);
        result_free(r);
        (void)pthread_mutex_lock(&s->mu);
    }
    s->held = false;
    (void)pthread_cond_signal(&s->freed);
    (void)pthread_mutex_unlock(&s->mu);
}

enum aldb_rc session_notices(struct aldb_session *s, enum aldb_rc rc, struct aldb_diag *diag)
{
    if (aldb_diag_count(&s->notices) == 0) {
        return rc;
    }
    aldb_diag_move(diag, &s->notices);
    return rc == ALDB_OK ? ALDB_INFO : rc;
}

enum aldb_rc aldb_session_check(struct aldb_session *s, struct aldb_diag *diag)
{
    if (!atomic_load(&s->dead)) {
        return ALDB_OK;
    }
    enum aldb_rc rc = session_enter(s, NULL, NULL, diag); /* whoever found out may still be writing down why */
    if (rc != ALDB_ERR) {
        session_leave(s);
    }
    return rc;
}

/* ------------------------------------------------------------------ what the server reports of itself */

static void follow_zone(struct aldb_session *s)
{
    const char *name = PQparameterStatus(s->conn, "TimeZone");
    if (name == NULL || strcmp(name, s->zones[s->zone].name) == 0) {
        return;
    }
    size_t next = (s->zone + 1) % ZONES_KNOWN; /* the oldest, where they are taken in turn */
    for (size_t i = 0; i < ZONES_KNOWN; i++) {
        next = strcmp(name, s->zones[i].name) == 0 ? i : next;
    }
    struct known_zone *known = &s->zones[next];
    if (strcmp(name, known->name) != 0) {
        aldb_zone_release(known->zone);
        known->zone = aldb_zone_load(name);
        (void)aldb_copy(known->name, sizeof known->name, aldb_slice_of(name));
    }
    s->zone = next;
    s->locale.zone = known->zone;
}

#define INFINITE_INTERVALS 170000 /* as PQserverVersion counts */

void session_refresh(struct aldb_session *s)
{
    follow_zone(s);
    const char *v = PQparameterStatus(s->conn, "standard_conforming_strings");
    atomic_store(&s->standard_strings, v == NULL || strcmp(v, "on") == 0);
    v = PQparameterStatus(s->conn, "client_encoding");
    s->wrong_encoding = v != NULL && strcmp(v, "UTF8") != 0;
    s->locale.infinite_intervals = PQserverVersion(s->conn) >= INFINITE_INTERVALS;
    v = PQparameterStatus(s->conn, "DateStyle");
    if (v) {
        s->locale.datestyle = v[0];
        s->locale.dmy = strstr(v, "DMY") != NULL;
    }
    v = PQparameterStatus(s->conn, "IntervalStyle");
    if (v) {
        s->locale.intervalstyle = strcmp(v, "postgres_verbose") == 0 ? 'v' : v[0];
    }
}

void aldb_session_show_timestamptz(struct aldb_session *s, int as)
{
    s->locale.timestamptz_as = as;
}

int aldb_session_server_version(const struct aldb_session *s)
{
    return PQserverVersion(s->conn);
}
const char *aldb_session_parameter(const struct aldb_session *s, const char *name)
{
    return PQparameterStatus(s->conn, name);
}
const char *aldb_session_host(const struct aldb_session *s)
{
    return s->pump ? s->slot->dialer.host : PQhost(s->conn);
}
const char *aldb_session_port(const struct aldb_session *s)
{
    return s->pump ? s->slot->dialer.port : PQport(s->conn);
}
const char *aldb_session_user(const struct aldb_session *s)
{
    return PQuser(s->conn);
}
const char *aldb_session_database(const struct aldb_session *s)
{
    return PQdb(s->conn);
}
int aldb_session_backend_pid(const struct aldb_session *s)
{
    return PQbackendPID(s->conn);
}
bool aldb_session_standard_strings(const struct aldb_session *s)
{
    return atomic_load(&((struct aldb_session *)s)->standard_strings);
}
enum aldb_txn aldb_session_txn(const struct aldb_session *s)
{
    return (enum aldb_txn)atomic_load(&((struct aldb_session *)s)->txn);
}
bool aldb_session_pooled(const struct aldb_session *s)
{
    return s->pooled;
}

/* ------------------------------------------------------------------ opening */

static bool init_sync(struct aldb_session *s)
{
    if (pthread_mutex_init(&s->mu, NULL)) {
        return false;
    }
    aldb_cond_init(&s->freed);
    s->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return s->wake_fd >= 0;
}

static void session_free(struct aldb_session *s)
{
    while (s->results) {
        struct aldb_result *r = s->results;
        ALDB_LIST_REMOVE(r);
        r->s = NULL;
        r->failed = true;
        r->wire_done = true;
        if (r->exec) {
            atomic_store(&r->exec->session, NULL);
            atomic_store(&r->detached, true);
        } else {
            result_free(r);
        }
    }
    plans_clear(s);
    notify_clear(s);
    doomed_release(s->doomed);
    PQfinish(s->conn);
    if (s->owner == aldb_process()) {
        pump_close(s->pump, PUMP_CLOSE_MS);
    } else {
        pump_abandon(s->pump);
    }
    slot_release(s->slot);
    for (size_t i = 0; i < ZONES_KNOWN; i++) {
        aldb_zone_release(s->zones[i].zone);
    }
    if (s->wake_fd >= 0) {
        (void)close(s->wake_fd);
    }
    (void)pthread_cond_destroy(&s->freed);
    (void)pthread_mutex_destroy(&s->mu);
    aldb_free(s->ops);
    aldb_free(s->search_path);
    aldb_free(s->init_sql);
    aldb_buf_clear(&s->why_dead);
    aldb_diag_clear(&s->notices);
    aldb_free(s);
}

/* Names carry a random part: a pooler may hand another client's server connection to us. */
static void make_prefix(struct aldb_session *s)
{
    uint32_t random = 0;
    if (getrandom(&random, sizeof random, GRND_NONBLOCK) != (ssize_t)sizeof random) {
        random = (uint32_t)aldb_now_ms() ^ (uint32_t)getpid() << 16;
    }
    (void)snprintf(s->prefix, sizeof s->prefix, "_aldb_%08x_", random);
}

/* Owns `conn` and `pump` from here on. */
static struct aldb_session *session_new(PGconn *conn, struct pump *pump, const struct aldb_session_options *o)
{
    struct aldb_session *s = aldb_alloc(sizeof *s);
    if (s == NULL) {
        PQfinish(conn);
        pump_close(pump, PUMP_CLOSE_MS);
        return NULL;
    }
    s->conn = conn;
    s->pump = pump;
    s->owner = aldb_process();
    s->wake_fd = -1;
    s->options = *o;
    if (s->options.buffer_memory == 0) {
        s->options.buffer_memory = (uint64_t)64 << 20;
    }
    s->options.search_path = s->options.init_sql = NULL;
    s->options.dialer = NULL;
    s->options.token = NULL;
    s->search_path = aldb_strdup(o->search_path);
    s->init_sql = aldb_strdup(o->init_sql);
    s->isolation = o->isolation;
    s->read_only = o->read_only;
    s->pooled = o->pooling == ALDB_POOLING_TRANSACTION;
    s->locale = (struct aldb_locale){.datestyle = 'I', .intervalstyle = 'p'};
    atomic_init(&s->autocommit, true);
    atomic_init(&s->txn, ALDB_TXN_IDLE);
    aldb_buf_init(&s->why_dead, ALDB_MAX_MESSAGE);
    aldb_diag_init(&s->notices);
    aldb_map_init(&s->plans);
    s->doomed = doomed_new();
    s->slot = slot_new(conn, o->dialer, pump);
    make_prefix(s);
    bool copied = (s->search_path || !o->search_path) && (s->init_sql || !o->init_sql);
    if (!init_sync(s) || !copied || s->doomed == NULL || s->slot == NULL) {
        session_free(s);
        return NULL;
    }
    return s;
}

/* ------------------------------------------------------------------ session settings */

/* "a, b" -> "\"a\", \"b\"": each name quoted once, so that it means itself. */
static void quote_path(struct aldb_buf *b, const char *path)
{
    bool first = true;
    while (*path) {
        const char *end = strchr(path, ',');
        size_t len = end ? (size_t)(end - path) : strlen(path);
        struct aldb_slice name = aldb_slice_trim(aldb_slice(path, len));
        if (name.len > 0) {
            bool quoted = name.len >= 2 && name.ptr[0] == '"';
            aldb_buf_add_str(b, first ? "" : ", ");
            aldb_buf_add_str(b, quoted ? "" : "\"");
            for (size_t i = 0; i < name.len; i++) {
                if (name.ptr[i] == '"' && !quoted) {
                    aldb_buf_add_char(b, '"');
                }
                aldb_buf_add_char(b, name.ptr[i]);
            }
            aldb_buf_add_str(b, quoted ? "" : "\"");
            first = false;
        }
        path += end ? len + 1 : len;
    }
}

const char *isolation_words(int bit)
{
    static const char *const words[] = {[1] = "READ UNCOMMITTED", [2] = "READ COMMITTED", [4] = "REPEATABLE READ", [8] = "SERIALIZABLE"};
    return bit >= 1 && bit <= 8 ? words[bit] : NULL;
}

static bool add_setting(struct aldb_session *s, struct aldb_buf *text, struct unit *u)
{
    return aldb_buf_ok(text) && wire_text(s, aldb_buf_cstr(text), unit_on, u);
}

/* Everything that the options ask of a fresh session, in one batch; nothing when they ask nothing. */
enum aldb_rc session_settings(struct aldb_session *s, struct aldb_deadline deadline, struct aldb_diag *diag)
{
    struct aldb_wait wait = {.deadline = deadline};
    if (s->isolation == 0 && !s->read_only && s->search_path == NULL && s->init_sql == NULL) {
        return ALDB_OK;
    }
    if (session_know_pooler(s, &wait, diag) == ALDB_ERR) {
        return ALDB_ERR;
    }
    if (s->pooled && s->search_path) {
        return aldb_diag_post(diag, ALDB_ST_HYC00,
                              "Schema needs a session of its own, but a transaction pooler stands in front of the server: another client would get the search path. "
                              "Let the server set it (ALTER ROLE or ALTER DATABASE ... SET search_path), qualify the names, or, where it pools sessions, say Pooling=SESSION");
    }
    const char *level = s->pooled ? NULL : isolation_words(s->isolation);
    bool read_only = s->read_only && !s->pooled;
    struct unit u = {0};
    struct aldb_buf text;
    aldb_buf_init(&text, ALDB_MAX_SQL);
    bool ok = wire_ready(s, NULL);
    if (level || read_only) {
        aldb_buf_addf(&text, "SET SESSION CHARACTERISTICS AS TRANSACTION%s%s%s", level ? " ISOLATION LEVEL " : "", level ? level : "",
                      read_only ? level ? ", READ ONLY" : " READ ONLY" : "");
        ok = ok && add_setting(s, &text, &u);
    }
    if (s->search_path) {
        aldb_buf_reset(&text);
        aldb_buf_add_str(&text, "SET search_path TO ");
        quote_path(&text, s->search_path);
        ok = ok && add_setting(s, &text, &u);
    }
    ok = ok && wire_sync(s, unit_on, &u);
    enum aldb_rc rc = ok ? unit_finish(s, &u, &wait, diag) : session_post_dead(s, diag);
    if (unit_post(s, &u, rc, ALDB_AT_CONNECT, diag) == ALDB_ERR && rc == ALDB_OK) {
        rc = aldb_diag_post(diag, ALDB_ST_08004, "What the connection asks of the session (Schema, ReadOnly, SQL_ATTR_TXN_ISOLATION) was refused");
    }
    unit_clear(&u);
    aldb_buf_clear(&text);
    return rc;
}

/* One statement of InitSql, to its end. */
static enum aldb_rc run_init_part(struct aldb_session *s, struct aldb_slice part, struct aldb_deadline deadline, struct aldb_diag *diag)
{
    struct unit u = {0};
    struct aldb_wait wait = {.deadline = deadline};
    char *text = aldb_strndup(part.ptr, part.len);
    enum aldb_rc rc;
    if (text == NULL) {
        return aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    }
    bool ok = wire_ready(s, NULL) && wire_text(s, text, unit_on, &u) && wire_sync(s, unit_on, &u);
    rc = ok ? unit_finish(s, &u, &wait, diag) : session_post_dead(s, diag);
    rc = unit_post(s, &u, rc, ALDB_AT_STATEMENT, diag);
    unit_clear(&u);
    aldb_free(text);
    return rc;
}

/* InitSql may hold several statements: each by itself, and none behind one that failed. */
enum aldb_rc session_init_sql(struct aldb_session *s, struct aldb_deadline deadline, struct aldb_diag *diag)
{
    if (s->init_sql == NULL) {
        return ALDB_OK;
    }
    struct aldb_sql sql;
    struct aldb_sql_flags flags = {.noscan = true, .standard_conforming_strings = atomic_load(&s->standard_strings)};
    enum aldb_rc rc = aldb_sql_translate(aldb_slice_of(s->init_sql), flags, &sql, diag);
    if (rc != ALDB_ERR && sql.nparams > 0) {
        rc = aldb_diag_post(diag, ALDB_ST_HY024, "InitSql has parameter markers; write ?? for PostgreSQL's operator ?");
        goto out;
    }
    for (size_t i = 0; rc != ALDB_ERR && i < sql.nparts; i++) {
        rc = run_init_part(s, aldb_slice(sql.text.data + sql.parts[i].begin, sql.parts[i].end - sql.parts[i].begin), deadline, diag);
    }
    if (rc == ALDB_ERR) {
        rc = aldb_diag_post(diag, aldb_deadline_over(deadline) ? ALDB_ST_HYT00 : ALDB_ST_08004, "InitSql failed, so the connection was not made");
    } else if (atomic_load(&s->txn) != ALDB_TXN_IDLE) {
        /* In autocommit mode nobody would ever end it, and all that is done would be lost. */
        rc = aldb_diag_post(diag, ALDB_ST_08004, "InitSql leaves a transaction open, so the connection was not made: end it with COMMIT, or use SQL_ATTR_AUTOCOMMIT");
    }
out:
    aldb_sql_clear(&sql);
    return rc;
}

/*
 * Pooling=auto: a pooler makes up the process number that it gives its clients, so one that differs from the backend's own shows that
 * another backend may run the next statement, where what was parsed before is unknown, or is another client's.
 */
static void pooler_check_on(struct aldb_session *s, void *ctx, const struct aldb_op *op, PGresult *res)
{
    (void)ctx;
    (void)op;
    int64_t pid;
    s->pooler_asked = false;
    if (res && PQresultStatus(res) == PGRES_TUPLES_OK && PQntuples(res) == 1 && aldb_parse_i64(aldb_slice_of(PQgetvalue(res, 0, 0)), &pid)) {
        s->pooled = pid != PQbackendPID(s->conn);
    }
    PQclear(res);
}

bool session_ask_pooler(struct aldb_session *s)
{
    if (!s->pooler_unknown) {
        return true;
    }
    s->pooler_unknown = false;
    s->pooler_asked = true;
    return wire_text(s, "SELECT pg_catalog.pg_backend_pid()", pooler_check_on, NULL) && wire_sync(s, NULL, NULL);
}

enum aldb_rc session_know_pooler(struct aldb_session *s, const struct aldb_wait *wait, struct aldb_diag *diag)
{
    if (!s->pooler_unknown) {
        return ALDB_OK;
    }
    return wire_ready(s, NULL) ? wire_acquire(s, NULL, wait, diag) : session_post_dead(s, diag);
}

enum aldb_rc aldb_session_know_pooler(struct aldb_session *s, const struct aldb_wait *wait, struct aldb_diag *diag)
{
    enum aldb_rc rc = session_enter(s, NULL, wait, diag);
    if (rc != ALDB_ERR) {
        rc = wire_acquire(s, NULL, wait, diag);
        rc = rc == ALDB_ERR ? rc : session_know_pooler(s, wait, diag);
        session_leave(s);
    }
    return rc;
}

static int64_t close_budget(int64_t connecting_ms)
{
    if (connecting_ms < CLOSE_BUDGET_MIN_MS) {
        return CLOSE_BUDGET_MIN_MS;
    }
    return connecting_ms < CLOSE_BUDGET_MAX_MS ? connecting_ms : CLOSE_BUDGET_MAX_MS;
}

enum aldb_rc aldb_session_open(const char *const *keywords, const char *const *values, const struct aldb_session_options *options,
                               struct aldb_deadline deadline, struct aldb_session **out, struct aldb_diag *diag)
{
    PGconn *conn = NULL;
    struct pump *pump = NULL;
    int64_t begun = aldb_now_ms();
    enum aldb_rc rc = options->dialer ? inner_connect(keywords, values, options, deadline, &conn, &pump, diag)
                                      : connect_dial(keywords, values, options, deadline, &conn, diag);
    if (rc == ALDB_ERR) {
        return ALDB_ERR;
    }
    struct aldb_session *s = session_new(conn, pump, options);
    if (s == NULL) {
        return aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    }
    s->close_patience_ms = s->close_budget_ms = close_budget(aldb_now_ms() - begun);
    (void)PQsetNoticeReceiver(conn, notice_receiver, s);
    if (PQsetnonblocking(conn, 1) != 0 || !PQenterPipelineMode(conn)) {
        (void)aldb_diag_post(diag, ALDB_ST_08001, "libpq refused pipeline mode: %s", PQerrorMessage(conn));
        session_free(s);
        return ALDB_ERR;
    }
    session_refresh(s);
    s->held = true;
    aldb_trail_begin(options->trail, "session");
    s->pooler_unknown = options->pooling == ALDB_POOLING_AUTO;
    rc = session_settings(s, deadline, diag);
    if (rc != ALDB_ERR) {
        rc = session_init_sql(s, deadline, diag);
    }
    rc = session_notices(s, rc, diag);
    session_leave(s);
    if (rc == ALDB_ERR) {
        aldb_session_close(s);
        return ALDB_ERR;
    }
    aldb_trail_end(options->trail, "settings%s", options->init_sql ? " and InitSql" : "");
    *out = s;
    return rc;
}

/* ------------------------------------------------------------------ closing */

/* In a forked child the socket is the parent's: it is put out of libpq's reach, so that PQfinish says nothing on it. */
static void disarm(struct aldb_session *s)
{
    int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (fd >= 0) {
        (void)dup3(fd, PQsocket(s->conn), O_CLOEXEC);
        (void)close(fd);
    }
}

void aldb_session_close(struct aldb_session *s)
{
    if (s == NULL) {
        return;
    }
    if (s->owner != aldb_process()) {
        disarm(s);
        if (!s->held) { /* else a thread of the parent was at work in it when the child began: what it was changing is not fit to be freed */
            session_free(s);
        }
        return;
    }
    /* A CancelRequest still under way needs nothing of the session, and finds nothing to cancel. */
    if (!atomic_load(&s->dead) && s->nops == 0 && atomic_load(&s->txn) != ALDB_TXN_IDLE) {
        /* An open transaction ends with the connection: the server rolls it back. */
        SESSION_LOG(ALDB_LOG_INFO, s, "closed with a transaction open, which the server rolls back");
    } else {
        SESSION_LOG(ALDB_LOG_INFO, s, "closed");
    }
    session_free(s);
}
