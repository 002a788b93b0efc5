/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of config/ share with each other. Nobody else includes this, except its tests. */
#ifndef ALDB_CONFIG_INTERNAL_H
#define ALDB_CONFIG_INTERNAL_H

#include "config/options.h"

/* ------------------------------------------------------------------ spellings (keyword.c) */

/* No name in keywords.def is longer, in bytes after folding. */
#define ALDB_SPELLING_MAX 40

/* A canonical name or an alias. Static. */
struct aldb_spelling {
    const char *name;    /* as keywords.def writes it */
    const char *dialect; /* its own words (ALDB_DIALECT), NULL = none */
    enum aldb_keyword keyword;
    bool alias;
    char folded[ALDB_SPELLING_MAX + 1];
};

/* NULL if unknown. */
const struct aldb_spelling *aldb_spelling_find(struct aldb_slice key);
/* All of them in the order of their folded names. */
const struct aldb_spelling *aldb_spelling_all(size_t *count);
/*
 * The folded form of `key`: lower case, without blanks, '_' and '-'; NUL-terminated in `out`. Returns its length; ALDB_SPELLING_MAX + 1 when it cannot be a keyword
 * for its length or a NUL in it (`out` then holds no text).
 */
size_t aldb_spelling_fold(struct aldb_slice key, char out[ALDB_SPELLING_MAX + 1]);

/* "word=value|word=value": iterates; false at the end. */
bool aldb_words_next(struct aldb_slice *rest, struct aldb_slice *word, struct aldb_slice *value);
/* The value of `word` (ASCII case ignored); false if it is not there. */
bool aldb_words_find(const char *words, struct aldb_slice word, struct aldb_slice *value);
/* The first word whose value is the number `value`; a NULL slice if there is none. */
struct aldb_slice aldb_words_name(const char *words, int value);
/* The words of a BOOL or ENUM keyword, the one that a value is written as first; "" for others. Static. */
const char *aldb_keyword_words(enum aldb_keyword kw);

/* ------------------------------------------------------------------ values (options.c) */

/* The default of a BOOL, UINT or ENUM keyword, as a number. */
int64_t aldb_option_fallback(enum aldb_keyword kw);
/* The current value of a BOOL, UINT or ENUM keyword, as a number. */
int64_t aldb_option_number(const struct aldb_options *o, enum aldb_keyword kw);
/* The current value of a STRING or SECRET keyword, borrowed; NULL = not given. */
const char *aldb_option_text(const struct aldb_options *o, enum aldb_keyword kw);
/* Replaces the text of a STRING or SECRET keyword by a copy (ptr NULL: by nothing). HY001. */
enum aldb_rc aldb_option_replace(struct aldb_options *o, enum aldb_keyword kw, struct aldb_slice text, struct aldb_diag *diag) ALDB_MUSTCHECK;
/* Some source said it. */
bool aldb_option_given(const struct aldb_options *o, enum aldb_keyword kw);
/* 01S00 for an unknown keyword, the `number`th, that must not be repeated, because it may be a piece of the value of `secret`. */
enum aldb_rc aldb_option_hidden(struct aldb_slice key, size_t number, const char *secret, struct aldb_diag *diag) ALDB_MUSTCHECK;
/* Out of memory: HY001. */
enum aldb_rc aldb_config_no_memory(struct aldb_diag *diag);

/* ------------------------------------------------------------------ pairs (connstr.c) */

/* The value of the first pair that spells `kw`; NULL if none does. */
const char *aldb_pairs_get(const struct aldb_pairs *p, enum aldb_keyword kw);

/* ------------------------------------------------------------------ sources (sources.c) */

/* Defaults and logging keywords from alloydb-odbc.ini. */
enum aldb_rc aldb_ini_apply(struct aldb_options *o, struct aldb_diag *diag) ALDB_MUSTCHECK;
/* Logging keywords from ALLOYDB_ODBC_… variables. */
enum aldb_rc aldb_environment_apply(struct aldb_options *o, struct aldb_diag *diag) ALDB_MUSTCHECK;

/* ------------------------------------------------------------------ the data source (resolve.c) */

/*
 * What odbc.ini says of the data source that `dsn`, else `given`, names (DEFAULT if neither names any). ODBC has the default data source stand in for one that does
 * not exist (*stand_in): the driver manager then loads its driver, and passes the name as it was given. *out is empty on entry, and after an error.
 */
enum aldb_rc aldb_dsn_of(const struct aldb_pairs *given, const char *dsn, struct aldb_pairs *out, bool *stand_in, struct aldb_diag *diag) ALDB_MUSTCHECK;

/* ------------------------------------------------------------------ target (target.c) */

/* A port, or several separated by commas; an empty one is libpq's default. */
bool aldb_ports_valid(struct aldb_slice s);
/* Takes Server apart: an instance URI becomes InstanceUri; ports become Port, one a host; then refuses what does not go together. */
enum aldb_rc aldb_target_check(struct aldb_options *o, struct aldb_diag *diag) ALDB_MUSTCHECK;

/* ------------------------------------------------------------------ libpq (libpq.c) */

/* Takes a conninfo string apart: key = value, 'quoted', \escaped. Pure. HY024; the text itself is never in the message. */
enum aldb_rc aldb_conninfo_parse(struct aldb_slice text, struct aldb_pairs *out, struct aldb_diag *diag) ALDB_MUSTCHECK;
/* PqOpt's value: a conninfo string, or, beginning with '-', the value of libpq's own option `options`. */
enum aldb_rc aldb_pqopt_parse(struct aldb_slice text, struct aldb_pairs *out, struct aldb_diag *diag) ALDB_MUSTCHECK;
/* PqOpt's connect_timeout is LoginTimeout where that is not said nearer. HY024 where both stand in one place, or it is no number of seconds. */
enum aldb_rc aldb_pqopt_apply(struct aldb_options *o, struct aldb_diag *diag) ALDB_MUSTCHECK;
/* Refuses options in PqOpt that a keyword has set already or that the driver owns. */
enum aldb_rc aldb_pqopt_check(const struct aldb_options *o, struct aldb_diag *diag) ALDB_MUSTCHECK;

/* ------------------------------------------------------------------ log (logging.c) */

/* "API,CONNECT" as a mask of enum aldb_log_component; false on an unknown word. Empty means all. */
bool aldb_components_parse(struct aldb_slice text, uint32_t *mask) ALDB_MUSTCHECK;

#endif
