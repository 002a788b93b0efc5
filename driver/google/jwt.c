/* SPDX-License-Identifier: Apache-2.0 */
#include "google/jwt.h"

#include <limits.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "base/alloc.h"
#include "google/crypt.h"
#include "google/encode.h"

#define P256_BYTES 32
#define RSA_MIN_BITS 2048

/* Read again for each signature: crypt.h says why. */
struct aldb_key {
    unsigned char *der;
    size_t len;
    bool ec;
};

static bool is_p256(const EVP_PKEY *pkey)
{
    char group[64];
    return EVP_PKEY_get_utf8_string_param(pkey, OSSL_PKEY_PARAM_GROUP_NAME, group, sizeof group, NULL) == 1 && strcmp(group, "prime256v1") == 0;
}

static EVP_PKEY *read_pem(const char *pem, bool *asked)
{
    size_t len = strlen(pem);
    BIO *bio = len <= INT_MAX ? BIO_new_mem_buf(pem, (int)len) : NULL;
    EVP_PKEY *pkey = bio ? PEM_read_bio_PrivateKey(bio, NULL, aldb_no_passphrase, asked) : NULL;
    (void)BIO_free(bio);
    return pkey;
}

enum aldb_rc aldb_key_parse(const char *pem, const char *who, const char *field, struct aldb_key **out, struct aldb_diag *diag)
{
    bool asked = false;
    enum aldb_rc rc = ALDB_ERR;
    (void)ERR_set_mark();
    struct aldb_key *k = aldb_alloc(sizeof *k);
    EVP_PKEY *pkey = k ? read_pem(pem, &asked) : NULL;
    if (k == NULL) {
        (void)aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    } else if (asked) {
        (void)aldb_diag_post(diag, ALDB_ST_28000, "%s: the key in \"%s\" is encrypted; give it without a passphrase", who, field);
    } else if (pkey == NULL) {
        (void)aldb_diag_post(diag, ALDB_ST_28000, "%s: \"%s\" holds no private key in PEM form (-----BEGIN PRIVATE KEY-----, with line breaks, which JSON "
                             "writes \\n); use the file as Google made it", who, field);
    } else if (EVP_PKEY_is_a(pkey, "RSA") && EVP_PKEY_get_bits(pkey) < RSA_MIN_BITS) {
        (void)aldb_diag_post(diag, ALDB_ST_28000, "%s: the RSA key in \"%s\" has %d bits; at least %d are needed", who, field, EVP_PKEY_get_bits(pkey),
                             RSA_MIN_BITS);
    } else if (!EVP_PKEY_is_a(pkey, "RSA") && !is_p256(pkey)) {
        (void)aldb_diag_post(diag, ALDB_ST_28000, "%s: the key in \"%s\" is neither RSA nor EC P-256", who, field);
    } else if ((k->der = aldb_key_to_der(pkey, &k->len)) == NULL) {
        (void)aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    } else {
        k->ec = !EVP_PKEY_is_a(pkey, "RSA");
        *out = k;
        k = NULL;
        rc = ALDB_OK;
    }
    EVP_PKEY_free(pkey);
    aldb_free(k);
    (void)ERR_pop_to_mark();
    return rc;
}

void aldb_key_free(struct aldb_key *k)
{
    if (k) {
        aldb_wipe(k->der, k->len);
        aldb_free(k->der);
        aldb_free(k);
    }
}

/* RFC 7518 3.4: r and s side by side instead of DER. */
static bool raw_ecdsa(const unsigned char *der, size_t len, unsigned char out[2 * P256_BYTES])
{
    ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &der, (long)len);
    bool ok = sig && BN_bn2binpad(ECDSA_SIG_get0_r(sig), out, P256_BYTES) == P256_BYTES &&
              BN_bn2binpad(ECDSA_SIG_get0_s(sig), out + P256_BYTES, P256_BYTES) == P256_BYTES;
    ECDSA_SIG_free(sig);
    return ok;
}

static bool add_signature(const struct aldb_key *k, struct aldb_slice text, struct aldb_buf *out)
{
    unsigned char raw[2 * P256_BYTES];
    unsigned char *sig = NULL;
    size_t len = 0;
    const unsigned char *der = k->der;
    EVP_PKEY *pkey = d2i_PrivateKey(k->ec ? EVP_PKEY_EC : EVP_PKEY_RSA, NULL, &der, (long)k->len);
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    bool ok = pkey && md && EVP_DigestSignInit(md, NULL, EVP_sha256(), NULL, pkey) == 1 &&
              EVP_DigestSign(md, NULL, &len, (const unsigned char *)text.ptr, text.len) == 1 && (sig = aldb_alloc(len)) != NULL &&
              EVP_DigestSign(md, sig, &len, (const unsigned char *)text.ptr, text.len) == 1 && (!k->ec || raw_ecdsa(sig, len, raw));
    if (ok) {
        aldb_buf_add_char(out, '.');
        aldb_base64url_add(out, k->ec ? raw : sig, k->ec ? sizeof raw : len);
    }
    aldb_free(sig);
    EVP_MD_CTX_free(md);
    EVP_PKEY_free(pkey);
    return ok;
}

enum aldb_rc aldb_jwt_sign(const struct aldb_key *k, const char *key_id, struct aldb_slice claims, const char *who, struct aldb_buf *out,
                           struct aldb_diag *diag)
{
    struct aldb_buf header;
    struct aldb_buf token;
    aldb_buf_init(&header, ALDB_MAX_TOKEN);
    aldb_buf_init(&token, ALDB_MAX_TOKEN);
    aldb_buf_addf(&header, "{\"typ\":\"JWT\",\"alg\":\"%s\"", k->ec ? "ES256" : "RS256");
    if (key_id) {
        aldb_buf_add_str(&header, ",\"kid\":");
        aldb_json_add_string(&header, aldb_slice_of(key_id));
    }
    aldb_buf_add_char(&header, '}');
    aldb_base64url_add(&token, header.data, header.len);
    aldb_buf_add_char(&token, '.');
    aldb_base64url_add(&token, claims.ptr, claims.len);
    (void)ERR_set_mark();
    bool made = aldb_buf_ok(&header) && aldb_buf_ok(&token);
    bool signed_it = made && add_signature(k, aldb_buf_slice(&token), &token);
    (void)ERR_pop_to_mark();
    enum aldb_rc rc = ALDB_OK;
    if (!made || !aldb_buf_ok(&token)) {
        rc = aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    } else if (!signed_it) {
        rc = aldb_diag_post(diag, ALDB_ST_28000, "%s: the private key cannot sign", who);
    } else {
        aldb_buf_add_slice(out, aldb_buf_slice(&token));
        rc = aldb_buf_ok(out) ? ALDB_OK : aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    }
    aldb_buf_wipe(&token);
    aldb_buf_clear(&header);
    return rc;
}

enum aldb_rc aldb_jwt_claims(struct aldb_slice token, const char *source, struct aldb_json *out, struct aldb_diag *diag)
{
    struct aldb_slice part[3] = {{0}};
    size_t n = 0, from = 0;
    for (size_t i = 0; i <= token.len && n < 4; i++) {
        if (i == token.len || token.ptr[i] == '.') {
            if (n < 3) {
                part[n] = aldb_slice(token.ptr + from, i - from);
            }
            n++;
            from = i + 1;
        }
    }
    struct aldb_buf claims;
    aldb_buf_init(&claims, ALDB_MAX_TOKEN);
    enum aldb_rc rc;
    if (n != 3 || part[1].len == 0 || !aldb_base64_decode(part[1], &claims)) {
        rc = aldb_diag_post(diag, ALDB_ST_08001, "%s: it is not a JSON Web Token", source);
    } else {
        rc = aldb_json_parse(aldb_buf_slice(&claims), source, ALDB_ST_08001, out, diag);
    }
    aldb_buf_wipe(&claims);
    return rc;
}
