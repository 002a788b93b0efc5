/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "setup/command/commands.h"
#include "setup/command/terminal.h"

#define INDENT 26 /* columns before what a flag or command means */

static void print_row(const char *left, const char *right)
{
    (void)printf("  %-*s%s%s\n", INDENT - 2, left, strlen(left) >= INDENT - 2 ? " " : "", right);
}

static void print_command_help(const struct aldb_command *c)
{
    (void)printf("Usage: " ALDB_PROGRAM " %s%s%s%s\n\n%s.\n", c->name, c->flags != NULL ? " [FLAG…]" : "", c->arguments[0] != '\0' ? " " : "", c->arguments, c->summary);
    if (c->help[0] != '\0') {
        (void)printf("\n%s", c->help);
    }
    for (const struct aldb_flag *f = c->flags; f != NULL && f->name != NULL; f++) {
        char left[80], letter[] = "-x, ";
        letter[1] = f->letter;
        (void)snprintf(left, sizeof left, "%s--%s%s%s", f->letter != 0 ? letter : "", f->name, f->value != NULL ? " " : "", f->value != NULL ? f->value : "");
        (void)printf("%s", f == c->flags ? "\n" : "");
        print_row(left, f->help);
    }
}

static int print_help(void)
{
    (void)printf("Usage: " ALDB_PROGRAM " COMMAND [FLAG…] [ARGUMENT…]\n\nSets up, checks and uses the ODBC driver for AlloyDB.\n\n");
    for (const struct aldb_command *c = aldb_commands; c->name != NULL; c++) {
        print_row(c->name, c->summary);
    }
    (void)printf("\n" ALDB_PROGRAM " COMMAND --help tells the flags of each.\n"
                 "It ends with 0 when all is well, 1 when something failed or is not well, 2 when the command line is wrong, and 128 with the number\n"
                 "of the signal that ended it (130: Ctrl-C).\n");
    return ALDB_EXIT_GOOD;
}

static bool asks_for_help(const char *text)
{
    return strcmp(text, "--help") == 0 || strcmp(text, "-h") == 0;
}

/* The command that argv[1], or argv[1] and argv[2], name; *words: how many. */
static const struct aldb_command *find(int argc, char **argv, int *words)
{
    for (const struct aldb_command *c = aldb_commands; c->name != NULL; c++) {
        size_t n = strlen(argv[1]);
        if (strcmp(c->name, argv[1]) == 0) {
            *words = 1;
            return c;
        }
        if (argc > 2 && strncmp(c->name, argv[1], n) == 0 && c->name[n] == ' ' && strcmp(c->name + n + 1, argv[2]) == 0) {
            *words = 2;
            return c;
        }
    }
    return NULL;
}

/* Commands of two words whose first is argv[1]. */
static int list_family(const char *word, bool asked)
{
    size_t n = strlen(word), found = 0;
    for (const struct aldb_command *c = aldb_commands; c->name != NULL; c++) {
        if (strncmp(c->name, word, n) == 0 && c->name[n] == ' ') {
            if (asked) {
                print_row(c->name, c->summary);
            } else {
                (void)fprintf(stderr, "%s " ALDB_PROGRAM " %s %s\n", found == 0 ? "Usage:" : "      ", c->name, c->arguments);
            }
            found++;
        }
    }
    return found == 0 ? aldb_usage_error(NULL, "%s: there is no such command", word) : asked ? ALDB_EXIT_GOOD : ALDB_EXIT_USAGE;
}

static int run(int argc, char **argv)
{
    struct aldb_arguments a;
    int words = 0;
    if (argc < 2) {
        (void)print_help();
        return ALDB_EXIT_USAGE;
    }
    if (asks_for_help(argv[1]) || strcmp(argv[1], "help") == 0) {
        return print_help();
    }
    if (strcmp(argv[1], "--version") == 0) {
        argv[1] += 2;
    }
    const struct aldb_command *c = find(argc, argv, &words);
    if (c == NULL) {
        return list_family(argv[1], argc > 2 && asks_for_help(argv[2]));
    }
    for (int i = 1 + words; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (asks_for_help(argv[i])) {
            print_command_help(c);
            return ALDB_EXIT_GOOD;
        }
    }
    return aldb_arguments_parse(c, argc - 1 - words, argv + 1 + words, &a) ? c->run(&a) : ALDB_EXIT_USAGE;
}

int main(int argc, char **argv)
{
    aldb_terminal_begin();
    return aldb_terminal_end(run(argc, argv));
}
