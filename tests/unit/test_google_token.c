/* SPDX-License-Identifier: Apache-2.0 */
/* The token cache: one fetch for all, each waiter within its own time, failures shared and not kept, margins, both clocks, forks. */
#include "google_support.h"

#include "google/token.h"

/* A fetch that does as told. */
struct fetcher {
    _Atomic int fetches;
    _Atomic int failures_left; /* -1: for ever */
    _Atomic int delay_ms;
    int slow; /* the last fetch that takes so long; 0: all do */
    int64_t life_s;
};

static enum aldb_rc fetch(void *ctx, const struct aldb_call *call, struct aldb_token *out, struct aldb_diag *d)
{
    struct fetcher *f = ctx;
    int number = atomic_fetch_add(&f->fetches, 1) + 1;
    struct aldb_moment asked = aldb_moment_now();
    int delay = f->slow == 0 || number <= f->slow ? atomic_load(&f->delay_ms) : 0;
    if (delay && !aldb_call_sleep(call, delay)) {
        return aldb_diag_post(d, aldb_call_stopped(call) ? ALDB_ST_HY008 : ALDB_ST_HYT00, "gave up");
    }
    if (atomic_load(&f->failures_left) != 0) {
        (void)(atomic_load(&f->failures_left) > 0 && atomic_fetch_sub(&f->failures_left, 1));
        return aldb_diag_post(d, ALDB_ST_28000, "refused %d", number);
    }
    char text[32];
    (void)snprintf(text, sizeof text, "token-%d", number);
    out->value.value = aldb_strdup(text);
    aldb_token_live(out, asked, f->life_s);
    return ALDB_OK;
}

static char *get(struct aldb_token_cache *c, struct fetcher *f, uint64_t *serial)
{
    struct aldb_token t = {0};
    struct aldb_call call = gt_call(10000);
    if (aldb_token_cache_get(c, fetch, f, "WHO", &call, &t, &diag) != ALDB_OK) {
        return NULL;
    }
    if (serial) {
        *serial = t.serial;
    }
    static char text[64];
    (void)aldb_copy(text, sizeof text, aldb_slice_of(t.value.value));
    aldb_token_clear(&t);
    return text;
}

static struct aldb_token *kept(struct aldb_token_cache *c)
{
    return c->place.kept;
}

static void test_life(void)
{
    struct aldb_token t = {.value = {aldb_strdup("x")}};
    struct aldb_moment now = aldb_moment_now(), then;
    aldb_token_live(&t, now, 3600);
    CU_ASSERT_TRUE(aldb_token_fresh(&t) && aldb_token_usable(&t));
    aldb_token_live(&t, now, 224); /* under the margin: used to nearly its end */
    CU_ASSERT_TRUE(aldb_token_fresh(&t));
    then = (struct aldb_moment){now.ms - 3370 * 1000, now.epoch - 3370};
    aldb_token_live(&t, then, 3600); /* 230 s left */
    CU_ASSERT_TRUE(aldb_token_fresh(&t));
    then = (struct aldb_moment){now.ms - 3380 * 1000, now.epoch - 3380};
    aldb_token_live(&t, then, 3600); /* 220 s left */
    CU_ASSERT_TRUE(!aldb_token_fresh(&t) && aldb_token_usable(&t));
    /* The machine slept: its own clock alone knows. */
    then = (struct aldb_moment){now.ms, now.epoch - 4000};
    aldb_token_live(&t, then, 3600);
    CU_ASSERT_FALSE(aldb_token_usable(&t));
    /* Somebody set the clock back: the monotonic one knows. */
    then = (struct aldb_moment){now.ms - 4000 * 1000, now.epoch + 100000};
    aldb_token_live(&t, then, 3600);
    CU_ASSERT_FALSE(aldb_token_usable(&t));
    aldb_token_live(&t, now, INT64_MAX);
    CU_ASSERT_TRUE(aldb_token_fresh(&t));
    aldb_token_live(&t, now, -5);
    CU_ASSERT_FALSE(aldb_token_usable(&t));
    t.end_ms = t.end_epoch = ALDB_TOKEN_NO_END;
    CU_ASSERT_TRUE(aldb_token_fresh(&t));
    aldb_token_clear(&t);
    CU_ASSERT_FALSE(aldb_token_usable(&t));
}

static void test_cache(void)
{
    struct aldb_token_cache c = {0};
    struct fetcher f = {.life_s = 3600};
    uint64_t serial = 0;
    GT_TEXT(get(&c, &f, &serial), "token-1");
    GT_TEXT(get(&c, &f, NULL), "token-1");
    CU_ASSERT_EQUAL(f.fetches, 1);
    aldb_token_cache_reject(&c, serial + 1); /* another token: no effect */
    GT_TEXT(get(&c, &f, NULL), "token-1");
    aldb_token_cache_reject(&c, serial);
    GT_TEXT(get(&c, &f, NULL), "token-2");
    aldb_token_cache_reject(&c, serial); /* too late: that was token-1 */
    GT_TEXT(get(&c, &f, NULL), "token-2");
    CU_ASSERT_EQUAL(f.fetches, 2);
    aldb_token_cache_clear(&c);
}

static void test_failure(void)
{
    struct aldb_token_cache c = {0};
    struct fetcher f = {.life_s = 3600, .failures_left = 2};
    CU_ASSERT_PTR_NULL(get(&c, &f, NULL));
    GT_SAID(&diag, "28000", "refused 1");
    CU_ASSERT_PTR_NULL(get(&c, &f, NULL)); /* nothing of it was kept */
    GT_SAID(&diag, "28000", "refused 2");
    GT_TEXT(get(&c, &f, NULL), "token-3");
    aldb_token_cache_clear(&c);
    /* A token within its margin is used when it cannot be renewed; one after its end, or refused, is not. */
    f = (struct fetcher){.life_s = 3600};
    uint64_t serial = 0;
    GT_TEXT(get(&c, &f, &serial), "token-1");
    kept(&c)->end_ms = aldb_now_ms() + 60000;
    f.failures_left = -1;
    GT_TEXT(get(&c, &f, NULL), "token-1");
    CU_ASSERT_EQUAL(aldb_diag_count(&diag), 0);
    CU_ASSERT_EQUAL(f.fetches, 2);
    GT_TEXT(get(&c, &f, NULL), "token-1"); /* not tried again at once */
    CU_ASSERT_EQUAL(f.fetches, 2);
    aldb_token_cache_reject(&c, serial);
    CU_ASSERT_PTR_NULL(get(&c, &f, NULL));
    GT_SAID(&diag, "28000", "refused 3");
    f.failures_left = 0;
    GT_TEXT(get(&c, &f, NULL), "token-4");
    kept(&c)->end_ms = aldb_now_ms() - 1;
    f.failures_left = -1;
    CU_ASSERT_PTR_NULL(get(&c, &f, NULL));
    GT_SAID(&diag, "28000", "refused 5");
    aldb_token_cache_clear(&c);
}

#define THREADS 32

struct waiter {
    pthread_t thread;
    struct aldb_token_cache *c;
    struct fetcher *f;
    int64_t ms;
    const struct aldb_stop *stop;
    enum aldb_rc rc;
    char token[64], state[6], text[256];
    int64_t took;
};

static void *wait_thread(void *ctx)
{
    struct waiter *w = ctx;
    struct aldb_token t = {0};
    struct aldb_diag d;
    struct aldb_call call = {.deadline = aldb_deadline_in_ms(w->ms), .stop = w->stop};
    int64_t began = aldb_now_ms();
    aldb_diag_init(&d);
    w->rc = aldb_token_cache_get(w->c, fetch, w->f, "WHO", &call, &t, &d);
    w->took = aldb_now_ms() - began;
    (void)aldb_copy(w->token, sizeof w->token, aldb_slice_of(t.value.value ? t.value.value : ""));
    const struct aldb_diag_record *r = aldb_diag_get(&d, 1);
    (void)aldb_copy(w->state, sizeof w->state, aldb_slice_of(r ? r->state : ""));
    (void)aldb_copy(w->text, sizeof w->text, aldb_slice_of(r ? aldb_diag_message(r) : ""));
    aldb_token_clear(&t);
    aldb_diag_clear(&d);
    return NULL;
}

static void start(struct waiter *w, struct aldb_token_cache *c, struct fetcher *f, int64_t ms, const struct aldb_stop *stop)
{
    *w = (struct waiter){.c = c, .f = f, .ms = ms, .stop = stop};
    (void)pthread_create(&w->thread, NULL, wait_thread, w);
}

/* Somebody fetches, for the nth time. */
static void await_fetch(struct fetcher *f, int n)
{
    while (atomic_load(&f->fetches) < n) {
        (void)usleep(1000);
    }
}

static void test_single_flight(void)
{
    struct aldb_token_cache c = {0};
    struct fetcher f = {.life_s = 3600, .delay_ms = 200};
    static struct waiter w[THREADS];
    for (int i = 0; i < THREADS; i++) {
        start(&w[i], &c, &f, 20000, NULL);
    }
    for (int i = 0; i < THREADS; i++) {
        (void)pthread_join(w[i].thread, NULL);
        CU_ASSERT_EQUAL(w[i].rc, ALDB_OK);
        GT_TEXT(w[i].token, "token-1");
    }
    CU_ASSERT_EQUAL(f.fetches, 1);
    aldb_token_cache_clear(&c);
    /* A failure is everybody's, and is over with that: the next call fetches. */
    f = (struct fetcher){.life_s = 3600, .delay_ms = 200, .failures_left = 1};
    for (int i = 0; i < THREADS; i++) {
        start(&w[i], &c, &f, 20000, NULL);
    }
    for (int i = 0; i < THREADS; i++) {
        (void)pthread_join(w[i].thread, NULL);
        if (w[i].rc == ALDB_ERR) {
            GT_TEXT(w[i].state, "28000");
            GT_TEXT(w[i].text, "[AlloyDB][ODBC Driver] refused 1");
        } else {
            GT_TEXT(w[i].token, "token-2"); /* came when it was over */
        }
    }
    CU_ASSERT_TRUE(f.fetches <= 2);
    aldb_token_cache_clear(&c);
}

/* Waiters keep their own deadlines and stops; when the fetching thread's time is over, another takes over. */
static void test_own_time(void)
{
    struct aldb_token_cache c = {0};
    struct fetcher f = {.life_s = 3600, .delay_ms = 7000};
    _Atomic bool flag = false;
    struct aldb_stop stop = {.flag = &flag, .fd = -1};
    struct waiter leader, brief, stopped, patient;
    start(&leader, &c, &f, 20000, NULL);
    await_fetch(&f, 1);
    start(&brief, &c, &f, 200, NULL);
    start(&stopped, &c, &f, 20000, &stop);
    start(&patient, &c, &f, 20000, NULL);
    (void)usleep(100000);
    atomic_store(&flag, true);
    (void)pthread_join(brief.thread, NULL);
    (void)pthread_join(stopped.thread, NULL);
    (void)pthread_join(patient.thread, NULL);
    (void)pthread_join(leader.thread, NULL);
    CU_ASSERT_EQUAL(brief.rc, ALDB_ERR);
    GT_TEXT(brief.state, "HYT00");
    CU_ASSERT_TRUE(brief.took >= 195 && brief.took < 6000);
    CU_ASSERT_EQUAL(stopped.rc, ALDB_ERR);
    GT_TEXT(stopped.state, "HY008");
    CU_ASSERT_TRUE(stopped.took < 6000);
    GT_TEXT(patient.token, "token-1");
    GT_TEXT(leader.token, "token-1");
    CU_ASSERT_EQUAL(f.fetches, 1);
    aldb_token_cache_clear(&c);

    f = (struct fetcher){.life_s = 3600, .delay_ms = 1500};
    start(&leader, &c, &f, 600, NULL);
    await_fetch(&f, 1);
    start(&patient, &c, &f, 20000, NULL);
    start(&brief, &c, &f, 20000, NULL);
    (void)pthread_join(leader.thread, NULL);
    (void)pthread_join(patient.thread, NULL);
    (void)pthread_join(brief.thread, NULL);
    CU_ASSERT_EQUAL(leader.rc, ALDB_ERR);
    GT_TEXT(leader.state, "HYT00");
    GT_TEXT(patient.token, "token-2");
    GT_TEXT(brief.token, "token-2");
    CU_ASSERT_EQUAL(f.fetches, 2);
    aldb_token_cache_clear(&c);

    /* Nobody waits while there is a usable token. */
    f = (struct fetcher){.life_s = 3600};
    GT_TEXT(get(&c, &f, NULL), "token-1");
    kept(&c)->end_ms = aldb_now_ms() + 60000;
    f.delay_ms = 6000;
    start(&leader, &c, &f, 20000, NULL);
    await_fetch(&f, 2);
    int64_t began = aldb_now_ms();
    GT_TEXT(get(&c, &f, NULL), "token-1");
    CU_ASSERT_TRUE(aldb_now_ms() - began < 5000);
    (void)pthread_join(leader.thread, NULL);
    GT_TEXT(leader.token, "token-2");
    CU_ASSERT_EQUAL(f.fetches, 2);
    aldb_token_cache_clear(&c);
}

/* A server that hangs costs the owner of a usable token little, and one caller only. */
static void test_hanging_renewal(void)
{
    struct aldb_token_cache c = {0};
    struct fetcher f = {.life_s = 3600};
    GT_TEXT(get(&c, &f, NULL), "token-1");
    kept(&c)->end_ms = aldb_now_ms() + 60000;
    f.delay_ms = 100000;
    int64_t began = aldb_now_ms();
    struct waiter w;
    start(&w, &c, &f, 30000, NULL);
    await_fetch(&f, 2);
    GT_TEXT(get(&c, &f, NULL), "token-1");
    CU_ASSERT_TRUE(aldb_now_ms() - began < ALDB_TOKEN_RENEW_MS - 500);
    (void)pthread_join(w.thread, NULL);
    GT_TEXT(w.token, "token-1");
    CU_ASSERT_TRUE(w.took >= ALDB_TOKEN_RENEW_MS - 10 && w.took < ALDB_TOKEN_RENEW_MS + 15000);
    CU_ASSERT_EQUAL(f.fetches, 2);
    c.place.quiet_until = aldb_now_ms(); /* later */
    f.delay_ms = 0;
    GT_TEXT(get(&c, &f, NULL), "token-3");
    aldb_token_cache_clear(&c);
}

/* What ends while its renewal hangs leaves the caller the rest of his time for another try, and those who wait the rest of theirs. */
static void test_end_while_renewing(void)
{
    struct aldb_token_cache c = {0};
    struct fetcher f = {.life_s = 3600};
    GT_TEXT(get(&c, &f, NULL), "token-1");
    kept(&c)->end_ms = aldb_now_ms() + 1000;
    f.delay_ms = 100000;
    f.slow = 2;
    struct waiter w, other;
    start(&w, &c, &f, 6000, NULL); /* 3000 for the renewal */
    await_fetch(&f, 2);
    (void)usleep(1200000);
    start(&other, &c, &f, 20000, NULL);
    (void)pthread_join(w.thread, NULL);
    (void)pthread_join(other.thread, NULL);
    GT_TEXT(w.token, "token-3");
    GT_TEXT(other.token, "token-3");
    CU_ASSERT_EQUAL(f.fetches, 3);
    aldb_token_cache_clear(&c);
    /* It is his time all the same. */
    f = (struct fetcher){.life_s = 3600};
    GT_TEXT(get(&c, &f, NULL), "token-1");
    kept(&c)->end_ms = aldb_now_ms() + 1000;
    f.delay_ms = 100000;
    start(&w, &c, &f, 4000, NULL);
    (void)pthread_join(w.thread, NULL);
    CU_ASSERT_EQUAL(w.rc, ALDB_ERR);
    GT_TEXT(w.state, "HYT00");
    CU_ASSERT_TRUE(w.took >= 3990);
    CU_ASSERT_EQUAL(f.fetches, 3);
    aldb_token_cache_clear(&c);
}

/* What is too large to be copied, while there is memory for all else. */
static bool always_usable(const void *thing)
{
    return thing != NULL;
}

static void *no_copy(void *thing)
{
    (void)thing;
    return NULL;
}

static void no_drop(void *thing)
{
    (void)thing;
}

static enum aldb_rc too_late(void *ctx, const struct aldb_call *call, void **out, struct aldb_diag *d)
{
    (void)out;
    (*(int *)ctx)++;
    (void)!aldb_call_sleep(call, 60000);
    return aldb_diag_post(d, ALDB_ST_HYT00, "gave up");
}

static enum aldb_rc at_once(void *ctx, const struct aldb_call *call, void **out, struct aldb_diag *d)
{
    (void)call;
    (void)d;
    (*(int *)ctx)++;
    *out = ctx;
    return ALDB_OK;
}

/* Looking again would renew again, and so on until the caller's time is over. */
static void test_no_memory(void)
{
    static const struct aldb_cargo cargo = {.usable = always_usable, .again = no_copy, .drop = no_drop};
    int fetches = 0, thing = 0;
    struct aldb_flight_place place = {.kept = &thing};
    struct aldb_flight_plan plan = {.cargo = &cargo, .fetch = too_late, .ctx = &fetches, .who = "WHO", .what = "it", .component = ALDB_LOG_GOOGLE,
                                    .renew_ms = 200, .quiet_ms = 200};
    struct aldb_call call = gt_call(20000);
    void *out = NULL;
    bool was_kept = false;
    for (int i = 0; i < 2; i++) {
        plan.fetch = i == 0 ? too_late : at_once;
        aldb_google_lock();
        CU_ASSERT_EQUAL(aldb_flight_take(&place, &plan, &call, &out, &was_kept, &diag), ALDB_ERR);
        aldb_google_unlock();
        CU_ASSERT_EQUAL(aldb_diag_count(&diag), 1);
        GT_SAID(&diag, "HY001", "");
        CU_ASSERT_PTR_NULL(out);
        CU_ASSERT_FALSE(was_kept);
        CU_ASSERT_PTR_EQUAL(place.kept, &thing); /* for a time with more memory */
        CU_ASSERT_PTR_NULL(place.flight);
        CU_ASSERT_EQUAL(fetches, i + 1);
    }
}

/* A child does not wait for a thread that stayed in the parent. */
static void test_fork(void)
{
    struct aldb_token_cache c = {0};
    struct fetcher f = {.life_s = 3600, .delay_ms = 2000};
    struct waiter leader, other;
    start(&leader, &c, &f, 20000, NULL);
    start(&other, &c, &f, 20000, NULL);
    await_fetch(&f, 1);
    (void)usleep(200000);
    struct gt_child child;
    if (gt_fork(&child)) {
        f.delay_ms = 0;
        int64_t began = aldb_now_ms();
        char *token = get(&c, &f, NULL);
        bool good = token && strcmp(token, "token-2") == 0 && aldb_now_ms() - began < 5000;
        aldb_token_cache_clear(&c);
        gt_child_ends(&child, good);
    }
    CU_ASSERT_TRUE(gt_child_was_good(&child));
    (void)pthread_join(leader.thread, NULL);
    (void)pthread_join(other.thread, NULL);
    GT_TEXT(leader.token, "token-1");
    GT_TEXT(other.token, "token-1");
    CU_ASSERT_EQUAL(f.fetches, 1);
    aldb_token_cache_clear(&c);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"life and margins", test_life},
        {"cache", test_cache},
        {"failures", test_failure},
        {"one fetch for 32 threads", test_single_flight},
        {"everybody's own time", test_own_time},
        {"a renewal that hangs", test_hanging_renewal},
        {"an end while renewing", test_end_while_renewing},
        {"no memory for a copy", test_no_memory},
        {"fork", test_fork},
        CU_TEST_INFO_NULL,
    };
    gt_begin();
    return gt_run("google/token", tests);
}
