/* SPDX-License-Identifier: Apache-2.0 */
/* The output of a translation: text, where each piece came from, and where the markers are. */
#include <string.h>

#include "base/alloc.h"
#include "sqltext/internal.h"

/* Characters of UTF-8; a stray continuation byte counts with the one before it. */
static size_t characters(const char *s, size_t len)
{
    size_t n = 0;
    for (size_t i = 0; i < len; i++) {
        n += ((unsigned char)s[i] & 0xC0) != 0x80;
    }
    return n;
}

size_t aldb_source_character(struct aldb_translation *tr, size_t byte)
{
    if (tr->ascii) {
        return byte + 1;
    }
    const char *s = tr->source.ptr;
    if (byte >= tr->known_byte) {
        tr->known_char += characters(s + tr->known_byte, byte - tr->known_byte);
    } else {
        tr->known_char -= characters(s + byte, tr->known_byte - byte);
    }
    tr->known_byte = byte;
    return tr->known_char + 1;
}

/* Room for one more element; NULL when out of memory, the old block stays. */
static void *grow(void *old, size_t *cap, size_t count, size_t size)
{
    if (count < *cap) {
        return old;
    }
    size_t bigger = count < 8 ? 8 : count + count / 2;
    void *p = aldb_realloc_array(old, bigger, size);
    if (p != NULL) {
        *cap = bigger;
    }
    return p;
}

static void segment(struct aldb_translation *tr, size_t source_byte, bool verbatim)
{
    struct aldb_sql *out = tr->out;
    if (out == NULL || tr->text->failed) {
        return;
    }
    struct aldb_sql_segment *last = out->nsegments ? &out->segments[out->nsegments - 1] : NULL;
    if (last != NULL && verbatim && last->verbatim && tr->copied_to == source_byte) {
        return;
    }
    size_t source = aldb_source_character(tr, source_byte) - 1;
    if (last != NULL && !verbatim && !last->verbatim && last->source == source) {
        return;
    }
    struct aldb_sql_segment *all = grow(out->segments, &out->cap_segments, out->nsegments, sizeof *all);
    if (all == NULL) {
        tr->text->failed = true;
        return;
    }
    out->segments = all;
    all[out->nsegments++] = (struct aldb_sql_segment){tr->text->len, source, verbatim};
}

static void append(struct aldb_translation *tr, const char *data, size_t len)
{
    if (!tr->text->failed && tr->text->len + len > tr->max_len) {
        tr->too_long = tr->text->failed = true;
    }
    aldb_buf_add(tr->text, data, len);
}

void aldb_emit_text(struct aldb_translation *tr, const char *data, size_t len, size_t source)
{
    segment(tr, source, false);
    append(tr, data, len);
}

void aldb_emit_str(struct aldb_translation *tr, const char *s, size_t source)
{
    aldb_emit_text(tr, s, strlen(s), source);
}

void aldb_emit_source(struct aldb_translation *tr, size_t begin, size_t end)
{
    if (begin >= end) {
        return;
    }
    segment(tr, begin, true);
    append(tr, tr->source.ptr + begin, end - begin);
    tr->copied_to = end;
}

void aldb_emit_gap(struct aldb_translation *tr, char next, size_t source)
{
    const struct aldb_buf *b = tr->text;
    size_t begin = tr->out != NULL ? tr->part.begin : 0;
    if (!b->failed && b->len > begin && !aldb_scan_joins(b->data[b->len - 1], next)) {
        aldb_emit_text(tr, " ", 1, source);
    }
}

/* Keeps marker_at and refs for the $n that comes next. */
static bool remember(struct aldb_sql *out, uint32_t ordinal, size_t at)
{
    while (out->nparams <= ordinal) {
        size_t *markers = grow(out->marker_at, &out->cap_markers, out->nparams, sizeof *markers);
        if (markers == NULL) {
            return false;
        }
        out->marker_at = markers;
        markers[out->nparams++] = SIZE_MAX;
    }
    if (at == SIZE_MAX) {
        return true;
    }
    if (out->marker_at[ordinal] == SIZE_MAX) {
        out->marker_at[ordinal] = at;
    }
    struct aldb_sql_ref *refs = grow(out->refs, &out->cap_refs, out->nrefs, sizeof *refs);
    if (refs == NULL) {
        return false;
    }
    out->refs = refs;
    refs[out->nrefs++] = (struct aldb_sql_ref){at, ordinal};
    return true;
}

bool aldb_sql_next_marker(const struct aldb_sql *sql, const struct aldb_sql_part *part, struct aldb_sql_walk *w, struct aldb_buf *out)
{
    const char *text = sql->text.data;
    size_t from = w->from > part->begin ? w->from : part->begin;
    while (w->ref < sql->nrefs && sql->refs[w->ref].at < part->begin) {
        w->ref++;
    }
    if (w->ref == sql->nrefs || sql->refs[w->ref].at >= part->end) {
        aldb_buf_add(out, text + from, part->end - from);
        return false;
    }
    const struct aldb_sql_ref *ref = &sql->refs[w->ref++];
    size_t end = ref->at + 1;
    while (end < part->end && aldb_is_digit(text[end])) {
        end++;
    }
    aldb_buf_add(out, text + from, ref->at - from);
    w->from = end;
    w->marker = aldb_slice(text + ref->at, end - ref->at);
    w->param = ref->param - part->first_param;
    return true;
}

enum aldb_rc aldb_emit_marker(struct aldb_translation *tr, size_t source)
{
    uint32_t ordinal = tr->marker;
    if (ordinal - tr->part_marker >= ALDB_SQL_MAX_PARAMS) {
        return aldb_diag_post(tr->diag, ALDB_ST_42000,
                              "More than %u parameter markers in one statement (at character %zu): PostgreSQL takes no more; split the statement",
                              ALDB_SQL_MAX_PARAMS, aldb_source_character(tr, source));
    }
    tr->marker++;
    if (tr->nmarkers < tr->marker) {
        tr->nmarkers = tr->marker;
    }
    if (tr->out == NULL) {
        aldb_emit_text(tr, "?", 1, source);
        return ALDB_OK;
    }
    aldb_emit_gap(tr, '$', source);
    if (!tr->text->failed && !remember(tr->out, ordinal, tr->text->len)) {
        tr->text->failed = true;
    }
    char number[21] = "$";
    size_t len = 1 + aldb_format_u64(number + 1, ordinal - tr->part_marker + 1);
    aldb_emit_text(tr, number, len, source);
    return ALDB_OK;
}

void aldb_emit_part(struct aldb_translation *tr, const struct aldb_sql_part *part)
{
    struct aldb_sql *out = tr->out;
    struct aldb_sql_part *parts = tr->text->failed ? NULL : grow(out->parts, &out->cap_parts, out->nparts, sizeof *parts);
    if (parts == NULL) {
        tr->text->failed = true;
        return;
    }
    out->parts = parts;
    parts[out->nparts++] = *part;
    append(tr, "", 1); /* its NUL */
}

bool aldb_emit_finish(struct aldb_translation *tr)
{
    bool ok = tr->nmarkers == 0 || remember(tr->out, tr->nmarkers - 1, SIZE_MAX);
    return ok && aldb_buf_ok(tr->text);
}

enum aldb_rc aldb_emit_failure(struct aldb_translation *tr)
{
    if (tr->too_long) {
        return aldb_diag_post(tr->diag, ALDB_ST_42000,
                              "The statement, with its escape sequences translated, is longer than the %zu bytes allowed; "
                              "shorten it or pass long values as parameters",
                              tr->max_len);
    }
    return aldb_diag_post(tr->diag, ALDB_ST_HY001, NULL);
}

/* Byte offset of the `character`-th (0-based) character; len when there are fewer. */
static size_t byte_of(const char *s, size_t len, size_t character)
{
    for (size_t i = 0; i < len; i++) {
        if (((unsigned char)s[i] & 0xC0) != 0x80 && character-- == 0) {
            return i;
        }
    }
    return len;
}

/* A byte of the part's text where no argument had been given a name. */
static size_t without_names(const struct aldb_sql_part *p, size_t at)
{
    size_t added = 0;
    for (size_t i = 0; p->named && i < p->named->nnames && p->named->names[i].at < at; i++) {
        const struct aldb_sql_span *name = &p->named->names[i];
        added += at - name->at < name->len ? at - name->at : name->len;
    }
    return at - added;
}

size_t aldb_sql_map_position(const struct aldb_sql *sql, size_t part, size_t character)
{
    if (part >= sql->nparts || character == 0 || sql->nsegments == 0) {
        return character;
    }
    struct aldb_slice text = aldb_sql_part_text(sql, part);
    size_t at = sql->parts[part].begin + without_names(&sql->parts[part], byte_of(text.ptr, text.len, character - 1));
    /* The last segment that begins at or before `at`; of two that begin at the same byte the later one holds text. */
    size_t low = 0, high = sql->nsegments;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (sql->segments[middle].text <= at) {
            low = middle;
        } else {
            high = middle;
        }
    }
    const struct aldb_sql_segment *s = &sql->segments[low];
    if (!s->verbatim) {
        return s->source + 1;
    }
    size_t count = characters(sql->text.data + s->text, at - s->text);
    const struct aldb_sql_span *in = &sql->inserted;
    if (in->len > 0 && s->text <= in->at && at > in->at) { /* nothing of it is the application's */
        count -= characters(sql->text.data + in->at, at - in->at < in->len ? at - in->at : in->len);
    }
    return s->source + 1 + count;
}
