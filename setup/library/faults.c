/* SPDX-License-Identifier: Apache-2.0 */
#include "setup/library/faults.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/utf.h"

static enum aldb_rc add(struct aldb_faults *f, DWORD code, char *text)
{
    if (f->count == ALDB_FAULTS_MAX) {
        aldb_free(text);
        return ALDB_ERR;
    }
    f->at[f->count++] = (struct aldb_fault){text != NULL ? code : ODBC_ERROR_OUT_OF_MEM, text};
    return ALDB_ERR;
}

/* NULL: no memory. */
static char *cut(const char *text, size_t len)
{
    static const char more[] = "\xe2\x80\xa6";
    if (len <= ALDB_FAULT_TEXT_MAX) {
        return aldb_strndup(text, len);
    }
    size_t kept = aldb_utf8_floor(text, len, ALDB_FAULT_TEXT_MAX - (sizeof more - 1));
    char *out = aldb_alloc(kept + sizeof more);
    if (out != NULL) {
        memcpy(out, text, kept);
        memcpy(out + kept, more, sizeof more);
    }
    return out;
}

enum aldb_rc aldb_fault_add(struct aldb_faults *f, DWORD code, const char *format, ...)
{
    struct aldb_buf text;
    aldb_buf_init(&text, ALDB_MAX_MESSAGE);
    va_list ap;
    va_start(ap, format);
    aldb_buf_vaddf(&text, format, ap);
    va_end(ap);
    char *copy = aldb_buf_ok(&text) ? cut(text.data, text.len) : NULL;
    aldb_buf_clear(&text);
    return add(f, code, copy);
}

enum aldb_rc aldb_fault_no_memory(struct aldb_faults *f)
{
    return add(f, ODBC_ERROR_OUT_OF_MEM, NULL);
}

enum aldb_rc aldb_fault_take(struct aldb_faults *f, DWORD code, struct aldb_diag *d)
{
    enum aldb_rc rc = ALDB_OK;
    for (size_t i = 1; i <= aldb_diag_count(d); i++) {
        const struct aldb_diag_record *r = aldb_diag_get(d, i);
        if (memcmp(r->state, "01", 2) == 0) {
            continue;
        }
        const char *text = aldb_diag_sentence(aldb_diag_message(r));
        rc = strcmp(r->state, "HY001") == 0 ? aldb_fault_no_memory(f) : add(f, code, cut(text, strlen(text)));
    }
    aldb_diag_reset(d);
    return rc;
}

/*
 * Each function of unixODBC's installer forgets the last message, and no other (2.3.11 to 2.3.14). Of these functions this one does nothing else, and takes no lock.
 */
static void forget_all(void)
{
    DWORD code;
    char text[2];
    for (int i = 0; i < 64 && SQLInstallerError(1, &code, text, sizeof text - 1, NULL) != SQL_NO_DATA; i++) {
        (void)SQLValidDSN("");
    }
}

void aldb_faults_post(struct aldb_faults *f)
{
    forget_all();
    for (size_t i = 0; i < f->count; i++) {
        (void)SQLPostInstallerError(f->at[i].code, f->at[i].text != NULL ? f->at[i].text : "");
        aldb_free(f->at[i].text);
    }
    f->count = 0;
}
