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

static bool copy_out(void *out, const void *result)
{
    return aldb_token_copy(out, result);
}

static void drop(void *result)
{
    aldb_token_clear(result);
    aldb_free(result);
}

static const struct aldb_flight_cargo cargo = {.copy = copy_out, .drop = drop};

/* NULL: out of memory. */
static struct aldb_token *copy_new(const struct aldb_token *t)
{
    struct aldb_token *copy = aldb_alloc(sizeof *copy);
    if (copy && !aldb_token_copy(copy, t)) {
        aldb_free(copy);
        copy = NULL;
    }
    return copy;
}

/* Under the lock. ALDB_NO_DATA: look again. */
static enum aldb_rc wait_for(struct aldb_flight *f, const char *who, const struct aldb_call *call, struct aldb_token *out, struct aldb_diag *diag)
{
    enum aldb_rc rc = aldb_flight_join(f, call, out, diag);
    if (rc != ALDB_EXECUTING) {
        return rc;
    }
    return aldb_call_stopped(call)
               ? aldb_diag_post(diag, ALDB_ST_HY008, "%s: the call was cancelled while another connection was asking for an access token", who)
               : aldb_diag_post(diag, ALDB_ST_HYT00, "%s: the access token that another connection was asking for did not come within the time allowed", who);
}

/* Under the lock; lets go of it while fetching. */
static enum aldb_rc fetch_it(struct aldb_token_cache *c, aldb_token_fetch *fetch, void *ctx, const char *who, const struct aldb_call *call,
                             struct aldb_token *out, struct aldb_diag *diag)
{
    struct aldb_flight *f = aldb_flight_begin(&c->flight, &cargo);
    if (f == NULL) {
        return aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    }
    struct aldb_token got = {0};
    struct aldb_diag said;
    aldb_diag_init(&said);
    struct aldb_call within = *call;
    if (aldb_token_usable(&c->token)) {
        within.deadline = aldb_deadline_half(call->deadline, ALDB_TOKEN_RENEW_MS);
    }
    aldb_google_unlock();
    enum aldb_rc rc = fetch(ctx, &within, &got, &said);
    bool gave_up = rc == ALDB_ERR && (aldb_call_stopped(call) || aldb_deadline_over(call->deadline));
    aldb_google_lock();
    c->quiet_until = 0;
    bool renewed = true;
    if (rc != ALDB_ERR) {
        got.serial = ++c->serial;
        struct aldb_token *told = copy_new(&got);
        if (told && aldb_token_copy(out, &got)) {
            aldb_token_clear(&c->token);
            c->token = got;
            aldb_flight_land(f, told);
        } else {
            if (told) {
                drop(told);
            }
            aldb_token_clear(&got);
            rc = aldb_diag_post(&said, ALDB_ST_HY001, NULL);
        }
    }
    if (rc == ALDB_ERR) {
        if (!gave_up && aldb_token_usable(&c->token) && aldb_token_copy(out, &c->token)) {
            rc = ALDB_OK;
            renewed = false;
            c->quiet_until = aldb_now_ms() + ALDB_TOKEN_RENEW_MS;
        }
        aldb_flight_fail(f, gave_up || aldb_deadline_over(within.deadline), &said);
    }
    if (!renewed) {
        aldb_google_unlock();
        ALDB_LOG(ALDB_LOG_WARNING, ALDB_LOG_GOOGLE, "%s: the access token could not be renewed, and is used to its end: %s", who,
                 aldb_diag_first_message(&said));
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
        aldb_flight_forget(&c->flight);
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
    aldb_flight_forget(&c->flight); /* there can be none but a parent's: nobody is inside */
    aldb_token_clear(&c->token);
    *c = (struct aldb_token_cache){.serial = c->serial};
    aldb_google_unlock();
}
