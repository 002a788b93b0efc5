/* SPDX-License-Identifier: Apache-2.0 */
#include "connector/exchange.h"

#include <stdio.h>
#include <string.h>

#include "base/be.h"
#include "google/encode.h"

#define HEAD 4u    /* bytes of a length */
#define PG_HEAD 5u /* type and length of a PostgreSQL message */
#define TEXT_MAX 600

enum wire_type { VARINT = 0, FIXED64 = 1, BYTES = 2, GROUP = 3, GROUP_END = 4, FIXED32 = 5 };

/* ------------------------------------------------------------------ request */

static size_t varint_size(size_t v)
{
    size_t n = 1;
    for (; v > 0x7f; v >>= 7) {
        n++;
    }
    return n;
}

static void add_varint(struct aldb_buf *b, size_t v)
{
    for (; v > 0x7f; v >>= 7) {
        aldb_buf_add_char(b, (char)(unsigned char)(0x80 | (v & 0x7f)));
    }
    aldb_buf_add_char(b, (char)v);
}

/* proto3 leaves out what is empty. */
static size_t field_size(size_t len)
{
    return len ? 1 + varint_size(len) + len : 0;
}

static void add_text(struct aldb_buf *b, unsigned field, const char *text, size_t len)
{
    if (len) {
        aldb_buf_add_char(b, (char)(field << 3 | BYTES));
        add_varint(b, len);
        aldb_buf_add(b, text, len);
    }
}

enum aldb_rc aldb_exchange_write(struct aldb_buf *b, enum aldb_exchange_auth auth, const char *user_agent, const char *token)
{
    size_t agent_len = strlen(user_agent);
    size_t token_len = strlen(token);
    size_t len = 2 + field_size(agent_len) + field_size(token_len);
    if (agent_len > ALDB_EXCHANGE_MAX || token_len > ALDB_EXCHANGE_MAX || len > ALDB_EXCHANGE_MAX) {
        return ALDB_NO_DATA;
    }
    if (aldb_buf_reserve(b, HEAD + len) == NULL) { /* at once: growing would leave copies of the token */
        return ALDB_ERR;
    }
    aldb_buf_add_be32(b, (uint32_t)len);
    add_text(b, 1, user_agent, agent_len);
    aldb_buf_add_char(b, (char)(2 << 3 | VARINT));
    add_varint(b, auth);
    add_text(b, 3, token, token_len);
    return aldb_buf_ok(b) ? ALDB_OK : ALDB_ERR;
}

/* ------------------------------------------------------------------ response */

static const char not_understood[] = "the answer is no message that this driver understands; does something else than an AlloyDB instance listen there?";

void aldb_exchange_reader_init(struct aldb_exchange_reader *r)
{
    *r = (struct aldb_exchange_reader){.state = ALDB_EXCHANGE_MORE, .wants = HEAD};
    aldb_buf_init(&r->in, HEAD + ALDB_EXCHANGE_MAX);
}

void aldb_exchange_reader_clear(struct aldb_exchange_reader *r)
{
    aldb_buf_clear(&r->in);
    *r = (struct aldb_exchange_reader){.state = ALDB_EXCHANGE_BROKEN, .text = ""};
}

size_t aldb_exchange_wants(const struct aldb_exchange_reader *r)
{
    return r->state == ALDB_EXCHANGE_MORE ? r->wants : 0;
}

static void become(struct aldb_exchange_reader *r, enum aldb_exchange_state state, const char *text)
{
    r->state = state;
    r->text = text;
    r->wants = 0;
}

/* False: it does not end within ten bytes, or within what is there. */
static bool take_varint(struct aldb_cursor *c, uint64_t *out)
{
    uint64_t v = 0;
    for (unsigned shift = 0; shift < 70; shift += 7) {
        const unsigned char *p = aldb_cursor_take(c, 1);
        if (p == NULL) {
            return false;
        }
        if (shift < 64) {
            v |= (uint64_t)(*p & 0x7f) << shift;
        }
        if ((*p & 0x80) == 0) {
            *out = v;
            return true;
        }
    }
    return false;
}

/* What a field holds; groups, which nobody writes any more, are stepped into. */
static bool take_value(struct aldb_cursor *c, unsigned type, uint64_t *number, struct aldb_slice *bytes)
{
    switch (type) {
    case VARINT:
        return take_varint(c, number);
    case FIXED64:
        return aldb_cursor_take(c, 8) != NULL;
    case FIXED32:
        return aldb_cursor_take(c, 4) != NULL;
    case BYTES: {
        const unsigned char *p = NULL;
        if (!take_varint(c, number) || *number > c->left || (p = aldb_cursor_take(c, (size_t)*number)) == NULL) {
            return false;
        }
        *bytes = aldb_slice((const char *)p, (size_t)*number);
        return true;
    }
    default:
        return type == GROUP || type == GROUP_END;
    }
}

/* The last of each field counts, as protobuf has it. */
static bool read_response(struct aldb_cursor c, uint64_t *code, struct aldb_slice *error)
{
    size_t depth = 0;
    while (c.left > 0) {
        uint64_t tag = 0, number = 0;
        struct aldb_slice bytes = {0};
        if (!take_varint(&c, &tag) || tag >> 3 == 0 || tag > UINT32_MAX || !take_value(&c, tag & 7, &number, &bytes)) {
            return false;
        }
        if ((tag & 7) == GROUP_END && depth-- == 0) {
            return false;
        }
        depth += (tag & 7) == GROUP;
        if (depth == 0 && tag == (1 << 3 | VARINT)) {
            *code = number;
        } else if (depth == 0 && tag == (2 << 3 | BYTES)) {
            *error = bytes;
        }
    }
    return depth == 0;
}

static void finish_response(struct aldb_exchange_reader *r)
{
    uint64_t code = 0;
    struct aldb_slice error = {0};
    if (!read_response(aldb_cursor(r->in.data + HEAD, r->in.len - HEAD), &code, &error)) {
        become(r, ALDB_EXCHANGE_BROKEN, not_understood);
    } else if (code == 1) {
        become(r, ALDB_EXCHANGE_OK, "");
    } else {
        struct aldb_buf quoted;
        aldb_buf_init(&quoted, sizeof r->quoted - 1);
        aldb_quote_add(&quoted, error, TEXT_MAX);
        bool fits = aldb_copy(r->quoted, sizeof r->quoted, aldb_buf_slice(&quoted));
        become(r, ALDB_EXCHANGE_REFUSED, fits && quoted.len ? r->quoted : "");
        r->code = code > UINT32_MAX ? UINT32_MAX : (unsigned)code;
        aldb_buf_clear(&quoted);
    }
}

/* Fields are a letter, a text and its NUL; a NUL alone ends them. */
static void finish_server(struct aldb_exchange_reader *r)
{
    const char *p = r->in.data + PG_HEAD;
    const char *end = r->in.data + r->in.len;
    const char *severity = NULL;
    while (p < end && *p) {
        char field = *p++;
        const char *nul = memchr(p, '\0', (size_t)(end - p));
        if (nul == NULL) {
            break;
        }
        switch (field) {
        case 'S':
            severity = p;
            break;
        case 'V':
            r->server.severity = p;
            break;
        case 'C':
            r->server.sqlstate = strlen(p) == 5 ? p : NULL;
            break;
        case 'M':
            r->server.message = p;
            break;
        case 'D':
            r->server.detail = p;
            break;
        case 'H':
            r->server.hint = p;
            break;
        case 'R':
            r->server.routine = p;
            break;
        default:
            break;
        }
        p = nul + 1;
    }
    r->server.severity = r->server.severity ? r->server.severity : severity;
    if (r->server.message == NULL) {
        become(r, ALDB_EXCHANGE_BROKEN, "the answer looks like an error of PostgreSQL, but has no text; does something else than an AlloyDB instance listen there?");
    } else {
        become(r, ALDB_EXCHANGE_SERVER, "");
    }
}

/* All that was wanted is there: more, or the end. */
static void advance(struct aldb_exchange_reader *r)
{
    const char *in = r->in.data;
    if (in[0] == 'E') {
        if (r->in.len < PG_HEAD) {
            r->wants = PG_HEAD - r->in.len;
            return;
        }
        uint32_t len = aldb_load_be32(in + 1);
        if (len < 4 || len > ALDB_EXCHANGE_MAX) {
            become(r, ALDB_EXCHANGE_BROKEN, not_understood);
        } else if (r->in.len < len + 1) {
            r->wants = len + 1 - r->in.len;
        } else {
            finish_server(r);
        }
        return;
    }
    uint32_t len = aldb_load_be32(in);
    if (len > ALDB_EXCHANGE_MAX) {
        (void)snprintf(r->quoted, sizeof r->quoted, "the answer says that it has %u bytes, where %u are the limit; does something else than an AlloyDB instance listen there?",
                       (unsigned)len, ALDB_EXCHANGE_MAX);
        become(r, ALDB_EXCHANGE_BROKEN, r->quoted);
    } else if (r->in.len < HEAD + len) {
        r->wants = HEAD + len - r->in.len;
    } else {
        finish_response(r);
    }
}

enum aldb_exchange_state aldb_exchange_feed(struct aldb_exchange_reader *r, const void *data, size_t len)
{
    if (r->state != ALDB_EXCHANGE_MORE || len == 0) {
        return r->state;
    }
    if (len > r->wants) {
        become(r, ALDB_EXCHANGE_BROKEN, "more was read than the answer has");
        return r->state;
    }
    aldb_buf_add(&r->in, data, len);
    r->wants -= len;
    if (!aldb_buf_ok(&r->in)) {
        become(r, ALDB_EXCHANGE_BROKEN, "out of memory");
    } else if (r->wants == 0) {
        advance(r);
    }
    return r->state;
}

void aldb_exchange_end(struct aldb_exchange_reader *r)
{
    if (r->state == ALDB_EXCHANGE_MORE) {
        become(r, ALDB_EXCHANGE_BROKEN,
               r->in.len == 0     ? "the server closed the connection without an answer"
               : r->in.len < HEAD ? "the server closed the connection within the length of its answer"
                                  : "the server closed the connection within its answer");
    }
}
