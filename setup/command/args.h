/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line. Each command is a row of a table (commands.h), from which its help, the completions and the checks of its arguments come.
 *
 * Flags stand anywhere behind the command's name, as --name, --name=VALUE or --name VALUE, or as one letter; behind "--" everything is an argument.
 */
#ifndef ALDB_COMMAND_ARGS_H
#define ALDB_COMMAND_ARGS_H

#include <stdbool.h>
#include <stddef.h>

/* What the program ends with. */
enum {
    ALDB_EXIT_GOOD = 0,
    ALDB_EXIT_FAILED = 1, /* what was asked for was not done, or is not well */
    ALDB_EXIT_USAGE = 2,  /* the command line is wrong: nothing was begun */
};

struct aldb_flag {
    const char *name;    /* without "--"; NULL ends a list */
    char letter;         /* 0: has none */
    const char *value;   /* what help calls the value, in capitals; NULL: takes none */
    const char *choices; /* the values there are, separated by blanks; NULL: any */
    const char *help;    /* half a sentence */
};

#define ALDB_FLAGS_MAX 16 /* of one command */

/* What follows what it is about, for completions. */
enum aldb_argument_kind { ALDB_ARG_OTHER, ALDB_ARG_DSN, ALDB_ARG_FILE, ALDB_ARG_KEYWORD, ALDB_ARG_SHELL };

struct aldb_arguments;

struct aldb_command {
    const char *name;      /* one word, or two: "dsn add" */
    const char *arguments; /* as help shows them; "" for none */
    const char *summary;   /* half a sentence */
    const char *help;      /* paragraphs, as they are printed; "" */
    const struct aldb_flag *flags;
    size_t least, most; /* arguments */
    enum aldb_argument_kind first, others;
    int (*run)(const struct aldb_arguments *a); /* returns ALDB_EXIT_… */
};

/* The command line taken apart. Texts are main()'s own. */
struct aldb_arguments {
    const struct aldb_command *command;
    const char *values[ALDB_FLAGS_MAX]; /* of command->flags: NULL = not given, "" for a flag without a value */
    char **at;                          /* the arguments, in order */
    size_t count;
};

/* Takes apart what stands behind the command's name; `argv` is put into another order. False: refused, and said why on stderr. */
bool aldb_arguments_parse(const struct aldb_command *c, int argc, char **argv, struct aldb_arguments *out);
/* The flag's value; NULL: not given, as is one that the command does not have. */
const char *aldb_flag_value(const struct aldb_arguments *a, const char *name);
bool aldb_flag_given(const struct aldb_arguments *a, const char *name);

/* Refuses the command line: says why, and how to get help. Returns ALDB_EXIT_USAGE. */
int aldb_usage_error(const struct aldb_command *c, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
