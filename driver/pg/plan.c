/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plans: what the server says of a text without running it, and the cache of them.
 *
 * Parameter types: first all of them are left to the server. It cannot decide some (? + ?), and for others it silently falls back to text, so
 * that 10 < 9 becomes true; then the types that the application declared are given. Character types are never declared: as text they would
 * refuse every comparison with other types, as unknown they fit all.
 */
#include "pg/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "log/log.h"
#include "types/oid.h"

#define CACHE_MAX 64
#define ASKED_MIN 2 /* one may have been slow for other reasons than the way */
#define DEAR_MS 2   /* in that time some thousand rows are read that come as text instead of binary */

struct plan_entry {
    struct plan_entry *newer, *older;
    struct aldb_plan *plan;
    struct aldb_buf key;
};

/* ------------------------------------------------------------------ names to be forgotten */

struct aldb_doomed *doomed_new(void)
{
    struct aldb_doomed *d = aldb_alloc(sizeof *d);
    if (d) {
        atomic_init(&d->refs, 1);
        (void)pthread_mutex_init(&d->mu, NULL);
        aldb_buf_init(&d->names, ALDB_MAX_NAME);
    }
    return d;
}

void doomed_release(struct aldb_doomed *d)
{
    if (d && atomic_fetch_sub(&d->refs, 1) == 1) {
        (void)pthread_mutex_destroy(&d->mu);
        aldb_buf_clear(&d->names);
        aldb_free(d);
    }
}

static void doom(struct aldb_doomed *d, const char *name)
{
    (void)pthread_mutex_lock(&d->mu);
    aldb_buf_add(&d->names, name, strlen(name) + 1);
    (void)pthread_mutex_unlock(&d->mu);
}

/* Deallocates what statements have let go; between statements of the application, when nothing can be harmed by it. */
static bool bury(struct aldb_session *s)
{
    struct aldb_buf names;
    aldb_buf_init(&names, ALDB_MAX_NAME);
    (void)pthread_mutex_lock(&s->doomed->mu);
    if (s->doomed->names.len > 0 && atomic_load(&s->txn) == ALDB_TXN_IDLE) {
        names = s->doomed->names;
        aldb_buf_init(&s->doomed->names, ALDB_MAX_NAME);
    }
    (void)pthread_mutex_unlock(&s->doomed->mu);
    bool ok = true;
    for (size_t at = 0; ok && at < names.len; at += strlen(names.data + at) + 1) {
        char text[96];
        (void)snprintf(text, sizeof text, "DEALLOCATE %s", names.data + at);
        ok = wire_text(s, text, NULL, NULL) && wire_sync(s, NULL, NULL);
    }
    aldb_buf_clear(&names);
    return ok;
}

/* ------------------------------------------------------------------ life */

struct aldb_plan *aldb_plan_ref(struct aldb_plan *p)
{
    atomic_fetch_add(&p->refs, 1);
    return p;
}

void aldb_plan_release(struct aldb_plan *p)
{
    if (p == NULL || atomic_fetch_sub(&p->refs, 1) != 1) {
        return;
    }
    if (p->doomed) {
        if (p->server_name[0]) {
            doom(p->doomed, p->server_name);
        }
        doomed_release(p->doomed);
    }
    aldb_free(p->columns);
    aldb_free(p->param_oids);
    aldb_free(p->told);
    aldb_free(p->given);
    aldb_free(p->asked);
    aldb_free(p->forced);
    aldb_free(p->sql);
    aldb_free(p);
}

static uint32_t *copy_oids(const uint32_t *from, uint32_t n)
{
    uint32_t *to = aldb_alloc_array(n ? n : 1, sizeof *to);
    if (to && from && n) {
        memcpy(to, from, n * sizeof *to);
    }
    return to;
}

static struct aldb_plan *plan_new(struct aldb_session *s, const struct aldb_plan_request *req)
{
    struct aldb_plan *p = aldb_alloc(sizeof *p);
    if (p == NULL) {
        return NULL;
    }
    atomic_init(&p->refs, 1);
    atomic_fetch_add(&s->doomed->refs, 1);
    p->doomed = s->doomed;
    p->sql = aldb_strndup(req->sql.ptr, req->sql.len);
    p->sql_len = req->sql.len;
    p->nparams = req->nparams;
    p->param_oids = copy_oids(NULL, req->nparams);
    p->told = req->told ? copy_oids(req->told, req->nparams) : NULL;
    p->given = copy_oids(NULL, req->nparams);
    p->asked = copy_oids(req->declared, req->nparams);
    p->forced = copy_oids(req->force, req->nparams);
    if (!p->sql || !p->param_oids || (req->told && !p->told) || !p->given || !p->asked || !p->forced) {
        aldb_plan_release(p);
        return NULL;
    }
    return p;
}

uint32_t aldb_plan_told(const struct aldb_plan *p, uint32_t i)
{
    if (p == NULL || i >= p->nparams) {
        return 0;
    }
    return p->told ? p->told[i] : p->param_oids[i];
}

/* UTC needs no zone; local time of one that is not known here only the server can tell. */
bool plan_binary(const struct aldb_session *s, const struct aldb_plan *p)
{
    return p->binary && (!p->zoned || s->locale.zone != NULL || s->locale.timestamptz_as == ALDB_TZ_UTC);
}

/* ------------------------------------------------------------------ cache */

/* A text, the setting that says what it means, the types asked for. */
static void make_key(struct aldb_buf *key, const struct aldb_session *s, const struct aldb_plan_request *req)
{
    static const uint32_t none = 0;
    aldb_buf_init(key, ALDB_MAX_SQL + 1 + 8 * 65536);
    aldb_buf_add_slice(key, req->sql);
    aldb_buf_add_char(key, aldb_session_standard_strings(s) ? 's' : '\\');
    for (uint32_t i = 0; i < req->nparams; i++) {
        aldb_buf_add(key, req->declared ? &req->declared[i] : &none, sizeof none);
        aldb_buf_add(key, req->force ? &req->force[i] : &none, sizeof none);
    }
}

static void unlink_entry(struct aldb_session *s, struct plan_entry *e)
{
    *(e->newer ? &e->newer->older : &s->lru_first) = e->older;
    *(e->older ? &e->older->newer : &s->lru_last) = e->newer;
    e->newer = e->older = NULL;
    s->nplans--;
}

static void link_first(struct aldb_session *s, struct plan_entry *e)
{
    e->newer = NULL;
    e->older = s->lru_first;
    *(e->older ? &e->older->newer : &s->lru_last) = e;
    s->lru_first = e;
    s->nplans++;
}

static void evict(struct aldb_session *s, struct plan_entry *e)
{
    (void)aldb_map_remove(&s->plans, aldb_buf_slice(&e->key));
    unlink_entry(s, e);
    aldb_plan_release(e->plan);
    aldb_buf_clear(&e->key);
    aldb_free(e);
}

void plans_forget(struct aldb_session *s, bool lost)
{
    for (struct plan_entry *e = s->lru_first, *next; e; e = next) {
        next = e->older;
        if (lost) {
            e->plan->server_name[0] = '\0';
        }
        if (lost || !e->plan->own) {
            evict(s, e);
        }
    }
    if (lost) {
        for (int i = 0; i < HK_COUNT; i++) {
            s->hk[i] = HK_UNKNOWN;
        }
        (void)pthread_mutex_lock(&s->doomed->mu);
        aldb_buf_reset(&s->doomed->names);
        (void)pthread_mutex_unlock(&s->doomed->mu);
    }
}

void plans_clear(struct aldb_session *s)
{
    while (s->lru_first) {
        evict(s, s->lru_first);
    }
    aldb_map_clear(&s->plans, NULL);
}

void plan_forget(struct aldb_session *s, struct aldb_plan *p)
{
    for (struct plan_entry *e = s->lru_first; e; e = e->older) {
        if (e->plan == p) {
            evict(s, e);
            return;
        }
    }
}

static struct aldb_plan *cache_find(struct aldb_session *s, const struct aldb_buf *key)
{
    struct plan_entry *e = aldb_map_get(&s->plans, aldb_buf_slice(key));
    if (e == NULL) {
        return NULL;
    }
    unlink_entry(s, e);
    link_first(s, e);
    return aldb_plan_ref(e->plan);
}

struct aldb_plan *plan_known(struct aldb_session *s, const struct aldb_plan_request *req)
{
    struct aldb_buf key;
    make_key(&key, s, req);
    struct aldb_plan *p = aldb_buf_ok(&key) ? cache_find(s, &key) : NULL;
    aldb_buf_clear(&key);
    return p;
}

/* Not being cached is no failure. */
static void cache_add(struct aldb_session *s, struct aldb_buf *key, struct aldb_plan *p)
{
    struct plan_entry *e = aldb_alloc(sizeof *e);
    if (e == NULL || !aldb_map_put(&s->plans, aldb_buf_slice(key), e, NULL)) {
        aldb_free(e);
        return;
    }
    e->key = *key;
    aldb_buf_init(key, 0);
    e->plan = aldb_plan_ref(p);
    link_first(s, e);
    if (s->nplans > CACHE_MAX) {
        evict(s, s->lru_last);
    }
}

/* ------------------------------------------------------------------ asking */

struct asked {
    struct unit u;
    struct aldb_plan *plan;
    bool described, no_memory;
};

static bool take_description(struct aldb_plan *p, PGresult *res)
{
    int n = PQnparams(res);
    for (uint32_t i = 0; i < p->nparams; i++) {
        p->param_oids[i] = (int)i < n ? PQparamtype(res, (int)i) : 0;
    }
    aldb_free(p->columns);
    p->ncolumns = 0;
    p->columns = columns_of(res, &p->ncolumns);
    p->binary = p->ncolumns > 0;
    p->zoned = false;
    for (uint16_t i = 0; p->columns && i < p->ncolumns; i++) {
        uint32_t oid = p->columns[i].oid;
        const struct aldb_type *t = aldb_type_find(oid);
        p->binary = p->binary && t && t->binary;
        p->zoned |= t && (oid == ALDB_OID_TIMESTAMPTZ || t->element_oid == ALDB_OID_TIMESTAMPTZ);
    }
    for (uint16_t i = 0; p->columns && i < p->ncolumns; i++) {
        p->columns[i].binary = p->binary;
    }
    return p->columns != NULL;
}

/* "{23,1043}" into the parameters' types. */
static bool take_types(struct aldb_plan *p, const PGresult *res)
{
    const char *at = PQntuples(res) == 1 ? PQgetvalue(res, 0, 0) : "";
    for (uint32_t i = 0; i < p->nparams; i++) {
        char *end;
        p->param_oids[i] = *at ? (uint32_t)strtoul(at + 1, &end, 10) : 0;
        at = *at ? end : at;
    }
    return *at == '}';
}

static void asked_on(struct aldb_session *s, void *ctx, const struct aldb_op *op, PGresult *res)
{
    struct asked *a = ctx;
    if (res && op->kind == OP_DESCRIBE && PQresultStatus(res) == PGRES_COMMAND_OK) {
        a->described = true;
        a->no_memory = !take_description(a->plan, res);
        PQclear(res);
        return;
    }
    if (res && PQresultStatus(res) == PGRES_TUPLES_OK) {
        a->described = take_types(a->plan, res);
        a->plan->undescribed = true;
    }
    unit_on(s, &a->u, op, res);
}

static void asked_error_on(struct aldb_session *s, void *ctx, const struct aldb_op *op, PGresult *res)
{
    unit_error_on(s, &((struct asked *)ctx)->u, op, res);
}

/*
 * libpq took a ParameterDescription of more than 30,000 bytes for lost synchronisation, and gave the session up, until it was told better in these
 * releases (commit "libpq: Allow long ParameterDescription messages" of 2026; the first ones known to have it).
 */
static bool libpq_describes(uint32_t nparams)
{
    static const int good[] = {140025, 150020, 160016, 170012, 180006};
    bool any = nparams <= (30000 - 6) / 4;
    for (size_t i = 0; i < ALDB_COUNT(good); i++) {
        any |= PQlibVersion() / 10000 == good[i] / 10000 && PQlibVersion() >= good[i];
    }
    return any || PQlibVersion() >= 190000;
}

static bool send_describe(struct aldb_session *s, struct asked *a, const char *name)
{
    if (!PQsendDescribePrepared(s->conn, name)) {
        session_die(s, PQerrorMessage(s->conn));
        return false;
    }
    return wire_expect(s, OP_DESCRIBE, false, 0, asked_on, a);
}

/* What the server says of a name's parameters in a table instead of in a message. `passing`: the name is of no further use. */
static bool send_look_up(struct aldb_session *s, struct asked *a, const char *name, bool passing)
{
    char text[192];
    (void)snprintf(text, sizeof text, "SELECT parameter_types::pg_catalog.oid[] FROM pg_catalog.pg_prepared_statements"
                                      " WHERE name OPERATOR(pg_catalog.=) '%s'", name);
    if (!wire_text(s, text, asked_on, a)) {
        return false;
    }
    (void)snprintf(text, sizeof text, "DEALLOCATE %s", name);
    return !passing || wire_text(s, text, asked_on, a);
}

/* Parse and what describes it, up to no Sync. */
static bool send_question(struct aldb_session *s, struct asked *a, const uint32_t *types)
{
    struct aldb_plan *p = a->plan;
    bool message = libpq_describes(p->nparams);
    char passing[64] = "";
    if (!message && p->server_name[0] == '\0') {
        (void)snprintf(passing, sizeof passing, "%st%llu", s->prefix, (unsigned long long)++s->next_name);
    }
    const char *name = passing[0] ? passing : p->server_name;
    if (!PQsendPrepare(s->conn, name, p->sql, types ? (int)p->nparams : 0, (const Oid *)types)) {
        session_die(s, PQerrorMessage(s->conn));
        return false;
    }
    bool ok = wire_expect(s, OP_PARSE, false, HK_COUNT, asked_on, a);
    return ok && (message ? send_describe(s, a, name) : send_look_up(s, a, name, passing[0] != '\0'));
}

/* Parse and Describe with these types. In a transaction between a savepoint and the way back to it, so that failing harms nothing; all in one round trip. */
static enum aldb_rc ask(struct aldb_session *s, struct asked *a, const uint32_t *types, struct aldb_exec *e, const struct aldb_wait *wait,
                        struct aldb_diag *diag)
{
    bool in_txn = aldb_session_txn(s) == ALDB_TXN_OPEN;
    *a = (struct asked){.plan = a->plan};
    int64_t begun = aldb_now_ms();
    SESSION_LOG(ALDB_LOG_DEBUG, s, "describe %s%s", a->plan->server_name[0] ? "plan " : "without a name", a->plan->server_name);
    if (types) {
        memcpy(a->plan->given, types, a->plan->nparams * sizeof *types);
    }
    bool ok = wire_ready(s, e) && bury(s);
    if (in_txn) {
        ok = ok && wire_housekeeping(s, HK_SAVE, asked_error_on, a) && wire_sync(s, asked_error_on, a);
    }
    ok = ok && send_question(s, a, types);
    ok = ok && wire_sync(s, in_txn ? asked_error_on : asked_on, a);
    if (in_txn) {
        ok = ok && wire_housekeeping(s, HK_BACK, asked_error_on, a) && wire_housekeeping(s, HK_RELEASE, asked_error_on, a) &&
             wire_sync(s, asked_on, a);
    }
    enum aldb_rc rc = ok ? unit_finish(s, &a->u, wait, diag) : session_post_dead(s, diag);
    int64_t took = aldb_now_ms() - begun;
    s->ask_ms = s->asked++ == 0 || took < s->ask_ms ? took : s->ask_ms;
    wire_nobody(s);
    if (rc != ALDB_ERR && a->no_memory) {
        rc = aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    }
    return rc;
}

bool plan_is_dear(const struct aldb_session *s)
{
    return s->asked >= ASKED_MIN && s->ask_ms >= DEAR_MS;
}

static bool is_datetime(uint32_t oid)
{
    return oid == ALDB_OID_DATE || oid == ALDB_OID_TIME || oid == ALDB_OID_TIMETZ || oid == ALDB_OID_TIMESTAMP || oid == ALDB_OID_TIMESTAMPTZ;
}

/* The server guessed without knowing better: text, to which everything falls back, or (date - $1 being a difference of dates) a date for a number. */
static bool poor_guess(uint32_t guessed, uint32_t declared)
{
    return declared != 0 && (guessed == ALDB_OID_TEXT || (is_datetime(guessed) && !is_datetime(declared)));
}

/* 42P18 names the parameter that the server knows nothing of, in every language as $n. Its number from 0; UINT32_MAX: it is another error. */
static uint32_t undetermined(const PGresult *error)
{
    const char *message = error ? PQresultErrorField(error, PG_DIAG_MESSAGE_PRIMARY) : NULL;
    const char *sign = message && strcmp(result_state(error), "42P18") == 0 ? strrchr(message, '$') : NULL;
    uint32_t n = 0;
    for (const char *p = sign ? sign + 1 : ""; aldb_is_digit(*p) && n < UINT16_MAX; p++) {
        n = n * 10 + (uint32_t)(*p - '0');
    }
    return n - 1;
}

/* A function of any type asks what its arguments are: characters of unknown type are no answer. */
static bool is_polymorphic(const PGresult *error)
{
    const char *routine = error ? PQresultErrorField(error, PG_DIAG_SOURCE_FUNCTION) : NULL;
    return routine && strcmp(routine, "enforce_generic_type_consistency") == 0;
}

static bool declare(const struct aldb_plan_request *req, uint32_t i, uint32_t otherwise, uint32_t *types)
{
    uint32_t oid = req->declared && req->declared[i] ? req->declared[i] : otherwise;
    bool changed = types[i] == 0 && oid != 0;
    types[i] = changed ? oid : types[i];
    return changed;
}

/*
 * Declares no more than the last answer asks for: what the server guessed poorly, the one parameter that it could not determine (characters, if
 * nothing was declared), or after any other error that types may cure all that are declared (and of polymorphic functions the characters too, as text).
 * False: there is nothing more to try.
 */
static bool more_types(const struct asked *a, const struct aldb_plan_request *req, uint32_t *types)
{
    static const char *const curable[] = {"42725", "42883", "42804"};
    bool changed = false;
    uint32_t unknown = a->described ? UINT32_MAX : undetermined(a->u.error);
    if (unknown < req->nparams) {
        return declare(req, unknown, ALDB_OID_VARCHAR, types);
    }
    bool all = false;
    for (size_t i = 0; !a->described && i < ALDB_COUNT(curable); i++) {
        all |= strcmp(result_state(a->u.error), curable[i]) == 0;
    }
    uint32_t otherwise = !a->described && is_polymorphic(a->u.error) ? ALDB_OID_TEXT : 0;
    for (uint32_t i = 0; req->declared && i < req->nparams; i++) {
        if (all || (a->described && poor_guess(a->plan->param_oids[i], req->declared[i]))) {
            changed |= declare(req, i, otherwise, types);
        }
    }
    return changed;
}

static void name_plan(struct aldb_session *s, struct aldb_plan *p, bool named)
{
    if (named && !s->pooled && s->options.server_prepare) {
        (void)snprintf(p->server_name, sizeof p->server_name, "%sp%llu", s->prefix, (unsigned long long)++s->next_name);
    }
}

static void asked_clear(struct asked *a)
{
    if (a->plan && !a->described) {
        a->plan->server_name[0] = '\0';
    }
    aldb_plan_release(a->plan);
    unit_clear(&a->u);
    *a = (struct asked){0};
}

/* Tries with declared types replace the first when one succeeds; else the first stands, with its error if it had one. */
static enum aldb_rc try_declared(struct aldb_session *s, const struct aldb_plan_request *req, bool named, struct asked *first,
                                 const struct aldb_wait *wait, struct aldb_diag *diag)
{
    uint32_t *types = copy_oids(req->force, req->nparams);
    struct asked next = {0};
    enum aldb_rc rc = types ? ALDB_OK : aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    bool more = types && more_types(first, req, types);
    while (more && rc != ALDB_ERR) {
        asked_clear(&next);
        next.plan = plan_new(s, req);
        if (next.plan == NULL) {
            rc = aldb_diag_post(diag, ALDB_ST_HY001, NULL);
            break;
        }
        name_plan(s, next.plan, named);
        rc = ask(s, &next, types, req->exec, wait, diag);
        more = !next.described && more_types(&next, req, types);
    }
    if (rc != ALDB_ERR && next.described) {
        asked_clear(first);
        *first = next;
        next = (struct asked){0};
    }
    asked_clear(&next);
    aldb_free(types);
    return rc;
}

enum aldb_rc plan_get_held(struct aldb_session *s, const struct aldb_plan_request *req, bool named, const struct aldb_wait *wait,
                           struct aldb_plan **out, struct aldb_diag *diag)
{
    struct asked a = {0};
    struct aldb_buf key;
    enum aldb_rc rc;
    make_key(&key, s, req);
    if (!aldb_buf_ok(&key)) {
        rc = aldb_diag_post(diag, ALDB_ST_HY001, NULL);
        goto out;
    }
    struct aldb_plan *known = cache_find(s, &key);
    if (known && (!named || known->server_name[0] || s->pooled || !s->options.server_prepare)) {
        *out = known;
        rc = ALDB_OK;
        goto out;
    }
    aldb_plan_release(known);
    a.plan = plan_new(s, req);
    if (a.plan == NULL) {
        rc = aldb_diag_post(diag, ALDB_ST_HY001, NULL);
        goto out;
    }
    if (named) {
        /* A name left behind on a pooler's connection would stay there. */
        ALDB_TRY(session_know_pooler(s, wait, diag));
    }
    name_plan(s, a.plan, named);
    ALDB_TRY(ask(s, &a, req->force, req->exec, wait, diag));
    ALDB_TRY(try_declared(s, req, named, &a, wait, diag));
    if (!a.described) {
        struct aldb_server_context ctx = {.moment = ALDB_AT_STATEMENT, .own_cancel = req->exec && atomic_load(&req->exec->cancel_requested)};
        a.plan->server_name[0] = '\0';
        rc = a.u.error ? post_result_error(s, a.u.error, &ctx, diag)
                       : aldb_diag_post(diag, ALDB_ST_HY000, "The server gave no description of the statement");
        goto out;
    }
    if (req->sql.len <= PLAN_TEXT_MAX && (a.plan->server_name[0] || s->pooled || !s->options.server_prepare)) {
        cache_add(s, &key, a.plan);
    }
    *out = a.plan;
    a.plan = NULL;
    rc = ALDB_OK;
out:
    aldb_plan_release(a.plan);
    unit_clear(&a.u);
    aldb_buf_clear(&key);
    return rc;
}

enum aldb_rc plan_own(struct aldb_session *s, struct aldb_slice sql, uint32_t nparams, bool make, struct aldb_plan **out, struct aldb_diag *diag)
{
    struct aldb_plan_request req = {.sql = sql, .nparams = nparams};
    struct aldb_buf key;
    make_key(&key, s, &req);
    aldb_buf_add_char(&key, 'o'); /* an application's plan of the same text tells of itself, this one does not */
    bool ok = aldb_buf_ok(&key);
    struct aldb_plan *p = ok ? cache_find(s, &key) : NULL;
    if (ok && make && p == NULL) {
        p = plan_new(s, &req);
        ok = p != NULL;
        if (ok) {
            p->own = p->undescribed = p->unparsed = true;
            name_plan(s, p, true);
            cache_add(s, &key, p);
        }
    }
    aldb_buf_clear(&key);
    if (!ok) {
        return aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    }
    *out = p;
    return p ? ALDB_OK : ALDB_NO_DATA;
}

static enum aldb_rc get_entered(struct aldb_session *s, const struct aldb_plan_request *req, const struct aldb_wait *wait, struct aldb_plan **out,
                                struct aldb_diag *diag)
{
    /* A text known already needs neither the wire nor anyone's rows moved. */
    struct aldb_plan *known = plan_known(s, req);
    if (known) {
        *out = known;
        return ALDB_OK;
    }
    enum aldb_rc rc = wire_acquire(s, req->exec, wait, diag);
    if (rc != ALDB_ERR) {
        rc = plan_get_held(s, req, true, wait, out, diag);
        rc = session_notices(s, rc, diag);
    }
    return rc;
}

enum aldb_rc aldb_plan_get(struct aldb_session *s, const struct aldb_plan_request *req, const struct aldb_wait *wait, struct aldb_plan **out,
                           struct aldb_diag *diag)
{
    if (req->exec) {
        atomic_store(&req->exec->cancel_requested, false);
        atomic_store(&req->exec->session, s);
        atomic_store(&req->exec->waiting, true);
    }
    enum aldb_rc rc = session_enter(s, req->exec, wait, diag);
    if (rc == ALDB_OK) {
        rc = get_entered(s, req, wait, out, diag);
        session_leave(s);
    }
    if (req->exec) {
        atomic_store(&req->exec->waiting, false);
        atomic_store(&req->exec->session, NULL);
    }
    return rc;
}

void aldb_plan_forget(struct aldb_session *s, struct aldb_plan *p)
{
    struct aldb_diag unheard;
    aldb_diag_init(&unheard);
    if (session_enter(s, NULL, NULL, &unheard) == ALDB_OK) {
        if (p) {
            plan_forget(s, p);
        } else {
            plans_forget(s, true);
        }
        session_leave(s);
    }
    aldb_diag_clear(&unheard);
}
