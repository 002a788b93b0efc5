/* SPDX-License-Identifier: Apache-2.0 */
/* Scripts for shells, made from the table of commands. Names of data sources and keywords are asked for when they are needed. */
#include "setup/command/commands.h"

#include <stdio.h>
#include <string.h>

#include "setup/command/terminal.h"

/* The first word of a command's name, and the second, or "". */
static void split(const struct aldb_command *c, char first[32], const char **second)
{
    const char *blank = strchr(c->name, ' ');
    (void)snprintf(first, 32, "%.*s", blank != NULL ? (int)(blank - c->name) : (int)strlen(c->name), c->name);
    *second = blank != NULL ? blank + 1 : "";
}

/* Is it the first command with that first word? */
static bool opens_family(const struct aldb_command *c)
{
    char first[32], before[32];
    const char *second;
    split(c, first, &second);
    if (c == aldb_commands) {
        return true;
    }
    split(c - 1, before, &second);
    return strcmp(first, before) != 0;
}

static void print_first_words(const char *separator)
{
    for (const struct aldb_command *c = aldb_commands; c->name != NULL; c++) {
        char first[32];
        const char *second;
        split(c, first, &second);
        if (opens_family(c)) {
            (void)printf("%s%s", c == aldb_commands ? "" : separator, first);
        }
    }
}

/* How a shell asks for what an argument may be. */
static const char *question(enum aldb_argument_kind kind)
{
    switch (kind) {
    case ALDB_ARG_DSN:
        return ALDB_PROGRAM " dsn list --names 2>/dev/null";
    case ALDB_ARG_KEYWORD:
        return ALDB_PROGRAM " keywords --names 2>/dev/null";
    case ALDB_ARG_SHELL:
        return "printf '%s\\n' bash zsh fish";
    case ALDB_ARG_FILE:
    case ALDB_ARG_OTHER:
        break;
    }
    return NULL;
}

/* ------------------------------------------------------------------ bash, and zsh by its bashcompinit */

static void bash_arguments(enum aldb_argument_kind kind)
{
    const char *ask = question(kind);
    if (ask != NULL) {
        (void)printf("$(%s)", ask);
    }
}

static void print_bash(void)
{
    (void)printf("# bash completion for " ALDB_PROGRAM "\n_alloydb_odbc()\n{\n"
                 "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} at=2 words='' first='' others=''\n"
                 "    COMPREPLY=()\n    if [ \"$COMP_CWORD\" -eq 1 ]; then\n        COMPREPLY=($(compgen -W '");
    print_first_words(" ");
    (void)printf(" --help --version' -- \"$cur\"))\n        return\n    fi\n    case ${COMP_WORDS[1]} in\n");
    for (const struct aldb_command *c = aldb_commands; c->name != NULL; c++) {
        char first[32];
        const char *second;
        split(c, first, &second);
        if (second[0] != '\0' && opens_family(c)) {
            (void)printf("    %s)\n        if [ \"$COMP_CWORD\" -eq 2 ]; then\n            COMPREPLY=($(compgen -W '", first);
            for (const struct aldb_command *d = c; d->name != NULL && strncmp(d->name, first, strlen(first)) == 0; d++) {
                split(d, first, &second);
                (void)printf("%s%s", d == c ? "" : " ", second);
            }
            (void)printf("' -- \"$cur\"))\n            return\n        fi\n        at=3 ;;\n");
        }
    }
    (void)printf("    esac\n    case \"${COMP_WORDS[1]} ${COMP_WORDS[2]}\" in\n");
    for (const struct aldb_command *c = aldb_commands; c->name != NULL; c++) {
        (void)printf("    '%s%s'*)\n        words='--help", c->name, strchr(c->name, ' ') != NULL ? "" : " ");
        for (const struct aldb_flag *f = c->flags; f != NULL && f->name != NULL; f++) {
            (void)printf(" --%s", f->name);
        }
        (void)printf("'");
        for (const struct aldb_flag *f = c->flags; f != NULL && f->name != NULL; f++) {
            if (f->choices != NULL) {
                (void)printf("\n        [ \"$prev\" != --%s ] || { COMPREPLY=($(compgen -W '%s' -- \"$cur\")); return; }", f->name, f->choices);
            }
        }
        if (question(c->first) != NULL) {
            (void)printf("\n        first=\"");
            bash_arguments(c->first);
            (void)printf("\"");
        }
        if (question(c->others) != NULL) {
            (void)printf("\n        others=\"");
            bash_arguments(c->others);
            (void)printf("\"");
        }
        (void)printf(" ;;\n");
    }
    (void)printf("    esac\n"
                 "    case $cur in\n    -*) COMPREPLY=($(compgen -W \"$words\" -- \"$cur\")) ; return ;;\n    esac\n"
                 "    [ \"$COMP_CWORD\" -eq \"$at\" ] || first=$others\n"
                 "    local IFS=$'\\n'\n    COMPREPLY=($(compgen -W \"$first\" -- \"$cur\"))\n"
                 "}\ncomplete -o default -o bashdefault -F _alloydb_odbc " ALDB_PROGRAM "\n");
}

static void print_zsh(void)
{
    (void)printf("#compdef " ALDB_PROGRAM "\nautoload -U +X bashcompinit && bashcompinit\n");
    print_bash();
}

/* ------------------------------------------------------------------ fish */

/* As one word. */
static void print_fish_word(const char *text)
{
    (void)putchar('\'');
    for (; *text != '\0'; text++) {
        (void)printf("%s%c", *text == '\'' || *text == '\\' ? "\\" : "", *text);
    }
    (void)putchar('\'');
}

/* The beginning of a line, which holds where the words of `condition` hold. */
static void begin_fish(const char *condition)
{
    (void)printf("complete -c " ALDB_PROGRAM " -n ");
    print_fish_word(condition);
}

static void end_fish(const char *help)
{
    (void)printf(" -d ");
    print_fish_word(help);
    (void)putchar('\n');
}

static void fish_flag(const char *condition, const struct aldb_flag *f)
{
    begin_fish(condition);
    (void)printf(" -l %s%s", f->name, f->value != NULL ? " -r" : "");
    if (f->letter != 0) {
        (void)printf(" -s %c", f->letter);
    }
    if (f->choices != NULL) {
        (void)printf(" -f -a ");
        print_fish_word(f->choices);
    }
    end_fish(f->help);
}

static void fish_arguments(const char *condition, enum aldb_argument_kind kind)
{
    char ask[120];
    if (question(kind) != NULL) {
        begin_fish(condition);
        (void)snprintf(ask, sizeof ask, "(%s)", question(kind));
        (void)printf(" -f -a ");
        print_fish_word(kind == ALDB_ARG_SHELL ? "bash zsh fish" : ask);
        (void)putchar('\n');
    }
}

static void print_fish(void)
{
    (void)printf("# fish completion for " ALDB_PROGRAM "\ncomplete -c " ALDB_PROGRAM " -n __fish_use_subcommand -l help -d Help\n");
    for (const struct aldb_command *c = aldb_commands; c->name != NULL; c++) {
        char first[32], condition[160];
        const char *second;
        split(c, first, &second);
        if (opens_family(c)) {
            begin_fish("__fish_use_subcommand");
            (void)printf(" -f -a %s", first);
            end_fish(second[0] != '\0' ? "Data sources" : c->summary);
        }
        if (second[0] != '\0') {
            (void)snprintf(condition, sizeof condition, "__fish_seen_subcommand_from %s; and test (count (commandline -opc)) -eq 2", first);
            begin_fish(condition);
            (void)printf(" -f -a %s", second);
            end_fish(c->summary);
        }
        (void)snprintf(condition, sizeof condition, "__fish_seen_subcommand_from %s%s%s", first, second[0] != '\0' ? "; and __fish_seen_subcommand_from " : "", second);
        for (const struct aldb_flag *f = c->flags; f != NULL && f->name != NULL; f++) {
            fish_flag(condition, f);
        }
        fish_arguments(condition, c->first);
        if (c->others != c->first) {
            fish_arguments(condition, c->others);
        }
    }
}

int aldb_run_completion(const struct aldb_arguments *a)
{
    static const struct {
        const char *shell;
        void (*print)(void);
    } shells[] = {{"bash", print_bash}, {"zsh", print_zsh}, {"fish", print_fish}};
    for (size_t i = 0; i < ALDB_COUNT(shells); i++) {
        if (strcmp(a->at[0], shells[i].shell) == 0) {
            shells[i].print();
            return ALDB_EXIT_GOOD;
        }
    }
    return aldb_usage_error(a->command, "%s: there are completions for bash, zsh and fish", a->at[0]);
}
