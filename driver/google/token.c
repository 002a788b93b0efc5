/* SPDX-License-Identifier: Apache-2.0 */
#include "google/token.h"

#include "base/alloc.h"
#include "log/log.h"

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

/* One fetch under way, and what became of it. Lives until the last who waited has looked. */
struct aldb_flight {
    unsigned refs; /* the fetching thread and those that wait */
    uint64_t generation;
    enum { UNDER_WAY, LANDED, FAILED, GIVEN_UP } state;
    struct aldb_token token; /* LANDED */
    struct aldb_diag diag;   /* FAILED */
};

static struct aldb_flight *flight_new(void)
{
    struct aldb_flight *f = aldb_alloc(sizeof *f);
    if (f) {
        f->refs = 1;
        f->generation = aldb_google_generation();
        aldb_diag_init(&f->diag);
    }
    return f;
}

static void flight_free(struct aldb_flight *f)
{
    aldb_token_clear(&f->token);
    aldb_diag_clear(&f->diag);
    aldb_free(f);
}

static void flight_leave(struct aldb_flight *f)
{
    if (--f->refs == 0) {
        flight_free(f);
    }
}

/* Under the lock. ALDB_NO_DATA: the fetching thread gave up, look again. */
static enum aldb_rc wait_for(struct aldb_flight *f, const char *who, const struct aldb_call *call, struct aldb_token *out, struct aldb_diag *diag)
{
    enum aldb_rc rc = ALDB_OK;
    f->refs++;
    while (f->state == UNDER_WAY && !aldb_call_stopped(call) && !aldb_deadline_over(call->deadline)) {
        aldb_google_wait(call->deadline, call->stop != NULL);
    }
    switch (f->state) {
    case LANDED:
        if (!aldb_token_copy(out, &f->token)) {
            rc = aldb_diag_post(diag, ALDB_ST_HY001, NULL);
        }
        break;
    case FAILED:
        aldb_diag_copy(diag, &f->diag);
        rc = ALDB_ERR;
        break;
    case GIVEN_UP:
        rc = ALDB_NO_DATA;
        break;
    default:
        rc = aldb_call_stopped(call)
                 ? aldb_diag_post(diag, ALDB_ST_HY008, "%s: the call was cancelled while another connection was asking for an access token", who)
                 : aldb_diag_post(diag, ALDB_ST_HYT00, "%s: the access token that another connection was asking for did not come within the time allowed", who);
        break;
    }
    flight_leave(f);
    return rc;
}

/* Under the lock; lets go of it while fetching. */
static enum aldb_rc fetch_it(struct aldb_token_cache *c, aldb_token_fetch *fetch, void *ctx, const char *who, const struct aldb_call *call,
                             struct aldb_token *out, struct aldb_diag *diag)
{
    struct aldb_flight *f = flight_new();
    if (f == NULL) {
        return aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    }
    struct aldb_token got = {0};
    struct aldb_diag said;
    aldb_diag_init(&said);
    struct aldb_call within = *call;
    if (aldb_token_usable(&c->token)) {
        within.deadline = aldb_deadline_sooner(call->deadline, aldb_deadline_in_ms(ALDB_TOKEN_RENEW_MS));
    }
    c->flight = f;
    aldb_google_unlock();
    enum aldb_rc rc = fetch(ctx, &within, &got, &said);
    bool gave_up = rc == ALDB_ERR && (aldb_call_stopped(call) || aldb_deadline_over(call->deadline));
    aldb_google_lock();
    c->flight = NULL;
    c->quiet_until = 0;
    bool renewed = true;
    if (rc != ALDB_ERR) {
        got.serial = ++c->serial;
        if (aldb_token_copy(&f->token, &got) && aldb_token_copy(out, &got)) {
            f->state = LANDED;
            aldb_token_clear(&c->token);
            c->token = got;
        } else {
            aldb_token_clear(&got);
            rc = aldb_diag_post(&said, ALDB_ST_HY001, NULL);
        }
    }
    if (rc == ALDB_ERR) {
        f->state = gave_up || aldb_deadline_over(within.deadline) ? GIVEN_UP : FAILED;
        aldb_diag_copy(&f->diag, &said);
        if (!gave_up && aldb_token_usable(&c->token) && aldb_token_copy(out, &c->token)) {
            rc = ALDB_OK;
            renewed = false;
            c->quiet_until = aldb_now_ms() + ALDB_TOKEN_RENEW_MS;
        }
    }
    aldb_google_wake();
    flight_leave(f);
    if (!renewed) {
        aldb_google_unlock();
        ALDB_LOG(ALDB_LOG_WARNING, ALDB_LOG_GOOGLE, "%s: the access token could not be renewed, and is used to its end: %s", who,
                 aldb_diag_count(&said) ? aldb_diag_message(aldb_diag_get(&said, 1)) : "out of memory");
        aldb_google_lock();
    } else {
        aldb_diag_move(diag, &said);
    }
    aldb_diag_clear(&said);
    return rc;
}

enum aldb_rc aldb_token_cache_get(struct aldb_token_cache *c, aldb_token_fetch *fetch, void *ctx, const char *who, const struct aldb_call *call,
                                  struct aldb_token *out, struct aldb_diag *diag)
{
    enum aldb_rc rc;
    aldb_google_lock();
    do {
        if (c->flight && c->flight->generation != aldb_google_generation()) {
            flight_free(c->flight); /* who fetched and who waited live in the parent */
            c->flight = NULL;
        }
        bool renewing = c->flight || aldb_now_ms() < c->quiet_until;
        if (aldb_token_fresh(&c->token) || (renewing && aldb_token_usable(&c->token))) {
            rc = aldb_token_copy(out, &c->token) ? ALDB_OK : aldb_diag_post(diag, ALDB_ST_HY001, NULL);
        } else if (c->flight) {
            rc = wait_for(c->flight, who, call, out, diag);
        } else {
            rc = fetch_it(c, fetch, ctx, who, call, out, diag);
        }
    } while (rc == ALDB_NO_DATA);
    aldb_google_unlock();
    return rc;
}

void aldb_token_cache_reject(struct aldb_token_cache *c, uint64_t serial)
{
    aldb_google_lock();
    if (c->token.serial == serial) {
        aldb_token_clear(&c->token);
    }
    aldb_google_unlock();
}

void aldb_token_cache_clear(struct aldb_token_cache *c)
{
    aldb_google_lock();
    if (c->flight) { /* of a parent: here nobody is inside */
        flight_free(c->flight);
    }
    aldb_token_clear(&c->token);
    *c = (struct aldb_token_cache){.serial = c->serial};
    aldb_google_unlock();
}
