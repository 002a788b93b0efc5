/* SPDX-License-Identifier: Apache-2.0 */
#include <limits.h>

#include "base/alloc.h"
#include "base/instance_uri.h"
#include "base/utf.h"
#include "config/internal.h"

/* Where each keyword's member is; IGNORED ones have none. */
static const size_t offsets[ALDB_KW_COUNT] = {
#define OFFSET_STRING(name) offsetof(struct aldb_options, name)
#define OFFSET_SECRET(name) offsetof(struct aldb_options, name)
#define OFFSET_BOOL(name) offsetof(struct aldb_options, name)
#define OFFSET_UINT(name) offsetof(struct aldb_options, name)
#define OFFSET_ENUM(name) offsetof(struct aldb_options, name)
#define OFFSET_IGNORED(name) 0
#define ALDB_KEYWORD(name, type, ...) OFFSET_##type(name),
#include "config/keywords.def"
#undef ALDB_KEYWORD
};

static void *member(struct aldb_options *o, enum aldb_keyword kw)
{
    return (char *)o + offsets[kw];
}

static const void *member_const(const struct aldb_options *o, enum aldb_keyword kw)
{
    return (const char *)o + offsets[kw];
}

enum aldb_rc aldb_config_no_memory(struct aldb_diag *diag)
{
    return aldb_diag_post(diag, ALDB_ST_HY001, NULL);
}

const char *aldb_shown(struct aldb_slice text, char out[ALDB_SHOWN_MAX + 4])
{
    size_t n = text.len <= ALDB_SHOWN_MAX ? text.len : ALDB_SHOWN_MAX;
    bool valid = aldb_utf8_valid(text.ptr, text.len);
    if (valid) {
        n = aldb_utf8_floor(text.ptr, text.len, n);
    }
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        out[i] = c < 0x20 || c == 0x7f || (c >= 0x80 && !valid) ? '?' : (char)c;
    }
    memcpy(out + n, n < text.len ? "\xe2\x80\xa6" : "", n < text.len ? 4 : 1);
    return out;
}

/* ------------------------------------------------------------------ numbers out of text */

static bool parse_range(const char *choices, uint64_t *low, uint64_t *high)
{
    const char *dots = strstr(choices, "..");
    return dots != NULL && aldb_parse_u64(aldb_slice(choices, (size_t)(dots - choices)), low) &&
           aldb_parse_u64(aldb_slice_of(dots + 2), high);
}

/* The number that `text` means for a BOOL, UINT or ENUM keyword. */
static bool parse_number(const struct aldb_keyword_info *info, struct aldb_slice text, int64_t *out)
{
    text = aldb_slice_trim(text);
    if (info->type == ALDB_VT_BOOL) {
        bool b;
        if (!aldb_parse_bool(text, &b)) {
            return false;
        }
        *out = b;
        return true;
    }
    if (info->type == ALDB_VT_UINT) {
        uint64_t u;
        uint64_t low;
        uint64_t high;
        if (!aldb_parse_u64(text, &u) || !parse_range(info->choices, &low, &high) || u < low ||
            u > high) {
            return false;
        }
        *out = (int64_t)u;
        return true;
    }
    struct aldb_slice value;
    return aldb_words_find(info->choices, text, &value) && aldb_parse_i64(value, out);
}

static void set_number(struct aldb_options *o, enum aldb_keyword kw, int64_t number)
{
    void *at = member(o, kw);
    switch (aldb_keyword_info(kw)->type) {
    case ALDB_VT_BOOL:
        *(bool *)at = number != 0;
        break;
    case ALDB_VT_UINT:
        *(uint64_t *)at = (uint64_t)number;
        break;
    case ALDB_VT_ENUM:
        *(int *)at = (int)number;
        break;
    default:
        break;
    }
}

int64_t aldb_option_number(const struct aldb_options *o, enum aldb_keyword kw)
{
    const void *at = member_const(o, kw);
    switch (aldb_keyword_info(kw)->type) {
    case ALDB_VT_BOOL:
        return *(const bool *)at;
    case ALDB_VT_UINT:
        return (int64_t) * (const uint64_t *)at;
    case ALDB_VT_ENUM:
        return *(const int *)at;
    default:
        return 0;
    }
}

int64_t aldb_option_fallback(enum aldb_keyword kw)
{
    const struct aldb_keyword_info *info = aldb_keyword_info(kw);
    int64_t number = 0;
    if (info->fallback == NULL || !parse_number(info, aldb_slice_of(info->fallback), &number)) {
        return 0;
    }
    return number;
}

/* ------------------------------------------------------------------ texts */

static bool is_text(enum aldb_keyword kw)
{
    enum aldb_value_type type = aldb_keyword_info(kw)->type;
    return type == ALDB_VT_STRING || type == ALDB_VT_SECRET;
}

/* A secret is a struct of one pointer, so that both kinds are one. */
_Static_assert(sizeof(struct aldb_secret) == sizeof(char *), "a secret is one pointer");

static char **text_member(struct aldb_options *o, enum aldb_keyword kw)
{
    if (aldb_keyword_info(kw)->type == ALDB_VT_SECRET) {
        return &((struct aldb_secret *)member(o, kw))->value;
    }
    return member(o, kw);
}

const char *aldb_option_text(const struct aldb_options *o, enum aldb_keyword kw)
{
    if (aldb_keyword_info(kw)->type == ALDB_VT_SECRET) {
        return ((const struct aldb_secret *)member_const(o, kw))->value;
    }
    return *(char *const *)member_const(o, kw);
}

void aldb_option_format(const struct aldb_options *o, enum aldb_keyword kw, struct aldb_buf *out)
{
    const struct aldb_keyword_info *info = aldb_keyword_info(kw);
    const char *text;
    switch (info->type) {
    case ALDB_VT_UINT:
        aldb_buf_addf(out, "%lld", (long long)aldb_option_number(o, kw));
        break;
    case ALDB_VT_BOOL:
    case ALDB_VT_ENUM:
        aldb_buf_add_slice(out, aldb_words_name(aldb_keyword_words(kw), (int)aldb_option_number(o, kw)));
        break;
    case ALDB_VT_STRING:
    case ALDB_VT_SECRET:
        text = aldb_option_text(o, kw);
        aldb_buf_add_str(out, text != NULL ? text : "");
        break;
    default:
        break;
    }
}

enum aldb_rc aldb_option_replace(struct aldb_options *o, enum aldb_keyword kw,
                                 struct aldb_slice text, struct aldb_diag *diag)
{
    char *copy = NULL;
    if (text.ptr != NULL) {
        copy = aldb_strndup(text.ptr, text.len);
        if (copy == NULL) {
            return aldb_config_no_memory(diag);
        }
    }
    char **at = text_member(o, kw);
    aldb_free_secret(*at);
    *at = copy;
    return ALDB_OK;
}

bool aldb_option_given(const struct aldb_options *o, enum aldb_keyword kw)
{
    return o->origin[kw] != ALDB_FROM_DEFAULT;
}

/* ------------------------------------------------------------------ life */

void aldb_options_init(struct aldb_options *o)
{
    memset(o, 0, sizeof *o);
    for (enum aldb_keyword kw = 0; kw < ALDB_KW_COUNT; kw++) {
        o->origin[kw] = ALDB_FROM_DEFAULT;
        set_number(o, kw, aldb_option_fallback(kw));
    }
}

void aldb_options_clear(struct aldb_options *o)
{
    for (enum aldb_keyword kw = 0; kw < ALDB_KW_COUNT; kw++) {
        if (is_text(kw)) {
            aldb_free_secret(
                *text_member(o, kw)); /* a conninfo or an SQL text may hold secrets too */
        }
    }
    aldb_options_init(o);
}

/* ------------------------------------------------------------------ setting */

/* What `text` means in the words of this spelling, as a value of the keyword; `text` itself when it has none for it. */
static struct aldb_slice translate(const struct aldb_spelling *s, struct aldb_slice text)
{
    struct aldb_slice value;
    bool yes;
    int64_t number;
    if (s->dialect == NULL) {
        return text;
    }
    if (aldb_words_find(s->dialect, text, &value)) {
        return value;
    }
    if (aldb_parse_bool(text, &yes) &&
        aldb_words_find(s->dialect, aldb_slice_of(yes ? "yes" : "no"), &value)) {
        return value;
    }
    if (aldb_parse_i64(text, &number) && aldb_words_find(s->dialect, aldb_slice_of("#"), &value)) {
        return value;
    }
    return text;
}

/* Appends the words of a list, each value once unless `all`. */
static void add_words(struct aldb_buf *b, const char *words, bool all)
{
    struct aldb_slice rest = aldb_slice_of(words);
    struct aldb_slice word;
    struct aldb_slice value;
    while (aldb_words_next(&rest, &word, &value)) {
        int64_t number;
        if (!all && aldb_parse_i64(value, &number) &&
            aldb_words_name(words, (int)number).ptr != word.ptr) {
            continue; /* another way to write a word that is listed already */
        }
        if (b->len > 0) {
            aldb_buf_add_str(b, ", ");
        }
        aldb_buf_add_slice(b, aldb_slice_is(word, "#") ? aldb_slice_of("any whole number") : word);
    }
}

static void add_choices(struct aldb_buf *b, const struct aldb_spelling *s)
{
    const struct aldb_keyword_info *info = aldb_keyword_info(s->keyword);
    if (s->dialect != NULL) {
        add_words(b, s->dialect, true);
    }
    switch (info->type) {
    case ALDB_VT_BOOL:
        aldb_buf_add_str(b, b->len > 0 ? ", yes, no" : "yes, no");
        break;
    case ALDB_VT_UINT:
        aldb_buf_addf(b, "%sa whole number in %s", b->len > 0 ? ", " : "", info->choices);
        break;
    case ALDB_VT_ENUM:
        add_words(b, info->choices, false);
        break;
    default:
        break;
    }
}

/* Where a keyword stood, for messages; by enum aldb_origin. */
static const char *const places[] = {"connection string", "data source", "alloydb-odbc.ini",
                                     "environment", "defaults"};

/* What aldb_options_set() was asked. */
struct setting {
    const struct aldb_spelling *spelling;
    struct aldb_slice value;
    enum aldb_origin origin;
    struct aldb_diag *diag;
};

static enum aldb_rc refuse_value(const struct setting *s, const char *wanted)
{
    char shown[ALDB_SHOWN_MAX + 4];
    const char *name = s->spelling->name;
    const char *place = places[s->origin];
    if (aldb_keyword_info(s->spelling->keyword)->type == ALDB_VT_SECRET) {
        return aldb_diag_post(s->diag, ALDB_ST_HY024, "The value of %s in the %s is not valid: %s",
                              name, place, wanted);
    }
    return aldb_diag_post(s->diag, ALDB_ST_HY024,
                          "The value \"%s\" of %s in the %s is not valid: %s",
                          aldb_shown(s->value, shown), name, place, wanted);
}

static enum aldb_rc refuse_choice(const struct setting *s)
{
    struct aldb_buf wanted;
    aldb_buf_init(&wanted, ALDB_MAX_MESSAGE);
    aldb_buf_add_str(&wanted, "");
    add_choices(&wanted, s->spelling);
    struct aldb_buf text;
    aldb_buf_init(&text, ALDB_MAX_MESSAGE);
    bool only_number = aldb_keyword_info(s->spelling->keyword)->type == ALDB_VT_UINT && s->spelling->dialect == NULL;
    aldb_buf_addf(&text, "%s %s", only_number ? "give" : "choose one of", aldb_buf_cstr(&wanted));
    enum aldb_rc rc = refuse_value(s, aldb_buf_cstr(&text));
    aldb_buf_clear(&text);
    aldb_buf_clear(&wanted);
    return rc;
}

static bool components_valid(struct aldb_slice text)
{
    uint32_t mask;
    return aldb_components_parse(text, &mask);
}

static bool instance_uri_valid(struct aldb_slice text)
{
    return aldb_instance_uri_check(text, NULL);
}

/* Texts with a grammar of their own. */
static const struct {
    enum aldb_keyword keyword;
    bool (*valid)(struct aldb_slice text);
    const char *wanted;
} grammars[] = {
    {ALDB_KW_Port, aldb_ports_valid,
     "a port is a number in 1..65535; several hosts may have one each, separated by commas"},
    {ALDB_KW_InstanceUri, instance_uri_valid, "write " ALDB_INSTANCE_FORM},
    {ALDB_KW_LogComponents, components_valid,
     "choose from API, CONNECT, SESSION, STMT, GOOGLE, CONNECTOR, ALL, separated by commas"},
};

static enum aldb_rc set_text(struct aldb_options *o, const struct setting *s)
{
    enum aldb_keyword kw = s->spelling->keyword;
    if (memchr(s->value.ptr, '\0', s->value.len) != NULL) {
        return refuse_value(s, "it contains a NUL character");
    }
    for (size_t i = 0; i < ALDB_COUNT(grammars); i++) {
        if (grammars[i].keyword == kw && !grammars[i].valid(s->value)) {
            return refuse_value(s, grammars[i].wanted);
        }
    }
    if (kw == ALDB_KW_PqOpt) {
        struct aldb_pairs parsed = {0};
        enum aldb_rc rc = aldb_pqopt_parse(s->value, &parsed, s->diag);
        aldb_pairs_clear(&parsed);
        if (rc == ALDB_ERR) {
            return rc;
        }
    }
    return aldb_option_replace(o, kw, s->value, s->diag);
}

static enum aldb_rc warn_unknown(struct aldb_slice key, enum aldb_origin origin,
                                 struct aldb_diag *diag)
{
    char shown[ALDB_SHOWN_MAX + 4];
    const char *near = aldb_keyword_nearest(key);
    return aldb_diag_post(diag, ALDB_ST_01S00,
                          "The %s has the keyword \"%s\", which is not known and was ignored%s%s%s",
                          places[origin], aldb_shown(key, shown),
                          near != NULL ? "; did you mean " : "", near != NULL ? near : "",
                          near != NULL ? "?" : "");
}

enum aldb_rc aldb_option_hidden(struct aldb_slice key, size_t number, const char *secret, struct aldb_diag *diag)
{
    const char *near = aldb_keyword_nearest(key);
    return aldb_diag_post(diag, ALDB_ST_01S00,
                          "Keyword number %zu of the connection string, behind %s, is not known and was ignored%s%s%s "
                          "(a value with ';' in it must be written in braces)",
                          number, secret, near != NULL ? ": did you mean " : "", near != NULL ? near : "", near != NULL ? "?" : "");
}

enum aldb_rc aldb_options_set(struct aldb_options *o, struct aldb_slice key,
                              struct aldb_slice value, enum aldb_origin origin,
                              struct aldb_diag *diag)
{
    const struct aldb_spelling *spelling = aldb_spelling_find(key);
    if (spelling == NULL) {
        return warn_unknown(key, origin, diag);
    }
    struct setting s = {spelling, value, origin, diag};
    enum aldb_keyword kw = spelling->keyword;
    if (value.len == 0 || (aldb_option_given(o, kw) && o->origin[kw] <= origin)) {
        return ALDB_OK;
    }
    enum aldb_rc rc = ALDB_OK;
    if (is_text(kw)) {
        rc = set_text(o, &s);
    } else if (aldb_keyword_info(kw)->type != ALDB_VT_IGNORED) {
        int64_t number;
        struct aldb_slice meant = translate(spelling, aldb_slice_trim(value));
        if (!parse_number(aldb_keyword_info(kw), meant, &number)) {
            return refuse_choice(&s);
        }
        set_number(o, kw, number);
    }
    if (rc == ALDB_OK) {
        o->origin[kw] = (uint8_t)origin;
    }
    return rc;
}
