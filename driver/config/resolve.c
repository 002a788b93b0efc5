/* SPDX-License-Identifier: Apache-2.0 */
#include "config/internal.h"

/* The worse of two results of one source. */
static enum aldb_rc worse(enum aldb_rc a, enum aldb_rc b)
{
    if (a == ALDB_ERR || b == ALDB_ERR) {
        return ALDB_ERR;
    }
    return a == ALDB_INFO ? a : b;
}

static enum aldb_rc apply_pairs(struct aldb_options *o, const struct aldb_pairs *pairs,
                                enum aldb_origin origin, struct aldb_diag *diag)
{
    enum aldb_rc rc = ALDB_OK;
    for (size_t i = 0; i < pairs->count; i++) {
        rc = worse(rc, aldb_options_set(o, aldb_slice_of(pairs->at[i].key),
                                        aldb_slice_of(pairs->at[i].value), origin, diag));
    }
    return rc;
}

/* In a connection string an unknown keyword behind a secret may be the rest of it: "PWD=my;pass=word". It is not repeated. */
static enum aldb_rc apply_string(struct aldb_options *o, const struct aldb_pairs *pairs, struct aldb_diag *diag)
{
    enum aldb_rc rc = ALDB_OK;
    const char *secret = NULL;
    for (size_t i = 0; i < pairs->count; i++) {
        struct aldb_slice key = aldb_slice_of(pairs->at[i].key);
        int kw = aldb_keyword_find(key);
        if (kw >= 0) {
            secret = aldb_keyword_secret((enum aldb_keyword)kw, NULL) ? aldb_keyword_info((enum aldb_keyword)kw)->name : NULL;
        }
        rc = worse(rc, kw < 0 && secret ? aldb_option_hidden(key, i + 1, secret, diag)
                                        : aldb_options_set(o, key, aldb_slice_of(pairs->at[i].value), ALDB_FROM_STRING, diag));
    }
    return rc;
}

/* The data source to read: the argument, the one in the pairs, the default one when nothing is named; NULL = none. */
static const char *source_name(const struct aldb_pairs *pairs, const char *dsn)
{
    if (dsn != NULL && dsn[0] != '\0') {
        return dsn;
    }
    const char *named = aldb_pairs_get(pairs, ALDB_KW_DSN);
    if (named != NULL && named[0] != '\0') {
        return named;
    }
    bool other = aldb_pairs_get(pairs, ALDB_KW_Driver) != NULL ||
                 aldb_pairs_get(pairs, ALDB_KW_FileDSN) != NULL;
    return other ? NULL : ALDB_DEFAULT_DSN;
}

enum aldb_rc aldb_dsn_of(const struct aldb_pairs *given, const char *dsn, struct aldb_pairs *out, bool *stand_in, struct aldb_diag *diag)
{
    enum aldb_rc rc = ALDB_OK;
    const char *name = source_name(given, dsn);
    *stand_in = false;
    if (name == NULL) {
        return ALDB_OK;
    }
    ALDB_TRY(aldb_dsn_read(name, out, diag));
    if (out->count == 0 && !aldb_slice_is(aldb_slice_of(name), ALDB_DEFAULT_DSN)) {
        ALDB_TRY(aldb_dsn_read(ALDB_DEFAULT_DSN, out, diag));
        *stand_in = out->count > 0;
    }
out:
    return rc;
}

static enum aldb_rc apply_dsn(struct aldb_options *o, const struct aldb_pairs *given, const char *dsn, struct aldb_diag *diag)
{
    struct aldb_pairs pairs = {0};
    enum aldb_rc rc;
    bool stand_in = false;
    ALDB_TRY(aldb_dsn_of(given, dsn, &pairs, &stand_in, diag));
    rc = apply_pairs(o, &pairs, ALDB_FROM_DSN, diag);
    if (stand_in) {
        char shown[ALDB_SHOWN_MAX + 4];
        rc = worse(rc, aldb_diag_post(diag, ALDB_ST_01000, "The data source \"%s\" is not in odbc.ini; the one named " ALDB_DEFAULT_DSN " was used instead",
                                      aldb_shown(aldb_slice_of(source_name(given, dsn)), shown)));
    }
out:
    aldb_pairs_clear(&pairs);
    return rc;
}

/* Texts that have a default and were given by nobody. */
static enum aldb_rc fill_texts(struct aldb_options *o, struct aldb_diag *diag)
{
    for (enum aldb_keyword kw = 0; kw < ALDB_KW_COUNT; kw++) {
        const struct aldb_keyword_info *info = aldb_keyword_info(kw);
        if (info->type != ALDB_VT_STRING || info->fallback == NULL || aldb_option_given(o, kw)) {
            continue;
        }
        enum aldb_rc rc = aldb_option_replace(o, kw, aldb_slice_of(info->fallback), diag);
        if (rc == ALDB_ERR) {
            return rc;
        }
    }
    return ALDB_OK;
}

enum aldb_rc aldb_options_settle(struct aldb_options *o, struct aldb_diag *diag)
{
    enum aldb_rc rc = aldb_target_check(o, diag);
    rc = worse(rc, aldb_pqopt_apply(o, diag));
    return worse(rc, aldb_pqopt_check(o, diag));
}

enum aldb_rc aldb_options_resolve(struct aldb_options *o, const struct aldb_pairs *pairs,
                                  const char *dsn, struct aldb_diag *diag)
{
    struct aldb_options found;
    aldb_options_init(&found);
    enum aldb_rc rc = apply_string(&found, pairs, diag);
    rc = worse(rc, apply_dsn(&found, pairs, dsn, diag));
    rc = worse(rc, aldb_ini_apply(&found, diag));
    rc = worse(rc, aldb_environment_apply(&found, diag));
    if (rc != ALDB_ERR) {
        rc = worse(rc, aldb_options_settle(&found, diag));
        rc = worse(rc, fill_texts(&found, diag));
    }
    if (rc == ALDB_ERR) {
        aldb_options_clear(&found);
        return rc;
    }
    *o = found;
    return rc;
}
