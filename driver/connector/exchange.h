/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The metadata exchange: what is said on the stream between the TLS handshake and PostgreSQL's first message. A pure codec.
 *
 * Either side sends one message: its length (4 bytes, big-endian, not counting themselves) and a protobuf of package google.cloud.alloydb.connectors.v1.
 * A server that does not take part answers with PostgreSQL's ErrorResponse, whose first byte makes a length far beyond the limit.
 */
#ifndef ALDB_CONNECTOR_EXCHANGE_H
#define ALDB_CONNECTOR_EXCHANGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/rc.h"
#include "diag/diag.h"

#define ALDB_EXCHANGE_MAX 16384u /* bytes of one message */

/* How the database login is done afterwards; the values are those of the wire. */
enum aldb_exchange_auth { ALDB_EXCHANGE_DB_NATIVE = 1, ALDB_EXCHANGE_AUTO_IAM = 2 };

/*
 * Appends a request, whose token proves the right to connect in both modes. The buffer is to be wiped. ALDB_NO_DATA: it would be longer than
 * ALDB_EXCHANGE_MAX. ALDB_ERR: out of memory. Posts nothing.
 */
enum aldb_rc aldb_exchange_write(struct aldb_buf *b, enum aldb_exchange_auth auth, const char *user_agent, const char *token) ALDB_MUSTCHECK;

enum aldb_exchange_state {
    ALDB_EXCHANGE_MORE,    /* aldb_exchange_wants() more bytes */
    ALDB_EXCHANGE_OK,      /* the stream is PostgreSQL's from here */
    ALDB_EXCHANGE_REFUSED, /* `text` is the server's, "" if it gave none */
    ALDB_EXCHANGE_SERVER,  /* a PostgreSQL error: `server` */
    ALDB_EXCHANGE_BROKEN,  /* `text` says what is wrong */
};

struct aldb_exchange_reader {
    enum aldb_exchange_state state;
    size_t wants;
    struct aldb_buf in;
    const char *text; /* borrowed from the reader, or static */
    unsigned code;    /* of a refusal: the response code */
    struct aldb_server_error server; /* borrowed from the reader */
    char quoted[640];
};

void aldb_exchange_reader_init(struct aldb_exchange_reader *r);
void aldb_exchange_reader_clear(struct aldb_exchange_reader *r);
/* How many bytes may be read at most: not one beyond the answer, because what follows is PostgreSQL's. 0 once the state is not MORE. */
size_t aldb_exchange_wants(const struct aldb_exchange_reader *r);
/* `len` at most what it wants. Returns the new state, which is never MORE with nothing wanted. Out of memory is BROKEN with in.failed. */
enum aldb_exchange_state aldb_exchange_feed(struct aldb_exchange_reader *r, const void *data, size_t len);
/* The stream ended while more was wanted: BROKEN, and where. */
void aldb_exchange_end(struct aldb_exchange_reader *r);

#endif
