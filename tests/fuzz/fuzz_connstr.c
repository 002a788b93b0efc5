/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a connection string: split, set every pair, check what goes together, libpq parameters, write and split again. */
#include <stdio.h>
#include <stdlib.h>

#include "config/internal.h"

static void require(bool truth, const char *what)
{
    if (!truth) {
        fprintf(stderr, "violated: %s\n", what);
        abort();
    }
}

/* What was split survives being written and split once more. */
static void round_trip(const struct aldb_pairs *p, struct aldb_diag *diag)
{
    struct aldb_buf text;
    struct aldb_pairs again = {0};
    aldb_buf_init(&text, 8 * ALDB_MAX_CONNSTR);
    for (size_t i = 0; i < p->count; i++) {
        aldb_connstr_add(&text, p->at[i].key, p->at[i].value);
    }
    require(aldb_buf_ok(&text), "the written string fits");
    if (text.len <= ALDB_MAX_CONNSTR) {
        require(aldb_connstr_split(aldb_buf_slice(&text), &again, diag) == ALDB_OK,
                "what is written can be split");
        require(again.count == p->count, "as many pairs");
        for (size_t i = 0; i < p->count; i++) {
            require(strcmp(again.at[i].key, p->at[i].key) == 0, "the same key");
            require(strcmp(again.at[i].value, p->at[i].value) == 0, "the same value");
        }
    }
    aldb_pairs_clear(&again);
    aldb_buf_clear(&text);
}

static void to_libpq(const struct aldb_options *o, struct aldb_diag *diag)
{
    struct aldb_libpq_params params = {0};
    if (aldb_options_to_libpq(o, &params, diag) != ALDB_ERR) {
        require(params.keywords[params.count] == NULL && params.values[params.count] == NULL,
                "arrays end with NULL");
        for (size_t i = 0; i < params.count; i++) {
            require(params.keywords[i] != NULL && params.values[i] != NULL, "no holes");
        }
        aldb_libpq_params_clear(&params);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct aldb_pairs pairs = {0};
    struct aldb_options o;
    struct aldb_diag diag;
    aldb_diag_init(&diag);
    if (aldb_connstr_split(aldb_slice((const char *)data, size), &pairs, &diag) == ALDB_ERR) {
        require(aldb_diag_has_error(&diag), "a refusal says why");
        require(pairs.at == NULL, "nothing is left after a refusal");
        aldb_diag_clear(&diag);
        return 0;
    }
    aldb_options_init(&o);
    bool good = true;
    for (size_t i = 0; i < pairs.count; i++) {
        good &=
            aldb_options_set(&o, aldb_slice_of(pairs.at[i].key), aldb_slice_of(pairs.at[i].value),
                             ALDB_FROM_STRING, &diag) != ALDB_ERR;
    }
    require(good || aldb_diag_has_error(&diag), "a refusal says why");
    if (good && aldb_target_check(&o, &diag) != ALDB_ERR) {
        to_libpq(&o, &diag);
    }
    round_trip(&pairs, &diag);
    aldb_options_clear(&o);
    aldb_pairs_clear(&pairs);
    aldb_diag_clear(&diag);
    return 0;
}
