/* SPDX-License-Identifier: Apache-2.0 */
/* Transactions: autocommit, COMMIT and ROLLBACK, groups, isolation, reset, and what a failed batch leaves of them. */
#include "pg/internal.h"

#include <stdio.h>
#include <string.h>

/* One housekeeping batch, run to its Sync. Server errors stay in *u. */
static enum aldb_rc run_unit(struct aldb_session *s, enum housekeeping first, enum housekeeping second, struct unit *u, const struct aldb_wait *wait,
                             struct aldb_diag *diag)
{
    bool ok = wire_ready(s, NULL) && wire_housekeeping(s, first, unit_on, u);
    if (second != first) {
        ok = ok && wire_housekeeping(s, second, unit_on, u);
    }
    ok = ok && wire_sync(s, unit_on, u);
    return ok ? unit_finish(s, u, wait, diag) : session_post_dead(s, diag);
}

/* ------------------------------------------------------------------ end of a transaction */

static enum aldb_rc commit(struct aldb_session *s, const struct aldb_wait *wait, struct aldb_diag *diag)
{
    struct unit u = {0};
    enum aldb_rc rc = wire_acquire(s, NULL, wait, diag);
    if (rc == ALDB_ERR) {
        return rc;
    }
    if (aldb_session_txn(s) == ALDB_TXN_IDLE) {
        return ALDB_OK;
    }
    struct aldb_diag lost;
    aldb_diag_init(&lost);
    SESSION_LOG(ALDB_LOG_DEBUG, s, "COMMIT");
    rc = run_unit(s, HK_COMMIT, HK_COMMIT, &u, wait, &lost);
    if (rc == ALDB_ERR && atomic_load(&s->dead)) {
        rc = aldb_diag_post(diag, ALDB_ST_08007, "The connection was lost during COMMIT; whether the transaction took effect is unknown: %s",
                            aldb_buf_cstr(&s->why_dead));
    } else {
        aldb_diag_move(diag, &lost);
        rc = unit_post(s, &u, rc, ALDB_AT_COMMIT, diag);
        if (rc == ALDB_OK && strcmp(u.tag, "ROLLBACK") == 0) {
            rc = aldb_diag_post(diag, ALDB_ST_25S03, "The transaction had failed, so COMMIT rolled it back: none of its changes were stored");
        }
    }
    if (rc == ALDB_ERR && s->ddl_in_txn) {
        plans_forget(s, false);
    }
    aldb_diag_clear(&lost);
    unit_clear(&u);
    return rc;
}

static bool all_read(void *ctx)
{
    return ((struct aldb_session *)ctx)->nops == 0;
}

static enum aldb_rc rollback(struct aldb_session *s, const struct aldb_wait *wait, struct aldb_diag *diag)
{
    struct unit u = {0};
    bool ddl = s->ddl_in_txn;
    if (copy_waits(s)) {
        return copy_post_busy(diag);
    }
    /* A stream on the wire is cut short: spooling what will be rolled back helps nobody. */
    if (s->wire && s->wire->exec) {
        (void)!exec_close_held(s->wire->exec, true, wait, diag);
    } else if (s->nops > 0) {
        (void)wire_until(s, all_read, s, aldb_deadline_in_ms(GRACE_MS), NULL, SIZE_MAX, true);
    }
    if (atomic_load(&s->dead)) {
        return session_post_dead(s, diag);
    }
    if (PQtransactionStatus(s->conn) == PQTRANS_IDLE) {
        return ALDB_OK;
    }
    SESSION_LOG(ALDB_LOG_DEBUG, s, "ROLLBACK");
    enum aldb_rc rc = run_unit(s, HK_ROLLBACK, HK_ROLLBACK, &u, wait, diag);
    rc = unit_post(s, &u, rc, ALDB_AT_STATEMENT, diag);
    unit_clear(&u);
    atomic_fetch_add(&s->rollback_epoch, 1);
    if (ddl) {
        plans_forget(s, false);
    }
    return rc;
}

/* BEGIN has been sent or the transaction is the application's own: what the last Sync, or the stream being read, says. */
static bool transaction_open(const struct aldb_session *s)
{
    return aldb_session_txn(s) != ALDB_TXN_IDLE || (s->wire && s->wire->began);
}

bool aldb_session_has_work(struct aldb_session *s)
{
    struct aldb_diag unheard;
    bool work = false;
    aldb_diag_init(&unheard);
    if (session_enter(s, NULL, NULL, &unheard) == ALDB_OK) {
        (void)!txn_heal(s, &unheard);
        work = transaction_open(s) && aldb_session_txn(s) != ALDB_TXN_FAILED;
        session_leave(s);
    }
    aldb_diag_clear(&unheard);
    return work;
}

enum aldb_rc aldb_session_end(struct aldb_session *s, bool do_commit, const struct aldb_wait *wait, struct aldb_diag *diag)
{
    enum aldb_rc rc = session_enter(s, NULL, wait, diag);
    if (rc == ALDB_ERR) {
        return rc;
    }
    if (transaction_open(s)) {
        rc = do_commit ? commit(s, wait, diag) : rollback(s, wait, diag);
        rc = session_notices(s, rc, diag);
    }
    session_leave(s);
    return rc;
}

enum aldb_rc aldb_session_set_autocommit(struct aldb_session *s, bool on, const struct aldb_wait *wait, struct aldb_diag *diag)
{
    enum aldb_rc rc = session_enter(s, NULL, wait, diag);
    if (rc == ALDB_ERR) {
        return rc;
    }
    if (on && !atomic_load(&s->autocommit) && transaction_open(s)) {
        rc = commit(s, wait, diag);
        rc = session_notices(s, rc, diag);
    }
    if (rc != ALDB_ERR) {
        atomic_store(&s->autocommit, on);
    }
    session_leave(s);
    return rc;
}

bool aldb_session_autocommit(const struct aldb_session *s)
{
    return atomic_load(&((struct aldb_session *)s)->autocommit);
}

/* ------------------------------------------------------------------ groups */

enum aldb_rc aldb_group_begin(struct aldb_session *s, const struct aldb_wait *wait, struct aldb_diag *diag)
{
    enum aldb_rc rc = session_enter(s, NULL, wait, diag);
    if (rc == ALDB_ERR) {
        return rc;
    }
    struct unit u = {0};
    enum group_kind kind = GROUP_NOTHING;
    rc = wire_acquire(s, NULL, wait, diag);
    enum aldb_txn txn = aldb_session_txn(s);
    if (rc != ALDB_ERR && txn == ALDB_TXN_IDLE) {
        bool own = atomic_load(&s->autocommit) || s->options.error_rollback != ALDB_ROLLBACK_NONE;
        kind = own ? GROUP_TRANSACTION : GROUP_NOTHING; /* NONE: what fails leaves the application a failed transaction */
        rc = run_unit(s, HK_BEGIN, HK_BEGIN, &u, wait, diag);
    } else if (rc != ALDB_ERR && txn == ALDB_TXN_OPEN && s->options.error_rollback == ALDB_ROLLBACK_STATEMENT) {
        kind = GROUP_SAVEPOINT;
        rc = run_unit(s, HK_GROUP_SAVE, HK_GROUP_SAVE, &u, wait, diag);
    }
    rc = unit_post(s, &u, rc, ALDB_AT_STATEMENT, diag);
    unit_clear(&u);
    if (rc != ALDB_ERR) {
        s->group = kind;
    }
    session_leave(s);
    return rc;
}

/* A result of the group failed behind its first rows, after the call that made it had succeeded. */
static enum aldb_rc post_group_undone(struct aldb_diag *diag)
{
    return aldb_diag_post(diag, ALDB_ST_25S03, "A statement of the batch failed while its rows were read, so all of the batch was rolled back");
}

static enum aldb_rc end_transaction_group(struct aldb_session *s, bool ok, const struct aldb_wait *wait, struct aldb_diag *diag)
{
    struct unit u = {0};
    bool failed = aldb_session_txn(s) == ALDB_TXN_FAILED;
    if (!ok || failed) {
        enum aldb_rc rc = run_unit(s, HK_ROLLBACK, HK_ROLLBACK, &u, wait, diag);
        rc = unit_post(s, &u, rc, ALDB_AT_STATEMENT, diag);
        unit_clear(&u);
        return ok && rc != ALDB_ERR ? post_group_undone(diag) : rc;
    }
    return atomic_load(&s->autocommit) ? commit(s, wait, diag) : ALDB_OK;
}

enum aldb_rc aldb_group_end(struct aldb_session *s, bool ok, const struct aldb_wait *wait, struct aldb_diag *diag)
{
    enum aldb_rc rc = session_enter(s, NULL, wait, diag);
    if (rc == ALDB_ERR) {
        return rc;
    }
    struct unit u = {0};
    enum group_kind kind = s->group;
    s->group = GROUP_NONE;
    bool streams = s->wire && s->wire->exec;
    if (!ok && streams) {
        (void)!exec_close_held(s->wire->exec, true, wait, diag);
    }
    rc = wire_acquire(s, NULL, wait, diag);
    if (rc != ALDB_ERR && kind == GROUP_TRANSACTION && aldb_session_txn(s) != ALDB_TXN_IDLE) {
        rc = end_transaction_group(s, ok, wait, diag);
    } else if (rc != ALDB_ERR && kind == GROUP_SAVEPOINT && aldb_session_txn(s) != ALDB_TXN_IDLE) {
        bool good = ok && aldb_session_txn(s) == ALDB_TXN_OPEN;
        rc = run_unit(s, good ? HK_GROUP_RELEASE : HK_GROUP_BACK, HK_GROUP_RELEASE, &u, wait, diag);
        rc = unit_post(s, &u, rc, ALDB_AT_STATEMENT, diag);
        rc = ok && !good && rc != ALDB_ERR ? post_group_undone(diag) : rc;
    } else if (rc != ALDB_ERR && kind == GROUP_NOTHING && !ok) {
        rc = txn_restore(s, false, false, diag);
    }
    unit_clear(&u);
    rc = session_notices(s, rc, diag);
    session_leave(s);
    return rc;
}

/* ------------------------------------------------------------------ settings */

static enum aldb_rc run_setting(struct aldb_session *s, const char *text, const struct aldb_wait *wait, struct aldb_diag *diag)
{
    struct unit u = {0};
    bool ok = wire_ready(s, NULL) && wire_text(s, text, unit_on, &u) && wire_sync(s, unit_on, &u);
    enum aldb_rc rc = ok ? unit_finish(s, &u, wait, diag) : session_post_dead(s, diag);
    rc = unit_post(s, &u, rc, ALDB_AT_STATEMENT, diag);
    unit_clear(&u);
    return rc;
}

enum aldb_rc aldb_session_set_isolation(struct aldb_session *s, int odbc_bit, const struct aldb_wait *wait, struct aldb_diag *diag)
{
    const char *level = isolation_words(odbc_bit);
    if (level == NULL) {
        return aldb_diag_post(diag, ALDB_ST_HY024, "%d is not a transaction isolation level", odbc_bit);
    }
    enum aldb_rc rc = session_enter(s, NULL, wait, diag);
    if (rc == ALDB_ERR) {
        return rc;
    }
    rc = wire_acquire(s, NULL, wait, diag);
    rc = rc == ALDB_ERR ? rc : session_know_pooler(s, wait, diag);
    if (rc != ALDB_ERR && aldb_session_txn(s) != ALDB_TXN_IDLE) {
        rc = aldb_diag_post(diag, ALDB_ST_HY011, "The isolation level cannot change while a transaction is open; commit or roll back first");
    } else if (rc != ALDB_ERR && !s->pooled) {
        char text[96];
        (void)snprintf(text, sizeof text, "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL %s", level);
        rc = run_setting(s, text, wait, diag);
    }
    if (rc != ALDB_ERR) {
        s->isolation = odbc_bit;
    }
    session_leave(s);
    return rc;
}

enum aldb_rc aldb_session_set_read_only(struct aldb_session *s, bool on, const struct aldb_wait *wait, struct aldb_diag *diag)
{
    enum aldb_rc rc = session_enter(s, NULL, wait, diag);
    if (rc == ALDB_ERR) {
        return rc;
    }
    rc = wire_acquire(s, NULL, wait, diag);
    rc = rc == ALDB_ERR ? rc : session_know_pooler(s, wait, diag);
    if (rc != ALDB_ERR && aldb_session_txn(s) != ALDB_TXN_IDLE) {
        rc = aldb_diag_post(diag, ALDB_ST_HY011, "The access mode cannot change while a transaction is open; commit or roll back first");
    } else if (rc != ALDB_ERR && !s->pooled) {
        rc = run_setting(s, on ? "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY" : "SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE", wait,
                         diag);
    }
    if (rc != ALDB_ERR) {
        s->read_only = on;
    }
    session_leave(s);
    return rc;
}

enum aldb_rc aldb_session_reset(struct aldb_session *s, const struct aldb_wait *wait, struct aldb_diag *diag)
{
    enum aldb_rc rc = session_enter(s, NULL, wait, diag);
    if (rc == ALDB_ERR) {
        return rc;
    }
    notify_clear(s); /* whoever comes next has not listened */
    rc = rollback(s, wait, diag);
    rc = rc == ALDB_ERR ? rc : session_know_pooler(s, wait, diag);
    if (rc != ALDB_ERR && !s->pooled) {
        plans_forget(s, true);
        s->isolation = s->options.isolation;
        s->read_only = s->options.read_only;
        rc = run_setting(s, "DISCARD ALL", wait, diag);
        if (rc != ALDB_ERR) {
            struct aldb_deadline deadline = wait ? wait->deadline : aldb_deadline_none();
            rc = session_settings(s, deadline, diag);
            rc = rc == ALDB_ERR ? rc : session_init_sql(s, deadline, diag);
        }
    }
    atomic_store(&s->autocommit, true);
    if (rc == ALDB_ERR) {
        session_die(s, "it could not be reset");
    }
    session_leave(s);
    return rc;
}

/* ------------------------------------------------------------------ after a failed batch */

enum aldb_rc txn_undo(struct aldb_session *s, bool whole, struct aldb_diag *diag)
{
    struct unit u = {0};
    bool ok = wire_ready(s, NULL);
    if (whole) {
        ok = ok && wire_housekeeping(s, HK_ROLLBACK, unit_on, &u);
        plans_forget(s, false);
    } else {
        ok = ok && wire_housekeeping_text(s, HK_BACK, unit_on, &u) && wire_housekeeping_text(s, HK_RELEASE, unit_on, &u);
    }
    ok = ok && wire_sync(s, unit_on, &u);
    enum aldb_rc rc = ok ? unit_finish(s, &u, NULL, diag) : session_post_dead(s, diag);
    rc = unit_post(s, &u, rc, ALDB_AT_STATEMENT, diag);
    unit_clear(&u);
    return rc;
}

enum aldb_rc txn_restore(struct aldb_session *s, bool savepoint, bool began, struct aldb_diag *diag)
{
    if (s->dead) {
        return session_post_dead(s, diag);
    }
    int mode = s->options.error_rollback;
    bool whole = !savepoint && (mode == ALDB_ROLLBACK_TRANSACTION || (began && mode == ALDB_ROLLBACK_STATEMENT));
    if (atomic_load(&s->txn) != ALDB_TXN_FAILED || s->group != GROUP_NONE || (!savepoint && !whole)) {
        return ALDB_OK;
    }
    return txn_undo(s, whole, diag);
}

enum aldb_rc txn_heal(struct aldb_session *s, struct aldb_diag *diag)
{
    if (!s->unhealed.pending) {
        return ALDB_OK;
    }
    s->unhealed.pending = false;
    return txn_restore(s, s->unhealed.savepoint, s->unhealed.began, diag);
}
