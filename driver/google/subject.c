/* SPDX-License-Identifier: Apache-2.0 */
#include "google/subject.h"

#include "base/alloc.h"

/* The field that tells a kind; they exclude each other. */
static const struct {
    const char *field;
    aldb_subject_parser *parse;
} kinds[] = {
    {"environment_id", aldb_subject_aws_parse}, /* has a "url" too */
    {"file", aldb_subject_file_parse},
    {"url", aldb_subject_url_parse},
    {"executable", aldb_subject_executable_parse},
    {"certificate", aldb_subject_x509_parse},
};

static bool has(const struct aldb_json *source, const char *field)
{
    const char *text = NULL;
    struct aldb_json object = {0};
    struct aldb_diag ignored;
    aldb_diag_init(&ignored);
    /* Of the wrong type it is there too: its own parser says so. */
    bool found = aldb_json_string(source, field, ALDB_JSON_OPTIONAL, &text, &ignored) == ALDB_OK ? text != NULL
                 : aldb_json_object(source, field, ALDB_JSON_OPTIONAL, &object, &ignored) == ALDB_OK ? object.node != NULL
                                                                                                      : true;
    aldb_diag_clear(&ignored);
    return found;
}

enum aldb_rc aldb_subject_parse(const struct aldb_json *j, const struct aldb_subject *base, const struct aldb_source_env *env, struct aldb_subject **out,
                                struct aldb_diag *diag)
{
    struct aldb_json source = {0};
    size_t found = ALDB_COUNT(kinds);
    if (aldb_json_object(j, "credential_source", ALDB_JSON_REQUIRED, &source, diag) == ALDB_ERR) {
        return ALDB_ERR;
    }
    for (size_t i = 0; i < ALDB_COUNT(kinds); i++) {
        if (!has(&source, kinds[i].field) || (found == 0 && strcmp(kinds[i].field, "url") == 0)) {
            continue;
        }
        if (found < ALDB_COUNT(kinds)) {
            return aldb_diag_post(diag, ALDB_ST_28000, "%s: \"credential_source\" has both \"%s\" and \"%s\"; only one source can be meant", j->source,
                                  kinds[found].field, kinds[i].field);
        }
        found = i;
    }
    if (found == ALDB_COUNT(kinds)) {
        return aldb_diag_post(diag, ALDB_ST_28000, "%s: \"credential_source\" has none of \"file\", \"url\", \"executable\", \"certificate\" and \"environment_id\" "
                              "(AWS)", j->source);
    }
    return kinds[found].parse(&source, base, env, out, diag);
}

enum aldb_rc aldb_subject_new(const struct aldb_subject_type *type, size_t size, const struct aldb_subject *base, void *out, struct aldb_diag *diag)
{
    struct aldb_subject *s = aldb_alloc(size);
    if (s == NULL) {
        return aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    }
    *s = *base;
    s->type = type;
    *(struct aldb_subject **)out = s;
    return ALDB_OK;
}

void aldb_subject_free(struct aldb_subject *s)
{
    if (s) {
        if (s->type->free) {
            s->type->free(s);
        }
        aldb_http_close(s->sts_http);
        aldb_free(s);
    }
}

enum aldb_rc aldb_subject_format_parse(const struct aldb_json *j, struct aldb_subject_format *out, struct aldb_diag *diag)
{
    const char *type = "text";
    if (aldb_json_string(j, "format.type", ALDB_JSON_OPTIONAL, &type, diag) == ALDB_ERR) {
        return ALDB_ERR;
    }
    if (strcmp(type, "json") == 0) {
        return aldb_source_take(j, "format.subject_token_field_name", ALDB_JSON_REQUIRED, &out->field, diag);
    }
    if (strcmp(type, "text") != 0) {
        return aldb_diag_post(diag, ALDB_ST_28000, "%s: the field \"credential_source.format.type\" is \"%.40s\"; it can be text or json", j->source, type);
    }
    return ALDB_OK;
}

enum aldb_rc aldb_subject_format_read(const struct aldb_subject_format *f, struct aldb_slice text, const char *source, char **out, struct aldb_diag *diag)
{
    struct aldb_json j = {0};
    const char *token = NULL;
    if (f->field) {
        enum aldb_rc rc = aldb_json_parse(text, source, ALDB_ST_28000, &j, diag);
        if (rc == ALDB_OK) {
            rc = aldb_json_member(&j, f->field, &token, diag);
        }
        if (rc == ALDB_ERR) {
            aldb_json_clear(&j);
            return ALDB_ERR;
        }
        text = aldb_slice_of(token);
    }
    enum aldb_rc rc = ALDB_OK;
    if (text.len == 0) {
        rc = aldb_diag_post(diag, ALDB_ST_28000, "%s: there is no token in it; it is empty", source);
    } else if (memchr(text.ptr, '\0', text.len)) {
        rc = aldb_diag_post(diag, ALDB_ST_28000, "%s: there is no token in it, but binary data", source);
    } else if ((*out = aldb_strndup(text.ptr, text.len)) == NULL) {
        rc = aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    }
    aldb_json_clear(&j);
    return rc;
}
