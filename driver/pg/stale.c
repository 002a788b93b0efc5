/* SPDX-License-Identifier: Apache-2.0 */
/* Plans that no longer hold: a table was altered, a search path changed, the server has forgotten a name. */
#include "pg/internal.h"

#include <string.h>

/* "cached plan must not change result type", which is no other 0A000. */
static bool other_result(const PGresult *error)
{
    const char *routine = error ? PQresultErrorField(error, PG_DIAG_SOURCE_FUNCTION) : NULL;
    return strcmp(result_state(error), "0A000") == 0 && routine && strcmp(routine, "RevalidateCachedQuery") == 0;
}

/* Without a plan it may be the application's own name, as in EXECUTE no_such; ours stand in the message as they are, in every language. */
bool plan_name_lost(const struct aldb_session *s, const struct aldb_plan *plan, const PGresult *error)
{
    const char *message = error ? PQresultErrorField(error, PG_DIAG_MESSAGE_PRIMARY) : NULL;
    return strcmp(result_state(error), "26000") == 0 && (plan || (message && strstr(message, s->prefix)));
}

/* What a value meets whose type is not the parameter's any more. */
static bool type_error(int32_t native)
{
    static const char *const states[] = {"22P02", "22P03", "22003", "42804", "42883"};
    for (size_t i = 0; i < ALDB_COUNT(states); i++) {
        if (native == aldb_pgstate_native(states[i])) {
            return true;
        }
    }
    return false;
}

bool aldb_plan_doubtful(int32_t native)
{
    return type_error(native) || native == aldb_pgstate_native("26000") || native == aldb_pgstate_native("0A000");
}

bool plan_may_be_stale(const struct aldb_session *s, const struct aldb_plan *plan, bool described, uint32_t nparams, const PGresult *error)
{
    if (plan_name_lost(s, plan, error) || ((plan || described) && other_result(error))) {
        return true;
    }
    return plan && nparams > 0 && type_error(aldb_pgstate_native(result_state(error)));
}

bool aldb_plan_same_params(const struct aldb_plan *a, const struct aldb_plan *b)
{
    return a->nparams == b->nparams && memcmp(a->param_oids, b->param_oids, a->nparams * sizeof *a->param_oids) == 0;
}

enum aldb_rc plan_renew(struct aldb_session *s, struct aldb_plan *old, const PGresult *error, const struct aldb_wait *wait, struct aldb_plan **fresh,
                        struct aldb_diag *diag)
{
    if (old->own) {
        return plan_name_lost(s, old, error) ? plan_own(s, aldb_slice(old->sql, old->sql_len), old->nparams, true, fresh, diag) : ALDB_NO_DATA;
    }
    struct aldb_diag unheard; /* the failure that led here is the one to tell, except that of a name which means nothing to the application */
    aldb_diag_init(&unheard);
    struct aldb_plan_request ask = {
        .sql = aldb_slice(old->sql, old->sql_len), .nparams = old->nparams, .declared = old->asked, .force = old->forced};
    plan_forget(s, old);
    struct aldb_plan *p = NULL;
    enum aldb_rc rc = plan_get_held(s, &ask, true, wait, &p, plan_name_lost(s, old, error) ? diag : &unheard);
    aldb_diag_clear(&unheard);
    if (rc == ALDB_ERR) {
        return ALDB_ERR;
    }
    if (!plan_name_lost(s, old, error) && !other_result(error) && aldb_plan_same_params(p, old)) {
        aldb_plan_release(p);
        return ALDB_NO_DATA;
    }
    *fresh = p;
    return ALDB_OK;
}
