/* SPDX-License-Identifier: Apache-2.0 */
/* A subject token from a file (Kubernetes, CI systems) or a URL (Azure). Read anew each time: others renew it. */
#include "base/alloc.h"
#include "google/encode.h"
#include "google/file.h"
#include "google/oauth.h"
#include "google/subject.h"

#define HEADERS_MAX 32

struct from_file {
    struct aldb_subject base;
    char *path;
    struct aldb_subject_format format;
};

static void file_free(struct aldb_subject *s)
{
    struct from_file *f = (struct from_file *)s;
    aldb_free(f->path);
    aldb_free(f->format.field);
}

static enum aldb_rc file_fetch(struct aldb_subject *s, const struct aldb_call *call, char **out, struct aldb_diag *diag)
{
    const struct from_file *f = (const struct from_file *)s;
    (void)call;
    struct aldb_buf text;
    aldb_buf_init(&text, ALDB_MAX_CREDENTIAL_FILE);
    char *source = aldb_source_text("%s: the subject token's file \"%s\"", s->who, f->path);
    enum aldb_rc rc = source ? aldb_file_read(f->path, s->who, false, &text, diag) : aldb_diag_post(diag, ALDB_ST_HY001, NULL);
    if (rc == ALDB_OK) {
        rc = aldb_subject_format_read(&f->format, aldb_buf_slice(&text), source, out, diag);
    }
    aldb_buf_wipe(&text);
    aldb_free(source);
    return rc;
}

static const struct aldb_subject_type file_type = {.name = "file", .fetch = file_fetch, .free = file_free};

enum aldb_rc aldb_subject_file_parse(const struct aldb_json *j, const struct aldb_subject *base, const struct aldb_source_env *env, struct aldb_subject **out,
                                     struct aldb_diag *diag)
{
    struct from_file *f = NULL;
    (void)env;
    enum aldb_rc rc = aldb_subject_new(&file_type, sizeof *f, base, &f, diag);
    if (rc == ALDB_ERR) {
        return rc;
    }
    ALDB_TRY(aldb_source_take(j, "file", ALDB_JSON_REQUIRED, &f->path, diag));
    ALDB_TRY(aldb_subject_format_parse(j, &f->format, diag));
    *out = &f->base;
out:
    if (rc == ALDB_ERR) {
        aldb_subject_free(&f->base);
    }
    return rc;
}

struct from_url {
    struct aldb_subject base;
    char *url;
    struct aldb_subject_format format;
    struct {
        char *name;
        struct aldb_secret value;
    } headers[HEADERS_MAX];
    size_t nheaders;
};

static void url_free(struct aldb_subject *s)
{
    struct from_url *u = (struct from_url *)s;
    aldb_free_secret(u->url); /* its query may be one */
    aldb_free(u->format.field);
    for (size_t i = 0; i < u->nheaders; i++) {
        aldb_free(u->headers[i].name);
        aldb_free_secret(u->headers[i].value.value);
    }
}

static enum aldb_rc url_fetch(struct aldb_subject *s, const struct aldb_call *call, char **out, struct aldb_diag *diag)
{
    const struct from_url *u = (const struct from_url *)s;
    struct aldb_http_header headers[HEADERS_MAX];
    struct aldb_http_answer a = {0};
    struct aldb_buf what, source;
    enum aldb_rc rc;
    for (size_t i = 0; i < u->nheaders; i++) {
        headers[i] = (struct aldb_http_header){u->headers[i].name, u->headers[i].value.value};
    }
    aldb_buf_init(&what, ALDB_MAX_NAME);
    aldb_buf_init(&source, ALDB_MAX_NAME);
    aldb_buf_add_str(&what, "the subject token's URL ");
    aldb_http_name_add(&what, u->url);
    aldb_buf_addf(&source, "%s: the answer of %s", s->who, aldb_buf_cstr(&what));
    if (!aldb_buf_ok(&what) || !aldb_buf_ok(&source)) {
        rc = aldb_diag_post(diag, ALDB_ST_HY001, NULL);
        goto out;
    }
    /* In clear: such services are link-local, and the file's owner chose the address. */
    struct aldb_http_request r = {.url = u->url, .headers = headers, .nheaders = u->nheaders, .cleartext = true};
    aldb_http_call(s->http, &r, &aldb_retry_token, call, &a);
    if (a.fault != ALDB_HTTP_ANSWERED) {
        rc = aldb_http_post_fault(&a, s->who, what.data, diag);
    } else if (a.status != 200) {
        rc = aldb_refusal_post(&a, &(struct aldb_refusal){.who = s->who, .what = what.data, .remedy = "Check \"url\" and \"headers\" of credential_source."},
                               diag);
    } else {
        rc = aldb_subject_format_read(&u->format, aldb_buf_slice(&a.body), source.data, out, diag);
    }
    aldb_http_answer_clear(&a);
out:
    aldb_buf_clear(&what);
    aldb_buf_clear(&source);
    return rc;
}

static const struct aldb_subject_type url_type = {.name = "url", .fetch = url_fetch, .free = url_free};

struct headers_ctx {
    struct from_url *u;
    struct aldb_diag *diag;
    const char *source;
};

static bool is_header_name(const char *s)
{
    for (size_t i = 0; s[i]; i++) {
        if (!aldb_is_alpha(s[i]) && !aldb_is_digit(s[i]) && s[i] != '-' && s[i] != '_') {
            return false;
        }
    }
    return s[0] != '\0';
}

static enum aldb_rc add_header(void *ctx, const char *key, const char *value)
{
    struct headers_ctx *c = ctx;
    if (key == NULL || !is_header_name(key) || !aldb_http_text_ok(value)) {
        return aldb_diag_post(c->diag, ALDB_ST_28000, "%s: \"credential_source.headers\" has a name or value that is no HTTP header", c->source);
    }
    if (c->u->nheaders == HEADERS_MAX) {
        return aldb_diag_post(c->diag, ALDB_ST_28000, "%s: \"credential_source.headers\" has more than %d headers", c->source, HEADERS_MAX);
    }
    char *name = aldb_strdup(key);
    char *copy = aldb_strdup(value);
    if (name == NULL || copy == NULL) {
        aldb_free(name);
        aldb_free_secret(copy);
        return aldb_diag_post(c->diag, ALDB_ST_HY001, NULL);
    }
    c->u->headers[c->u->nheaders].name = name;
    c->u->headers[c->u->nheaders++].value.value = copy;
    return ALDB_OK;
}

enum aldb_rc aldb_subject_url_parse(const struct aldb_json *j, const struct aldb_subject *base, const struct aldb_source_env *env, struct aldb_subject **out,
                                    struct aldb_diag *diag)
{
    struct from_url *u = NULL;
    (void)env;
    enum aldb_rc rc = aldb_subject_new(&url_type, sizeof *u, base, &u, diag);
    if (rc == ALDB_ERR) {
        return rc;
    }
    struct headers_ctx ctx = {.u = u, .diag = diag, .source = j->source};
    ALDB_TRY(aldb_source_take(j, "url", ALDB_JSON_REQUIRED, &u->url, diag));
    ALDB_TRY(aldb_json_strings(j, "headers", ALDB_JSON_OPTIONAL, add_header, &ctx, diag));
    ALDB_TRY(aldb_subject_format_parse(j, &u->format, diag));
    *out = &u->base;
out:
    if (rc == ALDB_ERR) {
        aldb_subject_free(&u->base);
    }
    return rc;
}
