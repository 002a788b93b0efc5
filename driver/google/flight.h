/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a cache keeps, and one fetch of it for all who want it at the same time: the first caller fetches, the others wait for him, each within his own call.
 *
 * A cache has a place. Everything here is under the room's lock, which aldb_flight_take() lets go of while it fetches or waits. What a cache does:
 *
 *   lock
 *   again: aldb_flight_forget(&place);
 *   what is kept is good enough → take it
 *   else                        → aldb_flight_take(); ALDB_NO_DATA: again
 *   unlock
 *
 * While what is kept still works, another one may take plan->renew_ms of a caller's time, and half of what he has; then he goes on with what is there. A
 * failure is then only logged, and not repeated before `quiet_until`. Where that ends meanwhile, he has the rest of his time for another fetch.
 *
 * A fetch that fails is told to all who wait. A thread that gives up because its own time is over, or because it was stopped, says nothing about the fetch:
 * those who wait look again, and the first of them takes over. In a forked child a flight of the parent does not count: the threads that fetch and wait
 * there are not here. The place outlives the flight.
 */
#ifndef ALDB_GOOGLE_FLIGHT_H
#define ALDB_GOOGLE_FLIGHT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/rc.h"
#include "diag/diag.h"
#include "google/room.h"
#include "log/log.h"

/* What flights bring. */
struct aldb_cargo {
    bool (*usable)(const void *thing); /* before its end? Under the lock, as the next */
    void *(*again)(void *thing);       /* one more, for another owner; NULL: out of memory */
    void (*drop)(void *thing);         /* outside of the lock */
};

struct aldb_flight; /* private; freed when the last who waited has looked */

/* Zeroed is empty. */
struct aldb_flight_place {
    void *kept;                 /* NULL: nothing */
    struct aldb_flight *flight; /* NULL: nobody fetches */
    int64_t quiet_until;        /* CLOCK_MONOTONIC, milliseconds: when a renewal that failed is worth another try */
};

/* Borrowed for the call. */
struct aldb_flight_plan {
    const struct aldb_cargo *cargo;
    enum aldb_rc (*fetch)(void *ctx, const struct aldb_call *call, void **out, struct aldb_diag *diag); /* I/O; no lock is held */
    void *ctx;
    const char *who, *what; /* "WHO: WHAT could not be renewed" */
    enum aldb_log_component component;
    int64_t renew_ms;       /* how long a renewal may take */
    int64_t quiet_ms;       /* how long one that failed is not repeated */
};

/*
 * Fetches, or waits for who does. ALDB_OK: *out is the caller's; *kept, which is false before: it is what was there, for no other came. ALDB_ERR: HY001, HYT00
 * and HY008 while waiting, and what the fetch posted, in whatever thread. ALDB_NO_DATA: look again.
 */
enum aldb_rc aldb_flight_take(struct aldb_flight_place *place, const struct aldb_flight_plan *plan, const struct aldb_call *call, void **out, bool *kept,
                              struct aldb_diag *diag) ALDB_MUSTCHECK;

/* In a forked child: forgets a flight of the parent. Else nothing. */
void aldb_flight_forget(struct aldb_flight_place *place);

#endif
