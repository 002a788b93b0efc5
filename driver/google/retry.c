/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tries of an HTTP request: Google's own constants, read from its libraries (google-api-core, google-auth), but for silence: they wait a minute or two for one
 * answer. Here a connection on which nothing comes back is given up sooner and another one is tried, so that the end of an outage is noticed.
 */
#include <sys/random.h>

#include "google/http.h"
#include "log/log.h"

#define SILENCE_MS 10000

static const int unavailable[] = {503, 0};
static const int transient[] = {500, 503, 504, 408, 429, 0};

/* A token endpoint may say that it is at fault itself under any status. */
static bool says_transient(const struct aldb_http_answer *a)
{
    static const char *const words[] = {"\"internal_failure\"", "\"server_error\"", "\"temporarily_unavailable\""};
    bool found = false;
    for (size_t i = 0; a->status >= 400 && i < ALDB_COUNT(words); i++) {
        found |= strstr(aldb_buf_cstr(&a->body), words[i]) != NULL;
    }
    return found;
}

const struct aldb_retry aldb_retry_api = {
    .statuses = unavailable, .try_ms = SILENCE_MS, .first_ms = 1000, .factor_percent = 130, .cap_ms = 60000, .overall_ms = 60000, .full_jitter = true};
const struct aldb_retry aldb_retry_token = {
    .statuses = transient, .also = says_transient, .tries = 3, .try_ms = SILENCE_MS, .first_ms = 1000, .factor_percent = 200, .cap_ms = 60000};
const struct aldb_retry aldb_retry_metadata = {
    .statuses = transient, .tries = 5, .unreached = true, .first_ms = 1000, .factor_percent = 200, .cap_ms = 60000};

static bool worth_it(const struct aldb_retry *retry, const struct aldb_http_answer *a)
{
    if (a->fault == ALDB_HTTP_UNREACHED) {
        return retry->unreached || (retry->try_ms && a->late);
    }
    if (a->fault != ALDB_HTTP_ANSWERED) {
        return false;
    }
    for (const int *s = retry->statuses; *s; s++) {
        if (a->status == *s) {
            return true;
        }
    }
    return retry->also && retry->also(a);
}

static int64_t jittered(const struct aldb_retry *retry, int64_t ms)
{
    uint32_t random;
    if (getrandom(&random, sizeof random, GRND_NONBLOCK) != (ssize_t)sizeof random) {
        random = UINT32_MAX / 2; /* every client then waits the same time: no harm to this one */
    }
    int64_t span = retry->full_jitter ? ms : ms / 5;
    return ms - (retry->full_jitter ? ms : ms / 10) + (int64_t)((uint64_t)span * random / UINT32_MAX);
}

void aldb_http_call(struct aldb_http *h, const struct aldb_http_request *r, const struct aldb_retry *retry, const struct aldb_call *call,
                    struct aldb_http_answer *answer)
{
    struct aldb_deadline overall = retry->overall_ms ? aldb_deadline_in_ms(retry->overall_ms) : aldb_deadline_none();
    int64_t wait = retry->first_ms;
    struct aldb_http_request one = *r;
    one.try_ms = r->try_ms ? r->try_ms : retry->try_ms;
    aldb_http_perform(h, &one, call, answer);
    for (unsigned tries = 1; worth_it(retry, answer) && (retry->tries == 0 || tries < retry->tries); tries++) {
        int64_t ms = jittered(retry, wait);
        /* Better the answer that is at hand than a wait that the deadline cuts short. */
        struct aldb_deadline after = aldb_deadline_in_ms(ms);
        if (after.at >= call->deadline.at || after.at >= overall.at || !aldb_call_sleep(call, ms)) {
            break;
        }
        one.try_ms = answer->late ? 2 * one.try_ms : one.try_ms;
        int64_t left = aldb_deadline_is_none(overall) ? INT64_MAX : overall.at - aldb_now_ms();
        one.try_ms = one.try_ms < left ? one.try_ms : left > 1 ? left : 1;
        aldb_http_answer_clear(answer);
        aldb_http_perform(h, &one, call, answer);
        wait = wait * retry->factor_percent / 100;
        wait = wait < retry->cap_ms ? wait : retry->cap_ms;
    }
}
