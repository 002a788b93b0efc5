/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inner connection: libpq connects to a local socket that the driver accepts itself, and the pump carries what it says to a stream. For connections that
 * have a dialer.
 *
 * Anybody in the network namespace may find the listener while it exists, a moment: whoever is not this process is sent away. Every option of libpq's that
 * could lead it elsewhere, or make it expect something else than a plain local server, is given explicitly, so that no environment variable and no service
 * file decides it; user, password, dbname, options and application_name are libpq's business as ever.
 */
#ifndef ALDB_PG_INNER_H
#define ALDB_PG_INNER_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <sys/un.h>

#include "base/buf.h"
#include "pg/pump.h"
#include "pg/session.h"

#define INNER_BACKLOG 64

struct inner {
    int listener;  /* -1: closed */
    char host[sizeof ((struct sockaddr_un *)0)->sun_path]; /* libpq's option: "@name" or a directory */
    bool directory; /* it is one, to be removed */
};

/* A new listener with a random name: abstract, or where that is not allowed (or not asked for) in a private directory. 08001 with both reasons. */
enum aldb_rc inner_listen(struct inner *in, bool abstract, struct aldb_diag *diag) ALDB_MUSTCHECK;
/* The next connection of this process, non-blocking; -1: none yet. Strangers are closed. */
int inner_accept(const struct inner *in) ALDB_MUSTCHECK;
void inner_clear(struct inner *in); /* safe again and again */

/* The whole conninfo string for a connection through `host`. To be wiped. HY001; HY024 for what cannot be had through a dialer. */
enum aldb_rc inner_options(const char *const *keywords, const char *const *values, const char *host, struct aldb_buf *out, struct aldb_diag *diag) ALDB_MUSTCHECK;

/* Dials by the dialer of `options`, and logs in through the stream. As connect_dial; besides, what the dialer posts. */
enum aldb_rc inner_connect(const char *const *keywords, const char *const *values, const struct aldb_session_options *options, struct aldb_deadline deadline,
                           PGconn **conn, struct pump **pump, struct aldb_diag *diag) ALDB_MUSTCHECK;

#endif
