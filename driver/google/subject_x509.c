/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An X.509 certificate as the subject: the token is the chain, and the STS call itself is made with the certificate and its key.
 * https://cloud.google.com/iam/docs/workload-identity-federation-with-x509-certificates
 */
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "base/alloc.h"
#include "google/crypt.h"
#include "google/encode.h"
#include "google/file.h"
#include "google/subject.h"

#define CHAIN_MAX 20 /* certificates, the leaf among them */

struct x509 {
    struct aldb_subject base;
    char *cert_path;
    char *chain_path; /* trust_chain_path, NULL: none */
};

static void free_members(struct aldb_subject *s)
{
    struct x509 *x = (struct x509 *)s;
    aldb_free(x->cert_path);
    aldb_free(x->chain_path);
}

/* Certificates as JSON strings of base64 DER. */
struct chain {
    struct aldb_buf json;
    struct aldb_buf leaf; /* DER of the first certificate of all */
    size_t count;
};

static bool add_certificate(struct chain *c, X509 *cert)
{
    unsigned char *der = NULL;
    int len = i2d_X509(cert, &der);
    bool ok = len > 0;
    bool repeated = ok && c->count == 1 && (size_t)len == c->leaf.len && memcmp(der, c->leaf.data, (size_t)len) == 0; /* chain files may begin with the leaf */
    if (ok && !repeated) {
        aldb_buf_add_str(&c->json, c->count ? ", \"" : "\"");
        aldb_base64_add(&c->json, der, (size_t)len);
        aldb_buf_add_char(&c->json, '"');
        if (c->count == 0) {
            aldb_buf_add(&c->leaf, der, (size_t)len);
        }
        c->count++;
    }
    OPENSSL_free(der);
    return ok;
}

/* As many certificates of the file as it has, `most` at most. */
static enum aldb_rc add_file(const struct x509 *x, const char *path, size_t most, struct chain *c, struct aldb_diag *diag)
{
    struct aldb_buf pem;
    aldb_buf_init(&pem, ALDB_MAX_CREDENTIAL_FILE);
    enum aldb_rc rc = aldb_file_read(path, x->base.who, false, &pem, diag);
    if (rc == ALDB_OK) {
        bool ok = true;
        (void)ERR_set_mark();
        BIO *bio = BIO_new_mem_buf(aldb_buf_cstr(&pem), (int)pem.len);
        X509 *cert;
        size_t read = 0;
        while (bio && ok && read < most && (cert = PEM_read_bio_X509(bio, NULL, aldb_no_passphrase, NULL)) != NULL) {
            ok = add_certificate(c, cert);
            X509_free(cert);
            read++;
        }
        (void)BIO_free(bio);
        (void)ERR_pop_to_mark();
        if (read == 0) {
            rc = aldb_diag_post(diag, ALDB_ST_28000, "%s: the file \"%s\" holds no certificate in PEM form", x->base.who, path);
        } else if (!ok) {
            rc = aldb_diag_post(diag, ALDB_ST_HY001, NULL);
        } else if (c->count > CHAIN_MAX) {
            rc = aldb_diag_post(diag, ALDB_ST_28000, "%s: the file \"%s\" holds more than %d certificates", x->base.who, path, CHAIN_MAX);
        }
    }
    aldb_buf_clear(&pem);
    return rc;
}

static enum aldb_rc fetch(struct aldb_subject *s, const struct aldb_call *call, char **out, struct aldb_diag *diag)
{
    struct x509 *x = (struct x509 *)s;
    struct chain c = {.count = 0};
    (void)call;
    aldb_buf_init(&c.json, 2 * ALDB_MAX_CONNSTR);
    aldb_buf_init(&c.leaf, ALDB_MAX_CONNSTR);
    aldb_buf_add_char(&c.json, '[');
    enum aldb_rc rc;
    ALDB_TRY(add_file(x, x->cert_path, 1, &c, diag));
    if (x->chain_path) {
        ALDB_TRY(add_file(x, x->chain_path, CHAIN_MAX + 1, &c, diag));
    }
    aldb_buf_add_char(&c.json, ']');
    *out = aldb_buf_ok(&c.leaf) ? aldb_buf_take(&c.json) : NULL;
    if (*out == NULL) {
        rc = aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    }
out:
    aldb_buf_clear(&c.json);
    aldb_buf_clear(&c.leaf);
    return rc;
}

static const struct aldb_subject_type x509_type = {.name = "certificate", .fetch = fetch, .free = free_members};

/* Where gcloud keeps it, unless the environment says otherwise. NULL: out of memory, or no home either. */
static char *default_config(void)
{
    const char *path = aldb_source_env_get("GOOGLE_API_CERTIFICATE_CONFIG");
    const char *home = aldb_source_env_get("HOME");
    return path ? aldb_strdup(path) : home ? aldb_source_text("%s/.config/gcloud/certificate_config.json", home) : NULL;
}

/* Paths of certificate and key in the configuration file. */
static enum aldb_rc read_config(const char *path, const char *who, char **cert, char **key, struct aldb_diag *diag)
{
    struct aldb_buf text;
    struct aldb_json j = {0};
    char *source = aldb_source_text("%s: the certificate configuration \"%s\"", who, path);
    aldb_buf_init(&text, ALDB_MAX_CREDENTIAL_FILE);
    enum aldb_rc rc;
    if (source == NULL) {
        return aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    }
    ALDB_TRY(aldb_file_read(path, who, false, &text, diag));
    ALDB_TRY(aldb_json_parse(aldb_buf_slice(&text), source, ALDB_ST_28000, &j, diag));
    ALDB_TRY(aldb_source_take(&j, "cert_configs.workload.cert_path", ALDB_JSON_REQUIRED, cert, diag));
    ALDB_TRY(aldb_source_take(&j, "cert_configs.workload.key_path", ALDB_JSON_REQUIRED, key, diag));
out:
    aldb_json_clear(&j);
    aldb_buf_clear(&text);
    aldb_free(source);
    return rc;
}

enum aldb_rc aldb_subject_x509_parse(const struct aldb_json *j, const struct aldb_subject *base, const struct aldb_source_env *env, struct aldb_subject **out,
                                     struct aldb_diag *diag)
{
    struct x509 *x = NULL;
    char *config = NULL, *key = NULL;
    bool use_default = false;
    enum aldb_rc rc = aldb_subject_new(&x509_type, sizeof *x, base, &x, diag);
    if (rc == ALDB_ERR) {
        return rc;
    }
    ALDB_TRY(aldb_source_take(j, "certificate.certificate_config_location", ALDB_JSON_OPTIONAL, &config, diag));
    ALDB_TRY(aldb_json_bool(j, "certificate.use_default_certificate_config", ALDB_JSON_OPTIONAL, &use_default, diag));
    ALDB_TRY(aldb_source_take(j, "certificate.trust_chain_path", ALDB_JSON_OPTIONAL, &x->chain_path, diag));
    if ((config != NULL) == use_default) {
        rc = aldb_diag_post(diag, ALDB_ST_28000, "%s: \"credential_source.certificate\" must have either \"certificate_config_location\" or "
                            "\"use_default_certificate_config\": true", j->source);
        goto out;
    }
    if (use_default && (config = default_config()) == NULL) {
        rc = aldb_diag_post(diag, ALDB_ST_28000, "%s: there is no default certificate configuration: neither GOOGLE_API_CERTIFICATE_CONFIG nor HOME is set", j->source);
        goto out;
    }
    ALDB_TRY(read_config(config, j->source, &x->cert_path, &key, diag));
    struct aldb_http_options with = *env->http_options;
    with.cert_file = x->cert_path;
    with.key_file = key;
    ALDB_TRY(aldb_http_open(&with, &x->base.sts_http, diag));
    *out = &x->base;
out:
    aldb_free(config);
    aldb_free(key);
    if (rc == ALDB_ERR) {
        aldb_subject_free(&x->base);
    }
    return rc;
}
