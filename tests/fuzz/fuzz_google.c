/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What strangers write and google/ reads: credential documents, answers of servers, tokens, keys, texts for messages. The first byte chooses. Documents are
 * parsed, no token is fetched.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/utf.h"
#include "google/encode.h"
#include "google/jwt.h"
#include "google/oauth.h"
#include "google/sigv4.h"
#include "google/source.h"

static struct aldb_diag diag;

static void require(bool truth, const char *what)
{
    if (!truth) {
        fprintf(stderr, "violated: %s\n", what);
        abort();
    }
}

/* A refusal says why, once, and nothing is left of it. */
static void told(enum aldb_rc rc, bool made)
{
    require((rc == ALDB_OK) == made, "an object comes with success alone");
    require((rc == ALDB_ERR) == (aldb_diag_count(&diag) == 1), "a refusal has one record");
    aldb_diag_reset(&diag);
}

static void fuzz_document(struct aldb_slice text)
{
    static struct aldb_http *http;
    static const struct aldb_http_options options;
    if (http == NULL) {
        require(aldb_http_open(&options, &http, &diag) == ALDB_OK, "a client");
    }
    struct aldb_json j = {0};
    struct aldb_source *source = NULL;
    struct aldb_source_env env = {.who = "Google credentials (fuzz)", .http = http, .http_options = &options};
    enum aldb_rc rc = aldb_json_parse(text, env.who, ALDB_ST_28000, &j, &diag);
    if (rc == ALDB_OK) {
        rc = aldb_source_parse(&j, &env, &source, &diag);
    }
    told(rc, source != NULL);
    aldb_source_free(source);
    aldb_json_clear(&j);
}

static void fuzz_claims(struct aldb_slice text)
{
    struct aldb_json j = {0};
    const char *email = NULL;
    enum aldb_rc rc = aldb_jwt_claims(text, "SRC", &j, &diag);
    told(rc, j.node != NULL);
    if (rc == ALDB_OK) {
        told(aldb_json_string(&j, "email", ALDB_JSON_REQUIRED, &email, &diag), email != NULL);
        char *canonical = aldb_json_canonical(&j);
        require(canonical != NULL, "what was read can be written");
        struct aldb_json again = {0};
        told(aldb_json_parse(aldb_slice_of(canonical), "SRC", ALDB_ST_28000, &again, &diag), again.node != NULL);
        require(again.node != NULL, "and read again");
        aldb_json_clear(&again);
        aldb_free_secret(canonical);
    }
    aldb_json_clear(&j);
}

/* An error's body, with the status in its first byte. */
static void fuzz_refusal(struct aldb_slice text)
{
    struct aldb_http_answer a = {.status = text.len ? 300 + (unsigned char)text.ptr[0] : 400, .json = true};
    aldb_buf_init(&a.body, ALDB_HTTP_MAX_ANSWER);
    aldb_buf_init(&a.why, 64);
    aldb_buf_add_slice(&a.body, text.len ? aldb_slice(text.ptr + 1, text.len - 1) : text);
    char code[64];
    aldb_refusal_code(&a, code, sizeof code);
    struct aldb_refusal r = {.who = "WHO", .what = "the endpoint", .remedy = "Do something."};
    require(aldb_refusal_post(&a, &r, &diag) == ALDB_ERR, "a refusal is an error");
    require(aldb_diag_count(&diag) == 1 && strlen(aldb_diag_message(aldb_diag_get(&diag, 1))) < 2000, "with one bounded text");
    require(aldb_utf8_valid(aldb_diag_message(aldb_diag_get(&diag, 1)), strlen(aldb_diag_message(aldb_diag_get(&diag, 1)))), "in UTF-8");
    aldb_diag_reset(&diag);
    aldb_http_answer_clear(&a);
}

static void fuzz_texts(struct aldb_slice text)
{
    struct aldb_buf b, back;
    aldb_buf_init(&b, 4u << 20);
    aldb_buf_init(&back, 4u << 20);
    aldb_base64url_add(&b, text.ptr, text.len);
    require(aldb_base64_decode(aldb_buf_slice(&b), &back) && back.len == text.len && (text.len == 0 || memcmp(back.data, text.ptr, text.len) == 0), "base64url and back");
    aldb_buf_reset(&back);
    (void)aldb_base64_decode(text, &back);
    aldb_buf_reset(&b);
    aldb_quote_add(&b, text, 100);
    require(aldb_buf_ok(&b) && b.len <= 100 + 10 * text.len + 4, "a quotation is bounded");
    size_t run = 0;
    for (size_t i = 0; i < b.len; i++) {
        unsigned char c = (unsigned char)b.data[i];
        require(c >= 0x20 && c != 0x7f, "of one line");
        run = aldb_is_alpha(b.data[i]) || aldb_is_digit(b.data[i]) || c == '-' || c == '_' || c == '+' || c == '=' ? run + 1 : 0;
        require(run < 40, "and without tokens");
    }
    char *s = aldb_strndup(text.ptr, text.len);
    char **words = NULL;
    int64_t epoch;
    if (s && aldb_words_split(s, &words) == ALDB_SPLIT_OK) {
        require(words[0] != NULL, "a command has a word");
        aldb_words_free(words);
    }
    aldb_buf_reset(&b);
    aldb_http_name_add(&b, s ? s : "");
    bool mended = !aldb_utf8_valid(text.ptr, text.len); /* by '?' */
    require(aldb_buf_ok(&b) && (mended || memchr(aldb_buf_cstr(&b), '?', b.len) == NULL) && memchr(aldb_buf_cstr(&b), '#', b.len) == NULL, "a name has no query");
    (void)aldb_rfc3339_parse(text, &epoch);
    aldb_free(s);
    aldb_buf_clear(&b);
    aldb_buf_clear(&back);
}

static void fuzz_key(struct aldb_slice text)
{
    struct aldb_key *key = NULL;
    char *pem = aldb_strndup(text.ptr, text.len);
    told(aldb_key_parse(pem, "SRC", "private_key", &key, &diag), key != NULL);
    aldb_key_free(key);
    aldb_free_secret(pem);
}

static void fuzz_signature(struct aldb_slice text)
{
    struct aldb_buf b;
    size_t half = text.len / 2;
    static const struct aldb_sigv4_header host = {"host", "h"};
    struct aldb_sigv4 s = {.access_key_id = "a", .secret_key = "b", .region = "r", .service = "sts", .method = "POST", .date = "20150830T123600Z",
                           .path = aldb_slice(text.ptr, half), .query = aldb_slice(text.ptr + half, text.len - half), .headers = &host, .nheaders = 1};
    aldb_buf_init(&b, 1u << 20);
    (void)aldb_sigv4_sign(&s, &b);
    aldb_buf_clear(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const targets[])(struct aldb_slice text) = {fuzz_document, fuzz_claims, fuzz_refusal, fuzz_texts, fuzz_key, fuzz_signature};
    if (size > 0) {
        aldb_diag_init(&diag);
        targets[data[0] % ALDB_COUNT(targets)](aldb_slice((const char *)data + 1, size - 1));
        aldb_diag_clear(&diag);
    }
    return 0;
}
