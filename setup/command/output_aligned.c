/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A table for people. The first rows are kept until they are all, or enough to know how wide the columns are; then rows go on in these widths. A value that is wider pushes
 * what stands on its right: nothing is cut, nothing wrapped, and a row is a line. What could do something to a terminal is written as a backslash sequence.
 */
#include <locale.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

#include "base/alloc.h"
#include "base/utf.h"
#include "setup/command/output.h"
#include "setup/command/terminal.h"

#define KEPT_ROWS 1000
#define KEPT_BYTES ((size_t)4 << 20)
#define ROW_MOST ((size_t)2 << 30) /* bytes of one, as the protocol has it */
#define WIDTH_MOST 256 /* that a column is padded to, for one long value among short ones */

struct table {
    size_t *widths;
    struct aldb_buf kept; /* rows: of each value a size_t, SIZE_MAX = NULL, and its bytes */
    uint64_t rows;        /* kept */
    bool decided;
    locale_t utf8, before; /* for wcwidth(), where the environment's is another */
};

/* ------------------------------------------------------------------ what a value looks like */

/* Bytes of the character at the beginning of `text`; 0: it is none. */
static size_t decode(struct aldb_slice text, uint32_t *out)
{
    unsigned char lead = (unsigned char)text.ptr[0];
    size_t n = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (n > text.len || !aldb_utf8_valid(text.ptr, n)) {
        return 0;
    }
    *out = n == 1 ? lead : lead & (0x7Fu >> n);
    for (size_t i = 1; i < n; i++) {
        *out = *out << 6 | ((unsigned char)text.ptr[i] & 0x3F);
    }
    return n;
}

/* Control characters, and those that turn the direction of what follows. */
static bool is_unseen(uint32_t c)
{
    return c < ' ' || (c >= 0x7F && c < 0xA0) || c == 0x061C || c == 0x200E || c == 0x200F || (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

static size_t write_escaped(char out[16], uint32_t c, bool is_byte)
{
    static const char special[] = "\b\f\n\r\t\v", letters[] = "bfnrtv";
    const char *found = c != 0 && c < ' ' ? strchr(special, (int)c) : NULL;
    if (found != NULL) {
        out[0] = '\\';
        out[1] = letters[found - special];
        return 2;
    }
    return (size_t)snprintf(out, 16, c < 0x80 || is_byte ? "\\x%02x" : "\\u%04x", (unsigned)c);
}

/* Writes it (`s` NULL: does not), and returns how many columns it takes. */
static size_t show_text(struct aldb_sink *s, struct aldb_slice text)
{
    size_t width = 0;
    while (text.len > 0) {
        size_t plain = 0;
        while (plain < text.len && text.ptr[plain] >= ' ' && text.ptr[plain] < 0x7F) {
            plain++;
        }
        width += plain;
        size_t n = plain;
        if (plain == 0) {
            uint32_t c = (unsigned char)text.ptr[0];
            char in_place[16];
            n = decode(text, &c);
            if (n == 0 || is_unseen(c)) {
                size_t length = write_escaped(in_place, c, n == 0);
                width += length;
                if (s != NULL) {
                    aldb_sink_add(s, in_place, length);
                }
                n = n > 0 ? n : 1;
                text = aldb_slice(text.ptr + n, text.len - n);
                continue;
            }
            int columns = wcwidth((wchar_t)c);
            width += columns >= 0 ? (size_t)columns : 1; /* newer than the C library */
        }
        if (s != NULL) {
            aldb_sink_add(s, text.ptr, n);
        }
        text = aldb_slice(text.ptr + n, text.len - n);
    }
    return width;
}

static size_t show(const struct aldb_output *o, struct aldb_sink *s, const struct aldb_rows_column *c, struct aldb_slice value)
{
    if (value.ptr == NULL) {
        const char *colour = s != NULL && s->stdout_too ? aldb_colour(stdout, ALDB_FAINT) : "";
        if (s != NULL) {
            aldb_sink_add_str(s, colour);
        }
        size_t width = show_text(s, aldb_slice_of(o->null));
        if (colour[0] != '\0') {
            aldb_sink_add_str(s, aldb_colour(stdout, ALDB_PLAIN));
        }
        return width;
    }
    if (c->kind == ALDB_COLUMN_BYTES) {
        if (s != NULL) {
            aldb_sink_add_hex(s, value, "\\x");
        }
        return 2 + 2 * value.len;
    }
    return show_text(s, value);
}

/* ------------------------------------------------------------------ lines */

static void write_row(const struct aldb_output *o, const struct aldb_slice *values)
{
    const struct table *t = o->own;
    const struct aldb_rows *r = o->rows;
    size_t behind = 0; /* columns that the values so far have taken beyond their own, which the blanks of the next ones make up for */
    for (size_t i = 0; i < r->count; i++) {
        const struct aldb_rows_column *c = &r->columns[i];
        bool right = c->kind == ALDB_COLUMN_NUMBER, last = i + 1 == r->count;
        aldb_sink_add_str(o->sink, i == 0 ? " " : " | ");
        size_t width = right || !last ? show(o, NULL, c, values[i]) : 0;
        size_t blanks = width < t->widths[i] ? t->widths[i] - width : 0;
        behind += width > t->widths[i] ? width - t->widths[i] : 0;
        size_t saved = behind < blanks ? behind : blanks;
        behind -= saved;
        blanks -= saved;
        if (right) {
            aldb_sink_add_spaces(o->sink, blanks);
        }
        (void)show(o, o->sink, c, values[i]);
        if (!right && !last) {
            aldb_sink_add_spaces(o->sink, blanks);
        }
    }
    aldb_sink_add_char(o->sink, '\n');
}

static void write_header(const struct aldb_output *o)
{
    const struct table *t = o->own;
    const struct aldb_rows *r = o->rows;
    for (size_t i = 0; i < r->count; i++) {
        struct aldb_slice name = aldb_slice_of(r->columns[i].name);
        size_t width = show_text(NULL, name), blanks = width < t->widths[i] ? t->widths[i] - width : 0;
        bool right = r->columns[i].kind == ALDB_COLUMN_NUMBER;
        aldb_sink_add_str(o->sink, i == 0 ? " " : " | ");
        aldb_sink_add_spaces(o->sink, right ? blanks : 0);
        (void)show_text(o->sink, name);
        aldb_sink_add_spaces(o->sink, right || i + 1 == r->count ? 0 : blanks);
    }
    aldb_sink_add_char(o->sink, '\n');
    for (size_t i = 0; i < r->count; i++) {
        aldb_sink_add_str(o->sink, i == 0 ? "-" : "-+-");
        for (size_t n = 0; n < t->widths[i]; n++) {
            aldb_sink_add_char(o->sink, '-');
        }
    }
    aldb_sink_add_str(o->sink, "-\n");
}

/* ------------------------------------------------------------------ rows that are kept */

static void measure(struct table *t, size_t column, size_t width)
{
    width = width < WIDTH_MOST ? width : WIDTH_MOST;
    t->widths[column] = width > t->widths[column] ? width : t->widths[column];
}

static bool keep(struct aldb_output *o, struct table *t)
{
    const struct aldb_rows *r = o->rows;
    for (size_t i = 0; i < r->count; i++) {
        struct aldb_slice value = r->values[i];
        size_t length = value.ptr != NULL ? value.len : SIZE_MAX;
        measure(t, i, show(o, NULL, &r->columns[i], value));
        aldb_buf_add(&t->kept, &length, sizeof length);
        aldb_buf_add(&t->kept, value.ptr, value.len);
    }
    t->rows++;
    return aldb_buf_ok(&t->kept);
}

/* The widths are known: writes the header, and what is kept. */
static bool decide(struct aldb_output *o, struct table *t)
{
    size_t at = 0;
    struct aldb_slice *values = aldb_alloc_array(o->rows->count, sizeof *values);
    if (values == NULL) {
        return false;
    }
    if (!o->options.no_header) {
        write_header(o);
    }
    for (uint64_t n = 0; n < t->rows; n++) {
        for (size_t i = 0; i < o->rows->count; i++) {
            size_t length;
            memcpy(&length, t->kept.data + at, sizeof length);
            at += sizeof length;
            values[i] = length != SIZE_MAX ? aldb_slice(t->kept.data + at, length) : aldb_slice(NULL, 0);
            at += values[i].len;
        }
        write_row(o, values);
    }
    aldb_free(values);
    aldb_buf_clear(&t->kept);
    t->decided = true;
    return true;
}

/* ------------------------------------------------------------------ the format */

static bool begin(struct aldb_output *o)
{
    struct table *t = aldb_alloc(sizeof *t);
    if (t == NULL) {
        return false;
    }
    o->own = t;
    aldb_buf_init(&t->kept, KEPT_BYTES + ROW_MOST);
    if (!aldb_shows_utf8()) {
        t->utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
        t->before = t->utf8 != (locale_t)0 ? uselocale(t->utf8) : (locale_t)0;
    }
    t->widths = aldb_alloc_array(o->rows->count, sizeof *t->widths);
    for (size_t i = 0; t->widths != NULL && !o->options.no_header && i < o->rows->count; i++) {
        measure(t, i, show_text(NULL, aldb_slice_of(o->rows->columns[i].name)));
    }
    if (o->results > 1) {
        aldb_sink_add_char(o->sink, '\n');
    }
    return t->widths != NULL;
}

static bool row(struct aldb_output *o)
{
    struct table *t = o->own;
    if (t->decided) {
        write_row(o, o->rows->values);
        return true;
    }
    return keep(o, t) && ((t->rows < KEPT_ROWS && t->kept.len < KEPT_BYTES) || decide(o, t));
}

static bool end(struct aldb_output *o, bool complete)
{
    struct table *t = o->own;
    if (t == NULL) {
        return true;
    }
    bool good = t->widths != NULL && (t->decided || decide(o, t));
    if (good && !o->options.quiet) {
        char text[80];
        (void)snprintf(text, sizeof text, "(%llu row%s%s)\n", (unsigned long long)o->count, o->count == 1 ? "" : "s", complete ? "" : ", and more that did not come");
        aldb_sink_add_str(o->sink, text);
    }
    if (t->before != (locale_t)0) {
        (void)uselocale(t->before);
    }
    if (t->utf8 != (locale_t)0) {
        freelocale(t->utf8);
    }
    aldb_buf_clear(&t->kept);
    aldb_free(t->widths);
    aldb_free(t);
    return good;
}

const struct aldb_output_format aldb_output_aligned = {"aligned", "NULL", true, begin, row, end};
