/* SPDX-License-Identifier: Apache-2.0 */
#include "statement/scroll.h"

#include <errno.h>
#include <string.h>

#include "base/alloc.h"

bool aldb_stmt_scrolls(const struct aldb_stmt *stmt)
{
    return stmt->cursor_type != SQL_CURSOR_FORWARD_ONLY;
}

static void scroll_free(struct aldb_scroll *sc)
{
    aldb_rowstore_clear(&sc->rows);
    aldb_free(sc);
}

enum aldb_rc aldb_scroll_open(struct aldb_stmt *stmt, struct aldb_outcome *o)
{
    if (o->scroll || !o->has_rows || !aldb_stmt_scrolls(stmt)) {
        return ALDB_OK;
    }
    struct aldb_scroll *sc = aldb_alloc(sizeof *sc);
    if (sc == NULL) {
        return aldb_diag_post(&stmt->h.diag, ALDB_ST_HY001, NULL);
    }
    const struct aldb_options *options = &stmt->dbc->options;
    uint16_t ncells = o->shape ? o->shape->ncolumns : o->exec.ncolumns;
    aldb_rowstore_init(&sc->rows, ncells, options->MaxBufferMemory << 20, options->MaxSpoolSize << 20);
    o->scroll = sc;
    stmt->scroll_free = scroll_free;
    return ALDB_OK;
}

static enum aldb_rc post_trouble(struct aldb_diag *diag, int error, const char *what)
{
    char why[128];
    if (error == ENOMEM) {
        return aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    }
    if (error == EFBIG) {
        return aldb_diag_post(diag, ALDB_ST_HY000, "%s: they have reached MaxSpoolSize. Raise it, or fetch with a forward-only cursor", what);
    }
    return aldb_diag_post(diag, ALDB_ST_HY000, "%s: %s", what, strerror_r(error, why, sizeof why));
}

/* One more row off the wire. */
static enum aldb_rc take(struct aldb_stmt *stmt, struct aldb_outcome *o, const struct aldb_wait *wait, struct aldb_diag *diag)
{
    struct aldb_scroll *sc = o->scroll;
    enum aldb_rc rc = ALDB_OK;
    if (sc->ended) {
        return ALDB_NO_DATA;
    }
    int error = aldb_rowstore_full(&sc->rows);
    if (error) {
        return post_trouble(diag, error, "There is no room to keep more rows of a scrollable cursor");
    }
    if (sc->taken == NULL) {
        rc = aldb_fetch_next_row(stmt, o, wait, diag, &sc->taken);
        if (rc == ALDB_NO_DATA && sc->failed) {
            rc = aldb_diag_post(diag, ALDB_ST_HY000, "The result set broke off behind row %llu: the error was reported before",
                                (unsigned long long)sc->rows.count);
        }
        sc->failed |= rc == ALDB_ERR;
        sc->ended |= rc == ALDB_NO_DATA;
        if (!aldb_done(rc)) {
            sc->taken = NULL;
            return rc;
        }
    }
    if (!aldb_rowstore_add(&sc->rows, sc->taken)) {
        return aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    }
    sc->taken = NULL;
    return rc;
}

static enum aldb_rc check_open(const struct aldb_outcome *o, struct aldb_diag *diag)
{
    return o->is_local || !aldb_exec_closed(&o->exec) ? ALDB_OK : aldb_exec_post_closed(diag);
}

enum aldb_rc aldb_scroll_row(struct aldb_stmt *stmt, struct aldb_outcome *o, uint64_t i, const struct aldb_wait *wait, struct aldb_diag *diag,
                             const struct aldb_cell **cells)
{
    struct aldb_scroll *sc = o->scroll;
    bool info = false;
    if (check_open(o, diag) == ALDB_ERR) {
        return ALDB_ERR;
    }
    while (sc->rows.count <= i) {
        enum aldb_rc rc = take(stmt, o, wait, diag);
        if (!aldb_done(rc)) {
            return rc;
        }
        info |= rc == ALDB_INFO;
    }
    int error = aldb_rowstore_get(&sc->rows, i, cells);
    if (error) {
        return post_trouble(diag, error, "Rows kept for a scrollable cursor could not be read back");
    }
    return info ? ALDB_INFO : ALDB_OK;
}

enum aldb_rc aldb_scroll_count(struct aldb_stmt *stmt, struct aldb_outcome *o, const struct aldb_wait *wait, struct aldb_diag *diag, uint64_t *count)
{
    bool info = false;
    if (check_open(o, diag) == ALDB_ERR) {
        return ALDB_ERR;
    }
    for (;;) {
        enum aldb_rc rc = take(stmt, o, wait, diag);
        if (rc == ALDB_ERR) {
            return rc;
        }
        info |= rc == ALDB_INFO;
        if (rc == ALDB_NO_DATA) {
            *count = o->scroll->rows.count;
            return info ? ALDB_INFO : ALDB_OK;
        }
    }
}
