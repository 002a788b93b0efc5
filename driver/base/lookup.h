/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Addresses of a host name, within a deadline. The system's resolver (getaddrinfo) has none and cannot be stopped, so it runs on a thread of its own, which
 * nobody waits for beyond the deadline: one that is left behind holds nothing but its question, and frees that when the resolver returns. Where no thread can
 * be had the resolver runs in the caller, and takes as long as it takes.
 *
 * Nothing is shared between two look-ups, so a forked child has nothing to put right: those under way belong to the parent's threads.
 */
#ifndef ALDB_BASE_LOOKUP_H
#define ALDB_BASE_LOOKUP_H

#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/rc.h"

#define ALDB_ADDRESS_TEXT (INET6_ADDRSTRLEN + IF_NAMESIZE) /* bytes: "fe80::1%eth0" */

struct aldb_address {
    struct sockaddr_storage at; /* IPv4 or IPv6, with its port */
    socklen_t len;
    char text[ALDB_ADDRESS_TEXT]; /* numeric, without the port */
};
struct aldb_addresses {
    struct aldb_address *at; /* owned: aldb_addresses_clear() */
    size_t count;
};

enum aldb_lookup {
    ALDB_LOOKUP_FOUND,
    ALDB_LOOKUP_FAILED,
    ALDB_LOOKUP_LATE,    /* the deadline was over first */
    ALDB_LOOKUP_STOPPED,
    ALDB_LOOKUP_MEMORY,
};

/* Is it an IP address as text (without a scope)? Fills one in, with this port. */
bool aldb_address_parse(const char *text, uint16_t port, struct aldb_address *out) ALDB_MUSTCHECK;

/*
 * FOUND: *out has at least one address, all of them in the resolver's order, with this port; an IP address is its own. FAILED: *why is a static text, the
 * resolver's where it said no. `stop` becomes true when nobody wants to know any more, and is looked at every tenth of a second; NULL: it never does.
 */
enum aldb_lookup aldb_lookup(const char *name, uint16_t port, struct aldb_deadline deadline, const _Atomic bool *stop, struct aldb_addresses *out,
                             const char **why) ALDB_MUSTCHECK;
void aldb_addresses_clear(struct aldb_addresses *a); /* also a zeroed one */

#endif
