/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>

#include "config/internal.h"

static const struct aldb_keyword_info infos[ALDB_KW_COUNT] = {
#define ALDB_KEYWORD(name, type, aliases, choices, fallback, group, help)                          \
    {#name, aliases, ALDB_VT_##type, choices, fallback, group, help},
#include "config/keywords.def"
#undef ALDB_KEYWORD
};

static const struct {
    const char *name;
    const char *words;
} dialects[] = {
#define ALDB_KEYWORD(...)
#define ALDB_DIALECT(name, words) {#name, words},
#include "config/keywords.def"
#undef ALDB_KEYWORD
};

/* Names and aliases one after the other, so that the index needs no memory of its own. */
enum {
    NAMES_SIZE = sizeof(""
#define ALDB_KEYWORD(name, type, aliases, ...) #name " " aliases " "
#include "config/keywords.def"
#undef ALDB_KEYWORD
                        ),
    SPELLINGS_MAX = 512 /* test_config checks that every name is found */
};

static struct {
    pthread_once_t once;
    char names[NAMES_SIZE];
    struct aldb_spelling sorted[SPELLINGS_MAX];
    size_t count;
} spellings = {.once = PTHREAD_ONCE_INIT};

static bool folds_away(char c)
{
    return aldb_is_space(c) || c == '_' || c == '-';
}

size_t aldb_spelling_fold(struct aldb_slice key, char out[ALDB_SPELLING_MAX + 1])
{
    size_t n = 0;
    for (size_t i = 0; i < key.len; i++) {
        if (folds_away(key.ptr[i])) {
            continue;
        }
        if (n == ALDB_SPELLING_MAX || key.ptr[i] == '\0') {
            return ALDB_SPELLING_MAX + 1;
        }
        out[n++] = aldb_lower(key.ptr[i]);
    }
    out[n] = '\0';
    return n;
}

static const char *dialect_of(const char *name)
{
    for (size_t i = 0; i < ALDB_COUNT(dialects); i++) {
        if (strcmp(dialects[i].name, name) == 0) {
            return dialects[i].words;
        }
    }
    return NULL;
}

/* Index of the first entry that is not below `folded`. */
static size_t lower_bound(const char *folded)
{
    size_t low = 0;
    size_t high = spellings.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(spellings.sorted[middle].folded, folded) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* Copies `name` to *pool and indexes it. */
static void index_name(struct aldb_slice name, enum aldb_keyword kw, bool alias, char **pool)
{
    struct aldb_spelling entry = {.name = *pool, .keyword = kw, .alias = alias};
    if (spellings.count == SPELLINGS_MAX ||
        aldb_spelling_fold(name, entry.folded) > ALDB_SPELLING_MAX) {
        return;
    }
    memcpy(*pool, name.ptr, name.len);
    (*pool)[name.len] = '\0';
    *pool += name.len + 1;
    entry.dialect = dialect_of(entry.name);
    size_t at = lower_bound(entry.folded);
    memmove(&spellings.sorted[at + 1], &spellings.sorted[at],
            (spellings.count - at) * sizeof entry);
    spellings.sorted[at] = entry;
    spellings.count++;
}

static void index_all(void)
{
    char *pool = spellings.names;
    for (enum aldb_keyword kw = 0; kw < ALDB_KW_COUNT; kw++) {
        index_name(aldb_slice_of(infos[kw].name), kw, false, &pool);
        const char *p = infos[kw].aliases;
        while (*p != '\0') {
            size_t len = strcspn(p, " ");
            index_name(aldb_slice(p, len), kw, true, &pool);
            p += len + strspn(p + len, " ");
        }
    }
}

const struct aldb_spelling *aldb_spelling_all(size_t *count)
{
    (void)pthread_once(&spellings.once, index_all);
    *count = spellings.count;
    return spellings.sorted;
}

const struct aldb_spelling *aldb_spelling_find(struct aldb_slice key)
{
    char folded[ALDB_SPELLING_MAX + 1];
    if (aldb_spelling_fold(key, folded) > ALDB_SPELLING_MAX) {
        return NULL;
    }
    (void)pthread_once(&spellings.once, index_all);
    size_t at = lower_bound(folded);
    if (at == spellings.count || strcmp(spellings.sorted[at].folded, folded) != 0) {
        return NULL;
    }
    return &spellings.sorted[at];
}

const struct aldb_keyword_info *aldb_keyword_info(enum aldb_keyword kw)
{
    return &infos[kw];
}

bool aldb_keyword_secret(enum aldb_keyword kw, const char *value)
{
    return infos[kw].type == ALDB_VT_SECRET || (kw == ALDB_KW_ProxyUrl && (value == NULL || strchr(value, '@')));
}

int aldb_keyword_find(struct aldb_slice key)
{
    const struct aldb_spelling *s = aldb_spelling_find(key);
    return s != NULL ? (int)s->keyword : -1;
}

const char *aldb_keyword_spelling(struct aldb_slice key)
{
    const struct aldb_spelling *s = aldb_spelling_find(key);
    return s != NULL ? s->name : NULL;
}

/* Of two that are as near: the first letter is seldom wrong, and names are better known than aliases. */
static bool likelier(const struct aldb_spelling *s, const struct aldb_spelling *best, char first)
{
    bool same = s->folded[0] == first;
    bool best_same = best->folded[0] == first;
    return same != best_same ? same : best->alias && !s->alias;
}

const char *aldb_keyword_nearest(struct aldb_slice key)
{
    char folded[ALDB_SPELLING_MAX + 1];
    size_t len = aldb_spelling_fold(key, folded);
    if (len < 3 || len > ALDB_SPELLING_MAX) {
        return NULL; /* two letters are near to every abbreviation */
    }
    (void)pthread_once(&spellings.once, index_all);
    unsigned limit = len < 5 ? 1 : len < 8 ? 2 : 3;
    const struct aldb_spelling *best = NULL;
    for (size_t i = 0; i < spellings.count; i++) {
        const struct aldb_spelling *s = &spellings.sorted[i];
        size_t slen = strlen(s->folded);
        size_t apart = slen > len ? slen - len : len - slen;
        if (slen < 3 || apart > limit) {
            continue;
        }
        unsigned d = aldb_edit_distance(aldb_slice(folded, len), aldb_slice(s->folded, slen));
        if (d < limit || (d == limit && (best == NULL || likelier(s, best, folded[0])))) {
            best = s;
            limit = d;
        }
    }
    return best != NULL ? best->name : NULL;
}

bool aldb_words_next(struct aldb_slice *rest, struct aldb_slice *word, struct aldb_slice *value)
{
    if (rest->len == 0) {
        return false;
    }
    const char *bar = memchr(rest->ptr, '|', rest->len);
    size_t len = bar != NULL ? (size_t)(bar - rest->ptr) : rest->len;
    const char *equals = memchr(rest->ptr, '=', len);
    size_t wlen = equals != NULL ? (size_t)(equals - rest->ptr) : len;
    *word = aldb_slice(rest->ptr, wlen);
    *value = wlen < len ? aldb_slice(equals + 1, len - wlen - 1) : aldb_slice(rest->ptr + len, 0);
    size_t used = bar != NULL ? len + 1 : len;
    *rest = aldb_slice(rest->ptr + used, rest->len - used);
    return true;
}

bool aldb_words_find(const char *words, struct aldb_slice word, struct aldb_slice *value)
{
    struct aldb_slice rest = aldb_slice_of(words);
    struct aldb_slice w;
    struct aldb_slice v;
    while (aldb_words_next(&rest, &w, &v)) {
        if (aldb_slice_eq_nocase(w, word)) {
            *value = v;
            return true;
        }
    }
    return false;
}

struct aldb_slice aldb_words_name(const char *words, int value)
{
    struct aldb_slice rest = aldb_slice_of(words);
    struct aldb_slice w;
    struct aldb_slice v;
    while (aldb_words_next(&rest, &w, &v)) {
        int64_t number;
        if (aldb_parse_i64(v, &number) && number == value) {
            return w;
        }
    }
    return aldb_slice(NULL, 0);
}

const char *aldb_keyword_words(enum aldb_keyword kw)
{
    return infos[kw].type == ALDB_VT_BOOL ? "yes=1|no=0" : infos[kw].type == ALDB_VT_ENUM ? infos[kw].choices : "";
}

bool aldb_keyword_word(enum aldb_keyword kw, size_t number, struct aldb_slice *word)
{
    const char *words = aldb_keyword_words(kw);
    struct aldb_slice rest = aldb_slice_of(words);
    struct aldb_slice value;
    while (aldb_words_next(&rest, word, &value)) {
        int64_t n;
        bool first = aldb_parse_i64(value, &n) && aldb_words_name(words, (int)n).ptr == word->ptr; /* else another way to write one that came before */
        if (first && number-- == 0) {
            return true;
        }
    }
    return false;
}
