/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of sqltext/ share. A translation reads the source once, copying long unchanged runs and writing what markers and escapes
 * become straight into the output; arguments of scalar functions are read twice, to be found and to be written in the template's order.
 */
#ifndef ALDB_SQLTEXT_INTERNAL_H
#define ALDB_SQLTEXT_INTERNAL_H

#include "sqltext/scan.h"
#include "sqltext/sqltext.h"

/* Escapes inside escapes. Bounds the stack, and with it how often one byte is read. */
#define ALDB_SQL_MAX_NESTING 64
/* The protocol counts a statement's parameters in 16 bits. */
#define ALDB_SQL_MAX_PARAMS 65535u
/* What a translation may grow to, beside ALDB_MAX_SQL: nested escapes that double their arguments must not explode. */
#define ALDB_SQL_GROWTH 16u
#define ALDB_SQL_GROWTH_FREE (1u << 20)
/* And what may be read for it, since what is read again and again need not be written: comments around an argument. As often as nesting allows. */
#define ALDB_SQL_READ_FREE (16u << 20)

/* What a {call} becomes at first; the longest of the words that may stand before its name. */
#define ALDB_SQL_FUNCTION_WORDS "SELECT * FROM "

/* Text from `text` on was copied from the source (verbatim), or made by what stands at `source`, up to the next segment. */
struct aldb_sql_segment {
    size_t text;   /* bytes */
    size_t source; /* characters, 0-based */
    bool verbatim;
};

/* The text of a call with the names that its arguments were given, and where they stand in it, by rising place. */
struct aldb_sql_named {
    struct aldb_buf text;
    size_t nnames;
    struct aldb_sql_span names[];
};
void aldb_sql_named_free(struct aldb_sql_named *named); /* NULL allowed */

struct aldb_translation {
    struct aldb_slice source;
    struct aldb_sql_flags flags;
    struct aldb_buf *text;
    size_t max_len;       /* of text */
    struct aldb_sql *out; /* NULL: native SQL, where markers stay and nothing is split */
    struct aldb_diag *diag;
    uint32_t marker;      /* ordinal of the next marker in source order */
    uint32_t nmarkers;    /* markers met so far */
    uint32_t part_marker; /* ordinal of what is $1 in this part */
    unsigned nesting;
    uint64_t read;        /* bytes of argument lists, each as often as it was looked through */
    bool at_start;        /* the next token is the first of its statement: {call} may stand here */
    bool info;            /* a warning was posted */
    bool too_long;
    bool native_param;    /* $1 in this part */
    size_t native_param_at;
    /* The part being made, as far as {call} knows it. */
    struct aldb_sql_part part;
    /* Source position whose character number was last asked for: counting goes on from there. */
    bool ascii;
    size_t known_byte, known_char;
    size_t copied_to; /* source byte behind the last verbatim copy */
};

/* emit.c: the output side. Appending is sticky like aldb_buf: tr->text->failed says that all is lost. */
void aldb_emit_text(struct aldb_translation *tr, const char *data, size_t len, size_t source);
void aldb_emit_str(struct aldb_translation *tr, const char *s, size_t source);
/* Copies source bytes [begin, end). */
void aldb_emit_source(struct aldb_translation *tr, size_t begin, size_t end);
/* $n for the marker at this source byte; posts an error when there are too many. */
enum aldb_rc aldb_emit_marker(struct aldb_translation *tr, size_t source) ALDB_MUSTCHECK;
/* Adds a blank if the text's last byte and `next` would join into one token. */
void aldb_emit_gap(struct aldb_translation *tr, char next, size_t source);
/* Adds a part's record, and the NUL behind its text. */
void aldb_emit_part(struct aldb_translation *tr, const struct aldb_sql_part *part);
/* Every marker has its entry in marker_at; false when the output failed. */
bool aldb_emit_finish(struct aldb_translation *tr) ALDB_MUSTCHECK;
/* Character (1-based) of a source byte. */
size_t aldb_source_character(struct aldb_translation *tr, size_t byte);
/* Posts why the output failed. */
enum aldb_rc aldb_emit_failure(struct aldb_translation *tr) ALDB_MUSTCHECK;

/* translate.c */
enum aldb_until { ALDB_UNTIL_END, ALDB_UNTIL_BRACE };
/*
 * Translates on from sc->pos to the scanner's end, or up to and with the brace that closes the escape opened at `open`. Blanks and comments at
 * both ends are left out.
 */
enum aldb_rc aldb_translate_range(struct aldb_translation *tr, struct aldb_scan *sc, enum aldb_until until, size_t open) ALDB_MUSTCHECK;
/* Writes what a marker, ?? or { becomes; source before the token has been copied. *copied moves behind what was written. */
enum aldb_rc aldb_translate_token(struct aldb_translation *tr, struct aldb_scan *sc, struct aldb_token t, size_t *copied) ALDB_MUSTCHECK;
enum aldb_rc aldb_translate_bad(struct aldb_translation *tr, const struct aldb_scan *sc, struct aldb_token t) ALDB_MUSTCHECK;
struct aldb_scan aldb_translate_scan(const struct aldb_translation *tr, size_t begin, size_t end);

/*
 * escape.c: sc stands behind the brace at `open`. A known escape is written and sc moved behind it; else *known = false and nothing has happened.
 */
enum aldb_rc aldb_escape(struct aldb_translation *tr, struct aldb_scan *sc, size_t open, bool *known) ALDB_MUSTCHECK;
enum aldb_rc aldb_escape_open(struct aldb_translation *tr, size_t open) ALDB_MUSTCHECK; /* posts: never closed */
/* The next token must be the closing brace. */
enum aldb_rc aldb_escape_close(struct aldb_translation *tr, struct aldb_scan *sc, size_t open) ALDB_MUSTCHECK;

/* One argument of a parenthesised list. */
struct aldb_arg {
    size_t begin, end;     /* source, blanks and comments around it left out */
    uint32_t first_marker; /* ordinal of the first marker at or behind `begin` */
    size_t ntokens;
    enum aldb_tok kind;    /* of the first token */
    bool escape;           /* the whole argument is one {…} */
};

#define ALDB_SQL_MAX_ARGS 4 /* of any function in scalar.def */

struct aldb_args {
    struct aldb_arg arg[ALDB_SQL_MAX_ARGS];
    size_t count; /* may be more than fit in arg */
    size_t begin, end; /* source of the list, without parentheses, blanks around it and empty arguments behind the last given one */
    bool hole;    /* an argument is empty though a later one is given */
    size_t hole_at;
    uint32_t next_marker; /* ordinal behind the list */
};
/* sc stands behind '('; leaves it behind the matching ')'. `separator`: a lower-case word that separates like a comma, or NULL. */
enum aldb_rc aldb_escape_args(struct aldb_translation *tr, struct aldb_scan *sc, size_t open, const char *separator, struct aldb_args *out)
    ALDB_MUSTCHECK;
enum aldb_rc aldb_emit_arg(struct aldb_translation *tr, const struct aldb_arg *arg) ALDB_MUSTCHECK;

/* scalar.c and literal.c: sc stands behind the escape's keyword; on success behind its closing brace. */
enum aldb_rc aldb_escape_fn(struct aldb_translation *tr, struct aldb_scan *sc, size_t open) ALDB_MUSTCHECK;
enum aldb_rc aldb_escape_date(struct aldb_translation *tr, struct aldb_scan *sc, size_t open) ALDB_MUSTCHECK;
enum aldb_rc aldb_escape_time(struct aldb_translation *tr, struct aldb_scan *sc, size_t open) ALDB_MUSTCHECK;
enum aldb_rc aldb_escape_timestamp(struct aldb_translation *tr, struct aldb_scan *sc, size_t open) ALDB_MUSTCHECK;
enum aldb_rc aldb_escape_guid(struct aldb_translation *tr, struct aldb_scan *sc, size_t open) ALDB_MUSTCHECK;
enum aldb_rc aldb_escape_interval(struct aldb_translation *tr, struct aldb_scan *sc, size_t open) ALDB_MUSTCHECK;
/* Is the {escape} that opens here {fn CURTIME…}, {fn CURRENT_TIME…} or {t …}: a time of day? */
bool aldb_escape_is_time(const struct aldb_translation *tr, const struct aldb_arg *arg);

#endif
