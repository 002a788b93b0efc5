/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TLS 1.3 as a client of an AlloyDB instance: the client's ephemeral chain, the instance's own authority and no other, its address or name verified.
 * No ALPN, no session resumption, the library's default cipher suites and groups. No SIGPIPE, whatever the application does with that signal.
 */
#ifndef ALDB_CONNECTOR_TLS_H
#define ALDB_CONNECTOR_TLS_H

#include <openssl/ssl.h>

#include "base/rc.h"
#include "connector/stream.h"
#include "diag/diag.h"

/*
 * Settings of any number of connections, which only read them: SSL_CTX_free(). `chain` has the leaf first; certificates of `authorities` are trusted as they
 * are, roots or not. 08001 naming `who`, HY001.
 */
enum aldb_rc aldb_tls_settings_new(STACK_OF(X509) * chain, EVP_PKEY *key, STACK_OF(X509) * authorities, const char *who, SSL_CTX **out,
                                   struct aldb_diag *diag) ALDB_MUSTCHECK;

/*
 * Over a connected non-blocking socket, which belongs to the stream on success. `name` is what the server's certificate must have among its alternative
 * names: an IP address, or a DNS name without a dot at its end, which is sent as SNI too. Writes nothing yet. HY001.
 */
enum aldb_rc aldb_tls_open(SSL_CTX *settings, int fd, const char *name, struct aldb_stream **out, struct aldb_diag *diag) ALDB_MUSTCHECK;

/* As a write: 1 when the handshake is done, AGAIN with *events, FAILED. */
int aldb_tls_handshake(struct aldb_stream *s, short *events) ALDB_MUSTCHECK;
/* X509_V_…: what the check of the server's certificate came to; X509_V_OK also before it. */
long aldb_tls_verdict(const struct aldb_stream *s);
/* The number of the alert that ended the connection (RFC 8446 6), sent by the server; 0: none. */
int aldb_tls_alert(const struct aldb_stream *s);

#endif
