/* SPDX-License-Identifier: Apache-2.0 */
#include "connector/key.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include "base/alloc.h"
#include "google/crypt.h"
#include "log/log.h"

#define BITS 2048

/* Under google/'s lock, as its own state. */
static struct {
    EVP_PKEY *key;
    uint64_t generation;  /* whose threads may hold locks inside the key */
    unsigned char *der;   /* the same, for a forked child to read it again; secret */
    size_t der_len;
    bool making;
    uint64_t maker;       /* generation of who makes it */
} own;

const char *aldb_openssl_reason(char *buf, size_t size)
{
    unsigned long e = ERR_peek_error();
    const char *text = e ? ERR_reason_error_string(e) : NULL;
    if (text == NULL && e) {
        ERR_error_string_n(e, buf, size);
        text = buf;
    }
    ERR_clear_error();
    return text ? text : "OpenSSL gives no reason";
}

static EVP_PKEY *from_der(const unsigned char *der, size_t len)
{
    const unsigned char *p = der;
    return d2i_PrivateKey(EVP_PKEY_RSA, NULL, &p, (long)len);
}

static enum aldb_rc cancelled(struct aldb_diag *diag)
{
    return aldb_diag_post(diag, ALDB_ST_HY008, "AlloyDB connector: the call was cancelled while the client's key was being made");
}

/* OpenSSL asks between any two steps. */
static int goes_on(EVP_PKEY_CTX *ctx)
{
    return !aldb_call_stopped(EVP_PKEY_CTX_get_app_data(ctx));
}

/* NULL: stopped, as by a process that exits; or OpenSSL cannot. */
static EVP_PKEY *generate(const struct aldb_call *call)
{
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    if (ctx && EVP_PKEY_keygen_init(ctx) == 1 && EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, BITS) == 1) {
        EVP_PKEY_CTX_set_app_data(ctx, (void *)(uintptr_t)call);
        EVP_PKEY_CTX_set_cb(ctx, goes_on);
        if (EVP_PKEY_generate(ctx, &key) != 1) {
            key = NULL;
        }
    }
    EVP_PKEY_CTX_free(ctx);
    return key;
}

/* Outside the lock. */
static enum aldb_rc make(const struct aldb_call *call, EVP_PKEY **key, unsigned char **der, size_t *len, struct aldb_diag *diag)
{
    char reason[256];
    int64_t began = aldb_now_ms();
    if (!aldb_google_init()) {
        return aldb_diag_post(diag, ALDB_ST_HY000, "The HTTP library libcurl cannot be initialised in this process");
    }
    ERR_clear_error();
    *key = generate(call);
    if (*key == NULL && aldb_call_stopped(call)) {
        ERR_clear_error();
        return cancelled(diag);
    }
    if (*key == NULL) {
        return aldb_diag_post(diag, ALDB_ST_HY000, "AlloyDB connector: OpenSSL cannot make an RSA key: %s", aldb_openssl_reason(reason, sizeof reason));
    }
    *der = aldb_key_to_der(*key, len);
    if (*der == NULL) {
        EVP_PKEY_free(*key);
        return aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    }
    ALDB_LOG(ALDB_LOG_DEBUG, ALDB_LOG_CONNECTOR, "made an RSA key of %d bits in %lld ms", BITS, (long long)(aldb_now_ms() - began));
    return ALDB_OK;
}

/* Under the lock, which it lets go of meanwhile. */
static enum aldb_rc make_own(const struct aldb_call *call, struct aldb_diag *diag)
{
    EVP_PKEY *key = NULL;
    unsigned char *der = NULL;
    size_t len = 0;
    own.making = true;
    own.maker = aldb_google_generation();
    aldb_google_unlock();
    enum aldb_rc rc = make(call, &key, &der, &len, diag);
    aldb_google_lock();
    own.making = false;
    if (rc == ALDB_OK) {
        own.key = key;
        own.generation = aldb_google_generation();
        own.der = der;
        own.der_len = len;
    }
    aldb_google_wake();
    return rc;
}

enum aldb_rc aldb_client_key_get(const struct aldb_call *call, EVP_PKEY **out, struct aldb_diag *diag)
{
    enum aldb_rc rc = ALDB_OK;
    aldb_google_lock();
    while (own.der == NULL && own.making && own.maker == aldb_google_generation() && rc == ALDB_OK) {
        if (aldb_call_stopped(call)) {
            rc = cancelled(diag);
        } else if (aldb_deadline_over(call->deadline)) {
            rc = aldb_diag_post(diag, ALDB_ST_HYT00, "AlloyDB connector: the client's key was not made within the time allowed");
        } else {
            aldb_google_wait(call->deadline, call->stop != NULL);
        }
    }
    if (rc == ALDB_OK && own.der == NULL) {
        rc = make_own(call, diag);
    }
    if (rc == ALDB_OK && own.generation != aldb_google_generation()) {
        own.key = from_der(own.der, own.der_len); /* the parent's is left alone: one of its threads may have been inside */
        own.generation = own.key ? aldb_google_generation() : 0;
    }
    if (rc == ALDB_OK && (own.key == NULL || EVP_PKEY_up_ref(own.key) != 1)) {
        rc = aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    }
    if (rc == ALDB_OK) {
        *out = own.key;
    }
    aldb_google_unlock();
    return rc;
}

bool aldb_client_key_write_public(EVP_PKEY *key, struct aldb_buf *out)
{
    char *text = NULL;
    BIO *bio = BIO_new(BIO_s_mem());
    long len = bio && PEM_write_bio_PUBKEY(bio, key) == 1 ? BIO_get_mem_data(bio, &text) : 0;
    if (len > 0) {
        aldb_buf_add(out, text, (size_t)len);
    }
    (void)BIO_free(bio);
    return len > 0 && aldb_buf_ok(out);
}

EVP_PKEY *aldb_private_key_read(const char *pem)
{
    BIO *bio = BIO_new_mem_buf(pem, -1);
    EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, aldb_no_passphrase, NULL) : NULL;
    (void)BIO_free(bio);
    ERR_clear_error();
    return key;
}

bool aldb_certificates_read(const char *pem, STACK_OF(X509) * out)
{
    BIO *bio = BIO_new_mem_buf(pem, -1);
    int found = 0;
    bool good = bio != NULL;
    while (good) {
        X509 *x = PEM_read_bio_X509(bio, NULL, aldb_no_passphrase, NULL);
        if (x == NULL) {
            unsigned long e = ERR_peek_last_error();
            good = ERR_GET_LIB(e) == ERR_LIB_PEM && ERR_GET_REASON(e) == PEM_R_NO_START_LINE; /* the end of the text */
            break;
        }
        good = sk_X509_num(out) < ALDB_CERTIFICATES_MAX && sk_X509_push(out, x) > 0;
        if (!good) {
            X509_free(x);
        }
        found++;
    }
    (void)BIO_free(bio);
    ERR_clear_error();
    return good && found > 0;
}

bool aldb_certificate_end(const X509 *leaf, int64_t *epoch)
{
    int days = 0;
    int seconds = 0;
    ASN1_TIME *zero = ASN1_TIME_set(NULL, 0);
    bool good = zero && ASN1_TIME_diff(&days, &seconds, zero, X509_get0_notAfter(leaf)) == 1;
    ASN1_TIME_free(zero);
    if (good) {
        *epoch = (int64_t)days * 86400 + seconds;
    }
    return good;
}

enum aldb_rc aldb_chain_check(STACK_OF(X509) * chain, EVP_PKEY *key, const char *who, struct aldb_diag *diag)
{
    X509 *leaf = sk_X509_value(chain, 0);
    EVP_PKEY *its = X509_get0_pubkey(leaf);
    bool same = its && EVP_PKEY_eq(its, key) == 1;
    if (same) {
        for (int i = 0; i + 1 < sk_X509_num(chain); i++) {
            if (X509_check_issued(sk_X509_value(chain, i + 1), sk_X509_value(chain, i)) != X509_V_OK) {
                ALDB_LOG(ALDB_LOG_WARNING, ALDB_LOG_CONNECTOR, "%s: certificate %d of the client's chain is not signed by the next one", who, i + 1);
            }
        }
    }
    ERR_clear_error();
    return same ? ALDB_OK
                : aldb_diag_post(diag, ALDB_ST_08001, "%s: the client certificate is not for this process's key, so that it cannot be used", who);
}
