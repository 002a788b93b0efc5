/* SPDX-License-Identifier: Apache-2.0 */
#include "connector/instance.h"

#include "base/alloc.h"
#include "base/utf.h"
#include "google/encode.h"

#define SHOWN 300 /* bytes of a wrong value in a message */

static enum aldb_rc refuse(const char *text, struct aldb_diag *diag)
{
    struct aldb_buf shown;
    aldb_buf_init(&shown, ALDB_MAX_NAME);
    size_t len = strlen(text);
    size_t keep = len > SHOWN ? aldb_utf8_floor(text, len, SHOWN) : len;
    bool fine = aldb_utf8_valid(text, keep);
    for (size_t i = 0; i < keep; i++) {
        unsigned char c = (unsigned char)text[i];
        aldb_buf_add_char(&shown, c < 0x20 || c == 0x7f || (c >= 0x80 && !fine) ? '?' : text[i]);
    }
    aldb_buf_add_str(&shown, keep < len ? "…" : "");
    enum aldb_rc rc =
        aldb_buf_ok(&shown)
            ? aldb_diag_post(diag, ALDB_ST_HY024,
                             "The instance URI must have the form " ALDB_INSTANCE_FORM " (PROJECT may also be DOMAIN:PROJECT), but it is \"%s\"; the page of the "
                             "instance in the Google Cloud console and `gcloud alloydb instances describe` show it",
                             aldb_buf_cstr(&shown))
            : aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    aldb_buf_clear(&shown);
    return rc;
}

enum aldb_rc aldb_instance_parse(const char *text, struct aldb_instance *out, struct aldb_diag *diag)
{
    size_t cluster = 0;
    if (!aldb_instance_uri_check(aldb_slice_of(text), &cluster)) {
        return refuse(text, diag);
    }
    struct aldb_instance i = {.uri = aldb_strdup(text), .cluster = aldb_strndup(text, cluster)};
    if (i.uri == NULL || i.cluster == NULL) {
        aldb_instance_clear(&i);
        return aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    }
    *out = i;
    return ALDB_OK;
}

void aldb_instance_clear(struct aldb_instance *i)
{
    aldb_free(i->uri);
    aldb_free(i->cluster);
    *i = (struct aldb_instance){0};
}

void aldb_instance_path_add(struct aldb_buf *b, const char *name)
{
    for (const char *p = name; *p;) {
        size_t plain = strcspn(p, "/:");
        aldb_percent_add(b, aldb_slice(p, plain));
        p += plain;
        if (*p) {
            aldb_buf_add_char(b, *p++);
        }
    }
}
