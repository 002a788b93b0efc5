/* SPDX-License-Identifier: Apache-2.0 */
#include "api/text.h"

#include <limits.h>
#include <string.h>

#include "base/utf.h"

/* ------------------------------------------------------------------ in */

/* Offset of the first byte that is not UTF-8. */
static size_t first_bad_byte(const char *s, size_t len)
{
    SQLWCHAR scratch[256];
    size_t at = 0;
    bool bad = false;
    while (at < len && !bad) {
        size_t used = 0;
        (void)aldb_utf8_to_utf16(scratch, ALDB_COUNT(scratch), s + at, len - at, &used, &bad);
        if (used == 0) {
            break;
        }
        at += used;
    }
    return at;
}

static SQLWCHAR unit_at(const void *text, size_t i)
{
    SQLWCHAR u;
    memcpy(&u, (const char *)text + i * sizeof u, sizeof u);
    return u;
}

/* Index of the first surrogate without its partner. */
static size_t first_lone_surrogate(const void *text, size_t units)
{
    for (size_t i = 0; i < units; i++) {
        unsigned kind = unit_at(text, i) & 0xfc00u;
        if (kind == 0xdc00u || (kind == 0xd800u && (i + 1 == units || (unit_at(text, i + 1) & 0xfc00u) != 0xdc00u))) {
            return i;
        }
        i += kind == 0xd800u;
    }
    return units;
}

static enum aldb_rc take_wide(struct aldb_text *t, const struct aldb_in *in, const char *what, struct aldb_diag *diag)
{
    size_t units = (size_t)in->length;
    if (in->length == SQL_NTS) {
        units = aldb_utf16_len(in->text);
    } else if (in->bytes) {
        units /= sizeof(SQLWCHAR);
    }
    if (!aldb_utf16_to_utf8(&t->store, in->text, units)) {
        if (!aldb_buf_ok(&t->store)) {
            return aldb_diag_post(diag, ALDB_ST_HY001, "%s is longer than %u bytes, or memory is short", what, ALDB_MAX_SQL);
        }
        return aldb_diag_post(diag, ALDB_ST_22018, "%s is not valid UTF-16: the unit at position %zu is a surrogate without its partner", what,
                              first_lone_surrogate(in->text, units) + 1);
    }
    t->slice = aldb_slice(aldb_buf_cstr(&t->store), t->store.len);
    return ALDB_OK;
}

static enum aldb_rc take_narrow(struct aldb_text *t, const struct aldb_in *in, const char *what, struct aldb_diag *diag)
{
    const char *text = in->text;
    size_t len = in->length == SQL_NTS ? strlen(text) : (size_t)in->length;
    if (!aldb_utf8_valid(text, len)) {
        size_t at = first_bad_byte(text, len);
        return aldb_diag_post(diag, ALDB_ST_22018, "%s is not valid UTF-8: byte 0x%02X at position %zu does not belong there", what,
                              (unsigned)(unsigned char)text[at < len ? at : len - 1], at + 1);
    }
    t->slice = aldb_slice(text, len);
    return ALDB_OK;
}

enum aldb_rc aldb_text_take(struct aldb_text *t, const struct aldb_in *in, enum aldb_in_kind kind, const char *what, struct aldb_diag *diag)
{
    aldb_buf_init(&t->store, ALDB_MAX_SQL);
    t->slice = aldb_slice(NULL, 0);
    if (in->text == NULL) {
        return ALDB_OK; /* its length means nothing */
    }
    if (in->length < 0 && in->length != SQL_NTS) {
        return aldb_diag_post(diag, ALDB_ST_HY090, "%s has the length %lld; it is a count or SQL_NTS", what, (long long)in->length);
    }
    enum aldb_rc rc = in->wide ? take_wide(t, in, what, diag) : take_narrow(t, in, what, diag);
    if (rc == ALDB_ERR || kind == ALDB_IN_SQL) {
        return rc;
    }
    const char *nul = t->slice.len ? memchr(t->slice.ptr, '\0', t->slice.len) : NULL;
    if (nul) {
        return aldb_diag_post(diag, ALDB_ST_22018, "%s contains a NUL character at byte %zu", what, (size_t)(nul - t->slice.ptr) + 1);
    }
    if (t->slice.len > ALDB_MAX_NAME) {
        return aldb_diag_post(diag, ALDB_ST_HY090, "%s has %zu bytes; %u are the most", what, t->slice.len, ALDB_MAX_NAME);
    }
    return ALDB_OK;
}

bool aldb_text_keep(struct aldb_text *t)
{
    if (t->slice.ptr && t->store.len == 0) {
        aldb_buf_add_slice(&t->store, t->slice);
        if (!aldb_buf_ok(&t->store)) {
            aldb_buf_wipe(&t->store);
            return false;
        }
        t->slice = aldb_slice(aldb_buf_cstr(&t->store), t->slice.len);
    }
    return true;
}

void aldb_text_clear(struct aldb_text *t)
{
    aldb_buf_wipe(&t->store);
    t->slice = aldb_slice(NULL, 0);
}

/* ------------------------------------------------------------------ out */

static void store_length(const struct aldb_out *o, size_t length)
{
    if (o->length16) {
        *o->length16 = length > SHRT_MAX ? SHRT_MAX : (SQLSMALLINT)length;
    }
    if (o->length32) {
        *o->length32 = length > INT_MAX ? INT_MAX : (SQLINTEGER)length;
    }
}

bool aldb_out_write(const struct aldb_out *o, struct aldb_slice text)
{
    if (text.ptr == NULL) {
        text = aldb_slice("", 0);
    }
    size_t unit = o->wide && o->bytes ? sizeof(SQLWCHAR) : 1;
    size_t units = o->wide ? aldb_utf8_to_utf16_units(text.ptr, text.len) : text.len;
    store_length(o, units * unit);
    if (o->buffer == NULL) {
        return true;
    }
    size_t room = o->room > 0 ? (size_t)o->room / unit : 0;
    if (room == 0) {
        return false;
    }
    if (o->wide) {
        size_t used = 0;
        size_t written = aldb_utf8_to_utf16(o->buffer, room - 1, text.ptr, text.len, &used, NULL);
        SQLWCHAR nul = 0;
        memcpy((char *)o->buffer + written * sizeof nul, &nul, sizeof nul);
        return used == text.len;
    }
    size_t n = text.len < room ? text.len : aldb_utf8_floor(text.ptr, text.len, room - 1);
    memcpy(o->buffer, text.ptr, n);
    ((char *)o->buffer)[n] = '\0';
    return n == text.len;
}

enum aldb_rc aldb_out_text(const struct aldb_out *o, struct aldb_slice text, struct aldb_diag *diag)
{
    if (o->buffer && o->room < 0) {
        return aldb_diag_post(diag, ALDB_ST_HY090, "The length of the output buffer is %lld", (long long)o->room);
    }
    if (!aldb_out_write(o, text)) {
        return aldb_diag_post(diag, ALDB_ST_01004, "The output buffer is too small: the string was cut");
    }
    return ALDB_OK;
}

enum aldb_rc aldb_out_value(const struct aldb_out *o, const struct aldb_value *v, struct aldb_diag *diag)
{
    SQLSMALLINT s16 = (SQLSMALLINT)v->number;
    SQLINTEGER s32 = (SQLINTEGER)v->number;
    const void *from = NULL;
    size_t size = 0;
    switch (v->width) {
    case ALDB_W_TEXT:
        return aldb_out_text(o, v->text, diag);
    case ALDB_W_S16:
        from = &s16;
        size = sizeof s16;
        break;
    case ALDB_W_S32:
        from = &s32;
        size = sizeof s32;
        break;
    case ALDB_W_LEN:
        from = &v->number;
        size = sizeof v->number;
        break;
    case ALDB_W_PTR:
        from = &v->pointer;
        size = sizeof v->pointer;
        break;
    }
    if (o->buffer) {
        memcpy(o->buffer, from, size);
    }
    store_length(o, size);
    return ALDB_OK;
}
