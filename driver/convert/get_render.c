/* SPDX-License-Identifier: Apache-2.0 */
/* Cell -> text, and the character and binary places of the matrix. */
#include "convert/get.h"

#include <string.h>

#include "base/utf.h"

void aldb_render_done(struct aldb_render *r)
{
    if (r->on_heap) {
        aldb_buf_clear(&r->heap);
        r->on_heap = false;
    }
}

/* Where a value goes that is not text on the wire: the chunk keeps it for the next piece, else it lives as long as `r`. */
static struct aldb_buf *render_buffer(struct aldb_chunk *chunk, struct aldb_render *r)
{
    if (chunk != NULL) {
        if (chunk->text.max == 0) {
            aldb_buf_init(&chunk->text, ALDB_MAX_RENDERED); /* a zeroed chunk */
        }
        aldb_buf_reset(&chunk->text);
        return &chunk->text;
    }
    aldb_buf_init(&r->heap, ALDB_MAX_RENDERED);
    r->on_heap = true;
    return &r->heap;
}

/* Pieces after the first find the rendered value in the chunk. */
static bool already_rendered(const struct aldb_chunk *chunk, struct aldb_render *r)
{
    if (chunk == NULL || !chunk->started) {
        return false;
    }
    r->text = aldb_buf_slice(&chunk->text);
    return true;
}

static void limit_text(const struct aldb_get *g, struct aldb_slice *s)
{
    if (g->max_length != 0 && s->len > g->max_length) {
        s->len = aldb_utf8_floor(s->ptr, s->len, g->max_length);
    }
}

/* ------------------------------------------------------------------ text families */

/* "char" is one byte: 0 is the empty value, and bytes above ASCII are written as \ooo, as PostgreSQL 16 does. */
static void text_of_char(const struct aldb_cell *cell, struct aldb_render *r)
{
    unsigned char c = (unsigned char)cell->data[0];

    if (c == 0) {
        r->text = aldb_slice(cell->data, 0);
    } else if (c >= 0x80) {
        r->small[0] = '\\';
        r->small[1] = (char)('0' + (c >> 6));
        r->small[2] = (char)('0' + (c >> 3 & 7));
        r->small[3] = (char)('0' + (c & 7));
        r->text = aldb_slice(r->small, 4);
    }
}

enum aldb_state aldb_load_text(const struct aldb_get *g, const struct aldb_cell *cell,
                               struct aldb_chunk *chunk, struct aldb_render *r)
{
    r->text = aldb_slice(cell->data, cell->len);
    r->whole = 0;
    if (g->binary && g->family == ALDB_FAM_JSONB) {
        if (cell->len < 1 || cell->data[0] != 1) {
            return ALDB_ST_HY000;
        }
        r->text = aldb_slice(cell->data + 1, cell->len - 1);
    } else if (g->oid == ALDB_OID_CHAR && cell->len == 1) {
        text_of_char(cell, r);
    } else if ((g->binary ? g->family == ALDB_FAM_ARRAY : aldb_styled_differs(g)) &&
               !already_rendered(chunk, r)) {
        struct aldb_buf *out = render_buffer(chunk, r);
        enum aldb_state st =
            g->binary ? aldb_render_array(g, cell, out) : aldb_render_styled(g, cell, out);
        if (st != ALDB_ST_NONE) {
            return st;
        }
        r->text = aldb_buf_slice(out);
    }
    limit_text(g, &r->text);
    return ALDB_ST_NONE;
}

/* ------------------------------------------------------------------ bytea */

enum aldb_state aldb_bytes_of(const struct aldb_get *g, const struct aldb_cell *cell,
                              struct aldb_chunk *chunk, struct aldb_render *r)
{
    r->text = aldb_slice(cell->data, cell->len);
    r->whole = 0;
    if (!g->binary && !already_rendered(chunk, r)) {
        struct aldb_buf *out = render_buffer(chunk, r);
        char *room = aldb_buf_reserve(out, cell->len);
        size_t len;
        if (room == NULL) {
            return ALDB_ST_HY001;
        }
        if (!aldb_bytea_parse(r->text, (unsigned char *)room, &len)) {
            return ALDB_ST_HY000;
        }
        aldb_buf_commit(out, len);
        r->text = aldb_buf_slice(out);
    }
    if (g->max_length != 0 && r->text.len > g->max_length) {
        r->text.len = g->max_length;
    }
    return ALDB_ST_NONE;
}

/* ------------------------------------------------------------------ the one render step */

static enum aldb_state render_bool(const struct aldb_get *g, const struct aldb_cell *cell,
                                   struct aldb_render *r)
{
    if (cell->len != 1) {
        return ALDB_ST_HY000;
    }
    char c = cell->data[0];
    bool value = g->binary ? c != 0 : c == 't';
    if (!g->binary && c != 't' && c != 'f') {
        return ALDB_ST_HY000;
    }
    r->small[0] = value ? '1' : '0';
    r->text = aldb_slice(r->small, 1);
    r->whole = 1;
    return ALDB_ST_NONE;
}

static enum aldb_state render_uuid(const struct aldb_get *g, const struct aldb_cell *cell,
                                   struct aldb_render *r)
{
    r->whole = ALDB_GUID_TEXT;
    if (!g->binary) {
        r->text = aldb_slice(cell->data, cell->len);
        return cell->len == ALDB_GUID_TEXT ? ALDB_ST_NONE : ALDB_ST_HY000;
    }
    if (cell->len != 16) {
        return ALDB_ST_HY000;
    }
    aldb_guid_format((const unsigned char *)cell->data, r->small);
    r->text = aldb_slice(r->small, ALDB_GUID_TEXT);
    return ALDB_ST_NONE;
}

enum aldb_state aldb_render(const struct aldb_get *g, const struct aldb_cell *cell,
                            struct aldb_chunk *chunk, struct aldb_render *r)
{
    r->on_heap = false;
    switch (g->family) {
    case ALDB_FAM_BOOL:
        return render_bool(g, cell, r);
    case ALDB_FAM_INT2:
    case ALDB_FAM_INT4:
    case ALDB_FAM_INT8:
    case ALDB_FAM_OID:
    case ALDB_FAM_FLOAT4:
    case ALDB_FAM_FLOAT8:
    case ALDB_FAM_NUMERIC:
        return aldb_render_number(g, cell, r);
    case ALDB_FAM_DATE:
    case ALDB_FAM_TIME:
    case ALDB_FAM_TIMETZ:
    case ALDB_FAM_TIMESTAMP:
    case ALDB_FAM_TIMESTAMPTZ:
        return aldb_render_datetime(g, cell, r);
    case ALDB_FAM_INTERVAL:
        return aldb_render_interval(g, cell, r);
    case ALDB_FAM_UUID:
        return render_uuid(g, cell, r);
    case ALDB_FAM_BYTEA:
        return aldb_bytes_of(g, cell, chunk, r);
    default:
        return aldb_load_text(g, cell, chunk, r);
    }
}

/* ------------------------------------------------------------------ places of the matrix */

enum aldb_state aldb_get_char(ALDB_GET_ARGS)
{
    struct aldb_render r;
    enum aldb_state st = aldb_render(g, cell, chunk, &r);

    if (st == ALDB_ST_NONE) {
        r.whole = g->as_characters ? 0 : r.whole;
        st = aldb_deliver_char(&r, target, buflen, length, chunk);
    }
    aldb_render_done(&r);
    return st;
}

enum aldb_state aldb_get_wchar(ALDB_GET_ARGS)
{
    struct aldb_render r;
    enum aldb_state st = aldb_render(g, cell, chunk, &r);

    if (st == ALDB_ST_NONE) {
        r.whole = g->as_characters ? 0 : r.whole;
        st = aldb_deliver_wchar(&r, target, buflen, length, chunk);
    }
    aldb_render_done(&r);
    return st;
}

/* Text as bytes, never read as hexadecimal; and bytea itself. */
enum aldb_state aldb_get_text_binary(ALDB_GET_ARGS)
{
    struct aldb_render r;
    enum aldb_state st = aldb_render(g, cell, chunk, &r);

    if (st == ALDB_ST_NONE) {
        st = aldb_deliver_bytes(r.text, target, buflen, length, chunk);
    }
    aldb_render_done(&r);
    return st;
}

enum aldb_state aldb_get_bytea_char(ALDB_GET_ARGS)
{
    struct aldb_render r;
    enum aldb_state st = aldb_render(g, cell, chunk, &r);

    if (st == ALDB_ST_NONE) {
        st = aldb_deliver_hex(r.text, g->c_type == SQL_C_WCHAR, target, buflen, length, chunk);
    }
    aldb_render_done(&r);
    return st;
}

enum aldb_state aldb_get_guid(ALDB_GET_ARGS)
{
    struct aldb_render r;
    unsigned char bytes[16];

    (void)buflen;
    enum aldb_state st = aldb_render(g, cell, chunk, &r);
    if (st == ALDB_ST_NONE && !aldb_guid_parse(r.text, bytes)) {
        st = g->as_characters ? ALDB_ST_22018 : ALDB_ST_HY000;
    }
    aldb_render_done(&r);
    if (st == ALDB_ST_NONE) {
        SQLGUID guid;
        aldb_guid_to_struct(bytes, &guid);
        aldb_deliver_fixed(&guid, sizeof guid, target, length, chunk);
    }
    return st;
}

/* The bytes of SQLGUID, as for every type of fixed form. */
enum aldb_state aldb_get_guid_binary(ALDB_GET_ARGS)
{
    SQLGUID guid;
    SQLLEN ignored;
    enum aldb_state st = aldb_get_guid(g, cell, &guid, sizeof guid, &ignored, NULL);

    return st == ALDB_ST_NONE
               ? aldb_deliver_native(&guid, sizeof guid, target, buflen, length, chunk)
               : st;
}
