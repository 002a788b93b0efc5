/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 and HMAC-SHA-256 (FIPS 180-4, 198-1). Any thread. False: OpenSSL has no memory, or a policy forbids the algorithm. */
#ifndef ALDB_GOOGLE_CRYPT_H
#define ALDB_GOOGLE_CRYPT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/rc.h"
#include "base/str.h"

#define ALDB_SHA256_BYTES 32

bool aldb_sha256(struct aldb_slice data, unsigned char out[ALDB_SHA256_BYTES]) ALDB_MUSTCHECK;
bool aldb_hmac_sha256(const void *key, size_t key_len, struct aldb_slice data, unsigned char out[ALDB_SHA256_BYTES]) ALDB_MUSTCHECK;

#endif
