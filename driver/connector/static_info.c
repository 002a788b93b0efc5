/* SPDX-License-Identifier: Apache-2.0 */
#include "connector/static_info.h"

#include "base/alloc.h"
#include "connector/key.h"
#include "google/file.h"
#include "google/json.h"

static enum aldb_rc add_pem(void *ctx, const char *key, const char *value)
{
    (void)key;
    aldb_buf_add_str(ctx, value);
    aldb_buf_add_char(ctx, '\n');
    return ALDB_OK;
}

static enum aldb_rc read_address(const struct aldb_json *j, const char *field, enum aldb_address_type t, struct aldb_connection_facts *f, struct aldb_diag *diag)
{
    const char *text = NULL;
    enum aldb_rc rc = aldb_json_string(j, field, ALDB_JSON_OPTIONAL, &text, diag);
    return rc == ALDB_OK ? aldb_connection_facts_address(f, t, text, j->source, field, diag) : rc;
}

static enum aldb_rc read_facts(const struct aldb_json *j, struct aldb_connection_facts *f, struct aldb_diag *diag)
{
    struct aldb_buf chain;
    const char *authority = NULL;
    enum aldb_rc rc;
    aldb_buf_init(&chain, 2 * ALDB_MAX_CREDENTIAL_FILE);
    ALDB_TRY(read_address(j, "ipAddress", ALDB_ADDRESS_PRIVATE, f, diag));
    ALDB_TRY(read_address(j, "publicIpAddress", ALDB_ADDRESS_PUBLIC, f, diag));
    ALDB_TRY(read_address(j, "pscInstanceConfig.pscDnsName", ALDB_ADDRESS_PSC, f, diag));
    ALDB_TRY(aldb_json_strings(j, "pemCertificateChain", ALDB_JSON_REQUIRED, add_pem, &chain, diag));
    ALDB_TRY(aldb_json_string(j, "caCert", ALDB_JSON_REQUIRED, &authority, diag));
    f->asked = aldb_moment_now();
    f->authority = aldb_strdup(authority);
    f->chain = aldb_buf_ok(&chain) ? aldb_strdup(aldb_buf_cstr(&chain)) : NULL;
    if (f->authority == NULL || f->chain == NULL) {
        rc = aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    }
out:
    aldb_buf_clear(&chain);
    return rc;
}

static enum aldb_rc read_document(struct aldb_slice text, const char *who, const struct aldb_instance *instance, struct aldb_connection_info **out,
                                  struct aldb_diag *diag)
{
    struct aldb_json all = {0}, one = {0};
    struct aldb_connection_facts facts = {0};
    const char *pem = NULL;
    EVP_PKEY *key = NULL;
    enum aldb_rc rc;
    ALDB_TRY(aldb_json_parse(text, who, ALDB_ST_28000, &all, diag));
    ALDB_TRY(aldb_json_string(&all, "privateKey", ALDB_JSON_REQUIRED, &pem, diag));
    key = aldb_private_key_read(pem);
    if (key == NULL) {
        rc = aldb_diag_post(diag, ALDB_ST_28000, "%s: the field \"privateKey\" is no private key in PEM without a passphrase", who);
        goto out;
    }
    aldb_json_member_object(&all, instance->uri, &one);
    if (one.node == NULL) {
        rc = aldb_diag_post(diag, ALDB_ST_28000, "%s: it has no object \"%s\", which is the instance that is to be connected to", who, instance->uri);
        goto out;
    }
    ALDB_TRY(read_facts(&one, &facts, diag));
    ALDB_TRY(aldb_connection_info_new(&facts, key, who, out, diag));
out:
    EVP_PKEY_free(key);
    aldb_connection_facts_clear(&facts);
    aldb_json_clear(&all);
    return rc;
}

enum aldb_rc aldb_static_info_read(const char *path, const struct aldb_instance *instance, struct aldb_connection_info **out, struct aldb_diag *diag)
{
    struct aldb_buf who, text;
    enum aldb_rc rc;
    aldb_buf_init(&who, ALDB_MAX_NAME);
    aldb_buf_init(&text, ALDB_MAX_CREDENTIAL_FILE);
    aldb_buf_addf(&who, "StaticConnectionInfo \"%s\"", path);
    if (!aldb_buf_ok(&who)) {
        rc = aldb_diag_post(diag, ALDB_ST_HY001, NULL);
        goto out;
    }
    ALDB_TRY(aldb_file_read(path, aldb_buf_cstr(&who), true, &text, diag));
    ALDB_TRY(read_document(aldb_buf_slice(&text), aldb_buf_cstr(&who), instance, out, diag));
out:
    aldb_buf_clear(&who);
    aldb_buf_wipe(&text);
    return rc;
}
