/* SPDX-License-Identifier: Apache-2.0 */
#include "setup/command/header.h"

#include <string.h>

struct reader {
    const struct aldb_copy *k;
    struct aldb_slice data;
    size_t at;
    struct aldb_buf name;
};

static bool is_here(const struct reader *r)
{
    return r->at < r->data.len;
}

static char here(const struct reader *r)
{
    return r->data.ptr[r->at];
}

static bool ends_name(const struct reader *r)
{
    return here(r) == r->k->delimiter || here(r) == '\n' || here(r) == '\r';
}

/* One name; behind it stands a delimiter or the line's end, or nothing. False: it goes on behind the data. */
static bool read_csv(struct reader *r)
{
    const struct aldb_copy *k = r->k;
    bool quoted = false;
    for (; is_here(r) && (quoted || !ends_name(r)); r->at++) {
        char c = here(r);
        if (quoted && c == k->escape && r->at + 1 < r->data.len && (r->data.ptr[r->at + 1] == k->escape || r->data.ptr[r->at + 1] == k->quote)) {
            aldb_buf_add_char(&r->name, r->data.ptr[++r->at]);
        } else if (c == k->quote) {
            quoted = !quoted;
        } else {
            aldb_buf_add_char(&r->name, c);
        }
    }
    return is_here(r);
}

static bool read_plain(struct reader *r)
{
    static const char letters[] = "bfnrtv", meant[] = "\b\f\n\r\t\v";
    for (; is_here(r) && !ends_name(r); r->at++) {
        char c = here(r);
        if (c == '\\' && r->at + 1 < r->data.len) {
            c = r->data.ptr[++r->at];
            const char *found = c != '\0' ? strchr(letters, c) : NULL;
            c = found != NULL ? meant[found - letters] : c;
        }
        aldb_buf_add_char(&r->name, c);
    }
    return is_here(r);
}

bool aldb_header_parse(const struct aldb_copy *k, struct aldb_slice data, bool at_end, struct aldb_names *out, bool *failed)
{
    struct reader r = {.k = k, .data = data};
    bool ended = false, more = true;
    *failed = false;
    aldb_buf_init(&r.name, ALDB_HEADER_MAX);
    while (more && !*failed) {
        aldb_buf_reset(&r.name);
        ended = k->csv ? read_csv(&r) : read_plain(&r);
        more = ended && here(&r) == k->delimiter;
        *failed = !aldb_buf_ok(&r.name) || !aldb_names_add(out, aldb_buf_cstr(&r.name), r.name.len);
        r.at++;
    }
    aldb_buf_clear(&r.name);
    if (!ended && !at_end && !*failed) {
        aldb_names_clear(out);
        return false;
    }
    return true;
}

void aldb_row_counter_init(struct aldb_row_counter *c, const struct aldb_copy *k)
{
    *c = (struct aldb_row_counter){.csv = k->csv, .quote = k->quote, .escape = k->escape};
}

static void count_csv(struct aldb_row_counter *c, struct aldb_slice piece)
{
    for (size_t i = 0; i < piece.len; i++) {
        char byte = piece.ptr[i];
        if (c->escaped) {
            c->escaped = false;
        } else if (c->quoted && byte == c->escape && c->escape != c->quote) {
            c->escaped = true;
        } else if (byte == c->quote) {
            c->quoted = !c->quoted;
        } else if (byte == '\n' && !c->quoted) {
            c->rows++;
        }
    }
}

static void count_plain(struct aldb_row_counter *c, struct aldb_slice piece)
{
    for (size_t i = 0; i < piece.len; i++) {
        char byte = piece.ptr[i];
        c->rows += byte == '\n' && !c->escaped ? 1 : 0;
        c->escaped = byte == '\\' && !c->escaped;
    }
}

void aldb_row_counter_add(struct aldb_row_counter *c, struct aldb_slice piece)
{
    if (c->csv) {
        count_csv(c, piece);
    } else {
        count_plain(c, piece);
    }
}
