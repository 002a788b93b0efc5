/* SPDX-License-Identifier: Apache-2.0 */
#include "sqltext/scan.h"

#include <string.h>

/* What a token that begins with this byte is. */
#define O TOK_OTHER
#define W TOK_WORD
#define N TOK_NUMBER
#define B TOK_BLANK
static const unsigned char FIRST[256] = {
    O, O, O, O, O, O, O, O, O, B, B, B, B, B, O, O, /* controls */
    O, O, O, O, O, O, O, O, O, O, O, O, O, O, O, O, /* controls */
    /* blank ! " # $ % & ' ( ) * + , - . / */
    B, O, TOK_QUOTED, O, TOK_DOLLAR, O, O, TOK_QUOTE, TOK_LPAREN, TOK_RPAREN, O, O, TOK_COMMA, TOK_MINUS, TOK_DOT, TOK_SLASH,
    /* 0-9 : ; < = > ? */
    N, N, N, N, N, N, N, N, N, N, O, TOK_SEMICOLON, O, TOK_EQUALS, O, TOK_MARKER,
    O, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W,                               /* @ A-O */
    W, W, W, W, W, W, W, W, W, W, W, TOK_LBRACKET, O, TOK_RBRACKET, O, W,         /* P-Z [ \ ] ^ _ */
    O, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W,                               /* ` a-o */
    W, W, W, W, W, W, W, W, W, W, W, TOK_LBRACE, O, TOK_RBRACE, O, O,             /* p-z { | } ~ DEL */
    W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, /* 80-9f */
    W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, /* a0-bf */
    W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, /* c0-df */
    W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, /* e0-ff */
};
#undef O
#undef W
#undef N
#undef B

static inline enum aldb_tok first(char c)
{
    return (enum aldb_tok)FIRST[(unsigned char)c];
}

static inline bool word_start(char c)
{
    return first(c) == TOK_WORD;
}

static inline bool word_part(char c)
{
    return first(c) == TOK_WORD || first(c) == TOK_NUMBER || c == '$';
}

static inline bool blank(char c)
{
    return first(c) == TOK_BLANK;
}

static inline char at(const struct aldb_scan *sc, size_t pos)
{
    return pos < sc->end ? sc->s[pos] : '\0';
}

static struct aldb_token bad(struct aldb_scan *sc, size_t begin, const char *problem)
{
    sc->problem = problem;
    sc->pos = sc->end;
    return (struct aldb_token){TOK_BAD, begin, sc->end};
}

static struct aldb_token token(struct aldb_scan *sc, enum aldb_tok kind, size_t begin, size_t end)
{
    sc->pos = end;
    return (struct aldb_token){kind, begin, end};
}

static size_t after_line(const struct aldb_scan *sc, size_t pos)
{
    while (pos < sc->end && sc->s[pos] != '\n' && sc->s[pos] != '\r') {
        pos++;
    }
    return pos;
}

/* `pos` is behind the first slash-star; comments nest. Returns 0 when it never ends. */
static size_t after_comment(const struct aldb_scan *sc, size_t pos)
{
    size_t depth = 1;
    while (pos + 1 < sc->end) {
        if (sc->s[pos] == '*' && sc->s[pos + 1] == '/') {
            pos += 2;
            if (--depth == 0) {
                return pos;
            }
        } else if (sc->s[pos] == '/' && sc->s[pos + 1] == '*') {
            pos += 2;
            depth++;
        } else {
            pos++;
        }
    }
    return 0;
}

/* `pos` is behind the opening quote; a doubled quote stands for itself. Returns 0 when it never ends. */
static size_t after_quote(const struct aldb_scan *sc, size_t pos, char quote)
{
    for (;;) {
        const char *q = memchr(sc->s + pos, quote, sc->end - pos);
        if (q == NULL) {
            return 0;
        }
        pos = (size_t)(q - sc->s) + 1;
        if (at(sc, pos) != quote) {
            return pos;
        }
        pos++;
    }
}

/*
 * Strings separated by blanks with a line end are one string (SQL's continuation), and the E of the first one rules the others.
 * Returns the byte behind the continuing quote, 0 when the string ends here.
 */
static size_t continuation(const struct aldb_scan *sc, size_t pos)
{
    bool line_end = false;
    while (pos < sc->end) {
        char c = sc->s[pos];
        if (blank(c)) {
            line_end = line_end || c == '\n' || c == '\r';
            pos++;
        } else if (c == '-' && at(sc, pos + 1) == '-') {
            pos = after_line(sc, pos);
        } else {
            return line_end && c == '\'' ? pos + 1 : 0;
        }
    }
    return 0;
}

static size_t after_backslash_quote(const struct aldb_scan *sc, size_t pos)
{
    while (pos < sc->end) {
        if (sc->s[pos] == '\\') {
            pos += 2;
        } else if (sc->s[pos] != '\'') {
            pos++;
        } else if (at(sc, pos + 1) == '\'') {
            pos += 2;
        } else {
            size_t next = continuation(sc, pos + 1);
            if (next == 0) {
                return pos + 1;
            }
            pos = next;
        }
    }
    return 0;
}

static struct aldb_token string(struct aldb_scan *sc, size_t begin, size_t quote, bool backslashes)
{
    size_t end = backslashes ? after_backslash_quote(sc, quote + 1) : after_quote(sc, quote + 1, '\'');
    return end ? token(sc, TOK_STRING, begin, end) : bad(sc, begin, "string literal");
}

static struct aldb_token quoted(struct aldb_scan *sc, size_t begin, size_t quote)
{
    size_t end = after_quote(sc, quote + 1, '"');
    return end ? token(sc, TOK_QUOTED, begin, end) : bad(sc, begin, "quoted identifier");
}

/* A word, or the string or identifier that a one-letter prefix introduces. */
static struct aldb_token word(struct aldb_scan *sc, size_t begin)
{
    size_t end = begin + 1;
    while (end < sc->end && word_part(sc->s[end])) {
        end++;
    }
    if (end == begin + 1) {
        char next = at(sc, end);
        switch (sc->s[begin] | 0x20) {
        case 'e':
            if (next == '\'') {
                return string(sc, begin, end, true);
            }
            break;
        case 'n':
            if (next == '\'') {
                return string(sc, begin, end, !sc->standard_conforming_strings);
            }
            break;
        case 'b':
        case 'x':
            if (next == '\'') {
                return string(sc, begin, end, false);
            }
            break;
        case 'u':
            if (next == '&' && at(sc, end + 1) == '\'') {
                return string(sc, begin, end + 1, false);
            }
            if (next == '&' && at(sc, end + 1) == '"') {
                return quoted(sc, begin, end + 1);
            }
            break;
        default:
            break;
        }
    }
    return token(sc, TOK_WORD, begin, end);
}

static struct aldb_token number(struct aldb_scan *sc, size_t begin)
{
    size_t end = begin + 1;
    while (end < sc->end && (first(sc->s[end]) == TOK_NUMBER || sc->s[end] == '.' || sc->s[end] == '_')) {
        end++;
    }
    if ((at(sc, end) | 0x20) == 'e') {
        size_t digit = end + 1;
        if (at(sc, digit) == '+' || at(sc, digit) == '-') {
            digit++;
        }
        if (first(at(sc, digit)) == TOK_NUMBER) {
            end = digit;
            while (end < sc->end && first(sc->s[end]) == TOK_NUMBER) {
                end++;
            }
        }
    }
    return token(sc, TOK_NUMBER, begin, end);
}

/* $1, $$…$$, $tag$…$tag$, or a dollar sign alone. */
static struct aldb_token dollar(struct aldb_scan *sc, size_t begin)
{
    size_t end = begin + 1;
    if (first(at(sc, end)) == TOK_NUMBER) {
        while (end < sc->end && first(sc->s[end]) == TOK_NUMBER) {
            end++;
        }
        return token(sc, TOK_PARAM, begin, end);
    }
    if (word_start(at(sc, end))) {
        while (end < sc->end && word_part(sc->s[end]) && sc->s[end] != '$') {
            end++;
        }
    }
    if (at(sc, end) != '$') {
        return token(sc, TOK_OTHER, begin, begin + 1);
    }
    size_t tag = end + 1 - begin;
    const char *close = memmem(sc->s + end + 1, sc->end - end - 1, sc->s + begin, tag);
    if (close == NULL) {
        return bad(sc, begin, "dollar-quoted string");
    }
    return token(sc, TOK_DOLLAR, begin, (size_t)(close - sc->s) + tag);
}

struct aldb_token aldb_scan_next(struct aldb_scan *sc)
{
    size_t pos = sc->pos;
    for (;;) {
        while (pos < sc->end && blank(sc->s[pos])) {
            pos++;
        }
        if (pos >= sc->end) {
            return token(sc, TOK_END, sc->end, sc->end);
        }
        enum aldb_tok kind = first(sc->s[pos]);
        switch (kind) {
        case TOK_WORD:
            return word(sc, pos);
        case TOK_NUMBER:
            return number(sc, pos);
        case TOK_QUOTE:
            return string(sc, pos, pos, !sc->standard_conforming_strings);
        case TOK_QUOTED:
            return quoted(sc, pos, pos);
        case TOK_DOLLAR:
            return dollar(sc, pos);
        case TOK_MARKER:
            return at(sc, pos + 1) == '?' ? token(sc, TOK_QUESTION, pos, pos + 2) : token(sc, TOK_MARKER, pos, pos + 1);
        case TOK_MINUS:
            if (at(sc, pos + 1) != '-') {
                return token(sc, TOK_OTHER, pos, pos + 1);
            }
            pos = after_line(sc, pos);
            break;
        case TOK_SLASH:
            if (at(sc, pos + 1) != '*') {
                return token(sc, TOK_OTHER, pos, pos + 1);
            }
            {
                size_t begin = pos;
                pos = after_comment(sc, pos + 2);
                if (pos == 0) {
                    return bad(sc, begin, "comment");
                }
            }
            break;
        default:
            return token(sc, kind, pos, pos + 1);
        }
    }
}

struct aldb_token aldb_scan_peek(const struct aldb_scan *sc)
{
    struct aldb_scan copy = *sc;
    return aldb_scan_next(&copy);
}

bool aldb_scan_is(const struct aldb_scan *sc, struct aldb_token t, const char *word_lower)
{
    return t.kind == TOK_WORD && aldb_slice_is(aldb_scan_slice(sc, t), word_lower);
}

bool aldb_scan_joins(char left, char right)
{
    if (word_part(left)) {
        return !word_part(right) && right != '\'' && right != '"' && right != '&';
    }
    if (left == '\'' || left == '"') {
        return right != left;
    }
    return strchr("~!@#^&|`?+-*/%<>=:", left) == NULL || left == '\0' || strchr("~!@#^&|`?+-*/%<>=:", right) == NULL || right == '\0';
}
