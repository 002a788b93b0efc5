/* SPDX-License-Identifier: Apache-2.0 */
#include "google/crypt.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/alloc.h"

/* The queue of errors is the thread's, and the application may be reading it: nothing of ours stays in it. */
bool aldb_sha256(struct aldb_slice data, unsigned char out[ALDB_SHA256_BYTES])
{
    (void)ERR_set_mark();
    bool ok = EVP_Digest(data.ptr ? data.ptr : "", data.len, out, NULL, EVP_sha256(), NULL) == 1;
    (void)ERR_pop_to_mark();
    return ok;
}

bool aldb_hmac_sha256(const void *key, size_t key_len, struct aldb_slice data, unsigned char out[ALDB_SHA256_BYTES])
{
    if (key_len > INT_MAX) {
        return false;
    }
    (void)ERR_set_mark();
    bool ok = HMAC(EVP_sha256(), key, (int)key_len, (const unsigned char *)(data.ptr ? data.ptr : ""), data.len, out, NULL) != NULL;
    (void)ERR_pop_to_mark();
    return ok;
}

unsigned char *aldb_key_to_der(EVP_PKEY *key, size_t *len)
{
    int n = i2d_PrivateKey(key, NULL);
    unsigned char *der = n > 0 ? aldb_alloc((size_t)n) : NULL;
    unsigned char *p = der;
    if (der && i2d_PrivateKey(key, &p) != n) {
        aldb_free(der);
        der = NULL;
    }
    *len = der ? (size_t)n : 0;
    return der;
}

int aldb_no_passphrase(char *buf, int size, int writing, void *asked)
{
    (void)buf;
    (void)size;
    (void)writing;
    if (asked) {
        *(bool *)asked = true;
    }
    return -1;
}
