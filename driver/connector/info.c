/* SPDX-License-Identifier: Apache-2.0 */
#include "connector/info.h"

#include <openssl/err.h>
#include <stdatomic.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "connector/key.h"
#include "connector/tls.h"

#define NAME_MAX_LEN 255 /* bytes of a DNS name */

const char *aldb_address_type_name(enum aldb_address_type t)
{
    static const char *const names[] = {"PRIVATE", "PUBLIC", "PSC"};
    return names[t];
}

void aldb_connection_facts_clear(struct aldb_connection_facts *f)
{
    for (size_t i = 0; i < ALDB_ADDRESS_TYPES; i++) {
        aldb_free(f->address[i]);
    }
    aldb_free(f->chain);
    aldb_free(f->authority);
    *f = (struct aldb_connection_facts){0};
}

enum aldb_rc aldb_connection_facts_address(struct aldb_connection_facts *f, enum aldb_address_type t, const char *text, const char *who, const char *field,
                                           struct aldb_diag *diag)
{
    size_t len = text ? strlen(text) : 0;
    while (len > 0 && text[len - 1] == '.') {
        len--;
    }
    bool good = len <= NAME_MAX_LEN;
    for (size_t i = 0; good && i < len; i++) {
        char c = text[i];
        good = aldb_is_alpha(c) || aldb_is_digit(c) || c == '.' || c == '-' || c == '_' || c == ':';
    }
    if (!good) {
        return aldb_diag_post(diag, ALDB_ST_08001, "%s: \"%s\" is neither an IP address nor a host name", who, field);
    }
    char *copy = len ? aldb_strndup(text, len) : NULL;
    if (len && copy == NULL) {
        return aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    }
    aldb_free(f->address[t]);
    f->address[t] = copy;
    return ALDB_OK;
}

/* Its life counts from the moment before it was asked for. */
static enum aldb_rc set_end(struct aldb_connection_info *i, const struct aldb_connection_facts *f, const X509 *leaf, const char *who, struct aldb_diag *diag)
{
    const int64_t most = INT64_C(100) * 366 * 86400; /* keeps the sums from overflowing */
    if (!aldb_certificate_end(leaf, &i->not_after)) {
        return aldb_diag_post(diag, ALDB_ST_08001, "%s: the client certificate has no end that can be read", who);
    }
    int64_t left = i->not_after - (f->date ? f->date : f->asked.epoch);
    if (left <= 0) {
        return aldb_diag_post(diag, ALDB_ST_08001, "%s: the client certificate expired %lld seconds ago%s", who, (long long)-left,
                              f->date ? ", by the API's own clock: try again later" : ", by this machine's clock; is it right?");
    }
    left = left < most ? left : most;
    i->end_ms = f->asked.ms + left * 1000;
    i->end_epoch = f->asked.epoch + left;
    return ALDB_OK;
}

static enum aldb_rc fill(struct aldb_connection_info *i, const struct aldb_connection_facts *f, EVP_PKEY *key, STACK_OF(X509) * chain,
                         STACK_OF(X509) * authority, const char *who, struct aldb_diag *diag)
{
    enum aldb_rc rc;
    if (chain == NULL || authority == NULL) {
        return aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    }
    if (f->chain == NULL || !aldb_certificates_read(f->chain, chain)) {
        return aldb_diag_post(diag, ALDB_ST_08001, "%s: pemCertificateChain holds no certificates that can be read", who);
    }
    if (f->authority == NULL || !aldb_certificates_read(f->authority, authority)) {
        return aldb_diag_post(diag, ALDB_ST_08001, "%s: caCert holds no certificate that can be read", who);
    }
    ALDB_TRY(aldb_chain_check(chain, key, who, diag));
    ALDB_TRY(set_end(i, f, sk_X509_value(chain, 0), who, diag));
    ALDB_TRY(aldb_tls_settings_new(chain, key, authority, who, &i->tls, diag));
out:
    return rc;
}

enum aldb_rc aldb_connection_info_new(struct aldb_connection_facts *facts, EVP_PKEY *key, const char *who, struct aldb_connection_info **out,
                                      struct aldb_diag *diag)
{
    static _Atomic uint64_t serial;
    STACK_OF(X509) *chain = sk_X509_new_null();
    STACK_OF(X509) *authority = sk_X509_new_null();
    struct aldb_connection_info *i = aldb_alloc(sizeof *i);
    enum aldb_rc rc = i ? fill(i, facts, key, chain, authority, who, diag) : aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    if (rc == ALDB_OK) {
        i->refs = 1;
        i->generation = aldb_google_generation();
        i->serial = atomic_fetch_add(&serial, 1) + 1;
        i->facts = *facts;
        *facts = (struct aldb_connection_facts){0};
        *out = i;
    } else {
        aldb_free(i);
    }
    sk_X509_pop_free(chain, X509_free);
    sk_X509_pop_free(authority, X509_free);
    return rc;
}

struct aldb_connection_info *aldb_connection_info_ref(struct aldb_connection_info *i)
{
    aldb_google_lock();
    i->refs++;
    aldb_google_unlock();
    return i;
}

void aldb_connection_info_unref(struct aldb_connection_info *i)
{
    if (i == NULL) {
        return;
    }
    aldb_google_lock();
    bool last = --i->refs == 0;
    aldb_google_unlock();
    if (last) {
        if (i->generation == aldb_google_generation()) {
            SSL_CTX_free(i->tls);
        } /* else one of the parent's threads may have been inside */
        aldb_connection_facts_clear(&i->facts);
        aldb_free(i);
    }
}

int64_t aldb_connection_info_left_ms(const struct aldb_connection_info *i)
{
    int64_t by_monotonic = i->end_ms - aldb_now_ms();
    int64_t by_epoch = (i->end_epoch - aldb_google_epoch()) * 1000;
    return by_monotonic < by_epoch ? by_monotonic : by_epoch;
}
