/* SPDX-License-Identifier: Apache-2.0 */
#include "statement/scroll.h"

#include <errno.h>
#include <string.h>

#include "base/alloc.h"

#define NOT_CHANGED UINT64_MAX

bool aldb_stmt_scrolls(const struct aldb_stmt *stmt)
{
    return stmt->cursor_type != SQL_CURSOR_FORWARD_ONLY || stmt->edit;
}

static void scroll_free(struct aldb_scroll *sc)
{
    aldb_rowstore_clear(&sc->rows);
    aldb_rowstore_clear(&sc->changed);
    aldb_map_clear(&sc->changes, aldb_free);
    aldb_free(sc->added);
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
    aldb_rowstore_init(&sc->changed, ncells, options->MaxBufferMemory << 20, options->MaxSpoolSize << 20);
    aldb_map_init(&sc->changes);
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

/* ------------------------------------------------------------------ changes */

static struct aldb_slice key_of(const uint64_t *i)
{
    return aldb_slice((const char *)i, sizeof *i);
}

/* What has become of row `i`; NULL: nothing. */
static struct aldb_change *change_of(const struct aldb_scroll *sc, uint64_t i)
{
    if (sc->ended && i >= sc->rows.count) {
        return i - sc->rows.count < sc->nadded ? &sc->added[i - sc->rows.count] : NULL;
    }
    return sc->changes.count ? aldb_map_get(&sc->changes, key_of(&i)) : NULL;
}

bool aldb_scroll_deleted(const struct aldb_scroll *sc, uint64_t i)
{
    const struct aldb_change *c = change_of(sc, i);
    return c && c->deleted;
}

static enum aldb_rc keep_changed(struct aldb_scroll *sc, const struct aldb_cell *cells, struct aldb_diag *diag)
{
    int error = aldb_rowstore_full(&sc->changed);
    if (error) {
        return post_trouble(diag, error, "There is no room to keep what this cursor has changed");
    }
    return aldb_rowstore_add(&sc->changed, cells) ? ALDB_OK : aldb_diag_post(diag, ALDB_ST_HY001, NULL);
}

enum aldb_rc aldb_scroll_change(struct aldb_scroll *sc, uint64_t i, const struct aldb_cell *cells, struct aldb_diag *diag)
{
    struct aldb_change *c = change_of(sc, i);
    if (c == NULL) {
        void *old;
        c = aldb_alloc(sizeof *c);
        if (c == NULL || !aldb_map_put(&sc->changes, key_of(&i), c, &old)) {
            aldb_free(c);
            return aldb_diag_post(diag, ALDB_ST_HY001, NULL);
        }
        c->at = NOT_CHANGED;
    }
    if (cells == NULL) {
        c->deleted = true;
        return ALDB_OK;
    }
    if (keep_changed(sc, cells, diag) == ALDB_ERR) {
        return ALDB_ERR;
    }
    c->at = sc->changed.count - 1;
    c->deleted = false;
    return ALDB_OK;
}

enum aldb_rc aldb_scroll_add(struct aldb_scroll *sc, const struct aldb_cell *cells, struct aldb_diag *diag)
{
    if (sc->nadded == sc->added_cap) {
        size_t cap = sc->added_cap ? sc->added_cap * 2 : 16;
        struct aldb_change *added = aldb_realloc_array(sc->added, cap, sizeof *added);
        if (added == NULL) {
            return aldb_diag_post(diag, ALDB_ST_HY001, NULL);
        }
        sc->added = added;
        sc->added_cap = cap;
    }
    if (keep_changed(sc, cells, diag) == ALDB_ERR) {
        return ALDB_ERR;
    }
    sc->added[sc->nadded++] = (struct aldb_change){.at = sc->changed.count - 1};
    return ALDB_OK;
}

/* ------------------------------------------------------------------ rows */

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
        if (rc == ALDB_NO_DATA && i - sc->rows.count < sc->nadded) {
            break;
        }
        if (!aldb_done(rc)) {
            return rc;
        }
        info |= rc == ALDB_INFO;
    }
    const struct aldb_change *c = change_of(sc, i);
    int error = c && c->at != NOT_CHANGED ? aldb_rowstore_get(&sc->changed, c->at, cells) : aldb_rowstore_get(&sc->rows, i, cells);
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
            *count = o->scroll->rows.count + o->scroll->nadded;
            return info ? ALDB_INFO : ALDB_OK;
        }
    }
}
