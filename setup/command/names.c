/* SPDX-License-Identifier: Apache-2.0 */
#include "setup/command/names.h"

#include <string.h>

#include "base/alloc.h"

/* https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-IDENTIFIERS */

const char aldb_names_no_memory[] = "out of memory";

void aldb_names_clear(struct aldb_names *n)
{
    for (size_t i = 0; i < n->count; i++) {
        aldb_free(n->at[i]);
    }
    aldb_free(n->at);
    *n = (struct aldb_names){0};
}

bool aldb_names_add(struct aldb_names *n, const char *name, size_t length)
{
    char **at = aldb_realloc_array(n->at, n->count + 1, sizeof *at);
    if (at == NULL) {
        return false;
    }
    n->at = at;
    at[n->count] = aldb_strndup(name, length);
    if (at[n->count] == NULL) {
        return false;
    }
    n->count++;
    return true;
}

bool aldb_names_has(const struct aldb_names *n, const char *name)
{
    for (size_t i = 0; i < n->count; i++) {
        if (strcmp(n->at[i], name) == 0) {
            return true;
        }
    }
    return false;
}

static bool begins_name(char c)
{
    return aldb_is_alpha(c) || c == '_' || (unsigned char)c >= 0x80;
}

static const char *quoted(struct aldb_buf *name, const char **text)
{
    const char *p = *text + 1;
    for (; *p != '\0' && (p[0] != '"' || p[1] == '"'); p++) {
        p += p[0] == '"' ? 1 : 0;
        aldb_buf_add_char(name, *p);
    }
    if (*p == '\0') {
        return "a double quote is not closed";
    }
    *text = p + 1;
    return name->len > 0 ? NULL : "a name is empty";
}

static const char *plain(struct aldb_buf *name, const char **text)
{
    const char *p = *text;
    if (!begins_name(*p)) {
        return *p == '\0' ? "a name is missing" : "a name that does not begin with a letter is put in double quotes";
    }
    for (; begins_name(*p) || aldb_is_digit(*p) || *p == '$'; p++) {
        aldb_buf_add_char(name, aldb_lower(*p));
    }
    *text = p;
    return NULL;
}

static void skip_blanks(const char **text)
{
    while (aldb_is_space(**text)) {
        ++*text;
    }
}

const char *aldb_names_parse(struct aldb_names *out, const char *text, char separator)
{
    struct aldb_buf name;
    const char *why = NULL;
    aldb_buf_init(&name, ALDB_MAX_NAME);
    for (bool more = true; more && why == NULL;) {
        aldb_buf_reset(&name);
        skip_blanks(&text);
        why = *text == '"' ? quoted(&name, &text) : plain(&name, &text);
        skip_blanks(&text);
        more = *text == separator;
        if (why == NULL && !more && *text != '\0') {
            why = "a name of other characters than letters, digits, \"_\" and \"$\" is put in double quotes";
        } else if (why == NULL && (!aldb_buf_ok(&name) || !aldb_names_add(out, aldb_buf_cstr(&name), name.len))) {
            why = aldb_names_no_memory;
        }
        text += more ? 1 : 0;
    }
    aldb_buf_clear(&name);
    return why;
}

void aldb_add_name(struct aldb_buf *out, const char *name)
{
    aldb_buf_add_char(out, '"');
    for (; *name != '\0'; name++) {
        if (*name == '"') {
            aldb_buf_add_char(out, '"');
        }
        aldb_buf_add_char(out, *name);
    }
    aldb_buf_add_char(out, '"');
}

void aldb_add_names(struct aldb_buf *out, const struct aldb_names *n, const char *separator)
{
    for (size_t i = 0; i < n->count; i++) {
        aldb_buf_add_str(out, i > 0 ? separator : "");
        aldb_add_name(out, n->at[i]);
    }
}

void aldb_add_literal(struct aldb_buf *out, const char *text)
{
    aldb_buf_add_str(out, "E'");
    for (; *text != '\0'; text++) {
        if (*text == '\'' || *text == '\\') {
            aldb_buf_add_char(out, *text);
        }
        aldb_buf_add_char(out, *text);
    }
    aldb_buf_add_char(out, '\'');
}
