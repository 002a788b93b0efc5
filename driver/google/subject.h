/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where an external account's own identity comes from: a token, an assertion or a signed request of another provider, which Google's Security Token Service
 * takes for one of its own. One kind a file. https://google.aip.dev/auth/4117. Internal to external_account.c.
 */
#ifndef ALDB_GOOGLE_SUBJECT_H
#define ALDB_GOOGLE_SUBJECT_H

#include "google/json.h"
#include "google/source.h"

struct aldb_subject;

struct aldb_subject_type {
    const char *name;
    /* *out is the subject token: owned, secret. I/O; one thread at a time for each use of the account. */
    enum aldb_rc (*fetch)(struct aldb_subject *s, const struct aldb_call *call, char **out, struct aldb_diag *diag);
    void (*free)(struct aldb_subject *s); /* its own members; NULL: none */
};

/* First member of every kind. */
struct aldb_subject {
    const struct aldb_subject_type *type;
    const char *who;                 /* of the account, borrowed */
    struct aldb_http *http;          /* borrowed */
    const char *audience;            /* of the account, borrowed */
    const char *subject_token_type;  /* likewise */
    const char *impersonated_email;  /* NULL: none */
    struct aldb_http *sts_http;      /* owned: a client for the STS call itself, with a certificate; NULL: the account's */
};

/*
 * Reads "credential_source" of `j` for the kind that is there. *out is zeroed but for the type when `base` was copied to it.
 */
enum aldb_rc aldb_subject_parse(const struct aldb_json *j, const struct aldb_subject *base, const struct aldb_source_env *env, struct aldb_subject **out,
                                struct aldb_diag *diag) ALDB_MUSTCHECK;
void aldb_subject_free(struct aldb_subject *s); /* NULL is allowed */

/* For the kinds: one of `size` bytes, with `base` copied and its type set. */
enum aldb_rc aldb_subject_new(const struct aldb_subject_type *type, size_t size, const struct aldb_subject *base, void *out, struct aldb_diag *diag)
    ALDB_MUSTCHECK;

typedef enum aldb_rc aldb_subject_parser(const struct aldb_json *j, const struct aldb_subject *base, const struct aldb_source_env *env,
                                         struct aldb_subject **out, struct aldb_diag *diag);
aldb_subject_parser aldb_subject_file_parse;
aldb_subject_parser aldb_subject_url_parse;
aldb_subject_parser aldb_subject_executable_parse;
aldb_subject_parser aldb_subject_aws_parse;
aldb_subject_parser aldb_subject_x509_parse;

/* "format" of files and URLs: the whole text, or one field of JSON. */
struct aldb_subject_format {
    char *field; /* NULL: text */
};
enum aldb_rc aldb_subject_format_parse(const struct aldb_json *j, struct aldb_subject_format *out, struct aldb_diag *diag) ALDB_MUSTCHECK;
/* The subject token in `text`; `source` begins its messages. */
enum aldb_rc aldb_subject_format_read(const struct aldb_subject_format *f, struct aldb_slice text, const char *source, char **out, struct aldb_diag *diag)
    ALDB_MUSTCHECK;

#endif
