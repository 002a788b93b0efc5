/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a connection was asked for: the typed result of connection string, DSN, driver ini, environment and defaults.
 *
 * keywords.def is the one table; parser, aliases, sources, documentation, lint and set-up read it. Each row becomes one
 * member of `struct aldb_options`. No I/O happens in parse functions; aldb_dsn_read() alone reads odbc.ini, through
 * SQLGetPrivateProfileString.
 */
#ifndef ALDB_CONFIG_OPTIONS_H
#define ALDB_CONFIG_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/rc.h"
#include "base/secret.h"
#include "base/str.h"
#include "diag/diag.h"

/* Where a value came from, strongest first. */
enum aldb_origin { ALDB_FROM_STRING, ALDB_FROM_DSN, ALDB_FROM_INI, ALDB_FROM_ENV, ALDB_FROM_DEFAULT };

/* Keyword identifiers ALDB_KW_Server … in the order of keywords.def. */
enum aldb_keyword {
#define ALDB_KEYWORD(name, ...) ALDB_KW_##name,
#include "config/keywords.def"
#undef ALDB_KEYWORD
    ALDB_KW_COUNT
};

enum aldb_value_type {
    ALDB_VT_STRING, /* char *member, NULL = not given */
    ALDB_VT_SECRET, /* struct aldb_secret */
    ALDB_VT_BOOL,   /* bool */
    ALDB_VT_UINT,   /* uint64_t with range */
    ALDB_VT_ENUM,   /* int, one of the row's choices */
    ALDB_VT_IGNORED /* accepted, kept nowhere (Driver, DSN, Description, compatibility no-ops) */
};

/* Choices of the enumerated keywords. The texts stand in keywords.def. */
enum aldb_fetch_mode { ALDB_FETCH_AUTO, ALDB_FETCH_BUFFER, ALDB_FETCH_STREAM, ALDB_FETCH_CURSOR };
enum aldb_close_mode { ALDB_CLOSE_AUTO, ALDB_CLOSE_DRAIN };
enum aldb_pooling { ALDB_POOLING_AUTO, ALDB_POOLING_TRANSACTION, ALDB_POOLING_SESSION };
enum aldb_batch_mode { ALDB_BATCH_AUTO, ALDB_BATCH_PIPELINE, ALDB_BATCH_MULTIROW, ALDB_BATCH_COPY, ALDB_BATCH_OFF };
enum aldb_array_counts { ALDB_COUNTS_SUM, ALDB_COUNTS_EACH };
enum aldb_error_rollback { ALDB_ROLLBACK_STATEMENT, ALDB_ROLLBACK_TRANSACTION, ALDB_ROLLBACK_NONE };
enum aldb_unknown_sizes { ALDB_SIZES_GENEROUS, ALDB_SIZES_UNKNOWN };
enum aldb_timestamptz_as { ALDB_TZ_SESSION, ALDB_TZ_UTC, ALDB_TZ_TEXT };
enum aldb_ip_type { ALDB_IP_PRIVATE, ALDB_IP_PUBLIC, ALDB_IP_PSC };
enum aldb_refresh { ALDB_REFRESH_LAZY, ALDB_REFRESH_BACKGROUND };
enum aldb_sslmode {
    ALDB_SSL_DISABLE, ALDB_SSL_ALLOW, ALDB_SSL_PREFER, ALDB_SSL_REQUIRE, ALDB_SSL_VERIFY_CA, ALDB_SSL_VERIFY_FULL
};

enum aldb_target_session_attrs {
    ALDB_TARGET_ANY, ALDB_TARGET_READ_WRITE, ALDB_TARGET_READ_ONLY, ALDB_TARGET_PRIMARY, ALDB_TARGET_STANDBY, ALDB_TARGET_PREFER_STANDBY
};

/* Generated from keywords.def: one member per keyword, named as the canonical keyword. */
struct aldb_options {
#define ALDB_MEMBER_STRING(name) char *name;
#define ALDB_MEMBER_SECRET(name) struct aldb_secret name;
#define ALDB_MEMBER_BOOL(name) bool name;
#define ALDB_MEMBER_UINT(name) uint64_t name;
#define ALDB_MEMBER_ENUM(name) int name;
#define ALDB_MEMBER_IGNORED(name)
#define ALDB_KEYWORD(name, type, ...) ALDB_MEMBER_##type(name)
#include "config/keywords.def"
#undef ALDB_KEYWORD
    uint8_t origin[ALDB_KW_COUNT]; /* enum aldb_origin */
};

/* Static facts of one keyword. */
struct aldb_keyword_info {
    const char *name;
    const char *aliases; /* space-separated, may be "" */
    enum aldb_value_type type;
    const char *choices; /* enum: "WORD=0|WORD2=1|…" with aliases of words allowed; uint: "min..max"; else "" */
    const char *fallback; /* default as text, NULL = none */
    const char *group;
    const char *help; /* one sentence for the documentation and the set-up dialog */
};
const struct aldb_keyword_info *aldb_keyword_info(enum aldb_keyword kw);
/* Folded look-up (case, blanks, '_' and '-' ignored) over names and aliases; -1 if unknown. */
int aldb_keyword_find(struct aldb_slice key);
/* Is a value of it not for other eyes? `value` NULL: may one be so? A proxy's URL may bear a password. */
bool aldb_keyword_secret(enum aldb_keyword kw, const char *value);
/* The name or alias that `key` spells, as keywords.def writes it; NULL if unknown. Static. */
const char *aldb_keyword_spelling(struct aldb_slice key);
/* The word, 0 is the first, that a value of a BOOL or ENUM keyword is written as, each value once; false behind the last, and for other keywords. */
bool aldb_keyword_word(enum aldb_keyword kw, size_t number, struct aldb_slice *word);
/* Nearest known name for a mistyped key, NULL when nothing is near. */
const char *aldb_keyword_nearest(struct aldb_slice key);

/* Bytes of a user's text that messages show. */
#define ALDB_SHOWN_MAX 100

/* `text` made fit for a message: cut at ALDB_SHOWN_MAX with "…", control characters and invalid UTF-8 as '?'. Returns out. */
const char *aldb_shown(struct aldb_slice text, char out[ALDB_SHOWN_MAX + 4]);

/* Built-in defaults. Allocates nothing: STRING keywords are NULL, aldb_options_resolve() fills in those that have a default. */
void aldb_options_init(struct aldb_options *o);
void aldb_options_clear(struct aldb_options *o); /* frees, wipes texts; the defaults again */

/* One key=value pair of a connection string, in order. Values are unquoted ({…} with }} done). */
struct aldb_pair {
    char *key;
    char *value; /* wiped when freed */
};
struct aldb_pairs {
    struct aldb_pair *at;
    size_t count;
};
#define ALDB_MAX_PAIRS 1024 /* of one connection string */
void aldb_pairs_clear(struct aldb_pairs *p);
/* Appends copies, to pairs that nothing but this function has grown. HY001. */
enum aldb_rc aldb_pairs_add(struct aldb_pairs *p, struct aldb_slice key, struct aldb_slice value, struct aldb_diag *diag) ALDB_MUSTCHECK;

/*
 * Splits an ODBC connection string. Pure. Blanks around keywords and around values outside braces do not count. Errors (HY000 with the position):
 * unterminated brace, text behind a closing brace, missing '=', empty key, NUL inside (terminators at the end are forgiven), too long, too many. First occurrence of a keyword wins: later ones (also by alias) are left out. When both DSN and DRIVER are
 * present the first one wins and the other is left out.
 */
enum aldb_rc aldb_connstr_split(struct aldb_slice text, struct aldb_pairs *out, struct aldb_diag *diag) ALDB_MUSTCHECK;
/* Appends `key=value`, braced where needed, with ';' between pairs. */
void aldb_connstr_add(struct aldb_buf *b, const char *key, const char *value);

/*
 * Sets one option from text, unless a stronger origin, or the same one, already set it. An empty value is as good as none. Unknown key: posts 01S00 naming key and nearest known one, returns
 * ALDB_INFO. Bad value: posts HY024 naming key, value (not for secrets) and the choices, returns ALDB_ERR.
 */
enum aldb_rc aldb_options_set(struct aldb_options *o, struct aldb_slice key, struct aldb_slice value,
                              enum aldb_origin origin, struct aldb_diag *diag) ALDB_MUSTCHECK;

/*
 * What the options mean together: Server taken apart, PqOpt's own, and what does not go together is refused (HY024). ALDB_INFO when 01S00 was posted. For options that
 * have been set; aldb_options_resolve() does it.
 */
enum aldb_rc aldb_options_settle(struct aldb_options *o, struct aldb_diag *diag) ALDB_MUSTCHECK;
/* Appends the value of a keyword as keywords.def would write it: yes or no, the first word for an ENUM's value, a number, the text. Nothing for what has no value. */
void aldb_option_format(const struct aldb_options *o, enum aldb_keyword kw, struct aldb_buf *out);

/* The data source that is read when neither DSN nor Driver is named. */
#define ALDB_DEFAULT_DSN "DEFAULT"
/*
 * unixODBC reads lines of odbc.ini in pieces of INI_MAX_LINE (1000 bytes) and takes what is left over for another key. Blanks around key and value
 * are not counted in what it returns, hence the distance. Bytes of key and value together.
 */
#define ALDB_DSN_LINE_MAX 960
/*
 * All keys of a section of odbc.ini, as SQLGetPrivateProfileString finds them; a missing section gives none. Values are literal: no braces, no quotes.
 * HY000 for a line longer than the driver manager reads, which would be cut.
 */
enum aldb_rc aldb_dsn_read(const char *dsn, struct aldb_pairs *out, struct aldb_diag *diag) ALDB_MUSTCHECK;

/*
 * The whole road for SQLConnect/SQLDriverConnect: pairs, then the DSN named in them (or `dsn`; a missing section is the driver manager's business: here DEFAULT
 * takes its place with 01000, or nothing), then alloydb-odbc.ini, then environment; then checks across options
 * (Server beside InstanceUri, PWD with EnableIamAuth, `host,port`, conflicts of PqOpt with our keys).
 * On success *o, whose former content is not looked at, is ready to use: Server and Port are libpq's lists, texts have their defaults.
 * ALDB_INFO when 01S00 was posted. All values that are wrong in one source are posted, not the first alone. After an error *o is untouched.
 *
 * alloydb-odbc.ini: the file that ALLOYDB_ODBC_INI names, else ~/.alloydb-odbc.ini, else /etc/alloydb-odbc.ini. Section [Defaults] takes every keyword that says
 * how to connect (not where or as whom: those of group core, InstanceUri and secrets are refused with 01S00), section [Log] those of group log.
 * Environment: ALLOYDB_ODBC_LOG_LEVEL or ALLOYDB_ODBC_LOGLEVEL and so on for the keywords of group log. Set-user-ID programs read neither variable.
 */
enum aldb_rc aldb_options_resolve(struct aldb_options *o, const struct aldb_pairs *pairs, const char *dsn,
                                  struct aldb_diag *diag) ALDB_MUSTCHECK;

/*
 * Turns options into libpq keyword/value arrays for PQconnectStartParams, terminated by a NULL keyword. Only options that were given or that have a
 * built-in default different from libpq's appear, so that libpq's own environment, .pgpass and service files work for direct
 * connections. Values are borrowed from `o` or owned by `store`; the arrays are owned by the caller through
 * aldb_libpq_params_clear (which wipes). client_encoding is always UTF8.
 */
struct aldb_libpq_params {
    const char **keywords;
    const char **values;
    size_t count;
    struct aldb_pairs store;
};
enum aldb_rc aldb_options_to_libpq(const struct aldb_options *o, struct aldb_libpq_params *out,
                                   struct aldb_diag *diag) ALDB_MUSTCHECK;
void aldb_libpq_params_clear(struct aldb_libpq_params *p);

/*
 * Logging as the options ask for it. `path` (initialised by the caller) receives the file or directory that out->path then borrows, and the options that were given, each
 * with its origin and without secrets, for out->asked.
 */
struct aldb_log_config;
enum aldb_rc aldb_options_to_log(const struct aldb_options *o, struct aldb_log_config *out, struct aldb_buf *path,
                                 struct aldb_diag *diag) ALDB_MUSTCHECK;

/*
 * The completed connection string for SQLDriverConnect's output: the given pairs (without a DSN's own content), with PWD only if the application
 * gave it, plus what was defaulted and matters to reconnect. Beside SAVEFILE, for which the driver manager writes this string into a file and leaves out DSN and PWD,
 * it has the DSN's content too, and of all secrets none but PWD, under that name.
 */
enum aldb_rc aldb_connstr_complete(const struct aldb_pairs *given, const struct aldb_options *o, struct aldb_buf *out,
                                   struct aldb_diag *diag) ALDB_MUSTCHECK;

#endif
