/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The client's key pair, and the certificates that the API gives for it.
 *
 * One RSA key of 2048 bits a process, made when it is first needed (a few tenths of a second, which a stop cuts short, and no deadline); forked children keep
 * it. It is written nowhere.
 */
#ifndef ALDB_CONNECTOR_KEY_H
#define ALDB_CONNECTOR_KEY_H

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/rc.h"
#include "diag/diag.h"
#include "google/room.h"

/* A reference to the process's key: EVP_PKEY_free(). HY008, and HYT00 while another thread is making it; HY000 when OpenSSL cannot, HY001. */
enum aldb_rc aldb_client_key_get(const struct aldb_call *call, EVP_PKEY **out, struct aldb_diag *diag) ALDB_MUSTCHECK;
/* Appends the public half as SubjectPublicKeyInfo in PEM: "-----BEGIN PUBLIC KEY-----", ending in a newline. False: out of memory. */
bool aldb_client_key_write_public(EVP_PKEY *key, struct aldb_buf *out) ALDB_MUSTCHECK;
/* A private key in PEM, not encrypted. NULL: it is none. */
EVP_PKEY *aldb_private_key_read(const char *pem) ALDB_MUSTCHECK;

#define ALDB_CERTIFICATES_MAX 16 /* of one chain, or of one authority */

/* Appends the certificates of a PEM text to the stack. False: there is none, one of them is broken, or there are too many. Frees nothing. */
bool aldb_certificates_read(const char *pem, STACK_OF(X509) * out) ALDB_MUSTCHECK;
/* notAfter, seconds since 1970. False: it is no date. */
bool aldb_certificate_end(const X509 *leaf, int64_t *epoch) ALDB_MUSTCHECK;

/*
 * A client chain, leaf first: is the leaf for this key, and does each next certificate sign the one before? 08001 for a foreign key, naming `who`. A chain
 * out of order is only noted in the log: the server decides.
 */
enum aldb_rc aldb_chain_check(STACK_OF(X509) * chain, EVP_PKEY *key, const char *who, struct aldb_diag *diag) ALDB_MUSTCHECK;

/* The reason at the head of OpenSSL's queue of this thread, which is emptied: borrowed, static or `buf`. */
const char *aldb_openssl_reason(char *buf, size_t size);

#endif
