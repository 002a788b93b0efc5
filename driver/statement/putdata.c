/* SPDX-License-Identifier: Apache-2.0 */
/* Data at execution: SQLParamData and SQLPutData. Everything is collected before anything is sent. */
#include "statement/internal.h"

#include "base/alloc.h"
#include "base/utf.h"

struct dae_item {
    uint32_t param;
    uint64_t set;
    struct aldb_buf data;
    bool started; /* SQLPutData was called */
    bool null;
    bool by_default; /* SQL_DEFAULT_PARAM */
};

struct aldb_dae {
    struct dae_item *items; /* in the order in which they are asked for: sets, then parameters */
    size_t count, room;
    size_t next; /* next item to ask for; the one before it is being filled */
    /* What the items were found in: an explicit descriptor may be changed or freed by others meanwhile. */
    const struct aldb_desc *apd;
    uint64_t apd_version;
};

static void dae_free(struct aldb_dae *dae)
{
    if (dae) {
        for (size_t i = 0; i < dae->count; i++) {
            aldb_buf_clear(&dae->items[i].data);
        }
        aldb_free(dae->items);
        aldb_free(dae);
    }
}

static bool is_dae(SQLLEN len)
{
    return len == SQL_DATA_AT_EXEC || len <= SQL_LEN_DATA_AT_EXEC_OFFSET;
}

static bool param_is_dae(const struct aldb_stmt *stmt, uint32_t param, uint64_t set)
{
    struct aldb_param_at at;
    aldb_params_at(stmt, param, set, &at);
    if (at.ipd && (at.ipd->parameter_type == SQL_PARAM_OUTPUT || at.ipd->parameter_type == SQL_PARAM_OUTPUT_STREAM)) {
        return false;
    }
    if (at.indicator && aldb_length_at(at.indicator) == SQL_NULL_DATA) {
        return false;
    }
    return at.length && is_dae(aldb_length_at(at.length));
}

static enum aldb_rc add_item(struct aldb_stmt *stmt, uint32_t param, uint64_t set)
{
    if (stmt->dae == NULL) {
        stmt->dae = aldb_alloc(sizeof *stmt->dae);
        stmt->dae_free = dae_free;
    }
    struct aldb_dae *dae = stmt->dae;
    if (dae && dae->count == dae->room) {
        size_t room = dae->room ? dae->room * 2 : 16;
        struct dae_item *items = aldb_realloc_array(dae->items, room, sizeof *items);
        if (items) {
            dae->items = items;
            dae->room = room;
        }
    }
    if (dae == NULL || dae->count == dae->room) {
        return aldb_diag_post(&stmt->h.diag, ALDB_ST_HY001, NULL);
    }
    struct dae_item *it = &dae->items[dae->count++];
    *it = (struct dae_item){.param = param, .set = set};
    aldb_buf_init(&it->data, ALDB_MAX_VALUE);
    return ALDB_OK;
}

enum aldb_rc aldb_dae_begin(struct aldb_stmt *stmt)
{
    for (uint64_t set = 0; set < stmt->apd->array_size; set++) {
        if (aldb_params_ignored(stmt, set)) {
            continue;
        }
        for (uint32_t p = 0; p < stmt->sql.nparams; p++) {
            if (param_is_dae(stmt, p, set) && add_item(stmt, p, set) == ALDB_ERR) {
                aldb_stmt_drop_dae(stmt);
                return ALDB_ERR;
            }
        }
    }
    if (stmt->dae == NULL) {
        return ALDB_OK;
    }
    stmt->dae->apd = stmt->apd;
    stmt->dae->apd_version = stmt->apd->version;
    return ALDB_NEED_DATA;
}

static const struct dae_item *find_item(const struct aldb_stmt *stmt, uint32_t param, uint64_t set)
{
    size_t low = 0;
    size_t high = stmt->dae ? stmt->dae->count : 0;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        const struct dae_item *it = &stmt->dae->items[mid];
        if (it->set == set && it->param == param) {
            return it;
        }
        if (it->set < set || (it->set == set && it->param < param)) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return NULL;
}

bool aldb_dae_value(const struct aldb_stmt *stmt, uint32_t param, uint64_t set, struct aldb_slice *value, bool *null)
{
    const struct dae_item *it = find_item(stmt, param, set);
    if (it == NULL || it->by_default) {
        return false;
    }
    *value = aldb_buf_slice(&it->data);
    *null = it->null;
    return true;
}

bool aldb_dae_is_default(const struct aldb_stmt *stmt, uint32_t param, uint64_t set)
{
    const struct dae_item *it = find_item(stmt, param, set);
    return it && it->by_default;
}

/* The statement waits no longer when its bindings are others than those that it waits for. */
static enum aldb_rc check_bindings(struct aldb_stmt *stmt)
{
    const struct aldb_dae *dae = stmt->dae;
    if (dae->apd == stmt->apd && dae->apd_version == stmt->apd->version) {
        return ALDB_OK;
    }
    aldb_stmt_rest(stmt);
    return aldb_diag_post(&stmt->h.diag, ALDB_ST_HY010, "The application parameter descriptor was changed or freed while the statement waited for data; "
                          "execute it again");
}

enum aldb_rc aldb_stmt_param_data(struct aldb_stmt *stmt, SQLPOINTER *token)
{
    struct aldb_dae *dae = stmt->dae;
    if (aldb_stmt_edit_waits(stmt)) {
        return aldb_stmt_edit_param_data(stmt, token);
    }
    if (stmt->copying != ALDB_COPYING_NOT) {
        return aldb_copy_param_data(stmt, token);
    }
    if (stmt->state == ALDB_STMT_PARAM_DATA) {
        return aldb_streamed_next(stmt, token);
    }
    if (stmt->state != ALDB_STMT_NEED_DATA || dae == NULL) {
        return aldb_diag_post(&stmt->h.diag, ALDB_ST_HY010, "No data-at-execution parameter is waiting");
    }
    if (check_bindings(stmt) == ALDB_ERR) {
        return ALDB_ERR;
    }
    if (dae->next > 0 && !dae->items[dae->next - 1].started) {
        uint32_t param = dae->items[dae->next - 1].param;
        aldb_stmt_rest(stmt);
        return aldb_diag_post(&stmt->h.diag, ALDB_ST_HY010, "Parameter %u got no SQLPutData; send an empty value as length 0", param + 1);
    }
    if (dae->next < dae->count) {
        struct dae_item *it = &dae->items[dae->next++];
        if (token) {
            *token = aldb_params_token(stmt, it->param, it->set);
        }
        aldb_sets_processed(stmt, it->set + 1);
        return ALDB_NEED_DATA;
    }
    enum aldb_rc rc = aldb_stmt_run(stmt);
    aldb_stmt_drop_dae(stmt);
    if (rc == ALDB_PARAM_DATA) {
        /* unixODBC lets SQLGetData follow at once, and nothing else; ODBC's words allow a SQLParamData in between. */
        rc = aldb_streamed_next(stmt, token);
        stmt->streamed_ahead = true;
    }
    return rc == ALDB_NEED_DATA ? aldb_copy_param_data(stmt, token) : rc;
}

/* Only arguments of a call have defaults to ask for. */
static bool calls_anything(const struct aldb_stmt *stmt)
{
    for (size_t i = 0; i < stmt->sql.nparts; i++) {
        if (stmt->sql.parts[i].cls == ALDB_SQL_CALL) {
            return true;
        }
    }
    return false;
}

enum aldb_rc aldb_stmt_put_data(struct aldb_stmt *stmt, SQLPOINTER data, SQLLEN len)
{
    struct aldb_diag *diag = &stmt->h.diag;
    struct aldb_dae *dae = stmt->dae;
    if (aldb_stmt_edit_waits(stmt)) {
        return aldb_stmt_edit_put_data(stmt, data, len);
    }
    if (stmt->copying != ALDB_COPYING_NOT) {
        return aldb_copy_put_data(stmt, data, len);
    }
    if (stmt->state != ALDB_STMT_NEED_DATA || dae == NULL || dae->next == 0) {
        return aldb_diag_post(diag, ALDB_ST_HY010, "SQLPutData comes after SQLParamData has asked for a parameter");
    }
    if (check_bindings(stmt) == ALDB_ERR) {
        return ALDB_ERR;
    }
    struct dae_item *it = &dae->items[dae->next - 1];
    struct aldb_param_at at;
    aldb_params_at(stmt, it->param, it->set, &at);
    SQLSMALLINT c = at.apd->concise_type;
    if (c == SQL_C_DEFAULT) {
        c = aldb_type_default_c(at.ipd->concise_type);
    }
    SQLLEN fixed = aldb_c_type_size(c);
    enum aldb_state st = ALDB_ST_NONE;

    bool by_default = len == SQL_DEFAULT_PARAM;
    if (by_default && !calls_anything(stmt)) {
        st = ALDB_ST_07S01;
    } else if (it->started && (len == SQL_NULL_DATA || by_default || it->null || it->by_default)) {
        st = ALDB_ST_HY020;
    } else if (it->started && fixed) {
        st = ALDB_ST_HY019;
    } else if (len != SQL_NULL_DATA && !by_default && data == NULL && (fixed || len != 0)) {
        st = ALDB_ST_HY009;
    } else if (!fixed && len < 0 && len != SQL_NULL_DATA && !by_default && (len != SQL_NTS || c == SQL_C_BINARY)) {
        st = ALDB_ST_HY090;
    }
    if (st != ALDB_ST_NONE) {
        uint32_t param = it->param;
        aldb_stmt_rest(stmt);
        return aldb_diag_post(diag, st, "%s (parameter %u)", aldb_state_text(st), param + 1);
    }
    it->started = true;
    if (len == SQL_NULL_DATA || by_default) {
        it->null = !by_default;
        it->by_default = by_default;
        return ALDB_OK;
    }
    size_t bytes = (size_t)len;
    if (fixed) {
        bytes = (size_t)fixed;
    } else if (len == SQL_NTS) {
        bytes = c == SQL_C_WCHAR ? 2 * aldb_utf16_len(data) : strlen(data);
    }
    if (bytes) {
        aldb_buf_add(&it->data, data, bytes);
    }
    if (!aldb_buf_ok(&it->data)) {
        uint32_t param = it->param;
        aldb_stmt_rest(stmt);
        return aldb_diag_post(diag, ALDB_ST_HY001, "The value of parameter %u is larger than 1 GB or than the memory there is", param + 1);
    }
    return ALDB_OK;
}
