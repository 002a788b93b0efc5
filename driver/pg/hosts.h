/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whom a set of libpq's options means: the hosts in their order, and the addresses of each. Only connect.c includes this.
 *
 * libpq itself says what the options come to (PQconninfo), so that service files, environment and defaults count as they do everywhere. Names are
 * looked up here, because libpq's asynchronous connect waits for the resolver however long that takes.
 */
#ifndef ALDB_PG_HOSTS_H
#define ALDB_PG_HOSTS_H

#include "base/buf.h"
#include "base/clock.h"
#include "base/lookup.h"
#include "base/rc.h"
#include "diag/diag.h"

struct host {
    char *name; /* host name, IP address, socket directory or @abstract; NULL = libpq's default socket directory */
    char *addr; /* hostaddr; NULL = not given */
    char *port;
};

/*
 * Options that libpq is never told: load_balance_hosts, which connect.c does, and gssdelegation where libpq is too old to know it (only "off" comes this
 * far: connect_dial refuses the rest).
 */
bool hosts_left_out(const char *keyword);

struct hosts {
    struct host *at; /* at least one */
    size_t count;
    char *target;    /* target_session_attrs, "any" when nobody said anything */
    char *ssl_mode, *ssl_root_cert, *pass_file; /* as they count in the end; NULL = not given */
    bool random;     /* load_balance_hosts=random */
};

/*
 * keywords/values as for PQconnectStartParams, but for hosts_left_out(); connects to nobody. Options that libpq refuses: posted as a failed connect. HY001.
 */
enum aldb_rc hosts_read(const char *const *keywords, const char *const *values, struct hosts *out, struct aldb_diag *diag) ALDB_MUSTCHECK;
void hosts_clear(struct hosts *h);

/*
 * The addresses of a host in the resolver's order, at least one; aldb_addresses_clear(). at == NULL and count == 1 for IP addresses and sockets: nothing was
 * looked up, the host is its own address. ALDB_NO_DATA: there are none, `why` says so; *late when the deadline ended it. ALDB_ERR: out of memory, nothing posted.
 */
enum aldb_rc hosts_look_up(const struct host *h, struct aldb_deadline deadline, struct aldb_addresses *out, struct aldb_buf *why,
                           bool *late) ALDB_MUSTCHECK;
/* Puts `count` things of `size` bytes into a random order. */
void hosts_shuffle(void *things, size_t count, size_t size);

#endif
