/* SPDX-License-Identifier: Apache-2.0 */
#include "google/sigv4.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "google/crypt.h"
#include "google/encode.h"

#define QUERY_MAX 64

static int compare(const void *a, const void *b)
{
    const struct aldb_slice *x = a, *y = b;
    size_t n = x->len < y->len ? x->len : y->len;
    int c = memcmp(x->ptr, y->ptr, n);
    return c ? c : (x->len > y->len) - (x->len < y->len);
}

/* Parameters in order; one without '=' gets it. */
static bool add_query(struct aldb_buf *b, struct aldb_slice query)
{
    struct aldb_slice part[QUERY_MAX];
    size_t n = 0, from = 0;
    for (size_t i = 0; query.len > 0 && i <= query.len; i++) {
        if (i == query.len || query.ptr[i] == '&') {
            if (n == QUERY_MAX) {
                return false;
            }
            part[n++] = aldb_slice(query.ptr + from, i - from);
            from = i + 1;
        }
    }
    qsort(part, n, sizeof part[0], compare);
    for (size_t i = 0; i < n; i++) {
        aldb_buf_add_str(b, i ? "&" : "");
        aldb_buf_add_slice(b, part[i]);
        aldb_buf_add_str(b, memchr(part[i].ptr, '=', part[i].len) ? "" : "=");
    }
    return true;
}

static void add_names(struct aldb_buf *b, const struct aldb_sigv4 *s)
{
    for (size_t i = 0; i < s->nheaders; i++) {
        aldb_buf_addf(b, "%s%s", i ? ";" : "", s->headers[i].name);
    }
}

static bool add_hash(struct aldb_buf *b, struct aldb_slice data)
{
    unsigned char hash[ALDB_SHA256_BYTES];
    bool ok = aldb_sha256(data, hash);
    aldb_hex_add(b, hash, sizeof hash);
    return ok;
}

static bool add_canonical_request(struct aldb_buf *b, const struct aldb_sigv4 *s)
{
    aldb_buf_addf(b, "%s\n", s->method);
    aldb_buf_add_slice(b, s->path.len ? s->path : aldb_slice_of("/"));
    aldb_buf_add_char(b, '\n');
    if (!add_query(b, s->query)) {
        return false;
    }
    aldb_buf_add_char(b, '\n');
    for (size_t i = 0; i < s->nheaders; i++) {
        struct aldb_slice value = aldb_slice_trim(aldb_slice_of(s->headers[i].value));
        aldb_buf_addf(b, "%s:%.*s\n", s->headers[i].name, (int)value.len, value.ptr);
    }
    aldb_buf_add_char(b, '\n');
    add_names(b, s);
    aldb_buf_add_char(b, '\n');
    return add_hash(b, aldb_slice_of("")) && aldb_buf_ok(b);
}

static bool derive_key(const struct aldb_sigv4 *s, unsigned char key[ALDB_SHA256_BYTES])
{
    struct aldb_buf secret;
    aldb_buf_init(&secret, ALDB_MAX_NAME);
    bool ok = false;
    if (aldb_buf_reserve(&secret, strlen(s->secret_key) + 4)) {
        aldb_buf_addf(&secret, "AWS4%s", s->secret_key);
        ok = aldb_buf_ok(&secret) && aldb_hmac_sha256(secret.data, secret.len, aldb_slice(s->date, 8), key) &&
             aldb_hmac_sha256(key, ALDB_SHA256_BYTES, aldb_slice_of(s->region), key) &&
             aldb_hmac_sha256(key, ALDB_SHA256_BYTES, aldb_slice_of(s->service), key) &&
             aldb_hmac_sha256(key, ALDB_SHA256_BYTES, aldb_slice_of("aws4_request"), key);
    }
    aldb_buf_wipe(&secret);
    return ok;
}

bool aldb_sigv4_sign(const struct aldb_sigv4 *s, struct aldb_buf *authorization)
{
    struct aldb_buf request, text;
    unsigned char key[ALDB_SHA256_BYTES], signature[ALDB_SHA256_BYTES];
    aldb_buf_init(&request, ALDB_MAX_CONNSTR);
    aldb_buf_init(&text, ALDB_MAX_CONNSTR);
    bool ok = add_canonical_request(&request, s);
    aldb_buf_addf(&text, "AWS4-HMAC-SHA256\n%s\n%.8s/%s/%s/aws4_request\n", s->date, s->date, s->region, s->service);
    ok = ok && add_hash(&text, aldb_buf_slice(&request)) && aldb_buf_ok(&text) && derive_key(s, key) &&
         aldb_hmac_sha256(key, sizeof key, aldb_buf_slice(&text), signature);
    if (ok) {
        aldb_buf_addf(authorization, "AWS4-HMAC-SHA256 Credential=%s/%.8s/%s/%s/aws4_request, SignedHeaders=", s->access_key_id, s->date, s->region, s->service);
        add_names(authorization, s);
        aldb_buf_add_str(authorization, ", Signature=");
        aldb_hex_add(authorization, signature, sizeof signature);
    }
    aldb_wipe(key, sizeof key);
    aldb_buf_wipe(&request); /* holds a session token */
    aldb_buf_clear(&text);
    return ok && aldb_buf_ok(authorization);
}
