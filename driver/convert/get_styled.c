/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Arrays, ranges and multiranges in text format. The server writes what is inside in the session's DateStyle, TimeZone and bytea_output; here every such element
 * is read and written anew, so that a value looks the same whatever the styles and whatever the wire format.
 * https://www.postgresql.org/docs/15/arrays.html#ARRAYS-IO, https://www.postgresql.org/docs/15/rangetypes.html#RANGETYPES-IO
 */
#include "convert/get.h"

#include <string.h>

#include "config/options.h"

#define OID_TSRANGE 3908u
#define OID_TSTZRANGE 3910u
#define OID_DATERANGE 3912u

/* What a type is made of. Arrays know their element themselves. */
static const struct made_of {
    uint32_t oid, inner;
    bool multirange;
} ranges[] = {
    {OID_TSRANGE, ALDB_OID_TIMESTAMP, false}, {OID_TSTZRANGE, ALDB_OID_TIMESTAMPTZ, false}, {OID_DATERANGE, ALDB_OID_DATE, false},
    {4533u, OID_TSRANGE, true},               {4534u, OID_TSTZRANGE, true},                 {4535u, OID_DATERANGE, true},
};

static const struct made_of *range_of(uint32_t oid)
{
    for (size_t i = 0; i < ALDB_COUNT(ranges); i++) {
        if (ranges[i].oid == oid) {
            return &ranges[i];
        }
    }
    return NULL;
}

static uint32_t array_element(uint32_t oid)
{
    const struct aldb_type *t = aldb_type_find(oid);

    return t != NULL && t->family == ALDB_FAM_ARRAY ? t->element_oid : 0;
}

/* One step inwards, 0 for scalars. */
static uint32_t inner_of(uint32_t oid)
{
    const struct made_of *range = range_of(oid);

    return range != NULL ? range->inner : array_element(oid);
}

uint32_t aldb_styled_element(uint32_t oid)
{
    uint32_t inner = inner_of(oid);

    if (inner == 0) {
        return 0;
    }
    while (inner_of(inner) != 0) {
        inner = inner_of(inner);
    }
    switch (inner) {
    case ALDB_OID_DATE:
    case ALDB_OID_TIMESTAMP:
    case ALDB_OID_TIMESTAMPTZ:
    case ALDB_OID_BYTEA:
    case ALDB_OID_CHAR: /* servers before 16 write bytes above ASCII as they are */
        return inner;
    default:
        return 0;
    }
}

bool aldb_styled_differs(const struct aldb_get *g)
{
    switch (g->styled) {
    case 0:
        return false;
    case ALDB_OID_DATE:
    case ALDB_OID_TIMESTAMP:
        return g->locale->datestyle != 'I';
    case ALDB_OID_TIMESTAMPTZ:
        return g->locale->datestyle != 'I' || g->locale->timestamptz_as == ALDB_TZ_UTC;
    default:
        return true;
    }
}

/* ------------------------------------------------------------------ reading literals */

struct literal {
    const char *p, *end;
    const struct aldb_locale *locale;
};

static char peek(const struct literal *in)
{
    return in->p < in->end ? *in->p : '\0';
}

static bool is_one_of(char c, const char *set)
{
    return c != '\0' && strchr(set, c) != NULL;
}

/*
 * A value up to one of the characters in `stop`, without its quotes: \x is x anywhere, "" is " inside quotes where `doubled`. False: it never ends.
 * *quoted: there were quotes, which tell '' from nothing and "NULL" from NULL.
 */
static bool read_value(struct literal *in, const char *stop, bool doubled, struct aldb_buf *out, bool *quoted)
{
    bool inside = false;

    *quoted = false;
    for (; in->p < in->end; in->p++) {
        char c = *in->p;
        if (c == '"') {
            if (inside && doubled && in->p + 1 < in->end && in->p[1] == '"') {
                aldb_buf_add_char(out, *++in->p);
                continue;
            }
            inside = !inside;
            *quoted = true;
        } else if (c == '\\') {
            if (++in->p == in->end) {
                return false;
            }
            aldb_buf_add_char(out, *in->p);
        } else if (!inside && is_one_of(c, stop)) {
            return true;
        } else {
            aldb_buf_add_char(out, c);
        }
    }
    return false;
}

static enum aldb_state rewrite(const struct aldb_locale *locale, uint32_t oid, struct aldb_slice text, struct aldb_buf *out) ALDB_MUSTCHECK;

/* ------------------------------------------------------------------ ranges */

static void add_bound(struct aldb_buf *out, struct aldb_slice text)
{
    bool quotes = text.len == 0;

    for (size_t i = 0; i < text.len; i++) {
        quotes |= is_one_of(text.ptr[i], "\"\\()[],") || aldb_is_space(text.ptr[i]);
    }
    if (!quotes) {
        aldb_buf_add_slice(out, text);
        return;
    }
    aldb_buf_add_char(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        if (is_one_of(text.ptr[i], "\"\\")) {
            aldb_buf_add_char(out, text.ptr[i]);
        }
        aldb_buf_add_char(out, text.ptr[i]);
    }
    aldb_buf_add_char(out, '"');
}

static enum aldb_state bound(struct literal *in, const char *stop, uint32_t inner, struct aldb_buf *out)
{
    struct aldb_buf value, text;
    enum aldb_state st = ALDB_ST_HY000;
    bool quoted;

    aldb_buf_init(&value, ALDB_MAX_RENDERED);
    aldb_buf_init(&text, ALDB_MAX_RENDERED);
    if (read_value(in, stop, true, &value, &quoted)) {
        st = ALDB_ST_NONE;
        if (quoted || value.len > 0) { /* else there is no bound on this side */
            st = rewrite(in->locale, inner, aldb_buf_slice(&value), &text);
            add_bound(out, aldb_buf_slice(&text));
        }
    }
    aldb_buf_clear(&value);
    aldb_buf_clear(&text);
    return st;
}

/* At '[' or '('; leaves `in` behind the closing bracket. */
static enum aldb_state one_range(struct literal *in, uint32_t inner, struct aldb_buf *out)
{
    if (!is_one_of(peek(in), "[(")) {
        return ALDB_ST_HY000;
    }
    aldb_buf_add_char(out, *in->p++);
    enum aldb_state st = bound(in, ",", inner, out);
    if (st != ALDB_ST_NONE) {
        return st;
    }
    aldb_buf_add_char(out, *in->p++);
    st = bound(in, "])", inner, out);
    if (st == ALDB_ST_NONE) {
        aldb_buf_add_char(out, *in->p++);
    }
    return st;
}

static enum aldb_state rewrite_range(struct literal *in, uint32_t inner, struct aldb_buf *out)
{
    struct aldb_slice text = aldb_slice(in->p, (size_t)(in->end - in->p));

    if (aldb_slice_is(text, "empty")) {
        aldb_buf_add_slice(out, text);
        in->p = in->end;
        return ALDB_ST_NONE;
    }
    return one_range(in, inner, out);
}

static enum aldb_state rewrite_multirange(struct literal *in, uint32_t range, struct aldb_buf *out)
{
    if (peek(in) != '{') {
        return ALDB_ST_HY000;
    }
    aldb_buf_add_char(out, *in->p++);
    while (peek(in) != '}') {
        enum aldb_state st = one_range(in, inner_of(range), out);
        if (st != ALDB_ST_NONE) {
            return st;
        }
        if (peek(in) == ',') {
            aldb_buf_add_char(out, *in->p++);
        }
    }
    aldb_buf_add_char(out, *in->p++);
    return ALDB_ST_NONE;
}

/* ------------------------------------------------------------------ arrays */

static enum aldb_state element(struct literal *in, uint32_t inner, struct aldb_buf *out)
{
    struct aldb_buf value, text;
    bool quoted;
    enum aldb_state st = ALDB_ST_HY000;

    aldb_buf_init(&value, ALDB_MAX_RENDERED);
    aldb_buf_init(&text, ALDB_MAX_RENDERED);
    if (read_value(in, ",}", false, &value, &quoted)) {
        struct aldb_get as = {
            .oid = inner, .typmod = -1, .family = aldb_type_family(inner), .locale = in->locale, .c_type = SQL_C_CHAR};
        if (!quoted && aldb_slice_is(aldb_buf_slice(&value), "null")) {
            aldb_buf_add_str(out, "NULL");
            st = ALDB_ST_NONE;
        } else if (inner_of(inner) != 0) {
            as.family = ALDB_FAM_TEXT;
            as.oid = ALDB_OID_TEXT;
            st = rewrite(in->locale, inner, aldb_buf_slice(&value), &text);
            st = st != ALDB_ST_NONE ? st : aldb_array_element(&as, aldb_buf_slice(&text), out);
        } else {
            st = aldb_array_element(&as, aldb_buf_slice(&value), out);
        }
    }
    aldb_buf_clear(&value);
    aldb_buf_clear(&text);
    return st;
}

/* Bounds such as "[0:1]=" and the braces and commas stay. */
static enum aldb_state rewrite_array(struct literal *in, uint32_t inner, struct aldb_buf *out)
{
    size_t depth = 0;

    if (peek(in) == '[') {
        while (in->p < in->end && *in->p != '{') {
            aldb_buf_add_char(out, *in->p++);
        }
    }
    while (in->p < in->end) {
        char c = *in->p;
        if (c == '{' || c == '}' || c == ',') {
            depth += c == '{';
            if (c != '{' && depth == 0) {
                return ALDB_ST_HY000;
            }
            depth -= c == '}';
            aldb_buf_add_char(out, c);
            in->p++;
            continue;
        }
        enum aldb_state st = depth > 0 ? element(in, inner, out) : ALDB_ST_HY000;
        if (st != ALDB_ST_NONE) {
            return st;
        }
    }
    return depth == 0 ? ALDB_ST_NONE : ALDB_ST_HY000;
}

/* ------------------------------------------------------------------ the one step */

static enum aldb_state rewrite_scalar(const struct aldb_locale *locale, uint32_t oid, struct aldb_slice text, struct aldb_buf *out)
{
    struct aldb_get as = {.oid = oid, .typmod = -1, .family = aldb_type_family(oid), .locale = locale, .c_type = SQL_C_CHAR};
    struct aldb_cell cell = {text.ptr, text.len};
    struct aldb_render r = {.on_heap = false};
    enum aldb_state st = oid == ALDB_OID_TIMESTAMPTZ ? aldb_render_zoned(&as, &cell, &r) : aldb_render(&as, &cell, NULL, &r);

    if (st == ALDB_ST_NONE) {
        aldb_buf_add_slice(out, r.text);
    }
    aldb_render_done(&r);
    return st;
}

static enum aldb_state rewrite(const struct aldb_locale *locale, uint32_t oid, struct aldb_slice text, struct aldb_buf *out)
{
    struct literal in = {text.ptr, text.ptr + text.len, locale};
    const struct made_of *range = range_of(oid);
    enum aldb_state st;

    if (range != NULL) {
        st = range->multirange ? rewrite_multirange(&in, range->inner, out) : rewrite_range(&in, range->inner, out);
    } else if (array_element(oid) != 0) {
        st = rewrite_array(&in, array_element(oid), out);
    } else {
        return rewrite_scalar(locale, oid, text, out);
    }
    if (st == ALDB_ST_NONE && in.p != in.end) {
        return ALDB_ST_HY000;
    }
    return st == ALDB_ST_NONE && !aldb_buf_ok(out) ? ALDB_ST_HY001 : st;
}

enum aldb_state aldb_render_styled(const struct aldb_get *g, const struct aldb_cell *cell, struct aldb_buf *out)
{
    return rewrite(g->locale, g->oid, aldb_slice(cell->data, cell->len), out);
}
