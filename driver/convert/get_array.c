/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Binary arrays -> the array literal that the server itself would print, so that the wire format cannot be told from
 * the text. array_send(): int32 dimensions, int32 has-nulls, oid element, then per dimension int32 size and int32
 * lower bound, then per element int32 length (-1 = NULL) and bytes.
 * https://www.postgresql.org/docs/15/arrays.html#ARRAYS-IO
 */
#include "convert/get.h"

#include <string.h>

#include "base/be.h"

#define MAX_DIMENSIONS 6

struct array {
    struct aldb_cursor in;
    struct aldb_buf *out;
    struct aldb_get element;
    int dimensions;
    int32_t size[MAX_DIMENSIONS];
    int32_t lower[MAX_DIMENSIONS];
};

/* Elements read as they do inside the server's own literal: booleans as t and f, timestamptz and timetz with their offset. */
static enum aldb_state render_element(const struct aldb_get *element, const struct aldb_cell *cell,
                                      struct aldb_render *r)
{
    r->on_heap = false;
    switch (element->family) {
    case ALDB_FAM_BOOL:
        if (cell->len != 1) {
            return ALDB_ST_HY000;
        }
        r->small[0] = cell->data[0] ? 't' : 'f';
        r->text = aldb_slice(r->small, 1);
        return ALDB_ST_NONE;
    case ALDB_FAM_TIMESTAMPTZ:
    case ALDB_FAM_TIMETZ:
        return aldb_render_zoned(element, cell, r);
    default:
        return aldb_render(element, cell, NULL, r);
    }
}

static bool needs_quotes(struct aldb_slice s)
{
    if (s.len == 0 || aldb_slice_is(s, "null")) {
        return true;
    }
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        if (c == '"' || c == '\\' || c == '{' || c == '}' || c == ',' || aldb_is_space(c)) {
            return true;
        }
    }
    return false;
}

static void add_text(struct aldb_buf *out, struct aldb_slice s)
{
    if (!needs_quotes(s)) {
        aldb_buf_add_slice(out, s);
        return;
    }
    aldb_buf_add_char(out, '"');
    size_t done = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] == '"' || s.ptr[i] == '\\') {
            aldb_buf_add(out, s.ptr + done, i - done);
            aldb_buf_add_char(out, '\\');
            done = i;
        }
    }
    aldb_buf_add(out, s.ptr + done, s.len - done);
    aldb_buf_add_char(out, '"');
}

static void add_bytea(struct aldb_buf *out, struct aldb_slice bytes)
{
    static const char digits[] = "0123456789abcdef";

    aldb_buf_add_str(out, "\"\\\\x");
    char *p = aldb_buf_reserve(out, 2 * bytes.len);
    if (p == NULL) {
        return;
    }
    for (size_t i = 0; i < bytes.len; i++) {
        unsigned char c = (unsigned char)bytes.ptr[i];
        p[2 * i] = digits[c >> 4];
        p[2 * i + 1] = digits[c & 15];
    }
    aldb_buf_commit(out, 2 * bytes.len);
    aldb_buf_add_char(out, '"');
}

enum aldb_state aldb_array_element(const struct aldb_get *element, struct aldb_slice value,
                                   struct aldb_buf *out)
{
    struct aldb_cell cell = {value.ptr, value.len};
    struct aldb_render r;
    enum aldb_state st = render_element(element, &cell, &r);

    if (st == ALDB_ST_NONE) {
        if (element->family == ALDB_FAM_BYTEA) {
            add_bytea(out, r.text);
        } else {
            add_text(out, r.text);
        }
    }
    aldb_render_done(&r);
    return st;
}

static enum aldb_state next_element(struct array *a)
{
    int32_t len = (int32_t)aldb_cursor_be32(&a->in);

    if (a->in.bad || len < -1) {
        return ALDB_ST_HY000;
    }
    if (len == -1) {
        aldb_buf_add_str(a->out, "NULL");
        return ALDB_ST_NONE;
    }
    const unsigned char *bytes = aldb_cursor_take(&a->in, (size_t)len);
    if (bytes == NULL) {
        return ALDB_ST_HY000;
    }
    return aldb_array_element(&a->element, aldb_slice((const char *)bytes, (size_t)len), a->out);
}

static enum aldb_state next_level(struct array *a, int depth)
{
    enum aldb_state st = ALDB_ST_NONE;

    aldb_buf_add_char(a->out, '{');
    for (int32_t i = 0; i < a->size[depth] && st == ALDB_ST_NONE; i++) {
        if (i > 0) {
            aldb_buf_add_char(a->out, ',');
        }
        st = depth + 1 < a->dimensions ? next_level(a, depth + 1) : next_element(a);
        if (st == ALDB_ST_NONE && !aldb_buf_ok(a->out)) {
            st = ALDB_ST_HY001;
        }
    }
    aldb_buf_add_char(a->out, '}');
    return st;
}

/* Dimensions, and whether the elements can be there at all: each takes at least its length. */
static bool read_header(struct array *a, uint32_t *element)
{
    uint32_t dimensions = aldb_cursor_be32(&a->in);
    (void)aldb_cursor_be32(&a->in);
    *element = aldb_cursor_be32(&a->in);
    if (a->in.bad || dimensions > MAX_DIMENSIONS) {
        return false;
    }
    a->dimensions = (int)dimensions;
    size_t count = 1;
    for (int i = 0; i < a->dimensions; i++) {
        a->size[i] = (int32_t)aldb_cursor_be32(&a->in);
        a->lower[i] = (int32_t)aldb_cursor_be32(&a->in);
        if (a->in.bad || a->size[i] < 1 ||
            __builtin_mul_overflow(count, (size_t)a->size[i], &count)) {
            return false;
        }
    }
    return a->dimensions == 0 || count <= a->in.left / 4;
}

static void add_bounds(const struct array *a)
{
    bool plain = true;

    for (int i = 0; i < a->dimensions; i++) {
        plain &= a->lower[i] == 1;
    }
    if (plain) {
        return;
    }
    for (int i = 0; i < a->dimensions; i++) {
        aldb_buf_addf(a->out, "[%d:%lld]", (int)a->lower[i],
                      (long long)a->lower[i] + a->size[i] - 1);
    }
    aldb_buf_add_char(a->out, '=');
}

enum aldb_state aldb_render_array(const struct aldb_get *g, const struct aldb_cell *cell,
                                  struct aldb_buf *out)
{
    struct array a = {.in = aldb_cursor(cell->data, cell->len), .out = out};
    uint32_t oid;

    if (!read_header(&a, &oid)) {
        return ALDB_ST_HY000;
    }
    const struct aldb_type *type = aldb_type_find(oid);
    if (type == NULL || !type->binary || type->family == ALDB_FAM_ARRAY) {
        return ALDB_ST_HY000;
    }
    a.element = (struct aldb_get){.oid = oid,
                                  .typmod = -1,
                                  .binary = true,
                                  .family = type->family,
                                  .locale = g->locale,
                                  .c_type = SQL_C_CHAR};
    if (a.dimensions == 0) {
        aldb_buf_add_str(out, "{}");
    } else {
        add_bounds(&a);
        enum aldb_state st = next_level(&a, 0);
        if (st != ALDB_ST_NONE) {
            return st;
        }
    }
    if (a.in.left != 0) {
        return ALDB_ST_HY000;
    }
    return aldb_buf_ok(out) ? ALDB_ST_NONE : ALDB_ST_HY001;
}
