/* SPDX-License-Identifier: Apache-2.0 */
/* The completed connection string of SQLDriverConnect and SQLBrowseConnect. */
#include "config/internal.h"

static bool came_from_dsn(const struct aldb_options *o)
{
    return memchr(o->origin, ALDB_FROM_DSN, sizeof o->origin) != NULL;
}

static bool is_place(enum aldb_keyword kw, const struct aldb_options *o)
{
    return (kw == ALDB_KW_Server || kw == ALDB_KW_Port) && o->InstanceUri == NULL;
}

/*
 * The driver manager writes all that it finds here into the file, except what is called PWD. What is not known may be the rest of a secret with a semicolon in it,
 * and an empty value, which counts for nothing, would hide the data source's.
 */
static void add_saved(struct aldb_buf *out, const struct aldb_pair *pair, const struct aldb_options *o)
{
    int kw = aldb_keyword_find(aldb_slice_of(pair->key));
    if (kw == ALDB_KW_PWD) {
        aldb_connstr_add(out, "PWD", pair->value);
    } else if (kw >= 0 && pair->value[0] && !aldb_keyword_secret((enum aldb_keyword)kw, pair->value) && !is_place((enum aldb_keyword)kw, o)) {
        aldb_connstr_add(out, pair->key, pair->value);
    }
}

/* What the data source says and the string does not: the file is to stand alone, for the driver manager leaves DSN out of it. Secrets stay where they are. */
static void add_data_source(struct aldb_buf *out, const struct aldb_pairs *source, const struct aldb_pairs *given, const struct aldb_options *o)
{
    for (size_t i = 0; i < source->count; i++) {
        int kw = aldb_keyword_find(aldb_slice_of(source->at[i].key));
        const char *own = kw >= 0 ? aldb_pairs_get(given, (enum aldb_keyword)kw) : NULL;
        if (kw >= 0 && kw != ALDB_KW_PWD && (own == NULL || own[0] == '\0') && aldb_keyword_info((enum aldb_keyword)kw)->type != ALDB_VT_IGNORED) {
            add_saved(out, &source->at[i], o);
        }
    }
}

/* Server and Port as they were settled: which of two sources was the stronger one a file cannot tell. */
static void add_place(struct aldb_buf *out, const struct aldb_options *o)
{
    if (o->InstanceUri == NULL && o->Server) {
        aldb_connstr_add(out, "Server", o->Server);
    }
    if (o->InstanceUri == NULL && o->Port) {
        aldb_connstr_add(out, "Port", o->Port);
    }
}

/* What the pairs take at most: every character of a value a brace, and ";={}". */
static size_t room_of(const struct aldb_pairs *p)
{
    size_t room = 0;
    for (size_t i = 0; i < p->count; i++) {
        room += strlen(p->at[i].key) + 2 * strlen(p->at[i].value) + 4;
    }
    return room;
}

static size_t place_room(const struct aldb_options *o)
{
    return sizeof "Server={};Port={};" + 2 * (o->Server ? strlen(o->Server) : 0) + 2 * (o->Port ? strlen(o->Port) : 0);
}

enum aldb_rc aldb_connstr_complete(const struct aldb_pairs *given, const struct aldb_options *o,
                                   struct aldb_buf *out, struct aldb_diag *diag)
{
    bool named = aldb_pairs_get(given, ALDB_KW_DSN) != NULL ||
                 aldb_pairs_get(given, ALDB_KW_Driver) != NULL ||
                 aldb_pairs_get(given, ALDB_KW_FileDSN) != NULL;
    bool saving = aldb_pairs_get(given, ALDB_KW_SaveFile) != NULL;
    bool stand_in = false;
    struct aldb_pairs source = {0};
    enum aldb_rc rc = ALDB_OK;
    if (saving && came_from_dsn(o)) {
        ALDB_TRY(aldb_dsn_of(given, NULL, &source, &stand_in, diag));
    }
    /* All room at once: growing would leave copies of secrets behind. */
    size_t room = sizeof "DSN=" ALDB_DEFAULT_DSN ";" + room_of(given) + room_of(&source) + place_room(o);
    size_t most = out->max - out->len;
    if (aldb_buf_reserve(out, room < most ? room : most) == NULL) {
        rc = aldb_config_no_memory(diag);
        goto out;
    }
    if (!named && came_from_dsn(o)) {
        aldb_connstr_add(out, "DSN", ALDB_DEFAULT_DSN);
    }
    for (size_t i = 0; i < given->count; i++) {
        if (saving) {
            add_saved(out, &given->at[i], o);
        } else {
            aldb_connstr_add(out, given->at[i].key, given->at[i].value);
        }
    }
    if (saving) {
        add_data_source(out, &source, given, o);
        add_place(out, o);
    }
    rc = aldb_buf_ok(out) ? ALDB_OK : aldb_config_no_memory(diag);
out:
    aldb_pairs_clear(&source);
    return rc;
}
