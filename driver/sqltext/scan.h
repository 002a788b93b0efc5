/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lexer of PostgreSQL's SQL with ODBC's braces and markers. Private to sqltext/.
 *
 * Tokens are byte ranges of the source; nothing is copied or allocated. Blanks and comments lie between tokens. It follows scan.l of the
 * server where the end of a token is concerned: https://www.postgresql.org/docs/current/sql-syntax-lexical.html
 */
#ifndef ALDB_SQLTEXT_SCAN_H
#define ALDB_SQLTEXT_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

enum aldb_tok {
    TOK_OTHER, /* one character of an operator, or one without a meaning here */
    TOK_END,
    TOK_BAD,      /* `problem` says what began at the token and never ended */
    TOK_WORD,     /* unquoted identifier or keyword */
    TOK_QUOTED,   /* "…" or U&"…" */
    TOK_STRING,   /* '…' with any prefix */
    TOK_DOLLAR,   /* $tag$…$tag$ */
    TOK_NUMBER,
    TOK_PARAM,    /* $1 written by the application */
    TOK_MARKER,   /* ? */
    TOK_QUESTION, /* ?? */
    TOK_LPAREN,
    TOK_RPAREN,
    TOK_LBRACKET,
    TOK_RBRACKET,
    TOK_LBRACE,
    TOK_RBRACE,
    TOK_SEMICOLON,
    TOK_COMMA,
    TOK_DOT,
    TOK_EQUALS,
    /* Only inside the scanner. */
    TOK_BLANK,
    TOK_QUOTE,
    TOK_MINUS,
    TOK_SLASH,
};

struct aldb_token {
    enum aldb_tok kind;
    size_t begin, end;
};

struct aldb_scan {
    const char *s;
    size_t pos, end;
    bool standard_conforming_strings;
    const char *problem; /* static; set with TOK_BAD: "string literal", … */
};

struct aldb_token aldb_scan_next(struct aldb_scan *sc);
/* The token that aldb_scan_next would return. */
struct aldb_token aldb_scan_peek(const struct aldb_scan *sc);

static inline struct aldb_slice aldb_scan_slice(const struct aldb_scan *sc, struct aldb_token t)
{
    return (struct aldb_slice){sc->s + t.begin, t.end - t.begin};
}
/* Is the token this unquoted word? `word` in lower case. */
bool aldb_scan_is(const struct aldb_scan *sc, struct aldb_token t, const char *word);

/* May two such bytes stand side by side without becoming another token than before? */
bool aldb_scan_joins(char left, char right);

#endif
