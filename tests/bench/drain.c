/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What server, front and the way to them do alone: asks as the other programs do and throws the answers away, without libpq and without the driver.
 * Usage: drain fetch|point|connect COUNT QUERY ADDRESS PORT [IDENTITY AUTHORITY TOKEN]
 * With the last three through a front: TLS with the client's certificate, chain and key of that file, and the exchange with the token of that file; without
 * them PostgreSQL's protocol as it is, from the first byte. The role is PGUSER, which the server must trust, the database PGDATABASE.
 * fetch: the query once; point: COUNT times with the numbers 1 to COUNT as its parameter $1; connect: COUNT connections.
 * Prints one line: as usage.h says.
 */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdint.h>
#include <unistd.h>

#include "usage.h"

enum { CHUNK = 64 * 1024, MESSAGE_MAX = 8192 };

static SSL_CTX *settings; /* NULL: no TLS */
static SSL *ssl;
static int fd;
static unsigned char data[CHUNK];
static size_t at, len; /* data[at .. len) is not looked at yet */
static unsigned long long total;

static _Noreturn void die(const char *what)
{
    fprintf(stderr, "%s failed\n", what);
    ERR_print_errors_fp(stderr);
    exit(EXIT_FAILURE);
}

static void put(const void *bytes, size_t size)
{
    size_t n;
    if (settings ? SSL_write_ex(ssl, bytes, size, &n) != 1 : send(fd, bytes, size, 0) != (ssize_t)size) {
        die("sending");
    }
}

static void get_more(void)
{
    ssize_t n;
    if (settings) {
        size_t got;
        n = SSL_read_ex(ssl, data, sizeof data, &got) == 1 ? (ssize_t)got : -1;
    } else {
        n = recv(fd, data, sizeof data, 0);
    }
    if (n <= 0) {
        die("reading");
    }
    at = 0;
    len = (size_t)n;
    total += len;
}

static void get(unsigned char *to, size_t size)
{
    while (size > 0) {
        if (at == len) {
            get_more();
        }
        size_t take = len - at < size ? len - at : size;
        if (to) {
            memcpy(to, data + at, take);
            to += take;
        }
        at += take;
        size -= take;
    }
}

static uint32_t be32(const unsigned char *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void until_ready(void)
{
    unsigned char head[5];
    do {
        get(head, sizeof head);
        if (head[0] == 'E') {
            unsigned char text[512] = "";
            uint32_t size = be32(head + 1) - 4;
            get(text, size < sizeof text ? size : sizeof text - 1);
            for (size_t i = 0; i < sizeof text - 1; i++) {
                text[i] = text[i] ? text[i] : ' ';
            }
            fprintf(stderr, "%.500s\n", (const char *)text);
            die("the server refused and the query");
        }
        get(NULL, be32(head + 1) - 4);
    } while (head[0] != 'Z');
}

/* ------------------------------------------------------------------ messages */

static unsigned char out[MESSAGE_MAX];
static size_t out_len;

static void add(const void *bytes, size_t size)
{
    if (out_len + size > sizeof out) {
        die("a message of that length");
    }
    memcpy(out + out_len, bytes, size);
    out_len += size;
}

static void add32(uint32_t n)
{
    unsigned char bytes[4] = {(unsigned char)(n >> 24), (unsigned char)(n >> 16), (unsigned char)(n >> 8), (unsigned char)n};
    add(bytes, sizeof bytes);
}

static void add_text(const char *text)
{
    add(text, strlen(text) + 1);
}

/* Where the length is to be put by end_message. */
static size_t begin_message(const char *type)
{
    add(type, strlen(type));
    add32(0);
    return out_len - 4;
}

static void end_message(size_t begun)
{
    size_t end = out_len;
    out_len = begun;
    add32((uint32_t)(end - begun));
    out_len = end;
}

static void add_simple(const char *type)
{
    end_message(begin_message(type));
}

static void add_parse(const char *query)
{
    size_t m = begin_message("P");
    add_text("");
    add_text(query);
    add("\0", 2);
    end_message(m);
}

/* With the parameter or, for 0, without one; results are binary. */
static void add_bind_execute(uint64_t parameter)
{
    size_t m = begin_message("B");
    add_text("");
    add_text("");
    if (parameter) {
        add("\0\1\0\1\0\1", 6);
        add32(8);
        add32((uint32_t)(parameter >> 32));
        add32((uint32_t)parameter);
    } else {
        add("\0\0\0\0", 4);
    }
    add("\0\1\0\1", 4);
    end_message(m);
    m = begin_message("E");
    add_text("");
    add32(0);
    end_message(m);
    add_simple("S");
}

static void flush(void)
{
    put(out, out_len);
    out_len = 0;
}

/* ------------------------------------------------------------------ connections */

static void exchange(const char *token)
{
    /* user_agent "drain", auth_type DB_NATIVE, oauth2_token */
    static const unsigned char head[] = "\x0a\x05" "drain" "\x10\x01\x1a";
    size_t size = strlen(token);
    unsigned char varint[2] = {(unsigned char)(0x80 | (size & 0x7f)), (unsigned char)(size >> 7)};
    unsigned char answer[6];
    add32((uint32_t)(sizeof head - 1 + sizeof varint + size));
    add(head, sizeof head - 1);
    add(varint, sizeof varint);
    add(token, size);
    flush();
    get(answer, sizeof answer);
    if (memcmp(answer, "\0\0\0\2\x08\1", sizeof answer) != 0) {
        die("the exchange");
    }
}

static void open_connection(const struct sockaddr_in *address, const char *token)
{
    const int one = 1;
    at = len = 0;
    fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(fd, (const struct sockaddr *)address, sizeof *address) != 0 || setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) != 0) {
        die("connecting");
    }
    if (settings) {
        ssl = SSL_new(settings);
        if (ssl == NULL || SSL_set_fd(ssl, fd) != 1 || SSL_connect(ssl) != 1) {
            die("TLS");
        }
        exchange(token);
    }
    size_t m = begin_message("");
    add("\0\3\0\0", 4);
    add_text("user");
    add_text(getenv("PGUSER"));
    add_text("database");
    add_text(getenv("PGDATABASE"));
    add_text("");
    end_message(m);
    flush();
    until_ready();
}

static void close_connection(void)
{
    add_simple("X");
    flush();
    if (settings) {
        (void)SSL_shutdown(ssl);
        SSL_free(ssl);
    }
    (void)close(fd);
}

static void set_up_tls(const char *identity, const char *authority)
{
    settings = SSL_CTX_new(TLS_client_method());
    if (settings == NULL || SSL_CTX_use_certificate_chain_file(settings, identity) != 1 ||
        SSL_CTX_use_PrivateKey_file(settings, identity, SSL_FILETYPE_PEM) != 1 || SSL_CTX_load_verify_locations(settings, authority, NULL) != 1) {
        die("reading the certificates");
    }
    SSL_CTX_set_verify(settings, SSL_VERIFY_PEER, NULL);
}

static void one_call(char what, const char *query, unsigned long long number, const struct sockaddr_in *address, const char *token)
{
    if (what == 'c') {
        open_connection(address, token);
        close_connection();
        return;
    }
    if (what == 'f') {
        add_parse(query);
    }
    add_bind_execute(what == 'f' ? 0 : number);
    flush();
    until_ready();
}

int main(int argc, char **argv)
{
    char token[8192] = "";
    if ((argc != 6 && argc != 9) || !strchr("fpc", argv[1][0]) || getenv("PGUSER") == NULL || getenv("PGDATABASE") == NULL) {
        fprintf(stderr, "usage: PGUSER=… PGDATABASE=… %s fetch|point|connect COUNT QUERY ADDRESS PORT [IDENTITY AUTHORITY TOKEN]\n", argv[0]);
        return EXIT_FAILURE;
    }
    char what = argv[1][0];
    unsigned long long count = strtoull(argv[2], NULL, 10);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)strtoul(argv[5], NULL, 10))};
    if (inet_pton(AF_INET, argv[4], &address.sin_addr) != 1) {
        die("reading the address");
    }
    if (argc == 9) {
        FILE *file = fopen(argv[8], "r");
        if (file == NULL || fgets(token, sizeof token, file) == NULL) {
            die("reading the token");
        }
        (void)fclose(file);
        token[strcspn(token, "\n")] = '\0';
        set_up_tls(argv[6], argv[7]);
    }
    double *each = calloc(count, sizeof *each);
    if (each == NULL) {
        die("memory");
    }
    open_connection(&address, token);
    if (what == 'c') {
        close_connection();
    } else if (what == 'p') {
        add_parse(argv[3]);
        add_simple("S");
        flush();
        until_ready();
    }
    total = 0;
    struct usage start = usage_now();
    for (unsigned long long i = 0; i < count; i++) {
        double begun = usage_now().wall;
        one_call(what, argv[3], i + 1, &address, token);
        each[i] = usage_now().wall - begun;
    }
    usage_print(count, total, usage_since(start), each);
    if (what != 'c') {
        close_connection();
    }
    free(each);
    SSL_CTX_free(settings);
    return EXIT_SUCCESS;
}
