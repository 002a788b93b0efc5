/* SPDX-License-Identifier: Apache-2.0 */
#include "google/token.h"

#include <stdatomic.h>

#include "base/alloc.h"

const char *aldb_token_scope(enum aldb_token_use use)
{
    return use == ALDB_TOKEN_LOGIN ? "https://www.googleapis.com/auth/alloydb.login" : "https://www.googleapis.com/auth/cloud-platform";
}

struct aldb_moment aldb_moment_now(void)
{
    return (struct aldb_moment){.ms = aldb_now_ms(), .epoch = aldb_google_epoch()};
}

void aldb_token_live(struct aldb_token *t, struct aldb_moment asked, int64_t seconds)
{
    const int64_t most = INT64_C(366) * 86400; /* nobody gives more; keeps the sums from overflowing */
    seconds = seconds < 0 ? 0 : seconds > most ? most : seconds;
    int64_t margin = seconds > ALDB_TOKEN_MARGIN_S ? ALDB_TOKEN_MARGIN_S : seconds / 20;
    t->end_ms = asked.ms + seconds * 1000;
    t->end_epoch = asked.epoch + seconds;
    t->margin_ms = margin * 1000;
}

static bool has_left(const struct aldb_token *t, int64_t ms)
{
    if (t->value.value == NULL) {
        return false;
    }
    return t->end_ms == ALDB_TOKEN_NO_END || (aldb_now_ms() < t->end_ms - ms && aldb_google_epoch() < t->end_epoch - ms / 1000);
}

bool aldb_token_fresh(const struct aldb_token *t)
{
    return has_left(t, t->margin_ms);
}

bool aldb_token_usable(const struct aldb_token *t)
{
    return has_left(t, 0);
}

bool aldb_token_copy(struct aldb_token *to, const struct aldb_token *from)
{
    struct aldb_token copy = *from;
    copy.value.value = aldb_strdup(from->value.value);
    if (copy.value.value == NULL && from->value.value) {
        return false;
    }
    *to = copy;
    return true;
}

void aldb_token_clear(struct aldb_token *t)
{
    aldb_free_secret(t->value.value);
    *t = (struct aldb_token){0};
}

static bool usable(const void *thing)
{
    return aldb_token_usable(thing);
}

static void *again(void *thing)
{
    struct aldb_token *copy = aldb_alloc(sizeof *copy);
    if (copy && !aldb_token_copy(copy, thing)) {
        aldb_free(copy);
        copy = NULL;
    }
    return copy;
}

static void drop(void *thing)
{
    if (thing) {
        aldb_token_clear(thing);
        aldb_free(thing);
    }
}

static const struct aldb_cargo cargo = {.usable = usable, .again = again, .drop = drop};

struct fetcher {
    aldb_token_fetch *fetch;
    void *ctx;
};

static enum aldb_rc fetch_one(void *ctx, const struct aldb_call *call, void **out, struct aldb_diag *diag)
{
    static _Atomic uint64_t serial;
    const struct fetcher *f = ctx;
    struct aldb_token *t = aldb_alloc(sizeof *t);
    enum aldb_rc rc = t ? f->fetch(f->ctx, call, t, diag) : aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    if (rc == ALDB_ERR) {
        drop(t);
        return rc;
    }
    t->serial = atomic_fetch_add(&serial, 1) + 1;
    *out = t;
    return ALDB_OK;
}

enum aldb_rc aldb_token_cache_get(struct aldb_token_cache *c, aldb_token_fetch *fetch, void *ctx, const char *who, const struct aldb_call *call,
                                  struct aldb_token *out, struct aldb_diag *diag)
{
    struct fetcher fetcher = {fetch, ctx};
    struct aldb_flight_plan plan = {.cargo = &cargo, .fetch = fetch_one, .ctx = &fetcher, .who = who, .what = "the access token",
                                    .component = ALDB_LOG_GOOGLE, .renew_ms = ALDB_TOKEN_RENEW_MS, .quiet_ms = ALDB_TOKEN_RENEW_MS};
    enum aldb_rc rc;
    void *got = NULL;
    bool kept = false;
    aldb_google_lock();
    do {
        aldb_flight_forget(&c->place);
        const struct aldb_token *t = c->place.kept;
        bool renewing = c->place.flight || aldb_now_ms() < c->place.quiet_until;
        if (t && (aldb_token_fresh(t) || (renewing && aldb_token_usable(t)))) {
            got = again(c->place.kept);
            rc = got ? ALDB_OK : aldb_diag_post(diag, ALDB_ST_HY001, NULL);
        } else {
            rc = aldb_flight_take(&c->place, &plan, call, &got, &kept, diag);
        }
    } while (rc == ALDB_NO_DATA);
    aldb_google_unlock();
    if (rc != ALDB_ERR) {
        *out = *(struct aldb_token *)got;
        aldb_free(got);
    }
    return rc;
}

/* Empties the place of that token, or of any. */
static void empty(struct aldb_token_cache *c, const uint64_t *serial)
{
    void *old = NULL;
    aldb_google_lock();
    aldb_flight_forget(&c->place);
    if (c->place.kept && (serial == NULL || ((const struct aldb_token *)c->place.kept)->serial == *serial)) {
        old = c->place.kept;
        c->place.kept = NULL;
    }
    aldb_google_unlock();
    drop(old);
}

void aldb_token_cache_reject(struct aldb_token_cache *c, uint64_t serial)
{
    empty(c, &serial);
}

void aldb_token_cache_clear(struct aldb_token_cache *c)
{
    empty(c, NULL); /* there can be no flight but a parent's: nobody is inside */
    c->place.quiet_until = 0;
}
