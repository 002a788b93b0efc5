/* SPDX-License-Identifier: Apache-2.0 */
#include "connector/cache.h"

#include <string.h>

#include "base/alloc.h"
#include "connector/key.h"
#include "connector/renewer.h"
#include "google/flight.h"
#include "log/log.h"

#define RENEW_MS 60000   /* what a renewal in the background may take */
#define NEXT_LOOK_MS 60000 /* how long the background sleeps at most: a machine that was suspended has lost more of a certificate's life than of its sleep */
#define BUSY_LOOK_MS 1000 /* while another thread asks: nobody tells of the end */
#define HOUR_MS 3600000

/* What the background asks the API with. */
struct held {
    unsigned refs;
    struct aldb_instance instance;
    struct aldb_credentials *credentials;
    char *endpoint;
};

/* All under google/'s lock, but for the key. */
struct aldb_cache_entry {
    struct aldb_cache_entry *next;
    unsigned refs;
    char *key;
    char *what; /* for messages: "the certificate of URI" */
    struct aldb_credentials *credentials; /* with their tokens, for whoever comes next */
    struct aldb_flight_place place; /* of a struct aldb_connection_info */
    uint64_t suspect;    /* serial of the info that did not work; 0: none */
    int64_t forced_at;   /* the limit's bucket: when it was last looked at, and what was in it */
    int64_t forced_ms;
    int64_t used_at;
    size_t holders;
    struct held *held; /* NULL: nobody holds it */
};

static struct aldb_cache_entry *entries;

static struct aldb_connection_info *info_of(const struct aldb_cache_entry *e)
{
    return e->place.kept;
}

static bool usable(const void *thing)
{
    return thing && aldb_connection_info_left_ms(thing) > 0;
}

/* ------------------------------------------------------------------ entries */

static char *make_key(const struct aldb_admin_request *r)
{
    struct aldb_buf b;
    const char *quota = aldb_credentials_quota_project(r->credentials);
    char *base = aldb_admin_base(r);
    aldb_buf_init(&b, ALDB_MAX_CONNSTR);
    /* None of the parts holds a line feed. */
    aldb_buf_addf(&b, "%s\n%s\n%s\n%s\n%s", r->instance->uri, aldb_credentials_identity(r->credentials), base ? base : "", quota ? quota : "",
                  aldb_credentials_universe(r->credentials));
    char *key = base && aldb_buf_ok(&b) ? aldb_buf_take(&b) : NULL;
    aldb_buf_clear(&b);
    aldb_free(base);
    return key;
}

static char *make_what(const struct aldb_admin_request *r)
{
    struct aldb_buf b;
    aldb_buf_init(&b, ALDB_MAX_NAME);
    aldb_buf_addf(&b, "the certificate of %s", r->instance->uri);
    char *what = aldb_buf_ok(&b) ? aldb_buf_take(&b) : NULL;
    aldb_buf_clear(&b);
    return what;
}

/* Nobody has it, outside the lock. */
static void entry_free(struct aldb_cache_entry *e)
{
    if (e) {
        aldb_connection_info_unref(info_of(e));
        aldb_credentials_unref(e->credentials);
        aldb_free(e->key);
        aldb_free(e->what);
        aldb_free(e);
    }
}

/* Under the lock: cuts off one that nobody uses, whose certificate has ended, or that was used longest ago when there are more than are kept. */
static struct aldb_cache_entry *cut_one(void)
{
    struct aldb_cache_entry **oldest = NULL, **ended = NULL;
    size_t unused = 0;
    for (struct aldb_cache_entry **at = &entries; *at; at = &(*at)->next) {
        if ((*at)->refs == 0) {
            unused++;
            oldest = oldest == NULL || (*at)->used_at < (*oldest)->used_at ? at : oldest;
            ended = info_of(*at) && !usable(info_of(*at)) ? at : ended;
        }
    }
    struct aldb_cache_entry **cut = ended ? ended : unused > ALDB_CACHE_MAX ? oldest : NULL;
    struct aldb_cache_entry *e = cut ? *cut : NULL;
    if (e) {
        *cut = e->next;
    }
    return e;
}

static struct aldb_cache_entry *find(const char *key)
{
    struct aldb_cache_entry *e = entries;
    while (e && strcmp(e->key, key) != 0) {
        e = e->next;
    }
    return e;
}

enum aldb_rc aldb_cache_open(const struct aldb_admin_request *r, struct aldb_cache_entry **out, struct aldb_diag *diag)
{
    struct aldb_cache_entry *made = aldb_alloc(sizeof *made);
    if (made) {
        made->key = make_key(r);
        made->what = make_what(r);
        made->credentials = aldb_credentials_ref(r->credentials);
        made->forced_at = aldb_now_ms();
        made->forced_ms = ALDB_INFO_FORCED_BURST * ALDB_INFO_FORCED_MS;
    }
    if (made == NULL || made->key == NULL || made->what == NULL) {
        entry_free(made);
        return aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    }
    aldb_google_lock();
    struct aldb_cache_entry *e = find(made->key);
    if (e == NULL) {
        e = made;
        made = NULL;
        e->next = entries;
        entries = e;
    }
    e->refs++;
    aldb_google_unlock();
    entry_free(made);
    *out = e;
    return ALDB_OK;
}

void aldb_cache_close(struct aldb_cache_entry *e)
{
    if (e == NULL) {
        return;
    }
    aldb_google_lock();
    if (e->refs == 1) { /* the last user, as far as can be seen */
        aldb_google_unlock();
        aldb_http_rest(aldb_credentials_http(e->credentials));
        aldb_google_lock();
    }
    e->refs--;
    e->used_at = aldb_now_ms();
    struct aldb_cache_entry *old = cut_one();
    aldb_google_unlock();
    while (old) {
        entry_free(old);
        aldb_google_lock();
        old = cut_one();
        aldb_google_unlock();
    }
}

/* ------------------------------------------------------------------ one request for all */

static void *again(void *thing)
{
    struct aldb_connection_info *i = thing;
    i->refs++;
    return i;
}

static void drop(void *thing)
{
    aldb_connection_info_unref(thing);
}

static const struct aldb_cargo cargo = {.usable = usable, .again = again, .drop = drop};

static enum aldb_rc ask(void *ctx, const struct aldb_call *call, void **out, struct aldb_diag *diag)
{
    const struct aldb_admin_request *r = ctx;
    struct aldb_connection_facts facts = {0};
    struct aldb_connection_info *i = NULL;
    struct aldb_buf pem, who;
    EVP_PKEY *key = NULL;
    enum aldb_rc rc;
    aldb_buf_init(&pem, ALDB_MAX_NAME);
    aldb_buf_init(&who, ALDB_MAX_NAME);
    aldb_buf_addf(&who, "AlloyDB Admin API: the certificate for %s", r->instance->uri);
    aldb_trail_begin(call->trail, "key");
    ALDB_TRY(aldb_client_key_get(call, &key, diag));
    aldb_trail_end(call->trail, "RSA, of this process alone");
    if (!aldb_client_key_write_public(key, &pem) || !aldb_buf_ok(&who)) {
        rc = aldb_diag_post(diag, ALDB_ST_HY001, NULL);
        goto out;
    }
    ALDB_TRY(aldb_admin_ask(r, aldb_buf_cstr(&pem), call, &facts, diag));
    if (aldb_connection_info_new(&facts, key, aldb_buf_cstr(&who), &i, diag) == ALDB_ERR) {
        aldb_admin_doubt(diag);
        rc = ALDB_ERR;
        goto out;
    }
    int64_t left = aldb_connection_info_left_ms(i);
    i->renew_left_ms = left >= HOUR_MS ? left / 2 : ALDB_INFO_MARGIN_S * 1000;
    *out = i;
    ALDB_LOG(ALDB_LOG_INFO, ALDB_LOG_CONNECTOR, "%s: the certificate is good for %lld seconds", r->instance->uri, (long long)(left / 1000));
out:
    aldb_connection_facts_clear(&facts);
    aldb_buf_clear(&pem);
    aldb_buf_clear(&who);
    EVP_PKEY_free(key);
    return rc;
}

/* ------------------------------------------------------------------ what is good now */

static bool near_end(const struct aldb_connection_info *i)
{
    return aldb_connection_info_left_ms(i) <= ALDB_INFO_MARGIN_S * 1000;
}

/* Milliseconds until the limit allows a renewal. */
static int64_t until_forced(struct aldb_cache_entry *e)
{
    int64_t now = aldb_now_ms();
    int64_t full = ALDB_INFO_FORCED_BURST * ALDB_INFO_FORCED_MS;
    e->forced_ms += now - e->forced_at;
    e->forced_ms = e->forced_ms < full ? e->forced_ms : full;
    e->forced_at = now;
    return e->forced_ms < ALDB_INFO_FORCED_MS ? ALDB_INFO_FORCED_MS - e->forced_ms : 0;
}

static bool take_forced(struct aldb_cache_entry *e)
{
    if (until_forced(e) > 0) {
        return false;
    }
    e->forced_ms -= ALDB_INFO_FORCED_MS;
    return true;
}

/* Under the lock, which it lets go of while asking. */
static enum aldb_rc take(struct aldb_cache_entry *e, const struct aldb_admin_request *r, const struct aldb_call *call, int64_t renew_ms, void **out, bool *kept,
                         struct aldb_diag *diag)
{
    struct aldb_flight_plan plan = {.cargo = &cargo, .fetch = ask, .ctx = (void *)r, .who = "AlloyDB Admin API", .what = e->what,
                                    .component = ALDB_LOG_CONNECTOR, .renew_ms = renew_ms, .quiet_ms = ALDB_INFO_RENEW_MS};
    return aldb_flight_take(&e->place, &plan, call, out, kept, diag);
}

/* In a forked child: locks inside of what TLS needs may belong to threads of the parent, so it is made again. Under the lock, which it lets go of. */
static enum aldb_rc adopt(struct aldb_cache_entry *e, const struct aldb_call *call, struct aldb_diag *diag)
{
    struct aldb_connection_info *theirs = info_of(e);
    theirs->refs++;
    aldb_google_unlock();
    struct aldb_connection_facts facts = {.asked = theirs->facts.asked, .date = theirs->facts.date};
    struct aldb_connection_info *own = NULL;
    EVP_PKEY *key = NULL;
    enum aldb_rc rc = aldb_client_key_get(call, &key, diag);
    bool copied = true;
    for (size_t i = 0; rc == ALDB_OK && i < ALDB_ADDRESS_TYPES; i++) {
        facts.address[i] = aldb_strdup(theirs->facts.address[i]);
        copied = copied && (facts.address[i] || theirs->facts.address[i] == NULL);
    }
    facts.chain = aldb_strdup(theirs->facts.chain);
    facts.authority = aldb_strdup(theirs->facts.authority);
    if (rc == ALDB_OK && !(copied && facts.chain && facts.authority)) {
        rc = aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    }
    if (rc == ALDB_OK) {
        rc = aldb_connection_info_new(&facts, key, e->what, &own, diag);
    }
    aldb_connection_facts_clear(&facts);
    EVP_PKEY_free(key);
    aldb_google_lock();
    struct aldb_connection_info *unused = own;
    if (own && info_of(e) == theirs) {
        own->renew_left_ms = theirs->renew_left_ms;
        e->place.kept = own;
        unused = NULL;
        theirs->refs--; /* the entry's; ours keeps it for the moment */
    }
    aldb_google_unlock();
    aldb_connection_info_unref(unused);
    aldb_connection_info_unref(theirs);
    aldb_google_lock();
    return rc;
}

static bool foreign(const struct aldb_cache_entry *e)
{
    return info_of(e) && info_of(e)->generation != aldb_google_generation();
}

enum aldb_rc aldb_cache_get(struct aldb_cache_entry *e, const struct aldb_admin_request *r, const struct aldb_call *call,
                            struct aldb_connection_info **out, bool *cached, struct aldb_diag *diag)
{
    enum aldb_rc rc = ALDB_OK;
    void *got = NULL;
    *cached = false;
    aldb_google_lock();
    do {
        aldb_flight_forget(&e->place);
        while (rc != ALDB_ERR && foreign(e)) {
            rc = adopt(e, call, diag);
        }
        if (rc == ALDB_ERR) {
            break;
        }
        const struct aldb_connection_info *i = info_of(e);
        bool works = usable(i);
        bool suspect = works && i->serial == e->suspect;
        bool renewing = e->place.flight != NULL || aldb_now_ms() < e->place.quiet_until;
        if (works && (suspect ? e->place.flight == NULL && (renewing || !take_forced(e)) : renewing || !near_end(i))) {
            got = again(e->place.kept);
            *cached = true;
            rc = ALDB_OK;
        } else {
            rc = take(e, r, call, ALDB_INFO_RENEW_MS, &got, cached, diag);
        }
    } while (rc == ALDB_NO_DATA);
    aldb_google_unlock();
    if (rc != ALDB_ERR) {
        *out = got;
    }
    return rc;
}

void aldb_cache_suspect(struct aldb_cache_entry *e, const struct aldb_connection_info *i)
{
    aldb_google_lock();
    if (e->place.kept == i) {
        e->suspect = i->serial;
    }
    aldb_google_unlock();
}

/* ------------------------------------------------------------------ in the background */

static void held_leave(struct held *h)
{
    if (h == NULL) {
        return;
    }
    aldb_google_lock();
    bool last = --h->refs == 0;
    aldb_google_unlock();
    if (last) {
        aldb_instance_clear(&h->instance);
        aldb_credentials_unref(h->credentials);
        aldb_free(h->endpoint);
        aldb_free(h);
    }
}

static struct held *held_new(const struct aldb_admin_request *r)
{
    struct held *h = aldb_alloc(sizeof *h);
    if (h == NULL) {
        return NULL;
    }
    h->refs = 1;
    h->instance.uri = aldb_strdup(r->instance->uri);
    h->instance.cluster = aldb_strdup(r->instance->cluster);
    h->endpoint = aldb_strdup(r->endpoint);
    h->credentials = aldb_credentials_ref(r->credentials);
    if (h->instance.uri == NULL || h->instance.cluster == NULL || (r->endpoint && h->endpoint == NULL)) {
        held_leave(h);
        return NULL;
    }
    return h;
}

enum aldb_rc aldb_cache_hold(struct aldb_cache_entry *e, const struct aldb_admin_request *r, struct aldb_diag *diag)
{
    struct held *h = held_new(r);
    if (h == NULL) {
        return aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    }
    aldb_google_lock();
    if (e->held == NULL) {
        e->held = h;
        h = NULL;
    }
    e->holders++;
    aldb_google_unlock();
    held_leave(h);
    aldb_renewer_enter();
    return ALDB_OK;
}

void aldb_cache_release(struct aldb_cache_entry *e)
{
    struct held *h = NULL;
    aldb_google_lock();
    if (--e->holders == 0) {
        h = e->held;
        e->held = NULL;
    }
    aldb_google_unlock();
    aldb_renewer_leave(); /* before the last reference to credentials goes: the thread may be using them */
    held_leave(h);
}

/* Milliseconds until it is to be renewed; 0: now. */
static int64_t due_in(struct aldb_cache_entry *e)
{
    const struct aldb_connection_info *i = info_of(e);
    int64_t due = i ? aldb_connection_info_left_ms(i) - i->renew_left_ms : 0;
    int64_t allowed = until_forced(e);
    return due > allowed ? due : allowed;
}

int64_t aldb_cache_renew(const struct aldb_call *call)
{
    int64_t next = NEXT_LOOK_MS;
    struct aldb_cache_entry *e;
    aldb_google_lock();
    for (e = entries; e; e = e->next) {
        int64_t due = !e->held ? NEXT_LOOK_MS : e->place.flight ? BUSY_LOOK_MS : due_in(e);
        if (due <= 0 && take_forced(e)) {
            break;
        }
        next = due < next ? due : next;
    }
    if (e == NULL) {
        aldb_google_unlock();
        return next > 0 ? next : 1;
    }
    struct held *h = e->held;
    struct aldb_diag said;
    void *info = NULL;
    bool kept = false;
    e->refs++;
    h->refs++;
    aldb_diag_init(&said);
    struct aldb_admin_request r = {.instance = &h->instance, .credentials = h->credentials, .endpoint = h->endpoint};
    enum aldb_rc rc = take(e, &r, call, RENEW_MS, &info, &kept, &said);
    aldb_google_unlock();
    if (rc == ALDB_ERR) {
        ALDB_LOG(ALDB_LOG_WARNING, ALDB_LOG_CONNECTOR, "%s: there is no certificate, and the background could not get one: %s", h->instance.uri,
                 aldb_diag_first_message(&said));
    }
    aldb_connection_info_unref(info);
    aldb_diag_clear(&said);
    held_leave(h);
    aldb_cache_close(e);
    return 1;
}
