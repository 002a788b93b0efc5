/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses of a host name, under the deadline of the call. */
#ifndef ALDB_CONNECTOR_LOOKUP_H
#define ALDB_CONNECTOR_LOOKUP_H

#include <netinet/in.h>
#include <stddef.h>
#include <sys/socket.h>

#include "base/rc.h"
#include "google/room.h"

#define ALDB_LOOKUP_MAX 16 /* addresses of a name that are used */

struct aldb_address {
    struct sockaddr_storage at;
    socklen_t len;
    char text[INET6_ADDRSTRLEN];
};
struct aldb_addresses {
    struct aldb_address at[ALDB_LOOKUP_MAX];
    size_t count;
};

enum aldb_lookup { ALDB_LOOKUP_FOUND, ALDB_LOOKUP_FAILED, ALDB_LOOKUP_LATE, ALDB_LOOKUP_STOPPED, ALDB_LOOKUP_MEMORY };

/* Is it an IP address as text? Fills one in, with its port. */
bool aldb_address_parse(const char *text, uint16_t port, struct aldb_address *out) ALDB_MUSTCHECK;
/*
 * In the resolver's order, with the port. An IP address is its own. *why of a failure: the resolver's static text. The resolver runs in a thread of its
 * own, which nobody waits for beyond the deadline: it cannot be stopped, and holds nothing but its question.
 */
enum aldb_lookup aldb_lookup(const char *name, uint16_t port, const struct aldb_call *call, struct aldb_addresses *out, const char **why) ALDB_MUSTCHECK;

#endif
