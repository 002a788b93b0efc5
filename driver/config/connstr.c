/* SPDX-License-Identifier: Apache-2.0 */
#include "base/alloc.h"
#include "base/map.h"
#include "config/internal.h"

/* ------------------------------------------------------------------ pairs */

enum aldb_rc aldb_pairs_add(struct aldb_pairs *p, struct aldb_slice key, struct aldb_slice value,
                            struct aldb_diag *diag)
{
    /* The room is the next power of two, so that no member has to remember it. */
    if ((p->count & (p->count - 1)) == 0) {
        struct aldb_pair *grown =
            aldb_realloc_array(p->at, p->count == 0 ? 1 : p->count * 2, sizeof *grown);
        if (grown == NULL) {
            return aldb_config_no_memory(diag);
        }
        p->at = grown;
    }
    struct aldb_pair pair = {aldb_strndup(key.ptr, key.len), aldb_strndup(value.ptr, value.len)};
    if (pair.key == NULL || pair.value == NULL) {
        aldb_free_secret(pair.key);
        aldb_free_secret(pair.value);
        return aldb_config_no_memory(diag);
    }
    p->at[p->count++] = pair;
    return ALDB_OK;
}

void aldb_pairs_clear(struct aldb_pairs *p)
{
    for (size_t i = 0; i < p->count; i++) {
        aldb_free_secret(p->at[i].key); /* a password with a stray ';' in it ends up as a key */
        aldb_free_secret(p->at[i].value);
    }
    aldb_free(p->at);
    *p = (struct aldb_pairs){0};
}

const char *aldb_pairs_get(const struct aldb_pairs *p, enum aldb_keyword kw)
{
    for (size_t i = 0; i < p->count; i++) {
        if (aldb_keyword_find(aldb_slice_of(p->at[i].key)) == (int)kw) {
            return p->at[i].value;
        }
    }
    return NULL;
}

/* ------------------------------------------------------------------ splitting */

struct splitter {
    struct aldb_slice text;
    size_t at;
    struct aldb_buf value; /* of the pair being read, unquoted */
    bool seen[ALDB_KW_COUNT];
    bool named; /* DSN or Driver was given: the other one no longer counts */
    struct aldb_map
        unknown; /* keys met that are no keywords: folded, or as written when too long */
    struct aldb_pairs pairs;
    struct aldb_diag *diag;
};

/* Texts never repeat the connection string: what looks like a keyword may be half a password. */
static enum aldb_rc malformed(const struct splitter *s, size_t at, const char *what)
{
    return aldb_diag_post(s->diag, ALDB_ST_HY000,
                          "The connection string is malformed at byte %zu: %s", at + 1, what);
}

static void skip_blanks(struct splitter *s)
{
    while (s->at < s->text.len && aldb_is_space(s->text.ptr[s->at])) {
        s->at++;
    }
}

static enum aldb_rc read_key(struct splitter *s, struct aldb_slice *key)
{
    size_t start = s->at;
    while (s->at < s->text.len && s->text.ptr[s->at] != '=' && s->text.ptr[s->at] != ';') {
        s->at++;
    }
    if (s->at == s->text.len || s->text.ptr[s->at] == ';') {
        return malformed(s, start,
                         "a keyword without '='; a value with ';' in it must be written in braces");
    }
    *key = aldb_slice_trim(aldb_slice(s->text.ptr + start, s->at - start));
    if (key->len == 0) {
        return malformed(s, start, "'=' without a keyword before it");
    }
    s->at++;
    return ALDB_OK;
}

/* {…} with }} for }. Leaves the position behind the blanks that follow. */
static enum aldb_rc read_braced(struct splitter *s)
{
    size_t start = s->at++;
    for (;;) {
        size_t left = s->text.len - s->at;
        const char *from = s->text.ptr + s->at;
        const char *brace = memchr(from, '}', left);
        if (brace == NULL) {
            return malformed(
                s, start,
                "the brace that opens here is never closed; '}' inside braces is written '}}'");
        }
        aldb_buf_add(&s->value, from, (size_t)(brace - from));
        s->at += (size_t)(brace - from) + 1;
        if (s->at == s->text.len || s->text.ptr[s->at] != '}') {
            break;
        }
        aldb_buf_add_char(&s->value, '}');
        s->at++;
    }
    skip_blanks(s);
    if (s->at < s->text.len && s->text.ptr[s->at] != ';') {
        return malformed(s, s->at,
                         "text behind a closing brace; '}' inside braces is written '}}'");
    }
    return ALDB_OK;
}

static enum aldb_rc read_value(struct splitter *s)
{
    aldb_buf_reset(&s->value);
    skip_blanks(s);
    if (s->at < s->text.len && s->text.ptr[s->at] == '{') {
        return read_braced(s);
    }
    size_t start = s->at;
    const char *end = memchr(s->text.ptr + start, ';', s->text.len - start);
    s->at = end != NULL ? (size_t)(end - s->text.ptr) : s->text.len;
    aldb_buf_add_slice(&s->value, aldb_slice_trim(aldb_slice(s->text.ptr + start, s->at - start)));
    return ALDB_OK;
}

/* Marks the key as met; *first tells whether it was the first time. DSN and DRIVER count as one: the first of them wins. */
static enum aldb_rc meet(struct splitter *s, struct aldb_slice key, bool *first)
{
    int kw = aldb_keyword_find(key);
    if (kw >= 0) {
        bool names = kw == ALDB_KW_DSN || kw == ALDB_KW_Driver;
        *first = !s->seen[kw] && !(names && s->named);
        s->seen[kw] = true;
        s->named = s->named || (names && s->value.len > 0);
        return ALDB_OK;
    }
    char folded[ALDB_SPELLING_MAX + 1];
    size_t len = aldb_spelling_fold(key, folded);
    struct aldb_slice id = len <= ALDB_SPELLING_MAX ? aldb_slice(folded, len) : key;
    *first = aldb_map_get(&s->unknown, id) == NULL;
    if (*first && !aldb_map_put(&s->unknown, id, s, NULL)) {
        return aldb_config_no_memory(s->diag);
    }
    return ALDB_OK;
}

static enum aldb_rc read_pair(struct splitter *s)
{
    enum aldb_rc rc;
    struct aldb_slice key;
    bool first;
    ALDB_TRY(read_key(s, &key));
    ALDB_TRY(read_value(s));
    if (!aldb_buf_ok(&s->value)) {
        return aldb_config_no_memory(s->diag);
    }
    ALDB_TRY(meet(s, key, &first));
    if (!first) {
        return ALDB_OK;
    }
    if (s->pairs.count == ALDB_MAX_PAIRS) {
        return aldb_diag_post(s->diag, ALDB_ST_HY000,
                              "The connection string has more than %d keywords", ALDB_MAX_PAIRS);
    }
    rc =
        aldb_pairs_add(&s->pairs, key, aldb_slice(aldb_buf_cstr(&s->value), s->value.len), s->diag);
out:
    return rc;
}

static enum aldb_rc read_pairs(struct splitter *s)
{
    for (;;) {
        skip_blanks(s);
        if (s->at == s->text.len) {
            return ALDB_OK;
        }
        if (s->text.ptr[s->at] == ';') {
            s->at++;
            continue;
        }
        enum aldb_rc rc = read_pair(s);
        if (rc == ALDB_ERR) {
            return rc;
        }
    }
}

enum aldb_rc aldb_connstr_split(struct aldb_slice text, struct aldb_pairs *out,
                                struct aldb_diag *diag)
{
    if (text.len > ALDB_MAX_CONNSTR) {
        return aldb_diag_post(diag, ALDB_ST_HY000,
                              "The connection string is too long: %zu bytes, of %u at most",
                              text.len, ALDB_MAX_CONNSTR);
    }
    while (text.len > 0 && text.ptr[text.len - 1] == '\0') {
        text.len--; /* the application counted its terminator */
    }
    struct splitter s = {.text = text, .diag = diag};
    aldb_buf_init(&s.value, ALDB_MAX_CONNSTR);
    aldb_map_init(&s.unknown);
    const char *nul = text.len > 0 ? memchr(text.ptr, '\0', text.len) : NULL;
    enum aldb_rc rc;
    if (nul != NULL) {
        rc = malformed(&s, (size_t)(nul - text.ptr), "a NUL character");
    } else if (aldb_buf_reserve(&s.value, text.len) == NULL) {
        rc = aldb_config_no_memory(
            diag); /* all room at once: growing would leave copies of secrets behind */
    } else {
        rc = read_pairs(&s);
    }
    aldb_map_clear(&s.unknown, NULL);
    aldb_buf_wipe(&s.value);
    if (rc == ALDB_ERR) {
        aldb_pairs_clear(&s.pairs);
        return rc;
    }
    *out = s.pairs;
    return ALDB_OK;
}

/* ------------------------------------------------------------------ writing */

/* The characters that ODBC reserves, and blanks that would be trimmed. */
static bool needs_braces(struct aldb_slice value)
{
    if (value.len == 0) {
        return false;
    }
    if (aldb_is_space(value.ptr[0]) || aldb_is_space(value.ptr[value.len - 1])) {
        return true;
    }
    return strcspn(value.ptr, "[]{}(),;?*=!@") < value.len;
}

void aldb_connstr_add(struct aldb_buf *b, const char *key, const char *value)
{
    if (b->len > 0) {
        aldb_buf_add_char(b, ';');
    }
    aldb_buf_add_str(b, key);
    aldb_buf_add_char(b, '=');
    struct aldb_slice v = aldb_slice_of(value);
    if (!needs_braces(v)) {
        aldb_buf_add_slice(b, v);
        return;
    }
    aldb_buf_add_char(b, '{');
    for (size_t i = 0; i < v.len; i++) {
        aldb_buf_add_char(b, v.ptr[i]);
        if (v.ptr[i] == '}') {
            aldb_buf_add_char(b, '}');
        }
    }
    aldb_buf_add_char(b, '}');
}
