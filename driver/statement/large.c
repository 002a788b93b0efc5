/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Large objects. A column of the domain lo (PostgreSQL's module of that name) holds the number of an object that lies outside its table. An application that
 * asks for characters or bytes gets the object, any part of it by itself, so that its size does not matter; one that asks for a number gets the number. Bytes
 * given for such a parameter become a new object where the statement that stores its number runs: as part of that statement, once a row, or not at all.
 * PostgreSQL: https://www.postgresql.org/docs/current/lo.html, https://www.postgresql.org/docs/current/lo-funcs.html
 */
#include "statement/internal.h"

#include "base/alloc.h"
#include "base/be.h"

/* What SQLGetData reads at least, for applications that ask for little at a time; and what is read at once at most. */
#define WINDOW ((uint64_t)256 << 10)
#define MOST ((uint64_t)4 << 20)

struct aldb_large {
    struct aldb_stmt *reader;
    /* The piece that was read last: of which object, from where, its bytes, and the size of the whole object then. */
    uint32_t number;
    uint64_t at;
    struct aldb_buf piece;
    uint64_t size;
    bool valid;
    uint64_t taken; /* bytes that SQLGetData has delivered */
};

static void large_free(struct aldb_large *l)
{
    aldb_stmt_free_inner(l->reader);
    aldb_buf_clear(&l->piece);
    aldb_free(l);
}

/* ------------------------------------------------------------------ which columns */

bool aldb_large_is(struct aldb_stmt *stmt, SQLUSMALLINT column, SQLSMALLINT c_type)
{
    const struct aldb_desc_rec *r = column && stmt->ird_large ? aldb_desc_rec(&stmt->ird, (SQLSMALLINT)column) : NULL;
    return r && r->large_object && (c_type == SQL_C_BINARY || c_type == SQL_C_CHAR || c_type == SQL_C_WCHAR || c_type == SQL_C_DEFAULT);
}

/* ------------------------------------------------------------------ reading */

/* A piece, and the size of the whole: what seeking to its end says. The fences keep one call from being made into several. */
static const char reader_text[] =
    "SELECT pg_catalog.lo_get(?::pg_catalog.oid, ?::pg_catalog.int8, ?::pg_catalog.int4), (SELECT l.size FROM"
    " (SELECT o.fd, pg_catalog.lo_lseek64(o.fd, 0, 2) AS size FROM (SELECT pg_catalog.lo_open(?::pg_catalog.oid, 262144) AS fd OFFSET 0) AS o OFFSET 0) AS l"
    " WHERE pg_catalog.lo_close(l.fd) OPERATOR(pg_catalog.=) 0)";

static enum aldb_rc large_of(struct aldb_stmt *stmt, struct aldb_large **out)
{
    struct aldb_large *l = stmt->large;
    if (l == NULL) {
        l = aldb_alloc(sizeof *l);
        if (l == NULL) {
            return aldb_diag_post(&stmt->h.diag, ALDB_ST_HY001, NULL);
        }
        aldb_buf_init(&l->piece, 2 * MOST);
        stmt->large = l;
        stmt->large_free = large_free;
    }
    *out = l;
    if (l->reader) {
        return ALDB_OK;
    }
    struct aldb_buf text;
    aldb_buf_init(&text, sizeof reader_text);
    aldb_buf_add_str(&text, reader_text);
    return aldb_stmt_prepare_inner(stmt, &text, &l->reader);
}

/* What the reader said is said of the cell that is being delivered. */
static void tell(struct aldb_stmt *stmt, struct aldb_stmt *reader)
{
    struct aldb_diag *d = &reader->h.diag;
    for (size_t i = 0; i < d->count; i++) {
        d->records[i].row = stmt->h.diag.row;
        d->records[i].column = stmt->h.diag.column;
    }
    aldb_diag_move(&stmt->h.diag, d);
}

/* Unsigned numbers of up to 8 bytes as the server sends them, in either format. */
static bool read_number(const struct aldb_cell *cell, bool binary, uint64_t *out)
{
    if (cell->data == NULL) {
        return false;
    }
    if (!binary) {
        return aldb_parse_u64(aldb_slice(cell->data, cell->len), out);
    }
    *out = cell->len == sizeof(uint32_t) ? aldb_load_be32(cell->data) : cell->len == sizeof(uint64_t) ? aldb_load_be64(cell->data) : 0;
    return cell->len == sizeof(uint32_t) || cell->len == sizeof(uint64_t);
}

static enum aldb_rc execute(struct aldb_stmt *stmt, struct aldb_large *l, uint32_t number, uint64_t from, uint64_t count)
{
    struct aldb_stmt *reader = l->reader;
    int64_t values[] = {number, (int64_t)from, (int64_t)count, number};
    SQLLEN length = sizeof values[0];
    reader->query_timeout = stmt->query_timeout;
    aldb_diag_reset(&reader->h.diag);
    for (size_t i = 0; i < ALDB_COUNT(values); i++) {
        if (aldb_stmt_bind_parameter(reader, (SQLUSMALLINT)(i + 1), SQL_PARAM_INPUT, SQL_C_SBIGINT, SQL_BIGINT, 0, 0, &values[i], sizeof values[i], &length) == ALDB_ERR) {
            return ALDB_ERR;
        }
    }
    return aldb_stmt_execute(reader);
}

/* Its one row. */
static enum aldb_rc take(struct aldb_stmt *stmt, struct aldb_large *l)
{
    struct aldb_stmt *reader = l->reader;
    struct aldb_outcome *o = aldb_stmt_outcome(reader);
    struct aldb_wait wait = aldb_stmt_wait(stmt);
    const struct aldb_cell *cells;
    enum aldb_rc rc = aldb_fetch_next_row(reader, o, &wait, &reader->h.diag, &cells);
    if (rc == ALDB_ERR) {
        return rc;
    }
    bool binary = aldb_done(rc) && o->exec.ncolumns == 2 && o->exec.columns[0].binary && o->exec.columns[1].binary;
    if (!binary || cells[0].data == NULL || !read_number(&cells[1], true, &l->size)) {
        return aldb_diag_post(&reader->h.diag, ALDB_ST_HY000, "The server's answer is no piece of a large object");
    }
    aldb_buf_reset(&l->piece);
    aldb_buf_add(&l->piece, cells[0].data, cells[0].len);
    return aldb_buf_ok(&l->piece) ? ALDB_OK : aldb_diag_post(&reader->h.diag, ALDB_ST_HY001, NULL);
}

/* Has l->piece bytes `from` to `from + need - 1`, or all that there are of them? */
static bool covers(const struct aldb_large *l, uint32_t number, uint64_t from, uint64_t need)
{
    uint64_t end = l->at + l->piece.len;
    return l->valid && l->number == number && from >= l->at && (from + need <= end || end >= l->size);
}

/* Reads on from there, `count` bytes as far as there are so many. */
static enum aldb_rc read_piece(struct aldb_stmt *stmt, struct aldb_large *l, uint32_t number, uint64_t from, uint64_t count)
{
    enum aldb_rc rc = execute(stmt, l, number, from, count);
    rc = rc == ALDB_ERR ? rc : take(stmt, l);
    l->valid = rc != ALDB_ERR;
    l->number = number;
    l->at = from;
    if (rc == ALDB_ERR) {
        tell(stmt, l->reader);
    }
    aldb_stmt_discard_quietly(l->reader);
    return rc;
}

/* ------------------------------------------------------------------ delivering */

/* Bytes of the application's buffer for one byte of the object. */
static uint64_t bytes_each(SQLSMALLINT c_type)
{
    return c_type == SQL_C_BINARY ? 1 : c_type == SQL_C_CHAR ? 2 : 2 * sizeof(SQLWCHAR);
}

/* An object on its way into a buffer. */
struct delivery {
    const struct aldb_get *get;
    uint32_t number;
    uint64_t from;  /* rises by what was delivered */
    char *target;   /* NULL: nothing but the size is wanted */
    SQLLEN room;
    uint64_t least; /* what is read of it at once */
};

/* One byte more than there is room for is read: whether there is more than fits is for the conversion to say. */
static enum aldb_rc deliver_piece(struct aldb_stmt *stmt, struct aldb_large *l, struct delivery *d, uint64_t *size, enum aldb_state *state)
{
    uint64_t each = bytes_each(d->get->c_type);
    uint64_t need = d->target ? (uint64_t)d->room / each + 1 : 1;
    need = need < MOST ? need : MOST;
    if (!covers(l, d->number, d->from, need) && read_piece(stmt, l, d->number, d->from, need > d->least ? need : d->least) == ALDB_ERR) {
        return ALDB_ERR;
    }
    uint64_t most = d->get->max_length;
    uint64_t end = l->at + l->piece.len;
    *size = most && most < l->size ? most : l->size;
    end = end < *size ? end : *size;
    uint64_t count = d->from < end ? end - d->from : 0;
    struct aldb_cell cell = {l->piece.data + (count ? d->from - l->at : 0), (size_t)(count < need ? count : need)};
    struct aldb_chunk chunk;
    SQLLEN unused = 0;
    aldb_chunk_init(&chunk);
    *state = aldb_get_cell(d->get, &cell, d->target, d->room, &unused, &chunk);
    uint64_t went = chunk.done ? cell.len : chunk.offset;
    d->from += went;
    if (d->target) {
        d->target += went * each;
        d->room -= (SQLLEN)(went * each);
    }
    aldb_chunk_clear(&chunk);
    return ALDB_OK;
}

static enum aldb_rc deliver(struct aldb_stmt *stmt, struct delivery *d, const struct aldb_cell *cell, SQLLEN *left, enum aldb_state *state)
{
    struct aldb_large *l = NULL;
    uint64_t number, size;
    uint64_t begin = d->from;
    *state = ALDB_ST_HY000;
    if (!read_number(cell, stmt->wire_binary, &number)) {
        return ALDB_OK;
    }
    d->number = (uint32_t)number;
    if (large_of(stmt, &l) == ALDB_ERR || deliver_piece(stmt, l, d, &size, state) == ALDB_ERR) {
        return ALDB_ERR;
    }
    *left = begin < size ? (SQLLEN)((size - begin) * bytes_each(d->get->c_type)) : 0;
    while (*state == ALDB_ST_NONE && d->target && d->from < size) {
        uint64_t before = d->from;
        if (deliver_piece(stmt, l, d, &size, state) == ALDB_ERR) {
            return ALDB_ERR;
        }
        if (*state == ALDB_ST_NONE && d->from == before && before < size) {
            *state = ALDB_ST_HY000; /* a server that has less than it says */
        }
    }
    return ALDB_OK;
}

enum aldb_rc aldb_large_bound(struct aldb_stmt *stmt, const struct aldb_get *g, const struct aldb_cell *cell, void *target, SQLLEN room, SQLLEN *full,
                              enum aldb_state *state)
{
    struct delivery d = {.get = g, .target = target, .room = room};
    if (stmt->large) {
        stmt->large->valid = false; /* as it is now, for each row */
    }
    return deliver(stmt, &d, cell, full, state);
}

enum aldb_rc aldb_large_get(struct aldb_stmt *stmt, const struct aldb_get *g, const struct aldb_cell *cell, void *target, SQLLEN room, SQLLEN *left,
                            enum aldb_state *state)
{
    bool further = stmt->chunk.started && stmt->large;
    struct delivery d = {.get = g, .from = further ? stmt->large->taken : 0, .target = target, .room = room, .least = WINDOW};
    if (!further && stmt->large) {
        stmt->large->valid = false;
    }
    enum aldb_rc rc = deliver(stmt, &d, cell, left, state);
    if (rc == ALDB_OK && (*state == ALDB_ST_NONE || aldb_state_is_warning(*state))) {
        stmt->large->taken = d.from;
        stmt->chunk.started = true;
        stmt->chunk.done = *state == ALDB_ST_NONE;
    }
    return rc;
}

/* ------------------------------------------------------------------ writing */

/* Does the application give bytes for that marker? */
static bool gives_bytes(struct aldb_stmt *stmt, uint32_t marker)
{
    const struct aldb_desc_rec *a = aldb_desc_rec(stmt->apd, (SQLSMALLINT)(marker + 1));
    const struct aldb_desc_rec *d = aldb_desc_rec(&stmt->ipd, (SQLSMALLINT)(marker + 1));
    SQLSMALLINT c_type = a ? a->concise_type : 0;
    return d && aldb_type_declared_oid(d->concise_type) == ALDB_OID_BYTEA &&
           (c_type == SQL_C_BINARY || c_type == SQL_C_CHAR || c_type == SQL_C_WCHAR || c_type == SQL_C_DEFAULT);
}

/* The same as a type that may be that of large objects, which are none of the server's own. */
static bool is_candidate(struct aldb_stmt *stmt, uint32_t marker, uint32_t oid)
{
    return oid >= ALDB_FIRST_USER_OID && gives_bytes(stmt, marker);
}

static bool is_large(const struct aldb_stmt *stmt, uint32_t oid)
{
    int32_t typmod;
    return aldb_stmt_base_type(stmt, oid, &typmod) == ALDB_OID_LO;
}

bool aldb_large_answers(struct aldb_stmt *stmt, size_t i, const struct aldb_plan *plan)
{
    const struct aldb_sql_part *part = &stmt->sql.parts[i];
    for (uint32_t n = 0; n < plan->nparams; n++) {
        uint32_t oid = aldb_plan_told(plan, n);
        bool made = oid != plan->param_oids[n];
        bool candidate = is_candidate(stmt, part->first_param + n, oid);
        if ((candidate && !aldb_stmt_type_known(stmt, oid)) || made != (candidate && is_large(stmt, oid))) {
            return false;
        }
    }
    return true;
}

/* The text of the part with an object made of each value that is one. */
static void write_text(const struct aldb_stmt *stmt, const struct aldb_sql_part *part, const bool *large, struct aldb_buf *out)
{
    struct aldb_sql_walk w = {0};
    while (aldb_sql_next_marker(&stmt->sql, part, &w, out)) {
        aldb_buf_add_str(out, large[w.param] ? "pg_catalog.lo_from_bytea(0, " : "");
        aldb_buf_add_slice(out, w.marker);
        aldb_buf_add_str(out, large[w.param] ? ")" : "");
    }
}

enum aldb_rc aldb_large_plan(struct aldb_stmt *stmt, size_t i, const struct aldb_plan_request *asked, const struct aldb_wait *wait, struct aldb_plan **plan)
{
    const struct aldb_sql_part *part = &stmt->sql.parts[i];
    struct aldb_plan *first = *plan, *second = NULL;
    bool *large = NULL;
    bool any = false;
    for (uint32_t n = 0; n < part->nparams; n++) {
        any |= is_candidate(stmt, part->first_param + n, first->param_oids[n]);
    }
    if (!any) {
        return ALDB_OK;
    }
    struct aldb_buf text;
    aldb_buf_init(&text, ALDB_MAX_SQL);
    enum aldb_rc rc = aldb_stmt_know_types(stmt, first->param_oids, first->nparams);
    if (rc != ALDB_OK) { /* in a failed transaction nothing is planned, either */
        goto out;
    }
    large = aldb_alloc_array(part->nparams, sizeof *large);
    any = false;
    for (uint32_t n = 0; large && n < part->nparams; n++) {
        large[n] = is_candidate(stmt, part->first_param + n, first->param_oids[n]) && is_large(stmt, first->param_oids[n]);
        any |= large[n];
    }
    if (large && !any) {
        goto out;
    }
    if (large) {
        write_text(stmt, part, large, &text);
    }
    if (large == NULL || !aldb_buf_ok(&text)) {
        rc = aldb_diag_post(&stmt->h.diag, ALDB_ST_HY001, NULL);
        goto out;
    }
    struct aldb_plan_request req = *asked;
    req.sql = aldb_buf_slice(&text);
    req.told = first->param_oids;
    ALDB_TRY(aldb_plan_get(stmt->dbc->session, &req, wait, &second, &stmt->h.diag));
    aldb_plan_release(first);
    *plan = second;
out:
    aldb_buf_clear(&text);
    aldb_free(large);
    return rc == ALDB_ERR ? ALDB_ERR : ALDB_OK;
}
