/* SPDX-License-Identifier: Apache-2.0 */
/* Batches without rows, sent on the driver's own account and waited for. */
#include "pg/internal.h"

#include <string.h>

void unit_on(struct aldb_session *s, void *ctx, const struct aldb_op *op, PGresult *res)
{
    struct unit *u = ctx;
    if (res == NULL) {
        return;
    }
    switch (PQresultStatus(res)) {
    case PGRES_PIPELINE_SYNC:
        u->done = true;
        break;
    case PGRES_COMMAND_OK:
        if (op->kind != OP_PARSE) {
            (void)aldb_copy(u->tag, sizeof u->tag, aldb_slice_of(PQcmdStatus(res)));
        }
        break;
    case PGRES_FATAL_ERROR:
        if (u->error == NULL) {
            u->error = res;
            return;
        }
        break;
    case PGRES_COPY_IN:
    case PGRES_COPY_OUT:
    case PGRES_COPY_BOTH:
        /* libpq would give this result again and again. Nobody who sends a unit has use for the data, or any to give. */
        session_die(s, "COPY cannot be run in InitSql");
        break;
    default:
        break;
    }
    PQclear(res);
}

void unit_error_on(struct aldb_session *s, void *ctx, const struct aldb_op *op, PGresult *res)
{
    if (res && PQresultStatus(res) == PGRES_PIPELINE_SYNC) {
        PQclear(res);
        return;
    }
    unit_on(s, ctx, op, res);
}

void unit_clear(struct unit *u)
{
    PQclear(u->error);
    *u = (struct unit){0};
}

static bool unit_done(void *ctx)
{
    return ((struct unit *)ctx)->done;
}

enum aldb_rc unit_finish(struct aldb_session *s, struct unit *u, const struct aldb_wait *wait, struct aldb_diag *diag)
{
    struct aldb_deadline deadline = wait ? wait->deadline : aldb_deadline_in_ms(GRACE_MS);
    bool late = false;
    for (;;) {
        enum wake w = wire_until(s, unit_done, u, deadline, NULL, SIZE_MAX, true);
        if (u->done) {
            return late && u->error ? aldb_diag_post(diag, late_state(wait), "The server did not answer in time; the request was cancelled") : ALDB_OK;
        }
        if (w == WAKE_DEADLINE && !late) {
            late = true;
            deadline = aldb_deadline_in_ms(grace_of(wait && wait->link));
            slot_cancel_async(s->slot);
            continue;
        }
        if (w == WAKE_DEADLINE) {
            session_die(s, "the server did not answer a cancel request");
            return aldb_diag_post(diag, late_state(wait), "The server did not answer in time, nor did it answer a cancel request; the connection was given up");
        }
        return session_post_dead(s, diag);
    }
}

enum aldb_rc unit_post(struct aldb_session *s, const struct unit *u, enum aldb_rc rc, enum aldb_server_moment moment, struct aldb_diag *diag)
{
    if (rc != ALDB_ERR && u->error) {
        struct aldb_server_context ctx = {.moment = moment};
        rc = post_result_error(s, u->error, &ctx, diag);
    }
    return rc;
}
