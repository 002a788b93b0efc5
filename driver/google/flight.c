/* SPDX-License-Identifier: Apache-2.0 */
#include "google/flight.h"

#include "base/alloc.h"

struct aldb_flight {
    const struct aldb_cargo *cargo;
    unsigned refs; /* the fetching thread and those that wait */
    uint64_t generation;
    enum { UNDER_WAY, LANDED, FAILED, GIVEN_UP } state;
    void *result;          /* LANDED */
    struct aldb_diag said; /* FAILED */
};

static struct aldb_flight *begin(struct aldb_flight_place *place, const struct aldb_cargo *cargo)
{
    struct aldb_flight *f = aldb_alloc(sizeof *f);
    if (f) {
        *f = (struct aldb_flight){.cargo = cargo, .refs = 1, .generation = aldb_google_generation()};
        aldb_diag_init(&f->said);
        place->flight = f;
    }
    return f;
}

static void leave(struct aldb_flight *f)
{
    if (--f->refs > 0) {
        return;
    }
    aldb_google_unlock();
    if (f->result) {
        f->cargo->drop(f->result);
    }
    aldb_diag_clear(&f->said);
    aldb_free(f);
    aldb_google_lock();
}

static bool is_over(const struct aldb_call *call)
{
    return aldb_call_stopped(call) || aldb_deadline_over(call->deadline);
}

static bool works(const struct aldb_flight_place *place, const struct aldb_cargo *cargo)
{
    return place->kept && cargo->usable(place->kept);
}

/* As much of the call as another one is worth. */
static struct aldb_call share_of(const struct aldb_call *call, const struct aldb_flight_place *place, const struct aldb_flight_plan *plan)
{
    return (struct aldb_call){.deadline = works(place, plan->cargo) ? aldb_deadline_half(call->deadline, plan->renew_ms) : call->deadline, .stop = call->stop,
                              .trail = call->trail};
}

static enum aldb_rc take_one(void *thing, const struct aldb_cargo *cargo, void **out, struct aldb_diag *diag)
{
    void *own = cargo->again(thing);
    if (own == NULL) {
        return aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    }
    *out = own;
    return ALDB_OK;
}

/* One for the place, one for those who wait, one for the caller. *old: what is to be dropped. */
static enum aldb_rc land(struct aldb_flight_place *place, struct aldb_flight *f, void *got, void **out, void **old, struct aldb_diag *said)
{
    if (take_one(got, f->cargo, &f->result, said) == ALDB_ERR || take_one(got, f->cargo, out, said) == ALDB_ERR) {
        *old = got;
        return ALDB_ERR;
    }
    *old = place->kept;
    place->kept = got;
    f->state = LANDED;
    return ALDB_OK;
}

static enum aldb_rc fetch(struct aldb_flight_place *place, const struct aldb_flight_plan *plan, const struct aldb_call *call, void **out, bool *kept,
                          struct aldb_diag *diag)
{
    struct aldb_flight *f = begin(place, plan->cargo);
    if (f == NULL) {
        return aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    }
    struct aldb_call within = share_of(call, place, plan);
    struct aldb_diag said;
    void *got = NULL, *old = NULL;
    aldb_diag_init(&said);
    aldb_google_unlock();
    enum aldb_rc rc = plan->fetch(plan->ctx, &within, &got, &said);
    aldb_google_lock();
    bool gave_up = rc == ALDB_ERR && is_over(call), late = rc == ALDB_ERR && is_over(&within);
    place->quiet_until = 0;
    if (rc != ALDB_ERR) {
        rc = land(place, f, got, out, &old, &said);
    }
    if (rc == ALDB_ERR) {
        f->state = gave_up || late ? GIVEN_UP : FAILED;
        aldb_diag_copy(&f->said, &said);
        bool starved = false;
        if (works(place, plan->cargo)) {
            void *own = gave_up ? NULL : plan->cargo->again(place->kept);
            if (own) {
                *out = own;
                *kept = true;
                place->quiet_until = aldb_now_ms() + plan->quiet_ms;
            } else if (!gave_up) { /* looking again would renew again, and so on while there is no memory */
                starved = true;
                aldb_diag_clear(&said);
                (void)aldb_diag_post(&said, ALDB_ST_HY001, NULL);
            }
        } else if (old == NULL) {
            old = place->kept;
            place->kept = NULL;
        }
        rc = *kept ? ALDB_OK : late && !gave_up && !starved ? ALDB_NO_DATA : ALDB_ERR;
    }
    place->flight = NULL;
    aldb_google_wake();
    leave(f);
    aldb_google_unlock();
    if (*kept) {
        ALDB_LOG(ALDB_LOG_WARNING, plan->component, "%s: %s could not be renewed, and is used to its end: %s", plan->who, plan->what, aldb_diag_first_message(&said));
    } else if (rc != ALDB_NO_DATA) {
        aldb_diag_move(diag, &said);
    }
    aldb_diag_clear(&said);
    if (old) {
        plan->cargo->drop(old);
    }
    aldb_google_lock();
    return rc;
}

static enum aldb_rc wait_for(struct aldb_flight_place *place, const struct aldb_flight_plan *plan, const struct aldb_call *call, void **out, bool *kept,
                             struct aldb_diag *diag)
{
    struct aldb_flight *f = place->flight;
    struct aldb_call within = share_of(call, place, plan);
    enum aldb_rc rc = ALDB_NO_DATA;
    f->refs++;
    while (f->state == UNDER_WAY && !is_over(&within)) {
        aldb_google_wait(within.deadline, call->stop != NULL);
    }
    if (f->state == LANDED) {
        rc = take_one(f->result, plan->cargo, out, diag);
    } else if (f->state == UNDER_WAY && aldb_call_stopped(call)) {
        rc = aldb_diag_post(diag, ALDB_ST_HY008, "%s: the call was cancelled while another connection was asking for %s", plan->who, plan->what);
    } else if (f->state == UNDER_WAY && aldb_deadline_over(call->deadline)) {
        rc = aldb_diag_post(diag, ALDB_ST_HYT00, "%s: %s that another connection was asking for did not come within the time allowed", plan->who, plan->what);
    } else if (f->state != GIVEN_UP && works(place, plan->cargo)) {
        rc = take_one(place->kept, plan->cargo, out, diag);
        *kept = rc == ALDB_OK;
    } else if (f->state == FAILED) {
        aldb_diag_copy(diag, &f->said);
        rc = ALDB_ERR;
    }
    leave(f);
    return rc;
}

enum aldb_rc aldb_flight_take(struct aldb_flight_place *place, const struct aldb_flight_plan *plan, const struct aldb_call *call, void **out, bool *kept,
                              struct aldb_diag *diag)
{
    return place->flight ? wait_for(place, plan, call, out, kept, diag) : fetch(place, plan, call, out, kept, diag);
}

void aldb_flight_forget(struct aldb_flight_place *place)
{
    struct aldb_flight *f = place->flight;
    if (f && f->generation != aldb_google_generation()) {
        place->flight = NULL;
        aldb_free(f); /* still under way there: nothing hangs on it */
    }
}
