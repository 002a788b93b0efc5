/* SPDX-License-Identifier: Apache-2.0 */
#include "google/encode.h"

#include <stdio.h>
#include <time.h>

#include "base/alloc.h"
#include "base/utf.h"

static const char plain_alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char url_alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static void add_base64(struct aldb_buf *b, const unsigned char *p, size_t len, const char *alphabet, bool pad)
{
    for (size_t i = 0; i < len; i += 3) {
        size_t n = len - i < 3 ? len - i : 3;
        uint32_t v = (uint32_t)p[i] << 16 | (n > 1 ? (uint32_t)p[i + 1] << 8 : 0) | (n > 2 ? p[i + 2] : 0);
        for (size_t k = 0; k <= n; k++) {
            aldb_buf_add_char(b, alphabet[v >> (18 - 6 * k) & 63]);
        }
        for (size_t k = n; pad && k < 3; k++) {
            aldb_buf_add_char(b, '=');
        }
    }
}

void aldb_base64_add(struct aldb_buf *b, const void *data, size_t len)
{
    add_base64(b, data, len, plain_alphabet, true);
}

void aldb_base64url_add(struct aldb_buf *b, const void *data, size_t len)
{
    add_base64(b, data, len, url_alphabet, false);
}

static int sextet(char c)
{
    if (c >= 'A' && c <= 'Z') {
        return c - 'A';
    }
    if (c >= 'a' && c <= 'z') {
        return c - 'a' + 26;
    }
    if (aldb_is_digit(c)) {
        return c - '0' + 52;
    }
    return c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : -1;
}

bool aldb_base64_decode(struct aldb_slice text, struct aldb_buf *out)
{
    size_t n = text.len;
    while (n > 0 && text.ptr[n - 1] == '=' && text.len - n < 2) {
        n--;
    }
    if (n % 4 == 1 || (n != text.len && text.len % 4 != 0)) {
        return false;
    }
    uint32_t v = 0;
    for (size_t i = 0; i < n; i++) {
        int six = sextet(text.ptr[i]);
        if (six < 0) {
            return false;
        }
        v = v << 6 | (uint32_t)six;
        if (i % 4 != 0) {
            aldb_buf_add_char(out, (char)(unsigned char)(v >> (6 - 2 * (i % 4))));
        }
        if (i % 4 == 3) {
            v = 0;
        }
    }
    return aldb_buf_ok(out);
}

void aldb_hex_add(struct aldb_buf *b, const void *data, size_t len)
{
    const unsigned char *p = data;
    for (size_t i = 0; i < len; i++) {
        aldb_buf_add_char(b, "0123456789abcdef"[p[i] >> 4]);
        aldb_buf_add_char(b, "0123456789abcdef"[p[i] & 15]);
    }
}

static bool is_unreserved(char c)
{
    return aldb_is_alpha(c) || aldb_is_digit(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

static void add_percent(struct aldb_buf *b, struct aldb_slice text, bool form)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (is_unreserved(c)) {
            aldb_buf_add_char(b, c);
        } else if (form && c == ' ') {
            aldb_buf_add_char(b, '+');
        } else {
            aldb_buf_addf(b, "%%%02X", (unsigned)(unsigned char)c);
        }
    }
}

void aldb_percent_add(struct aldb_buf *b, struct aldb_slice text)
{
    add_percent(b, text, false);
}

void aldb_form_add(struct aldb_buf *b, const char *name, const char *value)
{
    if (b->len > 0) {
        aldb_buf_add_char(b, '&');
    }
    add_percent(b, aldb_slice_of(name), true);
    aldb_buf_add_char(b, '=');
    add_percent(b, aldb_slice_of(value), true);
}

void aldb_json_add_string(struct aldb_buf *b, struct aldb_slice text)
{
    aldb_buf_add_char(b, '"');
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (c == '"' || c == '\\') {
            aldb_buf_addf(b, "\\%c", c);
        } else if (c < 0x20) {
            aldb_buf_addf(b, "\\u%04x", (unsigned)c);
        } else {
            aldb_buf_add_char(b, (char)c);
        }
    }
    aldb_buf_add_char(b, '"');
}

/* `n` digits at *at, which moves on. False if they are not all digits. */
static bool digits(struct aldb_slice *s, size_t n, int *out)
{
    int v = 0;
    if (s->len < n) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        if (!aldb_is_digit(s->ptr[i])) {
            return false;
        }
        v = v * 10 + (s->ptr[i] - '0');
    }
    *out = v;
    *s = aldb_slice(s->ptr + n, s->len - n);
    return true;
}

static bool letter(struct aldb_slice *s, const char *any)
{
    if (s->len == 0 || s->ptr[0] == '\0' || strchr(any, s->ptr[0]) == NULL) {
        return false;
    }
    *s = aldb_slice(s->ptr + 1, s->len - 1);
    return true;
}

/* Days since 1970-01-01 of the proleptic Gregorian calendar: https://howardhinnant.github.io/date_algorithms.html */
static int64_t days_from_civil(int y, int m, int d)
{
    y -= m <= 2;
    int64_t era = y / 400;
    int64_t yoe = y - era * 400;
    int64_t doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

bool aldb_rfc3339_parse(struct aldb_slice s, int64_t *out)
{
    int year, month, day, hour, minute, second, off_hour = 0, off_minute = 0;
    if (!digits(&s, 4, &year) || !letter(&s, "-") || !digits(&s, 2, &month) || !letter(&s, "-") || !digits(&s, 2, &day) || !letter(&s, "Tt ") ||
        !digits(&s, 2, &hour) || !letter(&s, ":") || !digits(&s, 2, &minute) || !letter(&s, ":") || !digits(&s, 2, &second)) {
        return false;
    }
    if (letter(&s, ".")) {
        int digit;
        if (!digits(&s, 1, &digit)) {
            return false;
        }
        while (digits(&s, 1, &digit)) {
        }
    }
    int sign = 1;
    if (!letter(&s, "Zz")) {
        sign = letter(&s, "-") ? -1 : letter(&s, "+") ? 1 : 0;
        if (sign == 0 || !digits(&s, 2, &off_hour) || !letter(&s, ":") || !digits(&s, 2, &off_minute)) {
            return false;
        }
    }
    if (s.len != 0 || year < 1 || month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60 || off_hour > 23 ||
        off_minute > 59) {
        return false;
    }
    *out = days_from_civil(year, month, day) * 86400 + hour * 3600 + minute * 60 + second - sign * (off_hour * 3600 + off_minute * 60);
    return true;
}

void aldb_iso_basic_format(int64_t epoch, char out[17])
{
    struct tm tm;
    time_t t = (time_t)epoch;
    if (gmtime_r(&t, &tm) == NULL || strftime(out, 17, "%Y%m%dT%H%M%SZ", &tm) != 16) {
        (void)aldb_copy(out, 17, aldb_slice_of("19700101T000000Z"));
    }
}

void aldb_words_free(char **words)
{
    for (size_t i = 0; words && words[i]; i++) {
        aldb_free(words[i]);
    }
    aldb_free(words);
}

/* The next word at *p into `word`. SPLIT_EMPTY: only blanks were left. */
static enum aldb_split next_word(const char **p, struct aldb_buf *word)
{
    const char *s = *p;
    while (aldb_is_space(*s)) {
        s++;
    }
    if (*s == '\0') {
        return ALDB_SPLIT_EMPTY;
    }
    char quote = '\0';
    for (; *s && (quote || !aldb_is_space(*s)); s++) {
        if (quote == '\0' && (*s == '\'' || *s == '"')) {
            quote = *s;
        } else if (*s == quote) {
            quote = '\0';
        } else if (*s == '\\' && quote != '\'') {
            if (s[1] == '\0') {
                return ALDB_SPLIT_OPEN;
            }
            if (quote == '"' && strchr("\"\\$`", s[1]) == NULL) {
                aldb_buf_add_char(word, '\\');
            }
            aldb_buf_add_char(word, *++s);
        } else {
            aldb_buf_add_char(word, *s);
        }
    }
    *p = s;
    return quote ? ALDB_SPLIT_OPEN : ALDB_SPLIT_OK;
}

enum aldb_split aldb_words_split(const char *command, char ***words)
{
    size_t n = 0, cap = strlen(command) / 2 + 2; /* a word takes two bytes with its blank */
    char **list = aldb_alloc_array(cap, sizeof *list);
    enum aldb_split rc = list ? ALDB_SPLIT_OK : ALDB_SPLIT_MEMORY;
    while (rc == ALDB_SPLIT_OK) {
        struct aldb_buf word;
        aldb_buf_init(&word, ALDB_MAX_CONNSTR);
        rc = next_word(&command, &word);
        if (rc == ALDB_SPLIT_OK) {
            list[n] = aldb_buf_take(&word);
            rc = list[n] ? ALDB_SPLIT_OK : ALDB_SPLIT_MEMORY;
            n += list[n] != NULL;
        }
        aldb_buf_clear(&word);
    }
    if (rc == ALDB_SPLIT_EMPTY && n > 0) {
        *words = list;
        return ALDB_SPLIT_OK;
    }
    aldb_words_free(list);
    return rc;
}

static bool is_token_character(char c)
{
    return aldb_is_alpha(c) || aldb_is_digit(c) || c == '-' || c == '_' || c == '+' || c == '=';
}

#define TOKEN_RUN 40
#define MIXED_RUN 20
#define CLIENT_SECRET "GOCSPX-"

/* Long, or with capitals, small letters and digits as no name of Google's has them together: refresh tokens and clients' secrets are not much longer. */
static bool is_like_token(const char *text, size_t run)
{
    bool upper = false;
    bool lower = false;
    bool digit = false;
    for (size_t i = 0; i < run; i++) {
        digit = digit || aldb_is_digit(text[i]);
        upper = upper || (aldb_is_alpha(text[i]) && aldb_lower(text[i]) != text[i]);
        lower = lower || (aldb_is_alpha(text[i]) && aldb_lower(text[i]) == text[i]);
    }
    return run >= TOKEN_RUN || (run >= MIXED_RUN && upper && lower && digit) || (run >= sizeof CLIENT_SECRET && memcmp(text, CLIENT_SECRET, sizeof CLIENT_SECRET - 1) == 0);
}

void aldb_quote_add(struct aldb_buf *b, struct aldb_slice text, size_t max)
{
    size_t end = b->len + max;
    bool utf8 = aldb_utf8_valid(text.ptr, text.len);
    for (size_t i = 0; i < text.len;) {
        size_t run = 0;
        while (i + run < text.len && is_token_character(text.ptr[i + run])) {
            run++;
        }
        if (is_like_token(text.ptr + i, run)) {
            aldb_buf_add_str(b, "(left out)");
            i += run;
            continue;
        }
        unsigned char lead = (unsigned char)text.ptr[i];
        size_t n = run ? run : !utf8 || lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
        if (b->len + n > end) {
            aldb_buf_add_str(b, " ...");
            return;
        }
        for (size_t k = 0; k < n; k++, i++) {
            unsigned char c = (unsigned char)text.ptr[i];
            aldb_buf_add_char(b, c < 0x20 || c == 0x7f ? ' ' : c >= 0x80 && !utf8 ? '?' : (char)c);
        }
    }
}
