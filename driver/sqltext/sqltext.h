/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ODBC statement text -> PostgreSQL statement text. Pure: no I/O, no handles, no libpq, no sql.h.
 *
 * One scanner knows PostgreSQL's lexical rules: '…' (with standard_conforming_strings on or off), E'…', U&'…', B'…', X'…',
 * N'…', "identifiers", U&"…", $tag$…$tag$, -- and nested comments, $ inside identifiers, ::, numbers, operators, BEGIN ATOMIC bodies.
 *
 * Markers: every ? outside strings, identifiers and comments is a parameter marker; ?? writes PostgreSQL's own ? operator, so that its
 * jsonb operators are ??, ??| and ??& (?| and ?& are a marker followed by | or &). PostgreSQL's $1 is passed on, but not beside markers.
 * Escapes: https://learn.microsoft.com/sql/odbc/reference/appendixes/odbc-escape-sequences
 */
#ifndef ALDB_SQLTEXT_SQLTEXT_H
#define ALDB_SQLTEXT_SQLTEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/rc.h"
#include "base/str.h"
#include "diag/diag.h"

/* What kind of statement; decided by its first words, comments and blanks skipped. A hint for planning: the server's answer is the truth. */
enum aldb_sql_class {
    ALDB_SQL_EMPTY,       /* nothing but blanks and comments */
    ALDB_SQL_SELECT,      /* SELECT, VALUES, TABLE, SHOW-like that only read; WITH without INSERT/UPDATE/DELETE/MERGE inside; (SELECT …) */
    ALDB_SQL_INSERT,
    ALDB_SQL_UPDATE,
    ALDB_SQL_DELETE,
    ALDB_SQL_MERGE,
    ALDB_SQL_WITH_DML,    /* WITH … that contains a data-modifying word at its statement levels */
    ALDB_SQL_SELECT_INTO, /* SELECT … INTO t */
    ALDB_SQL_CALL,        /* CALL, DO */
    ALDB_SQL_TXN_BEGIN,   /* BEGIN, START TRANSACTION */
    ALDB_SQL_TXN_COMMIT,  /* COMMIT, END (also AND CHAIN), PREPARE TRANSACTION */
    ALDB_SQL_TXN_ROLLBACK, /* ROLLBACK, ABORT; not ROLLBACK TO */
    ALDB_SQL_SAVEPOINT,   /* SAVEPOINT */
    ALDB_SQL_SAVEPOINT_END, /* RELEASE, ROLLBACK TO */
    ALDB_SQL_SET_TXN,     /* SET TRANSACTION, SET SESSION CHARACTERISTICS */
    ALDB_SQL_SET,         /* SET, RESET, DISCARD, DEALLOCATE: session state */
    ALDB_SQL_DDL,         /* CREATE, ALTER, DROP, COMMENT, GRANT, … that run inside a transaction block */
    ALDB_SQL_NO_BLOCK,    /* VACUUM, CREATE/DROP DATABASE, … CONCURRENTLY, ALTER SYSTEM, DISCARD ALL, CREATE/DROP TABLESPACE … */
    ALDB_SQL_COPY_IN,     /* COPY … FROM STDIN: the application gives the data (COPY of files is UTILITY) */
    ALDB_SQL_COPY_OUT,    /* COPY … TO STDOUT: it gets them */
    ALDB_SQL_UTILITY,     /* everything else: EXPLAIN, EXECUTE, FETCH, LISTEN, LOCK, … */
};
/* Can be sent through Parse/Describe with markers as $n (SELECT … MERGE, WITH, CALL of procedures). */
bool aldb_sql_plannable(enum aldb_sql_class c);
/* Changes rows of tables, and the server counts them. */
bool aldb_sql_counts_rows(enum aldb_sql_class c);

/* A {call}: how its markers map. */
enum aldb_sql_call { ALDB_CALL_NONE, ALDB_CALL_PLAIN, ALDB_CALL_RETURN /* {? = call …} : marker 1 is the return value and has no $n */ };

/* A range of bytes in the translated text. */
struct aldb_sql_span {
    size_t at, len;
};

/* One statement of the text after translation. */
struct aldb_sql_part {
    enum aldb_sql_class cls;
    bool returning;        /* has RETURNING at its own level */
    bool writes;           /* may change data or lock rows (SELECT … FOR UPDATE): anything not proven a plain read */
    bool rows;             /* may return rows: anything not proven otherwise, see aldb_sql_rowless */
    bool adds_nulls;       /* a column that is never null in its table may be null here: outer joins, ROLLUP …, and what hides its query (EXECUTE) */
    bool binary;           /* COPY_OUT: its text says FORMAT binary, by that word or by the old grammar's */
    size_t begin, end;     /* bytes of `text` below, without the trailing ';'; text.data[end] is NUL, so a part is also a C string */
    uint32_t first_param;  /* ordinal (0-based, in the application's numbering) of this part's first marker that has a $n */
    uint32_t nparams;      /* markers in this part; they appear as $1…$nparams (a return marker has no $n and is not counted here) */

    /*
     * A part that was written {call …} has class CALL and the text "SELECT * FROM name(args)", right for a function. The statement layer, which can ask
     * the server, has other texts written in its place (aldb_sql_write_call); the $n stay what they are.
     */
    enum aldb_sql_call call;
    struct aldb_sql_span call_name; /* as written: may be qualified and quoted */
    struct aldb_sql_named *named;   /* private: the text with names in front of arguments (aldb_sql_write_call); NULL = none were given */
};
/* Proven to return no rows (INSERT/UPDATE/DELETE/MERGE without RETURNING, DDL, transaction control, SET …). */
bool aldb_sql_rowless(const struct aldb_sql_part *part);

/* One $n in the translated text. */
struct aldb_sql_ref {
    size_t at;      /* byte of the '$' */
    uint32_t param; /* 0-based ordinal of the marker, in the application's numbering */
};

struct aldb_sql_segment; /* private: where the translated text came from */

struct aldb_sql {
    struct aldb_buf text;  /* UTF-8, all parts one behind the other, a NUL behind each; offsets in parts point here */
    struct aldb_sql_part *parts;
    size_t nparts;
    uint32_t nparams;      /* all markers, including the return marker */
    enum aldb_sql_call call; /* of the first part */
    /* For substituting literals client-side in utilities: byte offset of every $n in text, per marker in order. */
    size_t *marker_at;     /* nparams entries: its $n (return marker: SIZE_MAX) */
    struct aldb_sql_ref *refs; /* every $n, by rising offset: what substitution must replace */
    size_t nrefs;

    bool standard_conforming_strings; /* the setting that it was read under */
    struct aldb_sql_span inserted;    /* what aldb_sql_insert put in; empty = nothing */

    /* private: capacities, the origin of the text, what aldb_sql_settled found */
    bool *settled;
    struct aldb_sql_segment *segments;
    size_t nsegments;
    size_t cap_parts, cap_markers, cap_refs, cap_segments;
};

struct aldb_sql_flags {
    bool noscan;                       /* SQL_ATTR_NOSCAN: markers only, no escapes */
    bool standard_conforming_strings;  /* the server's current setting */
};

/*
 * Scans, translates {escapes} (scalar functions by scalar.def, literals, {oj}, {call}, {escape}, {interval}, {guid}, {limit}), replaces ? by $n
 * (?? by ?), splits at top-level ';' (empty parts dropped; wholly empty text gives one EMPTY part) and classifies.
 * Errors: 42000 for unterminated strings, comments, quoted identifiers, dollar quotes and escapes (with the character position); 22007 for malformed
 * {d}{t}{ts}{interval}; 22015 for an {interval} field out of range; 22018 for {guid}; 07S01 for an omitted {call} argument before a given one;
 * HY001; 42000 for NUL bytes, for more than 65535 markers in a part, for $1 beside ?, for text beyond ALDB_MAX_SQL and for nested
 * escapes that stand for much more text than was given.
 * ALDB_INFO with 01S07 when a literal's fraction of a second was cut to the microseconds PostgreSQL keeps (or to an interval's own precision).
 * An unknown {word} passes unchanged. out is initialised by this function; clear it with aldb_sql_clear also after an error.
 */
enum aldb_rc aldb_sql_translate(struct aldb_slice odbc_text, struct aldb_sql_flags flags, struct aldb_sql *out,
                                struct aldb_diag *diag) ALDB_MUSTCHECK;
void aldb_sql_clear(struct aldb_sql *sql);

/*
 * Which of the markers have their type from the text: those that are, as they stand, the value of a column (INSERT … VALUES (?), INSERT … SELECT ?,
 * SET c = ?) and those under a cast (?::date, CAST(? AS date)). For these the server's answer is no guess, whatever it is. nparams entries, owned by `sql`; NULL: out of memory.
 */
const bool *aldb_sql_settled(struct aldb_sql *sql);

/* The text of a part as the server is to have it: of a call with names, they are in it. A NUL behind it. Borrowed until the part is written anew. */
struct aldb_slice aldb_sql_part_text(const struct aldb_sql *sql, size_t part);

/* A walk from marker to marker of one part, whose text is written with something else in their places. Begins as {0}. */
struct aldb_sql_walk {
    size_t from, ref;         /* private */
    struct aldb_slice marker; /* as written */
    uint32_t param;           /* which of the part's, 0-based */
};

/* Adds what stands before the next marker of the part. False: there is none, and all up to the part's end was added. */
bool aldb_sql_next_marker(const struct aldb_sql *sql, const struct aldb_sql_part *part, struct aldb_sql_walk *w, struct aldb_buf *out);

#define ALDB_SQL_NO_MARKER UINT32_MAX

/* One argument of a call, in bytes of the translated text. */
struct aldb_sql_arg {
    size_t begin, end;         /* with the name in front of it */
    size_t comma;              /* the one before it; SIZE_MAX: it is the first */
    size_t value;              /* behind VARIADIC, where a name belongs */
    struct aldb_sql_span name; /* of name => value and name := value, as written; empty where it is given by position */
    uint32_t marker;           /* the only one in it, by its ordinal in the application's numbering; ALDB_SQL_NO_MARKER: none, or several */
    /* The caller's wishes for aldb_sql_write_call. */
    bool left_out;
    struct aldb_slice given;   /* a name for an argument that the text has none for, not as SQL writes it but as it is; empty = none. Borrowed */
};
/* What is called, and with what. */
struct aldb_sql_routine {
    struct aldb_sql_span name; /* as written: may be qualified and quoted */
    size_t open, close;        /* the text between the parentheses */
    struct aldb_sql_arg *args;
    size_t nargs;
    size_t begin;              /* private: of the part as it was translated, */
    char *original;            /* and what stood between its parentheses; NULL until something is left out */
};
/*
 * Reads a part that is a call, {call …} or CALL … as text. ALDB_NO_DATA: it is none (DO, or what the server will refuse). ALDB_ERR: out of memory, nothing
 * posted. Clear *out after ALDB_OK.
 */
enum aldb_rc aldb_sql_read_call(const struct aldb_sql *sql, size_t part, struct aldb_sql_routine *out) ALDB_MUSTCHECK;
void aldb_sql_routine_clear(struct aldb_sql_routine *r);

/* The name in front of an argument, also where the text does not have it at present; empty when it is given by position. Borrowed. */
struct aldb_slice aldb_sql_arg_name(const struct aldb_sql *sql, const struct aldb_sql_routine *r, const struct aldb_sql_arg *a);
/* The text between the parentheses as it was translated, with all arguments. Borrowed. */
struct aldb_slice aldb_sql_all_args(const struct aldb_sql *sql, const struct aldb_sql_routine *r);

enum aldb_sql_call_text {
    ALDB_CALL_TEXT_FUNCTION,  /* SELECT * FROM name(…) */
    ALDB_CALL_TEXT_PROCEDURE, /* CALL name(…) */
    ALDB_CALL_TEXT_VALUE,     /* SELECT name(…) */
};
/*
 * Writes a part that was read as `r` in another text, or with other arguments left out: in the same place, so that no $n moves; the part may begin elsewhere. What was
 * CALL as text stays it. Names that are given have no room there: the text with them is kept apart, and aldb_sql_part_text has it. ALDB_ERR: out of memory, nothing
 * posted; it is to be written again before it is used.
 */
enum aldb_rc aldb_sql_write_call(struct aldb_sql *sql, size_t part, struct aldb_sql_routine *r, enum aldb_sql_call_text text) ALDB_MUSTCHECK;

/*
 * Character (1-based, as PostgreSQL reports error positions) of a part's translated text -> character (1-based) of the text the application
 * gave. What an escape produced maps to the escape's opening brace, $n to its ?, a name that was given to the argument. 0 stays 0; past the end counts as the end.
 */
size_t aldb_sql_map_position(const struct aldb_sql *sql, size_t part, size_t character);

/*
 * Escapes translated, markers kept as ?: what SQLNativeSql shows. Statements are not split, ?? stays ??, and each marker stands once and in its
 * order, so that the text means the same when it is executed. Appends to out, an initialised buffer.
 */
enum aldb_rc aldb_sql_native(struct aldb_slice odbc_text, struct aldb_sql_flags flags, struct aldb_buf *out,
                             struct aldb_diag *diag) ALDB_MUSTCHECK;

/*
 * A SELECT whose rows are rows of one table, as far as its text says: one relation behind FROM, nothing that groups, combines or joins, and no markers or window
 * functions in its list. Where its pieces are in the translated text.
 */
struct aldb_sql_selection {
    struct aldb_sql_span list;      /* behind SELECT and ALL, up to the last token before FROM */
    struct aldb_sql_span relation;  /* the name, as written */
    struct aldb_sql_span qualifier; /* what columns are qualified with: the alias, or else the name */
    bool only;                      /* FROM ONLY */
    bool aliased;
};
bool aldb_sql_selection(const struct aldb_sql *sql, size_t part, struct aldb_sql_selection *out);
/* UPDATE or DELETE … WHERE CURRENT OF name: where the name and the WHERE are. False: it is none. */
bool aldb_sql_current_of(const struct aldb_sql *sql, size_t part, struct aldb_sql_span *name, size_t *where);
/* Appends a span of the translated text as it is to be translated again: ? operators doubled, parameters as markers. */
void aldb_sql_add_span(struct aldb_buf *b, const struct aldb_sql *sql, struct aldb_sql_span span);
/* Puts `text`, which holds no parameters, into the only part at byte `at`, once; what lies behind it moves. False: out of memory, or the text would be too long. */
bool aldb_sql_insert(struct aldb_sql *sql, size_t at, struct aldb_slice text) ALDB_MUSTCHECK;
/* Takes it out again. */
void aldb_sql_take_out(struct aldb_sql *sql);

/* INSERT INTO target … VALUES (a single row of markers and literals) [ON CONFLICT … DO NOTHING]. Where its pieces are in the translated text. */
struct aldb_sql_item {
    uint32_t param;             /* of the part, 0-based; ALDB_SQL_NO_MARKER: a literal */
    struct aldb_sql_span text;
};
struct aldb_sql_row {
    struct aldb_sql_span target; /* the table's name, as written */
    struct aldb_sql_span head;   /* INSERT … up to VALUES */
    struct aldb_sql_span tail;   /* behind the row; may be empty */
    struct aldb_sql_item *items;
    size_t nitems;
};
/* ALDB_NO_DATA: it is another statement. ALDB_ERR: out of memory, nothing posted. Clear *out after ALDB_OK. */
enum aldb_rc aldb_sql_read_row(const struct aldb_sql *sql, size_t part, struct aldb_sql_row *out) ALDB_MUSTCHECK;
void aldb_sql_row_clear(struct aldb_sql_row *row);
/* Appends the statement that inserts many such rows: each $n is an array of the values that $n has in them. */
void aldb_sql_write_rows(const struct aldb_sql *sql, const struct aldb_sql_row *row, struct aldb_buf *out);

/*
 * Appends a quoted literal ('…', with E'' when backslashes occur, so that it reads the same under both settings of
 * standard_conforming_strings) or identifier ("…"). The text must hold no NUL, which PostgreSQL has no way to write.
 */
void aldb_sql_quote_literal(struct aldb_buf *b, struct aldb_slice s);
void aldb_sql_quote_ident(struct aldb_buf *b, struct aldb_slice s);

/*
 * Bits of SQLGetInfo computed from scalar.def: which = 'S'tring, 'N'umeric, 'T'imedate, s'Y'stem; also 'I': the intervals of TIMESTAMPADD and
 * TIMESTAMPDIFF.
 */
uint32_t aldb_sql_scalar_mask(char which);

#endif
