/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One fetch for all who want its result at the same time: the first caller fetches, the others wait for him, each within his own call.
 *
 * A cache has a pointer to the flight under way, its place. Everything here is under the room's lock, which join, land and fail may let go of for a moment:
 * what belongs together is changed before they are called. What a cache does:
 *
 *   lock; aldb_flight_forget(&place);
 *   what is kept is good → take it
 *   place != NULL        → aldb_flight_join(); ALDB_NO_DATA: once more from the beginning
 *   else                 → aldb_flight_begin(); unlock; fetch: I/O; lock; keep what came; aldb_flight_land() or aldb_flight_fail()
 *
 * A fetch that fails is told to all who wait. A thread that gives up because its own time is over, or because it was stopped, says nothing about the fetch:
 * those who wait look again, and the first of them takes over. In a forked child a flight of the parent does not count: the threads that fetch and wait
 * there are not here. The place outlives the flight.
 */
#ifndef ALDB_GOOGLE_FLIGHT_H
#define ALDB_GOOGLE_FLIGHT_H

#include <stdbool.h>

#include "base/rc.h"
#include "diag/diag.h"
#include "google/room.h"

/* What a flight brings. */
struct aldb_flight_cargo {
    bool (*copy)(void *out, const void *result); /* under the lock: one more for a caller who waited; false: out of memory */
    void (*drop)(void *result);                  /* outside of it */
};

struct aldb_flight; /* private; freed when the last who waited has looked */

/* The calling thread is going to fetch, and *place, which is NULL, is set until land or fail. NULL: out of memory. */
struct aldb_flight *aldb_flight_begin(struct aldb_flight **place, const struct aldb_flight_cargo *cargo) ALDB_MUSTCHECK;
/* It has a result, which goes to those who wait and is the flight's from now on. */
void aldb_flight_land(struct aldb_flight *f, void *result);
/* It has none: those who wait are told what was said or, where the thread only gave up, look again. */
void aldb_flight_fail(struct aldb_flight *f, bool gave_up, const struct aldb_diag *said);

/*
 * Waits for the result. ALDB_OK: *out is a copy. ALDB_ERR: the fetch failed, posted as the fetching thread was told; HY001. ALDB_NO_DATA: that thread gave
 * up, look again. ALDB_EXECUTING: the call was stopped or its deadline is over first; nothing is posted.
 */
enum aldb_rc aldb_flight_join(struct aldb_flight *f, const struct aldb_call *call, void *out, struct aldb_diag *diag) ALDB_MUSTCHECK;

/* In a forked child: empties a place whose flight is the parent's. Else, and for an empty one, nothing. */
void aldb_flight_forget(struct aldb_flight **place);

#endif
