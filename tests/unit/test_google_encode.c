/* SPDX-License-Identifier: Apache-2.0 */
/* The pure parts: encodings, JSON, tokens, signatures. Vectors from the RFCs and from Amazon's test suite for Signature Version 4. */
#include "google_support.h"

#include "google/crypt.h"
#include "google/jwt.h"
#include "google/sigv4.h"

static struct aldb_buf out;

static void test_base64(void)
{
    static const struct {
        const char *plain, *text; /* RFC 4648 10 */
    } cases[] = {{"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}};
    for (size_t i = 0; i < ALDB_COUNT(cases); i++) {
        aldb_buf_reset(&out);
        aldb_base64_add(&out, cases[i].plain, strlen(cases[i].plain));
        GT_TEXT(aldb_buf_cstr(&out), cases[i].text);
        aldb_buf_reset(&out);
        CU_ASSERT_TRUE(aldb_base64_decode(aldb_slice_of(cases[i].text), &out));
        GT_TEXT(aldb_buf_cstr(&out), cases[i].plain);
        aldb_buf_reset(&out);
        CU_ASSERT_TRUE(aldb_base64_decode(aldb_slice(cases[i].text, strcspn(cases[i].text, "=")), &out)); /* unpadded */
        GT_TEXT(aldb_buf_cstr(&out), cases[i].plain);
    }
    unsigned char bytes[256];
    for (int i = 0; i < 256; i++) {
        bytes[i] = (unsigned char)(i * 7);
    }
    aldb_buf_reset(&out);
    aldb_base64url_add(&out, bytes, sizeof bytes);
    CU_ASSERT_PTR_NULL(strpbrk(out.data, "+/="));
    struct aldb_buf back;
    aldb_buf_init(&back, 1024);
    CU_ASSERT_TRUE(aldb_base64_decode(aldb_buf_slice(&out), &back));
    CU_ASSERT_TRUE(back.len == sizeof bytes && memcmp(back.data, bytes, sizeof bytes) == 0);
    static const char *const bad[] = {"A", "AAAAA", "AA=", "A===", "AA==AA==", "AA A", "A\nAA", "Zg=\0", "====", "é"};
    for (size_t i = 0; i < ALDB_COUNT(bad); i++) {
        aldb_buf_reset(&back);
        CU_ASSERT_FALSE(aldb_base64_decode(aldb_slice_of(bad[i]), &back));
    }
    aldb_buf_clear(&back);
    struct aldb_buf small;
    aldb_buf_init(&small, 2);
    CU_ASSERT_FALSE(aldb_base64_decode(aldb_slice_of("Zm9v"), &small));
    aldb_buf_clear(&small);
}

static void test_percent(void)
{
    aldb_buf_reset(&out);
    aldb_form_add(&out, "a b", "x+y/z=&~é");
    aldb_form_add(&out, "empty", "");
    GT_TEXT(out.data, "a+b=x%2By%2Fz%3D%26~%C3%A9&empty=");
    aldb_buf_reset(&out);
    aldb_percent_add(&out, aldb_slice_of("{\"a\": 1}"));
    GT_TEXT(out.data, "%7B%22a%22%3A%201%7D");
    aldb_buf_reset(&out);
    aldb_json_add_string(&out, aldb_slice_of("a\"b\\c\n\x01é"));
    GT_TEXT(out.data, "\"a\\\"b\\\\c\\u000a\\u0001é\"");
}

static void test_rfc3339(void)
{
    static const struct {
        const char *text;
        int64_t epoch;
    } good[] = {{"1970-01-01T00:00:00Z", 0}, {"2025-01-01T00:00:00Z", 1735689600}, {"2000-02-29T12:34:56.789Z", 951827696}, {"2024-12-31t23:59:60z", 1735689600},
                {"2025-01-01T01:30:00+01:30", 1735689600}, {"2024-12-31T19:00:00-05:00", 1735689600}, {"9999-12-31T23:59:59Z", 253402300799},
                {"1969-12-31T23:59:59Z", -1}};
    static const char *const bad[] = {"", "2025", "2025-01-01", "2025-01-01T00:00:00", "2025-01-01T00:00:00.Z", "2025-13-01T00:00:00Z", "2025-00-01T00:00:00Z",
                                      "2025-01-32T00:00:00Z", "2025-01-01T24:00:00Z", "2025-01-01T00:60:00Z", "2025-01-01T00:00:00ZZ", "2025-01-01T00:00:00+1:00",
                                      "25-01-01T00:00:00Z", "2025-01-01T00:00:00+24:00", " 2025-01-01T00:00:00Z"};
    for (size_t i = 0; i < ALDB_COUNT(good); i++) {
        int64_t v = -99;
        CU_ASSERT_TRUE(aldb_rfc3339_parse(aldb_slice_of(good[i].text), &v));
        CU_ASSERT_EQUAL(v, good[i].epoch);
    }
    for (size_t i = 0; i < ALDB_COUNT(bad); i++) {
        int64_t v = -99;
        CU_ASSERT_FALSE(aldb_rfc3339_parse(aldb_slice_of(bad[i]), &v));
        CU_ASSERT_EQUAL(v, -99);
    }
    char text[17];
    aldb_iso_basic_format(1440938160, text);
    GT_TEXT(text, "20150830T123600Z");
}

static void test_words(void)
{
    static const struct {
        const char *command;
        const char *words[6];
    } cases[] = {{"/bin/a", {"/bin/a"}},
                 {"  a  b\tc\n", {"a", "b", "c"}},
                 {"a 'b c' \"d e\"", {"a", "b c", "d e"}},
                 {"a\\ b c\\\"", {"a b", "c\""}},
                 {"a 'x\\y' \"q\\\"r\\n\" ''", {"a", "x\\y", "q\"r\\n", ""}},
                 {"pre'mid'post\"end\"", {"premidpostend"}},
                 {"a \"$HOME\" `x` ;rm", {"a", "$HOME", "`x`", ";rm"}}};
    for (size_t i = 0; i < ALDB_COUNT(cases); i++) {
        char **words = NULL;
        CU_ASSERT_EQUAL_FATAL(aldb_words_split(cases[i].command, &words), ALDB_SPLIT_OK);
        for (size_t k = 0; k < 6; k++) {
            GT_TEXT(words[k], cases[i].words[k]);
            if (words[k] == NULL) {
                break;
            }
        }
        aldb_words_free(words);
    }
    char **words = NULL;
    CU_ASSERT_EQUAL(aldb_words_split(" \t", &words), ALDB_SPLIT_EMPTY);
    CU_ASSERT_EQUAL(aldb_words_split("a 'b", &words), ALDB_SPLIT_OPEN);
    CU_ASSERT_EQUAL(aldb_words_split("a \"b", &words), ALDB_SPLIT_OPEN);
    CU_ASSERT_EQUAL(aldb_words_split("a b\\", &words), ALDB_SPLIT_OPEN);
    CU_ASSERT_PTR_NULL(words);
}

/* A stranger's text is one line, bounded, and without anything that looks like a token. */
static void test_quote(void)
{
    static const struct {
        const char *text;
        size_t max;
        const char *quoted;
    } cases[] = {{"plain text", 100, "plain text"},
                 {"two\nlines\x1b[31m", 100, "two lines [31m"},
                 {"token ya29.a0AfH6SMBx7QmWd1234567890abcdefghijklmnopqrstuv end", 100, "token ya29.(left out) end"},
                 {"123e4567-e89b-12d3-a456-426614174000", 100, "123e4567-e89b-12d3-a456-426614174000"},
                 {"word word word", 9, "word word ..."},
                 {"grüße", 4, "grü ..."},
                 {"token 1//0gAbCdEfGhIjKlMnOpQr is bad", 100, "token 1//(left out) is bad"},
                 {"secret GOCSPX-abcdefgh, generateClientCertificate of roles/iam.serviceAccountTokenCreator", 200,
                  "secret (left out), generateClientCertificate of roles/iam.serviceAccountTokenCreator"},
                 {"projects/a-project-123456789012345/CREDENTIALS_MISSING_1234567890", 100, "projects/a-project-123456789012345/CREDENTIALS_MISSING_1234567890"},
                 {"bad \xff utf", 100, "bad ? utf"}};
    for (size_t i = 0; i < ALDB_COUNT(cases); i++) {
        aldb_buf_reset(&out);
        aldb_quote_add(&out, aldb_slice_of(cases[i].text), cases[i].max);
        GT_TEXT(aldb_buf_cstr(&out), cases[i].quoted);
    }
    aldb_buf_reset(&out);
    aldb_http_name_add(&out, "https://user:secret@host:1/p?token=secret#secret");
    GT_TEXT(out.data, "https://host:1/p");
    aldb_buf_reset(&out);
    aldb_http_name_add(&out, "host/p?token=secret://secret@x");
    GT_TEXT(out.data, "host/p");
}

static const char *parse_error(const char *text)
{
    static char said[512];
    struct aldb_json j = {0};
    CU_ASSERT_EQUAL(aldb_json_parse(aldb_slice_of(text), "SRC", ALDB_ST_28000, &j, &diag), ALDB_ERR);
    CU_ASSERT_PTR_NULL(j.node);
    const struct aldb_diag_record *r = aldb_diag_get(&diag, 1);
    (void)aldb_copy(said, sizeof said, aldb_slice_of(r ? aldb_diag_message(r) : ""));
    aldb_diag_reset(&diag);
    return said;
}

#define OWN "[AlloyDB][ODBC Driver] "

static void test_json(void)
{
    GT_TEXT(parse_error(""), OWN "SRC: it is not valid JSON: the text ends too early (line 1, column 0)");
    GT_TEXT(parse_error("{\"private_key\": \"SECRET"), OWN "SRC: it is not valid JSON: the text ends too early (line 1, column 23)");
    GT_TEXT(parse_error("{\"a\": SECRET}"), OWN "SRC: it is not valid JSON: a syntax error (line 1, column 12)");
    GT_TEXT(parse_error("[]"), OWN "SRC: it is JSON, but not an object in braces");
    GT_TEXT(parse_error("{} {}"), OWN "SRC: it is not valid JSON: something stands behind the end of the object (line 1, column 4)");
    CU_ASSERT_PTR_NOT_NULL(strstr(parse_error("{\"a\":1,\"a\":2}"), "a key appears twice"));
    CU_ASSERT_PTR_NOT_NULL(strstr(parse_error("{\"a\":\"\\u0000\"}"), "zero byte"));
    CU_ASSERT_PTR_NOT_NULL(strstr(parse_error("{\"a\":\"\xff\"}"), "not UTF-8"));
    CU_ASSERT_PTR_NOT_NULL(strstr(parse_error("{\"a\":1e999}"), "a number is too large"));
    struct aldb_buf deep;
    aldb_buf_init(&deep, 1u << 20);
    aldb_buf_add_str(&deep, "{\"a\":");
    for (int i = 0; i < 100000; i++) {
        aldb_buf_add_char(&deep, '[');
    }
    CU_ASSERT_PTR_NOT_NULL(strstr(parse_error(deep.data), "nested too deep"));
    aldb_buf_clear(&deep);

    struct aldb_json j = {0}, sub = {0};
    const char *s = "unchanged";
    int64_t n = 7;
    bool b = false;
    GT_OK(aldb_json_parse(aldb_slice_of("{\"s\":\"text\",\"e\":\"\",\"n\":5,\"t\":\"3599\",\"r\":3.9,\"o\":{\"k\":\"deep\",\"x\":1},\"z\":null,\"b\":true,\"l\":[\"a\",1]}"),
                          "SRC", ALDB_ST_28000, &j, &diag), &diag);
    GT_OK(aldb_json_string(&j, "absent", ALDB_JSON_OPTIONAL, &s, &diag), &diag);
    GT_OK(aldb_json_string(&j, "z", ALDB_JSON_OPTIONAL, &s, &diag), &diag);
    GT_OK(aldb_json_string(&j, "e", ALDB_JSON_OPTIONAL, &s, &diag), &diag);
    GT_TEXT(s, "unchanged");
    GT_OK(aldb_json_string(&j, "o.k", ALDB_JSON_REQUIRED, &s, &diag), &diag);
    GT_TEXT(s, "deep");
    GT_OK(aldb_json_integer(&j, "n", ALDB_JSON_REQUIRED, &n, &diag), &diag);
    CU_ASSERT_EQUAL(n, 5);
    GT_OK(aldb_json_integer(&j, "t", ALDB_JSON_REQUIRED, &n, &diag), &diag);
    CU_ASSERT_EQUAL(n, 3599);
    GT_OK(aldb_json_integer(&j, "r", ALDB_JSON_REQUIRED, &n, &diag), &diag);
    CU_ASSERT_EQUAL(n, 3);
    GT_OK(aldb_json_bool(&j, "b", ALDB_JSON_REQUIRED, &b, &diag), &diag);
    CU_ASSERT_TRUE(b);
    CU_ASSERT_EQUAL(aldb_json_string(&j, "absent", ALDB_JSON_REQUIRED, &s, &diag), ALDB_ERR);
    GT_SAID(&diag, "28000", "SRC: the field \"absent\" is missing");
    CU_ASSERT_EQUAL(aldb_json_string(&j, "e", ALDB_JSON_REQUIRED, &s, &diag), ALDB_ERR);
    GT_SAID(&diag, "28000", "SRC: the field \"e\" is empty");
    CU_ASSERT_EQUAL(aldb_json_string(&j, "n", ALDB_JSON_OPTIONAL, &s, &diag), ALDB_ERR);
    GT_SAID(&diag, "28000", "SRC: the field \"n\" must be a string, not a number");
    CU_ASSERT_EQUAL(aldb_json_string(&j, "s.k", ALDB_JSON_OPTIONAL, &s, &diag), ALDB_ERR);
    GT_SAID(&diag, "28000", "SRC: the field \"s\" must be an object, not a string");
    CU_ASSERT_EQUAL(aldb_json_integer(&j, "s", ALDB_JSON_OPTIONAL, &n, &diag), ALDB_ERR);
    GT_SAID(&diag, "28000", "SRC: the field \"s\" must be a whole number");
    CU_ASSERT_EQUAL(aldb_json_bool(&j, "s", ALDB_JSON_OPTIONAL, &b, &diag), ALDB_ERR);
    GT_SAID(&diag, "28000", "must be true or false, not a string");
    GT_OK(aldb_json_object(&j, "o", ALDB_JSON_REQUIRED, &sub, &diag), &diag);
    CU_ASSERT_EQUAL(aldb_json_string(&sub, "x", ALDB_JSON_REQUIRED, &s, &diag), ALDB_ERR);
    GT_SAID(&diag, "28000", "SRC: the field \"o.x\" must be a string, not a number");
    CU_ASSERT_EQUAL(aldb_json_object(&j, "l", ALDB_JSON_OPTIONAL, &sub, &diag), ALDB_ERR);
    GT_SAID(&diag, "28000", "must be an object, not a list");
    char *text = aldb_json_canonical(&j);
    GT_TEXT(text, "{\"b\":true,\"e\":\"\",\"l\":[\"a\",1],\"n\":5,\"o\":{\"k\":\"deep\",\"x\":1},\"r\":3.8999999999999999,\"s\":\"text\",\"t\":\"3599\",\"z\":null}");
    aldb_free_secret(text);
    aldb_json_clear(&j);
}

/* Keys that hold slashes and dots, where a path would not do. */
static void test_json_members(void)
{
    static const struct {
        const char *document, *key, *expected;
    } cases[] = {
        {"{\"a/b\":{\"x\":1}}", "a/b", "{\"x\":1}"},
        {" { \"z\" : \"a/b\" , \"a/b\" :\n{ \"x\" : { } } , \"q\":2}", "a/b", "{\"x\":{}}"},
        {"{\"a\\/b\":{}}", "a/b", "{}"},
        {"{\"a\\u002fb.c:d\":{}}", "a/b.c:d", "{}"},
        {"{\"s\":\"\\\"a/b\\\":{\",\"a/b\":{\"y\":\"}{\\\"}\"}}", "a/b", "{\"y\":\"}{\\\"}\"}"},
        {"{\"o\":{\"a/b\":{\"x\":1}},\"a/b\":{\"x\":2}}", "a/b", "{\"x\":2}"},
        {"{\"l\":[{\"a/b\":{\"x\":1}},\"a/b\"]}", "a/b", NULL},
        {"{\"a/b\":\"text\"}", "a/b", NULL},
        {"{\"a/b\":null}", "a/b", NULL},
        {"{\"a/bc\":{}}", "a/b", NULL},
        {"{\"a/b\":{}}", "a/bc", NULL},
        {"{\"o\":{\"k\":{}}}", "o.k", NULL},
        {"{}", "a/b", NULL},
    };
    for (size_t i = 0; i < ALDB_COUNT(cases); i++) {
        struct aldb_json j = {0}, member = {0};
        const char *s = NULL;
        GT_OK(aldb_json_parse(aldb_slice_of(cases[i].document), "SRC", ALDB_ST_28000, &j, &diag), &diag);
        aldb_json_member_object(&j, cases[i].key, &member);
        char *text = member.node ? aldb_json_canonical(&member) : NULL;
        gt_check_text(text, cases[i].expected, (int)i);
        aldb_free(text);
        if (member.node) {
            CU_ASSERT_EQUAL(aldb_json_string(&member, "absent", ALDB_JSON_REQUIRED, &s, &diag), ALDB_ERR);
            GT_SAID(&diag, "28000", "SRC: the field \"absent\" is missing");
        }
        aldb_json_clear(&member);
        aldb_json_clear(&j);
    }
}

static void test_jwt(void)
{
    char *pem = gt_pem_of(gt_rsa);
    struct aldb_key *key = NULL;
    struct aldb_slice claims = aldb_slice_of("{\"iss\":\"me\"}");
    GT_OK(aldb_key_parse(pem, "SRC", "private_key", &key, &diag), &diag);
    aldb_buf_reset(&out);
    GT_OK(aldb_jwt_sign(key, "the-\"id\"", claims, "SRC", &out, &diag), &diag);
    CU_ASSERT_TRUE(gt_jwt_verify(out.data, gt_rsa));
    char *part = gt_jwt_part(out.data, 0);
    GT_TEXT(part, "{\"typ\":\"JWT\",\"alg\":\"RS256\",\"kid\":\"the-\\\"id\\\"\"}");
    aldb_free(part);
    part = gt_jwt_part(out.data, 1);
    GT_TEXT(part, claims.ptr);
    aldb_free(part);
    struct aldb_json j = {0};
    GT_OK(aldb_jwt_claims(aldb_buf_slice(&out), "SRC", &j, &diag), &diag);
    aldb_json_clear(&j);
    out.data[out.len - 5] = out.data[out.len - 5] == 'A' ? 'B' : 'A';
    CU_ASSERT_FALSE(gt_jwt_verify(out.data, gt_rsa));
    aldb_key_free(key);
    free(pem);

    /* ES256: the signature is r and s of 32 bytes each. */
    pem = gt_pem_of(gt_ec);
    GT_OK(aldb_key_parse(pem, "SRC", "private_key", &key, &diag), &diag);
    for (int i = 0; i < 20; i++) { /* r or s with leading zeros now and then */
        aldb_buf_reset(&out);
        GT_OK(aldb_jwt_sign(key, NULL, claims, "SRC", &out, &diag), &diag);
        struct aldb_buf raw;
        aldb_buf_init(&raw, 1024);
        char *dot = strrchr(out.data, '.');
        CU_ASSERT_TRUE(aldb_base64_decode(aldb_slice_of(dot + 1), &raw));
        CU_ASSERT_EQUAL_FATAL(raw.len, 64);
        ECDSA_SIG *sig = ECDSA_SIG_new();
        (void)ECDSA_SIG_set0(sig, BN_bin2bn((unsigned char *)raw.data, 32, NULL), BN_bin2bn((unsigned char *)raw.data + 32, 32, NULL));
        unsigned char *der = NULL;
        int len = i2d_ECDSA_SIG(sig, &der);
        EVP_MD_CTX *md = EVP_MD_CTX_new();
        CU_ASSERT_TRUE(EVP_DigestVerifyInit(md, NULL, EVP_sha256(), NULL, gt_ec) == 1 &&
                       EVP_DigestVerify(md, der, (size_t)len, (unsigned char *)out.data, (size_t)(dot - out.data)) == 1);
        EVP_MD_CTX_free(md);
        OPENSSL_free(der);
        ECDSA_SIG_free(sig);
        aldb_buf_clear(&raw);
    }
    part = gt_jwt_part(out.data, 0);
    GT_TEXT(part, "{\"typ\":\"JWT\",\"alg\":\"ES256\"}");
    aldb_free(part);
    aldb_key_free(key);
    free(pem);
}

static void test_jwt_refused(void)
{
    struct aldb_json j = {0};
    static const char *const bad[] = {"", "a", "a.b", "a.b.c.d", "..", "a..c", "a.e30", "a.*.c", "a.bm90IGpzb24.c", "a.W10.c"};
    for (size_t i = 0; i < ALDB_COUNT(bad); i++) {
        CU_ASSERT_EQUAL(aldb_jwt_claims(aldb_slice_of(bad[i]), "SRC", &j, &diag), ALDB_ERR);
        GT_SAID(&diag, "08001", "SRC: it is");
    }
    struct aldb_key *key = NULL;
    ERR_clear_error();
    CU_ASSERT_EQUAL(aldb_key_parse("not a key", "SRC", "private_key", &key, &diag), ALDB_ERR);
    GT_SAID(&diag, "28000", "SRC: \"private_key\" holds no private key in PEM form");
    CU_ASSERT_EQUAL(ERR_peek_error(), 0); /* the application's queue is as it was */
    EVP_PKEY *weak = EVP_RSA_gen(1024), *other = EVP_EC_gen("P-384");
    char *pem = gt_pem_of(weak);
    CU_ASSERT_EQUAL(aldb_key_parse(pem, "SRC", "private_key", &key, &diag), ALDB_ERR);
    GT_SAID(&diag, "28000", "has 1024 bits");
    free(pem);
    pem = gt_pem_of(other);
    CU_ASSERT_EQUAL(aldb_key_parse(pem, "SRC", "private_key", &key, &diag), ALDB_ERR);
    GT_SAID(&diag, "28000", "neither RSA nor EC P-256");
    free(pem);
    /* An encrypted key asks nobody. */
    BIO *bio = BIO_new(BIO_s_mem());
    (void)PEM_write_bio_PrivateKey(bio, weak, EVP_aes_128_cbc(), (const unsigned char *)"pw", 2, NULL, NULL);
    char *data;
    size_t len = (size_t)BIO_get_mem_data(bio, &data);
    pem = memcpy(calloc(1, len + 1), data, len);
    CU_ASSERT_EQUAL(aldb_key_parse(pem, "SRC", "private_key", &key, &diag), ALDB_ERR);
    GT_SAID(&diag, "28000", "is encrypted");
    free(pem);
    (void)BIO_free(bio);
    EVP_PKEY_free(weak);
    EVP_PKEY_free(other);
    CU_ASSERT_PTR_NULL(key);
}

static void test_hashes(void)
{
    unsigned char hash[ALDB_SHA256_BYTES];
    CU_ASSERT_TRUE(aldb_sha256(aldb_slice_of("abc"), hash)); /* FIPS 180-4 */
    aldb_buf_reset(&out);
    aldb_hex_add(&out, hash, sizeof hash);
    GT_TEXT(out.data, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CU_ASSERT_TRUE(aldb_hmac_sha256("Jefe", 4, aldb_slice_of("what do ya want for nothing?"), hash)); /* RFC 4231, case 2 */
    aldb_buf_reset(&out);
    aldb_hex_add(&out, hash, sizeof hash);
    GT_TEXT(out.data, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

/* Amazon's suite (aws-sig-v4-test-suite): AKIDEXAMPLE, us-east-1, service, 20150830T123600Z. */
static void test_sigv4(void)
{
    static const struct aldb_sigv4_header plain[] = {{"host", "example.amazonaws.com"}, {"x-amz-date", "20150830T123600Z"}};
    static const struct {
        const char *name, *method, *path, *query, *signature;
    } cases[] = {
        {"get-vanilla", "GET", "/", "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
        {"get-vanilla-query-order-key-case", "GET", "/", "Param2=value2&Param1=value1", "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
        {"get-vanilla-empty-query-key", "GET", "/", "Param1=value1", "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb"},
        {"post-vanilla", "POST", "/", "", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
        {"post-vanilla-query", "POST", "/", "Param1=value1", "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11"},
    };
    for (size_t i = 0; i < ALDB_COUNT(cases); i++) {
        struct aldb_sigv4 s = {.access_key_id = "AKIDEXAMPLE", .secret_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", .region = "us-east-1", .service = "service",
                               .method = cases[i].method, .date = "20150830T123600Z", .path = aldb_slice_of(cases[i].path), .query = aldb_slice_of(cases[i].query),
                               .headers = plain, .nheaders = ALDB_COUNT(plain)};
        char expected[512];
        (void)snprintf(expected, sizeof expected, "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
                       "SignedHeaders=host;x-amz-date, Signature=%s", cases[i].signature);
        aldb_buf_reset(&out);
        CU_ASSERT_TRUE(aldb_sigv4_sign(&s, &out));
        gt_check_text(out.data, expected, (int)i);
    }
    /* Signed by google-auth 2.63 (google.auth.aws.RequestSigner): a session token, a query without a path, a further header. */
    static const struct aldb_sigv4_header sts[] = {
        {"host", "sts.us-east-2.amazonaws.com"},
        {"x-amz-date", "20200811T065522Z"},
        {"x-amz-security-token", "IQoJb3JpZ2luX2VjEIz//////////wEaCXVzLWVhc3QtMiJGMEQ/+a="},
        {"x-goog-cloud-target-resource", "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/x"}};
    struct aldb_sigv4 caller = {.access_key_id = "ASIARD4OQDT6A77FR3CL", .secret_key = "Y8AfSaucF37G4PpvfguKZ3/l7Id4uocLXxX0+VTx", .region = "us-east-2",
                                .service = "sts", .method = "POST", .date = "20200811T065522Z",
                                .query = aldb_slice_of("Action=GetCallerIdentity&Version=2011-06-15"), .headers = sts, .nheaders = ALDB_COUNT(sts)};
    aldb_buf_reset(&out);
    CU_ASSERT_TRUE(aldb_sigv4_sign(&caller, &out));
    GT_TEXT(out.data, "AWS4-HMAC-SHA256 Credential=ASIARD4OQDT6A77FR3CL/20200811/us-east-2/sts/aws4_request, "
            "SignedHeaders=host;x-amz-date;x-amz-security-token;x-goog-cloud-target-resource, "
            "Signature=955e4cf2a5b114695e7d1f023e4fa7ad0c57fa27df015d74983512b9a633cb8f");
    struct aldb_sigv4 many = {.access_key_id = "a", .secret_key = "b", .region = "r", .service = "s", .method = "GET", .date = "20150830T123600Z"};
    char query[256] = "";
    for (int i = 0; i < 65; i++) {
        strcat(query, i ? "&a" : "a");
    }
    many.query = aldb_slice_of(query);
    CU_ASSERT_FALSE(aldb_sigv4_sign(&many, &out));
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"base64", test_base64},
        {"percent, form, JSON strings", test_percent},
        {"RFC 3339", test_rfc3339},
        {"words of a command", test_words},
        {"texts of strangers", test_quote},
        {"JSON", test_json},
        {"JSON's members by key", test_json_members},
        {"tokens signed", test_jwt},
        {"tokens and keys refused", test_jwt_refused},
        {"hashes", test_hashes},
        {"Signature Version 4", test_sigv4},
        CU_TEST_INFO_NULL,
    };
    gt_begin();
    aldb_buf_init(&out, 1u << 20);
    int rc = gt_run("google/encode", tests);
    aldb_buf_clear(&out);
    return rc;
}
