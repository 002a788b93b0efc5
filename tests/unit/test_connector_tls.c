/* SPDX-License-Identifier: Apache-2.0 */
/* The TLS stream against a server of OpenSSL's in the same thread, whose bytes come over the wire in pieces of every kind. */
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <CUnit/Basic.h>
#include <openssl/x509v3.h>

#include "connector/tls.h"

#define NAME "server.example.com"

static EVP_PKEY *key;
static X509 *certificate; /* server's, client's and authority at once */
static struct aldb_diag diag;

/* The server, and what lies between it and the client: bytes that it has written and that are not sent yet. */
struct link {
    SSL_CTX *settings, *client_settings;
    SSL *server;
    BIO *in, *out;
    int wire; /* the client's other end */
    size_t piece;
    struct aldb_stream *client;
    size_t sent, got; /* of the data */
    bool ended, failed;
};

static X509 *make_certificate(void)
{
    X509 *x = X509_new();
    X509V3_CTX ctx;
    (void)X509_set_version(x, 2);
    (void)ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
    (void)X509_gmtime_adj(X509_getm_notBefore(x), -3600);
    (void)X509_gmtime_adj(X509_getm_notAfter(x), 86400);
    (void)X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC, (const unsigned char *)"test", -1, -1, 0);
    (void)X509_set_issuer_name(x, X509_get_subject_name(x));
    (void)X509_set_pubkey(x, key);
    X509V3_set_ctx_nodb(&ctx);
    X509V3_set_ctx(&ctx, x, x, NULL, NULL, 0);
    X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, &ctx, NID_subject_alt_name, "DNS:" NAME);
    (void)X509_add_ext(x, e, -1);
    X509_EXTENSION_free(e);
    if (X509_sign(x, key, EVP_sha256()) <= 0) {
        exit(EXIT_FAILURE);
    }
    return x;
}

static unsigned char byte_at(size_t at)
{
    return (unsigned char)(at * 2654435761u >> 13);
}

/* At most a piece of what the server has written goes out, and all that the client has written comes in. */
static void carry(struct link *l)
{
    unsigned char data[70000];
    char *all;
    long len = BIO_get_mem_data(l->out, &all);
    if (len > 0) {
        size_t n = (size_t)len < l->piece ? (size_t)len : l->piece;
        ssize_t done = send(l->wire, all, n, MSG_NOSIGNAL | MSG_DONTWAIT);
        (void)BIO_read(l->out, data, done > 0 ? (int)done : 0);
    }
    ssize_t n = recv(l->wire, data, sizeof data, MSG_DONTWAIT);
    if (n > 0) {
        (void)BIO_write(l->in, data, (int)n);
    }
}

static bool set_up(struct link *l, size_t piece)
{
    int pair[2];
    STACK_OF(X509) *chain = sk_X509_new_null();
    *l = (struct link){.piece = piece, .settings = SSL_CTX_new(TLS_server_method()), .in = BIO_new(BIO_s_mem()), .out = BIO_new(BIO_s_mem())};
    (void)sk_X509_push(chain, certificate);
    CU_ASSERT_FATAL(SSL_CTX_use_certificate(l->settings, certificate) == 1 && SSL_CTX_use_PrivateKey(l->settings, key) == 1);
    CU_ASSERT_EQUAL_FATAL(aldb_tls_settings_new(chain, key, chain, "test", &l->client_settings, &diag), ALDB_OK);
    sk_X509_free(chain);
    CU_ASSERT_EQUAL_FATAL(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    (void)fcntl(pair[0], F_SETFL, O_NONBLOCK);
    l->wire = pair[1];
    l->server = SSL_new(l->settings);
    SSL_set_bio(l->server, l->in, l->out);
    SSL_set_accept_state(l->server);
    CU_ASSERT_EQUAL_FATAL(aldb_tls_open(l->client_settings, pair[0], NAME, &l->client, &diag), ALDB_OK);
    int rc = ALDB_STREAM_AGAIN;
    short events = 0;
    for (int i = 0; i < 1000000 && (rc == ALDB_STREAM_AGAIN || !SSL_is_init_finished(l->server)); i++) {
        struct pollfd fd = {.fd = l->client->type->fd(l->client), .events = events};
        if (rc == ALDB_STREAM_AGAIN && (i == 0 || poll(&fd, 1, 0) > 0)) {
            rc = aldb_tls_handshake(l->client, &events);
        }
        carry(l);
        (void)SSL_do_handshake(l->server);
    }
    return rc == 1 && SSL_is_init_finished(l->server);
}

static void tear_down(struct link *l)
{
    l->client->type->close(l->client, 100);
    SSL_free(l->server);
    SSL_CTX_free(l->settings);
    SSL_CTX_free(l->client_settings);
    (void)close(l->wire);
}

/* Reads as the pump does: only when the stream says that it has something, or poll() does; then until it would block. */
static void read_what_is_there(struct link *l, size_t size)
{
    unsigned char data[70000];
    short events = POLLIN;
    struct pollfd fd = {.fd = l->client->type->fd(l->client), .events = POLLIN};
    if (l->client->type->pending(l->client) == 0 && poll(&fd, 1, 0) == 0) {
        return;
    }
    for (;;) {
        ssize_t n = l->client->type->read(l->client, data, size, &events);
        if (n <= 0) {
            l->ended = n == ALDB_STREAM_END;
            l->failed = n == ALDB_STREAM_FAILED;
            /* Else whoever looks at it before he polls would never come to poll. */
            CU_ASSERT_EQUAL(l->client->type->pending(l->client), 0);
            CU_ASSERT_EQUAL(events, POLLIN);
            return;
        }
        for (ssize_t i = 0; i < n; i++) {
            l->failed = l->failed || data[i] != byte_at(l->got + (size_t)i);
        }
        l->got += (size_t)n;
    }
}

static void write_record(struct link *l, size_t size)
{
    unsigned char data[16384];
    size_t n = 0;
    for (size_t i = 0; i < size; i++) {
        data[i] = byte_at(l->sent + i);
    }
    CU_ASSERT_EQUAL(SSL_write_ex(l->server, data, size, &n), 1);
    l->sent += n;
}

static void receive_all(struct link *l, size_t size)
{
    for (int idle = 0; idle < 3 && !l->failed && !l->ended;) {
        bool quiet = BIO_pending(l->out) == 0;
        size_t before = l->got;
        carry(l);
        read_what_is_there(l, size);
        idle = quiet && l->got == before ? idle + 1 : 0;
    }
}

/* Records of all sizes, over a wire that gives pieces of all sizes, into buffers of all sizes; after each of them nothing is left behind unseen. */
static void test_pieces(void)
{
    static const size_t pieces[] = {1, 5, 6, 100, 1023, 1024, 1025, 1029, 1030, 8214, 16401, 65536};
    static const size_t records[] = {1, 3, 1000, 1002, 1007, 1024, 2047, 8192, 16383, 16384};
    static const size_t reads[] = {1000, 16384, 65536};
    for (size_t p = 0; p < ALDB_COUNT(pieces); p++) {
        struct link l;
        CU_ASSERT_TRUE_FATAL(set_up(&l, pieces[p]));
        for (size_t r = 0; r < ALDB_COUNT(records); r++) {
            for (size_t b = 0; b < ALDB_COUNT(reads) && (b == 0 || pieces[p] > 100); b++) {
                for (int count = 1; count < 8; count += 3) {
                    for (int i = 0; i < count; i++) {
                        write_record(&l, records[r]);
                    }
                    receive_all(&l, reads[b]);
                    CU_ASSERT_EQUAL_FATAL(l.got, l.sent);
                    CU_ASSERT_FALSE_FATAL(l.failed || l.ended);
                }
            }
        }
        write_record(&l, 20);
        (void)SSL_shutdown(l.server);
        receive_all(&l, 1000);
        CU_ASSERT_EQUAL(l.got, l.sent);
        CU_ASSERT_TRUE(l.ended && !l.failed);
        tear_down(&l);
    }
}

/* The wire ends without a farewell, behind whole records and within one. */
static void test_cut(void)
{
    for (long left = 0; left < 40; left += 13) {
        struct link l;
        CU_ASSERT_TRUE_FATAL(set_up(&l, 65536));
        write_record(&l, 5000);
        size_t whole = l.sent;
        if (left > 0) {
            write_record(&l, 100);
            unsigned char data[200];
            char *all;
            long len = BIO_get_mem_data(l.out, &all);
            long rest = 122 - left; /* of the last record, its head and tag included */
            CU_ASSERT_TRUE_FATAL(len > rest && rest < (long)sizeof data);
            l.piece = (size_t)(len - rest);
        }
        carry(&l);
        (void)shutdown(l.wire, SHUT_WR);
        for (int i = 0; i < 10 && !l.ended && !l.failed; i++) {
            read_what_is_there(&l, 16384);
        }
        CU_ASSERT_EQUAL(l.got, whole);
        CU_ASSERT_TRUE(l.ended);
        CU_ASSERT_STRING_EQUAL(l.client->type->error(l.client), "the server closed the connection");
        tear_down(&l);
    }
}

int main(void)
{
    alarm(280);
    key = EVP_EC_gen("P-256");
    aldb_diag_init(&diag);
    if (key == NULL || CU_initialize_registry() != CUE_SUCCESS) {
        return EXIT_FAILURE;
    }
    certificate = make_certificate();
    CU_pSuite s = CU_add_suite("connector tls", NULL, NULL);
    CU_add_test(s, "records and pieces", test_pieces);
    CU_add_test(s, "cut short", test_cut);
    CU_basic_set_mode(CU_BRM_VERBOSE);
    CU_basic_run_tests();
    bool failed = CU_get_number_of_failures() > 0 || CU_get_number_of_tests_run() == 0;
    CU_cleanup_registry();
    X509_free(certificate);
    EVP_PKEY_free(key);
    aldb_diag_clear(&diag);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
