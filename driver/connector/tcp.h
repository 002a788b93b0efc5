/* SPDX-License-Identifier: Apache-2.0 */
/* TCP to a host, one address after the other: non-blocking, no delay of small messages. */
#ifndef ALDB_CONNECTOR_TCP_H
#define ALDB_CONNECTOR_TCP_H

#include <stdint.h>

#include "base/lookup.h"
#include "google/room.h"

enum aldb_tcp_kind {
    ALDB_TCP_UNREACHED, /* refused, no route, no such name, or a step that took too long */
    ALDB_TCP_TIMEOUT,   /* the call's deadline */
    ALDB_TCP_STOPPED,
    ALDB_TCP_MEMORY,
};
struct aldb_tcp_failure {
    enum aldb_tcp_kind kind;
    char where[ALDB_ADDRESS_TEXT]; /* the last address that was tried, if it is not the host itself; else "" */
    char why[160];
};

/* 0 is not given: ALDB_TCP_KEEPALIVE_S where keepalive is on, the system's count and timeout. A system that refuses one has its own. */
struct aldb_tcp_options {
    bool keepalive;
    unsigned idle_s, interval_s, count, user_timeout_ms;
};
#define ALDB_TCP_KEEPALIVE_S 30

/* A descriptor (aldb_tcp_close), or -1. The addresses of a name share `step_ms` and what the call has left. */
int aldb_tcp_connect(const char *host, uint16_t port, const struct aldb_tcp_options *options, int64_t step_ms, const struct aldb_call *call,
                     struct aldb_tcp_failure *f) ALDB_MUSTCHECK;
void aldb_tcp_close(int fd);

#endif
