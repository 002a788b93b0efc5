/* SPDX-License-Identifier: Apache-2.0 */
/* AWS Signature Version 4 of a request without a body. Pure. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html */
#ifndef ALDB_GOOGLE_SIGV4_H
#define ALDB_GOOGLE_SIGV4_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/rc.h"
#include "base/str.h"

struct aldb_sigv4_header {
    const char *name; /* lower case */
    const char *value;
};

/* All borrowed. */
struct aldb_sigv4 {
    const char *access_key_id;
    const char *secret_key;
    const char *region, *service;
    const char *method;
    const char *date; /* "20150830T123600Z" */
    struct aldb_slice path;  /* as it goes over the wire; empty counts as "/" */
    struct aldb_slice query; /* without '?': NAME=VALUE pairs, percent-encoded, as it goes over the wire; put in order here */
    const struct aldb_sigv4_header *headers; /* in the order of their names, each name once */
    size_t nheaders;
};

/* Appends the value of the Authorization header. False: out of memory or more than 64 parameters in the query. */
bool aldb_sigv4_sign(const struct aldb_sigv4 *s, struct aldb_buf *authorization) ALDB_MUSTCHECK;

#endif
