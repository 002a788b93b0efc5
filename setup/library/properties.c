/* SPDX-License-Identifier: Apache-2.0 */
#include "setup/library/properties.h"

#include "base/alloc.h"
#include "config/options.h"

/* Texts that name a file to read, or one to write. */
static const enum aldb_keyword file_keywords[] = {
    ALDB_KW_PassFile, ALDB_KW_CredentialsFile, ALDB_KW_StaticConnectionInfo, ALDB_KW_SSLRootCert, ALDB_KW_SSLCert, ALDB_KW_SSLKey, ALDB_KW_SSLCrl, ALDB_KW_LogFile,
};

static bool is_file(enum aldb_keyword kw)
{
    for (size_t i = 0; i < ALDB_COUNT(file_keywords); i++) {
        if (file_keywords[i] == kw) {
            return true;
        }
    }
    return false;
}

/* Those that do nothing say so, and need no field. */
static bool is_shown(const struct aldb_keyword_info *info)
{
    return info->type != ALDB_VT_IGNORED && strstr(info->help, "has no effect") == NULL;
}

static int prompt_of(enum aldb_keyword kw)
{
    switch (aldb_keyword_info(kw)->type) {
    case ALDB_VT_SECRET:
        return ODBCINST_PROMPTTYPE_TEXTEDIT_PASSWORD;
    case ALDB_VT_BOOL:
    case ALDB_VT_ENUM:
        return ODBCINST_PROMPTTYPE_LISTBOX;
    default:
        return is_file(kw) ? ODBCINST_PROMPTTYPE_FILENAME : ODBCINST_PROMPTTYPE_TEXTEDIT;
    }
}

/* ------------------------------------------------------------------ choices */

/* The empty word, which is the default, then those of the keyword; NULL at the end. One block. NULL: no memory. */
static char **choices_new(enum aldb_keyword kw)
{
    struct aldb_slice word;
    size_t count = 0;
    size_t room = 1;
    for (; aldb_keyword_word(kw, count, &word); count++) {
        room += word.len + 1;
    }
    char **out = aldb_alloc((count + 2) * sizeof(char *) + room);
    if (out == NULL) {
        return NULL;
    }
    char *text = (char *)(out + count + 2);
    out[0] = text++;
    for (size_t i = 0; i < count && aldb_keyword_word(kw, i, &word); i++) {
        out[i + 1] = memcpy(text, word.ptr, word.len);
        text += word.len + 1;
    }
    return out;
}

/* ------------------------------------------------------------------ properties */

static char *help_of(const struct aldb_keyword_info *info)
{
    struct aldb_buf b;
    aldb_buf_init(&b, ALDB_MAX_MESSAGE);
    aldb_buf_addf(&b, "%s.", info->help);
    if (info->fallback != NULL) {
        aldb_buf_addf(&b, " Default: %s.", info->fallback);
    }
    if (info->type == ALDB_VT_UINT) {
        const char *dots = strstr(info->choices, "..");
        aldb_buf_addf(&b, " A number from %.*s to %s.", (int)(dots - info->choices), info->choices, dots + 2);
    }
    return aldb_buf_take(&b);
}

static void property_free(HODBCINSTPROPERTY p)
{
    aldb_free(p->aPromptData);
    aldb_free(p->pszHelp);
    aldb_free(p);
}

static HODBCINSTPROPERTY property_new(enum aldb_keyword kw)
{
    const struct aldb_keyword_info *info = aldb_keyword_info(kw);
    HODBCINSTPROPERTY p = aldb_alloc(sizeof *p);
    if (p == NULL) {
        return NULL;
    }
    p->nPromptType = prompt_of(kw);
    p->pszHelp = help_of(info);
    bool listed = p->nPromptType == ODBCINST_PROMPTTYPE_LISTBOX;
    p->aPromptData = listed ? choices_new(kw) : NULL;
    if (!aldb_copy(p->szName, sizeof p->szName, aldb_slice_of(info->name)) || p->pszHelp == NULL || (listed && p->aPromptData == NULL)) {
        property_free(p);
        return NULL;
    }
    return p;
}

enum aldb_rc aldb_properties_append(HODBCINSTPROPERTY last)
{
    HODBCINSTPROPERTY end = last;
    for (enum aldb_keyword kw = 0; kw < ALDB_KW_COUNT; kw++) {
        if (!is_shown(aldb_keyword_info(kw))) {
            continue;
        }
        end->pNext = property_new(kw);
        if (end->pNext == NULL) {
            goto no_memory;
        }
        end = end->pNext;
    }
    return ALDB_OK;
no_memory:
    for (HODBCINSTPROPERTY p = last->pNext; p != NULL;) {
        HODBCINSTPROPERTY next = p->pNext;
        property_free(p);
        p = next;
    }
    last->pNext = NULL;
    return ALDB_ERR;
}
