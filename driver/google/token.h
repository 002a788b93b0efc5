/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Access tokens, how long they may be used, and the cache that fetches each of them once.
 *
 * A token's end is noted by two clocks, and the first that reaches it counts: the monotonic one, which nobody sets, and the machine's time, which goes on
 * while the machine sleeps. Lifetimes count from the moment before the request was sent.
 */
#ifndef ALDB_GOOGLE_TOKEN_H
#define ALDB_GOOGLE_TOKEN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/rc.h"
#include "base/secret.h"
#include "diag/diag.h"
#include "google/flight.h"
#include "google/room.h"

/* What a token is for. */
enum aldb_token_use {
    ALDB_TOKEN_API,   /* Google's APIs: scope cloud-platform */
    ALDB_TOKEN_LOGIN, /* the exchange and IAM login: scope alloydb.login, where the credentials can ask for it */
    ALDB_TOKEN_USES
};
const char *aldb_token_scope(enum aldb_token_use use); /* static */

#define ALDB_TOKEN_MARGIN_S 225 /* Google's connectors renew a token 3 minutes and 45 seconds before its end */
#define ALDB_TOKEN_RENEW_MS 10000
#define ALDB_TOKEN_NO_END INT64_MAX

struct aldb_token {
    struct aldb_secret value;
    int64_t end_ms;     /* CLOCK_MONOTONIC, milliseconds; ALDB_TOKEN_NO_END: not known */
    int64_t end_epoch;  /* CLOCK_REALTIME, seconds */
    int64_t margin_ms;  /* before the end, in which a new one is asked for */
    uint64_t serial;    /* another for each: aldb_token_cache_reject() */
};

/* Both clocks, read before asking for a token. */
struct aldb_moment {
    int64_t ms, epoch;
};
struct aldb_moment aldb_moment_now(void);
/*
 * A token asked for at `asked` lives `seconds`. One that is given with less than the margin left (the metadata server keeps its own cache) is used to
 * nearly its end: asking again would bring the same.
 */
void aldb_token_live(struct aldb_token *t, struct aldb_moment asked, int64_t seconds);
bool aldb_token_fresh(const struct aldb_token *t);  /* outside the margin */
bool aldb_token_usable(const struct aldb_token *t); /* before the end */
bool aldb_token_copy(struct aldb_token *to, const struct aldb_token *from) ALDB_MUSTCHECK; /* false: out of memory */
void aldb_token_clear(struct aldb_token *t); /* wipes; also for a zeroed one */

/* Zeroed is empty. Under the room's lock, which its functions take. */
struct aldb_token_cache {
    struct aldb_flight_place place; /* of a struct aldb_token */
};

/* Fetches a token: I/O; no lock is held. */
typedef enum aldb_rc aldb_token_fetch(void *ctx, const struct aldb_call *call, struct aldb_token *out, struct aldb_diag *diag);

/*
 * A token that is good now: the cached one while fresh, else one fetched, by one thread for all (flight.h); nothing of a failure is kept. While a usable token
 * is at hand nobody waits, and renewing it takes ALDB_TOKEN_RENEW_MS of one caller at most.
 * HYT00, HY008, HY001 and whatever fetch posts. *out is the caller's: aldb_token_clear().
 */
enum aldb_rc aldb_token_cache_get(struct aldb_token_cache *c, aldb_token_fetch *fetch, void *ctx, const char *who, const struct aldb_call *call,
                                  struct aldb_token *out, struct aldb_diag *diag) ALDB_MUSTCHECK;
/* Somebody refused this token: the next call fetches another. No effect if that was done meanwhile. */
void aldb_token_cache_reject(struct aldb_token_cache *c, uint64_t serial);
void aldb_token_cache_clear(struct aldb_token_cache *c); /* nobody may be inside */

#endif
