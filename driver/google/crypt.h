/* SPDX-License-Identifier: Apache-2.0 */
/* What both rooms above OpenSSL need of it. Any thread. */
#ifndef ALDB_GOOGLE_CRYPT_H
#define ALDB_GOOGLE_CRYPT_H

#include <openssl/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/rc.h"
#include "base/str.h"

#define ALDB_SHA256_BYTES 32

/* SHA-256 and HMAC-SHA-256 (FIPS 180-4, 198-1). False: OpenSSL has no memory, or a policy forbids the algorithm. */
bool aldb_sha256(struct aldb_slice data, unsigned char out[ALDB_SHA256_BYTES]) ALDB_MUSTCHECK;
bool aldb_hmac_sha256(const void *key, size_t key_len, struct aldb_slice data, unsigned char out[ALDB_SHA256_BYTES]) ALDB_MUSTCHECK;

/*
 * A private key's bytes, owned and to be wiped; NULL: out of memory. A key that a child of fork() is to use is kept so: in an EVP_PKEY it might find locks that
 * a thread of the parent held.
 */
unsigned char *aldb_key_to_der(EVP_PKEY *key, size_t *len) ALDB_MUSTCHECK;
/* For OpenSSL's readers of PEM, which else ask at the terminal: nobody is asked. *asked, a bool, is set; NULL: not wanted. */
int aldb_no_passphrase(char *buf, int size, int writing, void *asked);

#endif
