/* SPDX-License-Identifier: Apache-2.0 */
#include "setup/command/args.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "setup/command/terminal.h"

int aldb_usage_error(const struct aldb_command *c, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    aldb_complain(format, ap);
    va_end(ap);
    (void)fprintf(stderr, "Help: " ALDB_PROGRAM "%s%s --help\n", c != NULL ? " " : "", c != NULL ? c->name : "");
    return ALDB_EXIT_USAGE;
}

static int flag_number(const struct aldb_command *c, const char *name, size_t length)
{
    for (int i = 0; c->flags != NULL && c->flags[i].name != NULL; i++) {
        if (strlen(c->flags[i].name) == length && memcmp(c->flags[i].name, name, length) == 0) {
            return i;
        }
    }
    return -1;
}

static int letter_number(const struct aldb_command *c, char letter)
{
    for (int i = 0; c->flags != NULL && c->flags[i].name != NULL; i++) {
        if (c->flags[i].letter == letter) {
            return i;
        }
    }
    return -1;
}

/* Is `value` one of the words? */
static bool is_choice(const char *choices, const char *value)
{
    size_t length = strlen(value);
    for (const char *word = choices; *word != '\0'; word += strspn(word, " ")) {
        size_t n = strcspn(word, " ");
        if (n == length && memcmp(word, value, n) == 0) {
            return true;
        }
        word += n;
    }
    return false;
}

/* One flag, at argv[*at]. `value` NULL: not given with it. */
static bool take_flag(struct aldb_arguments *a, int number, const char *value, int argc, char **argv, int *at)
{
    const struct aldb_flag *f = &a->command->flags[number];
    if (f->value == NULL) {
        if (value != NULL) {
            (void)aldb_usage_error(a->command, "--%s takes no value", f->name);
            return false;
        }
        value = "";
    } else if (value == NULL) {
        if (*at + 1 >= argc) {
            (void)aldb_usage_error(a->command, "--%s needs a value: --%s %s", f->name, f->name, f->value);
            return false;
        }
        value = argv[++*at];
    }
    if (f->choices != NULL && !is_choice(f->choices, value)) {
        (void)aldb_usage_error(a->command, "--%s %s: there is no such %s. There are: %s", f->name, value, f->value, f->choices);
        return false;
    }
    if (a->values[number] != NULL && strcmp(a->values[number], value) != 0) {
        (void)aldb_usage_error(a->command, "--%s is given twice", f->name);
        return false;
    }
    a->values[number] = value;
    return true;
}

bool aldb_arguments_parse(const struct aldb_command *c, int argc, char **argv, struct aldb_arguments *out)
{
    *out = (struct aldb_arguments){.command = c, .at = argv};
    bool only_arguments = false;
    for (int i = 0; i < argc; i++) {
        char *text = argv[i];
        if (only_arguments || text[0] != '-' || text[1] == '\0') {
            out->at[out->count++] = text;
            continue;
        }
        if (strcmp(text, "--") == 0) {
            only_arguments = true;
            continue;
        }
        const char *value = NULL;
        int number;
        if (text[1] == '-') {
            const char *equals = strchr(text, '=');
            value = equals != NULL ? equals + 1 : NULL;
            number = flag_number(c, text + 2, equals != NULL ? (size_t)(equals - text) - 2 : strlen(text + 2));
        } else {
            number = letter_number(c, text[1]);
            value = text[2] != '\0' ? text + 2 : NULL;
        }
        if (number < 0) {
            (void)aldb_usage_error(c, "%s: there is no such flag", text);
            return false;
        }
        if (!take_flag(out, number, value, argc, argv, &i)) {
            return false;
        }
    }
    if (out->count < c->least || out->count > c->most) {
        (void)aldb_usage_error(c, out->count < c->least ? "Something is missing: " ALDB_PROGRAM " %s %s" : "That is too much: " ALDB_PROGRAM " %s %s", c->name, c->arguments);
        return false;
    }
    return true;
}

const char *aldb_flag_value(const struct aldb_arguments *a, const char *name)
{
    int number = flag_number(a->command, name, strlen(name));
    return number >= 0 ? a->values[number] : NULL;
}

bool aldb_flag_given(const struct aldb_arguments *a, const char *name)
{
    return aldb_flag_value(a, name) != NULL;
}
