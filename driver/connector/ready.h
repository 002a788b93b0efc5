/* SPDX-License-Identifier: Apache-2.0 */
/* Waiting for a socket, with the patience of the call and of the step that waits. */
#ifndef ALDB_CONNECTOR_READY_H
#define ALDB_CONNECTOR_READY_H

#include "base/clock.h"
#include "base/rc.h"
#include "google/room.h"

enum aldb_ready {
    ALDB_READY,
    ALDB_READY_LATE,    /* `until` is over, the call's deadline is not */
    ALDB_READY_TIMEOUT, /* the call's deadline is over */
    ALDB_READY_STOPPED,
    ALDB_READY_FAILED,  /* poll() itself: errno */
};

/* events: POLLIN, POLLOUT. */
enum aldb_ready aldb_ready_wait(int fd, short events, struct aldb_deadline until, const struct aldb_call *call) ALDB_MUSTCHECK;
/* The same question without a descriptor: may the step go on? */
enum aldb_ready aldb_ready_look(struct aldb_deadline until, const struct aldb_call *call) ALDB_MUSTCHECK;

#endif
