/* SPDX-License-Identifier: Apache-2.0 */
/* What LISTEN brings, kept until it is asked for. */
#include "pg/internal.h"

#include <string.h>
#include <unistd.h>

#include "base/alloc.h"

/* An application that listens and never asks must not grow for it. */
#define NOTIFICATIONS_MAX 65536
#define NOTIFIED_BYTES_MAX ((size_t)16 << 20)

static size_t bytes_of(const PGnotify *n)
{
    return sizeof *n + strlen(n->relname) + strlen(n->extra);
}

static bool make_room(struct aldb_session *s)
{
    if (s->nnotified < s->notified_cap) {
        return true;
    }
    size_t cap = s->notified_cap ? s->notified_cap * 2 : 16;
    PGnotify **ring = s->notified_cap < NOTIFICATIONS_MAX ? aldb_alloc_array(cap, sizeof(PGnotify *)) : NULL;
    if (ring == NULL) {
        return false;
    }
    for (size_t i = 0; i < s->nnotified; i++) {
        ring[i] = s->notified[(s->notified_head + i) % s->notified_cap];
    }
    aldb_free(s->notified);
    s->notified = ring;
    s->notified_cap = cap;
    s->notified_head = 0;
    return true;
}

static PGnotify *take_oldest(struct aldb_session *s)
{
    PGnotify *n = s->notified[s->notified_head];
    s->notified_head = (s->notified_head + 1) % s->notified_cap;
    s->nnotified--;
    s->notified_bytes -= bytes_of(n);
    return n;
}

/* The oldest ones give way. */
void notify_keep(struct aldb_session *s)
{
    for (PGnotify *n; (n = PQnotifies(s->conn)) != NULL;) {
        size_t bytes = bytes_of(n);
        while (s->nnotified > 0 && (s->notified_bytes + bytes > NOTIFIED_BYTES_MAX || !make_room(s))) {
            PQfreemem(take_oldest(s));
            s->notified_lost++;
        }
        if (!make_room(s)) {
            PQfreemem(n);
            s->notified_lost++;
            continue;
        }
        s->notified[(s->notified_head + s->nnotified) % s->notified_cap] = n;
        s->nnotified++;
        s->notified_bytes += bytes;
    }
}

void notify_clear(struct aldb_session *s)
{
    while (s->nnotified > 0) {
        PQfreemem(take_oldest(s));
    }
    PQfreemem(s->notification);
    s->notification = NULL;
    aldb_free(s->notified);
    s->notified = NULL;
    s->notified_cap = 0;
    s->notified_lost = 0;
}

bool aldb_session_notified(const struct aldb_session *s, struct aldb_notification *out)
{
    const PGnotify *n = s->notification;
    if (n) {
        *out = (struct aldb_notification){.channel = n->relname, .payload = n->extra, .pid = n->be_pid};
    }
    return n != NULL;
}

static bool has_come(void *ctx)
{
    return ((struct aldb_session *)ctx)->nnotified > 0;
}

static enum aldb_rc take_held(struct aldb_session *s, struct aldb_deadline deadline, struct aldb_notification *out, struct aldb_diag *diag)
{
    notify_keep(s);
    if (aldb_session_txn(s) != ALDB_TXN_IDLE) {
        deadline = aldb_deadline_in_ms(0);
    }
    if (s->nnotified == 0 && s->nops == 0 && wire_idle(s, has_come, s, deadline) == WAKE_DEAD) {
        return session_post_dead(s, diag);
    }
    if (s->nnotified == 0) {
        return ALDB_NO_DATA;
    }
    PQfreemem(s->notification);
    s->notification = take_oldest(s);
    (void)aldb_session_notified(s, out);
    if (s->notified_lost > 0) {
        uint64_t lost = s->notified_lost;
        s->notified_lost = 0;
        return aldb_diag_post(diag, ALDB_ST_01000, "%llu notifications were lost before this one: more had come than are kept until they are asked for",
                              (unsigned long long)lost);
    }
    return ALDB_OK;
}

enum aldb_rc aldb_session_notification(struct aldb_session *s, struct aldb_deadline deadline, struct aldb_notification *out, struct aldb_diag *diag)
{
    struct aldb_wait wait = {.deadline = deadline};
    struct aldb_diag unheard;
    aldb_diag_init(&unheard);
    enum aldb_rc rc = session_enter(s, NULL, &wait, &unheard);
    if (rc == ALDB_ERR && (atomic_load(&s->dead) || s->owner != aldb_process())) {
        aldb_diag_move(diag, &unheard);
    } else if (rc == ALDB_ERR) {
        rc = ALDB_NO_DATA; /* another thread keeps the session so long */
    }
    aldb_diag_clear(&unheard);
    if (rc != ALDB_OK) {
        return rc;
    }
    rc = take_held(s, deadline, out, diag);
    rc = session_notices(s, rc, diag);
    session_leave(s);
    return rc;
}
