/* SPDX-License-Identifier: Apache-2.0 */
#include "connector/ready.h"

#include <errno.h>
#include <poll.h>

#define LOOK_MS 100 /* how often a stop without a descriptor is looked at */

enum aldb_ready aldb_ready_look(struct aldb_deadline until, const struct aldb_call *call)
{
    return aldb_call_stopped(call)              ? ALDB_READY_STOPPED
           : aldb_deadline_over(call->deadline) ? ALDB_READY_TIMEOUT
           : aldb_deadline_over(until)          ? ALDB_READY_LATE
                                                : ALDB_READY;
}

enum aldb_ready aldb_ready_wait(int fd, short events, struct aldb_deadline until, const struct aldb_call *call)
{
    struct aldb_deadline sooner = aldb_deadline_sooner(until, call->deadline);
    for (;;) {
        enum aldb_ready state = aldb_ready_look(until, call);
        if (state != ALDB_READY) {
            return state;
        }
        struct pollfd p[2] = {{.fd = fd, .events = events}, {.fd = call->stop ? call->stop->fd : -1, .events = POLLIN}};
        int ms = aldb_deadline_poll_ms(sooner);
        if (call->stop && p[1].fd < 0 && (ms < 0 || ms > LOOK_MS)) {
            ms = LOOK_MS;
        }
        int n = poll(p, 2, ms);
        if (n < 0 && errno != EINTR) {
            return ALDB_READY_FAILED;
        }
        if (n > 0) {
            return p[1].revents ? ALDB_READY_STOPPED : ALDB_READY;
        }
    }
}
