/* SPDX-License-Identifier: Apache-2.0 */
#include "google/flight.h"

#include "base/alloc.h"

struct aldb_flight {
    struct aldb_flight **place;
    const struct aldb_flight_cargo *cargo;
    unsigned refs; /* the fetching thread and those that wait */
    uint64_t generation;
    enum { UNDER_WAY, LANDED, FAILED, GIVEN_UP } state;
    void *result;          /* LANDED */
    struct aldb_diag said; /* FAILED */
};

struct aldb_flight *aldb_flight_begin(struct aldb_flight **place, const struct aldb_flight_cargo *cargo)
{
    struct aldb_flight *f = aldb_alloc(sizeof *f);
    if (f) {
        *f = (struct aldb_flight){.place = place, .cargo = cargo, .refs = 1, .generation = aldb_google_generation()};
        aldb_diag_init(&f->said);
        *place = f;
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

static void end(struct aldb_flight *f)
{
    *f->place = NULL;
    aldb_google_wake();
    leave(f);
}

void aldb_flight_land(struct aldb_flight *f, void *result)
{
    f->state = LANDED;
    f->result = result;
    end(f);
}

void aldb_flight_fail(struct aldb_flight *f, bool gave_up, const struct aldb_diag *said)
{
    f->state = gave_up ? GIVEN_UP : FAILED;
    aldb_diag_copy(&f->said, said);
    end(f);
}

enum aldb_rc aldb_flight_join(struct aldb_flight *f, const struct aldb_call *call, void *out, struct aldb_diag *diag)
{
    enum aldb_rc rc;
    f->refs++;
    while (f->state == UNDER_WAY && !aldb_call_stopped(call) && !aldb_deadline_over(call->deadline)) {
        aldb_google_wait(call->deadline, call->stop != NULL);
    }
    switch (f->state) {
    case LANDED:
        rc = f->cargo->copy(out, f->result) ? ALDB_OK : aldb_diag_post(diag, ALDB_ST_HY001, NULL);
        break;
    case FAILED:
        aldb_diag_copy(diag, &f->said);
        rc = ALDB_ERR;
        break;
    case GIVEN_UP:
        rc = ALDB_NO_DATA;
        break;
    default:
        rc = ALDB_EXECUTING;
        break;
    }
    leave(f);
    return rc;
}

void aldb_flight_forget(struct aldb_flight **place)
{
    struct aldb_flight *f = *place;
    if (f && f->generation != aldb_google_generation()) {
        *place = NULL;
        aldb_free(f); /* still under way there: nothing hangs on it */
    }
}
