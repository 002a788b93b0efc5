/* SPDX-License-Identifier: Apache-2.0 */
/* The last step of every conversion: bytes and characters into a buffer that may be too short, whole or in pieces. */
#include "convert/get.h"

#include <string.h>

#include "base/utf.h"

/* Where this piece starts. */
static struct aldb_slice rest_of(struct aldb_slice s, const struct aldb_chunk *chunk)
{
    size_t skip = chunk != NULL && chunk->offset < s.len ? chunk->offset
                  : chunk != NULL && chunk->offset > 0   ? s.len
                                                         : 0;

    return aldb_slice(s.ptr + skip, s.len - skip);
}

static void advance(struct aldb_chunk *chunk, size_t used, bool done)
{
    if (chunk != NULL) {
        chunk->offset += used;
        chunk->started = true;
        chunk->done = done;
    }
}

static size_t room_of(SQLLEN buflen)
{
    return buflen > 0 ? (size_t)buflen : 0;
}

/*
 * The part that must fit does not (22003). In pieces only the first one is judged, and a buffer too small for
 * anything is a question for the length, which gets 01004.
 */
static bool too_short(const struct aldb_render *r, size_t room, const struct aldb_chunk *chunk)
{
    if (r->whole == 0 || room > r->whole) {
        return false;
    }
    return chunk == NULL || (chunk->offset == 0 && room > 1);
}

/* Characters to deliver of `len` when only `most` fit: never ends with the point of a number or time. */
static size_t cut_fraction(const struct aldb_render *r, const struct aldb_chunk *chunk, size_t most)
{
    bool first = chunk == NULL || chunk->offset == 0;

    return first && r->whole != 0 && most == r->whole + 1 ? r->whole : most;
}

enum aldb_state aldb_deliver_char(const struct aldb_render *r, void *target, SQLLEN buflen,
                                  SQLLEN *length, struct aldb_chunk *chunk)
{
    struct aldb_slice s = rest_of(r->text, chunk);
    size_t room = room_of(buflen);

    if (target == NULL) {
        *length = (SQLLEN)s.len;
        return ALDB_ST_NONE;
    }
    if (room > s.len) {
        memcpy(target, s.ptr, s.len);
        ((char *)target)[s.len] = '\0';
        *length = (SQLLEN)s.len;
        advance(chunk, s.len, true);
        return ALDB_ST_NONE;
    }
    if (too_short(r, room, chunk)) {
        return ALDB_ST_22003;
    }
    size_t n = 0;
    if (room > 0) {
        size_t most = cut_fraction(r, chunk, room - 1);
        /* A piece of several is filled to its last byte, within a character too: clients such as pyodbc count on the room that they gave. */
        n = chunk != NULL ? most : aldb_utf8_floor(s.ptr, s.len, most);
        memcpy(target, s.ptr, n);
        ((char *)target)[n] = '\0';
    }
    *length = (SQLLEN)s.len;
    advance(chunk, n, false);
    return ALDB_ST_01004;
}

static void put_unit(void *target, size_t at, SQLWCHAR unit)
{
    memcpy((char *)target + at * sizeof unit, &unit, sizeof unit);
}

/*
 * As many units as fit in `most`, behind the half pair that the last piece left. A piece of several is filled to its last unit, with half a pair if
 * need be: clients such as pyodbc count on the room that they gave.
 */
static size_t put_units(void *target, size_t most, struct aldb_slice s, struct aldb_chunk *chunk, size_t *used, bool *bad)
{
    size_t units = 0;

    if (chunk != NULL && chunk->low != 0 && most > 0) {
        put_unit(target, 0, chunk->low);
        chunk->low = 0;
        units = 1;
    }
    units += aldb_utf8_to_utf16((char *)target + units * sizeof(SQLWCHAR), most - units, s.ptr, s.len, used, bad);
    if (units < most && chunk != NULL && *used < s.len && !*bad) {
        SQLWCHAR pair[2];
        size_t pair_used = 0;
        (void)aldb_utf8_to_utf16(pair, ALDB_COUNT(pair), s.ptr + *used, s.len - *used, &pair_used, bad);
        put_unit(target, units, pair[0]);
        chunk->low = pair[1];
        *used += pair_used;
        units++;
    }
    return units;
}

enum aldb_state aldb_deliver_wchar(const struct aldb_render *r, void *target, SQLLEN buflen,
                                   SQLLEN *length, struct aldb_chunk *chunk)
{
    struct aldb_slice s = rest_of(r->text, chunk);
    size_t room = room_of(buflen) / sizeof(SQLWCHAR);
    bool bad = false;
    size_t used = 0;
    size_t units = 0;

    if (target != NULL && room <= s.len && too_short(r, room, chunk)) {
        return ALDB_ST_22003;
    }
    if (target != NULL && room > 0) {
        size_t most = room - 1;
        if (most < s.len) {
            most = cut_fraction(r, chunk, most);
        }
        units = put_units(target, most, s, chunk, &used, &bad);
        if (bad) {
            return ALDB_ST_22018;
        }
    }
    bool half = chunk != NULL && chunk->low != 0;
    uint64_t total;
    if (used == s.len) {
        total = units + half;
    } else if (chunk != NULL && chunk->started) {
        total = chunk->units;
    } else {
        total = units + half + aldb_utf8_to_utf16_units(s.ptr + used, s.len - used);
    }
    *length = (SQLLEN)(total * sizeof(SQLWCHAR));
    if (target == NULL) {
        return ALDB_ST_NONE;
    }
    if (room > 0) {
        put_unit(target, units, 0);
    }
    bool done = used == s.len && !half && room > 0;
    if (chunk != NULL) {
        chunk->units = total - units;
    }
    advance(chunk, used, done);
    return done ? ALDB_ST_NONE : ALDB_ST_01004;
}

enum aldb_state aldb_deliver_bytes(struct aldb_slice bytes, void *target, SQLLEN buflen,
                                   SQLLEN *length, struct aldb_chunk *chunk)
{
    struct aldb_slice s = rest_of(bytes, chunk);
    size_t room = room_of(buflen);
    size_t n = s.len <= room ? s.len : room;

    *length = (SQLLEN)s.len;
    if (target == NULL) {
        return ALDB_ST_NONE;
    }
    if (n > 0) {
        memcpy(target, s.ptr, n);
    }
    advance(chunk, n, n == s.len);
    return n == s.len ? ALDB_ST_NONE : ALDB_ST_01004;
}

static void put_hex_wide(const char *bytes, size_t n, void *target)
{
    for (size_t i = 0; i < n; i++) {
        char pair[2];
        aldb_hex_format(bytes + i, 1, pair);
        put_unit(target, 2 * i, (SQLWCHAR)pair[0]);
        put_unit(target, 2 * i + 1, (SQLWCHAR)pair[1]);
    }
}

enum aldb_state aldb_deliver_hex(struct aldb_slice bytes, bool wide, void *target, SQLLEN buflen,
                                 SQLLEN *length, struct aldb_chunk *chunk)
{
    struct aldb_slice s = rest_of(bytes, chunk);
    size_t unit = wide ? sizeof(SQLWCHAR) : 1;
    size_t room = room_of(buflen) / unit;
    size_t fits = room > 0 ? (room - 1) / 2 : 0;
    size_t n = s.len <= fits ? s.len : fits;

    *length = (SQLLEN)(s.len * 2 * unit);
    if (target == NULL) {
        return ALDB_ST_NONE;
    }
    if (room > 0) {
        if (wide) {
            put_hex_wide(s.ptr, n, target);
            put_unit(target, 2 * n, 0);
        } else {
            aldb_hex_format(s.ptr, n, target);
            ((char *)target)[2 * n] = '\0';
        }
    }
    bool done = n == s.len && room > 0;
    advance(chunk, n, done);
    return done ? ALDB_ST_NONE : ALDB_ST_01004;
}

enum aldb_state aldb_deliver_native(const void *value, size_t size, void *target, SQLLEN buflen,
                                    SQLLEN *length, struct aldb_chunk *chunk)
{
    if (target != NULL && room_of(buflen) < size) {
        if (chunk == NULL || buflen > 0) {
            return ALDB_ST_22003;
        }
        *length = (SQLLEN)size; /* asked for the length only */
        return ALDB_ST_01004;
    }
    aldb_deliver_fixed(value, size, target, length, chunk);
    return ALDB_ST_NONE;
}
