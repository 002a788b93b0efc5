/* SPDX-License-Identifier: Apache-2.0 */
/* What the command says to a person, and asks. Answers go to stdout; complaints, questions and progress to stderr. */
#ifndef ALDB_COMMAND_TERMINAL_H
#define ALDB_COMMAND_TERMINAL_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/buf.h"

#define ALDB_PROGRAM "alloydb-odbc"

/* Begins: the locale, what the terminal can show, SIGPIPE. */
void aldb_terminal_begin(void);
/* Ends: flushes stdout. `status`, or ALDB_EXIT_FAILED, with a complaint, where what was written did not arrive (a full disk); a reader who left is none. */
int aldb_terminal_end(int status);

/* "alloydb-odbc: …" on stderr, with a line's end. */
void aldb_complain(const char *format, va_list ap) __attribute__((format(printf, 1, 0)));
/* The same; returns ALDB_EXIT_FAILED. */
int aldb_failed(const char *format, ...) __attribute__((format(printf, 1, 2)));
int aldb_failed_no_memory(void);

/* Can a person at this stream be shown UTF-8's signs, and colours (a terminal; NO_COLOR and TERM=dumb are heeded)? */
bool aldb_shows_utf8(void);
bool aldb_shows_colours(FILE *to);
/* Is there somebody to be asked? */
bool aldb_may_ask(void);
/* Columns of the terminal behind `to`; 0: not a terminal. */
unsigned aldb_terminal_width(FILE *to);

/* Milliseconds of a clock that only goes forward. */
double aldb_clock_ms(void);

/* ANSI sequences, or "" where `to` shows no colours. */
enum aldb_colour { ALDB_PLAIN, ALDB_RED, ALDB_GREEN, ALDB_YELLOW, ALDB_BOLD, ALDB_FAINT };
const char *aldb_colour(FILE *to, enum aldb_colour c);

/*
 * Asks, and reads one line into `out` (emptied first; without its end). `fallback`, where not NULL, stands in brackets and is the answer to an empty line. False at
 * the end of input. What is typed for a secret does not show, whatever ends the program meanwhile.
 */
bool aldb_ask(const char *question, const char *fallback, struct aldb_buf *out);
bool aldb_ask_secret(const char *question, struct aldb_buf *out);
/* Yes or no. */
bool aldb_ask_yes(const char *question, bool fallback);
/* One line of stdin, for --password-stdin; false: there is none. */
bool aldb_read_line(struct aldb_buf *out);

#endif
