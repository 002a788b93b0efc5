/* SPDX-License-Identifier: Apache-2.0 */
/* The pure parts of connector/: instance names, the exchange's messages (vectors taken from Google's connector), members of static connection info. */
#include <CUnit/Basic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "connector/exchange.h"
#include "connector/instance.h"

#define GOOD "projects/p/locations/r/clusters/c/instances/i"

static struct aldb_diag diag;

static void check_text(const char *got, const char *expected, int line)
{
    bool same = got && expected && strcmp(got, expected) == 0;
    if (!same) {
        (void)printf("\n  line %d: \"%s\"\n  expected: \"%s\"", line, got ? got : "(null)", expected ? expected : "(null)");
    }
    CU_ASSERT(same);
}
#define TEXT(got, expected) check_text(got, expected, __LINE__)

/* ------------------------------------------------------------------ instance */

static void test_instance(void)
{
    static const struct {
        const char *uri, *cluster;
    } good[] = {
        {GOOD, "projects/p/locations/r/clusters/c"},
        {"projects/google.com:my-proj/locations/us-central1/clusters/c/instances/i", "projects/google.com:my-proj/locations/us-central1/clusters/c"},
        {"projects/P_1/locations/R/clusters/C/instances/I", "projects/P_1/locations/R/clusters/C"},
    };
    for (size_t i = 0; i < ALDB_COUNT(good); i++) {
        struct aldb_instance in = {0};
        CU_ASSERT_EQUAL(aldb_instance_parse(good[i].uri, &in, &diag), ALDB_OK);
        TEXT(in.uri, good[i].uri);
        TEXT(in.cluster, good[i].cluster);
        aldb_instance_clear(&in);
    }
    static const char *const bad[] = {
        "", "p.r.c.i", "p:r:c:i", "/" GOOD, "//alloydb.googleapis.com/" GOOD, GOOD "/", GOOD "/foo", GOOD "?port=1", GOOD "#x", "projects/p%2Fq/locations/r/clusters/c/instances/i", " " GOOD, GOOD " ", GOOD "\n",
        "Projects/p/locations/r/clusters/c/instances/i", "projects/p/locations/r/clusters/c/instances/", "projects//locations/r/clusters/c/instances/i",
        "projects/a:b:c/locations/r/clusters/c/instances/i", "projects/:b/locations/r/clusters/c/instances/i", "projects/a:/locations/r/clusters/c/instances/i",
        "projects/p/locations/r:s/clusters/c/instances/i", "projects/p/locations/r/clusters/c/instances/i:j", "projects/../locations/r/clusters/c/instances/i",
        "projects/p/locations/r/clusters/./instances/i", "projects/p/locations/r/clusters/c", "projects/p/locations/r/instances/i/clusters/c",
        "projects/p\x01/locations/r/clusters/c/instances/i", "projects/p/locations/r x/clusters/c/instances/i"};
    for (size_t i = 0; i < ALDB_COUNT(bad); i++) {
        struct aldb_instance in = {0};
        CU_ASSERT_EQUAL(aldb_instance_parse(bad[i], &in, &diag), ALDB_ERR);
        const char *said = aldb_diag_message(aldb_diag_get(&diag, 1));
        TEXT(aldb_diag_get(&diag, 1)->state, "HY024");
        CU_ASSERT_PTR_NOT_NULL(strstr(said, ALDB_INSTANCE_FORM));
        CU_ASSERT_PTR_NOT_NULL(strstr(said, "DOMAIN:PROJECT"));
        CU_ASSERT(strpbrk(bad[i], "\x01\n") != NULL || strstr(said, bad[i]) != NULL);
        CU_ASSERT_PTR_NULL(strpbrk(said, "\x01\n"));
        aldb_diag_reset(&diag);
        aldb_instance_clear(&in);
    }
    char longer[2000];
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    struct aldb_instance in = {0};
    CU_ASSERT_EQUAL(aldb_instance_parse(longer, &in, &diag), ALDB_ERR);
    CU_ASSERT(strlen(aldb_diag_message(aldb_diag_get(&diag, 1))) < 800);
    aldb_diag_reset(&diag);
}

static void test_path(void)
{
    struct aldb_buf b;
    aldb_buf_init(&b, 1000);
    aldb_instance_path_add(&b, "projects/google.com:p/locations/r/clusters/c?x/instances/ü");
    TEXT(aldb_buf_cstr(&b), "projects/google.com:p/locations/r/clusters/c%3Fx/instances/%C3%BC");
    aldb_buf_clear(&b);
}

/* ------------------------------------------------------------------ request */

#define AGENT "alloydb-python-connector/1.13.0+psycopg myapp/1.0"

static void check_bytes(const struct aldb_buf *b, const char *hex)
{
    size_t len = strlen(hex) / 2;
    CU_ASSERT_EQUAL(b->len, len);
    for (size_t i = 0; i < len && i < b->len; i++) {
        unsigned byte = 0;
        CU_ASSERT_EQUAL(sscanf(hex + 2 * i, "%2x", &byte), 1);
        CU_ASSERT_EQUAL((unsigned char)b->data[i], byte);
    }
}

static void test_request(void)
{
#define BEGIN "000000410a31616c6c6f7964622d707974686f6e2d636f6e6e6563746f722f312e31332e302b707379636f7067206d796170702f312e30"
#define END "1a0a46414b452d544f4b454e"
    struct aldb_buf b;
    aldb_buf_init(&b, ALDB_EXCHANGE_MAX + 64);
    CU_ASSERT_EQUAL(aldb_exchange_write(&b, ALDB_EXCHANGE_DB_NATIVE, AGENT, "FAKE-TOKEN"), ALDB_OK);
    check_bytes(&b, BEGIN "1001" END);
    aldb_buf_reset(&b);
    CU_ASSERT_EQUAL(aldb_exchange_write(&b, ALDB_EXCHANGE_AUTO_IAM, AGENT, "FAKE-TOKEN"), ALDB_OK);
    check_bytes(&b, BEGIN "1002" END);
    aldb_buf_reset(&b);
    CU_ASSERT_EQUAL(aldb_exchange_write(&b, ALDB_EXCHANGE_DB_NATIVE, "", ""), ALDB_OK);
    check_bytes(&b, "000000021001"); /* proto3 leaves out what is empty */
    aldb_buf_reset(&b);
    /* Lengths of two bytes, and the limit. */
    char *token = malloc(ALDB_EXCHANGE_MAX + 1);
    memset(token, 't', ALDB_EXCHANGE_MAX);
    token[ALDB_EXCHANGE_MAX] = '\0';
    token[ALDB_EXCHANGE_MAX - 2 - 3] = '\0';
    CU_ASSERT_EQUAL(aldb_exchange_write(&b, ALDB_EXCHANGE_DB_NATIVE, "", token), ALDB_OK);
    CU_ASSERT_EQUAL(b.len, ALDB_EXCHANGE_MAX + 4);
    CU_ASSERT(memcmp(b.data, "\x00\x00\x40\x00\x10\x01\x1a\xfb\x7f", 9) == 0);
    token[ALDB_EXCHANGE_MAX - 2 - 3] = 't';
    token[ALDB_EXCHANGE_MAX - 2 - 2] = '\0';
    CU_ASSERT_EQUAL(aldb_exchange_write(&b, ALDB_EXCHANGE_DB_NATIVE, "", token), ALDB_NO_DATA);
    free(token);
    aldb_alloc_fail_after(0);
    struct aldb_buf none;
    aldb_buf_init(&none, 1000);
    CU_ASSERT_EQUAL(aldb_exchange_write(&none, ALDB_EXCHANGE_DB_NATIVE, "a", "b"), ALDB_ERR);
    aldb_alloc_fail_after(-1);
    aldb_buf_clear(&none);
    aldb_buf_clear(&b);
}

/* ------------------------------------------------------------------ answer */

/* In pieces of that size; more than the answer is never asked for. Bytes used. */
static size_t feed(struct aldb_exchange_reader *r, const char *data, size_t len, size_t piece)
{
    size_t used = 0;
    aldb_exchange_reader_init(r);
    while (aldb_exchange_wants(r) > 0 && used < len) {
        size_t n = aldb_exchange_wants(r);
        n = n < piece ? n : piece;
        n = n < len - used ? n : len - used;
        (void)aldb_exchange_feed(r, data + used, n);
        used += n;
    }
    if (r->state == ALDB_EXCHANGE_MORE) {
        aldb_exchange_end(r);
    }
    return used;
}

static void test_answers(void)
{
#define ANSWER(bytes) bytes, sizeof bytes - 1
    static const struct {
        const char *data;
        size_t len, used;
        enum aldb_exchange_state state;
        const char *text;
    } cases[] = {
        {ANSWER("\0\0\0\x02\x08\x01"), 6, ALDB_EXCHANGE_OK, ""},
        {ANSWER("\0\0\0\x02\x08\x01test-instance"), 6, ALDB_EXCHANGE_OK, ""}, /* what follows is PostgreSQL's */
        {ANSWER("\0\0\0\x21\x08\x02\x12\x1dpermission denied by emulator"), 37, ALDB_EXCHANGE_REFUSED, "permission denied by emulator"},
        {ANSWER("\0\0\0\0"), 4, ALDB_EXCHANGE_REFUSED, ""},
        {ANSWER("\0\0\0\x02\x08\x00"), 6, ALDB_EXCHANGE_REFUSED, ""},
        {ANSWER("\0\0\0\x02\x08\x07"), 6, ALDB_EXCHANGE_REFUSED, ""},
        {ANSWER("\0\0\0\x05\x12\x03" "abc"), 9, ALDB_EXCHANGE_REFUSED, "abc"},
        /* Unknown fields of each type, a group, and fields twice: the last counts. */
        {ANSWER("\0\0\0\x23\x08\x02\x1d....\x21........\x2a\x02zz\x30\x96\x01\x3b\x08\x02\x12\x01x\x3c\x80\x01\x01\x08\x01"), 39, ALDB_EXCHANGE_OK, ""},
        {ANSWER("\0\0\0\x0b\x08\x81\x80\x80\x80\x80\x80\x80\x80\x80\x00"), 15, ALDB_EXCHANGE_OK, ""},
        {ANSWER(""), 0, ALDB_EXCHANGE_BROKEN, "the server closed the connection without an answer"},
        {ANSWER("\0\0"), 2, ALDB_EXCHANGE_BROKEN, "the server closed the connection within the length of its answer"},
        {ANSWER("\0\0\0\x02\x08"), 5, ALDB_EXCHANGE_BROKEN, "the server closed the connection within its answer"},
        {ANSWER("\0\0\0\x01\x08"), 5, ALDB_EXCHANGE_BROKEN, NULL},
        {ANSWER("\0\0\0\x03\x12\x7f" "a"), 7, ALDB_EXCHANGE_BROKEN, NULL},
        {ANSWER("\0\0\0\x02\x00\x01"), 6, ALDB_EXCHANGE_BROKEN, NULL},
        {ANSWER("\0\0\0\x02\x0f\x01"), 6, ALDB_EXCHANGE_BROKEN, NULL},
        {ANSWER("\0\0\0\x01\x3c"), 5, ALDB_EXCHANGE_BROKEN, NULL},
        {ANSWER("\0\0\0\x01\x3b"), 5, ALDB_EXCHANGE_BROKEN, NULL},
        {ANSWER("\0\0\x40\x01zzzz"), 4, ALDB_EXCHANGE_BROKEN, NULL},
        {ANSWER("\xff\xff\xff\xffzzzz"), 4, ALDB_EXCHANGE_BROKEN, NULL},
        {ANSWER("HTTP/1.1 400 Bad Request"), 4, ALDB_EXCHANGE_BROKEN, NULL},
        {ANSWER("E\0\0\0"), 4, ALDB_EXCHANGE_BROKEN, "the server closed the connection within its answer"},
        {ANSWER("E\0\0\0\x03"), 5, ALDB_EXCHANGE_BROKEN, NULL},
        {ANSWER("E\0\0\0\x04"), 5, ALDB_EXCHANGE_BROKEN, NULL},
        {ANSWER("EFATAL:  unsupported"), 5, ALDB_EXCHANGE_BROKEN, NULL},
        {ANSWER("E\0\0\0\x0aMabcd"), 10, ALDB_EXCHANGE_BROKEN, "the server closed the connection within its answer"},
        {ANSWER("E\0\0\0\x09Mabcd"), 10, ALDB_EXCHANGE_BROKEN, NULL}, /* no NUL behind the text */
    };
    for (size_t i = 0; i < ALDB_COUNT(cases); i++) {
        for (size_t piece = 1; piece < 50; piece += piece < 8 ? 1 : 40) {
            struct aldb_exchange_reader r;
            size_t used = feed(&r, cases[i].data, cases[i].len, piece);
            if (r.state != cases[i].state || used != cases[i].used) {
                (void)printf("\n  case %zu: state %d, %zu bytes: %s", i, (int)r.state, used, r.text);
            }
            CU_ASSERT_EQUAL(r.state, cases[i].state);
            CU_ASSERT_EQUAL(used, cases[i].used);
            CU_ASSERT(r.state != ALDB_EXCHANGE_BROKEN || r.text[0] != '\0');
            if (cases[i].text) {
                TEXT(r.text, cases[i].text);
            }
            aldb_exchange_reader_clear(&r);
        }
    }
}

static void test_server_error(void)
{
    static const char error[] = "E\0\0\0\x4cSFATAL\0VFATAL\0C28000\0Mno exchange here\0Da\0Hb\0Fauth.c\0L1\0Rperform\0\0Z";
    struct aldb_exchange_reader r;
    char copy[sizeof error];
    memcpy(copy, error, sizeof error);
    copy[4] = (char)(sizeof error - 1 - 1 - 1); /* without the type, and without the next message */
    for (size_t piece = 1; piece < 100; piece += 33) {
        CU_ASSERT_EQUAL(feed(&r, copy, sizeof error - 1, piece), sizeof error - 2);
        CU_ASSERT_EQUAL(r.state, ALDB_EXCHANGE_SERVER);
        TEXT(r.server.severity, "FATAL");
        TEXT(r.server.sqlstate, "28000");
        TEXT(r.server.message, "no exchange here");
        TEXT(r.server.detail, "a");
        TEXT(r.server.hint, "b");
        TEXT(r.server.routine, "perform");
        aldb_exchange_reader_clear(&r);
    }
    static const char bare[] = "E\0\0\0\x09Mabc\0";
    CU_ASSERT_EQUAL(feed(&r, bare, sizeof bare - 1, 9), 10);
    CU_ASSERT_EQUAL(r.state, ALDB_EXCHANGE_SERVER);
    CU_ASSERT_PTR_NULL(r.server.sqlstate);
    aldb_exchange_reader_clear(&r);
}

/* Tokens that a server repeats do not get into a message; nor does a long text in full. */
static void test_quoting(void)
{
    char data[1200] = "\0\0\x04\x06\x08\x02\x12\x80\x08";
    struct aldb_exchange_reader r;
    data[3] = 0x05;
    memset(data + 9, 'A', 1024);
    data[9 + 10] = ' ';
    CU_ASSERT_EQUAL(feed(&r, data, 4 + 0x405, 2000), 4 + 0x405);
    CU_ASSERT_EQUAL(r.state, ALDB_EXCHANGE_REFUSED);
    CU_ASSERT_PTR_NULL(strstr(r.text, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"));
    CU_ASSERT(strncmp(r.text, "AAAAAAAAAA ", 11) == 0);
    aldb_exchange_reader_clear(&r);
}

static void test_memory(void)
{
    struct aldb_exchange_reader r;
    aldb_alloc_fail_after(0);
    (void)feed(&r, "\0\0\0\x02\x08\x01", 6, 6);
    aldb_alloc_fail_after(-1);
    CU_ASSERT_EQUAL(r.state, ALDB_EXCHANGE_BROKEN);
    CU_ASSERT_TRUE(r.in.failed);
    aldb_exchange_reader_clear(&r);
}

int main(void)
{
    aldb_diag_init(&diag);
    if (CU_initialize_registry() != CUE_SUCCESS) {
        return EXIT_FAILURE;
    }
    CU_pSuite s = CU_add_suite("connector codec", NULL, NULL);
    CU_add_test(s, "instance URIs", test_instance);
    CU_add_test(s, "paths", test_path);
    CU_add_test(s, "requests, byte by byte", test_request);
    CU_add_test(s, "answers, in pieces", test_answers);
    CU_add_test(s, "an error of PostgreSQL instead", test_server_error);
    CU_add_test(s, "texts of strangers", test_quoting);
    CU_add_test(s, "out of memory", test_memory);
    CU_basic_set_mode(CU_BRM_VERBOSE);
    CU_basic_run_tests();
    unsigned failures = CU_get_number_of_failures();
    CU_cleanup_registry();
    aldb_diag_clear(&diag);
    return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
