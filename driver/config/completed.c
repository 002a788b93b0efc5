/* SPDX-License-Identifier: Apache-2.0 */
/* The completed connection string of SQLDriverConnect and SQLBrowseConnect. */
#include "config/internal.h"

static bool came_from_dsn(const struct aldb_options *o)
{
    return memchr(o->origin, ALDB_FROM_DSN, sizeof o->origin) != NULL;
}

/* The driver manager writes all that it finds here into the file, except what is called PWD. */
static void add_given(struct aldb_buf *out, const struct aldb_pair *pair, bool saving)
{
    int kw = aldb_keyword_find(aldb_slice_of(pair->key));
    bool secret = kw >= 0 && aldb_keyword_info((enum aldb_keyword)kw)->type == ALDB_VT_SECRET;
    if (saving && secret && kw != ALDB_KW_PWD) {
        return;
    }
    aldb_connstr_add(out, saving && secret ? "PWD" : pair->key, pair->value);
}

/* What the data source says and the string does not: the file is to stand alone, for the driver manager leaves DSN out of it. Secrets stay where they are. */
static enum aldb_rc add_data_source(struct aldb_buf *out, const struct aldb_pairs *given, struct aldb_diag *diag)
{
    struct aldb_pairs pairs = {0};
    bool stand_in = false;
    enum aldb_rc rc = aldb_dsn_of(given, NULL, &pairs, &stand_in, diag);
    for (size_t i = 0; rc != ALDB_ERR && i < pairs.count; i++) {
        int kw = aldb_keyword_find(aldb_slice_of(pairs.at[i].key));
        if (kw < 0 || aldb_pairs_get(given, (enum aldb_keyword)kw) != NULL) {
            continue;
        }
        enum aldb_value_type type = aldb_keyword_info((enum aldb_keyword)kw)->type;
        if (type != ALDB_VT_SECRET && type != ALDB_VT_IGNORED) {
            aldb_connstr_add(out, pairs.at[i].key, pairs.at[i].value);
        }
    }
    aldb_pairs_clear(&pairs);
    return rc;
}

enum aldb_rc aldb_connstr_complete(const struct aldb_pairs *given, const struct aldb_options *o,
                                   struct aldb_buf *out, struct aldb_diag *diag)
{
    size_t room = 0;
    for (size_t i = 0; i < given->count; i++) {
        room += strlen(given->at[i].key) + 2 * strlen(given->at[i].value) + 4;
    }
    if (aldb_buf_reserve(out, room < out->max - out->len ? room : 1) == NULL) {
        return aldb_config_no_memory(diag); /* all room at once: growing would leave copies of secrets behind */
    }
    bool named = aldb_pairs_get(given, ALDB_KW_DSN) != NULL ||
                 aldb_pairs_get(given, ALDB_KW_Driver) != NULL ||
                 aldb_pairs_get(given, ALDB_KW_FileDSN) != NULL;
    bool saving = aldb_pairs_get(given, ALDB_KW_SaveFile) != NULL;
    if (!named && came_from_dsn(o)) {
        aldb_connstr_add(out, "DSN", ALDB_DEFAULT_DSN);
    }
    for (size_t i = 0; i < given->count; i++) {
        add_given(out, &given->at[i], saving);
    }
    if (saving && came_from_dsn(o) && add_data_source(out, given, diag) == ALDB_ERR) {
        return ALDB_ERR;
    }
    return aldb_buf_ok(out) ? ALDB_OK : aldb_config_no_memory(diag);
}
