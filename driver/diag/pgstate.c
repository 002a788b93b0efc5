/* SPDX-License-Identifier: Apache-2.0 */
/* From the server's SQLSTATE to ODBC's. */
#include <string.h>

#include "base/str.h"
#include "diag/diag.h"

/* When a row of the table applies. */
enum when {
    NOTICE = 1 << 0,
    CONNECT = 1 << 1,
    LOST_STATEMENT = 1 << 2,
    LOST_COMMIT = 1 << 3,
    FAILED_STATEMENT = 1 << 4,
    FAILED_COMMIT = 1 << 5,
    LOST = LOST_STATEMENT | LOST_COMMIT,
    FAILED = FAILED_STATEMENT | FAILED_COMMIT,
};

#define PASS NULL

static const struct {
    const char *prefix;
    const char *routine;
    int when; /* bits of enum when */
    const char *odbc;
} rules[] = {
#define ALDB_PGSTATE(prefix, routine, when, odbc) {prefix, routine, when, odbc},
#include "diag/pgstate.def"
#undef ALDB_PGSTATE
};

#define QUERY_CANCELED "57014"
#define NO_STATE "-----"

static bool is_state(const char *s)
{
    if (s == NULL || strlen(s) != 5) {
        return false;
    }
    for (const char *c = s; *c; c++) {
        if (!aldb_is_digit(*c) && !(*c >= 'A' && *c <= 'Z')) {
            return false;
        }
    }
    return true;
}

static bool starts_with(const char *s, const char *prefix)
{
    return strncmp(s, prefix, strlen(prefix)) == 0;
}

static bool is_one_of(const char *word, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (strncmp(word, list[i], strlen(list[i])) == 0) {
            return true;
        }
    }
    return false;
}

/* A severity tells; without one the states that only come from a dying session or link do. */
static bool session_lost(const struct aldb_server_error *e, const char *state)
{
    static const char *const ends[] = {"FATAL", "PANIC"};
    static const char *const states[] = {"08", "57P", "25P03"};
    if (e->severity && e->severity[0]) {
        return is_one_of(e->severity, ends, ALDB_COUNT(ends));
    }
    return is_one_of(state, states, ALDB_COUNT(states));
}

static int when_of(const struct aldb_server_error *e, const char *state, enum aldb_server_moment moment)
{
    static const char *const notices[] = {"WARNING", "NOTICE", "INFO", "LOG", "DEBUG"};
    if (e->severity && is_one_of(e->severity, notices, ALDB_COUNT(notices))) {
        return NOTICE;
    }
    if (moment == ALDB_AT_CONNECT) {
        return CONNECT;
    }
    bool commit = moment == ALDB_AT_COMMIT;
    if (session_lost(e, state)) {
        return commit ? LOST_COMMIT : LOST_STATEMENT;
    }
    return commit ? FAILED_COMMIT : FAILED_STATEMENT;
}

/*
 * The server reports SQLCancel, a client's deadline, statement_timeout and an administrator's pg_cancel_backend alike, apart from a text in its
 * own language. What nobody here asked for is taken for statement_timeout, and while connecting for authentication_timeout.
 */
static const char *canceled_state(const struct aldb_server_context *ctx)
{
    if (ctx->own_timeout && ctx->link_timeout) {
        return "HYT01";
    }
    return ctx->own_cancel && !ctx->own_timeout ? "HY008" : "HYT00";
}

/* Classes beginning with 5-9 or I-Z belong to implementations and users (ISO 9075-2, SQLSTATE): a RAISE with its own ERRCODE. */
static bool user_defined(const char *state)
{
    return (state[0] >= '5' && state[0] <= '9') || (state[0] >= 'I' && state[0] <= 'Z');
}

static const char *odbc_state(const struct aldb_server_error *e, const struct aldb_server_context *ctx, const char *state)
{
    int when = when_of(e, state, ctx->moment);
    if (strcmp(state, QUERY_CANCELED) == 0 && (when & (FAILED | CONNECT))) {
        return canceled_state(ctx);
    }
    for (size_t i = 0; i < ALDB_COUNT(rules); i++) {
        if ((rules[i].when & when) && starts_with(state, rules[i].prefix) &&
            (rules[i].routine == NULL || (e->routine && strcmp(e->routine, rules[i].routine) == 0))) {
            return rules[i].odbc ? rules[i].odbc : state;
        }
    }
    return user_defined(state) ? state : "HY000";
}

void aldb_pgstate_map(const struct aldb_server_error *e, const struct aldb_server_context *ctx, char out[6])
{
    const char *state = is_state(e->sqlstate) ? e->sqlstate : NO_STATE;
    memcpy(out, odbc_state(e, ctx, state), 6);
}

int32_t aldb_pgstate_native(const char *sqlstate)
{
    int32_t packed = 0;
    if (is_state(sqlstate)) {
        for (int i = 0; i < 5; i++) {
            packed |= (sqlstate[i] - '0') << (6 * i);
        }
    }
    return packed;
}
